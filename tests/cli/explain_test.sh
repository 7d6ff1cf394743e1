#!/bin/bash
# sifctl explain, without --verify: what it knows of a job, of what counts of signers now, and of revoked images.
# Keys by openssl.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

# explained STATUS PATTERN IMAGE OPTION…: for daemon, in text and in JSON, whose decision agrees
explained() {
  local want=$1 pattern=$2 image=$3 decision=allow
  shift 3
  [ "$want" = 0 ] || decision=refuse
  checks=$((checks + 2))
  sifctl explain --user daemon "$image" "$@" --json
  [ $? = "$want" ] || wrong "another status with --json"
  says "\"decision\": \"$decision\""
  valid explanation
  sifctl explain --user daemon "$image" "$@"
  [ $? = "$want" ] || wrong "$image did not end with $want"
  says "$pattern"
}
does() { checks=$((checks + 1)); sifctl "$@" || wrong "$* failed"; }
# keeps: the last explanation has no such word
keeps() { checks=$((checks + 1)); ! grep -q -- "$1" "$OUT" || wrong "stdout contains: $1"; }

accept init
for each in a b; do
  openssl genpkey -quiet -algorithm ED25519 -out $each.key && openssl pkey -in $each.key -pubout -out $each.pem
  accept signer add $each.pem
done
a=spki:$(openssl pkey -in a.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
b=spki:$(openssl pkey -in b.key -pubout -outform DER | sha256sum | cut -d' ' -f1)

# A reservation of '' is that there is none; nothing said is not known
cat >reservations.yaml <<END
version: 1
images:
  - {name: in, match: [/in.sif], signing_key: {public_key: "$a"}, allow: {reservations: [r]}}
  - {name: out, match: [/out.sif], signing_key: {public_key: "$a"}, allow: {users: ["*"]}, deny: {reservations: [r]}}
END
accept policy apply reservations.yaml
explained 77 "reservation is not known here" /in.sif
explained 77 "does not allow a job without reservation" /in.sif --reservation ''
explained 0 "allowed" /in.sif --reservation r
explained 77 "reservation is not known here" /out.sif
explained 0 "allowed" /out.sif --reservation ''
explained 77 "denies reservation r" /out.sif --reservation r
for option in account partition qos node; do
  refuse 64 "--$option: must not be empty *" explain --user daemon /in.sif "--$option" ''
done

# An image that is pinned and revoked
digest=sha256:$(printf x | sha256sum | cut -d' ' -f1)
accept image bind pin --match /pin.sif --signer "$a" --everyone --digest "$digest"
explained 0 "allowed" /pin.sif
does digest revoke "$digest" --reason CVE
explained 77 "refused  *this image was revoked on *: CVE" /pin.sif
accept digest restore "$digest"
explained 0 "allowed" /pin.sif

# A certificate is worth what lists say of it; how strictly is the node's affair
sifctl ca init --subject /O=Example/CN=Own --out own.pem --algorithm p-256 || wrong "no CA"
accept ca issue --signer sue --subject /O=Example/CN=sue --out sue
accept trust add-root own.pem
accept signer add sue.pem
accept image bind sue --match '/sue*.sif' --signer x509:subject:CN=sue,O=Example --everyone
accept image bind both --match /sue-or-a.sif --signer x509:subject:CN=sue,O=Example "$a" --everyone
accept image bind warned --match '/warned*.sif' --signer x509:subject:CN=sue,O=Example --everyone --mode warn
printf 'revocation: crl\n' >crl.yaml
printf "revocation: 'off'\n" >off.yaml
explained 77 "refused  *no signature of x509:subject:CN=sue,O=Example counts: *has no CRL of its issuer" /sue.sif --config "$WORK/crl.yaml"
explained 0 "allowed" /sue.sif --config "$WORK/off.yaml"
explained 77 "has no CRL of its issuer" /sue-or-a.sif --config "$WORK/crl.yaml" # all bindings must be met
explained 0 "note  *no signature of x509:subject:CN=sue,O=Example counts" /warned.sif --config "$WORK/crl.yaml"
does ca crl --out own.crl
does trust add-crl own.crl
explained 0 "allowed" /sue.sif --config "$WORK/crl.yaml"
keeps "counts"
does ca revoke sue.pem --reason keyCompromise --yes
does ca crl --out own.crl
does trust add-crl own.crl
explained 77 "refused  *no signature of x509:subject:CN=sue,O=Example counts: *revoked" /sue.sif --config "$WORK/crl.yaml"
accept image unbind sue
explained 0 "allowed" /sue-or-a.sif --config "$WORK/crl.yaml" # the other one signs

# A key's own rule may want a signer whose signatures count no more
accept key create cow --bits 2048
accept image bind cow --match /cow.sif --signer "$a" "$b" --all-signers --key cow --everyone
explained 0 "allowed" /cow.sif
does signer retire "$b"
explained 0 "allowed" /cow.sif # signatures of raw keys do not say when they were made
does signer revoke "$b" --reason keyCompromise --yes
explained 77 "refused  *a signer is revoked" /cow.sif
sed -i "s/all_of: \[\"$a\"/any_of: [\"$a\"/" "$STORE/images.yaml"
explained 77 "refused  *of the signers of its rule, no signature of $b counts" /cow.sif
accept image bind revoked --match /revoked.sif --signer "$a" --everyone --mode warn
does signer revoke "$a" --reason keyCompromise --yes
explained 0 "note  *none of its signatures count" /revoked.sif # as a launch in mode warn has it
