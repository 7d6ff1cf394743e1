# Sourced after lib.sh: what --dry-run says is what is, and nothing changes.

dumped=. # where nothing else may change
# dump: all there is, with times; the last output aside.
dump() {
  find "$dumped" -mindepth 1 ! -path './.*' -printf '%p %y %m %s %i %T@ %C@ %l\n' | sort
  find "$dumped" -mindepth 1 ! -path './.*' -type f -exec sha256sum {} + | sort
}
# dry STATUS ARGUMENTS…: with --dry-run as text and as JSON it ends with that status, says so, and changes nothing. The
# answer stays in .planned.json.
dry() {
  local want=$1 status line
  shift
  dump >.before
  for line in "" --json; do
    checks=$((checks + 3))
    sifctl "$@" --dry-run $line
    status=$?
    [ "$status" = "$want" ] || wrong "sifctl $* --dry-run $line ended with $status, not $want"
    dump | diff .before - >.changed || { cp .changed "$OUT" && wrong "sifctl $* --dry-run $line changed something"; }
    [ -n "$line$want" ] && [ "$line$want" != 0 ] || grep -qE -- '--dry-run|no change' "$OUT" "$ERR" ||
      wrong "sifctl $* --dry-run does not say that nothing was done"
  done
  cp "$OUT" .planned.json
}
# as_planned COMMAND: what it answered in earnest, with --json, is what it had planned.
as_planned() {
  checks=$((checks + 1))
  python3 - .planned.json "$OUT" >.differs <<'END' || { cp .differs "$ERR" && wrong "$1 is not what was planned"; }
import json, re, sys
planned, done = (json.load(open(name)) for name in sys.argv[1:])
time = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
def same(a, b, name):
    if isinstance(a, dict) and isinstance(b, dict):
        b = {k: v for k, v in b.items() if k in a or not k.startswith("content")}  # a file on the standard output
        return a.keys() == b.keys() and all(same(a[k], b[k], k) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, name) for x, y in zip(a, b))
    if name == "dry_run": return (a, b) == (True, False)
    if a is None and name in ("id", "fingerprint", "thumbprint", "kept"): return True  # of what is to be made
    if name in ("store_key", "number"): return type(a) == type(b)  # the number of a list is of its time
    if isinstance(a, str) and isinstance(b, str) and time.match(a): return bool(time.match(b))
    if a != b: print(name, ":", a, "was planned,", b, "is")
    return a == b
sys.exit(0 if same(planned, done, "") else 1)
END
}
