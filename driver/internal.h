/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hardware half's own structures.
 *
 * Locks: adapter->mutex (process context) serialises enabling, disabling and
 * resets; adapter->lock (hard irq) guards slots, their lists and nexus states.
 * The engine is never called with adapter->lock held.
 */
#ifndef MPT_INTERNAL_H
#define MPT_INTERNAL_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "data.h"
#include "inquiry.h"
#include "message.h"
#include "mpt_target.h"
#include "negotiation.h"
#include "sense_cache.h"

#define MYNAM KBUILD_MODNAME		/* wanted by mptbase.h */
#include "mptbase.h"

/* Not pci_err() and its like: they name the driver that owns the device, which may be mptspi. */
#define MPT_PREFIX	KBUILD_MODNAME " %s: "
#define mpt_err(pdev, fmt, ...) \
	printk(KERN_ERR MPT_PREFIX fmt, pci_name(pdev), ##__VA_ARGS__)
#define mpt_warn(pdev, fmt, ...) \
	printk(KERN_WARNING MPT_PREFIX fmt, pci_name(pdev), ##__VA_ARGS__)
#define mpt_info(pdev, fmt, ...) \
	printk(KERN_INFO MPT_PREFIX fmt, pci_name(pdev), ##__VA_ARGS__)
#define mpt_err_ratelimited(pdev, fmt, ...) \
	printk_ratelimited(KERN_ERR MPT_PREFIX fmt, pci_name(pdev), ##__VA_ARGS__)
#define mpt_warn_ratelimited(pdev, fmt, ...) \
	printk_ratelimited(KERN_WARNING MPT_PREFIX fmt, pci_name(pdev), ##__VA_ARGS__)

/*
 * Who owns an IoIndex, and what happens to it.  Owner: (I) IOC, (D) driver,
 * (E) engine.  mpt_slot_move() is the only place that changes it.
 */
enum mpt_slot_state {
	MPT_SLOT_IDLE,			/* D: to be posted */
	MPT_SLOT_POSTED,		/* I: waits for an initiator */
	MPT_SLOT_ARRIVED,		/* D: a command is here, not delivered yet */
	MPT_SLOT_ENGINE,		/* E */
	MPT_SLOT_QUEUED,		/* D: an answer waits, see mpt_slot_waits() */
	MPT_SLOT_DATA_OUT,		/* I: TargetAssist, WRITE */
	MPT_SLOT_DATA_IN,		/* I: TargetAssist, READ */
	MPT_SLOT_STATUS,		/* I: TargetStatusSend */
	MPT_SLOT_ENDED,			/* E: over for card and driver, not released yet */
	MPT_SLOT_RETURNED,		/* D: taken back from the IOC, not to be posted */
	MPT_SLOT_STATES,
};

struct mpt_adapter;

/* One IoIndex. */
struct mpt_slot {
	struct mpt_command command;	/* first: what the engine sees */
	struct mpt_adapter *adapter;
	u16 index;
	u8 state;			/* enum mpt_slot_state */
	bool engine_has;		/* between command() and mpt_command_release() */
	bool lost;			/* nobody waits for an answer: send nothing for it */
	bool open;			/* the card has this I/O: status, error or abort ends it */
	bool abort_wanted;		/* a TargetModeAbort is to be sent */
	bool aborting;			/* it was sent; must not hit the next command */
	bool priority;			/* came as priority I/O: everything goes high priority */
	bool reposting;			/* the outstanding message carries REPOST */
	bool with_status;		/* a status follows, or goes with, the data */
	bool auto_status;		/* the outstanding assist carries AUTO_STATUS */
	bool receiving;			/* the data goes from the initiator */
	bool sense_sent;		/* the IU holds sense that the wire may not take */
	bool sense_withheld;		/* ... and it does not get it, see HW-97 */
	u8 status;
	u8 response;			/* task management */
	bool received;			/* the engine asked for data: the command was begun */
	bool told;			/* the engine heard its last of this command */
	bool again;			/* to be delivered again, the engine's answer was none */
	bool recall;			/* a TargetModeAbort of the message alone is to be sent */
	bool recalling;			/* it was sent: no further message before its reply */
	bool given_back;		/* its message was answered meanwhile, as aborted */
	bool unrecallable;		/* the card did not give it back */
	bool stopped;			/* a function ended it: TASK ABORTED is due */
	bool data_refused;		/* the engine has ended it: no data for it any more */
	bool tell_aborted;		/* aborted by the engine it ends with TASK ABORTED */
	bool freezing;			/* its sense may stay here: contingent allegiance */
	bool ending;			/* task management: the engine has done its part */
	bool next_lost;			/* the command that lies in the buffer was reset */
	u16 cursor;			/* task management: see mpt_function_next() */
	unsigned long asked;		/* when the engine asked for data, or answered; jiffies */
	u32 arrival;			/* in which order commands came; wraps */
	bool delivered;			/* the engine has, or had, this command */
	u32 resets;			/* adapter->resets when the engine got it */
	u8 sense_override[3];		/* key, asc, ascq the card's error asks for; key 0: none */
	u16 iu_length;			/* 0: no IU */
	u32 word;			/* ReplyWord of the command in work */
	u32 next_word;			/* of the command that lies in the buffer */
	bool next_priority;		/* it came as priority I/O, because of ... */
	u8 next_reason;			/* PRIORITY_REASON_* */
	struct list_head link;		/* arrived, idle, starved, doorbell, waiting, or held */
	MPT_FRAME_HDR *frame;		/* outstanding message */
	MPT_FRAME_HDR *recalled;	/* answered while it is recalled: not to be used yet */
	u16 frame_bytes;		/* its length */
	u32 post;			/* which post message took it last */
	struct mpt_data data;
	/* one page of coherent memory: command buffer, response IU, chains */
	void *memory;
	dma_addr_t address;
};

#define MPT_SLOT_IU_OFFSET	MPT_COMMAND_BUFFER_SIZE
#define MPT_SLOT_IU_SIZE	320
#define MPT_SLOT_CHAIN_OFFSET	(MPT_SLOT_IU_OFFSET + MPT_SLOT_IU_SIZE)
#define MPT_SLOT_MEMORY		4096

/* An assist with one 64-bit element and a chain, rounded up. */
#define MPT_LEAST_FRAME		56

enum mpt_nexus_state {
	MPT_NEXUS_NEW,			/* never heard, or lost */
	MPT_NEXUS_SETUP,		/* nexus_arrived() is under way; commands are held */
	MPT_NEXUS_READY,
	MPT_NEXUS_RESET,		/* the engine is being reset; commands are held */
	MPT_NEXUS_ENDING,		/* nexus_lost() is under way; commands are held */
	MPT_NEXUS_REFUSED,
	MPT_NEXUS_CLOSED,		/* the address is being disabled */
};

#define MPT_LUNS		64	/* of a target on a parallel bus */

/* Pending unit attention; a greater one replaces a lesser. */
enum mpt_attention {
	MPT_ATTENTION_NONE,
	MPT_ATTENTION_INQUIRY_CHANGED,
	MPT_ATTENTION_TARGET_RESET,	/* target or logical unit */
	MPT_ATTENTION_BUS_RESET,
};

struct mpt_nexus_slot {
	struct mpt_nexus nexus;
	enum mpt_nexus_state state;
	struct list_head held;
	bool releasing;			/* the first of them is on its way to the engine */
	struct work_struct work;
	bool reset_due;			/* the bus was reset while it was set up */
	u8 attention[MPT_LUNS];		/* enum mpt_attention */
	/* masks of logical units */
	u64 used;			/* the engine has answered for it */
	u64 reset;			/* the engine may raise a 29h that is a duplicate */
	u64 freezing;			/* a status with sense is under way, see allegiance.c */
	u64 frozen;			/* contingent allegiance */
};

struct mpt_address {
	struct mpt_adapter *adapter;
	struct mpt_address_name name;
	const struct mpt_engine *engine;
	void *engine_private;
	struct mpt_address **holder;	/* the engine's variable */
	struct work_struct reset_work;	/* after a bus reset */
	bool resetting;			/* it is to run, or runs */
	bool closing;			/* off the bus: it waits for nobody else */
	struct work_struct function_work;	/* after task management and bus resets */
	unsigned int functions;		/* ... that the engine works on */
	struct delayed_work waiting_work;	/* while a nexus is being closed */
	struct mpt_nexus_slot nexus[MPT_MAX_IDS];
};

/* Limits and faults of a chip or firmware, with their source; see quirks.c. */
struct mpt_quirks {
	u16 device;
	u32 fw_first, fw_last;
	u16 frame_bytes;		/* use no more of a request frame, 0: all */
	u16 chain_bytes;
	u8 period;			/* slowest transfers only: period factor, 0: any */
	const char *why;		/* for the line that announces the adapter */
};

/* Are transfers slowed down for the fault of HW-98? */
enum mpt_odd_length {
	MPT_ODD_LENGTH_AUTO,		/* as the firmware's version says */
	MPT_ODD_LENGTH_ON,
	MPT_ODD_LENGTH_OFF,
	MPT_ODD_LENGTH_MODES,
};

#define MPT_ALL_IDS	MPT_MAX_IDS	/* stands for the port itself */

/* Changed under adapter->mutex, and the wishes only while no ID is enabled. */
struct mpt_negotiation {
	struct mpt_transfer capability;			/* of the port */
	struct mpt_transfer asked[MPT_MAX_IDS + 1];	/* by initiator; the last: for all */
	enum mpt_odd_length odd_length;
};

/* Requests of the driver itself that wait for their reply. */
struct mpt_management {
	struct mutex mutex;		/* one call at a time */
	struct completion done;
	MPT_FRAME_HDR *frame;		/* NULL: nobody waits */
	struct mpt_message_reply reply;
};

enum mpt_frame_use { MPT_FRAME_NONE, MPT_FRAME_POST, MPT_FRAME_IO, MPT_FRAME_MANAGEMENT };

struct mpt_counters {
	unsigned long commands;
	unsigned long bad_replies;	/* index, state, word or frame did not fit */
	unsigned long starved;		/* answers that had to wait for a request frame */
	unsigned long lost;		/* I/O the card gave up on */
	unsigned long post_errors;
	unsigned long local_sense;	/* REQUEST SENSE answered from the cache */
	unsigned long settings_written;	/* limits of an initiator, when they were not right */
};

struct mpt_adapter {
	struct list_head list;
	struct pci_dev *pdev;
	MPT_ADAPTER *ioc;
	const struct mpt_quirks *quirks;
	struct kref refs;

	struct mutex mutex;		/* enabling, disabling, coming back from a reset */
	bool removing;			/* changed under this mutex and that of port.c */
	const struct mpt_engine *engine;	/* who enabled it */
	u16 ids;			/* mask of enabled IDs, as written to the card */
	bool tagged;			/* queuing=tagged */
	u8 port_id;			/* answers without an alias: the first enabled */

	spinlock_t lock;		/* guards slots, frames, lists, nexus states */
	bool up;			/* slots may be used: set after posting began */
	struct mpt_address __rcu *addresses[MPT_MAX_IDS];
	struct mpt_slot *slots;
	unsigned int nr_slots;
	void *engine_memory;		/* nr_slots * engine->command_size */
	u8 *frame_use;			/* enum mpt_frame_use by request frame */
	u32 *frame_post;		/* the post a frame carried last */
	u32 posts;
	unsigned long hold_posts;	/* no post before these jiffies */
	struct list_head idle;		/* to be posted */
	unsigned int nr_idle;
	unsigned int batch;		/* idle slots worth a post message */
	unsigned int post_room;		/* buffers in one post message */
	unsigned int posts_unacked;
	struct list_head starved;	/* wait for a request frame, in order */
	struct list_head waiting;	/* for something else: see mpt_slot_waits() */
	struct list_head arrived;	/* commands in buffers, see mpt_arrivals_deliver() */
	bool delivering;		/* somebody works on them */
	u32 arrivals;			/* how many there were */
	u32 serial;			/* of the last command */
	u32 resets;			/* resets of the engine, begun and ended */
	unsigned int resetting;		/* ... that are under way */
	unsigned int bus_resets;	/* ... of these, for each address and new nexus */
	unsigned long reset_patience;	/* addresses wait for each other until these jiffies */
	struct list_head doorbell;	/* priority answers, for want of a high-priority FIFO */
	struct timer_list starved_timer;	/* others' frames come back unannounced */
	struct mpt_sense_cache *sense_cache;
	struct mpt_data_limits limits;
	struct mpt_inquiry_port inquiry;
	/* of IDs that are not enabled now: what initiators used, and what they saw */
	struct {
		struct mpt_inquiry_port inquiry;
		u64 used[MPT_MAX_IDS];
	} remembered[MPT_MAX_IDS];
	struct mpt_negotiation negotiation;
	u8 own_id;			/* for who asks which target this adapter is */
	bool shared;			/* the stock initiator driver uses it, too */
	/* SCSI Port Page 1 before us */
	struct {
		bool known;
		u8 target_config;
		U32 configuration;
	} found;
	struct mutex settings_mutex;	/* innermost: limits are read, and written */
	struct delayed_work settings_work;
	struct delayed_work patience_work;	/* a bus reset takes long */
	struct mpt_directory *directories[MPT_MAX_IDS + 1];	/* sysfs; the last: the adapter's */
	struct mpt_counters counters;

	wait_queue_head_t changed;	/* a slot changed hands; posts_unacked fell */
	struct work_struct abort_work;
	struct work_struct doorbell_work;
	struct work_struct online_work;	/* after an IOC reset */
	struct mpt_management management;
};

extern u8 mpt_target_context;		/* our callback slot in mptbase */
extern struct workqueue_struct *mpt_target_workqueue;
/* for work that takes adapter->mutex, whose holder waits for work of the other */
extern struct workqueue_struct *mpt_adapter_workqueue;

/* What differs by transport; one table each (parallel.c). */
struct mpt_transport {
	u8 port_type;
	/* Reads what the port can do; process context. */
	int (*capability)(struct mpt_adapter *adapter);
	/* Reads which target it was set up to be, if any; process context. */
	int (*own_id)(struct mpt_adapter *adapter);
	/* The same, and writes what it is to do; process context. */
	int (*prepare)(struct mpt_adapter *adapter);
	/* Writes settings and the mask of IDs to answer; process context. */
	int (*set_ids)(struct mpt_adapter *adapter, u16 ids);
	/* Writes the limits of initiators that are not right; process context. */
	int (*settle)(struct mpt_adapter *adapter);
	/* The same, and the mask of IDs; process context. */
	int (*repair)(struct mpt_adapter *adapter);
	/* Leaves the port as it was found; process context. */
	void (*restore)(struct mpt_adapter *adapter);
	/* What was agreed with an initiator; process context. */
	int (*agreed)(struct mpt_adapter *adapter, u8 initiator, struct mpt_transfer *agreed);
	int (*read_command)(struct mpt_message_command *command, const void *buffer, size_t size);
	/* TargetModeAbort by the doorbell instead of the request FIFO. */
	bool abort_by_handshake;
	/* Sense cannot always go with the status: keep it until the next command. */
	bool sense_may_stay;
};

extern const struct mpt_transport mpt_parallel;

/* parallel.c: the most that is agreed to with initiator @id, or by the port (MPT_ALL_IDS) */
void mpt_negotiation_limit(const struct mpt_adapter *adapter, unsigned int id,
			   struct mpt_transfer *limit);

/* adapter.c */
struct mpt_adapter *mpt_adapter_get(int domain, u8 bus, u8 devfn);
void mpt_adapter_hold(struct mpt_adapter *adapter);
void mpt_adapter_put(struct mpt_adapter *adapter);
void mpt_adapter_name(const struct mpt_adapter *adapter, u8 id, struct mpt_address_name *name);
bool mpt_adapter_is_target(const struct mpt_adapter *adapter);
bool mpt_adapter_tagged_default(void);		/* the module parameter */
struct mpt_adapter *mpt_adapter_of(MPT_ADAPTER *ioc);	/* RCU read side */
int mpt_adapter_port_enable(struct mpt_adapter *adapter);	/* port.c */

/* sysfs.c */
int mpt_directories_create(struct mpt_adapter *adapter);
void mpt_directories_remove(struct mpt_adapter *adapter);
bool mpt_sysfs_changed(struct mpt_adapter *adapter);	/* from its defaults */

/* settings.c; process context */
void mpt_settings_keep(struct mpt_adapter *adapter);
void mpt_settings_recall(struct mpt_adapter *adapter);
void mpt_settings_forget(void);

/* shared.c */
u16 mpt_shared_targets(struct mpt_adapter *adapter);
void mpt_shared_watch(struct mpt_adapter *adapter, unsigned long delay);
void mpt_shared_work(struct work_struct *work);

/* management.c: one request of our own at a time; process context */
int mpt_handshake(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame, size_t length);
int mpt_management_call(struct mpt_adapter *adapter, const void *message, size_t length,
			bool handshake, unsigned int seconds, struct mpt_message_reply *reply);
bool mpt_management_reply(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame,
			  const struct mpt_message_reply *reply);

/* port.c */
void mpt_addresses_end(struct mpt_adapter *adapter);

/* quirks.c */
int mpt_quirks_init(void);
const struct mpt_quirks *mpt_quirks_find(u16 device, u32 fw_version);
void mpt_quirks_limits(const struct mpt_quirks *quirks, const MPT_ADAPTER *ioc,
		       struct mpt_data_limits *limits);
extern const char *const mpt_odd_length_names[MPT_ODD_LENGTH_MODES];
enum mpt_odd_length mpt_quirks_odd_length(void);	/* the module parameter */
/* Shortest transfer period factor to agree to, 0: no limit of a quirk. */
u8 mpt_quirks_period(const struct mpt_adapter *adapter);
void mpt_quirks_announce(const struct mpt_adapter *adapter);

/* slots.c: memory and posting; command.c: the life of a command */
int mpt_slots_create(struct mpt_adapter *adapter);
int mpt_slots_sense_room(struct mpt_adapter *adapter, u16 ids);
void mpt_slots_destroy(struct mpt_adapter *adapter);
void mpt_slots_post_all(struct mpt_adapter *adapter);
void mpt_slots_take_back(struct mpt_adapter *adapter);
void mpt_slots_reset(struct mpt_adapter *adapter);
void mpt_slot_move(struct mpt_slot *slot, enum mpt_slot_state to);
void mpt_slot_retire(struct mpt_slot *slot);
void mpt_slot_settle(struct mpt_slot *slot);
void mpt_slots_hold_posts(struct mpt_adapter *adapter);
void mpt_slots_refused(struct mpt_adapter *adapter, const MPT_FRAME_HDR *frame);
void mpt_slots_kick(struct mpt_adapter *adapter);
struct mpt_slot *mpt_slots_first(struct list_head *list);
MPT_FRAME_HDR *mpt_frame_get(struct mpt_adapter *adapter, enum mpt_frame_use use);
void mpt_frame_put(struct mpt_adapter *adapter, MPT_FRAME_HDR *frame);
bool mpt_slots_busy(struct mpt_adapter *adapter, const struct mpt_address *address);
void mpt_slots_abort(struct mpt_adapter *adapter, struct mpt_address *address);

/* vendor.c; -EINVAL: a rule of vendor_commands is none */
int mpt_vendor_init(void);

/* issue.c: messages about commands */
int mpt_issue_init(void);
void mpt_command_issue(struct mpt_slot *slot);
void mpt_command_kick(struct mpt_adapter *adapter);
void mpt_slot_close(struct mpt_slot *slot);
void mpt_command_doorbell(struct work_struct *work);

/* command.c */
bool mpt_slot_outstanding(const struct mpt_slot *slot);
void mpt_command_context(struct mpt_adapter *adapter, u32 word);
void mpt_command_reply(struct mpt_adapter *adapter, const void *reply);
void mpt_command_lost(struct mpt_slot *slot);
void mpt_bad_reply(struct mpt_adapter *adapter, const char *what, u32 word);
void mpt_slot_set_status(struct mpt_slot *slot, u8 status, const u8 *sense, size_t length);
bool mpt_slot_mute(const struct mpt_slot *slot);
void mpt_slots_sweep(struct mpt_adapter *adapter);

/* arrival.c */
void mpt_slot_arrived(struct mpt_slot *slot, u32 word, bool priority, u8 reason);
void mpt_slot_arrived_again(struct mpt_slot *slot);
void mpt_arrivals_deliver(struct mpt_adapter *adapter);
/* adapter->lock held, dropped and taken again: a held command's nexus is in @state now */
void mpt_command_admitted(struct mpt_slot *slot, enum mpt_nexus_state state, unsigned long *flags);
void mpt_slot_drop(struct mpt_slot *slot);

/* answer.c: without the engine; adapter->lock held */
void mpt_answer_status(struct mpt_slot *slot, u8 status, u8 key, u8 asc, u8 ascq);
void mpt_answer_data(struct mpt_slot *slot, const void *data, size_t length);
void mpt_answer_busy(struct mpt_slot *slot);
void mpt_answer_absent(struct mpt_slot *slot);
bool mpt_answer_sense(struct mpt_slot *slot);
void mpt_answer_attention(struct mpt_slot *slot, u8 asc, u8 ascq);
bool mpt_answer_priority(struct mpt_slot *slot);
bool mpt_answer_long(struct mpt_slot *slot);

/* attention.c: unit attentions; adapter->lock held */
int mpt_lun_number(const u8 lun[8]);
void mpt_attention_raise(struct mpt_address *address, u64 luns, enum mpt_attention attention);
void mpt_attention_expect(struct mpt_address *address, u64 luns);
bool mpt_attention_answer(struct mpt_slot *slot, struct mpt_nexus_slot *nexus);
bool mpt_attention_duplicate(struct mpt_slot *slot, struct mpt_nexus_slot *nexus,
			     const struct mpt_response *response);
void mpt_attention_resetting(struct mpt_adapter *adapter, bool begin);

/* allegiance.c: contingent allegiance of tagged nexuses; adapter->lock held */
void mpt_allegiance_begin(struct mpt_slot *slot);
void mpt_allegiance_settle(struct mpt_slot *slot, bool kept);
bool mpt_allegiance_arrival(struct mpt_slot *slot);
void mpt_allegiance_end(struct mpt_address *address, u64 luns);
void mpt_allegiance_end_one(struct mpt_nexus_slot *nexus, u64 luns);
bool mpt_allegiance_holds(const struct mpt_slot *slot);
void mpt_allegiance_unending(struct mpt_adapter *adapter);

/* nexus.c */
enum mpt_nexus_verdict { MPT_NEXUS_DELIVER, MPT_NEXUS_HELD, MPT_NEXUS_DENIED };
void mpt_nexus_init(struct mpt_address *address);
enum mpt_nexus_verdict mpt_nexus_admit(struct mpt_nexus_slot *nexus, struct mpt_slot *slot);
void mpt_nexus_retry(struct mpt_address *address);
void mpt_nexus_end(struct mpt_nexus *nexus);
void mpt_nexus_close_all(struct mpt_address *address);
struct mpt_nexus_slot *mpt_nexus_slot_of(struct mpt_nexus *nexus);
void mpt_nexus_hold_all(struct mpt_address *address);
void mpt_nexus_reset(struct work_struct *work);
void mpt_nexus_go_on(struct work_struct *work);
void mpt_nexus_patience(struct work_struct *work);

/* task.c */
void mpt_task_abort_io(struct mpt_slot *slot);
void mpt_task_abort_work(struct work_struct *work);
void mpt_task_begin(struct mpt_slot *function);
void mpt_task_end(struct mpt_slot *function);
bool mpt_task_unfinished(const struct mpt_slot *function);
bool mpt_task_stops(struct mpt_slot *slot);
void mpt_task_bus_reset(struct mpt_adapter *adapter);

#endif
