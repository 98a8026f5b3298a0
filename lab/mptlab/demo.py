# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make demo` has in common, and the demonstration on a disk of its own."""

import hashlib
import json
import os

from .errors import LabError
from .images import HERE
from .progress import Progress, size_text

DISK_MIB = 64
FIRST_STEPS = 3			# of Demo.prepare() and Demo.boot()
FIRST_RUN = ("not in the cache yet: about 600 MB of Debian packages are fetched once; "
             "takes 3 to 6 minutes")
FACTS = ("vendor", "model", "revision", "node", "bytes", "speed", "fio", "files", "filled", "fsck",
         "sum")			# that demo-fill tells
WIDTH = 16			# of the report's first column


class Demo:
    """Fetches, builds, boots two hosts; what happens there is up to the helper in the guest."""

    def __init__(self, kernel, directory, steps):
        self.kernel = kernel
        self.directory = directory	# for this run only
        self.progress = Progress(FIRST_STEPS + steps)
        self.failures = []

    def prepare(self):
        """All that later runs find in the cache."""
        self.progress.step(f"QEMU, Linux {self.kernel} and an image for the hosts")
        self.progress.run([os.path.join(HERE, "setup"), self.kernel], FIRST_RUN)
        self.progress.step("the target's drivers, built for that Linux")
        self.progress.run([os.path.join(HERE, "build-modules"), self.kernel])

    def boot(self, lun, command, timeout, records):
        """One lab/run; returns the card's counters."""
        self.progress.step("booting two hosts: the initiator's and the target's")
        stats = os.path.join(self.directory, "stats.json")

        def take(verb, text):
            if verb == "step":
                self.progress.step(text)
            elif verb == "note":
                self.progress.detail(text)
            elif verb == "failed":
                self.failures.append(text)
            else:
                records(verb, text)
        try:
            self.progress.run([os.path.join(HERE, "run"), "--hosts", "2", "--kernel", self.kernel,
                               "--memory", "512", "--lun", lun, "--stats", stats,
                               "--timeout", str(timeout), "--"] + command, None, take,
                              dict(os.environ, MPT_VERBOSE="1"))
        except LabError:
            if not self.failures:
                raise
        if self.failures:
            raise LabError("; ".join(self.failures))
        with open(stats, encoding="ascii") as handle:
            return json.load(handle)["functions"]


def row(name, text):
    """One line of the report."""
    print(f"  {name:{WIDTH}}{text}")


def sum_of_file(path, limit=None):
    """SHA-256 of a file's first @limit bytes, or of all."""
    total = hashlib.sha256()
    with open(path, "rb") as handle:
        while data := handle.read(min(1 << 20, limit) if limit is not None else 1 << 20):
            total.update(data)
            if limit is not None:
                limit -= len(data)
    return total.hexdigest()


# Row of the table, counter.
COUNTERS = (("request posts", "request_posts"), ("reply reads", "reply_reads"),
            ("reply frames", "reply_frames_returned"), ("interrupts", "interrupts"))


def show_counters(functions):
    """What each end cost, from switching on to switching off."""
    print("\nThe card's counters, from power-on to power-off:")
    order = sorted(functions, key=lambda function: function["role"] != "initiator")
    print(" " * (WIDTH + 14) + "".join(f"{function['name']:>12}" for function in order))
    print(f"  {'commands':{WIDTH + 12}}" +
          "".join(f"{function['commands']:12}" for function in order))
    for text, name in COUNTERS:
        cells = [f"{function[name] / max(function['commands'], 1):12.2f}" for function in order]
        print(f"  {text + ' per command':{WIDTH + 12}}" + "".join(cells))
    cells = [f"{size_text(function['dma_read_bytes'] + function['dma_write_bytes']):>12}"
             for function in order]
    print(f"  {'moved by DMA':{WIDTH + 12}}" + "".join(cells))
    print(f"  {'rules broken by its driver':{WIDTH + 12}}" +
          "".join(f"{function['violations']:12}" for function in order))


def speeds(text):
    """fio's result as a line for the report."""
    try:
        jobs = {job["jobname"]: job for job in json.loads(text[text.index("{"):])["jobs"]}
        return (f"write {jobs['write']['write']['bw_bytes'] / 1e6:.0f} MB/s, "
                f"read {jobs['read']['read']['bw_bytes'] / 1e6:.0f} MB/s (1 MiB); "
                f"write {jobs['randwrite']['write']['iops']:.0f} IOPS, "
                f"read {jobs['randread']['read']['iops']:.0f} IOPS (4 KiB, random)")
    except (ValueError, KeyError) as error:
        raise LabError(f"fio's result cannot be read: {error!r}") from error


def demo_disk(kernel, directory):
    """A file of our own becomes a disk: filled, checked, compared on both sides."""
    demo = Demo(kernel, directory, 6)
    image = os.path.join(directory, "disk.img")
    with open(image, "wb") as handle:
        handle.truncate(DISK_MIB << 20)
    facts = {}
    demo.prepare()
    functions = demo.boot(image, ["demo-fill"], 300, facts.__setitem__)
    missing = [name for name in FACTS if not facts.get(name)]
    if missing:
        raise LabError("the initiator's host did not tell its " + ", ".join(missing))
    demo.progress.step("comparing with the image on this machine")
    here = sum_of_file(image)
    same = facts["sum"] == here
    print(f"\nWhat the initiator saw, after {demo.progress.seconds()} s:")
    row("disk", f"{facts['vendor']} {facts['model']} {facts['revision']} as {facts['node']}, "
        f"{size_text(int(facts['bytes']))}")
    row("agreed speed", facts["speed"])
    row("file system", f"ext4, e2fsck finds no fault: {facts['fsck'].partition(': ')[2]}")
    row("files", f"{facts['files']} files, {size_text(int(facts['filled']))}: after reading them "
        "again, the SHA-256 of each is the same")
    row("whole disk", f"SHA-256 {facts['sum'][:16]}... read by the initiator")
    row("", f"SHA-256 {here[:16]}... of the image on this machine: " +
        ("the same" if same else "DIFFERENT"))
    row("speed", speeds(facts["fio"]))
    row("", "both hosts are emulated without KVM, so the CPU is the limit")
    show_counters(functions)
    if not same:
        raise LabError("the initiator read other data than the image holds")
    return 0
