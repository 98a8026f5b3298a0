// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each rule seen to fire.  That legal traffic fires none is what test_target.c
 * checks after each of its tests; a few near misses are here.
 */
#include "target_fixture.h"

#define READ_ALL (ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS)

static void fires(struct rig *rig, enum rule rule)
{
	run(&rig->host);
	assert_fault(&rig->host, rule);
}

static void send_fires(struct rig *rig, enum rule rule)
{
	send(&rig->host);
	assert_fault(&rig->host, rule);
}

static void every_rule_has_a_name(void **state)
{
	unsigned int i, j;

	(void)state;
	for (i = 0; i < NR_RULES; i++) {
		assert_non_null(referee_rule_name(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(referee_rule_name(i), referee_rule_name(j));
	}
	assert_string_equal(referee_rule_name(NR_RULES), "unknown");
}

/* posted-twice */

static void a_posted_buffer_posted_again(void **state)
{
	post_and_ack(*state, 5);
	post_one(*state, 5);
	fires(*state, RULE_POSTED_TWICE);
}

static void the_same_buffer_twice_in_one_post(void **state)
{
	static const uint16_t indexes[] = { 5, 6, 5 };

	post_frame(*state, indexes, 3);
	send_fires(*state, RULE_POSTED_TWICE);
}

static void a_buffer_posted_under_its_open_command(void **state)
{
	deliver(*state, 5, 1);
	post_one(*state, 5);
	fires(*state, RULE_POSTED_TWICE);
}

static void a_buffer_posted_while_its_message_is_outstanding(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint16_t index = 5;

	assist_frame(rig, word, READ_ALL, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	post_frame(rig, &index, 1);
	send_fires(rig, RULE_POSTED_TWICE);
}

static void a_buffer_posted_before_its_completion_was_taken(void **state)
{
	struct rig *rig = *state;

	assist(rig, deliver(rig, 5, 1), READ_ALL, 0, 512);
	post_one(rig, 5);
	fires(rig, RULE_POSTED_TWICE);
}

static void a_buffer_posted_although_repost_was_asked(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	good(rig, word, STATUS_SEND_REPOST);
	expect_word(rig, word);
	post_one(rig, 5);
	fires(rig, RULE_POSTED_TWICE);
}

/* HW-97 */
static void a_buffer_posted_after_6b_with_repost(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_frame(rig, word, STATUS_SEND_REPOST, 0x02, 0, 18);
	send(&rig->host);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_STS_DATA_NOT_SENT, word, 0);
	post_one(rig, 5);
	fires(rig, RULE_POSTED_TWICE);
}

/* not-owner */

static void a_message_for_a_buffer_never_posted(void **state)
{
	io_frame(*state, FN_TARGET_STATUS, CONTEXT_REPLY_TARGET | 9, STATUS_SEND_AUTO_GOOD);
	send_fires(*state, RULE_NOT_OWNER);
}

static void a_message_for_a_posted_buffer(void **state)
{
	post_and_ack(*state, 5);
	assist_frame(*state, CONTEXT_REPLY_TARGET | 5, ASSIST_TO_INITIATOR, 0, 512);
	send_fires(*state, RULE_NOT_OWNER);
}

static void a_message_before_the_command_was_taken(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);

	post_and_ack(rig, 5);
	start(rig, &command);
	io_frame(rig, FN_TARGET_STATUS, CONTEXT_REPLY_TARGET | INITIATOR_ID << 14 | 5,
		 STATUS_SEND_AUTO_GOOD);
	send_fires(rig, RULE_NOT_OWNER);
}

/* second-message, HW-77 */

static void two_messages_at_once(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_frame(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	io_frame(rig, FN_TARGET_STATUS, word, STATUS_SEND_AUTO_GOOD);
	send_fires(rig, RULE_SECOND_MESSAGE);
}

static void a_message_before_the_last_ones_reply_was_taken(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	io_frame(rig, FN_TARGET_STATUS, word, STATUS_SEND_AUTO_GOOD);
	send_fires(rig, RULE_SECOND_MESSAGE);
}

/* reply-word, HW-58 */

static void another_reply_word(void **state)
{
	uint32_t word = deliver(*state, 5, 1);

	assist_frame(*state, word ^ 1 << 14, ASSIST_TO_INITIATOR, 0, 512);
	send_fires(*state, RULE_REPLY_WORD);
}

static void a_reply_word_without_its_type(void **state)
{
	uint32_t word = deliver(*state, 5, 1);

	io_frame(*state, FN_TARGET_STATUS, word & ~CONTEXT_REPLY_TYPE_MASK, STATUS_SEND_AUTO_GOOD);
	send_fires(*state, RULE_REPLY_WORD);
}

/* sgl */

static void a_list_shorter_than_the_data(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	mpi_put32(frame + ASSIST_DATA_LENGTH, 513);
	send_fires(*state, RULE_SGL);
}

static void a_list_longer_than_the_data(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	mpi_put32(frame + ASSIST_DATA_LENGTH, 511);
	send_fires(*state, RULE_SGL);
}

/* HW-37 */
static void a_list_in_the_other_direction(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, WHOLE_LIST, DATA_AT, 512);
	send_fires(*state, RULE_SGL);
}

static void a_write_list_to_the_card(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), 0, 0, 512);

	put_element(frame + ASSIST_SGL, WHOLE_LIST | SGE_TO_IOC, DATA_AT, 512);
	send_fires(*state, RULE_SGL);
}

static void a_list_without_end(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 512);
	send_fires(*state, RULE_SGL);
}

static void a_transaction_element(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, SGE_LAST_ELEMENT | SGE_END_OF_LIST, DATA_AT, 512);
	send_fires(*state, RULE_SGL);
}

static void a_status_list_of_two_elements(void **state)
{
	uint8_t *frame = status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18);

	put_element(frame + STATUS_SEND_SGE, SGE_SIMPLE | SGE_TO_IOC, IU_AT, 20);
	put_element(frame + STATUS_SEND_SGE + 12, WHOLE_LIST | SGE_TO_IOC, IU_AT + 20, 10);
	send_fires(*state, RULE_SGL);
}

static void a_status_list_towards_the_host(void **state)
{
	uint8_t *frame = status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18);

	put_element(frame + STATUS_SEND_SGE, WHOLE_LIST, IU_AT, 30);
	send_fires(*state, RULE_SGL);
}

static void a_status_iu_that_is_too_long(void **state)
{
	uint8_t *frame = status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18);

	put_element(frame + STATUS_SEND_SGE, WHOLE_LIST | SGE_TO_IOC, IU_AT, 513);
	send_fires(*state, RULE_SGL);
}

static void a_status_iu_that_is_too_short(void **state)
{
	uint8_t *frame = status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18);

	put_element(frame + STATUS_SEND_SGE, WHOLE_LIST | SGE_TO_IOC, IU_AT, 11);
	send_fires(*state, RULE_SGL);
}

/* chain */

static void a_chain_past_the_frame(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 512);
	frame[REQ_CHAIN_OFFSET] = 32;
	send_fires(*state, RULE_CHAIN);
}

static void a_chain_offset_after_the_end_of_the_list(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	frame[REQ_CHAIN_OFFSET] = 11;
	send_fires(*state, RULE_CHAIN);
}

static void one_chain_too_many(void **state)
{
	struct rig *rig = *state;
	uint8_t *frame = assist_frame(rig, deliver(rig, 5, 1), READ_ALL, 0, 512);
	uint8_t *chain = at(&rig->host, CHAIN_AT);

	put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 512);
	put_element(frame + ASSIST_SGL + 12, SGE_CHAIN, CHAIN_AT, 24 | 3 << 16);
	frame[REQ_CHAIN_OFFSET] = 11;
	put_element(chain, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 0);
	put_element(chain + 12, SGE_CHAIN, CHAIN_AT, 24 | 3 << 16);
	send_fires(rig, RULE_CHAIN);
}

static void a_post_chain_that_is_none(void **state)
{
	uint16_t index = 5;
	uint8_t *frame = post_frame(*state, &index, 1);

	frame[POST_COUNT] = 2;
	frame[REQ_CHAIN_OFFSET] = 6;
	send_fires(*state, RULE_CHAIN);
}

static void a_status_with_a_chain(void **state)
{
	status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18)[REQ_CHAIN_OFFSET] = 9;
	send_fires(*state, RULE_CHAIN);
}

/* data-length */

static void an_assist_that_leaves_a_gap(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	expect_word(rig, word);
	assist_frame(rig, word, ASSIST_TO_INITIATOR, 513, 512);
	send_fires(rig, RULE_DATA_LENGTH);
}

static void an_assist_that_starts_over(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	expect_word(rig, word);
	assist_frame(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	send_fires(rig, RULE_DATA_LENGTH);
}

static void an_assist_past_four_gigabytes(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	expect_word(rig, word);
	mpi_put32(assist_frame(rig, word, ASSIST_TO_INITIATOR, 512, 512) + ASSIST_DATA_LENGTH,
		  UINT32_MAX - 511);
	send_fires(rig, RULE_DATA_LENGTH);
}

/* reply-frame */

static void a_reply_frame_returned_twice(void **state)
{
	struct rig *rig = *state;

	post_and_ack(rig, 5);
	give_reply_frame(&rig->host, NR_REPLY_FRAMES - 1);
	fires(rig, RULE_REPLY_FRAME);
}

static void a_reply_frame_given_twice_before_init(void **state)
{
	struct rig *rig = *state;

	message_unit_reset(&rig->host);
	give_reply_frame(&rig->host, 1);
	give_reply_frame(&rig->host, 1);
	run(&rig->host);
	{
		uint8_t message[INIT_SIZE] = { [INIT_WHO] = 4, [REQ_FUNCTION] = FN_IOC_INIT };
		uint8_t reply[64];

		handshake(&rig->host, message, sizeof(message), reply, sizeof(reply));
	}
	fires(rig, RULE_REPLY_FRAME);
}

static void a_reply_frame_never_returned(void **state)
{
	struct rig *rig = *state;

	post_one(rig, 5);
	assert_true(pop(&rig->host) & CONTEXT_REPLY_ADDRESS);
	run(&rig->host);
	registers_write(rig->host.fw->registers, DOORBELL, 0x40000000u);
	fires(rig, RULE_REPLY_FRAME);
}

static void a_reply_frame_held_for_a_moment_only_is_fine(void **state)
{
	struct rig *rig = *state;

	referee_set_grace(rig->host.fw->referee, 60000);
	post_one(rig, 5);
	assert_true(pop(&rig->host) & CONTEXT_REPLY_ADDRESS);
	run(&rig->host);
	message_unit_reset(&rig->host);
	assert_int_equal(rig->host.counters.violations, 0);
}

static void frames_lost_by_a_diagnostic_reset_are_fine(void **state)
{
	struct rig *rig = *state;

	post_one(rig, 5);
	assert_true(pop(&rig->host) & CONTEXT_REPLY_ADDRESS);
	run(&rig->host);
	diagnostic_reset(&rig->host);
	assert_int_equal(rig->host.counters.violations, 0);
}

/* status-twice */

static void a_second_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	good(rig, word, 0);
	expect_word(rig, word);
	io_frame(rig, FN_TARGET_STATUS, word, STATUS_SEND_AUTO_GOOD);
	send_fires(rig, RULE_STATUS_TWICE);
}

static void an_assist_after_auto_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, READ_ALL, 0, 512);
	expect_word(rig, word);
	assist_frame(rig, word, READ_ALL, 512, 512);
	send_fires(rig, RULE_STATUS_TWICE);
}

static void a_status_after_an_error_reply(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	bus_reset(rig->peer.port);
	run(&rig->host);
	good(rig, word, 0);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_ABORTED, word, 0);
	io_frame(rig, FN_TARGET_STATUS, word, STATUS_SEND_AUTO_GOOD);
	send_fires(rig, RULE_STATUS_TWICE);
}

/* dma */

static void data_outside_memory(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, WHOLE_LIST | SGE_TO_IOC, MEMORY_SIZE - 256, 512);
	send_fires(*state, RULE_DMA);
}

static void a_chain_outside_memory(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 512);
	put_element(frame + ASSIST_SGL + 12, SGE_CHAIN, MEMORY_SIZE, 12);
	frame[REQ_CHAIN_OFFSET] = 11;
	send_fires(*state, RULE_DMA);
}

static void a_status_iu_outside_memory(void **state)
{
	uint8_t *frame = status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 18);

	put_element(frame + STATUS_SEND_SGE, WHOLE_LIST | SGE_TO_IOC, MEMORY_SIZE, 30);
	send_fires(*state, RULE_DMA);
}

static void a_command_buffer_outside_memory(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint16_t index = 5;

	mpi_put64(post_frame(rig, &index, 1) + POST_DESCRIPTORS + 4,
		  MEMORY_BASE + MEMORY_SIZE - 39);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	start(rig, &command);
	fires(rig, RULE_DMA);
}

static void a_request_frame_outside_memory(void **state)
{
	struct rig *rig = *state;

	registers_write(rig->host.fw->registers, REQUEST_FIFO, MEMORY_SIZE - 64);
	fires(rig, RULE_DMA);
}

static void a_reply_frame_outside_memory(void **state)
{
	struct rig *rig = *state;

	message_unit_reset(&rig->host);
	registers_write(rig->host.fw->registers, REPLY_FIFO, MEMORY_SIZE);
	assert_int_equal(ioc_init(&rig->host, 4), STATUS_SUCCESS);
	post_one(rig, 5);
	fires(rig, RULE_DMA);
}

/* never-reposted */

static void finish_without_posting(struct rig *rig)
{
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, READ_ALL, 0, 512);
	expect_word(rig, word);
}

static void a_buffer_in_no_ones_hands_at_shutdown(void **state)
{
	struct rig *rig = *state;

	finish_without_posting(rig);
	set_port_page_1(&rig->host, TARGET_ID, 0, TARGET_CONFIG_TARGET_ONLY);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	fires(rig, RULE_NEVER_REPOSTED);
}

static void a_buffer_in_no_ones_hands_at_a_reset(void **state)
{
	struct rig *rig = *state;

	finish_without_posting(rig);
	registers_write(rig->host.fw->registers, DOORBELL, 0x40000000u);
	fires(rig, RULE_NEVER_REPOSTED);
}

static void a_buffer_lost_after_an_abort(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_abort_reply(rig, 1);
	registers_write(rig->host.fw->registers, DOORBELL, 0x40000000u);
	fires(rig, RULE_NEVER_REPOSTED);
}

static void a_buffer_lost_after_an_error(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	bus_reset(rig->peer.port);
	run(&rig->host);
	good(rig, word, STATUS_SEND_REPOST);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_ABORTED, word, 0);
	set_port_page_1(&rig->host, TARGET_ID, 0, TARGET_CONFIG_TARGET_ONLY);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	fires(rig, RULE_NEVER_REPOSTED);
}

static void a_shutdown_in_order_is_fine(void **state)
{
	static const uint16_t indexes[] = { 9, 5 };
	struct rig *rig = *state;
	unsigned int i;

	finish_without_posting(rig);
	deliver(rig, 6, 2);		/* still open: the reset loses it */
	set_port_page_1(&rig->host, TARGET_ID, 0, TARGET_CONFIG_TARGET_ONLY);
	/* The posts are in the FIFO when the abort comes by the doorbell, past them. */
	rig->host.budget = 1;
	for (i = 0; i < 2; i++) {
		post_frame(rig, &indexes[i], 1);
		write_frame(&rig->host, REQUEST_FIFO);
	}
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	for (i = 0; i < 2; i++)
		assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_ABORTED);
	expect_abort_reply(rig, 2);
	assert_no_violation(&rig->host);
	message_unit_reset(&rig->host);
	assert_int_equal(rig->host.counters.violations, 0);
	assert_int_equal(registers_state(rig->host.fw->registers), IOC_READY);
}

static void a_completion_not_taken_yet_is_no_lost_buffer(void **state)
{
	struct rig *rig = *state;

	assist(rig, deliver(rig, 5, 1), READ_ALL, 0, 512);
	message_unit_reset(&rig->host);
	assert_int_equal(rig->host.counters.violations, 0);
}

static void an_abort_of_buffers_with_addresses_left_judges_nothing(void **state)
{
	struct rig *rig = *state;

	finish_without_posting(rig);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	expect_abort_reply(rig, 0);
	assert_no_violation(&rig->host);
	post_and_ack(rig, 5);
}

/* message */

static void an_index_of_more_than_14_bits(void **state)
{
	uint16_t index = 0x4000;

	post_frame(*state, &index, 1);
	send_fires(*state, RULE_MESSAGE);
}

static void a_post_of_no_buffers(void **state)
{
	uint16_t index = 5;

	post_frame(*state, &index, 1)[POST_COUNT] = 0;
	send_fires(*state, RULE_MESSAGE);
}

static void a_post_of_buffers_that_are_too_small(void **state)
{
	uint16_t index = 5;

	post_frame(*state, &index, 1)[POST_LENGTH] = 39;
	send_fires(*state, RULE_MESSAGE);
}

static void a_post_with_fewer_descriptors_than_it_says(void **state)
{
	uint16_t indexes[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	post_frame(*state, indexes, 9)[POST_COUNT] = 10;
	send_fires(*state, RULE_MESSAGE);
}

/* HW-63 */
static void another_tag(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 0x0102), READ_ALL, 0, 512);

	mpi_put16(frame + TARGET_QUEUE_TAG, 0x0201);
	send_fires(*state, RULE_MESSAGE);
}

/* HW-86 */
static void another_lun(void **state)
{
	uint8_t *frame = assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512);

	frame[TARGET_LUN + 7] = 1;
	send_fires(*state, RULE_MESSAGE);
}

static void reserved_flags(void **state)
{
	assist_frame(*state, deliver(*state, 5, 1), READ_ALL | 0x10, 0, 512);
	send_fires(*state, RULE_MESSAGE);
}

/* HW-74: a status has its flags elsewhere, and 02h is not one of them. */
static void assist_flags_in_a_status(void **state)
{
	io_frame(*state, FN_TARGET_STATUS, deliver(*state, 5, 1),
		 STATUS_SEND_AUTO_GOOD | ASSIST_AUTO_STATUS);
	send_fires(*state, RULE_MESSAGE);
}

static void repost_without_a_status(void **state)
{
	assist_frame(*state, deliver(*state, 5, 1), ASSIST_TO_INITIATOR | ASSIST_REPOST, 0, 512);
	send_fires(*state, RULE_MESSAGE);
}

static void auto_status_of_something_else_than_good(void **state)
{
	assist_frame(*state, deliver(*state, 5, 1), READ_ALL, 0, 512)[TARGET_STATUS_CODE] = 2;
	send_fires(*state, RULE_MESSAGE);
}

static void auto_good_of_something_else(void **state)
{
	io_frame(*state, FN_TARGET_STATUS, deliver(*state, 5, 1),
		 STATUS_SEND_AUTO_GOOD)[TARGET_STATUS_CODE] = 8;
	send_fires(*state, RULE_MESSAGE);
}

static void an_iu_that_contradicts_the_status(void **state)
{
	struct rig *rig = *state;

	status_frame(rig, deliver(rig, 5, 1), 0, 0x02, 0, 18);
	at(&rig->host, IU_AT)[STATUS_IU_STATUS] = 0x08;
	send_fires(rig, RULE_MESSAGE);
}

static void an_iu_shorter_than_its_sense(void **state)
{
	struct rig *rig = *state;

	status_frame(rig, deliver(rig, 5, 1), 0, 0x02, 0, 18);
	mpi_put_be32(at(&rig->host, IU_AT) + STATUS_IU_SENSE_LENGTH, 19);
	send_fires(rig, RULE_MESSAGE);
}

static void an_iu_with_huge_lists(void **state)
{
	struct rig *rig = *state;

	status_frame(rig, deliver(rig, 5, 1), 0, 0x02, 5, 18);
	mpi_put_be32(at(&rig->host, IU_AT) + STATUS_IU_SENSE_LENGTH, 0xfffffff0);
	mpi_put_be32(at(&rig->host, IU_AT) + STATUS_IU_FAILURES_LENGTH, 0x20);
	send_fires(rig, RULE_MESSAGE);
}

static void more_sense_than_there_can_be(void **state)
{
	status_frame(*state, deliver(*state, 5, 1), 0, 0x02, 0, 253);
	send_fires(*state, RULE_MESSAGE);
}

static uint32_t deliver_priority(struct rig *rig, enum bus_tmf tmf)
{
	struct bus_command command = simple_command(1);
	uint8_t reply[80];

	command.disconnect = false;
	command.tmf = tmf;
	post_and_ack(rig, 5);
	start(rig, &command);
	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_PRIORITY_IO);
	return mpi_get32(reply + POST_REPLY_WORD);
}

/* HW-91 */
static void priority_io_without_high_priority(void **state)
{
	assist_frame(*state, deliver_priority(*state, BUS_TMF_NONE), ASSIST_TO_INITIATOR, 0, 512);
	send_fires(*state, RULE_MESSAGE);
}

/* HW-91 */
static void the_last_message_of_priority_io_without_repost(void **state)
{
	struct rig *rig = *state;

	io_frame(rig, FN_TARGET_STATUS, deliver_priority(rig, BUS_TMF_NONE),
		 STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	fires(rig, RULE_MESSAGE);
}

/* HW-92 */
static void high_priority_by_the_normal_fifo(void **state)
{
	assist_frame(*state, deliver_priority(*state, BUS_TMF_NONE),
		     ASSIST_TO_INITIATOR | ASSIST_HIGH_PRIORITY, 0, 512);
	send_fires(*state, RULE_MESSAGE);
}

static void data_for_a_task_management_function(void **state)
{
	struct rig *rig = *state;

	assist_frame(rig, deliver_priority(rig, BUS_TMF_ABORT_TASK_SET),
		     READ_ALL | ASSIST_HIGH_PRIORITY | ASSIST_REPOST, 0, 512);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	fires(rig, RULE_MESSAGE);
}

static void an_abort_of_an_unknown_type(void **state)
{
	new_frame(&((struct rig *)*state)->host, FN_TARGET_ABORT)[ABORT_TYPE] = 4;
	send_fires(*state, RULE_MESSAGE);
}

static void target_messages_that_are_cut_off(void **state)
{
	static const struct { uint8_t function, length;
	} cut[] = {
		{FN_TARGET_POST, 8},
		{FN_TARGET_ASSIST, 28},
		{FN_TARGET_STATUS, 20},
		{FN_TARGET_ABORT, 16},
	};
	struct rig *rig = *state;
	uint8_t message[32] = { 0 }, reply[64];
	unsigned int i;

	for (i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		message[REQ_FUNCTION] = cut[i].function;
		handshake(&rig->host, message, cut[i].length, reply, sizeof(reply));
		run(&rig->host);
		assert_int_equal(rig->host.counters.violations, i + 1);
		message_unit_reset(&rig->host);
		make_operational(&rig->host, NR_REPLY_FRAMES);
	}
}

/* What a violation does, and what it does not. */

static void a_violation_stops_this_function_only(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(2);
	struct host other;

	host_start_on(&other, rig->host.bus, ROLE_TARGET, NULL);
	make_operational(&other, NR_REPLY_FRAMES);
	assert_int_equal(set_port_page_1(&other, 3, 1 << 3, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	port_enable(&other);
	post_and_ack(rig, 5);
	post_one(rig, 5);
	fires(rig, RULE_POSTED_TWICE);
	start(rig, &command);
	assert_int_equal(rig->peer.result.status, 0x08);
	assert_int_equal(pop(&rig->host), EMPTY);
	start_at(rig, 3, &command);
	assert_int_equal(rig->peer.result.status, 0x08);
	assert_int_equal(registers_state(other.fw->registers), IOC_OPERATIONAL);
	assert_int_equal(other.counters.violations, 0);
	host_stop_alone(&other);
}

static void a_reset_makes_the_function_usable_again(void **state)
{
	struct rig *rig = *state;
	uint32_t word;

	post_and_ack(rig, 5);
	post_one(rig, 5);
	fires(rig, RULE_POSTED_TWICE);
	diagnostic_reset(&rig->host);
	make_operational(&rig->host, NR_REPLY_FRAMES);
	assert_int_equal(set_port_page_1(&rig->host, TARGET_ID, 1, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	port_enable(&rig->host);
	word = deliver(rig, 5, 1);
	good(rig, word, STATUS_SEND_REPOST);
	expect_word(rig, word);
	assert_int_equal(rig->host.counters.violations, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
#define PLAIN(name) cmocka_unit_test_setup_teardown(name, rig_setup_plain, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_a_name),
		TEST(a_posted_buffer_posted_again),
		TEST(the_same_buffer_twice_in_one_post),
		TEST(a_buffer_posted_under_its_open_command),
		TEST(a_buffer_posted_while_its_message_is_outstanding),
		TEST(a_buffer_posted_before_its_completion_was_taken),
		TEST(a_buffer_posted_although_repost_was_asked),
		PLAIN(a_buffer_posted_after_6b_with_repost),
		TEST(a_message_for_a_buffer_never_posted),
		TEST(a_message_for_a_posted_buffer),
		TEST(a_message_before_the_command_was_taken),
		TEST(two_messages_at_once),
		TEST(a_message_before_the_last_ones_reply_was_taken),
		TEST(another_reply_word),
		TEST(a_reply_word_without_its_type),
		TEST(a_list_shorter_than_the_data),
		TEST(a_list_longer_than_the_data),
		TEST(a_list_in_the_other_direction),
		TEST(a_write_list_to_the_card),
		TEST(a_list_without_end),
		TEST(a_transaction_element),
		TEST(a_status_list_of_two_elements),
		TEST(a_status_list_towards_the_host),
		TEST(a_status_iu_that_is_too_long),
		TEST(a_status_iu_that_is_too_short),
		TEST(a_chain_past_the_frame),
		TEST(a_chain_offset_after_the_end_of_the_list),
		TEST(one_chain_too_many),
		TEST(a_post_chain_that_is_none),
		TEST(a_status_with_a_chain),
		TEST(an_assist_that_leaves_a_gap),
		TEST(an_assist_that_starts_over),
		TEST(an_assist_past_four_gigabytes),
		TEST(a_reply_frame_returned_twice),
		TEST(a_reply_frame_given_twice_before_init),
		TEST(a_reply_frame_never_returned),
		TEST(a_reply_frame_held_for_a_moment_only_is_fine),
		TEST(frames_lost_by_a_diagnostic_reset_are_fine),
		TEST(a_second_status),
		TEST(an_assist_after_auto_status),
		TEST(a_status_after_an_error_reply),
		TEST(data_outside_memory),
		TEST(a_chain_outside_memory),
		TEST(a_status_iu_outside_memory),
		TEST(a_command_buffer_outside_memory),
		TEST(a_request_frame_outside_memory),
		TEST(a_reply_frame_outside_memory),
		TEST(a_buffer_in_no_ones_hands_at_shutdown),
		TEST(a_buffer_in_no_ones_hands_at_a_reset),
		TEST(a_buffer_lost_after_an_abort),
		TEST(a_buffer_lost_after_an_error),
		TEST(a_shutdown_in_order_is_fine),
		TEST(a_completion_not_taken_yet_is_no_lost_buffer),
		TEST(an_abort_of_buffers_with_addresses_left_judges_nothing),
		TEST(an_index_of_more_than_14_bits),
		TEST(a_post_of_no_buffers),
		TEST(a_post_of_buffers_that_are_too_small),
		TEST(a_post_with_fewer_descriptors_than_it_says),
		TEST(another_tag),
		TEST(another_lun),
		TEST(reserved_flags),
		TEST(assist_flags_in_a_status),
		TEST(repost_without_a_status),
		TEST(auto_status_of_something_else_than_good),
		TEST(auto_good_of_something_else),
		TEST(an_iu_that_contradicts_the_status),
		TEST(an_iu_shorter_than_its_sense),
		TEST(an_iu_with_huge_lists),
		TEST(more_sense_than_there_can_be),
		PLAIN(priority_io_without_high_priority),
		PLAIN(the_last_message_of_priority_io_without_repost),
		PLAIN(high_priority_by_the_normal_fifo),
		TEST(data_for_a_task_management_function),
		TEST(an_abort_of_an_unknown_type),
		TEST(target_messages_that_are_cut_off),
		TEST(a_violation_stops_this_function_only),
		TEST(a_reset_makes_the_function_usable_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
