// SPDX-License-Identifier: GPL-2.0-only
/* Parallel SCSI: the configuration pages that make an adapter a target. */
#include "internal.h"

/* The parameter bits that a page of settings and the port's capabilities share. */
#define MPT_SPI_PARAMETERS					\
	(MPI_SCSIDEVPAGE1_RP_IU | MPI_SCSIDEVPAGE1_RP_DT |	\
	 MPI_SCSIDEVPAGE1_RP_QAS |				\
	 MPI_SCSIDEVPAGE1_RP_MIN_SYNC_PERIOD_MASK |		\
	 MPI_SCSIDEVPAGE1_RP_MAX_SYNC_OFFSET_MASK |		\
	 MPI_SCSIDEVPAGE1_RP_WIDE | MPI_SCSIDEVPAGE1_RP_AIP)

#define MPT_PAGE_ROOM		256

struct mpt_page {
	u8 type;
	u8 number;
	u32 address;
	u16 length;			/* bytes, as the card says */
	void *data;
	dma_addr_t dma;
	ConfigPageHeader_t header;
};

static int mpt_page_action(struct mpt_adapter *adapter, struct mpt_page *page, u8 action)
{
	CONFIGPARMS config = {
		.cfghdr.hdr	= &page->header,
		.physAddr	= action == MPI_CONFIG_ACTION_PAGE_HEADER ? -1 : page->dma,
		.pageAddr	= page->address,
		.action		= action,
		.dir		= action == MPI_CONFIG_ACTION_PAGE_WRITE_CURRENT,
		.timeout	= 15,
	};

	return mpt_config(adapter->ioc, &config) ? -EIO : 0;
}

/* Header and memory of a page, read by @action.  0 or -errno; then mpt_page_close(). */
static int mpt_page_open(struct mpt_adapter *adapter, struct mpt_page *page, u8 action,
			 size_t least)
{
	int ret;

	page->data = NULL;
	page->header.PageType = page->type;
	page->header.PageNumber = page->number;
	ret = mpt_page_action(adapter, page, MPI_CONFIG_ACTION_PAGE_HEADER);
	if (ret)
		return ret;
	page->length = page->header.PageLength * 4;
	if (page->length < least || page->length > MPT_PAGE_ROOM)
		return -EPROTO;
	page->data = dma_alloc_coherent(&adapter->pdev->dev, page->length, &page->dma, GFP_KERNEL);
	if (!page->data)
		return -ENOMEM;
	return mpt_page_action(adapter, page, action);
}

static void mpt_page_close(struct mpt_adapter *adapter, struct mpt_page *page)
{
	if (page->data)
		dma_free_coherent(&adapter->pdev->dev, page->length, page->data, page->dma);
}

static int mpt_page_failed(struct mpt_adapter *adapter, const struct mpt_page *page, int ret)
{
	if (ret && adapter->ioc->active)
		pci_err(adapter->pdev, "configuration page type %u number %u: %d\n", page->type,
			page->number, ret);
	return ret;
}

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

	ret = mpt_page_open(adapter, &page, MPI_CONFIG_ACTION_PAGE_READ_CURRENT, sizeof(*settings));
	for (; !ret && page.address < MPT_MAX_IDS; page.address++) {
		settings = page.data;
		settings->RequestedParameters =
			(__force u32)cpu_to_le32(capabilities & MPT_SPI_PARAMETERS);
		settings->Configuration = 0;
		ret = mpt_page_action(adapter, &page, MPI_CONFIG_ACTION_PAGE_WRITE_CURRENT);
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

	ret = mpt_page_open(adapter, &page, MPI_CONFIG_ACTION_PAGE_READ_CURRENT,
			    offsetofend(SCSIPortPage0_t, Capabilities));
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

	ret = mpt_page_open(adapter, &page, MPI_CONFIG_ACTION_PAGE_READ_CURRENT,
			    offsetofend(SCSIPortPage1_t, TargetConfig));
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
		ret = mpt_page_action(adapter, &page, MPI_CONFIG_ACTION_PAGE_WRITE_CURRENT);
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
