// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task management, bus resets and aborts: whom they reach, and cancelling what the
 * card does for those.  The engine aborts the tasks; here is seen to it that no
 * data phase keeps it waiting, and that a function ends only when none of its
 * tasks is left on the card.
 */
#include <linux/delay.h>
#include <linux/module.h>

#include "internal.h"

/* Something is to be aborted or recalled: what waits here ends here.  Takes the lock. */
static void mpt_task_abort_soon(struct mpt_adapter *adapter)
{
	mpt_slots_sweep(adapter);
	queue_work(mpt_target_workqueue, &adapter->abort_work);
}

/* A TargetModeAbort of the I/O is to be sent.  adapter->lock held. */
void mpt_task_abort_io(struct mpt_slot *slot)
{
	slot->abort_wanted = true;
	queue_work(mpt_target_workqueue, &slot->adapter->abort_work);
}

static bool mpt_task_is_reset(const struct mpt_slot *function)
{
	return function->command.info.function == MPT_TM_TARGET_RESET ||
	       function->command.info.function == MPT_TM_LOGICAL_UNIT_RESET;
}

/* The logical units that a function is about, of those that are known. */
static u64 mpt_task_luns(const struct mpt_slot *function)
{
	int lun = mpt_lun_number(function->command.info.lun);

	if (function->command.info.function == MPT_TM_TARGET_RESET)
		return U64_MAX;
	return lun < 0 ? 0 : BIT_ULL(lun);
}

/*
 * Did @slot's command come before @function?  The engine got them in an order of its
 * own: commands of other initiators may have been held.
 */
static bool mpt_task_before(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	if (slot->delivered)
		return (s32)(function->command.serial - slot->command.serial) > 0;
	return (s32)(function->arrival - slot->arrival) > 0;
}

/* Is @slot's command one that @function is about? */
static bool mpt_task_reaches(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	const struct mpt_message_command *tm = &function->command.info;
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;

	/* of a slot that is not in work, the nexus may be one that is gone */
	if (slot == function || !(slot->open || slot->engine_has) || !nexus || info->function ||
	    nexus->address != function->command.nexus->address ||
	    !mpt_task_before(function, slot))
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

/* Sense that was kept for tasks that a function ends.  adapter->lock held. */
static void mpt_task_drop_sense(const struct mpt_slot *function)
{
	const struct mpt_message_command *tm = &function->command.info;
	struct mpt_sense_cache *cache = function->adapter->sense_cache;
	struct mpt_address *address = function->command.nexus->address;
	unsigned int initiator;

	if (tm->function == MPT_TM_TARGET_RESET)
		mpt_sense_cache_drop_target(cache, address->name.id);
	else if (tm->function == MPT_TM_LOGICAL_UNIT_RESET ||
		 tm->function == MPT_TM_CLEAR_TASK_SET)
		for (initiator = 0; initiator < MPT_MAX_IDS; initiator++)
			mpt_sense_cache_drop(cache, initiator, address->name.id, tm->lun);
	else if (tm->function == MPT_TM_ABORT_TASK_SET)
		mpt_sense_cache_drop(cache, function->command.nexus->initiator_id,
				     address->name.id, tm->lun);
	else
		return;
	if (tm->function == MPT_TM_ABORT_TASK_SET)
		mpt_allegiance_end_one(mpt_nexus_slot_of(function->command.nexus),
				       mpt_task_luns(function));
	else
		mpt_allegiance_end(address, mpt_task_luns(function));
}

static bool mpt_task_awaits_data(const struct mpt_slot *slot)
{
	return slot->state == MPT_SLOT_DATA_OUT ||
	       (slot->state == MPT_SLOT_QUEUED && slot->receiving);
}

/*
 * The engine may wait for data that is on its way: take the data phase from the
 * card.  Other initiators still are to get a status: theirs stay open.
 */
static void mpt_task_stop_data(const struct mpt_slot *function, struct mpt_slot *slot)
{
	if (!mpt_task_awaits_data(slot))
		return;
	if (slot->command.nexus == function->command.nexus)
		slot->abort_wanted = slot->open;
	else
		slot->recall = slot->open;
}

/* Does @function stop @slot's data without the engine's word? */
static bool mpt_task_stops_now(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	return mpt_task_reaches(function, slot) &&
	       (slot->command.nexus == function->command.nexus ||
		!slot->command.nexus->address->engine->stops_others);
}

/*
 * The engine asks for @slot's data while it works on a function about it, or after
 * it: the function would wait for the data, and its initiator may hold the bus until
 * the function ends.  adapter->lock held.  True: there will be no data.
 */
bool mpt_task_stops(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	const struct mpt_slot *function;
	unsigned int index;

	if (slot->stopped || slot->data_refused)
		return true;
	for (index = 0; slot->command.nexus->address->functions && index < adapter->nr_slots;
	     index++) {
		function = &adapter->slots[index];
		if (!function->engine_has || function->state != MPT_SLOT_ENGINE ||
		    !function->command.info.function || !mpt_task_stops_now(function, slot))
			continue;
		if (slot->command.nexus == function->command.nexus)
			mpt_task_abort_io(slot);
		else
			slot->stopped = true;
		return true;
	}
	return false;
}

/* The engine is about to get @function.  Takes the lock. */
void mpt_task_begin(struct mpt_slot *function)
{
	struct mpt_adapter *adapter = function->adapter;
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&adapter->lock, flags);
	mpt_task_drop_sense(function);
	if (mpt_task_is_reset(function)) {
		mpt_attention_raise(function->command.nexus->address, mpt_task_luns(function),
				    MPT_ATTENTION_TARGET_RESET);
		mpt_attention_expect(function->command.nexus->address, mpt_task_luns(function));
		mpt_attention_resetting(adapter, true);
	}
	for (index = 0; index < adapter->nr_slots; index++)
		if (mpt_task_stops_now(function, &adapter->slots[index]))
			mpt_task_stop_data(function, &adapter->slots[index]);
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_task_abort_soon(adapter);
}

/*
 * One of the function's own initiator that the card still has.  What the engine
 * has answered others goes out to them after the function.
 */
static bool mpt_task_remains(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	return slot->open && slot->command.nexus == function->command.nexus &&
	       mpt_task_reaches(function, slot);
}

/*
 * A task that @function ended: the function's own initiator waits for nothing more,
 * others for a status.  An engine may have missed one that it had only just got, or
 * is to get once more: it would carry it out afterwards.  adapter->lock held.
 */
static void mpt_task_ends(const struct mpt_slot *function, struct mpt_slot *slot)
{
	if (mpt_task_remains(function, slot))
		slot->abort_wanted = true;
	else if (mpt_task_reaches(function, slot) &&
		 (slot->state == MPT_SLOT_ENGINE || slot->state == MPT_SLOT_ARRIVED || slot->again))
		slot->stopped = true;
	else if (mpt_task_reaches(function, slot) && !mpt_slot_mute(slot))
		mpt_task_stop_data(function, slot);
}

/* The engine has done its part of @function: what is left of its tasks is the card's. */
void mpt_task_end(struct mpt_slot *function)
{
	struct mpt_address *address = function->command.nexus->address;
	struct mpt_adapter *adapter = function->adapter;
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&adapter->lock, flags);
	if (!--address->functions)
		queue_work(mpt_target_workqueue, &address->function_work);
	if (mpt_task_is_reset(function)) {
		mpt_attention_expect(address, mpt_task_luns(function));
		mpt_attention_resetting(adapter, false);
	}
	function->ending = function->response == MPT_FUNCTION_COMPLETE;
	for (index = 0; function->ending && index < adapter->nr_slots; index++)
		mpt_task_ends(function, &adapter->slots[index]);
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_task_abort_soon(adapter);
}

/*
 * One of another initiator from which the card takes something back, which needs no
 * bus: its data, or, if the engine ends it without a status (TAS is 0), all of it.
 */
static bool mpt_task_vanishes(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	bool data = slot->state == MPT_SLOT_DATA_OUT && mpt_slot_outstanding(slot);

	return slot->open && (data || slot->abort_wanted || slot->aborting) &&
	       mpt_task_reaches(function, slot);
}

/*
 * See mpt_task_by_message(): where the card does not give messages back, or finds them
 * otherwise than HW-127 says, what the initiator sends after the function is at least
 * out of an abort's reach.
 */
static bool mpt_task_aborts(const struct mpt_slot *function, const struct mpt_slot *slot)
{
	return (slot->aborting || slot->recalling) && slot != function &&
	       slot->command.nexus == function->command.nexus;
}

/* adapter->lock held. */
bool mpt_task_unfinished(const struct mpt_slot *function)
{
	const struct mpt_adapter *adapter = function->adapter;
	const struct mpt_slot *slot;
	unsigned int index;

	for (index = 0; function->ending && index < adapter->nr_slots; index++) {
		slot = &adapter->slots[index];
		if (mpt_task_remains(function, slot) || mpt_task_vanishes(function, slot) ||
		    mpt_task_aborts(function, slot))
			return true;
	}
	return false;
}

bool mpt_function_next(struct mpt_command *command, struct mpt_command *task)
{
	struct mpt_slot *function = container_of(command, struct mpt_slot, command);
	struct mpt_adapter *adapter = function->adapter;
	struct mpt_slot *slot;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&adapter->lock, flags);
	while (!found && function->cursor < adapter->nr_slots) {
		slot = &adapter->slots[function->cursor++];
		found = slot->engine_has && !slot->told && mpt_task_reaches(function, slot);
		if (!found)
			continue;
		slot->tell_aborted = slot->command.nexus != command->nexus;
		*task = slot->command;
		task->engine_private = NULL;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return found;
}
EXPORT_SYMBOL_GPL(mpt_function_next);

/* The card is to do something for the engine, which waits for it.  adapter->lock held. */
static bool mpt_task_works(const struct mpt_slot *slot)
{
	return slot->engine_has && !slot->told && slot->state != MPT_SLOT_ENGINE &&
	       slot->state != MPT_SLOT_ENDED && slot->open;
}

void mpt_command_cancel(struct mpt_command *command)
{
	struct mpt_slot *slot = container_of(command, struct mpt_slot, command);
	struct mpt_adapter *adapter = slot->adapter;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot->data_refused = true;
	if (mpt_task_works(slot))
		slot->abort_wanted = true;
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_task_abort_soon(adapter);
}
EXPORT_SYMBOL_GPL(mpt_command_cancel);

/*
 * What a contingent allegiance holds back is no exception: its initiator had all that
 * time to send something, longer than others let a command take, and is gone or hangs.
 * To wait for it once more would be to wait for ever, and an engine may wait with us.
 * The sense stays, and so does the allegiance, for the initiator's next command.
 */
bool mpt_command_expire(struct mpt_command *command, unsigned long age)
{
	struct mpt_slot *slot = container_of(command, struct mpt_slot, command);
	struct mpt_adapter *adapter = slot->adapter;
	unsigned long flags;
	bool old;

	spin_lock_irqsave(&adapter->lock, flags);
	old = mpt_task_works(slot) && time_after_eq(jiffies, slot->asked + age);
	if (old)
		slot->abort_wanted = true;
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (old)
		mpt_task_abort_soon(adapter);
	return old;
}
EXPORT_SYMBOL_GPL(mpt_command_expire);

void mpt_command_stop(struct mpt_command *command)
{
	struct mpt_slot *slot = container_of(command, struct mpt_slot, command);
	struct mpt_adapter *adapter = slot->adapter;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot->data_refused = true;
	if (slot->engine_has && mpt_task_awaits_data(slot))
		slot->recall = slot->open;
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_task_abort_soon(adapter);
}
EXPORT_SYMBOL_GPL(mpt_command_stop);

/* Everything that came before a bus reset is over.  adapter->lock held. */
static void mpt_task_reset_slot(struct mpt_slot *slot)
{
	if (slot->state == MPT_SLOT_ARRIVED && !slot->open)
		slot->next_lost = true;
	if (!slot->open)
		return;
	slot->lost = true;
	slot->recall = false;
	/* nobody knows for sure that the card gives it up by itself (HW-107) */
	slot->abort_wanted = true;
}

/* Somebody reset the bus.  Atomic; rcu_read_lock held. */
void mpt_task_bus_reset(struct mpt_adapter *adapter)
{
	struct mpt_address *address;
	unsigned long flags;
	unsigned int n;

	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->sense_cache)
		mpt_sense_cache_drop_all(adapter->sense_cache);
	for (n = 0; n < adapter->nr_slots; n++)
		mpt_task_reset_slot(&adapter->slots[n]);
	for (n = 0; n < MPT_MAX_IDS; n++) {
		address = rcu_dereference(adapter->addresses[n]);
		if (!address)
			continue;
		mpt_attention_raise(address, U64_MAX, MPT_ATTENTION_BUS_RESET);
		mpt_attention_expect(address, U64_MAX);
		mpt_nexus_hold_all(address);
		mpt_allegiance_end(address, U64_MAX);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_task_abort_soon(adapter);
}

/* Everything of @address that is still in work. */
void mpt_slots_abort(struct mpt_adapter *adapter, struct mpt_address *address)
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
	mpt_task_abort_soon(adapter);
}

/* What a TargetModeAbort is to name. */
struct mpt_task_abort {
	unsigned int index;		/* of the slot; where to look from on */
	u8 type;
	u32 word;
	u32 context;
	u32 count;			/* of I/Os that the card found, by its reply */
};

/*
 * Is the message of @slot to be taken from the card, and not the I/O with it?  An I/O
 * that may end by itself and give its buffer back loses its message first: the card
 * could have the next command of the same initiator in that buffer when the abort
 * comes, under the same word by which I/Os are named (HW-58, HW-83).
 */
static bool mpt_task_by_message(const struct mpt_slot *slot)
{
	if (!mpt_slot_outstanding(slot))
		return false;
	if (slot->abort_wanted)
		return slot->reposting && !slot->unrecallable;
	return slot->recall && slot->state == MPT_SLOT_DATA_OUT;
}

/* adapter->lock held.  True: from here on @slot is being aborted, or its message recalled. */
static bool mpt_task_take(struct mpt_slot *slot, struct mpt_task_abort *abort)
{
	bool message = slot->open && mpt_task_by_message(slot);
	bool io = slot->open && slot->abort_wanted && !message;

	slot->abort_wanted = slot->open && slot->abort_wanted && message;
	if (list_empty(&slot->link))	/* else it is for mpt_slots_sweep() */
		slot->recall = false;
	abort->word = slot->word;
	if (io) {
		slot->aborting = true;
		abort->type = TARGET_MODE_ABORT_TYPE_EXACT_IO;
		abort->context = 0;
	} else if (message) {
		slot->recalling = true;
		abort->type = TARGET_MODE_ABORT_TYPE_EXACT_IO_REQUEST;
		abort->context =
			le32_to_cpu((__force __le32)slot->frame->u.frame.hwhdr.msgctxu.MsgContext);
	}
	return io || message;
}

/* The next one, from abort->index on. */
static bool mpt_task_next(struct mpt_adapter *adapter, struct mpt_task_abort *abort)
{
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&adapter->lock, flags);
	for (; abort->index < adapter->nr_slots; abort->index++) {
		found = mpt_task_take(&adapter->slots[abort->index], abort);
		if (found)
			break;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return found;
}

/* adapter->lock held.  The slot that @abort named; NULL: it is gone. */
static struct mpt_slot *mpt_task_named(struct mpt_adapter *adapter,
				       const struct mpt_task_abort *abort)
{
	struct mpt_slot *slot;

	if (abort->index >= adapter->nr_slots)
		return NULL;
	slot = &adapter->slots[abort->index];
	return (slot->aborting || slot->recalling) && slot->word == abort->word ? slot : NULL;
}

/* No recall names @slot's frame any more. */
static void mpt_task_free(struct mpt_slot *slot)
{
	slot->recalling = false;
	if (slot->recalled)
		mpt_frame_put(slot->adapter, slot->recalled);
	slot->recalled = NULL;
}

/*
 * A recall was answered.  A message that was not given back takes the whole I/O with
 * it; one that was answered as aborted, but not by this, was the end of its I/O.
 * True: the I/O has ended by itself, and the next command lies in the buffer.
 */
static bool mpt_task_recalled(struct mpt_slot *slot, bool hit)
{
	mpt_task_free(slot);
	slot->unrecallable = mpt_slot_outstanding(slot);
	if (slot->open && ((slot->given_back && !hit) || slot->unrecallable))
		slot->abort_wanted = true;
	if (slot->abort_wanted)
		queue_work(mpt_target_workqueue, &slot->adapter->abort_work);
	mpt_slot_settle(slot);
	return slot->state == MPT_SLOT_ARRIVED;
}

/*
 * An abort was answered: an outstanding message was answered before (with TARGET
 * ABORTED); if there was none, nobody but us ends the I/O.  True: the I/O had ended
 * before, and the next command lies in the buffer; by the same word the abort may
 * have hit that one.
 */
static bool mpt_task_ended(struct mpt_slot *slot, bool hit)
{
	slot->aborting = false;
	/* one that is open is still the same: it was held */
	if (slot->state == MPT_SLOT_ARRIVED && !slot->open) {
		slot->next_lost |= hit;
		return true;
	}
	slot->lost = true;
	if (!mpt_slot_outstanding(slot))
		mpt_slot_close(slot);
	mpt_slot_settle(slot);
	return false;
}

static void mpt_task_aborted(struct mpt_adapter *adapter, const struct mpt_task_abort *abort)
{
	struct mpt_slot *slot;
	unsigned long flags;
	bool deliver = false;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = mpt_task_named(adapter, abort);
	if (slot && slot->recalling)
		deliver = mpt_task_recalled(slot, abort->count);
	else if (slot)
		deliver = mpt_task_ended(slot, abort->count);
	mpt_command_kick(adapter);
	wake_up(&adapter->changed);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (deliver)
		mpt_arrivals_deliver(adapter);
	mpt_slots_sweep(adapter);
}

static int mpt_task_abort(struct mpt_adapter *adapter, struct mpt_task_abort *abort)
{
	struct mpt_message_reply reply = { 0 };
	u8 message[32];
	int ret = mpt_message_abort(message, sizeof(message), abort->type, abort->word,
				    abort->context);

	ret = mpt_management_call(adapter, message, ret, mpt_parallel.abort_by_handshake, 10,
				  &reply);
	abort->count = ret ? 0 : reply.abort_count;
	if (!ret && (reply.ioc_status == MPI_IOCSTATUS_BUSY ||
		     reply.ioc_status == MPI_IOCSTATUS_INSUFFICIENT_RESOURCES)) {
		msleep(20);
		return -EAGAIN;
	}
	/* other errors do not matter: there may have been nothing left to abort */
	return ret;
}

/* No request frame, or the card is short of something: the abort is still to be sent. */
static void mpt_task_again(struct mpt_adapter *adapter, const struct mpt_task_abort *abort)
{
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = mpt_task_named(adapter, abort);
	if (slot) {
		slot->abort_wanted = slot->open && (slot->aborting || slot->abort_wanted);
		slot->recall = slot->open && slot->recalling && !slot->abort_wanted;
		slot->aborting = false;
		mpt_task_free(slot);
		mpt_slot_settle(slot);
		mpt_command_kick(adapter);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	queue_work(mpt_target_workqueue, &adapter->abort_work);
	mpt_arrivals_deliver(adapter);
}

void mpt_task_abort_work(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, abort_work);
	struct mpt_task_abort abort = { 0 };
	int ret;

	for (; mpt_task_next(adapter, &abort); abort.index++) {
		ret = mpt_task_abort(adapter, &abort);
		if (ret == -ENODEV)
			return;		/* the reset that follows ends them all */
		if (ret == -EAGAIN) {
			mpt_task_again(adapter, &abort);
			return;
		}
		if (ret) {
			mpt_err(adapter->pdev, "the card does not abort an I/O (%d); resetting it\n",
				ret);
			mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
			return;
		}
		mpt_task_aborted(adapter, &abort);
	}
}
