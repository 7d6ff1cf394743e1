#!/bin/bash
# older_names_test.sh SIFCTL: a keystore whose files have the names that an older sifguard gave them is read as it
# is, and moved by the next change; an older sifctl then refuses it.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# older DIRECTORY: as an older sifguard left it. Only names were others.
older() {
  local file
  find "$1" -name '*.json' | while read -r file; do mv "$file" "${file%.json}.yaml"; done
  mv "$1/image-signers" "$1/signers"
}
names() { (cd "$STORE" && find . -name "*.$1" ! -name images.yaml | LC_ALL=C sort); }
changed_and_back() { # a change, and what undoes it
  local other
  other=sha256:$(printf 'b%.0s' {1..64})
  accept digest revoke "$other" --reason more
  accept digest restore "$other"
}
# shown: what the keystore says of everything in it.
shown() {
  for each in "key list" "key show cow" "signer list" "image list" "digest list" "breakglass list" "trust list" \
    "trust sources" "ca list" "image published" "node show"; do
    # shellcheck disable=SC2086
    accept $each --json
    cat "$OUT"
  done
}

echo 'a password' >pw
openssl genpkey -algorithm ed25519 -out ann.pem 2>/dev/null && openssl pkey -in ann.pem -pubout -out ann.pub
accept init
accept key create cow --bits 2048
accept signer add ann.pub
ann=$(grep -o 'spki:[0-9a-f]*' "$OUT" | head -n 1)
accept image bind cow --match /cow.sif --signer "$ann" --key cow --allow-user root
bad=sha256:$(printf 'a%.0s' {1..64})
accept digest revoke "$bad" --reason why
accept breakglass grant --binding cow --user nobody --ttl 2h --reason why
accept trust add-source crl http://127.0.0.1:9/one.crl
check "$SIFCTL" --keystore "$STORE" ca init --subject /CN=Root --out root.pem
accept node init
shown >today
today=$(names json)

older "$STORE"
check test -z "$(names json)"
shown >after
check cmp today after
check test -z "$(names json)" # what only reads changes nothing

# What is missing is not taken for nothing: a file that cannot be read, by either name, is an error.
cp "$STORE/revoked.yaml" kept && echo '{' >"$STORE/revoked.yaml"
refuse 78 "$STORE/revoked.*" digest list
cp kept "$STORE/revoked.yaml"

# The next change moves everything, and says nothing else than today's.
check sifctl image unbind cow --dry-run # a grant of the binding would be void, which it names
check test -d "$STORE/signers"
changed_and_back
check test "$(names json)" = "$today"
check test -z "$(names yaml)"
check test ! -e "$STORE/signers"
check test ! -e "$STORE/.moving-names"
shown >after
check cmp today after
# An older sifctl looks for `signers`, and refuses what has none; so it sees no keystore without its revocations.
check test -d "$STORE/image-signers"

# A move that was interrupted goes on at the next change.
mv "$STORE/revoked.json" "$STORE/revoked.yaml" && touch "$STORE/.moving-names"
accept digest list --json
says aaaa
changed_and_back
check test "$(names json)" = "$today"

# Two keystores in one directory: nothing is guessed.
mkdir "$STORE/signers"
refuse 78 "$STORE has 'signers' and 'image-signers'; *" key suspend cow
rmdir "$STORE/signers"

