// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes to the card for a command: data, then status, each by one message,
 * built here and put into a request frame or into the queue for one.
 * adapter->lock is held but where it is said otherwise.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include <scsi/scsi_proto.h>

#include "internal.h"

static char *repost = "explicit";
module_param(repost, charp, 0444);
MODULE_PARM_DESC(repost, "how READ buffers go back: 'explicit' (default) posts them in batches, 'auto' lets the card keep them (by MPI's headers, unproven on silicon)");

int mpt_issue_init(void)
{
	if (!strcmp(repost, "explicit") || !strcmp(repost, "auto"))
		return 0;
	pr_err("repost=%s: must be 'explicit' or 'auto'\n", repost);
	return -EINVAL;
}

static bool mpt_repost_auto(void)
{
	return repost[0] == 'a';
}

static unsigned int mpt_status_flags(const struct mpt_slot *slot)
{
	unsigned int flags = slot->iu_length ? 0 : MPT_MSG_AUTO_STATUS;

	if (slot->priority)
		flags |= MPT_MSG_HIGH_PRIORITY;
	/*
	 * With sense the status may end in 6Bh, and firmware has been seen to
	 * keep the buffer then although it reports an error (HW-97).
	 */
	if (slot->priority)
		flags |= MPT_MSG_REPOST;
	/* an engine that has not answered itself may hold the command for long */
	else if (!slot->sense_sent && !(slot->engine_has && slot->told))
		flags |= MPT_MSG_REPOST;
	return flags;
}

static void mpt_slot_io(const struct mpt_slot *slot, struct mpt_message_io *io)
{
	io->word = slot->word;
	io->tag = slot->command.info.tag;
	memcpy(io->lun, slot->command.info.lun, sizeof(io->lun));
}

static void mpt_slot_build_status(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	unsigned int flags = mpt_status_flags(slot);
	u16 length = slot->iu_length;
	struct mpt_message_io io;

	/*
	 * Priority I/O must give its buffer back (HW-91), and after 6Bh nobody
	 * knows whose it is (HW-97): keep the sense here instead.  Such a nexus
	 * is hardly ever packetized, and then too the sense can be fetched.
	 */
	slot->sense_withheld = slot->sense_sent && slot->priority;
	if (slot->sense_withheld)
		length = mpt_message_spi_status_withhold(slot->memory + MPT_SLOT_IU_OFFSET);
	mpt_slot_io(slot, &io);
	slot->reposting = flags & MPT_MSG_REPOST;
	if (slot->sense_sent)
		mpt_allegiance_begin(slot);
	slot->frame_bytes = mpt_message_status(slot->frame, adapter->limits.frame_bytes, &io,
					       flags, slot->status, adapter->limits.wide,
					       slot->address + MPT_SLOT_IU_OFFSET, length);
	mpt_slot_move(slot, MPT_SLOT_STATUS);
}

static void mpt_slot_build_assist(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	unsigned int flags = slot->receiving ? 0 : MPT_MSG_TO_INITIATOR;
	struct mpt_message_io io;
	struct mpt_data_part part = { 0 };

	mpt_slot_io(slot, &io);
	/* mpt_slots_create() made sure that the limits hold at least one element */
	WARN_ON_ONCE(mpt_data_build(&slot->data, &adapter->limits, slot->frame,
				    MPT_ASSIST_SGL_OFFSET, slot->memory + MPT_SLOT_CHAIN_OFFSET,
				    slot->address + MPT_SLOT_CHAIN_OFFSET, &part));
	slot->auto_status = slot->with_status && mpt_data_complete(&slot->data) &&
			    slot->status == SAM_STAT_GOOD && !slot->iu_length;
	slot->reposting = slot->auto_status && (slot->priority || mpt_repost_auto());
	if (slot->auto_status)
		flags |= MPT_MSG_AUTO_STATUS;
	if (slot->priority)
		flags |= MPT_MSG_HIGH_PRIORITY;
	if (slot->reposting)
		flags |= MPT_MSG_REPOST;
	mpt_message_assist(slot->frame, adapter->limits.frame_bytes, &io, flags, part.offset,
			   part.length, part.chain_offset);
	slot->frame_bytes = part.frame_bytes;
	mpt_slot_move(slot, slot->receiving ? MPT_SLOT_DATA_OUT : MPT_SLOT_DATA_IN);
}

/* HW-17: since MPI 1.5. */
static bool mpt_issue_has_priority_fifo(const MPT_ADAPTER *ioc)
{
	return ioc->facts.IOCCapabilities & MPI_IOCFACTS_CAPABILITY_HIGH_PRI_Q &&
	       ioc->facts.MsgVersion >= MPI_VERSION_01_05;
}

/*
 * Priority I/O waits on the bus for its answers: they go past the others, by the
 * high-priority FIFO or, if the card has none, by the doorbell, which needs
 * process context (HW-17, HW-92).
 */
static void mpt_slot_send_frame(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	MPT_ADAPTER *ioc = adapter->ioc;

	if (!slot->priority) {
		mpt_put_msg_frame(mpt_target_context, ioc, slot->frame);
	} else if (mpt_issue_has_priority_fifo(ioc)) {
		mpt_put_msg_frame_hi_pri(mpt_target_context, ioc, slot->frame);
	} else {
		list_add_tail(&slot->link, &adapter->doorbell);
		queue_work(mpt_target_workqueue, &adapter->doorbell_work);
	}
}

/* The next frame for the doorbell, or NULL; @length: of its message. */
static MPT_FRAME_HDR *mpt_doorbell_next(struct mpt_adapter *adapter, u16 *length)
{
	MPT_FRAME_HDR *frame = NULL;
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = mpt_slots_first(&adapter->doorbell);
	if (slot) {
		list_del_init(&slot->link);
		frame = slot->frame;
		*length = slot->frame_bytes;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return frame;
}

void mpt_command_doorbell(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, doorbell_work);
	MPT_FRAME_HDR *frame;
	u16 length = 0;
	int ret;

	do {
		/*
		 * No abort goes by the doorbell between a message's leaving the
		 * list and its sending; each word of it may take a tick or two.
		 */
		mutex_lock(&adapter->management.mutex);
		frame = mpt_doorbell_next(adapter, &length);
		ret = frame ? mpt_handshake(adapter, frame, length) : 0;
		mutex_unlock(&adapter->management.mutex);
	} while (frame && !ret);
	if (ret) {
		mpt_err(adapter->pdev, "the doorbell does not take an answer; resetting the card\n");
		mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
	}
}

/*
 * Must the slot's next message wait?  For a TargetModeAbort of the message before
 * it, for the end of the tasks that a task management function is about, or for
 * the end of a contingent allegiance.
 */
static bool mpt_slot_waits(const struct mpt_slot *slot)
{
	return slot->recalling || mpt_task_unfinished(slot) || mpt_allegiance_holds(slot);
}

/*
 * Something that slots may have waited for is over.  Mute ones are ended by
 * mpt_slots_sweep(), or by the reset.  adapter->lock held.
 */
void mpt_command_kick(struct mpt_adapter *adapter)
{
	struct mpt_slot *slot, *next;
	LIST_HEAD(ready);

	list_for_each_entry_safe(slot, next, &adapter->waiting, link)
		if (!mpt_slot_waits(slot) && !mpt_slot_mute(slot))
			list_move_tail(&slot->link, &ready);
	while (!list_empty(&ready)) {
		slot = list_first_entry(&ready, struct mpt_slot, link);
		list_del_init(&slot->link);
		mpt_command_issue(slot);
	}
}

/* The card is done with the I/O.  adapter->lock held. */
void mpt_slot_close(struct mpt_slot *slot)
{
	slot->open = false;
	slot->abort_wanted = false;
	slot->recall = false;
	if (!list_empty(&slot->adapter->waiting))
		mpt_command_kick(slot->adapter);
}

/*
 * Sends the slot's next message: data as long as there is some, then status.
 * Without a request frame the slot waits for its turn; never fails, never spins.
 * adapter->lock held, slot not lost, adapter up.
 */
void mpt_command_issue(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;

	slot->frame = NULL;
	if (mpt_slot_waits(slot)) {
		if (slot->state != MPT_SLOT_QUEUED)
			mpt_slot_move(slot, MPT_SLOT_QUEUED);
		list_add_tail(&slot->link, &adapter->waiting);
		mpt_allegiance_unending(adapter);
		return;
	}
	if (slot->state == MPT_SLOT_QUEUED || list_empty(&adapter->starved))
		slot->frame = mpt_frame_get(adapter, MPT_FRAME_IO);
	if (!slot->frame) {
		/* one that has its turn already keeps it */
		if (slot->state == MPT_SLOT_QUEUED) {
			list_add(&slot->link, &adapter->starved);
		} else {
			adapter->counters.starved++;
			list_add_tail(&slot->link, &adapter->starved);
			mpt_slot_move(slot, MPT_SLOT_QUEUED);
		}
		timer_reduce(&adapter->starved_timer, jiffies + 1);
		return;
	}
	if (!mpt_data_complete(&slot->data))
		mpt_slot_build_assist(slot);
	else
		mpt_slot_build_status(slot);
	mpt_slot_send_frame(slot);
}
