// SPDX-License-Identifier: GPL-2.0-only
/* Limits and faults of chips and firmware: one table, each row with its source and an override. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "internal.h"

/* HW-99: one report, of one card, so nothing in the table below does it by itself */
static unsigned short frame_bytes;
module_param(frame_bytes, ushort, 0444);
MODULE_PARM_DESC(frame_bytes, "use at most this much of a request frame and of a chain segment (0: all; 64 cures LogInfo 11070000h seen on one card)");

static char *odd_length_quirk = "auto";
module_param(odd_length_quirk, charp, 0444);
MODULE_PARM_DESC(odd_length_quirk, "transfers no faster than Fast-5: 'auto' (default; for firmware that is known to corrupt lengths not divisible by 4), 'on' or 'off'; each adapter has an attribute of this name, too");

const char *const mpt_odd_length_names[MPT_ODD_LENGTH_MODES] = {
	[MPT_ODD_LENGTH_AUTO] = "auto",
	[MPT_ODD_LENGTH_ON] = "on",
	[MPT_ODD_LENGTH_OFF] = "off",
};

static const struct mpt_quirks mpt_quirks_table[] = {
	/*
	 * HW-98: the sample, which ran on silicon, limits words from 01032900h
	 * on; its text can be read as if 01031D00h were meant (HW-116).
	 */
	{
		.device		= MPI_MANUFACTPAGE_DEVID_53C1030,
		.fw_first	= 0x01032900,
		.fw_last	= U32_MAX,
		.period		= MPT_PERIOD_FAST_5,
	},
	{
		.device		= MPI_MANUFACTPAGE_DEVID_53C1030,
		.fw_first	= 0x01031d00,
		.fw_last	= 0x010328ff,
		.why		=
			"; this firmware may corrupt transfers whose length is not divisible by 4 at fast rates (odd_length_quirk=on avoids them)",
	},
};

enum mpt_odd_length mpt_quirks_odd_length(void)
{
	return __sysfs_match_string(mpt_odd_length_names, MPT_ODD_LENGTH_MODES, odd_length_quirk);
}

/* Checks the overrides; 0 or -EINVAL. */
int mpt_quirks_init(void)
{
	if (__sysfs_match_string(mpt_odd_length_names, MPT_ODD_LENGTH_MODES,
				 odd_length_quirk) < 0) {
		pr_err("odd_length_quirk=%s: must be 'auto', 'on' or 'off'\n", odd_length_quirk);
		return -EINVAL;
	}
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

u8 mpt_quirks_period(const struct mpt_adapter *adapter)
{
	switch (adapter->negotiation.odd_length) {
	case MPT_ODD_LENGTH_ON:
		return MPT_PERIOD_FAST_5;
	case MPT_ODD_LENGTH_OFF:
		return 0;
	default:
		return adapter->quirks ? adapter->quirks->period : 0;
	}
}

void mpt_quirks_announce(const struct mpt_adapter *adapter)
{
	bool known = adapter->quirks && adapter->quirks->period;
	u32 fw_version = adapter->ioc->facts.FWVersion.Word;

	if (known && !mpt_quirks_period(adapter))
		mpt_warn(adapter->pdev, "firmware 0x%08x corrupts transfers whose length is not divisible by 4 at fast rates, and odd_length_quirk=off lets it\n",
			 fw_version);
	else if (known && adapter->negotiation.odd_length == MPT_ODD_LENGTH_AUTO)
		mpt_warn(adapter->pdev, "transfers are no faster than Fast-5, since firmware 0x%08x corrupts those whose length is not divisible by 4 at fast rates; odd_length_quirk=off (module parameter or attribute) overrides that\n",
			 fw_version);
}
