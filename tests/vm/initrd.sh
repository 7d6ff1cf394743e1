#!/bin/busybox sh
# shellcheck shell=dash
# The emulated machine's first program: loads the modules, lays out the root file system (the box's, which stays as it
# is, and memory above it) and goes on there: as tests/vm/init.sh with the product installed in another one for a box,
# or as systemd, whose only service is tests/vm/vm.service. Root.
/bin/busybox --install -s /bin
mkdir -p /proc /dev /lower /scratch
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
of_command_line() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }
script=$(of_command_line script) rootfs=$(of_command_line rootfs) init=$(of_command_line vm_init)
by_9p() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,cache=loose,$3" "$1" "$2"; }
by_9p root /lower ro
mount -t tmpfs -o mode=0755 scratch /scratch
layer() {   # layer NAME: changes to /lower go to memory, at /scratch/NAME
    mkdir -p "/scratch/$1" "/scratch/upper-$1" "/scratch/work-$1"
    mount -t overlay -o "lowerdir=/lower,upperdir=/scratch/upper-$1,workdir=/scratch/work-$1" "$1" "/scratch/$1"
}
new=/scratch/new box=/scratch/box
layer new
mkdir -p $new/src $new/out
by_9p src $new/src ro
by_9p out $new/out rw
if [ "$init" = systemd ]; then
    mkdir -p $new/usr/lib/modules
    by_9p modules $new/usr/lib/modules ro
    sed "s,@SCRIPT@,$script," $new/src/tests/vm/vm.service >$new/etc/systemd/system/vm.service
    echo 0123456789abcdef0123456789abcdef >$new/etc/machine-id
    echo node1 >$new/etc/hostname
    set -- /usr/lib/systemd/systemd
else
    # The box in this machine stands on the same root file system, with the product in it.
    layer box
    tar -x -f $new/out/installed.tar -C $box
    mkdir -p "$new/var/cache/sifguard-box/$rootfs"
    mount -o bind $box "$new/var/cache/sifguard-box/$rootfs"
    set -- /bin/bash /src/tests/vm/init.sh "$script"
fi
umount /proc
mount -o move /dev $new/dev
exec switch_root $new "$@"
