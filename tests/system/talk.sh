# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh sets work, top and real_card
#
# For tests in which a script of the card and a script of the guest wait for each
# other; sourced after lib.sh.
#	guest: `mark WORD`	card: `file MARKS/WORD`
#	card: `say WORD`	guest: `said WORD`
#	card: `say snap.WORD`	the card's counters are kept as $work/snap.WORD, then
#				`file MARKS/snap.WORD` goes on
# MARKS is $marks.  Both halves of a test may add lines to a script with `line`.

marks=$work/marks
mkdir "$marks"
cp -r "$guest" "$work/share"
guest=$work/share

# Stands in for the card's standard output.
cat >"$work/listen" <<-END
	#!/bin/bash
	exec 9>'$work/listening'
	flock 9
	while IFS= read -r line; do
		echo "\$line"
		echo "\$line" >>'$work/card.out'
		word=\${line#SCRIPT SAY }
		[ "\$word" = "\$line" ] && continue
		case \$word in
		snap.*)
			rm -f '$work/stats'
			kill -USR1 "\$(<'$work/pid')"
			for ((waited = 0; waited < 600; waited++)); do
				[ -e '$work/stats' ] && break
				sleep 0.05
			done
			mv '$work/stats' "$work/\$word"
			: >"$marks/\$word"
			;;
		*) : >"$work/share/said.\$word" ;;
		esac
	done
END
cat >"$work/mptcard" <<-END
	#!/bin/bash
	echo \$\$ >'$work/pid'
	exec '$real_card' "\$@" > >(exec '$work/listen') 2> >(exec tee '$work/card.log' >&2)
END
chmod +x "$work/listen" "$work/mptcard"
export MPT_CARD=$work/mptcard

# Appends to the script $script.
line() {
	echo "$*" >>"$script"
}

# Begins the script $1 of the initiator with ID $2.
script() {
	script=$work/$1
	echo "id $2" >"$script"
}

hear() {
	local line
	while IFS= read -r line; do
		if [ "${line#MARK }" != "$line" ]; then
			: >"$marks/${line#MARK }"
		else
			echo "$line"
		fi
	done
}

# As lab_ok of lib.sh; what scripts and guests said before is forgotten.
talk() {
	local options=()
	# the listener to the card before may still have something to write down
	flock "$work/listening" true
	rm -f "$work/card.out" "$work/share"/said.* "$marks"/*
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	"$top/lab/run" --engine "$engine" --share "$guest" --stats "$work/stats" "${options[@]}" -- \
		"/share/$1" "${@:2}" 2>&1 | tee "$work/out" | hear
	lab_status=${PIPESTATUS[0]}
	[ "$lab_status" = 0 ] || complain "lab/run ended with status $lab_status"
}

# $1 scripts that must have run to their end, each without a failure
check_scripts() {
	local waited
	for ((waited = 0; waited < 100; waited++)); do
		[ "$(grep -c '^SCRIPT DONE' "$work/card.out")" -ge "$1" ] && break
		sleep 0.1
	done
	grep -E '^SCRIPT (FAIL|DONE)' "$work/card.out" | sed "s|$work/||" | head -n 40
	check_number "scripts that ended well" \
		"$(grep -c '^SCRIPT DONE .* 0 failures' "$work/card.out")" -eq "$1"
}
