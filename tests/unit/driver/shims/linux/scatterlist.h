/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An array of entries; sg_next() walks it and stops behind the one marked as last. */
#ifndef SHIM_LINUX_SCATTERLIST_H
#define SHIM_LINUX_SCATTERLIST_H

#include <linux/types.h>

struct scatterlist {
	unsigned int length;
	unsigned int dma_length;
	dma_addr_t dma_address;
	bool last;
};

#define sg_dma_len(sg)		((sg)->dma_length)
#define sg_dma_address(sg)	((sg)->dma_address)

static inline struct scatterlist *sg_next(struct scatterlist *sg)
{
	return sg->last ? NULL : sg + 1;
}

#endif
