#!/bin/bash
# What sifctl says when it refuses: one line for each way in which each command goes wrong, with its exit
# status, all in golden/errors.txt; and that none of them changes the keystore.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

accept init
accept key create cow --bits 2048
accept key create ox --bits 2048
openssl genpkey -quiet -algorithm ED25519 -out raw.key && openssl pkey -in raw.key -pubout -out raw.pem
spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
accept signer add raw.pem
accept image bind cow --match /apps/cow.sif --signer "$spki" --key cow --allow-user root
echo nonsense >nonsense
: >empty
printf 'long enough\n' >pw
other=spki:$(printf '0%.0s' {1..64})
before=$(state)

lines=()
# wrong ARGUMENTS…: the command line, its status and what it says; nothing on stdout, one line on stderr
fails() {
  checks=$((checks + 1))
  sifctl "$@"
  local status=$?
  [ "$status" -ge 64 ] && [ "$status" -le 80 ] || wrong "sifctl $* ended with $status"
  [ ! -s "$OUT" ] || wrong "sifctl $* wrote to stdout"
  [ "$(wc -l <"$ERR")" = 1 ] || wrong "not one line on stderr of sifctl $*"
  LC_ALL=C grep -q '[^ -~]' "$ERR" && wrong "colours or control characters on stderr"
  lines+=("\$ sifctl $*" "[$status] $(cat "$ERR")")
}

fails
fails nothing
fails key
fails key create
fails key create 'a b'
fails key create cow --bits 2048
fails key create calf --bits 1000
fails key import
fails key import nothing --name calf
fails key import nonsense --name calf
fails key import empty --name calf
fails key import raw.key --name calf
fails key show
fails key show calf
fails key export-public calf
fails key retire calf
fails key revoke --yes cow
fails key revoke --yes cow --reason because
fails key revoke --yes cow --reason certificateHold
fails key destroy cow --yes
fails key destroy ox
fails key rotate calf
fails key rotate cow --name ox
fails key rule show calf
fails key rule set cow
fails key rule set cow --signer nobody --everyone
fails key rule widen ox --user root
fails signer add
fails signer add nothing
fails signer add nonsense
fails signer add raw.key
fails signer fetch 0000
fails signer retire "$other"
fails signer revoke --yes "$spki" --reason because
fails signer remove "$other"
fails trust add-root nothing
fails trust add-root nonsense
fails trust add-root raw.pem
fails trust remove 12
fails trust remove 0123456789
fails image bind
fails image bind calf --match relative --signer "$spki" --everyone
fails image bind calf --match /a --signer "$other" --everyone
fails image bind calf --match /a --signer "$spki"
fails image bind cow --match /a --signer "$spki" --everyone
fails image bind calf --match /a --signer "$spki" --key cow --everyone
fails image bind calf --match /a --signer "$spki" --key calf --everyone
fails image bind calf --match /a --signer "$spki" --everyone --digest sha256:0
fails image bind calf --match /a --signer "$spki" --everyone --not-after tomorrow
fails image unbind calf
fails image list extra
fails digest revoke sha256:0 --reason x
fails digest revoke "sha256:$(printf '0%.0s' {1..64})"
fails policy check nothing
fails policy check nonsense
fails policy diff nonsense
fails policy apply nonsense
fails test nothing
fails test nonsense
fails import shipyard nonsense
fails import shipyard nothing --everyone
fails explain
fails explain --user no-such-user --image /a
fails reseal --seal tpm
fails backup
fails backup --out nonsense --password-file pw
fails backup --out "$WORK/none/b" --password-file pw
fails restore
fails restore nonsense --password-file pw --yes
fails doctor --skip nothing
check test "$(state)" = "$before"

printf '%s\n' "${lines[@]}" >"$OUT"
golden errors
