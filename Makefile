# SPDX-License-Identifier: GPL-2.0-or-later
# What can be made; `make help` lists it.  Packages that are missing are installed first.

KERNEL ?= 6.12
PREFIX ?= /usr/local
Q := @
MODULES_NAMES := KDIR FUSION SCST_DIR SCST_INC_DIR SCST_SYMVERS INSTALL_MOD_PATH INSTALL_MOD_DIR \
	INSTALL_MOD_STRIP OUTPUT V
MODULES_OPTIONS := $(foreach name,$(MODULES_NAMES),$(name)="$$$(name)")

export PYTHONDONTWRITEBYTECODE := 1

help: ## this list
	@echo "usage: make TARGET [NAME=VALUE...]"
	@sed -n 's/^\([a-z_-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

# By the environment and as they were given: no shell and no make reads a file's name.
demo: override export IMAGE := $(value IMAGE)
demo: override export WRITE := $(value WRITE)
demo: override export KERNEL := $(value KERNEL)
demo: card need-lab ## a stock initiator uses a file that our target serves [IMAGE=path [WRITE=1]] [KERNEL=6.12|6.1]
	$(Q)lab/demo

play: card need-lab ## a shell on the initiator's host, with LUNs; OPTIONS='--lun image.raw --hosts 2'
	$(Q)MPT_VERBOSE=1 lab/run --kernel '$(KERNEL)' --timeout 1000000 --interactive $(OPTIONS) -- lab-shell

check: card need-lab need-test ## all checks: style, unit, modules, system (about 25 minutes)
	$(Q)tests/run all $(TESTS)

check-quick: card need-lab need-test ## the most important checks (under 3 minutes)
	$(Q)tests/run quick $(TESTS)

check-full: card need-lab need-test ## everything, with the counts that the issues name; SCST_DIR= SCST_DEBUG_DIR= (5 hours) or SCST=skip (2 hours)
	$(Q)tests/run full $(TESTS)

check-fresh: need-lab ## the README's two commands in a new minimal Debian 12 with an empty cache
	$(Q)lab/fresh make demo -- make check

card: need-build ## the virtual card: build/card/mptcard
	$(Q)[ -x build/card/mptcard ] || echo "Building the card"
	$(Q)$(MAKE) --no-print-directory -s -C card O=$(CURDIR)/build/card IMAGE=

# KERNEL= asks for a kernel of the lab; else it is this machine's, as everybody expects of a driver.
ifneq ($(if $(KDIR),file,$(origin KERNEL)),file)
modules: need-lab
	$(Q)lab/build-modules --output build/modules/$(KERNEL) $(KERNEL)
else
modules: need-modules ## the driver for the running kernel, or KDIR=; [SCST_DIR= or SCST_INC_DIR= SCST_SYMVERS=] [FUSION=]; KERNEL=: for the lab
	$(Q)packaging/build-driver build $(MODULES_OPTIONS)
endif

# As with demo: no shell and no make reads a path.
export_option = modules modules_install modules_uninstall: override export $(1) := $$(value $(1))
$(foreach name,$(MODULES_NAMES),$(eval $(call export_option,$(name))))

modules_install: ## installs what `make modules` built, with the same KDIR=; [INSTALL_MOD_PATH=]
	$(Q)packaging/build-driver install $(MODULES_OPTIONS)

modules_uninstall: ## removes what `make modules_install` installed, with the same KDIR=
	$(Q)packaging/build-driver uninstall $(MODULES_OPTIONS)

deb: need-deb ## Debian packages for DKMS and of the tools: build/deb/*.deb
	$(Q)packaging/make-deb

unit: need-test need-lab ## the unit tests alone
	$(Q)tests/run all unit

style: need-test need-lab ## the style checks alone
	$(Q)tests/run all style

bench: card need-lab ## speed and cost per command
	$(Q)bench/run

lab: need-lab ## fills the cache for KERNEL, so that later runs only boot
	$(Q)lab/setup $(KERNEL)

update: need-lab ## looks for newer Debian packages for the lab
	$(Q)lab/setup --update $(KERNEL)

install: card ## mptcard and its manual page below PREFIX=/usr/local (DESTDIR)
	install -D -m 755 build/card/mptcard '$(DESTDIR)$(PREFIX)/bin/mptcard'
	install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/man/man1' man/mptcard.1

clean: ## removes build/
	rm -rf build

distclean: clean need-lab ## removes build/ and the lab's cache
	$(Q)lab/setup --remove

need-build:
	$(Q)lab/need build

need-lab:
	$(Q)lab/need lab

need-test:
	$(Q)lab/need test

need-deb:
	$(Q)lab/need deb

need-modules:
	$(Q)lab/need modules

.PHONY: help demo play check check-quick check-full check-fresh card modules modules_install \
	modules_uninstall deb unit style bench lab update install clean distclean need-build need-lab \
	need-test need-deb need-modules
