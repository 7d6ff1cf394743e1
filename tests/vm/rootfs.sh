# shellcheck shell=bash
# The root file system of a machine with systemd: the box's, and of Debian's packages what a box has no use for. Made
# once, beside it: $BOX_CACHE/vm-SUITE-HASH, the hash being of this file and of the box's recipe. Sourced by run, on the host, as root.
# shellcheck disable=SC2154  # tree: set by run

vm_packages=(systemd systemd-sysv dbus kmod dmsetup cryptsetup-bin nfs-kernel-server nfs-common logrotate)

ensure_vm_rootfs() {   # ensure_vm_rootfs SUITE: sets VM_ROOTFS
    local base hash fd old
    base=$("$tree/tests/box/box" rootfs --suite "$1")
    hash=$({ echo "$base"; cat "${BASH_SOURCE[0]}"; } | sha256sum)
    VM_ROOTFS=$BOX_CACHE/vm-$1-${hash:0:12}
    [[ ! -d $VM_ROOTFS ]] || return 0
    exec {fd}>"$BOX_CACHE/vm.lock"
    flock "$fd"
    if [[ ! -d $VM_ROOTFS ]]; then
        for old in "$BOX_CACHE/vm-$1"-*; do rm -rf --one-file-system "$old"; done
        say "adding to the $1 root file system: ${vm_packages[*]} (once)"
        make_vm_rootfs "$base" "$VM_ROOTFS" >"$BOX_CACHE/vm-$1.log" 2>&1 ||
            { tail -n 20 "$BOX_CACHE/vm-$1.log" >&2; skip "the root file system with systemd cannot be had"; }
    fi
    exec {fd}>&-
}

make_vm_rootfs() {   # make_vm_rootfs FROM TO
    local tmp=$2.tmp
    rm -rf --one-file-system "$tmp"
    cp -a "$1" "$tmp"
    cp /etc/resolv.conf "$tmp/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$tmp/usr/sbin/policy-rc.d"   # nothing is started
    chmod 0755 "$tmp/usr/sbin/policy-rc.d"
    # shellcheck disable=SC2016  # $1 is the inner shell's
    unshare --mount --pid --fork --kill-child /bin/bash -euc '
        cd "$1"
        mount -t proc proc proc
        mount --bind /dev dev
        chroot . sh -euc "
            apt-get -qq update
            DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \$*
            apt-get clean
            rm -rf /var/lib/apt/lists/*" sh "${@:2}"' bash "$tmp" "${vm_packages[@]}" </dev/null
    rm "$tmp/usr/sbin/policy-rc.d"
    : >"$tmp/etc/resolv.conf"
    mv "$tmp" "$2"
}
