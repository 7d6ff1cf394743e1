# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Launches that are killed half-way leave nothing. Sourced by tests/cluster/run.
left() { settled=0; settle || settled=1; ((settled == 0)) || echo "nodes: $(state_of slurm "$state_after"); left: $(state_of left "$state_after")"; }

killed() {   # killed WHAT COLD: a launch of several tasks is killed at eight different moments
    local what=$1 cold=$2 delay pid
    : >"$tmp/survived"
    before node1
    for delay in 0.05 0.1 0.15 0.2 0.3 0.4 0.6 0.9; do
        [[ -z $cold ]] || at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
        as alice timeout 60 srun -w node1 -n3 -J victim --sif-verify="$encrypted" sh -c 'sleep 20; echo survived' </dev/null >>"$tmp/survived" 2>/dev/null &
        pid=$!
        sleep "$delay"
        for _ in 1 2 3 4 5 6 7 8; do as alice scancel --quiet -s KILL --name=victim && as alice scancel --quiet --name=victim; kill -0 "$pid" 2>/dev/null || break; sleep 0.3; done
        wait "$pid" || true   # 0 when srun had not seen the step complete its launch, also without an image
    done
    # Without cgroups Slurm looks for a step's processes one by one, and may miss one that is just being started.
    if [[ -s $tmp/survived ]]; then
        skip "$what: all were killed" "Slurm itself missed one of them (proctrack/linuxproc)"
        at node1 sh -c 'pkill -KILL -u alice; sleep 0.5; true'
    else
        ok "$what: all were killed"
    fi
    check "$what: no mount, process or file is left" is "$(left)" ""
}
killed "cold launches" cold
killed "warm launches" ''

helper_killed() {   # by the node, for want of memory, say
    at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
    at node1 sh -c 'for i in $(seq 2000); do pkill -KILL -x sifguard-helper && break; sleep 0.005; done' &
    local pid=$!
    before node1
    launch alice -w node1 --sif-verify="$encrypted" cat /marker
    wait "$pid"
}
helper_killed
refused "the helper is killed: refused" 70 'signal 9' no-audit
verifier_killed() {
    at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
    at node1 sh -c 'for i in $(seq 2000); do pkill -KILL -x sifguard-verifi && break; sleep 0.002; done' &
    local pid=$!
    before node1
    launch alice -w node1 --sif-verify="$encrypted" cat /marker
    wait "$pid"
}
verifier_killed
if [[ $rc == 0 ]]; then ok "the verifier was too fast to be killed"; else refused "the verifier is killed: refused" "$rc" 'verifier'; fi

launcher_killed() {   # between the helper's word and the runtime; a long environment makes its life longer
    at node1 sh -c 'i=0; until pkill -KILL -x sifguard-launch || [ $((i += 1)) = 1000 ]; do :; done' &
    local pid=$!
    before node1
    capture as alice bash -c 'for i in $(seq 2000); do export "FILLER_$i=$i"; done
        exec timeout 60 srun -w node1 --sif-verify="$1" cat /marker' bash "$encrypted" </dev/null
    wait "$pid" || true
}
launcher_killed
if [[ $rc == 0 ]]; then skip "the launcher is killed" "it was always quicker here"; else check "the launcher is killed: the task ends by that signal" is "$rc" 137; fi
check "and nothing is left" is "$(left)" ""

launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "afterwards all is well" out=good
check "the cache can be tidied" at node1 sh -c '/usr/libexec/sifguard/sifguard-helper reap || /usr/lib/*/sifguard/sifguard-helper reap'
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "and is still of use" out=good

# A FUSE server that waits for itself on its way out, made on purpose; the next killed task has it freed.
ctl g++ -std=c++20 -O1 -o "$made/waiting_server" /src/tests/unit/mount/waiting_server.cc -pthread
at node1 sh -c 'mkdir -p /run/waiting; setsid "$1" /run/waiting gocryptfs >/dev/null 2>&1 &' sh "$made/waiting_server"
waits() { at node1 sh -c 'cat /proc/[0-9]*/task/*/stat 2>/dev/null | grep -q "^[0-9]* (gocryptfs) D "'; }
gone() { local i; for ((i = 0; i < 600; i++)); do waits || return 0; sleep 0.1; done; return 1; }
for ((i = 0; i < 50; i++)); do ! waits || break; sleep 0.1; done   # on its way out
if waits; then
    as alice rm -f victim-runs
    as alice timeout 100 srun -w node1 -J victim --sif-verify="$encrypted" sh -c 'touch victim-runs; sleep 90' </dev/null >/dev/null 2>&1 &
    for ((i = 0; i < 600; i++)); do ! as alice test -e victim-runs || break; sleep 0.1; done
    as alice rm -f victim-runs
    check "a server waits for itself meanwhile" waits
    as alice scancel --signal=KILL --name=victim
    wait || true
    check "a task ends by a signal: the server is freed" gone
else
    skip "a server that waits for itself" "this kernel lets it go"
fi
at node1 sh -c '/usr/libexec/sifguard/sifguard-helper reap; rmdir /run/waiting' || true
