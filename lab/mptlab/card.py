# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtual card of one run."""

import asyncio
import os
import signal
import subprocess

from .errors import LabError, UsageError
from .modules import CHECKOUT
from .verdict import CardLog
from .vm import DIES_WITH_US

READY_SECONDS = 20
END_SECONDS = 15
SCRIPT_FAILURES_TOLD = 10


def card_program():
    """mptcard, or MPT_CARD."""
    path = os.environ.get("MPT_CARD") or os.path.join(CHECKOUT, "build", "card", "mptcard")
    if not os.access(path, os.X_OK):
        raise LabError(f"{path} is missing; build the card first: make card")
    return path


class Card:
    """mptcard as a child; its log is followed while it runs."""

    def __init__(self, run):
        self.run = run
        self.log = CardLog()
        self.process = None
        self._follower = None
        self._listener = None
        self._script_failures = []

    async def start(self, functions, options, stats, alarm):
        """Starts the card and waits until it listens."""
        command = [card_program()]
        for function in functions:
            command += ["--function", function]
        command += ["--" + option for option in options]
        if stats:
            command += ["--stats", stats]
        self.process = await asyncio.create_subprocess_exec(
            *DIES_WITH_US, *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        self._follower = asyncio.create_task(self._follow(alarm))
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), READY_SECONDS)
        except asyncio.TimeoutError:
            line = b""
        if b"ready" not in line:
            words = await self._last_words()
            if self.process.returncode == 2:		# its own word for bad usage
                raise UsageError("the card refuses: " + words)
            raise LabError("the card did not start: " + words)
        self._listener = asyncio.create_task(self._listen())

    async def _last_words(self):
        try:
            await asyncio.wait_for(self.process.wait(), 1)
        except asyncio.TimeoutError:
            self._signal(signal.SIGKILL)
            await self.process.wait()
        await self._follower
        with open(os.path.join(self.run, "card.log"), encoding="utf-8", errors="replace") as log:
            lines = log.read().strip().splitlines()
        return lines[-1] if lines else f"exit status {self.process.returncode}"

    async def _follow(self, alarm):
        with open(os.path.join(self.run, "card.log"), "ab", buffering=0) as log:
            while line := await self.process.stderr.readline():
                log.write(line)
                text = line.decode(errors="replace")
                if self.log.line(text):
                    alarm("the card's referee: " + self.log.violations[-1])

    async def _listen(self):
        """Scripts speak on standard output: a script that found a fault must be heard."""
        with open(os.path.join(self.run, "card.log"), "ab", buffering=0) as log:
            while line := await self.process.stdout.readline():
                log.write(line)
                if line.startswith(b"SCRIPT FAIL"):
                    self._script_failures.append(line.decode(errors="replace").strip())

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    async def stop(self, orderly, alarm):
        """After the guests left the card ends by itself; its status is part of the verdict."""
        if self.process is None:
            return
        if not orderly:
            self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), END_SECONDS)
        except asyncio.TimeoutError:
            alarm("the card did not end after its guests had left")
            self._signal(signal.SIGKILL)
            await self.process.wait()
        await asyncio.wait({self._follower, self._listener} - {None}, timeout=END_SECONDS)
        status = self.process.returncode
        for failure in self._script_failures[:SCRIPT_FAILURES_TOLD]:
            alarm(failure)
        if status == 3 and not self.log.violations and not self._script_failures:
            alarm("the card ended with status 3: a script did not come to its end (card.log)")
        elif orderly and status not in (0, 3):
            alarm(f"the card ended with status {status} (card.log)")
