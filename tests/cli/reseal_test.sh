#!/bin/bash
# sifctl init --seal and reseal: where the store key is, and that nothing opens without it.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"

refuse 64 "unknown way to seal: 'tpm2'; file*" init --seal tpm2
refuse 64 "not an absolute path: 'x'; write file:/etc/sifguard/store.key, or file alone" init --seal file:x
refuse 64 "systemd-creds knows no key 'null'; *" init --seal systemd-creds:null
refuse 64 "no key of the token is named; *" init --seal pkcs11
refuse 64 "the PIN must not be in the URI; *" init --seal 'pkcs11:object=x?pin-value=1'
refuse 78 "cannot open $WORK/missing: *" init --seal "file:$WORK/missing/store.key"
check test ! -e "$STORE"

# In the keystore, the default: alone with its owner
accept init
key=$(echo "$STORE"/store-*.key)
says "store key: the file $key"
check test "$(stat -c %a%s "$key")" = 60032
accept key create cow --bits 2048
id=$(sed -n 's/^id  *//p' "$OUT")
private=$STORE/keys/$id/private.key
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
chmod 640 "$key"
unchanged 78 "*$key is accessible to group or others; chmod 0600 $key" key suspend cow
chmod 600 "$key"
mv "$key" away
unchanged 78 "*cannot open $key: No such file*" key suspend cow
unchanged 78 "*cannot open $key: No such file*" key create calf --bits 2048
unchanged 78 "*cannot open $key: No such file*" reseal
head -c 32 /dev/zero >"$key" && chmod 600 "$key"
unchanged 78 "*the file * holds another store key than $STORE/seal.json names; restore the one *" key suspend cow
mv away "$key"

# What somebody edits by hand
meta=$STORE/keys/$id/meta.json
accept key suspend cow
cp "$meta" meta.suspended
sed -i -e 's/"state": "suspended"/"state": "active"/' "$meta"
unchanged 78 "$private: it does not belong to the meta.json beside it, or is damaged; *" key retire cow
unchanged 78 "$private: it does not belong *" reseal
cp meta.suspended "$meta"
accept key resume cow

# Anew, in the same way and elsewhere
accept reseal && golden reseal
check test ! -e "$key"
check test "$(ls "$STORE"/store-*.key | wc -l)" = 1
accept reseal --seal "file:$WORK/store.key"
says "1 private key is under a new store key: the file $WORK/store.key"
check test "$(ls "$STORE" | paste -sd' ')" = "audit.jsonl image-signers images.yaml keys seal.json"
accept key suspend cow
accept key resume cow
unchanged 64 "no reseal is unfinished: the store key is in the file $WORK/store.key; say where the new one goes*" reseal
# Where it is already: nothing is done, and where a new one would go is told.
before=$(state)
works reseal --seal "file:$WORK/store.key" && cp "$ERR" err
says "all private keys are under the file $WORK/store.key: no change"
check grep -qx "sifctl: a new store key in a file needs another path: --seal file:/PATH, or --seal file" err
check test "$(state)" = "$before"
head -c 32 /dev/zero >taken.key && chmod 600 taken.key
unchanged 73 "$WORK/taken.key exists already; choose another path" reseal --seal "file:$WORK/taken.key"
cp -a "$STORE" copy && mv store.key away
STORE=$WORK/copy unchanged 78 "*cannot open $WORK/store.key: *" key suspend cow
mv away store.key
checks=$((checks + 1))
sifctl reseal --seal file || wrong "reseal failed"
grep -qx "sifctl: the old store key opens copies of the keystore as it was, such as one that a restore replaced: once none is needed, remove $WORK/store.key" "$ERR" || wrong "no advice"

# One that was interrupted after the new key was named goes on where that key is, as doctor advises.
cp -a "$STORE" began
check "$SIFCTL" --keystore "$WORK/began" reseal --seal "file:$WORK/next.key"
python3 - "$STORE/seal.json" "$WORK/began/seal.json" <<'PY'
import json, sys
ours, theirs = (json.load(open(each)) for each in sys.argv[1:])
ours["keys"] = theirs["keys"] + ours["keys"]
json.dump(ours, open(sys.argv[1], "w"))
PY
accept key suspend cow
accept reseal && says "1 private key is under a new store key: the file $WORK/next.key"
check cmp -s "$STORE/seal.json" "$WORK/began/seal.json"
check test -z "$(ls "$STORE"/store-*.key 2>/dev/null)"
accept key resume cow
unchanged 64 "no reseal is unfinished: the store key is in the file $WORK/next.key; say where the new one goes*" reseal
# One that was interrupted before it removed the old store key is finished, as doctor advises, where nothing needs another.
stray=$STORE/store-0123456789abcdef.key
head -c 32 /dev/urandom >"$stray" && chmod 600 "$stray"
mv next.key away
unchanged 78 "*cannot open $WORK/next.key: *" reseal
mv away next.key
accept reseal --dry-run && says "not done: --dry-run; would be finished: an interrupted reseal: all private keys are under the file $WORK/next.key"
check test -e "$stray"
accept reseal && says "finished an interrupted reseal: all private keys are under the file $WORK/next.key"
check test ! -e "$stray"
accept key suspend cow
accept key resume cow
# Killed when all was done but the removal of its note: the same command ends it, and calls no old key what is in use.
cp "$STORE/seal.json" "$STORE/.seal-next"
sum=$(sha256sum <next.key)
accept reseal --seal "file:$WORK/next.key"
says "1 private key is under a new store key: the file $WORK/next.key"
check test ! -e "$STORE/.seal-next" -a "$(sha256sum <next.key)" = "$sum"
accept key suspend cow
accept key resume cow
unchanged 64 "no reseal is unfinished: the store key is in the file $WORK/next.key; say where the new one goes*" reseal
# The same by reseal alone; and with another place, the file that was in use stays for copies of the keystore.
cp "$STORE/seal.json" "$STORE/.seal-next"
accept reseal && says "finished an interrupted reseal: all private keys are under the file $WORK/next.key"
check test ! -e "$STORE/.seal-next" -a "$(sha256sum <next.key)" = "$sum"
cp "$STORE/seal.json" "$STORE/.seal-next"
works reseal --seal file && cp "$ERR" err
check test ! -e "$STORE/.seal-next" -a "$(sha256sum <next.key)" = "$sum"
check grep -q "once none is needed, remove $WORK/next.key" err
accept key suspend cow
accept key resume cow

# A keystore of an older sifguard: nothing works with its private keys before they are encrypted.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out plain.pem 2>/dev/null
STORE=$WORK/old
accept init
openssl pkey -in plain.pem -pubout -out public.pem
accept key import public.pem --public --name ox
entry=$(echo "$STORE"/keys/*)
sed -i 's/"private": false/"private": true/' "$entry/meta.json"
install -m 600 plain.pem "$entry/private.pem"
rm "$STORE/seal.json" "$STORE"/store-*.key
accept key list
unchanged 78 "$entry/private.pem is not encrypted, as by an older sifguard; *sifctl reseal" key retire ox
unchanged 78 "$STORE has no store key, so it can hold no private keys; make one with sifctl reseal --seal file" \
  key create calf --bits 2048
unchanged 78 "$STORE has no store key*" reseal
accept reseal --seal file
says "1 private key is under a new store key"
check test "$(ls "$entry" | paste -sd' ')" = "meta.json private.key public.pem"
accept key retire ox

# By the host's own key
STORE=$WORK/host
if [ "$(id -u)" = 0 ] && sifctl init --seal systemd-creds:host; then
  says "store key: systemd-creds (host)"
  check test "$(ls "$STORE" | paste -sd' ')" = "audit.jsonl image-signers images.yaml keys seal.json"
  accept key create cow --bits 2048
  accept key retire cow
  accept reseal
  says "1 private key is under a new store key: systemd-creds (host)"
  sed -i 's/"sealed": "\(....\)./"sealed": "\1_/' "$STORE/seal.json"
  unchanged 69 "*the keystore's store key: /usr/bin/systemd-creds failed: *" key suspend cow
else
  echo "SKIPPED, NOT TESTED: systemd-creds (needs root and systemd-creds)"
fi
