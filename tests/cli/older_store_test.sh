#!/bin/bash
# older_store_test.sh SIFCTL: what each release since 0.1.0 has written (stores/RELEASE.tar.gz, made by stores/make) is read
# as that release said it, and goes on being used; what a newer release would write is refused, and nothing of it changed.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/cli/stores/shown.sh
. "$HERE/stores/shown.sh"
export ASAN_OPTIONS=detect_leaks=0

unpack() { rm -rf old && mkdir old && tar -xzpf "$1" -C old --no-same-owner && STORE=$WORK/old/store; }
# All but the log of changes, in which a refused command is recorded, too.
whole() { (cd old && find store node ! -name '*audit.jsonl*' -printf '%p %m\n' -type f -exec sha256sum {} + | LC_ALL=C sort) | sha256sum; }

# Everything is said as the release said it, but for members that were added since, and nothing is changed by that.
reads_as_then() {
  local store
  for store in store node; do
    shown "$SIFCTL" "old/$store" >today
    check python3 "$HERE/same_json.py" "old/$store.said" today
  done
}

# Each kind of change is taken, and what the keys open they open still.
goes_on() {
  accept digest revoke "sha256:$(printf 'b%.0s' {1..64})" --reason more
  check "$SIFCTL" --keystore "$STORE" key retire cow
  says "active -> retired"
  accept key create horse --bits 2048
  check "$SIFCTL" --keystore "$STORE" ca issue --signer erin --out erin
  check "$SIFCTL" --keystore "$STORE" ca crl --out crl.pem
  check "$SIFCTL" --keystore "$STORE" trust add-crl crl.pem
  accept signer add erin.pem
  accept image unbind dog
  check "$SIFCTL" --keystore "$STORE" bundle export --node old/other.pem --out three.bundle
  check "$SIFCTL" --keystore "$WORK/old/node" bundle import three.bundle
  check "$SIFCTL" --keystore "$WORK/old/node" digest list
  says bbbbbbbb
  accept audit verify "$STORE/audit.jsonl"
  check test ! -e "$STORE/.tmp"
  rm -f erin.* crl.pem three.bundle
}

# Its bundles and its backup are taken.
carries_over() {
  check "$SIFCTL" --keystore "$WORK/old/node" bundle import old/two.bundle
  refuse_there 65 "old/one.bundle: the bundle is not newer *" bundle import old/one.bundle
  check "$SIFCTL" --keystore "$WORK/new" restore old/keystore.backup --password-file old/pw --yes
  shown "$SIFCTL" new >today
  check python3 "$HERE/same_json.py" old/store.said today
  rm -rf new
}
refuse_there() { local STORE=$WORK/old/node; refuse "$@"; }

# What a newer release wrote is refused by its version, with what to do, and stays as it is.
refuses_newer() {   # FILE COMMAND…
  local file=$STORE/$1 before
  shift
  check grep -qE '"version": ?[0-9]+|^version: [0-9]+' "$file"
  cp -p "$file" kept
  sed -i -E 's/("version": ?|^version: )[0-9]+/\199/' "$file"
  before=$(whole)
  for words in "$@"; do
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    sifctl $words && wrong "$words takes ${file#"$STORE"/} of version 99"
    grep -qE 'version: 99 is out of range|unknown version 99' "$ERR" || wrong "$words does not say that the version is unknown"
    grep -q '; if a newer sifguard has written it, install at least that release here$' "$ERR" || wrong "$words does not say what to do"
  done
  check test "$before" = "$(whole)"
  cp -p kept "$file"
}

for archive in "$HERE"/stores/*.tar.gz; do
  echo "a store of ${archive##*/}"
  unpack "$archive"
  before=$(whole)
  reads_as_then
  check test "$before" = "$(whole)"
  carries_over
  unpack "$archive"
  goes_on
  unpack "$archive"
  key=$(cd "$STORE/keys" && echo ./*/meta.json | cut -d ' ' -f 1)
  signer=$(cd "$STORE/image-signers" && echo ./*/meta.json | cut -d ' ' -f 1)
  refuses_newer seal.json "key create ox --bits 2048" "backup --out b --password-file old/pw"
  refuses_newer "keys/$key" "key list" "key create ox --bits 2048"
  refuses_newer "image-signers/$signer" "signer list"
  refuses_newer images.yaml "image list" "image unbind dog"
  refuses_newer revoked.json "digest list" "digest revoke sha256:$(printf 'c%.0s' {1..64}) --reason x"
  refuses_newer trust/sources.json "trust sources"
  refuses_newer ca/index.json "ca list" "ca crl --out c.pem" "ca issue --signer ox --out ox"
  refuses_newer bundle.json "bundle list" "bundle export --node old/other.pem --out x.bundle"
  refuses_newer own/site/meta.json "bundle export --node old/other.pem --out x.bundle"
done
