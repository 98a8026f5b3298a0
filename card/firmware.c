// SPDX-License-Identifier: GPL-2.0-or-later
#include "firmware.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "config_pages.h"
#include "log.h"
#include "mpi.h"
#include "referee.h"

#define REPLY_QUEUE_DEPTH 128
#define MAX_REPLY 128			/* bytes; the longest is IOCFacts' 80 */
#define SPARE_REPLIES 4096
#define FAULT_OVERFLOW 0x8112		/* replies that no frame was ever given for */
#define FAULT_NO_MEMORY 0x8113
#define FAULT_BUS 0x8111		/* host memory not to be reached */
#define WHO_HOST_DRIVER 4
#define NO_IO (-1)

struct reply {
	TAILQ_ENTRY(reply) link;
	bool context;
	uint32_t word;
	int io_index;
	size_t length;
	uint8_t data[MAX_REPLY];
};

TAILQ_HEAD(reply_list, reply);

struct firmware_private {
	struct bus *bus;
	bool operational;
	bool stopped;			/* violation or failure: deaf until the next reset */
	bool port_enabled;
	unsigned int who_init;
	bool events;
	uint32_t event_message;		/* MsgContext of EventNotification */
	uint32_t event_count;

	struct reply_list replies;	/* waiting for a frame or for room in the FIFO */
	unsigned int nr_replies;
	bool frame_taken;		/* for the first of them */
	uint32_t frame;

	bool frame_seen;
	uint64_t last_frame;		/* of the last request that could be fetched */
};

bool firmware_online(const struct firmware *fw)
{
	return fw->private->operational && !fw->private->stopped &&
	       registers_state(fw->registers) == IOC_OPERATIONAL;
}

void firmware_fault(struct firmware *fw, uint16_t code)
{
	fw->private->stopped = true;
	registers_fault(fw->registers, code);
}

/*
 * A host that is shut down unmaps its memory, or switches bus mastering off,
 * while the bus goes on.  Then memory that was good before is bad as well.
 */
static bool host_gone(struct firmware *fw)
{
	uint8_t probe[4];

	return fw->private->frame_seen &&
	       dma_read(fw->dma, fw->private->last_frame, probe, sizeof(probe));
}

void firmware_dma_failed(struct firmware *fw, int error, const char *what, uint64_t addr)
{
	const unsigned long long at = addr;

	if (error == -EIO || host_gone(fw)) {
		log_debug(fw->options->name, "%s at %#llx: the host's memory is gone", what, at);
		firmware_fault(fw, FAULT_BUS);
	} else if (referee_strict(fw)) {
		referee_violation(fw, RULE_DMA, "%s at %#llx is outside granted memory", what, at);
	} else {
		log_line(fw->options->name, "%s at %#llx is outside granted memory", what, at);
		firmware_fault(fw, FAULT_BUS);
	}
}

/* Replies */

static void drop_first_reply(struct firmware_private *p)
{
	struct reply *reply = TAILQ_FIRST(&p->replies);

	TAILQ_REMOVE(&p->replies, reply, link);
	p->nr_replies--;
	free(reply);
}

static void drop_replies(struct firmware *fw)
{
	while (!TAILQ_EMPTY(&fw->private->replies))
		drop_first_reply(fw->private);
	fw->private->frame_taken = false;
}

/* HW-22: cut to the host's frame size. */
static int write_reply_frame(struct firmware *fw, const struct reply *reply)
{
	uint64_t addr = (uint64_t)fw->host_mfa_high << 32 | fw->private->frame;
	size_t length = reply->length;
	int ret;

	if (length > fw->reply_frame_size)
		length = fw->reply_frame_size;
	ret = dma_write(fw->dma, addr, reply->data, length);
	if (ret)
		firmware_dma_failed(fw, ret, "reply frame", addr);
	return ret;
}

/* 0, or a negative errno if the reply has to wait, or nothing goes out any more. */
static int send_reply(struct firmware *fw, const struct reply *reply)
{
	struct firmware_private *p = fw->private;
	int ret;

	if (reply->context)
		return registers_post_context(fw->registers, reply->word);
	if (!p->frame_taken) {
		ret = registers_take_reply_frame(fw->registers, &p->frame);
		if (!ret)
			ret = write_reply_frame(fw, reply);
		if (ret)
			return ret;
		p->frame_taken = true;
	}
	ret = registers_post_frame(fw->registers, p->frame);
	if (ret)
		return ret;
	p->frame_taken = false;
	referee_frame_posted(fw, reply->io_index);
	return 0;
}

/* HW-21: in order, however long the host makes them wait. */
static void pump_replies(struct firmware *fw)
{
	struct reply *reply;

	while (!fw->private->stopped && (reply = TAILQ_FIRST(&fw->private->replies)) &&
	       !send_reply(fw, reply))
		drop_first_reply(fw->private);
	if (fw->private->stopped)
		drop_replies(fw);
}

/*
 * All that a host can legally have outstanding fits.  One that goes on posting
 * requests without ever returning a reply frame does not get the card to grow.
 */
static unsigned int max_replies(const struct firmware *fw)
{
	return fw->options->credits + fw->options->max_posted + SPARE_REPLIES;
}

static void queue_reply(struct firmware *fw, const struct reply *template)
{
	struct firmware_private *p = fw->private;
	struct reply *reply;

	if (!firmware_online(fw))
		return;
	if (p->nr_replies == max_replies(fw)) {
		log_line(fw->options->name, "%u replies wait for reply frames: giving up",
			 p->nr_replies);
		firmware_fault(fw, FAULT_OVERFLOW);
		return;
	}
	reply = malloc(sizeof(*reply));
	if (!reply) {
		log_line(fw->options->name, "no memory for a reply");
		firmware_fault(fw, FAULT_NO_MEMORY);
		return;
	}
	*reply = *template;
	TAILQ_INSERT_TAIL(&p->replies, reply, link);
	p->nr_replies++;
	pump_replies(fw);
}

static void queue_address_reply(struct firmware *fw, const void *data, size_t length, int io_index)
{
	struct reply reply = { .io_index = io_index, .length = length };

	if (reply.length > sizeof(reply.data))
		reply.length = sizeof(reply.data);
	memcpy(reply.data, data, reply.length);
	queue_reply(fw, &reply);
}

void firmware_reply(struct firmware *fw, const void *reply, size_t length)
{
	queue_address_reply(fw, reply, length, NO_IO);
}

void firmware_reply_about(struct firmware *fw, const void *reply, size_t length,
			  unsigned int io_index)
{
	queue_address_reply(fw, reply, length, (int)io_index);
}

void firmware_reply_context(struct firmware *fw, uint32_t word)
{
	const struct reply reply = { .context = true, .word = word, .io_index = NO_IO };

	queue_reply(fw, &reply);
}

/* HW-14: these are answered through the reply FIFO even if they came by the doorbell. */
static bool answered_by_fifo(unsigned int function)
{
	switch (function) {
	case FN_SCSI_IO:
	case FN_SCSI_TASK_MGMT:
	case FN_CONFIG:
	case FN_TARGET_POST:
	case FN_TARGET_ASSIST:
	case FN_TARGET_STATUS:
	case FN_TARGET_ABORT:
	case FN_TARGET_ASSIST_EXT:
	case FN_TARGET_BASE_POST:
	case FN_TARGET_LIST_POST:
		return true;
	default:
		return false;
	}
}

static void make_reply(uint8_t *reply, size_t length, const struct request *request,
		       uint16_t status)
{
	memset(reply, 0, length);
	reply[REPLY_LENGTH] = (uint8_t)(length / 4);
	reply[REPLY_FUNCTION] = request->frame[REQ_FUNCTION];
	mpi_put32(reply + REPLY_CONTEXT, mpi_get32(request->frame + REQ_CONTEXT));
	mpi_put16(reply + REPLY_IOC_STATUS, status);
}

static void answer(struct firmware *fw, const struct request *request, const uint8_t *reply,
		   size_t length)
{
	if (request->handshake &&
	    !(firmware_online(fw) && answered_by_fifo(request->frame[REQ_FUNCTION])))
		registers_handshake_reply(fw->registers, reply, length);
	else
		firmware_reply(fw, reply, length);
}

void firmware_reply_default(struct firmware *fw, const struct request *request, uint16_t ioc_status)
{
	uint8_t reply[REPLY_DEFAULT_SIZE];

	make_reply(reply, sizeof(reply), request, ioc_status);
	answer(fw, request, reply, sizeof(reply));
}

/* HW-33 */
void firmware_event(struct firmware *fw, uint32_t event, const uint32_t *data, unsigned int dwords)
{
	uint8_t reply[MAX_REPLY] = { 0 };
	const size_t room = (sizeof(reply) - EVENT_DATA) / 4;
	unsigned int i;

	if (!fw->private->events)
		return;
	if (dwords > room)
		dwords = room;
	mpi_put16(reply + EVENT_DATA_LENGTH, (uint16_t)dwords);
	reply[REPLY_LENGTH] = (uint8_t)(EVENT_DATA / 4 + dwords);
	reply[REPLY_FUNCTION] = FN_EVENT_NOTIFICATION;
	reply[REPLY_MSG_FLAGS] = EVENT_CONTINUATION;
	mpi_put32(reply + REPLY_CONTEXT, fw->private->event_message);
	mpi_put32(reply + EVENT_CODE, event);
	mpi_put32(reply + EVENT_CONTEXT, ++fw->private->event_count);
	for (i = 0; i < dwords; i++)
		mpi_put32(reply + EVENT_DATA + 4 * i, data[i]);
	firmware_reply(fw, reply, EVENT_DATA + 4 * dwords);
}

/* Messages of the IOC itself */

/* HW-122 */
static bool has_initiator(const struct firmware *fw)
{
	return fw->initiator && config_pages_initiator(fw->pages);
}

/* HW-29 */
static uint16_t product_id(const struct firmware *fw)
{
	static const uint16_t products[] = {
		[ROLE_INITIATOR] = PRODUCT_SCSI_INITIATOR,
		[ROLE_TARGET] = PRODUCT_SCSI_TARGET,
		[ROLE_BOTH] = PRODUCT_SCSI_TARGET_INITIATOR,
	};

	return products[fw->options->role] | PRODUCT_FAMILY_1030;
}

/* HW-27 */
static void ioc_facts(struct firmware *fw, const struct request *request)
{
	const struct function_options *options = fw->options;
	uint8_t reply[FACTS_SIZE];

	make_reply(reply, sizeof(reply), request, STATUS_SUCCESS);
	mpi_put16(reply + FACTS_MSG_VERSION, MESSAGE_VERSION);
	mpi_put16(reply + FACTS_HEADER_VERSION, HEADER_VERSION);
	reply[FACTS_IOC_NUMBER] = (uint8_t)options->ioc_number;
	reply[FACTS_MAX_CHAIN_DEPTH] = options->max_chain_depth;
	reply[FACTS_WHO_INIT] = (uint8_t)fw->private->who_init;
	reply[FACTS_BLOCK_SIZE] = 8;	/* Linux divides by it */
	mpi_put16(reply + FACTS_REPLY_QUEUE_DEPTH, REPLY_QUEUE_DEPTH);
	mpi_put16(reply + FACTS_REQUEST_FRAME_SIZE, options->frame_dwords);
	mpi_put16(reply + FACTS_PRODUCT_ID, product_id(fw));
	mpi_put32(reply + FACTS_HOST_MFA_HIGH, fw->host_mfa_high);
	mpi_put16(reply + FACTS_GLOBAL_CREDITS, options->credits);
	reply[FACTS_NUMBER_OF_PORTS] = 1;
	reply[FACTS_EVENT_STATE] = fw->private->events;
	mpi_put32(reply + FACTS_SENSE_HIGH, fw->sense_high);
	mpi_put16(reply + FACTS_REPLY_FRAME_SIZE, fw->reply_frame_size);
	reply[FACTS_MAX_DEVICES] = BUS_MAX_IDS;
	reply[FACTS_MAX_BUSES] = 1;
	mpi_put32(reply + FACTS_FW_VERSION, options->fw_version);
	if (options->high_priority_fifo) {
		mpi_put32(reply + FACTS_CAPABILITIES, FACTS_CAPABILITY_HIGH_PRI);
		mpi_put16(reply + FACTS_HIGH_PRI_DEPTH, 16);
	}
	answer(fw, request, reply, sizeof(reply));
}

/* HW-28 */
static void port_facts(struct firmware *fw, const struct request *request)
{
	uint8_t port = request->frame[PORT_NUMBER];
	uint8_t reply[PORT_FACTS_SIZE];

	make_reply(reply, sizeof(reply), request, port ? STATUS_INVALID_FIELD : STATUS_SUCCESS);
	reply[PORT_NUMBER] = port;
	if (!port) {
		reply[PORT_FACTS_TYPE] = PORT_TYPE_SCSI;
		mpi_put16(reply + PORT_FACTS_MAX_DEVICES, BUS_MAX_IDS);
		mpi_put16(reply + PORT_FACTS_SCSI_ID, (uint16_t)config_pages_own_id(fw->pages));
		mpi_put16(reply + PORT_FACTS_PROTOCOL, (fw->initiator ? PROTOCOL_INITIATOR : 0) |
						       (fw->target ? PROTOCOL_TARGET : 0));
	}
	if (!port && fw->target) {
		mpi_put16(reply + PORT_FACTS_MAX_POSTED, fw->options->max_posted);
		mpi_put16(reply + PORT_FACTS_MAX_INITIATORS, BUS_MAX_IDS);
	}
	answer(fw, request, reply, sizeof(reply));
}

/* HW-31: SeaBIOS and hosts of older MPI send its first six dwords only. */
static void ioc_init(struct firmware *fw, const struct request *request)
{
	const uint8_t *frame = request->frame;
	uint8_t reply[REPLY_DEFAULT_SIZE];

	if (request->length < INIT_MIN_SIZE || !frame[INIT_WHO]) {
		firmware_reply_default(fw, request, STATUS_INVALID_FIELD);
		return;
	}
	fw->private->who_init = frame[INIT_WHO] & 7;
	fw->reply_frame_size = mpi_get16(frame + INIT_REPLY_FRAME_SIZE);
	fw->host_mfa_high = mpi_get32(frame + INIT_HOST_MFA_HIGH);
	fw->sense_high = mpi_get32(frame + INIT_SENSE_HIGH);
	make_reply(reply, sizeof(reply), request, STATUS_SUCCESS);
	reply[INIT_WHO] = frame[INIT_WHO];
	reply[INIT_FLAGS] = frame[INIT_FLAGS];
	reply[INIT_MAX_DEVICES] = frame[INIT_MAX_DEVICES];
	reply[INIT_MAX_BUSES] = frame[INIT_MAX_BUSES];
	answer(fw, request, reply, sizeof(reply));
	fw->private->operational = true;
	registers_set_state(fw->registers, IOC_OPERATIONAL, fw->private->who_init);
	referee_begin(fw, fw->target && fw->private->who_init == WHO_HOST_DRIVER);
}

/* HW-123 */
int firmware_apply_target_ids(struct firmware *fw)
{
	uint16_t ids = fw->private->port_enabled ? config_pages_target_ids(fw->pages) : 0;

	return bus_set_target_ids(fw->port, ids);
}

/* HW-32: again and again, and after buffers were posted. */
static void port_enable(struct firmware *fw, const struct request *request)
{
	uint16_t status = STATUS_SUCCESS;

	if (request->frame[PORT_NUMBER]) {
		firmware_reply_default(fw, request, STATUS_INVALID_FIELD);
		return;
	}
	fw->private->port_enabled = true;
	if (firmware_apply_target_ids(fw)) {
		log_line(fw->options->name, "another member has one of the target IDs %04xh",
			 config_pages_target_ids(fw->pages));
		status = STATUS_INTERNAL_ERROR;
	}
	firmware_reply_default(fw, request, status);
}

static void event_notification(struct firmware *fw, const struct request *request)
{
	uint8_t reply[EVENT_REPLY_SIZE];

	fw->private->events = request->frame[EVENT_SWITCH] & 1;
	fw->private->event_message = mpi_get32(request->frame + REQ_CONTEXT);
	make_reply(reply, sizeof(reply), request, STATUS_SUCCESS);
	mpi_put16(reply + EVENT_DATA_LENGTH, 1);
	mpi_put32(reply + EVENT_CODE, EVENT_EVENT_CHANGE);
	mpi_put32(reply + EVENT_CONTEXT, ++fw->private->event_count);
	mpi_put32(reply + EVENT_DATA, fw->private->events);
	answer(fw, request, reply, sizeof(reply));
}

static void event_ack(struct firmware *fw, const struct request *request)
{
	/* No event of this card asks for it, and it harms none. */
	firmware_reply_default(fw, request, STATUS_SUCCESS);
}

static void config(struct firmware *fw, const struct request *request)
{
	config_pages_request(fw->pages, request);
}

static const struct ioc_message {
	uint8_t function;
	uint8_t min_length;
	bool when_ready, when_operational;
	void (*handle)(struct firmware *fw, const struct request *request);
} ioc_messages[] = {
	{ FN_IOC_FACTS, REQ_HEADER_SIZE, true, true, ioc_facts },
	{ FN_PORT_FACTS, REQ_HEADER_SIZE, true, true, port_facts },
	{ FN_IOC_INIT, REQ_HEADER_SIZE, true, false, ioc_init },
	{ FN_PORT_ENABLE, REQ_HEADER_SIZE, false, true, port_enable },
	{ FN_EVENT_NOTIFICATION, REQ_HEADER_SIZE, false, true, event_notification },
	{ FN_EVENT_ACK, EVENT_ACK_SIZE, false, true, event_ack },
	{ FN_CONFIG, REQ_HEADER_SIZE, false, true, config },
};

static const struct ioc_message *find_message(uint8_t function)
{
	size_t i;

	for (i = 0; i < sizeof(ioc_messages) / sizeof(ioc_messages[0]); i++)
		if (ioc_messages[i].function == function)
			return &ioc_messages[i];
	return NULL;
}

static void role_message(struct firmware *fw, const struct request *request)
{
	if (!firmware_online(fw)) {
		firmware_reply_default(fw, request, STATUS_INVALID_STATE);
		return;
	}
	if (request->handshake && answered_by_fifo(request->frame[REQ_FUNCTION]))
		registers_handshake_reply(fw->registers, NULL, 0);
	if (has_initiator(fw) && initiator_request(fw->initiator, request))
		return;
	if (fw->target && target_request(fw->target, request))
		return;
	firmware_reply_default(fw, request, STATUS_INVALID_FUNCTION);	/* HW-26 */
}

static void dispatch(struct firmware *fw, const struct request *request)
{
	const struct ioc_message *message = find_message(request->frame[REQ_FUNCTION]);
	bool online = firmware_online(fw);

	if (!message) {
		role_message(fw, request);
		return;
	}
	if (online && request->handshake && answered_by_fifo(message->function))
		registers_handshake_reply(fw->registers, NULL, 0);
	if (!(online ? message->when_operational : message->when_ready))
		firmware_reply_default(fw, request, STATUS_INVALID_STATE);
	else if (request->length < message->min_length)
		firmware_reply_default(fw, request, STATUS_INVALID_FIELD);
	else
		message->handle(fw, request);
}

/* From the registers */

static void on_handshake(void *owner, const void *message, size_t len)
{
	struct firmware *fw = owner;
	struct request request = { .handshake = true, .length = len };

	if (fw->private->stopped)
		return;
	/* No message of this card's roles is longer; what it says at its end can be ignored. */
	if (request.length > sizeof(request.frame))
		request.length = sizeof(request.frame);
	memcpy(request.frame, message, request.length);
	dispatch(fw, &request);
}

static size_t frame_size(const struct firmware *fw)
{
	size_t size = 4 * (size_t)fw->options->frame_dwords;

	return size < MAX_REQUEST_FRAME ? size : MAX_REQUEST_FRAME;
}

/* HW-15: fetched once; what the host changes later has no effect. */
static void on_request(void *owner, uint32_t frame_low, bool high_priority)
{
	struct firmware *fw = owner;
	struct request request = { .high_priority = high_priority, .length = frame_size(fw) };
	uint64_t addr = (uint64_t)fw->host_mfa_high << 32 | frame_low;
	int ret;

	if (!firmware_online(fw)) {
		log_debug(fw->options->name, "request %08xh ignored: not operational", frame_low);
		return;
	}
	ret = dma_read(fw->dma, addr, request.frame, request.length);
	if (ret) {
		firmware_dma_failed(fw, ret, "request frame", addr);
		return;
	}
	fw->private->last_frame = addr;
	fw->private->frame_seen = true;
	dispatch(fw, &request);
}

static void on_reply_frame(void *owner, uint32_t frame_low)
{
	struct firmware *fw = owner;
	int io_index;

	if (fw->private->stopped)
		return;
	io_index = referee_frame_returned(fw, frame_low);
	if (io_index >= 0 && fw->target)
		target_frame_returned(fw->target, (unsigned int)io_index);
	pump_replies(fw);
}

static void on_reply_popped(void *owner, uint32_t word)
{
	struct firmware *fw = owner;
	int io_index;

	if (fw->private->stopped)
		return;
	if (word & CONTEXT_REPLY_ADDRESS) {
		io_index = referee_frame_popped(fw, word << 1);
		if (io_index >= 0 && fw->target)
			target_io_popped(fw->target, (unsigned int)io_index);
	} else if (fw->target && (word & CONTEXT_REPLY_TYPE_MASK) == CONTEXT_REPLY_TARGET) {
		target_reply_popped(fw->target, word);
	}
	pump_replies(fw);
}

/* HW-102: silently. */
static void forget_host(struct firmware *fw, enum ioc_reset kind)
{
	struct firmware_private *p = fw->private;

	p->operational = false;
	p->port_enabled = false;
	p->events = false;
	p->frame_seen = false;
	if (kind != IOC_RESET_MESSAGE_UNIT)
		p->who_init = 0;
	fw->host_mfa_high = 0;
	fw->sense_high = 0;
	fw->reply_frame_size = 0;
	drop_replies(fw);
	referee_reset(fw);
	if (fw->initiator)
		initiator_reset(fw->initiator);
	if (fw->target)
		target_reset(fw->target, kind);
}

static void judge_at_reset(struct firmware *fw)
{
	referee_judge_frames(fw);
	if (fw->target && !fw->private->stopped)
		target_judge_buffers(fw->target, false);
}

static void on_reset(void *owner, enum ioc_reset kind)
{
	struct firmware *fw = owner;
	bool was_online = fw->private->operational && !fw->private->stopped;

	fw->private->stopped = false;
	if (kind == IOC_RESET_MESSAGE_UNIT && was_online && referee_strict(fw))
		judge_at_reset(fw);
	forget_host(fw, kind);
	if (kind >= IOC_RESET_DIAGNOSTIC)
		config_pages_power_on(fw->pages);	/* HW-104 */
	if (firmware_apply_target_ids(fw))
		log_line(fw->options->name, "cannot give up its target IDs");
	if (kind == IOC_RESET_IO_UNIT)
		bus_reset(fw->port);			/* HW-103 */
	/* HW-105; the other one sees a PCI reset, which goes no further. */
	if (kind == IOC_RESET_DIAGNOSTIC && fw->pair)
		registers_pci_reset(fw->pair->registers);
}

static const struct registers_ops registers_ops = {
	.handshake = on_handshake,
	.request = on_request,
	.reset = on_reset,
	.reply_frame = on_reply_frame,
	.reply_popped = on_reply_popped,
};

bool firmware_work(struct firmware *fw)
{
	if (!fw->target || !firmware_online(fw))
		return false;
	return target_work(fw->target);
}

/* Birth and death */

static int join_bus(struct firmware *fw, struct bus *bus)
{
	const struct function_options *options = fw->options;
	bool initiates = options->role & ROLE_INITIATOR;
	bool serves = options->role & ROLE_TARGET;
	int ret;

	ret = bus_join(bus, options->name, initiates ? (int)options->scsi_id : -1,
		       initiates ? &initiator_bus_ops : NULL, serves ? &target_bus_ops : NULL, fw,
		       &fw->port);
	if (ret)
		log_line(options->name, "cannot join the bus as ID %u: %s", options->scsi_id,
			 strerror(-ret));
	else
		bus_set_tmf_clears_all(fw->port, options->tmf_clears == TMF_CLEARS_ALL);
	return ret;
}

static bool make_parts(struct firmware *fw, struct bus *bus)
{
	enum card_role role = fw->options->role;

	fw->referee = referee_new();
	fw->registers = registers_new(&registers_ops, fw, fw->counters);
	if (!fw->referee || !fw->registers || join_bus(fw, bus))
		return false;
	fw->pages = config_pages_new(fw);
	if (role & ROLE_INITIATOR)
		fw->initiator = initiator_new(fw);
	if (role & ROLE_TARGET)
		fw->target = target_new(fw);
	return fw->pages && (fw->initiator || !(role & ROLE_INITIATOR)) &&
	       (fw->target || !(role & ROLE_TARGET));
}

struct firmware *firmware_new(const struct function_options *options, struct dma *dma,
			      struct counters *counters, struct bus *bus)
{
	struct firmware *fw = calloc(1, sizeof(*fw));

	if (!fw)
		return NULL;
	fw->options = options;
	fw->dma = dma;
	fw->counters = counters;
	fw->private = calloc(1, sizeof(*fw->private));
	if (!fw->private) {
		free(fw);
		return NULL;
	}
	TAILQ_INIT(&fw->private->replies);
	if (!make_parts(fw, bus)) {
		log_line(options->name, "cannot start its firmware");
		firmware_free(fw);
		return NULL;
	}
	return fw;
}

void firmware_free(struct firmware *fw)
{
	if (!fw)
		return;
	if (fw->initiator)
		initiator_reset(fw->initiator);
	if (fw->port)
		bus_leave(fw->port);
	fw->private->operational = false;
	drop_replies(fw);
	if (fw->initiator)
		initiator_free(fw->initiator);
	if (fw->target)
		target_free(fw->target);
	config_pages_free(fw->pages);
	registers_free(fw->registers);
	referee_free(fw->referee);
	free(fw->private);
	free(fw);
}
