# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A key serves its own signers and users, whatever path or binding leads to it. Sourced by tests/cluster/run.
images=/var/lib/sifguard/keystore/images.yaml
carol=$(fingerprint_of carol)
mallory=$(fingerprint_of mallory)

ctl cp -p "$images" /root/images.saved
undo ctl cp -p /root/images.saved "$images"
ctl sifctl signer add "$made/keys/mallory.asc"
undo ctl sifctl signer remove "$mallory"

check "sifctl does not bind a key for a wider audience" fails ctl sifctl image bind loose \
    --match '/home/mallory/loose/*.sif' --signer "$carol" --key lolcow --allow-user mallory
check "nor under another signer" fails ctl sifctl image bind forged --match "$made/free/forged*.sif" --signer "$mallory" \
    --key lolcow --allow-group bio
check "and has changed nothing" ctl cmp "$images" /root/images.saved

# An administrator's mistake, or a careless editor: bindings that sifctl would not have made.
ctl sh -c 'cat >>"$1"' sh "$images" </dev/null
{
    ctl cat /root/images.saved
    cat <<END
  - name: loose
    match: ["/home/mallory/loose/*.sif"]
    signing_key: {fingerprint: $carol}
    encryption: {key: lolcow}
    allow: {users: ["*"]}
  - name: forged
    match: ["$made/free/forged*.sif"]
    signing_key: {fingerprint: $mallory}
    encryption: {key: lolcow}
    allow: {users: ["*"]}
  - name: both
    match: ["$made/free/both*.sif"]
    signing_key: {any_of: [$carol, $mallory]}
    encryption: {key: lolcow}
    allow: {users: ["*"]}
  - name: warned
    match: ["$made/free/warned*.sif"]
    signing_key: {fingerprint: $carol}
    allow: {users: ["*"]}
    mode: warn
END
} | write_at ctl "$images"
ctl chmod 0600 "$images"

as mallory sh -c "mkdir -p loose; cp $encrypted loose/copy.sif"
refuse "another's readable image, copied to where a looser binding matches" 77 "key lolcow.*mallory" \
    mallory --sif-verify=/home/mallory/loose/copy.sif true

# Images of mallory's that carry the wrapped volume key of carol's.
as mallory bash -euo pipefail -c '
    made=$1
    cd
    cp "$made/work/encrypted-mallory.sif" forged-whole.sif
    range() { apptainer sif list "$2" | awk -F"|" -v type="$1" "\$5 ~ type { split(\$4, r, \"-\"); print \$1 + 0; exit }"; }
    apptainer sif dump "$(range Crypto "$made/secure/lolcow.sif")" "$made/secure/lolcow.sif" >message
    apptainer sif dump "$(range FS "$made/work/evil.sif")" "$made/work/evil.sif" >partition
    rm -f forged-mixed.sif
    apptainer sif new forged-mixed.sif
    apptainer sif add --datatype 4 --partfs 1 --parttype 2 --partarch 2 --groupid 1 forged-mixed.sif partition
    apptainer sif add --datatype 8 --groupid 1 --link 1 forged-mixed.sif message
    # What runtimes look for, in the last part of the descriptors: gocryptfs; PEM, RSA-OAEP.
    printf "\006" | dd of=forged-mixed.sif bs=1 seek=$((4096 + 201)) conv=notrunc status=none
    printf "\002\000\000\000\000\002\000\000" | dd of=forged-mixed.sif bs=1 seek=$((4096 + 585 + 201)) conv=notrunc status=none
    apptainer --quiet sign forged-mixed.sif </dev/null' forge "$made" >"$tmp/forge" 2>&1 || bad "forging images" "$(cat "$tmp/forge")"
for each in whole mixed; do
    ctl cp "/home/mallory/forged-$each.sif" "$made/free/forged-$each.sif"
    undo ctl rm -f "$made/free/forged-$each.sif"
    refuse "the wrapped key of another's image, signed by oneself ($each), bound to oneself" 77 'key lolcow' \
        alice --sif-verify="$made/free/forged-$each.sif" true
    ctl cp "/home/mallory/forged-$each.sif" "$made/secure/forged-$each.sif"
    undo ctl rm -f "$made/secure/forged-$each.sif"
    refuse "the same ($each) where carol must have signed" 65 'signers asked for' alice --sif-verify="$made/secure/forged-$each.sif" true
done
ctl cp "/home/mallory/forged-whole.sif" "$made/free/both.sif"
undo ctl rm -f "$made/free/both.sif"
refuse "a binding with more signers than the key" 77 'key lolcow' alice --sif-verify="$made/free/both.sif" true
ctl cp "$encrypted" "$made/free/both-good.sif"
undo ctl rm -f "$made/free/both-good.sif"
launch alice -w node1 --sif-verify="$made/free/both-good.sif" cat /marker
ran "the same binding for carol's image and one of the key's users" out=good
refuse "and for a user whom the key does not serve" 77 'key lolcow' mallory --sif-verify="$made/free/both-good.sif" true

ctl cp "$encrypted" "$made/free/warned.sif"
ctl cp "$made/tools/unsigned.sif" "$made/free/warned-plain.sif"
undo ctl rm -f "$made/free/warned.sif" "$made/free/warned-plain.sif"
refuse "mode warn releases no key" 77 . alice --sif-verify="$made/free/warned.sif" true
launch alice -w node1 --sif-verify="$made/free/warned-plain.sif" cat /marker
ran "mode warn runs an unsigned image with a warning" out=good err~'sifguard: warning: .*not signed'

# The same bytes are in the cache for some; that helps nobody else.
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "an image in the cache" out=good
refuse "in the cache, and still not for mallory" 77 'does not allow' mallory --sif-verify="$encrypted" true
refuse "in the cache by content, at another path" 77 'key lolcow' mallory --sif-verify=/home/mallory/loose/copy.sif true
