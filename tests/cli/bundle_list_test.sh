#!/bin/bash
# sifctl bundle show|list, node list: what a bundle has, and what is known of exports and imports.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
admin=$WORK/admin/store n1=$WORK/n1/store n2=$WORK/n2/store
mkdir -m 700 admin n1 n2
# shellcheck disable=SC2034 # lib.sh uses it
on() { STORE=$1; }
digits() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))'"$1"')' "$OUT"; }
serial() { sed -n 's/^serial \([0-9]*\) .*/\1/p' "$OUT"; }

on "$admin"
accept init
accept bundle list --json && says '"items": \[\]'
accept node list && check test "$(wc -l <"$OUT")" = 1
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out ann.pem
accept signer add ann.pem
ann=$(grep -o 'spki:[0-9a-f]*' "$OUT" | head -n 1)
accept key create cow --bits 2048
accept image bind cow --match /cow.sif --signer "$ann" --key cow --allow-user root
bad=sha256:$(printf 'a%.0s' {1..64})
accept digest revoke "$bad" --reason why
for each in n1 n2; do on "$WORK/$each/store" && accept init && accept node init --name $each.example --out $each.pem; done
on "$admin"
accept bundle signer --out site.pem
accept bundle export --node n1.pem n2.pem --out b1
s1=$(serial)
accept bundle export --node n1.pem --out b2
s2=$(serial)

# Which nodes have been exported for, and which not the last time.
accept node list --json
check test "$(field '["items"][0]["last"]')$(field '["items"][1]["last"]')" != TrueTrue
sifctl node list
says "$(digits n1.pem)  CN=n1.example  $s2  *  yes"
says "$(digits n2.pem)  CN=n2.example  $s1  *  no"
accept bundle list
says "exported  *  $s2  20*Z"
check test "$(wc -l <"$OUT")" = 2

# A node shows what it may open, and takes nothing by it.
on "$n1"
refuse 78 "b1: no signer of bundles is trusted here; *" bundle show b1
accept node trust site.pem
before=$(state)
accept bundle show b1
for line in "serial     $s1" "signed by  $(digits site.pem)" "state      can be imported" "bindings   cow" "keys       cow" \
  "signers    $ann" "revoked    $bad"; do says "$line"; done
accept bundle show b1 --json
check test "$(field '["newer"], json.load(open(sys.argv[1]))["taken"]')" = 'True None'
accept bundle show b1 --json && check test "$(field '["imported"]')" = False
check test "$(state)" = "$before"
accept bundle import b2
accept bundle show b1 && says "state      too old: serial $s2 of its signer or store was imported"
accept bundle show b2 && says "state      is what was imported last"
accept bundle show b2 --json && check test "$(field '["imported"]')$(field '["newer"]')" = TrueFalse
accept bundle show b1 --json && check test "$(field '["newer"]')" = False
accept bundle list && says "imported  *  $s2  *  $(digits site.pem)"
accept bundle list --json && check test "$(field '["items"][0]["at"]')" = None

# Not for this node, damaged, no bundle, no file, no node.
on "$n2" && accept node trust site.pem
refuse 65 "b2: *" bundle show b2
head -c 200 b1 >piece
refuse 65 "piece: *" bundle show piece
refuse 65 "ann.pem: *" bundle show ann.pem
refuse 66 "cannot open missing: *" bundle show missing
refuse 64 "file is required; *" bundle show
on "$admin"
refuse 78 "b1: * has no key of a node; *" bundle show b1

# One signer, and who names it.
accept signer show "$ann"
for line in "signer     $ann" "state      active" "counts     all" "bindings   cow"; do says "$line"; done
accept signer show "$ann" --json && check test "$(field '["bindings"]')" = "['cow']"
sifctl signer revoke "$ann" --reason keyCompromise --yes
sifctl signer show "$ann" && says "state      revoked"
says "reason     keyCompromise"
