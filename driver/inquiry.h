/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard INQUIRY data as a parallel SCSI port must show it.  Pure; any context. */
#ifndef MPT_INQUIRY_H
#define MPT_INQUIRY_H

#include <linux/types.h>

#define MPT_INQUIRY_PATCHED	57	/* bytes that mpt_inquiry_patch() may look at */

struct mpt_inquiry_port {
	bool tagged;			/* queuing=tagged: leave CMDQUE */
	bool wide, sync;
	bool dt, qas, packetized;	/* byte 56: CLOCKING, QAS, IUS */
};

/* Is @cdb an INQUIRY for standard data (EVPD 0)? */
bool mpt_inquiry_standard(const u8 *cdb);
/*
 * Patches the first @length bytes (those transferred) of standard INQUIRY data;
 * never reads or writes beyond.  Bits that only a bus can tell are set and cleared
 * as the port is; byte 56 only if the additional length reaches it, or an initiator
 * would not look there.
 */
void mpt_inquiry_patch(u8 *data, size_t length, const struct mpt_inquiry_port *port);

#endif
