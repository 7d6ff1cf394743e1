# shellcheck shell=bash
# Slurm's daemons as Debian's units, with the plugin in their stack and control groups of version 2. Sourced by site.sh.
address=10.99.0.1
ip link add br0 type bridge
ip addr add $address/24 dev br0
ip link set br0 up
printf '%s\n' '127.0.0.1 localhost' "$address node1 ctl" >/etc/hosts
cp /src/tests/box/etc/slurm/*.conf /etc/slurm/
mkdir -p /var/log/slurm /var/spool/slurm{d,ctld}
chown slurm:slurm /var/log/slurm /var/spool/slurmctld
sed -i -e 's,^SlurmctldHost=.*,SlurmctldHost=node1,' -e 's,^ProctrackType=.*,ProctrackType=proctrack/cgroup,' \
    -e 's,^TaskPlugin=.*,TaskPlugin=task/cgroup,' /etc/slurm/slurm.conf
printf '%s\n' 'NodeName=node1 CPUs=4 RealMemory=2000 Gres=gpu:1 State=UNKNOWN' MessageTimeout=60 >>/etc/slurm/slurm.conf
printf '%s\n' CgroupPlugin=cgroup/v2 ConstrainRAMSpace=yes >/etc/slurm/cgroup.conf
chmod 0666 /dev/fuse   # as a rule of udev's has it, which this machine is without
check "sifguard-plugstack puts the plugin into the stack" sifguard-plugstack on
systemctl start munge slurmctld slurmd || true
for unit in munge slurmctld slurmd; do check "$unit.service runs" is "$(systemctl is-active $unit)" active; done
check "control groups are of version 2 alone" is "$(stat -f -c %T /sys/fs/cgroup)" cgroup2fs
check "the node is idle" idle
launch alice cat /proc/self/cgroup
ran "a step is in a control group below slurmd's" out~'^0::/system.slice/[^ ]*slurmstepd.scope/job_[^:]*$'
