#!/bin/bash
# sif-sign with keys in a PKCS#11 token: SoftHSM, filled by pkcs11-tool; signatures held against
# openssl with the public key that pkcs11-tool reads out. What a token says of its PIN's last tries
# is said by a library of the tests (tests/token).
#   sif_sign_token_test.sh SIF-SIGN LOW-TOKEN-LIBRARY
low=${2:?usage: $0 SIF-SIGN LOW-TOKEN-LIBRARY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIF-SIGN LOW-TOKEN-LIBRARY}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
module=
for candidate in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so /usr/lib*/pkcs11/libsofthsm2.so; do
  [ ! -e "$candidate" ] || module=$candidate
done
for command in softhsm2-util pkcs11-tool; do
  command -v $command >/dev/null || { echo "SKIPPED: $command is not installed"; exit 77; }
done
[ -n "$module" ] || { echo "SKIPPED: SoftHSM's module is not found"; exit 77; }
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$WORK" >softhsm2.conf
export SOFTHSM2_CONF=$WORK/softhsm2.conf
token() { pkcs11-tool --module "$module" --login --pin 123456 "$@" >/dev/null 2>&1; }
softhsm2-util --init-token --free --label site --pin 123456 --so-pin 654321 >/dev/null
token --keypairgen --key-type EC:prime256v1 --label ec --id 01
token --keypairgen --key-type rsa:2048 --label rsa --id 02
for key in ec rsa; do
  pkcs11-tool --module "$module" --read-object --type pubkey --label $key -o $key.der >/dev/null 2>&1
  openssl pkey -pubin -inform DER -in $key.der -out $key.pub
done
printf '123456\n' >pin
printf 999999 >wrong
make_sif fresh.sif 12 '0x4001:1:0:Singularity.def:bootstrap'
fresh() { cp fresh.sif image.sif; }
refuse_image() { # and image.sif stays as it is
  fresh
  refuse "$@"
  check cmp fresh.sif image.sif
}
verified() { # verified KEY: the envelope of image.sif, by openssl alone
  local envelope type
  envelope=$(grep -a -o '{"payloadType":.*}]}' image.sif)
  type=application/vnd.sylabs.sif-metadata+json
  sed 's/.*"payload":"\([^"]*\)".*/\1/' <<<"$envelope" | base64 -d >.payload
  sed 's/.*"sig":"\([^"]*\)".*/\1/' <<<"$envelope" | base64 -d >.sig
  { printf 'DSSEv1 %d %s %d ' ${#type} $type "$(stat -c %s .payload)"; cat .payload; } >.message
  openssl dgst -sha256 -verify "$1.pub" -signature .sig .message
}

for key in ec rsa; do
  fresh
  accept --pkcs11 "pkcs11:token=site;object=$key?module-path=$module" --passphrase-file pin image.sif
  check verified $key
done
fresh
accept --pkcs11 "pkcs11:token=site;object=ec;type=private?pin-source=file://$WORK/pin&module-path=$module" image.sif
check verified ec
fresh
export PKCS11_MODULE_PATH=$module
accept --pkcs11 "pkcs11:token=site;id=%02?pin-source=$WORK/pin" image.sif
check verified rsa
exec 7<pin
accept --replace --pkcs11 "pkcs11:object=rsa" --passphrase-fd 7 image.sif
check verified rsa

refuse_image 64 "the PKCS#11 URI holds the PIN, which every user of the machine can read there; *" \
  --pkcs11 'pkcs11:object=ec?pin-value=123456' image.sif
refuse_image 64 "the PKCS#11 URI does not begin with pkcs11:" --pkcs11 ec image.sif
refuse_image 80 "pkcs11:object=ec: a PIN is needed for pkcs11:object=ec and there is no terminal; *" --pkcs11 pkcs11:object=ec image.sif
refuse_image 66 "pkcs11:object=none: the token has no such private key" --pkcs11 pkcs11:object=none \
  --passphrase-file pin image.sif
refuse_image 69 "pkcs11:token=other;object=ec: no token fits the URI" --pkcs11 'pkcs11:token=other;object=ec' \
  --passphrase-file pin image.sif
refuse_image 66 "pkcs11:token=site: the URI fits more than one private key of the token; *" --pkcs11 pkcs11:token=site \
  --passphrase-file pin image.sif

# A PIN that was refused is not tried again out of the same file, whoever asks: each try is counted.
export LOW_TOKEN_LIBRARY=$module LOW_TOKEN_LOG=$WORK/tries LOW_TOKEN_FLAGS=0
tries() { check test "$(grep -c . tries 2>/dev/null)" = "$1"; }
counted() { rm -f tries; refuse_image "$@"; }
ec=(--pkcs11 "pkcs11:object=ec?module-path=$low")
counted 69 "pkcs11:object=ec: cannot log in to the token: *; see the PIN in $WORK/wrong; it is not tried again *" \
  "${ec[@]}" --passphrase-file wrong image.sif
tries 1
counted 69 "pkcs11:object=ec: the token has refused the PIN in $WORK/wrong: it is not tried again; *" \
  "${ec[@]}" --passphrase-file wrong image.sif
counted 69 "pkcs11:object=ec: the token has refused the PIN in $WORK/wrong: it is not tried again; *" \
  --pkcs11 "pkcs11:object=ec?module-path=$low&pin-source=$WORK/wrong" image.sif
check test ! -e tries
printf '123456\r\n' >wrong # by a program of Windows
fresh
accept "${ec[@]}" --passphrase-file wrong image.sif
check verified ec
check bash -c '! ls wrong.refused.* 2>/dev/null'

# What the token warns of: after a wrong PIN only a typed one is tried, or one that somebody has seen to since, once.
export LOW_TOKEN_FLAGS=0x10000
exec 7<pin
warned="pkcs11:object=ec: the token warns that it was given a wrong PIN: none is tried that nobody types; log in by hand *"
counted 69 "$warned --test" "${ec[@]}" --passphrase-fd 7 image.sif
check test ! -e tries
for _ in 1 2; do
  counted 69 "$warned, or touch $WORK/pin if that is in it" "${ec[@]}" --passphrase-file pin image.sif
  check test ! -e tries
done
printf '999999\n' >second
counted 69 "$warned" "${ec[@]}" --passphrase-file second image.sif
check test ! -e tries
touch second
counted 69 "pkcs11:object=ec: cannot log in to the token: *" "${ec[@]}" --passphrase-file second image.sif
tries 1
counted 69 "pkcs11:object=ec: the token has refused the PIN in $WORK/second: it is not tried again; *" \
  "${ec[@]}" --passphrase-file second image.sif
counted 69 "$warned" "${ec[@]}" --passphrase-file pin image.sif
check test ! -e tries
touch pin
fresh
accept "${ec[@]}" --passphrase-file pin image.sif
check verified ec
mkdir unwritable
cp pin unwritable/pin
chattr +i unwritable 2>/dev/null && {
  counted 69 "$warned --test" "${ec[@]}" --passphrase-file unwritable/pin image.sif
  chattr -i unwritable
  check test ! -e tries
}
for flags in 0x20000 0x30000; do
  LOW_TOKEN_FLAGS=$flags
  counted 69 "pkcs11:object=ec: one more wrong PIN would lock the token: none is tried; *" "${ec[@]}" --passphrase-file pin image.sif
  check test ! -e tries
done
LOW_TOKEN_FLAGS=0x40000
counted 69 "pkcs11:object=ec: the token's PIN is locked; *" "${ec[@]}" image.sif
check test ! -e tries
LOW_TOKEN_FLAGS=0
refuse_image 66 "pkcs11:object=ec: cannot open $WORK/missing: *" --pkcs11 "pkcs11:object=ec?pin-source=$WORK/missing" image.sif
refuse_image 69 "pkcs11:object=ec: cannot use the PKCS#11 module /none.so: *" \
  --pkcs11 'pkcs11:object=ec?module-path=/none.so' --passphrase-file pin image.sif
# One wrong PIN did not lock the token.
fresh
accept --pkcs11 pkcs11:object=ec --passphrase-file pin image.sif
check verified ec

# Two tokens of one label are told apart by their serial numbers.
serial=$(softhsm2-util --show-slots | awk '/Serial number:/ { serial = $3 } /Label:/ && $2 == "site" { print serial }')
softhsm2-util --init-token --free --label site --pin 123456 --so-pin 654321 >/dev/null
refuse_image 66 "pkcs11:token=site;object=ec: the URI fits more than one token: 'site' with serial number *$serial*; name the token: *" \
  --pkcs11 'pkcs11:token=site;object=ec' --passphrase-file pin image.sif
fresh
accept --pkcs11 "pkcs11:token=site;serial=$serial;object=ec" --passphrase-file pin image.sif
check verified ec

# Whatever else a URI says of the place is looked at.
slot=$(softhsm2-util --show-slots | awk -v serial="$serial" '/^Slot/ { slot = $2 } /Serial number:/ && $3 == serial { print slot }')
fresh
accept --pkcs11 "pkcs11:slot-id=$slot;object=ec" --passphrase-file pin image.sif
check verified ec
for elsewhere in slot-id=1 slot-description=none slot-manufacturer=none library-description=none library-manufacturer=none library-version=99; do
  refuse_image 69 "pkcs11:serial=$serial;object=ec;$elsewhere: no token fits the URI" \
    --pkcs11 "pkcs11:serial=$serial;object=ec;$elsewhere" --passphrase-file pin image.sif
done
