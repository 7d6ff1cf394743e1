#!/bin/sh
# sifctl image bind, list and show against a fresh keystore: what is refused, what a dry run says, and the file.
# Usage: image_test.sh SIFCTL
# shellcheck disable=SC2154,SC2034 # variables of image.sh, and one for it
sifctl=${1:?usage: image_test.sh SIFCTL}
. "$(dirname "$0")/image.sh"
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
bind_lolcow
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
bind_two

# Both of two signers, then: nobody may use the key under one of them
bind_all
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
bind_open

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

end
