// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cdb.h"
#include "expect.h"

/* HW-64: a target knows of a vendor's command what its administrator says. */

#define CDB(...)	((const uint8_t[16]) { __VA_ARGS__ })

static void expect(const char *text, const uint8_t *cdb, uint32_t block_size,
		   enum dma_data_direction direction, uint32_t expected)
{
	struct mpt_expect_rule rule;
	enum dma_data_direction found;
	uint32_t length = 0xdeadbeef;

	assert_int_equal(mpt_expect_parse(text, &rule), 0);
	assert_int_equal(rule.opcode, cdb[0]);
	found = mpt_expect_by_rule(&rule, cdb, block_size, &length);
	if (found != direction || length != expected)
		fail_msg("%s: direction %d, length %u; not %d, %u", text, found, length,
			 direction, expected);
}

static void a_rule_tells_where_the_count_is(void **state)
{
	expect("c0:in:6:3", CDB(0xc0, 0, 0, 0, 0, 0, 1, 2, 3), 512, DMA_FROM_DEVICE, 0x010203);
	expect("c1:out:4:1", CDB(0xc1, 0, 0, 0, 77), 512, DMA_TO_DEVICE, 77);
	expect("FF:in:12:4", CDB(0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 9), 512,
	       DMA_FROM_DEVICE, 0x01000009);
	expect("c0:in:7:2:10", CDB(0xc0, 0, 0, 0, 0, 0, 0, 1, 1), 512, DMA_FROM_DEVICE, 2570);
	expect("e8:in:7:2:block", CDB(0xe8, 0, 0, 0, 0, 0, 0, 0, 3), 520, DMA_FROM_DEVICE, 1560);
}

static void a_rule_may_name_the_length(void **state)
{
	expect("d0:out:=96", CDB(0xd0), 512, DMA_TO_DEVICE, 96);
}

static void a_count_of_zero_moves_nothing(void **state)
{
	expect("c0:in:6:3", CDB(0xc0), 512, DMA_NONE, 0);
	expect("e8:in:7:2:block", CDB(0xe8, 0, 0, 0, 0, 0, 0, 0, 3), 0, DMA_NONE, 0);
}

static void lengths_saturate(void **state)
{
	expect("c0:in:6:4:99999999", CDB(0xc0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), 512,
	       DMA_FROM_DEVICE, UINT32_MAX);
}

static void what_is_no_rule_is_refused(void **state)
{
	static const char * const texts[] = {
		"", "c0", "c0:", "c0:in", "c0:in:", "c0:both:6:3", "in:6:3", "c0:in:6", "c0:in:6:",
		"c0:in:0:3", "c0:in:6:0", "c0:in:6:5", "c0:in:13:4", "c0:in:99:1", "c0:in:6:3:",
		"c0:in:6:3:0", "c0:in:6:3:blocks", "c0:in:6:3:5x", "c0:in:6:3x", "c0:in:=0",
		"c0:in:=", "c0:in:=5x", "c00:in:6:3", "xx:in:6:3", "c0:ni:6:3", "c0:int:6:3",
		"c0:in:6:3:123456789",
	};
	struct mpt_expect_rule rule;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (mpt_expect_parse(texts[i], &rule) != -EINVAL)
			fail_msg("'%s' is taken", texts[i]);
}

static uint32_t seen(const uint8_t *cdb, const uint8_t *data, size_t length)
{
	return mpt_expect_block_size(cdb, data, length);
}

static void read_capacity_tells_the_block_length(void **state)
{
	static const uint8_t ten[8] = { 0, 0, 0xff, 0xff, 0, 0, 8, 0 };
	static const uint8_t sixteen[32] = { [8] = 0, 0, 0x10, 0 };

	assert_int_equal(seen(CDB(0x25), ten, 8), 2048);
	assert_int_equal(seen(CDB(0x25), ten, 7), 0);
	assert_int_equal(seen(CDB(0x9e, 0x10), sixteen, 24), 4096);
	assert_int_equal(seen(CDB(0x9e, 0x10), sixteen, 11), 0);
	assert_int_equal(seen(CDB(0x9e, 0x12), sixteen, 24), 0);
	assert_int_equal(seen(CDB(0x28), sixteen, 24), 0);
}

static void block_descriptors_tell_the_block_length(void **state)
{
	static const uint8_t six[12] = { 11, 0, 0, 8, 9, 9, 9, 9, 7, 0, 4, 0 };
	static const uint8_t ten[16] = { [7] = 8, [12] = 7, 0, 2, 0 };
	static const uint8_t longer[24] = { [4] = 1, [7] = 16, [20] = 0, 0, 2, 8 };
	static const uint8_t bare[12] = { 3, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9 };

	assert_int_equal(seen(CDB(0x1a), six, 12), 1024);
	assert_int_equal(seen(CDB(0x15), six, 12), 1024);
	assert_int_equal(seen(CDB(0x1a), six, 11), 0);
	assert_int_equal(seen(CDB(0x1a), six, 3), 0);
	assert_int_equal(seen(CDB(0x1a), bare, 12), 0);
	assert_int_equal(seen(CDB(0x5a), ten, 16), 512);
	assert_int_equal(seen(CDB(0x55), ten, 15), 0);
	assert_int_equal(seen(CDB(0x5a), longer, 24), 520);
	assert_int_equal(seen(CDB(0x5a), longer, 23), 0);
}

/* Page control 1: a mask, no value. */
static void only_current_mode_values_count(void **state)
{
	static const uint8_t mask[12] = { 11, 0, 0, 8, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff };

	assert_int_equal(seen(CDB(0x1a, 0, 0x3f), mask, 12), 0xffffff);
	assert_int_equal(seen(CDB(0x1a, 0, 0x7f), mask, 12), 0);
	assert_int_equal(seen(CDB(0x5a, 0, 0xbf), mask, 12), 0);
}

static void clip(uint8_t opcode, uint8_t fifth, size_t at, uint32_t expected)
{
	uint8_t cdb[16];
	uint32_t value;

	memset(cdb, 0xff, sizeof(cdb));
	cdb[0] = opcode;
	cdb[1] = 0;
	cdb[4] = fifth;
	assert_true(mpt_cdb_clip(cdb, 0, 1 << 24));
	value = (uint32_t)cdb[at] << 24 | cdb[at + 1] << 16 | cdb[at + 2] << 8 | cdb[at + 3];
	assert_int_equal(value, expected);
}

static void allocation_lengths_can_be_lowered(void **state)
{
	uint8_t small[16] = { 0xa0, [8] = 1, 2 }, before[16];

	clip(0xa0, 0, 6, 1 << 24);
	clip(0x9e, 0, 10, 1 << 24);
	clip(0xa2, 0, 6, 1 << 24);
	clip(0xa2, 0x80, 6, 1 << 15);
	memcpy(before, small, sizeof(small));
	assert_true(mpt_cdb_clip(small, 0, 1 << 24));
	assert_memory_equal(small, before, sizeof(small));
}

/* A transfer length is no allocation length: less of it would be another command. */
static void other_lengths_stay(void **state)
{
	static const uint8_t opcodes[] = { 0x28, 0x88, 0x8a, 0xa8, 0x5f, 0x83, 0x12, 0x3c, 0xc0 };
	uint8_t cdb[16], before[16];
	size_t i;

	for (i = 0; i < sizeof(opcodes); i++) {
		memset(cdb, 0xff, sizeof(cdb));
		cdb[0] = opcodes[i];
		memcpy(before, cdb, sizeof(cdb));
		assert_false(mpt_cdb_clip(cdb, 0, 1 << 24));
		assert_memory_equal(cdb, before, sizeof(cdb));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_tells_where_the_count_is),
		cmocka_unit_test(a_rule_may_name_the_length),
		cmocka_unit_test(a_count_of_zero_moves_nothing),
		cmocka_unit_test(lengths_saturate),
		cmocka_unit_test(what_is_no_rule_is_refused),
		cmocka_unit_test(read_capacity_tells_the_block_length),
		cmocka_unit_test(block_descriptors_tell_the_block_length),
		cmocka_unit_test(only_current_mode_values_count),
		cmocka_unit_test(allocation_lengths_can_be_lowered),
		cmocka_unit_test(other_lengths_stay),
	};

	return cmocka_run_group_tests_name("expect", tests, NULL, NULL);
}
