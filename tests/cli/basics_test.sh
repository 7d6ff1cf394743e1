#!/bin/bash
# sifctl itself: help, version, usage errors, init, and keystores that are not to be trusted.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"

accept --version # the help of all commands: commands_test.sh

refuse 64 "A subcommand is required; see sifctl --help"
refuse 64 "unknown command or argument 'frob'; *" frob
refuse 64 "unknown command or argument 'frob'; see sifctl key --help" key frob
refuse 64 "unknown command or argument 'keys'; did you mean 'key'[?] see sifctl --help" keys list --help
refuse 64 "unknown command or argument 'stauts'; see sifctl node --help" node stauts --help
refuse 64 "unknown command or argument 'ad'; did you mean 'add'[?] see sifctl signer --help" signer ad
refuse 64 "The following argument was not expected: --reasno; did you mean '--reason'[?] see sifctl digest revoke --help" \
  digest revoke sha256:x --reasno --reason x
# An empty value is a variable of a script that was never set, not nothing.
for line in "image bind new --match /a --everyone --key" "signer add" "node check" "restore" "key show" "audit show --user" \
  "backup --out" "digest revoke --reason x --image"; do
  # shellcheck disable=SC2086 # words
  refuse 64 "*: must not be empty (a variable that is not set[?]); see sifctl ${line%% *}*--help" $line ''
done
# Where the keystore is: by the environment, and by the option before it.
checks=$((checks + 1))
SIFGUARD_KEYSTORE=$WORK/elsewhere "$SIFCTL" key list >"$OUT" 2>"$ERR" && wrong "there is a keystore elsewhere"
grep -q "$WORK/elsewhere" "$ERR" || wrong "SIFGUARD_KEYSTORE is not looked at"
checks=$((checks + 1))
SIFGUARD_KEYSTORE=$WORK/elsewhere "$SIFCTL" --keystore "$WORK/given" key list >"$OUT" 2>"$ERR" && wrong "there is one given"
grep -q "$WORK/given" "$ERR" || wrong "--keystore does not come before SIFGUARD_KEYSTORE"
refuse 64 "A subcommand is required; *" key
refuse 64 "key is required; *" key show
refuse 64 "The following argument was not expected: --frob; *" key list --frob
refuse 64 "The following argument was not expected: extra; *" key show a extra
refuse 64 '*\\x0a*\\x1b*' $'a\nsifctl: all is well\e[2J'

# init
refuse 78 "keystore: cannot open $STORE: No such file or directory; check the path, or sifctl init makes one" key list
accept init && golden init
accept init && golden init-again
check test "$(stat -c %a "$STORE")" = 700
STORE=$WORK/no/store refuse 78 "directory above the keystore: cannot open $WORK/no: No such*" init
STORE=/ refuse 64 "not a usable keystore directory: '/'; *" init
mkdir -m 700 full && touch full/x
STORE=$WORK/full refuse 78 "$WORK/full exists and is not a keystore; *" init

# --keystore before and after the command, relative too, and a full disk
check "$SIFCTL" key list --keystore "$STORE"
check "$SIFCTL" --keystore store key list
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" key list >/dev/full 2>"$ERR"
[ $? = 75 ] || wrong "a full disk was not noticed"

# trust
ln -s store link
STORE=$WORK/link refuse 78 "keystore: $WORK/link is a symbolic link; *" key list
for mode in 770 707 777; do
  chmod $mode "$STORE"
  refuse 78 "keystore: $STORE is writable by group or others; chmod go-w $STORE" key list
done
chmod 700 "$STORE"
chmod 770 "$STORE/keys"
refuse 78 "$STORE/keys is writable by group or others; chmod go-w $STORE/keys" key list
chmod 700 "$STORE/keys"
mv "$STORE/image-signers" "$STORE/s" && ln -s s "$STORE/image-signers"
refuse 78 "$STORE/image-signers is a symbolic link; *" signer list
rm "$STORE/image-signers" && mv "$STORE/s" "$STORE/image-signers"
mkdir "$STORE/keys/stray"
refuse 78 "$STORE/keys/stray is not a key's directory; *" key list
rmdir "$STORE/keys/stray"
if [ "$(id -u)" = 0 ]; then
  chown 12345 "$STORE"
  refuse 78 "keystore: $STORE is owned by uid 12345, not by root; chown root:root $STORE" key list
  chown 0 "$STORE"
else
  echo "SKIPPED, NOT TESTED: a foreign owner (needs root)"
fi
accept key list && golden key-list-empty
accept key list --json && golden key-list-empty-json
