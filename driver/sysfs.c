// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/pci/devices/<address>/mpt_target/: what an adapter is and does, the
 * same for every engine.
 */
#include "internal.h"

/* The attributes' device may lose its adapter at any time: take a reference. */
static struct mpt_adapter *mpt_adapter_of_device(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	return mpt_adapter_get(pci_domain_nr(pdev->bus), pdev->bus->number, pdev->devfn);
}

static ssize_t role_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	u16 flags;

	if (!adapter)
		return -ENODEV;
	flags = adapter->ioc->pfacts[0].ProtocolFlags;
	mpt_adapter_put(adapter);
	flags &= MPI_PORTFACTS_PROTOCOL_TARGET | MPI_PORTFACTS_PROTOCOL_INITIATOR;
	return sysfs_emit(page, "%s\n", flags == MPI_PORTFACTS_PROTOCOL_TARGET ? "target" :
			  flags == MPI_PORTFACTS_PROTOCOL_INITIATOR ? "initiator" :
			  flags ? "both" : "none");
}
static DEVICE_ATTR_RO(role);

static ssize_t engine_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	ssize_t length;

	if (!adapter)
		return -ENODEV;
	mutex_lock(&adapter->mutex);
	length = sysfs_emit(page, "%s\n", adapter->engine ? adapter->engine->name : "none");
	mutex_unlock(&adapter->mutex);
	mpt_adapter_put(adapter);
	return length;
}
static DEVICE_ATTR_RO(engine);

static ssize_t ids_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	unsigned long ids;

	if (!adapter)
		return -ENODEV;
	ids = READ_ONCE(adapter->ids);
	mpt_adapter_put(adapter);
	return sysfs_emit(page, "%*pbl\n", MPT_MAX_IDS, &ids);
}
static DEVICE_ATTR_RO(ids);

static ssize_t queuing_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	bool tagged;

	if (!adapter)
		return -ENODEV;
	tagged = READ_ONCE(adapter->tagged);
	mpt_adapter_put(adapter);
	return sysfs_emit(page, "%s\n", tagged ? "tagged" : "untagged");
}

static ssize_t queuing_store(struct device *dev, struct device_attribute *attr, const char *text,
			     size_t count)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	ssize_t ret = count;

	if (!adapter)
		return -ENODEV;
	mutex_lock(&adapter->mutex);
	if (adapter->ids) {
		pci_err(adapter->pdev, "queuing cannot be changed while a target is enabled; disable it first\n");
		ret = -EBUSY;
	} else if (sysfs_streq(text, "tagged")) {
		pci_info(adapter->pdev, "tagged queuing is experimental: no evidence from silicon\n");
		adapter->tagged = true;
	} else if (sysfs_streq(text, "untagged")) {
		adapter->tagged = false;
	} else {
		pci_err(adapter->pdev, "queuing must be 'untagged' or 'tagged'\n");
		ret = -EINVAL;
	}
	mutex_unlock(&adapter->mutex);
	mpt_adapter_put(adapter);
	return ret;
}
static DEVICE_ATTR_RW(queuing);

/* How names of this bus are spelt for an engine that knows no parallel SCSI. */
static ssize_t names_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	struct mpt_address_name name = {
		.domain = pci_domain_nr(pdev->bus),
		.bus = pdev->bus->number,
		.devfn = pdev->devfn,
	};
	char naa[MPT_NAA_SIZE];
	ssize_t length = 0;
	int initiator;

	for (initiator = 0; initiator < 2; initiator++) {
		for (name.id = 0; name.id < MPT_MAX_IDS; name.id++) {
			mpt_address_naa(&name, initiator ? name.id : -1, naa);
			length += sysfs_emit_at(page, length, "%s %u spi.%s.%u %s\n",
						initiator ? "initiator" : "target", name.id,
						pci_name(pdev), name.id, naa);
		}
	}
	return length;
}
static DEVICE_ATTR_RO(names);

static ssize_t counters_show(struct device *dev, struct device_attribute *attr, char *page)
{
	struct mpt_adapter *adapter = mpt_adapter_of_device(dev);
	unsigned int states[MPT_SLOT_STATES] = { 0 }, index, idle, used = 0;
	struct mpt_counters counters;
	unsigned long flags, evicted = 0;
	ssize_t length;

	if (!adapter)
		return -ENODEV;
	spin_lock_irqsave(&adapter->lock, flags);
	counters = adapter->counters;
	if (adapter->sense_cache)
		evicted = mpt_sense_cache_evicted(adapter->sense_cache);
	for (index = 0; index < adapter->nr_slots; index++)
		states[adapter->slots[index].state]++;
	spin_unlock_irqrestore(&adapter->lock, flags);
	mpt_adapter_put(adapter);
	idle = states[MPT_SLOT_IDLE] + states[MPT_SLOT_RETURNED];
	for (index = 0; index < MPT_SLOT_STATES; index++)
		used += states[index];
	used -= idle + states[MPT_SLOT_POSTED];
	length = sysfs_emit(page, "commands %lu\nlost %lu\nstarved %lu\nlocal_sense %lu\n",
			    counters.commands, counters.lost, counters.starved,
			    counters.local_sense);
	length += sysfs_emit_at(page, length,
				"sense_evicted %lu\nbad_replies %lu\npost_errors %lu\n", evicted,
				counters.bad_replies, counters.post_errors);
	length += sysfs_emit_at(page, length,
				"buffers_posted %u\nbuffers_idle %u\nbuffers_in_use %u\n",
				states[MPT_SLOT_POSTED], idle, used);
	return length;
}
static DEVICE_ATTR_RO(counters);

static struct attribute *mpt_adapter_attributes[] = {
	&dev_attr_role.attr,
	&dev_attr_engine.attr,
	&dev_attr_ids.attr,
	&dev_attr_queuing.attr,
	&dev_attr_names.attr,
	&dev_attr_counters.attr,
	NULL,
};

const struct attribute_group mpt_adapter_group = {
	.name	= "mpt_target",
	.attrs	= mpt_adapter_attributes,
};
