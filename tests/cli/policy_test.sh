#!/bin/bash
# sifctl policy check, diff and apply, sifctl test, sifctl digest.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
# shellcheck source=tests/cli/sif.sh
. "$HERE/sif.sh"
command -v gpg >/dev/null || { echo "SKIPPED: gpg is not installed"; exit 77; }
mkdir -m 700 g
trap 'gpgconf --homedir "$WORK/g" --kill all; finish' EXIT
gpg --homedir "$WORK/g" --batch --quiet --passphrase '' --quick-gen-key a@example.org ed25519 sign never 2>/dev/null
gpg --homedir "$WORK/g" --quiet --armor --export a@example.org >a.asc 2>/dev/null
a=$(gpg --homedir "$WORK/g" --with-colons --list-keys 2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')
accept init
accept signer add a.asc
accept key create cow --bits 2048
accept image bind old --match /old.sif --signer "$a" --key cow --allow-user daemon sys
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
# ended STATUS ARGUMENTS…: that status, nothing on stderr.
ended() {
  local want=$1
  shift
  checks=$((checks + 1))
  sifctl "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "sifctl $* ended with $status, not $want"
  [ ! -s "$ERR" ] || wrong "sifctl $* wrote to stderr"
}
masked() { sed -i "s/$a/SIGNER/g" "$OUT" && golden "$1"; }

cat >good.yaml <<END
version: 1
images:
  # the admin's own comment
  - {name: old, match: [/old.sif], signing_key: {fingerprint: $a}, encryption: {key: cow}, allow: {users: [daemon]}}
  - {name: tools, match: [/tools/*], signing_key: {fingerprint: $a}, allow: {partitions: [debug]}}
END
cat >bad.yaml <<END
version: 1
images:
  - {name: old, match: [/old.sif], signing_key: {fingerprint: $a}, encryption: {key: cow}, allow: {users: [bin]}}
  - {name: lost, match: [/x], signing_key: {fingerprint: ${a//[0-9A-F]/0}}, encryption: {key: dog}, allow: {users: [daemon]}, not_after: 2020-01-01}
END
printf 'version: 1\nimages:\n  - {name: x}\n' >broken.yaml

# check
accept policy check good.yaml && golden policy-check
ended 78 policy check bad.yaml && golden policy-check-bad
ended 78 policy check bad.yaml --json && golden policy-check-bad-json
# Bindings that are for the same images: who is left of all
cat >shared.yaml <<END
version: 1
images:
  - {name: all, match: [/apps/**], signing_key: {fingerprint: $a}, allow: {users: [daemon, bin]}}
  - {name: one, match: ["/apps/a*.sif"], signing_key: {fingerprint: $a}, allow: {users: [bin, sys], partitions: [debug]}}
  - {name: other, match: [/home/x.sif], signing_key: {fingerprint: $a}, allow: {users: [sys]}}
END
accept policy check shared.yaml
says "shared.yaml: 'all' and 'one' are all for /apps/ax.sif, so all must allow, which leaves users bin; partitions debug"
accept policy check shared.yaml --json && golden policy-check-shared-json
sed 's/users: .bin, sys./users: [sys]/' shared.yaml >nobody.yaml
ended 78 policy check nobody.yaml
says "nobody.yaml:4: binding 'one': with 'all' it leaves nobody for /apps/ax.sif, which all of them are for: 'all' allows users daemon bin, 'one' allows users sys"
says "nobody.yaml: 3 bindings, 1 problem"
unchanged 78 "nobody.yaml:4: binding 'one': with 'all' it leaves nobody for *; --force applies it*" policy apply nobody.yaml
sed 's/partitions: .debug.}/partitions: [debug]}, deny: {partitions: [debug, secure]}/' shared.yaml >denied.yaml
ended 78 policy check denied.yaml
says "binding 'one': it leaves nobody: 'one' denies partitions debug secure, which is all of users bin sys; partitions debug"
sed 's/daemon, bin.}/daemon, bin]}, not_after: 2020-01-01/' shared.yaml >over.yaml
ended 78 policy check over.yaml
says "binding 'one': with 'all' it leaves nobody for /apps/ax.sif, which all of them are for: 'all' ended on 2020-01-01"
sed "s/{fingerprint: $a}, allow: {users: .bin, sys/{fingerprint: ${a//[0-9A-F]/0}, signatures: all}, allow: {users: [bin, sys/" shared.yaml >strangers.yaml
ended 78 policy check strangers.yaml
says "binding 'one': with 'all' it leaves nobody for /apps/ax.sif, which all of them are for: 'all' requires signatures of $a, 'one' those of ${a//[0-9A-F]/0}, and nobody else"
refuse 78 "broken.yaml:3: *" policy check broken.yaml
refuse 66 "cannot open missing: *" policy check missing
# Typing errors of names are told, and no problem.
sed 's/partitions: \[debug\]}/partitions: [debug], groups: [nosuchgroup, daemon]}, deny: {users: [nosuchone, daemon]}/' good.yaml >typo.yaml
checks=$((checks + 1))
sifctl policy check typo.yaml || wrong "an unknown user is a problem"
grep -qx "sifctl: not known on this host, check the spelling: user nosuchone, group nosuchgroup" "$ERR" || wrong "no note"
head -c 17000000 /dev/zero >huge
refuse 65 "huge is larger than *" policy check huge

# diff
accept policy diff good.yaml && masked policy-diff
accept policy diff good.yaml --json && masked policy-diff-json
accept policy diff "$STORE/images.yaml" && says "no binding changes"
refuse 78 "broken.yaml:3: *" policy diff broken.yaml

# apply
unchanged 78 "broken.yaml:3: *" policy apply broken.yaml
unchanged 78 "broken.yaml:3: *" policy apply broken.yaml --force
unchanged 78 "bad.yaml:3: binding 'old': the key 'cow''s own rule refuses: * (and 3 more); see sifctl policy check; --force*" \
  policy apply bad.yaml
before=$(state)
checks=$((checks + 1))
sifctl policy apply good.yaml --dry-run
grep -qx "sifctl: nothing was changed: --dry-run" "$ERR" || wrong "--dry-run is not said"
masked policy-diff
check test "$(state)" = "$before"
cp "$STORE/images.yaml" first.yaml
accept policy apply good.yaml && masked policy-diff
check cmp good.yaml "$STORE/images.yaml"
check cmp first.yaml "$STORE/images.yaml.prev"
check test "$(stat -c %a "$STORE/images.yaml.prev")" = 600
accept policy apply good.yaml && says "no binding changes"
check cmp first.yaml "$STORE/images.yaml.prev"
accept policy apply "$STORE/images.yaml.prev"
check cmp first.yaml "$STORE/images.yaml"
checks=$((checks + 1))
sifctl policy apply bad.yaml --force || wrong "--force does not force"
check cmp bad.yaml "$STORE/images.yaml"
printf broken >"$STORE/images.yaml"
checks=$((checks + 1))
sifctl policy apply good.yaml || wrong "a broken file cannot be replaced"
check cmp good.yaml "$STORE/images.yaml"

# Two at once: the one waits for the other.
flock "$STORE/.images.lock" sleep 1 &
accept policy apply first.yaml
accept policy apply good.yaml
wait

# test
cat >table.yaml <<END
version: 1
tests:
  - {user: daemon, groups: [bio], image: /old.sif, expect: allow, binding: old}
  - {user: bin, groups: [bio], image: /old.sif, expect: deny, binding: old}
  - {user: bin, groups: [bio], partition: debug, image: /tools/x, expect: allow, binding: tools}
  - {user: bin, groups: [bio], image: /tools/x, expect: deny, binding: tools}
  - {user: bin, groups: [bio], image: /nothing, expect: deny}
END
accept test table.yaml && says "5 of 5 decisions as expected"
sed 's/allow, binding: old/deny, binding: old/; s/deny, binding: tools/deny, binding: old/' table.yaml >wrong.yaml
ended 65 test wrong.yaml && golden test-wrong
ended 65 test wrong.yaml --json && golden test-wrong-json
accept test table.yaml --policy good.yaml
ended 65 test table.yaml --policy bad.yaml
cat >second.yaml <<END
version: 1
tests:
  - {user: daemon, groups: [], image: /old.sif, expect: allow}
  - {user: daemon, groups: [], image: /tools/x, partition: debug, at: 2026-01-31, expect: allow, binding: tools}
END
accept test second.yaml && says "2 of 2 decisions as expected"
printf 'version: 1\ntests: []\n' >empty.yaml
refuse 78 "empty.yaml:2: tests: no test in the table" test empty.yaml
printf 'version: 1\ntests:\n  - {user: no-such-user, image: /x, expect: allow}\n' >nobody.yaml
refuse 66 "nobody.yaml:3: no user 'no-such-user' on this host; *" test nobody.yaml
refuse 66 "cannot open missing: *" test missing
refuse 78 "broken.yaml:3: *" test table.yaml --policy broken.yaml

# digest
make_sif image.sif 2 '0x4007:1:0::some data'
d=sha256:$(sha256sum image.sif | cut -c1-64)
accept digest list && golden digest-list-empty
unchanged 64 "--reason is required; *" digest revoke "$d"
unchanged 64 "give either a digest or --image" digest revoke --reason x
unchanged 64 "give either a digest or --image" digest revoke "$d" --image image.sif --reason x
unchanged 64 "not a digest: 'sha256:00'; *" digest revoke sha256:00 --reason x
unchanged 64 "not a digest: 'sha512:${d#*:}'; *" digest revoke "sha512:${d#*:}" --reason x
unchanged 64 "the reason must be one line *" digest revoke "$d" --reason $'a\nb'
accept digest restore "$d" && says "$d is not revoked: no change"
unchanged 66 "cannot open missing: *" digest revoke --image missing --reason x
unchanged 66 "store is not a regular file" digest revoke --image store --reason x
# What is not the image itself: it would be revoked, and the image run on.
: >empty
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 1\n' 1 >pointer
printf '<!DOCTYPE html>\n<html></html>\n' >page
gzip -c image.sif >packed
tar -cf archive image.sif
head -c 100 image.sif >./head
head -c -1 image.sif >piece
printf hello >nothing
while read -r file what; do
  unchanged 65 "$file: $what" digest revoke --image "$file" --reason x
done <<'END'
empty not a Singularity image (SIF): it is empty; was it written whole?
pointer not a Singularity image (SIF): it is a Git LFS pointer, not the file it stands for; fetch the file itself: git lfs pull
page not a Singularity image (SIF): it is an HTML page; *
packed not a Singularity image (SIF): it is compressed (gzip); gzip -d
archive not a Singularity image (SIF): it is a tar archive; *
nothing not a Singularity image (SIF); name the image itself
head cut short, only the beginning of a Singularity image (SIF); *sha256sum FILE
piece cut short, only the beginning of a Singularity image (SIF); *sha256sum FILE
END
accept digest show --image pointer && says "revoked  no"
accept digest restore --image pointer && says "is not revoked: no change"
accept digest revoke --image image.sif --reason 'CVE-1: use the next one' && says "revoked $d"
accept digest revoke "$d" --reason again && says "is revoked already: no change" && says "its reason stays: "
accept digest list && golden digest-list
accept digest list --json && golden digest-list-json
accept digest show "$d" && says "reason   CVE-1: use the next one"
accept digest show --image image.sif --json && says '"revoked": true'
accept digest show "sha256:$(printf 'e%.0s' {1..64})" && says "revoked  no"
unchanged 64 "give either a digest or --image" digest show
checks=$((checks + 1))
accept image bind pinned --match /p --signer "$a" --everyone --digest "$d"
accept digest restore $'\u200e'"SHA256: $(sed 's/../&:/g; s/:$//' <<<"${d#*:}" | tr a-f A-F)"$'\u00a0' && says "no longer revoked: $d"
sifctl digest revoke "$d" --reason again
grep -q "the binding 'pinned' is for this image alone, and refuses now" "$ERR" || wrong "the binding is not named"
echo broken >"$STORE/revoked.json"
unchanged 78 "$STORE/revoked.json: *" digest list
unchanged 78 "$STORE/revoked.json: *" digest revoke "sha256:${d:7:63}0" --reason x
