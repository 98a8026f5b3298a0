// SPDX-License-Identifier: GPL-2.0-only
/*
 * mpt_scst: SCST target driver on top of mpt_target.  Knows SCST, knows no MPI.
 *
 * SCST's commands live in the memory that mpt_target has for each IoIndex, so none
 * is ever allocated: scst_cmd is given back when SCST frees it, and only then does
 * mpt_target use the index again.
 *
 * A parallel bus carries neither direction nor length of a transfer, so SCST is told
 * none: it derives both from the CDB, and refuses CDBs that it does not know.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <scsi/scsi_common.h>
#include <scsi/scsi_proto.h>

#include "engine_scst.h"

struct workqueue_struct *mpt_scst_workqueue;

static struct mpt_scst_command *to_mpt_scst(struct scst_cmd *cmd)
{
	return container_of(cmd, struct mpt_scst_command, cmd);
}

static struct scst_session *mpt_scst_session(const struct mpt_nexus *nexus)
{
	const struct mpt_scst_initiator *initiator = nexus->engine_private;

	return initiator->session;
}

/*
 * SCST waits until the command is through with the card.  Nobody waits for an answer
 * to it, or its initiator is to be told that another one has ended it.
 */
static void mpt_scst_abort_work(struct work_struct *work)
{
	struct mpt_scst_command *scst = container_of(work, struct mpt_scst_command, work);

	if (scst_cmd_aborted_on_xmit(&scst->cmd))
		mpt_command_cancel(scst->command);
	else
		mpt_command_stop(scst->command);
	scst_cmd_put(&scst->cmd);
}

/* Commands. */

static enum scst_cmd_queue_type mpt_scst_queue_type(enum mpt_attribute attribute)
{
	switch (attribute) {
	case MPT_UNTAGGED:
		return SCST_CMD_QUEUE_UNTAGGED;
	case MPT_ORDERED:
		return SCST_CMD_QUEUE_ORDERED;
	case MPT_HEAD_OF_QUEUE:
		return SCST_CMD_QUEUE_HEAD_OF_QUEUE;
	case MPT_ACA:
		return SCST_CMD_QUEUE_ACA;
	default:
		return SCST_CMD_QUEUE_SIMPLE;
	}
}

/* SCST looks for a task by its session and tag: on a bus a tag counts for a logical unit. */
static u64 mpt_scst_tag(const struct mpt_message_command *info)
{
	u64 lun = (u64)(info->lun[0] << 8 | info->lun[1]) << 16;

	return info->attribute == MPT_UNTAGGED ? BIT_ULL(63) | lun : lun | info->tag;
}

static void mpt_scst_answer_alone(struct mpt_scst_command *scst, u8 status)
{
	struct mpt_response response = { .status = status };

	scst->alone = true;
	mpt_command_send(scst->command, &response);
}

/*
 * Hard irq.  SCST goes on in its threads: buffers of a size that a tasklet could not
 * get without dipping into the reserves are the rule, and READs would go there anyway.
 */
static void mpt_scst_new_command(struct mpt_command *command)
{
	struct mpt_scst_command *scst = command->engine_private;
	const struct mpt_message_command *info = &command->info;

	scst->command = command;
	INIT_WORK(&scst->work, mpt_scst_abort_work);
	if (scst_rx_cmd_prealloced(&scst->cmd, mpt_scst_session(command->nexus), info->lun,
				   sizeof(info->lun), info->cdb, info->cdb_length, SCST_ATOMIC)) {
		mpt_scst_answer_alone(scst, SAM_STAT_TASK_SET_FULL);
		return;
	}
	scst_cmd_set_tag(&scst->cmd, mpt_scst_tag(info));
	scst_cmd_set_queue_type(&scst->cmd, mpt_scst_queue_type(info->attribute));
	scst_cmd_init_done(&scst->cmd, SCST_CONTEXT_THREAD);
}

int mpt_scst_rdy_to_xfer(struct scst_cmd *cmd)
{
	struct scatterlist *sg;
	int nents, length;

	length = scst_cmd_get_write_fields(cmd, &sg, &nents);
	/* a bus tells no length, but SCST compares: COMPARE AND WRITE fails without one */
	scst_cmd_set_expected(cmd, SCST_DATA_WRITE, length);
	/* FATAL_ERROR: SCST answers with a write error */
	return mpt_command_receive(to_mpt_scst(cmd)->command, sg, nents, length) ?
	       SCST_TGT_RES_FATAL_ERROR : SCST_TGT_RES_SUCCESS;
}

/* After ERROR SCST makes its answer, which goes nowhere if the whole command is lost. */
static void mpt_scst_data_received(struct mpt_command *command, enum mpt_result result)
{
	struct mpt_scst_command *scst = command->engine_private;

	scst_rx_data(&scst->cmd, result == MPT_RESULT_OK ? SCST_RX_STATUS_SUCCESS :
		     SCST_RX_STATUS_ERROR, SCST_CONTEXT_THREAD);
}

static void mpt_scst_done(struct mpt_command *command, enum mpt_result result)
{
	struct mpt_scst_command *scst = command->engine_private;

	if (scst->alone) {
		mpt_command_release(command);
		return;
	}
	if (result != MPT_RESULT_OK)
		scst_set_delivery_status(&scst->cmd, SCST_CMD_DELIVERY_FAILED);
	scst_tgt_cmd_done(&scst->cmd, SCST_CONTEXT_TASKLET);
}

/* The data cannot be mapped: it did not fit once, and would not the next time. */
static void mpt_scst_send_failed(struct mpt_command *command)
{
	u8 sense[18] = { 0 };
	struct mpt_response response = {
		.status		= SAM_STAT_CHECK_CONDITION,
		.sense		= sense,
		.sense_length	= sizeof(sense),
	};

	scsi_build_sense_buffer(0, sense, HARDWARE_ERROR, 0x44, 0x00);
	mpt_command_send(command, &response);	/* without data it cannot fail */
}

int mpt_scst_xmit_response(struct scst_cmd *cmd)
{
	struct mpt_scst_command *scst = to_mpt_scst(cmd);
	struct mpt_response response = { .status = scst_cmd_get_status(cmd) };

	scst->answered = true;
	if (scst_cmd_aborted_on_xmit(cmd)) {
		scst_set_delivery_status(cmd, SCST_CMD_DELIVERY_ABORTED);
		mpt_command_abort(scst->command);
		scst_tgt_cmd_done(cmd, SCST_CONTEXT_SAME);
		return SCST_TGT_RES_SUCCESS;
	}
	if (response.status == SAM_STAT_CHECK_CONDITION) {
		response.sense = scst_cmd_get_sense_buffer(cmd);
		response.sense_length = scst_cmd_get_sense_buffer_len(cmd);
	}
	if (scst_cmd_get_data_direction(cmd) & SCST_DATA_READ) {
		response.length = scst_cmd_get_adjusted_resp_data_len(cmd);
		response.sg = scst_cmd_get_sg(cmd);
		response.nents = scst_cmd_get_sg_cnt(cmd);
	}
	/* once it is sent, @cmd may be gone */
	if (mpt_command_send(scst->command, &response))
		mpt_scst_send_failed(scst->command);
	return SCST_TGT_RES_SUCCESS;
}

/* Any context.  Some commands SCST ends without an answer. */
void mpt_scst_on_free_cmd(struct scst_cmd *cmd)
{
	struct mpt_scst_command *scst = to_mpt_scst(cmd);

	if (!scst->answered)
		mpt_command_abort(scst->command);
	mpt_command_release(scst->command);
}

/* Aborts. */

/* SCST's locks are held, interrupts are off. */
void mpt_scst_on_abort_cmd(struct scst_cmd *cmd)
{
	scst_cmd_get(cmd);
	if (!queue_work(mpt_scst_workqueue, &to_mpt_scst(cmd)->work))
		scst_cmd_put(cmd);	/* not the last: SCST holds it in a list */
}

/*
 * The card has had it for too long.  SCST holds no reference: should @cmd have ended
 * meanwhile, then there is nothing to cancel.
 */
void mpt_scst_on_timeout(struct scst_cmd *cmd)
{
	struct mpt_command *command = READ_ONCE(to_mpt_scst(cmd)->command);

	if (!command)
		return;
	pr_warn_ratelimited("the card does not end a command (CDB %02xh); giving it up\n",
			    command->info.cdb[0]);
	mpt_command_cancel(command);
}

/* Task management. */

static void mpt_scst_function_end(struct mpt_scst_command *scst,
				  enum mpt_function_response response)
{
	scst->alone = true;
	mpt_function_done(scst->command, response);
}

/* About the task with SCST's @tag, or what @scst's function names; the context may be atomic. */
static int mpt_scst_submit(struct mpt_scst_command *scst, int function, u64 tag)
{
	const struct mpt_command *command = scst->command;
	struct scst_rx_mgmt_params params;

	scst_rx_mgmt_params_init(&params);
	params.fn = function;
	params.atomic = SCST_ATOMIC;
	params.tgt_priv = scst;
	if (function == SCST_ABORT_TASK) {
		params.tag = tag;
		params.tag_set = 1;
	} else if (function != SCST_TARGET_RESET) {
		params.lun = command->info.lun;
		params.lun_len = sizeof(command->info.lun);
		params.lun_set = 1;
	}
	return scst_rx_mgmt_fn(mpt_scst_session(command->nexus), &params);
}

/* A task that is not there any more needs no abort: SAM counts that as success. */
static void mpt_scst_abort_next(struct mpt_scst_command *scst)
{
	struct mpt_command task;

	if (!mpt_function_next(scst->command, &task))
		mpt_scst_function_end(scst, MPT_FUNCTION_COMPLETE);
	else if (mpt_scst_submit(scst, SCST_ABORT_TASK, mpt_scst_tag(&task.info)))
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

/* Hard irq. */
static void mpt_scst_new_function(struct mpt_command *command)
{
	struct mpt_scst_command *scst = command->engine_private;
	int function = mpt_scst_function(command->info.function);

	scst->command = command;
	if (function < 0)
		mpt_scst_function_end(scst, MPT_FUNCTION_NOT_SUPPORTED);
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
static void mpt_scst_bus_reset(struct mpt_nexus *nexus)
{
	struct mpt_scst_initiator *initiator = nexus->engine_private;
	struct scst_rx_mgmt_params params;

	scst_rx_mgmt_params_init(&params);
	params.fn = SCST_TARGET_RESET;
	params.atomic = SCST_NON_ATOMIC;
	reinit_completion(&initiator->reset);
	if (scst_rx_mgmt_fn(initiator->session, &params))
		pr_err("%s: SCST did not take the bus reset of initiator %u\n",
		       initiator->target->text, nexus->initiator_id);
	else
		wait_for_completion(&initiator->reset);
}

/* Sessions. */

static int mpt_scst_nexus_arrived(struct mpt_nexus *nexus)
{
	struct mpt_scst_target *target = mpt_address_private(nexus->address);
	struct mpt_scst_initiator *initiator = &target->initiators[nexus->initiator_id];
	char name[MPT_SCST_NAME_SIZE];

	mpt_scst_name(&target->name, nexus->initiator_id, name);
	initiator->nexus = nexus;
	nexus->engine_private = initiator;
	initiator->session = scst_register_session(target->tgt, SCST_NON_ATOMIC, name, initiator,
						   NULL, NULL);
	return initiator->session ? 0 : -ENOMEM;
}

static void mpt_scst_session_gone(struct scst_session *session)
{
	struct mpt_scst_initiator *initiator = scst_sess_get_tgt_priv(session);

	complete(&initiator->gone);
}

/* SCST aborts what it still has of this session. */
static void mpt_scst_nexus_lost(struct mpt_nexus *nexus)
{
	struct mpt_scst_initiator *initiator = nexus->engine_private;

	reinit_completion(&initiator->gone);
	scst_unregister_session(initiator->session, 0, mpt_scst_session_gone);
	wait_for_completion(&initiator->gone);
	initiator->session = NULL;
}

static void mpt_scst_close_work(struct work_struct *work)
{
	struct mpt_scst_initiator *initiator = container_of(work, struct mpt_scst_initiator,
							    close);

	mpt_nexus_close(&initiator->target->address, initiator->nexus);
}

/* SCST may hold its mutex, so the end cannot be waited for here. */
int mpt_scst_close_session(struct scst_session *session)
{
	struct mpt_scst_initiator *initiator = scst_sess_get_tgt_priv(session);

	queue_work(mpt_scst_workqueue, &initiator->close);
	return 0;
}

void mpt_scst_initiators_init(struct mpt_scst_target *target)
{
	struct mpt_scst_initiator *initiator;

	for (initiator = target->initiators; initiator < target->initiators + MPT_MAX_IDS;
	     initiator++) {
		initiator->target = target;
		init_completion(&initiator->reset);
		init_completion(&initiator->gone);
		INIT_WORK(&initiator->close, mpt_scst_close_work);
	}
}

void mpt_scst_initiators_flush(struct mpt_scst_target *target)
{
	unsigned int id;

	for (id = 0; id < MPT_MAX_IDS; id++)
		flush_work(&target->initiators[id].close);
}

const struct mpt_engine mpt_scst_engine = {
	.name		= "scst",
	.command_size	= sizeof(struct mpt_scst_command),
	.nexus_arrived	= mpt_scst_nexus_arrived,
	.bus_reset	= mpt_scst_bus_reset,
	.nexus_lost	= mpt_scst_nexus_lost,
	.command	= mpt_scst_new_command,
	.function	= mpt_scst_new_function,
	.data_received	= mpt_scst_data_received,
	.done		= mpt_scst_done,
};
