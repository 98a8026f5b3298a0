# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The public SCSI suite over the card, compared with the engine's own loopback.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# $1 path, $2 ran or passed: the suite's own count
suite_count() {
	sed -n "s/^$1 .*\<$2 \([0-9][0-9]*\).*/\1/p" "$work/out"
}

suite_tests=ALL
suite_least=238			# tests that must have run
# What the engines themselves fail, on all kernels of the lab; docs/scst.md has SCST's.
case $engine in
lio)
	suite_known=$(printf '%s\n' ExtendedCopy.{Simple,ValidTgtDescr,ValidSegDescr} \
		Verify{10,16}.{VerifyProtect,Dpo,Mismatch})
	;;
scst)
	suite_known=$(printf '%s\n' ExtendedCopy.{DescrLimits,ValidTgtDescr} ModeSense6.Control-SWP)
	;;
esac
# What stock mptspi cannot send (docs/scst.md); guest/extended-copy is there instead.
suite_unsent=
[ "$engine" = lio ] || suite_unsent=ExtendedCopy.Simple

# $1 names of the paths, one for each initiator; then lab/run's options.
suite_over() {
	local names=$1 path ran passed worse
	shift
	# shellcheck disable=SC2086 # a list of names
	lab_ok "$@" -- suite "$suite_tests" $names
	for path in loopback $names; do
		sed -n "s/^$path failed //p" "$work/out" | sort -u >"$work/$path.failed"
		ran=$(suite_count "$path" ran) passed=$(suite_count "$path" passed)
		check_number "$path: tests run" "$ran" -ge $suite_least
		# or a failure that has no name would be no failure
		check_number "$path: names of failing tests" "$(wc -l <"$work/$path.failed")" \
			-eq $((${ran:-0} - ${passed:-0}))
	done
	worse=$(grep -vxF "$suite_known" "$work/loopback.failed")
	[ -z "$worse" ] || complain "loopback: fails, and is not known to: $(xargs <<<"$worse")"
	for path in $names; do
		check_number "$path: as many tests as over the loopback" \
			"$(suite_count "$path" ran)" -eq "$(suite_count loopback ran)"
		worse=$(comm -13 "$work/loopback.failed" "$work/$path.failed" |
			grep -vxF "$suite_unsent")
		[ -z "$worse" ] || complain "$path: fails there alone: $(xargs <<<"$worse")"
	done
}
