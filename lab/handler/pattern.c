// SPDX-License-Identifier: GPL-2.0-or-later
#include "user_lun.h"

static uint64_t scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t length)
{
	const uint64_t start = scramble(seed);
	uint64_t word = scramble(start + offset / 8) >> offset % 8 * 8;

	for (; length; length--) {
		*data++ = (uint8_t)word;
		word >>= 8;
		if (!(++offset % 8))
			word = scramble(start + offset / 8);
	}
}
