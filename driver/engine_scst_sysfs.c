// SPDX-License-Identifier: GPL-2.0-only
/*
 * mpt_scst: what /sys/kernel/scst_tgt/targets/mpt_scst shows besides SCST's own.  A
 * target has the attributes of its adapter's mpt_target/: scstadmin saves those that
 * end with SCST's key mark, and sets them again.
 */
#include <linux/slab.h>

#include "engine_scst.h"

struct mpt_scst_attribute {
	struct kobj_attribute kobj;
	struct mpt_sysfs_file file;
	unsigned int index;		/* mpt_target's */
};

static struct mpt_scst_attribute *mpt_scst_attributes;
static const struct attribute **mpt_scst_attribute_list;

static const struct mpt_address_name *mpt_scst_kobj_name(struct kobject *kobject)
{
	const struct scst_tgt *tgt = container_of(kobject, struct scst_tgt, tgt_kobj);
	const struct mpt_scst_target *target = scst_tgt_get_tgt_priv(tgt);

	return target ? &target->name : NULL;
}

/* An adapter that is not there has attributes without a value: scstadmin reads them all. */
static ssize_t mpt_scst_attribute_show(struct kobject *kobject, struct kobj_attribute *attr,
				       char *page)
{
	const struct mpt_scst_attribute *attribute = container_of(attr, struct mpt_scst_attribute,
								  kobj);
	const struct mpt_address_name *name = mpt_scst_kobj_name(kobject);
	bool changed = false;
	ssize_t length;

	if (!name)
		return -E_TGT_PRIV_NOT_YET_SET;
	length = mpt_sysfs_show(name, attribute->index, page, &changed);
	if (length == -ENODEV)
		return sysfs_emit(page, "\n");
	if (length >= 0 && changed)
		length += sysfs_emit_at(page, length, "%s\n", SCST_SYSFS_KEY_MARK);
	return length;
}

static ssize_t mpt_scst_attribute_store(struct kobject *kobject, struct kobj_attribute *attr,
					const char *text, size_t count)
{
	const struct mpt_scst_attribute *attribute = container_of(attr, struct mpt_scst_attribute,
								  kobj);
	const struct mpt_address_name *name = mpt_scst_kobj_name(kobject);
	int ret;

	if (!name)
		return -E_TGT_PRIV_NOT_YET_SET;
	ret = mpt_sysfs_store(name, attribute->index, text);
	return ret ?: count;
}

/* Takes no lock: whoever removes the file waits for it. */
static ssize_t mpt_scst_hw_target_show(struct kobject *kobject, struct kobj_attribute *attr,
				       char *page)
{
	return sysfs_emit(page, "1\n");
}

static struct kobj_attribute mpt_scst_hw_target =
	__ATTR(hw_target, 0444, mpt_scst_hw_target_show, NULL);

/*
 * An adapter's own target has hw_target only while it is enabled: where that file is,
 * and whatever it says, scstadmin enables the target before it adds another, and gives
 * up if it cannot.  target->mutex held, and SCST still has the target's directory.
 */
void mpt_scst_mark(struct mpt_scst_target *target, bool enabled)
{
	bool mark = enabled && target->own;

	if (mark == target->marked)
		return;
	if (!mark)
		sysfs_remove_file(&target->tgt->tgt_kobj, &mpt_scst_hw_target.attr);
	else if (sysfs_create_file(&target->tgt->tgt_kobj, &mpt_scst_hw_target.attr))
		return;			/* scstadmin takes it for an added one */
	target->marked = mark;
}

static void mpt_scst_attribute_init(struct mpt_scst_attribute *attribute, unsigned int index)
{
	mpt_sysfs_get(index, &attribute->file);
	attribute->index = index;
	sysfs_attr_init(&attribute->kobj.attr);
	attribute->kobj.attr.name = attribute->file.name;
	attribute->kobj.attr.mode = attribute->file.mode;
	attribute->kobj.show = mpt_scst_attribute_show;
	if (attribute->file.mode & 0200)
		attribute->kobj.store = mpt_scst_attribute_store;
}

const struct attribute **mpt_scst_attributes_create(void)
{
	unsigned int count = 0, index;
	struct mpt_sysfs_file file;

	while (mpt_sysfs_get(count, &file))
		count++;
	mpt_scst_attributes = kcalloc(count, sizeof(*mpt_scst_attributes), GFP_KERNEL);
	mpt_scst_attribute_list = kcalloc(count + 1, sizeof(*mpt_scst_attribute_list),
					  GFP_KERNEL);
	if (!mpt_scst_attributes || !mpt_scst_attribute_list) {
		mpt_scst_attributes_destroy();
		return NULL;
	}
	for (index = 0; index < count; index++) {
		mpt_scst_attribute_init(&mpt_scst_attributes[index], index);
		mpt_scst_attribute_list[index] = &mpt_scst_attributes[index].kobj.attr;
	}
	return mpt_scst_attribute_list;
}

void mpt_scst_attributes_destroy(void)
{
	kfree(mpt_scst_attributes);
	kfree(mpt_scst_attribute_list);
	mpt_scst_attributes = NULL;
	mpt_scst_attribute_list = NULL;
}

/* Not of the target's list: the session's directory is removed while the adapter is locked. */
static ssize_t mpt_scst_agreed_show(struct kobject *kobject, struct kobj_attribute *attr,
				    char *page)
{
	const struct scst_session *session = container_of(kobject, struct scst_session, sess_kobj);
	const struct mpt_scst_initiator *initiator = scst_sess_get_tgt_priv(session);

	return mpt_nexus_agreed(initiator->nexus, page);
}

static struct kobj_attribute mpt_scst_agreed = __ATTR(agreed, 0444, mpt_scst_agreed_show, NULL);

const struct attribute *mpt_scst_session_attributes[] = {
	&mpt_scst_agreed.attr,
	NULL,
};

static ssize_t mpt_scst_version_show(struct kobject *kobject, struct kobj_attribute *attr,
				     char *page)
{
	return sysfs_emit(page, "SCST=%s\n", SCST_VERSION_NAME);
}

static struct kobj_attribute mpt_scst_version = __ATTR(version, 0444, mpt_scst_version_show, NULL);

const struct attribute *mpt_scst_driver_attributes[] = {
	&mpt_scst_version.attr,
	NULL,
};
