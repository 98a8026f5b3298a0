// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that the hardware half gives without the engine.  adapter->lock is held
 * throughout and the slot is ours.
 */
#include <scsi/scsi_proto.h>

#include "internal.h"
#include "trace.h"

static void mpt_answer_trace(const struct mpt_slot *slot)
{
	if (slot->command.nexus)
		trace_mpt_local_answer(slot);
}

void mpt_answer_status(struct mpt_slot *slot, u8 status, u8 key, u8 asc, u8 ascq)
{
	u8 sense[18];

	mpt_answer_trace(slot);
	mpt_sense_build(sense, key, asc, ascq);
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	mpt_slot_set_status(slot, status, sense,
			    status == SAM_STAT_CHECK_CONDITION ? sizeof(sense) : 0);
	mpt_command_issue(slot);
}

void mpt_answer_data(struct mpt_slot *slot, const void *data, size_t length)
{
	mpt_answer_trace(slot);
	length = min_t(size_t, length, MPT_SLOT_IU_SIZE);
	memcpy(slot->memory + MPT_SLOT_IU_OFFSET, data, length);
	mpt_data_single(&slot->data, slot->address + MPT_SLOT_IU_OFFSET, length, DMA_TO_DEVICE);
	slot->receiving = false;
	mpt_slot_set_status(slot, SAM_STAT_GOOD, NULL, 0);
	mpt_command_issue(slot);
}

void mpt_answer_busy(struct mpt_slot *slot)
{
	if (slot->command.info.function)
		slot->response = MPT_FUNCTION_FAILED;
	mpt_answer_status(slot, slot->response ? SAM_STAT_GOOD : SAM_STAT_BUSY, 0, 0, 0);
}

/* Sense as the data of a REQUEST SENSE, in the format and at the length it asks for. */
static void mpt_answer_sense_data(struct mpt_slot *slot, u8 key, u8 asc, u8 ascq)
{
	const u8 *cdb = slot->command.info.cdb;
	u8 descriptor[8] = { 0x72, key, asc, ascq };
	u8 fixed[18];

	mpt_sense_build(fixed, key, asc, ascq);
	if (cdb[1] & 1)
		mpt_answer_data(slot, descriptor, min_t(size_t, sizeof(descriptor), cdb[4]));
	else
		mpt_answer_data(slot, fixed, min_t(size_t, sizeof(fixed), cdb[4]));
}

/* Nobody serves this logical unit (SPC: peripheral qualifier 3; REQUEST SENSE ends well). */
void mpt_answer_absent(struct mpt_slot *slot)
{
	const u8 *cdb = slot->command.info.cdb;
	u8 data[36] = { 0x7f, 0, 5, 2, sizeof(data) - 5 };

	if (slot->command.info.function)
		mpt_answer_status(slot, SAM_STAT_GOOD, 0, 0, 0);
	else if (mpt_inquiry_standard(cdb))
		mpt_answer_data(slot, data, min_t(size_t, sizeof(data), cdb[3] << 8 | cdb[4]));
	else if (cdb[0] == REQUEST_SENSE)
		mpt_answer_sense_data(slot, ILLEGAL_REQUEST, 0x25, 0);
	else
		mpt_answer_status(slot, SAM_STAT_CHECK_CONDITION, ILLEGAL_REQUEST, 0x25, 0);
}

/* REQUEST SENSE with what lies in the sense cache; false: there is none. */
static bool mpt_answer_cached(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;
	u8 sense[MPT_SENSE_SIZE];
	size_t length;

	length = mpt_sense_cache_take(adapter->sense_cache, nexus->initiator_id,
				      nexus->address->name.id, info->lun, info->cdb[1] & 1, sense,
				      sizeof(sense));
	if (!length)
		return false;
	adapter->counters.local_sense++;
	mpt_answer_data(slot, sense, min_t(size_t, length, info->cdb[4]));
	return true;
}

/* True: this is the REQUEST SENSE that the kept sense was waiting for. */
bool mpt_answer_sense(struct mpt_slot *slot)
{
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;

	if (info->function)
		return false;		/* some end it, see mpt_task_begin() */
	if (info->cdb[0] == REQUEST_SENSE)
		return mpt_answer_cached(slot);
	mpt_sense_cache_drop(slot->adapter->sense_cache, nexus->initiator_id,
			     nexus->address->name.id, info->lun);
	return false;
}

/* A unit attention, as sense; in the data of a REQUEST SENSE it is told as well (SPC). */
void mpt_answer_attention(struct mpt_slot *slot, u8 asc, u8 ascq)
{
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;
	u8 sense[18];

	if (info->cdb[0] != REQUEST_SENSE) {
		mpt_answer_status(slot, SAM_STAT_CHECK_CONDITION, UNIT_ATTENTION, asc, ascq);
		return;
	}
	mpt_sense_build(sense, UNIT_ATTENTION, asc, ascq);
	mpt_sense_cache_store(slot->adapter->sense_cache, nexus->initiator_id,
			      nexus->address->name.id, info->lun, sense, sizeof(sense));
	mpt_answer_cached(slot);
}

/* Parity, CRC and shortage are answered here. */
bool mpt_answer_priority(struct mpt_slot *slot)
{
	u8 key, asc, ascq;

	if (!slot->priority)
		return false;
	if (slot->next_reason == PRIORITY_REASON_TARGET_BUSY)
		mpt_answer_status(slot, SAM_STAT_TASK_SET_FULL, 0, 0, 0);
	else if (mpt_message_priority_sense(slot->next_reason, &key, &asc, &ascq))
		mpt_answer_status(slot, SAM_STAT_CHECK_CONDITION, key, asc, ascq);
	else
		return false;
	return true;
}

/* The command buffer holds 16 bytes: a longer CDB is not all here. */
bool mpt_answer_long(struct mpt_slot *slot)
{
	const struct mpt_message_command *info = &slot->command.info;

	if (info->function || (!info->additional_cdb && info->cdb[0] != VARIABLE_LENGTH_CMD))
		return false;
	mpt_answer_status(slot, SAM_STAT_CHECK_CONDITION, ILLEGAL_REQUEST, 0x20, 0);
	return true;
}
