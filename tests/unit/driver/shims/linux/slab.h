/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <stdbool.h>
#include <stdlib.h>

#define GFP_KERNEL	0

extern bool shim_out_of_memory;		/* the next allocations fail */

static inline void *kvzalloc(size_t size, int flags)
{
	(void)flags;
	return shim_out_of_memory ? NULL : calloc(1, size);
}

static inline void kvfree(void *memory)
{
	free(memory);
}

#endif
