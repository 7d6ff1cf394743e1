# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The ways into Slurm other than srun alone. Sourced by run.

batch directive <<<"#!/bin/sh
#SBATCH -N1 --sif-verify=$encrypted
cat /marker
echo \"\$0\" | grep -c slurm_script"
batch status --sif-verify="$encrypted" <<<'#!/bin/sh
cat /marker; exit 5'
batch steps -N2 <<<"#!/bin/bash
test ! -e /marker && echo host
srun --sif-verify=$encrypted cat /marker
srun -N1 -n1 --sif-verify=$plain cat /marker
srun -N1 -n1 sh -c 'test ! -e /marker && echo host'"
batch array --array=1-3 --sif-verify="$encrypted" <<<'#!/bin/sh
echo $SLURM_ARRAY_TASK_ID $(cat /marker)'
batch refused --sif-verify="$made/free/lolcow.sif" <<<'#!/bin/sh
echo ran'
batch export --export=NONE --sif-verify="$encrypted" <<<'#!/bin/sh
cat /marker'
wait

result directive
ran "sbatch: the script runs in the image that #SBATCH names" out='good
1'
result status
ran "sbatch --sif-verify, and the script's exit status" rc=5 out=good
result steps
ran "a script on the host with steps in images of their own" out='host
good
good
good
host'
result array
ran "an array job" out='1 good
2 good
3 good'
result refused
ran "sbatch: a refused script does not run, and says why" rc=77 out= err~'^sifguard: [^ ]'
check "no node is drained by it" idle
result export
ran "sbatch --export=NONE" out=good

capture as alice timeout 60 salloc -N2 srun --sif-verify="$encrypted" cat /marker
ran "salloc, then srun --sif-verify" out='good
good'
capture as alice timeout 60 salloc -N1 --sif-verify="$encrypted" srun cat /marker
ran "salloc --sif-verify is inherited by its steps" out=good
capture as alice timeout 60 salloc -N1 sh -c "srun --sif-verify=$encrypted cat /marker; srun sh -c 'test ! -e /marker && echo host'"
ran "a step's option is the step's alone" out='good
host'

as alice sh -c 'cat >programs' <<<'0 cat /marker
1-2 echo other %t'
launch alice -n3 --sif-verify="$encrypted" --multi-prog programs
check "--multi-prog" is "$(sort <<<"$out")" 'good
other 1
other 2'

capture as alice script -qec "srun --pty --sif-verify=$encrypted sh -c 'test -t 0 && echo terminal'" /dev/null
ran "srun --pty" out~'terminal'
launch alice -n2 --label --sif-verify="$encrypted" cat /marker
check "srun --label" is "$(sort <<<"$out")" '0: good
1: good'
launch alice -p secure --sif-verify="$encrypted" cat /marker
ran "another partition" out=good

# Slurm keeps a plugin's options for the whole command: components that want different things are refused.
launch alice -w node1 -n1 --sif-verify="$encrypted" echo ran : -w node2 -n1 echo ran
err=$(cat "$tmp/err.all")
ran "a heterogeneous job with an image for one component" rc=failed out= 'err~--sif-verify: Slurm keeps one value'
het() { as alice timeout 60 srun -w node1 -n1 --sif-verify="$encrypted" cat /marker : -w node2 -n1 --sif-verify="$encrypted" cat /marker </dev/null 2>/dev/null; }
check "a heterogeneous job" is "$(het)" 'good
good'
