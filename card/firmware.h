/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware of one function: takes messages from the registers, hands each
 * to the role it belongs to, and sends replies.  Two roles: initiator.c,
 * target.c.  What both need is here.
 */
#ifndef CARD_FIRMWARE_H
#define CARD_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "counters.h"
#include "dma.h"
#include "options.h"
#include "registers.h"

#define MAX_REQUEST_FRAME 512		/* bytes; IOCFacts.RequestFrameSize is at most this */

struct initiator;
struct target;
struct config_pages;
struct referee;

struct firmware {
	const struct function_options *options;
	struct registers *registers;
	struct dma *dma;
	struct counters *counters;
	struct bus_port *port;
	struct initiator *initiator;	/* NULL: not in this role */
	struct target *target;		/* NULL: not in this role */
	struct config_pages *pages;
	struct referee *referee;
	struct firmware *pair;		/* the other function of a dual chip, or NULL */
	/* from IOCInit */
	uint32_t host_mfa_high;
	uint32_t sense_high;
	uint16_t reply_frame_size;
	/* implementation's own */
	struct firmware_private *private;
};

/* One message as fetched once from the host; never read again from its memory. */
struct request {
	uint8_t frame[MAX_REQUEST_FRAME];
	size_t length;			/* valid bytes in frame */
	bool high_priority;		/* came by FIFO 48h */
	bool handshake;			/* came by the doorbell */
};

struct firmware *firmware_new(const struct function_options *options, struct dma *dma,
			      struct counters *counters, struct bus *bus);
void firmware_free(struct firmware *fw);
/*
 * Main loop, after registers_work(): a bounded step of every target message that
 * is under way; true if more waits (then the loop must not sleep).
 */
bool firmware_work(struct firmware *fw);

/*
 * Sends an address reply of @length bytes (truncated to ReplyFrameSize).  Without
 * a free frame it waits, in order, inside the IOC; nothing is ever dropped
 * except by reset.
 */
void firmware_reply(struct firmware *fw, const void *reply, size_t length);
/* The same; once the host has popped it, target_io_popped() hears @io_index. */
void firmware_reply_about(struct firmware *fw, const void *reply, size_t length,
			  unsigned int io_index);
/* Sends a context reply; keeps its place behind address replies that wait. */
void firmware_reply_context(struct firmware *fw, uint32_t word);
/* Default reply: 5 dwords, function and context of @request, @ioc_status. */
void firmware_reply_default(struct firmware *fw, const struct request *request,
			    uint16_t ioc_status);
/* An event of @dwords data words, if the host switched events on. */
void firmware_event(struct firmware *fw, uint32_t event, const uint32_t *data, unsigned int dwords);
/* OPERATIONAL, and neither in FAULT nor about to be reset. */
bool firmware_online(const struct firmware *fw);
/*
 * The card's own access to host memory failed with @error: a violation, unless
 * the host is gone or has switched bus mastering off.  The IOC stops either way.
 */
void firmware_dma_failed(struct firmware *fw, int error, const char *what, uint64_t addr);
/* Stops the firmware, state FAULT with @code, until the next reset. */
void firmware_fault(struct firmware *fw, uint16_t code);
/* Answers selection on the IDs of SCSI Port Page 1, if the port is enabled; -EBUSY. */
int firmware_apply_target_ids(struct firmware *fw);

/* initiator.c: false means the function code is not of this role. */
struct initiator *initiator_new(struct firmware *fw);
void initiator_free(struct initiator *initiator);
bool initiator_request(struct initiator *initiator, const struct request *request);
void initiator_reset(struct initiator *initiator); /* IOC reset: forget everything, silently */
extern const struct bus_initiator_ops initiator_bus_ops;	/* owner: struct firmware */

/* target.c */
struct target *target_new(struct firmware *fw);
void target_free(struct target *target);
bool target_request(struct target *target, const struct request *request);
void target_reset(struct target *target, enum ioc_reset kind);
bool target_work(struct target *target);
/* The host popped a context reply (referee: what it knows of). */
void target_reply_popped(struct target *target, uint32_t word);
/* The host popped an address reply about this IoIndex. */
void target_io_popped(struct target *target, unsigned int index);
/* It has given back the frame of the last of them: it has read that reply. */
void target_frame_returned(struct target *target, unsigned int index);
/*
 * The referee's question at shutdown: is every buffer whose I/O has ended posted
 * or returned?  @recent: also those that the host has known of for a moment only.
 */
void target_judge_buffers(struct target *target, bool recent);
extern const struct bus_target_ops target_bus_ops;		/* owner: struct firmware */

#endif
