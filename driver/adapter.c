// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adapters (IOCs): how they come to us, what mptbase tells us of them, how they
 * go.  Two ways to own one: beside the stock initiator driver, through
 * mptbase's device hooks; or alone, through our own pci_driver, to which only
 * driver_override binds a device.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/utsname.h>

#include "internal.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

u8 mpt_target_context = MPT_MAX_PROTOCOL_DRIVERS;
struct workqueue_struct *mpt_target_workqueue;
struct workqueue_struct *mpt_adapter_workqueue;

static LIST_HEAD(mpt_adapters);		/* RCU; writers hold both mutexes */
static DEFINE_MUTEX(mpt_adapters_mutex);

static LIST_HEAD(mpt_watchers);
static DEFINE_MUTEX(mpt_watchers_mutex);	/* outside mpt_adapters_mutex */

static char *queuing = "untagged";
module_param(queuing, charp, 0444);
MODULE_PARM_DESC(queuing, "parallel SCSI: 'untagged' (default) or 'tagged' (experimental: no evidence from silicon)");

bool mpt_adapter_tagged_default(void)
{
	return !strcmp(queuing, "tagged");
}

struct mpt_adapter *mpt_adapter_of(MPT_ADAPTER *ioc)
{
	struct mpt_adapter *adapter;

	list_for_each_entry_rcu(adapter, &mpt_adapters, list)
		if (adapter->ioc == ioc)
			return adapter;
	return NULL;
}

struct mpt_adapter *mpt_adapter_get(int domain, u8 bus, u8 devfn)
{
	struct mpt_adapter *adapter, *found = NULL;

	mutex_lock(&mpt_adapters_mutex);
	list_for_each_entry(adapter, &mpt_adapters, list) {
		if (pci_domain_nr(adapter->pdev->bus) == domain &&
		    adapter->pdev->bus->number == bus && adapter->pdev->devfn == devfn) {
			kref_get(&adapter->refs);
			found = adapter;
			break;
		}
	}
	mutex_unlock(&mpt_adapters_mutex);
	return found;
}

static void mpt_adapter_free(struct kref *refs)
{
	struct mpt_adapter *adapter = container_of(refs, struct mpt_adapter, refs);

	pci_dev_put(adapter->pdev);
	kfree(adapter);
}

void mpt_adapter_hold(struct mpt_adapter *adapter)
{
	kref_get(&adapter->refs);
}

void mpt_adapter_put(struct mpt_adapter *adapter)
{
	kref_put(&adapter->refs, mpt_adapter_free);
}

/*
 * Hard irq.  @frame is NULL for a context reply, and @reply then is the word
 * itself.  Always 0: we free our request frames ourselves, after checking that
 * the one the card names is ours.
 */
static int mpt_target_reply(MPT_ADAPTER *ioc, MPT_FRAME_HDR *frame, MPT_FRAME_HDR *reply)
{
	struct mpt_adapter *adapter;

	rcu_read_lock();
	adapter = mpt_adapter_of(ioc);
	/* a frame without a reply: context reply to an initiator's request */
	if (!adapter || (frame && !reply))
		pr_warn_ratelimited("%s: ignored a reply that is not ours\n", ioc->name);
	else if (!frame)
		mpt_command_context(adapter, CAST_PTR_TO_U32(reply));
	else
		mpt_command_reply(adapter, reply);
	rcu_read_unlock();
	return 0;
}

/* Hard irq, for every IOC and event. */
static int mpt_target_event(MPT_ADAPTER *ioc, EventNotificationReply_t *event)
{
	struct mpt_adapter *adapter;
	u8 code = le32_to_cpu((__force __le32)event->Event) & 0xff;

	if (code != MPI_EVENT_EXT_BUS_RESET && code != MPI_EVENT_IOC_BUS_RESET)
		return 1;
	rcu_read_lock();
	adapter = mpt_adapter_of(ioc);
	if (adapter)
		mpt_task_bus_reset(adapter);
	if (adapter && adapter->shared)
		mpt_shared_watch(adapter, 0);
	rcu_read_unlock();
	return 1;
}

/* Process context, but mptbase's interface allows atomic callers: do not sleep. */
static int mpt_target_reset(MPT_ADAPTER *ioc, int phase)
{
	struct mpt_adapter *adapter;

	rcu_read_lock();
	adapter = mpt_adapter_of(ioc);
	/* a reset that failed early has no PRE phase */
	if (adapter && (phase == MPT_IOC_PRE_RESET ||
			(phase == MPT_IOC_POST_RESET && !ioc->active)))
		mpt_slots_reset(adapter);
	else if (adapter && phase == MPT_IOC_POST_RESET)
		queue_work(mpt_adapter_workqueue, &adapter->online_work);
	rcu_read_unlock();
	return 1;
}

/*
 * SGE_size is the last member of MPT_ADAPTER, and its value follows from the
 * one before: a cheap proof that mptbase was built with the headers we have.
 * modversions do not protect us, its CRCs come from Module.symvers.
 */
static bool mpt_adapter_layout_ok(const struct pci_dev *pdev, const MPT_ADAPTER *ioc)
{
	return ioc->pcidev == pdev && (ioc->sg_addr_size == 4 || ioc->sg_addr_size == 8) &&
	       ioc->SGE_size == sizeof(u32) + ioc->sg_addr_size;
}

/* Stock mptbase calls this without a check when the IOC is dead and no Scsi_Host exists. */
static void mpt_adapter_dead(MPT_SCSI_HOST *host)
{
	pr_err("the card does not answer any more; its targets are gone until it is reset or replaced\n");
}

static void mpt_adapter_online(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, online_work);

	mutex_lock(&adapter->mutex);
	if (adapter->ids && !adapter->removing) {
		if (mpt_parallel.set_ids(adapter, 0) || mpt_parallel.prepare(adapter))
			mpt_err(adapter->pdev, "settings lost by the reset could not be written; disable and enable the target\n");
		mpt_slots_post_all(adapter);
		if (mpt_adapter_port_enable(adapter) || mpt_parallel.set_ids(adapter, adapter->ids))
			mpt_err(adapter->pdev, "did not come back after the reset; disable and enable the target\n");
	}
	mutex_unlock(&adapter->mutex);
}

bool mpt_adapter_is_target(const struct mpt_adapter *adapter)
{
	return adapter->ioc->pfacts[0].ProtocolFlags & MPI_PORTFACTS_PROTOCOL_TARGET;
}

static bool mpt_adapter_is_initiator(const struct mpt_adapter *adapter)
{
	return adapter->ioc->pfacts[0].ProtocolFlags & MPI_PORTFACTS_PROTOCOL_INITIATOR;
}

/* One line for each adapter. */
static void mpt_adapter_describe(struct mpt_adapter *adapter)
{
	const MPT_ADAPTER *ioc = adapter->ioc;
	const PortFactsReply_t *port = &ioc->pfacts[0];
	u32 fw = ioc->facts.FWVersion.Word;
	char version[16];

	snprintf(version, sizeof(version), "%u.%02u.%02u.%02u", fw >> 24, (fw >> 16) & 0xff,
		 (fw >> 8) & 0xff, fw & 0xff);
	if (!mpt_adapter_is_target(adapter)) {
		mpt_info(adapter->pdev, "%s, firmware %s: no target role\n",
			 ioc->prod_name ?: "Fusion-MPT", version);
		return;
	}
	mpt_info(adapter->pdev, "%s, firmware %s, target%s, up to %u command buffers, queuing %s%s\n",
		 ioc->prod_name ?: "Fusion-MPT", version,
		 mpt_adapter_is_initiator(adapter) ? " and initiator" : "",
		 port->MaxPostedCmdBuffers, adapter->tagged ? "tagged (experimental)" : "untagged",
		 adapter->quirks && adapter->quirks->why ? adapter->quirks->why : "");
	mpt_quirks_announce(adapter);
}

static struct pci_driver mpt_target_pci_driver;

static struct mpt_adapter *mpt_adapter_new(struct pci_dev *pdev, MPT_ADAPTER *ioc)
{
	struct mpt_adapter *adapter = kzalloc(sizeof(*adapter), GFP_KERNEL);
	unsigned int id;

	if (!adapter)
		return NULL;
	adapter->pdev = pci_dev_get(pdev);
	adapter->ioc = ioc;
	adapter->tagged = mpt_adapter_tagged_default();
	adapter->shared = mpt_adapter_is_initiator(adapter) &&
			  pdev->dev.driver != &mpt_target_pci_driver.driver;
	kref_init(&adapter->refs);
	mutex_init(&adapter->mutex);
	spin_lock_init(&adapter->lock);
	INIT_LIST_HEAD(&adapter->arrived);
	INIT_LIST_HEAD(&adapter->idle);
	INIT_LIST_HEAD(&adapter->starved);
	INIT_LIST_HEAD(&adapter->waiting);
	init_waitqueue_head(&adapter->changed);
	INIT_LIST_HEAD(&adapter->doorbell);
	INIT_WORK(&adapter->abort_work, mpt_task_abort_work);
	INIT_WORK(&adapter->doorbell_work, mpt_command_doorbell);
	INIT_WORK(&adapter->online_work, mpt_adapter_online);
	INIT_DELAYED_WORK(&adapter->settings_work, mpt_shared_work);
	INIT_DELAYED_WORK(&adapter->patience_work, mpt_nexus_patience);
	mutex_init(&adapter->settings_mutex);
	mutex_init(&adapter->management.mutex);
	init_completion(&adapter->management.done);
	adapter->quirks = mpt_quirks_find(pdev->device, ioc->facts.FWVersion.Word);
	mpt_quirks_limits(adapter->quirks, ioc, &adapter->limits);
	adapter->negotiation.odd_length = mpt_quirks_odd_length();
	for (id = 0; id < ARRAY_SIZE(adapter->negotiation.asked); id++)
		adapter->negotiation.asked[id] = mpt_transfer_max;
	mpt_settings_recall(adapter);
	return adapter;
}

void mpt_adapter_name(const struct mpt_adapter *adapter, u8 id, struct mpt_address_name *name)
{
	name->domain = pci_domain_nr(adapter->pdev->bus);
	name->bus = adapter->pdev->bus->number;
	name->devfn = adapter->pdev->devfn;
	name->id = id;
}

/* mpt_watchers_mutex held. */
static void mpt_watcher_tell(const struct mpt_watcher *watcher, const struct mpt_adapter *adapter,
			     bool here)
{
	struct mpt_address_name own;

	if (!mpt_adapter_is_target(adapter))
		return;
	mpt_adapter_name(adapter, adapter->own_id, &own);
	if (here)
		watcher->arrived(&own);
	else
		watcher->left(&own);
}

void mpt_adapters_watch(struct mpt_watcher *watcher)
{
	struct mpt_adapter *adapter;

	mutex_lock(&mpt_watchers_mutex);
	list_add_tail(&watcher->link, &mpt_watchers);
	list_for_each_entry(adapter, &mpt_adapters, list)
		mpt_watcher_tell(watcher, adapter, true);
	mutex_unlock(&mpt_watchers_mutex);
}
EXPORT_SYMBOL_GPL(mpt_adapters_watch);

void mpt_adapters_unwatch(struct mpt_watcher *watcher)
{
	mutex_lock(&mpt_watchers_mutex);
	list_del(&watcher->link);
	mutex_unlock(&mpt_watchers_mutex);
}
EXPORT_SYMBOL_GPL(mpt_adapters_unwatch);

/* Puts @adapter into the list of all, or takes it out. */
static void mpt_adapter_list(struct mpt_adapter *adapter, bool here)
{
	const struct mpt_watcher *watcher;

	mutex_lock(&mpt_watchers_mutex);
	mutex_lock(&mpt_adapters_mutex);
	if (here)
		list_add_tail_rcu(&adapter->list, &mpt_adapters);
	else
		list_del_rcu(&adapter->list);
	mutex_unlock(&mpt_adapters_mutex);
	list_for_each_entry(watcher, &mpt_watchers, link)
		mpt_watcher_tell(watcher, adapter, here);
	mutex_unlock(&mpt_watchers_mutex);
}

/* Called by mptbase for every IOC, at the end of mpt_attach() or when we are loaded. */
static int mpt_adapter_probe(struct pci_dev *pdev)
{
	MPT_ADAPTER *ioc = pci_get_drvdata(pdev);
	struct mpt_adapter *adapter;
	int ret;

	if (!mpt_adapter_layout_ok(pdev, ioc)) {
		mpt_err(pdev, "refused: this module was built with fusion headers that do not match the running mptbase; build it with the headers of kernel %s\n",
			init_utsname()->release);
		return -ENXIO;
	}
	if (ioc->pfacts[0].PortType != mpt_parallel.port_type) {
		mpt_info(pdev, "not served: only parallel SCSI adapters can be targets, this port is of type %02xh\n",
			 ioc->pfacts[0].PortType);
		return -ENODEV;
	}
	adapter = mpt_adapter_new(pdev, ioc);
	if (!adapter)
		return -ENOMEM;
	/* a failure is logged; enabling tries again, and the own ID is 0 then */
	if (mpt_adapter_is_target(adapter) && ioc->active &&
	    !mpt_parallel.capability(adapter))
		mpt_parallel.own_id(adapter);
	ret = mpt_directories_create(adapter);
	if (ret) {
		mpt_err(pdev, "no sysfs attributes: %d\n", ret);
		mpt_adapter_put(adapter);
		return ret;
	}
	mpt_adapter_list(adapter, true);
	if (!ioc->schedule_dead_ioc_flush_running_cmds)
		ioc->schedule_dead_ioc_flush_running_cmds = mpt_adapter_dead;
	mpt_adapter_describe(adapter);
	return 0;
}

/* Called by mptbase from mpt_detach(), or when we are unloaded: the IOC still works. */
static void mpt_adapter_remove(struct pci_dev *pdev)
{
	struct mpt_adapter *adapter = mpt_adapter_get(pci_domain_nr(pdev->bus), pdev->bus->number,
						      pdev->devfn);

	if (!adapter)
		return;
	mpt_directories_remove(adapter);
	mpt_addresses_end(adapter);
	mpt_settings_keep(adapter);
	mpt_parallel.restore(adapter);
	mpt_adapter_list(adapter, false);
	synchronize_rcu();		/* from here on nothing is queued */
	cancel_work_sync(&adapter->online_work);
	cancel_delayed_work_sync(&adapter->settings_work);
	cancel_delayed_work_sync(&adapter->patience_work);
	cancel_work_sync(&adapter->abort_work);
	cancel_work_sync(&adapter->doorbell_work);
	if (adapter->ioc->schedule_dead_ioc_flush_running_cmds == mpt_adapter_dead)
		adapter->ioc->schedule_dead_ioc_flush_running_cmds = NULL;
	mpt_adapter_put(adapter);	/* the list's */
	mpt_adapter_put(adapter);
}

static struct mpt_pci_driver mpt_target_hooks = {
	.probe	= mpt_adapter_probe,
	.remove	= mpt_adapter_remove,
};

/* What stock mptspi serves.  Not for others to see: they stay with it. */
static const struct pci_device_id mpt_target_parallel[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_LSI_LOGIC, MPI_MANUFACTPAGE_DEVID_53C1030) },
	{ PCI_DEVICE(PCI_VENDOR_ID_LSI_LOGIC, MPI_MANUFACTPAGE_DEVID_53C1035) },
	{ PCI_DEVICE(PCI_VENDOR_ID_ATTO, MPI_MANUFACTPAGE_DEVID_53C1030) },
	{ }
};

/* Our own pci_driver: owns the card alone, without a stock initiator driver. */
static int mpt_target_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct mpt_adapter *adapter;
	int ret;

	/* driver_override gives us whatever is at the address, and mpt_attach() looks at no ID */
	if (!pci_match_id(mpt_target_parallel, pdev)) {
		mpt_err(pdev, "refused: PCI device %04x:%04x is no Fusion-MPT parallel SCSI adapter; clear its driver_override\n",
			pdev->vendor, pdev->device);
		return -ENODEV;
	}
	ret = mpt_attach(pdev, id);
	if (ret)
		return ret;
	/* mpt_attach() ignores what our hook says */
	adapter = mpt_adapter_get(pci_domain_nr(pdev->bus), pdev->bus->number, pdev->devfn);
	if (!adapter) {
		mpt_err(pdev, "not taken, for the reason above\n");
		mpt_detach(pdev);
		return -ENXIO;
	}
	mpt_adapter_put(adapter);
	return 0;
}

/* The machine goes down: initiators see nobody; what a back end still does is not waited for. */
static void mpt_target_pci_shutdown(struct pci_dev *pdev)
{
	struct mpt_adapter *adapter;

	adapter = mpt_adapter_get(pci_domain_nr(pdev->bus), pdev->bus->number, pdev->devfn);
	if (!adapter)
		return;
	if (adapter->ids && mpt_parallel.set_ids(adapter, 0))
		mpt_err(pdev, "the card took no settings at shutdown\n");
	mpt_adapter_put(adapter);
}

static const struct pci_device_id mpt_target_ids[] = { { } };

static struct pci_driver mpt_target_pci_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= mpt_target_ids,
	.probe		= mpt_target_pci_probe,
	.remove		= mpt_detach,
	.shutdown	= mpt_target_pci_shutdown,
};

static int mpt_target_register(void)
{
	mpt_target_context = mpt_register(mpt_target_reply, MPTSTM_DRIVER, "mpt_target_reply");
	if (!mpt_target_context || mpt_target_context >= MPT_MAX_PROTOCOL_DRIVERS) {
		pr_err("mptbase has no free callback slot; unload mptlan or mptctl (blacklist mptlan to keep it out) and try again\n");
		return -EBUSY;
	}
	mpt_event_register(mpt_target_context, mpt_target_event);
	mpt_reset_register(mpt_target_context, mpt_target_reset);
	mpt_device_driver_register(&mpt_target_hooks, mpt_target_context);
	return 0;
}

static void mpt_target_unregister(void)
{
	MPT_ADAPTER *ioc;

	mpt_device_driver_deregister(mpt_target_context);
	mpt_reset_deregister(mpt_target_context);
	mpt_event_deregister(mpt_target_context);
	mpt_deregister(mpt_target_context);
	/* mptbase holds no reference on us: let interrupts that run drain */
	list_for_each_entry(ioc, &ioc_list, list)
		if (ioc->pci_irq > 0)
			synchronize_irq(ioc->pci_irq);
	mpt_settings_forget();
}

static int __init mpt_target_init(void)
{
	int ret;

	if (strcmp(queuing, "tagged") && strcmp(queuing, "untagged")) {
		pr_err("queuing=%s: must be 'untagged' or 'tagged'\n", queuing);
		return -EINVAL;
	}
	ret = mpt_quirks_init() ?: mpt_issue_init() ?: mpt_vendor_init();
	if (ret)
		return ret;
	mpt_target_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!mpt_target_workqueue)
		return -ENOMEM;
	ret = -ENOMEM;
	mpt_adapter_workqueue = alloc_workqueue("mpt_adapter", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!mpt_adapter_workqueue)
		goto destroy;
	ret = mpt_target_register();
	if (ret)
		goto destroy_adapters;
	ret = pci_register_driver(&mpt_target_pci_driver);
	if (ret)
		goto unregister;
	return 0;

unregister:
	pr_err("cannot register the PCI driver: %d\n", ret);
	mpt_target_unregister();
destroy_adapters:
	destroy_workqueue(mpt_adapter_workqueue);
destroy:
	destroy_workqueue(mpt_target_workqueue);
	return ret;
}

static void __exit mpt_target_exit(void)
{
	pci_unregister_driver(&mpt_target_pci_driver);
	mpt_target_unregister();
	destroy_workqueue(mpt_adapter_workqueue);
	destroy_workqueue(mpt_target_workqueue);
}

module_init(mpt_target_init);
module_exit(mpt_target_exit);
MODULE_DESCRIPTION("Fusion-MPT target mode: hardware half");
MODULE_LICENSE("GPL");
