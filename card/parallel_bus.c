// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A parallel SCSI bus.  Nothing an initiator starts reaches the target, and
 * nothing a target ends reaches the initiator, except from bus_work(): results
 * go before new starts, so that an initiator can send REQUEST SENSE before
 * anything else it has waiting.
 */
#include "bus.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "log.h"
#include "negotiation.h"

#define MAX_MEMBERS 32
#define WORK_BUDGET 64			/* callbacks in one bus_work() */
#define MAX_PLAIN_TAG 0xff		/* queue tag messages have one byte */
#define STATUS_BYTE_BUSY 0x08
#define STATUS_BYTE_TASK_SET_FULL 0x28
#define TMF_FAILED 0x05

enum task_state {
	TASK_WAITING,			/* in bus->starts */
	TASK_AT_TARGET,			/* in bus->active[] of its target's ID */
	TASK_ENDED,			/* in bus->ended, until its initiator was told */
};

struct bus_task {
	TAILQ_ENTRY(bus_task) link;
	struct bus *bus;
	enum task_state state;
	struct bus_port *initiator;	/* NULL: nobody wants to hear of it */
	struct bus_port *target;	/* from arrive() to the end */
	unsigned int initiator_id;
	unsigned int target_id;
	uint64_t arrival;		/* at the target: which of two came first */
	struct bus_command command;
	bool packetized;
	void *initiator_private;
	void *target_private;
	struct bus_result result;
	uint8_t sense[BUS_SENSE_SIZE];
};

TAILQ_HEAD(task_list, bus_task);

struct bus_port {
	struct bus *bus;
	char name[32];
	int initiator_id;
	uint16_t target_ids;
	const struct bus_initiator_ops *initiator_ops;
	const struct bus_target_ops *target_ops;
	void *owner;
	bool reset_pending;
	bool tmf_clears_all;
	struct bus_parameters capability;
	struct bus_parameters request[BUS_MAX_IDS];	/* by the other side's ID */
	struct bus_parameters agreed[BUS_MAX_IDS];
	uint16_t agreed_as_target, agreed_as_initiator;	/* with which IDs */
};

struct bus {
	char name[32];
	struct bus_port *members[MAX_MEMBERS];
	struct task_list starts;
	struct task_list active[BUS_MAX_IDS];
	struct task_list ended;
	struct bus_task *connected;	/* keeps the bus, see keeps_bus() */
	struct bus_task *message;	/* a function that its initiator sent meanwhile */
	bool freed;			/* those that wait for the bus are to look again */
	bool working;
	uint64_t arrivals;
};

/* Members */

struct bus *bus_new(const char *name)
{
	struct bus *bus = calloc(1, sizeof(*bus));
	unsigned int id;

	if (!bus)
		return NULL;
	snprintf(bus->name, sizeof(bus->name), "%s", name);
	TAILQ_INIT(&bus->starts);
	TAILQ_INIT(&bus->ended);
	for (id = 0; id < BUS_MAX_IDS; id++)
		TAILQ_INIT(&bus->active[id]);
	return bus;
}

static void free_list(struct task_list *list)
{
	struct bus_task *task;

	while ((task = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, task, link);
		free(task);
	}
}

void bus_free(struct bus *bus)
{
	unsigned int i;

	if (!bus)
		return;
	free_list(&bus->starts);
	free_list(&bus->ended);
	for (i = 0; i < BUS_MAX_IDS; i++)
		free_list(&bus->active[i]);
	for (i = 0; i < MAX_MEMBERS; i++)
		free(bus->members[i]);
	free(bus);
}

/* All IDs that @port has on the bus. */
static uint16_t own_ids(const struct bus_port *port)
{
	uint16_t own = port->initiator_id < 0 ? 0 : (uint16_t)(1u << port->initiator_id);

	return own | port->target_ids;
}

/* May @port (NULL: a new member) have the IDs in @mask? */
static bool ids_free(const struct bus *bus, const struct bus_port *port, uint16_t mask)
{
	unsigned int i;

	for (i = 0; i < MAX_MEMBERS; i++) {
		const struct bus_port *other = bus->members[i];

		if (other && other != port && (own_ids(other) & mask))
			return false;
	}
	return true;
}

static bool valid_initiator_id(int id)
{
	return id >= -1 && id < BUS_MAX_IDS;
}

static uint16_t id_mask(int id)
{
	return id < 0 ? 0 : (uint16_t)(1u << id);
}

static struct bus_port **free_slot(struct bus *bus)
{
	unsigned int i;

	for (i = 0; i < MAX_MEMBERS; i++)
		if (!bus->members[i])
			return &bus->members[i];
	return NULL;
}

static void set_asynchronous(struct bus_port *port)
{
	unsigned int id;

	for (id = 0; id < BUS_MAX_IDS; id++)
		port->agreed[id] = negotiation_asynchronous;
	port->agreed_as_target = 0;
	port->agreed_as_initiator = 0;
}

int bus_join(struct bus *bus, const char *name, int initiator_id,
	     const struct bus_initiator_ops *initiator_ops,
	     const struct bus_target_ops *target_ops, void *owner, struct bus_port **result)
{
	struct bus_port **slot = free_slot(bus);
	struct bus_port *port;
	unsigned int id;

	if (!valid_initiator_id(initiator_id))
		return -EINVAL;
	if (!slot)
		return -ENOSPC;
	if (!ids_free(bus, NULL, id_mask(initiator_id)))
		return -EBUSY;
	port = calloc(1, sizeof(*port));
	if (!port)
		return -ENOMEM;
	port->bus = bus;
	snprintf(port->name, sizeof(port->name), "%s", name);
	port->initiator_id = initiator_id;
	port->initiator_ops = initiator_ops;
	port->target_ops = target_ops;
	port->owner = owner;
	port->capability = negotiation_asynchronous;
	for (id = 0; id < BUS_MAX_IDS; id++)
		port->request[id] = negotiation_asynchronous;
	set_asynchronous(port);
	*slot = port;
	*result = port;
	return 0;
}

static struct bus_port *target_at(const struct bus *bus, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < MAX_MEMBERS; i++) {
		struct bus_port *port = bus->members[i];

		if (port && port->target_ops && (port->target_ids & (1u << id)))
			return port;
	}
	return NULL;
}

int bus_set_target_ids(struct bus_port *port, uint16_t mask)
{
	if (!ids_free(port->bus, port, mask))
		return -EBUSY;
	port->target_ids = mask;
	return 0;
}

uint16_t bus_target_ids(const struct bus_port *port)
{
	return port->target_ids;
}

void bus_set_tmf_clears_all(struct bus_port *port, bool all)
{
	port->tmf_clears_all = all;
}

void bus_set_capability(struct bus_port *port, const struct bus_parameters *capability)
{
	port->capability = *capability;
}

void bus_set_request(struct bus_port *port, unsigned int id, const struct bus_parameters *request)
{
	if (id < BUS_MAX_IDS)
		port->request[id] = *request;
}

void bus_agreed(struct bus_port *port, unsigned int id, struct bus_parameters *agreed)
{
	*agreed = id < BUS_MAX_IDS ? port->agreed[id] : negotiation_asynchronous;
}

uint16_t bus_agreed_ids(const struct bus_port *port, bool as_target)
{
	return as_target ? port->agreed_as_target : port->agreed_as_initiator;
}

/* HW-88: both ends' wishes and abilities, worked out again with each command of the pair. */
static void negotiate(struct bus_port *initiator, struct bus_port *target, unsigned int target_id)
{
	unsigned int initiator_id = (unsigned int)initiator->initiator_id;
	const struct bus_parameters *const limits[] = {
		&initiator->capability, &initiator->request[target_id],
		&target->capability, &target->request[initiator_id],
	};
	struct bus_parameters agreed;
	char text[128];

	negotiation_agree(&agreed, limits, sizeof(limits) / sizeof(limits[0]));
	target->agreed[initiator_id] = agreed;
	target->agreed_as_target |= id_mask((int)initiator_id);
	initiator->agreed_as_initiator |= id_mask((int)target_id);
	if (negotiation_equal(&agreed, &initiator->agreed[target_id]))
		return;
	initiator->agreed[target_id] = agreed;
	log_line(initiator->bus->name, "ID %u (%s) and ID %u (%s): %s", initiator_id,
		 initiator->name, target_id, target->name,
		 negotiation_describe(&agreed, text, sizeof(text)));
}

/* Tasks */

static struct task_list *list_of(struct bus_task *task)
{
	if (task->state == TASK_WAITING)
		return &task->bus->starts;
	if (task->state == TASK_ENDED)
		return &task->bus->ended;
	return &task->bus->active[task->target_id];
}

static void move_task(struct bus_task *task, enum task_state state)
{
	TAILQ_REMOVE(list_of(task), task, link);
	task->state = state;
	TAILQ_INSERT_TAIL(list_of(task), task, link);
}

/* What the initiator sent while it had the bus still keeps it after the task. */
static void leave_bus(struct bus_task *task)
{
	struct bus *bus = task->bus;

	if (bus->connected == task)
		bus->connected = bus->message;
	else if (bus->message != task)
		return;
	bus->message = NULL;
	bus->freed = !bus->connected;
}

/* Queues the result; the target is not told here. */
static void end_task(struct bus_task *task, enum bus_outcome outcome)
{
	leave_bus(task);
	task->result.outcome = outcome;
	task->result.packetized = task->packetized;
	move_task(task, TASK_ENDED);
}

/* Takes @task, which end_task() had, away from its target. */
static void tell_lost(struct bus_task *task, enum bus_outcome why)
{
	struct bus_port *target = task->target;

	task->target = NULL;
	if (target)
		target->target_ops->lost(target->owner, task, why);
}

bool bus_probe(const struct bus_port *initiator, unsigned int id)
{
	const struct bus_port *target = id < BUS_MAX_IDS ? target_at(initiator->bus, id) : NULL;

	/* A chip does not select itself. */
	return target && target != initiator && initiator->initiator_id >= 0;
}

int bus_start(struct bus_port *initiator, unsigned int target_id, const struct bus_command *command,
	      void *private, struct bus_task **result)
{
	struct bus *bus = initiator->bus;
	struct bus_task *task = calloc(1, sizeof(*task));

	if (!task)
		return -ENOMEM;
	task->bus = bus;
	task->initiator = initiator;
	task->initiator_id =
		initiator->initiator_id < 0 ? 0 : (unsigned int)initiator->initiator_id;
	task->target_id = target_id;
	task->command = *command;
	if (task->command.cdb_length > BUS_CDB_SIZE)
		task->command.cdb_length = BUS_CDB_SIZE;
	task->initiator_private = private;
	if (command->urgent)
		TAILQ_INSERT_HEAD(&bus->starts, task, link);
	else
		TAILQ_INSERT_TAIL(&bus->starts, task, link);
	*result = task;
	return 0;
}

void bus_forget(struct bus_task *task, enum bus_outcome why)
{
	task->initiator = NULL;
	if (task->state == TASK_ENDED)
		return;
	end_task(task, why);
	tell_lost(task, why);
}

static bool is_tagged(const struct bus_task *task)
{
	return task->command.attribute != BUS_UNTAGGED;
}

/* What the messages of the selection make of the initiator's wish. */
static void set_nexus(struct bus_task *task)
{
	struct bus_command *command = &task->command;

	if (task->packetized) {
		if (command->attribute == BUS_UNTAGGED)
			command->attribute = BUS_SIMPLE;
		command->disconnect = true;
		return;
	}
	/* Without the right to disconnect there is no queue tag message. */
	if (!command->disconnect)
		command->attribute = BUS_UNTAGGED;
	if (command->attribute == BUS_UNTAGGED)
		command->tag = 0;	/* HW-66 */
}

static bool same_lun(const struct bus_task *a, const struct bus_task *b)
{
	return !memcmp(a->command.lun, b->command.lun, sizeof(a->command.lun));
}

/* Another task with the same nexus identification: an overlapped command. */
static bool nexus_taken(const struct bus_task *task)
{
	const struct bus_task *other;

	TAILQ_FOREACH(other, &task->bus->active[task->target_id], link) {
		if (other->initiator != task->initiator || other->command.tmf ||
		    !same_lun(other, task))
			continue;
		if (is_tagged(other) == is_tagged(task) &&
		    (!is_tagged(task) || other->command.tag == task->command.tag))
			return true;
	}
	return false;
}

static bool protocol_error(const struct bus_task *task)
{
	const struct bus_command *command = &task->command;

	if (!task->packetized && command->tag > MAX_PLAIN_TAG) {
		log_line(task->bus->name,
			 "protocol error: ID %u sent tag %u on a non-packetized nexus to ID %u",
			 task->initiator_id, command->tag, task->target_id);
		return true;
	}
	if (command->tmf || command->urgent || !nexus_taken(task))
		return false;
	if (is_tagged(task))
		log_line(task->bus->name, "protocol error: ID %u used tag %u twice at ID %u LUN %u",
			 task->initiator_id, command->tag, task->target_id, command->lun[1]);
	else
		log_line(task->bus->name,
			 "protocol error: ID %u sent a second untagged command to ID %u LUN %u",
			 task->initiator_id, task->target_id, command->lun[1]);
	return true;
}

static bool has_others(const struct bus_task *task)
{
	const struct bus_task *other;

	TAILQ_FOREACH(other, &task->bus->active[task->target_id], link)
		if (other != task && other->initiator == task->initiator && !other->command.tmf &&
		    same_lun(other, task))
			return true;
	return false;
}

/* HW-68: what the target's firmware says by itself when the host gave it no buffer. */
static void answer_busy(struct bus_task *task)
{
	task->target = NULL;
	if (task->command.tmf) {
		task->result.response = TMF_FAILED;
		end_task(task, BUS_TMF_DONE);
		return;
	}
	task->result.status = is_tagged(task) && has_others(task) ? STATUS_BYTE_TASK_SET_FULL :
								    STATUS_BYTE_BUSY;
	end_task(task, BUS_STATUS);
}

static void log_start(const struct bus_task *task)
{
	const struct bus_command *c = &task->command;
	char cdb[3 * BUS_CDB_SIZE + 1] = "";
	unsigned int i;

	if (!log_verbose)
		return;
	for (i = 0; i < c->cdb_length; i++)
		snprintf(cdb + 3 * i, 4, " %02x", c->cdb[i]);
	if (c->tmf)
		log_line(task->bus->name, "ID %u to ID %u LUN %u: task management %02xh, tag %u",
			 task->initiator_id, task->target_id, c->lun[1], c->tmf, c->tag);
	else
		log_line(task->bus->name,
			 "ID %u to ID %u LUN %u: attribute %u tag %u length %u cdb%s",
			 task->initiator_id, task->target_id, c->lun[1], c->attribute, c->tag,
			 c->data_length, cdb);
}

/*
 * Without the right to disconnect a task has the bus until it ends.  So has a function
 * that came as a message: that the wire goes free is all its answer (HW-95).
 */
static bool keeps_bus(const struct bus_task *task)
{
	return !task->packetized && (task->command.tmf || !task->command.disconnect);
}

static void keep_bus(struct bus_task *task)
{
	struct bus *bus = task->bus;

	if (!keeps_bus(task))
		return;
	if (bus->connected)
		bus->message = task;
	else
		bus->connected = task;
}

static void select_target(struct bus_task *task)
{
	struct bus *bus = task->bus;
	struct bus_port *target;

	if (!bus_probe(task->initiator, task->target_id)) {
		end_task(task, BUS_SELECTION_TIMEOUT);
		return;
	}
	target = target_at(bus, task->target_id);
	if (!task->command.tmf && !task->command.urgent)
		negotiate(task->initiator, target, task->target_id);
	task->packetized = task->initiator->agreed[task->target_id].packetized;
	set_nexus(task);
	log_start(task);
	if (protocol_error(task)) {
		end_task(task, BUS_UNEXPECTED_FREE);
		return;
	}
	move_task(task, TASK_AT_TARGET);
	task->arrival = ++bus->arrivals;
	task->target = target;
	keep_bus(task);
	/* arrive() may end the task; it is not freed before the result is delivered. */
	if (target->target_ops->arrive(target->owner, task) == BUS_BUSY &&
	    task->state == TASK_AT_TARGET)
		answer_busy(task);
}

/* While a task keeps the bus, only a message of its own initiator to that target gets through. */
static struct bus_task *next_start(struct bus *bus)
{
	struct bus_task *task;

	if (!bus->connected)
		return TAILQ_FIRST(&bus->starts);
	if (bus->connected->command.tmf || bus->message)
		return NULL;
	TAILQ_FOREACH(task, &bus->starts, link)
		if (task->command.tmf && task->initiator == bus->connected->initiator &&
		    task->target_id == bus->connected->target_id)
			return task;
	return NULL;
}

static void deliver_result(struct bus_task *task)
{
	struct bus_port *initiator = task->initiator;

	TAILQ_REMOVE(&task->bus->ended, task, link);
	if (initiator)
		initiator->initiator_ops->ended(initiator->owner, task->initiator_private,
						&task->result);
	free(task);
}

static struct bus_port *next_reset(struct bus *bus)
{
	unsigned int i;

	for (i = 0; i < MAX_MEMBERS; i++)
		if (bus->members[i] && bus->members[i]->reset_pending)
			return bus->members[i];
	return NULL;
}

static void deliver_reset(struct bus_port *port)
{
	const struct bus_target_ops *target_ops = port->target_ops;
	void *owner = port->owner;

	port->reset_pending = false;
	/* @port may leave from within the first call, never from the last. */
	if (port->initiator_ops && port->initiator_ops->reset)
		port->initiator_ops->reset(owner);
	if (target_ops && target_ops->reset)
		target_ops->reset(owner);
}

static bool work_once(struct bus *bus)
{
	struct bus_task *task = TAILQ_FIRST(&bus->ended);
	struct bus_port *port;

	if (task) {
		deliver_result(task);
		return true;
	}
	port = next_reset(bus);
	if (port) {
		deliver_reset(port);
		return true;
	}
	task = next_start(bus);
	if (task)
		select_target(task);
	return task;
}

bool bus_work(struct bus *bus)
{
	unsigned int budget = WORK_BUDGET;
	bool freed;

	if (bus->working)
		return true;
	bus->working = true;
	while (budget && work_once(bus))
		budget--;
	bus->working = false;
	freed = bus->freed;
	bus->freed = false;
	return freed || !TAILQ_EMPTY(&bus->ended) || next_reset(bus) || next_start(bus);
}

/* Resets, leaving */

static void end_all(struct bus *bus, enum bus_outcome why)
{
	struct bus_task *task;
	unsigned int id;

	for (id = 0; id < BUS_MAX_IDS; id++) {
		while ((task = TAILQ_FIRST(&bus->active[id]))) {
			end_task(task, why);
			tell_lost(task, why);
		}
	}
	while ((task = TAILQ_FIRST(&bus->starts)))
		end_task(task, why);
}

void bus_reset(struct bus_port *port)
{
	struct bus *bus = port->bus;
	unsigned int i;

	log_line(bus->name, "bus reset by %s", port->name);
	end_all(bus, BUS_WAS_RESET);
	for (i = 0; i < MAX_MEMBERS; i++) {
		if (!bus->members[i])
			continue;
		set_asynchronous(bus->members[i]);
		bus->members[i]->reset_pending = true;
	}
}

static struct bus_task *find_task(struct task_list *list,
				  bool (*match)(const struct bus_task *, const void *),
				  const void *arg)
{
	struct bus_task *task;

	TAILQ_FOREACH(task, list, link)
		if (match(task, arg))
			return task;
	return NULL;
}

static bool started_by(const struct bus_task *task, const void *port)
{
	return task->initiator == port;
}

static bool held_by(const struct bus_task *task, const void *port)
{
	return task->target == port;
}

bool bus_can_start(const struct bus_port *initiator)
{
	struct bus *bus = initiator->bus;

	return next_start(bus) && find_task(&bus->starts, started_by, initiator);
}

static struct bus_task *task_under_way(struct bus_port *port)
{
	struct bus_task *task = find_task(&port->bus->starts, started_by, port);
	unsigned int id;

	for (id = 0; !task && id < BUS_MAX_IDS; id++)
		task = find_task(&port->bus->active[id], started_by, port);
	return task ? task : find_task(&port->bus->ended, started_by, port);
}

int bus_set_initiator_id(struct bus_port *port, int initiator_id)
{
	if (!valid_initiator_id(initiator_id))
		return -EINVAL;
	if (initiator_id == port->initiator_id)
		return 0;
	if (!ids_free(port->bus, port, id_mask(initiator_id)) || task_under_way(port))
		return -EBUSY;
	port->initiator_id = initiator_id;
	set_asynchronous(port);
	return 0;
}

void bus_leave(struct bus_port *port)
{
	struct bus *bus = port->bus;
	struct bus_task *task;
	unsigned int i;

	port->target_ids = 0;
	while ((task = task_under_way(port)))
		bus_forget(task, BUS_SELECTION_TIMEOUT);
	for (i = 0; i < BUS_MAX_IDS; i++) {
		while ((task = find_task(&bus->active[i], held_by, port))) {
			end_task(task, BUS_UNEXPECTED_FREE);
			task->target = NULL;
		}
	}
	for (i = 0; i < MAX_MEMBERS; i++)
		if (bus->members[i] == port)
			bus->members[i] = NULL;
	free(port);
}

/* The target's side of a task */

const struct bus_command *bus_task_command(const struct bus_task *task)
{
	return &task->command;
}

unsigned int bus_task_initiator_id(const struct bus_task *task)
{
	return task->initiator_id;
}

unsigned int bus_task_target_id(const struct bus_task *task)
{
	return task->target_id;
}

bool bus_task_packetized(const struct bus_task *task)
{
	return task->packetized;
}

void bus_task_set_private(struct bus_task *task, void *private)
{
	task->target_private = private;
}

void *bus_task_private(const struct bus_task *task)
{
	return task->target_private;
}

/* Does the bus belong to another connection? */
static bool kept_away(const struct bus_task *task)
{
	const struct bus *bus = task->bus;

	return bus->connected && bus->connected != task && bus->message != task;
}

bool bus_task_ready(const struct bus_task *task, int status)
{
	const struct bus_port *initiator = task->initiator;

	if (kept_away(task))
		return false;
	return task->command.tmf || !initiator->initiator_ops->ready ||
	       initiator->initiator_ops->ready(initiator->owner, task->initiator_private,
					       status);
}

int bus_data_in(struct bus_task *task, uint32_t offset, const void *data, size_t length)
{
	struct bus_port *initiator = task->initiator;

	assert(task->state == TASK_AT_TARGET && !kept_away(task));
	if (task->command.tmf)
		return -EOVERFLOW;
	return initiator->initiator_ops->data_in(initiator->owner, task->initiator_private, offset,
						 data, length);
}

int bus_data_out(struct bus_task *task, uint32_t offset, void *data, size_t length)
{
	struct bus_port *initiator = task->initiator;

	assert(task->state == TASK_AT_TARGET && !kept_away(task));
	if (task->command.tmf) {
		memset(data, 0, length);
		return -EOVERFLOW;
	}
	return initiator->initiator_ops->data_out(initiator->owner, task->initiator_private, offset,
						  data, length);
}

static void log_status(const struct bus_task *task, uint8_t status, size_t sense_length)
{
	log_debug(task->bus->name, "ID %u to ID %u LUN %u: tag %u status %02xh%s",
		  task->initiator_id, task->target_id, task->command.lun[1], task->command.tag,
		  status,
		  !sense_length ? "" : task->packetized ? " with sense" : ", sense not sent");
}

int bus_send_status(struct bus_task *task, uint8_t status, uint8_t response,
		    const uint8_t *sense, size_t sense_length)
{
	bool information = sense_length || response;

	assert(task->state == TASK_AT_TARGET && !kept_away(task));
	if (task->command.tmf) {
		bus_end_tmf(task, response);
		return 0;
	}
	log_status(task, status, sense_length);
	task->target = NULL;
	task->result.status = status;
	if (task->packetized) {
		task->result.response = response;
		task->result.sense_length =
			sense_length < BUS_SENSE_SIZE ? sense_length : BUS_SENSE_SIZE;
		if (sense_length)
			memcpy(task->sense, sense, task->result.sense_length);
		task->result.sense = task->sense;
	}
	end_task(task, BUS_STATUS);
	/* HW-82 */
	return information && !task->packetized ? -ENOMSG : 0;
}

bool bus_tmf_reaches(const struct bus_task *tmf, const struct bus_task *task)
{
	bool own = task->initiator == tmf->initiator;

	if (task->command.tmf || task->target_id != tmf->target_id ||
	    task->arrival > tmf->arrival)
		return false;
	switch (tmf->command.tmf) {
	case BUS_TMF_TARGET_RESET:
		return true;
	case BUS_TMF_CLEAR_TASK_SET:
	case BUS_TMF_LOGICAL_UNIT_RESET:
		return same_lun(task, tmf);
	case BUS_TMF_ABORT_TASK_SET:
		return own && same_lun(task, tmf);
	case BUS_TMF_ABORT_TASK:
		return own && same_lun(task, tmf) && is_tagged(task) == is_tagged(tmf) &&
		       (!is_tagged(task) || task->command.tag == tmf->command.tag);
	default:
		return false;
	}
}

static bool ends_with(const struct bus_task *victim, const void *arg)
{
	const struct bus_task *tmf = arg;

	return victim->initiator != tmf->initiator && bus_tmf_reaches(tmf, victim);
}

/* @victim: is @tmf a function by which its own initiator ends it? */
static bool asks_for_end(const struct bus_task *tmf, const void *victim)
{
	const struct bus_task *task = victim;

	return tmf->command.tmf && tmf->initiator == task->initiator && bus_tmf_reaches(tmf, task);
}

void bus_end_tmf(struct bus_task *task, uint8_t response)
{
	bool clear = !response && task->target->tmf_clears_all;	/* HW-153 */
	struct bus_task *victim;

	assert(task->state == TASK_AT_TARGET && task->command.tmf && !kept_away(task));
	log_debug(task->bus->name,
		  "ID %u to ID %u LUN %u: task management %02xh ended, response %02xh",
		  task->initiator_id, task->target_id, task->command.lun[1], task->command.tmf,
		  response);
	task->target = NULL;
	/* HW-95: a wire that goes free says no more than that. */
	task->result.response = task->packetized ? response : 0;
	/* The other initiators' tasks; its own the initiator ends itself. */
	while (clear &&
	       (victim = find_task(&task->bus->active[task->target_id], ends_with, task))) {
		end_task(victim, BUS_ABORTED);
		tell_lost(victim, BUS_ABORTED);
	}
	end_task(task, BUS_TMF_DONE);
}

void bus_drop(struct bus_task *task)
{
	assert(task->state == TASK_AT_TARGET);
	task->target = NULL;
	if (find_task(&task->bus->active[task->target_id], asks_for_end, task))
		end_task(task, BUS_ABORTED);
	else
		end_task(task, BUS_UNEXPECTED_FREE);
}
