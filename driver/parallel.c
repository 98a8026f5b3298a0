// SPDX-License-Identifier: GPL-2.0-only
/* Parallel SCSI: the configuration pages that make an adapter a target. */
#include "config_page.h"

/* The parameter bits that a page of settings and the port's capabilities share. */
#define MPT_SPI_PARAMETERS					\
	(MPI_SCSIDEVPAGE1_RP_IU | MPI_SCSIDEVPAGE1_RP_DT |	\
	 MPI_SCSIDEVPAGE1_RP_QAS |				\
	 MPI_SCSIDEVPAGE1_RP_MIN_SYNC_PERIOD_MASK |		\
	 MPI_SCSIDEVPAGE1_RP_MAX_SYNC_OFFSET_MASK |		\
	 MPI_SCSIDEVPAGE1_RP_WIDE | MPI_SCSIDEVPAGE1_RP_AIP)

static void mpt_parallel_inquiry(struct mpt_adapter *adapter, u32 capabilities)
{
	struct mpt_inquiry_port *port = &adapter->inquiry;

	port->tagged = adapter->tagged;
	port->wide = capabilities & MPI_SCSIPORTPAGE0_CAP_WIDE;
	port->sync = capabilities & MPI_SCSIPORTPAGE0_CAP_MAX_SYNC_OFFSET_MASK;
	port->dt = capabilities & MPI_SCSIPORTPAGE0_CAP_DT;
	port->qas = capabilities & MPI_SCSIPORTPAGE0_CAP_QAS;
	port->packetized = capabilities & MPI_SCSIPORTPAGE0_CAP_IU;
}

/* What we agree to with each initiator: all that the port can do. */
static int mpt_parallel_allow(struct mpt_adapter *adapter, u32 capabilities)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_DEVICE, .number = 1 };
	SCSIDevicePage1_t *settings;
	int ret;

	ret = mpt_page_open(adapter, &page, sizeof(*settings)) ?: mpt_page_read(adapter, &page);
	for (; !ret && page.address < MPT_MAX_IDS; page.address++) {
		settings = page.data;
		settings->RequestedParameters =
			(__force u32)cpu_to_le32(capabilities & MPT_SPI_PARAMETERS);
		settings->Configuration = 0;
		ret = mpt_page_write(adapter, &page);
	}
	mpt_page_close(adapter, &page);
	return mpt_page_failed(adapter, &page, ret);
}

static int mpt_parallel_prepare(struct mpt_adapter *adapter)
{
	struct mpt_page page = { .type = MPI_CONFIG_PAGETYPE_SCSI_PORT, .number = 0 };
	const SCSIPortPage0_t *port;
	u32 capabilities = 0;
	int ret;

	ret = mpt_page_open(adapter, &page, offsetofend(SCSIPortPage0_t, Capabilities)) ?:
	      mpt_page_read(adapter, &page);
	if (!ret) {
		port = page.data;
		capabilities = le32_to_cpu((__force __le32)port->Capabilities);
	}
	mpt_page_close(adapter, &page);
	if (ret)
		return mpt_page_failed(adapter, &page, ret);
	mpt_parallel_inquiry(adapter, capabilities);
	return mpt_parallel_allow(adapter, capabilities);
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
	.prepare		= mpt_parallel_prepare,
	.set_ids		= mpt_parallel_set_ids,
	.read_command		= mpt_message_read_spi,
	.abort_by_handshake	= true,
	.sense_may_stay		= true,
};
