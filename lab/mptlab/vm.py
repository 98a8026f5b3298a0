# SPDX-License-Identifier: GPL-2.0-or-later
"""One virtual host: QEMU's command line, its ports, its console."""

import asyncio
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess

from .channel import Channel, Port
from .errors import LabError
from .images import program

RELAYS = 4			# on-target commands at the same time
OLDEST_QEMU = (11, 1)		# older ones speak other dialects of vfio-user
TARGET_SLOT = 4
# Nothing runs on when lab/run is killed.
DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
INITIATOR_SLOT = 8
OWN_SLOT = 16


def pci_address(slot, function=0):
    """As the guest's sysfs spells it."""
    return f"0000:00:{slot:02x}.{function}"


def dual_chip():
    """Are the target and the first initiator the two functions of one dual 53C1030?"""
    return os.environ.get("MPT_DUAL") == "1"


def initiator_place(index):
    """(slot, function) of an initiator."""
    return (TARGET_SLOT, 1) if dual_chip() and index == 0 else (INITIATOR_SLOT + index, 0)


def memory_arguments(memory):
    """The card maps the guest's memory, or has to ask QEMU for each piece of it."""
    if os.environ.get("MPT_NO_SHARED_MEMORY") == "1":
        return ["-machine", "q35,vmport=off"]
    return ["-object", f"memory-backend-memfd,id=memory,size={memory}M,share=on",
            "-machine", "q35,memory-backend=memory,vmport=off"]


def probe_qemu(command):
    """None if this QEMU can attach the card, else what it lacks."""
    try:
        version = subprocess.run(command + ["--version"], capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL, check=False)
        device = subprocess.run(command + ["-device", "vfio-user-pci,help"], capture_output=True,
                                text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        return error.strerror
    match = re.search(r"version (\d+)\.(\d+)", version.stdout)
    if not match:
        return "it does not tell its version"
    if device.returncode:
        return f"version {match[1]}.{match[2]} has no vfio-user-pci device"
    if (int(match[1]), int(match[2])) < OLDEST_QEMU:
        return f"version {match[1]}.{match[2]} is older than 11.1"
    return None


def find_qemu(images):
    """Command that starts a QEMU which can attach the card."""
    chosen = os.environ.get("MPT_QEMU")
    if chosen:
        lack = probe_qemu([chosen])
        if lack:
            raise LabError(f"MPT_QEMU={chosen} cannot be used: {lack}; it needs vfio-user-pci "
                           "(QEMU 11.1); unset MPT_QEMU to let the lab fetch one")
        return [chosen]
    system = shutil.which("qemu-system-x86_64")
    if system and probe_qemu([system]) is None:
        return [system]
    root = images.tools()
    command = program(root, "usr/bin/qemu-system-x86_64") + [
        "-L", os.path.join(root, "usr/share/qemu"), "-L", os.path.join(root, "usr/share/seabios")]
    lack = probe_qemu(command)
    if lack:
        raise LabError(f"Debian's QEMU cannot be used: {lack}")
    return command


@dataclasses.dataclass
class Disk:
    """A disk of the host itself, found by its serial number."""

    path: str
    serial: str
    ro: bool = True
    shared: bool = False	# the lab's own images: no lock


class Vm:
    """A host that runs until it is told to power off."""

    def __init__(self, name, run):
        self.name = name
        self.run = run			# directory of this run
        self.disks = []
        self.functions = []		# (socket of the card, (slot, function))
        self.channels = {}
        self.ports = {}
        self.process = None
        self.console = None
        self._placed = 0
        self._arguments = []
        self._inherited = []

    def _device(self, text):
        """A PCI device of the lab's own, eight to a slot, away from the card's functions."""
        slot, function = OWN_SLOT + self._placed // 8, self._placed % 8
        self._placed += 1
        self._arguments += ["-device", f"{text},addr={slot:x}.{function},multifunction=on"]

    def _socket(self, name):
        """A chardev whose other end is ours."""
        ours, theirs = socket.socketpair()
        self._inherited.append(theirs)
        self._arguments += ["-chardev", f"socket,id={name},fd={theirs.fileno()}"]
        return ours

    def _controller(self, name):
        """A few ports each: QEMU drops control messages when many ports appear at once."""
        self._device(f"virtio-serial-pci,id=serial-{name}")

    def _port(self, controller, name):
        ours = self._socket(name)
        self._arguments += ["-device", f"virtserialport,bus=serial-{controller}.0,"
                            f"chardev={name},name={name}"]
        self.ports[name] = Port(ours)
        return self.ports[name]

    def _add_ports(self, channels, relays, interactive):
        self.console = Port(self._socket("console"))
        self._arguments += ["-serial", "chardev:console"]
        for name in channels:
            self._controller(name)
            ports = [self._port(name, f"{name}.{part}") for part in ("control", "out", "err")]
            self.channels[name] = Channel(*ports)
        if relays:
            self._controller("relays")
        for name in relays:
            self._port("relays", name)
        if interactive:
            self._controller("tty")
            self.ports["tty"] = Port(self._socket("tty"))
            self._arguments += ["-device", "virtconsole,bus=serial-tty.0,chardev=tty"]

    def _add_disks(self):
        for index, disk in enumerate(self.disks):
            quoted = disk.path.replace(",", ",,")
            driver = "host_device" if is_block(disk.path) else "file"
            self._arguments += [
                "-blockdev", f"driver=raw,node-name=disk{index},discard=unmap,"
                f"read-only={'on' if disk.ro else 'off'},file.driver={driver},"
                f"file.filename={quoted},file.locking={'off' if disk.shared else 'auto'}"]
            self._device(f"virtio-blk-pci,drive=disk{index},serial={disk.serial}")

    def command(self, qemu, memory, kernel, initrd, append):
        """QEMU's command line but for ports and disks."""
        fast = os.environ.get("MPT_ACCEL", "tcg")
        accel = ["-accel", "kvm", "-cpu", "host"] if fast == "kvm" else [
            "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "Nehalem"]
        return qemu + accel + [
            "-name", self.name, "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-smp", "2", "-m", str(memory), "-bios", "qboot.rom",
            *memory_arguments(memory), "-kernel", kernel, "-initrd", initrd, "-append", append]

    async def start(self, command, share=None, channels=("main", "spare"), relays=(),
                    interactive=False):
        """Starts QEMU; its own complaints go to NAME.qemu."""
        for path, (slot, function) in self.functions:
            device = {"driver": "vfio-user-pci", "addr": f"{slot:x}.{function}",
                      "multifunction": dual_chip() and slot == TARGET_SLOT,
                      "socket": {"type": "unix", "path": path}}
            self._arguments += ["-device", json.dumps(device)]
        self._add_ports(channels, relays, interactive)
        self._add_disks()
        if share:
            path = os.path.abspath(share).replace(",", ",,")
            self._arguments += ["-fsdev", f"local,id=share,path={path},security_model=none,"
                                "readonly=on,multidevs=remap"]
            self._device("virtio-9p-pci,fsdev=share,mount_tag=share")
        with open(os.path.join(self.run, self.name + ".qemu"), "wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *DIES_WITH_US, *command, *self._arguments, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=[sock.fileno() for sock in self._inherited],
                start_new_session=True)
        for sock in self._inherited:
            sock.close()
        for port in [self.console, *self.ports.values()]:
            await port.open()

    async def follow(self, judge, alarm):
        """Writes the console's log and shows each line to @judge."""
        path = os.path.join(self.run, self.name + ".console")
        with open(path, "wb", buffering=0) as log:
            while line := await self.console.line():
                log.write(line)
                if judge.line(line.decode(errors="replace")):
                    alarm(f"{self.name}'s kernel reports: {line.decode(errors='replace').strip()}")
        judge.finish()

    def complaint(self):
        """Last words of QEMU itself."""
        try:
            with open(os.path.join(self.run, self.name + ".qemu"), errors="replace",
                      encoding="utf-8") as log:
                lines = [line for line in log.read().splitlines() if "warning:" not in line]
        except OSError:
            return ""
        return lines[-1] if lines else ""

    async def stop(self, seconds):
        """Waits for power-off, then ends QEMU by force; true if force was not needed."""
        if self.process is None:
            return True
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
            return True
        except asyncio.TimeoutError:
            self.kill()
            await self.process.wait()
            return False

    def kill(self):
        """Not by Popen's means: they would take the exit status away from asyncio."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)


def is_block(path):
    """A block device needs another driver of QEMU's than a file."""
    return stat.S_ISBLK(os.stat(path).st_mode)
