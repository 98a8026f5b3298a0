// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "array.h"
#include "counters.h"

/* The names that docs/card.md promises, in this order, and nothing else. */
static const char *const names[] = {
	"name", "role", "commands", "max_outstanding", "mmio_reads", "mmio_writes",
	"request_posts", "reply_reads", "reply_frames_returned", "doorbell_accesses",
	"interrupts", "dma_reads", "dma_read_bytes", "dma_writes", "dma_write_bytes",
	"resets", "faults_injected", "violations",
};

static void outstanding_is_tracked_with_its_maximum(void **state)
{
	struct counters c = { 0 };

	(void)state;
	counters_command_start(&c);
	counters_command_start(&c);
	counters_command_end(&c);
	counters_command_start(&c);
	assert_int_equal(c.commands, 3);
	assert_int_equal(c.outstanding, 2);
	assert_int_equal(c.max_outstanding, 2);
	for (unsigned int i = 0; i < 5; i++)
		counters_command_end(&c);
	assert_int_equal(c.outstanding, 0);
}

static struct json_object *function_at(struct json_object *root, unsigned int i)
{
	struct json_object *functions;

	assert_true(json_object_object_get_ex(root, "functions", &functions));
	return json_object_array_get_idx(functions, i);
}

static void json_has_exactly_the_promised_names(void **state)
{
	struct counters c = { .commands = 3, .violations = 2, .dma_read_bytes = UINT64_MAX };
	struct counters_entry entries[] = { { "t", "target", &c }, { "i\"x", "both", &c } };
	char *text = counters_json(entries, 2);
	struct json_object *root = json_tokener_parse(text), *first, *value;
	unsigned int i = 0;

	(void)state;
	first = function_at(root, 0);
	assert_non_null(first);
	assert_non_null(function_at(root, 1));
	json_object_object_foreach(first, key, member) {
		(void)member;
		assert_true(i < ARRAY_SIZE(names));
		assert_string_equal(key, names[i++]);
	}
	assert_int_equal(i, ARRAY_SIZE(names));
	json_object_object_get_ex(first, "violations", &value);
	assert_int_equal(json_object_get_uint64(value), 2);
	json_object_object_get_ex(first, "dma_read_bytes", &value);
	assert_true(json_object_get_uint64(value) == UINT64_MAX);
	json_object_put(root);
	free(text);
}

static void no_function_is_an_empty_list(void **state)
{
	char *text = counters_json(NULL, 0);
	struct json_object *root = json_tokener_parse(text), *functions;

	(void)state;
	assert_true(json_object_object_get_ex(root, "functions", &functions));
	assert_int_equal(json_object_array_length(functions), 0);
	json_object_put(root);
	free(text);
}

static void file_is_replaced_in_one_step(void **state)
{
	char dir[] = "/tmp/counters-test-XXXXXX", path[64], other[80];
	struct counters c = { .commands = 1 };
	struct counters_entry entry = { "t", "target", &c };
	struct json_object *root, *value;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stats", dir);
	snprintf(other, sizeof(other), "%s.new", path);
	for (c.commands = 1; c.commands < 3; c.commands++) {
		assert_int_equal(counters_write(path, &entry, 1), 0);
		root = json_object_from_file(path);
		assert_non_null(root);
		json_object_object_get_ex(function_at(root, 0), "commands", &value);
		assert_int_equal(json_object_get_uint64(value), c.commands);
		json_object_put(root);
		assert_int_not_equal(access(other, F_OK), 0);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(counters_write(path, &entry, 1), -ENOENT);
}

static void full_disk_is_reported(void **state)
{
	struct counters c = { 0 };
	struct counters_entry entry = { "t", "target", &c };
	char dir[] = "/tmp/counters-test-XXXXXX", path[64], other[80];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stats", dir);
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(symlink("/dev/full", other), 0);
	assert_int_equal(counters_write(path, &entry, 1), -ENOSPC);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outstanding_is_tracked_with_its_maximum),
		cmocka_unit_test(json_has_exactly_the_promised_names),
		cmocka_unit_test(no_function_is_an_empty_list),
		cmocka_unit_test(file_is_replaced_in_one_step),
		cmocka_unit_test(full_disk_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
