#!/bin/bash
# Copies of an OpenPGP signer's key, older and newer; what its owner revokes; what has expired or is dated in the
# future. Keys are made by gpg, verdicts are sif-verify's.
#   signer_merge_test.sh SIFCTL SIF-SIGN SIF-VERIFY
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
SIGN=${2:?} VERIFY=${3:?}
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
export GNUPGHOME
GNUPGHOME=$(mktemp -d /tmp/sgXXXXXX) # short: the agent's socket lies in it
trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"; finish' EXIT
g() { gpg --batch --yes --pinentry-mode loopback --passphrase '' "$@" 2>/dev/null; }
fingerprints() { g --with-colons --list-keys "$1" | awk -F: '$1 == "fpr" { print $10 }'; }
primary() { fingerprints "$1" | head -n 1; }
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
then='20200101T000000!'
make_sif fresh.sif 12 '0x4001:1:0:Singularity.def:bootstrap' '0x4007:1:0::some data' '0x4006:2:0::{}'
sign() { # sign FILE KEY [TIME]
  cp fresh.sif "$1"
  [ -z "${3:-}" ] || echo "faked-system-time $3" >"$GNUPGHOME/gpg.conf"
  "$SIGN" --pgp "$2" "$1" >"$OUT" 2>"$ERR" || wrong "sif-sign failed"
  rm -f "$GNUPGHOME/gpg.conf"
}
# verdict PATTERN IMAGE [OPTIONS…]: the first line that sif-verify writes, on the keystore unless told otherwise.
verdict() {
  local pattern=$1 image=$2
  shift 2
  checks=$((checks + 1))
  [ $# -gt 0 ] || set -- --keystore "$STORE"
  "$VERIFY" "$@" "$image" >"$OUT" 2>"$ERR"
  # shellcheck disable=SC2053 # the right side is a pattern
  [[ $(head -n 1 "$OUT") == "$image: "$pattern ]] || wrong "the verdict on $image is not: $pattern"
}
# ends STATUS PATTERN ARGUMENTS…: that status; the pattern is in what was noted.
ends() {
  local want=$1 pattern=$2 status=0
  shift 2
  checks=$((checks + 1))
  sifctl "$@" || status=$?
  [ "$status" = "$want" ] || wrong "sifctl $* ended with $status, not $want"
  # shellcheck disable=SC2053
  [[ $(cat "$ERR") == *$pattern* ]] || wrong "stderr does not contain: $pattern"
}
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}

# A subkey is revoked, and a new one made: no older copy takes that back.
g --faked-system-time "$then" --quick-gen-key 'Alice <alice@example.org>' ed25519 cert never
alice=$(primary alice)
g --faked-system-time "$then" --quick-add-key "$alice" ed25519 sign never
first=$(fingerprints alice | tail -n 1)
g --armor --export alice >before.asc
sign first.sif "$alice"
g --quick-add-key "$alice" ed25519 sign never
printf 'key 1\nrevkey\ny\n1\ncompromised\n\ny\nsave\n' | gpg --no-tty --command-fd 0 --edit-key "$alice" >/dev/null 2>&1
g --armor --export alice >after.asc
sign second.sif "$alice"
accept init
accept signer add before.asc
accept image bind cow --match /apps/cow.sif --signer "$alice" --everyone
verdict verified first.sif
verdict 'not verified: *' second.sif
ends 0 "sifctl: $alice: its subkey $first is revoked by its owner: what it signed is refused
sifctl: the binding 'cow' names this signer" signer add after.asc
says "refreshed $alice Alice <alice@example.org>"
verdict "not verified: *its subkey $first is revoked by its owner" first.sif
verdict verified second.sif
before=$(state)
for copy in before.asc after.asc; do
  accept signer add $copy
  says "$alice*is in the keystore already: no change"
done
check test "$(state)" = "$before"
verdict "not verified: *its subkey $first is revoked by its owner" first.sif

# Who is removed is remembered: an older copy brings back neither who had retired nor a subkey that was revoked.
cp -a "$STORE" "$WORK/removed"
STORE=$WORK/removed
sleep 1.1 # what it signed is older
ends 0 '' signer retire "$alice"
verdict verified second.sif
# A time of the future, recorded under a clock that was ahead, dates nothing until it is dated anew.
sed -i 's/"at": [0-9][0-9]*/"at": 2524608000/' "$STORE/image-signers/$alice/meta.json"
verdict "not verified: *" second.sif
says 'its signer was retired under a clock that was ahead of this one'
accept signer list --json && says '"counts": "none"'
sifctl doctor
says "since 2050-01-01T00:00:00Z, by a clock that was ahead: none of its signatures counts; date it by this one: sifctl signer retire $alice"
ends 0 '' signer retire "$alice"
verdict verified second.sif
accept signer list --json && since=$(grep -o '"since": "20[^"]*"' "$OUT" | head -n 1)
ends 0 "sifctl: it was retired since 20*Z, which is remembered: if it is added again, it is retired" signer remove "$alice"
ends 0 "sifctl: $alice: retired since 20*Z, as it was when it was removed; sifctl signer restore takes that back
sifctl: $alice: its subkey $first is revoked by its owner, as was known when it was removed" signer add before.asc
says "added $alice"
accept signer list --json && says '"state": "retired"' && says "$since"
verdict "not verified: *" first.sif
accept signer add before.asc && says "$alice*is in the keystore already: no change"
ends 0 '' signer restore "$alice"
verdict "not verified: *its subkey $first is revoked by its owner" first.sif
ends 0 '' signer remove "$alice"
# The revocation alone is of no signer; the owner's copy of a key that is revoked is refused as ever.
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$alice.rev" >alice-revocation.asc
unchanged 65 "alice-revocation.asc: a revocation of *$alice, which is no signer of this keystore; add the whole key first" \
  signer add alice-revocation.asc
cat >shipyard.yaml <<END
global_resources:
  singularity_images:
    signed:
      - image: oras://r.example.org/a/b:1
        signing_key: {fingerprint: $alice, file: before.asc}
END
ends 0 "sifctl: $alice: its subkey $first is revoked by its owner, as was known when it was removed" \
  import shipyard shipyard.yaml --everyone
STORE=$WORK/store

# A shorter life counts, whichever copy comes last.
g --faked-system-time "$then" --quick-gen-key 'Bob <bob@example.org>' ed25519 sign never
bob=$(primary bob)
g --armor --export bob >bob-never.asc
g --faked-system-time '20200601T000000!' --quick-set-expire "$bob" 1y
g --armor --export bob >bob-short.asc
g --quick-set-expire "$bob" 5y
g --armor --export bob >bob-long.asc
accept signer add bob-never.asc
accept image bind calf --match /apps/calf.sif --signer "$bob" --everyone
sign bob.sif "$bob"
verdict verified bob.sif
ends 76 "sifctl: the key $bob expired on 2021-06-01T*Z: no image that it signed runs any more
sifctl: the binding 'calf' names this signer" signer add bob-short.asc
verdict "not verified: *the signature of $bob has expired: its key $bob expired on 2021-06-01T*" bob.sif
ends 76 "expired on 2021-06-01" signer add bob-never.asc
says "$bob*is in the keystore already: no change"
accept signer add bob-long.asc
verdict verified bob.sif
accept signer add bob-short.asc
says "$bob*is in the keystore already: no change"
verdict verified bob.sif

# The owner revokes the whole key: by the certificate alone, or in a copy of the key.
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$bob.rev" >bob-revocation.asc
g --quick-gen-key 'Carol <carol@example.org>' ed25519 sign never
carol=$(primary carol)
g --armor --export carol >carol.asc
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$carol.rev" >carol-revocation.asc
unchanged 65 "carol-revocation.asc: a revocation of $carol, which is no signer of this keystore; add the whole key first" \
  signer add carol-revocation.asc
# Beside a key, a revocation is neither dropped without a word nor taken for all; nor is anything else.
g --export carol >carol.gpg
gpg --dearmor <bob-revocation.asc >bob-revocation.gpg 2>/dev/null
openssl req -x509 -newkey ed25519 -nodes -keyout c.key -subj /CN=c -out cert.pem 2>/dev/null
openssl x509 -in cert.pem -outform DER -out cert.der
for beside in bob-revocation.asc cert.pem before.asc; do
  cat carol.asc $beside >behind.asc
  cat $beside carol.asc >ahead.asc
  status=65
  [ $beside != before.asc ] || status=64 # --fingerprint says which
  for file in behind.asc ahead.asc; do
    unchanged $status "$file: the file holds *; *" signer add $file
    [ $beside = before.asc ] || unchanged 65 "$file: the file holds more than *; give each in a file of its own" signer add $file --fingerprint "$carol"
  done
done
for pair in 'carol.gpg bob-revocation.gpg' 'bob-revocation.gpg carol.gpg' 'bob-revocation.gpg bob-revocation.gpg'; do
  # shellcheck disable=SC2086 # two files
  cat $pair >pair.gpg
  unchanged 65 "pair.gpg: the file holds more than *; give each in a file of its own" signer add pair.gpg
done
for between in '' '\n' '\r' '\n\n'; do # what the key's last byte may be, too
  for beside in bob-revocation.asc cert.pem cert.der; do
    { cat carol.gpg && printf "$between" && cat $beside; } >pair.gpg
    unchanged 65 "pair.gpg: *" signer add pair.gpg
  done
done
cat cert.der carol.gpg >pair.der && unchanged 65 "pair.der: *" signer add pair.der
ends 76 "sifctl: the key $bob is revoked by its owner: no image that it signed runs any more
sifctl: the binding 'calf' names this signer" signer add bob-revocation.asc
says "refreshed $bob"
verdict "not verified: *" bob.sif
check grep -q '"state": "revoked"' "$STORE/image-signers/$bob/meta.json"
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" signer list | grep "$bob" | grep -q revoked || wrong "signer list does not show it"
for copy in bob-never.asc bob-long.asc bob-revocation.asc; do
  ends 76 "is revoked by its owner" signer add $copy
  says "$bob*is in the keystore already: no change"
done
verdict "not verified: *" bob.sif
unchanged 79 "the signer $bob is revoked for good; *" signer restore "$bob"
unchanged 79 "the signer $bob is revoked for good; *" signer remove "$bob"
accept signer add carol.asc
accept signer retire "$carol"
g --import carol-revocation.asc
g --armor --export carol >carol-revoked.asc
STORE=$WORK/other
accept init
unchanged 65 "carol-revoked.asc: the key $carol is revoked" signer add carol-revoked.asc # and new here
STORE=$WORK/store
ends 76 "the key $carol is revoked by its owner" signer add carol-revoked.asc
check grep -q '"state": "revoked"' "$STORE/image-signers/$carol/meta.json"
check grep -q '"event":"changed"' "$STORE/audit.jsonl"
# gpg leaves nothing behind, neither files nor agents of its own
check test -z "$(ls -A "$TMPDIR")"

# Nor does a bundle or a backup that does not know take back what is known here.
g --faked-system-time "$then" --quick-gen-key 'Olga <olga@example.org>' ed25519 cert never
olga=$(primary olga)
g --faked-system-time "$then" --quick-add-key "$olga" ed25519 sign never
lost=$(fingerprints olga | tail -n 1)
g --armor --export olga >olga-old.asc
sign olga.sif "$olga"
g --quick-add-key "$olga" ed25519 sign never
new=$(fingerprints olga | tail -n 1)
printf 'key 1\nrevkey\ny\n1\ncompromised\n\ny\nsave\n' | gpg --no-tty --command-fd 0 --edit-key "$olga" >/dev/null 2>&1
g --armor --export olga >olga-new.asc
printf 'long enough' >pw
chmod 600 pw
STORE=$WORK/site
accept init
accept signer add olga-old.asc
accept image bind olga --match /olga.sif --signer "$olga" --everyone
STORE=$WORK/node
accept init
accept node init --out node.pem
STORE=$WORK/site
for each in 1 2 3; do accept bundle export --node node.pem --out bundle.$each; done
accept bundle signer --out site.pem
STORE=$WORK/node
accept node trust site.pem
accept bundle import bundle.1
verdict verified olga.sif
ends 0 '' backup --out node.backup --password-file pw
ends 0 "its subkey $lost is revoked by its owner" signer add olga-new.asc
verdict "not verified: *its subkey $lost is revoked by its owner" olga.sif
for option in "bundle.2 --dry-run" bundle.2 bundle.3; do
  # shellcheck disable=SC2086
  accept bundle import $option
  says "the key $olga stays as it was here: its subkey $lost is revoked by its owner; the bundle does not know"
  says "the key $olga stays as it was here: it has the subkey $new; the bundle does not know"
  verdict "not verified: *its subkey $lost is revoked by its owner" olga.sif
done
for option in --dry-run --yes; do
  ends 0 "sifctl: the backup does not know of the key $olga: its subkey $lost is revoked by its owner" \
    restore node.backup --password-file pw $option
  verdict "not verified: *its subkey $lost is revoked by its owner" olga.sif
  accept signer add olga-new.asc
  says "$olga*is in the keystore already: no change"
done
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$olga.rev" >olga-revocation.asc
ends 76 "is revoked by its owner" signer add olga-revocation.asc
rm -rf "$STORE.before-restore"
ends 0 "sifctl: the signer $olga, now revoked, is active in the backup" restore node.backup --password-file pw --yes
check grep -q '"state": "revoked"' "$STORE/image-signers/$olga/meta.json"
verdict "not verified: *" olga.sif
ends 76 "is revoked by its owner" signer add olga-new.asc
STORE=$WORK/store

# Shipyard's configuration brings the revocation along; what it signed is not bound.
g --quick-gen-key 'Dave <dave@example.org>' ed25519 sign never
dave=$(primary dave)
g --armor --export dave >dave.asc
accept signer add dave.asc
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$dave.rev" | g --import
g --armor --export dave >dave-revoked.asc
cat >config.yaml <<END
global_resources:
  singularity_images:
    signed:
      - image: library://sylabs/tests/signed:1.0
        signing_key: {fingerprint: "$dave", file: dave-revoked.asc}
END
ends 76 "the key $dave is revoked by its owner" import shipyard config.yaml --everyone
check grep -q '"state": "revoked"' "$STORE/image-signers/$dave/meta.json"
check bash -c "! grep -q sylabs '$STORE/images.yaml'"

# What has expired is said to have, and which part of the key that was.
g --faked-system-time "$then" --quick-gen-key 'Erin <erin@example.org>' ed25519 cert never
erin=$(primary erin)
g --faked-system-time "$then" --quick-add-key "$erin" ed25519 sign 1y
subkey=$(fingerprints erin | tail -n 1)
g --armor --export erin >erin.asc
sign erin.sif "$erin" 20200601T000000
words="not verified: *the signature of $erin has expired: its subkey $subkey expired on 2020-12-31T*"
verdict "$words" erin.sif --pgp-key erin.asc
accept signer add erin.asc
says "what signs of it expired on 2020-12-31T*: no signature counts before it is renewed"
accept signer list
says "$erin  openpgp  expired  *  2020-12-31T"
verdict "$words" erin.sif

# A clock that was ahead when its owner set its end: that does not count yet, and is told.
g --faked-system-time "$then" --quick-gen-key 'Gina <gina@example.org>' ed25519 sign never
gina=$(primary gina)
g --armor --export gina >gina.asc
g --faked-system-time 20900101T000000! --quick-set-expire "$gina" 1d
g --armor --export gina >gina-ahead.asc
accept signer add gina.asc
ends 0 "sifctl: $gina: what the key says of itself in the future is left out; check the clocks *" signer add gina-ahead.asc
says "$gina*is in the keystore already: no change"
sign gina.sif "$gina"
verdict verified gina.sif
verdict verified gina.sif --pgp-key gina-ahead.asc

# A clock that is ahead, of who signed and of who made the key
sign ahead.sif "$alice" "$(date -u -d '+2 hours' +%Y%m%dT%H%M%S)"
words="is dated in the future (*)*"
verdict "not verified: *the signature of $alice $words" ahead.sif
verdict "not verified: *the signature of $alice $words" ahead.sif --pgp-key after.asc
sign near.sif "$alice" "$(date -u -d '+2 minutes' +%Y%m%dT%H%M%S)"
verdict verified near.sif
g --faked-system-time "$(date -u -d '+20 minutes' +%Y%m%dT%H%M%S)" --quick-gen-key frank@example.org ed25519 sign never
frank=$(primary frank)
g --armor --export frank@example.org >frank.asc
sign frank.sif "$frank" "$(date -u -d '+30 minutes' +%Y%m%dT%H%M%S)"
verdict "not verified: *the signature of $frank $words" frank.sif --pgp-key frank.asc
unchanged 65 "frank.asc: the key $frank is dated in the future (*); check the clocks *" signer add frank.asc
