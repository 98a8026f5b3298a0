// SPDX-License-Identifier: GPL-2.0-or-later
/* Serves a LUN of LIO: the TCMU device behind /dev/uioN. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/target_core_user.h>

#include "user_lun.h"

struct ring {
	int file;
	uint8_t *memory;
	size_t size;
	struct tcmu_mailbox *mailbox;
	uint8_t *scratch;		/* one command's data in one piece */
	size_t scratch_size;
};

static void die_of_ring(const char *what)
{
	fprintf(stderr, "lab-user-lun: the ring holds %s\n", what);
	exit(1);
}

/* The ring's size stands in sysfs. */
static size_t ring_size(const char *device)
{
	const char *name = strrchr(device, '/');
	unsigned long long size = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map0/size", name ? name + 1 : device);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%llx", &size) != 1 || !size)
		die(path);
	fclose(file);
	return size;
}

static void ring_open(struct ring *ring, const char *device)
{
	ring->size = ring_size(device);
	ring->memory = map_file(device, &ring->size, &ring->file);
	ring->mailbox = (struct tcmu_mailbox *)ring->memory;
	if (ring->mailbox->version != TCMU_MAILBOX_VERSION)
		die_of_ring("another version than 2");
}

static void *ring_at(const struct ring *ring, uint64_t offset, size_t size)
{
	if (offset > ring->size || size > ring->size - offset)
		die_of_ring("an address outside of it");
	return ring->memory + offset;
}

static void make_room(struct ring *ring, size_t size)
{
	if (size <= ring->scratch_size)
		return;
	free(ring->scratch);
	ring->scratch = malloc(size);
	if (!ring->scratch)
		die("a command's data");
	ring->scratch_size = size;
}

/* Between the command's pieces in the ring and the one piece of ours. */
static void copy(const struct ring *ring, const struct tcmu_cmd_entry *entry, size_t length,
		 bool to_ring)
{
	uint8_t *data = ring->scratch;
	size_t i;

	for (i = 0; i < entry->req.iov_cnt && length; i++) {
		const struct iovec piece = entry->req.iov[i];
		size_t part = piece.iov_len < length ? piece.iov_len : length;
		void *at = ring_at(ring, (uintptr_t)piece.iov_base, part);

		if (to_ring)
			memcpy(at, data, part);
		else
			memcpy(data, at, part);
		data += part;
		length -= part;
	}
}

static void serve(struct ring *ring, const struct unit *unit, struct tcmu_cmd_entry *entry)
{
	struct task task = { .cdb = ring_at(ring, entry->req.cdb_off, 16) };
	size_t i;

	for (i = 0; i < entry->req.iov_cnt; i++)
		task.length += entry->req.iov[i].iov_len;
	make_room(ring, task.length + 1);
	task.data = ring->scratch;
	copy(ring, entry, task.length, false);
	unit_execute(unit, &task);
	copy(ring, entry, task.returned, true);

	/* the answer lies where the request was */
	entry->rsp.scsi_status = task.status;
	entry->rsp.read_len = (uint32_t)task.returned;
	if (task.returned)
		entry->hdr.uflags |= TCMU_UFLAG_READ_LEN;
	memset(entry->rsp.sense_buffer, 0, sizeof(entry->rsp.sense_buffer));
	if (task.status == STATUS_CHECK)
		memcpy(entry->rsp.sense_buffer, task.sense, sizeof(task.sense));
}

/* All that is in the ring now; true if there was something to answer. */
static bool ring_work(struct ring *ring, const struct unit *unit)
{
	struct tcmu_mailbox *mailbox = ring->mailbox;
	uint32_t tail = mailbox->cmd_tail;
	bool answered = false;

	while (tail != __atomic_load_n(&mailbox->cmd_head, __ATOMIC_ACQUIRE)) {
		struct tcmu_cmd_entry *entry = ring_at(ring, (uint64_t)mailbox->cmdr_off + tail,
						       sizeof(entry->hdr));
		uint32_t length = tcmu_hdr_get_len(entry->hdr.len_op);

		if (!length)
			die_of_ring("an entry of no length");
		ring_at(ring, (uint64_t)mailbox->cmdr_off + tail, length);
		switch (tcmu_hdr_get_op(entry->hdr.len_op)) {
		case TCMU_OP_CMD:
			serve(ring, unit, entry);
			answered = true;
			break;
		case TCMU_OP_PAD:
		case TCMU_OP_TMR:	/* only sent if asked for */
			break;
		default:
			entry->hdr.uflags |= TCMU_UFLAG_UNKNOWN_OP;
			answered = true;
		}
		tail = (tail + length) % mailbox->cmdr_size;
		__atomic_store_n(&mailbox->cmd_tail, tail, __ATOMIC_RELEASE);
	}
	return answered;
}

int serve_unit(const char *device, const struct unit *unit)
{
	struct ring ring = { 0 };
	uint32_t events = 0;

	ring_open(&ring, device);
	for (;;) {
		if (ring_work(&ring, unit) && write(ring.file, &events, sizeof(events)) < 0)
			break;
		if (read(ring.file, &events, sizeof(events)) != sizeof(events))
			break;
	}
	if (errno == EIO || errno == ENODEV)	/* the device is gone */
		return 0;
	die("/dev/uio");
}
