# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# slurm_examples/*.sbatch, each as it is. Sourced by run.
ctl sh -c 'mkdir -p /apps/secure /apps/tools; ln -sfn "$1/secure/lolcow.sif" /apps/secure/lolcow.sif; ln -sfn "$1/tools/plain.sif" /apps/tools/plain.sif' sh "$made"
undo ctl rm -f /apps/secure/lolcow.sif /apps/tools/plain.sif
keep_configuration
configure 'version: 1' 'enforce: {partitions: [secure]}'
as alice sh -c 'rm -rf examples; mkdir examples'
undo as alice rm -rf examples
names=$(cd "$tree/slurm_examples" && ls ./*.sbatch)
for each in $names; do
    as alice timeout 150 sbatch --wait -Q --chdir=/home/alice/examples "/src/slurm_examples/$each" </dev/null >/dev/null 2>&1 &
done
wait
output() { as alice sh -c 'cat "examples/$1" | grep -v ^INFO' sh "$1"; }
check "every example is looked at here" is "$(xargs <<<"$names")" "./array.sbatch ./batch.sbatch ./enforced.sbatch ./hello.sbatch ./images.sbatch ./mpi.sbatch"
check "hello.sbatch" is "$(output hello.out | sed 's/on node[12]/on a node/' | sort)" 'task 0, in PRETTY_NAME="image good"
task 1, in PRETTY_NAME="image good"
the script, on a node'
check "batch.sbatch" is "$(output batch.out)" 'PRETTY_NAME="image good"
hello from run #1, in /tmp'
check "array.sbatch" is "$(as alice sh -c 'cat examples/array.*.out' | grep -c 'element [0-9]* of 10')" 10
check "mpi.sbatch" is "$(output mpi.out | sort)" 'rank 0 of 4
rank 1 of 4
rank 2 of 4
rank 3 of 4'
check "enforced.sbatch" is "$(output enforced.out)" 'PRETTY_NAME="image good"'
check "images.sbatch" is "$(output images.out)" 'prepared
prepared'

# What the MPI example rests on: the library's first words to Slurm, and the answer, from inside the container.
launch alice --mpi=pmi2 -n2 --sif-verify="$encrypted" sh -c 'eval "echo cmd=init pmi_version=2 pmi_subversion=0 >&$PMI_FD; read -r answer <&$PMI_FD"; echo "$answer"'
check "PMI-2 from inside the container" is "$(grep -c 'cmd=response_to_init.*rc=0' <<<"$out")" 2
configure 'version: 1' 'enforce: always'
launch alice --mpi=pmi2 -n2 --sif-verify="$encrypted" sh -c 'eval "echo cmd=init pmi_version=2 pmi_subversion=0 >&$PMI_FD; read -r answer <&$PMI_FD"; echo "$answer"'
check "and where images are enforced" is "$(grep -c 'cmd=response_to_init.*rc=0' <<<"$out")" 2
