# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; plain, rc, out, err: set elsewhere
# A node without the plugin runs no command that was to run in an image, and gets no such jobs. Sourced by run.
line=/etc/slurm/plugstack.conf.d/sifguard.conf
mask() { at node2 sh -c ': >/run/no-plugin; mount --bind /run/no-plugin "$1"' sh "$line"; }
unmask() { at node2 sh -c 'umount "$1" 2>/dev/null || true' sh "$line"; }
said() { cat "$tmp/err.all"; }   # what Slurm itself says, too

# --- the demand that travels with a step's command ---------------------------------------------------------------------
launch alice -N2 --sif-verify="$plain" sh -c 'echo "$(cat /marker) $0 $1"' 'a word' --word
ran "both nodes have the plugin: the command arrives as it was" out='good a word --word
good a word --word'
as alice sh -c 'cat >demanded; chmod +x demanded' <<<'#!/bin/sh
cat /marker; echo "$0"'
launch alice -w node1 --sif-verify="$plain" --sif-bind=/home/alice /home/alice/demanded
ran "a script of the user's" out='good
/home/alice/demanded'
forms=('--bcast=/tmp/demanded /home/alice/demanded' '--multi-prog programs')
! slurm_before 23.11 || unset 'forms[1]'   # which this one refuses: limits.md
for form in "${forms[@]}"; do
    as alice sh -c 'cat >programs' <<<'0 cat /marker'
    # shellcheck disable=SC2086  # words
    launch alice -w node1 --sif-verify="$plain" $form
    ran "${form%%[= ]*}, whose command cannot carry it, runs" out~^good
    check "and says so" has "$(said)" 'sifguard: a node without its plugin would run this on the host'
    # shellcheck disable=SC2086
    launch alice -w node1 --sif-quiet --sif-verify="$plain" $form
    ran "but not with --sif-quiet" out~^good silent
done
mask
undo unmask
launch alice -N2 -l --sif-verify="$plain" sh -c 'test -e /marker || echo host $SLURMD_NODENAME'
ran "one node of two has no plugin: its command does not run" rc=2 out=
check "and why not is said" has "$(said)" 'execve\(\): /--sif-verify did not reach a sifguard plugin on this node; command: '
check "with the node's name" has "$(said)" 'error: node2: task 1: Exited with exit code 2'
launch alice -w node2 --sif-verify="$plain" sh -c 'echo host'
ran "the same on it alone" rc=2 out=
launch alice -w node2 echo plain
ran "a step without an image runs there" out=plain
capture as alice env SLURM_SIF_VERIFY="$plain" srun -w node2 echo host </dev/null
ran "an image by the environment" rc=2 out=
capture as alice timeout 60 salloc -Q -w node2 --sif-verify="$plain" srun echo host </dev/null
ran "an image of the salloc around it" rc=2 out=
launch alice -w node1 --export=NONE --sif-verify="$plain" cat /marker
ran "--export=NONE on a node with the plugin" out=good
check "no node is drained by it" idle

# --- a health check keeps jobs away ------------------------------------------------------------------------------------
health() { at "$1" env "SLURMD_NODENAME=$1" /usr/libexec/sifguard/sifguard-health "${@:2}"; }
reason() { ctl sinfo -h -N -n "$1" -o '%T %E' | head -n 1; }
capture health node1
ran "a healthy node" silent
check "stays as it is" has "$(reason node1)" '^(idle|planned) '
capture health node2 --check
ran "a node without the plugin" rc=1 err~'^sifguard-health: node2: problem +plugstack'
check "--check changes nothing" has "$(reason node2)" '^(idle|planned) '
capture health node2
ran "is drained" rc=1
undo ctl sh -c 'scontrol update NodeName=node2 State=RESUME 2>/dev/null; true'
check "with a reason" has "$(reason node2)" '^drained sifguard: problem plugstack'
unmask
capture health node2
ran "with the plugin again" silent
check "it is resumed" has "$(reason node2)" '^idle[* ]'
ctl scontrol update NodeName=node2 State=DRAIN Reason='a disk'
capture health node2
ran "what somebody else drained" silent
check "stays drained" has "$(reason node2)" '^drained\*? a disk$'
ctl scontrol update NodeName=node2 State=RESUME
capture health node1 --feature 'a b'
ran "a feature that is none" rc=64
capture health node1 --feature sifguard
ran "a feature that the node has not got" rc=69 err~'has no feature sifguard'

# --- job_submit: only nodes with the feature ----------------------------------------------------------------------------
ctl install -m 0644 /src/slurm_examples/job_submit.lua /etc/slurm/job_submit.lua
undo ctl rm -f /etc/slurm/job_submit.lua
ctl sh -c 'cd /etc/slurm; cp -p slurm.conf .kept; echo JobSubmitPlugins=lua >>slurm.conf
    sed -i "s/^NodeName=.*/& Features=sifguard,big,small/" slurm.conf'
undo box restart --name "$name"
undo ctl sh -c 'cd /etc/slurm; cat .kept >slurm.conf; rm .kept'
box restart --name "$name"
idle >/dev/null || true
features_of() { ctl squeue -h -o %f -j "$1"; }
held() { as alice sbatch --parsable --hold "$@" --wrap true </dev/null; }
demanded() {   # demanded WHAT WANTED SBATCH-ARGUMENT…
    local id
    capture held "${@:3}"
    check "$1" is "$(features_of "$out") $err" "$2 "
    as alice scancel "$out" </dev/null || true
}
demanded "a job with an image needs the feature" sifguard --sif-verify="$plain"
demanded "beside what it needs else" 'big&sifguard' --sif-verify="$plain" -C big
demanded "or one of" '(big|small)&sifguard' --sif-verify="$plain" -C 'big|small'
demanded "once" 'sifguard&big' --sif-verify="$plain" -C 'sifguard&big'
demanded "a job without an image needs nothing" '(null)' -N1
demanded "an image by the environment" sifguard --export=ALL,SLURM_SIF_VERIFY=x --sif-verify="$plain"
capture held --sif-verify="$plain" -C '[big*1&sifguard*1]'
ran "a count is refused" rc=failed
check "and why" has "$(said)" 'sifguard: --sif-verify needs nodes with the feature sifguard'
id=$(held --sif-verify="$plain")
as alice scontrol update job="$id" Features=big </dev/null
check "a change of the job keeps it" is "$(features_of "$id")" 'big&sifguard'
as alice scancel "$id" </dev/null
capture health node2 --feature sifguard
ran "a healthy node has the feature" silent
mask
undo unmask
capture health node2 --feature sifguard
ran "from one without the plugin" rc=1
check "it is taken" is "$(ctl sinfo -h -N -n node2 -o '%b %f' | head -n 1)" 'big,small sifguard,big,small'
launch alice -N1 --exclude=node1 --immediate=2 --sif-verify="$plain" true
ran "no job with an image gets there" rc=failed out=
launch alice -w node2 echo plain
ran "others do" out=plain
launch alice --sif-verify="$plain" sh -c 'cat /marker; echo $SLURMD_NODENAME'
ran "the other node takes it" out='good
node1'
unmask
capture health node2 --feature sifguard
ran "with the plugin again" silent
check "the feature is given back" has "$(ctl sinfo -h -N -n node2 -o %b | head -n 1)" sifguard
