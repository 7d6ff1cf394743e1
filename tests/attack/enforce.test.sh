# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# Users try to run code of their own on the host of a node that enforces images. Sourced by tests/cluster/run.
#
# Each way is first shown to work where nothing is enforced (partition main): a test of a way that leads nowhere
# would pass for the wrong reason.
keep_configuration
configure 'version: 1' 'enforce: {partitions: [secure]}'
as alice sh -c '
    mkdir -p evil
    printf "%s\n" "#!/bin/sh" "test -e /marker || echo \$SLURM_JOB_PARTITION >>/home/alice/evil/ran" >evil/script
    chmod +x evil/script
    cat >evil/load.c <<END
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void loaded(void) {
    FILE* f = fopen("/home/alice/evil/ran", "a");
    if (f) { fprintf(f, "%s\n", getenv("SLURM_JOB_PARTITION")); fclose(f); }
}
END
    gcc -shared -fPIC -o evil/load.so evil/load.c'
undo as alice rm -rf evil
on_host() { as alice sh -c 'sort -u evil/ran 2>/dev/null | xargs; rm -f evil/ran'; }
# Whatever happened to the steps, only what ran on the host counts.
way() {   # way WHAT SRUN-ARGUMENT…: for both partitions
    local what=$1
    shift
    launch alice -w node1 -p main "$@"
    check "$what: works where nothing is enforced" is "$(on_host)" main
    launch alice -w node1 -p secure "$@"
    check "$what: runs nothing on the host" is "$(on_host)" ""
    check "$what: no node is drained" idle
}
refuse_too_late() {   # refuse WHAT …, by the plugin: the helper's record says what it had decided, if it was asked
    local what=$1 code=$2 regex=$3 user=$4
    shift 4
    before node1
    launch "$user" -w node1 "$@"
    refused "$what" "$code" "$regex" no-audit
}
way "a plain step" /home/alice/evil/script
way "--task-prolog beside an image" --task-prolog=/home/alice/evil/script --sif-verify="$encrypted" true
way "--task-epilog beside an image" --task-epilog=/home/alice/evil/script --sif-verify="$encrypted" true
way "--task-prolog beside none" --task-prolog=/home/alice/evil/script true
way "--task-epilog beside none" --task-epilog=/home/alice/evil/script true
way "LD_PRELOAD in a step without an image" --export=ALL,LD_PRELOAD=/home/alice/evil/load.so true
launch alice -p secure --export=ALL,LD_PRELOAD=/home/alice/evil/load.so --sif-verify="$encrypted" cat /marker
ran "LD_PRELOAD beside an image: it runs" out=good
check "and nothing was loaded" is "$(on_host)" ""
way "--interactive" --interactive --preserve-env /home/alice/evil/script
way "--bcast" --bcast=/tmp/evil /home/alice/evil/script
way "--external-launcher" --external-launcher /home/alice/evil/script
refuse_too_late "--container" 64 'exclude each other' alice -p secure --container=/home/alice/evil --sif-verify="$encrypted" /home/alice/evil/script
refuse "--container alone" 77 'verified images only' alice -p secure --container=/home/alice/evil /home/alice/evil/script

# A Slurm of the user's own making on the login node: without the plugin.
as alice sh -c 'cp /etc/slurm/*.conf evil/; : >evil/plugstack.conf; sed -i "s,^PlugStackConfig=.*,PlugStackConfig=/home/alice/evil/plugstack.conf," evil/slurm.conf'
capture as alice env SLURM_CONF=/home/alice/evil/slurm.conf timeout 60 srun -w node1 -p secure /home/alice/evil/script
ran "srun without the plugin" rc=77
check "runs nothing" is "$(on_host)" ""
capture as alice env SLURM_CONF=/home/alice/evil/slurm.conf timeout 60 sbatch --wait -Q -w node1 -p secure -o /dev/null /home/alice/evil/script
ran "sbatch without it" rc=77
check "runs nothing either" is "$(on_host)" ""
capture as alice env _SLURM_SPANK_OPTION_sifguard_sif_verify= timeout 60 srun -w node1 -p secure /home/alice/evil/script
check "an empty option runs nothing" is "$(on_host)" ""

# Another plugin, as a site may have one, that moves the task on its own: into a namespace that the user chose, or
# into a root directory of his. It comes before us in the stack.
ctl bash -euo pipefail -c '
    cat >/root/mover.c <<END
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <slurm/spank.h>
SPANK_PLUGIN(mover, 1)
int slurm_spank_task_init(spank_t spank, int ac, char** av) {
    char how[16] = "";
    if (spank_getenv(spank, "MOVE", how, sizeof how) != ESPANK_SUCCESS) return 0;
    if (!strcmp(how, "mounts")) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) mount("/home/alice/evil", "/usr/libexec", NULL, MS_BIND, NULL);
    } else if (!strcmp(how, "root")) {
        if (unshare(CLONE_NEWUSER) == 0 && chroot("/home/alice/evil/root") == 0) return chdir("/");
    }
    return 0;
}
END
    gcc -shared -fPIC -o /usr/lib/mover.so /root/mover.c
    echo "required /usr/lib/mover.so" >/etc/slurm/plugstack.conf.d/a-mover.conf'
undo ctl rm -f /etc/slurm/plugstack.conf.d/a-mover.conf /usr/lib/mover.so /root/mover.c
as alice mkdir -p evil/root
for partition in main secure; do
    for how in mounts root; do
        refuse_too_late "another plugin moves the task ($how, $partition)" 70 'another plugin moved the task' alice -p $partition --export=ALL,MOVE=$how --sif-verify="$encrypted" true
    done
done
launch alice -p secure --sif-verify="$encrypted" cat /marker
ran "a plugin that does nothing" out=good
ctl rm -f /etc/slurm/plugstack.conf.d/a-mover.conf

# Where Slurm runs hooks in another process, slurmstepd cannot be kept from starting --task-epilog.
slurm_conf SlurmdParameters=config_overrides,contain_spank
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "contain_spank, where nothing is enforced" out=good
refuse_too_late "contain_spank, where images are" 78 'contain_spank' alice -p secure --sif-verify="$encrypted" true
