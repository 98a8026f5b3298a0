// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a command moves: by the administrator's rules, then by the table of CDBs.
 * A parallel bus says nothing of it (HW-64), so nobody else can know what a
 * vendor's command does.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "cdb.h"
#include "expect.h"
#include "internal.h"

#define MPT_VENDOR_RULES	16

static char *vendor_commands[MPT_VENDOR_RULES];
static unsigned int vendor_count;
module_param_array(vendor_commands, charp, &vendor_count, 0444);
MODULE_PARM_DESC(vendor_commands, "what vendor-specific commands move, up to 16: OPCODE:in|out:OFFSET:BYTES[:UNIT|:block] or OPCODE:in|out:=LENGTH, OPCODE in hex; they come before the standards' table");

static struct mpt_expect_rule vendor_rules[MPT_VENDOR_RULES];

int mpt_vendor_init(void)
{
	unsigned int i;

	for (i = 0; i < vendor_count; i++) {
		if (mpt_expect_parse(vendor_commands[i], &vendor_rules[i])) {
			pr_err("vendor_commands=%s: must be OPCODE:in|out:OFFSET:BYTES[:UNIT] or OPCODE:in|out:=LENGTH, such as c0:in:6:3\n",
			       vendor_commands[i]);
			return -EINVAL;
		}
	}
	return 0;
}

enum dma_data_direction mpt_command_expect(const u8 *cdb, u8 type, u32 block_size, u32 *length)
{
	unsigned int i;

	for (i = 0; i < vendor_count; i++)
		if (vendor_rules[i].opcode == cdb[0])
			return mpt_expect_by_rule(&vendor_rules[i], cdb, block_size, length);
	return mpt_cdb_expect(cdb, type, block_size, length);
}
EXPORT_SYMBOL_GPL(mpt_command_expect);
