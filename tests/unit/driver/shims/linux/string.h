/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <stdbool.h>
#include <string.h>

/* Equal but for one newline at the end, as sysfs gets it. */
static inline bool sysfs_streq(const char *a, const char *b)
{
	size_t length = strcspn(a, "\n");

	return length == strlen(b) && !memcmp(a, b, length) && (!a[length] || !a[length + 1]);
}

#endif
