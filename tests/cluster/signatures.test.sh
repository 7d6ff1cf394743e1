# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made, encrypted, plain: set by prepare.sh
# Signatures of every form, by Apptainer and by us, checked by us and by Apptainer; launches with raw keys and with
# X.509 signers. Sourced by run.
pki=/home/carol/pki work=/home/carol/signing
undo as carol rm -rf "$pki" "$work"
as carol /src/tests/cluster/lib/make-pki.sh "$pki"
as carol mkdir -p "$work"
unsigned=$made/tools/unsigned.sif

# verifies WHAT RC ARGUMENT…: sif-verify as an unprivileged user.
verifies() {
    local what=$1 wanted=$2
    shift 2
    capture as carol timeout 100 sif-verify "$@"
    ran "sif-verify: $what" rc="$wanted"
}

# --- raw keys, both ways ----------------------------------------------------------------------------------------
for key in rsa ec ed25519; do
    as carol sh -c 'cp "$1" "$2/apptainer-$3.sif"; cp "$1" "$2/ours-$3.sif"; chmod u+w "$2"/*.sif' sh "$unsigned" "$work" "$key"
    capture as carol apptainer --quiet sign --key "$pki/$key.key" "$work/apptainer-$key.sif"
    ran "apptainer sign --key ($key)"
    verifies "signed by apptainer with $key" 0 --public-key "$pki/$key.pem" "$work/apptainer-$key.sif"
    capture as carol sif-sign --key "$pki/$key.key" "$work/ours-$key.sif"
    ran "sif-sign --key ($key)"
    verifies "signed by us with $key" 0 --public-key "$pki/$key.pem" "$work/ours-$key.sif"
    capture as carol apptainer verify --key "$pki/$key.pem" "$work/ours-$key.sif"
    ran "apptainer verify --key takes our signature ($key)"
done
verifies "by another key" 65 --public-key "$pki/ec.pem" "$work/apptainer-rsa.sif"
verifies "unsigned" 65 --public-key "$pki/ec.pem" "$unsigned"
verifies "nobody is trusted" 65 "$work/apptainer-rsa.sif"
verifies "no such image" 66 --public-key "$pki/ec.pem" "$work/none.sif"
verifies "no such option" 64 --frobnicate "$work/apptainer-rsa.sif"
as carol sh -c 'cp "$1/ours-ec.sif" "$1/both.sif"; sif-sign --quiet --key "$2/ed25519.key" "$1/both.sif"' sh "$work" "$pki"
verifies "two signatures, all of them" 0 --all-of --public-key "$pki/ec.pem" --public-key "$pki/ed25519.pem" "$work/both.sif"
verifies "two signatures, a third wanted" 65 --all-of --public-key "$pki/ec.pem" --public-key "$pki/rsa.pem" "$work/both.sif"

# --- OpenPGP, both ways -----------------------------------------------------------------------------------------
carol=$(fingerprint_of carol)
for image in "$plain" "$encrypted"; do
    verifies "OpenPGP by apptainer: ${image##*/}" 0 --pgp-key "$made/keys/carol.asc" --fingerprint "$carol" "$image"
    verifies "OpenPGP by another key: ${image##*/}" 65 --pgp-key "$made/keys/bob.asc" "$image"
done
verifies "OpenPGP, tampered" 65 --pgp-key "$made/keys/carol.asc" "$made/secure/flipped-object.sif"
as carol sh -c 'cp "$1" "$2/pgp.sif"; chmod u+w "$2/pgp.sif"' sh "$unsigned" "$work"
capture as carol sif-sign --pgp "$carol" "$work/pgp.sif"
ran "sif-sign --pgp"
verifies "OpenPGP by us" 0 --pgp-key "$made/keys/carol.asc" "$work/pgp.sif"
capture as carol apptainer verify --local "$work/pgp.sif"
ran "apptainer verify --local takes our signature"

# --- certificates -----------------------------------------------------------------------------------------------
as carol sh -c 'cp "$1" "$2/x509.sif"; chmod u+w "$2/x509.sif"; sif-sign --quiet --key "$3/carol.key" "$2/x509.sif"' \
    sh "$unsigned" "$work" "$pki"
trust=(--ca "$pki/root.crt")
verifies "certificate" 0 --certificate "$pki/carol.crt" "${trust[@]}" "$work/x509.sif"
verifies "certificate and list" 0 --certificate "$pki/carol.crt" "${trust[@]}" --crl "$pki/crl.pem" "$work/x509.sif"
verifies "certificate that is not for code signing" 65 --certificate "$pki/server.crt" "${trust[@]}" "$work/x509.sif"
verifies "certificate of another CA of the same name" 65 --certificate "$pki/stranger.crt" "${trust[@]}" "$work/x509.sif"
verifies "certificate of another signer" 65 --certificate "$pki/carol.crt" "${trust[@]}" "$work/ours-ec.sif"
capture as carol apptainer verify --certificate "$pki/carol.crt" --certificate-roots "$pki/root.crt" "$work/x509.sif"
ran "apptainer verify --certificate takes our signature"

# --- launches ---------------------------------------------------------------------------------------------------
raw=$made/free/raw.sif x509=$made/free/x509.sif
ctl install -m 0644 "$work/apptainer-ec.sif" "$raw"
ctl install -m 0644 "$work/x509.sif" "$x509"
undo ctl rm -f "$raw" "$x509"
spki=$(ctl sifctl signer add "$pki/ec.pem" --label test | sed -n 's/^added \(spki:[0-9a-f]*\).*/\1/p')
ctl sifctl signer add "$pki/carol.crt" >/dev/null
certificate=$(ctl sifctl signer list | awk '/^cert:/ { print $1 }')
ctl sifctl image bind raw --match "$raw" --signer "$spki" --everyone >/dev/null
ctl sifctl image bind x509 --match "$x509" --signer 'x509:subject:/O=Example/CN=carol' --everyone >/dev/null
undo ctl sh -c 'sifctl image unbind raw; sifctl image unbind x509; sifctl signer remove "$1"; sifctl signer remove "$2"' sh "$spki" "$certificate"
launch alice --sif-verify="$raw" cat /marker
ran "an image signed with a raw key runs" out=good
ctl install -m 0644 "$work/apptainer-rsa.sif" "$raw"
refuse "signed with another raw key" 65 'none of the signers asked for' alice --sif-verify="$raw" true

refuse "an X.509 signer without a trust anchor" 65 carol alice --sif-verify="$x509" true
ctl sifctl trust add-root "$pki/root.crt" >/dev/null
undo ctl sh -c 'for id in $(sifctl trust list | awk "NR > 1 { print \$2 }"); do sifctl trust remove $id; done'
refuse "an X.509 signer without a revocation list" 78 "trust fetch, or sifctl trust add-crl" alice --sif-verify="$x509" true
ctl sifctl trust add-crl "$pki/crl.pem" >/dev/null
launch alice --sif-verify="$x509" cat /marker
ran "an image of an X.509 signer runs" out=good
as carol sh -c 'cd "$1" && openssl ca -config crl.cnf -revoke carol.crt -keyfile root.key -cert root.crt -crl_reason keyCompromise 2>/dev/null &&
    openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.crt -out crl2.pem 2>/dev/null' sh "$pki"
verifies "revoked" 65 --certificate "$pki/carol.crt" "${trust[@]}" --crl "$pki/crl2.pem" "$work/x509.sif"
ctl sifctl trust add-crl "$pki/crl2.pem" >/dev/null
refuse "a revoked X.509 signer, the image in the cache" 78 revoked alice --sif-verify="$x509" true

# Signers that no binding names come and go while steps start.
ctl rm -f /root/enough
ctl sh -c 'cd /root; openssl genpkey -algorithm ED25519 -out passing.key; openssl pkey -in passing.key -pubout -out passing.pem; rounds=0
    while test ! -e enough && test $rounds -lt 1000; do
        id=$(sifctl signer add passing.pem | sed -n "s/^added \(spki:[0-9a-f]*\).*/\1/p")
        sifctl signer remove "$id" >/dev/null
        rounds=$((rounds + 1))
    done; echo $rounds >rounds' </dev/null &
passing=$!
for _ in 1 2 3 4; do
    launch alice --sif-verify="$encrypted" cat /marker
    ran "a launch while another signer comes and goes" out=good
done
ctl touch /root/enough
wait "$passing"
check "it came and went meanwhile" test "$(ctl cat /root/rounds)" -ge 4
