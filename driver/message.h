/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MPI target messages: builds requests, reads command buffers and replies.
 * Pure: memory in, memory out; any context; no locks; compiled in user space too.
 * Multi-byte fields of messages are little endian, of information units big endian.
 * Layouts: drivers/message/fusion/lsi/mpi_targ.h.
 */
#ifndef MPT_MESSAGE_H
#define MPT_MESSAGE_H

#include <linux/bits.h>
#include <linux/types.h>

#define MPT_CDB_SIZE		16	/* what the SPI command buffer holds */
#define MPT_COMMAND_BUFFER_SIZE	64	/* posted per IoIndex; as LSI's sample */
#define MPT_SENSE_SIZE		252	/* SPC: additional length is at most 244 */
#define MPT_STATUS_IU_HEADER	12	/* SPI status IU up to its lists */
#define MPT_STATUS_IU_SIZE	(MPT_STATUS_IU_HEADER + 4 + MPT_SENSE_SIZE)

/* Task attribute as SAM names it. */
enum mpt_attribute {
	MPT_SIMPLE,
	MPT_HEAD_OF_QUEUE,
	MPT_ORDERED,
	MPT_ACA,
	MPT_UNTAGGED,
};

/* Task management functions, neutral to transports. */
enum mpt_function {
	MPT_TM_NONE,
	MPT_TM_ABORT_TASK,
	MPT_TM_ABORT_TASK_SET,
	MPT_TM_CLEAR_TASK_SET,
	MPT_TM_LOGICAL_UNIT_RESET,
	MPT_TM_TARGET_RESET,
	MPT_TM_CLEAR_ACA,
	MPT_TM_BUS_RESET,
	MPT_TM_UNKNOWN,
};

/* A command buffer's content, transport-neutral. */
struct mpt_message_command {
	u8 lun[8];
	u8 cdb[MPT_CDB_SIZE];
	u8 cdb_length;			/* by the opcode's group, 16 if reserved */
	u8 additional_cdb;		/* dwords beyond 16 the initiator says there are */
	enum mpt_attribute attribute;
	enum mpt_function function;	/* MPT_TM_NONE: a command */
	u16 tag;			/* as the card wrote it: echo it raw */
	u8 alias_id;			/* the ID that was selected, if the reply word says alias */
};

/*
 * 0, or -EBADMSG: shorter than the structure.  A reserved task attribute is read
 * as SIMPLE, several task management functions at once as MPT_TM_UNKNOWN.
 */
int mpt_message_read_spi(struct mpt_message_command *command, const void *buffer, size_t size);

/* Fields of the 32-bit context reply (ReplyWord). */
static inline u16 mpt_word_index(u32 word)	{ return word & 0x3fff; }
static inline u16 mpt_word_initiator(u32 word)	{ return (word >> 14) & 0xfff; }
static inline bool mpt_word_alias(u32 word)	{ return word & BIT(26); }
static inline u8 mpt_word_port(u32 word)	{ return (word >> 28) & 1; }
static inline bool mpt_word_is_target(u32 word)	{ return (word >> 29) == 1; }

/*
 * Builders.  @frame is a request frame of @size bytes; each zeroes what it uses,
 * leaves MsgContext alone (mptbase stamps it) and returns the bytes used, or
 * -ENOSPC if @size is too small, -EINVAL for arguments no message can carry.
 */
struct mpt_message_buffer {
	u16 index;			/* IoIndex */
	u64 address;			/* bus address of MPT_COMMAND_BUFFER_SIZE bytes */
};

/* How many buffers one post message of @size bytes holds; @wide: 64-bit addresses. */
unsigned int mpt_message_post_room(size_t size, bool wide);
int mpt_message_post(void *frame, size_t size, bool wide,
		     const struct mpt_message_buffer *buffers, unsigned int count);

/* What every message about one I/O repeats. */
struct mpt_message_io {
	u32 word;			/* ReplyWord */
	u16 tag;
	u8 lun[8];
};

#define MPT_MSG_AUTO_STATUS	BIT(0)	/* assist: send GOOD after the data; status: no IU */
#define MPT_MSG_REPOST		BIT(1)	/* the card owns the buffer again on success */
#define MPT_MSG_HIGH_PRIORITY	BIT(2)
#define MPT_MSG_TO_INITIATOR	BIT(3)	/* assist: READ direction */

/* TargetAssist without its SGL, which begins at MPT_ASSIST_SGL_OFFSET. */
#define MPT_ASSIST_SGL_OFFSET	0x20
int mpt_message_assist(void *frame, size_t size, const struct mpt_message_io *io,
		       unsigned int flags, u32 relative_offset, u32 length, u8 chain_offset);
/*
 * @iu_length 0: no IU (then an empty SGE).  MPT_MSG_AUTO_STATUS is for GOOD
 * without an IU only.
 */
int mpt_message_status(void *frame, size_t size, const struct mpt_message_io *io,
		       unsigned int flags, u8 status, bool wide, u64 iu_address, u32 iu_length);
/*
 * @type: MPI's TARGET_MODE_ABORT_TYPE_*: 0 all command buffers, 2 exact I/O, 3 the
 * message of an I/O that has MsgContext @context (else 0).
 */
int mpt_message_abort(void *frame, size_t size, u8 type, u32 word, u32 context);
int mpt_message_port_enable(void *frame, size_t size, u8 port);

/*
 * SPI status IU into @iu (@size bytes, zeroed first).  @response is the packet
 * failure code of a TMF (0: none).  Sense beyond the room or MPT_SENSE_SIZE is
 * cut.  Returns the IU's length.
 */
size_t mpt_message_spi_status_iu(void *iu, size_t size, u8 status, u8 response,
				 const u8 *sense, size_t sense_length);

/* Makes it an IU without sense, which stays behind it.  Returns its length now. */
size_t mpt_message_spi_status_withhold(void *iu);

/* Replies by address. */
struct mpt_message_reply {
	u8 function;
	u8 dwords;
	u16 ioc_status;			/* without the log-info bit */
	u32 log_info;			/* 0 if not valid */
	u8 priority_reason;
	u32 word;			/* ReplyWord, if the reply is long enough, else 0 */
	u32 transfer_count;
	u32 abort_count;
};

/*
 * @frame: a reply frame of at least 28 bytes.  Fields that the reply is too short
 * for, or that its function does not have, are 0; a reply too short to have an
 * IOCStatus says MPI_IOCSTATUS_INTERNAL_ERROR.
 */
void mpt_message_read_reply(struct mpt_message_reply *reply, const void *frame);

/* What an error reply means for its I/O: one row per IOCStatus. */
enum mpt_io_state {
	MPT_IO_DEAD,			/* over; the host owns the buffer and posts it again */
	MPT_IO_OPEN,			/* a status is owed: CHECK CONDITION with the row's sense */
	MPT_IO_STATUS_SENT,		/* 6Bh: status delivered, sense not */
};

struct mpt_message_fate {
	u16 ioc_status;
	const char *name;
	enum mpt_io_state state;
	u8 key, asc, ascq;		/* MPT_IO_OPEN only */
	bool lost_nexus;		/* the initiator is gone: not worth a log line each */
};

/* Never NULL: an unlisted status is MPT_IO_DEAD, "unknown". */
const struct mpt_message_fate *mpt_message_fate(u16 ioc_status);
/*
 * Sense for a priority reply's reason (parity, CRC ...), also for reasons nobody
 * has heard of.  False: no sense is owed: a normal command or function, or
 * PRIORITY_REASON_TARGET_BUSY, to be answered with TASK SET FULL.
 */
bool mpt_message_priority_sense(u8 reason, u8 *key, u8 *asc, u8 *ascq);

#endif
