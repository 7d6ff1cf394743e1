# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# sifctl nodes, through the cluster's own Slurm. Sourced by run.
keep_configuration
capture ctl sifctl nodes status
check "each node has a line" is "$(awk '/^node/ { print $1, $3, $4, $9 }' <<<"$out")" "node1 yes $(ctl sifctl --version | awk '{ print $NF }') 0
node2 yes $(ctl sifctl --version | awk '{ print $NF }') 0"
check "which fits a terminal" test "$(wc -L <<<"$out")" -le 80
capture ctl sifctl nodes status --nodes 'node[1-2],node7' --json
check "a node that Slurm does not know is named" has "$out" 'Slurm does not know it'
check "the others have answered" has "$out" '"without_answer": 1,'
check "nothing is wrong with the answers" is "$(grep -c '"reasons": \[\]' <<<"$out")" 2
line=/etc/slurm/plugstack.conf.d/sifguard.conf
at node2 sh -c ': >/run/no-plugin; mount --bind /run/no-plugin "$1"' sh "$line"
undo at node2 umount "$line"
capture ctl sifctl nodes doctor
ran "a node without the plugin" rc=2 out~'problem +node2 +plugstack'
configure 'enforce: always' 'enforce_hardening: warn'
capture ctl sifctl nodes status --nodes node1
check "a node that enforces images answers root's own question" has "$out" 'node1 +(ok|warning|problem) +yes'
launch root -w node1 true
ran "and no other step of root's without an image" rc=77
ctl scontrol update NodeName=node2 State=DOWN Reason=test
undo ctl scontrol update NodeName=node2 State=RESUME
capture ctl sifctl nodes status
ran "a node that is down" rc=2 out~'node2 +no answer'
check "is named with its state" has "$out" 'not asked: its state is down'
check "and the other has answered" has "$out" 'node1 +(ok|warning|problem) +yes'
capture as alice /usr/sbin/sifctl nodes status
ran "a user asks nobody" rc=77
