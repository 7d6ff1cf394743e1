# shellcheck shell=bash
# Makes and caches the box's root file systems: $BOX_CACHE/SUITE-HASH, outside the tree. Sourced by box, on the
# host, as root. The hash is of lib/recipe.sh, so a changed recipe makes a new one.
# shellcheck disable=SC2154  # here: set by box

BOX_CACHE=${BOX_CACHE:-/var/cache/sifguard-box}

# ensure_rootfs SUITE: sets ROOTFS to the path of its root file system, making it when it is not there. (Not
# printed: a command substitution would be a process between us and what must die with us.)
ensure_rootfs() {
    local suite=$1 hash fd old trixie=
    hash=$(sha256sum <"$here/lib/recipe.sh")
    ROOTFS=$BOX_CACHE/$suite-${hash:0:12}
    # It becomes the lower directory in an overlay's options, where these characters mean something.
    [[ $ROOTFS =~ ^/[^,:\\[:blank:]]+$ ]] || die "BOX_CACHE must be an absolute path without ',', ':', '\\' or blanks"
    if [[ ! -d $ROOTFS ]]; then
        if [[ $suite == bookworm ]]; then   # takes Apptainer from trixie's
            ensure_rootfs trixie
            trixie=$ROOTFS ROOTFS=$BOX_CACHE/$suite-${hash:0:12}
        fi
        mkdir -p "$BOX_CACHE"
        exec {fd}>"$BOX_CACHE/lock"
        flock -n "$fd" || { say "waiting for another to make a root file system"; flock "$fd"; }
        [[ -d $ROOTFS ]] || make_rootfs "$suite"
        for old in "$BOX_CACHE/$suite"-*; do
            # One that a running box still uses stays whole until that box is down and this runs again.
            [[ $old == "$ROOTFS" ]] || in_use "$old" || rm -rf --one-file-system "$old"
        done
        exec {fd}>&-
    fi
}

in_use() { grep -qsF "lowerdir=$1," /proc/[0-9]*/mounts; }

make_rootfs() {
    local suite=$1 tmp=$BOX_CACHE/tmp log=$BOX_CACHE/$1.log
    need_command mmdebstrap mmdebstrap
    [[ $suite != bookworm ]] || need_command patchelf patchelf
    say "making the $suite root file system (1 to 3 minutes, once; log: $log)"
    # A half-made one of a run that was killed: nobody else can be at it, we hold the lock.
    rm -rf --one-file-system "$tmp"
    mkdir -p "$tmp/root"
    # The death signal and the PID namespace: if we are killed, all of it ends at once.
    if ! setpriv --pdeathsig KILL -- unshare --mount --pid --fork --kill-child --mount-proc \
        /bin/bash "$here/lib/recipe.sh" "$suite" "$tmp/root" "$(mirror)" "$trixie" \
        >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "the $suite root file system could not be made; whole log: $log"
    fi
    mv "$tmp/root" "$ROOTFS"
    rmdir "$tmp"
    say "made $ROOTFS"
}

need_command() {   # need_command COMMAND PACKAGE
    command -v "$1" >/dev/null && return
    command -v apt-get >/dev/null || die "needs $1, and there is no apt-get to install it with"
    say "installing $2"
    { apt-get -qq install -y --no-install-recommends "$2" ||
        { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$2"; }; } >&2 </dev/null ||
        die "could not install $2: do so by hand"
}

mirror() {   # the Debian archive that this machine's apt uses
    [[ -z ${BOX_MIRROR:-} ]] || { echo "$BOX_MIRROR"; return; }
    local site
    # shellcheck disable=SC2016  # apt-get's own variables
    site=$(apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 2>/dev/null |
        awk '$3 == "main" && $2 !~ /-(updates|security|backports)/ && $2 !~ /\// && !n++ { print $1 }')
    [[ -n $site ]] || die "apt knows no Debian mirror: run apt-get update, or set BOX_MIRROR"
    echo "$site"
}
