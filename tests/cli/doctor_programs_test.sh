#!/bin/bash
# sifctl doctor: a node's sandbox and mounts, its programs and their versions, which are run, and so must be root's.
# shellcheck disable=SC2046  # what $(only …) prints are words
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/doctor.sh"
[ "$(id -u)" = 0 ] || { echo "SKIPPED: needs root"; exit 77; }
accept init
echo "verifier_user: daemon" >>config.yaml
plug=(--plugstack "$WORK/plugstack.conf")
mkdir plug.d
echo 'include plug.d/*.conf' >plugstack.conf
version=$("$SIFCTL" --version | cut -d' ' -f2)
printf 'ELF\0sifguard-plugin-version=%s\0rest' "$version" >spank_sifguard.so

program() {   # program NAME LINE: prints it
  printf '#!/bin/sh\necho "%s"\n' "$2" >"$1" && chmod 755 "$1"
}
program helper "sifguard-helper $version"
echo "required $WORK/spank_sifguard.so helper=$WORK/helper" >plug.d/sifguard.conf
examine 0 "${plug[@]}" $(only versions)
walls() {   # walls LINES: what the helper says of the node, one a line
  printf '#!/bin/sh\n[ "$1" = walls ] || exit 1\ncat <<"END"\n%s\nEND\n' "$1" >helper && chmod 755 helper
}
given=$'processes\tgiven\nipc\tgiven\nfilter\tgiven\nlandlock\tgiven'
walls $'network\tgiven\nmounts\tgiven\n'"$given"
examine 0 "${plug[@]}" $(only sandbox)
walls $'network\trefused\tNo space left on device\nmounts\tgiven\n'"$given"
finds 1 warning "the node allows no network namespace (No space left on device): the system call filter is used instead (no sockets); set user.max_net_namespaces above 0 to have both" "${plug[@]}" $(only sandbox)
walls $'network\tgiven\nmounts\trefused\tNo space left on device\n'"$given"
finds 2 problem "the node allows no mount namespace (No space left on device): no step with an image starts here; *" "${plug[@]}" $(only sandbox)
walls $'network\tgiven\nmounts\tgiven\nfilter\trefused\tFunction not implemented'
finds 2 problem "the node does not allow system call filters (Function not implemented): no image is verified here; *" "${plug[@]}" $(only sandbox)
walls $'landlock\trefused\tFunction not implemented'
finds 1 warning "the node allows no Landlock (*): mount namespaces and the system call filter are used instead; *" "${plug[@]}" $(only sandbox)
mounts() { printf '#!/bin/sh\n[ "$1" = mounts ] || exit 1\ncat <<"END"\n%s\nEND\n' "$1" >helper && chmod 755 helper; }
mounts $'squashfs\trefused\tcannot open /dev/loop-control'
examine 0 "${plug[@]}" $(only mounts)   # nothing asks for it
echo 'release: mount' >>config.yaml
finds 2 problem "no image runs here with release: mount: cannot open /dev/loop-control; *" "${plug[@]}" $(only mounts)
mounts $'squashfs\tgiven\nowners\trefused\tnot mapped\nfuse\tgiven'
finds 1 warning "files of root's in mounted images are root's to jobs, and where only root may read them nobody can (not mapped); *" "${plug[@]}" $(only mounts)
mounts $'squashfs\tgiven\nowners\tgiven\nfuse\trefused\tcannot open /dev/fuse'
finds 2 problem "no encrypted image runs here with release: mount: cannot open /dev/fuse; *" "${plug[@]}" $(only mounts)
mounts $'squashfs\tgiven\nowners\tgiven\nfuse\tgiven'
examine 0 "${plug[@]}" $(only mounts)
printf '%s\n' 'mount_driver: fuse' "squashfuse: $WORK/sqfs" >>config.yaml
printf '#!/bin/sh\n[ "$*" = "mounts %s daemon" ] || exit 1\nprintf "fuse\\tgiven\\nsquashfuse\\trefused\\tno uid option\\n"\n' "$WORK/sqfs" >helper
finds 2 problem "no image runs here with mount_driver: fuse: no uid option; name a squashfuse_ll of version 0.2 or later as 'squashfuse' *" "${plug[@]}" $(only mounts)
sed -i '/^mount_driver: /d; /^squashfuse: /d' config.yaml
sed -i '$d' config.yaml
program helper "sifguard-helper 0.0.1"
finds 2 problem "the helper is of version 0.0.1, sifctl of $version; install the same version of all" "${plug[@]}" $(only versions)
program helper "sifguard-helper $version"
printf 'ELF\0sifguard-plugin-version=9.9.9\0' >spank_sifguard.so
finds 2 problem "the plugin is of version 9.9.9, sifctl of $version; *" "${plug[@]}" $(only versions)
printf 'ELF\0sifguard-plugin-version=9.9.8\0' >spank_sifguard_job.so
printf '%s\n' "required $WORK/spank_sifguard_job.so" >plug.d/sifguard_job.conf
examine 2 "${plug[@]}" $(only versions)
says "the plugin is of version 9.9.8, sifctl of $version; "
says "the plugin is of version 9.9.9, sifctl of $version; "
rm plug.d/sifguard_job.conf spank_sifguard_job.so
printf 'ELF' >spank_sifguard.so
finds 2 problem "the plugin is of version unknown, *" "${plug[@]}" $(only versions)
printf 'ELF\0sifguard-plugin-version=%s\0' "$version" >spank_sifguard.so
rm helper
finds 2 problem "cannot find the program $WORK/helper: *" "${plug[@]}" $(only versions)
echo "runtime: $WORK/runtime" >>config.yaml
runtime() {   # runtime SEVERITY PATTERN: what is said of the runtime
  examine "${3:-2}" $(only programs)
  says "$1   programs  $2"
}
runtime problem "cannot find the program $WORK/runtime: No such file or directory; install it or correct its path"
program runtime "apptainer version 1.1.9-1"
runtime problem "apptainer version 1.1.9-1 is too old: it cannot open images"
program runtime "singularity version 3.3.0"
runtime problem "singularity version 3.3.0 is too old: it knows no --pem-path"
program runtime "nothing of the kind"
checks=$((checks + 1))
sifctl doctor --config "$WORK/config.yaml" $(only programs)
says "$WORK/runtime does not say a version that is known here"
program runtime "apptainer version 1.4.5"
sifctl doctor --config "$WORK/config.yaml" $(only programs)
checks=$((checks + 1))
! grep -q "$WORK/runtime" "$OUT" || wrong "complains of a runtime that is new enough"
chmod 777 runtime
runtime problem "$WORK/runtime is writable by group or others"
# Slurm's release, and the plugin's
echo "squeue: $WORK/squeue" >>config.yaml
slurm() { program srun "$1" && printf 'ELF\0sifguard-plugin-slurm=%s\0' "$2" >spank_sifguard.so; }   # VERSION BUILT-FOR
slurm "slurm-wlm 24.11.5" 24.11
finds 1 warning "Slurm 24.11.5 has known vulnerabilities: * (CVE-2026-65108); upgrade to 25.05.9 or later *" "${plug[@]}" $(only slurm)
slurm "slurm 26.05.4" 26.05 && examine 0 "${plug[@]}" $(only slurm)
slurm "slurm 26.05.4" 25.11
finds 2 problem "$WORK/spank_sifguard.so was built for Slurm 25.11, and Slurm 26.05.4 is installed, which does not load it; *for Slurm 26.05" "${plug[@]}" $(only slurm)
slurm "slurm 26.05.4" ''
finds 1 warning "$WORK/spank_sifguard.so does not say for which Slurm it was built; *" "${plug[@]}" $(only slurm)
slurm "nothing of the kind" 26.05
finds 1 warning "$WORK/srun does not say a version that is known here: nothing of the kind; *" "${plug[@]}" $(only slurm)
rm srun && examine 0 "${plug[@]}" $(only slurm)
# The runtime's own limits
mkdir conf && : >conf/apptainer.conf
printf '#!/bin/sh\n[ "$1" = buildcfg ] || exec echo apptainer version 1.4.5\necho APPTAINER_CONFDIR=%s/conf\necho LIBEXECDIR=%s\n' \
  "$WORK" "$WORK" >runtime && chmod 755 runtime
examine 0 $(only runtime)
echo "limit container owners = root" >conf/apptainer.conf
finds 1 warning "'limit container owners' is set, but has no effect: the runtime has no set-user-ID starter *" $(only runtime)
install -D -m 4755 /bin/true apptainer/bin/starter-suid
echo "limit container paths = /apps" >conf/apptainer.conf
examine 1 $(only runtime)
says "'limit container paths = /apps': apptainer version 1.4.5 also allows other names that begin with these letters (CVE-2026-48785)"
program runtime "apptainer version 1.4.5"
finds 1 warning "$WORK/runtime buildcfg does not say where its configuration is; *" $(only runtime)
