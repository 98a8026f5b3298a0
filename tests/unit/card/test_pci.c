// SPDX-License-Identifier: GPL-2.0-or-later
/* HW-1, HW-2, HW-3, HW-5, HW-8, HW-114 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "counters.h"
#include "pci.h"

struct fixture {
	struct function_options options;
	struct counters counters;
	struct registers *regs;
	struct pci_function *pci;
};

static void on_handshake(void *firmware, const void *message, size_t len)
{
	(void)firmware;
	(void)message;
	(void)len;
}

static void on_reset(void *firmware, enum ioc_reset kind)
{
	(void)firmware;
	(void)kind;
}

static const struct registers_ops ops = { .handshake = on_handshake, .reset = on_reset };

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	options_default_function(&f.options, "test", ROLE_TARGET);
	f.regs = registers_new(&ops, NULL, &f.counters);
	f.pci = pci_new(&f.options);
	pci_connect(f.pci, f.regs);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pci_free(f->pci);
	registers_free(f->regs);
	return 0;
}

static uint32_t rd(struct fixture *f, unsigned int region, uint64_t offset, size_t count)
{
	uint32_t value = 0;

	pci_device_ops.region_read(f->pci, region, offset, &value, count);
	return value;
}

static void wr(struct fixture *f, unsigned int region, uint64_t offset, uint32_t value,
	       size_t count)
{
	pci_device_ops.region_write(f->pci, region, offset, &value, count);
}

static uint32_t cfg(struct fixture *f, uint64_t offset, size_t count)
{
	return rd(f, VFIO_REGION_CONFIG, offset, count);
}

static void set_cfg(struct fixture *f, uint64_t offset, uint32_t value, size_t count)
{
	wr(f, VFIO_REGION_CONFIG, offset, value, count);
}

static void header_is_that_of_a_53c1030(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(cfg(f, 0x00, 4), 0x00301000);
	assert_int_equal(cfg(f, 0x08, 4), 0x01000008);
	assert_int_equal(cfg(f, 0x0e, 1), 0);
	assert_int_equal(cfg(f, 0x2c, 4), 0x10001000);
	assert_int_equal(cfg(f, 0x3d, 1), 1);
	assert_int_equal(cfg(f, 0x06, 2) & 0x10, 0x10);
}

static void options_change_the_identity(void **state)
{
	struct fixture *f = *state;
	struct pci_function *pci;
	uint32_t value;

	f->options.device_id = 0x0626;
	f->options.revision = 0x81;
	f->options.pair = 1;
	pci = pci_new(&f->options);
	pci_device_ops.region_read(pci, 7, 0, &value, 4);
	assert_int_equal(value, 0x06261000);
	pci_device_ops.region_read(pci, 7, 8, &value, 4);
	assert_int_equal(value & 0xff, 0x81);
	pci_device_ops.region_read(pci, 7, 0x0c, &value, 4);
	assert_int_equal(value >> 16 & 0xff, 0x80);
	pci_free(pci);
}

static void capabilities_are_chained(void **state)
{
	static const uint8_t ids[] = { 0x01, 0x05, 0x07 };
	struct fixture *f = *state;
	uint8_t at = cfg(f, 0x34, 1);

	for (unsigned int i = 0; i < sizeof(ids); i++) {
		assert_true(at >= 0x40 && !(at & 3));
		assert_int_equal(cfg(f, at, 1), ids[i]);
		at = cfg(f, at + 1, 1);
	}
	assert_int_equal(at, 0);
}

static uint32_t bar_mask(struct fixture *f, unsigned int bar)
{
	set_cfg(f, 0x10 + 4 * bar, 0xffffffff, 4);
	return cfg(f, 0x10 + 4 * bar, 4);
}

static void bars_size_as_32_bits(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bar_mask(f, 0), 0xffffff01);
	assert_int_equal(bar_mask(f, 1), 0xfffe0000);
	assert_int_equal(bar_mask(f, 2), 0xffff0000);
	assert_int_equal(bar_mask(f, 3), 0);
	assert_int_equal(pci_device_ops.region_size(f->pci, 0), 256);
	assert_int_equal(pci_device_ops.region_size(f->pci, 1), 128 * 1024);
	assert_int_equal(pci_device_ops.region_size(f->pci, 2), 64 * 1024);
	assert_int_equal(pci_device_ops.region_size(f->pci, 3), 0);
	assert_int_equal(pci_device_ops.region_size(f->pci, 6), 0);
	assert_int_equal(pci_device_ops.region_size(f->pci, 7), 256);
	assert_int_equal(pci_device_ops.region_size(f->pci, 8), 0);
}

static void bars_size_as_64_bits(void **state)
{
	struct fixture *f = *state;

	f->options.bar_64 = true;
	pci_device_ops.reset(f->pci);
	assert_int_equal(bar_mask(f, 1), 0xfffe0004);
	assert_int_equal(bar_mask(f, 2), 0xffffffff);
	assert_int_equal(bar_mask(f, 3), 0xffff0004);
	assert_int_equal(bar_mask(f, 4), 0xffffffff);
	assert_int_equal(pci_device_ops.region_size(f->pci, 2), 0);
	assert_int_equal(pci_device_ops.region_size(f->pci, 3), 64 * 1024);
}

static void identity_cannot_be_written(void **state)
{
	static const uint8_t fixed[] = { 0x00, 0x02, 0x06, 0x08, 0x0a, 0x0e, 0x2c, 0x2e, 0x34,
		0x3d, 0x50, 0x51, 0x58, 0x59, 0x68, 0x69, 0x6c, 0x80, 0xff };
	struct fixture *f = *state;
	uint8_t before;

	for (unsigned int i = 0; i < sizeof(fixed); i++) {
		before = cfg(f, fixed[i], 1);
		set_cfg(f, fixed[i], (uint8_t)~before, 1);
		assert_int_equal(cfg(f, fixed[i], 1), before);
	}
}

static void what_drivers_write_is_kept(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x04, 0xffff, 2);
	assert_int_equal(cfg(f, 0x04, 2), 0x0557);
	set_cfg(f, 0x3c, 11, 1);
	assert_int_equal(cfg(f, 0x3c, 1), 11);
	set_cfg(f, 0x54, 3, 1);
	assert_int_equal(cfg(f, 0x54, 1), 3);
	set_cfg(f, 0x5a, 0x0001, 2);
	assert_int_equal(cfg(f, 0x5a, 2), 0x0081);
	set_cfg(f, 0x5c, 0xfee00000, 4);
	assert_int_equal(cfg(f, 0x5c, 4), 0xfee00000);
	set_cfg(f, 0x64, 0x4021, 2);
	assert_int_equal(cfg(f, 0x64, 2), 0x4021);
	set_cfg(f, 0x6a, 0x08, 1);
	assert_int_equal(cfg(f, 0x6a, 1), 0x08);
}

static void config_takes_any_width_and_alignment(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x3b, 0x00000a00, 4);	/* over the edge of the interrupt line */
	assert_int_equal(cfg(f, 0x3c, 1), 0x0a);
	assert_int_equal(cfg(f, 0x01, 2), 0x3010);
}

static void both_bars_reach_the_registers(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x04, 3, 2);
	assert_int_equal(rd(f, 0, 0, 4), 0x10000000);
	assert_int_equal(rd(f, 1, 0, 4), 0x10000000);
	wr(f, 0, 0x34, 0x00000001, 4);
	assert_int_equal(rd(f, 1, 0x34, 4), 1);
	assert_int_equal(rd(f, 1, PCI_MEMORY_SIZE - 4, 4), 0);
}

static void other_widths_have_no_effect(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[64];

	set_cfg(f, 0x04, 3, 2);
	wr(f, 1, 0x34, 0, 1);
	wr(f, 1, 0x34, 0, 2);
	wr(f, 1, 0x33, 0, 4);
	assert_int_equal(rd(f, 1, 0x34, 4), 9);
	registers_set_state(f->regs, IOC_OPERATIONAL, 4);
	registers_post_context(f->regs, 0x55);
	assert_int_equal(rd(f, 1, 0x44, 1), 0);
	assert_int_equal(rd(f, 1, 0x44, 2), 0);
	assert_int_equal(rd(f, 1, 0x43, 4), 0);
	pci_device_ops.region_read(f->pci, 1, 0x40, bytes, sizeof(bytes));
	assert_int_equal(rd(f, 1, 0x44, 4), 0x55);
}

static void diagnostic_bar_is_empty(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x04, 2, 2);
	wr(f, 2, 0x34, 0, 4);
	assert_int_equal(rd(f, 2, 0x34, 4), 0);
	assert_int_equal(rd(f, 1, 0x34, 4), 9);
}

static void spaces_answer_only_when_enabled(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rd(f, 1, 0, 4), 0xffffffff);
	assert_int_equal(rd(f, 0, 0, 4), 0xffffffff);
	set_cfg(f, 0x04, 1, 2);
	assert_int_equal(rd(f, 1, 0, 4), 0xffffffff);
	assert_int_equal(rd(f, 0, 0, 4), 0x10000000);
	wr(f, 1, 0x34, 0, 4);
	set_cfg(f, 0x04, 2, 2);
	assert_int_equal(rd(f, 1, 0x34, 4), 9);
	assert_int_equal(rd(f, 0, 0, 4), 0xffffffff);
}

static void command_bits_are_reported(void **state)
{
	struct fixture *f = *state;

	assert_false(pci_device_ops.bus_master(f->pci));
	assert_false(pci_device_ops.intx_disabled(f->pci));
	set_cfg(f, 0x04, 0x0404, 2);
	assert_true(pci_device_ops.bus_master(f->pci));
	assert_true(pci_device_ops.intx_disabled(f->pci));
}

static void interrupt_follows_the_registers(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x04, 2, 2);
	registers_set_state(f->regs, IOC_OPERATIONAL, 4);
	registers_post_context(f->regs, 1);
	assert_false(pci_device_ops.interrupt(f->pci));
	wr(f, 1, 0x34, 1, 4);
	assert_true(pci_device_ops.interrupt(f->pci));
	rd(f, 1, 0x44, 4);
	assert_false(pci_device_ops.interrupt(f->pci));
}

static void reset_is_power_on(void **state)
{
	struct fixture *f = *state;

	set_cfg(f, 0x04, 7, 2);
	set_cfg(f, 0x14, 0xfe000000, 4);
	wr(f, 1, 0x34, 1, 4);
	pci_device_ops.reset(f->pci);
	assert_true(pci_device_ops.urgent(f->pci));
	assert_int_equal(cfg(f, 0x04, 2), 0);
	assert_int_equal(cfg(f, 0x14, 4), 0);
	set_cfg(f, 0x04, 2, 2);
	assert_int_equal(rd(f, 1, 0x34, 4), 9);
	assert_false(registers_work(f->regs, 10));
	assert_false(pci_device_ops.urgent(f->pci));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(header_is_that_of_a_53c1030),
		TEST(options_change_the_identity),
		TEST(capabilities_are_chained),
		TEST(bars_size_as_32_bits),
		TEST(bars_size_as_64_bits),
		TEST(identity_cannot_be_written),
		TEST(what_drivers_write_is_kept),
		TEST(config_takes_any_width_and_alignment),
		TEST(both_bars_reach_the_registers),
		TEST(other_widths_have_no_effect),
		TEST(diagnostic_bar_is_empty),
		TEST(spaces_answer_only_when_enabled),
		TEST(command_bits_are_reported),
		TEST(interrupt_follows_the_registers),
		TEST(reset_is_power_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
