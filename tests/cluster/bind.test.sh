# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# --sif-bind. Sourced by run.

as alice sh -c 'mkdir -p shared; echo hello >shared/file; rm -f shared/new'
launch alice --sif-verify="$encrypted" --sif-bind="$made/keys:/mnt:ro" sh -c 'ls /mnt/carol.asc'
ran "a directory is shown" out=/mnt/carol.asc
launch alice --sif-verify="$encrypted" --sif-bind=/home/alice/shared:/data:ro sh -c 'cat /data/file; touch /data/new'
ran "read-only" rc=1 out=hello err~'Read-only'
launch alice --sif-verify="$encrypted" --sif-bind=/home/alice/shared:/data sh -c 'touch /data/new && ls /data'
ran "writable unless said otherwise" out='file
new'
launch alice --sif-verify="$encrypted" --sif-bind=/home/alice/shared:/data,"$made/keys:/mnt:ro" sh -c 'ls /data/file /mnt/carol.asc'
ran "two binds" out='/data/file
/mnt/carol.asc'
launch alice --chdir=/home/alice --sif-verify="$encrypted" --sif-bind=shared:/data cat /data/file
ran "a source relative to the job's directory" out=hello

for destination in / /proc /proc/self /sys/kernel /dev /run/sifguard /run/sifguard/job/image /.singularity.d \
    /.singularity.d/env /etc/sifguard; do
    refuse "destination $destination" 64 "destination cannot be" alice --sif-verify="$encrypted" --sif-bind="/home/alice/shared:$destination" true
done
refuse "destination with .." 64 "'\.\.'" alice --sif-verify="$encrypted" --sif-bind=/home/alice/shared:/data/../proc true
for source in /run/sifguard /run/sifguard/job /run / /var/lib/sifguard/keystore /var/cache/sifguard/entries; do
    refuse "source $source" 64 "source" alice --sif-verify="$encrypted" --sif-bind="$source:/mnt" true
done

launch alice --sif-bind=/home/alice/shared:/data echo ran
ran "--sif-bind without --sif-verify is refused before the job starts" rc=failed out= silent
launch alice --sif-verify="$encrypted" --sif-bind=shared:relative echo ran
ran "a malformed bind is refused before the job starts" rc=failed out=
launch alice --sif-verify="$encrypted" --sif-bind=/home/alice/none:/mnt true
ran "a source that does not exist" rc=66 out= err~'^sifguard: nothing to bind at /home/alice/none on this node: No such file'
check "is told in one line" is "$(grep -c . <<<"$err")" 1

# Names with a meaning, in Apptainer's escapes; a relative source needs none for the job's directory.
odd='run 2026-11-29T12:00:00,a^b\c"d'
# shellcheck disable=SC2001  # one replacement for three characters
escaped=$(sed 's/[:,\\]/\\&/g' <<<"/home/alice/$odd")
as alice sh -c 'mkdir -p "$1"; echo odd >"$1/file"' _ "$odd"
undo as alice rm -rf "$odd"
launch alice --sif-verify="$encrypted" --sif-bind="$escaped:/data:ro,/home/alice/shared:/mnt" cat /data/file /mnt/file
ran "a source with a colon, a comma, '^', a backslash and a quote" out='odd
hello'
launch alice --sif-verify="$encrypted" --sif-bind="/home/alice/shared:/da\\:ta\\,x\\\\y" cat '/da:ta,x\y/file'
ran "such a destination" out=hello
launch alice --chdir="/home/alice/$odd" --sif-verify="$encrypted" --sif-bind=.:/data cat /data/file
ran "a source relative to such a directory" out=odd
capture as alice srun --sif-verify="$encrypted" --sif-bind="/home/alice/$odd:/data" true </dev/null
err=$(cat "$tmp/err.all")
ran "without the escapes it is refused, with the form that there is" rc=failed out= 'err~with \\, \\: and'

# A binding can forbid it.
ctl sifctl image bind strict --match "$made/free/strict.sif" --signer "$(fingerprint_of carol)" --everyone \
    --runtime-allow none --bind "$made/keys:/opt/keys:ro"
undo ctl sifctl image unbind strict
ctl cp "$plain" "$made/free/strict.sif"
undo ctl rm -f "$made/free/strict.sif"
refuse "a binding that allows no binds" 77 "does not allow --sif-bind" alice --sif-verify="$made/free/strict.sif" \
    --sif-bind=/home/alice/shared:/data true
launch alice --sif-verify="$made/free/strict.sif" ls /opt/keys/carol.asc
ran "a bind that the binding adds" out=/opt/keys/carol.asc
ctl sifctl image unbind strict
ctl sifctl image bind strict --match "$made/free/strict.sif" --signer "$(fingerprint_of carol)" --everyone --bind /none/keys:/opt/keys
launch alice --sif-verify="$made/free/strict.sif" true
ran "one that the binding adds and the node lacks" rc=78 err~'^sifguard: nothing to bind at /none/keys on this node: .*administrator'
