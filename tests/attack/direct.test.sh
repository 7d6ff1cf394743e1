# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Users start our programs themselves. Sourced by tests/cluster/run.
libexec=/usr/libexec/sifguard
ctl test -d $libexec || libexec=$(ctl sh -c 'dirname /usr/lib/*/sifguard/sifguard-helper')
records() { at node1 sh -c 'wc -l </var/log/sifguard/audit.jsonl'; }
entries() { at node1 ls /var/cache/sifguard/entries; }
records_before=$(records) entries_before=$(entries)

by_hand() { capture as_at mallory node1 timeout 20 "$@"; }
by_hand "$libexec/sifguard-helper" task
ran "the helper, as a user" rc=64 out= err~'root'
by_hand "$libexec/sifguard-helper" reap
ran "reap, as a user" rc=64 out= err~'root'
by_hand "$libexec/sifguard-launch" id
ran "the launcher, without a plan of root's" rc=78 out= err~'/run/sifguard/job/plan'
for program in opener verifier pgp; do
    by_hand sh -c "head -c 9000 /dev/urandom >random; exec $libexec/sifguard-$program 3<random 4>output <random"
    check "sifguard-$program, as a user, on random bytes: ends properly" test "$rc" -lt 124
done

# Root in a user namespace of one's own is not root.
as_at mallory node1 sh -c 'printf "" >request'
by_hand unshare --user --map-root-user --mount sh -c "exec $libexec/sifguard-helper task 3<>request"
check "the helper, as root of a user namespace" fails grep -aq BEGIN "$tmp/out"
by_hand unshare --user --map-root-user --mount sh -c "mkdir -p etc; mount --bind etc /etc/sifguard; exec $libexec/sifguard-helper reap"
check "reap, as root of a user namespace" test "$rc" != 0
# A plan of one's own, where the launcher looks: it may run, as anything of the user's may, but with nothing of ours.
by_hand unshare --user --map-root-user --mount sh -c "
    mount -t tmpfs none /run; mkdir -p /run/sifguard/job; echo nonsense >/run/sifguard/job/plan
    exec $libexec/sifguard-launch id"
check "a plan of the user's own is not obeyed" has "$rc $err" '^(70|78) sifguard:'

check "sifctl shows a user nothing" fails as mallory /usr/sbin/sifctl key list
check "sifctl changes nothing for a user" fails as mallory /usr/sbin/sifctl image bind mine --match '/home/mallory/*.sif' \
    --signer "$(fingerprint_of carol)" --everyone
check "no audit record was made" is "$(records)" "$records_before"
check "no cache entry was made or lost" is "$(entries)" "$entries_before"
check "the opener cannot be read, so not be traced" fails as_at mallory node1 cat "$libexec/sifguard-opener"
