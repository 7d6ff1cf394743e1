# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# On a node that enforces images, a contained process takes over what runs outside for the same user. The runtime is
# a stand-in for a setuid one: without a user namespace the kernel asks for the uid alone. Sourced by tests/cluster/run.
keep_configuration
directory=/usr/libexec/stand-in root=/apps/test/stand-in
libexec=$(ctl sh -c 'dirname "$(ls /usr/libexec/sifguard/sifguard-helper /usr/lib/*/sifguard/sifguard-helper 2>/dev/null | head -n 1)"')
ctl bash -euo pipefail -c '
    mkdir -p "$1" "$2"/{bin,proc}
    g++ -std=c++20 -O1 -static -o "$1/apptainer" /src/tests/attack/lib/stand_in_runtime.cc
    cp "$1/apptainer" "$1/starter-suid"
    chmod 4711 "$1/starter-suid"
    g++ -std=c++20 -O1 -static -o "$2/bin/reach" /src/tests/attack/lib/reach.cc
    cp /bin/busybox "$2/bin/sh"' build "$directory" "$root"
undo ctl rm -rf "$directory" "$root"
settings=('version: 1' 'enforce: {partitions: [secure]}' "runtime: $directory/apptainer")
readable() { ctl chmod 0755 "$directory/apptainer" "$libexec/sifguard-launch"; }
execute_only() { ctl chmod 0711 "$directory/apptainer" "$libexec/sifguard-launch"; }
undo execute_only
outside=(apptainer sifguard-launch sifguard-opener slurmstepd)

# reach: a contained process waits for the steps of the same user; sets reached, a line for each of $outside. A long
# environment makes the launcher's life longer.
reach() {
    as alice sh -c 'rm -f reached'
    as alice timeout 100 srun -Q -w node1 -p secure -n1 --sif-verify="$plain" -o reached \
        /bin/reach 20 "${outside[@]}" </dev/null &
    local pid=$! i
    for ((i = 0; i < 150; i++)); do
        [[ $(as alice cat reached 2>/dev/null </dev/null) != ready* ]] || break
        sleep 0.1
    done
    victims=
    for ((i = 0; i < 2; i++)); do
        capture as alice bash -c 'for i in $(seq 2000); do export "FILLER_$i=$i"; done
            exec timeout 60 srun -Q -w node1 -p secure -n1 --sif-verify="$1" /bin/sh -c "echo ran"' bash "$plain" </dev/null
        victims+=$out
    done
    wait "$pid" || true
    reached=$(as alice cat reached </dev/null)
}
line_of() { grep "^$1: " <<<"$reached"; }

readable
configure "${settings[@]}" 'enforce_hardening: warn'
reach
check "an attacked step runs" is "$victims" ranran
check "a readable runtime is taken over from a container" has "$(line_of apptainer)" 'attach.*environ.*exe fd.*maps mem root.*vm'
check "slurmstepd's task is not, once it is the user's" fails grep -E '^slurmstepd: .*(attach|mem|environ|root|fd|vm)' <<<"$reached"
check "nor the opener" fails grep -E '^sifguard-opener: .*(attach|mem|environ|root|fd|vm)' <<<"$reached"
refused_step() { launch alice -w node1 -p secure --sif-verify="$plain" /bin/sh -c 'echo ran'; }
configure "${settings[@]}"
before node1
refused_step
refused "such a node launches nothing" 78 "users can trace what starts them: .*$directory/apptainer.* chmod 0711"
ctl chmod 0711 "$libexec/sifguard-launch"
before node1
refused_step
refused "also when the runtime alone is readable" 78 "users can trace what starts them: $directory/apptainer; chmod 0711"

execute_only
reach
check "where they are execute-only, the steps run" is "$victims" ranran
check "and the runtime is seen, and not reached" is "$(line_of apptainer)" 'apptainer: nothing'
for program in sifguard-launch sifguard-opener slurmstepd; do
    if [[ $(line_of "$program") == *'not seen' ]]; then
        skip "$program is not reached" "it was always quicker here"
    else
        check "$program is seen, and not reached" is "$(line_of "$program")" "$program: nothing"
    fi
done
# Whatever the machine's speed: the launcher is stopped at its first instruction, and at its end.
check "the launcher forbids itself first of all" has \
    "$(at node1 sh -c 'strace -e trace=prctl,openat,readlink "$1" x 2>&1 | grep -m1 -oE "^(prctl\(PR_SET_DUMPABLE, [A-Z_0-9]*|openat)"' sh "$libexec/sifguard-launch")" \
    'PR_SET_DUMPABLE, (0|SUID_DUMP_DISABLE)'
check "the installed launcher, opener and puller are execute-only" is \
    "$(ctl stat -c %a "$libexec"/sifguard-{launch,opener,puller} | xargs)" '711 711 711'
check "no node is drained" idle

# What doctor says of all that.
doctor() { at node1 sifctl doctor --skip permissions --skip store-key --skip files --skip keys --skip expiry --skip programs || true; }
check "doctor: a partition that shares its nodes" has "$(doctor)" 'problem +enforcement +node node1, and 1 more, is in partition secure, which enforces images, and in main, which does not'
ctl chmod 0755 "$directory/apptainer"
check "doctor: a runtime that users can trace" has "$(doctor)" "problem +enforcement +this node enforces images, but users can trace what starts them: $directory/apptainer"
