// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the target's firmware does if a disputed or unproven fact falls the other
 * way.  The defaults are tested with everything else, in test_target.c.
 */
#include "target_fixture.h"

#define SECOND_ID 15
#define SLOW_PERIOD 0x32
#define TARGET_PIECE_AND_MORE 65538u
#define PRIORITY_GOOD \
	(STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST)

static int teardown(void **state)
{
	struct rig *rig = *state;

	assert_no_violation(&rig->host);
	return rig_teardown(state);
}

static void send_high_priority(struct rig *rig)
{
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
}

/* HW-50 */

static void tune_one_buffer(struct function_options *options)
{
	options->post_batch = 1;
}

static int setup_one_buffer(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_one_buffer);
}

static void a_post_of_too_many_buffers_is_refused_as_a_whole(void **state)
{
	static const uint16_t indexes[] = { 3, 4 };
	struct bus_command command = simple_command(1);
	struct rig *rig = *state;

	post_frame(rig, indexes, 2);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_INVALID_FIELD);
	start(rig, &command);
	assert_int_equal(rig->peer.result.status, 0x08);
	/* The host still owns both. */
	post_and_ack(rig, 3);
	post_and_ack(rig, 4);
}

/* HW-59, HW-60 */

static void tune_by_arrival(struct function_options *options)
{
	options->initiator_index = INDEX_BY_ARRIVAL;
}

static int setup_by_arrival(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_by_arrival);
}

/* The index in the word of a command that @peer sends. */
static unsigned int index_of(struct rig *rig, struct peer *peer)
{
	struct bus_command command = simple_command(1);
	uint32_t word;

	post_and_ack(rig, 5);
	assert_int_equal(bus_start(peer->port, TARGET_ID, &command, NULL, &peer->task), 0);
	run(&rig->host);
	word = pop(&rig->host);
	run(&rig->host);
	good(rig, word, 0);
	expect_word(rig, word);
	return word >> CONTEXT_REPLY_INITIATOR_SHIFT & 0xfff;
}

static void assert_indexes(struct rig *rig, unsigned int first, unsigned int second)
{
	struct peer peer;

	peer_join(&peer, rig->host.bus, SECOND_ID, true, 0);
	assert_int_equal(index_of(rig, &peer), first);
	assert_int_equal(index_of(rig, &rig->peer), second);
	assert_int_equal(index_of(rig, &peer), first);
	assert_int_equal(index_of(rig, &rig->peer), second);
	peer_leave(&peer);
}

static void an_initiators_index_is_its_id_and_below_16(void **state)
{
	assert_indexes(*state, SECOND_ID, INITIATOR_ID);
}

static void initiators_may_be_numbered_as_they_come(void **state)
{
	struct rig *rig = *state;

	assert_indexes(rig, 0, 1);
	post_and_ack(rig, 5);
	message_unit_reset(&rig->host);
	make_operational(&rig->host, NR_REPLY_FRAMES);
	port_enable(&rig->host);
	assert_int_equal(index_of(rig, &rig->peer), 0);
}

/* HW-66 */

static void tune_simple(struct function_options *options)
{
	options->untagged_attribute = UNTAGGED_SHOWS_SIMPLE;
}

static int setup_simple(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, false, tune_simple);
}

static void untagged_commands_may_look_simple(void **state)
{
	struct bus_command command = simple_command(0x55);
	struct rig *rig = *state;

	command.attribute = BUS_UNTAGGED;
	post_and_ack(rig, 5);
	start(rig, &command);
	assert_int_equal(pop(&rig->host) & CONTEXT_REPLY_INDEX_MASK, 5);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_ATTRIBUTE], 0);
	assert_int_equal(mpi_get16(buffer_of(rig, 5) + SPI_BUFFER_TAG), 0);
	/* Tagged ones say what they are. */
	command.attribute = BUS_ORDERED;
	command.lun[1] = 4;
	post_and_ack(rig, 6);
	start(rig, &command);
	assert_int_equal(buffer_of(rig, 6)[SPI_BUFFER_ATTRIBUTE], BUS_ORDERED);
}

/* HW-95 */

static void tune_at_once(struct function_options *options)
{
	options->tmf_end = TMF_ENDS_AT_ONCE;
}

static int setup_at_once(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_at_once);
}

static uint32_t deliver_lun_reset(struct rig *rig, uint16_t index)
{
	struct bus_command command = simple_command(0);
	uint8_t reply[80];

	command.tmf = BUS_TMF_LOGICAL_UNIT_RESET;
	post_and_ack(rig, index);
	start(rig, &command);
	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_PRIORITY_IO);
	return mpi_get32(reply + POST_REPLY_WORD);
}

static void a_function_may_be_over_before_its_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver_lun_reset(rig, 5);

	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_TMF_DONE);
	io_frame(rig, FN_TARGET_STATUS, word, PRIORITY_GOOD);
	send_high_priority(rig);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
	/* The buffer is the IOC's again. */
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_ABORTED);
	expect_abort_reply(rig, 1);
}

static void the_failure_of_a_function_that_is_over_is_told_to_nobody(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver_lun_reset(rig, 5);

	status_frame(rig, word, STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST, 0, 0x05, 0);
	send_high_priority(rig);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.response, 0);
}

static void a_function_that_is_over_can_be_aborted(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver_lun_reset(rig, 5);

	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_abort_reply(rig, 1);
	post_and_ack(rig, 5);
}

/* HW-127 */

static void abort_of_a_message_may_be_refused(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	abort_by_handshake(rig, ABORT_EXACT_REQUEST, word, 0x1234);
	expect_abort_answer(rig, STATUS_INVALID_FIELD, 0);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_abort_reply(rig, 1);
	post_and_ack(rig, 5);
}

/* HW-97 */

static void tune_not_kept(struct function_options *options)
{
	options->repost_after_6b = false;
}

static int setup_not_kept(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, false, tune_not_kept);
}

static void after_6b_with_repost_the_buffer_may_be_the_hosts(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_frame(rig, word, STATUS_SEND_REPOST, 0x02, 0, 18);
	send(&rig->host);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_STS_DATA_NOT_SENT, word, 0);
	post_and_ack(rig, 5);
}

/* HW-98 */

static void tune_length_fault(struct function_options *options)
{
	options->length_fault = true;
}

static int setup_length_fault(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_length_fault);
}

static unsigned int bytes_that_arrive(struct rig *rig, uint32_t length)
{
	uint32_t word = deliver(rig, 5, 1);
	unsigned int count = 0;

	memset(at(&rig->host, DATA_AT), 0xa5, length);
	memset(rig->peer.data, 0, length);
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, length);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.status, 0);
	while (count < length && rig->peer.data[count] == 0xa5)
		count++;
	return count;
}

static void fast_transfers_of_odd_lengths_lose_bytes(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(bytes_that_arrive(rig, 513), 512);
	assert_int_equal(bytes_that_arrive(rig, 3), 0);
	assert_int_equal(bytes_that_arrive(rig, TARGET_PIECE_AND_MORE), TARGET_PIECE_AND_MORE - 2);
	assert_int_equal(bytes_that_arrive(rig, 516), 516);
}

static void slow_transfers_of_odd_lengths_are_whole(void **state)
{
	const struct bus_parameters slow = { .period = SLOW_PERIOD, .offset = 15, .wide = true };
	struct rig *rig = *state;

	bus_set_request(rig->peer.port, TARGET_ID, &slow);
	assert_int_equal(bytes_that_arrive(rig, 513), 513);
}

/* HW-99 */

static void tune_frame_limit(struct function_options *options)
{
	options->frame_limit = 64;
}

static int setup_frame_limit(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_frame_limit);
}

/* An assist of @count elements of 16 bytes each, the last of them in a chain if @chained is set. */
static void assist_of(struct rig *rig, uint32_t word, unsigned int count, unsigned int chained)
{
	uint8_t *frame = assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 0);
	uint8_t *element = frame + ASSIST_SGL;
	unsigned int i;

	mpi_put32(frame + ASSIST_DATA_LENGTH, 16 * count);
	for (i = 0; i < count; i++, element += 12) {
		bool last = i == count - 1, before_chain = chained && i == count - chained - 1;

		put_element(element, last ? WHOLE_LIST | SGE_TO_IOC :
			    SGE_SIMPLE | SGE_TO_IOC | (before_chain ? SGE_LAST_ELEMENT : 0),
			    DATA_AT + 16 * i, 16);
		if (!before_chain)
			continue;
		frame[REQ_CHAIN_OFFSET] = (uint8_t)((element + 12 - frame) / 4);
		put_element(element + 12, SGE_CHAIN, CHAIN_AT, 12 * chained);
		element = at(&rig->host, CHAIN_AT) - 12;
	}
	send(&rig->host);
}

static void expect_frame_failure(struct rig *rig, uint32_t word)
{
	uint8_t reply[TARGET_REPLY_SIZE];

	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_ASSIST);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS),
			 STATUS_INTERNAL_ERROR | STATUS_LOG_INFO_AVAILABLE);
	assert_int_equal(mpi_get32(reply + REPLY_LOG_INFO), 0x11070000);
	assert_int_equal(mpi_get32(reply + TARGET_REPLY_WORD_ECHO), word);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	assert_int_equal(rig->host.counters.outstanding, 0);
}

static void frames_within_the_limit_work(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_of(rig, word, 2, 0);
	expect_word(rig, word);
	word = deliver(rig, 5, 2);
	assist_of(rig, word, 6, 5);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 2);
	assert_int_equal(rig->peer.result.outcome, BUS_STATUS);
}

static void an_assist_fails_if_its_frame_is_used_too_far(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_of(rig, word, 3, 0);
	expect_frame_failure(rig, word);
	post_and_ack(rig, 5);
}

static void an_assist_fails_if_its_chain_is_used_too_far(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_of(rig, word, 7, 6);
	expect_frame_failure(rig, word);
	word = deliver(rig, 6, 2);
	/* The chain element counts too. */
	assist_of(rig, word, 3, 1);
	expect_frame_failure(rig, word);
}

/* HW-107 */

static void tune_retryable(struct function_options *options)
{
	options->bus_reset_status = RESET_IS_RETRYABLE;
}

static void tune_no_connection(struct function_options *options)
{
	options->bus_reset_status = RESET_IS_NO_CONNECTION;
}

static void reset_in_the_middle(uint16_t status, void (*tune)(struct function_options *))
{
	void *state;
	struct rig *rig;
	uint32_t first, second;

	rig_setup_as(&state, ROLE_TARGET, true, tune);
	rig = state;
	first = deliver(rig, 5, 1);
	second = deliver(rig, 6, 2);
	assist_frame(rig, first, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	registers_work(rig->host.fw->registers, 64);
	bus_reset(rig->peer.port);
	run(&rig->host);
	expect_error(rig, FN_TARGET_ASSIST, status, first, 0);
	good(rig, second, STATUS_SEND_REPOST);
	expect_error(rig, FN_TARGET_STATUS, status, second, 0);
	teardown(&state);
}

static void messages_for_tasks_that_a_reset_ended_may_be_answered_otherwise(void **state)
{
	(void)state;
	reset_in_the_middle(STATUS_TARGET_ABORTED, NULL);
	reset_in_the_middle(STATUS_TARGET_NO_CONN_RETRYABLE, tune_retryable);
	reset_in_the_middle(STATUS_TARGET_NO_CONNECTION, tune_no_connection);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_post_of_too_many_buffers_is_refused_as_a_whole, setup_one_buffer),
		TEST(an_initiators_index_is_its_id_and_below_16, rig_setup),
		TEST(initiators_may_be_numbered_as_they_come, setup_by_arrival),
		TEST(untagged_commands_may_look_simple, setup_simple),
		TEST(a_function_may_be_over_before_its_status, setup_at_once),
		TEST(the_failure_of_a_function_that_is_over_is_told_to_nobody, setup_at_once),
		TEST(a_function_that_is_over_can_be_aborted, setup_at_once),
		TEST(abort_of_a_message_may_be_refused, rig_setup_no_message_abort),
		TEST(after_6b_with_repost_the_buffer_may_be_the_hosts, setup_not_kept),
		TEST(fast_transfers_of_odd_lengths_lose_bytes, setup_length_fault),
		TEST(slow_transfers_of_odd_lengths_are_whole, setup_length_fault),
		TEST(frames_within_the_limit_work, setup_frame_limit),
		TEST(an_assist_fails_if_its_frame_is_used_too_far, setup_frame_limit),
		TEST(an_assist_fails_if_its_chain_is_used_too_far, setup_frame_limit),
		cmocka_unit_test(messages_for_tasks_that_a_reset_ended_may_be_answered_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
