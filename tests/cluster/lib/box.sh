# shellcheck shell=bash
# Commands in the box. Sourced by run, on the host, as root.
# shellcheck disable=SC2154  # tree, name: set by run

box() { "$tree/tests/box/box" "$@"; }
ctl() { box exec --name "$name" -- "$@" </dev/null; }                       # as root on the controller
at() { local node=$1; shift; box exec --name "$name" --node "$node" -- "$@" </dev/null; }   # as root on a node
as() { local user=$1; shift; box exec --name "$name" --user "$user" -- "$@"; }              # on the controller
as_at() { local user=$1 node=$2; shift 2; box exec --name "$name" --user "$user" --node "$node" -- "$@" </dev/null; }

# write_at NODE FILE: stdin becomes a root-owned file there.
# shellcheck disable=SC2016
write_at() { box exec --name "$name" --node "$1" -- sh -c 'umask 022; cat >"$1"' sh "$2"; }

# slurm_before RELEASE: whether the box's Slurm is older than that.
slurm_before() { [[ $(printf '%s\n' "$1" "$(ctl slurmctld -V | sed 's/.* //')" | sort -V | head -n 1) != "$1" ]]; }

idle() {   # the whole cluster, within some seconds; prints what it is instead
    local i seen=
    for ((i = 0; i < 60; i++)); do
        seen=$(ctl sinfo -h -o %t | sort -u | xargs)
        [[ ! $seen =~ ^(idle|plnd)(\ plnd)?$ ]] || return 0
        sleep 0.1
    done
    echo "nodes are '$seen', not idle"
    return 1
}

# A cluster that an earlier test, or a machine that stood still, left in no state to run jobs.
mend() {
    echo "      the cluster is not idle: $(ctl sinfo -h -o '%n %t %E' | xargs); its daemons are started anew"
    ctl scancel --signal=KILL --state=RUNNING || true
    ctl scancel --state=PENDING || true
    box restart --name "$name" || true
    ctl scontrol update NodeName=ALL State=RESUME 2>/dev/null || true
    idle || true
}
