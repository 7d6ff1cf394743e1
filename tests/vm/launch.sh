#!/bin/bash
# In the emulated machine: a cluster, with the keys and images that were made for it on the host, and launches on
# a kernel that is not the host's. Root.
set -euo pipefail
uname -r
# There is none in the box's root file system, and no need of a disk.
printf '#!/bin/sh\nexit 1\n' >/usr/local/bin/mkfs.ext4
chmod 0755 /usr/local/bin/mkfs.ext4
export BOX_BUILD=/tmp/build BOX_NAME=cluster LAUNCH_SECONDS=400 FILE_SECONDS=1200   # all is slow here
mkdir /tmp/build
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
box=/src/tests/box/box
"$box" up --suite "$suite" --nodes 2
"$box" exec -- tar -x -C / </out/state.tar
/src/tests/cluster/run --name "$BOX_NAME" --keep cluster/owners
