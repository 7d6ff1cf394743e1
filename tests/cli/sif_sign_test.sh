#!/bin/bash
# sif-sign with key files: keys made by openssl, signatures held against openssl, and everything
# that is refused leaves the image as it was.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIF-SIGN}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
list=${SIFCTL%/*}/sif-list

quietly() { "$@" >/dev/null 2>&1; }
umask 077
quietly openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
quietly openssl genpkey -algorithm ED25519 -out ed.pem
quietly openssl pkey -in ec.pem -aes256 -passout pass:secret -out locked.pem
quietly openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short.pem
for key in rsa ec ed; do openssl pkey -in $key.pem -pubout -out $key.pub; done
umask 022
printf 'secret\n' >passphrase
echo wrong >wrong
make_sif fresh.sif 12 '0x4001:1:0:Singularity.def:bootstrap' '0x4007:1:0::some data' '0x4006:2:0::{}'

shown() { sed -E -i 's/SHA256:[A-Za-z0-9+\/]{43}/SHA256:KEY/g' "$OUT"; }
fresh() { cp fresh.sif image.sif; }
unchanged() { # and nothing is left beside it
  check cmp fresh.sif image.sif
  check bash -c '[ -z "$(find . -maxdepth 1 -name ".image.sif*")" ]'
}
refuse_image() { # refuse_image STATUS PATTERN ARGUMENTS…: and image.sif stays as it is
  fresh
  refuse "$@"
  unchanged
}
# envelopes FILE: one a line, of an image; takes them from its end.
envelopes() { grep -a -o '{"payloadType":.*}]}' "$1" | sed 's/}]}{/}]}\n{/g'; }
# verified ENVELOPE KEY: by openssl alone.
verified() {
  local type length
  type=$(sed 's/.*"payloadType":"\([^"]*\)".*/\1/' <<<"$1")
  sed 's/.*"payload":"\([^"]*\)".*/\1/' <<<"$1" | base64 -d >.payload
  sed 's/.*"sig":"\([^"]*\)".*/\1/' <<<"$1" | base64 -d >.sig
  length=$(stat -c %s .payload)
  { printf 'DSSEv1 %d %s %d ' "${#type}" "$type" "$length"; cat .payload; } >.message
  [ "$type" = application/vnd.sylabs.sif-metadata+json ] || return 1
  if [ "$2" = ed ]; then
    openssl pkeyutl -verify -pubin -inkey ed.pub -rawin -in .message -sigfile .sig
  else
    openssl dgst -sha256 -verify "$2.pub" -signature .sig .message
  fi
}

accept --help && golden sif-sign-help
accept --version
refuse 64 "*; see sif-sign --help"
refuse 64 "*; see sif-sign --help" --key ec.pem
refuse 64 "*; see sif-sign --help" image.sif
refuse_image 64 "--passphrase-file excludes --passphrase-fd; *" --key ec.pem --passphrase-file a \
  --passphrase-fd 3 image.sif
for group in 0 x -1 268435456 99999999999; do
  refuse_image 64 "*; see sif-sign --help" --key ec.pem --group=$group image.sif
done
refuse 64 "The following argument was not expected: b; *" --key ec.pem a b

# Signed: every group, by keys of every type; openssl agrees.
fresh
for key in rsa ec ed; do
  accept --key $key.pem image.sif && shown && golden "sif-sign-$key"
  for nth in 1 2; do
    envelope=$(envelopes image.sif | tail -n $((3 - nth)) | head -n 1)
    check verified "$envelope" $key
    check grep -q '^{"version":1,"header":{"digest":"sha256:[0-9a-f]*"},"objects":\[{"relativeId":0,' .payload
  done
done
check [ "$(envelopes image.sif | wc -l)" = 6 ]

# One group; a signer that is there already; replacing it.
fresh
accept --key ec.pem --group 2 --json image.sif && valid signing
shown && golden sif-sign-json
cp image.sif once.sif
refuse 65 "image.sif: group 2 carries a signature by SHA256:* already, object 4; replace it with --replace" \
  --key ec.pem image.sif
sifctl --key ec.pem --json image.sif && wrong "signed again"
valid error
check cmp once.sif image.sif
accept --key ec.pem --replace image.sif && shown && golden sif-sign-replace
check [ "$(envelopes image.sif | wc -l)" = 2 ]
accept --key ed.pem image.sif
check "$list" image.sif
says "object 7, dsse by SHA256:"
refuse_image 65 "image.sif: the image has no group 3; see its groups with sif-list" --key ec.pem \
  --group 3 image.sif

# No room, nothing to sign, objects that nothing can sign.
make_sif full.sif 2 '0x4001:1:0::bootstrap' '0x4007:2:0::data'
refuse 65 "full.sif: 2 signatures do not fit: the image has 0 free descriptors; *" --key ec.pem full.sif
make_sif none.sif 2 '0x4001:0:0::bootstrap'
refuse 65 "none.sif: the image has no group of objects to sign" --key ec.pem none.sif
make_sif loose.sif 4 '0x4001:1:0::bootstrap' '0x4007:0:0::data'
checks=$((checks + 1))
sifctl --key ec.pem loose.sif || wrong "an object in no group is no reason to refuse"
cp "$ERR" warning
check grep -qx "sif-sign: not covered, because they are in no group: object 2; sifguard refuses such an image" warning

# Keys
accept --key locked.pem --passphrase-file passphrase --replace once.sif
exec 7<passphrase
accept --key locked.pem --passphrase-fd 7 --replace once.sif
refuse_image 65 "locked.pem: wrong password for the private key*" --key locked.pem \
  --passphrase-file wrong image.sif
refuse_image 80 "a passphrase is needed for locked.pem and there is no terminal; *" --key locked.pem image.sif
refuse_image 65 "short.pem: the RSA key has 1024 bits; *" --key short.pem image.sif
refuse_image 65 "ec.pub: the PEM file holds no private key: it is a public key; the private half is in another file*" --key ec.pub image.sif
refuse_image 65 "passphrase: *" --key passphrase image.sif
refuse_image 66 "cannot open missing: *" --key missing image.sif
refuse_image 66 ". is not a regular file" --key . image.sif
fresh
chmod 644 ec.pem
checks=$((checks + 1))
sifctl --key ec.pem image.sif || wrong "an open key is no reason to refuse"
cp "$ERR" warning
check grep -qx "sif-sign: others may read or change the private key ec.pem; chmod 600 ec.pem" warning
fresh
accept --quiet --key ec.pem image.sif
check test -z "$(cat "$OUT")"
chmod 600 ec.pem

# Images
refuse 66 "cannot open missing: *" --key ec.pem missing
refuse 66 ". is not a regular file" --key ec.pem .
refuse 65 "passphrase: not a SIF image: *" --key ec.pem passphrase
make_sif unsound.sif 2 '0x4001:1:0::bootstrap'
printf '\x07' | dd of=unsound.sif bs=1 seek=88 conv=notrunc status=none
cp unsound.sif before.sif
refuse 65 "unsound.sif: the descriptor table has *" --key ec.pem unsound.sif
check cmp unsound.sif before.sif
# Another name keeps what it leads to, and that is told; what a killed run left goes.
fresh
ln image.sif second.sif
printf x >.image.sif.0123456789abcdef.tmp
sifctl --key ec.pem image.sif
cp "$ERR" told
check grep -q 'image.sif has had 1 other name (hard links): what they lead to is not signed' told
check cmp fresh.sif second.sif
check [ ! -e .image.sif.0123456789abcdef.tmp ]
rm second.sif

ln -s image.sif link.sif
fresh
accept --key ec.pem link.sif
check [ -L link.sif ]
check "$list" image.sif
says "dsse by SHA256:"

# A limit on the size of files is not a crash: the image stays.
fresh
(
  ulimit -f 4
  setsid -w "$SIFCTL" --key ec.pem image.sif >"$OUT" 2>"$ERR" </dev/null
)
check [ $? = 73 ]
unchanged

# A file system whose driver cannot shorten files takes signatures all the same, where none has to go.
if strace -o /dev/null true 2>/dev/null; then
  never_shortens() {
    ASAN_OPTIONS=detect_leaks=0 strace -qq -o strace.log -e trace=ftruncate -e inject=ftruncate:error=ENOSYS \
      "$SIFCTL" --key ec.pem image.sif >"$OUT" 2>"$ERR" </dev/null
  }
  fresh
  check never_shortens
  says "group 1 (objects 1, 2) signed"
  fresh
  head -c 5000 /dev/zero >>image.sif
  cp image.sif longer.sif
  never_shortens
  ended=$?
  cp "$ERR" told
  check [ $ended = 73 ]
  check grep -q 'cannot shorten the changed image: Function not implemented; sign it on another' told
  check cmp longer.sif image.sif
else
  echo "SKIPPED, NOT TESTED: file systems that shorten nothing (needs strace)"
fi
