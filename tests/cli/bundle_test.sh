#!/bin/bash
# sifctl node and bundle: between stores of this test, and between sifctl and openssl cms.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
admin=$WORK/admin/store n1=$WORK/n1/store n2=$WORK/n2/store n3=$WORK/n3/store
mkdir -m 700 admin n1 n2 n3
on() { STORE=$1; }
unchanged() { # STATUS PATTERN ARGUMENTS…: refused, and the keystore is as it was
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
quiet() { "$@" 2>>openssl.log || { checks=$((checks + 1)); : >"$OUT"; cp openssl.log "$ERR"; wrong "failed: $*"; }; }
certificate() { # NAME KEYUSAGE openssl genpkey's ARGUMENTS…: NAME.key and NAME.pem
  quiet openssl genpkey -out "$1.key" "${@:3}"
  quiet openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -addext "keyUsage=critical,$2" -out "$1.pem"
}
digits() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
serial() { sed -n 's/^serial \([0-9]*\) .*/\1/p' "$OUT"; }

# The admin's keystore: two bindings with a key and a signer each, a revoked digest.
on "$admin"
accept init
for name in cow dog; do
  quiet openssl genpkey -algorithm ed25519 -out $name.signer.key
  quiet openssl pkey -in $name.signer.key -pubout -out $name.signer.pem
  accept signer add $name.signer.pem
  accept key create $name --bits 2048
done
mapfile -t signers < <("$SIFCTL" --keystore "$admin" signer list | awk 'NR > 1 { print $1 }')
accept image bind cow --match /cow.sif --signer "${signers[0]}" --key cow --allow-user root
accept image bind dog --match /dog.sif --signer "${signers[1]}" --key dog --allow-user root
check "$SIFCTL" --keystore "$admin" key rotate cow --name cow-2
accept digest revoke "sha256:$(printf %064d 1)" --reason old

# Nodes: n1 with an EC key of openssl's, n2 with an RSA one, n3 with one of its own.
certificate n1 keyAgreement -algorithm EC -pkeyopt ec_paramgen_curve:P-256
certificate n2 keyEncipherment -algorithm RSA -pkeyopt rsa_keygen_bits:2048
certificate weak keyEncipherment -algorithm RSA -pkeyopt rsa_keygen_bits:1024
certificate ed digitalSignature -algorithm ed25519
certificate nouse digitalSignature -algorithm RSA -pkeyopt rsa_keygen_bits:2048
for node in n1 n2 n3; do on "$WORK/$node/store" && accept init; done
on "$n1"
refuse 78 "n1.pem: $n1 has no key of a node; *" bundle import n1.pem
unchanged 64 "--certificate wants --key too" node init --certificate n1.pem
unchanged 65 "n1.pem is not the certificate of n2.key" node init --key n2.key --certificate n1.pem
unchanged 65 "*fewer than 2048 bits*" node init --key weak.key
unchanged 65 "*neither RSA nor EC" node init --key ed.key
unchanged 65 "*key usage*" node init --key nouse.key --certificate nouse.pem
accept node init --key n1.key --certificate n1.pem --out n1.copy.pem
says "node certificate: $(openssl x509 -in n1.pem -outform DER | sha256sum | cut -c1-64)"
check cmp n1.pem n1.copy.pem
: >taken.pem # told before there is another key, which nothing opens that was made for this one
unchanged 73 "taken.pem exists already; *" node init --replace --out taken.pem
mkdir taken.d
unchanged 66 "cannot write beside none/n1.pem: *" node init --replace --out none/n1.pem
unchanged 73 "taken.d exists already; *" node init --replace --out taken.d
unchanged 73 "this node has a key already; *" node init
refuse 73 "*" node show --out n1.pem
accept node show && says "key               EC 256"
check bash -c "! grep -rl 'PRIVATE KEY' '$n1'"
check test "$(stat -c %a "$n1"/own/node-*/private.key)" = 600
on "$n2" && accept node init --key n2.key --name n2 --out n2.pem2 && mv n2.pem2 n2.pem
on "$n3" && accept node init --type rsa --out n3.pem
check bash -c "openssl x509 -in n3.pem -noout -ext keyUsage | grep -q 'Key Encipherment'"
accept node init --replace --out n3.new.pem && mv n3.new.pem n3.pem
check bash -c "openssl x509 -in n3.pem -noout -ext keyUsage | grep -q 'Key Agreement'"
check test "$(find "$n3/own" -name 'node-*' | wc -l)" = 1

# Export
on "$admin"
for bad in weak ed nouse; do refuse 65 "$bad.pem: *" bundle export --node $bad.pem --out b; done
refuse 66 "there is no binding 'ox'; *" bundle export --node n1.pem --only ox --out b
refuse 66 "cannot open missing: *" bundle export --node missing --out b
refuse 64 "--node is required; *" bundle export --out b
check test ! -e b
accept bundle signer --out site.pem && says "$(openssl x509 -in site.pem -outform DER | sha256sum | cut -c1-64)"
accept bundle signer --out - && check test "$(cat "$OUT")" = "$(cat site.pem)"
accept bundle export --node n1.pem n2.pem --out b1 && says ": 2 bindings, 3 keys, 2 signers" && s1=$(serial)
refuse 73 "*" bundle export --node n1.pem --out b1
accept bundle export --node n1.pem n2.pem --out b2 && s2=$(serial)
check test "$s2" -gt "$s1"
accept bundle export --node n1.pem --only dog --out only && says ": 1 binding, 1 key, 1 signer"
check bash -c "! grep -aq -e cow -e 'PRIVATE KEY' only"

# What --only leaves out must not have denied what it takes along.
accept image bind guard --match '/**' --signer "${signers[1]}" --everyone --deny-user root
sifctl explain --user root --image /dog.sif
says "refused  binding 'guard' denies user root"
noted() { # PATTERN ARGUMENTS…: done, with one line on stderr
  checks=$((checks + 1))
  sifctl "${@:2}" || wrong "failed: ${*:2}"
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == "sifctl: "$1 ]] || wrong "stderr is not: $1"
}
noted "the bundle has other bindings, too, *: guard" bundle export --node n1.pem --only dog --out guarded
says ": 2 bindings, 1 key, 1 signer"
accept bundle export --node n1.pem --only dog --out guarded --force --json && says '"guard"'
quiet openssl cms -decrypt -inform DER -binary -in guarded -recip n1.pem -inkey n1.key -out signed
quiet openssl cms -verify -inform DER -binary -in signed -CAfile site.pem -purpose any -out payload
check bash -c "grep -a -A 1 'name: \"*guard' payload | grep -qF '/dog.sif'"
check bash -c "! grep -aqF '/**' payload"
check bash -c "! grep -aq cow payload"
cp -a "$n1" n1/guarded && on "$WORK/n1/guarded" && accept node trust site.pem && accept bundle import guarded
sifctl explain --user root --image /dog.sif
says "refused  binding 'guard' denies user root"
sifctl explain --user root --image /other.sif
says "refused  no binding is for the image /other.sif"
rm -r n1/guarded
on "$admin" && accept image unbind guard

# openssl opens it, and what is inside is what it should be.
for node in n1 n2; do
  quiet openssl cms -decrypt -inform DER -binary -in b1 -recip $node.pem -inkey $node.key -out signed.$node
  quiet openssl cms -verify -inform DER -binary -in signed.$node -CAfile site.pem -purpose any -out payload.$node
done
check cmp payload.n1 payload.n2
check bash -c "openssl cms -cmsout -print -inform DER -in b1 | grep -q 'aes-256-gcm'"
check bash -c "openssl cms -cmsout -print -inform DER -in b1 | grep -q 'rsaesOaep'"
check test "$(head -c 7 payload.n1)" = SGARCH1
check test "$(grep -ao 'keys/[0-9a-f]*/private.pem' payload.n1 | wc -l)" = 3
check bash -c "! openssl cms -decrypt -inform DER -binary -in b1 -recip n3.pem -inkey n2.key -out x 2>/dev/null"

# Import
on "$n1"
unchanged 78 "b1: no signer of bundles is trusted here; *" bundle import b1
accept node trust site.pem && says "takes bundles of"
accept node trust site.pem && says "are taken already: no change"
before=$(state)
accept bundle import b1 --dry-run && says "not imported: --dry-run"
check test "$(state)" = "$before"
accept bundle import b1 && says "serial $s1 "
check cmp "$n1/images.yaml" "$admin/images.yaml"
for name in cow cow-2 dog; do
  "$SIFCTL" --keystore "$admin" key export-public $name >expected
  accept key export-public $name && check test "$(cat "$OUT")" = "$(cat expected)"
done
check cmp <("$SIFCTL" --keystore "$n1" key list) <("$SIFCTL" --keystore "$admin" key list)
check cmp <("$SIFCTL" --keystore "$n1" signer list) <("$SIFCTL" --keystore "$admin" signer list)
check cmp <("$SIFCTL" --keystore "$n1" digest list) <("$SIFCTL" --keystore "$admin" digest list)
accept explain --user root --image /cow.sif && says "allowed"
check "$SIFCTL" --keystore "$n1" key suspend dog # so private halves open under this node's own store key
accept reseal
accept node show --json && says "\"imported_serial\": $s1"
accept audit verify --changes && says "whole: "
check test "$(ls -A n1)" = store
on "$n2" && accept node trust site.pem && accept bundle import b2 --json && says "\"serial\": $s2"

# The same one again changes nothing, whoever it is encrypted for; of a node that knows its serial alone it is refused.
again() { # FILE SERIAL: it is what was imported last
  local before
  before=$(state)
  accept bundle import "$1" && says "serial $2 of store * is what was imported last: no change"
  accept bundle import "$1" --dry-run && says ": no change"
  accept bundle import "$1" --json && says '"changed": false'
  check test "$(state)" = "$before"
  check grep -q '"event":"unchanged"' <(tail -n 1 "$STORE/audit.jsonl")
}
again b2 "$s2"
openssl cms -decrypt -inform DER -binary -in b2 -recip n2.pem -inkey n2.key -out inner &&
  quiet openssl cms -encrypt -binary -aes-256-gcm -outform DER -in inner -out anew -recip n2.pem -keyopt rsa_padding_mode:oaep && again anew "$s2"
cp "$n2/bundle.json" kept && sed -i 's/"version":5/"version":4/; s/"content":"[0-9a-f]*",//' "$n2/bundle.json"
unchanged 65 "b2: the bundle is not newer than the one that was imported last: *" bundle import b2
cp kept "$n2/bundle.json"

# Rollback
unchanged 65 "b1: the bundle is not newer than the one that was imported last: *" bundle import b1
on "$n1" && accept bundle import b2
unchanged 65 "b1: the bundle is not newer *" bundle import b1
accept bundle import only
refuse 66 "no key 'cow' *" key show cow
check test "$("$SIFCTL" --keystore "$n1" image list | awk 'NR > 1 { print $1 }')" = dog
accept explain --user root --image /dog.sif && says "allowed"
echo '{"version":1}' >"$n1/bundle.json.bad" && cp "$n1/bundle.json" kept
cp "$n1/bundle.json.bad" "$n1/bundle.json" && refuse 78 "b2: $n1/bundle.json: *" bundle import b2
cp kept "$n1/bundle.json" && rm "$n1/bundle.json.bad"

# Break-glass stays where it is granted: a bundle neither brings nor takes it, and who grants is told so.
grant=(breakglass grant --user daemon --ttl 1h --reason r)
on "$admin" && noted "nodes that take their keystore from bundles do not get this: *" "${grant[@]}" --binding cow
accept bundle export --node n1.pem --out leave
on "$n1" && accept "${grant[@]}" --binding dog && accept bundle import leave
accept breakglass list && says " dog "
check test -z "$(grep ' cow ' "$OUT")"
accept explain --user daemon --image /dog.sif && says "break-glass "
accept bundle export --node n1.pem --out onwards # a node that has nodes of its own
noted "nodes that take their keystore from bundles *" "${grant[@]}" --binding cow

# What was revoked or destroyed for good on a node stays so, whatever a store brings that does not know.
n4=$WORK/n4/store && mkdir -m 700 n4 && on "$n4" && accept init
accept node init --out n4.pem && accept node trust site.pem
on "$admin" && accept bundle export --node n4.pem --out first
on "$n4" && accept bundle import first
for step in "signer revoke --yes ${signers[0]} --reason superseded" "key revoke --yes cow --reason keyCompromise" "key revoke --yes dog --reason superseded" \
  "key suspend cow-2"; do
  # shellcheck disable=SC2086 # words
  check "$SIFCTL" --keystore "$n4" $step
done
check "$SIFCTL" --keystore "$n4" key destroy dog --yes
on "$admin" && accept bundle export --node n4.pem --only cow --out some && accept bundle export --node n4.pem --out all
on "$n4"
accept bundle import some --dry-run && says "the signer ${signers[0]} stays revoked (superseded), as it was here; the bundle does not know"
accept bundle import some
says "the signer ${signers[0]} stays revoked (superseded), as it was here; the bundle does not know"
says "the key 'cow' stays revoked, as it was here; the bundle does not know"
says "the key 'cow-2', suspended here, is active in the bundle"
accept bundle import all --json && says "the key 'dog' stays destroyed, as it was here; the bundle does not know"
states() { "$SIFCTL" --keystore "$n4" "$1" list | awk -v name="$2" '$0 ~ name { print }'; }
check bash -c "grep -q revoked <<<'$(states signer "${signers[0]}")'"
check bash -c "grep -q active <<<'$(states signer "${signers[1]}")'"
check bash -c "grep -q revoked <<<'$(states key '^cow ')'"
check bash -c "grep -q destroyed <<<'$(states key '^dog ')'"
check bash -c "grep -q active <<<'$(states key '^cow-2 ')'"
check test "$(find "$n4/keys" -name private.key | wc -l)" = 1

# Images: what the node revoked stays, what a bundle revoked follows the next one. A retirement follows it, and is told.
here=sha256:$(printf %064d 7) theirs=sha256:$(printf %064d 8)
on "$admin" && accept digest revoke "$theirs" --reason site && accept bundle export --node n4.pem --out with
on "$n4" && accept bundle import with
accept digest revoke "$here" --reason here
check "$SIFCTL" --keystore "$n4" signer retire "${signers[1]}"
on "$admin" && accept digest restore "$theirs" && accept bundle export --node n4.pem --out without
accept bundle export --node n4.pem --out again
on "$n4"
for option in "--dry-run" ""; do
  # shellcheck disable=SC2086
  accept bundle import without $option
  says "the image $here stays revoked, as it was here; the bundle does not know"
  says "the image $theirs, revoked by an earlier bundle, may run again"
  says "the signer ${signers[1]}, retired here since 20*Z, is active in the bundle"
done
accept digest list && says "$here" && cp "$OUT" listed && check bash -c "! grep -q $theirs listed"
check bash -c "grep -q active <<<'$(states signer "${signers[1]}")'"
accept bundle import again --json && says "the image $here stays revoked" && says '"undone": \['
accept digest list && says "$here"

# Whom a bundle takes away is remembered as he was here; what then brings him back is told.
check "$SIFCTL" --keystore "$n4" signer retire "${signers[1]}"
cp -a "$n4" "$WORK/n4-here" && on "$WORK/n4-here"
check "$SIFCTL" --keystore "$STORE" signer remove "${signers[1]}"
on "$admin" && accept bundle export --node n4.pem --out back
on "$WORK/n4-here" && accept bundle import back
says "the signer ${signers[1]}, retired here since 20*Z and removed, is active in the bundle"
accept signer list && cp "$OUT" listed && check grep -q "^${signers[1]}.* active " listed

# Another node, and one that was cut off
on "$n3" && accept node trust site.pem
unchanged 65 "b1: it is not encrypted for this node, or it was changed; *" bundle import b1
on "$n2" && unchanged 65 "only: it is not encrypted for this node, *" bundle import only

# n1, which may open it, hands on to n3 what the store signed: openssl encrypts it anew.
on "$admin" && accept bundle export --node n1.pem --out forone
quiet openssl cms -decrypt -inform DER -binary -in forone -recip n1.pem -inkey n1.key -out inner
quiet openssl cms -encrypt -binary -aes-256-gcm -outform DER -in inner -out rewrapped n3.pem
on "$n3"
unchanged 65 "rewrapped: the bundle was made for other nodes: *$(digits n3.pem); export it *" bundle import rewrapped
unchanged 65 "rewrapped: the bundle was made for other nodes: *" bundle import --dry-run rewrapped
on "$admin" && accept bundle export --node n1.pem n3.pem --out fortwo
quiet openssl cms -decrypt -inform DER -binary -in fortwo -recip n1.pem -inkey n1.key -out inner
quiet openssl cms -encrypt -binary -aes-256-gcm -outform DER -in inner -out rewrapped n3.pem
on "$n3" && accept bundle import rewrapped # n3 is one of those that it was made for

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
wrongly "the bundle: the bundle has a file that is not known: seal.yaml" manifest=m images.yaml=i seal.yaml=i
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

# What an earlier version recorded counts for its store.
on "$n2"
own_store=$(sed 's/.*"version":5,"store":"\([0-9a-f]*\)".*/\1/' "$n2/bundle.json")
printf '{"version":1,"store":"%s","exported":0,"from":"%s","imported":%s}\n' "$own_store" "$site_store" "$s2" >"$n2/bundle.json"
unchanged 65 "b2: the bundle is not newer *, after $s2 *" bundle import b2
# A clock far from the last export is asked about; once it is vouched for, the next one is not.
on "$admin"
last() { sed -i "s/\"exported_at\":[0-9]*/\"exported_at\":$1/" "$admin/bundle.json"; }
mv "$admin/audit.jsonl" audit.kept # which knows better; that it counts, too, is in clock_test.sh
for at in $(($(date +%s) + 400)) $(($(date +%s) - 184 * 86400)); do
  last "$at" && rm -f "$admin/audit.jsonl"
  unchanged 75 "the clock says *, but the last bundle was exported 20*; set the clock right; if it is, say so with --accept-clock" \
    bundle export --node n2.pem --out b5
  check test ! -e b5
done
mv audit.kept "$admin/audit.jsonl"
# A store that was in 2040 goes on from there.
sed -i 's/"exported":[0-9]*,"exported_at":[0-9]*/"exported":2208988800,"exported_at":2208988800/' "$admin/bundle.json"
unchanged 75 "the clock says *, but the last bundle was exported 2040-*" bundle export --node n2.pem --out b5
accept bundle export --node n2.pem --out b5 --accept-clock && says "serial 2208988801 "
accept bundle export --node n2.pem --out b6 && says "serial 2208988802 "
on "$n2" && accept bundle import b6 && unchanged 65 "b5: the bundle is not newer *" bundle import b5
# A new store is another signer, and begins now.
new=$WORK/new/store && mkdir -m 700 new && on "$new" && accept init
accept bundle signer --out new.pem && accept bundle export --node n2.pem --out b7
on "$n2" && accept node trust new.pem && accept bundle import b7

# What is not root's own, or not the key's own
on "$admin" && accept bundle export --node n2.pem --out b4
on "$n2"
if [ "$(id -u)" = 0 ]; then
  for file in node.pem bundle-signers own bundle.json; do
    chown 12345 "$n2/$file"
    refuse 78 "*$n2/$file is owned by uid 12345, not by root; *" bundle import b4
    chown 0 "$n2/$file"
  done
else
  echo "SKIPPED, NOT TESTED: foreign owners (needs root)"
fi
cp "$n2/node.pem" kept && cp n3.pem "$n2/node.pem" && refuse 78 "b4: $n2/node.pem: the private key of it is missing" bundle import b4
cp kept "$n2/node.pem"
chmod 666 "$n2/node.pem" && refuse 78 "b4: $n2/node.pem is writable by group or others; *" bundle import b4 && chmod 600 "$n2/node.pem"
cp site.pem "$n2/bundle-signers/$(printf %064d 0).pem" && refuse 78 "b4: $n2/bundle-signers/0* is not the certificate of its name; *" bundle import b4
rm "$n2/bundle-signers/$(printf %064d 0).pem"
mkfifo "$n2/pipe" && unchanged 78 "b4: $n2/pipe has no place in a keystore; *" bundle import b4 && rm "$n2/pipe"
accept bundle import b4

# Killed at any moment, and read at any moment: the old content or the new one.
n=12
on "$admin"
for i in $(seq $n); do accept bundle export --node n2.pem --only "$([ $((i % 2)) = 0 ] && echo cow || echo dog)" --out kill$i; done
on "$n2" && accept bundle import kill1
whole() { # each binding with its key, whichever it is
  local name
  name=$("$SIFCTL" --keystore "$n2" image list 2>&1 | awk 'NR > 1 { print $1 }')
  "$SIFCTL" --keystore "$n2" explain --user root --image "/$name.sif" 2>&1 | grep -q '^allowed' || { echo "not whole: $name"; return 1; }
}
touch reading
while [ -e reading ]; do
  "$SIFCTL" --keystore "$n2" explain --user root --image /cow.sif >seen 2>&1 || grep -q 'no binding is for the image' seen || cat seen
done >unlike 2>&1 &
reader=$!
for i in $(seq 2 $n); do
  { setsid -w timeout -s KILL "0.$(printf %03d $((RANDOM % 300 + 10)))" "$SIFCTL" --keystore "$n2" bundle import kill$i >"$OUT" 2>&1; } 2>/dev/null
  check whole
done
rm reading && wait "$reader"
check test ! -s unlike
on "$admin" && accept bundle export --node n2.pem --out last
on "$n2" && accept bundle import last && check test "$("$SIFCTL" --keystore "$n2" image list | wc -l)" = 3
check test "$(ls -A n2)" = store
accept audit verify --changes
