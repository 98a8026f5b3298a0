/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One function with its real firmware, registers and bus; the test is the host
 * behind the registers, and (struct peer) an initiator on the bus.
 */
#ifndef TEST_FIRMWARE_FIXTURE_H
#define TEST_FIRMWARE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "config_pages.h"
#include "counters.h"
#include "firmware.h"
#include "log.h"
#include "mpi.h"
#include "options.h"
#include "referee.h"
#include "registers.h"

#define MEMORY_BASE 0x100000000ull	/* above 4 GiB: the high halves must be used */
#define MEMORY_SIZE (4u << 20)
/* Where things lie in it. */
#define FRAMES_AT 0x1000u		/* request frames, 512 bytes each */
#define REPLIES_AT 0x10000u		/* reply frames, 128 bytes each */
#define BUFFERS_AT 0x20000u		/* command buffers, 64 bytes each */
#define IU_AT 0x30000u
#define PAGE_AT 0x38000u
#define CHAIN_AT 0x40000u
#define DATA_AT 0x100000u

#define DOORBELL 0x00
#define INT_STATUS 0x30
#define REQUEST_FIFO 0x40
#define REPLY_FIFO 0x44
#define HIGH_PRIORITY_FIFO 0x48
#define EMPTY 0xffffffffu

#define NR_REPLY_FRAMES 32
#define TEST_CONTEXT 0x00050000u

struct memory {
	struct dma dma;
	uint8_t *bytes;
	int error;			/* every access fails with it, 0: none */
	unsigned int accesses;
};

struct host {
	struct function_options options;
	struct counters counters;
	struct memory memory;
	struct bus *bus;
	struct firmware *fw;
	unsigned int next_frame;
	unsigned int budget;		/* of registers_work() */
};

static int memory_access(struct memory *memory, uint64_t addr, size_t len)
{
	memory->accesses++;
	if (memory->error)
		return memory->error;
	if (addr < MEMORY_BASE || addr - MEMORY_BASE > MEMORY_SIZE ||
	    len > MEMORY_SIZE - (addr - MEMORY_BASE))
		return -EFAULT;
	return 0;
}

static int memory_read(struct dma *dma, uint64_t addr, void *buf, size_t len)
{
	struct memory *memory = (struct memory *)dma;
	int ret = memory_access(memory, addr, len);

	if (!ret)
		memcpy(buf, memory->bytes + (addr - MEMORY_BASE), len);
	return ret;
}

static int memory_write(struct dma *dma, uint64_t addr, const void *buf, size_t len)
{
	struct memory *memory = (struct memory *)dma;
	int ret = memory_access(memory, addr, len);

	if (!ret)
		memcpy(memory->bytes + (addr - MEMORY_BASE), buf, len);
	return ret;
}

static inline void memory_init(struct memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	memory->dma.read = memory_read;
	memory->dma.write = memory_write;
	memory->bytes = calloc(1, MEMORY_SIZE);
	assert_non_null(memory->bytes);
}

static inline uint8_t *at(struct host *host, uint32_t offset)
{
	return host->memory.bytes + offset;
}

/* Everything that can be done without the host, is done. */
static inline void run(struct host *host)
{
	bool more = true;
	unsigned int passes = 0;

	while (more) {
		more = registers_work(host->fw->registers, host->budget);
		more |= firmware_work(host->fw);
		more |= bus_work(host->bus);
		assert_true(++passes < 100000);
	}
}

static inline void host_start_on(struct host *host, struct bus *bus, enum card_role role,
				 void (*tune)(struct function_options *))
{
	memset(host, 0, sizeof(*host));
	memory_init(&host->memory);
	host->bus = bus;
	host->budget = 64;
	options_default_function(&host->options, "card", role);
	if (tune)
		tune(&host->options);
	host->fw = firmware_new(&host->options, &host->memory.dma, &host->counters, bus);
	assert_non_null(host->fw);
	referee_set_grace(host->fw->referee, 0);
}

static inline void host_start(struct host *host, enum card_role role,
			      void (*tune)(struct function_options *))
{
	struct bus *bus = bus_new("bus");

	assert_non_null(bus);
	host_start_on(host, bus, role, tune);
}

static inline void host_stop_alone(struct host *host)
{
	firmware_free(host->fw);
	free(host->memory.bytes);
}

static inline void host_stop(struct host *host)
{
	host_stop_alone(host);
	bus_free(host->bus);
}

/* A message by the doorbell; returns the reply's length, 0: by the FIFO. */
static inline size_t handshake(struct host *host, const void *message, size_t length, void *reply,
			       size_t room)
{
	struct registers *regs = host->fw->registers;
	const uint8_t *bytes = message;
	uint8_t words[512] = { 0 };
	size_t i, total;
	uint32_t value;

	registers_write(regs, INT_STATUS, 0);
	registers_write(regs, DOORBELL, 0x42000000u | (uint32_t)(length / 4) << 16);
	for (i = 0; i < length; i += 4)
		registers_write(regs, DOORBELL, mpi_get32(bytes + i));
	registers_work(regs, host->budget);
	value = registers_read(regs, DOORBELL);
	if (!(value & 0x08000000u)) {
		registers_write(regs, INT_STATUS, 0);
		return 0;
	}
	mpi_put16(words, (uint16_t)value);
	value = registers_read(regs, DOORBELL);
	mpi_put16(words + 2, (uint16_t)value);
	total = (value & 0xff) * 2;
	for (i = 2; i < total; i++)
		mpi_put16(words + 2 * i, (uint16_t)registers_read(regs, DOORBELL));
	registers_write(regs, INT_STATUS, 0);
	registers_write(regs, INT_STATUS, 0);
	memcpy(reply, words, room < 2 * total ? room : 2 * total);
	return 2 * total;
}

static inline uint16_t handshake_status(struct host *host, const void *message, size_t length)
{
	uint8_t reply[128] = { 0 };

	assert_true(handshake(host, message, length, reply, sizeof(reply)) >= REPLY_DEFAULT_SIZE);
	return mpi_get16(reply + REPLY_IOC_STATUS);
}

static inline void give_reply_frame(struct host *host, unsigned int number)
{
	registers_write(host->fw->registers, REPLY_FIFO, REPLIES_AT + 128 * number);
}

static inline uint16_t ioc_init(struct host *host, uint8_t who)
{
	uint8_t message[INIT_SIZE] = { 0 };

	message[INIT_WHO] = who;
	message[REQ_FUNCTION] = FN_IOC_INIT;
	mpi_put16(message + INIT_REPLY_FRAME_SIZE, 80);
	mpi_put32(message + INIT_HOST_MFA_HIGH, (uint32_t)(MEMORY_BASE >> 32));
	return handshake_status(host, message, sizeof(message));
}

static inline void make_operational(struct host *host, unsigned int frames)
{
	unsigned int i;

	for (i = 0; i < frames; i++)
		give_reply_frame(host, i);
	assert_int_equal(ioc_init(host, 4), STATUS_SUCCESS);
	assert_int_equal(registers_state(host->fw->registers), IOC_OPERATIONAL);
}

/* A fresh request frame, zeroed, with function and context. */
static inline uint8_t *new_frame(struct host *host, uint8_t function)
{
	uint8_t *frame = at(host, FRAMES_AT + 512 * (host->next_frame % 64));

	memset(frame, 0, 512);
	frame[REQ_FUNCTION] = function;
	mpi_put32(frame + REQ_CONTEXT, TEST_CONTEXT | host->next_frame % 64);
	return frame;
}

static inline void write_frame(struct host *host, uint32_t fifo)
{
	registers_write(host->fw->registers, fifo, FRAMES_AT + 512 * (host->next_frame++ % 64));
}

static inline void send(struct host *host)
{
	write_frame(host, REQUEST_FIFO);
	run(host);
}

static inline uint32_t pop(struct host *host)
{
	return registers_read(host->fw->registers, REPLY_FIFO);
}

/* The next reply must be by address; copied, and its frame returned. */
static inline void pop_reply(struct host *host, uint8_t *reply, size_t room)
{
	uint32_t word = pop(host);
	uint32_t low = word << 1;

	assert_int_not_equal(word, EMPTY);
	assert_true(word & CONTEXT_REPLY_ADDRESS);
	assert_in_range(low, REPLIES_AT, REPLIES_AT + 128 * NR_REPLY_FRAMES);
	memcpy(reply, at(host, low), room);
	registers_write(host->fw->registers, REPLY_FIFO, low);
	run(host);
}

static inline uint16_t pop_status(struct host *host, uint8_t function)
{
	uint8_t reply[80];

	pop_reply(host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], function);
	return mpi_get16(reply + REPLY_IOC_STATUS);
}

static inline void assert_empty(struct host *host)
{
	run(host);
	assert_int_equal(pop(host), EMPTY);
}

static inline void assert_fault(struct host *host, enum rule rule)
{
	uint32_t doorbell = registers_read(host->fw->registers, DOORBELL);

	assert_int_equal(doorbell >> 28, IOC_FAULT);
	assert_int_equal(doorbell & 0xffff, 0xc000 + rule);
	assert_int_equal(host->counters.violations, 1);
}

static inline void assert_no_violation(struct host *host)
{
	assert_int_equal(host->counters.violations, 0);
	assert_int_equal(registers_state(host->fw->registers), IOC_OPERATIONAL);
}

static inline void message_unit_reset(struct host *host)
{
	registers_write(host->fw->registers, DOORBELL, 0x40000000u);
	run(host);
}

static inline void diagnostic_reset(struct host *host)
{
	static const uint8_t keys[] = { 0xf, 4, 0xb, 2, 7, 0xd };
	unsigned int i;

	for (i = 0; i < sizeof(keys); i++)
		registers_write(host->fw->registers, 0x04, keys[i]);
	registers_write(host->fw->registers, 0x08, 0x04);
	run(host);
}

/* CONFIG with a page of @size bytes at PAGE_AT. */
static inline uint16_t config(struct host *host, uint8_t action, uint8_t type, uint8_t number,
			      uint32_t address, uint32_t size)
{
	uint8_t *frame = new_frame(host, FN_CONFIG);

	frame[CONFIG_ACTION] = action;
	frame[CONFIG_HEADER + PAGE_TYPE] = type;
	frame[CONFIG_HEADER + PAGE_NUMBER] = number;
	mpi_put32(frame + CONFIG_ADDRESS, address);
	mpi_put32(frame + CONFIG_SGE, 0xd3000000u | size);
	mpi_put64(frame + CONFIG_SGE + 4, MEMORY_BASE + PAGE_AT);
	send(host);
	return pop_status(host, FN_CONFIG);
}

static inline uint16_t set_port_page_1(struct host *host, uint8_t own, uint16_t mask,
				       uint8_t target_config)
{
	uint8_t *page = at(host, PAGE_AT);

	memset(page, 0, 16);
	mpi_put32(page + 4, own | (uint32_t)mask << 16);
	page[0x0c] = target_config;
	return config(host, CONFIG_WRITE_CURRENT, PAGE_SCSI_PORT, 1, 0, 16);
}

static inline void port_enable(struct host *host)
{
	new_frame(host, FN_PORT_ENABLE);
	send(host);
	assert_int_equal(pop_status(host, FN_PORT_ENABLE), STATUS_SUCCESS);
}

/* An initiator on the bus. */
struct peer {
	struct bus_port *port;
	struct bus_task *task;		/* the last one started */
	uint8_t *data;
	size_t data_size;
	unsigned int ended, resets;
	struct bus_result result;	/* of the last one that ended */
	uint8_t sense[BUS_SENSE_SIZE];
	int data_error;
	size_t largest;			/* move in one call */
	bool forget_in_data;		/* gives the task up in the middle of its data */
	bool away;			/* answers no reselection */
};

static int peer_data_in(void *owner, void *private, uint32_t offset, const void *data,
			size_t length)
{
	struct peer *peer = owner;

	(void)private;
	if (length > peer->largest)
		peer->largest = length;
	if (peer->forget_in_data)
		bus_forget(peer->task, BUS_ABORTED);
	if (peer->data_error)
		return peer->data_error;
	if (offset + length > peer->data_size)
		return -EOVERFLOW;
	memcpy(peer->data + offset, data, length);
	return 0;
}

static int peer_data_out(void *owner, void *private, uint32_t offset, void *data, size_t length)
{
	struct peer *peer = owner;

	(void)private;
	if (length > peer->largest)
		peer->largest = length;
	if (peer->data_error)
		return peer->data_error;
	if (offset + length > peer->data_size) {
		memset(data, 0, length);
		return -EOVERFLOW;
	}
	memcpy(data, peer->data + offset, length);
	return 0;
}

static void peer_ended(void *owner, void *private, const struct bus_result *result)
{
	struct peer *peer = owner;

	(void)private;
	peer->ended++;
	peer->result = *result;
	if (result->sense_length)
		memcpy(peer->sense, result->sense, result->sense_length);
	peer->result.sense = peer->sense;
}

static void peer_reset(void *owner)
{
	((struct peer *)owner)->resets++;
}

static bool peer_ready(void *owner, void *private, int status)
{
	(void)private;
	(void)status;
	return !((struct peer *)owner)->away;
}

static const struct bus_initiator_ops peer_ops = {
	.ready = peer_ready,
	.data_in = peer_data_in,
	.data_out = peer_data_out,
	.ended = peer_ended,
	.reset = peer_reset,
};

static inline void peer_join(struct peer *peer, struct bus *bus, int id, bool packetized,
			     size_t data_size)
{
	const struct bus_parameters parameters = {
		.period = 9, .offset = 62, .wide = true, .packetized = packetized, .dt = true,
	};
	unsigned int i;

	memset(peer, 0, sizeof(*peer));
	assert_int_equal(bus_join(bus, "peer", id, &peer_ops, NULL, peer, &peer->port), 0);
	bus_set_capability(peer->port, &parameters);
	for (i = 0; i < BUS_MAX_IDS; i++)
		bus_set_request(peer->port, i, &parameters);
	peer->data_size = data_size;
	peer->data = calloc(1, data_size + 1);
	assert_non_null(peer->data);
}

static inline void peer_leave(struct peer *peer)
{
	bus_leave(peer->port);
	free(peer->data);
}

static inline struct bus_command simple_command(uint16_t tag)
{
	struct bus_command command = {
		.lun = { 0, 3 },
		.cdb = { 0x28, 0, 1, 2, 3, 4, 5, 6, 7, 8 },
		.cdb_length = 10,
		.attribute = BUS_SIMPLE,
		.tag = tag,
		.direction = BUS_DATA_IN,
		.disconnect = true,
	};

	return command;
}

#endif
