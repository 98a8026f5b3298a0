/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system interface registers: doorbell, write sequence, diagnostic,
 * interrupt status and mask, the FIFOs.  Below them is the firmware, above them
 * the host.  A register access only records what is to be done; the firmware is
 * called from registers_work(), in the main loop, so that it may use dma_*().
 */
#ifndef CARD_REGISTERS_H
#define CARD_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counters;

/*
 * What the IOC holds at most (HW-126).  A host that writes more than fits puts the IOC
 * in FAULT with one of the codes below; nothing grows.
 */
#define REGISTERS_REQUEST_DEPTH		1024
#define REGISTERS_HIGH_PRIORITY_DEPTH	256
#define REGISTERS_FREE_DEPTH		2048
#define REGISTERS_POST_DEPTH		2048

#define FAULT_REQUEST_OVERFLOW		0xc100
#define FAULT_HIGH_PRIORITY_OVERFLOW	0xc101
#define FAULT_FREE_OVERFLOW		0xc102

enum ioc_state {
	IOC_RESET = 0,
	IOC_READY = 1,
	IOC_OPERATIONAL = 2,
	IOC_FAULT = 4,
};

enum ioc_reset {
	IOC_RESET_MESSAGE_UNIT,		/* doorbell function 40h */
	IOC_RESET_IO_UNIT,		/* doorbell function 41h */
	IOC_RESET_DIAGNOSTIC,		/* diagnostic register */
	IOC_RESET_PCI,			/* vfio-user RESET: power-on state */
};

/* What the registers tell the firmware; all from registers_work(), in the order the host did it. */
struct registers_ops {
	/* A message came through the doorbell.  Answer with registers_handshake_reply(). */
	void (*handshake)(void *firmware, const void *message, size_t len);
	/* A frame was written to FIFO 40h or 48h; its low 2 bits are masked off. */
	void (*request)(void *firmware, uint32_t frame_low, bool high_priority);
	/* Everything outstanding is to be forgotten, silently; FIFOs are empty already. */
	void (*reset)(void *firmware, enum ioc_reset kind);
	/* The host wrote a free reply frame to 44h; it is queued already. */
	void (*reply_frame)(void *firmware, uint32_t frame_low);
	/* The host popped @word from the post FIFO: it knows of that completion now. */
	void (*reply_popped)(void *firmware, uint32_t word);
};

struct registers;

struct registers *registers_new(const struct registers_ops *ops, void *firmware,
				struct counters *counters);
void registers_free(struct registers *regs);
/* @changed is called whenever the interrupt line's level or the post FIFO changed. */
void registers_on_interrupt(struct registers *regs, void (*changed)(void *arg), void *arg);
/* The level of INTx: (status & 9) & ~mask. */
bool registers_interrupt(const struct registers *regs);

/* Host's side.  Offsets beyond the block read 0 and ignore writes. */
uint32_t registers_read(struct registers *regs, uint32_t offset);
void registers_write(struct registers *regs, uint32_t offset, uint32_t value);
/*
 * Resets as if the host had asked for @kind; the firmware hears of it from the
 * next registers_work().  Counts in counters->resets.  (A firmware that couples
 * the two functions of a chip must not answer the other's reset with a reset.)
 */
void registers_reset(struct registers *regs, enum ioc_reset kind);
/* PCI reset, as at power-on. */
void registers_pci_reset(struct registers *regs);

/* Main loop: hands at most @budget queued items to the firmware; true if more wait. */
bool registers_work(struct registers *regs, unsigned int budget);
/* Is there anything for registers_work() to do? */
bool registers_pending(const struct registers *regs);
/*
 * Does a reset or a complete handshake message wait for the firmware?  Then it
 * is to run before the host's next access: SeaBIOS reads the answer at once,
 * without polling for it.
 */
bool registers_urgent(const struct registers *regs);

/*
 * Firmware's side.  Between a reset and the firmware's hearing of it, whatever
 * the firmware says here is stale and dropped.
 */
void registers_set_state(struct registers *regs, enum ioc_state state, unsigned int who_init);
enum ioc_state registers_state(const struct registers *regs);
/* FAULT with @code in the doorbell: FIFOs are ignored, no interrupt any more. */
void registers_fault(struct registers *regs, uint16_t code);
/* @len 0: the message is answered through the reply FIFO. */
void registers_handshake_reply(struct registers *regs, const void *reply, size_t len);
/* Takes the oldest free reply frame; -ENOENT: none.  After a reset there are none. */
int registers_take_reply_frame(struct registers *regs, uint32_t *frame_low);
/* -ENOSPC: the post FIFO is full, try again after reply_popped(). */
int registers_post_context(struct registers *regs, uint32_t word);
int registers_post_frame(struct registers *regs, uint32_t frame_low);

#endif
