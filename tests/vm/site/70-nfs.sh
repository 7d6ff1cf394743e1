# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154
# Images on NFS, whose server takes root for nobody, and goes away. Sourced by site.sh.
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
# --- the server goes away ---------------------------------------------------------------------------------------------
mkdir -m 1777 /tmp/marks
hold() {
    rm -f /tmp/marks/*
    from_elsewhere timeout 100 srun -J held -D /tmp --sif-verify="$image" sh -c 'touch /tmp/marks/running; while test ! -e /tmp/marks/go; do sleep 0.2; done; cat /marker' \
        </dev/null >"$tmp/held" 2>"$tmp/held.err" &
    pid=$!
    local i
    for ((i = 0; i < 300; i++)); do [[ ! -e /tmp/marks/running ]] || return 0; sleep 0.2; done
    return 1
}
waiting_for_ever() { ps -eo stat=,comm= | grep -E '^D.*(sifguard|apptainer|starter)' || true; }
hold
rpc.nfsd 0
touch /tmp/marks/go
rc=0
wait "$pid" || rc=$?
check "the server goes away under a step, which ends well" is "$rc $(cat "$tmp/held")" "0 good"
check "nothing is left" gone
configure 'version: 1' 'release: mount' 'stage_timeout_s: 5'
before node1
capture from_elsewhere timeout 100 srun -D /tmp --sif-verify="$image" cat /marker </dev/null
refused "a launch while it is away is refused" 75 'opening the image took too long' no-audit
check "nobody of ours waits for it" is "$(waiting_for_ever)" ""
check "the node is not drained" idle
serve
configure 'version: 1' 'release: mount'
capture from_elsewhere timeout 100 srun -D /tmp --sif-verify="$image" cat /marker </dev/null
ran "it is back, and all is well" out=good
hold
rpc.nfsd 0
scancel --name=held
wait "$pid" || true
check "a step that is cancelled while it is away leaves nothing" gone
check "and the node is not drained" idle
serve
