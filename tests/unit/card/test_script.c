// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bus.h"
#include "negotiation.h"
#include "script.h"
#include "script_private.h"

#define BLOCK 512u
#define DISK_SIZE (9u << 20)
#define MAX_HELD 16

/* A target that does at once what the operation code says. */
enum {
	OP_TUR = 0x00, OP_SENSE = 0x03, OP_INQUIRY = 0x12, OP_READ = 0x88, OP_WRITE = 0x8a,
	OP_HOLD = 0xc0,			/* until the task is lost */
	OP_STATUS = 0xc1,		/* answers with the status in byte 1 */
	OP_ATTENTION = 0xc2,		/* CHECK CONDITION, 6/29/02 */
	OP_DROP = 0xc3,
	OP_TOO_MUCH = 0xc4,		/* one byte more than was asked for */
};

struct target {
	struct bus *bus;
	struct bus_port *port;
	uint8_t *disk;
	bool has_sense;
	struct bus_task *held[MAX_HELD];
	unsigned int nr_held, most_held, nr_arrived, nr_untagged, nr_lost;
	uint16_t last_tag;
	unsigned int last_initiator;
	bool last_packetized, last_disconnect;
	uint8_t last_lun[8];
	uint8_t tmf_response;
};

static const uint8_t attention[18] = { 0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 2 };

static uint64_t fake_now;

static uint64_t fake_clock(void)
{
	return fake_now;
}

static void good(struct bus_task *task)
{
	bus_send_status(task, 0, 0, NULL, 0);
}

static void transfer(struct target *t, struct bus_task *task, const struct bus_command *c)
{
	uint32_t lba = (uint32_t)c->cdb[6] << 24 | (uint32_t)c->cdb[7] << 16 |
		       (uint32_t)c->cdb[8] << 8 | c->cdb[9];
	uint32_t blocks = (uint32_t)c->cdb[12] << 8 | c->cdb[13];
	uint32_t length = blocks * BLOCK, at, part;

	assert_in_range((uint64_t)lba * BLOCK + length, 0, DISK_SIZE);
	for (at = 0; at < length; at += part) {
		uint8_t *place = t->disk + (size_t)lba * BLOCK + at;

		part = length - at < 65536 ? length - at : 65536;
		if (c->cdb[0] == OP_WRITE)
			bus_data_out(task, at, place, part);
		else
			bus_data_in(task, at, place, part);
	}
	good(task);
}

static void send_sense(struct target *t, struct bus_task *task)
{
	static const uint8_t none[18] = { 0x70, 0, 0, 0, 0, 0, 0, 10 };

	bus_data_in(task, 0, t->has_sense ? attention : none, sizeof(none));
	t->has_sense = false;
	good(task);
}

static void hold(struct target *t, struct bus_task *task)
{
	assert_in_range(t->nr_held, 0, MAX_HELD - 1);
	t->held[t->nr_held++] = task;
	if (t->nr_held > t->most_held)
		t->most_held = t->nr_held;
}

static void execute(struct target *t, struct bus_task *task, const struct bus_command *c)
{
	static const uint8_t too_much[65];

	switch (c->cdb[0]) {
	case OP_TUR:
		good(task);
		break;
	case OP_SENSE:
		send_sense(t, task);
		break;
	case OP_INQUIRY:
		bus_data_in(task, 0, "\0\0\6\2\37\0\0\0ACME    ", 16);
		good(task);
		break;
	case OP_READ:
	case OP_WRITE:
		transfer(t, task, c);
		break;
	case OP_HOLD:
		hold(t, task);
		break;
	case OP_STATUS:
		bus_send_status(task, c->cdb[1], 0, NULL, 0);
		break;
	case OP_ATTENTION:
		t->has_sense = bus_send_status(task, 2, 0, attention, sizeof(attention));
		break;
	case OP_DROP:
		bus_drop(task);
		break;
	default:
		bus_data_in(task, 0, too_much, c->data_length + 1);
		good(task);
		break;
	}
}

static enum bus_accept arrive(void *owner, struct bus_task *task)
{
	struct target *t = owner;
	const struct bus_command *c = bus_task_command(task);

	t->nr_arrived++;
	t->nr_untagged += c->attribute == BUS_UNTAGGED;
	t->last_tag = c->tag;
	t->last_initiator = bus_task_initiator_id(task);
	t->last_packetized = bus_task_packetized(task);
	t->last_disconnect = c->disconnect;
	memcpy(t->last_lun, c->lun, sizeof(t->last_lun));
	if (c->tmf)
		bus_end_tmf(task, t->tmf_response);
	else
		execute(t, task, c);
	return BUS_ACCEPTED;
}

static void lost(void *owner, struct bus_task *task, enum bus_outcome why)
{
	struct target *t = owner;
	unsigned int i;

	(void)why;
	t->nr_lost++;
	for (i = 0; i < t->nr_held; i++)
		if (t->held[i] == task)
			t->held[i] = t->held[--t->nr_held];
}

static const struct bus_target_ops target_ops = { .arrive = arrive, .lost = lost };

static int make_target(void **state)
{
	const struct bus_parameters fastest = {
		.period = PERIOD_U320, .offset = 127, .wide = true, .packetized = true, .dt = true,
	};
	struct target *t = calloc(1, sizeof(*t));
	unsigned int id;

	assert_non_null(t);
	t->disk = calloc(1, DISK_SIZE);
	t->bus = bus_new("bus");
	assert_true(t->disk && t->bus);
	assert_int_equal(bus_join(t->bus, "target", -1, NULL, &target_ops, t, &t->port), 0);
	assert_int_equal(bus_set_target_ids(t->port, 1), 0);
	bus_set_capability(t->port, &fastest);
	for (id = 0; id < BUS_MAX_IDS; id++)
		bus_set_request(t->port, id, &fastest);
	fake_now = 1000;
	*state = t;
	return 0;
}

static int free_target(void **state)
{
	struct target *t = *state;

	bus_free(t->bus);
	free(t->disk);
	free(t);
	return 0;
}

/* Goes on until nothing moves but the clock. */
static void go(struct target *t, struct script *s)
{
	bool more;

	do {
		more = script_work(s);
		more |= bus_work(t->bus);
	} while (more || script_timeout(s) == 0);
}

static char output[4096];

/* Runs @text to its end, the clock jumping to whatever it waits for; returns its failures. */
static unsigned int run_script(struct target *t, const char *text)
{
	struct script *s = script_parse("t", text, 1);
	FILE *file = tmpfile();
	int console = dup(STDOUT_FILENO);
	unsigned int failures;
	size_t length;

	assert_non_null(s);
	assert_true(file && console >= 0);
	script_set_clock(s, fake_clock);
	assert_int_equal(script_join(s, t->bus), 0);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	for (go(t, s); !script_done(s) && script_timeout(s) > 0; go(t, s))
		fake_now += (uint64_t)script_timeout(s);
	fflush(stdout);
	dup2(console, STDOUT_FILENO);
	close(console);
	rewind(file);
	length = fread(output, 1, sizeof(output) - 1, file);
	output[length] = '\0';
	fclose(file);
	assert_true(script_done(s));
	assert_int_equal(script_timeout(s), -1);
	failures = script_failures(s);
	script_free(s);
	return failures;
}

static void assert_fails_with(struct target *t, const char *text, const char *message)
{
	if (run_script(t, text) != 1 || !strstr(output, message))
		fail_msg("'%s' said '%s', not '%s'", text, output, message);
}

static void assert_passes(struct target *t, const char *text)
{
	if (run_script(t, text))
		fail_msg("'%s' said '%s'", text, output);
}

static void a_clean_run_counts_its_steps(void **state)
{
	struct target *t = *state;

	assert_passes(t, "# nothing but comments\n\nwait 0\n"
			 "cmd 0 0 00 00 00 00 00 00 # TEST UNIT READY\nreset\n");
	assert_string_equal(output, "SCRIPT DONE 3 steps, 0 failures\n");
	assert_int_equal(t->nr_arrived, 1);
	assert_int_equal(t->last_initiator, 7);
}

static void eight_mebibytes_move_in_one_command(void **state)
{
	struct target *t = *state;

	assert_passes(t, "cmd 0 0 8a 00 [64:8] [0x4000:4] 00 00 out=8M pattern=5\n"
			 "cmd 0 0 88 00 [64:8] [0x4000:4] 00 00 in=8M pattern=5\n"
			 "repeat 16\n"
			 "cmd 0 0 88 00 [64+i*1024:8] [1024:4] 0000 in=512K pattern=5@i*512K\n"
			 "end\n");
	assert_int_equal(t->nr_arrived, 18);
	t->disk[64 * BLOCK + (5u << 20)] ^= 1;
	assert_fails_with(t, "cmd 0 0 88 00 [64:8] [0x4000:4] 0000 in=8M pattern=5\n",
			  "at byte 5242880, ");
	assert_fails_with(t, "cmd 0 0 88 00 [64:8] [8:4] 0000 in=4K pattern=6\n", "t:1: ");
}

static void literal_data_goes_out_and_is_checked(void **state)
{
	struct target *t = *state;

	assert_passes(t, "cmd 0 0 8a 00 [0:8] [1:4] 0000 out=512 data=cafe data=0102@510\n"
			 "cmd 0 0 88 00 [0:8] [1:4] 0000 in=512 data=cafe00 data=000102@509\n"
			 "cmd 0 0 8a 00 [0:8] [1:4] 0000 out=512 pattern=3 data=ff00ff00@100\n"
			 "cmd 0 0 88 00 [0:8] [1:4] 0000 in=512 pattern=3 data=ff00ff00@100\n"
			 "cmd 0 0 12 00 00 00 60 00 in=96 moved=16 data=41434d45@8\n");
	assert_memory_equal(t->disk + 100, "\xff\x00\xff\x00", 4);
	assert_fails_with(t, "cmd 0 0 12 00 00 00 60 00 in=96 moved=16 data=42@8\n",
			  "42h expected at byte 8, 41h came");
	assert_fails_with(t, "cmd 0 0 12 00 00 00 60 00 in=96 moved=16 data=42@20\n",
			  "only 16 bytes came");
}

static void a_checksum_covers_what_came(void **state)
{
	struct target *t = *state;

	memcpy(t->disk, "123456789", 9);
	assert_int_equal(crc32_of(t->disk, 9), 0xcbf43926);
	assert_passes(t, "cmd 0 0 88 00 [0:8] [0:4] 0000 in=512 moved=0 crc=00000000\n");
	assert_fails_with(t, "cmd 0 0 88 00 [0:8] [1:4] 0000 in=512 crc=00000000\n",
			  "crc 00000000 expected");
}

static void residuals_are_expectations(void **state)
{
	struct target *t = *state;

	assert_fails_with(t, "cmd 0 0 12 00 00 00 60 00 in=96\n",
			  "96 bytes expected to move, 16 moved");
	assert_passes(t, "cmd 0 0 12 00 00 00 60 00 in=96 moved=any\n");
	assert_passes(t, "cmd 0 0 c4 00 00 00 00 00 in=64 moved=65\n");
	assert_fails_with(t, "cmd 0 0 c4 00 00 00 00 00 in=64\n",
			  "64 bytes expected to move, 65 moved");
}

static void sense_comes_with_the_status_or_is_asked_for(void **state)
{
	struct target *t = *state;

	assert_passes(t, "packetized on\ncmd 0 0 c2 00 00 00 00 00 sense=6/29/02\n");
	assert_int_equal(t->nr_arrived, 1);
	assert_true(t->last_packetized);
	assert_passes(t, "packetized off\ncmd 0 0 c2 00 00 00 00 00 sense=6/29/*\n");
	assert_int_equal(t->nr_arrived, 3);
	assert_int_equal(t->nr_untagged, 1);
	assert_false(t->last_packetized);
	assert_passes(t, "packetized off\ncmd 0 0 c2 00 00 00 00 00 status=check\n");
	assert_int_equal(t->nr_arrived, 4);
	assert_true(t->has_sense);
	assert_fails_with(t, "packetized off\ncmd 0 0 c2 00 00 00 00 00 sense=5/24/00\n",
			  "sense 05/24/00 expected, status 02h, sense 6/29/02 came");
	assert_fails_with(t, "packetized off\ncmd 0 0 c2 00 00 00 00 00\n",
			  "status 00h expected, status 02h, sense 6/29/02 came");
}

static void autosense_fetches_the_sense_of_any_status(void **state)
{
	struct target *t = *state;

	assert_passes(t, "packetized off\ncmd 0 0 c2 00 00 00 00 00 status=any\n");
	assert_int_equal(t->nr_arrived, 1);
	assert_true(t->has_sense);
	assert_passes(t, "packetized off\nautosense on\ncmd 0 0 c2 00 00 00 00 00 status=any\n");
	assert_int_equal(t->nr_arrived, 3);
	assert_false(t->has_sense);
}

static void statuses_and_outcomes_are_expectations(void **state)
{
	struct target *t = *state;

	assert_passes(t, "cmd 0 0 c1 08 0000 0000 status=busy\ncmd 0 0 c1 28 0000 0000 status=28\n"
			 "cmd 0 0 c1 18 0000 0000 status=any\ncmd 3 0 000000000000 outcome=timeout\n"
			 "cmd 0 0 c3 00 0000 0000 outcome=free\n"
			 "cmd 0 0 c3 00 0000 0000 outcome=any\n");
	assert_fails_with(t, "cmd 0 0 c1 08 0000 0000\n", "status 00h expected, status 08h came");
	assert_fails_with(t, "cmd 3 0 000000000000\n", "a status expected, selection timeout came");
	assert_passes(t, "cmd 0 0 000000000000 outcome=over\n");
	assert_fails_with(t, "cmd 0 0 c3 00 0000 0000 outcome=over\n",
			  "an end expected, unexpected bus free came");
	assert_fails_with(t, "cmd 0 0 000000000000 outcome=free\n",
			  "unexpected bus free expected, status 00h came");
}

static void parallel_commands_are_in_the_air_together(void **state)
{
	struct target *t = *state;

	assert_passes(t, "parallel 4\nrepeat 4\ncmd 0 0 c0 00 0000 0000 outcome=aborted\nend\n"
			 "tmf 0 0 target-reset\ndrain\ncmd 0 0 000000000000\n");
	assert_int_equal(t->most_held, 4);
	assert_int_equal(t->nr_held, 0);
	assert_string_equal(output, "SCRIPT DONE 6 steps, 0 failures\n");
}

static void a_function_ends_only_what_it_is_about(void **state)
{
	struct target *t = *state;

	assert_passes(t, "parallel 8\n"
			 "cmd 0 0 c0 00 0000 0000 tag=10 outcome=aborted\n"
			 "cmd 0 0 c0 00 0000 0000 tag=11 outcome=reset\n"
			 "cmd 0 1 c0 00 0000 0000 tag=10 outcome=reset\n"
			 "tmf 0 0 abort-task tag=10\n"
			 "reset\n");
	assert_int_equal(t->nr_lost, 3);
	t->tmf_response = 4;
	assert_passes(t, "cmd 0 0 000000000000\ntmf 0 0 clear-aca response=4\n");
	assert_fails_with(t, "cmd 0 0 000000000000\ntmf 0 0 clear-aca\n",
			  "response 00h expected, 04h came");
}

static void the_script_sends_the_tag_it_was_told(void **state)
{
	struct target *t = *state;

	assert_passes(t, "parallel 3\ncmd 0 5 c0 00 0000 0000 tag=0x1234 outcome=reset\n"
			 "cmd 0 5 00 00 0000 0000 tag=0x1234 outcome=free\nreset\n");
	assert_int_equal(t->last_tag, 0x1234);
	assert_int_equal(t->last_lun[1], 5);
	assert_int_equal(t->nr_arrived, 1);
	assert_passes(t, "cmd 0 0x123 00 00 0000 0000 attr=untagged\npacketized off\n"
			 "cmd 0 0x123 00 00 0000 0000 attr=untagged\n");
	assert_int_equal(t->nr_untagged, 1);
	assert_int_equal(t->last_lun[0], 0x41);
	assert_int_equal(t->last_lun[1], 0x23);
}

static void an_id_and_the_right_to_disconnect_can_change(void **state)
{
	struct target *t = *state;

	assert_passes(t, "id 5\npacketized off\ncmd 0 0 000000000000\n");
	assert_int_equal(t->last_initiator, 5);
	assert_true(t->last_disconnect);
	assert_passes(t, "id 5\ncmd 0 0 000000000000\nid 3\ndisconnect off\npacketized off\n"
			 "cmd 0 0 000000000000\n");
	assert_int_equal(t->last_initiator, 3);
	assert_false(t->last_disconnect);
	assert_fails_with(t, "id 5\nid 0\n", "t:2: ID 0 expected to be free");
}

static void a_command_without_an_answer_fails_in_time(void **state)
{
	struct target *t = *state;

	assert_fails_with(t, "timeout 5\ncmd 0 0 c0 00 0000 0000\ncmd 0 0 000000000000\n",
			  "t:2: an answer expected within 5 s, none came");
	assert_int_equal(fake_now, 6000);
	assert_int_equal(t->nr_lost, 1);
}

static void waiting_for_an_id_has_a_limit(void **state)
{
	struct target *t = *state;

	assert_fails_with(t, "wait 4 2\n", "ID 4 expected to answer within 2 s");
	assert_int_equal(fake_now, 3000);
	assert_passes(t, "sleep 500\n");
	assert_int_equal(fake_now, 3500);
}

static void waiting_ends_when_the_id_answers(void **state)
{
	struct target *t = *state;
	struct script *s = script_parse("t", "wait 4 2\n", 1);

	script_set_clock(s, fake_clock);
	assert_int_equal(script_join(s, t->bus), 0);
	assert_false(script_work(s));
	assert_in_range(script_timeout(s), 1, 100);
	assert_int_equal(bus_set_target_ids(t->port, 1 << 4), 0);
	fake_now += (uint64_t)script_timeout(s);
	go(t, s);
	assert_true(script_done(s));
	assert_int_equal(script_failures(s), 0);
	script_free(s);
}

static void loops_nest_and_count(void **state)
{
	struct target *t = *state;

	assert_passes(t, "repeat 3\nrepeat 2\ncmd 0 i+j*16 00 00 0000 0000\nend\nend\n"
			 "repeat 0\ncmd 9 0 00\nend\n");
	assert_int_equal(t->nr_arrived, 6);
	assert_int_equal(t->last_lun[1], 0x21);
	assert_fails_with(t,
			  "repeat 3\ncmd 0 0 c1 [i*2:1] 0000 0000 status=any\nend\n"
			  "repeat 1\ncmd i+16 0 00\nend\n",
			  "t:5: the target's ID is above 15 (i=0)");
}

static void mistakes_are_found_before_anything_runs(void **state)
{
	static const char *const wrong[] = {
		"jump\n",
		"cmd\n",
		"cmd 0 0\n",
		"cmd 0 0 0\n",
		"cmd 0 0 zz\n",
		"cmd 0 0 00 in=5 out=5\n",
		"cmd 0 0 00 pattern=1\n",
		"cmd 0 0 00 in=i\n",
		"cmd 0 0 00 in=99999999999999999999\n",
		"cmd 0 0 00 in=20000000000000000M\n",
		"cmd 0 0 00 sense=6/29\n",
		"cmd 0 0 00 sense=6/29/00/00\n",
		"cmd 0 0 00 sense=6/29/00 status=busy\n",
		"cmd 0 0 00 status=fine\n",
		"cmd 0 0 00 attr=fast\n",
		"cmd 0 0 00 response=00\n",
		"cmd 0 0 00 in=4 data=123\n",
		"cmd 0 0 00 in=4 data=12@x\n",
		"cmd 0 0 00 in=4 crc=12\n",
		"cmd 0 0 00 out=4 crc=12345678\n",
		"cmd 0 0 [1:9]\n",
		"cmd 0 0 [1]\n",
		"cmd 0 0 000000000000000000000000000000000000000000000000000000000000000000 in=1\n",
		"cmd 0 0 00 unknown=1\n",
		"tmf 0 0 kill\n",
		"tmf 0 0 abort-task\n",
		"tmf 0 0 lun-reset in=5\n",
		"id 16\n",
		"packetized maybe\n",
		"parallel 0\n",
		"parallel 129\n",
		"repeat\n",
		"repeat 1\n",
		"end\n",
		"reset now\n",
		"timeout 0\n",
		"wait\n",
		"repeat 1\nrepeat 1\nrepeat 1\nrepeat 1\n",
		"cmd 0 0 00 in=4+\n",
		"cmd 0 0 00 in=4*\n",
		"cmd 0 0 00 in=1+1+1+1+1\n",
		"cmd 0 0 00 in\n",
		"cmd 0 0 00 tag=*\n",
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (script_parse("wrong", wrong[i], 1))
			fail_msg("accepted: %s", wrong[i]);
}

/* For scripts that run side by side: nothing is printed but failures. */
static struct script *join(struct target *t, const char *text)
{
	struct script *s = script_parse("t", text, 1);

	assert_non_null(s);
	script_set_clock(s, fake_clock);
	assert_int_equal(script_join(s, t->bus), 0);
	return s;
}

static void a_held_command_gets_nothing_until_its_release(void **state)
{
	struct target *t = *state;
	struct script *s = join(t, "parallel 4\ncmd 0 0 c0 00 00 00 00 00 in=8 moved=0 hold=on\n"
				   "cmd 0 1 c0 00 00 00 00 00\nheld\nrelease\n");

	go(t, s);
	assert_int_equal(t->nr_held, 2);
	assert_true(bus_task_ready(t->held[1], BUS_DATA));
	assert_true(bus_task_ready(t->held[0], 2));
	go(t, s);
	assert_int_equal(script_timeout(s), 20);	/* nothing was held up yet */
	assert_false(bus_task_ready(t->held[0], 0));
	go(t, s);
	assert_true(bus_task_ready(t->held[0], 0));
	good(t->held[0]);
	good(t->held[1]);
	go(t, s);
	assert_true(script_done(s));
	assert_int_equal(script_failures(s), 0);
	script_free(s);
}

static void what_is_not_held_in_time_is_a_failure(void **state)
{
	assert_fails_with(*state, "parallel 2\ntimeout 9\nheld 5\n"
				  "cmd 0 0 c0 00 00 00 00 00 hold=on outcome=any\nheld 5\n"
				  "tmf 0 0 lun-reset\n",
			  "t:5: the target expected to be held up within 5 s, 1 lack");
}

static void scripts_meet_at_barriers(void **state)
{
	struct target *t = *state;
	struct script *const all[] = {
		join(t, "cmd 0 0 00 00 00 00 00 00\nbarrier\ncmd 0 0 00 00 00 00 00 00\n"
			"barrier\ncmd 0 0 00 00 00 00 00 00\n"),
		join(t, "id 5\nbarrier\n"),
	};

	script_set_all(all, 2);
	go(t, all[0]);
	assert_int_equal(t->nr_arrived, 1);
	go(t, all[1]);
	assert_true(script_done(all[1]));
	/* one that has ended is waited for no more */
	go(t, all[0]);
	assert_true(script_done(all[0]));
	assert_int_equal(t->nr_arrived, 3);
	assert_int_equal(script_failures(all[0]) + script_failures(all[1]), 0);
	script_free(all[0]);
	script_free(all[1]);
}

static void a_script_that_never_comes_is_a_failure(void **state)
{
	struct target *t = *state;
	struct script *const all[] = {
		join(t, "barrier 3\n"), join(t, "id 5\nwait 9 1000\nbarrier\n"),
	};

	script_set_all(all, 2);
	go(t, all[0]);
	go(t, all[1]);
	assert_false(script_done(all[0]));
	fake_now += 3000;
	go(t, all[0]);
	assert_true(script_done(all[0]));
	assert_int_equal(script_failures(all[0]), 1);
	script_free(all[0]);
	script_free(all[1]);
}

static void scripts_and_the_world_talk_by_files_and_words(void **state)
{
	char path[] = "/tmp/test_script.XXXXXX", text[128];
	struct target *t = *state;
	int file = mkstemp(path);

	assert_true(file >= 0);
	snprintf(text, sizeof(text), "say here\nfile %s 5\n", path);
	assert_passes(t, text);
	assert_non_null(strstr(output, "SCRIPT SAY here\n"));
	close(file);
	unlink(path);
	assert_fails_with(t, text, "expected within 5 s, it is not there");
}

static void a_missing_file_is_told(void **state)
{
	(void)state;
	assert_null(script_load("/nonexistent/script", 1));
}

static void the_pattern_is_the_same_from_any_place(void **state)
{
	uint8_t whole[100], part[40];

	(void)state;
	pattern_fill(77, 1000, whole, sizeof(whole));
	pattern_fill(77, 1013, part, sizeof(part));
	assert_memory_equal(whole + 13, part, sizeof(part));
	pattern_fill(78, 1013, part, sizeof(part));
	assert_memory_not_equal(whole + 13, part, sizeof(part));
}

static void both_formats_of_sense_are_read(void **state)
{
	static const uint8_t descriptor[8] = { 0x72, 5, 0x24, 1 };
	int sense[3];

	(void)state;
	assert_true(sense_decode(descriptor, sizeof(descriptor), sense));
	assert_true(sense[0] == 5 && sense[1] == 0x24 && sense[2] == 1);
	assert_true(sense_decode(attention, sizeof(attention), sense));
	assert_true(sense[0] == 6 && sense[1] == 0x29 && sense[2] == 2);
	assert_true(sense_decode(attention, 8, sense));
	assert_true(sense[0] == 6 && !sense[1] && !sense[2]);
	assert_false(sense_decode(attention, 0, sense));
	assert_false(sense_decode((const uint8_t *)"garbage", 7, sense));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_target, free_target)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_clean_run_counts_its_steps),
		T(eight_mebibytes_move_in_one_command),
		T(literal_data_goes_out_and_is_checked),
		T(a_checksum_covers_what_came),
		T(residuals_are_expectations),
		T(sense_comes_with_the_status_or_is_asked_for),
		T(autosense_fetches_the_sense_of_any_status),
		T(statuses_and_outcomes_are_expectations),
		T(parallel_commands_are_in_the_air_together),
		T(a_function_ends_only_what_it_is_about),
		T(the_script_sends_the_tag_it_was_told),
		T(an_id_and_the_right_to_disconnect_can_change),
		T(a_command_without_an_answer_fails_in_time),
		T(waiting_for_an_id_has_a_limit),
		T(waiting_ends_when_the_id_answers),
		T(loops_nest_and_count),
		T(mistakes_are_found_before_anything_runs),
		T(a_held_command_gets_nothing_until_its_release),
		T(what_is_not_held_in_time_is_a_failure),
		T(scripts_meet_at_barriers),
		T(a_script_that_never_comes_is_a_failure),
		T(scripts_and_the_world_talk_by_files_and_words),
		T(a_missing_file_is_told),
		T(the_pattern_is_the_same_from_any_place),
		T(both_formats_of_sense_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
