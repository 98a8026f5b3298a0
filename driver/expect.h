/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the CDBs table (cdb.h) cannot know: commands of vendors, and the block
 * length that a pass-through device really has.  Pure; any context.
 */
#ifndef MPT_EXPECT_H
#define MPT_EXPECT_H

#include <linux/dma-direction.h>
#include <linux/types.h>

/* An administrator's word about one operation code. */
struct mpt_expect_rule {
	u8 opcode;
	u8 offset, width;		/* of the count in the CDB; width 0: always @unit bytes */
	u8 direction;			/* enum dma_data_direction, as mpt_cdb_expect() has it */
	bool blocks;			/* the count is one of blocks */
	u32 unit;			/* bytes that one of the count is, unless blocks */
};

/*
 * Reads OPCODE:in|out:OFFSET:BYTES[:UNIT] or OPCODE:in|out:=LENGTH, where OPCODE is
 * hexadecimal, OFFSET and BYTES say where the count is in a CDB of 16 bytes, and UNIT
 * is a number of bytes (default 1) or the word block.  0 or -EINVAL.
 */
int mpt_expect_parse(const char *text, struct mpt_expect_rule *rule);
/* As mpt_cdb_expect(), for a CDB with the rule's operation code. */
enum dma_data_direction mpt_expect_by_rule(const struct mpt_expect_rule *rule, const u8 *cdb,
					   u32 block_size, u32 *length);

/*
 * The current block length that the @length bytes of @data tell, which the
 * command moved with status GOOD: READ CAPACITY, MODE SENSE, MODE SELECT.  0: they
 * do not tell.
 */
u32 mpt_expect_block_size(const u8 *cdb, const u8 *data, size_t length);
/* Is it a command whose data mpt_expect_block_size() can use, and how many bytes of them? */
#define MPT_EXPECT_SEEN		24
bool mpt_expect_looks_at(const u8 *cdb);

#endif
