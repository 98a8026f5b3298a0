# SPDX-License-Identifier: GPL-2.0-or-later
"""Running commands in a guest over virtio-serial ports.

A channel is three ports: control, out, err.  The guest's side is `serve` in
guest/init.  A mark, new for each command, ends its output on out and err: the
ports are queues of their own, so the status on control may overtake them.
"""

import asyncio
import base64
import secrets

from .errors import LabError


class GuestGone(LabError):
    """The other end of a channel closed."""


CHUNK = 3000		# of output in one line to on-target; fits a pipe's atomic write


class Port:
    """Our end of one port."""

    def __init__(self, sock):
        self._sock = sock
        self.reader = self.writer = None

    async def open(self):
        """Needs the running loop."""
        self.reader, self.writer = await asyncio.open_connection(sock=self._sock)

    async def line(self):
        """The next line; b"" when the guest is gone."""
        try:
            return await self.reader.readline()
        except (ConnectionError, ValueError):
            return b""

    def send(self, text):
        """One line to the guest."""
        self.writer.write(text.encode() + b"\n")


async def pump(reader, mark, sink):
    """Passes on what comes before @mark; holds back what may be its beginning."""
    held = b""
    while True:
        data = await reader.read(65536)
        if not data:
            raise GuestGone("the guest went away")
        held += data
        at = held.find(mark)
        if at >= 0:
            if at:
                sink(held[:at])
            return
        keep = next(n for n in range(min(len(mark) - 1, len(held)), -1, -1)
                    if held.endswith(mark[:n]))
        if len(held) > keep:
            sink(held[:len(held) - keep])
            held = held[len(held) - keep:]


class Channel:
    """Runs one command at a time."""

    def __init__(self, control, out, err):
        self.ports = (control, out, err)
        self._busy = asyncio.Lock()

    async def ready(self):
        """Waits for the guest's side."""
        if (await self.ports[0].line()).strip() != b"ready":
            raise GuestGone("the guest went away while it booted")

    async def run(self, text, out, err):
        """Runs shell text; returns its exit status."""
        async with self._busy:
            mark = secrets.token_hex(16)
            control, out_port, err_port = self.ports
            control.send(f"run {mark} {base64.b64encode(text.encode()).decode()}")
            await asyncio.gather(pump(out_port.reader, mark.encode(), out),
                                 pump(err_port.reader, mark.encode(), err))
            words = (await control.line()).split()
            if len(words) != 2 or words[0] != b"exit":
                raise GuestGone("the guest went away")
            return int(words[1])

    async def ask(self, text):
        """(status, output and errors as text): for the lab's own steps."""
        parts = []
        status = await self.run(text, parts.append, parts.append)
        return status, b"".join(parts).decode(errors="replace").strip()


async def relay(port, channel):
    """Serves one on-target port of the initiator's host with a channel of the target's."""
    while True:
        words = (await port.line()).split()
        if not words:
            return
        if len(words) != 3 or words[0] != b"run":
            continue
        whose = words[1].decode()

        def frame(kind, data, whose=whose):
            for at in range(0, len(data), CHUNK):
                text = base64.b64encode(data[at:at + CHUNK]).decode()
                port.send(f"{whose} {kind} {text}")
        status = await channel.run(base64.b64decode(words[2]).decode(errors="surrogateescape"),
                                   lambda data: frame("out", data),
                                   lambda data: frame("err", data))
        port.send(f"{whose} exit {status}")
        await port.writer.drain()
