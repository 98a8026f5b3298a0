/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a scatter/gather list out of a message and its chains; bounded against a hostile host. */
#ifndef CARD_SGL_H
#define CARD_SGL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dma.h"

#define SGL_MAX_SEGMENTS 4096

struct sgl_segment {
	uint64_t addr;
	uint32_t length;
};

struct sgl {
	struct sgl_segment *segments;
	unsigned int nr_segments;
	unsigned int nr_chains;
	size_t most_used;		/* bytes of the frame, or of the fullest chain segment */
	uint64_t length;		/* sum of the segments */
	bool to_card;			/* direction flag of the first element */
	bool end_of_list;		/* a proper END_OF_LIST was met */
	bool bad_chain;			/* what is wrong is a chain, not an element */
	uint64_t chain_address;		/* of the last chain segment */
};

/*
 * Parses the list at @offset of @frame (@frame_length valid bytes), following at
 * most @max_chains chain elements; @chain_offset is the frame's ChainOffset in
 * dwords, 0 if none.  Returns 0, -EINVAL (malformed: *why says how), -EFAULT
 * (chain not readable), -E2BIG (more than SGL_MAX_SEGMENTS or @max_chains),
 * -ENOMEM or dma_read()'s -EIO.  On failure nothing is left to free.
 */
int sgl_parse(struct sgl *sgl, struct dma *dma, const uint8_t *frame, size_t frame_length,
	      size_t offset, unsigned int chain_offset, unsigned int max_chains, const char **why);
void sgl_free(struct sgl *sgl);
/* Moves @length bytes at @offset of the list; 0, -EFAULT, -EOVERFLOW (list too short). */
int sgl_read(const struct sgl *sgl, struct dma *dma, uint32_t offset, void *buf, size_t length);
int sgl_write(const struct sgl *sgl, struct dma *dma, uint32_t offset, const void *buf,
	      size_t length);

/* A segment that a chain element points to, fetched once. */
struct sgl_chain {
	uint8_t *data;
	size_t length;
	unsigned int next;		/* offset of its own chain element, 0: the last segment */
	uint64_t address;
};

/*
 * Reads the segment behind the chain element at @element (@room valid bytes).
 * Returns 0, -EINVAL, -EFAULT, -EIO or -ENOMEM; the caller frees chain->data.
 */
int sgl_read_chain(struct sgl_chain *chain, struct dma *dma, const uint8_t *element, size_t room,
		   const char **why);

#endif
