// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PCI side of a 53C1030 (HW-1, HW-2): 256 bytes of configuration space with power
 * management, MSI and PCI-X capabilities, an I/O BAR that mirrors the
 * registers, the register BAR, and a diagnostic BAR that is empty here.
 *
 * Registers act on aligned 32-bit accesses only (HW-5).  Any other access has no side
 * effect: it reads as zeros and writes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "pci.h"

#define CONFIG_SIZE		256

enum {
	CFG_VENDOR = 0x00,
	CFG_DEVICE = 0x02,
	CFG_COMMAND = 0x04,
	CFG_STATUS = 0x06,
	CFG_REVISION = 0x08,
	CFG_CLASS = 0x0b,
	CFG_CACHE_LINE = 0x0c,
	CFG_LATENCY = 0x0d,
	CFG_HEADER_TYPE = 0x0e,
	CFG_BAR0 = 0x10,
	CFG_SUBSYSTEM_VENDOR = 0x2c,
	CFG_SUBSYSTEM = 0x2e,
	CFG_CAPABILITIES = 0x34,
	CFG_INTERRUPT_LINE = 0x3c,
	CFG_INTERRUPT_PIN = 0x3d,
	CFG_PM = 0x50,
	CFG_MSI = 0x58,
	CFG_PCIX = 0x68,
};

#define VENDOR_LSI		0x1000
#define CLASS_STORAGE		0x01

#define COMMAND_IO		0x0001u
#define COMMAND_MEMORY		0x0002u
#define COMMAND_MASTER		0x0004u
#define COMMAND_INTX_DISABLE	0x0400u
/* and memory write and invalidate, parity, SERR# */
#define COMMAND_WRITABLE	(COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | 0x0150u | \
				 COMMAND_INTX_DISABLE)
#define STATUS_VALUE		0x0230u		/* medium DEVSEL, 66 MHz, capabilities */

#define BAR_IO			1u
#define BAR_64			4u

struct pci_function {
	const struct function_options *options;
	struct registers *regs;
	uint8_t config[CONFIG_SIZE];
	uint8_t writable[CONFIG_SIZE];
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value;
	at[1] = value >> 8;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

static uint32_t get32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* BARs (HW-3): 0 I/O; then registers and diagnostic, one or two dwords wide each. */

static unsigned int memory_bar(void)
{
	return 1;
}

static unsigned int diagnostic_bar(const struct pci_function *pci)
{
	return pci->options->bar_64 ? 3 : 2;
}

static void make_bar(struct pci_function *pci, unsigned int bar, uint32_t size, uint32_t type)
{
	unsigned int at = CFG_BAR0 + 4 * bar;

	put32(&pci->config[at], type);
	put32(&pci->writable[at], ~(size - 1));
	if (type == BAR_64)
		put32(&pci->writable[at + 4], 0xffffffff);
}

static void make_bars(struct pci_function *pci)
{
	uint32_t type = pci->options->bar_64 ? BAR_64 : 0;

	make_bar(pci, 0, PCI_IO_SIZE, BAR_IO);
	make_bar(pci, memory_bar(), PCI_MEMORY_SIZE, type);
	make_bar(pci, diagnostic_bar(pci), PCI_DIAGNOSTIC_SIZE, type);
}

static void make_capabilities(struct pci_function *pci)
{
	static const uint8_t pm[] = { 0x01, CFG_MSI, 0x02, 0x00 };
	static const uint8_t msi[] = { 0x05, CFG_PCIX, 0x80, 0x00 };	/* HW-8 */
	static const uint8_t pcix[] = { 0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x10 };
	uint8_t *writable = pci->writable;

	pci->config[CFG_CAPABILITIES] = CFG_PM;
	memcpy(&pci->config[CFG_PM], pm, sizeof(pm));
	memcpy(&pci->config[CFG_MSI], msi, sizeof(msi));
	memcpy(&pci->config[CFG_PCIX], pcix, sizeof(pcix));

	writable[CFG_PM + 4] = 0x03;		/* power state */
	writable[CFG_MSI + 2] = 0x71;		/* enable, number of vectors */
	put32(&writable[CFG_MSI + 4], 0xfffffffc);
	put32(&writable[CFG_MSI + 8], 0xffffffff);
	put16(&writable[CFG_MSI + 12], 0xffff);
	/* The stock driver reads, changes and writes back the PCI-X command (HW-114). */
	put16(&writable[CFG_PCIX + 2], 0x00ff);
}

static void make_header(struct pci_function *pci)
{
	uint8_t *config = pci->config, *writable = pci->writable;

	put16(&config[CFG_VENDOR], VENDOR_LSI);
	put16(&config[CFG_DEVICE], pci->options->device_id);
	put16(&config[CFG_STATUS], STATUS_VALUE);
	config[CFG_REVISION] = pci->options->revision;
	config[CFG_CLASS] = CLASS_STORAGE;
	config[CFG_CACHE_LINE] = 0x10;
	config[CFG_LATENCY] = 0x40;
	config[CFG_HEADER_TYPE] = pci->options->pair >= 0 ? 0x80 : 0x00;
	put16(&config[CFG_SUBSYSTEM_VENDOR], VENDOR_LSI);
	put16(&config[CFG_SUBSYSTEM], VENDOR_LSI);
	config[CFG_INTERRUPT_PIN] = 1;

	put16(&writable[CFG_COMMAND], COMMAND_WRITABLE);
	writable[CFG_CACHE_LINE] = 0xff;
	writable[CFG_LATENCY] = 0xff;
	writable[CFG_INTERRUPT_LINE] = 0xff;
}

static void power_on(struct pci_function *pci)
{
	memset(pci->config, 0, sizeof(pci->config));
	memset(pci->writable, 0, sizeof(pci->writable));
	make_header(pci);
	make_bars(pci);
	make_capabilities(pci);
}

struct pci_function *pci_new(const struct function_options *options)
{
	struct pci_function *pci = calloc(1, sizeof(*pci));

	if (!pci)
		return NULL;
	pci->options = options;
	power_on(pci);
	return pci;
}

void pci_free(struct pci_function *pci)
{
	free(pci);
}

void pci_connect(struct pci_function *pci, struct registers *regs)
{
	pci->regs = regs;
}

static bool command(const struct pci_function *pci, uint32_t bit)
{
	return get32(&pci->config[CFG_COMMAND]) & bit;
}

static size_t region_size(void *device, unsigned int region)
{
	struct pci_function *pci = device;

	if (region == 0)
		return PCI_IO_SIZE;
	if (region == memory_bar())
		return PCI_MEMORY_SIZE;
	if (region == diagnostic_bar(pci))
		return PCI_DIAGNOSTIC_SIZE;
	return region == VFIO_REGION_CONFIG ? CONFIG_SIZE : 0;
}

static void config_write(struct pci_function *pci, uint64_t offset, const uint8_t *data,
			 size_t count)
{
	uint8_t mask;
	size_t i;

	for (i = 0; i < count; i++) {
		mask = pci->writable[offset + i];
		pci->config[offset + i] = (pci->config[offset + i] & ~mask) | (data[i] & mask);
	}
}

static bool decodes(const struct pci_function *pci, unsigned int region)
{
	return command(pci, region == 0 ? COMMAND_IO : COMMAND_MEMORY);
}

static bool reaches_register(const struct pci_function *pci, unsigned int region, uint64_t offset,
			     size_t count)
{
	return pci->regs && region <= memory_bar() && count == 4 && !(offset & 3);
}

static void region_read(void *device, unsigned int region, uint64_t offset, void *buf,
			size_t count)
{
	struct pci_function *pci = device;

	if (region == VFIO_REGION_CONFIG)
		memcpy(buf, pci->config + offset, count);
	else if (!decodes(pci, region))
		memset(buf, 0xff, count);	/* nobody answers: master abort */
	else if (reaches_register(pci, region, offset, count))
		put32(buf, registers_read(pci->regs, offset));
	else
		memset(buf, 0, count);
}

static void region_write(void *device, unsigned int region, uint64_t offset, const void *buf,
			 size_t count)
{
	struct pci_function *pci = device;

	if (region == VFIO_REGION_CONFIG)
		config_write(pci, offset, buf, count);
	else if (decodes(pci, region) && reaches_register(pci, region, offset, count))
		registers_write(pci->regs, offset, get32(buf));
}

static bool interrupt(void *device)
{
	struct pci_function *pci = device;

	return pci->regs && registers_interrupt(pci->regs);
}

static bool intx_disabled(void *device)
{
	return command(device, COMMAND_INTX_DISABLE);
}

static bool bus_master(void *device)
{
	return command(device, COMMAND_MASTER);
}

static void reset(void *device)
{
	struct pci_function *pci = device;

	power_on(pci);
	if (pci->regs)
		registers_pci_reset(pci->regs);
}

static bool urgent(void *device)
{
	struct pci_function *pci = device;

	return pci->regs && registers_urgent(pci->regs);
}

const struct vfio_device_ops pci_device_ops = {
	.region_size = region_size,
	.region_read = region_read,
	.region_write = region_write,
	.interrupt = interrupt,
	.intx_disabled = intx_disabled,
	.reset = reset,
	.bus_master = bus_master,
	.urgent = urgent,
};
