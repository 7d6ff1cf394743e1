# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The opener runs as the job's owner, who stops, kills and traces it. Sourced by tests/cluster/run.

printf 'version: 1\nstage_timeout_s: 4\n' | write_at ctl /etc/sifguard/sifguard.yaml
undo ctl rm -f /etc/sifguard/sifguard.yaml
as alice sh -c "cp $encrypted secure.sif"
harass() {   # harass COMMAND: in a loop on node1 as the owner, with $pid of each opener
    as_at alice node1 sh -c '
        touch harassing
        while test -e harassing; do
            for pid in $(pgrep -u alice -x sifguard-opener); do eval "$1"; done 2>/dev/null
        done' sh "$1" &
    harassing=$!
}
leave() { as alice rm -f harassing; wait "$harassing" || true; }
fresh() { as alice sh -c 'echo >>secure.sif'; at node1 sh -c 'rm -rf /var/cache/sifguard/index/*'; }

harass 'kill -STOP $pid'
stopped=0
for _ in 1 2 3; do
    fresh
    before node1
    start=$EPOCHSECONDS
    launch alice -w node1 --sif-verify=secure.sif cat /marker
    took=$((EPOCHSECONDS - start))
    if [[ $rc == 0 ]]; then continue; fi
    stopped=1
    refused "the opener is stopped: refused" 75 'took too long|took longer|stalled'
    check "not later than the deadline" test "$took" -le 30   # without it the launch would be given 100 s
    break
done
leave
won "the opener was caught at least once" "$stopped"

harass 'kill -KILL $pid'
killed=0
for _ in 1 2 3 4 5; do
    fresh
    before node1
    launch alice -w node1 --sif-verify=secure.sif cat /marker
    if [[ $rc == 0 ]]; then continue; fi
    killed=1
    refused "the opener is killed: refused" "$rc" 'interrupted|reading the image failed|shrank'
    check "its exit status is documented" has "$rc" '^(66|75)$'
    break
done
leave
won "the opener was killed at least once" "$killed"

# Stopped, it can be looked at as long as one likes.
harass 'kill -STOP $pid; cat /proc/$pid/environ /proc/$pid/maps >>seen; ls /proc/$pid/fd >>seen; timeout 1 strace -p $pid 2>>traced; echo tried >>tried'
as alice rm -f seen traced tried
for _ in 1 2 3; do
    fresh
    launch alice -w node1 --sif-verify=secure.sif cat /marker
    ! as alice test -s tried || break
done
leave
traced=$(as alice cat traced 2>/dev/null | grep -v 'No such process' || true)
if [[ -z $traced ]]; then
    skip "the opener cannot be traced" "it was gone before each attempt"
else
    check "the opener cannot be traced" has "$traced" 'Operation not permitted'
    check "nor once among several attempts" lacks "$traced" '(Process [0-9]+ attached|exited with)'
fi
check "nor its memory map, environment and files be read" is "$(as alice sh -c 'cat seen | wc -c')" 0
as alice rm -f seen traced tried

undo_now
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "afterwards all is well" out=good
