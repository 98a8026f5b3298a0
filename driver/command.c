// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a command: arrival, data, status, end.  Whoever changes a slot
 * holds adapter->lock; what the engine is to hear is decided under the lock and
 * said after it, see enum mpt_tell.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include <scsi/scsi_proto.h>

#include "internal.h"
#include "trace.h"

static char *repost = "explicit";
module_param(repost, charp, 0444);
MODULE_PARM_DESC(repost, "how READ buffers go back: 'explicit' (default) posts them in batches, 'auto' lets the card keep them (by MPI's headers, unproven on silicon)");

/* What the engine is told once the lock is dropped. */
enum mpt_tell { TELL_NOTHING, TELL_DELIVER, TELL_DATA, TELL_DATA_LOST, TELL_DONE, TELL_DONE_LOST };

int mpt_command_init(void)
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

static struct mpt_slot *to_slot(struct mpt_command *command)
{
	return container_of(command, struct mpt_slot, command);
}

static void mpt_command_tell(struct mpt_slot *slot, enum mpt_tell tell)
{
	struct mpt_command *command = &slot->command;
	const struct mpt_engine *engine;

	if (tell == TELL_NOTHING)
		return;
	if (tell == TELL_DELIVER) {
		mpt_command_deliver(slot);
		return;
	}
	engine = command->nexus->address->engine;
	rcu_read_lock();
	if (tell == TELL_DATA || tell == TELL_DATA_LOST)
		engine->data_received(command, tell == TELL_DATA ? MPT_RESULT_OK : MPT_RESULT_LOST);
	else
		engine->done(command, tell == TELL_DONE ? MPT_RESULT_OK : MPT_RESULT_LOST);
	rcu_read_unlock();
}

static void mpt_bad_reply(struct mpt_adapter *adapter, const char *what, u32 word)
{
	adapter->counters.bad_replies++;
	dev_warn_ratelimited(&adapter->pdev->dev, "ignored a reply of the card: %s (%08xh)\n",
			     what, word);
}

/* adapter->lock held. */
static struct mpt_slot *mpt_slot_of_word(struct mpt_adapter *adapter, u32 word)
{
	u16 index = mpt_word_index(word);

	if (!mpt_word_is_target(word) || index >= adapter->nr_slots)
		return NULL;
	return &adapter->slots[index];
}

/* No further message may be sent for this I/O. */
static bool mpt_slot_mute(const struct mpt_slot *slot)
{
	return slot->lost || slot->abort_wanted || slot->aborting || !slot->adapter->up;
}

/* Nothing more will be sent for the command.  The card may still have its I/O (slot->open). */
static enum mpt_tell mpt_slot_give_up(struct mpt_slot *slot)
{
	enum mpt_tell tell = slot->engine_has ? TELL_DONE_LOST : TELL_NOTHING;

	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	slot->adapter->counters.lost++;
	mpt_slot_move(slot, MPT_SLOT_ENDED);
	mpt_slot_settle(slot);
	return tell;
}

/* The I/O is over on the card; @kept: it has taken the buffer again. */
static enum mpt_tell mpt_slot_end(struct mpt_slot *slot, bool kept)
{
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	slot->open = false;
	slot->abort_wanted = false;
	mpt_slot_move(slot, kept ? MPT_SLOT_POSTED : MPT_SLOT_ENDED);
	mpt_slot_settle(slot);
	if (kept && !slot->engine_has)
		wake_up(&slot->adapter->changed);
	return slot->engine_has ? TELL_DONE : TELL_NOTHING;
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
	if (!slot->sense_sent || slot->priority)
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
	mpt_message_status(slot->frame, adapter->limits.frame_bytes, &io, flags, slot->status,
			   adapter->limits.wide, slot->address + MPT_SLOT_IU_OFFSET, length);
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
	mpt_slot_move(slot, slot->receiving ? MPT_SLOT_DATA_OUT : MPT_SLOT_DATA_IN);
}

/*
 * Priority I/O waits on the bus for its answers: they go past the others, by the
 * high-priority FIFO or, if the card has none, by the doorbell, which needs
 * process context (HW-17, HW-92).
 */
static void mpt_slot_put_frame(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	MPT_ADAPTER *ioc = adapter->ioc;

	if (!slot->priority) {
		mpt_put_msg_frame(mpt_target_context, ioc, slot->frame);
	} else if (ioc->facts.IOCCapabilities & MPI_IOCFACTS_CAPABILITY_HIGH_PRI_Q) {
		mpt_put_msg_frame_hi_pri(mpt_target_context, ioc, slot->frame);
	} else {
		list_add_tail(&slot->link, &adapter->doorbell);
		queue_work(mpt_target_workqueue, &adapter->doorbell_work);
	}
}

/* The next frame for the doorbell, or NULL. */
static MPT_FRAME_HDR *mpt_doorbell_next(struct mpt_adapter *adapter)
{
	MPT_FRAME_HDR *frame = NULL;
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = list_first_entry_or_null(&adapter->doorbell, struct mpt_slot, link);
	if (slot) {
		list_del_init(&slot->link);
		frame = slot->frame;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return frame;
}

void mpt_command_doorbell(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, doorbell_work);
	MPT_FRAME_HDR *frame;
	int ret;

	/* the whole frame: how much of it the message fills is not known here any more */
	while ((frame = mpt_doorbell_next(adapter))) {
		mutex_lock(&adapter->management.mutex);
		ret = mpt_send_handshake_request(mpt_target_context, adapter->ioc,
						 adapter->limits.frame_bytes, (u32 *)frame,
						 CAN_SLEEP);
		mutex_unlock(&adapter->management.mutex);
		if (ret) {
			pci_err(adapter->pdev, "the doorbell does not take an answer; resetting the card\n");
			mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
			return;
		}
	}
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
	mpt_slot_put_frame(slot);
}

/* The status byte went out, the sense did not: it waits for REQUEST SENSE. */
static void mpt_slot_keep_sense(struct mpt_slot *slot)
{
	const u8 *iu = slot->memory + MPT_SLOT_IU_OFFSET;
	const struct mpt_nexus *nexus = slot->command.nexus;

	if (slot->sense_sent && nexus)
		mpt_sense_cache_store(slot->adapter->sense_cache, nexus->initiator_id,
				      nexus->address->name.id, slot->command.info.lun,
				      iu + MPT_STATUS_IU_HEADER,
				      slot->iu_length - MPT_STATUS_IU_HEADER);
}

/* The outstanding message was carried out.  adapter->lock held. */
static enum mpt_tell mpt_slot_completed(struct mpt_slot *slot)
{
	mpt_frame_put(slot->adapter, slot->frame);
	slot->frame = NULL;
	if (slot->state == MPT_SLOT_STATUS || slot->auto_status) {
		if (slot->state == MPT_SLOT_STATUS && slot->sense_withheld)
			mpt_slot_keep_sense(slot);
		slot->auto_status = false;
		return mpt_slot_end(slot, slot->reposting);
	}
	if (mpt_slot_mute(slot) && !slot->receiving)
		return mpt_slot_give_up(slot);
	if (mpt_slot_mute(slot) || (slot->receiving && mpt_data_complete(&slot->data))) {
		mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
		mpt_slot_move(slot, MPT_SLOT_ENGINE);
		return mpt_slot_mute(slot) ? TELL_DATA_LOST : TELL_DATA;
	}
	mpt_command_issue(slot);
	return TELL_NOTHING;
}

/* A posted buffer was filled.  adapter->lock held. */
static enum mpt_tell mpt_slot_arrived(struct mpt_slot *slot, u32 word, bool priority, u8 reason)
{
	slot->next_word = word;
	slot->next_priority = priority;
	slot->next_reason = reason;
	mpt_slot_move(slot, MPT_SLOT_ARRIVED);
	/* the engine may still hold the last command of this index: then release() goes on */
	return slot->engine_has ? TELL_NOTHING : TELL_DELIVER;
}

bool mpt_slot_outstanding(const struct mpt_slot *slot)
{
	/* one that still waits for the doorbell is linked */
	return slot->frame && list_empty(&slot->link) &&
	       (slot->state == MPT_SLOT_DATA_OUT || slot->state == MPT_SLOT_DATA_IN ||
		slot->state == MPT_SLOT_STATUS);
}

void mpt_command_context(struct mpt_adapter *adapter, u32 word)
{
	enum mpt_tell tell = TELL_NOTHING;
	struct mpt_slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot = mpt_slot_of_word(adapter, word);
	if (!slot)
		mpt_bad_reply(adapter, "no such IoIndex", word);
	else if (slot->state == MPT_SLOT_POSTED)
		tell = mpt_slot_arrived(slot, word, false, 0);
	else if (!mpt_slot_outstanding(slot) || slot->word != word)
		mpt_bad_reply(adapter, "not expected for this IoIndex", word);
	else
		tell = mpt_slot_completed(slot);
	if (adapter->up)
		mpt_slots_kick(adapter);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (slot)
		mpt_command_tell(slot, tell);
}

/* Makes the IU of a status that is not plain GOOD.  adapter->lock or sole ownership. */
static void mpt_slot_set_status(struct mpt_slot *slot, u8 status, const u8 *sense, size_t length)
{
	u8 fixed[18];

	if (slot->sense_override[0]) {
		mpt_sense_build(fixed, slot->sense_override[0], slot->sense_override[1],
				slot->sense_override[2]);
		slot->sense_override[0] = 0;
		status = SAM_STAT_CHECK_CONDITION;
		sense = fixed;
		length = sizeof(fixed);
	}
	slot->with_status = true;
	slot->status = status;
	slot->iu_length = 0;
	slot->sense_sent = false;
	if (status == SAM_STAT_GOOD && !slot->response)
		return;
	slot->iu_length = mpt_message_spi_status_iu(slot->memory + MPT_SLOT_IU_OFFSET,
						    MPT_SLOT_IU_SIZE, status, slot->response,
						    sense, length);
	slot->sense_sent = mpt_parallel.sense_may_stay &&
			   slot->iu_length > MPT_STATUS_IU_HEADER && !slot->response;
}

/* A status is still owed: CHECK CONDITION with what the card's error means. */
static enum mpt_tell mpt_slot_still_open(struct mpt_slot *slot, const struct mpt_message_fate *fate,
					 u8 reason)
{
	slot->sense_override[0] = fate->key;
	slot->sense_override[1] = fate->asc;
	slot->sense_override[2] = fate->ascq;
	if (fate->ioc_status == MPI_IOCSTATUS_TARGET_PRIORITY_IO) {
		slot->priority = true;
		mpt_message_priority_sense(reason, &slot->sense_override[0],
					   &slot->sense_override[1], &slot->sense_override[2]);
	}
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	if (slot->state == MPT_SLOT_DATA_OUT && slot->engine_has) {
		mpt_slot_move(slot, MPT_SLOT_ENGINE);
		return TELL_DATA_LOST;
	}
	if (mpt_slot_mute(slot))
		return mpt_slot_give_up(slot);
	mpt_slot_set_status(slot, SAM_STAT_CHECK_CONDITION, NULL, 0);
	mpt_command_issue(slot);
	return TELL_NOTHING;
}

/* The card gave up on the I/O; the buffer is ours.  adapter->lock held. */
static enum mpt_tell mpt_slot_dead(struct mpt_slot *slot)
{
	slot->lost = true;
	slot->open = false;
	slot->abort_wanted = false;
	if (slot->state != MPT_SLOT_DATA_OUT || !slot->engine_has)
		return mpt_slot_give_up(slot);
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	slot->adapter->counters.lost++;
	mpt_slot_move(slot, MPT_SLOT_ENGINE);
	return TELL_DATA_LOST;
}

/* TargetAssist or TargetStatusSend ended with an error.  adapter->lock held. */
static enum mpt_tell mpt_slot_failed(struct mpt_slot *slot, const struct mpt_message_reply *reply)
{
	const struct mpt_message_fate *fate = mpt_message_fate(reply->ioc_status);

	mpt_frame_put(slot->adapter, slot->frame);
	slot->frame = NULL;
	slot->auto_status = false;
	if (fate->state == MPT_IO_STATUS_SENT && slot->state == MPT_SLOT_STATUS) {
		mpt_slot_keep_sense(slot);
		return mpt_slot_end(slot, slot->reposting);
	}
	if (!fate->lost_nexus)
		dev_warn_ratelimited(&slot->adapter->pdev->dev,
				     "initiator %u: I/O failed on the card: %s (log info %08xh)\n",
				     mpt_word_initiator(slot->word), fate->name, reply->log_info);
	if (fate->state == MPT_IO_OPEN && slot->state != MPT_SLOT_STATUS)
		return mpt_slot_still_open(slot, fate, reply->priority_reason);
	if (fate->ioc_status == MPI_IOCSTATUS_TARGET_PRIORITY_IO && !slot->priority &&
	    !mpt_slot_mute(slot)) {
		/* the same status again, with priority */
		slot->priority = true;
		mpt_command_issue(slot);
		return TELL_NOTHING;
	}
	return mpt_slot_dead(slot);
}

/* An error reply about a command buffer.  adapter->lock held. */
static enum mpt_tell mpt_buffer_reply(struct mpt_adapter *adapter, struct mpt_slot *slot,
				      const struct mpt_message_reply *reply)
{
	if (slot->state != MPT_SLOT_POSTED) {
		mpt_bad_reply(adapter, "a buffer the card does not own", reply->word);
		return TELL_NOTHING;
	}
	switch (reply->ioc_status) {
	case MPI_IOCSTATUS_TARGET_PRIORITY_IO:
		return mpt_slot_arrived(slot, reply->word, true, reply->priority_reason);
	case MPI_IOCSTATUS_TARGET_ABORTED:
		mpt_slot_move(slot, MPT_SLOT_RETURNED);
		wake_up(&adapter->changed);
		return TELL_NOTHING;
	default:
		adapter->counters.post_errors++;
		dev_warn_ratelimited(&adapter->pdev->dev, "the card returned a command buffer: %s\n",
				     mpt_message_fate(reply->ioc_status)->name);
		mpt_slots_hold_posts(adapter);
		mpt_slot_retire(slot);
		return TELL_NOTHING;
	}
}

/* The acknowledgment of a post message.  adapter->lock held. */
static void mpt_post_acked(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame,
			   const struct mpt_message_reply *reply)
{
	mpt_frame_put(adapter, frame);
	if (adapter->posts_unacked)
		adapter->posts_unacked--;
	if (reply->ioc_status) {
		adapter->counters.post_errors++;
		dev_err_ratelimited(&adapter->pdev->dev, "the card refused command buffers: %s\n",
				    mpt_message_fate(reply->ioc_status)->name);
		/* HW-50: a firmware may take only one in a message */
		if (reply->ioc_status == MPI_IOCSTATUS_INVALID_FIELD) {
			adapter->post_room = 1;
			adapter->batch = 1;
		}
		mpt_slots_refused(adapter, frame);
	}
	wake_up(&adapter->changed);
}

/* Whose is @frame, by our own book?  NULL: not one of ours. */
static MPT_FRAME_HDR *mpt_frame_check(struct mpt_adapter *adapter, const MPT_FRAME_HDR *reply,
				      u8 *use)
{
	u16 index = le16_to_cpu((__force __le16)reply->u.frame.hwhdr.msgctxu.fld.req_idx);

	*use = MPT_FRAME_NONE;
	if (!adapter->frame_use || index >= adapter->ioc->req_depth)
		return NULL;
	*use = adapter->frame_use[index];
	return MPT_INDEX_2_MFPTR(adapter->ioc, index);
}

static enum mpt_tell mpt_io_reply(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame, u8 use,
				  const struct mpt_message_reply *reply, struct mpt_slot *slot)
{
	if (!slot || !mpt_slot_outstanding(slot) || slot->frame != frame || use != MPT_FRAME_IO ||
	    slot->word != reply->word) {
		mpt_bad_reply(adapter, "an error for an I/O that is not outstanding", reply->word);
		return TELL_NOTHING;
	}
	/* an address reply may also say that all went well */
	return reply->ioc_status ? mpt_slot_failed(slot, reply) : mpt_slot_completed(slot);
}

/* Hard irq; a reply by address.  Which request it answers is looked up in our own book. */
void mpt_command_reply(struct mpt_adapter *adapter, const void *raw)
{
	enum mpt_tell tell = TELL_NOTHING;
	struct mpt_message_reply reply;
	struct mpt_slot *slot = NULL;
	MPT_FRAME_HDR *frame;
	unsigned long flags;
	u8 use;

	mpt_message_read_reply(&reply, raw);
	spin_lock_irqsave(&adapter->lock, flags);
	frame = mpt_frame_check(adapter, raw, &use);
	switch (reply.function) {
	case MPI_FUNCTION_TARGET_CMD_BUFFER_POST:
		if (reply.dwords > 5) {
			slot = mpt_slot_of_word(adapter, reply.word);
			if (slot)
				tell = mpt_buffer_reply(adapter, slot, &reply);
			else
				mpt_bad_reply(adapter, "no such IoIndex", reply.word);
		} else if (use == MPT_FRAME_POST) {
			mpt_post_acked(adapter, frame, &reply);
		} else {
			mpt_bad_reply(adapter, "an acknowledgment of nothing", 0);
		}
		break;
	case MPI_FUNCTION_TARGET_ASSIST:
	case MPI_FUNCTION_TARGET_STATUS_SEND:
		slot = mpt_slot_of_word(adapter, reply.word);
		tell = mpt_io_reply(adapter, frame, use, &reply, slot);
		break;
	default:
		if (mpt_management_reply(adapter, frame, &reply))
			break;
		if (use == MPT_FRAME_MANAGEMENT)
			mpt_frame_put(adapter, frame);	/* too late for who waited */
		else
			mpt_bad_reply(adapter, "a function we did not call", reply.function);
	}
	if (adapter->up)
		mpt_slots_kick(adapter);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (slot)
		mpt_command_tell(slot, tell);
}

/* Answers without the engine.  adapter->lock held; the slot is ours. */
void mpt_command_answer(struct mpt_slot *slot, u8 status, u8 key, u8 asc, u8 ascq)
{
	u8 sense[18];

	mpt_sense_build(sense, key, asc, ascq);
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	mpt_slot_set_status(slot, status, sense,
			    status == SAM_STAT_CHECK_CONDITION ? sizeof(sense) : 0);
	mpt_command_issue(slot);
}

static void mpt_command_answer_busy(struct mpt_slot *slot)
{
	if (slot->command.info.function)
		slot->response = MPT_FUNCTION_FAILED;
	mpt_command_answer(slot, slot->response ? SAM_STAT_GOOD : SAM_STAT_BUSY, 0, 0, 0);
}

void mpt_command_answer_data(struct mpt_slot *slot, const void *data, size_t length)
{
	length = min_t(size_t, length, MPT_SLOT_IU_SIZE);
	memcpy(slot->memory + MPT_SLOT_IU_OFFSET, data, length);
	mpt_data_single(&slot->data, slot->address + MPT_SLOT_IU_OFFSET, length, DMA_TO_DEVICE);
	slot->receiving = false;
	mpt_slot_set_status(slot, SAM_STAT_GOOD, NULL, 0);
	mpt_command_issue(slot);
}

/* Nobody serves this logical unit (SPC: peripheral qualifier 3). */
static void mpt_command_answer_absent(struct mpt_slot *slot)
{
	const u8 *cdb = slot->command.info.cdb;
	u8 data[36] = { 0x7f, 0, 5, 2, sizeof(data) - 5 };

	if (slot->command.info.function)
		mpt_command_answer(slot, SAM_STAT_GOOD, 0, 0, 0);
	else if (mpt_inquiry_standard(cdb))
		mpt_command_answer_data(slot, data,
					min_t(size_t, sizeof(data), cdb[3] << 8 | cdb[4]));
	else
		mpt_command_answer(slot, SAM_STAT_CHECK_CONDITION, ILLEGAL_REQUEST, 0x25, 0);
}

/* True: this is the REQUEST SENSE that the kept sense was waiting for. */
static bool mpt_command_answer_sense(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	const struct mpt_message_command *info = &slot->command.info;
	const struct mpt_nexus *nexus = slot->command.nexus;
	u8 target = nexus->address->name.id;
	u8 sense[MPT_SENSE_SIZE];
	size_t length;

	if (info->function || info->cdb[0] != REQUEST_SENSE) {
		mpt_sense_cache_drop(adapter->sense_cache, nexus->initiator_id, target, info->lun);
		return false;
	}
	length = mpt_sense_cache_take(adapter->sense_cache, nexus->initiator_id, target, info->lun,
				      info->cdb[1] & 1, sense, sizeof(sense));
	if (!length)
		return false;
	adapter->counters.local_sense++;
	mpt_command_answer_data(slot, sense, min_t(size_t, length, info->cdb[4]));
	return true;
}

/* adapter->lock held. */
static void mpt_slot_begin(struct mpt_slot *slot)
{
	slot->word = slot->next_word;
	slot->priority = slot->next_priority;
	slot->lost = false;
	slot->open = true;
	slot->aborting = false;
	slot->receiving = false;
	slot->with_status = false;
	slot->auto_status = false;
	slot->reposting = false;
	slot->sense_sent = false;
	slot->sense_withheld = false;
	slot->abort_wanted = false;
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
	if (mpt_word_alias(slot->word))
		id = slot->command.info.alias_id;
	address = id < MPT_MAX_IDS ? rcu_dereference(adapter->addresses[id]) : NULL;
	if (!address || initiator >= MPT_MAX_IDS) {
		if (initiator >= MPT_MAX_IDS)
			mpt_bad_reply(adapter, "no such initiator", slot->word);
		mpt_command_answer_busy(slot);
		return NULL;
	}
	slot->command.nexus = &address->nexus[initiator].nexus;
	return &address->nexus[initiator];
}

/* Parity, CRC and shortage are answered here.  adapter->lock held. */
static bool mpt_command_answer_priority(struct mpt_slot *slot)
{
	u8 key, asc, ascq;

	if (!slot->priority)
		return false;
	if (slot->next_reason == PRIORITY_REASON_TARGET_BUSY)
		mpt_command_answer(slot, SAM_STAT_TASK_SET_FULL, 0, 0, 0);
	else if (mpt_message_priority_sense(slot->next_reason, &key, &asc, &ascq))
		mpt_command_answer(slot, SAM_STAT_CHECK_CONDITION, key, asc, ascq);
	else
		return false;
	return true;
}

/* The command buffer holds 16 bytes: a longer CDB is not all here.  adapter->lock held. */
static bool mpt_command_answer_long(struct mpt_slot *slot)
{
	const struct mpt_message_command *info = &slot->command.info;

	if (info->function || (!info->additional_cdb && info->cdb[0] != VARIABLE_LENGTH_CMD))
		return false;
	mpt_command_answer(slot, SAM_STAT_CHECK_CONDITION, ILLEGAL_REQUEST, 0x20, 0);
	return true;
}

static void mpt_slot_to_engine(struct mpt_slot *slot)
{
	slot->engine_has = true;
	slot->adapter->counters.commands++;
	mpt_slot_move(slot, MPT_SLOT_ENGINE);
	trace_mpt_command(slot);
}

/* rcu_read_lock held, lock not. */
static void mpt_command_hand_over(struct mpt_slot *slot)
{
	const struct mpt_engine *engine = slot->command.nexus->address->engine;

	if (slot->command.info.function) {
		mpt_task_cancel(slot);
		engine->function(&slot->command);
	} else {
		engine->command(&slot->command);
	}
}

/* A command lies in the buffer and the engine holds nothing of this index. */
void mpt_command_deliver(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	struct mpt_nexus_slot *nexus;
	bool hand_over = false;
	unsigned long flags;

	rcu_read_lock();
	spin_lock_irqsave(&adapter->lock, flags);
	if (slot->state != MPT_SLOT_ARRIVED || !list_empty(&slot->link))
		goto unlock;		/* a reset came between */
	mpt_slot_begin(slot);
	nexus = mpt_slot_find_nexus(slot);
	if (!nexus || mpt_command_answer_priority(slot) || mpt_command_answer_sense(slot) ||
	    mpt_command_answer_long(slot))
		goto unlock;
	switch (mpt_nexus_admit(nexus, slot)) {
	case MPT_NEXUS_DELIVER:
		mpt_slot_to_engine(slot);
		hand_over = true;
		break;
	case MPT_NEXUS_DENIED:
		mpt_command_answer_absent(slot);
		break;
	case MPT_NEXUS_HELD:
		break;
	}
unlock:
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (hand_over)
		mpt_command_hand_over(slot);
	rcu_read_unlock();
}

void mpt_command_admitted(struct mpt_slot *slot, enum mpt_nexus_state state, unsigned long *flags)
{
	struct mpt_adapter *adapter = slot->adapter;

	if (state == MPT_NEXUS_REFUSED) {
		mpt_command_answer_absent(slot);
	} else if (state != MPT_NEXUS_READY) {
		mpt_command_answer_busy(slot);
	} else {
		mpt_slot_to_engine(slot);
		spin_unlock_irqrestore(&adapter->lock, *flags);
		rcu_read_lock();
		mpt_command_hand_over(slot);
		rcu_read_unlock();
		spin_lock_irqsave(&adapter->lock, *flags);
	}
}

/* The engine's answer is ready to go out, or the I/O is lost.  Takes the lock. */
static void mpt_command_go(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	enum mpt_tell tell = TELL_NOTHING;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (!mpt_slot_mute(slot)) {
		mpt_command_issue(slot);
	} else if (slot->receiving) {
		mpt_data_unmap(&slot->data, &adapter->pdev->dev);
		tell = TELL_DATA_LOST;
	} else {
		tell = mpt_slot_give_up(slot);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_command_tell(slot, tell);
}

int mpt_command_receive(struct mpt_command *command, struct scatterlist *sg, int nents, u32 length)
{
	struct mpt_slot *slot = to_slot(command);

	slot->receiving = true;
	if (mpt_data_map(&slot->data, &slot->adapter->pdev->dev, sg, nents, length,
			 DMA_FROM_DEVICE))
		return -EIO;
	mpt_command_go(slot);
	return 0;
}
EXPORT_SYMBOL_GPL(mpt_command_receive);

/* Only what will be transferred is looked at, and put back. */
static void mpt_command_patch_inquiry(struct mpt_slot *slot, const struct mpt_response *response)
{
	u8 data[MPT_INQUIRY_PATCHED];
	size_t length = min_t(size_t, response->length, sizeof(data));

	length = sg_copy_to_buffer(response->sg, response->nents, data, length);
	mpt_inquiry_patch(data, length, &slot->adapter->inquiry);
	sg_copy_from_buffer(response->sg, response->nents, data, length);
}

int mpt_command_send(struct mpt_command *command, const struct mpt_response *response)
{
	struct mpt_slot *slot = to_slot(command);

	slot->receiving = false;
	if (response->length) {
		if (mpt_inquiry_standard(command->info.cdb))
			mpt_command_patch_inquiry(slot, response);
		if (mpt_data_map(&slot->data, &slot->adapter->pdev->dev, response->sg,
				 response->nents, response->length, DMA_TO_DEVICE))
			return -EIO;
	} else {
		mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	}
	mpt_slot_set_status(slot, response->status, response->sense, response->sense_length);
	mpt_command_go(slot);
	return 0;
}
EXPORT_SYMBOL_GPL(mpt_command_send);

void mpt_function_done(struct mpt_command *command, enum mpt_function_response response)
{
	struct mpt_slot *slot = to_slot(command);

	slot->receiving = false;
	slot->response = response;
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	mpt_slot_set_status(slot, SAM_STAT_GOOD, NULL, 0);
	mpt_command_go(slot);
}
EXPORT_SYMBOL_GPL(mpt_function_done);

void mpt_command_abort(struct mpt_command *command)
{
	struct mpt_slot *slot = to_slot(command);
	struct mpt_adapter *adapter = slot->adapter;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (slot->state == MPT_SLOT_ENGINE)
		mpt_slot_move(slot, MPT_SLOT_ENDED);
	if (slot->open && (slot->state == MPT_SLOT_ENDED || mpt_slot_outstanding(slot))) {
		slot->abort_wanted = true;
		queue_work(mpt_target_workqueue, &adapter->abort_work);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}
EXPORT_SYMBOL_GPL(mpt_command_abort);

void mpt_command_release(struct mpt_command *command)
{
	struct mpt_slot *slot = to_slot(command);
	struct mpt_adapter *adapter = slot->adapter;
	enum mpt_tell tell = TELL_NOTHING;
	unsigned long flags;

	memset(command->engine_private, 0, command->nexus->address->engine->command_size);
	spin_lock_irqsave(&adapter->lock, flags);
	slot->engine_has = false;
	if (slot->state == MPT_SLOT_ARRIVED)
		tell = TELL_DELIVER;
	else if (slot->state == MPT_SLOT_RETURNED)
		mpt_slot_retire(slot);
	else
		mpt_slot_settle(slot);
	wake_up(&adapter->changed);
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_command_tell(slot, tell);
}
EXPORT_SYMBOL_GPL(mpt_command_release);

/* The IOC was reset: whatever was under way for this slot is over.  Takes the lock. */
void mpt_command_lost(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	enum mpt_tell tell = TELL_NOTHING;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot->lost = true;
	slot->open = false;
	slot->abort_wanted = false;
	slot->aborting = false;
	list_del_init(&slot->link);
	switch (slot->state) {
	case MPT_SLOT_IDLE:
		if (adapter->slots)	/* else they were freed already */
			adapter->nr_idle--;
		fallthrough;
	case MPT_SLOT_POSTED:
	case MPT_SLOT_ARRIVED:
		mpt_slot_move(slot, MPT_SLOT_RETURNED);
		break;
	case MPT_SLOT_QUEUED:
		mpt_slot_move(slot, slot->receiving ? MPT_SLOT_DATA_OUT : MPT_SLOT_STATUS);
		fallthrough;
	case MPT_SLOT_DATA_OUT:
	case MPT_SLOT_DATA_IN:
	case MPT_SLOT_STATUS:
		tell = mpt_slot_dead(slot);
		break;
	case MPT_SLOT_ENDED:
		mpt_slot_settle(slot);
		break;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_command_tell(slot, tell);
}
