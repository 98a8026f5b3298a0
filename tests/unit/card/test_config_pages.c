// SPDX-License-Identifier: GPL-2.0-or-later
#include "firmware_fixture.h"

static void lower_limits(struct function_options *options)
{
	options->packetized = false;
	options->min_period = 0x0a;
	options->max_offset = 31;
	options->wide = false;
	options->scsi_id = 4;
	options->disconnect = false;
}

static int start_with(void **state, enum card_role role, void (*tune)(struct function_options *))
{
	struct host *host = malloc(sizeof(*host));

	host_start(host, role, tune);
	make_operational(host, 4);
	*state = host;
	return 0;
}

static int start_target(void **state)
{
	return start_with(state, ROLE_TARGET, NULL);
}

static int start_initiator(void **state)
{
	return start_with(state, ROLE_INITIATOR, NULL);
}

static int start_both(void **state)
{
	return start_with(state, ROLE_BOTH, NULL);
}

static int start_limited(void **state)
{
	return start_with(state, ROLE_INITIATOR, lower_limits);
}

static int stop(void **state)
{
	struct host *host = *state;

	assert_no_violation(host);
	host_stop(host);
	free(host);
	return 0;
}

static uint32_t dword(struct host *host, unsigned int offset)
{
	return mpi_get32(at(host, PAGE_AT + offset));
}

static uint16_t read_page(struct host *host, uint8_t type, uint8_t number, uint32_t address)
{
	memset(at(host, PAGE_AT), 0xee, 128);
	return config(host, CONFIG_READ_CURRENT, type, number, address, 128);
}

/* HW-38, HW-46, HW-48 */
static void headers_have_the_lengths_that_linux_relies_on(void **state)
{
	static const struct { uint8_t type, number, version, dwords;
	} expected[] = {
		{PAGE_IO_UNIT, 2, 2, 8},     {PAGE_MANUFACTURING, 0, 0, 19},
		{PAGE_IOC, 1, 2, 5},	     {PAGE_IOC, 4, 0, 2},
		{PAGE_SCSI_PORT, 0, 1, 3},   {PAGE_SCSI_PORT, 1, 3, 4},
		{PAGE_SCSI_PORT, 2, 2, 19},  {PAGE_SCSI_DEVICE, 0, 4, 3},
		{PAGE_SCSI_DEVICE, 1, 5, 4},
	};
	struct host *host = *state;
	uint8_t reply[80], *frame;
	unsigned int i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		frame = new_frame(host, FN_CONFIG);
		frame[CONFIG_ACTION] = CONFIG_READ_HEADER;
		frame[CONFIG_HEADER + PAGE_TYPE] = expected[i].type;
		frame[CONFIG_HEADER + PAGE_NUMBER] = expected[i].number;
		send(host);
		pop_reply(host, reply, sizeof(reply));
		assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_SUCCESS);
		assert_int_equal(reply[REPLY_LENGTH], 6);
		assert_int_equal(reply[CONFIG_HEADER + PAGE_VERSION], expected[i].version);
		assert_int_equal(reply[CONFIG_HEADER + PAGE_LENGTH], expected[i].dwords);
		assert_int_equal(reply[CONFIG_HEADER + PAGE_NUMBER], expected[i].number);
		assert_int_equal(reply[CONFIG_HEADER + PAGE_TYPE] & PAGE_TYPE_MASK,
				 expected[i].type);
		assert_int_equal(read_page(host, expected[i].type, expected[i].number, 0),
				 STATUS_SUCCESS);
		assert_int_equal(dword(host, 0), mpi_get32(reply + CONFIG_HEADER));
		assert_int_equal(at(host, PAGE_AT)[4 * expected[i].dwords], 0xee);
	}
}

/* HW-38 */
static void what_is_not_there_has_an_error_of_its_own(void **state)
{
	struct host *host = *state;

	assert_int_equal(read_page(host, 5, 0, 0), STATUS_CONFIG_INVALID_TYPE);
	assert_int_equal(read_page(host, PAGE_IOC, 2, 0), STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_PORT, 3, 0), STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_PORT, 0, 1), STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 1, 16), STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 1, UINT32_MAX),
			 STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_EXTENDED, 0, 0), STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(config(host, 7, PAGE_SCSI_PORT, 0, 0, 12), STATUS_CONFIG_INVALID_ACTION);
	assert_int_equal(config(host, 255, PAGE_SCSI_PORT, 0, 0, 12), STATUS_CONFIG_INVALID_ACTION);
}

/* HW-39, HW-41 */
static void a_port_has_the_values_of_a_real_card(void **state)
{
	struct host *host = *state;

	read_page(host, PAGE_SCSI_PORT, 0, 0);
	assert_int_equal(dword(host, 4), 0xa07f0807);
	assert_int_equal(dword(host, 8), 0xfe000003);
	read_page(host, PAGE_SCSI_DEVICE, 1, 9);
	assert_int_equal(dword(host, 4), 0xa07f0807);
}

static void set_up_as_id_3(struct function_options *options)
{
	options->set_up = true;
	options->scsi_id = 3;
}

static int start_set_up(void **state)
{
	return start_with(state, ROLE_TARGET, set_up_as_id_3);
}

/* HW-41 */
static void a_port_may_have_been_set_up_as_a_target(void **state)
{
	struct host *host = *state;

	read_page(host, PAGE_SCSI_PORT, 1, 0);
	assert_int_equal(dword(host, 4), 0x00080003);
	assert_int_equal(dword(host, 0x0c), 1);
}

/* HW-39, HW-44 */
static void options_limit_the_port(void **state)
{
	struct host *host = *state;

	read_page(host, PAGE_SCSI_PORT, 0, 0);
	assert_int_equal(dword(host, 4), 0x801f0a00);
	assert_int_equal(config(host, CONFIG_READ_NVRAM, PAGE_SCSI_PORT, 2, 0, 128),
			 STATUS_SUCCESS);
	assert_int_equal(dword(host, 4), 2);
	assert_int_equal(dword(host, 8), 0x234);
	assert_int_equal(dword(host, 0x0c), 0x001e0a0a);
	assert_int_equal(dword(host, 0x48), 0x001e0a0a);
	read_page(host, PAGE_SCSI_PORT, 1, 0);
	assert_int_equal(dword(host, 4), 0x00100004);
}

static void a_short_buffer_gets_what_fits(void **state)
{
	struct host *host = *state;

	memset(at(host, PAGE_AT), 0xee, 128);
	assert_int_equal(config(host, CONFIG_READ_CURRENT, PAGE_MANUFACTURING, 0, 0, 6),
			 STATUS_SUCCESS);
	assert_memory_equal(at(host, PAGE_AT + 4), "LS\xee\xee", 4);
	assert_int_equal(config(host, CONFIG_READ_CURRENT, PAGE_MANUFACTURING, 0, 0, 0),
			 STATUS_SUCCESS);
}

static void a_short_write_changes_only_what_it_has(void **state)
{
	struct host *host = *state;

	memset(at(host, PAGE_AT), 0, 16);
	mpi_put32(at(host, PAGE_AT + 4), 0x20ff0800);
	assert_int_equal(config(host, CONFIG_WRITE_CURRENT, PAGE_SCSI_DEVICE, 1, 2, 6),
			 STATUS_SUCCESS);
	read_page(host, PAGE_SCSI_DEVICE, 1, 2);
	assert_int_equal(dword(host, 4), 0xa07f0800);
}

static void read_only_pages_stay_as_they_are(void **state)
{
	struct host *host = *state;

	assert_int_equal(config(host, CONFIG_WRITE_CURRENT, PAGE_SCSI_PORT, 0, 0, 12),
			 STATUS_CONFIG_INVALID_ACTION);
	assert_int_equal(config(host, CONFIG_WRITE_NVRAM, PAGE_MANUFACTURING, 0, 0, 76),
			 STATUS_CONFIG_INVALID_ACTION);
	assert_int_equal(config(host, CONFIG_DEFAULT, PAGE_SCSI_PORT, 0, 0, 0),
			 STATUS_CONFIG_NO_DEFAULTS);
	assert_int_equal(config(host, CONFIG_READ_DEFAULT, PAGE_SCSI_DEVICE, 0, 0, 12),
			 STATUS_CONFIG_NO_DEFAULTS);
	assert_int_equal(config(host, CONFIG_WRITE_NVRAM, PAGE_SCSI_DEVICE, 1, 0, 16),
			 STATUS_CONFIG_CANT_COMMIT);
}

static void a_write_cannot_change_the_header(void **state)
{
	struct host *host = *state;

	memset(at(host, PAGE_AT), 0xff, 16);
	assert_int_equal(config(host, CONFIG_WRITE_CURRENT, PAGE_SCSI_DEVICE, 1, 3, 16),
			 STATUS_SUCCESS);
	read_page(host, PAGE_SCSI_DEVICE, 1, 3);
	assert_int_equal(dword(host, 0), 0x14010405);
	assert_int_equal(dword(host, 4), UINT32_MAX);
}

/* HW-42 */
static void response_ids_take_effect_at_once(void **state)
{
	struct host *host = *state;

	port_enable(host);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
	assert_int_equal(set_port_page_1(host, 3, 0x0108, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	assert_int_equal(bus_target_ids(host->fw->port), 0x0108);
	read_page(host, PAGE_SCSI_PORT, 1, 0);
	assert_int_equal(dword(host, 4), 0x01080003);
	assert_int_equal(dword(host, 0x0c), 1);
	assert_int_equal(set_port_page_1(host, 3, 0, TARGET_CONFIG_TARGET_ONLY), STATUS_SUCCESS);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
}

static void ids_of_others_cannot_be_taken(void **state)
{
	struct host *host = *state;
	struct peer peer;

	peer_join(&peer, host->bus, 6, true, 0);
	port_enable(host);
	assert_int_equal(set_port_page_1(host, 1, 0x0002, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_SUCCESS);
	assert_int_equal(set_port_page_1(host, 1, 0x0042, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_CONFIG_CANT_COMMIT);
	assert_int_equal(bus_target_ids(host->fw->port), 0x0002);
	read_page(host, PAGE_SCSI_PORT, 1, 0);
	assert_int_equal(dword(host, 4), 0x00020001);
	peer_leave(&peer);
}

static void an_initiator_changes_its_own_id(void **state)
{
	struct host *host = *state;
	struct peer peer;

	assert_int_equal(set_port_page_1(host, 2, 0x0004, TARGET_CONFIG_INITIATOR_TARGET),
			 STATUS_SUCCESS);
	peer_join(&peer, host->bus, 7, true, 0);	/* 7 was the card's until now */
	assert_int_equal(set_port_page_1(host, 7, 0x0080, TARGET_CONFIG_INITIATOR_TARGET),
			 STATUS_CONFIG_CANT_COMMIT);
	assert_int_equal(config_pages_own_id(host->fw->pages), 2);
	assert_int_equal(set_port_page_1(host, 2, 0, TARGET_CONFIG_INITIATOR_TARGET),
			 STATUS_SUCCESS);
	peer_leave(&peer);
}

/* HW-40 */
static void port_page_1_is_checked(void **state)
{
	struct host *host = *state;

	assert_int_equal(set_port_page_1(host, 16, 0, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_CONFIG_INVALID_DATA);
	assert_int_equal(set_port_page_1(host, 0, 1, 3), STATUS_CONFIG_INVALID_DATA);
	/* no initiator firmware here */
	assert_int_equal(set_port_page_1(host, 0, 1, TARGET_CONFIG_INITIATOR_TARGET),
			 STATUS_CONFIG_INVALID_DATA);
}

static void an_initiator_cannot_become_a_target(void **state)
{
	struct host *host = *state;

	assert_int_equal(set_port_page_1(host, 7, 0x80, TARGET_CONFIG_TARGET_ONLY),
			 STATUS_CONFIG_INVALID_DATA);
	assert_int_equal(set_port_page_1(host, 7, 0x80, 0), STATUS_SUCCESS);
	port_enable(host);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
}

static void nvram_counts_from_the_next_power_on(void **state)
{
	struct host *host = *state;
	uint8_t *page = at(host, PAGE_AT);

	memset(page, 0, 16);
	mpi_put32(page + 4, 5 | 0x0020u << 16);
	page[0x0c] = TARGET_CONFIG_TARGET_ONLY;
	assert_int_equal(config(host, CONFIG_WRITE_NVRAM, PAGE_SCSI_PORT, 1, 0, 16),
			 STATUS_SUCCESS);
	read_page(host, PAGE_SCSI_PORT, 1, 0);
	assert_int_not_equal(dword(host, 4), 0x00200005);
	assert_int_equal(config(host, CONFIG_READ_NVRAM, PAGE_SCSI_PORT, 1, 0, 16), STATUS_SUCCESS);
	assert_int_equal(dword(host, 4), 0x00200005);
	diagnostic_reset(host);
	make_operational(host, 4);
	port_enable(host);
	assert_int_equal(bus_target_ids(host->fw->port), 0x0020);
	assert_int_equal(config(host, CONFIG_DEFAULT, PAGE_SCSI_PORT, 1, 0, 0), STATUS_SUCCESS);
	assert_int_equal(bus_target_ids(host->fw->port), 0);
	assert_int_equal(config(host, CONFIG_READ_DEFAULT, PAGE_SCSI_PORT, 1, 0, 16),
			 STATUS_SUCCESS);
	assert_int_equal(dword(host, 4), 0x00010000);
}

/* HW-45, HW-46, HW-88 */
static void device_pages_ask_and_tell_what_was_agreed(void **state)
{
	struct host *host = *state;
	struct bus_command command = simple_command(1);
	struct peer peer;

	peer_join(&peer, host->bus, 6, true, 0);
	set_port_page_1(host, 0, 1, TARGET_CONFIG_TARGET_ONLY);
	port_enable(host);
	read_page(host, PAGE_SCSI_DEVICE, 0, 6);
	assert_int_equal(dword(host, 4) & 0x20ff0007, 0);
	assert_int_equal(dword(host, 8), 0);
	memset(at(host, PAGE_AT), 0, 16);
	mpi_put32(at(host, PAGE_AT + 4), 0x20400a03);	/* wide, offset 64, U2, IU DT */
	assert_int_equal(config(host, CONFIG_WRITE_CURRENT, PAGE_SCSI_DEVICE, 1, 6, 16),
			 STATUS_SUCCESS);
	assert_int_equal(bus_start(peer.port, 0, &command, NULL, &peer.task), 0);
	run(host);
	read_page(host, PAGE_SCSI_DEVICE, 0, 6);
	assert_int_equal(dword(host, 4), 0x203e0a03);
	assert_int_equal(dword(host, 8), DEVICE0_NEGOTIATED);
	peer_leave(&peer);
}

static void use_target_form(struct function_options *options)
{
	options->target_page_form = true;
}

static int start_target_form(void **state)
{
	return start_with(state, ROLE_TARGET, use_target_form);
}

#define TARGET_FORM(id, bus, initiator) (0x10000000u | (id) | (bus) << 8 | (initiator) << 16)

/* HW-47 */
static void agreements_as_target_may_have_addresses_of_their_own(void **state)
{
	struct host *host = *state;
	struct bus_command command = simple_command(1);
	struct peer peer;

	peer_join(&peer, host->bus, 6, true, 0);
	set_port_page_1(host, 0, 1, TARGET_CONFIG_TARGET_ONLY);
	port_enable(host);
	assert_int_equal(bus_start(peer.port, 0, &command, NULL, &peer.task), 0);
	run(host);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, 6), STATUS_SUCCESS);
	assert_int_equal(dword(host, 4), 0x0000ff00);
	assert_int_equal(dword(host, 8), 0);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(0, 0, 6)),
			 STATUS_SUCCESS);
	assert_int_equal(dword(host, 4), 0x203e0903);
	assert_int_equal(dword(host, 8), DEVICE0_NEGOTIATED);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(0, 0, 7)),
			 STATUS_SUCCESS);
	assert_int_equal(dword(host, 8), 0);
	/* no such ID, bus, initiator; and limits have no such addresses */
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(16, 0, 6)),
			 STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(0, 1, 6)),
			 STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(0, 0, 16)),
			 STATUS_CONFIG_INVALID_PAGE);
	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 1, TARGET_FORM(0, 0, 6)),
			 STATUS_CONFIG_INVALID_PAGE);
	peer_leave(&peer);
}

/* HW-47 */
static void without_the_option_there_is_no_target_mode_address(void **state)
{
	struct host *host = *state;

	assert_int_equal(read_page(host, PAGE_SCSI_DEVICE, 0, TARGET_FORM(0, 0, 6)),
			 STATUS_CONFIG_INVALID_PAGE);
}

static void a_bad_buffer_is_an_error_reply(void **state)
{
	struct host *host = *state;
	uint8_t *frame = new_frame(host, FN_CONFIG);

	frame[CONFIG_ACTION] = CONFIG_READ_CURRENT;
	frame[CONFIG_HEADER + PAGE_TYPE] = PAGE_SCSI_PORT;
	mpi_put32(frame + CONFIG_SGE, 0xd3000000u | 12);
	mpi_put64(frame + CONFIG_SGE + 4, 0x10);
	send(host);
	assert_int_equal(pop_status(host, FN_CONFIG), STATUS_INVALID_SGL);
	frame = new_frame(host, FN_CONFIG);
	frame[CONFIG_ACTION] = CONFIG_READ_CURRENT;
	frame[CONFIG_HEADER + PAGE_TYPE] = PAGE_SCSI_PORT;
	send(host);
	assert_int_equal(pop_status(host, FN_CONFIG), STATUS_INVALID_SGL);
	assert_int_equal(read_page(host, PAGE_SCSI_PORT, 0, 0), STATUS_SUCCESS);
}

/* Every page by every action and address, with a list that is too long and one too short. */
static void all_actions_on_all_pages_are_safe(void **state)
{
	struct host *host = *state;
	unsigned int type, number, action, size;

	for (type = 0; type < 16; type++)
		for (number = 0; number < 5; number++)
			for (action = 0; action < 8; action++)
				for (size = 0; size < 256; size += 85)
					config(host, (uint8_t)action, (uint8_t)type,
					       (uint8_t)number, number * 3, size);
}

#define TEST(name, start) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(headers_have_the_lengths_that_linux_relies_on, start_both),
		TEST(what_is_not_there_has_an_error_of_its_own, start_target),
		TEST(a_port_has_the_values_of_a_real_card, start_target),
		TEST(a_port_may_have_been_set_up_as_a_target, start_set_up),
		TEST(options_limit_the_port, start_limited),
		TEST(a_short_buffer_gets_what_fits, start_target),
		TEST(a_short_write_changes_only_what_it_has, start_target),
		TEST(read_only_pages_stay_as_they_are, start_target),
		TEST(a_write_cannot_change_the_header, start_target),
		TEST(response_ids_take_effect_at_once, start_target),
		TEST(ids_of_others_cannot_be_taken, start_target),
		TEST(an_initiator_changes_its_own_id, start_both),
		TEST(port_page_1_is_checked, start_target),
		TEST(an_initiator_cannot_become_a_target, start_initiator),
		TEST(nvram_counts_from_the_next_power_on, start_target),
		TEST(device_pages_ask_and_tell_what_was_agreed, start_target),
		TEST(agreements_as_target_may_have_addresses_of_their_own, start_target_form),
		TEST(without_the_option_there_is_no_target_mode_address, start_target),
		TEST(a_bad_buffer_is_an_error_reply, start_initiator),
		TEST(all_actions_on_all_pages_are_safe, start_initiator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
