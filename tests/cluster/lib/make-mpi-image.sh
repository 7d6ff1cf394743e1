#!/bin/bash
# An encrypted, signed image with an MPI program and Debian's own MPI library. Runs in the box, as carol:
#   make-mpi-image.sh openmpi|mpich PUBLIC-KEY IMAGE
set -euo pipefail
mpi=$1 key=$2 image=$3
lib=/usr/lib/x86_64-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,opt,home}
"mpicc.$mpi" -O -Wall -o "$root/opt/ring" /src/tests/cluster/lib/ring.c
cp /bin/busybox "$root/bin/"
for applet in sh cat ls env; do ln -s busybox "$root/bin/$applet"; done
: >"$root/etc/passwd"
: >"$root/etc/group"

# What the library opens at run time, and its configuration.
folders=()
if [[ $mpi == openmpi ]]; then
    for folder in $lib/openmpi $lib/pmix2 /usr/share/openmpi /usr/share/pmix* /etc/openmpi; do
        [[ ! -e $folder ]] || folders+=("$folder")
    done
fi
# Every shared object that these or the program need, where the loader looks for it.
modules=()
for folder in "${folders[@]}"; do
    mkdir -p "$root${folder%/*}"
    cp -rL "$folder" "$root${folder%/*}/" 2>/dev/null || true
    mapfile -t -O "${#modules[@]}" modules < <(find -L "$folder" -name '*.so')
done
mkdir -p "$root$lib" "$root/usr/lib64"
ln -s usr/lib64 "$root/lib64"
while read -r file; do
    if [[ $file == *ld-linux* ]]; then cp -L "$file" "$root/usr/lib64/"; else cp -L "$file" "$root$lib/"; fi
done < <({ ldd "$root/opt/ring" "${modules[@]}" 2>/dev/null || true; } | grep -o '/[^ ]*\.so[^ ]*' | grep -v ':$' | sort -u)
mkdir -p "$root/lib"
ln -s "../usr/lib/x86_64-linux-gnu" "$root/lib/x86_64-linux-gnu"

apptainer --quiet build --force --encrypt --pem-path="$key" "$image" "$root"
apptainer --quiet sign "$image" </dev/null
