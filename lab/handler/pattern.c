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
	size_t i;

	for (i = 0; i < length; i++) {
		uint64_t at = offset + i;

		data[i] = (uint8_t)(scramble(start + at / 8) >> at % 8 * 8);
	}
}
