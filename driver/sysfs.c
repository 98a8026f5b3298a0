// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/pci/devices/<address>/mpt_target/: what an adapter is and does, the
 * same for every engine.
 */
#include <linux/slab.h>

#include "directory.h"

static ssize_t role_show(const struct mpt_directory *directory,
			 const struct mpt_file *file, char *page)
{
	u16 flags = directory->adapter->ioc->pfacts[0].ProtocolFlags;

	flags &= MPI_PORTFACTS_PROTOCOL_TARGET | MPI_PORTFACTS_PROTOCOL_INITIATOR;
	return sysfs_emit(page, "%s\n", flags == MPI_PORTFACTS_PROTOCOL_TARGET ? "target" :
			  flags == MPI_PORTFACTS_PROTOCOL_INITIATOR ? "initiator" :
			  flags ? "both" : "none");
}

static ssize_t engine_show(const struct mpt_directory *directory,
			   const struct mpt_file *file, char *page)
{
	const struct mpt_engine *engine = directory->adapter->engine;

	return sysfs_emit(page, "%s\n", engine ? engine->name : "none");
}

static ssize_t ids_show(const struct mpt_directory *directory,
			const struct mpt_file *file, char *page)
{
	unsigned long ids = READ_ONCE(directory->adapter->ids);

	return sysfs_emit(page, "%*pbl\n", MPT_MAX_IDS, &ids);
}

static ssize_t queuing_show(const struct mpt_directory *directory,
			    const struct mpt_file *file, char *page)
{
	return sysfs_emit(page, "%s\n",
			  READ_ONCE(directory->adapter->tagged) ? "tagged" : "untagged");
}

static int queuing_store(const struct mpt_directory *directory,
			 const struct mpt_file *file, const char *text)
{
	struct mpt_adapter *adapter = directory->adapter;

	if (sysfs_streq(text, "tagged")) {
		mpt_info(adapter->pdev, "tagged queuing is experimental: no evidence from silicon\n");
		adapter->tagged = true;
	} else if (sysfs_streq(text, "untagged")) {
		adapter->tagged = false;
	} else {
		mpt_err(adapter->pdev, "queuing must be 'untagged' or 'tagged'\n");
		return -EINVAL;
	}
	return 0;
}

static bool queuing_changed(const struct mpt_directory *directory, const struct mpt_file *file)
{
	return directory->adapter->tagged != mpt_adapter_tagged_default();
}

/* How names of this bus are spelt for an engine that knows no parallel SCSI. */
static ssize_t names_show(const struct mpt_directory *directory,
			  const struct mpt_file *file, char *page)
{
	struct pci_dev *pdev = directory->adapter->pdev;
	struct mpt_address_name name;
	char naa[MPT_NAA_SIZE];
	ssize_t length = 0;
	int initiator;

	mpt_adapter_name(directory->adapter, 0, &name);
	for (initiator = 0; initiator < 2; initiator++) {
		for (name.id = 0; name.id < MPT_MAX_IDS; name.id++) {
			mpt_address_naa(&name, initiator ? name.id : -1, naa);
			length += sysfs_emit_at(page, length, "%s %u spi.%s.%u %s\n",
						initiator ? "initiator" : "target", name.id,
						pci_name(pdev), name.id, naa);
		}
	}
	return length;
}

static ssize_t counters_show(const struct mpt_directory *directory,
			     const struct mpt_file *file, char *page)
{
	struct mpt_adapter *adapter = directory->adapter;
	unsigned int states[MPT_SLOT_STATES] = { 0 }, index, idle, used = 0;
	struct mpt_counters counters;
	unsigned long flags, evicted = 0;
	ssize_t length;

	spin_lock_irqsave(&adapter->lock, flags);
	counters = adapter->counters;
	if (adapter->sense_cache)
		evicted = mpt_sense_cache_evicted(adapter->sense_cache);
	for (index = 0; index < adapter->nr_slots; index++)
		states[adapter->slots[index].state]++;
	spin_unlock_irqrestore(&adapter->lock, flags);
	idle = states[MPT_SLOT_IDLE] + states[MPT_SLOT_RETURNED];
	for (index = 0; index < MPT_SLOT_STATES; index++)
		used += states[index];
	used -= idle + states[MPT_SLOT_POSTED];
	length = sysfs_emit(page, "commands %lu\nlost %lu\nstarved %lu\nlocal_sense %lu\n",
			    counters.commands, counters.lost, counters.starved,
			    counters.local_sense);
	length += sysfs_emit_at(page, length,
				"sense_evicted %lu\nbad_replies %lu\npost_errors %lu\n", evicted,
				counters.bad_replies, counters.post_errors);
	length += sysfs_emit_at(page, length, "settings_written %lu\n",
				counters.settings_written);
	length += sysfs_emit_at(page, length,
				"buffers_posted %u\nbuffers_idle %u\nbuffers_in_use %u\n",
				states[MPT_SLOT_POSTED], idle, used);
	return length;
}

#define MPT_FILE(_name, _mode, ...)				\
	static struct mpt_file mpt_file_##_name = {		\
		.attr = { .name = #_name, .mode = _mode },		\
		.show = _name##_show,					\
		__VA_ARGS__						\
	}

MPT_FILE(role, 0444);
MPT_FILE(engine, 0444, .locked = true);
MPT_FILE(ids, 0444);
MPT_FILE(queuing, 0644, .store = queuing_store, .changed = queuing_changed);
MPT_FILE(names, 0444);
MPT_FILE(counters, 0444);

static struct attribute *mpt_adapter_attributes[] = {
	&mpt_file_role.attr,
	&mpt_file_engine.attr,
	&mpt_file_ids.attr,
	&mpt_file_queuing.attr,
	&mpt_file_names.attr,
	&mpt_file_counters.attr,
	NULL,
};

static const struct attribute_group mpt_adapter_group = {
	.attrs = mpt_adapter_attributes,
};

static ssize_t mpt_directory_show(struct kobject *kobject, struct attribute *attr, char *page)
{
	const struct mpt_directory *directory = container_of(kobject, struct mpt_directory,
							     kobject);
	const struct mpt_file *file = container_of(attr, struct mpt_file, attr);
	ssize_t ret;

	if (file->locked)
		mutex_lock(&directory->adapter->mutex);
	ret = file->show(directory, file, page);
	if (file->locked)
		mutex_unlock(&directory->adapter->mutex);
	return ret;
}

/* Does @text say what is the case anyway?  Some tools write all that they know. */
static bool mpt_file_says(const struct mpt_directory *directory, const struct mpt_file *file,
			  const char *text)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	bool same;

	same = page && file->show(directory, file, page) > 0 && sysfs_streq(page, text);
	free_page((unsigned long)page);
	return same;
}

/*
 * What can be set is used when the first ID is enabled, so it may not change after that.
 * adapter->mutex held.
 */
static int mpt_file_store(const struct mpt_directory *directory, const struct mpt_file *file,
			  const char *text)
{
	const struct mpt_adapter *adapter = directory->adapter;

	if (!adapter->ids)
		return file->store(directory, file, text);
	if (mpt_file_says(directory, file, text) ||
	    (file->asked && file->asked(directory, file, text)))
		return 0;
	mpt_err(adapter->pdev, "%s cannot be changed while a target is enabled; disable it first\n",
		file->attr.name);
	return -EBUSY;
}

static ssize_t mpt_directory_store(struct kobject *kobject, struct attribute *attr,
				   const char *text, size_t count)
{
	const struct mpt_directory *directory = container_of(kobject, struct mpt_directory,
							     kobject);
	const struct mpt_file *file = container_of(attr, struct mpt_file, attr);
	int ret;

	mutex_lock(&directory->adapter->mutex);
	ret = mpt_file_store(directory, file, text);
	mutex_unlock(&directory->adapter->mutex);
	return ret ?: count;
}

static const struct sysfs_ops mpt_directory_ops = {
	.show	= mpt_directory_show,
	.store	= mpt_directory_store,
};

static void mpt_directory_release(struct kobject *kobject)
{
	struct mpt_directory *directory = container_of(kobject, struct mpt_directory, kobject);

	mpt_adapter_put(directory->adapter);
	kfree(directory);
}

static const struct attribute_group *mpt_port_groups[] = {
	&mpt_adapter_group,
	&mpt_negotiation_port_group,
	NULL,
};

static const struct kobj_type mpt_port_type = {
	.release	= mpt_directory_release,
	.sysfs_ops	= &mpt_directory_ops,
	.default_groups	= mpt_port_groups,
};

static const struct kobj_type mpt_id_type = {
	.release	= mpt_directory_release,
	.sysfs_ops	= &mpt_directory_ops,
	.default_groups	= mpt_negotiation_id_groups,
};

static struct mpt_directory *mpt_directory_new(struct mpt_adapter *adapter, unsigned int id)
{
	struct mpt_directory *directory = kzalloc(sizeof(*directory), GFP_KERNEL);
	int ret;

	if (!directory)
		return ERR_PTR(-ENOMEM);
	mpt_adapter_hold(adapter);
	directory->adapter = adapter;
	directory->id = id;
	if (id == MPT_ALL_IDS)
		ret = kobject_init_and_add(&directory->kobject, &mpt_port_type,
					   &adapter->pdev->dev.kobj, "mpt_target");
	else
		ret = kobject_init_and_add(&directory->kobject, &mpt_id_type,
					   &adapter->directories[MPT_ALL_IDS]->kobject, "id%u", id);
	if (!ret)
		return directory;
	kobject_put(&directory->kobject);
	return ERR_PTR(ret);
}

/* After this no attribute is in use, though its file may still be open. */
void mpt_directories_remove(struct mpt_adapter *adapter)
{
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(adapter->directories); id++) {
		if (!adapter->directories[id])
			continue;
		kobject_del(&adapter->directories[id]->kobject);
		kobject_put(&adapter->directories[id]->kobject);
		adapter->directories[id] = NULL;
	}
}

static int mpt_directory_add(struct mpt_adapter *adapter, unsigned int id)
{
	struct mpt_directory *directory = mpt_directory_new(adapter, id);

	if (IS_ERR(directory))
		return PTR_ERR(directory);
	adapter->directories[id] = directory;
	return 0;
}

int mpt_directories_create(struct mpt_adapter *adapter)
{
	int ret = mpt_directory_add(adapter, MPT_ALL_IDS);
	unsigned int id;

	if (mpt_adapter_is_target(adapter))
		for (id = 0; !ret && id < MPT_MAX_IDS; id++)
			ret = mpt_directory_add(adapter, id);
	if (ret)
		mpt_directories_remove(adapter);
	return ret;
}

/* An engine's view: mpt_target/ first, then id0/ to id15/. */

static struct attribute **const mpt_port_lists[] = {
	mpt_adapter_attributes,
	mpt_negotiation_port_attributes,
};

/* NULL: there are no more; *@index is what is left of it then. */
static const struct mpt_file *mpt_sysfs_in(struct attribute **list, unsigned int *index)
{
	for (; *list && *index; list++)
		--*index;
	return *list ? container_of(*list, struct mpt_file, attr) : NULL;
}

static const struct mpt_file *mpt_sysfs_find(unsigned int index, unsigned int *id)
{
	const struct mpt_file *file = NULL;
	unsigned int list;

	*id = MPT_ALL_IDS;
	for (list = 0; !file && list < ARRAY_SIZE(mpt_port_lists); list++)
		file = mpt_sysfs_in(mpt_port_lists[list], &index);
	if (file)
		return file;
	for (*id = 0; !file && *id < MPT_MAX_IDS; ++*id)
		file = mpt_sysfs_in(mpt_negotiation_id_attributes, &index);
	--*id;
	return file;
}

bool mpt_sysfs_changed(struct mpt_adapter *adapter)
{
	struct mpt_directory view = { .adapter = adapter };
	const struct mpt_file *file;
	unsigned int index;

	for (index = 0; (file = mpt_sysfs_find(index, &view.id)); index++)
		if (file->changed && file->changed(&view, file))
			return true;
	return false;
}

bool mpt_sysfs_get(unsigned int index, struct mpt_sysfs_file *shown)
{
	unsigned int id;
	const struct mpt_file *file = mpt_sysfs_find(index, &id);

	if (!file)
		return false;
	if (id == MPT_ALL_IDS)
		strscpy(shown->name, file->attr.name, sizeof(shown->name));
	else
		snprintf(shown->name, sizeof(shown->name), "id%u_%s", id, file->attr.name);
	shown->mode = file->attr.mode;
	return true;
}
EXPORT_SYMBOL_GPL(mpt_sysfs_get);

/* Takes the mutex of what it returns; ERR_PTR(-ENODEV) if that is gone, or about to. */
static struct mpt_adapter *mpt_sysfs_lock(const struct mpt_address_name *name)
{
	struct mpt_adapter *adapter = mpt_adapter_get(name->domain, name->bus, name->devfn);

	if (!adapter)
		return ERR_PTR(-ENODEV);
	mutex_lock(&adapter->mutex);
	if (!adapter->removing)
		return adapter;
	mutex_unlock(&adapter->mutex);
	mpt_adapter_put(adapter);
	return ERR_PTR(-ENODEV);
}

static void mpt_sysfs_unlock(struct mpt_adapter *adapter)
{
	mutex_unlock(&adapter->mutex);
	mpt_adapter_put(adapter);
}

ssize_t mpt_sysfs_show(const struct mpt_address_name *name, unsigned int index, char *page,
		       bool *changed)
{
	struct mpt_directory view = { .adapter = mpt_sysfs_lock(name) };
	const struct mpt_file *file = mpt_sysfs_find(index, &view.id);
	ssize_t length;

	if (IS_ERR(view.adapter))
		return PTR_ERR(view.adapter);
	length = file->show(&view, file, page);
	*changed = file->changed && file->changed(&view, file);
	mpt_sysfs_unlock(view.adapter);
	return length;
}
EXPORT_SYMBOL_GPL(mpt_sysfs_show);

int mpt_sysfs_store(const struct mpt_address_name *name, unsigned int index, const char *text)
{
	struct mpt_directory view = { .adapter = mpt_sysfs_lock(name) };
	const struct mpt_file *file = mpt_sysfs_find(index, &view.id);
	int ret;

	if (IS_ERR(view.adapter))
		return PTR_ERR(view.adapter);
	ret = mpt_file_store(&view, file, text);
	mpt_sysfs_unlock(view.adapter);
	return ret;
}
EXPORT_SYMBOL_GPL(mpt_sysfs_store);
