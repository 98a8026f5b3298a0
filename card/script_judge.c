// SPDX-License-Identifier: GPL-2.0-or-later
/* What came of a command against what the script expects; one statement, at most one failure. */
#include <stdio.h>
#include <string.h>

#include "script_private.h"

#define STATUS_CHECK_CONDITION 0x02

static const char *describe_status(const struct flight *f, char *text, size_t size)
{
	int sense[3];

	if (f->result.status == STATUS_CHECK_CONDITION &&
	    sense_decode(f->sense, f->sense_length, sense))
		snprintf(text, size, "status 02h, sense %x/%02x/%02x", sense[0], sense[1],
			 sense[2]);
	else
		snprintf(text, size, "status %02xh", f->result.status);
	return text;
}

static const char *describe_result(const struct flight *f, char *text, size_t size)
{
	if (f->result.outcome == BUS_STATUS)
		return describe_status(f, text, size);
	if (f->result.outcome == BUS_TMF_DONE)
		snprintf(text, size, "response %02xh", f->result.response);
	else
		snprintf(text, size, "%s", outcome_name(f->result.outcome));
	return text;
}

static bool judge_sense(const struct flight *f)
{
	const int *want = f->step->command->sense;
	char came[64], parts[3][4];
	int sense[3];
	unsigned int i;

	if (!sense_decode(f->sense, f->sense_length, sense)) {
		fail_flight(f, "sense expected, %zu bytes that are none came", f->sense_length);
		return false;
	}
	for (i = 0; i < 3; i++)
		if (want[i] != ANY && want[i] != sense[i])
			break;
	if (i == 3)
		return true;
	for (i = 0; i < 3; i++)
		snprintf(parts[i], sizeof(parts[i]), want[i] == ANY ? "*" : "%02x",
			 (unsigned int)want[i] & 0xff);
	fail_flight(f, "sense %s/%s/%s expected, %s came", parts[0], parts[1], parts[2],
		    describe_status(f, came, sizeof(came)));
	return false;
}

static bool judge_outcome(const struct flight *f)
{
	const struct command_step *c = f->step->command;
	char came[64];

	if (c->outcome == ANY)
		return true;
	if (c->outcome == OVER && (f->result.outcome == BUS_SELECTION_TIMEOUT ||
				   f->result.outcome == BUS_UNEXPECTED_FREE)) {
		fail_flight(f, "an end expected, %s came", outcome_name(f->result.outcome));
		return false;
	}
	if (c->outcome != OVER && (int)f->result.outcome != c->outcome) {
		fail_flight(f, "%s expected, %s came", outcome_name((enum bus_outcome)c->outcome),
			    describe_result(f, came, sizeof(came)));
		return false;
	}
	if (c->tmf && f->result.outcome == BUS_TMF_DONE && c->response != ANY &&
	    c->response != f->result.response) {
		fail_flight(f, "response %02xh expected, %02xh came", (unsigned int)c->response,
			    f->result.response);
		return false;
	}
	if (f->result.outcome != BUS_STATUS)
		return true;
	if (c->status != ANY && c->status != f->result.status) {
		fail_flight(f, "status %02xh expected, %s came", (unsigned int)c->status,
			    describe_status(f, came, sizeof(came)));
		return false;
	}
	return !c->has_sense || judge_sense(f);
}

static bool judge_moved(const struct flight *f)
{
	const struct command_step *c = f->step->command;
	uint64_t want = f->command.data_length;

	if (c->any_moved ||
	    (!c->has_moved && (f->result.outcome != BUS_STATUS || f->result.status)))
		return true;
	if (c->has_moved)
		want = expression_value(&c->moved, f->counters);
	if (f->moved == want)
		return true;
	fail_flight(f, "%llu bytes expected to move, %llu moved", (unsigned long long)want,
		    (unsigned long long)f->moved);
	return false;
}

static size_t came_in(const struct flight *f)
{
	return f->moved < f->command.data_length ? (size_t)f->moved : f->command.data_length;
}

/* The byte at @offset that was expected, -1 if any will do. */
static bool judge_byte(const struct flight *f, size_t offset, uint8_t want)
{
	if (offset >= came_in(f)) {
		fail_flight(f, "%02xh expected at byte %zu, only %zu bytes came", want, offset,
			    came_in(f));
		return false;
	}
	if (f->data[offset] == want)
		return true;
	fail_flight(f, "%02xh expected at byte %zu, %02xh came", want, offset, f->data[offset]);
	return false;
}

static bool in_piece(const struct command_step *c, size_t offset)
{
	unsigned int i;

	for (i = 0; i < c->nr_pieces; i++)
		if (offset >= c->pieces[i].offset &&
		    offset - c->pieces[i].offset < c->pieces[i].length)
			return true;
	return false;
}

static bool judge_pattern(const struct flight *f)
{
	const size_t length = came_in(f);
	uint8_t want[4096];
	size_t at, i;

	for (at = 0; at < length; at += sizeof(want)) {
		size_t part = length - at < sizeof(want) ? length - at : sizeof(want);

		pattern_fill(f->seed, f->pattern_offset + at, want, part);
		if (!memcmp(want, f->data + at, part))
			continue;
		for (i = 0; i < part; i++)
			if (want[i] != f->data[at + i] && !in_piece(f->step->command, at + i))
				return judge_byte(f, at + i, want[i]);
	}
	return true;
}

static bool judge_data(const struct flight *f)
{
	const struct command_step *c = f->step->command;
	unsigned int i, b;
	uint32_t crc;

	if (c->direction != BUS_DATA_IN || f->result.outcome != BUS_STATUS)
		return true;
	if (c->has_pattern && !judge_pattern(f))
		return false;
	for (i = 0; i < c->nr_pieces; i++)
		for (b = 0; b < c->pieces[i].length; b++)
			if (!judge_byte(f, (size_t)c->pieces[i].offset + b, c->pieces[i].bytes[b]))
				return false;
	if (!c->has_crc)
		return true;
	crc = crc32_of(f->data, came_in(f));
	if (crc != c->crc)
		fail_flight(f, "crc %08x expected, %08x came", c->crc, crc);
	return crc == c->crc;
}

void script_judge(const struct flight *f)
{
	if (judge_outcome(f) && judge_moved(f))
		judge_data(f);
}
