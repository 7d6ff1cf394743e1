# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# Enforcement, and what a contained process can do to others of its user, with the setuid runtime. Sourced by site.sh.
# As packaging/doc/admin.md has it for such nodes.
for program in apptainer gocryptfs squashfuse squashfuse_ll fuse2fs fuse-overlayfs unsquashfs ldconfig; do
    for place in /usr/bin /usr/sbin; do
        [[ ! -f $place/$program ]] || chmod 0711 "$(readlink -f "$place/$program")"
    done
done
configure 'version: 1' 'release: mount' 'enforce: {partitions: [secure]}'
refuse "a step without an image is refused" 77 'partition secure runs verified images only' alice -p secure true
outside=(apptainer starter starter-suid sifguard-launch sifguard-opener slurmstepd)
as alice sh -c 'rm -f reached; : >reached'
as alice timeout 100 srun -Q -p secure --sif-verify="$encrypted" --sif-bind="$made:/mnt" -o reached /mnt/reach 30 "${outside[@]}" </dev/null &
pid=$!
for ((i = 0; i < 100; i++)); do [[ $(as alice cat reached </dev/null) != ready* ]] || break; sleep 0.2; done
launch alice -p secure --sif-verify="$encrypted" cat /marker
ran "an attacked step runs" out=good
wait "$pid" || true
reached=$(as alice cat reached </dev/null)
for program in "${outside[@]}"; do
    line=$(grep "^$program: " <<<"$reached" || echo "$program: no line")
    if [[ $line == *'not seen' ]]; then
        skip "$program is not reached from a container" "it was always quicker here"
    else
        check "$program is seen from a container, and not reached" is "$line" "$program: nothing"
    fi
done
check "the node is not drained" idle
