// SPDX-License-Identifier: GPL-2.0-only
/* Cancelling what the card is doing for a command, for aborts and task management. */
#include "internal.h"

/* Does @function (of @nexus, @lun) reach the command in @slot? */
static bool mpt_task_reaches(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	const struct mpt_message_command *tm = &function->command.info;
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;

	if (slot == function || !slot->engine_has || !nexus || info->function ||
	    nexus->address != function->command.nexus->address)
		return false;
	if (tm->function == MPT_TM_TARGET_RESET)
		return true;
	if (memcmp(info->lun, tm->lun, sizeof(tm->lun)))
		return false;
	switch (tm->function) {
	case MPT_TM_ABORT_TASK:
		return nexus == function->command.nexus &&
		       (info->attribute == MPT_UNTAGGED || info->tag == tm->tag);
	case MPT_TM_ABORT_TASK_SET:
		return nexus == function->command.nexus;
	case MPT_TM_CLEAR_TASK_SET:
	case MPT_TM_LOGICAL_UNIT_RESET:
		return true;
	default:
		return false;
	}
}

/* Sense that was kept for a task that a function ends.  adapter->lock held. */
static void mpt_task_drop_sense(const struct mpt_slot *function)
{
	const struct mpt_message_command *tm = &function->command.info;
	struct mpt_sense_cache *cache = function->adapter->sense_cache;
	u8 target = function->command.nexus->address->name.id;
	unsigned int initiator;

	if (tm->function == MPT_TM_TARGET_RESET)
		mpt_sense_cache_drop_target(cache, target);
	if (tm->function != MPT_TM_LOGICAL_UNIT_RESET && tm->function != MPT_TM_CLEAR_TASK_SET)
		return;
	for (initiator = 0; initiator < MPT_MAX_IDS; initiator++)
		mpt_sense_cache_drop(cache, initiator, target, tm->lun);
}

/*
 * LIO waits with a task management function until a WRITE whose data is on the
 * way comes back to it: take the data phase from the card.
 */
void mpt_task_cancel(struct mpt_slot *function)
{
	struct mpt_adapter *adapter = function->adapter;
	unsigned long flags;
	unsigned int index;
	bool any = false;

	spin_lock_irqsave(&adapter->lock, flags);
	mpt_task_drop_sense(function);
	for (index = 0; index < adapter->nr_slots; index++) {
		struct mpt_slot *slot = &adapter->slots[index];

		if (slot->state != MPT_SLOT_DATA_OUT || !mpt_task_reaches(function, slot))
			continue;
		slot->abort_wanted = true;
		any = true;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (any)
		queue_work(mpt_target_workqueue, &adapter->abort_work);
}

/* Everything of @address that is still in work. */
void mpt_slots_abort(struct mpt_adapter *adapter, const struct mpt_address *address)
{
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&adapter->lock, flags);
	for (index = 0; index < adapter->nr_slots; index++) {
		struct mpt_slot *slot = &adapter->slots[index];

		/* QUEUED ones get their frame first */
		if (slot->open && slot->command.nexus && slot->command.nexus->address == address &&
		    slot->state != MPT_SLOT_QUEUED && slot->state != MPT_SLOT_ARRIVED)
			slot->abort_wanted = true;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	queue_work(mpt_target_workqueue, &adapter->abort_work);
}

/* The next slot to abort, from @index on: from here on it is being aborted. */
static bool mpt_task_next(struct mpt_adapter *adapter, unsigned int *index, u32 *word)
{
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&adapter->lock, flags);
	for (; *index < adapter->nr_slots; (*index)++) {
		struct mpt_slot *slot = &adapter->slots[*index];

		if (!slot->abort_wanted)
			continue;
		slot->abort_wanted = false;
		if (!slot->open)
			continue;
		slot->aborting = true;
		*word = slot->word;
		found = true;
		break;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return found;
}

/*
 * The card has answered the abort: an outstanding message was answered before
 * (with TARGET ABORTED); if there was none, nobody but us ends the I/O.
 */
static void mpt_task_aborted(struct mpt_adapter *adapter, unsigned int index, u32 word)
{
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = index < adapter->nr_slots ? &adapter->slots[index] : NULL;
	if (slot && slot->aborting && slot->word == word) {
		slot->aborting = false;
		slot->lost = true;
		if (!mpt_slot_outstanding(slot))
			slot->open = false;
		mpt_slot_settle(slot);
	}
	wake_up(&adapter->changed);
	spin_unlock_irqrestore(&adapter->lock, flags);
}

static int mpt_task_abort(struct mpt_adapter *adapter, u32 word)
{
	struct mpt_message_reply reply;
	u8 message[32];
	int ret = mpt_message_abort(message, sizeof(message), TARGET_MODE_ABORT_TYPE_EXACT_IO,
				    word);

	/* the reply's status does not matter: there may have been nothing left to abort */
	return mpt_management_call(adapter, message, ret, mpt_parallel.abort_by_handshake, 10,
				   &reply);
}

/* No request frame: the abort is still to be sent. */
static void mpt_task_again(struct mpt_adapter *adapter, unsigned int index, u32 word)
{
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = index < adapter->nr_slots ? &adapter->slots[index] : NULL;
	if (slot && slot->aborting && slot->word == word) {
		slot->aborting = false;
		slot->abort_wanted = slot->open;
		mpt_slot_settle(slot);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	queue_work(mpt_target_workqueue, &adapter->abort_work);
}

void mpt_task_abort_work(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, abort_work);
	unsigned int index = 0;
	u32 word;
	int ret;

	for (; mpt_task_next(adapter, &index, &word); index++) {
		ret = mpt_task_abort(adapter, word);
		if (ret == -ENODEV)
			return;		/* the reset that follows ends them all */
		if (ret == -EAGAIN) {
			mpt_task_again(adapter, index, word);
			return;
		}
		if (ret) {
			pci_err(adapter->pdev, "the card does not abort an I/O (%d); resetting it\n",
				ret);
			mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
			return;
		}
		mpt_task_aborted(adapter, index, word);
	}
}
