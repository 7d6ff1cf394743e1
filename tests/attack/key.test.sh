# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The job's owner looks for the long-term key, everywhere and all the time. Sourced by tests/cluster/run.

# The patterns, which only root may have: the private exponent and both primes in the byte orders in which libraries
# hold them, and every line of the key in the three encodings in which it is ever written down.
ctl bash -euo pipefail -c '
    g++ -std=c++20 -O2 -static -o "$1/peek" /src/tests/attack/lib/peek.cc
    umask 077
    cd /root
    openssl pkcs12 -in lolcow.pfx -passin file:pw -nodes -nocerts 2>/dev/null | openssl rsa -out key.pkcs8 2>/dev/null
    openssl rsa -in key.pkcs8 -traditional -out key.pkcs1 2>/dev/null
    {
        for part in privateExponent prime1 prime2; do
            hex=$(openssl rsa -in key.pkcs8 -noout -text 2>/dev/null | sed -n "/^$part:/,/^[a-z]/{/^ /p}" | tr -d " :\n")
            hex=${hex: -128}
            echo "${hex:32:64}"
            fold -w 2 <<<"${hex:32:64}" | tac | tr -d "\n"; echo
        done
        od -An -v -tx1 /var/lib/sifguard/keystore/store-*.key | tr -d " \n"; echo   # what all private keys rest under
        for file in key.pkcs8 key.pkcs1; do
            grep -v -e - "$file" | sed -n "4,24p" | while read -r line; do od -An -tx1 <<<"${line:0:48}" | tr -d " \n" | head -c 96; echo; done
        done
    } >patterns
    rm key.pkcs1' keys "$made"
patterns=$(ctl sh -c 'wc -l </root/patterns')
check "there are patterns to look for" test "$patterns" -gt 40
found() { box exec --name "$name" -- "$made/peek" seek /root/patterns; }   # stdin: what was read
reads() { box exec --name "$name" -- "$made/peek" seek "$1" | wc -l; }
check "the search finds the key where it is" test "$(ctl cat /root/key.pkcs8 | found | wc -l)" -gt 10
check "and in memory" test "$(ctl bash -c '
    openssl rsa -in /root/key.pkcs8 -noout -text >/dev/null; export KEY="$(cat /root/key.pkcs8)"; sleep 60 &
    until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.1; done; /apps/test/peek $!; kill $!' | found | wc -l)" -gt 10

# What the search must see, or it is worth nothing: a word in the environment and the memory of the job, and, with
# `release: pem`, the transient key, which the job's owner may have. With `release: mount` there is none.
canaries=3
[[ $release == pem ]] || canaries=2
printf '%s\n' canary-in-the-environment canary-in-memory 'BEGIN RSA PRIVATE KEY' | while read -r word; do
    printf %s "$word" | od -An -tx1 | tr -d ' \n'
    echo
done | write_at ctl /root/canaries
at node1 sh -c 'rm -rf /var/cache/sifguard/entries/*'
as alice rm -f "$tmp" ready
as alice timeout 100 srun -w node1 -J held --export=ALL,CANARY=canary-in-the-environment --sif-verify="$encrypted" \
    sh -c 'word=canary-in-; word=${word}memory; touch ready; while test -e ready; do sleep 0.2; done; echo $word' \
    </dev/null >/dev/null 2>&1 &
for ((i = 0; i < 600; i++)); do ! as alice test -e ready || break; sleep 0.1; done
job=$(as alice squeue -h --name=held -o %A)

overlap() { as alice timeout 100 srun --overlap --jobid="$job" -w node1 -n1 "$made/peek" </dev/null 2>/dev/null; }
overlap >"$tmp/overlap"
check "a second step sees the job's processes" is "$(reads /root/canaries <"$tmp/overlap")" "$canaries"
check "but no long-term key" is "$(found <"$tmp/overlap")" ""
as_at alice node1 "$made/peek" >"$tmp/process"
check "another process of the user sees them too" is "$(reads /root/canaries <"$tmp/process")" "$canaries"
check "and no long-term key" is "$(found <"$tmp/process")" ""
rm -f "$tmp/overlap" "$tmp/process"

modulus() { ctl openssl rsa -in /root/key.pkcs8 -noout -modulus; }
transient() {   # of the key that the job has
    as_at alice node1 sh -c 'cat /proc/[0-9]*/root/run/sifguard/job/key.pem 2>/dev/null | head -n 60' |
        box exec --name "$name" -- openssl rsa -noout -modulus
}
different() {
    local key
    key=$(transient)
    has "$key" '^Modulus=[0-9A-F]{100}' && fails is "$key" "$(modulus)" >/dev/null
}
cannot_decrypt() {
    as_at alice node1 sh -c 'cat /proc/[0-9]*/root/run/sifguard/job/key.pem 2>/dev/null | sed "/END/q" >transient.pem; chmod 0600 transient.pem; test -s transient.pem' || return 1
    fails as alice apptainer exec --pem-path=/home/alice/transient.pem "$encrypted" cat /marker
}
if [[ $release == pem ]]; then
    check "the transient key is another one" different
    check "it does not open the image as it lies on disk" cannot_decrypt
else
    check "there is no transient key" is "$(transient 2>/dev/null)" ""
fi
check "another user cannot read it" is "$(as_at bob node1 sh -c 'cat /proc/[0-9]*/root/run/sifguard/job/key.pem 2>/dev/null | wc -c')" 0
check "nor look into the processes" is "$(as_at bob node1 "$made/peek" | reads /root/canaries)" 0
as alice rm -f ready
wait

# From inside the container, with everything that --sif-bind can bring along.
ctl mkdir -p "$made/bin"
ctl cp "$made/peek" "$made/bin/"
as alice ln -sfn /run/sifguard job
as alice timeout 100 srun -w node1 --sif-verify="$encrypted" --sif-bind="$made/bin:/opt/bin:ro,/home/alice/job:/mnt" \
    sh -c 'canary=canary-in-the-environment; export canary; sleep 3 & sleep 0.2; /opt/bin/peek; kill $!; find / -xdev 2>/dev/null; cat /proc/mounts; find / -name "*.pem" -type f -exec cat {} + 2>/dev/null' \
    </dev/null >"$tmp/inside" 2>/dev/null || true   # find meets what it may not see
check "the search works inside the container" test "$(reads /root/canaries <"$tmp/inside")" -ge 1
check "from inside the container: no long-term key" is "$(found <"$tmp/inside")" ""
check "no file of the keystore" fails grep -aq '/keystore/' "$tmp/inside"
rm -f "$tmp/inside"
as alice rm -f job

# While launches go on, cold ones, in which root has the key in memory.
as_at alice node1 sh -c 'touch looking; while test -e looking; do /apps/test/peek; done' >"$tmp/meanwhile" &
for _ in 1 2 3 4; do
    at node1 sh -c 'rm -rf /var/cache/sifguard/entries/* /var/cache/sifguard/index/*'
    launch alice -w node1 -n2 --sif-verify="$encrypted" cat /marker
done
ran "launches while the owner looks" out='good
good'
as_at alice node1 rm -f looking
wait
check "he saw something" test "$(stat -c %s "$tmp/meanwhile")" -gt 1000000
check "but no long-term key" is "$(found <"$tmp/meanwhile")" ""
rm -f "$tmp/meanwhile"

# What lies on disk.
for path in /var/lib/sifguard /var/lib/sifguard/keystore/images.yaml /var/cache/sifguard /var/cache/sifguard/entries \
    /var/log/sifguard /var/log/sifguard/audit.jsonl; do
    check "a user cannot read $path" fails as_at alice node1 sh -c 'ls "$1" || cat "$1"' sh "$path"
done
at node1 sh -c 'find /var/cache/sifguard /var/log/sifguard /run/sifguard -type f -exec cat {} +; cat /var/log/slurm/*' >"$tmp/disk"
check "no long-term key in cache, audit log and Slurm's logs" is "$(found <"$tmp/disk")" ""
check "no transient key in the cache" fails grep -aq 'PRIVATE KEY' "$tmp/disk"
rm -f "$tmp/disk"
