// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit attentions of parallel SCSI that no engine can know of, one pending per
 * I_T_L, and the engine's own duplicates of them.  adapter->lock is held
 * throughout.
 */
#include <scsi/scsi_proto.h>

#include "internal.h"

#define ASC_RESET	0x29

static const struct { u8 asc, ascq; } mpt_attentions[] = {
	[MPT_ATTENTION_INQUIRY_CHANGED]	= { 0x3f, 0x03 },
	[MPT_ATTENTION_TARGET_RESET]	= { ASC_RESET, 0x03 },
	[MPT_ATTENTION_BUS_RESET]	= { ASC_RESET, 0x02 },
};

/* Logical units 0 to 63, all that a parallel bus can address (SPI-4), else -1. */
int mpt_lun_number(const u8 lun[8])
{
	if (lun[0] || lun[1] >= MPT_LUNS || memchr_inv(lun + 2, 0, 6))
		return -1;
	return lun[1];
}

/* To an initiator that never used a logical unit nothing has changed. */
void mpt_attention_raise(struct mpt_address *address, u64 luns, enum mpt_attention attention)
{
	struct mpt_nexus_slot *nexus;
	unsigned int id, lun;

	for (id = 0; id < MPT_MAX_IDS; id++) {
		nexus = &address->nexus[id];
		for (lun = 0; lun < MPT_LUNS; lun++)
			if (luns & nexus->used & BIT_ULL(lun) && nexus->attention[lun] < attention)
				nexus->attention[lun] = attention;
	}
}

/* An engine that is reset may raise 29h by itself: it would be told twice. */
void mpt_attention_expect(struct mpt_address *address, u64 luns)
{
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++)
		address->nexus[id].reset |= luns & address->nexus[id].used;
}

/* True: the command was answered with what is pending. */
bool mpt_attention_answer(struct mpt_slot *slot, struct mpt_nexus_slot *nexus)
{
	const struct mpt_message_command *info = &slot->command.info;
	int lun = mpt_lun_number(info->lun);
	u8 attention;

	if (lun < 0 || info->function || info->cdb[0] == INQUIRY || info->cdb[0] == REPORT_LUNS)
		return false;
	attention = nexus->attention[lun];
	if (attention == MPT_ATTENTION_NONE)
		return false;
	nexus->attention[lun] = MPT_ATTENTION_NONE;
	mpt_answer_attention(slot, mpt_attentions[attention].asc, mpt_attentions[attention].ascq);
	return true;
}

static bool mpt_sense_is_reset(const u8 *sense, size_t length)
{
	bool descriptor = length && (sense[0] & 0x7e) == 0x72;

	if (length < (descriptor ? 3 : 13))
		return false;
	return (sense[descriptor ? 1 : 2] & 0x0f) == UNIT_ATTENTION &&
	       sense[descriptor ? 2 : 12] == ASC_RESET;
}

static bool mpt_response_is_reset(const struct mpt_slot *slot, const struct mpt_response *response)
{
	u8 data[18];

	if (response->status == SAM_STAT_CHECK_CONDITION)
		return mpt_sense_is_reset(response->sense, response->sense_length);
	if (slot->command.info.cdb[0] != REQUEST_SENSE || !response->length)
		return false;
	return mpt_sense_is_reset(data, sg_copy_to_buffer(response->sg, response->nents, data,
							  min_t(size_t, response->length,
								sizeof(data))));
}

/* SPC: no unit attention is told by these, so they prove nothing. */
static bool mpt_attention_silent(u8 opcode)
{
	return opcode == INQUIRY || opcode == REPORT_LUNS;
}

static void mpt_attention_used(struct mpt_nexus_slot *nexus, int lun,
			       const struct mpt_response *response)
{
	const u8 *sense = response->sense;

	if (response->status == SAM_STAT_CHECK_CONDITION && response->sense_length >= 13 &&
	    (sense[2] & 0x0f) == ILLEGAL_REQUEST && sense[12] == 0x25)
		nexus->used &= ~BIT_ULL(lun);
	else
		nexus->used |= BIT_ULL(lun);
}

/*
 * The engine answered.  True: it is the second report of a reset that the
 * initiator has been told of; the command has not been carried out.
 */
bool mpt_attention_duplicate(struct mpt_slot *slot, struct mpt_nexus_slot *nexus,
			     const struct mpt_response *response)
{
	int lun = mpt_lun_number(slot->command.info.lun);

	if (lun < 0)
		return false;
	mpt_attention_used(nexus, lun, response);
	if (!(nexus->reset & BIT_ULL(lun)))
		return false;
	if (mpt_response_is_reset(slot, response))
		return true;
	/*
	 * What was under way during the reset says nothing of what comes after it,
	 * nor does an answer that is given before attentions are looked at, as
	 * TASK SET FULL or an unknown CDB's.
	 */
	if (response->status == SAM_STAT_GOOD &&
	    slot->resets == slot->adapter->resets && !slot->adapter->resetting &&
	    !mpt_attention_silent(slot->command.info.cdb[0]))
		nexus->reset &= ~BIT_ULL(lun);
	return false;
}

/* The engine's logical unit begins, or has ended, to be reset: its own attentions are due. */
void mpt_attention_resetting(struct mpt_adapter *adapter, bool begin)
{
	adapter->resetting += begin ? 1 : -1;
	adapter->resets++;
}
