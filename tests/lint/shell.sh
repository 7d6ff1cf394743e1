#!/bin/bash
# shell.sh TREE: shellcheck finds nothing to warn of in any shell script of the tree. Reads only.
set -euo pipefail
cd "$1"
command -v shellcheck >/dev/null || { echo "SKIPPED, NOT TESTED: shellcheck is not installed"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "SKIPPED, NOT TESTED: not a git checkout"; exit 77; }
check() { xargs -r -d '\n' -n 12 -P "$(nproc)" shellcheck --severity=warning "$@"; }
mapfile -t shells < <(git ls-files | xargs grep -lE '^#!.*\b(ba)?sh$' --)
mapfile -t sourced < <(git ls-files '*.sh' | xargs grep -LE '^#!' --)
((${#shells[@]} > 50 && ${#sourced[@]} > 20)) || { echo "shell: scripts are missing in $1" >&2; exit 1; }
printf '%s\n' "${shells[@]}" | check
printf '%s\n' "${sourced[@]}" | check --shell=bash
echo "shell: $((${#shells[@]} + ${#sourced[@]})) scripts"
