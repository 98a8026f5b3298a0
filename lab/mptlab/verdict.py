# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds reports of broken ground in the consoles and in the card's log.

Stock kernels have reports of their own: lab/known-reports lists them.  A match
whose stack holds no module of ours is told, not fatal.
"""

import os
import re

from .errors import LabError

REPORT = re.compile(
    r"BUG: |WARNING: |Oops: |KASAN: |UBSAN: |KCSAN: |kernel BUG at |Kernel panic - |"
    r"general protection fault|unable to handle (kernel|page)|"
    r"INFO: task .* blocked for more than|INFO: (possible|inconsistent|trying to register)|"
    r"possible (circular|recursive|irq)|inconsistent lock state|suspicious RCU usage|"
    r"bad unlock balance|held lock freed|refcount_t: |DMA-API: |list_(add|del) corruption|"
    r"rcu: INFO: .*stall|rcu_\w+ detected (stalls|expedited stalls)|"
    r"kmemleak: [1-9]\d* new suspected|Objects remaining in |still has .* objects|"
    r"workqueue lockup|scheduling while atomic|sleeping function called|"
    r"irq \d+: nobody cared|Out of memory: |"
    r"\*\*\*CRITICAL ERROR\*\*\*")		# SCST, of what must not happen
STAMP = re.compile(r"^(<\d+>)?\[ *\d+\.\d+\](\[ *[TC]\d+\])? ?")
OURS = re.compile(r"\[(mpt_target|tcm_mpt|mpt_scst)\]|in (mpt_target|tcm_mpt|mpt_scst)\b")
END = re.compile(r"---\[ end ")
LONGEST = 120		# lines of one report


def known_reports(path, kernel):
    """[(pattern, cause)] of the file's lines `kernel<TAB>pattern<TAB>cause`."""
    table = []
    if not os.path.exists(path):
        return table
    with open(path, encoding="utf-8") as handle:
        for number, line in enumerate(handle, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 3:
                raise LabError(f"{path}:{number}: not `kernel<TAB>pattern<TAB>cause`")
            if fields[0] in (kernel, "*"):
                table.append((re.compile(fields[1]), fields[2]))
    return table


class Console:
    """Follows one console; collects the reports on it."""

    def __init__(self, host, known):
        self.host = host
        self.known = known
        self.fatal = []			# first lines of reports nobody knows
        self.told = []			# (first line, cause)
        self._report = None

    def line(self, text):
        """Takes one line; true if a fatal report has just begun."""
        text = STAMP.sub("", text.rstrip("\r\n"))
        if self._report is not None:
            self._report.append(text)
            if END.search(text) or len(self._report) >= LONGEST:
                self._close()
            return False
        if not REPORT.search(text):
            return False
        self._report = [text]
        return not any(pattern.search(text) for pattern, _ in self.known)

    def finish(self):
        """The host is gone: judge what was still being written."""
        if self._report is not None:
            self._close()

    def _close(self):
        report, self._report = self._report, None
        stack = [line for line in report if not line.startswith("Modules linked in:")]
        cause = next((cause for pattern, cause in self.known if pattern.search(report[0])), None)
        if cause and not any(OURS.search(line) for line in stack):
            self.told.append((report[0], cause))
        else:
            self.fatal.append(report[0])


class CardLog:
    """Follows the card's log."""

    def __init__(self):
        self.violations = []

    def line(self, text):
        """Takes one line; true if it tells of a violation."""
        if "VIOLATION " not in text:
            return False
        self.violations.append(text[text.index("VIOLATION "):].strip())
        return True
