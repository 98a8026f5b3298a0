/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration pages of a 53C1030: current values, and the NVRAM's.  What a page
 * sets takes effect on the bus as soon as its current values change.
 */
#ifndef CARD_CONFIG_PAGES_H
#define CARD_CONFIG_PAGES_H

#include <stdbool.h>
#include <stdint.h>

struct config_pages;
struct firmware;
struct request;

/* fw->port must exist already. */
struct config_pages *config_pages_new(struct firmware *fw);
void config_pages_free(struct config_pages *pages);
/* CONFIG request; answers it. */
void config_pages_request(struct config_pages *pages, const struct request *request);
/* Power-on: current values from NVRAM.  The port's target IDs are the caller's to apply. */
void config_pages_power_on(struct config_pages *pages);

/* SCSI Port Page 1. */
unsigned int config_pages_own_id(const struct config_pages *pages);
/* IDs to answer selection on, 0 unless TargetConfig says target. */
uint16_t config_pages_target_ids(const struct config_pages *pages);
/* Is the own ID in the mask of IDs that the chip answers on? */
bool config_pages_own_id_answers(const struct config_pages *pages);
/* False if TargetConfig says target only. */
bool config_pages_initiator(const struct config_pages *pages);

#endif
