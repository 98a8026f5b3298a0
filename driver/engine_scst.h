/* SPDX-License-Identifier: GPL-2.0-only */
/* mpt_scst: commands and sessions (engine_scst.c), task management, targets, sysfs. */
#ifndef MPT_ENGINE_SCST_H
#define MPT_ENGINE_SCST_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <scst.h>

#include "mpt_target.h"

#define MPT_SCST_NAME_SIZE	32	/* "spi.<pci address>.<id>" */

struct mpt_scst_target;

/* In mpt_command.engine_private: zero when first seen. */
struct mpt_scst_command {
	struct scst_cmd cmd;		/* not of a task management function */
	struct mpt_command *command;
	struct list_head link;		/* in mpt_scst_target.arrivals */
	struct work_struct work;	/* after an abort */
	bool alone;			/* SCST never got it: done() releases */
	bool answered;			/* SCST has called xmit_response() */
};

/* A SCSI ID on the bus, and the session it has while it is known as an initiator. */
struct mpt_scst_initiator {
	struct mpt_scst_target *target;
	struct mpt_nexus *nexus;
	struct scst_session *session;	/* NULL: SCST must not be given anything of it; lock */
	struct completion reset;	/* the bus reset has got through to it */
	struct work_struct close;
};

struct mpt_scst_target {
	struct list_head link;
	struct mpt_address_name name;
	char text[MPT_SCST_NAME_SIZE];
	bool own;			/* an adapter's that is there; else somebody added it */
	struct scst_tgt *tgt;
	struct mpt_address *address;	/* NULL: not enabled; mpt_target's to change */
	struct mutex mutex;		/* enabling; outside mpt_target's */
	bool marked;			/* by a file hw_target */
	bool released;			/* SCST is removing it */
	spinlock_t lock;		/* arrivals and sessions; hard irq; outside SCST's */
	struct list_head arrivals;	/* commands and functions, on their way to SCST */
	struct work_struct arrival;
	struct mpt_scst_initiator initiators[MPT_MAX_IDS];
};

void mpt_scst_name(const struct mpt_address_name *name, u8 id, char text[MPT_SCST_NAME_SIZE]);

/* engine_scst.c */
extern const struct mpt_engine mpt_scst_engine;
extern struct workqueue_struct *mpt_scst_workqueue;
extern unsigned int mpt_scst_pending_seconds;
/*
 * The peripheral device type of a logical unit, or -1: there is none.  @lun: as SCST
 * unpacks it.  Any context; the session must not end meanwhile.
 */
int mpt_scst_type(const struct scst_session *session, u64 lun);
int mpt_scst_rdy_to_xfer(struct scst_cmd *cmd);
int mpt_scst_xmit_response(struct scst_cmd *cmd);
void mpt_scst_on_free_cmd(struct scst_cmd *cmd);
void mpt_scst_on_abort_cmd(struct scst_cmd *cmd);
void mpt_scst_on_timeout(struct scst_cmd *cmd);
int mpt_scst_close_session(struct scst_session *session);
void mpt_scst_target_init(struct mpt_scst_target *target);
void mpt_scst_target_flush(struct mpt_scst_target *target);

/* engine_scst_function.c */
void mpt_scst_give_function(struct mpt_scst_command *scst);
void mpt_scst_function_done(struct scst_mgmt_cmd *mcmd);
void mpt_scst_bus_reset(struct mpt_nexus *nexus);

/* engine_scst_sysfs.c: NULL-terminated lists for the template */
extern const struct attribute *mpt_scst_driver_attributes[];
extern const struct attribute *mpt_scst_session_attributes[];
/* NULL: no memory. */
const struct attribute **mpt_scst_attributes_create(void);
void mpt_scst_attributes_destroy(void);
void mpt_scst_mark(struct mpt_scst_target *target, bool enabled);

#endif
