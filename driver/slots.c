// SPDX-License-Identifier: GPL-2.0-only
/*
 * IoIndexes and request frames: their memory, posting to the IOC and taking
 * back, and what an IOC reset does to them.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "internal.h"
#include "trace.h"

#define MPT_RESERVED_FRAMES	16	/* left to mptbase and the initiator driver */
#define MPT_STARVED_MS		10
#define MPT_IDLE_MS		100	/* no buffer waits longer for its batch */
#define MPT_POST_MOST		16U	/* buffers in one post message */
#define MPT_SENSE_PER_ID	(MPT_MAX_IDS * MPT_LUNS)	/* one for each I_T_L */

static unsigned short buffers = 128;
module_param(buffers, ushort, 0444);
MODULE_PARM_DESC(buffers, "command buffers to post per adapter (default 128; the card may allow fewer)");

static unsigned short post_batch = 8;
module_param(post_batch, ushort, 0444);
MODULE_PARM_DESC(post_batch, "command buffers in one post message, at most (default 8; 1 is all that is known to have run on silicon)");

void mpt_slot_move(struct mpt_slot *slot, enum mpt_slot_state to)
{
	lockdep_assert_held(&slot->adapter->lock);
	trace_mpt_slot_move(slot, to);
	slot->state = to;
}

/* adapter->lock held.  NULL: none free, or the IOC is down. */
MPT_FRAME_HDR *mpt_frame_get(struct mpt_adapter *adapter, enum mpt_frame_use use)
{
	MPT_ADAPTER *ioc = adapter->ioc;
	MPT_FRAME_HDR *frame;

	if (!adapter->frame_use)
		return NULL;
	frame = mpt_get_msg_frame(mpt_target_context, ioc);
	if (frame)
		adapter->frame_use[MFPTR_2_MPT_INDEX(ioc, frame)] = use;
	return frame;
}

/* adapter->lock held. */
void mpt_frame_put(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame)
{
	adapter->frame_use[MFPTR_2_MPT_INDEX(adapter->ioc, frame)] = MPT_FRAME_NONE;
	mpt_free_msg_frame(adapter->ioc, frame);
}

static void mpt_slots_post_some(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame,
				unsigned int count)
{
	struct mpt_message_buffer list[MPT_POST_MOST];
	struct mpt_slot *slot;
	unsigned int n;

	adapter->posts++;
	adapter->frame_post[MFPTR_2_MPT_INDEX(adapter->ioc, frame)] = adapter->posts;
	for (n = 0; n < count; n++) {
		slot = list_first_entry(&adapter->idle, struct mpt_slot, link);
		list_del_init(&slot->link);
		list[n].index = slot->index;
		list[n].address = slot->address;
		slot->post = adapter->posts;
		mpt_slot_move(slot, MPT_SLOT_POSTED);
	}
	adapter->nr_idle -= count;
	adapter->posts_unacked++;
	mpt_message_post(frame, adapter->limits.frame_bytes, adapter->limits.wide, list, count);
	mpt_put_msg_frame(mpt_target_context, adapter->ioc, frame);
}

/* The card is short of something: no post for a second.  adapter->lock held. */
void mpt_slots_hold_posts(struct mpt_adapter *adapter)
{
	adapter->hold_posts = jiffies + HZ;
	if (adapter->up)
		timer_reduce(&adapter->starved_timer, adapter->hold_posts);
}

/* The card refused the post that went out in @frame.  adapter->lock held. */
void mpt_slots_refused(struct mpt_adapter *adapter, const MPT_FRAME_HDR *frame)
{
	u32 post = adapter->frame_post[MFPTR_2_MPT_INDEX(adapter->ioc, frame)];
	unsigned int index;

	mpt_slots_hold_posts(adapter);
	for (index = 0; index < adapter->nr_slots; index++)
		if (adapter->slots[index].state == MPT_SLOT_POSTED &&
		    adapter->slots[index].post == post)
			mpt_slot_retire(&adapter->slots[index]);
}

/* adapter->lock held.  Posts while at least @threshold slots are idle, as far as frames go. */
static void mpt_slots_post(struct mpt_adapter *adapter, unsigned int threshold)
{
	MPT_FRAME_HDR *frame;

	if (time_before(jiffies, adapter->hold_posts)) {
		timer_reduce(&adapter->starved_timer, adapter->hold_posts);
		return;
	}
	while (adapter->up && adapter->nr_idle >= threshold) {
		frame = mpt_frame_get(adapter, MPT_FRAME_POST);
		if (!frame) {
			timer_reduce(&adapter->starved_timer,
				     jiffies + msecs_to_jiffies(MPT_STARVED_MS));
			return;
		}
		mpt_slots_post_some(adapter, frame, min(adapter->post_room, adapter->nr_idle));
	}
}

/*
 * The first of @list whose message may go out, or NULL; mute ones are left to
 * mpt_slots_sweep().  adapter->lock held.
 */
struct mpt_slot *mpt_slots_first(struct list_head *list)
{
	struct mpt_slot *slot;

	list_for_each_entry(slot, list, link)
		if (!mpt_slot_mute(slot))
			return slot;
	return NULL;
}

/* adapter->lock held.  Frames came back: first those who wait, then posting. */
void mpt_slots_kick(struct mpt_adapter *adapter)
{
	struct mpt_slot *slot;

	while ((slot = mpt_slots_first(&adapter->starved))) {
		list_del_init(&slot->link);
		mpt_command_issue(slot);
		if (!list_empty(&adapter->starved) && adapter->starved.next == &slot->link)
			return;		/* no frame */
	}
	mpt_slots_post(adapter, adapter->batch);
}

/* Frames of others come back unannounced, and idle buffers may not fill a batch for long. */
static void mpt_slots_starved(struct timer_list *timer)
{
	struct mpt_adapter *adapter = container_of(timer, struct mpt_adapter, starved_timer);
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->up) {
		mpt_slots_kick(adapter);
		mpt_slots_post(adapter, 1);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* adapter->lock held.  Card and engine are done with it: to be posted again. */
void mpt_slot_retire(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;

	if (!adapter->up) {
		mpt_slot_move(slot, MPT_SLOT_RETURNED);
	} else {
		mpt_slot_move(slot, MPT_SLOT_IDLE);
		list_add_tail(&slot->link, &adapter->idle);
		if (++adapter->nr_idle >= adapter->batch)
			mpt_slots_post(adapter, adapter->batch);
		else
			timer_reduce(&adapter->starved_timer,
				     jiffies + msecs_to_jiffies(MPT_IDLE_MS));
	}
	wake_up(&adapter->changed);
}

/* adapter->lock held.  An ended slot that nobody needs any more is posted again. */
void mpt_slot_settle(struct mpt_slot *slot)
{
	if (slot->state == MPT_SLOT_ENDED && !slot->engine_has && !slot->open && !slot->aborting &&
	    !slot->recalling)
		mpt_slot_retire(slot);
}

static void mpt_slot_init(struct mpt_adapter *adapter, struct mpt_slot *slot, unsigned int index)
{
	slot->adapter = adapter;
	slot->index = index;
	slot->state = MPT_SLOT_RETURNED;
	slot->command.engine_private = adapter->engine_memory +
				       index * adapter->engine->command_size;
	INIT_LIST_HEAD(&slot->link);
}

static int mpt_slot_create(struct mpt_adapter *adapter, struct mpt_slot *slot)
{
	slot->memory = dma_alloc_coherent(&adapter->pdev->dev, MPT_SLOT_MEMORY, &slot->address,
					  GFP_KERNEL);
	return slot->memory ? 0 : -ENOMEM;
}

/* adapter->mutex held, adapter->engine set; sleeps. */
int mpt_slots_create(struct mpt_adapter *adapter)
{
	const MPT_ADAPTER *ioc = adapter->ioc;
	unsigned int frames = max(ioc->req_depth - MPT_RESERVED_FRAMES, 1);
	unsigned int allowed = ioc->pfacts[0].MaxPostedCmdBuffers;
	unsigned int count = min3((unsigned int)buffers, allowed, frames);
	unsigned int room = mpt_message_post_room(adapter->limits.frame_bytes,
						  adapter->limits.wide);
	struct mpt_slot *slots;
	unsigned long flags;
	unsigned int index;
	u8 *frame_use;

	if (adapter->limits.frame_bytes < MPT_LEAST_FRAME || !adapter->limits.max_chains) {
		mpt_err(adapter->pdev, "refused: the firmware's request frames (%u bytes, %u chains) are too small for a data transfer\n",
			adapter->limits.frame_bytes, adapter->limits.max_chains);
		return -EOPNOTSUPP;
	}
	if (!count) {
		mpt_err(adapter->pdev, "refused: %s\n", buffers ?
			"the firmware takes no command buffers (MaxPostedCmdBuffers is 0)" :
			"buffers=0 was given");
		return -EOPNOTSUPP;
	}
	slots = kvcalloc(count, sizeof(*slots), GFP_KERNEL);
	adapter->engine_memory = kvcalloc(count, adapter->engine->command_size, GFP_KERNEL);
	frame_use = kcalloc(ioc->req_depth, 1, GFP_KERNEL);
	adapter->frame_post = kcalloc(ioc->req_depth, sizeof(u32), GFP_KERNEL);
	adapter->sense_cache = mpt_sense_cache_new(MPT_SENSE_PER_ID);
	for (index = 0; slots && index < count; index++)
		mpt_slot_init(adapter, &slots[index], index);
	timer_setup(&adapter->starved_timer, mpt_slots_starved, 0);
	/* a reset may look at them from now on */
	spin_lock_irqsave(&adapter->lock, flags);
	adapter->slots = slots;
	adapter->nr_slots = slots ? count : 0;
	adapter->frame_use = frame_use;
	adapter->hold_posts = jiffies;
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (!slots || !adapter->engine_memory || !frame_use || !adapter->frame_post ||
	    !adapter->sense_cache)
		goto no_memory;
	/* HW-50: several buffers in one message are by MPI's headers only */
	adapter->post_room = clamp_t(unsigned int, post_batch, 1, min(room, MPT_POST_MOST));
	adapter->batch = clamp(count / 8, 1U, adapter->post_room);
	for (index = 0; index < count; index++)
		if (mpt_slot_create(adapter, &slots[index]))
			goto no_memory;
	return 0;

no_memory:
	mpt_err(adapter->pdev, "no memory for %u command buffers\n", count);
	mpt_slots_destroy(adapter);
	return -ENOMEM;
}

/* adapter->mutex held; no slot is the IOC's any more; sleeps. */
void mpt_slots_destroy(struct mpt_adapter *adapter)
{
	struct mpt_sense_cache *cache = adapter->sense_cache;
	struct mpt_slot *slots = adapter->slots;
	unsigned int count = adapter->nr_slots, index;
	u8 *frame_use = adapter->frame_use;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	adapter->up = false;		/* the timer is not armed any more */
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (slots)
		timer_delete_sync(&adapter->starved_timer);
	spin_lock_irqsave(&adapter->lock, flags);
	adapter->slots = NULL;
	adapter->nr_slots = 0;
	adapter->frame_use = NULL;
	adapter->sense_cache = NULL;
	INIT_LIST_HEAD(&adapter->arrived);
	INIT_LIST_HEAD(&adapter->idle);
	INIT_LIST_HEAD(&adapter->starved);
	INIT_LIST_HEAD(&adapter->waiting);
	INIT_LIST_HEAD(&adapter->doorbell);
	adapter->nr_idle = 0;
	adapter->posts_unacked = 0;
	spin_unlock_irqrestore(&adapter->lock, flags);
	synchronize_rcu();		/* mpt_slots_reset() */
	for (index = 0; index < count; index++)
		if (slots[index].memory)
			dma_free_coherent(&adapter->pdev->dev, MPT_SLOT_MEMORY,
					  slots[index].memory, slots[index].address);
	kvfree(slots);
	kvfree(adapter->engine_memory);
	adapter->engine_memory = NULL;
	kfree(frame_use);
	kfree(adapter->frame_post);
	adapter->frame_post = NULL;
	mpt_sense_cache_free(cache);
}

/* All sense of @ids finds a place.  adapter->mutex held; sleeps. */
int mpt_slots_sense_room(struct mpt_adapter *adapter, u16 ids)
{
	unsigned int entries = hweight16(ids) * MPT_SENSE_PER_ID;
	struct mpt_sense_room *room;
	unsigned long flags;

	while (mpt_sense_cache_size(adapter->sense_cache) < entries) {
		room = mpt_sense_room_new(MPT_SENSE_PER_ID);
		if (!room) {
			mpt_err(adapter->pdev, "no memory for the sense of %u IDs\n",
				hweight16(ids));
			return -ENOMEM;
		}
		spin_lock_irqsave(&adapter->lock, flags);
		mpt_sense_cache_add(adapter->sense_cache, room);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	return 0;
}

/* Every slot that is nobody's goes to the IOC. */
void mpt_slots_post_all(struct mpt_adapter *adapter)
{
	struct mpt_slot *slot;
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&adapter->lock, flags);
	adapter->up = true;
	for (index = 0; index < adapter->nr_slots; index++) {
		slot = &adapter->slots[index];
		if (slot->state != MPT_SLOT_RETURNED || slot->engine_has)
			continue;
		mpt_slot_move(slot, MPT_SLOT_IDLE);
		list_add_tail(&slot->link, &adapter->idle);
		adapter->nr_idle++;
	}
	mpt_slots_post(adapter, 1);
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* Is a command of @address (NULL: of any) in anybody's hands but ours and the IOC's? */
bool mpt_slots_busy(struct mpt_adapter *adapter, const struct mpt_address *address)
{
	const struct mpt_slot *slot;
	unsigned long flags;
	unsigned int index;
	bool busy = false;

	spin_lock_irqsave(&adapter->lock, flags);
	for (index = 0; index < adapter->nr_slots && !busy; index++) {
		slot = &adapter->slots[index];
		if (!slot->engine_has && (slot->state == MPT_SLOT_IDLE ||
					  slot->state == MPT_SLOT_POSTED ||
					  slot->state == MPT_SLOT_RETURNED))
			continue;
		/* one that has not begun, or was denied, may be of any address */
		busy = !address || !(slot->open || slot->engine_has) || !slot->command.nexus ||
		       slot->command.nexus->address == address;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return busy;
}

/* Is no buffer the IOC's or anybody's?  With @close none goes out any more then. */
static bool mpt_slots_all_returned(struct mpt_adapter *adapter, bool close)
{
	unsigned long flags;
	unsigned int index;
	bool all = true;

	spin_lock_irqsave(&adapter->lock, flags);
	for (index = 0; index < adapter->nr_slots && all; index++)
		all = adapter->slots[index].state == MPT_SLOT_RETURNED ||
		      adapter->slots[index].state == MPT_SLOT_IDLE;
	if (all && close)
		adapter->up = false;
	spin_unlock_irqrestore(&adapter->lock, flags);
	return all;
}

static int mpt_slots_abort_all(struct mpt_adapter *adapter)
{
	struct mpt_message_reply reply;
	u8 message[32];
	int ret = mpt_message_abort(message, sizeof(message),
				    TARGET_MODE_ABORT_TYPE_ALL_CMD_BUFFERS, 0, 0);

	ret = mpt_management_call(adapter, message, ret, mpt_parallel.abort_by_handshake, 10,
				  &reply);
	return ret ?: reply.ioc_status ? -EIO : 0;
}

/*
 * Takes all buffers back from the IOC; no command is in work.  Idle ones are
 * posted first, so that at any time each is in one known place.  If the IOC keeps
 * some it is reset, to make it forget them.
 */
void mpt_slots_take_back(struct mpt_adapter *adapter)
{
	unsigned long flags;
	unsigned int tries;
	int ret = -EIO;

	spin_lock_irqsave(&adapter->lock, flags);
	mpt_slots_post(adapter, 1);
	spin_unlock_irqrestore(&adapter->lock, flags);
	/* the abort goes through the doorbell and could overtake posts in the FIFO */
	wait_event_timeout(adapter->changed, !READ_ONCE(adapter->posts_unacked) &&
			   !READ_ONCE(adapter->nr_idle), 5 * HZ);
	for (tries = 0; tries < 3 && !mpt_slots_all_returned(adapter, true); tries++) {
		ret = mpt_slots_abort_all(adapter);
		if (ret)
			break;
		wait_event_timeout(adapter->changed, mpt_slots_all_returned(adapter, false), HZ);
	}
	if (mpt_slots_all_returned(adapter, true))
		return;
	mpt_err(adapter->pdev, "the card keeps command buffers (%d); resetting it\n", ret);
	mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
}

/* adapter->lock held.  All frames the IOC had of ours are ours again. */
static void mpt_frames_reset(struct mpt_adapter *adapter)
{
	struct mpt_management *management = &adapter->management;
	unsigned int depth = adapter->frame_use ? adapter->ioc->req_depth : 0;
	unsigned int index;

	for (index = 0; index < depth; index++)
		if (adapter->frame_use[index] != MPT_FRAME_NONE)
			mpt_frame_put(adapter, MPT_INDEX_2_MFPTR(adapter->ioc, index));
	for (index = 0; index < adapter->nr_slots; index++) {
		adapter->slots[index].frame = NULL;
		adapter->slots[index].recalled = NULL;
	}
	if (management->frame) {
		management->frame = NULL;
		memset(&management->reply, 0, sizeof(management->reply));
		management->reply.ioc_status = MPI_IOCSTATUS_INVALID_STATE;
		complete(&management->done);
	}
	adapter->posts_unacked = 0;
}

/* The IOC was reset and has forgotten everything.  Atomic; rcu_read_lock keeps the slots. */
void mpt_slots_reset(struct mpt_adapter *adapter)
{
	unsigned int index, count;
	struct mpt_slot *slots;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	adapter->up = false;
	slots = adapter->slots;
	count = adapter->nr_slots;
	mpt_frames_reset(adapter);
	if (adapter->sense_cache)
		mpt_sense_cache_drop_all(adapter->sense_cache);
	spin_unlock_irqrestore(&adapter->lock, flags);
	/* the engine is told one by one, without the lock */
	for (index = 0; index < count; index++)
		mpt_command_lost(&slots[index]);
	wake_up(&adapter->changed);
}
