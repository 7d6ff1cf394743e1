#!/bin/bash
# sifctl … --json: every command answers with one object that its JSON schema allows, also when it fails, and with
# --dry-run with what would be: each that has it is tried so first, and changes nothing. (cache, image publish, image prefetch and signer fetch: cache_test.sh, publish_test.sh, prefetch_test.sh,
# signer_fetch_test.sh.)
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
python3 -c 'import jsonschema' 2>/dev/null || { echo "SKIPPED: python3-jsonschema is not installed"; exit 77; }
key_pair() { openssl genpkey -quiet -algorithm ed25519 -out "$1.key" && openssl pkey -in "$1.key" -pubout -out "$1.pem"; }
spki() { echo "spki:$(openssl pkey -pubin -in "$1.pem" -outform DER | sha256sum | cut -d' ' -f1)"; }
mkdir answers
declare -A commands=()

. "$HERE/dry.sh"
# answers STATUS KIND ARGUMENTS…: that status, and one object of that kind. --json is added. What can be tried with
# --dry-run is, before.
answers() {
  local want=$1 kind=$2 file word name='' planned=''
  shift 2
  for word in "$@"; do
    [[ $word = [a-z]* ]] || break
    name+=" $word"
    [ ! -f "$HERE/golden/help${name// /-}.txt" ] || planned=$HERE/golden/help${name// /-}.txt
    commands[$name]=$kind
  done
  [ -n "$planned" ] && grep -q -- '^  --dry-run ' "$planned" && [[ " $* " != *' --dry-run '* ]] || planned=''
  [ -z "$planned" ] || dry "$want" "$@"
  file=answers/$((checks += 1)).json
  sifctl "$@" --json
  local status=$?
  [ "$status" = "$want" ] || wrong "sifctl $* --json ended with $status, not $want"
  [ "$(sed -n '2s/^  "schema": "\(.*\)",$/\1/p' "$OUT")" = "sifguard.$kind/1" ] || wrong "sifctl $* --json is no $kind"
  LC_ALL=C grep -q '[^ -~]' "$OUT" && wrong "not only ASCII"
  cp "$OUT" "$file"
  [ -z "$planned" ] || as_planned "sifctl $*"
}
has() { # NAME VALUE: the last answer has it
  checks=$((checks + 1))
  local found
  found=$(python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2].split("."): value = value[int(name) if name.isdigit() else name]
print(json.dumps(value))' "$OUT" "$1") || wrong "there is no $1"
  [ "$found" = "$2" ] || wrong "$1 is $found, not $2"
}

answers 0 keystore init
has changed true
has dry_run false
answers 0 keystore init
has changed false
key_pair alice && key_pair bob && key_pair carol
alice=$(spki alice) bob=$(spki bob) carol=$(spki carol)
printf 'long enough\n' >pw
answers 1 setup setup --yes --skip account --skip plugin --no-test
has complete false
has steps.2.state '"missing"'
answers 1 setup setup --yes --skip account --skip plugin --no-test --key calf --bits 2048 --public-key "$WORK/calf.pem"
has changed true
answers 1 setup setup --yes --skip account --skip plugin --no-test --key calf --bits 2048 --public-key "$WORK/calf.pem"
has changed false

# keys
answers 0 key key create cow --bits 2048
answers 0 key key create ox --bits 2048 --file-prefix ox --pfx-password-file pw
answers 0 key key import ox.pfx --name ox --password-file pw
has changed false
answers 0 key key rotate cow --dry-run
has name '"cow-2"'
has id null
has changed true
has dry_run true
answers 0 key key rotate cow
answers 0 key key show cow
has successor '"cow-2"'
has reason null
answers 0 key-list key list
answers 0 public-key key export-public cow --pkcs1
checks=$((checks + 1)) # the whole PEM file is in it
python3 -c 'import json, sys; sys.stdout.write(json.load(open(sys.argv[1]))["content"])' "$OUT" |
  openssl rsa -RSAPublicKey_in -noout 2>/dev/null || wrong "the content is no key"
: >no.launches
answers 0 key key suspend cow --dry-run --audit no.launches
golden json-dry-run
has state '"suspended"'
has previous_state '"active"'
has dry_run true
answers 0 key key show cow
has state '"active"'
answers 0 key key suspend cow
answers 0 key key resume cow
answers 0 key key retire ox
answers 0 key key revoke ox --reason superseded --yes
has reason '"superseded"'
answers 0 key key destroy ox --dry-run
has private false
answers 0 key key destroy ox --yes

# signers
answers 66 error key rule set cow --signer "$alice" --user root
answers 0 signer signer add alice.pem
answers 0 signer signer add bob.pem --label 'B "ob" \ ä'
answers 0 signer signer add carol.pem
answers 0 signer-list signer list
answers 0 signer signer show "$alice"
has bindings '[]'
answers 0 signer signer retire "$bob" --dry-run
has state '"retired"'
answers 0 signer signer retire "$bob"
answers 0 signer signer restore "$bob"
answers 0 signer signer revoke "$bob" --reason keyCompromise --yes
answers 0 signer signer remove "$carol"

# rules and bindings
answers 0 key-rule key rule set cow --signer "$alice" --user root
answers 0 key-rule key rule widen cow --user daemon
answers 0 key-rule key rule show cow
answers 0 key-rule key rule reset cow
bind=(image bind cow --match /apps/cow.sif --signer "$alice" --key cow --allow-user root)
answers 0 binding "${bind[@]}" --dry-run
has allow.users '["root"]'
has allow.groups null
has deny null
has digest null
answers 0 binding "${bind[@]}"
answers 0 binding image bind dog --match /apps/dog.sif --signer "$alice" --everyone --runtime-allow none --deny-group bin \
  --not-after 2999-12-31 --digest "sha256:$(printf %064d 3)"
has deny.groups '["bin"]'
has runtime.allow '[]'
answers 73 error image bind cow --match /apps/other.sif --signer "$alice" --everyone
has kind '"exists"'
answers 0 binding-list image list
answers 0 binding image show dog
answers 0 binding image unbind dog --dry-run
answers 0 binding image unbind dog
mkdir published
echo "published: $WORK/published" >node.yaml
answers 0 published-image-list image published --config "$WORK/node.yaml"
: >published/x.sif
answers 0 unpublication image unpublish x --yes --config "$WORK/node.yaml"
has removed "\"$WORK/published/x.sif\""
has unbound null

# digests
answers 0 digest digest revoke "sha256:$(printf %064d 1)" --reason old --dry-run
has revoked true
answers 0 digest digest show "sha256:$(printf %064d 1)"
has revoked false
has since null
answers 0 digest digest revoke "sha256:$(printf %064d 1)" --reason old
answers 0 digest-list digest list
answers 0 digest digest restore "sha256:$(printf %064d 1)"

# a CA, and trust
answers 0 ca ca init --subject /CN=root --out ca.pem --intermediate /CN=issuing --intermediate-out issuing.pem --algorithm p-256
answers 0 certificate ca issue --host www --out www
answers 0 certificate ca issue --signer dave --out dave
openssl req -new -newkey ed25519 -nodes -keyout e.key -subj /CN=e -out e.csr 2>/dev/null
answers 0 certificate ca sign-csr e.csr --user e --out -
has content "$(python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))["content"]))' "$OUT")"
answers 0 certificate ca renew www.pem --out www2.pem
answers 0 certificate ca revoke dave.pem --reason superseded --dry-run --yes
has state '"revoked"'
answers 0 certificate ca show dave.pem
has revoked_at null
answers 0 certificate ca revoke dave.pem --reason superseded --yes
answers 0 certificate-list ca list
answers 0 ca ca show
answers 0 ca ca show --pem
answers 66 error ca crl --out none/ca.crl
answers 0 crl-list ca crl --out ca.crl
answers 0 crl-list ca crl --authority root --der --out -
answers 0 certificate-list ca expire
answers 0 trust-list trust add-root ca.pem
answers 0 trust-list trust add-intermediate issuing.pem
answers 0 trust-list trust add-crl ca.crl
answers 0 trust-list trust list
has items.0.scope null
id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["items"][0]["id"])' "$OUT")
answers 0 trust-item trust remove "$id" --dry-run
answers 0 trust-item trust remove "$id"
answers 0 trust-sources trust sources
has proxy null
answers 0 trust-sources trust add-source crl http://pki.example.org/root.crl
answers 0 trust-sources trust remove-source http://pki.example.org/root.crl
answers 78 error trust fetch

# nodes and bundles
answers 0 node node show
has node null
answers 0 node-certificate node init --out node.pem
answers 0 node-certificate node show --out -
answers 66 error bundle signer --out none/site.pem
answers 0 bundle-signer bundle signer --out site.pem
answers 73 error bundle signer --out site.pem
answers 0 bundle-signer node trust site.pem
answers 0 bundle bundle export --node node.pem --out bundle
answers 0 bundle-list bundle list
answers 0 node-list node list
answers 0 bundle-content bundle show bundle
has newer true
has taken null
cp -a store other && STORE=$WORK/other
answers 0 bundle-import bundle import bundle --dry-run
has changed true
answers 0 bundle-import bundle import bundle
answers 0 bundle-import bundle import bundle
has changed false
answers 0 node node show
answers 0 bundle-signer node distrust "$(openssl x509 -in site.pem -outform DER | sha256sum | cut -c1-64)"
STORE=$WORK/store
answers 0 node-configuration node check node.yaml

# policies, decisions, logs
cp "$STORE/images.yaml" images.yaml
answers 0 policy-check policy check images.yaml
answers 0 policy-change-list policy diff images.yaml
sed -i 's/root/daemon/' images.yaml
answers 78 policy-check policy check images.yaml
answers 0 policy-change-list policy apply images.yaml --dry-run --force
answers 0 policy-change-list policy apply images.yaml --force
answers 77 explanation explain --user root --image /apps/cow.sif
cat >decisions.yaml <<END
version: 1
tests:
  - {user: root, groups: [], image: /apps/cow.sif, expect: deny}
END
answers 0 decision-test-list test decisions.yaml
answers 0 audit-verification audit verify --changes
answers 0 audit-record-list audit show --changes
answers 0 audit-report audit report --changes
checks=$((checks + 1))
sifctl audit tail --changes -n 3 --json
python3 -c 'import json, sys; assert len([json.loads(line) for line in open(sys.argv[1])]) == 3' "$OUT" || wrong "not three records"
commands[" audit tail"]=lines
answers 0 break-glass breakglass grant --binding cow --user root --ttl 1h --reason 'incident 4711'
id=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["id"])' "$OUT")
answers 0 break-glass-list breakglass list
answers 0 break-glass breakglass end "$id"
cat >shipyard.yaml <<END
global_resources:
  singularity_images:
    unsigned: [library://a/b/c:1]
END
answers 0 shipyard-import import shipyard shipyard.yaml --everyone --dry-run
answers 0 shipyard-import import shipyard shipyard.yaml --everyone
has changed false

# the whole
sifctl doctor --json --config "$WORK/node.yaml"
answers "$?" examination doctor --config "$WORK/node.yaml"
answers 0 backup backup --out backup --password-file pw
answers 0 restore restore backup --password-file pw --dry-run
has kept null
answers 0 restore restore backup --password-file pw --yes
answers 0 ca-restore ca restore backup --password-file pw --yes
answers 0 reseal reseal

# errors, also of command lines that are not understood
answers 64 error
has remedy '"see sifctl --help"'
answers 64 error key show
answers 64 error nonsense
answers 64 error key list --nonsense
answers 66 error key show nothing
has kind '"absent"'
has status 66
has message "\"no key 'nothing' in the keystore\""
golden json-error
has changed false
answers 65 error key import pw --name new
answers 79 error key resume ox
answers 80 error backup --out new
checks=$((checks + 1))
sifctl key list -- --json
[ ! -s "$OUT" ] || wrong "--json behind -- is an argument, not an option"
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" key list --json >/dev/full 2>"$ERR" && wrong "an answer that is lost"
grep -q 'cannot write to the standard output' "$ERR" || wrong "it does not say that the answer is lost"

check "$HERE/valid_json.py" answers/*.json

# Every kind of answer and every command was there.
for kind in $("$HERE/valid_json.py" --kinds); do
  checks=$((checks + 1))
  grep -qh "\"schema\": \"sifguard.$kind/1\"" answers/*.json || case $kind in
    cache | cache-drop | cache-verification | cached-image-list) ;; # in the tests of these commands
    fleet | prefetch | publication | trust-fetch) ;;                       # likewise
    verification | listing | signing) ;;                           # in those of sif-verify, sif-list and sif-sign
    *) wrong "no answer is a $kind" ;;
  esac
done
walk() { # WORDS…: the commands below
  local sub below
  below=$("$SIFCTL" "$@" --help | awk '/^Subcommands:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }')
  [ -n "$below" ] || echo " $*"
  for sub in $below; do walk "$@" "$sub"; done
}
while read -r name; do
  checks=$((checks + 1))
  "$SIFCTL" $name --help | grep -q -- '--json' || wrong "sifctl $name has no --json"
  [ -n "${commands[" $name"]:-}" ] || case $name in
    'cache '* | 'image publish' | 'image prefetch' | 'nodes '* | 'signer fetch') ;; # in tests of their own
    'ca ocsp serve') ;;                                     # becomes another program
    *) wrong "sifctl $name was not asked for JSON" ;;
  esac
done < <(walk)
