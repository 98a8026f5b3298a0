// SPDX-License-Identifier: GPL-2.0-only
/* A port's addresses: their names, enabling and disabling. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#include "internal.h"

/*
 * Serialises enabling, disabling and removal, and with them the engines'
 * variables that point to addresses.  Outside adapter->mutex.
 */
static DEFINE_MUTEX(mpt_addresses_mutex);

/* NAA 3h, locally assigned: 20 bits of ours, domain, bus, devfn, initiator flag and ID. */
#define MPT_NAA_PREFIX		0x34d505ULL
#define MPT_NAA_INITIATOR	0x80

static int mpt_address_parse_naa(const char *text, struct mpt_address_name *name)
{
	u64 naa;

	if (strlen(text) != 20 || kstrtoull(text + 4, 16, &naa) || naa >> 40 != MPT_NAA_PREFIX ||
	    (naa & 0xff) >= MPT_MAX_IDS)
		return -EINVAL;
	name->domain = (naa >> 24) & 0xffff;
	name->bus = (naa >> 16) & 0xff;
	name->devfn = (naa >> 8) & 0xff;
	name->id = naa & 0xff;
	return 0;
}

int mpt_address_parse(const char *text, struct mpt_address_name *name)
{
	unsigned int domain, bus, device, function, id;
	char end;

	if (!strncmp(text, "naa.", 4))
		return mpt_address_parse_naa(text, name);
	if (sscanf(text, "spi.%x:%x:%x.%x.%u%c", &domain, &bus, &device, &function, &id,
		   &end) != 5 ||
	    domain > INT_MAX || bus > 0xff || device > 0x1f || function > 7 || id >= MPT_MAX_IDS)
		return -EINVAL;
	name->domain = domain;
	name->bus = bus;
	name->devfn = PCI_DEVFN(device, function);
	name->id = id;
	return 0;
}
EXPORT_SYMBOL_GPL(mpt_address_parse);

void mpt_address_naa(const struct mpt_address_name *name, int initiator, char naa[MPT_NAA_SIZE])
{
	u64 value = MPT_NAA_PREFIX << 40 | (u64)(name->domain & 0xffff) << 24 |
		    name->bus << 16 | name->devfn << 8;

	value |= initiator < 0 ? name->id : MPT_NAA_INITIATOR | initiator;
	snprintf(naa, MPT_NAA_SIZE, "naa.%016llx", value);
}
EXPORT_SYMBOL_GPL(mpt_address_naa);

void *mpt_address_private(const struct mpt_address *address)
{
	return address->engine_private;
}
EXPORT_SYMBOL_GPL(mpt_address_private);

const struct mpt_address_name *mpt_address_name(const struct mpt_address *address)
{
	return &address->name;
}
EXPORT_SYMBOL_GPL(mpt_address_name);

/* adapter->mutex held.  The reason for a refusal goes to the log. */
static int mpt_adapter_check(struct mpt_adapter *adapter, const struct mpt_address_name *name,
			     const struct mpt_engine *engine)
{
	struct pci_dev *pdev = adapter->pdev;

	if (adapter->removing) {
		mpt_err(pdev, "refused: the adapter is being removed\n");
		return -ENODEV;
	}
	if (!mpt_adapter_is_target(adapter)) {
		mpt_err(pdev, "refused: this port has no target role; it needs a firmware whose Capabilities line in dmesg names Target\n");
		return -EOPNOTSUPP;
	}
	if (!adapter->ioc->active) {
		mpt_err(pdev, "refused: the card is not operational\n");
		return -EIO;
	}
	if (adapter->engine && adapter->engine != engine) {
		mpt_err(pdev, "refused: engine %s has enabled this adapter; disable its targets there first\n",
			adapter->engine->name);
		return -EBUSY;
	}
	if (adapter->ids & BIT(name->id)) {
		mpt_err(pdev, "refused: ID %u is enabled already, by another target or under its other name\n",
			name->id);
		return -EBUSY;
	}
	return 0;
}

int mpt_adapter_port_enable(struct mpt_adapter *adapter)
{
	struct mpt_message_reply reply;
	u8 message[32];
	int ret = mpt_message_port_enable(message, sizeof(message), 0);

	ret = mpt_management_call(adapter, message, ret, false, 60, &reply);
	if (!ret && reply.ioc_status)
		ret = -EIO;
	if (ret)
		mpt_err(adapter->pdev, "PortEnable failed: %d, IOCStatus %04xh\n", ret,
			ret == -EIO ? reply.ioc_status : 0);
	return ret;
}

/*
 * The first address: settings, then command buffers, then the port, as the
 * vendor's sample does; only then is any ID answered.
 */
static int mpt_adapter_start(struct mpt_adapter *adapter, const struct mpt_engine *engine)
{
	int ret;

	adapter->engine = engine;
	ret = mpt_slots_create(adapter);
	if (ret)
		goto forget;
	ret = mpt_parallel.prepare(adapter);
	if (ret)
		goto destroy;
	mpt_slots_post_all(adapter);
	ret = mpt_adapter_port_enable(adapter);
	if (!ret)
		return 0;
	mpt_slots_take_back(adapter);
destroy:
	mpt_slots_destroy(adapter);
forget:
	adapter->engine = NULL;
	return ret;
}

static void mpt_adapter_stop(struct mpt_adapter *adapter)
{
	mpt_slots_take_back(adapter);
	flush_work(&adapter->abort_work);	/* it may look at what it has aborted */
	mpt_slots_destroy(adapter);
	adapter->engine = NULL;
}

/* How often is told what is waited for. */
#define MPT_WAITING_PERIOD	(10 * HZ)

static void mpt_address_waiting(const struct mpt_address *address)
{
	mpt_warn(address->adapter->pdev, "ID %u: waiting for engine %s, which holds commands\n",
		 address->name.id, address->engine->name);
}

/* The engine itself waits: until mpt_nexus_close() stops this. */
static void mpt_address_waiting_work(struct work_struct *work)
{
	struct mpt_address *address = container_of(work, struct mpt_address, waiting_work.work);

	mpt_address_waiting(address);
	queue_delayed_work(mpt_target_workqueue, &address->waiting_work, MPT_WAITING_PERIOD);
}

/* A bus reset waits for what the engine holds. */
static void mpt_address_await_reset(struct mpt_adapter *adapter, struct mpt_address *address)
{
	while (!wait_event_timeout(adapter->changed, !READ_ONCE(address->resetting),
				   MPT_WAITING_PERIOD))
		mpt_address_waiting(address);
	flush_work(&address->reset_work);
}

/*
 * Commands in work end by themselves; after a while they are cancelled, and when
 * that does not help the card is made to forget them.  What the engine holds can
 * only be waited for.
 */
static void mpt_address_drain(struct mpt_adapter *adapter, struct mpt_address *address)
{
	unsigned int round;

	for (round = 0; ; round++) {
		if (wait_event_timeout(adapter->changed, !mpt_slots_busy(adapter, address),
				       round ? MPT_WAITING_PERIOD : 5 * HZ))
			return;
		if (round == 3 && adapter->ioc->active) {
			mpt_err(adapter->pdev, "ID %u: commands do not end; resetting the card\n",
				address->name.id);
			mpt_HardResetHandler(adapter->ioc, CAN_SLEEP);
		} else if (round > 3) {
			mpt_address_waiting(address);
		} else {
			mpt_slots_abort(adapter, address);
		}
	}
}

/* adapter->mutex held. */
static void mpt_address_remember(const struct mpt_address *address)
{
	struct mpt_adapter *adapter = address->adapter;
	u8 id = address->name.id;
	unsigned int initiator;

	adapter->remembered[id].inquiry = adapter->inquiry;
	for (initiator = 0; initiator < MPT_MAX_IDS; initiator++)
		adapter->remembered[id].used[initiator] = address->nexus[initiator].used;
}

/* Initiators may have seen other INQUIRY data before.  adapter->mutex held. */
static void mpt_address_recall(struct mpt_address *address)
{
	struct mpt_adapter *adapter = address->adapter;
	u8 id = address->name.id;
	unsigned int initiator;

	for (initiator = 0; initiator < MPT_MAX_IDS; initiator++)
		address->nexus[initiator].used = adapter->remembered[id].used[initiator];
	if (memcmp(&adapter->remembered[id].inquiry, &adapter->inquiry, sizeof(adapter->inquiry)))
		mpt_attention_raise(address, U64_MAX, MPT_ATTENTION_INQUIRY_CHANGED);
}

/* The address answers no selection any more: nothing of it is left after this. */
static void mpt_address_close(struct mpt_adapter *adapter, struct mpt_address *address)
{
	unsigned long flags;

	RCU_INIT_POINTER(adapter->addresses[address->name.id], NULL);
	synchronize_rcu();		/* who comes now finds nobody and is told BUSY */
	mpt_address_await_reset(adapter, address);
	spin_lock_irqsave(&adapter->lock, flags);
	address->closing = true;
	mpt_allegiance_unending(adapter);
	spin_unlock_irqrestore(&adapter->lock, flags);
	queue_work(mpt_target_workqueue, &address->function_work);
	mpt_address_drain(adapter, address);
	flush_work(&address->function_work);
	mpt_nexus_close_all(address);
	mpt_address_remember(address);
}

static int mpt_address_start(struct mpt_adapter *adapter, struct mpt_address *address)
{
	u8 id = address->name.id;
	u16 ids = adapter->ids;
	int ret = 0;

	if (!ids)
		ret = mpt_adapter_start(adapter, address->engine);
	if (ret)
		return ret;
	mpt_address_recall(address);
	rcu_assign_pointer(adapter->addresses[id], address);
	ret = mpt_parallel.set_ids(adapter, ids | BIT(id));
	if (!ret) {
		adapter->ids = ids | BIT(id);
		return 0;
	}
	/* the card may have taken the page all the same */
	mpt_parallel.set_ids(adapter, ids);
	mpt_address_close(adapter, address);
	if (!ids)
		mpt_adapter_stop(adapter);
	return ret;
}

static struct mpt_address *mpt_address_new(struct mpt_adapter *adapter,
					   const struct mpt_address_name *name,
					   const struct mpt_engine *engine, void *engine_private)
{
	struct mpt_address *address = kzalloc(sizeof(*address), GFP_KERNEL);

	if (!address)
		return NULL;
	address->adapter = adapter;
	address->name = *name;
	address->engine = engine;
	address->engine_private = engine_private;
	INIT_WORK(&address->reset_work, mpt_nexus_reset);
	INIT_WORK(&address->function_work, mpt_nexus_go_on);
	INIT_DELAYED_WORK(&address->waiting_work, mpt_address_waiting_work);
	mpt_nexus_init(address);
	return address;
}

int mpt_address_enable(const struct mpt_address_name *name, const struct mpt_engine *engine,
		       void *engine_private, struct mpt_address **holder)
{
	struct mpt_adapter *adapter = mpt_adapter_get(name->domain, name->bus, name->devfn);
	struct mpt_address *address;
	int ret;

	if (!adapter) {
		pr_err("refused: no Fusion-MPT adapter at %04x:%02x:%02x.%x; bind the card: echo mpt_target > /sys/bus/pci/devices/<address>/driver_override, then echo <address> > /sys/bus/pci/drivers_probe\n",
		       name->domain, name->bus, PCI_SLOT(name->devfn), PCI_FUNC(name->devfn));
		return -ENODEV;
	}
	address = mpt_address_new(adapter, name, engine, engine_private);
	if (!address) {
		ret = -ENOMEM;
		goto put;
	}
	mutex_lock(&mpt_addresses_mutex);
	mutex_lock(&adapter->mutex);
	ret = mpt_adapter_check(adapter, name, engine);
	if (!ret)
		ret = mpt_address_start(adapter, address);
	if (!ret) {
		address->holder = holder;
		*holder = address;
	}
	mutex_unlock(&adapter->mutex);
	mutex_unlock(&mpt_addresses_mutex);
	if (!ret)
		return 0;
	kfree(address);
put:
	mpt_adapter_put(adapter);
	return ret;
}
EXPORT_SYMBOL_GPL(mpt_address_enable);

/* mpt_addresses_mutex held. */
static void mpt_address_end(struct mpt_address *address)
{
	struct mpt_adapter *adapter = address->adapter;
	u8 id = address->name.id;

	mutex_lock(&adapter->mutex);
	adapter->ids &= ~BIT(id);
	if (mpt_parallel.set_ids(adapter, adapter->ids) && adapter->ioc->active)
		mpt_err(adapter->pdev, "ID %u may still answer selection: the card took no settings\n",
			id);
	mpt_address_close(adapter, address);
	if (!adapter->ids)
		mpt_adapter_stop(adapter);
	mutex_unlock(&adapter->mutex);
	*address->holder = NULL;
	mpt_adapter_put(adapter);
	kfree(address);
}

void mpt_address_disable(struct mpt_address **holder)
{
	mutex_lock(&mpt_addresses_mutex);
	if (*holder)
		mpt_address_end(*holder);
	mutex_unlock(&mpt_addresses_mutex);
}
EXPORT_SYMBOL_GPL(mpt_address_disable);

/* The adapter goes away while it is enabled. */
void mpt_addresses_end(struct mpt_adapter *adapter)
{
	struct mpt_address *address;
	unsigned int id;

	mutex_lock(&mpt_addresses_mutex);
	mutex_lock(&adapter->mutex);
	adapter->removing = true;
	mutex_unlock(&adapter->mutex);
	for (id = 0; id < MPT_MAX_IDS; id++) {
		address = rcu_dereference_protected(adapter->addresses[id],
						    lockdep_is_held(&mpt_addresses_mutex));
		if (!address)
			continue;
		mpt_warn(adapter->pdev, "ID %u ends with its adapter; once the card is back, disable and enable the target\n",
			 id);
		mpt_address_end(address);
	}
	mutex_unlock(&mpt_addresses_mutex);
}

/* mpt_addresses_mutex held: nothing else is enabled or disabled meanwhile. */
static void mpt_nexus_end_telling(struct mpt_nexus *nexus)
{
	struct delayed_work *waiting = &nexus->address->waiting_work;

	queue_delayed_work(mpt_target_workqueue, waiting, MPT_WAITING_PERIOD);
	mpt_nexus_end(nexus);
	cancel_delayed_work_sync(waiting);
}

void mpt_nexus_close(struct mpt_address **holder, struct mpt_nexus *nexus)
{
	unsigned int id;

	mutex_lock(&mpt_addresses_mutex);
	/* compare first: what @nexus points to may be gone */
	for (id = 0; *holder && id < MPT_MAX_IDS; id++)
		if (nexus == &(*holder)->nexus[id].nexus)
			mpt_nexus_end_telling(nexus);
	mutex_unlock(&mpt_addresses_mutex);
}
EXPORT_SYMBOL_GPL(mpt_nexus_close);

void mpt_address_retry(struct mpt_address **holder)
{
	mutex_lock(&mpt_addresses_mutex);
	if (*holder)
		mpt_nexus_retry(*holder);
	mutex_unlock(&mpt_addresses_mutex);
}
EXPORT_SYMBOL_GPL(mpt_address_retry);
