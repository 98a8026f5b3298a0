/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte by byte: right on any host, aligned or not. */
#ifndef SHIM_LINUX_UNALIGNED_H
#define SHIM_LINUX_UNALIGNED_H

#include <linux/types.h>

static inline u64 shim_get(const u8 *p, unsigned int bytes, bool big)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		value = value << 8 | p[big ? i : bytes - 1 - i];
	return value;
}

static inline void shim_put(u64 value, u8 *p, unsigned int bytes, bool big)
{
	unsigned int i;

	for (i = 0; i < bytes; i++, value >>= 8)
		p[big ? bytes - 1 - i : i] = value & 0xff;
}

static inline u16 get_unaligned_le16(const void *p) { return shim_get(p, 2, false); }
static inline u32 get_unaligned_le32(const void *p) { return shim_get(p, 4, false); }
static inline u64 get_unaligned_le64(const void *p) { return shim_get(p, 8, false); }
static inline u16 get_unaligned_be16(const void *p) { return shim_get(p, 2, true); }
static inline u32 get_unaligned_be32(const void *p) { return shim_get(p, 4, true); }
static inline void put_unaligned_le16(u16 value, void *p) { shim_put(value, p, 2, false); }
static inline void put_unaligned_le32(u32 value, void *p) { shim_put(value, p, 4, false); }
static inline void put_unaligned_le64(u64 value, void *p) { shim_put(value, p, 8, false); }
static inline void put_unaligned_be16(u16 value, void *p) { shim_put(value, p, 2, true); }
static inline void put_unaligned_be32(u32 value, void *p) { shim_put(value, p, 4, true); }

#endif
