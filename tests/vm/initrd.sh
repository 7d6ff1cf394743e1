#!/bin/busybox sh
# shellcheck shell=dash
# The emulated machine's first program: loads the modules, lays out the root file system (the box's, which stays as it
# is, and memory above it) with the product installed, and goes on there as tests/vm/init.sh. Root.
/bin/busybox --install -s /bin
mkdir -p /proc /dev /lower /scratch
mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
of_command_line() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }
script=$(of_command_line script) rootfs=$(of_command_line rootfs)
by_9p() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=262144,cache=loose,$3" "$1" "$2"; }
by_9p root /lower ro
mount -t tmpfs -o mode=0755 scratch /scratch
new=/scratch/new box=/scratch/box
for each in new box; do
    mkdir -p /scratch/$each /scratch/upper-$each /scratch/work-$each
    mount -t overlay -o "lowerdir=/lower,upperdir=/scratch/upper-$each,workdir=/scratch/work-$each" $each /scratch/$each
done
mkdir -p $new/src $new/out
by_9p src $new/src ro
by_9p out $new/out rw
tar -x -f $new/out/installed.tar -C $box
# The box in this machine stands on the same root file system, with the product in it.
mkdir -p "$new/var/cache/sifguard-box/$rootfs"
mount -o bind $box "$new/var/cache/sifguard-box/$rootfs"
umount /proc
mount -o move /dev $new/dev
exec switch_root $new /bin/bash /src/tests/vm/init.sh "$script"
