#!/bin/bash
# launcher.sh PROGRAM: the launcher is static, so that nothing in the job's environment is loaded into it: no
# interpreter, no library, no dlopen; and it never asks the name service, which a static program would load.
set -euo pipefail
program=$1

status=0
complain() { echo "$program: $*" >&2; status=1; }

readelf -hW "$program" >/dev/null
! readelf -lW "$program" | grep -q INTERP || complain "has a program interpreter"
! readelf -dW "$program" | grep -q '(NEEDED)' || complain "needs shared libraries"
asked=$(nm "$program" 2>/dev/null | awk '{ print $NF }' |
    grep -xE '(__nss_.*|get(pw|gr|spnam|hostby|addrinfo|serv).*|initgroups)' || true)
[[ -z $asked ]] || complain "asks the name service: ${asked//$'\n'/, }"

exit $status
