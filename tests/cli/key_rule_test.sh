#!/bin/bash
# sifctl key rule show, set, widen and reset.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
mkdir -m 700 g
trap 'gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
for who in a b; do
  gpg --homedir "$WORK/g" --batch --quiet --passphrase '' --quick-gen-key "$who@example.org" ed25519 sign never 2>/dev/null
  gpg --homedir "$WORK/g" --quiet --armor --export "$who@example.org" >$who.asc 2>/dev/null
done
fingerprint() { gpg --homedir "$WORK/g" --with-colons --list-keys "$1@" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }'; }
a=$(fingerprint a) b=$(fingerprint b)
accept init
accept signer add a.asc
accept signer add b.asc
accept key create cow --bits 2048
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
shown() { # EXPECTED: `key rule show`, fingerprints as A and B
  accept key rule show cow
  checks=$((checks + 1))
  [ "$(sed "s/$a/A/; s/$b/B/" "$OUT")" = "$1" ] || wrong "the rule is not: $1"
}

shown "cow has no rule: it releases nothing"
unchanged 64 "no signer is named; say whose signatures: --signer" key rule set cow --everyone
unchanged 64 "nobody is allowed to use the key; say who: *" key rule set cow --signer "$a"
unchanged 64 "--everyone contradicts --user and --group; *" key rule set cow --signer "$a" --everyone --user x
unchanged 64 "not a full OpenPGP fingerprint: *" key rule set cow --signer "${a:24}" --everyone
unchanged 66 "no signer * in the keystore *" key rule set cow --signer "${a//[0-9]/0}" --everyone
unchanged 64 "--user: not a name: 'x\*'; patterns are not possible here*" key rule set cow --signer "$a" --user 'x*'
unchanged 64 "--group: not a name: 'bin,mail'; *" key rule set cow --signer "$a" --group bin,mail
unchanged 64 "--user: not a name: ' x'; *" key rule set cow --signer "$a" --user ' x'
unchanged 64 "--user: not a name: *; * can never be such a name; *" key rule set cow --signer "$a" --user $'a\tb'
unchanged 64 "--group: not a name: *; * starts or ends with a blank" key rule set cow --signer "$a" --group $'\u00a0bin'
unchanged 79 "the key 'cow' has no rule yet; sifctl key rule set, or sifctl image bind" key rule widen cow --user x
accept key rule reset cow && says "the key 'cow' has this rule already: no change"
unchanged 66 "no key 'dog' *" key rule set dog --signer "$a" --everyone
unchanged 64 "A subcommand is required; *" key rule

# A binding that cannot be written takes back the rule that was set for it.
cp -p "$STORE/images.yaml" images.kept
printf '# %s\n' "$(head -c 50000 /dev/zero | tr '\0' x)" >>"$STORE/images.yaml"
check bash -c "trap '' XFSZ; ulimit -f 32; ! '$SIFCTL' --keystore '$STORE' image bind cow --match /cow.sif --signer $a --key cow --everyone"
cp "$ERR" said && check grep -q 'File too large' said
shown "cow has no rule: it releases nothing"
cp -p images.kept "$STORE/images.yaml"

dry() { # PATTERN ARGUMENTS…: would change the rule, and does not; the plan has the pattern
  local before pattern=$1
  shift
  before=$(state)
  accept "$@" --dry-run && says "not done: --dry-run"
  accept "$@" --dry-run --json && valid key-rule && says '"changed": true' && says '"dry_run": true' && says "$pattern"
  check test "$(state)" = "$before"
}
dry '"daemon"' key rule set cow --signer "$a" --user daemon --group bin mail
accept key rule set cow --signer "$a" --user daemon --group bin mail --user daemon
accept key rule set cow --signer "$a" --user daemon --group bin mail --dry-run && says ": no change"
dry '"root"' key rule widen cow --user root
dry '"users": \[\]' key rule reset cow
shown "key      cow
signers  A
users    daemon, group bin, group mail"
accept key rule show cow --json
says "\"signers\": \[
    \"$a\"
  \],
  \"users\": \[
    \"daemon\"
  \],
  \"groups\": \[
    \"bin\",
    \"mail\"
  \],
  \"everyone\": false"
checks=$((checks + 1))
sifctl key rule widen cow --group nosuchgroup --user nosuchuser || wrong "an unknown user is an error"
grep -qx "sifctl: not known on this host, check the spelling: user nosuchuser, group nosuchgroup" "$ERR" || wrong "no note"
accept key rule set cow --signer "$a" --user daemon --group bin mail
accept key rule widen cow --user daemon --signer "$a" && says "the key 'cow' has this rule already: no change"
accept key rule widen cow --user sys --signer "$b"
shown "key      cow
signers  A or B
users    daemon, sys, group bin, group mail"
accept key rule widen cow --everyone
shown "key      cow
signers  A or B
users    everyone"
accept key rule widen cow --user x && says "the key 'cow' has this rule already: no change"
# All of them, and no one of them: neither widened to one nor bound under one.
accept key rule set cow --signer "$a" "$b" --all-signers --group bin
shown "key      cow
signers  A and B
users    group bin"
accept key rule show cow --json
says "\"signers\": \[\]"
says "\"all_of\": \[
    \"$a\",
    \"$b\"
  \]"
unchanged 79 "the key 'cow' wants the signatures of all its signers; *" key rule widen cow --signer "$a"
refuse 77 "the key 'cow': already bound to other signers (its rule takes $a and $b, this asks for * or *); *" \
  image bind one --match /a --signer "$a" "$b" --key cow --allow-group bin
accept key rule widen cow --user sys
shown "key      cow
signers  A and B
users    sys, group bin"
accept image bind one --match /a --signer "$b" "$a" --all-signers --key cow --allow-group bin
accept image unbind one
refuse 77 "the key 'cow': already bound to other signers *" image bind one --match /a --signer "$a" "$b" --key cow --allow-group bin
# A successor is of the same line: the bindings of the key before it are held against its own.
accept key create ox --bits 2048
accept key rule set ox --signer "$a" "$b" --all-signers --group bin
check sifctl key rotate ox --name calf
refuse 77 "the key 'calf': already bound to other signers *" image bind one --match /a --signer "$a" "$b" --key calf --allow-group bin
accept image bind one --match /a --signer "$b" "$a" --all-signers --key ox --allow-group bin --deny-user nobody
check sifctl key rule set calf --signer "$a" "$b" --group bin # it names the binding
refuse 77 "the key 'calf': bound by 'one' to the signers * and *; *" image bind two --match /b --signer "$a" "$b" --key calf --allow-group bin
check sifctl key rule set calf --signer "$a" "$b" --all-signers --group bin
refuse 77 "the key 'calf': its binding 'one' denies users nobody, *" image bind two --match /b --signer "$a" "$b" --all-signers --key calf --allow-group bin
accept image unbind one
accept key rule set cow --signer "$b" --group bin
shown "key      cow
signers  B
users    group bin"

# The rule and image bind: the one is what the other may not pass; a reset lets the next one set it.
refuse 77 "the key 'cow': already bound to other signers (*); *" image bind one --match /a --signer "$a" --key cow --allow-group bin
refuse 77 "the key 'cow': * would open it to everyone; *" image bind one --match /a --signer "$b" --key cow --everyone
accept image bind one --match /a --signer "$b" --key cow --allow-group bin
checks=$((checks + 1))
sifctl key rule reset cow || wrong "reset failed"
grep -q "bindings of this key, .*: one$" "$ERR" || wrong "the binding is not named"
shown "cow has no rule: it releases nothing"
sed -i 's/groups: \["bin"\]/users: ["*"]/' "$STORE/images.yaml"
sifctl explain --user "$(id -un)" /a
says "key's rule is not set"
accept image unbind one
accept image bind two --match /b --signer "$a" --key cow --everyone
shown "key      cow
signers  A
users    everyone"

# A successor has the rule of the key that it replaces, and from then on its own.
sifctl key rotate cow
sifctl key rule widen cow --signer "$b"
accept key rule show cow-2 --json
says "$a"
check bash -c "! grep -qF '$b' <<<'$(cat "$OUT")'"

accept image unbind two
accept key revoke --yes cow --reason superseded
unchanged 79 "the key 'cow' is revoked; its rule is of no use any more" key rule set cow --signer "$a" --everyone
unchanged 79 "the key 'cow' is revoked; *" key rule widen cow --user x
