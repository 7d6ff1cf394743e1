# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made, encrypted, plain, rc, out: set elsewhere
# sifctl image publish: images that the site signs and nodes run in place, each with a key of its own. Sourced by run.
store=/srv/sifguard
cached() { at node1 sh -c 'ls /var/cache/sifguard/entries 2>/dev/null | wc -l'; }
publish() { capture ctl sifctl image publish "$@"; }
undo ctl sh -c 'sifctl key resume lolcow >/dev/null 2>&1; for name in lolcow plain; do sifctl image unpublish --yes "$name"; done >/dev/null 2>&1; rm -rf "$1"' sh "$store"

# --- what is not good is not published ------------------------------------------------------------------------------
for image in unsigned flipped-object mallory bob other-key not-encrypted; do
    publish "$made/secure/$image.sif"
    ran "not published: $image" rc=65 out=
done
publish "$made/free/plain.sif"
ran "not published: bound to nothing" rc=77 out= err~'no binding matches'
publish "$made/secure/none.sif"
ran "not published: missing" rc=66 out=
check "and nothing was left" is "$(ctl sh -c 'ls -A "$1" 2>/dev/null; sifctl key list | grep published | grep -vc destroyed' sh "$store")" 0

# --- an encrypted one ---------------------------------------------------------------------------------------------
publish --dry-run "$encrypted"
ran "a dry run" out~'would be published as /srv/sifguard/lolcow.sif'
publish "$encrypted"
ran "publish" out~'bound as +published-lolcow'
check "it is root's, for all to read" is "$(ctl stat -c '%U %a' "$store/lolcow.sif")" 'root 444'
spki=$(sed -n 's/^signer *\(spki:[0-9a-f]*\)$/\1/p' <<<"$out")
ctl sh -c 'cat /var/lib/sifguard/keystore/image-signers/spki-"$1"/key.pem >"$2/keys/site.pem"; chmod 0644 "$2/keys/site.pem"' \
    sh "${spki#spki:}" "$made"
capture as carol apptainer verify --key "$made/keys/site.pem" "$store/lolcow.sif"
ran "apptainer verify takes the site's signature"
capture as carol apptainer verify --local "$store/lolcow.sif"
ran "and finds no other" rc=failed
entries=$(cached)
launch alice -w node1 --sif-verify="$store/lolcow.sif" cat /marker
ran "it runs" out=good
check "without a copy" is "$(cached)" "$entries"
launch alice -w node1 --sif-verify="$store/lolcow.sif" cat /marker
ran "and again" out=good
launch bob -N2 -n4 --sif-verify="$store/lolcow.sif" cat /marker
ran "on two nodes" out='good
good
good
good'
refuse "who may not use the key" 77 'does not allow' mallory --sif-verify="$store/lolcow.sif" true
as alice sh -c 'cp -f "$1" copy.sif' sh "$store/lolcow.sif"
refuse "a copy elsewhere" 77 'no binding' alice --sif-verify=copy.sif true
refuse "a copy under the binding of the source" 65 'none of the signers' alice --chdir=/home/alice \
    --sif-verify="$(as alice sh -c 'cp -f copy.sif secure.sif; echo $HOME/secure.sif')" true
publish "$encrypted"
ran "not twice under one name" rc=73 err~'already'

capture ctl sifctl key suspend lolcow
ran "who suspends the original's key is told of it" err~"the published image 'lolcow', made from $encrypted,"
launch alice -w node1 --sif-verify="$store/lolcow.sif" cat /marker
ran "which goes on" out=good
ctl sifctl key resume lolcow >/dev/null

# --- what root alone may do, somebody else did -----------------------------------------------------------------------
ctl chmod 0777 "$store"
refuse "a directory that others may write to" 78 'published image' alice --sif-verify="$store/lolcow.sif" true
ctl chmod 0755 "$store"
ctl sh -c 'cp -p "$1/lolcow.sif" "$1/kept"; chmod u+w "$1/lolcow.sif"; printf xxxxxxxx | dd of="$1/lolcow.sif" bs=1 seek=60000 conv=notrunc status=none' sh "$store"
refuse "an altered file" 65 'pins' alice --sif-verify="$store/lolcow.sif" true
ctl mv "$store/kept" "$store/lolcow.sif"
launch alice --sif-verify="$store/lolcow.sif" cat /marker
ran "put right again" out=good

# --- one without encryption, list, the end ---------------------------------------------------------------------------
publish "$plain"
ran "publish an image without encryption" out~'bound as +published-plain'
launch mallory --sif-verify="$store/plain.sif" cat /marker
ran "it runs for everyone, as its source" out=good
capture ctl sifctl image published
ran "list" out~'lolcow +/srv/sifguard/lolcow.sif +[0-9]+ +sha256:[0-9a-f]+ +published-lolcow-[0-9a-f]{12}'
capture ctl sifctl image unpublish --yes lolcow
ran "unpublish" out~'key published-lolcow-[0-9a-f]{12} destroyed'
refuse "gone" 66 'lolcow.sif' alice --sif-verify="$store/lolcow.sif" true
capture ctl sifctl image unpublish --yes lolcow
ran "not twice" rc=66 err~'nothing is published'
publish "$encrypted"
ran "publish it once more" out~'bound as +published-lolcow'
ctl sifctl image unbind published-lolcow >/dev/null
publish "$encrypted"
ran "not over the file that is left" rc=73 err~'there is a file'
capture ctl sifctl image unpublish --yes lolcow
ran "unpublish what is left without a binding" out~'removed /srv/sifguard/lolcow.sif.key published-lolcow-[0-9a-f]{12} destroyed'
publish "$encrypted"
ran "publish again under the old name" out~'bound as +published-lolcow'
launch alice --sif-verify="$store/lolcow.sif" cat /marker
ran "and it runs" out=good
