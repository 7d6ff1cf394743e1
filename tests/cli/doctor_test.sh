#!/bin/bash
# sifctl doctor: each check on a host and a keystore made for it. Certificates and lists by openssl.
# shellcheck disable=SC2046  # what $(only …) prints are words
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }

cat >config.yaml <<END
keystore: $STORE
audit_file: $WORK/audit.jsonl
END
# What this host has or lacks is not the test's: the parts below ask for it one by one.
host=(--skip plugstack --skip programs --skip account --skip versions --skip sandbox --skip mounts)
only() {   # only CHECK: the options that leave out all checks but this one
  local each
  for each in permissions store-key expiry signers files keys launches published leftovers plugstack enforcement programs account versions sandbox mounts audit-log break-glass bindings; do
    [ "$each" = "$1" ] || printf '%s\n' --skip "$each"
  done
}
# examine STATUS ARGUMENTS…: that status, nothing on stderr
examine() {
  local want=$1
  shift
  checks=$((checks + 1))
  sifctl doctor --config "$WORK/config.yaml" "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "doctor $* ended with $status, not $want"
  [ ! -s "$ERR" ] || wrong "doctor $* wrote to stderr"
}
# Below the findings stands what was looked at.
findings() { sed '/^looked at /,$d' "$OUT" | tail -n +2; }
# finds STATUS SEVERITY PATTERN ARGUMENTS…: one finding, this one
finds() {
  local status=$1 severity=$2 pattern=$3
  shift 3
  examine "$status" "$@"
  checks=$((checks + 1))
  [ "$(findings | wc -l)" = 1 ] || wrong "not one finding"
  # shellcheck disable=SC2053
  [[ $(findings) == $severity\ *$pattern ]] || wrong "not found: $severity $pattern"
}

refuse 64 "*--days*" doctor --days soon
refuse 64 "*--skip*" doctor --skip everything
finds 2 problem "keystore: cannot open $STORE: No such file or directory; *" "${host[@]}"

# A keystore with nothing to complain of
accept init
openssl genpkey -quiet -algorithm ED25519 -out raw.key && openssl pkey -in raw.key -pubout -out raw.pem
spki=spki:$(openssl pkey -in raw.key -pubout -outform DER | sha256sum | cut -d' ' -f1)
accept signer add raw.pem
accept key create cow --bits 2048
mkdir -p apps/deep && : >apps/deep/cow.sif
accept image bind cow --match "$WORK/apps/**/c?w.sif" --signer "$spki" --key cow --everyone
examine 0 "${host[@]}" && golden doctor-well
examine 0 "${host[@]}" --json && golden doctor-well-json
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" doctor --help >"$OUT" && golden help-doctor

# break-glass
accept breakglass grant --binding cow --user root --ttl 1h --reason 'incident 4711'
id=$(cut -d: -f1 "$OUT")
finds 1 warning "the user root may pass the binding 'cow' until 20*Z (given by *: incident 4711); if it is over: sifctl breakglass end $id" \
  "${host[@]}"
finds 1 warning "the user root may pass *" $(only break-glass)
accept breakglass end "$id"
echo '{' >"$STORE/breakglass.json"
finds 1 warning "$STORE/breakglass.json: *" $(only break-glass)
rm "$STORE/breakglass.json"

# permissions
store_key=$(echo "$STORE"/store-*.key)
entry=$(echo "$STORE"/keys/*)
chmod 640 "$store_key"
finds 2 problem "$store_key is accessible to group or others; chmod 0600 $store_key" $(only permissions)
chmod 600 "$store_key" && chmod 755 "$STORE"
finds 1 warning "$STORE can be entered by group or others; chmod 0700 $STORE" "${host[@]}"
chmod 700 "$STORE" && chmod 664 "$entry/public.pem"
finds 2 problem "$entry/public.pem is writable by group or others; chmod go-w $entry/public.pem" "${host[@]}" --skip store-key --skip expiry
chmod 644 "$entry/public.pem" && chmod 775 .
examine 2 $(only permissions)
says "keystore: $WORK is writable by group or others; chmod go-w $WORK"
chmod 755 . && ln -s /dev/null "$STORE/trust"
finds 2 problem "$STORE/trust is neither a file nor a directory; *" $(only permissions)
rm "$STORE/trust"

# The store key and what is under it
mv "$store_key" away
finds 2 problem "*cannot open $store_key: No such file*" "${host[@]}"
mv away "$store_key" && cp -a "$entry/private.key" away
printf xxxxxxxx | dd of="$entry/private.key" bs=1 seek=60 conv=notrunc status=none
finds 2 problem "*$entry/private.key: *; *restore *" "${host[@]}"
cp -a away "$entry/private.key" && examine 0 "${host[@]}"

# What ends
authority() {   # authority NAME DAYS
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out "$1.pem" \
    -subj "/CN=$1" -days "$2" 2>/dev/null
}
authority root 20
accept trust add-root root.pem
finds 1 warning "the root CA 'CN=root' ends on 20*Z, in * days; *sifctl trust add-root" "${host[@]}"
examine 0 "${host[@]}" --days 10
printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'crlnumber=number' 'default_md=sha256' >crl.cnf
: >index; echo 01 >number
openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.pem -out crl.pem -crldays 7 2>/dev/null
accept trust add-crl crl.pem
examine 0 "${host[@]}" --days 10   # with a week before it, and all of its life left
openssl ca -config crl.cnf -gencrl -keyfile root.key -cert root.pem -out crl.pem \
  -crl_lastupdate 20240101000000Z -crl_nextupdate 20240201000000Z 2>/dev/null
sha=$(basename "$(echo "$STORE"/trust/crls/*)")
cp crl.pem "$STORE/trust/crls/$sha"
finds 2 problem "the revocation list of 'CN=root' ended on 2024-02-01T00:00:00Z, * days ago; *add-crl" "${host[@]}" --days 10
echo "revocation: 'off'" >>config.yaml
finds 1 warning "the revocation list of *" "${host[@]}" --days 10
rm -r "$STORE/trust"
printf '%s\n' extendedKeyUsage=codeSigning >ext
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout carol.key -out carol.csr -subj /CN=carol 2>/dev/null
openssl x509 -req -in carol.csr -CA root.pem -CAkey root.key -CAcreateserial -days 5 -extfile ext -out carol.pem 2>/dev/null
accept signer add carol.pem
finds 1 warning "the signer 'CN=carol' ends on 20*, in * days; add the certificate that follows*" "${host[@]}"
accept signer remove "cert:$(openssl x509 -in carol.pem -outform DER | sha256sum | cut -d' ' -f1)"
finds 1 warning "the certificate of the key 'cow' ends on *; encrypt new images for another: sifctl key rotate cow" \
  "${host[@]}" --days 3660

# Bindings
accept image bind calf --match "$WORK/apps/calf.sif" --signer "$spki" --everyone
finds 1 warning "no file on this host matches the binding 'calf' ($WORK/apps/calf.sif); *" "${host[@]}"
accept image unbind calf
accept image bind remote --match oras://registry.example.org/x/y:1 --signer "$spki" --everyone
examine 0 "${host[@]}"
checks=$((checks + 1))
sifctl signer remove "$spki" || wrong "remove failed"
examine 2 "${host[@]}"
says "images.yaml:4: binding 'cow': the signer $spki is not in the keystore; correct the binding"
accept signer add raw.pem
accept key create ox --bits 2048
finds 1 warning "no binding uses the key 'ox'; *" "${host[@]}"
accept key retire ox && accept key destroy ox --yes
examine 0 "${host[@]}"
checks=$((checks + 1))
sifctl key suspend cow || wrong "suspend failed"
finds 2 problem "binding 'cow': the key 'cow' is suspended; *" "${host[@]}"
sifctl key resume cow
examine 0 "${host[@]}"

# Whether any launch could pass: nobody is left, or the one image is revoked
accept image bind more --match "$WORK/apps/deep/cow.sif" --signer "$spki" --key cow --everyone \
  --digest sha256:$(printf x | sha256sum | cut -d' ' -f1)
examine 0 "${host[@]}"
says "could launch   3 of 3 bindings"
sifctl digest revoke sha256:$(printf x | sha256sum | cut -d' ' -f1) --reason test
finds 2 problem "no launch passes by the binding 'more': the one image that it is for is revoked (test); *" "${host[@]}"
says "could launch   2 of 3 bindings (not more: the one image that it is for is revoked (test))"
examine 2 "${host[@]}" --json
says '"name": "cow",
      "passes": true,
      "until": null,
      "why": null'
says '"name": "more",
      "passes": false,
      "until": null,
      "why": "the one image that it is for is revoked (test)"'
says '"ca_certificates": 0,'
accept image unbind more
accept digest restore sha256:$(printf x | sha256sum | cut -d' ' -f1)
cp "$STORE/images.yaml" kept-images
sed 's/{users: \["\*"\]}/{users: [daemon]}/; /remote/,$d' kept-images >mine
grep -q 'users: \[daemon\]' mine || sed -i 's/users: .*/users: [daemon]/' mine
cat >>mine <<END
  - name: fence
    match: ["$WORK/apps/**"]
    signing_key: {public_key: $spki}
    allow: {users: [bin]}
END
cp mine "$STORE/images.yaml"
finds 2 problem "binding 'fence': with 'cow' it leaves nobody for $WORK/apps/c*w.sif, which all of them are for: 'cow' allows users daemon, 'fence' allows users bin; *" "${host[@]}"
says "could launch   1 of 2 bindings (not cow: nobody may launch what it is for: *)"
cp kept-images "$STORE/images.yaml"

# What interrupted commands leave
mkdir "$STORE/keys/.tmp-0123" && touch "$STORE/.images.yaml.01.tmp" "$STORE/store-x.key" && chmod 600 "$STORE/store-x.key"
mkdir "$STORE.before-restore" .sifguard-init-1
mkdir "$STORE/bundle-signers" && touch "$STORE/bundle-signers/.x.tmp"
examine 1 "${host[@]}" && golden doctor-leftovers
rm -r "$STORE/bundle-signers"
rm -r "$STORE/keys/.tmp-0123" "$STORE/.images.yaml.01.tmp" "$STORE/store-x.key" "$STORE.before-restore" .sifguard-init-1

# Outputs that a killed command could not leave without a name: told where this keystore's commands are known to write.
noise=0123456789abcdef
tells_output() { # tells_output DIRECTORY NAME
  finds 1 warning "$1/.$2.$noise.tmp was left by an interrupted command that was to write $1/$2: it may hold a private key; the next command that writes $1/$2 overwrites and removes it; or do so by hand: shred -u $1/.$2.$noise.tmp" "${host[@]}"
}
mkdir else && echo secret >"else/.amy.key.$noise.tmp"
examine 0 "${host[@]}" # where nobody knows of it
(cd else && "$SIFCTL" --keystore "$STORE" doctor --config "$WORK/config.yaml" "${host[@]}") >"$OUT"
says "$WORK/else/.amy.key.$noise.tmp was left by an interrupted command"
printf '{"id":"x","prefix":"%s/key"}\n' "$WORK/else" >"$STORE/.key-next-x"
tells_output "$WORK/else" amy.key
rm "$STORE/.key-next-x" && mv "else/.amy.key.$noise.tmp" .
tells_output "$WORK" amy.key
exec 7<".amy.key.$noise.tmp" && flock 7
examine 0 "${host[@]}" # somebody is at it
exec 7<&-
mv ".amy.key.$noise.tmp" ".before-amy.key.$noise.tmp"
finds 1 warning "$WORK/.before-amy.key.$noise.tmp is what $WORK/amy.key was before an interrupted command that was to replace it; give it its name again: mv $WORK/.before-amy.key.$noise.tmp $WORK/amy.key" "${host[@]}"
: >amy.key
finds 1 warning "$WORK/.before-amy.key.$noise.tmp was left by an interrupted command that was to write $WORK/amy.key: *" "${host[@]}"
rm amy.key ".before-amy.key.$noise.tmp"
for name in ".amy.key.${noise%f}.tmp" ".amy.key.${noise%f}F.tmp" ".$noise.tmp" "amy.key.$noise.tmp" ".amy.key.$noise"; do : >"$name"; done
mkdir ".amy.$noise.tmp" && ln -s /etc/passwd ".bob.$noise.tmp"
examine 0 "${host[@]}" # names of others, and what is no file
rm -rf .amy* .bob* ".$noise.tmp" "amy.key.$noise.tmp" else

# Of what lies beside, what is in it is told.
beside="$STORE.before-restore is the keystore from before a restore; it"
cp -al "$STORE" "$STORE.before-restore"
finds 1 warning "$beside has nothing but second names of the keystore's own files: the next sifctl restore removes it" "${host[@]}"
rm -r "$STORE.before-restore/keys" && echo "# other" >"$STORE.before-restore/new"
finds 1 warning "$beside holds no private keys; when nothing of it is missed: rm -r $STORE.before-restore" "${host[@]}"
mkdir -p "$STORE.before-restore/keys/x" && echo x >"$STORE.before-restore/keys/x/private.key"
finds 1 warning "$beside holds private keys, perhaps the only copy of some: *" "${host[@]}"
rm -r "$STORE.before-restore"
# An init that was killed: named as what it is, and removed by the next one.
"$SIFCTL" --keystore "$WORK/other" init >init.out && rm other/*audit* other/.audit* && mv other .sifguard-init-0123
finds 1 warning "$WORK/.sifguard-init-0123 was left by an interrupted sifctl init: a new keystore, and a store key that encrypts nothing; the next sifctl init beside it overwrites and removes it: sifctl --keystore $STORE init" "${host[@]}"
exec 9<.sifguard-init-0123 && flock 9
examine 0 "${host[@]}" # somebody works in it
exec 9<&-
accept init && says "is a keystore already: no change"
check test ! -e .sifguard-init-0123

# A certificate that the CA's index does not know.
sifctl ca init --subject /CN=root --out ca-root.pem --algorithm p-256 || wrong "no CA"
examine 0 "${host[@]}"
lost=$STORE/ca/certificates/00112233445566778899aabbccddeeff
(umask 077 && mkdir -p "${lost%/*}") && install -m 600 ca-root.pem "$lost"
finds 1 warning "$lost is a certificate that the CA's index does not know: *; if anybody has it, *; otherwise rm $lost" "${host[@]}"
rm "$lost"
# And the reverse.
for name in fred gail; do sifctl ca issue --signer $name --out $name || wrong "no certificate"; done
serial() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr A-F a-f; }
rm "$STORE/ca/certificates/$(serial fred.pem)"
finds 1 warning "$STORE/ca/certificates lacks a certificate that the CA's index names: $(serial fred.pem) ('fred'); bring them back from a backup: sifctl ca restore FILE; *" "${host[@]}"
rm -r "$STORE/ca/certificates"
finds 1 warning "$STORE/ca/certificates lacks 2 certificates that the CA's index names: $(serial fred.pem) ('fred'), …; *" "${host[@]}"
rm -r "$STORE/ca" ca-root.pem fred.* gail.*

# The configuration
echo "keystroke: x" >>config.yaml
finds 2 problem "sifguard.yaml:4: unknown field 'keystroke'; did you mean 'keystore'*" $(only leftovers)
sed -i '$d' config.yaml
sed -i "s#^keystore: .*#keystore: /elsewhere#" config.yaml
finds 1 warning "launches on this host use the keystore /elsewhere, not the one examined; *" $(only leftovers)
sed -i "s#^keystore: .*#keystore: $STORE#" config.yaml

# The audit log
: >audit.jsonl && chmod 666 audit.jsonl
finds 2 problem "the audit log $WORK/audit.jsonl is writable by group or others; *" $(only audit-log)
rm audit.jsonl && mkdir audit.jsonl
finds 2 problem "the audit log $WORK/audit.jsonl cannot be written; *" $(only audit-log)
rmdir audit.jsonl && sed -i "s#^audit_file: .*#audit_file: $WORK/none/audit.jsonl#" config.yaml
finds 2 problem "cannot open $WORK/none: No such file*" $(only audit-log)

# The account
echo "verifier_user: no-such-user" >>config.yaml
finds 2 problem "there is no account 'no-such-user'; useradd *" $(only account)
sed -i '$d' config.yaml && echo "verifier_user: daemon" >>config.yaml
examine 0 $(only account)

# plugstack.conf
plug=(--plugstack "$WORK/plugstack.conf")
finds 2 problem "cannot open $WORK/plugstack.conf: No such file*" "${plug[@]}" $(only plugstack)
mkdir plug.d
printf '%s\n' '# a comment' 'required other.so' 'include plug.d/*.conf' >plugstack.conf
finds 2 problem "neither $WORK/plugstack.conf nor what it includes loads the plugin; *" "${plug[@]}" $(only plugstack)
echo "#required $WORK/spank_sifguard.so" >plug.d/sifguard.conf
finds 2 problem "neither *" "${plug[@]}" $(only plugstack)
echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml # here" >plug.d/sifguard.conf
finds 2 problem "cannot open $WORK/spank_sifguard.so: No such file*" "${plug[@]}" $(only plugstack)
version=$("$SIFCTL" --version | cut -d' ' -f2)
printf 'ELF\0sifguard-plugin-version=%s\0rest' "$version" >spank_sifguard.so
examine 0 "${plug[@]}" $(only plugstack)
sed -i 's/required/optional/' plug.d/sifguard.conf
finds 2 problem "the plugin is optional: *; write required instead of optional" "${plug[@]}" $(only plugstack)
echo "required $WORK/spank_sifguard.so" >plug.d/sifguard.conf
finds 1 warning "the plugin uses the configuration /etc/sifguard/sifguard.yaml, not the one examined; *" "${plug[@]}" $(only plugstack)
# The second file, for what depends on a job's account, partition, QOS or reservation
both=(--plugstack "$WORK/both.conf")
first="required $WORK/spank_sifguard.so config=$WORK/config.yaml"
second="required $WORK/spank_sifguard_job.so"
printf '%s\n' "$first" "$second" >both.conf
examine 2 "${both[@]}" $(only plugstack)
says "cannot open $WORK/spank_sifguard_job.so: No such file"
cp spank_sifguard.so spank_sifguard_job.so
finds 1 warning "nothing depends on what spank_sifguard_job.so writes down, and slurmd starts two processes more for every job; take its line out*" "${both[@]}" $(only plugstack)
accept image bind part --match "$WORK/part.sif" --signer "$spki" --everyone --allow-partition secure
examine 0 "${both[@]}" $(only plugstack)
echo "$first" >both.conf
finds 1 warning "binding 'part' depends on a job's account, partition, QOS or reservation, and spank_sifguard_job.so, which writes them down, is not loaded: for each step squeue asks *; add the line: required /PATH/spank_sifguard_job.so, and restart slurmd" "${both[@]}" $(only plugstack)
accept image unbind part
examine 0 "${both[@]}" $(only plugstack)
cp config.yaml kept.yaml && echo 'enforce: {partitions: [secure]}' >>config.yaml
finds 1 warning "'enforce' depends on a job's account, *" "${both[@]}" $(only plugstack)
echo "$second" >>both.conf
examine 0 "${both[@]}" $(only plugstack)
cp kept.yaml config.yaml
echo "$second" >both.conf
finds 2 problem "neither $WORK/both.conf nor what it includes loads the plugin; *" "${both[@]}" $(only plugstack)
rm both.conf spank_sifguard_job.so

echo 'include *.conf' >plug.d/sifguard.conf
finds 2 problem "* is included too deep; *" "${plug[@]}" $(only plugstack)

for word in enforc Enforce enforce=yes verbose helper=here state=; do
  echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml $word" >plug.d/sifguard.conf
  finds 2 problem "the plugin does not know the argument '$word'; write enforce, helper=/PATH, *" "${plug[@]}" $(only plugstack)
done
echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml enforce state=$WORK/state" >plug.d/sifguard.conf
examine 0 "${plug[@]}" $(only plugstack)

# What is enforced: nobody says otherwise, and users cannot trace their way out
cp config.yaml kept.yaml
enforcing() {   # enforcing ARGUMENTS CONFIGURATION-LINE…
  echo "required $WORK/spank_sifguard.so config=$WORK/config.yaml state=$WORK/state $1" >plug.d/sifguard.conf
  cp kept.yaml config.yaml
  shift
  printf '%s\n' "$@" >>config.yaml
}
enforcing '' 'Enforce: always'
finds 2 problem "unknown field 'Enforce'; *no images are enforced on this host, until then" "${plug[@]}" $(only enforcement)
enforcing enforce 'Enforce: always'
finds 2 problem "unknown field 'Enforce'; *every step on this host refuses until then" "${plug[@]}" $(only enforcement)
enforcing '' 'enforce: requested'
examine 0 "${plug[@]}" $(only enforcement)
enforcing enforce 'enforce: requested'
finds 2 problem "sifguard.yaml says 'enforce: requested', plugstack.conf says 'enforce': every step on this host refuses; *" "${plug[@]}" $(only enforcement)
if [ "$(id -u)" = 0 ]; then
  if ! grep -qs '[1-3]' /proc/sys/kernel/yama/ptrace_scope; then
    printf '\177ELF' >runtime && chmod 755 runtime
    enforcing enforce 'enforce: always' "runtime: $WORK/runtime"
    examine 2 "${plug[@]}" $(only enforcement)
    says "users can trace what starts them: "
    says "chmod 0711 these, or sysctl kernel.yama.ptrace_scope=1; the steps that are enforced refuse until then"
    slurm_has() {  # NODES PARTITIONS: what sinfo answers
      printf '%s\n' '#!/bin/sh' 'echo "$*" >>'"$WORK/asked" "case \$* in *--Node*) printf '$1' ;; *) printf '$2' ;; esac" >sinfo
      chmod 755 sinfo
    }
    slurm_has 'n1 main\nn1 secure\nn2 secure\nn3 secure\nn3 main\n' 'main\nsecure\n'
    enforcing enforce 'enforce: {partitions: [secure]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "node n1, and 1 more, is in partition secure, which enforces images, and in main, which does not: "
    check test "$(cat asked)" = $'--noheader --all --format=%R\n--noheader --all --Node --format=%N %R'
    check bash -c "! grep -q 'which Slurm does not have' '$OUT'"
    slurm_has 'n1 secure\nn2 main\n' 'secure\nmain\n'
    sifctl doctor --config "$WORK/config.yaml" "${plug[@]}" $(only enforcement)
    check bash -c "! grep -q 'which enforces images' '$OUT'"
    enforcing enforce 'enforce: {partitions: [Secure, main]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "'enforce' names partition Secure, which Slurm does not have; write it as 'sinfo"
    enforcing enforce 'enforce: {partitions: [Secure, secrue]}' "squeue: $WORK/squeue"
    examine 2 "${plug[@]}" $(only enforcement)
    says "'enforce' names partition Secure, which Slurm does not have: no step of this host is enforced"
    says "'enforce' names partition secrue, which Slurm does not have: no step of this host is enforced"
    rm sinfo
    examine 2 "${plug[@]}" $(only enforcement)
    says "whether Slurm has the partitions that enforce images is not known"
    says "whether other partitions share nodes with those that enforce is not known"
    rm runtime
  fi
  enforcing '' 'enforce: always' "runtime: $WORK/none"
  examine 2 "${plug[@]}" $(only enforcement)
  says "nothing but this file says yet that this host enforces images"
  mkdir state && : >"state/enforcement.$(uname -n)"
  examine 2 "${plug[@]}" $(only enforcement)
  says "what this host remembers of sifguard.yaml, in $WORK/state/enforcement.*, is damaged"
  enforcing ''
  : >config.yaml
  examine 2 "${plug[@]}" $(only enforcement)
  says "problem   enforcement    the node's configuration is gone or empty, and it enforced images before: every step on this host refuses"
  enforcing '' 'Enforce: always'
  finds 2 problem "unknown field 'Enforce'; *every step on this host refuses until then" "${plug[@]}" $(only enforcement)
  rm -r state
else
  echo "SKIPPED, NOT TESTED: what a host remembers, and tracing (needs root)"
fi
cp kept.yaml config.yaml

# node check
accept node check config.yaml && says "$WORK/config.yaml: no step must name an image (the file does not say 'enforce')"
: >silent.yaml
accept node check silent.yaml && says "$WORK/silent.yaml: no step must name an image (the file is empty: a node that enforced images before refuses every step with it)"
echo 'enforce: {partitions: [a, b]}' >enforcing.yaml
accept node check enforcing.yaml && says "every step must name an image in a, b"
accept node check enforcing.yaml --json && says '"enforce": "partitions"'
echo 'enforce: {partitions: ["secure*"]}' >enforcing.yaml
refuse 78 "sifguard.yaml:1: enforce: partitions: not a partition's name: 'secure*' (*); patterns*" node check enforcing.yaml
echo 'enforce: always' >enforcing.yaml
accept node check "$WORK/enforcing.yaml" && says "every step must name an image"
accept node check "$WORK/none.yaml" && says "is absent, so the defaults count"
echo 'Enforce: always' >enforcing.yaml
refuse 78 "sifguard.yaml:1: unknown field 'Enforce' (*); did you mean 'enforce'*" node check enforcing.yaml
ln -sf /nonexistent linked.yaml
refuse 78 "$WORK/linked.yaml is a symbolic link (*); *" node check linked.yaml

# Programs and versions, which are run, and so must be root's
if [ "$(id -u)" = 0 ]; then
  program() {   # program NAME LINE: prints it
    printf '#!/bin/sh\necho "%s"\n' "$2" >"$1" && chmod 755 "$1"
  }
  program helper "sifguard-helper $version"
  echo "required $WORK/spank_sifguard.so helper=$WORK/helper" >plug.d/sifguard.conf
  examine 0 "${plug[@]}" $(only versions)
  walls() {   # walls LINES: what the helper says of the node, one a line
    printf '#!/bin/sh\n[ "$1" = walls ] || exit 1\ncat <<"END"\n%s\nEND\n' "$1" >helper && chmod 755 helper
  }
  given=$'processes\tgiven\nipc\tgiven\nfilter\tgiven\nlandlock\tgiven'
  walls $'network\tgiven\nmounts\tgiven\n'"$given"
  examine 0 "${plug[@]}" $(only sandbox)
  walls $'network\trefused\tNo space left on device\nmounts\tgiven\n'"$given"
  finds 1 warning "the node allows no network namespace (No space left on device): the system call filter is used instead (no sockets); set user.max_net_namespaces above 0 to have both" "${plug[@]}" $(only sandbox)
  walls $'network\tgiven\nmounts\trefused\tNo space left on device\n'"$given"
  finds 2 problem "the node allows no mount namespace (No space left on device): no step with an image starts here; *" "${plug[@]}" $(only sandbox)
  walls $'network\tgiven\nmounts\tgiven\nfilter\trefused\tFunction not implemented'
  finds 2 problem "the node does not allow system call filters (Function not implemented): no image is verified here; *" "${plug[@]}" $(only sandbox)
  walls $'landlock\trefused\tFunction not implemented'
  finds 1 warning "the node allows no Landlock (*): mount namespaces and the system call filter are used instead; *" "${plug[@]}" $(only sandbox)
  mounts() { printf '#!/bin/sh\n[ "$1" = mounts ] || exit 1\ncat <<"END"\n%s\nEND\n' "$1" >helper && chmod 755 helper; }
  mounts $'squashfs\trefused\tcannot open /dev/loop-control'
  examine 0 "${plug[@]}" $(only mounts)   # nothing asks for it
  echo 'release: mount' >>config.yaml
  finds 2 problem "no image runs here with release: mount: cannot open /dev/loop-control; *" "${plug[@]}" $(only mounts)
  mounts $'squashfs\tgiven\nowners\trefused\tnot mapped\nfuse\tgiven'
  finds 1 warning "files of root's in mounted images are root's to jobs, and where only root may read them nobody can (not mapped); *" "${plug[@]}" $(only mounts)
  mounts $'squashfs\tgiven\nowners\tgiven\nfuse\trefused\tcannot open /dev/fuse'
  finds 2 problem "no encrypted image runs here with release: mount: cannot open /dev/fuse; *" "${plug[@]}" $(only mounts)
  mounts $'squashfs\tgiven\nowners\tgiven\nfuse\tgiven'
  examine 0 "${plug[@]}" $(only mounts)
  printf '%s\n' 'mount_driver: fuse' "squashfuse: $WORK/sqfs" >>config.yaml
  printf '#!/bin/sh\n[ "$*" = "mounts %s daemon" ] || exit 1\nprintf "fuse\\tgiven\\nsquashfuse\\trefused\\tno uid option\\n"\n' "$WORK/sqfs" >helper
  finds 2 problem "no image runs here with mount_driver: fuse: no uid option; name a squashfuse_ll of version 0.2 or later as 'squashfuse' *" "${plug[@]}" $(only mounts)
  sed -i '/^mount_driver: /d; /^squashfuse: /d' config.yaml
  sed -i '$d' config.yaml
  program helper "sifguard-helper 0.0.1"
  finds 2 problem "the helper is of version 0.0.1, sifctl of $version; install the same version of all" "${plug[@]}" $(only versions)
  program helper "sifguard-helper $version"
  printf 'ELF\0sifguard-plugin-version=9.9.9\0' >spank_sifguard.so
  finds 2 problem "the plugin is of version 9.9.9, sifctl of $version; *" "${plug[@]}" $(only versions)
  printf 'ELF\0sifguard-plugin-version=9.9.8\0' >spank_sifguard_job.so
  printf '%s\n' "required $WORK/spank_sifguard_job.so" >plug.d/sifguard_job.conf
  examine 2 "${plug[@]}" $(only versions)
  says "the plugin is of version 9.9.8, sifctl of $version; "
  says "the plugin is of version 9.9.9, sifctl of $version; "
  rm plug.d/sifguard_job.conf spank_sifguard_job.so
  printf 'ELF' >spank_sifguard.so
  finds 2 problem "the plugin is of version unknown, *" "${plug[@]}" $(only versions)
  printf 'ELF\0sifguard-plugin-version=%s\0' "$version" >spank_sifguard.so
  rm helper
  finds 2 problem "cannot find the program $WORK/helper: *" "${plug[@]}" $(only versions)
  echo "runtime: $WORK/runtime" >>config.yaml
  runtime() {   # runtime SEVERITY PATTERN: what is said of the runtime
    examine "${3:-2}" $(only programs)
    says "$1   programs  $2"
  }
  runtime problem "cannot find the program $WORK/runtime: No such file or directory; install it or correct its path"
  program runtime "apptainer version 1.1.9-1"
  runtime problem "apptainer version 1.1.9-1 is too old: it cannot open images"
  program runtime "singularity version 3.3.0"
  runtime problem "singularity version 3.3.0 is too old: it knows no --pem-path"
  program runtime "nothing of the kind"
  checks=$((checks + 1))
  sifctl doctor --config "$WORK/config.yaml" $(only programs)
  says "$WORK/runtime does not say a version that is known here"
  program runtime "apptainer version 1.4.5"
  sifctl doctor --config "$WORK/config.yaml" $(only programs)
  checks=$((checks + 1))
  ! grep -q "$WORK/runtime" "$OUT" || wrong "complains of a runtime that is new enough"
  chmod 777 runtime
  runtime problem "$WORK/runtime is writable by group or others"
else
  echo "SKIPPED, NOT TESTED: programs and versions (needs root)"
fi
