// SPDX-License-Identifier: GPL-2.0-only
/* MPI configuration pages; see config_page.h. */
#include "config_page.h"

#define MPT_PAGE_ROOM		256
#define MPT_PAGE_SECONDS	15

static int mpt_page_action(struct mpt_adapter *adapter, struct mpt_page *page, u8 action)
{
	CONFIGPARMS config = {
		.cfghdr.hdr	= &page->header,
		.physAddr	= action == MPI_CONFIG_ACTION_PAGE_HEADER ? -1 : page->dma,
		.pageAddr	= page->address,
		.action		= action,
		.dir		= action == MPI_CONFIG_ACTION_PAGE_WRITE_CURRENT,
		.timeout	= MPT_PAGE_SECONDS,
	};

	return mpt_config(adapter->ioc, &config) ? -EIO : 0;
}

int mpt_page_open(struct mpt_adapter *adapter, struct mpt_page *page, size_t least)
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
	return page->data ? 0 : -ENOMEM;
}

int mpt_page_read(struct mpt_adapter *adapter, struct mpt_page *page)
{
	return mpt_page_action(adapter, page, MPI_CONFIG_ACTION_PAGE_READ_CURRENT);
}

int mpt_page_write(struct mpt_adapter *adapter, struct mpt_page *page)
{
	return mpt_page_action(adapter, page, MPI_CONFIG_ACTION_PAGE_WRITE_CURRENT);
}

void mpt_page_close(struct mpt_adapter *adapter, struct mpt_page *page)
{
	if (page->data)
		dma_free_coherent(&adapter->pdev->dev, page->length, page->data, page->dma);
}

int mpt_page_failed(struct mpt_adapter *adapter, const struct mpt_page *page, int ret)
{
	if (ret && adapter->ioc->active)
		mpt_err(adapter->pdev, "configuration page type %u number %u: %d\n", page->type,
			page->number, ret);
	return ret;
}
