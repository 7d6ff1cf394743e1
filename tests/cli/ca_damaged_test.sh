#!/bin/bash
# ca_damaged_test.sh SIFCTL: a CA that lost something says so, whoever asks, and issues nothing by what is left; doctor
# and backups tell it; a repeat of what was interrupted says where the CA stands.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
printf 'a password' >pw
openssl req -x509 -newkey ed25519 -noenc -keyout root2.key -subj /CN=x -out root2.pem 2>/dev/null
notes() {
  checks=$((checks + 1))
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == *$1* ]] || wrong "stderr does not contain: $1"
}
state() { (cd "$STORE/ca" && find . -type f -exec sha256sum {} + | sort); }
doctor() { # doctor PATTERN: what it finds about leftovers
  checks=$((checks + 1))
  sifctl doctor --skip programs --skip account --skip plugstack --skip versions --skip sandbox --skip audit-log \
    --skip enforcement --skip store-key
  # shellcheck disable=SC2053
  [[ $(grep '^[a-z]* *leftovers ' "$OUT") == $1 ]] || wrong "doctor does not say: $1"
}

accept init
new="ca init --subject /O=E/CN=Root --intermediate /O=E/CN=Inner --out root.pem --intermediate-out inner.pem --algorithm p-256"
# shellcheck disable=SC2086
works $new
accept ca issue --signer amy --out amy
amy=$(openssl x509 -in amy.pem -noout -serial | cut -d= -f2 | tr A-F a-f)
works backup --out ca.backup --password-file pw
doctor ''
# Killed between its two files, the CA is there: the same command says where its certificates are.
rm inner.pem
# shellcheck disable=SC2086
refuse 73 "root.pem exists already, and so does the CA; get its certificates by sifctl ca show --pem" $new
check test ! -e inner.pem
STORE=$WORK/none
# shellcheck disable=SC2086
refuse 73 "root.pem exists already; *--force" $new
check test ! -e "$STORE"
STORE=$WORK/store

# Without its intermediate nothing is issued or listed by the root alone.
cp -r store whole
missing="the CA is damaged: its intermediate is missing in $STORE/ca; bring it back from a backup: sifctl ca restore FILE"
openssl req -new -newkey ed25519 -noenc -keyout bea.key -subj /CN=x -out bea.csr 2>/dev/null
openssl x509 -in <("$SIFCTL" --keystore "$STORE" ca show --pem | sed '1,/END/d') -out inner.pem
rm -r "$STORE/ca/authorities/intermediate"
before=$(state)
for each in "issue --signer x --out x" "sign-csr bea.csr --signer bea --out bea.pem" "renew amy.pem --out amy2.pem" \
  "renew inner.pem --out inner2.pem" "crl --out list.pem" show; do
  # shellcheck disable=SC2086
  refuse 78 "$missing" ca $each
done
check test "$(state)" = "$before"
works ca revoke --yes amy.pem --reason keyCompromise # what closes does not wait
refuse 65 "the certificate was not issued by this CA" ca revoke --yes root2.pem --reason keyCompromise
check test ! -e list.pem -a ! -e x.pem
accept ca crl --authority root --out root.crl
doctor "problem *$missing"
works backup --out store.backup --password-file pw
notes "$missing"
works ca restore ca.backup --password-file pw
accept ca issue --signer cat --out cat
check openssl verify -x509_strict -CAfile root.pem -untrusted inner.pem cat.pem
doctor ''

# The index or the root: the same.
lost() { # lost NAME PATTERN: without it
  rm -rf "$STORE" && cp -r whole "$STORE" && rm -r "$STORE/ca/$1"
  refuse 78 "$2; bring it back from a backup: sifctl ca restore FILE*" ca crl --out l.pem
  doctor "problem *$2; *"
  works ca restore ca.backup --password-file pw --yes
  accept ca issue --signer eve --out eve --force
}
lost index.json "the CA is damaged: $STORE/ca has keys or certificates, but no index.json"
lost authorities/root "the CA is damaged: its root is missing in $STORE/ca"
# And a file of an authority, by its name.
back="; bring it back from a backup: sifctl ca restore FILE"
for each in private.key cert.pem meta.json; do
  rm -rf "$STORE" && cp -r whole "$STORE" && rm "$STORE/ca/authorities/intermediate/$each"
  refuse 78 "the CA is damaged: $STORE/ca/authorities/intermediate/$each is missing$back" ca crl --out l.pem
done
# One that is no certificate is damaged as well, and a restore mends it.
for each in root intermediate; do
  rm -rf "$STORE" && cp -r whole "$STORE" && echo x >"$STORE/ca/authorities/$each/cert.pem"
  garbled="the CA is damaged: $STORE/ca/authorities/$each/cert.pem: not a PEM file$back"
  refuse 78 "$garbled" ca revoke amy.pem --yes --reason superseded
  doctor "problem *$garbled"
  says "problem   expiry         $STORE/ca/authorities/$each: not a PEM file; restore it from a backup"
  works ca restore ca.backup --password-file pw --yes
  doctor "warning *$STORE.damaged-$each-*Z was set aside: what a CA had before another was put there; *"
  rm -r "$STORE".damaged-*
done
rm -rf "$STORE" && cp -r whole "$STORE" && echo x >"$STORE/ca/authorities/root/cert.pem"
refuse 78 "the CA is damaged: $STORE/ca/authorities/root/cert.pem: *$back" ca issue --signer x --out x
# A lost index has what was revoked since, too: the restore says so.
rm -rf "$STORE" && cp -r whole "$STORE"
works ca revoke amy.pem --yes --reason superseded
rm "$STORE/ca/index.json"
works ca restore ca.backup --password-file pw
notes "what was issued or revoked after the backup is unknown here: revoke again what was revoked since; "
rm -rf "$STORE" && cp -r whole "$STORE"
rm "$STORE/ca/certificates/$amy"
refuse 66 "the CA has no copy of the certificate $amy; give the certificate itself: sifctl ca renew FILE" ca renew "$amy" --out amy2.pem
accept ca renew amy.pem --out amy2.pem
doctor "warning *$STORE/ca/certificates lacks a certificate that the CA's index names: $amy ('amy'); bring them back from a backup: sifctl ca restore FILE; *"
works ca restore ca.backup --password-file pw
check test -s "$STORE/ca/certificates/$amy"
doctor ''

# A note of what is on its way that nobody can read holds up what is issued, not what is revoked.
printf '{' >"$STORE/ca/handovers/$amy"
note="ca/handovers/$amy: *the note about a certificate that is being delivered is damaged; *rm $STORE/ca/handovers/$amy"
refuse 78 "$note" ca issue --signer dee --out dee
doctor "warning *$note"
works ca revoke --yes amy.pem --reason superseded
works ca crl --out list.pem
notes "the note about a certificate that is being delivered is damaged"
rm "$STORE/ca/handovers/$amy"
accept ca issue --signer dee --out dee

# What a backup opens; and one of a CA, by an older sifctl, is none of a keystore.
accept backup --out whole.backup --password-file pw
says "with its password it opens 0 private keys and what the CA has, on any host"
printf 'old password' >old
refuse 65 "$HERE/data/old-ca.backup: *ca restore*" restore "$HERE/data/old-ca.backup" --password-file old
