# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: card and hosts come up, the command runs, all goes down, a verdict."""

import asyncio
import os
import shlex
import shutil
import signal
import sys

from . import cpio
from .card import Card
from .channel import GuestGone, relay
from .errors import LabError, TimeOut, UsageError, say
from .handler import PROGRAM
from .images import HERE
from .modules import module_names
from .terminal import converse
from .verdict import Console
from .vm import RELAYS, TARGET_SLOT, Disk, Vm, dual_chip, initiator_place, pci_address

# Guards against what hangs; a machine that is busy with other runs is merely slow.
BOOT_SECONDS = 240
SETUP_SECONDS = 300
DOWN_SECONDS = 120
GRACE_SECONDS = 3		# for the rest of a kernel's report
APPEND = ("console=ttyS0 panic=-1 mitigations=off loglevel=7 watchdog_thresh=60 "
          "rcupdate.rcu_cpu_stall_timeout=100 random.trust_cpu=on")


class Broken(LabError):
    """Something reported broken ground while the command ran."""


class Session:
    """What lab/run does between its options and its exit status."""

    def __init__(self, options, stock, directory):
        self.options = options
        self.stock = stock		# qemu, guest, kernel, scst, modules, parameters, known
        self.run = directory
        self.card = Card(directory)
        self.alarms = []
        self.vms = []
        self.consoles = []
        self._alarmed = asyncio.Event()
        self._tasks = []

    # --- What happens meanwhile

    def alarm(self, text):
        """Somebody saw broken ground."""
        if text not in self.alarms:
            self.alarms.append(text)
        self._alarmed.set()

    async def watch(self, work, seconds, error):
        """Result of @work, unless time, an alarm, the card or a host ends it before."""
        task = asyncio.ensure_future(work)
        ends = {asyncio.create_task(self._alarmed.wait()): None,
                asyncio.create_task(self.card.process.wait()): "the card ended too early"}
        for vm in self.vms:
            ends[asyncio.create_task(vm.process.wait())] = f"the {vm.name}'s QEMU ended too early"
        try:
            done, _ = await asyncio.wait({task, *ends}, timeout=seconds,
                                         return_when=asyncio.FIRST_COMPLETED)
            if task in done and not isinstance(task.exception(), GuestGone):
                return task.result()
            if not done:
                raise error
            if not self._alarmed.is_set():		# a guest is gone: has its QEMU ended?
                await asyncio.wait(ends, timeout=GRACE_SECONDS,
                                   return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(GRACE_SECONDS if self._alarmed.is_set() else 0)
            reasons = [text for end, text in ends.items() if text and end.done()]
            complaints = [vm.complaint() for vm in self.vms if vm.complaint()]
            raise Broken(": ".join((reasons + complaints) or ["a guest went away"]))
        finally:
            for other in {task, *ends}:
                other.cancel()
            await asyncio.gather(task, *ends, return_exceptions=True)

    # --- Up

    def _hosts(self):
        """The VMs, with their functions of the card; target's first."""
        options = self.options
        names = ["host"] if options.hosts == 1 else ["target", "initiator"]
        self.vms = [Vm(name, self.run) for name in names]
        stock = self.stock
        for vm in self.vms:
            vm.disks = [Disk(os.path.join(stock.guest, "root.squashfs"), "labroot", True, True),
                        Disk(os.path.join(stock.kernel, "modules.squashfs"), "labmodules",
                             True, True)]
        target = self.vms[0]
        functions = [self._function("target", target, (TARGET_SLOT, 0), options.ids[0])]
        for index, scsi_id in enumerate(options.initiator_ids):
            name = "initiator" + (str(index + 1) if index else "")
            functions.append(self._function(name, self.vms[-1], initiator_place(index), scsi_id))
        if dual_chip():
            functions[1] += ",pair=target"
        for index, lun in enumerate(options.luns):
            path = lun.path or self._spare_file(index, lun)
            if path:
                target.disks.append(Disk(path, f"lun{index}", lun.ro))
        return functions

    def _function(self, name, vm, place, scsi_id):
        role = self.options.roles.get(name, name.rstrip("0123456789"))
        path = os.path.join(self.run, name + ".sock")
        vm.functions.append((path, place))
        return f"{name},socket={path},role={role},id={scsi_id}"

    def _spare_file(self, index, lun):
        """Sizes live in the target's memory, but blockio wants a disk."""
        if lun.type != "blockio":
            return None
        path = os.path.join(self.run, f"lun{index}.img")
        with open(path, "wb") as handle:
            handle.truncate(lun.size)
        return path

    def _card_options(self):
        made = ["packetized=on", "disconnect=on"]
        for text in self.options.card:
            name, _, value = text.partition("=")
            if name == "script":
                text = "script=" + os.path.abspath(value)
            made.append("verbose" if text == "verbose=on" else text)
        return made

    def _config(self, vm):
        """/lab/config of a host, as shell assignments."""
        options, pci = self.options, pci_address(TARGET_SLOT)
        allowed = [n for n in options.initiator_ids
                   if options.acl in ("open", f"spi.{pci}.{n}") or options.acl.startswith("naa.")]
        if options.acl.startswith("naa."):
            allowed = allowed[:1]
        luns = 0 if options.no_target else len(options.luns)
        values = {
            "HOST_NAME": vm.name, "HOSTS": options.hosts, "SHARE": int(bool(options.share)),
            "CHANNELS": " ".join(self._channels(vm)), "RELAYS": " ".join(self._relays(vm)),
            "ENGINE": options.engine, "TARGET_PCI": pci,
            "TARGET_ROLE": options.roles.get("target", "target"),
            "IDS": " ".join(map(str, options.ids)), "ACL": options.acl,
            "INITIATOR_PCIS": " ".join(pci_address(*initiator_place(n))
                                       for n in range(options.initiators)),
            "EXPECTED": luns * len(allowed),
            "TARGETS": " ".join(f"spi.{pci}.{n}" for n in options.ids),
            "INITIATORS": " ".join(f"spi.{pci}.{n}" for n in options.initiator_ids)}
        for module in module_names(self.stock.scst):
            values["PARAMETERS_" + module.upper()] = " ".join(
                self.stock.parameters.get(module, []))
        return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())

    def _channels(self, vm):
        extra = [f"serve{n}" for n in range(RELAYS)] if vm is not self.vms[-1] else []
        return ["main", "spare"] + extra

    def _relays(self, vm):
        two = self.options.hosts == 2 and vm is self.vms[-1]
        return [f"relay{n}" for n in range(RELAYS)] if two else []

    def _initrd(self, vm, boot):
        """The shared part and what this run adds."""
        archive = cpio.Archive()
        guest = os.path.join(HERE, "guest")
        archive.copy("lab/init", os.path.join(guest, "init"))
        for folder in ("bin", self.options.engine):
            archive.tree("lab/bin", os.path.join(guest, folder))
        if self.stock.handler:
            archive.copy("lab/bin/" + PROGRAM, self.stock.handler)
        archive.file("lab/config", self._config(vm).encode())
        lines = [f"{index} {lun.id} {lun.lun} {lun.type} {int(lun.ro)} "
                 f"{f'lun{index}' if lun.path or lun.type == 'blockio' else 'memory'} {lun.size}\n"
                 for index, lun in enumerate(self.options.luns)]
        archive.file("lab/luns", "".join(lines).encode())
        archive.file("lab/env", b"")
        archive.directory("lab/modules")
        if self.stock.modules:
            for module in module_names(self.stock.scst):
                archive.copy(f"lab/modules/{module}.ko",
                             os.path.join(self.stock.modules, module + ".ko"))
        if self.stock.scst:
            archive.tree("lab/modules", os.path.join(self.stock.scst, "modules"))
            archive.tree("lab/scstadmin", os.path.join(self.stock.scst, "admin"))
        path = os.path.join(self.run, vm.name + ".initrd")
        with open(path, "wb") as handle:
            handle.write(boot + archive.bytes())
        return path

    async def up(self):
        """Card, hosts, target, initiator."""
        functions = self._hosts()
        stats = os.path.abspath(self.options.stats) if self.options.stats else None
        await self.card.start(functions, self._card_options(), stats, self.alarm)
        boot = self.stock.images.boot_archive(self.stock.kernel,
                                              os.path.join(self.stock.guest, "busybox"))
        for vm in self.vms:
            command = vm.command(self.stock.qemu, self.options.memory,
                                 os.path.join(self.stock.kernel, "vmlinuz"),
                                 self._initrd(vm, boot),
                                 kernel_command_line(self.options.initiators))
            await vm.start(command, self.options.share, self._channels(vm), self._relays(vm),
                           self.options.interactive and vm is self.vms[-1])
            console = Console(vm.name, self.stock.known)
            self.consoles.append(console)
            self._tasks.append(asyncio.create_task(vm.follow(console, self.alarm)))
        await self.watch(asyncio.gather(*(channel.ready() for vm in self.vms
                                          for channel in vm.channels.values())),
                         BOOT_SECONDS, LabError(f"no boot within {BOOT_SECONDS} s"))
        for name in self._relays(self.vms[-1]):
            self._tasks.append(asyncio.create_task(
                relay(self.vms[-1].ports[name],
                      self.vms[0].channels[name.replace("relay", "serve")])))
        if not self.options.no_target:
            await self._step(self.vms[0], "target-load", "loading the target's driver")
            await self._step(self.vms[0], "target-configure", "configuring the target")
        await self._step(self.vms[-1], "initiator-up", "starting the initiator")

    async def _step(self, vm, script, what, seconds=SETUP_SECONDS):
        if os.environ.get("MPT_VERBOSE"):
            say(what)
        error = LabError(f"{what}: no end within {seconds} s")
        try:
            status, text = await self.watch(vm.channels["main"].ask(script), seconds, error)
        except LabError as problem:
            if problem is error:
                await self._who_waits()
            raise
        if status:
            raise LabError(f"{what} failed: {text}")

    # --- The command

    async def command(self):
        """Its exit status."""
        text = "set -a; . /lab/env; set +a; cd /root; exec " + shlex.join(self.options.command)
        error = TimeOut(f"the command did not end within {self.options.timeout} s")
        vm = self.vms[-1]
        if self.options.interactive:
            work = converse(vm.ports["tty"], vm.channels["main"], text)
        else:
            work = vm.channels["main"].run(text, passer(sys.stdout), passer(sys.stderr))
        try:
            return await self.watch(work, self.options.timeout, error)
        except TimeOut:
            await self._who_waits()
            raise

    async def _who_waits(self):
        """A command that hangs: have the kernels say what they wait for."""
        for vm in self.vms:
            try:
                await asyncio.wait_for(
                    vm.channels["spare"].ask("echo w >/proc/sysrq-trigger; sleep 1"), 10)
            except (asyncio.TimeoutError, LabError):
                pass		# the console's log shows that it says nothing any more

    # --- Down

    async def down(self):
        """In order, so that the referee and the kernels can judge what was left behind."""
        status, text = await self.watch(self.vms[-1].channels["main"].ask("initiator-down"),
                                        DOWN_SECONDS, LabError("unloading the initiator hangs"))
        if status and os.environ.get("MPT_VERBOSE"):
            say("the command left disks in use: " + text)
        if not self.options.no_target:
            await self._step(self.vms[0], "target-deconfigure", "taking the target down",
                             DOWN_SECONDS)
            await self._step(self.vms[0], "target-unload", "unloading the target's driver",
                             DOWN_SECONDS)

    async def stop(self, orderly):
        """Ends hosts and card, whatever state they are in."""
        for vm in self.vms:
            if vm.process is None:
                continue
            if orderly:
                vm.channels["spare"].ports[0].send("run off " + POWER_OFF)
            else:
                vm.kill()
        for vm in self.vms:
            if not await vm.stop(20) and orderly:
                self.alarm(f"the {vm.name} did not power off")
        await self.card.stop(orderly, self.alarm if orderly else lambda text: None)
        await asyncio.wait(self._tasks, timeout=5) if self._tasks else None
        for task in self._tasks:
            task.cancel()

    def reasons(self):
        """Why nothing can be concluded; empty if the ground was firm."""
        found = list(self.alarms)
        for console in self.consoles:
            for line in console.fatal:
                if not any(line in text for text in found):
                    found.append(f"{console.host}'s kernel reports: {line}")
            for line, cause in console.told:
                say(f"known report of others' code: {line} ({cause})")
        for line in self.card.log.violations:
            if not any(line in text for text in found):
                found.append("the card's referee: " + line)
        return found

    async def execute(self):
        """(exit status, reasons)."""
        loop, main = asyncio.get_running_loop(), asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, main.cancel)
        status, failure, orderly = 125, None, False
        try:
            await self.up()
            status = await self.command()
            await self.down()
            orderly = True
        except UsageError:
            raise
        except LabError as error:
            failure = error
        finally:
            await self.stop(orderly)
        reasons = self.reasons()
        if isinstance(failure, TimeOut) and not reasons:
            return 124, [str(failure)]
        if failure and not (isinstance(failure, Broken) and reasons):
            reasons.append(str(failure))
        return (125, reasons) if reasons else (status, [])


def kernel_command_line(initiators):
    """The lab's words, and the user's after them.

    mptspi resets the bus when it takes a card, and scsi_mod gives up on a LUN whose
    first INQUIRY meets a bus reset: of several initiators each looks round before the
    next one is taken."""
    scan = "scsi_mod.scan=sync" if initiators > 1 else ""
    return " ".join(filter(None, [APPEND, scan, os.environ.get("MPT_APPEND")]))


# base64 of the command that powers a host off
POWER_OFF = "c3luYzsgYnVzeWJveCBwb3dlcm9mZiAtZgo="


def passer(stream):
    """A sink that hands output on as it comes."""
    def passed(data):
        stream.buffer.write(data)
        stream.buffer.flush()
    return passed


def keep_logs(directory):
    """Moves what tells of a run to where it stays."""
    for name in os.listdir(directory):
        if not name.endswith((".console", ".log", ".qemu", ".json")):
            path = os.path.join(directory, name)
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    return directory
