#!/usr/bin/env bash
# Manual pages name every command that `sifctl --help` shows, and every long option of the tools; each link of a page
# leads somewhere, and shell scripts parse. Usage: documents.sh SOURCE_DIR SIFCTL TOOL… No privilege needed.
set -euo pipefail
source_dir=$1
sifctl=$2
tools=("${@:3}")
failed=0

subcommands() { # of `sifctl "$@"`: the names in its help
  "$sifctl" "$@" --help | awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }'
}

named_in() { # FILE WORD…: whether the file has each word
  local file=$1 word
  shift
  for word in "$@"; do
    grep -qwF -- "$word" <(sed 's/\\-/-/g; s/Fl -/--/g; s/ Cm / /g' "$file") && continue
    echo "$(basename "$file"): does not name '$word'"
    failed=1
  done
}

man=$source_dir/packaging/man/sifctl.8
groups=$(subcommands)
[ -n "$groups" ] || { echo "sifctl --help lists no command"; exit 1; }
for group in $groups; do
  commands=$(subcommands "$group")
  # shellcheck disable=SC2086  # words
  named_in "$man" "$group" $commands
done

[ ${#tools[@]} -gt 0 ] || { echo "no tool given"; exit 1; }
for tool in "${tools[@]}"; do
  name=${tool##*/}
  options=$("$tool" --help | grep -oE -- '^ +(-[a-z],)?--[a-z0-9-]+' | grep -oE -- '--.*' | grep -vxF -e --help -e --version)
  # shellcheck disable=SC2086
  named_in "$source_dir/packaging/man/$name.1" "$name" $options
done

# Files that have fields: what the code takes stands in the manual, and what the manual lists the code takes.
same_words() { # WHERE WORDS PAGE: the words, and those that PAGE has as ".It Cm WORD[ , WORD…]" or ".Cm WORD"
  local word
  for word in $2; do
    grep -qE "^\.(It Cm|Cm)( [a-z_0-9]+ ,)* $word(\\\\&:|=| |\$)" "$source_dir/packaging/man/$3" ||
      { echo "$3: does not name '$word' of $1"; failed=1; }
  done
  [ "$(wc -w <<<"$2")" -gt 2 ] || { echo "$1: no fields are found there: are they read in another way now?"; failed=1; }
}
listed() { # PAGE WORDS: each ".It Cm" of it is one of the words
  local word
  for word in $(sed -n 's/^\.It Cm //p' "$source_dir/packaging/man/$1" | grep -oE '[a-z_0-9]{2,}'); do
    grep -qwF -- "$word" <<<"$2" || { echo "$1: '$word' is nothing that the code knows"; failed=1; }
  done
}
fields_of() { # FILE…: what only_fields() allows
  tr -d '\n' <<<"$(cat "$@")" | grep -oE 'only_fields\( *\{[^}]*\}' | grep -oE '"[a-z_0-9]+"' | tr -d '"' | sort -u
}
policy=$source_dir/keystore/policy
config=$(fields_of "$policy/config.cc")
same_words config.cc "$config" sifguard.yaml.5
listed sifguard.yaml.5 "$config"
for field in $config; do # also those within another
  grep -qE "^#.*\b$field\b" "$source_dir/packaging/etc/sifguard.yaml" || { echo "etc/sifguard.yaml: no '$field'"; failed=1; }
done
bindings=$(fields_of "$policy/parse_policy.cc" "$policy/required_signers.cc")
same_words parse_policy.cc "$bindings" images.yaml.5
listed images.yaml.5 "$bindings"
records=$(grep -hoE '(put|put_names)\(line, "[a-z_]+"|line\["[a-z]+"\]' "$source_dir/keystore/audit/format.cc" |
  grep -oE '"[a-z_]+"' | tr -d '"')
same_words format.cc "$records" sifguard-audit.5
listed sifguard-audit.5 "$records torn seq prev hash"
arguments=$(grep -oE 'path_argument\(argv\[i\], "[a-z]+=|kEnforce = "[a-z]+' "$source_dir/spank_plugin/options.cc" |
  sed 's/.*"//')
same_words options.cc "$arguments" spank_sifguard.8
for argument in $arguments; do
  grep -qE "^#   $argument" "$source_dir/slurm_examples/plugstack.conf" || { echo "plugstack.conf: no '$argument'"; failed=1; }
done
verbs=$(grep -oE 'verb == "[a-z]+"' "$source_dir/helper/pipeline/main.cc" | grep -oE '[a-z]+"' | tr -d '"' | sort -u)
for verb in $verbs; do
  grep -qE "\bCm ([a-z]+ (\||, Cm) )?$verb\b" "$source_dir/packaging/man/sifguard-helper.8" ||
    { echo "sifguard-helper.8: no '$verb'"; failed=1; }
done

# The order of sections is ours: what a status means stands before the files.
if command -v mandoc >/dev/null; then
  found=$(mandoc -T lint -W warning "$source_dir"/packaging/man/*.[1-8] | grep -v 'sections out of conventional order' || true)
  [ -z "$found" ] || { echo "$found"; failed=1; }
else
  echo "NOT TESTED: mandoc is not installed"
fi

# Each link of a page leads to a file.
while IFS=: read -r page link; do
  [[ $link == http* || $link == \#* ]] || [ -e "$(dirname "$page")/${link%%#*}" ] || { echo "$page: no $link"; failed=1; }
done < <(grep -oE '\]\([^)]+\)' "$source_dir"/*.md "$source_dir"/packaging/doc/*.md | sed -E 's/\]\((.*)\)$/\1/')

while read -r script; do
  bash -n "$script" || failed=1
done < <(grep -rlE '^#!.*(bash|/sh)' "$source_dir"/{.ci,tests,slurm_examples,packaging} --include='*' 2>/dev/null)
exit "$failed"
