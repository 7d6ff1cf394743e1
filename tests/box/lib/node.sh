#!/bin/bash
# A node's init: pid 1 of the node's PID namespace, root. Gives the node what is its own (see box --help), starts
# munged and slurmd, then only reaps.
set -euo pipefail
node=$1

# /proc is still ctl's, so this is our pid as ctl counts; known to others only once the node is laid out.
read -r pid _ </proc/self/stat

echo "$node" >/proc/sys/kernel/hostname
exec {run}</run   # ctl's, to leave the pid in
for dir in cache:var/cache/sifguard log:var/log/sifguard spool:var/spool/slurmd; do
    mount --bind "/srv/box/$node/${dir%%:*}" "/${dir#*:}"
done
umount /srv/box
umount -l /run /tmp /dev/shm /sys
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs /run
mount -t tmpfs -o nosuid tmpfs /tmp
mount -t tmpfs -o nosuid,nodev tmpfs /dev/shm
umount -l /proc
mount -t proc -o nosuid,nodev,noexec proc /proc
# unshare made all mounts private; a node with systemd has them shared.
mount --make-rshared /

/src/tests/box/lib/daemons.sh start
echo "$pid" >"/proc/self/fd/$run/box/$node"
exec {run}<&-

while :; do
    sleep 3600 &
    wait "$!" || true
done
