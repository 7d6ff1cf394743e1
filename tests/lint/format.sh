#!/bin/bash
# format.sh TREE: each C++ source is as clang-format leaves it, but for tests/nocompile, where a case is a line. Reads
# only. Releases of clang-format differ, so that one is asked for: Debian 12's.
set -euo pipefail
cd "$1"
wanted=14
format=$(command -v clang-format-$wanted || command -v clang-format) ||
  { echo "SKIPPED, NOT TESTED: clang-format is not installed"; exit 77; }
have=$("$format" --version | sed -E 's/.*version ([0-9]+).*/\1/')
[ "$have" = $wanted ] || { echo "SKIPPED, NOT TESTED: clang-format is $have, the style is $wanted's"; exit 77; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo "SKIPPED, NOT TESTED: not a git checkout"; exit 77; }
git ls-files -z '*.cc' '*.h' ':!tests/nocompile' | xargs -0 -n 60 -P "$(nproc)" "$format" --dry-run --Werror
