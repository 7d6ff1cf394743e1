# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A node that loses power, and a step that the kernel kills for want of memory. Sourced by run.
left() { settled=0; settle || settled=1; ((settled == 0)) || echo "nodes: $(state_of slurm "$state_after"); left: $(state_of left "$state_after")"; }
started() { for ((i = 0; i < 600; i++)); do ! as alice test -e "$1" || return 0; sleep 0.1; done; return 1; }
as alice sh -c 'rm -rf ends; mkdir ends'
undo as alice rm -rf ends
victim() {   # victim COMMAND: a step in an image on node1, in the background
    before node1
    as alice sh -c 'rm -f ends/*'
    as alice timeout 60 srun -w node1 -J victim --sif-verify="$encrypted" sh -c "$1" </dev/null >"$tmp/victim" 2>&1 &
    pid=$!
}
ended() { rc=0; wait "$pid" || rc=$?; }

# --- the kernel kills for want of memory ------------------------------------------------------------------------------
memory_group() {   # a group of 64 MiB without swap, on node1
    at node1 sh -c 'mkdir -p /run/memory
        if mount -t cgroup -o memory cgroup /run/memory 2>/dev/null; then
            cd /run/memory && mkdir oom && echo 64M >oom/memory.limit_in_bytes
        else
            mount -t cgroup2 cgroup2 /run/memory && cd /run/memory && echo +memory >cgroup.subtree_control &&
                mkdir oom && echo 64M >oom/memory.max && echo 0 >oom/memory.swap.max
        fi'
}
# The processes return whence they came before the group can go.
memory_group_gone() {
    at node1 sh -c 'cd /run/memory 2>/dev/null && { [ ! -d oom ] || { for p in $(cat oom/cgroup.procs); do echo "$p" >cgroup.procs; done; sleep 0.2; rmdir oom; }; cd /; umount /run/memory; rmdir /run/memory; } 2>/dev/null; true'
}
undo memory_group_gone
if memory_group >/dev/null 2>&1; then
    victim 'touch ends/running; while [ ! -e ends/go ]; do sleep 0.1; done; tail /dev/zero; echo $? >ends/status'
    check "a step is running" started ends/running
    check "its processes have 64 MiB together" at node1 sh -c 'for p in $(pgrep -u alice; pgrep -x slurmstepd); do echo "$p" >/run/memory/oom/cgroup.procs; done'
    as alice touch ends/go
    ended
    check "the kernel killed one of them" has "$(at node1 sh -c 'cat /run/memory/oom/memory.oom_control /run/memory/oom/memory.events 2>/dev/null' | xargs)" 'oom_kill [1-9]'
    check "nothing is left" is "$(left)" ""
    memory_group_gone
    launch alice -w node1 --sif-verify="$encrypted" cat /marker
    ran "and the node takes the next one" out=good
else
    skip "a step out of memory" "this machine gives no memory cgroup"
fi

# --- a node loses power -----------------------------------------------------------------------------------------------
power_off() {
    ctl sh -c 'pid=$(cat /run/box/node1); kill -KILL "$pid"; rm /run/box/node1
        for i in $(seq 100); do
            [ -d "/proc/$pid" ] || exit 0
            [ $((i % 30)) != 0 ] || /src/tests/box/lib/unstick.sh
            sleep 0.1
        done; exit 1'
}
power_on() {
    local i
    ctl /src/tests/box/lib/ctl-node.sh node1
    for ((i = 0; i < 100; i++)); do ! ctl test -s /run/box/node1 || break; sleep 0.1; done
    as alice scancel --quiet --name=victim || true
    # What an admin does for a node that came back unexpectedly, when Slurm does not by itself.
    idle >/dev/null && return
    ctl scontrol update NodeName=node1 State=RESUME 2>/dev/null && idle >/dev/null && return
    ctl scontrol update NodeName=node1 State=DOWN Reason=power && ctl scontrol update NodeName=node1 State=RESUME
    idle
}
powered() { at node1 true 2>/dev/null || power_on; }
undo powered
victim 'touch ends/running; sleep 50'
check "a step is running on a node" started ends/running
power_off
check "the node comes back" power_on
ended
check "nothing of the step is left there" is "$(left)" ""
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "it takes the next one, from its cache" out=good
check "the audit log is whole" at node1 sifctl audit verify

for delay in 0.2 0.4 0.6; do   # while the image is being copied and verified
    at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
    victim 'echo ran'
    sleep $delay
    power_off
    check "power fails $delay s into a launch, and comes back" power_on
    ended
    launch alice -w node1 --sif-verify="$encrypted" cat /marker
    ran "the next launch works" out=good
    at node1 /usr/libexec/sifguard/sifguard-helper reap
    check "and nothing half-made stays" is "$(left)" ""
done
check "the audit log is whole after all that" at node1 sifctl audit verify
