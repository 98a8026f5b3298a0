// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Task management of the initiator role.  A function travels as a task of its
 * own; once the target has ended it well, the host's I/Os that it concerns end
 * here, and their replies go before the function's own (HW-113).
 */
#include "initiator_private.h"

#include <string.h>

static void reply_function(struct initiator *initiator, const uint8_t *message, uint16_t ioc_status,
			   uint8_t response, uint32_t terminated)
{
	uint8_t reply[TM_REPLY_SIZE] = { 0 };

	reply[TM_TARGET_ID] = message[TM_TARGET_ID];
	reply[TM_BUS] = message[TM_BUS];
	reply[REPLY_LENGTH] = sizeof(reply) / 4;
	reply[REPLY_FUNCTION] = FN_SCSI_TASK_MGMT;
	reply[TM_REPLY_RESPONSE] = response;
	reply[TM_REPLY_TYPE] = message[TM_TYPE];
	reply[REPLY_MSG_FLAGS] = message[REQ_MSG_FLAGS];
	mpi_put32(reply + REPLY_CONTEXT, mpi_get32(message + REQ_CONTEXT));
	mpi_put16(reply + REPLY_IOC_STATUS, ioc_status);
	mpi_put32(reply + TM_REPLY_TERMINATED, terminated);
	firmware_reply(initiator->fw, reply, sizeof(reply));
}

static struct io *find_io(struct io_list *list, uint32_t context)
{
	struct io *io;

	TAILQ_FOREACH(io, list, link)
		if (context_of(io) == context)
			return io;
	return NULL;
}

static struct io *find_victim(struct initiator *initiator, unsigned int target_id, uint32_t context)
{
	struct nexus *nexus;
	struct io *io;

	TAILQ_FOREACH(nexus, &initiator->nexuses, link) {
		if (nexus->target_id != target_id)
			continue;
		io = find_io(&nexus->active, context);
		if (!io)
			io = find_io(&nexus->waiting, context);
		if (io)
			return io;
	}
	return NULL;
}

/* Ends @io because of a task management function. */
static void abort_io(struct initiator *initiator, struct io *io)
{
	if (io->state == IO_ON_BUS || io->state == IO_SENSE_ON_BUS)
		bus_forget(io->task, BUS_ABORTED);
	terminate_io(initiator, io, BUS_ABORTED);
}

static unsigned int abort_list(struct initiator *initiator, struct io_list *list,
			       const struct io *function)
{
	unsigned int count = 0;
	struct io *io = TAILQ_FIRST(list);

	while (io) {
		struct io *next = TAILQ_NEXT(io, link);

		if (io->serial < function->serial &&
		    (!function->victim || function->victim == io->serial)) {
			abort_io(initiator, io);
			count++;
		}
		io = next;
	}
	return count;
}

static bool is_concerned(const struct io *function, const struct nexus *nexus)
{
	if (function->nexus)
		return nexus == function->nexus;
	return nexus->target_id == target_of(function);
}

/* Ends the I/Os that @function concerns, all older than itself. */
static unsigned int abort_affected(struct initiator *initiator, const struct io *function)
{
	struct nexus *nexus;
	unsigned int count = 0;

	if (function->tmf == BUS_TMF_CLEAR_ACA)
		return 0;
	TAILQ_FOREACH(nexus, &initiator->nexuses, link) {
		if (!is_concerned(function, nexus))
			continue;
		count += abort_list(initiator, &nexus->active, function);
		count += abort_list(initiator, &nexus->waiting, function);
	}
	return count;
}

static void advance_target(struct initiator *initiator, unsigned int target_id)
{
	struct nexus *nexus = TAILQ_FIRST(&initiator->nexuses);

	while (nexus) {
		struct nexus *next = TAILQ_NEXT(nexus, link);

		if (nexus->target_id == target_id)
			advance(initiator, nexus);
		nexus = next;
	}
}

static void release_holds(struct initiator *initiator, struct io *function)
{
	if (function->nexus)
		function->nexus->holds--;
	else
		initiator->target_holds[target_of(function)]--;
}

void function_ended(struct initiator *initiator, struct io *function,
		    const struct bus_result *result)
{
	uint16_t ioc_status = STATUS_SUCCESS;
	unsigned int terminated = 0;
	uint8_t response = 0;

	switch (result->outcome) {
	case BUS_TMF_DONE:
		response = result->response;
		if (response)
			ioc_status = STATUS_SCSI_TASK_MGMT_FAILED;
		else
			terminated = abort_affected(initiator, function);
		break;
	case BUS_SELECTION_TIMEOUT:
		ioc_status = STATUS_SCSI_DEVICE_NOT_THERE;
		break;
	case BUS_WAS_RESET:
	case BUS_ABORTED:
		ioc_status = STATUS_SCSI_TASK_TERMINATED;
		break;
	default:
		ioc_status = STATUS_SCSI_TASK_MGMT_FAILED;
		response = TM_RSP_FAILED;
		break;
	}
	reply_function(initiator, function->message, ioc_status, response, terminated);
	TAILQ_REMOVE(&initiator->functions, function, link);
	release_holds(initiator, function);
	advance_target(initiator, target_of(function));
	put_io(initiator, function);
}

static const enum bus_tmf tmf_codes[] = {
	[TM_ABORT_TASK] = BUS_TMF_ABORT_TASK,
	[TM_ABORT_TASK_SET] = BUS_TMF_ABORT_TASK_SET,
	[TM_TARGET_RESET] = BUS_TMF_TARGET_RESET,
	[TM_LUN_RESET] = BUS_TMF_LOGICAL_UNIT_RESET,
	[TM_CLEAR_TASK_SET] = BUS_TMF_CLEAR_TASK_SET,
	[TM_CLEAR_ACA] = BUS_TMF_CLEAR_ACA,
};

/* Until @function has ended, new I/Os of what it concerns wait: so it is clear which it ends. */
static void start_function(struct initiator *initiator, struct io *function,
			   const struct io *victim)
{
	struct bus_command command = {
		.attribute = BUS_UNTAGGED,
		.tmf = function->tmf,
		.disconnect = initiator->fw->options->disconnect,
	};

	memcpy(command.lun, function->nexus ? function->nexus->lun : function->message + TM_LUN,
	       sizeof(command.lun));
	if (victim) {
		function->victim = victim->serial;
		command.tag = victim->tag;
		if (victim->state == IO_ON_BUS)
			command.attribute = victim->attribute;
	}
	if (bus_start(initiator->fw->port, target_of(function), &command, function,
		      &function->task)) {
		struct nexus *nexus = function->nexus;

		reply_function(initiator, function->message, STATUS_INSUFFICIENT_RESOURCES, 0, 0);
		put_io(initiator, function);
		if (nexus)
			advance(initiator, nexus);
		return;
	}
	TAILQ_INSERT_TAIL(&initiator->functions, function, link);
	if (function->nexus)
		function->nexus->holds++;
	else
		initiator->target_holds[target_of(function)]++;
}

/* ABORT TASK of what is not on the wire needs none (HW-119).  True: answered. */
static bool abort_locally(struct initiator *initiator, const struct request *request,
			  struct io *victim)
{
	struct nexus *nexus;

	if (victim && victim->state != IO_WAITING && victim->state != IO_SENSE_WAITING)
		return false;
	if (victim) {
		nexus = victim->nexus;
		abort_io(initiator, victim);
		advance(initiator, nexus);
	}
	reply_function(initiator, request->frame, STATUS_SUCCESS, TM_RSP_COMPLETE, victim ? 1 : 0);
	return true;
}

/* Ends what waits inside the firmware; what is on the bus ends with the reset. */
static void terminate_waiting(struct initiator *initiator, struct nexus *nexus)
{
	struct io *io, *next;

	while ((io = TAILQ_FIRST(&nexus->waiting)))
		terminate_io(initiator, io, BUS_WAS_RESET);
	for (io = TAILQ_FIRST(&nexus->active); io; io = next) {
		next = TAILQ_NEXT(io, link);
		if (io->state == IO_SENSE_WAITING)
			terminate_io(initiator, io, BUS_WAS_RESET);
	}
}

static void reset_bus(struct initiator *initiator, const struct request *request)
{
	struct io *function = get_io(initiator, request);
	struct nexus *nexus, *next;

	if (!function) {
		reply_function(initiator, request->frame, STATUS_INSUFFICIENT_RESOURCES, 0, 0);
		return;
	}
	/* Answered once the bus has reported every task that the reset ended. */
	TAILQ_INSERT_TAIL(&initiator->functions, function, link);
	if (!initiator->resetting)
		initiator->reset_terminated = 0;
	initiator->resetting = true;
	for (nexus = TAILQ_FIRST(&initiator->nexuses); nexus; nexus = next) {
		next = TAILQ_NEXT(nexus, link);
		terminate_waiting(initiator, nexus);
		advance(initiator, nexus);
	}
	bus_reset(initiator->fw->port);
}

void answer_bus_reset(struct initiator *initiator)
{
	struct io *function, *next;

	initiator->resetting = false;
	for (function = TAILQ_FIRST(&initiator->functions); function; function = next) {
		next = TAILQ_NEXT(function, link);
		if (function->tmf)
			continue;
		reply_function(initiator, function->message, STATUS_SUCCESS, TM_RSP_COMPLETE,
			       initiator->reset_terminated);
		TAILQ_REMOVE(&initiator->functions, function, link);
		put_io(initiator, function);
	}
}

static uint16_t check_function(const struct request *request)
{
	uint8_t type = request->frame[TM_TYPE];

	if (type < TM_ABORT_TASK || type > TM_CLEAR_ACA)
		return STATUS_INVALID_FIELD;
	if (type == TM_QUERY_TASK)	/* parallel SCSI has none */
		return STATUS_SCSI_TASK_MGMT_FAILED;
	return check_address(request);
}

void task_management(struct initiator *initiator, const struct request *request)
{
	const uint8_t *frame = request->frame;
	uint16_t status = check_function(request);
	struct io *function, *victim = NULL;

	if (status != STATUS_SUCCESS) {
		reply_function(initiator, frame, status,
			       status == STATUS_SCSI_TASK_MGMT_FAILED ? TM_RSP_NOT_SUPPORTED : 0,
			       0);
		return;
	}
	if (frame[TM_TYPE] == TM_RESET_BUS) {
		reset_bus(initiator, request);
		return;
	}
	if (frame[TM_TYPE] == TM_ABORT_TASK) {
		victim = find_victim(initiator, frame[TM_TARGET_ID], mpi_get32(frame + TM_CONTEXT));
		if (abort_locally(initiator, request, victim))
			return;
	}
	function = get_io(initiator, request);
	if (function && frame[TM_TYPE] != TM_TARGET_RESET)
		function->nexus = victim ? victim->nexus :
				  get_nexus(initiator, frame[TM_TARGET_ID], frame + TM_LUN);
	if (!function || (!function->nexus && frame[TM_TYPE] != TM_TARGET_RESET)) {
		reply_function(initiator, frame, STATUS_INSUFFICIENT_RESOURCES, 0, 0);
		if (function)
			put_io(initiator, function);
		return;
	}
	function->tmf = tmf_codes[frame[TM_TYPE]];
	start_function(initiator, function, victim);
}
