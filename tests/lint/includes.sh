#!/bin/bash
# includes.sh TREE: includes go one way. Reads sources only.
# The table lists each folder after everything that it may include, so it cannot hold a cycle; the check
# refuses a row that names a folder not listed before it, a folder without a row, and an include not in its row.
set -euo pipefail
cd "$1"

table='
keystore/base
keystore/crypto    keystore/base
keystore/token     keystore/base keystore/crypto
keystore/policy    keystore/base
keystore/store     keystore/base keystore/crypto keystore/policy
keystore/x509      keystore/base keystore/crypto keystore/policy
keystore/ca        keystore/base keystore/crypto keystore/store keystore/policy keystore/x509
keystore/ocsp      keystore/base keystore/crypto keystore/store keystore/x509 keystore/ca
keystore/audit     keystore/base keystore/crypto
keystore/trust     keystore/base keystore/crypto keystore/store keystore/policy keystore/x509
keystore/doctor    keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 keystore/ca keystore/audit keystore/trust
keystore/bundle    keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 keystore/trust
keystore/backup    keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 keystore/ca keystore/trust keystore/bundle
keystore/cli       keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 keystore/ca keystore/audit keystore/doctor keystore/backup keystore/bundle keystore/trust
helper/fetch       keystore/base keystore/crypto keystore/x509
helper/process     keystore/base
helper/request     keystore/base
helper/launch      keystore/base
helper/sif         keystore/base
helper/imagefs/wire keystore/base
helper/imagefs     keystore/base keystore/crypto helper/process helper/imagefs/wire
helper/verify/wire keystore/base keystore/crypto keystore/x509
helper/verify/sandbox keystore/base keystore/crypto keystore/x509 helper/process helper/sif helper/verify/wire
helper/verify      keystore/base keystore/crypto keystore/policy keystore/store keystore/x509 helper/process helper/sif helper/verify/wire
helper/stage       keystore/base keystore/crypto keystore/policy helper/sif helper/verify helper/verify/wire
helper/pull        keystore/base keystore/crypto keystore/policy helper/fetch helper/stage
helper/release     keystore/base keystore/crypto keystore/store keystore/policy helper/verify helper/stage
helper/mount       keystore/base helper/process helper/imagefs/wire helper/launch helper/stage helper/release
helper/pipeline    keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 keystore/audit  helper/process helper/request helper/launch helper/sif helper/verify helper/stage helper/release helper/mount
helper/tools      keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 helper/fetch helper/sif helper/verify helper/verify/wire helper/verify/sandbox helper/release
helper/publish     keystore/base keystore/crypto keystore/store keystore/policy keystore/x509 helper/process helper/sif helper/verify helper/verify/wire helper/verify/sandbox helper/stage helper/release helper/pipeline helper/tools
helper/cache       keystore/base keystore/policy helper/process helper/stage helper/tools
helper/explain     keystore/base keystore/crypto keystore/store keystore/policy keystore/audit helper/process helper/stage helper/verify helper/release helper/pipeline helper/tools
spank_plugin       keystore/base helper/request
'
# The plugin links the C library alone; these headers, and what they include, may be in it.
plugin_headers=' helper/request/request_wire.h helper/request/job_record.h helper/request/request_writer.h keystore/base/enforcement_record.h '

status=0
complain() { echo "$*" >&2; status=1; }

declare -A allowed
while read -r folder needs; do
    [[ -n $folder ]] || continue
    for each in $needs; do
        [[ -v allowed[$each] ]] || complain "table: $folder names $each, which is not listed before it"
    done
    allowed[$folder]=" $needs "
done <<<"$table"

checked=0
while IFS=: read -r file line text; do
    included=${text#*\"}
    included=${included%%\"*}
    from=${file%/*} to=${included%/*}
    checked=$((checked + 1))
    if [[ ! -v allowed[$from] ]]; then
        complain "$file: folder $from has no row in tests/lint/includes.sh"
    elif [[ $included == sifguard/paths.h ]]; then
        :   # generated; numbers and paths alone
    elif [[ $from != "$to" && ${allowed[$from]} != *" $to "* ]]; then
        complain "$file:$line: $from must not include $included"
    elif [[ $from == spank_plugin && $to != "$from" && $plugin_headers != *" $included "* ]]; then
        complain "$file:$line: the plugin must not include $included"
    elif [[ $plugin_headers == *" $file "* && $plugin_headers != *" $included "* ]]; then
        complain "$file:$line: the plugin includes this file, so it must not include $included"
    fi
done < <(grep -rnE '^[[:blank:]]*#[[:blank:]]*include[[:blank:]]*"' --include='*.cc' --include='*.h' \
    keystore helper spank_plugin)

((checked > 0)) || complain "no include found: is $1 the tree?"
exit $status
