# shellcheck shell=bash
# shellcheck disable=SC2034 # they are used by the tests
# Sourced after lib.sh by the tests of sifctl doctor: a configuration, keystores, and what is found in them.
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

cat >config.yaml <<END
keystore: $STORE
audit_file: $WORK/audit.jsonl
END
# What this host has or lacks is not the test's: the parts below ask for it one by one.
host=(--skip plugstack --skip programs --skip account --skip versions --skip sandbox --skip mounts --skip slurm --skip runtime)
only() {   # only CHECK: the options that leave out all checks but this one
  local each
  for each in permissions store-key expiry signers files keys launches published leftovers plugstack enforcement slurm runtime programs account versions sandbox mounts audit-log break-glass bindings; do
    [ "$each" = "$1" ] || printf '%s\n' --skip "$each"
  done
}
# examine STATUS ARGUMENTS…: that status, nothing on stderr
examine() {
  local want=$1
  shift
  checks=$((checks + 1))
  sifctl doctor --config "$WORK/config.yaml" "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "doctor $* ended with $status, not $want"
  [ ! -s "$ERR" ] || wrong "doctor $* wrote to stderr"
}
# Below the findings stands what was looked at.
findings() { sed '/^looked at /,$d' "$OUT" | tail -n +2; }
# finds STATUS SEVERITY PATTERN ARGUMENTS…: one finding, this one
finds() {
  local status=$1 severity=$2 pattern=$3
  shift 3
  examine "$status" "$@"
  checks=$((checks + 1))
  [ "$(findings | wc -l)" = 1 ] || wrong "not one finding"
  # shellcheck disable=SC2053
  [[ $(findings) == $severity\ *$pattern ]] || wrong "not found: $severity $pattern"
}

# with_signer: a keystore with one signer, whose name is in spki.
with_signer() {
  accept init
  openssl genpkey -quiet -algorithm ED25519 -out raw.key && openssl pkey -in raw.key -pubout -out raw.pem
  spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
  accept signer add raw.pem
}
# well_kept: one with nothing to complain of: a key, and a binding of it to that signer, both named cow.
well_kept() {
  with_signer
  accept key create cow --bits 2048
  mkdir -p apps/deep && : >apps/deep/cow.sif
  accept image bind cow --match "$WORK/apps/**/c?w.sif" --signer "$spki" --key cow --everyone
}
