/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CDB says of itself, since parallel SCSI and SSP carry neither length nor
 * direction.  Pure; any context.
 */
#ifndef MPT_CDB_H
#define MPT_CDB_H

#include <linux/dma-direction.h>
#include <linux/types.h>

/* Bytes of a CDB by its opcode's group (SAM): 6, 10, 12, 16; 16 for reserved and vendor groups. */
unsigned int mpt_cdb_length(const u8 *cdb);
/*
 * Direction as LIO and SCST name it (DMA_FROM_DEVICE: READ, to the initiator)
 * and expected length of the 16 bytes at @cdb.
 *
 * @type is the logical unit's peripheral device type (SPC: 0 disk, 1 tape, 5
 * CD/DVD, 8 changer); 0 if not known.  Opcodes mean different things to
 * different types: 42h is UNMAP or READ SUB-CHANNEL, and bit 0 of a READ(6)'s
 * second byte is an address bit of a disk but FIXED of a tape.
 * @block_size scales block counts; 0: not known, then the direction is right
 * and the length comes out 0.
 *
 * A transfer of nothing (allocation length 0, VERIFY without BYTCHK) and every
 * opcode that is unknown or has no data: DMA_NONE, 0.  Lengths that do not fit
 * saturate.  CDBs longer than 16 bytes keep their length beyond the bytes seen
 * here: DMA_NONE, 0.
 */
enum dma_data_direction mpt_cdb_expect(const u8 *cdb, u8 type, u32 block_size, u32 *length);
/*
 * Lowers an allocation length of 32 bits to what is worth @most bytes: less than a
 * command may ask for, more than any answer has.  False: the command has none.
 */
bool mpt_cdb_clip(u8 *cdb, u8 type, u32 most);

#endif
