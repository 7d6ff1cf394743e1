#!/bin/bash
# Keys and images of the tests, made with gpg and Apptainer. Runs in the box:
#   make-images.sh key DIR      as a signer: an OpenPGP key, its public half to DIR/keys
#   make-images.sh build DIR    as carol: that, and the unsigned images, to DIR/work
#   make-images.sh sign DIR     as a signer: signs the image that is there for the user
#   make-images.sh place DIR    as root: makes the images that the tests use from these
set -euo pipefail
what=$1 dir=$2
work=$dir/work

make_key() {
    local user gpg
    user=$(id -un)
    cd
    gpg="gpg --quiet --batch --no-auto-check-trustdb"
    $gpg --passphrase '' --quick-gen-key "$user@example.org" ed25519 sign never 2>gpg.log || { cat gpg.log >&2; exit 1; }
    $gpg --armor --export "$user@example.org" >"$dir/keys/$user.asc"
    $gpg --with-colons --list-keys "$user@example.org" | awk -F: '/^fpr/ { print $10; exit }' >"$dir/keys/$user.fpr"
    $gpg --armor --export-secret-keys "$user@example.org" >secret.asc
    apptainer --quiet key import secret.asc </dev/null >/dev/null
    rm secret.asc
    gpgconf --kill all
}

root_directory() {   # root_directory MARKER
    local root=$work/root-$1 applet
    mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,mnt,data,home}
    cp /bin/busybox "$root/bin/"
    for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$applet"; done
    echo "$1" >"$root/marker"
    echo "PRETTY_NAME=\"image $1\"" >"$root/etc/os-release"
    mkdir -p "$root/.singularity.d/env"
    printf '#!/bin/sh\nprintf "[%%s]" runscript "$@"\n' >"$root/.singularity.d/runscript"
    echo 'export LABEL=image' >"$root/.singularity.d/env/90-environment.sh"
    chmod 0755 "$root/.singularity.d/runscript" "$root/.singularity.d/env/90-environment.sh"
    : >"$root/etc/passwd"
    : >"$root/etc/group"
}

build() {
    cd "$work"
    root_directory good
    root_directory evil
    apptainer --quiet build plain.sif root-good
    apptainer --quiet build evil.sif root-evil &
    apptainer --quiet build --encrypt --pem-path="$dir/keys/lolcow.pem" encrypted.sif root-good &
    wait
    apptainer --quiet build --encrypt --pem-path="$dir/keys/other.pem" other.sif root-good
    rm -rf root-good root-evil
}

signed() {   # signed FROM TO: TO is FROM, signed by this user
    cp "$work/$1" "$work/$2"
    apptainer --quiet sign "$work/$2" </dev/null
}

sign() {
    case $(id -un) in
        carol)
            signed plain.sif plain-carol.sif
            signed encrypted.sif encrypted-carol.sif
            signed other.sif other-carol.sif ;;
        bob) signed encrypted.sif encrypted-bob.sif ;;
        mallory)
            signed evil.sif evil-mallory.sif
            signed encrypted.sif encrypted-mallory.sif ;;
    esac
}

range_of() {   # range_of TYPE FILE: offset of the first object of this type
    apptainer sif list "$2" | awk -F'|' -v type="$1" '$5 ~ type { split($4, range, "-"); print range[1] + 0; exit }'
}

flip() {   # flip FILE OFFSET
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

place() {
    local cut size
    cd "$work"
    install -m 0644 plain-carol.sif "$dir/tools/plain.sif"
    install -m 0644 plain-carol.sif "$dir/bobs/plain.sif"
    install -m 0644 plain-carol.sif "$dir/free/plain.sif"
    install -m 0644 plain-carol.sif "$dir/secure/not-encrypted.sif"
    install -m 0644 plain.sif "$dir/tools/unsigned.sif"
    install -m 0644 evil-mallory.sif "$dir/tools/mallory.sif"
    install -m 0644 encrypted-carol.sif "$dir/secure/lolcow.sif"
    install -m 0644 encrypted-carol.sif "$dir/free/lolcow.sif"
    install -m 0644 encrypted-carol.sif "$dir/tools/encrypted.sif"
    install -m 0644 encrypted.sif "$dir/secure/unsigned.sif"
    install -m 0644 encrypted-bob.sif "$dir/secure/bob.sif"
    install -m 0644 encrypted-mallory.sif "$dir/secure/mallory.sif"
    install -m 0644 other-carol.sif "$dir/secure/other-key.sif"

    cd "$dir/secure"
    cp lolcow.sif flipped-partition.sif
    flip flipped-partition.sif $(($(range_of FS flipped-partition.sif) + 70000))
    cp lolcow.sif flipped-object.sif
    flip flipped-object.sif $(($(range_of JSON flipped-object.sif) + 10))
    cp lolcow.sif flipped-key.sif
    flip flipped-key.sif $(($(range_of Crypto flipped-key.sif) + 60))

    size=$(stat -c %s lolcow.sif)
    for cut in 1 41 42 127 128 4096 20000 40000 $((size / 2)) $((size - 1)); do
        head -c "$cut" lolcow.sif >"truncated-$cut.sif"
    done
    : >empty.sif
    mkfifo fifo.sif
    mkdir directory.sif
    ln -s /dev/zero zero.sif
    ln -s lolcow.sif link.sif
    head -c 100000 /dev/urandom >noise.sif
    cp /bin/busybox program.sif
    cp lolcow.sif unreadable.sif
    chmod 0600 unreadable.sif
}

case $what in
    key) make_key ;;
    build) make_key; build ;;
    sign) sign ;;
    place) place ;;
esac
