#!/bin/bash
# selftest.sh: the other scripts here do fail when they should. Works in a temporary tree of its own.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

status=0
fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{keystore/base,keystore/cli,helper/request,helper/verify/sandbox,helper/verify/wire,helper/sif,spank_plugin,tests,packaging,slurm_examples}
    printf '// A file.\n#include "keystore/base/b.h"\n' >"$tree/keystore/base/a.cc"
}
passes() { "$@" "$tree" 2>/dev/null || { echo "refuses a good tree: $*" >&2; status=1; }; }
fails() {   # fails WHAT SCRIPT
    ! "$here/$2" "$tree" 2>/dev/null || { echo "does not see: $1" >&2; status=1; }
}
includes() {   # includes FILE HEADER: must be refused
    fresh
    printf '// A file.\n#include "%s"\n' "$2" >"$tree/$1"
    fails "$1 includes $2" includes.sh
}
calls() {   # calls CODE: must be refused
    fresh
    printf '// A file.\n%s\n' "$1" >"$tree/helper/sif/a.cc"
    fails "$1" sources.sh
}

fresh
passes "$here/includes.sh"
passes "$here/sources.sh"
includes keystore/base/a.cc keystore/cli/x.h
includes keystore/base/a.h helper/request/request.h
includes helper/sif/a.cc helper/verify/x.h
includes helper/verify/a.cc keystore/cli/x.h
includes helper/verify/a.cc spank_plugin/x.h
includes helper/verify/a.cc helper/verify/sandbox/x.h
includes helper/verify/sandbox/a.cc helper/verify/x.h
includes helper/verify/wire/a.cc helper/verify/x.h
includes helper/verify/sandbox/a.cc keystore/store/x.h
includes spank_plugin/a.cc keystore/base/error.h
includes spank_plugin/a.cc helper/request/request.h
includes helper/request/request_writer.h keystore/base/text.h
fresh
mkdir "$tree/helper/new"
printf '// A file.\n#include "helper/new/b.h"\n' >"$tree/helper/new/a.cc"
fails "a folder without a row" includes.sh

calls 'int x = system("ls");'
calls '  ::popen ("ls", "r");'
calls 'std::sprintf(a, b);'
calls 'const auto tree = nlohmann::json::parse(text, nullptr, false);'
calls 'bool good = Json::accept (text);'
calls 'const passwd* entry = ::getpwnam(name);'
calls 'const pid_t child = ::fork();'
calls 'find(key, ::getgrgid_r(gid));'
calls 'auto path = std::filesystem::absolute(given);'
calls 'if (::getcwd(buffer, size) == nullptr) return;'
calls 'UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY));'
fresh
printf '// A file.\nint x = ::getpwnam_r(a) + parse(text);\n// json::parse(x)\n' >"$tree/keystore/base/accounts.cc"
passes "$here/sources.sh"
fresh
printf '// A file.\n// Never system("ls").\nint x = file_system(1);\n' >"$tree/helper/sif/a.cc"
passes "$here/sources.sh"
fresh
for part in keystore/base helper/sif; do echo '// A file.' >"$tree/$part/same.h"; done
fails "two headers of one name" sources.sh
fresh
echo '#include <x>' >"$tree/tests/a.cc"
fails "no comment" sources.sh
fresh
{ echo '// A file.'; printf 'int x%d;\n' {1..400}; } >"$tree/keystore/base/a.cc"
fails "401 lines" sources.sh
fresh
printf '#!/bin/bash\nset -e\n' >"$tree/tests/a.sh"
fails "a script without a comment" sources.sh

names() {   # names TEST…: must be refused
    fresh
    printf '// A file.\n%s {}\n' "$1" >"$tree/tests/a.cc"
    fails "$1" sources.sh
}
names 'TEST(Suite, does_this)'
names 'TEST_F(Suite, DoesThis_AsRoot)'
names 'TEST_P(suite, DoesThis)'
fresh
printf '// A file.\nTEST(Suite, DoesThis2) {}\n' >"$tree/tests/a.cc"
passes "$here/sources.sh"

for word in Normalises unauthorised canceled; do
    fresh
    echo "// A word: $word." >>"$tree/keystore/base/a.cc"
    fails "$word" spelling.sh
done
fresh
echo '// It was cancelled, and the colour of the licence is promised to the specialist.' >>"$tree/keystore/base/a.cc"
passes "$here/spelling.sh"

leans() {   # leans CODE: a file of this code leans on what other headers include; must be refused
    fresh
    printf '// A file.\n%s\n' "$1" >"$tree/helper/sif/a.h"
    fails "$1" standard_headers.sh
}
fresh
printf '#include <cstdint>\n#include <string>\n' >"$tree/keystore/base/b.h"
printf '// A file.\n#include "keystore/base/b.h"\n#include "own.h"\nstd::int64_t a; // std::map\nstd::string_view b;\n' >"$tree/helper/sif/a.cc"
printf '#include "keystore/base/b.h"\n#include "helper/sif/own.h"\nstd::string c;\n' >"$tree/helper/sif/own.h"
passes "$here/standard_headers.sh"
leans 'std::int64_t x;'
leans 'constexpr std::uint8_t x = 1;'
leans '#include <vector>
std::vector<std::size_t> x{std::numeric_limits<int>::max()};'
leans 'bool x = std::ranges::equal(a, b);'
leans '#include "keystore/base/missing.h"
std::optional<int> x;'
fresh
rm -r "$tree"/keystore/base/a.cc
fails "no source at all" standard_headers.sh

# Of the real tree: a message without its entry, an entry without its message, one that stands there twice.
real=$here/../..
page=packaging/doc/troubleshooting.md
refuses() {   # refuses WHAT: what was changed since fresh_page
    ! python3 "$here/refusals.py" "$tree" >/dev/null 2>&1 || { echo "refusals.py does not see: $1" >&2; status=1; }
}
fresh_page() {
    fresh
    mkdir -p "$tree/packaging/doc"
    cp "$real/$page" "$tree/$page"
    for folder in spank_plugin helper keystore; do rm -rf "${tree:?}/$folder"; cp -r "$real/$folder" "$tree"; done
}
fresh_page
python3 "$here/refusals.py" "$tree" >/dev/null || { echo "refusals.py refuses the tree as it is" >&2; status=1; }
sed -i '/^- `the image is not signed`$/d' "$tree/$page"
refuses "an entry that was taken out"
cp "$real/$page" "$tree/$page"
printf -- '- `the image is not signed`\n' >>"$tree/$page"
refuses "an entry that stands there twice"
cp "$real/$page" "$tree/$page"
printf -- '- `the moon is in the way`\n' >>"$tree/$page"
refuses "an entry of no message"
cp "$real/$page" "$tree/$page"
printf '// A file.\nStatus f() { return fail(Code::refused, "the moon is in the way of " + x); }\n' >"$tree/helper/stage/moon.cc"
refuses "a message without an entry"

# A program of the system's is neither our plugin nor static.
for script in plugin.sh launcher.sh; do
    ! "$here/$script" /bin/sh 2>/dev/null || { echo "$script takes /bin/sh" >&2; status=1; }
    ! "$here/$script" /nonexistent 2>/dev/null || { echo "$script takes a missing file" >&2; status=1; }
done
exit $status
