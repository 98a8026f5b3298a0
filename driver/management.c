// SPDX-License-Identifier: GPL-2.0-only
/* Requests of the driver itself that wait for their reply: PortEnable, TargetModeAbort. */
#include <linux/delay.h>

#include "internal.h"

#define MPT_CONTEXT_OFFSET	8	/* MsgContext, in every MPI request */
#define MPT_CONTEXT_END		12
#define MPT_DOORBELL_TRIES	50	/* of 20 ms: a handshake takes less than a second */

/* A frame of our own, with @message in it; NULL: none free, or the IOC is down. */
static MPT_FRAME_HDR *mpt_management_take(struct mpt_adapter *adapter, const u8 *message,
					  size_t length)
{
	struct mpt_management *management = &adapter->management;
	MPT_FRAME_HDR *frame;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	frame = mpt_frame_get(adapter, MPT_FRAME_MANAGEMENT);
	if (frame) {
		reinit_completion(&management->done);
		management->frame = frame;
		memcpy(frame, message, MPT_CONTEXT_OFFSET);
		memcpy((u8 *)frame + MPT_CONTEXT_END, message + MPT_CONTEXT_END,
		       length - MPT_CONTEXT_END);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return frame;
}

/* Gives the frame back if it never got to the card. */
static void mpt_management_drop(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->management.frame == frame) {
		adapter->management.frame = NULL;
		mpt_frame_put(adapter, frame);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}

static int mpt_management_wait(struct mpt_adapter *adapter, unsigned int seconds,
			       struct mpt_message_reply *reply)
{
	struct mpt_management *management = &adapter->management;
	unsigned long flags;
	int ret = 0;

	wait_for_completion_timeout(&management->done, seconds * HZ);
	spin_lock_irqsave(&adapter->lock, flags);
	if (management->frame) {
		/* the frame stays the card's until its late reply, or a reset */
		management->frame = NULL;
		ret = -ETIMEDOUT;
	}
	*reply = management->reply;
	spin_unlock_irqrestore(&adapter->lock, flags);
	return ret;
}

/*
 * The stock initiator driver of a shared card uses the doorbell as well, under this
 * mutex of mptbase; it keeps it while it waits for the reply, when the doorbell is
 * free again: no reason to let an initiator of ours wait.
 */
static bool mpt_doorbell_reserve(struct mpt_adapter *adapter)
{
	unsigned int tries;

	for (tries = 0; adapter->shared && tries < MPT_DOORBELL_TRIES; tries++) {
		if (mutex_trylock(&adapter->ioc->taskmgmt_cmds.mutex))
			return true;
		msleep(20);
	}
	return false;
}

/* A message through the doorbell.  Process context, sleeps.  0 or -EIO. */
int mpt_handshake(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame, size_t length)
{
	bool reserved = mpt_doorbell_reserve(adapter);
	int ret = mpt_send_handshake_request(mpt_target_context, adapter->ioc, length,
					     (u32 *)frame, CAN_SLEEP);

	if (reserved)
		mutex_unlock(&adapter->ioc->taskmgmt_cmds.mutex);
	return ret ? -EIO : 0;
}

/*
 * Sends what was put into @frame.  A reset may take the frame away while the
 * doorbell reads it: then the handshake fails, or its words are lost with it.
 */
static int mpt_management_send(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame, size_t length,
			       bool handshake)
{
	unsigned long flags;

	if (handshake)
		return mpt_handshake(adapter, frame, length);
	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->management.frame == frame)
		mpt_put_msg_frame(mpt_target_context, adapter->ioc, frame);
	spin_unlock_irqrestore(&adapter->lock, flags);
	return 0;
}

/*
 * Sends @message of @length bytes, through the doorbell if by @handshake, and
 * waits for the reply.  Process context, sleeps.  0; -EAGAIN: no request frame
 * for two seconds; -ENODEV: the IOC is down; -EIO: the doorbell refuses;
 * -ETIMEDOUT.
 */
int mpt_management_call(struct mpt_adapter *adapter, const void *message, size_t length,
			bool handshake, unsigned int seconds, struct mpt_message_reply *reply)
{
	struct mpt_management *management = &adapter->management;
	MPT_FRAME_HDR *frame = NULL;
	unsigned int tries;
	int ret;

	if (length > adapter->limits.frame_bytes || length < MPT_CONTEXT_END)
		return -EINVAL;
	mutex_lock(&management->mutex);
	for (tries = 0; tries < 100 && adapter->ioc->active; tries++) {
		frame = mpt_management_take(adapter, message, length);
		if (frame)
			break;
		msleep(20);
	}
	if (!frame)
		ret = adapter->ioc->active ? -EAGAIN : -ENODEV;
	else
		ret = mpt_management_send(adapter, frame, length, handshake);
	if (!ret)
		ret = mpt_management_wait(adapter, seconds, reply);
	else if (frame)
		mpt_management_drop(adapter, frame);
	mutex_unlock(&management->mutex);
	return ret;
}

/* adapter->lock held.  True if @frame was waited for; the frame is free then. */
bool mpt_management_reply(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame,
			  const struct mpt_message_reply *reply)
{
	struct mpt_management *management = &adapter->management;

	if (!frame || management->frame != frame)
		return false;
	management->frame = NULL;
	management->reply = *reply;
	mpt_frame_put(adapter, frame);
	complete(&management->done);
	return true;
}
