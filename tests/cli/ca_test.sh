#!/bin/bash
# sifctl ca, beside sif-sign and sif-verify: the walk from a new CA to a refused image, held against openssl.
#   ca_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
. "$HERE/ca.sh"
# A CA's keystore is made where nothing is, and nowhere else.
STORE=$WORK/made
works ca init --subject /CN=made --out made.pem --algorithm p-256
complains 'keystore made: '
accept ca list
mkdir -m 700 "$WORK/empty" && STORE=$WORK/empty
refuse 78 '*is not a keystore*' ca init --subject /CN=x --out x.pem
STORE=$WORK/none/below
refuse 78 '*' ca init --subject /CN=x --out x.pem
check test ! -e x.pem
STORE=$WORK/absent
refuse 64 'a path length is not negative*' ca init --subject /O=E/CN=R --out x.pem --path-length -1
refuse 64 'not a usable name constraint*' ca init --subject /O=E/CN=R --out x.pem --permit 'dns:a b'
check test ! -e "$STORE"
STORE=$WORK/store
accept init

# The walk of packaging/doc/pki.md.
make_sif lolcow.sif 8 '0x4001:1:0:a:the payload'
refuse 78 'the keystore has no CA*' ca list
refuse 78 'the keystore has no CA*' ca issue --signer carol --out carol
refuse 78 'the keystore has no CA*' ca crl --out crl.pem
works ca init --subject "/O=Example/CN=Example Root" --out root.pem
refuse 73 'root.pem exists already*' ca init --subject /CN=x --out root.pem
refuse 73 'the keystore has a CA already*' ca init --subject /CN=x --out other.pem
check test ! -e other.pem
accept ca issue --signer carol --subject "/O=Example/CN=carol" --out carol
check test "$(stat -c %a carol.key)" = 600
does 0 "$SIGN" --key carol.key lolcow.sif
does 0 "$VERIFY" --certificate carol.pem --ca root.pem lolcow.sif
works ca crl --out before.pem
does 0 "$VERIFY" --certificate carol.pem --ca root.pem --crl before.pem lolcow.sif
works ca issue --signer long --out long --days 9000 && cp "$ERR" err
check grep -Eqx "sifctl: the certificate ends with the [a-z]+ CA, on 20[0-9T:Z-]+, before its 9000 days are over" err
works ca revoke --yes carol.pem --reason keyCompromise
works ca crl --out crl.pem
does 65 "$VERIFY" --certificate carol.pem --ca root.pem --crl crl.pem lolcow.sif
complains 'is revoked by a CRL of CN=Example Root'

# As openssl sees it.
check openssl verify -x509_strict -CAfile root.pem carol.pem
text carol.pem
says 'Code Signing'
says 'Digital Signature'
says 'Subject: CN=carol,O=Example'
text root.pem
says 'CA:TRUE, pathlen:0'
says 'Certificate Sign, CRL Sign'
carol=$(serial_of carol.pem)
check test ${#carol} = 32
check openssl crl -in crl.pem -CAfile root.pem -noout -verify
openssl crl -in crl.pem -noout -text >crl.txt 2>/dev/null
check grep -qi "Serial Number: $carol" crl.txt
check grep -q 'Key Compromise' crl.txt
check grep -q 'X509v3 Authority Key Identifier' crl.txt
check test $((16#$(number crl.pem | sed s/0x//))) -gt $((16#$(number before.pem | sed s/0x//)))
does 2 openssl verify -crl_check -CAfile root.pem -CRLfile crl.pem carol.pem
accept ca revoke --yes "${carol:0:12}" --reason superseded
says 'is revoked already: no change'
accept ca show "$carol"
says 'keyCompromise'
openssl req -new -key carol.key -subj /CN=x -out again.csr
refuse 65 'the key was compromised*' ca sign-csr again.csr --signer again --out again.pem

# Profiles; names come from the admin alone.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -noenc -keyout dave.key -out dave.csr -subj /CN=root \
  -addext subjectAltName=DNS:evil.example.org -addext basicConstraints=CA:TRUE -addext extendedKeyUsage=serverAuth 2>/dev/null
accept ca sign-csr dave.csr --user dave --san email:dave@example.org --out dave.pem
text dave.pem
says 'Subject: CN=dave,O=Example'
says 'TLS Web Client Authentication, E-mail Protection'
says 'CA:FALSE'
says 'email:dave@example.org'
cp "$OUT" dave.txt
check bash -c '! grep -q evil dave.txt'
check test "$(openssl x509 -in dave.pem -noout -pubkey)" = "$(openssl pkey -in dave.key -pubout)"
accept ca issue --host www.example.org --san dns:www.example.org --san ip:192.0.2.1 --out www --days 10 --algorithm rsa3072
text www.pem
says 'TLS Web Server Authentication'
says 'DNS:www.example.org, IP Address:192.0.2.1'
check openssl verify -x509_strict -CAfile root.pem -purpose sslserver www.pem
printf 'pass word' >pw
accept ca issue --signer ed --algorithm ed25519 --password-file pw --out ed
check grep -q 'BEGIN ENCRYPTED PRIVATE KEY' ed.key
check openssl pkey -in ed.key -passin file:pw -noout
before=$(state)
refuse 64 'what is the certificate for?*' ca issue --out x
refuse 64 'what is the certificate for?*' ca issue --signer a --user b --out x
refuse 64 'not a usable name*' ca issue --signer ../x --out x
refuse 64 'not a usable alternative name*' ca issue --signer a --san dns:a,b --out x
refuse 64 'not a usable alternative name*' ca issue --host a --san 'dns:*' --out x
refuse 64 'not a usable alternative name*' ca issue --host a --san dns:1.2.3.4 --out x
refuse 64 'the subject has two CN in one part; *' ca issue --signer a --subject CN=a+CN=b,O=X --out x
refuse 64 "the subject's CN has a control character" ca issue --signer a --subject 'CN=a\0Ab,O=X' --out x
refuse 73 "the subject is the CA's own; *" ca issue --signer a --subject '/O=Example/CN=Example Root' --out x
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out e3.key 2>/dev/null
openssl req -new -key e3.key -subj /CN=x -out e3.csr
refuse 65 "*the RSA key's exponent is less than 65537; *" ca sign-csr e3.csr --signer a --out x
refuse 64 'not a usable alternative name*' ca issue --signer a --san email:nobody --out x
refuse 64 '*' ca issue --signer a --subject 'CN' --out x
refuse 64 "the subject's C is not usable*" ca issue --signer a --subject /C=Germany/CN=x --out x
refuse 64 'a certificate is valid for 1 to*' ca issue --signer a --days -3 --out x
refuse 64 'a certificate is valid for 1 to*' ca issue --signer a --days 0 --out x
refuse 73 'carol.pem exists already: it is certificate * of this CA, for carol; *' ca issue --signer carol --out carol
refuse 66 '*' ca issue --signer a --out /nonexistent/x
refuse 65 '*: not a certificate signing request*' ca sign-csr pw --signer a --out x.pem
{ openssl req -in dave.csr -outform DER | head -c 100; head -c 400 /dev/zero; } >broken.csr
refuse 65 'broken.csr: *' ca sign-csr broken.csr --signer a --out x.pem
refuse 65 "carol.pem: the file holds a 'CERTIFICATE'*" ca sign-csr carol.pem --signer a --out x.pem
openssl req -new -newkey rsa:1024 -noenc -keyout weak.key -out weak.csr -subj /CN=x 2>/dev/null
refuse 65 'weak.csr: *weak*' ca sign-csr weak.csr --signer a --out x.pem
openssl req -new -key dave.key -outform DER -out dave.der -subj /CN=dave
{ cat dave.der && printf x; } >long.der
refuse 65 'long.der: not a certificate signing request*' ca sign-csr long.der --signer a --out x.pem
LC_ALL=C sed 's/dave/eave/' dave.der >other.der
refuse 65 'other.der: the request is not signed by its own key*' ca sign-csr other.der --signer a --out x.pem
refuse 64 '*too short*' ca revoke --yes 12 --reason superseded
refuse 66 '*no certificate with the serial*' ca revoke --yes 0123456789ab --reason superseded
refuse 64 '*certificateHold*' ca revoke --yes dave.pem --reason certificateHold
refuse 65 'a root cannot be revoked*' ca revoke --yes root.pem --reason superseded
openssl req -x509 -key dave.key -subj "/O=Example/CN=Example Root" -days 3 -out foreign.pem 2>/dev/null
refuse 65 'the certificate was not issued by this CA*' ca revoke --yes foreign.pem --reason superseded
refuse 66 'the CA has no authority*' ca crl --authority intermediate --out x.pem
check test "$(state)" = "$before"
check test ! -e x.pem

# Keys that nothing here verifies are not certified; one that is nobody's least of all.
refused_key() { # refused_key NAME ARGUMENT…: of openssl req
  openssl req -new -noenc -subj /CN=x -keyout odd.key -out "$1.csr" "${@:2}" 2>/dev/null || return 0 # not in this openssl
  refuse 65 "$1.csr: the key is weak, or of a type that nothing here verifies*" ca sign-csr "$1.csr" --signer odd --out odd.pem
}
before=$(state)
refused_key ed448 -newkey ed448
for curve in secp256k1 secp224r1 brainpoolP256r1; do refused_key $curve -newkey ec -pkeyopt ec_paramgen_curve:$curve; done
refused_key pss -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048
python3 - <<'PY'
import hashlib, random
def der(tag, body):
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + body
def number(value): return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))
modulus = random.getrandbits(2048) | 1 << 2047 | 1
key = der(48, der(48, bytes.fromhex("06092a864886f70d0101010500")) + der(3, b"\0" + der(48, number(modulus) + number(1))))
name = der(48, der(49, der(48, bytes.fromhex("0603550403") + der(12, b"x"))))
info = der(48, number(0) + name + key + bytes.fromhex("a000"))
digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(info).digest()
signature = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
open("one.csr", "wb").write(der(48, info + der(48, bytes.fromhex("06092a864886f70d01010b0500")) + der(3, b"\0" + signature)))
PY
check openssl req -in one.csr -inform DER -noout
refuse 65 "one.csr: *the RSA key's exponent is less than 65537; *" ca sign-csr one.csr --signer odd --out odd.pem
check test "$(state)" = "$before"


# A compromise is one of the key, also one that comes out late.
accept ca issue --signer frank --out frank
accept ca renew frank.pem --out frank2.pem --supersede
works ca revoke --yes frank.pem --reason affiliationChanged
says 'is revoked already: no change'
accept ca show frank2.pem
says valid
works ca revoke --yes frank.pem --reason keyCompromise
complains '1 other certificate of the same key is revoked with it'
for each in frank.pem frank2.pem; do
  accept ca show $each
  says 'keyCompromise'
done
openssl req -new -key frank.key -subj /CN=x -out frank.csr
refuse 65 'the key was compromised*' ca sign-csr frank.csr --signer frank --out frank3.pem

# What the index lost is taken up when it is renewed, and says so to whoever asks for its list.
accept ca issue --signer grace --out grace
cp -p "$STORE/ca/index.json" with
python3 - "$STORE/ca/index.json" "$(serial_of grace.pem)" <<'PY'
import json, sys
index = json.load(open(sys.argv[1]))
index["issued"] = [one for one in index["issued"] if one["serial"] != sys.argv[2].lower()]
json.dump(index, open(sys.argv[1], "w"))
PY
check bash -c "! cmp -s with '$STORE/ca/index.json'"
rm "$STORE/ca/certificates/$(serial_of grace.pem | tr A-F a-f)"* 2>/dev/null
refuse 66 'the CA has issued no certificate with the serial number*' ca show "$(serial_of grace.pem)"
accept ca renew grace.pem --out grace2.pem --supersede
says "revoked $(serial_of grace.pem | tr A-F a-f)"
accept ca show "$(serial_of grace.pem)"
says superseded
# What has no place for its file is not recorded, and the older one stays.
before=$(state)
refuse 66 '*missing/grace3.pem*' ca renew grace2.pem --out missing/grace3.pem --supersede
check test "$(state)" = "$before"

# List, renew, expire.
accept ca list
says "$carol  revoked "
accept ca list --state expiring --json
cp "$OUT" list.json
check test "$(grep -c '"serial"' list.json)" = 1
accept ca renew dave.pem --out dave2.pem --supersede
check test "$(openssl x509 -in dave2.pem -noout -pubkey)" = "$(openssl pkey -in dave.key -pubout)"
check test "$(serial_of dave2.pem)" != "$(serial_of dave.pem)"
text dave2.pem
says 'email:dave@example.org'
accept ca show dave.pem --json
says '"reason": "superseded"'
refuse 79 'the certificate was revoked*' ca renew "$carol" --out carol2.pem
accept ca renew "$carol" --new-key --out carol2
check openssl verify -x509_strict -CAfile root.pem carol2.pem
accept ca expire --dry-run
accept ca expire --json
check grep -q '"expire"' "$STORE/audit.jsonl"
accept ca show
says 'CN=Example Root,O=Example'
accept ca show --pem
cp "$OUT" shown.pem
check cmp shown.pem root.pem
