# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A node that refuses namespaces, as hardening guides want: what stands for each lets images run that are good, and no
# others; without a mount namespace nothing runs. Sourced by run.
cold() { at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/* /var/cache/sifguard/facts/*'; }
helper=$(ctl sh -c 'ls /usr/libexec/sifguard/sifguard-helper /usr/lib/*/sifguard/sifguard-helper 2>/dev/null' || true)
ctl g++ -std=c++20 -O1 -I/src -o "$made/without" /src/tests/kernel/refusals.cc /src/tests/kernel/without.cc -lseccomp
undo ctl rm -f "$made/without"
undo box restart --name "$name" --node node1

under() {   # under REFUSAL…: slurmd of node1, and all that it starts, as on a node that refuses these
    at node1 sh -c '/src/tests/box/lib/daemons.sh stop && exec "$0" "$@" -- /src/tests/box/lib/daemons.sh start' "$made/without" "$@"
    idle
    cold
}
walls() { at node1 "$made/without" "$@" -- "$helper" walls | awk '$2 == "refused" { print $1 }' | xargs; }
told() {   # told TEXT REFUSAL…: doctor says it there, and not where nothing is refused
    local text=$1
    shift
    check "doctor tells: $text" grep -q "$text" <<<"$(at node1 "$made/without" "$@" -- sifctl doctor 2>&1 || true)"
    check "and not elsewhere" fails grep -q "$text" <<<"$(at node1 sifctl doctor 2>&1 || true)"
}

for refused_here in 'net' 'pid' 'ipc' 'net=EPERM pid=EUSERS ipc=EINVAL'; do
    # shellcheck disable=SC2086  # words
    under $refused_here
    launch alice -w node1 --sif-verify="$encrypted" cat /marker
    ran "a good image, without $refused_here" out=good
    check "slurmd is under the filter" at node1 sh -c 'grep -q "^Seccomp:.*2" "/proc/$(cat /run/slurmd.pid)/status"'
    launch alice -w node1 --sif-verify="$made/secure/flipped-object.sif" echo ran
    ran "a bad one" rc=65 out=
done
check "which walls are refused" is "$(walls net pid ipc)" "network processes ipc"
told 'the node allows no network namespace .*no sockets' net
told 'the node allows no PID namespace .*no signals' pid
told 'the node allows no IPC namespace' ipc

under seccomp
launch alice -w node1 --sif-verify="$encrypted" echo ran
ran "nothing runs where this helper cannot be confined" rc=78 out= 'err~^sifguard: .*seccomp|filter'
launch alice -w node1 echo ran
ran "a step without an image does" out=ran
check "the node is not drained" idle

under mnt
launch alice -w node1 --sif-verify="$encrypted" echo ran
ran "nothing runs without a mount namespace" rc=78 out= 'err~^sifguard: .*mount'
check "the node is not drained" idle
told 'the node allows no mount namespace .*no step with an image starts' mnt

# Without user namespaces the runtime cannot start a container by itself; what comes before it needs none.
keep_configuration
printf '%s\n' '#!/bin/sh' 'grep -q "BEGIN RSA PRIVATE KEY" /run/sifguard/job/key.pem && echo released' | write_at ctl "$made/runtime"
ctl chmod 0755 "$made/runtime"
undo ctl rm -f "$made/runtime"
configure "runtime: $made/runtime"
under user
launch alice -w node1 --sif-verify="$encrypted" true
ran "a key is released without user namespaces" out=released
launch alice -w node1 --sif-verify="$made/secure/flipped-object.sif" true
ran "and not for a bad image" rc=65 out=
