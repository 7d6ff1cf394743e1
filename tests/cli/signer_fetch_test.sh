#!/bin/bash
# sifctl signer fetch against onak, a keyserver of Debian's, on loopback; and against servers that
# answer something else.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
for program in gpg onak python3; do
  command -v $program >/dev/null || { echo "SKIPPED, NOT TESTED: $program is not installed"; exit 77; }
done
unshare --mount true 2>/dev/null || { echo "SKIPPED, NOT TESTED: no right to make a mount namespace"; exit 77; }
mkdir -m 700 g keys
mkdir config
trap 'kill $server 2>/dev/null; gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
for who in a b; do
  gpg --homedir "$WORK/g" --batch --quiet --passphrase '' --quick-gen-key "$who@example.org" rsa2048 sign never 2>/dev/null
  gpg --homedir "$WORK/g" --quiet --armor --export "$who@example.org" >$who.asc 2>/dev/null
done
fingerprint() { gpg --homedir "$WORK/g" --with-colons --list-keys "$1@" 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }'; }
a=$(fingerprint a) b=$(fingerprint b)
cat >config/onak.ini <<END
[main]
backend=here
backends_dir=$(dirname "$(dpkg -L onak | grep libkeydb_db4.so)")
logfile=$WORK/keys/log
use_keyd=false
[backend:here]
type=db4
location=$WORK/keys
END
XDG_CONFIG_HOME=$WORK/config onak add <a.asc 2>/dev/null
chmod 0755 "$WORK" && chown -R onak keys # its CGI programs are setuid
cp b.asc wrong.asc
python3 "$HERE/keyserver.py" "$WORK/config" >port &
server=$!
eventually test -s port
at=127.0.0.1:$(cat port)
accept init
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}

. "$HERE/dry.sh"
# shellcheck disable=SC2034 # dry.sh uses it
dumped=$STORE # the keyserver writes to its log
dry 0 signer fetch --keyserver "http://$at" "$a"
refuse 66 "no signer $a in the keystore *" signer show "$a"
accept signer fetch --keyserver "http://$at" "$a"
says "added $a a@example.org"
check grep -qxF "/pks/lookup?op=get&options=mr&search=0x$a" requests
accept signer fetch --keyserver "hkp://$at/" "$(sed 's/..../& /g' <<<"$a" | tr A-F a-f)"
says "$a*is in the keystore already: no change"
check gpg --homedir "$WORK/g" --show-keys "$STORE/image-signers/$a/key.asc"

accept signer fetch --keyserver "http://$at" "0x$a"
says "$a*is in the keystore already: no change"
unchanged 66 "http://$at: the keyserver sends no OpenPGP key; *" signer fetch --keyserver "http://$at" "$b"
# Another key than the one asked for, with whatever it is called
unchanged 66 "http://$at/wrong: *no key with the primary fingerprint $a" signer fetch --keyserver "http://$at/wrong" "$a"
unchanged 69 "http://$at/missing: */sifguard-fetch failed: *returned error: 404" \
  signer fetch --keyserver "http://$at/missing" "$b"
unchanged 69 "http://$at/huge: *longer than 1048576 bytes" signer fetch --keyserver "http://$at/huge" "$b"
unchanged 69 "http://$at/loop: *redirects*" signer fetch --keyserver "http://$at/loop" "$b"
unchanged 69 "http://$at/file: *rotocol*" signer fetch --keyserver "http://$at/file" "$b"
unchanged 69 "https://$at: *" signer fetch --keyserver "https://$at" "$b"
unchanged 69 "http://127.0.0.1:1: *onnect*" signer fetch --keyserver http://127.0.0.1:1 "$b"
for url in "$at" "file:///etc/passwd" "ftp://$at" "http://" "http://a b" "http://x?y" "http://user@$at" "http://x#y"; do
  unchanged 64 "not a keyserver: '$url'; *" signer fetch --keyserver "$url" "$b"
done
for short in "${a:24}" "$a$a" a@example.org; do
  unchanged 64 "not a full OpenPGP fingerprint: *" signer fetch --keyserver "http://$at" "$short"
done
unchanged 64 "--keyserver: must not be empty*" signer fetch --keyserver "" "$b"
unchanged 64 "fingerprint: must not be empty*" signer fetch --keyserver "http://$at" ""
unchanged 64 "--keyserver is required; *" signer fetch "$a"
