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

/* What we agree to with each initiator (HW-45). */
static int mpt_parallel_allow(struct mpt_adapter *adapter)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_DEVICE, .number = 1 };
	SCSIDevicePage1_t *settings;
	struct mpt_transfer limit;
	int ret;

	ret = mpt_page_open(adapter, &page, sizeof(*settings)) ?: mpt_page_read(adapter, &page);
	for (; !ret && page.address < MPT_MAX_IDS; page.address++) {
		mpt_negotiation_limit(adapter, page.address, &limit);
		settings = page.data;
		settings->RequestedParameters =
			(__force u32)cpu_to_le32(mpt_transfer_to_page(&limit));
		settings->Configuration = 0;
		ret = mpt_page_write(adapter, &page);
	}
	mpt_page_close(adapter, &page);
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

static int mpt_parallel_prepare(struct mpt_adapter *adapter)
{
	int ret = mpt_parallel_capability(adapter);

	if (ret)
		return ret;
	mpt_parallel_inquiry(adapter);
	return mpt_parallel_allow(adapter);
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
 * The response-ID mask takes effect at once.  Beside a stock initiator driver
 * the port keeps its own ID, otherwise the first that is enabled is its own, and
 * stays so as long as any is: a command on it carries no alias, and must not be
 * taken for another ID's.
 */
static int mpt_parallel_set_ids(struct mpt_adapter *adapter, u16 ids)
{
	bool both = adapter->ioc->pfacts[0].ProtocolFlags & MPI_PORTFACTS_PROTOCOL_INITIATOR &&
		    adapter->ioc->sh;
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_PORT, .number = 1 };
	SCSIPortPage1_t *port;
	u32 own;
	int ret;

	ret = mpt_page_open(adapter, &page, offsetofend(SCSIPortPage1_t, TargetConfig)) ?:
	      mpt_page_read(adapter, &page);
	if (!ret) {
		port = page.data;
		own = le32_to_cpu((__force __le32)port->Configuration) & 0xff;
		if (both)
			adapter->port_id = own;
		else if (!adapter->ids && ids)
			adapter->port_id = __ffs(ids);
		own = adapter->port_id;
		port->Configuration = (__force u32)cpu_to_le32(own | (u32)ids << 16);
		port->TargetConfig = both ? MPI_SCSIPORTPAGE1_TARGCONFIG_INIT_TARG :
					    MPI_SCSIPORTPAGE1_TARGCONFIG_TARG_ONLY;
		ret = mpt_page_write(adapter, &page);
	}
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

const struct mpt_transport mpt_parallel = {
	.port_type		= MPI_PORTFACTS_PORTTYPE_SCSI,
	.capability		= mpt_parallel_capability,
	.prepare		= mpt_parallel_prepare,
	.set_ids		= mpt_parallel_set_ids,
	.agreed			= mpt_parallel_agreed,
	.read_command		= mpt_message_read_spi,
	.abort_by_handshake	= true,
	.sense_may_stay		= true,
};
