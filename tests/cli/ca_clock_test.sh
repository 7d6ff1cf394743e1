#!/bin/bash
# sifctl ca under a clock that is far from what the CA has recorded. That it is ahead of all that was recorded, which
# wants another clock, is tested in tests/unit/ca/clock_test.cc.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
# made SECONDS: the last lists were made so far from now.
made() {
  python3 - "$STORE/ca/index.json" "$1" <<'PY'
import json, sys, time
index = json.load(open(sys.argv[1]))
for one in index["crls"]:
    one["made"] = int(time.time()) + int(sys.argv[2])
json.dump(index, open(sys.argv[1], "w"))
PY
}
this_update() { date -d "$(openssl crl -in "$1" -noout -lastupdate | cut -d= -f2)" +%s; }
number() { openssl crl -in "$1" -noout -crlnumber | cut -d= -f2; }
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}

accept init
works ca init --subject /CN=root --out root.pem --algorithm p-256
accept ca issue --signer carol --out carol --days 3
works ca revoke --yes carol.pem --reason keyCompromise
works ca crl --out first.pem
year=31536000

# A list was made under a clock that was years ahead.
made $((14 * year))
ahead="the clock says *, but the last revocation list of the root CA was made 20*; set the clock right; if it is, say so with --accept-clock"
unchanged 75 "$ahead" ca crl --out second.pem
unchanged 75 "$ahead" ca expire --older-than 0
unchanged 75 "$ahead" ca issue --signer dave --out dave
unchanged 75 "$ahead" ca renew carol.pem --new-key --out carol2
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout csr.key -subj /CN=dave -out dave.csr 2>/dev/null
unchanged 75 "$ahead" ca sign-csr dave.csr --signer dave --out dave.pem
check test ! -e second.pem -a ! -e dave.pem -a ! -e dave.key -a ! -e carol2.pem
# What closes does not wait for a clock.
accept ca issue --signer erin --out erin --accept-clock
works ca revoke --yes erin.pem --reason superseded
works ca crl --out second.pem --accept-clock
check test "$(this_update second.pem)" -le "$(date +%s)"
check test "$((16#$(number second.pem | sed 's/^0x//')))" -gt "$((16#$(number first.pem | sed 's/^0x//')))"
works ca crl --out third.pem
openssl crl -in third.pem -noout -text >text
check grep -qi "$(openssl x509 -in carol.pem -noout -serial | cut -d= -f2)" text

true
