/* SPDX-License-Identifier: GPL-2.0-only */
/* tcm_mpt: commands and sessions (engine_lio.c), names and configfs (engine_lio_configfs.c). */
#ifndef MPT_ENGINE_LIO_H
#define MPT_ENGINE_LIO_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include <target/target_core_base.h>
#include <target/target_core_fabric.h>

#include "lio_expect.h"
#include "mpt_target.h"

struct lio_wwn {
	struct se_wwn wwn;
	struct mpt_address_name name;
	char naa[MPT_NAA_SIZE];
};

/* In mpt_command.engine_private: zero when first seen. */
struct lio_command {
	struct se_cmd se;
	struct mpt_command *command;		/* NULL: the LUN reset of a bus reset */
	struct work_struct work;
	enum mpt_result result;			/* of the data phase */
	bool alone;				/* the core never got it: done() releases */
	bool walking;				/* a function that takes several of LIO's */
	bool walked;				/* ... and has begun */
	u64 tm_lun;
	u8 sense[TRANSPORT_SENSE_BUFFER];
};

struct lio_tpg {
	struct se_portal_group tpg;
	struct lio_wwn *wwn;
	u16 tag;
	struct mpt_address *address;		/* NULL: not enabled; mpt_target's to change */
	struct lio_block_sizes block_sizes;
	struct mutex session_mutex;	/* a walk looks for its session between two steps */
	struct lio_command reset;		/* of a bus reset */
	struct completion reset_done;
	/* configfs attributes */
	u32 generate_node_acls;
	u32 cache_dynamic_acls;
	u32 demo_mode_write_protect;
	u32 prod_mode_write_protect;
	u32 demo_mode_login_only;
};

static inline struct lio_tpg *to_lio_tpg(struct se_portal_group *se_tpg)
{
	return container_of(se_tpg, struct lio_tpg, tpg);
}

extern const struct mpt_engine lio_engine;

/* engine_lio.c: what lio_ops refers to */
void lio_close_session(struct se_session *session);
int lio_check_stop_free(struct se_cmd *se);
void lio_release_cmd(struct se_cmd *se);
int lio_write_pending(struct se_cmd *se);
int lio_queue_data_in(struct se_cmd *se);
int lio_queue_status(struct se_cmd *se);
void lio_queue_tm_rsp(struct se_cmd *se);
void lio_aborted_task(struct se_cmd *se);
int lio_engine_init(void);
void lio_engine_exit(void);

#endif
