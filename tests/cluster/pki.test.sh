# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made: set by prepare.sh
# The CA of sifctl, from a new root to a refused image: an unsigned image is refused, the signed one runs, and after
# `ca revoke` and `trust fetch` from the CA's OCSP responder it is refused at the next launch, on every node.
# Sourced by run.
home=/root/pki-ca store=/root/pki-ca/store image=$made/free/pki.sif unsigned=$made/free/pki-unsigned.sif
undo ctl rm -rf "$home" "$image" "$unsigned"
undo ctl sh -c 'for id in $(sifctl trust list | awk "NR > 1 { print \$2 }"); do sifctl trust remove $id; done'
ca() { ctl sifctl --keystore "$store" "$@"; }
keep_configuration
# proof MODE runs|REGEX: what a launch makes of the proof at hand when the node's configuration wants MODE.
proof() {
    configure 'version: 1' "revocation: $1"
    launch alice --sif-verify="$image" cat /marker
    if [[ $2 == runs ]]; then
        ran "pki: $3, revocation: $1: it runs" out=good
    else
        ran "pki: $3, revocation: $1: it is refused" rc=78 err~"$2"
    fi
}
ctl mkdir -m 0755 "$home"
ca init >/dev/null
ca ca init --subject '/O=Example/CN=Box Root' --out "$home/root.pem" --ocsp-url http://127.0.0.1:2560/ >/dev/null 2>&1
ca ca issue --signer carol --subject /O=Example/CN=carol --out "$home/carol" >/dev/null
ca ca crl --out "$home/crl.pem" >/dev/null

ctl sh -c 'sifctl trust add-root "$1/root.pem" && sifctl trust add-crl "$1/crl.pem" && sifctl signer add "$1/carol.pem"' \
    sh "$home" >/dev/null
certificate=$(ctl sifctl signer list | awk '/^cert:/ { print $1 }')
ctl sifctl image bind pki --match "$made/free/pki*.sif" --signer 'x509:subject:/O=Example/CN=carol' --everyone >/dev/null
undo ctl sh -c 'sifctl image unbind pki; sifctl signer remove "$1"' sh "$certificate"

for each in "$image" "$unsigned"; do ctl install -m 0644 "$made/tools/unsigned.sif" "$each"; done
refuse "pki: an unsigned image" 65 'not signed|none of the signers' alice --sif-verify="$image" true
ctl sif-sign --quiet --key "$home/carol.key" "$image"
for node in node1 node2; do
    launch alice -w "$node" --sif-verify="$image" cat /marker
    ran "pki: the signed image runs ($node)" out=good
done

capture as alice timeout 100 sbatch --wait -Q --output=/home/alice/pki.out --export="ALL,UNSIGNED=$unsigned,SIGNED=$image" \
    /src/slurm_examples/pki/verify-and-run.sbatch
ran "pki: the example's batch script"
undo as alice rm -f /home/alice/pki.out
check "pki: it says so" has "$(as alice cat /home/alice/pki.out)" 'was refused, as it must be.*the signed image runs'

proof ocsp 'no OCSP response' "with a list"
proof ocsp-then-crl runs "with a list"
proof crl runs "with a list"

# The responder, on the controller.
ctl sh -c 'setsid sifctl --keystore "$1" ca ocsp serve --listen 127.0.0.1:2560 >"$2/ocsp.log" 2>&1 </dev/null & echo $! >"$2/ocsp.pid"' \
    sh "$store" "$home"
undo ctl sh -c 'kill $(cat "$1/ocsp.pid")' sh "$home"
ctl sh -c 'for i in $(seq 600); do grep -q answering "$1/ocsp.log" && exit; sleep 0.1; done; cat "$1/ocsp.log"; exit 1' sh "$home"
ctl sifctl trust add-source ocsp http://127.0.0.1:2560/ >/dev/null
undo ctl sifctl trust remove-source http://127.0.0.1:2560/
capture ctl sifctl trust fetch
ran "pki: an answer is fetched" out~'fetched response CN=carol'
launch alice --sif-verify="$image" cat /marker
ran "pki: it still runs" out=good
apptainer_asks() {   # by the URL in the certificate
    capture ctl timeout 60 apptainer verify --certificate "$home/carol.pem" --certificate-roots "$home/root.pem" --ocsp-verify "$image"
}
apptainer_asks
ran "pki: apptainer verify --ocsp-verify is answered: good" err~'Verified signature'

ctl sh -c 'sifctl trust remove $(sifctl trust list | awk "\$1 == \"crl\" { print \$2 }")' >/dev/null
proof ocsp runs "with an answer"
proof ocsp-then-crl runs "with an answer"
proof crl 'CRL' "with an answer"
ctl sifctl trust add-crl "$home/crl.pem" >/dev/null
configure 'version: 1'

ca ca revoke --yes "$home/carol.pem" --reason keyCompromise >/dev/null 2>&1
for ((i = 0; i < 100; i++)); do   # the responder looks every two seconds
    apptainer_asks
    [[ $rc == 0 ]] || break
    sleep 0.5
done
ran "pki: apptainer verify --ocsp-verify is answered: revoked" rc=failed err~'certificate revoked at .*reason code: .1'
capture ctl sifctl trust fetch
ran "pki: the revocation is fetched" out~'fetched response CN=carol'
for node in node1 node2; do
    before "$node"
    launch alice -w "$node" --sif-verify="$image" true
    refused "pki: revoked, the image in the cache ($node)" 78 revoked
done
for mode in crl ocsp ocsp-then-crl; do proof "$mode" revoked "revoked"; done
proof off runs "revoked"
