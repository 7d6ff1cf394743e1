# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A step that asks for nothing is left alone. Sourced by run.

libexec=$(ctl sh -c 'dirname "$(ls /usr/libexec/sifguard/sifguard-helper /usr/lib/*/sifguard/sifguard-helper 2>/dev/null | head -n 1)"')
check "the helper is installed" test -n "$libexec"

# Neither helper nor launcher nor configuration can be used: who does not ask does not notice.
ctl mv "$libexec" "$libexec.away"
undo ctl mv "$libexec.away" "$libexec"
at node1 sh -c 'mkdir -p /etc/sifguard && echo "nonsense: [" >/etc/sifguard/sifguard.yaml'
undo at node1 rm -f /etc/sifguard/sifguard.yaml
launch alice -N2 -n4 sh -c 'echo here; test ! -e /marker'
ran "srun without an option, with no helper to start" out='here
here
here
here' silent
capture as alice timeout 60 sbatch -n2 --wait -o out.plain --wrap 'srun -n2 echo step'
out=$(as alice cat out.plain)
ran "sbatch without an option" out='step
step'
namespace() { is "$(as alice srun -w node1 readlink /proc/self/ns/mnt)" "$(at node1 readlink /proc/1/ns/mnt)"; }
check "the task is in the node's own mount namespace" namespace
undo_now

traced() {   # whatever slurmstepd runs for a plain step, nothing of it is ours
    at node1 sh -c '
        strace -f -qq -e trace=execve,unshare,mount -o /tmp/trace -p "$(cat /run/slurmd.pid)" & tracer=$!
        while ! test -e /tmp/traced; do sleep 0.1; done; kill $tracer; wait $tracer; true' &
    local i tracer=$!
    for ((i = 0; i < 600; i++)); do   # until all of slurmd is traced
        ! at node1 sh -c 'grep -q "^TracerPid:[[:space:]]*0$" /proc/"$(cat /run/slurmd.pid)"/task/*/status' || { sleep 0.1; continue; }
        break
    done
    as alice srun -w node1 true
    at node1 touch /tmp/traced
    wait "$tracer" || true
    at node1 rm -f /tmp/traced
    at node1 grep -q 'execve("/.*/true"' /tmp/trace || { echo "nothing was traced"; at node1 head -n 20 /tmp/trace; return 1; }
    ! at node1 grep -E 'sifguard|unshare\(|CLONE_NEWNS' /tmp/trace
}
check "a plain step starts no helper and makes no namespace" traced
