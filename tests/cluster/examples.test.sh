# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# slurm_examples/*.sbatch, each as it is. Sourced by run.
ctl sh -c 'mkdir -p /apps/secure /apps/tools; ln -sfn "$1/secure/lolcow.sif" /apps/secure/lolcow.sif; ln -sfn "$1/tools/plain.sif" /apps/tools/plain.sif' sh "$made"
undo ctl rm -f /apps/secure/lolcow.sif /apps/tools/plain.sif
keep_configuration
configure 'version: 1' 'enforce: {partitions: [secure]}' 'enforce_hardening: warn'
# An execute-only runtime finds no libraries of a GPU (packaging/doc/admin.md).
ctl chmod 0755 /usr/bin/apptainer
undo ctl chmod 0711 /usr/bin/apptainer
ctl sh -c 'printf "plain_registries: [\"ctl:5000\"]\n" >>/etc/sifguard/sifguard.yaml'
start_registry 5000
capture as carol apptainer --quiet push --no-https "$encrypted" oras://ctl:5000/site/lolcow:1.0
ran "an image is pushed"
ctl sifctl image bind examples --match 'oras://ctl:5000/site/*' --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio >/dev/null
undo ctl sifctl image unbind examples
# There is no GPU here, but the program that the runtime would bring along for one.
ctl sh -c 'printf "%s\n" "#!/bin/sh" "echo GPU 0: none, really" >/usr/local/bin/nvidia-smi; chmod 0755 /usr/local/bin/nvidia-smi'
undo ctl rm -f /usr/local/bin/nvidia-smi
for mpi in openmpi mpich; do
    check "an image with $mpi" as carol /src/tests/cluster/lib/make-mpi-image.sh $mpi "$made/keys/lolcow.pem" "/tmp/$mpi.sif"
    as carol cat "/tmp/$mpi.sif" | box exec --name "$name" -- sh -c 'cat >"/apps/secure/$1.sif"' sh "$mpi"
    undo ctl rm -f "/apps/secure/$mpi.sif"
done
ctl sifctl image bind mpi --match /apps/secure/openmpi.sif --match /apps/secure/mpich.sif --signer "$(fingerprint_of carol)" --key lolcow --allow-group bio >/dev/null
undo ctl sifctl image unbind mpi

as alice sh -c 'rm -rf examples; mkdir examples'
undo as alice rm -rf examples
names=$(cd "$tree/slurm_examples" && ls ./*.sbatch)
example() {   # example SCRIPT SBATCH-ARGUMENT…
    local script=$1
    shift
    as alice env IMAGE="${image:-}" timeout 150 sbatch --wait -Q --chdir=/home/alice/examples "$@" "/src/slurm_examples/$script" </dev/null >/dev/null 2>&1 &
}
for each in $names; do
    image=
    [[ $each != ./registry.sbatch ]] || image=oras://ctl:5000/site/lolcow:1.0
    example "$each"
done
wait
output() { as alice sh -c 'cat "examples/$1" | grep -v ^INFO' sh "$1"; }
ring='rank 0 of 4 on node1: sum 6, whole
rank 1 of 4 on node1: sum 6, whole
rank 2 of 4 on node2: sum 6, whole
rank 3 of 4 on node2: sum 6, whole
the number went through 4 hands'
check "every example is looked at here" is "$(xargs <<<"$names")" "./array.sbatch ./batch.sbatch ./enforced.sbatch ./gpu.sbatch ./hello.sbatch ./images.sbatch ./mpi.sbatch ./registry.sbatch"
check "hello.sbatch" is "$(output hello.out | sed 's/on node[12]/on a node/' | sort)" 'task 0, in PRETTY_NAME="image good"
task 1, in PRETTY_NAME="image good"
the script, on a node'
check "batch.sbatch" is "$(output batch.out)" 'PRETTY_NAME="image good"
hello from run #1, in /tmp'
check "array.sbatch" is "$(as alice sh -c 'cat examples/array.*.out' | grep -c 'element [0-9]* of 10')" 10
check "mpi.sbatch: Open MPI by PMIx, across two nodes" is "$(output mpi.out | sort)" "$ring"
check "enforced.sbatch" is "$(output enforced.out)" 'PRETTY_NAME="image good"'
check "images.sbatch" is "$(output images.out)" 'prepared
prepared'
check "registry.sbatch" is "$(output registry.out)" 'from the registry: PRETTY_NAME="image good"
from the registry: PRETTY_NAME="image good"'
check "gpu.sbatch" is "$(output gpu.out)" 'granted: 0
GPU 0: none, really'

# Its UCX reaches for memory of a task in another user namespace, by /proc, and says so before it takes /dev/shm.
launch alice --mpi=pmi2 -N2 --ntasks-per-node=2 --sif-env=UCX_POSIX_USE_PROC_LINK=n --sif-verify=/apps/secure/mpich.sif /opt/ring
check "MPICH by PMI-2, across two nodes" is "$(sort <<<"$out")" "$ring"
check "which has nothing to complain about" lacks "$err" UCX
launch alice --mpi=pmix -w node1 --sif-verify=/apps/secure/openmpi.sif sh -c 'ls -d "$PMIX_SERVER_TMPDIR"; ls -d /tmp/spmix_appdir_*'
ran "the directories of PMIx are in the container" out~'^/var/spool/slurmd/pmix\.[0-9]+\.0/
/tmp/spmix_appdir_'

# What the MPI example rests on: the library's first words to Slurm, and the answer, from inside the container.
launch alice --mpi=pmi2 -n2 --sif-verify="$encrypted" sh -c 'eval "echo cmd=init pmi_version=2 pmi_subversion=0 >&$PMI_FD; read -r answer <&$PMI_FD"; echo "$answer"'
check "PMI-2 from inside the container" is "$(grep -c 'cmd=response_to_init.*rc=0' <<<"$out")" 2
ctl chmod 0711 /usr/bin/apptainer
configure 'version: 1' 'enforce: always'
launch alice --mpi=pmi2 -n2 --sif-verify="$encrypted" sh -c 'eval "echo cmd=init pmi_version=2 pmi_subversion=0 >&$PMI_FD; read -r answer <&$PMI_FD"; echo "$answer"'
check "and where images are enforced" is "$(grep -c 'cmd=response_to_init.*rc=0' <<<"$out")" 2
