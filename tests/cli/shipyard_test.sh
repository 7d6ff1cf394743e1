#!/bin/bash
# sifctl import shipyard: a configuration as Batch Shipyard has it, with its own errors.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
mkdir -m 700 g
trap 'gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
gpg --homedir "$WORK/g" --batch --quiet --passphrase '' --quick-gen-key a@example.org ed25519 sign never 2>/dev/null
mkdir site site/keys certs
gpg --homedir "$WORK/g" --quiet --armor --export a@example.org >site/keys/a.asc 2>/dev/null
a=$(gpg --homedir "$WORK/g" --with-colons --list-keys 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')
printf 'pw\n' >pw
for name in one two; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -subj /CN=$name -out $name.crt 2>/dev/null
  openssl pkcs12 -export -inkey $name.key -in $name.crt -passout pass:pw -out certs/$name.pfx
done
thumbprint() { openssl x509 -in "$1" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g'; }
accept init
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
masked() { sed -i "s/$a/SIGNER/g; s/$(thumbprint one.crt | tr A-F a-f)/THUMBPRINT/g" "$OUT" && golden "$1"; }

cat >site/config.yaml <<END
batch_shipyard:
  storage_account_settings: mystorageaccount
global_resources:
  singularity_images:
    unsigned:
      - image: docker://busybox
    signed:
      - image: library://sylabs/tests/signed:1.0
        signing_key: {fingerprint: "$a", file: keys/a.asc}
      - image: oras://registry.example.org/repo/lolcow:0.0.1
        signing_key:
          fingerprint: $a
          file: keys/a.asc
        encryption:
          certificate:
            sha1_thumbprint: $(thumbprint one.crt)
      - image: oras://registry.example.org/other/lolcow:0.0.1
        signing_key: {fingerprint: $a, file: keys/a.asc}
        encryption: {certificate: {sha1_thumbprint: $(thumbprint one.crt)}}
END
config=site/config.yaml
run() { sifctl import shipyard "$config" "$@"; }
unchanged 64 "nobody is allowed to run the image; *" import shipyard $config
unchanged 66 "$config:10: oras://*: the keystore has no key with the thumbprint *; sifctl key import*" \
  import shipyard $config --everyone
unchanged 80 "$config:10: *a password is needed for certs and there is no terminal; *" import shipyard $config --everyone --certs certs
printf 'wrong\n' >wrong
unchanged 66 "$config:10: *no file in certs is the certificate *; certs/one.pfx: wrong password *" \
  import shipyard $config --everyone --certs certs --password-file wrong
before=$(state)
checks=$((checks + 1))
run --everyone --certs certs --password-file pw --dry-run || wrong "--dry-run failed"
says "3 images would be bound, 1 keys added, not done: --dry-run"
check test "$(state)" = "$before"
checks=$((checks + 1))
run --everyone --certs certs --password-file pw || wrong "the import failed"
grep -qx "sifctl: not signed, so not imported: docker://busybox" "$ERR" || wrong "docker://busybox is not named"
masked shipyard
accept image list && masked shipyard-images
accept key rule show lolcow-0.0.1 && says "everyone"

# The same again: all is there.
before=$(state)
checks=$((checks + 2))
run --everyone || wrong "the import failed the second time"
[ "$(cat "$OUT")" = "everything is already here: no change" ] || wrong "something was bound again"
grep -qx "sifctl: bound already, by 'signed-1.0', and left as it is: library://sylabs/tests/signed:1.0" "$ERR" || wrong "not named"
check test "$(grep -c "bound already" "$ERR")" = 3
check test "$(state)" = "$before"
# What is bound otherwise is another binding: here without its key.
sed -i '/lolcow-0.0.1"/,/allow/{/encryption/d}' "$STORE/images.yaml"
checks=$((checks + 1))
run --everyone || wrong "the import failed the third time"
says "bound lolcow-0.0.1-3: oras://registry.example.org/repo/lolcow:0.0.1"
accept signer list
check test "$(sifctl signer list && wc -l <"$OUT")" = 2

# Shipyard's own errors
bad() { # PATTERN SED-SCRIPT [STATUS]
  sed "$2" site/config.yaml >site/bad.yaml
  unchanged "${3:-78}" "$1" import shipyard site/bad.yaml --everyone
}
bad "site/bad.yaml:8: *the fingerprint of the signing key is missing; *" '/tests\/signed/{n;d}'
bad "site/bad.yaml:9: *not a full OpenPGP fingerprint*" "9s/$a/ABCD/"
bad "site/bad.yaml:8: *'docker://x' cannot be a signed image; *" '8s#library.*#docker://x#'
bad "site/bad.yaml:8: *not an image: 'lolcow'; *" '8s#library.*#lolcow#'
bad "site/bad.yaml:8: *is listed as both signed and unsigned; *" '6s#docker://busybox#library://sylabs/tests/signed:1.0#'
bad "site/bad.yaml:8: *cannot open site/keys/missing.asc: *" '9s#a.asc#missing.asc#' 66
sed "9s/\"$a\"/\"${a//[0-9]/0}\"/" site/config.yaml >site/bad.yaml
unchanged 66 "site/bad.yaml:8: *no key with the primary fingerprint *" import shipyard site/bad.yaml --everyone
bad "site/bad.yaml:8: *the keystore lacks the signer *; sifctl signer add*" "9s/\"$a\", file: keys\/a.asc/\"${a//[0-9]/0}\"/" 66
unchanged 66 "cannot open missing: *" import shipyard missing --everyone
