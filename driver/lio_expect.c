// SPDX-License-Identifier: GPL-2.0-only
/* See lio_expect.h. */
#include <linux/scatterlist.h>
#include <linux/string.h>

#include <scsi/scsi_proto.h>
#include <target/target_core_base.h>
#include <target/target_core_backend.h>

#include "cdb.h"
#include "expect.h"
#include "lio_expect.h"
#include "mpt_target.h"

/*
 * LIO allocates whatever a CDB names, up to 4 GiB for a REPORT LUNS, before anything
 * is known to be there: an initiator could take all of the target's memory.  This
 * holds every length of 24 bits, more than any initiator on a parallel bus asks for.
 */
#define LIO_EXPECT_MOST		(16U << 20)

/* What LIO says of a CD of 2048 and of one of 512 bytes a block. */
#define LIO_EXPECT_CD		2048

static bool lio_expect_passes(const struct se_device *dev)
{
	return dev->transport_flags & TRANSPORT_FLAG_PASSTHROUGH;
}

/*
 * NULL: there is none.  The core lets go of a device only after a grace period since
 * the entry was unlinked.
 */
static struct se_device *lio_expect_device(const struct se_session *session, u64 lun,
					   u64 *group_lun)
{
	const struct se_dev_entry *entry;

	hlist_for_each_entry_rcu(entry, &session->se_node_acl->lun_entry_hlist, link) {
		if (entry->mapped_lun == lun) {
			*group_lun = entry->se_lun->unpacked_lun;
			return rcu_dereference(entry->se_lun->lun_se_dev);
		}
	}
	return NULL;
}

static u32 lio_expect_block_size(const struct se_device *dev, u8 type, u64 lun,
				 const struct lio_block_sizes *sizes)
{
	u32 block_size = dev->dev_attrib.block_size;
	u64 seen;

	if (!lio_expect_passes(dev))
		return block_size;
	seen = lun < LIO_EXPECT_LUNS ? READ_ONCE(sizes->seen[lun]) : 0;
	if ((u32)seen && (u32)(seen >> 32) == (u32)dev->dev_index)
		return seen;
	return type == TYPE_ROM && block_size == 512 ? LIO_EXPECT_CD : block_size;
}

bool lio_expect(const struct se_session *session, u64 lun, const struct lio_block_sizes *sizes,
		const u8 *cdb, struct lio_expected *expected)
{
	u64 group_lun = 0;
	struct se_device *dev = lio_expect_device(session, lun, &group_lun);
	u32 block_size = 512;
	u8 type = TYPE_DISK;

	if (dev) {
		type = dev->transport->get_device_type(dev);
		block_size = lio_expect_block_size(dev, type, group_lun, sizes);
	}
	memcpy(expected->cdb, cdb, sizeof(expected->cdb));
	expected->direction = mpt_command_expect(cdb, type, block_size, &expected->length);
	if (expected->length <= LIO_EXPECT_MOST)
		return true;
	if (!mpt_cdb_clip(expected->cdb, type, LIO_EXPECT_MOST))
		return false;
	expected->direction = mpt_command_expect(expected->cdb, type, block_size,
						 &expected->length);
	return expected->length <= LIO_EXPECT_MOST;
}

void lio_expect_learn(const struct se_cmd *se, struct lio_block_sizes *sizes)
{
	const struct se_device *dev = se->se_dev;
	u8 data[MPT_EXPECT_SEEN];
	u32 block_size;
	size_t length;
	u64 lun;

	if (!dev || !lio_expect_passes(dev) || se->scsi_status || !se->se_lun ||
	    !mpt_expect_looks_at(se->t_task_cdb))
		return;
	lun = se->se_lun->unpacked_lun;
	length = min_t(size_t, se->data_length, sizeof(data));
	length = sg_copy_to_buffer(se->t_data_sg, se->t_data_nents, data, length);
	block_size = mpt_expect_block_size(se->t_task_cdb, data, length);
	if (block_size && lun < LIO_EXPECT_LUNS)
		WRITE_ONCE(sizes->seen[lun], (u64)dev->dev_index << 32 | block_size);
}
