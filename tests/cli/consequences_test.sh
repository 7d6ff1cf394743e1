#!/bin/bash
# What is told before something is taken away: bindings, and by the audit log the launches of late that would
# be refused. Final acts ask. Keys and certificates by openssl, the audit logs by hand.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

unchanged() {   # unchanged STATUS PATTERN ARGUMENTS…: refused, and nothing changes
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
dry() {   # dry ARGUMENTS…: as said, and nothing changes
  local before
  before=$(state)
  checks=$((checks + 1))
  sifctl "$@" --dry-run || wrong "$* --dry-run failed"
  cp "$OUT" dry.out && cp "$ERR" dry.err
  check test "$(state)" = "$before"
  cp dry.out "$OUT" && cp dry.err "$ERR"
}
asks() {   # asks ARGUMENTS…: on a terminal; who says no changes nothing
  local before
  before=$(state)
  checks=$((checks + 2))
  script -qec "'$SIFCTL' --keystore '$STORE' $*" /dev/null <<<no >"$OUT" 2>&1 && wrong "$* did not ask"
  grep -q "is final: there is no way back" "$OUT" || wrong "no word of what is final"
  check test "$(state)" = "$before"
}
notes() { checks=$((checks + 1)) && grep -qF -- "$1" "$ERR" || wrong "stderr does not contain: $1"; }
silent() { checks=$((checks + 1)) && ! grep -qF -- "$1" "$OUT" || wrong "stdout contains: $1"; }

accept init
for each in a b; do
  openssl genpkey -quiet -algorithm ED25519 -out $each.key && openssl pkey -in $each.key -pubout -out $each.pem
  accept signer add $each.pem
done
a=spki:$(openssl pkey -in a.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
b=spki:$(openssl pkey -in b.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
accept key create cow --bits 2048
key=$("$SIFCTL" --keystore "$STORE" key show cow --json | sed -n 's/^ *"id": "\(.*\)",/\1/p')
accept image bind cow --match /cow.sif --signer "$a" --key cow --everyone
accept image bind either --match /either.sif --signer "$a" "$b" --everyone

digest=sha256:$(printf x | sha256sum | cut -d' ' -f1)
recent=$(date -u -d '3 days ago' +%Y-%m-%dT%H:%M:%S.000Z)
later=$(date -u -d '2 days ago' +%Y-%m-%dT%H:%M:%S.000Z)
old=$(date -u -d '40 days ago' +%Y-%m-%dT%H:%M:%S.000Z)
line() {   # line TIME EVENT USER PATH BINDING SIGNERS [KEY [DIGEST]]
  printf '{"time":"%s","event":"%s","user":"%s","uid":1,"path":"%s","digest":"%s","bindings":["%s"],"signers":[%s],"key_id":"%s","decision":"allow"}\n' \
    "$1" "$2" "$3" "$4" "${8:-sha256:1}" "$5" "$6" "${7:-}"
}
{
  line "$recent" intent alice /cow.sif cow "\"$a\"" "$key"
  line "$recent" started alice /cow.sif cow "\"$a\"" "$key"
  line "$later" started alice /cow.sif cow "\"$a\"" "$key"
  line "$old" started carol /cow.sif cow "\"$a\"" "$key"
  line "$recent" refused mallory /cow.sif cow "\"$a\"" "$key"
  line "$recent" started bob /either.sif either "\"$a\",\"$b\"" "" "$digest"
  line "$recent" started dave /either.sif either "\"$a\""
} >audit.jsonl
log=(--audit "$WORK/audit.jsonl")

# A signer that is revoked: who has another signature goes on
dry signer revoke "$a" --reason keyCompromise "${log[@]}"
notes "the binding 'cow' names this signer"
notes "the binding 'either' names this signer"
says "launched within 30 days, and would be refused: alice, /cow.sif (2 launches, the last on $later)"
says "launched within 30 days, and would be refused: dave, /either.sif (1 launch, the last on $recent)"
for none in bob carol mallory; do silent "$none"; done
says "$a: active -> revoked (keyCompromise), not done: --dry-run"
says "this is final: a revoked signer stays revoked"
asks signer revoke "$b" --reason superseded --audit empty
: >empty
dry signer revoke "$b" --reason keyCompromise --audit "$WORK/empty"
says "of the 0 launches within 30 days, by the audit log, none would be refused"
dry signer revoke "$b" --reason keyCompromise --audit "$WORK/missing"
says "which images users launched recently is not known, or not all: cannot open $WORK/missing"
{ line "$recent" started alice /cow.sif cow "\"$a\""; echo 'no record'; } >damaged
for file in missing damaged; do # and a script is told, too
  dry signer revoke "$b" --reason keyCompromise --audit "$WORK/$file" --json
  notes "which images users launched recently is not known, or not all: "; notes "$WORK/$file"
done
# ... what the text says, as data
past() { python3 -c 'import json, sys; p = json.load(open(sys.argv[1]))["past_launches"]; print(eval(sys.argv[2]))' "$OUT" "$1"; }
dry signer revoke "$a" --reason keyCompromise "${log[@]}" --json && valid signer
check test "$(past '[(u["user"], u["image"], u["launches"], u["last"]) for u in p["refused"]]')" = \
  "[('alice', '/cow.sif', 2, '$later'), ('dave', '/either.sif', 1, '$recent')]"
dry signer revoke "$a" --reason keyCompromise "${log[@]}" --json
check test "$(past 'p["days"], p["launches"], p["perhaps"], p["unknown"]')" = "(30, 4, [], None)"
dry signer revoke "$b" --reason keyCompromise --audit "$WORK/missing" --json && valid signer
check test "$(past '"missing" in p["unknown"], p["refused"]')" = "(True, [])"
accept signer restore "$a" --dry-run --json && valid signer && check test "$(past p)" = None
# Retired: raw keys do not say when they signed, so that nothing is refused
dry signer retire "$a" "${log[@]}"
says "of the 4 launches within 30 days, by the audit log, none would be refused"
accept signer restore "$a" --dry-run && says "$a: active already: no change"
# Removed: whatever names it refuses, whoever else signed
dry signer remove "$a" "${log[@]}"
says "would be refused: bob, /either.sif"
says "would be refused: alice, /cow.sif (2 launches"
notes "the binding 'cow' still names this signer, and refuses now"
says "not done: --dry-run; would be removed: $a"

# One image
dry digest revoke "$digest" --reason CVE "${log[@]}"
says "would be refused: bob, /either.sif (1 launch"
silent alice
says "not done: --dry-run; would be revoked: $digest"
unchanged 64 "not a digest: 'x'; *" digest revoke x --reason CVE --dry-run
checks=$((checks + 1))
sifctl digest revoke "$digest" --reason CVE "${log[@]}" || wrong "not revoked"
says "revoked $digest"
dry digest revoke "$digest" --reason CVE "${log[@]}"
says "$digest is revoked already: no change"
dry digest restore "$digest" && says "not done: --dry-run; would no longer be revoked: $digest"
dry digest restore "$digest" --json && valid digest && says '"changed": true' && says '"revoked": false'
dry digest restore "sha256:$(printf %064d 9)" && says "is not revoked: no change"

# Keys
dry key revoke cow --reason keyCompromise "${log[@]}"
says "would be refused: alice, /cow.sif (2 launches"
silent bob
dry key retire cow "${log[@]}"
silent alice
asks key revoke cow --reason superseded
dry key rule reset cow "${log[@]}"
says "would be refused: alice, /cow.sif (2 launches"
silent bob
dry key rule reset cow "${log[@]}" --json && valid key-rule && says '"changed": true'
check test "$(past '[u["user"] for u in p["refused"]]')" = "['alice']"

# What certificates are judged by
sifctl ca init --subject /O=Example/CN=Own --out own.pem --algorithm p-256 || wrong "no CA"
accept ca issue --signer sue --subject /O=Example/CN=sue --out sue
accept trust add-root own.pem
accept ca crl --out own.crl
accept trust add-crl own.crl
accept signer add sue.pem
sue=x509:subject:CN=sue,O=Example
accept image bind sue --match /sue.sif --signer "$sue" --everyone
line "$recent" started erin /sue.sif sue "\"spki:0\",\"$sue\"" >>audit.jsonl
root=$(basename "$(echo "$STORE"/trust/roots/*)")
list=$(basename "$(echo "$STORE"/trust/crls/*)")
printf 'revocation: crl\n' >crl.yaml
printf "revocation: 'off'\n" >off.yaml
for item in "$root" "$list"; do
  dry trust remove "${item:0:12}" --config "$WORK/crl.yaml" "${log[@]}"
  notes "counts no more without it: cert:"
  notes "the binding 'sue' names this signer"
  says "would be refused: erin, /sue.sif (1 launch"
  silent alice
  says "not done: --dry-run; would be removed:"
done
dry trust remove "$list" --config "$WORK/off.yaml" "${log[@]}"
silent erin
unchanged 64 "'12' is too short an id; *" trust remove 12 --dry-run
unchanged 66 "the keystore trusts nothing with the id '0123456789'; *" trust remove 0123456789 --dry-run
# The CA's own revocation
dry ca revoke sue.pem --reason keyCompromise "${log[@]}"
notes "it is the certificate of the signer cert:"
says "would be refused: erin, /sue.sif (1 launch"
says "not done: --dry-run; would be revoked: "
asks ca revoke "$PWD/sue.pem" --reason keyCompromise
checks=$((checks + 1))
sifctl ca revoke sue.pem --reason keyCompromise "${log[@]}" || wrong "not revoked without a terminal"
says "this is final: a revoked certificate stays revoked"
sifctl ca crl --out own.crl
accept trust add-crl own.crl
# Without the list that revokes it, it would count again
dry trust remove "$list" --config "$WORK/off.yaml" "${log[@]}"
silent erin
rm "$STORE/trust/crls/"*
