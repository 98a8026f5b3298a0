/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The initiator role's host: messages through the registers of a real firmware,
 * and at the other end of a real bus a target under control.
 */
#ifndef TEST_INITIATOR_FIXTURE_H
#define TEST_INITIATOR_FIXTURE_H

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

static inline struct host *of(struct dma *dma)
{
	return (struct host *)((char *)dma - offsetof(struct host, dma));
}

static inline int memory_read(struct dma *dma, uint64_t addr, void *buf, size_t len)
{
	if (addr > MEMORY || len > MEMORY - addr)
		return -EFAULT;
	memcpy(buf, of(dma)->memory + addr, len);
	return 0;
}

static inline int memory_write(struct dma *dma, uint64_t addr, const void *buf, size_t len)
{
	if (addr > MEMORY || len > MEMORY - addr)
		return -EFAULT;
	memcpy(of(dma)->memory + addr, buf, len);
	return 0;
}

static inline enum bus_accept arrive(void *owner, struct bus_task *task)
{
	struct host *h = owner;

	assert_in_range(h->nr_tasks, 0, MAX_TASKS - 1);
	h->tasks[h->nr_tasks++] = task;
	return h->answer;
}

static inline void lost(void *owner, struct bus_task *task, enum bus_outcome why)
{
	struct host *h = owner;

	(void)task;
	h->nr_lost++;
	h->lost_why = why;
}

static const struct bus_target_ops target_ops = { .arrive = arrive, .lost = lost };

static inline void run(struct host *h)
{
	bool more;

	do {
		more = registers_work(h->fw->registers, 64);
		more |= bus_work(h->bus);
	} while (more);
}

/* HW-11, HW-12 */
static inline void handshake(struct host *h, const void *message, size_t length, bool answered)
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

static inline void make_target(struct host *h, bool packetized)
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

static inline void bring_up(struct host *h)
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

static inline struct host *make_host(bool packetized, bool disconnect, uint16_t credits)
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

static inline int plain(void **state)
{
	*state = make_host(false, true, 32);
	return 0;
}

static inline int packetized(void **state)
{
	*state = make_host(true, true, 32);
	return 0;
}

static inline int no_disconnect(void **state)
{
	*state = make_host(false, false, 32);
	return 0;
}

static inline int many_credits(void **state)
{
	*state = make_host(false, true, 300);
	return 0;
}

static inline int free_host(void **state)
{
	struct host *h = *state;

	firmware_free(h->fw);
	bus_free(h->bus);
	free(h);
	return 0;
}

/* Messages */

static inline uint8_t *frame(struct host *h, unsigned int index)
{
	return h->memory + FRAMES + index * 128;
}

static inline void post(struct host *h, unsigned int index)
{
	registers_write(h->fw->registers, 0x40, FRAMES + index * 128);
	run(h);
}

/* A SCSI IO whose context is its frame's number, with one 32-bit element. */
static inline uint8_t *build(struct host *h, unsigned int index, uint32_t control, uint32_t length)
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

static inline void send(struct host *h, unsigned int index, uint32_t control, uint32_t length)
{
	build(h, index, control, length);
	post(h, index);
}

#define UNTAGGED (CONTROL_UNTAGGED << CONTROL_ATTRIBUTE_SHIFT)

static inline void send_function(struct host *h, unsigned int index, enum tm_type type,
				 uint32_t victim)
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
static inline uint32_t pop(struct host *h)
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

static inline void expect_context(struct host *h, uint32_t context)
{
	assert_int_equal(pop(h), context);
}

static inline void expect_reply(struct host *h, uint32_t context, uint16_t ioc_status)
{
	uint32_t word = pop(h);

	assert_int_not_equal(word, EMPTY);
	assert_true(word & CONTEXT_REPLY_ADDRESS);
	assert_int_equal(mpi_get32(h->reply + REPLY_CONTEXT), context);
	assert_int_equal(mpi_get16(h->reply + REPLY_IOC_STATUS), ioc_status);
}

static inline void expect_io(struct host *h, uint32_t context, uint16_t ioc_status,
			     uint8_t status, uint8_t state, uint32_t moved)
{
	expect_reply(h, context, ioc_status);
	assert_int_equal(h->reply[REPLY_LENGTH], SCSI_REPLY_SIZE / 4);
	assert_int_equal(h->reply[REPLY_FUNCTION], FN_SCSI_IO);
	assert_int_equal(h->reply[SCSI_REPLY_STATUS], status);
	assert_int_equal(h->reply[SCSI_REPLY_STATE], state);
	assert_int_equal(mpi_get32(h->reply + SCSI_REPLY_TRANSFER_COUNT), moved);
}

static inline void expect_function(struct host *h, uint32_t context, uint16_t ioc_status,
				   uint8_t response, uint32_t terminated)
{
	expect_reply(h, context, ioc_status);
	assert_int_equal(h->reply[REPLY_LENGTH], TM_REPLY_SIZE / 4);
	assert_int_equal(h->reply[REPLY_FUNCTION], FN_SCSI_TASK_MGMT);
	assert_int_equal(h->reply[TM_REPLY_RESPONSE], response);
	assert_int_equal(mpi_get32(h->reply + TM_REPLY_TERMINATED), terminated);
}

static inline void expect_nothing(struct host *h)
{
	assert_int_equal(pop(h), EMPTY);
}

static inline const struct bus_command *command(struct host *h, unsigned int index)
{
	assert_in_range(index, 0, h->nr_tasks - 1);
	return bus_task_command(h->tasks[index]);
}

static inline int status(struct host *h, unsigned int index, uint8_t byte)
{
	int ret = bus_send_status(h->tasks[index], byte, 0, NULL, 0);

	run(h);
	return ret;
}

#define P(name) cmocka_unit_test_setup_teardown(name, plain, free_host)
#define PACKETIZED(name) cmocka_unit_test_setup_teardown(name, packetized, free_host)

#endif
