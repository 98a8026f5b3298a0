/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vfio-user client by hand, with the server in the same thread; shared by two tests. */
#ifndef TEST_VFIO_FIXTURE_H
#define TEST_VFIO_FIXTURE_H

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "array.h"
#include "counters.h"
#include "log.h"
#include "vfio_dma.h"
#include "vfio_user.h"
#include "vfio_wire.h"

enum { VERSION = 1, MAP, UNMAP, INFO, REGION_INFO, IRQ_INFO = 7, SET_IRQS, READ, WRITE,
	DMA_READ, DMA_WRITE, RESET, FEATURE = 16 };

#define PAGE 4096u
#define REPLY 1u
#define ERROR 0x20u

/* A device with 256 bytes in region 0, 4096 in region 1, a config space. */
struct device {
	uint8_t io[256], memory[4096], config[256];
	bool level, disabled, master, urgent;
	unsigned int resets;
};

struct fixture {
	struct device device;
	struct counters counters;
	struct vfio_user *vu;
	int client;			/* the client's end */
	uint16_t id;
	/* last reply */
	struct vfio_header header;
	uint8_t body[2 * 1024 * 1024];
	size_t len;
};

static inline uint8_t *region(struct device *d, unsigned int index, size_t *size)
{
	*size = index == 0 ? sizeof(d->io) : index == 1 ? sizeof(d->memory) :
		index == VFIO_REGION_CONFIG ? sizeof(d->config) : 0;
	return index == 0 ? d->io : index == 1 ? d->memory : d->config;
}

static inline size_t dev_size(void *device, unsigned int index)
{
	size_t size;

	region(device, index, &size);
	return size;
}

static inline void dev_read(void *device, unsigned int index, uint64_t offset, void *buf,
			    size_t count)
{
	size_t size;
	uint8_t *bytes = region(device, index, &size);

	assert_true(count && offset + count <= size);
	memcpy(buf, bytes + offset, count);
}

static inline void dev_write(void *device, unsigned int index, uint64_t offset, const void *buf,
			     size_t count)
{
	size_t size;
	uint8_t *bytes = region(device, index, &size);

	assert_true(count && offset + count <= size);
	memcpy(bytes + offset, buf, count);
}

static inline bool dev_interrupt(void *device)
{
	return ((struct device *)device)->level;
}

static inline bool dev_disabled(void *device)
{
	return ((struct device *)device)->disabled;
}

static inline bool dev_master(void *device)
{
	return ((struct device *)device)->master;
}

static inline bool dev_urgent(void *device)
{
	return ((struct device *)device)->urgent;
}

static inline void dev_reset(void *device)
{
	((struct device *)device)->resets++;
}

static const struct vfio_device_ops device_ops = {
	.region_size = dev_size, .region_read = dev_read, .region_write = dev_write,
	.interrupt = dev_interrupt, .intx_disabled = dev_disabled, .reset = dev_reset,
	.bus_master = dev_master, .urgent = dev_urgent,
};

static inline unsigned int open_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The client's side of the wire */

static inline void send_raw(struct fixture *f, const void *data, size_t len, const int *fds,
			    unsigned int nr_fds)
{
	union {
		char space[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	memset(&control, 0, sizeof(control));
	if (nr_fds) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, nr_fds * sizeof(int));
	}
	assert_int_equal(sendmsg(f->client, &msg, MSG_NOSIGNAL), len);
}

static inline void send_message(struct fixture *f, uint16_t command, uint32_t flags,
				const void *body, size_t len, const int *fds, unsigned int nr_fds)
{
	struct vfio_header header = {
		.id = ++f->id, .command = command, .size = sizeof(header) + len, .flags = flags,
	};
	uint8_t *message = malloc(sizeof(header) + len);

	assert_non_null(message);
	memcpy(message, &header, sizeof(header));
	if (len)
		memcpy(message + sizeof(header), body, len);
	send_raw(f, message, sizeof(header) + len, fds, nr_fds);
	free(message);
}

static inline void read_exactly(int fd, void *buf, size_t len)
{
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = recv(fd, (uint8_t *)buf + done, len - done, 0);
		assert_true(got > 0);
		done += got;
	}
}

static inline void receive(struct fixture *f)
{
	read_exactly(f->client, &f->header, sizeof(f->header));
	f->len = f->header.size - sizeof(f->header);
	assert_true(f->len <= sizeof(f->body));
	read_exactly(f->client, f->body, f->len);
}

static inline bool client_has_data(struct fixture *f)
{
	struct pollfd pfd = { .fd = f->client, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

/* Sends, lets the server work, takes the reply; 0 or its errno. */
static inline int request_fds(struct fixture *f, uint16_t command, const void *body, size_t len,
			      const int *fds, unsigned int nr_fds)
{
	send_message(f, command, 0, body, len, fds, nr_fds);
	assert_int_equal(vfio_user_service(f->vu), 0);
	receive(f);
	assert_int_equal(f->header.id, f->id);
	assert_int_equal(f->header.command, command);
	assert_int_equal(f->header.flags & 0xf, REPLY);
	if (f->header.flags & ERROR) {
		assert_int_equal(f->len, 0);
		assert_true(f->header.error > 0);
		return f->header.error;
	}
	assert_int_equal(f->header.error, 0);
	return 0;
}

static inline int request(struct fixture *f, uint16_t command, const void *body, size_t len)
{
	return request_fds(f, command, body, len, NULL, 0);
}

static inline int version(struct fixture *f, uint16_t major, const char *json)
{
	uint8_t body[256] = { 0 };

	memcpy(body, &major, 2);
	strcpy((char *)body + 4, json);
	return request(f, VERSION, body, 4 + strlen(json) + 1);
}

static inline int setup_bare(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	if (!f || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	f->client = pair[0];
	f->device.master = true;
	f->vu = vfio_user_new_fd(pair[1], "test", &device_ops, &f->device, &f->counters);
	*state = f;
	return f->vu ? 0 : -1;
}

static inline int setup(void **state)
{
	int ret = setup_bare(state);

	if (!ret)
		ret = version(*state, 0, "{\"capabilities\":{\"max_data_xfer_size\":1048576}}");
	return ret;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	vfio_user_free(f->vu);
	if (f->client >= 0)
		close(f->client);
	free(f);
	return 0;
}

/* Messages */

struct map_body { uint32_t argsz, flags; uint64_t offset, iova, size; };
struct unmap_body { uint32_t argsz, flags; uint64_t iova, size; };
struct irqs_body { uint32_t argsz, flags, index, start, count; };
struct access_body { uint64_t offset; uint32_t region, count; };

static inline int map(struct fixture *f, uint64_t iova, uint64_t size, uint32_t flags, int fd,
		      uint64_t offset)
{
	struct map_body body = { sizeof(body), flags, offset, iova, size };

	return request_fds(f, MAP, &body, sizeof(body), &fd, fd >= 0);
}

static inline int unmap(struct fixture *f, uint64_t iova, uint64_t size)
{
	struct unmap_body body = { sizeof(body), 0, iova, size };

	return request(f, UNMAP, &body, sizeof(body));
}

static inline int set_irqs(struct fixture *f, uint32_t flags, uint32_t index, uint32_t count,
			   int fd)
{
	struct irqs_body body = { sizeof(body), flags, index, 0, count };

	return request_fds(f, SET_IRQS, &body, sizeof(body), &fd, fd >= 0);
}

static inline int region_read(struct fixture *f, uint32_t index, uint64_t offset, uint32_t count)
{
	struct access_body body = { offset, index, count };

	return request(f, READ, &body, sizeof(body));
}

static inline size_t write_message(uint8_t *message, uint32_t index, uint64_t offset,
				   uint32_t count, const void *data, size_t data_len)
{
	struct access_body body = { offset, index, count };

	memcpy(message, &body, sizeof(body));
	memcpy(message + sizeof(body), data, data_len);
	return sizeof(body) + data_len;
}

static inline int region_write(struct fixture *f, uint32_t index, uint64_t offset, uint32_t count,
			       const void *data, size_t data_len)
{
	uint8_t message[512];

	return request(f, WRITE, message,
		       write_message(message, index, offset, count, data, data_len));
}

static inline int memory(size_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define BARE(name) cmocka_unit_test_setup_teardown(name, setup_bare, teardown)

#endif
