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

# Each link of a page leads to a file.
while IFS=: read -r page link; do
  [[ $link == http* || $link == \#* ]] || [ -e "$(dirname "$page")/${link%%#*}" ] || { echo "$page: no $link"; failed=1; }
done < <(grep -oE '\]\([^)]+\)' "$source_dir"/*.md "$source_dir"/packaging/doc/*.md | sed -E 's/\]\((.*)\)$/\1/')

while read -r script; do
  bash -n "$script" || failed=1
done < <(grep -rlE '^#!.*(bash|/sh)' "$source_dir"/{.ci,tests,slurm_examples,packaging} --include='*' 2>/dev/null)
exit "$failed"
