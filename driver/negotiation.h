/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two ports of a parallel bus may agree on: limits and agreements, in the
 * words of SPI-4, of MPI's configuration pages and of sysfs.  Pure; any context.
 */
#ifndef MPT_NEGOTIATION_H
#define MPT_NEGOTIATION_H

#include <linux/types.h>

/* Transfer period factors (HW-89); one between two has the name of the faster. */
enum mpt_period {
	MPT_PERIOD_FAST_160 = 0x08,
	MPT_PERIOD_FAST_80 = 0x09,
	MPT_PERIOD_FAST_40 = 0x0a,
	MPT_PERIOD_FAST_20 = 0x0c,
	MPT_PERIOD_FAST_10 = 0x19,
	MPT_PERIOD_FAST_5 = 0x32,
	MPT_PERIOD_ASYNC = 0xff,
};

/* A limit, or an agreement. */
struct mpt_transfer {
	u8 period;			/* factor: the larger, the slower */
	u8 offset;			/* REQ/ACK; 0: asynchronous */
	bool wide;			/* 16 bits */
	bool dt, iu, qas;
	bool aip;			/* asynchronous information protection */
};

/* One attribute each. */
enum mpt_transfer_field {
	MPT_TRANSFER_RATE,
	MPT_TRANSFER_OFFSET,
	MPT_TRANSFER_WIDTH,
	MPT_TRANSFER_IU,
	MPT_TRANSFER_QAS,
	MPT_TRANSFER_DT,
	MPT_TRANSFER_FIELDS,
};

#define MPT_TRANSFER_TEXT	64	/* room for mpt_transfer_describe() */

/* No limit at all. */
extern const struct mpt_transfer mpt_transfer_max;

/* Makes @transfer no more than @by. */
void mpt_transfer_limit(struct mpt_transfer *transfer, const struct mpt_transfer *by);
/* Drops what SPI-4 does not allow together. */
void mpt_transfer_normalise(struct mpt_transfer *transfer);
bool mpt_transfer_equal(const struct mpt_transfer *a, const struct mpt_transfer *b);

/*
 * The parameter dword that SCSI Port Page 0 and SCSI Device Pages 0 and 1 share,
 * in the CPU's byte order.
 */
void mpt_transfer_from_page(struct mpt_transfer *transfer, u32 parameters);
u32 mpt_transfer_to_page(const struct mpt_transfer *transfer);
/* @parameters as they are if @limit allows them, else cut down to it. */
u32 mpt_transfer_clip_page(u32 parameters, const struct mpt_transfer *limit);

/* Words of the attributes.  0 or -EINVAL; mpt_transfer_values() tells what is allowed. */
int mpt_transfer_set(struct mpt_transfer *transfer, enum mpt_transfer_field field,
		     const char *text);
const char *mpt_transfer_name(enum mpt_transfer_field field);
const char *mpt_transfer_values(enum mpt_transfer_field field);
/* Both return the length, as scnprintf() does. */
int mpt_transfer_get(const struct mpt_transfer *transfer, enum mpt_transfer_field field,
		     char *text, size_t size);
int mpt_transfer_describe(const struct mpt_transfer *transfer, char *text, size_t size);

#endif
