# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; encrypted, tmp, rc: of run
# Steps on node1 with a mounted root that wait, and what is left when something of them is killed. Sourced by run; who
# uses gone() says by remains() what may not be left, and may say how many tenths of a second that may take.
gone() { local i; for ((i = 0; i < ${gone_tenths:-600}; i++)); do [[ -n $(remains) ]] || return 0; sleep 0.1; done; remains; return 1; }
last_of() { at node1 sh -c 'grep "\"event\":\"$1\"" /var/log/sifguard/audit.jsonl | tail -n 1' sh "$1"; }
room_for_marks() { undo as alice rm -rf mounts; as alice sh -c 'rm -rf mounts; mkdir mounts'; }
running() {
    as alice rm -f mounts/running mounts/go
    as alice timeout 100 srun -w node1 -J held --sif-verify="$encrypted" sh -c 'touch mounts/running; while test ! -e mounts/go; do sleep 0.2; done; cat /marker' \
        </dev/null >"$tmp/held" 2>"$tmp/held.err" &
    pid=$!
}
runs() { local i; for ((i = 0; i < 300; i++)); do ! as alice test -e mounts/running || return 0; sleep 0.1; done; return 1; }
ended() { rc=0; as alice touch mounts/go; wait "$pid" || rc=$?; }
signals_do_not_reach() {   # signals_do_not_reach WHOM: of the step that runs
    local job
    job=$(as alice squeue -h --name=held -o %A)
    as alice scancel -s STOP "$job"
    as alice scancel -s CONT "$job"
    ended
    check "signals to the step do not reach $1" is "$rc $(cat "$tmp/held")" "0 good"
    check "nothing is left" gone
}
killed_leaves_nothing() {   # killed_leaves_nothing VICTIM [USER]: a server, slurmstepd, or a program of the user's
    before node1
    running
    check "a step is running" runs
    if [[ $1 == slurmstepd ]]; then
        # The step's alone: another one is all that keeps cgroup/v2's scope.
        at node1 pkill -KILL -f '^slurmstepd: \[[0-9]+\.' || true
    else
        at node1 pkill -KILL ${2:+-u "$2"} -x "$1" || true
    fi
    at node1 sh -c 'sleep 1; pkill -KILL -u alice' || true
    as alice scancel --quiet --name=held || true
    wait "$pid" || true
    idle >/dev/null || ctl scontrol update nodename=node1 state=resume || true
    check "$1 is killed: nothing is left" gone
}
goes_on_as_with_a_broken_disk() {   # goes_on_as_with_a_broken_disk SERVER
    local launched
    running
    check "a step is running" runs
    at node1 pkill -KILL -x "$1"
    launched=$(as alice timeout 60 srun --overlap --jobid="$(as alice squeue -h --name=held -o %A)" -w node1 -n1 true </dev/null 2>&1; echo $?)
    check "a step whose server is killed goes on as with a broken disk, and the node is not drained" is "$launched $(ctl sinfo -h -n node1 -o %t)" "0 alloc"
    as alice scancel --quiet --name=held
    wait "$pid" || true
    check "nothing is left then, too" gone
}
