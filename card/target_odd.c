// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a target's firmware says only when something goes wrong on the wire, or in
 * the card, and here every now and then if an option asks for it.
 */
#include "target_private.h"

#define EVERY 16
#define STRAY_KINDS 3
#define STRANGE_INITIATOR (0x10u << CONTEXT_REPLY_INITIATOR_SHIFT)

static bool due(unsigned int *count)
{
	return ++*count % EVERY == 0;
}

/* HW-80: the nexus is there, and a status is owed. */
static bool leaves_open(uint16_t ioc_status)
{
	switch (ioc_status) {
	case STATUS_TARGET_PRIORITY_IO:
	case STATUS_TARGET_XFER_COUNT_MISMATCH:
	case STATUS_TARGET_DATA_OFFSET_ERROR:
	case STATUS_TARGET_TOO_MUCH_WRITE_DATA:
	case STATUS_TARGET_IU_TOO_SHORT:
		return true;
	default:
		return false;
	}
}

bool target_odd_assist(struct target *target, struct target_io *io)
{
	uint16_t ioc_status = target->fw->options->assist_status;
	struct bus_task *task = io->task;
	bool open = leaves_open(ioc_status);

	if (!ioc_status || !due(&target->odd_assists))
		return false;
	if (!open) {			/* HW-81 */
		target_io_over(target, io);
		bus_drop(task);
	}
	target_message_failed(target, io, ioc_status);
	if (open) {
		io->state = IO_DELIVERED;
		io->priority = io->priority || ioc_status == STATUS_TARGET_PRIORITY_IO;
	}
	return true;
}

enum priority_reason target_odd_reason(struct target *target, struct target_io *io)
{
	uint8_t reason = target->fw->options->priority_reason;

	if (io->tmf)
		return REASON_TASK_MANAGEMENT;
	if (!reason || !due(&target->odd_arrivals))
		return REASON_NO_DISCONNECT;
	io->priority = true;
	return (enum priority_reason)reason;
}

uint32_t target_odd_word(struct target *target, uint32_t word)
{
	if (target->fw->options->stray_replies && due(&target->odd_words))
		return word | STRANGE_INITIATOR;
	return word;
}

/* An error of an I/O that never was, with a request frame that nobody has. */
static void stray_error(struct target *target, const struct target_io *io)
{
	uint8_t reply[TARGET_REPLY_SIZE] = { 0 };

	reply[REPLY_LENGTH] = sizeof(reply) / 4;
	reply[REPLY_FUNCTION] = FN_TARGET_ASSIST;
	mpi_put32(reply + REPLY_CONTEXT, io->post_context | 0xffff);
	mpi_put16(reply + REPLY_IOC_STATUS, STATUS_TARGET_ABORTED);
	mpi_put32(reply + TARGET_REPLY_WORD_ECHO, io->word | CONTEXT_REPLY_INDEX_MASK);
	firmware_reply(target->fw, reply, sizeof(reply));
}

void target_odd_strays(struct target *target, const struct target_io *io)
{
	if (!target->fw->options->stray_replies || !due(&target->odd_strays))
		return;
	switch (target->odd_strays / EVERY % STRAY_KINDS) {
	case 0:				/* no such IoIndex */
		firmware_reply_context(target->fw, io->word | CONTEXT_REPLY_INDEX_MASK);
		break;
	case 1:				/* another initiator's */
		firmware_reply_context(target->fw,
				       io->word ^ 1u << CONTEXT_REPLY_INITIATOR_SHIFT);
		break;
	default:
		stray_error(target, io);
	}
}
