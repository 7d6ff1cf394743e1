# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# `mount_driver: fuse`: roots that a sandboxed squashfuse serves, without the kernel's squashfs and loop devices. What
# runs and what is refused, and that nothing is left. Sourced by run.
keep_configuration
by_fuse() { configure 'version: 1' 'release: mount' 'mount_driver: fuse' "$@"; }
remains() { at node1 pgrep -l -u sifguard; }
gone_tenths=150
room_for_marks
without() {   # without PATH: that node1 has something else there
    at node1 sh -c 'mount --bind /dev/null "$1"' sh "$1"
    undo at node1 sh -c 'umount "$1" 2>/dev/null || true' sh "$1"
}
by_fuse
check "doctor finds that it can" fails grep -q 'mount_driver' <<<"$(at node1 sifctl doctor || true)"
without /dev/loop-control
launch alice -w node1 --sif-verify="$encrypted" sh -c 'cat /marker; stat -c "%u %A" /marker; touch /new 2>/dev/null; echo $APPTAINER_CONTAINER'
ran "an encrypted image, on a node without loop devices" out~'^good
1001 .rw.*
/run/sifguard/job/image/lolcow.sif$'
at node1 umount /dev/loop-control
check "the log says what it is" has "$(last_of started)" '"release":"mount"'
capture at node1 sifctl explain --user alice --image "$encrypted" --verify
ran "explain says by whom" out~'release here  *mount, by mount_driver: fuse'
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "an image without encryption" out=good
launch alice -w node1 --sif-verify="$encrypted" no-such-command
ran "a command that the image lacks" rc=127 err~"no command 'no-such-command' in the image"
launch alice -w node1 -n16 --overcommit --sif-verify="$encrypted" cat /marker
ran "16 tasks of one step" out="$(yes good | head -n 16)"
check "nothing is left" gone

running
check "a step is running" runs
at node1 sh -c 'for p in $(pgrep -x squashfuse_ll); do sed -n "s/^\(Uid\|Seccomp\|NoNewPrivs\|CapEff\):\t*//p" /proc/$p/status | tr "\n\t" "  "; echo; done' >"$tmp/walls"
account=$(at node1 id -u sifguard)
check "its servers are the no-login account's, without rights, and filtered" is "$(sort -u "$tmp/walls")" \
    "$account $account $account $account 0000000000000000 1 2 "
signals_do_not_reach them
for victim in squashfuse_ll sifguard-squash slurmstepd; do killed_leaves_nothing "$victim"; done
goes_on_as_with_a_broken_disk squashfuse_ll

# --- what is refused --------------------------------------------------------------------------------------------------
as carol /src/tests/cluster/lib/make-broken-images.sh "$made/work"
ctl bash -c 'install -m 0644 "$1"/work/broken/torn.sif "$1/secure/"; install -m 0644 "$1/work/broken/no-squashfs.sif" "$1/tools/"' bash "$made"
undo ctl bash -c 'rm -f "$1/secure/torn.sif" "$1/tools/no-squashfs.sif"' bash "$made"
unmountable() {   # its copy is good, and stays
    before node1
    launch alice -w node1 --sif-verify="$3" true
    state_before=$(node_state node1)
    refused "$1" 65 "$2" no-audit
    check "and nothing is left" gone
}
unmountable "what is no squashfs" "does not serve the image.s squashfs" "$made/tools/no-squashfs.sif"
unmountable "a torn block" "block 0 |does not serve" "$made/secure/torn.sif"
without /dev/fuse
refuse "no FUSE" 78 'fuse' alice --sif-verify="$encrypted" true
at node1 umount /dev/fuse
by_fuse 'squashfuse: /usr/bin/none'
refuse "no squashfuse" 69 '/usr/bin/none' alice --sif-verify="$encrypted" true
check "of which doctor tells" grep -q "no image runs here with mount_driver: fuse" <<<"$(at node1 sifctl doctor || true)"
by_fuse 'squashfuse: /usr/bin/true'
refuse "something else in its place" 65 '/usr/bin/true does not serve' alice --sif-verify="$plain" true
by_fuse

# --- LUKS, and what was published -------------------------------------------------------------------------------------
vector=$tree/../shared/vectors/luks/luks-small
if [[ -e $vector.sif.xz ]]; then
    xz -dc "$vector.sif.xz" | write_at ctl "$made/free/luks.sif"
    ctl sh -c 'cd /vectors/luks; sifctl key import luks-small.rsa.pem --name luks >/dev/null 2>&1; sifctl signer add luks-small.signer.pub >/dev/null' || true
    ctl sifctl image bind luks --match "$made/free/luks.sif" --key luks --everyone \
        --signer "spki:$(ctl sh -c 'openssl pkey -pubin -in /vectors/luks/luks-small.signer.pub -outform DER | sha256sum | cut -d" " -f1')" >/dev/null
    undo ctl sh -c 'sifctl image unbind luks; sifctl signer remove "$(sifctl signer list | sed -n "s/^\(spki:[0-9a-f]*\).*/\1/p" | head -n 1)"; rm -f "$1/free/luks.sif"' sh "$made"
    launch alice -w node1 --sif-verify="$made/free/luks.sif" /bin/hello
    ran "a LUKS image" out~'hello'
    launch alice -w node1 --sif-verify="$made/free/luks.sif" /bin/hello
    ran "and again, warm" out~'hello'
else
    skip "a LUKS image" "no vectors here"
fi
undo ctl sh -c 'sifctl image unpublish --yes lolcow >/dev/null 2>&1; rm -rf /srv/sifguard'
check "an image is published" ctl sh -c 'sifctl image publish "$1" >/dev/null' sh "$encrypted"
launch alice -w node1 --sif-verify=/srv/sifguard/lolcow.sif cat /marker
ran "it is mounted in place" out=good
check "nothing is left of it" gone
