// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcm_mpt: LIO fabric "mpt" on top of mpt_target.  Knows LIO, knows no MPI.
 *
 * References on a se_cmd: the core's; ours (TARGET_SCF_ACK_KREF), dropped in
 * done(); and one for each answer or data phase the card works on, so that
 * an abort by the core cannot free memory under the card's hands.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>

#include <scsi/scsi_common.h>
#include <scsi/scsi_proto.h>

#include "compat.h"
#include "engine_lio.h"

static struct workqueue_struct *lio_workqueue;

static struct lio_command *to_lio_command(struct se_cmd *se)
{
	return container_of(se, struct lio_command, se);
}

/* Commands. */

static void lio_answer_alone(struct lio_command *lio, u8 status)
{
	struct mpt_response response = { .status = status };

	lio->alone = true;
	mpt_command_send(lio->command, &response);
}

/* CHECK CONDITION that the core has no part in. */
static void lio_refuse(struct lio_command *lio, u8 key, u8 asc, u8 ascq)
{
	struct mpt_response response = {
		.status		= SAM_STAT_CHECK_CONDITION,
		.sense		= lio->sense,
		.sense_length	= 18,
	};

	scsi_build_sense_buffer(0, lio->sense, key, asc, ascq);
	lio->alone = true;
	mpt_command_send(lio->command, &response);
}

static int lio_attribute(enum mpt_attribute attribute)
{
	switch (attribute) {
	case MPT_HEAD_OF_QUEUE:
		return TCM_HEAD_TAG;
	case MPT_ORDERED:
		return TCM_ORDERED_TAG;
	case MPT_ACA:
		return TCM_ACA_TAG;
	default:
		return TCM_SIMPLE_TAG;
	}
}

static u64 lio_lun(const struct mpt_message_command *info)
{
	struct scsi_lun lun;

	memcpy(&lun, info->lun, sizeof(lun));
	return scsilun_to_int(&lun);
}

/* Hard irq.  The core may answer, and even release, before this returns. */
static void lio_new_command(struct mpt_command *command)
{
	struct lio_command *lio = command->engine_private;
	struct se_session *session = command->nexus->engine_private;
	const struct mpt_message_command *info = &command->info;
	u64 lun = lio_lun(info);
	struct lio_expected expected;
	struct lio_tpg *tpg;

	lio->command = command;
	if (!session) {
		lio_answer_alone(lio, SAM_STAT_BUSY);
		return;
	}
	tpg = to_lio_tpg(session->se_tpg);
	if (!lio_expect(session, lun, &tpg->block_sizes, info->cdb, &expected)) {
		lio_refuse(lio, ILLEGAL_REQUEST, 0x24, 0x00);	/* INVALID FIELD IN CDB */
		return;
	}
	lio->se.tag = mpt_command_tag(command);
	if (target_init_cmd(&lio->se, session, lio->sense, lun, expected.length,
			    lio_attribute(info->attribute), expected.direction,
			    TARGET_SCF_ACK_KREF | TARGET_SCF_UNKNOWN_SIZE)) {
		lio_answer_alone(lio, SAM_STAT_BUSY);	/* the session is being closed */
		return;
	}
	if (target_submit_prep(&lio->se, expected.cdb, NULL, 0, NULL, 0, NULL, 0, GFP_ATOMIC))
		return;
	mpt_lio_submit(&lio->se);
}

/* target_execute_cmd() takes spin_lock_irq(): process context only. */
static void lio_data_work(struct work_struct *work)
{
	struct lio_command *lio = container_of(work, struct lio_command, work);
	enum mpt_result result = lio->result;
	struct se_cmd *se = &lio->se;

	/* the card's; the core still has its own while data is pending */
	target_put_sess_cmd(se);
	if (result == MPT_RESULT_OK)
		target_execute_cmd(se);
	else
		transport_generic_request_failure(se, TCM_CHECK_CONDITION_ABORT_CMD);
}

static void lio_data_received(struct mpt_command *command, enum mpt_result result)
{
	struct lio_command *lio = command->engine_private;

	lio->result = result;
	INIT_WORK(&lio->work, lio_data_work);
	queue_work(lio_workqueue, &lio->work);
}

static void lio_done(struct mpt_command *command, enum mpt_result result)
{
	struct lio_command *lio = command->engine_private;

	if (lio->alone) {
		mpt_command_release(command);
		return;
	}
	target_put_sess_cmd(&lio->se);		/* the card's */
	target_put_sess_cmd(&lio->se);		/* ours */
}

int lio_write_pending(struct se_cmd *se)
{
	struct lio_command *lio = to_lio_command(se);
	int ret;

	kref_get(&se->cmd_kref);
	ret = mpt_command_receive(lio->command, se->t_data_sg, se->t_data_nents, se->data_length);
	if (ret)
		target_put_sess_cmd(se);
	return ret;
}

static int lio_send(struct se_cmd *se, struct scatterlist *sg, int nents, u32 length)
{
	struct lio_command *lio = to_lio_command(se);
	struct mpt_response response = {
		.status	= se->scsi_status,
		.sg	= sg,
		.nents	= nents,
		.length	= length,
	};
	int ret;

	/* the core always says 96 bytes: the sense itself knows better */
	if (se->se_cmd_flags & (SCF_TRANSPORT_TASK_SENSE | SCF_EMULATED_TASK_SENSE)) {
		response.sense = lio->sense;
		response.sense_length = min_t(size_t, lio->sense[7] + 8, sizeof(lio->sense));
	}
	kref_get(&se->cmd_kref);
	ret = mpt_command_send(lio->command, &response);
	if (ret)
		target_put_sess_cmd(se);
	return ret;
}

int lio_queue_data_in(struct se_cmd *se)
{
	lio_expect_learn(se, &to_lio_tpg(se->se_sess->se_tpg)->block_sizes);
	return lio_send(se, se->t_data_sg, se->t_data_nents, se->data_length);
}

int lio_queue_status(struct se_cmd *se)
{
	if (se->data_direction == DMA_TO_DEVICE)
		lio_expect_learn(se, &to_lio_tpg(se->se_sess->se_tpg)->block_sizes);
	return lio_send(se, NULL, 0, 0);
}

/* A function that a LUN reset overtook goes on with its next task when it is released. */
void lio_aborted_task(struct se_cmd *se)
{
	if (se->se_cmd_flags & SCF_SCSI_TMR_CDB)
		return;
	mpt_command_abort(to_lio_command(se)->command);
}

int lio_check_stop_free(struct se_cmd *se)
{
	return target_put_sess_cmd(se);
}

/* Task management: LIO knows ABORT TASK and LOGICAL UNIT RESET. */

static struct se_session *lio_session(const struct mpt_nexus *nexus)
{
	return nexus->engine_private;
}

/* The initiator's next logical unit from @from on; U64_MAX: none. */
static u64 lio_next_lun(const struct se_session *session, u64 from)
{
	const struct se_dev_entry *entry;
	u64 best = U64_MAX;

	rcu_read_lock();
	hlist_for_each_entry_rcu(entry, &session->se_node_acl->lun_entry_hlist, link)
		if (entry->mapped_lun >= from && entry->mapped_lun < best)
			best = entry->mapped_lun;
	rcu_read_unlock();
	return best;
}

/* The last step of a function: the core has no part in it any more. */
static void lio_function_done(struct lio_command *lio, enum mpt_function_response response)
{
	lio->alone = true;
	mpt_function_done(lio->command, response);
}

/*
 * One function for the core, as of @session, about the task with LIO's @task tag
 * or logical unit @lun.  Its own tag must not be one of a task.  session_mutex held.
 */
static int lio_submit_function(struct lio_command *lio, struct se_session *session, u8 type,
			       u64 lun, u64 task)
{
	memset(&lio->se, 0, sizeof(lio->se));
	lio->se.tag = BIT_ULL(63) | (lio->command ? mpt_command_tag(lio->command) : 0);
	return target_submit_tmr(&lio->se, session, lio->sense, lun, lio, type, GFP_KERNEL, task,
				 TARGET_SCF_ACK_KREF);
}

/* A task or logical unit that cannot be named any more needs no function: 1. */
static int lio_abort_next(struct lio_command *lio)
{
	struct se_session *session;
	struct mpt_command task;
	u64 lun;

	while (mpt_function_next(lio->command, &task)) {
		session = lio_session(task.nexus);
		lun = lio_lun(&task.info);
		if (session && !lio_submit_function(lio, session, TMR_ABORT_TASK, lun,
						    mpt_command_tag(&task)))
			return 0;
	}
	return 1;
}

static int lio_reset_next(struct lio_command *lio, bool first)
{
	struct se_session *session = lio_session(lio->command->nexus);
	u64 lun;

	if (!session)
		return 1;
	for (;;) {
		lun = lio_next_lun(session, first ? 0 : lio->tm_lun + 1);
		if (lun == U64_MAX)
			return 1;
		lio->tm_lun = lun;
		first = false;
		if (!lio_submit_function(lio, session, TMR_LUN_RESET, lun, 0))
			return 0;
	}
}

/* About the whole logical unit, or a task that is none: LIO knows whether there is such a unit. */
static int lio_function_once(struct lio_command *lio, u8 type)
{
	struct se_session *session = lio_session(lio->command->nexus);
	u64 lun = lio_lun(&lio->command->info);

	lio->walking = type == TMR_ABORT_TASK;
	if (!session)
		return -ENOTCONN;
	return lio_submit_function(lio, session, type, lun, mpt_command_tag(lio->command));
}

/* 0: the core will answer; 1: nothing is left to do; or -errno. */
static int lio_function_step(struct lio_command *lio)
{
	bool first = !lio->walked;
	int ret;

	/* once the core has it, it may be over, and @lio another command's */
	lio->walked = true;
	switch (lio->command->info.function) {
	case MPT_TM_ABORT_TASK:
	case MPT_TM_ABORT_TASK_SET:
	case MPT_TM_CLEAR_TASK_SET:
		ret = lio_abort_next(lio);
		return ret && first ? lio_function_once(lio, TMR_ABORT_TASK) : ret;
	case MPT_TM_TARGET_RESET:
		return lio_reset_next(lio, first);
	default:
		return lio_function_once(lio, TMR_LUN_RESET);
	}
}

static void lio_function_work(struct work_struct *work)
{
	struct lio_command *lio = container_of(work, struct lio_command, work);
	struct lio_tpg *tpg = mpt_address_private(lio->command->nexus->address);
	int ret;

	mutex_lock(&tpg->session_mutex);
	ret = lio_function_step(lio);
	mutex_unlock(&tpg->session_mutex);
	if (ret)
		lio_function_done(lio, ret < 0 ? MPT_FUNCTION_FAILED : MPT_FUNCTION_COMPLETE);
}

static void lio_function_go(struct lio_command *lio)
{
	INIT_WORK(&lio->work, lio_function_work);
	queue_work(lio_workqueue, &lio->work);
}

/* Hard irq. */
static void lio_new_function(struct mpt_command *command)
{
	struct lio_command *lio = command->engine_private;

	lio->command = command;
	switch (command->info.function) {
	case MPT_TM_ABORT_TASK:
	case MPT_TM_ABORT_TASK_SET:
	case MPT_TM_CLEAR_TASK_SET:
	case MPT_TM_LOGICAL_UNIT_RESET:
	case MPT_TM_TARGET_RESET:
		lio->walking = true;
		lio_function_go(lio);
		break;
	default:
		lio_function_done(lio, MPT_FUNCTION_NOT_SUPPORTED);
	}
}

static enum mpt_function_response lio_function_response(u8 response)
{
	switch (response) {
	case TMR_FUNCTION_COMPLETE:
	case TMR_TASK_DOES_NOT_EXIST:	/* SAM: the task ended before; that is success */
		return MPT_FUNCTION_COMPLETE;
	case TMR_LUN_DOES_NOT_EXIST:
		return MPT_FUNCTION_BAD_LUN;
	case TMR_TASK_MGMT_FUNCTION_NOT_SUPPORTED:
		return MPT_FUNCTION_NOT_SUPPORTED;
	default:
		return MPT_FUNCTION_FAILED;
	}
}

void lio_queue_tm_rsp(struct se_cmd *se)
{
	struct lio_command *lio = to_lio_command(se);
	enum mpt_function_response response = lio_function_response(se->se_tmr_req->response);

	if (!lio->command || (lio->walking && response == MPT_FUNCTION_COMPLETE)) {
		target_put_sess_cmd(se);	/* release goes on */
		return;
	}
	lio->walking = false;
	kref_get(&se->cmd_kref);
	mpt_function_done(lio->command, response);
}

void lio_release_cmd(struct se_cmd *se)
{
	struct lio_command *lio = to_lio_command(se);

	if (!lio->command)
		complete(&container_of(lio, struct lio_tpg, reset)->reset_done);
	else if (lio->walking)
		lio_function_go(lio);
	else
		mpt_command_release(lio->command);
}

/* False: there is no logical unit from *@lun on. */
static bool lio_bus_reset_lun(struct lio_tpg *tpg, struct mpt_nexus *nexus, u64 *lun)
{
	struct se_session *session;
	bool submitted = false;

	mutex_lock(&tpg->session_mutex);
	session = lio_session(nexus);
	*lun = session ? lio_next_lun(session, *lun) : U64_MAX;
	if (*lun != U64_MAX) {
		reinit_completion(&tpg->reset_done);
		submitted = !lio_submit_function(&tpg->reset, session, TMR_LUN_RESET, *lun, 0);
	}
	mutex_unlock(&tpg->session_mutex);
	if (submitted)
		wait_for_completion(&tpg->reset_done);
	return *lun != U64_MAX;
}

static void lio_bus_reset(struct mpt_nexus *nexus)
{
	struct lio_tpg *tpg = mpt_address_private(nexus->address);
	u64 lun;

	for (lun = 0; lio_bus_reset_lun(tpg, nexus, &lun); lun++)
		;
}

/* Sessions. */

static int lio_session_ready(struct se_portal_group *se_tpg, struct se_session *session,
			     void *private)
{
	struct mpt_nexus *nexus = private;

	nexus->engine_private = session;
	return 0;
}

static int lio_nexus_arrived(struct mpt_nexus *nexus)
{
	struct lio_tpg *tpg = mpt_address_private(nexus->address);
	struct se_session *session;
	char naa[MPT_NAA_SIZE];

	mpt_address_naa(&tpg->wwn->name, nexus->initiator_id, naa);
	session = target_setup_session(&tpg->tpg, 0, 0, TARGET_PROT_NORMAL, naa, nexus,
				       lio_session_ready);
	return PTR_ERR_OR_ZERO(session);
}

static void lio_nexus_lost(struct mpt_nexus *nexus)
{
	struct lio_tpg *tpg = mpt_address_private(nexus->address);
	struct se_session *session = nexus->engine_private;

	mutex_lock(&tpg->session_mutex);
	nexus->engine_private = NULL;
	mutex_unlock(&tpg->session_mutex);
	target_stop_session(session);
	target_wait_for_sess_cmds(session);
	target_remove_session(session);
}

/* The core closes sessions of an ACL that is deleted or changed. */
void lio_close_session(struct se_session *session)
{
	mpt_nexus_close(&to_lio_tpg(session->se_tpg)->address, session->fabric_sess_ptr);
}

const struct mpt_engine lio_engine = {
	.name		= "lio",
	.command_size	= sizeof(struct lio_command),
	.nexus_arrived	= lio_nexus_arrived,
	.bus_reset	= lio_bus_reset,
	.nexus_lost	= lio_nexus_lost,
	.command	= lio_new_command,
	.function	= lio_new_function,
	.data_received	= lio_data_received,
	.done		= lio_done,
};

int lio_engine_init(void)
{
	lio_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return lio_workqueue ? 0 : -ENOMEM;
}

void lio_engine_exit(void)
{
	destroy_workqueue(lio_workqueue);
}
