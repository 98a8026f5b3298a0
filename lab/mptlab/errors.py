# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong, and the exit status that tells it."""

import signal
import sys


class LabError(Exception):
    """The lab itself failed: nothing can be said about what was to be tested."""

    status = 125


class UsageError(LabError):
    """The caller asked for something that does not exist or cannot be used."""

    status = 2


class TimeOut(LabError):
    """The command did not end in time."""

    status = 124


def say(text):
    """One line of progress, on stderr, since stdout belongs to the command."""
    print("lab: " + text, file=sys.stderr, flush=True)


def end_cleanly():
    """SIGTERM and SIGHUP unwind as Ctrl-C does, so that nothing half-made stays."""
    def unwind(number, frame):
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, unwind)
