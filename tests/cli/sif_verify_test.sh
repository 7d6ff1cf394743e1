#!/bin/bash
# sif-verify on images that others made: exit status and what it says. Skips, loudly, without them.
#   sif_verify_test.sh SIF-VERIFY SIFCTL VECTORS
VERIFY=${1:?usage: $0 SIF-VERIFY SIFCTL VECTORS}
VECTORS=${3:?usage: $0 SIF-VERIFY SIFCTL VECTORS}
. "$(dirname "$0")/lib.sh" "$2"
[ -d "$VECTORS/images" ] || { echo "SKIPPED: no images in $VECTORS"; exit 77; }
images=$VECTORS/images keys=$VECTORS/keys certs=$VECTORS/certs
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp

# verify STATUS ARGUMENTS…: that status; a refusal has one line on stderr and a success none.
verify() {
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  setsid -w "$VERIFY" "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "sif-verify $* ended with $status, not $want"
  [ "$(wc -l <"$ERR")" = "$([ "$want" = 0 ] && echo 0 || echo 1)" ] || wrong "wrong number of lines on stderr"
}
complains() { checks=$((checks + 1)); grep -q -- "$1" "$ERR" || wrong "stderr does not contain: $1"; }
unit=12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84

# OpenPGP
pgp=$images/one-group-signed-pgp.sif
verify 0 --pgp-key "$keys/unit-public.asc" "$pgp"
says ': verified'
says 'object 1 (partition) in group 1: signed by 12045C8C'
verify 0 --pgp-key "$keys/unit-public.asc" --fingerprint "${unit,,}" "$pgp"
verify 0 --quiet --pgp-key "$keys/unit-public.asc" "$pgp"
checks=$((checks + 1)); [ ! -s "$OUT" ] || wrong "--quiet wrote"
verify 64 --pgp-key "$keys/unit-public.asc" --fingerprint 1111111111111111111111111111111111111111 "$pgp"
verify 64 --pgp-key "$keys/unit-public.asc" --fingerprint 7FF7BA84 "$pgp"
complains 'not a full OpenPGP fingerprint'
verify 64 --pgp-key "$keys/rsa-public.pem" "$pgp"
verify 66 --pgp-key "$WORK/none.asc" "$pgp"
verify 65 "$pgp"
complains 'nobody is trusted'
verify 65 --public-key "$keys/rsa-public.pem" "$pgp"

# Root runs no gpg: one that tells who runs it, and no more, is in its place.
if [ "$(id -u)" = 0 ]; then
  as_whom=$(mktemp -d /tmp/sif-verify-test.XXXXXX)
  chmod 711 "$as_whom"
  install -m 666 /dev/null "$as_whom/uids"
  printf '#!/bin/sh\nid -u >>%s/uids\nexit 2\n' "$as_whom" >"$as_whom/gpg"
  chmod 755 "$as_whom/gpg"
  # shellcheck disable=SC2016  # expands in the other shell
  unshare -m sh -c 'mount --bind "$1/gpg" /usr/bin/gpg && exec "$2" --pgp-key "$3" "$4"' _ \
    "$as_whom" "$VERIFY" "$keys/unit-public.asc" "$pgp" >"$OUT" 2>"$ERR" </dev/null
  checks=$((checks + 2))
  [ -s "$as_whom/uids" ] || wrong "gpg was not run"
  grep -qx 0 "$as_whom/uids" && wrong "gpg was run by root"
  rm -r "$as_whom"
fi

# DSSE: signed with the RSA and the Ed25519 key
dsse=$images/one-group-signed-dsse.sif
verify 0 --public-key "$keys/rsa-public.pem" "$dsse"
verify 0 --public-key "$keys/ed25519-public.pem" "$dsse"
verify 65 --public-key "$keys/ecdsa-public.pem" "$dsse"
verify 0 --public-key "$keys/ecdsa-public.pem" --public-key "$keys/rsa-public.pem" "$dsse"
verify 0 --all-of --public-key "$keys/rsa-public.pem" --public-key "$keys/ed25519-public.pem" "$dsse"
verify 65 --all-of --public-key "$keys/rsa-public.pem" --public-key "$keys/ecdsa-public.pem" "$dsse"
verify 64 --public-key "$certs/leaf.pem" "$dsse"
verify 65 --pgp-key "$keys/unit-public.asc" "$dsse"

# certificates
chain=(--certificate "$certs/leaf.pem" --ca "$certs/root.pem" --intermediates "$certs/intermediate.pem")
verify 0 "${chain[@]}" "$dsse"
says 'signed by x509:subject:CN=leaf'
says 'holds until 2030-04-01'
verify 65 --certificate "$certs/leaf.pem" --ca "$certs/root.pem" "$dsse"
complains 'no chain to a trusted root'
verify 65 --certificate "$certs/leaf.pem" --ca "$certs/intermediate.pem" "$dsse"
verify 65 --certificate "$certs/intermediate.pem" --ca "$certs/root.pem" "$dsse"
verify 65 "${chain[@]}" "$images/one-group.sif"
verify 64 --certificate "$certs/leaf.pem" "$dsse"
verify 64 --ca "$certs/root.pem" "$dsse"
: >empty.crl
verify 65 "${chain[@]}" --crl empty.crl "$dsse"
head -c 300 /dev/urandom >noise
verify 65 "${chain[@]}" --ocsp noise "$dsse"

# legacy
for image in legacy legacy-all legacy-group; do
  verify 65 --pgp-key "$keys/unit-public.asc" "$images/one-group-signed-$image.sif"
  complains 'legacy form'
done
verify 65 --allow-legacy --pgp-key "$keys/unit-public.asc" "$images/one-group-signed-legacy.sif"
complains 'does not cover object 1'
verify 0 --allow-legacy --pgp-key "$keys/unit-public.asc" "$images/one-group-signed-legacy-all.sif"
verify 0 --allow-legacy --pgp-key "$keys/unit-public.asc" "$images/one-group-signed-legacy-group.sif"

# not signed, not images, not there, not a file
for image in one-group empty empty-id empty-launch-script one-object-crypt-message one-object-sbom one-object-time; do
  verify 65 --pgp-key "$keys/unit-public.asc" "$images/$image.sif"
done
: >zero
head -c 100000 /dev/urandom >noise.sif
head -c 20000 "$pgp" >short.sif
cp "$pgp" tampered.sif
size=$(stat -c %s tampered.sif)
printf 'x' | dd of=tampered.sif bs=1 seek=32768 conv=notrunc status=none
mkfifo fifo
for image in zero noise.sif short.sif tampered.sif; do verify 65 --pgp-key "$keys/unit-public.asc" "$image"; done
check test "$(stat -c %s tampered.sif)" = "$size"
verify 66 --pgp-key "$keys/unit-public.asc" none.sif
verify 66 --pgp-key "$keys/unit-public.asc" .
verify 66 --pgp-key "$keys/unit-public.asc" fifo
verify 66 --pgp-key "$keys/unit-public.asc" /dev/null
verify 64
verify 64 --frobnicate "$pgp"
verify 64 "$pgp" "$pgp"
verify 64 --ca

# JSON
verify 0 --json --pgp-key "$keys/unit-public.asc" "$pgp" && valid verification
cp "$OUT" json
check grep -q '"verified": true' json
verify 65 --json --pgp-key "$keys/unit-public.asc" "$images/one-group.sif" && valid verification
cp "$OUT" json
check grep -q '"verified": false' json
check grep -q '"reason": "the image is not signed"' json
verify 66 --json none.sif && valid verification
verify 64 --json --frobnicate "$pgp" && valid error
verify 66 --json --list none.sif && valid error
verify 0 --json --list "$pgp" && valid listing

# a keystore
accept init
accept signer add "$keys/unit-public.asc"
accept signer add "$keys/ed25519-public.pem"
verify 0 --keystore "$STORE" "$pgp"
verify 0 --keystore "$STORE" "$dsse"
verify 65 --keystore "$STORE" --all-of "$dsse"
accept signer remove "$unit"
verify 65 --keystore "$STORE" "$pgp"
accept signer add "$certs/leaf.pem"
verify 65 --keystore "$STORE" --fingerprint "$unit" "$dsse"
accept trust add-root "$certs/root.pem"
accept trust add-intermediate "$certs/intermediate.pem"
accept signer remove "$("$SIFCTL" --keystore "$STORE" signer list | awk '/^spki/ { print $1 }')"
verify 65 --keystore "$STORE" "$dsse" # as on a node: nothing shows that the certificate is not revoked
complains 'has no CRL of its issuer'
verify 65 --keystore "$STORE" --revocation ocsp "$dsse"
verify 64 --keystore "$STORE" --revocation none "$dsse"
verify 0 --keystore "$STORE" --revocation off "$dsse"
says 'x509:subject:CN=leaf'
# Signers who are all no good are told as what they are, not as nobody.
accept trust remove "$("$SIFCTL" --keystore "$STORE" trust list | awk '/^root/ { print $2 }')"
verify 65 --keystore "$STORE" "$dsse"
complains 'no chain to a trusted root'
verify 65 --keystore "$STORE" --all-of --public-key "$keys/rsa-public.pem" "$dsse"
accept signer remove "$("$SIFCTL" --keystore "$STORE" signer list | awk '/^cert/ { print $1 }')"
verify 65 --keystore "$STORE" "$dsse"
complains 'the keystore has none of the signers asked for'

# What a node refuses: signatures of after a signer's retirement, of revoked signers, and revoked images.
STORE=$WORK/states
accept init
accept signer add "$keys/unit-public.asc"
accept signer add "$keys/ed25519-public.pem"
accept signer retire "$unit" --at 2020-01-01T00:00:00Z
verify 65 --keystore "$STORE" "$pgp"
complains 'it was made after its signer retired'
verify 0 --keystore "$STORE" "$dsse"
accept signer restore "$unit"
verify 0 --keystore "$STORE" "$pgp"
check "$SIFCTL" --keystore "$STORE" digest revoke --image "$pgp" --reason 'a bad library'
verify 65 --keystore "$STORE" "$pgp"
complains 'this image was revoked on .*: a bad library'
verify 0 --keystore "$STORE" "$dsse"
spki=$("$SIFCTL" --keystore "$STORE" signer list | awk '/^spki/ { print $1 }')
check "$SIFCTL" --keystore "$STORE" signer revoke --yes "$spki" --reason keyCompromise
verify 65 --keystore "$STORE" "$dsse"
complains 'its signer is revoked (keyCompromise)'

# By one binding: what it demands, beyond whose keys the keystore has.
STORE=$WORK/bound
accept init
accept signer add "$keys/unit-public.asc"
accept signer add "$keys/ed25519-public.pem"
ed=$("$SIFCTL" --keystore "$STORE" signer list | awk '/^spki/ { print $1 }')
made=$(verify 0 --keystore "$STORE" --json "$pgp" && sed -n 's/^ *"made": "\([0-9-]*\)T.*/\1/p' "$OUT")
by() { verify "$1" --keystore "$STORE" --binding "${@:2}"; }
accept image bind unit --match /a.sif --signer "$unit" --everyone
accept image bind ed --match /b.sif --signer "$ed" --allow-user root
accept image bind both --match /c.sif --signer "$unit" "$ed" --all-signers --everyone
accept image bind late --match /d.sif --signer "$unit" --everyone --signed-after "$(date -u -d "$made 1 day" +%F)"
accept image bind dated --match /e.sif --signer "$unit" --everyone --signed-after "$(date -u -d "$made" +%F)"
accept image bind undated --match /f.sif --signer "$ed" --everyone --signed-after 2010-01-01
accept image bind pin --match /g.sif --signer "$unit" --everyone --digest "sha256:$(sha256sum <"$pgp" | cut -d' ' -f1)"
accept key create cow --bits 2048
accept image bind keyed --match /h.sif --signer "$unit" --key cow --everyone
by 0 unit "$pgp" && says ': verified'
by 65 unit "$dsse" && complains 'not signed by'
by 0 ed "$dsse"
by 65 both "$pgp"
by 65 both "$dsse"
by 65 late "$pgp" && complains 'before'
by 0 dated "$pgp"
by 65 undated "$dsse"
by 0 pin "$pgp"
by 65 pin "$dsse"
by 65 keyed "$pgp" && complains "is not encrypted, as binding 'keyed' demands"
by 66 none "$pgp" && complains "the keystore has no binding 'none'; see sifctl image list"
by 64 '' "$pgp"
verify 64 --binding unit "$pgp" && complains 'give it with --keystore DIR'
for more in --all-of --allow-legacy "--fingerprint $unit" "--pgp-key $keys/unit-public.asc" \
  "--public-key $keys/ed25519-public.pem" "--certificate $certs/leaf.pem --ca $certs/root.pem"; do
  # shellcheck disable=SC2086  # words
  by 64 unit "$pgp" $more && complains '--binding says whose signatures count'
done
check "$SIFCTL" --keystore "$STORE" digest revoke --image "$pgp" --reason 'a bad library'
by 65 unit "$pgp" && complains 'a bad library'
check "$SIFCTL" --keystore "$STORE" digest restore --image "$pgp"
check "$SIFCTL" --keystore "$STORE" signer retire "$unit" --at "$made"
by 65 unit "$pgp" && complains 'it was made after its signer retired'
check "$SIFCTL" --keystore "$STORE" signer remove "$unit"
by 65 unit "$pgp" && complains 'the keystore lacks signer .* of binding unit'
by 0 ed "$dsse"
check test -z "$(ls -A "$TMPDIR")"
