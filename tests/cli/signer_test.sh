#!/bin/bash
# sifctl signer: keys made by gpg.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
mkdir -m 700 g
trap 'gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
g() { gpg --homedir "$WORK/g" --batch --yes --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null; }
fingerprint() { g --with-colons --list-keys "$1" | awk -F: '$1 == "fpr" { print $10; exit }'; }
then='20200101T000000!'
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
accept init

g --quick-gen-key 'Alice <alice@example.org>' ed25519 sign never
g --quick-gen-key 'Bob <bob@example.org>' ed25519 sign 2y
g --faked-system-time "$then" --quick-gen-key old@example.org ed25519 sign 1y
g --quick-gen-key weak@example.org rsa1024 sign never
g --quick-gen-key gone@example.org ed25519 sign never
g --quick-gen-key $'Mallory \e[2J\xe2\x80\xae <m@example.org>' ed25519 sign never
alice=$(fingerprint alice) bob=$(fingerprint bob) gone=$(fingerprint gone)
sed 's/^:-----/-----/' "g/openpgp-revocs.d/$gone.rev" | g --import
for name in alice bob old weak gone m@example.org; do g --armor --export "$name" >"$name.asc"; done
g --export alice >alice.gpg
g --export alice bob >both.gpg
cat alice.asc bob.asc >both.asc
g --armor --export-secret-keys alice >secret.asc
g --export-secret-keys alice >secret.gpg

# add
accept signer add alice.asc
says "added $alice Alice <alice@example.org>"
sifctl signer add alice.asc
says "$alice*is in the keystore already: no change"
accept signer add alice.gpg
says "is in the keystore already: no change"
accept signer add both.asc --fingerprint "$bob"
says "added $bob Bob <bob@example.org>"
accept signer add both.gpg --fingerprint "$(tr A-F a-f <<<"$alice")"
says "is in the keystore already: no change"
check gpg --homedir "$WORK/g" --show-keys "$STORE/image-signers/$alice/key.asc"
accept signer add m@example.org.asc
says 'Mallory \\x1b\[2J\\xe2\\x80\\xae <m@example.org>'
check test -z "$(ls -A "$TMPDIR")"

# A renewed key refreshes the stored copy.
g --quick-set-expire "$bob" 3y
g --armor --export bob >bob2.asc
accept signer add bob2.asc
says "refreshed $bob"

# refused
before=$(state)
bad() { refuse "$1" "$3" signer add $2; }
bad 65 secret.asc "secret.asc: the file holds the secret half of key $alice; keep it to yourself*"
bad 65 secret.gpg "secret.gpg: the file holds the secret half of key $alice; *"
bad 65 old.asc "old.asc: the key * expired on 2020-12-31T*Z; get the renewed key*"
g --quick-gen-key vera@example.org ed25519 cert never
g --armor --export vera@example.org >vera.asc
bad 65 vera.asc "vera.asc: the key * cannot sign: no part of it is made for signatures; get the key *"
bad 65 gone.asc "gone.asc: the key $gone is revoked"
bad 65 weak.asc "weak.asc: the key * is too weak (rsa1024); *"
bad 64 both.asc "both.asc: the file holds 2 keys; pick one with --fingerprint"
bad 66 "alice.asc --fingerprint $bob" "alice.asc: the file holds no key with the primary fingerprint $bob"
bad 64 "alice.asc --fingerprint ${alice:24}" "alice.asc: not a full OpenPGP fingerprint: *"
printf 'hello\n' >text
: >empty
head -c 100 alice.gpg >short
head -c 1100000 /dev/zero >huge
bad 65 text "text: no OpenPGP key in the data*; *"
bad 65 empty "empty: no OpenPGP key in the data*; *"
bad 65 short "short: *"
bad 65 huge "huge is larger than 1048576 bytes"
{ printf '%32sSIF_MAGIC' '' && head -c 1100000 /dev/zero; } >huge.sif
bad 65 huge.sif "huge.sif is larger than 1048576 bytes: it is a Singularity image (SIF); name the file that is meant"
bad 66 missing "cannot open missing: *"
check test "$(state)" = "$before"

# retire, restore, revoke
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
accept image bind cow --match /apps/cow.sif --signer "$alice" --everyone
checks=$((checks + 1))
sifctl signer retire "$alice" --at 2020-01-31 || wrong "signer retire failed"
says "$alice: active -> retired
signatures made before 2020-01-31T00:00:00Z count, later ones do not"
grep -qx "sifctl: the binding 'cow' names this signer" "$ERR" || wrong "the binding is not named"
accept signer retire "$alice" && says "$alice: retired already: no change"
unchanged 79 "the signer $alice is retired; name one that signs now" \
  image bind two --match /x --signer "$alice" --everyone
sifctl explain --user "$(id -un)" /apps/cow.sif
says "the signer $alice is retired since 2020-01-31T00:00:00Z: only older signatures count"
sifctl signer restore "$alice"
says "$alice: retired -> active
all its good signatures count"
accept signer restore "$alice" && says "$alice: active already: no change"
unchanged 64 "the time is not in the past; leave it out for now" signer retire "$alice" --at 2999-01-01
unchanged 64 "not a date: 'soon'; *" signer retire "$alice" --at soon
unchanged 64 "--reason is required; *" signer revoke --yes "$alice"
unchanged 64 "not a reason to revoke: 'x'; *" signer revoke --yes "$alice" --reason x
unchanged 64 "certificateHold is not for good; *" signer revoke --yes "$alice" --reason certificateHold
unchanged 64 "'x509:subject:CN=carol' is a name that several may give; *" signer remove x509:subject:CN=carol
unchanged 66 "no signer * in the keystore $STORE; *" signer revoke --yes "${alice//[0-9]/0}" --reason superseded
accept signer revoke --yes "$bob" --reason superseded --at 2020-01-31T12:00:00Z
says "$bob: active -> revoked (superseded)
signatures made before 2020-01-31T12:00:00Z count, later ones do not, nor those that do not say when"
sifctl signer revoke --yes "$alice" --reason keyCompromise
says "none of its signatures count"
for step in retire restore; do
  unchanged 79 "the signer $alice is revoked for good; nothing changed" signer $step "$alice"
done
accept signer revoke "$alice" --reason superseded && says "$alice: revoked already (keyCompromise): no change"
accept signer add alice.asc
says "is in the keystore already: no change"
sifctl explain --user "$(id -un)" /apps/cow.sif
says "refused    a signer is revoked"
accept image unbind cow

# list, remove
show() { sed -E -i -e "s/$alice/ALICE/; s/$bob/BOB/; s/\b[0-9A-F]{40}\b/MALLORY/" "$OUT"; }
accept signer list
show
sort -o "$OUT" "$OUT"
golden signer-list
unchanged 79 "the signer $bob is revoked for good; *" signer remove "$bob"
unchanged 79 "the signer $alice is revoked for good; *" signer remove "$alice"
mallory=$(fingerprint m@example.org)
refuse 66 "no signer ${alice//[0-9]/0} in the keystore $STORE; *" signer remove "${alice//[0-9]/0}"
refuse 64 "not a full OpenPGP fingerprint: 'alice'; *" signer remove alice
printf 'images: [{name: cow, match: [/x], signing_key: {fingerprint: %s}, allow: {users: ["*"]}}]\nversion: 1\n' "$mallory" >"$STORE/images.yaml"
checks=$((checks + 1))
sifctl signer remove "$mallory" || wrong "signer remove failed"
cp "$ERR" warning
check grep -q "the binding 'cow' still names this signer" warning
refuse 66 "no signer $mallory in the keystore $STORE; *" signer remove "$mallory"
STORE=$WORK/nobody
accept init
accept signer list && golden signer-list-empty
accept signer add alice.asc
accept signer list --json
show
golden signer-list-json

# A key with the RSA exponent 3 that an older sifctl took in is told: nothing that it signs counts.
small=46876F3753279FF1DCF1E97760ED495FC36FFAD5
sed -n '/BEGIN PGP PUBLIC/,/END PGP PUBLIC/p' "$HERE/../unit/crypto/small_exponent_key.h" | sed 's/^.*\(-----BEGIN\)/\1/; s/\(END PGP PUBLIC KEY BLOCK-----\).*/\1/' >small.asc
refuse 65 "small.asc: the RSA key's exponent is less than 65537; *" signer add small.asc
cp -r "$STORE/image-signers/$alice" "$STORE/image-signers/$small"
sed -i "s/$alice/$small/" "$STORE/image-signers/$small/meta.json"
cp small.asc "$STORE/image-signers/$small/key.asc"
sifctl doctor --skip programs
says "what the key of "
says "signs counts for nothing: the RSA key's exponent is less than 65537; ask its owner for one with the exponent 65537, or Ed25519"
check test "$(grep -c "counts for nothing" "$OUT")" = 1
