// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages byte by byte, at the offsets that docs/hardware.md gives and not by the
 * kernel's structures.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <linux/unaligned.h>

#include "message.h"

#define WORD	0x2000c00bu		/* target, initiator 3, index 11 */

static const struct mpt_message_io io = {
	.word = WORD,
	.tag = 0x1234,
	.lun = { 0x40, 1, 2, 3, 4, 5, 6, 7 },
};

/* A frame full of rubbish, as the last message left it. */
struct frame {
	uint8_t bytes[128];
};

static struct frame used_frame(void)
{
	struct frame frame;

	memset(&frame, 0xa5, sizeof(frame));
	return frame;
}

static void assert_untouched(const struct frame *frame, size_t from)
{
	size_t i;

	for (i = from; i < sizeof(frame->bytes); i++)
		assert_int_equal(frame->bytes[i], 0xa5);
	assert_int_equal(get_unaligned_le32(frame->bytes + 8), 0xa5a5a5a5);	/* MsgContext */
}

/* Command buffers: HW-61, HW-62 */

static void fill_spi(uint8_t *buffer)
{
	uint8_t i;

	memset(buffer, 0, 64);
	buffer[0x02] = 0x12;
	buffer[0x03] = 0x34;
	for (i = 0; i < 8; i++)
		buffer[0x04 + i] = 0x40 + i;
	for (i = 0; i < 16; i++)
		buffer[0x14 + i] = 0x88 + i;
	buffer[0x24] = 5;
}

static void command_is_read_from_an_spi_buffer(void **state)
{
	struct mpt_message_command command;
	uint8_t buffer[64];
	uint16_t tag;

	fill_spi(buffer);
	buffer[0x13] = 0x0f;		/* three more dwords, RDDATA and WRDATA */
	memset(&command, 0xa5, sizeof(command));
	assert_int_equal(mpt_message_read_spi(&command, buffer, sizeof(buffer)), 0);
	assert_memory_equal(command.lun, buffer + 0x04, 8);
	assert_memory_equal(command.cdb, buffer + 0x14, 16);
	assert_int_equal(command.cdb_length, 16);
	assert_int_equal(command.additional_cdb, 3);		/* HW-121 */
	assert_int_equal(command.attribute, MPT_SIMPLE);
	assert_int_equal(command.function, MPT_TM_NONE);
	assert_int_equal(command.alias_id, 5);
	memcpy(&tag, buffer + 0x02, sizeof(tag));
	assert_int_equal(command.tag, tag);	/* HW-63: as it stands there */
}

static void short_spi_buffer_is_refused(void **state)
{
	struct mpt_message_command command;
	uint8_t *buffer = calloc(1, 40);

	assert_non_null(buffer);
	assert_int_equal(mpt_message_read_spi(&command, buffer, 39), -EBADMSG);
	assert_int_equal(mpt_message_read_spi(&command, buffer, 0), -EBADMSG);
	assert_int_equal(mpt_message_read_spi(&command, buffer, 40), 0);
	free(buffer);
}

static void task_attributes_are_told_apart(void **state)
{
	static const enum mpt_attribute expected[8] = {		/* HW-65, HW-66 */
		MPT_SIMPLE, MPT_HEAD_OF_QUEUE, MPT_ORDERED, MPT_SIMPLE,
		MPT_ACA, MPT_UNTAGGED, MPT_SIMPLE, MPT_SIMPLE,
	};
	struct mpt_message_command command;
	uint8_t buffer[64];
	unsigned int i;

	fill_spi(buffer);
	for (i = 0; i < 16; i++) {
		buffer[0x11] = i;	/* bits above 2:0 are not the attribute's */
		assert_int_equal(mpt_message_read_spi(&command, buffer, sizeof(buffer)), 0);
		assert_int_equal(command.attribute, expected[i & 7]);
	}
}

static void task_management_functions_are_told_apart(void **state)
{
	static const struct {
		uint8_t flags;
		enum mpt_function function;
	} known[] = {						/* HW-94 */
		{ 0x00, MPT_TM_NONE }, { 0x01, MPT_TM_ABORT_TASK },
		{ 0x02, MPT_TM_ABORT_TASK_SET }, { 0x04, MPT_TM_CLEAR_TASK_SET },
		{ 0x08, MPT_TM_LOGICAL_UNIT_RESET }, { 0x20, MPT_TM_TARGET_RESET },
		{ 0x40, MPT_TM_CLEAR_ACA },
	};
	struct mpt_message_command command;
	uint8_t buffer[64];
	unsigned int flags, i;

	fill_spi(buffer);
	for (flags = 0; flags < 256; flags++) {
		enum mpt_function expected = MPT_TM_UNKNOWN;

		for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (known[i].flags == flags)
				expected = known[i].function;
		buffer[0x12] = flags;
		assert_int_equal(mpt_message_read_spi(&command, buffer, sizeof(buffer)), 0);
		assert_int_equal(command.function, expected);
	}
}

static void context_reply_word_is_taken_apart(void **state)
{
	uint32_t word = 0x20000000 | 1 << 28 | 1 << 26 | 0xabc << 14 | 0x3ffe;	/* HW-56 */

	assert_true(mpt_word_is_target(word));
	assert_true(mpt_word_alias(word));
	assert_int_equal(mpt_word_port(word), 1);
	assert_int_equal(mpt_word_initiator(word), 0xabc);
	assert_int_equal(mpt_word_index(word), 0x3ffe);
	assert_false(mpt_word_is_target(0x00000001));	/* an initiator's */
	assert_false(mpt_word_is_target(0x40000001));	/* LAN */
	assert_false(mpt_word_is_target(0xa0000001));	/* an address reply */
	assert_false(mpt_word_alias(WORD));
}

/* Posting: HW-49 */

static void wide_post_is_laid_out(void **state)
{
	static const struct mpt_message_buffer buffers[] = {
		{ 0x3fff, 0x123456789abcdef0 }, { 1, 0x1000 },
	};
	struct frame frame = used_frame();
	const uint8_t *b = frame.bytes;

	assert_int_equal(mpt_message_post(&frame, 128, true, buffers, 2), 12 + 2 * 12);
	assert_int_equal(b[0x00], 0x80);
	assert_int_equal(b[0x01], 2);
	assert_int_equal(b[0x02], 0);
	assert_int_equal(b[0x03], 0x0a);
	assert_int_equal(get_unaligned_le32(b + 0x04), MPT_COMMAND_BUFFER_SIZE);
	assert_int_equal(get_unaligned_le32(b + 0x0c), 0x3fff);
	assert_int_equal(get_unaligned_le64(b + 0x10), 0x123456789abcdef0);
	assert_int_equal(get_unaligned_le32(b + 0x18), 1);
	assert_int_equal(get_unaligned_le64(b + 0x1c), 0x1000);
	assert_untouched(&frame, 36);
}

static void narrow_post_is_laid_out(void **state)
{
	static const struct mpt_message_buffer buffers[] = { { 7, 0xffffffc0 }, { 8, 0x40 } };
	struct frame frame = used_frame();
	const uint8_t *b = frame.bytes;

	assert_int_equal(mpt_message_post(&frame, 128, false, buffers, 2), 12 + 2 * 8);
	assert_int_equal(b[0x00], 0x00);
	assert_int_equal(get_unaligned_le32(b + 0x0c), 7);
	assert_int_equal(get_unaligned_le32(b + 0x10), 0xffffffc0);
	assert_int_equal(get_unaligned_le32(b + 0x14), 8);
	assert_int_equal(get_unaligned_le32(b + 0x18), 0x40);
	assert_untouched(&frame, 28);
}

static void post_holds_as_many_buffers_as_fit(void **state)
{
	struct mpt_message_buffer buffers[11] = { { 0 } };
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_post_room(128, true), 9);
	assert_int_equal(mpt_message_post_room(128, false), 14);
	assert_int_equal(mpt_message_post_room(24, true), 1);
	assert_int_equal(mpt_message_post_room(23, true), 0);
	assert_int_equal(mpt_message_post_room(11, true), 0);
	assert_int_equal(mpt_message_post_room(0, true), 0);
	assert_int_equal(mpt_message_post_room(65536, true), 255);	/* the count is a byte */
	assert_int_equal(mpt_message_post(&frame, 128, true, buffers, 9), 120);
	frame = used_frame();
	assert_int_equal(mpt_message_post(&frame, 128, true, buffers, 10), -ENOSPC);
	assert_untouched(&frame, 0);
}

static void impossible_posts_are_refused(void **state)
{
	struct mpt_message_buffer buffer = { 0x4000, 0 };
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_post(&frame, 128, true, &buffer, 1), -EINVAL);
	buffer.index = 0;
	assert_int_equal(mpt_message_post(&frame, 128, true, &buffer, 0), -EINVAL);
	buffer.address = 0xffffffc1;	/* its last byte is beyond 4 GiB */
	assert_int_equal(mpt_message_post(&frame, 128, false, &buffer, 1), -EINVAL);
	buffer.address = 0x100000000;
	assert_int_equal(mpt_message_post(&frame, 128, false, &buffer, 1), -EINVAL);
	buffer.address = UINT64_MAX;
	assert_int_equal(mpt_message_post(&frame, 128, false, &buffer, 1), -EINVAL);
	assert_untouched(&frame, 0);
}

/* TargetAssist: HW-69 */

static void assist_is_laid_out(void **state)
{
	struct frame frame = used_frame();
	const uint8_t *b = frame.bytes;

	assert_int_equal(mpt_message_assist(&frame, 128, &io, MPT_MSG_TO_INITIATOR, 0x01020304,
					    0x0a0b0c0d, 29), 0x20);
	assert_int_equal(b[0x00], 0);
	assert_int_equal(b[0x01], 0x01);
	assert_int_equal(b[0x02], 29);
	assert_int_equal(b[0x03], 0x0b);
	assert_memory_equal(b + 0x04, &io.tag, 2);	/* HW-63 */
	assert_int_equal(b[0x06], 0);
	assert_int_equal(b[0x07], 0);
	assert_int_equal(get_unaligned_le32(b + 0x0c), WORD);	/* HW-58 */
	assert_memory_equal(b + 0x10, io.lun, 8);	/* HW-86 */
	assert_int_equal(get_unaligned_le32(b + 0x18), 0x01020304);
	assert_int_equal(get_unaligned_le32(b + 0x1c), 0x0a0b0c0d);
	assert_untouched(&frame, 0x20);
}

static void assist_flags_are_one_bit_each(void **state)
{
	static const struct {
		unsigned int flag;
		uint8_t bit;
	} cases[] = {				/* HW-72, HW-73, HW-91 */
		{ 0, 0x00 }, { MPT_MSG_TO_INITIATOR, 0x01 }, { MPT_MSG_AUTO_STATUS, 0x02 },
		{ MPT_MSG_HIGH_PRIORITY, 0x04 }, { MPT_MSG_REPOST, 0x80 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frame frame = used_frame();

		assert_int_equal(mpt_message_assist(&frame, 128, &io, cases[i].flag, 0, 512, 0),
				 0x20);
		assert_int_equal(frame.bytes[0x01], cases[i].bit);
	}
}

static void impossible_assists_are_refused(void **state)
{
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_assist(&frame, 0x1f, &io, 0, 0, 512, 0), -ENOSPC);
	assert_int_equal(mpt_message_assist(&frame, 128, &io, 0x100, 0, 512, 0), -EINVAL);
	assert_int_equal(mpt_message_assist(&frame, 128, &io, 0, 0xffffff00, 0x100, 0), -EINVAL);
	assert_untouched(&frame, 0);
	assert_int_equal(mpt_message_assist(&frame, 0x20, &io, 0, 0xffffff00, 0xff, 0), 0x20);
}

/* TargetStatusSend: HW-74 */

static void wide_status_is_laid_out(void **state)
{
	struct frame frame = used_frame();
	const uint8_t *b = frame.bytes;

	assert_int_equal(mpt_message_status(&frame, 128, &io, 0, 0x02, true, 0x123456789a, 30),
			 0x24);
	assert_int_equal(b[0x00], 0x02);
	assert_int_equal(b[0x01], 0x00);
	assert_int_equal(b[0x02], 0x00);
	assert_int_equal(b[0x03], 0x0c);
	assert_memory_equal(b + 0x04, &io.tag, 2);
	assert_int_equal(b[0x07], 0x00);	/* StatusFlags are at 01h and nowhere else */
	assert_int_equal(get_unaligned_le32(b + 0x0c), WORD);
	assert_memory_equal(b + 0x10, io.lun, 8);
	assert_int_equal(get_unaligned_le32(b + 0x18), 0xd7000000 | 30);
	assert_int_equal(get_unaligned_le64(b + 0x1c), 0x123456789a);
	assert_untouched(&frame, 0x24);
}

static void narrow_status_is_laid_out(void **state)
{
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_status(&frame, 0x20, &io, 0, 0x18, false, 0x1000, 12), 0x20);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x18), 0xd5000000 | 12);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x1c), 0x1000);
	assert_untouched(&frame, 0x20);
}

static void good_status_needs_no_iu(void **state)
{
	struct frame frame = used_frame();
	unsigned int flags = MPT_MSG_AUTO_STATUS | MPT_MSG_REPOST;	/* HW-75 */

	assert_int_equal(mpt_message_status(&frame, 128, &io, flags, 0, true, 0x1000, 0), 0x24);
	assert_int_equal(frame.bytes[0x00], 0);
	assert_int_equal(frame.bytes[0x01], 0x81);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x18), 0xd7000000);
	assert_int_equal(get_unaligned_le64(frame.bytes + 0x1c), 0);
	flags = MPT_MSG_HIGH_PRIORITY | MPT_MSG_REPOST;			/* HW-95 */
	assert_int_equal(mpt_message_status(&frame, 128, &io, flags, 0, true, 0, 0), 0x24);
	assert_int_equal(frame.bytes[0x01], 0x84);
}

static void impossible_statuses_are_refused(void **state)
{
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_status(&frame, 0x23, &io, 0, 2, true, 0, 12), -ENOSPC);
	assert_int_equal(mpt_message_status(&frame, 0x1f, &io, 0, 2, false, 0, 12), -ENOSPC);
	assert_int_equal(mpt_message_status(&frame, 128, &io, MPT_MSG_TO_INITIATOR, 0, true, 0, 0),
			 -EINVAL);
	assert_int_equal(mpt_message_status(&frame, 128, &io, MPT_MSG_AUTO_STATUS, 2, true, 0, 0),
			 -EINVAL);
	assert_int_equal(mpt_message_status(&frame, 128, &io, MPT_MSG_AUTO_STATUS, 0, true, 0, 12),
			 -EINVAL);
	assert_int_equal(mpt_message_status(&frame, 128, &io, 0, 2, true, 0, 0x1000000), -EINVAL);
	assert_int_equal(mpt_message_status(&frame, 128, &io, 0, 2, false, 0x100000000, 12),
			 -EINVAL);
	assert_int_equal(mpt_message_status(&frame, 128, &io, 0, 2, false, 0xfffffff8, 12),
			 -EINVAL);
	assert_untouched(&frame, 0);
}

/* TargetModeAbort, PortEnable: HW-83, HW-32 */

static void abort_is_laid_out(void **state)
{
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_abort(&frame, 128, 2, WORD, 0), 0x14);
	assert_int_equal(frame.bytes[0x00], 2);
	assert_int_equal(frame.bytes[0x03], 0x0d);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x0c), WORD);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x10), 0);
	assert_untouched(&frame, 0x14);
	assert_int_equal(mpt_message_abort(&frame, 0x14, 0, 0, 0), 0x14);
	assert_int_equal(frame.bytes[0x00], 0);
	assert_int_equal(mpt_message_abort(&frame, 128, 3, WORD, 0x00050017), 0x14);
	assert_int_equal(frame.bytes[0x00], 3);
	assert_int_equal(get_unaligned_le32(frame.bytes + 0x10), 0x00050017);
	assert_int_equal(mpt_message_abort(&frame, 0x13, 0, 0, 0), -ENOSPC);
	assert_int_equal(mpt_message_abort(&frame, 128, 4, WORD, 0), -EINVAL);
}

static void port_enable_is_laid_out(void **state)
{
	struct frame frame = used_frame();

	assert_int_equal(mpt_message_port_enable(&frame, 12, 1), 12);
	assert_int_equal(get_unaligned_le32(frame.bytes), 0x06000000);
	assert_int_equal(get_unaligned_le32(frame.bytes + 4), 0x00010000);
	assert_untouched(&frame, 12);
	assert_int_equal(mpt_message_port_enable(&frame, 11, 0), -ENOSPC);
}

/* Status IU: HW-76 */

static void status_iu_carries_sense(void **state)
{
	uint8_t iu[MPT_STATUS_IU_SIZE], sense[18];

	memset(iu, 0xa5, sizeof(iu));
	memset(sense, 0x70, sizeof(sense));
	assert_int_equal(mpt_message_spi_status_iu(iu, sizeof(iu), 0x02, 0, sense, 18), 30);
	assert_int_equal(get_unaligned_be32(iu), 0x00000202);
	assert_int_equal(get_unaligned_be32(iu + 4), 18);
	assert_int_equal(get_unaligned_be32(iu + 8), 0);
	assert_memory_equal(iu + 12, sense, 18);
	assert_int_equal(iu[30], 0);
	assert_int_equal(iu[sizeof(iu) - 1], 0);	/* nothing of the last command is left */
}

/* HW-97 */
static void status_iu_can_withhold_its_sense(void **state)
{
	uint8_t iu[MPT_STATUS_IU_SIZE], sense[18];

	memset(sense, 0x70, sizeof(sense));
	mpt_message_spi_status_iu(iu, sizeof(iu), 0x02, 0, sense, 18);
	assert_int_equal(mpt_message_spi_status_withhold(iu), 12);
	assert_int_equal(get_unaligned_be32(iu), 0x00000002);
	assert_int_equal(get_unaligned_be32(iu + 4), 0);
	assert_int_equal(get_unaligned_be32(iu + 8), 0);
	assert_memory_equal(iu + 12, sense, 18);	/* for who keeps it */
}

static void every_status_goes_out_as_it_is(void **state)
{
	static const uint8_t statuses[] = { 0x00, 0x02, 0x04, 0x08, 0x14, 0x18, 0x28, 0x30, 0x40 };
	uint8_t iu[64];
	unsigned int i;

	for (i = 0; i < sizeof(statuses); i++) {
		memset(iu, 0xff, sizeof(iu));
		assert_int_equal(mpt_message_spi_status_iu(iu, sizeof(iu), statuses[i], 0, NULL, 0),
				 12);
		assert_int_equal(get_unaligned_be32(iu), statuses[i]);
		assert_int_equal(get_unaligned_be32(iu + 4), 0);
	}
}

static void failures_come_before_sense(void **state)
{
	uint8_t iu[64];
	const uint8_t sense[4] = { 0x70, 0x71, 0x72, 0x73 };

	assert_int_equal(mpt_message_spi_status_iu(iu, sizeof(iu), 0, 0x05, sense, 4), 20);
	assert_int_equal(get_unaligned_be32(iu), 0x00000300);
	assert_int_equal(get_unaligned_be32(iu + 4), 4);
	assert_int_equal(get_unaligned_be32(iu + 8), 4);
	assert_int_equal(get_unaligned_be32(iu + 12), 0x05);
	assert_memory_equal(iu + 16, sense, 4);
}

static void sense_is_cut_to_the_room(void **state)
{
	uint8_t sense[300], *iu = malloc(64);

	assert_non_null(iu);
	memset(sense, 0x70, sizeof(sense));
	assert_int_equal(mpt_message_spi_status_iu(iu, 64, 2, 0, sense, sizeof(sense)), 64);
	assert_int_equal(get_unaligned_be32(iu + 4), 52);
	assert_int_equal(mpt_message_spi_status_iu(iu, 64, 2, 1, sense, sizeof(sense)), 64);
	assert_int_equal(get_unaligned_be32(iu + 4), 48);
	assert_int_equal(mpt_message_spi_status_iu(iu, 12, 2, 0, sense, sizeof(sense)), 12);
	assert_int_equal(iu[2], 0);
	assert_int_equal(mpt_message_spi_status_iu(iu, 11, 2, 0, sense, sizeof(sense)), 0);
	assert_int_equal(mpt_message_spi_status_iu(iu, 15, 0, 5, NULL, 0), 0);
	assert_int_equal(mpt_message_spi_status_iu(iu, 16, 0, 5, NULL, 0), 16);
	free(iu);
	iu = malloc(400);
	assert_non_null(iu);
	assert_int_equal(mpt_message_spi_status_iu(iu, 400, 2, 0, sense, sizeof(sense)), 12 + 252);
	free(iu);
}

/* Replies: HW-24, HW-25 */

static void fill_reply(uint8_t *frame, uint8_t function, uint8_t dwords, uint16_t status)
{
	memset(frame, 0, 80);
	frame[0x02] = dwords;
	frame[0x03] = function;
	frame[0x0c] = 0x07;
	put_unaligned_le16(status, frame + 0x0e);
	put_unaligned_le32(0x11070000, frame + 0x10);
	put_unaligned_le32(WORD, frame + 0x14);
	put_unaligned_le32(0x01020304, frame + 0x18);
}

static void error_reply_is_read(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0b, 7, 0x806a);			/* HW-78 */
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.function, 0x0b);
	assert_int_equal(reply.dwords, 7);
	assert_int_equal(reply.ioc_status, 0x6a);
	assert_int_equal(reply.log_info, 0x11070000);
	assert_int_equal(reply.priority_reason, 7);
	assert_int_equal(reply.word, WORD);
	assert_int_equal(reply.transfer_count, 0x01020304);
	assert_int_equal(reply.abort_count, 0);
}

static void log_info_counts_only_if_it_is_valid(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0c, 7, 0x006b);
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.ioc_status, 0x6b);
	assert_int_equal(reply.log_info, 0);
}

static void acknowledgment_of_a_post_names_no_io(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0a, 5, 0);				/* HW-52 */
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.dwords, 5);
	assert_int_equal(reply.ioc_status, 0);
	assert_int_equal(reply.word, 0);
	assert_int_equal(reply.priority_reason, 0);
}

static void priority_reply_names_its_io(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0a, 6, 0x60);			/* HW-90 */
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.priority_reason, 7);
	assert_int_equal(reply.word, WORD);
	assert_int_equal(reply.transfer_count, 0);
	frame[0x02] = 7;		/* a post has no such field, however long its reply */
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.transfer_count, 0);
}

static void abort_reply_has_a_count(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0d, 6, 0);
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.abort_count, WORD);
	assert_int_equal(reply.word, 0);
	frame[0x02] = 5;
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.abort_count, 0);
}

static void truncated_reply_is_an_error(void **state)
{
	struct mpt_message_reply reply;
	uint8_t frame[80];

	fill_reply(frame, 0x0b, 4, 0);
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.ioc_status, 0x04);
	assert_int_equal(reply.word, 0);
	fill_reply(frame, 0x0b, 6, 0x63);
	mpt_message_read_reply(&reply, frame);
	assert_int_equal(reply.word, WORD);
	assert_int_equal(reply.transfer_count, 0);
}

/* Fates: HW-80, HW-81, HW-82 */

static void open_io_is_owed_a_check_condition(void **state)
{
	static const struct {
		uint16_t status;
		uint8_t asc, ascq;
	} cases[] = {
		{ 0x60, 0x00, 0x00 }, { 0x6a, 0x4b, 0x00 }, { 0x6d, 0x4b, 0x05 },
		{ 0x6e, 0x4b, 0x02 }, { 0x6f, 0x0e, 0x01 }, { 0x4d, 0x10, 0x01 },
		{ 0x4e, 0x10, 0x03 }, { 0x4f, 0x10, 0x02 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mpt_message_fate *fate = mpt_message_fate(cases[i].status);

		assert_int_equal(fate->ioc_status, cases[i].status);
		assert_int_equal(fate->state, MPT_IO_OPEN);
		assert_int_equal(fate->key, 0x0b);
		assert_int_equal(fate->asc, cases[i].asc);
		assert_int_equal(fate->ascq, cases[i].ascq);
		assert_false(fate->lost_nexus);
	}
}

static void status_without_its_sense_is_delivered(void **state)
{
	assert_int_equal(mpt_message_fate(0x6b)->state, MPT_IO_STATUS_SENT);
	assert_string_equal(mpt_message_fate(0x6b)->name, "TARGET_STS_DATA_NOT_SENT");
}

static void every_other_status_ends_the_io(void **state)
{
	unsigned int status;

	for (status = 0; status < 0x8000; status++) {
		const struct mpt_message_fate *fate = mpt_message_fate(status);

		assert_non_null(fate->name);
		if (status == 0x60 || status == 0x6a || status == 0x6b ||
		    (status >= 0x6d && status <= 0x6f) || (status >= 0x4d && status <= 0x4f))
			continue;
		assert_int_equal(fate->state, MPT_IO_DEAD);
		assert_int_equal(fate->lost_nexus, status == 0x64 || status == 0x65 ||
				 status == 0x68 || status == 0x69);
	}
}

static void listed_statuses_have_the_headers_names(void **state)
{
	static const struct {
		uint16_t status;
		const char *name;
	} cases[] = {
		{ 0x01, "INVALID_FUNCTION" }, { 0x02, "BUSY" }, { 0x03, "INVALID_SGL" },
		{ 0x04, "INTERNAL_ERROR" }, { 0x06, "INSUFFICIENT_RESOURCES" },
		{ 0x07, "INVALID_FIELD" }, { 0x08, "INVALID_STATE" },
		{ 0x60, "TARGET_PRIORITY_IO" }, { 0x61, "TARGET_INVALID_PORT" },
		{ 0x62, "TARGET_INVALID_IO_INDEX" }, { 0x63, "TARGET_ABORTED" },
		{ 0x64, "TARGET_NO_CONN_RETRYABLE" }, { 0x65, "TARGET_NO_CONNECTION" },
		{ 0x66, "FC_ABORTED" }, { 0x67, "FC_RX_ID_INVALID" }, { 0x68, "FC_DID_INVALID" },
		{ 0x69, "FC_NODE_LOGGED_OUT" }, { 0x6a, "TARGET_XFER_COUNT_MISMATCH" },
		{ 0x6c, "FC_EXCHANGE_CANCELED" }, { 0x6d, "TARGET_DATA_OFFSET_ERROR" },
		{ 0x6e, "TARGET_TOO_MUCH_WRITE_DATA" }, { 0x6f, "TARGET_IU_TOO_SHORT" },
		{ 0x70, "TARGET_ACK_NAK_TIMEOUT" }, { 0x71, "TARGET_NAK_RECEIVED" },
		{ 0x72, "unknown" }, { 0x00, "unknown" }, { 0x7fff, "unknown" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(mpt_message_fate(cases[i].status)->name, cases[i].name);
}

static void priority_reasons_have_their_sense(void **state)
{
	static const struct {
		uint8_t reason, asc, ascq;
	} cases[] = {						/* HW-101 */
		{ 0x02, 0x47, 0x00 }, { 0x03, 0x43, 0x00 }, { 0x04, 0x00, 0x00 },
		{ 0x05, 0x47, 0x03 }, { 0x06, 0x48, 0x00 }, { 0x07, 0x47, 0x02 },
		{ 0x08, 0x47, 0x01 }, { 0x0a, 0x00, 0x00 }, { 0xff, 0x00, 0x00 },
	};
	uint8_t key, asc, ascq;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(mpt_message_priority_sense(cases[i].reason, &key, &asc, &ascq));
		assert_int_equal(key, 0x0b);
		assert_int_equal(asc, cases[i].asc);
		assert_int_equal(ascq, cases[i].ascq);
	}
}

static void ordinary_priority_io_has_no_sense(void **state)
{
	uint8_t key, asc, ascq;

	assert_false(mpt_message_priority_sense(0x00, &key, &asc, &ascq));
	assert_false(mpt_message_priority_sense(0x01, &key, &asc, &ascq));
	assert_false(mpt_message_priority_sense(0x09, &key, &asc, &ascq));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_is_read_from_an_spi_buffer),
		cmocka_unit_test(short_spi_buffer_is_refused),
		cmocka_unit_test(task_attributes_are_told_apart),
		cmocka_unit_test(task_management_functions_are_told_apart),
		cmocka_unit_test(context_reply_word_is_taken_apart),
		cmocka_unit_test(wide_post_is_laid_out),
		cmocka_unit_test(narrow_post_is_laid_out),
		cmocka_unit_test(post_holds_as_many_buffers_as_fit),
		cmocka_unit_test(impossible_posts_are_refused),
		cmocka_unit_test(assist_is_laid_out),
		cmocka_unit_test(assist_flags_are_one_bit_each),
		cmocka_unit_test(impossible_assists_are_refused),
		cmocka_unit_test(wide_status_is_laid_out),
		cmocka_unit_test(narrow_status_is_laid_out),
		cmocka_unit_test(good_status_needs_no_iu),
		cmocka_unit_test(impossible_statuses_are_refused),
		cmocka_unit_test(abort_is_laid_out),
		cmocka_unit_test(port_enable_is_laid_out),
		cmocka_unit_test(status_iu_carries_sense),
		cmocka_unit_test(status_iu_can_withhold_its_sense),
		cmocka_unit_test(every_status_goes_out_as_it_is),
		cmocka_unit_test(failures_come_before_sense),
		cmocka_unit_test(sense_is_cut_to_the_room),
		cmocka_unit_test(error_reply_is_read),
		cmocka_unit_test(log_info_counts_only_if_it_is_valid),
		cmocka_unit_test(acknowledgment_of_a_post_names_no_io),
		cmocka_unit_test(priority_reply_names_its_io),
		cmocka_unit_test(abort_reply_has_a_count),
		cmocka_unit_test(truncated_reply_is_an_error),
		cmocka_unit_test(open_io_is_owed_a_check_condition),
		cmocka_unit_test(status_without_its_sense_is_delivered),
		cmocka_unit_test(every_other_status_ends_the_io),
		cmocka_unit_test(listed_statuses_have_the_headers_names),
		cmocka_unit_test(priority_reasons_have_their_sense),
		cmocka_unit_test(ordinary_priority_io_has_no_sense),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
