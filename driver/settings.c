// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was set of an adapter, while it is away: its attributes are those of the place,
 * not of the binding.  Kept by PCI address and kind of card until we are unloaded.
 */
#include <linux/slab.h>

#include "internal.h"

struct mpt_settings {
	struct list_head link;
	struct mpt_address_name name;	/* of ID 0 */
	u16 vendor, device;
	bool tagged;
	enum mpt_odd_length odd_length;
	struct mpt_transfer asked[MPT_MAX_IDS + 1];
};

static LIST_HEAD(mpt_settings);
static DEFINE_MUTEX(mpt_settings_mutex);

/* mpt_settings_mutex held.  NULL: there are none. */
static struct mpt_settings *mpt_settings_find(const struct mpt_adapter *adapter)
{
	struct mpt_settings *settings;
	struct mpt_address_name name;

	mpt_adapter_name(adapter, 0, &name);
	list_for_each_entry(settings, &mpt_settings, link)
		if (settings->name.domain == name.domain && settings->name.bus == name.bus &&
		    settings->name.devfn == name.devfn &&
		    settings->vendor == adapter->pdev->vendor &&
		    settings->device == adapter->pdev->device)
			return settings;
	return NULL;
}

/* mpt_settings_mutex held.  NULL: no memory. */
static struct mpt_settings *mpt_settings_new(const struct mpt_adapter *adapter)
{
	struct mpt_settings *settings = kzalloc(sizeof(*settings), GFP_KERNEL);

	if (!settings)
		return NULL;
	mpt_adapter_name(adapter, 0, &settings->name);
	settings->vendor = adapter->pdev->vendor;
	settings->device = adapter->pdev->device;
	list_add_tail(&settings->link, &mpt_settings);
	return settings;
}

static void mpt_settings_free(struct mpt_settings *settings)
{
	list_del(&settings->link);
	kfree(settings);
}

/* The adapter goes; nobody sets anything of it any more. */
void mpt_settings_keep(struct mpt_adapter *adapter)
{
	bool changed = mpt_sysfs_changed(adapter);
	struct mpt_settings *settings;

	mutex_lock(&mpt_settings_mutex);
	settings = mpt_settings_find(adapter);
	if (settings && !changed)
		mpt_settings_free(settings);
	else if (!settings && changed)
		settings = mpt_settings_new(adapter);
	if (changed && settings) {
		settings->tagged = adapter->tagged;
		settings->odd_length = adapter->negotiation.odd_length;
		memcpy(settings->asked, adapter->negotiation.asked, sizeof(settings->asked));
	} else if (changed) {
		mpt_warn(adapter->pdev, "no memory to keep the settings; they are at their defaults when the card is back\n");
	}
	mutex_unlock(&mpt_settings_mutex);
}

/* The adapter is new: it has the defaults, and nobody else knows it yet. */
void mpt_settings_recall(struct mpt_adapter *adapter)
{
	const struct mpt_settings *settings;

	mutex_lock(&mpt_settings_mutex);
	settings = mpt_settings_find(adapter);
	if (settings) {
		adapter->tagged = settings->tagged;
		adapter->negotiation.odd_length = settings->odd_length;
		memcpy(adapter->negotiation.asked, settings->asked, sizeof(settings->asked));
		mpt_info(adapter->pdev, "back with the settings that it had when it went\n");
	}
	mutex_unlock(&mpt_settings_mutex);
}

/* No adapter is left. */
void mpt_settings_forget(void)
{
	struct mpt_settings *settings, *next;

	list_for_each_entry_safe(settings, next, &mpt_settings, link)
		mpt_settings_free(settings);
}
