#!/bin/bash
# OCI-SIFs: sif-list shows them, sif-sign signs them, sif-verify takes a whole one and refuses each flaw by name.
#   oci_sif_test.sh SIF-LIST SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIF-LIST SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIF-LIST SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIF-LIST SIF-SIGN SIF-VERIFY}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
run='{"Env":["PATH=/bin","A=b c"],"Entrypoint":["/bin/sh","-c"],"Cmd":["echo \"hi\""],"WorkingDir":"/srv"}'

make() { python3 "$HERE/oci_sif.py" "$@" || exit 1; }
layer() { # layer FILE SIZE: the superblock of a squashfs, and blanks
  { printf hsqs && head -c 36 /dev/zero && le 8 96 && head -c $(($2 - 48)) /dev/zero; } >"$1"
}
# verify STATUS PATTERN ARGUMENTS…: that status; a refusal is the one line "sif-verify: …" on stderr.
verify() {
  local want=$1 pattern=$2 status=0
  shift 2
  checks=$((checks + 1))
  setsid -w "$VERIFY" "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "sif-verify $* ended with $status, not $want"
  if [ "$want" = 0 ]; then
    [ ! -s "$ERR" ] || wrong "sif-verify $* wrote to stderr"
  else
    [ "$(wc -l <"$ERR")" = 1 ] || wrong "not one line on stderr"
    # shellcheck disable=SC2053  # a pattern
    [[ $(<"$ERR") == "sif-verify: "$pattern ]] || wrong "stderr is not: sif-verify: $pattern"
  fi
}

layer low 96
layer high 200
openssl genpkey -algorithm ED25519 -out key.pem 2>/dev/null
openssl pkey -in key.pem -pubout -out key.pub
openssl genpkey -algorithm ED25519 2>/dev/null | openssl pkey -pubout -out other.pub

# A whole one.
make good.sif --config "$run" low high
accept good.sif && golden sif-list-oci
accept --json good.sif && valid listing && golden sif-list-oci-json
verify 65 "good.sif: the image is not signed; *" --public-key key.pub good.sif
checks=$((checks + 1))
"$SIGN" --quiet --key key.pem good.sif 2>"$ERR" || wrong "sif-sign"
verify 0 "" --public-key key.pub good.sif
says 'good.sif: verified'
says 'object 5 (OCI root index) in group 1: signed by spki:'
says 'OCI image of 2 layers, architecture amd64, encryption none'
verify 0 "" --json --public-key key.pub good.sif
says '"oci_layers": 2' && valid verification
verify 65 "good.sif: *" --public-key other.pub good.sif
accept good.sif
says 'OCI.Blob (layer 2)'

# Signed, and one byte of a layer, of a document or of a descriptor changed, or a blob slipped in.
start=$((4096 + 585 * 13))
for each in $((start + 50)) $((start + 96 + 60)) $((start + 96 + 200 + 30)) $((4096 + 201 + 20)); do
  cp good.sif changed.sif
  printf '#' | dd of=changed.sif bs=1 seek=$each conv=notrunc status=none
  verify 65 "changed.sif: *" --public-key key.pub changed.sif
done
sed 's/"A=b c"/"A=b d"/' good.sif >changed.sif
verify 65 "changed.sif: object 3 (OCI blob) *" --public-key key.pub changed.sif

# One flaw each, which a signature over all of it does not mend.
flaw() { # flaw NAME PATTERN: of sif-verify; sif-list shows the image with the same sentence, but for data it does not hash
  make "$1.sif" --flaw "$1" low high
  verify 65 "$1.sif: $2" --public-key key.pub "$1.sif"
  "$SIGN" --quiet --key key.pem "$1.sif" 2>"$ERR" || wrong "sif-sign $1.sif"
  verify 65 "$1.sif: $2" --public-key key.pub "$1.sif"
  accept "$1.sif"
  [ "$1" = content ] || says "OCI image       not one to run: "
}
flaw ext3 "layer 1 of the OCI image is ext3, *; singularity overlay seal *"
flaw tar "layer 1 of the OCI image is a tar archive, *; build it as a plain SIF"
flaw strange-layer "layer 1 of the OCI image is of the unknown type 'application/x-strange'"
flaw two-manifests "the OCI root index names 2 manifests, not one image; *"
flaw cosign "the OCI image carries signatures or attestations of cosign, *; *sif-sign"
flaw no-manifest "the OCI root index names 0 manifests, not one image"
flaw data-container "the image is an OCI data container, which holds nothing to run"
flaw stray "object 6 (OCI blob) belongs to no part of the OCI image, sha256:*"
flaw twice "object 1 (OCI blob) and object 6 (OCI blob) are the same OCI blob, sha256:*"
flaw two-indices "object 5 (OCI root index) and object 6 (OCI root index) are both OCI root indices"
flaw mixed "object 6 (generic data) stands beside an OCI image, *"
flaw layer-size "object 1 (OCI blob) has 96 bytes, but as layer 1 of the OCI image it is said to have 1"
flaw missing "layer 3 of the OCI image, sha256:*, is not in the image"
flaw descriptor "layer 1 of the OCI image, sha256:*, is not in the image"
flaw no-digest "the descriptor of object 1 (OCI blob) states no digest"
flaw content "object 1 (OCI blob) does not have the digest that is stated for it, sha256:*"
flaw diff-id "the OCI configuration states another digest for layer 1 than the manifest"
flaw unknown-field "the OCI manifest: unknown field 'Layers'"
printf 'no squashfs, and long enough to hold the first block of one' >text
make text.sif text
verify 65 "text.sif: object 1 (OCI blob) is no squashfs" --public-key key.pub text.sif

# A word that would disturb a terminal.
make odd.sif --config '{"Cmd":["\u001b[2J"]}' low
accept odd.sif
says 'Command         ?x1b?2J'
check test -z "$(grep $'\e' "$OUT")"
