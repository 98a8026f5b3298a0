// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arrival of commands: from a filled buffer to the engine, or to an answer
 * that it has no part in.
 */
#include <scsi/scsi_proto.h>

#include "internal.h"
#include "trace.h"

/* adapter->lock held. */
static void mpt_slot_begin(struct mpt_slot *slot)
{
	slot->word = slot->next_word;
	slot->priority = slot->next_priority;
	slot->receiving = false;
	slot->with_status = false;
	slot->auto_status = false;
	slot->reposting = false;
	slot->sense_sent = false;
	slot->sense_withheld = false;
	slot->received = false;
	slot->told = false;
	slot->ending = false;
	slot->recall = false;
	slot->given_back = false;
	slot->unrecallable = false;
	slot->tell_aborted = false;
	slot->freezing = false;
	slot->cursor = 0;
	if (!slot->again) {
		slot->lost = slot->next_lost;
		slot->open = true;
		slot->aborting = false;
		slot->abort_wanted = false;
		slot->arrival = ++slot->adapter->arrivals;
		slot->delivered = false;
		slot->stopped = false;
		slot->data_refused = false;
	}
	slot->again = false;
	slot->response = 0;
	slot->status = 0;
	slot->iu_length = 0;
	slot->sense_override[0] = 0;
	slot->command.nexus = NULL;
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
}

/* adapter->lock and rcu_read_lock held.  NULL: the answer was given, or there is none. */
static struct mpt_nexus_slot *mpt_slot_find_nexus(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	u16 initiator = mpt_word_initiator(slot->word);
	u8 id = adapter->port_id;
	struct mpt_address *address;

	mpt_parallel.read_command(&slot->command.info, slot->memory, MPT_COMMAND_BUFFER_SIZE);
	/* whatever a message meant, no CDB came with it */
	if (slot->priority && slot->next_reason == PRIORITY_REASON_SCSI_TASK_MANAGEMENT &&
	    slot->command.info.function == MPT_TM_NONE)
		slot->command.info.function = MPT_TM_UNKNOWN;
	if (mpt_word_alias(slot->word))
		id = slot->command.info.alias_id;
	address = id < MPT_MAX_IDS ? rcu_dereference(adapter->addresses[id]) : NULL;
	if (!address || initiator >= MPT_MAX_IDS) {
		if (initiator >= MPT_MAX_IDS)
			mpt_bad_reply(adapter, "no such initiator", slot->word);
		/* an initiator's own ID answers, too; it is no target */
		if (adapter->shared && id == adapter->port_id)
			mpt_answer_absent(slot);
		else
			mpt_answer_busy(slot);
		return NULL;
	}
	slot->command.nexus = &address->nexus[initiator].nexus;
	return &address->nexus[initiator];
}

/* The nexus is ready; true: the engine is to get the command.  adapter->lock held. */
static bool mpt_slot_to_engine(struct mpt_slot *slot)
{
	/* a function ended it before the engine got it */
	if (slot->stopped) {
		mpt_answer_status(slot, SAM_STAT_TASK_ABORTED, 0, 0, 0);
		return false;
	}
	if (mpt_attention_answer(slot, mpt_nexus_slot_of(slot->command.nexus)))
		return false;
	slot->engine_has = true;
	slot->resets = slot->adapter->resets;
	if (!slot->delivered)
		slot->command.serial = ++slot->adapter->serial;
	slot->delivered = true;
	if (slot->command.info.function)
		slot->command.nexus->address->functions++;
	slot->adapter->counters.commands++;
	mpt_slot_move(slot, MPT_SLOT_ENGINE);
	trace_mpt_command(slot);
	return true;
}

/* It came before a bus reset, which ended it.  adapter->lock held. */
void mpt_slot_drop(struct mpt_slot *slot)
{
	slot->lost = true;
	mpt_slot_move(slot, MPT_SLOT_ENDED);
	if (slot->open)
		mpt_task_abort_io(slot);
}

/* rcu_read_lock held, lock not. */
static void mpt_command_hand_over(struct mpt_slot *slot)
{
	const struct mpt_engine *engine = slot->command.nexus->address->engine;

	if (slot->command.info.function) {
		mpt_task_begin(slot);
		engine->function(&slot->command);
	} else {
		engine->command(&slot->command);
	}
}

/* A posted buffer was filled.  adapter->lock held; mpt_arrivals_deliver() is to follow. */
void mpt_slot_arrived(struct mpt_slot *slot, u32 word, bool priority, u8 reason)
{
	slot->next_word = word;
	slot->next_priority = priority;
	slot->next_reason = reason;
	slot->next_lost = false;
	slot->again = false;
	mpt_slot_move(slot, MPT_SLOT_ARRIVED);
	list_add_tail(&slot->link, &slot->adapter->arrived);
}

/* The engine is to get its command once more, before those that came later. */
void mpt_slot_arrived_again(struct mpt_slot *slot)
{
	mpt_slot_move(slot, MPT_SLOT_ARRIVED);
	list_add(&slot->link, &slot->adapter->arrived);
}

/* The nexus' own part.  adapter->lock held.  True: the engine is to get the command. */
static bool mpt_slot_admit(struct mpt_slot *slot, struct mpt_nexus_slot *nexus)
{
	switch (mpt_nexus_admit(nexus, slot)) {
	case MPT_NEXUS_DELIVER:
		return mpt_slot_to_engine(slot);
	case MPT_NEXUS_DENIED:
		mpt_answer_absent(slot);
		break;
	case MPT_NEXUS_HELD:
		break;
	}
	return false;
}

/* adapter->lock and rcu_read_lock held.  True: the engine is to get the command. */
static bool mpt_slot_deliver(struct mpt_slot *slot)
{
	struct mpt_nexus_slot *nexus;
	bool again = slot->again;
	bool thawed, wanted;

	mpt_slot_begin(slot);
	if (again ? mpt_slot_mute(slot) : slot->next_lost) {
		mpt_slot_drop(slot);
		return false;
	}
	nexus = mpt_slot_find_nexus(slot);
	if (!nexus)
		return false;
	/* what a command's arrival means was done when it came from the card */
	if (again)
		return mpt_slot_admit(slot, nexus);
	thawed = mpt_allegiance_arrival(slot);
	wanted = !mpt_answer_priority(slot) && !mpt_answer_sense(slot) && !mpt_answer_long(slot) &&
		 mpt_slot_admit(slot, nexus);
	if (thawed)
		mpt_command_kick(slot->adapter);
	return wanted;
}

/*
 * What lies in buffers goes on in the order of arrival, for functions end what came
 * before them.  Where the engine still holds the last command of a buffer, or an
 * abort of it is under way, all wait: who ends that comes here again.  One at a time
 * works on it; whoever else comes leaves the rest to that one.
 */
void mpt_arrivals_deliver(struct mpt_adapter *adapter)
{
	struct mpt_slot *slot;
	unsigned long flags;

	rcu_read_lock();
	spin_lock_irqsave(&adapter->lock, flags);
	while (!adapter->delivering) {
		slot = list_first_entry_or_null(&adapter->arrived, struct mpt_slot, link);
		if (!slot || slot->engine_has || slot->aborting || slot->recalling)
			break;
		list_del_init(&slot->link);
		if (!mpt_slot_deliver(slot))
			continue;
		adapter->delivering = true;
		spin_unlock_irqrestore(&adapter->lock, flags);
		mpt_command_hand_over(slot);
		spin_lock_irqsave(&adapter->lock, flags);
		adapter->delivering = false;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	rcu_read_unlock();
}

void mpt_command_admitted(struct mpt_slot *slot, enum mpt_nexus_state state, unsigned long *flags)
{
	struct mpt_adapter *adapter = slot->adapter;

	if (mpt_slot_mute(slot)) {
		mpt_slot_drop(slot);
	} else if (state == MPT_NEXUS_REFUSED) {
		mpt_answer_absent(slot);
	} else if (state != MPT_NEXUS_READY) {
		mpt_answer_busy(slot);
	} else if (mpt_slot_to_engine(slot)) {
		rcu_read_lock();	/* before mpt_nexus_end() can see that nobody works */
		spin_unlock_irqrestore(&adapter->lock, *flags);
		mpt_command_hand_over(slot);
		rcu_read_unlock();
		spin_lock_irqsave(&adapter->lock, *flags);
	}
}
