# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Nodes that run verified images only: in one partition, then in all. Sourced by run.
keep_configuration
configure 'version: 1' 'enforce: {partitions: [secure]}'
verify=(-p secure --sif-verify="$encrypted")
enforced='partition secure runs verified images only; add --sif-verify'

refuse "a step without an image" 77 "$enforced" alice -p secure true
refuse "six tasks of one" 77 "$enforced" alice -p secure -n6 --overcommit echo ran
refuse "an interactive one" 77 "$enforced" alice -p secure --interactive true
refuse "one with a forged partition" 77 "$enforced" alice -p secure --export=ALL,SLURM_JOB_PARTITION=main,SPANK_SLURM_JOB_PARTITION=main true
launch alice -p main sh -c 'test ! -e /marker && echo host'
ran "another partition is left alone" out=host silent
launch alice -p main --sif-verify="$encrypted" cat /marker
ran "and takes images as before" out=good
batch refused -p secure <<<'#!/bin/sh
echo ran'
batch verified "${verify[@]}" <<<'#!/bin/sh
echo "$(cat /marker) $0" | grep -c "^good /.*/slurm_script$"; exit 5'
batch inner "${verify[@]}" --sif-bind="/usr,/usr/lib64:/lib64,/usr/lib:/lib,/etc/slurm,/run/munge,/etc/passwd,/etc/group" <<<"#!/bin/sh
srun echo ran; echo \"host: \$?\"
srun --sif-verify=$plain cat /marker"
wait
result refused
ran "a batch script without an image" rc=77 out= err~"$enforced"
result verified
ran "a batch script with one" rc=5 out=1
result inner
ran "its steps: without, and with an image of their own" out='host: 77
good'
check "no node is drained" idle

# --- a task that is started at once is like any other -------------------------------------------------------------------
launch alice "${verify[@]}" -n4 --overcommit sh -c 'echo "$(cat /marker) $(pwd) $SLURM_PROCID"'
check "tasks, directory, rank" is "$(sort <<<"$out")" 'good /home/alice 0
good /home/alice 1
good /home/alice 2
good /home/alice 3'
launch alice "${verify[@]}" printf '[%s]' 'a b' '' '*' '$HOME' --help $'two\nlines'
ran "arguments" out='[a b][][*][$HOME][--help][two
lines]'
launch alice "${verify[@]}" sh -c 'exit 42'
ran "an exit status" rc=42
launch alice "${verify[@]}" sh -c 'kill -TERM $$'
ran "a signal" rc=143
check "stdin" is "$(seq 2000 | as alice srun "${verify[@]}" cat 2>/dev/null | sha256sum)" "$(seq 2000 | sha256sum)"
launch alice "${verify[@]}" --export=ALL,A=1 --sif-env=LABEL=x sh -c 'echo "$A $LABEL $(env | grep -c SLURM_RLIMIT_)"'
ran "environment" out='1 x 0'
capture as alice bash -c "ulimit -S -n 99; ulimit -S -c 0; srun ${verify[*]} sh -c 'ulimit -n; ulimit -c'"
ran "propagated limits" out='99
0'
capture as alice script -qc "srun ${verify[*]} --pty sh -c 'test -t 0 && exit 7'; echo status \$?" /dev/null
ran "--pty" out~'status 7'
as alice cp /bin/busybox echo
launch alice "${verify[@]}" -w node1 --bcast=/tmp/echo ./echo hello
ran "--bcast of a program" out=hello
as alice rm -f echo
as_at alice node1 rm -f /tmp/echo
as alice sh -c 'echo "0 cat /marker" >programs'
before node1
launch alice -w node1 "${verify[@]}" -n1 --multi-prog /home/alice/programs
refused "--multi-prog is refused, with a reason" 64 'multi-prog (needs Slurm 23.11 or newer, and )?cannot be used where images are enforced' no-audit
capture as alice timeout 60 salloc -Q -p secure -N1 sh -c "srun echo ran; srun --sif-verify=$encrypted cat /marker"
ran "in an salloc" out=good err~"$enforced"

# --- everywhere ---------------------------------------------------------------------------------------------------------
configure 'version: 1' 'enforce: always'
refuse "always: another partition too" 77 'this node runs verified images only' alice -p main true
launch alice --sif-verify="$encrypted" cat /marker
ran "always: an image" out=good
configure 'enforce: [always'
refuse "a broken configuration, where images were enforced" 78 'sifguard.yaml' alice true
configure 'version: 1' 'enforce: requested'
launch alice echo host
ran "requested: a step without an image" out=host
configure 'version: 1' '# enforce: always'
launch alice echo host
ran "a comment" out=host
