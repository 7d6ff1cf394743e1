#!/bin/bash
# sifctl explain --verify, as root, on images that others made: what a launch would say, by its own statuses. Against
# launches it is tests/cluster/explain.test.sh. Skips, loudly, without the images or root.
#   explain_verify_test.sh SIFCTL SIF-SIGN VECTORS
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN VECTORS}
VECTORS=${3:?usage: $0 SIFCTL SIF-SIGN VECTORS}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN VECTORS}"
[ -d "$VECTORS/images" ] || { echo "SKIPPED: no images in $VECTORS"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIPPED, NOT TESTED: the image is opened as a user (needs root)"; exit 77; }
export ASAN_OPTIONS=detect_leaks=0

. "$HERE/as_installed.sh"
for each in a b; do
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $each.key 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $each.key 2>/dev/null
  openssl pkey -in $each.key -pubout -out $each.pem
done
mkdir images && cp "$VECTORS/images/one-group.sif" images/a.sif && chmod 0644 images/a.sif
cp images/a.sif images/unsigned.sif
cp images/a.sif images/other.sif
check "$SIGN" --quiet --key a.key images/a.sif
check "$SIGN" --quiet --key b.key images/other.sif
cp images/a.sif images/altered.sif
printf xxxxxxxx | dd of=images/altered.sif bs=1 seek=$(($(stat -c %s images/a.sif) / 2)) conv=notrunc status=none
install -m 0600 images/a.sif images/private.sif
accept init
accept signer add a.pem
a=$(sed -n 's/^added \(spki:[0-9a-f]*\).*/\1/p' "$OUT")
accept signer add b.pem
accept key create cow --bits 2048
accept image bind images --match "$WORK/images/*.sif" --signer "$a" --allow-user daemon root

# verdict STATUS PATTERN IMAGE OPTION…: for daemon, in text and in JSON
verdict() {
  local want=$1 pattern=$2 image=$3
  shift 3
  checks=$((checks + 2))
  sifctl explain --user daemon --verify --config "$WORK/config" "$image" "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "$image ended with $status, not $want"
  # shellcheck disable=SC2053
  [[ $(grep '^launch ' "$OUT") == launch\ *$pattern ]] || wrong "not said: $pattern"
  sifctl explain --user daemon --verify --config "$WORK/config" --json "$image" "$@"
  [ $? = "$want" ] || wrong "another status with --json"
  says "\"status\": $want,"
}
verdict 0 allowed images/a.sif
says "\"digest\": \"sha256:$(sha256sum <images/a.sif | cut -d' ' -f1)\""
says "\"path\": \"$WORK/images/a.sif\""
says "\"$a\""
says '"release": "pem"'
says '"key": null,'   # as everywhere, what is absent is null
says '"reason": null,'
cp "$OUT" answer.json && check "$HERE/valid_json.py" answer.json
echo 'release: mount' >>config
verdict 0 allowed images/a.sif
says '"release": "mount"'
sed -i '$d' config
check test -z "$(ls -A cache/entries 2>/dev/null)"
check grep -q '"event":"explain","user":"daemon".*"decision":"allow"' log/audit.jsonl
verdict 65 "refused with 65: the image is not signed; *" images/unsigned.sif
verdict 65 "refused with 65: *not signed by *" images/other.sif
verdict 65 "refused with 65: *" images/altered.sif
verdict 66 "refused with 66: *" images/none.sif
verdict 66 "refused with 66: *" images
verdict 66 "refused with 66: *" images/private.sif   # root could read it
check grep -q '"event":"explain".*"decision":"refuse","code":"no_input"' log/audit.jsonl
sifctl digest revoke --image images/a.sif --reason CVE
verdict 77 "refused with 77: *CVE*" images/a.sif
sifctl digest restore --image images/a.sif
accept image bind keyed --match "$WORK/images/a.sif" --signer "$a" --key cow --allow-user daemon
verdict 65 "refused with 65: the image is not encrypted, as binding 'images' demands*" images/a.sif
accept image unbind keyed
accept image bind bob --match "$WORK/images/o*.sif" --signer "$a" --allow-user root
verdict 77 "refused with 77: binding 'bob' does not allow user daemon" images/other.sif
accept image unbind bob
accept image bind part --match "$WORK/images/a.sif" --signer "$a" --everyone --allow-partition secure
verdict 77 "refused with 77: *partition is not known here" images/a.sif
verdict 0 allowed images/a.sif --partition secure
accept image unbind part
cp "$STORE/images.yaml" before
cat >reserved <<END
version: 1
images:
  - {name: images, match: ["$WORK/images/*.sif"], signing_key: {public_key: "$a"}, allow: {users: ["*"]}, deny: {reservations: [r]}}
END
accept policy apply reserved
verdict 77 "refused with 77: *reservation is not known here" images/a.sif
verdict 0 allowed images/a.sif --reservation ''
verdict 0 allowed images/a.sif --reservation '' --node n1
verdict 77 "refused with 77: *denies reservation r" images/a.sif --reservation r
accept policy apply before
accept image bind pin --match "$WORK/images/a.sif" --signer "$a" --everyone --digest "sha256:$(printf x | sha256sum | cut -d' ' -f1)"
verdict 65 "refused with 65: *pins*" images/a.sif
accept image unbind pin
accept image bind late --match "$WORK/images/a.sif" --signer "$a" --everyone --preloaded
verdict 77 "refused with 77: the image is not preloaded on this node*" images/a.sif
accept image unbind late
sifctl signer revoke --yes "$a" --reason keyCompromise
verdict 65 "refused with 65: *revoked*" images/a.sif

refuse 66 "no user 'nobody-at-all' on this host; *" explain --user nobody-at-all --verify --config "$WORK/config" images/a.sif
sed -i "s#^keystore: .*#keystore: /elsewhere#" config
refuse 78 "launches on this host use the keystore /elsewhere, not $STORE; *" explain --user daemon --verify --config "$WORK/config" images/a.sif
