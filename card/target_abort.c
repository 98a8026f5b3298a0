// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TargetModeAbort.  It comes by the doorbell, past the request FIFO: it waits
 * until what the host posted there before it has been taken, or it would miss
 * its victims.  The victims' replies go first (HW-83 to HW-85).
 */
#include <stdlib.h>
#include <string.h>

#include "config_pages.h"
#include "log.h"
#include "referee.h"
#include "registers.h"
#include "target_private.h"

#define MAX_ABORTS 64
#define PATIENCE 256			/* passes of the main loop */

static uint32_t abort_word(const struct request *request)
{
	return mpi_get32(request->frame + ABORT_REPLY_WORD);
}

static uint32_t return_posted(struct target *target)
{
	struct target_io *io;
	uint32_t count = 0;

	target_flush_acks(target);
	while ((io = TAILQ_FIRST(&target->posted))) {
		target_take_from_ioc(target, io);
		io->word = CONTEXT_REPLY_TARGET | io->index;
		target_post_reply(target, io, STATUS_TARGET_ABORTED, REASON_NO_DISCONNECT);
		count++;
	}
	return count;
}

static bool is_open(const struct target_io *io)
{
	return io->state == IO_DELIVERED || io->state == IO_BUSY;
}

/* The wire goes free; an outstanding message is answered, the I/O ends either way. */
static void abort_io(struct target *target, struct target_io *io)
{
	struct bus_task *task = io->task;

	target_io_over(target, io);
	if (task)
		bus_drop(task);
	if (io->message)
		target_message_failed(target, io, STATUS_TARGET_ABORTED);
	io->state = IO_ENDED;
}

/*
 * An I/O that may end by itself, and give its buffer back to us: the abort is as
 * likely to find the next command there, which has the same word.  Where messages
 * can be taken away alone, the host is to do that first.
 */
static bool is_blind(const struct target *target, const struct target_io *io)
{
	return target->fw->options->message_abort && io->message && io->message->repost;
}

static uint32_t abort_all_io(struct target *target)
{
	uint32_t count = 0;
	unsigned int i;

	for (i = 0; i < NR_IO_INDEXES; i++) {
		if (!is_open(&target->ios[i]))
			continue;
		abort_io(target, &target->ios[i]);
		count++;
	}
	return count;
}

static struct target_io *find_io(struct target *target, uint32_t word)
{
	struct target_io *io = &target->ios[word & CONTEXT_REPLY_INDEX_MASK];

	return is_open(io) && io->word == word ? io : NULL;
}

/* Takes the message away from the I/O, which stays open: its data can be sent again. */
static uint32_t abort_message(struct target *target, struct target_io *io, uint32_t context)
{
	if (!io->message || io->message->context != context)
		return 0;
	target_message_failed(target, io, STATUS_TARGET_ABORTED);
	io->state = IO_DELIVERED;
	return 1;
}

static void reply(struct target *target, const struct request *request, uint16_t status,
		  uint32_t count, struct target_io *io)
{
	uint8_t message[ABORT_REPLY_SIZE] = { 0 };

	message[REPLY_LENGTH] = sizeof(message) / 4;
	message[REPLY_FUNCTION] = FN_TARGET_ABORT;
	mpi_put32(message + REPLY_CONTEXT, mpi_get32(request->frame + REQ_CONTEXT));
	mpi_put16(message + REPLY_IOC_STATUS, status);
	mpi_put32(message + ABORT_REPLY_COUNT, count);
	if (!io) {
		firmware_reply(target->fw, message, sizeof(message));
		return;
	}
	/* With nothing outstanding this is what tells the host that the buffer is its own. */
	io->unpopped++;
	firmware_reply_about(target->fw, message, sizeof(message), io->index);
}

static void execute(struct target *target, const struct request *request)
{
	struct target_io *io = NULL;
	uint32_t count = 0;

	switch (request->frame[ABORT_TYPE]) {
	case ABORT_ALL_CMD_BUFFERS:
		count = return_posted(target);
		break;
	case ABORT_ALL_IO:
		count = abort_all_io(target);
		break;
	case ABORT_EXACT_IO:
		io = find_io(target, abort_word(request));
		if (io && is_blind(target, io)) {
			referee_violation(target->fw, RULE_BLIND_ABORT,
					  "IoIndex %u, whose message carries REPOST", io->index);
			return;
		}
		count = io ? 1 : 0;
		if (io)
			abort_io(target, io);
		break;
	case ABORT_EXACT_REQUEST:
		if (!target->fw->options->message_abort) {	/* HW-127 */
			reply(target, request, STATUS_INVALID_FIELD, 0, NULL);
			return;
		}
		io = find_io(target, abort_word(request));
		if (io)
			count = abort_message(target, io,
					      mpi_get32(request->frame + ABORT_CONTEXT));
		io = NULL;
		break;
	}
	reply(target, request, STATUS_SUCCESS, count, io);
	/* With its last address gone the host is shutting down. */
	if (request->frame[ABORT_TYPE] == ABORT_ALL_CMD_BUFFERS &&
	    !config_pages_target_ids(target->fw->pages))
		target_judge_buffers(target, true);
}

void target_abort(struct target *target, const struct request *request)
{
	struct target_abort *abort;

	if (request->length < ABORT_SIZE || request->frame[ABORT_TYPE] > ABORT_EXACT_REQUEST) {
		referee_violation(target->fw, RULE_MESSAGE, "abort of type %u, %zu bytes",
				  request->frame[ABORT_TYPE], request->length);
		return;
	}
	abort = target->nr_aborts < MAX_ABORTS ? malloc(sizeof(*abort)) : NULL;
	if (!abort) {
		reply(target, request, STATUS_INSUFFICIENT_RESOURCES, 0, NULL);
		return;
	}
	abort->request = *request;
	abort->patience = PATIENCE;
	TAILQ_INSERT_TAIL(&target->aborts, abort, link);
	target->nr_aborts++;
}

bool target_abort_work(struct target *target)
{
	struct target_abort *abort = TAILQ_FIRST(&target->aborts);

	if (!abort)
		return false;
	if (registers_pending(target->fw->registers) && --abort->patience)
		return true;
	TAILQ_REMOVE(&target->aborts, abort, link);
	target->nr_aborts--;
	execute(target, &abort->request);
	free(abort);
	return !TAILQ_EMPTY(&target->aborts);
}
