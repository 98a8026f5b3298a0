# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of `make demo` have in common; needs lib.sh.

# Runs make demo; output in $work/out, status in $status.
demo() {
	make --no-print-directory -C "$top" demo "$@" >"$work/out" 2>&1 </dev/null
	# shellcheck disable=SC2034 # for the tests
	status=$?
	cat "$work/out"
}

says() {
	grep -q -- "$1" "$work/out"
}

# A partitioned image, made without the help of anything under test: ext4, FAT,
# swap, and a partition with nothing in it.  $1 file
make_image() {
	local tree=$work/tree start
	mkdir -p "$tree/deep/er"
	echo "hello" >"$tree/hello.txt"
	head -c 300000 /dev/urandom >"$tree/deep/er/data.bin"
	touch "$tree/$(printf 'odd\tname\033[31m')"
	truncate -s 64M "$1"
	sfdisk -q "$1" <<-END || return 1
		label: gpt
		start=2048, size=32768, name="for linux"
		size=65536, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
		size=8192, type=S
		size=2048
	END
	truncate -s 16M "$work/ext4"
	truncate -s 32M "$work/fat"
	truncate -s 4M "$work/swap"
	mkfs.ext4 -q -d "$tree" "$work/ext4" 2>&1 && mkfs.vfat "$work/fat" >"$work/words" &&
		mcopy -i "$work/fat" -s "$tree/hello.txt" "$tree/deep" :: &&
		mkswap "$work/swap" >"$work/words" || return 1
	start=2048
	for part in ext4 fat swap; do
		dd if="$work/$part" of="$1" bs=512 seek=$start conv=notrunc status=none || return 1
		start=$((start + $(stat -c %s "$work/$part") / 512))
	done
}
