/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target's host that has posted command buffers, and an initiator that uses them. */
#ifndef TEST_TARGET_FIXTURE_H
#define TEST_TARGET_FIXTURE_H

#include "firmware_fixture.h"

#define TARGET_ID 0
#define INITIATOR_ID 6
#define PEER_DATA 0x100000u

struct rig {
	struct host host;
	struct peer peer;
};

static inline uint8_t *post_frame(struct rig *rig, const uint16_t *indexes, unsigned int count)
{
	uint8_t *frame = new_frame(&rig->host, FN_TARGET_POST);
	unsigned int i;

	frame[POST_FLAGS] = POST_FLAG_64;
	frame[POST_COUNT] = (uint8_t)count;
	frame[POST_LENGTH] = 64;
	for (i = 0; i < count; i++) {
		uint8_t *descriptor = frame + POST_DESCRIPTORS + 12 * i;

		mpi_put16(descriptor, indexes[i]);
		mpi_put64(descriptor + 4, MEMORY_BASE + BUFFERS_AT + 64 * (indexes[i] % 256));
	}
	return frame;
}

static inline void post_one(struct rig *rig, uint16_t index)
{
	post_frame(rig, &index, 1);
	send(&rig->host);
}

static inline void post_and_ack(struct rig *rig, uint16_t index)
{
	post_one(rig, index);
	assert_int_equal(pop_status(&rig->host, FN_TARGET_POST), STATUS_SUCCESS);
}

static inline uint8_t *buffer_of(struct rig *rig, unsigned int index)
{
	return at(&rig->host, BUFFERS_AT + 64 * (index % 256));
}

static inline int rig_setup_as(void **state, enum card_role role, bool packetized,
			       void (*tune)(struct function_options *))
{
	struct rig *rig = calloc(1, sizeof(*rig));

	host_start(&rig->host, role, tune);
	peer_join(&rig->peer, rig->host.bus, INITIATOR_ID, packetized, PEER_DATA);
	make_operational(&rig->host, NR_REPLY_FRAMES);
	assert_int_equal(set_port_page_1(&rig->host, TARGET_ID, 1 << TARGET_ID,
					 TARGET_CONFIG_TARGET_ONLY), STATUS_SUCCESS);
	port_enable(&rig->host);
	*state = rig;
	return 0;
}

static inline int rig_setup(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, NULL);
}

static inline int rig_setup_plain(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, false, NULL);
}

static inline void tune_no_message_abort(struct function_options *options)
{
	options->message_abort = false;
}

static inline int rig_setup_no_message_abort(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, false, tune_no_message_abort);
}

static inline int rig_teardown(void **state)
{
	struct rig *rig = *state;

	peer_leave(&rig->peer);
	host_stop(&rig->host);
	free(rig);
	return 0;
}

static inline void start_at(struct rig *rig, unsigned int target, const struct bus_command *command)
{
	assert_int_equal(bus_start(rig->peer.port, target, command, NULL, &rig->peer.task), 0);
	run(&rig->host);
}

static inline void start(struct rig *rig, const struct bus_command *command)
{
	start_at(rig, TARGET_ID, command);
}

/* Posts @index, starts a command, returns its reply word: popped, so that the host may act. */
static inline uint32_t deliver(struct rig *rig, uint16_t index, uint16_t tag)
{
	struct bus_command command = simple_command(tag);
	uint32_t word;

	post_and_ack(rig, index);
	start(rig, &command);
	word = pop(&rig->host);
	assert_int_equal(word & (CONTEXT_REPLY_TYPE_MASK | CONTEXT_REPLY_ADDRESS),
			 CONTEXT_REPLY_TARGET);
	assert_int_equal(word & CONTEXT_REPLY_INDEX_MASK, index);
	run(&rig->host);
	return word;
}

static inline uint8_t *io_frame(struct rig *rig, uint8_t function, uint32_t word, uint8_t flags)
{
	uint8_t *frame = new_frame(&rig->host, function);
	const uint8_t *buffer = buffer_of(rig, word & CONTEXT_REPLY_INDEX_MASK);

	frame[TARGET_FLAGS] = flags;
	memcpy(frame + TARGET_QUEUE_TAG, buffer + SPI_BUFFER_TAG, 2);
	mpi_put32(frame + TARGET_REPLY_WORD, word);
	memcpy(frame + TARGET_LUN, buffer + SPI_BUFFER_LUN, 8);
	return frame;
}

static inline void put_element(uint8_t *p, uint8_t flags, uint32_t at_offset, uint32_t length)
{
	mpi_put32(p, (uint32_t)(flags | SGE_64) << 24 | length);
	mpi_put64(p + 4, MEMORY_BASE + at_offset);
}

#define WHOLE_LIST (SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_END_OF_BUFFER | SGE_END_OF_LIST)

static inline uint8_t *assist_frame(struct rig *rig, uint32_t word, uint8_t flags, uint32_t offset,
				    uint32_t length)
{
	uint8_t *frame = io_frame(rig, FN_TARGET_ASSIST, word, flags);

	mpi_put32(frame + ASSIST_OFFSET, offset);
	mpi_put32(frame + ASSIST_DATA_LENGTH, length);
	put_element(frame + ASSIST_SGL, WHOLE_LIST | (flags & ASSIST_TO_INITIATOR ? SGE_TO_IOC : 0),
		    DATA_AT + offset, length);
	return frame;
}

static inline void assist(struct rig *rig, uint32_t word, uint8_t flags, uint32_t offset,
			  uint32_t length)
{
	assist_frame(rig, word, flags, offset, length);
	send(&rig->host);
}

/* StatusSend with an IU at IU_AT; sense of @sense_length bytes 70h, 71h, ... */
static inline uint8_t *status_frame(struct rig *rig, uint32_t word, uint8_t flags, uint8_t status,
				    uint8_t response, uint32_t sense_length)
{
	uint8_t *frame = io_frame(rig, FN_TARGET_STATUS, word, flags);
	uint8_t *iu = at(&rig->host, IU_AT);
	uint32_t failures = response ? 4 : 0, i;

	memset(iu, 0, 512);
	frame[TARGET_STATUS_CODE] = status;
	iu[STATUS_IU_STATUS] = status;
	iu[STATUS_IU_VALID] = (response ? STATUS_IU_VALID_FAILURES : 0) |
			      (sense_length ? STATUS_IU_VALID_SENSE : 0);
	mpi_put_be32(iu + STATUS_IU_SENSE_LENGTH, sense_length);
	mpi_put_be32(iu + STATUS_IU_FAILURES_LENGTH, failures);
	if (response)
		iu[STATUS_IU_DATA + STATUS_IU_FAILURE_CODE] = response;
	for (i = 0; i < sense_length && i < 256; i++)
		iu[STATUS_IU_DATA + failures + i] = (uint8_t)(0x70 + i);
	put_element(frame + STATUS_SEND_SGE, WHOLE_LIST | SGE_TO_IOC, IU_AT,
		    12 + failures + sense_length);
	return frame;
}

static inline void good(struct rig *rig, uint32_t word, uint8_t flags)
{
	io_frame(rig, FN_TARGET_STATUS, word, STATUS_SEND_AUTO_GOOD | flags);
	send(&rig->host);
}

static inline void expect_word(struct rig *rig, uint32_t word)
{
	assert_int_equal(pop(&rig->host), word);
	run(&rig->host);
}

static inline void abort_by_handshake(struct rig *rig, uint8_t type, uint32_t word,
				      uint32_t context)
{
	uint8_t message[ABORT_SIZE] = { [ABORT_TYPE] = type, [REQ_FUNCTION] = FN_TARGET_ABORT };
	uint8_t reply[64];

	mpi_put32(message + REQ_CONTEXT, 0x00050aaa);
	mpi_put32(message + ABORT_REPLY_WORD, word);
	mpi_put32(message + ABORT_CONTEXT, context);
	assert_int_equal(handshake(&rig->host, message, sizeof(message), reply, sizeof(reply)), 0);
	run(&rig->host);
}

static inline void expect_abort_answer(struct rig *rig, uint16_t status, uint32_t count)
{
	uint8_t reply[ABORT_REPLY_SIZE];

	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_ABORT);
	assert_int_equal(reply[REPLY_LENGTH], 6);
	assert_int_equal(mpi_get32(reply + REPLY_CONTEXT), 0x00050aaa);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), status);
	assert_int_equal(mpi_get32(reply + ABORT_REPLY_COUNT), count);
}

static inline void expect_abort_reply(struct rig *rig, uint32_t count)
{
	expect_abort_answer(rig, STATUS_SUCCESS, count);
}

static inline void expect_error(struct rig *rig, uint8_t function, uint16_t status, uint32_t word,
				uint32_t transfer_count)
{
	uint8_t reply[TARGET_REPLY_SIZE];

	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], function);
	assert_int_equal(reply[REPLY_LENGTH], 7);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), status);
	assert_int_equal(mpi_get32(reply + TARGET_REPLY_WORD_ECHO), word);
	assert_int_equal(mpi_get32(reply + TARGET_REPLY_TRANSFER_COUNT), transfer_count);
}

#endif
