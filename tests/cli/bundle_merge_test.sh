#!/bin/bash
# sifctl bundle import: what was revoked, destroyed or retired on a node, and what becomes of it.
# shellcheck disable=SC2154 # bundle.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/bundle.sh"
admin_store
check "$SIFCTL" --keystore "$admin" key rotate cow --name cow-2
accept bundle signer --out site.pem

# What was revoked or destroyed for good on a node stays so, whatever a store brings that does not know.
n4=$WORK/n4/store && mkdir -m 700 n4 && trusting n4 --out n4.pem
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
