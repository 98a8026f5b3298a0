/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHIM_LINUX_KSTRTOX_H
#define SHIM_LINUX_KSTRTOX_H

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <linux/types.h>

static inline int kstrtou8(const char *text, unsigned int base, u8 *value)
{
	unsigned long number;
	char *end;

	if (*text == '+')
		text++;
	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	number = strtoul(text, &end, base);
	if (end == text || (*end && (*end != '\n' || end[1])))
		return -EINVAL;
	if (number > UINT8_MAX)
		return -ERANGE;
	*value = number;
	return 0;
}

#endif
