/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest memory as one function sees it when it masters the bus. */
#ifndef CARD_DMA_H
#define CARD_DMA_H

#include <stddef.h>
#include <stdint.h>

/*
 * Both calls move exactly @len bytes or fail with -EFAULT (a byte lies outside
 * the memory that the client granted, or in a window without that right) or
 * -EIO (the client went away).  They may wait for the client, which handles
 * register accesses meanwhile: never call them while a register access is
 * being handled, only from the work loop.
 */
struct dma {
	int (*read)(struct dma *dma, uint64_t addr, void *buf, size_t len);
	int (*write)(struct dma *dma, uint64_t addr, const void *buf, size_t len);
};

static inline int dma_read(struct dma *dma, uint64_t addr, void *buf, size_t len)
{
	return len ? dma->read(dma, addr, buf, len) : 0;
}

static inline int dma_write(struct dma *dma, uint64_t addr, const void *buf, size_t len)
{
	return len ? dma->write(dma, addr, buf, len) : 0;
}

#endif
