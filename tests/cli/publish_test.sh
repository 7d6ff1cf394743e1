#!/bin/bash
# sifctl image publish|unpublish|published, on images that others made. What is encrypted, and what nodes make of it,
# is tests/cluster/publish.test.sh. Skips, loudly, without the images.
#   publish_test.sh SIFCTL SIF-SIGN SIF-VERIFY VECTORS
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY VECTORS}
VERIFY=$3 VECTORS=${4:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY VECTORS}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY VECTORS}"
[ -d "$VECTORS/images" ] || { echo "SKIPPED: no images in $VECTORS"; exit 77; }
export ASAN_OPTIONS=detect_leaks=0

printf 'verifier_user: nobody\npublished: %s/published\n' "$WORK" >config
chmod 0755 "$WORK"
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null ||
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
openssl pkey -in key.pem -pubout -out pub.pem
mkdir images && cp "$VECTORS/images/one-group.sif" images/a.sif && chmod 0644 images/a.sif
cp images/a.sif images/unsigned.sif
check "$SIGN" --quiet --key key.pem images/a.sif
cp images/a.sif images/altered.sif
printf xxxxxxxx | dd of=images/altered.sif bs=1 seek=$(($(stat -c %s images/a.sif) / 2)) conv=notrunc status=none
before=$(sha256sum images/a.sif)
accept init
accept signer add pub.pem
signer=$(sed -n 's/^added \(spki:[0-9a-f]*\).*/\1/p' "$OUT")
publish=(image publish --config "$WORK/config")

# refused, and nothing is left
refuse 77 "no binding matches $WORK/images/a.sif; *" "${publish[@]}" images/a.sif
ended() { tail -n 1 "$STORE/audit.jsonl"; }
check grep -q '"event":"failed".*no binding matches' <(ended)
accept image bind a --match "$WORK/images/*.sif" --signer "$signer" --allow-user daemon --not-after 2099-12-31 --contain
refuse 66 "cannot open images/none.sif: *" "${publish[@]}" images/none.sif
refuse 66 "*not a regular file*" "${publish[@]}" images
refuse 65 "*" "${publish[@]}" images/unsigned.sif
refuse 65 "*" "${publish[@]}" images/altered.sif
refuse 64 "not a usable name: '../x'; *" "${publish[@]}" --name ../x images/a.sif
refuse 64 "*" "${publish[@]}"
accept image bind b --match "$WORK/images/a.*" --signer "$signer" --everyone
refuse 77 "more than one binding matches*'a' and 'b'; *" "${publish[@]}" images/a.sif
accept image unbind b
refuse 78 "*" image publish --config "$WORK/none/config" images/a.sif
accept image published --config "$WORK/config"
check test "$(wc -l <"$OUT")" -le 1
check bash -c '[ -z "$(ls -A published 2>/dev/null)" ]'

# a dry run, and in earnest
accept "${publish[@]}" --dry-run images/a.sif
says "would be published as $WORK/published/a.sif"
check bash -c '[ -z "$(ls -A published)" ]'
accept "${publish[@]}" images/a.sif
says "published  $WORK/published/a.sif"
site=$(sed -n 's/^signer *//p' "$OUT")
digest=$(sed -n 's/^digest *sha256://p' "$OUT")
check grep -q '"event":"changed".*"publish"' <(ended)
check test "$digest" = "$(sha256sum <published/a.sif | cut -d' ' -f1)"
check test "$(stat -c %a published/a.sif)" = 444
check test "$before" = "$(sha256sum images/a.sif)"
cp "$STORE/image-signers/spki-${site#spki:}/key.pem" site.pem
check "$VERIFY" --public-key site.pem published/a.sif
check bash -c "! '$VERIFY' --public-key pub.pem published/a.sif"
accept image list --json
cp "$OUT" list.json
check python3 - list.json "$site" "$WORK" <<'END'
import json, sys
bindings = {b["name"]: b for b in json.load(open(sys.argv[1]))["items"]}
old, new = bindings["a"], bindings["published-a"]
assert new["match"] == [sys.argv[3] + "/published/a.sif"], new
assert new["signers"]["any_of"] == [sys.argv[2]] and not new["key"], new
for same in ("allow", "deny", "not_after", "mode", "runtime"): assert old[same] == new[same], same
END
accept image published --json --config "$WORK/config"
says '"name": "a"'
refuse 73 "there is a binding 'published-a' already; *" "${publish[@]}" images/a.sif
accept "${publish[@]}" --name second --json images/a.sif
says '"binding": "published-second"'
valid publication
accept "${publish[@]}" --name third --json --dry-run images/a.sif
says '"site_signer": null'
valid publication

# one name is given once: to the first of those that ask at the same time, and never over a file that is there
for i in 1 2 3 4; do
  (setsid -w "$SIFCTL" --keystore "$STORE" "${publish[@]}" --name race images/a.sif >race.$i 2>&1 </dev/null; echo $? >race.rc.$i) &
done
wait
check test "$(sort race.rc.* | tr '\n' ' ')" = "0 73 73 73 "
sifctl image published --json --config "$WORK/config"
says "\"sha256:$(sha256sum <published/race.sif | cut -d' ' -f1)\""
echo precious >published/foreign.sif
refuse 73 "there is a file $WORK/published/foreign.sif already; *" "${publish[@]}" --name foreign images/a.sif
refuse 73 "there is a file $WORK/published/foreign.sif already; *" "${publish[@]}" --name foreign --dry-run images/a.sif
check test "$(cat published/foreign.sif)" = precious
rm published/foreign.sif

# the binding of the source changes while the image is verified: here, while sifguard-publish waits for images.yaml
exec 9<>"$STORE/.images.lock"
flock 9
(setsid -w "$SIFCTL" --keystore "$STORE" "${publish[@]}" --name late images/a.sif >late 2>&1 </dev/null 9>&-; echo $? >late.rc) &
for _ in $(seq 400); do
  for pid in $(pgrep -f "^[^ ]*sifguard-publish .*--keystore=$STORE "); do
    [[ $(ls -l "/proc/$pid/fd" 2>/dev/null) == *images.lock* ]] && break 2
  done
  sleep 0.05
done
cp "$STORE/images.yaml" images.kept
sed -i '/name: "*a"*$/,/allow/s/daemon/games/' "$STORE/images.yaml"
check bash -c "! cmp -s images.kept '$STORE/images.yaml'"
flock -u 9
exec 9>&-
wait
check test "$(cat late.rc)" = 75
check grep -q "^sifctl: the binding 'a' was changed meanwhile; publish the image again$" late
check test ! -e published/late.sif
cp images.kept "$STORE/images.yaml"

# what another binding is for, too, is not published there: it would want other signers
accept image bind wide --match "$WORK/pub*/*" --signer "$signer" --everyone
refuse 77 "the binding 'wide' is for $WORK/published/third.sif, too, by $WORK/pub?/?, *" "${publish[@]}" --name third images/a.sif
refuse 77 "the binding 'wide' is for *" "${publish[@]}" --dry-run --name third images/a.sif
check test ! -e published/third.sif
accept image unbind wide

# a published image is published no further under the site's key; others may not change the directory
chmod 0777 published
refuse 78 "*published is writable by group or others*" "${publish[@]}" --name third images/a.sif
chmod 0755 published

# the end of it
refuse 66 "nothing is published as 'b'; *" image unpublish --config "$WORK/config" --yes b
refuse 80 "*--yes*" image unpublish --config "$WORK/config" a
# a file that cannot be removed: all the rest stays, and once it can, the same command goes on
before=$(state)
mv published/a.sif kept.sif && mkdir published/a.sif
sifctl image unpublish --config "$WORK/config" --yes a
check test "$(cat "$ERR")" = "sifctl: cannot remove $WORK/published/a.sif: Is a directory"
check test "$(state)" = "$before"
rmdir published/a.sif && mv kept.sif published/a.sif
accept image unpublish --config "$WORK/config" --yes a
says "removed $WORK/published/a.sif"
says "unbound published-a"
refuse 66 "nothing is published as 'a'; *" image unpublish --config "$WORK/config" --yes a
# what is left without a binding, or without a file
accept "${publish[@]}" --name left images/a.sif
accept image unbind published-left
accept image bind mine --match "$WORK/published/l*.sif" --signer "$site" --everyone
refuse 79 "the binding 'mine' is for $WORK/published/left.sif, too; *" image unpublish --config "$WORK/config" --yes left
check test -e published/left.sif
accept image unbind mine
accept image unpublish --config "$WORK/config" --yes left
says "removed $WORK/published/left.sif"
check test ! -e published/left.sif
accept "${publish[@]}" --name left images/a.sif
rm published/left.sif
accept image published --config "$WORK/config" && says missing
accept image unpublish --config "$WORK/config" --yes left
check test "$(cat "$OUT")" = "unbound published-left"
refuse 66 "nothing is published as 'left'; *" image unpublish --config "$WORK/config" --yes left
touch outside.sif
refuse 66 "nothing is published as '../outside'; *" image unpublish --config "$WORK/config" --yes ../outside
check test -e outside.sif
check test ! -e published/a.sif
accept image list
says published-second
check test -z "$(grep published-a "$OUT")"
accept "${publish[@]}" images/a.sif

# who revokes what a published image was made from is told of it, and of what was published from that one
accept "${publish[@]}" --name chain published/second.sif
(cat config && echo "keystore: $STORE") >doctor.config
skip=()
for each in permissions store-key expiry files keys leftovers plugstack programs account versions audit-log bindings; do
  skip+=(--skip "$each")
done
accept doctor --config "$WORK/doctor.config" "${skip[@]}"
says "all is well"
noted() { # ARGUMENTS…: done, with a note for each of a, chain, race and second
  local name
  checks=$((checks + 1))
  sifctl "$@" || wrong "failed: $*"
  for name in a race second; do
    [[ $(cat "$ERR") == *"the published image '$name', made from $WORK/images/a.sif, has a key and a signer of its own and still runs"* ]] || wrong "no note of $name"
  done
  [[ $(cat "$ERR") == *"the published image 'chain', made from $WORK/published/second.sif, "* ]] || wrong "no note of chain"
}
noted digest revoke --image images/a.sif --reason bad
sifctl doctor --config "$WORK/doctor.config" "${skip[@]}"
check test "$(grep -c '^warning *published ' "$OUT")" = 4
check "$SIFCTL" --keystore "$STORE" digest restore --image images/a.sif
accept doctor --config "$WORK/doctor.config" "${skip[@]}"
noted signer revoke --yes "$signer" --reason keyCompromise
sifctl doctor --config "$WORK/doctor.config" "${skip[@]}"
says "the published image 'chain' was made from $WORK/published/second.sif: its signer $signer is revoked; sifctl image unpublish chain"
for each in a chain race second; do accept image unpublish --config "$WORK/config" --yes $each; done
accept doctor --config "$WORK/doctor.config" "${skip[@]}"
accept digest revoke --image images/a.sif --reason bad # nothing was made from it any more
echo '{}' >"$STORE/published.json"
sifctl doctor --config "$WORK/doctor.config" "${skip[@]}"
says "problem "
