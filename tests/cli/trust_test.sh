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
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out e3.key
openssl pkey -in e3.key -pubout -out e3.pem
openssl genpkey -quiet -algorithm ED448 -out ed448.key
openssl pkey -in ed448.key -pubout -out ed448.pem
cat root.pem inner.pem >both.pem

# signers
spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
cert=cert:$(openssl x509 -in carol.pem -outform DER | sha256sum | cut -d' ' -f1)
accept signer add raw.pem --label "build host"
says "added $spki build host"
accept signer add raw.pem --label "build host"
says "$spki*is in the keystore already: no change"
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
refuse 66 "no signer x509:subject:O=Example,CN=carol in the keystore*; one has these parts in another order: write 'x509:subject:CN=carol,O=Example'" \
  image bind dave --match /d --signer x509:subject:O=Example,CN=carol --everyone
refuse 66 "no signer x509:subject:O=Example,CN=dave in the keystore*; add it with sifctl signer add" image bind dave --match /d --signer x509:subject:O=Example,CN=dave --everyone
refuse 66 "no signer x509:subject:CN=dave,O=Example in the keystore*" image bind dave --match /d --signer x509:subject:/O=Example/CN=dave --everyone
refuse 64 "*does not name a signer*" image bind cert --match /d --signer "$cert" --everyone
refuse 65 "weak.pem: the RSA key has 1024 bits*" signer add weak.pem
# RSA with the exponent 3: at every door, in the same words.
small="the RSA key's exponent is less than 65537"
openssl req -x509 -new -key e3.key -out e3-root.pem -subj /CN=small -days 30 2>/dev/null
openssl req -x509 -new -key weak.key -out weak-root.pem -subj /CN=short -days 30 2>/dev/null
openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out e3-pss.key
openssl req -x509 -new -key e3-pss.key -out e3-pss-root.pem -subj /CN=pss -days 30 2>/dev/null
refuse 65 "e3-pss-root.pem: the key of 'CN=pss' is too weak; *" trust add-root e3-pss-root.pem
refuse 65 "e3.pem: $small; *" signer add e3.pem
refuse 65 "e3-root.pem: the certificate's key is too weak: $small; *" signer add e3-root.pem
refuse 65 "e3-root.pem: the key of 'CN=small' is too weak; *" trust add-root e3-root.pem
refuse 65 "weak-root.pem: the key of 'CN=short' is too weak; *" trust add-root weak-root.pem
refuse 65 "$small; *" key import e3.key --name small
refuse 65 "$small; *" key import e3.pem --public --name small
refuse 65 "ed448.pem: *" signer add ed448.pem
refuse 65 "raw.key: *private key*" signer add raw.key
refuse 65 "both.pem: *" signer add both.pem
refuse 65 "nobody.pem: the certificate names nobody*" signer add nobody.pem
refuse 64 "carol.pem: a certificate has a name of its own*" signer add carol.pem --label x
refuse 64 "raw.pem: --fingerprint is for OpenPGP keys*" signer add raw.pem --fingerprint 0000
refuse 64 "*" signer remove "${spki:0:20}"
check test "$(state)" = "$before"
# One that a keystore has from before is read, and told.
e3=spki:$(openssl pkey -in e3.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
cp -r "$STORE/image-signers/${spki/:/-}" "$STORE/image-signers/${e3/:/-}"
sed -i "s/$spki/$e3/" "$STORE/image-signers/${e3/:/-}/meta.json"
cp e3.pem "$STORE/image-signers/${e3/:/-}/key.pem"
accept signer list && says "$e3"
sifctl doctor
says "no signature of 'build host' counts any more: $small; add another key of the signer's, and sifctl signer remove this"
accept signer remove "$e3"
check test "$(state)" = "$before"

# Certificates that no launch will ever take.
unfit() { [[ $(cat "$ERR") == "sifctl: "$1 ]] || wrong "stderr is not: $1"; }
issue server root "/O=Example/CN=server" extendedKeyUsage=serverAuth authorityKeyIdentifier=keyid
issue strange root "/O=Example/CN=strange" extendedKeyUsage=codeSigning authorityKeyIdentifier=keyid 1.2.3.4=critical,ASN1:UTF8String:x
issue badku root "/O=Example/CN=badku" extendedKeyUsage=codeSigning keyUsage=keyAgreement authorityKeyIdentifier=keyid
check "$SIFCTL" --keystore "$STORE" signer add server.pem
unfit "server.pem: no launch will take it: it is not for code signing"
check "$SIFCTL" --keystore "$STORE" signer add strange.pem
unfit "strange.pem: * unhandled critical extension"
check "$SIFCTL" --keystore "$STORE" signer add badku.pem
unfit "badku.pem: * is not for digital signatures"
check "$SIFCTL" --keystore "$STORE" image bind server --match /server --signer x509:subject:CN=server,O=Example --everyone
unfit "no signature of x509:subject:CN=server,O=Example will ever count: its certificate is not for code signing"
check "$SIFCTL" --keystore "$STORE" policy check "$STORE/images.yaml"
unfit "no signature of x509:subject:CN=server,O=Example will ever count: *"
sifctl doctor --plugstack /dev/null
says "no signature of 'CN=server,O=Example' will ever count: the certificate is not for code signing"
says "no signature of 'CN=carol,O=Example' counts now: the certificate has no chain to a trusted root"

# A key that is lost is lost under every name; a certificate that is superseded is not a key.
again() { # again NAME: another certificate of carol's key
  printf '%s\n' extendedKeyUsage=codeSigning subjectAltName=email:carol@example.org >"$1.ext"
  openssl req -new -key carol.key -out "$1.csr" -subj "/O=Example/CN=carol" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA inner.pem -CAkey inner.key -CAcreateserial -days "$2" -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
again carol2 21 && again carol3 22
openssl pkey -in carol.key -pubout -out carol.pub
kept=$STORE STORE=$WORK/samekey
accept init
id() { echo "cert:$(openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1)"; }
accept signer add carol.pem
accept signer revoke --yes "$(id carol.pem)" --reason superseded
accept signer add carol2.pem
accept signer add carol.pub
checks=$((checks + 1))
sifctl signer revoke --yes "$(id carol2.pem)" --reason keyCompromise || wrong "signer revoke failed"
raw=spki:$(openssl pkey -pubin -in carol.pub -outform DER | sha256sum | cut -d' ' -f1)
check bash -c "grep -q '\"state\": \"revoked\"' '$STORE/image-signers/${raw/:/-}/meta.json'"
refuse 77 "carol3.pem: its key is that of the signer *, which is revoked (keyCompromise); ask the signer for a new key*" signer add carol3.pem
check test "$("$SIFCTL" --keystore "$STORE" signer list | grep -c revoked)" = 3
accept signer add raw.pem
# One of two certificates of a name goes: bindings that know the signer by that name have the other.
STORE=$WORK/twocerts
accept init
accept signer add carol.pem
accept signer add carol2.pem
accept image bind two --match /two --signer x509:subject:CN=carol,O=Example --everyone
checks=$((checks + 1))
sifctl signer remove "$(id carol.pem)" || wrong "signer remove failed"
grep -q "the binding 'two' still names this signer; another certificate of that name stays" "$ERR" || wrong "no word of the other certificate"
checks=$((checks + 1))
sifctl signer remove "$(id carol2.pem)" || wrong "signer remove failed"
grep -q "the binding 'two' still names this signer, and refuses now" "$ERR" || wrong "no word of the binding that refuses"
STORE=$kept

# trust
accept trust list
says "KIND"
accept trust add-root root.pem
says "added root"
accept trust add-root root.pem
says "is in the keystore already: no change"
accept trust add-intermediate both.pem
says "CN=Inner,O=Example"
accept trust add-crl crl.pem
says "added crl"
accept trust add-crl crl.der
says "is in the keystore already: no change"
# Lists of other scopes, and what no launch would take.
rivals() {   # rivals: another CA of root's name
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout rival.key -out rival.pem \
    -subj /O=Example/CN=Root -days 30 2>/dev/null
}
rivals
scoped() {   # scoped OUT SECTION OPTION…: a list of root with that extension
  local out=$1 extension=$2
  shift 2
  printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'default_md=sha256' '[e]' "$extension" \
    '[i]' 'fullname=URI:http://crl.example.org/a.crl' '[u]' 'onlyuser=TRUE' >scoped.cnf
  openssl ca -config scoped.cnf -gencrl -keyfile root.key -cert root.pem -crlexts e -out "$out" -crldays 7 "$@" 2>/dev/null
}
scoped shard.pem 'issuingDistributionPoint=critical,@i'
scoped users.pem 'issuingDistributionPoint=critical,@u'
scoped delta.pem '2.5.29.27=critical,ASN1:INTEGER:1'
scoped strange.pem '1.2.3.4=critical,ASN1:INTEGER:1'
scoped weak.crl '2.5.29.20=ASN1:INTEGER:9' -md sha1
scoped low.pem '2.5.29.20=ASN1:INTEGER:0'
scoped future.pem '2.5.29.20=ASN1:INTEGER:9' -crl_lastupdate 20400101000000Z -crl_nextupdate 20410101000000Z
openssl ca -config crl.cnf -gencrl -keyfile rival.key -cert rival.pem -out foreign.pem -crldays 7 2>/dev/null
openssl ca -config crl.cnf -gencrl -keyfile inner.key -cert inner.pem -out nosign.pem -crldays 7 2>/dev/null
authority other "/O=Example/CN=Other"
openssl ca -config crl.cnf -gencrl -keyfile other.key -cert other.pem -out other.crl -crldays 7 2>/dev/null
before=$(state)
refuse 65 "foreign.pem: the revocation list of 'CN=Root,O=Example' is not signed by its issuer's key*" trust add-crl foreign.pem
refuse 65 "delta.pem: * is a delta list*" trust add-crl delta.pem
refuse 65 "strange.pem: * has the unknown critical extension 1.2.3.4*" trust add-crl strange.pem
refuse 65 "weak.crl: * is signed with a weak algorithm*" trust add-crl weak.crl
refuse 65 "nosign.pem: * lacks cRLSign*" trust add-crl nosign.pem
refuse 65 "future.pem: * is dated in the future*clocks*" trust add-crl future.pem
refuse 65 "other.crl: * is of a CA that the keystore does not know; *add-root*" trust add-crl other.crl
refuse 65 "the keystore has a newer revocation list* has the number 0x0*trust remove *" trust add-crl low.pem
check test "$(state)" = "$before"
noted() {   # noted PATTERN ARGUMENTS…: status 0 and that on stderr
  checks=$((checks + 1))
  sifctl "${@:2}" || wrong "failed: ${*:2}"
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == *$1* ]] || wrong "stderr does not contain: $1"
}
noted "for certificates that name URI:http://crl.example.org/a.crl: for others of 'CN=Root,O=Example' it proves nothing" trust add-crl shard.pem
noted "for certificates of no CA only" trust add-crl users.pem
accept trust list
says "partial"
says "CN=Root,O=Example (for certificates that name URI:http://crl.example.org/a.crl)"
check test "$(ls "$STORE/trust/crls" | wc -l)" = 3   # none took another's place
for list in shard users; do
  id=$(cd "$STORE/trust/crls" && openssl crl -in /dev/null 2>/dev/null; for f in *; do cmp -s <(openssl crl -in "$f" -outform DER) <(openssl crl -in "$WORK/$list.pem" -outform DER) && echo "$f"; done)
  accept trust remove "$id"
done
# As older keystores have it, by the issuer's name: the next takes its place.
named=$(openssl x509 -in root.pem -noout -subject_hash 2>/dev/null | sha256sum | cut -d' ' -f1)
mv "$STORE/trust/crls/"* "$STORE/trust/crls/$named"
list newer.pem -crldays 8
accept trust add-crl newer.pem --dry-run
says "not done: --dry-run; would be replaced: crl ${named:0:16} CN=Root,O=Example by that of 20"
accept trust add-crl newer.pem
says "replaced crl ${named:0:16} CN=Root,O=Example by that of 20"
check test "$(ls "$STORE/trust/crls")" = "$named"
cp newer.pem crl.pem
# Several lists of one CA in one file, in any order, one of them twice: the newest counts.
for order in "old.pem crl.pem newest.pem crl.pem" "newest.pem old.pem crl.pem newest.pem"; do
  list newest.pem -crldays 9
  # shellcheck disable=SC2086
  cat $order >several.pem
  noted "sifctl: an older list of 'CN=Root,O=Example' in several.pem, of 2024-01-01T00:00:00Z, is left out" trust add-crl several.pem
  check cmp -s <(openssl crl -in "$STORE/trust/crls/$named" -outform DER) <(openssl crl -in newest.pem -outform DER)
done
cp newest.pem crl.pem
before=$(state)
cat old.pem low.pem >several.pem
refuse 65 "the keystore has a newer revocation list*" trust add-crl several.pem
check test "$(state)" = "$before"
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
refuse 66 "the keystore trusts nothing with the id*" trust remove 0123456789abcdef
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

# One that a list of the keystore revokes counts no more, whoever names it then.
STORE=$WORK/revoked
accept init
sifctl ca init --subject /O=Example/CN=Own --out own.pem --algorithm p-256 || wrong "no CA"
accept ca issue --signer sue --subject /O=Example/CN=sue --out sue
accept trust add-root own.pem
sifctl ca revoke --yes sue.pem --reason keyCompromise || wrong "not revoked"
accept ca crl --out own.crl
accept trust add-crl own.crl
check "$SIFCTL" --keystore "$STORE" signer add sue.pem
unfit "sue.pem: no launch takes it now: it is revoked by a CRL of CN=Own,O=Example"
check "$SIFCTL" --keystore "$STORE" image bind sue --match /sue --signer x509:subject:CN=sue,O=Example --everyone
unfit "no signature of x509:subject:CN=sue,O=Example counts now: its certificate is revoked by a CRL of CN=Own,O=Example"
check "$SIFCTL" --keystore "$STORE" policy check "$STORE/images.yaml"
unfit "no signature of x509:subject:CN=sue,O=Example counts now: *"

# What counts now of what signers signed: signer list says it, by the rules of a launch
STORE=$WORK/standing
accept init
sifctl ca init --subject /O=Example/CN=Own --out standing.pem --algorithm p-256 || wrong "no CA"
accept ca issue --signer dora --subject /O=Example/CN=dora --out dora
accept ca issue --signer erin --subject /O=Example/CN=erin --out erin
accept signer add dora.pem
accept signer add erin.pem
printf "revocation: 'off'\n" >off.yaml
printf 'revocation: crl\n' >crl.yaml
stands() {   # stands CONFIG DORA ERIN: the words of both
  checks=$((checks + 1))
  sifctl signer list --config "$WORK/$1.yaml"
  [ ! -s "$ERR" ] || wrong "signer list wrote to stderr"
  grep -q "certificate  $2  .*CN=dora" "$OUT" || wrong "dora is not $2"
  grep -q "certificate  $3  .*CN=erin" "$OUT" || wrong "erin is not $3"
}
stands off 'untrusted *' 'untrusted *'
accept trust add-root standing.pem
stands off 'active *' 'active *'
stands crl 'revocation unknown' 'revocation unknown'
sifctl ca revoke --yes erin.pem --reason keyCompromise || wrong "not revoked"
accept ca crl --out erin.crl
accept trust add-crl erin.crl
stands crl 'active *' 'revoked (CRL)'
stands off 'active *' 'active *'
accept signer list --json --config "$WORK/crl.yaml"
says '"now": "revoked (CRL)",
      "counts": "none",
      "why": "is revoked by a CRL of CN=Own,O=Example",
      "until": null'
accept signer retire "$(id dora.pem)"
stands crl 'retired *' 'revoked (CRL)'
accept signer list --json --config "$WORK/crl.yaml"
says '"state": "retired",'
printf 'revocation: perhaps\n' >broken.yaml
checks=$((checks + 1))
sifctl signer list --config "$WORK/broken.yaml" || wrong "a broken configuration refuses"
grep -q "revocation: crl. is taken to count meanwhile" "$ERR" || wrong "nothing is told of a broken configuration"
STORE=$kept
