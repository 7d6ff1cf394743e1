#!/bin/bash
# sifctl backup and restore: a keystore there and back, and everything that must not be restored.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

"$SIFCTL" backup --help >"$OUT" && golden help-backup
"$SIFCTL" restore --help >"$OUT" && golden help-restore
printf 'a long password\n' >pw
printf 'another password' >other
printf 'short' >short

refuse 64 "--out is required; *" backup
refuse 78 "keystore: cannot open $STORE: *" backup --out b --password-file pw
accept init
accept key create cow --bits 2048
id=$(sed -n 's/^id  *//p' "$OUT")
openssl genpkey -quiet -algorithm ED25519 -out raw.key && openssl pkey -in raw.key -pubout -out raw.pem
spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
accept signer add raw.pem
accept image bind cow --match /apps/cow.sif --signer "$spki" --key cow --everyone
works() {   # works ARGUMENTS…: whatever advice it gives
  checks=$((checks + 1))
  sifctl "$@" || wrong "sifctl $* failed"
}
content() {   # content DIR: what a restore must bring back
  (cd "$1" && find . -type f ! -name '.*lock' ! -name '*audit.jsonl*' ! -name breakglass.yaml ! -name seal.yaml -printf '%m %p ' -exec sha256sum {} \; | sort -k2)
}

# Backup
refuse 64 "a password is needed for the backup and there is no terminal; give --password-file or --password-fd" backup --out b
refuse 64 "the password is too short; use 8 characters or more" backup --out b --password-file short
refuse 66 "cannot open nothing: *" backup --out b --password-file nothing
check test ! -e b
accept backup --out b --password-file pw && golden backup
check test "$(stat -c %a b)" = 600
check bash -c '! grep -qa -e cow -e PRIVATE -e "images:" b'
refuse 64 "b exists already; *--force" backup --out b --password-file pw
accept backup --out c --force --password-file pw --json && golden backup-json
works breakglass grant --binding cow --user "$(id -un)" --ttl 1h --reason drill
grant=$(grep -o 'bg-[0-9a-f]*' "$OUT" | head -n 1)
accept backup --out granted --password-file pw
works breakglass end "$grant"
before=$(content "$STORE")

# What must not be restored; and nothing changes
STORE=$WORK/new
refuse 66 "cannot open nothing: *" restore nothing --password-file pw
refuse 64 "a password is needed for b *" restore b
refuse 65 "the password is wrong, or the backup is altered" restore b --password-file other
head -c 40 b >bad
refuse 65 "not a backup of sifctl, or it is truncated" restore bad --password-file pw
head -c -1 b >bad
refuse 65 "the backup is altered or truncated" restore bad --password-file pw
{ cat b; echo; } >bad
refuse 65 "the backup is altered or truncated" restore bad --password-file pw
cp b bad && printf xxxxxxxx | dd of=bad bs=1 seek=3000 conv=notrunc status=none
refuse 65 "the backup is altered or truncated" restore bad --password-file pw
refuse 65 "not a backup of sifctl*" restore pw --password-file pw
refuse 64 "unknown way to seal: 'x'; *" restore b --password-file pw --seal x
check test ! -e "$STORE"

# On another host, where there is nothing
accept restore b --password-file pw --dry-run && golden restore-dry-run
check test ! -e "$STORE"
accept restore b --password-file pw && golden restore
check test "$(content "$STORE")" = "$before"
works key suspend cow
works key resume cow

# In place of another, which stays
works key revoke cow --reason keyCompromise
now=$(state)
checks=$((checks + 1))
sifctl restore b --password-file pw --json
[ $? = 64 ] && [ ! -s "$OUT" ] || wrong "replaced without asking"
grep -qx "sifctl: this cannot be undone and there is no terminal to ask on; give --yes" "$ERR" || wrong "no word of --yes"
check test "$(state)" = "$now"
works restore b --password-file pw --yes --json && golden restore-json
check test "$(content "$STORE")" = "$before"
check test "$(cd "$STORE.before-restore" && find . -type f ! -name '.*lock' ! -name '*audit.jsonl*' -exec sha256sum {} + | sort | sha256sum)" = "$now"
refuse 64 "$STORE.before-restore is still there; *" restore b --password-file pw --yes
rm -r "$STORE.before-restore"
works key revoke cow --reason keyCompromise
works restore b --password-file pw --dry-run
grep -qx "sifctl: the key 'cow', now revoked, is active in the backup" "$ERR" || wrong "the revocation that would be undone is not told"
digest=sha256:$(printf '0%.0s' {1..64})
works digest revoke "$digest" --reason bad
works signer revoke "$spki" --reason keyCompromise
works restore b --password-file pw --dry-run
checks=$((checks + 2))
grep -qx "sifctl: the image $digest, now revoked, is not in the backup" "$ERR" || wrong "a revoked image is not told"
grep -qx "sifctl: the signer $spki, now revoked, is active in the backup" "$ERR" || wrong "a revoked signer is not told"
mkdir full && touch full/x
STORE=$WORK/full refuse 64 "$WORK/full exists and is not a keystore; *" restore b --password-file pw

# The log of changes and the end of a grant are not taken back, nor is a log put where there was none
STORE=$WORK/new
rm -rf "$STORE.before-restore"
records=$(wc -l <"$STORE/audit.jsonl")
works restore granted --password-file pw --yes
check test "$(wc -l <"$STORE/audit.jsonl")" = $((records + 2))
works audit verify --changes
check grep -q '"event":"change".*"restore"' "$STORE/audit.jsonl"
works breakglass list
check test -z "$(grep "$grant" "$OUT")"
STORE=$WORK/another
works restore granted --password-file pw
check test "$(wc -l <"$STORE/audit.jsonl")" = 1
works breakglass list
check test -z "$(grep "$grant" "$OUT")"

# Where the store key goes
STORE=$WORK/sealed
accept restore b --password-file pw --seal "file:$WORK/store.key"
says "store key: the file $WORK/store.key"
check test "$(stat -c %a%s store.key)" = 60032
accept backup --out away --password-file pw
mv store.key kept
refuse 78 "*cannot open $WORK/store.key: *" backup --out away2 --password-file pw
STORE=$WORK/back
accept restore away --password-file pw     # there where it was
check cmp store.key kept
head -c 32 /dev/zero >store.key
STORE=$WORK/back2
refuse 64 "the file $WORK/store.key holds another store key; move it away, or choose another way with --seal" restore away --password-file pw
check test ! -e "$STORE"
accept restore away --password-file pw --seal file
works key retire cow

# A keystore that does not work is not backed up as if it did
printf xxxxxxxx | dd of="$STORE/keys/$id/private.key" bs=1 seek=60 conv=notrunc status=none
refuse 78 "the backup is not of a keystore that works: keys/$id/private.key: *; sifctl doctor says more" backup --out d --password-file pw
check test ! -e d

# By this host's own key: sealed anew when it is restored
STORE=$WORK/host
if [ "$(id -u)" = 0 ] && sifctl init --seal systemd-creds:host; then
  accept key create cow --bits 2048
  accept backup --out host.backup --password-file pw
  rm -rf "$STORE"
  accept restore host.backup --password-file pw
  says "store key: systemd-creds (host)"
  accept key retire cow
else
  echo "SKIPPED, NOT TESTED: systemd-creds (needs root and systemd-creds)"
fi
