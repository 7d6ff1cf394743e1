# Sourced by every test of sifctl, sif-sign and sif-list: `. lib.sh PROGRAM`. Gives a work directory (the cwd, removed at
# the end), a keystore path in it, and the checks below. A failed check says so and the test goes on
# to the next one; the exit status counts.
# SIFGUARD_UPDATE_GOLDEN=1 rewrites the golden files instead of comparing with them.
set -u
export LC_ALL=C.UTF-8
SIFCTL=$1
NAME=${SIFCTL##*/}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORK=$(mktemp -d) && cd "$WORK" || exit 1
STORE=$WORK/store
OUT=$WORK/.out ERR=$WORK/.err
failures=0 checks=0
umask 022

finish() {
  local status=$?
  cd / && rm -rf "$WORK"
  [ "$status" = 0 ] || exit "$status"
  [ "$checks" -gt 0 ] || { echo "no check was made"; exit 1; }
  echo "$checks checks, $failures failed"
  [ "$failures" = 0 ] || exit 1 # the status of a trap's last command counts for nothing
}
trap finish EXIT

wrong() {
  failures=$((failures + 1))
  local from=$((${#BASH_SOURCE[@]} > 2 ? 1 : 0)) # called by a check, or by the test itself
  echo "FAILED at ${BASH_SOURCE[from + 1]##*/}:${BASH_LINENO[from]}: $1"
  sed 's/^/  out| /' "$OUT"
  sed 's/^/  err| /' "$ERR"
}

# Runs the program without a terminal, sifctl on the test's keystore.
sifctl() {
  local keystore=()
  [ "$NAME" != sifctl ] || keystore=(--keystore "$STORE")
  setsid -w "$SIFCTL" "${keystore[@]}" "$@" >"$OUT" 2>"$ERR" </dev/null
}

# accept ARGUMENTS…: status 0 and nothing on stderr.
accept() {
  checks=$((checks + 1))
  sifctl "$@"
  local status=$?
  [ "$status" = 0 ] || wrong "$NAME $* ended with $status"
  [ ! -s "$ERR" ] || wrong "$NAME $* wrote to stderr"
}

# works ARGUMENTS…: status 0, whatever it notes on stderr.
works() {
  checks=$((checks + 1))
  sifctl "$@" || wrong "$NAME $* ended with $?"
}

# refuse STATUS PATTERN ARGUMENTS…: that status, nothing on stdout, one line on stderr that is
# "NAME: " and the pattern (of bash's [[ == ]]).
refuse() {
  local want=$1 pattern=$2
  shift 2
  checks=$((checks + 1))
  sifctl "$@"
  local status=$?
  [ "$status" = "$want" ] || wrong "$NAME $* ended with $status, not $want"
  [ ! -s "$OUT" ] || wrong "$NAME $* wrote to stdout"
  [ "$(wc -l <"$ERR")" = 1 ] || wrong "not one line on stderr"
  # shellcheck disable=SC2053 # the right side is a pattern
  [[ $(cat "$ERR") == "$NAME: "$pattern ]] || wrong "stderr is not: $NAME: $pattern"
}

# says PATTERN: the last stdout contains it.
says() {
  checks=$((checks + 1))
  # shellcheck disable=SC2053
  [[ $(cat "$OUT") == *$1* ]] || wrong "stdout does not contain: $1"
}

# at_terminal COMMAND QUESTION ANSWER…: runs the command line on a terminal of its own. Each answer is typed when its
# question is there: what is typed before a program is ready to read a password is lost. Status: the command's.
at_terminal() {
  local command=$1
  shift
  : >"$OUT"
  while [ $# -gt 0 ]; do
    for _ in $(seq 1200); do grep -qF -- "$1" "$OUT" && break; sleep 0.05; done
    printf '%s\n' "$2"
    shift 2
  done | script -qec "$command" /dev/null >"$OUT" 2>"$ERR"
}

# eventually COMMAND…: whether it succeeds within a minute; a machine with a load of ten needs some seconds for anything.
eventually() {
  for _ in $(seq 600); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  return 1
}

# check COMMAND…: it succeeds. (For a pipe or a test: check bash -c '…'.)
check() {
  checks=$((checks + 1))
  "$@" >"$OUT" 2>"$ERR" </dev/null || wrong "failed: $*"
}

# golden NAME: the last stdout, with what differs from run to run replaced, is golden/NAME.txt.
golden() {
  checks=$((checks + 1))
  sed -E -e "s#$WORK#WORK#g" -e 's/\b[0-9a-f]{64}\b/KEYID/g' -e 's/\b[0-9a-f]{40}\b/THUMBPRINT/g' \
    -e 's/\b[0-9a-f]{16}\b/KEYID16/g' \
    -e 's/\b20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/DATE/g' "$OUT" >"$WORK/.shown"
  if [ -n "${SIFGUARD_UPDATE_GOLDEN:-}" ]; then
    cp "$WORK/.shown" "$HERE/golden/$1.txt"
  elif ! diff -u "$HERE/golden/$1.txt" "$WORK/.shown" >"$WORK/.diff"; then
    cp "$WORK/.diff" "$OUT"
    wrong "stdout is not golden/$1.txt"
  fi
}

# valid KIND: the last stdout is one answer of --json of this kind, as its JSON schema wants it.
valid() {
  checks=$((checks + 1))
  grep -q "^  \"schema\": \"sifguard.$1/1\"" "$OUT" || wrong "stdout is no $1"
  if ! python3 -c 'import jsonschema' 2>/dev/null; then
    echo "SKIPPED: the schema of $1 (python3-jsonschema is not installed)"
  elif ! "$HERE/valid_json.py" "$OUT" >"$WORK/.diff"; then
    cp "$WORK/.diff" "$ERR"
    wrong "stdout is not as the schema wants it"
  fi
}

# state: a digest of the whole keystore without its audit log, to see that nothing changed.
state() {
  (cd "$STORE" && find . -type f ! -name '.*lock' ! -path './.reserve*' ! -name '*audit.jsonl*' -exec sha256sum {} + | sort | sha256sum)
}
