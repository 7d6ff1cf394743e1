# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The image changes while it is launched. Sourced by tests/cluster/run.

image=/home/alice/tools/image.sif
as alice sh -c "mkdir -p tools swap; cp $plain swap/good.sif; cp $made/tools/mallory.sif swap/evil.sif; cp swap/good.sif $image"
sizes() { as alice sh -c 'stat -c %s swap/good.sif; stat -c %s swap/evil.sif' | uniq; }

swapped() {   # swapped WHAT COMMAND: COMMAND goes round on the node while the image is launched many times
    local what=$1 round good=0 refused=0 each
    as_at alice node1 sh -c "touch swapping; while test -e swapping; do $2; done" &
    local pid=$!
    : >"$tmp/seen"
    for round in 1 2; do
        capture as alice bash -c "for i in 1 2 3 4; do (srun -w node1 --sif-verify=$image cat /marker 2>/dev/null; echo \"status \$?\") & done; wait"
        echo "$out" >>"$tmp/seen"
    done
    as alice rm -f swapping
    wait "$pid" || true
    good=$(grep -cx good "$tmp/seen" || true)
    refused=$(grep -cxE 'status (65|66|75)' "$tmp/seen" || true)
    check "$what: never the other image (good $good times, refused $refused times)" fails grep -q evil "$tmp/seen"
    check "$what: each launch ran the good one or was refused" is "$((good + refused)) $(grep -c '^status' "$tmp/seen")" "8 8"
    as alice sh -c "rm -f $image; cp swap/good.sif $image"
}
swapped "rename" "cp swap/evil.sif tools/.n; mv tools/.n $image; cp swap/good.sif tools/.n; mv tools/.n $image"
swapped "rewriting in place" "cat swap/evil.sif >$image; cat swap/good.sif >$image"
swapped "symbolic link" "ln -sfn ../swap/evil.sif $image; ln -sfn ../swap/good.sif $image"
swapped "hard link" "ln -f swap/evil.sif $image; ln -f swap/good.sif $image"
swapped "truncation" "truncate -s 5000 $image; cat swap/good.sif >$image"
swapped "directory" "mv tools other; mv swap tools; mv tools swap; mv other tools"

launch alice -w node1 --sif-verify="$image" cat /marker
ran "the good image, launched and cached" out=good
check "both images have one size" is "$(sizes | wc -l)" 1
as alice sh -c "cp -p $image swap/times; cat swap/evil.sif >$image; touch -r swap/times $image"
refuse "other bytes under the old name, size and time" 65 'signers asked for' alice --sif-verify="$image" true
as alice sh -c "cat swap/good.sif >$image"

started() { local i; for ((i = 0; i < 600; i++)); do ! as alice test -e swap/started || return 0; sleep 0.1; done; }
during() {   # rewritten after the start: what runs is a copy that only root can write
    as alice rm -f swap/started swap/go
    as alice timeout 100 srun -w node1 --sif-verify="$image" \
        sh -c 'touch swap/started; until test -e swap/go; do sleep 0.1; done; cat /marker /etc/os-release' </dev/null >"$tmp/during" 2>/dev/null &
    local pid=$!
    started
    as alice sh -c "cat swap/evil.sif >$image; touch swap/go"
    wait "$pid"
    is "$(head -n 1 "$tmp/during")" good
}
check "rewritten while it runs" during
running_copy() {   # the owner cannot write what runs
    as alice rm -f swap/started swap/go
    as alice timeout 100 srun -w node1 --sif-verify="$plain" \
        sh -c 'touch swap/started; until test -e swap/go; do sleep 0.1; done' </dev/null >/dev/null 2>&1 &
    local pid=$!
    started
    as_at alice node1 sh -c 'for f in /proc/[0-9]*/root/run/sifguard/job/image/*; do
        test -e "$f" || continue; echo found; (chmod u+w "$f" || echo x >>"$f" || rm "$f" || mv "$f" "$f.x") 2>/dev/null && echo changed; done' | sort -u
    as alice touch swap/go
    wait "$pid"
}
seen=$(running_copy)
if [[ -z $seen ]]; then
    skip "the copy that runs cannot be changed by its user" "the task was not up in time"
else
    check "the copy that runs cannot be changed by its user" lacks "$seen" changed
fi
as alice sh -c 'rm -rf swap tools'
