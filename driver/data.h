/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A command's data: DMA mapping, scatter/gather lists with chains, splitting
 * into several TargetAssists.  One mpt_data per command, preallocated; the
 * caller serialises.  Any context; nothing here sleeps or allocates.
 */
#ifndef MPT_DATA_H
#define MPT_DATA_H

#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* What one TargetAssist may hold; from the adapter and the quirk table. */
struct mpt_data_limits {
	u16 frame_bytes;		/* request frame */
	u16 chain_bytes;		/* one chain segment; a multiple of 4 */
	u8 max_chains;			/* segments in a command's chain area, @chain_bytes apart */
	bool wide;			/* 64-bit SGEs */
};

struct mpt_data {
	struct scatterlist *sg;		/* NULL: one segment at @single, or nothing is mapped */
	int nents;			/* as given */
	int mapped;			/* as mapped; 0: there is nothing to build from */
	dma_addr_t single;
	enum dma_data_direction dir;	/* DMA_TO_DEVICE: READ, towards the initiator */
	u32 length;			/* of the whole transfer */
	u32 done;			/* put into assists so far */
	/* cursor */
	struct scatterlist *at;
	u32 at_offset;
};

/*
 * 0, or -EIO: not mappable, or the list holds less than @length; nothing is
 * mapped then.  @length may be less than the list's, and 0.
 */
int mpt_data_map(struct mpt_data *data, struct device *dev, struct scatterlist *sg, int nents,
		 u32 length, enum dma_data_direction dir);
/* One segment that the caller has mapped (coherent memory). */
void mpt_data_single(struct mpt_data *data, dma_addr_t address, u32 length,
		     enum dma_data_direction dir);
/* Idempotent; @data keeps @length and @done, but nothing can be built any more. */
void mpt_data_unmap(struct mpt_data *data, struct device *dev);

struct mpt_data_part {
	u32 offset;			/* RelativeOffset */
	u32 length;			/* DataLength */
	u8 chain_offset;		/* ChainOffset in dwords, 0: none */
	u16 frame_bytes;		/* of @frame that are in use now */
};

/*
 * Writes the SGL of the next assist into @frame from @sgl_offset on, and into
 * the chain area.  Takes as much of the rest as fits; except for the last part
 * the length is a multiple of 512 whenever the segments allow it (they hold 512
 * bytes).  Returns 0, or -EINVAL and changes nothing: limits that hold not even one
 * element, an address beyond 4 GiB without @wide, or no data left.
 */
int mpt_data_build(struct mpt_data *data, const struct mpt_data_limits *limits, void *frame,
		   unsigned int sgl_offset, void *chain, dma_addr_t chain_address,
		   struct mpt_data_part *part);

/* Is nothing left to be built? */
static inline bool mpt_data_complete(const struct mpt_data *data)
{
	return !data->mapped || data->done == data->length;
}

#endif
