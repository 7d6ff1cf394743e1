# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A user stops his steps while their helpers work: they must not keep the locks that the launches of others wait for.
# Sourced by tests/cluster/run.

undo as bob sh -c 'rm -f stopping; scancel --quiet --me'
as bob touch stopping
as bob sh -c 'while test -e stopping; do timeout 20 srun -w node1 --overlap --sif-verify="$1" true; done' sh "$encrypted" >/dev/null 2>&1 </dev/null &
launching=$!
as bob sh -c 'while test -e stopping; do
    for step in $(squeue --me --steps --noheader --format=%i); do scancel --quiet --signal=STOP "$step"; done
done; for step in $(squeue --me --steps --noheader --format=%i); do scancel --quiet "$step"; done' >/dev/null 2>&1 </dev/null &
stopping=$!
# 60,000 locks of his own besides, more than 4 MiB of /proc/locks: they must not hide who holds the node's.
as bob perl -MFcntl -e '
    for my $file (0 .. 99) {
        open($files[$file], "+>", "many.$file") or die;
        for my $at (0 .. 599) { fcntl($files[$file], F_SETLK, pack("s s x4 q q i x4", F_WRLCK, 0, $at * 2, 1, 0)) or die }
    }
    print "held\n"; close(STDOUT); sleep 1 while -e "stopping"; unlink glob "many.*"' >"$tmp/many" </dev/null &
locking=$!
for ((i = 0; i < 100; i++)); do [[ -s $tmp/many ]] && break; sleep 0.2; done
check "bob holds 60,000 locks" grep -q held "$tmp/many"
for i in 1 2 3 4 5 6; do
    begun=$SECONDS
    launch alice -w node1 --overlap --sif-verify="$encrypted" cat /marker
    ran "alice launches while bob stops what he launches ($i)" out=good
    check "without a long wait" test $((SECONDS - begun)) -lt 30
done
stopped=$(at node1 sh -c 'grep -l "^State:.*T (stopped)" /proc/[0-9]*/status 2>/dev/null | wc -l')
echo "processes that are stopped at the end: $stopped"
as bob rm -f stopping
wait "$stopping" "$locking" || true
as bob scancel --quiet --me || true
wait "$launching" || true
idle
check "the audit log is whole" at node1 sifctl audit verify
before node1
launch bob -w node1 --sif-verify="$encrypted" cat /marker
ran "and bob launches again" out=good
check "nothing is left" is "$(nothing_left)" ""
