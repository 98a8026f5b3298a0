/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command line.  `--NAME=VALUE` sets an option of every function,
 * `--FUNCTION:NAME=VALUE` of one.  Each option that stands for a disputed or
 * unproven fact of the hardware names it (HW-n, docs/hardware.md) in its help.
 */
#ifndef CARD_OPTIONS_H
#define CARD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CARD_MAX_FUNCTIONS 16
#define CARD_MAX_SCRIPTS 8

enum card_role { ROLE_INITIATOR = 1, ROLE_TARGET = 2, ROLE_BOTH = 3 };

enum initiator_index { INDEX_IS_ID, INDEX_BY_ARRIVAL };
enum untagged_attribute { UNTAGGED_SHOWS_UNTAGGED, UNTAGGED_SHOWS_SIMPLE };
enum tmf_end { TMF_ENDS_BY_STATUS, TMF_ENDS_AT_ONCE };
enum tmf_clears { TMF_CLEARS_OWN, TMF_CLEARS_ALL };
enum bus_reset_status { RESET_IS_ABORTED, RESET_IS_RETRYABLE, RESET_IS_NO_CONNECTION };

/* What firmware, bus and registers of one function are to be; filled by options.c. */
struct function_options {
	char name[32];
	char socket[108];
	enum card_role role;
	unsigned int scsi_id;		/* own ID (initiator), NVRAM default (target) */
	int pair;			/* index of the other function of a dual 53C1030, or -1 */
	unsigned int ioc_number;	/* 0 or 1 within a dual */

	/* PCI */
	uint16_t device_id;		/* 0030h: 53C1030 */
	uint8_t revision;		/* 08h: C0 */
	bool bar_64;			/* memory BARs are 64 bits wide */

	/* IOCFacts, PortFacts */
	uint32_t fw_version;		/* 01032700h: target-capable and before the length fault */
	uint16_t credits;		/* GlobalCredits */
	uint16_t max_posted;		/* MaxPostedCmdBuffers */
	uint16_t frame_dwords;		/* RequestFrameSize */
	uint8_t max_chain_depth;
	bool high_priority_fifo;	/* IOCCapabilities bit 0 */

	/* parallel SCSI */
	bool packetized;		/* the port can do information units */
	bool disconnect;		/* the initiator grants disconnection */
	unsigned int min_period;	/* 8 U320, 9 U160, 0Ah ... */
	unsigned int max_offset;
	bool wide;
	bool set_up;			/* somebody made the port a target: SCSI Port Page 1 */

	/* disputed or unproven facts: add here, with the HW number */
	uint8_t post_batch;		/* buffers that one post message may hold */
	bool late_post_ack;		/* a command may overtake the ack of its buffer's post */
	bool own_id_bit;		/* an initiator answers reselection by the mask of IDs */
	bool target_page_form;		/* target agreements have page addresses of their own */
	enum initiator_index initiator_index;
	enum untagged_attribute untagged_attribute;
	enum tmf_end tmf_end;
	enum tmf_clears tmf_clears;
	bool bus_reset_data;		/* the event has the data that its header gives it */
	bool message_abort;		/* TargetModeAbort knows type 3 */
	bool repost_after_6b;		/* the IOC keeps the buffer although it reports 6Bh */
	bool length_fault;		/* fast transfers of odd lengths lose their last bytes */
	uint16_t frame_limit;		/* bytes of an assist's frame that work, 0: all */
	enum bus_reset_status bus_reset_status;
	/* what happens rarely, each 16th time; 0: never */
	uint8_t assist_status;		/* IOCStatus of an assist */
	uint8_t priority_reason;	/* PriorityReason of an arrival */
	bool stray_replies;		/* replies about nothing */
};

struct card_options {
	struct function_options functions[CARD_MAX_FUNCTIONS];
	unsigned int nr_functions;
	const char *stats_path;
	const char *log_path;		/* NULL: stderr */
	const char *script_paths[CARD_MAX_SCRIPTS];
	unsigned int nr_scripts;
	uint64_t seed;
	bool verbose;			/* one log line per SCSI command */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_DONE,			/* --help, --version, --list-options: all is printed */
	OPTIONS_BAD,			/* @error says why, in one line */
};

/*
 * Reads the command line; what --help and its like print goes to @out.  The
 * strings in @options are those of @argv.
 */
enum options_result options_read(struct card_options *options, int argc, char **argv, FILE *out,
				 char *error, size_t error_size);
/* Exits for --help, --version, --list-options and bad usage (status 2, one clear line). */
void options_parse(struct card_options *options, int argc, char **argv);
/* Defaults of a function, also for unit tests. */
void options_default_function(struct function_options *options, const char *name,
			      enum card_role role);
const char *options_role_name(enum card_role role);

#endif
