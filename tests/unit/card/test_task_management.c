// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initiator role's task management and resets, as its host sees them.
 * HW-96, HW-112, HW-113
 */
#include "initiator_fixture.h"

/* Task management */

static void an_aborted_task_is_answered_before_the_abort(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send(h, 2, 0, 0);
	send_function(h, 9, TM_ABORT_TASK, 2);
	assert_int_equal(command(h, 2)->tmf, BUS_TMF_ABORT_TASK);
	assert_int_equal(command(h, 2)->tag, command(h, 1)->tag);
	assert_int_equal(command(h, 2)->attribute, BUS_SIMPLE);
	expect_nothing(h);
	bus_end_tmf(h->tasks[2], 0);
	run(h);
	assert_int_equal(h->nr_lost, 1);
	assert_int_equal(h->lost_why, BUS_ABORTED);
	expect_io(h, 2, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 1);
	expect_nothing(h);
	status(h, 0, 0);
	expect_context(h, 1);
	assert_int_equal(h->counters.outstanding, 0);
}

static void a_task_that_ends_first_is_not_aborted(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send_function(h, 9, TM_ABORT_TASK, 1);
	send(h, 2, 0, 0);
	assert_int_equal(h->nr_tasks, 2);	/* its tag must not be mistaken for the victim's */
	bus_send_status(h->tasks[0], 0, 0, NULL, 0);
	bus_end_tmf(h->tasks[1], 0);
	run(h);
	expect_context(h, 1);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 0);
	assert_int_equal(h->nr_tasks, 3);
	status(h, 2, 0);
	expect_context(h, 2);
}

/* HW-119 */
static void an_abort_of_what_is_not_on_the_wire_sends_nothing(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	send_function(h, 9, TM_ABORT_TASK, 2);
	expect_io(h, 2, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 1);
	send_function(h, 9, TM_ABORT_TASK, 77);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 0);
	assert_int_equal(h->nr_tasks, 1);
}

static void autosense_can_be_aborted(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	status(h, 0, 2);
	send_function(h, 9, TM_ABORT_TASK, 1);
	assert_int_equal(command(h, 2)->attribute, BUS_UNTAGGED);
	bus_end_tmf(h->tasks[2], 0);
	run(h);
	assert_int_equal(h->nr_lost, 1);
	expect_io(h, 1, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 1);
}

static void a_lun_reset_ends_older_tasks_and_holds_younger_ones(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	build(h, 3, 0, 0)[SCSI_IO_LUN + 1] = 1;
	post(h, 3);
	send_function(h, 9, TM_LUN_RESET, 0);
	assert_int_equal(command(h, 2)->tmf, BUS_TMF_LOGICAL_UNIT_RESET);
	send(h, 4, UNTAGGED, 0);
	bus_end_tmf(h->tasks[2], 0);
	run(h);
	expect_reply(h, 1, STATUS_SCSI_TASK_TERMINATED);
	expect_reply(h, 2, STATUS_SCSI_TASK_TERMINATED);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 2);
	assert_int_equal(h->nr_tasks, 4);
	status(h, 3, 0);
	expect_context(h, 4);
	status(h, 1, 0);
	expect_context(h, 3);
}

static void a_target_reset_ends_tasks_of_all_luns(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	build(h, 2, 0, 0)[SCSI_IO_LUN + 1] = 1;
	post(h, 2);
	send_function(h, 9, TM_TARGET_RESET, 0);
	build(h, 3, 0, 0)[SCSI_IO_LUN + 1] = 2;
	post(h, 3);
	assert_int_equal(h->nr_tasks, 3);
	bus_end_tmf(h->tasks[2], 0);
	run(h);
	expect_reply(h, 1, STATUS_SCSI_TASK_TERMINATED);
	expect_reply(h, 2, STATUS_SCSI_TASK_TERMINATED);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 2);
	assert_int_equal(h->nr_tasks, 4);
}

static void a_function_that_fails_ends_nothing(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send_function(h, 9, TM_ABORT_TASK_SET, 0);
	assert_true(bus_task_packetized(h->tasks[1]));
	bus_end_tmf(h->tasks[1], 4);
	run(h);
	expect_function(h, 9, STATUS_SCSI_TASK_MGMT_FAILED, TM_RSP_NOT_SUPPORTED, 0);
	send_function(h, 9, TM_CLEAR_TASK_SET, 0);
	bus_drop(h->tasks[2]);
	run(h);
	expect_function(h, 9, STATUS_SCSI_TASK_MGMT_FAILED, TM_RSP_FAILED, 0);
	send_function(h, 9, TM_CLEAR_ACA, 0);
	bus_end_tmf(h->tasks[3], 0);
	run(h);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 0);
	status(h, 0, 0);
	expect_context(h, 1);
}

static void functions_that_cannot_be_are_refused(void **state)
{
	struct host *h = *state;

	send_function(h, 9, TM_QUERY_TASK, 0);
	expect_function(h, 9, STATUS_SCSI_TASK_MGMT_FAILED, TM_RSP_NOT_SUPPORTED, 0);
	send_function(h, 9, 0, 0);
	expect_function(h, 9, STATUS_INVALID_FIELD, 0, 0);
	send_function(h, 9, 9, 0);
	expect_function(h, 9, STATUS_INVALID_FIELD, 0, 0);
	bus_set_target_ids(h->port, 0);
	send_function(h, 9, TM_TARGET_RESET, 0);
	expect_function(h, 9, STATUS_SCSI_DEVICE_NOT_THERE, 0, 0);
}

static void a_bus_reset_answers_the_tasks_first(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	send_function(h, 8, TM_LUN_RESET, 0);
	send_function(h, 9, TM_RESET_BUS, 0);
	assert_int_equal(h->lost_why, BUS_WAS_RESET);
	expect_reply(h, 2, STATUS_SCSI_TASK_TERMINATED);
	expect_reply(h, 1, STATUS_SCSI_TASK_TERMINATED);
	expect_function(h, 8, STATUS_SCSI_TASK_TERMINATED, 0, 0);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 2);
	expect_nothing(h);
	assert_int_equal(h->nr_lost, 2);
	send(h, 3, 0, 0);
	assert_int_equal(h->nr_tasks, 3);
}

static void switch_events_on(struct host *h)
{
	uint8_t *m = frame(h, 0);

	memset(m, 0, 128);
	m[EVENT_SWITCH] = 1;
	m[REQ_FUNCTION] = FN_EVENT_NOTIFICATION;
	mpi_put32(m + REQ_CONTEXT, 0xe7);
	post(h, 0);
	pop(h);
}

static void expect_event(struct host *h, uint32_t code)
{
	expect_reply(h, 0xe7, STATUS_SUCCESS);
	assert_int_equal(h->reply[REPLY_FUNCTION], FN_EVENT_NOTIFICATION);
	assert_int_equal(mpi_get32(h->reply + EVENT_CODE), code);
}

static void an_event_tells_whose_bus_reset_it_was(void **state)
{
	struct host *h = *state;

	switch_events_on(h);
	send(h, 1, 0, 0);
	bus_reset(h->port);
	run(h);
	expect_reply(h, 1, STATUS_SCSI_TASK_TERMINATED);
	expect_event(h, EVENT_EXT_BUS_RESET);
	expect_nothing(h);
	send_function(h, 9, TM_RESET_BUS, 0);
	expect_event(h, EVENT_IOC_BUS_RESET);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 0);
}

static void a_function_may_come_by_the_doorbell(void **state)
{
	struct host *h = *state;
	uint8_t m[TM_SIZE] = { 0 };

	m[REQ_FUNCTION] = FN_SCSI_TASK_MGMT;
	m[TM_TYPE] = TM_TARGET_RESET;
	mpi_put32(m + REQ_CONTEXT, 0x77);
	handshake(h, m, sizeof(m), false);
	assert_int_equal(h->nr_tasks, 1);
	bus_end_tmf(h->tasks[0], 0);
	run(h);
	expect_function(h, 0x77, STATUS_SUCCESS, TM_RSP_COMPLETE, 0);
}

static void another_initiators_clear_ends_our_tasks(void **state)
{
	struct host *h = *state;
	static const struct bus_initiator_ops no_ops = { .ended = NULL };
	const struct bus_command clear = { .tmf = BUS_TMF_CLEAR_TASK_SET,
					   .attribute = BUS_UNTAGGED };
	struct bus_port *other = NULL;
	struct bus_task *task = NULL;

	bus_set_tmf_clears_all(h->port, true);		/* HW-153 */
	assert_int_equal(bus_join(h->bus, "other", 6, &no_ops, NULL, NULL, &other), 0);
	send(h, 1, 0, 0);
	assert_int_equal(bus_start(other, 0, &clear, NULL, &task), 0);
	run(h);
	bus_end_tmf(h->tasks[1], 0);
	bus_forget(task, BUS_ABORTED);
	run(h);
	expect_io(h, 1, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
}

/* Resets */

static void a_message_unit_reset_forgets_everything_silently(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	send_function(h, 9, TM_LUN_RESET, 0);
	registers_write(h->fw->registers, 0x00, 0x40000000);
	run(h);
	assert_int_equal(h->nr_lost, 2);
	assert_int_equal(h->counters.outstanding, 0);
	bring_up(h);
	expect_nothing(h);
	send(h, 3, UNTAGGED, 0);
	assert_int_equal(h->nr_tasks, 3);
	status(h, 2, 0);
	expect_context(h, 3);
}

static void a_reset_while_sense_is_fetched_leaves_nothing_behind(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send(h, 2, 0, 0);
	bus_send_status(h->tasks[0], 2, 0, NULL, 0);
	bus_send_status(h->tasks[1], 2, 0, NULL, 0);
	run(h);
	send_function(h, 9, TM_RESET_BUS, 0);
	expect_reply(h, 2, STATUS_SCSI_TASK_TERMINATED);
	expect_reply(h, 1, STATUS_SCSI_TASK_TERMINATED);
	expect_function(h, 9, STATUS_SUCCESS, TM_RSP_COMPLETE, 2);
	expect_nothing(h);
	assert_int_equal(h->counters.outstanding, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(an_aborted_task_is_answered_before_the_abort),
		PACKETIZED(a_task_that_ends_first_is_not_aborted),
		P(an_abort_of_what_is_not_on_the_wire_sends_nothing),
		P(autosense_can_be_aborted),
		P(a_lun_reset_ends_older_tasks_and_holds_younger_ones),
		P(a_target_reset_ends_tasks_of_all_luns),
		PACKETIZED(a_function_that_fails_ends_nothing),
		P(functions_that_cannot_be_are_refused),
		P(a_bus_reset_answers_the_tasks_first),
		P(an_event_tells_whose_bus_reset_it_was),
		P(a_function_may_come_by_the_doorbell),
		P(another_initiators_clear_ends_our_tasks),
		P(a_message_unit_reset_forgets_everything_silently),
		P(a_reset_while_sense_is_fetched_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
