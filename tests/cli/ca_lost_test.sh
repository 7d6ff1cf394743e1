#!/bin/bash
# sifctl ca and ca restore, when files of the CA are damaged or gone: that is told, and nothing that is there is lost.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/ca.sh"
printf 'pass word' >pw
STORE=$WORK/other
works ca init --subject /CN=other --out other.pem --algorithm p-256
works backup --out ca.json --password-file pw

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

# Damaged files are told, not used.
sed -i 's/"profile": *"signer"/"profile":"king"/' "$STORE/ca/index.json"
refuse 78 '*index.json: *unknown profile*' ca list
STORE=$WORK/other
printf x >>"$STORE/ca/authorities/root/cert.pem"
refuse 78 '*does not belong to the certificate beside it*' ca issue --signer q --out q
