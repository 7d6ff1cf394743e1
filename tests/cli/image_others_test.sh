#!/bin/sh
# sifctl image bind where several bindings are for the same images, and image unbind.
# Usage: image_others_test.sh SIFCTL
# shellcheck disable=SC2154,SC2034 # variables of image.sh, and one for it
sifctl=${1:?usage: image_others_test.sh SIFCTL}
. "$(dirname "$0")/image.sh"
bind_each

# Others for the same images: all must allow, and somebody must be left
run 0 image bind wide --match '/shared/**' --signer "$a" --allow-user daemon bin
run 0 image bind narrow --match '/shared/a*.sif' --signer "$a" --allow-user bin sys --allow-partition debug
says "'wide' and 'narrow' are all for /shared/ax.sif, so all must allow, which leaves users bin; partitions debug"
for more in "" --dry-run; do
  refuses 77 "'wide' and 'nobody' are all for /shared/b.sif, so all must allow, which leaves nobody: 'wide' allows users daemon bin, 'nobody' allows users sys; let one binding alone" \
    image bind nobody --match /shared/b.sif --signer "$a" --allow-user sys $more
done
refuses 77 "'wide', 'narrow' and 'third' are all for /shared/ab.sif, so all must allow, which leaves nobody: 'narrow' allows users bin, 'third' allows users daemon" \
  image bind third --match '/shared/ab.sif' --signer "$a" --allow-user daemon
refuses 77 "the binding would leave nobody: 'self' denies users sys" image bind self --match /self --signer "$a" --allow-user sys --deny-user sys
run 0 image bind tag1 --match oras://registry.example.com/r:1 --signer "$a" --allow-user sys
run 0 image bind tag2 --match oras://registry.example.com/r:2 --signer "$a" --allow-user bin
says "'tag1' may be for an image of it, too, by another tag or digest: then both must allow"
run 0 image bind guard --match '/shared/**' --signer "$a" --everyone --deny-user bin
says "'wide', 'narrow' and 'guard' are all for /shared/ax.sif, so all must allow, which leaves nobody: 'guard' denies users bin, which is all of users bin; partitions debug"
for each in guard wide narrow tag1 tag2; do run 0 image unbind "$each"; done

# Unbinding
cat >>"$ks/images.yaml" <<END
  # by hand
  - {name: hand, match: [/hand.sif], signing_key: {fingerprint: $b}, encryption: {key: cow}, allow: {users: ["*"]}}
END
run 0 image unbind hand --dry-run
prints <<END
unbound hand, not done: --dry-run
END
refuses 66 "no binding 'nothing'" image unbind nothing --dry-run
run 0 image list
says "hand"

# unbind keeps the admin's comment and, at the end, a valid file; the rule stays
for name in lolcow two all open hand; do run 0 image unbind "$name"; done
cp "$ks/images.yaml" "$work/out"
prints <<END
version: 1
default: reject
images: []
  # by hand
END
refuses 77 "would open it to everyone" image bind lolcow --match /a --signer "$a" --key cow --everyone
rm "$ks/images.yaml"
run 78 image list
run 0 image bind again --match /a --signer "$a" --key cow --allow-user "$user"
run 0 image list
says "again"
printf 'version: 1\nimages: [\n' >"$ks/images.yaml"
run 78 image bind more --match /a --signer "$a" --everyone
says "images.yaml:"
run 78 image list
run 78 image unbind again

end
