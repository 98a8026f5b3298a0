// SPDX-License-Identifier: GPL-2.0-or-later
/* What the target's firmware says every 16th time, if an option asks for it. */
#include "target_fixture.h"

#define EVERY 16

static int teardown(void **state)
{
	struct rig *rig = *state;

	assert_no_violation(&rig->host);
	return rig_teardown(state);
}

/* HW-80, HW-81 */

static void tune_count_mismatch(struct function_options *options)
{
	options->assist_status = STATUS_TARGET_XFER_COUNT_MISMATCH;
}

static int setup_count_mismatch(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_count_mismatch);
}

static void tune_no_connection(struct function_options *options)
{
	options->assist_status = STATUS_TARGET_NO_CONNECTION;
}

static int setup_no_connection(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_no_connection);
}

/* Commands whose assists go well, but for the last one; that one's word. */
static uint32_t assists_up_to_the_odd_one(struct rig *rig)
{
	unsigned int i;
	uint32_t word;

	for (i = 1; ; i++) {
		word = deliver(rig, 5, (uint16_t)i);
		assist(rig, word, ASSIST_TO_INITIATOR, 0, 512);
		if (i == EVERY)
			return word;
		expect_word(rig, word);
		good(rig, word, 0);
		expect_word(rig, word);
	}
}

static void after_some_errors_of_an_assist_a_status_is_owed(void **state)
{
	struct rig *rig = *state;
	uint32_t word = assists_up_to_the_odd_one(rig);

	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_XFER_COUNT_MISMATCH, word, 512);
	status_frame(rig, word, 0, 0x02, 0, 18);
	send(&rig->host);
	expect_word(rig, word);
	assert_int_equal(rig->peer.result.outcome, BUS_STATUS);
	assert_int_equal(rig->peer.result.status, 0x02);
	post_and_ack(rig, 5);
}

static void after_other_errors_of_an_assist_the_buffer_is_the_hosts(void **state)
{
	struct rig *rig = *state;
	uint32_t word = assists_up_to_the_odd_one(rig);

	expect_error(rig, FN_TARGET_ASSIST, STATUS_TARGET_NO_CONNECTION, word, 512);
	assert_int_equal(rig->peer.result.outcome, BUS_UNEXPECTED_FREE);
	post_and_ack(rig, 5);
}

/* HW-101 */

static void tune_busy(struct function_options *options)
{
	options->priority_reason = 9;
}

static int setup_busy(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_busy);
}

static void a_command_may_arrive_with_any_priority_reason(void **state)
{
	struct bus_command command = simple_command(EVERY);
	uint8_t reply[POST_ERROR_REPLY_SIZE];
	struct rig *rig = *state;
	unsigned int i;
	uint32_t word;

	for (i = 1; i < EVERY; i++) {
		word = deliver(rig, 5, (uint16_t)i);
		good(rig, word, 0);
		expect_word(rig, word);
	}
	post_and_ack(rig, 5);
	start(rig, &command);
	pop_reply(&rig->host, reply, sizeof(reply));
	assert_int_equal(reply[REPLY_FUNCTION], FN_TARGET_POST);
	assert_int_equal(mpi_get16(reply + REPLY_IOC_STATUS), STATUS_TARGET_PRIORITY_IO);
	assert_int_equal(reply[POST_REPLY_REASON], 9);
	run(&rig->host);
	io_frame(rig, FN_TARGET_STATUS, mpi_get32(reply + POST_REPLY_WORD),
		 STATUS_SEND_AUTO_GOOD | STATUS_SEND_HIGH_PRIORITY | STATUS_SEND_REPOST);
	write_frame(&rig->host, HIGH_PRIORITY_FIFO);
	run(&rig->host);
	expect_word(rig, mpi_get32(reply + POST_REPLY_WORD));
}

/* HW-145 */

static void tune_strays(struct function_options *options)
{
	options->stray_replies = true;
}

static int setup_strays(void **state)
{
	return rig_setup_as(state, ROLE_TARGET, true, tune_strays);
}

static unsigned int initiator_of(uint32_t word)
{
	return (word & CONTEXT_REPLY_INITIATOR_MASK) >> CONTEXT_REPLY_INITIATOR_SHIFT;
}

enum stray { STRAY_INDEX, STRAY_INITIATOR, STRAY_ERROR, STRAYS };

static void check_stray(struct rig *rig, enum stray kind, uint32_t word)
{
	uint8_t reply[TARGET_REPLY_SIZE];
	uint32_t stray;

	if (kind == STRAY_ERROR) {
		pop_reply(&rig->host, reply, sizeof(reply));
		assert_int_equal(mpi_get32(reply + REPLY_CONTEXT) & 0xffff, 0xffff);
		stray = mpi_get32(reply + TARGET_REPLY_WORD_ECHO);
	} else {
		stray = pop(&rig->host);
	}
	if (kind == STRAY_INITIATOR)
		assert_int_not_equal(initiator_of(stray), initiator_of(word));
	else
		assert_int_equal(stray & CONTEXT_REPLY_INDEX_MASK, CONTEXT_REPLY_INDEX_MASK);
}

static void replies_may_be_about_nothing(void **state)
{
	struct rig *rig = *state;
	unsigned int i, strange = 0;
	uint32_t word;

	for (i = 1; i <= STRAYS * EVERY; i++) {
		word = deliver(rig, 5, (uint16_t)i);
		if (initiator_of(word) >= BUS_MAX_IDS)
			strange++;
		if (i % EVERY == 0)
			check_stray(rig, i / EVERY % STRAYS, word);
		good(rig, word, 0);
		expect_word(rig, word);
	}
	assert_int_equal(strange, STRAYS);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(after_some_errors_of_an_assist_a_status_is_owed, setup_count_mismatch),
		TEST(after_other_errors_of_an_assist_the_buffer_is_the_hosts, setup_no_connection),
		TEST(a_command_may_arrive_with_any_priority_reason, setup_busy),
		TEST(replies_may_be_about_nothing, setup_strays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
