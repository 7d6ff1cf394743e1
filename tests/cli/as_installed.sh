# shellcheck shell=bash
# shellcheck disable=SC2034  # for the test that sources this
# The programs of a node as they are installed, in $WORK/bin, and a configuration of the node in $WORK/config. Root. Sourced
# by tests of sifctl, after lib.sh.
chmod 0755 "$WORK"
# Nobody may read what opens images in a user's name.
mkdir -m 755 bin
for each in sifctl sifguard-cache sifguard-explain sifguard-prefetch sifguard-verifier sifguard-pki sifguard-pgp; do
  ln "${SIFCTL%/*}/$each" bin/ 2>/dev/null || cp "${SIFCTL%/*}/$each" bin/
done
for each in opener puller; do install -m 0711 "${SIFCTL%/*}/sifguard-$each" bin/; done
SIFCTL=$WORK/bin/sifctl
mkdir -m 700 cache log
cat >config <<END
keystore: $STORE
runtime: /usr/bin/true
verifier_user: nobody
cache: $WORK/cache
audit_file: $WORK/log/audit.jsonl
published: $WORK/published
END
