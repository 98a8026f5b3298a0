// SPDX-License-Identifier: GPL-2.0-or-later
#include "negotiation.h"

#include <stdio.h>

const struct bus_parameters negotiation_asynchronous = { .period = PERIOD_ASYNCHRONOUS };

static void limit(struct bus_parameters *p, const struct bus_parameters *by)
{
	if (by->period > p->period)
		p->period = by->period;
	if (by->offset < p->offset)
		p->offset = by->offset;
	p->wide &= by->wide;
	p->packetized &= by->packetized;
	p->dt &= by->dt;
	p->qas &= by->qas;
	p->hold_mcs &= by->hold_mcs;
	p->write_flow &= by->write_flow;
	p->read_stream &= by->read_stream;
	p->rti &= by->rti;
	p->pcomp &= by->pcomp;
}

static void drop_packet_options(struct bus_parameters *p)
{
	p->packetized = false;
	p->hold_mcs = false;
	p->write_flow = false;
	p->read_stream = false;
	p->rti = false;
	p->pcomp = false;
}

static void raise_period(struct bus_parameters *p, uint8_t least)
{
	if (p->period < least)
		p->period = least;
}

/*
 * SPI-4's table of protocol options: information units and QAS need DT clocking,
 * DT needs a wide synchronous agreement, and paced transfers need information
 * units.
 */
static void make_legal(struct bus_parameters *p)
{
	if (!p->offset || p->period == PERIOD_ASYNCHRONOUS) {
		bool wide = p->wide;

		*p = negotiation_asynchronous;
		p->wide = wide;
		return;
	}
	if (!p->wide)
		p->dt = false;
	if (!p->dt) {
		p->qas = false;
		drop_packet_options(p);
		raise_period(p, PERIOD_ULTRA2);
	} else if (!p->packetized) {
		drop_packet_options(p);
		raise_period(p, PERIOD_U160);
	}
	raise_period(p, PERIOD_U320);
}

void negotiation_agree(struct bus_parameters *agreed, const struct bus_parameters *const limits[],
		       size_t count)
{
	size_t i;

	*agreed = *limits[0];
	for (i = 1; i < count; i++)
		limit(agreed, limits[i]);
	make_legal(agreed);
}

bool negotiation_equal(const struct bus_parameters *a, const struct bus_parameters *b)
{
	return a->period == b->period && a->offset == b->offset && a->wide == b->wide &&
	       a->packetized == b->packetized && a->dt == b->dt && a->qas == b->qas &&
	       a->hold_mcs == b->hold_mcs && a->write_flow == b->write_flow &&
	       a->read_stream == b->read_stream && a->rti == b->rti && a->pcomp == b->pcomp;
}

const char *negotiation_describe(const struct bus_parameters *p, char *text, size_t size)
{
	if (!p->offset)
		snprintf(text, size, "asynchronous%s", p->wide ? " wide" : " narrow");
	else
		snprintf(text, size, "period %02Xh offset %u%s%s%s%s%s%s%s%s%s", p->period,
			 p->offset, p->wide ? " wide" : " narrow", p->dt ? " DT" : "",
			 p->packetized ? " packetized" : "", p->qas ? " QAS" : "",
			 p->hold_mcs ? " HMCS" : "", p->write_flow ? " WRFLOW" : "",
			 p->read_stream ? " RDSTRM" : "", p->rti ? " RTI" : "",
			 p->pcomp ? " PCOMP" : "");
	return text;
}
