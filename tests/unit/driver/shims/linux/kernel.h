/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <stdarg.h>
#include <stdio.h>

#include <linux/types.h>
#include <stdio.h>	/* sscanf() */

#define U8_MAX	UINT8_MAX
#define U32_MAX	UINT32_MAX

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define offsetofend(type, member)	(offsetof(type, member) + sizeof(((type *)0)->member))
#define struct_size(pointer, member, count) \
	(sizeof(*(pointer)) + sizeof(*(pointer)->member) * (size_t)(count))

#define min(a, b) ({				\
	__typeof__(a) min_a = (a);		\
	__typeof__(b) min_b = (b);		\
	(void)(&min_a == &min_b);		\
	min_a < min_b ? min_a : min_b;		\
})
#define min_t(type, a, b) ({			\
	type min_t_a = (a), min_t_b = (b);	\
	min_t_a < min_t_b ? min_t_a : min_t_b;	\
})

/* What really was written, without the NUL. */
static inline __attribute__((format(printf, 3, 4))) int scnprintf(char *text, size_t size,
								  const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, size, format, args);
	va_end(args);
	return !size ? 0 : (size_t)length < size ? length : (int)size - 1;
}

#endif
