// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vfio_wire.h"

/* A client that takes nothing for so long is given up; QEMU's own limit is the same. */
#define SEND_TIMEOUT_MS 5000
/* More than the client may send, so that too many are seen as such. */
#define CONTROL_FDS 32

int vfio_wire_open(struct vfio_wire *wire, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	memset(wire, 0, sizeof(*wire));
	wire->fd = fd;
	wire->body = malloc(VFIO_MAX_BODY);
	if (!wire->body || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK)) {
		vfio_wire_close(wire);
		return -ENOMEM;
	}
	return 0;
}

void vfio_wire_next(struct vfio_wire *wire)
{
	while (wire->nr_fds)
		close(wire->fds[--wire->nr_fds]);
	wire->too_many_fds = false;
	wire->have = 0;
}

void vfio_wire_close(struct vfio_wire *wire)
{
	vfio_wire_next(wire);
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
	free(wire->body);
	wire->body = NULL;
}

int vfio_wire_take_fd(struct vfio_wire *wire)
{
	return wire->nr_fds == 1 ? wire->fds[--wire->nr_fds] : -1;
}

static void keep_fds(struct vfio_wire *wire, const int *fds, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (wire->nr_fds < VFIO_MAX_FDS) {
			wire->fds[wire->nr_fds++] = fds[i];
		} else {
			wire->too_many_fds = true;
			close(fds[i]);
		}
	}
}

static void collect_fds(struct vfio_wire *wire, struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int fds[CONTROL_FDS];
	size_t nr;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(cmsg), nr * sizeof(int));
		keep_fds(wire, fds, nr);
	}
	if (msg->msg_flags & MSG_CTRUNC)
		wire->too_many_fds = true;
}

/* Reads exactly up to @want bytes, never into the next message: its descriptors are its own. */
static int receive_into(struct vfio_wire *wire, uint8_t *buf, size_t want)
{
	union {
		char space[CMSG_SPACE(CONTROL_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = want };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t got;

	do {
		got = recvmsg(wire->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -ECONNRESET;
	if (!got)
		return -ECONNRESET;
	collect_fds(wire, &msg);
	wire->have += got;
	return 1;
}

static int check_header(const struct vfio_wire *wire)
{
	if (wire->header.size < sizeof(wire->header) ||
	    wire->header.size - sizeof(wire->header) > VFIO_MAX_BODY)
		return -EPROTO;
	return 0;
}

int vfio_wire_receive(struct vfio_wire *wire)
{
	const size_t header_size = sizeof(wire->header);
	size_t body;
	int ret;

	while (wire->have < header_size) {
		ret = receive_into(wire, (uint8_t *)&wire->header + wire->have,
				   header_size - wire->have);
		if (ret <= 0)
			return ret;
	}
	ret = check_header(wire);
	if (ret)
		return ret;
	while (wire->have < wire->header.size) {
		body = wire->have - header_size;
		ret = receive_into(wire, wire->body + body, wire->header.size - wire->have);
		if (ret <= 0)
			return ret;
	}
	return 1;
}

/* Drops @done bytes from the front of @iov. */
static void advance(struct iovec *iov, int nr, size_t done)
{
	int i;

	for (i = 0; i < nr && done; i++) {
		size_t part = done < iov[i].iov_len ? done : iov[i].iov_len;

		iov[i].iov_base = (uint8_t *)iov[i].iov_base + part;
		iov[i].iov_len -= part;
		done -= part;
	}
}

static int wait_writable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int ret;

	do {
		ret = poll(&pfd, 1, SEND_TIMEOUT_MS);
	} while (ret < 0 && errno == EINTR);
	return ret > 0 ? 0 : -ECONNRESET;
}

int vfio_wire_send(struct vfio_wire *wire, struct vfio_header *header, const void *a, size_t a_len,
		   const void *b, size_t b_len)
{
	struct iovec iov[3] = {
		{ header, sizeof(*header) }, { (void *)a, a_len }, { (void *)b, b_len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	size_t left = sizeof(*header) + a_len + b_len;
	ssize_t sent;

	header->size = left;
	while (left) {
		sent = sendmsg(wire->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent >= 0) {
			advance(iov, 3, sent);
			left -= sent;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (wait_writable(wire->fd))
				return -ECONNRESET;
		} else if (errno != EINTR) {
			return -ECONNRESET;
		}
	}
	return 0;
}
