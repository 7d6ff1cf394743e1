#!/bin/bash
# What a program was asked to tell and cannot write is no success: --version and --help of every program that has them.
#   full_output_test.sh PROGRAM…
set -u
[ $# -gt 1 ] || { echo "usage: $0 PROGRAM…"; exit 64; }
work=$(mktemp -d) && cd "$work" && trap 'rm -rf "$work"' EXIT || exit 1
export ASAN_OPTIONS=detect_leaks=0
failed=0 told=0
for program in "$@"; do
  for option in --version --help walls; do
    "$program" $option >out 2>err </dev/null && [ -s out ] || continue # it has none
    told=$((told + 1))
    "$program" $option >/dev/full 2>err </dev/null && { echo "FAILED: ${program##*/} $option ends with 0"; failed=1; }
    [ -s err ] || { echo "FAILED: ${program##*/} $option does not say that its output is lost"; failed=1; }
  done
done
echo "$told outputs of $# programs"
[ "$told" -ge 10 ] || { echo "FAILED: too few of them tell anything"; failed=1; }
exit "$failed"
