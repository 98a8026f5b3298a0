/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two ports of a parallel bus agree on; pure. */
#ifndef CARD_NEGOTIATION_H
#define CARD_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>

#include "bus.h"

#define PERIOD_U320 0x08
#define PERIOD_U160 0x09
#define PERIOD_ULTRA2 0x0a
#define PERIOD_ASYNCHRONOUS 0xff

/* The state after a reset: asynchronous, narrow, no protocol option. */
extern const struct bus_parameters negotiation_asynchronous;

/* The most that all @count limits allow, as a combination that SPI-4 permits. */
void negotiation_agree(struct bus_parameters *agreed, const struct bus_parameters *const limits[],
		       size_t count);
bool negotiation_equal(const struct bus_parameters *a, const struct bus_parameters *b);
/* "period 08h offset 127 wide packetized ..."; returns @text. */
const char *negotiation_describe(const struct bus_parameters *p, char *text, size_t size);

#endif
