#!/bin/bash
# start|stop|restart of the Slurm daemon that belongs to this host of the box (slurmctld on ctl, slurmd on a
# node), with munged before it. Runs in the box, on that host, as root.
set -euo pipefail
host=$(</proc/sys/kernel/hostname)
# shellcheck source=tests/box/lib/cgroup.sh
. "$(dirname "$(readlink -f "$0")")/cgroup.sh"

munge() {
    [[ ! -S /run/munge/munge.socket.2 ]] || return 0
    install -d -o munge -g munge -m 0755 /run/munge
    setpriv --reuid=munge --regid=munge --init-groups munged --pid-file=/run/munge/munged.pid \
        --log-file="/var/log/munge/$host.log" --seed-file="/var/lib/munge/$host.seed"
}

start() {
    munge
    if [[ $host == ctl ]]; then
        slurmctld
    elif grep -qx ProctrackType=proctrack/cgroup /etc/slurm/slurm.conf; then
        in_group_of_node "$host" slurmd -N "$host"
    else
        slurmd -N "$host"
    fi
}

stop() {
    local file=/run/slurmd.pid pid i
    [[ $host != ctl ]] || file=/run/slurmctld.pid
    pid=$(cat "$file" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null || return 0
    for ((i = 0; i < 300; i++)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "daemons: pid $pid does not stop" >&2
    return 1
}

case $1 in
    start) start ;;
    stop) stop ;;
    restart) stop && start ;;
esac
