// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The referee's rules about what a nexus may see when: contingent allegiance, task
 * management that is complete when its tasks are (HW-150, HW-152), and aborts of what
 * may have ended by itself.  Each rule seen to fire, and the near misses.
 */
#include "target_fixture.h"

#define READ_ALL (ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS)
#define PRIORITY_GOOD \
	(STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST)

static int legal(void **state)
{
	struct rig *rig = *state;

	assert_no_violation(&rig->host);
	return rig_teardown(state);
}

/* Contingent allegiance.  HW-82, HW-151 */

/* CHECK CONDITION with sense for @word; its reply stays in the FIFO. */
static void check_condition(struct rig *rig, uint32_t word)
{
	status_frame(rig, word, 0, 0x02, 0, 18);
	send(&rig->host);
}

static void read_6b(struct rig *rig, uint32_t word)
{
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_STS_DATA_NOT_SENT, word, 0);
}

static void data_while_sense_waits(void **state)
{
	struct rig *rig = *state;
	uint32_t other = deliver(rig, 6, 2);
	uint32_t failed = deliver(rig, 5, 1);

	check_condition(rig, failed);
	read_6b(rig, failed);
	assist(rig, other, READ_ALL, 0, 512);
	assert_fault(&rig->host, RULE_ALLEGIANCE);
}

static void status_while_sense_waits(void **state)
{
	struct rig *rig = *state;
	uint32_t failed = deliver(rig, 5, 1);
	uint32_t other = deliver(rig, 6, 2);

	check_condition(rig, failed);
	/* the second command came before the status, so it ends nothing */
	read_6b(rig, failed);
	good(rig, other, 0);
	assert_fault(&rig->host, RULE_ALLEGIANCE);
}

static void what_was_sent_before_the_host_knew_is_fine(void **state)
{
	struct rig *rig = *state;
	uint32_t failed = deliver(rig, 5, 1);
	uint32_t other = deliver(rig, 6, 2);
	uint32_t low;

	check_condition(rig, failed);
	low = pop(&rig->host) << 1;
	/* it was taken from the FIFO, but who sends may not have read it yet */
	good(rig, other, 0);
	expect_word(rig, other);
	registers_write(rig->host.fw->registers, REPLY_FIFO, low);
	run(&rig->host);
}

static void the_initiators_next_command_ends_the_wait(void **state)
{
	struct rig *rig = *state;
	uint32_t other = deliver(rig, 6, 2);
	uint32_t failed = deliver(rig, 5, 1);
	uint32_t next;

	check_condition(rig, failed);
	read_6b(rig, failed);
	next = deliver(rig, 7, 3);
	assist(rig, other, READ_ALL, 0, 512);
	expect_word(rig, other);
	good(rig, next, 0);
	expect_word(rig, next);
}

static void another_logical_unit_does_not_wait(void **state)
{
	struct rig *rig = *state;
	struct bus_command elsewhere = simple_command(2);
	uint32_t failed, other;

	elsewhere.lun[1] = 4;
	post_and_ack(rig, 6);
	start(rig, &elsewhere);
	other = pop(&rig->host);
	run(&rig->host);
	failed = deliver(rig, 5, 1);
	check_condition(rig, failed);
	read_6b(rig, failed);
	good(rig, other, 0);
	expect_word(rig, other);
}

static uint32_t deliver_function(struct rig *rig, struct peer *peer, uint16_t index,
				 enum bus_tmf tmf, uint16_t tag)
{
	struct bus_command command = simple_command(tag);
	uint8_t reply[80];

	command.tmf = tmf;
	post_and_ack(rig, index);
	assert_int_equal(bus_start(peer->port, TARGET_ID, &command, NULL, &peer->task), 0);
	run(&rig->host);
	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_PRIORITY_IO);
	return mpi_get32(reply + POST_REPLY_WORD);
}

static void end_function(struct rig *rig, uint32_t word)
{
	io_frame(rig, FN_TARGET_STATUS, word, PRIORITY_GOOD);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
}

static void another_initiators_reset_ends_the_wait(void **state)
{
	struct rig *rig = *state;
	uint32_t other = deliver(rig, 6, 2);
	uint32_t failed = deliver(rig, 5, 1), function;
	struct peer second;

	peer_join(&second, rig->host.bus, 5, false, 512);
	check_condition(rig, failed);
	read_6b(rig, failed);
	function = deliver_function(rig, &second, 8, BUS_TMF_LOGICAL_UNIT_RESET, 0);
	good(rig, other, 0);
	end_function(rig, function);
	expect_word(rig, function);
	expect_word(rig, other);
	peer_leave(&second);
}

static void a_bus_reset_ends_the_wait(void **state)
{
	struct rig *rig = *state;
	uint32_t failed = deliver(rig, 5, 1);
	uint32_t next;

	check_condition(rig, failed);
	read_6b(rig, failed);
	bus_reset(rig->peer.port);
	run(&rig->host);
	next = deliver(rig, 6, 2);
	good(rig, next, 0);
	expect_word(rig, next);
}

static void sense_that_went_with_the_status_holds_nothing(void **state)
{
	struct rig *rig = *state;
	uint32_t other = deliver(rig, 6, 2);
	uint32_t failed = deliver(rig, 5, 1);

	check_condition(rig, failed);
	expect_word(rig, failed);
	good(rig, other, 0);
	expect_word(rig, other);
}

/* Task management.  HW-94, HW-95 */

static void a_reset_complete_before_its_tasks(void **state)
{
	struct rig *rig = *state;

	deliver(rig, 5, 1);
	end_function(rig, deliver_function(rig, &rig->peer, 6, BUS_TMF_TARGET_RESET, 0));
	assert_fault(&rig->host, RULE_FUNCTION_EARLY);
}

static void an_abort_complete_before_its_task(void **state)
{
	struct rig *rig = *state;

	deliver(rig, 5, 1);
	end_function(rig, deliver_function(rig, &rig->peer, 6, BUS_TMF_ABORT_TASK, 1));
	assert_fault(&rig->host, RULE_FUNCTION_EARLY);
}

/* CLEAR TASK SET by another initiator, complete. */
static void clear_by_another(struct rig *rig, struct peer *second)
{
	peer_join(second, rig->host.bus, 5, true, 512);
	end_function(rig, deliver_function(rig, second, 6, BUS_TMF_CLEAR_TASK_SET, 0));
}

static void a_set_cleared_under_another_initiators_data(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	struct peer second;

	rig->peer.away = true;
	assist(rig, word, 0, 0, 512);
	clear_by_another(rig, &second);
	assert_fault(&rig->host, RULE_FUNCTION_EARLY);
	peer_leave(&second);
}

static void data_from_a_task_that_was_cleared(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	struct peer second;

	clear_by_another(rig, &second);
	pop(&rig->host);
	run(&rig->host);
	assist(rig, word, 0, 0, 512);
	assert_fault(&rig->host, RULE_FUNCTION_EARLY);
	peer_leave(&second);
}

static void an_answer_on_its_way_to_another_initiator_is_fine(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	struct peer second;

	rig->peer.away = true;
	assist(rig, word, READ_ALL, 0, 512);
	clear_by_another(rig, &second);
	pop(&rig->host);
	run(&rig->host);
	rig->peer.away = false;
	run(&rig->host);
	expect_word(rig, word);
	peer_leave(&second);
}

/* HW-153 */
static void task_aborted_is_told_after_the_function(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	struct peer second;

	clear_by_another(rig, &second);
	assert_int_equal(second.result.outcome, BUS_TMF_DONE);
	pop(&rig->host);
	run(&rig->host);
	status_frame(rig, word, 0, 0x40, 0, 0);
	send(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.status, 0x40);
	peer_leave(&second);
}

static void tune_clears_all(struct function_options *options)
{
	options->tmf_clears = TMF_CLEARS_ALL;
}

static int setup_clears_all(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_clears_all);
}

static void the_firmware_may_end_other_initiators_tasks(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	struct peer second;

	clear_by_another(rig, &second);
	assert_int_equal(rig->peer.result.outcome, BUS_ABORTED);
	pop(&rig->host);
	run(&rig->host);
	status_frame(rig, word, 0, 0x40, 0, 0);
	send(&rig->host);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_ABORTED, word, 0);
	peer_leave(&second);
}

static void tasks_that_a_function_does_not_end_may_stay(void **state)
{
	struct rig *rig = *state;
	struct peer second;
	uint32_t word = deliver(rig, 5, 1);

	peer_join(&second, rig->host.bus, 5, true, 512);
	end_function(rig, deliver_function(rig, &second, 6, BUS_TMF_ABORT_TASK_SET, 0));
	pop(&rig->host);
	run(&rig->host);
	end_function(rig, deliver_function(rig, &rig->peer, 7, BUS_TMF_ABORT_TASK, 2));
	pop(&rig->host);
	run(&rig->host);
	good(rig, word, 0);
	expect_word(rig, word);
	peer_leave(&second);
}

static void a_task_that_came_after_the_function_may_stay(void **state)
{
	struct rig *rig = *state;
	uint32_t before = deliver(rig, 4, 1), function, word;

	/* information units are agreed upon: the function does not keep the bus */
	good(rig, before, 0);
	expect_word(rig, before);
	function = deliver_function(rig, &rig->peer, 6, BUS_TMF_LOGICAL_UNIT_RESET, 0);
	word = deliver(rig, 5, 1);
	end_function(rig, function);
	expect_word(rig, function);
	good(rig, word, 0);
	expect_word(rig, word);
}

static void tasks_that_were_aborted_are_no_obstacle(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint32_t function = deliver_function(rig, &rig->peer, 6, BUS_TMF_ABORT_TASK_SET, 0);

	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	assert_int_equal(rig->peer.result.outcome, BUS_ABORTED);
	expect_abort_reply(rig, 1);
	end_function(rig, function);
	expect_word(rig, function);
	assert_int_equal(rig->peer.result.outcome, BUS_TMF_DONE);
	post_and_ack(rig, 5);
}

static void a_function_that_failed_ends_nothing(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint32_t function = deliver_function(rig, &rig->peer, 6, BUS_TMF_CLEAR_TASK_SET, 0);

	status_frame(rig, function, STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST, 0, 0x05, 0);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, function);
	good(rig, word, 0);
	expect_word(rig, word);
}

/* Reselection */

static void a_message_waits_for_an_initiator_that_is_away(void **state)
{
	struct rig *rig = *state;
	uint32_t held = deliver(rig, 5, 1), other;
	struct peer second;

	peer_join(&second, rig->host.bus, 5, true, 512);
	rig->peer.away = true;
	assist(rig, held, READ_ALL, 0, 512);
	assert_int_equal(rig->peer.ended, 0);
	/* the others go on */
	post_and_ack(rig, 6);
	assert_int_equal(bus_start(second.port, TARGET_ID, &(struct bus_command){
		.cdb_length = 6, .disconnect = true }, NULL, &second.task), 0);
	run(&rig->host);
	other = pop(&rig->host);
	run(&rig->host);
	good(rig, other, 0);
	expect_word(rig, other);
	assert_int_equal(second.ended, 1);
	rig->peer.away = false;
	run(&rig->host);
	expect_word(rig, held);
	assert_int_equal(rig->peer.ended, 1);
	peer_leave(&second);
}

/* Data of both, but the bus is the one's that does not let go of it (HW-90). */
static void a_message_waits_for_the_bus(void **state)
{
	struct rig *rig = *state;
	uint32_t waiting = deliver(rig, 5, 1), word;
	struct bus_command stay = simple_command(0);
	uint8_t reply[POST_ERROR_REPLY_SIZE];
	struct peer second;

	peer_join(&second, rig->host.bus, 5, false, 512);
	stay.disconnect = false;
	post_and_ack(rig, 6);
	assert_int_equal(bus_start(second.port, TARGET_ID, &stay, NULL, &second.task), 0);
	run(&rig->host);
	pop_reply(&rig->host, reply, sizeof(reply));
	word = mpi_get32(reply + POST_REPLY_WORD);
	assist(rig, waiting, READ_ALL, 0, 512);
	assert_empty(&rig->host);
	assert_int_equal(rig->peer.largest, 0);
	status_frame(rig, word, PRIORITY_GOOD, 0, 0, 0);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	assert_int_equal(second.ended, 1);
	expect_word(rig, word);
	expect_word(rig, waiting);
	assert_int_equal(rig->peer.ended, 1);
	peer_leave(&second);
}

static void a_message_that_waits_can_be_aborted(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	rig->peer.away = true;
	assist(rig, word, READ_ALL, 0, 512);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_ABORTED, word, 0);
	expect_abort_reply(rig, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
}

/* Aborts.  HW-83, HW-127 */

/* GOOD for @word with REPOST, which its initiator does not take.  Returns its MsgContext. */
static uint32_t status_that_waits(struct rig *rig, uint32_t word)
{
	uint8_t *frame;
	uint32_t context;

	rig->peer.away = true;
	frame = status_frame(rig, word, STATUS_SEND_AUTO_GOOD | STATUS_SEND_REPOST, 0, 0, 0);
	context = mpi_get32(frame + REQ_CONTEXT);
	send(&rig->host);
	return context;
}

static void an_abort_that_could_find_the_next_command(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_that_waits(rig, word);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	assert_fault(&rig->host, RULE_BLIND_ABORT);
}

static void an_abort_after_that_of_the_message_is_not_blind(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);
	uint32_t context = status_that_waits(rig, word);

	abort_by_handshake(rig, ABORT_EXACT_REQUEST, word, context);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_ABORTED, word, 0);
	expect_abort_reply(rig, 1);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_abort_reply(rig, 1);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
}

static void a_host_that_cannot_take_messages_back_may_abort_blindly(void **state)
{
	struct rig *rig = *state;
	uint32_t word = deliver(rig, 5, 1);

	status_that_waits(rig, word);
	abort_by_handshake(rig, ABORT_EXACT_IO, word, 0);
	expect_error(rig, FN_TARGET_STATUS, STATUS_TARGET_ABORTED, word, 0);
	expect_abort_reply(rig, 1);
}

#define FIRES(name, setup) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
#define LEGAL(name, setup) cmocka_unit_test_setup_teardown(name, setup, legal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIRES(data_while_sense_waits, rig_setup_plain),
		FIRES(status_while_sense_waits, rig_setup_plain),
		LEGAL(what_was_sent_before_the_host_knew_is_fine, rig_setup_plain),
		LEGAL(the_initiators_next_command_ends_the_wait, rig_setup_plain),
		LEGAL(another_logical_unit_does_not_wait, rig_setup_plain),
		LEGAL(another_initiators_reset_ends_the_wait, rig_setup_plain),
		LEGAL(a_bus_reset_ends_the_wait, rig_setup_plain),
		LEGAL(sense_that_went_with_the_status_holds_nothing, rig_setup),
		FIRES(a_reset_complete_before_its_tasks, rig_setup_plain),
		FIRES(an_abort_complete_before_its_task, rig_setup_plain),
		FIRES(a_set_cleared_under_another_initiators_data, rig_setup),
		FIRES(data_from_a_task_that_was_cleared, rig_setup),
		LEGAL(an_answer_on_its_way_to_another_initiator_is_fine, rig_setup),
		LEGAL(task_aborted_is_told_after_the_function, rig_setup),
		LEGAL(the_firmware_may_end_other_initiators_tasks, setup_clears_all),
		LEGAL(tasks_that_a_function_does_not_end_may_stay, rig_setup),
		LEGAL(a_task_that_came_after_the_function_may_stay, rig_setup),
		LEGAL(tasks_that_were_aborted_are_no_obstacle, rig_setup_plain),
		LEGAL(a_function_that_failed_ends_nothing, rig_setup),
		LEGAL(a_message_waits_for_an_initiator_that_is_away, rig_setup),
		LEGAL(a_message_waits_for_the_bus, rig_setup_plain),
		LEGAL(a_message_that_waits_can_be_aborted, rig_setup),
		FIRES(an_abort_that_could_find_the_next_command, rig_setup),
		LEGAL(an_abort_after_that_of_the_message_is_not_blind, rig_setup),
		LEGAL(a_host_that_cannot_take_messages_back_may_abort_blindly,
		      rig_setup_no_message_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
