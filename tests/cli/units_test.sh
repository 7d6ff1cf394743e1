#!/bin/bash
# The units that work on a keystore, sifguard-crl, -bundle and -backup: what their commands write is what the unit lets them
# write, and the rights that it leaves are enough. Root.
#   units_test.sh SIFCTL UNITS KEYSTORE
# shellcheck disable=SC2034 # for unit_lib.sh
UNITS=${2:?usage: $0 SIFCTL UNITS KEYSTORE}
store=${3:?usage: $0 SIFCTL UNITS KEYSTORE}
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL UNITS KEYSTORE}"
# shellcheck source=tests/cli/unit_lib.sh
. "$HERE/unit_lib.sh"
units_can_be_tried "$store"                  # it is exchanged whole
export ASAN_OPTIONS=detect_leaks=0

# The CA's lists are made and taken into the keystore.
# shellcheck disable=SC2016,SC2089,SC2090 # it expands in the unit's namespace
{
  export CHECK='"$SIFCTL" trust list; stat -c %A /var/lib/sifguard-crl/crl.pem'
  ca='"$SIFCTL" init >/dev/null; "$SIFCTL" ca init --subject /CN=Root --out /var/tmp/root.pem >/dev/null 2>&1
    "$SIFCTL" trust add-root /var/tmp/root.pem >/dev/null'
  ends 0 sifguard-crl.service "$ca"
  says 'of the root: 0 revoked'
  says 'Root'
  says '-rw-r--r--'
  export CHECK=:
  ends 78 sifguard-crl.service "$ca" /var/log/sifguard                  # the keystore is not to be written
  ends 78 sifguard-crl.service "$ca" "$store /var/lib/sifguard-crl"     # no place for the record of it
  ends 78 sifguard-crl.service "$ca" "$store /var/log/sifguard"         # nor for the list
  ends 78 sifguard-crl.service '"$SIFCTL" init >/dev/null'              # no CA: the unit's condition keeps it away

  # A bundle that was carried here is taken, and then is no change; what is torn, or another node's, is refused.
  node='mkdir -p /var/spool/sifguard; "$SIFCTL" init >/dev/null; "$SIFCTL" node init --out /var/tmp/node.pem >/dev/null
    "$SIFCTL" --keystore /var/tmp/admin init >/dev/null
    "$SIFCTL" --keystore /var/tmp/admin bundle signer --out /var/tmp/site.pem >/dev/null
    "$SIFCTL" node trust /var/tmp/site.pem >/dev/null
    made() { "$SIFCTL" --keystore /var/tmp/admin bundle export --node "$1" --out "$2" >/dev/null; }
    arrived=/var/spool/sifguard/cluster.bundle'
  ends 0 sifguard-bundle.service "$node; made /var/tmp/node.pem \$arrived"
  says ': 0 bindings, 0 keys, 0 signers'
  ends 0 sifguard-bundle.service "$node; made /var/tmp/node.pem \$arrived; \"\$SIFCTL\" bundle import \$arrived >/dev/null"
  says 'no change'
  ends 78 sifguard-bundle.service "$node; made /var/tmp/node.pem \$arrived" /var/log/sifguard
  ends 78 sifguard-bundle.service "$node; made /var/tmp/node.pem \$arrived" "$store"                  # it is exchanged whole
  ends 65 sifguard-bundle.service "$node; made /var/tmp/node.pem b; head -c 700 b >\$arrived"
  ends 65 sifguard-bundle.service "$node; : >\$arrived"
  ends 66 sifguard-bundle.service "$node"
  other='"$SIFCTL" --keystore /var/tmp/other init >/dev/null
    "$SIFCTL" --keystore /var/tmp/other node init --out /var/tmp/other.pem >/dev/null'
  ends 65 sifguard-bundle.service "$node; $other; made /var/tmp/other.pem \$arrived"

  # The keystore goes to one file, which the next run replaces; without a password there is none.
  word='"$SIFCTL" init >/dev/null; echo a long password >/run/credentials/password'
  export CHECK='stat -c "%a %n" /var/lib/sifguard-backup/*
    "$SIFCTL" restore /var/lib/sifguard-backup/keystore.backup --password-file /run/credentials/password --dry-run'
  ends 0 sifguard-backup.service "$word"
  says '600 /var/lib/sifguard-backup/keystore.backup'
  ends 0 sifguard-backup.service "$word; mkdir /var/lib/sifguard-backup; echo old >/var/lib/sifguard-backup/keystore.backup"
  says '600 /var/lib/sifguard-backup/keystore.backup'
  export CHECK='cat /var/lib/sifguard-backup/keystore.backup'
  old='mkdir /var/lib/sifguard-backup; echo old >/var/lib/sifguard-backup/keystore.backup'
  ends 66 sifguard-backup.service "\"\$SIFCTL\" init >/dev/null; $old"
  check test "$(cat "$OUT.kept")" = old
  ends 65 sifguard-backup.service "\"\$SIFCTL\" init >/dev/null; echo short >/run/credentials/password; $old"
  check test "$(cat "$OUT.kept")" = old
}
