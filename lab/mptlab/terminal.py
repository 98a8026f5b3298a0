# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's terminal joined to a shell in the guest."""

import asyncio
import os
import shlex
import shutil
import sys
import termios
import tty


async def converse(port, channel, text):
    """Runs @text on the guest's terminal; returns its exit status."""
    size = shutil.get_terminal_size()
    # Within the session: when the last one closes it, the terminal forgets its size.
    text = (f"stty sane rows {size.lines} columns {size.columns}; export TERM="
            f"{shlex.quote(os.environ.get('TERM', 'linux'))}; {text}")
    text = f"exec setsid -cw bash -c {shlex.quote(text)} <>/dev/hvc0 >&0 2>&0"
    loop, keyboard = asyncio.get_running_loop(), sys.stdin.fileno()
    saved = termios.tcgetattr(keyboard) if os.isatty(keyboard) else None

    def typed():
        data = os.read(keyboard, 4096)
        if data:
            port.writer.write(data)
        else:
            loop.remove_reader(keyboard)
            port.writer.write(b"\x04")		# end of input, as a terminal says it

    async def shown():
        while data := await port.reader.read(65536):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    screen = asyncio.create_task(shown())
    try:
        if saved:
            tty.setraw(keyboard)
        loop.add_reader(keyboard, typed)
        return await channel.run(text, lambda data: None, lambda data: None)
    finally:
        loop.remove_reader(keyboard)
        screen.cancel()
        if saved:
            termios.tcsetattr(keyboard, termios.TCSADRAIN, saved)
