#!/bin/bash
# interrupted_test.sh SIFCTL: what of several steps was cut between two of them goes on, or says what to do.
. "$(dirname "$0")/../cli/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || { echo "SKIPPED, NOT TESTED: kills (needs strace)"; exit 77; }
export ASAN_OPTIONS=detect_leaks=0
printf 'a password' >pw
printf 'another one' >other-pw

# injured INJECTION ARGUMENTS…: runs sifctl with it, "CALL:signal=KILL:when=N" for one. Its status is in `ended`.
ended=0
injured() {
  strace -qq -o strace.log -e trace="${1%%:*}" -e inject="$1" "$SIFCTL" --keystore "$STORE" "${@:2}" >"$OUT" 2>"$ERR" </dev/null
  ended=$?
}
killed() { # the same, and it has to die
  checks=$((checks + 1))
  { injured "$1:signal=KILL:when=$2" "${@:3}"; } 2>/dev/null
  [ "$ended" = 137 ] || wrong "$1:$2 was not reached by: ${*:3}"
}
notes() {
  checks=$((checks + 1))
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == *$1* ]] || wrong "stderr does not contain: $1"
}
count() { "$SIFCTL" --keystore "$STORE" ca list 2>/dev/null | grep -c " $1 "; }
serial() { "$SIFCTL" --keystore "$STORE" ca list | sed -n "s/^\([0-9a-f]*\) .* $1 .*/\1/p"; }

accept init
sifctl ca init --subject /O=E/CN=Root --intermediate /O=E/CN=Inner --out root.pem --intermediate-out inner.pem --algorithm p-256
check test -s inner.pem

# The key has its file, the index knows of nothing: all of it is withdrawn.
killed renameat 3 ca issue --signer amy --out amy # the note, the certificate, the index
check test -e amy.key -a ! -e amy.pem
check test "$(count amy)" = 0
works ca crl --out list.pem
check test ! -e amy.key
check test -z "$(ls "$STORE"/ca/handovers)"
check test "$(ls "$STORE"/ca/certificates | wc -l)" = 1
accept ca issue --signer amy --out amy

# With --force: nothing but the old key comes back, and its certificate stays good; said, as the file changed again.
amy=$(sha256sum <amy.key)
for n in 1 2 3 4; do # the note, the key, the certificate, the index
  killed renameat $n ca issue --signer amy --out amy --force
  sifctl doctor --skip programs
  [ $n != 2 ] || says "is a second name of $WORK/amy.key, left by an interrupted command"
  [ $n -lt 3 ] || says "otherwise put it back: mv $WORK/.before-amy.key"
  ! grep -q "shred.*before-" "$OUT" || wrong "told to shred what was set aside"
  works ca crl --out list.pem
  [ $n -lt 3 ] || notes "$WORK/amy.key is again what it was before a command that was to replace it"
  check test "$(sha256sum <amy.key)" = "$amy" -a -z "$(find . -name "*amy.key.*.tmp")"
done
check test "$(count amy)" = 1
check cmp <(openssl pkey -in amy.key -pubout) <(openssl x509 -in amy.pem -noout -pubkey)
accept ca issue --signer kim --out kim
kim=$(sha256sum <kim.key)
killed renameat 3 ca renew kim.pem --new-key --out kim --force
works ca renew kim.pem --new-key --out kim --force
check test "$(sha256sum <kim.key)" != "$kim" -a "$(count kim)" = 2 -a -z "$(find . -name "*kim.key.*.tmp")"

# Recorded, and its file was not written: told, and the same command goes on with it.
killed linkat 2 ca issue --signer bea --out bea
check test -e bea.key -a ! -e bea.pem
check test "$(count bea)" = 1
bea=$(serial bea)
sifctl doctor --skip programs
says "certificate $bea ('bea') is recorded, but its command was interrupted before it wrote $WORK/bea.pem"
works ca crl --out list.pem
notes "certificate $bea ('bea') is recorded, but its command was interrupted before it wrote $WORK/bea.pem: repeat that command, or write it by sifctl ca show $bea --pem"
sifctl ca issue --signer bea --out bea --subject /O=E/CN=other # another wish is not this one
cp "$ERR" err
check grep -q "bea.key exists already" err
works ca issue --signer bea --out bea
notes "an interrupted run had recorded this certificate"
says "$bea"
check test "$(count bea)" = 1
check openssl verify -x509_strict -CAfile root.pem -untrusted inner.pem bea.pem
check cmp <(openssl pkey -in bea.key -pubout) <(openssl x509 -in bea.pem -noout -pubkey)
works ca crl --out list.pem
check test ! -s "$ERR"

# Interrupted by hand once it is recorded: it goes on to its end and says so, before the signal has its effect.
injured linkat:signal=INT:when=2 ca issue --signer zoe --out zoe
says "$(serial zoe)"
check test "$ended" = 130
check openssl verify -x509_strict -CAfile root.pem -untrusted inner.pem zoe.pem
check test "$(tail -n 1 "$STORE/audit.jsonl" | grep -c '"event":"changed"')" = 1
refuse 73 "zoe.pem exists already: it is certificate $(serial zoe) of this CA, for zoe; *--force" ca issue --signer zoe --out zoe
# When everything is done, and nothing was said: the same.
killed unlinkat 2 ca issue --signer yve --out yve
rm "$STORE/ca/handovers/$(serial yve)"
refuse 73 "yve.pem exists already: it is certificate $(serial yve) of this CA, for yve; *--force" ca issue --signer yve --out yve
check test "$(count yve)" = 1

# Its key stays as the interrupted run protected it: nobody is to believe that it has the password of now.
killed linkat 2 ca issue --signer pia --out pia
refuse 65 "an interrupted run made $WORK/pia.key without a password, and one is given now; repeat *" ca issue --signer pia --out pia --password-file pw
check test ! -e pia.pem
works ca issue --signer pia --out pia
killed linkat 2 ca issue --signer una --out una --password-file pw
refuse 65 "an interrupted run made $WORK/una.key, and the password does not open it; repeat *" ca issue --signer una --out una --password-file other-pw
refuse 65 "an interrupted run made $WORK/una.key under a password, and none is given now; repeat *" ca issue --signer una --out una
check test ! -e una.pem
works ca issue --signer una --out una --password-file pw
check openssl pkey -in una.key -passin file:pw -noout

# Its key is gone: the certificate is good for nobody, which is told until it is revoked.
killed linkat 2 ca issue --signer cat --out cat
cat=$(serial cat)
rm cat.key
works ca issue --signer cat --out cat
notes "its key is not in $WORK/cat.key: sifctl ca revoke $cat --reason superseded, and issue another"
check test "$(count cat)" = 2
works ca revoke --yes "$cat" --reason superseded
works ca crl --out list.pem
check test ! -s "$ERR"

# Its file was written, all but the note's end: nothing is left to tell.
killed unlinkat 2 ca issue --signer dee --out dee
check test -e dee.pem -a -n "$(ls "$STORE"/ca/handovers)"
works ca crl --out list.pem
check test ! -s "$ERR"
check test -z "$(ls "$STORE"/ca/handovers)"

# One that supersedes: the older one is revoked by then, and a repeat is of the same.
killed linkat 1 ca renew bea.pem --supersede --out bea2.pem
check test "$(count bea)" = 2
works ca renew bea.pem --supersede --out bea2.pem
says "revoked $bea"
check test "$(count bea)" = 2
for force in "" --force; do # once more: it is done
  # shellcheck disable=SC2086 # none or one
  refuse 73 "it is done already: bea2.pem is certificate *, which renews $bea, and that is revoked; *" ca renew bea.pem --supersede --out bea2.pem $force
done
refuse 79 "the certificate was revoked*" ca renew bea.pem --supersede --out amy.pem --force # which is another's
check openssl verify -x509_strict -CAfile root.pem -untrusted inner.pem bea2.pem
refuse 79 "the certificate was revoked*" ca renew bea.pem --supersede --out bea3.pem

# An intermediate's is in charge only when all of it is done.
killed linkat 1 ca renew inner.pem --out inner2.pem
works ca renew inner.pem --out inner2.pem
notes "interrupted run"
check bash -c "'$SIFCTL' --keystore '$STORE' ca show --pem | grep -qF \"\$(sed -n 2p inner2.pem)\""

# A disk that is full at the last step: the key stays, the repeat goes on.
injured linkat:error=ENOSPC:when=2 ca issue --signer eve --out eve
check test "$ended" = 75
eve=$(serial eve)
injured linkat:error=ENOSPC:when=2 ca issue --signer eva --out eva
notes "is issued and recorded, but cannot make"
notes "repeat the command, which goes on with it"
works ca issue --signer eva --out eva
check test "$(count eva)" = 1
works ca issue --signer eve --out eve
says "$eve"
# And before the index: nothing is left.
injured renameat:error=ENOSPC:when=3 ca issue --signer fay --out fay
check test "$ended" = 75
check test ! -e fay.key -a ! -e fay.pem
check test "$(count fay)" = 0
works ca crl --out list.pem
check test ! -s "$ERR"

# A signal, which can wait: the certificate is recorded and has both files, or neither.
injured linkat:signal=TERM:when=1 ca issue --signer gus --out gus
check test "$ended" = 143 -a -s gus.key -a -s gus.pem
check test "$(count gus)" = 1
injured openat:signal=INT:when=1 ca issue --signer hal --out hal
check test "$ended" = 130 -a ! -e hal.key -a ! -e hal.pem
check test "$(count hal)" = 0
works ca crl --out list.pem
check test ! -s "$ERR"
check test -z "$(ls "$STORE"/ca/handovers)"
works node init --out node.pem
injured renameat2:signal=TERM:when=1 node init --replace --name other --out node.pem # the two keys are exchanged
check test "$ended" = 143
check cmp node.pem <("$SIFCTL" --keystore "$STORE" node show --out -)

# A key that is made for files, too: the same command goes on with the one that the PFX holds, wherever it was cut.
made() { # made NAME: all of it is one key, and no note is left
  check test "$(openssl pkcs12 -in "$1.pfx" -passin 'pass:a password' -nodes -nocerts 2>/dev/null | openssl pkey -pubout)" = "$(cat "$1.pem")"
  check cmp "$1.pkcs1.pem" <(openssl rsa -pubin -in "$1.pem" -RSAPublicKey_out 2>/dev/null)
  check cmp "$1.pem" <("$SIFCTL" --keystore "$STORE" key export-public "$1")
  check test -z "$(find "$STORE" -maxdepth 1 -name '.key-next-*')"
}
for cut in linkat:1 linkat:2 renameat:2 unlinkat:1; do # no file, the PFX, all files, and the key
  name=cut-${cut/:/-}
  create=(key create "$name" --bits 2048 --file-prefix "$name" --pfx-password-file pw)
  { injured "${cut%:*}:signal=KILL:when=${cut#*:}" "${create[@]}"; } 2>/dev/null
  before=$(sha256sum 2>/dev/null <"$name.pfx")
  if [ -e "$name.pfx" ] && [ -n "$(find "$STORE" -maxdepth 1 -name ".key-next-$name")" ]; then
    if [ $cut = linkat:2 ]; then
      sifctl doctor --skip programs
      says "$WORK/$name.pfx holds the key '$name', which was not put into the keystore: its command was interrupted"
      refuse 73 "$name.pfx is of an interrupted run that made a key of 2048 bits; *" \
        key create "$name" --bits 3072 --file-prefix "$name" --pfx-password-file pw
      refuse 65 "$name.pfx: *; an interrupted run left it: give the password of then, *" \
        key create "$name" --bits 2048 --file-prefix "$name" --pfx-password-file other-pw
      refuse 73 "$name.p*exists already; *" key create "$name-2" --bits 2048 --file-prefix "$name" --pfx-password-file pw
    fi
    works "${create[@]}"
    notes "an interrupted run had made this key: it is finished"
    check test "$(sha256sum <"$name.pfx")" = "$before"
  elif [ ! -e "$name.pfx" ]; then
    works "${create[@]}"
  fi
  made "$name"
  refuse 73 "the keystore has a key named '$name' already; *" "${create[@]}"
done
# A key that replaces another, too: also when it is in the keystore by then, and with --force.
for cut in linkat:2 renameat:2 unlinkat:1 force:1; do
  name=turn${cut/:/}
  accept key create "$name" --bits 2048
  rotate=(key rotate "$name" --file-prefix "$name-2" --pfx-password-file pw)
  [ $cut != force:1 ] || { rotate+=(--force) && cut=unlinkat:1; }
  { injured "${cut%:*}:signal=KILL:when=${cut#*:}" "${rotate[@]}"; } 2>/dev/null
  check test "$ended" = 137 -a -e "$STORE/.key-next-$name-2"
  before=$(sha256sum <"$name-2.pfx")
  if [ $cut = unlinkat:1 ]; then
    check "$SIFCTL" --keystore "$STORE" key show "$name-2"
    refuse 79 "the key '$name' is replaced already, by '$name-2'; *" "${rotate[@]}" --name "$name-3"
    refuse 79 "the key '$name' is replaced already, by '$name-2'; *" key rotate "$name" --file-prefix else --pfx-password-file pw
    refuse 79 "the key '$name' is replaced already, by '$name-2'; *" key rotate "$name"
    refuse 65 "$name-2.pfx: *" key rotate "$name" --file-prefix "$name-2" --pfx-password-file other-pw
    rm "$name-2.pem" # is written again
  fi
  there=$(ls "$name-2".*) # --dry-run says what it would do, and refuses what it would refuse
  works "${rotate[@]}" --dry-run
  says "an interrupted run has made $name-2: it would be finished, and replace $name, not done: --dry-run"
  refuse 65 "$name-2.pfx: *; an interrupted run left it: *" key rotate "$name" --file-prefix "$name-2" --pfx-password-file other-pw --dry-run
  check test "$(ls "$name-2".*)" = "$there" -a -e "$STORE/.key-next-$name-2"
  works "${rotate[@]}"
  notes "an interrupted run had made this key: it is finished"
  check test "$(sha256sum <"$name-2.pfx")" = "$before"
  made "$name-2"
  refuse 79 "the key '$name' is replaced already, by '$name-2'; *" "${rotate[@]}"
done
printf short >short-pw
refuse 65 "the password is too short; *" key rotate "$name-2" --file-prefix x --pfx-password-file short-pw --dry-run
refuse 66 "cannot write beside missing/x.pem: *" key rotate "$name-2" --file-prefix missing/x --pfx-password-file pw --dry-run
works key rotate "$name-2" --file-prefix x --pfx-password-file pw --dry-run
check test -z "$(ls x.* 2>/dev/null)"
killed unlinkat 1 key create forced --bits 2048 --file-prefix forced --pfx-password-file pw --force
works key create forced --bits 2048 --file-prefix forced --pfx-password-file pw --force
notes "an interrupted run had made this key: it is finished"
made forced
killed renameat 3 key create anew --bits 2048 --file-prefix anew --pfx-password-file pw --force # the PFX has its name
before=$(sha256sum <anew.pfx)
works key create anew --bits 2048 --file-prefix anew --pfx-password-file pw --force # and is another's
check test "$(sha256sum <anew.pfx)" != "$before"
made anew
# What is of another key is not taken up, nor overwritten.
killed linkat 3 key create cut --bits 2048 --file-prefix cut --pfx-password-file pw
cp cut-linkat-1.pem cut.pem
refuse 73 "cut.pem exists already, and is of another key; *" key create cut --bits 2048 --file-prefix cut --pfx-password-file pw
check cmp cut.pem cut-linkat-1.pem
mv cut.pfx own.pfx && cp cut-linkat-1.pfx cut.pfx && rm cut.pem
refuse 73 "cut.pfx exists already, and is of another key; *" key create cut --bits 2048 --file-prefix cut --pfx-password-file pw
check cmp cut.pfx cut-linkat-1.pfx
rm cut.pfx # nobody has the key: another one is made
refuse 73 "cut.pkcs1.pem exists already; *" key create cut --bits 2048 --file-prefix cut --pfx-password-file pw
rm cut.pkcs1.pem
works key create cut --bits 2048 --file-prefix cut --pfx-password-file pw
made cut
# Whatever fails is taken back, its note, too.
injured linkat:error=ENOSPC:when=2 key create full --bits 2048 --file-prefix full --pfx-password-file pw
check test "$ended" = 75 -a ! -e full.pfx -a ! -e full.pem -a ! -e "$STORE/.key-next-full"

# A store key's file, named nowhere yet: the same command goes on with it; another one leaves it and says so.
accept key create cow --bits 2048
killed renameat 3 reseal --seal "file:$WORK/store.key" # the note, the file, seal.json
check test -e store.key
sifctl doctor --skip programs
says "sifctl reseal --seal file:$WORK/store.key"
touch other.key
refuse 73 "$WORK/other.key exists already; choose another path" reseal --seal "file:$WORK/other.key"
works reseal --seal "file:$WORK/store.key"
says "under a new store key: the file $WORK/store.key"
check test ! -e "$STORE/.seal-next"
accept key suspend cow
accept key resume cow
killed renameat 3 reseal --seal "file:$WORK/next.key"
check test -e next.key
unused="an interrupted reseal had made the store key $WORK/next.key, which this keystore does not use: remove it if no other keystore does"
works reseal --seal "file:$WORK/store.key" # where it is
notes "$unused"
says "all private keys are under the file $WORK/store.key: no change"
check test -e next.key -a ! -e "$STORE/.seal-next"
rm next.key
killed renameat 3 reseal --seal "file:$WORK/next.key"
cp -a "$STORE" copy
works reseal --seal file
notes "$unused"
check test -e next.key -a ! -e "$STORE/.seal-next"
# Another keystore uses it by now: it stays what it is.
check "$SIFCTL" --keystore copy reseal --seal "file:$WORK/next.key"
check "$SIFCTL" --keystore copy key suspend cow
rm -r copy next.key
works reseal --seal "file:$WORK/old.key"
killed renameat 5 reseal --seal "file:$WORK/new.key" # seal.json names both
check test "$(grep -c '"method"' "$STORE/seal.json")" = 2
refuse 79 "an interrupted reseal is taking the keystore from $WORK/old.key; finish it with sifctl reseal*" reseal --seal "file:$WORK/old.key"
works reseal
says "under a new store key: the file $WORK/new.key"
check rm old.key
accept key suspend cow
accept key resume cow
# ^C when a change has begun: it is made, recorded and told, and then the signal has its effect.
told() {
  checks=$((checks + 1))
  injured renameat:signal=INT:when=1 "$@"
  [ "$ended" = 130 ] && [ -s "$OUT" ] && tail -n 1 "$STORE/audit.jsonl" | grep -q '"event":"changed"' ||
    wrong "ended with $ended, or without a word or record: $*"
}
told digest revoke "sha256:$(printf '%064d' 1)" --reason x
told digest restore "sha256:$(printf '%064d' 1)"
told key suspend cow
told key resume cow
told trust add-root root.pem
told ca revoke --yes amy.pem --reason superseded
told key create told --bits 2048
check test "$("$SIFCTL" --keystore "$STORE" key list | grep -c told)" = 1
told key retire told
for n in 1 2; do # nothing is in place yet: there is nothing to go on with
  killed renameat $n reseal --seal "file:$WORK/next.key"
  check test ! -e next.key
done
works reseal --seal "file:$WORK/next.key"
check test -z "$(find . -maxdepth 1 -name '.next.key*')"

# The directory cannot be made durable after the change: it is made, which is said, and nothing is undone that it needs.
# said COMMAND…: of the runs in each of which one fsync fails, some say so; the keystore works after each.
said() {
  local n words=0
  for n in $(seq 1 60); do
    rm -rf "$STORE" "$STORE".before-restore sealed.key && cp -a whole "$STORE"
    injured "fsync:error=EIO:when=$n" "$@"
    grep -q INJECTED strace.log || break
    ! grep -q "the change is in place, but" "$ERR" || words=$((words + 1))
    ! grep -q "the reseal has begun, but" "$ERR" || words=$((words + 1))
    [ "$ended" = 0 ] || check test "$ended" = 70
    sifctl doctor --skip programs --skip account --skip audit-log --skip plugstack --skip enforcement --skip versions # of the host
    check test "$(grep -c ^problem "$OUT")" = 0
  done
  check test "$n" -gt 2
  check test "$words" -gt 0
}
STORE=$WORK/whole
accept init
accept key create cow --bits 2048
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out raw.pem
accept signer add raw.pem
raw=spki:$(openssl pkey -pubin -in raw.pem -outform DER | sha256sum | cut -d' ' -f1)
accept trust add-root root.pem
root=$("$SIFCTL" --keystore "$STORE" trust list | grep -o '[0-9a-f]\{16,\}' | head -n 1)
accept backup --out whole.backup --password-file pw
STORE=$WORK/durable
said signer remove "$raw"
said trust remove "$root"
said reseal --seal "file:$WORK/sealed.key"
said restore whole.backup --password-file pw --yes --seal "file:$WORK/sealed.key"

# An init that a signal ends has made all of it or nothing; what a killed one leaves goes at the next, its key overwritten.
STORE=$WORK/begun
left() { find "$WORK" -maxdepth 1 -name '.sifguard-init-*'; }
for signal in INT TERM HUP; do
  for at in mkdirat:1 renameat:1 renameat:2 fsync:3; do
    rm -rf "$STORE"
    { injured "${at%:*}:signal=$signal:when=${at#*:}" init; } 2>/dev/null
    check test "$ended" -gt 128
    check test -z "$(left)"
  done
done
rm -rf "$STORE"
for at in mkdirat:2 renameat:1 renameat:2; do
  killed "${at%:*}" "${at#*:}" init
  check test -n "$(left)" -a ! -e "$STORE"
done
accept init
check test -z "$(left)"
STORE=$WORK/begun2
killed renameat 2 init
STORE=$WORK/begun
sifctl doctor --skip programs
says "was left by an interrupted sifctl init: a new keystore, and a store key that encrypts nothing; the next sifctl init beside it overwrites and removes it: sifctl --keystore $STORE init"
accept init
says "is a keystore already"
check test -z "$(left)"

# Where two directories cannot be exchanged nothing could ever be suspended or revoked: no keystore is made there.
STORE=$WORK/elsewhere
injured renameat2:error=EINVAL:when=1 init
notes "cannot exchange two directories in $WORK/.sifguard-init-"
notes "Invalid argument; keep the keystore on a local filesystem"
check test "$ended" = 78 -a ! -e "$STORE"
check test -z "$(find . -maxdepth 1 -name '.sifguard-init-*')"
