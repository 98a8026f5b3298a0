// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists are walked once, in full, when the message is taken; data moves by the
 * copy only.  Elements and chains are counted, so a list of one-byte elements or
 * a chain that leads back to itself ends (HW-34 to HW-36).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mpi.h"
#include "sgl.h"

#define SIMPLE_SIZE_32 8
#define SIMPLE_SIZE_64 12

struct walk {
	struct sgl *sgl;
	struct dma *dma;
	const char **why;
	unsigned int nr_elements;
	unsigned int allocated;
	uint32_t first_flags;		/* of the first element */
	bool directed;			/* sgl->to_card is known */
};

enum step { STEP_NEXT, STEP_SEGMENT_END, STEP_LIST_END };

static int malformed(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

static void note_used(struct sgl *sgl, size_t bytes)
{
	if (bytes > sgl->most_used)
		sgl->most_used = bytes;
}

static size_t element_size(uint32_t flags)
{
	return flags & SGE_64 ? SIMPLE_SIZE_64 : SIMPLE_SIZE_32;
}

static uint64_t element_address(const uint8_t *element, uint32_t flags)
{
	return flags & SGE_64 ? mpi_get64(element + 4) : mpi_get32(element + 4);
}

static int add_segment(struct walk *walk, uint64_t addr, uint32_t length)
{
	struct sgl *sgl = walk->sgl;
	struct sgl_segment *grown;
	unsigned int wanted;

	if (!length)
		return 0;
	if (addr + length < addr)
		return malformed(walk->why, "element wraps around the end of memory");
	if (sgl->nr_segments == walk->allocated) {
		wanted = walk->allocated ? 2 * walk->allocated : 8;
		grown = realloc(sgl->segments, wanted * sizeof(*grown));
		if (!grown) {
			*walk->why = "no memory for the list";
			return -ENOMEM;
		}
		sgl->segments = grown;
		walk->allocated = wanted;
	}
	sgl->segments[sgl->nr_segments++] = (struct sgl_segment){ .addr = addr, .length = length };
	sgl->length += length;
	return 0;
}

static int check_flags(struct walk *walk, uint32_t flags, uint32_t length)
{
	bool to_card = flags & SGE_TO_IOC;

	if ((flags & SGE_TYPE_MASK) == SGE_TRANSACTION)
		return malformed(walk->why, "transaction element");
	if ((flags & SGE_TYPE_MASK) == SGE_CHAIN)
		return malformed(walk->why, "chain element where ChainOffset does not say so");
	if ((flags & SGE_TYPE_MASK) != SGE_SIMPLE)
		return malformed(walk->why, "unknown element type");
	if (flags & SGE_LOCAL_ADDRESS)
		return malformed(walk->why, "address in the card's own memory");
	if (walk->nr_elements == 1)
		walk->first_flags = flags;
	else if ((flags ^ walk->first_flags) & SGE_64)
		return malformed(walk->why, "32-bit and 64-bit elements mixed");
	/* An element that moves nothing has no direction: hosts leave the flag clear there. */
	if (!length && walk->directed)
		return 0;
	if (length && walk->directed && to_card != walk->sgl->to_card)
		return malformed(walk->why, "direction changes within the list");
	walk->sgl->to_card = to_card;
	walk->directed = length;
	return 0;
}

static int take_element(struct walk *walk, const uint8_t *element, uint32_t flags, enum step *step)
{
	uint32_t length = mpi_get32(element) & SGE_LENGTH_MASK;
	int ret;

	if (++walk->nr_elements > SGL_MAX_SEGMENTS) {
		*walk->why = "too many elements";
		return -E2BIG;
	}
	ret = check_flags(walk, flags, length);
	if (!ret)
		ret = add_segment(walk, element_address(element, flags), length);
	if (flags & SGE_END_OF_LIST) {
		walk->sgl->end_of_list = (flags & SGE_LAST_ELEMENT) && (flags & SGE_END_OF_BUFFER);
		*step = STEP_LIST_END;
	} else {
		*step = flags & SGE_LAST_ELEMENT ? STEP_SEGMENT_END : STEP_NEXT;
	}
	return ret;
}

/* The simple elements of one segment, at most up to @end. */
static int walk_segment(struct walk *walk, const uint8_t *data, size_t offset, size_t end,
			enum step *step)
{
	uint32_t flags;
	int ret;

	*step = STEP_NEXT;
	while (*step == STEP_NEXT) {
		if (end - offset < 4)
			return offset == end ? 0 : malformed(walk->why, "element cut off");
		flags = mpi_get32(data + offset) >> SGE_FLAGS_SHIFT;
		if (end - offset < element_size(flags))
			return malformed(walk->why, "element cut off");
		ret = take_element(walk, data + offset, flags, step);
		if (ret)
			return ret;
		offset += element_size(flags);
		note_used(walk->sgl, offset);
	}
	return 0;
}

int sgl_read_chain(struct sgl_chain *chain, struct dma *dma, const uint8_t *element, size_t room,
		   const char **why)
{
	uint32_t word, flags;
	int ret;

	memset(chain, 0, sizeof(*chain));
	if (room < SIMPLE_SIZE_32)
		return malformed(why, "chain element past the end of its segment");
	word = mpi_get32(element);
	flags = word >> SGE_FLAGS_SHIFT;
	if ((flags & SGE_TYPE_MASK) != SGE_CHAIN)
		return malformed(why, "no chain element at ChainOffset");
	if (room < element_size(flags))
		return malformed(why, "chain element cut off");
	chain->length = word & SGE_CHAIN_LENGTH_MASK;
	chain->next = ((word & SGE_CHAIN_NEXT_MASK) >> SGE_CHAIN_NEXT_SHIFT) * 4;
	if (chain->length < SIMPLE_SIZE_32 || chain->next >= chain->length)
		return malformed(why, "chain segment shorter than its contents");
	chain->data = malloc(chain->length);
	if (!chain->data) {
		*why = "no memory for a chain";
		return -ENOMEM;
	}
	chain->address = element_address(element, flags);
	ret = dma_read(dma, chain->address, chain->data, chain->length);
	if (ret) {
		free(chain->data);
		chain->data = NULL;
		*why = "chain is not readable";
	}
	return ret;
}

static int walk_chains(struct walk *walk, const uint8_t *element, size_t room,
		       unsigned int max_chains)
{
	struct sgl_chain chain, previous = { 0 };
	enum step step = STEP_NEXT;
	int ret = 0;

	while (!ret && step != STEP_LIST_END && element) {
		walk->sgl->bad_chain = true;
		if (++walk->sgl->nr_chains > max_chains) {
			*walk->why = "too many chains";
			ret = -E2BIG;
			break;
		}
		ret = sgl_read_chain(&chain, walk->dma, element, room, walk->why);
		walk->sgl->chain_address = chain.address;
		free(previous.data);
		previous = chain;
		if (ret)
			break;
		walk->sgl->bad_chain = false;
		note_used(walk->sgl, chain.length);
		ret = walk_segment(walk, chain.data, 0, chain.next ? chain.next : chain.length,
				   &step);
		element = chain.next ? chain.data + chain.next : NULL;
		room = chain.length - chain.next;
	}
	free(previous.data);
	if (!ret && step == STEP_NEXT)
		return malformed(walk->why, "list runs past the end of its segment");
	return ret;
}

static int walk_list(struct walk *walk, const uint8_t *frame, size_t frame_length, size_t offset,
		     unsigned int chain_offset, unsigned int max_chains)
{
	size_t chain_at = 4 * (size_t)chain_offset;
	enum step step;
	int ret;

	if (offset > frame_length)
		return malformed(walk->why, "message ends before its list");
	if (chain_offset && (chain_at < offset || chain_at >= frame_length)) {
		walk->sgl->bad_chain = true;
		return malformed(walk->why, "ChainOffset outside the frame's list");
	}
	ret = walk_segment(walk, frame, offset, chain_offset ? chain_at : frame_length, &step);
	if (ret || step == STEP_LIST_END)
		return ret;
	if (chain_offset) {
		ret = walk_chains(walk, frame + chain_at, frame_length - chain_at, max_chains);
		if (!ret)
			note_used(walk->sgl, chain_at + element_size(mpi_get32(frame + chain_at) >>
								     SGE_FLAGS_SHIFT));
		return ret;
	}
	return step == STEP_NEXT ? malformed(walk->why, "list runs past the end of the frame") : 0;
}

int sgl_parse(struct sgl *sgl, struct dma *dma, const uint8_t *frame, size_t frame_length,
	      size_t offset, unsigned int chain_offset, unsigned int max_chains, const char **why)
{
	struct walk walk = { .sgl = sgl, .dma = dma, .why = why };
	int ret;

	memset(sgl, 0, sizeof(*sgl));
	ret = walk_list(&walk, frame, frame_length, offset, chain_offset, max_chains);
	if (ret) {
		free(sgl->segments);
		sgl->segments = NULL;
		sgl->nr_segments = 0;
	}
	return ret;
}

void sgl_free(struct sgl *sgl)
{
	free(sgl->segments);
	memset(sgl, 0, sizeof(*sgl));
}

typedef int (*move_fn)(struct dma *dma, uint64_t addr, uint8_t *buf, size_t length);

static int move_in(struct dma *dma, uint64_t addr, uint8_t *buf, size_t length)
{
	return dma_read(dma, addr, buf, length);
}

static int move_out(struct dma *dma, uint64_t addr, uint8_t *buf, size_t length)
{
	return dma_write(dma, addr, buf, length);
}

static int move(const struct sgl *sgl, struct dma *dma, uint32_t offset, uint8_t *buf,
		size_t length, move_fn fn)
{
	unsigned int i;
	uint64_t skip = offset;
	size_t piece;
	int ret;

	if (skip > sgl->length || length > sgl->length - skip)
		return -EOVERFLOW;
	for (i = 0; length && i < sgl->nr_segments; i++) {
		const struct sgl_segment *segment = &sgl->segments[i];

		if (skip >= segment->length) {
			skip -= segment->length;
			continue;
		}
		piece = segment->length - (size_t)skip;
		if (piece > length)
			piece = length;
		ret = fn(dma, segment->addr + skip, buf, piece);
		if (ret)
			return ret;
		buf += piece;
		length -= piece;
		skip = 0;
	}
	return 0;
}

int sgl_read(const struct sgl *sgl, struct dma *dma, uint32_t offset, void *buf, size_t length)
{
	return move(sgl, dma, offset, buf, length, move_in);
}

int sgl_write(const struct sgl *sgl, struct dma *dma, uint32_t offset, const void *buf,
	      size_t length)
{
	/* move_out() only reads from it. */
	return move(sgl, dma, offset, (uint8_t *)(uintptr_t)buf, length, move_out);
}
