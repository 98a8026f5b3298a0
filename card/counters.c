// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "counters.h"

/* The order in which they are printed. */
static const struct {
	const char *name;
	size_t offset;
} fields[] = {
#define FIELD(name) { #name, offsetof(struct counters, name) }
	FIELD(commands),
	FIELD(max_outstanding),
	FIELD(mmio_reads),
	FIELD(mmio_writes),
	FIELD(request_posts),
	FIELD(reply_reads),
	FIELD(reply_frames_returned),
	FIELD(doorbell_accesses),
	FIELD(interrupts),
	FIELD(dma_reads),
	FIELD(dma_read_bytes),
	FIELD(dma_writes),
	FIELD(dma_write_bytes),
	FIELD(resets),
	FIELD(faults_injected),
	FIELD(violations),
#undef FIELD
};

/* json-c takes ownership of @value, but not when it fails. */
static int add(struct json_object *to, const char *name, struct json_object *value)
{
	if (value && !json_object_object_add(to, name, value))
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static struct json_object *entry_json(const struct counters_entry *entry)
{
	struct json_object *object = json_object_new_object();
	const char *base = (const char *)entry->counters;
	uint64_t value;
	size_t i;

	if (!object || add(object, "name", json_object_new_string(entry->name)) ||
	    add(object, "role", json_object_new_string(entry->role)))
		goto fail;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		memcpy(&value, base + fields[i].offset, sizeof(value));
		if (add(object, fields[i].name, json_object_new_uint64(value)))
			goto fail;
	}
	return object;
fail:
	json_object_put(object);
	return NULL;
}

char *counters_json(const struct counters_entry *entries, unsigned int nr)
{
	struct json_object *root = json_object_new_object();
	struct json_object *functions = json_object_new_array(), *entry;
	const char *text = NULL;
	char *copy = NULL;
	unsigned int i;

	if (!root || !functions)
		goto out;
	for (i = 0; i < nr; i++) {
		entry = entry_json(&entries[i]);
		if (!entry || json_object_array_add(functions, entry)) {
			json_object_put(entry);
			goto out;
		}
	}
	if (json_object_object_add(root, "functions", functions))
		goto out;
	functions = NULL;
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY);
	copy = text ? strdup(text) : NULL;
out:
	json_object_put(functions);
	json_object_put(root);
	return copy;
}

static int write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	int ret;

	if (!file)
		return -errno;
	ret = fprintf(file, "%s\n", text) < 0 ? -errno : 0;
	if (fclose(file) && !ret)
		ret = -errno;
	return ret;
}

int counters_write(const char *path, const struct counters_entry *entries, unsigned int nr)
{
	char *text = counters_json(entries, nr), *temporary = NULL;
	int ret = -ENOMEM;

	/* A reader that wakes on the name sees the whole file or the former one. */
	if (!text || asprintf(&temporary, "%s.new", path) < 0)
		goto out;
	ret = write_text(temporary, text);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (ret)
		unlink(temporary);
out:
	free(temporary);
	free(text);
	return ret;
}
