#!/bin/bash
# lib.sh itself: a failed check, a missing golden file, an early end and no check at all end with a status that is not 0.
here=$(cd "$(dirname "$0")" && pwd)
failed=0
script=$(mktemp)
trap 'rm -f "$script"' EXIT

# ends STATUS TEXT: a test of this text ends so.
ends() {
  local status=0
  printf '. %q/lib.sh /bin/true\n%s\n' "$here" "$2" >"$script"
  bash "$script" >/dev/null 2>&1 || status=$?
  [ "$status" = "$1" ] || { echo "FAILED: '$2' ended with $status, not $1"; failed=1; }
}
ends 0 'check true'
ends 1 'check false'
ends 1 'check false; check true'
ends 1 'check true; golden no-such-file'
ends 1 'accept; says something'
ends 1 'refuse 64 "*"'
ends 1 ':'
ends 3 'check true; exit 3'
exit $failed
