#!/bin/bash
# sifctl ca, beside sif-sign and sif-verify: the walk from a new CA to a refused image, held against openssl.
#   ca_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
fingerprint_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
serial_of() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr 'A-F' 'a-f'; }
# does STATUS COMMAND…: that status, whatever it says.
does() {
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  setsid -w "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "$* ended with $status, not $want"
}
complains() { checks=$((checks + 1)); grep -q -- "$1" "$ERR" || wrong "stderr does not contain: $1"; }
# works ARGUMENTS…: as accept, but there may be advice on stderr.
works() { checks=$((checks + 1)); sifctl "$@" || wrong "$NAME $* ended with $?"; }
# A CA's keystore is made where nothing is, and nowhere else.
STORE=$WORK/made
works ca init --subject /CN=made --out made.pem --algorithm p-256
complains 'keystore made: '
accept ca list
mkdir -m 700 "$WORK/empty" && STORE=$WORK/empty
refuse 78 '*is not a keystore*' ca init --subject /CN=x --out x.pem
STORE=$WORK/none/below
refuse 78 '*' ca init --subject /CN=x --out x.pem
check test ! -e x.pem
STORE=$WORK/store
accept init

# The walk of packaging/doc/pki.md.
make_sif lolcow.sif 8 '0x4001:1:0:a:the payload'
refuse 78 'the keystore has no CA*' ca list
refuse 78 'the keystore has no CA*' ca issue --signer carol --out carol
refuse 78 'the keystore has no CA*' ca crl --out crl.pem
works ca init --subject "/O=Example/CN=Example Root" --out root.pem
refuse 73 'root.pem exists already*' ca init --subject /CN=x --out root.pem
refuse 73 'the keystore has a CA already*' ca init --subject /CN=x --out other.pem
check test ! -e other.pem
accept ca issue --signer carol --subject "/O=Example/CN=carol" --out carol
check test "$(stat -c %a carol.key)" = 600
does 0 "$SIGN" --key carol.key lolcow.sif
does 0 "$VERIFY" --certificate carol.pem --ca root.pem lolcow.sif
works ca crl --out before.pem
does 0 "$VERIFY" --certificate carol.pem --ca root.pem --crl before.pem lolcow.sif
works ca revoke --yes carol.pem --reason keyCompromise
works ca crl --out crl.pem
does 65 "$VERIFY" --certificate carol.pem --ca root.pem --crl crl.pem lolcow.sif
complains 'is revoked by a CRL of CN=Example Root'

# As openssl sees it.
text() { checks=$((checks + 1)); openssl x509 -in "$1" -noout -text -nameopt RFC2253 >"$OUT"; }
check openssl verify -x509_strict -CAfile root.pem carol.pem
text carol.pem
says 'Code Signing'
says 'Digital Signature'
says 'Subject: CN=carol,O=Example'
text root.pem
says 'CA:TRUE, pathlen:0'
says 'Certificate Sign, CRL Sign'
carol=$(serial_of carol.pem)
check test ${#carol} = 32
check openssl crl -in crl.pem -CAfile root.pem -noout -verify
openssl crl -in crl.pem -noout -text >crl.txt 2>/dev/null
check grep -qi "Serial Number: $carol" crl.txt
check grep -q 'Key Compromise' crl.txt
check grep -q 'X509v3 Authority Key Identifier' crl.txt
number() { openssl crl -in "$1" -noout -crlnumber | cut -d= -f2; }
check test $((16#$(number crl.pem | sed s/0x//))) -gt $((16#$(number before.pem | sed s/0x//)))
does 2 openssl verify -crl_check -CAfile root.pem -CRLfile crl.pem carol.pem
accept ca revoke --yes "${carol:0:12}" --reason superseded
says 'is revoked already: no change'
accept ca show "$carol"
says 'keyCompromise'
openssl req -new -key carol.key -subj /CN=x -out again.csr
refuse 65 'the key was compromised*' ca sign-csr again.csr --signer again --out again.pem

# Profiles; names come from the admin alone.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -noenc -keyout dave.key -out dave.csr -subj /CN=root \
  -addext subjectAltName=DNS:evil.example.org -addext basicConstraints=CA:TRUE -addext extendedKeyUsage=serverAuth 2>/dev/null
accept ca sign-csr dave.csr --user dave --san email:dave@example.org --out dave.pem
text dave.pem
says 'Subject: CN=dave,O=Example'
says 'TLS Web Client Authentication, E-mail Protection'
says 'CA:FALSE'
says 'email:dave@example.org'
cp "$OUT" dave.txt
check bash -c '! grep -q evil dave.txt'
check test "$(openssl x509 -in dave.pem -noout -pubkey)" = "$(openssl pkey -in dave.key -pubout)"
accept ca issue --host www.example.org --san dns:www.example.org --san ip:192.0.2.1 --out www --days 10 --algorithm rsa3072
text www.pem
says 'TLS Web Server Authentication'
says 'DNS:www.example.org, IP Address:192.0.2.1'
check openssl verify -x509_strict -CAfile root.pem -purpose sslserver www.pem
printf 'pass word' >pw
accept ca issue --signer ed --algorithm ed25519 --password-file pw --out ed
check grep -q 'BEGIN ENCRYPTED PRIVATE KEY' ed.key
check openssl pkey -in ed.key -passin file:pw -noout
before=$(state)
refuse 64 'what is the certificate for?*' ca issue --out x
refuse 64 'what is the certificate for?*' ca issue --signer a --user b --out x
refuse 64 'not a usable name*' ca issue --signer ../x --out x
refuse 64 'not a usable alternative name*' ca issue --signer a --san dns:a,b --out x
refuse 64 'not a usable alternative name*' ca issue --host a --san 'dns:*' --out x
refuse 64 'not a usable alternative name*' ca issue --host a --san dns:1.2.3.4 --out x
refuse 64 'the subject has two CN in one part; *' ca issue --signer a --subject CN=a+CN=b,O=X --out x
refuse 64 "the subject's CN has a control character" ca issue --signer a --subject 'CN=a\0Ab,O=X' --out x
refuse 73 "the subject is the CA's own; *" ca issue --signer a --subject '/O=Example/CN=Example Root' --out x
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3 -out e3.key 2>/dev/null
openssl req -new -key e3.key -subj /CN=x -out e3.csr
refuse 65 "*the RSA key's exponent is less than 65537; *" ca sign-csr e3.csr --signer a --out x
refuse 64 'not a usable alternative name*' ca issue --signer a --san email:nobody --out x
refuse 64 '*' ca issue --signer a --subject 'CN' --out x
refuse 64 "the subject's C is not usable*" ca issue --signer a --subject /C=Germany/CN=x --out x
refuse 64 'a certificate is valid for 1 to*' ca issue --signer a --days -3 --out x
refuse 73 'carol.pem exists already*' ca issue --signer carol --out carol
refuse 66 '*' ca issue --signer a --out /nonexistent/x
refuse 65 '*: not a certificate signing request*' ca sign-csr pw --signer a --out x.pem
{ openssl req -in dave.csr -outform DER | head -c 100; head -c 400 /dev/zero; } >broken.csr
refuse 65 'broken.csr: *' ca sign-csr broken.csr --signer a --out x.pem
refuse 65 "carol.pem: the file holds a 'CERTIFICATE'*" ca sign-csr carol.pem --signer a --out x.pem
openssl req -new -newkey rsa:1024 -noenc -keyout weak.key -out weak.csr -subj /CN=x 2>/dev/null
refuse 65 'weak.csr: *weak*' ca sign-csr weak.csr --signer a --out x.pem
openssl req -new -key dave.key -outform DER -out dave.der -subj /CN=dave
{ cat dave.der && printf x; } >long.der
refuse 65 'long.der: not a certificate signing request*' ca sign-csr long.der --signer a --out x.pem
LC_ALL=C sed 's/dave/eave/' dave.der >other.der
refuse 65 'other.der: the request is not signed by its own key*' ca sign-csr other.der --signer a --out x.pem
refuse 64 '*too short*' ca revoke --yes 12 --reason superseded
refuse 66 '*no certificate with the serial*' ca revoke --yes 0123456789ab --reason superseded
refuse 64 '*certificateHold*' ca revoke --yes dave.pem --reason certificateHold
refuse 65 'a root cannot be revoked*' ca revoke --yes root.pem --reason superseded
openssl req -x509 -key dave.key -subj "/O=Example/CN=Example Root" -days 3 -out foreign.pem 2>/dev/null
refuse 65 'the certificate was not issued by this CA*' ca revoke --yes foreign.pem --reason superseded
refuse 66 'the CA has no authority*' ca crl --authority intermediate --out x.pem
check test "$(state)" = "$before"
check test ! -e x.pem

# A compromise is one of the key, also one that comes out late.
accept ca issue --signer frank --out frank
accept ca renew frank.pem --out frank2.pem --supersede
works ca revoke --yes frank.pem --reason affiliationChanged
says 'is revoked already: no change'
accept ca show frank2.pem
says valid
works ca revoke --yes frank.pem --reason keyCompromise
complains '1 other certificate of the same key is revoked with it'
for each in frank.pem frank2.pem; do
  accept ca show $each
  says 'keyCompromise'
done
openssl req -new -key frank.key -subj /CN=x -out frank.csr
refuse 65 'the key was compromised*' ca sign-csr frank.csr --signer frank --out frank3.pem

# What the index lost is taken up when it is renewed, and says so to whoever asks for its list.
accept ca issue --signer grace --out grace
cp -p "$STORE/ca/index.json" with
python3 - "$STORE/ca/index.json" "$(serial_of grace.pem)" <<'PY'
import json, sys
index = json.load(open(sys.argv[1]))
index["issued"] = [one for one in index["issued"] if one["serial"] != sys.argv[2].lower()]
json.dump(index, open(sys.argv[1], "w"))
PY
check bash -c "! cmp -s with '$STORE/ca/index.json'"
rm "$STORE/ca/certificates/$(serial_of grace.pem | tr A-F a-f)"* 2>/dev/null
refuse 66 'the CA has issued no certificate with the serial number*' ca show "$(serial_of grace.pem)"
accept ca renew grace.pem --out grace2.pem --supersede
says "revoked $(serial_of grace.pem | tr A-F a-f)"
accept ca show "$(serial_of grace.pem)"
says superseded
# What has no place for its file is not recorded, and the older one stays.
before=$(state)
refuse 66 '*missing/grace3.pem*' ca renew grace2.pem --out missing/grace3.pem --supersede
check test "$(state)" = "$before"

# List, renew, expire.
accept ca list
says "$carol  revoked "
accept ca list --state expiring --json
cp "$OUT" list.json
check test "$(grep -c '"serial"' list.json)" = 1
accept ca renew dave.pem --out dave2.pem --supersede
check test "$(openssl x509 -in dave2.pem -noout -pubkey)" = "$(openssl pkey -in dave.key -pubout)"
check test "$(serial_of dave2.pem)" != "$(serial_of dave.pem)"
text dave2.pem
says 'email:dave@example.org'
accept ca show dave.pem --json
says '"reason": "superseded"'
refuse 79 'the certificate was revoked*' ca renew "$carol" --out carol2.pem
accept ca renew "$carol" --new-key --out carol2
check openssl verify -x509_strict -CAfile root.pem carol2.pem
accept ca expire --dry-run
accept ca expire --json
check grep -q '"expire"' "$STORE/audit.jsonl"
accept ca show
says 'CN=Example Root,O=Example'
accept ca show --pem
cp "$OUT" shown.pem
check cmp shown.pem root.pem

# Together: everybody's serial is in the index.
for i in 1 2 3 4 5 6; do
  "$SIFCTL" --keystore "$STORE" ca issue --signer "many$i" --out "many$i" >/dev/null 2>"many$i.err" &
done
wait
accept ca list --json
for i in 1 2 3 4 5 6; do
  cp "$OUT" list.json
  check grep -q "$(serial_of "many$i.pem")" list.json
  cp list.json "$OUT"
done

# Killed at any moment: what anybody got is in the index, which stays readable.
for i in 1 2 3 4 5 6 7 8 9 10; do
  "$SIFCTL" --keystore "$STORE" ca issue --signer "dead$i" --out "dead$i" >/dev/null 2>&1 &
  sleep "0.0$((i * 7 % 10))" && kill -9 $! 2>/dev/null
done
{ wait; } 2>/dev/null
accept ca list --json
cp "$OUT" list.json
for file in dead*.pem; do
  [ ! -e "$file" ] || check grep -q "$(serial_of "$file")" list.json
done
accept ca issue --signer alive --out alive
works ca crl --out alive.crl
check openssl crl -in alive.crl -CAfile root.pem -noout -verify

# Backup and restore: nothing becomes unknown or good again.
printf 'p' >short
refuse 65 'the password is too short; use 8 characters or more' backup --out ca.json --password-file short
refuse 65 'the password is too short; use 8 characters or more' ca issue --signer short --out short --password-file short
check test ! -e ca.json
works backup --out ca.json --password-file pw
check test "$(stat -c %a ca.json)" = 600
check bash -c '! grep -aq -e "PRIVATE KEY" -e CERTIFICATE -e carol ca.json'
accept ca issue --signer late --out late
works ca revoke --yes many1.pem --reason superseded
accept ca restore ca.json --password-file pw
accept ca show "$(serial_of late.pem)"
accept ca show many1.pem
says revoked
printf wrong >nopw
before=$(state)
refuse 65 'ca.json: the password is wrong, or the backup is altered' ca restore ca.json --password-file nopw
cp ca.json edited.json && printf x | dd of=edited.json bs=1 seek=4000 conv=notrunc status=none
refuse 65 'edited.json: the backup is altered or truncated' ca restore edited.json --password-file pw
refuse 64 'sifctl ca backup is no more: *; sifctl backup --out FILE; *' ca backup --out ca.json --password-file pw
refuse 65 "ca.json: the backup is of another root: 'CN=Example Root,O=Example', SHA-256 *" \
  ca restore ca.json --password-file pw --fingerprint "$(printf '0%.0s' {1..64})"
refuse 64 "not a SHA-256 fingerprint: 'abc'; *" ca restore ca.json --password-file pw --fingerprint abc
refuse 65 'pw: *' ca restore pw --password-file pw
check test "$(state)" = "$before"
first=$STORE
accept ca show
print=$(fingerprint_of root.pem)
says "$print"
STORE=$WORK/second
accept init
before=$(state)
checks=$((checks + 1))
sifctl ca restore ca.json --password-file pw && wrong "a root was taken without asking"
[ "$(head -n 1 "$ERR")" = "sifctl: the root of this backup of $(grep -o '20[0-9T:-]*Z' "$ERR") is 'CN=Example Root,O=Example', SHA-256 $print" ] ||
  wrong "the root is not shown"
complains 'give --fingerprint, or --yes to take whichever root it is$'
check test "$(state)" = "$before"
works ca restore ca.json --password-file pw --fingerprint "$(openssl x509 -in root.pem -noout -fingerprint -sha256)"
says "SHA-256 $print"
accept ca list
says "$carol  revoked"
works ca revoke --yes late.pem --reason cessationOfOperation
complains 'did not know this certificate'
works ca crl --out second.pem
check openssl crl -in second.pem -CAfile root.pem -noout -verify
check test $((16#$(number second.pem | sed s/0x//))) -gt $((16#$(number crl.pem | sed s/0x//)))
STORE=$WORK/third
accept init
works ca init --subject /CN=other --out other.pem
refuse 73 'ca.json: the keystore has another CA*' ca restore ca.json --password-file pw
refuse 73 'ca.json: the keystore has another CA*' ca restore ca.json --password-file pw --yes --fingerprint "$print"

# A backup of the whole keystore shows the root of its CA; what an older sifctl wrote of a CA alone is taken, too.
STORE=$first
accept backup --out whole.backup --password-file pw
says "the CA 'CN=Example Root,O=Example', SHA-256 $print"
accept backup --out whole.backup --force --password-file pw --json
says "\"ca_root\": \"$print\""
STORE=$WORK/former
accept init
accept backup --out without.backup --password-file pw
refuse 65 'without.backup: the keystore of this backup had no CA' ca restore without.backup --password-file pw
printf 'old password' >oldpw
old=$HERE/data/old-ca.backup
refuse 65 "$old: the backup of a CA alone, of an older sifctl; sifctl ca restore takes it" restore "$old" --password-file oldpw
refuse 65 "$old: the backup is of another root: *" ca restore "$old" --password-file oldpw --fingerprint "$print"
works ca restore "$old" --password-file oldpw --fingerprint 37faab03d3a3ba6aa7039ce782a65559296820e9bcd64c23d20d68ac88915dee
accept ca list
says '96c77440fdb3ed1a475aa573e38020d1  revoked'
says 'be9403854c58c3568bffd9dec765470b  valid'

# Who can write where backups lie puts another root of the same name there, with a key that no password protects, or
# with one under a password of his own. Of an older sifctl, or of nothing but keys in tokens, a backup looks like this.
v1() { # v1 CERTIFICATE KEY PEM-OF-THE-KEY >FILE: PEM-OF-THE-KEY is what the file has
  python3 - "$1" "$3" >content <<'PY'
import json, sys
index = {"version": 1, "crl_url": "", "ocsp_url": "", "crls": [], "issued": [], "purged": []}
root = {"name": "root", "certificate": open(sys.argv[1]).read(), "private_key": open(sys.argv[2]).read()}
print(end=json.dumps({"version": 1, "made": 1700000000, "authorities": [root], "index": json.dumps(index), "certificates": []}))
PY
  { printf 'sifguard CA backup 1\n' && cat content; } | openssl dgst -sha256 -sign "$2" -out signature
  python3 - <<'PY'
import base64, json
signature = base64.b64encode(open("signature", "rb").read()).decode()
print(json.dumps({"version": 1, "content": open("content").read(), "signature": signature}))
PY
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout evil.key -out evil.pem -days 3650 \
  -subj '/O=Example/CN=Example Root' -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
openssl pkcs8 -topk8 -in evil.key -out evil.enc -passout file:pw
v1 evil.pem evil.key evil.key >plain.json
v1 evil.pem evil.key evil.enc >older.json
for STORE in "$WORK/fresh" "$first" "$WORK/third"; do
  want=73 # there is another CA
  [ -e "$STORE" ] || { want=64 && accept init; }
  before=$(state)
  for each in plain.json older.json; do
    refuse "$want" "$each: *" ca restore $each --password-file pw
    refuse "$want" "$each: *" ca restore $each --password-file pw --yes
    refuse 65 "$each: the backup is of another root: *" ca restore $each --password-file pw --yes --fingerprint "$print"
  done
  check test "$(state)" = "$before"
done
STORE=$WORK/fresh
refuse 64 "older.json: nothing confirms this backup but the root in it ('CN=Example Root,O=Example'): *; give --fingerprint *" \
  ca restore older.json --password-file pw --yes
refuse 65 'plain.json: the private key is not encrypted, so the password proves nothing; *' \
  ca restore plain.json --password-file pw --fingerprint "$(fingerprint_of evil.pem)"
check test "$(state)" = "$(STORE=$WORK/fresh state)"
works ca restore older.json --password-file pw --fingerprint "$(fingerprint_of evil.pem)"
accept ca issue --signer older --out older
check openssl verify -x509_strict -CAfile evil.pem older.pem

# An intermediate, constraints, a resealed store.
STORE=$WORK/fourth
accept init
refuse 64 'a path length of 0*' ca init --subject /O=E/CN=R --out r.pem --path-length 0 --intermediate /O=E/CN=I --intermediate-out i.pem
refuse 64 'root and intermediate CA need*' ca init --subject /O=E/CN=R --out r.pem --intermediate CN=R,O=E --intermediate-out i.pem
refuse 64 'root and intermediate CA need*' ca init --subject /O=E/CN=R --out r.pem --intermediate /O=e/CN=r --intermediate-out i.pem
refuse 64 'not a usable name constraint*' ca init --subject /O=E/CN=R --out r.pem --permit 'dns:a b'
refuse 64 'not a usable name constraint*' ca init --subject /O=E/CN=R --out r.pem --exclude 'dns:*.example.org'
refuse 64 'not a usable URL*' ca init --subject /O=E/CN=R --out r.pem --crl-url 'http://a,b/'
check test ! -e r.pem
works ca init --subject /O=E/CN=R --out r.pem --algorithm p-256 --intermediate /O=E/CN=I --intermediate-out i.pem \
  --permit subject:/O=E --permit dns:example.org --crl-url 'http://pki.example.org/{authority}.crl'
text i.pem
says 'http://pki.example.org/root.crl'
says 'CA:TRUE, pathlen:0'
accept reseal
accept ca issue --signer s --out s --algorithm ed25519
check openssl verify -x509_strict -CAfile r.pem -untrusted i.pem s.pem
text s.pem
says 'http://pki.example.org/intermediate.crl'
before=$(state)
refuse 65 '*permitted subtree violation*' ca issue --signer s --subject /O=Other/CN=s --out t
refuse 65 '*permitted subtree violation*' ca issue --host www.example.com --out t
check test "$(state)" = "$before"
check test ! -e t.key
works ca crl --out both.pem
check test "$(grep -c 'BEGIN X509 CRL' both.pem)" = 2
accept trust add-root r.pem
accept trust add-intermediate i.pem
accept trust add-crl both.pem
check test "$(find "$STORE/trust/crls" -type f | wc -l)" = 2
make_sif two.sif 8 '0x4001:1:0:a:the payload'
does 0 "$SIGN" --key s.key two.sif
does 0 "$VERIFY" --certificate s.pem --ca r.pem --intermediates i.pem --crl both.pem two.sif
# The intermediate's key is certified anew: what it issued is good under either certificate, and the next under both.
cp i.pem i-old.pem
refuse 79 'an intermediate CA keeps its key*' ca renew i.pem --new-key --out i2
refuse 73 'i.pem exists already*' ca renew i.pem --out i.pem
refuse 64 'a certificate is valid for 1 to*' ca renew i.pem --days -1 --out i2.pem
works ca renew i.pem --days 2000 --out i2.pem
check test "$(serial_of i2.pem)" != "$(serial_of i.pem)"
check test "$(openssl x509 -in i2.pem -noout -pubkey -subject)" = "$(openssl x509 -in i.pem -noout -pubkey -subject)"
text i2.pem
says 'CA:TRUE, pathlen:0'
says 'http://pki.example.org/root.crl'
check openssl verify -x509_strict -CAfile r.pem -untrusted i2.pem s.pem
accept ca issue --signer t --out t
check openssl verify -x509_strict -CAfile r.pem -untrusted i2.pem t.pem
check openssl verify -x509_strict -CAfile r.pem -untrusted i-old.pem t.pem
accept ca show --pem
cp "$OUT" shown.pem
check bash -c 'cat r.pem i2.pem | cmp - shown.pem'
accept reseal
works ca renew i2.pem --out i3.pem --supersede
works ca crl --out both.pem
check openssl verify -x509_strict -crl_check_all -CAfile r.pem -untrusted i3.pem -CRLfile both.pem t.pem
does 2 openssl verify -x509_strict -crl_check_all -CAfile r.pem -untrusted i2.pem -CRLfile both.pem t.pem
cp i3.pem i.pem

# sif-sign with the key's certificate: what that does not allow is not signed.
accept ca issue --signer u --out u
accept ca issue --host h.example.org --out h
make_sif pristine.sif 8 '0x4001:1:0:a:the payload'
not_signed() { # not_signed WORDS ARGUMENT…
  local words=$1
  shift
  cp pristine.sif own.sif
  does 65 "$SIGN" "$@" own.sif
  complains "$words"
  check cmp own.sif pristine.sif
}
below=(--ca r.pem --intermediates i.pem)
not_signed 's.pem is not the certificate of the key' --key u.key --certificate s.pem
not_signed 's.pem is not the certificate of the key' --key u.key --certificate s.pem "${below[@]}"
not_signed 'is not for code signing' --key h.key --certificate h.pem
not_signed 'is not for code signing' --key h.key --certificate h.pem "${below[@]}"
not_signed 'no chain to a trusted root' --key u.key --certificate u.pem --ca root.pem
not_signed 'u.key: a private key is in the file' --key u.key --certificate u.key
mkdir old && : >old/index
cat >old/config <<'END'
[ca]
default_ca = old
[old]
database = old/index
new_certs_dir = old
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
x509_extensions = signer
[any]
commonName = supplied
[signer]
keyUsage = digitalSignature
extendedKeyUsage = codeSigning
END
check openssl req -new -key u.key -subj /CN=u -out old/csr
dated() { # dated NAME FROM UNTIL: a certificate of u's, fit but for its time
  openssl ca -batch -config old/config -selfsign -keyfile u.key -in old/csr -startdate "$2" -enddate "$3" -notext \
    -out "$1" 2>old/log || cat old/log
}
dated past.pem 20200101000000Z 20200201000000Z
not_signed 'ended at 2020-02-01' --key u.key --certificate past.pem
dated future.pem 20990101000000Z 20990201000000Z
not_signed 'is not valid before 2099-01-01' --key u.key --certificate future.pem
does 64 "$SIGN" --key u.key --ca r.pem own.sif
does 64 "$SIGN" --key u.key --certificate u.pem --crl both.pem own.sif
does 0 "$SIGN" --key u.key --certificate u.pem own.sif
says 'x509:subject:CN=u,O=E'
does 0 "$SIGN" --replace --key u.key --certificate u.pem "${below[@]}" --crl both.pem own.sif
does 0 "$VERIFY" --certificate u.pem "${below[@]}" --crl both.pem own.sif
works ca revoke --yes u.pem --reason superseded
works ca crl --out both.pem
not_signed 'is revoked' --key u.key --certificate u.pem "${below[@]}" --crl both.pem
works ca revoke --yes i.pem --reason cACompromise
complains '2 other certificates of the same key are revoked with it'
works ca crl --out both.pem
for each in i-old.pem i2.pem; do
  does 65 "$VERIFY" --certificate s.pem --ca r.pem --intermediates $each --crl both.pem two.sif
done
does 65 "$VERIFY" --certificate s.pem --ca r.pem --intermediates i.pem --crl both.pem two.sif
before=$(state)
refuse 79 'the intermediate CA was revoked*' ca renew i.pem --out i4.pem
refuse 79 'the intermediate CA was revoked (cACompromise): *' ca issue --signer z --out z
refuse 79 'the intermediate CA was revoked (cACompromise): *' ca renew s.pem --out z.pem
# What it issued is said to be good nowhere, as its responder says.
accept ca show s.pem && says "state    issuer revoked"
accept ca show s.pem --json && says '"state": "issuer revoked"' && says '"revoked_at": null' && valid certificate
accept ca show i.pem --json && says '"state": "revoked"'
accept ca list --state issuer-revoked --json && says "$(serial_of s.pem)" && valid certificate-list
accept ca list --state valid && check bash -c "! grep -q $(serial_of s.pem) '$OUT'"
check test ! -e z.key
check test ! -e z.pem
check test "$(state)" = "$before"

# Damaged files are told, not used.
sed -i 's/"profile": *"signer"/"profile":"king"/' "$STORE/ca/index.json"
refuse 78 '*index.json: *unknown profile*' ca list
printf x >>"$first/ca/authorities/root/cert.pem"
STORE=$first
refuse 78 '*does not belong to the certificate beside it*' ca issue --signer q --out q

# Without its index a CA is damaged, and nothing that is there is touched, whatever the next command is.
STORE=$WORK/fifth
works ca init --subject /O=E/CN=Lost --out lost.pem --intermediate /O=E/CN=LostI --intermediate-out losti.pem
accept ca issue --signer v --out v
works backup --out lost.backup --password-file pw
accept ca issue --signer after --out after
rm "$STORE/ca/index.json"
before=$(state)
damaged="the CA is damaged: $STORE/ca has keys or certificates, but no index.json; bring it back from a backup: sifctl ca restore FILE, *"
refuse 78 "$damaged" ca init --subject /O=E/CN=New --out new.pem
refuse 78 "$damaged" ca list
refuse 78 "$damaged" ca issue --signer x --out x
works backup --out damaged.backup --password-file pw
complains 'the CA in the backup is damaged: it has no index: sifctl ca restore will not take it out of this one$'
refuse 65 'damaged.backup: the CA in the backup is damaged: it has no index' ca restore damaged.backup --password-file pw
refuse 73 'ca.json: the keystore has another CA*' ca restore ca.json --password-file pw --yes
check test "$(state)" = "$before"
works ca restore lost.backup --password-file pw
fifths=("$WORK"/fifth*)
check test "${#fifths[@]}" = 1
check test -e "$STORE/ca/certificates/$(serial_of after.pem)"
accept ca show --pem
cp "$OUT" shown.pem
check bash -c 'cat lost.pem losti.pem | cmp - shown.pem'
works ca revoke --yes after.pem --reason keyCompromise
accept ca issue --signer w --out w
check openssl verify -x509_strict -CAfile lost.pem -untrusted losti.pem w.pem
# An index that cannot be read is set aside for that of the backup.
sed -i 's/"profile": *"signer"/"profile":"king"/' "$STORE/ca/index.json"
cp "$STORE/ca/index.json" broken.index
before=$(state)
unreadable="the CA is damaged: $STORE/ca/index.json: *unknown profile*; bring it back from a backup: sifctl ca restore FILE"
for each in list "init --subject /O=E/CN=New --out new.pem" "issue --signer x --out x"; do
  # shellcheck disable=SC2086
  refuse 78 "$unreadable" ca $each
done
check test "$(state)" = "$before"
works ca restore lost.backup --password-file pw
complains "the index that was here could not be read; it is $STORE.damaged-ca-index-"
check cmp broken.index "$WORK"/fifth.damaged-ca-index-*
works ca revoke --yes after.pem --reason keyCompromise
# Nor without its root, nor with a key that does not open: that is set aside, and the index stays.
mv "$STORE/ca/authorities/root" away
before=$(state)
refuse 78 "the CA is damaged: its root is missing in $STORE/ca; bring it back from a backup: sifctl ca restore FILE" ca issue --signer x --out x
refuse 78 "the CA is damaged: its root is missing in $STORE/ca; *ca restore FILE" ca init --subject /O=E/CN=New --out new.pem
check test "$(state)" = "$before"
works ca restore lost.backup --password-file pw --fingerprint "$(fingerprint_of lost.pem)"
refuse 73 '*has a CA already*' ca init --subject /O=E/CN=New --out new.pem
printf x >>"$STORE/ca/authorities/intermediate/private.key"
cp "$STORE/ca/authorities/intermediate/private.key" broken.key
works ca restore lost.backup --password-file pw
check cmp broken.key "$WORK"/fifth.damaged-intermediate-*/private.key
accept ca show after.pem
says keyCompromise
accept ca issue --signer x2 --out x2

# An init that is killed says so, and what it left is set aside by the next; that one, too, is whole or none.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  killed=0
  for step in mkdirat:1 mkdirat:2 mkdirat:3 renameat:1 renameat:2 renameat:5 renameat2:1 unlinkat:1; do
    when=${step/:/} STORE=$WORK/init${step/:/}
    accept init
    checks=$((checks + 1))
    # strace counts each call by itself
    { ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace.log -e trace="${step%:*}" -e inject="${step%:*}:signal=KILL:when=${step#*:}" \
      "$SIFCTL" --keystore "$STORE" ca init --subject /O=E/CN=K --out "k$when.pem" --algorithm p-256 </dev/null >/dev/null 2>&1; } 2>/dev/null &&
      wrong "$step was not reached"
    killed=$((killed + 1))
    if [ -e "$STORE/ca/index.json" ]; then
      accept ca show --pem
      continue
    fi
    keys=$(find "$STORE/ca" -name private.key -not -path '*/.tmp-*' -exec sha256sum {} + 2>/dev/null | cut -d' ' -f1)
    works ca init --subject /O=E/CN=K --out "k$when.pem" --algorithm p-256 --force
    if [ -n "$keys" ]; then
      check test "$keys" = "$(sha256sum "$WORK/init$when".unfinished-ca-*/authorities/root/private.key | cut -d' ' -f1)"
    fi
    accept ca issue --signer s --out "signer$when"
    check openssl verify -CAfile "k$when.pem" "signer$when.pem"
  done
  check test "$killed" = 8
else
  echo "SKIPPED, NOT TESTED: kills (needs strace)"
fi

# The whole store of before, then the CA's backup of after: the intermediate that is not revoked is in charge.
STORE=$WORK/seventh
works ca init --subject /O=E/CN=R7 --out r7.pem --intermediate /O=E/CN=I7 --intermediate-out i7.pem
works backup --out whole.bin --password-file pw
works ca renew i7.pem --supersede --out i7new.pem --days 3000
works backup --out after.json --password-file pw
works restore whole.bin --password-file pw --yes
works ca restore after.json --password-file pw
accept ca show --pem
cp "$OUT" shown.pem
check bash -c 'cat r7.pem i7new.pem | cmp - shown.pem'
works ca restore after.json --password-file pw
accept ca issue --signer y --out y
works ca crl --out c7.pem
check openssl verify -x509_strict -crl_check_all -CAfile r7.pem -untrusted i7new.pem -CRLfile c7.pem y.pem

# Keys that nothing here verifies are not certified; one that is nobody's least of all.
refused_key() { # refused_key NAME ARGUMENT…: of openssl req
  openssl req -new -noenc -subj /CN=x -keyout odd.key -out "$1.csr" "${@:2}" 2>/dev/null || return 0 # not in this openssl
  refuse 65 "$1.csr: the key is weak, or of a type that nothing here verifies*" ca sign-csr "$1.csr" --signer odd --out odd.pem
}
before=$(state)
refused_key ed448 -newkey ed448
for curve in secp256k1 secp224r1 brainpoolP256r1; do refused_key $curve -newkey ec -pkeyopt ec_paramgen_curve:$curve; done
refused_key pss -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048
python3 - <<'PY'
import hashlib, random
def der(tag, body):
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + body
def number(value): return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))
modulus = random.getrandbits(2048) | 1 << 2047 | 1
key = der(48, der(48, bytes.fromhex("06092a864886f70d0101010500")) + der(3, b"\0" + der(48, number(modulus) + number(1))))
name = der(48, der(49, der(48, bytes.fromhex("0603550403") + der(12, b"x"))))
info = der(48, number(0) + name + key + bytes.fromhex("a000"))
digest = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(info).digest()
signature = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
open("one.csr", "wb").write(der(48, info + der(48, bytes.fromhex("06092a864886f70d01010b0500")) + der(3, b"\0" + signature)))
PY
check openssl req -in one.csr -inform DER -noout
refuse 65 "one.csr: *the RSA key's exponent is less than 65537; *" ca sign-csr one.csr --signer odd --out odd.pem
check test "$(state)" = "$before"

# A key is compromised by either name of it, and stays so when its certificate is long gone.
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout m.key -subj /CN=x -out m.csr 2>/dev/null
accept ca sign-csr m.csr --signer mal --out m.pem
works ca revoke --yes "0x$(serial_of m.pem)" --reason cACompromise
refuse 65 'the key was compromised*' ca sign-csr m.csr --signer mal --out m2.pem
python3 - "$STORE/ca/index.json" <<'PY'
import json, sys, time
index, now = json.load(open(sys.argv[1])), int(time.time())
for one in index["issued"]:
    if one["name"] == "mal":
        one.update({"from": now - 400 * 86400, "until": now - 200 * 86400})
json.dump(index, open(sys.argv[1], "w"))
PY
sleep 1
works ca crl --out c7.pem
accept ca expire
says "$(serial_of m.pem)"
refuse 66 "the certificate with the serial number '$(serial_of m.pem)' ended, and sifctl ca expire dropped it; give the certificate itself*" ca revoke --yes "$(serial_of m.pem)" --reason superseded
refuse 65 'the key was compromised*' ca sign-csr m.csr --signer mal --out m2.pem
works backup --out gone.json --password-file pw
STORE=$WORK/eighth
accept init
works ca restore gone.json --password-file pw --yes
refuse 65 'the key was compromised*' ca sign-csr m.csr --signer mal --out m2.pem

# What was meant is asked, and nothing is made of what cannot be.
refuse 64 'a certificate is valid for 1 to*' ca issue --signer a --days 0 --out x
STORE=$WORK/ninth
refuse 64 'a path length is not negative*' ca init --subject /O=E/CN=R --out x.pem --path-length -1
refuse 64 'not a usable name constraint*' ca init --subject /O=E/CN=R --out x.pem --permit 'dns:a b'
check test ! -e "$STORE"
