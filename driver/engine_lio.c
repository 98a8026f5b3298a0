// SPDX-License-Identifier: GPL-2.0-only
/*
 * tcm_mpt: LIO fabric "mpt" on top of mpt_target.  Knows LIO, knows no MPI.
 *
 * References on a se_cmd: the core's; ours (TARGET_SCF_ACK_KREF), dropped in
 * done(); and one for each answer or data phase the card works on, so that
 * an abort by the core cannot free memory under the card's hands.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <scsi/scsi_common.h>
#include <scsi/scsi_proto.h>
#include <target/target_core_base.h>
#include <target/target_core_fabric.h>

#include "cdb.h"
#include "compat.h"
#include "mpt_target.h"

struct lio_wwn {
	struct se_wwn wwn;
	struct mpt_address_name name;
	char naa[MPT_NAA_SIZE];
};

struct lio_tpg {
	struct se_portal_group tpg;
	struct lio_wwn *wwn;
	u16 tag;
	struct mpt_address *address;		/* NULL: not enabled; mpt_target's to change */
	struct mutex session_mutex;	/* a target reset looks for its session between LUNs */
	/* configfs attributes */
	u32 generate_node_acls;
	u32 cache_dynamic_acls;
	u32 demo_mode_write_protect;
	u32 prod_mode_write_protect;
	u32 demo_mode_login_only;
};

/* In mpt_command.engine_private: zero when first seen. */
struct lio_command {
	struct se_cmd se;
	struct mpt_command *command;
	struct work_struct work;
	enum mpt_result result;			/* of the data phase */
	bool alone;				/* the core never got it: done() releases */
	bool more;				/* target reset: further logical units follow */
	u8 tm_type;
	u64 tm_lun;
	u8 sense[TRANSPORT_SENSE_BUFFER];
};

static struct workqueue_struct *lio_workqueue;

static struct lio_tpg *to_lio_tpg(struct se_portal_group *se_tpg)
{
	return container_of(se_tpg, struct lio_tpg, tpg);
}

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

/* ABORT TASK finds a task by (session, tag): an untagged one is known by its logical unit. */
static u64 lio_tag(const struct mpt_message_command *info, u64 lun)
{
	return info->attribute == MPT_UNTAGGED ? BIT_ULL(63) | lun : info->tag;
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
	enum dma_data_direction direction;
	u32 length;

	lio->command = command;
	if (!session) {
		lio_answer_alone(lio, SAM_STAT_BUSY);
		return;
	}
	lio->se.tag = lio_tag(info, lun);
	direction = mpt_cdb_expect(info->cdb, TYPE_DISK, 512, &length);
	if (target_init_cmd(&lio->se, session, lio->sense, lun, length,
			    lio_attribute(info->attribute), direction,
			    TARGET_SCF_ACK_KREF | TARGET_SCF_UNKNOWN_SIZE)) {
		lio_answer_alone(lio, SAM_STAT_BUSY);	/* the session is being closed */
		return;
	}
	if (target_submit_prep(&lio->se, command->info.cdb, NULL, 0, NULL, 0, NULL, 0, GFP_ATOMIC))
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

static int lio_write_pending(struct se_cmd *se)
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

static int lio_queue_data_in(struct se_cmd *se)
{
	return lio_send(se, se->t_data_sg, se->t_data_nents, se->data_length);
}

static int lio_queue_status(struct se_cmd *se)
{
	return lio_send(se, NULL, 0, 0);
}

static void lio_aborted_task(struct se_cmd *se)
{
	mpt_command_abort(to_lio_command(se)->command);
}

static int lio_check_stop_free(struct se_cmd *se)
{
	return target_put_sess_cmd(se);
}

/* Task management: LIO knows ABORT TASK and LOGICAL UNIT RESET. */

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

static void lio_function_failed(struct lio_command *lio, enum mpt_function_response response)
{
	lio->alone = true;
	mpt_function_done(lio->command, response);
}

static void lio_submit_function(struct lio_command *lio)
{
	const struct mpt_message_command *info = &lio->command->info;
	struct se_session *session = lio->command->nexus->engine_private;

	if (!session) {
		lio_function_failed(lio, MPT_FUNCTION_FAILED);
		return;
	}
	/* not the tag of a task that may be aborted */
	lio->se.tag = BIT_ULL(62) | info->tag;
	if (target_submit_tmr(&lio->se, session, lio->sense, lio->tm_lun, lio, lio->tm_type,
			      GFP_ATOMIC, lio_tag(info, lio->tm_lun), TARGET_SCF_ACK_KREF))
		lio_function_failed(lio, MPT_FUNCTION_FAILED);
}

static void lio_function_work(struct work_struct *work)
{
	struct lio_command *lio = container_of(work, struct lio_command, work);
	struct lio_tpg *tpg = mpt_address_private(lio->command->nexus->address);

	memset(&lio->se, 0, sizeof(lio->se));
	mutex_lock(&tpg->session_mutex);
	lio_submit_function(lio);
	mutex_unlock(&tpg->session_mutex);
}

/* Hard irq. */
static void lio_new_function(struct mpt_command *command)
{
	struct lio_command *lio = command->engine_private;
	struct se_session *session = command->nexus->engine_private;

	lio->command = command;
	lio->tm_lun = lio_lun(&command->info);
	if (!session) {
		lio_function_failed(lio, MPT_FUNCTION_FAILED);
		return;
	}
	switch (command->info.function) {
	case MPT_TM_ABORT_TASK:
		lio->tm_type = TMR_ABORT_TASK;
		break;
	case MPT_TM_ABORT_TASK_SET:
		/* the set of an untagged nexus is one task; of others LIO can only reset all */
		if (command->info.attribute != MPT_UNTAGGED) {
			lio_function_failed(lio, MPT_FUNCTION_NOT_SUPPORTED);
			return;
		}
		lio->tm_type = TMR_ABORT_TASK;
		break;
	case MPT_TM_CLEAR_TASK_SET:
	case MPT_TM_LOGICAL_UNIT_RESET:
		lio->tm_type = TMR_LUN_RESET;
		break;
	case MPT_TM_TARGET_RESET:
	case MPT_TM_BUS_RESET:
		lio->tm_type = TMR_LUN_RESET;
		lio->tm_lun = lio_next_lun(session, 0);
		lio->more = true;
		if (lio->tm_lun == U64_MAX) {
			lio_function_failed(lio, MPT_FUNCTION_COMPLETE);
			return;
		}
		break;
	default:
		lio_function_failed(lio, MPT_FUNCTION_NOT_SUPPORTED);
		return;
	}
	lio_submit_function(lio);
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

static void lio_queue_tm_rsp(struct se_cmd *se)
{
	struct lio_command *lio = to_lio_command(se);
	u64 next;

	if (lio->more && se->se_tmr_req->response == TMR_FUNCTION_COMPLETE) {
		next = lio_next_lun(se->se_sess, lio->tm_lun + 1);
		if (next != U64_MAX) {
			lio->tm_lun = next;
			target_put_sess_cmd(se);	/* release goes on with the next */
			return;
		}
	}
	lio->more = false;
	kref_get(&se->cmd_kref);
	mpt_function_done(lio->command, lio_function_response(se->se_tmr_req->response));
}

static void lio_release_cmd(struct se_cmd *se)
{
	struct lio_command *lio = to_lio_command(se);

	if (lio->more) {
		INIT_WORK(&lio->work, lio_function_work);
		queue_work(lio_workqueue, &lio->work);
	} else {
		mpt_command_release(lio->command);
	}
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
static void lio_close_session(struct se_session *session)
{
	mpt_nexus_close(&to_lio_tpg(session->se_tpg)->address, session->fabric_sess_ptr);
}

static const struct mpt_engine lio_engine = {
	.name		= "lio",
	.command_size	= sizeof(struct lio_command),
	.nexus_arrived	= lio_nexus_arrived,
	.nexus_lost	= lio_nexus_lost,
	.command	= lio_new_command,
	.function	= lio_new_function,
	.data_received	= lio_data_received,
	.done		= lio_done,
};

/* configfs: target/mpt/<name>/tpgt_<n>. */

static struct se_wwn *lio_make_wwn(struct target_fabric_configfs *fabric,
				   struct config_group *group, const char *name)
{
	struct lio_wwn *wwn = kzalloc(sizeof(*wwn), GFP_KERNEL);

	if (!wwn)
		return ERR_PTR(-ENOMEM);
	if (mpt_address_parse(name, &wwn->name)) {
		pr_err("refused: '%s' is no target; write spi.<pci address>.<SCSI ID 0-15>, such as spi.0000:00:05.0.0, or its naa.3... name from the adapter's mpt_target/names\n",
		       name);
		kfree(wwn);
		return ERR_PTR(-EINVAL);
	}
	mpt_address_naa(&wwn->name, -1, wwn->naa);
	return &wwn->wwn;
}

static void lio_drop_wwn(struct se_wwn *wwn)
{
	kfree(container_of(wwn, struct lio_wwn, wwn));
}

static struct se_portal_group *lio_make_tpg(struct se_wwn *wwn, const char *name)
{
	struct lio_tpg *tpg;
	u16 tag;
	int ret;

	if (strncmp(name, "tpgt_", 5) || kstrtou16(name + 5, 10, &tag)) {
		pr_err("refused: '%s' is no target portal group; write tpgt_<number>\n", name);
		return ERR_PTR(-EINVAL);
	}
	tpg = kzalloc(sizeof(*tpg), GFP_KERNEL);
	if (!tpg)
		return ERR_PTR(-ENOMEM);
	tpg->wwn = container_of(wwn, struct lio_wwn, wwn);
	tpg->tag = tag;
	mutex_init(&tpg->session_mutex);
	/* who is on the cable is meant to be there */
	tpg->generate_node_acls = 1;
	tpg->cache_dynamic_acls = 1;
	ret = core_tpg_register(wwn, &tpg->tpg, SCSI_PROTOCOL_SAS);
	if (ret) {
		kfree(tpg);
		return ERR_PTR(ret);
	}
	return &tpg->tpg;
}

static int lio_enable_tpg(struct se_portal_group *se_tpg, bool enable)
{
	struct lio_tpg *tpg = to_lio_tpg(se_tpg);

	if (enable)
		return mpt_address_enable(&tpg->wwn->name, &lio_engine, tpg, &tpg->address);
	mpt_address_disable(&tpg->address);
	return 0;
}

static void lio_drop_tpg(struct se_portal_group *se_tpg)
{
	struct lio_tpg *tpg = to_lio_tpg(se_tpg);

	mpt_address_disable(&tpg->address);
	core_tpg_deregister(se_tpg);
	kfree(tpg);
}

static int lio_init_nodeacl(struct se_node_acl *nacl, const char *name)
{
	struct lio_tpg *tpg = to_lio_tpg(nacl->se_tpg);
	char naa[MPT_NAA_SIZE];
	int id;

	for (id = 0; id < MPT_MAX_IDS; id++) {
		mpt_address_naa(&tpg->wwn->name, id, naa);
		if (!strcmp(name, naa)) {
			mpt_address_retry(&tpg->address);
			return 0;
		}
	}
	pr_err("refused: '%s' is no initiator of this bus; LIO knows it by its naa.3... name, see the adapter's mpt_target/names\n",
	       name);
	return -EINVAL;
}

#define LIO_TPG_ATTRIBUTE(name)								\
static ssize_t lio_tpg_attrib_##name##_show(struct config_item *item, char *page)	\
{											\
	return sysfs_emit(page, "%u\n", to_lio_tpg(attrib_to_tpg(item))->name);		\
}											\
static ssize_t lio_tpg_attrib_##name##_store(struct config_item *item, const char *page,	\
					     size_t count)				\
{											\
	bool value;									\
	int ret = kstrtobool(page, &value);						\
											\
	if (ret) {									\
		pr_err(#name ": must be 0 or 1\n");					\
		return ret;								\
	}										\
	to_lio_tpg(attrib_to_tpg(item))->name = value;					\
	mpt_address_retry(&to_lio_tpg(attrib_to_tpg(item))->address);			\
	return count;									\
}											\
CONFIGFS_ATTR(lio_tpg_attrib_, name)

LIO_TPG_ATTRIBUTE(generate_node_acls);
LIO_TPG_ATTRIBUTE(cache_dynamic_acls);
LIO_TPG_ATTRIBUTE(demo_mode_write_protect);
LIO_TPG_ATTRIBUTE(prod_mode_write_protect);
LIO_TPG_ATTRIBUTE(demo_mode_login_only);

static struct configfs_attribute *lio_tpg_attrib_attrs[] = {
	&lio_tpg_attrib_attr_generate_node_acls,
	&lio_tpg_attrib_attr_cache_dynamic_acls,
	&lio_tpg_attrib_attr_demo_mode_write_protect,
	&lio_tpg_attrib_attr_prod_mode_write_protect,
	&lio_tpg_attrib_attr_demo_mode_login_only,
	NULL,
};

static ssize_t lio_tpg_dynamic_sessions_show(struct config_item *item, char *page)
{
	return target_show_dynamic_sessions(to_tpg(item), page);
}
CONFIGFS_ATTR_RO(lio_tpg_, dynamic_sessions);

static ssize_t lio_tpg_port_name_show(struct config_item *item, char *page)
{
	return sysfs_emit(page, "%s\n", to_lio_tpg(to_tpg(item))->wwn->naa);
}
CONFIGFS_ATTR_RO(lio_tpg_, port_name);

static struct configfs_attribute *lio_tpg_base_attrs[] = {
	&lio_tpg_attr_dynamic_sessions,
	&lio_tpg_attr_port_name,
	NULL,
};

static char *lio_get_wwn(struct se_portal_group *se_tpg)
{
	return to_lio_tpg(se_tpg)->wwn->naa;
}

static u16 lio_get_tag(struct se_portal_group *se_tpg)
{
	return to_lio_tpg(se_tpg)->tag;
}

#define LIO_TPG_CHECK(check, field)					\
static int lio_check_##check(struct se_portal_group *se_tpg)		\
{									\
	return to_lio_tpg(se_tpg)->field;				\
}

LIO_TPG_CHECK(demo_mode, generate_node_acls)
LIO_TPG_CHECK(demo_mode_cache, cache_dynamic_acls)
LIO_TPG_CHECK(demo_mode_write_protect, demo_mode_write_protect)
LIO_TPG_CHECK(prod_mode_write_protect, prod_mode_write_protect)
LIO_TPG_CHECK(demo_mode_login_only, demo_mode_login_only)

/* Kernels before 6.2 insist on these. */
static u32 lio_inst_index(struct se_portal_group *se_tpg)
{
	return 1;
}

static u32 lio_session_index(struct se_session *session)
{
	return 0;
}

static void lio_default_node_attributes(struct se_node_acl *nacl)
{
}

static int lio_command_state(struct se_cmd *se)
{
	return 0;
}

static const struct target_core_fabric_ops lio_ops = {
	.module				= THIS_MODULE,
	.fabric_name			= "mpt",
	.tpg_get_wwn			= lio_get_wwn,
	.tpg_get_tag			= lio_get_tag,
	.tpg_check_demo_mode		= lio_check_demo_mode,
	.tpg_check_demo_mode_cache	= lio_check_demo_mode_cache,
	.tpg_check_demo_mode_write_protect = lio_check_demo_mode_write_protect,
	.tpg_check_prod_mode_write_protect = lio_check_prod_mode_write_protect,
	.tpg_check_demo_mode_login_only	= lio_check_demo_mode_login_only,
	.tpg_get_inst_index		= lio_inst_index,
	.sess_get_index			= lio_session_index,
	.set_default_node_attributes	= lio_default_node_attributes,
	.get_cmd_state			= lio_command_state,
	.fabric_init_nodeacl		= lio_init_nodeacl,
	.close_session			= lio_close_session,
	.check_stop_free		= lio_check_stop_free,
	.release_cmd			= lio_release_cmd,
	.write_pending			= lio_write_pending,
	.queue_data_in			= lio_queue_data_in,
	.queue_status			= lio_queue_status,
	.queue_tm_rsp			= lio_queue_tm_rsp,
	.aborted_task			= lio_aborted_task,
	.fabric_make_wwn		= lio_make_wwn,
	.fabric_drop_wwn		= lio_drop_wwn,
	.fabric_make_tpg		= lio_make_tpg,
	.fabric_enable_tpg		= lio_enable_tpg,
	.fabric_drop_tpg		= lio_drop_tpg,
	.tfc_tpg_base_attrs		= lio_tpg_base_attrs,
	.tfc_tpg_attrib_attrs		= lio_tpg_attrib_attrs,
	MPT_LIO_SUBMIT_TYPES
};

static int __init lio_init(void)
{
	int ret;

	lio_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!lio_workqueue)
		return -ENOMEM;
	ret = target_register_template(&lio_ops);
	if (ret) {
		pr_err("LIO does not take the fabric \"mpt\": %d\n", ret);
		destroy_workqueue(lio_workqueue);
	}
	return ret;
}

static void __exit lio_exit(void)
{
	target_unregister_template(&lio_ops);
	destroy_workqueue(lio_workqueue);
}

module_init(lio_init);
module_exit(lio_exit);
MODULE_DESCRIPTION("Fusion-MPT target mode: LIO engine");
MODULE_ALIAS("target-mpt");
MODULE_LICENSE("GPL");
