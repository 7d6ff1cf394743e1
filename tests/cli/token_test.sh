#!/bin/bash
# Keys in a PKCS#11 token (SoftHSM): a store key wrapped for one, and one that images are encrypted
# for. The token is SoftHSM's own, of the system; it has a name of its own and is deleted in the end.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
for program in softhsm2-util pkcs11-tool; do
  command -v $program >/dev/null || { echo "SKIPPED, NOT TESTED: $program is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED, NOT TESTED: the system's tokens are root's"; exit 77; }
module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
token=sifguard-test-$$
serials() { softhsm2-util --show-slots | awk -v "label=$token" '/Serial number:/ { serial = $3 } /Label:/ && $2 == label { print serial }'; }
trap 'for serial in $(serials); do rm -f "$(lock_of "$serial")"; softhsm2-util --delete-token --serial "$serial"; done >/dev/null 2>&1; finish' EXIT
lock_of() { echo "/run/sifguard-token-$(printf %s "$1" | xxd -p).lock"; }
softhsm2-util --init-token --free --label "$token" --so-pin 12345678 --pin 4321 >/dev/null || exit 1
p11() { pkcs11-tool --module "$module" --token-label "$token" --login --pin 4321 "$@" >/dev/null 2>&1; }
p11 --keypairgen --key-type rsa:2048 --label store --id 01
p11 --keypairgen --key-type rsa:2048 --label images --id 02
p11 --keypairgen --key-type EC:prime256v1 --label curve --id 03
p11 --keypairgen --key-type rsa:1024 --label weak --id 04
printf '4321\n' >pin && chmod 600 pin
printf '1234\n' >wrong && chmod 600 wrong
printf '4321\n' >open && chmod 644 open
uri="pkcs11:token=$token"
pin="?pin-source=file:$WORK/pin"
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}

# The store key, wrapped
no() { refuse "$1" "$2" init --seal "$3"; check test ! -e "$STORE"; }
no 64 "the PIN must not be in the URI; *" "$uri;object=store?pin-value=4321"
no 64 "the token wants a PIN; name its file *" "$uri;object=store"
no 69 "*cannot log in to the token: *; see the PIN in $WORK/wrong; it is not tried again until that is written anew" "$uri;object=store?pin-source=file:$WORK/wrong"
check test "$(stat -c %a wrong.refused.*)" = 600
no 69 "*the token has refused the PIN in $WORK/wrong: it is not tried again; write the right one *" "$uri;object=store?pin-source=file:$WORK/wrong"
touch wrong
no 69 "*cannot log in to the token: *" "$uri;object=store?pin-source=file:$WORK/wrong"
no 78 "$WORK/open is accessible to group or others; *" "$uri;object=store?pin-source=file:$WORK/open"
no 66 "cannot open $WORK/missing: *" "$uri;object=store?pin-source=file:$WORK/missing"
# The token warns of that: nothing that nobody types is tried, out of another file neither, until somebody has logged in
# by hand, or has touched the file.
cp wrong other-wrong
warned="the token warns that it was given a wrong PIN: none is tried that nobody types; log in by hand *, or touch"
for _ in 1 2; do
  no 69 "$warned $WORK/other-wrong *" "$uri;object=store?pin-source=file:$WORK/other-wrong"
  no 69 "$warned $WORK/pin *" "$uri;object=store$pin"
done
p11 --list-objects
no 66 "the token has no such RSA private key" "$uri;object=other$pin"
touch wrong
no 69 "*cannot log in to the token: *" "$uri;object=store?pin-source=file:$WORK/wrong"
touch other-wrong # which has one try
no 69 "$warned $WORK/pin *" "$uri;object=store$pin"
no 69 "*cannot log in to the token: *; see the PIN in $WORK/other-wrong; *" "$uri;object=store?pin-source=file:$WORK/other-wrong"
no 69 "*the token has refused the PIN in $WORK/other-wrong: it is not tried again; *" "$uri;object=store?pin-source=file:$WORK/other-wrong"
touch pin
no 66 "the token has no such RSA private key" "$uri;object=other$pin"
rm other-wrong*
# Of two wrong files that are tried at once one has a try: the other process waits, and sees the token warn.
lock=$(lock_of "$(serials)")
exec 8<>"$lock" && flock 8
cp wrong one && cp wrong two
for file in one two; do
  setsid -w "$SIFCTL" --keystore "$STORE" init --seal "$uri;object=store?pin-source=file:$WORK/$file" >/dev/null 2>"$file.err" </dev/null 8>&- &
done
waiting() { grep -c -- "-> FLOCK.*:$(stat -c %i "$lock") " /proc/locks; }
for _ in $(seq 300); do [ "$(waiting)" = 2 ] && break; sleep 0.1; done
check test "$(waiting)" = 2
exec 8>&- && wait
check test "$(cat one.err two.err | grep -c 'cannot log in to the token')" = 1
check test "$(cat one.err two.err | grep -c 'the token warns that it was given a wrong PIN')" = 1
rm one* two*
p11 --list-objects # the right one by hand
no 66 "the token has no such RSA private key" "$uri;object=other$pin"
no 69 "*no token fits the URI" "pkcs11:token=$token-other;object=store$pin"
no 66 "the token has no such RSA private key" "$uri;object=curve$pin"
no 66 "the URI fits more than one RSA private key of the token; *" "$uri$pin"
no 69 "*cannot load the PKCS#11 library /missing.so" "$uri;object=store$pin&module-path=/missing.so"
no 64 "not a PKCS#11 URI*" "pkcs11:token=%zz"
accept init --seal "$uri;object=store$pin"
says "store key: the token key $uri;object=store$pin"
rm -rf "$STORE"
# The file is written anew, by a program of Windows; what was remembered goes with the first success.
printf '4321\r\n' >wrong
accept init --seal "$uri;object=store?pin-source=file:$WORK/wrong"
refused_files=(./*refused*)
check test ! -e "${refused_files[0]}"
rm -rf "$STORE"
accept init --seal "$uri;object=store$pin"
check test "$(ls "$STORE" | paste -sd' ')" = "audit.jsonl image-signers images.yaml keys seal.json"
accept key create cow --bits 2048
accept key suspend cow
accept key resume cow
accept reseal
says "1 private key is under a new store key: the token key"
mv pin away
unchanged 66 "*the keystore's store key: *cannot open $WORK/pin: *" key suspend cow
mv away pin
cp "$STORE/seal.json" good
sed -i 's/"sealed": "..../"sealed": "0000/' "$STORE/seal.json"
unchanged 78 "*the keystore's store key: it was wrapped for another key than *" key suspend cow
cp good "$STORE/seal.json"
accept reseal --seal "$uri;object=store$pin&module-path=$module"
accept reseal --seal file

# A key that lives in the token
unchanged 66 "*no such RSA private key" key import --pkcs11 "$uri;object=other$pin" --name hsm
unchanged 65 "*the RSA key has 1024 bits; *" key import --pkcs11 "$uri;object=weak$pin" --name hsm
unchanged 64 "file excludes --pkcs11; *" key import k.pem --pkcs11 "$uri;object=images$pin" --name hsm
unchanged 64 "*the PIN must not be in the URI; *" key import --pkcs11 "$uri;object=images?pin-value=4321" --name hsm
accept key import --pkcs11 "$uri;object=images$pin" --name hsm
sed -i "s/$token/TOKEN/g" "$OUT" && golden key-import-token
accept key show hsm --json
says "\"token\": \"$uri;object=images"
pkcs11-tool --module "$module" --token-label "$token" --read-object --type pubkey --label images -o public.der >/dev/null 2>&1
sifctl key export-public hsm && cp "$OUT" got.pem
check bash -c 'openssl pkey -pubin -inform DER -in public.der | cmp - got.pem'
check bash -c "! grep -rl 'PRIVATE KEY' '$STORE'"
accept key import --pkcs11 "$uri;object=images$pin" --name hsm
says "is in the keystore already: no change"
accept key suspend hsm
accept key resume hsm
accept key retire hsm
checks=$((checks + 1))
sifctl key destroy hsm --yes || wrong "destroy failed"
grep -q "the key itself stays in the token" "$ERR" || wrong "the token is not named"

# Two tokens of one label are told apart by their serial numbers.
first=$(serials)
softhsm2-util --init-token --free --label "$token" --so-pin 12345678 --pin 4321 >/dev/null || exit 1
refuse 66 "*the URI fits more than one token: '$token' with serial number * and '$token' with serial number *; name the token: serial=*" \
  key import --pkcs11 "$uri;object=images$pin" --name two
cp "$ERR" said
for serial in $(serials); do check grep -q "$serial" said; done
accept key import --pkcs11 "$uri;serial=$first;object=store$pin" --name two
