#!/bin/bash
# Second life of the box's init: pid 1, root, in the box's own root file system. It is the host ctl: makes the
# network, starts munged, slurmctld and one init for each node, waits until Slurm calls them idle, then only
# reaps. stdin: the pipe from 'box up', whose end before the word "keep" ends the box.
set -euo pipefail
nodes=$1
lib=/src/tests/box/lib
net=10.99.0

fail() { echo "fail ${*}"; exit 1; }

settings() {
    local i
    echo ctl >/proc/sys/kernel/hostname
    {
        echo "127.0.0.1 localhost"
        echo "$net.1 ctl"
        for ((i = 1; i <= nodes; i++)); do echo "$net.$((100 + i)) node$i"; done
    } >/etc/hosts
    cp "$lib"/../etc/slurm/*.conf /etc/slurm/
    mkdir -p /etc/slurm/plugstack.conf.d
    # Slurm 22.05 knows no "disabled"; its cgroup/v1 does nothing when no other plugin asks it to.
    [[ $(slurmctld -V) != "slurm-wlm 22."* ]] || echo CgroupPlugin=cgroup/v1 >/etc/slurm/cgroup.conf
    echo "NodeName=node[1-$nodes] CPUs=4 RealMemory=4000 Gres=gpu:1 State=UNKNOWN" >>/etc/slurm/slurm.conf
    local home
    for home in alice bob carol mallory; do
        cp -r /etc/skel "/home/$home"
        chown -R "$home:$home" "/home/$home"
        chmod 0700 "/home/$home"
    done
    chown slurm:slurm /var/spool/slurmctld /var/log/slurm
    chmod 0700 /var/{lib,cache,log}/sifguard
}

network() {   # a bridge here, one network namespace for each node
    local i node
    ip link set lo up
    # Not loopback: else getaddrinfo (AI_ADDRCONFIG), and so Slurm, finds no address family.
    ip link add br0 type bridge
    ip addr add "$net.1/24" dev br0
    ip link set br0 up
    for ((i = 1; i <= nodes; i++)); do
        node=node$i
        ip netns add "$node"
        ip link add "v$i" type veth peer name eth0 netns "$node"
        ip link set "v$i" master br0 up
        ip -n "$node" link set lo up
        ip -n "$node" addr add "$net.$((100 + i))/24" dev eth0
        ip -n "$node" link set eth0 up
    done
}

start() {
    local i seen
    settings
    network
    mkdir -p /run/box
    "$lib/daemons.sh" start || fail "munged or slurmctld does not start"
    for ((i = 1; i <= nodes; i++)); do "$lib/ctl-node.sh" "node$i"; done
    for ((i = 0; i < 600; i++)); do
        seen=$(sinfo -h -N -p main -o %t 2>/dev/null | grep -cx idle || true)
        if ((seen == nodes)); then
            echo ready
            return 0
        fi
        [[ ! -e /run/box/failed ]] || break
        sleep 0.1
    done
    sinfo -N -l >&2 || true
    tail -n 20 /var/log/slurm/*.log /var/log/munge/*.log /var/log/box-*.log >&2 || true
    fail "only $seen of $nodes nodes are idle after $((i / 10)) s"
}

# Slurm's daemons as their service files would run them, where this machine's root may raise limits at all.
ulimit -l unlimited 2>/dev/null || true
ulimit -n 131072 2>/dev/null || true
umask 022
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# On a machine with systemd mounts spread from / to namespaces made later; the project's plugin must cope.
mount --make-rshared /

start </dev/null &
read -r word || exit 1
[[ $word == keep ]] || exit 1
echo kept
exec </dev/null >/dev/null

# Waiting is what lets bash reap the orphans that every pid 1 is given.
while :; do
    sleep 3600 &
    wait "$!" || true
done
