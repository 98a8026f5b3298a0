// SPDX-License-Identifier: GPL-2.0-only
/*
 * mpt_scst: its targets.  Each adapter's own address is a hardware target, which is
 * there as soon as the adapter is; further ones are added and deleted by command.
 * They outlive the adapter, and with them their logical units and groups: a card
 * that comes back is only to be enabled.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "compat.h"
#include "engine_scst.h"

/* SPC's TransportID of parallel SCSI, and SPI-4 among version descriptors. */
#define MPT_SCST_TRANSPORT_ID_SIZE	24
#define MPT_SCST_VERSION_SPI_4		0x0b40

unsigned int mpt_scst_pending_seconds = 60;
module_param_named(pending_seconds, mpt_scst_pending_seconds, uint, 0444);
MODULE_PARM_DESC(pending_seconds, "how long the card may work on a command's data or status before it is given up (default 60)");

static LIST_HEAD(mpt_scst_targets);
static DEFINE_MUTEX(mpt_scst_targets_mutex);	/* outside SCST's */
static bool mpt_scst_leaving;			/* no more targets */
static struct scst_tgt_template mpt_scst_template;

void mpt_scst_name(const struct mpt_address_name *name, u8 id, char text[MPT_SCST_NAME_SIZE])
{
	snprintf(text, MPT_SCST_NAME_SIZE, "spi.%04x:%02x:%02x.%x.%u", name->domain, name->bus,
		 PCI_SLOT(name->devfn), PCI_FUNC(name->devfn), id);
}

/* mpt_scst_targets_mutex held.  NULL: there is none. */
static struct mpt_scst_target *mpt_scst_find(const char *text)
{
	struct mpt_scst_target *target;

	list_for_each_entry(target, &mpt_scst_targets, link)
		if (!strcmp(target->text, text))
			return target;
	return NULL;
}

/* mpt_scst_targets_mutex held. */
static int mpt_scst_create(const struct mpt_address_name *name, bool own)
{
	struct mpt_scst_target *target;

	if (mpt_scst_leaving)
		return -ESHUTDOWN;
	target = kzalloc(sizeof(*target), GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	target->name = *name;
	target->own = own;
	mpt_scst_name(name, name->id, target->text);
	mpt_scst_target_init(target);
	target->tgt = scst_register_target(&mpt_scst_template, target->text);
	if (!target->tgt) {
		pr_err("%s: SCST does not take the target\n", target->text);
		kfree(target);
		return -EINVAL;
	}
	scst_tgt_set_tgt_priv(target->tgt, target);
	list_add_tail(&target->link, &mpt_scst_targets);
	return 0;
}

/*
 * All sessions end with the address.  What somebody has written to "enabled" may still
 * be on its way to us.
 */
static int mpt_scst_release(struct scst_tgt *tgt)
{
	struct mpt_scst_target *target = scst_tgt_get_tgt_priv(tgt);

	mutex_lock(&target->mutex);
	target->released = true;
	mpt_scst_mark(target, false);
	mpt_address_disable(&target->address);
	mutex_unlock(&target->mutex);
	return 0;
}

/*
 * The address ends first: SCST removes what sessions hang from before it calls release(),
 * and an initiator that is heard meanwhile begins one.  mpt_scst_targets_mutex held.
 */
static void mpt_scst_destroy(struct mpt_scst_target *target)
{
	list_del(&target->link);
	mpt_scst_release(target->tgt);
	scst_unregister_target(target->tgt);
	mpt_scst_target_flush(target);
	kfree(target);
}

/* mpt_scst_targets_mutex held. */
static void mpt_scst_set_own(struct mpt_scst_target *target, bool own)
{
	mutex_lock(&target->mutex);
	target->own = own;
	mpt_scst_mark(target, READ_ONCE(target->address));
	mutex_unlock(&target->mutex);
}

static void mpt_scst_arrived(const struct mpt_address_name *own)
{
	struct mpt_scst_target *target;
	char text[MPT_SCST_NAME_SIZE];

	mpt_scst_name(own, own->id, text);
	mutex_lock(&mpt_scst_targets_mutex);
	target = mpt_scst_find(text);
	if (target)
		mpt_scst_set_own(target, true);
	else
		mpt_scst_create(own, true);	/* what fails is logged; it can be added */
	mutex_unlock(&mpt_scst_targets_mutex);
}

static void mpt_scst_left(const struct mpt_address_name *own)
{
	struct mpt_scst_target *target;
	char text[MPT_SCST_NAME_SIZE];

	mpt_scst_name(own, own->id, text);
	mutex_lock(&mpt_scst_targets_mutex);
	target = mpt_scst_find(text);
	if (target)
		mpt_scst_set_own(target, false);
	mutex_unlock(&mpt_scst_targets_mutex);
}

static struct mpt_watcher mpt_scst_watcher = {
	.arrived	= mpt_scst_arrived,
	.left		= mpt_scst_left,
};

static ssize_t mpt_scst_add_target(const char *text, char *parameters)
{
	struct mpt_address_name name;
	char proper[MPT_SCST_NAME_SIZE];
	int ret = -EINVAL;

	if (*parameters) {
		pr_err("refused: add_target takes a name and nothing else, not '%s'\n",
		       parameters);
		return ret;
	}
	if (!mpt_address_parse(text, &name)) {
		mpt_scst_name(&name, name.id, proper);
		if (!strcmp(proper, text))
			ret = 0;
	}
	if (ret) {
		pr_err("refused: '%s' is no target; write spi.<pci address>.<SCSI ID 0-15>, such as spi.0000:00:05.0.0\n",
		       text);
		return ret;
	}
	mutex_lock(&mpt_scst_targets_mutex);
	if (mpt_scst_find(text)) {
		pr_err("refused: target %s exists\n", text);
		ret = -EEXIST;
	} else {
		ret = mpt_scst_create(&name, false);
	}
	mutex_unlock(&mpt_scst_targets_mutex);
	return ret;
}

/* The adapter's own is there again, empty.  mpt_scst_targets_mutex held. */
static int mpt_scst_delete(struct mpt_scst_target *target)
{
	struct mpt_address_name name = target->name;
	bool own = target->own;

	mpt_scst_destroy(target);
	return own ? mpt_scst_create(&name, true) : 0;
}

static ssize_t mpt_scst_del_target(const char *text)
{
	struct mpt_scst_target *target;
	int ret = 0;

	mutex_lock(&mpt_scst_targets_mutex);
	target = mpt_scst_find(text);
	if (!target) {
		pr_err("refused: there is no target %s\n", text);
		ret = -ENOENT;
	} else if (target->own && READ_ONCE(target->address)) {
		pr_err("refused: %s is the adapter's own target; del_target empties it when it is disabled\n",
		       text);
		ret = -EBUSY;
	} else {
		ret = mpt_scst_delete(target);
	}
	mutex_unlock(&mpt_scst_targets_mutex);
	return ret;
}

static int mpt_scst_enable_target(struct scst_tgt *tgt, bool enable)
{
	struct mpt_scst_target *target = scst_tgt_get_tgt_priv(tgt);
	int ret = 0;

	if (!target)
		return -E_TGT_PRIV_NOT_YET_SET;
	mutex_lock(&target->mutex);
	if (!enable) {
		mpt_scst_mark(target, false);
		mpt_address_disable(&target->address);
	} else if (target->released) {
		ret = -ENODEV;
	} else if (!READ_ONCE(target->address)) {
		ret = mpt_address_enable(&target->name, &mpt_scst_engine, target,
					 &target->address);
		mpt_scst_mark(target, !ret);
	}
	mutex_unlock(&target->mutex);
	return ret;
}

static bool mpt_scst_is_target_enabled(struct scst_tgt *tgt)
{
	const struct mpt_scst_target *target = scst_tgt_get_tgt_priv(tgt);

	return target && READ_ONCE(target->address);
}

static int mpt_scst_transport_id(struct scst_tgt *tgt, struct scst_session *session,
				 uint8_t **transport_id)
{
	const struct mpt_scst_initiator *initiator;
	u8 *id;

	if (!session)
		return SCSI_TRANSPORTID_PROTOCOLID_SPI5;
	id = kzalloc(MPT_SCST_TRANSPORT_ID_SIZE, GFP_KERNEL);
	if (!id)
		return -ENOMEM;
	initiator = scst_sess_get_tgt_priv(session);
	id[0] = SCSI_TRANSPORTID_PROTOCOLID_SPI5;
	put_unaligned_be16(initiator - initiator->target->initiators, id + 2);
	put_unaligned_be16(tgt->rel_tgt_id, id + 6);
	*transport_id = id;
	return 0;
}

static uint16_t mpt_scst_scsi_version(struct scst_tgt *tgt)
{
	return MPT_SCST_VERSION_SPI_4;
}

/*
 * Callbacks for data and status never sleep.  sg_tablesize is no limit of the card:
 * mpt_target splits what is too long for one message.
 */
static struct scst_tgt_template mpt_scst_template = {
	.name				= KBUILD_MODNAME,
	.sg_tablesize			= 0xffff,
	.use_clustering			= 1,
	.xmit_response_atomic		= 1,
	.rdy_to_xfer_atomic		= 1,
	.xmit_response			= mpt_scst_xmit_response,
	.rdy_to_xfer			= mpt_scst_rdy_to_xfer,
	.on_free_cmd			= mpt_scst_on_free_cmd,
	.on_abort_cmd			= mpt_scst_on_abort_cmd,
	.on_hw_pending_cmd_timeout	= mpt_scst_on_timeout,
	.task_mgmt_fn_done		= mpt_scst_function_done,
	.close_session			= mpt_scst_close_session,
	.release			= mpt_scst_release,
	.enable_target			= mpt_scst_enable_target,
	.is_target_enabled		= mpt_scst_is_target_enabled,
	.add_target			= mpt_scst_add_target,
	.del_target			= mpt_scst_del_target,
	.get_initiator_port_transport_id = mpt_scst_transport_id,
	.get_scsi_transport_version	= mpt_scst_scsi_version,
	.tgtt_attrs			= mpt_scst_driver_attributes,
	.sess_attrs			= mpt_scst_session_attributes,
};

static int __init mpt_scst_register(void)
{
	int ret;

	mpt_scst_template.tgt_attrs = mpt_scst_attributes_create();
	if (!mpt_scst_template.tgt_attrs)
		return -ENOMEM;
	mpt_scst_template.max_hw_pending_time = mpt_scst_pending_seconds;
	ret = scst_register_target_template(&mpt_scst_template);
	if (ret) {
		pr_err("SCST does not take the target driver: %d; was it built with this SCST's headers?\n",
		       ret);
		mpt_scst_attributes_destroy();
	}
	return ret;
}

static int __init mpt_scst_init(void)
{
	int ret;

	if (!mpt_scst_pending_seconds || mpt_scst_pending_seconds > 3600) {
		pr_err("pending_seconds=%u: must be 1 to 3600\n",
		       mpt_scst_pending_seconds);
		return -EINVAL;
	}
	mpt_scst_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	if (!mpt_scst_workqueue)
		return -ENOMEM;
	ret = mpt_scst_register();
	if (ret) {
		destroy_workqueue(mpt_scst_workqueue);
		return ret;
	}
	mpt_adapters_watch(&mpt_scst_watcher);
	return 0;
}

static void __exit mpt_scst_exit(void)
{
	struct mpt_scst_target *target, *next;

	mpt_adapters_unwatch(&mpt_scst_watcher);
	mutex_lock(&mpt_scst_targets_mutex);
	mpt_scst_leaving = true;
	list_for_each_entry_safe(target, next, &mpt_scst_targets, link)
		mpt_scst_destroy(target);
	mutex_unlock(&mpt_scst_targets_mutex);
	scst_unregister_target_template(&mpt_scst_template);
	mpt_scst_attributes_destroy();
	destroy_workqueue(mpt_scst_workqueue);
}

module_init(mpt_scst_init);
module_exit(mpt_scst_exit);
MODULE_DESCRIPTION("Fusion-MPT target mode: SCST engine");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(SCST_NAMESPACE);
