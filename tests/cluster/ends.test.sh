# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Ends that nobody planned: slurmd restarts, slurmstepd dies, the cache is tidied under a running step. Sourced by run.
left() { settled=0; settle || settled=1; ((settled == 0)) || echo "nodes: $(state_of slurm "$state_after"); left: $(state_of left "$state_after")"; }
started() { for ((i = 0; i < 600; i++)); do ! as alice test -e "$1" || return 0; sleep 0.1; done; return 1; }
as alice rm -rf ends
as alice mkdir ends
undo as alice rm -rf ends

# slurmd restarts under a running step: the step goes on and ends as it would have.
before node1
as alice timeout 60 srun -w node1 --sif-verify="$encrypted" sh -c 'touch ends/running; while [ ! -e ends/go ]; do sleep 0.1; done; cat /marker' \
    </dev/null >"$tmp/long" 2>/dev/null &
pid=$!
check "a step is running" started ends/running
check "slurmd restarts" box restart --name "$name" --node node1
as alice touch ends/go
rc=0
wait "$pid" || rc=$?
check "the step ended well" is "$rc $(cat "$tmp/long")" "0 good"
check "and left nothing" is "$(left)" ""
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the node takes the next one" out=good

# slurmstepd is killed, as by the kernel for want of memory: its mounts go with its last process.
before node1
as alice rm -f ends/running
as alice timeout 60 srun -w node1 -J victim --sif-verify="$encrypted" sh -c 'touch ends/running; sleep 50' </dev/null >/dev/null 2>&1 &
pid=$!
check "a second step is running" started ends/running
at node1 sh -c 'pkill -KILL -x slurmstepd' || true
at node1 sh -c 'sleep 1; pkill -KILL -u alice' || true
as alice scancel --quiet --name=victim || true
wait "$pid" || true
idle >/dev/null || ctl scontrol update nodename=node1 state=resume || true
check "slurmstepd killed: nothing is left" is "$(left)" ""
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "and the node works" out=good

# An image in use stays in a cache that wants its room.
before node1
as alice rm -f ends/running ends/go
as alice timeout 60 srun -w node1 --sif-verify="$encrypted" sh -c 'touch ends/running; while [ ! -e ends/go ]; do sleep 0.1; done; cat /marker' \
    </dev/null >"$tmp/long" 2>/dev/null &
pid=$!
check "a third step is running" started ends/running
entry=$(at node1 sh -c 'grep -oh "entries/[0-9a-f]*-[0-9a-f]*/image.sif" /proc/[0-9]*/mountinfo 2>/dev/null | cut -d/ -f2 | sort -u | head -n 1')
check "its image is mounted from the cache" has "$entry" '^[0-9a-f]{64}-'
check "tidying leaves it" at node1 sh -c '/usr/libexec/sifguard/sifguard-helper reap && test -e /var/cache/sifguard/entries/"$1"/image.sif' sh "$entry"
as alice touch ends/go
rc=0
wait "$pid" || rc=$?
check "and the step ends well" is "$rc $(cat "$tmp/long")" "0 good"
