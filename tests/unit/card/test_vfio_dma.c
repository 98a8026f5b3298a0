// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory: windows with and without descriptors. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "vfio_fixture.h"

static int dread(struct fixture *f, uint64_t addr, void *buf, size_t len)
{
	return dma_read(vfio_user_dma(f->vu), addr, buf, len);
}

static int dwrite(struct fixture *f, uint64_t addr, const void *buf, size_t len)
{
	return dma_write(vfio_user_dma(f->vu), addr, buf, len);
}

static void mapped_memory_is_read_and_written(void **state)
{
	struct fixture *f = *state;
	int fd = memory(4 * PAGE);
	char buf[8] = { 0 };

	assert_int_equal(map(f, 0x100000, 2 * PAGE, 3, fd, PAGE), 0);
	assert_int_equal(pwrite(fd, "hello", 5, PAGE + 16), 5);
	assert_int_equal(dread(f, 0x100010, buf, 5), 0);
	assert_string_equal(buf, "hello");
	assert_int_equal(dwrite(f, 0x100000 + 2 * PAGE - 3, "end", 3), 0);
	assert_int_equal(pread(fd, buf, 3, 3 * PAGE - 3), 3);
	assert_memory_equal(buf, "end", 3);
	assert_int_equal(f->counters.dma_reads, 1);
	assert_int_equal(f->counters.dma_read_bytes, 5);
	assert_int_equal(f->counters.dma_writes, 1);
	assert_int_equal(f->counters.dma_write_bytes, 3);
	close(fd);
}

static void transfer_may_straddle_windows(void **state)
{
	struct fixture *f = *state;
	int low = memory(PAGE), high = memory(PAGE);
	char out[2 * PAGE], in[2 * PAGE];

	memset(out, 'x', sizeof(out));
	assert_int_equal(map(f, 2 * PAGE, PAGE, 3, high, 0), 0);
	assert_int_equal(map(f, PAGE, PAGE, 3, low, 0), 0);
	assert_int_equal(dwrite(f, PAGE + 1, out, 2 * PAGE - 1), 0);
	assert_int_equal(dread(f, PAGE, in, 2 * PAGE), 0);
	assert_int_equal(in[0], 0);
	assert_memory_equal(in + 1, out, 2 * PAGE - 1);
	close(low);
	close(high);
}

static void memory_outside_the_windows_is_refused(void **state)
{
	struct fixture *f = *state;
	int fd = memory(PAGE);
	char buf[PAGE + 1];

	assert_int_equal(dread(f, 0, buf, 1), -EFAULT);
	assert_int_equal(map(f, PAGE, PAGE, 3, fd, 0), 0);
	assert_int_equal(dread(f, PAGE, buf, PAGE + 1), -EFAULT);
	assert_int_equal(dread(f, PAGE - 1, buf, 2), -EFAULT);
	memset(buf, 'x', sizeof(buf));
	/* nothing of it is written, not even what fits */
	assert_int_equal(dwrite(f, PAGE, buf, PAGE + 1), -EFAULT);
	assert_int_equal(dread(f, PAGE, buf, 1), 0);
	assert_int_equal(buf[0], 0);
	assert_int_equal(dread(f, UINT64_MAX, buf, 2), -EFAULT);
	assert_int_equal(f->counters.dma_writes, 0);
	close(fd);
}

static void window_at_the_end_of_memory_works(void **state)
{
	struct fixture *f = *state;
	int fd = memory(PAGE);
	char byte = 'z';

	assert_int_equal(map(f, -(uint64_t)PAGE, PAGE, 3, fd, 0), 0);
	assert_int_equal(dwrite(f, UINT64_MAX, &byte, 1), 0);
	assert_int_equal(dwrite(f, UINT64_MAX, "zz", 2), -EFAULT);
	close(fd);
}

static void rights_of_a_window_are_kept(void **state)
{
	struct fixture *f = *state;
	int fd = memory(2 * PAGE);
	char byte = 0;

	assert_int_equal(map(f, 0, PAGE, 1, fd, 0), 0);
	assert_int_equal(map(f, PAGE, PAGE, 2, fd, PAGE), 0);
	assert_int_equal(dread(f, 0, &byte, 1), 0);
	assert_int_equal(dwrite(f, 0, &byte, 1), -EFAULT);
	assert_int_equal(dwrite(f, PAGE, &byte, 1), 0);
	assert_int_equal(dread(f, PAGE, &byte, 1), -EFAULT);
	close(fd);
}

static void transfer_into_a_window_without_right_moves_nothing(void **state)
{
	struct fixture *f = *state;
	int fd = memory(2 * PAGE);
	char buf[2] = "xy";

	assert_int_equal(map(f, 0, PAGE, 3, fd, 0), 0);
	assert_int_equal(map(f, PAGE, PAGE, 1, fd, PAGE), 0);
	assert_int_equal(dwrite(f, PAGE - 1, buf, 2), -EFAULT);
	assert_int_equal(dread(f, PAGE - 1, buf, 2), 0);
	assert_int_equal(buf[0], 0);
	close(fd);
}

static void bus_master_bit_gates_dma(void **state)
{
	struct fixture *f = *state;
	int fd = memory(PAGE);
	char byte;

	assert_int_equal(map(f, 0, PAGE, 3, fd, 0), 0);
	f->device.master = false;
	assert_int_equal(dread(f, 0, &byte, 1), -EFAULT);
	f->device.master = true;
	assert_int_equal(dread(f, 0, &byte, 1), 0);
	close(fd);
}

static void bad_maps_are_refused(void **state)
{
	struct fixture *f = *state;
	struct map_body body = { 31, 3, 0, 0, PAGE };
	int fd = memory(2 * PAGE), read_only;
	char path[64];

	assert_int_equal(request(f, MAP, &body, sizeof(body)), EINVAL);
	assert_int_equal(map(f, 1, PAGE, 3, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, 100, 3, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, 0, 3, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 3, fd, 17), EINVAL);
	assert_int_equal(map(f, -(uint64_t)PAGE, 2 * PAGE, 3, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 0, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 7, fd, 0), EINVAL);
	/* longer than the file, or so far into it that the sum wraps */
	assert_int_equal(map(f, 0, 3 * PAGE, 3, fd, 0), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 3, fd, 2 * PAGE), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 3, fd, -(uint64_t)PAGE), EINVAL);
	assert_int_equal(map(f, 0, PAGE, 3, f->client, 0), ENODEV);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(map(f, 0, PAGE, 3, read_only, 0), EACCES);
	assert_int_equal(map(f, 0, PAGE, 1, read_only, 0), 0);
	close(read_only);
	close(fd);
}

static void overlapping_maps_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(map(f, 4 * PAGE, 4 * PAGE, 3, -1, 0), 0);
	assert_int_equal(map(f, 4 * PAGE, 4 * PAGE, 3, -1, 0), EEXIST);
	assert_int_equal(map(f, 3 * PAGE, 2 * PAGE, 3, -1, 0), EEXIST);
	assert_int_equal(map(f, 7 * PAGE, 2 * PAGE, 3, -1, 0), EEXIST);
	assert_int_equal(map(f, 5 * PAGE, PAGE, 3, -1, 0), EEXIST);
	assert_int_equal(map(f, 0, 16 * PAGE, 3, -1, 0), EEXIST);
	assert_int_equal(map(f, 3 * PAGE, PAGE, 3, -1, 0), 0);
	assert_int_equal(map(f, 8 * PAGE, PAGE, 3, -1, 0), 0);
}

static void unmap_takes_whole_windows_only(void **state)
{
	struct fixture *f = *state;
	struct unmap_body body;
	int fd = memory(4 * PAGE);
	char byte;

	assert_int_equal(map(f, 0, 2 * PAGE, 3, fd, 0), 0);
	assert_int_equal(map(f, 2 * PAGE, 2 * PAGE, 3, fd, 0), 0);
	assert_int_equal(unmap(f, 0, PAGE), EINVAL);
	assert_int_equal(unmap(f, PAGE, 3 * PAGE), EINVAL);
	assert_int_equal(unmap(f, 0, 3 * PAGE), EINVAL);
	assert_int_equal(unmap(f, 0, 0), EINVAL);
	assert_int_equal(unmap(f, 7, PAGE), EINVAL);
	assert_int_equal(dread(f, 0, &byte, 1), 0);
	assert_int_equal(unmap(f, 0, 8 * PAGE), 0);
	assert_int_equal(f->len, sizeof(body));
	memcpy(&body, f->body, sizeof(body));
	assert_int_equal(body.size, 4 * PAGE);
	assert_int_equal(dread(f, 0, &byte, 1), -EFAULT);
	assert_int_equal(unmap(f, 0, 8 * PAGE), 0);
	assert_int_equal(map(f, 0, 4 * PAGE, 3, fd, 0), 0);
	close(fd);
}

static void unmap_all_takes_no_range(void **state)
{
	struct fixture *f = *state;
	struct unmap_body body = { sizeof(body), 2, 0, PAGE };
	char byte;

	assert_int_equal(map(f, 0, PAGE, 3, -1, 0), 0);
	assert_int_equal(request(f, UNMAP, &body, sizeof(body)), EINVAL);
	body.size = 0;
	assert_int_equal(request(f, UNMAP, &body, sizeof(body)), 0);
	assert_int_equal(dread(f, 0, &byte, 1), -EFAULT);
	body.flags = 1;
	assert_int_equal(request(f, UNMAP, &body, sizeof(body)), EINVAL);
	body.flags = 0;
	body.argsz = 23;
	assert_int_equal(request(f, UNMAP, &body, sizeof(body)), EINVAL);
}

static void windows_are_bounded(void **state)
{
	struct fixture *f = *state;
	uint64_t i;

	for (i = 0; i < VFIO_MAX_MAPS; i++)
		assert_int_equal(map(f, 2 * i * PAGE, PAGE, 3, -1, 0), 0);
	assert_int_equal(map(f, 2 * i * PAGE, PAGE, 3, -1, 0), ENOSPC);
	assert_int_equal(unmap(f, 0, 2 * i * PAGE), 0);
	assert_int_equal(map(f, 0, PAGE, 3, -1, 0), 0);
}

static void truncated_memory_is_a_fault_not_a_crash(void **state)
{
	struct fixture *f = *state;
	int fd = memory(2 * PAGE);
	char buf[16];

	assert_int_equal(map(f, 0, 2 * PAGE, 3, fd, 0), 0);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	assert_int_equal(dread(f, PAGE, buf, sizeof(buf)), -EFAULT);
	assert_int_equal(dwrite(f, PAGE, buf, sizeof(buf)), -EFAULT);
	assert_int_equal(dread(f, 0, buf, sizeof(buf)), 0);
	close(fd);
}

/* DMA by messages: a thread is the client */

struct memory_client {
	struct fixture *f;
	pthread_t thread;
	unsigned int messages;		/* to answer */
	uint8_t guest[4 * PAGE];
	size_t longest;
	bool ask_first, lie, refuse, truncate, leave;
};

static void client_reply(struct memory_client *c, const struct vfio_header *header,
			 uint64_t range[2], size_t data)
{
	struct vfio_header reply = *header;
	uint8_t *message = malloc(16 + 16 + data);

	reply.flags = REPLY;
	if (c->refuse) {
		reply.flags |= ERROR;
		reply.error = EFAULT;
	}
	if (c->lie)
		range[0]++;
	reply.size = c->refuse ? 16 : 32 + data - (c->truncate ? 1 : 0);
	memcpy(message, &reply, 16);
	memcpy(message + 16, range, 16);
	if (data)
		memcpy(message + 32, c->guest + range[0] % sizeof(c->guest), data);
	send_raw(c->f, message, reply.size, NULL, 0);
	free(message);
}

static void *client_main(void *arg)
{
	struct memory_client *c = arg;
	struct fixture *f = c->f;
	struct vfio_header header;
	uint64_t range[2];
	struct access_body access = { 0, 0, 4 };

	while (c->messages--) {
		read_exactly(f->client, &header, 16);
		read_exactly(f->client, range, 16);
		if (range[1] > c->longest)
			c->longest = range[1];
		if (header.command == DMA_WRITE)
			read_exactly(f->client, c->guest + range[0], range[1]);
		if (c->leave) {
			shutdown(f->client, SHUT_RDWR);
			break;
		}
		if (c->ask_first) {
			/* the vCPU waits for a register and holds the lock */
			send_message(f, READ, 0, &access, sizeof(access), NULL, 0);
			receive(f);
			assert_int_equal(f->header.command, READ);
		}
		client_reply(c, &header, range, header.command == DMA_READ ? range[1] : 0);
	}
	return NULL;
}

static void client_start(struct memory_client *c, struct fixture *f, unsigned int messages)
{
	c->f = f;
	c->messages = messages;
	assert_int_equal(pthread_create(&c->thread, NULL, client_main, c), 0);
}

static void client_join(struct memory_client *c)
{
	assert_int_equal(pthread_join(c->thread, NULL), 0);
}

static void memory_without_descriptor_goes_by_messages(void **state)
{
	struct memory_client c = { .guest = "guest" };
	struct fixture *f = *state;
	char buf[8] = { 0 };

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 2);
	assert_int_equal(dread(f, 1, buf, 4), 0);
	assert_string_equal(buf, "uest");
	assert_int_equal(dwrite(f, 100, "abc", 3), 0);
	client_join(&c);
	assert_memory_equal(c.guest + 100, "abc", 3);
	assert_int_equal(f->counters.dma_reads, 1);
	assert_int_equal(f->counters.dma_write_bytes, 3);
}

static void client_is_served_while_dma_waits(void **state)
{
	struct memory_client c = { .guest = "guest", .ask_first = true };
	struct fixture *f = *state;
	char buf[8] = { 0 };

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 1);
	assert_int_equal(dread(f, 0, buf, 5), 0);
	client_join(&c);
	assert_string_equal(buf, "guest");
}

static void *other_client(void *arg)
{
	struct fixture *f = arg;
	struct access_body access = { 0, 0, 4 };

	send_message(f, READ, 0, &access, sizeof(access), NULL, 0);
	receive(f);
	return NULL;
}

struct two_functions {
	struct memory_client c;
	struct fixture *other;
};

static void *answer_after_the_other(void *arg)
{
	struct two_functions *two = arg;

	other_client(two->other);
	return client_main(&two->c);
}

/* Both functions sit in one QEMU: the other one's register read holds the lock. */
static void other_functions_are_served_while_dma_waits(void **state)
{
	struct two_functions two = { .c = { .guest = "guest", .messages = 1 } };
	void *other_state;
	char buf[8] = { 0 };

	assert_int_equal(setup(&other_state), 0);
	two.c.f = *state;
	two.other = other_state;
	assert_int_equal(map(*state, 0, 4 * PAGE, 3, -1, 0), 0);
	assert_int_equal(pthread_create(&two.c.thread, NULL, answer_after_the_other, &two), 0);
	assert_int_equal(dread(*state, 0, buf, 5), 0);
	client_join(&two.c);
	assert_string_equal(buf, "guest");
	teardown(&other_state);
}

static void transfers_are_cut_to_the_negotiated_size(void **state)
{
	struct memory_client c = { .guest = "0123456789" };
	struct fixture *f = *state;
	char buf[16] = { 0 };

	assert_int_equal(version(f, 0, "{\"capabilities\":{\"max_data_xfer_size\":4}}"), 0);
	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 3 + 2);
	assert_int_equal(dread(f, 0, buf, 10), 0);
	assert_int_equal(dwrite(f, 200, buf, 8), 0);
	client_join(&c);
	assert_string_equal(buf, "0123456789");
	assert_memory_equal(c.guest + 200, "01234567", 8);
	assert_int_equal(c.longest, 4);
	assert_int_equal(f->counters.dma_reads, 1);
}

static void refused_dma_message_is_a_fault(void **state)
{
	struct memory_client c = { .refuse = true };
	struct fixture *f = *state;
	char buf[8];

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 1);
	assert_int_equal(dread(f, 0, buf, 8), -EFAULT);
	client_join(&c);
	assert_int_equal(f->counters.dma_reads, 0);
}

static void dma_reply_about_another_range_is_a_fault(void **state)
{
	struct memory_client c = { .lie = true };
	struct fixture *f = *state;

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 1);
	assert_int_equal(dwrite(f, 0, "x", 1), -EFAULT);
	client_join(&c);
}

static void short_dma_reply_is_a_fault(void **state)
{
	struct memory_client c = { .truncate = true };
	struct fixture *f = *state;
	char buf[8];

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 1);
	assert_int_equal(dread(f, 0, buf, 8), -EFAULT);
	client_join(&c);
}

static void client_that_leaves_during_dma_ends_it(void **state)
{
	struct memory_client c = { .leave = true };
	struct fixture *f = *state;
	char buf[8];

	assert_int_equal(map(f, 0, 4 * PAGE, 3, -1, 0), 0);
	client_start(&c, f, 1);
	assert_int_equal(dread(f, 0, buf, 8), -EIO);
	client_join(&c);
	assert_int_equal(vfio_user_fd(f->vu), -1);
	assert_int_equal(vfio_user_service(f->vu), -ECONNRESET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mapped_memory_is_read_and_written),
		TEST(transfer_may_straddle_windows),
		TEST(memory_outside_the_windows_is_refused),
		TEST(window_at_the_end_of_memory_works),
		TEST(rights_of_a_window_are_kept),
		TEST(transfer_into_a_window_without_right_moves_nothing),
		TEST(bus_master_bit_gates_dma),
		TEST(bad_maps_are_refused),
		TEST(overlapping_maps_are_refused),
		TEST(unmap_takes_whole_windows_only),
		TEST(unmap_all_takes_no_range),
		TEST(windows_are_bounded),
		TEST(truncated_memory_is_a_fault_not_a_crash),
		TEST(memory_without_descriptor_goes_by_messages),
		TEST(client_is_served_while_dma_waits),
		TEST(other_functions_are_served_while_dma_waits),
		BARE(transfers_are_cut_to_the_negotiated_size),
		TEST(refused_dma_message_is_a_fault),
		TEST(dma_reply_about_another_range_is_a_fault),
		TEST(short_dma_reply_is_a_fault),
		TEST(client_that_leaves_during_dma_ends_it),
	};

	/* The refusals are what is tested: their log is noise. */
	if (log_open("/dev/null"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
