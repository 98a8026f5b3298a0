# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts on one desk: the parts of lab/run, lab/root and lab/build-modules."""
