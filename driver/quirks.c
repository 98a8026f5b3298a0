// SPDX-License-Identifier: GPL-2.0-only
/* Limits and faults of chips and firmware: one table, each row with its source and an override. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "internal.h"

/* HW-99: one report, of one card, so nothing in the table below does it by itself */
static unsigned short frame_bytes;
module_param(frame_bytes, ushort, 0444);
MODULE_PARM_DESC(frame_bytes, "use at most this much of a request frame and of a chain segment (0: all; 64 cures LogInfo 11070000h seen on one card)");

static const struct mpt_quirks mpt_quirks_table[] = {
	{
		.device		= MPI_MANUFACTPAGE_DEVID_53C1030,
		.fw_first	= 0x01031d00,
		.fw_last	= 0x0103ffff,
		/* HW-98: sure from 1.03.41 (01032900h), suspected from 1.03.29 (01031d00h) on */
		.why		=
			"; this firmware may corrupt transfers whose length is not divisible by 4 at fast rates",
	},
};

/* Checks the override; 0 or -EINVAL. */
int mpt_quirks_init(void)
{
	if (!frame_bytes || (frame_bytes >= MPT_LEAST_FRAME && frame_bytes % 4 == 0))
		return 0;
	pr_err("frame_bytes=%u: must be 0, or a multiple of 4 and at least %u\n", frame_bytes,
	       MPT_LEAST_FRAME);
	return -EINVAL;
}

const struct mpt_quirks *mpt_quirks_find(u16 device, u32 fw_version)
{
	const struct mpt_quirks *quirks;

	for (quirks = mpt_quirks_table;
	     quirks < mpt_quirks_table + ARRAY_SIZE(mpt_quirks_table); quirks++)
		if (quirks->device == device && fw_version >= quirks->fw_first &&
		    fw_version <= quirks->fw_last)
			return quirks;
	return NULL;
}

void mpt_quirks_limits(const struct mpt_quirks *quirks, const MPT_ADAPTER *ioc,
		       struct mpt_data_limits *limits)
{
	unsigned int room = (MPT_SLOT_MEMORY - MPT_SLOT_CHAIN_OFFSET);

	limits->wide = ioc->sg_addr_size == sizeof(u64);
	limits->frame_bytes = ioc->req_sz;
	limits->chain_bytes = ioc->req_sz;
	if (quirks && quirks->frame_bytes)
		limits->frame_bytes = min(limits->frame_bytes, quirks->frame_bytes);
	if (quirks && quirks->chain_bytes)
		limits->chain_bytes = min(limits->chain_bytes, quirks->chain_bytes);
	if (frame_bytes) {
		limits->frame_bytes = min(limits->frame_bytes, frame_bytes);
		limits->chain_bytes = min(limits->chain_bytes, frame_bytes);
	}
	limits->max_chains = min_t(unsigned int, room / limits->chain_bytes,
				   ioc->facts.MaxChainDepth);
}
