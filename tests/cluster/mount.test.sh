# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# `release: mount`: who says it, that no key is to be found, what is refused, and that nothing is left. Sourced by run.
keep_configuration
mounted() { configure 'version: 1' 'release: mount'; }
# Servers, and loop devices over files of this box; those over what a server serves go before them.
remains() {
    at node1 sh -c 'pgrep -l -x sifguard-imagef
        losetup -n -O BACK-MAJ:MIN,BACK-FILE | grep -E "^ *($(stat -c %Hd:%Ld /var/cache/sifguard)|$(stat -c %Hd:%Ld /srv)) "'
}
room_for_marks

# --- who says it ------------------------------------------------------------------------------------------------------
has_key() { launch alice -w node1 --sif-verify="$encrypted" sh -c 'cat /marker; cat /proc/*/root/run/sifguard/job/key.pem 2>/dev/null | head -n 1'; }
shown() { as alice sh -c 'cat /proc/[0-9]*/root/run/sifguard/job/key.pem 2>/dev/null'; }
mounted
launch alice -w node1 --sif-verify="$encrypted" sh -c 'cat /marker; echo $APPTAINER_CONTAINER $SINGULARITY_CONTAINER $APPTAINER_NAME'
ran "a node says mount: its jobs run" out='good
/run/sifguard/job/image/lolcow.sif /run/sifguard/job/image/lolcow.sif lolcow.sif' silent
check "the audit log says so" has "$(last_of started)" '"release":"mount"'
capture at node1 sifctl explain --user alice --image "$encrypted" --verify
ran "and so does explain" out~'release  +as the node.s sifguard.yaml says.*release here  *mount'
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "an image without encryption, too" out=good
check "of which the log says the same" has "$(last_of started)" '"release":"mount"'
bound() { ctl sifctl image bind by-word --match "$encrypted" --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio --release "$1" >/dev/null; undo_word=yes; }
unbound() { ctl sifctl image unbind by-word >/dev/null 2>&1 || true; }
undo unbound
bound pem
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "a binding says pem" out=good
check "its word wins" has "$(last_of started)" '"release":"pem"'
unbound
configure 'version: 1'
launch alice -w node1 --sif-verify="$encrypted" cat /marker
check "pem is the default" has "$(last_of started)" '"release":"pem"'
bound mount
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "a binding says mount" out=good
check "its word wins as well" has "$(last_of started)" '"release":"mount"'
unbound
configure 'version: 1' 'release: fuse'
refuse "another word in sifguard.yaml" 78 "release: is 'fuse'" alice --sif-verify="$encrypted" true
capture ctl sifctl image bind by-word --match "$encrypted" --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio --release fuse
ran "another word for a binding" rc=64 err~'--release'
mounted

# --- how it looks, and that there is no key ---------------------------------------------------------------------------
launch alice -w node1 --sif-verify="$encrypted" sh -c 'stat -c "%u %A" /marker /; touch /new 2>/dev/null; grep -c " /run/sifguard" /proc/mounts; mount | grep -c fuse'
ran "the image's files are the user's, nobody writes, nothing of FUSE is seen" rc=1 out~'^1001 .rw.*
1001 drwx.*
0
0$'
ctl g++ -std=c++20 -O2 -static -o "$made/peek" /src/tests/attack/lib/peek.cc
# What opens this image: its password, out of its message, in text; and what opens the message.
ctl bash -euo pipefail -c 'cd /root; umask 077
    openssl pkcs12 -in lolcow.pfx -passin file:pw -nodes -nocerts 2>/dev/null | openssl rsa -out mount.key 2>/dev/null
    read -r from to < <(apptainer sif list "$1" | awk -F"|" "\$5 ~ \"Crypto\" { split(\$4, r, \"-\"); print r[1] + 0, r[2] + 0 }")
    dd if="$1" bs=1 skip="$from" count=$((to - from)) status=none | sed "/^-/d" | base64 -d | tail -c 256 |
        openssl pkeyutl -decrypt -inkey mount.key -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -out password
    { od -An -v -tx1 password | tr -d " \n"; echo; printf "BEGIN RSA PRIVATE KEY" | od -An -v -tx1 | tr -d " \n"; echo; } >keys
    rm -f mount.key password; test "$(wc -c <keys)" -gt 60' bash "$encrypted"
undo ctl rm -f /root/keys
seek() { box exec --name "$name" -- "$made/peek" seek /root/keys | wc -l; }
find_keys() { as_at alice node1 "$made/peek" | seek; }
configure 'version: 1' 'release: pem'
running
check "a step is running, with pem" runs
check "the search finds transient key and volume key" is "$(find_keys)" 2
ended
mounted
running
check "a step is running, with mount" runs
check "the same search finds none" is "$(find_keys)" 0
job=$(as alice squeue -h --name=held -o %A)
check "nor does a second step of the job" is "$(as alice timeout 60 srun --overlap --jobid="$job" -w node1 -n1 "$made/peek" </dev/null 2>/dev/null | seek)" 0
check "nor another user, who sees nothing of the mount" is "$(as_at bob node1 sh -c 'cat /proc/[0-9]*/root/run/sifguard/job/image/*/marker 2>/dev/null; grep -c " /run/sifguard/" /proc/mounts')" 0
server=$(at node1 pgrep -x sifguard-imagef)
fact() { at node1 sed -n "s/^$1:\t*//p" "/proc/$server/status"; }
check "one server, of the no-login account" is "$(fact Uid | cut -f1)" "$(at node1 id -u sifguard)"
check "without rights, filtered, and not below the step" is "$(fact CapEff) $(fact Seccomp) $(fact NoNewPrivs)" "0000000000000000 2 1"
check "the node's own mounts are not held by it" is "$(at node1 sh -c 'grep -c . "/proc/$1/mountinfo"' sh "$server")" 1
signals_do_not_reach it

# --- many tasks -------------------------------------------------------------------------------------------------------
launch alice -w node1 -n64 --overcommit --sif-verify="$encrypted" cat /marker
ran "64 tasks of one step" out="$(yes good | head -n 64)"
check "nothing is left of them" gone

# --- ends that nobody planned -----------------------------------------------------------------------------------------
for victim in sifguard-imagef slurmstepd; do killed_leaves_nothing "$victim"; done
for victim in starter sh; do killed_leaves_nothing "$victim" alice; done   # the runtime, and the task
goes_on_as_with_a_broken_disk sifguard-imagef
# One that Slurm loses: it holds the mount, but no server outlives the step for it.
launch alice -w node1 --sif-verify="$encrypted" sh -c '(setsid sleep 55 >/dev/null 2>&1 </dev/null &); sleep 0.5; exit 0'
lost=$(at node1 pgrep -u alice -c sleep) || true   # of none it says 0, and fails
ended_servers() { local i; for ((i = 0; i < 300; i++)); do at node1 pgrep -x sifguard-imagef >/dev/null || return 0; sleep 0.1; done; return 1; }
if [[ $lost == 0 ]]; then
    skip "a process that outlives its step" "Slurm found it"
else
    check "a process that outlives its step keeps no server" ended_servers
    check "it is still there" is "$(at node1 pgrep -u alice -c sleep)" "$lost"
fi
at node1 pkill -KILL -u alice || true
check "and nothing is left after it" gone

# --- what is refused --------------------------------------------------------------------------------------------------
as carol /src/tests/cluster/lib/make-broken-images.sh "$made/work"
ctl bash -c 'install -m 0644 "$1"/work/broken/{no-conf,torn,sparse}.sif "$1/secure/"; install -m 0644 "$1/work/broken/no-squashfs.sif" "$1/tools/"' bash "$made"
undo ctl bash -c 'rm -f "$1"/secure/{no-conf,torn,sparse}.sif "$1/tools/no-squashfs.sif"' bash "$made"
refuse "another key's image" 65 'not encrypted for' alice --sif-verify="$made/secure/other-key.sif" true
unmountable() {   # its copy is good, and stays
    before node1
    launch alice -w node1 --sif-verify="$3" true
    state_before=$(node_state node1)
    refused "$1" 65 "$2" no-audit
    check "and nothing is left" gone
}
unmountable "without gocryptfs.conf" 'no gocryptfs.conf' "$made/secure/no-conf.sif"
unmountable "a torn block" 'block 0 ' "$made/secure/torn.sif"
unmountable "a hole in the ciphertext" 'block|squashfs' "$made/secure/sparse.sif"
unmountable "what the kernel does not take as squashfs" 'the kernel does not mount it' "$made/tools/no-squashfs.sif"
without() {   # without PATH: that node1 has something else there
    at node1 sh -c 'mount --bind /dev/null "$1"' sh "$1"
    undo at node1 sh -c 'umount "$1" 2>/dev/null || true' sh "$1"
}
without /dev/loop-control
refuse "no loop devices" 78 'loop' alice --sif-verify="$encrypted" true
at node1 umount /dev/loop-control
without /dev/fuse
refuse "no FUSE" 78 'fuse' alice --sif-verify="$encrypted" true
at node1 umount /dev/fuse
# The helper may not make device files, and needs none: what the kernel has is enough.
nodes_back() { at node1 sh -c 'for node in /run/kept/loop*; do [ ! -b "$node" ] || mv "$node" /dev/; done; rmdir /run/kept 2>/dev/null || true'; }
at node1 sh -c 'mkdir /run/kept; mv /dev/loop[0-9]* /run/kept/'
undo nodes_back
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "a /dev without the nodes of loop devices is no matter" out=good
nodes_back
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "afterwards all is well" out=good

# --- LUKS, and what was published -------------------------------------------------------------------------------------
vector=$tree/../shared/vectors/luks/luks-small
if [[ -e $vector.sif.xz ]]; then
    xz -dc "$vector.sif.xz" | write_at ctl "$made/free/luks.sif"
    ctl sh -c 'cd /vectors/luks; sifctl key import luks-small.rsa.pem --name luks >/dev/null; sifctl signer add luks-small.signer.pub >/dev/null'
    ctl sifctl image bind luks --match "$made/free/luks.sif" --key luks --everyone \
        --signer "spki:$(ctl sh -c 'openssl pkey -pubin -in /vectors/luks/luks-small.signer.pub -outform DER | sha256sum | cut -d" " -f1')" >/dev/null
    undo ctl sh -c 'sifctl image unbind luks; sifctl signer remove "$(sifctl signer list | sed -n "s/^\(spki:[0-9a-f]*\).*/\1/p" | head -n 1)"; rm -f "$1/free/luks.sif"' sh "$made"
    launch alice -w node1 --sif-verify="$made/free/luks.sif" /bin/hello
    ran "a LUKS image runs, without device-mapper" out~'hello'
    entry=$(at node1 sh -c 'grep -l "\"content\":\"[0-9a-f]" /var/cache/sifguard/entries/*/entry.json | wc -l')
    launch alice -w node1 --sif-verify="$made/free/luks.sif" /bin/hello
    ran "and again, warm" out~'hello'
    check "its content key rests sealed beside the copy" test "$entry" -gt 0
    check "nothing is left of it" gone
else
    skip "a LUKS image" "no vectors here"
fi

publish() { ctl sifctl image publish "$encrypted" >/dev/null; }
undo ctl sh -c 'sifctl image unpublish --yes lolcow >/dev/null 2>&1; rm -rf /srv/sifguard'
check "an image is published" publish
capture ctl sifctl image prefetch /srv/sifguard/lolcow.sif --nodes node1
ran "prefetched, it is unlocked where it lies" out~'sha256:[0-9a-f]{64} /srv/sifguard/lolcow.sif'
check "the key of its content rests beside its facts" has "$(at node1 sh -c 'cat /var/cache/sifguard/facts/*')" '"content":"[0-9a-f]{64,}"'
check "nothing is left of that" gone
launch alice -w node1 --sif-verify=/srv/sifguard/lolcow.sif cat /marker
ran "it is mounted in place" out=good
launch bob -w node1 -n2 --sif-verify=/srv/sifguard/lolcow.sif cat /marker
ran "and again, warm" out='good
good'
check "nothing is left of it" gone
