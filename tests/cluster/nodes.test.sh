# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154  # what stands in single quotes expands in the box; rc, out, err: set by check.sh
# A node that has of the keystore what a bundle brought it, and users who pass for once. Sourced by run.
store=/var/spool/slurmd/keystore   # a node's own in the box, as /var/lib/sifguard is not
keep_configuration
at node1 sh -c 'rm -rf "$1" && sifctl --keystore "$1" init && sifctl --keystore "$1" node init --name node1 --out /tmp/node1.pem' sh "$store" >/dev/null
undo at node1 rm -rf "$store" /tmp/node1.pem /tmp/site.pem /tmp/bundle
carry() { at "$1" cat "$2" | box exec --name "$name" --node "$3" -- sh -c 'cat >"$1"' sh "$2"; }   # carry FROM FILE TO
carry node1 /tmp/node1.pem ctl
ctl sh -c 'rm -f /tmp/site.pem; sifctl bundle signer --out /tmp/site.pem' >/dev/null
undo ctl rm -f /tmp/site.pem /tmp/node1.pem /tmp/bundle
carry ctl /tmp/site.pem node1
at node1 sifctl --keystore "$store" node trust /tmp/site.pem >/dev/null
export_bundle() { ctl sifctl bundle export --force --node /tmp/node1.pem --out /tmp/bundle "$@" >/dev/null; }
take_bundle() { carry ctl /tmp/bundle node1; at node1 sifctl --keystore "$store" bundle import /tmp/bundle; }
configure 'version: 1' "keystore: $store"

refuse "a node without a bundle releases nothing" 77 'no binding' alice --sif-verify="$encrypted" true
export_bundle --only secure
carry ctl /tmp/bundle node1
at node1 cp /tmp/bundle /tmp/first
undo at node1 rm -f /tmp/first
check "the bundle opens on its node" take_bundle
launch alice -w node1 --sif-verify="$encrypted" cat /marker
ran "with it the node runs the image" out=good
refuse "and no other" 77 'no binding' alice --sif-verify="$plain" true
check "the bundle holds no key in the clear" fails at node1 grep -aq -e 'PRIVATE KEY' -e "$made" /tmp/first
at node1 cp /tmp/first /tmp/altered
undo at node1 rm -f /tmp/altered
at node1 sh -c 'printf xxxxxxxx | dd of=/tmp/altered bs=1 seek=900 conv=notrunc status=none'
check "an altered bundle is refused" fails at node1 sifctl --keystore "$store" bundle import /tmp/altered
check "another node cannot open it" fails at node2 sh -c 'sifctl --keystore /tmp/ks init >/dev/null && sifctl --keystore /tmp/ks node init >/dev/null; cat >/tmp/b; sifctl --keystore /tmp/ks bundle import /tmp/b'
at node2 rm -rf /tmp/ks /tmp/b
export_bundle
check "a newer one is taken" take_bundle
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "with all bindings" out=good
check "the older one is refused then" fails at node1 sifctl --keystore "$store" bundle import /tmp/first
launch alice -w node1 --sif-verify="$plain" cat /marker
ran "and nothing has changed" out=good
ctl sifctl image unbind bobs >/dev/null
undo ctl sh -c 'sifctl image bind bobs --match "$1/bobs/*.sif" --signer "$2" --allow-user bob >/dev/null' sh "$made" "$(fingerprint_of carol)"
launch bob -w node1 --sif-verify="$made/bobs/plain.sif" cat /marker
ran "what the admin has taken away still runs there" out=good
export_bundle
take_bundle >/dev/null
refuse "until the next bundle" 77 'no binding' bob --sif-verify="$made/bobs/plain.sif" true
configure 'version: 1'

# --- break-glass ------------------------------------------------------------------------------------------------------
refuse "who is not entitled" 77 'does not allow the groups of user mallory' mallory --sif-verify="$encrypted" true
grant() { ctl sifctl breakglass grant --binding secure --user mallory --ttl "$1" --reason 'incident 4711' | cut -d: -f1; }
id=$(grant 10m)
undo ctl sh -c 'sifctl breakglass end "$1" 2>/dev/null; true' sh "$id"
launch mallory -w node1 --sif-verify="$encrypted" cat /marker
ran "passes while the glass is broken" out=good
check "which the audit log says" has "$(at node1 tail -n 3 /var/log/sifguard/audit.jsonl)" "$id"
refuse "others do not" 77 'does not allow the groups of user carol' carol --sif-verify="$encrypted" true
refuse "nor may that user anything else" 77 'no binding is for the image' mallory --sif-verify="$made/bobs/plain.sif" true
ctl sifctl breakglass end "$id" >/dev/null
refuse "when it is ended it is over" 77 'does not allow the groups of user mallory' mallory --sif-verify="$encrypted" true
