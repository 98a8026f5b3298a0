// SPDX-License-Identifier: GPL-2.0-only
/* Standard INQUIRY data of a parallel SCSI port; bytes and bits from SPC. */
#include <linux/bits.h>
#include <linux/types.h>

#include "inquiry.h"

#define MPT_INQUIRY_OPCODE	0x12
#define MPT_INQUIRY_EVPD	BIT(0)
#define MPT_INQUIRY_CMDDT	BIT(1)

#define MPT_INQUIRY_BQUE	BIT(7)		/* byte 6 */
#define MPT_INQUIRY_WBUS32	BIT(6)		/* byte 7 */
#define MPT_INQUIRY_WBUS16	BIT(5)
#define MPT_INQUIRY_SYNC	BIT(4)
#define MPT_INQUIRY_CMDQUE	BIT(1)
#define MPT_INQUIRY_CLOCKING	(BIT(3) | BIT(2))	/* byte 56; single and double transition */
#define MPT_INQUIRY_QAS		BIT(1)
#define MPT_INQUIRY_IUS		BIT(0)

/* Additional length that reaches byte 56. */
#define MPT_INQUIRY_REACHES_56	52

bool mpt_inquiry_standard(const u8 *cdb)
{
	return cdb[0] == MPT_INQUIRY_OPCODE && !(cdb[1] & (MPT_INQUIRY_EVPD | MPT_INQUIRY_CMDDT));
}

static u8 mpt_inquiry_byte7(u8 byte, const struct mpt_inquiry_port *port)
{
	byte &= ~(MPT_INQUIRY_WBUS32 | MPT_INQUIRY_WBUS16 | MPT_INQUIRY_SYNC);
	if (port->wide)
		byte |= MPT_INQUIRY_WBUS16;
	if (port->sync)
		byte |= MPT_INQUIRY_SYNC;
	if (!port->tagged)
		byte &= ~MPT_INQUIRY_CMDQUE;
	return byte;
}

static u8 mpt_inquiry_byte56(u8 byte, const struct mpt_inquiry_port *port)
{
	byte &= ~(MPT_INQUIRY_CLOCKING | MPT_INQUIRY_QAS | MPT_INQUIRY_IUS);
	if (port->dt)
		byte |= MPT_INQUIRY_CLOCKING;
	if (port->qas)
		byte |= MPT_INQUIRY_QAS;
	if (port->packetized)
		byte |= MPT_INQUIRY_IUS;
	return byte;
}

void mpt_inquiry_patch(u8 *data, size_t length, const struct mpt_inquiry_port *port)
{
	if (length > 6 && !port->tagged)
		data[6] &= ~MPT_INQUIRY_BQUE;
	if (length > 7)
		data[7] = mpt_inquiry_byte7(data[7], port);
	if (length > 56 && data[4] >= MPT_INQUIRY_REACHES_56)
		data[56] = mpt_inquiry_byte56(data[56], port);
}
