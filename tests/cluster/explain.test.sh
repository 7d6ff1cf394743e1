# shellcheck shell=bash
# shellcheck disable=SC2154  # encrypted, plain, made, rc, out, err: set elsewhere
# sifctl explain --verify gives the launch's own verdict, without a launch. Sourced by run.
dir=$made/secure

explained() {   # explained USER IMAGE OPTION…: explain --verify on node1, as capture
    local user=$1 image=$2
    shift 2
    capture at node1 sifctl explain --user "$user" --image "$image" --node node1 --verify --json "$@"
}
field() { sed -n "/\"verified\": {/,\$s/^    \"$1\": \"\\(.*\\)\",\$/\\1/p" <<<"$out" | head -n 1; }

# same WHAT USER IMAGE OPTION…: explains first, so that nothing is in the cache because of a launch; then launches.
same() {
    local what=$1 user=$2 image=$3 status reason problems entries
    shift 3
    entries=$(at node1 sh -c 'ls /var/cache/sifguard/entries 2>/dev/null | sort')
    explained "$user" "$image" "$@"
    status=$rc reason=$(field reason)
    problems=$(is "$(at node1 sh -c 'ls /var/cache/sifguard/entries 2>/dev/null | sort')" "$entries") || true
    launch "$user" -w node1 "$@" --sif-verify="$image" cat /marker
    problems+=$(
        [[ $rc == "$status" ]] || echo "explained: $status, launched: $rc"
        [[ -z $reason || $(tr -d '\\"' <<<"$err") == *"$(tr -d '\\"' <<<"$reason")"* ]] || echo "explained: $reason"
        [[ $status == 0 || -n $reason ]] || echo "explained without a reason"
    )
    if [[ -z $problems ]]; then ok "$what ($status)"; else bad "$what" "$problems" "launch:" "$err"; fi
}

same "an encrypted image" alice "$encrypted"
explained alice "$encrypted"
check "says by whom it is verified" has "$(sed -n '/"verified": {/,$p' <<<"$out")" "$(fingerprint_of carol)"
check "and which key opens it" is "$(field key)" lolcow
check "and its digest" is "$(field digest)" "sha256:$(ctl sha256sum "$encrypted" | cut -d' ' -f1)"
check "it is on record, and no launch is" has "$(at node1 tail -n 1 /var/log/sifguard/audit.jsonl)" '"event":"explain".*"decision":"allow"'
same "a plain image" alice "$plain"
for each in unsigned bob mallory flipped-partition flipped-object flipped-key not-encrypted other-key; do
    same "$each" alice "$dir/$each.sif"
done
same "unsigned, not encrypted" alice "$made/tools/unsigned.sif"
same "encrypted, and the binding names no key" alice "$made/tools/encrypted.sif"
same "bound to another user" alice "$made/bobs/plain.sif"
same "bound to a group that the user is not in" mallory "$encrypted"
same "bound to nothing" alice "$made/free/plain.sif"
same "missing" alice "$dir/none.sif"
same "a directory" alice "$made/secure"

# Opened as the user, not as root
as alice sh -c 'install -m 0600 "$1" secure.sif' sh "$encrypted"
undo as alice rm -f secure.sif
same "what only its owner may read, for the owner" alice /home/alice/secure.sif
as alice chmod 0700 .
undo as alice chmod 0755 .
same "and for another" bob /home/alice/secure.sif

# What the node and its keystore say now
carol=$(fingerprint_of carol)
for each in old rolled pinned; do
    ctl cp "$plain" "$made/free/$each.sif"
    undo ctl rm -f "$made/free/$each.sif"
    undo ctl sifctl image unbind "$each"
done
ctl sifctl image bind old --match "$made/free/old.sif" --signer "$carol" --everyone --not-after 2020-01-01 >/dev/null
ctl sifctl image bind rolled --match "$made/free/rolled.sif" --signer "$carol" --everyone --signed-after 2037-01-01 >/dev/null
ctl sifctl image bind pinned --match "$made/free/pinned.sif" --signer "$carol" --everyone \
    --digest sha256:0000000000000000000000000000000000000000000000000000000000000000 >/dev/null
same "a binding that has ended" alice "$made/free/old.sif"
same "signed too early" alice "$made/free/rolled.sif"
same "another digest than the binding pins" alice "$made/free/pinned.sif"
ctl sifctl digest revoke --image "$plain" --reason 'CVE test' >/dev/null 2>&1
undo ctl sh -c 'sifctl digest restore --image "$1" >/dev/null 2>&1 || true' sh "$plain"
same "a revoked image" alice "$plain"
ctl sifctl digest restore --image "$plain" >/dev/null
ctl sifctl key suspend lolcow >/dev/null 2>&1
undo ctl sh -c 'sifctl key resume lolcow >/dev/null 2>&1 || true'
same "a suspended key" alice "$encrypted"
ctl sifctl key resume lolcow >/dev/null 2>&1
ctl sifctl image bind ahead --match "$made/free/ahead.sif" --signer "$carol" --everyone --preloaded >/dev/null
undo ctl sifctl image unbind ahead
ctl cp "$plain" "$made/free/ahead.sif"
undo ctl rm -f "$made/free/ahead.sif"
same "what only runs preloaded" alice "$made/free/ahead.sif"
ctl sifctl image bind warned --match "$made/free/warned.sif" --signer "$(fingerprint_of bob)" --everyone --mode warn >/dev/null
undo ctl sifctl image unbind warned
ctl cp "$plain" "$made/free/warned.sif"
undo ctl rm -f "$made/free/warned.sif"
same "mode warn" alice "$made/free/warned.sif"

capture as_at alice node1 /usr/sbin/sifctl explain --user alice --image "$plain" --verify
ran "nobody but root" rc=failed
capture at node1 sifctl explain --user nobody-at-all --image "$plain" --verify
ran "a user who is not there" rc=66
capture at node1 sifctl explain --user alice --image "$plain" --verify
ran "text" out~'launch +allowed'
