#!/bin/bash
# sifctl cache, as root, on what sifguard-prefetch has staged. In use and hits of launches: tests/cluster/prefetch.test.sh.
# Skips, loudly, without the images or root.
#   cache_test.sh SIFCTL SIF-SIGN VECTORS LIBEXEC
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN VECTORS}
VECTORS=${3:?usage: $0 SIFCTL SIF-SIGN VECTORS LIBEXEC}
LIBEXEC=${4:?usage: $0 SIFCTL SIF-SIGN VECTORS LIBEXEC}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN VECTORS}"
[ -d "$VECTORS/images" ] || { echo "SKIPPED: no images in $VECTORS"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "SKIPPED, NOT TESTED: the cache is root's (needs root)"; exit 77; }
export ASAN_OPTIONS=detect_leaks=0

. "$HERE/as_installed.sh"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out a.key 2>/dev/null
openssl pkey -in a.key -pubout -out a.pem
mkdir images
for each in a b; do
  cp "$VECTORS/images/one-group.sif" images/$each.sif && chmod 0644 images/$each.sif
  check "$SIGN" --quiet --key a.key images/$each.sif # each signature has a time of its own
  sleep 1.1
done
accept init
accept signer add a.pem
a=$(sed -n 's/^added \(spki:[0-9a-f]*\).*/\1/p' "$OUT")
accept image bind images --match "$WORK/images/*.sif" --signer "$a" --allow-user root
with=(--config "$WORK/config")
hides() {
  checks=$((checks + 1))
  [[ $(cat "$OUT") != *$1* ]] || wrong "stdout contains: $1"
}
digest_of() { sha256sum <"images/$1.sif" | cut -d' ' -f1; }
A=$(digest_of a) B=$(digest_of b)
check test "$A" != "$B"

# Nothing is there yet.
accept cache list "${with[@]}"
says 'DIGEST'
accept cache stats "${with[@]}"
says 'images            0'
accept cache verify "${with[@]}"
accept cache drop --all "${with[@]}"
refuse 66 'no image in the cache has the digest *; see sifctl cache list' cache show "${A:0:8}" "${with[@]}"

# It starts the opener where that is installed: in a namespace of its own.
prefetch() {
  # shellcheck disable=SC2016 # the words are the other shell's
  unshare -m sh -ec 'mount -t tmpfs -o mode=755 none /usr/local; mkdir -p "$1"; mount --bind bin "$1"; shift; exec "$@"' \
    sh "$LIBEXEC" bin/sifguard-prefetch "$@"
}
for each in a b; do
  check prefetch --config "$WORK/config" --as root "$WORK/images/$each.sif"
done
accept cache list "${with[@]}"
checks=$((checks + 1))
[ "$(wc -l <"$OUT")" = 3 ] || wrong 'not two images'
says "${A:0:12}"
says "$WORK/images/b.sif"
says 'prefetched'
accept cache list --json "${with[@]}"
valid cached-image-list
says "\"digest\": \"sha256:$A\""
says '"user": "root"'
says '"hits": 0'
accept cache show "${A:0:8}" "${with[@]}"
says "digest     sha256:$A"
says 'staged by  root'
hides "$B"
accept cache show "sha256:$B" "$A" --json "${with[@]}"
valid cached-image-list
accept cache stats --json "${with[@]}"
valid cache
says '"entries": 2'
says '"prefetched": 2'
accept cache verify "${with[@]}"
says "whole   sha256:$A"
says "whole   sha256:$B"

# What is not understood, and what is not there.
refuse 64 'not a digest: *' cache show "${A:0:7}" "${with[@]}"
refuse 64 'not a digest: *' cache show ../etc "${with[@]}"
refuse 64 'not a digest: *' cache drop "sha256:" "${with[@]}"
refuse 64 'give either digests or --all' cache drop "${with[@]}"
refuse 64 'give either digests or --all' cache drop --all "$A" "${with[@]}"
refuse 66 'no image in the cache *' cache drop "$A" 0123456789abcdef "${with[@]}"
refuse 66 'no image in the cache *' cache verify 0123456789abcdef "${with[@]}"
refuse 78 "image cache: *" cache list --config "$WORK/no-such-config"

# A defect of the disk.
entry=$(echo cache/entries/"$B"-*)
chmod 0644 "$entry/image.sif"
printf X | dd of="$entry/image.sif" bs=1 seek=40000 conv=notrunc status=none
checks=$((checks + 1))
sifctl cache verify "${with[@]}"
[ $? = 65 ] || wrong 'a changed file is not told by the status'
says "DAMAGED sha256:$B"
says "whole   sha256:$A"
checks=$((checks + 1))
grep -q '^sifctl: 1 of 2 entries are not what was verified; ' "$ERR" || wrong 'a changed file is not told'
sifctl cache verify --json "${with[@]}"
valid cache-verification
says '"whole": false'
accept cache verify "$A" "${with[@]}"

# Dropped: only what was named, and nothing with --dry-run.
accept cache drop "$B" --dry-run "${with[@]}"
says 'not done: --dry-run'
check test -e "$entry"
accept cache drop "$B" "${with[@]}"
says "dropped sha256:$B"
check test ! -e "$entry"
accept cache list "${with[@]}"
says "${A:0:12}"
hides "${B:0:12}"
accept cache drop --all --json "${with[@]}"
valid cache-drop
says "\"digest\": \"sha256:$A\""
says '"changed": true'
accept cache drop --all --json "${with[@]}"
says '"changed": false'
check test -z "$(ls -A cache/entries)"

# Others may not look.
checks=$((checks + 1))
setpriv --reuid 65534 --regid 65534 --clear-groups "$SIFCTL" cache list --config "$WORK/config" >"$OUT" 2>"$ERR"
[ $? = 77 ] || wrong 'another user is not refused'
checks=$((checks + 1))
grep -q '^sifctl: only root may look into the cache of a node; run it as root on the node$' "$ERR" || wrong 'and is not told why'
