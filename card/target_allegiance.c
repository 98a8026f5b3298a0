// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Contingent allegiance, for the referee: while a nexus without information
 * units waits for REQUEST SENSE, the host must not go on with its other tagged
 * tasks (SAM-2; HW-82).  It knows that once it has given back the frame of the
 * reply that told it: a message may have been on its way before.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "target_private.h"

static struct target_allegiance *find(const struct target *target, const struct bus_task *task)
{
	const struct bus_command *command = bus_task_command(task);
	struct target_allegiance *a;

	TAILQ_FOREACH(a, &target->allegiances, link)
		if (a->initiator_id == bus_task_initiator_id(task) &&
		    a->target_id == bus_task_target_id(task) &&
		    !memcmp(a->lun, command->lun, sizeof(a->lun)))
			return a;
	return NULL;
}

static void end(struct target *target, struct target_allegiance *a)
{
	TAILQ_REMOVE(&target->allegiances, a, link);
	free(a);
}

void target_allegiance_begin(struct target *target, const struct target_io *io,
			     const struct bus_task *task)
{
	const struct bus_command *command = bus_task_command(task);
	struct target_allegiance *a;

	if (command->attribute == BUS_UNTAGGED || find(target, task))
		return;
	a = calloc(1, sizeof(*a));
	if (!a) {
		log_line(target->fw->options->name, "no memory to watch an allegiance");
		return;
	}
	a->initiator_id = bus_task_initiator_id(task);
	a->target_id = bus_task_target_id(task);
	memcpy(a->lun, command->lun, sizeof(a->lun));
	a->index = io->index;
	TAILQ_INSERT_TAIL(&target->allegiances, a, link);
}

/* Any command of its initiator ends it, and so do functions that clear the task set. */
static bool ends(const struct bus_task *task, const struct target_allegiance *a)
{
	const struct bus_command *command = bus_task_command(task);

	if (bus_task_target_id(task) != a->target_id)
		return false;
	if (command->tmf == BUS_TMF_TARGET_RESET)
		return true;
	if (memcmp(command->lun, a->lun, sizeof(a->lun)))
		return false;
	return bus_task_initiator_id(task) == a->initiator_id ||
	       command->tmf == BUS_TMF_CLEAR_TASK_SET ||
	       command->tmf == BUS_TMF_LOGICAL_UNIT_RESET;
}

void target_allegiance_arrival(struct target *target, const struct bus_task *task)
{
	struct target_allegiance *a = TAILQ_FIRST(&target->allegiances);

	while (a) {
		struct target_allegiance *next = TAILQ_NEXT(a, link);

		if (ends(task, a))
			end(target, a);
		a = next;
	}
}

bool target_allegiance_holds(const struct target *target, const struct target_io *io)
{
	const struct target_allegiance *a;

	if (!io->task || io->tmf || bus_task_packetized(io->task) ||
	    bus_task_command(io->task)->attribute == BUS_UNTAGGED)
		return false;
	a = find(target, io->task);
	return a && a->known;
}

void target_frame_returned(struct target *target, unsigned int index)
{
	struct target_allegiance *a;

	TAILQ_FOREACH(a, &target->allegiances, link)
		if (a->index == index)
			a->known = true;
}

void target_allegiance_end_all(struct target *target)
{
	struct target_allegiance *a;

	while ((a = TAILQ_FIRST(&target->allegiances)))
		end(target, a);
}
