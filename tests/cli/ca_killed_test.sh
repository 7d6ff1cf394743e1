#!/bin/bash
# sifctl ca, used by many at once and killed at any moment: what anybody got is in the index, which stays readable.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
. "$HERE/ca.sh"
works ca init --subject "/O=Example/CN=Example Root" --out root.pem --algorithm p-256

# Together: everybody's serial is in the index.
for i in 1 2 3 4 5 6; do
  "$SIFCTL" --keystore "$STORE" ca issue --signer "many$i" --out "many$i" >/dev/null 2>"many$i.err" &
done
wait
accept ca list --json
for i in 1 2 3 4 5 6; do
  cp "$OUT" list.json
  check grep -q "$(serial_of "many$i.pem")" list.json
  cp list.json "$OUT"
done

# Killed at any moment: what anybody got is in the index, which stays readable.
for i in 1 2 3 4 5 6 7 8 9 10; do
  "$SIFCTL" --keystore "$STORE" ca issue --signer "dead$i" --out "dead$i" >/dev/null 2>&1 &
  sleep "0.0$((i * 7 % 10))" && kill -9 $! 2>/dev/null
done
{ wait; } 2>/dev/null
accept ca list --json
cp "$OUT" list.json
for file in dead*.pem; do
  [ ! -e "$file" ] || check grep -q "$(serial_of "$file")" list.json
done
accept ca issue --signer alive --out alive
works ca crl --out alive.crl
check openssl crl -in alive.crl -CAfile root.pem -noout -verify

# An init that is killed says so, and what it left is set aside by the next; that one, too, is whole or none.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  killed=0
  for step in mkdirat:1 mkdirat:2 mkdirat:3 renameat:1 renameat:2 renameat:5 renameat2:1 unlinkat:1; do
    when=${step/:/} STORE=$WORK/init${step/:/}
    accept init
    checks=$((checks + 1))
    # strace counts each call by itself
    { ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o strace.log -e trace="${step%:*}" -e inject="${step%:*}:signal=KILL:when=${step#*:}" \
      "$SIFCTL" --keystore "$STORE" ca init --subject /O=E/CN=K --out "k$when.pem" --algorithm p-256 </dev/null >/dev/null 2>&1; } 2>/dev/null &&
      wrong "$step was not reached"
    killed=$((killed + 1))
    if [ -e "$STORE/ca/index.json" ]; then
      accept ca show --pem
      continue
    fi
    keys=$(find "$STORE/ca" -name private.key -not -path '*/.tmp-*' -exec sha256sum {} + 2>/dev/null | cut -d' ' -f1)
    works ca init --subject /O=E/CN=K --out "k$when.pem" --algorithm p-256 --force
    if [ -n "$keys" ]; then
      check test "$keys" = "$(sha256sum "$WORK/init$when".unfinished-ca-*/authorities/root/private.key | cut -d' ' -f1)"
    fi
    accept ca issue --signer s --out "signer$when"
    check openssl verify -CAfile "k$when.pem" "signer$when.pem"
  done
  check test "$killed" = 8
else
  echo "SKIPPED, NOT TESTED: kills (needs strace)"
fi
