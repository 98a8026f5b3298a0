/* SPDX-License-Identifier: GPL-2.0-only */
/* MPI configuration pages (HW-38).  Process context, may sleep. */
#ifndef MPT_CONFIG_PAGE_H
#define MPT_CONFIG_PAGE_H

#include "internal.h"

struct mpt_page {
	u8 type;
	u8 number;
	u32 address;			/* may change between two actions */
	u16 length;			/* bytes, as the card says */
	void *data;
	dma_addr_t dma;
	ConfigPageHeader_t header;
};

/* Asks for the header and gets memory.  0 or -errno; mpt_page_close() in either case. */
int mpt_page_open(struct mpt_adapter *adapter, struct mpt_page *page, size_t least);
/* The current values, into and from page->data.  0 or -EIO. */
int mpt_page_read(struct mpt_adapter *adapter, struct mpt_page *page);
int mpt_page_write(struct mpt_adapter *adapter, struct mpt_page *page);
void mpt_page_close(struct mpt_adapter *adapter, struct mpt_page *page);
/* Returns @ret, and logs it unless the card is down, when nothing else can be expected. */
int mpt_page_failed(struct mpt_adapter *adapter, const struct mpt_page *page, int ret);

#endif
