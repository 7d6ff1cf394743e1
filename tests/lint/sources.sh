#!/bin/bash
# sources.sh TREE: what every source file keeps to. Reads sources only.
#   - it begins with a comment that says what it is (a unit test's name says that already);
#   - it has at most 400 lines;
#   - a unit test is named in one style, TEST(WhatIsTested, WhatHolds);
#   - code that runs on a node starts no shell, looks up no program by PATH and uses no unbounded copy;
#   - no two headers have one name, which would mean two things;
#   - what is done in one place (once, below) is called there alone.
set -euo pipefail
cd "$1"

status=0
complain() { echo "$*" >&2; status=1; }

checked=0
while IFS= read -r file; do
    checked=$((checked + 1))
    IFS= read -r first <"$file" || true
    [[ $first == //* || $file == tests/unit/*_test.cc ]] || complain "$file:1: does not begin with a comment"
    lines=$(wc -l <"$file")
    ((lines <= 400)) || complain "$file: $lines lines; more than 400, is it one idea?"
done < <(find keystore helper spank_plugin tests -name '*.cc' -o -name '*.h' | sort)

while IFS= read -r file; do
    { IFS= read -r first && IFS= read -r second; } <"$file" || true
    [[ $first == '#!'* && $second == '#'* || $first == '#'* && $first != '#!'* ]] ||
        complain "$file:1: does not begin with a comment"
done < <(find tests packaging slurm_examples -name '*.sh' | sort)

while IFS= read -r name; do
    complain "$(find keystore helper spank_plugin -name "$name" | sort | tr '\n' ' ')have one name"
done < <(find keystore helper spank_plugin -name '*.h' -printf '%f\n' | sort | uniq -d)

while IFS= read -r found; do
    complain "$found: not TEST(WhatIsTested, WhatHolds)"
done < <(grep -rnE '^TEST(_F|_P)?\(([a-z]|[A-Za-z0-9]*_|[A-Za-z0-9]+, *([a-z]|[A-Za-z0-9]*_))' --include='*.cc' tests)

calls='system|popen|execlp|execvp|execvpe|posix_spawnp|wordexp|tmpnam|tempnam|mktemp|gets|strcpy|strcat|sprintf|vsprintf'
while IFS= read -r found; do
    complain "$found: not in code of ours"
done < <(grep -rnE "(^|[^A-Za-z0-9_])($calls)[[:blank:]]*\(" --include='*.cc' --include='*.h' \
    keystore helper spank_plugin | grep -vE '^[^:]+:[0-9]+:[[:blank:]]*//')

once() {   # once FILES CALLS: these functions stand in these files of keystore/base alone
    local found
    while IFS= read -r found; do
        complain "$found: keystore/base/${1%% *} is for that"
    done < <(grep -rnE "^(([^/]|/[^/])*[^A-Za-z0-9_])?($2)[[:blank:]]*\(" --include='*.cc' --include='*.h' \
        keystore helper | grep -vE "^keystore/base/(${1// /|}):")
}
once 'json_tree.h strict_json.cc flat_json.cc' '[Jj]son::(parse|accept|sax_parse)'
once 'accounts.h accounts.cc' 'getpw(nam|uid)(_r)?|getgr(nam|gid)(_r)?|getgrouplist|initgroups'
once 'forked_part.h forked_part.cc' 'v?fork|clone|posix_spawn'
once 'absolute_path.h absolute_path.cc' 'getcwd|get_current_dir_name|filesystem::(absolute|current_path)'

# The others check each component, run with the C library alone, or ask only whether it opens.
while IFS= read -r found; do
    complain "$found: keystore/base/tree.h opens directories"
done < <(grep -rnE '^(([^/]|/[^/])*[^A-Za-z0-9_])?O_DIRECTORY' --include='*.cc' --include='*.h' keystore helper |
    grep -vE '^(keystore/base/(tree\.cc|trusted_file\.cc|enforcement_record\.h)|helper/stage/open_path\.cc|helper/mount/squashfuse_server\.cc):')

((checked > 0)) || complain "no source found: is $1 the tree?"
exit $status
