/* SPDX-License-Identifier: GPL-2.0-only */
/* The attributes of an adapter. */
#ifndef MPT_DIRECTORY_H
#define MPT_DIRECTORY_H

#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "internal.h"

/* mpt_target/; holds a reference on its adapter. */
struct mpt_directory {
	struct kobject kobject;
	struct mpt_adapter *adapter;
};

struct mpt_file {
	struct attribute attr;
	ssize_t (*show)(const struct mpt_directory *directory,
			const struct mpt_file *file, char *page);
	/* adapter->mutex held, and no ID is enabled.  0 or -EINVAL, with the reason in the log. */
	int (*store)(const struct mpt_directory *directory,
		     const struct mpt_file *file, const char *text);
};

#endif
