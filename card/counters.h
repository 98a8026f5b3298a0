/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one function counts; the names are those of `mptcard --stats` (docs/card.md). */
#ifndef CARD_COUNTERS_H
#define CARD_COUNTERS_H

#include <stdint.h>

struct counters {
	uint64_t commands;		/* SCSI commands: sent (initiator), received (target) */
	uint64_t outstanding;		/* now; not printed */
	uint64_t max_outstanding;
	uint64_t mmio_reads;		/* registers but those of the doorbell */
	uint64_t mmio_writes;
	uint64_t request_posts;		/* writes of 40h and 48h */
	uint64_t reply_reads;		/* every read of 44h */
	uint64_t reply_frames_returned;	/* writes of 44h while the host holds a reply frame */
	uint64_t doorbell_accesses;	/* reads and writes of 00h and 30h */
	uint64_t interrupts;
	uint64_t dma_reads;
	uint64_t dma_read_bytes;
	uint64_t dma_writes;
	uint64_t dma_write_bytes;
	uint64_t resets;		/* by doorbell, diagnostic register and PCI reset */
	uint64_t faults_injected;
	uint64_t violations;
};

static inline void counters_command_start(struct counters *c)
{
	c->commands++;
	if (++c->outstanding > c->max_outstanding)
		c->max_outstanding = c->outstanding;
}

static inline void counters_command_end(struct counters *c)
{
	if (c->outstanding)
		c->outstanding--;
}

/* One function's entry in the statistics. */
struct counters_entry {
	const char *name, *role;
	const struct counters *counters;
};

/* The JSON text of `mptcard --stats`, to be freed; NULL: out of memory. */
char *counters_json(const struct counters_entry *entries, unsigned int nr);
/* Replaces @path in one step; 0 or -errno. */
int counters_write(const char *path, const struct counters_entry *entries, unsigned int nr);

#endif
