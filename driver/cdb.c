// SPDX-License-Identifier: GPL-2.0-only
/*
 * Length and direction of commands, from SPC, SBC, SSC, MMC, SMC and SAT.
 * Emulated back ends replace the length; pass-through ones live on it.
 */
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "cdb.h"
#include "compat.h"

/* Families of peripheral device types that read an opcode the same way. */
#define MPT_DISK	BIT(0)		/* all types not named below */
#define MPT_TAPE	BIT(1)
#define MPT_CD		BIT(2)
#define MPT_CHANGER	BIT(3)
#define MPT_PROCESSOR	BIT(4)		/* printers and communication devices too */
#define MPT_BLOCK	(MPT_DISK | MPT_CD)
#define MPT_ANY		0xff

/* A CD sector with all its parts (MMC). */
#define MPT_CD_FRAME	2352

struct mpt_cdb_transfer {
	u64 count;
	u32 unit;			/* bytes; 0: block size not known */
	enum dma_data_direction direction;
};

struct mpt_cdb_row {
	u8 opcode;
	u8 types;
	u8 direction;
	bool blocks;			/* the count is one of blocks, not of bytes */
	u8 offset, width;		/* of the count; width 0: the count is @offset itself */
	/* Corrects what the other members say. */
	void (*correct)(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer);
};

unsigned int mpt_cdb_length(const u8 *cdb)
{
	static const u8 by_group[8] = { 6, 10, 10, 16, 16, 12, 16, 16 };

	return by_group[cdb[0] >> 5];
}

static u64 mpt_cdb_field(const u8 *cdb, unsigned int offset, unsigned int width)
{
	u64 value = 0;

	while (width--)
		value = value << 8 | cdb[offset++];
	return value;
}

/* READ(6) and WRITE(6) of a disk. */
static void mpt_cdb_six(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (!transfer->count)
		transfer->count = 256;
}

static void mpt_cdb_fixed(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (!(cdb[1] & BIT(0)))		/* FIXED */
		transfer->unit = 1;
}

static void mpt_cdb_tape_verify(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (!(cdb[1] & BIT(1)))		/* BYTCMP */
		transfer->count = 0;
	mpt_cdb_fixed(cdb, block_size, transfer);
}

static void mpt_cdb_verify(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	switch (cdb[1] >> 1 & 3) {	/* BYTCHK */
	case 1:
		break;
	case 3:
		transfer->count = !!transfer->count;
		break;
	default:
		transfer->count = 0;
	}
}

static void mpt_cdb_one_block(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	transfer->count = 1;
}

static void mpt_cdb_write_same_16(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	transfer->count = !(cdb[1] & BIT(0));	/* NDOB */
}

static void mpt_cdb_compare_and_write(const u8 *cdb, u32 block_size,
				      struct mpt_cdb_transfer *transfer)
{
	transfer->count *= 2;
}

static void mpt_cdb_write_long(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (cdb[1] & BIT(6))		/* WR_UNCOR */
		transfer->count = 0;
}

/* SERVICE ACTION IN(16): READ LONG(16) alone has its length elsewhere. */
static void mpt_cdb_service_in(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if ((cdb[1] & 0x1f) == 0x11)
		transfer->count = get_unaligned_be16(cdb + 12);
}

static void mpt_cdb_service_out(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if ((cdb[1] & 0x1f) != 0x11)
		return;
	transfer->count = get_unaligned_be16(cdb + 12);
	mpt_cdb_write_long(cdb, block_size, transfer);
}

static void mpt_cdb_security(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (cdb[4] & BIT(7))		/* INC_512 */
		transfer->unit = 512;
}

/*
 * FORMAT UNIT and REASSIGN BLOCKS give their length in the list itself: expect
 * the header of a list without descriptors, and one block to reassign.
 */
static void mpt_cdb_format(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (!(cdb[1] & BIT(4)))		/* FMTDATA */
		transfer->count = 0;
	else if (cdb[1] & BIT(5))	/* LONGLIST */
		transfer->count = 8;
}

static void mpt_cdb_format_cd(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (!(cdb[1] & BIT(4)))
		transfer->count = 0;
}

static void mpt_cdb_reassign(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	if (cdb[1] & BIT(1))		/* LONGLBA */
		transfer->count += 4;
}

static void mpt_cdb_read_position(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	switch (cdb[1] & 0x1f) {
	case 0x00:
	case 0x01:
		transfer->count = 20;
		break;
	case 0x06:
		transfer->count = 32;
		break;
	}
}

static void mpt_cdb_performance(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	static const u16 descriptor[6] = { 16, 8, 2048, 16, 8, 8 };

	transfer->count *= cdb[10] < ARRAY_SIZE(descriptor) ? descriptor[cdb[10]] : 0;
	transfer->count += 8;
}

static void mpt_cdb_ata(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer,
			u16 features, u16 sectors)
{
	transfer->direction = cdb[2] & BIT(3) ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	if (cdb[2] & BIT(2))		/* BYT_BLOK; T_TYPE */
		transfer->unit = cdb[2] & BIT(4) ? block_size : 512;
	switch (cdb[2] & 3) {		/* T_LENGTH; 3 is a field no SCSI transport has */
	case 1:
		transfer->count = features;
		break;
	case 2:
		transfer->count = sectors;
		break;
	default:
		transfer->count = 0;
	}
}

static void mpt_cdb_ata_12(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	mpt_cdb_ata(cdb, block_size, transfer, cdb[3], cdb[4]);
}

static void mpt_cdb_ata_16(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	u16 mask = cdb[1] & BIT(0) ? 0xffff : 0xff;	/* EXTEND */

	mpt_cdb_ata(cdb, block_size, transfer, get_unaligned_be16(cdb + 3) & mask,
		    get_unaligned_be16(cdb + 5) & mask);
}

/* Bytes of one sector as READ CD wants it: byte 1 the sector's type, 9 and 10 the parts of it. */
static u32 mpt_cdb_cd_sector(const u8 *cdb)
{
	static const struct {
		u16 sync, header, subheader, user, edc;
	} parts[6] = {
		[0] = { 12, 4, 0, 2048, 288 },	/* any type: as mode 1, the data discs */
		[1] = { 0, 0, 0, MPT_CD_FRAME, 0 },
		[2] = { 12, 4, 0, 2048, 288 },
		[3] = { 12, 4, 0, 2336, 0 },
		[4] = { 12, 4, 8, 2048, 280 },
		[5] = { 12, 4, 8, 2324, 4 },
	};
	static const u16 errors[4] = { 0, 294, 296, 0 };
	static const u8 subchannel[8] = { [1] = 96, [2] = 16, [4] = 96 };
	unsigned int type = cdb[1] >> 2 & 7;
	u32 size;

	if (type >= ARRAY_SIZE(parts))
		type = 0;
	size = errors[cdb[9] >> 1 & 3] + subchannel[cdb[10] & 7];
	if (type == 1)
		return size + (cdb[9] & 0xf8 ? MPT_CD_FRAME : 0);
	size += cdb[9] & BIT(7) ? parts[type].sync : 0;
	size += cdb[9] & BIT(6) ? parts[type].subheader : 0;
	size += cdb[9] & BIT(5) ? parts[type].header : 0;
	size += cdb[9] & BIT(4) ? parts[type].user : 0;
	size += cdb[9] & BIT(3) ? parts[type].edc : 0;
	return size;
}

static void mpt_cdb_read_cd(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	transfer->count *= mpt_cdb_cd_sector(cdb);
}

static u32 mpt_cdb_msf(const u8 *msf)
{
	return (msf[0] * 60 + msf[1]) * 75 + msf[2];
}

static void mpt_cdb_read_cd_msf(const u8 *cdb, u32 block_size, struct mpt_cdb_transfer *transfer)
{
	u32 first = mpt_cdb_msf(cdb + 3), end = mpt_cdb_msf(cdb + 6);

	transfer->count = end > first ? (u64)(end - first) * mpt_cdb_cd_sector(cdb) : 0;
}

#define IN(opcode, types, offset, width) \
	{ opcode, types, DMA_FROM_DEVICE, false, offset, width, NULL }
#define OUT(opcode, types, offset, width) \
	{ opcode, types, DMA_TO_DEVICE, false, offset, width, NULL }
#define IN_CORRECT(opcode, types, offset, width, correct) \
	{ opcode, types, DMA_FROM_DEVICE, false, offset, width, correct }
#define OUT_CORRECT(opcode, types, offset, width, correct) \
	{ opcode, types, DMA_TO_DEVICE, false, offset, width, correct }
#define IN_BLOCKS(opcode, types, offset, width, correct) \
	{ opcode, types, DMA_FROM_DEVICE, true, offset, width, correct }
#define OUT_BLOCKS(opcode, types, offset, width, correct) \
	{ opcode, types, DMA_TO_DEVICE, true, offset, width, correct }

/* The first row that fits the opcode and the type; the busiest commands come first. */
static const struct mpt_cdb_row mpt_cdb_rows[] = {
	IN_BLOCKS(0x28, MPT_BLOCK, 7, 2, NULL),			/* READ(10) */
	OUT_BLOCKS(0x2a, MPT_BLOCK, 7, 2, NULL),		/* WRITE(10) */
	IN_BLOCKS(0x88, MPT_BLOCK, 10, 4, NULL),		/* READ(16) */
	OUT_BLOCKS(0x8a, MPT_BLOCK, 10, 4, NULL),		/* WRITE(16) */
	IN_BLOCKS(0x08, MPT_BLOCK, 4, 1, mpt_cdb_six),		/* READ(6) */
	OUT_BLOCKS(0x0a, MPT_BLOCK, 4, 1, mpt_cdb_six),		/* WRITE(6) */
	IN_BLOCKS(0x08, MPT_TAPE, 2, 3, mpt_cdb_fixed),		/* READ(6) */
	OUT_BLOCKS(0x0a, MPT_TAPE, 2, 3, mpt_cdb_fixed),	/* WRITE(6) */
	IN_BLOCKS(0xa8, MPT_BLOCK, 6, 4, NULL),			/* READ(12) */
	OUT_BLOCKS(0xaa, MPT_BLOCK, 6, 4, NULL),		/* WRITE(12) */

	/* SPC */
	IN(0x12, MPT_ANY, 3, 2),				/* INQUIRY */
	IN(0x03, MPT_ANY, 4, 1),				/* REQUEST SENSE */
	IN(0x1a, MPT_ANY, 4, 1),				/* MODE SENSE(6) */
	IN(0x5a, MPT_ANY, 7, 2),				/* MODE SENSE(10) */
	OUT(0x15, MPT_ANY, 4, 1),				/* MODE SELECT(6) */
	OUT(0x55, MPT_ANY, 7, 2),				/* MODE SELECT(10) */
	OUT(0x4c, MPT_ANY, 7, 2),				/* LOG SELECT */
	IN(0x4d, MPT_ANY, 7, 2),				/* LOG SENSE */
	IN(0x5e, MPT_ANY, 7, 2),				/* PERSISTENT RESERVE IN */
	OUT(0x5f, MPT_ANY, 5, 4),				/* PERSISTENT RESERVE OUT */
	IN(0xa0, MPT_ANY, 6, 4),				/* REPORT LUNS */
	IN(0xa3, MPT_ANY & ~MPT_CD, 6, 4),			/* MAINTENANCE IN */
	OUT(0xa4, MPT_ANY & ~MPT_CD, 6, 4),			/* MAINTENANCE OUT */
	IN_CORRECT(0x9e, MPT_ANY, 10, 4, mpt_cdb_service_in),	/* SERVICE ACTION IN(16) */
	OUT_CORRECT(0x9f, MPT_ANY, 10, 4, mpt_cdb_service_out),	/* SERVICE ACTION OUT(16) */
	IN(0xab, MPT_ANY, 6, 4),				/* SERVICE ACTION IN(12) */
	OUT(0xa9, MPT_ANY & ~MPT_CD, 6, 4),			/* SERVICE ACTION OUT(12) */
	OUT(0x3b, MPT_ANY, 6, 3),				/* WRITE BUFFER */
	IN(0x3c, MPT_ANY, 6, 3),				/* READ BUFFER(10) */
	IN(0x9b, MPT_ANY, 10, 4),				/* READ BUFFER(16) */
	IN(0x1c, MPT_ANY, 3, 2),				/* RECEIVE DIAGNOSTIC RESULTS */
	OUT(0x1d, MPT_ANY, 3, 2),				/* SEND DIAGNOSTIC */
	OUT(0x83, MPT_ANY, 10, 4),				/* EXTENDED COPY */
	IN(0x84, MPT_ANY, 10, 4),				/* RECEIVE COPY RESULTS */
	IN(0x8c, MPT_ANY, 10, 4),				/* READ ATTRIBUTE */
	OUT(0x8d, MPT_ANY, 10, 4),				/* WRITE ATTRIBUTE */
	IN_CORRECT(0xa2, MPT_ANY, 6, 4, mpt_cdb_security),	/* SECURITY PROTOCOL IN */
	OUT_CORRECT(0xb5, MPT_ANY & ~MPT_CHANGER, 6, 4, mpt_cdb_security), /* ... OUT */
	OUT_CORRECT(0xa1, MPT_ANY & ~MPT_CD, 0, 0, mpt_cdb_ata_12), /* ATA PASS-THROUGH(12) */
	OUT_CORRECT(0x85, MPT_ANY, 0, 0, mpt_cdb_ata_16),	/* ATA PASS-THROUGH(16) */

	/* SBC */
	IN(0x25, MPT_BLOCK, 8, 0),				/* READ CAPACITY(10) */
	OUT_BLOCKS(0x2e, MPT_BLOCK, 7, 2, NULL),		/* WRITE AND VERIFY(10) */
	OUT_BLOCKS(0xae, MPT_BLOCK, 6, 4, NULL),		/* WRITE AND VERIFY(12) */
	OUT_BLOCKS(0x8e, MPT_BLOCK, 10, 4, NULL),		/* WRITE AND VERIFY(16) */
	OUT_BLOCKS(0x2f, MPT_BLOCK, 7, 2, mpt_cdb_verify),	/* VERIFY(10) */
	OUT_BLOCKS(0xaf, MPT_BLOCK, 6, 4, mpt_cdb_verify),	/* VERIFY(12) */
	OUT_BLOCKS(0x8f, MPT_BLOCK, 10, 4, mpt_cdb_verify),	/* VERIFY(16) */
	OUT_BLOCKS(0x41, MPT_DISK, 0, 0, mpt_cdb_one_block),	/* WRITE SAME(10) */
	OUT_BLOCKS(0x93, MPT_DISK, 0, 0, mpt_cdb_write_same_16), /* WRITE SAME(16) */
	OUT_BLOCKS(0x89, MPT_DISK, 13, 1, mpt_cdb_compare_and_write), /* COMPARE AND WRITE */
	OUT_BLOCKS(0x8b, MPT_DISK, 10, 4, NULL),		/* ORWRITE(16) */
	OUT_BLOCKS(0x9a, MPT_DISK, 12, 2, NULL),		/* WRITE STREAM(16) */
	OUT_BLOCKS(0x9c, MPT_DISK, 12, 2, NULL),		/* WRITE ATOMIC(16) */
	OUT_BLOCKS(0x50, MPT_DISK, 7, 2, NULL),			/* XDWRITE(10) */
	OUT_BLOCKS(0x51, MPT_DISK, 7, 2, NULL),			/* XPWRITE(10) */
	IN_BLOCKS(0x52, MPT_DISK, 7, 2, NULL),			/* XDREAD(10) */
	OUT(0x42, MPT_DISK, 7, 2),				/* UNMAP */
	IN(0x37, MPT_DISK, 7, 2),				/* READ DEFECT DATA(10) */
	IN(0xb7, MPT_DISK, 6, 4),				/* READ DEFECT DATA(12) */
	IN(0x3e, MPT_DISK, 7, 2),				/* READ LONG(10) */
	OUT_CORRECT(0x3f, MPT_DISK, 7, 2, mpt_cdb_write_long),	/* WRITE LONG(10) */
	OUT_CORRECT(0x04, MPT_DISK, 4, 0, mpt_cdb_format),	/* FORMAT UNIT */
	OUT_CORRECT(0x07, MPT_DISK, 8, 0, mpt_cdb_reassign),	/* REASSIGN BLOCKS */
	IN(0x95, MPT_DISK, 10, 4),				/* ZONE MANAGEMENT IN */

	/* SSC */
	IN_BLOCKS(0x88, MPT_TAPE, 12, 3, mpt_cdb_fixed),	/* READ(16) */
	OUT_BLOCKS(0x8a, MPT_TAPE, 12, 3, mpt_cdb_fixed),	/* WRITE(16) */
	IN_BLOCKS(0x0f, MPT_TAPE, 2, 3, mpt_cdb_fixed),		/* READ REVERSE(6) */
	IN_BLOCKS(0x81, MPT_TAPE, 12, 3, mpt_cdb_fixed),	/* READ REVERSE(16) */
	IN_BLOCKS(0x14, MPT_TAPE, 2, 3, mpt_cdb_fixed),		/* RECOVER BUFFERED DATA */
	OUT_BLOCKS(0x13, MPT_TAPE, 2, 3, mpt_cdb_tape_verify),	/* VERIFY(6) */
	OUT_BLOCKS(0x8f, MPT_TAPE, 12, 3, mpt_cdb_tape_verify),	/* VERIFY(16) */
	IN(0x05, MPT_TAPE, 6, 0),				/* READ BLOCK LIMITS */
	IN_CORRECT(0x34, MPT_TAPE, 7, 2, mpt_cdb_read_position), /* READ POSITION */
	IN(0x44, MPT_TAPE | MPT_CD, 7, 2),		/* REPORT DENSITY SUPPORT, READ HEADER */
	OUT(0x04, MPT_TAPE, 3, 2),				/* FORMAT MEDIUM */

	/* MMC */
	IN(0x42, MPT_CD, 7, 2),					/* READ SUB-CHANNEL */
	IN(0x43, MPT_CD, 7, 2),					/* READ TOC/PMA/ATIP */
	IN(0x46, MPT_CD, 7, 2),					/* GET CONFIGURATION */
	IN(0x4a, MPT_CD, 7, 2),				/* GET EVENT STATUS NOTIFICATION */
	IN(0x51, MPT_CD, 7, 2),					/* READ DISC INFORMATION */
	IN(0x52, MPT_CD, 7, 2),					/* READ TRACK INFORMATION */
	IN(0x5c, MPT_CD, 7, 2),					/* READ BUFFER CAPACITY */
	IN(0x23, MPT_CD, 7, 2),					/* READ FORMAT CAPACITIES */
	IN(0xad, MPT_CD, 8, 2),					/* READ DISC STRUCTURE */
	IN(0xbd, MPT_CD, 8, 2),					/* MECHANISM STATUS */
	IN(0xa4, MPT_CD, 8, 2),					/* REPORT KEY */
	OUT(0xa3, MPT_CD, 8, 2),				/* SEND KEY */
	OUT(0xbf, MPT_CD, 8, 2),				/* SEND DISC STRUCTURE */
	OUT(0x54, MPT_CD, 7, 2),				/* SEND OPC INFORMATION */
	OUT(0x5d, MPT_CD, 6, 3),				/* SEND CUE SHEET */
	OUT(0xb6, MPT_CD, 9, 2),				/* SET STREAMING */
	OUT_CORRECT(0x04, MPT_CD, 12, 0, mpt_cdb_format_cd),	/* FORMAT UNIT */
	IN_CORRECT(0xac, MPT_CD, 8, 2, mpt_cdb_performance),	/* GET PERFORMANCE */
	IN_CORRECT(0xbe, MPT_CD, 6, 3, mpt_cdb_read_cd),	/* READ CD */
	IN_CORRECT(0xb9, MPT_CD, 0, 0, mpt_cdb_read_cd_msf),	/* READ CD MSF */

	/* SMC; tapes with a changer of their own have the first, too */
	IN(0xb8, MPT_CHANGER | MPT_TAPE, 7, 3),			/* READ ELEMENT STATUS */
	IN(0xb5, MPT_CHANGER, 7, 3),			/* REQUEST VOLUME ELEMENT ADDRESS */
	OUT(0xb6, MPT_CHANGER, 8, 2),				/* SEND VOLUME TAG */

	IN(0x08, MPT_PROCESSOR, 2, 3),				/* RECEIVE */
	OUT(0x0a, MPT_PROCESSOR, 2, 3),				/* SEND, PRINT */
};

static u8 mpt_cdb_family(u8 type)
{
	switch (type & 0x1f) {
	case 0x01:
		return MPT_TAPE;
	case 0x02:
	case 0x03:
	case 0x09:
		return MPT_PROCESSOR;
	case 0x05:
		return MPT_CD;
	case 0x08:
		return MPT_CHANGER;
	default:
		return MPT_DISK;
	}
}

static const struct mpt_cdb_row *mpt_cdb_find(u8 opcode, u8 family)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mpt_cdb_rows); i++) {
		const struct mpt_cdb_row *row = &mpt_cdb_rows[i];

		if (row->opcode == opcode && row->types & family)
			return row;
	}
	return NULL;
}

enum dma_data_direction mpt_cdb_expect(const u8 *cdb, u8 type, u32 block_size, u32 *length)
{
	const struct mpt_cdb_row *row = mpt_cdb_find(cdb[0], mpt_cdb_family(type));
	struct mpt_cdb_transfer transfer;

	*length = 0;
	if (!row)
		return DMA_NONE;
	transfer.direction = row->direction;
	transfer.unit = row->blocks ? block_size : 1;
	transfer.count = row->width ? mpt_cdb_field(cdb, row->offset, row->width) : row->offset;
	if (row->correct)
		row->correct(cdb, block_size, &transfer);
	if (!transfer.count)
		return DMA_NONE;
	/* The count has 32 bits, or was multiplied by a few thousand at most when it had 24. */
	transfer.count *= transfer.unit;
	*length = transfer.count > U32_MAX ? U32_MAX : transfer.count;
	return transfer.direction;
}

bool mpt_cdb_clip(u8 *cdb, u8 type, u32 most)
{
	const struct mpt_cdb_row *row = mpt_cdb_find(cdb[0], mpt_cdb_family(type));
	u32 unit = 1;

	if (!row || row->direction != DMA_FROM_DEVICE || row->blocks || row->width != 4)
		return false;
	if (row->correct == mpt_cdb_security && cdb[4] & BIT(7))
		unit = 512;
	if (mpt_cdb_field(cdb, row->offset, row->width) > most / unit)
		put_unaligned_be32(most / unit, cdb + row->offset);
	return true;
}
EXPORT_SYMBOL_GPL(mpt_cdb_clip);
