# SPDX-License-Identifier: GPL-2.0-or-later
"""`make demo IMAGE=...`: an image of the user's own, and what the initiator finds in it."""

import os
import stat

from .demo import Demo, row, show_counters, sum_of_file
from .errors import LabError, UsageError
from .options import check_image
from .progress import printable, size_text

MOST = 100000			# files of one file system that are looked at
SHOWN = 40			# files of one file system
WRITTEN = "mpt_scst-demo.txt"


def check(path, write):
    """Refuses what cannot be served, before anything is fetched or booted."""
    if not os.path.lexists(path):
        raise UsageError(f"IMAGE={path}: no such file; give the path of a raw disk image")
    try:
        check_image(path)
    except UsageError as error:
        raise UsageError(f"IMAGE={error}") from None
    if not write:
        return
    if not os.access(path, os.W_OK):
        raise UsageError(f"IMAGE={path}: cannot be written; leave WRITE=1 out")
    user = user_of(os.path.realpath(path))
    if user:
        raise UsageError(f"IMAGE={path}: in use on this machine ({user}); two writers would "
                         "destroy it: release it, or leave WRITE=1 out")


def user_of(path):
    """Who on this machine uses the image, or None."""
    if stat.S_ISBLK(os.stat(path).st_mode):
        try:
            os.close(os.open(path, os.O_RDWR | os.O_EXCL))
        except OSError as error:
            return error.strerror
    for name in os.listdir("/sys/block"):
        try:
            with open(f"/sys/block/{name}/loop/backing_file", encoding="utf-8") as handle:
                if handle.read().strip() == path:
                    return "/dev/" + name
        except OSError:
            continue		# no loop device, or an idle one
    return None


def state(path):
    """Changes with every change of the image."""
    now = os.stat(path)
    return (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


class Findings:
    """What the helper in the guest tells."""

    def __init__(self):
        self.disk = None
        self.sum = None
        self.partitions = []
        self.systems = {}		# node -> what was found there

    def take(self, verb, text):
        """One record; a file's name, the last field, may hold tabs."""
        fields = text.split("\t", 3 if verb == "file" else -1)
        if verb == "disk":
            self.disk = fields
        elif verb == "partition":
            self.partitions.append(fields)
        elif verb == "sum":
            self.sum = fields
        elif verb == "mounted":
            self.systems[fields[0]] = {"type": fields[1], "how": fields[2],
                                       "used": int(fields[3]), "files": []}
        elif verb == "unread":
            self.systems[fields[0]] = {"why": fields[1]}
        elif verb == "wrote":
            self.systems[fields[0]]["wrote"] = fields[1]
        elif verb == "file":
            self.systems[fields[0]]["files"].append((fields[3], fields[1], int(fields[2])))

    def show_partitions(self):
        """The disk and its table."""
        node, size, table, read_only = self.disk
        row("disk", f"{node}, {size_text(int(size))}, " +
            ("read-only" if read_only == "1" else "writable"))
        row("partitions", f"{len(self.partitions)} ({table})" if table else "no partition table")
        for name, start, sectors, kind, label in self.partitions:
            what = ", ".join(printable(word) for word in (kind, label) if word)
            row("", f"{name}  from sector {start}, {size_text(int(sectors) * 512)}, {what}")

    def show_systems(self):
        """Each file system with its files."""
        for node, system in self.systems.items():
            if "why" in system:
                print(f"\n{node}: {printable(system['why'])}")
                continue
            print(f"\n{node}: {system['type']}, {MOUNTED.get(system['how'], UNCLEAN)}, "
                  f"{size_text(system['used'])} used, {count_text(system['files'])}")
            if "wrote" in system:
                print(f"  {printable(system['wrote'])}")
            show_files(system["files"])
        if not self.systems:
            print("\nno file system found")


MOUNTED = {"ro": "mounted read-only", "rw": "mounted for reading and writing"}
UNCLEAN = "mounted read-only and without its journal (it was not unmounted properly)"


def count_text(files):
    """How many of which."""
    if len(files) >= MOST:
        return f"more than {MOST} files"
    directories = sum(kind == "d" for _, kind, _ in files)
    return f"{len(files) - directories} files in {directories} directories"


def show_files(files):
    """Sorted; the first ones."""
    for name, kind, size in sorted(files)[:SHOWN]:
        print(f"  {size if kind == 'f' else '':>12}  {printable(name)}{'/' if kind == 'd' else ''}")
    if len(files) > SHOWN:
        print(f"  {'':>12}  ... and {len(files) - SHOWN} more")


def demo_image(kernel, directory, path, write):
    """Serves the image and shows what the initiator found."""
    check(path, write)
    before = state(path)
    demo = Demo(kernel, directory, 4)
    # A name that lab/run cannot mistake for something else.
    link = os.path.join(directory, "disk.img")
    os.symlink(os.path.abspath(path), link)
    demo.prepare()
    findings = Findings()
    functions = demo.boot(link + ("" if write else ",ro"),
                          ["demo-look", "rw" if write else "ro", WRITTEN, str(MOST)],
                          600, findings.take)
    if not findings.disk or not findings.sum:
        raise LabError("the initiator's host did not tell what it found")
    demo.progress.step("comparing with the image on this machine")
    limit = int(findings.sum[0]) << 20
    same = sum_of_file(path, limit) == findings.sum[1]
    print(f"\nWhat the initiator found in {printable(path)}, after {demo.progress.seconds()} s:")
    findings.show_partitions()
    row("data", f"the first {size_text(min(limit, int(findings.disk[1])))} " +
        ("have the same SHA-256 on both sides" if same else "DIFFER from the image"))
    if not write:
        row("image", "unchanged" if state(path) == before else
            "CHANGED meanwhile, by somebody else: it was open for reading only")
    findings.show_systems()
    show_counters(functions)
    if not same:
        raise LabError("the initiator read other data than the image holds")
    if not write and state(path) != before:
        raise LabError(f"{path} changed while it was served")
    return 0
