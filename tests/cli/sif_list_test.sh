#!/bin/bash
# sif-list: what it shows of images made here and by sylabs/sif, and what it refuses.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIF-LIST}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
vectors=$HERE/../../../shared/vectors/images

accept --help && golden sif-list-help
accept --version
refuse 64 "image is required; see sif-list --help"
refuse 64 "The following argument was not expected: b; *" a b
refuse 64 "The following argument was not expected: --frob; *" --frob a

# Two groups, one object in none, names that would disturb a terminal; a file name too.
make_sif $'odd\e[2J.sif' 6 $'0x4001:1:0:Singularity\e[31m.def:bootstrap' '0x4007:2:1::some data' \
  '0x4006:0:0:x:{}'
accept $'odd\e[2J.sif' && golden sif-list-two-groups
accept --json $'odd\e[2J.sif' && valid listing && golden sif-list-two-groups-json
check test -z "$(grep $'\e' "$OUT")"

# Encrypted, and no message holds its key: with a passphrase. 6 is gocryptfs, 5 LUKS.
make_sif passphrase.sif 2 '0x4001:1:0::bootstrap' '0x4004:1:0::squashfs in a shell'
extra=$((4096 + 585 + 201))
for each in 5:LUKS 6:gocryptfs; do
  # shellcheck disable=SC2059  # the number is the format's
  printf "\\x0${each%:*}\\x00\\x00\\x00\\x02\\x00\\x00\\x0002" | dd of=passphrase.sif bs=1 seek=$extra conv=notrunc status=none
  accept passphrase.sif
  check test "$(grep -c "^Encryption  *${each#*:}, with a passphrase$" "$OUT")" = 1
  accept --json passphrase.sif && valid listing
  check test "$(grep -ci "\"encryption\": \"${each#*:}\"" "$OUT")" = 1
done

# Every kind of data under the name that it has for who made the format.
make_sif kinds.sif 14 0x4001:1:0:: 0x4002:1:0:: 0x4003:1:0:: 0x4004:1:0::squashfs 0x4005:0:1::x 0x4006:1:0:: \
  0x4007:1:0:: 0x4008:1:0::x 0x4009:1:0:: 0x4009:1:0:: 0x4009:1:0:: 0x400a:1:0:: 0x400b:1:0::
extra() { # extra OBJECT NUMBER…: the numbers that its kind has in the descriptor
  local object=$1
  shift
  for number; do le 4 "$number"; done | dd of=kinds.sif bs=1 seek=$((4096 + 585 * (object - 1) + 201)) conv=notrunc status=none
}
extra 4 1 2 && printf 02 | dd of=kinds.sif bs=1 seek=$((4096 + 585 * 3 + 209)) conv=notrunc status=none
extra 5 1 && extra 8 2 $((0x200)) && extra 9 1 && extra 10 8 && extra 11 9
accept kinds.sif
check test "$(sed -n 's/.*|\([A-Z].*\)/\1/p' "$OUT" | tail -n 13)" = "Def.FILE
Env.Vars
JSON.Labels
FS (Squashfs/*System/amd64)
Signature (SHA-256)
JSON.Generic
Generic/Raw
Cryptographic Message (PEM/RSA-OAEP)
SBOM (cyclonedx-json)
SBOM (syft-json)
SBOM (unknown (9))
OCI.RootIndex
OCI.Blob"
make_sif newer.sif 2 0x4001:1:0:: 0x400c:1:0::
refuse 65 "newer.sif: *has the unknown data type 0x0000400c*" newer.sif
make_sif unsound.sif 2 '0x4001:1:0::bootstrap' '0x4001:1:7::more'
accept unsound.sif
printf '\x07' | dd of=unsound.sif bs=1 seek=88 conv=notrunc status=none
refuse 65 "unsound.sif: the descriptor table has 1170 bytes, not 585 for each of its 7 *" unsound.sif
head -c 5000 $'odd\e[2J.sif' >cut.sif
refuse 65 "cut.sif: the descriptor table ends beyond the file: *; it was cut short, or is damaged: copy it again *" cut.sif
echo text >text
refuse 65 "text: not a SIF image: *" text
: >empty
refuse 65 "empty: not a SIF image: *" empty
refuse 66 "cannot open missing: No such file or directory" missing
refuse 66 ".: the image is not a regular file" .
# fails STATUS ARGUMENTS…: with an error as JSON, too
fails() {
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  sifctl "$@" --json || status=$?
  [ "$status" = "$want" ] || wrong "$* ended with $status, not $want"
  valid error
  says "\"status\": $want,"
}
fails 66 missing
fails 65 text
fails 64 text more
fails 64 --frobnicate text
mkfifo fifo
refuse 66 "fifo: the image is not a regular file" fifo

if [ -d "$vectors" ]; then
  for name in one-group-signed-pgp one-group-signed-dsse one-group-signed-legacy one-object-sbom \
    one-object-crypt-message empty; do
    if [ -e "$vectors/$name.sif" ]; then
      cp "$vectors/$name.sif" image.sif
      accept image.sif && sed -E -i 's/SHA256:[A-Za-z0-9+\/]{43}/SHA256:KEY/g' "$OUT" && golden "sif-list-$name"
    fi
  done
else
  echo "TEST VECTORS ABSENT: $vectors"
fi
