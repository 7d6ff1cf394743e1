# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# An image whose root is LUKS2: opened by the setuid runtime itself, with device-mapper, and by ours, without; both read
# the same bytes. Sourced by site.sh.
image=$made/free/luks.sif
[[ -e $image ]] || { skip "LUKS" "no vectors on the host"; return 0; }
capture as alice apptainer exec --pem-path=/apps/site/luks.pem "$image" /bin/hello
ran "the runtime alone, for a user who has the key" out~hello
for release in pem mount; do
    configure 'version: 1' "release: $release"
    launch alice --sif-verify="$image" /bin/hello
    ran "release: $release, for one who has not" out~hello
done
# Both at once, each with a program of the node's that waits.
waits=(/busybox sh -c 'while ! [ -e /tmp/go ]; do /busybox sleep 0.2; done')
rm -f /tmp/go
as alice apptainer exec --bind /usr/bin/busybox:/busybox --pem-path=/apps/site/luks.pem "$image" "${waits[@]}" </dev/null >"$tmp/its" 2>&1 &
as alice timeout 100 srun --sif-verify="$image" --sif-bind=/usr/bin/busybox:/busybox "${waits[@]}" </dev/null >"$tmp/ours" 2>&1 &
its_device() { dmsetup info -c --noheadings -o name 2>/dev/null | grep -v '^No devices' | head -n 1; }
our_device() { losetup -n -O NAME,BACK-FILE | awk '$2 !~ /sif$/ { print $1 }' | tail -n 1; }
both() { local i; for ((i = 0; i < 120; i++)); do [[ -z $(its_device) || -z $(pgrep -x sifguard-imagef) ]] || return 0; sleep 0.5; done; tail -n 3 "$tmp/its" "$tmp/ours"; return 1; }
check "both have it open at once" both
sleep 3
check "byte for byte the same content" cmp "/dev/mapper/$(its_device)" "$(our_device)"
touch /tmp/go
wait
check "nothing is left of either" gone
check "nor a device of the mapper's" is "$(its_device)" ""
