# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made, encrypted, rc, out: set elsewhere
# sifctl image prefetch, and bindings that let only what was prefetched run. Sourced by run.
image=$made/free/ahead.sif
ctl install -m 0644 "$encrypted" "$image"
undo ctl rm -f "$image"
ctl sifctl image bind ahead --match "$image" --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio --preloaded >/dev/null
undo ctl sifctl image unbind ahead
at node1 rm -rf /var/cache/sifguard/index
at node2 rm -rf /var/cache/sifguard/index

refuse "not preloaded" 77 'is not preloaded on this node' alice --sif-verify="$image" true
capture ctl sifctl image prefetch "$image" --nodes 'node[1-2]'
ran "prefetch on two nodes" out~"sha256:[0-9a-f]{64} $image"
check "each node says so" is "$(grep -c 'sha256:' <<<"$out")" 2
launch alice -N2 --sif-verify="$image" cat /marker
ran "then it runs on both" out='good
good'
refuse "for those who may alone" 77 'does not allow' mallory --sif-verify="$image" true
check "nobody's right to it was asked for, and it is recorded" has "$(at node1 grep '"event":"prefetch"' /var/log/sifguard/audit.jsonl | tail -n 1)" "\"decision\":\"allow\""

# What lies there now does not matter.
ctl install -m 0644 "$made/tools/mallory.sif" "$image"
launch alice -w node1 --sif-verify="$image" cat /marker
ran "what was prefetched runs, whatever lies there now" out=good
capture ctl sifctl image prefetch "$image" --nodes node1
ran "what is not good is not prefetched" rc=65 err~'none of the signers|signer'
launch alice -w node1 --sif-verify="$image" cat /marker
ran "and takes nothing's place" out=good
ctl sifctl key suspend lolcow >/dev/null
undo ctl sh -c 'sifctl key resume lolcow >/dev/null 2>&1 || true'
refuse "a suspended key releases nothing of it" 77 'suspended' alice -w node1 --sif-verify="$image" true
ctl sifctl key resume lolcow >/dev/null
capture ctl sifctl image prefetch "$made/secure/unsigned.sif" --nodes node1
ran "unsigned" rc=65
capture ctl sifctl image prefetch "$made/free/plain.sif" --nodes node1
ran "bound to nothing" rc=77 err~'no binding'
capture ctl sifctl image prefetch "$made/free/none.sif" --nodes node1
ran "missing" rc=66
capture as alice /usr/libexec/sifguard/sifguard-prefetch "$image"
ran "users cannot" rc=failed

# For `release: mount` it is unlocked, too: the first launch finds the key of its content sealed beside it.
mounted=$made/free/ahead-mounted.sif
ctl install -m 0644 "$encrypted" "$mounted"
undo ctl rm -f "$mounted"
ctl sifctl image bind ahead-mounted --match "$mounted" --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio --release mount >/dev/null
undo ctl sifctl image unbind ahead-mounted
# The entry of that release on node1: its inode, and whether it has a key.
entry_of_mount() { at node1 sh -c 'grep -l "\"release\":\"mount\"" /var/cache/sifguard/entries/*/entry.json | while read -r f; do stat -c %i "$f"; grep -c "\"content\":\"[0-9a-f]\{64,\}\"" "$f" || true; done' | tr '\n' ' '; }
remains() {
    at node1 sh -c 'pgrep -l -x sifguard-imagef; grep " /run/sifguard/job" /proc/self/mountinfo
        losetup -n -O BACK-MAJ:MIN,BACK-FILE | grep -E "^ *($(stat -c %Hd:%Ld /var/cache/sifguard)|$(stat -c %Hd:%Ld /srv)) "'
}
at node1 sh -c 'rm -rf /var/cache/sifguard/index /var/cache/sifguard/entries'
capture ctl sifctl image prefetch "$mounted" --nodes node1
ran "prefetch for a mounted root" out~"sha256:[0-9a-f]{64} $mounted"
before_launch=$(entry_of_mount)
check "the key of its content rests beside the copy" has "$before_launch" '^[0-9]+ 1 $'
check "and nothing of the mount is left" gone
launch alice -w node1 --sif-verify="$mounted" cat /marker
ran "then it runs" out=good
check "and had nothing to find out" is "$(entry_of_mount)" "$before_launch"
capture ctl sifctl image prefetch "$mounted" --nodes node1
ran "prefetched again" out~"sha256:[0-9a-f]{64} $mounted"
check "it stays as it is" is "$(entry_of_mount)" "$before_launch"
refuse "for those who may alone, likewise" 77 'does not allow' mallory -w node1 --sif-verify="$mounted" true
# What an entry lacks is found out by the next prefetch, too.
at node1 sh -c 'sed -i "s/\"content\":\"[0-9a-f]*\"/\"content\":\"\"/" /var/cache/sifguard/entries/*/entry.json'
check "an entry without the key" has "$(entry_of_mount)" '^[0-9]+ 0 $'
capture ctl sifctl image prefetch "$mounted" --nodes node1
ran "is prefetched again" out~"sha256:[0-9a-f]{64} $mounted"
check "and has it" has "$(entry_of_mount)" '^[0-9]+ 1 $'
check "nothing of the mount is left, either" gone

# Where images are enforced, too: root's prefetch runs, and nothing else that names no image.
ctl install -m 0644 "$encrypted" "$image"
at node1 rm -rf /var/cache/sifguard/index
keep_configuration
configure 'version: 1' 'enforce: always'
refuse "not preloaded where images are enforced" 77 'is not preloaded on this node' alice -w node1 --sif-verify="$image" true
capture ctl sifctl image prefetch "$image" --nodes node1
ran "prefetch where images are enforced" out~"sha256:[0-9a-f]{64} $image"
launch alice -w node1 --sif-verify="$image" cat /marker
ran "and what is preloaded runs there" out=good
capture ctl srun -w node1 sh -c 'echo ran'
ran "another command of root's is refused" rc=77 out=
capture ctl srun -w node1 sh -c '/usr/libexec/sifguard/sifguard-prefetch' /usr/libexec/sifguard/sifguard-prefetch
ran "also beside its name" rc=77 out=
for command in /usr/libexec/sifguard/sifguard-prefetch "sh -c id /usr/libexec/sifguard/sifguard-prefetch"; do
    # shellcheck disable=SC2086  # words
    refuse "a user's: $command" 77 'runs verified images only' alice -w node1 $command
done
refuse "nor under its name" 77 'runs verified images only' alice -w node1 --export=ALL,PATH=/tmp sifguard-prefetch "$image"
record=$(ctl tail -n 1 /var/log/sifguard/sifctl.jsonl)
check "its end is recorded" has "$record" '"event":"changed".*"prefetch"'
capture ctl sifctl image prefetch "$made/free/none.sif" --nodes node1
ran "with a failure" rc=66 err~'not every node'
record=$(ctl tail -n 1 /var/log/sifguard/sifctl.jsonl)
check "that, too" has "$record" '"event":"failed".*"prefetch"'

# What a node's cache holds, and what of it may go.
room_for_marks
running
check "a step is running" runs
capture at node1 sifctl cache list --json
ran "what is staged" out~'"hits": [1-9]'
check "one of them is in use" has "$out" '"in_use": true'
capture at node1 sifctl cache verify
ran "all of it is whole" out~'whole   sha256:'
check "none is damaged" lacks "$out" DAMAGED
capture at node1 sifctl cache drop --all
ran "what a job uses stays" err~'which stays'
ended
check "and the step ends as it would" is "$rc $(cat "$tmp/held")" "0 good"
capture at node1 sifctl cache drop --all
ran "then it goes" out~'dropped sha256:'
check "nothing is left of it" is "$(at node1 sh -c 'ls -A /var/cache/sifguard/entries')" ""
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the next launch stages it again" out=good
