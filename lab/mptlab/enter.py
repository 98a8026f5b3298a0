# SPDX-License-Identifier: GPL-2.0-or-later
"""Running a command inside a private root, in a mount name space of its own."""

import os

from .errors import LabError

# $1 root, $2 working directory, $3 number of binds, binds, command
SCRIPT = """set -e
root=$1 place=$2 count=$3
shift 3
for name in proc sys dev; do
	mount --rbind "/$name" "$root/$name"
done
mount -t tmpfs tmpfs "$root/run"
while [ "$count" -gt 0 ]; do
	mkdir -p "$root$1"
	mount --bind "$1" "$root$1"
	shift
	count=$((count - 1))
done
exec chroot "$root" /bin/sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$place" "$@"
"""


def command_in(root, command, binds, place="/"):
    """The command line that runs @command in @root with directories @binds at the same paths."""
    if os.geteuid() != 0:
        raise LabError("entering a private Debian root needs root; run this as root (or with sudo)")
    binds = list(dict.fromkeys(os.path.realpath(path) for path in binds))
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", SCRIPT, "enter",
            root, place, str(len(binds))] + binds + list(command)
