// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/slab.h>

#include "sense_cache.h"

#define ENTRIES 4

bool shim_out_of_memory;

static const uint8_t lun0[8];
static const uint8_t lun3[8] = { 0, 3 };

static int new_cache(void **state)
{
	*state = mpt_sense_cache_new(ENTRIES);
	return *state ? 0 : -1;
}

static int free_cache(void **state)
{
	mpt_sense_cache_free(*state);
	return 0;
}

static void store(struct mpt_sense_cache *cache, uint8_t initiator, uint8_t target,
		  const uint8_t *lun, uint8_t asc)
{
	uint8_t sense[18];

	mpt_sense_build(sense, 5, asc, 0);
	mpt_sense_cache_store(cache, initiator, target, lun, sense, sizeof(sense));
}

/* The ASC kept for this I_T_L, taken out; -1: none. */
static int take(struct mpt_sense_cache *cache, uint8_t initiator, uint8_t target,
		const uint8_t *lun)
{
	uint8_t sense[18];
	size_t length;

	length = mpt_sense_cache_take(cache, initiator, target, lun, false, sense, sizeof(sense));
	if (!length)
		return -1;
	assert_int_equal(length, 18);
	return sense[12];
}

static void sense_is_built_in_fixed_format(void **state)
{
	static const uint8_t expected[18] = { 0x70, 0, 0x0b, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x47, 3 };
	uint8_t sense[18];

	memset(sense, 0xa5, sizeof(sense));
	mpt_sense_build(sense, 0x0b, 0x47, 3);
	assert_memory_equal(sense, expected, 18);
}

static void cache_needs_memory_and_entries(void **state)
{
	assert_null(mpt_sense_cache_new(0));
	shim_out_of_memory = true;
	assert_null(mpt_sense_cache_new(1));
	assert_null(mpt_sense_room_new(1));
	shim_out_of_memory = false;
	assert_null(mpt_sense_room_new(0));
	mpt_sense_cache_free(NULL);
}

static void sense_is_given_out_once(void **state)
{
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	store(*state, 7, 0, lun0, 0x24);
	assert_int_equal(take(*state, 7, 0, lun0), 0x24);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
}

static void nexuses_do_not_mix(void **state)
{
	store(*state, 7, 0, lun0, 1);
	store(*state, 6, 0, lun0, 2);
	store(*state, 7, 1, lun0, 3);
	store(*state, 7, 0, lun3, 4);
	assert_int_equal(take(*state, 6, 1, lun0), -1);
	assert_int_equal(take(*state, 7, 0, lun3), 4);
	assert_int_equal(take(*state, 7, 0, lun0), 1);
	assert_int_equal(take(*state, 6, 0, lun0), 2);
	assert_int_equal(take(*state, 7, 1, lun0), 3);
	assert_int_equal(mpt_sense_cache_evicted(*state), 0);
}

static void new_sense_replaces_old(void **state)
{
	unsigned int i;

	for (i = 0; i < 3 * ENTRIES; i++)
		store(*state, 7, 0, lun0, i);
	assert_int_equal(mpt_sense_cache_evicted(*state), 0);
	assert_int_equal(take(*state, 7, 0, lun0), 3 * ENTRIES - 1);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
}

static void empty_sense_leaves_nothing(void **state)
{
	store(*state, 7, 0, lun0, 1);
	mpt_sense_cache_store(*state, 7, 0, lun0, NULL, 0);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
}

static void oldest_goes_when_full(void **state)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		store(*state, i, 0, lun0, i);
	store(*state, 0, 0, lun0, 0x10);	/* no longer the oldest */
	store(*state, 9, 0, lun0, 9);
	assert_int_equal(mpt_sense_cache_evicted(*state), 1);
	assert_int_equal(take(*state, 1, 0, lun0), -1);
	assert_int_equal(take(*state, 0, 0, lun0), 0x10);
	assert_int_equal(take(*state, 2, 0, lun0), 2);
	assert_int_equal(take(*state, 9, 0, lun0), 9);
}

static void entries_go_in_the_order_they_came(void **state)
{
	unsigned int i;

	for (i = 0; i < ENTRIES + 2; i++)
		store(*state, i, 0, lun0, i);
	assert_int_equal(mpt_sense_cache_evicted(*state), 2);
	for (i = 0; i < ENTRIES + 2; i++)
		assert_int_equal(take(*state, i, 0, lun0), i < 2 ? -1 : (int)i);
}

static void entries_are_used_again_for_ever(void **state)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		store(*state, i % 16, i % 3, i & 1 ? lun3 : lun0, i);
		if (i % 5 == 0)
			take(*state, i % 16, i % 3, i & 1 ? lun3 : lun0);
	}
	mpt_sense_cache_drop_all(*state);
	for (i = 0; i < ENTRIES; i++)
		store(*state, i, 0, lun0, i);
	for (i = 0; i < ENTRIES; i++)
		assert_int_equal(take(*state, i, 0, lun0), i);
}

static void luns_that_share_a_bucket_are_told_apart(void **state)
{
	static const uint8_t a[8] = { 0, 0, 0, 0, 0, 0, 1, 0 };
	static const uint8_t b[8] = { 0, 0, 0, 0, 0, 0, 0, 31 };

	store(*state, 7, 0, a, 1);
	store(*state, 7, 0, b, 2);
	mpt_sense_cache_drop(*state, 7, 0, a);
	assert_int_equal(take(*state, 7, 0, a), -1);
	assert_int_equal(take(*state, 7, 0, b), 2);
}

static void another_command_drops_its_own_nexus_only(void **state)
{
	store(*state, 7, 0, lun0, 1);
	store(*state, 7, 0, lun3, 2);
	mpt_sense_cache_drop(*state, 7, 0, lun0);
	mpt_sense_cache_drop(*state, 7, 0, lun0);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	assert_int_equal(take(*state, 7, 0, lun3), 2);
}

static void target_reset_drops_the_targets_sense(void **state)
{
	store(*state, 7, 0, lun0, 1);
	store(*state, 6, 0, lun3, 2);
	store(*state, 7, 1, lun0, 3);
	mpt_sense_cache_drop_target(*state, 0);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	assert_int_equal(take(*state, 6, 0, lun3), -1);
	assert_int_equal(take(*state, 7, 1, lun0), 3);
}

static void nexus_loss_drops_the_sense_of_that_nexus(void **state)
{
	store(*state, 7, 0, lun0, 1);
	store(*state, 7, 0, lun3, 2);
	store(*state, 6, 0, lun0, 3);
	store(*state, 7, 1, lun0, 4);
	mpt_sense_cache_drop_nexus(*state, 7, 0);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	assert_int_equal(take(*state, 7, 0, lun3), -1);
	assert_int_equal(take(*state, 6, 0, lun0), 3);
	assert_int_equal(take(*state, 7, 1, lun0), 4);
}

static void bus_reset_drops_everything(void **state)
{
	store(*state, 7, 0, lun0, 1);
	store(*state, 7, 1, lun3, 2);
	mpt_sense_cache_drop_all(*state);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	assert_int_equal(take(*state, 7, 1, lun3), -1);
}

static void more_room_keeps_what_is_there(void **state)
{
	struct mpt_sense_room *room = mpt_sense_room_new(2);
	uint8_t target;

	for (target = 0; target < ENTRIES; target++)
		store(*state, 7, target, lun0, target + 1);
	assert_int_equal(mpt_sense_cache_size(*state), ENTRIES);
	mpt_sense_cache_add(*state, room);
	assert_int_equal(mpt_sense_cache_size(*state), ENTRIES + 2);
	for (; target < ENTRIES + 2; target++)
		store(*state, 7, target, lun0, target + 1);
	assert_int_equal(mpt_sense_cache_evicted(*state), 0);
	store(*state, 7, target, lun0, target + 1);
	assert_int_equal(mpt_sense_cache_evicted(*state), 1);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
	for (target = 1; target < ENTRIES + 3; target++)
		assert_int_equal(take(*state, 7, target, lun0), target + 1);
}

static void short_allocation_gets_a_part_and_the_full_length(void **state)
{
	uint8_t sense[18], *out = malloc(4);
	size_t length;

	assert_non_null(out);
	store(*state, 7, 0, lun0, 0x24);
	length = mpt_sense_cache_take(*state, 7, 0, lun0, false, out, 4);
	assert_int_equal(length, 18);
	mpt_sense_build(sense, 5, 0x24, 0);
	assert_memory_equal(out, sense, 4);
	free(out);
	store(*state, 7, 0, lun0, 0x24);
	assert_int_equal(mpt_sense_cache_take(*state, 7, 0, lun0, false, sense, 0), 18);
	assert_int_equal(take(*state, 7, 0, lun0), -1);
}

static void long_sense_is_kept_to_252_bytes(void **state)
{
	uint8_t sense[300], out[300];
	unsigned int i;

	for (i = 0; i < sizeof(sense); i++)
		sense[i] = i;
	sense[0] = 0x70;
	sense[7] = 244;
	mpt_sense_cache_store(*state, 7, 0, lun0, sense, sizeof(sense));
	memset(out, 0xa5, sizeof(out));
	assert_int_equal(mpt_sense_cache_take(*state, 7, 0, lun0, false, out, sizeof(out)), 252);
	assert_memory_equal(out, sense, 252);
	assert_int_equal(out[252], 0xa5);
}

static void padding_behind_the_sense_is_not_kept(void **state)
{
	uint8_t sense[96] = { 0 }, out[96];

	mpt_sense_build(sense, 5, 0x24, 0);		/* as LIO hands it over: 96 bytes */
	mpt_sense_cache_store(*state, 7, 0, lun0, sense, sizeof(sense));
	assert_int_equal(mpt_sense_cache_take(*state, 7, 0, lun0, false, out, sizeof(out)), 18);
	/* Not sense as SPC has it: nothing is known of its length. */
	sense[0] = 0x7f;
	mpt_sense_cache_store(*state, 7, 0, lun0, sense, sizeof(sense));
	assert_int_equal(mpt_sense_cache_take(*state, 7, 0, lun0, true, out, sizeof(out)), 96);
	assert_memory_equal(out, sense, 96);
}

/* Stores @sense, takes it out in the other format and compares. */
static void convert(struct mpt_sense_cache *cache, const uint8_t *sense, size_t length,
		    bool descriptor, const uint8_t *expected, size_t expected_length)
{
	uint8_t out[252];

	mpt_sense_cache_store(cache, 7, 0, lun0, sense, length);
	memset(out, 0xa5, sizeof(out));
	assert_int_equal(mpt_sense_cache_take(cache, 7, 0, lun0, descriptor, out, sizeof(out)),
			 expected_length);
	assert_memory_equal(out, expected, expected_length);
	assert_int_equal(out[expected_length], 0xa5);
}

static void wanted_format_is_left_alone(void **state)
{
	static const uint8_t fixed[18] = { 0xf1, 0, 0x63, 1, 2, 3, 4, 10, 5, 6, 7, 8, 0x11, 1, 9 };
	static const uint8_t descriptors[12] = {
		0x73, 5, 0x24, 0, 0x80, 0, 0, 4, 0x80, 2, 0, 0x77,
	};

	convert(*state, fixed, 18, false, fixed, 18);
	convert(*state, descriptors, 12, true, descriptors, 12);
}

static void plain_fixed_sense_becomes_a_header(void **state)
{
	static const uint8_t expected[8] = { 0x72, 0x05, 0x24, 0x01 };
	uint8_t fixed[18];

	mpt_sense_build(fixed, 5, 0x24, 1);
	convert(*state, fixed, 18, true, expected, 8);
}

static void everything_fixed_sense_has_becomes_descriptors(void **state)
{
	static const uint8_t fixed[18] = {
		0xf0, 0, 0xf3, 0x01, 0x02, 0x03, 0x04, 10, 0x05, 0x06, 0x07, 0x08,
		0x11, 0x02, 0x77, 0xcf, 0x00, 0x09,
	};
	static const uint8_t expected[48] = {
		0x72, 0x03, 0x11, 0x02, 0x80, 0, 0, 40,
		0x00, 0x0a, 0x80, 0, 0, 0, 0, 0, 0x01, 0x02, 0x03, 0x04,
		0x01, 0x0a, 0, 0, 0, 0, 0, 0, 0x05, 0x06, 0x07, 0x08,
		0x02, 0x06, 0, 0, 0xcf, 0x00, 0x09, 0,
		0x03, 0x02, 0, 0x77,
		0x04, 0x02, 0, 0xe0,
	};

	convert(*state, fixed, 18, true, expected, 48);
}

static void information_that_is_not_valid_is_left_out(void **state)
{
	static const uint8_t fixed[18] = { 0x70, 0, 0x03, 1, 2, 3, 4, 10, 0, 0, 0, 0, 0x11 };
	static const uint8_t expected[8] = { 0x72, 0x03, 0x11, 0x00 };

	convert(*state, fixed, 18, true, expected, 8);
}

static void ili_of_a_disk_becomes_a_block_descriptor(void **state)
{
	static const uint8_t fixed[18] = { 0x70, 0, 0x25, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24 };
	static const uint8_t expected[12] = { 0x72, 5, 0x24, 0, 0, 0, 0, 4, 0x05, 2, 0, 0x20 };
	static const uint8_t tape[18] = { 0x70, 0, 0x20, 0, 0, 0, 0, 10 };
	static const uint8_t expected_of_tape[12] = { 0x72, 0, 0, 0, 0, 0, 0, 4, 0x04, 2, 0, 0x20 };

	convert(*state, fixed, 18, true, expected, 12);
	convert(*state, tape, 18, true, expected_of_tape, 12);
}

static void deferred_errors_stay_deferred(void **state)
{
	static const uint8_t fixed[18] = { 0x71, 0, 0x03, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x0c };
	static const uint8_t descriptors[8] = { 0x73, 0x03, 0x0c, 0 };

	convert(*state, fixed, 18, true, descriptors, 8);
	convert(*state, descriptors, 8, false, fixed, 18);
}

static void truncated_fixed_sense_is_padded_with_zeros(void **state)
{
	static const uint8_t fixed[4] = { 0xf0, 0, 0x03, 0x01 };
	static const uint8_t expected[20] = {
		0x72, 0x03, 0, 0, 0, 0, 0, 12, 0x00, 0x0a, 0x80, 0, 0, 0, 0, 0, 0x01,
	};

	convert(*state, fixed, 4, true, expected, 20);
}

static void descriptors_become_fixed_sense(void **state)
{
	static const uint8_t descriptors[56] = {
		0x72, 0x03, 0x11, 0x02, 0x80, 0, 0, 48,
		0x02, 0x06, 0, 0, 0xcf, 0x00, 0x09, 0,
		0x80, 0x06, 1, 2, 3, 4, 5, 6,			/* vendor specific */
		0x00, 0x0a, 0x80, 0, 0, 0, 0, 0, 0x01, 0x02, 0x03, 0x04,
		0x01, 0x0a, 0, 0, 0, 0, 0, 0, 0x05, 0x06, 0x07, 0x08,
		0x03, 0x02, 0, 0x77,
		0x04, 0x02, 0, 0xe0,
	};
	static const uint8_t expected[18] = {
		0xf0, 0, 0xf3, 0x01, 0x02, 0x03, 0x04, 10, 0x05, 0x06, 0x07, 0x08,
		0x11, 0x02, 0x77, 0xcf, 0x00, 0x09,
	};

	convert(*state, descriptors, 56, false, expected, 18);
}

static void block_descriptor_becomes_ili(void **state)
{
	static const uint8_t descriptors[12] = { 0x72, 5, 0x24, 0, 0, 0, 0, 4, 0x05, 2, 0, 0xff };
	static const uint8_t expected[18] = { 0x70, 0, 0x25, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24 };

	convert(*state, descriptors, 12, false, expected, 18);
}

static void direct_access_descriptor_becomes_fixed_sense(void **state)
{
	static const uint8_t descriptors[40] = {
		0x72, 0x05, 0x24, 0, 0, 0, 0, 32,
		0x0d, 0x1e, 0xa0, 0, 0xc1, 0x02, 0x03, 0x77,
		0, 0, 0, 0, 0x01, 0x02, 0x03, 0x04, 0, 0, 0, 0, 0x05, 0x06, 0x07, 0x08,
	};
	static const uint8_t expected[18] = {
		0xf0, 0, 0x25, 0x01, 0x02, 0x03, 0x04, 10, 0x05, 0x06, 0x07, 0x08,
		0x24, 0, 0x77, 0xc1, 0x02, 0x03,
	};

	convert(*state, descriptors, 40, false, expected, 18);
}

static void values_of_more_than_32_bits_have_no_place_in_fixed_sense(void **state)
{
	static const uint8_t descriptors[32] = {
		0x72, 0x03, 0x11, 0, 0, 0, 0, 24,
		0x00, 0x0a, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 2,
		0x01, 0x0a, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2,
	};
	static const uint8_t expected[18] = { 0x70, 0, 0x03, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11 };

	convert(*state, descriptors, 32, false, expected, 18);
}

static void broken_descriptors_are_ignored(void **state)
{
	static const uint8_t beyond[12] = { 0x72, 3, 0x11, 0, 0, 0, 0, 4, 0x00, 0x0a, 0x80, 0 };
	static const uint8_t too_short[14] = {
		0x72, 3, 0x11, 0, 0, 0, 0, 6, 0x00, 0x00, 0x01, 0x00, 0x02, 0x00,
	};
	static const uint8_t half[9] = { 0x72, 3, 0x11, 0, 0, 0, 0, 1, 0x00 };
	static const uint8_t headless[3] = { 0x72, 3, 0x11 };
	static const uint8_t expected[18] = { 0x70, 0, 0x03, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x11 };

	convert(*state, beyond, 12, false, expected, 18);
	convert(*state, too_short, 14, false, expected, 18);
	convert(*state, half, 9, false, expected, 18);
	convert(*state, headless, 3, false, expected, 18);
}

static void any_bytes_convert_within_bounds(void **state)
{
	uint8_t *out = malloc(252), *sense;
	unsigned int round, i;
	uint32_t seed = 1;
	size_t length;

	assert_non_null(out);
	for (round = 0; round < 20000; round++) {
		length = 1 + round % 64;
		sense = malloc(length);
		assert_non_null(sense);
		for (i = 0; i < length; i++) {
			seed = seed * 1664525 + 1013904223;
			sense[i] = seed >> 24 & (i & 1 ? 0x0f : 0xff);
		}
		sense[0] = 0x70 | (round & 3);
		mpt_sense_cache_store(*state, 7, 0, lun0, sense, length);
		free(sense);
		assert_in_range(mpt_sense_cache_take(*state, 7, 0, lun0, round & 4, out, 252),
				1, 252);
	}
	free(out);
}

static bool done(uint8_t code, uint8_t flags_and_key)
{
	uint8_t sense[18] = { code };

	sense[code & 2 ? 1 : 2] = flags_and_key;
	return mpt_sense_of_done(sense, sizeof(sense));
}

static void remarks_leave_a_command_done(void **state)
{
	(void)state;
	assert_true(done(0x70, 0x00));
	assert_true(done(0xf0, 0x20));		/* ILI: a block of another length */
	assert_true(done(0x70, 0x40));		/* EOM */
	assert_true(done(0x70, 0x01));
	assert_true(done(0x72, 0x01));
	assert_true(done(0x72, 0x0f));
}

static void errors_and_filemarks_do_not(void **state)
{
	const uint8_t none[18] = { 0 }, cut[2] = { 0x70 };
	uint8_t key;

	(void)state;
	for (key = 2; key < 15; key++) {
		assert_false(done(0x70, key));
		assert_false(done(0x72, key));
	}
	assert_false(done(0xf0, 0x80));
	assert_false(done(0x71, 0x00));		/* deferred: of an earlier command */
	assert_false(done(0x73, 0x01));
	assert_false(mpt_sense_of_done(none, sizeof(none)));
	assert_false(mpt_sense_of_done(cut, sizeof(cut)));
	assert_false(mpt_sense_of_done(cut, 0));
}

#define with_cache(test)	cmocka_unit_test_setup_teardown(test, new_cache, free_cache)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sense_is_built_in_fixed_format),
		cmocka_unit_test(cache_needs_memory_and_entries),
		cmocka_unit_test(remarks_leave_a_command_done),
		cmocka_unit_test(errors_and_filemarks_do_not),
		with_cache(sense_is_given_out_once),
		with_cache(nexuses_do_not_mix),
		with_cache(new_sense_replaces_old),
		with_cache(empty_sense_leaves_nothing),
		with_cache(oldest_goes_when_full),
		with_cache(more_room_keeps_what_is_there),
		with_cache(entries_go_in_the_order_they_came),
		with_cache(entries_are_used_again_for_ever),
		with_cache(luns_that_share_a_bucket_are_told_apart),
		with_cache(another_command_drops_its_own_nexus_only),
		with_cache(target_reset_drops_the_targets_sense),
		with_cache(nexus_loss_drops_the_sense_of_that_nexus),
		with_cache(bus_reset_drops_everything),
		with_cache(short_allocation_gets_a_part_and_the_full_length),
		with_cache(long_sense_is_kept_to_252_bytes),
		with_cache(padding_behind_the_sense_is_not_kept),
		with_cache(wanted_format_is_left_alone),
		with_cache(plain_fixed_sense_becomes_a_header),
		with_cache(everything_fixed_sense_has_becomes_descriptors),
		with_cache(information_that_is_not_valid_is_left_out),
		with_cache(ili_of_a_disk_becomes_a_block_descriptor),
		with_cache(deferred_errors_stay_deferred),
		with_cache(truncated_fixed_sense_is_padded_with_zeros),
		with_cache(descriptors_become_fixed_sense),
		with_cache(block_descriptor_becomes_ili),
		with_cache(direct_access_descriptor_becomes_fixed_sense),
		with_cache(values_of_more_than_32_bits_have_no_place_in_fixed_sense),
		with_cache(broken_descriptors_are_ignored),
		with_cache(any_bytes_convert_within_bounds),
	};

	return cmocka_run_group_tests_name("sense_cache", tests, NULL, NULL);
}
