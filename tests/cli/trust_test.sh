#!/bin/bash
# sifctl trust, and signers that are raw keys or certificates: all made by openssl.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
accept init

authority() {   # authority NAME SUBJECT
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out "$1.pem" \
    -subj "$2" -days 30 2>/dev/null
}
issue() {   # issue NAME CA SUBJECT EXTENSION…
  local name=$1 ca=$2 subject=$3
  shift 3
  printf '%s\n' "$@" >"$name.ext"
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$name.key" -out "$name.csr" \
    -subj "$subject" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 20 -extfile "$name.ext" \
    -out "$name.pem" 2>/dev/null
}
list() {   # list OUT OPTION…: an empty revocation list of root
  local out=$1
  shift
  printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'crlnumber=number' 'default_md=sha256' >crl.cnf
  [ -e index ] || { : >index; echo 01 >number; }
  openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.pem -out "$out" "$@" 2>/dev/null
}
authority root "/O=Example/CN=Root"
issue inner root "/O=Example/CN=Inner" basicConstraints=critical,CA:TRUE keyUsage=keyCertSign
issue carol inner "/O=Example/CN=carol" extendedKeyUsage=codeSigning 'subjectAltName=email:carol@EXAMPLE.org,DNS:Host.example.org'
issue nobody inner "/" extendedKeyUsage=codeSigning
list crl.pem -crldays 7
openssl crl -in crl.pem -outform DER -out crl.der
list old.pem -crl_lastupdate 20240101000000Z -crl_nextupdate 20240201000000Z
openssl genpkey -quiet -algorithm ED25519 -out raw.key
openssl pkey -in raw.key -pubout -out raw.pem
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key
openssl pkey -in weak.key -pubout -out weak.pem
openssl genpkey -quiet -algorithm ED448 -out ed448.key
openssl pkey -in ed448.key -pubout -out ed448.pem
cat root.pem inner.pem >both.pem

# signers
spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
cert=cert:$(openssl x509 -in carol.pem -outform DER | sha256sum | cut -d' ' -f1)
accept signer add raw.pem --label "build host"
says "added $spki build host"
accept signer add raw.pem --label "build host"
says "already in the keystore, nothing changed: $spki"
accept signer add carol.pem
says "added $cert CN=carol,O=Example"
says "bindings may call it x509:subject:CN=carol,O=Example"
says "bindings may call it x509:san:email:carol@example.org"
says "bindings may call it x509:san:dns:host.example.org"
accept image bind raw --match /raw --signer "$spki" --everyone
accept image bind carol --match /carol --signer x509:subject:/O=Example/CN=carol --everyone
accept image bind mail --match /mail --signer x509:san:email:carol@Example.org --everyone
check grep -q 'x509:subject:CN=carol,O=Example' "$STORE/images.yaml"
check grep -q 'x509:san:email:carol@example.org' "$STORE/images.yaml"
before=$(state)
refuse 78 "no signer x509:subject:CN=dave,O=Example in the keystore*" image bind dave --match /d --signer x509:subject:/O=Example/CN=dave --everyone
refuse 64 "*does not name a signer*" image bind cert --match /d --signer "$cert" --everyone
refuse 65 "weak.pem: the RSA key has 1024 bits*" signer add weak.pem
refuse 65 "ed448.pem: *" signer add ed448.pem
refuse 65 "raw.key: *private key*" signer add raw.key
refuse 65 "both.pem: *" signer add both.pem
refuse 65 "nobody.pem: the certificate names nobody*" signer add nobody.pem
refuse 64 "carol.pem: a certificate has a name of its own*" signer add carol.pem --label x
refuse 64 "raw.pem: --fingerprint is for OpenPGP keys*" signer add raw.pem --fingerprint 0000
refuse 64 "*" signer remove "${spki:0:20}"
check test "$(state)" = "$before"

# trust
accept trust list
says "KIND"
accept trust add-root root.pem
says "added root"
accept trust add-root root.pem
says "already in the keystore, nothing changed"
accept trust add-intermediate both.pem
says "CN=Inner,O=Example"
accept trust add-crl crl.pem
says "added crl"
accept trust add-crl crl.der
says "already in the keystore, nothing changed"
before=$(state)
refuse 65 "inner.pem: the certificate 'CN=Inner,O=Example' is not self-signed*" trust add-root inner.pem
refuse 65 "carol.pem: the certificate 'CN=carol,O=Example' is not a CA's*" trust add-intermediate carol.pem
refuse 65 "crl.pem: *" trust add-root crl.pem
refuse 65 "root.pem: *" trust add-crl root.pem
refuse 65 "the keystore has a newer revocation list*" trust add-crl old.pem
refuse 66 "cannot open none.pem*" trust add-root none.pem
printf 'garbage' >garbage
refuse 65 "garbage: *" trust add-crl garbage
refuse 65 "garbage: *" trust add-root garbage
refuse 64 "*too short*" trust remove 0
refuse 78 "the keystore trusts nothing with the id*" trust remove 0123456789abcdef
check test "$(state)" = "$before"
accept trust list --json
cp "$OUT" json
check grep -q '"kind": "crl"' json
check test "$(grep -c '"state": "valid"' json)" = 4
root=$(openssl x509 -in root.pem -outform DER | sha256sum | cut -d' ' -f1)
accept trust remove "${root:0:16}"
says "removed root $root"
accept image unbind raw
accept signer remove "$spki"
