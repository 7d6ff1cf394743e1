#!/bin/bash
# sifguard-fetch.service: what its command writes is what the unit lets it write. The unit's paths are made writable
# in a mount namespace, everything else of the system's is not, as ProtectSystem=strict has it. Root.
#   fetch_unit_test.sh SIFCTL UNIT KEYSTORE
UNIT=${2:?usage: $0 SIFCTL UNIT KEYSTORE}
export DEFAULT=${3:?usage: $0 SIFCTL UNIT KEYSTORE}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL UNIT KEYSTORE}"
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
[[ $DEFAULT == /var/lib/* ]] || { echo "SKIPPED: the keystore is at $DEFAULT"; exit 77; }
unshare -m true 2>/dev/null || { echo "SKIPPED: no mount namespaces here"; exit 77; }

set_to() { sed -n "s/^$1=//p" "$UNIT"; }
check test "$(set_to ProtectSystem)" = strict
check grep -q "/sifctl trust fetch$" "$UNIT"
writable=$(set_to ReadWritePaths)
for log in $(set_to LogsDirectory); do writable+=" /var/log/$log"; done

# Ends as the command in the namespace does; $1: what may be written.
in_unit() {
  # shellcheck disable=SC2016 # it expands in there
  unshare -m bash -c 'set -e
    mount --make-rprivate /
    mount -t tmpfs -o mode=755 none /var/lib && mount -t tmpfs -o mode=755 none /var/log
    mkdir -p "${DEFAULT%/*}" && mkdir -m 700 /var/log/sifguard
    "$0" init >/dev/null && "$0" trust add-source crl http://127.0.0.1:9/root.crl >/dev/null
    for path in $1; do mount --bind "$path" "$path"; done
    mount -o remount,bind,ro /var/lib && mount -o remount,bind,ro /var/log
    exec "$0" trust fetch' "$SIFCTL" "$1" >"$OUT" 2>"$ERR"
}
ends() {   # ends STATUS WRITABLE
  local status=0
  checks=$((checks + 1))
  in_unit "$2" || status=$?
  [ "$status" = "$1" ] || wrong "with '$2' writable it ended with $status, not $1: $(tail -n 1 "$ERR")"
}
ends 75 "$writable"   # nobody answers there; and that alone
ends 78 "$DEFAULT"    # the record of it has no place then
ends 78 "/var/log/sifguard"
