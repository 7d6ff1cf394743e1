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

# A fetcher that is stopped, which is another account's by then, ends with the deadline, by the rights that the unit
# leaves, and nothing of it is left. Its server takes the connection and says nothing.
for program in python3 setpriv pgrep; do command -v $program >/dev/null || { echo "SKIPPED: the deadline (needs $program)"; exit 0; }; done
children=()
trap 'status=$?; kill -KILL "${children[@]}" 2>/dev/null; (exit $status); finish' EXIT
python3 -u -c '
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
time.sleep(600)' >port 2>/dev/null &
children+=($!)
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
STORE=$WORK/store
accept init
accept trust add-source crl "http://127.0.0.1:$(cat port)/root.crl"
bounds=-all
for capability in $(set_to CapabilityBoundingSet); do
  capability=${capability#CAP_}
  bounds+=,+${capability,,}
done
check test "$(set_to NoNewPrivileges)" = yes
before=$(state)
# stopped BOUNDS: fetches with these capabilities, the fetcher being stopped; its pid is in `fetcher` and the status in `ended`.
stopped() {
  ASAN_OPTIONS=detect_leaks=0 setpriv --bounding-set "$1" --no-new-privs "$SIFCTL" --keystore "$STORE" trust fetch --timeout 8 \
    >"$OUT" 2>"$ERR" </dev/null &
  local asker=$!
  fetcher=
  for _ in $(seq 400); do
    fetcher=$(pgrep -P $asker -x sifguard-fetch) && [ "$(stat -c %u "/proc/$fetcher")" != 0 ] && break
    sleep 0.02
  done
  [ -n "$fetcher" ] && children+=("$fetcher") && kill -STOP "$fetcher"
  wait $asker
  ended=$?
  cp "$ERR" said
}
stopped "$bounds"
check test -n "$fetcher"
check test "$ended" = 75
check grep -q 'sifguard-fetch did not answer in time; try again' said
check test ! -e "/proc/$fetcher"
check test "$(state)" = "$before"
check test -z "$(find "$STORE" -name '*tmp*')"
# That right is needed: without it the fetcher outlives the deadline, which is kept all the same.
stopped "${bounds/,+kill/}"
check test "$ended" = 75
check test -e "/proc/$fetcher"
check test "$(state)" = "$before"
