# shown SIFCTL KEYSTORE: what a keystore says of everything in it, in JSON, but for what depends on the day.
shown() {
  local words
  for words in "key list" "key show cow" "signer list" "image list" "digest list" "trust list" "trust sources" "ca list" \
    "node list" "node show" "bundle list"; do
    echo "== $words"
    # shellcheck disable=SC2086
    "$1" --keystore "$2" $words --json 2>/dev/null </dev/null || echo "status $?"
  done
}
