// SPDX-License-Identifier: GPL-2.0-or-later
/* The language of docs/script.md: one statement a line, checked in full before anything runs. */
#include "script_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_WORDS 64
#define MAX_STEPS 100000
#define DEFAULT_ID 7
#define DEFAULT_WAIT_SECONDS 120

struct parser {
	struct program *program;
	unsigned int line;
	unsigned int room;
	unsigned int open[SCRIPT_MAX_LOOPS];	/* repeat steps without their end yet */
	unsigned int depth;
	bool has_id;
	char *words[MAX_WORDS];
	unsigned int nr_words;
};

static int wrong(const struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(const struct parser *p, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%u: ", p->program->name, p->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -EINVAL;
}

/* Names with values */

struct named {
	const char *name;
	int value;
};

static const struct named attributes[] = {
	{ "simple", BUS_SIMPLE }, { "head", BUS_HEAD_OF_QUEUE }, { "ordered", BUS_ORDERED },
	{ "aca", BUS_ACA }, { "untagged", BUS_UNTAGGED }, { NULL, 0 },
};

static const struct named functions[] = {
	{ "abort-task", BUS_TMF_ABORT_TASK }, { "abort-task-set", BUS_TMF_ABORT_TASK_SET },
	{ "clear-task-set", BUS_TMF_CLEAR_TASK_SET }, { "lun-reset", BUS_TMF_LOGICAL_UNIT_RESET },
	{ "target-reset", BUS_TMF_TARGET_RESET }, { "clear-aca", BUS_TMF_CLEAR_ACA }, { NULL, 0 },
};

static const struct named outcomes[] = {
	{ "status", BUS_STATUS }, { "timeout", BUS_SELECTION_TIMEOUT }, { "reset", BUS_WAS_RESET },
	{ "free", BUS_UNEXPECTED_FREE }, { "aborted", BUS_ABORTED }, { "any", ANY },
	{ "over", OVER }, { NULL, 0 },
};

static const struct named statuses[] = {
	{ "good", 0x00 }, { "check", 0x02 }, { "condition-met", 0x04 }, { "busy", 0x08 },
	{ "conflict", 0x18 }, { "full", 0x28 }, { "aca", 0x30 }, { "aborted", 0x40 },
	{ "any", ANY }, { NULL, 0 },
};

static const struct named switches[] = { { "off", 0 }, { "on", 1 }, { NULL, 0 } };

static bool look_up(const struct named *table, const char *name, int *value)
{
	for (; table->name; table++) {
		if (!strcmp(table->name, name)) {
			*value = table->value;
			return true;
		}
	}
	return false;
}

static int parse_name(const struct parser *p, const struct named *table, const char *word,
		      int *value)
{
	char known[256] = "";
	size_t used = 0;

	if (look_up(table, word, value))
		return 0;
	for (; table->name; table++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", table->name);
	return wrong(p, "'%s' is none of:%s", word, known);
}

/* Numbers */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Hex digits in pairs; returns the count of bytes, or -EINVAL. */
static int parse_bytes(const char *text, size_t length, uint8_t *bytes, size_t room)
{
	size_t i;

	if (!length || length % 2 || length / 2 > room)
		return -EINVAL;
	for (i = 0; i < length; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(length / 2);
}

/* A number of at most two hex digits, or `*`. */
static bool parse_hex_byte(const char *text, size_t length, int *value)
{
	size_t i;

	if (length == 1 && *text == '*') {
		*value = ANY;
		return true;
	}
	if (!length || length > 2)
		return false;
	for (*value = 0, i = 0; i < length; i++) {
		if (hex_digit(text[i]) < 0)
			return false;
		*value = *value << 4 | hex_digit(text[i]);
	}
	return true;
}

static bool parse_number(const char **text, uint64_t *value)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	errno = 0;
	*value = strtoull(*text, &end, strncmp(*text, "0x", 2) ? 10 : 16);
	if (errno)
		return false;
	if (*end == 'K' || *end == 'M') {
		unsigned int shift = *end == 'K' ? 10 : 20;

		if (*value >> (64 - shift))
			return false;
		*value <<= shift;
		end++;
	}
	*text = end;
	return true;
}

/* Parses up to @stop (or the word's end) and returns a pointer behind it, NULL if malformed. */
static const char *parse_expression(const struct parser *p, const char *text, char stop,
				    struct expression *e)
{
	memset(e, 0, sizeof(*e));
	while (e->count < SCRIPT_MAX_TERMS) {
		unsigned int term = e->count++;

		e->terms[term].factor = 1;
		for (;; text++) {
			uint64_t number = 1;

			if (*text >= 'i' && *text <= 'k' && (unsigned int)(*text - 'i') < p->depth)
				e->terms[term].power[*text++ - 'i']++;
			else if (!parse_number(&text, &number))
				return NULL;
			e->terms[term].factor *= number;
			if (*text != '*')
				break;
		}
		if (*text == stop)
			return stop ? text + 1 : text;
		if (*text++ != '+')
			return NULL;
	}
	return NULL;
}

static int expect_expression(const struct parser *p, const char *text, struct expression *e)
{
	if (parse_expression(p, text, '\0', e))
		return 0;
	return wrong(p, "'%s' is no number or sum like 4+i*128 (counters in scope: %u)", text,
		     p->depth);
}

uint64_t expression_value(const struct expression *e, const uint64_t counters[SCRIPT_MAX_LOOPS])
{
	uint64_t sum = 0;
	unsigned int t, v, n;

	for (t = 0; t < e->count; t++) {
		uint64_t product = e->terms[t].factor;

		for (v = 0; v < SCRIPT_MAX_LOOPS; v++)
			for (n = 0; n < e->terms[t].power[v]; n++)
				product *= counters[v];
		sum += product;
	}
	return sum;
}

static void set_constant(struct expression *e, uint64_t value)
{
	memset(e, 0, sizeof(*e));
	e->count = 1;
	e->terms[0].factor = value;
}

/* Only numbers, no counter; false also if above @limit. */
static bool constant_within(const struct expression *e, uint64_t least, uint64_t limit)
{
	static const uint64_t zero[SCRIPT_MAX_LOOPS];
	uint64_t value = expression_value(e, zero);
	unsigned int t, v;

	for (t = 0; t < e->count; t++)
		for (v = 0; v < SCRIPT_MAX_LOOPS; v++)
			if (e->terms[t].power[v])
				return false;
	return value >= least && value <= limit;
}

/* Options of cmd and tmf */

static int option_length(const struct parser *p, struct command_step *c, const char *value,
			 enum bus_direction direction)
{
	if (c->direction != BUS_NO_DATA)
		return wrong(p, "only one of in= and out=");
	c->direction = direction;
	return expect_expression(p, value, &c->length);
}

static int option_in(const struct parser *p, struct command_step *c, const char *value)
{
	return option_length(p, c, value, BUS_DATA_IN);
}

static int option_out(const struct parser *p, struct command_step *c, const char *value)
{
	return option_length(p, c, value, BUS_DATA_OUT);
}

static int option_pattern(const struct parser *p, struct command_step *c, const char *value)
{
	const char *at = strchr(value, '@');

	c->has_pattern = true;
	set_constant(&c->pattern_offset, 0);
	if (!at)
		return expect_expression(p, value, &c->pattern);
	if (!parse_expression(p, value, '@', &c->pattern))
		return wrong(p, "pattern=SEED[@OFFSET], not '%s'", value);
	return expect_expression(p, at + 1, &c->pattern_offset);
}

static int option_data(const struct parser *p, struct command_step *c, const char *value)
{
	const char *at = strchr(value, '@');
	size_t digits = at ? (size_t)(at - value) : strlen(value);
	struct data_piece *piece = &c->pieces[c->nr_pieces];
	uint64_t offset = 0;
	int length;

	if (c->nr_pieces == SCRIPT_MAX_PIECES)
		return wrong(p, "at most %u data= in a command", SCRIPT_MAX_PIECES);
	length = parse_bytes(value, digits, piece->bytes, sizeof(piece->bytes));
	if (length < 0)
		return wrong(p, "data= takes 1 to %u bytes as pairs of hex digits",
			     SCRIPT_MAX_PIECE);
	if (at) {
		at++;
		if (!parse_number(&at, &offset) || *at || offset > SCRIPT_MAX_LENGTH)
			return wrong(p, "data=HEX@OFFSET: bad offset in '%s'", value);
	}
	piece->offset = (uint32_t)offset;
	piece->length = (uint8_t)length;
	c->nr_pieces++;
	return 0;
}

static int option_crc(const struct parser *p, struct command_step *c, const char *value)
{
	uint8_t bytes[4];

	if (parse_bytes(value, strlen(value), bytes, sizeof(bytes)) != 4)
		return wrong(p, "crc= takes 8 hex digits");
	c->crc = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		 bytes[3];
	c->has_crc = true;
	return 0;
}

static int option_attribute(const struct parser *p, struct command_step *c, const char *value)
{
	int attribute = 0;
	int error = parse_name(p, attributes, value, &attribute);

	c->attribute = (enum bus_attribute)attribute;
	return error;
}

static int option_tag(const struct parser *p, struct command_step *c, const char *value)
{
	c->has_tag = true;
	return expect_expression(p, value, &c->tag);
}

static int option_status(const struct parser *p, struct command_step *c, const char *value)
{
	if (strlen(value) == 2 && parse_hex_byte(value, 2, &c->status))
		return 0;
	return parse_name(p, statuses, value, &c->status);
}

static int option_sense(const struct parser *p, struct command_step *c, const char *value)
{
	const char *part = value;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		size_t length = strcspn(part, "/");
		bool more = part[length] == '/', last = i == 2;

		if (!parse_hex_byte(part, length, &c->sense[i]) || more == last)
			return wrong(p, "sense=KEY/ASC/ASCQ in hex, * for any; not '%s'", value);
		part += length + 1;
	}
	c->has_sense = true;
	c->status = 0x02;
	return 0;
}

static int option_moved(const struct parser *p, struct command_step *c, const char *value)
{
	c->has_moved = true;
	c->any_moved = !strcmp(value, "any");
	return c->any_moved ? 0 : expect_expression(p, value, &c->moved);
}

static int option_hold(const struct parser *p, struct command_step *c, const char *value)
{
	int on;

	if (parse_name(p, switches, value, &on))
		return -EINVAL;
	c->hold = on;
	return 0;
}

static int option_outcome(const struct parser *p, struct command_step *c, const char *value)
{
	return parse_name(p, outcomes, value, &c->outcome);
}

static int option_response(const struct parser *p, struct command_step *c, const char *value)
{
	if (!strcmp(value, "any"))
		c->response = ANY;
	else if (!parse_hex_byte(value, strlen(value), &c->response))
		return wrong(p, "response= takes two hex digits or 'any', not '%s'", value);
	return 0;
}

static const struct option {
	const char *name;
	bool command, function;		/* allowed with cmd, with tmf */
	int (*set)(const struct parser *p, struct command_step *c, const char *value);
} options[] = {
	{ "in", true, false, option_in },
	{ "out", true, false, option_out },
	{ "pattern", true, false, option_pattern },
	{ "data", true, false, option_data },
	{ "crc", true, false, option_crc },
	{ "attr", true, true, option_attribute },
	{ "tag", true, true, option_tag },
	{ "status", true, false, option_status },
	{ "sense", true, false, option_sense },
	{ "moved", true, false, option_moved },
	{ "outcome", true, true, option_outcome },
	{ "response", false, true, option_response },
	{ "hold", true, false, option_hold },
};

static int parse_option(const struct parser *p, struct command_step *c, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	size_t i;

	for (i = 0; equals && i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *o = &options[i];

		if (strlen(o->name) == length && !strncmp(o->name, word, length) &&
		    (c->tmf ? o->function : o->command))
			return o->set(p, c, equals + 1);
	}
	return wrong(p, "unknown option '%s'", word);
}

static int parse_options(const struct parser *p, struct command_step *c, unsigned int first)
{
	unsigned int i;
	int error;

	for (i = first; i < p->nr_words; i++) {
		error = parse_option(p, c, p->words[i]);
		if (error)
			return error;
	}
	if (c->direction == BUS_NO_DATA && (c->has_pattern || c->nr_pieces || c->has_crc))
		return wrong(p, "data without in= or out=");
	if (c->direction == BUS_DATA_OUT && c->has_crc)
		return wrong(p, "crc= checks data-in only");
	if (c->has_sense && c->status != 0x02)
		return wrong(p, "sense= goes with status=check only");
	return 0;
}

/* [EXPRESSION:BYTES] */
static int parse_field(const struct parser *p, struct command_step *c, const char *word)
{
	struct cdb_field *field = &c->fields[c->nr_fields];
	const char *width;

	if (c->nr_fields == SCRIPT_MAX_FIELDS)
		return wrong(p, "at most %u fields in a CDB", SCRIPT_MAX_FIELDS);
	width = parse_expression(p, word + 1, ':', &field->value);
	if (!width || *width < '1' || *width > '8' || strcmp(width + 1, "]"))
		return wrong(p, "a field is [EXPRESSION:BYTES], not '%s'", word);
	field->offset = c->cdb_length;
	field->width = (uint8_t)(*width - '0');
	if (field->offset + field->width > BUS_CDB_SIZE)
		return wrong(p, "the CDB is longer than %u bytes", BUS_CDB_SIZE);
	c->cdb_length = (uint8_t)(c->cdb_length + field->width);
	c->nr_fields++;
	return 0;
}

/* Returns the first word behind the CDB, or -EINVAL. */
static int parse_cdb(const struct parser *p, struct command_step *c, unsigned int first)
{
	unsigned int i;

	for (i = first; i < p->nr_words && !strchr(p->words[i], '='); i++) {
		const char *word = p->words[i];
		int length;

		if (*word == '[') {
			if (parse_field(p, c, word))
				return -EINVAL;
			continue;
		}
		length = parse_bytes(word, strlen(word), c->cdb + c->cdb_length,
				     (size_t)BUS_CDB_SIZE - c->cdb_length);
		if (length < 0)
			return wrong(p, "'%s' is no CDB byte, or the CDB is longer than %u bytes",
				     word, BUS_CDB_SIZE);
		c->cdb_length = (uint8_t)(c->cdb_length + length);
	}
	if (!c->cdb_length)
		return wrong(p, "no CDB");
	return (int)i;
}

/* Statements */

static struct command_step *new_command(struct step *step)
{
	struct command_step *c = calloc(1, sizeof(*c));

	step->command = c;
	return c;
}

static int parse_address(const struct parser *p, struct step *step)
{
	int error;

	if (p->nr_words < 4)
		return wrong(p, "%s TARGET LUN ... is too short", p->words[0]);
	error = expect_expression(p, p->words[1], &step->target);
	return error ? error : expect_expression(p, p->words[2], &step->lun);
}

static int parse_cmd(struct parser *p, struct step *step)
{
	struct command_step *c = new_command(step);
	int next;

	if (!c)
		return -ENOMEM;
	c->outcome = BUS_STATUS;
	if (parse_address(p, step))
		return -EINVAL;
	next = parse_cdb(p, c, 3);
	return next < 0 ? next : parse_options(p, c, (unsigned int)next);
}

static int parse_tmf(struct parser *p, struct step *step)
{
	struct command_step *c = new_command(step);
	int code;

	if (!c)
		return -ENOMEM;
	c->outcome = BUS_TMF_DONE;
	step->kind = STEP_COMMAND;
	if (parse_address(p, step) || parse_name(p, functions, p->words[3], &code))
		return -EINVAL;
	c->tmf = (enum bus_tmf)code;
	if (c->tmf != BUS_TMF_ABORT_TASK)
		c->attribute = BUS_UNTAGGED;
	if (parse_options(p, c, 4))
		return -EINVAL;
	if (c->tmf == BUS_TMF_ABORT_TASK && !c->has_tag && c->attribute != BUS_UNTAGGED)
		return wrong(p, "abort-task needs tag=, or attr=untagged");
	return 0;
}

/* A statement with one operand between @least and @most. */
static int parse_operand(const struct parser *p, struct step *step, uint64_t least, uint64_t most)
{
	if (p->nr_words != 2)
		return wrong(p, "%s takes one operand", p->words[0]);
	if (expect_expression(p, p->words[1], &step->target))
		return -EINVAL;
	if (!constant_within(&step->target, least, most))
		return wrong(p, "%s: '%s' is not within %llu to %llu", p->words[0], p->words[1],
			     (unsigned long long)least, (unsigned long long)most);
	return 0;
}

static int parse_id(struct parser *p, struct step *step)
{
	static const uint64_t none[SCRIPT_MAX_LOOPS];
	int error = parse_operand(p, step, 0, BUS_MAX_IDS - 1);

	if (!error && !p->has_id)
		p->program->first_id = (unsigned int)expression_value(&step->target, none);
	p->has_id = true;
	return error;
}

static int parse_switch(struct parser *p, struct step *step)
{
	int value;

	if (p->nr_words != 2)
		return wrong(p, "%s on|off", p->words[0]);
	if (parse_name(p, switches, p->words[1], &value))
		return -EINVAL;
	set_constant(&step->target, (uint64_t)value);
	return 0;
}

static int parse_timeout(struct parser *p, struct step *step)
{
	return parse_operand(p, step, 1, 86400);
}

static int parse_parallel(struct parser *p, struct step *step)
{
	return parse_operand(p, step, 1, SCRIPT_MAX_PARALLEL);
}

static int parse_sleep(struct parser *p, struct step *step)
{
	return parse_operand(p, step, 0, 86400000);
}

/* NAME OPERAND [SECONDS], the latter DEFAULT_WAIT_SECONDS if it is not there. */
static int parse_limit(const struct parser *p, struct step *step, unsigned int operands)
{
	set_constant(&step->lun, DEFAULT_WAIT_SECONDS);
	if (p->nr_words < 1 + operands || p->nr_words > 2 + operands)
		return wrong(p, "%s takes %u operand%s and perhaps a time limit", p->words[0],
			     operands, operands == 1 ? "" : "s");
	return p->nr_words == 2 + operands ?
	       expect_expression(p, p->words[1 + operands], &step->lun) : 0;
}

static int parse_wait(struct parser *p, struct step *step)
{
	int error = parse_limit(p, step, 1);

	return error ? error : expect_expression(p, p->words[1], &step->target);
}

static int parse_alone(struct parser *p, struct step *step)
{
	return parse_limit(p, step, 0);
}

static int keep_text(const struct parser *p, struct step *step)
{
	step->text = strdup(p->words[1]);
	return step->text ? 0 : -ENOMEM;
}

static int parse_file(struct parser *p, struct step *step)
{
	int error = parse_limit(p, step, 1);

	return error ? error : keep_text(p, step);
}

static int parse_say(struct parser *p, struct step *step)
{
	return p->nr_words == 2 ? keep_text(p, step) : wrong(p, "say takes one word");
}

static int parse_plain(struct parser *p, struct step *step)
{
	(void)step;
	return p->nr_words == 1 ? 0 : wrong(p, "%s stands alone", p->words[0]);
}

static int parse_repeat(struct parser *p, struct step *step)
{
	if (p->depth == SCRIPT_MAX_LOOPS)
		return wrong(p, "at most %u nested loops", SCRIPT_MAX_LOOPS);
	if (parse_operand(p, step, 0, UINT32_MAX))
		return -EINVAL;
	p->open[p->depth++] = (unsigned int)(step - p->program->steps);
	return 0;
}

static int parse_end(struct parser *p, struct step *step)
{
	unsigned int index = (unsigned int)(step - p->program->steps);

	if (!p->depth)
		return wrong(p, "end without repeat");
	step->partner = p->open[--p->depth];
	p->program->steps[step->partner].partner = index;
	return parse_plain(p, step);
}

static const struct statement {
	const char *name;
	enum step_kind kind;
	int (*parse)(struct parser *p, struct step *step);
} statements[] = {
	{ "cmd", STEP_COMMAND, parse_cmd },
	{ "tmf", STEP_COMMAND, parse_tmf },
	{ "wait", STEP_WAIT, parse_wait },
	{ "reset", STEP_RESET, parse_plain },
	{ "drain", STEP_DRAIN, parse_plain },
	{ "parallel", STEP_PARALLEL, parse_parallel },
	{ "repeat", STEP_REPEAT, parse_repeat },
	{ "end", STEP_END, parse_end },
	{ "id", STEP_ID, parse_id },
	{ "packetized", STEP_PACKETIZED, parse_switch },
	{ "disconnect", STEP_DISCONNECT, parse_switch },
	{ "autosense", STEP_AUTOSENSE, parse_switch },
	{ "timeout", STEP_TIMEOUT, parse_timeout },
	{ "sleep", STEP_SLEEP, parse_sleep },
	{ "held", STEP_HELD, parse_alone },
	{ "release", STEP_RELEASE, parse_plain },
	{ "barrier", STEP_BARRIER, parse_alone },
	{ "say", STEP_SAY, parse_say },
	{ "file", STEP_FILE, parse_file },
};

static struct step *add_step(struct parser *p)
{
	struct program *program = p->program;

	if (program->nr_steps == p->room) {
		unsigned int room = p->room ? 2 * p->room : 64;
		struct step *steps = realloc(program->steps, room * sizeof(*steps));

		if (!steps)
			return NULL;
		program->steps = steps;
		p->room = room;
	}
	memset(&program->steps[program->nr_steps], 0, sizeof(struct step));
	program->steps[program->nr_steps].line = p->line;
	return &program->steps[program->nr_steps++];
}

static int parse_statement(struct parser *p)
{
	struct step *step;
	size_t i;

	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		if (strcmp(statements[i].name, p->words[0]))
			continue;
		if (p->program->nr_steps == MAX_STEPS)
			return wrong(p, "more than %u statements", MAX_STEPS);
		step = add_step(p);
		if (!step)
			return -ENOMEM;
		step->kind = statements[i].kind;
		return statements[i].parse(p, step);
	}
	return wrong(p, "unknown statement '%s'", p->words[0]);
}

static int parse_line(struct parser *p, char *line)
{
	char *save = NULL;
	char *word;

	p->line++;
	line[strcspn(line, "#\r")] = '\0';
	p->nr_words = 0;
	for (word = strtok_r(line, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (p->nr_words == MAX_WORDS)
			return wrong(p, "more than %u words", MAX_WORDS);
		p->words[p->nr_words++] = word;
	}
	return p->nr_words ? parse_statement(p) : 0;
}

static int parse_lines(struct parser *p, char *text)
{
	char *line;
	int error = 0;

	while (!error && (line = strsep(&text, "\n")))
		error = parse_line(p, line);
	if (!error && p->depth)
		error = wrong(p, "repeat in line %u has no end",
			      p->program->steps[p->open[p->depth - 1]].line);
	return error;
}

int program_parse(struct program *program, const char *name, const char *text)
{
	struct parser parser = { .program = program };
	char *copy = strdup(text);
	int error = -ENOMEM;

	memset(program, 0, sizeof(*program));
	program->first_id = DEFAULT_ID;
	program->name = strdup(name);
	if (copy && program->name)
		error = parse_lines(&parser, copy);
	free(copy);
	if (error)
		program_free(program);
	return error;
}

void program_free(struct program *program)
{
	unsigned int i;

	for (i = 0; i < program->nr_steps; i++) {
		free(program->steps[i].command);
		free(program->steps[i].text);
	}
	free(program->steps);
	free(program->name);
	memset(program, 0, sizeof(*program));
}
