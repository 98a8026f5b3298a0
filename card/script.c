// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a script as a member of the bus.  A statement that cannot go on yet is
 * tried again by the next script_work(); commands in the air are on a list until
 * they were judged.
 */
#include "script.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "negotiation.h"
#include "script_private.h"

#define STEP_BUDGET 64			/* statements in one script_work() */
#define DEFAULT_TIMEOUT_SECONDS 60
#define WAIT_POLL_MS 20
#define NR_AUTO_TAGS 256
#define MAX_SCRIPT_FILE (16u << 20)
#define STATUS_CHECK_CONDITION 0x02

static uint64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Failures */

static void fail(struct script *script, const struct step *step, const uint64_t *counters,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void fail(struct script *script, const struct step *step, const uint64_t *counters,
		 const char *format, ...)
{
	va_list args;

	script->failures++;
	printf("SCRIPT FAIL %s:%u: ", script->program.name, step->line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (counters)
		printf(" (i=%llu)", (unsigned long long)counters[0]);
	putchar('\n');
	fflush(stdout);
}

void fail_flight(const struct flight *f, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail(f->script, f->step, f->in_loop ? f->counters : NULL, "%s", text);
}

/* The counters of the open loops, the innermost first. */
static void loop_counters(const struct script *script, uint64_t counters[SCRIPT_MAX_LOOPS])
{
	unsigned int d;

	memset(counters, 0, SCRIPT_MAX_LOOPS * sizeof(*counters));
	for (d = 0; d < script->depth; d++)
		counters[d] = script->loops[script->depth - 1 - d].counter;
}

static uint64_t evaluate(const struct script *script, const struct expression *e)
{
	uint64_t counters[SCRIPT_MAX_LOOPS];

	loop_counters(script, counters);
	return expression_value(e, counters);
}

/* Data */

static size_t within(const struct flight *f, enum bus_direction direction, uint32_t offset,
		     size_t length)
{
	uint32_t limit = f->command.direction == direction ? f->command.data_length : 0;

	if (offset >= limit)
		return 0;
	return length < limit - offset ? length : limit - offset;
}

static int script_data_in(void *owner, void *private, uint32_t offset, const void *data,
			  size_t length)
{
	struct flight *f = private;
	size_t fits;

	(void)owner;
	if (f->sensing) {
		fits = offset < BUS_SENSE_SIZE ? BUS_SENSE_SIZE - offset : 0;
		if (fits > length)
			fits = length;
		memcpy(f->sense + (fits ? offset : 0), data, fits);
		if (fits && offset + fits > f->sense_length)
			f->sense_length = offset + fits;
		return fits < length ? -EOVERFLOW : 0;
	}
	fits = within(f, BUS_DATA_IN, offset, length);
	if (fits)
		memcpy(f->data + offset, data, fits);
	f->moved += length;
	return fits < length ? -EOVERFLOW : 0;
}

/* Lays the literal bytes of data= over what the pattern put there. */
static void lay_pieces(const struct command_step *c, uint32_t offset, uint8_t *data, size_t length)
{
	unsigned int i, b;

	for (i = 0; i < c->nr_pieces; i++) {
		const struct data_piece *piece = &c->pieces[i];

		for (b = 0; b < piece->length; b++) {
			uint32_t place = piece->offset + b;

			if (place >= offset && place - offset < length)
				data[place - offset] = piece->bytes[b];
		}
	}
}

static int script_data_out(void *owner, void *private, uint32_t offset, void *data, size_t length)
{
	struct flight *f = private;
	size_t fits = f->sensing ? 0 : within(f, BUS_DATA_OUT, offset, length);

	(void)owner;
	memset(data, 0, length);
	if (fits && f->step->command->has_pattern)
		pattern_fill(f->seed, f->pattern_offset + offset, data, fits);
	lay_pieces(f->step->command, offset, data, fits);
	f->moved += length;
	return fits < length ? -EOVERFLOW : 0;
}

static void remove_flight(struct flight *f)
{
	TAILQ_REMOVE(&f->script->flights, f, link);
	f->script->nr_flights--;
	free(f->data);
	free(f);
}

static void judge(struct flight *f)
{
	script_judge(f);
	remove_flight(f);
}

/* Results */

static bool wants_sense(const struct flight *f)
{
	const struct command_step *c = f->step->command;

	return f->result.outcome == BUS_STATUS && f->result.status == STATUS_CHECK_CONDITION &&
	       !f->result.packetized &&
	       (f->script->autosense || c->has_sense ||
		(c->status != STATUS_CHECK_CONDITION && c->status != ANY));
}

static bool start_sense(struct flight *f)
{
	struct bus_command command = {
		.cdb = { 0x03, 0, 0, 0, BUS_SENSE_SIZE, 0 },
		.cdb_length = 6,
		.attribute = BUS_UNTAGGED,
		.tag = f->command.tag,
		.direction = BUS_DATA_IN,
		.data_length = BUS_SENSE_SIZE,
		.disconnect = f->script->disconnect,
		.urgent = true,
	};

	memcpy(command.lun, f->command.lun, sizeof(command.lun));
	if (bus_start(f->script->port, f->target_id, &command, f, &f->task))
		return false;
	f->sensing = true;
	return true;
}

/* Does the function @tmf, which ended well, end @f too? */
static bool concerns(const struct flight *tmf, const struct flight *f)
{
	if (f->command.tmf || f->target_id != tmf->target_id)
		return false;
	if (tmf->command.tmf == BUS_TMF_TARGET_RESET)
		return true;
	if (tmf->command.tmf == BUS_TMF_CLEAR_ACA ||
	    memcmp(f->command.lun, tmf->command.lun, sizeof(f->command.lun)))
		return false;
	if (tmf->command.tmf != BUS_TMF_ABORT_TASK)
		return true;
	if (tmf->command.attribute == BUS_UNTAGGED || f->command.attribute == BUS_UNTAGGED)
		return tmf->command.attribute == f->command.attribute;
	return f->command.tag == tmf->command.tag;
}

/* Only commands that were sent before the function stand before it in the list. */
static void end_concerned(const struct flight *tmf)
{
	struct flight *f = TAILQ_FIRST(&tmf->script->flights);

	while (f && f != tmf) {
		struct flight *next = TAILQ_NEXT(f, link);

		if (concerns(tmf, f)) {
			bus_forget(f->task, BUS_ABORTED);
			f->result.outcome = BUS_ABORTED;
			judge(f);
		}
		f = next;
	}
}

static void script_ended(void *owner, void *private, const struct bus_result *result)
{
	struct flight *f = private;

	(void)owner;
	if (f->sensing) {
		if (result->outcome != BUS_STATUS)
			f->result.outcome = result->outcome;
		else if (result->status)
			f->sense_length = 0;
		judge(f);
		return;
	}
	f->result = *result;
	if (result->sense_length) {
		memcpy(f->sense, result->sense, result->sense_length);
		f->sense_length = result->sense_length;
	}
	if (wants_sense(f) && start_sense(f))
		return;
	if (f->command.tmf && result->outcome == BUS_TMF_DONE && !result->response)
		end_concerned(f);
	judge(f);
}

/* Errors come through: behind one whose sense waits a target may hold back the others. */
static bool script_ready(void *owner, void *private, int status)
{
	struct flight *f = private;

	(void)owner;
	if (f->sensing || !f->held || status > 0)
		return true;
	f->stuck = true;
	return false;
}

static const struct bus_initiator_ops script_ops = {
	.data_in = script_data_in,
	.data_out = script_data_out,
	.ready = script_ready,
	.ended = script_ended,
};

/* Starting a command */

static bool tag_taken(const struct script *script, unsigned int tag)
{
	const struct flight *f;

	TAILQ_FOREACH(f, &script->flights, link)
		if (f->command.tag == tag && !f->command.tmf)
			return true;
	return false;
}

/* There are always fewer commands in the air than tags. */
static uint16_t free_tag(const struct script *script)
{
	unsigned int tag = 0;

	while (tag < NR_AUTO_TAGS - 1 && tag_taken(script, tag))
		tag++;
	return (uint16_t)tag;
}

/* A number of more than 32 bits is the eight bytes themselves. */
static void set_lun(uint8_t lun[8], uint64_t number)
{
	unsigned int n;

	memset(lun, 0, 8);
	for (n = 0; number > UINT32_MAX && n < 8; n++)
		lun[n] = (uint8_t)(number >> 8 * (7 - n));
	if (number > UINT32_MAX)
		return;
	if (number > 0xff)
		lun[0] = (uint8_t)(0x40 | number >> 8);	/* flat space addressing */
	lun[1] = (uint8_t)number;
}

static void set_cdb(struct bus_command *command, const struct command_step *c,
		    const uint64_t *counters)
{
	unsigned int i, b;

	memcpy(command->cdb, c->cdb, sizeof(command->cdb));
	command->cdb_length = c->cdb_length;
	for (i = 0; i < c->nr_fields; i++) {
		const struct cdb_field *field = &c->fields[i];
		uint64_t value = expression_value(&field->value, counters);

		for (b = 0; b < field->width; b++)
			command->cdb[field->offset + b] =
				(uint8_t)(value >> 8 * (field->width - 1u - b));
	}
}

/* What only shows at run time, with the loops' counters. */
static const char *out_of_bounds(const struct script *script, const struct step *step)
{
	const struct command_step *c = step->command;

	if (evaluate(script, &step->target) >= BUS_MAX_IDS)
		return "the target's ID is above 15";
	if (evaluate(script, &step->lun) > SCRIPT_MAX_LUN &&
	    evaluate(script, &step->lun) <= UINT32_MAX)
		return "the LUN is above 16383";
	if (evaluate(script, &c->length) > SCRIPT_MAX_LENGTH)
		return "the length is above 64 MiB";
	if (c->has_tag && evaluate(script, &c->tag) > UINT16_MAX)
		return "the tag is above 65535";
	return NULL;
}

static struct flight *new_flight(struct script *script, const struct step *step)
{
	const struct command_step *c = step->command;
	struct flight *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->script = script;
	f->step = step;
	loop_counters(script, f->counters);
	f->in_loop = script->depth;
	f->deadline = script->now() + script->timeout_ms;
	f->target_id = (unsigned int)evaluate(script, &step->target);
	f->seed = script->seed + evaluate(script, &c->pattern);
	f->pattern_offset = evaluate(script, &c->pattern_offset);
	set_lun(f->command.lun, evaluate(script, &step->lun));
	set_cdb(&f->command, c, f->counters);
	f->command.tmf = c->tmf;
	f->command.attribute = c->attribute;
	f->command.direction = c->direction;
	f->command.data_length = (uint32_t)evaluate(script, &c->length);
	f->command.disconnect = script->disconnect;
	f->held = c->hold;
	if (c->has_tag)
		f->command.tag = (uint16_t)evaluate(script, &c->tag);
	else if (!c->tmf)
		f->command.tag = free_tag(script);
	if (c->direction == BUS_DATA_IN) {
		f->data = calloc(1, f->command.data_length + 1u);
		if (!f->data) {
			free(f);
			return NULL;
		}
	}
	return f;
}

static void start_command(struct script *script, const struct step *step)
{
	const char *error = out_of_bounds(script, step);
	uint64_t counters[SCRIPT_MAX_LOOPS];
	struct flight *f = NULL;

	script->steps++;
	if (!error) {
		error = "out of memory";
		f = new_flight(script, step);
	}
	if (!f) {
		loop_counters(script, counters);
		fail(script, step, script->depth ? counters : NULL, "%s", error);
		return;
	}
	TAILQ_INSERT_TAIL(&script->flights, f, link);
	script->nr_flights++;
	if (bus_start(script->port, f->target_id, &f->command, f, &f->task)) {
		fail_flight(f, "out of memory");
		remove_flight(f);
	}
}

/* Statements: true when it is done, false to be tried again */

static void set_parameters(struct script *script, bool packetized)
{
	const struct bus_parameters wish = {
		.period = packetized ? PERIOD_U320 : PERIOD_U160,
		.offset = 127,
		.wide = true,
		.dt = true,
		.packetized = packetized,
		.qas = true,
		.write_flow = packetized,
		.read_stream = packetized,
		.rti = packetized,
	};
	unsigned int id;

	bus_set_capability(script->port, &wish);
	for (id = 0; id < BUS_MAX_IDS; id++)
		bus_set_request(script->port, id, &wish);
}

static void set_id(struct script *script, const struct step *step)
{
	unsigned int id = (unsigned int)evaluate(script, &step->target);

	if (bus_set_initiator_id(script->port, (int)id))
		fail(script, step, NULL, "ID %u expected to be free, another member has it", id);
}

/* True once @limit ms have gone by since this was first asked. */
static bool wait_for(struct script *script, uint64_t limit)
{
	if (!script->waiting) {
		script->waiting = true;
		script->wait_end = script->now() + limit;
	}
	if (script->now() < script->wait_end)
		return false;
	script->waiting = false;
	return true;
}

/* Commands that are to be held, and that the target has not come to yet. */
static unsigned int count_untried(const struct script *script)
{
	const struct flight *f;
	unsigned int count = 0;

	TAILQ_FOREACH(f, &script->flights, link)
		count += f->held && !f->stuck;
	return count;
}

static void release(struct script *script)
{
	struct flight *f;

	TAILQ_FOREACH(f, &script->flights, link)
		f->held = false;
}

/* Has every script that still runs come as far as this one? */
static bool all_there(const struct script *script)
{
	unsigned int i;

	for (i = 0; i < script->nr_all; i++)
		if (!script->all[i]->done && script->all[i]->barriers < script->barriers)
			return false;
	return true;
}

static bool has_come(struct script *script, const struct step *step)
{
	uint64_t operand = evaluate(script, &step->target);

	switch (step->kind) {
	case STEP_WAIT:
		return operand < BUS_MAX_IDS && bus_probe(script->port, (unsigned int)operand);
	case STEP_HELD:
		return !count_untried(script);
	case STEP_FILE:
		return !access(step->text, F_OK);
	default:
		if (!script->waiting)
			script->barriers++;
		return all_there(script);
	}
}

static void fail_wait(struct script *script, const struct step *step, unsigned long long seconds)
{
	unsigned long long operand = evaluate(script, &step->target);

	switch (step->kind) {
	case STEP_WAIT:
		fail(script, step, NULL, "ID %llu expected to answer within %llu s, nobody did",
		     operand, seconds);
		break;
	case STEP_HELD:
		fail(script, step, NULL, "the target expected to be held up within %llu s, %u lack",
		     seconds, count_untried(script));
		break;
	case STEP_FILE:
		fail(script, step, NULL, "%s expected within %llu s, it is not there", step->text,
		     seconds);
		break;
	default:
		fail(script, step, NULL, "every script expected here within %llu s, one is not",
		     seconds);
	}
}

/* wait, held, file, barrier: true once it has come, or come too late. */
static bool wait_until(struct script *script, const struct step *step)
{
	uint64_t seconds = evaluate(script, &step->lun);

	if (has_come(script, step)) {
		script->waiting = false;
	} else {
		if (!wait_for(script, seconds < UINT32_MAX ? seconds * 1000 : UINT32_MAX))
			return false;
		fail_wait(script, step, seconds);
	}
	script->steps++;
	return true;
}

static void enter_loop(struct script *script, const struct step *step)
{
	uint64_t count = evaluate(script, &step->target);

	if (!count) {
		script->next = step->partner;	/* the end; the caller steps over it */
		return;
	}
	script->loops[script->depth].left = count;
	script->loops[script->depth++].counter = 0;
}

static void end_loop(struct script *script, const struct step *step)
{
	unsigned int innermost = script->depth - 1;

	if (!--script->loops[innermost].left) {
		script->depth--;
		return;
	}
	script->loops[innermost].counter++;
	script->next = step->partner;		/* the caller goes on behind the repeat */
}

static bool function_in_flight(const struct script *script)
{
	const struct flight *last = TAILQ_LAST(&script->flights, flight_list);

	return last && last->command.tmf;
}

/* May @step begin while commands are in the air? */
static bool may_begin(const struct script *script, const struct step *step)
{
	if (!script->nr_flights)
		return true;
	if (function_in_flight(script))
		return false;
	switch (step->kind) {
	case STEP_REPEAT:
	case STEP_END:
		return true;
	case STEP_DRAIN:
	case STEP_ID:
	case STEP_PARALLEL:
		return false;
	case STEP_RESET:
		/* It is to find at their target what was sent before it. */
		return script->parallel > 1 && !bus_can_start(script->port);
	case STEP_COMMAND:
		if (!step->command->tmf)
			return script->nr_flights < script->parallel;
		/* fall through */
	default:
		return script->parallel > 1;
	}
}

static bool run_step(struct script *script, const struct step *step)
{
	switch (step->kind) {
	case STEP_ID:
		set_id(script, step);
		return true;
	case STEP_DISCONNECT:
		script->disconnect = evaluate(script, &step->target);
		return true;
	case STEP_AUTOSENSE:
		script->autosense = evaluate(script, &step->target);
		return true;
	case STEP_PACKETIZED:
		set_parameters(script, evaluate(script, &step->target));
		return true;
	case STEP_TIMEOUT:
		script->timeout_ms = evaluate(script, &step->target) * 1000;
		return true;
	case STEP_PARALLEL:
		script->parallel = (unsigned int)evaluate(script, &step->target);
		return true;
	case STEP_WAIT:
	case STEP_HELD:
	case STEP_FILE:
	case STEP_BARRIER:
		return wait_until(script, step);
	case STEP_RELEASE:
		release(script);
		return true;
	case STEP_SAY:
		printf("SCRIPT SAY %s\n", step->text);
		fflush(stdout);
		return true;
	case STEP_COMMAND:
		start_command(script, step);
		return true;
	case STEP_RESET:
		script->steps++;
		bus_reset(script->port);
		return true;
	case STEP_SLEEP:
		return wait_for(script, evaluate(script, &step->target));
	case STEP_REPEAT:
		enter_loop(script, step);
		return true;
	case STEP_END:
		end_loop(script, step);
		return true;
	case STEP_DRAIN:
		return true;
	}
	return true;
}

/* The main loop's calls */

static void expire(struct script *script)
{
	struct flight *f = TAILQ_FIRST(&script->flights);
	uint64_t now = script->now();

	while (f) {
		struct flight *next = TAILQ_NEXT(f, link);

		if (now >= f->deadline) {
			fail_flight(f, "an answer expected within %llu s, none came",
				    (unsigned long long)script->timeout_ms / 1000);
			bus_forget(f->task, BUS_ABORTED);
			remove_flight(f);
		}
		f = next;
	}
}

static bool blocked(const struct script *script)
{
	const struct program *program = &script->program;

	if (script->next == program->nr_steps)
		return script->nr_flights;
	return !may_begin(script, &program->steps[script->next]);
}

static void finish(struct script *script)
{
	script->done = true;
	printf("SCRIPT DONE %u steps, %u failures", script->steps, script->failures);
	if (script->nr_all > 1)
		printf(" in %s", script->program.name);
	putchar('\n');
	fflush(stdout);
}

bool script_work(struct script *script)
{
	unsigned int budget = STEP_BUDGET;

	if (script->done)
		return false;
	expire(script);
	while (budget-- && !blocked(script)) {
		if (script->next == script->program.nr_steps) {
			finish(script);
			return false;
		}
		if (!run_step(script, &script->program.steps[script->next]))
			return false;
		script->next++;
	}
	return !blocked(script);
}

int script_timeout(const struct script *script)
{
	uint64_t now = script->now();
	uint64_t least = UINT64_MAX;
	const struct flight *f;

	if (script->done)
		return -1;
	if (!blocked(script)) {
		if (!script->waiting)
			return 0;
		least = now + WAIT_POLL_MS;
		if (script->wait_end < least)
			least = script->wait_end;
	}
	TAILQ_FOREACH(f, &script->flights, link)
		if (f->deadline < least)
			least = f->deadline;
	if (least <= now)
		return 0;
	return least - now < INT_MAX ? (int)(least - now) : INT_MAX;
}

bool script_done(const struct script *script)
{
	return script->done;
}

unsigned int script_failures(const struct script *script)
{
	return script->failures;
}

int script_join(struct script *script, struct bus *bus)
{
	int error = bus_join(bus, "script", (int)script->program.first_id, &script_ops, NULL,
			     script, &script->port);

	if (error)
		return error;
	set_parameters(script, true);
	return 0;
}

void script_set_all(struct script *const *scripts, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		scripts[i]->all = scripts;
		scripts[i]->nr_all = count;
	}
}

void script_set_clock(struct script *script, uint64_t (*now_ms)(void))
{
	script->now = now_ms;
}

struct script *script_parse(const char *name, const char *text, uint64_t seed)
{
	struct script *script = calloc(1, sizeof(*script));
	int error = script ? program_parse(&script->program, name, text) : -ENOMEM;

	if (error) {
		if (error == -ENOMEM)
			fprintf(stderr, "%s: out of memory\n", name);
		free(script);
		return NULL;
	}
	script->seed = seed;
	script->now = monotonic_ms;
	TAILQ_INIT(&script->flights);
	script->parallel = 1;
	script->disconnect = true;
	script->timeout_ms = DEFAULT_TIMEOUT_SECONDS * 1000;
	return script;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t length = 0;

	if (!file)
		return NULL;
	text = malloc(MAX_SCRIPT_FILE + 1);
	if (text)
		length = fread(text, 1, MAX_SCRIPT_FILE + 1, file);
	if (text && (ferror(file) || length > MAX_SCRIPT_FILE)) {
		errno = ferror(file) ? EIO : EFBIG;
		free(text);
		text = NULL;
	}
	if (text)
		text[length] = '\0';
	fclose(file);
	return text;
}

struct script *script_load(const char *path, uint64_t seed)
{
	char *text = read_file(path);
	struct script *script;

	if (!text) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return NULL;
	}
	script = script_parse(path, text, seed);
	free(text);
	return script;
}

void script_free(struct script *script)
{
	if (!script)
		return;
	if (script->port)
		bus_leave(script->port);
	while (!TAILQ_EMPTY(&script->flights))
		remove_flight(TAILQ_FIRST(&script->flights));
	program_free(&script->program);
	free(script);
}
