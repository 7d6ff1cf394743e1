#!/bin/bash
# In the emulated machine, under systemd: a node as sites have it, and on it what the box cannot show, in tests/vm/site,
# a file a part. One line a check; exit status 0 only when all passed. Parts that the machine has no time for any more
# are skipped, and said to be. Root.
set -euo pipefail
# shellcheck disable=SC2034  # name, release: for the libraries
tree=/src here=/src/tests/vm name=site release=pem
tmp=$(mktemp -d)
results=$tmp/results
: >"$results"
for file in box check refused configure mounts prepare; do
    # shellcheck source=/dev/null
    . "$tree/tests/cluster/lib/$file.sh"
done
dmesg >/out/dmesg
seconds=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^seconds=//p')
age() { cut -d. -f1 /proc/uptime; }

# This machine is what a box is to the tests of a cluster: the controller, and the node.
box() {
    local command=$1 user=root
    shift
    while (($#)); do
        case $1 in
            --user) user=$2; shift 2 ;;
            --name | --node) shift 2 ;;
            --) shift; break ;;
            *) break ;;
        esac
    done
    case $command in
        exec) /bin/bash "$tree/tests/box/lib/enter.sh" node1 "$user" "$@" ;;
        restart) systemctl restart slurmd ;;
    esac
}
# What may not be left of a step with a mounted root. No loop device is this machine's own.
remains() {
    pgrep -l -x sifguard-imagef
    losetup -n -O NAME,BACK-FILE
    grep -hE ' /run/sifguard/job/' /proc/[0-9]*/mountinfo 2>/dev/null
    return 0
}

run_part() {
    if (($(age) > seconds - 60)); then
        skip "${1##*/}" "the machine is too slow: $(age) s are over"
        return
    fi
    echo "# ${1##*/} (at $(age) s)"
    (
        set -euo pipefail
        trap undo_now EXIT
        # shellcheck source=/dev/null
        . "$1"
    ) || bad "${1##*/} ended early" "after the check above"
}
for file in "$here"/site/*.sh; do run_part "$file"; done
failed=$(grep -c '^FAIL' "$results" || true) passed=$(grep -c '^ok' "$results" || true)
if ((failed > 0)); then journalctl --no-pager -b >/out/journal; fi
echo "$passed passed, $failed failed (in $(age) s)"
((failed == 0 && passed > 0))
