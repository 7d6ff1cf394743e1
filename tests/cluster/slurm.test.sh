# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The ways into Slurm other than srun alone. Sourced by run.

batch() {   # batch SBATCH-ARGUMENT…: stdin is the script; waits, and captures its output with rc
    as alice sh -c 'cat >script; rm -f out.*' </dev/stdin
    capture as alice timeout 100 sbatch --wait -o 'out.%a' "$@" script
    out=$(as alice sh -c 'cat out.*')
}

batch <<<"#!/bin/sh
#SBATCH -N1 --sif-verify=$encrypted
cat /marker
echo \"\$0\" | grep -c slurm_script"
ran "sbatch: the script runs in the image that #SBATCH names" out='good
1'
batch --sif-verify="$encrypted" <<<'#!/bin/sh
cat /marker; exit 5'
ran "sbatch --sif-verify, and the script's exit status" rc=5 out=good
batch -N2 <<<"#!/bin/bash
test ! -e /marker && echo host
srun --sif-verify=$encrypted cat /marker
srun -N1 -n1 --sif-verify=$plain cat /marker
srun -N1 -n1 sh -c 'test ! -e /marker && echo host'"
ran "a script on the host with steps in images of their own" out='host
good
good
good
host'
batch --array=1-3 --sif-verify="$encrypted" <<<'#!/bin/sh
echo $SLURM_ARRAY_TASK_ID $(cat /marker)'
ran "an array job" out='1 good
2 good
3 good'
batch --sif-verify="$made/free/lolcow.sif" <<<'#!/bin/sh
echo ran'
check "sbatch: a refused script does not run, and says why in its output" has "$rc $out" '^77 sifguard: [^ran]*'
check "no node is drained by it" idle
as alice sh -c 'rm -f script; cat >script' <<<'#!/bin/sh
cat /marker'
capture as alice timeout 60 sbatch --wait -o out.env --export=NONE --sif-verify="$encrypted" script
out=$(as alice cat out.env)
ran "sbatch --export=NONE" out=good

capture as alice timeout 60 salloc -N2 srun --sif-verify="$encrypted" cat /marker
ran "salloc, then srun --sif-verify" out='good
good'
capture as alice timeout 60 salloc -N1 --sif-verify="$encrypted" srun cat /marker
ran "salloc --sif-verify is inherited by its steps" out=good
capture as alice timeout 60 salloc -N1 sh -c "srun --sif-verify=$encrypted cat /marker; srun sh -c 'test ! -e /marker && echo host'"
ran "a step's option is the step's alone" out='good
host'

as alice sh -c 'cat >programs' <<<'0 sh -c "echo zero $(cat /marker)"
1-2 sh -c "echo other %t"'
launch alice -n3 --sif-verify="$encrypted" --multi-prog programs
check "--multi-prog" is "$(sort <<<"$out")" 'other 1
other 2
zero good'

launch alice --pty --sif-verify="$encrypted" sh -c 'test -t 0 && echo terminal'
ran "srun --pty" out~'terminal'
launch alice -n2 --label --sif-verify="$encrypted" cat /marker
check "srun --label" is "$(sort <<<"$out")" '0: good
1: good'
launch alice -p secure --sif-verify="$encrypted" cat /marker
ran "another partition" out=good

het() { as alice timeout 60 srun -w node1 -n1 --sif-verify="$encrypted" cat /marker : -w node2 -n1 sh -c 'test ! -e /marker && echo host' 2>&1 | sort; }
check "a heterogeneous job: each component its own option" is "$(het)" 'good
host'
