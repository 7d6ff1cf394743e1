# shellcheck shell=bash
# What the host knows of a box: /run/sifguard-box/NAME/. Sourced by box, on the host, as root.
#   init   "PID STARTTIME" of the box's init, as the host counts; the start time tells a reused pid
#   ready  is there once 'up' is complete: before, the box dies with its 'up'
#   conf   name=value lines: suite, nodes, tree
#   log    what the box's init and its first processes printed
# shellcheck disable=SC2154  # name, state, …: set by box's parse_options

STATE_ROOT=/run/sifguard-box
# shellcheck source=tests/box/lib/cgroup.sh
. "$here/lib/cgroup.sh"

die() { printf 'box: %s\n' "$*" >&2; exit 1; }
say() { printf 'box: %s\n' "$*" >&2; }

state_get() { sed -n "s/^$1=//p" "$state/conf"; }

node_names() { local i; for ((i = 1; i <= $1; i++)); do echo "node$i"; done; }

start_time() {   # start_time PID: field 22 of stat, counted after the command name, which may hold blanks
    local stat fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} != Z ]] || return 1
    echo "${fields[19]}"
}

box_pid() {   # prints the pid of the box's init; false when the box is down
    local pid start
    { read -r pid start <"$state/init"; } 2>/dev/null || return 1
    [[ $(start_time "$pid") == "$start" ]] || return 1
    echo "$pid"
}

box_ready() { [[ -e $state/ready ]] && box_pid >/dev/null; }

box_status() {
    if ! box_ready; then
        echo "$name: down"
        exit 3
    fi
    echo "$name: up, suite $(state_get suite), $(state_get nodes) nodes, tree $(state_get tree)"
    (enter ctl root sinfo -h -o '%R %D %t %N') || echo "slurmctld does not answer"
}

box_down() {
    local pid
    lock_name
    if pid=$(box_pid); then
        # The end of a PID namespace's init is the end of everything in it, mounts and links included.
        kill -KILL "$pid"
        thaw_groups "$name" || true
        wait_for_end "$pid" || die "pid $pid, the init of '$name', does not end: see ps -eo pid,stat,wchan,args"
        wait_gone
        remove_groups "$name" || true
        say "'$name' is down"
    else
        say "'$name' was not up"
    fi
    clear_state
}

wait_for_end() {   # wait_for_end PID: half a minute; what holds it up is sought after some seconds
    local i
    for ((i = 1; i <= 600; i++)); do
        start_time "$1" >/dev/null || return 0
        ((i % 100)) || "$here/lib/unstick.sh" >&2 || true
        sleep 0.05
    done
    return 1
}

# The kernel lets go of a loop device (the box's disk) a moment after the last process.
wait_gone() {
    local i
    for ((i = 0; i < 100; i++)); do
        grep -qsF "/sifguard-box/disk.$name " /sys/block/loop*/loop/backing_file || break
        sleep 0.05
    done
}

clear_state() { rm -rf "${STATE_ROOT:?}/${name:?}"; }

lock_name() {   # one up or down of a name at a time; held until this process ends
    mkdir -p "$STATE_ROOT"
    exec {lock_fd}>"$STATE_ROOT/$name.lock"
    flock -w 600 "$lock_fd" || die "another up or down of '$name' does not end"
}
