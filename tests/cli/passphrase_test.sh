#!/bin/bash
# Images that were encrypted with a passphrase, which no job can give: told by image bind, explain and
# doctor, where the file is at hand.  Usage: passphrase_test.sh SIFCTL SIF-LIST
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-LIST}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
list=${2:?usage: $0 SIFCTL SIF-LIST}

# A primary system partition of gocryptfs (6) without a cryptographic message, and a plain one (1).
partition() { # partition FILE FILE-SYSTEM
  make_sif "$1" 2 '0x4001:1:0::bootstrap' '0x4004:1:0::the root'
  # shellcheck disable=SC2059  # the number is the format's
  printf "\\x0$2\\x00\\x00\\x00\\x02\\x00\\x00\\x0002" | dd of="$1" bs=1 seek=$((4096 + 585 + 201)) conv=notrunc status=none
}
partition pass.sif 6
partition plain.sif 1

says_how() { # says_how FILE: the reason and the remedy, once; checks write over $OUT and $ERR
  local said
  said=$(cat "$1")
  check test "$(grep -c 'pass.sif is encrypted with a passphrase, which no job can give' <<<"$said")" = 1
  check test "$(grep -c -- '--pem-path=FILE, with the file of sifctl key export-public --pkcs1' <<<"$said")" = 1
}

accept init
openssl genpkey -algorithm ED25519 -out site.key 2>/dev/null
openssl pkey -in site.key -pubout -out site.pem
accept signer add site.pem
signer=$(grep -o 'spki:[0-9a-f]*' "$OUT" | head -n 1)
bind() { sifctl image bind "$1" --match "$2" --signer "$signer" --everyone "${@:3}"; }
for each in "$PWD/pass.sif" "$PWD/plain.sif" "$PWD/none.sif" "$PWD/*.sif"; do
  bind dry "$each" --dry-run || wrong "it ended with $?"
  if [ "$each" = "$PWD/pass.sif" ]; then says_how "$ERR"; else check test -z "$(cat "$ERR")"; fi
done
bind pass "$PWD/pass.sif"
says_how "$ERR"
bind plain "$PWD/plain.sif"
check test -z "$(cat "$ERR")"

sifctl explain --user root --image "$PWD/pass.sif"
[ "$?" = 77 ] || wrong "not refused"
says_how "$OUT"
accept explain --user root --image "$PWD/plain.sif"
check test -z "$(grep passphrase "$OUT")"

sifctl doctor --json
check test "$(grep -c 'pass.sif is encrypted with a passphrase' "$OUT")" = 1
accept image unbind pass
bind all "$PWD/p*.sif"
sifctl doctor --json
check test "$(grep -c 'pass.sif is encrypted with a passphrase' "$OUT")" = 1

# Of a file, which may belong to anybody, root reads nothing itself.
"$list" --json - <pass.sif >"$OUT" 2>"$ERR" || wrong "it ended with $?"
check test "$(grep -c '"encrypted_with": "passphrase"' "$OUT")" = 1
"$list" --json - <site.pem >"$OUT" 2>"$ERR"
[ "$?" = 65 ] || wrong "it is no image"
