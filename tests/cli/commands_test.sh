#!/bin/bash
# Every command of sifctl, found by its help: each has help that is as it was (golden/help-*.txt), an example, --json,
# and takes --keystore and --json before itself, too. And what is said of words that mean nothing.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"

sed -n '/^\.Sh DRY RUNS/,/^\.Sh JSON/p' "$HERE/../../packaging/man/sifctl.8" >"$WORK/dry-runs"
commands=("") # of which the help was not looked at yet
helps=()
while [ "${#commands[@]}" -gt 0 ]; do
  command=${commands[0]}
  commands=("${commands[@]:1}")
  # shellcheck disable=SC2086 # words
  accept $command --help
  mapfile -t below < <(awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }' "$OUT")
  for inner in "${below[@]}"; do commands+=("${command:+$command }$inner"); done
  name=help${command:+-${command// /-}}
  helps+=("$name.txt")
  golden "$name"
  [ "${#below[@]}" = 0 ] || continue
  check grep -qE "^  (.* )?sifctl $command( |\$)" "$HERE/golden/$name.txt"
  # Session::on() gives a command its action and this option: one without either does nothing.
  check grep -q -- '^  --json ' "$HERE/golden/$name.txt"
  # The manual says which have it, and tests/cli/json_test.sh tries them.
  ! grep -q -- '^  --dry-run ' "$HERE/golden/$name.txt" || check grep -qE -- "(^\.Cm|,) $command( [,.]|\$)" "$WORK/dry-runs"
done
check test "${#helps[@]}" -gt 80
cp /dev/null "$OUT" && cp /dev/null "$ERR"
checks=$((checks + 1))
for file in "$HERE"/golden/help*.txt; do
  [[ " ${helps[*]} " == *" ${file##*/} "* ]] || wrong "${file##*/} is of no command"
done

# Options of all commands stand anywhere.
accept init
accept key list --json && cp "$OUT" expected
for line in "--json key list" "key --json list" "--json key list --json"; do
  # shellcheck disable=SC2086
  accept $line && cp "$OUT" shown && check cmp shown expected
done
checks=$((checks + 1))
"$SIFCTL" --json --keystore "$STORE" key list | cmp - expected || wrong "--json before --keystore"
"$SIFCTL" key --keystore "$STORE" list --json | cmp - expected || wrong "--keystore within"
refuse 64 "--json: stands behind --, *" key list -- --json
checks=$((checks + 1))
"$SIFCTL" key list -- --keystore "$STORE" >"$OUT" 2>"$ERR" && wrong "--keystore behind -- is taken"
for line in "--json key show none" "key --json show none" "--json key shwo"; do
  checks=$((checks + 1))
  # shellcheck disable=SC2086
  sifctl $line && wrong "$line ended with 0"
  grep -q '"schema": "sifguard.error/1"' "$OUT" || wrong "$line: no JSON"
done

# What is not wanted is not done, and what is wanted is: the option says yes or no.
accept digest revoke "sha256:$(printf %064d 1)" --reason x --dry-run=true && says "not done: --dry-run"
accept digest list && check test "$(wc -l <"$OUT")" = 1
accept digest revoke "sha256:$(printf %064d 1)" --reason x --dry-run=false && says "revoked sha256:0"
accept digest list && says "sha256:0"
refuse 64 "*--dry-run*" digest list --dry-run

# What was probably meant: commands, and options of the command and of all.
for line in "key lsit=list" "keey list=key" "key list --jsno=--json" "key list --kestore X=--keystore" \
  "key list --keystroe=/x=--keystore" "--jsno key list=--json" "signer revoke x --reasn y=--reason" \
  "image bind x --singer y=--signer"; do
  # shellcheck disable=SC2086
  refuse 64 "*; did you mean '${line##*=}'[?] see sifctl *--help" ${line%=*}
done
refuse 64 "The following arguments were not expected: more words; see sifctl key list --help" key list more words

# Texts are UTF-8, names of files are what they are.
odd=$'a\xffb'
for line in "image bind $odd --match /x --signer x" "image bind x --signer x --match /$odd" \
  "image bind x --match /x --signer x --allow-user $odd" "digest revoke sha256:x --reason $odd" \
  "breakglass grant --binding x --user x --ttl 1h --reason $odd" "node init --name $odd" "signer add x --label $odd"; do
  # shellcheck disable=SC2086
  refuse 64 "*: must be UTF-8 text, not '*a\\\\xffb'; see sifctl *--help" $line
done
refuse 66 "cannot open a\\\\xffb: No such file or directory" signer add "$odd"
refuse 66 "cannot open a\\\\xffb: No such file or directory" bundle import "$odd"

# What has been asked for and cannot be written is not a success.
for line in --help --version "key list --help" "key list" "key list --json" "--json --help"; do
  checks=$((checks + 1))
  # shellcheck disable=SC2086
  "$SIFCTL" --keystore "$STORE" $line >/dev/full 2>"$ERR"
  [ $? = 75 ] || wrong "$line: that its output was lost was not noticed"
  grep -q '^sifctl: cannot write to the standard output' "$ERR" || wrong "$line: nothing is said"
done

# In a directory that is not there any more, what is relative is one clear error, and the rest goes on.
absolute=$STORE
mkdir gone && cd gone && rmdir "$WORK/gone" || exit 1
for line in "key list" "init" "node check" "bundle import x" "ca list" "doctor" "image list" "explain --user root --image /x" \
  "signer retire x --dry-run" "backup --out x"; do
  # shellcheck disable=SC2086
  STORE=store refuse 66 "cannot find the working directory that 'store' is relative to: No such file or directory; *" $line
done
refuse 66 "cannot find the working directory that 'f.yaml' is relative to: *; *" node check f.yaml
refuse 64 "the image's name is relative and the working directory is not known; *" explain --user root --image x.sif
refuse 66 "cannot open x: No such file or directory" bundle import x
refuse 66 "cannot write beside x.pem: No such file or directory*" bundle signer --out x.pem
STORE=$absolute accept key list
cd "$WORK" || exit 1
