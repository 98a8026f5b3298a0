/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Framing of vfio-user on a stream socket: whole messages with their descriptors, in and out. */
#ifndef CARD_VFIO_WIRE_H
#define CARD_VFIO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VFIO_MAX_FDS		8		/* what this server tells the client */
#define VFIO_MAX_TRANSFER	(1024 * 1024)
/* The longest message: header, address and count, data. */
#define VFIO_MAX_BODY		(16 + VFIO_MAX_TRANSFER)

#define VFIO_FLAG_TYPE		0x0fu
#define VFIO_FLAG_REPLY		0x01u
#define VFIO_FLAG_NO_REPLY	0x10u
#define VFIO_FLAG_ERROR		0x20u

struct vfio_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;			/* with this header */
	uint32_t flags;
	uint32_t error;
};

struct vfio_wire {
	int fd;				/* -1: closed */
	size_t have;			/* bytes of the current message */
	struct vfio_header header;
	uint8_t *body;
	int fds[VFIO_MAX_FDS];
	unsigned int nr_fds;
	bool too_many_fds;
};

/* @fd becomes non-blocking and belongs to @wire, also on failure. */
int vfio_wire_open(struct vfio_wire *wire, int fd);
void vfio_wire_close(struct vfio_wire *wire);
/*
 * 1: a whole message is in header, body and fds; call vfio_wire_next() when done
 * with it.  0: not yet.  -ECONNRESET: the peer left; -EPROTO: framing is lost.
 */
int vfio_wire_receive(struct vfio_wire *wire);
/* Forgets the current message and closes the descriptors nobody took. */
void vfio_wire_next(struct vfio_wire *wire);
/* The message's only descriptor, now the caller's; -1: there is none. */
int vfio_wire_take_fd(struct vfio_wire *wire);
/* Sends @header (its size is filled in), @a and @b; waits a bounded time.  0 or -ECONNRESET. */
int vfio_wire_send(struct vfio_wire *wire, struct vfio_header *header, const void *a, size_t a_len,
		   const void *b, size_t b_len);

#endif
