/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the target role: target.c has the command buffers and their life,
 * target_message.c assists and status, target_abort.c TargetModeAbort.
 */
#ifndef CARD_TARGET_PRIVATE_H
#define CARD_TARGET_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bus.h"
#include "firmware.h"
#include "mpi.h"
#include "sgl.h"

#define NR_IO_INDEXES (CONTEXT_REPLY_INDEX_MASK + 1)
#define TARGET_PIECE 65536u		/* bytes moved in one step */

enum io_state {
	IO_HOST,			/* never posted, or given back without a command */
	IO_POSTED,			/* the IOC's: waits for a command */
	IO_DELIVERED,			/* a command is open; the host may send one message */
	IO_BUSY,			/* that message is under way */
	IO_ENDED,			/* the I/O is over; the host is to post the buffer again */
};

/* A TargetAssist or TargetStatusSend that was checked and taken. */
struct target_message {
	uint8_t function;
	uint32_t context;
	bool repost;
	bool send_status;		/* AUTO_STATUS, or a StatusSend */
	/* assist */
	bool to_initiator;
	uint32_t offset, length, done;
	struct sgl sgl;
	/* status */
	uint8_t status;
	uint8_t response;
	size_t sense_length;
	uint8_t sense[BUS_SENSE_SIZE];
};

struct target_io {
	TAILQ_ENTRY(target_io) link;	/* in target->posted, or target->busy */
	enum io_state state;
	uint16_t index;
	/* the buffer */
	uint64_t address;
	uint32_t post_context;
	uint8_t length;
	/* the command */
	struct bus_task *task;		/* NULL: the nexus is gone */
	uint16_t lost;			/* then: the IOCStatus of the next message */
	uint32_t word;
	uint16_t tag;
	uint8_t lun[8];
	bool tmf;
	bool priority;			/* came by priority reply */
	bool tmf_over;			/* the initiator does not wait for its end */
	bool cleared;			/* by another initiator's function, which is complete */
	bool assisted;			/* at least one assist has completed */
	uint32_t next_offset;
	struct target_message *message;
	/* what the host knows */
	unsigned int unpopped;		/* replies about it that the host has not taken yet */
	uint64_t popped_at;
};

TAILQ_HEAD(target_io_list, target_io);

struct target_ack {
	TAILQ_ENTRY(target_ack) link;
	unsigned int patience;		/* passes of the main loop */
	uint8_t reply[REPLY_DEFAULT_SIZE];
};

TAILQ_HEAD(target_ack_list, target_ack);

struct target_abort {
	TAILQ_ENTRY(target_abort) link;
	unsigned int patience;
	struct request request;
};

TAILQ_HEAD(target_abort_list, target_abort);

/*
 * Contingent allegiance (SAM-2): a tagged task of this nexus got CHECK CONDITION
 * without its sense, and its initiator has sent nothing since.
 */
struct target_allegiance {
	TAILQ_ENTRY(target_allegiance) link;
	unsigned int initiator_id, target_id;
	uint8_t lun[8];
	uint16_t index;			/* of the IoIndex that 6Bh was told about */
	bool known;			/* the host has read that */
};

TAILQ_HEAD(target_allegiance_list, target_allegiance);

struct target {
	struct firmware *fw;
	struct target_io *ios;		/* NR_IO_INDEXES */
	struct target_io_list posted;	/* oldest first */
	unsigned int nr_posted;
	struct target_io_list busy;
	struct target_ack_list acks;	/* option late-post-ack */
	struct target_abort_list aborts;
	unsigned int nr_aborts;
	struct target_allegiance_list allegiances;
	/* option initiator-index=arrival: by SCSI ID, its index + 1, 0: not seen yet */
	uint8_t initiator_index[BUS_MAX_IDS];
	unsigned int nr_initiators;
	unsigned int odd_assists, odd_arrivals, odd_words, odd_strays;
	uint8_t piece[TARGET_PIECE];
};

/* target.c */
void target_give_to_ioc(struct target *target, struct target_io *io);
void target_take_from_ioc(struct target *target, struct target_io *io);
/* The nexus is over: the task is not to be used any more. */
void target_io_over(struct target *target, struct target_io *io);
/* Takes the message off @io, which is the host's again, and frees it. */
void target_message_off(struct target *target, struct target_io *io);
/* The context reply that says new command, assist done, status done. */
void target_word(struct target *target, struct target_io *io);
/* Error reply to a message of @function and @context; @io ends by it. */
void target_error(struct target *target, struct target_io *io, uint8_t function, uint32_t context,
		  uint16_t ioc_status, uint32_t transfer_count, uint32_t log_info);
/* Error reply to the message under way. */
void target_message_failed(struct target *target, struct target_io *io, uint16_t ioc_status);
/* The same, with an explanation for the log. */
void target_message_explained(struct target *target, struct target_io *io, uint16_t ioc_status,
			      uint32_t log_info);
/* Reply to a post with @ioc_status and @reason about @io. */
void target_post_reply(struct target *target, struct target_io *io, uint16_t ioc_status,
		       enum priority_reason reason);
void target_flush_acks(struct target *target);

/* target_allegiance.c */
/* The status of @io's task went out, its sense did not. */
void target_allegiance_begin(struct target *target, const struct target_io *io,
			     const struct bus_task *task);
/* @task arrives: what it ends, it ends before it is delivered. */
void target_allegiance_arrival(struct target *target, const struct bus_task *task);
/* Must the host hold back what it sends for @io's task? */
bool target_allegiance_holds(const struct target *target, const struct target_io *io);
void target_allegiance_end_all(struct target *target);

/* target_message.c */
void target_assist(struct target *target, const struct request *request);
void target_status(struct target *target, const struct request *request);
/* What the message under way on @io brings: a status, or BUS_DATA. */
int target_message_status(const struct target_io *io);
/* One step of the message under way on @io; it goes to the end of the queue if more is to do. */
void target_message_step(struct target *target, struct target_io *io);

/* target_abort.c */
void target_abort(struct target *target, const struct request *request);
/* Those that have waited long enough for what the host sent before them. */
bool target_abort_work(struct target *target);

/* target_odd.c: every now and then, if an option asks for it */
/* True: the assist under way, whose data has moved, ended in an error. */
bool target_odd_assist(struct target *target, struct target_io *io);
/* Why @io, which has just arrived, is priority I/O; it may become it here. */
enum priority_reason target_odd_reason(struct target *target, struct target_io *io);
/* The word of a command that arrives. */
uint32_t target_odd_word(struct target *target, uint32_t word);
/* Replies that are about nothing, after that of @io's arrival. */
void target_odd_strays(struct target *target, const struct target_io *io);

#endif
