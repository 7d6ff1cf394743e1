#!/bin/bash
# sifctl bundle import: what is not what the store made, and payloads of a trusted signer that are wrong inside.
# shellcheck disable=SC2154 # bundle.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/bundle.sh"
admin_store
certificate n1 keyAgreement -algorithm EC -pkeyopt ec_paramgen_curve:P-256
certificate n2 keyEncipherment -algorithm RSA -pkeyopt rsa_keygen_bits:2048
accept bundle signer --out site.pem
accept bundle export --node n1.pem --out b1
accept bundle export --node n1.pem --out b2
quiet openssl cms -decrypt -inform DER -binary -in b1 -recip n1.pem -inkey n1.key -out signed.n1
quiet openssl cms -verify -inform DER -binary -in signed.n1 -CAfile site.pem -purpose any -out payload.n1
trusting n1 --key n1.key --certificate n1.pem
accept bundle import b2
for name in cow dog; do accept breakglass grant --user daemon --ttl 1h --reason r --binding $name; done

# What is not what the store made: pieces, flipped bits, other kinds of message.
on "$admin" && accept bundle export --node n1.pem --out b3
on "$n1"
size=$(stat -c %s b3)
for cut in 0 1 100 $((size / 2)) $((size - 17)) $((size - 1)); do
  head -c "$cut" b3 >bad && unchanged 65 "bad: *" bundle import bad
done
(cat b3 && printf x) >bad && unchanged 65 "bad: malformed or truncated CMS message*" bundle import bad
before=$(state)
for i in $(seq 16); do # in the last 90 %, which is one ciphertext and its tag
  cp b3 bad
  at=$((size / 10 + (size - size / 10 - 1) * i / 16))
  printf '%b' "\\x$(printf %02x $((0x$(xxd -s $at -l 1 -p b3) ^ (1 << (i % 8)))))" |
    dd of=bad bs=1 seek=$at conv=notrunc status=none
  check bash -c "! cmp -s bad b3"
  refuse 65 "bad: *" bundle import bad
done
check test "$(state)" = "$before"
seal() { quiet openssl cms -encrypt -binary -aes-256-gcm -outform DER -in "$1" -out bad n1.pem; }
seal payload.n1 && unchanged 65 "bad: malformed or truncated CMS*" bundle import bad
seal signed.n1 && unchanged 65 "bad: the bundle is not newer *" bundle import bad # an honest old one, sealed anew
quiet openssl cms -encrypt -binary -aes-256-cbc -outform DER -in signed.n1 -out bad n1.pem
unchanged 65 "bad: not encrypted by AES-256-GCM *" bundle import bad
unchanged 65 "signed.n1: not encrypted by AES-256-GCM *" bundle import signed.n1
sign() { quiet openssl cms -sign -binary -nodetach -outform DER -in "$1" -signer "$2.pem" -inkey "$2.key" "${@:3}" -out made && seal made; }
certificate other digitalSignature -algorithm EC -pkeyopt ec_paramgen_curve:P-256
sign payload.n1 other && unchanged 65 "bad: its signer is not trusted here; *" bundle import bad
sign payload.n1 n1 && unchanged 65 "bad: its signer is not trusted here; *" bundle import bad
quiet openssl cms -sign -binary -outform DER -in payload.n1 -signer other.pem -inkey other.key -out made && seal made
accept node trust other.pem
unchanged 65 "bad: *" bundle import bad # without the content
sign payload.n1 other -md sha1 && unchanged 65 "bad: its signature has a weak hash" bundle import bad
sign payload.n1 other -signer n1.pem -inkey n1.key
unchanged 65 "bad: what is encrypted has not exactly one signature" bundle import bad

# A trusted signer's payloads that are wrong inside, in the form of an older sifctl, which openssl and a shell can write.
later=$(($(date +%s) + 100000))
manifest() { printf '{"version":1,"store":"0123456789abcdef","serial":%s,"created":1,"recipients":[%s]}' "$1" "${2-"\"$(digits n1.pem)\""}"; }
file() { printf '%s %s\n' "$1" "$(stat -c %s "$2")" && cat "$2" && echo; }
manifest $later >m
printf 'version: 1\ndefault: reject\nimages: []\n' >i
payload() { printf 'sifguard-bundle 1\n' && for pair in "$@"; do file "${pair%%=*}" "${pair#*=}"; done; }
wrongly() { # PATTERN NAME=FILE…
  local pattern=$1
  shift
  payload "$@" >p && sign p other && unchanged 65 "bad: $pattern" bundle import bad
}
wrongly "the bundle: the bundle lacks manifest" images.yaml=i
wrongly "the bundle: the bundle lacks images.yaml" manifest=m
wrongly "the bundle's file manifest is repeated, *" manifest=m manifest=m images.yaml=i
# Of an administration host that is a release ahead.
newer="if a newer sifguard has written it, install at least that release here"
wrongly "the bundle: the bundle has a file that is not known: seal.yaml; $newer" manifest=m images.yaml=i seal.yaml=i
manifest $later | sed 's/"version":1,/"version":2,"more":{},/' >m1
wrongly "the bundle: manifest: unknown version 2; $newer" manifest=m1 images.yaml=i
manifest $later | sed 's/"version":1,/"version":0,/' >m1
wrongly "the bundle: manifest: unknown version 0" manifest=m1 images.yaml=i
sed 's/1/2/; s/default/more: x\ndefault/' i >i1
wrongly "the bundle: images.yaml:1: version: 2 is out of range; $newer" manifest=m images.yaml=i1
wrongly "the bundle: images.yaml*" manifest=m images.yaml=m
wrongly "the bundle: revoked.yaml: *" manifest=m images.yaml=i revoked.yaml=i
wrongly "the bundle: keys/../ does not name a key" manifest=m images.yaml=i keys/../x=i
wrongly "the bundle: signers/x/ does not name a signer" manifest=m images.yaml=i signers/x/key=i
wrongly "the bundle: trust/root/x has no place there" manifest=m images.yaml=i trust/root/x=i
manifest $later "" >m1 && wrongly "the bundle: manifest: no recipients" manifest=m1 images.yaml=i
manifest $later '"00"' >m1 && wrongly "the bundle: manifest: bad recipients" manifest=m1 images.yaml=i
manifest $later "\"$(digits n2.pem)\"" >m1 && wrongly "the bundle was made for other nodes: *" manifest=m1 images.yaml=i
printf '{"version":1,"store":"0123456789abcdef","serial":%s,"created":1}' $later >m1
wrongly "the bundle: manifest*recipients*" manifest=m1 images.yaml=i
manifest 0 >m1 && wrongly "the bundle: manifest: bad serial" manifest=m1 images.yaml=i
# One that does not say when it was exported is not taken, whatever its serial and whoever vouches for a clock.
for now in 100 $later; do
  manifest $now | sed 's/"created":1,//' >m1 && wrongly "the bundle: manifest: *'created'*" manifest=m1 images.yaml=i
  for when in 0 -1 1.5 '"1"' null; do
    manifest $now | sed "s/\"created\":1,/\"created\":$when,/" >m1 && wrongly "the bundle: manifest*created*" manifest=m1 images.yaml=i
    unchanged 65 "bad: the bundle: manifest*created*" bundle import bad --accept-clock
  done
done
k=$(grep -ao 'keys/[0-9a-f]*/private.pem' payload.n1 | head -n 1 | cut -d/ -f2)
part() { # of the payload, an archive (keystore/store/archive.h): NAME
  python3 - "$1" <<'PY'
import struct, sys
data, at = open("payload.n1", "rb").read(), 20
while at < len(data):
    size = struct.unpack_from(">H", data, at)[0]
    name = data[at + 2:at + 2 + size].decode()
    length = struct.unpack_from(">I", data, at + 4 + size)[0]
    at += 8 + size + length
    if name == sys.argv[1]:
        sys.stdout.buffer.write(data[at - length:at])
PY
}
part "keys/$k/meta.yaml" >meta && part "keys/$k/public.pem" >public && part "keys/$k/private.pem" >private && part "keys/$k/cert.pem" >cert
quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out stranger
wrongly "the bundle: keys/$k/private.pem is the private half of another key" manifest=m images.yaml=i \
  keys/$k/meta.yaml=meta keys/$k/public.pem=public keys/$k/cert.pem=cert keys/$k/private.pem=stranger
openssl pkey -in stranger -pubout >stranger.pub
wrongly "the bundle: keys/$k/public.pem is another key" manifest=m images.yaml=i \
  keys/$k/meta.yaml=meta keys/$k/public.pem=stranger.pub keys/$k/cert.pem=cert keys/$k/private.pem=stranger
printf 'sifguard-bundle 1\nmanifest 9999\nx\n' >p && sign p other && unchanged 65 "bad: the bundle's file manifest has not the size *" bundle import bad
echo hello >p && sign p other && unchanged 65 "bad: not a bundle, *" bundle import bad
printf 'SGARCH2\n' >p && sign p other && unchanged 65 "bad: not a bundle, or one of a later sifguard" bundle import bad
head -c 100 payload.n1 >p && sign p other && unchanged 65 "bad: the bundle is malformed: it is truncated" bundle import bad
{ cat payload.n1 && echo; } >p && sign p other && unchanged 65 "bad: the bundle is malformed: something follows its end" bundle import bad
# and one that is right: made by openssl alone
payload manifest=m images.yaml=i keys/$k/meta.yaml=meta keys/$k/public.pem=public keys/$k/cert.pem=cert keys/$k/private.pem=private >p
sign p other && noted "the break-glass grant bg-* of user daemon is void: the binding 'dog' *" bundle import bad && says "serial $later of store 0123456789abcdef: 0 bindings, 1 key, 0 signers"
again bad "$later" && cp bad right
# another of its serial
payload manifest=m images.yaml=i >p && sign p other && unchanged 65 "bad: the bundle is not newer *" bundle import bad
unchanged 65 "bad: the bundle is not newer *" bundle import --dry-run bad
# Signers count apart, and stores by their names, too.
accept node show --json && says "\"signer\": \"$(digits other.pem)\""
manifest 1 >m1 && wrongly "the bundle is not newer *" manifest=m1 images.yaml=i
site_store=$(sed 's/.*{"signer":"'"$(digits site.pem)"'","store":"\([0-9a-f]*\)".*/\1/' "$n1/bundle.json")
manifest 1 | sed "s/0123456789abcdef/$site_store/" >m1 && wrongly "the bundle is not newer *" manifest=m1 images.yaml=i
unchanged 65 "b2: the bundle is not newer *" bundle import b2
accept bundle import b3 && says "of store $site_store: "
accept breakglass list && says " void   dog " # its binding was gone for a while
check test -z "$(grep active "$OUT")"
again b3 "$(sed 's/.*"imported":\([0-9]*\),.*/\1/' "$n1/bundle.json")"
accept bundle show b3 && says "state * is what was imported last"
unchanged 65 "right: the bundle is not newer *" bundle import right # the last of its signer, but not what is here
accept node distrust "$(openssl x509 -in other.pem -outform DER | sha256sum | cut -c1-64)"
unchanged 66 "not trusted: '00'; *" node distrust 00
manifest $((later + 1)) >m && payload manifest=m images.yaml=i >p && sign p other
unchanged 65 "bad: its signer is not trusted here; *" bundle import bad
