# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made, encrypted: set by prepare.sh
# The tasks of a step take turns at the runtime's unlock: never more at once than the node or the job has CPUs, and all
# of them start. Sourced by run.
if [[ $release == mount ]]; then
    echo "SKIPPED, NOT TESTED: turns (with release: mount no task unlocks anything)"
    return 0
fi
# In place of the node's gocryptfs one that counts how many are at work before it becomes the real one. Each takes a
# while, so that without turns all 16 would be counted.
log=/var/tmp/turns
at node1 sh -c 'mkdir -p -m 1777 "$1" && rm -rf "$1"/* && mkdir -m 1777 "$1/now" "$1/seen" && cp -p "$(command -v gocryptfs)" "$1/real"
    cat >"$1/wrapper" <<END
#!/bin/sh
case \$* in *version*) exec $1/real "\$@" ;; esac
export PATH=/usr/bin:/bin
count() { echo \$#; }
mkdir $1/now/\$\$
count $1/now/* >$1/seen/\$\$
sleep 0.5
rmdir $1/now/\$\$
exec $1/real "\$@"
END
    chmod 0755 "$1/wrapper" "$1/real"; mount --bind "$1/wrapper" "$(command -v gocryptfs)"' sh "$log"
undo at node1 sh -c 'umount "$(command -v gocryptfs)"; rm -rf "$1"' sh "$log"
most() { at node1 sh -c 'cat "$1"/seen/* | sort -n | tail -n 1' sh "$log"; }
cpus=$(at node1 nproc)

before node1
launch alice -w node1 -n16 --overcommit --sif-verify="$encrypted" cat /marker
check "16 tasks start" is "$(grep -c '^good$' <<<"$out")" 16
check "each unlocked the image" is "$(at node1 sh -c 'ls "$1/seen" | wc -l' sh "$log")" 16
check "no more at once than the node has CPUs ($(most) of $cpus)" test "$(most)" -le "$cpus"
check "nothing is left on the node" is "$(nothing_left)" ""

# A task that is killed while it has its turn gives it back.
at node1 sh -c 'rm -f "$1"/seen/*; sed -i "s/sleep 0.5/sleep 600/" "$1/wrapper"' sh "$log"
as alice sh -c 'srun -w node1 -J stuck -n4 --overcommit --sif-verify="$1" true' sh "$encrypted" </dev/null >/dev/null 2>&1 &
for ((i = 0; i < 600; i++)); do
    [[ -z $(at node1 ls "$log/seen") ]] || break
    sleep 0.1
done
check "the first are at it" test -n "$(at node1 ls "$log/seen")"
as alice scancel --name=stuck
wait $! || true
check "a step that ends amid its unlocks leaves nothing" is "$(nothing_left)" ""
