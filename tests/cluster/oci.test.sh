# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# OCI-SIFs: signed ones run under `release: mount`, with the layers over each other and as their configuration says;
# everything else is refused by name. Sourced by run.
if ! command -v python3 >/dev/null; then skip "OCI-SIFs" "python3 is not installed"; return 0; fi
keep_configuration
mounted() { configure 'version: 1' 'release: mount'; }
remains() { at node1 sh -c 'losetup -n -O BACK-MAJ:MIN,BACK-FILE | grep -E "^ *$(stat -c %Hd:%Ld /var/cache/sifguard) "'; }

# Two layers, as SingularityCE keeps them: the second takes a file away and makes a directory anew.
undo ctl sh -c 'rm -rf /root/oci "$1"/tools/oci*.sif "$1"/work/oci*.sif' sh "$made"
ctl bash -euo pipefail -c 'umask 022; rm -rf /root/oci; mkdir -p /root/oci && cd /root/oci
    mkdir -p low/bin low/etc low/srv low/tmp low/var/tmp low/proc low/sys low/dev low/home low/fresh high/fresh high/etc
    cp /bin/busybox low/bin/
    for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "low/bin/$applet"; done
    printf "#!/bin/sh\necho \"[\$(pwd)]\$(printf \"[%%s]\" \"\$@\")\"\n" >low/bin/entry
    chmod 755 low/bin/entry
    echo low >low/marker; echo low >low/gone; echo low >low/fresh/below; echo only root >low/etc/shadow; chmod 600 low/etc/shadow
    : >low/etc/passwd; : >low/etc/group
    echo high >high/marker; echo high >high/fresh/above
    mksquashfs low low.sqfs -quiet -no-progress -all-root -comp gzip >/dev/null
    # squashfs-tools before 4.6 give no attributes.
    high() { mksquashfs high high.sqfs -noappend -quiet -no-progress -all-root -comp gzip -p "gone c 644 0 0 0 0" "$@" >/dev/null 2>&1; }
    high -p "fresh x trusted.overlay.opaque=y" || high'
for each in low high; do ctl cat /root/oci/$each.sqfs >"$tmp/$each.sqfs"; done
make_oci() {   # make_oci NAME [ARGUMENT…] LAYER…: unsigned, in carol's hands
    local file=$tmp/$1
    python3 "$tree/tests/cli/oci_sif.py" "$file" "${@:2}" || return 1
    write_at ctl "$made/work/$1" <"$file" && ctl chown carol: "$made/work/$1"
}
place_signed() {   # place_signed NAME: by Apptainer's own signer
    as carol apptainer --quiet sign "$made/work/$1" </dev/null >/dev/null 2>&1 || return 1
    ctl install -m 0644 "$made/work/$1" "$made/tools/$1"
}
config='{"Env":["PATH=/opt/bin:/bin","LABEL=image","ODD=a $b \"c\" `d` \\e"],"Entrypoint":["/bin/entry","x"],"Cmd":["d1","d 2"],"WorkingDir":"/srv"}'
oci=$made/tools/oci.sif
check "an OCI-SIF is made" make_oci oci.sif --config "$config" "$tmp/low.sqfs" "$tmp/high.sqfs"
check "Apptainer signs it" place_signed oci.sif
capture as alice sif-verify --pgp-key "$made/keys/carol.asc" "$oci"
ran "sif-verify takes Apptainer's signature" out~'object 5 \(OCI root index\) in group 1: signed by' out~'OCI image of 2 layers'
capture as carol apptainer verify --local "$oci"
ran "and so does Apptainer"

# --- pem: no runtime that reads it ------------------------------------------------------------------------------------
configure 'version: 1' 'release: pem'
refuse "under pem" 65 'is an OCI-SIF, which runs under `release: mount` alone' alice --sif-verify="$oci" true
capture at node1 sifctl explain --user alice --image "$oci" --verify
ran "explain says the same" rc=failed out~'release: mount'

# --- mount --------------------------------------------------------------------------------------------------------------
mounted
launch alice -w node1 --sif-verify="$oci" cat /marker
ran "under mount it runs, the higher layer above" out=high silent
capture at node1 sifctl explain --user alice --image "$oci" --verify
ran "and explain says so" out~'release here  *mount'
launch alice -w node1 --sif-verify="$oci" sh -c 'ls /gone; ls /fresh; cat /etc/shadow; stat -c %u /marker; touch /new'
ran "what a layer takes away is gone, files are the user's, nobody writes" rc=1 out~'above' out~'only root' out~'1001' err~'/gone'
launch alice -w node1 --sif-verify="$oci" sh -c 'pwd; echo $PATH; echo "$LABEL $ODD"'
ran "its directory and variables" out='/srv
/opt/bin:/bin
image a $b "c" `d` \e'
capture as alice env LABEL=job timeout 100 srun -w node1 --sif-verify="$oci" sh -c 'echo $LABEL' </dev/null
ran "which count before the job's" out=image
launch alice -w node1 --sif-verify="$oci" --sif-env=LABEL=asked --sif-workdir=/etc sh -c 'echo $LABEL; pwd'
ran "but not before what the user asks for" out='asked
/etc'
launch alice -w node1 --sif-verify="$oci" --sif-action=run -
ran "run: entrypoint and command" out='[/srv][x][d1][d 2]' silent
launch alice -w node1 --sif-verify="$oci" --sif-action=run one 'two 2'
ran "run: arguments in the place of the command" out='[/srv][x][one][two 2]'
launch alice -w node1 --sif-verify="$oci" no-such-command
ran "a command that is not there" rc=127 err~'no command .no-such-command. in the image'
launch alice -w node1 -n16 --overcommit --sif-verify="$oci" cat /marker
ran "16 tasks of one step" out="$(yes high | head -n 16)"
check "nothing is left of them" gone

capture ctl sifctl image prefetch "$oci" --nodes node1
ran "prefetch takes it" out~'sha256:'

check "one layer, no configuration to speak of" make_oci oci-one.sif "$tmp/low.sqfs"
check "signed" place_signed oci-one.sif
launch alice -w node1 --sif-verify="$made/tools/oci-one.sif" sh -c 'cat /marker; cat /gone'
ran "it runs" out='low
low'
launch alice -w node1 --sif-verify="$made/tools/oci-one.sif" --sif-action=run -
ran "run: it names no command" rc=64 err~'says of no command'
launch alice -w node1 --sif-verify="$made/tools/oci-one.sif" --sif-action=run /bin/echo named
ran "run: what the task names" out=named

# --- what is refused ----------------------------------------------------------------------------------------------------
ctl install -m 0644 "$made/work/oci.sif" "$made/tools/oci-changed.sif"
ctl sh -c 'printf "#" | dd of="$1" bs=1 seek=20000 conv=notrunc status=none' sh "$made/tools/oci-changed.sif"
refuse "a byte of a layer is another" 65 'does not have the digest that is stated for it' alice --sif-verify="$made/tools/oci-changed.sif" true
for each in ext3:'is ext3' cosign:'of cosign' stray:'belongs to no part' mixed:'stands beside an OCI image'; do
    make_oci "oci-${each%%:*}.sif" --flaw "${each%%:*}" "$tmp/low.sqfs" "$tmp/high.sqfs"
    place_signed "oci-${each%%:*}.sif"
    refuse "${each%%:*}, signed" 65 "${each#*:}" alice --sif-verify="$made/tools/oci-${each%%:*}.sif" true
done
make_oci oci-unsigned.sif "$tmp/low.sqfs"
ctl install -m 0644 "$made/work/oci-unsigned.sif" "$made/tools/oci-unsigned.sif"
refuse "not signed" 65 'not signed' alice --sif-verify="$made/tools/oci-unsigned.sif" true

# --- published ----------------------------------------------------------------------------------------------------------
store=/srv/sifguard
undo ctl sh -c 'sifctl image unpublish --yes oci >/dev/null 2>&1; rm -rf "$1"' sh "$store"
capture ctl sifctl image publish "$oci"
ran "it is published" out~'bound as +published-oci'
launch alice -w node1 --sif-verify="$store/oci.sif" --sif-action=run -
ran "and runs in place" out='[/srv][x][d1][d 2]'
check "nothing is left" gone
