// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/kernel.h>

#include <cmocka.h>

#include "negotiation.h"

/* What a real 53C1030 says it can do, HW-39. */
#define ULTRA320 0xa07f0807

static struct mpt_transfer from_page(u32 parameters)
{
	struct mpt_transfer transfer;

	mpt_transfer_from_page(&transfer, parameters);
	return transfer;
}

static void assert_described(const struct mpt_transfer *transfer, const char *expected)
{
	char text[MPT_TRANSFER_TEXT] = "";
	int length = mpt_transfer_describe(transfer, text, sizeof(text));

	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
}

/* HW-39, HW-46 */
static void pages_and_transfers_are_two_spellings(void **state)
{
	static const u32 pages[] = {
		ULTRA320, 0x80000000, 0x20000000, 0x00000001, 0x00000002, 0x00000004,
		0x0000ff00, 0x00ff0000, 0x000f3200, 0,
	};
	struct mpt_transfer transfer = from_page(ULTRA320);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		struct mpt_transfer one = from_page(pages[i]);

		assert_int_equal(mpt_transfer_to_page(&one), pages[i]);
	}
	assert_int_equal(transfer.period, MPT_PERIOD_FAST_160);
	assert_int_equal(transfer.offset, 127);
	assert_true(transfer.wide && transfer.dt && transfer.iu && transfer.qas && transfer.aip);
	transfer = from_page(0x7800fff8);	/* streaming and the like, reserved bits */
	assert_false(transfer.dt || transfer.iu || transfer.qas || transfer.aip);
}

/* HW-88: the words that SPI-4 allows together. */
static void what_spi_4_does_not_allow_together_is_dropped(void **state)
{
	static const struct {
		const char *asked, *allowed;
	} cases[] = {
		{ "fast-160 127 16 1 1 1", "fast-160 127 16 1 1 1" },
		{ "fast-160 127 16 1 0 1", "fast-160 127 16 1 0 1" },
		{ "fast-160 127 16 0 1 1", "fast-80 127 16 0 1 1" },
		{ "fast-160 127 16 0 0 0", "fast-40 127 16 0 0 0" },
		{ "fast-160 127 16 1 1 0", "fast-40 127 16 0 0 0" },
		{ "fast-160 127 8 1 1 1", "fast-40 127 8 0 0 0" },
		{ "fast-80 31 16 1 1 1", "fast-80 31 16 1 1 1" },
		{ "fast-80 31 8 0 0 1", "fast-40 31 8 0 0 0" },
		{ "fast-40 31 16 1 1 1", "fast-40 31 16 1 1 1" },
		{ "fast-40 31 16 1 1 0", "fast-40 31 16 0 0 0" },
		{ "fast-20 15 8 0 0 0", "fast-20 15 8 0 0 0" },
		{ "fast-10 1 16 0 1 1", "fast-10 1 16 0 1 1" },
		{ "fast-5 127 16 1 1 1", "fast-5 127 16 1 1 1" },
		{ "async 127 16 1 1 1", "async 0 16 0 0 0" },
		{ "async 127 8 1 1 1", "async 0 8 0 0 0" },
		{ "fast-160 0 16 1 1 1", "async 0 16 0 0 0" },
		{ "max 255 16 1 1 1", "fast-160 255 16 1 1 1" },
	};
	unsigned int i, field;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mpt_transfer transfer = mpt_transfer_max;
		char asked[64], words[64] = "", *word, *rest = asked;

		strcpy(asked, cases[i].asked);
		for (field = 0; (word = strsep(&rest, " ")); field++)
			assert_int_equal(mpt_transfer_set(&transfer, field, word), 0);
		assert_int_equal(field, MPT_TRANSFER_FIELDS);
		mpt_transfer_normalise(&transfer);
		for (field = 0; field < MPT_TRANSFER_FIELDS; field++) {
			char *end = words + strlen(words);

			if (field)
				*end++ = ' ';
			mpt_transfer_get(&transfer, field, end, words + sizeof(words) - end);
		}
		assert_string_equal(words, cases[i].allowed);
	}
}

static void normalising_twice_is_normalising_once(void **state)
{
	u32 bits, period, offset;

	for (bits = 0; bits < 16; bits++) {
		for (period = 0; period < 256; period++) {
			for (offset = 0; offset < 2; offset++) {
				struct mpt_transfer once, twice;

				once = from_page((bits & 7) | (bits & 8) << 26 | period << 8 |
						 offset << 16);
				mpt_transfer_normalise(&once);
				twice = once;
				mpt_transfer_normalise(&twice);
				assert_true(mpt_transfer_equal(&once, &twice));
			}
		}
	}
}

static void the_slower_and_the_less_of_two_limits_count(void **state)
{
	struct mpt_transfer transfer = from_page(ULTRA320), limit = mpt_transfer_max;

	mpt_transfer_limit(&transfer, &limit);
	assert_int_equal(mpt_transfer_to_page(&transfer), ULTRA320);
	mpt_transfer_set(&limit, MPT_TRANSFER_RATE, "fast-20");
	mpt_transfer_set(&limit, MPT_TRANSFER_OFFSET, "15");
	mpt_transfer_set(&limit, MPT_TRANSFER_QAS, "0");
	mpt_transfer_limit(&transfer, &limit);
	mpt_transfer_set(&limit, MPT_TRANSFER_RATE, "fast-80");
	mpt_transfer_set(&limit, MPT_TRANSFER_OFFSET, "62");
	mpt_transfer_limit(&transfer, &limit);
	assert_described(&transfer, "rate=fast-20 offset=15 width=16 iu=1 qas=0 dt=1");
	mpt_transfer_set(&limit, MPT_TRANSFER_WIDTH, "8");
	mpt_transfer_set(&limit, MPT_TRANSFER_IU, "0");
	mpt_transfer_set(&limit, MPT_TRANSFER_DT, "0");
	mpt_transfer_limit(&transfer, &limit);
	assert_described(&transfer, "rate=fast-20 offset=15 width=8 iu=0 qas=0 dt=0");
}

static void a_factor_between_two_rates_has_the_name_of_the_faster(void **state)
{
	static const struct {
		u8 period;
		const char *rate;
	} cases[] = {
		{ 0x00, "fast-160" }, { 0x07, "fast-160" }, { 0x08, "fast-160" },
		{ 0x09, "fast-80" }, { 0x0a, "fast-40" }, { 0x0b, "fast-40" },
		{ 0x0c, "fast-20" }, { 0x18, "fast-20" }, { 0x19, "fast-10" },
		{ 0x31, "fast-10" }, { 0x32, "fast-5" }, { 0xfe, "fast-5" }, { 0xff, "async" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mpt_transfer transfer = { .period = cases[i].period, .offset = 1 };
		char text[16];

		mpt_transfer_get(&transfer, MPT_TRANSFER_RATE, text, sizeof(text));
		assert_string_equal(text, cases[i].rate);
		transfer.offset = 0;
		mpt_transfer_get(&transfer, MPT_TRANSFER_RATE, text, sizeof(text));
		assert_string_equal(text, "async");
	}
}

static void values_may_end_in_a_newline(void **state)
{
	struct mpt_transfer transfer = { 0 };

	assert_int_equal(mpt_transfer_set(&transfer, MPT_TRANSFER_RATE, "fast-40\n"), 0);
	assert_int_equal(mpt_transfer_set(&transfer, MPT_TRANSFER_OFFSET, "31\n"), 0);
	assert_int_equal(mpt_transfer_set(&transfer, MPT_TRANSFER_WIDTH, "16\n"), 0);
	assert_int_equal(mpt_transfer_set(&transfer, MPT_TRANSFER_DT, "1\n"), 0);
	assert_described(&transfer, "rate=fast-40 offset=31 width=16 iu=0 qas=0 dt=1");
}

static void other_values_are_refused_and_change_nothing(void **state)
{
	static const struct {
		enum mpt_transfer_field field;
		const char *text;
	} cases[] = {
		{ MPT_TRANSFER_RATE, "" }, { MPT_TRANSFER_RATE, "fast-15" },
		{ MPT_TRANSFER_RATE, "fast-160 " }, { MPT_TRANSFER_RATE, "FAST-20" },
		{ MPT_TRANSFER_RATE, "320" }, { MPT_TRANSFER_RATE, "fast-20\n\n" },
		{ MPT_TRANSFER_OFFSET, "256" }, { MPT_TRANSFER_OFFSET, "-1" },
		{ MPT_TRANSFER_OFFSET, "" }, { MPT_TRANSFER_OFFSET, "1x" },
		{ MPT_TRANSFER_WIDTH, "32" }, { MPT_TRANSFER_WIDTH, "1" },
		{ MPT_TRANSFER_IU, "2" }, { MPT_TRANSFER_IU, "max" }, { MPT_TRANSFER_QAS, "yes" },
		{ MPT_TRANSFER_QAS, "max" }, { MPT_TRANSFER_DT, "on" }, { MPT_TRANSFER_DT, "max" },
		{ MPT_TRANSFER_FIELDS, "1" },
	};
	const struct mpt_transfer before = from_page(ULTRA320);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mpt_transfer transfer = before;

		assert_int_equal(mpt_transfer_set(&transfer, cases[i].field, cases[i].text),
				 -EINVAL);
		assert_true(mpt_transfer_equal(&transfer, &before));
	}
}

/* HW-131: what the stock driver chose, bit for bit. */
static void a_page_within_its_limit_is_left_alone(void **state)
{
	struct mpt_transfer limit = from_page(ULTRA320);

	assert_int_equal(mpt_transfer_clip_page(0x0000ff04, &limit), 0x0000ff04);
	assert_int_equal(mpt_transfer_clip_page(0x207f08f7, &limit), 0x207f08f7);
	assert_int_equal(mpt_transfer_clip_page(0x0000ff00, &limit), 0x0000ff00);
	limit.period = MPT_PERIOD_FAST_5;
	assert_int_equal(mpt_transfer_clip_page(0x207f08f7, &limit), 0x207f3207);
	limit.iu = false;
	assert_int_equal(mpt_transfer_clip_page(0x207f0827, &limit), 0x207f3206);
	limit.offset = 0;
	assert_int_equal(mpt_transfer_clip_page(0x207f0827, &limit), 0x2000ff00);
}

static void a_description_never_overruns(void **state)
{
	struct mpt_transfer transfer = from_page(ULTRA320);
	char text[MPT_TRANSFER_TEXT];
	size_t size;
	int length;

	transfer.offset = 255;
	for (size = 1; size <= sizeof(text); size++) {
		memset(text, 0x7e, sizeof(text));
		length = mpt_transfer_describe(&transfer, text, size);
		assert_true(length < (int)size);
		assert_int_equal(length, strlen(text));
	}
	assert_string_equal(text, "rate=fast-160 offset=255 width=16 iu=1 qas=1 dt=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_and_transfers_are_two_spellings),
		cmocka_unit_test(what_spi_4_does_not_allow_together_is_dropped),
		cmocka_unit_test(normalising_twice_is_normalising_once),
		cmocka_unit_test(the_slower_and_the_less_of_two_limits_count),
		cmocka_unit_test(a_factor_between_two_rates_has_the_name_of_the_faster),
		cmocka_unit_test(values_may_end_in_a_newline),
		cmocka_unit_test(other_values_are_refused_and_change_nothing),
		cmocka_unit_test(a_page_within_its_limit_is_left_alone),
		cmocka_unit_test(a_description_never_overruns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
