// SPDX-License-Identifier: GPL-2.0-only
/* Limits and agreements of parallel SCSI; see negotiation.h. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include "negotiation.h"

#include "lsi/mpi_type.h"
#include "lsi/mpi.h"
#include "lsi/mpi_cnfg.h"

const struct mpt_transfer mpt_transfer_max = {
	.period = 0, .offset = 0xff, .wide = true, .dt = true, .iu = true, .qas = true,
	.aip = true,
};

/* From fast to slow; a rate holds up to the period factor before the next one's. */
static const struct {
	const char *name;
	u8 period;
} mpt_rates[] = {
	{ "fast-160", MPT_PERIOD_FAST_160 },
	{ "fast-80", MPT_PERIOD_FAST_80 },
	{ "fast-40", MPT_PERIOD_FAST_40 },
	{ "fast-20", MPT_PERIOD_FAST_20 },
	{ "fast-10", MPT_PERIOD_FAST_10 },
	{ "fast-5", MPT_PERIOD_FAST_5 },
	{ "async", MPT_PERIOD_ASYNC },
};

static const struct {
	const char *name;
	const char *values;
} mpt_transfer_fields[MPT_TRANSFER_FIELDS] = {
	[MPT_TRANSFER_RATE] = {
		"rate", "async, fast-5, fast-10, fast-20, fast-40, fast-80, fast-160 or max",
	},
	[MPT_TRANSFER_OFFSET] = { "offset", "0 to 255 or max" },
	[MPT_TRANSFER_WIDTH] = { "width", "8, 16 or max" },
	[MPT_TRANSFER_IU] = { "iu", "0 or 1" },
	[MPT_TRANSFER_QAS] = { "qas", "0 or 1" },
	[MPT_TRANSFER_DT] = { "dt", "0 or 1" },
};

static void mpt_transfer_slow(struct mpt_transfer *transfer, u8 period)
{
	if (transfer->period < period)
		transfer->period = period;
}

void mpt_transfer_limit(struct mpt_transfer *transfer, const struct mpt_transfer *by)
{
	mpt_transfer_slow(transfer, by->period);
	transfer->offset = min(transfer->offset, by->offset);
	transfer->wide = transfer->wide && by->wide;
	transfer->dt = transfer->dt && by->dt;
	transfer->iu = transfer->iu && by->iu;
	transfer->qas = transfer->qas && by->qas;
	transfer->aip = transfer->aip && by->aip;
}

/*
 * Double transitions need a wide synchronous agreement; information units and
 * quick arbitration need double transitions, as Fast-80 does; Fast-160, paced,
 * needs information units (HW-88).
 */
void mpt_transfer_normalise(struct mpt_transfer *transfer)
{
	if (!transfer->offset || transfer->period == MPT_PERIOD_ASYNC) {
		*transfer = (struct mpt_transfer) {
			.period = MPT_PERIOD_ASYNC,
			.wide = transfer->wide,
			.aip = transfer->aip,
		};
		return;
	}
	transfer->dt = transfer->dt && transfer->wide;
	transfer->iu = transfer->iu && transfer->dt;
	transfer->qas = transfer->qas && transfer->dt;
	if (!transfer->dt)
		mpt_transfer_slow(transfer, MPT_PERIOD_FAST_40);
	else if (!transfer->iu)
		mpt_transfer_slow(transfer, MPT_PERIOD_FAST_80);
	else
		mpt_transfer_slow(transfer, MPT_PERIOD_FAST_160);
}

bool mpt_transfer_equal(const struct mpt_transfer *a, const struct mpt_transfer *b)
{
	return a->period == b->period && a->offset == b->offset && a->wide == b->wide &&
	       a->dt == b->dt && a->iu == b->iu && a->qas == b->qas && a->aip == b->aip;
}

/* HW-39, HW-45, HW-46: the three pages have the same bits in the same places. */
void mpt_transfer_from_page(struct mpt_transfer *transfer, u32 parameters)
{
	*transfer = (struct mpt_transfer) {
		.period = (parameters & MPI_SCSIDEVPAGE1_RP_MIN_SYNC_PERIOD_MASK) >>
			  MPI_SCSIDEVPAGE1_RP_SHIFT_MIN_SYNC_PERIOD,
		.offset = (parameters & MPI_SCSIDEVPAGE1_RP_MAX_SYNC_OFFSET_MASK) >>
			  MPI_SCSIDEVPAGE1_RP_SHIFT_MAX_SYNC_OFFSET,
		.wide = parameters & MPI_SCSIDEVPAGE1_RP_WIDE,
		.dt = parameters & MPI_SCSIDEVPAGE1_RP_DT,
		.iu = parameters & MPI_SCSIDEVPAGE1_RP_IU,
		.qas = parameters & MPI_SCSIDEVPAGE1_RP_QAS,
		.aip = parameters & MPI_SCSIDEVPAGE1_RP_AIP,
	};
}

u32 mpt_transfer_to_page(const struct mpt_transfer *transfer)
{
	u32 parameters = (u32)transfer->period << MPI_SCSIDEVPAGE1_RP_SHIFT_MIN_SYNC_PERIOD |
			 (u32)transfer->offset << MPI_SCSIDEVPAGE1_RP_SHIFT_MAX_SYNC_OFFSET;

	if (transfer->wide)
		parameters |= MPI_SCSIDEVPAGE1_RP_WIDE;
	if (transfer->dt)
		parameters |= MPI_SCSIDEVPAGE1_RP_DT;
	if (transfer->iu)
		parameters |= MPI_SCSIDEVPAGE1_RP_IU;
	if (transfer->qas)
		parameters |= MPI_SCSIDEVPAGE1_RP_QAS;
	if (transfer->aip)
		parameters |= MPI_SCSIDEVPAGE1_RP_AIP;
	return parameters;
}

/* What must be cut down loses the options beyond struct mpt_transfer (streaming ...) too. */
u32 mpt_transfer_clip_page(u32 parameters, const struct mpt_transfer *limit)
{
	struct mpt_transfer asked, clipped;

	mpt_transfer_from_page(&asked, parameters);
	clipped = asked;
	mpt_transfer_limit(&clipped, limit);
	if (mpt_transfer_equal(&clipped, &asked))
		return parameters;
	mpt_transfer_normalise(&clipped);
	return mpt_transfer_to_page(&clipped);
}

static int mpt_transfer_set_rate(struct mpt_transfer *transfer, const char *text)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mpt_rates); i++) {
		if (sysfs_streq(text, mpt_rates[i].name)) {
			transfer->period = mpt_rates[i].period;
			return 0;
		}
	}
	return -EINVAL;
}

static int mpt_transfer_set_offset(struct mpt_transfer *transfer, const char *text)
{
	return kstrtou8(text, 10, &transfer->offset) ? -EINVAL : 0;
}

static int mpt_transfer_set_bool(bool *value, const char *text, const char *no, const char *yes)
{
	if (sysfs_streq(text, yes))
		*value = true;
	else if (sysfs_streq(text, no))
		*value = false;
	else
		return -EINVAL;
	return 0;
}

static int mpt_transfer_set_max(struct mpt_transfer *transfer, enum mpt_transfer_field field)
{
	if (field == MPT_TRANSFER_RATE)
		transfer->period = mpt_transfer_max.period;
	else if (field == MPT_TRANSFER_OFFSET)
		transfer->offset = mpt_transfer_max.offset;
	else if (field == MPT_TRANSFER_WIDTH)
		transfer->wide = mpt_transfer_max.wide;
	else
		return -EINVAL;
	return 0;
}

int mpt_transfer_set(struct mpt_transfer *transfer, enum mpt_transfer_field field,
		     const char *text)
{
	if (sysfs_streq(text, "max"))
		return mpt_transfer_set_max(transfer, field);
	switch (field) {
	case MPT_TRANSFER_RATE:
		return mpt_transfer_set_rate(transfer, text);
	case MPT_TRANSFER_OFFSET:
		return mpt_transfer_set_offset(transfer, text);
	case MPT_TRANSFER_WIDTH:
		return mpt_transfer_set_bool(&transfer->wide, text, "8", "16");
	case MPT_TRANSFER_IU:
		return mpt_transfer_set_bool(&transfer->iu, text, "0", "1");
	case MPT_TRANSFER_QAS:
		return mpt_transfer_set_bool(&transfer->qas, text, "0", "1");
	case MPT_TRANSFER_DT:
		return mpt_transfer_set_bool(&transfer->dt, text, "0", "1");
	default:
		return -EINVAL;
	}
}

const char *mpt_transfer_name(enum mpt_transfer_field field)
{
	return mpt_transfer_fields[field].name;
}

const char *mpt_transfer_values(enum mpt_transfer_field field)
{
	return mpt_transfer_fields[field].values;
}

static const char *mpt_transfer_rate(const struct mpt_transfer *transfer)
{
	unsigned int i = ARRAY_SIZE(mpt_rates) - 1;

	if (!transfer->offset)
		return mpt_rates[i].name;
	while (i && transfer->period < mpt_rates[i].period)
		i--;
	return mpt_rates[i].name;
}

int mpt_transfer_get(const struct mpt_transfer *transfer, enum mpt_transfer_field field,
		     char *text, size_t size)
{
	switch (field) {
	case MPT_TRANSFER_RATE:
		return scnprintf(text, size, "%s", mpt_transfer_rate(transfer));
	case MPT_TRANSFER_OFFSET:
		return scnprintf(text, size, "%u", transfer->offset);
	case MPT_TRANSFER_WIDTH:
		return scnprintf(text, size, "%u", transfer->wide ? 16 : 8);
	case MPT_TRANSFER_IU:
		return scnprintf(text, size, "%u", transfer->iu);
	case MPT_TRANSFER_QAS:
		return scnprintf(text, size, "%u", transfer->qas);
	case MPT_TRANSFER_DT:
		return scnprintf(text, size, "%u", transfer->dt);
	default:
		return 0;
	}
}

int mpt_transfer_describe(const struct mpt_transfer *transfer, char *text, size_t size)
{
	unsigned int field;
	int length = 0;

	for (field = 0; field < MPT_TRANSFER_FIELDS; field++) {
		length += scnprintf(text + length, size - length, "%s%s=", field ? " " : "",
				    mpt_transfer_fields[field].name);
		length += mpt_transfer_get(transfer, field, text + length, size - length);
	}
	return length;
}
