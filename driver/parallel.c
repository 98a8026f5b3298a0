// SPDX-License-Identifier: GPL-2.0-only
/* Parallel SCSI: the configuration pages that make an adapter a target. */
#include "config_page.h"

void mpt_negotiation_limit(const struct mpt_adapter *adapter, unsigned int id,
			   struct mpt_transfer *limit)
{
	const struct mpt_negotiation *negotiation = &adapter->negotiation;
	struct mpt_transfer quirk = mpt_transfer_max;

	quirk.period = mpt_quirks_period(adapter);
	*limit = negotiation->capability;
	mpt_transfer_limit(limit, &quirk);
	mpt_transfer_limit(limit, &negotiation->asked[MPT_ALL_IDS]);
	mpt_transfer_limit(limit, &negotiation->asked[id]);
	mpt_transfer_normalise(limit);
}

/* Sets what INQUIRY data shows, for all initiators alike. */
static void mpt_parallel_inquiry(struct mpt_adapter *adapter)
{
	struct mpt_inquiry_port *port = &adapter->inquiry;
	struct mpt_transfer limit;

	mpt_negotiation_limit(adapter, MPT_ALL_IDS, &limit);
	port->tagged = adapter->tagged;
	port->wide = limit.wide;
	port->sync = limit.offset;
	port->dt = limit.dt;
	port->qas = limit.qas;
	port->packetized = limit.iu;
}

/*
 * One initiator's limit.  The page counts in both roles: where the stock
 * initiator driver has devices it chose for them, and is only held to the limit.
 */
static int mpt_parallel_allow(struct mpt_adapter *adapter, struct mpt_page *page, bool in_use)
{
	SCSIDevicePage1_t *settings = page->data;
	struct mpt_transfer limit;
	u32 is, wanted;
	int ret = mpt_page_read(adapter, page);

	if (ret)
		return ret;
	mpt_negotiation_limit(adapter, page->address, &limit);
	is = le32_to_cpu((__force __le32)settings->RequestedParameters);
	wanted = in_use ? mpt_transfer_clip_page(is, &limit) : mpt_transfer_to_page(&limit);
	if (is == wanted && (in_use || !settings->Configuration))
		return 0;
	settings->RequestedParameters = (__force u32)cpu_to_le32(wanted);
	if (!in_use)
		settings->Configuration = 0;
	adapter->counters.settings_written++;
	return mpt_page_write(adapter, page);
}

/* What we agree to with each initiator (HW-45). */
static int mpt_parallel_settle(struct mpt_adapter *adapter)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_DEVICE, .number = 1 };
	u16 in_use = adapter->shared ? mpt_shared_targets(adapter) : 0;
	int ret;

	mutex_lock(&adapter->settings_mutex);
	ret = mpt_page_open(adapter, &page, sizeof(SCSIDevicePage1_t));
	for (; !ret && page.address < MPT_MAX_IDS; page.address++)
		ret = mpt_parallel_allow(adapter, &page, in_use & BIT(page.address));
	mpt_page_close(adapter, &page);
	mutex_unlock(&adapter->settings_mutex);
	return mpt_page_failed(adapter, &page, ret);
}

/* HW-39 */
static int mpt_parallel_capability(struct mpt_adapter *adapter)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_PORT, .number = 0 };
	const SCSIPortPage0_t *port;
	int ret;

	ret = mpt_page_open(adapter, &page, offsetofend(SCSIPortPage0_t, Capabilities)) ?:
	      mpt_page_read(adapter, &page);
	if (!ret) {
		port = page.data;
		mpt_transfer_from_page(&adapter->negotiation.capability,
				       le32_to_cpu((__force __le32)port->Capabilities));
	}
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

/*
 * HW-40: without a target role in TargetConfig the ID is what the adapter would use as
 * an initiator, as a rule 7, and the other end of the cable has that.
 */
static int mpt_parallel_own_id(struct mpt_adapter *adapter)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_PORT, .number = 1 };
	const SCSIPortPage1_t *port;
	int ret;

	ret = mpt_page_open(adapter, &page, sizeof(*port)) ?: mpt_page_read(adapter, &page);
	if (!ret) {
		port = page.data;
		adapter->own_id = le32_to_cpu((__force __le32)port->Configuration) & 0xff;
		if (!port->TargetConfig || adapter->own_id >= MPT_MAX_IDS)
			adapter->own_id = 0;
	}
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

static int mpt_parallel_prepare(struct mpt_adapter *adapter)
{
	int ret = mpt_parallel_capability(adapter);

	if (ret)
		return ret;
	mpt_parallel_inquiry(adapter);
	return mpt_parallel_settle(adapter);
}

static int mpt_parallel_agreed_at(struct mpt_adapter *adapter, struct mpt_page *page, u32 address,
				  struct mpt_transfer *agreed)
{
	const SCSIDevicePage0_t *device = page->data;
	int ret;

	page->address = address;
	ret = mpt_page_read(adapter, page);
	if (!ret)
		mpt_transfer_from_page(agreed,
				       le32_to_cpu((__force __le32)device->NegotiatedParameters));
	return ret;
}

/*
 * HW-47: firmware that keeps its agreements as a target apart shows nothing under
 * the plain address; one that does not know the other form refuses it, or shows
 * our own ID, with which nothing is ever agreed.
 */
static int mpt_parallel_agreed(struct mpt_adapter *adapter, u8 initiator,
			       struct mpt_transfer *agreed)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_DEVICE, .number = 0 };
	u32 target_mode = MPI_SCSI_DEVICE_FORM_TARGET_MODE | adapter->port_id |
			  initiator << MPI_SCSI_DEVICE_TM_INIT_ID_SHIFT;
	struct mpt_transfer other;
	int ret;

	ret = mpt_page_open(adapter, &page,
			    offsetofend(SCSIDevicePage0_t, NegotiatedParameters)) ?:
	      mpt_parallel_agreed_at(adapter, &page, initiator, agreed);
	if (!ret && !agreed->offset && !agreed->wide &&
	    !mpt_parallel_agreed_at(adapter, &page, target_mode, &other))
		*agreed = other;
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

/*
 * Alone, the first ID that is enabled is the port's own and stays so as long as any
 * is: a command on it carries no alias, and must not be taken for another ID's.
 * Beside the stock initiator driver the port keeps its own ID, in the mask as well,
 * or targets might not reselect it (HW-130); without an ID to serve it is an
 * initiator as it was found.
 */
static void mpt_parallel_fill_port(struct mpt_adapter *adapter, SCSIPortPage1_t *port, u16 ids)
{
	u32 own = le32_to_cpu((__force __le32)port->Configuration) & 0xff;

	if (!adapter->found.known) {
		adapter->found.known = true;
		adapter->found.configuration = port->Configuration;
		adapter->found.target_config = port->TargetConfig;
	}
	if (adapter->shared) {
		adapter->port_id = own;
		port->TargetConfig = ids ? MPI_SCSIPORTPAGE1_TARGCONFIG_INIT_TARG :
					   adapter->found.target_config;
		ids |= own < MPT_MAX_IDS ? BIT(own) : 0;
	} else {
		if (!adapter->ids && ids)
			adapter->port_id = __ffs(ids);
		own = adapter->port_id;
		port->TargetConfig = MPI_SCSIPORTPAGE1_TARGCONFIG_TARG_ONLY;
	}
	port->Configuration = (__force u32)cpu_to_le32(own | (u32)ids << 16);
}

/* Calls @fill with SCSI Port Page 1, and writes the page if that changed it, or @always. */
static int mpt_parallel_port(struct mpt_adapter *adapter, u16 ids, bool always,
			     void (*fill)(struct mpt_adapter *adapter, SCSIPortPage1_t *port,
					  u16 ids))
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_PORT, .number = 1 };
	SCSIPortPage1_t *port, before;
	int ret;

	ret = mpt_page_open(adapter, &page, sizeof(*port)) ?: mpt_page_read(adapter, &page);
	if (!ret) {
		port = page.data;
		before = *port;
		fill(adapter, port, ids);
		if (always || memcmp(&before, port, sizeof(before)))
			ret = mpt_page_write(adapter, &page);
	}
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

/* The response-ID mask takes effect at once (HW-42). */
static int mpt_parallel_set_ids(struct mpt_adapter *adapter, u16 ids)
{
	int ret = ids ? mpt_slots_sense_room(adapter, ids) : 0;

	if (!ret)
		ret = mpt_parallel_port(adapter, ids, true, mpt_parallel_fill_port);
	if (!ret && ids && adapter->shared)
		mpt_shared_watch(adapter, HZ);
	return ret;
}

static void mpt_parallel_refill_port(struct mpt_adapter *adapter, SCSIPortPage1_t *port, u16 ids)
{
	port->Configuration = adapter->found.configuration;
	port->TargetConfig = adapter->found.target_config;
}

/* Who gets the adapter next finds it as we did. */
static void mpt_parallel_restore(struct mpt_adapter *adapter)
{
	if (adapter->found.known && adapter->ioc->active)
		mpt_parallel_port(adapter, 0, false, mpt_parallel_refill_port);
}

/* The stock initiator driver writes pages, too: what of ours it changed is set again (HW-131). */
static int mpt_parallel_repair(struct mpt_adapter *adapter)
{
	return mpt_parallel_settle(adapter) ?:
	       mpt_parallel_port(adapter, adapter->ids, false, mpt_parallel_fill_port);
}

const struct mpt_transport mpt_parallel = {
	.port_type		= MPI_PORTFACTS_PORTTYPE_SCSI,
	.capability		= mpt_parallel_capability,
	.own_id			= mpt_parallel_own_id,
	.prepare		= mpt_parallel_prepare,
	.set_ids		= mpt_parallel_set_ids,
	.settle			= mpt_parallel_settle,
	.repair			= mpt_parallel_repair,
	.restore		= mpt_parallel_restore,
	.agreed			= mpt_parallel_agreed,
	.read_command		= mpt_message_read_spi,
	.abort_by_handshake	= true,
	.sense_may_stay		= true,
};
