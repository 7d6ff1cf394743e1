#!/bin/bash
# enter.sh NODE USER CMD…: becomes CMD as USER on NODE, with a fresh login's environment. Starts as root on ctl,
# inside the box; goes on to the node first when it is another one.
set -euo pipefail
node=$1 user=$2
shift 2

if [[ $node != "$(</proc/sys/kernel/hostname)" ]]; then
    { read -r pid <"/run/box/$node"; } 2>/dev/null || { echo "box: no node '$node' here" >&2; exit 1; }
    exec nsenter -t "$pid" -m -n -u -i -p -- /bin/bash "$0" "$node" "$user" "$@"
fi

IFS=: read -r _ _ uid gid _ home shell < <(getent passwd "$user") ||
    { echo "box: no user '$user' here" >&2; exit 1; }
[[ -d $home ]] || home=/
path=/usr/local/bin:/usr/bin:/bin
if [[ $uid == 0 ]]; then
    path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
else
    ulimit -Sn 1024
fi
cd "$home"
exec env -i HOME="$home" USER="$user" LOGNAME="$user" SHELL="$shell" PATH="$path" TERM="${TERM:-dumb}" \
    LANG=C.UTF-8 setpriv --reuid="$uid" --regid="$gid" --init-groups -- "$@"
