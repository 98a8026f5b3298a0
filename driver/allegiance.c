// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contingent allegiance (SAM), needed with queuing=tagged on a nexus that is not
 * packetized: while sense waits for the initiator to fetch it, nothing else of
 * that I_T_L may go out, or the initiator could take the sense for another
 * task's.  Whether a status leaves its sense behind is known only by its reply:
 * until then the nexus is frozen, too.  adapter->lock is held throughout.
 */
#include <scsi/scsi_proto.h>

#include "internal.h"

/* The slot's logical unit in the masks of its nexus; 0: none of ours. */
static u64 mpt_allegiance_bit(const struct mpt_slot *slot)
{
	int lun;

	if (!slot->adapter->tagged || !slot->command.nexus || slot->command.info.function)
		return 0;
	lun = mpt_lun_number(slot->command.info.lun);
	return lun < 0 ? 0 : BIT_ULL(lun);
}

/* A status with sense goes out. */
void mpt_allegiance_begin(struct mpt_slot *slot)
{
	u64 bit = mpt_allegiance_bit(slot);

	if (!bit)
		return;
	slot->freezing = true;
	mpt_nexus_slot_of(slot->command.nexus)->freezing |= bit;
}

/* ... and is over; @kept: without its sense. */
void mpt_allegiance_settle(struct mpt_slot *slot, bool kept)
{
	struct mpt_nexus_slot *nexus;

	if (!slot->freezing)
		return;
	slot->freezing = false;
	nexus = mpt_nexus_slot_of(slot->command.nexus);
	nexus->freezing &= ~mpt_allegiance_bit(slot);
	if (kept)
		nexus->frozen |= mpt_allegiance_bit(slot);
	else
		mpt_command_kick(slot->adapter);
	mpt_allegiance_unending(slot->adapter);
}

/*
 * The initiator's next command ends it, whatever it is.  True: others may go on,
 * once this one has had its chance to be answered.
 */
bool mpt_allegiance_arrival(struct mpt_slot *slot)
{
	struct mpt_nexus_slot *nexus = mpt_nexus_slot_of(slot->command.nexus);
	u64 bit = mpt_allegiance_bit(slot);

	if (!(nexus->frozen & bit))
		return false;
	nexus->frozen &= ~bit;
	return true;
}

/* A reset does so for every initiator. */
void mpt_allegiance_end(struct mpt_address *address, u64 luns)
{
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++)
		address->nexus[id].frozen &= ~luns;
	mpt_command_kick(address->adapter);
}

void mpt_allegiance_end_one(struct mpt_nexus_slot *nexus, u64 luns)
{
	nexus->frozen &= ~luns;
	mpt_command_kick(nexus->nexus.address->adapter);
}

bool mpt_allegiance_holds(const struct mpt_slot *slot)
{
	u64 bit = mpt_allegiance_bit(slot);
	const struct mpt_nexus_slot *nexus;

	/* the initiator may send nothing before it has the sense that it asked for */
	if (!bit || slot->freezing || slot->command.info.cdb[0] == REQUEST_SENSE)
		return false;
	nexus = mpt_nexus_slot_of(slot->command.nexus);
	return (nexus->freezing | nexus->frozen) & bit;
}

/*
 * The end of a nexus must not wait for an initiator that may never come again, and at
 * an ID that is off the bus none can: the card forgets what the allegiance holds.
 */
static bool mpt_allegiance_holds_for_ever(const struct mpt_slot *slot)
{
	const struct mpt_nexus_slot *nexus;

	if (!mpt_allegiance_holds(slot))
		return false;
	nexus = mpt_nexus_slot_of(slot->command.nexus);
	return nexus->frozen & mpt_allegiance_bit(slot) &&
	       (nexus->state == MPT_NEXUS_ENDING || nexus->nexus.address->closing);
}

/* For when an allegiance, the end of a nexus or address, or a wait for them has begun. */
void mpt_allegiance_unending(struct mpt_adapter *adapter)
{
	struct mpt_slot *slot;

	list_for_each_entry(slot, &adapter->waiting, link)
		if (mpt_allegiance_holds_for_ever(slot))
			mpt_task_abort_io(slot);
}
