// SPDX-License-Identifier: GPL-2.0-only
/* See expect.h. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "expect.h"

static bool mpt_expect_unit(const char *text, struct mpt_expect_rule *rule)
{
	unsigned int unit;
	int end = 0;

	if (!strcmp(text, ":block")) {
		rule->blocks = true;
		return true;
	}
	if (sscanf(text, ":%8u%n", &unit, &end) != 1 || text[end] || !unit)
		return false;
	rule->unit = unit;
	return true;
}

/* Where the count is, or the fixed length; @text: what follows the direction. */
static bool mpt_expect_count(const char *text, struct mpt_expect_rule *rule)
{
	unsigned int offset, width, length;
	int end = 0;

	rule->unit = 1;
	if (sscanf(text, "=%8u%n", &length, &end) == 1) {
		rule->unit = length;
		return !text[end] && length;
	}
	if (sscanf(text, "%2u:%1u%n", &offset, &width, &end) != 2 ||
	    !offset || !width || width > 4 || offset + width > 16)
		return false;
	rule->offset = offset;
	rule->width = width;
	return !text[end] || mpt_expect_unit(text + end, rule);
}

int mpt_expect_parse(const char *text, struct mpt_expect_rule *rule)
{
	unsigned int opcode;
	char way[4];
	int end = 0;

	memset(rule, 0, sizeof(*rule));
	if (sscanf(text, "%2x:%3[inout]:%n", &opcode, way, &end) != 2 || !end)
		return -EINVAL;
	rule->opcode = opcode;
	if (!strcmp(way, "in"))
		rule->direction = DMA_FROM_DEVICE;
	else if (!strcmp(way, "out"))
		rule->direction = DMA_TO_DEVICE;
	else
		return -EINVAL;
	return mpt_expect_count(text + end, rule) ? 0 : -EINVAL;
}

enum dma_data_direction mpt_expect_by_rule(const struct mpt_expect_rule *rule, const u8 *cdb,
					   u32 block_size, u32 *length)
{
	u64 total = rule->blocks ? block_size : rule->unit;
	unsigned int i;
	u32 count = 0;

	for (i = 0; i < rule->width; i++)
		count = count << 8 | cdb[rule->offset + i];
	if (rule->width)
		total *= count;
	*length = total > U32_MAX ? U32_MAX : total;
	return *length ? rule->direction : DMA_NONE;
}

bool mpt_expect_looks_at(const u8 *cdb)
{
	switch (cdb[0]) {
	case 0x15:			/* MODE SELECT(6) */
	case 0x25:			/* READ CAPACITY(10) */
	case 0x55:			/* MODE SELECT(10) */
		return true;
	case 0x1a:			/* MODE SENSE(6) */
	case 0x5a:			/* MODE SENSE(10) */
		return !(cdb[2] >> 6);	/* PC: current values */
	case 0x9e:			/* READ CAPACITY(16) */
		return (cdb[1] & 0x1f) == 0x10;
	default:
		return false;
	}
}
EXPORT_SYMBOL_GPL(mpt_expect_looks_at);

/* Of the first block descriptor of a mode parameter list. */
static u32 mpt_expect_mode(const u8 *data, size_t length, bool ten)
{
	unsigned int header = ten ? 8 : 4, descriptors;

	if (length < header)
		return 0;
	descriptors = ten ? get_unaligned_be16(data + 6) : data[3];
	if (ten && data[4] & BIT(0))	/* LONGLBA */
		return descriptors >= 16 && length >= 24 ? get_unaligned_be32(data + 20) : 0;
	if (descriptors < 8 || length < header + 8)
		return 0;
	return get_unaligned_be32(data + header + 4) & 0xffffff;
}

u32 mpt_expect_block_size(const u8 *cdb, const u8 *data, size_t length)
{
	if (!mpt_expect_looks_at(cdb))
		return 0;
	switch (cdb[0]) {
	case 0x25:
		return length >= 8 ? get_unaligned_be32(data + 4) : 0;
	case 0x9e:
		return length >= 12 ? get_unaligned_be32(data + 8) : 0;
	default:
		return mpt_expect_mode(data, length, cdb[0] >> 5 == 2);
	}
}
EXPORT_SYMBOL_GPL(mpt_expect_block_size);
