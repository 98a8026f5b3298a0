// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "cdb.h"

/* HW-64: nothing but the CDB tells how much data a command moves, and which way. */

#define DISK		0x00
#define TAPE		0x01
#define PROCESSOR	0x03
#define CD		0x05
#define CHANGER		0x08

#define CDB(...)	((const uint8_t[16]) { __VA_ARGS__ })

#define IN(type, block_size, expected, ...) \
	check(__LINE__, CDB(__VA_ARGS__), type, block_size, DMA_FROM_DEVICE, expected)
#define OUT(type, block_size, expected, ...) \
	check(__LINE__, CDB(__VA_ARGS__), type, block_size, DMA_TO_DEVICE, expected)
#define NONE(type, ...) \
	check(__LINE__, CDB(__VA_ARGS__), type, 512, DMA_NONE, 0)

static void check(int line, const uint8_t *cdb, uint8_t type, uint32_t block_size,
		  enum dma_data_direction direction, uint32_t expected)
{
	uint32_t length = 0xdeadbeef;
	enum dma_data_direction found = mpt_cdb_expect(cdb, type, block_size, &length);

	if (found != direction || length != expected)
		fail_msg("line %d, opcode %02x, type %u: direction %d, length %u; not %d, %u",
			 line, cdb[0], type, found, length, direction, expected);
}

static void length_follows_the_opcodes_group(void **state)
{
	static const struct {
		uint8_t opcode, length;
	} cases[] = {
		{ 0x00, 6 }, { 0x1f, 6 }, { 0x20, 10 }, { 0x5f, 10 }, { 0x60, 16 }, { 0x7f, 16 },
		{ 0x80, 16 }, { 0x9f, 16 }, { 0xa0, 12 }, { 0xbf, 12 }, { 0xc0, 16 }, { 0xff, 16 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mpt_cdb_length(&cases[i].opcode), cases[i].length);
}

static void reads_and_writes_count_blocks(void **state)
{
	IN(DISK, 512, 8 * 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 8);
	IN(DISK, 4096, 0x0102 * 4096, 0x28, 0, 0, 0, 0, 0, 0, 1, 2);
	OUT(DISK, 520, 3 * 520, 0x2a, 0, 0, 0, 0, 0, 0, 0, 3);
	IN(DISK, 512, 0x010203 * 512, 0xa8, 0, 0, 0, 0, 0, 0, 1, 2, 3);
	OUT(DISK, 512, 9 * 512, 0xaa, 0, 0, 0, 0, 0, 0, 0, 0, 9);
	IN(DISK, 512, 0x0304 * 512, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4);
	OUT(DISK, 512, 7 * 512, 0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
	OUT(DISK, 512, 7 * 512, 0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
	OUT(DISK, 512, 7 * 512, 0x8e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
	OUT(DISK, 512, 2 * 512, 0x2e, 0, 0, 0, 0, 0, 0, 0, 2);
	IN(CD, 2048, 16 * 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 16);
}

static void six_byte_reads_count_zero_as_256_blocks(void **state)
{
	IN(DISK, 512, 256 * 512, 0x08, 0x1f, 0xff, 0xff, 0);
	IN(DISK, 512, 255 * 512, 0x08, 0, 0, 0, 255);
	OUT(DISK, 512, 256 * 512, 0x0a, 0, 0, 0, 0);
	OUT(DISK, 512, 512, 0x0a, 1, 0, 0, 1);
	NONE(DISK, 0x28, 0, 0, 0, 0, 0, 0, 0, 0);	/* READ(10) does not */
}

static void unknown_block_size_leaves_the_direction(void **state)
{
	IN(DISK, 0, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 8);
	OUT(DISK, 0, 0, 0x2a, 0, 0, 0, 0, 0, 0, 0, 8);
	OUT(DISK, 0, 0, 0x41);
	IN(DISK, 0, 36, 0x12, 0, 0, 0, 36);
}

static void lengths_saturate(void **state)
{
	IN(DISK, 512, UINT32_MAX, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
	IN(DISK, UINT32_MAX, UINT32_MAX, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
	IN(DISK, 512, UINT32_MAX, 0xa2, 0, 0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff);
	IN(CD, 2048, UINT32_MAX, 0xbe, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf8);
}

static void primary_commands(void **state)
{
	IN(DISK, 512, 36, 0x12, 0, 0, 0, 36);
	IN(DISK, 512, 0x0124, 0x12, 1, 0x80, 1, 0x24);
	IN(TAPE, 0, 252, 0x03, 0, 0, 0, 252);
	IN(DISK, 512, 192, 0x1a, 0, 0x3f, 0, 192);
	IN(DISK, 512, 0x0204, 0x5a, 0, 0x3f, 0, 0, 0, 0, 2, 4);
	OUT(DISK, 512, 24, 0x15, 0x10, 0, 0, 24);
	OUT(DISK, 512, 0x0118, 0x55, 0x10, 0, 0, 0, 0, 0, 1, 0x18);
	OUT(DISK, 512, 0x0110, 0x4c, 0, 0, 0, 0, 0, 0, 1, 0x10);
	IN(DISK, 512, 0x0200, 0x4d, 0, 0x40, 0, 0, 0, 0, 2, 0);
	IN(DISK, 512, 0x2000, 0x5e, 0, 0, 0, 0, 0, 0, 0x20, 0);
	OUT(DISK, 512, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 24);
	IN(DISK, 512, 0x00010000, 0xa0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
	IN(DISK, 512, 0x200, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 2, 0);
	OUT(DISK, 512, 0x20, 0xa4, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0x20);
	OUT(DISK, 512, 0x010203, 0x3b, 2, 0, 0, 0, 0, 1, 2, 3);
	IN(DISK, 512, 0x010203, 0x3c, 2, 0, 0, 0, 0, 1, 2, 3);
	IN(DISK, 512, 0x0102, 0x1c, 1, 0, 1, 2);
	OUT(DISK, 512, 0x0102, 0x1d, 0x10, 0, 1, 2);
	NONE(DISK, 0x1d, 4, 0, 0, 0);			/* SELFTEST */
	OUT(DISK, 512, 0x30, 0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x30);
	IN(DISK, 512, 0x40, 0x84, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40);
	IN(DISK, 512, 0x30, 0xa2, 0, 0, 0, 0, 0, 0, 0, 0, 0x30);
	IN(DISK, 512, 3 * 512, 0xa2, 0, 0, 0, 0x80, 0, 0, 0, 0, 3);
	OUT(DISK, 512, 3 * 512, 0xb5, 0, 0, 0, 0x80, 0, 0, 0, 0, 3);
}

static void service_actions_have_their_own_fields(void **state)
{
	IN(DISK, 512, 8, 0x25);						/* READ CAPACITY(10) */
	IN(DISK, 512, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32);
	IN(DISK, 512, 0x0208, 0x9e, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 2, 8);	/* READ LONG(16) */
	IN(DISK, 512, 0x200, 0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0);
	OUT(DISK, 512, 0x0208, 0x9f, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 2, 8);
	NONE(DISK, 0x9f, 0x51, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 8);	/* WR_UNCOR */
	OUT(DISK, 512, 0x0208, 0x3f, 0, 0, 0, 0, 0, 0, 2, 8);
	NONE(DISK, 0x3f, 0x40, 0, 0, 0, 0, 0, 2, 8);
}

static void verify_moves_data_only_if_bytchk_says_so(void **state)
{
	NONE(DISK, 0x2f, 0x00, 0, 0, 0, 0, 0, 0, 8);
	OUT(DISK, 512, 8 * 512, 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 8);
	NONE(DISK, 0x2f, 0x04, 0, 0, 0, 0, 0, 0, 8);	/* reserved */
	OUT(DISK, 512, 512, 0x2f, 0x06, 0, 0, 0, 0, 0, 0, 8);
	NONE(DISK, 0x2f, 0x06, 0, 0, 0, 0, 0, 0, 0);
	OUT(DISK, 512, 8 * 512, 0xaf, 0x02, 0, 0, 0, 0, 0, 0, 0, 8);
	OUT(DISK, 512, 8 * 512, 0x8f, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8);
}

static void write_same_sends_one_block_or_none(void **state)
{
	OUT(DISK, 512, 512, 0x41, 0, 0, 0, 0, 0, 0, 0x10, 0);
	OUT(DISK, 4096, 4096, 0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0);
	NONE(DISK, 0x93, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0);	/* NDOB */
}

static void other_disk_commands(void **state)
{
	OUT(DISK, 512, 4 * 512, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
	NONE(DISK, 0x89, 0);
	OUT(DISK, 512, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
	IN(DISK, 512, 0x1004, 0x37, 0, 0x1d, 0, 0, 0, 0, 0x10, 4);
	IN(DISK, 512, 0x0208, 0x3e, 0, 0, 0, 0, 0, 0, 2, 8);
	IN(DISK, 512, 0x1000, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0);
	NONE(DISK, 0x04, 0x00);
	OUT(DISK, 512, 4, 0x04, 0x10);
	OUT(DISK, 512, 8, 0x04, 0x30);
	OUT(DISK, 512, 8, 0x07, 0x00);
	OUT(DISK, 512, 12, 0x07, 0x02);
}

static void tape_blocks_are_fixed_or_bytes(void **state)
{
	IN(TAPE, 1024, 16 * 1024, 0x08, 1, 0, 0, 16);
	IN(TAPE, 1024, 0x010000, 0x08, 0, 1, 0, 0);
	IN(TAPE, 1024, 0x010000, 0x08, 2, 1, 0, 0);	/* SILI */
	NONE(TAPE, 0x08, 0, 0, 0, 0);			/* no 256 blocks here */
	OUT(TAPE, 1024, 2 * 1024, 0x0a, 1, 0, 0, 2);
	OUT(TAPE, 1024, 0x0200, 0x0a, 0, 0, 2, 0);
	IN(TAPE, 0, 0x0200, 0x08, 0, 0, 2, 0);		/* bytes need no block size */
	IN(TAPE, 0, 0, 0x08, 1, 0, 0, 2);
	IN(TAPE, 512, 0x010203, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3);
	OUT(TAPE, 512, 3 * 512, 0x8a, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3);
	IN(TAPE, 512, 3, 0x0f, 0, 0, 0, 3);
	NONE(TAPE, 0x13, 1, 0, 0, 3);
	OUT(TAPE, 512, 3 * 512, 0x13, 3, 0, 0, 3);
	/* The same bytes mean blocks to a disk. */
	IN(DISK, 512, 16 * 512, 0x08, 1, 0, 0, 16);
}

static void other_tape_commands(void **state)
{
	IN(TAPE, 512, 6, 0x05);
	IN(TAPE, 512, 20, 0x34, 0);
	IN(TAPE, 512, 32, 0x34, 6);
	IN(TAPE, 512, 0x0020, 0x34, 8, 0, 0, 0, 0, 0, 0, 0x20);
	IN(TAPE, 512, 0x0100, 0x44, 0, 0, 0, 0, 0, 0, 1, 0);
	IN(TAPE, 512, 0x0100, 0x8c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	NONE(TAPE, 0x01);
	NONE(TAPE, 0x10, 0, 0, 0, 1);			/* WRITE FILEMARKS */
	NONE(TAPE, 0x11, 0, 0, 0, 1);			/* SPACE */
	NONE(TAPE, 0x93, 0);				/* ERASE(16), not WRITE SAME */
}

static void one_opcode_means_different_things_to_different_devices(void **state)
{
	OUT(DISK, 512, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
	IN(CD, 2048, 24, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 24);
	OUT(DISK, 512, 512, 0x51, 0, 0, 0, 0, 0, 0, 0, 1);
	IN(CD, 2048, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34);
	NONE(DISK, 0x34, 0, 0, 0, 0, 0, 0, 0, 8);	/* PRE-FETCH */
	OUT(DISK, 512, 12, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12);
	IN(CD, 2048, 12, 0xa4, 0, 0, 0, 0, 0, 0, 0, 0, 12);
	OUT(CD, 2048, 12, 0xa3, 0, 0, 0, 0, 0, 0, 0, 0, 12);
	NONE(CD, 0xa1, 0, 0x0e, 0, 1);			/* BLANK */
	IN(CHANGER, 0, 0x0400, 0xb8, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	IN(CHANGER, 0, 0x10, 0xb5, 0, 0, 0, 0, 0, 0, 0, 0, 0x10);
	NONE(CHANGER, 0x07);
	IN(PROCESSOR, 0, 0x010203, 0x08, 0, 1, 2, 3);
	OUT(PROCESSOR, 0, 0x010203, 0x0a, 0, 1, 2, 3);
	/* The upper bits of an INQUIRY byte are the qualifier's. */
	IN(0x20 | CD, 2048, 24, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 24);
	/* Optical memory and other direct-access types are disks. */
	IN(0x07, 1024, 1024, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
}

static void multimedia_commands(void **state)
{
	IN(CD, 2048, 804, 0x43, 2, 0, 0, 0, 0, 1, 3, 0x24);
	IN(CD, 2048, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8);
	IN(CD, 2048, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	IN(CD, 2048, 8 + 2 * 16, 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3);
	IN(CD, 2048, 8, 0xac, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x77);
	OUT(CD, 2048, 28, 0xb6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 28);
	OUT(CD, 2048, 12, 0x04, 0x11);
	IN(CD, 2048, 2052, 0xad, 0, 0, 0, 0, 0, 0, 0, 8, 4);
}

static void read_cd_counts_the_parts_of_a_sector(void **state)
{
	IN(CD, 2048, 2 * 2048, 0xbe, 0x00, 0, 0, 0, 0, 0, 0, 2, 0x10);
	IN(CD, 2048, 2352, 0xbe, 0x00, 0, 0, 0, 0, 0, 0, 1, 0xf8);
	IN(CD, 2048, 2352, 0xbe, 0x04, 0, 0, 0, 0, 0, 0, 1, 0x10);	/* audio */
	IN(CD, 2048, 2352, 0xbe, 0x04, 0, 0, 0, 0, 0, 0, 1, 0xf8);
	IN(CD, 2048, 2352 + 96, 0xbe, 0x04, 0, 0, 0, 0, 0, 0, 1, 0xf8, 1);
	IN(CD, 2048, 2352 + 294 + 16, 0xbe, 0x04, 0, 0, 0, 0, 0, 0, 1, 0xfa, 2);
	IN(CD, 2048, 2336, 0xbe, 0x0c, 0, 0, 0, 0, 0, 0, 1, 0x10);	/* mode 2 formless */
	IN(CD, 2048, 2352, 0xbe, 0x0c, 0, 0, 0, 0, 0, 0, 1, 0xf8);
	IN(CD, 2048, 2048, 0xbe, 0x10, 0, 0, 0, 0, 0, 0, 1, 0x10);	/* form 1 */
	IN(CD, 2048, 2352, 0xbe, 0x10, 0, 0, 0, 0, 0, 0, 1, 0xf8);
	IN(CD, 2048, 2324, 0xbe, 0x14, 0, 0, 0, 0, 0, 0, 1, 0x10);	/* form 2 */
	IN(CD, 2048, 2352, 0xbe, 0x14, 0, 0, 0, 0, 0, 0, 1, 0xf8);
	NONE(CD, 0xbe, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	/* 00:02:00 to 00:02:03 */
	IN(CD, 2048, 3 * 2048, 0xb9, 0, 0, 0, 2, 0, 0, 2, 3, 0x10);
	NONE(CD, 0xb9, 0, 0, 0, 2, 3, 0, 2, 0, 0x10);
}

static void ata_pass_through(void **state)
{
	NONE(DISK, 0x85, 0x06, 0x20);					/* no data */
	IN(DISK, 512, 512, 0x85, 0x08, 0x0e, 0, 0, 0, 1);		/* IDENTIFY */
	OUT(DISK, 512, 2 * 512, 0x85, 0x0a, 0x06, 0, 0, 0, 2);
	IN(DISK, 4096, 3 * 4096, 0x85, 0x08, 0x1e, 0, 0, 0, 3);		/* T_TYPE */
	IN(DISK, 512, 7, 0x85, 0x08, 0x0a, 0, 0, 0, 7);			/* bytes */
	IN(DISK, 512, 0x0102 * 512, 0x85, 0x09, 0x0e, 0, 0, 1, 2);	/* EXTEND */
	IN(DISK, 512, 2 * 512, 0x85, 0x08, 0x0e, 0, 0, 1, 2);
	IN(DISK, 512, 5 * 512, 0x85, 0x08, 0x0d, 0, 5, 0, 9);		/* features */
	NONE(DISK, 0x85, 0x08, 0x0f, 0, 5, 0, 9);			/* TPSIU */
	IN(DISK, 512, 512, 0xa1, 0x08, 0x0e, 0, 1);
}

static void commands_without_data_and_strangers_expect_none(void **state)
{
	static const uint8_t opcodes[] = {
		0x00, 0x1b, 0x1e, 0x35, 0x91, 0x16, 0x17, 0x7f, 0x53, 0xc0, 0xff,
	};
	uint8_t cdb[16];
	size_t i;

	memset(cdb, 0x11, sizeof(cdb));
	for (i = 0; i < sizeof(opcodes); i++) {
		cdb[0] = opcodes[i];
		check(__LINE__, cdb, DISK, 512, DMA_NONE, 0);
	}
}

static void allocation_length_zero_has_no_direction(void **state)
{
	NONE(DISK, 0x12, 0, 0, 0, 0);
	NONE(DISK, 0x03, 0, 0, 0, 0);
	NONE(DISK, 0xa0);
	NONE(DISK, 0x42);
}

static void every_opcode_and_type_is_answered(void **state)
{
	uint8_t cdb[16];
	uint32_t length;
	int opcode, type;

	for (opcode = 0; opcode < 256; opcode++) {
		for (type = 0; type < 256; type++) {
			memset(cdb, 0xff, sizeof(cdb));
			cdb[0] = opcode;
			if (mpt_cdb_expect(cdb, type, UINT32_MAX, &length) == DMA_NONE)
				assert_int_equal(length, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_follows_the_opcodes_group),
		cmocka_unit_test(reads_and_writes_count_blocks),
		cmocka_unit_test(six_byte_reads_count_zero_as_256_blocks),
		cmocka_unit_test(unknown_block_size_leaves_the_direction),
		cmocka_unit_test(lengths_saturate),
		cmocka_unit_test(primary_commands),
		cmocka_unit_test(service_actions_have_their_own_fields),
		cmocka_unit_test(verify_moves_data_only_if_bytchk_says_so),
		cmocka_unit_test(write_same_sends_one_block_or_none),
		cmocka_unit_test(other_disk_commands),
		cmocka_unit_test(tape_blocks_are_fixed_or_bytes),
		cmocka_unit_test(other_tape_commands),
		cmocka_unit_test(one_opcode_means_different_things_to_different_devices),
		cmocka_unit_test(multimedia_commands),
		cmocka_unit_test(read_cd_counts_the_parts_of_a_sector),
		cmocka_unit_test(ata_pass_through),
		cmocka_unit_test(commands_without_data_and_strangers_expect_none),
		cmocka_unit_test(allocation_length_zero_has_no_direction),
		cmocka_unit_test(every_opcode_and_type_is_answered),
	};

	return cmocka_run_group_tests_name("cdb", tests, NULL, NULL);
}
