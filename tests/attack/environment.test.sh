# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Hostile variables in the job's environment. Sourced by tests/cluster/run.

as alice sh -c '
    mkdir -p evil/bin
    cat >evil/load.c <<END
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void) {
    char name[64] = "?";
    FILE* f = fopen("/proc/self/comm", "r");
    if (f) { if (!fgets(name, sizeof name, f)) name[0] = 0; fclose(f); }
    f = fopen("/home/alice/evil/loaded", "a");
    if (f) { fputs(name, f); fclose(f); }
}
END
    gcc -shared -fPIC -o evil/load.so evil/load.c
    echo "echo sourced >>/home/alice/evil/loaded" >evil/rc.sh
    for program in gocryptfs squashfuse squashfuse_ll fusermount fusermount3 apptainer singularity starter sh mount newuidmap; do
        printf "#!/bin/sh\necho %s >>/home/alice/evil/loaded\nexit 1\n" $program >evil/bin/$program
    done
    chmod +x evil/bin/*'
loaded() { as alice sh -c 'cat evil/loaded 2>/dev/null; rm -f evil/loaded'; }

as alice sh -c 'LD_PRELOAD=$HOME/evil/load.so ls >/dev/null'
check "the library would tell" is "$(loaded)" ls
launch alice -w node1 --export=ALL,LD_PRELOAD=/home/alice/evil/load.so true
check "and reaches a plain task so" is "$(loaded)" true
launch alice -w node1 --export=ALL,APPTAINER_BIND=/etc:/mnt apptainer exec "$plain" ls /mnt/hosts
ran "and so does a variable of the runtime's" out=/mnt/hosts
hostile() {   # hostile WHAT VARIABLES: one launch with them, in which nothing of the host's may run or show
    launch alice -w node1 --export="ALL,$2" --sif-verify="$encrypted" sh -c 'cat /marker; ls /mnt'
    ran "$1" out=good
    check "$1: nothing ran" is "$(loaded)" ""
}
hostile LD_PRELOAD LD_PRELOAD=/home/alice/evil/load.so
hostile "LD_AUDIT, LD_LIBRARY_PATH" LD_AUDIT=/home/alice/evil/load.so,LD_LIBRARY_PATH=/home/alice/evil
hostile "BASH_ENV and ENV" BASH_ENV=/home/alice/evil/rc.sh,ENV=/home/alice/evil/rc.sh
hostile "PATH" PATH=/home/alice/evil/bin:/usr/bin:/bin
for prefix in APPTAINER_ SINGULARITY_; do
    hostile "${prefix}… for binds" "${prefix}BIND=/etc:/mnt,${prefix}BINDPATH=/etc:/mnt,${prefix}MOUNT=type=bind;src=/etc;dst=/mnt,${prefix}HOME=/etc:/mnt"
    hostile "${prefix}… for keys and configuration" "${prefix}ENCRYPTION_PEM_PATH=/nonexistent,${prefix}ENCRYPTION_PEM_DATA=nonsense,${prefix}ENCRYPTION_PASSPHRASE=x,${prefix}CONFIGDIR=/home/alice/evil,${prefix}CONFIG_FILE=/home/alice/evil/x.conf"
    hostile "${prefix}… for all else" "${prefix}OVERLAY=/home/alice/evil,${prefix}WRITABLE_TMPFS=1,${prefix}WORKDIR=/home/alice/evil,${prefix}TMPDIR=/nonexistent,${prefix}CACHEDIR=/nonexistent,${prefix}SHELL=/nonexistent,${prefix}PWD=/nonexistent,${prefix}UNSQUASH=1,${prefix}SCRATCH=/mnt"
done
hostile "GODEBUG, GOTRACEBACK, TMPDIR" GODEBUG=nonsense,GOTRACEBACK=crash,TMPDIR=/nonexistent
hostile "malloc, locale and gconv" GCONV_PATH=/home/alice/evil,LOCPATH=/home/alice/evil,GLIBC_TUNABLES=glibc.malloc.check=3
hostile "our own names" SIFGUARD_CONFIG=/home/alice/evil,SIFGUARD_KEYSTORE=/home/alice/evil

before node1
launch alice -w node1 --export=ALL,APPTAINER_ENCRYPTION_PASSPHRASE=x,SLURM_JOB_UID=0,SLURM_JOB_USER=root,SLURM_JOB_ID=1,SLURM_STEP_ID=9,SLURMD_NODENAME=elsewhere \
    --sif-verify="$encrypted" cat /marker
ran "forged facts" out=good
recorded() { node_state node1 | grep '^last' | grep '"user":"alice","uid":1001' | grep -q '"node":"node1"'; }
check "the record has the true ones" recorded
refuse "forged facts allow nothing" 77 'does not allow' mallory --export=ALL,SLURM_JOB_UID=1001,SLURM_JOB_USER=alice,USER=alice,LOGNAME=alice,HOME=/home/alice \
    --sif-verify="$encrypted" true
launch alice -w node1 --export=ALL,HELLO=world,APPTAINERENV_GREETING=hi --sif-verify="$encrypted" sh -c 'echo $HELLO $GREETING'
ran "other variables arrive" out='world hi'
launch alice -w node1 --export=ALL,PYTHONUNBUFFERED=1,PERL5LIB='/a$b',MALLOC_ARENA_MAX=2,LD_PRELOAD=/nonexistent.so \
    --sif-verify="$encrypted" sh -c 'echo $PYTHONUNBUFFERED $PERL5LIB $MALLOC_ARENA_MAX $LD_PRELOAD'
ran "interpreters' variables arrive, too" out='1 /a$b 2'

# The user's limits are the task's, not the helper's.
capture as alice bash -c "ulimit -S -n 16; ulimit -S -t 2; ulimit -S -l 0; srun -w node1 --sif-verify=$encrypted sh -c 'cat /marker; ulimit -n'"
ran "tight limits" out='good
16'
as alice sh -c 'rm -rf evil'
