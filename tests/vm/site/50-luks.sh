# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# An image whose root is LUKS2: opened by the setuid runtime itself, with device-mapper, alone and as a step with a key of the
# copy, and by ours, without. Sourced by site.sh.
image=$made/free/luks.sif
[[ -e $image ]] || { skip "LUKS" "no vectors on the host"; return 0; }
capture as alice apptainer exec --pem-path=/apps/site/luks.pem "$image" /bin/hello
ran "the runtime alone, for a user who has the key" out~hello
for release in pem mount; do
    configure 'version: 1' "release: $release"
    launch alice --sif-verify="$image" /bin/hello
    ran "release: $release, for one who has not" out~hello
done
check "nothing is left" gone
