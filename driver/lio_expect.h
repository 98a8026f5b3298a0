/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much data a command moves, for LIO's pass-through back ends, which have no
 * other source for it; emulated ones find it themselves.
 */
#ifndef LIO_EXPECT_H
#define LIO_EXPECT_H

#include <linux/dma-direction.h>
#include <linux/types.h>

struct se_cmd;
struct se_session;

#define LIO_EXPECT_LUNS		256

/*
 * Block lengths that were seen to go by, since LIO takes at most 512 from its
 * pass-through devices, and a tape's can change at any time.  By LUN of the portal
 * group; the upper half of an entry is the device's index, so that another device
 * in its place does not inherit it.
 */
struct lio_block_sizes {
	u64 seen[LIO_EXPECT_LUNS];
};

struct lio_expected {
	u8 cdb[16];			/* what the engine is to execute */
	enum dma_data_direction direction;
	u32 length;
};

/*
 * False: more than is ever moved at once, to be refused as INVALID FIELD IN CDB.  An
 * allocation length beyond that is lowered in @expected->cdb instead.  Hard irq, inside
 * rcu_read_lock().
 */
bool lio_expect(const struct se_session *session, u64 lun, const struct lio_block_sizes *sizes,
		const u8 *cdb, struct lio_expected *expected);
/* Looks at the data of a command that has ended well; any context. */
void lio_expect_learn(const struct se_cmd *se, struct lio_block_sizes *sizes);

#endif
