/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The windows of guest memory that one client granted. */
#ifndef CARD_VFIO_DMA_H
#define CARD_VFIO_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VFIO_MAX_MAPS	4096
#define VFIO_PAGE	4096

#define VFIO_MAP_READ	1u
#define VFIO_MAP_WRITE	2u

struct vfio_map {
	uint64_t iova;
	uint64_t size;
	uint32_t rights;
	void *memory;			/* NULL: only the client itself can reach it */
};

struct vfio_maps {			/* sorted by iova, disjoint */
	struct vfio_map *maps;
	unsigned int nr, room;
};

void vfio_maps_clear(struct vfio_maps *table);
/*
 * @fd (-1: none) stays the caller's.  -EINVAL: not aligned, empty, wraps, or
 * no such rights; -EEXIST: overlaps; or what mmap says.
 */
int vfio_maps_add(struct vfio_maps *table, uint64_t iova, uint64_t size, uint32_t rights, int fd,
		  uint64_t offset);
/* Drops the windows within the range; -EINVAL if it cuts one.  *@removed: their sizes' sum. */
int vfio_maps_remove(struct vfio_maps *table, uint64_t iova, uint64_t size, uint64_t *removed);
/* Is every byte of the range (not empty) in a window with @right? */
bool vfio_maps_granted(const struct vfio_maps *table, uint64_t iova, size_t len, uint32_t right);
/* The window that holds @iova, or NULL. */
const struct vfio_map *vfio_maps_find(const struct vfio_maps *table, uint64_t iova);
/* memcpy() that survives a client which truncated its file: 0 or -EFAULT. */
int vfio_guarded_copy(void *to, const void *from, size_t len);

#endif
