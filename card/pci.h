/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space and BARs of one function: what joins vfio-user and the registers. */
#ifndef CARD_PCI_H
#define CARD_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "registers.h"
#include "vfio_user.h"

#define PCI_IO_SIZE		256
#define PCI_MEMORY_SIZE		(128 * 1024)
#define PCI_DIAGNOSTIC_SIZE	(64 * 1024)

struct pci_function;

struct pci_function *pci_new(const struct function_options *options);
void pci_free(struct pci_function *pci);
/* The registers behind the BARs; before that call they read as 0. */
void pci_connect(struct pci_function *pci, struct registers *regs);

/* The device of these is a struct pci_function. */
extern const struct vfio_device_ops pci_device_ops;

#endif
