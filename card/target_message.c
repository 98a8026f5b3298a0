// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TargetAssist and TargetStatusSend: everything is checked, and fetched once,
 * when the message is taken; data moves later, piece by piece.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "referee.h"
#include "target_private.h"

#define ASSIST_FLAGS \
	(ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS | ASSIST_HIGH_PRIORITY | ASSIST_REPOST)
#define STATUS_FLAGS (STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST)
/* Both messages have these two at the same place. */
#define COMMON_HIGH_PRIORITY ASSIST_HIGH_PRIORITY
#define COMMON_REPOST ASSIST_REPOST
#define MAX_STATUS_IU 512
#define FAST_5_PERIOD 0x32
#define LOG_INFO_FRAME 0x11070000u

static const char *name_of(const struct request *request)
{
	return request->frame[REQ_FUNCTION] == FN_TARGET_ASSIST ? "assist" : "status";
}

/* Whose is it?  HW-77 */
static bool owner_ok(struct firmware *fw, const struct target_io *io, const char *name)
{
	switch (io->state) {
	case IO_HOST:
		referee_violation(fw, RULE_NOT_OWNER, "%s for IoIndex %u, which has no command",
				  name, io->index);
		return false;
	case IO_POSTED:
		referee_violation(fw, RULE_NOT_OWNER, "%s for IoIndex %u, which is posted", name,
				  io->index);
		return false;
	case IO_BUSY:
		referee_violation(fw, RULE_SECOND_MESSAGE, "%s for IoIndex %u, one is outstanding",
				  name, io->index);
		return false;
	case IO_ENDED:
		referee_violation(fw, RULE_STATUS_TWICE, "%s for IoIndex %u, whose I/O has ended",
				  name, io->index);
		return false;
	case IO_DELIVERED:
		break;
	}
	if (io->unpopped && io->assisted)
		referee_violation(fw, RULE_SECOND_MESSAGE,
				  "%s for IoIndex %u, the reply to the last one is not taken", name,
				  io->index);
	else if (io->unpopped)
		referee_violation(fw, RULE_NOT_OWNER,
				  "%s for IoIndex %u before its arrival was taken", name,
				  io->index);
	return !io->unpopped;
}

/* HW-58, HW-63, HW-86 */
static bool echo_ok(struct firmware *fw, const struct target_io *io, const struct request *request)
{
	const uint8_t *frame = request->frame;
	uint32_t word = mpi_get32(frame + TARGET_REPLY_WORD);

	if (word != io->word) {
		referee_violation(fw, RULE_REPLY_WORD,
				  "%s with ReplyWord %08xh, the command's is %08xh",
				  name_of(request), word, io->word);
		return false;
	}
	if (mpi_get16(frame + TARGET_QUEUE_TAG) != io->tag) {
		referee_violation(fw, RULE_MESSAGE,
				  "%s for IoIndex %u with tag %04xh, the command's is %04xh",
				  name_of(request), io->index, mpi_get16(frame + TARGET_QUEUE_TAG),
				  io->tag);
		return false;
	}
	if (memcmp(frame + TARGET_LUN, io->lun, sizeof(io->lun))) {
		referee_violation(fw, RULE_MESSAGE,
				  "%s for IoIndex %u with another LUN than the command's",
				  name_of(request), io->index);
		return false;
	}
	return true;
}

/* HW-91 to HW-93.  @final: this message ends the I/O. */
static bool flags_ok(struct firmware *fw, const struct target_io *io, const struct request *request,
		     uint8_t allowed, bool final)
{
	uint8_t flags = request->frame[TARGET_FLAGS];
	const char *why = NULL;

	if (flags & ~allowed)
		why = "reserved flags";
	else if (flags & COMMON_REPOST && !final)
		why = "REPOST before the status";
	else if (io->priority && !(flags & COMMON_HIGH_PRIORITY))
		why = "priority I/O needs HIGH_PRIORITY";
	else if (io->priority && final && !(flags & COMMON_REPOST))
		why = "the last message of priority I/O needs REPOST";
	else if (flags & COMMON_HIGH_PRIORITY && !request->handshake && !request->high_priority)
		why = "HIGH_PRIORITY by the normal request FIFO";
	if (why)
		referee_violation(fw, RULE_MESSAGE, "%s for IoIndex %u: %s (flags %02xh)",
				  name_of(request), io->index, why, flags);
	return !why;
}

/* What the initiator must not see yet, or not any more. */
static bool moment_ok(struct target *target, const struct target_io *io,
		      const struct request *request)
{
	bool takes_data = request->frame[REQ_FUNCTION] == FN_TARGET_ASSIST &&
			  !(request->frame[TARGET_FLAGS] & ASSIST_TO_INITIATOR);

	if (target_allegiance_holds(target, io))
		referee_violation(target->fw, RULE_ALLEGIANCE,
				  "%s for IoIndex %u while its nexus's sense waits to be fetched",
				  name_of(request), io->index);
	else if (io->task && io->cleared && takes_data)
		referee_violation(target->fw, RULE_FUNCTION_EARLY,
				  "data is asked for by IoIndex %u, which a function has ended",
				  io->index);
	else
		return true;
	return false;
}

static struct target_io *claim(struct target *target, const struct request *request, size_t least)
{
	struct target_io *io;
	uint32_t word;

	if (request->length < least) {
		referee_violation(target->fw, RULE_MESSAGE, "%s of %zu bytes", name_of(request),
				  request->length);
		return NULL;
	}
	word = mpi_get32(request->frame + TARGET_REPLY_WORD);
	io = &target->ios[word & CONTEXT_REPLY_INDEX_MASK];
	if (!owner_ok(target->fw, io, name_of(request)) || !echo_ok(target->fw, io, request) ||
	    !moment_ok(target, io, request))
		return NULL;
	return io;
}

/* NULL after an answer: the nexus is gone, or there is no memory. */
static struct target_message *new_message(struct target *target, struct target_io *io,
					  const struct request *request)
{
	uint8_t function = request->frame[REQ_FUNCTION];
	uint32_t context = mpi_get32(request->frame + REQ_CONTEXT);
	struct target_message *message;
	struct bus_task *task = io->task;

	if (!task && !io->tmf_over) {
		target_error(target, io, function, context, io->lost, 0, 0);
		return NULL;
	}
	message = calloc(1, sizeof(*message));
	if (!message) {
		log_line(target->fw->options->name, "no memory for a message");
		target_io_over(target, io);
		if (task)
			bus_drop(task);
		target_error(target, io, function, context, STATUS_INSUFFICIENT_RESOURCES, 0, 0);
		return NULL;
	}
	message->function = function;
	message->context = context;
	message->repost = request->frame[TARGET_FLAGS] & COMMON_REPOST;
	return message;
}

static void discard(struct target_message *message)
{
	sgl_free(&message->sgl);
	free(message);
}

static void start(struct target *target, struct target_io *io, struct target_message *message)
{
	io->message = message;
	io->state = IO_BUSY;
	TAILQ_INSERT_TAIL(&target->busy, io, link);
}

/* TargetAssist, HW-69 to HW-73 */

static bool assist_fields_ok(struct target *target, const struct target_io *io,
			     const struct request *request)
{
	uint32_t offset = mpi_get32(request->frame + ASSIST_OFFSET);
	uint32_t length = mpi_get32(request->frame + ASSIST_DATA_LENGTH);

	if (io->tmf) {
		referee_violation(target->fw, RULE_MESSAGE,
				  "assist for IoIndex %u, a task management function", io->index);
		return false;
	}
	if (request->frame[TARGET_FLAGS] & ASSIST_AUTO_STATUS &&
	    request->frame[TARGET_STATUS_CODE]) {
		referee_violation(target->fw, RULE_MESSAGE,
				  "assist for IoIndex %u: AUTO_STATUS of %02xh", io->index,
				  request->frame[TARGET_STATUS_CODE]);
		return false;
	}
	if (offset != io->next_offset || length > UINT32_MAX - offset) {
		referee_violation(target->fw, RULE_DATA_LENGTH,
				  "assist for IoIndex %u: %u bytes at offset %u, the data is at %u",
				  io->index, length, offset, io->next_offset);
		return false;
	}
	return true;
}

/* HW-34 to HW-37 */
static const char *list_fault(const struct sgl *sgl, uint32_t length, bool to_initiator)
{
	if (!sgl->end_of_list)
		return "list without a proper end";
	if (sgl->length != length)
		return "DataLength is not the sum of the list";
	if (length && sgl->to_card != to_initiator)
		return "direction of list and assist differ";
	return NULL;
}

static bool parse_assist_list(struct target *target, const struct target_io *io,
			      const struct request *request, struct target_message *message)
{
	struct firmware *fw = target->fw;
	uint8_t chain_offset = request->frame[REQ_CHAIN_OFFSET];
	const char *why = NULL;
	int ret;

	ret = sgl_parse(&message->sgl, fw->dma, request->frame, request->length, ASSIST_SGL,
			chain_offset, fw->options->max_chain_depth, &why);
	if (ret == -EIO || ret == -EFAULT) {
		firmware_dma_failed(fw, ret, "chain of an assist", message->sgl.chain_address);
		return false;
	}
	if (ret || (chain_offset && !message->sgl.nr_chains)) {
		referee_violation(fw, !ret || message->sgl.bad_chain ? RULE_CHAIN : RULE_SGL,
				  "assist for IoIndex %u: %s", io->index,
				  ret ? why : "the list ends before ChainOffset");
		return false;
	}
	why = list_fault(&message->sgl, message->length, message->to_initiator);
	if (why)
		referee_violation(fw, RULE_SGL, "assist for IoIndex %u: %s (%llu, %u)", io->index,
				  why, (unsigned long long)message->sgl.length, message->length);
	return !why;
}

void target_assist(struct target *target, const struct request *request)
{
	uint8_t flags = request->frame[TARGET_FLAGS];
	struct target_io *io = claim(target, request, ASSIST_SGL);
	struct target_message *message;

	if (!io || !flags_ok(target->fw, io, request, ASSIST_FLAGS, flags & ASSIST_AUTO_STATUS) ||
	    !assist_fields_ok(target, io, request))
		return;
	message = new_message(target, io, request);
	if (!message)
		return;
	message->send_status = flags & ASSIST_AUTO_STATUS;
	message->to_initiator = flags & ASSIST_TO_INITIATOR;
	message->offset = mpi_get32(request->frame + ASSIST_OFFSET);
	message->length = mpi_get32(request->frame + ASSIST_DATA_LENGTH);
	if (parse_assist_list(target, io, request, message))
		start(target, io, message);
	else
		discard(message);
}

/* TargetStatusSend, HW-74 to HW-76 */

/* The length of one of the IU's lists, 0 unless @flag says that it is there. */
static uint32_t list_length(const uint8_t *iu, uint8_t flag, unsigned int offset)
{
	return iu[STATUS_IU_VALID] & flag ? mpi_get_be32(iu + offset) : 0;
}

static const char *parse_status_iu(struct target_message *message, const uint8_t *iu, size_t length)
{
	uint32_t failures = list_length(iu, STATUS_IU_VALID_FAILURES, STATUS_IU_FAILURES_LENGTH);
	uint32_t sense = list_length(iu, STATUS_IU_VALID_SENSE, STATUS_IU_SENSE_LENGTH);
	size_t room = length - STATUS_IU_DATA;

	if (iu[STATUS_IU_STATUS] != message->status)
		return "StatusCode and information unit differ";
	if (failures > room || sense > room - failures)
		return "information unit shorter than its lists";
	if (sense > sizeof(message->sense))
		return "more sense than SPC allows";
	if (failures > STATUS_IU_FAILURE_CODE)
		message->response = iu[STATUS_IU_DATA + STATUS_IU_FAILURE_CODE];
	message->sense_length = sense;
	memcpy(message->sense, iu + STATUS_IU_DATA + failures, sense);
	return NULL;
}

/* The IU's list is one simple element, or an empty one. */
static const char *status_list_fault(const struct sgl *sgl)
{
	if (!sgl->end_of_list)
		return "list without a proper end";
	if (!sgl->length)
		return NULL;
	if (sgl->nr_segments != 1)
		return "more than one element";
	if (!sgl->to_card)
		return "element flows to the host";
	if (sgl->length < STATUS_IU_DATA || sgl->length > MAX_STATUS_IU)
		return "length of the information unit";
	return NULL;
}

static bool fetch_status_iu(struct target *target, const struct target_io *io,
			    const struct request *request, struct target_message *message)
{
	struct firmware *fw = target->fw;
	uint8_t iu[MAX_STATUS_IU];
	const char *why = NULL;
	int ret;

	if (request->frame[REQ_CHAIN_OFFSET]) {
		referee_violation(fw, RULE_CHAIN, "status for IoIndex %u with a chain", io->index);
		return false;
	}
	ret = sgl_parse(&message->sgl, fw->dma, request->frame, request->length, STATUS_SEND_SGE, 0,
			0, &why);
	if (!ret)
		why = status_list_fault(&message->sgl);
	if (why) {
		referee_violation(fw, RULE_SGL, "status for IoIndex %u: %s", io->index, why);
		return false;
	}
	if (!message->sgl.length)
		return true;
	ret = sgl_read(&message->sgl, fw->dma, 0, iu, (size_t)message->sgl.length);
	if (ret) {
		firmware_dma_failed(fw, ret, "status information unit",
				    message->sgl.segments[0].addr);
		return false;
	}
	why = parse_status_iu(message, iu, (size_t)message->sgl.length);
	if (why)
		referee_violation(fw, RULE_MESSAGE, "status for IoIndex %u: %s", io->index, why);
	return !why;
}

static bool takes_data(const struct target_io *io)
{
	return io->message && io->message->function == FN_TARGET_ASSIST &&
	       !io->message->to_initiator;
}

/*
 * A function is complete when the tasks that it ends are (SAM-3): its initiator uses
 * their tags and memory again.  Others may still get an answer, TASK ABORTED or
 * one that was under way, but are asked for no data any more.
 */
static bool function_end_ok(struct target *target, const struct target_io *function,
			    const struct target_message *message)
{
	unsigned int i;

	if (!function->tmf || !function->task || message->response)
		return true;
	for (i = 0; i < NR_IO_INDEXES; i++) {
		struct target_io *io = &target->ios[i];

		if (!io->task || !bus_tmf_reaches(function->task, io->task))
			continue;
		io->cleared = true;
		if (bus_task_initiator_id(io->task) != bus_task_initiator_id(function->task) &&
		    !takes_data(io))
			continue;
		referee_violation(target->fw, RULE_FUNCTION_EARLY,
				  "task management %02xh complete, but IoIndex %u is still open",
				  bus_task_command(function->task)->tmf, i);
		return false;
	}
	return true;
}

void target_status(struct target *target, const struct request *request)
{
	bool automatic = request->frame[TARGET_FLAGS] & STATUS_SEND_AUTO_GOOD;
	struct target_io *io = claim(target, request, STATUS_SEND_SGE);
	struct target_message *message;

	if (!io || !flags_ok(target->fw, io, request, STATUS_FLAGS, true))
		return;
	if (automatic && request->frame[TARGET_STATUS_CODE]) {
		referee_violation(target->fw, RULE_MESSAGE,
				  "status for IoIndex %u: AUTO_GOOD with %02xh", io->index,
				  request->frame[TARGET_STATUS_CODE]);
		return;
	}
	message = new_message(target, io, request);
	if (!message)
		return;
	message->send_status = true;
	message->status = request->frame[TARGET_STATUS_CODE];
	if ((automatic || fetch_status_iu(target, io, request, message)) &&
	    function_end_ok(target, io, message))
		start(target, io, message);
	else
		discard(message);
}

/* Execution */

static void finish(struct target *target, struct target_io *io, bool status_sent, bool sense_lost)
{
	/* HW-97 */
	bool repost = status_sent && io->message->repost &&
		      (!sense_lost || target->fw->options->repost_after_6b);
	uint8_t function = io->message->function;
	uint32_t context = io->message->context;

	target_message_off(target, io);
	if (sense_lost) {
		/* HW-82 */
		target_error(target, io, function, context, STATUS_TARGET_STS_DATA_NOT_SENT, 0, 0);
	} else {
		if (status_sent)
			io->state = IO_ENDED;
		target_word(target, io);
	}
	/* HW-54 */
	if (repost)
		target_give_to_ioc(target, io);
}

static void send_status(struct target *target, struct target_io *io)
{
	struct target_message *message = io->message;
	struct bus_task *task = io->task;
	int ret = 0;

	/* The task is the bus's from here on; nothing about it may come back as lost. */
	target_io_over(target, io);
	if (io->tmf && task)
		bus_end_tmf(task, message->response);
	else if (task)
		ret = bus_send_status(task, message->status, message->response, message->sense,
				      message->sense_length);
	if (ret == -ENOMSG && message->sense_length)
		target_allegiance_begin(target, io, task);
	finish(target, io, true, ret == -ENOMSG);
}

static int move_piece(struct target *target, struct target_io *io, uint32_t length)
{
	struct target_message *message = io->message;
	uint32_t at = message->offset + message->done;
	struct dma *dma = target->fw->dma;
	int ret = 0, bus = 0;

	if (message->to_initiator) {
		ret = sgl_read(&message->sgl, dma, message->done, target->piece, length);
		if (!ret)
			bus = bus_data_in(io->task, at, target->piece, length);
	} else {
		bus = bus_data_out(io->task, at, target->piece, length);
		/* Nothing of another command's data may go to the host instead. */
		if (bus && bus != -EOVERFLOW)
			memset(target->piece, 0, length);
		if (io->message)
			ret = sgl_write(&message->sgl, dma, message->done, target->piece, length);
	}
	if (ret) {
		firmware_dma_failed(target->fw, ret, "data of an assist, list beginning",
				    message->sgl.segments[0].addr);
		return ret;
	}
	/* More than the initiator expects is between it and the engine; the card does not know. */
	return bus == -EOVERFLOW ? 0 : bus;
}

/* Neither side can go on with this command. */
static void give_up(struct target *target, struct target_io *io, uint16_t status, uint32_t log_info)
{
	struct bus_task *task = io->task;

	target_io_over(target, io);
	bus_drop(task);
	target_message_explained(target, io, status, log_info);
}

/* HW-98: how much of the last @length bytes the wire sees. */
static uint32_t bytes_on_wire(struct target *target, const struct target_io *io, uint32_t length)
{
	struct bus_parameters agreed;

	if (!target->fw->options->length_fault || !(io->message->length & 3))
		return length;
	bus_agreed(target->fw->port, bus_task_initiator_id(io->task), &agreed);
	return agreed.offset && agreed.period < FAST_5_PERIOD ? length & ~3u : length;
}

/* HW-99 */
static bool frame_overfull(const struct target *target, const struct target_message *message)
{
	unsigned int limit = target->fw->options->frame_limit;

	return limit && message->sgl.most_used > limit;
}

static void assist_step(struct target *target, struct target_io *io)
{
	struct target_message *message = io->message;
	uint32_t length = message->length - message->done, moved;
	int ret = 0;

	if (frame_overfull(target, message)) {
		give_up(target, io, STATUS_INTERNAL_ERROR, LOG_INFO_FRAME);
		return;
	}
	if (length > TARGET_PIECE)
		length = TARGET_PIECE;
	moved = bytes_on_wire(target, io, length);
	if (moved)
		ret = move_piece(target, io, moved);
	/* The other side's callbacks may have ended it, and a failure of DMA the IOC. */
	if (!io->message || !firmware_online(target->fw))
		return;
	if (ret) {
		give_up(target, io, STATUS_TARGET_NO_CONNECTION, 0);
		return;
	}
	message->done += length;
	if (message->done < message->length) {
		TAILQ_REMOVE(&target->busy, io, link);
		TAILQ_INSERT_TAIL(&target->busy, io, link);
		return;
	}
	io->next_offset = message->offset + message->length;
	io->assisted = true;
	if (target_odd_assist(target, io))
		return;
	if (message->send_status)
		send_status(target, io);
	else
		finish(target, io, false, false);
}

int target_message_status(const struct target_io *io)
{
	return io->message->function == FN_TARGET_ASSIST ? BUS_DATA : io->message->status;
}

void target_message_step(struct target *target, struct target_io *io)
{
	if (io->message->function == FN_TARGET_ASSIST)
		assist_step(target, io);
	else
		send_status(target, io);
}
