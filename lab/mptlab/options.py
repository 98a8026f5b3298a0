# SPDX-License-Identifier: GPL-2.0-or-later
"""lab/run's command line."""

import argparse
import dataclasses
import os
import re
import stat

from .debian import KERNELS
from .errors import UsageError
from .scst import scst_dir

MAX_IDS = 16
# The engine passes these on to a device of the kernel's scsi_debug, which is one kind at a time.
PASSED_ON = ("pass-disk", "pass-cdrom", "pass-tape")
TYPES = ("fileio", "blockio", "nullio", "ram", "cdrom", "user") + PASSED_ON
SPELLINGS = {"pscsi": "pass-disk", "tape": "pass-tape"}		# other words for them
# Back ends that a file cannot be.
OF_SIZE = ("ram", "nullio", "user", "pass-disk", "pass-tape")
SCST_TYPES = tuple(name for name in TYPES if name != "pass-tape")
TAPE_KERNELS = ("7.3",)		# in older ones scsi_debug's tapes have no medium
# Words of mptcard's command line that --card does not take, and what to use instead.
LABS_OWN = {"stats": "; use --stats FILE", "log": "; MPT_LOGS=DIRECTORY keeps card.log",
            "id": "; use --ids or --initiators", "pair": "; MPT_DUAL=1 makes a dual chip",
            "role": "; say whose: target:role=both or initiator:role=both",
            **dict.fromkeys(("function", "socket", "list-options", "help", "version"), "")}
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclasses.dataclass
class Lun:
    """One --lun."""

    id: int
    lun: int
    type: str = "fileio"
    ro: bool = False
    path: str = None		# None: memory or a file of the run
    size: int = 0


class Parser(argparse.ArgumentParser):
    """One line for each complaint."""

    def error(self, message):
        raise UsageError(message + "; see lab/run --help")


def parser():
    """The contract's options."""
    parse = Parser(prog="lab/run", allow_abbrev=False,
                   usage="lab/run [options] -- COMMAND [ARG...]",
                   description="Runs COMMAND on a host whose stock initiator sees our target's "
                               "LUNs across the virtual card.  See docs/lab.md.")
    add = parse.add_argument
    add("--transport", default="spi", metavar="spi",
        help="later: fc, sas (refused in this version)")
    add("--engine", default="lio", metavar="lio|scst",
        help="what serves the LUNs; scst needs SCST_DIR: a built tree of SCST, or a directory "
             "with one for each kernel release")
    add("--hosts", default="1", metavar="1|2", help="both roles in one VM (default), or two VMs")
    add("--kernel", default="6.12", metavar="|".join(KERNELS), help="default 6.12")
    add("--ids", default="0", metavar="LIST", help="the target's SCSI IDs, comma-separated")
    add("--initiators", default="1", metavar="N", help="IDs 7, 6, 5 ...")
    add("--lun", action="append", default=[],
        metavar="[ID.LUN=]FILE|SIZE[,ro][,type=" + "|".join(TYPES) + "]",
        help="repeatable; default: one LUN of 64M; user: a handler with odd commands; pass-disk "
             "(or pscsi), pass-cdrom, pass-tape (or tape): the engine's pass-through of a "
             "simulated disk, CD or tape (tape: LIO's only); cdrom: SCST's own, with LIO "
             "pass-cdrom")
    add("--no-lun", action="store_true", help="start without a LUN")
    add("--acl", default="open", metavar="open|NAME",
        help="default open: every initiator may write")
    add("--share", metavar="DIR", help="DIR, read-only, at /share in the guests")
    add("--card", action="append", default=[], metavar="[FUNCTION:]NAME=VALUE",
        help="an option of mptcard; functions: target, initiator, initiator2 ...")
    add("--module", action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of our modules")
    add("--stats", metavar="FILE", help="write the card's counters there (JSON)")
    add("--memory", default="1024", metavar="MIB", help="of each VM; default 1024")
    add("--timeout", default="600", metavar="SECONDS", help="for COMMAND; default 600")
    add("--no-target", action="store_true", help="without the target's driver (work on the card)")
    add("--interactive", action="store_true", help="COMMAND gets a terminal (make play)")
    return parse


def number(name, text, low, high):
    """A decimal option in its range."""
    if not re.fullmatch(r"[0-9]{1,7}", text) or not low <= int(text) <= high:
        raise UsageError(f"--{name} {text}: must be a number from {low} to {high}")
    return int(text)


def choice(name, text, allowed, later=()):
    """One of a few words."""
    if text in later:
        raise UsageError(f"--{name} {text}: not in this version; available: {', '.join(allowed)}")
    if text not in allowed:
        raise UsageError(f"--{name} {text}: unknown; available: {', '.join(allowed)}")
    return text


def parse_size(text):
    """Bytes of 64M, or None if @text is no size."""
    match = re.fullmatch(r"([0-9]{1,9})([KMGT])", text)
    return int(match[1]) * UNITS[match[2]] if match else None


def check_image(path):
    """Size of a raw image that can be served; says what is wrong otherwise."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            raise UsageError(f"{path}: not a regular file or block device; give a raw disk image")
        with open(path, "rb") as handle:
            size = handle.seek(0, os.SEEK_END)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; --lun takes a raw image "
                         "or a size like 64M") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if size == 0:
        raise UsageError(f"{path}: empty; a LUN needs at least one block of 512 bytes")
    if size % 512:
        raise UsageError(f"{path}: {size} bytes is not a multiple of 512; this is no raw disk "
                         "image (or pad it: truncate -s %512)")
    return size


def check_lun(text, lun, options):
    """Size, type and read-only fit each other."""
    if lun.path and lun.type in OF_SIZE:
        raise UsageError(f"--lun {text}: type={lun.type} takes a size, not a file")
    if lun.type in ("cdrom", "pass-cdrom") and lun.size % 2048:
        raise UsageError(f"--lun {text}: {lun.size} bytes is not a multiple of a CD's 2048")
    if options.engine == "scst":
        if lun.type not in SCST_TYPES:
            raise UsageError(f"--lun {text}: type={lun.type} is LIO's; with --engine scst there "
                             "are: " + ", ".join(SCST_TYPES))
    elif lun.ro and lun.type in OF_SIZE:
        raise UsageError(f"--lun {text}: type={lun.type} cannot be read-only with "
                         f"{options.engine}")
    if lun.type in PASSED_ON and not lun.path and lun.size % UNITS["M"]:
        raise UsageError(f"--lun {text}: type={lun.type} takes whole MiB, such as 8M")
    if lun.type == "pass-tape" and options.kernel not in TAPE_KERNELS:
        raise UsageError(f"--lun {text}: type=pass-tape needs --kernel {'|'.join(TAPE_KERNELS)}, "
                         "whose scsi_debug has tapes with a medium")


def parse_lun(text, used, options):
    """One --lun; @used: (ID, LUN) pairs that are taken."""
    ids = options.ids
    rest, lun = text, Lun(ids[0], -1)
    while match := re.search(r",(ro|type=[^,]*)$", rest):
        rest = rest[:match.start()]
        if match[1] == "ro":
            lun.ro = True
        else:
            lun.type = choice("lun type", SPELLINGS.get(match[1][5:], match[1][5:]), TYPES)
            if options.engine == "lio" and lun.type == "cdrom":
                lun.type = "pass-cdrom"		# it has none of its own
    match = re.match(r"([0-9]{1,2})\.([0-9]{1,5})=", rest)
    if match:
        lun.id, lun.lun, rest = int(match[1]), int(match[2]), rest[match.end():]
        if lun.id not in ids:
            raise UsageError(f"--lun {text}: ID {lun.id} is not among the target's --ids")
        if lun.lun > 255:
            raise UsageError(f"--lun {text}: LUNs go from 0 to 255")
    else:
        lun.lun = next(n for n in range(256) if (lun.id, n) not in used)
    if (lun.id, lun.lun) in used:
        raise UsageError(f"--lun {text}: ID {lun.id} has a LUN {lun.lun} already")
    if not rest:
        raise UsageError(f"--lun {text}: neither a file nor a size like 64M")
    lun.size = parse_size(rest)
    if lun.size is None:
        lun.path, lun.size = os.path.abspath(rest), check_image(rest)
    elif lun.size == 0:
        raise UsageError(f"--lun {text}: a LUN needs at least one block of 512 bytes")
    check_lun(text, lun, options)
    if lun.ro and lun.type == "fileio" and options.engine == "lio":
        lun.type = "blockio"		# LIO's fileio always opens for writing
    return lun


def parse_luns(options):
    """All --lun options; the default if there is none."""
    if options.no_lun and options.lun:
        raise UsageError("--no-lun and --lun contradict each other")
    texts = options.lun or ([] if options.no_lun else ["64M"])
    luns, used = [], set()
    for text in texts:
        lun = parse_lun(text, used, options)
        used.add((lun.id, lun.lun))
        luns.append(lun)
    if sum(lun.type in PASSED_ON for lun in luns) > 1:
        raise UsageError("--lun: only one of " + ", ".join(PASSED_ON) + " in a run")
    memory = sum(lun.size for lun in luns if lun.type in PASSED_ON
                 or not lun.path and lun.type not in ("blockio", "nullio")) >> 20
    if memory > options.memory * 6 // 10:
        raise UsageError(f"--lun: {memory} MiB of LUNs do not fit a host of {options.memory} MiB; "
                         "raise --memory, or serve files")
    return luns


def parse_ids(text):
    """The target's IDs."""
    if not re.fullmatch(r"[0-9]{1,2}(,[0-9]{1,2})*", text):
        raise UsageError(f"--ids {text}: must be numbers from 0 to 15 like 0,1,3")
    ids = [int(part) for part in text.split(",")]
    if max(ids) >= MAX_IDS or len(set(ids)) != len(ids):
        raise UsageError(f"--ids {text}: must be different numbers from 0 to 15")
    return ids


def check_environment(options):
    """Switches of rare use."""
    for name in ("MPT_DUAL", "MPT_NO_SHARED_MEMORY"):
        if os.environ.get(name, "") not in ("", "0", "1"):
            raise UsageError(f"{name}={os.environ[name]}: must be 1, 0 or unset")
    if os.environ.get("MPT_DUAL") == "1" and options.hosts == 2:
        raise UsageError("MPT_DUAL=1 needs --hosts 1: a chip is in one host")


def check_pairs(options):
    """The NAME=VALUE options; some are the lab's own."""
    options.roles = {}
    kept = []
    for text in options.card:
        if not re.fullmatch(r"([a-z0-9]+:)?[a-z0-9-]+=[^ ]*", text):
            raise UsageError(f"--card {text}: must be [FUNCTION:]NAME=VALUE")
        name = text.partition("=")[0].rpartition(":")[2]
        role = re.match(r"(?:(target|initiator[0-9]*):)?role=(.*)", text)
        if role:
            function = role[1] or "target"
            options.roles[function] = choice("card role", role[2],
                                             (function.rstrip("0123456789"), "both"))
        elif name in LABS_OWN:
            raise UsageError(f"--card {text}: the lab sets this itself{LABS_OWN[name]}")
        else:
            kept.append(text)
    options.card = kept
    for text in options.module:
        if not re.fullmatch(r"[a-z0-9_]+=[^ ]+", text):
            raise UsageError(f"--module {text}: must be NAME=VALUE")


def check_engine(options):
    """What SCST cannot, or not here."""
    choice("engine", options.engine, ("lio", "scst"))
    if options.engine == "lio":
        return
    if options.acl.startswith("naa."):
        raise UsageError(f"--acl {options.acl}: SCST's initiators have names like "
                         "spi.0000:00:04.0.7")
    if options.no_target:
        raise UsageError("--engine scst: --no-target is without any engine")
    scst_dir()


def parse_arguments(arguments):
    """Options and COMMAND; UsageError tells what is wrong."""
    head, command = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        head, command = arguments[:at], arguments[at + 1:]
    parse = parser()
    options, extra = parse.parse_known_args(head)
    if extra:
        raise UsageError(f"unknown option or stray argument {extra[0]} (COMMAND stands after --); "
                         "see lab/run --help")
    options.command = command
    if not command:
        raise UsageError("no COMMAND; usage: lab/run [options] -- COMMAND [ARG...]")
    choice("transport", options.transport, ("spi",), ("fc", "sas"))
    options.hosts = int(choice("hosts", options.hosts, ("1", "2")))
    choice("kernel", options.kernel, tuple(KERNELS), ("debug",))
    options.ids = parse_ids(options.ids)
    options.initiators = number("initiators", options.initiators, 1, 8)
    options.memory = number("memory", options.memory, 256, 65536)
    options.timeout = number("timeout", options.timeout, 1, 1000000)
    options.initiator_ids = [n for n in (7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8)
                             if n not in options.ids][:options.initiators]
    if len(options.initiator_ids) < options.initiators:
        raise UsageError("--ids and --initiators need more than the 16 IDs of a bus")
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", options.acl):
        raise UsageError(f"--acl {options.acl}: must be open or an initiator's name")
    check_engine(options)
    check_pairs(options)
    for function in options.roles:
        index = int(function[9:] or 1) if function.startswith("initiator") else 1
        if index > options.initiators or function in ("initiator0", "initiator1"):
            raise UsageError(f"--card {function}:role: there is no {function}")
    check_environment(options)
    if options.share and not os.path.isdir(options.share):
        raise UsageError(f"--share {options.share}: no such directory")
    if options.stats and not os.path.isdir(os.path.dirname(os.path.abspath(options.stats))):
        raise UsageError(f"--stats {options.stats}: its directory does not exist")
    options.luns = parse_luns(options)
    return options
