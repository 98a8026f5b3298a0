/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of an adapter, and of what it allows each initiator. */
#ifndef MPT_DIRECTORY_H
#define MPT_DIRECTORY_H

#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "internal.h"

/* mpt_target/, or mpt_target/id<N>/; each holds a reference on its adapter. */
struct mpt_directory {
	struct kobject kobject;
	struct mpt_adapter *adapter;
	unsigned int id;		/* an initiator's, or MPT_ALL_IDS */
};

struct mpt_file {
	struct attribute attr;
	unsigned int field;		/* the owner's */
	bool locked;			/* show() wants adapter->mutex held */
	ssize_t (*show)(const struct mpt_directory *directory,
			const struct mpt_file *file, char *page);
	/* adapter->mutex held, and no ID is enabled.  0 or -EINVAL, with the reason in the log. */
	int (*store)(const struct mpt_directory *directory,
		     const struct mpt_file *file, const char *text);
	/* Is that asked for already, though less may be in force?  NULL: there is no difference. */
	bool (*asked)(const struct mpt_directory *directory, const struct mpt_file *file,
		      const char *text);
	/* Is it not at its default?  NULL: it cannot be set. */
	bool (*changed)(const struct mpt_directory *directory, const struct mpt_file *file);
};

/* sysfs_negotiation.c */
extern struct attribute *mpt_negotiation_port_attributes[];
extern struct attribute *mpt_negotiation_id_attributes[];
extern const struct attribute_group mpt_negotiation_port_group;
extern const struct attribute_group *mpt_negotiation_id_groups[];

#endif
