// SPDX-License-Identifier: GPL-2.0-or-later
#include "script_private.h"

/* A bijective mix (splitmix64): any word of the pattern without those before it. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t length)
{
	const uint64_t base = mix(seed);
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < length; i++, offset++) {
		if (!i || !(offset % 8))
			word = mix(base + offset / 8);
		data[i] = (uint8_t)(word >> offset % 8 * 8);
	}
}

uint32_t crc32_of(const uint8_t *data, size_t length)
{
	uint32_t table[256];
	uint32_t crc = ~0u;
	uint32_t i, bit;

	for (i = 0; i < 256; i++) {
		table[i] = i;
		for (bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
	}
	while (length--)
		crc = crc >> 8 ^ table[(crc ^ *data++) & 0xff];
	return ~crc;
}

bool sense_decode(const uint8_t *sense, size_t length, int decoded[3])
{
	const uint8_t format = length ? sense[0] & 0x7f : 0;

	if ((format == 0x70 || format == 0x71) && length >= 3) {
		decoded[0] = sense[2] & 0x0f;
		decoded[1] = length > 12 ? sense[12] : 0;
		decoded[2] = length > 13 ? sense[13] : 0;
		return true;
	}
	if ((format == 0x72 || format == 0x73) && length >= 4) {
		decoded[0] = sense[1] & 0x0f;
		decoded[1] = sense[2];
		decoded[2] = sense[3];
		return true;
	}
	return false;
}

const char *outcome_name(enum bus_outcome outcome)
{
	switch (outcome) {
	case BUS_STATUS:
		return "a status";
	case BUS_TMF_DONE:
		return "a response";
	case BUS_SELECTION_TIMEOUT:
		return "selection timeout";
	case BUS_WAS_RESET:
		return "bus reset";
	case BUS_UNEXPECTED_FREE:
		return "unexpected bus free";
	case BUS_ABORTED:
		return "aborted";
	}
	return "?";
}
