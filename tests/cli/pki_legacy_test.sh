#!/bin/bash
# Images that the older PKI scripts signed: sif-verify --pki-legacy and sif-sign --migrate take good ones, and
# none of those that the scripts were fooled by.
#   pki_legacy_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
entity=BAFECAFEBEBEBEBEBAFECAFEBEBEBEBEBAFECAFE
accept init
sifctl ca init --subject /O=E/CN=Root --out root.pem
for name in carol mallory; do accept ca issue --signer $name --algorithm rsa3072 --out $name; done
accept ca issue --host www.example.org --algorithm rsa3072 --out www
sifctl ca crl --out crl.pem
openssl req -x509 -newkey rsa:3072 -noenc -keyout self.key -out self.pem -subj /O=E/CN=Root -days 9 2>/dev/null

# The statement as the scripts make it, here without singularity: data in, "SHA-256 ID" out.
statement() { # statement ID DATA …
  while [ $# -gt 0 ]; do
    echo "$(printf %s "$2" | sha256sum | cut -d' ' -f1) $1"
    shift 2
  done
}
# old FILE KEY OBJECT… : an image whose last object is the scripts' signature over those before it.
old() {
  local file=$1 key=$2 id=0 args=() object
  shift 2
  for object; do
    id=$((id + 1))
    args+=("$id" "${object##*:}")
  done
  statement "${args[@]}" >list
  openssl dgst -sha256 -sign "$key" -out signature list
  make_sif "$file" 12 "$@" "0x4005:1:0:vavouris:$(printf 'S%.0s' $(seq 384))"
  put "$file" $((id + 1)) 1 $entity signature
}
put() { # put FILE ID HASH ENTITY DATA-FILE: the extra fields and the bytes of a signature object
  python3 - "$@" <<'PY'
import struct, sys
file, number, hash_, entity, data = sys.argv[1:]
image = bytearray(open(file, "rb").read())
at = 4096 + (int(number) - 1) * 585
offset, = struct.unpack_from("<Q", image, at + 17)
content = open(data, "rb").read()
image[offset:offset + len(content)] = content
struct.pack_into("<i", image, at + 201, int(hash_))
image[at + 205:at + 225] = bytes.fromhex(entity)
open(file, "wb").write(image)
PY
}
run() { # run STATUS PATTERN COMMAND…
  local want=$1 pattern=$2 status=0
  shift 2
  checks=$((checks + 1))
  setsid -w "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "$* ended with $status, not $want"
  grep -q -- "$pattern" "$OUT" "$ERR" || wrong "does not say: $pattern"
}
trust=(--certificate carol.pem --ca root.pem)
both() { # both PATTERN FILE OPTION…: neither takes it, and it stays as it is
  local pattern=$1 file=$2
  shift 2
  local sum
  sum=$(sha256sum "$file")
  run 65 "$pattern" "$VERIFY" --pki-legacy "${@:-${trust[@]}}" "$file"
  run 65 "$pattern" "$SIGN" --migrate "${@:-${trust[@]}}" --key carol.key "$file"
  check test "$(sha256sum "$file")" = "$sum"
}
objects=('0x4001:1:0:recipe:bootstrap' '0x4003:1:0:labels:{}' '0x4007:1:0:data:the payload')

old good.sif carol.key "${objects[@]}"
cp good.sif pristine.sif
run 65 'not signed\|no signature\|malformed\|signature' "$VERIFY" "${trust[@]}" good.sif
run 0 'verified in the form of the PKI scripts' "$VERIFY" --pki-legacy "${trust[@]}" good.sif
run 0 'verified' "$VERIFY" --pki-legacy "${trust[@]}" --crl crl.pem good.sif
run 64 'needs' "$VERIFY" --pki-legacy good.sif
run 64 'needs' "$SIGN" --migrate --key carol.key good.sif
run 0 'signed, object' "$SIGN" --migrate "${trust[@]}" --key carol.key good.sif
run 0 'verified' "$VERIFY" "${trust[@]}" good.sif
run 65 'no signature of the PKI scripts' "$VERIFY" --pki-legacy "${trust[@]}" good.sif
run 65 'no signature of the PKI scripts' "$SIGN" --migrate --replace "${trust[@]}" --key carol.key good.sif

# Another signer, another CA, another use; a certificate that makes itself a CA of the same name.
both 'is not this certificate' pristine.sif --certificate mallory.pem --ca root.pem
both 'is not for code signing' pristine.sif --certificate www.pem --ca root.pem
both 'is not a self-signed CA\|no chain to a trusted root\|trust anchor' pristine.sif --certificate self.pem --ca root.pem
old self.sif self.key "${objects[@]}"
both 'chain to a trusted root\|is a CA' self.sif --certificate self.pem --ca root.pem
both 'is not this certificate' self.sif
sifctl ca revoke --yes carol.pem --reason keyCompromise
sifctl ca crl --out revoked.pem
both 'is revoked' pristine.sif "${trust[@]}" --crl revoked.pem

# Content, order, an object more, an object less.
sed 's/the payload/The payload/' pristine.sif >changed.sif
both 'is not this certificate' changed.sif
old more.sif carol.key "${objects[@]}"
make_sif more2.sif 12 "${objects[@]}" "0x4005:1:0:vavouris:$(printf 'S%.0s' $(seq 384))" '0x4007:1:0:more:evil'
put more2.sif 4 1 $entity signature
both 'is not this certificate' more2.sif
old plain.sif carol.key "${objects[@]:0:2}"
make_sif less.sif 12 "${objects[0]}" "0x4005:1:0:vavouris:$(printf 'S%.0s' $(seq 384))"
put less.sif 2 1 $entity signature
both 'is not this certificate' less.sif

# What the scripts pass over: an object named with the magic. They would call this one good.
statement 1 bootstrap 2 '{}' 3 'the payload' >list
openssl dgst -sha256 -sign carol.key -out signature list
for name in $entity "x $entity" "${entity,,}"; do
  make_sif named.sif 12 "${objects[@]}" "0x4007:1:0:$name:evil" "0x4005:1:0:vavouris:$(printf 'S%.0s' $(seq 384))"
  put named.sif 5 1 $entity signature
  both 'passes itself off as a signature' named.sif
done
make_sif twice.sif 12 "${objects[@]}" "0x4005:1:0:a:$(printf 'S%.0s' $(seq 384))" "0x4005:1:0:b:$(printf 'S%.0s' $(seq 384))"
put twice.sif 4 1 $entity signature
put twice.sif 5 1 $entity signature
both 'several signatures' twice.sif
cp pristine.sif hash.sif
put hash.sif 4 5 $entity signature
both 'passes itself off' hash.sif
cp pristine.sif other.sif
put other.sif 4 1 ${entity/BA/BB} signature
both 'no signature of the PKI scripts' other.sif

# What the old form does not cover: the launch script.
{ printf '#!/bin/sh -c evil\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0' && tail -c +33 pristine.sif; } >launch.sif
check test "$(stat -c %s launch.sif)" = "$(stat -c %s pristine.sif)"
both 'the launch script, which the old form does not cover' launch.sif
