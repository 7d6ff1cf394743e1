# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Batch scripts inside an image: what #SBATCH lines may say, what inner steps get. Sourced by run.
hash="$made/tools/with#hash.sif"
ctl cp "$plain" "$hash"
undo ctl rm -f "$hash"
# Slurm's own programs and what they need, shown inside: then a script in an image can start steps.
slurm="/usr,/usr/lib64:/lib64,/usr/lib:/lib,/etc/slurm,/run/munge,/etc/passwd,/etc/group"

batch values <<<"#!/bin/sh
#SBATCH -N1 --sif-verify=\"$hash\" --sif-workdir=/data   # a comment
#SBATCH --sif-env=\"LABEL=a#b c\"
#SBATCH --sif-bind='/home/alice/batch:/mnt:ro'
echo \"\$LABEL\"; pwd; ls /mnt/values/script; touch /mnt/new"
batch script --sif-verify="$encrypted" <<<'#!/bin/sh
echo "$0" | grep -c "/slurm_script$"; echo >>"$0"; echo "wrote: $?"'
batch arguments -n1 --sif-verify="$encrypted" --export=ALL,GREETING=hi <<<'#!/bin/sh
echo "$GREETING $SLURM_JOB_NAME $SLURM_NTASKS"; cat; exit 9'
batch inner -N1 -n2 --sif-verify="$encrypted" --sif-bind="$slurm" <<<"#!/bin/sh
cat /marker
srun -n1 sh -c 'test ! -e /marker && echo host'
srun -n2 --sif-verify=$plain sh -c 'echo \$(cat /marker) \$APPTAINER_CONTAINER'
scontrol show job \$SLURM_JOB_ID | grep -c JobId"
variables=(env SLURM_SIF_VERIFY="$encrypted" SLURM_SIF_WORKDIR=/data)
as alice sh -c 'mkdir -p batch/order; printf "%s\n" "#!/bin/sh" "#SBATCH --sif-workdir=/none" "pwd" >batch/order/script'
capture as alice "${variables[@]}" timeout 100 sbatch --wait -Q -o batch/order/env -e /dev/null batch/order/script
ran "sbatch: a variable wins over #SBATCH"
capture as alice "${variables[@]}" timeout 100 sbatch --wait -Q -o batch/order/line -e /dev/null --sif-workdir=/mnt batch/order/script
ran "and the command line over both"
check "as they ran" is "$(as alice cat batch/order/env batch/order/line | xargs)" "/data /mnt"
batch spaces <<<"#!/bin/sh
#SBATCH --sif-verify=$made/tools/none.sif
echo ran"
batch shellless <<<"#!/none/bash
#SBATCH --sif-verify=$plain
echo ran"
batch many --array=1-4%2 -o out.%a --sif-verify="$plain" <<<'#!/bin/sh
echo "$SLURM_ARRAY_TASK_ID $(cat /marker)"; exit $((SLURM_ARRAY_TASK_ID == 3))'
wait

result values
ran "#SBATCH: '#', blanks and comments in values" rc=1 out='a#b c
/data
/mnt/values/script' err~'Read-only'
result script
ran "the script is bound read-only" out='1
wrote: 1'
result arguments
ran "environment, empty stdin and exit status" rc=9 out='hi script 1'
result inner
ran "steps from inside the image: on the host, or in an image of their own" out='good
host
good /run/sifguard/job/image/plain.sif
good /run/sifguard/job/image/plain.sif
1'
result spaces
ran "an image that is not there" rc=66 out= err~'none.sif'
result shellless
ran "a script whose interpreter the image lacks" rc=126 out= err~'^sifguard: /.*/slurm_script needs /none/bash, which is not in the image$'
check "is told in one line" is "$(grep -c . <<<"$err")" 1
result many
ran "an array of which one fails" rc=1 out='1 good
2 good
3 good
4 good'
capture as alice sbatch --sif-verify="$encrypted" --sif-action=shell --wrap true
ran "sbatch refuses a malformed option at once" rc=failed out=
check "no node is drained by any of this" idle
