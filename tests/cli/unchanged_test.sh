#!/bin/bash
# Commands of sifctl whose effect is there already: they end with 0, say "no change", change nothing, and leave no
# "changed" in the log of changes; with --json "changed" is true the first time and false from then on.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
key_pair() { openssl genpkey -quiet -algorithm ed25519 -out "$1.key" && openssl pkey -in "$1.key" -pubout -out "$1.pem"; }
spki() { echo "spki:$(openssl pkey -pubin -in "$1.pem" -outform DER | sha256sum | cut -d' ' -f1)"; }
log=$STORE/audit.jsonl
changes() { grep -c '"event":"changed"' "$log"; }
member() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))[sys.argv[2]]))' "$OUT" "$1"; }
# set_up ARGUMENTS…: as accept, but there may be advice on stderr.
set_up() { checks=$((checks + 1)); sifctl "$@" || wrong "sifctl $* ended with $?"; }

# again ARGUMENTS…: nothing changes any more.
again() {
  local before logged
  before=$(state) logged=$(changes)
  checks=$((checks + 4))
  sifctl "$@" || wrong "sifctl $* again ended with $?"
  grep -q ': no change$' "$OUT" || wrong "sifctl $* again does not say that nothing changes"
  sifctl "$@" --json || wrong "sifctl $* --json again ended with $?"
  [ "$(member changed)" = false ] || wrong "sifctl $* --json again says that it changes something"
  [ "$(state)" = "$before" ] || wrong "sifctl $* again changed the keystore"
  [ "$(changes)" = "$logged" ] || wrong "sifctl $* again is a change for the log"
  tail -n 1 "$log" | grep -q '"event":"unchanged"' || wrong "sifctl $* again is not in the log as unchanged"
}
# once ARGUMENTS…: a change the first time, and then none.
once() {
  checks=$((checks + 2))
  sifctl "$@" --json || wrong "sifctl $* ended with $?"
  [ "$(member changed)" = true ] || wrong "sifctl $* does not say that it changes something"
  again "$@"
}

accept init
again init
key_pair alice && key_pair bob && key_pair carol
alice=$(spki alice) bob=$(spki bob) carol=$(spki carol)
for name in cow calf dog; do accept key create $name --bits 2048; done
accept key export-public cow && cp "$OUT" cow.pem

# signers
once signer add alice.pem
once signer add bob.pem
accept signer add carol.pem
once signer retire "$bob"
once signer restore "$bob"
once signer revoke "$bob" --reason superseded --yes
once signer revoke "$bob" --reason keyCompromise --yes # which is graver
again signer revoke "$bob" --reason superseded --yes   # which is not

# bindings
bind=(image bind cow --match /apps/cow.sif --signer "$alice" --key cow --allow-user root)
once "${bind[@]}"
again "${bind[@]}" --replace
accept "${bind[@]}" --dry-run && says "the binding 'cow' says this already: no change"
refuse 73 "the binding 'cow' exists already (images.yaml:4) and says something else; give --replace *" \
  "${bind[@]}" --match /apps/other.sif
other=(image bind cow --match /apps/other.sif --signer "$alice" --key cow --allow-user root)
accept "${other[@]}" --replace --dry-run && says "this would be put in its place:" && says /apps/other.sif
accept image show cow && says /apps/cow.sif
sed -i '4i# about the cow' "$STORE/images.yaml"
accept image bind dog --match /apps/dog.sif --signer "$alice" --key dog --allow-user root
once "${other[@]}" --replace
check grep -q '^# about the cow$' "$STORE/images.yaml"
check test "$(sed -n 's/.*name: "\(.*\)"/\1/p' "$STORE/images.yaml" | paste -sd' ')" = "cow dog"
accept image show cow && says /apps/other.sif
# Wider than the key's rule is refused as ever, and nothing is replaced.
before=$(state)
refuse 77 "the key 'cow': bound to certain users or groups*" "${other[@]/--allow-user/--allow-account}" --replace
check test "$(state)" = "$before"
set_up key rule reset cow
sifctl "${other[@]}" --json # the rule is to be set again
check test "$(member changed)" = true
again "${other[@]}"

# rules of keys
once key rule set calf --signer "$alice" --user root
once key rule widen calf --user daemon
again key rule widen calf --user root
once key rule widen calf --everyone
again key rule widen calf --user root
refuse 64 "nothing is named that the key is to serve, too; *" key rule widen calf
once key rule reset calf

# keys
again key import cow.pem --public --name cow
once key suspend calf
once key resume calf
once key retire calf
once key suspend calf
once key resume calf
once key revoke calf --reason superseded --yes
again key revoke calf --reason keyCompromise --yes
accept key show calf && says "(superseded)"
once key destroy calf --yes
again key destroy calf

# digests
digest=sha256:$(printf %064d 1)
once digest revoke "$digest" --reason old
again digest revoke "$digest" --reason older
accept digest show "$digest" && says old
once digest restore "$digest"

# trust
set_up ca init --subject /CN=root --out ca.pem --algorithm p-256
set_up ca crl --out ca.crl
once trust add-root ca.pem
once trust add-crl ca.crl
once trust add-source crl http://pki.example.org/root.crl
once trust add-source host PKI.example.org
once trust add-source proxy http://proxy.example.org:3128
accept trust add-source proxy http://other.example.org:3128 --dry-run
says "would be replaced: proxy http://proxy.example.org:3128 by http://other.example.org:3128"
once trust add-source proxy http://other.example.org:3128
accept trust remove-source PKI.example.org # as it was typed
refuse 66 "not a source*" trust remove-source pki.example.org

# a CA
accept ca issue --host www --out www
once ca revoke www.pem --reason superseded --yes
again ca expire

# nodes
accept node init --out node.pem
accept bundle signer --out site.pem --json; says "\"changed\": true"
accept bundle signer --out site2.pem --json; says "\"changed\": false"
check cmp site.pem site2.pem
once node trust site.pem

# a policy
cp "$STORE/images.yaml" same.yaml
again policy apply same.yaml
accept policy apply same.yaml --dry-run && says "the keystore has this file already: no change"

# What is absent is not removed again: its name may be misspelled.
accept signer remove "$carol"
refuse 66 "no signer*" signer remove "$carol"
accept image unbind dog
refuse 66 "there is no binding*" image unbind dog
accept trust remove-source http://pki.example.org/root.crl
refuse 66 "not a source*" trust remove-source http://pki.example.org/root.crl
