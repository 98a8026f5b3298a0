// SPDX-License-Identifier: GPL-2.0-or-later
/* Interrupts of one function: INTx, which masks itself, and MSI. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "log.h"
#include "vfio_private.h"

#define IRQ_EVENTFD		1u
#define IRQ_MASKABLE		2u
#define IRQ_AUTOMASKED		4u
#define IRQ_NORESIZE		8u

#define SET_NONE		0x01u
#define SET_BOOL		0x02u
#define SET_EVENTFD		0x04u
#define SET_MASK		0x08u
#define SET_UNMASK		0x10u
#define SET_TRIGGER		0x20u
#define SET_DATA		(SET_NONE | SET_BOOL | SET_EVENTFD)
#define SET_ACTION		(SET_MASK | SET_UNMASK | SET_TRIGGER)

static void fire(struct vfio_user *vu, unsigned int irq)
{
	uint64_t one = 1;

	if (write(vu->irq_fd[irq], &one, sizeof(one)) != sizeof(one)) {
		if (errno != EAGAIN)
			log_debug(vu->name, "interrupt not delivered: %s", strerror(errno));
		return;
	}
	vu->counters->interrupts++;
}

void vfio_user_interrupt(struct vfio_user *vu)
{
	bool level;

	if (vu->wire.fd < 0)
		return;
	level = vu->ops->interrupt(vu->device);
	if (vu->irq_fd[IRQ_MSI] >= 0) {
		if (level && !vu->msi_level)
			fire(vu, IRQ_MSI);
		vu->msi_level = level;
	} else if (vu->irq_fd[IRQ_INTX] >= 0) {
		if (!level || vu->intx_masked || vu->ops->intx_disabled(vu->device))
			return;
		/* The client masks the line by itself; UNMASK asks for the next one. */
		vu->intx_masked = true;
		fire(vu, IRQ_INTX);
	}
}

void vfio_set_irq_fd(struct vfio_user *vu, unsigned int irq, int fd)
{
	if (vu->irq_fd[irq] >= 0)
		close(vu->irq_fd[irq]);
	vu->irq_fd[irq] = fd;
	/* A condition that is up already counts as an edge for whoever arms now. */
	if (irq == IRQ_MSI)
		vu->msi_level = false;
	else
		vu->intx_masked = false;
}

struct irq_info_body {
	uint32_t argsz, flags, index, count;
};

int vfio_handle_irq_info(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	static const uint32_t flags[NR_IRQS_USED] = {
		[IRQ_INTX] = IRQ_EVENTFD | IRQ_MASKABLE | IRQ_AUTOMASKED,
		[IRQ_MSI] = IRQ_EVENTFD | IRQ_NORESIZE,
	};
	struct irq_info_body info;

	(void)len;
	memcpy(&info, body, sizeof(info));
	/* A count of 0 for the error interrupt makes QEMU warn, a refusal does not. */
	if (info.argsz < sizeof(info) || info.index >= NR_IRQS || info.index == IRQ_ERROR)
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = info.index < NR_IRQS_USED ? flags[info.index] : 0;
	info.count = info.index < NR_IRQS_USED;
	memcpy(vu->out, &info, sizeof(info));
	*reply_len = sizeof(info);
	return 0;
}

struct set_irqs_body {
	uint32_t argsz, flags, index, start, count;
};

static bool one_bit(uint32_t value)
{
	return value && !(value & (value - 1));
}

static int check_set_irqs(const struct set_irqs_body *set, size_t data, unsigned int nr_fds)
{
	uint32_t kind = set->flags & SET_DATA, action = set->flags & SET_ACTION;

	if (set->argsz < sizeof(*set) || set->flags & ~(SET_DATA | SET_ACTION) ||
	    !one_bit(kind) || !one_bit(action))
		return -EINVAL;
	if (set->index >= NR_IRQS_USED || set->start > 1 || set->count > 1 - set->start)
		return -EINVAL;
	if (data != (kind == SET_BOOL ? set->count : 0))
		return -EINVAL;
	if (nr_fds > (kind == SET_EVENTFD ? set->count : 0))
		return -EINVAL;
	/* Without a count only "none, trigger" means something: disarm. */
	if (!set->count && set->flags != (SET_NONE | SET_TRIGGER))
		return -EINVAL;
	/* Events that mask or unmask are for in-kernel users; only INTx can be masked. */
	if (action != SET_TRIGGER && (kind == SET_EVENTFD || set->index != IRQ_INTX))
		return -EINVAL;
	return 0;
}

/* The descriptor is written to from the main loop, which must not block on it. */
static int take_event_fd(struct vfio_user *vu)
{
	int fd = vfio_wire_take_fd(&vu->wire);
	int flags;

	if (fd < 0)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || ((flags & O_ACCMODE) == O_RDONLY) ||
	    (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK))) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

int vfio_handle_set_irqs(struct vfio_user *vu, const uint8_t *body, size_t len, size_t *reply_len)
{
	struct set_irqs_body set;
	uint32_t action;
	int ret, fd;

	*reply_len = 0;
	memcpy(&set, body, sizeof(set));
	ret = check_set_irqs(&set, len - sizeof(set), vu->wire.nr_fds);
	if (ret)
		return ret;
	action = set.flags & SET_ACTION;
	if (!set.count) {
		vfio_set_irq_fd(vu, set.index, -1);
	} else if (set.flags & SET_EVENTFD) {
		fd = take_event_fd(vu);
		if (fd < -1)
			return fd;
		vfio_set_irq_fd(vu, set.index, fd);
	} else if (set.flags & SET_BOOL && !body[sizeof(set)]) {
		return 0;
	} else if (action == SET_TRIGGER) {
		if (vu->irq_fd[set.index] < 0)
			return -EINVAL;
		fire(vu, set.index);
	} else {
		vu->intx_masked = action == SET_MASK;
	}
	return 0;
}
