// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "log.h"

bool log_verbose;

static FILE *log_file;

int log_open(const char *path)
{
	FILE *file = NULL;

	if (path) {
		file = fopen(path, "ae");
		if (!file)
			return -errno;
		setvbuf(file, NULL, _IOLBF, 0);
	}
	if (log_file)
		fclose(log_file);
	log_file = file;
	return 0;
}

void log_line(const char *who, const char *format, ...)
{
	FILE *file = log_file ? log_file : stderr;
	struct timespec now;
	va_list args;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(file, "[%6lld.%06ld] %s: ", (long long)now.tv_sec, now.tv_nsec / 1000, who);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fputc('\n', file);
}
