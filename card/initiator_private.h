/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What initiator.c (SCSI IO) and task_management.c share; nobody else includes it. */
#ifndef CARD_INITIATOR_PRIVATE_H
#define CARD_INITIATOR_PRIVATE_H

#include <sys/queue.h>

#include "firmware.h"
#include "mpi.h"
#include "sgl.h"

#define NR_TAGS 256			/* queue tag messages have one byte */

enum io_state {
	IO_WAITING,			/* in the nexus's waiting list */
	IO_ON_BUS,
	IO_SENSE_WAITING,		/* another I/O's REQUEST SENSE comes first */
	IO_SENSE_ON_BUS,		/* task is this I/O's REQUEST SENSE */
};

struct io {
	TAILQ_ENTRY(io) link;
	struct nexus *nexus;		/* NULL: a function for the whole target or bus */
	enum io_state state;
	uint64_t serial;		/* rises with each message; never used again */
	uint8_t message[SCSI_IO_SGL];	/* what replies repeat */
	enum bus_tmf tmf;		/* NONE: a SCSI IO */
	struct bus_task *task;
	uint16_t tag;

	/* SCSI IO */
	enum bus_attribute attribute;
	bool disconnect;
	enum bus_direction direction;
	uint32_t data_length;
	struct sgl sgl;
	uint64_t transferred;
	bool overrun;			/* the target wanted to move more */
	bool memory_fault;		/* the host's memory could not be accessed */
	uint8_t status;			/* the command's, while its sense is fetched */
	uint64_t sense_address;
	uint8_t sense_wanted;
	uint8_t sense_received;
	uint8_t sense[BUS_SENSE_SIZE];

	/* task management */
	uint64_t victim;		/* the only one affected: its serial; 0: not so limited */
};

TAILQ_HEAD(io_list, io);

struct nexus {
	TAILQ_ENTRY(nexus) link;
	unsigned int target_id;
	uint8_t lun[8];
	struct io_list waiting;
	struct io_list active;
	unsigned int holds;		/* task management functions under way */
	struct io *sensing;		/* whose REQUEST SENSE is on the bus */
	uint8_t tags[NR_TAGS / 8];	/* in use */
	unsigned int next_tag;
};

TAILQ_HEAD(nexus_list, nexus);

struct initiator {
	struct firmware *fw;
	struct io *ios;
	struct io_list free;
	struct io_list functions;	/* task management under way */
	struct nexus_list nexuses;
	unsigned int target_holds[BUS_MAX_IDS];	/* target resets under way */
	uint64_t serial;
	bool resetting;			/* the bus, by the host's order */
	uint32_t reset_terminated;	/* I/Os that this reset ended */
};

static inline uint32_t context_of(const struct io *io)
{
	return mpi_get32(io->message + REQ_CONTEXT);
}

static inline unsigned int target_of(const struct io *io)
{
	return io->message[SCSI_IO_TARGET_ID];	/* TM_TARGET_ID is the same */
}

/* initiator.c */
struct nexus *get_nexus(struct initiator *initiator, unsigned int target_id, const uint8_t *lun);
struct io *get_io(struct initiator *initiator, const struct request *request);
void put_io(struct initiator *initiator, struct io *io);
uint16_t check_address(const struct request *request);
/* The task ended on the bus without a status: answers the host. */
void terminate_io(struct initiator *initiator, struct io *io, enum bus_outcome outcome);
/* After anything ended: the next REQUEST SENSE, the next I/Os of @nexus, or the end of it. */
void advance(struct initiator *initiator, struct nexus *nexus);

/* task_management.c */
void task_management(struct initiator *initiator, const struct request *request);
void function_ended(struct initiator *initiator, struct io *function,
		    const struct bus_result *result);
/* A RESET BUS of the host is over: everything it had before has ended. */
void answer_bus_reset(struct initiator *initiator);

#endif
