#!/bin/bash
# sifctl setup: from nothing to a binding, with stand-ins for Slurm's programs; what is refused before anything is made,
# what a repetition finishes, and that it changes nothing once all is there. tests/packages/run has the real Slurm.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
key_pair() { openssl genpkey -quiet -algorithm ed25519 -out "$1.key" && openssl pkey -in "$1.key" -pubout -out "$1.pem"; }
key_pair alice && key_pair bob
mkdir bin apps slurm
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"bin/$1" && chmod 755 "bin/$1"; }
# shellcheck disable=SC2016 # for the stand-in
stand_in srun 'd=${0%/bin/srun}; echo "$(id -un) $*" >>$d/started; [ ! -e $d/says ] || { cat $d/says >&2; exit 1; }'
# shellcheck disable=SC2016
stand_in sinfo 'echo "$(hostname -s 2>/dev/null || uname -n | cut -d. -f1)"; echo other'
printf '%s\n' "squeue: $WORK/bin/squeue" 'verifier_user: daemon' >config
printf 'required %s/spank_sifguard.so\n' "$WORK" >slurm/plugstack.conf && : >slurm/slurm.conf
host=(--config "$WORK/config" --slurm-conf "$WORK/slurm/slurm.conf")
all=(--signer alice.pem --key cow --bits 2048 --public-key "$WORK/cow.pem" --bind cow --match "$WORK/apps/c*.sif" --everyone)
# steps STATES: of the last run, as JSON, in their order.
steps() {
  checks=$((checks + 1))
  sifctl "${@:2}" --json
  local shown
  shown=$(python3 -c 'import json, sys; print(*(s["state"] for s in json.load(open(sys.argv[1]))["steps"]))' "$OUT")
  [ "$shown" = "$1" ] || wrong "the steps are: $shown, not $1"
}
untouched() { check test ! -e "$STORE" -a ! -e cow.pem -a ! -e started; }

# What is refused, before anything is made
refuse 80 "this must be confirmed, and there is no terminal to ask on; give --yes" setup "${host[@]}"
refuse 80 "this must be confirmed*" setup "${host[@]}" "${all[@]}"
refuse 64 "*--bind requires --match*" setup "${host[@]}" --yes --bind cow --everyone
refuse 64 "*--match requires --bind*" setup "${host[@]}" --yes --match /x
refuse 64 "*--everyone requires --bind*" setup "${host[@]}" --yes --everyone
refuse 64 "*--allow-user requires --bind*" setup "${host[@]}" --yes --allow-user root
refuse 64 "*--public-key requires --key*" setup "${host[@]}" --yes --public-key x
refuse 64 "*--label requires --signer*" setup "${host[@]}" --yes --label x
refuse 64 "*--fingerprint requires --signer*" setup "${host[@]}" --yes --fingerprint x
refuse 64 "*--bits*" setup "${host[@]}" --yes --key cow --bits 1024
refuse 64 "*--skip*" setup "${host[@]}" --yes --skip keystore
refuse 64 "not a usable name for a key: '.cow'; *" setup "${host[@]}" --yes --key .cow
refuse 64 "nobody is allowed to run the image; *" setup "${host[@]}" --yes --signer alice.pem --bind cow --match /x
refuse 64 "--everyone contradicts *" setup "${host[@]}" --yes --signer alice.pem --bind cow --match /x --everyone --allow-user root
refuse 64 "*pattern*" setup "${host[@]}" --yes --signer alice.pem --bind cow --match x.sif --everyone
refuse 64 "*seal*" setup "${host[@]}" --yes --seal nonsense
refuse 66 "cannot open none.pem: No such file or directory" setup "${host[@]}" --yes --signer none.pem
echo 'verifier_user: [' >bad
refuse 78 "sifguard.yaml:2: *" setup --config "$WORK/bad" --yes
refuse 78 "*" setup --config "$WORK/bad" --yes --dry-run
untouched

# What would be
accept setup "${host[@]}" "${all[@]}" --yes --dry-run && says "not done: --dry-run"
says "would be done"
untouched

# A step that fails: those before it stay, those that need it wait, and the repetition finishes
checks=$((checks + 1))
sifctl setup "${host[@]}" --yes --signer alice.key "${all[@]:2}"
[ $? = 65 ] || wrong "a private key as a signer did not end with 65"
says "signer      failed"
says "binding     missing        waits for the signer"
check test -s "$STORE/images.yaml" -o ! -e "$STORE/images.yaml"
check grep -q '"event":"failed"' "$STORE/audit.jsonl" # although the keystore was not there when it began
check test -s started && rm started
# The public half of another key is no public half of this one.
cp cow.pem mine && echo other >cow.pem
checks=$((checks + 1))
sifctl setup "${host[@]}" "${all[@]}" --yes --no-test
[ $? = 73 ] || wrong "a file that is there was no error"
says "public key  failed         $WORK/cow.pem exists, and is not the public half of this key"
check grep -qx other cow.pem
cp mine cow.pem
accept setup "${host[@]}" "${all[@]}" --yes && says "this host is set up: no change"
says "image test  left out       this host has no image of a binding yet"
check test "$(stat -c %a cow.pem)" = 644
check test "$("$SIFCTL" --keystore "$STORE" key export-public cow --pkcs1 | cmp - cow.pem && echo same)" = same
before=$(state)
accept setup "${host[@]}" "${all[@]}" --yes && says "no change"
accept setup "${host[@]}" --yes && says "1 signer"
checks=$((checks + 1))
[ "$(state)" = "$before" ] || wrong "a repetition changed the keystore"
check test "$(tail -n 1 "$STORE/audit.jsonl" | grep -c '"event":"unchanged"')" = 1
# Another binding of this name is not replaced.
refuse_binding() {
  checks=$((checks + 1))
  sifctl setup "${host[@]}" --yes --signer alice.pem --key cow --public-key "$WORK/cow.pem" --bind cow --match "$WORK/other" --everyone
  [ $? = 73 ] || wrong "another binding was no error"
  says "sifctl image bind --replace"
  [ "$(state)" = "$before" ] || wrong "it changed the keystore"
}
refuse_binding
# Somebody else's signature than the key is for
checks=$((checks + 1))
sifctl setup "${host[@]}" --yes --signer bob.pem --key cow --public-key "$WORK/cow.pem" --bind dog --match "$WORK/dog" --everyone
[ $? = 77 ] || wrong "the rule of the key was widened"
says "binding     failed"

# From nothing at once, as JSON
rm -rf "$STORE" cow.pem started
: >apps/cow.sif
steps "there done done done done done there works works" setup "${host[@]}" "${all[@]}" --yes
valid setup
check grep -q "^root .*--nodes=1 --ntasks=1 .*true$" started
check grep -q -- "--nodelist=$(hostname -s) .*--sif-verify=$WORK/apps/cow.sif true$" started
steps "there there there there there there there works works" setup "${host[@]}" "${all[@]}" --yes
valid setup

# Slurm says no: what it said, and what to do; nothing is lost
echo "srun: error: Unable to allocate resources: Invalid partition" >says
refuse_srun() {
  checks=$((checks + 1))
  sifctl setup "${host[@]}" --yes
  [ $? = 69 ] || wrong "srun's failure was none"
  says "test        failed         srun true: $WORK/bin/srun failed: srun: error: Unable to allocate resources: Invalid partition; sifctl doctor"
}
refuse_srun
# What sifguard said to the step counts more than what srun adds to it.
printf '%s\n' "srun: x" "sifguard: another reason" "sifguard: you may not run it (77)" "srun: error: task 0: Exited with exit code 77" >says
checks=$((checks + 1))
sifctl setup "${host[@]}" --yes
[ $? = 69 ] || wrong "a refused step was no failure"
says "srun failed: sifguard: you may not run it (77); "
rm says && mv bin/srun bin/srun.away
checks=$((checks + 1))
sifctl setup "${host[@]}" --yes
[ $? = 1 ] || wrong "a missing srun was not missing"
says "no step can be tried: $WORK/bin/srun does not exist"
mv bin/srun.away bin/srun
accept setup "${host[@]}" --yes --no-test && says "test        left out       --no-test"
checks=$((checks + 1))
sifctl setup "${host[@]}" --yes --test-user nobody-of-this-name
[ $? = 64 ] || wrong "a user who is not there"
# As whom: a named user; of a group somebody must be named.
if [ "$(id -u)" = 0 ]; then
  rm -f started && : >started && chmod 666 started && chmod 711 . # he enters it, and writes there
  accept setup "${host[@]}" --yes --signer alice.pem --bind dog --match "$WORK/apps/d*.sif" --allow-user daemon --allow-partition deep
  : >apps/dog.sif
  accept setup "${host[@]}" --yes --signer alice.pem --bind dog --match "$WORK/apps/d*.sif" --allow-user daemon --allow-partition deep
  check grep -q -- "^daemon .*--partition=deep .*--sif-verify=$WORK/apps/dog.sif true$" started
fi
accept setup "${host[@]}" --yes --signer alice.pem --bind fox --match "$WORK/apps/c*.sif" --allow-group daemon
says "is for members of daemon; name one of them: --test-user USER"

# The host: an account that nobody makes, a plugin that is not there
printf '%s\n' 'verifier_user: no-such-account' >config2
checks=$((checks + 1))
sifctl setup --config "$WORK/config2" --slurm-conf "$WORK/slurm/slurm.conf" --yes --no-test
[ $? = 1 ] || wrong "a missing account is not missing"
says "account     missing        there is no account 'no-such-account', which parses images; useradd "
accept setup --config "$WORK/config2" --yes --no-test --skip account --skip plugin
: >slurm/plugstack.conf
checks=$((checks + 1))
SIFGUARD_PLUGIN_DIR=$WORK/none sifctl setup "${host[@]}" --yes
status=$?
if [ "$(id -u)" = 0 ] && [ ! -e "$(sed -n 's/^plugins=.*:-\(.*\)}$/\1/p' "${SIFCTL%/*}/sifguard-plugstack")/spank_sifguard.so" ]; then
  [ $status = 66 ] || wrong "a plugin that is not there was no error"
  says "plugin      failed "
  says "image test  missing        waits for the plugin"
  check test ! -s slurm/plugstack.conf
fi
printf 'required %s/spank_sifguard.so\n' "$WORK" >slurm/plugstack.conf

# Interrupted anywhere, the repetition completes.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  export ASAN_OPTIONS=detect_leaks=0
  for call in renameat:1 renameat:3 renameat2:1 linkat:1 renameat:5 renameat:7; do
    rm -rf "$STORE" cow.pem
    { strace -f -qq -o /dev/null -e trace="${call%:*}" -e inject="${call%:*}:signal=KILL:when=${call#*:}" \
      "$SIFCTL" --keystore "$STORE" setup "${host[@]}" "${all[@]}" --yes --no-test >"$OUT" 2>"$ERR" </dev/null; } 2>/dev/null
    echo "$call: $?" >>killed
    accept setup "${host[@]}" "${all[@]}" --yes --no-test
    accept setup "${host[@]}" "${all[@]}" --yes --no-test && says "this host is set up: no change"
  done
  check test "$(grep -c ': 137' killed)" -ge 4
else
  echo "NOT TESTED: kills (strace does not work here)"
fi

# On a terminal: what is asked, and that no is no.
typed() { # STATUS ARGUMENTS QUESTION ANSWER…
  local want=$1 arguments=$2
  shift 2
  checks=$((checks + 1))
  at_terminal "'$SIFCTL' --keystore '$STORE' setup ${host[*]} $arguments" "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "on the terminal it ended with $status, not $want"
}
if command -v script >/dev/null; then
  signer='public key or certificate of the image builder' key='Name for a new key' binding='Name for a binding'
  images='Which images' who='Who may run them' confirm='Type yes'
  rm -rf "$STORE" cow.pem
  typed 80 "--no-test --bits 2048" "$signer" alice.pem "$key" cow "$binding" cow "$images" "$WORK/apps/c*.sif" "$who" everyone "$confirm" no
  says "cancelled, nothing changed"
  typed 80 "--no-test --bits 2048" "$signer" alice.pem "$key" cow # then the end of what is typed
  # ^C at each question
  asked=("$signer" alice.pem "$key" cow "$binding" cow "$images" "$WORK/apps/c*.sif" "$who" everyone "$confirm" yes)
  for ((at = 1; at < ${#asked[@]}; at += 2)); do
    typed 130 "--no-test --bits 2048" "${asked[@]:0:at}" $'\003'
  done
  check test ! -e "$STORE"
  typed 64 --no-test "$signer" alice.pem "$key" cow "$binding" cow "$images" "$WORK/apps/c*.sif" "$who" ''
  says "nobody is allowed"
  typed 66 --no-test "$signer" none.pem "$key" - "$binding" -
  typed 64 --no-test "$signer" alice.pem "$key" .cow "$binding" -
  check test ! -e "$STORE"
  typed 0 "--no-test --bits 2048 --key cow --public-key '$WORK/cow.pem'" \
    "$signer" alice.pem "$binding" cow "$images" "$WORK/apps/c*.sif" "$who" root "$confirm" yes
  accept image show cow && says "root"
  # All is there: it asks nothing.
  typed 0 --no-test
  says "this host is set up: no change"
else
  echo "SKIPPED, NOT TESTED: questions (script is not installed)"
fi
