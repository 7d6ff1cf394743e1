#!/bin/bash
# sifguard-fetch.service: what its command writes is what the unit lets it write. The unit's paths are made writable
# in a mount namespace, everything else of the system's is not, as ProtectSystem=strict has it. Root.
#   fetch_unit_test.sh SIFCTL UNITS KEYSTORE
# shellcheck disable=SC2034 # for unit_lib.sh
UNITS=${2:?usage: $0 SIFCTL UNITS KEYSTORE}
DEFAULT=${3:?usage: $0 SIFCTL UNITS KEYSTORE}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL UNITS KEYSTORE}"
. "$HERE/unit_lib.sh"
units_can_be_tried "$DEFAULT"
UNIT=sifguard-fetch.service

check test "$(set_to ProtectSystem $UNIT)" = strict
check grep -q "/sifctl trust fetch$" "$UNITS/$UNIT"
# shellcheck disable=SC2016 # it expands in the unit's namespace
sources='"$SIFCTL" init >/dev/null; "$SIFCTL" trust add-source crl http://127.0.0.1:9/root.crl >/dev/null'
ends 75 $UNIT "$sources"   # nobody answers there; and that alone
ends 78 $UNIT "$sources" "$DEFAULT"   # the record of it has no place then
ends 78 $UNIT "$sources" /var/log/sifguard

# A fetcher that is stopped, which is another account's by then, ends with the deadline, by the rights that the unit
# leaves, and nothing of it is left. Its server takes the connection and says nothing.
for program in python3 setpriv pgrep; do command -v $program >/dev/null || { echo "SKIPPED: the deadline (needs $program)"; exit 0; }; done
children=()
# shellcheck disable=SC2154 # it is assigned in there
trap 'status=$?; kill -KILL "${children[@]}" 2>/dev/null; (exit $status); finish' EXIT
python3 -u -c '
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1])
time.sleep(600)' >port 2>/dev/null &
children+=($!)
eventually test -s port
STORE=$WORK/store
accept init
accept trust add-source crl "http://127.0.0.1:$(cat port)/root.crl"
bounds=$(bounds_of $UNIT)
check test "$(set_to NoNewPrivileges $UNIT)" = yes
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
