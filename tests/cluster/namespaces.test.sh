# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Where an image may lie that root's own namespace, or root itself, does not see: an automounted directory, a file
# system that answers its owner alone, a job's private /tmp. Sourced by run.
carol=$(fingerprint_of carol)
ctl sifctl image bind elsewhere --match '/auto/**/*.sif' --match '/tmp/*.sif' --match '/home/alice/closed/*.sif' \
    --signer "$carol" --key lolcow --allow-group bio >/dev/null
undo ctl sifctl image unbind elsewhere

# --- mounted on demand ------------------------------------------------------------------------------------------------
ctl sh -c 'mkdir -p /auto; printf "/auto /etc/auto.test --timeout=60\n" >/etc/auto.master
printf "apps -fstype=bind :%s\ndata -fstype=tmpfs,mode=1777 :tmpfs\n" "$1/secure" >/etc/auto.test' sh "$made"
undo ctl rm -f /etc/auto.master /etc/auto.test
at node1 sh -c 'setsid automount --pid-file /run/automount.pid -f </dev/null >/run/automount.log 2>&1 &
    for i in $(seq 600); do grep -q " /auto autofs" /proc/mounts && exit 0; sleep 0.1; done'
undo at node1 sh -c 'kill "$(cat /run/automount.pid)"; for i in $(seq 300); do grep -q " /auto autofs" /proc/mounts || exit 0; sleep 0.1; done; umount -l /auto'
mounted() { at node1 grep -c " /auto/$1 " /proc/1/mountinfo || true; }
check "autofs is there, nothing is mounted by it" is "$(at node1 grep -c ' /auto autofs' /proc/mounts) $(mounted apps) $(mounted data)" "1 0 0"
launch alice -w node1 --sif-verify=/auto/apps/lolcow.sif cat /marker
ran "an image that is mounted when it is opened" out=good
launch alice -w node1 --sif-verify="$encrypted" --sif-bind=/auto sh -c 'cat /marker; echo written >/auto/data/file; cat /auto/data/file'
ran "a directory that is mounted when the task looks into it" out='good
written'
check "the node has it too, as without a container" is "$(mounted data) $(at node1 cat /auto/data/file)" "1 written"

# What is mounted on the node while the task runs is seen by it, and does not stay because of it.
as alice sh -c 'mkdir -p later; rm -f later/* later-runs'
as alice timeout 100 srun -w node1 --sif-verify="$encrypted" sh -c 'touch later-runs; for i in $(seq 600); do test -e later/there && cat later/there && exit; sleep 0.1; done' \
    </dev/null >"$tmp/later" 2>/dev/null &
pid=$!
for ((i = 0; i < 600; i++)); do ! as alice test -e later-runs || break; sleep 0.1; done
as alice rm -f later-runs
at node1 sh -c 'mount -t tmpfs none /home/alice/later; echo seen >/home/alice/later/there'
undo at node1 sh -c 'umount -l /home/alice/later 2>/dev/null; true'
wait "$pid" || true
check "a later mount reaches the container" is "$(cat "$tmp/later")" seen
check "and can be unmounted" at node1 umount /home/alice/later

# --- what answers its owner alone ---------------------------------------------------------------------------------------
# A FUSE file system without allow_other refuses even root, as NFS with root_squash does for files of mode 0600.
as alice sh -c "rm -rf pack closed; mkdir -p pack closed; cp $encrypted pack/image.sif; chmod 0600 pack/image.sif
    mksquashfs pack closed.sqfs -quiet -no-progress -noappend >/dev/null; rm -rf pack"
undo as alice rm -rf closed.sqfs closed
check "alice mounts it" as_at alice node1 squashfuse closed.sqfs closed
undo at node1 sh -c 'umount -l /home/alice/closed 2>/dev/null; true'
check "root cannot read it" fails at node1 cat /home/alice/closed/image.sif
launch alice -w node1 --sif-verify=/home/alice/closed/image.sif cat /marker
ran "an image that root cannot read" out=good
launch bob -w node1 --sif-verify=/home/alice/closed/image.sif true
ran "nor can another user" rc=66 out= err~'Permission denied'
as_at alice node1 fusermount3 -u closed

# --- a job's private /tmp ---------------------------------------------------------------------------------------------
ctl sh -c 'printf "AutoBasePath=true\nBasePath=/var/spool/slurmd/private\nDirs=/tmp\n" >/etc/slurm/job_container.conf'
undo box restart --name "$name"
undo ctl sh -c 'cd /etc/slurm; cat .kept >slurm.conf; rm .kept job_container.conf'
# Not by a reconfiguration: the slurmd that goes takes the mount along which the one that comes has just made.
ctl sh -c 'cd /etc/slurm; cp -p slurm.conf .kept; printf "%s\n" JobContainerType=job_container/tmpfs PrologFlags=Contain >>slurm.conf'
box restart --name "$name"
idle
# Linux 6.18 numbers namespaces out of a batch a CPU and lets none be bound whose number is below one's own, so that
# job_container/tmpfs fails as its step happens to start on one CPU or another. slurmd is kept on one that can.
at node1 sh -c 'touch /run/holder; mount --bind /run/holder /run/holder; mount --make-private /run/holder
for cpu in $(seq 0 $(($(nproc) - 1))); do
    taskset -c "$cpu" unshare -m --propagation unchanged sleep 60 &
    for i in $(seq 100); do [ "$(readlink /proc/$!/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] || break; sleep 0.1; done
    if mount --bind /proc/$!/ns/mnt /run/holder 2>/dev/null; then kill $!; umount /run/holder; break; fi
    kill $!
done
umount /run/holder; rm /run/holder
taskset -a -c -p "$cpu" "$(cat /run/slurmd.pid)" >/dev/null'
check "a job under job_container/tmpfs" as alice timeout 60 srun -w node1 true
before node1
batch private -w node1 <<<"#!/bin/sh
cp $encrypted /tmp/mine.sif
ls /tmp
srun --sif-verify=/tmp/mine.sif sh -c 'cat /marker; ls /tmp; echo from the step >/tmp/left'
cat /tmp/left"
wait
batch inside -w node1 --sif-verify="$encrypted" <<<'#!/bin/sh
cat /marker; ls /tmp | wc -l; echo private >/tmp/mine'
wait
result private
ran "job_container/tmpfs: an image in the job's own /tmp, which the container has too" out='mine.sif
good
mine.sif
from the step'
result inside
ran "and a batch script in an image" out='good
0'
refuse "it is nobody else's" 66 'No such file' alice --sif-verify=/tmp/mine.sif true
check "nothing is left" is "$(nothing_left)" ""
undo_now
idle
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the node is as before" out=good
