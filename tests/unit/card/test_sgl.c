// SPDX-License-Identifier: GPL-2.0-or-later
#include "firmware_fixture.h"
#include "sgl.h"

#define LAST 0xd1u			/* simple, last, end of buffer, end of list */
#define PLAIN 0x10u
#define BEFORE_CHAIN 0x90u
#define CHAIN 0x30u

struct list {
	struct memory memory;
	uint8_t frame[128];
	size_t length;			/* of the frame */
	struct sgl sgl;
	const char *why;
};

static int setup(void **state)
{
	struct list *list = calloc(1, sizeof(*list));

	memory_init(&list->memory);
	list->length = sizeof(list->frame);
	*state = list;
	return 0;
}

static int teardown(void **state)
{
	struct list *list = *state;

	sgl_free(&list->sgl);
	free(list->memory.bytes);
	free(list);
	return 0;
}

/* The lists of these tests have 64-bit elements unless a test says otherwise. */
static uint8_t *put(uint8_t *p, uint32_t flags, uint64_t addr, uint32_t length)
{
	mpi_put32(p, (flags | SGE_64) << 24 | length);
	mpi_put64(p + 4, addr);
	return p + 12;
}

static void put_chain(uint8_t *p, uint32_t at, uint32_t length, uint32_t next_dwords)
{
	put(p, CHAIN, MEMORY_BASE + at, length | next_dwords << 16);
}

static int parse(struct list *list, unsigned int chain_offset, unsigned int max_chains)
{
	list->why = NULL;
	return sgl_parse(&list->sgl, &list->memory.dma, list->frame, list->length, 32, chain_offset,
			 max_chains, &list->why);
}

static void assert_refused(struct list *list, unsigned int chain_offset, int error)
{
	assert_int_equal(parse(list, chain_offset, 4), error);
	assert_non_null(list->why);
	assert_null(list->sgl.segments);
}

/* HW-34 */
static void one_element_is_a_list(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, LAST | SGE_TO_IOC, MEMORY_BASE + 64, 4096);
	assert_int_equal(parse(list, 0, 0), 0);
	assert_int_equal(list->sgl.nr_segments, 1);
	assert_int_equal(list->sgl.length, 4096);
	assert_true(list->sgl.to_card && list->sgl.end_of_list);
	assert_true(list->sgl.segments[0].addr == MEMORY_BASE + 64);
}

/* HW-36 */
static void elements_of_32_bits_are_read_as_such(void **state)
{
	struct list *list = *state;

	mpi_put32(list->frame + 32, PLAIN << 24 | 16);
	mpi_put32(list->frame + 36, 0x1000);
	mpi_put32(list->frame + 40, LAST << 24 | 0xfffff0);
	mpi_put32(list->frame + 44, 0xffffff00);
	assert_int_equal(parse(list, 0, 0), 0);
	assert_int_equal(list->sgl.nr_segments, 2);
	assert_int_equal(list->sgl.segments[1].addr, 0xffffff00);
	assert_int_equal(list->sgl.length, 16 + 0xfffff0);
	assert_false(list->sgl.to_card);
}

/* HW-35 */
static void chains_are_followed_to_the_last_segment(void **state)
{
	struct list *list = *state;
	uint8_t *chain = list->memory.bytes + CHAIN_AT;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 1);
	put_chain(list->frame + 44, CHAIN_AT, 36, 6);
	put(put(chain, PLAIN, MEMORY_BASE, 2), BEFORE_CHAIN, MEMORY_BASE, 4);
	put_chain(chain + 24, CHAIN_AT + 64, 12, 0);
	put(chain + 64, LAST, MEMORY_BASE, 8);
	assert_int_equal(parse(list, 11, 2), 0);
	assert_int_equal(list->sgl.length, 15);
	assert_int_equal(list->sgl.nr_segments, 4);
	assert_int_equal(list->sgl.nr_chains, 2);
	assert_true(list->sgl.end_of_list);
	sgl_free(&list->sgl);
	assert_int_equal(parse(list, 11, 1), -E2BIG);
	assert_true(list->sgl.bad_chain);
}

static void the_end_of_the_list_is_the_end_whatever_chain_offset_says(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, LAST, MEMORY_BASE, 8);
	put_chain(list->frame + 44, CHAIN_AT, 12, 0);
	put(list->memory.bytes + CHAIN_AT, LAST, MEMORY_BASE, 8);
	assert_int_equal(parse(list, 11, 4), 0);
	assert_int_equal(list->sgl.length, 8);
	assert_int_equal(list->sgl.nr_chains, 0);
}

static void an_element_of_no_length_is_an_empty_list(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, LAST, UINT64_MAX, 0);
	assert_int_equal(parse(list, 0, 0), 0);
	assert_int_equal(list->sgl.length, 0);
	assert_int_equal(list->sgl.nr_segments, 0);
	assert_true(list->sgl.end_of_list);
}

static void a_list_without_end_of_list_says_so(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 8);
	assert_int_equal(parse(list, 0, 0), 0);
	assert_false(list->sgl.end_of_list);
}

static void a_list_past_the_frame_is_refused(void **state)
{
	struct list *list = *state;
	uint8_t *p = list->frame + 32;
	unsigned int i;

	for (i = 0; i < 8; i++)
		p = put(p, PLAIN, MEMORY_BASE, 1);
	assert_refused(list, 0, -EINVAL);
	list->length = 32 + 10;
	put(list->frame + 32, LAST, MEMORY_BASE, 1);
	assert_refused(list, 0, -EINVAL);
	list->length = 32 + 2;
	assert_refused(list, 0, -EINVAL);
	list->length = 20;
	assert_refused(list, 0, -EINVAL);
}

static void wrong_element_types_are_refused(void **state)
{
	struct list *list = *state;
	static const uint8_t types[] = { 0x00, 0x20, 0x30 };
	unsigned int i;

	for (i = 0; i < sizeof(types); i++) {
		put(list->frame + 32, types[i] | 0xc1, MEMORY_BASE, 8);
		assert_refused(list, 0, -EINVAL);
	}
	put(list->frame + 32, LAST | SGE_LOCAL_ADDRESS, MEMORY_BASE, 8);
	assert_refused(list, 0, -EINVAL);
}

static void direction_and_width_must_not_change_within_a_list(void **state)
{
	struct list *list = *state;
	uint8_t *p = put(list->frame + 32, PLAIN, MEMORY_BASE, 8);

	put(p, LAST | SGE_TO_IOC, MEMORY_BASE, 8);
	assert_refused(list, 0, -EINVAL);
	mpi_put32(p, LAST << 24 | 8);
	assert_refused(list, 0, -EINVAL);
}

static void an_element_that_wraps_around_is_refused(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, LAST, UINT64_MAX - 3, 8);
	assert_refused(list, 0, -EINVAL);
}

static void chain_offsets_outside_the_list_are_refused(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 8);
	assert_refused(list, 7, -EINVAL);
	assert_true(list->sgl.bad_chain);
	assert_refused(list, 32, -EINVAL);
	assert_refused(list, 255, -EINVAL);
	/* no chain element there */
	assert_refused(list, 11, -EINVAL);
	assert_true(list->sgl.bad_chain);
	/* one that is cut off by the frame's end */
	put_chain(list->frame + 44, CHAIN_AT, 12, 0);
	list->length = 44 + 8;
	assert_refused(list, 11, -EINVAL);
}

static void chain_segments_shorter_than_their_contents_are_refused(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 8);
	put_chain(list->frame + 44, CHAIN_AT, 4, 0);
	assert_refused(list, 11, -EINVAL);
	put_chain(list->frame + 44, CHAIN_AT, 24, 6);
	assert_refused(list, 11, -EINVAL);
	put_chain(list->frame + 44, CHAIN_AT, 24, 255);
	assert_refused(list, 11, -EINVAL);
}

static void an_unreadable_chain_is_refused(void **state)
{
	struct list *list = *state;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 8);
	put_chain(list->frame + 44, MEMORY_SIZE - 8, 12, 0);
	assert_refused(list, 11, -EFAULT);
	assert_true(list->sgl.chain_address == MEMORY_BASE + MEMORY_SIZE - 8);
}

static void a_chain_to_itself_ends(void **state)
{
	struct list *list = *state;
	uint8_t *chain = list->memory.bytes + CHAIN_AT;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 8);
	put_chain(list->frame + 44, CHAIN_AT, 24, 3);
	put(chain, BEFORE_CHAIN, MEMORY_BASE, 0);
	put_chain(chain + 12, CHAIN_AT, 24, 3);
	assert_int_equal(parse(list, 11, 255), -E2BIG);
	assert_true(list->memory.accesses < 300);
}

static void endless_tiny_elements_are_cut_off(void **state)
{
	struct list *list = *state;
	uint8_t *p = list->memory.bytes + CHAIN_AT;
	unsigned int i;

	put(list->frame + 32, BEFORE_CHAIN, MEMORY_BASE, 1);
	put_chain(list->frame + 44, CHAIN_AT, 65532, 0);
	for (i = 0; i < 65532 / 12; i++)
		p = put(p, PLAIN, MEMORY_BASE, i & 1);
	assert_refused(list, 11, -E2BIG);
	assert_false(list->sgl.bad_chain);
}

static void data_moves_across_elements(void **state)
{
	struct list *list = *state;
	uint8_t *p = list->frame + 32;
	uint8_t out[10] = "abcdefghij", in[10] = { 0 };

	p = put(p, PLAIN, MEMORY_BASE + 100, 3);
	p = put(p, PLAIN, MEMORY_BASE, 0);
	p = put(p, PLAIN, MEMORY_BASE + 200, 1);
	put(p, LAST, MEMORY_BASE + 300, 20);
	assert_int_equal(parse(list, 0, 0), 0);
	assert_int_equal(sgl_write(&list->sgl, &list->memory.dma, 2, out, 10), 0);
	assert_memory_equal(list->memory.bytes + 102, "a", 1);
	assert_memory_equal(list->memory.bytes + 200, "b", 1);
	assert_memory_equal(list->memory.bytes + 300, "cdefghij", 8);
	assert_int_equal(sgl_read(&list->sgl, &list->memory.dma, 2, in, 10), 0);
	assert_memory_equal(in, out, 10);
	assert_int_equal(sgl_read(&list->sgl, &list->memory.dma, 15, in, 10), -EOVERFLOW);
	assert_int_equal(sgl_read(&list->sgl, &list->memory.dma, UINT32_MAX, in, 1), -EOVERFLOW);
	list->memory.error = -EFAULT;
	assert_int_equal(sgl_write(&list->sgl, &list->memory.dma, 0, out, 1), -EFAULT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_element_is_a_list),
		TEST(elements_of_32_bits_are_read_as_such),
		TEST(chains_are_followed_to_the_last_segment),
		TEST(the_end_of_the_list_is_the_end_whatever_chain_offset_says),
		TEST(an_element_of_no_length_is_an_empty_list),
		TEST(a_list_without_end_of_list_says_so),
		TEST(a_list_past_the_frame_is_refused),
		TEST(wrong_element_types_are_refused),
		TEST(direction_and_width_must_not_change_within_a_list),
		TEST(an_element_that_wraps_around_is_refused),
		TEST(chain_offsets_outside_the_list_are_refused),
		TEST(chain_segments_shorter_than_their_contents_are_refused),
		TEST(an_unreadable_chain_is_refused),
		TEST(a_chain_to_itself_ends),
		TEST(endless_tiny_elements_are_cut_off),
		TEST(data_moves_across_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
