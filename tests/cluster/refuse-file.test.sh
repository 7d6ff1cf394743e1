# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # encrypted, made: set by prepare.sh
# What is no image that the user can read. Sourced by run.
dir=$made/secure

refuse "missing" 66 "$dir/none.sif.*No such file" alice --sif-verify="$dir/none.sif" true
refuse "in a directory that is missing" 66 'No such file' alice --sif-verify=/apps/none/none.sif true
refuse "unreadable" 66 'unreadable.sif.*Permission denied' alice --sif-verify="$dir/unreadable.sif" true
as carol sh -c "cp $encrypted ~/secure.sif; chmod 0644 ~/secure.sif"
refuse "in another user's closed home" 66 'Permission denied' alice --sif-verify=/home/carol/secure.sif true
refuse "empty" 66 'empty.sif is empty' alice --sif-verify="$dir/empty.sif" true
refuse "a FIFO" 66 'fifo.sif is a FIFO' alice --sif-verify="$dir/fifo.sif" true
refuse "a directory" 66 'directory.sif is a directory' alice --sif-verify="$dir/directory.sif" true
refuse "/dev/zero, by a symbolic link" 66 'is a device' alice --sif-verify="$dir/zero.sif" true
refuse "/dev/zero" 66 '/dev/zero is a device' alice --sif-verify=/dev/zero true
refuse "a file of /proc" 66 '/proc/self/status' alice --sif-verify=/proc/self/status true
refuse "a descriptor in /proc" 66 '/proc/self/fd/0' alice --sif-verify=/proc/self/fd/0 true
as alice ln -sf loop2.sif loop1.sif
as alice ln -sf loop1.sif loop2.sif
refuse "a symbolic link to itself" 66 'loop1.sif' alice --sif-verify=loop1.sif true
refuse "random bytes" 65 'noise.sif is not a SIF' alice --sif-verify="$dir/noise.sif" true
refuse "a program" 65 'program.sif is not a SIF' alice --sif-verify="$dir/program.sif" true
for file in $(ctl sh -c "cd $dir && ls truncated-*.sif"); do
    refuse "$file" 65 . alice --sif-verify="$dir/$file" true
done
refuse "a path of 4,096 characters" 66 . alice --sif-verify="/$(printf 'x%.0s' {1..4095})" true
refuse "a component of 300 characters" 66 'too long' alice --sif-verify="/$(printf 'x%.0s' {1..300})" true
refuse "a name that is not UTF-8" 66 . alice --sif-verify=$'/apps/\xff\xfe.sif' true
refuse "a name that looks like markup" 66 . alice --sif-verify='/apps/","decision":"allow","x":"' true
for uri in oras://registry.example.org/a/b:1 library://a/b/c https://example.org/x.sif; do   # the box has no way out
    refuse "${uri%%:*}:// of a host that does not answer" 75 'cannot fetch' alice --sif-verify="$uri" true
done
for uri in docker://alpine instance://x shub://a/b http://example.org/x.sif; do
    refuse "${uri%%:*}:// brings no SIF" 64 'no SIF|cannot get images by' alice --sif-verify="$uri" true
done
