#!/bin/bash
# The examples of README.md and packaging/doc/*.md. What a block gets stands behind its ```:
#   sh run        each line is run and must end with 0, page by page, in a directory and keystore of its own. What a page
#                 takes for granted is made before (pw, keys, images); FINGERPRINT, alice, bio and the paths /apps and
#                 /etc/sifguard are replaced by what is there. `sifctl doctor` looks at this host, and may find whatever it is.
#   sh            each sifctl and sif-* in it is asked for --help with the same words: command and options exist.
#   sh cluster    likewise here; tests/cluster/doc.test.sh runs it in the box, as alice, with "root" as root.
#   text          nothing: pictures and pieces of files.
# So are the literal blocks under EXAMPLES of the manual pages: those of commands are run, those of files judged.
# In running text, each `sifctl …` and `sif-… …` names a command and options that there are. Another mark fails.
# Usage: doc_examples_test.sh SIFCTL SIF-SIGN SIF-VERIFY SIF-LIST.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY SIF-LIST}"
. "$HERE/sif.sh"
tree=$HERE/../..
command -v gpg >/dev/null || { echo "SKIPPED, NOT TESTED: gpg is not installed"; exit 77; }
mkdir bin && for program; do ln -s "$program" "bin/${program##*/}"; done
export PATH=$WORK/bin:$PATH

# What the pages take for granted.
g() { gpg --homedir "$WORK/g" --batch --yes --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null; }
mkdir -m 700 g && trap 'gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
g --quick-generate-key builder ed25519 sign never
fingerprint=$(g --with-colons --list-keys | awk -F: '$1 == "fpr" { print $10; exit }')
mkdir given
(
  cd given || exit
  g --armor --export >pub.asc
  (umask 077 && echo 'correct horse battery staple' >pw && openssl genpkey -algorithm ED25519 -out site.key 2>/dev/null)
  openssl pkey -in site.key -pubout -out site.pem
  make_sif lolcow.sif 12 '0x4001:1:0:Singularity.def:bootstrap' '0x4007:1:0::some data'
  cp lolcow.sif tools.sif
  cp "$tree/packaging/etc/sifguard.yaml" .
  printf '%s\n' 'version: 1' 'images:' '  - name: lolcow' '    match: ["/apps/secure/lolcow*.sif"]' \
    "    signing_key: {fingerprint: $fingerprint}" '    encryption: {key: lolcow}' '    allow: {groups: [daemon]}' \
    >images.yaml
  printf '%s\n' 'version: 1' 'tests:' '  - {user: daemon, image: /apps/secure/lolcow.sif, expect: allow}' >decisions.yaml
)

# What the manual pages do: an image that is signed by an OpenPGP key, a raw key and a certificate.
signed_image() {
  make_sif image.sif 12 '0x4001:1:0:Singularity.def:bootstrap' '0x4007:1:0::some data'
  check "$WORK/bin/sifctl" --keystore ca ca init --subject /O=Example/CN=Root --out root.pem --intermediate /O=Example/CN=Between \
    --intermediate-out between.pem
  check "$WORK/bin/sifctl" --keystore ca ca issue --signer carol --out carol
  cp carol.pem leaf.pem
  check sif-sign --key carol.key --certificate leaf.pem --ca root.pem --intermediates between.pem image.sif
  check env GNUPGHOME="$WORK/g" sif-sign --pgp "$fingerprint" image.sif
  openssl genpkey -algorithm ED25519 -out key.pem 2>/dev/null && openssl pkey -in key.pem -pubout -out public.pem
  check sif-sign --key key.pem image.sif
  # shellcheck disable=SC2016
  command -v jq >/dev/null || printf '#!/bin/sh\npython3 -c "import json, sys; json.load(sys.stdin)"\n' >"$WORK/bin/jq"
  chmod +x "$WORK/bin/jq" 2>/dev/null || :
}
# The lines of the literal blocks under EXAMPLES, as a reader sees them; a line that goes on in the next one with it.
examples_of() { # PAGE
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" | sed -n '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d;p}' | sed 's/\\e$/\\/; s/\\(dq/"/g' |
    sed -e ':a' -e '/\\$/N; s/\\\n *//; ta'
}

run_line() { # LINE
  local line=$1 status=0
  checks=$((checks + 1))
  line=${line//FINGERPRINT/$fingerprint}
  line=${line//\/etc\/sifguard\//$PWD/}
  line=$(sed -E 's/\b(alice|bio)\b/daemon/g' <<<"$line")
  setsid -w bash -c "$line" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [[ $status = 0 || $status -le 2 && $line == 'sifctl doctor '* ]] || wrong "$page: '$line' ended with $status"
}
asks_help() { # LINE: each program of ours in it
  local one
  while IFS= read -r one; do
    read -r first _ <<<"$one"
    [[ $first == sifctl || $first == sif-* ]] || continue
    checks=$((checks + 1))
    bash -c "$one --help" >"$OUT" 2>"$ERR" </dev/null || wrong "$page: no such command or option in '$one'"
  done < <(sed -E 's/ +#.*//; s/ (&&|\|) /\n/g; s/ >[^ ]*//' <<<"$1")
}
names_command() { # TEXT of running text: its words lead to a command, and its options are of that
  local words word path=() dashes=()
  read -ra words <<<"$1"
  [ -e "$WORK/bin/${words[0]}" ] || return 0
  checks=$((checks + 1))
  for word in "${words[@]:1}"; do
    [[ $word == --* ]] && dashes+=("${word%%[=,]*}")
    if [[ $word =~ ^[a-z-]+$ && $word != -* && ${#dashes[@]} = 0 ]]; then
      "$WORK/bin/${words[0]}" --complete "${path[@]}" "$word" | cut -f1 | grep -qxF -- "$word" && path+=("$word")
    fi
  done
  [[ ${#path[@]} -gt 0 || ${words[0]} != sifctl || ! ${words[1]-COMMAND} =~ ^[a-z] ]] || wrong "$page: no command '$1'"
  for word in "${dashes[@]}"; do
    "$WORK/bin/${words[0]}" --complete "${path[@]}" "$word" | cut -f1 | grep -qxF -- "$word" || wrong "$page: no option $word in '$1'"
  done
}

blocks=0
for file in "$tree/README.md" "$tree"/packaging/doc/*.md; do
  page=${file##*/}
  cp -r given "$page.d" && cd "$page.d" || exit 1
  export SIFGUARD_KEYSTORE=$PWD/keystore
  grep -q '^sifctl init' "$file" || "$WORK/bin/sifctl" init >"$OUT" 2>"$ERR"
  kind=
  while IFS= read -r line; do
    if [[ $line == '```'* ]]; then
      if [ -n "$kind" ]; then kind=; continue; fi
      kind=${line#'```'} blocks=$((blocks + 1))
      [[ $kind =~ ^(sh|sh\ run|sh\ cluster|sh\ cluster\ root|text)$ ]] || { wrong "$page: a block is marked '$kind'"; kind=text; }
      continue
    fi
    case $kind in
      'sh run') [ -z "$line" ] || run_line "$line" ;;
      sh*) asks_help "$line" ;;
    esac
  done <"$file"
  [ -z "$kind" ] || wrong "$page: a block has no end"
  cd "$WORK" || exit 1
done
check test "$blocks" -gt 20

for file in "$tree"/packaging/man/*.[1-8]; do
  page=${file##*/}
  lines=$(examples_of "$file")
  [ -n "$lines" ] || continue
  cp -r given "$page.d" && cd "$page.d" || exit 1
  export SIFGUARD_KEYSTORE=$PWD/keystore
  case $page in
    sifctl.8 | sif-*.1)
      signed_image
      while IFS= read -r line; do run_line "$line"; done <<<"$lines" ;;
    images.yaml.5)
      check "$WORK/bin/sifctl" init
      check "$WORK/bin/sifctl" key create lolcow --bits 2048
      check "$WORK/bin/sifctl" signer add pub.asc
      check "$WORK/bin/sifctl" image bind lolcow --match '/apps/secure/lolcow*.sif' --signer "$fingerprint" --key lolcow \
        --allow-group daemon --allow-partition secure
      sed "s/{fingerprint: [0-9A-F]*}/{fingerprint: $fingerprint}/; s/\[bio\]/[daemon]/" <<<"$lines" >images.yaml
      check "$WORK/bin/sifctl" policy check images.yaml ;;
    sifguard.yaml.5) sed '/^cache:/d' <<<"$lines" >sifguard.yaml && check "$WORK/bin/sifctl" node check sifguard.yaml ;;
    sifguard-units.8) ;; # lint.units knows whether there are such units
    *) wrong "$page: has examples of which nothing is tried" ;;
  esac
  cd "$WORK" || exit 1
done
page=text
while IFS= read -r text; do names_command "$text"; done < <(sed '/^```/,/^```$/d; /^- `/d' "$tree"/README.md "$tree"/SECURITY.md \
  "$tree"/packaging/doc/*.md | tr '\n' ' ' | grep -oE '`(sifctl|sif-[a-z]+) [^`]*`' | tr -d '`' | sort -u)
