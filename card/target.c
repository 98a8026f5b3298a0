// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The target role: command buffers, and who has them.  The host owns an IoIndex
 * until it posts it; the IOC until a command arrived in it; then the host again
 * until it posts it, or a message with REPOST has completed (HW-54).
 */
#include <stdlib.h>
#include <string.h>

#include "config_pages.h"
#include "counters.h"
#include "log.h"
#include "referee.h"
#include "registers.h"
#include "target_private.h"

#define STEPS_PER_PASS 32
#define ACK_PATIENCE 32

/* A buffer and its owner */

void target_give_to_ioc(struct target *target, struct target_io *io)
{
	io->state = IO_POSTED;
	TAILQ_INSERT_TAIL(&target->posted, io, link);
	target->nr_posted++;
}

void target_take_from_ioc(struct target *target, struct target_io *io)
{
	TAILQ_REMOVE(&target->posted, io, link);
	target->nr_posted--;
	io->state = IO_HOST;
}

void target_io_over(struct target *target, struct target_io *io)
{
	if (!io->task)
		return;
	io->task = NULL;
	if (!io->tmf)
		counters_command_end(target->fw->counters);
}

void target_message_off(struct target *target, struct target_io *io)
{
	if (!io->message)
		return;
	TAILQ_REMOVE(&target->busy, io, link);
	sgl_free(&io->message->sgl);
	free(io->message);
	io->message = NULL;
	io->state = IO_DELIVERED;
}

void target_word(struct target *target, struct target_io *io)
{
	io->unpopped++;
	firmware_reply_context(target->fw, io->word);
}

/* HW-78 */
void target_error(struct target *target, struct target_io *io, uint8_t function, uint32_t context,
		  uint16_t ioc_status, uint32_t transfer_count, uint32_t log_info)
{
	uint8_t reply[TARGET_REPLY_SIZE] = { 0 };

	if (log_info)
		ioc_status |= STATUS_LOG_INFO_AVAILABLE;	/* HW-25 */
	reply[REPLY_LENGTH] = sizeof(reply) / 4;
	reply[REPLY_FUNCTION] = function;
	mpi_put32(reply + REPLY_CONTEXT, context);
	mpi_put16(reply + REPLY_IOC_STATUS, ioc_status);
	mpi_put32(reply + REPLY_LOG_INFO, log_info);
	mpi_put32(reply + TARGET_REPLY_WORD_ECHO, io->word);
	mpi_put32(reply + TARGET_REPLY_TRANSFER_COUNT, transfer_count);
	io->state = IO_ENDED;
	io->unpopped++;
	firmware_reply_about(target->fw, reply, sizeof(reply), io->index);
}

void target_message_explained(struct target *target, struct target_io *io, uint16_t ioc_status,
			      uint32_t log_info)
{
	uint8_t function = io->message->function;
	uint32_t context = io->message->context;
	uint32_t done = io->message->done;

	target_message_off(target, io);
	target_error(target, io, function, context, ioc_status, done, log_info);
}

void target_message_failed(struct target *target, struct target_io *io, uint16_t ioc_status)
{
	target_message_explained(target, io, ioc_status, 0);
}

void target_post_reply(struct target *target, struct target_io *io, uint16_t ioc_status,
		       enum priority_reason reason)
{
	uint8_t reply[POST_ERROR_REPLY_SIZE] = { 0 };

	reply[REPLY_LENGTH] = sizeof(reply) / 4;
	reply[REPLY_FUNCTION] = FN_TARGET_POST;
	mpi_put32(reply + REPLY_CONTEXT, io->post_context);
	reply[POST_REPLY_REASON] = (uint8_t)reason;
	mpi_put16(reply + REPLY_IOC_STATUS, ioc_status);
	mpi_put32(reply + POST_REPLY_WORD, io->word);
	io->unpopped++;
	firmware_reply_about(target->fw, reply, sizeof(reply), io->index);
}

/* Posting */

struct post {
	struct target *target;
	const struct request *request;
	uint8_t flags, count, length;
	struct target_io *ios[UINT8_MAX];
	uint64_t addresses[UINT8_MAX];
	unsigned int nr;		/* descriptors read so far */
};

static size_t descriptor_size(const struct post *post)
{
	return post->flags & POST_FLAG_64 ? DESCRIPTOR_SIZE_64 : DESCRIPTOR_SIZE_32;
}

static uint64_t descriptor_address(const struct post *post, const uint8_t *descriptor)
{
	if (post->flags & POST_FLAG_64)
		return mpi_get64(descriptor + DESCRIPTOR_ADDRESS);
	return mpi_get32(descriptor + DESCRIPTOR_ADDRESS);
}

/* What stands against posting @io, NULL if nothing does. */
static const char *post_obstacle(const struct target_io *io)
{
	switch (io->state) {
	case IO_POSTED:
		return "it is posted already";
	case IO_BUSY:
		return "a message for it is outstanding";
	case IO_DELIVERED:
		/* Without its nexus there is nothing left to answer. */
		if (io->task)
			return "its command is open";
		break;
	default:
		break;
	}
	return io->unpopped ? "a reply about it is not taken yet" : NULL;
}

static bool take_descriptor(struct post *post, const uint8_t *descriptor)
{
	struct firmware *fw = post->target->fw;
	unsigned int index = mpi_get16(descriptor + DESCRIPTOR_INDEX);
	const char *obstacle;
	struct target_io *io;
	unsigned int i;

	if (index >= NR_IO_INDEXES) {
		referee_violation(fw, RULE_MESSAGE, "post: IoIndex %04xh has more than 14 bits",
				  index);
		return false;
	}
	io = &post->target->ios[index];
	obstacle = post_obstacle(io);
	for (i = 0; i < post->nr && !obstacle; i++)
		if (post->ios[i] == io)
			obstacle = "it is in this message twice";
	if (obstacle) {
		referee_violation(fw, RULE_POSTED_TWICE, "IoIndex %u: %s", index, obstacle);
		return false;
	}
	post->ios[post->nr] = io;
	post->addresses[post->nr++] = descriptor_address(post, descriptor);
	return true;
}

static bool take_segment(struct post *post, const uint8_t *data, size_t length)
{
	size_t size = descriptor_size(post);

	for (; post->nr < post->count && length >= size; data += size, length -= size)
		if (!take_descriptor(post, data))
			return false;
	return true;
}

static bool post_chain_violation(struct post *post, const char *why)
{
	referee_violation(post->target->fw, RULE_CHAIN, "post of %u buffers: %s", post->count, why);
	return false;
}

/* HW-50: descriptors that the frame has no room for go on in chains. */
static bool take_chains(struct post *post, const uint8_t *element, size_t room)
{
	struct firmware *fw = post->target->fw;
	struct sgl_chain chain = { 0 }, previous = { 0 };
	unsigned int depth = 0;
	const char *why;
	bool ok = true;

	while (ok && element && post->nr < post->count) {
		if (++depth > fw->options->max_chain_depth)
			ok = post_chain_violation(post, "too many chains");
		else if (sgl_read_chain(&chain, fw->dma, element, room, &why))
			ok = post_chain_violation(post, why);
		free(previous.data);
		previous.data = NULL;
		if (!ok)
			break;
		previous = chain;
		ok = take_segment(post, chain.data, chain.next ? chain.next : chain.length);
		element = chain.next ? chain.data + chain.next : NULL;
		room = chain.length - chain.next;
	}
	free(previous.data);
	return ok;
}

static bool take_descriptors(struct post *post)
{
	const struct request *request = post->request;
	size_t chain_at = 4 * (size_t)request->frame[REQ_CHAIN_OFFSET];
	size_t end = chain_at ? chain_at : request->length;

	if (end > request->length || end < POST_DESCRIPTORS)
		return post_chain_violation(post, "ChainOffset outside the frame");
	if (!take_segment(post, request->frame + POST_DESCRIPTORS, end - POST_DESCRIPTORS))
		return false;
	if (chain_at && !take_chains(post, request->frame + chain_at, request->length - chain_at))
		return false;
	if (post->nr == post->count)
		return true;
	referee_violation(post->target->fw, RULE_MESSAGE, "post of %u buffers holds %u descriptors",
			  post->count, post->nr);
	return false;
}

/* HW-52, HW-53 */
static void acknowledge(struct post *post)
{
	struct target *target = post->target;
	const uint8_t *frame = post->request->frame;
	struct target_ack *ack = calloc(1, sizeof(*ack));

	if (!ack) {
		log_line(target->fw->options->name, "no memory for a reply");
		firmware_reply_default(target->fw, post->request, STATUS_INTERNAL_ERROR);
		return;
	}
	ack->patience = target->fw->options->late_post_ack ? ACK_PATIENCE : 0;
	ack->reply[POST_FLAGS] = post->flags;
	ack->reply[POST_COUNT] = post->count;
	ack->reply[REPLY_LENGTH] = sizeof(ack->reply) / 4;
	ack->reply[REPLY_FUNCTION] = FN_TARGET_POST;
	ack->reply[POST_LENGTH] = post->length;
	mpi_put32(ack->reply + REPLY_CONTEXT, mpi_get32(frame + REQ_CONTEXT));
	TAILQ_INSERT_TAIL(&target->acks, ack, link);
	if (!ack->patience)
		target_flush_acks(target);
}

static void drop_ack(struct target *target, struct target_ack *ack)
{
	TAILQ_REMOVE(&target->acks, ack, link);
	free(ack);
}

void target_flush_acks(struct target *target)
{
	struct target_ack *ack;

	while ((ack = TAILQ_FIRST(&target->acks))) {
		firmware_reply(target->fw, ack->reply, sizeof(ack->reply));
		drop_ack(target, ack);
	}
}

static void post_buffers(struct post *post)
{
	unsigned int i;

	for (i = 0; i < post->nr; i++) {
		struct target_io *io = post->ios[i];

		io->address = post->addresses[i];
		io->length = post->length;
		io->post_context = mpi_get32(post->request->frame + REQ_CONTEXT);
		io->word = CONTEXT_REPLY_TARGET | io->index;
		target_give_to_ioc(post->target, io);
	}
	acknowledge(post);
}

/* HW-49, HW-55 */
static void target_post(struct target *target, const struct request *request)
{
	const uint8_t *frame = request->frame;
	struct post post = { .target = target, .request = request };

	if (request->length < POST_DESCRIPTORS) {
		referee_violation(target->fw, RULE_MESSAGE, "post of %zu bytes", request->length);
		return;
	}
	post.flags = frame[POST_FLAGS];
	post.count = frame[POST_COUNT];
	post.length = frame[POST_LENGTH];
	if (post.flags & POST_FLAG_PORT) {
		firmware_reply_default(target->fw, request, STATUS_TARGET_INVALID_PORT);
	} else if (post.flags & ~POST_FLAG_64 || !post.count || post.length < SPI_BUFFER_SIZE) {
		referee_violation(target->fw, RULE_MESSAGE,
				  "post: flags %02xh, %u buffers of %u bytes", post.flags,
				  post.count, post.length);
	} else if (post.count > target->fw->options->post_batch) {
		firmware_reply_default(target->fw, request, STATUS_INVALID_FIELD);	/* HW-50 */
	} else if (take_descriptors(&post)) {
		if (target->nr_posted + post.nr > target->fw->options->max_posted)
			firmware_reply_default(target->fw, request, STATUS_INSUFFICIENT_RESOURCES);
		else
			post_buffers(&post);
	}
}

/* Arrival */

/* HW-66 */
static uint8_t attribute_shown(const struct target *target, const struct bus_command *command)
{
	if (command->attribute == BUS_UNTAGGED)
		return target->fw->options->untagged_attribute == UNTAGGED_SHOWS_SIMPLE ?
		       BUS_SIMPLE : BUS_UNTAGGED;
	return (uint8_t)command->attribute;
}

/* HW-61 to HW-63, HW-121, HW-124, HW-125 */
static void fill_buffer(const struct target *target, uint8_t *buffer, const struct bus_task *task)
{
	const struct bus_command *command = bus_task_command(task);
	size_t cdb_length = command->cdb_length;
	size_t extra = 0;

	memset(buffer, 0, SPI_BUFFER_SIZE);
	if (cdb_length > SPI_BUFFER_CDB_SIZE) {
		extra = (cdb_length - SPI_BUFFER_CDB_SIZE + 3) / 4;
		cdb_length = SPI_BUFFER_CDB_SIZE;
	}
	if (bus_task_packetized(task))
		buffer[SPI_BUFFER_TYPE] = SPI_BUFFER_TYPE_COMMAND;
	mpi_put16(buffer + SPI_BUFFER_TAG, command->tag);
	memcpy(buffer + SPI_BUFFER_LUN, command->lun, sizeof(command->lun));
	buffer[SPI_BUFFER_ATTRIBUTE] = attribute_shown(target, command);
	buffer[SPI_BUFFER_TMF] = (uint8_t)command->tmf;
	/* As in the IU: dwords, above two bits that say nothing here. */
	buffer[SPI_BUFFER_ADD_CDB] = (uint8_t)(extra << 2);
	memcpy(buffer + SPI_BUFFER_CDB, command->cdb, cdb_length);
	buffer[SPI_BUFFER_ALIAS] = (uint8_t)bus_task_target_id(task);
}

/* HW-59, HW-60 */
static unsigned int initiator_index(struct target *target, const struct bus_task *task)
{
	unsigned int id = bus_task_initiator_id(task);

	if (target->fw->options->initiator_index == INDEX_IS_ID)
		return id;
	if (!target->initiator_index[id])
		target->initiator_index[id] = (uint8_t)(++target->nr_initiators);
	return target->initiator_index[id] - 1u;
}

/* HW-56, HW-67 */
static uint32_t make_word(struct target *target, const struct target_io *io,
			  const struct bus_task *task)
{
	uint32_t word = CONTEXT_REPLY_TARGET | io->index;

	word |= initiator_index(target, task) << CONTEXT_REPLY_INITIATOR_SHIFT;
	if (bus_task_target_id(task) != config_pages_own_id(target->fw->pages))
		word |= CONTEXT_REPLY_ALIAS;
	return target_odd_word(target, word);
}

static void open_command(struct target *target, struct target_io *io, struct bus_task *task)
{
	const struct bus_command *command = bus_task_command(task);

	target_take_from_ioc(target, io);
	io->state = IO_DELIVERED;
	io->task = task;
	io->lost = 0;
	io->word = make_word(target, io, task);
	io->tag = command->tag;
	memcpy(io->lun, command->lun, sizeof(io->lun));
	io->tmf = command->tmf != BUS_TMF_NONE;
	io->tmf_over = false;
	io->cleared = false;
	io->priority = io->tmf || !command->disconnect;
	io->assisted = false;
	io->next_offset = 0;
	bus_task_set_private(task, io);
	if (!io->tmf)
		counters_command_start(target->fw->counters);
}

/* With late acks the newest buffer goes first, the one whose ack can be overtaken. */
static struct target_io *next_buffer(struct target *target)
{
	if (target->fw->options->late_post_ack)
		return TAILQ_LAST(&target->posted, target_io_list);
	return TAILQ_FIRST(&target->posted);
}

/* HW-95: the host's status will only give the buffer back. */
static void end_tmf_at_once(struct target *target, struct target_io *io)
{
	struct bus_task *task = io->task;

	io->tmf_over = true;
	target_io_over(target, io);
	bus_end_tmf(task, 0);
}

static enum bus_accept arrive(void *owner, struct bus_task *task)
{
	struct firmware *fw = owner;
	struct target *target = fw->target;
	uint8_t buffer[SPI_BUFFER_SIZE];
	enum priority_reason reason;
	struct target_io *io;
	int ret;

	if (!firmware_online(fw))
		return BUS_BUSY;
	io = next_buffer(target);
	if (!io)
		return BUS_BUSY;	/* HW-68 */
	fill_buffer(target, buffer, task);
	target_allegiance_arrival(target, task);
	ret = dma_write(fw->dma, io->address, buffer, sizeof(buffer));
	if (ret) {
		firmware_dma_failed(fw, ret, "command buffer", io->address);
		return BUS_BUSY;
	}
	open_command(target, io, task);
	reason = target_odd_reason(target, io);
	if (!io->priority)
		target_word(target, io);
	else	/* HW-90 */
		target_post_reply(target, io, STATUS_TARGET_PRIORITY_IO, reason);
	target_odd_strays(target, io);
	target_flush_acks(target);
	if (io->tmf && fw->options->tmf_end == TMF_ENDS_AT_ONCE)
		end_tmf_at_once(target, io);
	return BUS_ACCEPTED;
}

static uint16_t status_of_lost(const struct function_options *options, enum bus_outcome why)
{
	static const uint16_t after_reset[] = {
		[RESET_IS_ABORTED] = STATUS_TARGET_ABORTED,
		[RESET_IS_RETRYABLE] = STATUS_TARGET_NO_CONN_RETRYABLE,
		[RESET_IS_NO_CONNECTION] = STATUS_TARGET_NO_CONNECTION,
	};

	if (why == BUS_WAS_RESET)
		return after_reset[options->bus_reset_status];
	return why == BUS_ABORTED ? STATUS_TARGET_ABORTED : STATUS_TARGET_NO_CONNECTION;
}

/* HW-107.  Without a message outstanding the host hears of it with its next one. */
static void lost(void *owner, struct bus_task *task, enum bus_outcome why)
{
	struct firmware *fw = owner;
	struct target_io *io = bus_task_private(task);

	if (!io || io->task != task)
		return;
	target_io_over(fw->target, io);
	io->lost = status_of_lost(fw->options, why);
	if (io->state == IO_BUSY)
		target_message_failed(fw->target, io, io->lost);
}

/* HW-96.  Who did it is not known here, so it is the other side's. */
static void bus_was_reset(void *owner)
{
	struct firmware *fw = owner;
	const uint32_t target_and_port = 0;

	target_allegiance_end_all(fw->target);
	firmware_event(fw, EVENT_EXT_BUS_RESET, &target_and_port, fw->options->bus_reset_data);
}

const struct bus_target_ops target_bus_ops = {
	.arrive = arrive,
	.lost = lost,
	.reset = bus_was_reset,
};

/* From the firmware */

bool target_request(struct target *target, const struct request *request)
{
	switch (request->frame[REQ_FUNCTION]) {
	case FN_TARGET_POST:
		target_post(target, request);
		return true;
	case FN_TARGET_ASSIST:
		target_assist(target, request);
		return true;
	case FN_TARGET_STATUS:
		target_status(target, request);
		return true;
	case FN_TARGET_ABORT:
		target_abort(target, request);
		return true;
	default:
		return false;
	}
}

void target_io_popped(struct target *target, unsigned int index)
{
	struct target_io *io = &target->ios[index & CONTEXT_REPLY_INDEX_MASK];

	if (io->unpopped)
		io->unpopped--;
	io->popped_at = referee_now();
}

void target_reply_popped(struct target *target, uint32_t word)
{
	target_io_popped(target, word & CONTEXT_REPLY_INDEX_MASK);
}

static void wait_for_acks(struct target *target)
{
	struct target_ack *ack = TAILQ_FIRST(&target->acks);

	if (ack && !--ack->patience)
		target_flush_acks(target);
}

/* A message that can go on; the initiator of another may not answer reselection now. */
static struct target_io *next_busy(struct target *target)
{
	struct target_io *io;

	TAILQ_FOREACH(io, &target->busy, link)
		if (!io->task || bus_task_ready(io->task, target_message_status(io)))
			return io;
	return NULL;
}

bool target_work(struct target *target)
{
	unsigned int steps = STEPS_PER_PASS;
	bool more = target_abort_work(target);
	struct target_io *io;

	while (steps-- && firmware_online(target->fw) && (io = next_busy(target)))
		target_message_step(target, io);
	if (!firmware_online(target->fw))
		return false;
	wait_for_acks(target);
	return more || next_busy(target) || !TAILQ_EMPTY(&target->acks);
}

void target_judge_buffers(struct target *target, bool recent)
{
	unsigned int i;

	for (i = 0; i < NR_IO_INDEXES; i++) {
		const struct target_io *io = &target->ios[i];

		if (io->state != IO_ENDED || io->unpopped)
			continue;
		if (!recent && !referee_long_ago(target->fw->referee, io->popped_at))
			continue;
		referee_violation(target->fw, RULE_NEVER_REPOSTED,
				  "IoIndex %u: its I/O has ended, and nobody posted it", i);
		return;
	}
}

/* Birth, reset, death */

static void drop_waiting(struct target *target)
{
	struct target_abort *abort;
	struct target_ack *ack;

	while ((ack = TAILQ_FIRST(&target->acks)))
		drop_ack(target, ack);
	while ((abort = TAILQ_FIRST(&target->aborts))) {
		TAILQ_REMOVE(&target->aborts, abort, link);
		free(abort);
	}
	target->nr_aborts = 0;
}

void target_reset(struct target *target, enum ioc_reset kind)
{
	unsigned int i;

	(void)kind;			/* the host loses its buffers by each of them */
	memset(target->initiator_index, 0, sizeof(target->initiator_index));
	target->nr_initiators = 0;
	drop_waiting(target);
	target_allegiance_end_all(target);
	for (i = 0; i < NR_IO_INDEXES; i++) {
		struct target_io *io = &target->ios[i];
		struct bus_task *task = io->task;

		if (io->state == IO_POSTED)
			target_take_from_ioc(target, io);
		target_message_off(target, io);
		target_io_over(target, io);
		io->state = IO_HOST;
		io->unpopped = 0;
		if (task)
			bus_drop(task);
	}
}

struct target *target_new(struct firmware *fw)
{
	struct target *target = calloc(1, sizeof(*target));
	unsigned int i;

	if (!target)
		return NULL;
	target->fw = fw;
	TAILQ_INIT(&target->posted);
	TAILQ_INIT(&target->busy);
	TAILQ_INIT(&target->acks);
	TAILQ_INIT(&target->aborts);
	TAILQ_INIT(&target->allegiances);
	target->ios = calloc(NR_IO_INDEXES, sizeof(*target->ios));
	if (!target->ios) {
		free(target);
		return NULL;
	}
	for (i = 0; i < NR_IO_INDEXES; i++)
		target->ios[i].index = (uint16_t)i;
	return target;
}

void target_free(struct target *target)
{
	unsigned int i;

	if (!target)
		return;
	drop_waiting(target);
	target_allegiance_end_all(target);
	for (i = 0; i < NR_IO_INDEXES; i++)
		target_message_off(target, &target->ios[i]);
	free(target->ios);
	free(target);
}
