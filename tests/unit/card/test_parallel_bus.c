// SPDX-License-Identifier: GPL-2.0-or-later
/* HW-66, HW-68, HW-82, HW-87, HW-88, HW-89, HW-95 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus.h"
#include "negotiation.h"

#define MAX_TASKS 300

/* One side or the other of the bus, noting what it is told. */
struct party {
	struct bus_port *port;
	struct bus_task *arrived[MAX_TASKS];
	unsigned int nr_arrived;
	enum bus_accept answer;
	void (*on_arrive)(struct party *party, struct bus_task *task);
	unsigned int nr_lost;
	enum bus_outcome lost_why;
	unsigned int nr_resets;

	void *ended[MAX_TASKS];		/* the private pointers, in order */
	struct bus_result results[MAX_TASKS];
	uint8_t sense[BUS_SENSE_SIZE];
	unsigned int nr_ended;
	unsigned int ended_at_reset;
	void (*on_ended)(struct party *party, void *private);
	uint8_t data[64];
};

struct world {
	struct bus *bus;
	struct party first, second, target;	/* initiators 7 and 6; ID 0 */
};

static enum bus_accept arrive(void *owner, struct bus_task *task)
{
	struct party *party = owner;

	party->arrived[party->nr_arrived++] = task;
	if (party->on_arrive)
		party->on_arrive(party, task);
	return party->answer;
}

static void lost(void *owner, struct bus_task *task, enum bus_outcome why)
{
	struct party *party = owner;

	(void)task;
	party->nr_lost++;
	party->lost_why = why;
}

static void count_reset(void *owner)
{
	struct party *party = owner;

	party->nr_resets++;
	party->ended_at_reset = party->nr_ended;
}

static int data_in(void *owner, void *private, uint32_t offset, const void *data, size_t length)
{
	struct party *party = owner;

	(void)private;
	if (offset + length > sizeof(party->data))
		return -EOVERFLOW;
	memcpy(party->data + offset, data, length);
	return 0;
}

static int data_out(void *owner, void *private, uint32_t offset, void *data, size_t length)
{
	struct party *party = owner;

	(void)private;
	memset(data, 0, length);
	if (offset + length > sizeof(party->data))
		return -EOVERFLOW;
	memcpy(data, party->data + offset, length);
	return 0;
}

static void ended(void *owner, void *private, const struct bus_result *result)
{
	struct party *party = owner;

	party->results[party->nr_ended] = *result;
	if (result->sense_length)
		memcpy(party->sense, result->sense, result->sense_length);
	party->ended[party->nr_ended++] = private;
	if (party->on_ended)
		party->on_ended(party, private);
}

static const struct bus_initiator_ops initiator_ops = {
	.data_in = data_in, .data_out = data_out, .ended = ended, .reset = count_reset,
};

static const struct bus_target_ops target_ops = { .arrive = arrive,
						  .lost = lost,
						  .reset = count_reset };

static const struct bus_parameters fastest = {
	.period = PERIOD_U320,
	.offset = 127,
	.wide = true,
	.packetized = true,
	.dt = true,
	.qas = true,
	.write_flow = true,
	.read_stream = true,
	.rti = true,
};

static void allow(struct party *party, const struct bus_parameters *p)
{
	unsigned int id;

	bus_set_capability(party->port, p);
	for (id = 0; id < BUS_MAX_IDS; id++)
		bus_set_request(party->port, id, p);
}

static void set_packetized(struct world *w)
{
	allow(&w->first, &fastest);
	allow(&w->second, &fastest);
	allow(&w->target, &fastest);
}

static int make_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->bus = bus_new("bus");
	assert_non_null(w->bus);
	assert_int_equal(bus_join(w->bus, "first", 7, &initiator_ops, NULL, &w->first,
				  &w->first.port), 0);
	assert_int_equal(bus_join(w->bus, "second", 6, &initiator_ops, NULL, &w->second,
				  &w->second.port), 0);
	assert_int_equal(bus_join(w->bus, "target", -1, NULL, &target_ops, &w->target,
				  &w->target.port), 0);
	assert_int_equal(bus_set_target_ids(w->target.port, 1), 0);
	*state = w;
	return 0;
}

static int free_world(void **state)
{
	struct world *w = *state;

	bus_free(w->bus);
	free(w);
	return 0;
}

static void run(struct world *w)
{
	while (bus_work(w->bus))
		;
}

static struct bus_command simple(uint16_t tag)
{
	struct bus_command c = {
		.cdb_length = 6, .attribute = BUS_SIMPLE, .tag = tag, .direction = BUS_DATA_IN,
		.data_length = 64, .disconnect = true,
	};

	return c;
}

static struct bus_command untagged(void)
{
	struct bus_command c = simple(9);

	c.attribute = BUS_UNTAGGED;
	return c;
}

static struct bus_command function(enum bus_tmf tmf)
{
	struct bus_command c = { .tmf = tmf, .attribute = BUS_UNTAGGED, .disconnect = true };

	return c;
}

/* The address of a character of this array tells one task from another. */
static char names[MAX_TASKS];

static struct bus_task *start(struct party *party, unsigned int id, struct bus_command command,
			      char *name)
{
	struct bus_task *task = NULL;

	assert_int_equal(bus_start(party->port, id, &command, name, &task), 0);
	return task;
}

static void nobody_answers_an_absent_id(void **state)
{
	struct world *w = *state;

	start(&w->first, 3, simple(1), names);
	assert_int_equal(w->first.nr_ended, 0);
	run(w);
	assert_int_equal(w->first.nr_ended, 1);
	assert_int_equal(w->first.results[0].outcome, BUS_SELECTION_TIMEOUT);
	start(&w->first, 200, simple(1), names);
	run(w);
	assert_int_equal(w->first.results[1].outcome, BUS_SELECTION_TIMEOUT);
	assert_false(bus_probe(w->first.port, 3));
	assert_true(bus_probe(w->first.port, 0));
}

static void an_id_belongs_to_one_member(void **state)
{
	struct world *w = *state;
	struct bus_port *port = NULL;

	assert_int_equal(bus_join(w->bus, "third", 7, &initiator_ops, NULL, w, &port), -EBUSY);
	assert_int_equal(bus_join(w->bus, "third", 0, &initiator_ops, NULL, w, &port), -EBUSY);
	assert_int_equal(bus_join(w->bus, "third", 16, &initiator_ops, NULL, w, &port), -EINVAL);
	assert_int_equal(bus_set_target_ids(w->target.port, 1 << 7), -EBUSY);
	assert_int_equal(bus_target_ids(w->target.port), 1);
	assert_int_equal(bus_set_initiator_id(w->first.port, 6), -EBUSY);
	assert_int_equal(bus_set_initiator_id(w->first.port, 5), 0);
	assert_int_equal(bus_set_target_ids(w->target.port, 1 | 1 << 7), 0);
}

static void the_own_id_changes_only_while_nothing_is_under_way(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(1), names);
	assert_int_equal(bus_set_initiator_id(w->first.port, 5), -EBUSY);
	run(w);
	assert_int_equal(bus_set_initiator_id(w->first.port, 5), -EBUSY);
	bus_send_status(w->target.arrived[0], 0, 0, NULL, 0);
	run(w);
	assert_int_equal(bus_set_initiator_id(w->first.port, 5), 0);
	start(&w->first, 0, simple(1), names);
	run(w);
	assert_int_equal(bus_task_initiator_id(w->target.arrived[1]), 5);
}

static void a_port_does_not_select_itself(void **state)
{
	struct world *w = *state;
	struct party both = { 0 };

	assert_int_equal(bus_join(w->bus, "both", 2, &initiator_ops, &target_ops, &both,
				  &both.port), 0);
	assert_int_equal(bus_set_target_ids(both.port, 1 << 2), 0);
	start(&both, 2, simple(1), names);
	run(w);
	assert_int_equal(both.results[0].outcome, BUS_SELECTION_TIMEOUT);
	start(&w->first, 2, simple(1), names);
	run(w);
	assert_int_equal(both.nr_arrived, 1);
	bus_leave(both.port);
}

static void a_command_moves_data_and_ends_once(void **state)
{
	struct world *w = *state;
	uint8_t out[4] = { 0 };

	start(&w->first, 0, simple(5), names);
	run(w);
	assert_int_equal(w->target.nr_arrived, 1);
	assert_int_equal(bus_task_command(w->target.arrived[0])->tag, 5);
	assert_int_equal(bus_task_initiator_id(w->target.arrived[0]), 7);
	assert_int_equal(bus_task_target_id(w->target.arrived[0]), 0);
	assert_false(bus_task_packetized(w->target.arrived[0]));
	assert_int_equal(bus_data_in(w->target.arrived[0], 2, "abcd", 4), 0);
	assert_memory_equal(w->first.data + 2, "abcd", 4);
	assert_int_equal(bus_data_out(w->target.arrived[0], 2, out, 4), 0);
	assert_memory_equal(out, "abcd", 4);
	assert_int_equal(bus_data_in(w->target.arrived[0], 62, "abcd", 4), -EOVERFLOW);
	assert_int_equal(bus_send_status(w->target.arrived[0], 0, 0, NULL, 0), 0);
	assert_int_equal(w->first.nr_ended, 0);
	run(w);
	assert_int_equal(w->first.nr_ended, 1);
	assert_ptr_equal(w->first.ended[0], names);
	assert_int_equal(w->first.results[0].outcome, BUS_STATUS);
	assert_int_equal(w->target.nr_lost, 0);
}

static void sense_stays_behind_on_a_plain_nexus(void **state)
{
	struct world *w = *state;
	static const uint8_t sense[18] = { 0x70, 0, 6 };

	start(&w->first, 0, simple(5), names);
	run(w);
	assert_int_equal(bus_send_status(w->target.arrived[0], 2, 0, sense, sizeof(sense)),
			 -ENOMSG);
	run(w);
	assert_int_equal(w->first.results[0].status, 2);
	assert_int_equal(w->first.results[0].sense_length, 0);
	assert_false(w->first.results[0].packetized);
}

static void sense_travels_with_status_on_a_packetized_nexus(void **state)
{
	struct world *w = *state;
	static const uint8_t sense[300] = { 0x70, 0, 6 };

	set_packetized(w);
	start(&w->first, 0, simple(5), names);
	start(&w->first, 0, simple(6), names + 1);
	run(w);
	assert_int_equal(bus_send_status(w->target.arrived[0], 2, 0, sense, 18), 0);
	assert_int_equal(bus_send_status(w->target.arrived[1], 2, 3, sense, sizeof(sense)), 0);
	run(w);
	assert_true(w->first.results[0].packetized);
	assert_int_equal(w->first.results[0].sense_length, 18);
	assert_int_equal(w->first.results[1].sense_length, BUS_SENSE_SIZE);
	assert_int_equal(w->first.results[1].response, 3);
	assert_memory_equal(w->first.sense, sense, BUS_SENSE_SIZE);
}

static void a_tag_used_twice_is_a_protocol_error(void **state)
{
	struct world *w = *state;
	struct bus_command other_lun = simple(5);

	other_lun.lun[1] = 1;
	start(&w->first, 0, simple(5), names);
	start(&w->first, 0, simple(5), names + 1);
	start(&w->first, 0, other_lun, names + 2);
	start(&w->second, 0, simple(5), names + 3);
	run(w);
	assert_int_equal(w->target.nr_arrived, 3);
	assert_int_equal(w->first.nr_ended, 1);
	assert_ptr_equal(w->first.ended[0], names + 1);
	assert_int_equal(w->first.results[0].outcome, BUS_UNEXPECTED_FREE);
}

static void a_second_untagged_command_is_a_protocol_error(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, untagged(), names);
	start(&w->first, 0, untagged(), names + 1);
	run(w);
	assert_int_equal(w->target.nr_arrived, 1);
	assert_int_equal(bus_task_command(w->target.arrived[0])->tag, 0);
	assert_int_equal(w->first.results[0].outcome, BUS_UNEXPECTED_FREE);
}

static void a_queue_tag_message_has_one_byte(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(0x100), names);
	run(w);
	assert_int_equal(w->first.results[0].outcome, BUS_UNEXPECTED_FREE);
	set_packetized(w);
	start(&w->first, 0, simple(0x100), names);
	run(w);
	assert_int_equal(w->target.nr_arrived, 1);
}

static void an_untagged_request_is_simple_on_a_packetized_nexus(void **state)
{
	struct world *w = *state;

	set_packetized(w);
	start(&w->first, 0, untagged(), names);
	run(w);
	assert_int_equal(bus_task_command(w->target.arrived[0])->attribute, BUS_SIMPLE);
	assert_int_equal(bus_task_command(w->target.arrived[0])->tag, 9);
}

static void without_a_buffer_the_answer_is_busy_or_task_set_full(void **state)
{
	struct world *w = *state;

	w->target.answer = BUS_BUSY;
	start(&w->first, 0, simple(1), names);
	run(w);
	assert_int_equal(w->first.results[0].status, 0x08);
	w->target.answer = BUS_ACCEPTED;
	start(&w->first, 0, simple(1), names);
	run(w);
	w->target.answer = BUS_BUSY;
	start(&w->first, 0, simple(2), names);
	start(&w->first, 0, untagged(), names);
	start(&w->second, 0, simple(2), names);
	run(w);
	assert_int_equal(w->first.results[1].status, 0x28);
	assert_int_equal(w->first.results[2].status, 0x08);
	assert_int_equal(w->second.results[0].status, 0x08);
	assert_int_equal(w->target.nr_lost, 0);
}

static void a_function_without_a_buffer_fails(void **state)
{
	struct world *w = *state;

	w->target.answer = BUS_BUSY;
	start(&w->first, 0, function(BUS_TMF_TARGET_RESET), names);
	run(w);
	assert_int_equal(w->first.results[0].outcome, BUS_TMF_DONE);
	assert_int_equal(w->first.results[0].response, 5);
}

static void both_ends_limit_what_is_agreed(void **state)
{
	struct world *w = *state;
	struct bus_parameters slow = fastest;
	struct bus_parameters agreed;

	slow.packetized = false;
	slow.offset = 31;
	allow(&w->first, &fastest);
	allow(&w->target, &fastest);
	bus_set_request(w->first.port, 0, &slow);
	bus_agreed(w->first.port, 0, &agreed);
	assert_int_equal(agreed.offset, 0);
	start(&w->first, 0, simple(1), names);
	run(w);
	bus_agreed(w->first.port, 0, &agreed);
	assert_int_equal(agreed.offset, 31);
	assert_int_equal(agreed.period, PERIOD_U160);
	assert_true(agreed.wide && agreed.dt && agreed.qas);
	assert_false(agreed.packetized || agreed.read_stream || agreed.write_flow || agreed.rti);
	bus_agreed(w->target.port, 7, &agreed);
	assert_int_equal(agreed.offset, 31);
}

static void a_new_wish_takes_effect_with_the_next_command(void **state)
{
	struct world *w = *state;
	struct bus_parameters agreed;

	set_packetized(w);
	start(&w->first, 0, simple(1), names);
	run(w);
	bus_set_request(w->target.port, 7, &negotiation_asynchronous);
	bus_agreed(w->first.port, 0, &agreed);
	assert_true(agreed.packetized);
	start(&w->first, 0, function(BUS_TMF_ABORT_TASK_SET), names);
	run(w);
	assert_true(bus_task_packetized(w->target.arrived[1]));
	start(&w->first, 0, simple(2), names);
	run(w);
	assert_false(bus_task_packetized(w->target.arrived[2]));
	assert_true(bus_task_packetized(w->target.arrived[0]));
}

static void negotiation_knows_the_legal_combinations(void **state)
{
	struct bus_parameters p = fastest;
	const struct bus_parameters *const limits[] = { &p };
	struct bus_parameters agreed;

	(void)state;
	p.wide = false;
	negotiation_agree(&agreed, limits, 1);
	assert_int_equal(agreed.period, PERIOD_ULTRA2);
	assert_false(agreed.dt || agreed.packetized || agreed.qas);
	p = fastest;
	p.dt = false;
	negotiation_agree(&agreed, limits, 1);
	assert_true(agreed.wide);
	assert_false(agreed.packetized || agreed.qas);
	p = fastest;
	p.offset = 0;
	negotiation_agree(&agreed, limits, 1);
	assert_int_equal(agreed.period, PERIOD_ASYNCHRONOUS);
	assert_true(agreed.wide);
	assert_false(agreed.packetized || agreed.dt);
	p = fastest;
	p.period = 3;
	negotiation_agree(&agreed, limits, 1);
	assert_int_equal(agreed.period, PERIOD_U320);
}

static void a_reset_ends_every_task_before_it_is_told(void **state)
{
	struct world *w = *state;
	struct bus_parameters agreed;

	set_packetized(w);
	start(&w->first, 0, simple(1), names);
	start(&w->second, 0, simple(1), names);
	run(w);
	start(&w->first, 0, simple(2), names + 1);
	bus_reset(w->second.port);
	assert_int_equal(w->target.nr_lost, 2);
	assert_int_equal(w->target.lost_why, BUS_WAS_RESET);
	run(w);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_int_equal(w->first.nr_ended, 2);
	assert_int_equal(w->first.results[0].outcome, BUS_WAS_RESET);
	assert_int_equal(w->first.results[1].outcome, BUS_WAS_RESET);
	assert_int_equal(w->second.results[0].outcome, BUS_WAS_RESET);
	assert_int_equal(w->first.nr_resets, 1);
	assert_int_equal(w->first.ended_at_reset, 2);
	assert_int_equal(w->target.nr_resets, 1);
	bus_agreed(w->first.port, 0, &agreed);
	assert_int_equal(agreed.offset, 0);
	bus_agreed(w->target.port, 7, &agreed);
	assert_false(agreed.wide || agreed.packetized);
}

static void a_status_that_went_out_before_the_reset_counts(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(1), names);
	run(w);
	bus_send_status(w->target.arrived[0], 0, 0, NULL, 0);
	bus_reset(w->second.port);
	run(w);
	assert_int_equal(w->target.nr_lost, 0);
	assert_int_equal(w->first.nr_ended, 1);
	assert_int_equal(w->first.results[0].outcome, BUS_STATUS);
}

static void a_forgotten_task_is_lost_to_its_target_only(void **state)
{
	struct world *w = *state;
	struct bus_task *task = start(&w->first, 0, simple(1), names);

	run(w);
	bus_forget(task, BUS_ABORTED);
	assert_int_equal(w->target.nr_lost, 1);
	assert_int_equal(w->target.lost_why, BUS_ABORTED);
	task = start(&w->first, 0, simple(1), names);	/* never arrived */
	bus_forget(task, BUS_ABORTED);
	task = start(&w->first, 0, simple(1), names);
	run(w);
	bus_send_status(w->target.arrived[1], 0, 0, NULL, 0);
	bus_forget(task, BUS_ABORTED);			/* its result was under way */
	run(w);
	assert_int_equal(w->target.nr_lost, 1);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_int_equal(w->first.nr_ended, 0);
}

static void start_two_more(struct party *party, void *private)
{
	struct bus_command sense = untagged();

	if (private != names)
		return;
	sense.urgent = true;
	start(party, 0, sense, names + 10);
}

static void autosense_goes_before_what_waits(void **state)
{
	struct world *w = *state;

	w->first.on_ended = start_two_more;
	start(&w->first, 0, simple(1), names);
	start(&w->first, 0, simple(2), names + 1);
	run(w);
	start(&w->first, 0, simple(3), names + 2);
	bus_send_status(w->target.arrived[0], 2, 0, NULL, 0);
	run(w);
	assert_int_equal(w->target.nr_arrived, 4);
	assert_int_equal(bus_task_command(w->target.arrived[2])->attribute, BUS_UNTAGGED);
	assert_int_equal(bus_task_command(w->target.arrived[3])->tag, 3);
}

static void clearing_a_task_set_ends_other_initiators_tasks(void **state)
{
	struct world *w = *state;
	struct bus_command other_lun = simple(2);

	other_lun.lun[1] = 4;
	bus_set_tmf_clears_all(w->target.port, true);
	start(&w->first, 0, simple(1), names);
	start(&w->second, 0, simple(1), names + 1);
	start(&w->second, 0, other_lun, names + 2);
	start(&w->first, 0, function(BUS_TMF_CLEAR_TASK_SET), names + 3);
	run(w);
	bus_end_tmf(w->target.arrived[3], 0);
	run(w);
	assert_int_equal(w->second.nr_ended, 1);
	assert_ptr_equal(w->second.ended[0], names + 1);
	assert_int_equal(w->second.results[0].outcome, BUS_ABORTED);
	assert_int_equal(w->target.nr_lost, 1);
	assert_int_equal(w->first.nr_ended, 1);
	assert_int_equal(w->first.results[0].outcome, BUS_TMF_DONE);
	start(&w->first, 0, function(BUS_TMF_TARGET_RESET), names + 3);
	run(w);
	bus_end_tmf(w->target.arrived[4], 0);
	run(w);
	assert_int_equal(w->second.nr_ended, 2);
}

/* HW-153 */
static void other_initiators_tasks_may_wait_for_a_status(void **state)
{
	struct world *w = *state;

	start(&w->second, 0, simple(1), names);
	start(&w->first, 0, function(BUS_TMF_TARGET_RESET), names + 1);
	run(w);
	bus_end_tmf(w->target.arrived[1], 0);
	run(w);
	assert_int_equal(w->second.nr_ended, 0);
	bus_send_status(w->target.arrived[0], 0x40, 0, NULL, 0);
	run(w);
	assert_int_equal(w->second.results[0].status, 0x40);
}

static void abort_task_set_spares_other_initiators(void **state)
{
	struct world *w = *state;

	start(&w->second, 0, simple(1), names);
	start(&w->first, 0, function(BUS_TMF_ABORT_TASK_SET), names + 3);
	run(w);
	bus_end_tmf(w->target.arrived[1], 0);
	run(w);
	assert_int_equal(w->second.nr_ended, 0);
	assert_int_equal(w->target.nr_lost, 0);
}

static void only_a_packetized_nexus_tells_why_a_function_failed(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, function(BUS_TMF_CLEAR_ACA), names);
	run(w);
	bus_end_tmf(w->target.arrived[0], 4);
	run(w);
	assert_int_equal(w->first.results[0].response, 0);
	set_packetized(w);
	start(&w->first, 0, simple(1), names);
	start(&w->second, 0, simple(1), names);
	start(&w->first, 0, function(BUS_TMF_TARGET_RESET), names);
	run(w);
	bus_end_tmf(w->target.arrived[3], 4);
	run(w);
	assert_int_equal(w->first.results[1].response, 4);
	assert_int_equal(w->second.nr_ended, 0);
}

static void without_disconnection_a_task_keeps_the_bus(void **state)
{
	struct world *w = *state;
	struct bus_command stay = simple(3);

	stay.disconnect = false;
	start(&w->first, 0, stay, names);
	start(&w->first, 0, stay, names + 1);
	start(&w->second, 0, simple(1), names + 2);
	run(w);
	assert_int_equal(w->target.nr_arrived, 1);
	assert_int_equal(bus_task_command(w->target.arrived[0])->attribute, BUS_UNTAGGED);
	assert_int_equal(bus_task_command(w->target.arrived[0])->tag, 0);
	start(&w->first, 0, function(BUS_TMF_ABORT_TASK), names + 3);
	run(w);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_int_equal(bus_task_command(w->target.arrived[1])->tmf, BUS_TMF_ABORT_TASK);
	bus_send_status(w->target.arrived[0], 0, 0, NULL, 0);
	run(w);
	/* its message still has the bus */
	assert_int_equal(w->target.nr_arrived, 2);
	bus_end_tmf(w->target.arrived[1], 0);
	run(w);
	assert_int_equal(w->target.nr_arrived, 3);
	bus_drop(w->target.arrived[2]);
	run(w);
	assert_int_equal(w->target.nr_arrived, 4);
	assert_int_equal(w->first.results[2].outcome, BUS_UNEXPECTED_FREE);
}

/* The task that arrived as number @n does not get the bus, and nobody is told to try again. */
static void assert_waits(struct world *w, unsigned int n)
{
	run(w);
	assert_false(bus_work(w->bus));
	assert_true(n < w->target.nr_arrived);
	assert_false(bus_task_ready(w->target.arrived[n], BUS_DATA));
	assert_false(bus_task_ready(w->target.arrived[n], 0));
}

static void while_a_task_keeps_the_bus_others_wait(void **state)
{
	struct world *w = *state;
	struct bus_command stay = simple(3);

	stay.disconnect = false;
	start(&w->second, 0, simple(1), names);
	run(w);
	assert_true(bus_task_ready(w->target.arrived[0], BUS_DATA));
	start(&w->first, 0, stay, names + 1);
	assert_waits(w, 0);
	assert_true(bus_task_ready(w->target.arrived[1], BUS_DATA));
	assert_int_equal(bus_data_in(w->target.arrived[1], 0, "abcd", 4), 0);
	assert_waits(w, 0);
	bus_send_status(w->target.arrived[1], 0, 0, NULL, 0);
	/* whoever waits looks again, once */
	assert_true(bus_work(w->bus));
	assert_false(bus_work(w->bus));
	assert_true(bus_task_ready(w->target.arrived[0], BUS_DATA));
	bus_send_status(w->target.arrived[0], 0, 0, NULL, 0);
	run(w);
	assert_int_equal(w->second.nr_ended, 1);
}

/* HW-95 */
static void a_function_as_a_message_keeps_the_bus_until_its_end(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(1), names);
	start(&w->second, 0, function(BUS_TMF_LOGICAL_UNIT_RESET), names + 1);
	start(&w->second, 0, simple(2), names + 2);
	start(&w->second, 0, function(BUS_TMF_CLEAR_TASK_SET), names + 3);
	assert_waits(w, 0);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_true(bus_task_ready(w->target.arrived[1], 0));
	bus_end_tmf(w->target.arrived[1], 0);
	run(w);
	assert_int_equal(w->target.nr_arrived, 4);
	assert_int_equal(w->second.nr_ended, 1);
	assert_waits(w, 0);
	assert_waits(w, 2);
	bus_forget(w->target.arrived[3], BUS_ABORTED);
	run(w);
	assert_true(bus_task_ready(w->target.arrived[0], BUS_DATA));
}

static void a_message_of_who_has_the_bus_keeps_it_too(void **state)
{
	struct world *w = *state;
	struct bus_command stay = simple(3);

	stay.disconnect = false;
	start(&w->second, 0, simple(1), names);
	start(&w->first, 0, stay, names + 1);
	start(&w->first, 0, function(BUS_TMF_CLEAR_ACA), names + 2);
	start(&w->first, 0, function(BUS_TMF_ABORT_TASK), names + 3);
	assert_waits(w, 0);
	assert_int_equal(w->target.nr_arrived, 3);
	assert_true(bus_task_ready(w->target.arrived[1], BUS_DATA));
	bus_end_tmf(w->target.arrived[2], 0);
	assert_waits(w, 0);
	assert_int_equal(w->target.nr_arrived, 4);
	bus_drop(w->target.arrived[1]);
	assert_waits(w, 0);
	bus_end_tmf(w->target.arrived[3], 0);
	run(w);
	assert_true(bus_task_ready(w->target.arrived[0], BUS_DATA));
}

static void a_reset_frees_the_bus(void **state)
{
	struct world *w = *state;

	start(&w->second, 0, function(BUS_TMF_LOGICAL_UNIT_RESET), names);
	start(&w->first, 0, simple(1), names + 1);
	run(w);
	assert_int_equal(w->target.nr_arrived, 1);
	bus_reset(w->first.port);
	start(&w->first, 0, simple(1), names + 2);
	run(w);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_true(bus_task_ready(w->target.arrived[1], BUS_DATA));
}

static void a_function_in_an_information_unit_does_not_keep_the_bus(void **state)
{
	struct world *w = *state;

	set_packetized(w);
	start(&w->second, 0, simple(1), names);
	start(&w->second, 0, function(BUS_TMF_LOGICAL_UNIT_RESET), names + 1);
	start(&w->first, 0, simple(1), names + 2);
	run(w);
	assert_int_equal(w->target.nr_arrived, 3);
	assert_true(bus_task_ready(w->target.arrived[0], BUS_DATA));
	assert_true(bus_task_ready(w->target.arrived[1], 0));
	assert_true(bus_task_ready(w->target.arrived[2], BUS_DATA));
}

static void a_packetized_nexus_always_disconnects(void **state)
{
	struct world *w = *state;
	struct bus_command stay = simple(3);

	set_packetized(w);
	stay.disconnect = false;
	start(&w->first, 0, stay, names);
	start(&w->second, 0, stay, names);
	run(w);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_int_equal(bus_task_command(w->target.arrived[0])->attribute, BUS_SIMPLE);
}

static void a_target_that_leaves_frees_its_tasks(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(1), names);
	run(w);
	start(&w->first, 0, simple(2), names + 1);
	bus_leave(w->target.port);
	run(w);
	assert_int_equal(w->first.nr_ended, 2);
	assert_int_equal(w->first.results[0].outcome, BUS_UNEXPECTED_FREE);
	assert_int_equal(w->first.results[1].outcome, BUS_SELECTION_TIMEOUT);
	assert_int_equal(w->target.nr_lost, 0);
}

static void an_initiator_that_leaves_loses_its_tasks(void **state)
{
	struct world *w = *state;

	start(&w->first, 0, simple(1), names);
	start(&w->first, 0, simple(2), names);
	run(w);
	bus_send_status(w->target.arrived[0], 0, 0, NULL, 0);
	start(&w->first, 0, simple(3), names);
	bus_leave(w->first.port);
	run(w);
	assert_int_equal(w->target.nr_lost, 1);
	assert_int_equal(w->target.nr_arrived, 2);
	assert_int_equal(w->first.nr_ended, 0);
}

static void answer_at_once(struct party *party, struct bus_task *task)
{
	(void)party;
	bus_send_status(task, 0, 0, NULL, 0);
}

static void start_again(struct party *party, void *private)
{
	if (party->nr_ended < MAX_TASKS)
		start(party, 0, simple(1), private);
}

static void a_chain_of_commands_neither_recurses_nor_starves_others(void **state)
{
	struct world *w = *state;

	w->target.on_arrive = answer_at_once;
	w->first.on_ended = start_again;
	start(&w->first, 0, simple(1), names);
	assert_true(bus_work(w->bus));
	assert_in_range(w->first.nr_ended, 1, MAX_TASKS - 1);
	run(w);
	assert_int_equal(w->first.nr_ended, MAX_TASKS);
}

static void reset_from_within(struct party *party, struct bus_task *task)
{
	(void)task;
	party->on_arrive = NULL;
	bus_reset(party->port);
	party->answer = BUS_BUSY;
}

static void a_reset_during_arrival_wins(void **state)
{
	struct world *w = *state;

	w->target.on_arrive = reset_from_within;
	start(&w->first, 0, simple(1), names);
	run(w);
	assert_int_equal(w->first.nr_ended, 1);
	assert_int_equal(w->first.results[0].outcome, BUS_WAS_RESET);
	assert_int_equal(w->target.nr_lost, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nobody_answers_an_absent_id),
		T(an_id_belongs_to_one_member),
		T(the_own_id_changes_only_while_nothing_is_under_way),
		T(a_port_does_not_select_itself),
		T(a_command_moves_data_and_ends_once),
		T(sense_stays_behind_on_a_plain_nexus),
		T(sense_travels_with_status_on_a_packetized_nexus),
		T(a_tag_used_twice_is_a_protocol_error),
		T(a_second_untagged_command_is_a_protocol_error),
		T(a_queue_tag_message_has_one_byte),
		T(an_untagged_request_is_simple_on_a_packetized_nexus),
		T(without_a_buffer_the_answer_is_busy_or_task_set_full),
		T(a_function_without_a_buffer_fails),
		T(both_ends_limit_what_is_agreed),
		T(a_new_wish_takes_effect_with_the_next_command),
		T(negotiation_knows_the_legal_combinations),
		T(a_reset_ends_every_task_before_it_is_told),
		T(a_status_that_went_out_before_the_reset_counts),
		T(a_forgotten_task_is_lost_to_its_target_only),
		T(autosense_goes_before_what_waits),
		T(clearing_a_task_set_ends_other_initiators_tasks),
		T(other_initiators_tasks_may_wait_for_a_status),
		T(abort_task_set_spares_other_initiators),
		T(only_a_packetized_nexus_tells_why_a_function_failed),
		T(without_disconnection_a_task_keeps_the_bus),
		T(while_a_task_keeps_the_bus_others_wait),
		T(a_function_as_a_message_keeps_the_bus_until_its_end),
		T(a_message_of_who_has_the_bus_keeps_it_too),
		T(a_reset_frees_the_bus),
		T(a_function_in_an_information_unit_does_not_keep_the_bus),
		T(a_packetized_nexus_always_disconnects),
		T(a_target_that_leaves_frees_its_tasks),
		T(an_initiator_that_leaves_loses_its_tasks),
		T(a_chain_of_commands_neither_recurses_nor_starves_others),
		T(a_reset_during_arrival_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
