#!/bin/bash
# First life of the box's init: pid 1 of the new PID namespace, root, still on the host's files but in its own
# mount namespace. Lays out the root file system, moves into it, and goes on as lib/ctl.sh from there.
# stdin: the pipe from 'box up'; stdout: words to it; stderr: the log.
set -euo pipefail
state=$1 name=$2 rootfs=$3 tree=$4 build=$5 vectors=$6 nodes=$7 cache=$8

fail() { echo "fail ${*}"; exit 1; }
trap 'fail "making the file systems (line $LINENO)"' ERR

# /proc is still the host's, so this is our pid as the host counts. (No command substitution: it would fork.)
read -r stat </proc/self/stat
read -r pid _ <<<"$stat"
read -ra fields <<<"${stat##*) }"
[[ $$ == 1 && $pid != 1 ]] || fail "not the init of a new PID namespace"
echo "$pid ${fields[19]}" >"$state/init"

# The cached root file system stays as it is: all changes go to memory, and vanish with this mount namespace.
scratch=$state/root
mount -t tmpfs -o mode=0755 box "$scratch"
mkdir "$scratch"/{upper,work,new}
new=$scratch/new
mount -t overlay -o "lowerdir=$rootfs,upperdir=$scratch/upper,workdir=$scratch/work" box "$new"
mkdir -p "$new"/{src,build,vectors,apps,srv/box,var/lib/sifguard,var/cache/sifguard,var/log/{sifguard,slurm},var/spool/{slurmd,slurmctld}}

# What real sites keep on disks is on a disk here too: ext4 on a loop device, of a file that has no name any
# more, so that device and space are given back with the last mount.
disk=$cache/disk.$name
rm -f "$disk"
truncate -s 32G "$disk"
if mkfs.ext4 -q -m 0 -i 65536 -O ^has_journal -E nodiscard,lazy_itable_init=1 "$disk" >&2 &&
    mount -t ext4 -o loop,noinit_itable,discard "$disk" "$new/srv/box" >&2; then
    rmdir "$new/srv/box/lost+found"
else
    echo "say no loop device with ext4 here: /home, /apps and the caches are in memory"
    mount -t tmpfs -o mode=0755 disk "$new/srv/box"
fi
rm -f "$disk"
mkdir "$new"/srv/box/{home,apps,keystore}
for dir in home:home apps:apps keystore:var/lib/sifguard; do
    mount --bind "$new/srv/box/${dir%%:*}" "$new/${dir#*:}"
done

mount --bind "$tree" "$new/src"
mount -o remount,bind,ro "$new/src"
mount --bind "$build" "$new/build"
if [[ -n $vectors ]]; then
    mount --bind "$vectors" "$new/vectors"
    mount -o remount,bind,ro "$new/vectors"
fi

mount -t proc -o nosuid,nodev,noexec proc "$new/proc"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$new/sys"
mount -t tmpfs -o nosuid,nodev,mode=0755 tmpfs "$new/run"
mount -t tmpfs -o nosuid tmpfs "$new/tmp"

# A /dev of our own: changing the mode of the host's /dev/fuse would change the host.
mount -t tmpfs -o nosuid,mode=0755 dev "$new/dev"
while read -r file mode major minor; do
    mknod -m "$mode" "$new/dev/$file" c "$major" "$minor"
done <<'END'
null 0666 1 3
zero 0666 1 5
full 0666 1 7
random 0666 1 8
urandom 0666 1 9
tty 0666 5 0
fuse 0666 10 229
loop-control 0660 10 237
END
for i in 0 1 2 3 4 5 6 7; do mknod -m 0660 "$new/dev/loop$i" b 7 "$i"; done
ln -s /proc/self/fd "$new/dev/fd"
for i in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${i%%:*}" "$new/dev/${i#*:}"; done
mkdir "$new"/dev/{pts,shm}
mount -t devpts -o nosuid,noexec,gid=5,mode=0620,ptmxmode=0666 devpts "$new/dev/pts"
ln -s pts/ptmx "$new/dev/ptmx"
mount -t tmpfs -o nosuid,nodev tmpfs "$new/dev/shm"

# pivot_root and not chroot: the kernel refuses user namespaces, and so Apptainer, inside a chroot. The new
# root has the old one stacked on it for a moment; '.' is still the old one.
cd "$new"
pivot_root . .
umount -l .
cd /
exec /bin/bash /src/tests/box/lib/ctl.sh "$nodes"
