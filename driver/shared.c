// SPDX-License-Identifier: GPL-2.0-only
/*
 * An adapter of both roles that the stock initiator driver uses, too.  It writes
 * the page of limits of each ID that it looks for, and tells nobody (HW-131): so
 * the pages are looked at when an initiator comes, after a bus reset, and once a
 * second, as mptbase looks at the doorbell.
 */
#include <linux/device.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "internal.h"

#define MPT_SHARED_RETRY	(60 * HZ)	/* after a failure, which was logged */

/* The list without references: an ID is all that is wanted of a device. */
static u16 mpt_shared_devices(struct Scsi_Host *host)
{
	struct scsi_device *device;
	unsigned long flags;
	u16 ids = 0;

	spin_lock_irqsave(host->host_lock, flags);
	__shost_for_each_device(device, host)
		if (device->id < MPT_MAX_IDS)
			ids |= BIT(device->id);
	spin_unlock_irqrestore(host->host_lock, flags);
	return ids;
}

/*
 * IDs at which the stock driver has, or may have, devices.  The lock of the PCI
 * device keeps its host in existence; who holds it now may be waiting for us.
 */
u16 mpt_shared_targets(struct mpt_adapter *adapter)
{
	struct device *device = &adapter->pdev->dev;
	u16 ids = 0;

	if (!device_trylock(device))
		return U16_MAX;
	if (adapter->ioc->sh)
		ids = mpt_shared_devices(adapter->ioc->sh);
	device_unlock(device);
	return ids;
}

/* Any context. */
void mpt_shared_watch(struct mpt_adapter *adapter, unsigned long delay)
{
	mod_delayed_work(mpt_adapter_workqueue, &adapter->settings_work, delay);
}

void mpt_shared_work(struct work_struct *work)
{
	struct mpt_adapter *adapter = container_of(work, struct mpt_adapter, settings_work.work);
	unsigned long delay = HZ;

	mutex_lock(&adapter->mutex);
	if (adapter->ids && adapter->ioc->active && mpt_parallel.repair(adapter))
		delay = MPT_SHARED_RETRY;
	if (adapter->ids)
		queue_delayed_work(mpt_adapter_workqueue, &adapter->settings_work, delay);
	mutex_unlock(&adapter->mutex);
}
