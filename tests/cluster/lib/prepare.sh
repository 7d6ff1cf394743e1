# shellcheck shell=bash
# Keys, signers, images and bindings that all tests share; made once in a box. Sourced by run.
#   $made/secure   encrypted to the key 'lolcow', bound to it, to signer carol and to group bio (alice, bob)
#   $made/tools    not encrypted, bound to signer carol, for everyone
#   $made/bobs     not encrypted, bound to signer carol, for bob
#   $made/free     bound to nothing
# lolcow.sif and plain.sif are good; what is wrong with the others is their name. An image's /marker says "good",
# or "evil" in those that no binding lets run.
# shellcheck disable=SC2016,SC2034  # what stands in single quotes expands in the box; variables: for the tests

made=/apps/test
encrypted=$made/secure/lolcow.sif
plain=$made/tools/plain.sif

fingerprint_of() { ctl cat "$made/keys/$1.fpr"; }

prepare() {
    local user
    ctl bash -euo pipefail -c '
        made=$1
        umask 022
        mkdir -p "$made"/{keys,work,secure,tools,bobs,free}
        chmod 1777 "$made/keys" "$made/work"
        cd /root
        sifctl init
        (umask 077; echo "pass word" >pw)
        for key in lolcow other; do
            sifctl key create "$key" --bits 2048 --pfx-password-file pw --file-prefix "$key"
            sifctl key export-public "$key" --pkcs1 >"$made/keys/$key.pem"
        done' prepare "$made" >/dev/null
    for user in bob mallory; do as "$user" /src/tests/cluster/lib/make-images.sh key "$made" & done
    as carol /src/tests/cluster/lib/make-images.sh build "$made"
    wait
    for user in carol bob mallory; do as "$user" /src/tests/cluster/lib/make-images.sh sign "$made"; done
    ctl /src/tests/cluster/lib/make-images.sh place "$made"
    ctl bash -euo pipefail -c '
        made=$1 carol=$(<$1/keys/carol.fpr)
        sifctl signer add "$made/keys/carol.asc"
        sifctl signer add "$made/keys/bob.asc"
        sifctl image bind secure --match "$made/secure/*.sif" --match "/home/*/secure.sif" --signer "$carol" \
            --key lolcow --allow-group bio
        sifctl image bind tools --match "$made/tools/*.sif" --match "/home/*/tools/*.sif" --signer "$carol" --everyone
        sifctl image bind bobs --match "$made/bobs/*.sif" --signer "$carol" --allow-user bob
        touch "$made/ready"' prepare "$made" >/dev/null
}
