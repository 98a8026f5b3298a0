/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parser (script_parse.c) hands to the runner (script.c). */
#ifndef CARD_SCRIPT_PRIVATE_H
#define CARD_SCRIPT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bus.h"

#define SCRIPT_MAX_LOOPS 3		/* nested; their counters are i (innermost), j, k */
#define SCRIPT_MAX_TERMS 4
#define SCRIPT_MAX_FIELDS 4
#define SCRIPT_MAX_PIECES 4
#define SCRIPT_MAX_PIECE 64
#define SCRIPT_MAX_LENGTH (64u << 20)
#define SCRIPT_MAX_PARALLEL 128
#define SCRIPT_MAX_LUN 0x3fff

/* A sum of products of numbers and loop counters. */
struct expression {
	unsigned int count;
	struct {
		uint64_t factor;
		uint8_t power[SCRIPT_MAX_LOOPS];
	} terms[SCRIPT_MAX_TERMS];
};

struct cdb_field {
	uint8_t offset;
	uint8_t width;
	struct expression value;
};

/* Literal bytes at a place of the data. */
struct data_piece {
	uint32_t offset;
	uint8_t length;
	uint8_t bytes[SCRIPT_MAX_PIECE];
};

#define ANY (-1)			/* of an expectation */
#define OVER (-2)			/* of an outcome: one by which a command may end */

/* A cmd or tmf statement. */
struct command_step {
	enum bus_tmf tmf;
	uint8_t cdb[BUS_CDB_SIZE];
	uint8_t cdb_length;
	struct cdb_field fields[SCRIPT_MAX_FIELDS];
	unsigned int nr_fields;
	enum bus_direction direction;
	struct expression length;
	bool has_pattern;
	struct expression pattern;	/* seed */
	struct expression pattern_offset;
	struct data_piece pieces[SCRIPT_MAX_PIECES];
	unsigned int nr_pieces;
	bool has_crc;
	uint32_t crc;
	enum bus_attribute attribute;
	bool has_tag;
	struct expression tag;
	int outcome;			/* enum bus_outcome, ANY or OVER */
	int status;
	int response;			/* of a TMF */
	bool has_sense;
	int sense[3];			/* key, ASC, ASCQ */
	bool has_moved, any_moved;
	struct expression moved;
	bool hold;
};

enum step_kind {
	STEP_ID, STEP_DISCONNECT, STEP_PACKETIZED, STEP_TIMEOUT, STEP_PARALLEL, STEP_WAIT,
	STEP_COMMAND, STEP_RESET, STEP_DRAIN, STEP_SLEEP, STEP_REPEAT, STEP_END, STEP_HELD,
	STEP_RELEASE, STEP_BARRIER, STEP_SAY, STEP_FILE, STEP_AUTOSENSE,
};

struct step {
	enum step_kind kind;
	unsigned int line;
	struct expression target;	/* of cmd, tmf, wait; else the statement's only number */
	struct expression lun;		/* of cmd, tmf; the time limit of what waits */
	char *text;			/* of say and file */
	unsigned int partner;		/* of repeat and end: the other's index */
	struct command_step *command;
};

struct program {
	char *name;
	struct step *steps;
	unsigned int nr_steps;
	unsigned int first_id;		/* the one to join with */
};

/* A command or task management function on the bus. */
struct flight {
	TAILQ_ENTRY(flight) link;
	struct script *script;
	const struct step *step;
	uint64_t counters[SCRIPT_MAX_LOOPS];
	bool in_loop;
	uint64_t deadline;
	unsigned int target_id;
	struct bus_command command;
	struct bus_task *task;
	struct bus_result result;	/* of the command itself */
	bool sensing;			/* task is its REQUEST SENSE */
	bool held;			/* does not answer reselection until `release` */
	bool stuck;			/* the target has tried */
	uint8_t sense[BUS_SENSE_SIZE];
	size_t sense_length;
	uint64_t moved;			/* what lies beyond the expected length counted in */
	uint64_t seed, pattern_offset;
	uint8_t *data;			/* data-in as it came */
};

TAILQ_HEAD(flight_list, flight);

struct script {
	struct program program;
	uint64_t seed;
	uint64_t (*now)(void);
	struct bus_port *port;
	unsigned int next;		/* statement */
	struct {
		uint64_t left, counter;
	} loops[SCRIPT_MAX_LOOPS];
	unsigned int depth;
	struct flight_list flights;
	unsigned int nr_flights;
	unsigned int parallel;
	bool disconnect;
	bool autosense;
	uint64_t timeout_ms;
	bool waiting;			/* in a statement that waits, until wait_end */
	uint64_t wait_end;
	unsigned int steps, failures;
	bool done;
	struct script *const *all;	/* the scripts of this bus */
	unsigned int nr_all;
	unsigned int barriers;		/* come to so far */
};

/* Fills @program; -EINVAL after printing `NAME:LINE: what is wrong`, or -ENOMEM. */
int program_parse(struct program *program, const char *name, const char *text);
void program_free(struct program *program);
uint64_t expression_value(const struct expression *expression,
			  const uint64_t counters[SCRIPT_MAX_LOOPS]);

/* script.c */
/* Prints and counts that @f is not as expected. */
void fail_flight(const struct flight *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* script_judge.c */
void script_judge(const struct flight *f);

/* script_data.c; pure */
/* Bytes of the endless pattern @seed from @offset on. */
void pattern_fill(uint64_t seed, uint64_t offset, uint8_t *data, size_t length);
uint32_t crc32_of(const uint8_t *data, size_t length);
/* Key, ASC and ASCQ of fixed or descriptor sense; false if it is neither. */
bool sense_decode(const uint8_t *sense, size_t length, int decoded[3]);
const char *outcome_name(enum bus_outcome outcome);

#endif
