#!/bin/bash
# sifctl ca restore: after it nothing is unknown or good again, and no root is taken that nobody confirmed.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/ca.sh"
works ca init --subject "/O=Example/CN=Example Root" --out root.pem --algorithm p-256
accept ca issue --signer carol --out carol
accept ca issue --signer many1 --out many1
works ca revoke --yes carol.pem --reason keyCompromise
works ca crl --out crl.pem
carol=$(serial_of carol.pem)
printf 'pass word' >pw

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
