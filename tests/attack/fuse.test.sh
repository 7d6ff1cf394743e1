# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A file system whose server is the user's own program can claim any identity for a file. Sourced by tests/cluster/run.

as alice sh -c "
    rm -rf tools pack; mkdir -p tools pack/good pack/evil
    cp $plain pack/good/image.sif; cp $made/tools/mallory.sif pack/evil/image.sif
    touch -d @1000000000 pack/*/image.sif
    for each in good evil; do mksquashfs pack/\$each pack/\$each.sqfs -quiet -no-progress -mkfs-time 1000000000 -all-time 1000000000 >/dev/null; done"
mounted() { as_at alice node1 squashfuse "pack/$1.sqfs" tools 2>&1; }
unmounted() { as_at alice node1 fusermount3 -u tools; }
undo at node1 sh -c 'umount -l /home/alice/tools 2>/dev/null; true'
identity() { as_at alice node1 stat -c '%d %i %s %Y %Z' tools/image.sif; }

good_one_runs() {
    check "a user mounts a file system of his own" mounted good
    first=$(identity)
    for _ in 1 2; do
        launch alice -w node1 --sif-verify=/home/alice/tools/image.sif cat /marker
        ran "an image in it runs" out=good
    done
    unmounted
}
# The device's number is the lowest that is free, on the whole machine: what others mounted and unmounted beside us may
# have changed which one that is. Then the first image gets the new number, too.
same_number() {
    local try
    for ((try = 0; try < 5; try++)); do
        mounted evil && [[ $(identity) = "$first" ]] && return
        unmounted
        sleep 0.2
    done
    return 1
}
for ((round = 0; round < 10; round++)); do
    good_one_runs
    same_number && break
done
check "another one in its place gives the file the same identity" is "$(identity)" "$first"
settled=0
as_at alice node1 true
capture as alice timeout 60 srun -w node1 --sif-verify=/home/alice/tools/image.sif cat /marker
ran "its identity is not believed: the other image is hashed, and refused" rc=65 out= err~'signers asked for'
unmounted
as alice rm -rf tools pack
