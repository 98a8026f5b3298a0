# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts for the user LUN (docs/lab.md): what the tests of odd lengths share.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What its vendor-specific commands move, which no table can know.
vendor=vendor_commands=c0:in:6:3,c1:out:6:3
steps=0

# $1 expression of the length, $2 of the pattern's offset, $3 how often the loop runs
four_commands() {
	cat <<-END
		cmd 1 0 3c 02 05 [$2:3] [$1:3] 00 in=$1 pattern=5@$2
		cmd 1 0 3b 02 06 [$2:3] [$1:3] 00 out=$1 pattern=6@$2
		cmd 1 0 c0 00 07 [$2:3] [$1:3] 00 in=$1 pattern=7@$2
		cmd 1 0 c1 00 08 [$2:3] [$1:3] 00 out=$1 pattern=8@$2
	END
	steps=$((steps + 4 * $3))
}

# $1, $2, $3 as above: the two whose length the standard tells
two_commands() {
	local before=$steps
	four_commands "$@" | head -n 2
	steps=$((before + 2 * $3))
}

# Every length from 1 to $1, each at another offset; $2 commands at once, by function $3.
every_length() {
	echo "parallel ${2:-1}"
	echo "repeat $1"
	"${3:-four_commands}" i+1 i*3 "$1"
	echo end
	echo "parallel 1"
}

# Lengths around the sizes of words, sectors, pages, segments and chains.
sample_lengths() {
	local power
	every_length 64
	for power in 128 512 4096 65536 1048576; do
		echo "repeat 3"
		four_commands $((power - 1))+i i*7 3
		echo end
	done
}

# The second try only after the handler saw wrong data: it must tell.
wrong_data() {
	echo "cmd 1 0 c1 00 09 [0:3] [10:3] 00 out=10 pattern=8 sense=e/1d/0"
	echo "cmd 1 0 3b 02 09 [1:3] [10:3] 00 out=10 pattern=9 sense=e/1d/0"
	steps=$((steps + 2))
}

# $1 packetized, $2 disconnect, then a function and its arguments.  The nexus may
# have a unit attention after its mode changed.
mode() {
	echo "packetized $1"
	echo "disconnect $2"
	echo "cmd 1 0 00 00 00 00 00 00 status=any"
	steps=$((steps + 1))
	"${@:3}"
	wrong_data
}

# The script is on standard input; the rest are options of lab/run.
run_script() {
	{
		echo "id 3"
		echo "wait 1 600"
		cat
		# what guest/odd waits for
		echo "cmd 1 0 2a 00 [1:4] 00 [1:2] 00 out=512 data=646f6e65"
	} >"$work/script"
	watch_card
	lab_ok --timeout 1400 --lun 16M,type=user --module "$vendor" --card script="$work/script" \
		"$@" -- odd
	check_script $((steps + 2))
}
