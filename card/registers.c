// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The system interface registers (HW-4).
 *
 * Everything that the host does here is numbered.  Frames and pops are only
 * notices to the firmware, but they must reach it before a message that the
 * host sent after them: the referee judges messages by what the host knew.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "registers.h"

enum {
	REG_DOORBELL = 0x00,
	REG_WRITE_SEQUENCE = 0x04,
	REG_DIAGNOSTIC = 0x08,
	REG_INT_STATUS = 0x30,
	REG_INT_MASK = 0x34,
	REG_REQUEST = 0x40,
	REG_REPLY = 0x44,
	REG_HIGH_PRIORITY = 0x48,
};

#define DOORBELL_ACTIVE		0x08000000u
#define FUNCTION_MU_RESET	0x40
#define FUNCTION_IOU_RESET	0x41
#define FUNCTION_HANDSHAKE	0x42

#define INT_DOORBELL		0x001u
#define INT_REPLY		0x008u
#define INT_ROUTING		0x300u		/* kept for read-back only */

#define DIAG_KEPT		0x203u		/* memory enable, ARM disable, prevent boot */
#define DIAG_RESET_ADAPTER	0x004u
#define DIAG_RW_ENABLE		0x010u
#define DIAG_RESET_HISTORY	0x020u
#define DIAG_WRITE_ENABLE	0x080u

#define REPLY_EMPTY		0xffffffffu
#define ADDRESS_REPLY		0x80000000u

#define HANDSHAKE_DWORDS	255		/* the doorbell's count has 8 bits */
#define HANDSHAKE_REPLY_WORDS	512

/* HW-10 */
static const uint8_t write_keys[] = { 0x4, 0xb, 0x2, 0x7, 0xd };

enum item_kind { ITEM_MESSAGE, ITEM_POPPED, ITEM_FRAME };

struct item {
	uint64_t sequence;
	uint32_t value;
	enum item_kind kind;
};

struct ring {
	struct item *items;
	unsigned int depth, first, count;
};

enum handshake_phase {
	HANDSHAKE_IDLE,
	HANDSHAKE_COLLECT,		/* doorbell writes are the message */
	HANDSHAKE_COMPLETE,		/* the firmware is to be called */
	HANDSHAKE_BUSY,			/* it was called and has not answered */
	HANDSHAKE_REPLY,		/* doorbell reads are the answer */
	HANDSHAKE_END,			/* all read, not yet acknowledged */
};

struct handshake {
	enum handshake_phase phase;
	uint64_t sequence;
	uint32_t message[HANDSHAKE_DWORDS];
	unsigned int expected, collected;
	uint16_t reply[HANDSHAKE_REPLY_WORDS];
	unsigned int reply_words, next_word;
};

struct registers {
	const struct registers_ops *ops;
	void *firmware;
	struct counters *counters;
	void (*changed)(void *arg);
	void *changed_arg;

	enum ioc_state state;
	unsigned int who_init;
	uint16_t fault_code;
	uint32_t mask, diagnostic;
	unsigned int next_key;
	bool doorbell_interrupt;
	struct handshake handshake;

	uint64_t sequence;
	struct ring requests, high_priority;	/* messages */
	struct ring notices;			/* pops and returned frames, for the firmware */
	struct ring post, free;
	unsigned int pops_waiting, frames_waiting;	/* of those in notices */
	unsigned int frames_out;		/* taken by the firmware, not back yet */

	bool reset_waiting;
	enum ioc_reset reset_kind;
};

static int ring_init(struct ring *ring, unsigned int depth)
{
	ring->items = calloc(depth, sizeof(*ring->items));
	ring->depth = depth;
	return ring->items ? 0 : -ENOMEM;
}

static bool ring_push(struct ring *ring, uint64_t sequence, enum item_kind kind, uint32_t value)
{
	struct item *item;

	if (ring->count == ring->depth)
		return false;
	item = &ring->items[(ring->first + ring->count++) % ring->depth];
	*item = (struct item){ .sequence = sequence, .value = value, .kind = kind };
	return true;
}

static struct item ring_pop(struct ring *ring)
{
	struct item item = ring->items[ring->first];

	ring->first = (ring->first + 1) % ring->depth;
	ring->count--;
	return item;
}

static const struct item *ring_first(const struct ring *ring)
{
	return ring->count ? &ring->items[ring->first] : NULL;
}

static void ring_clear(struct ring *ring)
{
	ring->first = 0;
	ring->count = 0;
}

static void notify(struct registers *regs)
{
	if (regs->changed)
		regs->changed(regs->changed_arg);
}

static void clear_queues(struct registers *regs)
{
	ring_clear(&regs->requests);
	ring_clear(&regs->high_priority);
	ring_clear(&regs->notices);
	ring_clear(&regs->post);
	ring_clear(&regs->free);
	regs->pops_waiting = 0;
	regs->frames_waiting = 0;
	regs->frames_out = 0;
}

/* HW-9 */
static void power_on(struct registers *regs)
{
	clear_queues(regs);
	regs->state = IOC_READY;
	regs->who_init = 0;
	regs->fault_code = 0;
	regs->mask = INT_REPLY | INT_DOORBELL;
	regs->diagnostic = 0;
	regs->next_key = 0;
	regs->doorbell_interrupt = false;
	regs->handshake.phase = HANDSHAKE_IDLE;
}

struct registers *registers_new(const struct registers_ops *ops, void *firmware,
				struct counters *counters)
{
	struct registers *regs = calloc(1, sizeof(*regs));

	if (!regs)
		return NULL;
	regs->ops = ops;
	regs->firmware = firmware;
	regs->counters = counters;
	if (ring_init(&regs->requests, REGISTERS_REQUEST_DEPTH) ||
	    ring_init(&regs->high_priority, REGISTERS_HIGH_PRIORITY_DEPTH) ||
	    ring_init(&regs->notices, REGISTERS_POST_DEPTH + REGISTERS_FREE_DEPTH) ||
	    ring_init(&regs->post, REGISTERS_POST_DEPTH) ||
	    ring_init(&regs->free, REGISTERS_FREE_DEPTH)) {
		registers_free(regs);
		return NULL;
	}
	power_on(regs);
	return regs;
}

void registers_free(struct registers *regs)
{
	if (!regs)
		return;
	free(regs->requests.items);
	free(regs->high_priority.items);
	free(regs->notices.items);
	free(regs->post.items);
	free(regs->free.items);
	free(regs);
}

void registers_on_interrupt(struct registers *regs, void (*changed)(void *arg), void *arg)
{
	regs->changed = changed;
	regs->changed_arg = arg;
}

static void enter_fault(struct registers *regs, uint16_t code)
{
	regs->state = IOC_FAULT;
	regs->fault_code = code;
	regs->handshake.phase = HANDSHAKE_IDLE;
	regs->doorbell_interrupt = false;
	clear_queues(regs);
	notify(regs);
}

/* HW-7; bit 31 never shows: what the host writes is taken at once. */
static uint32_t interrupt_status(const struct registers *regs)
{
	return (regs->doorbell_interrupt ? INT_DOORBELL : 0) | (regs->post.count ? INT_REPLY : 0);
}

/* HW-7, HW-106 */
bool registers_interrupt(const struct registers *regs)
{
	if (regs->state == IOC_FAULT)
		return false;
	return interrupt_status(regs) & ~regs->mask & (INT_REPLY | INT_DOORBELL);
}

/* The host's side: doorbell (HW-6, HW-11, HW-12) */

static uint16_t next_reply_word(struct handshake *handshake)
{
	uint16_t word;

	if (handshake->phase != HANDSHAKE_REPLY)
		return 0;
	/*
	 * The pointer moves on the read, not on the acknowledge: SeaBIOS reads
	 * word after word without acknowledging any (HW-13).
	 */
	word = handshake->reply[handshake->next_word++];
	if (handshake->next_word == handshake->reply_words)
		handshake->phase = HANDSHAKE_END;
	return word;
}

static uint32_t doorbell_read(struct registers *regs)
{
	uint32_t value = (uint32_t)regs->state << 28 | regs->who_init << 24;

	if (regs->handshake.phase != HANDSHAKE_IDLE)
		value |= DOORBELL_ACTIVE;
	if (regs->state == IOC_FAULT)
		return value | regs->fault_code;
	return value | next_reply_word(&regs->handshake);
}

static void handshake_start(struct registers *regs, unsigned int dwords)
{
	struct handshake *handshake = &regs->handshake;

	if (regs->state == IOC_FAULT || !dwords)
		return;
	handshake->phase = HANDSHAKE_COLLECT;
	handshake->expected = dwords;
	handshake->collected = 0;
	regs->doorbell_interrupt = true;
}

static void handshake_collect(struct registers *regs, uint32_t value)
{
	struct handshake *handshake = &regs->handshake;

	handshake->message[handshake->collected++] = value;
	if (handshake->collected < handshake->expected)
		return;
	handshake->phase = HANDSHAKE_COMPLETE;
	handshake->sequence = ++regs->sequence;
	/* From here on this bit says that the answer is there. */
	regs->doorbell_interrupt = false;
}

/*
 * Functions that this IOC does not have (reply frame removal, host page buffer)
 * have no effect: the doorbell has no way to refuse them.
 */
static void doorbell_write(struct registers *regs, uint32_t value)
{
	if (regs->handshake.phase == HANDSHAKE_COLLECT) {
		handshake_collect(regs, value);
		return;
	}
	switch (value >> 24) {
	case FUNCTION_MU_RESET:
		registers_reset(regs, IOC_RESET_MESSAGE_UNIT);
		break;
	case FUNCTION_IOU_RESET:
		registers_reset(regs, IOC_RESET_IO_UNIT);
		break;
	case FUNCTION_HANDSHAKE:
		handshake_start(regs, value >> 16 & 0xff);
		break;
	}
}

/* Any write acknowledges the doorbell interrupt. */
static void interrupt_acknowledge(struct registers *regs)
{
	switch (regs->handshake.phase) {
	case HANDSHAKE_REPLY:
		break;			/* stays up as long as there are words */
	case HANDSHAKE_END:
		/* One more interrupt follows the last word: it stays up, the doorbell is idle. */
		regs->handshake.phase = HANDSHAKE_IDLE;
		break;
	default:
		regs->doorbell_interrupt = false;
	}
}

/* The host's side: diagnostic */

static void write_sequence(struct registers *regs, uint32_t value)
{
	uint8_t key = value & 0xf;

	if (key == write_keys[regs->next_key]) {
		if (++regs->next_key == sizeof(write_keys)) {
			regs->next_key = 0;
			regs->diagnostic |= DIAG_WRITE_ENABLE;
		}
		return;
	}
	regs->diagnostic &= ~DIAG_WRITE_ENABLE;
	regs->next_key = key == write_keys[0] ? 1 : 0;
}

static void diagnostic_write(struct registers *regs, uint32_t value)
{
	uint32_t history;

	if (!(regs->diagnostic & DIAG_WRITE_ENABLE))
		return;
	if (value & DIAG_RESET_ADAPTER) {
		registers_reset(regs, IOC_RESET_DIAGNOSTIC);
		return;
	}
	/* The host can clear the history, not make it. */
	history = regs->diagnostic & value & DIAG_RESET_HISTORY;
	regs->diagnostic = (value & (DIAG_KEPT | DIAG_RW_ENABLE)) | history | DIAG_WRITE_ENABLE;
}

/* The host's side: FIFOs (HW-15, HW-17, HW-18, HW-106) */

static void message_write(struct registers *regs, struct ring *ring, uint32_t value,
			  uint16_t overflow)
{
	regs->counters->request_posts++;
	if (regs->state == IOC_FAULT)
		return;
	/*
	 * Bits 1:0 of 40h hint at the frame's size.  No more may be masked off:
	 * SeaBIOS aligns its frames to 4 bytes only (HW-15).
	 */
	if (!ring_push(ring, ++regs->sequence, ITEM_MESSAGE, value & ~3u))
		enter_fault(regs, overflow);
}

static void reply_write(struct registers *regs, uint32_t value)
{
	if (regs->state == IOC_FAULT)
		return;
	if (regs->frames_out) {
		regs->frames_out--;
		regs->counters->reply_frames_returned++;
	}
	if (regs->frames_waiting == REGISTERS_FREE_DEPTH ||
	    !ring_push(&regs->free, 0, ITEM_FRAME, value)) {
		enter_fault(regs, FAULT_FREE_OVERFLOW);
		return;
	}
	regs->frames_waiting++;
	ring_push(&regs->notices, ++regs->sequence, ITEM_FRAME, value);
}

static uint32_t reply_read(struct registers *regs)
{
	uint32_t word;

	regs->counters->reply_reads++;
	if (regs->state == IOC_FAULT || !regs->post.count)
		return REPLY_EMPTY;
	word = ring_pop(&regs->post).value;
	regs->pops_waiting++;
	ring_push(&regs->notices, ++regs->sequence, ITEM_POPPED, word);
	/* With the last entry the interrupt falls, which spares the host a round. */
	notify(regs);
	return word;
}

static bool is_doorbell_access(uint32_t offset)
{
	return offset == REG_DOORBELL || offset == REG_INT_STATUS;
}

uint32_t registers_read(struct registers *regs, uint32_t offset)
{
	if (is_doorbell_access(offset))
		regs->counters->doorbell_accesses++;
	else
		regs->counters->mmio_reads++;

	switch (offset) {
	case REG_DOORBELL:
		return doorbell_read(regs);
	case REG_DIAGNOSTIC:
		return regs->diagnostic;
	case REG_INT_STATUS:
		return interrupt_status(regs);
	case REG_INT_MASK:
		return regs->mask;
	case REG_REPLY:
		return reply_read(regs);
	default:
		return 0;
	}
}

void registers_write(struct registers *regs, uint32_t offset, uint32_t value)
{
	if (is_doorbell_access(offset))
		regs->counters->doorbell_accesses++;
	else
		regs->counters->mmio_writes++;

	switch (offset) {
	case REG_DOORBELL:
		doorbell_write(regs, value);
		break;
	case REG_WRITE_SEQUENCE:
		write_sequence(regs, value);
		break;
	case REG_DIAGNOSTIC:
		diagnostic_write(regs, value);
		break;
	case REG_INT_STATUS:
		interrupt_acknowledge(regs);
		break;
	case REG_INT_MASK:
		regs->mask = value & (INT_REPLY | INT_DOORBELL | INT_ROUTING);
		break;
	case REG_REQUEST:
		message_write(regs, &regs->requests, value, FAULT_REQUEST_OVERFLOW);
		return;
	case REG_REPLY:
		reply_write(regs, value);
		return;
	case REG_HIGH_PRIORITY:
		message_write(regs, &regs->high_priority, value, FAULT_HIGH_PRIORITY_OVERFLOW);
		return;
	default:
		return;
	}
	notify(regs);
}

/* HW-102, HW-103, HW-104 */
void registers_reset(struct registers *regs, enum ioc_reset kind)
{
	unsigned int who_init = regs->who_init;
	uint32_t mask = regs->mask, diagnostic = regs->diagnostic;

	regs->counters->resets++;
	power_on(regs);
	if (kind == IOC_RESET_MESSAGE_UNIT)
		regs->who_init = who_init;
	if (kind <= IOC_RESET_IO_UNIT) {
		regs->mask = mask;
		regs->diagnostic = diagnostic;
	}
	if (kind == IOC_RESET_DIAGNOSTIC)
		regs->diagnostic = DIAG_RESET_HISTORY;
	if (!regs->reset_waiting || kind > regs->reset_kind)
		regs->reset_kind = kind;
	regs->reset_waiting = true;
	notify(regs);
}

void registers_pci_reset(struct registers *regs)
{
	registers_reset(regs, IOC_RESET_PCI);
}

/* The main loop */

static void deliver_notice(struct registers *regs)
{
	struct item item = ring_pop(&regs->notices);

	if (item.kind == ITEM_POPPED) {
		regs->pops_waiting--;
		regs->ops->reply_popped(regs->firmware, item.value);
	} else {
		regs->frames_waiting--;
		regs->ops->reply_frame(regs->firmware, item.value);
	}
}

static void deliver_handshake(struct registers *regs)
{
	/* A copy: the host may start another handshake while the firmware waits for memory. */
	uint32_t message[HANDSHAKE_DWORDS];
	size_t len = regs->handshake.expected * sizeof(message[0]);

	memcpy(message, regs->handshake.message, len);
	regs->handshake.phase = HANDSHAKE_BUSY;
	regs->ops->handshake(regs->firmware, message, len);
}

static void deliver_reset(struct registers *regs)
{
	regs->reset_waiting = false;
	regs->ops->reset(regs->firmware, regs->reset_kind);
}

static bool notice_before(const struct registers *regs, uint64_t sequence)
{
	const struct item *notice = ring_first(&regs->notices);

	return notice && notice->sequence < sequence;
}

/* Hands over one item, the most urgent one, after the notices that precede it. */
static void deliver_one(struct registers *regs)
{
	const struct item *item = ring_first(&regs->high_priority);
	bool urgent = item;
	uint32_t frame;

	if (regs->reset_waiting) {
		deliver_reset(regs);
		return;
	}
	if (!item)
		item = ring_first(&regs->requests);
	if (regs->handshake.phase == HANDSHAKE_COMPLETE) {
		if (notice_before(regs, regs->handshake.sequence))
			deliver_notice(regs);
		else
			deliver_handshake(regs);
	} else if (!item || notice_before(regs, item->sequence)) {
		deliver_notice(regs);
	} else {
		frame = ring_pop(urgent ? &regs->high_priority : &regs->requests).value;
		regs->ops->request(regs->firmware, frame, urgent);
	}
}

bool registers_urgent(const struct registers *regs)
{
	return regs->reset_waiting || regs->handshake.phase == HANDSHAKE_COMPLETE;
}

bool registers_pending(const struct registers *regs)
{
	return registers_urgent(regs) || regs->notices.count || regs->requests.count ||
	       regs->high_priority.count;
}

bool registers_work(struct registers *regs, unsigned int budget)
{
	while (budget-- && registers_pending(regs))
		deliver_one(regs);
	return registers_pending(regs);
}

/* The firmware's side */

void registers_set_state(struct registers *regs, enum ioc_state state, unsigned int who_init)
{
	/* Only a reset, which is the host's to ask for, leaves FAULT. */
	if (regs->reset_waiting || regs->state == IOC_FAULT)
		return;
	regs->state = state;
	regs->who_init = who_init & 7;
	notify(regs);
}

enum ioc_state registers_state(const struct registers *regs)
{
	return regs->state;
}

void registers_fault(struct registers *regs, uint16_t code)
{
	if (!regs->reset_waiting && regs->state != IOC_FAULT)
		enter_fault(regs, code);
}

void registers_handshake_reply(struct registers *regs, const void *reply, size_t len)
{
	struct handshake *handshake = &regs->handshake;
	const uint8_t *bytes = reply;
	size_t i;

	if (regs->reset_waiting || handshake->phase != HANDSHAKE_BUSY)
		return;
	if (len > sizeof(handshake->reply))
		len = sizeof(handshake->reply);
	handshake->reply_words = len / 2;
	handshake->next_word = 0;
	for (i = 0; i < handshake->reply_words; i++)
		handshake->reply[i] = bytes[2 * i] | bytes[2 * i + 1] << 8;
	/* Nothing to read: the interrupt only says that the message was taken (HW-14). */
	handshake->phase = handshake->reply_words ? HANDSHAKE_REPLY : HANDSHAKE_IDLE;
	regs->doorbell_interrupt = true;
	notify(regs);
}

int registers_take_reply_frame(struct registers *regs, uint32_t *frame_low)
{
	if (regs->reset_waiting || regs->state == IOC_FAULT || !regs->free.count)
		return -ENOENT;
	*frame_low = ring_pop(&regs->free).value;
	regs->frames_out++;
	return 0;
}

static int post(struct registers *regs, uint32_t word)
{
	if (regs->reset_waiting || regs->state == IOC_FAULT)
		return 0;
	/* What was popped holds its place until the firmware knows: bounds the notices. */
	if (regs->post.count + regs->pops_waiting >= REGISTERS_POST_DEPTH)
		return -ENOSPC;
	ring_push(&regs->post, 0, ITEM_POPPED, word);
	notify(regs);
	return 0;
}

/* HW-19 */
int registers_post_context(struct registers *regs, uint32_t word)
{
	return post(regs, word & ~ADDRESS_REPLY);
}

int registers_post_frame(struct registers *regs, uint32_t frame_low)
{
	return post(regs, ADDRESS_REPLY | frame_low >> 1);
}
