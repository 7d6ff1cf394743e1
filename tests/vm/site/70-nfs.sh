# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# Images on NFS, whose server takes root for nobody. Sourced by site.sh.
modprobe nfsd
mount -t nfsd nfsd /proc/fs/nfsd 2>/dev/null || true
mkdir -p /export
mount -t tmpfs -o mode=0755 tmpfs /export
mkdir -p /export/home
printf '%s\n' '/export *(rw,fsid=0,root_squash,no_subtree_check,insecure)' >/etc/exports
install -d -o alice -g alice -m 0700 /export/home
install -o alice -g alice -m 0400 "$encrypted" /export/home/secure.sif
serve() {
    rpc.nfsd -N 3 2
    { echo Y >/proc/fs/nfsd/v4_end_grace; } 2>/dev/null || true   # there is nobody whose locks it must wait for
}
echo 10 >/proc/fs/nfsd/nfsv4leasetime
echo 10 >/proc/fs/nfsd/nfsv4gracetime
exportfs -ra
rpc.mountd -N 3
serve
check "alice's home is on NFS" mount -t nfs4 10.99.0.1:/home /home/alice
undo umount -l /home/alice
from_elsewhere() {   # COMMAND…: as alice; root cannot go to her home
    (cd /tmp && exec env -i PATH=/usr/bin:/bin HOME=/tmp USER=alice LOGNAME=alice setpriv --reuid=alice --regid=alice --init-groups -- "$@")
}
image=/home/alice/secure.sif
check "root cannot read her image" fails head -c 1 "$image"
check "she can" from_elsewhere head -c 1 "$image"
for release in pem mount; do
    configure 'version: 1' "release: $release"
    capture from_elsewhere timeout 100 srun -D /tmp --sif-verify="$image" cat /marker </dev/null
    ran "release: $release of an image on NFS" out=good
done
check "nothing is left" gone
