#!/bin/bash
# sif-verify on nodes that refuse namespaces and on old kernels, as root and as anybody: the same verdicts; and a clear
# word where nothing could confine it.
#   refused_test.sh SIF-VERIFY WITHOUT VECTORS
VERIFY=${1:?usage: $0 SIF-VERIFY WITHOUT VECTORS}
WITHOUT=$2 VECTORS=$3
. "$(dirname "$0")/lib.sh" "$1"
[ -d "$VECTORS/images" ] || { echo "SKIPPED: no images in $VECTORS"; exit 77; }
# Copies: where the vectors are, others may not look.
cp "$VECTORS"/images/one-group-signed-{pgp,dsse}.sif "$VECTORS"/images/one-group.sif "$VECTORS"/keys/unit-public.asc \
  "$VECTORS"/keys/rsa-public.pem .
chmod 755 . && chmod 644 ./*.sif ./*.asc ./*.pem
cp one-group-signed-pgp.sif tampered.sif
printf XXXX | dd of=tampered.sif bs=1 seek=40000 conv=notrunc status=none

# verify STATUS ARGUMENTS…, on the node that "node" says, as whoever "as" says
verify() {
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  "${as[@]}" "${node[@]}" "$VERIFY" "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "${as[*]} ${node[*]} sif-verify $* ended with $status, not $want"
}

nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --"
who=("")
[ "$(id -u)" != 0 ] || ! $nobody test -x "$VERIFY" -a -r one-group.sif || who+=("$nobody")
for one in "${who[@]}"; do
  read -ra as <<<"$one"
  for refused in net mnt "net=EPERM pid=EINVAL ipc=EUSERS mnt=ENOSYS user" linux-5.14 linux-4.18; do
    read -ra words <<<"$refused"
    node=("$WITHOUT" "${words[@]}" --)
    verify 0 --pgp-key unit-public.asc one-group-signed-pgp.sif
    verify 0 --public-key rsa-public.pem one-group-signed-dsse.sif
    verify 65 --pgp-key unit-public.asc one-group.sif
    verify 65 --pgp-key unit-public.asc tampered.sif
  done
  node=("$WITHOUT" seccomp --)
  verify 65 --public-key rsa-public.pem one-group-signed-dsse.sif
  checks=$((checks + 1))
  grep -q 'the node does not allow system call filters; a kernel with' "$ERR" || wrong "the reason is not told"
done
