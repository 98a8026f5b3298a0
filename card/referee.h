/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The referee: every rule the host of a target function must keep.  A breach
 * prints `VIOLATION <rule>: <detail>`, counts, and puts the IOC in FAULT.
 */
#ifndef CARD_REFEREE_H
#define CARD_REFEREE_H

#include <stdbool.h>
#include <stdint.h>

struct firmware;
struct referee;

enum rule {
	RULE_POSTED_TWICE,		/* index posted while the IOC owns it */
	RULE_NOT_OWNER,			/* message for an index the host does not own */
	RULE_SECOND_MESSAGE,		/* assist or status while one is outstanding */
	RULE_REPLY_WORD,		/* ReplyWord differs from the command's context reply */
	RULE_SGL,			/* overrun, underrun, wrong flags, malformed */
	RULE_CHAIN,			/* chain past the frame, too deep, not readable */
	RULE_DATA_LENGTH,		/* more data or another offset than the I/O allows */
	RULE_REPLY_FRAME,		/* reply frame returned twice, or never */
	RULE_STATUS_TWICE,		/* status for an I/O that has ended */
	RULE_DMA,			/* DMA outside granted memory */
	RULE_NEVER_REPOSTED,		/* buffer in no one's hands at shutdown */
	RULE_MESSAGE,			/* malformed message: flags, length, index */
	RULE_ALLEGIANCE,		/* data or status while the nexus's sense waits */
	RULE_FUNCTION_EARLY,		/* a function ended before the tasks that it ends */
	RULE_BLIND_ABORT,		/* by a word that the next command may have by then */
	NR_RULES,
};

/* Fault code in the doorbell is C000h + the rule's number. */
void referee_violation(struct firmware *fw, enum rule which, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
const char *referee_rule_name(enum rule which);

struct referee *referee_new(void);
void referee_free(struct referee *referee);
/*
 * A reset may overtake what the host wrote just before it.  So at a reset only
 * that is judged which the host has held for longer than this (default 2 s).
 */
void referee_set_grace(struct referee *referee, unsigned int milliseconds);
uint64_t referee_now(void);
bool referee_long_ago(const struct referee *referee, uint64_t since);

/*
 * Where each reply frame is.  Judged only for a host driver on a function with
 * target role; SeaBIOS and plain initiators are not.
 */
void referee_reset(struct firmware *fw);
/* IOCInit: from now on the rules hold, if @strict. */
void referee_begin(struct firmware *fw, bool strict);
bool referee_strict(const struct firmware *fw);
/* Returns the index that the reply in the frame was about, or -1. */
int referee_frame_returned(struct firmware *fw, uint32_t frame_low);
/* An address reply went into the post FIFO; it is about @io_index, -1: nothing to follow. */
void referee_frame_posted(struct firmware *fw, int io_index);
/* Returns that index, or -1. */
int referee_frame_popped(struct firmware *fw, uint32_t frame_low);
/* At a message unit reset. */
void referee_judge_frames(struct firmware *fw);

#endif
