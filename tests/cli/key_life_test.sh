#!/bin/bash
# sifctl key retire, suspend, resume, revoke, destroy and rotate: what each changes, and that what is
# refused changes nothing.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
accept init
accept key create cow --bits 2048
meta=$(echo "$STORE"/keys/*/meta.json)
private=$(dirname "$meta")/$(basename "$(ls "$STORE"/keys/*/private*)")

# unchanged STATUS PATTERN ARGUMENTS…: refused as said, and the keystore is as it was.
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
# note PATTERN: the last stderr is this one line.
note() {
  checks=$((checks + 1))
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == "sifctl: "$1 && $(wc -l <"$ERR") = 1 ]] || wrong "stderr is not: sifctl: $1"
}
states() {
  checks=$((checks + 1))
  sifctl key list
  [ "$(awk 'NR > 1 { print $1 ":" $2 }' "$OUT" | paste -sd' ')" = "$*" ] || wrong "not: $*"
}

# There and back, and what does not follow
accept key suspend cow && says "cow: active -> suspended"
accept key resume cow && says "cow: suspended -> active"
accept key resume cow && says "cow: active already: no change"
unchanged 79 "the key 'cow' is active and may be in use; retire, suspend or revoke it first*" key destroy cow --yes
accept key retire cow && says "cow: active -> retired"
accept key retire cow && says "cow: retired already: no change"
unchanged 79 "the key 'cow' is retired, not suspended; only a suspended key can be resumed" key resume cow
accept key suspend cow
unchanged 79 "the key 'cow' is suspended; resume it first" key retire cow
accept key resume cow && says "cow: suspended -> retired"
unchanged 66 "no key 'nope' in the keystore; *" key retire nope
unchanged 64 "key is required; *" key suspend
unchanged 64 "--reason is required; *" key revoke --yes cow
unchanged 64 "not a reason to revoke: 'stolen*x0a'; one of unspecified keyCompromise *" \
  key revoke --yes cow --reason $'stolen\n'
unchanged 64 "certificateHold is not for good; use sifctl key suspend" key revoke --yes cow --reason certificateHold
unchanged 64 "removeFromCRL revokes nothing; use sifctl key resume" key revoke --yes cow --reason removeFromCRL

# --dry-run says the same and changes nothing
before=$(state)
accept key revoke --yes cow --reason keyCompromise --dry-run
says "cow: retired -> revoked (keyCompromise), not done: --dry-run"
accept key destroy cow --dry-run
says "cow: retired -> destroyed, not done: --dry-run"
sifctl key rotate cow --dry-run
says "cow-2 would replace cow, not done: --dry-run"
check test "$(state)" = "$before"

# A second command waits for the lock; one that waits too long says so (and only then).
flock "$STORE/.lock" sleep 2 &
accept key suspend cow
accept key resume cow
wait

# rotate
sifctl key rotate cow && golden key-rotate
note "encrypt new images for 'cow-2', the old ones anew, then: sifctl key revoke --reason superseded cow"
unchanged 79 "the key 'cow' is replaced already, by 'cow-2'; rotate that one" key rotate cow
sifctl key rotate cow-2
note "encrypt new images for 'cow-3', the old ones anew, then: sifctl key retire cow-2"
printf 'secret words\n' >pw
sifctl key rotate cow-3 --name calf --pfx-password-file pw --file-prefix calf
check bash -c 'openssl pkcs12 -in calf.pfx -passin file:pw -nodes -nocerts | openssl pkey -pubout | cmp - calf.pem'
unchanged 73 "the keystore has a key named 'cow' already; *" key rotate calf --name cow
unchanged 64 "not a usable name for a key: '-x'; *" key rotate calf --name=-x
states calf:active cow:retired cow-2:active cow-3:active
sifctl key show cow-3 --json
says '"predecessor": "cow-2"'
says '"successor": "calf"'
sifctl key export-public cow >pub
note "the key 'cow' is retired: encrypt no new image for it, but for 'cow-2'"

# Revoked for good
accept key revoke --yes cow --reason keyCompromise
says "cow: retired -> revoked (keyCompromise)"
for step in retire suspend resume; do
  unchanged 79 "the key 'cow' is revoked*" key $step cow
done
accept key revoke cow --reason superseded && says "cow: revoked already (keyCompromise): no change"
accept key show cow && golden key-show-revoked
accept key show cow --json && golden key-show-revoked-json

# Destroyed: asked for, done, recorded
unchanged 80 "this must be confirmed, and there is no terminal to ask on; give --yes" key destroy cow
if command -v script >/dev/null; then
  confirmed() { # ANSWER ARGUMENTS…
    checks=$((checks + 1))
    at_terminal "'$SIFCTL' --keystore '$STORE' ${*:2}" 'to go on' "$1"
  }
  before=$(state)
  confirmed yes key destroy cow && wrong "yes is not the name of the key"
  says "will be gone for good"
  says "Type cow to go on: "
  says "cancelled, nothing changed"
  check test "$(state)" = "$before"
  confirmed cow key destroy cow || wrong "destroy does not work at a terminal"
  says "cow: revoked -> destroyed"
else
  echo "SKIPPED: asking (needs script(1))"
  accept key destroy cow --yes
fi
check test ! -e "$private"
check test "$(ls -A "$(dirname "$private")" | paste -sd' ')" = "cert.pem meta.json public.pem"
for step in retire suspend resume "revoke --reason superseded" rotate; do
  # shellcheck disable=SC2086
  unchanged 79 "the key 'cow' is destroyed*" key $step cow
done
accept key destroy cow && says "cow: destroyed already (keyCompromise): no change"
accept key list && golden key-list-life
: >no.launches
accept key revoke --yes cow-2 --reason superseded --json --audit no.launches && golden key-revoke-json

# What uses the key is told
cat >"$STORE/images.yaml" <<END
version: 1
images:
  - {name: one, match: [/a], signing_key: {fingerprint: $(printf 'A%.0s' {1..40})}, encryption: {key: cow-3}, allow: {users: [x]}}
  - {name: two, match: [/b], signing_key: {fingerprint: $(printf 'A%.0s' {1..40})}, encryption: {key: calf}, allow: {users: [x]}}
END
sifctl key retire cow-3
note "the key still opens images for the bindings one"
sifctl key suspend calf --json
says '"bindings": \[
    "one",
    "two"
  \]'
sifctl key resume calf
note "these bindings use the key again: one, two"
sifctl key suspend calf
note "images encrypted for the key do not run any more under the bindings one, two"
echo broken >"$STORE/images.yaml"
unchanged 78 "images.yaml*" key resume calf

# Damage is named
accept key create ox --bits 2048
meta=$STORE/keys/$(sed -n 's/^id  *//p' "$OUT")/meta.json
sed -i 's/"previous": ""/"previous": "alive"/' "$meta"
unchanged 78 "$meta: unknown state 'alive'" key show ox
