# SPDX-License-Identifier: GPL-2.0-or-later
"""The cache: what is made once and used by every run.

Each artifact is a directory that never changes once it is in place.  It is
built aside and renamed, under a lock of its own, so that an interrupted or a
parallel run never sees half of it.  Whoever uses the cache holds the lock `use`
shared; `make distclean` takes it exclusively.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile

from .errors import LabError, say


def cache_path():
    """Where the cache is."""
    path = os.environ.get("MPT_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mpt_scst")
    return os.path.abspath(path)


def remove_tree(path):
    """Removes a tree that may be a root file system; refuses to follow mounts."""
    if not os.path.lexists(path):
        return
    if os.path.islink(path) or not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
        return
    subprocess.run(["rm", "-rf", "--one-file-system", "--", path], check=True)


class Cache:
    """All artifacts of one cache directory."""

    def __init__(self):
        self.path = cache_path()
        try:
            for name in ("", "locks", "tmp"):
                os.makedirs(os.path.join(self.path, name), exist_ok=True)
            self.use = os.open(os.path.join(self.path, "locks", "use"),
                                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self.use, fcntl.LOCK_SH)
        except OSError as error:
            raise LabError(f"cannot use the cache {self.path}: {error.strerror}; "
                           "set MPT_CACHE to a directory you can write") from error

    def file(self, *parts):
        """Path of something in the cache."""
        return os.path.join(self.path, *parts)

    @contextlib.contextmanager
    def lock(self, name):
        """Holds one artifact's lock."""
        path = self.file("locks", name.replace("/", "_"))
        with open(path, "w", encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"waiting for another run that makes {name}")
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def need_space(self, mebibytes):
        """Refuses early instead of failing half-way."""
        free = shutil.disk_usage(self.path).free >> 20
        if free < mebibytes:
            raise LabError(f"too little disk space in {self.path}: {mebibytes} MiB needed, "
                           f"{free} MiB free; free some, or set MPT_CACHE to another disk")

    def get(self, name, build, what, mebibytes, root=False):
        """Directory of artifact @name; @build(directory) makes it if it is not there."""
        final = self.file(name)
        if os.path.isdir(final):
            return final
        with self.lock(name):
            if os.path.isdir(final):
                return final
            if root and os.geteuid() != 0:
                raise LabError(f"making {what} needs root; run it once as root (or with sudo)")
            self.need_space(mebibytes)
            self._clean_left_overs(name)
            say(f"making {what}")
            os.makedirs(os.path.dirname(final), exist_ok=True)
            aside = tempfile.mkdtemp(prefix=name.replace("/", "_") + ".", dir=self.file("tmp"))
            os.chmod(aside, 0o755)
            try:
                build(aside)
                os.rename(aside, final)
            except BaseException:
                remove_tree(aside)
                raise
        return final

    def _clean_left_overs(self, name):
        """What a killed run left; nobody else builds @name while we hold its lock."""
        prefix = name.replace("/", "_") + "."
        for entry in os.listdir(self.file("tmp")):
            if entry.startswith(prefix):
                remove_tree(self.file("tmp", entry))

    def alone(self):
        """True if no other run uses the cache; it then waits for us."""
        try:
            fcntl.flock(self.use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def remove_cache():
    """`make distclean`."""
    path = cache_path()
    lock = os.path.join(path, "locks", "use")
    if not os.path.isdir(path):
        return
    if not os.path.exists(lock):
        raise LabError(f"{path} does not look like this project's cache; nothing removed")
    with open(lock, "r+", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("the cache is in use by another run; nothing removed") from None
        remove_tree(path)
