// SPDX-License-Identifier: GPL-2.0-only
/* tcm_mpt: LIO's names, portal groups and attributes: /sys/kernel/config/target/mpt. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/configfs.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <scsi/scsi_proto.h>

#include "compat.h"
#include "engine_lio.h"

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
	init_completion(&tpg->reset_done);
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

	ret = lio_engine_init();
	if (ret)
		return ret;
	ret = target_register_template(&lio_ops);
	if (ret) {
		pr_err("LIO does not take the fabric \"mpt\": %d\n", ret);
		lio_engine_exit();
	}
	return ret;
}

static void __exit lio_exit(void)
{
	target_unregister_template(&lio_ops);
	lio_engine_exit();
}

module_init(lio_init);
module_exit(lio_exit);
MODULE_DESCRIPTION("Fusion-MPT target mode: LIO engine");
MODULE_ALIAS("target-mpt");
MODULE_LICENSE("GPL");
