// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "array.h"
#include "options.h"

static struct card_options options;
static char error[512];
static char *printed;

/* Words are separated by one blank. */
static enum options_result read_line(const char *line)
{
	static char copy[4096];
	char *argv[64] = { "mptcard" }, *save, *word;
	enum options_result result;
	size_t size;
	int argc = 1;
	FILE *out;

	snprintf(copy, sizeof(copy), "%s", line);
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	free(printed);
	out = open_memstream(&printed, &size);
	error[0] = '\0';
	result = options_read(&options, argc, argv, out, error, sizeof(error));
	fclose(out);
	return result;
}

static int teardown(void **state)
{
	(void)state;
	free(printed);
	printed = NULL;
	return 0;
}

static void refused(const char *line, const char *why)
{
	assert_int_equal(read_line(line), OPTIONS_BAD);
	if (!strstr(error, why))
		fail_msg("'%s': the error is '%s', not '%s'", line, error, why);
	assert_null(strchr(error, '\n'));
}

static void functions_are_read_with_their_keys(void **state)
{
	(void)state;
	assert_int_equal(read_line("--function t,socket=/tmp/t,role=target,id=3 "
				   "--function=i,socket=/tmp/i,role=initiator"), OPTIONS_RUN);
	assert_int_equal(options.nr_functions, 2);
	assert_string_equal(options.functions[0].name, "t");
	assert_string_equal(options.functions[0].socket, "/tmp/t");
	assert_int_equal(options.functions[0].role, ROLE_TARGET);
	assert_int_equal(options.functions[0].scsi_id, 3);
	assert_int_equal(options.functions[1].role, ROLE_INITIATOR);
	assert_int_equal(options.functions[1].scsi_id, 7);
	assert_int_equal(options.functions[1].pair, -1);
}

static void defaults_are_the_documented_ones(void **state)
{
	struct function_options f;

	(void)state;
	options_default_function(&f, "x", ROLE_TARGET);
	assert_string_equal(f.name, "x");
	assert_int_equal(f.scsi_id, 0);
	assert_int_equal(f.device_id, 0x0030);
	assert_int_equal(f.fw_version, 0x01032700);
	assert_int_equal(f.frame_dwords, 32);
	assert_true(f.packetized && f.disconnect && f.high_priority_fifo && f.wide);
	assert_false(f.late_post_ack || f.bar_64 || f.set_up);
	assert_int_equal(f.min_period, 8);
	assert_int_equal(f.post_batch, 255);
	assert_int_equal(f.initiator_index, INDEX_IS_ID);
	assert_int_equal(f.untagged_attribute, UNTAGGED_SHOWS_UNTAGGED);
	assert_int_equal(f.tmf_end, TMF_ENDS_BY_STATUS);
	assert_int_equal(f.tmf_clears, TMF_CLEARS_OWN);
	assert_true(f.repost_after_6b && f.message_abort && f.own_id_bit);
	assert_false(f.target_page_form);
	assert_false(f.bus_reset_data || f.length_fault || f.frame_limit);
	assert_int_equal(f.bus_reset_status, RESET_IS_ABORTED);
}

static void options_go_to_all_or_to_one(void **state)
{
	(void)state;
	/* one function's word outranks all functions', whatever the order */
	assert_int_equal(read_line("--b:packetized=on --packetized=off --a:min-period=9 "
				   "--function a,socket=1 --function b,socket=2"), OPTIONS_RUN);
	assert_false(options.functions[0].packetized);
	assert_true(options.functions[1].packetized);
	assert_int_equal(options.functions[0].min_period, 9);
	assert_int_equal(options.functions[1].min_period, 8);
}

static void role_option_outranks_the_function_and_moves_the_default_id(void **state)
{
	(void)state;
	assert_int_equal(read_line("--function a,socket=1,role=target --a:role=initiator"),
			 OPTIONS_RUN);
	assert_int_equal(options.functions[0].role, ROLE_INITIATOR);
	assert_int_equal(options.functions[0].scsi_id, 7);
	assert_int_equal(read_line("--function a,socket=1,id=0 --a:role=initiator"), OPTIONS_RUN);
	assert_int_equal(options.functions[0].scsi_id, 0);
}

static void numbers_may_be_hexadecimal(void **state)
{
	(void)state;
	assert_int_equal(read_line("--function a,socket=1 --fw-version=0x01032920 --max-offset=31"),
			 OPTIONS_RUN);
	assert_int_equal(options.functions[0].fw_version, 0x01032920);
	assert_int_equal(options.functions[0].max_offset, 31);
}

static void choices_have_names(void **state)
{
	(void)state;
	assert_int_equal(read_line("--function a,socket=1 --initiator-index=arrival "
				   "--tmf-end=at-once --bus-reset-status=no-connection"),
			 OPTIONS_RUN);
	assert_int_equal(options.functions[0].initiator_index, INDEX_BY_ARRIVAL);
	assert_int_equal(options.functions[0].tmf_end, TMF_ENDS_AT_ONCE);
	assert_int_equal(options.functions[0].bus_reset_status, RESET_IS_NO_CONNECTION);
	assert_int_equal(read_line("--function a,socket=1 --bus-reset-status=aborted"),
			 OPTIONS_RUN);
	assert_int_equal(options.functions[0].bus_reset_status, RESET_IS_ABORTED);
	refused("--function a,socket=1 --tmf-end=on", "allowed is status or at-once");
	refused("--function a,socket=1 --bus-reset-status=63",
		"allowed is aborted, retryable or no-connection");
	assert_int_equal(read_line("--list-options"), OPTIONS_DONE);
	assert_non_null(strstr(printed, "initiator-index      id           HW-60"));
}

static void pair_joins_two_functions(void **state)
{
	(void)state;
	assert_int_equal(read_line("--function a,socket=1,pair=b --function c,socket=3 "
				   "--function b,socket=2,pair=a"), OPTIONS_RUN);
	assert_int_equal(options.functions[0].pair, 2);
	assert_int_equal(options.functions[2].pair, 0);
	assert_int_equal(options.functions[0].ioc_number, 0);
	assert_int_equal(options.functions[2].ioc_number, 1);
	assert_int_equal(options.functions[1].pair, -1);
	refused("--function a,socket=1,pair=b", "no other function");
	refused("--function a,socket=1,pair=a", "no other function");
	refused("--function a,socket=1,pair=b --function b,socket=2,pair=c "
		"--function c,socket=3", "cannot be a pair");
}

static void files_seed_and_verbose_are_read(void **state)
{
	(void)state;
	assert_int_equal(read_line("--script s --stats=st --log l --seed 42 --verbose"),
			 OPTIONS_RUN);
	assert_int_equal(options.nr_scripts, 1);
	assert_string_equal(options.script_paths[0], "s");
	assert_string_equal(options.stats_path, "st");
	assert_string_equal(options.log_path, "l");
	assert_int_equal(options.seed, 42);
	assert_true(options.verbose);
	assert_int_equal(options.nr_functions, 0);
	assert_int_equal(read_line("--script a --script=b"), OPTIONS_RUN);
	assert_int_equal(options.nr_scripts, 2);
	assert_string_equal(options.script_paths[1], "b");
	refused("--script 1 --script 2 --script 3 --script 4 --script 5 --script 6 --script 7 "
		"--script 8 --script 9", "at most 8 scripts");
	assert_int_equal(read_line("--verbose=on --script s"), OPTIONS_RUN);
	assert_true(options.verbose);
	assert_int_equal(read_line("--script s --verbose=off"), OPTIONS_RUN);
	assert_false(options.verbose);
}

static void what_is_unknown_is_refused(void **state)
{
	(void)state;
	refused("", "nothing to do");
	refused("hello", "unexpected argument 'hello'");
	refused("--", "unexpected argument");
	refused("-v", "unexpected argument '-v'");
	refused("--function a,socket=1 --colour=red", "unknown option 'colour'");
	refused("--function a,socket=1 --a:colour=red", "unknown option 'colour'");
	refused("--function a,socket=1 --b:packetized=on", "no function is named 'b'");
	refused("--function a,socket=1,colour=red", "allowed are socket, role, id, pair");
	refused("--packetized=on --script s", "no function to apply to");
}

static void bad_values_say_what_is_allowed(void **state)
{
	(void)state;
	refused("--function a,socket=1 --packetized=yes", "on or off");
	refused("--function a,socket=1 --packetized", "needs =VALUE");
	refused("--function a,socket=1 --packetized=", "on or off");
	refused("--function a,socket=1,role=disk", "initiator, target or both");
	refused("--function a,socket=1,id=16", "0 to 15");
	refused("--function a,socket=1,id=-1", "0 to 15");
	refused("--function a,socket=1,id=3x", "0 to 15");
	refused("--function a,socket=1 --credits=10", "11 to 1024");
	refused("--function a,socket=1 --min-period=7", "0x8 to 0xff");
	refused("--function a,socket=1 --fw-version=0x100000000", "0x0 to 0xffffffff");
	refused("--function a,socket=1 --seed x", "bad value 'x' for --seed");
	refused("--function a,socket=1 --seed 99999999999999999999999", "for --seed");
	refused("--function a,socket=1 --verbose=yes", "on or off");
	refused("--help=on", "takes no value");
	refused("--script", "--script needs FILE");
	refused("--script s --stats=", "--stats needs FILE");
}

static void bad_functions_are_refused(void **state)
{
	char line[400], path[120];

	(void)state;
	refused("--function a", "needs socket=PATH");
	refused("--function a,socket=", "1 to 107 characters");
	refused("--function socket=1", "needs a name");
	refused("--function a:b,socket=1", "needs a name");
	refused("--function a,socket", "not KEY=VALUE");
	refused("--function a,socket=1 --function a,socket=2", "two functions are named a");
	refused("--function a,socket=1 --function b,socket=1", "given to both");
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	snprintf(line, sizeof(line), "--function a,socket=%s", path);
	refused(line, "1 to 107 characters");
	snprintf(line, sizeof(line), "--function %s,socket=1", path);
	refused(line, "needs a name");
}

static void functions_are_bounded(void **state)
{
	char line[2048] = "";

	(void)state;
	for (unsigned int i = 0; i < CARD_MAX_FUNCTIONS + 1; i++) {
		size_t used = strlen(line);

		if (i == CARD_MAX_FUNCTIONS)
			assert_int_equal(read_line(line), OPTIONS_RUN);
		snprintf(line + used, sizeof(line) - used, "--function f%u,socket=%u ", i, i);
	}
	refused(line, "more than 16 functions");
}

static void help_lists_every_word(void **state)
{
	static const char *const words[] = { "--function", "--stats", "--log", "--script",
		"--seed", "--verbose", "--list-options", "--help", "--version", "Exit status" };

	(void)state;
	assert_int_equal(read_line("--nonsense --help"), OPTIONS_DONE);
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		assert_non_null(strstr(printed, words[i]));
	assert_int_equal(read_line("--version"), OPTIONS_DONE);
	assert_memory_equal(printed, "mptcard ", 8);
}

static void list_names_default_fact_and_meaning(void **state)
{
	(void)state;
	assert_int_equal(read_line("--list-options"), OPTIONS_DONE);
	assert_non_null(strstr(printed, "packetized           on           HW-39"));
	assert_non_null(strstr(printed, "late-post-ack        off          HW-53"));
	assert_non_null(strstr(printed, "fw-version           0x1032700    HW-116"));
	assert_non_null(strstr(printed, "id                   by role      HW-40"));
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(functions_are_read_with_their_keys),
		TEST(defaults_are_the_documented_ones),
		TEST(options_go_to_all_or_to_one),
		TEST(role_option_outranks_the_function_and_moves_the_default_id),
		TEST(numbers_may_be_hexadecimal),
		TEST(choices_have_names),
		TEST(pair_joins_two_functions),
		TEST(files_seed_and_verbose_are_read),
		TEST(what_is_unknown_is_refused),
		TEST(bad_values_say_what_is_allowed),
		TEST(bad_functions_are_refused),
		TEST(functions_are_bounded),
		TEST(help_lists_every_word),
		TEST(list_names_default_fact_and_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
