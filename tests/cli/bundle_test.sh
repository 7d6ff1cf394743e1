#!/bin/bash
# sifctl node and bundle: between stores of this test, and between sifctl and openssl cms.
# shellcheck disable=SC2154 # bundle.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/bundle.sh"

# The admin's keystore: beside the bindings a key with a successor, and a revoked digest.
admin_store
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
