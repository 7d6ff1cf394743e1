# shellcheck shell=bash
# shellcheck disable=SC2034 # they are used by the tests
# Sourced after lib.sh by the tests of sifctl bundle: the stores of an admin and of nodes, below directories of their
# own, and messages and certificates of openssl's.
admin=$WORK/admin/store n1=$WORK/n1/store n2=$WORK/n2/store n3=$WORK/n3/store
mkdir -m 700 admin n1 n2 n3
on() { STORE=$1; }
unchanged() { # STATUS PATTERN ARGUMENTS…: refused, and the keystore is as it was
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
quiet() { "$@" 2>>openssl.log || { checks=$((checks + 1)); : >"$OUT"; cp openssl.log "$ERR"; wrong "failed: $*"; }; }
certificate() { # NAME KEYUSAGE openssl genpkey's ARGUMENTS…: NAME.key and NAME.pem
  quiet openssl genpkey -out "$1.key" "${@:3}"
  quiet openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 30 -addext "keyUsage=critical,$2" -out "$1.pem"
}
digits() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
serial() { sed -n 's/^serial \([0-9]*\) .*/\1/p' "$OUT"; }
noted() { # PATTERN ARGUMENTS…: done, with one line on stderr
  checks=$((checks + 1))
  sifctl "${@:2}" || wrong "failed: ${*:2}"
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == "sifctl: "$1 ]] || wrong "stderr is not: $1"
}
again() { # FILE SERIAL: it is what was imported last
  local before
  before=$(state)
  accept bundle import "$1" && says "serial $2 of store * is what was imported last: no change"
  accept bundle import "$1" --dry-run && says ": no change"
  accept bundle import "$1" --json && says '"changed": false'
  check test "$(state)" = "$before"
  check grep -q '"event":"unchanged"' <(tail -n 1 "$STORE/audit.jsonl")
}
# admin_store: the admin's keystore: two bindings, cow and dog, with a key and one of the signers each.
admin_store() {
  local name
  on "$admin"
  accept init
  for name in cow dog; do
    quiet openssl genpkey -algorithm ed25519 -out $name.signer.key
    quiet openssl pkey -in $name.signer.key -pubout -out $name.signer.pem
    accept signer add $name.signer.pem
    accept key create $name --bits 2048
  done
  mapfile -t signers < <("$SIFCTL" --keystore "$admin" signer list | awk 'NR > 1 { print $1 }')
  accept image bind cow --match /cow.sif --signer "${signers[0]}" --key cow --allow-user root
  accept image bind dog --match /dog.sif --signer "${signers[1]}" --key dog --allow-user root
}
# trusting NODE [ARGUMENTS…]: the store of that node is made, by node init with these, and takes the admin's bundles.
trusting() {
  on "$WORK/$1/store"
  accept init
  accept node init "${@:2}"
  accept node trust site.pem
}
