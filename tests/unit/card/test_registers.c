// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HW-4, HW-6, HW-7, HW-9, HW-10, HW-11, HW-12, HW-13, HW-14, HW-15, HW-17, HW-18,
 * HW-19, HW-102, HW-103, HW-104, HW-106
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "counters.h"
#include "registers.h"

enum { DOORBELL = 0x00, SEQUENCE = 0x04, DIAGNOSTIC = 0x08, STATUS = 0x30, MASK = 0x34,
	REQUEST = 0x40, REPLY = 0x44, HIGH_PRIORITY = 0x48 };

#define ACTIVE 0x08000000u
#define EMPTY 0xffffffffu
#define ALL 100000

struct fixture {
	struct registers *regs;
	struct counters counters;
	char log[4096];			/* what the firmware was told, in order */
	unsigned int changes;
	unsigned int resets;
	enum ioc_reset last_reset;
	uint32_t message[256];
	size_t message_len;
	/* what the firmware does when told */
	const void *answer;
	size_t answer_len;
	bool reset_meanwhile;
};

static void note(struct fixture *f, const char *format, uint32_t value)
{
	size_t used = strlen(f->log);

	snprintf(f->log + used, sizeof(f->log) - used, format, value);
}

static void on_handshake(void *firmware, const void *message, size_t len)
{
	struct fixture *f = firmware;

	note(f, "handshake %u;", len);
	memcpy(f->message, message, len);
	f->message_len = len;
	if (f->reset_meanwhile)
		registers_write(f->regs, DOORBELL, 0x40000000);
	if (f->answer)
		registers_handshake_reply(f->regs, f->answer, f->answer_len);
}

static void on_request(void *firmware, uint32_t frame, bool high_priority)
{
	note(firmware, high_priority ? "urgent %x;" : "request %x;", frame);
}

static void on_reset(void *firmware, enum ioc_reset kind)
{
	struct fixture *f = firmware;

	note(f, "reset %u;", kind);
	f->resets++;
	f->last_reset = kind;
}

static void on_reply_frame(void *firmware, uint32_t frame)
{
	note(firmware, "frame %x;", frame);
}

static void on_reply_popped(void *firmware, uint32_t word)
{
	note(firmware, "popped %x;", word);
}

static const struct registers_ops ops = {
	.handshake = on_handshake,
	.request = on_request,
	.reset = on_reset,
	.reply_frame = on_reply_frame,
	.reply_popped = on_reply_popped,
};

static void on_change(void *arg)
{
	((struct fixture *)arg)->changes++;
}

static int setup(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.regs = registers_new(&ops, &fixture, &fixture.counters);
	registers_on_interrupt(fixture.regs, on_change, &fixture);
	*state = &fixture;
	return fixture.regs ? 0 : -1;
}

static int teardown(void **state)
{
	registers_free(((struct fixture *)*state)->regs);
	return 0;
}

static uint32_t rd(struct fixture *f, uint32_t offset)
{
	return registers_read(f->regs, offset);
}

static void wr(struct fixture *f, uint32_t offset, uint32_t value)
{
	registers_write(f->regs, offset, value);
}

static void work(struct fixture *f)
{
	assert_false(registers_work(f->regs, ALL));
}

static void operational(struct fixture *f)
{
	registers_set_state(f->regs, IOC_OPERATIONAL, 4);
	wr(f, MASK, 1);
}

static void power_on_is_ready_masked_and_empty(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	assert_int_equal(rd(f, STATUS), 0);
	assert_int_equal(rd(f, MASK), 9);
	assert_int_equal(rd(f, DIAGNOSTIC), 0);
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_false(registers_pending(f->regs));
}

static void offsets_without_register_read_zero(void **state)
{
	struct fixture *f = *state;

	wr(f, 0x50, 1);
	wr(f, 0x10fc, 4);
	wr(f, 0xfffffffc, 4);
	assert_int_equal(rd(f, 0x50), 0);
	assert_int_equal(rd(f, 0xfffffffc), 0);
	assert_false(registers_pending(f->regs));
}

/* Sends a message of @n dwords as Linux does. */
static void linux_send(struct fixture *f, const uint32_t *message, unsigned int n)
{
	wr(f, STATUS, 0);
	wr(f, DOORBELL, 0x42000000 | n << 16);
	assert_int_equal(rd(f, STATUS) & 1, 1);
	assert_int_equal(rd(f, DOORBELL) & ACTIVE, ACTIVE);
	wr(f, STATUS, 0);
	assert_int_equal(rd(f, STATUS), 0);
	for (unsigned int i = 0; i < n; i++) {
		wr(f, DOORBELL, message[i]);
		assert_int_equal(rd(f, STATUS) & 0x80000000, 0);
	}
}

static const uint32_t facts_request[] = { 0x03000000, 0, 0x1234 };
static const uint16_t reply_words[] = { 0x0105, 0x0302, 0xaaaa, 0x5555 };

static void handshake_as_linux_drives_it(void **state)
{
	struct fixture *f = *state;

	f->answer = reply_words;
	f->answer_len = sizeof(reply_words);
	linux_send(f, facts_request, 3);
	assert_int_equal(rd(f, STATUS), 0);
	work(f);
	assert_int_equal(f->message_len, 12);
	assert_memory_equal(f->message, facts_request, 12);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(rd(f, STATUS) & 1, 1);
		assert_int_equal(rd(f, DOORBELL), 0x10000000 | ACTIVE | reply_words[i]);
		wr(f, STATUS, 0);
	}
	/* one more interrupt, with the doorbell idle */
	assert_int_equal(rd(f, STATUS) & 1, 1);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	wr(f, STATUS, 0);
	assert_int_equal(rd(f, STATUS), 0);
}

static void handshake_as_seabios_drives_it(void **state)
{
	struct fixture *f = *state;

	f->answer = reply_words;
	f->answer_len = sizeof(reply_words);
	wr(f, DOORBELL, 0x42030000);
	for (unsigned int i = 0; i < 3; i++)
		wr(f, DOORBELL, facts_request[i]);
	assert_true(registers_urgent(f->regs));
	work(f);
	assert_false(registers_urgent(f->regs));
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(rd(f, DOORBELL) & 0xffff, reply_words[i]);
	wr(f, STATUS, 0);
	assert_int_equal(rd(f, DOORBELL) & ACTIVE, 0);
}

static void reads_beyond_the_reply_are_harmless(void **state)
{
	struct fixture *f = *state;

	f->answer = reply_words;
	f->answer_len = sizeof(reply_words);
	linux_send(f, facts_request, 3);
	work(f);
	for (unsigned int i = 0; i < 4; i++)
		rd(f, DOORBELL);
	for (unsigned int i = 0; i < 2000; i++)
		assert_int_equal(rd(f, DOORBELL) & 0xffff, 0);
}

static void message_answered_by_fifo_raises_one_interrupt(void **state)
{
	struct fixture *f = *state;

	f->answer = "";
	linux_send(f, facts_request, 3);
	work(f);
	assert_int_equal(rd(f, STATUS) & 1, 1);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	wr(f, STATUS, 0);
	assert_int_equal(rd(f, STATUS), 0);
}

static void longest_message_is_collected(void **state)
{
	struct fixture *f = *state;
	uint32_t message[255];

	for (unsigned int i = 0; i < 255; i++)
		message[i] = 0x40000000 | i;	/* looks like a reset, but is data */
	linux_send(f, message, 255);
	work(f);
	assert_int_equal(f->message_len, sizeof(message));
	assert_memory_equal(f->message, message, sizeof(message));
	assert_int_equal(f->resets, 0);
}

static void handshake_without_length_is_ignored(void **state)
{
	struct fixture *f = *state;

	wr(f, DOORBELL, 0x42000000);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	assert_int_equal(rd(f, STATUS), 0);
}

static void too_long_handshake_reply_is_cut(void **state)
{
	struct fixture *f = *state;
	static const uint8_t reply[5000] = { 1 };

	f->answer = reply;
	f->answer_len = sizeof(reply);
	linux_send(f, facts_request, 3);
	work(f);
	for (unsigned int i = 0; i < 512; i++)
		assert_int_equal(rd(f, DOORBELL) & ACTIVE, ACTIVE);
	wr(f, STATUS, 0);
	assert_int_equal(rd(f, DOORBELL) & ACTIVE, 0);
}

static void diagnostic_reset_ends_an_abandoned_handshake(void **state)
{
	static const uint8_t keys[] = { 0xff, 4, 0xb, 2, 7, 0xd };
	struct fixture *f = *state;

	wr(f, DOORBELL, 0x42030000);
	wr(f, DOORBELL, 0x40000000);		/* a message dword, not a reset */
	assert_int_equal(rd(f, DOORBELL) & ACTIVE, ACTIVE);
	for (unsigned int i = 0; i < sizeof(keys); i++)
		wr(f, SEQUENCE, keys[i]);
	wr(f, DIAGNOSTIC, 4);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	work(f);
	assert_string_equal(f->log, "reset 2;");
}

static void new_handshake_replaces_an_unread_reply(void **state)
{
	struct fixture *f = *state;

	f->answer = reply_words;
	f->answer_len = sizeof(reply_words);
	linux_send(f, facts_request, 3);
	work(f);
	rd(f, DOORBELL);
	linux_send(f, facts_request, 3);
	work(f);
	assert_int_equal(rd(f, DOORBELL) & 0xffff, reply_words[0]);
}

static void reply_to_a_reset_handshake_is_dropped(void **state)
{
	struct fixture *f = *state;

	f->answer = reply_words;
	f->answer_len = sizeof(reply_words);
	f->reset_meanwhile = true;
	linux_send(f, facts_request, 3);
	work(f);
	assert_string_equal(f->log, "handshake 12;reset 0;");
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	assert_int_equal(rd(f, STATUS), 0);
}

static void reply_to_no_handshake_is_dropped(void **state)
{
	struct fixture *f = *state;

	registers_handshake_reply(f->regs, reply_words, sizeof(reply_words));
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	/* nor does it end one that the host has just begun */
	wr(f, DOORBELL, 0x42030000);
	registers_handshake_reply(f->regs, reply_words, sizeof(reply_words));
	assert_int_equal(rd(f, DOORBELL), 0x10000000 | ACTIVE);
}

static void write_sequence_opens_and_closes(void **state)
{
	static const uint32_t opened[] = { 0xff, 0xff, 4, 0xb, 2, 7, 0xd };
	static const uint32_t wrong[][5] = {
		{ 4, 0xb, 2, 0xd, 7 }, { 4, 4, 0xb, 2, 7 }, { 0xb, 2, 7, 0xd, 4 },
	};
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 3; i++) {
		wr(f, SEQUENCE, 0xf);
		for (unsigned int j = 0; j < 5; j++)
			wr(f, SEQUENCE, wrong[i][j]);
		assert_int_equal(rd(f, DIAGNOSTIC) & 0x80, 0);
	}
	for (unsigned int i = 0; i < 7; i++)
		wr(f, SEQUENCE, opened[i]);
	assert_int_equal(rd(f, DIAGNOSTIC) & 0x80, 0x80);
	wr(f, SEQUENCE, 0xf);
	assert_int_equal(rd(f, DIAGNOSTIC) & 0x80, 0);
}

static void open_diagnostic(struct fixture *f)
{
	static const uint8_t keys[] = { 0xff, 4, 0xb, 2, 7, 0xd };

	for (unsigned int i = 0; i < sizeof(keys); i++)
		wr(f, SEQUENCE, keys[i]);
	assert_int_equal(rd(f, DIAGNOSTIC) & 0x80, 0x80);
}

static void closed_diagnostic_ignores_writes(void **state)
{
	struct fixture *f = *state;

	wr(f, DIAGNOSTIC, 4);
	work(f);
	assert_int_equal(f->resets, 0);
	assert_int_equal(rd(f, DIAGNOSTIC), 0);
}

static void diagnostic_reset_as_linux_does_it(void **state)
{
	struct fixture *f = *state;

	operational(f);
	open_diagnostic(f);
	wr(f, DIAGNOSTIC, rd(f, DIAGNOSTIC) | 2);
	assert_int_equal(rd(f, DIAGNOSTIC), 0x82);
	wr(f, DIAGNOSTIC, rd(f, DIAGNOSTIC) | 4);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	assert_int_equal(rd(f, DIAGNOSTIC), 0x20);
	assert_int_equal(rd(f, MASK), 9);
	work(f);
	assert_string_equal(f->log, "reset 2;");
	open_diagnostic(f);
	wr(f, DIAGNOSTIC, rd(f, DIAGNOSTIC) & ~0x20u);
	assert_int_equal(rd(f, DIAGNOSTIC), 0x80);
	/* the host cannot make the history */
	wr(f, DIAGNOSTIC, 0xa0);
	assert_int_equal(rd(f, DIAGNOSTIC), 0x80);
	wr(f, SEQUENCE, 0xffffffff);
	assert_int_equal(rd(f, DIAGNOSTIC), 0);
}

static void message_unit_reset_forgets_everything_but_the_mask(void **state)
{
	struct fixture *f = *state;
	uint32_t frame;

	operational(f);
	wr(f, REPLY, 0x1000);
	wr(f, REQUEST, 0x2000);
	wr(f, HIGH_PRIORITY, 0x3000);
	registers_post_context(f->regs, 5);
	wr(f, DOORBELL, 0x40000000);
	assert_int_equal(rd(f, DOORBELL), 0x14000000);	/* READY, WhoInit stays */
	assert_int_equal(rd(f, STATUS), 0);
	assert_int_equal(rd(f, MASK), 1);
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), -ENOENT);
	work(f);
	assert_string_equal(f->log, "reset 0;");
	assert_int_equal(f->counters.resets, 1);
}

static void io_unit_reset_forgets_who_initialised(void **state)
{
	struct fixture *f = *state;

	operational(f);
	wr(f, DOORBELL, 0x41000000);
	assert_int_equal(rd(f, DOORBELL), 0x10000000);
	work(f);
	assert_int_equal(f->last_reset, IOC_RESET_IO_UNIT);
}

static void pci_reset_is_power_on(void **state)
{
	struct fixture *f = *state;

	operational(f);
	open_diagnostic(f);
	registers_pci_reset(f->regs);
	work(f);
	power_on_is_ready_masked_and_empty(state);
	assert_string_equal(f->log, "reset 3;");
}

static void resets_in_a_row_are_told_once_as_the_strongest(void **state)
{
	struct fixture *f = *state;

	registers_reset(f->regs, IOC_RESET_DIAGNOSTIC);
	wr(f, DOORBELL, 0x40000000);
	work(f);
	assert_string_equal(f->log, "reset 2;");
}

static void stale_words_of_the_firmware_are_dropped(void **state)
{
	struct fixture *f = *state;
	uint32_t frame;

	operational(f);
	wr(f, DOORBELL, 0x40000000);
	wr(f, REPLY, 0x1000);			/* the host's new filling */
	assert_int_equal(registers_post_context(f->regs, 7), 0);
	assert_int_equal(registers_post_frame(f->regs, 0x1000), 0);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), -ENOENT);
	registers_set_state(f->regs, IOC_OPERATIONAL, 4);
	registers_fault(f->regs, 0x1111);
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_int_equal(rd(f, DOORBELL), 0x14000000);
	work(f);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), 0);
	assert_int_equal(frame, 0x1000);
}

static void request_frames_lose_two_bits_only(void **state)
{
	struct fixture *f = *state;

	operational(f);
	wr(f, REQUEST, 0x12345677);
	wr(f, HIGH_PRIORITY, 0x1000);
	work(f);
	assert_string_equal(f->log, "urgent 1000;request 12345674;");
	assert_int_equal(f->counters.request_posts, 2);
}

static void notices_come_before_the_message_that_followed_them(void **state)
{
	struct fixture *f = *state;

	operational(f);
	registers_post_context(f->regs, 0x20000001);
	assert_int_equal(rd(f, REPLY), 0x20000001);
	wr(f, REQUEST, 0x100);
	wr(f, REPLY, 0x900);
	wr(f, HIGH_PRIORITY, 0x200);
	work(f);
	assert_string_equal(f->log, "popped 20000001;frame 900;urgent 200;request 100;");
}

static void handshake_overtakes_requests_but_not_notices(void **state)
{
	struct fixture *f = *state;

	wr(f, REPLY, 0x900);
	wr(f, REQUEST, 0x100);
	linux_send(f, facts_request, 3);
	work(f);
	assert_string_equal(f->log, "frame 900;handshake 12;request 100;");
}

static void budget_bounds_the_work(void **state)
{
	struct fixture *f = *state;

	operational(f);
	for (unsigned int i = 1; i <= 3; i++)
		wr(f, REQUEST, i * 16);
	assert_true(registers_work(f->regs, 2));
	assert_string_equal(f->log, "request 10;request 20;");
	assert_false(registers_work(f->regs, 2));
}

static void replies_come_in_order_and_interrupt(void **state)
{
	struct fixture *f = *state;

	operational(f);
	assert_false(registers_interrupt(f->regs));
	registers_post_frame(f->regs, 0x80001000);
	registers_post_context(f->regs, 0x00010002);
	assert_true(registers_interrupt(f->regs));
	assert_int_equal(rd(f, STATUS), 8);
	assert_int_equal(rd(f, REPLY), 0xc0000800);
	assert_true(registers_interrupt(f->regs));
	assert_int_equal(rd(f, REPLY), 0x00010002);
	/* falls with the last entry, not with the empty read */
	assert_false(registers_interrupt(f->regs));
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_int_equal(f->counters.reply_reads, 3);
	work(f);
	assert_string_equal(f->log, "popped c0000800;popped 10002;");
}

static void mask_hides_the_interrupt_only(void **state)
{
	struct fixture *f = *state;

	operational(f);
	registers_post_context(f->regs, 1);
	wr(f, MASK, 0xffffffff);
	assert_false(registers_interrupt(f->regs));
	assert_int_equal(rd(f, STATUS), 8);
	f->changes = 0;
	wr(f, MASK, 1);
	assert_true(registers_interrupt(f->regs));
	assert_true(f->changes > 0);
}

static void doorbell_interrupt_obeys_its_mask(void **state)
{
	struct fixture *f = *state;

	wr(f, MASK, 8);
	wr(f, DOORBELL, 0x42030000);
	assert_true(registers_interrupt(f->regs));
	wr(f, MASK, 9);
	assert_false(registers_interrupt(f->regs));
}

static void every_post_is_announced(void **state)
{
	struct fixture *f = *state;

	operational(f);
	f->changes = 0;
	registers_post_context(f->regs, 1);
	registers_post_context(f->regs, 2);
	assert_int_equal(f->changes, 2);
}

static void full_post_fifo_is_told_and_frees_up(void **state)
{
	struct fixture *f = *state;

	operational(f);
	for (unsigned int i = 0; i < REGISTERS_POST_DEPTH; i++)
		assert_int_equal(registers_post_context(f->regs, i), 0);
	assert_int_equal(registers_post_context(f->regs, 1), -ENOSPC);
	rd(f, REPLY);
	/* place is free once the firmware has heard of the pop */
	assert_int_equal(registers_post_context(f->regs, 1), -ENOSPC);
	work(f);
	assert_int_equal(registers_post_context(f->regs, 1), 0);
	assert_int_equal(registers_post_context(f->regs, 1), -ENOSPC);
}

static void reply_frames_are_taken_in_order_and_counted(void **state)
{
	struct fixture *f = *state;
	uint32_t frame;

	wr(f, REPLY, 0x1000);
	wr(f, REPLY, 0x2000);
	operational(f);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), 0);
	assert_int_equal(frame, 0x1000);
	assert_int_equal(f->counters.reply_frames_returned, 0);
	wr(f, REPLY, 0x1000);
	assert_int_equal(f->counters.reply_frames_returned, 1);
	/* nothing is out: this one is new, or a fault that the referee sees */
	wr(f, REPLY, 0x3000);
	assert_int_equal(f->counters.reply_frames_returned, 1);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), 0);
	assert_int_equal(frame, 0x2000);
	work(f);
	assert_string_equal(f->log, "frame 1000;frame 2000;frame 1000;frame 3000;");
}

/* HW-126 */
static void overflow(struct fixture *f, uint32_t offset, unsigned int depth, uint32_t code)
{
	operational(f);
	for (unsigned int i = 0; i < depth; i++)
		wr(f, offset, i * 4);
	assert_int_equal(registers_state(f->regs), IOC_OPERATIONAL);
	wr(f, offset, 0);
	assert_int_equal(rd(f, DOORBELL), 0x44000000 | code);
	assert_false(registers_pending(f->regs));
}

static void request_overflow_is_a_fault(void **state)
{
	overflow(*state, REQUEST, REGISTERS_REQUEST_DEPTH, FAULT_REQUEST_OVERFLOW);
}

static void high_priority_overflow_is_a_fault(void **state)
{
	overflow(*state, HIGH_PRIORITY, REGISTERS_HIGH_PRIORITY_DEPTH,
		 FAULT_HIGH_PRIORITY_OVERFLOW);
}

static void free_overflow_is_a_fault(void **state)
{
	overflow(*state, REPLY, REGISTERS_FREE_DEPTH, FAULT_FREE_OVERFLOW);
}

static void returned_frames_nobody_works_off_are_bounded(void **state)
{
	struct fixture *f = *state;
	uint32_t frame;
	unsigned int i;

	operational(f);
	for (i = 0; i < 3 * REGISTERS_FREE_DEPTH; i++) {
		wr(f, REPLY, i * 16);
		registers_take_reply_frame(f->regs, &frame);
	}
	assert_int_equal(registers_state(f->regs), IOC_FAULT);
}

static void fault_ignores_fifos_and_interrupts_nobody(void **state)
{
	struct fixture *f = *state;
	uint32_t frame;

	operational(f);
	registers_post_context(f->regs, 1);
	registers_fault(f->regs, 0xc003);
	assert_int_equal(rd(f, DOORBELL), 0x4400c003);
	assert_false(registers_interrupt(f->regs));
	wr(f, REQUEST, 0x100);
	wr(f, REPLY, 0x100);
	wr(f, DOORBELL, 0x42030000);
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_int_equal(registers_post_context(f->regs, 1), 0);
	assert_int_equal(rd(f, REPLY), EMPTY);
	assert_int_equal(registers_take_reply_frame(f->regs, &frame), -ENOENT);
	work(f);
	assert_string_equal(f->log, "");
	/* the first fault is what the host is told */
	registers_fault(f->regs, 0xc004);
	registers_set_state(f->regs, IOC_OPERATIONAL, 4);
	assert_int_equal(rd(f, DOORBELL), 0x4400c003);
	wr(f, DOORBELL, 0x40000000);
	assert_int_equal(rd(f, DOORBELL), 0x14000000);
}

static void doorbell_accesses_count_on_their_own(void **state)
{
	struct fixture *f = *state;

	rd(f, DOORBELL);
	rd(f, STATUS);
	wr(f, STATUS, 0);
	rd(f, MASK);
	wr(f, MASK, 1);
	wr(f, REQUEST, 0);
	assert_int_equal(f->counters.doorbell_accesses, 3);
	assert_int_equal(f->counters.mmio_reads, 1);
	assert_int_equal(f->counters.mmio_writes, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(power_on_is_ready_masked_and_empty),
		TEST(offsets_without_register_read_zero),
		TEST(handshake_as_linux_drives_it),
		TEST(handshake_as_seabios_drives_it),
		TEST(reads_beyond_the_reply_are_harmless),
		TEST(message_answered_by_fifo_raises_one_interrupt),
		TEST(longest_message_is_collected),
		TEST(handshake_without_length_is_ignored),
		TEST(too_long_handshake_reply_is_cut),
		TEST(diagnostic_reset_ends_an_abandoned_handshake),
		TEST(new_handshake_replaces_an_unread_reply),
		TEST(reply_to_a_reset_handshake_is_dropped),
		TEST(reply_to_no_handshake_is_dropped),
		TEST(write_sequence_opens_and_closes),
		TEST(closed_diagnostic_ignores_writes),
		TEST(diagnostic_reset_as_linux_does_it),
		TEST(message_unit_reset_forgets_everything_but_the_mask),
		TEST(io_unit_reset_forgets_who_initialised),
		TEST(pci_reset_is_power_on),
		TEST(resets_in_a_row_are_told_once_as_the_strongest),
		TEST(stale_words_of_the_firmware_are_dropped),
		TEST(request_frames_lose_two_bits_only),
		TEST(notices_come_before_the_message_that_followed_them),
		TEST(handshake_overtakes_requests_but_not_notices),
		TEST(budget_bounds_the_work),
		TEST(replies_come_in_order_and_interrupt),
		TEST(mask_hides_the_interrupt_only),
		TEST(doorbell_interrupt_obeys_its_mask),
		TEST(every_post_is_announced),
		TEST(full_post_fifo_is_told_and_frees_up),
		TEST(reply_frames_are_taken_in_order_and_counted),
		TEST(request_overflow_is_a_fault),
		TEST(high_priority_overflow_is_a_fault),
		TEST(free_overflow_is_a_fault),
		TEST(returned_frames_nobody_works_off_are_bounded),
		TEST(fault_ignores_fifos_and_interrupts_nobody),
		TEST(doorbell_accesses_count_on_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
