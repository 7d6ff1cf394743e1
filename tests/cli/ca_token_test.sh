#!/bin/bash
# A CA whose keys are in a PKCS#11 token (SoftHSM), held against openssl. The token is of the system's SoftHSM; it has a
# name of its own and is deleted in the end.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
for program in openssl softhsm2-util pkcs11-tool; do
  command -v $program >/dev/null || { echo "SKIPPED, NOT TESTED: $program is not installed"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED, NOT TESTED: the system's tokens are root's"; exit 77; }
module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
token=sifguard-ca-$$ server=
gone() { softhsm2-util --delete-token --token "$token" >/dev/null 2>&1; }
# shellcheck disable=SC2154  # assigned in the trap itself
trap 'status=$?; [ -z "$server" ] || kill $server 2>/dev/null; gone; (exit $status); finish' EXIT
make_token() { softhsm2-util --init-token --free --label "$token" --so-pin 12345678 --pin 4321 >/dev/null || exit 1; }
p11() { pkcs11-tool --module "$module" --token-label "$token" --login --pin 4321 "$@" >/dev/null 2>&1; }
make_token
p11 --keypairgen --key-type EC:secp384r1 --label root --id 01
p11 --keypairgen --key-type rsa:2048 --label issuing --id 02
p11 --keypairgen --key-type EC:prime256v1 --label other --id 03
p11 --keypairgen --key-type rsa:1024 --label weak --id 04
p11 --keypairgen --key-type EC:prime256v1 --label half --id 05
p11 --delete-object --type pubkey --label half
p11 --keypairgen --key-type EC:prime256v1 --label twins --id 06
p11 --keypairgen --key-type EC:prime256v1 --label twins --id 07
p11 --keypairgen --key-type EC:edwards25519 --label edwards --id 09
p11 --keypairgen --key-type EC:secp256k1 --label koblitz --id 0a
printf '4321\n' >pin && chmod 600 pin
printf '1234\n' >wrong && chmod 600 wrong
uri="pkcs11:token=$token"
pin="?pin-source=file:$WORK/pin"
accept init

# no STATUS PATTERN OPTION…: there is no CA, and no file.
no() {
  local want=$1 pattern=$2 before
  before=$(state)
  shift 2
  refuse "$want" "$pattern" ca init --subject /O=E/CN=Root --out root.pem "$@"
  check test "$(state)" = "$before"
  check test ! -e root.pem
}
no 64 "the PIN must not be in the URI; *" --pkcs11 "$uri;object=root?pin-value=4321"
no 64 "not a PKCS#11 URI: *" --pkcs11 root.key
no 64 "--algorithm is for keys that are made*" --pkcs11 "$uri;object=root$pin" --algorithm p-256
no 64 "a key for an intermediate CA that was not requested" --intermediate-pkcs11 "$uri;object=issuing$pin"
no 64 "the token wants a PIN; *" --pkcs11 "$uri;object=root"
no 69 "*cannot log in to the token: *" --pkcs11 "$uri;object=root?pin-source=file:$WORK/wrong"
p11 --list-objects # the token would take no other file's PIN until somebody logs in
no 66 "cannot open $WORK/missing: *" --pkcs11 "$uri;object=root?pin-source=file:$WORK/missing"
no 69 "*no token fits the URI" --pkcs11 "pkcs11:token=$token-other;object=root$pin"
no 66 "the token has no such private key" --pkcs11 "$uri;object=none$pin"
no 66 "the URI fits more than one private key of the token; *" --pkcs11 "$uri;object=twins$pin"
no 65 "*the RSA key has 1024 bits*" --pkcs11 "$uri;object=weak$pin"
no 66 "the token has no public key with the id of the private one*" --pkcs11 "$uri;object=half$pin"
no 65 "*the token's key is neither RSA nor EC*" --pkcs11 "$uri;object=edwards$pin"
no 65 "the token's key: *is on secp256k1*" --pkcs11 "$uri;object=koblitz$pin"
no 69 "*cannot load the PKCS#11 library /missing.so" --pkcs11 "$uri;object=root$pin&module-path=/missing.so"
no 65 "root and intermediate CA need different keys" --intermediate /O=E/CN=I --intermediate-out i.pem \
  --pkcs11 "$uri;object=root$pin" --intermediate-pkcs11 "$uri;id=%01$pin"
no 66 "the token has no such private key" --intermediate /O=E/CN=I --intermediate-out i.pem \
  --pkcs11 "$uri;object=root$pin" --intermediate-pkcs11 "$uri;object=none$pin"
check test ! -e i.pem

# Root (P-384) and intermediate (RSA) in the token.
works ca init --subject /O=E/CN=Root --out root.pem --pkcs11 "$uri;object=root$pin" \
  --intermediate /O=E/CN=Issuing --intermediate-out issuing.pem --intermediate-pkcs11 "$uri;object=issuing$pin"
# Their public halves, as pkcs11-tool shows them (it cannot read out one on a curve).
point=$(pkcs11-tool --module "$module" --token-label "$token" --list-objects --type pubkey --label root 2>/dev/null |
  sed -n 's/.*EC_POINT: *0461//p')
check test ${#point} = 194
check bash -c "openssl x509 -in root.pem -noout -pubkey | openssl pkey -pubin -outform DER | od -An -tx1 -v | tr -d ' \n' | grep -q '$point'"
pkcs11-tool --module "$module" --token-label "$token" --read-object --type pubkey --label issuing -o key.der >/dev/null 2>&1
check test "$(openssl pkey -pubin -inform DER -in key.der)" = "$(openssl x509 -in issuing.pem -noout -pubkey)"
check openssl verify -x509_strict -check_ss_sig -CAfile root.pem root.pem
check openssl verify -x509_strict -CAfile root.pem issuing.pem
algorithm() { check bash -c "openssl $1 -in $2 -noout -text | grep -q 'Signature Algorithm: $3'"; }
algorithm x509 issuing.pem ecdsa-with-SHA384
accept ca show
sed "s/$token/TOKEN/g" "$OUT" >shown
check grep -q "pkcs11:token=TOKEN;object=root?" shown
check bash -c "! grep -rl 'PRIVATE KEY' '$STORE'"
accept ca issue --signer carol --out carol
accept ca issue --host www.example.org --out www
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem carol.pem
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem www.pem
algorithm x509 carol.pem sha256WithRSAEncryption
accept ca renew www.pem --out www2.pem --supersede
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem www2.pem
works ca renew issuing.pem --out issuing2.pem
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing2.pem www2.pem
accept reseal

# Lists. A signature whose last bits are zero is as long as any: half of these end so.
for _ in 1 2 3 4 5 6; do
  works ca crl --authority root --out root.crl
  check openssl crl -in root.crl -CAfile root.pem -verify -noout
done
algorithm crl root.crl ecdsa-with-SHA384
works ca revoke --yes carol.pem --reason keyCompromise
works ca crl --out both.crl
works ca crl --authority intermediate --der --out issuing.crl
cat issuing.pem root.pem >both.pem
check openssl crl -inform DER -in issuing.crl -CAfile both.pem -verify -noout
checks=$((checks + 1))
openssl verify -crl_check_all -CAfile root.pem -untrusted issuing.pem -CRLfile both.crl carol.pem >"$OUT" 2>&1
grep -q 'certificate revoked' "$OUT" || wrong "openssl does not see the revocation"
check openssl verify -crl_check_all -CAfile root.pem -untrusted issuing.pem -CRLfile both.crl www2.pem

# The responder is delegated by the token's keys.
start() {
  : >server.err # or the last one's address is read
  "$SIFCTL" --keystore "$STORE" ca ocsp serve --listen 127.0.0.1:0 2>server.err </dev/null &
  server=$!
  for _ in $(seq 300); do
    url=$(sed -n 's#.*answering on #http://#p' server.err)
    [ -z "$url" ] || return 0
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
  cp server.err "$ERR" && wrong "the responder does not start"
}
answers() { # answers CERTIFICATE ISSUER WORD
  checks=$((checks + 1))
  openssl ocsp -issuer "$2" -cert "$1" -url "$url" -CAfile root.pem -verify_other issuing.pem >"$OUT" 2>"$ERR"
  grep -q "^$1: $3" "$OUT" && grep -q 'Response verify OK' "$ERR" || wrong "$1 is not $3"
}
start
answers carol.pem issuing.pem revoked
answers www2.pem issuing.pem good
answers issuing.pem root.pem good
kill $server && wait $server 2>/dev/null

# A backup has no key that is in a token, but says where it is; --pkcs11 names another place.
printf 'pass word' >pw
works backup --out ca.backup --password-file pw
first=$STORE STORE=$WORK/second
accept init
known() { "$@" --password-file pw --fingerprint "$(openssl x509 -in root.pem -outform DER | sha256sum | cut -c1-64)"; }
before=$(state)
known refuse 65 "*the token's key is not the root CA's*" ca restore ca.backup --pkcs11 "$uri;object=other$pin"
known refuse 69 "*no token fits the URI" ca restore ca.backup --pkcs11 "pkcs11:token=none;object=root$pin"
check test "$(state)" = "$before"
known works ca restore ca.backup --pkcs11 "$uri;object=root$pin"
accept ca issue --signer dave --out dave
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem dave.pem
STORE=$first
accept ca restore ca.backup --password-file pw

# What an older sifctl wrote of such a CA has no key and no place of one, and no password protects it.
old_form() { # old_form INDEX >FILE
  python3 - "$1" >content <<'PY'
import json, sys
def authority(name, file): return {"name": name, "certificate": open(file).read(), "private_key": ""}
authorities = [authority("root", "root.pem"), authority("intermediate", "issuing.pem")]
print(end=json.dumps({"version": 1, "made": 1700000000, "authorities": authorities, "index": open(sys.argv[1]).read(), "certificates": []}))
PY
  { printf 'sifguard CA backup 1\n' && cat content; } | openssl dgst -sha384 -binary >digest
  p11 --sign --id 01 --mechanism ECDSA --signature-format openssl --input-file digest --output-file signature
  python3 - <<'PY'
import base64, json
signature = base64.b64encode(open("signature", "rb").read()).decode()
print(json.dumps({"version": 1, "content": open("content").read(), "signature": signature}))
PY
}
old_form "$first/ca/index.json" >ca.json
STORE=$WORK/older
accept init
before=$(state)
refuse 64 "ca.json: nothing confirms this backup but the root in it (*): *; give --fingerprint *" ca restore ca.json --yes --pkcs11 "$uri;object=root$pin"
known refuse 64 "*the key of the * CA is in a token, not in the backup; name it: *" ca restore ca.json
known refuse 65 "*the token's key is not the root CA's*" ca restore ca.json --pkcs11 "$uri;object=other$pin"
known refuse 64 "*the key of the intermediate CA is in a token*" ca restore ca.json --pkcs11 "$uri;object=root$pin"
sed 's/www/xxx/' ca.json >edited.json
refuse 65 "edited.json: the backup is damaged*" ca restore edited.json --pkcs11 "$uri;object=root$pin"
check test "$(state)" = "$before"
known works ca restore ca.json --pkcs11 "$uri;object=root$pin" --intermediate-pkcs11 "$uri;object=issuing$pin"
accept ca issue --signer erin --out erin
check openssl verify -x509_strict -CAfile root.pem -untrusted issuing.pem erin.pem
STORE=$first
accept ca restore ca.json

# The root alone in the token: the other's key is under a password in the backup.
STORE=$WORK/third
accept init
works ca init --subject /O=E/CN=R --out r.pem --pkcs11 "$uri;object=other$pin" --algorithm ed25519 \
  --intermediate /O=E/CN=I --intermediate-out i.pem
check openssl verify -x509_strict -CAfile r.pem i.pem
accept ca issue --user eve --out eve
check openssl verify -x509_strict -CAfile r.pem -untrusted i.pem eve.pem
refuse 80 "*password*" backup --out mixed.json
check test ! -e mixed.json
works backup --out mixed.json --password-file pw
check bash -c '! grep -aq "PRIVATE KEY" mixed.json'
accept ca restore mixed.json --password-file pw
STORE=$first

# Another key under the same name, and no token at all: nothing changes, and what needs no key works.
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
mv pin away
unchanged 66 "*cannot open $WORK/pin: *" ca issue --signer x --out x
cp wrong pin
unchanged 69 "*cannot log in to the token: *" ca crl --out x.crl
mv away pin
gone
unchanged 69 "*no token fits the URI" ca issue --signer x --out x
unchanged 69 "*no token fits the URI" ca crl --out x.crl
check test ! -e x.key
check test ! -e x.crl
works backup --out tokenless.backup --password-file pw
accept ca list
works ca revoke --yes www2.pem --reason superseded
start
answers www2.pem issuing.pem revoked
kill $server && wait $server 2>/dev/null
server=
make_token
p11 --keypairgen --key-type EC:secp384r1 --label root --id 01
p11 --keypairgen --key-type rsa:2048 --label issuing --id 02
unchanged 69 "what the CA's key signs does not fit its public half; *" ca issue --signer x --out x
unchanged 69 "what the CA's key signs does not fit its public half; *" ca crl --authority root --out x.crl
