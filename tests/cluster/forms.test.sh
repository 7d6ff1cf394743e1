# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# The rest of what srun, sbatch and salloc can do. Sourced by run.
verify=--sif-verify=$encrypted

# What takes its time runs beside the others: a job over its limit, one that is told before, one that is killed, one
# that is requeued. (Slurm without cgroups, as here, signals every process of a job, the runtime's FUSE servers
# included, and then the image is lost to whoever survives: only what the shell alone is sent can be trapped.)
batch limit -N1 -n1 -t1 "$verify" <<<'#!/bin/sh
echo "$(cat /marker)"; sleep 600'
batch told -N1 -n1 -t1 --signal=B:USR1@30 "$verify" <<<'#!/bin/sh
trap "echo told; exit 5" USR1; while :; do sleep 1; done'
batch killed -N1 -n1 -J killed "$verify" <<<'#!/bin/sh
trap "echo told; kill -STOP $$" TERM; echo started; while :; do sleep 1; done'
batch again -N1 -n1 -J again --requeue --open-mode=append "$verify" <<<'#!/bin/sh
echo "run ${SLURM_RESTART_COUNT:-0} $(cat /marker)"; test "$SLURM_RESTART_COUNT" = 1 && exit; sleep 100'
wait_for() { local i; for ((i = 0; i < 300; i++)); do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.2; done; return 1; }
said() { as alice sh -c "grep -q $2 batch/$1/out.*" </dev/null; }   # said JOB WORD
(wait_for said killed started
as alice scancel -b -s TERM --name=killed
wait_for said killed told
as alice scancel -s KILL --name=killed
wait_for said again run
id=$(as alice squeue -h --name=again -o %A)
ctl scontrol requeue "$id"; sleep 1; ctl scontrol update JobId="$id" StartTime=now) </dev/null >/dev/null 2>&1 &

# --- inside an allocation ---------------------------------------------------------------------------------------------
allocated() { capture as alice timeout 100 salloc -Q "$@" </dev/null; }
allocated -N1 -n2 bash -c "srun --overlap -n2 $verify sh -c 'cat /marker; sleep 2' & srun --overlap -n2 $verify cat /marker; wait"
ran "--overlap" out='good
good
good
good'
allocated -N1 -n2 bash -c "for i in 1 2; do srun --exact -n1 $verify sh -c 'cat /marker; sleep 1' & done; wait"
ran "--exact" out='good
good'
allocated -N1 "$verify" srun --interactive --preserve-env sh -c 'cat /marker; echo $SLURM_STEP_ID'
interactive='(4294967290|-6)'   # the same number: 26.05 prints it with its sign
ran "the interactive step" out~$'^good\n'"$interactive"$'$'
allocated -w node1 -n1 : -w node2 -n2 srun --het-group=0,1 "$verify" sh -c 'cat /marker'
ran "a heterogeneous job" out='good
good
good'
capture as alice env SLURM_SIF_VERIFY="$encrypted" timeout 60 srun -w node1 -n1 cat /marker : -w node2 -n1 cat /marker
ran "a heterogeneous job with a default" out='good
good'

# --- input, output, environment ---------------------------------------------------------------------------------------
as alice sh -c 'mkdir -p forms; cd forms; rm -f *; seq 3 >in; cp /bin/busybox echo'
launch alice -n2 --input=forms/in --output=forms/out.%x.%t --error=forms/err.%t -J named "$verify" sh -c 'cat; echo "$SLURM_PROCID" >&2'
ran "--input, --output, --error with patterns" out= silent
check "their files" is "$(as alice sh -c 'cd forms; cat out.named.0; echo; cat err.0 err.1 | grep -x "[01]"' | xargs)" "1 2 3 0 1"
launch alice --chdir=/home/alice/forms --bcast=/tmp/echo "$verify" ./echo hello
ran "--bcast of a program" out=hello
as_at alice node1 rm -f /tmp/echo
as_at alice node2 rm -f /tmp/echo
launch alice --export=KEPT=1 "$verify" sh -c 'echo "$KEPT $(cat /marker)"'
ran "--export=NAME=VALUE" out='1 good'
launch alice --export=NIL "$verify" cat /marker
ran "--export=NIL" out=good
capture as alice bash -c "ulimit -S -c 0; ulimit -S -n 99; srun --propagate=NOFILE $verify sh -c 'ulimit -n'"
ran "--propagate" out=99
as alice sh -c 'printf "%s\n" "#!/bin/sh" "echo export MINE=user" "echo print of the prolog" >forms/prolog; chmod +x forms/prolog'
launch alice --task-prolog=/home/alice/forms/prolog "$verify" sh -c 'echo "$MINE"'
if slurm_before 23.11; then   # packaging/doc/limits.md says so
    ran "no --task-prolog on this Slurm" out=''
else
    ran "--task-prolog" out='of the prolog
user'
fi

# --- attaching, ending ------------------------------------------------------------------------------------------------
launch alice -n2 --kill-on-bad-exit "$verify" sh -c 'test $SLURM_PROCID = 1 && exit 4; sleep 60'
ran "--kill-on-bad-exit" rc=failed
as alice sh -c 'rm -f forms/go'
as alice timeout 150 srun -J attached "$verify" sh -c 'while ! test -e forms/go; do echo tick; sleep 0.2; done; exit 6' </dev/null >/dev/null 2>&1 &
attached=$!
attached_runs() { test -n "$(as alice squeue -h --name=attached -t R -o %A </dev/null)"; }
wait_for attached_runs
id=$(as alice squeue -h --name=attached -o %A)
for ((i = 0; i < 10; i++)); do   # the step may not be there yet
    seen=$(as alice timeout 5 sattach "$id.0" </dev/null 2>/dev/null || true)
    [[ $seen != *tick* ]] || break
    sleep 0.5
done
check "sattach sees the output" has "$seen" tick
as alice touch forms/go
status=0
wait "$attached" || status=$?
check "and the step ends as it would have" is "$status" 6
capture as alice script -qc "srun --pty $verify sh -c 'test -t 0 && test -t 1 && exit 7'; echo status \$?" /dev/null
ran "--pty: a terminal, and the status" out~'status 7'
before node1
launch alice -w node1 -n3 "$verify" sh -c 'kill -SEGV $$'
ran "a signal ends every task" rc=139

# --- what a site may have set ---------------------------------------------------------------------------------------------
printf '%s\n' '#!/bin/sh' 'echo export FROM_SITE=prolog' 'echo print site' | write_at ctl /etc/slurm/task_prolog
ctl chmod 0755 /etc/slurm/task_prolog
undo ctl rm -f /etc/slurm/task_prolog
slurm_conf TaskProlog=/etc/slurm/task_prolog LaunchParameters=use_interactive_step
launch alice -n2 "$verify" sh -c 'echo $FROM_SITE'
wanted='prolog prolog site site'
! slurm_before 23.11 || wanted=
check "the site's TaskProlog${wanted:- does not run on this Slurm}" is "$(sort <<<"$out" | xargs)" "$wanted"
launch alice echo plain
ran "and without an image" out='site
plain'
# Its input is the terminal: without, older ones leave the step in the background, where it stops. Newer ones start srun
# by that shell, too.
as alice sh -c 'printf "%s\n" "#!/bin/sh" "[ \"\$1\" != -c ] || exec /bin/sh \"\$@\"" "cat /marker; echo \$SLURM_STEP_ID; exit 3" >forms/shell; chmod +x forms/shell' </dev/null
capture as alice env SHELL=/home/alice/forms/shell script -qec "salloc -Q -N1 $verify" /dev/null
rc=0 # of salloc, which is the step's or 0, as Slurm happens to see its end; srun tells it
ran "salloc's interactive step is inside the image" out~$'good\r?\n'"$interactive"$'\r?\n.*Exited with exit code 3'
undo_now

wait
result limit
ran "a job over its time limit ends" rc=failed out=good
result told
ran "--signal=B:USR1 tells the script before" rc=5 out=told
result killed
ran "scancel: TERM to the script, and KILL" rc="$rc" out~$'^started\ntold'
result again
ran "a requeued job starts again, in the image" out='run 0 good
run 1 good'
check "nothing is left" is "$(nothing_left)" ""
