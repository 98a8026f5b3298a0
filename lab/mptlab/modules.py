# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the driver for a kernel, once per state of its sources."""

import hashlib
import os
import re
import shutil
import subprocess
import time

from .cache import remove_tree
from .debian import RECIPE
from .enter import command_in
from .errors import LabError, UsageError, say

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULES = ("mpt_target", "tcm_mpt")
SCST_MODULES = MODULES + ("mpt_scst",)		# what is built if there is an SCST
KEPT_DAYS = 2


def sources():
    """What the modules are made of."""
    driver = os.path.join(CHECKOUT, "driver")
    return [os.path.join(driver, name) for name in sorted(os.listdir(driver))
            if name.endswith((".c", ".h")) or name in ("Kbuild", "Makefile")]


def key_of(files, *more):
    """Short hash of the files' names and contents."""
    total = hashlib.sha256(repr(more).encode())
    for path in files:
        with open(path, "rb") as handle:
            total.update(os.path.basename(path).encode() + b"\0" + handle.read() + b"\0")
    return total.hexdigest()[:16]


def module_names(scst):
    """Modules of ours that are built with @scst, or without if it is None."""
    return SCST_MODULES if scst else MODULES


def build_modules(cache, images, name, make=(), strict=False, scst=None):
    """Directory with the modules for kernel @name; @strict: a warning is an error.

    @scst: what stock_scst() made."""
    if not os.path.exists(os.path.join(CHECKOUT, "driver", "Kbuild")):
        raise LabError("driver/Kbuild is missing: there is no driver to build")
    release = images.release(name)
    fusion = images.fusion(name)
    tools = images.tools()
    files = sources()
    make = list(make)
    if scst:
        make += [f"SCST_INC_DIR={scst}/include", f"SCST_SYMVERS={scst}/Module.symvers"]

    def build(directory):
        source = os.path.join(directory, "src")
        os.makedirs(source)
        for path in files:
            shutil.copy(path, source)
        command = ["make", "-C", f"/usr/src/linux-headers-{release}", f"M={source}",
                   f"FUSION={fusion}", *make, "modules"]
        done = subprocess.run(command_in(tools, command, [cache.path]), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        report(done, name, source, strict)
        for module in module_names(scst):
            built = os.path.join(source, module + ".ko")
            if not os.path.exists(built):
                raise LabError(f"driver/Kbuild made no {module}.ko for kernel {name}")
            shutil.move(built, directory)
        shutil.rmtree(source)

    forget_old(cache, "modules")
    key = key_of(files, RECIPE, release, fusion, make, strict)
    return cache.get(f"modules/{release}-{key}", build, f"the modules for {release}", 200,
                     root=True)


def report(done, name, source, strict):
    """Shows what the compiler objects to, under the names of the checkout."""
    text = done.stdout.replace(source + "/", "driver/")
    words = [line for line in text.splitlines()
             if re.search(r"(error|warning)[: ]|undefined!|WARNING:|ERROR:|\*\*\*", line)
             and "Skipping BTF generation" not in line and "compiler differs" not in line]
    if strict:		# warnings in the kernel's own headers are not ours
        words = [line for line in words if "driver/" in line or "modpost" in line]
    for line in words:
        say(line)
    if done.returncode or strict and words:
        raise LabError(f"the driver does not build for kernel {name}: " +
                       (words[0] if words else text.strip().splitlines()[-1]))


def forget_old(cache, part):
    """What was built from sources that changed since; nobody runs that long."""
    base = cache.file(part)
    if not os.path.isdir(base):
        return
    limit = time.time() - KEPT_DAYS * 86400
    for entry in os.listdir(base):
        path = os.path.join(base, entry)
        if os.stat(path).st_mtime < limit:
            remove_tree(path)


def parameters(directory, module):
    """Names of the parameters that a built module has."""
    with open(os.path.join(directory, module + ".ko"), "rb") as handle:
        data = handle.read()
    return {match.decode() for match in re.findall(rb"\0parmtype=([a-z0-9_]+):", data)}


def sort_parameters(directory, modules, wanted):
    """{module: [NAME=VALUE]} for the --module options."""
    table = {module: [] for module in modules}
    known = {module: parameters(directory, module) for module in modules}
    for text in wanted:
        name = text.partition("=")[0]
        owners = [module for module in modules if name in known[module]]
        if not owners:
            names = ", ".join(sorted(set().union(*known.values())))
            raise UsageError(f"--module {text}: no module of ours has a parameter {name}; "
                             f"there are: {names}")
        for module in owners:
            table[module].append(text)
    return table
