// SPDX-License-Identifier: GPL-2.0-only
/* Sense kept for a REQUEST SENSE to come, and the two formats of sense data (SPC). */
#include <linux/bits.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "sense_cache.h"

#define MPT_SENSE_BUCKETS	256

#define MPT_SENSE_FIXED_SIZE	18
/* Header and one each of the descriptors that mpt_sense_to_descriptors() writes. */
#define MPT_SENSE_DESCRIPTOR_SIZE	(8 + 12 + 12 + 8 + 4 + 4)

/* Byte 2 of fixed format. */
#define MPT_FIXED_FILEMARK	BIT(7)
#define MPT_FIXED_EOM		BIT(6)
#define MPT_FIXED_ILI		BIT(5)
#define MPT_FIXED_OVERFLOW	BIT(4)
#define MPT_FIXED_VALID		BIT(7)		/* byte 0 */
#define MPT_DESCRIPTOR_OVERFLOW	BIT(7)		/* byte 4 of descriptor format */
#define MPT_DESCRIPTOR_VALID	BIT(7)		/* byte 2 of an information descriptor */
#define MPT_SKSV		BIT(7)

/* Sense keys. */
#define MPT_NO_SENSE		0x00
#define MPT_RECOVERED_ERROR	0x01
#define MPT_ILLEGAL_REQUEST	0x05
#define MPT_COMPLETED		0x0f

enum mpt_sense_descriptor {
	MPT_DESCRIPTOR_INFORMATION = 0x00,
	MPT_DESCRIPTOR_COMMAND_SPECIFIC = 0x01,
	MPT_DESCRIPTOR_KEY_SPECIFIC = 0x02,
	MPT_DESCRIPTOR_FRU = 0x03,
	MPT_DESCRIPTOR_STREAM = 0x04,
	MPT_DESCRIPTOR_BLOCK = 0x05,
	MPT_DESCRIPTOR_DIRECT_ACCESS = 0x0d,	/* all of the above for disks (SBC-4) */
};

struct mpt_sense_entry {
	struct list_head age;		/* in the cache's used or free list */
	struct list_head chain;		/* in its bucket */
	u8 lun[8];
	u8 initiator;
	u8 target;
	u8 length;
	u8 sense[MPT_SENSE_SIZE];
};

/* Entries that were allocated together. */
struct mpt_sense_room {
	struct list_head link;
	unsigned int count;
	struct mpt_sense_entry entries[];
};

struct mpt_sense_cache {
	struct list_head used;		/* the oldest first */
	struct list_head free;
	struct list_head rooms;
	unsigned int size;
	unsigned long evicted;
	struct list_head buckets[MPT_SENSE_BUCKETS];
};

struct mpt_sense_room *mpt_sense_room_new(unsigned int entries)
{
	struct mpt_sense_room *room;

	if (!entries)
		return NULL;
	room = kvzalloc(struct_size(room, entries, entries), GFP_KERNEL);
	if (room)
		room->count = entries;
	return room;
}

void mpt_sense_cache_add(struct mpt_sense_cache *cache, struct mpt_sense_room *room)
{
	unsigned int i;

	list_add_tail(&room->link, &cache->rooms);
	for (i = 0; i < room->count; i++)
		list_add_tail(&room->entries[i].age, &cache->free);
	cache->size += room->count;
}

unsigned int mpt_sense_cache_size(const struct mpt_sense_cache *cache)
{
	return cache->size;
}

struct mpt_sense_cache *mpt_sense_cache_new(unsigned int entries)
{
	struct mpt_sense_room *room = mpt_sense_room_new(entries);
	struct mpt_sense_cache *cache;
	unsigned int i;

	if (!room)
		return NULL;
	cache = kvzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache) {
		kvfree(room);
		return NULL;
	}
	INIT_LIST_HEAD(&cache->used);
	INIT_LIST_HEAD(&cache->free);
	INIT_LIST_HEAD(&cache->rooms);
	for (i = 0; i < MPT_SENSE_BUCKETS; i++)
		INIT_LIST_HEAD(&cache->buckets[i]);
	mpt_sense_cache_add(cache, room);
	return cache;
}

void mpt_sense_cache_free(struct mpt_sense_cache *cache)
{
	struct mpt_sense_room *room, *next;

	if (!cache)
		return;
	list_for_each_entry_safe(room, next, &cache->rooms, link)
		kvfree(room);
	kvfree(cache);
}

static struct list_head *mpt_sense_bucket(struct mpt_sense_cache *cache, u8 initiator, u8 target,
					  const u8 lun[8])
{
	u32 hash = initiator * 31 + target;
	unsigned int i;

	for (i = 0; i < 8; i++)
		hash = hash * 31 + lun[i];
	return &cache->buckets[hash % MPT_SENSE_BUCKETS];
}

static struct mpt_sense_entry *mpt_sense_find(struct mpt_sense_cache *cache, u8 initiator,
					      u8 target, const u8 lun[8])
{
	struct mpt_sense_entry *entry;

	/* Asked for every command, and nearly always there is none. */
	if (list_empty(&cache->used))
		return NULL;
	list_for_each_entry(entry, mpt_sense_bucket(cache, initiator, target, lun), chain)
		if (entry->initiator == initiator && entry->target == target &&
		    !memcmp(entry->lun, lun, sizeof(entry->lun)))
			return entry;
	return NULL;
}

static void mpt_sense_release(struct mpt_sense_cache *cache, struct mpt_sense_entry *entry)
{
	list_del(&entry->chain);
	list_move_tail(&entry->age, &cache->free);
}

/* Bytes of @sense that mean something, of @length that are there. */
static size_t mpt_sense_length(const u8 *sense, size_t length)
{
	u8 code = length ? sense[0] & 0x7f : 0;

	length = min_t(size_t, length, MPT_SENSE_SIZE);
	if (length > 7 && code >= 0x70 && code <= 0x73)
		length = min_t(size_t, length, 8 + sense[7]);
	return length;
}

void mpt_sense_cache_store(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8],
			   const u8 *sense, size_t length)
{
	struct mpt_sense_entry *entry;

	mpt_sense_cache_drop(cache, initiator, target, lun);
	if (!length)
		return;
	if (list_empty(&cache->free)) {
		entry = list_first_entry(&cache->used, struct mpt_sense_entry, age);
		mpt_sense_release(cache, entry);
		cache->evicted++;
	}
	entry = list_first_entry(&cache->free, struct mpt_sense_entry, age);
	entry->initiator = initiator;
	entry->target = target;
	memcpy(entry->lun, lun, sizeof(entry->lun));
	entry->length = mpt_sense_length(sense, length);
	memcpy(entry->sense, sense, entry->length);
	list_move_tail(&entry->age, &cache->used);
	list_add_tail(&entry->chain, mpt_sense_bucket(cache, initiator, target, lun));
}

void mpt_sense_cache_drop(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8])
{
	struct mpt_sense_entry *entry = mpt_sense_find(cache, initiator, target, lun);

	if (entry)
		mpt_sense_release(cache, entry);
}

void mpt_sense_cache_drop_nexus(struct mpt_sense_cache *cache, u8 initiator, u8 target)
{
	struct mpt_sense_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &cache->used, age)
		if (entry->initiator == initiator && entry->target == target)
			mpt_sense_release(cache, entry);
}

void mpt_sense_cache_drop_target(struct mpt_sense_cache *cache, u8 target)
{
	struct mpt_sense_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &cache->used, age)
		if (entry->target == target)
			mpt_sense_release(cache, entry);
}

void mpt_sense_cache_drop_all(struct mpt_sense_cache *cache)
{
	struct mpt_sense_entry *entry, *next;

	list_for_each_entry_safe(entry, next, &cache->used, age)
		mpt_sense_release(cache, entry);
}

unsigned long mpt_sense_cache_evicted(const struct mpt_sense_cache *cache)
{
	return cache->evicted;
}

void mpt_sense_build(u8 sense[18], u8 key, u8 asc, u8 ascq)
{
	memset(sense, 0, MPT_SENSE_FIXED_SIZE);
	sense[0] = 0x70;
	sense[2] = key;
	sense[7] = MPT_SENSE_FIXED_SIZE - 8;
	sense[12] = asc;
	sense[13] = ascq;
}

bool mpt_sense_of_done(const u8 *sense, size_t length)
{
	u8 key;

	if (length < 3)
		return false;
	switch (sense[0] & 0x7f) {
	case 0x70:
		if (sense[2] & MPT_FIXED_FILEMARK)
			return false;
		key = sense[2] & 0x0f;
		break;
	case 0x72:
		key = sense[1] & 0x0f;
		break;
	default:		/* deferred: the command was not begun */
		return false;
	}
	return key == MPT_NO_SENSE || key == MPT_RECOVERED_ERROR || key == MPT_COMPLETED;
}
EXPORT_SYMBOL_GPL(mpt_sense_of_done);

/* A new descriptor of @size bytes behind those that are there. */
static u8 *mpt_sense_append(u8 *out, u8 type, u8 size)
{
	u8 *descriptor = out + 8 + out[7];

	descriptor[0] = type;
	descriptor[1] = size - 2;
	out[7] += size;
	return descriptor;
}

static void mpt_sense_append_stream(u8 *out, u8 flags, u8 key)
{
	/* A disk has only ILI, and it for READ LONG and WRITE LONG alone. */
	bool disk = flags == MPT_FIXED_ILI && key == MPT_ILLEGAL_REQUEST;

	mpt_sense_append(out, disk ? MPT_DESCRIPTOR_BLOCK : MPT_DESCRIPTOR_STREAM, 4)[3] = flags;
}

/* @out: MPT_SENSE_DESCRIPTOR_SIZE bytes.  Returns how many are used. */
static size_t mpt_sense_to_descriptors(const u8 *sense, size_t length, u8 *out)
{
	u8 fixed[MPT_SENSE_FIXED_SIZE] = { 0 };
	u8 *descriptor, flags;

	memcpy(fixed, sense, min_t(size_t, length, sizeof(fixed)));
	memset(out, 0, MPT_SENSE_DESCRIPTOR_SIZE);
	out[0] = (fixed[0] & 0x01) | 0x72;
	out[1] = fixed[2] & 0x0f;
	out[2] = fixed[12];
	out[3] = fixed[13];
	if (fixed[2] & MPT_FIXED_OVERFLOW)
		out[4] = MPT_DESCRIPTOR_OVERFLOW;
	if (fixed[0] & MPT_FIXED_VALID) {
		descriptor = mpt_sense_append(out, MPT_DESCRIPTOR_INFORMATION, 12);
		descriptor[2] = MPT_DESCRIPTOR_VALID;
		memcpy(descriptor + 8, fixed + 3, 4);
	}
	if (get_unaligned_be32(fixed + 8)) {
		descriptor = mpt_sense_append(out, MPT_DESCRIPTOR_COMMAND_SPECIFIC, 12);
		memcpy(descriptor + 8, fixed + 8, 4);
	}
	if (fixed[15] & MPT_SKSV) {
		descriptor = mpt_sense_append(out, MPT_DESCRIPTOR_KEY_SPECIFIC, 8);
		memcpy(descriptor + 4, fixed + 15, 3);
	}
	if (fixed[14])
		mpt_sense_append(out, MPT_DESCRIPTOR_FRU, 4)[3] = fixed[14];
	flags = fixed[2] & (MPT_FIXED_FILEMARK | MPT_FIXED_EOM | MPT_FIXED_ILI);
	if (flags)
		mpt_sense_append_stream(out, flags, out[1]);
	return 8 + out[7];
}

/* Fixed format has four bytes for these; a value that needs more is not shown. */
static void mpt_sense_information(u8 *out, const u8 *value)
{
	if (get_unaligned_be32(value))
		return;
	out[0] |= MPT_FIXED_VALID;
	memcpy(out + 3, value + 4, 4);
}

static void mpt_sense_command_specific(u8 *out, const u8 *value)
{
	if (!get_unaligned_be32(value))
		memcpy(out + 8, value + 4, 4);
}

static void mpt_sense_key_specific(u8 *out, const u8 *value)
{
	if (value[0] & MPT_SKSV)
		memcpy(out + 15, value, 3);
}

/* @size: of @descriptor as a whole; what is too short is left out. */
static void mpt_sense_from_descriptor(const u8 *descriptor, size_t size, u8 *out)
{
	const u8 flags = MPT_FIXED_FILEMARK | MPT_FIXED_EOM | MPT_FIXED_ILI;

	switch (descriptor[0]) {
	case MPT_DESCRIPTOR_INFORMATION:
		if (size >= 12 && descriptor[2] & MPT_DESCRIPTOR_VALID)
			mpt_sense_information(out, descriptor + 4);
		break;
	case MPT_DESCRIPTOR_COMMAND_SPECIFIC:
		if (size >= 12)
			mpt_sense_command_specific(out, descriptor + 4);
		break;
	case MPT_DESCRIPTOR_KEY_SPECIFIC:
		if (size >= 7)
			mpt_sense_key_specific(out, descriptor + 4);
		break;
	case MPT_DESCRIPTOR_FRU:
		if (size >= 4)
			out[14] = descriptor[3];
		break;
	case MPT_DESCRIPTOR_STREAM:
		if (size >= 4)
			out[2] |= descriptor[3] & flags;
		break;
	case MPT_DESCRIPTOR_BLOCK:
		if (size >= 4)
			out[2] |= descriptor[3] & MPT_FIXED_ILI;
		break;
	case MPT_DESCRIPTOR_DIRECT_ACCESS:
		if (size < 24)
			break;
		if (descriptor[2] & MPT_DESCRIPTOR_VALID)
			mpt_sense_information(out, descriptor + 8);
		out[2] |= descriptor[2] & MPT_FIXED_ILI;
		mpt_sense_key_specific(out, descriptor + 4);
		out[14] = descriptor[7];
		mpt_sense_command_specific(out, descriptor + 16);
		break;
	}
}

/* @out: MPT_SENSE_FIXED_SIZE bytes.  @length is within what byte 7 says. */
static size_t mpt_sense_to_fixed(const u8 *sense, size_t length, u8 *out)
{
	u8 header[8] = { 0 };
	size_t at, size;

	memcpy(header, sense, min(length, sizeof(header)));
	mpt_sense_build(out, header[1] & 0x0f, header[2], header[3]);
	out[0] |= header[0] & 0x01;
	if (header[4] & MPT_DESCRIPTOR_OVERFLOW)
		out[2] |= MPT_FIXED_OVERFLOW;
	for (at = sizeof(header); at + 2 <= length; at += size) {
		size = 2 + sense[at + 1];
		if (size > length - at)
			break;
		mpt_sense_from_descriptor(sense + at, size, out);
	}
	return MPT_SENSE_FIXED_SIZE;
}

size_t mpt_sense_cache_take(struct mpt_sense_cache *cache, u8 initiator, u8 target, const u8 lun[8],
			    bool descriptor, u8 *out, size_t size)
{
	struct mpt_sense_entry *entry = mpt_sense_find(cache, initiator, target, lun);
	u8 converted[MPT_SENSE_DESCRIPTOR_SIZE];
	const u8 *sense = converted;
	size_t length;
	u8 code;

	if (!entry)
		return 0;
	code = entry->sense[0] & 0x7f;
	if (descriptor && (code == 0x70 || code == 0x71)) {
		length = mpt_sense_to_descriptors(entry->sense, entry->length, converted);
	} else if (!descriptor && (code == 0x72 || code == 0x73)) {
		length = mpt_sense_to_fixed(entry->sense, entry->length, converted);
	} else {
		sense = entry->sense;
		length = entry->length;
	}
	memcpy(out, sense, min(length, size));
	mpt_sense_release(cache, entry);
	return length;
}
