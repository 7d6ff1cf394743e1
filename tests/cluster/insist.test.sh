# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A sifguard.yaml that cannot be understood: who has said, besides it, that the node enforces images? Sourced by run.
keep_configuration
yaml=/etc/sifguard/sifguard.yaml
forget() { ctl sh -c 'rm -f /var/lib/sifguard/enforcement.*'; }
undo forget
undo ctl rm -rf "$yaml"   # keep_configuration writes it anew
plugstack() { ctl sh -c 'sed -i "s/\(spank_sifguard.so\).*/\1 $1/" /etc/slurm/plugstack.conf.d/sifguard.conf' sh "${1:-}"; }
undo plugstack
log_has() { at node1 sh -c 'tail -n +"$1" /var/log/slurm/slurmd.node1.log | grep -F "$2"' sh "$1" "$2"; }
log_end() { at node1 sh -c 'echo $(($(wc -l </var/log/slurm/slurmd.node1.log) + 1))'; }
doctor() { at node1 sifctl doctor --skip permissions --skip store-key --skip files --skip keys --skip expiry --skip programs || true; }

# What a file can be that no reader understands.
mistakes=('a capital' 'an unknown field' 'a wrong word' 'a list of no partitions' 'a tab' 'two documents' 'UTF-16' \
    'a link that leads nowhere' 'a directory' "somebody else's file" 'a file that others can write')
make() {
    ctl rm -rf "$yaml"
    case $1 in
        'a capital') configure 'Enforce: always' ;;
        'an unknown field') configure 'enforced: always' ;;
        'a wrong word') configure 'enforce: Always' ;;
        'a list of no partitions') configure 'enforce: {partitions: []}' ;;
        'a tab') configure $'\tenforce: always' ;;
        'two documents') configure 'enforce: always' --- 'enforce: always' ;;
        UTF-16) printf 'enforce: always\n' | iconv -t UTF-16 | write_at ctl "$yaml" ;;
        'a link that leads nowhere') ctl ln -s /nonexistent/sifguard.yaml "$yaml" ;;
        'a directory') ctl mkdir "$yaml" ;;
        "somebody else's file") configure 'enforce: always' && ctl chown bob "$yaml" ;;
        'a file that others can write') configure 'enforce: always' && ctl chmod 0666 "$yaml" ;;
        'no file') ;;
        'an empty file') ctl sh -c ': >"$1"' sh "$yaml" ;;
    esac
}

# --- nobody: a mistake stops nobody who names no image, and is told ------------------------------------------------------
for mistake in "${mistakes[@]}"; do
    make "$mistake"
    forget
    from=$(log_end)
    launch alice -w node1 sh -c 'echo $SLURMD_NODENAME'
    ran "$mistake, and nothing was enforced: a plain step runs" out=node1 silent
    check "slurmd's log tells" log_has "$from" 'no images are enforced on this node'
    before node1
    launch alice -w node1 --sif-verify="$plain" true
    refused "a step with an image does not" 78 'sifguard.yaml'
done
make 'a capital'
sleep 2.5   # the file's time is over
launch alice -w node1 true
from=$(log_end)
launch alice -w node1 true
check "a file that was looked at is told at each step, too" log_has "$from" 'no images are enforced here'
check "doctor tells" has "$(doctor)" "problem +configuration +sifguard.yaml:1: unknown field 'Enforce'.*no images are enforced on this host"
check "sifctl node check tells" fails ctl sifctl node check
check "no node is drained" idle

# --- the last good reading -------------------------------------------------------------------------------------------
ctl rm -rf "$yaml"
configure 'enforce: {partitions: [secure]}' 'enforce_hardening: warn'
launch alice -w node1 true
ran "a partition is enforced, another is not"
for mistake in "${mistakes[@]}" 'no file' 'an empty file'; do
    make "$mistake"
    before node1
    launch alice -w node1 true
    refused "$mistake, where images were enforced: a plain step" 78 'enforced images'
done
launch alice -w node1 --sif-verify="$plain" true
ran "one with an image" rc=78
make 'a capital'
box restart --name "$name"
idle >/dev/null || true
launch alice -w node1 true
ran "the same after a restart" rc=78
batch forgotten -w node1 <<<'#!/bin/sh
echo ran'
wait
result forgotten
ran "a batch script" rc=78 out=
check "doctor tells" has "$(doctor)" "problem +configuration +.*every step on this host refuses"
check "what is remembered is root's alone" is "$(ctl stat -c '%U %a' /var/lib/sifguard/enforcement.node1)" 'root 600'
ctl sh -c ': >/var/lib/sifguard/enforcement.node1'
launch alice -w node1 true
ran "a torn memory counts as one that enforces" rc=78
check "doctor tells of it" has "$(doctor)" 'every step on this host refuses'
ctl rm -rf "$yaml"
configure 'enforce: requested'
launch alice -w node1 true
ran "'enforce: requested' ends it"
make 'a capital'
launch alice -w node1 true
ran "for good"
configure 'enforce: always' 'enforce_hardening: warn'
launch alice -w node1 true
ran "enforced again" rc=77
configure '# enforce: always'
launch alice -w node1 true
ran "the file of before, as it was installed, ends it too"

# --- plugstack.conf --------------------------------------------------------------------------------------------------
forget
plugstack enforce
for mistake in "${mistakes[@]}"; do
    make "$mistake"
    before node1
    launch alice -w node1 true
    refused "$mistake, and plugstack.conf says enforce: a plain step" 78 'plugstack.conf says that this node enforces'
done
make 'no file'
refuse "no file: everything is enforced" 77 'this node runs verified images only' alice true
configure 'version: 1' 'enforce_hardening: warn'
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "an image runs" out=good
configure 'enforce: requested'
refuse "a contradiction" 78 "plugstack.conf says 'enforce'" alice true
check "doctor tells" has "$(doctor)" "problem +enforcement +sifguard.yaml says 'enforce: requested', plugstack.conf says 'enforce'"
forget
configure 'version: 1'
for word in Enforce enforced enfroce enforce=yes; do
    plugstack "$word"
    before node1
    launch alice -w node1 true
    refused "plugstack.conf says $word: a plain step" 78 'argument that it does not know' no-audit
done
check "doctor tells" has "$(doctor)" "problem +plugstack +the plugin does not know the argument 'enforce=yes'"
plugstack verbose
launch alice -w node1 true
ran "plugstack.conf says something else: a plain step runs"
plugstack
launch alice -w node1 true
ran "and as it was" silent
check "no node is drained" idle
