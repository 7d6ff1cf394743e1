#!/bin/bash
# sifctl key import: files made by openssl, in every form, and everything that is refused.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
accept init
printf 'pw\n' >pw
printf 'pw\r\n' >pw-dos
printf 'pw' >pw-bare
printf 'wrong\n' >wrong
: >empty
{
  openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x -out c.pem
  openssl req -x509 -newkey rsa:2048 -nodes -keyout k2.pem -subj /CN=y -out c2.pem
  openssl pkey -in k.pem -traditional -out k1.pem
  openssl pkey -in k.pem -aes256 -passout pass:pw -out e8.pem
  openssl pkey -in k.pem -traditional -aes256 -passout pass:pw -out e1.pem
  openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass:pw -out m.pfx
  cat c.pem k.pem >both.pem
  cat c2.pem k.pem >mismatched.pem
  cat k.pem k2.pem >two.pem
  openssl x509 -in c.pem -outform DER -out c.der
} 2>/dev/null
thumbprint=$(openssl x509 -in c.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)

fresh() { rm -rf "$STORE" && accept init; }

# Every form gives the same key, whose public half is openssl's.
openssl pkey -in k.pem -pubout -out public.pem
for arguments in "m.pfx --password-file pw" "m.pfx --password-file pw-dos" \
                 "m.pfx --password-file pw-bare" "e8.pem --password-file pw" \
                 "e1.pem --password-file pw" k.pem k1.pem both.pem; do
  fresh
  # shellcheck disable=SC2086 # words
  accept key import $arguments --name lolcow
  sifctl key export-public lolcow && cp "$OUT" got.pem
  check cmp got.pem public.pem
done

# A PFX brings its certificate, and with it the thumbprint; so does a PEM with both.
for file in m.pfx both.pem; do
  fresh
  password=(--password-file pw)
  [ $file = m.pfx ] || password=()
  accept key import $file --name lolcow "${password[@]}" && golden key-import
  says "$thumbprint"
done

# The same again, the same under another name, another under the same name.
before=$(state)
accept key import m.pfx --name lolcow --password-file pw && golden key-import-again
accept key import k.pem --name lolcow
says "is in the keystore already: no change"
refuse 73 "this key is already in the keystore under the name 'lolcow'; *" \
  key import m.pfx --name other --password-file pw
refuse 73 "the keystore has another key named 'lolcow'; *" key import k2.pem --name lolcow
check test "$(state)" = "$before"
# A name that is of no use any more is not advised.
cp -a "$STORE" aside
for ended in revoked destroyed; do
  case $ended in
    revoked) check "$SIFCTL" --keystore "$STORE" key revoke lolcow --reason superseded --yes ;;
    destroyed) check "$SIFCTL" --keystore "$STORE" key destroy lolcow --yes ;;
  esac
  refuse 73 "this key is in the keystore under the name 'lolcow', and is $ended for good; import another key, *" \
    key import m.pfx --name other --password-file pw
done
rm -rf "$STORE" && mv aside "$STORE"

# What a key lacked is added: its certificate, from a PFX or beside it.
fresh
accept key import k.pem --name lolcow
accept key import m.pfx --name lolcow --password-file pw && golden key-import
fresh
accept key import k1.pem --certificate c.pem --name lolcow && golden key-import
fresh
accept key import k.pem --name lolcow
accept key import k.pem --certificate c.der --name lolcow && golden key-import
openssl req -x509 -key k.pem -subj /CN=again -out again.pem 2>/dev/null
before=$(state)
refuse 73 "the key 'lolcow' has another certificate, $thumbprint; *" \
  key import k.pem --certificate again.pem --name lolcow
refuse 65 "c2.pem: the certificate is not of the private key" \
  key import k.pem --certificate c2.pem --name lolcow
refuse 65 "k.pem: no certificate in the PEM file: it is a private key; give a certificate in PEM or DER" key import k.pem --certificate k.pem --name lolcow
refuse 66 "cannot open missing: *" key import k.pem --certificate missing --name lolcow
check test "$(state)" = "$before"

# A public half alone, in every form; its private half may come later.
openssl rsa -pubin -in public.pem -RSAPublicKey_out -out public1.pem 2>/dev/null
for file in public.pem public1.pem c.pem c.der; do
  fresh
  accept key import $file --public --name lolcow
  says "not held"
  sifctl key export-public lolcow && cp "$OUT" got.pem
  check cmp got.pem public.pem
done
before=$(state)
accept key import c.pem --public --name lolcow
says "is in the keystore already: no change"
check test "$(state)" = "$before"
accept key import m.pfx --name lolcow --password-file pw && golden key-import
fresh
before=$(state)
refuse 65 "k.pem: the file holds a private key; import it without --public*" key import k.pem --public --name lolcow
refuse 65 "both.pem: the file holds a private key; *" key import both.pem --public --name lolcow
refuse 65 "public.pem: the PEM file holds no private key: it is a public key; the private half is in another file*" key import public.pem --name lolcow
refuse 65 "m.pfx: neither a PEM nor a DER certificate*" key import m.pfx --public --name lolcow
refuse 65 "c2.pem: the certificate is not of the key" key import public.pem --public --certificate c2.pem --name lolcow
refuse 64 "--public excludes --password-file; *" key import c.pem --public --name lolcow --password-file pw
cat c.pem c2.pem >certificates.pem
refuse 65 "certificates.pem: the file holds 2 certificates; *" key import certificates.pem --public --name lolcow
check test "$(state)" = "$before"

# A password by descriptor; none at all without a terminal; a prompt that does not echo.
fresh
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" key import m.pfx --name lolcow --password-fd 5 5<pw >"$OUT" 2>"$ERR" ||
  wrong "--password-fd does not work"
fresh
refuse 80 "a password is needed for m.pfx and there is no terminal; give --password-file *" \
  key import m.pfx --name lolcow
refuse 80 "a password is needed for e8.pem *" key import e8.pem --name lolcow
refuse 80 "a password is needed for e1.pem *" key import e1.pem --name lolcow
refuse 64 "--password-f* excludes --password-f*" \
  key import m.pfx --name lolcow --password-file pw --password-fd 5
refuse 66 "cannot read descriptor 77: *" key import m.pfx --name lolcow --password-fd 77
refuse 66 "cannot open missing: *" key import m.pfx --name lolcow --password-file missing
if command -v script >/dev/null; then
  checks=$((checks + 1))
  at_terminal "'$SIFCTL' --keystore '$STORE' key import m.pfx --name lolcow" 'Password for' pw || wrong "the prompt does not work"
  says "Password for m.pfx: "
  checks=$((checks + 1))
  tail -n +2 "$OUT" | grep -qw pw && wrong "the password was echoed"
else
  echo "SKIPPED: the prompt (needs script(1))"
fi

# Refused: passwords, damage, wrong kinds. Nothing of it changes the keystore.
fresh
before=$(state)
{
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout eck.pem \
    -subj /CN=x -out ecc.pem
  openssl pkcs12 -export -inkey eck.pem -in ecc.pem -passout pass:pw -out ec.pfx
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem
  openssl req -x509 -newkey rsa:1024 -nodes -keyout wk.pem -subj /CN=x -out wc.pem
  openssl pkcs12 -export -inkey wk.pem -in wc.pem -passout pass:pw -out weak.pfx
  openssl pkcs12 -export -nokeys -in c.pem -passout pass:pw -out nokey.pfx
  openssl pkcs12 -export -nomac -inkey k.pem -in c.pem -passout pass:pw -out nomac.pfx
} 2>/dev/null
head -c 1000 m.pfx >short.pfx
cp m.pfx flipped.pfx && printf '\xff' | dd of=flipped.pfx bs=1 seek=700 conv=notrunc 2>/dev/null
head -c 800 k.pem >short.pem
head -c 300000 /dev/zero >huge
bad() {
  local pattern=$1
  shift
  refuse 65 "$1: $pattern" key import "$@" --name bad
}
for each in k.pem k1.pem both.pem; do
  bad "the private key is not encrypted, so the password proves nothing; leave the password out *" $each --password-file pw
done
bad "wrong password for the PFX file*" m.pfx --password-file wrong
bad "wrong password for the PFX file*" m.pfx --password-file empty
bad "wrong password for the private key*" e8.pem --password-file wrong
bad "wrong password for the private key*" e1.pem --password-file wrong
bad "not a PFX file, or it is truncated*" short.pfx --password-file pw
bad "wrong password for the PFX file, or the file is damaged" flipped.pfx --password-file pw
bad "the PEM file is malformed or truncated*" short.pem
bad "the key is EC, not RSA; *" ec.pem
bad "the key is EC, not RSA; *" ec.pfx --password-file pw
bad "the RSA key has 1024 bits; *" weak.pem
bad "the RSA key has 1024 bits; *" weak.pfx --password-file pw
bad "the PFX file holds no private key" nokey.pfx --password-file pw
bad "the PFX file has no integrity check (MAC); *" nomac.pfx --password-file pw
bad "the PEM file holds no private key: it is an X.509 certificate; *" c.pem
bad "not a PFX file, or it is truncated*" c.der --password-file pw
bad "the PEM file holds more than one private key; *" two.pem
bad "the certificate is not of the private key" mismatched.pem
bad "neither a PEM nor a PFX file: it is empty; *" empty
bad "neither a PEM nor a PFX file; *" pw
refuse 65 "huge is larger than 262144 bytes" key import huge --name bad
{ printf '%32sSIF_MAGIC' '' && head -c 300000 /dev/zero; } >huge.sif
refuse 65 "huge.sif is larger than 262144 bytes: it is a Singularity image (SIF); name the file that is meant" key import huge.sif --name bad
refuse 66 "cannot open missing.pfx: *" key import missing.pfx --name bad
refuse 66 "store is not a regular file" key import store --name bad
refuse 64 "not a usable name for a key: '.x'; *" key import k.pem --name .x
refuse 64 "--name is required; *" key import k.pem
refuse 64 "The following arguments were not expected: --password pw; *" \
  key import m.pfx --name bad --password pw
check test "$(state)" = "$before"

# Old Windows files, where this OpenSSL can read them.
if openssl pkcs12 -export -legacy -inkey k.pem -in c.pem -passout pass:pw -out old.pfx 2>/dev/null; then
  bad "wrong password for the PFX file*" old.pfx --password-file wrong
  accept key import old.pfx --name lolcow --password-file pw
  says "$thumbprint"
else
  echo "SKIPPED: legacy PFX (no legacy provider)"
fi

# A keystore somebody has meddled with says which file, and what to do.
meta=$(echo "$STORE"/keys/*/meta.json)
cp "$meta" meta.good
broken() {
  local pattern=$1 edit=$2
  sed "$edit" meta.good >"$meta"
  refuse 78 "$meta: $pattern" key list
}
broken "unknown field 'extra'" 's/"name"/"extra": 1, "name"/'
broken "field 'bits' is repeated" 's/"name"/"bits": 2048, "name"/'
broken "field 'name' is missing" '/"name"/d'
broken "unknown state 'alive'" 's/"active"/"alive"/'
broken "not JSON at byte *" '$d'
broken "not an object of named fields" '1s/.*/[1]/; 2,$d'
cp meta.good "$meta"
chmod 660 "$meta"
refuse 78 "$meta is writable by group or others; chmod go-w $meta" key list
chmod 600 "$meta"
accept key list
