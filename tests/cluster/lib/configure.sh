# shellcheck shell=bash
# Changing a node's configuration and the cluster's. Sourced by run.
# shellcheck disable=SC2154,SC2016  # name, tree, release: set by run; what stands in single quotes expands in the box

configure() {
    { printf '%s\n' "$@"; [[ $release == pem || $* == *release:* ]] || echo "release: $release"; } |
        write_at ctl /etc/sifguard/sifguard.yaml
}
# What the file held comes back at the test's end, and no node remembers what it held meanwhile. An empty file would
# be a lost one.
keep_configuration() {
    ctl sh -c 'mkdir -p /etc/sifguard; cd /etc/sifguard; test -s sifguard.yaml || echo >sifguard.yaml; cp -p sifguard.yaml .kept'
    undo ctl sh -c 'cd /etc/sifguard; cat .kept >sifguard.yaml; rm -f .kept /var/lib/sifguard/enforcement.*'
}

# slurm_conf LINE…: LINEs at the end of slurm.conf, until the test's end.
slurm_conf() {
    ctl sh -c 'cp -p /etc/slurm/slurm.conf /etc/slurm/.kept; printf "%s\n" "$@" >>/etc/slurm/slurm.conf; scontrol reconfigure' sh "$@"
    undo ctl sh -c 'cat /etc/slurm/.kept >/etc/slurm/slurm.conf; rm /etc/slurm/.kept; scontrol reconfigure'
    sleep 1   # the nodes take a moment, and may be at work
    idle >/dev/null || true
}

# As `run --release` says, until the test's end.
configure_release() {
    [[ $release != pem ]] || return 0
    ctl sh -c 'mkdir -p /etc/sifguard; cd /etc/sifguard; test -e sifguard.yaml || echo "version: 1" >sifguard.yaml
        echo "release: $1" >>sifguard.yaml' sh "$release"
    undo ctl sed -i '/^release: /d' /etc/sifguard/sifguard.yaml
}

# As `run --proctrack` says, until another run says otherwise.
configure_proctrack() {
    ! ctl grep -qx "ProctrackType=proctrack/$1" /etc/slurm/slurm.conf || return 0
    ctl sh -euc 'cd /etc/slurm
        sed -i "s,^ProctrackType=.*,ProctrackType=proctrack/$1," slurm.conf
        [ -e cgroup.conf.box ] || cp cgroup.conf cgroup.conf.box
        if [ "$1" = cgroup ]; then echo CgroupPlugin=cgroup/v1 >cgroup.conf; else cp cgroup.conf.box cgroup.conf; fi' sh "$1"
    box restart --name "$name"
    idle
}
