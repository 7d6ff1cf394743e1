# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# A setuid runtime: no user namespace stands between a container and what else its user has on the node. Debian's
# package has no setuid starter; upstream's is the same program, with the bit. Sourced by site.sh.
starter=$(dpkg -L apptainer | grep '/starter$')
install -o root -m 4755 "$starter" "$starter-suid"
images='cat /marker; cat /proc/self/uid_map | xargs'
room_for_marks
for release in mount pem; do
    configure 'version: 1' "release: $release"
    launch alice --sif-verify="$encrypted" sh -c "$images"
    ran "release: $release, without a user namespace" out=$'good\n0 0 4294967295'
done
check "nothing is left" gone
configure 'version: 1' 'release: mount'
running
check "a step runs" runs
check "reap leaves it" /usr/libexec/sifguard/sifguard-helper reap
ended
check "it ends well" is "$rc $(cat "$tmp/held")" "0 good"
killed_leaves_nothing slurmstepd
check "the node is not drained" idle
