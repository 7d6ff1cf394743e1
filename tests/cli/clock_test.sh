#!/bin/bash
# sifctl under a clock that is years ahead of what its keystore recorded. The clock is other_clock.cc's.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL OTHER_CLOCK}"
CLOCK=${2:?usage: $0 SIFCTL OTHER_CLOCK}
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
year=31536000
real=$SIFCTL
# ahead SECONDS: the clock of what follows. (AddressSanitizer wants to be the first of all libraries.)
ahead() {
  SIFCTL=$real
  [ "$1" != 0 ] || return 0
  # shellcheck disable=SC2016 # the wrapper expands it
  printf '#!/bin/sh\nexec env SIFGUARD_TEST_AHEAD=%s LD_PRELOAD=%s ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" %s "$@"\n' \
    "$1" "$CLOCK" "$real" >"$WORK/sifctl-ahead"
  chmod +x "$WORK/sifctl-ahead"
  SIFCTL=$WORK/sifctl-ahead
}
export ASAN_OPTIONS=${ASAN_OPTIONS:-}
# shellcheck disable=SC2034 # lib.sh uses it
NAME=sifctl
on() { STORE=$1; }
notes() { checks=$((checks + 1)); grep -qF -- "$1" "$ERR" || wrong "stderr does not say: $1"; }
is() { checks=$((checks + 1)); [ "$1" = "$2" ] || wrong "'$1' is not '$2'"; }
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$OUT" "$1"; }

admin=$STORE node=$WORK/node/store && mkdir -m 700 node
on "$node" && accept init && accept node init --out node.pem
on "$admin" && accept init
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out raw.pem
accept signer add raw.pem
raw=spki:$(openssl pkey -pubin -in raw.pem -outform DER | sha256sum | cut -d' ' -f1)
accept image bind cow --match /cow.sif --signer "$raw" --allow-user root
ahead $((14 * year)) && accept doctor --help # it can be preloaded at all
doubt="the clock says 20*, but this keystore was changed last 20*; set the clock right; if it is, say so with --accept-clock"

# What a store exports first is held against what else it recorded; to try again, and other changes, make it no better.
for _ in 1 2; do unchanged 75 "$doubt" bundle export --node node.pem --out ahead.bundle; done
accept key create dog --bits 2048
accept image bind dog --match /dog.sif --signer "$raw" --allow-user root
unchanged 75 "$doubt" bundle export --node node.pem --out ahead.bundle
unchanged 75 "$doubt" breakglass grant --binding cow --user root --ttl 1h --reason test
unchanged 75 "$doubt" ca init --subject /CN=root --out root.pem --algorithm p-256
check test ! -e ahead.bundle -a ! -e root.pem
check grep -q '"event":"changed".*"key","create".*"clock":"doubted"' "$STORE/audit.jsonl"
check bash -c "! grep '^{.time.:.$(date -u +%Y)' '$STORE/audit.jsonl' | grep doubted"
ahead 0
accept bundle signer --out site.pem
accept bundle export --node node.pem --out now.bundle

# Up to half a year nothing is asked.
ahead $((180 * 86400)) && cp -a "$STORE" kept && accept bundle export --node node.pem --out soon.bundle && rm -r "$STORE" && mv kept "$STORE"

# A bundle of a time that is to come is not taken: nothing older would be, for as long.
cp -a "$STORE" kept
ahead $((14 * year)) && accept bundle export --node node.pem --out ahead.bundle --accept-clock
accept bundle export --node node.pem --out ahead2.bundle # once vouched for
ahead 0
rm -r "$STORE" && mv kept "$STORE"
on "$node" && accept node trust site.pem
future="ahead.bundle: the bundle was exported 20*, but this node's clock says 20*; check both clocks; where the store's was ahead, export anew; if both are right, say so with --accept-clock"
unchanged 75 "$future" bundle import ahead.bundle --dry-run
unchanged 75 "$future" bundle import ahead.bundle
accept bundle show ahead.bundle && says "of a time that is to come by this node's clock"
accept bundle show ahead.bundle --json && says '"ahead": true' && valid bundle-content
accept bundle show now.bundle --json && says '"ahead": false'
ahead -86400 && unchanged 75 "now.bundle: the bundle was exported *" bundle import now.bundle # it is this clock that is wrong
ahead 0 && accept bundle import now.bundle
on "$WORK/node2/store" && mkdir -m 700 node2 && cp -a "$node" "$STORE"
accept bundle import ahead.bundle --accept-clock
accept bundle import ahead.bundle && says "no change"
# Its store lost what it knew: to export a new one helps no more.
on "$admin" && accept bundle export --node node.pem --out late.bundle
on "$WORK/node2/store"
unchanged 65 "late.bundle: the bundle is not newer *; export a new one where the store still has its bundle.json; where that is lost, none is newer until 20*: make a new keystore (sifctl init), and here sifctl node trust its signer and sifctl node distrust the old one" \
  bundle import late.bundle
# On another node it is a matter of a new one.
on "$node" && accept bundle import late.bundle && unchanged 65 "now.bundle: the bundle is not newer *; export a new one" bundle import now.bundle

# What takes rights away is done under every clock, and never dated by one that is years ahead.
on "$WORK/ca/store" && mkdir -m 700 ca && accept init
works ca init --subject /CN=root --out root.pem --algorithm p-256
for name in carol dave; do accept ca issue --signer $name --out $name --days 3; done
accept signer add raw.pem
last=$(date -u +%Y)
# dated KIND FIELD: the last answer, of that kind, has the year when something was recorded last there, and says why.
dated() {
  notes ", which is recorded as the time of this; if the clock is right, say so with --accept-clock"
  is "$(grep -c 'the clock says' "$ERR")" 1
  is "$(field "$2" | cut -c1-4)" "$last"
  is "$(field clock_doubt | cut -c1-17)" "the clock says 20"
  valid "$1"
}
# believed: the last answer doubts no clock.
believed() { is "$(field clock_doubt)" None; }
ahead $((14 * year))
works ca revoke carol.pem --yes --reason superseded --json && dated certificate revoked_at
works ca revoke carol.pem --yes --reason superseded --json && believed && check test ! -s "$ERR"
works signer retire "$raw" --json && dated signer since
works digest revoke "sha256:$(printf %064d 1)" --reason old --json && dated digest since
works ca revoke dave.pem --yes --reason superseded --dry-run --json && dated certificate revoked_at
unchanged 75 "the clock says *" ca crl --out list.pem
works ca revoke dave.pem --yes --reason superseded --accept-clock --json && believed
year_now=$(field revoked_at | cut -c1-4)
check test "$year_now" -gt $((last + 13))
ahead 0
accept ca show carol.pem --json && is "$(field revoked_at | cut -c1-4)" "$last"
works digest revoke "sha256:$(printf %064d 2)" --reason old --json && believed
accept audit verify --changes

# Of a long log the end is read; records of another clock, however many, do not hide the last one before them.
on "$WORK/long/store" && mkdir -m 700 long && accept init && accept key create cow --bits 2048
accept signer add raw.pem && accept image bind cow --match /cow.sif --signer "$raw" --allow-user root
# lines YEAR: two MiB of records of that year.
lines() { python3 -c 'import sys; sys.stdout.write(("{\"time\":\"%s-01-01T00:00:00.000Z\"," % sys.argv[1] + "\"x\":\"" + "x" * 480 + "\"}\n") * 4096)' "$1"; }
cp "$STORE/audit.jsonl" short.jsonl
lines $((last + 20)) >>"$STORE/audit.jsonl"
ahead $((14 * year)) && unchanged 75 "$doubt" breakglass grant --binding cow --user root --ttl 1h --reason test
ahead 0 && accept breakglass grant --binding cow --user root --ttl 1h --reason test
{ head -n 1 short.jsonl && lines 2001 && cat short.jsonl; } >"$STORE/audit.jsonl"
mkdir "$STORE/audit.jsonl.old" # no log, and no reason to believe every clock
ahead $((14 * year)) && unchanged 75 "$doubt" breakglass grant --binding cow --user root --ttl 1h --reason test
ahead 0 && rmdir "$STORE/audit.jsonl.old"
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  # LeakSanitizer does not work where another one traces
  check env ASAN_OPTIONS=detect_leaks=0 strace -o trace -qq -e trace=read,pread64 -P "$STORE/audit.jsonl" \
    "$SIFCTL" --keystore "$STORE" digest revoke "sha256:$(printf %064d 3)" --reason old
  bytes=$(awk '{ sum += $NF } END { print sum }' trace)
  check test "$bytes" -gt 1000 -a "$bytes" -lt 1000000
else
  echo "SKIPPED: how much of a log is read (needs strace)"
fi

true
