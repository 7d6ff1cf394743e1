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
for i in 1 2 3 4 5 6; do
    launch alice -w node1 --overlap --sif-verify="$encrypted" cat /marker
    ran "alice launches while bob stops what he launches ($i)" out=good
done
stopped=$(at node1 sh -c 'grep -l "^State:.*T (stopped)" /proc/[0-9]*/status 2>/dev/null | wc -l')
echo "processes that are stopped at the end: $stopped"
as bob rm -f stopping
wait "$stopping" || true
as bob scancel --quiet --me || true
wait "$launching" || true
idle
check "the audit log is whole" at node1 sifctl audit verify
before node1
launch bob -w node1 --sif-verify="$encrypted" cat /marker
ran "and bob launches again" out=good
check "nothing is left" is "$(nothing_left)" ""
