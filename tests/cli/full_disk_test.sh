#!/bin/bash
# full_disk_test.sh SIFCTL: on a full disk nothing is added, but what takes rights away is done and recorded.
. "$(dirname "$0")/lib.sh" "$1"
unshare -m true 2>/dev/null || { echo "SKIPPED, NOT TESTED: no right to make a mount namespace"; exit 77; }
if [ -z "${FULL_DISK:-}" ]; then
  cd / && rm -rf "$WORK"
  trap - EXIT
  FULL_DISK=1 exec unshare -m --propagation private "$HERE/full_disk_test.sh" "$@"
fi
mkdir disk && mount -t tmpfs -o size=12m,mode=755 none disk || exit 1
STORE=$WORK/disk/store
fill() { dd if=/dev/zero of=disk/filler bs=4k status=none 2>/dev/null; }
make_room() { rm -f disk/filler; }

accept init
accept key create a --bits 2048
accept key create b --bits 2048
check test "$(stat -c %a:%s "$STORE/.reserve")" = 600:1048576

fill
refuse 75 "*No space left on device*" key create c --bits 2048
check test -e "$STORE/.reserve" # only what closes may have it
# Each takes what it needs, whatever others write into what the one before left free, and gives back the rest.
accept key suspend a
accept key list
says suspended
for n in 1 2 3 4 5 6 7 8; do
  fill
  accept digest revoke "sha256:$(printf '%064d' "$n")" --reason full
done
check test "$(stat -c %s "$STORE/.reserve")" -gt 262144
refuse 75 "*No space left on device*" key create c --bits 2048
sifctl doctor --skip programs --skip account --skip plugstack --skip enforcement
says "the room kept in $STORE for revoking on a full disk is not whole: "
says "make 4 MiB and as many inodes free there; the next sifctl that changes something makes it whole"
make_room
accept key resume a # makes the reserve whole
check test "$(stat -c %s "$STORE/.reserve")" = 1048576
sifctl doctor --skip programs --skip account --skip plugstack --skip enforcement
check test "$(grep -c 'room kept in' "$OUT")" = 0
fill
digest=sha256:$(printf 'a%.0s' {1..64})
accept digest revoke "$digest" --reason "full"
accept digest list
says "$digest"
make_room
accept audit verify "$STORE/audit.jsonl"

# The longer the list is that is written anew, the more is kept.
python3 - "$STORE/revoked.json" <<'PY'
import copy, json, sys
revoked = json.load(open(sys.argv[1]))
entries = next(value for value in revoked.values() if isinstance(value, list))
for i in range(9000):
    entries.append(copy.deepcopy(entries[0]))
    entries[-1]["digest"] = "sha256:%064x" % (1 << 200 | i)
json.dump(revoked, open(sys.argv[1], "w"), indent=1)
PY
check test "$(stat -c %s "$STORE/revoked.json")" -gt 1048576
accept digest revoke "sha256:$(printf '%064d' 70)" --reason full
check test "$(stat -c %s "$STORE/.reserve")" -gt "$(stat -c %s "$STORE/revoked.json")"
for n in 71 72 73 74; do
  fill
  accept digest revoke "sha256:$(printf '%064d' "$n")" --reason full
done
accept digest list
says "$(printf '%064d' 74)"
make_room

# Nor are there inodes for ever.
mount -o remount,size=12m,nr_inodes=400 disk || exit 1
accept key list
accept key create d --bits 2048
files() { find "$STORE/.reserve-files" -type f | wc -l; }
check test "$(files)" = 48
fill_inodes() {
  mkdir -p disk/many
  for ((i = 0; i < 500; i++)); do : >"disk/many/$i" || break; done 2>/dev/null
}
fill_more() { # what was left free
  for ((i = 500; i < 600; i++)); do : >"disk/many/$i" || break; done 2>/dev/null
}
fill_inodes
refuse 75 "*No space left on device*" key create c --bits 2048
refuse 75 "cannot make $STORE/own: No space left on device*" node init
check test "$(files)" = 48
accept key suspend d
accept key list
says suspended
for n in 11 12 13 14 15; do
  fill_more
  accept digest revoke "sha256:$(printf '%064d' "$n")" --reason full
done
check test "$(files)" -ge 16
rm -r disk/many
accept key resume d
check test "$(files)" = 48
accept audit verify "$STORE/audit.jsonl"

# A keystore made where there is too little room for one is told of it.
mkdir disk/small && mount -t tmpfs -o size=3m,mode=755 none disk/small || exit 1
big=$STORE STORE=$WORK/disk/small/store
accept init
check test ! -e "$STORE/.reserve"
sifctl doctor --skip programs --skip account --skip plugstack --skip enforcement
says "the room kept in $STORE for revoking on a full disk is not whole: 0 of 1024 KiB, 0 of 48 files"
umount disk/small
STORE=$big

# A file system that is read-only is not a keystore that is malformed.
mount -o remount,ro disk
refuse 78 "*Read-only file system*" key suspend b
mount -o remount,rw disk
# So is what takes a right away by another word.
accept trust add-source crl http://127.0.0.1:9/x.crl
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out ann.pem
accept signer add ann.pem
accept key rule set b --signer "$(grep -o 'spki:[0-9a-f]*' "$OUT")" --everyone
for each in "key rule reset b" "trust remove-source http://127.0.0.1:9/x.crl"; do
  accept digest revoke "sha256:$(printf '%064d' "$checks")" --reason "makes the reserve again"
  check test "$(files)" = 48
  fill_inodes
  # shellcheck disable=SC2086
  accept $each
  rm -r disk/many
done

# A result that cannot be written is not the change.
lost() { # lost WORDS ARGUMENTS…
  checks=$((checks + 1))
  "$SIFCTL" --keystore "$STORE" "${@:2}" >/dev/full 2>"$ERR"
  [ $? = 75 ] || wrong "${*:2} did not end with 75"
  check test "$(cat "$ERR")" = "sifctl: $1cannot write to the standard output: No space left on device"
}
lost "the change is in place, but its result is not written: " key suspend d
accept key show d
says suspended
lost "" key list
lost "" key resume --dry-run d
accept key show d
says suspended
umount disk
