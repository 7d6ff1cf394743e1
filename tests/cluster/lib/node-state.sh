#!/bin/bash
# What sifguard has on this node, one fact a line. Runs in the box on a node, as root.
#   audit N          records in the audit log
#   last JSON        the last one
#   entry DIGEST     a cache entry
#   slurm STATES     of all nodes
#   left THING       what must not outlive a launch: mounts, processes, files
set -uo pipefail
log=/var/log/sifguard/audit.jsonl cache=/var/cache/sifguard run=/run/sifguard

echo "audit $(if [[ -e $log ]]; then wc -l <$log; else echo 0; fi)"
[[ ! -e $log ]] || echo "last $(tail -n 1 $log | tr -d '\0' | head -c 6000)"
echo "slurm $(sinfo -h -o %t | sort -u | xargs)"
find $cache/entries -mindepth 1 -maxdepth 1 -printf 'entry %f\n' 2>/dev/null | sort
grep -E " $run| /var/cache/sifguard/" /proc/1/mountinfo | sed 's/^/left mount /'
find $run -mindepth 1 ! -path $run/job ! -path $run/jobs -printf 'left file %p\n' 2>/dev/null
find $cache/tmp -mindepth 1 ! -name 'copy-*' -printf 'left file %p\n' 2>/dev/null
for comm in /proc/[0-9]*/comm; do
    { read -r name <"$comm"; } 2>/dev/null || continue
    case $name in
        sifguard-* | gpg | gpg-agent | keyboxd | apptainer | starter* | squashfuse* | gocryptfs | fuse-overlayfs)
            echo "left process $name (${comm//[!0-9]/})" ;;
    esac
done
exit 0
