#!/bin/bash
# Forms in which certificates, keys and their names come: what other programs write is taken, or named
# with the conversion. Made by openssl, ssh-keygen and gpg.
# forms_test.sh SIFCTL SIF-SIGN SIF-VERIFY
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
SIGN=${2:?} VERIFY=${3:?}
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
accept init
{
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout root.key -out root.pem -days 30 \
    -subj /O=Example/CN=Root -addext keyUsage=critical,keyCertSign,cRLSign
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout inner.key -out inner.csr -subj /O=Example/CN=Inner
  printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign authorityKeyIdentifier=keyid \
    subjectKeyIdentifier=hash >ca.ext
  openssl x509 -req -in inner.csr -CA root.pem -CAkey root.key -set_serial 2 -days 20 -extfile ca.ext -out inner.pem
  printf '%s\n' keyUsage=critical,digitalSignature extendedKeyUsage=codeSigning authorityKeyIdentifier=keyid \
    subjectKeyIdentifier=hash subjectAltName=email:carol@example.org >leaf.ext
  leaf() {   # leaf NAME SUBJECT
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out "$1.csr" -utf8 -subj "$2"
    openssl x509 -req -in "$1.csr" -CA inner.pem -CAkey inner.key -set_serial "0x$RANDOM" -days 10 -extfile leaf.ext -out "$1.pem"
  }
  leaf carol /O=Example/CN=carol
  leaf joerg '/O=Example, Inc/CN=Jörg'
  leaf nobody /
  cat carol.pem inner.pem root.pem >fullchain.pem
  cat inner.pem carol.pem >reversed.pem
  cat carol.pem joerg.pem >two.pem
  for i in carol root; do openssl x509 -in $i.pem -outform DER -out $i.der; done
  openssl pkcs12 -export -inkey carol.key -in carol.pem -passout pass:x -out carol.p12
  openssl crl2pkcs7 -nocrl -certfile fullchain.pem -out chain.p7b
  iconv -f ASCII -t UTF-16 carol.pem >utf16.pem
  sed 's/$/\r/' carol.pem >crlf.pem
  tr '\n' '\r' <carol.pem >cr.pem # as Mac OS 9 ended lines
  { printf '\357\273\277'; cat carol.pem; } >bom.pem
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
  openssl pkey -in rsa.pem -outform DER -out rsa.der
  openssl rsa -in rsa.pem -traditional -outform DER -out rsa1.der
  openssl pkcs8 -topk8 -in rsa.pem -passout pass:pw -outform DER -out rsaenc.der
  openssl pkey -in rsa.pem -pubout -outform DER -out rsapub.der
  openssl genpkey -algorithm ED25519 -out ed.pem
  openssl pkey -in ed.pem -pubout -outform DER -out ed.pub.der
  openssl pkey -in ed.pem -outform DER -out ed.der
} 2>/dev/null
printf pw >pw
gzip -k <carol.pem >carol.gz
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' >lfs.pem
printf '<!DOCTYPE html><html>Log in</html>' >page.pem
make_image() { make_sif "$1" 12 0x4001:1:0:def:hello; }
# An OpenPGP key of version 6, as far as anybody looks who cannot read one.
printf '\306\052\006\144\0\0\0\033\0\0\0\040%032d' 0 >v6.pgp

# Certificates of signers.
cert=cert:$(sha256sum carol.der | cut -d' ' -f1)
for form in carol.pem carol.der fullchain.pem reversed.pem utf16.pem crlf.pem cr.pem bom.pem; do
  accept signer add $form
  says "$cert CN=carol,O=Example"
  accept signer remove "$cert"
done
accept signer add ed.pub.der
says "spki:$(sha256sum ed.pub.der | cut -d' ' -f1)"
before=$(state)
refuse 65 "two.pem: the file holds several certificates that are no CA's; *" signer add two.pem
refuse 65 "carol.p12: *it is a PKCS#12 file (PFX); openssl pkcs12 *-nokeys*" signer add carol.p12
refuse 65 "chain.p7b: *it is a PKCS#7 or CMS file; openssl pkcs7 -print_certs*" signer add chain.p7b
refuse 65 "carol.csr: *it is a certificate request (CSR); *sifctl ca sign-csr*" signer add carol.csr
refuse 65 "carol.key: a private key is in the file; give only the public part" signer add carol.key
refuse 65 "ed.der: *it is a private key; *" signer add ed.der
refuse 65 "carol.gz: *it is compressed (gzip); gzip -d" signer add carol.gz
refuse 65 "lfs.pem: *it is a Git LFS pointer*git lfs pull" signer add lfs.pem
refuse 65 "page.pem: *it is an HTML page; *" signer add page.pem
refuse 65 "v6.pgp: *it is an OpenPGP key of version 5 or 6; images are signed with *version 4*" signer add v6.pgp
openssl rsa -in rsa.pem -RSAPublicKey_out -out pkcs1.pem 2>/dev/null
openssl rsa -in rsa.pem -RSAPublicKey_out -outform DER -out pkcs1.der 2>/dev/null
openssl x509 -in carol.pem -trustout -out trusted.pem
refuse 65 "pkcs1.pem: *it is an RSA public key in PKCS#1; openssl rsa -RSAPublicKey_in *" signer add pkcs1.pem
refuse 65 "pkcs1.der: *it is an RSA public key in PKCS#1; openssl rsa -RSAPublicKey_in *" signer add pkcs1.der
refuse 65 "trusted.pem: *trust settings*; openssl x509 -in FILE -out cert.pem" signer add trusted.pem
refuse 65 "trusted.pem: *trust settings*; openssl x509 -in FILE -out cert.pem" trust add-root trusted.pem
# What signs and encrypts no image.
mkdir foreign
printf 'untrusted comment: minisign public key 1\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n' >foreign/minisign.pub
printf 'untrusted comment: minisign encrypted secret key\nRWRTY0Iy%0200d\n' 0 >foreign/minisign.key
printf 'untrusted comment: signature\nRUQf%096d\ntrusted comment: x\n' 0 >foreign/x.minisig
printf 'age1%058d\n' 0 >foreign/age.pub
printf '# created: 2026-01-01\n# public key: age1%058d\nAGE-SECRET-KEY-1%058d\n' 0 0 >foreign/age.key
printf -- '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n' >foreign/x.sig
chmod 600 foreign/*
named=("minisign.pub:a public key of minisign or signify" "minisign.key:a secret key of minisign or signify" \
  "x.minisig:a signature of minisign or signify" "age.pub:an age recipient (public key)" \
  "age.key:an age identity (secret key)" "x.sig:an OpenSSH signature")
for each in "${named[@]}"; do
  file=foreign/${each%%:*} what=${each#*:}
  refuse 65 "$file: *it is $what; *" signer add "$file"
  refuse 65 "$file: *it is $what; *" key import "$file" --name x
  refuse 65 "$file: *it is $what; *" key import "$file" --name x --public
  refuse 65 "$file: *it is $what; *" trust add-root "$file"
  refuse 65 "$file: *it is $what; *" trust add-crl "$file"
  refuse 65 "$file: *it is $what; *" node trust "$file"
  refuse 65 "$file: *it is $what; *" ca show "$file"
done
for i in {1..17}; do cat carol.pem; done >many.pem
refuse 65 "many.pem: too many PEM blocks: more than 16; take out what is not needed here, or *" signer add many.pem
make_image signer.sif
refuse 65 "signer.sif: *it is a Singularity image (SIF); an image holds signatures and no keys: sif-list *" signer add signer.sif
if command -v gpg >/dev/null; then
  mkdir -m 700 gh
  gpg --homedir gh --batch --quiet --passphrase '' --quick-gen-key a@example.org ed25519 sign never 2>/dev/null
  cp gh/openpgp-revocs.d/*.rev a.rev
  gpgconf --homedir gh --kill all
  refuse 65 "a.rev: *it is the revocation of an OpenPGP key, with gpg's ':' against accidents; *take the ':' *" signer add a.rev
fi
# What reads texts of ours.
for file in carol.pem carol.der carol.p12 carol.gz; do
  what='an X.509 certificate'
  case $file in *.p12) what='a PKCS#12 file (PFX)' ;; *.gz) what='compressed (gzip)' ;; esac
  refuse 78 "$file:*: it is $what; *" policy check $file
  refuse 78 "$file:*: it is $what; *" policy diff $file
  refuse 78 "$file:*: it is $what; *" import shipyard $file
  refuse 78 "$file:*: it is $what; *" test $file
  refuse 78 "sifguard.yaml:*: it is $what *; *" node check $file
done
refuse 65 "carol.pem: *it is an X.509 certificate; give a backup of sifguard" ca restore carol.pem --yes --password-file pw
refuse 65 "carol.p12: *it is a PKCS#12 file (PFX); openssl pkcs12 *" ca show carol.p12
refuse 65 "carol.key: *it is a private key; give a certificate in PEM or DER" ca revoke --yes carol.key --reason keyCompromise
refuse 65 "trusted.pem: *openssl x509 -in FILE -out cert.pem" ca renew trusted.pem --out renewed
check test "$(state)" = "$before"
if command -v ssh-keygen >/dev/null; then
  ssh-keygen -q -t ed25519 -N '' -f ssh
  refuse 65 "ssh.pub: *it is an OpenSSH public key; ssh-keygen -e -m PKCS8*" signer add ssh.pub
  refuse 65 "ssh: *it is an OpenSSH private key; *" signer add ssh
  refuse 65 "ssh: *ssh-keygen -p -m P*" key import ssh --name ssh
fi

# CAs and lists.
accept trust add-root root.der
refuse 65 "carol.p12: *it is a PKCS#12 file (PFX)*" trust add-root carol.p12
refuse 65 "root.pem: *it is an X.509 certificate; give a certificate revocation list" trust add-crl root.pem
refuse 65 "page.pem: *it is an HTML page; *" trust add-crl page.pem

# Keys that images are encrypted for.
for form in rsa.pem rsa.der rsa1.der; do
  accept key import $form --name "k-$form"
  rm -rf "${STORE:?}/keys"/*
done
tr '\n' '\r' <rsa.pem >rsa-cr.pem
accept key import rsa-cr.pem --name k-cr && rm -rf "${STORE:?}/keys"/*
accept key import rsaenc.der --name enc --password-file pw
rm -rf "${STORE:?}/keys"/*
accept key import rsapub.der --name pub --public
rm -rf "${STORE:?}/keys"/*
before=$(state)
refuse 80 "a password is needed for rsaenc.der *" key import rsaenc.der --name x
refuse 65 "carol.der: *it is an X.509 certificate; *" key import carol.der --name x
refuse 65 "rsapub.der: *it is a public key; the private half *" key import rsapub.der --name x
refuse 65 "rsa.der: the file holds a private key*" key import rsa.der --name x --public
refuse 65 "carol.csr: *it is a certificate request*" key import carol.csr --name x
refuse 65 "v6.pgp: *it is an OpenPGP key of version 5 or 6; *" key import v6.pgp --name x
refuse 65 "page.pem: *it is an HTML page*" key import page.pem --name x
check test "$(state)" = "$before"
refuse 65 "rsa.pem: *it is a private key; give a certificate in PEM or DER" node trust rsa.pem
printf longenough >longpw
refuse 65 "not a backup of sifctl*it is an X.509 certificate; give a backup of sifguard" restore carol.pem --password-file longpw

# sif-sign and sif-verify.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
cat inner.pem root.pem >cas.pem
signs() {   # signs ARGUMENTS…
  checks=$((checks + 1))
  "$SIGN" "$@" >"$OUT" 2>"$ERR" </dev/null || wrong "sif-sign $*"
}
fails() {   # fails PROGRAM PATTERN ARGUMENTS…
  local program=$1 pattern=$2
  shift 2
  checks=$((checks + 1))
  "$program" "$@" >"$OUT" 2>"$ERR" </dev/null && wrong "succeeded: $*"
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == *$pattern* ]] || wrong "stderr does not contain: $pattern"
}
chmod 600 ./*.key ./*.der ./*.pem
make_image image.sif
openssl pkey -in carol.key -outform DER -out carolkey.der && chmod 600 carolkey.der
signs --key carolkey.der --certificate fullchain.pem --ca root.der image.sif
for form in fullchain.pem carol.der bom.pem cr.pem; do
  checks=$((checks + 1))
  "$VERIFY" --certificate $form --ca root.der --intermediates cas.pem image.sif >"$OUT" 2>"$ERR" || wrong "sif-verify $form"
done
fails "$SIGN" "carol.p12: *it is a PKCS#12 file (PFX); openssl pkcs12 *-nocerts*" --key carol.p12 image.sif
fails "$SIGN" "carol.pem: *it is an X.509 certificate; *" --key carol.pem image.sif
fails "$SIGN" "page.pem: *it is an HTML page*" --key carol.key --certificate page.pem image.sif
fails "$VERIFY" "carol.p12: *it is a PKCS#12 file (PFX)*" --certificate carol.p12 --ca root.pem image.sif
for each in "${named[@]}"; do
  fails "$SIGN" "it is ${each#*:}; " --key "foreign/${each%%:*}" image.sif
  fails "$VERIFY" "it is ${each#*:}; " --public-key "foreign/${each%%:*}" image.sif
  fails "$VERIFY" "it is ${each#*:}; " --pgp-key "foreign/${each%%:*}" image.sif
  fails "$VERIFY" "it is ${each#*:}; " --public-key ed.pub.der "foreign/${each%%:*}"
done
fails "$VERIFY" "carol.pem: *openssl x509 *-pubkey*" --public-key carol.pem image.sif
fails "$VERIFY" "not a SIF image*it is compressed (gzip)" --public-key ed.pub.der carol.gz
fails "$VERIFY" "it is a Git LFS pointer" --public-key ed.pub.der lfs.pem

# Names that are printed are names that are taken.
make_image named.sif
signs --key joerg.key --certificate joerg.pem named.sif
name=$(grep -o 'x509:.*' "$OUT")
check test "$name" = 'x509:subject:CN=J\C3\B6rg,O=Example\, Inc'
accept signer add joerg.pem
accept image bind joerg --match /joerg --signer "$name" --everyone
make_image nameless.sif
signs --key nobody.key --certificate nobody.pem nameless.sif
name=$(grep -o 'x509:.*' "$OUT")
check test "$name" = x509:san:email:carol@example.org
accept signer add nobody.pem
accept image bind nobody --match /nobody --signer "$name" --everyone

# Digits as other programs print them.
spki=$(sha256sum ed.pub.der | cut -d' ' -f1)
colons=$(sed 's/../&:/g; s/:$//' <<<"$spki")
accept image bind colons --match /colons --signer "spki:${colons^^}" --everyone
accept image bind marks --match /marks --signer "spki:"$'\u200e'"0x$spki " --everyone
says "signer spki:$spki"
check grep -c "spki:$spki" "$STORE/images.yaml"
d=$(printf %064x 0xabcdef)
accept image bind ahead --match /ahead --signer $'\u200e'"SPKI:"$'\u00a0'"$spki" --everyone --digest $'\u200b'"SHA256 Fingerprint=$(sed 's/../&:/g; s/:$//' <<<"${d^^}")"
says "signer spki:$spki"
says "digest sha256:$d"
accept image bind plain --match /plain --signer "spki:$spki" --everyone --digest "sha256:$d"
check test "$(cat "$OUT")" = "bound plain"
sifctl signer retire $'\u200e'"spki:"$'\u200b'"${colons^^}"$'\u00a0'
says "spki:$spki"
sifctl signer restore "SPKI: $spki"
says "spki:$spki"
# Whose digits they are is told by the words around them.
thumb=$(openssl x509 -in carol.pem -noout -fingerprint -sha1)
for each in "$thumb" "sha1:$(sed 's/.*=//; s/://g' <<<"$thumb")"; do
  refuse 64 "not an OpenPGP fingerprint: '*' says that it is of a certificate; *" signer remove "$each"
  refuse 64 "not an OpenPGP fingerprint: '*' says that it is of a certificate; *" image bind y --match /y --signer "$each" --everyone
done
accept signer add carol.pem
sifctl signer retire "$(openssl x509 -in carol.pem -noout -fingerprint -sha256)"
says "$cert: active -> retired"
refuse 64 "*not a digest: *" image bind y --match /y --signer "spki:$spki" --everyone --digest "sha512:$d"
refuse 64 "*is not the id of a public key*" image bind x --match /x --signer "spki:${spki:1}" --everyone
accept trust list
id=$(awk '$1 == "root" { print $2 }' "$OUT")
accept trust remove $'\u200e'"0x$(sed 's/../& /g' <<<"$id")"
says "removed root $id"
