// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vfio-user server: connection, service, DMA.
 *
 * While a dma_*() waits for its client's answer, every client is served: two
 * functions can sit in one QEMU, whose vCPU may hold the lock that the answer
 * needs while it waits for a register of the other function.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "counters.h"
#include "log.h"
#include "vfio_private.h"

#define SERVICE_BUDGET		64
#define DMA_TIMEOUT_MS		5000
/* One that fits any socket buffer: the client may be busy sending to us. */
#define DMA_WRITE_CHUNK		(64 * 1024)

static struct vfio_user *servers;

/* Connection */

static void client_left(struct vfio_user *vu, const char *why)
{
	if (vu->wire.fd < 0)
		return;
	log_debug(vu->name, "client left: %s", why);
	vfio_wire_close(&vu->wire);
	vfio_maps_clear(&vu->maps);
	vfio_set_irq_fd(vu, IRQ_INTX, -1);
	vfio_set_irq_fd(vu, IRQ_MSI, -1);
}

static struct vfio_user *server_new(const char *name, const struct vfio_device_ops *ops,
				    void *device, struct counters *counters)
{
	struct vfio_user *vu = calloc(1, sizeof(*vu));

	if (!vu)
		return NULL;
	vu->out = malloc(VFIO_MAX_BODY);
	if (!vu->out) {
		free(vu);
		return NULL;
	}
	strncpy(vu->name, name, sizeof(vu->name) - 1);
	vu->ops = ops;
	vu->device = device;
	vu->counters = counters;
	vu->listen_fd = -1;
	vu->wire.fd = -1;
	vu->irq_fd[IRQ_INTX] = -1;
	vu->irq_fd[IRQ_MSI] = -1;
	vu->max_transfer = VFIO_MAX_TRANSFER;
	vu->next = servers;
	servers = vu;
	return vu;
}

static void stop_listening(struct vfio_user *vu)
{
	if (vu->listen_fd < 0)
		return;
	close(vu->listen_fd);
	vu->listen_fd = -1;
	unlink(vu->path);
}

void vfio_user_free(struct vfio_user *vu)
{
	struct vfio_user **link = &servers;

	if (!vu)
		return;
	while (*link && *link != vu)
		link = &(*link)->next;
	if (*link)
		*link = vu->next;
	client_left(vu, "shutdown");
	stop_listening(vu);
	free(vu->out);
	free(vu);
}

/* A socket that a former run left may go, anything else may not. */
static int remove_old_socket(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) ? -errno : 0;
}

static int start_listening(struct vfio_user *vu, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	ret = remove_old_socket(path);
	if (ret)
		return ret;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	strcpy(address.sun_path, path);
	/* fchmod before bind: whoever may connect owns the guest's memory. */
	if (fchmod(fd, 0600) || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, 1)) {
		ret = -errno;
		close(fd);
		return ret;
	}
	vu->listen_fd = fd;
	strcpy(vu->path, path);
	return 0;
}

struct vfio_user *vfio_user_new(const char *path, const char *name,
				const struct vfio_device_ops *ops, void *device,
				struct counters *counters)
{
	struct vfio_user *vu = server_new(name, ops, device, counters);
	int ret;

	if (!vu)
		return NULL;
	ret = start_listening(vu, path);
	if (ret) {
		vfio_user_free(vu);
		errno = -ret;
		return NULL;
	}
	return vu;
}

int vfio_user_fd(const struct vfio_user *vu)
{
	return vu->listen_fd >= 0 ? vu->listen_fd : vu->wire.fd;
}

static int accept_client(struct vfio_user *vu)
{
	int fd = accept4(vu->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
		return 0;
	if (fd < 0)
		log_line(vu->name, "cannot accept the client: %s", strerror(errno));
	stop_listening(vu);
	if (fd < 0)
		return -ECONNRESET;
	if (vfio_wire_open(&vu->wire, fd)) {
		log_line(vu->name, "no memory for the client's connection");
		return -ECONNRESET;
	}
	log_debug(vu->name, "client connected");
	return 0;
}

/* Service */

static bool is_awaited_reply(const struct vfio_user *vu)
{
	const struct vfio_header *header = &vu->wire.header;

	return vu->wait.waiting && (header->flags & VFIO_FLAG_TYPE) == VFIO_FLAG_REPLY &&
	       header->id == vu->wait.id && header->command == vu->wait.command;
}

static int check_dma_reply(const struct vfio_user *vu)
{
	const struct vfio_header *header = &vu->wire.header;
	const struct dma_wait *wait = &vu->wait;
	size_t len = header->size - sizeof(*header);
	uint64_t range[2];

	if (header->flags & VFIO_FLAG_ERROR)
		return -EFAULT;
	if (len != sizeof(range) + (wait->buf ? wait->count : 0))
		return -EFAULT;
	memcpy(range, vu->wire.body, sizeof(range));
	return range[0] == wait->addr && range[1] == wait->count ? 0 : -EFAULT;
}

static void handle_dma_reply(struct vfio_user *vu)
{
	struct dma_wait *wait = &vu->wait;

	wait->result = check_dma_reply(vu);
	if (!wait->result && wait->buf)
		memcpy(wait->buf, vu->wire.body + 16, wait->count);
	wait->waiting = false;
	wait->done = true;
}

static int service_client(struct vfio_user *vu)
{
	unsigned int budget;
	int ret = 0;

	for (budget = SERVICE_BUDGET; budget; budget--) {
		ret = vfio_wire_receive(&vu->wire);
		if (ret <= 0)
			break;
		ret = 0;
		if (is_awaited_reply(vu))
			handle_dma_reply(vu);
		else
			ret = vfio_handle_message(vu);
		vfio_wire_next(&vu->wire);
		if (ret || (vu->ops->urgent && vu->ops->urgent(vu->device)))
			break;
	}
	if (ret == -EPROTO)
		log_line(vu->name, "message of %u bytes: framing lost, connection closed",
			 vu->wire.header.size);
	if (!ret)
		return 0;
	client_left(vu, ret == -EPROTO ? "framing lost" : "closed");
	return -ECONNRESET;
}

int vfio_user_service(struct vfio_user *vu)
{
	if (vu->listen_fd >= 0)
		return accept_client(vu);
	if (vu->wire.fd < 0)
		return -ECONNRESET;
	return service_client(vu);
}

/* DMA */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

#define MAX_SERVERS 64

/* Waits for any client until @deadline, then serves those that have something. */
static int serve_all(int64_t deadline)
{
	struct pollfd pfds[MAX_SERVERS];
	struct vfio_user *ready[MAX_SERVERS], *vu;
	unsigned int nr = 0, i;
	int64_t left = deadline - now_ms();

	for (vu = servers; vu && nr < MAX_SERVERS; vu = vu->next) {
		ready[nr] = vu;
		pfds[nr++] = (struct pollfd){ .fd = vfio_user_fd(vu), .events = POLLIN };
	}
	if (left <= 0)
		return -ETIMEDOUT;
	if (poll(pfds, nr, left) < 0 && errno != EINTR)
		return -errno;
	for (i = 0; i < nr; i++) {
		if (pfds[i].revents)
			vfio_user_service(ready[i]);	/* fd -1 tells the main loop who left */
	}
	return 0;
}

static int dma_message(struct vfio_user *vu, uint16_t command, uint64_t addr, void *in,
		       const void *out, size_t len)
{
	uint64_t range[2] = { addr, len };
	struct vfio_header header = { .id = ++vu->next_id, .command = command };
	int64_t deadline = now_ms() + DMA_TIMEOUT_MS;

	vu->wait = (struct dma_wait){
		.waiting = true, .id = header.id, .command = command,
		.addr = addr, .count = len, .buf = in,
	};
	if (vfio_wire_send(&vu->wire, &header, range, sizeof(range), out, out ? len : 0))
		client_left(vu, "takes no DMA message");
	while (!vu->wait.done && vu->wire.fd >= 0) {
		if (serve_all(deadline))
			client_left(vu, "does not answer a DMA message");
	}
	vu->wait.waiting = false;
	return vu->wait.done ? vu->wait.result : -EIO;
}

/*
 * Moves at most what lies in one window, in one message.  The windows are looked
 * up anew for each piece: the client may have changed them while we waited.
 */
static int move_piece(struct vfio_user *vu, uint64_t addr, void *in, const void *out, size_t *len)
{
	uint32_t right = in ? VFIO_MAP_READ : VFIO_MAP_WRITE;
	const struct vfio_map *map = vfio_maps_find(&vu->maps, addr);
	size_t limit = vu->max_transfer;
	uint8_t *memory;

	if (!map || !(map->rights & right))
		return -EFAULT;
	if (*len > map->size - (addr - map->iova))
		*len = map->size - (addr - map->iova);
	if (map->memory) {
		memory = (uint8_t *)map->memory + (addr - map->iova);
		return in ? vfio_guarded_copy(in, memory, *len) :
			    vfio_guarded_copy(memory, out, *len);
	}
	if (out && limit > DMA_WRITE_CHUNK)
		limit = DMA_WRITE_CHUNK;
	if (*len > limit)
		*len = limit;
	return dma_message(vu, in ? CMD_DMA_READ : CMD_DMA_WRITE, addr, in, out, *len);
}

static int move(struct vfio_user *vu, uint64_t addr, uint8_t *in, const uint8_t *out, size_t len)
{
	size_t done, piece;
	int ret;

	if (vfio_handling()) {
		log_line(vu->name, "DMA from within a register access");
		return -EIO;
	}
	if (vu->wire.fd < 0)
		return -EIO;
	if (!vu->ops->bus_master(vu->device) ||
	    !vfio_maps_granted(&vu->maps, addr, len, in ? VFIO_MAP_READ : VFIO_MAP_WRITE))
		return -EFAULT;
	for (done = 0; done < len; done += piece) {
		piece = len - done;
		ret = move_piece(vu, addr + done, in ? in + done : NULL, out ? out + done : NULL,
				 &piece);
		if (ret)
			return ret;
	}
	return 0;
}

static struct vfio_user *from_dma(struct dma *dma)
{
	return (struct vfio_user *)((char *)dma - offsetof(struct vfio_user, dma));
}

static int vfio_dma_read(struct dma *dma, uint64_t addr, void *buf, size_t len)
{
	struct vfio_user *vu = from_dma(dma);
	int ret = move(vu, addr, buf, NULL, len);

	if (!ret) {
		vu->counters->dma_reads++;
		vu->counters->dma_read_bytes += len;
	}
	return ret;
}

static int vfio_dma_write(struct dma *dma, uint64_t addr, const void *buf, size_t len)
{
	struct vfio_user *vu = from_dma(dma);
	int ret = move(vu, addr, NULL, buf, len);

	if (!ret) {
		vu->counters->dma_writes++;
		vu->counters->dma_write_bytes += len;
	}
	return ret;
}

struct dma *vfio_user_dma(struct vfio_user *vu)
{
	vu->dma.read = vfio_dma_read;
	vu->dma.write = vfio_dma_write;
	return &vu->dma;
}

struct vfio_user *vfio_user_new_fd(int fd, const char *name, const struct vfio_device_ops *ops,
				   void *device, struct counters *counters)
{
	struct vfio_user *vu = server_new(name, ops, device, counters);

	if (!vu)
		close(fd);
	else if (vfio_wire_open(&vu->wire, fd))
		vfio_user_free(vu);
	else
		return vu;
	errno = ENOMEM;
	return NULL;
}
