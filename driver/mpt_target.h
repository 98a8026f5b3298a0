/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The contract between the hardware half (mpt_target.ko) and a target engine
 * (tcm_mpt.ko for LIO, mpt_scst.ko for SCST).  The hardware half knows no
 * engine; an engine knows no MPI.
 *
 * A command's life, seen from the engine:
 *
 *   command() -> [mpt_command_receive() -> data_received()] -> mpt_command_send()
 *             -> done() -> mpt_command_release()
 *
 * The hardware half never gives up on a command silently: after
 * mpt_command_send() there is always one done(), after mpt_command_receive()
 * one data_received(), whatever happens to the card or the bus.
 */
#ifndef MPT_TARGET_H
#define MPT_TARGET_H

#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

#include "message.h"

#define MPT_MAX_IDS		16	/* SCSI IDs on a wide bus (SPI-4) */
#define MPT_NAA_SIZE		21	/* "naa." and 16 hexadecimal digits */

/* One SCSI ID of one adapter: a target of its own. */
struct mpt_address;

/* An initiator and one of our addresses: SAM's I_T nexus. */
struct mpt_nexus {
	struct mpt_address *address;
	u8 initiator_id;
	void *engine_private;		/* the engine's, set in nexus_arrived() */
};

/* A command or task management function; one per IoIndex, preallocated. */
struct mpt_command {
	struct mpt_nexus *nexus;
	struct mpt_message_command info;
	u32 serial;			/* in which order engines got commands; wraps */
	void *engine_private;		/* mpt_engine.command_size bytes, zero when first seen */
};

/*
 * A tag that no other command of the adapter has.  Initiators use theirs again as soon
 * as a task is over: by their tags a function could end the next task instead.
 */
static inline u64 mpt_command_tag(const struct mpt_command *command)
{
	return (u64)command->serial << 16 | command->info.tag;
}

enum mpt_result {
	MPT_RESULT_OK,
	MPT_RESULT_LOST,		/* initiator, bus or card gave up: nobody waits for it */
};

struct mpt_response {
	u8 status;			/* SAM status */
	const u8 *sense;		/* copied before mpt_command_send() returns */
	size_t sense_length;
	struct scatterlist *sg;		/* DATA IN; must stay until done() */
	int nents;
	u32 length;			/* 0: no data */
};

/* What the engine offers.  Every member is mandatory. */
struct mpt_engine {
	const char *name;		/* as in messages and sysfs: "lio" */
	size_t command_size;
	/*
	 * Says by mpt_command_stop() or mpt_command_cancel() which tasks of other
	 * initiators a function ends, and how; it does not wait for their data.
	 */
	bool stops_others;

	/*
	 * An initiator was heard for the first time.  Process context, may
	 * sleep.  0; -EACCES: not for this initiator, it will see no logical
	 * unit; anything else: it is told BUSY and tried again with its next
	 * command.
	 */
	int (*nexus_arrived)(struct mpt_nexus *nexus);
	/*
	 * The bus was reset: abort all tasks of this nexus' logical units and clear
	 * what a hard reset clears (SAM).  Nobody waits for their answers.  Until
	 * this returns no new command comes.  Process context, may sleep.
	 */
	void (*bus_reset)(struct mpt_nexus *nexus);
	/*
	 * Never again a command of this nexus.  If it was closed for itself, by
	 * mpt_nexus_close(), the engine may have some left, and ends them first.
	 * Process context, may sleep.
	 */
	void (*nexus_lost)(struct mpt_nexus *nexus);

	/*
	 * The rest: any context, hard irq included, so they must not sleep; no
	 * lock of the hardware half is held; inside rcu_read_lock().
	 */
	void (*command)(struct mpt_command *command);
	/*
	 * A task management function; answered by mpt_function_done() once the
	 * engine has aborted its tasks, see mpt_function_next().
	 */
	void (*function)(struct mpt_command *command);
	/* @result other than OK: the data is not there. */
	void (*data_received)(struct mpt_command *command, enum mpt_result result);
	/*
	 * The answer is out, or will never be.  May be called from within
	 * mpt_command_send().
	 */
	void (*done)(struct mpt_command *command, enum mpt_result result);
};

/*
 * What the 16 bytes of a CDB move, as mpt_cdb_expect() says it (cdb.h), with the
 * administrator's rules for vendor-specific commands.  Any context.
 */
enum dma_data_direction mpt_command_expect(const u8 *cdb, u8 type, u32 block_size, u32 *length);

/*
 * Engine's calls about commands.  Any context; they never fail for want of
 * request frames: the hardware half queues, in order.
 */

/*
 * Fetches @length bytes of DATA OUT into @sg, then data_received().
 * 0, or -EIO: not mappable, there will be no data_received().
 */
int mpt_command_receive(struct mpt_command *command, struct scatterlist *sg, int nents, u32 length);
/*
 * Sends data and status, then done().  0, or -EIO: not mappable, there will be
 * no done().
 */
int mpt_command_send(struct mpt_command *command, const struct mpt_response *response);
/*
 * The engine aborted this command and will not answer it.  If a message is
 * outstanding the card is told to give it up, and data_received() or done()
 * still comes; otherwise it ends here.
 */
void mpt_command_abort(struct mpt_command *command);
/*
 * For an engine that is told of aborts while it does not have the command: if the
 * card is to do something for it, the card is told to give it up, and
 * data_received() or done() says MPT_RESULT_LOST.  If the engine has it, data that it
 * asks for from now on is lost at once.  Process context.
 */
void mpt_command_cancel(struct mpt_command *command);
/*
 * The same, by a watchdog that holds nothing: only if the engine asked for the data, or
 * answered, at least @age jiffies ago, and still waits.  The memory of @command may be
 * another's by now, who is younger.  False: nothing was done.
 */
bool mpt_command_expire(struct mpt_command *command, unsigned long age);
/*
 * As mpt_command_cancel(), of data that the initiator sends, and of nothing else: its
 * status is still to be sent, and is TASK ABORTED whatever the engine says.
 */
void mpt_command_stop(struct mpt_command *command);
/* The engine has forgotten the command; @command may be reused at once. */
void mpt_command_release(struct mpt_command *command);

enum mpt_function_response {
	MPT_FUNCTION_COMPLETE = 0x00,
	MPT_FUNCTION_NOT_SUPPORTED = 0x04,
	MPT_FUNCTION_FAILED = 0x05,
	MPT_FUNCTION_BAD_LUN = 0x09,
};

/*
 * The next of the tasks that ABORT TASK, ABORT TASK SET or CLEAR TASK SET is about,
 * each once: @task gets a copy (nexus and info) of what the engine has of them.
 * False: no more.  Aborted tasks of other initiators end with TASK ABORTED.  Any
 * context.
 */
bool mpt_function_next(struct mpt_command *function, struct mpt_command *task);
/*
 * Ends a task management function; then done(), as for a command, when the card
 * has nothing left of its tasks either.
 */
void mpt_function_done(struct mpt_command *command, enum mpt_function_response response);

/*
 * Addresses.  All in process context, may sleep; each refusal has its reason in
 * the kernel log.
 */
struct mpt_address_name {
	int domain;
	u8 bus;
	u8 devfn;
	u8 id;
};

/* Reads "spi.<pci address>.<id>" or our "naa.3..." of a target; 0 or -EINVAL. */
int mpt_address_parse(const char *text, struct mpt_address_name *name);
/* "naa.3..." of a target (@initiator < 0) or of an initiator seen from it. */
void mpt_address_naa(const struct mpt_address_name *name, int initiator, char naa[MPT_NAA_SIZE]);

/*
 * Serves @name by @engine from now on.  0; -ENODEV: no such adapter; -EOPNOTSUPP:
 * no target role; -EBUSY: the ID, or the adapter, is taken; -ENOMEM, -EIO.
 * @address is the engine's variable: it is set here, and cleared when the address
 * ends, by mpt_address_disable() or because the adapter goes away.
 */
int mpt_address_enable(const struct mpt_address_name *name, const struct mpt_engine *engine,
		       void *engine_private, struct mpt_address **address);
/* Stops, waits until no command is left, loses all nexuses.  Nothing to do if *@address is NULL. */
void mpt_address_disable(struct mpt_address **address);
/*
 * Ends one nexus through nexus_lost(); the initiator's next command starts with
 * nexus_arrived() again.  Nothing to do if @nexus is none of *@address any more,
 * and it may be NULL.
 */
void mpt_nexus_close(struct mpt_address **address, struct mpt_nexus *nexus);
/* Refused initiators are asked for again (an ACL was added). */
void mpt_address_retry(struct mpt_address **address);
/* What was agreed with the initiator, as sysfs text.  Process context. */
ssize_t mpt_nexus_agreed(const struct mpt_nexus *nexus, char *page);
void *mpt_address_private(const struct mpt_address *address);
const struct mpt_address_name *mpt_address_name(const struct mpt_address *address);

/*
 * Adapters that can be targets, as they come and go; for an engine that shows them
 * before they are enabled.  @own: an adapter's address if it has been given one as a
 * target, else ID 0.  Process context, may sleep; one call at a time.  What was
 * enabled on an adapter has ended before it has left.
 */
struct mpt_watcher {
	struct list_head link;
	void (*arrived)(const struct mpt_address_name *own);
	void (*left)(const struct mpt_address_name *own);
};

/* Those that are here have arrived when this returns. */
void mpt_adapters_watch(struct mpt_watcher *watcher);
void mpt_adapters_unwatch(struct mpt_watcher *watcher);

/*
 * Attributes of an adapter's mpt_target/, for an engine that shows them in a place of
 * its own: the same names, those of id<N>/ with "id<N>_" before them.  Process context.
 */
struct mpt_sysfs_file {
	char name[24];
	umode_t mode;
};

/* The @index-th; false: there are no more. */
bool mpt_sysfs_get(unsigned int index, struct mpt_sysfs_file *shown);
/* The text's length, or -ENODEV: no such adapter.  *@changed: it is not at its default. */
ssize_t mpt_sysfs_show(const struct mpt_address_name *adapter, unsigned int index, char *page,
		       bool *changed);
/* 0; -ENODEV; -EBUSY: a target of the adapter is enabled; -EINVAL.  The reason is in the log. */
int mpt_sysfs_store(const struct mpt_address_name *adapter, unsigned int index,
		    const char *text);

#endif
