# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; tree, made, rc: set by run
# The examples of README.md and packaging/doc that need a cluster: blocks marked "sh cluster", line by line as alice, and
# "sh cluster root" as root on a host of the cluster. Sourced by run.
ctl sh -c 'mkdir -p /apps/secure; ln -sfn "$1/secure/lolcow.sif" /apps/secure/lolcow.sif' sh "$made"
undo ctl rm -f /apps/secure/lolcow.sif
examples() { # MARK: the lines of such blocks
    awk -v mark='```'"$1" '/^```/ { on = !on && $0 == mark ? 1 : 0; next } on && NF' "$tree/README.md" "$tree"/packaging/doc/*.md | sort -u
}
mapfile -t lines < <(examples 'sh cluster')
check "examples for users are found" test "${#lines[@]}" -ge 2
for line in "${lines[@]}"; do
    # The test's image has no cowsay.
    capture as alice bash -c "${line//cowsay hi/cat \/marker}" </dev/null
    ran "as alice: $line"
done
mapfile -t lines < <(examples 'sh cluster root')
check "examples for root are found" test "${#lines[@]}" -ge 1
for line in "${lines[@]}"; do
    capture ctl bash -c "$line" </dev/null
    ran "as root: $line"
done
