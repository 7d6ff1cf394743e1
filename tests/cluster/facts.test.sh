# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made: set by prepare.sh
# Bindings limited by what Slurm knows about the job: told by the prolog, else by squeue, never by the user.
# Sourced by run.
carol=$(fingerprint_of carol)
image=$made/free/facts.sif
ctl install -m 0644 "$made/tools/plain.sif" "$image"
undo ctl rm -f "$image"
ctl sifctl image bind facts --match "$image" --signer "$carol" --everyone --allow-partition secure >/dev/null
undo ctl sifctl image unbind facts

launch alice -p secure --sif-verify="$image" cat /marker
ran "the partition that the binding wants" out=good
refuse "another partition" 77 "'facts' does not allow partition main" alice -p main --sif-verify="$image" true
refuse "a forged environment" 77 "partition main" alice -p main --export=ALL,SLURM_JOB_PARTITION=secure,SPANK_SLURM_JOB_PARTITION=secure \
    --sif-verify="$image" true
refuse "a job's name that forges a line" 77 "partition main" alice -p main -J $'x\n1 1001 a secure b (null)' --sif-verify="$image" true
refuse "a comment that forges a line" 77 "partition main" alice -p main --comment=$'Partition=secure\nPartition=secure' --sif-verify="$image" true

# The prolog's file: root's alone, there while the job is, gone with it.
capture as alice timeout 60 srun -w node1 -p secure sh -c 'ls /run/sifguard/jobs; cat /run/sifguard/jobs/$SLURM_JOB_ID'
ran "the user cannot read it" rc=failed
hold() {   # sets job: one of alice's that runs until it is cancelled
    local i
    job=$(as alice sh -c 'cd && sbatch --parsable -w node1 -p secure -o held --wrap "sleep 300"' </dev/null)
    for ((i = 0; i < 600; i++)); do
        [[ $(ctl squeue -h -o %t -j "$job") != R ]] || break
        sleep 0.1
    done
}
hold
undo as alice sh -c 'scancel --user=alice; rm -f held'
for ((i = 0; i < 600; i++)); do
    seen=$(at node1 sh -c 'stat -c "%U %a" "/run/sifguard/jobs/$1" 2>/dev/null' sh "$job") || true
    [[ -z $seen ]] || break
    sleep 0.1
done
check "the prolog wrote it down for root alone" is "$seen" "root 600"
launch alice --jobid="$job" --overlap --sif-verify="$image" cat /marker
ran "a step of a running job" out=good
at node1 rm -f "/run/sifguard/jobs/$job"
launch alice --jobid="$job" --overlap --sif-verify="$image" cat /marker
ran "without the file, squeue tells" out=good
at node1 sh -c 'printf "sifguard-job 1\0SLURM_JOB_ID=%s\0SLURM_JOB_UID=0\0SLURM_JOB_PARTITION=secure\0" "$1" >"/run/sifguard/jobs/$1"; chmod 666 "/run/sifguard/jobs/$1"' sh "$job"
launch alice --jobid="$job" --overlap --sif-verify="$image" true
ran "a file that others could have written is refused" rc=78 err~jobs
at node1 chmod 600 "/run/sifguard/jobs/$job"
as alice scancel "$job"
for ((i = 0; i < 600; i++)); do
    at node1 test -e "/run/sifguard/jobs/$job" || break
    sleep 0.1
done
check "it goes with the job" fails at node1 test -e "/run/sifguard/jobs/$job"
idle >/dev/null || true

# With the first plugin file alone nothing is written down: squeue tells, or the step is refused.
doctor() { at node1 sifctl doctor 2>&1 || true; }
missing="binding 'facts' depends on a job's account, partition, QOS or reservation, and spank_sifguard_job.so"
check "doctor misses nothing" fails grep -q "$missing" <<<"$(doctor)"
stack=/etc/slurm/plugstack.conf.d/sifguard_job.conf
ctl mv "$stack" /root/
undo ctl sh -c '[ ! -e /root/sifguard_job.conf ] || mv /root/sifguard_job.conf /etc/slurm/plugstack.conf.d/'
check "doctor misses the second file" grep -q "$missing" <<<"$(doctor)"
hold
launch alice --jobid="$job" --overlap --sif-verify="$image" cat /marker
ran "the first file alone: squeue tells" out=good
check "and nothing is written down" fails at node1 test -e "/run/sifguard/jobs/$job"
keep_configuration
configure "squeue: /usr/bin/false"
launch alice --jobid="$job" --overlap --sif-verify="$image" true
ran "where it cannot tell, the step is refused" rc=77 err~"partition is not known here"
configure
as alice scancel "$job"
idle >/dev/null || true
ctl mv /root/sifguard_job.conf "$stack"

# No accounting here: a job has no account that anybody could vouch for.
ctl sifctl image unbind facts
ctl sifctl image bind facts --match "$image" --signer "$carol" --everyone --allow-account bio >/dev/null
refuse "an account that nobody knows" 77 "account is not known here" alice --sif-verify="$image" true
ctl sifctl image unbind facts
ctl sifctl image bind facts --match "$image" --signer "$carol" --everyone --allow-reservation none >/dev/null
refuse "a job without a reservation" 77 "a job without reservation" alice --sif-verify="$image" true
