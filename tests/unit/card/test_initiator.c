// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initiator role as its host sees it: messages through the registers of a
 * real firmware, and at the other end of a real bus a target under control.
 * HW-20, HW-34, HW-35, HW-88, HW-96, HW-109, HW-110, HW-111, HW-112, HW-113
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware.h"
#include "mpi.h"
#include "negotiation.h"
#include "options.h"

#define MEMORY (4u << 20)
#define FRAMES 0x1000u			/* request frames, 128 bytes apart */
#define REPLIES 0x80000u		/* reply frames, 128 bytes apart */
#define NR_REPLIES 64
#define SENSE 0x90000u
#define CHAINS 0xa0000u
#define DATA 0x100000u
#define MAX_TASKS 512
#define NO_MEMORY (MEMORY + 4096)
#define EMPTY 0xffffffffu
#define TERMINATED (SCSI_STATE_NO_STATUS | SCSI_STATE_TERMINATED)

struct host {
	struct dma dma;
	uint8_t memory[MEMORY];
	struct counters counters;
	struct function_options options;
	struct bus *bus;
	struct firmware *fw;
	/* the target, ID 0 */
	struct bus_port *port;
	struct bus_task *tasks[MAX_TASKS];
	unsigned int nr_tasks, nr_lost;
	enum bus_accept answer;
	enum bus_outcome lost_why;
	/* the last reply that pop() took */
	uint8_t reply[80];
};

static struct host *of(struct dma *dma)
{
	return (struct host *)((char *)dma - offsetof(struct host, dma));
}

static int memory_read(struct dma *dma, uint64_t addr, void *buf, size_t len)
{
	if (addr > MEMORY || len > MEMORY - addr)
		return -EFAULT;
	memcpy(buf, of(dma)->memory + addr, len);
	return 0;
}

static int memory_write(struct dma *dma, uint64_t addr, const void *buf, size_t len)
{
	if (addr > MEMORY || len > MEMORY - addr)
		return -EFAULT;
	memcpy(of(dma)->memory + addr, buf, len);
	return 0;
}

static enum bus_accept arrive(void *owner, struct bus_task *task)
{
	struct host *h = owner;

	assert_in_range(h->nr_tasks, 0, MAX_TASKS - 1);
	h->tasks[h->nr_tasks++] = task;
	return h->answer;
}

static void lost(void *owner, struct bus_task *task, enum bus_outcome why)
{
	struct host *h = owner;

	(void)task;
	h->nr_lost++;
	h->lost_why = why;
}

static const struct bus_target_ops target_ops = { .arrive = arrive, .lost = lost };

static void run(struct host *h)
{
	bool more;

	do {
		more = registers_work(h->fw->registers, 64);
		more |= bus_work(h->bus);
	} while (more);
}

/* HW-11, HW-12 */
static void handshake(struct host *h, const void *message, size_t length, bool answered)
{
	struct registers *regs = h->fw->registers;
	unsigned int words, i;

	registers_write(regs, 0x00, 0x42000000u | (uint32_t)(length / 4) << 16);
	run(h);
	registers_write(regs, 0x30, 0);
	for (i = 0; i < length; i += 4) {
		registers_write(regs, 0x00, mpi_get32((const uint8_t *)message + i));
		run(h);
	}
	for (i = 0, words = answered ? 2 : 0; i < words; i++) {
		uint32_t word = registers_read(regs, 0x00) & 0xffff;

		if (i == 1)
			words = 2 * (word & 0xff);
		registers_write(regs, 0x30, 0);
		run(h);
	}
	registers_write(regs, 0x30, 0);
}

static void make_target(struct host *h, bool packetized)
{
	const struct bus_parameters fastest = {
		.period = PERIOD_U320,
		.offset = 127,
		.wide = true,
		.packetized = packetized,
		.dt = true,
	};
	unsigned int id;

	assert_int_equal(bus_join(h->bus, "target", -1, NULL, &target_ops, h, &h->port), 0);
	assert_int_equal(bus_set_target_ids(h->port, 1), 0);
	bus_set_capability(h->port, &fastest);
	for (id = 0; id < BUS_MAX_IDS; id++)
		bus_set_request(h->port, id, &fastest);
}

static void bring_up(struct host *h)
{
	uint8_t init[INIT_SIZE] = { 0 };
	unsigned int i;

	init[INIT_WHO] = 4;
	init[REQ_FUNCTION] = FN_IOC_INIT;
	init[INIT_MAX_DEVICES] = 16;
	init[INIT_MAX_BUSES] = 1;
	mpi_put16(init + INIT_REPLY_FRAME_SIZE, sizeof(h->reply));
	handshake(h, init, sizeof(init), true);
	assert_int_equal(registers_state(h->fw->registers), IOC_OPERATIONAL);
	for (i = 0; i < NR_REPLIES; i++)
		registers_write(h->fw->registers, 0x44, REPLIES + i * 128);
	run(h);
}

static struct host *make_host(bool packetized, bool disconnect, uint16_t credits)
{
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->dma.read = memory_read;
	h->dma.write = memory_write;
	options_default_function(&h->options, "host", ROLE_INITIATOR);
	h->options.scsi_id = 7;
	h->options.disconnect = disconnect;
	h->options.credits = credits;
	h->bus = bus_new("bus");
	assert_non_null(h->bus);
	h->fw = firmware_new(&h->options, &h->dma, &h->counters, h->bus);
	assert_non_null(h->fw);
	make_target(h, packetized);
	bring_up(h);
	return h;
}

static int plain(void **state)
{
	*state = make_host(false, true, 32);
	return 0;
}

static int packetized(void **state)
{
	*state = make_host(true, true, 32);
	return 0;
}

static int no_disconnect(void **state)
{
	*state = make_host(false, false, 32);
	return 0;
}

static int many_credits(void **state)
{
	*state = make_host(false, true, 300);
	return 0;
}

static int free_host(void **state)
{
	struct host *h = *state;

	firmware_free(h->fw);
	bus_free(h->bus);
	free(h);
	return 0;
}

/* Messages */

static uint8_t *frame(struct host *h, unsigned int index)
{
	return h->memory + FRAMES + index * 128;
}

static void post(struct host *h, unsigned int index)
{
	registers_write(h->fw->registers, 0x40, FRAMES + index * 128);
	run(h);
}

/* A SCSI IO whose context is its frame's number, with one 32-bit element. */
static uint8_t *build(struct host *h, unsigned int index, uint32_t control, uint32_t length)
{
	uint8_t *m = frame(h, index);
	uint32_t flags = SGE_LAST_ELEMENT | SGE_END_OF_BUFFER | SGE_SIMPLE | SGE_END_OF_LIST;

	memset(m, 0, 128);
	m[REQ_FUNCTION] = FN_SCSI_IO;
	m[SCSI_IO_CDB_LENGTH] = 6;
	m[SCSI_IO_SENSE_LENGTH] = 64;
	mpi_put32(m + REQ_CONTEXT, index);
	mpi_put32(m + SCSI_IO_CONTROL, control);
	m[SCSI_IO_CDB] = 0x12;
	mpi_put32(m + SCSI_IO_DATA_LENGTH, length);
	mpi_put32(m + SCSI_IO_SENSE_LOW, SENSE + index * 64);
	if (control & CONTROL_WRITE)
		flags |= SGE_TO_IOC;
	mpi_put32(m + SCSI_IO_SGL, flags << SGE_FLAGS_SHIFT | length);
	mpi_put32(m + SCSI_IO_SGL + 4, DATA);
	return m;
}

static void send(struct host *h, unsigned int index, uint32_t control, uint32_t length)
{
	build(h, index, control, length);
	post(h, index);
}

#define UNTAGGED (CONTROL_UNTAGGED << CONTROL_ATTRIBUTE_SHIFT)

static void send_function(struct host *h, unsigned int index, enum tm_type type, uint32_t victim)
{
	uint8_t *m = frame(h, index);

	memset(m, 0, 128);
	m[REQ_FUNCTION] = FN_SCSI_TASK_MGMT;
	m[TM_TYPE] = (uint8_t)type;
	mpi_put32(m + REQ_CONTEXT, index);
	mpi_put32(m + TM_CONTEXT, victim);
	registers_write(h->fw->registers, 0x48, FRAMES + index * 128);
	run(h);
}

/* The next reply's word; an address reply's frame is copied and given back. */
static uint32_t pop(struct host *h)
{
	uint32_t word = registers_read(h->fw->registers, 0x44);

	memset(h->reply, 0xee, sizeof(h->reply));
	if (word != EMPTY && word & CONTEXT_REPLY_ADDRESS) {
		uint32_t addr = word << 1;

		assert_in_range(addr, REPLIES, REPLIES + NR_REPLIES * 128 - 1);
		memcpy(h->reply, h->memory + addr, sizeof(h->reply));
		registers_write(h->fw->registers, 0x44, addr);
	}
	run(h);
	return word;
}

static void expect_context(struct host *h, uint32_t context)
{
	assert_int_equal(pop(h), context);
}

static void expect_reply(struct host *h, uint32_t context, uint16_t ioc_status)
{
	uint32_t word = pop(h);

	assert_int_not_equal(word, EMPTY);
	assert_true(word & CONTEXT_REPLY_ADDRESS);
	assert_int_equal(mpi_get32(h->reply + REPLY_CONTEXT), context);
	assert_int_equal(mpi_get16(h->reply + REPLY_IOC_STATUS), ioc_status);
}

static void expect_io(struct host *h, uint32_t context, uint16_t ioc_status, uint8_t status,
		      uint8_t state, uint32_t moved)
{
	expect_reply(h, context, ioc_status);
	assert_int_equal(h->reply[REPLY_LENGTH], SCSI_REPLY_SIZE / 4);
	assert_int_equal(h->reply[REPLY_FUNCTION], FN_SCSI_IO);
	assert_int_equal(h->reply[SCSI_REPLY_STATUS], status);
	assert_int_equal(h->reply[SCSI_REPLY_STATE], state);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_TRANSFER_COUNT), moved);
}

static void expect_function(struct host *h, uint32_t context, uint16_t ioc_status, uint8_t response,
			    uint32_t terminated)
{
	expect_reply(h, context, ioc_status);
	assert_int_equal(h->reply[REPLY_LENGTH], TM_REPLY_SIZE / 4);
	assert_int_equal(h->reply[REPLY_FUNCTION], FN_SCSI_TASK_MGMT);
	assert_int_equal(h->reply[TM_REPLY_RESPONSE], response);
	assert_int_equal(mpi_get32(h->reply + TM_REPLY_TERMINATED), terminated);
}

static void expect_nothing(struct host *h)
{
	assert_int_equal(pop(h), EMPTY);
}

static const struct bus_command *command(struct host *h, unsigned int index)
{
	assert_in_range(index, 0, h->nr_tasks - 1);
	return bus_task_command(h->tasks[index]);
}

static int status(struct host *h, unsigned int index, uint8_t byte)
{
	int ret = bus_send_status(h->tasks[index], byte, 0, NULL, 0);

	run(h);
	return ret;
}

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

#define P(name) cmocka_unit_test_setup_teardown(name, plain, free_host)
#define PACKETIZED(name) cmocka_unit_test_setup_teardown(name, packetized, free_host)
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
		P(an_aborted_task_is_answered_before_the_abort),
		P(a_task_that_ends_first_is_not_aborted),
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
