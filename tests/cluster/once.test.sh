# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Many tasks on a node: one copy, one verification, one key. Sourced by run.
cold() { at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'; }
records() { at node1 sh -c 'wc -l </var/log/sifguard/audit.jsonl'; }

# 64 containers at once are more than a small machine can take: a runtime that only tries the key.
keep_configuration
printf '%s\n' '#!/bin/sh' 'grep -q "BEGIN RSA PRIVATE KEY" /run/sifguard/job/key.pem && echo "key $(pwd) $(readlink /proc/self/ns/mnt)"; exit 3' |
    write_at ctl "$made/runtime"
ctl chmod 0755 "$made/runtime"
undo ctl rm -f "$made/runtime"
configure "runtime: $made/runtime"
cold
before=$(records)
launch alice -w node1 -n64 --overcommit --sif-verify="$encrypted" true
ran "64 tasks on a node, with nothing in the cache" rc=3 out~'^key /home/alice mnt'
check "all run, in the job's directory and in one namespace" is "$(sort <<<"$out" | uniq -c | awk '{ print $1, $2, $3 }')" "64 key /home/alice"
check "two audit records: the intent, and the launch" is "$(($(records) - before))" 2
configure 'version: 1'
launch alice -w node1 -n12 --overcommit --sif-verify="$encrypted" sh -c 'echo "$(cat /marker) $(pwd)"'
check "12 containers" is "$(sort <<<"$out" | uniq -c | xargs)" "12 good /home/alice"
before node1
launch alice -w node1 -n16 --overcommit --sif-verify="$made/secure/flipped-object.sif" echo ran
refused "16 tasks of a refused step: one line" 65 .
check "and one audit record" is "$(($(state_of audit "$state_after") - $(state_of audit "$state_before")))" 1

# Every program that a step starts, counted.
cold
at node1 sh -c '
    strace -f -qq -e trace=execve -e signal=none -o /tmp/trace -p "$(cat /run/slurmd.pid)" & tracer=$!
    while ! test -e /tmp/traced; do sleep 0.1; done; kill $tracer; wait $tracer; true' &
tracer=$!
for ((i = 0; i < 600; i++)); do   # until all of slurmd is traced
    ! at node1 sh -c 'grep -q "^TracerPid:[[:space:]]*0$" /proc/"$(cat /run/slurmd.pid)"/task/*/status' || { sleep 0.1; continue; }
    break
done
launch alice -w node1 -n6 --overcommit --sif-verify="$encrypted" cat /marker
at node1 touch /tmp/traced
wait "$tracer" || true
undo at node1 rm -f /tmp/traced /tmp/trace
ran "six tasks while they are counted" out~'good'
started() { at node1 sh -c 'grep -c "execve(.*/$1\"" /tmp/trace' sh "$1"; }
for program in sifguard-helper sifguard-opener sifguard-verifier sifguard-pgp; do
    check "$program ran once" is "$(started $program)" 1
done
check "six launchers" is "$(started sifguard-launch)" 6

# The first task may be over before the last comes.
launch alice -w node1 -n8 --overcommit --sif-verify="$encrypted" sh -c 'test $SLURM_LOCALID != 0 && sleep 1; echo $SLURM_LOCALID'
check "tasks of different length" is "$(sort <<<"$out" | xargs)" "0 1 2 3 4 5 6 7"
# A step takes its image's key with it.
check "nothing is left" is "$(before node1; launch alice -w node1 -n4 --overcommit --sif-verify="$encrypted" true; nothing_left)" ""
