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
content() {   # content DIR: what a restore must bring back
  (cd "$1" && find . -type f ! -name '.*lock' ! -name '*audit.jsonl*' ! -name breakglass.json ! -name seal.json ! -path './.reserve*' ! -path ./.unfinished -printf '%m %p ' -exec sha256sum {} \; | sort -k2)
}

# Backup
refuse 80 "a password is needed for the backup and there is no terminal; give --password-file or --password-fd" backup --out b
refuse 65 "the password is too short; use 8 characters or more" backup --out b --password-file short
refuse 66 "cannot open nothing: *" backup --out b --password-file nothing
check test ! -e b
accept backup --out b --password-file pw && golden backup
check test "$(stat -c %a b)" = 600
check bash -c '! grep -qa -e cow -e PRIVATE -e "images:" b'
refuse 73 "b exists already; *--force" backup --out b --password-file pw
accept backup --out c --force --password-file pw --json && golden backup-json
works breakglass grant --binding cow --user "$(id -un)" --ttl 1h --reason drill
grant=$(grep -o 'bg-[0-9a-f]*' "$OUT" | head -n 1)
accept backup --out granted --password-file pw
works breakglass end "$grant"
before=$(content "$STORE")

# What must not be restored; and nothing changes
STORE=$WORK/new
refuse 66 "cannot open nothing: *" restore nothing --password-file pw
refuse 80 "a password is needed for b *" restore b
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
works key revoke --yes cow --reason keyCompromise
now=$(state)
checks=$((checks + 1))
sifctl restore b --password-file pw --json
[ $? = 80 ] && grep -q '"kind": "cancelled"' "$OUT" || wrong "replaced without asking"
grep -qx "sifctl: this must be confirmed, and there is no terminal to ask on; give --yes" "$ERR" || wrong "no word of --yes"
check test "$(state)" = "$now"
works restore b --password-file pw --yes --json && golden restore-json
check test "$(content "$STORE")" = "$before"
check test "$(cd "$STORE.before-restore" && find . -type f ! -name '.*lock' ! -path './.reserve*' ! -name '*audit.jsonl*' -exec sha256sum {} + | sort | sha256sum)" = "$now"
refuse 73 "$STORE.before-restore is still there; *" restore b --password-file pw --yes
rm -r "$STORE.before-restore"
works key revoke --yes cow --reason keyCompromise
works restore b --password-file pw --dry-run
grep -qx "sifctl: the key 'cow', now revoked, is active in the backup" "$ERR" || wrong "the revocation that would be undone is not told"
digest=sha256:$(printf '0%.0s' {1..64})
works digest revoke "$digest" --reason bad
works signer revoke --yes "$spki" --reason keyCompromise
works restore b --password-file pw --dry-run
checks=$((checks + 2))
grep -qx "sifctl: the image $digest, now revoked, is not in the backup" "$ERR" || wrong "a revoked image is not told"
grep -qx "sifctl: the signer $spki, now revoked, is active in the backup" "$ERR" || wrong "a revoked signer is not told"
mkdir full && touch full/x
STORE=$WORK/full refuse 73 "$WORK/full exists and is not a keystore; *" restore b --password-file pw

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

# What a restore undoes is told, all of it, and what may only move forward is taken over.
STORE=$WORK/forward
accept init
told() { checks=$((checks + 1)); grep -qx -- "sifctl: $1" "$ERR" || wrong "not told: $1"; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout gone.key -out gone.pem -days 30 -subj /CN=gone 2>/dev/null
works ca init --subject /O=E/CN=R --out r.pem --algorithm p-256
accept ca issue --signer carol --out carol
accept key create cow --bits 2048
accept signer add raw.pem
accept trust add-root r.pem
accept trust add-root gone.pem
accept image bind cow --match /apps/cow.sif --signer "$spki" --key cow --everyone
works ca crl --out one.crl
accept trust add-crl one.crl
accept backup --out early --password-file pw
accept ca issue --signer late --out late
works ca revoke --yes carol.pem --reason keyCompromise
sleep 1
works ca crl --out two.crl
accept trust add-crl two.crl
works trust remove "$(openssl x509 -in gone.pem -outform DER | sha256sum | cut -c1-64)"
works key retire cow
works signer retire "$spki"
accept image unbind cow
works digest revoke "$digest" --reason bad
lines=$(state)
works restore early --password-file pw --dry-run
for each in 1 2; do
  told "the key 'cow', now retired, is active in the backup"
  told "the signer $spki, now retired, is active in the backup"
  told "the binding 'cow', removed since, is in the backup"
  told "the root 'CN=gone', removed since, is trusted in the backup"
  told "the image $digest, now revoked, is not in the backup"
  told "the revocation list of 'CN=R,O=E' is older in the backup"
  told "what the CA did since is not in the backup: 1 certificates, 1 revocations"
  told "what is revoked or newer here than there stays so"
  [ $each = 2 ] && break
  check test "$(state)" = "$lines"
  works restore early --password-file pw --yes
done
accept ca show carol.pem && says keyCompromise
accept ca show late.pem
check test "$(openssl crl -in "$(find "$STORE/trust/crls" -type f)" -noout -crlnumber)" = "$(openssl crl -in two.crl -noout -crlnumber)"
works ca crl --out three.crl
check test $((16#$(openssl crl -in three.crl -noout -crlnumber | sed 's/.*=0x//; s/.*=//'))) -gt $((16#$(openssl crl -in two.crl -noout -crlnumber | sed 's/.*=0x//; s/.*=//')))
accept digest list && says "$digest"
accept key list && says active

# Killed at every step there is the old or the new one, whole; what is called before-restore is the old one, whole;
# nothing says to remove what holds keys; and the restore is repeated.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  STORE=$WORK/killed
  accept init
  accept key create cow --bits 2048
  accept backup --out k.backup --password-file pw
  accept key create dog --bits 2048
  new='' old=$(content "$STORE")
  cp -a "$STORE" pristine
  killed=0
  for step in renameat2:1 renameat2:2 renameat2:3 syncfs:1 syncfs:2 syncfs:3 linkat:1 linkat:9 unlinkat:2; do
    rm -rf "$STORE"* .sifguard-* && cp -a pristine "$STORE"
    checks=$((checks + 1))
    # strace counts each call by itself
    { ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace.log -e trace="${step%:*}" -e inject="${step%:*}:signal=KILL:when=${step#*:}" \
      "$SIFCTL" --keystore "$STORE" restore k.backup --password-file pw --yes </dev/null >/dev/null 2>&1; } 2>/dev/null && wrong "$step was not reached"
    killed=$((killed + 1))
    now=$(content "$STORE")
    [ "$now" = "$old" ] || { [ "$now" != "" ] && [ "${new:=$now}" = "$now" ]; } || wrong "killed at $step: neither the old nor the new one"
    [ ! -e "$STORE.before-restore" ] || check test "$(content "$STORE.before-restore")" = "$old"
    [ "$now" = "$old" ] || check test -e "$STORE.before-restore"
    sifctl doctor
    cp "$OUT" doctor.out
    for each in $(grep -o "rm -r $WORK/[^ ]*" "$OUT" | cut -c7-); do
      check test -z "$(find "$each" -name 'private.*')"
    done
    if [ "$step" = renameat2:2 ]; then # at the exchange: what was made is whole, and never was the keystore
      check grep -q "/.sifguard-restore-[0-9a-f]* is what an interrupted sifctl restore was making of a backup; it never was the keystore; repeat that restore, which removes it" doctor.out
      check grep -q "before-restore is the keystore from before a restore; it has nothing but second names of the keystore's own files" doctor.out
    elif [ "$step" = renameat2:3 ]; then # after it: two names of the old one
      check grep -q "/.sifguard-restore-[0-9a-f]*; it has nothing but second names of the files in $STORE.before-restore: the next sifctl restore removes it" doctor.out
      refuse 73 "$STORE.before-restore is still there; *" restore k.backup --password-file pw --yes
      mv "$STORE.before-restore" "$STORE.away"
      works restore k.backup --password-file pw --yes
      check test "$(content "$STORE.away")" = "$old"
      check test -z "$(find "$WORK" -maxdepth 1 -name '.sifguard-restore-*')"
    fi
    [ "$now" = "$old" ] || continue
    works restore k.backup --password-file pw --yes
    check test "$(content "$STORE.before-restore")" = "$old"
    new=${new:-$(content "$STORE")}
    check test "$(content "$STORE")" = "$new"
    works audit verify --changes
    check test -z "$(find "$WORK" -maxdepth 1 -name '.sifguard-restore-*' -o -name .unfinished)"
  done
  check test "$killed" = 9
  check test "$new" != ""
else
  echo "SKIPPED, NOT TESTED: kills (needs strace)"
fi

# The log of changes stays one chain while others write, whichever directory they have open; no revocation is lost.
STORE=$WORK/chain
accept init
accept key create cow --bits 2048
accept backup --out chain.backup --password-file pw
for writer in 1 2; do
  for i in $(seq 1 8); do
    d=sha256:$(printf '%063d' $i)$writer
    setsid -w "$SIFCTL" --keystore "$STORE" digest revoke "$d" --reason x >/dev/null 2>&1 </dev/null && echo "$d" >>"revoked.$writer"
  done &
done
sleep 1
works restore chain.backup --password-file pw --yes
wait
works audit verify --changes
accept digest list
cp "$OUT" listed
for d in $(cat revoked.1 revoked.2); do check grep -q "$d" listed; done
check test -s revoked.1

# What is revoked while the question waits is not undone.
if command -v script >/dev/null; then
  rm -rf "$STORE.before-restore"
  checks=$((checks + 1))
  asks="'$SIFCTL' --keystore '$STORE' restore chain.backup --password-file pw"
  {
    for _ in $(seq 1 300); do grep -q 'to go on' "$OUT" && break; sleep 0.1; done
    "$SIFCTL" --keystore "$STORE" key revoke --yes cow --reason keyCompromise >/dev/null 2>&1
    echo restore
    sleep 1
  } | script -qec "$asks" /dev/null >"$OUT" 2>"$ERR" && wrong "a revocation was undone that nobody was told of"
  says "the keystore was changed meanwhile, nothing was restored: the key 'cow', now revoked, is active in the backup"
  accept key list && says revoked
else
  echo "SKIPPED: the question (needs script(1))"
fi

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
refuse 73 "the file $WORK/store.key holds another store key; move it away, or choose another way with --seal" restore away --password-file pw
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
