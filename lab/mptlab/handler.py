# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds lab-user-lun, which serves the LUNs of --lun ...,type=user (lab/handler)."""

import os
import shutil
import subprocess

from .debian import RECIPE
from .enter import command_in
from .errors import LabError
from .modules import CHECKOUT, forget_old, key_of

PROGRAM = "lab-user-lun"
# Static: the guests' C library is another one.  No _GNU_SOURCE: <linux/uio.h> would
# define struct iovec a second time.
FLAGS = ("-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror", "-static")


def build_handler(cache, images, scst=None):
    """Path of the program, for LIO, or for the SCST in the directory @scst."""
    folder = os.path.join(CHECKOUT, "lab", "handler")
    other = "tcmu.c" if scst else "scst_user.c"
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
             if name.endswith((".c", ".h")) and name != other]
    tools = images.tools()
    flags = [*FLAGS, "-isystem", os.path.join(scst, "include")] if scst else [*FLAGS]

    def build(directory):
        for path in files:
            shutil.copy(path, directory)
        command = ["gcc", *flags, "-o", os.path.join(directory, PROGRAM),
                   *(os.path.join(directory, os.path.basename(path)) for path in files
                     if path.endswith(".c"))]
        done = subprocess.run(command_in(tools, command, [cache.path]), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        if done.returncode:
            raise LabError("lab/handler does not build: " +
                           " | ".join(done.stdout.strip().splitlines()[-3:]))
        for path in files:
            os.unlink(os.path.join(directory, os.path.basename(path)))

    forget_old(cache, "handler")
    key = key_of(files, RECIPE, flags, os.path.basename(tools))
    return os.path.join(cache.get(f"handler/{key}", build, PROGRAM, 50, root=True), PROGRAM)
