#!/bin/bash
# recipe.sh SUITE DIR MIRROR [TRIXIE]: makes a root file system in DIR. Runs on the host as root, in a mount and
# PID namespace of its own that dies with the caller. What changes here changes the cache's hash.
# TRIXIE is trixie's root file system, from which bookworm's takes Apptainer.
set -euo pipefail
suite=$1 dir=$2 mirror=$3 trixie=${4:-}

packages=(
    # the cluster
    slurmctld slurmd slurm-client slurmrestd munge gocryptfs squashfuse fuse3 uidmap squashfs-tools
    # tools of the tests
    gpg gpg-agent openssl softhsm2 opensc docker-registry busybox-static procps iproute2 attr strace tzdata bsdutils
    autofs libopenmpi-dev openmpi-bin libmpich-dev mpich
    # to build the project against this very Slurm
    g++ cmake ninja-build pkg-config libslurm-dev libssl-dev libgpgme-dev libyaml-dev libseccomp-dev
    nlohmann-json3-dev libcli11-dev libexpected-dev libcurl4-openssl-dev libp11-kit-dev libmicrohttpd-dev
    # to pack it, and what its packages depend on
    debhelper dpkg-dev rpm
)

options=(
    --variant=apt
    --aptopt='APT::Install-Recommends "false"'
    --dpkgopt=path-exclude=/usr/share/man/'*'
    --dpkgopt=path-exclude=/usr/share/doc/'*'
    --dpkgopt=path-exclude=/usr/share/locale/'*'
)
while read -r line; do   # the way to the mirror that this machine's apt takes
    options+=("--aptopt=$line")
done < <(apt-config dump | grep -E '^Acquire::(https?|ftp)::Proxy' || true)

# Apptainer is packaged in sid alone. Its Release may be too old on a mirror: tolerated for sid, nothing else.
sid="deb [check-valid-until=no] $mirror sid main"
case $suite in
    sid) sources=("$sid"); packages+=(apptainer) ;;
    trixie)
        sources=("deb $mirror trixie main" "$sid"); packages+=(apptainer)
        # shellcheck disable=SC2016  # $1 is the hook's
        options+=(--setup-hook='mkdir -p "$1/etc/apt/preferences.d"; printf "Package: *\nPin: release n=sid\nPin-Priority: 100\n" >"$1/etc/apt/preferences.d/sid"') ;;
    bookworm) sources=("deb $mirror bookworm main"); packages+=(libargon2-dev systemd-standalone-sysusers) ;; # its OpenSSL has no Argon2id, its slurmd wants no systemd
esac

mmdebstrap "${options[@]}" --include="$(IFS=,; echo "${packages[*]}")" "$suite" "$dir" "${sources[@]}"

# Apptainer for a glibc too old for it: the binaries of trixie's root file system, with the libraries they need
# in a folder of their own. DT_RPATH and not RUNPATH, since libraries inherit only the former.
relocate() {
    local lib=/opt/apptainer-lib multiarch=usr/lib/x86_64-linux-gnu file name
    grep -E '^/(etc|usr/bin|usr/lib|var)/' "$trixie/var/lib/dpkg/info/apptainer.list" |
        sed 's,^/,,' | tar -C "$trixie" --no-recursion -T - -cf - | tar -C "$dir" -xf -
    ln -s apptainer "$dir/usr/bin/singularity"
    mkdir -p "$dir$lib"
    for name in ld-linux-x86-64.so.2 libc.so.6 libm.so.6 libresolv.so.2 libseccomp.so.2 libsqlite3.so.0 libz.so.1; do
        cp -L "$trixie/$multiarch/$name" "$dir$lib/"
    done
    for file in usr/bin/apptainer $multiarch/apptainer/bin/starter; do
        patchelf --set-interpreter "$lib/ld-linux-x86-64.so.2" "$dir/$file"
        patchelf --force-rpath --set-rpath "$lib" "$dir/$file"
    done
}
[[ $suite != bookworm ]] || relocate

users() {
    local user uid=1001
    for user in alice bob carol mallory; do
        useradd --root "$dir" --uid "$uid" --no-create-home --shell /bin/bash "$user"
        uid=$((uid + 1))
    done
    groupadd --root "$dir" --gid 2000 bio
    usermod --root "$dir" --append --groups bio alice
    usermod --root "$dir" --append --groups bio bob
    for user in alice bob carol mallory; do
        grep -q "^$user:" "$dir/etc/subuid" && grep -q "^$user:" "$dir/etc/subgid"
    done
}
users

# Nothing of this machine in it; /etc/hosts is written when a box starts.
: >"$dir/etc/resolv.conf"
chmod 0644 "$dir/etc/resolv.conf"
: >"$dir/etc/hostname"
# Apptainer refuses to start a container without it.
ln -sfn /usr/share/zoneinfo/Etc/UTC "$dir/etc/localtime"
