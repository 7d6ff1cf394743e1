#!/bin/bash
# sifctl bundle: what stores and nodes have recorded of bundles, in other versions and under other clocks; files that are
# not root's own, and an import that is killed.
# shellcheck disable=SC2154 # bundle.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/bundle.sh"
admin_store
accept bundle signer --out site.pem
certificate n3 keyAgreement -algorithm EC -pkeyopt ec_paramgen_curve:P-256
trusting n2 --type rsa --out n2.pem
on "$admin" && accept bundle export --node n2.pem --out b2 && s2=$(serial)
on "$n2" && accept bundle import b2

# What an earlier version recorded counts for its store.
on "$n2"
own_store=$(sed 's/.*"version":5,"store":"\([0-9a-f]*\)".*/\1/' "$n2/bundle.json")
site_store=$(sed 's/.*{"signer":"'"$(digits site.pem)"'","store":"\([0-9a-f]*\)".*/\1/' "$n2/bundle.json")
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
