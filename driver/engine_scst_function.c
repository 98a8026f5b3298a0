// SPDX-License-Identifier: GPL-2.0-only
/* mpt_scst: task management functions and bus resets. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "engine_scst.h"

static void mpt_scst_function_end(struct mpt_scst_command *scst,
				  enum mpt_function_response response)
{
	scst->alone = true;
	mpt_function_done(scst->command, response);
}

/* About the task with SCST's @tag, or what @scst's function names; the context may be atomic. */
static int mpt_scst_submit(struct mpt_scst_command *scst, int function, u64 tag)
{
	const struct mpt_message_command *info = &scst->command->info;
	struct mpt_scst_initiator *initiator = scst->command->nexus->engine_private;
	struct mpt_scst_target *target = initiator->target;
	struct scst_rx_mgmt_params params;
	unsigned long flags;
	int ret = -ESHUTDOWN;

	scst_rx_mgmt_params_init(&params);
	params.fn = function;
	params.atomic = SCST_ATOMIC;
	params.tgt_priv = scst;
	if (function == SCST_ABORT_TASK) {
		params.tag = tag;
		params.tag_set = 1;
	} else if (function != SCST_TARGET_RESET) {
		params.lun = info->lun;
		params.lun_len = sizeof(info->lun);
		params.lun_set = 1;
	}
	spin_lock_irqsave(&target->lock, flags);
	if (initiator->session)
		ret = scst_rx_mgmt_fn(initiator->session, &params);
	spin_unlock_irqrestore(&target->lock, flags);
	return ret;
}

/* A task that is not there any more needs no abort: SAM counts that as success. */
static void mpt_scst_abort_next(struct mpt_scst_command *scst)
{
	struct mpt_command task;

	if (!mpt_function_next(scst->command, &task))
		mpt_scst_function_end(scst, MPT_FUNCTION_COMPLETE);
	else if (mpt_scst_submit(scst, SCST_ABORT_TASK, mpt_command_tag(&task)))
		mpt_scst_function_end(scst, MPT_FUNCTION_FAILED);
}

/* SCST's function, or -1: it has none. */
static int mpt_scst_function(enum mpt_function function)
{
	switch (function) {
	case MPT_TM_ABORT_TASK:
		return SCST_ABORT_TASK;
	case MPT_TM_ABORT_TASK_SET:
		return SCST_ABORT_TASK_SET;
	case MPT_TM_CLEAR_TASK_SET:
		return SCST_CLEAR_TASK_SET;
	case MPT_TM_LOGICAL_UNIT_RESET:
		return SCST_LUN_RESET;
	case MPT_TM_TARGET_RESET:
		return SCST_TARGET_RESET;
	case MPT_TM_CLEAR_ACA:
		return SCST_CLEAR_ACA;
	default:
		return -1;
	}
}

/*
 * SCST takes no function about a logical unit whose number it cannot read, and ABORT
 * TASK comes to it without one.
 */
static bool mpt_scst_absent(const struct mpt_scst_command *scst)
{
	const struct mpt_message_command *info = &scst->command->info;
	struct mpt_scst_initiator *initiator = scst->command->nexus->engine_private;
	u64 lun = scst_unpack_lun(info->lun, sizeof(info->lun));
	struct mpt_scst_target *target = initiator->target;
	unsigned long flags;
	bool absent;

	spin_lock_irqsave(&target->lock, flags);
	absent = lun == NO_SUCH_LUN ||
		 (initiator->session && mpt_scst_type(initiator->session, lun) < 0);
	spin_unlock_irqrestore(&target->lock, flags);
	return absent;
}

void mpt_scst_give_function(struct mpt_scst_command *scst)
{
	int function = mpt_scst_function(scst->command->info.function);

	if (function < 0)
		mpt_scst_function_end(scst, MPT_FUNCTION_NOT_SUPPORTED);
	else if (function != SCST_TARGET_RESET && mpt_scst_absent(scst))
		mpt_scst_function_end(scst, MPT_FUNCTION_BAD_LUN);
	else if (function == SCST_ABORT_TASK)
		mpt_scst_abort_next(scst);
	else if (mpt_scst_submit(scst, function, 0))
		mpt_scst_function_end(scst, MPT_FUNCTION_FAILED);
}

static enum mpt_function_response mpt_scst_response(int status)
{
	switch (status) {
	case SCST_MGMT_STATUS_SUCCESS:
	case SCST_MGMT_STATUS_TASK_NOT_EXIST:
		return MPT_FUNCTION_COMPLETE;
	case SCST_MGMT_STATUS_LUN_NOT_EXIST:
		return MPT_FUNCTION_BAD_LUN;
	case SCST_MGMT_STATUS_FN_NOT_SUPPORTED:
		return MPT_FUNCTION_NOT_SUPPORTED;
	default:
		return MPT_FUNCTION_FAILED;
	}
}

void mpt_scst_function_done(struct scst_mgmt_cmd *mcmd)
{
	struct mpt_scst_command *scst = scst_mgmt_cmd_get_tgt_priv(mcmd);
	enum mpt_function_response response = mpt_scst_response(scst_mgmt_cmd_get_status(mcmd));
	struct mpt_scst_initiator *initiator;

	if (!scst) {
		initiator = scst_sess_get_tgt_priv(mcmd->sess);
		complete(&initiator->reset);
	} else if (scst_mgmt_cmd_get_fn(mcmd) == SCST_ABORT_TASK &&
		   response == MPT_FUNCTION_COMPLETE) {
		mpt_scst_abort_next(scst);
	} else {
		mpt_scst_function_end(scst, response);
	}
}

/* For SCST a bus reset is that of a target, which nobody has asked for. */
void mpt_scst_bus_reset(struct mpt_nexus *nexus)
{
	struct mpt_scst_initiator *initiator = nexus->engine_private;
	struct scst_rx_mgmt_params params;

	scst_rx_mgmt_params_init(&params);
	params.fn = SCST_TARGET_RESET;
	params.atomic = SCST_NON_ATOMIC;
	flush_work(&initiator->target->arrival);	/* what came before the reset */
	reinit_completion(&initiator->reset);
	if (scst_rx_mgmt_fn(initiator->session, &params))
		pr_err("%s: SCST did not take the bus reset of initiator %u\n",
		       initiator->target->text, nexus->initiator_id);
	else
		wait_for_completion(&initiator->reset);
}
