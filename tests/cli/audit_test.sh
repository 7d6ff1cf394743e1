#!/bin/bash
# sifctl audit verify, tail and show; and what sifctl records of its own changes. The chain is held against
# sha256sum.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
log=$STORE/audit.jsonl
records() { wc -l <"$log"; }
last() { tail -n 1 "$log"; }
# broken PATTERN ARGUMENTS…: audit verify ends with 65, stdout has the pattern, stderr nothing.
broken() {
  local pattern=$1
  shift
  checks=$((checks + 1))
  sifctl audit verify "$@"
  local status=$?
  [ "$status" = 65 ] || wrong "sifctl audit verify $* ended with $status"
  [ ! -s "$ERR" ] || wrong "sifctl audit verify $* wrote to stderr"
  # shellcheck disable=SC2053
  [[ $(cat "$OUT") == *$pattern*"NOT WHOLE"* ]] || wrong "stdout has not: $pattern"
}

# What is recorded: changes before and after, failures, not what only reads.
SUDO_USER=carol accept init
check test "$(records)" = 1
accept key create cow --bits 2048
check test "$(records)" = 3
check bash -c "sed -n 2p '$log' | grep -q '\"event\":\"change\".*\"command\":\\[\"--keystore\",\"$STORE\",\"key\",\"create\",\"cow\"'"
check bash -c "sed -n 3p '$log' | grep -q '\"event\":\"changed\",\"node\":\"$(uname -n)\",\"user\":\"$(id -un)\",\"uid\":$(id -u),'"
check bash -c "sed -n 1p '$log' | grep -q '\"sudo_user\":\"carol\"'"
accept key list
accept key show cow
accept key suspend cow --dry-run
accept key rule show cow
accept image list
check test "$(records)" = 3
openssl genpkey -algorithm ED25519 2>/dev/null | openssl pkey -pubout -out raw.pem
accept signer add raw.pem --label --dry-run
check test "$(records)" = 5
refuse 66 "no key 'dog' *" key retire dog
check bash -c "grep -q '\"event\":\"failed\".*\"code\":\"absent\",\"reason\":\"no key .dog. in the keystore\"' <<<'$(last | tr "'" .)'"
refuse 64 "*" key import --pkcs11 'pkcs11:token=t;object=o?pin-value=12345678' --name token
check bash -c "! grep -q 12345678 '$log' && grep -q 'pin-value=\\.\\.\\.' '$log'"
checks=$((checks + 1))
if [ -r /proc/self/loginuid ] && [ "$(cat /proc/self/loginuid)" != 4294967295 ]; then
  last | grep -q "\"login_uid\":$(cat /proc/self/loginuid)" || wrong "the login uid is not recorded"
fi
check test "$(stat -c %a "$log")" = 600

# A change that cannot be recorded is not made.
before=$(state)
mv "$log" kept && mkdir "$log"
refuse 78 "cannot open the audit log $log: *" key retire cow
rmdir "$log"
ln -s kept "$log"
refuse 78 "the audit log $log is a symbolic link; *" key retire cow
rm "$log" && mv kept "$log" && chmod 666 "$log"
refuse 78 "the audit log $log is writable by group or others; *" key retire cow
chmod 600 "$log"
check test "$(state)" = "$before"

# The chain, by another tool.
sha() { sed 's/,"hash":"[0-9a-f]*"}$//' | tr -d '\n' | sha256sum | cut -c1-64; }
field() { sed -E "s/.*\"$1\":\"?([0-9a-f]+)\"?[,}].*/\1/"; }
n=0 prev=$(printf %064d 0)
while IFS= read -r line; do
  n=$((n + 1))
  check test "$(sha <<<"$line") $(field hash <<<"$line" | tail -c 65) $(field prev <<<"$line") $(field seq <<<"$line")" = \
    "$(field hash <<<"$line" | tail -c 65) $(sha <<<"$line") $prev $n"
  prev=$(field hash <<<"$line")
done <"$log"
accept audit verify --changes && says "whole: $n records, 1 to $n, in 1 file; the last is $prev"
accept audit verify "$log" && says "whole: $n records"
accept audit verify "$log" --json && says '"whole": true'

# What verify sees.
cp "$log" good && cp "$STORE/.audit.jsonl.head" .good.head
sed 3d good >bad && broken "bad:3: record 3 is missing between line 2 and this one" bad
sed '3s/cow/ox/' good >bad && broken "bad:3: this record was edited" bad
sed '3s/"seq":3/"seq":4/' good >bad && broken "bad:3: this record was edited" bad
sed '2{h;d};3G' good >bad && broken "bad:2: record 2 is missing between line 1" bad
sed '2p' good >bad && broken "bad:3: record 2 stands after record 2, line 2: moved, repeated or put in" bad
sed '2i {"time":"2026-01-31T12:00:00.000Z","event":"started"}' good >bad && broken "bad:2: this is not a record" bad
sed 's/$/ /' good >bad && broken "bad:1: this is not a record" bad
sed 1d good >bad && accept audit verify bad && says "whole: $((n - 1)) records, 2 to $n"
# An edit with a hash that fits shows in the next line, and at the end by the head.
forged=$(sed -n 3p good | sed 's/cow/dog/; s/,"hash":.*//')
sed 3d good | sed "2a $forged,\"hash\":\"$(printf %s "$forged" | sha256sum | cut -c1-64)\"}" >bad
broken "bad:4: this record was written after another record 3 than line 3 is: one of the two was replaced" bad
sed '$d' good >bad && accept audit verify bad
cp .good.head .bad.head && broken "bad: record $n is missing at the end: the log's head names record $n" bad
: >bad && broken "bad: record $n is missing at the end" bad
echo garbage >.bad.head && refuse 65 "*.bad.head is malformed*" audit verify bad
rm .bad.head
mv "$STORE/.audit.jsonl.head" away && broken "the head of the log is missing" --changes && mv away "$STORE/.audit.jsonl.head"
accept audit verify --changes
head -c -20 good >bad && accept audit verify bad && says "note: bad:$n: a piece of a record at the file's end"
cp .good.head .bad.head && broken "record $n is missing at the end" bad && rm .bad.head
refuse 66 "cannot open missing: *" audit verify missing
refuse 66 "g is not a regular file" audit verify "$(mkdir g && echo g)"

# Rotation: renamed, emptied, a piece of a line.
mv "$log" "$log.1"
accept key retire cow
check test "$(records)" = 2
accept audit verify --changes && says "whole: $((n + 2)) records, 1 to $((n + 2)), in 2 files"
accept audit verify "$log" "$log.1" && says "in 2 files"
printf '{"half' >>"$log"
accept key suspend cow
accept audit verify --changes && says "note: $log:3: a piece of a record, left by a crash"
sed -i '$d' "$log.1" && broken "$log:1: record $n is missing between the last record of $log.1 (line $((n - 1))) and this one" --changes
cp good "$log.1"
touch "$log.2.gz"
sifctl audit verify --changes
checks=$((checks + 1))
grep -q "audit.jsonl.2.gz is compressed, and left out" "$ERR" || wrong "the compressed file is not named"
rm "$log.2.gz"

# Writers at once.
for _ in 1 2 3 4 5 6; do setsid -w "$SIFCTL" --keystore "$STORE" digest revoke "sha256:$prev" --reason x >"$OUT" 2>&1 & done
wait
accept audit verify --changes && says "whole: $((n + 16)) records"

# show and tail
cat >launches <<'END'
{"time":"2026-01-30T10:00:00.000Z","event":"intent","job":7,"user":"alice","uid":1001,"image":"cow.sif","path":"/apps/cow.sif","bindings":["cow"],"decision":"allow"}
{"time":"2026-01-31T10:00:00.000Z","event":"refused","job":8,"user":"bob","uid":1002,"image":"dog.sif","decision":"refuse","code":"denied","reason":"no binding\u001b[2J"}
not a record
{"time":"2026-02-01T10:00:00.000Z","event":"suppressed","uid":1002,"decision":"refuse","count":40}
END
shown() { accept audit show launches "$@" && check test "$(cut -c1-10 "$OUT" | xargs)" = "$want"; }
want='2026-01-30 2026-01-31 2026-02-01' && shown && accept audit show launches && golden audit-show
want=2026-01-30 && shown --job 7 && shown --user alice && shown --user 1001 && shown --decision allow && shown --image apps/cow
want='2026-01-31 2026-02-01' && shown --user 1002 && shown --since 2026-01-31 && shown --decision refuse
want=2026-01-31 && shown --since 2026-01-31 --until 2026-01-31 && shown --user bob --since 2026-01-31T10:00:00Z
want='' && shown --job 9 && shown --user carol && shown --job 7 --user bob
accept audit show launches --user bob --json && golden audit-show-json
refuse 64 "*" audit show launches --job x
refuse 64 "*" audit show launches --decision maybe
refuse 64 "not a date: 'tomorrow'*" audit show launches --since tomorrow
refuse 64 "not a time that long ago: '-30y'*" audit show launches --since -30y
want='' && shown --since -30d --until 2026-03-01 && shown --since yesterday && shown --until yesterday --since today
want='2026-01-30 2026-01-31 2026-02-01' && shown --until today && shown --since -3650d

# Who signed what, with which key, where.
cat >steps <<'END'
{"time":"2026-01-30T10:00:00.000Z","event":"started","job":7,"step":0,"node":"n1","user":"alice","uid":1001,"image":"cow.sif","path":"/apps/cow.sif","digest":"sha256:12ab","bindings":["cow"],"signers":["12045C8C"],"key_id":"4c4b","release":"mount","decision":"allow"}
{"time":"2026-01-30T10:00:01.000Z","event":"started","job":7,"step":0,"node":"n2","user":"alice","uid":1001,"image":"cow.sif","path":"/apps/cow.sif","digest":"sha256:12ab","bindings":["cow"],"signers":["12045C8C"],"key_id":"4c4b","release":"mount","decision":"allow"}
END
said() { accept audit show steps "$@" && check test "$(wc -l <"$OUT")" = "$want"; }
want=2 && said && said --digest sha256:12 && said --digest 12AB && said --key 4c4b && said --signer 12045c8c && said --event started
accept audit show steps && golden audit-show-steps
want=1 && said --node n2 && said --node n1 --binding cow
want=0 && said --node n3 && said --binding co && said --event intent && said --key 4c4c && said --digest ab && said --signer ffff
cow=$("$SIFCTL" --keystore "$STORE" key show cow --json | sed -n 's/.*"id": "\([0-9a-f]*\)".*/\1/p' | head -n 1)
sed -i "s/4c4b/$cow/" steps
want=2 && said --key cow && said --key "${cow:0:9}"
refuse 66 "no key 'horse' in the keystore; *" audit show steps --key horse

# Two nodes' logs are two chains.
mkdir n1 n2
for n in n1 n2; do
  prev=
  for i in 1 2 3; do
    body="{\"time\":\"2026-01-30T10:00:0$i.000Z\",\"event\":\"started\",\"node\":\"$n\",\"seq\":$i,\"prev\":\"${prev:-$(printf '0%.0s' {1..64})}\""
    prev=$(printf '%s' "$body" | sha256sum | cut -c 1-64)
    printf '%s,"hash":"%s"}\n' "$body" "$prev"
  done >$n/audit.jsonl
done
accept audit verify n1/audit.jsonl n2/audit.jsonl && says 'n1: whole: 3 records, 1 to 3' && says 'n2: whole: 3 records'
accept audit verify n2/audit.jsonl n1/audit.jsonl --json && says '"node": "n2"' && says '"records": 6'
accept audit verify n1/audit.jsonl && says 'whole: 3 records, 1 to 3' && check test "$(grep -c n1: "$OUT")" = 0
sed -i 2d n2/audit.jsonl
broken 'n1: whole: 3 records' n1/audit.jsonl n2/audit.jsonl
broken 'n2: ' n1/audit.jsonl n2/audit.jsonl
cat n1/audit.jsonl >>n2/audit.jsonl
broken '' n2/audit.jsonl
accept audit tail launches -n 2 && golden audit-tail
accept audit tail launches -n 1 --json && says '"count":40'
accept audit tail launches -n 0 && check test -z "$(cat "$OUT")"
accept audit show --changes --user carol && check test "$(wc -l <"$OUT")" = 1
refuse 66 "*" audit tail missing

# --follow through a rotation
"$SIFCTL" audit tail launches -n 1 --follow --json >followed 2>&1 &
follower=$!
seen() { eventually grep -q "$1" followed; }
check seen '"count":40'
printf '{"event":"a' >>launches && sleep 0.3 && printf 'dded"}\n' >>launches
check seen '^{"event":"added"}$'
mv launches launches.1 && echo '{"event":"rotated"}' >launches
check seen '"rotated"'
: >launches && sleep 0.5 && echo '{"event":"emptied"}' >>launches
check seen '"emptied"'
kill "$follower"
check test "$(wc -l <followed)" = 4

# Who may not read is told whose it is to let him: root's, or another's.
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups "$SIFCTL" --version >/dev/null 2>&1; then
  chmod 755 "$WORK"
  printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' "$SIFCTL" >nobody && chmod 755 nobody
  echo text >others && chmod 600 others && chown 65533 others
  echo text >roots && chmod 600 roots
  SIFCTL=$WORK/nobody
  for each in "tail --changes" "show --changes" "verify --changes"; do
    # shellcheck disable=SC2086 # words
    refuse 77 "cannot open $STORE/*: Permission denied; run this as root" audit $each
  done
  refuse 77 "cannot open $WORK/roots: Permission denied; run this as root" audit tail "$WORK/roots"
  refuse 77 "cannot open $WORK/others: Permission denied; its owner must let you read it" audit tail "$WORK/others"
  refuse 77 "cannot open $WORK/roots: Permission denied; run this as root" audit verify "$WORK/roots"
  refuse 77 "keystore: cannot open $STORE: Permission denied; run this as root" key list
else
  echo "SKIPPED, NOT TESTED: what who is not root may not read"
fi
