// SPDX-License-Identifier: GPL-2.0-or-later
/* The protocol server on the wire: what QEMU sends, and what nobody should. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <cmocka.h>

#include "vfio_fixture.h"

/* Version */

static void version_is_negotiated(void **state)
{
	struct fixture *f = *state;
	uint16_t numbers[2];
	static const char offer[] = "{\"capabilities\":{\"max_msg_fds\":16,"
		"\"max_data_xfer_size\":1048576,\"write_multiple\":true}}";

	assert_int_equal(version(f, 0, offer), 0);
	memcpy(numbers, f->body, 4);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 0);
	assert_int_equal(f->body[f->len - 1], 0);
	assert_string_equal((char *)f->body + 4,
			    "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}");
}

static void version_without_capabilities_is_enough(void **state)
{
	uint8_t body[4] = { 0 };

	assert_int_equal(request(*state, VERSION, body, 4), 0);
}

static void nothing_works_before_version(void **state)
{
	struct fixture *f = *state;
	uint32_t info[4] = { 16 };

	assert_int_equal(request(f, INFO, info, sizeof(info)), EINVAL);
	assert_int_equal(region_read(f, 0, 0, 4), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 3, -1, 0), EINVAL);
	assert_int_equal(request(f, RESET, NULL, 0), EINVAL);
	assert_int_equal(f->device.resets, 0);
	assert_int_equal(version(f, 0, "{}"), 0);
	assert_int_equal(request(f, RESET, NULL, 0), 0);
}

static void bad_versions_are_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t unterminated[] = "\0\0\0\0{}";

	assert_int_equal(version(f, 1, "{}"), EINVAL);
	assert_int_equal(version(f, 0, "{"), EINVAL);
	assert_int_equal(version(f, 0, "[]"), EINVAL);
	assert_int_equal(version(f, 0, "{\"capabilities\":7}"), EINVAL);
	assert_int_equal(version(f, 0, "{\"capabilities\":{\"max_data_xfer_size\":[]}}"), EINVAL);
	assert_int_equal(version(f, 0, "{\"capabilities\":{\"max_data_xfer_size\":0}}"), EINVAL);
	assert_int_equal(version(f, 0, "{\"capabilities\":{\"max_data_xfer_size\":-4}}"), EINVAL);
	assert_int_equal(request(f, VERSION, unterminated, 6), EINVAL);
	assert_int_equal(request(f, VERSION, unterminated, 3), EINVAL);
	assert_int_equal(version(f, 0, "{}"), 0);
	assert_int_equal(version(f, 0, "{}"), EINVAL);
}

/* Description of the device */

static void device_info_is_a_pci_device_with_reset(void **state)
{
	struct fixture *f = *state;
	uint32_t info[4] = { 16 };

	assert_int_equal(request(f, INFO, info, sizeof(info)), 0);
	assert_int_equal(f->len, 16);
	memcpy(info, f->body, 16);
	assert_int_equal(info[1], 3);
	assert_int_equal(info[2], 9);
	assert_int_equal(info[3], 5);
	info[0] = 15;
	assert_int_equal(request(f, INFO, info, sizeof(info)), EINVAL);
	assert_int_equal(request(f, INFO, info, 12), EINVAL);
}

static void regions_are_described(void **state)
{
	struct fixture *f = *state;
	struct { uint32_t argsz, flags, index, cap; uint64_t size, offset; } info;

	for (unsigned int i = 0; i < 9; i++) {
		memset(&info, 0, sizeof(info));
		info.argsz = sizeof(info);
		info.index = i;
		assert_int_equal(request(f, REGION_INFO, &info, sizeof(info)), 0);
		assert_int_equal(f->len, sizeof(info));
		memcpy(&info, f->body, sizeof(info));
		assert_int_equal(info.size, dev_size(&f->device, i));
		assert_int_equal(info.flags, info.size ? 3 : 0);
		assert_int_equal(info.index, i);
	}
	info.index = 9;
	assert_int_equal(request(f, REGION_INFO, &info, sizeof(info)), EINVAL);
	info.index = 0;
	info.argsz = 31;
	assert_int_equal(request(f, REGION_INFO, &info, sizeof(info)), EINVAL);
	assert_int_equal(request(f, REGION_INFO, &info, 31), EINVAL);
}

static void interrupts_are_described(void **state)
{
	static const uint32_t counts[5] = { 1, 1, 0, 0, 0 };
	struct fixture *f = *state;
	uint32_t info[4];

	for (unsigned int i = 0; i < 6; i++) {
		memcpy(info, (uint32_t[]){ 16, 0, i, 0 }, sizeof(info));
		if (i == 3 || i == 5) {
			assert_int_equal(request(f, IRQ_INFO, info, sizeof(info)), EINVAL);
			continue;
		}
		assert_int_equal(request(f, IRQ_INFO, info, sizeof(info)), 0);
		memcpy(info, f->body, sizeof(info));
		assert_int_equal(info[3], counts[i]);
	}
}

/* Regions */

static void regions_are_read_and_written(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(region_write(f, 1, 0x40, 4, "abcd", 4), 0);
	assert_int_equal(f->len, 16);
	assert_memory_equal(f->device.memory + 0x40, "abcd", 4);
	assert_int_equal(region_read(f, 1, 0x3f, 6), 0);
	assert_int_equal(f->len, 16 + 6);
	assert_memory_equal(f->body + 16, "\0abcd\0", 6);
	assert_int_equal(region_read(f, 7, 0, 256), 0);
}

static void accesses_past_a_region_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(region_read(f, 0, 256, 1), EINVAL);
	assert_int_equal(region_read(f, 0, 253, 4), EINVAL);
	assert_int_equal(region_read(f, 0, UINT64_MAX, 4), EINVAL);
	assert_int_equal(region_read(f, 0, UINT64_MAX - 1, 2), EINVAL);
	assert_int_equal(region_read(f, 0, 0, 0), EINVAL);
	assert_int_equal(region_read(f, 0, 0, 0xffffffff), EINVAL);
	assert_int_equal(region_read(f, 2, 0, 4), EINVAL);
	assert_int_equal(region_read(f, 9, 0, 4), EINVAL);
	assert_int_equal(region_read(f, 0xffffffff, 0, 4), EINVAL);
	assert_int_equal(region_write(f, 0, 253, 4, "abcd", 4), EINVAL);
	assert_int_equal(region_write(f, 7, 0x100, 1, "a", 1), EINVAL);
}

static void write_whose_count_lies_is_refused(void **state)
{
	struct fixture *f = *state;
	struct access_body body = { 0, 0, 4 };

	assert_int_equal(region_write(f, 0, 0, 8, "abcd", 4), EINVAL);
	assert_int_equal(region_write(f, 0, 0, 3, "abcd", 4), EINVAL);
	assert_int_equal(request(f, WRITE, &body, sizeof(body)), EINVAL);
	assert_int_equal(f->device.io[0], 0);
}

static void posted_write_gets_no_reply(void **state)
{
	struct fixture *f = *state;
	uint8_t message[64];
	size_t len = write_message(message, 1, 0, 4, "abcd", 4);

	send_message(f, WRITE, 0x10, message, len, NULL, 0);
	/* not even if it is wrong */
	send_message(f, WRITE, 0x10, message, len - 1, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	assert_memory_equal(f->device.memory, "abcd", 4);
	assert_false(client_has_data(f));
}

static void reset_reaches_the_device(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(request(f, RESET, NULL, 0), 0);
	assert_int_equal(f->len, 0);
	assert_int_equal(f->device.resets, 1);
	assert_int_equal(request(f, RESET, "x", 1), EINVAL);
	assert_int_equal(f->device.resets, 1);
}

/* Messages that are not well */

static void unknown_commands_are_refused(void **state)
{
	static const uint16_t unknown[] = { 0, 6, 11, 12, 14, 15, 17, 0xffff };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_int_equal(request(f, unknown[i], "\0\0\0\0\0\0\0\0", 8), EOPNOTSUPP);
	assert_int_equal(request(f, FEATURE, "\0\0\0\0\0\0\0\0", 8), ENOTTY);
	assert_int_equal(region_read(f, 0, 0, 4), 0);
}

static void wrong_sizes_are_refused(void **state)
{
	static const struct { uint16_t command; size_t len; } wrong[] = {
		{ MAP, 0 }, { MAP, 31 }, { MAP, 33 }, { UNMAP, 23 }, { UNMAP, 25 },
		{ INFO, 0 }, { REGION_INFO, 16 }, { IRQ_INFO, 8 }, { SET_IRQS, 19 },
		{ READ, 15 }, { READ, 17 }, { WRITE, 15 }, { WRITE, 16 }, { RESET, 4 },
		{ INFO, 5000 },
	};
	struct fixture *f = *state;
	static const uint8_t zeros[5000];

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(request(f, wrong[i].command, zeros, wrong[i].len), EINVAL);
}

static void unknown_flags_are_refused(void **state)
{
	static const uint32_t flags[] = { 0x20, 0x40, 0x80000000, 2, 0xf };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++) {
		send_message(f, RESET, flags[i], NULL, 0, NULL, 0);
		assert_int_equal(vfio_user_service(f->vu), 0);
		receive(f);
		assert_int_equal(f->header.error, EINVAL);
	}
	assert_int_equal(f->device.resets, 0);
}

static void reply_nobody_asked_for_is_refused(void **state)
{
	struct fixture *f = *state;

	send_message(f, DMA_READ, REPLY, "0123456789abcdef", 16, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	receive(f);
	assert_int_equal(f->header.error, EINVAL);
	assert_int_equal(region_read(f, 0, 0, 4), 0);
}

static void unwanted_descriptors_are_refused_and_closed(void **state)
{
	struct fixture *f = *state;
	int fds[40], fd = memory(PAGE);
	struct map_body body = { sizeof(body), 3, 0, 0, PAGE };
	unsigned int before, i;

	for (i = 0; i < 40; i++)
		fds[i] = fd;
	before = open_fds();
	assert_int_equal(request_fds(f, RESET, NULL, 0, fds, 1), EINVAL);
	assert_int_equal(request_fds(f, MAP, &body, sizeof(body), fds, 2), EINVAL);
	assert_int_equal(request_fds(f, MAP, &body, sizeof(body), fds, 9), EINVAL);
	assert_int_equal(request_fds(f, MAP, &body, sizeof(body), fds, 40), EINVAL);
	assert_int_equal(request_fds(f, 99, NULL, 0, fds, 8), EOPNOTSUPP);
	assert_int_equal(open_fds(), before);
	assert_int_equal(request_fds(f, MAP, &body, sizeof(body), fds, 1), 0);
	assert_int_equal(open_fds(), before);
	close(fd);
}

static void lost_framing(struct fixture *f, uint32_t size)
{
	struct vfio_header header = { .id = 1, .command = RESET, .size = size };

	send_raw(f, &header, sizeof(header), NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), -ECONNRESET);
	assert_int_equal(vfio_user_fd(f->vu), -1);
	assert_int_equal(f->device.resets, 0);
}

static void message_shorter_than_its_header_closes(void **state)
{
	lost_framing(*state, 15);
}

static void message_longer_than_any_closes(void **state)
{
	lost_framing(*state, 16 + VFIO_MAX_BODY + 1);
}

static void message_of_nearly_four_gib_closes(void **state)
{
	lost_framing(*state, 0xffffffff);
}

static void message_may_come_byte_by_byte(void **state)
{
	struct fixture *f = *state;
	struct vfio_header header = { .id = 7, .command = READ, .size = 32 };
	struct access_body body = { 0, 0, 4 };
	uint8_t bytes[32];

	memcpy(bytes, &header, 16);
	memcpy(bytes + 16, &body, 16);
	for (unsigned int i = 0; i < 32; i++) {
		assert_false(client_has_data(f));
		send_raw(f, bytes + i, 1, NULL, 0);
		assert_int_equal(vfio_user_service(f->vu), 0);
	}
	receive(f);
	assert_int_equal(f->header.id, 7);
	assert_int_equal(f->len, 20);
}

static void header_may_come_in_two_pieces(void **state)
{
	struct fixture *f = *state;
	struct vfio_header header = { .id = 7, .command = READ, .size = 32 };
	struct access_body body = { 0, 0, 4 };
	uint8_t bytes[32];

	memcpy(bytes, &header, 16);
	memcpy(bytes + 16, &body, 16);
	send_raw(f, bytes, 10, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	send_raw(f, bytes + 10, 22, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	receive(f);
	assert_int_equal(f->header.id, 7);
	assert_int_equal(f->len, 20);
}

static void descriptor_stays_with_its_message(void **state)
{
	struct fixture *f = *state;
	int fd = memory(PAGE);
	struct map_body body = { sizeof(body), 3, 0, 0, PAGE };

	/* all of them wait in the socket before the server looks */
	send_message(f, RESET, 0, NULL, 0, NULL, 0);
	send_message(f, MAP, 0, &body, sizeof(body), &fd, 1);
	send_message(f, RESET, 0, NULL, 0, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	for (unsigned int i = 0; i < 3; i++) {
		receive(f);
		assert_int_equal(f->header.flags, REPLY);
	}
	close(fd);
}

static void urgent_work_stops_the_service(void **state)
{
	struct fixture *f = *state;

	f->device.urgent = true;
	send_message(f, RESET, 0, NULL, 0, NULL, 0);
	send_message(f, RESET, 0, NULL, 0, NULL, 0);
	assert_int_equal(vfio_user_service(f->vu), 0);
	assert_int_equal(f->device.resets, 1);
	assert_int_equal(vfio_user_service(f->vu), 0);
	assert_int_equal(f->device.resets, 2);
}

static void leaving_client_is_noticed_and_all_is_closed(void **state)
{
	struct fixture *f = *state;
	unsigned int before = open_fds();
	int fd = memory(PAGE), event = eventfd(0, EFD_CLOEXEC);
	uint8_t byte;

	assert_int_equal(map(f, 0, PAGE, 3, fd, 0), 0);
	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	close(fd);
	close(event);
	close(f->client);
	f->client = -1;
	assert_int_equal(vfio_user_service(f->vu), -ECONNRESET);
	assert_int_equal(vfio_user_fd(f->vu), -1);
	assert_int_equal(vfio_user_service(f->vu), -ECONNRESET);
	assert_int_equal(dma_read(vfio_user_dma(f->vu), 0, &byte, 1), -EIO);
	vfio_user_interrupt(f->vu);
	assert_int_equal(open_fds(), before - 2);	/* both ends of the connection */
}

/* Interrupts */

static unsigned int fired(int event)
{
	struct pollfd pfd = { .fd = event, .events = POLLIN };
	uint64_t count;

	if (poll(&pfd, 1, 0) != 1)
		return 0;
	assert_int_equal(read(event, &count, sizeof(count)), sizeof(count));
	return count;
}

static void raise_level(struct fixture *f, bool level)
{
	f->device.level = level;
	vfio_user_interrupt(f->vu);
}

static void intx_masks_itself_until_unmasked(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);

	raise_level(f, true);
	/* what is up when the line is armed fires at once */
	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	assert_int_equal(fired(event), 1);
	raise_level(f, true);
	assert_int_equal(fired(event), 0);
	assert_int_equal(set_irqs(f, 0x11, 0, 1, -1), 0);
	assert_int_equal(fired(event), 1);
	raise_level(f, false);
	assert_int_equal(set_irqs(f, 0x11, 0, 1, -1), 0);
	assert_int_equal(fired(event), 0);
	raise_level(f, true);
	assert_int_equal(fired(event), 1);
	assert_int_equal(f->counters.interrupts, 3);
	close(event);
}

static void intx_obeys_mask_and_command_bit(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	assert_int_equal(set_irqs(f, 0x09, 0, 1, -1), 0);
	raise_level(f, true);
	assert_int_equal(fired(event), 0);
	f->device.disabled = true;
	assert_int_equal(set_irqs(f, 0x11, 0, 1, -1), 0);
	assert_int_equal(fired(event), 0);
	f->device.disabled = false;
	/* any access to the device looks at the condition again */
	assert_int_equal(region_read(f, 7, 4, 2), 0);
	assert_int_equal(fired(event), 1);
	close(event);
}

static void msi_fires_on_each_edge(void **state)
{
	struct fixture *f = *state;
	int line = eventfd(0, EFD_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(set_irqs(f, 0x24, 0, 1, line), 0);
	assert_int_equal(set_irqs(f, 0x21, 0, 0, -1), 0);
	assert_int_equal(set_irqs(f, 0x24, 1, 1, event), 0);
	raise_level(f, true);
	raise_level(f, true);
	assert_int_equal(fired(event), 1);
	raise_level(f, false);
	raise_level(f, true);
	assert_int_equal(fired(event), 1);
	assert_int_equal(fired(line), 0);
	/* armed anew while the condition is up */
	assert_int_equal(set_irqs(f, 0x21, 1, 0, -1), 0);
	assert_int_equal(set_irqs(f, 0x24, 1, 1, event), 0);
	assert_int_equal(fired(event), 1);
	close(line);
	close(event);
}

static void disarmed_interrupt_is_silent_and_closed(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);
	unsigned int before = open_fds();

	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	assert_int_equal(open_fds(), before + 1);
	assert_int_equal(set_irqs(f, 0x24, 0, 1, -1), 0);
	raise_level(f, true);
	assert_int_equal(fired(event), 0);
	assert_int_equal(open_fds(), before);
	close(event);
}

static void reset_unmasks_intx(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);

	assert_int_equal(set_irqs(f, 0x24, 0, 1, event), 0);
	raise_level(f, true);
	raise_level(f, false);
	assert_int_equal(fired(event), 1);
	assert_int_equal(request(f, RESET, NULL, 0), 0);
	raise_level(f, true);
	assert_int_equal(fired(event), 1);
	close(event);
}

static void bad_interrupt_settings_are_refused(void **state)
{
	static const struct irqs_body bad[] = {
		{ 19, 0x24, 0, 0, 1 },		/* argsz */
		{ 20, 0x20, 0, 0, 1 },		/* no data type */
		{ 20, 0x27, 0, 0, 1 },		/* three */
		{ 20, 0x04, 0, 0, 1 },		/* no action */
		{ 20, 0x3c, 0, 0, 1 },		/* three */
		{ 20, 0x64, 0, 0, 1 },		/* unknown flag */
		{ 20, 0x24, 2, 0, 1 },		/* index without interrupt */
		{ 20, 0x24, 5, 0, 1 },
		{ 20, 0x24, 0xffffffff, 0, 1 },
		{ 20, 0x24, 0, 1, 1 },		/* start */
		{ 20, 0x24, 0, 0xffffffff, 1 },
		{ 20, 0x24, 0, 0, 2 },		/* count */
		{ 20, 0x24, 0, 0, 0xffffffff },
		{ 20, 0x24, 0, 0, 0 },		/* descriptors for nobody */
		{ 20, 0x11, 0, 0, 0 },
		{ 20, 0x11, 1, 0, 1 },		/* MSI cannot be masked */
		{ 20, 0x14, 0, 0, 1 },		/* unmask by descriptor */
		{ 20, 0x22, 0, 0, 1 },		/* bool without its byte */
		{ 20, 0x21, 0, 0, 1 },		/* trigger what is not armed */
	};
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(request(f, SET_IRQS, &bad[i], sizeof(bad[i])), EINVAL);
	/* a descriptor where none belongs */
	assert_int_equal(set_irqs(f, 0x11, 0, 1, event), EINVAL);
	assert_int_equal(set_irqs(f, 0x21, 0, 0, event), EINVAL);
	close(event);
}

static void client_can_trigger_what_it_armed(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);
	uint8_t body[21] = { 20, 0, 0, 0, 0x22, 0, 0, 0, 1, [16] = 1 };

	assert_int_equal(set_irqs(f, 0x24, 1, 1, event), 0);
	assert_int_equal(set_irqs(f, 0x21, 1, 1, -1), 0);
	assert_int_equal(fired(event), 1);
	assert_int_equal(request(f, SET_IRQS, body, sizeof(body)), 0);
	assert_int_equal(fired(event), 0);
	body[20] = 1;
	assert_int_equal(request(f, SET_IRQS, body, sizeof(body)), 0);
	assert_int_equal(fired(event), 1);
	close(event);
}

static void full_event_descriptor_does_not_block(void **state)
{
	struct fixture *f = *state;
	int event = eventfd(0, EFD_CLOEXEC);
	uint64_t full = UINT64_MAX - 1;

	assert_int_equal(set_irqs(f, 0x24, 1, 1, event), 0);
	assert_int_equal(write(event, &full, sizeof(full)), sizeof(full));
	raise_level(f, true);
	assert_int_equal(f->counters.interrupts, 0);
	close(event);
}

/* Listening */

static struct vfio_user *listen_on(const char *path, struct fixture *f)
{
	return vfio_user_new(path, "test", &device_ops, &f->device, &f->counters);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

static void one_client_connects_to_the_socket(void **state)
{
	static struct fixture f;
	char dir[] = "/tmp/vfio-test-XXXXXX", path[64];

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	f.vu = listen_on(path, &f);
	assert_non_null(f.vu);
	assert_true(vfio_user_fd(f.vu) >= 0);
	assert_int_equal(vfio_user_service(f.vu), 0);	/* nobody there: does not block */
	f.client = connect_to(path);
	assert_true(f.client >= 0);
	assert_int_equal(vfio_user_service(f.vu), 0);
	assert_int_equal(version(&f, 0, "{}"), 0);
	assert_int_equal(connect_to(path), -1);
	close(f.client);
	assert_int_equal(vfio_user_service(f.vu), -ECONNRESET);
	assert_int_equal(vfio_user_fd(f.vu), -1);
	vfio_user_free(f.vu);
	assert_int_equal(rmdir(dir), 0);
}

static void old_socket_is_replaced_but_no_file(void **state)
{
	static struct fixture f;
	char dir[] = "/tmp/vfio-test-XXXXXX", path[64], longpath[200];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int old = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(old, (struct sockaddr *)&address, sizeof(address)), 0);
	close(old);
	f.vu = listen_on(path, &f);
	assert_non_null(f.vu);
	vfio_user_free(f.vu);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_null(listen_on(path, &f));
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(path), 0);
	memset(longpath, 'a', sizeof(longpath));
	longpath[sizeof(longpath) - 1] = '\0';
	assert_null(listen_on(longpath, &f));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(rmdir(dir), 0);
	assert_null(listen_on(path, &f));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BARE(version_is_negotiated),
		BARE(version_without_capabilities_is_enough),
		BARE(nothing_works_before_version),
		BARE(bad_versions_are_refused),
		TEST(device_info_is_a_pci_device_with_reset),
		TEST(regions_are_described),
		TEST(interrupts_are_described),
		TEST(regions_are_read_and_written),
		TEST(accesses_past_a_region_are_refused),
		TEST(write_whose_count_lies_is_refused),
		TEST(posted_write_gets_no_reply),
		TEST(reset_reaches_the_device),
		TEST(unknown_commands_are_refused),
		TEST(wrong_sizes_are_refused),
		TEST(unknown_flags_are_refused),
		TEST(reply_nobody_asked_for_is_refused),
		TEST(unwanted_descriptors_are_refused_and_closed),
		TEST(message_shorter_than_its_header_closes),
		TEST(message_longer_than_any_closes),
		TEST(message_of_nearly_four_gib_closes),
		TEST(message_may_come_byte_by_byte),
		TEST(header_may_come_in_two_pieces),
		TEST(descriptor_stays_with_its_message),
		TEST(urgent_work_stops_the_service),
		TEST(leaving_client_is_noticed_and_all_is_closed),
		TEST(intx_masks_itself_until_unmasked),
		TEST(intx_obeys_mask_and_command_bit),
		TEST(msi_fires_on_each_edge),
		TEST(disarmed_interrupt_is_silent_and_closed),
		TEST(reset_unmasks_intx),
		TEST(bad_interrupt_settings_are_refused),
		TEST(client_can_trigger_what_it_armed),
		TEST(full_event_descriptor_does_not_block),
		cmocka_unit_test(one_client_connects_to_the_socket),
		cmocka_unit_test(old_socket_is_replaced_but_no_file),
	};

	/* The refusals are what is tested: their log is noise. */
	if (log_open("/dev/null"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
