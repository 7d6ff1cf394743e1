#!/bin/bash
# Frees FUSE servers that cannot die. One that is killed while it has a file of its own mount open waits, on its way
# out, for its own answer (seen: gocryptfs, killed as it starts, on Linux 6.18), and with it its PID namespace.
# Aborting the connection ends that. Root, on the host or in the box. Prints what was freed.
set -euo pipefail
control=$(mktemp -d)
trap 'umount "$control" 2>/dev/null; rmdir "$control"' EXIT
mount -t fusectl fusectl "$control"

stuck() {   # stuck THREAD: it is exiting (PF_EXITING of its flags) and waits for a FUSE server
    local stat fields
    { read -r stat <"$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} == [DS] ]] && ((fields[6] & 4)) && [[ $(cat "$1/wchan" 2>/dev/null) == request_wait_answer ]]
}
# Which thread closes the files is chance.
for thread in /proc/[0-9]*/task/*; do
    stuck "$thread" || continue
    sleep 0.2
    stuck "$thread" || continue
    while read -r _ _ device _ point rest; do
        [[ $rest == *" - fuse."* && $point == */mnt/session/* && -e $control/${device#0:}/abort ]] || continue
        echo 1 >"$control/${device#0:}/abort"
        echo "freed $(cat "$thread/comm" 2>/dev/null), which waited for its own mount $point"
    done <"$thread/mountinfo"
done
