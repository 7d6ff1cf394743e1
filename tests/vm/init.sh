#!/bin/bash
# The emulated machine's init, or systemd's only service (vm.service): mounts what every Linux has, where systemd has not,
# runs the script of the tree that it is told, with the machine's second serial line as its output, leaves the status
# in /out and switches the machine off. Root.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
if [[ $$ == 1 ]]; then
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mkdir -p /dev/pts /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t tmpfs -o mode=0755 tmpfs /run
    mount -t tmpfs tmpfs /tmp
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    echo vm >/proc/sys/kernel/hostname
fi
stty -F /dev/ttyS1 raw 2>/dev/null
/bin/bash "/src/$1" </dev/null >/dev/ttyS1 2>&1
echo $? >/out/status
sync
echo o >/proc/sysrq-trigger
sleep 60
