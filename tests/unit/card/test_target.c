// SPDX-License-Identifier: GPL-2.0-or-later
#include "target_fixture.h"

static void late_acks(struct function_options *options)
{
	options->late_post_ack = true;
}

static void few_buffers(struct function_options *options)
{
	options->max_posted = 4;
}

static int setup_late(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, late_acks);
}

static int setup_few(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, few_buffers);
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	assert_no_violation(&rig->host);
	return rig_teardown(state);
}

/* Posting */

/* HW-52, HW-24 */
static void a_post_is_acknowledged_by_five_dwords(void **state)
{
	struct rig *rig = *state;
	uint8_t reply[80];

	post_one(rig, 9);
	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_POST);
	assert_int_equal(reply[REPLY_LENGTH], 5);
	assert_int_equal(reply[POST_COUNT], 1);
	assert_int_equal(reply[POST_LENGTH], 64);
	assert_int_equal(mpi_get32(reply + REPLY_CONTEXT) & 0xffff0000, TEST_CONTEXT);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_SUCCESS);
	assert_empty(&rig->host);
}

/* HW-49, HW-50 */
static void one_post_holds_several_buffers_of_both_widths(void **state)
{
	struct rig *rig = *state;
	static const uint16_t indexes[] = { 3, 0x3fff, 5 };
	uint8_t *frame;

	post_frame(rig, indexes, 3);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	frame = new_frame(&rig->host, FN_TARGET_POST);
	frame[POST_COUNT] = 2;
	frame[POST_LENGTH] = 40;
	mpi_put16(frame + 0x0c, 100);
	mpi_put16(frame + 0x14, 101);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_ABORTED);
	expect_abort_reply(rig, 5);
}

static void a_post_goes_on_in_chains(void **state)
{
	struct rig *rig = *state;
	static const uint16_t indexes[] = { 1, 2 };
	uint8_t *frame = post_frame(rig, indexes, 2), *chain = at(&rig->host, CHAIN_AT);

	frame[POST_COUNT] = 4;
	frame[REQ_CHAIN_OFFSET] = 9;
	put_element(frame + 36, SGE_CHAIN, CHAIN_AT, 24 | 3 << 16);
	mpi_put16(chain, 3);
	mpi_put64(chain + 4, MEMORY_BASE + BUFFERS_AT + 64 * 3);
	put_element(chain + 12, SGE_CHAIN, CHAIN_AT + 64, 12);
	mpi_put16(chain + 64, 4);
	mpi_put64(chain + 68, MEMORY_BASE + BUFFERS_AT + 64 * 4);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_ABORTED);
	expect_abort_reply(rig, 4);
}

/* HW-55 */
static void more_buffers_than_the_ioc_holds_are_refused(void **state)
{
	struct rig *rig = *state;
	uint16_t indexes[] = { 0, 1, 2, 3, 4 };

	post_frame(rig, indexes, 4);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	post_frame(rig, indexes + 4, 1);
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_INSUFFICIENT_RESOURCES);
}

static void a_post_to_another_port_is_refused(void **state)
{
	struct rig *rig = *state;
	uint16_t index = 1;

	post_frame(rig, &index, 1)[POST_FLAGS] |= POST_FLAG_PORT;
	send(&rig->host);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_INVALID_PORT);
}

/* HW-51 */
static void buffers_may_be_posted_before_the_port_is_enabled(void **state)
{
	struct rig *rig = *state;

	message_unit_reset(&rig->host);
	make_operational(&rig->host, NR_REPLY_FRAMES);
	post_and_ack(rig, 1);
	port_enable(&rig->host);
	assert_no_violation(&rig->host);
}

/* HW-53 */
static void the_ack_comes_first_by_default(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint16_t index = 2;

	post_frame(rig, &index, 1);
	write_frame(&rig->host, REQUEST_FIFO);
	start(rig, &command);
	/* The first pass of the loop had both waiting. */
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
	assert_int_equal(pop(&rig->host) & CONTEXT_REPLY_INDEX_MASK, 2);
}

/* HW-53 */
static void a_late_ack_is_overtaken_by_the_command(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint16_t index = 2;

	post_and_ack(rig, 1);
	post_frame(rig, &index, 1);
	write_frame(&rig->host, REQUEST_FIFO);
	start(rig, &command);
	expect_word(rig, CONTEXT_REPLY_TARGET | INITIATOR_ID << 14 | 2);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
}

/* Arrival */

/* HW-56, HW-60, HW-61, HW-63, HW-124, HW-125 */
static void a_command_fills_the_buffer_before_its_word_comes(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(0x1234);
	uint32_t word = deliver(rig, 5, 0x1234);
	const uint8_t *buffer = buffer_of(rig, 5);

	assert_int_equal(word, CONTEXT_REPLY_TARGET | INITIATOR_ID << 14 | 5);
	assert_int_equal(buffer[SPI_BUFFER_TYPE], SPI_BUFFER_TYPE_COMMAND);
	assert_int_equal(mpi_get32(buffer + SPI_BUFFER_DATA_LENGTH), 0);
	assert_int_equal(mpi_get16(buffer + SPI_BUFFER_TAG), 0x1234);
	assert_memory_equal(buffer + SPI_BUFFER_LUN, command.lun, 8);
	assert_memory_equal(buffer + SPI_BUFFER_CDB, command.cdb, 10);
	assert_int_equal(buffer[SPI_BUFFER_ATTRIBUTE], BUS_SIMPLE);
	assert_int_equal(buffer[SPI_BUFFER_TMF], 0);
	assert_int_equal(buffer[SPI_BUFFER_ALIAS], TARGET_ID);
	assert_int_equal(rig->host.counters.commands, 1);
	assert_int_equal(rig->host.counters.outstanding, 1);
}

/* HW-62, HW-66 */
static void an_untagged_command_shows_attribute_5_and_tag_0(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(0x55);

	command.attribute = BUS_UNTAGGED;
	post_and_ack(rig, 5);
	start(rig, &command);
	assert_int_equal(pop(&rig->host) & CONTEXT_REPLY_INDEX_MASK, 5);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_TYPE], 0);	/* HW-124 */
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_ATTRIBUTE], 5);
	assert_int_equal(mpi_get16(buffer_of(rig, 5) + SPI_BUFFER_TAG), 0);
}

/* HW-67 */
static void another_id_shows_as_alias(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint32_t word;

	set_port_page_1(&rig->host, TARGET_ID, 0x0011, TARGET_CONFIG_TARGET_ONLY);
	post_and_ack(rig, 5);
	start_at(rig, 4, &command);
	word = pop(&rig->host);
	assert_true(word & CONTEXT_REPLY_ALIAS);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_ALIAS], 4);
}

/* HW-121 */
static void a_long_cdb_is_cut_and_its_length_told(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);

	memset(command.cdb, 0x7f, sizeof(command.cdb));
	command.cdb_length = 32;
	post_and_ack(rig, 5);
	start(rig, &command);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_ADD_CDB], 4 << 2);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_CDB + 15], 0x7f);
	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_ALIAS], TARGET_ID);
}

static void the_oldest_buffer_goes_first(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);

	post_and_ack(rig, 8);
	post_and_ack(rig, 3);
	start(rig, &command);
	assert_int_equal(pop(&rig->host) & CONTEXT_REPLY_INDEX_MASK, 8);
}

/* HW-68 */
static void without_a_buffer_the_initiator_is_told_busy(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);

	start(rig, &command);
	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_STATUS);
	assert_int_equal(rig->peer.result.status, 0x08);
	assert_int_equal(rig->host.counters.commands, 0);
}

/* Data and status */

static void fill(uint8_t *p, size_t length, uint8_t seed)
{
	size_t i;

	for (i = 0; i < length; i++)
		p[i] = (uint8_t)(i * 7 + (i >> 8) + seed);
}

/* HW-70, HW-72, HW-57 */
static void a_read_is_one_assist_with_auto_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	fill(at(&rig->host, DATA_AT), 4096, 1);
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 4096);
	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.status, 0);
	assert_memory_equal(rig->peer.data, at(&rig->host, DATA_AT), 4096);
	expect_word(rig, word);
	assert_empty(&rig->host);
	assert_int_equal(rig->host.counters.outstanding, 0);
	post_and_ack(rig, 5);
}

/* HW-73, HW-54 */
static void repost_gives_the_buffer_back_without_an_ack(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(2);
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_REPOST, 0, 512);
	expect_word(rig, word);
	assert_empty(&rig->host);
	start(rig, &command);
	expect_word(rig, word);
	good(rig, word, STATUS_SEND_REPOST);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 2);
}

/* HW-75 */
static void a_write_is_an_assist_and_a_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	fill(rig->peer.data, 8192, 2);
	assist(rig, word, 0, 0, 8192);
	assert_int_equal(rig->peer.ended, 0);
	expect_word(rig, word);
	assert_memory_equal(at(&rig->host, DATA_AT), rig->peer.data, 8192);
	good(rig, word, STATUS_SEND_REPOST);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.status, 0);
}

/* HW-71 */
static void several_assists_move_one_commands_data(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	fill(at(&rig->host, DATA_AT), 3000, 3);
	assist(rig, word, ASSIST_TO_INITIATOR, 0, 1000);
	expect_word(rig, word);
	assist(rig, word, ASSIST_TO_INITIATOR, 1000, 1000);
	expect_word(rig, word);
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_REPOST, 2000, 1000);
	expect_word(rig, word);
	assert_memory_equal(rig->peer.data, at(&rig->host, DATA_AT), 3000);
	assert_int_equal(rig->peer.ended, 1);
}

static void large_data_moves_in_bounded_pieces(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	fill(at(&rig->host, DATA_AT), PEER_DATA, 4);
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, PEER_DATA);
	assert_int_equal(rig->peer.largest, 65536);
	assert_memory_equal(rig->peer.data, at(&rig->host, DATA_AT), PEER_DATA);
	expect_word(rig, word);
}

/* HW-35, HW-36 */
static void an_assist_may_have_chains(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint8_t *frame = assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 300);
	uint8_t *chain = at(&rig->host, CHAIN_AT);

	fill(at(&rig->host, DATA_AT), 300, 5);
	frame[REQ_CHAIN_OFFSET] = (ASSIST_SGL + 12) / 4;
	put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT, 100);
	put_element(frame + ASSIST_SGL + 12, SGE_CHAIN, CHAIN_AT, 24);
	put_element(chain, SGE_SIMPLE | SGE_TO_IOC, DATA_AT + 100, 1);
	put_element(chain + 12, WHOLE_LIST | SGE_TO_IOC, DATA_AT + 101, 199);
	send(&rig->host);
	expect_word(rig, word);
	assert_memory_equal(rig->peer.data, at(&rig->host, DATA_AT), 300);
}

static void an_assist_of_no_data_just_completes(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 0);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
}

/* More than the initiator expects is its own affair. */
static void an_overrun_is_not_the_targets_error(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	rig->peer.data_size = 100;
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 512);
	expect_word(rig, word);
	word = deliver(rig, 6, 2);
	memset(at(&rig->host, DATA_AT), 0xee, 512);
	assist(rig, word, 0, 0, 512);
	expect_word(rig, word);
	assert_int_equal(at(&rig->host, DATA_AT)[511], 0);
}

/* HW-81 */
static void an_initiator_that_fails_ends_the_io(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	rig->peer.data_error = -EFAULT;
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_REPOST, 0, 512);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_NO_CONNECTION, word, 0);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	assert_int_equal(rig->host.counters.outstanding, 0);
	/* HW-79: REPOST did not happen. */
	post_and_ack(rig, 5);
}

/* HW-76, HW-87 */
static void status_and_sense_go_together_when_packetized(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_frame(rig, word, 0, 0x02, 0, 252);
	send(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.status, 0x02);
	assert_int_equal(rig->peer.result.sense_length, 252);
	assert_int_equal(rig->peer.sense[0], 0x70);
	assert_int_equal(rig->peer.sense[251], (uint8_t)(0x70 + 251));
	post_and_ack(rig, 5);
}

static void every_status_without_an_iu_is_sent(void **state)
{
	static const uint8_t statuses[] = { 0x00, 0x02, 0x08, 0x18, 0x28, 0x30, 0x40 };
	struct rig *rig = *state;
	unsigned int i;

	for (i = 0; i < sizeof(statuses); i++) {
		uint32_t word = deliver(rig, 5, (uint16_t)i);
		uint8_t *frame = status_frame(rig, word, 0, statuses[i], 0, 0);

		if (i & 1)
			put_element(frame + STATUS_SEND_SGE, WHOLE_LIST | SGE_TO_IOC, IU_AT, 0);
		send(&rig->host);
		expect_word(rig, word);
		assert_int_equal(rig->peer.ended, i + 1);
		assert_int_equal(rig->peer.result.status, statuses[i]);
		assert_int_equal(rig->peer.result.sense_length, 0);
	}
}

/* HW-82 */
static void sense_on_a_plain_nexus_ends_in_6b(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_frame(rig, word, 0, 0x02, 0, 18);
	send(&rig->host);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_STS_DATA_NOT_SENT, word, 0);
	assert_int_equal(rig->peer.result.status, 0x02);
	assert_int_equal(rig->peer.result.sense_length, 0);
	post_and_ack(rig, 5);
}

/* HW-97 */
static void after_6b_with_repost_the_buffer_is_the_iocs(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(2);
	uint32_t word = deliver(rig, 5, 1);

	status_frame(rig, word, STATUS_SEND_REPOST, 0x02, 0, 18);
	send(&rig->host);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_STS_DATA_NOT_SENT, word, 0);
	start(rig, &command);
	expect_word(rig, word);
}

/* Priority I/O */

static uint32_t pop_priority(struct rig *rig, uint8_t reason)
{
	uint8_t reply[80];

	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_POST);
	assert_int_equal(reply[REPLY_LENGTH], 6);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_PRIORITY_IO);
	assert_int_equal(reply[POST_REPLY_REASON], reason);
	assert_int_equal(mpi_get32(reply + REPLY_CONTEXT) & 0xffff0000, TEST_CONTEXT);
	return mpi_get32(reply + POST_REPLY_WORD);
}

/* HW-90, HW-91, HW-93 */
static void an_initiator_without_disconnection_is_priority_io(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint32_t word;

	command.disconnect = false;
	post_and_ack(rig, 5);
	start(rig, &command);
	word = pop_priority(rig, REASON_NO_DISCONNECT);
	assert_int_equal(word, CONTEXT_REPLY_TARGET | INITIATOR_ID << 14 | 5);
	assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_HIGH_PRIORITY, 0, 512);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, word);
	io_frame(rig, FN_TARGET_STATUS, word,
		 STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
}

/* HW-92 */
static void priority_messages_may_come_by_the_doorbell(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(1);
	uint8_t reply[64], *frame;
	uint32_t word;

	command.disconnect = false;
	post_and_ack(rig, 5);
	start(rig, &command);
	word = pop_priority(rig, REASON_NO_DISCONNECT);
	frame = assist_frame(rig, word,
			     ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_HIGH_PRIORITY |
				     ASSIST_REPOST,
			     0, 512);
	/* Only what is used: header and one element. */
	assert_int_equal(handshake(&rig->host, frame, ASSIST_SGL + 12, reply, sizeof(reply)), 0);
	run(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
}

static uint32_t start_tmf(struct rig *rig, uint16_t index, enum bus_tmf tmf, uint16_t tag)
{
	struct bus_command command = simple_command(tag);

	command.tmf = tmf;
	post_and_ack(rig, index);
	start(rig, &command);
	return pop_priority(rig, REASON_TASK_MANAGEMENT);
}

/* HW-94, HW-95 */
static void task_management_is_priority_io_ended_by_a_status(void **state)
{
	struct rig *rig = *state;
	uint32_t word = start_tmf(rig, 5, BUS_TMF_LOGICAL_UNIT_RESET, 0);

	assert_int_equal(buffer_of(rig, 5)[SPI_BUFFER_TMF], BUS_TMF_LOGICAL_UNIT_RESET);
	assert_int_equal(rig->host.counters.commands, 0);
	io_frame(rig, FN_TARGET_STATUS, word,
		 STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.outcome, BUS_TMF_DONE);
	assert_int_equal(rig->peer.result.response, 0);
}

/* HW-95, HW-76 */
static void a_failed_function_answers_with_a_packet_failure_code(void **state)
{
	struct rig *rig = *state;
	uint32_t word;

	/* A command first: the function travels on what was agreed for it. */
	word = deliver(rig, 5, 1);
	good(rig, word, STATUS_SEND_REPOST);
	expect_word(rig, word);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_TARGET_ABORTED);
	expect_abort_reply(rig, 1);

	word = start_tmf(rig, 5, BUS_TMF_ABORT_TASK, 0x77);
	status_frame(rig, word, STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST, 0, 0x05, 0);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.outcome, BUS_TMF_DONE);
	assert_int_equal(rig->peer.result.response, 0x05);
}

/* Loss and abort */

/* HW-107 */
static void after_a_bus_reset_the_next_message_is_answered_63(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	bus_reset(rig->peer.port);
	run(&rig->host);
	assert_empty(&rig->host);
	assert_int_equal(rig->host.counters.outstanding, 0);
	assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	post_and_ack(rig, 5);
}

static void an_initiator_that_is_gone_is_65(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	bus_forget(rig->peer.task, BUS_SELECTION_TIMEOUT);
	run(&rig->host);
	good(rig, word, STATUS_SEND_REPOST);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_NO_CONNECTION, word, 0);
	post_and_ack(rig, 5);
}

/* A host that learned of the reset by event posts without a message. */
static void a_buffer_without_its_nexus_may_be_posted_at_once(void **state)
{
	struct rig *rig = *state;

	deliver(rig, 5, 1);
	bus_reset(rig->peer.port);
	run(&rig->host);
	post_and_ack(rig, 5);
}

/* HW-107 */
static void a_reset_during_an_assist_answers_it_63(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_REPOST, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	registers_work(rig->host.fw->registers, 64);
	bus_reset(rig->peer.port);
	run(&rig->host);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	post_and_ack(rig, 5);
}

static void a_task_given_up_in_the_middle_of_its_data_is_answered_once(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	rig->peer.forget_in_data = true;
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_REPOST, 0, 512);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	assert_empty(&rig->host);
	post_and_ack(rig, 5);
}

/* HW-85 */
static void abort_of_all_buffers_returns_each_one_first(void **state)
{
	struct rig *rig = *state;
	uint32_t open = deliver(rig, 5, 1);
	uint8_t reply[80];

	post_and_ack(rig, 6);
	post_and_ack(rig, 7);
	abort_by_handshake(rig, ABORT_ALL_CMD_BUFFERS, 0, 0);
	for (unsigned int i = 6; i <= 7; i++) {
		pop_reply(&rig->host, reply, sizeof(reply));
		assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_POST);
		assert_int_equal(reply[REPLY_LENGTH], 6);
		assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_ABORTED);
		assert_int_equal(mpi_get32(reply + POST_REPLY_WORD) & CONTEXT_REPLY_INDEX_MASK, i);
	}
	expect_abort_reply(rig, 2);
	/* The command in use goes on. */
	good(rig, open, 0);
	expect_word(rig, open);
	assert_int_equal(rig->peer.ended, 1);
}

/* HW-84 */
static void abort_of_an_io_with_nothing_outstanding_is_only_the_reply(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_abort_reply(rig, 1);
	assert_empty(&rig->host);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	post_and_ack(rig, 5);
}

/* HW-84 */
static void abort_of_an_io_answers_its_message_first(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	expect_abort_reply(rig, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	post_and_ack(rig, 5);
}

static void abort_of_another_io_finds_nothing(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	abort_by_handshake(rig, ABORT_EXACT_IO, word ^ 1 << 14, 0);
	expect_abort_reply(rig, 0);
	abort_by_handshake(rig, ABORT_EXACT_IO, CONTEXT_REPLY_TARGET | 77, 0);
	expect_abort_reply(rig, 0);
	good(rig, word, 0);
	expect_word(rig, word);
}

/* HW-83 */
static void abort_of_all_io_leaves_the_posted_buffers(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(9);

	deliver(rig, 5, 1);
	deliver(rig, 6, 2);
	post_and_ack(rig, 7);
	abort_by_handshake(rig, ABORT_ALL_IO, 0, 0);
	expect_abort_reply(rig, 2);
	assert_int_equal(rig->peer.ended, 2);
	start(rig, &command);
	assert_int_equal(pop(&rig->host) & CONTEXT_REPLY_INDEX_MASK, 7);
}

/* HW-83 */
static void abort_of_a_message_leaves_the_io_open(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint8_t *frame = assist_frame(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 512);
	uint32_t context = mpi_get32(frame + REQ_CONTEXT);

	write_frame(&rig->host, REQUEST_FIFO);
	abort_by_handshake(rig, ABORT_EXACT_REQUEST, word, context);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	expect_abort_reply(rig, 1);
	assert_int_equal(rig->peer.ended, 0);
	assist(rig, word, ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS, 0, 512);
	expect_word(rig, word);
	assert_int_equal(rig->peer.ended, 1);
}

/* Resets */

/* HW-102 */
static void a_reset_drops_commands_and_buffers(void **state)
{
	struct rig *rig = *state;
	struct bus_command command = simple_command(3);

	deliver(rig, 5, 1);
	post_and_ack(rig, 6);
	message_unit_reset(&rig->host);
	assert_int_equal(rig->peer.ended, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	make_operational(&rig->host, NR_REPLY_FRAMES);
	port_enable(&rig->host);
	start(rig, &command);
	assert_int_equal(rig->peer.result.status, 0x08);
	post_and_ack(rig, 6);
	assert_int_equal(rig->host.counters.outstanding, 0);
}

static void the_card_can_end_in_the_middle_of_anything(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	deliver(rig, 6, 2);
	post_and_ack(rig, 7);
	assist_frame(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	registers_work(rig->host.fw->registers, 64);
	/* teardown frees it all; the sanitizer judges */
}

static void memory_lost_while_data_moves_stops_the_ioc_quietly(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	assist_frame(rig, word, ASSIST_TO_INITIATOR, 0, 512);
	write_frame(&rig->host, REQUEST_FIFO);
	registers_work(rig->host.fw->registers, 64);
	rig->host.memory.error = -EIO;
	run(&rig->host);
	assert_int_equal(registers_state(rig->host.fw->registers), IOC_FAULT);
	assert_int_equal(rig->host.counters.violations, 0);
	rig->host.memory.error = 0;
	message_unit_reset(&rig->host);
	make_operational(&rig->host, NR_REPLY_FRAMES);
}

#define PACKETIZED(name) cmocka_unit_test_setup_teardown(name, rig_setup, teardown)
#define PLAIN(name) cmocka_unit_test_setup_teardown(name, rig_setup_plain, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACKETIZED(a_post_is_acknowledged_by_five_dwords),
		PACKETIZED(one_post_holds_several_buffers_of_both_widths),
		PACKETIZED(a_post_goes_on_in_chains),
		cmocka_unit_test_setup_teardown(more_buffers_than_the_ioc_holds_are_refused,
						setup_few, teardown),
		PACKETIZED(a_post_to_another_port_is_refused),
		PACKETIZED(buffers_may_be_posted_before_the_port_is_enabled),
		PACKETIZED(the_ack_comes_first_by_default),
		cmocka_unit_test_setup_teardown(a_late_ack_is_overtaken_by_the_command, setup_late,
						teardown),
		PACKETIZED(a_command_fills_the_buffer_before_its_word_comes),
		PLAIN(an_untagged_command_shows_attribute_5_and_tag_0),
		PACKETIZED(another_id_shows_as_alias),
		PACKETIZED(a_long_cdb_is_cut_and_its_length_told),
		PACKETIZED(the_oldest_buffer_goes_first),
		PACKETIZED(without_a_buffer_the_initiator_is_told_busy),
		PACKETIZED(a_read_is_one_assist_with_auto_status),
		PACKETIZED(repost_gives_the_buffer_back_without_an_ack),
		PACKETIZED(a_write_is_an_assist_and_a_status),
		PACKETIZED(several_assists_move_one_commands_data),
		PACKETIZED(large_data_moves_in_bounded_pieces),
		PACKETIZED(an_assist_may_have_chains),
		PACKETIZED(an_assist_of_no_data_just_completes),
		PACKETIZED(an_overrun_is_not_the_targets_error),
		PACKETIZED(an_initiator_that_fails_ends_the_io),
		PACKETIZED(status_and_sense_go_together_when_packetized),
		PACKETIZED(every_status_without_an_iu_is_sent),
		PLAIN(sense_on_a_plain_nexus_ends_in_6b),
		PLAIN(after_6b_with_repost_the_buffer_is_the_iocs),
		PLAIN(an_initiator_without_disconnection_is_priority_io),
		PLAIN(priority_messages_may_come_by_the_doorbell),
		PACKETIZED(task_management_is_priority_io_ended_by_a_status),
		PACKETIZED(a_failed_function_answers_with_a_packet_failure_code),
		PACKETIZED(after_a_bus_reset_the_next_message_is_answered_63),
		PACKETIZED(an_initiator_that_is_gone_is_65),
		PACKETIZED(a_buffer_without_its_nexus_may_be_posted_at_once),
		PACKETIZED(a_reset_during_an_assist_answers_it_63),
		PACKETIZED(a_task_given_up_in_the_middle_of_its_data_is_answered_once),
		PACKETIZED(abort_of_all_buffers_returns_each_one_first),
		PACKETIZED(abort_of_an_io_with_nothing_outstanding_is_only_the_reply),
		PACKETIZED(abort_of_an_io_answers_its_message_first),
		PACKETIZED(abort_of_another_io_finds_nothing),
		PACKETIZED(abort_of_all_io_leaves_the_posted_buffers),
		PACKETIZED(abort_of_a_message_leaves_the_io_open),
		PACKETIZED(a_reset_drops_commands_and_buffers),
		PACKETIZED(the_card_can_end_in_the_middle_of_anything),
		PACKETIZED(memory_lost_while_data_moves_stops_the_ioc_quietly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
