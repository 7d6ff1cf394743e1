#!/bin/bash
# sifctl doctor: each check of a keystore, on one made for it. Certificates and lists by openssl.
# shellcheck disable=SC2046,SC2154 # what $(only …) prints are words; doctor.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/doctor.sh"

refuse 64 "*--days*" doctor --days soon
refuse 64 "*--skip*" doctor --skip everything
finds 2 problem "keystore: cannot open $STORE: No such file or directory; *" "${host[@]}"

well_kept
examine 0 "${host[@]}" && golden doctor-well
examine 0 "${host[@]}" --json && golden doctor-well-json
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" doctor --help >"$OUT" && golden help-doctor

# break-glass
accept breakglass grant --binding cow --user root --ttl 1h --reason 'incident 4711'
id=$(cut -d: -f1 "$OUT")
finds 1 warning "the user root may pass the binding 'cow' until 20*Z (given by *: incident 4711); if it is over: sifctl breakglass end $id" \
  "${host[@]}"
finds 1 warning "the user root may pass *" $(only break-glass)
accept breakglass end "$id"
echo '{' >"$STORE/breakglass.json"
finds 1 warning "$STORE/breakglass.json: *" $(only break-glass)
rm "$STORE/breakglass.json"

# permissions
store_key=$(echo "$STORE"/store-*.key)
entry=$(echo "$STORE"/keys/*)
chmod 640 "$store_key"
finds 2 problem "$store_key is accessible to group or others; chmod 0600 $store_key" $(only permissions)
chmod 600 "$store_key" && chmod 755 "$STORE"
finds 1 warning "$STORE can be entered by group or others; chmod 0700 $STORE" "${host[@]}"
chmod 700 "$STORE" && chmod 664 "$entry/public.pem"
finds 2 problem "$entry/public.pem is writable by group or others; chmod go-w $entry/public.pem" "${host[@]}" --skip store-key --skip expiry
chmod 644 "$entry/public.pem" && chmod 775 .
examine 2 $(only permissions)
says "keystore: $WORK is writable by group or others; chmod go-w $WORK"
chmod 755 . && ln -s /dev/null "$STORE/trust"
finds 2 problem "$STORE/trust is neither a file nor a directory; *" $(only permissions)
rm "$STORE/trust"

# The store key and what is under it
mv "$store_key" away
finds 2 problem "*cannot open $store_key: No such file*" "${host[@]}"
mv away "$store_key" && cp -a "$entry/private.key" away
printf xxxxxxxx | dd of="$entry/private.key" bs=1 seek=60 conv=notrunc status=none
finds 2 problem "*$entry/private.key: *; *restore *" "${host[@]}"
cp -a away "$entry/private.key" && examine 0 "${host[@]}"

# What ends
authority() {   # authority NAME DAYS
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out "$1.pem" \
    -subj "/CN=$1" -days "$2" 2>/dev/null
}
authority root 20
accept trust add-root root.pem
finds 1 warning "the root CA 'CN=root' ends on 20*Z, in * days; *sifctl trust add-root" "${host[@]}"
examine 0 "${host[@]}" --days 10
printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'crlnumber=number' 'default_md=sha256' >crl.cnf
: >index; echo 01 >number
openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.pem -out crl.pem -crldays 7 2>/dev/null
accept trust add-crl crl.pem
examine 0 "${host[@]}" --days 10   # with a week before it, and all of its life left
openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.pem -out crl.pem \
  -crl_lastupdate 20240101000000Z -crl_nextupdate 20240201000000Z 2>/dev/null
sha=$(basename "$(echo "$STORE"/trust/crls/*)")
cp crl.pem "$STORE/trust/crls/$sha"
finds 2 problem "the revocation list of 'CN=root' ended on 2024-02-01T00:00:00Z, * days ago; *add-crl" "${host[@]}" --days 10
echo "revocation: 'off'" >>config.yaml
finds 1 warning "the revocation list of *" "${host[@]}" --days 10
rm -r "$STORE/trust"
printf '%s\n' extendedKeyUsage=codeSigning >ext
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout carol.key -out carol.csr -subj /CN=carol 2>/dev/null
openssl x509 -req -in carol.csr -CA root.pem -CAkey root.key -CAcreateserial -days 5 -extfile ext -out carol.pem 2>/dev/null
accept signer add carol.pem
finds 1 warning "the signer 'CN=carol' ends on 20*, in * days; add the certificate that follows*" "${host[@]}"
accept signer remove "cert:$(openssl x509 -in carol.pem -outform DER | sha256sum | cut -d' ' -f1)"
finds 1 warning "the certificate of the key 'cow' ends on *; encrypt new images for another: sifctl key rotate cow" \
  "${host[@]}" --days 3660

# Bindings
accept image bind calf --match "$WORK/apps/calf.sif" --signer "$spki" --everyone
finds 1 warning "no file on this host matches the binding 'calf' ($WORK/apps/calf.sif); *" "${host[@]}"
accept image unbind calf
accept image bind remote --match oras://registry.example.org/x/y:1 --signer "$spki" --everyone
examine 0 "${host[@]}"
checks=$((checks + 1))
sifctl signer remove "$spki" || wrong "remove failed"
examine 2 "${host[@]}"
says "images.yaml:4: binding 'cow': the signer $spki is not in the keystore; correct the binding"
accept signer add raw.pem
accept key create ox --bits 2048
finds 1 warning "no binding uses the key 'ox'; *" "${host[@]}"
accept key retire ox
finds 1 warning "no binding uses the key 'ox'; once no image is encrypted for it, sifctl key destroy ox" "${host[@]}"
accept key destroy ox --yes
examine 0 "${host[@]}"
checks=$((checks + 1))
sifctl key suspend cow || wrong "suspend failed"
finds 2 problem "binding 'cow': the key 'cow' is suspended; *" "${host[@]}"
sifctl key resume cow
examine 0 "${host[@]}"

# Whether any launch could pass: nobody is left, or the one image is revoked
accept image bind more --match "$WORK/apps/deep/cow.sif" --signer "$spki" --key cow --everyone \
  --digest sha256:$(printf x | sha256sum | cut -d' ' -f1)
examine 0 "${host[@]}"
says "could launch   3 of 3 bindings"
sifctl digest revoke sha256:$(printf x | sha256sum | cut -d' ' -f1) --reason test
finds 2 problem "no launch passes by the binding 'more': the one image that it is for is revoked (test); *" "${host[@]}"
says "could launch   2 of 3 bindings (not more: the one image that it is for is revoked (test))"
examine 2 "${host[@]}" --json
says '"name": "cow",
      "passes": true,
      "until": null,
      "why": null'
says '"name": "more",
      "passes": false,
      "until": null,
      "why": "the one image that it is for is revoked (test)"'
says '"ca_certificates": 0,'
accept image unbind more
accept digest restore sha256:$(printf x | sha256sum | cut -d' ' -f1)
cp "$STORE/images.yaml" kept-images
sed 's/{users: \["\*"\]}/{users: [daemon]}/; /remote/,$d' kept-images >mine
grep -q 'users: \[daemon\]' mine || sed -i 's/users: .*/users: [daemon]/' mine
cat >>mine <<END
  - name: fence
    match: ["$WORK/apps/**"]
    signing_key: {public_key: $spki}
    allow: {users: [bin]}
END
cp mine "$STORE/images.yaml"
finds 2 problem "binding 'fence': with 'cow' it leaves nobody for $WORK/apps/c*w.sif, which all of them are for: 'cow' allows users daemon, 'fence' allows users bin; *" "${host[@]}"
says "could launch   1 of 2 bindings (not cow: nobody may launch what it is for: *)"
cp kept-images "$STORE/images.yaml"

# What interrupted commands leave
mkdir "$STORE/keys/.tmp-0123" && touch "$STORE/.images.yaml.01.tmp" "$STORE/store-x.key" && chmod 600 "$STORE/store-x.key"
mkdir "$STORE.before-restore" .sifguard-init-1
mkdir "$STORE/bundle-signers" && touch "$STORE/bundle-signers/.x.tmp"
examine 1 "${host[@]}" && golden doctor-leftovers
