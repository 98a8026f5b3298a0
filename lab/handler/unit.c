// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of the lab's logical unit. */
#include <stdlib.h>
#include <string.h>

#include "user_lun.h"

/* mptcard's scripts add their --seed, 1 by default, to a pattern's number. */
#define SEED_BASE	1

#define FIXED_SENSE	18
#define VENDOR		0xc0		/* operation codes from here on */
#define END_WITH	0xdf

struct command {
	uint8_t opcode;
	void (*execute)(const struct unit *unit, struct task *task);
};

static uint64_t field(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

static void put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static void fail(struct task *task, uint8_t key, uint8_t asc, uint8_t ascq)
{
	memset(task->sense, 0, sizeof(task->sense));
	task->sense[0] = 0x70;
	task->sense[2] = key;
	task->sense[7] = FIXED_SENSE - 8;
	task->sense[12] = asc;
	task->sense[13] = ascq;
	task->status = STATUS_CHECK;
	task->returned = 0;
}

/* INVALID FIELD IN CDB */
static void fail_field(struct task *task)
{
	fail(task, 0x05, 0x24, 0x00);
}

/* DATA PHASE ERROR: the transport derived another length than the CDB has. */
static bool length_fits(struct task *task, uint64_t expected)
{
	if (task->length == expected)
		return true;
	fail(task, 0x0b, 0x4b, 0x00);
	return false;
}

/* As much of @answer as was asked for and has room. */
static void answer_with(struct task *task, uint64_t allocation, const void *answer, size_t size)
{
	if (size > allocation)
		size = (size_t)allocation;
	if (size > task->length)
		size = task->length;
	memcpy(task->data, answer, size);
	task->returned = size;
}

static void do_nothing(const struct unit *unit, struct task *task)
{
	(void)unit;
	(void)task;
}

static void request_sense(const struct unit *unit, struct task *task)
{
	static const uint8_t none[18] = { [0] = 0x70, [7] = 10 };

	(void)unit;
	answer_with(task, task->cdb[4], none, sizeof(none));
}

static size_t vital_page(const struct unit *unit, uint8_t page, uint8_t *data)
{
	data[1] = page;
	switch (page) {
	case 0x00:
		memcpy(data + 3, "\3\0\x80\x83", 4);
		return 7;
	case 0x80:
		memcpy(data + 3, "\4lab", 4);
		data[7] = (uint8_t)('0' + unit->number % 10);
		return 8;
	case 0x83:
		/* ASCII, T10 vendor ID, logical unit */
		memcpy(data + 3, "\20\2\1\0\14MPT_SCSTlab", 16);
		data[19] = (uint8_t)('0' + unit->number % 10);
		return 20;
	default:
		return 0;
	}
}

static void inquiry(const struct unit *unit, struct task *task)
{
	uint8_t data[36] = { 0 };
	size_t size = sizeof(data);

	if (task->cdb[1] & 1) {
		size = vital_page(unit, task->cdb[2], data);
	} else {
		memcpy(data, "\0\0\6\2\37\0\0\2MPT_SCSTlab user LUN    1   ", sizeof(data));
		if (task->cdb[2])
			size = 0;
	}
	if (size)
		answer_with(task, field(task->cdb + 3, 2), data, size);
	else
		fail_field(task);
}

static void read_capacity_10(const struct unit *unit, struct task *task)
{
	uint8_t data[8];

	put(data, unit->blocks - 1, 4);
	put(data + 4, UNIT_BLOCK, 4);
	answer_with(task, sizeof(data), data, sizeof(data));
}

static void service_action_in(const struct unit *unit, struct task *task)
{
	uint8_t data[32] = { 0 };

	if ((task->cdb[1] & 0x1f) != 0x10) {
		fail_field(task);
		return;
	}
	put(data, unit->blocks - 1, 8);
	put(data + 8, UNIT_BLOCK, 4);
	answer_with(task, field(task->cdb + 10, 4), data, sizeof(data));
}

/* No pages, no block descriptor: the header alone. */
static void mode_sense_6(const struct unit *unit, struct task *task)
{
	static const uint8_t data[4] = { 3 };

	(void)unit;
	answer_with(task, task->cdb[4], data, sizeof(data));
}

static void mode_sense_10(const struct unit *unit, struct task *task)
{
	static const uint8_t data[8] = { [1] = 6 };

	(void)unit;
	answer_with(task, field(task->cdb + 7, 2), data, sizeof(data));
}

/* Where the blocks of a READ or WRITE are; NULL: the task has failed. */
static uint8_t *find_blocks(const struct unit *unit, struct task *task)
{
	const uint8_t *cdb = task->cdb;
	uint64_t lba, count;

	switch (cdb[0] >> 5) {
	case 0:
		lba = field(cdb + 1, 3) & 0x1fffff;
		count = cdb[4] ? cdb[4] : 256;
		break;
	case 5:
		lba = field(cdb + 2, 4);
		count = field(cdb + 6, 4);
		break;
	case 4:
		lba = field(cdb + 2, 8);
		count = field(cdb + 10, 4);
		break;
	default:
		lba = field(cdb + 2, 4);
		count = field(cdb + 7, 2);
	}
	if (count > unit->blocks || lba > unit->blocks - count) {
		fail(task, 0x05, 0x21, 0x00);
		return NULL;
	}
	return length_fits(task, count * UNIT_BLOCK) ? unit->disk + lba * UNIT_BLOCK : NULL;
}

static void read_blocks(const struct unit *unit, struct task *task)
{
	const uint8_t *blocks = find_blocks(unit, task);

	if (blocks)
		answer_with(task, task->length, blocks, task->length);
}

static void write_blocks(const struct unit *unit, struct task *task)
{
	uint8_t *blocks = find_blocks(unit, task);

	if (blocks)
		memcpy(blocks, task->data, task->length);
}

/* MISCOMPARE unless what came is the pattern. */
static void compare(struct task *task, uint64_t seed, uint64_t offset)
{
	uint8_t *wanted = malloc(task->length + 1);

	if (!wanted) {
		fail(task, 0x04, 0x44, 0x00);
		return;
	}
	pattern_fill(SEED_BASE + seed, offset, wanted, task->length);
	if (memcmp(wanted, task->data, task->length))
		fail(task, 0x0e, 0x1d, 0x00);
	free(wanted);
}

static void write_buffer(const struct unit *unit, struct task *task)
{
	const uint8_t *cdb = task->cdb;

	(void)unit;
	if ((cdb[1] & 0x1f) != 2)
		fail_field(task);
	else if (length_fits(task, field(cdb + 6, 3)))
		compare(task, cdb[2], field(cdb + 3, 3));
}

static void read_buffer(const struct unit *unit, struct task *task)
{
	static const uint8_t descriptor[4] = { 0, UNIT_BUFFER >> 16 & 0xff, 0, 0 };
	const uint8_t *cdb = task->cdb;
	uint64_t offset = field(cdb + 3, 3);

	(void)unit;
	if (!length_fits(task, field(cdb + 6, 3)))
		return;
	switch (cdb[1] & 0x1f) {
	case 2:
		if (offset > UNIT_BUFFER) {
			fail_field(task);
			break;
		}
		task->returned = task->length < UNIT_BUFFER - offset ? task->length :
				 (size_t)(UNIT_BUFFER - offset);
		pattern_fill(SEED_BASE + cdb[2], offset, task->data, task->returned);
		break;
	case 3:
		answer_with(task, task->length, descriptor, sizeof(descriptor));
		break;
	default:
		fail_field(task);
	}
}

size_t unit_vendor_length(const uint8_t *cdb)
{
	return cdb[0] >= VENDOR && cdb[0] != END_WITH ? (size_t)field(cdb + 6, 3) : 0;
}

/*
 * Vendor-specific: even operation codes send, odd ones receive.  Byte 1: how many
 * bytes fewer than wanted are sent, 2: seed, 3-5: offset, 6-8: length, 9 bit 7:
 * CHECK CONDITION with ILI and the bytes missing, as a tape's short read ends.
 */
static void vendor(struct task *task)
{
	const uint8_t *cdb = task->cdb;

	if (!length_fits(task, unit_vendor_length(cdb)))
		return;
	if (cdb[0] & 1) {
		compare(task, cdb[2], field(cdb + 3, 3));
		return;
	}
	if (cdb[9] & 0x80) {
		fail(task, 0x00, 0x00, 0x00);
		task->sense[0] |= 0x80;
		task->sense[2] |= 0x20;
		put(task->sense + 3, cdb[1], 4);
	}
	task->returned = task->length > cdb[1] ? task->length - cdb[1] : 0;
	pattern_fill(SEED_BASE + cdb[2], field(cdb + 3, 3), task->data, task->returned);
}

/*
 * Ends with any status, that of byte 1.  With CHECK CONDITION goes as much sense as
 * there is room for; behind the fixed part it counts from 0 on.
 */
static void end_with(struct task *task)
{
	size_t i;

	if (task->cdb[1] == STATUS_CHECK) {
		fail(task, 0x0b, 0x00, 0x00);
		task->sense[7] = sizeof(task->sense) - 8;
		for (i = FIXED_SENSE; i < sizeof(task->sense); i++)
			task->sense[i] = (uint8_t)(i - FIXED_SENSE);
	}
	task->status = task->cdb[1];
}

static const struct command commands[] = {
	{ 0x00, do_nothing },		/* TEST UNIT READY */
	{ 0x03, request_sense },
	{ 0x08, read_blocks },
	{ 0x0a, write_blocks },
	{ 0x12, inquiry },
	{ 0x1a, mode_sense_6 },
	{ 0x1b, do_nothing },		/* START STOP UNIT */
	{ 0x1e, do_nothing },		/* PREVENT ALLOW MEDIUM REMOVAL */
	{ 0x25, read_capacity_10 },
	{ 0x28, read_blocks },
	{ 0x2a, write_blocks },
	{ 0x35, do_nothing },		/* SYNCHRONIZE CACHE(10) */
	{ 0x3b, write_buffer },
	{ 0x3c, read_buffer },
	{ 0x5a, mode_sense_10 },
	{ 0x88, read_blocks },
	{ 0x8a, write_blocks },
	{ 0x91, do_nothing },		/* SYNCHRONIZE CACHE(16) */
	{ 0x9e, service_action_in },
	{ 0xa8, read_blocks },
	{ 0xaa, write_blocks },
};

void unit_execute(const struct unit *unit, struct task *task)
{
	size_t i;

	task->status = STATUS_GOOD;
	task->returned = 0;
	if (task->cdb[0] == END_WITH) {
		end_with(task);
		return;
	}
	if (task->cdb[0] >= VENDOR) {
		vendor(task);
		return;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (commands[i].opcode == task->cdb[0]) {
			commands[i].execute(unit, task);
			return;
		}
	}
	fail(task, 0x05, 0x20, 0x00);
}
