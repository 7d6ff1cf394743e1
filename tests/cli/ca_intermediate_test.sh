#!/bin/bash
# sifctl ca with an intermediate and constraints, and sif-sign with its certificates: what they do not allow is not
# signed, and what a revoked intermediate issued is good nowhere.
#   ca_intermediate_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
. "$HERE/ca.sh"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout other.key -out root.pem -subj /CN=other 2>/dev/null
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
