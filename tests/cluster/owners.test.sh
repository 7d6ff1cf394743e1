# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # rc, out, err, encrypted, plain: set by check.sh and prepare.sh
# Whose the files of a mounted image are: the user's where the kernel maps the owners of squashfs (Linux 6.2), root's
# where it does not, and doctor says so. tests/vm/launch.sh runs this on 6.1. Sourced by run.
keep_configuration
configure 'version: 1' 'release: mount'
maps_owners() { [[ $(uname -r) =~ ^([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] >= 602)); }
warning="files of root's in mounted images are root's to jobs"
doctor() { at node1 sifctl doctor 2>&1 || true; }
remains() { at node1 pgrep -l -x sifguard-imagef; }
gone_tenths=300

for image in "$encrypted" "$plain"; do
    launch alice -w node1 --sif-verify="$image" sh -c 'cat /marker; stat -c %u /marker; touch /new 2>/dev/null'
    if maps_owners; then
        ran "${image##*/}: the files are the user's, and nobody writes" rc=1 out=$'good\n1001'
    else
        # Root's, who is nobody in the runtime's user namespace.
        ran "${image##*/}: the files are root's, and nobody writes" rc=1 out=$'good\n65534'
    fi
done
if maps_owners; then
    check "doctor has nothing to say of it" fails grep -q "$warning" <<<"$(doctor)"
else
    check "doctor says so" grep -q "$warning" <<<"$(doctor)"
fi
configure 'version: 1'
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the other way of release runs it, too" out=good
check "and nothing is left" gone
