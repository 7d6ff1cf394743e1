#!/bin/sh
# sifctl explain: which bindings, signers, rules and keys decide, and why they refuse.
# Usage: image_explain_test.sh SIFCTL
# shellcheck disable=SC2154,SC2034 # variables of image.sh, and one for it
sifctl=${1:?usage: image_explain_test.sh SIFCTL}
. "$(dirname "$0")/image.sh"

bind_each
cd / # so that relative names are known
explained() {
    run "$@"
    sed -e "s/^\(user  *\)$user\$/\1USER/" -e "s/^\(groups  *\).*/\1GROUPS/" -e "s/users $user\b/users USER/" -e "s/user $user\b/user USER/" \
        -e "s/^\(key id  *\)[0-9a-f]\{64\}$/\1ID/" -e "s/^\(thumbprint  *\)[0-9a-f]\{40\}$/\1THUMBPRINT/" \
        "$work/out" >"$work/plain"
    mv "$work/plain" "$work/out"
}
explained 0 explain --user "$user" --image apps/./secure//x/../lolcow1.sif --partition debug
prints <<END
image       /apps/secure/lolcow1.sif
user        USER
groups      GROUPS
binding     'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
signed by   A
mode        enforce
release     as the node's sifguard.yaml says
key         cow
key id      ID
thumbprint  THUMBPRINT
key state   active
key's rule  allows user USER
allowed     if the image is signed as above; signatures were not checked
END
explained 77 explain --user "$user" --image /apps/secure/lolcow1.sif
prints <<END
image    /apps/secure/lolcow1.sif
user     USER
groups   GROUPS
binding  'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
note     binding 'lolcow' asks for the job's partition, which is unknown here, so it is refused: give --partition
refused  binding 'lolcow' allows by partition, and the job's partition is not known here
END
explained 77 explain --user "$user" --image /apps/secure/lolcow1.sif --partition other
prints <<END
image    /apps/secure/lolcow1.sif
user     USER
groups   GROUPS
binding  'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
refused  binding 'lolcow' does not allow partition other
END
explained 77 explain --user "$user" /apps/secure/sub/lolcow1.sif --partition debug
says "no binding is for the image /apps/secure/sub/lolcow1.sif"
explained 77 explain --user "$user" oras://registry.example.org.evil.example/x
says "no binding is for the image"
explained 0 explain --user "$user" oras://registry.example.org/a/x:1
says "mode       warn"
run 66 explain --user no-such-user --image /a
says "no user 'no-such-user' on this host"
run 64 explain --user "$user"
run 64 explain --image /a
run 0 explain --user "$user" /apps/pair.sif --partition secure --json
checks=$((checks + 1))
tr -d ' \n' <"$work/out" | grep -qF '{"schema":"sifguard.explanation/1","decision":"allow","refusals":[],"notes":[],"image":["/apps/pair.sif"]' || fail "another JSON"
says '"legacy": false'
says '"signatures": "any"'
# What the rule takes less of than the binding
run 0 key rule set dog --signer "$b" --everyone
sed -i 's/signing_key: {all_of/signing_key: {legacy: true, signatures: all, any_of/' "$ks/images.yaml"
run 0 explain --user "$user" /apps/tools/x --partition debug --json
says "the rule of the key 'dog' takes less than the binding: the signature of $a alone is not enough for it"
says '"legacy": true'
says '"signatures": "all"'
run 0 image list --json
says '"legacy": true'
says '"signatures": "all"'
# With `signatures: all` no image can have the signatures of others that another binding requires.
cp -p "$ks/images.yaml" "$work/images.before"
sed -i "s/signatures: all, any_of: \[[^]]*\]/signatures: all, any_of: [$b]/" "$ks/images.yaml"
refuses 77 "'all' and 'other' are all for /apps/tools/y, so all must allow, which leaves nobody: 'other' requires signatures of $a, 'all' those of $b, legacy signatures too, and nobody else; let one binding alone be for the image, or have all of them require the same signers" \
  image bind other --match /apps/tools/y --signer "$a" --everyone
run 0 image bind other --match /apps/tools/y --signer "$a" "$b" --everyone --dry-run
cp -p "$work/images.before" "$ks/images.yaml"
sed -i 's/legacy: true, signatures: all, any_of/all_of/' "$ks/images.yaml"
run 0 key rule set dog --signer "$a" "$b" --all-signers --everyone
run 77 explain --user "$user" /nothing --json
checks=$((checks + 1))
tr -d ' \n' <"$work/out" | grep -qF '{"schema":"sifguard.explanation/1","decision":"refuse","refusals":["nobindingisfortheimage/nothing"]' || fail "another JSON"

# A signer that is gone, and a binding by hand that the key's rule does not cover
run 0 signer remove "$b"
run 77 explain --user "$user" /apps/tools/x --partition debug
says "the signer $b is not in the keystore"
says "refused     a signer's key is missing"
cat >>"$ks/images.yaml" <<END
  # by hand
  - {name: hand, match: [/hand.sif], signing_key: {fingerprint: $b}, encryption: {key: cow}, allow: {users: ["*"]}}
END
run 77 explain --user "$user" /hand.sif
says "the key's rule does not allow images of this image's signers"
chmod 0666 "$ks/images.yaml"
run 78 explain --user "$user" /hand.sif
says "writable by group or others"
run 78 image bind x --match /x --signer "$a" --everyone
chmod 0600 "$ks/images.yaml"

end
