# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands elsewhere; encrypted, pid, …: of the libraries
# Mounted roots, and steps that end as nobody planned, with proctrack/cgroup and task/cgroup of version 2. Sourced by site.sh.
room_for_marks
configure 'version: 1' 'release: mount'
running
check "a step with a mounted root runs" runs
group_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
server=$(pgrep -x sifguard-imagef)
check "its server is in a control group of ours" is "$(group_of "$server")" /sifguard
check "its task in Slurm's" has "$(group_of "$(pgrep -u alice -x sh | head -n 1)")" '/job_[0-9]+/step_0/user/'
signals_do_not_reach it
killed_leaves_nothing slurmstepd
goes_on_as_with_a_broken_disk sifguard-imagef
launch alice --sif-verify="$encrypted" sh -c '(setsid sleep 55 >/dev/null 2>&1 </dev/null &); sleep 0.5; cat /marker'
ran "a step leaves a process behind" out=good
check "which ends with the step" fails pgrep -u alice
check "nothing is left" gone
configure 'version: 1' 'release: pem'
launch alice --sif-verify="$encrypted" cat /marker
if [[ $err == *'gocryptfs failed to mount'*' in 10s'* ]]; then
    skip "the runtime with a key of the copy" "the machine is slower than Apptainer waits for gocryptfs"
else
    ran "the runtime with a key of the copy" out=good
fi
check "the node is not drained" idle
