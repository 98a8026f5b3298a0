// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists are read back the way hardware walks them (HW-34, HW-35), by a walker
 * that knows no kernel structure and complains about everything it should not see.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/unaligned.h>

#include "data.h"

#define SGL		0x20		/* as in a TargetAssist */
#define CHAIN_BUS	0x77000000ull
#define SEGMENTS	4100

/* 128-byte frames and the chain area of one page's rest, 64-bit elements: 8 and 10 of them. */
static const struct mpt_data_limits usual = {
	.frame_bytes = 128, .chain_bytes = 128, .max_chains = 16, .wide = true,
};

struct segment {
	uint64_t address;
	uint32_t length;
};

/* The DMA layer: what mapping a list does to it. */
static struct {
	unsigned int merge;		/* entries become one; 0: as they are */
	int fail;
	int maps, unmaps;		/* entries, as told */
	uint32_t lose;			/* bytes that mapping drops (a broken IOMMU) */
} dma;

unsigned int dma_map_sg(struct device *dev, struct scatterlist *sg, int nents,
			enum dma_data_direction dir)
{
	unsigned int step = dma.merge ? dma.merge : 1;
	int from, mapped = 0;

	if (dma.fail)
		return 0;
	for (from = 0; from < nents; from++) {
		if (from % step) {
			sg[mapped - 1].dma_length += sg[from].length;
			continue;
		}
		sg[mapped].dma_length = sg[from].length;
		sg[mapped].dma_address = sg[from].dma_address;
		mapped++;
	}
	for (from = mapped; from < nents; from++) {
		sg[from].dma_length = 0xdead;	/* no business of the driver's */
		sg[from].dma_address = 0xdeaddeaddead;
	}
	sg[mapped - 1].dma_length -= dma.lose;
	dma.maps += nents;
	return mapped;
}

void dma_unmap_sg(struct device *dev, struct scatterlist *sg, int nents,
		  enum dma_data_direction dir)
{
	dma.unmaps += nents;
}

struct list {
	struct scatterlist sg[SEGMENTS];
	int nents;
};

static struct list list;
static struct device device;

static int setup(void **state)
{
	memset(&dma, 0, sizeof(dma));
	list.nents = 0;
	return 0;
}

static void add(uint64_t address, uint32_t length)
{
	assert_true(list.nents < SEGMENTS);
	if (list.nents)
		list.sg[list.nents - 1].last = false;
	list.sg[list.nents++] = (struct scatterlist) {
		.length = length, .dma_address = address, .last = true,
	};
}

/* @count pages that do not touch each other. */
static void add_pages(unsigned int count)
{
	while (count--)
		add(0x100000 + list.nents * 0x3000ull, 4096);
}

static struct mpt_data map(uint32_t length, enum dma_data_direction dir)
{
	struct mpt_data data;

	memset(&data, 0xa5, sizeof(data));
	assert_int_equal(mpt_data_map(&data, &device, list.sg, list.nents, length, dir), 0);
	return data;
}

/* One assist's list, as the card sees it. */
struct walk {
	struct segment segments[SEGMENTS];
	unsigned int count, in_frame, chains;
	uint64_t length;
	uint8_t direction;		/* flag 04h of all elements */
};

static struct walk walk;
static uint8_t *frame, *chain;		/* exactly as long as the limits say */

static size_t read_simple(const uint8_t *at, bool wide, bool *last, bool *end)
{
	uint32_t word = get_unaligned_le32(at);
	uint8_t flags = word >> 24;

	assert_int_equal(flags & 0x30, 0x10);
	assert_int_equal(flags & 0x08, 0);		/* no local address */
	assert_int_equal(flags & 0x02, wide ? 0x02 : 0);
	*last = flags & 0x80;
	*end = flags & 0x01;
	assert_int_equal(!!(flags & 0x40), *end);	/* one buffer, one list */
	if (*end)
		assert_true(*last);
	if (walk.count)
		assert_int_equal(flags & 0x04, walk.direction);
	walk.direction = flags & 0x04;
	walk.segments[walk.count].length = word & 0xffffff;
	walk.segments[walk.count].address = wide ? get_unaligned_le64(at + 4) :
						   get_unaligned_le32(at + 4);
	walk.length += word & 0xffffff;
	walk.count++;
	return wide ? 12 : 8;
}

/* Reads elements of one segment; true if the list ended. */
static bool read_segment(const uint8_t *at, const uint8_t *limit, bool wide, const uint8_t **after)
{
	bool last, end;

	do {
		assert_true(at + (wide ? 12 : 8) <= limit);
		at += read_simple(at, wide, &last, &end);
	} while (!last);
	*after = at;
	return end;
}

static void walk_list(const struct mpt_data_limits *limits, const struct mpt_data_part *part)
{
	const uint8_t *after, *next, *limit;
	size_t element = limits->wide ? 12 : 8;
	unsigned int offset;
	uint64_t bus;

	memset(&walk, 0, sizeof(walk));
	if (read_segment(frame + SGL, frame + limits->frame_bytes, limits->wide, &after)) {
		assert_int_equal(part->chain_offset, 0);
		assert_ptr_equal(after, frame + part->frame_bytes);
		walk.in_frame = walk.count;
		return;
	}
	walk.in_frame = walk.count;
	assert_ptr_equal(after, frame + part->chain_offset * 4);
	assert_ptr_equal(after + element, frame + part->frame_bytes);
	limit = frame + limits->frame_bytes;
	do {
		assert_true(after + element <= limit);
		assert_int_equal(after[3], limits->wide ? 0x32 : 0x30);
		offset = after[2] * 4;
		bus = limits->wide ? get_unaligned_le64(after + 4) : get_unaligned_le32(after + 4);
		assert_int_equal(bus, CHAIN_BUS + walk.chains * limits->chain_bytes);
		assert_true(walk.chains < limits->max_chains);
		next = chain + walk.chains++ * limits->chain_bytes;
		limit = next + get_unaligned_le16(after);
		assert_true(limit <= next + limits->chain_bytes);
		if (read_segment(next, limit, limits->wide, &after)) {
			assert_ptr_equal(after, limit);		/* length covers it exactly */
			assert_int_equal(offset, 0);
			return;
		}
		assert_ptr_equal(after, next + offset);
		assert_ptr_equal(after + element, limit);	/* the chain element included */
	} while (true);
}

static int try_build(struct mpt_data *data, const struct mpt_data_limits *limits,
		     struct mpt_data_part *part)
{
	int error;

	frame = malloc(limits->frame_bytes);
	chain = malloc(limits->chain_bytes * limits->max_chains + 1);
	assert_non_null(frame);
	assert_non_null(chain);
	memset(frame, 0xa5, limits->frame_bytes);
	memset(chain, 0xa5, limits->chain_bytes * limits->max_chains);
	error = mpt_data_build(data, limits, frame, SGL, chain, CHAIN_BUS, part);
	if (!error)
		walk_list(limits, part);
	free(frame);
	free(chain);
	return error;
}

static struct mpt_data_part build(struct mpt_data *data, const struct mpt_data_limits *limits)
{
	uint32_t done = data->done;
	struct mpt_data_part part;

	assert_int_equal(try_build(data, limits, &part), 0);
	assert_int_equal(part.offset, done);
	assert_int_equal(part.length, walk.length);
	assert_int_equal(data->done, done + part.length);
	return part;
}

static void zero_length_is_one_empty_element(void **state)
{
	struct mpt_data data = map(0, DMA_TO_DEVICE);
	struct mpt_data_part part;

	assert_int_equal(dma.maps, 0);
	assert_true(mpt_data_complete(&data));
	part = build(&data, &usual);
	assert_int_equal(part.length, 0);
	assert_int_equal(walk.count, 1);
	assert_int_equal(walk.segments[0].address, 0);
	mpt_data_unmap(&data, &device);
	assert_int_equal(dma.unmaps, 0);
}

static void one_segment_is_one_element(void **state)
{
	struct mpt_data data;

	add(0x1234567890, 36);
	data = map(36, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 1);
	assert_int_equal(walk.segments[0].address, 0x1234567890);
	assert_int_equal(walk.segments[0].length, 36);
	assert_true(mpt_data_complete(&data));
}

static void read_flows_from_host_to_card_and_write_back(void **state)
{
	struct mpt_data data;

	add_pages(20);
	data = map(20 * 4096, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.direction, 0x04);		/* HW-37 */
	data = map(20 * 4096, DMA_FROM_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.direction, 0x00);
}

static void coherent_memory_needs_no_mapping(void **state)
{
	struct mpt_data data;

	mpt_data_single(&data, 0x4000, 18, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 1);
	assert_int_equal(walk.segments[0].address, 0x4000);
	assert_int_equal(walk.length, 18);
	mpt_data_unmap(&data, &device);
	assert_int_equal(dma.maps, 0);
	assert_int_equal(dma.unmaps, 0);
}

static void full_frame_needs_no_chain(void **state)
{
	struct mpt_data_part part;
	struct mpt_data data;

	add_pages(8);
	data = map(8 * 4096, DMA_TO_DEVICE);
	part = build(&data, &usual);
	assert_int_equal(part.chain_offset, 0);
	assert_int_equal(walk.in_frame, 8);
	assert_int_equal(walk.chains, 0);
}

static void one_more_goes_to_a_chain(void **state)
{
	struct mpt_data_part part;
	struct mpt_data data;

	add_pages(9);
	data = map(9 * 4096, DMA_TO_DEVICE);
	part = build(&data, &usual);
	assert_int_equal(part.chain_offset, (0x20 + 7 * 12) / 4);
	assert_int_equal(walk.in_frame, 7);
	assert_int_equal(walk.chains, 1);
	assert_int_equal(walk.count, 9);
}

static void last_chain_holds_one_more_than_the_others(void **state)
{
	struct mpt_data data;

	add_pages(17);
	data = map(17 * 4096, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.chains, 1);
	add_pages(1);
	data = map(18 * 4096, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.chains, 2);
	assert_int_equal(walk.count, 18);
}

static void segments_come_out_in_order(void **state)
{
	struct mpt_data data;
	unsigned int i;

	add_pages(100);
	data = map(100 * 4096, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 100);
	for (i = 0; i < 100; i++) {
		assert_int_equal(walk.segments[i].address, 0x100000 + i * 0x3000);
		assert_int_equal(walk.segments[i].length, 4096);
	}
}

static void transfer_may_be_shorter_than_the_list(void **state)
{
	struct mpt_data data;

	add_pages(3);
	data = map(4096 + 100, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 2);
	assert_int_equal(walk.segments[1].length, 100);
	assert_true(mpt_data_complete(&data));
	assert_int_equal(dma.maps, 3);			/* the list is mapped as given */
	mpt_data_unmap(&data, &device);
	assert_int_equal(dma.unmaps, 3);
}

static void empty_segments_are_skipped(void **state)
{
	struct mpt_data data;

	add(0x1000, 0);
	add(0x2000, 512);
	add(0x3000, 0);
	add(0x4000, 0);
	add(0x5000, 512);
	data = map(1024, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 2);
	assert_int_equal(walk.segments[0].address, 0x2000);
	assert_int_equal(walk.segments[1].address, 0x5000);
}

static void merged_entries_are_used_as_mapped_and_unmapped_as_given(void **state)
{
	struct mpt_data data;

	add_pages(10);
	dma.merge = 4;
	data = map(10 * 4096, DMA_TO_DEVICE);
	assert_int_equal(data.mapped, 3);
	build(&data, &usual);
	assert_int_equal(walk.count, 3);
	assert_int_equal(walk.segments[0].length, 4 * 4096);
	assert_int_equal(walk.segments[2].length, 2 * 4096);
	mpt_data_unmap(&data, &device);
	mpt_data_unmap(&data, &device);
	assert_int_equal(dma.unmaps, 10);
}

static void unmapped_data_builds_nothing(void **state)
{
	struct mpt_data_part part;
	struct mpt_data data;

	add_pages(2);
	data = map(8192, DMA_TO_DEVICE);
	assert_false(mpt_data_complete(&data));
	mpt_data_unmap(&data, &device);
	assert_true(mpt_data_complete(&data));
	assert_int_equal(try_build(&data, &usual, &part), -EINVAL);
	assert_int_equal(data.length, 8192);
	assert_int_equal(data.done, 0);
}

static void lists_that_cannot_be_mapped_are_refused(void **state)
{
	struct mpt_data data;

	add_pages(2);
	assert_int_equal(mpt_data_map(&data, &device, list.sg, 2, 8193, DMA_TO_DEVICE), -EIO);
	assert_int_equal(mpt_data_map(&data, &device, list.sg, 1, 4097, DMA_TO_DEVICE), -EIO);
	assert_int_equal(mpt_data_map(&data, &device, NULL, 0, 1, DMA_TO_DEVICE), -EIO);
	assert_int_equal(dma.maps, 0);
	dma.fail = 1;
	assert_int_equal(mpt_data_map(&data, &device, list.sg, 2, 8192, DMA_TO_DEVICE), -EIO);
	mpt_data_unmap(&data, &device);
	assert_int_equal(dma.unmaps, 0);
	dma.fail = 0;
	dma.lose = 1;
	assert_int_equal(mpt_data_map(&data, &device, list.sg, 2, 8192, DMA_TO_DEVICE), -EIO);
	assert_int_equal(dma.unmaps, dma.maps);
}

static void huge_segment_is_split_into_24_bit_lengths(void **state)
{
	struct mpt_data data;

	add(0x100000000, 40 << 20);
	data = map(40 << 20, DMA_TO_DEVICE);
	build(&data, &usual);
	assert_int_equal(walk.count, 3);
	assert_int_equal(walk.segments[0].length, 0xfffe00);
	assert_int_equal(walk.segments[1].address, 0x100000000 + 0xfffe00);
	assert_int_equal(walk.segments[2].address, 0x100000000 + 2 * 0xfffe00);
	assert_int_equal(walk.length, 40 << 20);
}

static void narrow_elements_take_eight_bytes(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data data;

	limits.wide = false;
	add_pages(13);
	data = map(13 * 4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.in_frame, 11);
	assert_int_equal(walk.count, 13);
	data = map(12 * 4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.in_frame, 12);
}

static void narrow_elements_refuse_what_they_cannot_address(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	struct mpt_data data;

	limits.wide = false;
	add(0x1000, 4096);
	add(0xfffff001, 4096);
	data = map(8192, DMA_TO_DEVICE);
	assert_int_equal(try_build(&data, &limits, &part), -EINVAL);
	assert_int_equal(data.done, 0);
	setup(NULL);
	add(0xfffff000, 4096);			/* up to the last byte */
	data = map(4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.segments[0].address, 0xfffff000);
}

static void narrow_lists_need_chains_within_reach(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	struct mpt_data data;
	uint8_t bytes[128], area[128];

	limits.wide = false;
	limits.max_chains = 1;
	add_pages(13);
	data = map(13 * 4096, DMA_TO_DEVICE);
	assert_int_equal(mpt_data_build(&data, &limits, bytes, SGL, area, 0xffffff81, &part),
			 -EINVAL);
	assert_int_equal(data.done, 0);
	assert_int_equal(mpt_data_build(&data, &limits, bytes, SGL, area, 0xffffff80, &part), 0);
}

static void long_transfer_is_split_without_gaps(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	struct mpt_data data;
	unsigned int parts = 0, page = 0, i;

	limits.max_chains = 2;			/* 8 + 2 * 9 = 26 elements */
	add_pages(100);
	data = map(100 * 4096, DMA_TO_DEVICE);
	while (!mpt_data_complete(&data)) {
		part = build(&data, &limits);
		assert_int_equal(part.length, parts < 3 ? 26 * 4096 : 22 * 4096);
		for (i = 0; i < walk.count; i++)
			assert_int_equal(walk.segments[i].address, 0x100000 + page++ * 0x3000);
		parts++;
	}
	assert_int_equal(parts, 4);
	assert_int_equal(page, 100);
	assert_int_equal(try_build(&data, &limits, &part), -EINVAL);
}

static void parts_end_on_a_multiple_of_512(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	uint32_t total = 0, seen = 0;
	struct mpt_data data;
	unsigned int i;

	limits.max_chains = 0;
	for (i = 0; i < 40; i++) {
		add(0x10000 + i * 0x1000, 100 + i * 37);
		total += 100 + i * 37;
	}
	data = map(total, DMA_FROM_DEVICE);
	while (!mpt_data_complete(&data)) {
		part = build(&data, &limits);
		if (!mpt_data_complete(&data))
			assert_int_equal(part.length % 512, 0);
		seen += part.length;
	}
	assert_int_equal(seen, total);
}

static void part_may_end_within_a_segment(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	struct mpt_data data;

	limits.frame_bytes = 64;		/* two elements */
	limits.max_chains = 0;
	add(0x10000, 4000);
	add(0x20000, 4000);
	add(0x30000, 4000);
	data = map(12000, DMA_TO_DEVICE);
	part = build(&data, &limits);
	assert_int_equal(part.length, 7680);
	assert_int_equal(walk.segments[1].length, 3680);
	part = build(&data, &limits);
	assert_int_equal(part.offset, 7680);
	assert_int_equal(walk.segments[0].address, 0x20000 + 3680);
	assert_int_equal(walk.segments[0].length, 320);
	assert_true(mpt_data_complete(&data));
}

static void tiny_segments_move_what_they_hold(void **state)
{
	struct mpt_data_limits limits = usual;
	uint32_t seen = 0;
	struct mpt_data data;
	unsigned int i;

	limits.frame_bytes = 64;
	limits.max_chains = 0;
	for (i = 0; i < 20; i++)
		add(0x10000 + i * 0x1000, 3);
	data = map(60, DMA_TO_DEVICE);
	while (!mpt_data_complete(&data))
		seen += build(&data, &limits).length;
	assert_int_equal(seen, 60);
}

static void limits_of_a_chip_are_kept(void **state)
{
	/* HW-99: 2 elements in the assist, 5 in a chain segment. */
	const struct mpt_data_limits limits = {
		.frame_bytes = 64, .chain_bytes = 64, .max_chains = 50, .wide = true,
	};
	struct mpt_data data;

	add_pages(200);
	data = map(200 * 4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.in_frame, 1);
	assert_int_equal(walk.chains, 50);
	assert_int_equal(walk.count, 200);
	assert_true(mpt_data_complete(&data));
}

static void offsets_stay_within_their_byte(void **state)
{
	const struct mpt_data_limits limits = {
		.frame_bytes = 4096, .chain_bytes = 4096, .max_chains = 20, .wide = true,
	};
	struct mpt_data data;

	add_pages(1000);
	data = map(1000 * 4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.count, 1000);
	assert_int_equal(walk.in_frame, (1020 - 0x20) / 12);
}

static void limits_without_room_are_refused(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data_part part;
	struct mpt_data data;

	add_pages(1);
	data = map(4096, DMA_TO_DEVICE);
	limits.frame_bytes = SGL + 11;
	assert_int_equal(try_build(&data, &limits, &part), -EINVAL);
	limits.frame_bytes = SGL + 12;
	assert_int_equal(try_build(&data, &limits, &part), 0);
}

static void frame_of_one_element_is_not_chained(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data data;

	limits.frame_bytes = SGL + 12;
	add_pages(3);
	data = map(3 * 4096, DMA_TO_DEVICE);
	while (!mpt_data_complete(&data)) {
		build(&data, &limits);
		assert_int_equal(walk.count, 1);
	}
}

static void segments_too_small_for_a_chain_are_not_used(void **state)
{
	struct mpt_data_limits limits = usual;
	struct mpt_data data;

	limits.chain_bytes = 20;		/* one element and no link */
	add_pages(20);
	data = map(20 * 4096, DMA_TO_DEVICE);
	build(&data, &limits);
	assert_int_equal(walk.count, 8);
	limits.chain_bytes = 24;
	build(&data, &limits);
	assert_int_equal(walk.count, 12);
}

/* Any list, any limits: every byte moved once, in order, all rules of the walker kept. */
static void random_lists_are_covered_exactly(void **state)
{
	struct mpt_data_limits limits;
	struct mpt_data data;
	unsigned int round, i;
	uint32_t total;

	srand(1030);
	for (round = 0; round < 3000; round++) {
		struct scatterlist *at;
		uint32_t offset = 0;

		setup(NULL);
		total = 0;
		for (i = rand() % 60; i; i--) {
			uint32_t length = rand() % 4 ? rand() % 9000 : rand() % 4;

			add(0x100000 + list.nents * 0x10000ull, length);
			total += length;
		}
		limits = (struct mpt_data_limits) {
			.frame_bytes = SGL + 12 + rand() % 120,
			.chain_bytes = rand() % 38 * 4,
			.max_chains = rand() % 5,
			.wide = rand() % 2,
		};
		data = map(total ? total - rand() % (total / 2 + 1) : 0, DMA_TO_DEVICE);
		at = list.sg;
		do {
			build(&data, &limits);
			for (i = 0; i < walk.count && data.length; i++) {
				while (offset >= at->length) {
					at++;
					offset = 0;
				}
				assert_int_equal(walk.segments[i].address,
						 at->dma_address + offset);
				offset += walk.segments[i].length;
				assert_true(offset <= at->length);
			}
		} while (!mpt_data_complete(&data));
		mpt_data_unmap(&data, &device);
		assert_int_equal(dma.maps, dma.unmaps);
	}
}

#define with_dma(test)	cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_dma(zero_length_is_one_empty_element),
		with_dma(one_segment_is_one_element),
		with_dma(read_flows_from_host_to_card_and_write_back),
		with_dma(coherent_memory_needs_no_mapping),
		with_dma(full_frame_needs_no_chain),
		with_dma(one_more_goes_to_a_chain),
		with_dma(last_chain_holds_one_more_than_the_others),
		with_dma(segments_come_out_in_order),
		with_dma(transfer_may_be_shorter_than_the_list),
		with_dma(empty_segments_are_skipped),
		with_dma(merged_entries_are_used_as_mapped_and_unmapped_as_given),
		with_dma(unmapped_data_builds_nothing),
		with_dma(lists_that_cannot_be_mapped_are_refused),
		with_dma(huge_segment_is_split_into_24_bit_lengths),
		with_dma(narrow_elements_take_eight_bytes),
		with_dma(narrow_elements_refuse_what_they_cannot_address),
		with_dma(narrow_lists_need_chains_within_reach),
		with_dma(long_transfer_is_split_without_gaps),
		with_dma(parts_end_on_a_multiple_of_512),
		with_dma(part_may_end_within_a_segment),
		with_dma(tiny_segments_move_what_they_hold),
		with_dma(limits_of_a_chip_are_kept),
		with_dma(offsets_stay_within_their_byte),
		with_dma(limits_without_room_are_refused),
		with_dma(frame_of_one_element_is_not_chained),
		with_dma(segments_too_small_for_a_chain_are_not_used),
		with_dma(random_lists_are_covered_exactly),
	};

	return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
