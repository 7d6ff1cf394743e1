#!/bin/bash
# spelling.sh TREE: one spelling, British with -ize (CONTRIBUTING.md), in code, scripts and documents. Reads files only.
set -euo pipefail
cd "$1"
verbs='(author|canonical|custom|general|initial|minim|normal|optim|organ|recogn|serial|special|summar|synchron)is'
american='(behaviors?|favorable|centered|canceled|canceling|labeled|labeling|signaled|signaling|traveled)'

files=$(find . \( -name .git -o -name build \) -prune -o -type f \( -name '*.cc' -o -name '*.h' -o -name '*.sh' \
    -o -name '*.py' -o -name '*.md' -o -name '*.[1-8]' -o -name '*.yaml' -o -name 'CMake*' \) -print |
    grep -vE '/tests/lint/(spelling|selftest)\.sh$')
[ -n "$files" ] || { echo "no source found: is $1 the tree?" >&2; exit 1; }
found=$(xargs grep -nIiE "$verbs(e|ed|es|ing|ation)|\b$american\b" <<<"$files") || true
[ -z "$found" ] || { echo "not British with -ize:"; echo "$found"; exit 1; } >&2
