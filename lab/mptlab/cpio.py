# SPDX-License-Identifier: GPL-2.0-or-later
"""A writer of `newc` archives, the form the kernel takes as initial RAM disk."""

import os
import stat


class Archive:
    """Collects entries; the kernel accepts several archives one after another."""

    def __init__(self):
        self._parts = []
        self._inode = 0
        self._directories = set()

    def _entry(self, name, mode, data=b"", device=(0, 0)):
        self._inode += 1
        raw = name.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self._parts += [header, raw, b"\0" * (-(len(header) + len(raw)) % 4),
                        data, b"\0" * (-len(data) % 4)]

    def directory(self, name):
        """A directory and its parents."""
        name = name.strip("/")
        if not name or name in self._directories:
            return
        self.directory(os.path.dirname(name))
        self._directories.add(name)
        self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        """A regular file from bytes."""
        name = name.strip("/")
        self.directory(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def copy(self, name, path):
        """A regular file from this machine; keeps whether it may be executed."""
        with open(path, "rb") as handle:
            data = handle.read()
        self.file(name, data, 0o755 if os.access(path, os.X_OK) else 0o644)

    def tree(self, name, path):
        """All files below a directory of this machine."""
        for place, folders, names in os.walk(path):
            folders.sort()
            below = os.path.normpath(os.path.join(name, os.path.relpath(place, path)))
            for entry in sorted(names):
                self.copy(os.path.join(below, entry), os.path.join(place, entry))

    def link(self, name, target):
        """A symbolic link."""
        self._entry(name.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, major, minor):
        """A character device."""
        self._entry(name.strip("/"), stat.S_IFCHR | 0o600, b"", (major, minor))

    def bytes(self):
        """The archive."""
        self._entry("TRAILER!!!", 0)
        data = b"".join(self._parts)
        return data + b"\0" * (-len(data) % 512)
