#!/bin/bash
# sifctl doctor: what interrupted commands left in a keystore and beside it, and what its CA's index does not name.
# shellcheck disable=SC2154 # doctor.sh sets what is not set here
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/doctor.sh"
well_kept

# Outputs that a killed command could not leave without a name: told where this keystore's commands are known to write.
noise=0123456789abcdef
tells_output() { # tells_output DIRECTORY NAME
  finds 1 warning "$1/.$2.$noise.tmp was left by an interrupted command that was to write $1/$2: it may hold a private key; the next command that writes $1/$2 overwrites and removes it; or do so by hand: shred -u $1/.$2.$noise.tmp" "${host[@]}"
}
mkdir else && echo secret >"else/.amy.key.$noise.tmp"
examine 0 "${host[@]}" # where nobody knows of it
(cd else && "$SIFCTL" --keystore "$STORE" doctor --config "$WORK/config.yaml" "${host[@]}") >"$OUT"
says "$WORK/else/.amy.key.$noise.tmp was left by an interrupted command"
printf '{"id":"x","prefix":"%s/key"}\n' "$WORK/else" >"$STORE/.key-next-x"
tells_output "$WORK/else" amy.key
rm "$STORE/.key-next-x" && mv "else/.amy.key.$noise.tmp" .
tells_output "$WORK" amy.key
exec 7<".amy.key.$noise.tmp" && flock 7
examine 0 "${host[@]}" # somebody is at it
exec 7<&-
mv ".amy.key.$noise.tmp" ".before-amy.key.$noise.tmp"
finds 1 warning "$WORK/.before-amy.key.$noise.tmp is what $WORK/amy.key was before an interrupted command that was to replace it; give it its name again: mv $WORK/.before-amy.key.$noise.tmp $WORK/amy.key" "${host[@]}"
: >amy.key
finds 1 warning "$WORK/.before-amy.key.$noise.tmp is what $WORK/amy.key was before an interrupted command that was to replace it; it may be the only copy: when the new $WORK/amy.key is known to be good, rm $WORK/.before-amy.key.$noise.tmp; otherwise put it back: mv $WORK/.before-amy.key.$noise.tmp $WORK/amy.key" "${host[@]}"
for left in ".before-amy.key.$noise.tmp" ".amy.key.$noise.tmp"; do # of a key in use, which shred would empty
  ln -f amy.key "$left"
  finds 1 warning "$WORK/$left is a second name of $WORK/amy.key, left by an interrupted command that was to write it; remove that name, and do not overwrite the file: rm $WORK/$left" "${host[@]}"
  rm "$left"
done
rm -f amy.key ".before-amy.key.$noise.tmp"
for name in ".amy.key.${noise%f}.tmp" ".amy.key.${noise%f}F.tmp" ".$noise.tmp" "amy.key.$noise.tmp" ".amy.key.$noise"; do : >"$name"; done
mkdir ".amy.$noise.tmp" && ln -s /etc/passwd ".bob.$noise.tmp"
examine 0 "${host[@]}" # names of others, and what is no file
rm -rf .amy* .bob* ".$noise.tmp" "amy.key.$noise.tmp" else

# Of what lies beside, what is in it is told.
beside="$STORE.before-restore is the keystore from before a restore; it"
cp -al "$STORE" "$STORE.before-restore"
finds 1 warning "$beside has nothing but second names of the keystore's own files: the next sifctl restore removes it" "${host[@]}"
rm -r "$STORE.before-restore/keys" && echo "# other" >"$STORE.before-restore/new"
finds 1 warning "$beside holds no private keys; when nothing of it is missed: rm -r $STORE.before-restore" "${host[@]}"
mkdir -p "$STORE.before-restore/keys/x" && echo x >"$STORE.before-restore/keys/x/private.key"
finds 1 warning "$beside holds private keys, perhaps the only copy of some: *" "${host[@]}"
rm -r "$STORE.before-restore"
# An init that was killed: named as what it is, and removed by the next one.
"$SIFCTL" --keystore "$WORK/other" init >init.out && rm other/*audit* other/.audit* && mv other .sifguard-init-0123
finds 1 warning "$WORK/.sifguard-init-0123 was left by an interrupted sifctl init: a new keystore, and a store key that encrypts nothing; the next sifctl init beside it overwrites and removes it: sifctl --keystore $STORE init" "${host[@]}"
exec 9<.sifguard-init-0123 && flock 9
examine 0 "${host[@]}" # somebody works in it
exec 9<&-
accept init && says "is a keystore already: no change"
check test ! -e .sifguard-init-0123

# A certificate that the CA's index does not know.
sifctl ca init --subject /CN=root --out ca-root.pem --algorithm p-256 || wrong "no CA"
examine 0 "${host[@]}"
lost=$STORE/ca/certificates/00112233445566778899aabbccddeeff
(umask 077 && mkdir -p "${lost%/*}") && install -m 600 ca-root.pem "$lost"
finds 1 warning "$lost is a certificate that the CA's index does not know: *; if anybody has it, *; otherwise rm $lost" "${host[@]}"
rm "$lost"
# And the reverse.
for name in fred gail; do sifctl ca issue --signer $name --out $name || wrong "no certificate"; done
serial() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr A-F a-f; }
rm "$STORE/ca/certificates/$(serial fred.pem)"
finds 1 warning "$STORE/ca/certificates lacks a certificate that the CA's index names: $(serial fred.pem) ('fred'); bring them back from a backup: sifctl ca restore FILE; *" "${host[@]}"
rm -r "$STORE/ca/certificates"
finds 1 warning "$STORE/ca/certificates lacks 2 certificates that the CA's index names: $(serial fred.pem) ('fred'), …; *" "${host[@]}"
rm -r "$STORE/ca" ca-root.pem fred.* gail.*
