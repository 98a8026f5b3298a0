/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lab's logical unit in user space (lab/run --lun ...,type=user): a small
 * disk that also has what the engine's own disks lack: READ BUFFER, WRITE BUFFER
 * and vendor-specific commands of any length, whose data are patterns that both
 * ends can check.  docs/lab.md describes the commands.
 */
#ifndef USER_LUN_H
#define USER_LUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_BLOCK	512u
#define UNIT_BUFFER	0x800000u	/* capacity that READ BUFFER tells */

#define UNIT_SENSE	96u		/* all that LIO takes */

#define STATUS_GOOD	0x00
#define STATUS_CHECK	0x02

struct unit {
	uint8_t *disk;
	uint64_t blocks;
	unsigned int number;		/* makes its name unique */
};

/* A command: what came, and what becomes of it. */
struct task {
	const uint8_t *cdb;
	uint8_t *data;			/* all that the transport set aside, both directions */
	size_t length;			/* of it */
	size_t returned;		/* how much of it goes to the initiator */
	uint8_t status;
	uint8_t sense[UNIT_SENSE];
};

/* tcmu.c or scst_user.c: the program has the one of its engine.  Returns its exit status. */
int serve_unit(const char *device, const struct unit *unit);

/* Ends the program: what @what has failed at is in errno. */
void die(const char *what) __attribute__((noreturn));
/* @size: 0 for all of a file that has a size; set to it. */
void *map_file(const char *path, size_t *size, int *file);

/* What a vendor-specific command moves; 0 if nothing. */
size_t unit_vendor_length(const uint8_t *cdb);
/* Executes @task; each command ends with a status, unknown ones as well. */
void unit_execute(const struct unit *unit, struct task *task);

/* The endless pattern of mptcard's scripts: the same seed, the same bytes. */
void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t length);

#endif
