#!/bin/sh
# sifctl image and explain against a fresh keystore: exact output, exit status, and that a refusal
# changes nothing.  Usage: image_test.sh SIFCTL
set -eu
sifctl=${1:?usage: image_test.sh SIFCTL}
command -v gpg >/dev/null || { echo "SKIPPED, NOT TESTED: gpg is not installed"; exit 77; }
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gpg" --kill all 2>/dev/null || :; rm -rf "$work"' EXIT
ks=$work/ks
failures=0
checks=0

fail() {
    failures=$((failures + 1))
    echo "FAILED: $1" >&2
    sed 's/^/    /' "$work/out" "$work/err" >&2
}

# run STATUS ARGUMENT…: the exit status must be this one; output is left in $work/out and $work/err.
run() {
    wanted=$1
    shift
    status=0
    "$sifctl" --keystore "$ks" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    checks=$((checks + 1))
    [ "$status" -eq "$wanted" ] || fail "exit status $status, not $wanted: sifctl $*"
}

# prints FILE: standard output must be what stands on standard input, fingerprints as A and B.
prints() {
    cat >"$work/wanted"
    sed -e "s/$a/A/g" -e "s/$b/B/g" "$work/out" >"$work/got"
    checks=$((checks + 1))
    cmp -s "$work/wanted" "$work/got" || { fail "another output"; diff "$work/wanted" "$work/got" >&2 || :; }
}

says() {
    checks=$((checks + 1))
    grep -qF -- "$1" "$work/err" "$work/out" || fail "does not say: $1"
}

# refuses STATUS TEXT ARGUMENT…: as said, in one line of stderr, and neither bindings nor rules change.
refuses() {
    wanted=$1 text=$2
    shift 2
    before=$(cat "$ks/images.yaml" "$ks"/keys/*/meta.*)
    run "$wanted" "$@"
    says "$text"
    checks=$((checks + 2))
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "not one line on stderr: sifctl $*"
    [ "$before" = "$(cat "$ks/images.yaml" "$ks"/keys/*/meta.*)" ] || fail "a refusal changed the keystore: sifctl $*"
}

mkdir -m 700 "$work/gpg"
for who in a b; do
    gpg --homedir "$work/gpg" --batch --quiet --passphrase '' --quick-gen-key "Signer $who <$who@example.org>" ed25519 sign never 2>/dev/null
    gpg --homedir "$work/gpg" --quiet --armor --export "$who@example.org" >"$work/$who.asc" 2>/dev/null
done
fingerprint() {
    gpg --homedir "$work/gpg" --with-colons --list-keys "$1@example.org" 2>/dev/null | awk -F: '/^fpr/ {print $10; exit}'
}
a=$(fingerprint a)
b=$(fingerprint b)
user=$(id -un)
group=$(id -gn)

run 0 init
run 0 signer add "$work/a.asc"
run 0 signer add "$work/b.asc"
run 0 key create cow --bits 2048
run 0 key create dog --bits 2048

run 0 image list
prints <<END
NAME  MATCH  SIGNERS  KEY  ALLOW
END
run 0 image list --json
prints <<END
{
  "schema": "sifguard.binding-list/1",
  "items": []
}
END

# Before anything is bound
refuses 64 "nobody is allowed to run the image; say who: --allow-user" image bind lolcow --match /a --signer "$a" --key cow
refuses 64 "not a full OpenPGP fingerprint" image bind lolcow --match /a --signer "${a#????????????????????????}" --everyone
refuses 66 "sifctl signer add" image bind lolcow --match /a --signer 1111111111111111111111111111111111111111 --everyone
refuses 66 "no key 'none'" image bind lolcow --match /a --signer "$a" --key none --everyone
refuses 64 "not an absolute path" image bind lolcow --match a --signer "$a" --key cow --everyone
refuses 64 "'.' or '..'" image bind lolcow --match /a/../b --signer "$a" --key cow --everyone
refuses 64 "not a name" image bind 'lol cow' --match /a --signer "$a" --key cow --everyone
refuses 64 "spans lines" image bind "x
  - name: y" --match /a --signer "$a" --key cow --everyone
refuses 64 "not a digest" image bind lolcow --match /a --signer "$a" --key cow --everyone --digest sha256:00
refuses 64 "not a date" image bind lolcow --match /a --signer "$a" --key cow --everyone --not-after 2026-02-30
refuses 64 "not a date" image bind lolcow --match /a --signer "$a" --key cow --everyone --signed-after now
refuses 64 "--mode warn never releases a key" image bind lolcow --match /a --signer "$a" --key cow --everyone --mode warn
refuses 64 "--mode" image bind lolcow --match /a --signer "$a" --everyone --mode lax
refuses 64 "--release" image bind lolcow --match /a --signer "$a" --everyone --release fuse
run 0 image bind lolcow --match /a --signer "$a" --everyone --release mount --dry-run
says "    release: mount"
refuses 64 "--everyone contradicts" image bind lolcow --match /a --signer "$a" --everyone --allow-user "$user"
refuses 64 "patterns are not possible" image bind lolcow --match /a --signer "$a" --allow-user 'r*'
refuses 64 "patterns are not possible" image bind lolcow --match /a --signer "$a" --everyone --deny-user 'm?'
refuses 64 "not a partition's name: 'main*'" image bind lolcow --match /a --signer "$a" --key cow --allow-partition 'main*'
refuses 64 "write [one, other]" image bind lolcow --match /a --signer "$a" --key cow --allow-partition main,other
refuses 64 "can never be such a name" image bind lolcow --match /a --signer "$a" --key cow --allow-account 'a b'
refuses 64 "together would deny only who is both" image bind lolcow --match /a --signer "$a" --everyone --deny-user x --deny-group y
refuses 64 "--runtime-allow" image bind lolcow --match /a --signer "$a" --everyone --runtime-allow all
refuses 64 "not an absolute, normal path" image bind lolcow --match /a --signer "$a" --everyone --bind scratch
refuses 64 "--signer is required" image bind lolcow --match /a --everyone
refuses 64 "--match is required" image bind lolcow --signer "$a" --everyone
refuses 66 "no binding 'lolcow'" image unbind lolcow

# A dry run says what a real one would do, and writes nothing
whole=$(find "$ks" -type f -exec sha256sum {} + | sort)
run 0 image bind lolcow --match '/apps/secure/lolcow*.sif' --signer "$a" --key cow --allow-user "$user" --dry-run
prints <<END
not done: --dry-run; this would be added:
  - name: "lolcow"
    match: ["/apps/secure/lolcow*.sif"]
    signing_key: {fingerprint: "A"}
    encryption: {key: "cow"}
    allow: {users: ["$user"]}
and the rule of the key 'cow' would be set: signers A; users $user
END
refuses 64 "--signer is required" image bind lolcow --match /a --everyone --dry-run
checks=$((checks + 1))
[ "$whole" = "$(find "$ks" -type f -exec sha256sum {} + | sort)" ] || fail "a dry run changed the keystore"

# A first binding sets the key's rule
run 0 image bind lolcow --match '/apps/secure/lolcow*.sif' --signer "$a" --key cow \
    --allow-user "$user" --allow-partition secure debug
prints <<END
bound lolcow
END
run 0 key show cow --json
checks=$((checks + 1))
tr -d ' \n' <"$work/out" | grep -qF "\"rule\":{\"signers\":[\"$a\"],\"users\":[\"$user\"],\"groups\":[],\"everyone\":false,\"all_of\":[]}" ||
    fail "the key's rule is not the binding's"
refuses 73 "'lolcow' exists already (images.yaml:4)" image bind lolcow --match /a --signer "$a" --everyone

# ... which later ones may not widen
refuses 77 "the key 'cow': already bound to other signers" image bind two --match /a --signer "$b" --key cow --allow-user "$user"
refuses 77 "already bound to other signers" image bind two --match /a --signer "$a" "$b" --key cow --allow-user "$user"
refuses 77 "would open it to everyone" image bind two --match /a --signer "$a" --key cow --everyone
refuses 77 "would open it to everyone" image bind two --match /a --signer "$a" --key cow --allow-partition secure
refuses 77 "not bound to user other" image bind two --match /a --signer "$a" --key cow --allow-user "$user" other
refuses 77 "not bound to group $group" image bind two --match /a --signer "$a" --key cow --allow-group "$group"
# ... nor what the bindings limit beside it
looser() { # TEXT ARGUMENT…: a second binding of the key is refused
    said=$1
    shift
    refuses 77 "$said" image bind two --match /a --signer "$a" --key cow --allow-user "$user" "$@"
}
looser "the key 'cow': its binding 'lolcow' allows partitions secure debug alone, and this would allow any"
looser "and this would allow partitions main" --allow-partition main
looser "'lolcow' allows partitions secure debug alone" --allow-qos secure
run 0 image bind two --match /apps/pair.sif --signer "$a" --all-signers --key cow --allow-user "$user" --allow-partition secure

# Both of two signers, then: nobody may use the key under one of them
run 0 image bind all --match '/apps/tools/**' '/apps/t[a-z]*' --signer "$a" --signer "$b" --all-signers --key dog \
    --allow-partition debug --deny-user mallory --not-before 2026-01-01 --not-after 2099-12-31 --signed-after 2026-01-01 \
    --digest sha256:0000000000000000000000000000000000000000000000000000000000000000 \
    --runtime-allow nv bind --bind /scratch /a:/b:ro --contain
says "any user may use the key 'dog'"
first=$(printf '%s\n' "$a" "$b" | LC_ALL=C sort | sed -n 1p) second=$(printf '%s\n' "$a" "$b" | LC_ALL=C sort | sed -n 2p)
refuses 77 "the key 'dog': already bound to other signers (its rule takes $first and $second, this asks for $first or $second)" image bind any --match /a --signer "$a" "$b" --key dog --allow-partition debug
refuses 77 "already bound to other signers" image bind any --match /a --signer "$a" --key dog --allow-partition debug
looser_signers() {
    said=$1
    shift
    refuses 77 "$said" image bind any --match /a --signer "$a" "$b" --all-signers --key dog --allow-partition debug "$@"
}
looser_signers "'all' denies users mallory, and this would not"
looser_signers "'all' begins on 2026-01-01, and this would earlier" --deny-user mallory
looser_signers "'all' ends on 2099-12-31" --deny-user mallory --not-before 2026-01-01
looser_signers "'all' takes no signatures from before 2026-01-01" --deny-user mallory --not-before 2026-01-01 \
    --not-after 2099-12-31 --signed-after 2025-12-31
run 0 image bind typo --match /typo --signer "$a" --everyone --deny-user "$user" no-such-user
says "sifctl: not known on this host, check the spelling: user no-such-user"
run 0 image unbind typo
run 0 image bind open --match 'oras://registry.example.org/**' --signer "$b" --everyone --mode warn --runtime-allow none

sed -e "s/$a/A/g" -e "s/$b/B/g" -e "s/\"$user\"/\"USER\"/g" "$ks/images.yaml" >"$work/out"
prints <<END
version: 1
default: reject
images:
  - name: "lolcow"
    match: ["/apps/secure/lolcow*.sif"]
    signing_key: {fingerprint: "A"}
    encryption: {key: "cow"}
    allow: {users: ["USER"], partitions: ["secure", "debug"]}
  - name: "two"
    match: ["/apps/pair.sif"]
    signing_key: {fingerprint: "A"}
    encryption: {key: "cow"}
    allow: {users: ["USER"], partitions: ["secure"]}
  - name: "all"
    match: ["/apps/tools/**", "/apps/t[a-z]*"]
    digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"
    signing_key: {all_of: ["A", "B"]}
    signed_after: 2026-01-01
    encryption: {key: "dog"}
    allow: {partitions: ["debug"]}
    deny: {users: ["mallory"]}
    not_before: 2026-01-01
    not_after: 2099-12-31
    runtime: {allow: ["nv", "bind"], binds: ["/scratch", "/a:/b:ro"], contain: true}
  - name: "open"
    match: ["oras://registry.example.org/**"]
    signing_key: {fingerprint: "B"}
    allow: {users: ["*"]}
    mode: warn
    runtime: {allow: [none]}
END

# Columns without their widths, which depend on the user's name
run 0 image list
sed -e 's/  */ /g' -e "s/users $user/users USER/" "$work/out" >"$work/squeezed"
mv "$work/squeezed" "$work/out"
prints <<END
NAME MATCH SIGNERS KEY ALLOW
lolcow /apps/secure/lolcow*.sif A cow users USER; partitions secure debug
two /apps/pair.sif A cow users USER; partitions secure
all /apps/tools/** /apps/t[a-z]* A and B dog partitions debug; not users mallory; from 2026-01-01; until 2099-12-31
open oras://registry.example.org/** B - everyone; warns only
END

# One of them
run 0 image show all
prints <<END
name               all
match              /apps/tools/**
match              /apps/t[a-z]*
digest             sha256:0000000000000000000000000000000000000000000000000000000000000000
signers            A and B
signed after       2026-01-01
key                dog (active)
allow              partitions debug
deny               users mallory
not before         2026-01-01
not after          2099-12-31
mode               enforce
users may ask for  nv bind
bind               /scratch
bind               /a:/b:ro
contain            always
line               $(grep -n 'name: "all"' "$ks/images.yaml" | cut -d: -f1)
END
run 0 image show open --json
grep -q '"name": "open"' "$work/out" && grep -q '"key": null' "$work/out" || fail "image show --json"
run 66 image show none
says "there is no binding 'none'; see sifctl image list"

# explain
cd /
explained() {
    run "$@"
    sed -e "s/^\(user  *\)$user\$/\1USER/" -e "s/^\(groups  *\).*/\1GROUPS/" -e "s/users $user\b/users USER/" -e "s/user $user\b/user USER/" \
        -e "s/^\(key id  *\)[0-9a-f]\{64\}$/\1ID/" -e "s/^\(thumbprint  *\)[0-9a-f]\{40\}$/\1THUMBPRINT/" \
        "$work/out" >"$work/plain"
    mv "$work/plain" "$work/out"
}
explained 0 explain --user "$user" --image apps/./secure//x/../lolcow1.sif --partition debug
prints <<END
image       /apps/secure/lolcow1.sif
user        USER
groups      GROUPS
binding     'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
signed by   A
mode        enforce
release     as the node's sifguard.yaml says
key         cow
key id      ID
thumbprint  THUMBPRINT
key state   active
key's rule  allows user USER
allowed     if the image is signed as above; signatures were not checked
END
explained 77 explain --user "$user" --image /apps/secure/lolcow1.sif
prints <<END
image    /apps/secure/lolcow1.sif
user     USER
groups   GROUPS
binding  'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
note     binding 'lolcow' asks for the job's partition, which is unknown here, so it is refused: give --partition
refused  binding 'lolcow' allows by partition, and the job's partition is not known here
END
explained 77 explain --user "$user" --image /apps/secure/lolcow1.sif --partition other
prints <<END
image    /apps/secure/lolcow1.sif
user     USER
groups   GROUPS
binding  'lolcow' (images.yaml:4) matches /apps/secure/lolcow*.sif; allows users USER; partitions secure debug
refused  binding 'lolcow' does not allow partition other
END
explained 77 explain --user "$user" /apps/secure/sub/lolcow1.sif --partition debug
says "no binding is for the image /apps/secure/sub/lolcow1.sif"
explained 77 explain --user "$user" oras://registry.example.org.evil.example/x
says "no binding is for the image"
explained 0 explain --user "$user" oras://registry.example.org/a/x:1
says "mode       warn"
run 66 explain --user no-such-user --image /a
says "no user 'no-such-user' on this host"
run 64 explain --user "$user"
run 64 explain --image /a
run 0 explain --user "$user" /apps/pair.sif --partition secure --json
checks=$((checks + 1))
tr -d ' \n' <"$work/out" | grep -qF '{"schema":"sifguard.explanation/1","decision":"allow","refusals":[],"notes":[],"image":["/apps/pair.sif"]' || fail "another JSON"
says '"legacy": false'
says '"signatures": "any"'
# What the rule takes less of than the binding
run 0 key rule set dog --signer "$b" --everyone
sed -i 's/signing_key: {all_of/signing_key: {legacy: true, signatures: all, any_of/' "$ks/images.yaml"
run 0 explain --user "$user" /apps/tools/x --partition debug --json
says "the rule of the key 'dog' takes less than the binding: the signature of $a alone is not enough for it"
says '"legacy": true'
says '"signatures": "all"'
run 0 image list --json
says '"legacy": true'
says '"signatures": "all"'
# With `signatures: all` no image can have the signatures of others that another binding requires.
cp -p "$ks/images.yaml" images.before
sed -i "s/signatures: all, any_of: \[[^]]*\]/signatures: all, any_of: [$b]/" "$ks/images.yaml"
refuses 77 "'all' and 'other' are all for /apps/tools/y, so all must allow, which leaves nobody: 'other' requires signatures of $a, 'all' those of $b, legacy signatures too, and nobody else; let one binding alone be for the image, or have all of them require the same signers" \
  image bind other --match /apps/tools/y --signer "$a" --everyone
run 0 image bind other --match /apps/tools/y --signer "$a" "$b" --everyone --dry-run
cp -p images.before "$ks/images.yaml"
sed -i 's/legacy: true, signatures: all, any_of/all_of/' "$ks/images.yaml"
run 0 key rule set dog --signer "$a" "$b" --all-signers --everyone
run 77 explain --user "$user" /nothing --json
checks=$((checks + 1))
tr -d ' \n' <"$work/out" | grep -qF '{"schema":"sifguard.explanation/1","decision":"refuse","refusals":["nobindingisfortheimage/nothing"]' || fail "another JSON"

# A signer that is gone, and a binding by hand that the key's rule does not cover
run 0 signer remove "$b"
run 77 explain --user "$user" /apps/tools/x --partition debug
says "the signer $b is not in the keystore"
says "refused     a signer's key is missing"
cat >>"$ks/images.yaml" <<END
  # by hand
  - {name: hand, match: [/hand.sif], signing_key: {fingerprint: $b}, encryption: {key: cow}, allow: {users: ["*"]}}
END
run 77 explain --user "$user" /hand.sif
says "the key's rule does not allow images of this image's signers"
chmod 0666 "$ks/images.yaml"
run 78 explain --user "$user" /hand.sif
says "writable by group or others"
run 78 image bind x --match /x --signer "$a" --everyone
chmod 0600 "$ks/images.yaml"

run 0 image unbind hand --dry-run
prints <<END
unbound hand, not done: --dry-run
END
refuses 66 "no binding 'nothing'" image unbind nothing --dry-run
run 0 image list
says "hand"

# Others for the same images: all must allow, and somebody must be left
run 0 image bind wide --match '/shared/**' --signer "$a" --allow-user daemon bin
run 0 image bind narrow --match '/shared/a*.sif' --signer "$a" --allow-user bin sys --allow-partition debug
says "'wide' and 'narrow' are all for /shared/ax.sif, so all must allow, which leaves users bin; partitions debug"
for more in "" --dry-run; do
  refuses 77 "'wide' and 'nobody' are all for /shared/b.sif, so all must allow, which leaves nobody: 'wide' allows users daemon bin, 'nobody' allows users sys; let one binding alone" \
    image bind nobody --match /shared/b.sif --signer "$a" --allow-user sys $more
done
refuses 77 "'wide', 'narrow' and 'third' are all for /shared/ab.sif, so all must allow, which leaves nobody: 'narrow' allows users bin, 'third' allows users daemon" \
  image bind third --match '/shared/ab.sif' --signer "$a" --allow-user daemon
refuses 77 "the binding would leave nobody: 'self' denies users sys" image bind self --match /self --signer "$a" --allow-user sys --deny-user sys
run 0 image bind tag1 --match oras://registry.example.com/r:1 --signer "$a" --allow-user sys
run 0 image bind tag2 --match oras://registry.example.com/r:2 --signer "$a" --allow-user bin
says "'tag1' may be for an image of it, too, by another tag or digest: then both must allow"
run 0 image bind guard --match '/shared/**' --signer "$a" --everyone --deny-user bin
says "'wide', 'narrow' and 'guard' are all for /shared/ax.sif, so all must allow, which leaves nobody: 'guard' denies users bin, which is all of users bin; partitions debug"
for each in guard wide narrow tag1 tag2; do run 0 image unbind "$each"; done

# unbind keeps the admin's comment and, at the end, a valid file; the rule stays
for name in lolcow two all open hand; do run 0 image unbind "$name"; done
cp "$ks/images.yaml" "$work/out"
prints <<END
version: 1
default: reject
images: []
  # by hand
END
refuses 77 "would open it to everyone" image bind lolcow --match /a --signer "$a" --key cow --everyone
rm "$ks/images.yaml"
run 78 image list
run 0 image bind again --match /a --signer "$a" --key cow --allow-user "$user"
run 0 image list
says "again"
printf 'version: 1\nimages: [\n' >"$ks/images.yaml"
run 78 image bind more --match /a --signer "$a" --everyone
says "images.yaml:"
run 78 image list
run 78 image unbind again

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
