# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # encrypted, made: set by prepare.sh
# Images that are not signed as their binding says, and users whom it does not allow. Sourced by run.
dir=$made/secure

refuse "unsigned" 65 'not signed' alice --sif-verify="$dir/unsigned.sif" true
refuse "unsigned, not encrypted" 65 'not signed' alice --sif-verify="$made/tools/unsigned.sif" true
refuse "signed by a key of the keystore that the binding does not name" 65 'not signed by .*signers? asked for' \
    alice --sif-verify="$dir/bob.sif" true
refuse "signed by a key that the keystore does not know" 65 'none of the signers asked for' alice --sif-verify="$dir/mallory.sif" true
refuse "tampered: a byte of the encrypted partition" 65 . alice --sif-verify="$dir/flipped-partition.sif" true
refuse "tampered: a byte of a small object" 65 . alice --sif-verify="$dir/flipped-object.sif" true
refuse "tampered: a byte of the wrapped key" 65 . alice --sif-verify="$dir/flipped-key.sif" true
refuse "not encrypted, as the binding demands" 65 'not encrypted' alice --sif-verify="$dir/not-encrypted.sif" true
refuse "encrypted to another key than the binding's" 65 . alice --sif-verify="$dir/other-key.sif" true
refuse "encrypted, and the binding names no key" 77 'names no key' alice --sif-verify="$made/tools/encrypted.sif" true

refuse "bound to another user" 77 "'bobs' does not allow user alice" alice --sif-verify="$made/bobs/plain.sif" true
refuse "bound to a group that the user is not in" 77 "'secure' does not allow.* mallory" mallory --sif-verify="$encrypted" true
refuse "a copy at a path that nothing binds" 77 . alice --sif-verify="$made/free/lolcow.sif" true
refuse "a plain copy at a path that nothing binds" 77 . alice --sif-verify="$made/free/plain.sif" true
as bob ln -sfn "$made/free" tools
refuse "an encrypted image by a link from where only plain ones are bound" 77 'names no key' bob --sif-verify=tools/lolcow.sif true
as bob rm -f tools

# Several bindings: all that match must allow, by whatever name.
carol=$(fingerprint_of carol)
ctl sifctl image bind narrow --match "$dir/narrow*.sif" --signer "$carol" --allow-user bob --key lolcow 2>/dev/null ||
    ctl sifctl image bind narrow --match "$dir/narrow*.sif" --signer "$carol" --allow-user bob
undo ctl sifctl image unbind narrow
ctl cp "$encrypted" "$dir/narrow.sif"
undo ctl rm -f "$dir/narrow.sif"
refuse "two bindings, one of which does not allow the user" 77 "'narrow' does not allow" alice --sif-verify="$dir/narrow.sif" true
launch bob --sif-verify="$dir/narrow.sif" cat /marker
ran "both allow" out=good
as alice ln -sf "$dir/narrow.sif" secure.sif
refuse "a link with a better name" 77 "'narrow' does not allow" alice --sif-verify=/home/alice/secure.sif true
as alice rm -f secure.sif

ctl sifctl image bind old --match "$made/free/old.sif" --signer "$carol" --everyone --not-after 2020-01-01
ctl sifctl image bind rolled --match "$made/free/rolled.sif" --signer "$carol" --everyone --signed-after 2037-01-01
ctl sifctl image bind pinned --match "$made/free/pinned.sif" --signer "$carol" --everyone \
    --digest sha256:0000000000000000000000000000000000000000000000000000000000000000
for each in old rolled pinned; do
    undo ctl sifctl image unbind "$each"
    ctl cp "$plain" "$made/free/$each.sif"
    undo ctl rm -f "$made/free/$each.sif"
done
refuse "a binding that has ended" 77 'ended on' alice --sif-verify="$made/free/old.sif" true
refuse "signed too early" 65 'signatures before' alice --sif-verify="$made/free/rolled.sif" true
refuse "another digest than the binding pins" 65 'pins' alice --sif-verify="$made/free/pinned.sif" true

# A verdict is never reused for another policy: the image is in the cache by now.
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "an image runs, and is in the cache" out=good
ctl sifctl image unbind tools
ctl sifctl image bind tools --match "$made/tools/*.sif" --match "/home/*/tools/*.sif" --signer "$(fingerprint_of bob)" --everyone
refuse "the same image, once the policy names another signer" 65 'not signed by' alice --sif-verify="$plain" true
ctl sifctl image unbind tools
refuse "the same image, once nothing binds it" 77 . alice --sif-verify="$plain" true
ctl sifctl image bind tools --match "$made/tools/*.sif" --match "/home/*/tools/*.sif" --signer "$carol" --everyone
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "and again as it was" out=good
