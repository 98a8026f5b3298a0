/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One vfio-user server, as the files that make it up see it. */
#ifndef CARD_VFIO_PRIVATE_H
#define CARD_VFIO_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "vfio_dma.h"
#include "vfio_user.h"
#include "vfio_wire.h"

enum vfio_command {
	CMD_VERSION = 1,
	CMD_DMA_MAP = 2,
	CMD_DMA_UNMAP = 3,
	CMD_GET_INFO = 4,
	CMD_REGION_INFO = 5,
	CMD_IRQ_INFO = 7,
	CMD_SET_IRQS = 8,
	CMD_REGION_READ = 9,
	CMD_REGION_WRITE = 10,
	CMD_DMA_READ = 11,
	CMD_DMA_WRITE = 12,
	CMD_RESET = 13,
	CMD_DEVICE_FEATURE = 16,
};

enum { IRQ_INTX, IRQ_MSI, NR_IRQS_USED, IRQ_ERROR = 3, NR_IRQS = 5 };

struct dma_wait {
	bool waiting, done;
	uint16_t id, command;
	uint64_t addr, count;
	void *buf;			/* for a read */
	int result;
};

struct vfio_user {
	struct vfio_user *next;		/* all servers of this process */
	char name[32];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const struct vfio_device_ops *ops;
	void *device;
	struct counters *counters;

	int listen_fd;
	struct vfio_wire wire;
	bool versioned;
	size_t max_transfer;
	unsigned int errors;
	uint8_t *out;			/* body of the reply being made */

	struct vfio_maps maps;
	struct dma dma;
	struct dma_wait wait;
	uint16_t next_id;

	int irq_fd[NR_IRQS_USED];
	bool intx_masked;
	bool msi_level;
};

/*
 * vfio_commands.c: runs the message that vu->wire holds and answers it, with an
 * error if it is malformed.  -ECONNRESET: the answer could not be sent.
 */
int vfio_handle_message(struct vfio_user *vu);
/* Is a message being run?  The device may not start DMA then. */
bool vfio_handling(void);

/*
 * Handlers get a body whose length was checked against the command's limits and
 * put the answer's body into vu->out.
 */
int vfio_handle_irq_info(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len);
int vfio_handle_set_irqs(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len);
/* vfio_irq.c: arms with @fd, which is the server's from now on, or disarms (-1). */
void vfio_set_irq_fd(struct vfio_user *vu, unsigned int irq, int fd);

#endif
