#!/bin/bash
# What shells offer while a command line is typed: every command and option that --help shows, names of what the
# keystore has, and the shells' own files, driven where the shells are there. Usage: completion_test.sh SIFCTL TOOL…
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL TOOL…}"
tools=("${@:2}")
completions=$HERE/../../packaging/completions

offered() { # PROGRAM WORD…: the words alone, into $OUT
  checks=$((checks + 1))
  "$1" --complete "${@:2}" 2>"$ERR" | cut -f1 >"$OUT"
  [ ! -s "$ERR" ] || wrong "$1 --complete ${*:2} wrote to stderr"
}
offers() { # WORD…: each is a line of $OUT
  local word
  for word in "$@"; do
    checks=$((checks + 1))
    grep -qxF -- "$word" "$OUT" || wrong "does not offer '$word'"
  done
}
options_of() { grep -oE -- '^ +(-[a-z],)?--[a-z0-9-]+' "$1" | grep -oE -- '--.*'; }

# Whatever --help shows is offered, and no option that it does not. Of sifctl, commands_test.sh holds the help of each
# command against golden/help-*.txt.
for tool in "${tools[@]}"; do "$tool" --help >"help-${tool##*/}.txt"; done
"$SIFCTL" --help >root.txt
for help in "$HERE"/golden/help*.txt help-*.txt; do
  read -ra words < <(sed -n 's/^Usage: \([^[]*\) \[OPTIONS\].*/\1/p' "$help")
  program=$SIFCTL
  for tool in "${tools[@]}"; do [ "${tool##*/}" != "${words[0]}" ] || program=$tool; done
  mapfile -t below < <(awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }' "$help")
  if [ ${#below[@]} -gt 0 ]; then
    offered "$program" "${words[@]:1}" ''
    offers "${below[@]}"
  fi
  offered "$program" "${words[@]:1}" --
  mapfile -t options < <(options_of "$help")
  offers "${options[@]}"
  sort -u "$OUT" >offered.txt
  # What all commands take is in the help of the whole program alone.
  { printf '%s\n' "${options[@]}"; [ "$program" != "$SIFCTL" ] || options_of root.txt; } | sort -u >known.txt
  check test -z "$(comm -23 offered.txt known.txt)"
done

# Values: of types, of the keystore, and what the shell has itself.
export SIFGUARD_KEYSTORE=$STORE
openssl genpkey -quiet -algorithm ED25519 -out site.key 2>/dev/null || openssl genpkey -algorithm ED25519 -out site.key
openssl pkey -in site.key -pubout -out site.pem
accept init
accept key create lolcow
accept key create tools
accept signer add site.pem
signer=$(sed -n 's/.*\(spki:[0-9a-f]*\).*/\1/p' "$OUT" | head -n 1)
accept image bind one --match '/apps/**' --signer "$signer" --key lolcow --everyone
offered "$SIFCTL" key show '' && offers lolcow tools
offered "$SIFCTL" key show l && offers lolcow && check test "$(wc -l <"$OUT")" = 1
offered "$SIFCTL" image bind x --key=l && offers --key=lolcow
offered "$SIFCTL" signer show '' && offers "$signer"
offered "$SIFCTL" image unbind '' && offers one
offered "$SIFCTL" breakglass grant --binding '' && offers one
offered "$SIFCTL" signer revoke x --reason key && offers keyCompromise
offered "$SIFCTL" key revoke x --reason '' && offers superseded aACompromise
offered "$SIFCTL" init --seal file && offers file:/etc/sifguard/store.key
offered "$SIFCTL" doctor --skip s && offers sandbox signers store-key
offered "$SIFCTL" policy check '' && offers :files
offered "$SIFCTL" --keystore '' && offers :directories
offered "$SIFCTL" image bind x --allow-user '' && offers :users
offered "$SIFCTL" key create --pfx-password-file '' && offers :files
SIFGUARD_KEYSTORE=/nowhere offered "$SIFCTL" key show '' && check test ! -s "$OUT"
offered "$SIFCTL" --keystore "$STORE" key show t && offers tools
offered "$SIFCTL" nonsense '' && check test ! -s "$OUT"
for tool in "${tools[@]}"; do offered "$tool" '' && offers :files; done

# Bash itself.
mkdir bin && for program in "$SIFCTL" "${tools[@]}"; do ln -s "$program" "bin/${program##*/}"; done
export PATH=$WORK/bin:$PATH
check bash -n "$completions/sifguard.bash"
in_bash() { # WORD…: what bash would put in place of the last word
  checks=$((checks + 1))
  bash --norc -c '. "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); compopt() { :; }
    _sifguard; printf "%s\n" "${COMPREPLY[@]}"' - "$completions/sifguard.bash" "$@" >"$OUT" 2>"$ERR"
  [ ! -s "$ERR" ] || wrong "bash wrote to stderr"
}
in_bash sifctl key sh && offers show
in_bash sifctl key show lo && offers lolcow
in_bash sifctl policy check site.p && offers site.pem
in_bash sifctl signer show spki:0 && check test "$(grep -c spki "$OUT")" = 0 # bash has the colon's left side already
in_bash sif-verify --public-key site.p && offers site.pem

if command -v zsh >/dev/null; then
  check zsh -n "$completions/sifguard.zsh"
  checks=$((checks + 1))
  # shellcheck disable=SC2016
  zsh -f -c 'compdef() { :; }; . "$1"; _describe() { print -l -- $offered; }; _files() { print files; }
    words=(sifctl key show lo); CURRENT=4; _sifguard; words=(sifctl policy check ""); CURRENT=4; _sifguard' - \
    "$completions/sifguard.zsh" >"$OUT" 2>"$ERR"
  grep -q '^lolcow:' "$OUT" && grep -qx files "$OUT" && [ ! -s "$ERR" ] || wrong "zsh"
else
  echo "SKIPPED, NOT TESTED: zsh is not installed"
fi
if command -v fish >/dev/null; then
  check fish -n "$completions/sifguard.fish"
  checks=$((checks + 1))
  HOME=$WORK fish --no-config -c 'source $argv[1]; complete -C "sifctl key show lo"; complete -C "sifctl key sh"' \
    "$completions/sifguard.fish" 2>"$ERR" | cut -f1 >"$OUT"
  offers lolcow show
else
  echo "SKIPPED, NOT TESTED: fish is not installed"
fi
