#!/bin/bash
# Keys and certificates of signers, made with openssl. Runs in the box, as the user who will sign: make-pki.sh DIR
#   DIR/{rsa,ec,ed25519}.key, .pem          private and public halves
#   DIR/{root,carol}.{key,crt}, DIR/crl.pem  a CA, a certificate for code signing by it, its empty list
#   DIR/{server,stranger}.crt                one without that usage; one of another CA with the same name
set -euo pipefail
mkdir -p "$1"
cd "$1"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key
openssl genpkey -quiet -algorithm ED25519 -out ed25519.key
for key in rsa ec ed25519; do openssl pkey -in "$key.key" -pubout -out "$key.pem"; done

authority() {   # authority NAME
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out "$1.crt" \
        -subj '/O=Example/CN=Root' -days 30 -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
}
certificate() {   # certificate NAME CA USAGE: for /O=Example/CN=carol, with the key carol.key
    [[ -e carol.key ]] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out carol.key
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' "extendedKeyUsage=$3" \
        'subjectAltName=email:carol@example.org' 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' >"$1.ext"
    openssl req -new -key carol.key -subj '/O=Example/CN=carol' -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 15)" -days 20 \
        -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}
revocation_list() {   # of root; crl.cnf, index and crlnumber are openssl's
    printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'crlnumber=crlnumber' 'default_md=sha256' \
        'default_crl_days=7' >crl.cnf
    [[ -e index ]] || { : >index; echo 01 >crlnumber; }
    openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.crt -out crl.pem 2>/dev/null
}
authority root
authority other
certificate carol root codeSigning
certificate server root serverAuth
certificate stranger other codeSigning
revocation_list
