#!/bin/bash
# Signed images whose root cannot be mounted. Runs in the box, as carol: make-broken-images.sh WORK
# WORK has plain.sif and encrypted.sif, unsigned; WORK/broken gets what a wrong builder could have signed.
set -euo pipefail
cd "$1"
rm -rf broken
mkdir broken
cd broken

range_of() {   # range_of FILE: offset and size of its root
    apptainer sif list "$1" | awk -F'|' '$5 ~ "FS" { split($4, range, "-"); print range[1] + 0, range[2] - range[1]; exit }'
}
part_of() { read -r offset size < <(range_of "$1"); dd if="$1" bs=4096 iflag=skip_bytes,count_bytes skip="$offset" count="$size" status=none; }
replaced() {   # replaced FROM TO PARTITION: with another root in the old one's place, which is as long or longer
    local offset size
    read -r offset size < <(range_of "$1")
    (($(stat -c %s "$3") <= size)) || { echo "$2: $3 is longer than $size bytes" >&2; exit 1; }
    cp "$1" "$2"
    dd if=/dev/zero of="$2" bs=4096 oflag=seek_bytes seek="$offset" iflag=count_bytes count="$size" conv=notrunc status=none
    dd if="$3" of="$2" bs=4096 oflag=seek_bytes seek="$offset" conv=notrunc status=none
    apptainer --quiet sign "$2" </dev/null
}
shell() { rm -f part; mksquashfs "$1" part -quiet -no-progress -all-root -noI -noD -noF -no-xattrs >/dev/null; }

part_of ../encrypted.sif >outer
unsquashfs -q -n -d shell outer >/dev/null
data=$(find shell -type f ! -name gocryptfs.conf)

cp -r shell one
rm one/gocryptfs.conf
shell one
replaced ../encrypted.sif no-conf.sif part

cp -r shell torn   # the first block, in which the file system begins
printf X | dd of="torn/${data##*/}" bs=1 seek=100 conv=notrunc status=none
cut=$(($(stat -c %s "$data") - 4128 * 2))
truncate -s "$cut" "torn/${data##*/}"
shell torn
replaced ../encrypted.sif torn.sif part

cp -r shell sparse   # zeros where ciphertext was: a hole that gocryptfs would read as zeros
truncate -s $((18 + 4128 * 2)) "sparse/${data##*/}"
truncate -s "$cut" "sparse/${data##*/}"
shell sparse
replaced ../encrypted.sif sparse.sif part

part_of ../plain.sif >part   # its tables are at the end
size=$(stat -c %s part)
dd if=/dev/zero of=part bs=1 seek=$((size * 3 / 4)) count=$((size / 4)) conv=notrunc status=none
replaced ../plain.sif no-squashfs.sif part
rm -rf outer shell one torn sparse part
