// SPDX-License-Identifier: GPL-2.0-or-later
#include "referee.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "firmware.h"
#include "log.h"

#define MAX_FRAMES 4096			/* a host posts as many as ReplyQueueDepth */
#define FAULT_VIOLATION 0xc000
/* A busy host may hold a buffer or frame for long without having lost it. */
#define DEFAULT_GRACE_MS 2000

static const char *const rule_names[NR_RULES] = {
	[RULE_POSTED_TWICE] = "posted-twice",
	[RULE_NOT_OWNER] = "not-owner",
	[RULE_SECOND_MESSAGE] = "second-message",
	[RULE_REPLY_WORD] = "reply-word",
	[RULE_SGL] = "sgl",
	[RULE_CHAIN] = "chain",
	[RULE_DATA_LENGTH] = "data-length",
	[RULE_REPLY_FRAME] = "reply-frame",
	[RULE_STATUS_TWICE] = "status-twice",
	[RULE_DMA] = "dma",
	[RULE_NEVER_REPOSTED] = "never-reposted",
	[RULE_MESSAGE] = "message",
	[RULE_ALLEGIANCE] = "allegiance",
	[RULE_FUNCTION_EARLY] = "function-early",
	[RULE_BLIND_ABORT] = "blind-abort",
};

/* Whose it is in the order of what the host did, whatever the IOC has done with it since. */
struct frame {
	uint32_t low;
	bool with_host;			/* popped, not returned */
	uint64_t popped_at;
	int io_index;			/* what its last reply was about, or -1 */
};

struct referee {
	struct frame frames[MAX_FRAMES];
	unsigned int nr_frames;
	/* What the address replies in the post FIFO are about: first in, first out, like it. */
	int about[REGISTERS_POST_DEPTH];
	unsigned int first_about, nr_about;
	bool strict;
	bool twice_before_init;		/* seen before it was known who the host is */
	uint32_t twice_frame;
	uint64_t grace_ns;
};

const char *referee_rule_name(enum rule which)
{
	return which < NR_RULES ? rule_names[which] : "unknown";
}

void referee_violation(struct firmware *fw, enum rule which, const char *format, ...)
{
	char detail[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	log_line(fw->options->name, "VIOLATION %s: %s", referee_rule_name(which), detail);
	fw->counters->violations++;
	firmware_fault(fw, FAULT_VIOLATION + which);
}

struct referee *referee_new(void)
{
	struct referee *referee = calloc(1, sizeof(*referee));

	if (referee)
		referee_set_grace(referee, DEFAULT_GRACE_MS);
	return referee;
}

void referee_free(struct referee *referee)
{
	free(referee);
}

void referee_set_grace(struct referee *referee, unsigned int milliseconds)
{
	referee->grace_ns = milliseconds * UINT64_C(1000000);
}

uint64_t referee_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

bool referee_long_ago(const struct referee *referee, uint64_t since)
{
	return referee_now() - since >= referee->grace_ns;
}

void referee_reset(struct firmware *fw)
{
	fw->referee->nr_frames = 0;
	fw->referee->nr_about = 0;
	fw->referee->strict = false;
	fw->referee->twice_before_init = false;
}

void referee_begin(struct firmware *fw, bool strict)
{
	struct referee *referee = fw->referee;

	referee->strict = strict;
	if (strict && referee->twice_before_init)
		referee_violation(fw, RULE_REPLY_FRAME, "reply frame %08xh was given twice",
				  referee->twice_frame);
}

bool referee_strict(const struct firmware *fw)
{
	return fw->referee->strict;
}

static struct frame *find_frame(struct referee *referee, uint32_t low)
{
	unsigned int i;

	for (i = 0; i < referee->nr_frames; i++)
		if (referee->frames[i].low == low)
			return &referee->frames[i];
	return NULL;
}

static void add_frame(struct firmware *fw, uint32_t low)
{
	struct referee *referee = fw->referee;

	if (referee->nr_frames < MAX_FRAMES)
		referee->frames[referee->nr_frames++] =
			(struct frame){ .low = low, .io_index = -1 };
	else if (referee->strict)
		referee_violation(fw, RULE_REPLY_FRAME, "more than %u reply frames", MAX_FRAMES);
}

int referee_frame_returned(struct firmware *fw, uint32_t frame_low)
{
	struct referee *referee = fw->referee;
	struct frame *frame = find_frame(referee, frame_low);

	if (!frame) {
		add_frame(fw, frame_low);
	} else if (frame->with_host) {
		frame->with_host = false;
		return frame->io_index;
	} else if (referee->strict) {
		referee_violation(fw, RULE_REPLY_FRAME,
				  "reply frame %08xh returned, but it is the IOC's", frame_low);
	} else {
		referee->twice_before_init = true;
		referee->twice_frame = frame_low;
	}
	return -1;
}

void referee_frame_posted(struct firmware *fw, int io_index)
{
	struct referee *referee = fw->referee;
	unsigned int last = referee->first_about + referee->nr_about;

	if (referee->nr_about == REGISTERS_POST_DEPTH)
		return;
	referee->about[last % REGISTERS_POST_DEPTH] = io_index;
	referee->nr_about++;
}

int referee_frame_popped(struct firmware *fw, uint32_t frame_low)
{
	struct referee *referee = fw->referee;
	struct frame *frame = find_frame(referee, frame_low);
	int io_index = -1;

	if (referee->nr_about) {
		io_index = referee->about[referee->first_about];
		referee->first_about = (referee->first_about + 1) % REGISTERS_POST_DEPTH;
		referee->nr_about--;
	}
	if (frame) {
		frame->with_host = true;
		frame->popped_at = referee_now();
		frame->io_index = io_index;
	}
	return io_index;
}

void referee_judge_frames(struct firmware *fw)
{
	struct referee *referee = fw->referee;
	unsigned int i;

	for (i = 0; referee->strict && i < referee->nr_frames; i++) {
		const struct frame *frame = &referee->frames[i];

		if (!frame->with_host || !referee_long_ago(referee, frame->popped_at))
			continue;
		referee_violation(fw, RULE_REPLY_FRAME, "reply frame %08xh never returned",
				  frame->low);
		return;
	}
}
