// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "vfio_dma.h"

/* Whether the client's file is long enough is checked once; it may still shrink it later. */
static sigjmp_buf copy_failed;
static volatile sig_atomic_t copying;

static void on_bus_error(int sig)
{
	if (copying)
		siglongjmp(copy_failed, 1);
	/* Not ours: let it kill the process as it would have. */
	signal(sig, SIG_DFL);
	raise(sig);
}

static int catch_bus_errors(void)
{
	struct sigaction action = { .sa_handler = on_bus_error, .sa_flags = SA_NODEFER };

	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) ? -errno : 0;
}

int vfio_guarded_copy(void *to, const void *from, size_t len)
{
	if (sigsetjmp(copy_failed, 0)) {
		copying = 0;
		return -EFAULT;
	}
	copying = 1;
	memcpy(to, from, len);
	copying = 0;
	return 0;
}

static uint64_t last_byte(const struct vfio_map *map)
{
	return map->iova + (map->size - 1);
}

/* Index of the first window that ends at or after @iova. */
static unsigned int lower_bound(const struct vfio_maps *table, uint64_t iova)
{
	unsigned int low = 0, high = table->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (last_byte(&table->maps[middle]) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct vfio_map *vfio_maps_find(const struct vfio_maps *table, uint64_t iova)
{
	unsigned int i = lower_bound(table, iova);

	return i < table->nr && table->maps[i].iova <= iova ? &table->maps[i] : NULL;
}

bool vfio_maps_granted(const struct vfio_maps *table, uint64_t iova, size_t len, uint32_t right)
{
	uint64_t last = iova + (len - 1);
	const struct vfio_map *map;

	if (!len || last < iova)
		return false;
	for (;;) {
		map = vfio_maps_find(table, iova);
		if (!map || !(map->rights & right))
			return false;
		if (last_byte(map) >= last)
			return true;
		iova = last_byte(map) + 1;
	}
}

static bool aligned(uint64_t value)
{
	return !(value % VFIO_PAGE);
}

static int check_range(uint64_t iova, uint64_t size)
{
	if (!size || !aligned(iova) || !aligned(size) || iova + (size - 1) < iova)
		return -EINVAL;
	return 0;
}

static int map_memory(struct vfio_map *map, int fd, uint64_t offset)
{
	int protection = (map->rights & VFIO_MAP_READ ? PROT_READ : 0) |
			 (map->rights & VFIO_MAP_WRITE ? PROT_WRITE : 0);
	struct stat st;

	if (fd < 0)
		return 0;
	if (!aligned(offset) || offset > INT64_MAX || map->size > INT64_MAX - offset)
		return -EINVAL;
	if (fstat(fd, &st))
		return -errno;
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < offset + map->size)
		return -EINVAL;
	if (catch_bus_errors())
		return -EINVAL;
	map->memory = mmap(NULL, map->size, protection, MAP_SHARED, fd, offset);
	if (map->memory == MAP_FAILED) {
		map->memory = NULL;
		return -errno;
	}
	return 0;
}

static int make_room(struct vfio_maps *table)
{
	unsigned int room = table->room ? 2 * table->room : 32;
	struct vfio_map *maps;

	if (table->nr < table->room)
		return 0;
	if (table->nr >= VFIO_MAX_MAPS)
		return -ENOSPC;
	maps = realloc(table->maps, room * sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	table->maps = maps;
	table->room = room;
	return 0;
}

int vfio_maps_add(struct vfio_maps *table, uint64_t iova, uint64_t size, uint32_t rights, int fd,
		  uint64_t offset)
{
	struct vfio_map map = { .iova = iova, .size = size, .rights = rights };
	unsigned int at;
	int ret = check_range(iova, size);

	if (ret)
		return ret;
	if (!rights || rights & ~(VFIO_MAP_READ | VFIO_MAP_WRITE))
		return -EINVAL;
	at = lower_bound(table, iova);
	if (at < table->nr && table->maps[at].iova <= last_byte(&map))
		return -EEXIST;
	ret = make_room(table);
	if (!ret)
		ret = map_memory(&map, fd, offset);
	if (ret)
		return ret;
	memmove(&table->maps[at + 1], &table->maps[at], (table->nr - at) * sizeof(map));
	table->maps[at] = map;
	table->nr++;
	return 0;
}

static void unmap_memory(struct vfio_map *map)
{
	if (map->memory)
		munmap(map->memory, map->size);
	map->memory = NULL;
}

int vfio_maps_remove(struct vfio_maps *table, uint64_t iova, uint64_t size, uint64_t *removed)
{
	uint64_t last = iova + (size - 1);
	unsigned int first, end;

	*removed = 0;
	if (check_range(iova, size))
		return -EINVAL;
	first = lower_bound(table, iova);
	for (end = first; end < table->nr && table->maps[end].iova <= last; end++) {
		if (table->maps[end].iova < iova || last_byte(&table->maps[end]) > last)
			return -EINVAL;
	}
	for (unsigned int i = first; i < end; i++) {
		*removed += table->maps[i].size;
		unmap_memory(&table->maps[i]);
	}
	if (table->nr)
		memmove(&table->maps[first], &table->maps[end],
			(table->nr - end) * sizeof(*table->maps));
	table->nr -= end - first;
	return 0;
}

void vfio_maps_clear(struct vfio_maps *table)
{
	while (table->nr)
		unmap_memory(&table->maps[--table->nr]);
	free(table->maps);
	memset(table, 0, sizeof(*table));
}
