# SPDX-License-Identifier: GPL-2.0-or-later
"""Any SCSI command through sg, with its status, sense and residual."""

import ctypes
import fcntl
import os
import re

with open("/lab/config", encoding="ascii") as config:
    CONFIG = dict(re.findall(r"^(\w+)=(.*)$", config.read(), re.M))
ENGINE = CONFIG["ENGINE"]

SG_IO = 0x2285
NONE, OUT, IN = -1, -2, -3


class SgIo(ctypes.Structure):
    """struct sg_io_hdr of <scsi/sg.h>."""

    _fields_ = [("interface_id", ctypes.c_int), ("direction", ctypes.c_int),
                ("cdb_length", ctypes.c_ubyte), ("max_sense", ctypes.c_ubyte),
                ("iovec_count", ctypes.c_ushort), ("length", ctypes.c_uint),
                ("data", ctypes.c_void_p), ("cdb", ctypes.c_void_p), ("sense", ctypes.c_void_p),
                ("timeout", ctypes.c_uint), ("flags", ctypes.c_uint), ("pack_id", ctypes.c_int),
                ("user", ctypes.c_void_p), ("status", ctypes.c_ubyte),
                ("masked_status", ctypes.c_ubyte), ("message_status", ctypes.c_ubyte),
                ("sense_length", ctypes.c_ubyte), ("host_status", ctypes.c_ushort),
                ("driver_status", ctypes.c_ushort), ("residual", ctypes.c_int),
                ("duration", ctypes.c_uint), ("info", ctypes.c_uint)]


class Answer:
    """What came of a command."""

    def __init__(self, header, data, sense):
        self.status = header.status
        self.host = header.host_status
        self.moved = header.length - header.residual
        self.data = data[:self.moved]
        self.sense = sense[:header.sense_length]

    def code(self):
        """(key, asc, ascq), or None."""
        if len(self.sense) < 14 or self.sense[0] & 0x7f not in (0x70, 0x71):
            return None
        return self.sense[2] & 0xf, self.sense[12], self.sense[13]

    def __str__(self):
        return (f"status {self.status:02x} host {self.host:02x} moved {self.moved} "
                f"sense {self.sense.hex()}")


class Device:
    """An sg node."""

    def __init__(self, path):
        self.path = path
        self.file = os.open(path, os.O_RDWR)

    def settled(self):
        """Takes the unit attentions of resets by initiators that came up late; itself."""
        while (code := self.send("000000000000").code()) and code[0] == 6:
            pass
        return self

    def send(self, cdb, read=0, write=b""):
        """Answer to @cdb (hex text or bytes)."""
        cdb = bytes.fromhex(cdb) if isinstance(cdb, str) else cdb
        command = ctypes.create_string_buffer(cdb, len(cdb))
        data = ctypes.create_string_buffer(write, len(write)) if write else \
            ctypes.create_string_buffer(max(read, 1))
        sense = ctypes.create_string_buffer(64)
        header = SgIo(interface_id=ord("S"), direction=OUT if write else IN if read else NONE,
                      cdb_length=len(cdb), max_sense=64, length=len(write) or read,
                      data=ctypes.addressof(data), cdb=ctypes.addressof(command),
                      sense=ctypes.addressof(sense), timeout=60000)
        fcntl.ioctl(self.file, SG_IO, header)
        return Answer(header, data.raw, sense.raw)


def scramble(value):
    """As lab/handler/pattern.c."""
    mask = (1 << 64) - 1
    value = (value + 0x9e3779b97f4a7c15) & mask
    value = ((value ^ value >> 30) * 0xbf58476d1ce4e5b9) & mask
    value = ((value ^ value >> 27) * 0x94d049bb133111eb) & mask
    return value ^ value >> 31


def pattern(seed, offset, length):
    """What the lab's user LUN sends and expects (docs/lab.md)."""
    start = scramble(seed + 1)
    words = b"".join(scramble((start + word) & ((1 << 64) - 1)).to_bytes(8, "little")
                     for word in range(offset // 8, (offset + length + 7) // 8))
    return words[offset % 8:offset % 8 + length]


class Checks:
    """Counts what is not as it should be."""

    def __init__(self):
        self.failures = 0

    def equal(self, what, got, expected):
        """Tells about a difference."""
        if got != expected:
            self.failures += 1
            print(f"FAIL: {what}: {got}, expected {expected}", flush=True)

    def end(self, passed):
        """Exit status."""
        if not self.failures:
            print("ok: " + passed, flush=True)
        return 1 if self.failures else 0
