// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: lab-user-lun DEVICE FILE NUMBER
 *
 * Serves the logical unit; its blocks are FILE's.  DEVICE is what the engine knows it
 * by: /dev/uioN with LIO, a name of its own with SCST.  Ends with status 0 when LIO
 * takes the device away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "user_lun.h"

void die(const char *what)
{
	fprintf(stderr, "lab-user-lun: %s: %s\n", what, strerror(errno));
	exit(1);
}

void *map_file(const char *path, size_t *size, int *file)
{
	struct stat status;
	void *memory;

	*file = open(path, O_RDWR | O_CLOEXEC);
	if (*file < 0 || fstat(*file, &status))
		die(path);
	if (!*size)
		*size = (size_t)status.st_size;
	memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
	if (memory == MAP_FAILED)
		die(path);
	return memory;
}

int main(int argc, char **argv)
{
	struct unit unit;
	size_t size = 0;
	int file;

	if (argc != 4) {
		fprintf(stderr, "usage: lab-user-lun DEVICE FILE NUMBER\n");
		return 2;
	}
	unit.disk = map_file(argv[2], &size, &file);
	unit.blocks = size / UNIT_BLOCK;
	unit.number = (unsigned int)strtoul(argv[3], NULL, 10);
	return serve_unit(argv[1], &unit);
}
