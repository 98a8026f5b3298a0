/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef u64 dma_addr_t;

/* Newer configuration pages name the count of their arrays. */
#ifndef __counted_by
#define __counted_by(member)
#endif

struct list_head {
	struct list_head *next, *prev;
};

#endif
