// SPDX-License-Identifier: GPL-2.0-only
/*
 * mpt_scst: SCST target driver on top of mpt_target.  Knows SCST, knows no MPI.
 *
 * SCST's commands live in the memory that mpt_target has for each IoIndex, so none
 * is ever allocated: scst_cmd is given back when SCST frees it, and only then does
 * mpt_target use the index again.
 *
 * A parallel bus carries neither direction nor length of a transfer, so SCST is told
 * none when a command comes: it derives both from the CDB, and refuses CDBs that it
 * does not know.  It is helped where it would guess.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sizes.h>

#include <scsi/scsi_common.h>
#include <scsi/scsi_proto.h>

#include "cdb.h"
#include "compat.h"
#include "engine_scst.h"
#include "sense_cache.h"

/*
 * More than any answer whose allocation length has 32 bits, and any parameter list;
 * WRITE BUFFER has 24 bits.
 */
#define MPT_SCST_MOST_ALLOCATED	SZ_1M
#define MPT_SCST_MOST_WRITTEN	SZ_16M
/* Of a length that it is told SCST takes no more. */
#define MPT_SCST_MOST_TOLD	(15 * SZ_1M)

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
 * No answer to the command may go out: its own initiator has ended it, or another one
 * has, TAS is 0, and a unit attention tells of that.
 */
static bool mpt_scst_silent(struct scst_cmd *cmd)
{
	return scst_cmd_aborted(cmd) && !(test_bit(SCST_CMD_ABORTED_OTHER, &cmd->cmd_flags) &&
					  test_bit(SCST_CMD_DEVICE_TAS, &cmd->cmd_flags));
}

/*
 * SCST may wait until the command is through with the card.  Nobody is to be answered,
 * or the initiator is to be told that another one has ended it.
 */
static void mpt_scst_abort_work(struct work_struct *work)
{
	struct mpt_scst_command *scst = container_of(work, struct mpt_scst_command, work);

	if (mpt_scst_silent(&scst->cmd))
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

/* Without data it cannot fail. */
static void mpt_scst_check_condition(struct mpt_scst_command *scst, u8 key, u8 asc)
{
	u8 sense[18] = { 0 };
	struct mpt_response response = {
		.status		= SAM_STAT_CHECK_CONDITION,
		.sense		= sense,
		.sense_length	= sizeof(sense),
	};

	scsi_build_sense_buffer(0, sense, key, asc, 0x00);
	mpt_command_send(scst->command, &response);
}

/*
 * SCST tells of its own shortage by itself.  This is for a command that it does not
 * take at all: none of today's CDBs, of 6 to 16 bytes, but no answer would be a hang.
 */
static void mpt_scst_answer_full(struct mpt_scst_command *scst)
{
	struct mpt_response response = { .status = SAM_STAT_TASK_SET_FULL };

	scst->alone = true;
	mpt_command_send(scst->command, &response);
}

/* Where SCST finds lengths of 32 bits that are not there by the standards; 0: nowhere. */
static unsigned int mpt_scst_own_length(u8 opcode)
{
	switch (opcode) {
	case PERSISTENT_RESERVE_IN:	/* two bytes of it are reserved ones */
		return 5;
	case 0x81:			/* REBUILD, REGENERATE */
	case 0x82:
		return 10;
	case 0xba ... 0xbf:		/* arrays */
	case 0xd1:			/* of vendors: attributes */
	case 0xd2:
		return 6;
	default:
		return 0;
	}
}

/*
 * SCST allocates, and counts in an int, whatever a CDB names, before anything is
 * known to be there.  False: more is to be moved than any command may.
 */
static bool mpt_scst_bounded(u8 *cdb)
{
	unsigned int own = mpt_scst_own_length(cdb[0]);
	u32 length;

	if (own && get_unaligned_be32(cdb + own) > MPT_SCST_MOST_WRITTEN)
		return false;
	mpt_cdb_clip(cdb, TYPE_DISK, MPT_SCST_MOST_ALLOCATED);
	/* blocks are SCST's to check, which knows their size */
	return mpt_command_expect(cdb, TYPE_DISK, 0, &length) != DMA_TO_DEVICE ||
	       length <= MPT_SCST_MOST_WRITTEN;
}

/*
 * Commands whose length SCST does not find: it refuses them, or has the data of FORMAT
 * UNIT be 4096 bytes.
 */
static bool mpt_scst_guesses(u8 opcode)
{
	switch (opcode) {
	case FORMAT_UNIT:
	case SERVICE_ACTION_IN_16:
	case 0xac:			/* GET PERFORMANCE */
	case 0xb9:			/* READ CD MSF */
		return true;
	default:
		return false;
	}
}

int mpt_scst_type(const struct scst_session *session, u64 lun)
{
	const struct list_head *units =
		&session->sess_tgt_dev_list[SESS_TGT_DEV_LIST_HASH_FN(lun)];
	const struct scst_tgt_dev *unit;
	int type = -1;

	rcu_read_lock();
	list_for_each_entry_rcu(unit, units, sess_tgt_dev_list_entry)
		if (unit->lun == lun)
			type = unit->dev->type;
	rcu_read_unlock();
	return type;
}

static void mpt_scst_tell_length(struct scst_cmd *cmd)
{
	enum dma_data_direction direction;
	u32 length;
	int type;

	if (!mpt_scst_guesses(cmd->cdb[0]))
		return;
	type = mpt_scst_type(cmd->sess, cmd->lun);
	if (type < 0)
		return;
	direction = mpt_command_expect(cmd->cdb, type, 0, &length);
	if (direction == DMA_NONE || length > MPT_SCST_MOST_TOLD)
		return;
	scst_cmd_set_expected(cmd, direction == DMA_TO_DEVICE ? SCST_DATA_WRITE : SCST_DATA_READ,
			      length);
}

/* Goes on in SCST's threads: there is I/O to wait for, and what comes next must not wait. */
static void mpt_scst_give_command(struct mpt_scst_command *scst)
{
	struct mpt_message_command *info = &scst->command->info;

	if (!mpt_scst_bounded(info->cdb)) {
		scst->alone = true;
		mpt_scst_check_condition(scst, ILLEGAL_REQUEST, 0x24);
		return;
	}
	if (scst_rx_cmd_prealloced(&scst->cmd, mpt_scst_session(scst->command->nexus), info->lun,
				   sizeof(info->lun), info->cdb, info->cdb_length,
				   SCST_NON_ATOMIC)) {
		mpt_scst_answer_full(scst);
		return;
	}
	scst_cmd_set_tag(&scst->cmd, mpt_command_tag(scst->command));
	scst_cmd_set_queue_type(&scst->cmd, mpt_scst_queue_type(info->attribute));
	mpt_scst_tell_length(&scst->cmd);
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

/*
 * What a device that is passed through did not send SCST takes off the length, unless
 * the device sent nothing: then the length is the whole, and what lies in the buffer is
 * not this initiator's to see.
 */
static bool mpt_scst_sent_nothing(struct scst_cmd *cmd)
{
	u8 status = scst_cmd_get_status(cmd);

	if (status == SAM_STAT_GOOD || !cmd->dev->scsi_dev ||
	    scst_cmd_get_resp_data_len(cmd) < scst_cmd_get_bufflen(cmd))
		return false;
	return status != SAM_STAT_CHECK_CONDITION ||
	       !mpt_sense_of_done(scst_cmd_get_sense_buffer(cmd),
				  scst_cmd_get_sense_buffer_len(cmd));
}

/*
 * An engine moves what it has.  For a logical unit that is not there SCST moves its
 * answer even if the CDB asks for less, or for nothing.
 */
static u32 mpt_scst_asked_for(struct scst_cmd *cmd, u32 length)
{
	u32 most;

	if (cmd->dev)
		return mpt_scst_sent_nothing(cmd) ? 0 : length;
	mpt_command_expect(cmd->cdb, TYPE_DISK, 0, &most);
	return min(length, most);
}

int mpt_scst_xmit_response(struct scst_cmd *cmd)
{
	struct mpt_scst_command *scst = to_mpt_scst(cmd);
	struct mpt_response response = { .status = scst_cmd_get_status(cmd) };

	scst->answered = true;
	if (mpt_scst_silent(cmd)) {
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
		response.length = mpt_scst_asked_for(cmd, scst_cmd_get_adjusted_resp_data_len(cmd));
		response.sg = scst_cmd_get_sg(cmd);
		response.nents = scst_cmd_get_sg_cnt(cmd);
	}
	/* once it is sent, @cmd may be gone */
	if (mpt_command_send(scst->command, &response))
		/* the data cannot be mapped, and could not the next time */
		mpt_scst_check_condition(scst, HARDWARE_ERROR, 0x44);
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
 * meanwhile, then the next one in its memory is too young to be cancelled.
 */
void mpt_scst_on_timeout(struct scst_cmd *cmd)
{
	struct mpt_command *command = READ_ONCE(to_mpt_scst(cmd)->command);
	u8 opcode;

	if (!command)
		return;
	opcode = command->info.cdb[0];
	if (mpt_command_expire(command, mpt_scst_pending_seconds * HZ / 2))
		pr_warn_ratelimited("the card does not end a command (CDB %02xh); giving it up\n",
				    opcode);
}

/* Arrivals. */

static struct mpt_scst_command *mpt_scst_next_arrival(struct mpt_scst_target *target)
{
	struct mpt_scst_command *scst;

	spin_lock_irq(&target->lock);
	scst = list_first_entry_or_null(&target->arrivals, struct mpt_scst_command, link);
	if (scst)
		list_del_init(&scst->link);
	spin_unlock_irq(&target->lock);
	return scst;
}

/* A target's in their order, for functions are about what came before them. */
static void mpt_scst_arrival_work(struct work_struct *work)
{
	struct mpt_scst_target *target = container_of(work, struct mpt_scst_target, arrival);
	struct mpt_scst_command *scst;

	while ((scst = mpt_scst_next_arrival(target))) {
		if (scst->command->info.function)
			mpt_scst_give_function(scst);
		else
			mpt_scst_give_command(scst);
	}
}

/*
 * A command or a function.  Hard irq, where SCST cannot take them: it answers for a
 * logical unit that is not there at once, and that takes locks meant for softirqs.
 */
static void mpt_scst_take(struct mpt_command *command)
{
	struct mpt_scst_target *target = mpt_address_private(command->nexus->address);
	struct mpt_scst_command *scst = command->engine_private;
	unsigned long flags;

	scst->command = command;
	INIT_WORK(&scst->work, mpt_scst_abort_work);
	spin_lock_irqsave(&target->lock, flags);
	list_add_tail(&scst->link, &target->arrivals);
	spin_unlock_irqrestore(&target->lock, flags);
	queue_work(mpt_scst_workqueue, &target->arrival);
}

/* Sessions. */

static int mpt_scst_nexus_arrived(struct mpt_nexus *nexus)
{
	struct mpt_scst_target *target = mpt_address_private(nexus->address);
	struct mpt_scst_initiator *initiator = &target->initiators[nexus->initiator_id];
	struct scst_session *session;
	char name[MPT_SCST_NAME_SIZE];

	mpt_scst_name(&target->name, nexus->initiator_id, name);
	initiator->nexus = nexus;
	nexus->engine_private = initiator;
	session = scst_register_session(target->tgt, SCST_NON_ATOMIC, name, initiator, NULL, NULL);
	if (!session)
		return -ENOMEM;
	spin_lock_irq(&target->lock);
	initiator->session = session;
	spin_unlock_irq(&target->lock);
	return 0;
}

/*
 * SCST aborts what it still has of this session.  It must not be given anything more,
 * neither what has arrived nor the next of the tasks that a function aborts.
 */
static void mpt_scst_nexus_lost(struct mpt_nexus *nexus)
{
	struct mpt_scst_initiator *initiator = nexus->engine_private;
	struct mpt_scst_target *target = initiator->target;
	struct scst_session *session = initiator->session;

	flush_work(&target->arrival);
	spin_lock_irq(&target->lock);
	initiator->session = NULL;
	spin_unlock_irq(&target->lock);
	scst_unregister_session(session, 1, NULL);
}

static void mpt_scst_close_work(struct work_struct *work)
{
	struct mpt_scst_initiator *initiator = container_of(work, struct mpt_scst_initiator,
							    close);

	mpt_nexus_close(&initiator->target->address, initiator->nexus);
}

/*
 * SCST may hold its mutex, so the end cannot be waited for here.  Not on our queue: the
 * end waits for what is there.
 */
int mpt_scst_close_session(struct scst_session *session)
{
	struct mpt_scst_initiator *initiator = scst_sess_get_tgt_priv(session);

	queue_work(system_unbound_wq, &initiator->close);
	return 0;
}

void mpt_scst_target_init(struct mpt_scst_target *target)
{
	struct mpt_scst_initiator *initiator;

	mutex_init(&target->mutex);
	spin_lock_init(&target->lock);
	INIT_LIST_HEAD(&target->arrivals);
	INIT_WORK(&target->arrival, mpt_scst_arrival_work);
	for (initiator = target->initiators; initiator < target->initiators + MPT_MAX_IDS;
	     initiator++) {
		initiator->target = target;
		init_completion(&initiator->reset);
		INIT_WORK(&initiator->close, mpt_scst_close_work);
	}
}

/* No command is left, but what has worked on the last may still run. */
void mpt_scst_target_flush(struct mpt_scst_target *target)
{
	unsigned int id;

	flush_work(&target->arrival);
	for (id = 0; id < MPT_MAX_IDS; id++)
		flush_work(&target->initiators[id].close);
}

const struct mpt_engine mpt_scst_engine = {
	.name		= "scst",
	.command_size	= sizeof(struct mpt_scst_command),
	.stops_others	= true,
	.nexus_arrived	= mpt_scst_nexus_arrived,
	.bus_reset	= mpt_scst_bus_reset,
	.nexus_lost	= mpt_scst_nexus_lost,
	.command	= mpt_scst_take,
	.function	= mpt_scst_take,
	.data_received	= mpt_scst_data_received,
	.done		= mpt_scst_done,
};
