# SPDX-License-Identifier: GPL-2.0-or-later
"""SCST, which somebody else has built: where it is, and what guests get of it.

SCST_DIR is a built tree, or a directory with one for each kernel release.  What
a run needs of it is copied into the cache, so that it can change meanwhile."""

import os
import re
import shutil

from .debian import RECIPE, run
from .enter import command_in
from .errors import UsageError
from .images import program
from .modules import forget_old, key_of

# In an order in which they can be loaded.
HANDLERS = ("scst_vdisk", "scst_disk", "scst_cdrom", "scst_user")
MODULES = {"scst": "scst/src/scst.ko",
           **{name: f"scst/src/dev_handlers/{name}.ko" for name in HANDLERS},
           "scst_local": "scst_local/scst_local.ko"}
SYMVERS = "scst/src/Module.symvers"
INCLUDE = "scst/include"
GENERATED = ("build_mode.h", "scst_itf_ver.h")
ADMIN = "scstadmin/scstadmin.sysfs/scstadmin"
ADMIN_LIB = "scstadmin/scstadmin.sysfs/scst-1.0.0/lib"
BUILD_IT = "build SCST for this kernel as its INSTALL.md says (docs/lab.md, SCST)"


def scst_dir():
    """Value of SCST_DIR."""
    path = os.environ.get("SCST_DIR")
    if not path:
        raise UsageError("--engine scst: SCST_DIR is not set; set it to a built tree of SCST, or "
                         "to a directory with one for each kernel release (docs/lab.md, SCST)")
    if not os.path.isdir(path):
        raise UsageError(f"SCST_DIR={path}: no such directory")
    return os.path.abspath(path)


def is_tree(path):
    """True if SCST's sources are there, built or not."""
    return os.path.isfile(os.path.join(path, INCLUDE, "scst.h"))


def kernel_of(path):
    """Release that a module was built for."""
    with open(path, "rb") as handle:
        match = re.search(rb"\0vermagic=(\S+)", handle.read())
    return match[1].decode() if match else "(unknown)"


def find_tree(release):
    """The tree that was built for kernel @release."""
    base = scst_dir()
    tree = next((path for path in (os.path.join(base, release), base) if is_tree(path)), None)
    if not tree:
        raise UsageError(f"SCST_DIR={base}: neither a tree of SCST nor a directory with one for "
                         f"kernel {release}, {release}/; {BUILD_IT}")
    for name in (*MODULES.values(), SYMVERS, *(f"{INCLUDE}/{name}" for name in GENERATED)):
        if not os.path.isfile(os.path.join(tree, name)):
            raise UsageError(f"SCST_DIR: {tree} is not built, {name} is missing; {BUILD_IT}")
    for name in (ADMIN, ADMIN_LIB):
        if not os.path.exists(os.path.join(tree, name)):
            raise UsageError(f"SCST_DIR: {tree} is not a whole tree of SCST: {name} is missing")
    for name in MODULES.values():
        built = kernel_of(os.path.join(tree, name))
        if built != release:
            raise UsageError(f"SCST_DIR: {tree}/{name} is built for kernel {built}, not {release}; "
                             f"{BUILD_IT}, or put a tree for each kernel into one directory, named "
                             "by release, and set SCST_DIR to that")
    return tree


def files_below(tree, folder):
    """Paths of all files."""
    return sorted(os.path.join(place, name)
                  for place, _, names in os.walk(os.path.join(tree, folder)) for name in names)


def stock_scst(cache, images, name):
    """Directory with modules/, include/, Module.symvers and admin/ for kernel @name."""
    release = images.release(name)
    tree = find_tree(release)
    tools = images.tools()

    def build(directory):
        take_modules(tools, tree, directory)
        shutil.copytree(os.path.join(tree, INCLUDE), os.path.join(directory, "include"))
        shutil.copy(os.path.join(tree, SYMVERS), directory)
        take_admin(cache, tools, tree, directory)

    forget_old(cache, "scst")
    files = [os.path.join(tree, path) for path in (*MODULES.values(), SYMVERS, ADMIN)]
    key = key_of(files + files_below(tree, INCLUDE) + files_below(tree, ADMIN_LIB), RECIPE,
                 release, os.path.basename(tools))
    return cache.get(f"scst/{release}-{key}", build, f"what guests need of SCST for {release}", 200,
                     root=True)


def take_modules(tools, tree, directory):
    """Without what only a debugger reads: most of it, and guests hold it in memory."""
    os.mkdir(os.path.join(directory, "modules"))
    for module, path in MODULES.items():
        target = os.path.join(directory, "modules", module + ".ko")
        run(program(tools, "usr/bin/strip") + ["--strip-debug", "-o", target,
                                               os.path.join(tree, path)], f"stripping {module}.ko")


def take_admin(cache, tools, tree, directory):
    """scstadmin, its library, and what it needs of Perl: guests have a minimal one."""
    admin = os.path.join(directory, "admin")
    shutil.copytree(os.path.join(tree, ADMIN_LIB), os.path.join(admin, "lib"))
    shutil.copy(os.path.join(tree, ADMIN), admin)
    used = set()
    statement = re.compile(r"^\s*use ([A-Z][A-Za-z]*(?:::[A-Za-z]+)*)", re.M)
    for path in [os.path.join(admin, "scstadmin")] + files_below(admin, "lib"):
        with open(path, encoding="utf-8", errors="replace") as handle:
            used |= set(statement.findall(handle.read()))
    asked = "print join '', map { \"$_\\n\" } values %INC, @DynaLoader::dl_shared_objects"
    command = ["perl", "-I" + os.path.join(admin, "lib"), *("-M" + name for name in sorted(used)),
               "-e", asked]
    said = run(command_in(tools, command, [cache.path]), "asking Perl what scstadmin needs")
    for path in said.split():
        match = re.match(r"/usr/(?:lib|share)/.*?/?perl(?:-base|5)?/(?:[0-9][0-9.]*/)?(.*)", path)
        if not match:
            continue		# scstadmin's own
        target = os.path.join(admin, "perl", match[1])
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(tools, path.lstrip("/")), target)
