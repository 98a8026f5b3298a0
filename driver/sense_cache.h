/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sense that a non-packetized nexus could not take with its status, kept per
 * I_T_L until the initiator's next command.  One preallocated pool per adapter, which can grow.
 * The caller serialises (adapter lock); any context; nothing sleeps.
 */
#ifndef MPT_SENSE_CACHE_H
#define MPT_SENSE_CACHE_H

#include <linux/types.h>

#include "message.h"

struct mpt_sense_cache;
struct mpt_sense_room;

/* May sleep.  NULL: no memory, or no @entries. */
struct mpt_sense_cache *mpt_sense_cache_new(unsigned int entries);
struct mpt_sense_room *mpt_sense_room_new(unsigned int entries);
/* @cache gets the entries of @room, and keeps them. */
void mpt_sense_cache_add(struct mpt_sense_cache *cache, struct mpt_sense_room *room);
unsigned int mpt_sense_cache_size(const struct mpt_sense_cache *cache);
void mpt_sense_cache_free(struct mpt_sense_cache *cache);

/*
 * Keeps a copy, cut to MPT_SENSE_SIZE and to what the sense's own additional
 * length says; replaces what the I_T_L had (nothing, if @length is 0); when full
 * the oldest goes.
 */
void mpt_sense_cache_store(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8],
			   const u8 *sense, size_t length);
/*
 * Takes the entry of this I_T_L out and writes at most @size bytes of it, in
 * descriptor format if @descriptor, else fixed.  Returns the sense's full length
 * in that format (it may exceed @size), 0 if there was none.
 */
size_t mpt_sense_cache_take(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8],
			    bool descriptor, u8 *out, size_t size);
void mpt_sense_cache_drop(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8]);
void mpt_sense_cache_drop_nexus(struct mpt_sense_cache *cache, u8 initiator, u8 target);
void mpt_sense_cache_drop_target(struct mpt_sense_cache *cache, u8 target);
void mpt_sense_cache_drop_all(struct mpt_sense_cache *cache);
/* Entries evicted because the pool was full. */
unsigned long mpt_sense_cache_evicted(const struct mpt_sense_cache *cache);

/* Fixed-format sense of 18 bytes. */
void mpt_sense_build(u8 sense[18], u8 key, u8 asc, u8 ascq);

/*
 * True if the command that ended with this may have moved all its data: it was done, if
 * with something to remark.  Else the data stopped short, or there were none.
 */
bool mpt_sense_of_done(const u8 *sense, size_t length);

#endif
