# Sourced by the tests of `sifctl image` and `explain`: a keystore with two signers, A and B, and the keys cow and dog, and
# functions that check exact output, exit status, and that a refusal changes nothing. sifctl=PROGRAM must be set.
# shellcheck disable=SC2154,SC2034 # sifctl is the test's, and the group is for it
set -eu
command -v gpg >/dev/null || { echo "SKIPPED, NOT TESTED: gpg is not installed"; exit 77; }
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gpg" --kill all 2>/dev/null || :; rm -rf "$work"' EXIT
ks=$work/ks
failures=0
checks=0

fail() {
    failures=$((failures + 1))
    echo "FAILED: $1" >&2
    sed 's/^/    /' "$work/out" "$work/err" >&2
}

# run STATUS ARGUMENT…: the exit status must be this one; output is left in $work/out and $work/err.
run() {
    wanted=$1
    shift
    status=0
    "$sifctl" --keystore "$ks" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    checks=$((checks + 1))
    [ "$status" -eq "$wanted" ] || fail "exit status $status, not $wanted: sifctl $*"
}

# prints FILE: standard output must be what stands on standard input, fingerprints as A and B.
prints() {
    cat >"$work/wanted"
    sed -e "s/$a/A/g" -e "s/$b/B/g" "$work/out" >"$work/got"
    checks=$((checks + 1))
    cmp -s "$work/wanted" "$work/got" || { fail "another output"; diff "$work/wanted" "$work/got" >&2 || :; }
}

says() {
    checks=$((checks + 1))
    grep -qF -- "$1" "$work/err" "$work/out" || fail "does not say: $1"
}

# refuses STATUS TEXT ARGUMENT…: as said, in one line of stderr, and neither bindings nor rules change.
refuses() {
    wanted=$1 text=$2
    shift 2
    before=$(cat "$ks/images.yaml" "$ks"/keys/*/meta.*)
    run "$wanted" "$@"
    says "$text"
    checks=$((checks + 2))
    [ "$(wc -l <"$work/err")" -eq 1 ] || fail "not one line on stderr: sifctl $*"
    [ "$before" = "$(cat "$ks/images.yaml" "$ks"/keys/*/meta.*)" ] || fail "a refusal changed the keystore: sifctl $*"
}

mkdir -m 700 "$work/gpg"
for who in a b; do
    gpg --homedir "$work/gpg" --batch --quiet --passphrase '' --quick-gen-key "Signer $who <$who@example.org>" ed25519 sign never 2>/dev/null
    gpg --homedir "$work/gpg" --quiet --armor --export "$who@example.org" >"$work/$who.asc" 2>/dev/null
done
fingerprint() {
    gpg --homedir "$work/gpg" --with-colons --list-keys "$1@example.org" 2>/dev/null | awk -F: '/^fpr/ {print $10; exit}'
}
a=$(fingerprint a)
b=$(fingerprint b)
user=$(id -un)
group=$(id -gn)

run 0 init
run 0 signer add "$work/a.asc"
run 0 signer add "$work/b.asc"
run 0 key create cow --bits 2048
run 0 key create dog --bits 2048

# The bindings that the tests begin with.
bind_lolcow() {
    run 0 image bind lolcow --match '/apps/secure/lolcow*.sif' --signer "$a" --key cow \
        --allow-user "$user" --allow-partition secure debug
}
bind_two() {
    run 0 image bind two --match /apps/pair.sif --signer "$a" --all-signers --key cow --allow-user "$user" \
        --allow-partition secure
}
bind_all() {
    run 0 image bind all --match '/apps/tools/**' '/apps/t[a-z]*' --signer "$a" --signer "$b" --all-signers --key dog \
        --allow-partition debug --deny-user mallory --not-before 2026-01-01 --not-after 2099-12-31 --signed-after 2026-01-01 \
        --digest sha256:0000000000000000000000000000000000000000000000000000000000000000 \
        --runtime-allow nv bind --bind /scratch /a:/b:ro --contain
}
bind_open() {
    run 0 image bind open --match 'oras://registry.example.org/**' --signer "$b" --everyone --mode warn --runtime-allow none
}
bind_each() {
    bind_lolcow
    bind_two
    bind_all
    bind_open
}

end() {
    echo "$checks checks, $failures failed"
    [ "$failures" -eq 0 ]
}
