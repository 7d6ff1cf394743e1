# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; encrypted, made: set by prepare.sh
# Nodes that are not in order: configuration, keystore, programs, disks. Sourced by run.
keystore=/var/lib/sifguard/keystore
libexec=$(ctl sh -c 'dirname "$(ls /usr/libexec/sifguard/sifguard-helper /usr/lib/*/sifguard/sifguard-helper 2>/dev/null | head -n 1)"')

bad_node() { refuse "$1" "$2" "$3" alice --sif-verify="$encrypted" true; }   # bad_node WHAT CODE REGEX
silent_node() {   # the same where no audit record can be, since the helper or the log is what is missing
    before node1
    launch alice -w node1 --sif-verify="$encrypted" true
    refused "$1" "$2" "$3" no-audit
}
keep_configuration

# --- the keystore -----------------------------------------------------------------------------------------------
ctl chmod 0720 "$keystore"
bad_node "the keystore is group-writable" 78 "$keystore"
ctl chmod 0700 "$keystore"
ctl mv "$keystore" "$keystore.real"
bad_node "the keystore is absent" 78 "$keystore"
ctl ln -s keystore.real "$keystore"
bad_node "the keystore is a symbolic link" 78 "$keystore"
ctl rm "$keystore"
ctl mv "$keystore.real" "$keystore"
ctl chown alice "$keystore"
bad_node "the keystore is owned by a user" 78 "$keystore"
ctl chown root "$keystore"
ctl chmod 0777 /var/lib/sifguard
bad_node "the directory above it is writable by all" 78 '/var/lib/sifguard'
ctl chmod 0700 /var/lib/sifguard

ctl cp -p "$keystore/images.yaml" /root/images.yaml
undo ctl cp -p /root/images.yaml "$keystore/images.yaml"
for text in 'images: [' 'version: 1
default: accept
images: []' 'version: 1
default: reject
imagse: []' "$(printf 'version: 1\ndefault: reject\nimages:\n  - name: x\n    match: [/x]\n    allow: {users: []}')"; do
    printf '%s\n' "$text" | write_at ctl "$keystore/images.yaml"
    bad_node "malformed images.yaml: ${text##*$'\n'}" 78 'images.yaml:[0-9]'
done
ctl rm "$keystore/images.yaml"
bad_node "images.yaml is absent" 78 'images.yaml'
ctl cp -p /root/images.yaml "$keystore/images.yaml"
ctl chmod 0666 "$keystore/images.yaml"
bad_node "images.yaml is writable by all" 78 'images.yaml'
ctl chmod 0600 "$keystore/images.yaml"
carol=$(fingerprint_of carol)
ctl sifctl signer remove "$carol" --force 2>/dev/null || ctl mv "$keystore/image-signers/$carol" /root/signer
bad_node "a signer that the keystore has lost" 78 "$carol"
ctl sh -c "if test -e /root/signer; then mv /root/signer $keystore/image-signers/$carol; else sifctl signer add $made/keys/carol.asc; fi" >/dev/null
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the keystore as it was" out=good

# --- the configuration ------------------------------------------------------------------------------------------
configure 'keystroe: /var/lib/sifguard/keystore'
bad_node "sifguard.yaml with an unknown field" 78 'sifguard.yaml:1'
configure 'keystore: ['
bad_node "malformed sifguard.yaml" 78 'sifguard.yaml'
configure 'runtime: /usr/bin/apptainer'
ctl chmod 0666 /etc/sifguard/sifguard.yaml
bad_node "sifguard.yaml is writable by all" 78 'sifguard.yaml'
ctl chmod 0644 /etc/sifguard/sifguard.yaml
configure 'runtime: /usr/bin/no-runtime'
bad_node "the runtime is absent" 69 '/usr/bin/no-runtime'
configure 'runtime: /usr/bin'
bad_node "the runtime is a directory" 78 '/usr/bin'
configure 'gpg: /nonexistent'
ctl cp "$plain" "$made/tools/fresh.sif"   # not in the cache by content: a byte behind the end is not covered
ctl sh -c "echo >>$made/tools/fresh.sif"
undo ctl rm -f "$made/tools/fresh.sif"
refuse "gpg is absent" 69 '/nonexistent' alice --sif-verify="$made/tools/fresh.sif" true
configure 'verifier_user: nobody-here'
bad_node "the verifier's account is absent" 78 'nobody-here'
configure 'verifier_user: root'
bad_node "the verifier's account is root" 78 'root'
configure 'image_max_bytes: 512 KiB'
refuse "an image larger than allowed" 65 'larger than' alice --sif-verify="$made/tools/fresh.sif" true
configure 'cache_max_bytes: 512 KiB'
at node1 sh -c 'rm -rf /var/cache/sifguard/entries/*'
bad_node "a cache smaller than the image" 75 'no space'
configure 'cache_max_bytes_per_user: 512 KiB'
bad_node "a user's part of it smaller than the image" 75 'one user may have 524288'
configure ''
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "an empty sifguard.yaml means the defaults" rc="$rc" err~"$([[ $rc == 0 ]] || echo sifguard)"
configure 'version: 1'
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the configuration as it was" out=good

# --- programs ---------------------------------------------------------------------------------------------------
without() { ctl mv "$libexec/$1" "$libexec/$1.away"; }
again() { ctl mv "$libexec/$1.away" "$libexec/$1"; }
without sifguard-helper
silent_node "the helper is absent" 78 'sifguard-helper'
again sifguard-helper
ctl chmod 0775 "$libexec/sifguard-helper"
silent_node "the helper is writable by a group" 78 'writable'
ctl chmod 0755 "$libexec/sifguard-helper"
without sifguard-launch
silent_node "the launcher is absent" 69 'sifguard-launch'
again sifguard-launch
without sifguard-opener
bad_node "the opener is absent" 69 'sifguard-opener'
again sifguard-opener
for program in sifguard-verifier sifguard-pgp; do
    without "$program"
    refuse "$program is absent" 69 "$program" alice --sif-verify="$made/tools/fresh.sif" true
    again "$program"
done
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the programs as they were" out=good

# --- disks ------------------------------------------------------------------------------------------------------
at node1 mount -t tmpfs -o size=1m,mode=0700 full /var/cache/sifguard
bad_node "the cache's disk is full" 75 'no space'
at node1 umount /var/cache/sifguard
at node1 mount -t tmpfs -o size=100m,mode=0755 open /var/cache/sifguard
bad_node "the cache can be entered by others" 78 '/var/cache/sifguard'
at node1 umount /var/cache/sifguard
at node1 mount -t tmpfs -o ro,mode=0700 ro /var/cache/sifguard
bad_node "the cache is read-only" 78 '/var/cache/sifguard'
at node1 umount /var/cache/sifguard
at node1 mount -t tmpfs -o ro,mode=0700 ro /var/log/sifguard
silent_node "the audit log cannot be made" 78 'audit'
at node1 umount /var/log/sifguard
at node1 sh -c 'mount -t tmpfs -o size=8k,mode=0700 full /var/log/sifguard; cat /dev/zero >/var/log/sifguard/audit.jsonl 2>/dev/null; true'
silent_node "the audit log's disk is full" 75 'audit'
at node1 umount /var/log/sifguard
at node1 sh -c 'mount -t tmpfs -o mode=0700 link /var/log/sifguard; ln -s /etc/passwd /var/log/sifguard/audit.jsonl'
silent_node "the audit log is a symbolic link" 78 'audit'
at node1 umount /var/log/sifguard
at node1 mount -t tmpfs -o mode=0777 open /run/sifguard
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "/run/sifguard was writable by all, and is put right" out=good
check "it is closed now" is "$(at node1 stat -c %a /run/sifguard)" 755
at node1 umount /run/sifguard

# --- people -----------------------------------------------------------------------------------------------------
at node1 sh -c 'grep -v ^alice: /etc/passwd >/run/passwd; mount --bind /run/passwd /etc/passwd'
bad_node "the user has no account on the node" 77 'uid 1001 has no account'
at node1 umount /etc/passwd
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "the node as it was" out=good
