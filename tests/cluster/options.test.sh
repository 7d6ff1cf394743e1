# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # encrypted, made: set by prepare.sh
# Option values that are no values, typed or forged past the checks on the user's side. Sourced by run.
long=$(printf 'x%.0s' {1..5000})

typed() {   # typed WHAT REGEX SRUN-ARGUMENT…: refused by the user's own srun, before there is a job
    local what=$1 regex=$2
    shift 2
    capture as alice srun "$@" </dev/null
    err=$(cat "$tmp/err.all")
    ran "$what" rc=failed out= "err~$regex"
}
typed "an empty image" 'sifguard: --sif-verify' --sif-verify= true
typed "a newline" 'sifguard: --sif-verify' --sif-verify=$'/a\n/b' echo ran
typed "5,000 bytes" 'sifguard: --sif-verify' --sif-verify="/$long" echo ran
typed "a bind without an image" 'sifguard: --sif-bind needs' --sif-bind=/data echo ran

# Past them: the variables in which Slurm carries options to the node.
forge() {   # forge WHAT CODE REGEX NAME=VALUE…
    local what=$1 code=$2 regex=$3
    shift 3
    before node1
    capture as alice env "$@" timeout 60 srun -w node1 true
    refused "$what" "$code" "$regex" no-audit
}
for prefix in _SLURM_SPANK_OPTION_sifguard_ SLURM_SPANK__SLURM_SPANK_OPTION_sifguard_; do
    forge "forged ${prefix%%_SLURM_SPANK_OPTION*}…: a newline" 64 'control character' "${prefix}sif_verify"=$'/a\n/b'
    forge "forged ${prefix%%_SLURM_SPANK_OPTION*}…: 5,000 bytes" 64 '4096' "${prefix}sif_verify=/$long"
    forge "forged ${prefix%%_SLURM_SPANK_OPTION*}…: empty" 64 'missing' "${prefix}sif_verify="
    forge "forged ${prefix%%_SLURM_SPANK_OPTION*}…: a bind without an image" 64 'needs' "${prefix}sif_bind=/etc:/mnt"
done
