/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vfio-user protocol server of one function, as QEMU 10.1 and newer speak
 * it.  Nothing that the client sends is trusted: each message is checked in
 * full before any of it takes effect, and answered with an error if malformed.
 */
#ifndef CARD_VFIO_USER_H
#define CARD_VFIO_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dma.h"

struct counters;
struct vfio_user;

enum { VFIO_REGION_BAR0 = 0, VFIO_REGION_CONFIG = 7, VFIO_NR_REGIONS = 9 };

struct vfio_device_ops {
	/* Size in bytes, 0 if the region does not exist. */
	size_t (*region_size)(void *device, unsigned int region);
	/* @offset and @count are within the region.  Never calls dma_*(). */
	void (*region_read)(void *device, unsigned int region, uint64_t offset, void *buf,
			    size_t count);
	void (*region_write)(void *device, unsigned int region, uint64_t offset, const void *buf,
			     size_t count);
	/* The level of the interrupt condition, and whether COMMAND disables INTx. */
	bool (*interrupt)(void *device);
	bool (*intx_disabled)(void *device);
	void (*reset)(void *device);
	/* May the device master the bus (COMMAND bit 2)?  dma_*() fail with -EFAULT if not. */
	bool (*bus_master)(void *device);
	/* Must the device's work loop run before the client's next message?  May be NULL. */
	bool (*urgent)(void *device);
};

/* Listens on @path (an old socket there is replaced); NULL and errno on failure. */
struct vfio_user *vfio_user_new(const char *path, const char *name,
				const struct vfio_device_ops *ops, void *device,
				struct counters *counters);
/* For unit tests: serves an already connected stream socket, which it owns from now on. */
struct vfio_user *vfio_user_new_fd(int fd, const char *name, const struct vfio_device_ops *ops,
				   void *device, struct counters *counters);
void vfio_user_free(struct vfio_user *vu);

/* What the main loop polls: the listening or the connected socket; -1: the client came and went. */
int vfio_user_fd(const struct vfio_user *vu);
/*
 * Handles what is there, up to a budget, without blocking for more; -ECONNRESET
 * once the client is gone.  A dma_*() of one function calls this for all of
 * them while it waits: the vCPU that its answer needs may wait for another.
 */
int vfio_user_service(struct vfio_user *vu);
/* Re-evaluates the interrupt condition: INTx (with auto-mask and unmask) or MSI edge. */
void vfio_user_interrupt(struct vfio_user *vu);
struct dma *vfio_user_dma(struct vfio_user *vu);

#endif
