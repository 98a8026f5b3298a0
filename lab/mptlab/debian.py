# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages: which versions the lab uses, and how it gets them.

Everything comes from the mirror that this machine's apt uses, through an apt
configuration of our own in the cache; signatures are checked with the archive
keyring.  The versions are looked up once and kept in versions.json, until the
recipe changes or `lab/setup --update` asks for newer ones.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess

from .errors import LabError, say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
RELEASE = "trixie"
# Which suite a kernel comes from.
KERNELS = {"6.12": "trixie", "6.1": "bookworm", "7.3": "trixie-backports"}
QEMU_PIN = "Package: src:qemu src:seabios\nPin: release n=trixie-backports\nPin-Priority: 900\n"

TOOLS = ["qemu-system-x86", "gcc-12", "gcc-14", "gcc", "libc6-dev", "make", "perl", "sparse",
         "pahole", "libelf1t64", "kmod", "xz-utils", "squashfs-tools", "python3-minimal"]
GUEST = ["bash", "coreutils", "util-linux", "mount", "kmod", "procps", "busybox-static",
         "sg3-utils", "fio", "e2fsprogs", "dosfstools", "libiscsi-bin", "lsscsi", "stress-ng",
         "mt-st", "fdisk", "parted", "psmisc"]
RECIPE = 4		# raise it when what is made from the packages changes


def run(command, what, **options):
    """Runs @command silently; a failure becomes one line with the tool's last words."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", check=False,
                          **options)
    if done.returncode:
        words = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in words if line.startswith("E:")] or words[-3:]
        raise LabError(f"{what} failed: " + " | ".join(line[:200] for line in errors[-3:]))
    return done.stdout


def mirrors():
    """(main, security or None): the archives that this machine's apt uses."""
    text = run(["apt-get", "indextargets", "--format", "$(REPO_URI)|$(RELEASE)",
                "Created-By: Packages"], "asking apt for its sources")
    suites = r"(bookworm|trixie|forky|stable|oldstable|testing|sid)"
    main = security = None
    for line in text.splitlines():
        uri, _, release = line.partition("|")
        if not uri.startswith(("http://", "https://", "file:", "copy:")):
            continue
        if re.fullmatch(suites, release):
            main = main or uri
        elif re.fullmatch(suites + "-security", release):
            security = security or uri
    if not main:
        raise LabError("apt has no Debian archive among its sources; the lab takes its packages "
                       "from there: add one to /etc/apt/sources.list and run apt-get update")
    return main, security


def sources_list():
    """The lab's own sources."""
    main, security = mirrors()
    if not os.path.exists(KEYRING):
        raise LabError(f"{KEYRING} is missing; run: apt-get install debian-archive-keyring")
    lines = [f"deb [signed-by={KEYRING}] {main} {suite} main"
             for suite in (RELEASE, RELEASE + "-backports", "bookworm")]
    if security:
        lines += [f"deb [signed-by={KEYRING}] {security} {suite} main"
                  for suite in (RELEASE + "-security", "bookworm-security")]
    return "\n".join(lines) + "\n"


def host_apt_options():
    """How this machine's apt reaches its mirror (proxies, certificates, time-outs)."""
    wanted = re.compile(r"Acquire::(http|https|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date)"
                        r"(::[^ ]+)? \"[^\"]+\";")
    dump = run(["apt-config", "dump"], "reading apt's configuration")
    return [line for line in dump.splitlines() if wanted.fullmatch(line)]


class Debian:
    """Package versions and downloads."""

    def __init__(self, cache):
        self.cache = cache
        self._versions = None

    def _apt_environment(self):
        return dict(os.environ, APT_CONFIG=self.cache.file("apt", "apt.conf"), LC_ALL="C")

    def _write_apt(self):
        base = self.cache.file("apt")
        for name in ("lists/partial", "archives/partial", "parts"):
            os.makedirs(os.path.join(base, name), exist_ok=True)
        lines = [f'Dir::Etc::SourceList "{base}/sources.list";',
                 f'Dir::Etc::SourceParts "{base}/parts";',
                 f'Dir::Etc::Parts "{base}/parts";',
                 f'Dir::Etc::Preferences "{base}/preferences";',
                 f'Dir::Etc::PreferencesParts "{base}/parts";',
                 f'Dir::State::Lists "{base}/lists";', f'Dir::Cache "{base}";',
                 'Dir::State::status "/dev/null";', 'APT::Sandbox::User "root";',
                 'APT::Update::Error-Mode "any";', 'Acquire::Languages "none";',
                 'Acquire::Retries "3";', f'APT::Default-Release "{RELEASE}";']
        for name, text in (("sources.list", sources_list()), ("preferences", QEMU_PIN),
                           ("apt.conf", "\n".join(lines + host_apt_options()) + "\n")):
            with open(os.path.join(base, name), "w", encoding="utf-8") as handle:
                handle.write(text)

    def _apt(self, command, what, **options):
        return run(command, what, env=self._apt_environment(), **options)

    def versions(self, update=False):
        """What the lab is made of; looked up on the first call ever."""
        if self._versions and not update:
            return self._versions
        path = self.cache.file("versions.json")
        with self.cache.lock("versions"):
            if not update and os.path.exists(path):
                with open(path, encoding="utf-8") as handle:
                    known = json.load(handle)
                if known.get("recipe") == self._recipe():
                    self._versions = known
                    return known
            known = self._look_up()
            with open(path + ".new", "w", encoding="utf-8") as handle:
                json.dump(known, handle, indent=1, sort_keys=True)
            os.rename(path + ".new", path)
        self._versions = known
        return known

    @staticmethod
    def _recipe():
        text = json.dumps([RECIPE, RELEASE, KERNELS, TOOLS, GUEST, QEMU_PIN])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def _look_up(self):
        say("looking up package versions")
        self.cache.need_space(300)
        self._write_apt()
        self._apt(["apt-get", "update"],
                  "reading the package lists (is there a network, and does apt-get update work?)")
        known = {"recipe": self._recipe(), "packages": self._candidates(TOOLS + GUEST),
                 "kernels": {}}
        for name, suite in KERNELS.items():
            known["kernels"][name] = self._kernel(name, suite)
        return known

    def _candidates(self, packages):
        names = sorted(set(packages))
        text = self._apt(["apt-cache", "policy"] + names, "looking up packages")
        found = dict(re.findall(r"^(\S+):\n.*\n  Candidate: (\S+)$", text, re.M))
        missing = [name for name in names if found.get(name, "(none)") == "(none)"]
        if missing:
            raise LabError("the mirror lacks packages: " + " ".join(missing))
        return found

    def _newest(self, package, suite):
        text = self._apt(["apt-cache", "madison", package], f"looking up {package}")
        fits = [version for version, where in
                re.findall(r"^\s*\S+ \|\s*(\S+) \| \S+ (\S+?)/", text, re.M)
                if where in (suite, suite + "-security")]
        for version in fits[1:]:
            newer = subprocess.run(["dpkg", "--compare-versions", version, "gt", fits[0]],
                                   stderr=subprocess.DEVNULL, check=False).returncode == 0
            fits[0] = version if newer else fits[0]
        return fits[0] if fits else None

    def _kernel(self, name, suite):
        version = self._newest("linux-image-amd64", suite)
        if not version or not version.startswith(name + "."):
            return None		# refused when somebody asks for it
        meta = self._apt(["apt-cache", "show", f"linux-image-amd64={version}"], "reading a package")
        release = re.search(r"linux-image-(\d[^ ]*-amd64) \(", meta).group(1)
        headers = self._apt(["apt-cache", "show", f"linux-headers-{release}={version}"],
                            "reading a package")
        kbuild = re.search(r"(linux-kbuild-[^\s,]+)", headers).group(1)
        # From 7.x the modules are a package of their own.
        image = self._apt(["apt-cache", "show", f"linux-image-{release}={version}"],
                          "reading a package")
        modules = re.findall(rf"linux-(?:modules|base|binary)-{re.escape(release)}(?= \(=)", image)
        # The package of the build tools may be from a sibling source with its own version.
        return {"release": release, "version": version, "source": f"linux-source-{name}",
                "images": [f"linux-image-{release}"] + sorted(set(modules)),
                "headers": [f"linux-headers-{release}", kbuild,
                            "linux-headers-" + re.sub("-amd64$", "-common", release)]}

    def kernel(self, name):
        """Record of kernel @name."""
        record = self.versions()["kernels"].get(name)
        if not record:
            raise LabError(f"the mirror's {KERNELS[name]} has no kernel {name} any more; "
                           "see docs/lab.md for choosing another one")
        return record

    def download(self, packages, version, directory):
        """Fetches packages into @directory; returns their files.

        The packages of a version that left the archive are gone: the lists are
        read again once, so the error names what really is missing."""
        os.makedirs(directory, exist_ok=True)
        names = [f"{package}={version}" for package in packages]
        self._need_lists()
        self._apt(["apt-get", "download"] + names, "downloading " + " ".join(packages) +
                  " (gone from the mirror? then run: lab/setup --update)", cwd=directory)
        return sorted(os.path.join(directory, name) for name in os.listdir(directory)
                      if name.endswith(".deb"))

    def _need_lists(self):
        if not os.path.exists(self.cache.file("apt", "apt.conf")):
            self._write_apt()
            self._apt(["apt-get", "update"], "reading the package lists (is there a network?)")

    def unpack(self, packages, directory):
        """The files of packages of the guests' Debian, without what these depend on."""
        aside = os.path.join(directory, ".packages")
        self._need_lists()
        for package, version in self._candidates(packages).items():
            self.download([package], version, aside)
        for name in os.listdir(aside):
            run(["dpkg-deb", "-x", os.path.join(aside, name), directory], "unpacking " + name)
        shutil.rmtree(aside)

    def make_root(self, directory, packages, dpkg_options=()):
        """A Debian root in @directory."""
        self._write_apt()
        sources = [line for line in sources_list().splitlines() if f" {RELEASE}" in line]
        command = ["unshare", "--mount", "mmdebstrap", "--quiet", "--variant=apt", "--mode=root",
                   "--format=directory", "--include=" + ",".join(packages),
                   "--aptopt=APT::Install-Recommends false", "--aptopt=Acquire::Languages none",
                   "--setup-hook=mkdir -p \"$1/etc/apt/preferences.d\"",
                   f"--setup-hook=cp '{self.cache.file('apt', 'preferences')}' "
                   "\"$1/etc/apt/preferences.d/lab\""]
        command += [f"--aptopt={line.rstrip(';')}" for line in host_apt_options()]
        command += [f"--dpkgopt={option}" for option in dpkg_options]
        command += [RELEASE, directory] + sources
        run(command, "making a Debian root (needs a network)",
            env=dict(os.environ, TMPDIR=self.cache.file("tmp"), LC_ALL="C"))


def digest(*values):
    """Short key for a cache entry."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
