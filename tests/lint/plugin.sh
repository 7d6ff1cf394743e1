#!/bin/bash
# plugin.sh PLUGIN.so: what Slurm gets to load. It needs the C library alone, shows Slurm what Slurm looks for
# and nothing else, and takes from the loading process SPANK's and Slurm's logging functions only.
set -euo pipefail
plugin=$1

status=0
complain() { echo "$plugin: $*" >&2; status=1; }

needed=$(readelf -dW "$plugin" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
[[ $needed == libc.so.6 ]] || complain "needs ${needed//$'\n'/, } instead of libc.so.6 alone"

every='plugin_name plugin_type plugin_version spank_plugin_version'
case ${plugin##*/} in
    spank_sifguard.so)
        own='exit init init_post_opt local_user_init task_exit task_init task_init_privileged task_post_fork user_init'
        # Slurm 25.05 asks it whether a failing init is the node's failure or the job's.
        ! grep -qs slurm_spank_init_failure_mode /usr/include/slurm/spank.h || own+=' init_failure_mode' ;;
    spank_sifguard_job.so)   # these two alone, and nowhere else: slurmd pays for them with every job
        own='job_epilog job_prolog' ;;
    *) complain "is none of ours"; own= ;;
esac
# shellcheck disable=SC2086  # words
expected=$(printf '%s\n' $every ${own:+$(printf 'slurm_spank_%s\n' $own)} | LC_ALL=C sort)
exported=$(nm -D --defined-only "$plugin" | awk '{ print $3 }' | sed 's/@.*//' | LC_ALL=C sort)
[[ $exported == "$expected" ]] ||
    complain "exports differ from what is expected (<):"$'\n'"$(diff <(echo "$expected") <(echo "$exported"))"

# Everything else undefined is the C library's (versioned) or weak.
strangers=$(nm -D --undefined-only "$plugin" | awk '$1 == "U" { print $2 }' |
    grep -vE '@GLIBC_|^spank_(get_item|option_register|context|prepend_task_argv)$|^slurm_(error|info)$' || true)
[[ -z $strangers ]] || complain "takes from the loading process: ${strangers//$'\n'/, }"

exit $status
