// SPDX-License-Identifier: GPL-2.0-or-later
/* The referee under messages that are almost legal. */
#include "target_fixture.h"

#define READ_ALL (ASSIST_TO_INITIATOR | ASSIST_AUTO_STATUS)

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void forget_replies(struct rig *rig)
{
	while (pop(&rig->host) != EMPTY)
		;
	run(&rig->host);
}

/* A message that would be legal, but for a few bytes of it or of what it points to. */
static void send_almost_legal(struct rig *rig, uint32_t *seed)
{
	static const uint16_t indexes[] = { 5 };
	struct bus_command command = simple_command((uint16_t)next_random(seed));
	uint32_t word = CONTEXT_REPLY_TARGET | INITIATOR_ID << 14 | 5;
	uint8_t *frame, *chain = at(&rig->host, CHAIN_AT);
	unsigned int i;

	post_frame(rig, indexes, 1);
	send(&rig->host);
	start(rig, &command);
	forget_replies(rig);
	switch (next_random(seed) % 4) {
	case 0:
		frame = assist_frame(rig, word, READ_ALL, 0, 4096);
		put_element(frame + ASSIST_SGL, SGE_SIMPLE | SGE_LAST_ELEMENT | SGE_TO_IOC, DATA_AT,
			    4000);
		put_element(frame + ASSIST_SGL + 12, SGE_CHAIN, CHAIN_AT, 12);
		put_element(chain, WHOLE_LIST | SGE_TO_IOC, DATA_AT, 96);
		frame[REQ_CHAIN_OFFSET] = 11;
		break;
	case 1:
		frame = assist_frame(rig, word, 0, 0, 70000);
		break;
	case 2:
		frame = status_frame(rig, word, STATUS_SEND_REPOST, 2, 0, 40);
		break;
	default:
		frame = post_frame(rig, indexes, 1);
		frame[REQ_CHAIN_OFFSET] = 6;
		frame[POST_COUNT] = 2;
		put_element(frame + 24, SGE_CHAIN, CHAIN_AT, 12);
	}
	for (i = next_random(seed) % 3; i; i--) {
		uint8_t *where[] = { frame, chain, at(&rig->host, IU_AT) };

		where[next_random(seed) % 3][next_random(seed) % 64] = (uint8_t)next_random(seed);
	}
	send(&rig->host);
	abort_by_handshake(rig, (uint8_t)(next_random(seed) % 4), word, TEST_CONTEXT);
	forget_replies(rig);
}

/* From a fixed seed; the sanitizer judges. */
static void almost_legal_messages_never_crash_the_card(void **state)
{
	struct rig *rig = *state;
	unsigned int round, survived = 0;
	uint32_t seed = 1;

	referee_set_grace(rig->host.fw->referee, 600000);
	for (round = 0; round < 2000; round++) {
		send_almost_legal(rig, &seed);
		survived += registers_state(rig->host.fw->registers) == IOC_OPERATIONAL;
		message_unit_reset(&rig->host);
		make_operational(&rig->host, NR_REPLY_FRAMES);
		port_enable(&rig->host);
	}
	/* Both ends were reached. */
	assert_in_range(survived, 100, 1900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(almost_legal_messages_never_crash_the_card,
						rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
