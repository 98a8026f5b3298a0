// SPDX-License-Identifier: GPL-2.0-only
/*
 * Initiators.  On parallel SCSI nobody logs in: an initiator is known by its
 * first command, which waits, with those behind it, until the engine has set up
 * a session in process context.
 */
#include "internal.h"

#define MPT_RESET_PATIENCE	(10 * HZ)

struct mpt_nexus_slot *mpt_nexus_slot_of(struct mpt_nexus *nexus)
{
	return container_of(nexus, struct mpt_nexus_slot, nexus);
}

/*
 * An engine works on a function by tags and by time, and an initiator may go on as
 * soon as the wire is free (HW-95): what comes later must not be there yet.  A bus
 * reset ends what the engine has of every initiator at every address, which may
 * serve the same devices.  One that is being closed must not wait for the others,
 * nor all of them for ever for a back end that does not answer.
 */
static bool mpt_address_waits(const struct mpt_address *address)
{
	const struct mpt_adapter *adapter = address->adapter;

	return address->functions || address->resetting ||
	       (adapter->bus_resets && !address->closing &&
		time_before(jiffies, adapter->reset_patience));
}

/* adapter->lock held. */
enum mpt_nexus_verdict mpt_nexus_admit(struct mpt_nexus_slot *nexus, struct mpt_slot *slot)
{
	switch (nexus->state) {
	case MPT_NEXUS_READY:
		if (!mpt_address_waits(nexus->nexus.address) && list_empty(&nexus->held) &&
		    !nexus->releasing)
			return MPT_NEXUS_DELIVER;
		break;
	case MPT_NEXUS_NEW:
		nexus->state = MPT_NEXUS_SETUP;
		queue_work(mpt_target_workqueue, &nexus->work);
		fallthrough;
	case MPT_NEXUS_SETUP:
	case MPT_NEXUS_RESET:
	case MPT_NEXUS_ENDING:
		break;
	default:
		return MPT_NEXUS_DENIED;
	}
	list_add_tail(&slot->link, &nexus->held);
	return MPT_NEXUS_HELD;
}

static enum mpt_nexus_state mpt_nexus_setup(struct mpt_nexus_slot *nexus)
{
	struct mpt_address *address = nexus->nexus.address;
	struct mpt_adapter *adapter = address->adapter;
	int ret;

	/* its first command waits: it will negotiate by limits of ours, a failure is logged */
	if (adapter->shared)
		mpt_parallel.settle(adapter);
	ret = address->engine->nexus_arrived(&nexus->nexus);

	if (!ret)
		return MPT_NEXUS_READY;
	if (ret == -EACCES) {
		mpt_info(adapter->pdev, "ID %u: initiator %u is not admitted (no ACL for it); it sees no logical unit\n",
			 address->name.id, nexus->nexus.initiator_id);
		return MPT_NEXUS_REFUSED;
	}
	mpt_warn(adapter->pdev, "ID %u: no session for initiator %u (%d); it is told BUSY\n",
		 address->name.id, nexus->nexus.initiator_id, ret);
	return MPT_NEXUS_NEW;
}

/* A part of what a bus reset asks of the engine is due.  adapter->lock held. */
static void mpt_nexus_reset_begun(struct mpt_adapter *adapter)
{
	if (adapter->bus_resets++)
		return;
	adapter->reset_patience = jiffies + MPT_RESET_PATIENCE;
	mod_delayed_work(mpt_target_workqueue, &adapter->patience_work, MPT_RESET_PATIENCE);
}

/* adapter->lock held. */
static void mpt_nexus_go_on_all(struct mpt_adapter *adapter)
{
	struct mpt_address *address;
	unsigned int id;

	rcu_read_lock();
	for (id = 0; id < MPT_MAX_IDS; id++) {
		address = rcu_dereference(adapter->addresses[id]);
		if (address)
			queue_work(mpt_target_workqueue, &address->function_work);
	}
	rcu_read_unlock();
}

/* ... and done.  adapter->lock held. */
static void mpt_nexus_reset_over(struct mpt_adapter *adapter)
{
	if (--adapter->bus_resets)
		return;
	cancel_delayed_work(&adapter->patience_work);
	mpt_nexus_go_on_all(adapter);
}

/* The back end of some address does not come to an end: the others do not wait for it. */
void mpt_nexus_patience(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, patience_work.work);
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->bus_resets && !time_before(jiffies, adapter->reset_patience)) {
		mpt_warn(adapter->pdev, "engine %s resets devices for %u s now; what comes for other IDs goes on\n",
			 adapter->engine->name, MPT_RESET_PATIENCE / HZ);
		mpt_nexus_go_on_all(adapter);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* adapter->lock held. */
static void mpt_nexus_reset_soon(struct mpt_address *address)
{
	address->resetting = true;
	if (!queue_work(mpt_target_workqueue, &address->reset_work))
		return;
	mpt_attention_resetting(address->adapter, true);
	mpt_nexus_reset_begun(address->adapter);
}

/*
 * Held commands go in order, each with the lock dropped; only when none is left
 * may newly arriving ones go straight to the engine.  Who changes the state of the
 * nexus meanwhile (a bus reset, the end of the session) releases the rest.
 * adapter->lock held.
 */
static void mpt_nexus_release(struct mpt_nexus_slot *nexus, enum mpt_nexus_state state,
			      unsigned long *flags)
{
	enum mpt_nexus_state before = nexus->state;
	struct mpt_slot *slot;

	while (!list_empty(&nexus->held) &&
	       !(state == MPT_NEXUS_READY && mpt_address_waits(nexus->nexus.address))) {
		slot = list_first_entry(&nexus->held, struct mpt_slot, link);
		list_del_init(&slot->link);
		nexus->releasing = true;
		mpt_command_admitted(slot, state, flags);
		nexus->releasing = false;
		if (nexus->state != before)
			return;
	}
	nexus->state = state;
	if (state == MPT_NEXUS_READY && (nexus->reset_due || nexus->nexus.address->resetting)) {
		nexus->state = MPT_NEXUS_RESET;
		/* some of those that the engine has got may be from before the reset */
		if (nexus->reset_due)
			mpt_nexus_reset_soon(nexus->nexus.address);
	}
	if (nexus->reset_due)
		mpt_nexus_reset_over(nexus->nexus.address->adapter);
	nexus->reset_due = false;
}

static void mpt_nexus_work(struct work_struct *work)
{
	struct mpt_nexus_slot *nexus = container_of(work, struct mpt_nexus_slot, work);
	struct mpt_adapter *adapter = nexus->nexus.address->adapter;
	enum mpt_nexus_state state = mpt_nexus_setup(nexus);
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	mpt_nexus_release(nexus, state, &flags);
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* From now on commands wait for mpt_nexus_reset().  adapter->lock held. */
void mpt_nexus_hold_all(struct mpt_address *address)
{
	struct mpt_nexus_slot *nexus;
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++) {
		nexus = &address->nexus[id];
		if (nexus->state == MPT_NEXUS_READY) {
			nexus->state = MPT_NEXUS_RESET;
		} else if (nexus->state == MPT_NEXUS_SETUP && !nexus->reset_due) {
			nexus->reset_due = true;
			mpt_nexus_reset_begun(address->adapter);
		}
	}
	mpt_nexus_reset_soon(address);
}

/* After a bus reset: the engine ends what is left of the old commands, then new ones go on. */
void mpt_nexus_reset(struct work_struct *work)
{
	struct mpt_address *address = container_of(work, struct mpt_address, reset_work);
	struct mpt_adapter *adapter = address->adapter;
	struct mpt_nexus_slot *nexus;
	unsigned long flags;
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++)
		if (READ_ONCE(address->nexus[id].state) == MPT_NEXUS_RESET)
			address->engine->bus_reset(&address->nexus[id].nexus);
	spin_lock_irqsave(&adapter->lock, flags);
	mpt_attention_expect(address, U64_MAX);
	mpt_attention_resetting(adapter, false);
	address->resetting = work_pending(work);
	mpt_nexus_reset_over(adapter);
	for (id = 0; id < MPT_MAX_IDS; id++) {
		nexus = &address->nexus[id];
		if (nexus->state == MPT_NEXUS_RESET)
			mpt_nexus_release(nexus, MPT_NEXUS_READY, &flags);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	wake_up(&adapter->changed);
}

/* The engine has no function of the address and no bus reset any more: what waited goes on. */
void mpt_nexus_go_on(struct work_struct *work)
{
	struct mpt_address *address = container_of(work, struct mpt_address, function_work);
	struct mpt_adapter *adapter = address->adapter;
	unsigned long flags;
	unsigned int id;

	spin_lock_irqsave(&adapter->lock, flags);
	for (id = 0; id < MPT_MAX_IDS; id++)
		if (address->nexus[id].state == MPT_NEXUS_READY)
			mpt_nexus_release(&address->nexus[id], MPT_NEXUS_READY, &flags);
	spin_unlock_irqrestore(&adapter->lock, flags);
}

void mpt_nexus_init(struct mpt_address *address)
{
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++) {
		struct mpt_nexus_slot *nexus = &address->nexus[id];

		nexus->nexus.address = address;
		nexus->nexus.initiator_id = id;
		nexus->state = MPT_NEXUS_NEW;
		INIT_LIST_HEAD(&nexus->held);
		INIT_WORK(&nexus->work, mpt_nexus_work);
	}
}

/* Sense that waited for the initiator goes with its nexus.  adapter->lock held. */
static void mpt_nexus_drop_sense(struct mpt_nexus_slot *nexus)
{
	const struct mpt_address *address = nexus->nexus.address;

	mpt_sense_cache_drop_nexus(address->adapter->sense_cache, nexus->nexus.initiator_id,
				   address->name.id);
}

/* Nothing of it is in work any more.  adapter->lock held. */
static void mpt_nexus_forget(struct mpt_nexus_slot *nexus)
{
	nexus->frozen = 0;
	mpt_nexus_drop_sense(nexus);
}

/*
 * The engine's session ends, the initiator may come again: its commands are held
 * meanwhile.  mpt_addresses_mutex held; sleeps.
 */
void mpt_nexus_end(struct mpt_nexus *nexus)
{
	struct mpt_nexus_slot *slot = mpt_nexus_slot_of(nexus);
	struct mpt_adapter *adapter = nexus->address->adapter;
	enum mpt_nexus_state state;
	unsigned long flags;

	do {
		flush_work(&slot->work);
		flush_work(&nexus->address->reset_work);
		spin_lock_irqsave(&adapter->lock, flags);
		state = slot->state;
		if (state == MPT_NEXUS_READY) {
			slot->state = MPT_NEXUS_ENDING;
			/* REQUEST SENSE would be answered before it is held */
			mpt_nexus_drop_sense(slot);
			mpt_allegiance_unending(adapter);
		}
		spin_unlock_irqrestore(&adapter->lock, flags);
	} while (state == MPT_NEXUS_RESET);
	if (state != MPT_NEXUS_READY)
		return;
	synchronize_rcu();
	nexus->address->engine->nexus_lost(nexus);
	spin_lock_irqsave(&adapter->lock, flags);
	mpt_nexus_forget(slot);
	slot->state = list_empty(&slot->held) ? MPT_NEXUS_NEW : MPT_NEXUS_SETUP;
	if (slot->state == MPT_NEXUS_SETUP)
		queue_work(mpt_target_workqueue, &slot->work);
	spin_unlock_irqrestore(&adapter->lock, flags);
}

void mpt_nexus_retry(struct mpt_address *address)
{
	struct mpt_adapter *adapter = address->adapter;
	unsigned long flags;
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++)
		flush_work(&address->nexus[id].work);	/* it may be about to refuse */
	spin_lock_irqsave(&adapter->lock, flags);
	for (id = 0; id < MPT_MAX_IDS; id++)
		if (address->nexus[id].state == MPT_NEXUS_REFUSED)
			address->nexus[id].state = MPT_NEXUS_NEW;
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* The address is off the bus and out of adapter->addresses; no command is left.  Sleeps. */
void mpt_nexus_close_all(struct mpt_address *address)
{
	struct mpt_adapter *adapter = address->adapter;
	struct mpt_nexus_slot *nexus;
	enum mpt_nexus_state state;
	unsigned long flags;
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++) {
		nexus = &address->nexus[id];
		do {
			flush_work(&nexus->work);
			flush_work(&address->reset_work);	/* the other may have queued it */
			spin_lock_irqsave(&adapter->lock, flags);
			state = nexus->state;
			if (state != MPT_NEXUS_RESET) {
				nexus->state = MPT_NEXUS_CLOSED;
				mpt_nexus_forget(nexus);
			}
			spin_unlock_irqrestore(&adapter->lock, flags);
		} while (state == MPT_NEXUS_RESET);
		if (state == MPT_NEXUS_READY)
			address->engine->nexus_lost(&nexus->nexus);
	}
}
