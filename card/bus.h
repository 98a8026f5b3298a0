/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between firmware and a bus.  A bus joins members (ports); a port
 * can start tasks at others (initiator) and be selected (target), or both.
 *
 * A bus_task is one nexus: a command, or a task management function, from the
 * moment the initiator starts it until ended() is called on the initiator's
 * side, exactly once.  The initiator owns it up to ended(); the target may use
 * it from arrive() until it ends it (status, TM end, drop) or lost() is called.
 *
 * All calls are from the main loop; callbacks come from bus_work() or from
 * within a call of the other side.  Nothing here blocks.
 */
#ifndef CARD_BUS_H
#define CARD_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_MAX_IDS 16
#define BUS_CDB_SIZE 32
#define BUS_SENSE_SIZE 252
#define BUS_DATA (-1)			/* where else a status stands */

struct bus;
struct bus_port;
struct bus_task;

enum bus_attribute {		/* values of the SPI and SSP information units */
	BUS_SIMPLE = 0,
	BUS_HEAD_OF_QUEUE = 1,
	BUS_ORDERED = 2,
	BUS_ACA = 4,
	BUS_UNTAGGED = 5,	/* non-packetized nexus without a queue tag */
};

enum bus_direction { BUS_NO_DATA, BUS_DATA_OUT, BUS_DATA_IN };	/* seen from the initiator */

enum bus_tmf {			/* SPI information unit's codes */
	BUS_TMF_NONE = 0x00,
	BUS_TMF_ABORT_TASK = 0x01,
	BUS_TMF_ABORT_TASK_SET = 0x02,
	BUS_TMF_CLEAR_TASK_SET = 0x04,
	BUS_TMF_LOGICAL_UNIT_RESET = 0x08,
	BUS_TMF_TARGET_RESET = 0x20,
	BUS_TMF_CLEAR_ACA = 0x40,
};

struct bus_command {
	uint8_t lun[8];
	uint8_t cdb[BUS_CDB_SIZE];
	uint8_t cdb_length;
	enum bus_attribute attribute;
	/*
	 * For a TMF: of the task it is about.  Unique among the initiator's tasks
	 * of this LUN; an untagged task has one too, used if its nexus turns out to
	 * be packetized (it then becomes SIMPLE), else the target sees 0.
	 */
	uint16_t tag;
	enum bus_tmf tmf;
	enum bus_direction direction;
	uint32_t data_length;		/* what the initiator expects */
	/*
	 * The initiator grants disconnection.  Without it, on a non-packetized
	 * nexus, a task is untagged and keeps the bus until it ends; so does a TMF
	 * there in any case.  Meanwhile no other task moves data or ends by its target's
	 * status, and nothing starts but one TMF of the same initiator to that target.
	 */
	bool disconnect;
	/* Autosense: starts before whatever waits, may overlap, never negotiates. */
	bool urgent;
};

enum bus_outcome {
	BUS_STATUS,			/* the target sent status */
	BUS_TMF_DONE,			/* the target ended the function with response */
	BUS_SELECTION_TIMEOUT,		/* nobody answers to this ID */
	BUS_WAS_RESET,
	BUS_UNEXPECTED_FREE,		/* the target went bus free without status */
	BUS_ABORTED,			/* ended by a task management function of this bus */
};

struct bus_result {
	enum bus_outcome outcome;
	uint8_t status;			/* SAM status */
	uint8_t response;		/* packet failure / TMF response code, 0: complete */
	const uint8_t *sense;		/* packetized only; valid during ended() */
	size_t sense_length;
	bool packetized;
};

struct bus_initiator_ops {
	/*
	 * @length bytes at @offset of the command's data, from (to) the target.
	 * 0, or -EOVERFLOW (more than the initiator expects; what fits was taken,
	 * or the rest was sent as zeros), or -EFAULT (the initiator's memory).
	 */
	int (*data_in)(void *initiator, void *private, uint32_t offset, const void *data,
		       size_t length);
	int (*data_out)(void *initiator, void *private, uint32_t offset, void *data, size_t length);
	/* Does it answer reselection for this command's data (or @status)?  NULL: always. */
	bool (*ready)(void *initiator, void *private, int status);
	void (*ended)(void *initiator, void *private, const struct bus_result *result);
	/* Somebody reset the bus; tasks were ended with BUS_WAS_RESET before. */
	void (*reset)(void *initiator);
};

enum bus_accept {
	BUS_ACCEPTED,
	BUS_BUSY,			/* no buffer: the bus answers BUSY or TASK SET FULL */
};

struct bus_target_ops {
	enum bus_accept (*arrive)(void *target, struct bus_task *task);
	/* The nexus is gone (bus reset, the initiator gave up or was reset), and with it @task. */
	void (*lost)(void *target, struct bus_task *task, enum bus_outcome why);
	void (*reset)(void *target);
};

/* What a port can do, or asks for, in negotiation with one ID.  Layout-free: see config_pages.c. */
struct bus_parameters {
	uint8_t period;			/* factor; 8 Ultra320 ... FFh asynchronous */
	uint8_t offset;			/* 0: asynchronous */
	bool wide, packetized, dt, qas, hold_mcs, write_flow, read_stream, rti, pcomp;
};

struct bus *bus_new(const char *name);
void bus_free(struct bus *bus);
/* Main loop: delivers what is queued; true if more waits. */
bool bus_work(struct bus *bus);

/*
 * Joins as initiator with @initiator_id (-1: none).  Either ops may be NULL.
 * -EBUSY: another member has this ID as its own.
 */
int bus_join(struct bus *bus, const char *name, int initiator_id,
	     const struct bus_initiator_ops *initiator_ops,
	     const struct bus_target_ops *target_ops, void *owner, struct bus_port **port);
void bus_leave(struct bus_port *port);
/* Changes the own ID (-1: none).  -EBUSY: another member has it, or tasks are under way. */
int bus_set_initiator_id(struct bus_port *port, int initiator_id);
/* Own capability, the most any negotiation can agree on. */
void bus_set_capability(struct bus_port *port, const struct bus_parameters *capability);
/* What this port asks of @id (nothing at first); takes effect with that pair's next command. */
void bus_set_request(struct bus_port *port, unsigned int id, const struct bus_parameters *request);
/* What was agreed between @port and @id (asynchronous narrow before any negotiation). */
void bus_agreed(struct bus_port *port, unsigned int id, struct bus_parameters *agreed);
/* IDs with which @port agreed on anything since the last reset: as their target, or initiator. */
uint16_t bus_agreed_ids(const struct bus_port *port, bool as_target);
/* IDs this port answers selection on.  -EBUSY: another member has one of them. */
int bus_set_target_ids(struct bus_port *port, uint16_t mask);
uint16_t bus_target_ids(const struct bus_port *port);
/* Do this target's functions end the tasks of other initiators too?  Else they stay open. */
void bus_set_tmf_clears_all(struct bus_port *port, bool all);

/* Initiator. */
/* Would @id answer selection by @initiator?  Starts nothing. */
bool bus_probe(const struct bus_port *initiator, unsigned int id);
/* Has @initiator started tasks that the next bus_work() will take to their targets? */
bool bus_can_start(const struct bus_port *initiator);
/* The outcome always comes through ended(), never from within this call.  -ENOMEM only. */
int bus_start(struct bus_port *initiator, unsigned int target_id, const struct bus_command *command,
	      void *private, struct bus_task **task);
/* After an own reset, or a TMF that ended well: no ended() for @task, but lost(). */
void bus_forget(struct bus_task *task, enum bus_outcome why);
/* Asserts RST: all tasks of all members end, agreements fall back to asynchronous narrow. */
void bus_reset(struct bus_port *port);

/* Target, with a task between arrive() and its end. */
const struct bus_command *bus_task_command(const struct bus_task *task);
unsigned int bus_task_initiator_id(const struct bus_task *task);
unsigned int bus_task_target_id(const struct bus_task *task);
bool bus_task_packetized(const struct bus_task *task);
/* Did @task come before the function @tmf, and is it one of those that @tmf ends? */
bool bus_tmf_reaches(const struct bus_task *tmf, const struct bus_task *task);
void bus_task_set_private(struct bus_task *task, void *private);
void *bus_task_private(const struct bus_task *task);
/*
 * Does the initiator take this task's @status now (BUS_DATA: its data), and is the bus
 * to be had?  If not, a target asks again later; it is never told, but bus_work() says
 * that there is more to do when the bus becomes free.  What follows here is for a task
 * that is ready.
 */
bool bus_task_ready(const struct bus_task *task, int status);
/* 0, -EOVERFLOW, -EFAULT as in the initiator's ops. */
int bus_data_in(struct bus_task *task, uint32_t offset, const void *data, size_t length);
int bus_data_out(struct bus_task *task, uint32_t offset, void *data, size_t length);
/*
 * Ends the task.  0, or -ENOMSG: not packetized, the status byte went out but
 * the sense did not.
 */
int bus_send_status(struct bus_task *task, uint8_t status, uint8_t response,
		    const uint8_t *sense, size_t sense_length);
/* Ends a task management function; on a non-packetized nexus the wire only goes free. */
void bus_end_tmf(struct bus_task *task, uint8_t response);
/*
 * Goes bus free without status.  The initiator takes it for the end of the task if
 * its own task management function that asks for it is at the target, else for an error.
 */
void bus_drop(struct bus_task *task);

#endif
