// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "inquiry.h"

static const struct mpt_inquiry_port ultra320 = {
	.wide = true, .sync = true, .dt = true, .qas = true, .packetized = true,
};

static const struct mpt_inquiry_port narrow;

/* What LIO answers: 96 bytes, CMDQUE, and a BQUE on top. */
static void fill(uint8_t *data)
{
	memset(data, 0xff, 96);
	data[4] = 91;
	data[6] = 0x90;
	data[7] = 0x02;
	data[56] = 0xf0;
}

static void only_standard_data_is_recognised(void **state)
{
	assert_true(mpt_inquiry_standard((const uint8_t[16]) { 0x12, 0, 0, 0, 36 }));
	assert_true(mpt_inquiry_standard((const uint8_t[16]) { 0x12, 0xe0 }));
	assert_false(mpt_inquiry_standard((const uint8_t[16]) { 0x12, 1 }));
	assert_false(mpt_inquiry_standard((const uint8_t[16]) { 0x12, 1, 0x83 }));
	assert_false(mpt_inquiry_standard((const uint8_t[16]) { 0x12, 2, 0x28 }));
	assert_false(mpt_inquiry_standard((const uint8_t[16]) { 0x1a, 0 }));
}

static void untagged_port_shows_no_queuing(void **state)
{
	uint8_t data[96];

	fill(data);
	mpt_inquiry_patch(data, sizeof(data), &ultra320);
	assert_int_equal(data[6], 0x10);
	assert_int_equal(data[7], 0x30);
}

static void tagged_port_keeps_what_the_device_says(void **state)
{
	struct mpt_inquiry_port port = ultra320;
	uint8_t data[96];

	port.tagged = true;
	fill(data);
	mpt_inquiry_patch(data, sizeof(data), &port);
	assert_int_equal(data[6], 0x90);
	assert_int_equal(data[7], 0x32);
	fill(data);
	data[7] = 0;
	mpt_inquiry_patch(data, sizeof(data), &port);
	assert_int_equal(data[7], 0x30);	/* and adds none of its own */
}

static void bits_of_the_bus_are_the_ports(void **state)
{
	uint8_t data[96];

	fill(data);
	mpt_inquiry_patch(data, sizeof(data), &ultra320);
	assert_int_equal(data[56], 0xff);
	fill(data);
	data[7] = 0xff;
	data[56] = 0xff;
	mpt_inquiry_patch(data, sizeof(data), &narrow);
	assert_int_equal(data[7], 0x8d);	/* no WBUS32, WBUS16, SYNC, CMDQUE */
	assert_int_equal(data[56], 0xf0);
}

static void each_bit_of_byte_56_has_its_own_cause(void **state)
{
	static const struct {
		struct mpt_inquiry_port port;
		uint8_t bits;
	} cases[] = {
		{ { .dt = true }, 0x0c },
		{ { .qas = true }, 0x02 },
		{ { .packetized = true }, 0x01 },
	};
	uint8_t data[96];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fill(data);
		mpt_inquiry_patch(data, sizeof(data), &cases[i].port);
		assert_int_equal(data[56], 0xf0 | cases[i].bits);
	}
}

static void byte_56_stays_if_additional_length_ends_before_it(void **state)
{
	uint8_t data[96];

	fill(data);
	data[4] = 51;
	mpt_inquiry_patch(data, sizeof(data), &ultra320);
	assert_int_equal(data[56], 0xf0);
	data[4] = 52;
	mpt_inquiry_patch(data, sizeof(data), &ultra320);
	assert_int_equal(data[56], 0xff);
}

/* An exact allocation: the sanitizer sees a touch of one byte more. */
static void check_length(size_t length)
{
	uint8_t whole[96], *data = malloc(length ? length : 1);
	size_t i;

	assert_non_null(data);
	fill(whole);
	memcpy(data, whole, length);
	mpt_inquiry_patch(data, length, &ultra320);
	for (i = 0; i < length; i++)
		if (i != 6 && i != 7 && i != 56)
			assert_int_equal(data[i], whole[i]);
	if (length > 6)
		assert_int_equal(data[6], 0x10);
	if (length > 7)
		assert_int_equal(data[7], 0x30);
	if (length > 56)
		assert_int_equal(data[56], 0xff);
	free(data);
}

static void only_transferred_bytes_are_touched(void **state)
{
	static const size_t lengths[] = { 0, 1, 4, 5, 6, 7, 8, 36, 56, 57, 96 };
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		check_length(lengths[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_standard_data_is_recognised),
		cmocka_unit_test(untagged_port_shows_no_queuing),
		cmocka_unit_test(tagged_port_keeps_what_the_device_says),
		cmocka_unit_test(bits_of_the_bus_are_the_ports),
		cmocka_unit_test(each_bit_of_byte_56_has_its_own_cause),
		cmocka_unit_test(byte_56_stays_if_additional_length_ends_before_it),
		cmocka_unit_test(only_transferred_bytes_are_touched),
	};

	return cmocka_run_group_tests_name("inquiry", tests, NULL, NULL);
}
