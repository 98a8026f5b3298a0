# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells a person how far a long piece of work has come; runs its parts."""

import os
import queue
import subprocess
import threading
import time

from .errors import LabError

SILENCE = 30		# seconds until a line says that it still goes on
PATIENCE = 40		# seconds for a child to clean up
CHUNK = 65536


def printable(text):
    """Names come from an image that nobody checked: no control characters on the terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


class Progress:
    """Numbered steps; every line begins with the seconds since the start."""

    def __init__(self, steps):
        self.total = steps
        self.number = 0
        self.start = time.monotonic()

    def seconds(self):
        """Since the start."""
        return int(time.monotonic() - self.start)

    def step(self, text):
        """The next numbered step begins."""
        self.number += 1
        print(f"{self.seconds():4} s  {self.number}/{self.total}  {text}", flush=True)

    def detail(self, text):
        """Something within a step."""
        print(f"{self.seconds():4} s         {printable(text)}", flush=True)

    def run(self, command, first_detail=None, records=None, env=None):
        """Runs a program of the lab; its `lab: ` lines become details.

        @first_detail is told before the first of them.  @records(verb, text) takes what a guest's
        helper says.  Any other line on stderr becomes the LabError if the program fails."""
        events, complaints = queue.Queue(), []
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=env) as child:
            readers = [threading.Thread(target=read_lines, args=(*stream, events))
                       for stream in ((child.stderr, b"\n", "err"), (child.stdout, b"\0", "out"))]
            for reader in readers:
                reader.start()
            try:
                self._follow(events, len(readers), first_detail, records, complaints)
            except BaseException:
                end(child)
                raise
            finally:
                for reader in readers:
                    reader.join()
            status = child.wait()
        if status == 130:
            raise KeyboardInterrupt
        if status:
            raise Failed(status, complaints)
        for line in complaints:
            self.detail(line)

    def _follow(self, events, open_streams, first_detail, records, complaints):
        while open_streams:
            try:
                kind, data = events.get(timeout=SILENCE)
            except queue.Empty:
                self.detail("still at it")
                continue
            if kind == "end":
                open_streams -= 1
            elif kind == "err" and data.startswith("lab: "):
                if first_detail:
                    self.detail(first_detail)
                    first_detail = None
                self.detail(data[5:])
            elif kind == "err":
                complaints.append(data)
            elif records:
                verb, _, text = data.partition("\t")
                records(verb, text)


class Failed(LabError):
    """A part ended with an error; its last words are the reason."""

    def __init__(self, status, complaints):
        super().__init__("\n".join(printable(line) for line in complaints[-20:]) or
                         f"ended with status {status}")
        self.status = status


def end(child):
    """An interrupt mostly reaches the child as well; a second one would disturb its cleaning up."""
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.terminate()


def read_lines(stream, end, kind, events):
    """A thread's work: puts (kind, text) for all that comes before each @end."""
    held = b""
    while data := os.read(stream.fileno(), CHUNK):
        *lines, held = (held + data).split(end)
        for line in lines:
            events.put((kind, line.decode(errors="replace")))
    if held:
        events.put((kind, held.decode(errors="replace")))
    events.put(("end", ""))


def size_text(count):
    """Bytes for a person."""
    for unit, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} bytes"
