// SPDX-License-Identifier: GPL-2.0-only
/* Scatter/gather lists of TargetAssists; see data.h. */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "compat.h"
#include "data.h"

#include "lsi/mpi_type.h"
#include "lsi/mpi.h"

/* An element's length has 24 bits (HW-34); what it holds at most should not split a block. */
#define MPT_DATA_ELEMENT_MAX	(MPI_SGE_LENGTH_MASK & ~511)
/* ChainOffset and NextChainOffset count dwords in 8 bits (HW-35). */
#define MPT_DATA_OFFSET_MAX	(U8_MAX * 4)

/* A place in the data. */
struct mpt_data_cursor {
	struct scatterlist *at;
	u32 offset;
};

/* How elements are laid out in a frame and its chains; counts of elements but for: */
struct mpt_data_layout {
	bool wide;
	u16 chain_bytes;		/* from one chain segment to the next */
	unsigned int element;		/* bytes of one */
	unsigned int frame;		/* room in the frame, */
	unsigned int segment;		/* in one chain segment, */
	unsigned int room;		/* and for data in all */
};

static u32 mpt_data_available(struct scatterlist *sg, int nents, u32 enough, bool mapped)
{
	u32 total = 0;

	for (; nents > 0 && total < enough; nents--, sg = sg_next(sg)) {
		u32 length = mapped ? sg_dma_len(sg) : sg->length;

		total += min(length, enough - total);
	}
	return total;
}

int mpt_data_map(struct mpt_data *data, struct device *dev, struct scatterlist *sg, int nents,
		 u32 length, enum dma_data_direction dir)
{
	*data = (struct mpt_data) { .length = length, .dir = dir };
	if (!length)
		return 0;
	if (mpt_data_available(sg, nents, length, false) < length)
		return -EIO;
	data->mapped = dma_map_sg(dev, sg, nents, dir);
	if (data->mapped <= 0) {
		data->mapped = 0;
		return -EIO;
	}
	data->sg = sg;
	data->nents = nents;
	data->at = sg;
	/* An IOMMU may have merged entries: from here on only mapped ones count. */
	if (mpt_data_available(sg, data->mapped, length, true) < length) {
		mpt_data_unmap(data, dev);
		return -EIO;
	}
	return 0;
}

void mpt_data_single(struct mpt_data *data, dma_addr_t address, u32 length,
		     enum dma_data_direction dir)
{
	*data = (struct mpt_data) {
		.mapped = 1,
		.single = address,
		.length = length,
		.dir = dir,
	};
}

void mpt_data_unmap(struct mpt_data *data, struct device *dev)
{
	if (data->sg)
		dma_unmap_sg(dev, data->sg, data->nents, data->dir);
	data->sg = NULL;
	data->at = NULL;
	data->mapped = 0;
}

/*
 * The next element of at most @left bytes, @cursor moved behind it.  0 if @left
 * is 0; the caller never asks for more than is mapped.
 */
static u32 mpt_data_next(const struct mpt_data *data, struct mpt_data_cursor *cursor, u32 left,
			 dma_addr_t *address)
{
	u32 length = min_t(u32, left, MPT_DATA_ELEMENT_MAX);

	if (!data->sg) {
		*address = data->single + cursor->offset;
		cursor->offset += length;
		return length;
	}
	while (left && cursor->offset >= sg_dma_len(cursor->at)) {
		cursor->at = sg_next(cursor->at);
		cursor->offset = 0;
	}
	if (!left)
		return 0;
	length = min_t(u32, length, sg_dma_len(cursor->at) - cursor->offset);
	*address = sg_dma_address(cursor->at) + cursor->offset;
	cursor->offset += length;
	return length;
}

static bool mpt_data_reachable(dma_addr_t address, u32 length, bool wide)
{
	return wide || ((u64)address <= U32_MAX && (u64)address + length <= 1ULL << 32);
}

/*
 * How many elements, at most @room, the next @limit bytes take; *@taken: the
 * bytes that these hold.  0: an address is out of reach.
 */
static unsigned int mpt_data_count(const struct mpt_data *data, unsigned int room, u32 limit,
				   bool wide, u32 *taken)
{
	struct mpt_data_cursor cursor = { data->at, data->at_offset };
	unsigned int count = 0;
	dma_addr_t address = 0;

	*taken = 0;
	do {
		u32 length = mpt_data_next(data, &cursor, limit - *taken, &address);

		if (length && !mpt_data_reachable(address, length, wide))
			return 0;
		*taken += length;
		count++;
	} while (count < room && *taken < limit);
	return count;
}

/* Elements in @bytes, the last of them no further from the start than a chain offset reaches. */
static unsigned int mpt_data_slots(unsigned int bytes, unsigned int start, unsigned int element)
{
	unsigned int end = min_t(unsigned int, bytes, MPT_DATA_OFFSET_MAX + element);

	return end > start ? (end - start) / element : 0;
}

static void mpt_data_plan(struct mpt_data_layout *layout, const struct mpt_data_limits *limits,
			  unsigned int sgl_offset)
{
	layout->wide = limits->wide;
	layout->chain_bytes = limits->chain_bytes;
	layout->element = sizeof(U32) + (limits->wide ? sizeof(U64) : sizeof(U32));
	layout->frame = mpt_data_slots(limits->frame_bytes, sgl_offset, layout->element);
	layout->segment = mpt_data_slots(limits->chain_bytes, 0, layout->element);
	layout->room = layout->frame;
	/*
	 * A chain element takes the place of one for data.  A frame that holds
	 * nothing but a chain element is more than hardware was seen to take.
	 */
	if (layout->frame > 1 && layout->segment > 1)
		layout->room += limits->max_chains * (layout->segment - 1);
}

static void mpt_data_put_address(void *field, bool wide, u64 address)
{
	if (wide)
		put_unaligned_le64(address, field);
	else
		put_unaligned_le32(address, field);
}

/* Writes @count elements from data->at on; @last_flags go to the last of them. */
static void mpt_data_put(struct mpt_data *data, const struct mpt_data_layout *layout, void *to,
			 unsigned int count, u32 *left, u8 last_flags)
{
	struct mpt_data_cursor cursor = { data->at, data->at_offset };
	u8 flags = MPI_SGE_FLAGS_SIMPLE_ELEMENT;

	if (layout->wide)
		flags |= MPI_SGE_FLAGS_64_BIT_ADDRESSING;
	if (data->dir == DMA_TO_DEVICE)		/* a READ (HW-37) */
		flags |= MPI_SGE_FLAGS_HOST_TO_IOC;
	while (count--) {
		SGESimpleUnion_t *sge = to;
		dma_addr_t address = 0;
		u32 length = mpt_data_next(data, &cursor, *left, &address);

		if (!count)
			flags |= last_flags;
		put_unaligned_le32(MPI_SGE_SET_FLAGS_LENGTH(flags, length), &sge->FlagsLength);
		mpt_data_put_address(&sge->u, layout->wide, address);
		*left -= length;
		to += layout->element;
	}
	data->at = cursor.at;
	data->at_offset = cursor.offset;
}

static void mpt_data_put_chain(SGEChainUnion_t *chain, bool wide, u64 address, unsigned int bytes,
			       unsigned int next_offset)
{
	put_unaligned_le16(bytes, &chain->Length);
	chain->NextChainOffset = next_offset / 4;
	chain->Flags = MPI_SGE_FLAGS_CHAIN_ELEMENT | (wide ? MPI_SGE_FLAGS_64_BIT_ADDRESSING : 0);
	mpt_data_put_address(&chain->u, wide, address);
}

/* Writes @count elements for @left bytes into the frame and, as needed, the chain segments. */
static void mpt_data_write(struct mpt_data *data, const struct mpt_data_layout *layout, void *sgl,
			   void *chain, dma_addr_t chain_address, unsigned int count, u32 left)
{
	const u8 end = MPI_SGE_FLAGS_LAST_ELEMENT | MPI_SGE_FLAGS_END_OF_BUFFER |
		       MPI_SGE_FLAGS_END_OF_LIST;
	unsigned int here = count <= layout->frame ? count : layout->frame - 1;
	bool more = count > here;

	mpt_data_put(data, layout, sgl, here, &left, more ? MPI_SGE_FLAGS_LAST_ELEMENT : end);
	while (more) {
		void *link = sgl + here * layout->element;

		count -= here;
		here = count <= layout->segment ? count : layout->segment - 1;
		more = count > here;
		mpt_data_put_chain(link, layout->wide, chain_address,
				   (here + more) * layout->element,
				   more ? here * layout->element : 0);
		mpt_data_put(data, layout, chain, here, &left,
			     more ? MPI_SGE_FLAGS_LAST_ELEMENT : end);
		sgl = chain;
		chain += layout->chain_bytes;
		chain_address += layout->chain_bytes;
	}
}

int mpt_data_build(struct mpt_data *data, const struct mpt_data_limits *limits, void *frame,
		   unsigned int sgl_offset, void *chain, dma_addr_t chain_address,
		   struct mpt_data_part *part)
{
	u32 left = data->length - data->done, length;
	struct mpt_data_layout layout;
	unsigned int count;

	mpt_data_plan(&layout, limits, sgl_offset);
	if (!layout.room || (data->length && (!left || !data->mapped)))
		return -EINVAL;
	count = mpt_data_count(data, layout.room, left, limits->wide, &length);
	if (length < left && length >= 512 && length % 512)
		count = mpt_data_count(data, layout.room, length & ~511, limits->wide, &length);
	if (!count)
		return -EINVAL;
	if (count > layout.frame &&
	    !mpt_data_reachable(chain_address, limits->max_chains * limits->chain_bytes,
				limits->wide))
		return -EINVAL;
	part->offset = data->done;
	part->length = length;
	part->chain_offset = count > layout.frame ?
			     (sgl_offset + (layout.frame - 1) * layout.element) / 4 : 0;
	part->frame_bytes = sgl_offset + min(count, layout.frame) * layout.element;
	mpt_data_write(data, &layout, frame + sgl_offset, chain, chain_address, count, length);
	data->done += length;
	return 0;
}
