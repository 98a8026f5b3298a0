// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPI target messages; see message.h.  The fields in the MPI headers are plain
 * integers of no byte order, hence put_unaligned_*() (HW-23).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "cdb.h"
#include "compat.h"
#include "message.h"

#include "lsi/mpi_type.h"
#include "lsi/mpi.h"
#include "lsi/mpi_ioc.h"
#include "lsi/mpi_targ.h"

#define MPT_SGE_END	(MPI_SGE_FLAGS_SIMPLE_ELEMENT | MPI_SGE_FLAGS_LAST_ELEMENT | \
			 MPI_SGE_FLAGS_END_OF_BUFFER | MPI_SGE_FLAGS_END_OF_LIST)

/* SPI status IU: what its Valid byte may say (HW-76). */
#define MPT_IU_FAILURES	0x01
#define MPT_IU_SENSE	0x02
#define MPT_IU_FAILURES_LENGTH	4

/* HW-65; 5, untagged, is inferred (HW-66): were it never seen, such tasks would be SIMPLE. */
static enum mpt_attribute mpt_message_attribute(u8 attribute)
{
	switch (attribute & 7) {
	case 1:
		return MPT_HEAD_OF_QUEUE;
	case 2:
		return MPT_ORDERED;
	case 4:
		return MPT_ACA;
	case 5:
		return MPT_UNTAGGED;
	default:
		return MPT_SIMPLE;
	}
}

/* One bit each, and only one at a time (HW-94). */
static enum mpt_function mpt_message_function(u8 flags)
{
	switch (flags) {
	case 0x00:
		return MPT_TM_NONE;
	case 0x01:
		return MPT_TM_ABORT_TASK;
	case 0x02:
		return MPT_TM_ABORT_TASK_SET;
	case 0x04:
		return MPT_TM_CLEAR_TASK_SET;
	case 0x08:
		return MPT_TM_LOGICAL_UNIT_RESET;
	case 0x20:
		return MPT_TM_TARGET_RESET;
	case 0x40:
		return MPT_TM_CLEAR_ACA;
	default:
		return MPT_TM_UNKNOWN;
	}
}

int mpt_message_read_spi(struct mpt_message_command *command, const void *buffer, size_t size)
{
	const MPI_TARGET_SCSI_SPI_CMD_BUFFER *spi = buffer;

	if (size < sizeof(*spi))
		return -EBADMSG;
	memset(command, 0, sizeof(*command));
	memcpy(command->lun, spi->LogicalUnitNumber, sizeof(command->lun));
	memcpy(command->cdb, spi->CDB, sizeof(command->cdb));
	command->cdb_length = mpt_cdb_length(command->cdb);
	/* In dwords; bits 1:0 of that byte are RDDATA and WRDATA (HW-121). */
	command->additional_cdb = spi->AdditionalCDBLength >> 2;
	command->attribute = mpt_message_attribute(spi->TaskAttribute);
	command->function = mpt_message_function(spi->TaskManagementFlags);
	command->tag = spi->Tag;	/* opaque (HW-63) */
	command->alias_id = spi->AliasID;
	return 0;
}

/* Zeroes a request of @length bytes but for its MsgContext, and names its function. */
static void mpt_message_begin(void *frame, size_t length, u8 function)
{
	MPIHeader_t *header = frame;

	memset(frame, 0, offsetof(MPIHeader_t, MsgContext));
	memset(frame + sizeof(*header), 0, length - sizeof(*header));
	header->Function = function;
}

/* Are the @length bytes at @address within reach of 32 bits? */
static bool mpt_message_narrow(u64 address, u32 length)
{
	return address <= U32_MAX && address + length <= 1ULL << 32;
}

static size_t mpt_message_descriptor_size(bool wide)
{
	return offsetof(CMD_BUFFER_DESCRIPTOR, u) + (wide ? sizeof(U64) : sizeof(U32));
}

unsigned int mpt_message_post_room(size_t size, bool wide)
{
	size_t header = offsetof(MSG_TARGET_CMD_BUFFER_POST_REQUEST, Buffer);

	if (size < header)
		return 0;
	/* BufferCount has 8 bits. */
	return min_t(size_t, (size - header) / mpt_message_descriptor_size(wide), U8_MAX);
}

static void mpt_message_put_address(void *field, bool wide, u64 address)
{
	if (wide)
		put_unaligned_le64(address, field);
	else
		put_unaligned_le32(address, field);
}

int mpt_message_post(void *frame, size_t size, bool wide,
		     const struct mpt_message_buffer *buffers, unsigned int count)
{
	MSG_TARGET_CMD_BUFFER_POST_REQUEST *post = frame;
	size_t stride = mpt_message_descriptor_size(wide);
	size_t header = offsetof(MSG_TARGET_CMD_BUFFER_POST_REQUEST, Buffer);
	unsigned int i;

	if (!count)
		return -EINVAL;
	if (count > mpt_message_post_room(size, wide))
		return -ENOSPC;
	for (i = 0; i < count; i++) {
		if (buffers[i].index > CMD_BUFFER_POST_IO_INDEX_MASK)
			return -EINVAL;
		if (!wide && !mpt_message_narrow(buffers[i].address, MPT_COMMAND_BUFFER_SIZE))
			return -EINVAL;
	}
	mpt_message_begin(frame, header, MPI_FUNCTION_TARGET_CMD_BUFFER_POST);
	post->BufferPostFlags = wide ? CMD_BUFFER_POST_FLAGS_64_BIT_ADDR : 0;
	post->BufferCount = count;
	post->BufferLength = MPT_COMMAND_BUFFER_SIZE;
	for (i = 0; i < count; i++) {
		CMD_BUFFER_DESCRIPTOR *descriptor = frame + header + i * stride;

		put_unaligned_le16(buffers[i].index, &descriptor->IoIndex);
		descriptor->Reserved = 0;
		mpt_message_put_address(&descriptor->u, wide, buffers[i].address);
	}
	return header + count * stride;
}

int mpt_message_assist(void *frame, size_t size, const struct mpt_message_io *io,
		       unsigned int flags, u32 relative_offset, u32 length, u8 chain_offset)
{
	MSG_TARGET_ASSIST_REQUEST *assist = frame;

	BUILD_BUG_ON(offsetof(MSG_TARGET_ASSIST_REQUEST, SGL) != MPT_ASSIST_SGL_OFFSET);
	if (size < MPT_ASSIST_SGL_OFFSET)
		return -ENOSPC;
	if (flags & ~(MPT_MSG_AUTO_STATUS | MPT_MSG_REPOST | MPT_MSG_HIGH_PRIORITY |
		      MPT_MSG_TO_INITIATOR) || relative_offset > U32_MAX - length)
		return -EINVAL;
	mpt_message_begin(frame, MPT_ASSIST_SGL_OFFSET, MPI_FUNCTION_TARGET_ASSIST);
	if (flags & MPT_MSG_TO_INITIATOR)
		assist->TargetAssistFlags |= TARGET_ASSIST_FLAGS_DATA_DIRECTION;
	if (flags & MPT_MSG_AUTO_STATUS)
		assist->TargetAssistFlags |= TARGET_ASSIST_FLAGS_AUTO_STATUS;
	if (flags & MPT_MSG_HIGH_PRIORITY)
		assist->TargetAssistFlags |= TARGET_ASSIST_FLAGS_HIGH_PRIORITY;
	if (flags & MPT_MSG_REPOST)
		assist->TargetAssistFlags |= TARGET_ASSIST_FLAGS_REPOST_CMD_BUFFER;
	assist->ChainOffset = chain_offset;
	assist->QueueTag = io->tag;
	put_unaligned_le32(io->word, &assist->ReplyWord);
	memcpy(assist->LUN, io->lun, sizeof(assist->LUN));
	put_unaligned_le32(relative_offset, &assist->RelativeOffset);
	put_unaligned_le32(length, &assist->DataLength);
	return MPT_ASSIST_SGL_OFFSET;
}

int mpt_message_status(void *frame, size_t size, const struct mpt_message_io *io,
		       unsigned int flags, u8 status, bool wide, u64 iu_address, u32 iu_length)
{
	MSG_TARGET_STATUS_SEND_REQUEST *send = frame;
	size_t used = offsetof(MSG_TARGET_STATUS_SEND_REQUEST, StatusDataSGE.u) +
		      (wide ? sizeof(U64) : sizeof(U32));
	u8 sge = MPT_SGE_END | MPI_SGE_FLAGS_HOST_TO_IOC;

	if (size < used)
		return -ENOSPC;
	if (flags & ~(MPT_MSG_AUTO_STATUS | MPT_MSG_REPOST | MPT_MSG_HIGH_PRIORITY) ||
	    (flags & MPT_MSG_AUTO_STATUS && (status || iu_length)))
		return -EINVAL;
	if (iu_length > MPI_SGE_LENGTH_MASK)
		return -EINVAL;
	if (!wide && !mpt_message_narrow(iu_address, iu_length))
		return -EINVAL;
	mpt_message_begin(frame, used, MPI_FUNCTION_TARGET_STATUS_SEND);
	send->StatusCode = status;
	if (flags & MPT_MSG_AUTO_STATUS)
		send->StatusFlags |= TARGET_STATUS_SEND_FLAGS_AUTO_GOOD_STATUS;
	if (flags & MPT_MSG_HIGH_PRIORITY)
		send->StatusFlags |= TARGET_STATUS_SEND_FLAGS_HIGH_PRIORITY;
	if (flags & MPT_MSG_REPOST)
		send->StatusFlags |= TARGET_STATUS_SEND_FLAGS_REPOST_CMD_BUFFER;
	send->QueueTag = io->tag;
	put_unaligned_le32(io->word, &send->ReplyWord);
	memcpy(send->LUN, io->lun, sizeof(send->LUN));
	if (wide)
		sge |= MPI_SGE_FLAGS_64_BIT_ADDRESSING;
	put_unaligned_le32(MPI_SGE_SET_FLAGS_LENGTH(sge, iu_length),
			   &send->StatusDataSGE.FlagsLength);
	mpt_message_put_address(&send->StatusDataSGE.u, wide, iu_length ? iu_address : 0);
	return used;
}

int mpt_message_abort(void *frame, size_t size, u8 type, u32 word, u32 context)
{
	MSG_TARGET_MODE_ABORT *request = frame;

	if (size < sizeof(*request))
		return -ENOSPC;
	if (type > TARGET_MODE_ABORT_TYPE_EXACT_IO_REQUEST)
		return -EINVAL;
	mpt_message_begin(frame, sizeof(*request), MPI_FUNCTION_TARGET_MODE_ABORT);
	request->AbortType = type;
	put_unaligned_le32(word, &request->ReplyWord);
	put_unaligned_le32(context, &request->MsgContextToAbort);
	return sizeof(*request);
}

int mpt_message_port_enable(void *frame, size_t size, u8 port)
{
	MSG_PORT_ENABLE *request = frame;

	if (size < sizeof(*request))
		return -ENOSPC;
	mpt_message_begin(frame, sizeof(*request), MPI_FUNCTION_PORT_ENABLE);
	request->PortNumber = port;
	return sizeof(*request);
}

size_t mpt_message_spi_status_iu(void *iu, size_t size, u8 status, u8 response,
				 const u8 *sense, size_t sense_length)
{
	MPI_TARGET_SCSI_SPI_STATUS_IU *spi = iu;
	size_t used = offsetof(MPI_TARGET_SCSI_SPI_STATUS_IU, SenseData);
	u8 *list = iu + used;

	memset(iu, 0, size);
	if (size < used + (response ? MPT_IU_FAILURES_LENGTH : 0))
		return 0;
	spi->Status = status;
	if (response) {
		spi->Valid |= MPT_IU_FAILURES;
		put_unaligned_be32(MPT_IU_FAILURES_LENGTH, &spi->PktFailuresListLength);
		list[3] = response;
		list += MPT_IU_FAILURES_LENGTH;
		used += MPT_IU_FAILURES_LENGTH;
	}
	sense_length = min_t(size_t, min_t(size_t, sense_length, MPT_SENSE_SIZE), size - used);
	if (sense_length) {
		spi->Valid |= MPT_IU_SENSE;
		put_unaligned_be32(sense_length, &spi->SenseDataListLength);
		memcpy(list, sense, sense_length);
	}
	return used + sense_length;
}

size_t mpt_message_spi_status_withhold(void *iu)
{
	MPI_TARGET_SCSI_SPI_STATUS_IU *spi = iu;

	spi->Valid = 0;
	put_unaligned_be32(0, &spi->SenseDataListLength);
	return offsetof(MPI_TARGET_SCSI_SPI_STATUS_IU, SenseData);
}

/* Replies about an I/O (HW-78) and to a post have the same fields up to ReplyWord. */
static void mpt_message_read_io(struct mpt_message_reply *reply,
				const MSG_TARGET_ERROR_REPLY *error)
{
	if (reply->dwords * 4 < offsetofend(MSG_TARGET_ERROR_REPLY, ReplyWord))
		return;
	reply->priority_reason = error->PriorityReason;
	reply->word = get_unaligned_le32(&error->ReplyWord);
	if (reply->function != MPI_FUNCTION_TARGET_CMD_BUFFER_POST &&
	    reply->dwords * 4 >= sizeof(*error))
		reply->transfer_count = get_unaligned_le32(&error->TransferCount);
}

void mpt_message_read_reply(struct mpt_message_reply *reply, const void *frame)
{
	const MSG_TARGET_MODE_ABORT_REPLY *abort = frame;
	const MPIDefaultReply_t *header = frame;
	u16 status;

	memset(reply, 0, sizeof(*reply));
	reply->function = header->Function;
	reply->dwords = header->MsgLength;
	if (reply->dwords * 4 < sizeof(*header)) {
		reply->ioc_status = MPI_IOCSTATUS_INTERNAL_ERROR;
		return;
	}
	status = get_unaligned_le16(&header->IOCStatus);
	reply->ioc_status = status & MPI_IOCSTATUS_MASK;
	if (status & MPI_IOCSTATUS_FLAG_LOG_INFO_AVAILABLE)
		reply->log_info = get_unaligned_le32(&header->IOCLogInfo);
	switch (reply->function) {
	case MPI_FUNCTION_TARGET_CMD_BUFFER_POST:
	case MPI_FUNCTION_TARGET_ASSIST:
	case MPI_FUNCTION_TARGET_STATUS_SEND:
		mpt_message_read_io(reply, frame);
		break;
	case MPI_FUNCTION_TARGET_MODE_ABORT:
		if (reply->dwords * 4 >= sizeof(*abort))
			reply->abort_count = get_unaligned_le32(&abort->AbortCount);
		break;
	}
}

#define OPEN(status, name, key, asc, ascq) \
	{ MPI_IOCSTATUS_##status, name, MPT_IO_OPEN, key, asc, ascq, false }
#define DEAD(status, name) \
	{ MPI_IOCSTATUS_##status, name, MPT_IO_DEAD, 0, 0, 0, false }
#define GONE(status, name) \
	{ MPI_IOCSTATUS_##status, name, MPT_IO_DEAD, 0, 0, 0, true }

/* HW-80: still open; HW-82: status sent; the rest is over (HW-81). */
static const struct mpt_message_fate mpt_message_fates[] = {
	OPEN(TARGET_PRIORITY_IO, "TARGET_PRIORITY_IO", 0x0b, 0x00, 0x00),
	OPEN(TARGET_XFER_COUNT_MISMATCH, "TARGET_XFER_COUNT_MISMATCH", 0x0b, 0x4b, 0x00),
	OPEN(TARGET_DATA_OFFSET_ERROR, "TARGET_DATA_OFFSET_ERROR", 0x0b, 0x4b, 0x05),
	OPEN(TARGET_TOO_MUCH_WRITE_DATA, "TARGET_TOO_MUCH_WRITE_DATA", 0x0b, 0x4b, 0x02),
	OPEN(TARGET_IU_TOO_SHORT, "TARGET_IU_TOO_SHORT", 0x0b, 0x0e, 0x01),
	OPEN(EEDP_GUARD_ERROR, "EEDP_GUARD_ERROR", 0x0b, 0x10, 0x01),
	OPEN(EEDP_REF_TAG_ERROR, "EEDP_REF_TAG_ERROR", 0x0b, 0x10, 0x03),
	OPEN(EEDP_APP_TAG_ERROR, "EEDP_APP_TAG_ERROR", 0x0b, 0x10, 0x02),
	{
		.ioc_status = MPI_IOCSTATUS_TARGET_STS_DATA_NOT_SENT,
		.name = "TARGET_STS_DATA_NOT_SENT",
		.state = MPT_IO_STATUS_SENT,
	},
	GONE(TARGET_NO_CONN_RETRYABLE, "TARGET_NO_CONN_RETRYABLE"),
	GONE(TARGET_NO_CONNECTION, "TARGET_NO_CONNECTION"),
	GONE(FC_DID_INVALID, "FC_DID_INVALID"),
	GONE(FC_NODE_LOGGED_OUT, "FC_NODE_LOGGED_OUT"),
	DEAD(TARGET_INVALID_PORT, "TARGET_INVALID_PORT"),
	DEAD(TARGET_INVALID_IO_INDEX, "TARGET_INVALID_IO_INDEX"),
	DEAD(TARGET_ABORTED, "TARGET_ABORTED"),
	DEAD(FC_ABORTED, "FC_ABORTED"),
	DEAD(FC_RX_ID_INVALID, "FC_RX_ID_INVALID"),
	DEAD(FC_EXCHANGE_CANCELED, "FC_EXCHANGE_CANCELED"),
	DEAD(TARGET_ACK_NAK_TIMEOUT, "TARGET_ACK_NAK_TIMEOUT"),
	DEAD(TARGET_NAK_RECEIVED, "TARGET_NAK_RECEIVED"),
	DEAD(INVALID_FUNCTION, "INVALID_FUNCTION"),
	DEAD(BUSY, "BUSY"),
	DEAD(INVALID_SGL, "INVALID_SGL"),
	DEAD(INTERNAL_ERROR, "INTERNAL_ERROR"),
	DEAD(RESERVED, "RESERVED"),
	DEAD(INSUFFICIENT_RESOURCES, "INSUFFICIENT_RESOURCES"),
	DEAD(INVALID_FIELD, "INVALID_FIELD"),
	DEAD(INVALID_STATE, "INVALID_STATE"),
	DEAD(OP_STATE_NOT_SUPPORTED, "OP_STATE_NOT_SUPPORTED"),
};

const struct mpt_message_fate *mpt_message_fate(u16 ioc_status)
{
	static const struct mpt_message_fate unknown = { .name = "unknown", .state = MPT_IO_DEAD };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mpt_message_fates); i++)
		if (mpt_message_fates[i].ioc_status == ioc_status)
			return &mpt_message_fates[i];
	return &unknown;
}

/* HW-101 */
bool mpt_message_priority_sense(u8 reason, u8 *key, u8 *asc, u8 *ascq)
{
	u16 code = 0x0000;

	switch (reason) {
	case PRIORITY_REASON_NO_DISCONNECT:
	case PRIORITY_REASON_SCSI_TASK_MANAGEMENT:
	case PRIORITY_REASON_TARGET_BUSY:
		return false;
	case PRIORITY_REASON_CMD_PARITY_ERR:
		code = 0x4700;
		break;
	case PRIORITY_REASON_MSG_OUT_PARITY_ERR:
		code = 0x4300;
		break;
	case PRIORITY_REASON_CMD_CRC_ERR:
		code = 0x4703;
		break;
	case PRIORITY_REASON_PROTOCOL_ERR:
		code = 0x4800;
		break;
	case PRIORITY_REASON_DATA_OUT_PARITY_ERR:
		code = 0x4702;
		break;
	case PRIORITY_REASON_DATA_OUT_CRC_ERR:
		code = 0x4701;
		break;
	}
	*key = 0x0b;			/* ABORTED COMMAND */
	*asc = code >> 8;
	*ascq = code & 0xff;
	return true;
}
