#!/bin/bash
# sifctl key create, list, show and export-public, held against openssl.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
accept init
printf 'secret words\n' >pw
printf '\n' >empty

accept key create lolcow --bits 2048 --pfx-password-file pw --file-prefix mycert
thumbprint=$(sed -n 's/^thumbprint  //p' "$OUT")
id=$(sed -n 's/^id  *//p' "$OUT")
golden key-create
check test "$(stat -c %a mycert.pem)" = 644
check test "$(stat -c %a mycert.pfx)" = 600
check test "$(ls | paste -sd' ')" = "empty mycert.pem mycert.pfx mycert.pkcs1.pem pw store"
check bash -c 'openssl rsa -pubin -in mycert.pem -RSAPublicKey_out | cmp - mycert.pkcs1.pem'
check grep -qx -- '-----BEGIN PUBLIC KEY-----' mycert.pem
check test "$(openssl pkey -pubin -in mycert.pem -outform DER | sha256sum | cut -c1-64)" = "$id"
# The PFX: its certificate has the thumbprint, its key the public half, its ciphers are modern.
check openssl pkcs12 -in mycert.pfx -passin 'pass:secret words' -nodes -out all.pem
check test "$(openssl x509 -in all.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' |
  tr A-F a-f)" = "$thumbprint"
check test "$(openssl x509 -in all.pem -noout -subject)" = "subject=CN = lolcow"
check bash -c 'openssl pkey -in all.pem -pubout | cmp - mycert.pem'
openssl pkcs12 -in mycert.pfx -passin 'pass:secret words' -info -noout >info 2>&1
check grep -q 'MAC: sha256' info
check grep -q 'Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, .* hmacWithSHA256' info
check bash -c '! openssl pkcs12 -in mycert.pfx -passin pass:wrong -noout'
# On disk the private key is in the keystore alone, encrypted, and readable by its owner.
exponent=$(openssl pkey -in all.pem -noout -text | sed -n '/^privateExponent:/,/^prime1:/p' | sed 1d | tr -d ' :\n' | cut -c65-192)
check test ${#exponent} = 128
rm all.pem
check bash -c '! grep -rl "PRIVATE KEY" .'
check bash -c "! find . -type f -exec xxd -p -c 0 {} \; | grep -q $exponent"
check test "$(stat -c %a "store/keys/$id/private.key")" = 600

# export-public
accept key export-public lolcow && cp "$OUT" got8
check cmp got8 mycert.pem
openssl rsa -pubin -in mycert.pem -RSAPublicKey_out -out want1 2>/dev/null
for reference in lolcow "$id" "${id:0:16}" "$thumbprint" "${thumbprint^^}" \
                 "$(sed 's/../&:/g; s/:$//' <<<"$thumbprint")"; do
  sifctl key export-public "$reference" --pkcs1 && cp "$OUT" got1
  check cmp got1 want1
done
refuse 66 "no key 'nope' in the keystore; see sifctl key list" key export-public nope
refuse 66 "no key '${id:0:15}' in the keystore*" key show "${id:0:15}"

# list, show
accept key create another --bits 2048 --json && golden key-create-json
accept key list && golden key-list
accept key list --json && golden key-list-json
accept key show lolcow && golden key-show
accept key show lolcow --json && golden key-show-json

# What is refused changes nothing.
printf 'secret\n' >short
before=$(state) files=$(ls)
for each in empty short; do
  refuse 65 "the password is too short; use 8 characters or more" key create b --bits 2048 --pfx-password-file $each --file-prefix b
done
refuse 64 "--pfx-password-file requires --file-prefix; *" key create b --pfx-password-file pw
refuse 64 "--pfx-password-fd requires --file-prefix; *" key create b --pfx-password-fd 5
refuse 80 "a password is needed for b.pfx and there is no terminal; give --pfx-password-file *" \
  key create b --bits 2048 --file-prefix b
refuse 64 "--pfx-password-f* excludes --pfx-password-f*" \
  key create b --file-prefix b --pfx-password-file pw --pfx-password-fd 5
refuse 64 "--force requires --file-prefix; *" key create b --force
refuse 66 "cannot open missing: No such file*" key create b --pfx-password-file missing --file-prefix b
refuse 66 "store is not a regular file" key create b --pfx-password-file store --file-prefix b
refuse 73 "mycert.pem exists already; give --force to overwrite it; if an interrupted run left it, sifctl key import mycert.pfx --name b finishes that, and sifctl key export-public b writes what is missing of the others" \
  key create b --pfx-password-file pw --file-prefix mycert
refuse 66 "cannot write beside no/b.pem: No such*" \
  key create b --bits 2048 --pfx-password-file pw --file-prefix no/b
refuse 73 "the keystore has a key named 'lolcow' already; *" \
  key create lolcow --pfx-password-file pw --file-prefix b
refuse 64 "not a usable name for a key: '../b'; *" key create ../b
refuse 64 "not a usable name for a key: 'a"'\\x0ab'"'; *" key create $'a\nb'
for bits in 1024 2047 8192 abc -1 ''; do
  refuse 64 "--bits: *" key create b --bits "$bits"
done
check test "$(state)" = "$before"
check test "$(ls)" = "$files"

# A keystore that cannot be written: the files are taken back, those overwritten restored.
if [ "$(id -u)" = 0 ] && chattr +i "store/keys" 2>/dev/null; then
  sum=$(sha256sum mycert.pem mycert.pfx)
  refuse 77 "cannot make a directory in $STORE/keys: *" \
    key create b --bits 2048 --pfx-password-file pw --file-prefix b
  refuse 77 "cannot make a directory in $STORE/keys: *" \
    key create b --bits 2048 --pfx-password-file pw --file-prefix mycert --force
  chattr -i "store/keys"
  check test "$(sha256sum mycert.pem mycert.pfx)" = "$sum"
  check test "$(ls)" = "$files"
else
  echo "SKIPPED: failure to write the keystore (needs root and chattr)"
fi
# The second of the two files cannot be replaced: the first is restored.
mkdir dir.pfx && cp mycert.pem dir.pem
refuse 73 "cannot replace dir.pfx: *" \
  key create b --bits 2048 --pfx-password-file pw --file-prefix dir --force
check cmp dir.pem mycert.pem
check test "$(state)" = "$before"

# A password by descriptor, and one asked for, twice.
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" key create d --bits 2048 --file-prefix d --pfx-password-fd 5 5<pw \
  >"$OUT" 2>"$ERR" || wrong "--pfx-password-fd does not work"
check openssl pkcs12 -in d.pfx -passin 'pass:secret words' -noout
if command -v script >/dev/null; then
  create="'$SIFCTL' --keystore '$STORE' key create e --bits 2048 --file-prefix e"
  checks=$((checks + 1))
  at_terminal "$create" 'New password' 'one word' 'Again, the password' 'other word' &&
    wrong "two different passwords were taken"
  says "the two passwords differ, nothing changed"
  check test ! -e e.pfx
  checks=$((checks + 1))
  at_terminal "$create" 'New password' 'one word' 'Again, the password' 'one word' ||
    wrong "the prompt does not work"
  says "New password for e.pfx: "
  checks=$((checks + 1))
  at_terminal "${create% e --bits*} f --bits 2048 --file-prefix f" 'New password' short && wrong "a short password was taken"
  says "the password is too short; use 8 characters or more"
  check openssl pkcs12 -in e.pfx -passin 'pass:one word' -noout
else
  echo "SKIPPED: the prompt (needs script(1))"
fi

accept key create c --bits 2048 --pfx-password-file pw --file-prefix mycert --force
check bash -c 'openssl pkcs12 -in mycert.pfx -passin "pass:secret words" -nodes -nocerts |
  openssl pkey -pubout | cmp - mycert.pem'
check test "$(find . -name 'mycert*' | wc -l)" = 3

# What was interrupted before the key was in the keystore is finished as the advice says.
lolcow_store=$STORE STORE=$WORK/interrupted
accept init
refuse 73 "mycert.pem exists already; *" key create moo --pfx-password-file pw --file-prefix mycert
accept key import mycert.pfx --name moo --password-file pw
accept key export-public moo && cp "$OUT" got && check cmp got mycert.pem
STORE=$lolcow_store
