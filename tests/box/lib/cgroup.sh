# shellcheck shell=bash
# Control groups for Slurm's proctrack/cgroup in a box: of the freezer of cgroup v1. Slurm's cgroup/v2 refuses machines
# that have trees of version 1 as well, as this box's host may; tests/vm has version 2. Each node's slurmd sees a
# group of its own as the root of the tree. Sourced by daemons.sh (on a node) and state.sh (on the host). Root.

freezer() {   # freezer COMMAND…: with the host's whole tree as its last argument
    local tree status=0
    tree=$(mktemp -d)
    if mount -t cgroup -o freezer freezer "$tree"; then
        "$@" "$tree" || status=$?
        umount "$tree"
    else
        status=1
    fi
    rmdir "$tree"
    return "$status"
}

join() { mkdir -p "$2/$1" && echo $$ >"$2/$1/cgroup.procs"; }

in_group_of_node() {   # in_group_of_node NODE COMMAND…
    local box
    box=$(tr '\0' '\n' </proc/1/environ | sed -n 's/^SIFGUARD_BOX=//p')
    freezer join "sifguard-box.$box.$1"
    shift
    umount -l -R /sys/fs/cgroup 2>/dev/null || true   # an earlier start's
    unshare --cgroup -- /bin/bash -euc '
        mount -t tmpfs -o mode=0755 cgroup /sys/fs/cgroup
        mkdir /sys/fs/cgroup/freezer
        mount -t cgroup -o freezer freezer /sys/fs/cgroup/freezer
        exec "$@"' in_group_of_node "$@"
}

each_group() {   # each_group COMMAND BOX TREE
    local group
    while read -r group; do "$1" "$group"; done < <(find "$3" -mindepth 1 -depth -type d -path "$3/sifguard-box.$2.*")
}
thaw() { echo THAWED >"$1/freezer.state" || true; }
has_freezer() { grep -q ':freezer:' /proc/self/cgroup; }
# What was frozen does not die.
thaw_groups() { ! has_freezer || freezer each_group thaw "$1"; }
remove_groups() { ! has_freezer || freezer each_group rmdir "$1"; }
