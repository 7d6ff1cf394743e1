#!/bin/bash
# The exit statuses of sifctl, one table: each noun with each kind of trouble that it knows, and what a script does
# not need to tell apart. keystore/base/exit_status.h has the numbers.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
quiet() { "$@" >>setup.log 2>&1 || { cat setup.log; wrong "set-up failed: $*"; }; }
key_pair() { quiet openssl genpkey -algorithm ed25519 -out "$1.key"; quiet openssl pkey -in "$1.key" -pubout -out "$1.pem"; }
done_() { checks=$((checks + 1)); sifctl "$@" || wrong "set-up: sifctl $* ended with $?"; }

# A keystore in which everything is in some state.
accept init
key_pair signer
key_pair other
accept signer add signer.pem
accept signer add other.pem
spki() { echo "spki:$(openssl pkey -pubin -in "$1.pem" -outform DER | sha256sum | cut -d' ' -f1)"; }
s=$(spki signer) revoked=$(spki other) nobody=spki:$(printf '0%.0s' {1..64})
accept signer revoke "$revoked" --reason superseded --yes
for name in gone left ending; do accept key create $name --bits 2048; done
printf 'long enough\n' >pw
accept key create cow --bits 2048 --file-prefix cow --pfx-password-file pw
accept key suspend ending
accept key retire gone
done_ key destroy gone --yes
accept image bind cow --match /apps/cow.sif --signer "$s" --key cow --allow-user root
done_ ca init --subject /CN=root --out ca.pem --algorithm p-256
accept ca issue --host www --out www
accept ca issue --host old --out old
done_ ca revoke old.pem --reason superseded --yes
old=$(openssl x509 -in old.pem -noout -serial | cut -d= -f2 | tr A-F a-f)
accept trust add-root ca.pem
done_ ca crl --out newer.crl
done_ ca crl --out newest.crl
accept trust add-crl newest.crl
accept node init --out node.pem
accept bundle signer --out site.pem
accept node trust site.pem
accept digest revoke "sha256:$(printf %064d 1)" --reason old
printf 'x\n' >short
accept backup --out backup --password-file pw
accept bundle export --node node.pem --out bundle
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key -subj /CN=stranger \
  -addext keyUsage=critical,keyAgreement -out stranger.pem
accept bundle export --node stranger.pem --out strange
echo nonsense >nonsense
mkdir published && echo image >published/lolcow.sif
echo "published: $WORK/published" >node.yaml
none=$WORK/none
done_ key export-public cow
cp "$OUT" public.pem
printf '{"time":"2026-01-01T00:00:00.000Z"}\n' >log
cat >decisions.yaml <<END
version: 1
tests:
  - {user: root, groups: [], image: /apps/cow.sif, expect: deny}
END
mkdir directory
before=$(state)

declare -A seen=()
# is STATUS NOUN COMMAND…: the whole command line is NOUN COMMAND…; nothing changes, one line is said.
is() {
  local want=$1
  checks=$((checks + 1))
  shift
  seen[$1:$want]=1
  sifctl "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "sifctl $* ended with $status, not $want"
  [ ! -s "$OUT" ] || wrong "sifctl $* wrote to stdout"
  [ "$(grep -c '^sifctl: ' "$ERR")" -ge 1 ] || wrong "sifctl $* does not say why"
}

# 64: the command line, and nothing else
is 64 nonsense
for noun in key signer trust ca image digest policy audit node nodes cache bundle breakglass import; do
  is 64 $noun
  is 64 $noun nonsense
done
for noun in explain test backup restore; do is 64 $noun; done
for noun in setup init reseal doctor; do is 64 $noun --nonsense; done
is 64 setup --bind new
is 64 cache show
is 64 init --seal tpm
is 64 key create 'a b'
is 64 key revoke cow --reason because --yes
is 64 key rule set cow --signer "$s"
is 64 signer add signer.pem --fingerprint 00
is 64 signer retire "$s" --at 2999-01-01
is 64 trust remove 12
is 64 ca show 12
is 64 ca issue --out x
is 64 image bind new --match relative --signer "$s" --everyone
is 64 image bind new --match /a --signer "$s"
is 64 digest show sha256:0
is 64 breakglass grant --binding cow --user root --ttl 25h --reason x
is 64 node init --certificate node.pem

# 65: what was given is not what is wanted
is 65 key import nonsense --name new
is 65 key create new --bits 2048 --file-prefix new --pfx-password-file short
is 65 signer add nonsense
is 65 trust add-root nonsense
is 65 trust add-crl newer.crl
is 65 ca sign-csr nonsense --host new --out new.pem
is 65 ca restore nonsense --password-file pw
is 65 digest revoke --image nonsense --reason x
is 65 node trust nonsense
is 65 bundle import nonsense
is 65 bundle import strange
is 65 bundle export --node nonsense --out new
is 65 backup --out new --password-file short
is 65 restore nonsense --password-file pw --yes

# 66: what is named is not there
for command in show retire suspend resume export-public "rule show" "rule reset" rotate; do
  # shellcheck disable=SC2086 # words
  is 66 key $command nothing
done
# A directory is no file that can be read, wherever one is wanted.
for command in "key import directory --name new" "signer add directory" "trust add-root directory" "trust add-intermediate directory" \
  "trust add-crl directory" "bundle import directory" "bundle show directory" "node trust directory" "restore directory --password-file pw" \
  "ca sign-csr directory --host new --out new.pem" "policy check directory" "policy diff directory" "policy apply directory" \
  "test directory" "import shipyard directory --everyone" "audit verify directory" "audit show directory" "audit tail directory" \
  "digest revoke --image directory --reason x" "digest show --image directory" "bundle export --node directory --out new" \
  "key create new --bits 2048 --file-prefix new --pfx-password-file directory" "backup --out new --password-file directory" \
  "restore backup --password-file directory" "ca restore directory --password-file pw"; do
  # shellcheck disable=SC2086 # words
  is 66 $command
  grep -q 'directory is not a regular file' "$ERR" || wrong "$command does not say what it is"
done
is 66 key revoke nothing --reason superseded --yes
is 66 key destroy nothing --yes
is 66 key rule set nothing --signer "$s" --everyone
is 66 key rule set left --signer "$nobody" --everyone
is 66 key import "$none" --name new
is 66 key create new --bits 2048 --file-prefix "$none/new" --pfx-password-file pw
is 66 signer add "$none"
for command in retire restore remove; do is 66 signer $command "$nobody"; done
is 66 signer revoke "$nobody" --reason superseded --yes
is 66 trust add-root "$none"
is 66 trust remove 0123456789
is 66 trust remove-source http://example.org/
is 66 ca show 0123456789
is 66 ca revoke 0123456789 --reason superseded --yes
is 66 ca renew 0123456789 --out new.pem
is 66 ca sign-csr "$none" --host new --out new.pem
is 66 ca crl --authority intermediate --out new.crl
is 66 image show nothing
is 66 image unbind nothing
is 66 image unpublish nothing --yes --config "$WORK/node.yaml"
is 66 image bind new --match /a --signer "$nobody" --everyone
is 66 image bind new --match /a --signer "$s" --key nothing --everyone
is 66 digest show --image "$none"
for command in check diff apply; do is 66 policy $command "$none"; done
is 66 explain --user no-such-user --image /a
is 66 test "$none"
is 66 audit verify "$none"
is 66 node trust "$none"
is 66 node distrust "$(printf '0%.0s' {1..64})"
is 66 bundle import "$none"
is 66 bundle export --node node.pem --only nothing --out new
is 66 bundle export --node "$none" --out new
is 66 breakglass end bg-0123456789abcdef
is 66 breakglass grant --binding nothing --user root --ttl 1h --reason x
is 66 import shipyard "$none" --everyone
is 66 backup --out "$none/backup" --password-file pw
is 66 restore "$none" --password-file pw --yes

# 73: it is there already, and is another
is 73 key create cow --bits 2048
is 73 key import public.pem --public --name new
is 73 key import public.pem --public --name left
is 73 key rotate cow --name left
touch new.pem
is 73 key create new --bits 2048 --file-prefix new --pfx-password-file pw
is 73 image bind cow --match /other.sif --signer "$s" --everyone
is 73 ca init --subject /CN=other --out other-ca.pem
is 73 ca init --subject /CN=other --out new.pem
is 73 ca issue --host new --out new
is 73 ca issue --host new --subject /CN=root --out newer
is 73 node init
is 73 node show --out new.pem
is 73 bundle export --node node.pem --out bundle
is 73 bundle signer --out site.pem
is 73 backup --out backup --password-file pw

# 77: not allowed
is 77 image bind new --match /a --signer "$s" --key cow --everyone
is 77 image bind new --match /a --signer "$s" --allow-user root --deny-user root
checks=$((checks + 1))
sifctl explain --user daemon --image /apps/cow.sif
[ $? = 77 ] || wrong "explain of who may not ended with another status than 77"
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups "$SIFCTL" --version >/dev/null 2>&1; then
  # LeakSanitizer cannot look into a process that is not dumpable and not its own root's.
  printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' "$SIFCTL" >sifctl
  chmod 755 sifctl "$WORK"
  SIFCTL=$WORK/sifctl
  is 77 key list
  is 77 signer list
  is 77 trust list
  is 77 ca list
  is 77 image list
  is 77 digest list
  is 77 policy diff decisions.yaml
  is 77 node show
  is 77 bundle signer
  is 77 breakglass list
  is 77 backup --out new --password-file pw
  is 77 restore backup --password-file pw --yes
  is 77 audit verify "$STORE/audit.jsonl"
  SIFCTL=$1
else
  echo "SKIPPED: statuses of who is not root (needs root, and the program to be readable)"
fi

# 78: the keystore or a configuration
echo broken >images.yaml
for command in check diff apply; do is 78 policy $command images.yaml; done
is 78 test nonsense
is 78 import shipyard nonsense --everyone
is 78 node check nonsense
is 78 trust fetch
STORE=$WORK/missing
for noun in key signer image digest ca; do is 78 $noun list; done
is 78 bundle signer
is 78 backup --out new2 --password-file pw
STORE=$WORK/store

# 79: not in the state in which it is
is 79 key destroy cow --yes
for command in retire suspend resume; do is 79 key $command gone; done
is 79 key revoke gone --reason superseded --yes
is 79 key rotate gone
is 79 key rule set gone --signer "$s" --everyone
is 79 key rule widen left --user root
is 79 key resume gone
is 79 signer retire "$revoked"
is 79 signer restore "$revoked"
is 79 signer remove "$revoked"
is 79 ca renew "$old" --out renewed.pem
is 79 image bind new --match /a --signer "$revoked" --everyone
is 79 image bind new --match /a --signer "$s" --key gone --everyone

# 80: nobody to ask
is 80 key destroy ending
is 80 key create new2 --bits 2048 --file-prefix new2
is 80 key import cow.pfx --name new2
is 80 image unpublish lolcow --config "$WORK/node.yaml"
is 80 backup --out new2
is 80 restore backup --password-file pw

check test "$(state)" = "$before"

# No kind of trouble that a noun knows was left out.
while read -r noun statuses; do
  for status in $statuses; do
    checks=$((checks + 1))
    [ -n "${seen[$noun:$status]:-}" ] || wrong "no case of $noun with status $status"
  done
done <<'END'
key 64 65 66 73 77 78 79 80
signer 64 65 66 77 78 79
trust 64 65 66 77 78
ca 64 65 66 73 77 78 79
image 64 66 73 77 78 79 80
digest 64 65 66 77 78
policy 64 66 77 78
explain 64 66
test 64 66 78
audit 64 66 77
node 64 65 66 73 77 78
bundle 64 65 66 73 77 78
breakglass 64 66 77
import 64 66 78
backup 64 65 66 73 77 78 80
restore 64 65 66 77 80
init 64
reseal 64
doctor 64
END
