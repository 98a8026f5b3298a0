/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of log, with time and name.  Called for single commands only if verbose. */
#ifndef CARD_LOG_H
#define CARD_LOG_H

#include <stdarg.h>
#include <stdbool.h>

extern bool log_verbose;

/* Opens @path for append (NULL: stderr); returns 0 or -errno. */
int log_open(const char *path);
void log_line(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_debug(who, ...) do { if (log_verbose) log_line(who, __VA_ARGS__); } while (0)

#endif
