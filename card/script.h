/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripted initiator: a member of the bus without a virtual machine, driven
 * by a text file (`mptcard --script FILE`, docs/script.md) or by these calls.
 */
#ifndef CARD_SCRIPT_H
#define CARD_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"

struct script;

/* Parses @path; NULL after printing `FILE:LINE: what is wrong` on stderr. */
struct script *script_load(const char *path, uint64_t seed);
struct script *script_parse(const char *name, const char *text, uint64_t seed);
int script_join(struct script *script, struct bus *bus);
/*
 * These run on one bus, and wait for each other at barriers; @scripts must stay.
 * Not needed for one alone.
 */
void script_set_all(struct script *const *scripts, unsigned int count);
/* Main loop: goes on as far as it can; true if it can be called again at once. */
bool script_work(struct script *script);
/* Milliseconds until it must be called again (a wait or a time-out), -1: only bus events matter. */
int script_timeout(const struct script *script);
bool script_done(const struct script *script);
/* Steps that failed; each printed one line `SCRIPT FAIL <file>:<line>: <what>`. */
unsigned int script_failures(const struct script *script);
/* For unit tests: where milliseconds come from. */
void script_set_clock(struct script *script, uint64_t (*now_ms)(void));
void script_free(struct script *script);

#endif
