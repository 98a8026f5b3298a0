# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the system tests have in common.  A test sources it, calls check and
# complain as often as it likes, and ends with finish.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
guest=$top/tests/system/guest
work=$(mktemp -d "${TMPDIR:-/tmp}/mpt-system.XXXXXX")
failures=0
engine=${MPT_ENGINE:-lio}
kernel=${MPT_KERNEL:-6.12}	# an option of the test overrides it
real_card=${MPT_CARD:-$top/build/card/mptcard}
trap 'rm -rf "$work"' EXIT

complain() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# $1 what is expected, then a command that must succeed.
check() {
	local what=$1
	shift
	if "$@"; then
		echo "ok: $what"
	else
		complain "$what"
	fi
}

# $1 what, $2 value, $3 operator of [ ], $4 limit
check_number() {
	if test "$2" "$3" "$4" 2>/dev/null; then
		echo "ok: $1: $2"
	else
		complain "$1: ${2:-nothing}, expected $3 $4"
	fi
}

skip() {
	echo "skipped: $*"
	exit 77
}

finish() {
	if [ "$failures" -gt 0 ]; then
		echo "$failures failures"
		exit 1
	fi
	exit 0
}

# A copy of the lab that anybody may run, $work/public/lab: the checkout may lie
# where only root may look.
public_lab() {
	mkdir -p "$work/public/build/card"
	cp "$real_card" "$work/public/build/card/mptcard"
	cp -r "$top/lab" "$work/public/lab"
	chmod -R a+rX "$work/public"
	chmod 0755 "$work"
}

# Runs the lab; its output goes to $work/out and to ours.  Script after --: a
# file of guest/ with its arguments.
lab() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$top/lab/run" --engine "$engine" --kernel "$kernel" --share "$guest" "${options[@]}" -- \
		"/share/$1" "${@:2}" 2>&1 | tee "$work/out"
	lab_status=${PIPESTATUS[0]}
}

# The same, and the test fails unless the script ends well.
lab_ok() {
	lab "$@"
	[ "$lab_status" = 0 ] || complain "lab/run ended with status $lab_status"
}

# $1 a kernel of the lab: prints its release.
kernel_release() {
	cat "$("$top/lab/setup" --kernel "$1")/release"
}

# $1 release: prints the tree of SCST for that kernel, if SCST_DIR has one for each, or SCST_DIR.
scst_tree() {
	if [ -d "$SCST_DIR/$1" ]; then
		echo "$SCST_DIR/$1"
	else
		echo "$SCST_DIR"
	fi
}

# $1 a kernel's headers, then modules: signs them by a key of our own, as docs/install.md does.
sign_modules() {
	local key=$work/mok module
	openssl req -new -x509 -newkey rsa:2048 -nodes -days 36500 -subj "/CN=my modules/" \
		-outform DER -keyout "$key.key" -out "$key.pub" 2>"$key.log" || {
		cat "$key.log"
		return 1
	}
	for module in "${@:2}"; do
		"$top/lab/root" "$1/scripts/sign-file" sha256 "$key.key" "$key.pub" "$module" || return
	done
}

# $1 JSON file of the card, $2 function, $3 counter
stat_of() {
	python3 -c '
import json, sys
for function in json.load(open(sys.argv[1]))["functions"]:
    if function["name"] == sys.argv[2]:
        print(function[sys.argv[3]])' "$@"
}

# A stand-in for mptcard that writes its process ID to $work/pid, its standard
# output to $work/card.out and its log to $work/card.log as well.
watch_card() {
	cat >"$work/mptcard" <<-END
		#!/bin/bash
		echo \$\$ >'$work/pid'
		exec '$real_card' "\$@" > >(exec tee '$work/card.out') 2> >(exec tee '$work/card.log' >&2)
	END
	chmod +x "$work/mptcard"
	export MPT_CARD=$work/mptcard
}

# The script's last line; it may come a moment after the lab's end.
script_end() {
	local waited
	for ((waited = 0; waited < 100; waited++)); do
		grep '^SCRIPT DONE' "$work/card.out" && return
		sleep 0.1
	done
	echo "SCRIPT never ended"
}

# $1 steps that the script must have run
check_script() {
	local end
	end=$(script_end)
	grep '^SCRIPT FAIL' "$work/card.out"
	check "the script's end: $end" [ "$end" = "SCRIPT DONE $1 steps, 0 failures" ]
}
