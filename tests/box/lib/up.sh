# shellcheck shell=bash
# Starts the box's init and waits until the cluster is ready. Sourced by box, on the host, as root.
#
# Until 'up' is complete the init holds the read end of a pipe from this process: however this process dies,
# the init sees the end of file and exits, and the whole box goes with it. So this process starts no other
# child meanwhile that could keep the pipe open.
# shellcheck disable=SC2154  # name, state, …: set by box's parse_options

box_up() {
    local tree build vectors
    tree=$(readlink -f "$here/../..")
    lock_name
    if box_ready; then
        [[ $(state_get suite) == "$suite" && $(state_get nodes) == "$nodes" && $(state_get tree) == "$tree" ]] ||
            die "'$name' is up already, with suite $(state_get suite), $(state_get nodes) nodes, tree $(state_get tree): '$0 down --name $name' first, or take another --name"
        say "'$name' is up already"
        return 0
    fi
    need_command mkfs.ext4 e2fsprogs
    ensure_rootfs "$suite"
    build=${BOX_BUILD:-$tree/build/box-$suite}
    mkdir -p "$build"
    [[ -e $build/.gitignore ]] || echo '*' >"$build/.gitignore"
    build=$(readlink -f "$build")
    vectors=$(readlink -f "$tree/../shared/vectors" || true)
    [[ -d $vectors ]] || vectors=''
    clear_state
    mkdir -p "$state/root"
    printf '%s\n' "suite=$suite" "nodes=$nodes" "tree=$tree" >"$state/conf"
    : >"$state/log"
    cd /

    local status=''
    # --kill-child: should unshare, which waits outside, be killed, the init goes too.
    coproc INIT {
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 SIFGUARD_BOX="$name" \
            setsid unshare --mount --net --uts --ipc --pid --fork --kill-child \
            /bin/bash "$here/lib/init.sh" "$state" "$name" "$ROOTFS" "$tree" "$build" "$vectors" "$nodes" \
            "$BOX_CACHE" {lock_fd}>&- 2>>"$state/log"
    }
    local word text in=${INIT[0]} out=${INIT[1]}
    while read -r -u "$in" word text; do
        case $word in
            say) say "$text" ;;
            *) status=$word; break ;;
        esac
    done
    [[ $status != ready ]] || : >"$state/ready"
    if [[ $status == ready ]] && echo keep >&"$out"; then
        # The init answers once it no longer listens to us; only then is the box on its own.
        read -r -u "$in" word || true
        [[ $word == kept ]] || status=lost
    fi
    exec {in}<&- {out}>&-
    if [[ $status != ready ]]; then
        rm -f "$state/ready"
        say "the cluster did not come up${text:+: $text}; the end of its log:"
        tail -n 60 "$state/log" >&2
        local pid
        if pid=$(box_pid); then kill -KILL "$pid" || true; fi
        exit 1
    fi
    say "'$name' is up: $suite, $nodes nodes"
}
