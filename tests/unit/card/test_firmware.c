// SPDX-License-Identifier: GPL-2.0-or-later
#include "firmware_fixture.h"

static int start_role(void **state, enum card_role role)
{
	struct host *host = malloc(sizeof(*host));

	host_start(host, role, NULL);
	*state = host;
	return 0;
}

static int start_target(void **state)
{
	return start_role(state, ROLE_TARGET);
}

static int start_initiator(void **state)
{
	return start_role(state, ROLE_INITIATOR);
}

static int start_both(void **state)
{
	return start_role(state, ROLE_BOTH);
}

static int stop(void **state)
{
	host_stop(*state);
	free(*state);
	return 0;
}

static size_t facts(struct host *host, uint8_t function, uint8_t *reply, size_t room)
{
	uint8_t message[12] = { [REQ_FUNCTION] = function, [REQ_CONTEXT] = 0x77 };

	memset(reply, 0, room);
	return handshake(host, message, sizeof(message), reply, room);
}

/* HW-27, HW-29 */
static void ioc_facts_tell_the_options(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	assert_int_equal(facts(host, FN_IOC_FACTS, reply, sizeof(reply)), FACTS_SIZE);
	assert_int_equal(mpi_get16(reply + FACTS_MSG_VERSION), MESSAGE_VERSION);
	assert_int_equal(reply[REPLY_FUNCTION], FN_IOC_FACTS);
	assert_int_equal(reply[REPLY_CONTEXT], 0x77);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_SUCCESS);
	assert_int_equal(reply[FACTS_MAX_CHAIN_DEPTH], host->options.max_chain_depth);
	assert_int_not_equal(reply[FACTS_BLOCK_SIZE], 0);
	assert_int_equal(mpi_get16(reply + FACTS_REQUEST_FRAME_SIZE), host->options.frame_dwords);
	assert_int_equal(mpi_get16(reply + FACTS_GLOBAL_CREDITS), host->options.credits);
	assert_int_equal(mpi_get16(reply + FACTS_PRODUCT_ID), 0x020b);
	assert_int_equal(mpi_get32(reply + FACTS_FW_VERSION), host->options.fw_version);
	assert_int_equal(mpi_get32(reply + FACTS_CAPABILITIES), FACTS_CAPABILITY_HIGH_PRI);
	assert_int_equal(reply[FACTS_NUMBER_OF_PORTS], 1);
	assert_int_equal(reply[FACTS_EVENT_STATE], 0);
}

static uint16_t protocol(struct host *host)
{
	uint8_t reply[80];

	assert_int_equal(facts(host, FN_PORT_FACTS, reply, sizeof(reply)), PORT_FACTS_SIZE);
	assert_int_equal(reply[PORT_FACTS_TYPE], PORT_TYPE_SCSI);
	return mpi_get16(reply + PORT_FACTS_PROTOCOL);
}

/* HW-28 */
static void port_facts_tell_the_target_role(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	assert_int_equal(protocol(host), PROTOCOL_TARGET);
	facts(host, FN_PORT_FACTS, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + PORT_FACTS_MAX_POSTED), host->options.max_posted);
}

static void port_facts_tell_the_initiator_role(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	assert_int_equal(protocol(host), PROTOCOL_INITIATOR);
	facts(host, FN_PORT_FACTS, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + PORT_FACTS_MAX_POSTED), 0);
	assert_int_equal(mpi_get16(reply + PORT_FACTS_SCSI_ID), host->options.scsi_id);
}

static void port_facts_tell_both_roles(void **state)
{
	assert_int_equal(protocol(*state), PROTOCOL_INITIATOR | PROTOCOL_TARGET);
}

/* HW-30: such a firmware offers no way to become a target. */
static void an_initiators_firmware_takes_no_command_buffers(void **state)
{
	struct host *host = *state;
	uint8_t *frame;

	make_operational(host, 8);
	frame = new_frame(host, FN_TARGET_POST);
	frame[POST_COUNT] = 1;
	frame[POST_LENGTH] = 64;
	send(host);
	assert_int_equal(pop_status(host, FN_TARGET_POST), STATUS_INVALID_FUNCTION);
	assert_int_equal(set_port_page_1(host, 7, 1 << 3, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_CONFIG_INVALID_DATA);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
}

static void small_frames(struct function_options *options)
{
	options->frame_dwords = 16;
}

static int start_with_small_frames(void **state)
{
	struct host *host = malloc(sizeof(*host));

	host_start(host, ROLE_TARGET, small_frames);
	*state = host;
	return 0;
}

/* A request that lies in the last 64 bytes of the host's memory. */
static void send_at_the_end_of_memory(struct host *host)
{
	uint32_t end = MEMORY_SIZE - 64;

	memset(at(host, end), 0, 64);
	at(host, end)[REQ_FUNCTION] = FN_PORT_FACTS;
	registers_write(host->fw->registers, REQUEST_FIFO, end);
	run(host);
}

/* HW-16 */
static void only_as_much_of_a_frame_is_read_as_the_firmware_takes(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	facts(host, FN_IOC_FACTS, reply, sizeof(reply));
	assert_int_equal(mpi_get16(reply + FACTS_REQUEST_FRAME_SIZE), 16);
	make_operational(host, 8);
	send_at_the_end_of_memory(host);
	assert_int_equal(pop_status(host, FN_PORT_FACTS), STATUS_SUCCESS);
	assert_no_violation(host);
}

/* HW-16 */
static void a_whole_frame_is_read(void **state)
{
	struct host *host = *state;

	make_operational(host, 8);
	new_frame(host, FN_PORT_FACTS);
	send(host);
	assert_int_equal(pop_status(host, FN_PORT_FACTS), STATUS_SUCCESS);
	referee_begin(host->fw, true);
	registers_write(host->fw->registers, REQUEST_FIFO, MEMORY_SIZE - 124);
	run(host);
	assert_fault(host, RULE_DMA);
}

static void there_is_one_port(void **state)
{
	struct host *host = *state;
	uint8_t message[12] = { [REQ_FUNCTION] = FN_PORT_FACTS, [PORT_NUMBER] = 1 };

	assert_int_equal(handshake_status(host, message, sizeof(message)), STATUS_INVALID_FIELD);
	make_operational(host, 4);
	new_frame(host, FN_PORT_ENABLE)[PORT_NUMBER] = 1;
	send(host);
	assert_int_equal(pop_status(host, FN_PORT_ENABLE), STATUS_INVALID_FIELD);
}

/* HW-31 */
static void ioc_init_makes_the_ioc_operational(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	make_operational(host, 4);
	assert_int_equal(registers_read(host->fw->registers, DOORBELL) >> 24 & 7, 4);
	facts(host, FN_IOC_FACTS, reply, sizeof(reply));
	assert_int_equal(reply[FACTS_WHO_INIT], 4);
	assert_int_equal(mpi_get16(reply + FACTS_REPLY_FRAME_SIZE), 80);
	assert_int_equal(mpi_get32(reply + FACTS_HOST_MFA_HIGH), MEMORY_BASE >> 32);
	/* but once only */
	assert_int_equal(ioc_init(host, 4), STATUS_INVALID_STATE);
}

/* HW-31, HW-22 */
static void seabios_short_init_and_tiny_replies_work(void **state)
{
	struct host *host = *state;
	uint8_t message[INIT_MIN_SIZE] = { [INIT_WHO] = 2, [REQ_FUNCTION] = FN_IOC_INIT };

	mpi_put16(message + INIT_REPLY_FRAME_SIZE, 4);
	mpi_put32(message + INIT_HOST_MFA_HIGH, (uint32_t)(MEMORY_BASE >> 32));
	assert_int_equal(handshake_status(host, message, sizeof(message)), STATUS_SUCCESS);
	give_reply_frame(host, 0);
	memset(at(host, REPLIES_AT), 0xee, 128);
	new_frame(host, FN_EVENT_ACK);
	send(host);
	assert_int_equal(pop(host), 0x80000000u | REPLIES_AT >> 1);
	assert_int_equal(at(host, REPLIES_AT)[REPLY_FUNCTION], FN_EVENT_ACK);
	assert_int_equal(at(host, REPLIES_AT)[4], 0xee);
	/* A BIOS may give a frame twice: it is no target driver. */
	registers_write(host->fw->registers, REPLY_FIFO, REPLIES_AT);
	registers_write(host->fw->registers, REPLY_FIFO, REPLIES_AT);
	run(host);
	assert_no_violation(host);
}

static void a_short_or_anonymous_init_is_refused(void **state)
{
	struct host *host = *state;
	uint8_t message[12] = { [INIT_WHO] = 4, [REQ_FUNCTION] = FN_IOC_INIT };

	assert_int_equal(handshake_status(host, message, sizeof(message)), STATUS_INVALID_FIELD);
	assert_int_equal(ioc_init(host, 0), STATUS_INVALID_FIELD);
	assert_int_equal(registers_state(host->fw->registers), IOC_READY);
}

/* HW-26 */
static void messages_that_do_not_fit_the_state_are_refused(void **state)
{
	static const uint8_t functions[] = {
		FN_PORT_ENABLE, FN_EVENT_NOTIFICATION, FN_EVENT_ACK, FN_CONFIG, FN_SCSI_IO,
		FN_TARGET_POST, FN_TARGET_ABORT,
	};
	uint8_t message[32] = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(functions); i++) {
		message[REQ_FUNCTION] = functions[i];
		assert_int_equal(handshake_status(*state, message, sizeof(message)),
				 STATUS_INVALID_STATE);
	}
}

/* HW-26 */
static void unknown_functions_are_invalid(void **state)
{
	struct host *host = *state;
	uint8_t message[12] = { [REQ_FUNCTION] = 0x1a };

	make_operational(host, 4);
	new_frame(host, 0x3f);
	send(host);
	assert_int_equal(pop_status(host, 0x3f), STATUS_INVALID_FUNCTION);
	assert_int_equal(handshake_status(host, message, sizeof(message)), STATUS_INVALID_FUNCTION);
}

/* HW-26 */
static void an_initiator_refuses_target_messages(void **state)
{
	static const uint8_t functions[] = {
		FN_TARGET_POST, FN_TARGET_ASSIST, FN_TARGET_STATUS, FN_TARGET_ABORT,
	};
	struct host *host = *state;
	unsigned int i;

	make_operational(host, 8);
	for (i = 0; i < sizeof(functions); i++) {
		new_frame(host, functions[i]);
		send(host);
		assert_int_equal(pop_status(host, functions[i]), STATUS_INVALID_FUNCTION);
	}
	assert_no_violation(host);
}

/* HW-26 */
static void a_target_refuses_initiator_and_sas_messages(void **state)
{
	static const uint8_t functions[] = {
		FN_SCSI_IO,	     FN_SCSI_TASK_MGMT,	  FN_TARGET_ASSIST_EXT,
		FN_TARGET_BASE_POST, FN_TARGET_LIST_POST,
	};
	struct host *host = *state;
	unsigned int i;

	make_operational(host, 8);
	for (i = 0; i < sizeof(functions); i++) {
		new_frame(host, functions[i]);
		send(host);
		assert_int_equal(pop_status(host, functions[i]), STATUS_INVALID_FUNCTION);
	}
	assert_no_violation(host);
}

/* HW-122 */
static void target_only_configuration_takes_the_initiator_role_away(void **state)
{
	struct host *host = *state;

	make_operational(host, 8);
	assert_int_equal(set_port_page_1(host, 7, 1 << 7, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	new_frame(host, FN_SCSI_IO);
	send(host);
	assert_int_equal(pop_status(host, FN_SCSI_IO), STATUS_INVALID_FUNCTION);
}

/* HW-14 */
static void a_role_message_by_handshake_is_answered_by_the_fifo(void **state)
{
	struct host *host = *state;
	uint8_t message[ABORT_SIZE] = {
		[ABORT_TYPE] = ABORT_ALL_CMD_BUFFERS, [REQ_FUNCTION] = FN_TARGET_ABORT};
	uint8_t reply[128];

	make_operational(host, 4);
	assert_int_equal(handshake(host, message, sizeof(message), reply, sizeof(reply)), 0);
	run(host);
	assert_int_equal(pop_status(host, FN_TARGET_ABORT), STATUS_SUCCESS);
}

/* HW-32 */
static void port_enable_may_come_twice(void **state)
{
	struct host *host = *state;
	uint8_t message[12] = { [REQ_FUNCTION] = FN_PORT_ENABLE };

	make_operational(host, 4);
	assert_int_equal(handshake_status(host, message, sizeof(message)), STATUS_SUCCESS);
	port_enable(host);
}

/* HW-43, HW-123 */
static void a_port_answers_selection_only_when_enabled(void **state)
{
	struct host *host = *state;

	make_operational(host, 4);
	assert_int_equal(set_port_page_1(host, 0, 0x0009, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
	port_enable(host);
	assert_int_equal(bus_target_ids(host->fw->port), 0x0009);
	message_unit_reset(host);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
}

static void switch_events(struct host *host, uint8_t on, uint8_t *reply)
{
	uint8_t *frame = new_frame(host, FN_EVENT_NOTIFICATION);

	frame[EVENT_SWITCH] = on;
	mpi_put32(frame + REQ_CONTEXT, 0x000f0000);
	send(host);
	pop_reply(host, reply, EVENT_REPLY_SIZE);
}

/* HW-33 */
static void events_come_with_the_continuation_flag_once_switched_on(void **state)
{
	struct host *host = *state;
	const uint32_t data = 0xabcd1234;
	uint8_t reply[80];

	make_operational(host, 4);
	firmware_event(host->fw, EVENT_EXT_BUS_RESET, NULL, 0);
	assert_empty(host);
	switch_events(host, 1, reply);
	assert_int_equal(reply[REPLY_MSG_FLAGS] & EVENT_CONTINUATION, 0);
	assert_int_equal(mpi_get32(reply + EVENT_DATA), 1);
	firmware_event(host->fw, EVENT_IOC_BUS_RESET, &data, 1);
	pop_reply(host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_EVENT_NOTIFICATION);
	assert_int_equal(reply[REPLY_LENGTH], 8);
	assert_int_equal(reply[REPLY_MSG_FLAGS], EVENT_CONTINUATION);
	assert_int_equal(mpi_get32(reply + REPLY_CONTEXT), 0x000f0000);
	assert_int_equal(mpi_get32(reply + EVENT_CODE), EVENT_IOC_BUS_RESET);
	assert_int_equal(mpi_get16(reply + EVENT_DATA_LENGTH), 1);
	assert_int_equal(mpi_get32(reply + EVENT_DATA), data);
	switch_events(host, 0, reply);
	firmware_event(host->fw, EVENT_IOC_BUS_RESET, NULL, 0);
	assert_empty(host);
}

/* HW-96 */
static void a_bus_reset_is_told_to_a_target_without_data(void **state)
{
	struct host *host = *state;
	struct peer peer;
	uint8_t reply[80];

	make_operational(host, 4);
	switch_events(host, 1, reply);
	peer_join(&peer, host->bus, 6, true, 0);
	bus_reset(peer.port);
	run(host);
	pop_reply(host, reply, sizeof(reply));
	assert_int_equal(mpi_get32(reply + EVENT_CODE), EVENT_EXT_BUS_RESET);
	assert_int_equal(reply[REPLY_LENGTH], EVENT_DATA / 4);
	assert_empty(host);
	peer_leave(&peer);
}

static void with_data(struct function_options *options)
{
	options->bus_reset_data = true;
}

/* HW-96 */
static void a_bus_reset_may_be_told_with_data(void **state)
{
	static const enum card_role roles[] = { ROLE_TARGET, ROLE_INITIATOR };
	struct host host;
	struct peer peer;
	uint8_t reply[80];
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		host_start(&host, roles[i], with_data);
		make_operational(&host, 4);
		switch_events(&host, 1, reply);
		peer_join(&peer, host.bus, 6, true, 0);
		bus_reset(peer.port);
		run(&host);
		pop_reply(&host, reply, sizeof(reply));
		assert_int_equal(mpi_get32(reply + EVENT_CODE), EVENT_EXT_BUS_RESET);
		assert_int_equal(reply[REPLY_LENGTH], EVENT_DATA / 4 + 1);
		assert_int_equal(mpi_get16(reply + EVENT_DATA_LENGTH), 1);
		assert_int_equal(mpi_get32(reply + EVENT_DATA), 0);
		assert_empty(&host);
		peer_leave(&peer);
		host_stop(&host);
	}
}

/* HW-21 */
static void replies_wait_for_frames_in_order(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];
	unsigned int i;

	make_operational(host, 1);
	for (i = 0; i < 3; i++) {
		new_frame(host, FN_EVENT_ACK);
		send(host);
	}
	firmware_reply_context(host->fw, 0x20000007);
	run(host);
	for (i = 0; i < 3; i++) {
		pop_reply(host, reply, sizeof(reply));
		assert_int_equal(mpi_get32(reply + REPLY_CONTEXT), TEST_CONTEXT | i);
	}
	assert_int_equal(pop(host), 0x20000007);
	assert_empty(host);
}

static void a_host_that_never_returns_frames_cannot_grow_the_card(void **state)
{
	struct host *host = *state;
	unsigned int i;

	make_operational(host, 0);
	for (i = 0; i < 100000 && registers_state(host->fw->registers) == IOC_OPERATIONAL; i++) {
		firmware_reply(host->fw, "1234", 4);
		firmware_reply_context(host->fw, i & 0xffff);
	}
	assert_int_equal(registers_state(host->fw->registers), IOC_FAULT);
	assert_in_range(i, 2048, 20000);	/* two replies each */
	assert_int_equal(host->counters.violations, 0);
}

/* HW-102 */
static void a_message_unit_reset_forgets_silently(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	make_operational(host, 1);
	switch_events(host, 1, reply);
	new_frame(host, FN_EVENT_ACK);
	send(host);
	new_frame(host, FN_EVENT_ACK);
	send(host);
	message_unit_reset(host);
	assert_int_equal(registers_state(host->fw->registers), IOC_READY);
	assert_int_equal(pop(host), EMPTY);
	facts(host, FN_IOC_FACTS, reply, sizeof(reply));
	assert_int_equal(reply[FACTS_EVENT_STATE], 0);
	assert_int_equal(mpi_get16(reply + FACTS_REPLY_FRAME_SIZE), 0);
	make_operational(host, 2);
	assert_empty(host);
	assert_no_violation(host);
}

/* HW-103 */
static void an_io_unit_reset_resets_the_bus(void **state)
{
	struct host *host = *state;
	struct peer peer;

	make_operational(host, 1);
	peer_join(&peer, host->bus, 6, true, 0);
	registers_write(host->fw->registers, DOORBELL, 0x41000000u);
	run(host);
	assert_int_equal(peer.resets, 1);
	assert_int_equal(registers_state(host->fw->registers), IOC_READY);
	peer_leave(&peer);
}

/* HW-104 */
static void a_diagnostic_reset_reads_the_nvram_again(void **state)
{
	struct host *host = *state;

	make_operational(host, 4);
	set_port_page_1(host, 5, 0, TARGET_CONFIG_TARGET_ONLY);
	assert_int_equal(config_pages_own_id(host->fw->pages), 5);
	message_unit_reset(host);
	assert_int_equal(config_pages_own_id(host->fw->pages), 5);
	diagnostic_reset(host);
	assert_int_equal(config_pages_own_id(host->fw->pages), host->options.scsi_id);
	assert_int_equal(registers_state(host->fw->registers), IOC_READY);
}

/* HW-105 */
static void a_diagnostic_reset_takes_the_other_function_along(void **state)
{
	struct host *host = *state, other;

	host_start_on(&other, host->bus, ROLE_TARGET, NULL);
	host->fw->pair = other.fw;
	other.fw->pair = host->fw;
	make_operational(host, 2);
	make_operational(&other, 2);
	message_unit_reset(host);
	run(&other);
	assert_int_equal(registers_state(other.fw->registers), IOC_OPERATIONAL);
	make_operational(host, 2);
	diagnostic_reset(host);
	run(&other);
	run(host);
	assert_int_equal(registers_state(host->fw->registers), IOC_READY);
	assert_int_equal(registers_state(other.fw->registers), IOC_READY);
	make_operational(host, 2);
	run(&other);
	assert_int_equal(registers_state(host->fw->registers), IOC_OPERATIONAL);
	host_stop_alone(&other);
}

/* HW-106 */
static void an_unreadable_request_frame_is_a_fault(void **state)
{
	struct host *host = *state;

	make_operational(host, 2);
	registers_write(host->fw->registers, REQUEST_FIFO, MEMORY_SIZE);
	run(host);
	assert_int_equal(registers_state(host->fw->registers), IOC_FAULT);
	assert_int_equal(host->counters.violations, 0);
	new_frame(host, FN_EVENT_ACK);
	send(host);
	assert_int_equal(pop(host), EMPTY);
	message_unit_reset(host);
	make_operational(host, 2);
	new_frame(host, FN_EVENT_ACK);
	send(host);
	assert_int_equal(pop_status(host, FN_EVENT_ACK), STATUS_SUCCESS);
}

static void memory_that_goes_away_is_no_violation(void **state)
{
	struct host *host = *state;
	uint8_t reply[80];

	make_operational(host, 2);
	switch_events(host, 1, reply);
	host->memory.error = -EFAULT;
	firmware_event(host->fw, EVENT_EXT_BUS_RESET, NULL, 0);
	assert_int_equal(registers_state(host->fw->registers), IOC_FAULT);
	assert_int_equal(host->counters.violations, 0);
}

static void two_members_with_one_id_are_refused(void **state)
{
	struct host *host = *state;
	struct counters counters = { 0 };

	assert_null(firmware_new(&host->options, &host->memory.dma, &counters, host->bus));
}

static void messages_of_any_length_are_safe(void **state)
{
	struct host *host = *state;
	uint8_t message[1020], reply[128];
	unsigned int function, length;

	make_operational(host, NR_REPLY_FRAMES);
	for (function = 0; function < 0x30; function++) {
		if (function == FN_TARGET_POST || function == FN_TARGET_ASSIST ||
		    function == FN_TARGET_STATUS || function == FN_TARGET_ABORT)
			continue;
		for (length = 4; length <= sizeof(message); length += length < 64 ? 4 : 478) {
			memset(message, 0xff, sizeof(message));
			message[REQ_FUNCTION] = (uint8_t)function;
			handshake(host, message, length, reply, sizeof(reply));
			run(host);
			while ((pop(host)) != EMPTY)
				;
		}
	}
}

#define TARGET(name) cmocka_unit_test_setup_teardown(name, start_target, stop)
#define INITIATOR(name) cmocka_unit_test_setup_teardown(name, start_initiator, stop)
#define SMALL_FRAMES(name) \
	cmocka_unit_test_setup_teardown(name, start_with_small_frames, stop)
#define BOTH(name) cmocka_unit_test_setup_teardown(name, start_both, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(ioc_facts_tell_the_options),
		TARGET(port_facts_tell_the_target_role),
		INITIATOR(port_facts_tell_the_initiator_role),
		BOTH(port_facts_tell_both_roles),
		INITIATOR(an_initiators_firmware_takes_no_command_buffers),
		SMALL_FRAMES(only_as_much_of_a_frame_is_read_as_the_firmware_takes),
		TARGET(a_whole_frame_is_read),
		TARGET(there_is_one_port),
		TARGET(ioc_init_makes_the_ioc_operational),
		TARGET(seabios_short_init_and_tiny_replies_work),
		TARGET(a_short_or_anonymous_init_is_refused),
		BOTH(messages_that_do_not_fit_the_state_are_refused),
		BOTH(unknown_functions_are_invalid),
		INITIATOR(an_initiator_refuses_target_messages),
		TARGET(a_target_refuses_initiator_and_sas_messages),
		BOTH(target_only_configuration_takes_the_initiator_role_away),
		TARGET(a_role_message_by_handshake_is_answered_by_the_fifo),
		TARGET(port_enable_may_come_twice),
		TARGET(a_port_answers_selection_only_when_enabled),
		TARGET(events_come_with_the_continuation_flag_once_switched_on),
		TARGET(a_bus_reset_is_told_to_a_target_without_data),
		cmocka_unit_test(a_bus_reset_may_be_told_with_data),
		TARGET(replies_wait_for_frames_in_order),
		TARGET(a_host_that_never_returns_frames_cannot_grow_the_card),
		TARGET(a_message_unit_reset_forgets_silently),
		BOTH(an_io_unit_reset_resets_the_bus),
		TARGET(a_diagnostic_reset_reads_the_nvram_again),
		TARGET(a_diagnostic_reset_takes_the_other_function_along),
		INITIATOR(an_unreadable_request_frame_is_a_fault),
		TARGET(memory_that_goes_away_is_no_violation),
		INITIATOR(two_members_with_one_id_are_refused),
		BOTH(messages_of_any_length_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
