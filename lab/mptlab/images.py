# SPDX-License-Identifier: GPL-2.0-or-later
"""What the cache holds: Debian roots, kernels, guest images, fusion headers."""

import lzma
import os
import shutil
import subprocess

from . import cpio
from .cache import remove_tree
from .debian import GUEST, TOOLS, RECIPE, digest, run
from .errors import LabError

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Parts of the kernel's module tree that guests get; what they depend on comes along.
MODULE_PARTS = ["arch", "block", "crypto", "fs", "lib", "net/9p", "drivers/scsi",
                "drivers/message", "drivers/target", "drivers/block", "drivers/virtio",
                "drivers/char", "drivers/md", "drivers/uio", "drivers/cdrom",
                "drivers/net/virtio_net.ko"]
# What the initial RAM disk loads to reach its disks and ports, in this order.
BOOT_MODULES = ["virtio_pci", "virtio_blk", "virtio_console", "squashfs", "overlay"]

# Room that making an artifact takes at most, in MiB.
SPACE = {"tools": 2500, "guest": 2500, "kernel": 1500, "fusion": 700, "source": 400}


def program(root, path):
    """Command that runs a program of @root on this machine, with @root's own libraries.

    No chroot: so it sees this machine's files under their own names."""
    libraries = [os.path.join(root, name) for name in
                 ("usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio", "usr/lib")]
    return [os.path.join(root, "usr/lib64/ld-linux-x86-64.so.2"), "--inhibit-cache",
            "--library-path", ":".join(libraries), os.path.join(root, path.lstrip("/"))]


def module_name(path):
    """mpt_target of any spelling of its file."""
    name = os.path.basename(path)
    return name.split(".ko")[0].replace("-", "_")


class Images:
    """Everything that is made from Debian's packages."""

    def __init__(self, cache, debian):
        self.cache = cache
        self.debian = debian

    # --- Roots

    # The names hold what the artifact is made of, so another version is another artifact.

    def tools_name(self):
        """Of the tools' root."""
        versions = self.debian.versions()
        return "tools/" + digest(RECIPE, {name: versions["packages"][name] for name in TOOLS},
                                 versions["kernels"])

    def guest_name(self):
        """Of the guests' image."""
        versions = self.debian.versions()
        return "guest/" + digest(RECIPE, {name: versions["packages"][name] for name in GUEST})

    @staticmethod
    def kernel_name(record):
        """Of a kernel."""
        return f"kernel/{record['release']}_{record['version']}_{RECIPE}"

    @staticmethod
    def fusion_name(record):
        """Of a kernel's fusion headers."""
        return f"fusion/{record['source']}_{record['version']}"

    def tools(self):
        """The root with QEMU, compilers and kernel headers."""
        return self.cache.get(self.tools_name(), self._build_tools,
                              "the tools' root (QEMU, compilers, kernel headers)",
                              SPACE["tools"], root=True)

    def _build_tools(self, directory):
        self.debian.make_root(directory, TOOLS, ["path-exclude=/usr/share/doc/*",
                                                 "path-exclude=/usr/share/locale/*",
                                                 "path-exclude=/usr/share/man/*"])
        for record in self.debian.versions()["kernels"].values():
            if record:
                self._add_headers(directory, record)

    def _add_headers(self, directory, record):
        """Only the files: the packages would pull in whole kernels."""
        aside = os.path.join(directory, "headers")
        for package in self.debian.download(record["headers"], record["version"], aside):
            run(["dpkg-deb", "-x", package, aside + "/x"], "unpacking kernel headers")
        for name in ("usr/src", "usr/lib"):
            if os.path.isdir(os.path.join(aside, "x", name)):
                run(["cp", "-a", os.path.join(aside, "x", name) + "/.",
                     os.path.join(directory, name)], "placing kernel headers")
        shutil.rmtree(aside)

    def guest(self):
        """Directory with root.squashfs and busybox, shared by all guests."""
        tools = self.tools()

        def build(directory):
            root = os.path.join(directory, "root")
            self.debian.make_root(root, GUEST, [
                f"path-exclude=/usr/share/{name}/*"
                for name in ("doc", "locale", "man", "info", "i18n/locales")])
            for name in ("lab", "share", "sys", "proc", "dev", "run", "tmp", "target"):
                os.makedirs(os.path.join(root, name), exist_ok=True)
            for name in ("var/cache/apt", "var/lib/apt/lists", "var/log"):
                shutil.rmtree(os.path.join(root, name), ignore_errors=True)
            shutil.copy(os.path.join(root, "usr/bin/busybox"), directory)
            squash(tools, root, os.path.join(directory, "root.squashfs"))
            shutil.rmtree(root)
        return self.cache.get(self.guest_name(), build, "the guests' image", SPACE["guest"],
                              root=True)

    @staticmethod
    def source_name(record):
        """Of the archive of a kernel's source."""
        return f"source/{record['source']}_{record['version']}"

    # --- Kernels

    def kernel(self, name):
        """Directory of kernel @name: vmlinuz, modules.squashfs, boot/, release."""
        record = self.debian.kernel(name)
        tools = self.tools()

        def build(directory):
            aside = os.path.join(directory, "x")
            for package in self.debian.download(record["images"], record["version"], aside):
                run(["dpkg-deb", "-x", package, aside], f"unpacking kernel {name}")
            self._take_kernel(tools, aside, record["release"], directory)
            shutil.rmtree(aside)
        return self.cache.get(self.kernel_name(record), build, f"kernel {record['version']}",
                              SPACE["kernel"])

    def _take_kernel(self, tools, unpacked, release, directory):
        tree = next((path for path in (os.path.join(unpacked, part, "modules", release)
                                       for part in ("usr/lib", "lib"))
                     if os.path.isdir(os.path.join(path, "kernel"))), None)
        binary = next((path for path in (os.path.join(unpacked, "boot", "vmlinuz-" + release),
                                         os.path.join(tree or unpacked, "vmlinuz"))
                       if os.path.exists(path)), None)
        if not tree or not binary:
            raise LabError(f"the packages of kernel {release} hold no modules or no kernel")
        shutil.move(binary, os.path.join(directory, "vmlinuz"))
        kept = os.path.join(directory, "m", "lib", "modules", release)
        os.makedirs(kept)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(os.path.join(tree, name), kept)
        run(["depmod", "-b", os.path.join(unpacked, os.path.relpath(tree, unpacked)
                                          .split("lib/modules")[0]), release], "depmod")
        depends = read_depends(os.path.join(tree, "modules.dep"))
        for path in closure(depends, wanted_modules(depends)):
            place_module(os.path.join(tree, path), os.path.join(kept, path))
        run(["depmod", "-b", os.path.join(directory, "m"), release], "depmod")
        boot = os.path.join(directory, "boot")
        os.makedirs(boot)
        depends = read_depends(os.path.join(kept, "modules.dep"))
        by_name = {module_name(path): path for path in depends}
        # What is not there is built in.
        wanted = [by_name[name] for name in BOOT_MODULES if name in by_name]
        with open(os.path.join(boot, "order"), "w", encoding="ascii") as order:
            for path in closure(depends, wanted):
                shutil.copy(os.path.join(kept, path), boot)
                order.write(os.path.basename(path) + "\n")
        squash(tools, kept, os.path.join(directory, "modules.squashfs"))
        shutil.rmtree(os.path.join(directory, "m"))
        with open(os.path.join(directory, "release"), "w", encoding="ascii") as handle:
            handle.write(release + "\n")

    def release(self, name):
        """uname -r of kernel @name."""
        return self.debian.kernel(name)["release"]

    def fusion(self, name):
        """Directory with that kernel's own fusion headers, and scripts/checkpatch.pl."""
        record = self.debian.kernel(name)

        def build(directory):
            aside = os.path.join(directory, "x")
            package, = self.debian.download([record["source"]], record["version"], aside)
            wanted = ["*/drivers/message/fusion/*.h", "*/scripts/checkpatch.pl",
                      "*/scripts/spelling.txt", "*/scripts/const_structs.checkpatch"]
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package],
                                  stdout=subprocess.PIPE) as outer:
                with subprocess.Popen(["tar", "-xO", "--wildcards", "*.tar.xz"],
                                      stdin=outer.stdout, stdout=subprocess.PIPE) as inner:
                    run_input(["tar", "-xJ", "-C", aside, "--strip-components=1", "--wildcards"] +
                              wanted, inner.stdout, "unpacking the kernel's source")
            for path in ("drivers/message/fusion", "scripts"):
                for entry in os.listdir(os.path.join(aside, path)):
                    place = directory if path != "scripts" else os.path.join(directory, "scripts")
                    os.makedirs(place, exist_ok=True)
                    shutil.move(os.path.join(aside, path, entry), place)
            shutil.rmtree(aside)
            if not os.path.exists(os.path.join(directory, "mptbase.h")):
                raise LabError(f"{record['source']} holds no drivers/message/fusion/mptbase.h")
        return self.cache.get(self.fusion_name(record), build,
                              f"the fusion headers of kernel {record['version']}", SPACE["fusion"])

    def source(self, name):
        """The archive with that kernel's whole source, as Debian packs it."""
        record = self.debian.kernel(name)

        def build(directory):
            aside = os.path.join(directory, "x")
            package, = self.debian.download([record["source"]], record["version"], aside)
            run(["dpkg-deb", "-x", package, aside], "unpacking a package")
            shutil.move(os.path.join(aside, "usr/src", record["source"] + ".tar.xz"), directory)
            shutil.rmtree(aside)
        made = self.cache.get(self.source_name(record), build,
                              f"the source of kernel {record['version']}", SPACE["source"])
        return os.path.join(made, record["source"] + ".tar.xz")

    def forget_others(self):
        """Removes what was made from versions that are no longer used."""
        versions = self.debian.versions()
        kernels = [record for record in versions["kernels"].values() if record]
        kept = {self.tools_name(), self.guest_name()}
        kept |= {self.kernel_name(record) for record in kernels}
        kept |= {self.fusion_name(record) for record in kernels}
        kept |= {self.source_name(record) for record in kernels}
        for part in ("tools", "guest", "kernel", "fusion", "source"):
            folder = self.cache.file(part)
            for entry in os.listdir(folder) if os.path.isdir(folder) else []:
                if f"{part}/{entry}" not in kept:
                    remove_tree(os.path.join(folder, entry))

    # --- Boot

    def boot_archive(self, kernel, busybox):
        """The part of the initial RAM disk that all runs with one kernel share."""
        archive = cpio.Archive()
        for name in ("dev", "proc", "sys", "new", "lower", "rw", "bin"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.copy("bin/busybox", busybox)
        archive.link("bin/sh", "busybox")
        archive.copy("init", os.path.join(HERE, "guest", "initrd"))
        boot = os.path.join(kernel, "boot")
        for name in sorted(os.listdir(boot)):
            archive.copy("boot/" + name, os.path.join(boot, name))
        return archive.bytes()


def run_input(command, stdin, what):
    """As run(), fed by a pipe."""
    done = subprocess.run(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    if done.returncode:
        raise LabError(f"{what} failed: " + " | ".join(done.stdout.splitlines()[-3:]))


def squash(tools, directory, image):
    """Packs @directory without compression: the emulated CPU is the bottleneck, not the disk."""
    run(program(tools, "usr/bin/mksquashfs") + [directory, image, "-noappend", "-quiet",
        "-no-progress", "-noI", "-noD", "-noF", "-noX", "-all-root"], "packing an image")


def read_depends(path):
    """modules.dep as a table: file -> the files it needs, deepest last."""
    with open(path, encoding="ascii") as handle:
        return {name: needs.split() for name, _, needs in
                (line.partition(":") for line in handle.read().splitlines())}


def wanted_modules(depends):
    """Files below MODULE_PARTS."""
    return [path for path in sorted(depends) for part in MODULE_PARTS
            if path.startswith(f"kernel/{part}/") or path.startswith(f"kernel/{part}")
            and part.endswith(".ko")]


def closure(depends, paths):
    """@paths with all they need, in an order in which they can be loaded."""
    done = []
    for path in paths:
        for need in list(reversed(depends[path])) + [path]:
            if need not in done:
                done.append(need)
    return done


def place_module(source, target):
    """Copies a module, unpacked: unpacking under emulation costs more than the room."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if source.endswith(".xz"):
        with lzma.open(source) as packed, open(target[:-3], "wb") as plain:
            shutil.copyfileobj(packed, plain)
    else:
        shutil.copy(source, target)
