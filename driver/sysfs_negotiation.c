// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a parallel SCSI port agrees to at most: with everybody (mpt_target/), and
 * further with one initiator (mpt_target/id<N>/).  Reading shows what is in force.
 */
#include "directory.h"

static ssize_t mpt_limit_show(const struct mpt_directory *directory,
			      const struct mpt_file *file, char *page)
{
	struct mpt_adapter *adapter = directory->adapter;
	struct mpt_transfer limit;
	char text[MPT_TRANSFER_TEXT];

	mpt_negotiation_limit(adapter, directory->id, &limit);
	mpt_transfer_get(&limit, file->field, text, sizeof(text));
	return sysfs_emit(page, "%s\n", text);
}

static int mpt_limit_store(const struct mpt_directory *directory,
			   const struct mpt_file *file, const char *text)
{
	struct mpt_adapter *adapter = directory->adapter;
	int ret = mpt_transfer_set(&adapter->negotiation.asked[directory->id], file->field,
				   text);

	if (ret)
		mpt_err(adapter->pdev, "the value of %s must be %s\n",
			mpt_transfer_name(file->field), mpt_transfer_values(file->field));
	return ret;
}

/* The port's limit, and what hangs together, can make less of it. */
static bool mpt_limit_asked(const struct mpt_directory *directory, const struct mpt_file *file,
			    const char *text)
{
	const struct mpt_transfer *asked = &directory->adapter->negotiation.asked[directory->id];
	char is[MPT_TRANSFER_TEXT], would[MPT_TRANSFER_TEXT];
	struct mpt_transfer again = *asked;

	if (mpt_transfer_set(&again, file->field, text))
		return false;
	mpt_transfer_get(asked, file->field, is, sizeof(is));
	mpt_transfer_get(&again, file->field, would, sizeof(would));
	return !strcmp(is, would);
}

static bool mpt_limit_changed(const struct mpt_directory *directory, const struct mpt_file *file)
{
	const struct mpt_transfer *asked = &directory->adapter->negotiation.asked[directory->id];
	char text[MPT_TRANSFER_TEXT], most[MPT_TRANSFER_TEXT];

	mpt_transfer_get(asked, file->field, text, sizeof(text));
	mpt_transfer_get(&mpt_transfer_max, file->field, most, sizeof(most));
	return strcmp(text, most);
}

#define MPT_LIMIT(_name, _field)					\
	static struct mpt_file mpt_file_##_name = {		\
		.attr = { .name = #_name, .mode = 0644 },		\
		.field = _field,					\
		.locked = true,						\
		.show = mpt_limit_show,					\
		.store = mpt_limit_store,				\
		.asked = mpt_limit_asked,				\
		.changed = mpt_limit_changed,				\
	}

MPT_LIMIT(rate, MPT_TRANSFER_RATE);
MPT_LIMIT(offset, MPT_TRANSFER_OFFSET);
MPT_LIMIT(width, MPT_TRANSFER_WIDTH);
MPT_LIMIT(iu, MPT_TRANSFER_IU);
MPT_LIMIT(qas, MPT_TRANSFER_QAS);
MPT_LIMIT(dt, MPT_TRANSFER_DT);

static ssize_t mpt_transfer_emit(const struct mpt_transfer *transfer, char *page)
{
	char text[MPT_TRANSFER_TEXT];

	mpt_transfer_describe(transfer, text, sizeof(text));
	return sysfs_emit(page, "%s\n", text);
}

static ssize_t mpt_capability_show(const struct mpt_directory *directory,
				   const struct mpt_file *file, char *page)
{
	return mpt_transfer_emit(&directory->adapter->negotiation.capability, page);
}

static ssize_t mpt_agreed_emit(struct mpt_adapter *adapter, unsigned int id, char *page)
{
	struct mpt_transfer agreed;
	int ret = mpt_parallel.agreed(adapter, id, &agreed);

	return ret ?: mpt_transfer_emit(&agreed, page);
}

static ssize_t mpt_agreed_show(const struct mpt_directory *directory,
			       const struct mpt_file *file, char *page)
{
	return mpt_agreed_emit(directory->adapter, directory->id, page);
}

ssize_t mpt_nexus_agreed(const struct mpt_nexus *nexus, char *page)
{
	return mpt_agreed_emit(nexus->address->adapter, nexus->initiator_id, page);
}
EXPORT_SYMBOL_GPL(mpt_nexus_agreed);

static ssize_t mpt_odd_length_show(const struct mpt_directory *directory,
				   const struct mpt_file *file, char *page)
{
	enum mpt_odd_length mode = READ_ONCE(directory->adapter->negotiation.odd_length);

	return sysfs_emit(page, "%s\n", mpt_odd_length_names[mode]);
}

static int mpt_odd_length_store(const struct mpt_directory *directory,
				const struct mpt_file *file, const char *text)
{
	struct mpt_adapter *adapter = directory->adapter;
	int mode = __sysfs_match_string(mpt_odd_length_names, MPT_ODD_LENGTH_MODES, text);

	if (mode < 0) {
		mpt_err(adapter->pdev, "odd_length_quirk must be 'auto', 'on' or 'off'\n");
		return mode;
	}
	WRITE_ONCE(adapter->negotiation.odd_length, mode);
	mpt_quirks_announce(adapter);
	return 0;
}

static bool mpt_odd_length_changed(const struct mpt_directory *directory,
				   const struct mpt_file *file)
{
	return directory->adapter->negotiation.odd_length != mpt_quirks_odd_length();
}

static struct mpt_file mpt_file_capability = {
	.attr = { .name = "capability", .mode = 0444 },
	.locked = true,
	.show = mpt_capability_show,
};

static struct mpt_file mpt_file_agreed = {
	.attr = { .name = "agreed", .mode = 0444 },
	.show = mpt_agreed_show,
};

static struct mpt_file mpt_file_odd_length = {
	.attr = { .name = "odd_length_quirk", .mode = 0644 },
	.show = mpt_odd_length_show,
	.store = mpt_odd_length_store,
	.changed = mpt_odd_length_changed,
};

struct attribute *mpt_negotiation_port_attributes[] = {
	&mpt_file_rate.attr,
	&mpt_file_offset.attr,
	&mpt_file_width.attr,
	&mpt_file_iu.attr,
	&mpt_file_qas.attr,
	&mpt_file_dt.attr,
	&mpt_file_capability.attr,
	&mpt_file_odd_length.attr,
	NULL,
};

/* An initiator's port makes no agreements of ours. */
static umode_t mpt_negotiation_visible(struct kobject *kobject, struct attribute *attr, int index)
{
	const struct mpt_directory *directory = container_of(kobject, struct mpt_directory,
							     kobject);

	return mpt_adapter_is_target(directory->adapter) ? attr->mode : 0;
}

const struct attribute_group mpt_negotiation_port_group = {
	.attrs		= mpt_negotiation_port_attributes,
	.is_visible	= mpt_negotiation_visible,
};

struct attribute *mpt_negotiation_id_attributes[] = {
	&mpt_file_rate.attr,
	&mpt_file_offset.attr,
	&mpt_file_width.attr,
	&mpt_file_iu.attr,
	&mpt_file_qas.attr,
	&mpt_file_dt.attr,
	NULL,
};

static const struct attribute_group mpt_negotiation_id_group = {
	.attrs = mpt_negotiation_id_attributes,
};

/* Not among the others: asking the card for all IDs takes long, see mpt_nexus_agreed(). */
static struct attribute *mpt_negotiation_agreed_attributes[] = {
	&mpt_file_agreed.attr,
	NULL,
};

static const struct attribute_group mpt_negotiation_agreed_group = {
	.attrs = mpt_negotiation_agreed_attributes,
};

const struct attribute_group *mpt_negotiation_id_groups[] = {
	&mpt_negotiation_id_group,
	&mpt_negotiation_agreed_group,
	NULL,
};
