#!/bin/bash
# sif-sign with OpenPGP keys: keys made by gpg in a home of their own, signatures held against gpg.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIF-SIGN}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
list=${SIFCTL%/*}/sif-list
export GNUPGHOME
GNUPGHOME=$(mktemp -d /tmp/sgXXXXXX) # short: the agent's socket lies in it
trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"; finish' EXIT
echo 'pinentry-program /bin/false' >"$GNUPGHOME/gpg-agent.conf"
g() { gpg --batch --yes --pinentry-mode loopback --passphrase "${PASS:-}" "$@" 2>/dev/null; }
fingerprints() { g --with-colons --list-keys "$1" | awk -F: '$1 == "fpr" { print $10 }'; }
primary() { fingerprints "$1" | head -n 1; }

g --quick-gen-key alice ed25519 sign never
PASS=secret g --quick-gen-key bob ed25519 sign never
g --quick-gen-key rsa rsa2048 cert never
g --quick-add-key "$(primary rsa)" rsa2048 sign never
g --quick-gen-key weak rsa1024 sign never
g --quick-gen-key encrypts rsa2048 cert never
g --faked-system-time '20200101T000000!' --quick-gen-key old ed25519 sign 1y
g --quick-gen-key gone ed25519 sign never
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$(primary gone).rev" | g --import
alice=$(primary alice) bob=$(primary bob)
printf 'secret\n' >passphrase
echo wrong >wrong
make_sif fresh.sif 12 '0x4001:1:0:Singularity.def:bootstrap' '0x4007:1:0::some data' '0x4006:2:0::{}'
fresh() { cp fresh.sif image.sif; }
refuse_image() { # and image.sif stays as it is
  fresh
  refuse "$@"
  check cmp fresh.sif image.sif
}
shown() { sed -E -i 's/\b[0-9A-F]{40}\b/FINGERPRINT/g' "$OUT"; }
verified() { # verified FINGERPRINT: both signatures of image.sif, by gpg alone
  LC_ALL=C grep -a -A 100 'BEGIN PGP SIGNED MESSAGE' image.sif |
    LC_ALL=C sed 's/.*-----BEGIN PGP SIGNED/-----BEGIN PGP SIGNED/; s/-----END PGP SIGNATURE-----.*/-----END PGP SIGNATURE-----/' |
    csplit -s -z -f msg. - '/BEGIN PGP SIGNED/' '{*}'
  local message count=0
  for message in msg.*; do
    gpg --batch --status-fd 1 --verify "$message" 2>/dev/null | grep -q "VALIDSIG .* $1\$" || return 1
    count=$((count + 1))
  done
  rm msg.*
  [ "$count" = 2 ]
}

fresh
accept --pgp "$alice" image.sif && shown && golden sif-sign-pgp
check verified "$alice"
check "$list" image.sif
says "object 4, openpgp by $alice"
refuse 65 "image.sif: group 1 carries a signature by $alice already, object 4; replace it with --replace" \
  --pgp "$alice" image.sif
accept --replace --json --pgp "$(tr A-F a-f <<<"$alice")" image.sif && valid signing && shown && golden sif-sign-pgp-json
check verified "$alice"

fresh # gpg chooses the subkey that signs; the key is named by its primary fingerprint
accept --pgp "$(primary rsa)" image.sif
check verified "$(primary rsa)"
refuse_image 65 "$(fingerprints rsa | tail -n 1) is a subkey; name the key by its primary fingerprint $(primary rsa)" \
  --pgp "$(fingerprints rsa | tail -n 1)" image.sif

# passphrases
fresh
accept --passphrase-file passphrase --pgp "$bob" image.sif
check verified "$bob"
gpgconf --kill gpg-agent # it remembers
refuse_image 65 "gpg does not sign with the key $bob: *" --passphrase-file wrong --pgp "$bob" image.sif
refuse_image 65 "gpg does not sign with the key $bob: *" --pgp "$bob" image.sif

# keys that nobody should sign with
refuse_image 65 "the OpenPGP key $(primary old) has expired; *" --pgp "$(primary old)" image.sif
refuse_image 65 "the OpenPGP key $(primary gone) is revoked" --pgp "$(primary gone)" image.sif
refuse_image 65 "the OpenPGP key $(primary encrypts) has no part that can sign" --pgp "$(primary encrypts)" image.sif
refuse_image 65 "gpg signed with sha* or a key that is too weak; *" --pgp "$(primary weak)" image.sif
refuse_image 65 "gpg has no secret key 0123456789ABCDEF0123456789ABCDEF01234567; *" \
  --pgp 0123456789ABCDEF0123456789ABCDEF01234567 image.sif
g --armor --export alice >alice.asc
refuse_image 64 "not a full OpenPGP fingerprint: *" --pgp alice image.sif
refuse_image 64 "not a full OpenPGP fingerprint: *" --pgp "${alice:24}" image.sif
refuse_image 64 "exactly one of --key, --pgp and --pkcs11 is needed; *" --key alice.asc --pgp "$alice" image.sif

# the user's own configuration is obeyed, but not against the signature's worth
echo 'digest-algo SHA1' >"$GNUPGHOME/gpg.conf"
refuse_image 65 "gpg signed with sha1 or a key that is too weak; *" --pgp "$alice" image.sif
echo 'digest-algo SHA384' >"$GNUPGHOME/gpg.conf"
fresh
accept --pgp "$alice" image.sif
check "$list" image.sif
says "Signature (SHA-384)"
check verified "$alice"
rm "$GNUPGHOME/gpg.conf"

# only public keys here
mkdir -m 700 "$GNUPGHOME/other"
gpg --homedir "$GNUPGHOME/other" --batch --import alice.asc 2>/dev/null
fresh
checks=$((checks + 1))
GNUPGHOME=$GNUPGHOME/other sifctl --pgp "$alice" image.sif
[ $? = 65 ] || wrong "a public key alone does not sign"
check cmp fresh.sif image.sif

# more than gpg can take in one line
objects=()
for i in {1..100}; do objects+=("0x4007:1:0::$i"); done
make_sif many.sif 102 "${objects[@]}"
refuse 65 "the group has too many objects for a signature by gpg; sign with --key" --pgp "$alice" many.sif
