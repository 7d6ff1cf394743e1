#!/bin/bash
# Boots one node: runs on ctl, as root. The node is a PID, mount, UTS and IPC namespace, in the network
# namespace that ctl made for it; its init is lib/node.sh, which leaves its pid in /run/box/NODE.
set -euo pipefail
node=$1
rm -f "/run/box/$node"
mkdir -p /srv/box/"$node"/{spool,cache,log}
# As the package makes them: what others can enter is refused as the place of images and of the audit log.
chmod 0700 /srv/box/"$node"/{cache,log}
{
    setsid --wait nsenter --net="/run/netns/$node" \
        unshare --mount --uts --ipc --pid --fork --kill-child /bin/bash /src/tests/box/lib/node.sh "$node" ||
        touch /run/box/failed   # so that 'up' need not wait for what cannot come
} </dev/null >>"/var/log/box-$node.log" 2>&1 &
