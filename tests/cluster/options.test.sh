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
typed "an empty image" 'sifguard: --sif-verify' --sif-verify= echo ran
typed "a newline" 'sifguard: --sif-verify' --sif-verify=$'/a\n/b' echo ran
typed "5,000 bytes" 'sifguard: --sif-verify' --sif-verify="/$long" echo ran
typed "a bind without an image" 'sifguard: --sif-bind needs' --sif-bind=/data echo ran
typed "a GPU without an image" 'sifguard: --sif-nv needs' --sif-nv echo ran
typed "half a fingerprint" 'sifguard: --sif-signer: give the whole' --sif-verify=/x --sif-signer=0123456789ABCDEF echo ran
typed "another action" 'sifguard: --sif-action: write exec or run' --sif-verify=/x --sif-action=shell echo ran
typed "a relative working directory" 'sifguard: --sif-workdir' --sif-verify=/x --sif-workdir=work echo ran
typed "a variable without a name" 'sifguard: --sif-env' --sif-verify=/x --sif-env==x echo ran
typed "an option that there is not" 'sif-frobnicate' --sif-frobnicate echo ran
help=$(as alice srun --help)
check "srun --help shows all eleven options, and whose they are" is "$(grep -c -e ' --sif-' <<<"$help") $(grep -cF '[sifguard]' <<<"$help")" "11 11"

# Defaults of no form stop who asks for an image, and nobody else.
for default in SLURM_SIF_NV=maybe SLURM_SIF_ACTION=shell SLURM_SIF_WORKDIR=work SLURM_SIF_ENV=1x SLURM_SIF_BIND=/a:b \
    SLURM_SIF_SIGNER=0123 SLURM_SIF_VERBOSE=2; do
    capture as alice env "$default" srun echo ran </dev/null
    ran "$default: a step without an image runs" out=ran
    check "in silence" is "$(cat "$tmp/err.all")" ""
    capture as alice env "$default" srun --sif-verify=/x echo ran </dev/null
    err=$(cat "$tmp/err.all")
    ran "$default: one with an image is refused" rc=failed out= err~"sifguard: ${default%%=*}: "
done
capture as alice env SLURM_SIF_ACTION=shell SLURM_SIF_NV=maybe sh -c 'salloc -Q -N1 true && sbatch -Q --wait -o /dev/null --wrap true' </dev/null
ran "salloc and sbatch as well"

# Past them: the variables in which Slurm carries options to the node.
forge() {   # forge WHAT CODE REGEX NAME=VALUE…
    local what=$1 code=$2 regex=$3
    shift 3
    before node1
    capture as alice env "$@" timeout 60 srun -w node1 true
    refused "$what" "$code" "$regex" no-audit
}
variable=_SLURM_SPANK_OPTION_sifguard_sif
forge "forged: a newline" 64 'control character' "${variable}_verify"=$'/a\n/b'
forge "forged: 5,000 bytes" 64 '4096' "${variable}_verify=/$long"
forge "forged: empty" 64 'missing' "${variable}_verify="
forge "forged: an action" 64 'exec or run' "${variable}_verify=$encrypted" "${variable}_action=shell"
forge "forged: a variable of the runtime" 64 'name is letters' "${variable}_verify=$encrypted" "${variable}_env=../X=1"
forge "forged: a working directory" 64 'absolute' "${variable}_verify=$encrypted" "${variable}_workdir=--writable"
capture as alice env "${variable}_bind=/etc:/mnt" timeout 60 srun -w node1 echo ran
ran "forged: a bind without an image asks for nothing" out=ran silent
forge "forged: a bind to nowhere" 64 'absolute' "${variable}_verify=$encrypted" "${variable}_bind=/etc:mnt"
forge "forged: a bind over /proc" 64 'cannot be in /proc' "${variable}_verify=$encrypted" "${variable}_bind=/etc:/proc"
refused_image() {   # what is forged is an option like any other, no more
    before node1
    capture as alice env "${variable}_verify=$made/free/lolcow.sif" timeout 60 srun -w node1 true
    refused "forged: an image that nothing binds" 77 .
}
refused_image
# The same of a batch script: its environment is what a REST client gives slurmrestd, which loads no plugin. sbatch makes it
# without one, too, where its own plugstack.conf is empty.
ctl sh -c 'mkdir -p /tmp/restlike && cp /etc/slurm/*.conf /tmp/restlike/ && echo >/tmp/restlike/plugstack.conf && chmod -R a+rX /tmp/restlike'
undo ctl rm -rf /tmp/restlike
rest() {   # rest NAME=VALUE…: submits a script that says where it ran; its output is in $out, its status in $rc
    as alice sh -c 'rm -f rest.out; printf "#!/bin/sh\ncat /marker 2>/dev/null || echo host\n" >rest'
    capture as alice env SLURM_CONF=/tmp/restlike/slurm.conf "$@" timeout 100 sbatch -Q --wait -w node1 -o rest.out rest </dev/null
    out=$(as alice cat rest.out 2>/dev/null)
}
rest "${variable}_verify=$encrypted"
ran "REST: a script in the image that its environment names" out=good
rest true=1
ran "REST: a job that names none is not touched" out=host
for each in "verify=/$long" $'verify=/a\n/b' "action=shell" "workdir=--writable" "env=../X=1" "bind=/etc:mnt" "signer=0123"; do
    rest "${variable}_verify=$encrypted" "${variable}_$each"
    check "REST: ${each:0:20} is refused as if it had been typed" is "$rc $(grep -c '^sifguard: --sif-' <<<"$out") $(grep -c '^host\|^good' <<<"$out")" "64 1 0"
done
rest "${variable}_verify=$made/free/lolcow.sif"
check "REST: an image that nothing binds" is "$rc $(grep -c '^host\|^good' <<<"$out")" "77 0"
# slurmrestd itself, which answers one request on its input.
api=$(as alice /usr/sbin/slurmrestd -d list </dev/null 2>&1 | grep -o 'v[0-9.]*$' | sort -V | tail -n 1) || true
restd() {   # restd NAME=VALUE…: as rest
    local environment='"PATH=/bin:/usr/bin"' body id i
    environment+=$(printf ',"%s"' "$@")
    body='{"script": "#!/bin/sh\ncat /marker 2>/dev/null || echo host", "job": {"current_working_directory": "/home/alice",
        "required_nodes": ["node1"], "standard_output": "/home/alice/rest.out", "environment": ['$environment']}}'
    as alice rm -f rest.out </dev/null
    # It goes by whose pipe it is.
    capture as alice sh -c 'cat | timeout 60 /usr/sbin/slurmrestd -s openapi/slurmctld -d "data_parser/$1" -a rest_auth/local | cat' sh "$api" \
        < <(printf 'POST /slurm/%s/job/submit HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
            "$api" ${#body} "$body")
    [[ $out =~ \"job_id\":\ ([1-9][0-9]*) ]] || { rc=none; return; }
    id=${BASH_REMATCH[1]}
    for ((i = 0; i < 600; i++)); do
        out=$(ctl scontrol show job -o "$id")
        [[ $out =~ JobState=(PENDING|RUNNING|COMPLETING) ]] || break
        sleep 0.1
    done
    [[ $out =~ ExitCode=([0-9]+) ]] && rc=${BASH_REMATCH[1]}
    out=$(as alice cat rest.out 2>/dev/null)
}
if [[ ! $api ]]; then
    skip "slurmrestd" "this one is not asked in this way"
else
    restd "${variable}_verify=$encrypted"
    check "slurmrestd: a script in the image that its environment names" is "$rc $out" "0 good"
    restd true=1
    check "slurmrestd: a job that names none is not touched" is "$rc $out" "0 host"
    for each in 'verify=/a\n/b' "verify=/$long" bind=/etc:mnt; do   # of two values of one name the first would count
        restd "${variable}_$each" "${variable}_verify=$encrypted"
        check "slurmrestd: ${each:0:20} is refused as if it had been typed" is "$rc $(grep -c '^sifguard: --sif-' <<<"$out") $(grep -c '^host\|^good' <<<"$out")" "64 1 0"
    done
    restd "${variable}_verify=$made/free/lolcow.sif"
    check "slurmrestd: an image that nothing binds" is "$rc $(grep -c '^host\|^good' <<<"$out")" "77 0"
fi
check "the node is not drained" lacks "$(ctl sinfo -h -N -o '%N %t')" 'drain'
for value in $'/a\n/b' "/$long" ''; do
    capture as alice env "SLURM_SPANK_${variable}_verify=$value" srun echo ran </dev/null
    ran "a default in the environment is held to the same form (${#value} characters)" rc=failed out=
done
