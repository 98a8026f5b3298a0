// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initiator role as its host sees it: data, replies, sense, tags and order.
 * HW-20, HW-34, HW-35, HW-88, HW-109, HW-110, HW-111, HW-112
 */
#include "initiator_fixture.h"

static const uint8_t sense[18] = { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29 };

/* Data and replies */

static void good_with_all_data_is_the_context_alone(void **state)
{
	struct host *h = *state;

	send(h, 3, CONTROL_READ, 8);
	assert_int_equal(h->nr_tasks, 1);
	assert_int_equal(command(h, 0)->direction, BUS_DATA_IN);
	assert_int_equal(command(h, 0)->data_length, 8);
	assert_int_equal(command(h, 0)->attribute, BUS_SIMPLE);
	assert_int_equal(command(h, 0)->cdb[0], 0x12);
	assert_true(command(h, 0)->disconnect);
	assert_int_equal(bus_data_in(h->tasks[0], 4, "efgh", 4), 0);
	assert_int_equal(bus_data_in(h->tasks[0], 0, "abcd", 4), 0);
	status(h, 0, 0);
	expect_context(h, 3);
	expect_nothing(h);
	assert_memory_equal(h->memory + DATA, "abcdefgh", 8);
	assert_int_equal(h->counters.commands, 1);
	assert_int_equal(h->counters.outstanding, 0);
}

static void data_out_comes_from_the_list_and_its_chains(void **state)
{
	struct host *h = *state;
	uint8_t *m = build(h, 1, CONTROL_WRITE, 8);
	uint8_t *chain = h->memory + CHAINS;
	uint8_t data[8];

	/* 3 bytes in the frame, 5 in a chain */
	m[REQ_CHAIN_OFFSET] = (SCSI_IO_SGL + 8) / 4;
	mpi_put32(m + SCSI_IO_SGL,
		  (uint32_t)(SGE_LAST_ELEMENT | SGE_SIMPLE | SGE_TO_IOC) << SGE_FLAGS_SHIFT | 3);
	mpi_put32(m + SCSI_IO_SGL + 4, DATA);
	mpi_put32(m + SCSI_IO_SGL + 8, (uint32_t)SGE_CHAIN << SGE_FLAGS_SHIFT | 8);
	mpi_put32(m + SCSI_IO_SGL + 12, CHAINS);
	mpi_put32(chain, (uint32_t)(SGE_LAST_ELEMENT | SGE_END_OF_BUFFER | SGE_SIMPLE | SGE_TO_IOC |
				    SGE_END_OF_LIST) << SGE_FLAGS_SHIFT | 5);
	mpi_put32(chain + 4, DATA + 0x100);
	memcpy(h->memory + DATA, "abc", 3);
	memcpy(h->memory + DATA + 0x100, "defgh", 5);
	post(h, 1);
	assert_int_equal(command(h, 0)->direction, BUS_DATA_OUT);
	assert_int_equal(bus_data_out(h->tasks[0], 0, data, 8), 0);
	assert_memory_equal(data, "abcdefgh", 8);
	status(h, 0, 0);
	expect_context(h, 1);
}

static void a_short_transfer_is_an_underrun_with_its_true_count(void **state)
{
	struct host *h = *state;

	send(h, 1, CONTROL_READ, 96);
	bus_data_in(h->tasks[0], 0, "abcd", 4);
	status(h, 0, 0);
	expect_io(h, 1, STATUS_SCSI_DATA_UNDERRUN, 0, 0, 4);
	send(h, 2, CONTROL_READ, 96);
	status(h, 1, 0x08);
	expect_io(h, 2, STATUS_SCSI_DATA_UNDERRUN, 8, 0, 0);
	send(h, 4, 0, 0);
	status(h, 2, 0x18);
	expect_io(h, 4, STATUS_SUCCESS, 0x18, 0, 0);
}

static void more_data_than_expected_is_an_overrun(void **state)
{
	struct host *h = *state;
	uint8_t data[8];

	send(h, 1, CONTROL_READ, 4);
	memset(h->memory + DATA, 0, 16);
	assert_int_equal(bus_data_in(h->tasks[0], 0, "abcdefgh", 8), -EOVERFLOW);
	assert_int_equal(bus_data_in(h->tasks[0], 8, "ijkl", 4), -EOVERFLOW);
	assert_memory_equal(h->memory + DATA, "abcd\0\0\0", 8);
	status(h, 0, 0);
	expect_io(h, 1, STATUS_SCSI_DATA_OVERRUN, 0, 0, 4);
	memcpy(h->memory + DATA, "abcdXXXX", 8);
	send(h, 2, CONTROL_WRITE, 4);
	assert_int_equal(bus_data_out(h->tasks[1], 0, data, 8), -EOVERFLOW);
	assert_memory_equal(data, "abcd\0\0\0", 8);
	status(h, 1, 0);
	expect_io(h, 2, STATUS_SCSI_DATA_OVERRUN, 0, 0, 4);
	send(h, 3, 0, 0);
	assert_int_equal(bus_data_in(h->tasks[2], 0, "abcd", 4), -EOVERFLOW);
	status(h, 2, 0);
	expect_io(h, 3, STATUS_SCSI_DATA_OVERRUN, 0, 0, 0);
}

static void data_against_the_direction_is_not_taken(void **state)
{
	struct host *h = *state;

	memset(h->memory + DATA, 0x55, 4);
	send(h, 1, CONTROL_WRITE, 4);
	assert_int_equal(bus_data_in(h->tasks[0], 0, "abcd", 4), -EOVERFLOW);
	assert_memory_equal(h->memory + DATA, "UUUU", 4);
	status(h, 0, 0);
	expect_io(h, 1, STATUS_SCSI_DATA_OVERRUN, 0, 0, 0);
}

static void unreachable_memory_is_a_data_error(void **state)
{
	struct host *h = *state;
	uint8_t data[4] = "xxx";

	build(h, 1, CONTROL_READ, 4);
	mpi_put32(frame(h, 1) + SCSI_IO_SGL + 4, NO_MEMORY);
	post(h, 1);
	assert_int_equal(bus_data_in(h->tasks[0], 0, "abcd", 4), -EFAULT);
	status(h, 0, 0);
	expect_io(h, 1, STATUS_SCSI_IO_DATA_ERROR, 0, 0, 0);
	build(h, 2, CONTROL_WRITE, 4);
	mpi_put32(frame(h, 2) + SCSI_IO_SGL + 4, NO_MEMORY);
	post(h, 2);
	assert_int_equal(bus_data_out(h->tasks[1], 0, data, 4), -EFAULT);
	assert_memory_equal(data, "\0\0\0\0", 4);
	status(h, 1, 0);
	expect_io(h, 2, STATUS_SCSI_IO_DATA_ERROR, 0, 0, 0);
	assert_int_equal(registers_state(h->fw->registers), IOC_OPERATIONAL);
}

static void a_context_that_looks_like_a_frame_is_answered_by_one(void **state)
{
	struct host *h = *state;

	build(h, 1, 0, 0);
	mpi_put32(frame(h, 1) + REQ_CONTEXT, 0x80001234);
	post(h, 1);
	status(h, 0, 0);
	expect_io(h, 0x80001234, STATUS_SUCCESS, 0, 0, 0);
}

static void malformed_messages_are_refused(void **state)
{
	static const struct {
		unsigned int offset;
		uint32_t value;
		uint16_t status;
	} cases[] = {
		{ SCSI_IO_TARGET_ID, 16, STATUS_SCSI_INVALID_TARGETID },
		{ SCSI_IO_BUS, 1, STATUS_SCSI_INVALID_BUS },
		{ SCSI_IO_CDB_LENGTH, 0, STATUS_INVALID_FIELD },
		{ SCSI_IO_CDB_LENGTH, 17, STATUS_INVALID_FIELD },
		{ SCSI_IO_CONTROL + 1, 3, STATUS_INVALID_FIELD },
		{ SCSI_IO_CONTROL + 3, 3, STATUS_INVALID_FIELD },
		{ SCSI_IO_CONTROL + 3, 6, STATUS_INVALID_FIELD },
		{ SCSI_IO_DATA_LENGTH, 9, STATUS_INVALID_SGL },		/* the list has 8 */
		{ SCSI_IO_SGL + 3, 0, STATUS_INVALID_SGL },
	};
	struct host *h = *state;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		build(h, i, CONTROL_READ, 8)[cases[i].offset] = (uint8_t)cases[i].value;
		post(h, i);
		expect_io(h, i, cases[i].status, 0, SCSI_STATE_NO_STATUS, 0);
	}
	assert_int_equal(h->nr_tasks, 0);
	assert_int_equal(h->counters.commands, 0);
}

static void more_messages_than_credits_are_refused(void **state)
{
	struct host *h = *state;
	const unsigned int room = h->options.credits + 8u;
	unsigned int i;

	for (i = 0; i < room; i++)
		send(h, i, 0, 0);
	expect_nothing(h);
	send(h, 600, 0, 0);
	expect_io(h, 600, STATUS_INSUFFICIENT_RESOURCES, 0, SCSI_STATE_NO_STATUS, 0);
	status(h, 0, 0);
	expect_context(h, 0);
	send(h, 600, 0, 0);
	expect_nothing(h);
}

/* Outcomes */

static void nobody_at_an_id_is_device_not_there(void **state)
{
	struct host *h = *state;

	build(h, 1, CONTROL_READ, 8)[SCSI_IO_TARGET_ID] = 5;
	post(h, 1);
	expect_io(h, 1, STATUS_SCSI_DEVICE_NOT_THERE, 0, SCSI_STATE_NO_STATUS, 0);
	assert_int_equal(h->reply[SCSI_REPLY_TARGET_ID], 5);
}

/* SCSI Port Page 1: own ID 7, and @mask. */
static void set_mask(struct host *h, uint16_t mask)
{
	uint8_t *m = frame(h, 2), *page = h->memory + DATA;

	memset(page, 0, 16);
	mpi_put32(page + 4, 7 | (uint32_t)mask << 16);
	memset(m, 0, 128);
	m[REQ_FUNCTION] = FN_CONFIG;
	mpi_put32(m + REQ_CONTEXT, 2);
	m[CONFIG_ACTION] = CONFIG_WRITE_CURRENT;
	m[CONFIG_HEADER + PAGE_TYPE] = PAGE_SCSI_PORT;
	m[CONFIG_HEADER + PAGE_NUMBER] = 1;
	mpi_put32(m + CONFIG_SGE, (uint32_t)(SGE_LAST_ELEMENT | SGE_END_OF_BUFFER | SGE_SIMPLE |
					     SGE_END_OF_LIST | SGE_TO_IOC) << SGE_FLAGS_SHIFT | 16);
	mpi_put32(m + CONFIG_SGE + 4, DATA);
	post(h, 2);
	expect_reply(h, 2, STATUS_SUCCESS);
}

/* HW-130 */
static void without_its_own_bit_in_the_mask_nobody_comes_back(void **state)
{
	struct host *h = *state;

	set_mask(h, 0x0008);
	send(h, 1, CONTROL_READ, 8);
	expect_io(h, 1, STATUS_SCSI_IOC_TERMINATED, 0, SCSI_STATE_NO_STATUS, 0);
	assert_int_equal(h->nr_tasks, 0);
	set_mask(h, 0x0088);
	send(h, 1, CONTROL_READ, 8);
	assert_int_equal(h->nr_tasks, 1);
}

/* HW-130 */
static void what_cannot_disconnect_needs_no_bit(void **state)
{
	struct host *h = *state;

	set_mask(h, 0);
	send(h, 1, CONTROL_READ | UNTAGGED, 8);
	assert_int_equal(h->nr_tasks, 1);
}

static void the_bit_may_not_matter(void **state)
{
	struct host *h = *state;

	h->options.own_id_bit = false;
	set_mask(h, 0);
	send(h, 1, CONTROL_READ, 8);
	assert_int_equal(h->nr_tasks, 1);
}

static void an_unexpected_bus_free_is_ioc_terminated(void **state)
{
	struct host *h = *state;

	send(h, 1, CONTROL_READ, 8);
	bus_drop(h->tasks[0]);
	run(h);
	expect_io(h, 1, STATUS_SCSI_IOC_TERMINATED, 0, TERMINATED, 0);
}

static void a_target_without_buffers_is_busy_or_full(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	h->answer = BUS_BUSY;
	send(h, 2, 0, 0);
	expect_io(h, 2, STATUS_SUCCESS, 0x28, 0, 0);
	status(h, 0, 0);
	expect_context(h, 1);
	send(h, 3, 0, 0);
	expect_io(h, 3, STATUS_SUCCESS, 0x08, 0, 0);
}

static void somebody_elses_bus_reset_ends_everything(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send(h, 2, 0, 0);
	bus_reset(h->port);
	run(h);
	expect_io(h, 1, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_io(h, 2, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_nothing(h);
	send(h, 3, 0, 0);
	status(h, 2, 0);
	expect_context(h, 3);
}

/* Sense */

static void sense_is_fetched_on_a_plain_nexus(void **state)
{
	struct host *h = *state;

	send(h, 1, CONTROL_READ, 8);
	send(h, 2, CONTROL_READ, 8);
	status(h, 0, 2);
	assert_int_equal(h->nr_tasks, 3);
	assert_int_equal(command(h, 2)->cdb[0], 0x03);
	assert_int_equal(command(h, 2)->cdb[4], 64);
	assert_int_equal(command(h, 2)->attribute, BUS_UNTAGGED);
	send(h, 3, 0, 0);
	assert_int_equal(h->nr_tasks, 3);	/* waits for the sense */
	expect_nothing(h);
	assert_int_equal(bus_data_in(h->tasks[2], 0, sense, sizeof(sense)), 0);
	status(h, 2, 0);
	assert_memory_equal(h->memory + SENSE + 64, sense, sizeof(sense));
	expect_io(h, 1, STATUS_SCSI_DATA_UNDERRUN, 2, SCSI_STATE_AUTOSENSE_VALID, 0);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_SENSE_COUNT), sizeof(sense));
	assert_int_equal(h->nr_tasks, 4);
	assert_int_equal(h->counters.commands, 3);
}

static void sense_is_fetched_before_what_waits_for_the_bus(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	bus_send_status(h->tasks[0], 2, 0, NULL, 0);
	build(h, 2, 0, 0);
	registers_write(h->fw->registers, 0x40, FRAMES + 2 * 128);
	registers_work(h->fw->registers, 1);
	run(h);
	assert_int_equal(h->nr_tasks, 3);
	assert_int_equal(command(h, 1)->cdb[0], 0x03);
	assert_int_equal(command(h, 2)->cdb[0], 0x12);
}

static void sense_never_exceeds_the_hosts_buffer(void **state)
{
	struct host *h = *state;

	memset(h->memory + SENSE, 0xaa, 256);
	build(h, 1, 0, 0)[SCSI_IO_SENSE_LENGTH] = 5;
	post(h, 1);
	status(h, 0, 2);
	assert_int_equal(command(h, 1)->cdb[4], 5);
	assert_int_equal(bus_data_in(h->tasks[1], 0, sense, sizeof(sense)), -EOVERFLOW);
	assert_int_equal(bus_data_in(h->tasks[1], 300, sense, sizeof(sense)), -EOVERFLOW);
	status(h, 1, 0);
	expect_io(h, 1, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_VALID, 0);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_SENSE_COUNT), 5);
	assert_memory_equal(h->memory + SENSE + 64, sense, 5);
	assert_int_equal(h->memory[SENSE + 64 + 5], 0xaa);
}

/* HW-118 */
static void without_a_sense_buffer_none_is_fetched(void **state)
{
	struct host *h = *state;

	build(h, 1, 0, 0)[SCSI_IO_SENSE_LENGTH] = 0;
	post(h, 1);
	status(h, 0, 2);
	assert_int_equal(h->nr_tasks, 1);
	expect_io(h, 1, STATUS_SUCCESS, 2, 0, 0);
}

static void failed_autosense_is_told(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	status(h, 0, 2);
	status(h, 1, 8);
	expect_io(h, 1, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_FAILED, 0);
	send(h, 2, 0, 0);
	status(h, 2, 2);
	status(h, 3, 0);		/* GOOD, and no byte */
	expect_io(h, 2, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_FAILED, 0);
	build(h, 3, 0, 0);
	mpi_put32(frame(h, 3) + SCSI_IO_SENSE_LOW, NO_MEMORY);
	post(h, 3);
	status(h, 4, 2);
	bus_data_in(h->tasks[5], 0, sense, sizeof(sense));
	status(h, 5, 0);
	expect_io(h, 3, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_FAILED, 0);
	send(h, 4, 0, 0);
	status(h, 6, 2);
	bus_drop(h->tasks[7]);
	run(h);
	expect_io(h, 4, STATUS_SCSI_IOC_TERMINATED, 0, TERMINATED, 0);
}

/* HW-117 */
static void two_check_conditions_are_fetched_one_by_one(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	send(h, 2, 0, 0);
	bus_send_status(h->tasks[0], 2, 0, NULL, 0);
	bus_send_status(h->tasks[1], 2, 0, NULL, 0);
	run(h);
	assert_int_equal(h->nr_tasks, 3);
	bus_data_in(h->tasks[2], 0, sense, sizeof(sense));
	status(h, 2, 0);
	assert_int_equal(h->nr_tasks, 4);
	bus_data_in(h->tasks[3], 0, sense, sizeof(sense));
	status(h, 3, 0);
	expect_io(h, 1, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_VALID, 0);
	expect_io(h, 2, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_VALID, 0);
}

/* HW-120 */
static void a_short_transfer_with_sense_is_an_underrun(void **state)
{
	struct host *h = *state;

	send(h, 1, CONTROL_READ, 96);
	bus_data_in(h->tasks[0], 0, "abcd", 4);
	bus_send_status(h->tasks[0], 2, 0, sense, sizeof(sense));
	run(h);
	expect_io(h, 1, STATUS_SCSI_DATA_UNDERRUN, 2, SCSI_STATE_AUTOSENSE_VALID, 4);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_SENSE_COUNT), sizeof(sense));
}

static void sense_comes_with_status_on_a_packetized_nexus(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	assert_true(bus_task_packetized(h->tasks[0]));
	assert_int_equal(bus_send_status(h->tasks[0], 2, 0, sense, sizeof(sense)), 0);
	run(h);
	assert_int_equal(h->nr_tasks, 1);
	expect_io(h, 1, STATUS_SUCCESS, 2, SCSI_STATE_AUTOSENSE_VALID, 0);
	assert_memory_equal(h->memory + SENSE + 64, sense, sizeof(sense));
	send(h, 2, 0, 0);
	bus_send_status(h->tasks[1], 0, 2, NULL, 0);
	run(h);
	expect_io(h, 2, STATUS_SCSI_PROTOCOL_ERROR, 0, SCSI_STATE_RESPONSE_VALID, 0);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_RESPONSE_INFO), 0x02000000);
}

/* Tags and order */

static void attributes_and_tags_reach_the_wire(void **state)
{
	static const enum bus_attribute wire[] = { BUS_SIMPLE, BUS_HEAD_OF_QUEUE, BUS_ORDERED,
						   BUS_SIMPLE, BUS_ACA };
	struct host *h = *state;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		if (i == 3)
			continue;
		send(h, i, i << CONTROL_ATTRIBUTE_SHIFT, 0);
		assert_int_equal(command(h, h->nr_tasks - 1)->attribute, wire[i]);
	}
	for (i = 1; i < h->nr_tasks; i++)
		assert_int_not_equal(command(h, i)->tag, command(h, 0)->tag);
}

static void more_than_256_tasks_of_a_nexus_wait_for_a_tag(void **state)
{
	struct host *h = *state;
	unsigned int i, last;

	for (i = 0; i < 257; i++)
		send(h, i, 0, 0);
	assert_int_equal(h->nr_tasks, 256);
	last = command(h, 17)->tag;
	status(h, 17, 0);
	expect_context(h, 17);
	assert_int_equal(h->nr_tasks, 257);
	assert_int_equal(command(h, 256)->tag, last);
}

static void untagged_commands_go_one_at_a_time_and_in_order(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	send(h, 3, 0, 0);
	build(h, 4, UNTAGGED, 0)[SCSI_IO_LUN + 1] = 1;
	post(h, 4);
	assert_int_equal(h->nr_tasks, 2);	/* one at each LUN */
	status(h, 0, 0);
	expect_context(h, 1);
	assert_int_equal(h->nr_tasks, 3);
	assert_int_equal(command(h, 2)->attribute, BUS_UNTAGGED);
	status(h, 2, 0);
	expect_context(h, 2);
	assert_int_equal(command(h, 3)->attribute, BUS_SIMPLE);
	assert_int_equal(h->counters.max_outstanding, 2);
}

static void untagged_is_simple_on_a_packetized_nexus_still_one_at_a_time(void **state)
{
	struct host *h = *state;

	send(h, 1, UNTAGGED, 0);
	send(h, 2, UNTAGGED, 0);
	assert_int_equal(h->nr_tasks, 1);
	assert_int_equal(command(h, 0)->attribute, BUS_SIMPLE);
	status(h, 0, 0);
	assert_int_equal(h->nr_tasks, 2);
}

static void without_disconnection_one_command_is_on_the_bus(void **state)
{
	struct host *h = *state;

	send(h, 1, 0, 0);
	build(h, 2, 0, 0)[SCSI_IO_LUN + 1] = 1;
	post(h, 2);
	assert_int_equal(h->nr_tasks, 1);
	assert_false(command(h, 0)->disconnect);
	assert_int_equal(command(h, 0)->attribute, BUS_UNTAGGED);
	send_function(h, 9, TM_ABORT_TASK, 1);
	assert_int_equal(h->nr_tasks, 2);
	assert_int_equal(command(h, 1)->attribute, BUS_UNTAGGED);
	bus_end_tmf(h->tasks[1], 0);
	run(h);
	expect_io(h, 1, STATUS_SCSI_TASK_TERMINATED, 0, TERMINATED, 0);
	expect_function(h, 9, STATUS_SUCCESS, 0, 1);
	assert_int_equal(h->nr_tasks, 3);
}

static void control_can_forbid_disconnection(void **state)
{
	struct host *h = *state;

	send(h, 1, CONTROL_NO_DISCONNECT << CONTROL_ATTRIBUTE_SHIFT, 0);
	assert_false(command(h, 0)->disconnect);
	assert_int_equal(command(h, 0)->attribute, BUS_UNTAGGED);
}

#define NO_DISCONNECT(name) cmocka_unit_test_setup_teardown(name, no_disconnect, free_host)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(good_with_all_data_is_the_context_alone),
		P(data_out_comes_from_the_list_and_its_chains),
		P(a_short_transfer_is_an_underrun_with_its_true_count),
		P(more_data_than_expected_is_an_overrun),
		P(data_against_the_direction_is_not_taken),
		P(unreachable_memory_is_a_data_error),
		P(a_context_that_looks_like_a_frame_is_answered_by_one),
		P(malformed_messages_are_refused),
		P(more_messages_than_credits_are_refused),
		P(nobody_at_an_id_is_device_not_there),
		P(an_unexpected_bus_free_is_ioc_terminated),
		P(without_its_own_bit_in_the_mask_nobody_comes_back),
		NO_DISCONNECT(what_cannot_disconnect_needs_no_bit),
		P(the_bit_may_not_matter),
		P(a_target_without_buffers_is_busy_or_full),
		P(somebody_elses_bus_reset_ends_everything),
		P(sense_is_fetched_on_a_plain_nexus),
		P(sense_is_fetched_before_what_waits_for_the_bus),
		P(sense_never_exceeds_the_hosts_buffer),
		P(without_a_sense_buffer_none_is_fetched),
		P(failed_autosense_is_told),
		P(two_check_conditions_are_fetched_one_by_one),
		PACKETIZED(a_short_transfer_with_sense_is_an_underrun),
		PACKETIZED(sense_comes_with_status_on_a_packetized_nexus),
		P(attributes_and_tags_reach_the_wire),
		cmocka_unit_test_setup_teardown(more_than_256_tasks_of_a_nexus_wait_for_a_tag,
						many_credits, free_host),
		P(untagged_commands_go_one_at_a_time_and_in_order),
		PACKETIZED(untagged_is_simple_on_a_packetized_nexus_still_one_at_a_time),
		NO_DISCONNECT(without_disconnection_one_command_is_on_the_bus),
		P(control_can_forbid_disconnection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
