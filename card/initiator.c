// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initiator role: SCSI IO and task management messages of the host become
 * tasks on the bus, their results become replies.
 *
 * A host's message is an io until its reply is sent.  All I/Os of one logical
 * unit at one target form a nexus, which keeps them in order, gives out tags and
 * sees to it that nothing overtakes REQUEST SENSE after a CHECK CONDITION.
 */
#include "initiator_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_pages.h"
#include "log.h"

#define TAG_UNKNOWN 0xffff
#define SPARE_IOS 8			/* task management by handshake needs no request frame */
#define STATUS_GOOD 0x00
#define STATUS_CHECK_CONDITION 0x02
#define CDB_REQUEST_SENSE 0x03

static uint32_t transfer_count(const struct io *io)
{
	return io->transferred < io->data_length ? (uint32_t)io->transferred : io->data_length;
}

/* Nexuses */

struct nexus *get_nexus(struct initiator *initiator, unsigned int target_id, const uint8_t *lun)
{
	struct nexus *nexus;

	TAILQ_FOREACH(nexus, &initiator->nexuses, link)
		if (nexus->target_id == target_id && !memcmp(nexus->lun, lun, sizeof(nexus->lun)))
			return nexus;
	nexus = calloc(1, sizeof(*nexus));
	if (!nexus)
		return NULL;
	nexus->target_id = target_id;
	memcpy(nexus->lun, lun, sizeof(nexus->lun));
	TAILQ_INIT(&nexus->waiting);
	TAILQ_INIT(&nexus->active);
	TAILQ_INSERT_TAIL(&initiator->nexuses, nexus, link);
	return nexus;
}

static void put_nexus(struct initiator *initiator, struct nexus *nexus)
{
	if (nexus->holds || !TAILQ_EMPTY(&nexus->waiting) || !TAILQ_EMPTY(&nexus->active))
		return;
	TAILQ_REMOVE(&initiator->nexuses, nexus, link);
	free(nexus);
}

static bool tag_used(const struct nexus *nexus, unsigned int tag)
{
	return nexus->tags[tag / 8] & 1u << tag % 8;
}

static bool take_tag(struct nexus *nexus, uint16_t *tag)
{
	unsigned int i;

	for (i = 0; i < NR_TAGS; i++) {
		unsigned int candidate = (nexus->next_tag + i) % NR_TAGS;

		if (tag_used(nexus, candidate))
			continue;
		nexus->tags[candidate / 8] |= (uint8_t)(1u << candidate % 8);
		nexus->next_tag = candidate + 1;
		*tag = (uint16_t)candidate;
		return true;
	}
	return false;
}

static void return_tag(struct nexus *nexus, uint16_t tag)
{
	nexus->tags[tag / 8] &= (uint8_t)~(1u << tag % 8);
}

/* I/Os */

struct io *get_io(struct initiator *initiator, const struct request *request)
{
	struct io *io = TAILQ_FIRST(&initiator->free);

	if (!io)
		return NULL;
	TAILQ_REMOVE(&initiator->free, io, link);
	memset(io, 0, sizeof(*io));
	io->serial = ++initiator->serial;
	memcpy(io->message, request->frame, sizeof(io->message));
	return io;
}

void put_io(struct initiator *initiator, struct io *io)
{
	sgl_free(&io->sgl);
	TAILQ_INSERT_TAIL(&initiator->free, io, link);
}

static void fill_reply(uint8_t *reply, const uint8_t *message, uint16_t ioc_status)
{
	memset(reply, 0, SCSI_REPLY_SIZE);
	reply[SCSI_REPLY_TARGET_ID] = message[SCSI_IO_TARGET_ID];
	reply[SCSI_REPLY_BUS] = message[SCSI_IO_BUS];
	reply[REPLY_LENGTH] = SCSI_REPLY_SIZE / 4;
	reply[REPLY_FUNCTION] = message[REQ_FUNCTION];
	reply[SCSI_REPLY_CDB_LENGTH] = message[SCSI_IO_CDB_LENGTH];
	reply[SCSI_REPLY_SENSE_LENGTH] = message[SCSI_IO_SENSE_LENGTH];
	reply[REPLY_MSG_FLAGS] = message[REQ_MSG_FLAGS];
	mpi_put32(reply + REPLY_CONTEXT, mpi_get32(message + REQ_CONTEXT));
	mpi_put16(reply + REPLY_IOC_STATUS, ioc_status);
	mpi_put16(reply + SCSI_REPLY_TASK_TAG, TAG_UNKNOWN);
}

/* What an I/O comes to, as its reply says it. */
struct verdict {
	uint16_t ioc_status;
	uint8_t status;
	uint8_t state;
	uint8_t response;
	uint32_t sense_count;
};

/* HW-20, HW-109; unless the word would look like another kind of reply. */
static bool explains_itself(const struct io *io, const struct verdict *verdict)
{
	return verdict->ioc_status == STATUS_SUCCESS && verdict->status == STATUS_GOOD &&
	       !verdict->state && io->transferred == io->data_length &&
	       !(context_of(io) & CONTEXT_REPLY_ADDRESS);
}

static void send_reply(struct initiator *initiator, const struct io *io,
		       const struct verdict *verdict)
{
	uint8_t reply[SCSI_REPLY_SIZE];

	if (explains_itself(io, verdict)) {
		firmware_reply_context(initiator->fw, context_of(io));
		return;
	}
	fill_reply(reply, io->message, verdict->ioc_status);
	reply[SCSI_REPLY_STATUS] = verdict->status;
	reply[SCSI_REPLY_STATE] = verdict->state;
	mpi_put32(reply + SCSI_REPLY_TRANSFER_COUNT, transfer_count(io));
	mpi_put32(reply + SCSI_REPLY_SENSE_COUNT, verdict->sense_count);
	mpi_put32(reply + SCSI_REPLY_RESPONSE_INFO, (uint32_t)verdict->response << 24);
	if (io->state != IO_WAITING && io->attribute != BUS_UNTAGGED)
		mpi_put16(reply + SCSI_REPLY_TASK_TAG, io->tag);
	firmware_reply(initiator->fw, reply, sizeof(reply));
}

/* Takes @io out of its nexus; what waits there is not started yet. */
static void detach(struct io *io)
{
	struct nexus *nexus = io->nexus;

	if (nexus->sensing == io)
		nexus->sensing = NULL;
	if (io->state == IO_WAITING) {
		TAILQ_REMOVE(&nexus->waiting, io, link);
		return;
	}
	TAILQ_REMOVE(&nexus->active, io, link);
	return_tag(nexus, io->tag);
}

static void complete(struct initiator *initiator, struct io *io, const struct verdict *verdict)
{
	send_reply(initiator, io, verdict);
	if (io->state != IO_WAITING)
		counters_command_end(initiator->fw->counters);
	detach(io);
	put_io(initiator, io);
}

/* A message that never became an I/O. */
static void refuse(struct initiator *initiator, const struct request *request, uint16_t ioc_status)
{
	uint8_t reply[SCSI_REPLY_SIZE];

	fill_reply(reply, request->frame, ioc_status);
	reply[SCSI_REPLY_STATE] = SCSI_STATE_NO_STATUS;
	firmware_reply(initiator->fw, reply, sizeof(reply));
}

/* Starting */

static bool may_start(const struct initiator *initiator, const struct nexus *nexus,
		      const struct io *io)
{
	const struct io *first = TAILQ_FIRST(&nexus->active);

	if (nexus->holds || initiator->target_holds[nexus->target_id] || nexus->sensing)
		return false;
	if (io->attribute == BUS_UNTAGGED)
		return !first;
	/* Tagged and untagged tasks never stand side by side in one nexus. */
	return !first || first->attribute != BUS_UNTAGGED;
}

/* HW-130: what disconnects would never come back. */
static bool unreachable(const struct initiator *initiator, const struct io *io)
{
	return initiator->fw->options->own_id_bit && io->disconnect &&
	       !config_pages_own_id_answers(initiator->fw->pages);
}

static void fail_start(struct initiator *initiator, struct io *io, uint16_t status)
{
	const struct verdict verdict = { .ioc_status = status, .state = SCSI_STATE_NO_STATUS };

	complete(initiator, io, &verdict);
}

static void start_command(struct initiator *initiator, struct io *io)
{
	struct bus_command command = {
		.cdb_length = io->message[SCSI_IO_CDB_LENGTH],
		.attribute = io->attribute,
		.tag = io->tag,
		.direction = io->direction,
		.data_length = io->data_length,
		.disconnect = io->disconnect,
	};

	memcpy(command.lun, io->message + SCSI_IO_LUN, sizeof(command.lun));
	memcpy(command.cdb, io->message + SCSI_IO_CDB, command.cdb_length);
	counters_command_start(initiator->fw->counters);
	if (unreachable(initiator, io))
		fail_start(initiator, io, STATUS_SCSI_IOC_TERMINATED);
	else if (bus_start(initiator->fw->port, target_of(io), &command, io, &io->task))
		fail_start(initiator, io, STATUS_INSUFFICIENT_RESOURCES);
}

static void start_waiting(struct initiator *initiator, struct nexus *nexus)
{
	struct io *io;

	while ((io = TAILQ_FIRST(&nexus->waiting)) && may_start(initiator, nexus, io)) {
		if (!take_tag(nexus, &io->tag))
			return;
		TAILQ_REMOVE(&nexus->waiting, io, link);
		TAILQ_INSERT_TAIL(&nexus->active, io, link);
		io->state = IO_ON_BUS;
		start_command(initiator, io);
	}
}

/* SCSI IO request */

static unsigned int attribute_code(uint32_t control)
{
	return (control & CONTROL_ATTRIBUTE_MASK) >> CONTROL_ATTRIBUTE_SHIFT;
}

static bool attribute_of(uint32_t control, enum bus_attribute *attribute)
{
	switch (attribute_code(control)) {
	case CONTROL_SIMPLE:
		*attribute = BUS_SIMPLE;
		return true;
	case CONTROL_HEAD_OF_QUEUE:
		*attribute = BUS_HEAD_OF_QUEUE;
		return true;
	case CONTROL_ORDERED:
		*attribute = BUS_ORDERED;
		return true;
	case CONTROL_ACA:
		*attribute = BUS_ACA;
		return true;
	case CONTROL_UNTAGGED:
	case CONTROL_NO_DISCONNECT:
		*attribute = BUS_UNTAGGED;
		return true;
	default:
		return false;
	}
}

uint16_t check_address(const struct request *request)
{
	if (request->frame[SCSI_IO_BUS])
		return STATUS_SCSI_INVALID_BUS;
	if (request->frame[SCSI_IO_TARGET_ID] >= BUS_MAX_IDS)
		return STATUS_SCSI_INVALID_TARGETID;
	return STATUS_SUCCESS;
}

static uint16_t check_command(const struct request *request)
{
	const uint32_t control = mpi_get32(request->frame + SCSI_IO_CONTROL);
	const uint32_t direction = control & CONTROL_DIRECTION_MASK;
	const uint8_t cdb_length = request->frame[SCSI_IO_CDB_LENGTH];
	enum bus_attribute attribute;

	if (!cdb_length || cdb_length > SCSI_IO_CDB_SIZE || control & CONTROL_ADD_CDB_MASK ||
	    !attribute_of(control, &attribute) || direction == (CONTROL_READ | CONTROL_WRITE))
		return STATUS_INVALID_FIELD;
	return check_address(request);
}

static void read_control(struct initiator *initiator, struct io *io)
{
	const uint32_t control = mpi_get32(io->message + SCSI_IO_CONTROL);

	attribute_of(control, &io->attribute);
	io->disconnect = initiator->fw->options->disconnect &&
			 attribute_code(control) != CONTROL_NO_DISCONNECT;
	if (control & CONTROL_READ)
		io->direction = BUS_DATA_IN;
	else if (control & CONTROL_WRITE)
		io->direction = BUS_DATA_OUT;
	else
		io->direction = BUS_NO_DATA;
	if (io->direction != BUS_NO_DATA)
		io->data_length = mpi_get32(io->message + SCSI_IO_DATA_LENGTH);
	io->sense_wanted = io->message[SCSI_IO_SENSE_LENGTH] < BUS_SENSE_SIZE ?
			   io->message[SCSI_IO_SENSE_LENGTH] : BUS_SENSE_SIZE;
	io->sense_address = (uint64_t)initiator->fw->sense_high << 32 |
			    mpi_get32(io->message + SCSI_IO_SENSE_LOW);
}

static uint16_t read_list(struct initiator *initiator, struct io *io, const struct request *request)
{
	const struct firmware *fw = initiator->fw;
	const char *why = "shorter than DataLength";
	int error;

	if (!io->data_length)
		return STATUS_SUCCESS;
	error = sgl_parse(&io->sgl, fw->dma, request->frame, request->length, SCSI_IO_SGL,
			  request->frame[REQ_CHAIN_OFFSET], fw->options->max_chain_depth, &why);
	if (!error && io->sgl.length >= io->data_length)
		return STATUS_SUCCESS;
	if (error == -ENOMEM)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (error == -EFAULT)
		why = "chain not readable";
	else if (error == -E2BIG)
		why = "too long";
	log_line(fw->options->name, "SCSI IO %08x: bad SGL: %s", context_of(io), why);
	return STATUS_INVALID_SGL;
}

static void scsi_io(struct initiator *initiator, const struct request *request)
{
	uint16_t status = check_command(request);
	struct io *io;

	if (status != STATUS_SUCCESS) {
		refuse(initiator, request, status);
		return;
	}
	io = get_io(initiator, request);
	if (!io) {
		refuse(initiator, request, STATUS_INSUFFICIENT_RESOURCES);
		return;
	}
	read_control(initiator, io);
	status = read_list(initiator, io, request);
	if (status == STATUS_SUCCESS) {
		io->nexus = get_nexus(initiator, target_of(io), io->message + SCSI_IO_LUN);
		if (!io->nexus)
			status = STATUS_INSUFFICIENT_RESOURCES;
	}
	if (status != STATUS_SUCCESS) {
		refuse(initiator, request, status);
		put_io(initiator, io);
		return;
	}
	TAILQ_INSERT_TAIL(&io->nexus->waiting, io, link);
	advance(initiator, io->nexus);
}

/* Data */

static size_t within(uint32_t limit, uint32_t offset, size_t length)
{
	if (offset >= limit)
		return 0;
	return length < limit - offset ? length : limit - offset;
}

static int sense_in(struct io *io, uint32_t offset, const void *data, size_t length)
{
	size_t fits = within(io->sense_wanted, offset, length);

	memcpy(io->sense + (fits ? offset : 0), data, fits);
	if (offset + fits > io->sense_received && fits)
		io->sense_received = (uint8_t)(offset + fits);
	return fits < length ? -EOVERFLOW : 0;
}

/* Books what was moved; @moved of @length bytes fitted, @error is the memory's. */
static int account(struct initiator *initiator, struct io *io, size_t moved, size_t length,
		   int error)
{
	if (error) {
		io->memory_fault = true;
		return -EFAULT;
	}
	io->transferred += moved;
	if (moved == length)
		return 0;
	if (!io->overrun)
		log_line(initiator->fw->options->name,
			 "SCSI IO %08x: target %u moves more than %u bytes", context_of(io),
			 target_of(io), io->data_length);
	io->overrun = true;
	return -EOVERFLOW;
}

static int initiator_data_in(void *owner, void *private, uint32_t offset, const void *data,
			     size_t length)
{
	struct initiator *initiator = ((struct firmware *)owner)->initiator;
	struct io *io = private;
	size_t fits;
	int error;

	if (io->state == IO_SENSE_ON_BUS)
		return sense_in(io, offset, data, length);
	fits = within(io->direction == BUS_DATA_IN ? io->data_length : 0, offset, length);
	error = fits ? sgl_write(&io->sgl, initiator->fw->dma, offset, data, fits) : 0;
	return account(initiator, io, fits, length, error);
}

static int initiator_data_out(void *owner, void *private, uint32_t offset, void *data,
			      size_t length)
{
	struct initiator *initiator = ((struct firmware *)owner)->initiator;
	struct io *io = private;
	uint32_t limit =
		io->direction == BUS_DATA_OUT && io->state == IO_ON_BUS ? io->data_length : 0;
	size_t fits = within(limit, offset, length);
	int error = fits ? sgl_read(&io->sgl, initiator->fw->dma, offset, data, fits) : 0;

	if (error)
		fits = 0;
	memset((uint8_t *)data + fits, 0, length - fits);
	return account(initiator, io, fits, length, error);
}

/* Results */

/* HW-112 */
static uint16_t ioc_status_of(const struct io *io)
{
	if (io->memory_fault)
		return STATUS_SCSI_IO_DATA_ERROR;
	if (io->overrun)
		return STATUS_SCSI_DATA_OVERRUN;
	if (io->transferred < io->data_length)
		return STATUS_SCSI_DATA_UNDERRUN;
	return STATUS_SUCCESS;
}

/* The command has its status, and its sense or not (HW-120). */
static void finish(struct initiator *initiator, struct io *io, struct verdict *verdict)
{
	verdict->status = io->status;
	if (verdict->ioc_status == STATUS_SUCCESS)
		verdict->ioc_status = ioc_status_of(io);
	complete(initiator, io, verdict);
}

/* HW-111: puts the sense where the host wants it. */
static void deliver_sense(struct initiator *initiator, struct io *io, const uint8_t *sense,
			  size_t length, struct verdict *verdict)
{
	if (length > io->sense_wanted)
		length = io->sense_wanted;
	if (length && !dma_write(initiator->fw->dma, io->sense_address, sense, length)) {
		verdict->state |= SCSI_STATE_AUTOSENSE_VALID;
		verdict->sense_count = (uint32_t)length;
	} else if (io->sense_wanted) {
		verdict->state |= SCSI_STATE_AUTOSENSE_FAILED;
	}
}

/* The task ended on the bus without a status. */
void terminate_io(struct initiator *initiator, struct io *io, enum bus_outcome outcome)
{
	struct verdict verdict = { .state = SCSI_STATE_NO_STATUS };

	switch (outcome) {
	case BUS_SELECTION_TIMEOUT:
		verdict.ioc_status = STATUS_SCSI_DEVICE_NOT_THERE;
		break;
	case BUS_WAS_RESET:
	case BUS_ABORTED:
		if (initiator->resetting)
			initiator->reset_terminated++;
		verdict.ioc_status = STATUS_SCSI_TASK_TERMINATED;
		verdict.state |= SCSI_STATE_TERMINATED;
		break;
	default:
		verdict.ioc_status = STATUS_SCSI_IOC_TERMINATED;
		verdict.state |= SCSI_STATE_TERMINATED;
		break;
	}
	complete(initiator, io, &verdict);
}

/* HW-117 */
static bool start_sense(struct initiator *initiator, struct io *io)
{
	struct bus_command command = {
		.cdb = { CDB_REQUEST_SENSE, 0, 0, 0, io->sense_wanted, 0 },
		.cdb_length = 6,
		.attribute = BUS_UNTAGGED,
		.tag = io->tag,
		.direction = BUS_DATA_IN,
		.data_length = io->sense_wanted,
		.disconnect = io->disconnect,
		.urgent = true,
	};

	memcpy(command.lun, io->nexus->lun, sizeof(command.lun));
	if (bus_start(initiator->fw->port, target_of(io), &command, io, &io->task))
		return false;
	io->state = IO_SENSE_ON_BUS;
	io->nexus->sensing = io;
	return true;
}

static struct io *sense_waiter(struct nexus *nexus)
{
	struct io *io;

	TAILQ_FOREACH(io, &nexus->active, link)
		if (io->state == IO_SENSE_WAITING)
			return io;
	return NULL;
}

static void next_sense(struct initiator *initiator, struct nexus *nexus)
{
	struct io *io;

	while (!nexus->sensing && (io = sense_waiter(nexus)) && !start_sense(initiator, io)) {
		struct verdict verdict = { .state = SCSI_STATE_AUTOSENSE_FAILED };

		finish(initiator, io, &verdict);
	}
}

void advance(struct initiator *initiator, struct nexus *nexus)
{
	next_sense(initiator, nexus);
	start_waiting(initiator, nexus);
	put_nexus(initiator, nexus);
}

static void sense_ended(struct initiator *initiator, struct io *io, const struct bus_result *result)
{
	struct verdict verdict = { 0 };

	if (result->outcome != BUS_STATUS) {
		terminate_io(initiator, io, result->outcome);
		return;
	}
	if (result->status == STATUS_GOOD)
		deliver_sense(initiator, io, io->sense, io->sense_received, &verdict);
	else
		verdict.state = SCSI_STATE_AUTOSENSE_FAILED;
	finish(initiator, io, &verdict);
}

static void status_received(struct initiator *initiator, struct io *io,
			    const struct bus_result *result)
{
	struct verdict verdict = { 0 };

	io->status = result->status;
	if (result->response) {
		verdict.ioc_status = STATUS_SCSI_PROTOCOL_ERROR;
		verdict.state = SCSI_STATE_RESPONSE_VALID;
		verdict.response = result->response;
	}
	/* HW-118 */
	if (result->status == STATUS_CHECK_CONDITION && !result->packetized && io->sense_wanted) {
		io->state = IO_SENSE_WAITING;	/* advance() sends its REQUEST SENSE */
		return;
	}
	if (result->status == STATUS_CHECK_CONDITION && result->packetized)
		deliver_sense(initiator, io, result->sense, result->sense_length, &verdict);
	finish(initiator, io, &verdict);
}

static void io_ended(struct initiator *initiator, struct io *io, const struct bus_result *result)
{
	struct nexus *nexus = io->nexus;

	if (io->state == IO_SENSE_ON_BUS)
		sense_ended(initiator, io, result);
	else if (result->outcome == BUS_STATUS)
		status_received(initiator, io, result);
	else
		terminate_io(initiator, io, result->outcome);
	advance(initiator, nexus);
}

/* The bus's calls */

static void initiator_ended(void *owner, void *private, const struct bus_result *result)
{
	struct initiator *initiator = ((struct firmware *)owner)->initiator;
	struct io *io = private;

	io->task = NULL;
	if (io->tmf)
		function_ended(initiator, io, result);
	else
		io_ended(initiator, io, result);
}

static void initiator_bus_reset(void *owner)
{
	struct firmware *fw = owner;
	const uint32_t target_and_port = 0;

	if (!fw->initiator)
		return;
	/* HW-96.  A function in both roles hears of it once, from its target role. */
	if (!fw->target)
		firmware_event(fw,
			       fw->initiator->resetting ? EVENT_IOC_BUS_RESET : EVENT_EXT_BUS_RESET,
			       &target_and_port, fw->options->bus_reset_data);
	answer_bus_reset(fw->initiator);
}

const struct bus_initiator_ops initiator_bus_ops = {
	.data_in = initiator_data_in,
	.data_out = initiator_data_out,
	.ended = initiator_ended,
	.reset = initiator_bus_reset,
};

/* The firmware's calls */

struct initiator *initiator_new(struct firmware *fw)
{
	const size_t count = (size_t)fw->options->credits + SPARE_IOS;
	struct initiator *initiator = calloc(1, sizeof(*initiator));
	size_t i;

	if (!initiator)
		return NULL;
	initiator->fw = fw;
	TAILQ_INIT(&initiator->free);
	TAILQ_INIT(&initiator->functions);
	TAILQ_INIT(&initiator->nexuses);
	initiator->ios = calloc(count, sizeof(*initiator->ios));
	if (!initiator->ios) {
		free(initiator);
		return NULL;
	}
	for (i = 0; i < count; i++)
		TAILQ_INSERT_TAIL(&initiator->free, &initiator->ios[i], link);
	return initiator;
}

bool initiator_request(struct initiator *initiator, const struct request *request)
{
	uint8_t function = request->frame[REQ_FUNCTION];
	size_t least = function == FN_SCSI_IO ? SCSI_IO_SGL : TM_SIZE;

	if (function != FN_SCSI_IO && function != FN_SCSI_TASK_MGMT)
		return false;
	if (request->length < least)
		firmware_reply_default(initiator->fw, request, STATUS_INVALID_FIELD);
	else if (function == FN_SCSI_IO)
		scsi_io(initiator, request);
	else
		task_management(initiator, request);
	return true;
}

static void drop_list(struct initiator *initiator, struct io_list *list)
{
	struct io *io;

	while ((io = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, io, link);
		if (io->task)
			bus_forget(io->task, BUS_SELECTION_TIMEOUT);
		if (!io->tmf && io->nexus && io->state != IO_WAITING)
			counters_command_end(initiator->fw->counters);
		put_io(initiator, io);
	}
}

void initiator_reset(struct initiator *initiator)
{
	struct nexus *nexus;

	drop_list(initiator, &initiator->functions);
	while ((nexus = TAILQ_FIRST(&initiator->nexuses))) {
		drop_list(initiator, &nexus->active);
		drop_list(initiator, &nexus->waiting);
		TAILQ_REMOVE(&initiator->nexuses, nexus, link);
		free(nexus);
	}
	memset(initiator->target_holds, 0, sizeof(initiator->target_holds));
	initiator->resetting = false;
}

void initiator_free(struct initiator *initiator)
{
	if (!initiator)
		return;
	initiator_reset(initiator);
	free(initiator->ios);
	free(initiator);
}
