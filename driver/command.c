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

/* What the engine is told once the lock is dropped. */
enum mpt_tell { TELL_NOTHING, TELL_DELIVER, TELL_DATA, TELL_DATA_LOST, TELL_DONE, TELL_DONE_LOST };

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
		mpt_arrivals_deliver(slot->adapter);
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

void mpt_bad_reply(struct mpt_adapter *adapter, const char *what, u32 word)
{
	adapter->counters.bad_replies++;
	mpt_warn_ratelimited(adapter->pdev, "ignored a reply of the card: %s (%08xh)\n",
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
bool mpt_slot_mute(const struct mpt_slot *slot)
{
	return slot->lost || slot->abort_wanted || slot->aborting || !slot->adapter->up;
}

/* The engine hears of a command's end once. */
static enum mpt_tell mpt_slot_last(struct mpt_slot *slot, enum mpt_tell tell)
{
	if (!slot->engine_has || slot->told)
		return TELL_NOTHING;
	slot->told = true;
	return tell;
}

/* Nothing more will be sent for the command.  The card may still have its I/O (slot->open). */
static enum mpt_tell mpt_slot_give_up(struct mpt_slot *slot)
{
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	slot->adapter->counters.lost++;
	mpt_allegiance_settle(slot, false);
	mpt_slot_move(slot, MPT_SLOT_ENDED);
	if (slot->open && !slot->aborting)
		mpt_task_abort_io(slot);
	mpt_slot_settle(slot);
	return mpt_slot_last(slot, TELL_DONE_LOST);
}

/* The I/O is over on the card; @kept: it has taken the buffer again. */
static enum mpt_tell mpt_slot_end(struct mpt_slot *slot, bool kept)
{
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	mpt_allegiance_settle(slot, false);
	mpt_slot_close(slot);
	mpt_slot_move(slot, kept ? MPT_SLOT_POSTED : MPT_SLOT_ENDED);
	mpt_slot_settle(slot);
	if (kept && !slot->engine_has)
		wake_up(&slot->adapter->changed);
	return mpt_slot_last(slot, TELL_DONE);
}

/* The status byte went out, the sense did not: it waits for REQUEST SENSE. */
static void mpt_slot_keep_sense(struct mpt_slot *slot)
{
	const u8 *iu = slot->memory + MPT_SLOT_IU_OFFSET;
	const struct mpt_nexus *nexus = slot->command.nexus;

	if (!slot->sense_sent || !nexus)
		return;
	mpt_allegiance_settle(slot, true);
	mpt_sense_cache_store(slot->adapter->sense_cache, nexus->initiator_id,
			      nexus->address->name.id, slot->command.info.lun,
			      iu + MPT_STATUS_IU_HEADER, slot->iu_length - MPT_STATUS_IU_HEADER);
}

/* Its data phase was taken back on our behalf; a status is still owed. */
static enum mpt_tell mpt_slot_recalled(struct mpt_slot *slot)
{
	slot->recall = false;
	slot->stopped = true;
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	mpt_slot_move(slot, MPT_SLOT_ENGINE);
	return TELL_DATA_LOST;
}

/* The outstanding message was answered.  An abort on its way to the card may name its frame. */
static void mpt_slot_put_frame(struct mpt_slot *slot)
{
	if (slot->recalling)
		slot->recalled = slot->frame;
	else
		mpt_frame_put(slot->adapter, slot->frame);
	slot->frame = NULL;
}

/* The outstanding message was carried out.  adapter->lock held. */
static enum mpt_tell mpt_slot_completed(struct mpt_slot *slot)
{
	mpt_slot_put_frame(slot);
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
	/* it came too late for this assist, but the next one need not go out */
	if (slot->receiving && (slot->recall || slot->recalling))
		return mpt_slot_recalled(slot);
	mpt_command_issue(slot);
	return TELL_NOTHING;
}

static enum mpt_tell mpt_command_arrived(struct mpt_slot *slot, u32 word, bool priority, u8 reason)
{
	mpt_slot_arrived(slot, word, priority, reason);
	return TELL_DELIVER;
}

bool mpt_slot_outstanding(const struct mpt_slot *slot)
{
	/* one that still waits for the doorbell is linked */
	return slot->frame && list_empty(&slot->link) &&
	       (slot->state == MPT_SLOT_DATA_OUT || slot->state == MPT_SLOT_DATA_IN ||
		slot->state == MPT_SLOT_STATUS);
}

/* The card is done with something: others may have waited for that, or for frames. */
static void mpt_command_replied(struct mpt_adapter *adapter)
{
	if (!adapter->up)
		return;
	if (!list_empty(&adapter->waiting))
		mpt_command_kick(adapter);
	mpt_slots_kick(adapter);
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
		tell = mpt_command_arrived(slot, word, false, 0);
	else if (!mpt_slot_outstanding(slot) || slot->word != word)
		mpt_bad_reply(adapter, "not expected for this IoIndex", word);
	else
		tell = mpt_slot_completed(slot);
	mpt_command_replied(adapter);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (slot)
		mpt_command_tell(slot, tell);
}

/* Makes the IU of a status that is not plain GOOD.  adapter->lock or sole ownership. */
void mpt_slot_set_status(struct mpt_slot *slot, u8 status, const u8 *sense, size_t length)
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
	slot->receiving = false;
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
	mpt_slot_close(slot);
	if (slot->state != MPT_SLOT_DATA_OUT || !slot->engine_has)
		return mpt_slot_give_up(slot);
	mpt_data_unmap(&slot->data, &slot->adapter->pdev->dev);
	mpt_slot_move(slot, MPT_SLOT_ENGINE);
	return TELL_DATA_LOST;
}

/* TargetAssist or TargetStatusSend ended with an error.  adapter->lock held. */
static enum mpt_tell mpt_slot_failed(struct mpt_slot *slot, const struct mpt_message_reply *reply)
{
	const struct mpt_message_fate *fate = mpt_message_fate(reply->ioc_status);

	mpt_slot_put_frame(slot);
	slot->auto_status = false;
	/* the I/O is still open on the card, even if it is to be aborted by now */
	if (reply->ioc_status == MPI_IOCSTATUS_TARGET_ABORTED && slot->recalling) {
		slot->given_back = true;
		return slot->receiving ? mpt_slot_recalled(slot) : mpt_slot_give_up(slot);
	}
	if (fate->state == MPT_IO_STATUS_SENT && slot->state == MPT_SLOT_STATUS) {
		mpt_slot_keep_sense(slot);
		return mpt_slot_end(slot, slot->reposting);
	}
	if (!fate->lost_nexus && !slot->aborting && !slot->lost)
		mpt_warn_ratelimited(slot->adapter->pdev,
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
	if (fate->state == MPT_IO_OPEN)
		return mpt_slot_give_up(slot);
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
		return mpt_command_arrived(slot, reply->word, true, reply->priority_reason);
	case MPI_IOCSTATUS_TARGET_ABORTED:
		mpt_slot_move(slot, MPT_SLOT_RETURNED);
		wake_up(&adapter->changed);
		return TELL_NOTHING;
	default:
		adapter->counters.post_errors++;
		mpt_warn_ratelimited(adapter->pdev, "the card returned a command buffer: %s\n",
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
		mpt_err_ratelimited(adapter->pdev, "the card refused command buffers: %s\n",
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
	mpt_command_replied(adapter);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (slot)
		mpt_command_tell(slot, tell);
}

/* The engine's answer is ready to go out, or the I/O is lost.  Takes the lock. */
static void mpt_command_go(struct mpt_slot *slot)
{
	struct mpt_adapter *adapter = slot->adapter;
	enum mpt_tell tell = TELL_NOTHING;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	slot->asked = jiffies;
	if (!mpt_slot_mute(slot) && !(slot->receiving && mpt_task_stops(slot))) {
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
	slot->received = true;
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

/* The engine's answer is dropped, the command given to it once more after release. */
static void mpt_command_again(struct mpt_slot *slot)
{
	slot->again = true;
	slot->next_word = slot->word;
	slot->next_priority = slot->priority;
	mpt_slot_move(slot, MPT_SLOT_ENDED);
	slot->told = true;
}

static bool mpt_response_says_absent(const struct mpt_slot *slot,
				     const struct mpt_response *response)
{
	const u8 *cdb = slot->command.info.cdb;

	return (mpt_inquiry_standard(cdb) || cdb[0] == REQUEST_SENSE) &&
	       response->status == SAM_STAT_CHECK_CONDITION && response->sense_length >= 13 &&
	       (response->sense[2] & 0x0f) == ILLEGAL_REQUEST && response->sense[12] == 0x25;
}

/* Answers that are not the engine's to give: it is told of the end if *@end.  Takes the lock. */
static bool mpt_command_overrule(struct mpt_slot *slot, const struct mpt_response *response,
				 bool *end)
{
	unsigned long flags;
	bool overruled = false;

	*end = false;
	spin_lock_irqsave(&slot->adapter->lock, flags);
	if (slot->command.info.function || mpt_slot_mute(slot)) {
		;
	} else if (mpt_attention_duplicate(slot, mpt_nexus_slot_of(slot->command.nexus),
					   response)) {
		/* data that was taken cannot be asked for again: the initiator will */
		if (slot->received)
			mpt_answer_status(slot, SAM_STAT_BUSY, 0, 0, 0);
		else
			mpt_command_again(slot);
		*end = !slot->received;
		overruled = true;
	} else if (mpt_response_says_absent(slot, response)) {
		mpt_answer_absent(slot);
		overruled = true;
	} else if (response->status == SAM_STAT_TASK_ABORTED || slot->stopped) {
		/*
		 * The engine waits with a task management function until this is
		 * out, but the function's initiator may hold the bus meanwhile.
		 * Without its data the engine may have failed the command before
		 * the function came to it.
		 */
		slot->told = true;
		mpt_answer_status(slot, SAM_STAT_TASK_ABORTED, 0, 0, 0);
		*end = overruled = true;
	}
	spin_unlock_irqrestore(&slot->adapter->lock, flags);
	return overruled;
}

int mpt_command_send(struct mpt_command *command, const struct mpt_response *response)
{
	struct mpt_slot *slot = to_slot(command);
	bool end;

	slot->receiving = false;
	if (mpt_command_overrule(slot, response, &end)) {
		if (end) {
			rcu_read_lock();
			command->nexus->address->engine->done(command, MPT_RESULT_OK);
			rcu_read_unlock();
		}
		return 0;
	}
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
	mpt_task_end(slot);
	mpt_data_single(&slot->data, 0, 0, DMA_TO_DEVICE);
	mpt_slot_set_status(slot, SAM_STAT_GOOD, NULL, 0);
	mpt_command_go(slot);
}
EXPORT_SYMBOL_GPL(mpt_function_done);

/* The engine gave it up, and its initiator is told nothing.  adapter->lock held. */
static void mpt_command_vanish(struct mpt_slot *slot)
{
	if (slot->state == MPT_SLOT_ENGINE)
		mpt_slot_move(slot, MPT_SLOT_ENDED);
	if (slot->open && (slot->state == MPT_SLOT_ENDED || mpt_slot_outstanding(slot)))
		mpt_task_abort_io(slot);
}

void mpt_command_abort(struct mpt_command *command)
{
	struct mpt_slot *slot = to_slot(command);
	struct mpt_adapter *adapter = slot->adapter;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (slot->state == MPT_SLOT_ENGINE && slot->tell_aborted && !mpt_slot_mute(slot)) {
		slot->told = true;
		mpt_answer_status(slot, SAM_STAT_TASK_ABORTED, 0, 0, 0);
	} else {
		mpt_command_vanish(slot);
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
	rcu_read_lock();		/* keeps the slot until its next command is delivered */
	spin_lock_irqsave(&adapter->lock, flags);
	slot->engine_has = false;
	if (slot->again && slot->state == MPT_SLOT_ENDED && !mpt_slot_mute(slot))
		mpt_slot_arrived_again(slot);
	if (slot->state == MPT_SLOT_ARRIVED)
		tell = TELL_DELIVER;
	else if (slot->state == MPT_SLOT_RETURNED)
		mpt_slot_retire(slot);
	else
		mpt_slot_settle(slot);
	wake_up(&adapter->changed);
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_command_tell(slot, tell);
	rcu_read_unlock();
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
	slot->aborting = false;
	slot->recalling = false;
	list_del_init(&slot->link);
	mpt_slot_close(slot);
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

/* A slot whose answer, or whose command, waits although nobody does for it any more. */
static bool mpt_slot_swept(const struct mpt_slot *slot)
{
	/* a message for the doorbell is linked until it is sent */
	if (slot->state == MPT_SLOT_QUEUED || (slot->frame && !list_empty(&slot->link)))
		return mpt_slot_mute(slot) || (slot->recall && slot->receiving);
	return slot->state == MPT_SLOT_ARRIVED && slot->open && !list_empty(&slot->link) &&
	       mpt_slot_mute(slot);
}

static enum mpt_tell mpt_slot_sweep(struct mpt_slot *slot)
{
	list_del_init(&slot->link);
	if (slot->state == MPT_SLOT_ARRIVED) {
		mpt_slot_drop(slot);
		return TELL_NOTHING;
	}
	if (slot->frame)
		mpt_frame_put(slot->adapter, slot->frame);
	slot->frame = NULL;
	if (slot->receiving && slot->engine_has)
		return mpt_slot_recalled(slot);
	return mpt_slot_give_up(slot);
}

/* After slots became mute, or are recalled: those that wait in a list.  Takes the lock. */
void mpt_slots_sweep(struct mpt_adapter *adapter)
{
	enum mpt_tell tell;
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&adapter->lock, flags);
	for (index = 0; adapter->up && index < adapter->nr_slots; index++) {
		struct mpt_slot *slot = &adapter->slots[index];

		if (!mpt_slot_swept(slot))
			continue;
		tell = mpt_slot_sweep(slot);
		spin_unlock_irqrestore(&adapter->lock, flags);
		mpt_command_tell(slot, tell);
		spin_lock_irqsave(&adapter->lock, flags);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}
