#!/bin/bash
# audit_report_test.sh SIFCTL: what audit logs amount to, as table, JSON, CSV and HTML; the page as a browser shows it, where
# there is one.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
export ASAN_OPTIONS=detect_leaks=0

line() { # TIME EVENT JOB NODE USER IMAGE [KEY]
  printf '{"time":"%s.000Z","event":"%s","job":%s,"step":0,"node":"%s","user":"%s","uid":1001,"image":"%s","path":"%s"' \
    "$1" "$2" "$3" "$4" "$5" "$6" "$6"
  [ -z "${7:-}" ] || printf ',"bindings":["cow"],"signers":["12045C8C"],"key_id":"%s"' "$7"
  printf '}\n'
}
{
  line 2026-01-30T10:00:00 intent 7 n1 alice /apps/cow.sif 4c4b
  line 2026-01-30T10:00:01 started 7 n1 alice /apps/cow.sif 4c4b
  line 2026-02-01T10:00:00 started 9 n1 bob /apps/dog.sif
  line 2026-02-02T10:00:00 refused 10 n1 '=cmd|<img src=x onerror=alert(1)>' '</table><script>document.title=1</script>'
} >n1.jsonl
{
  line 2026-01-30T10:00:01 started 7 n2 alice /apps/cow.sif 4c4b
  line 2026-02-03T10:00:01 failed 11 n2 alice /apps/cow.sif 4c4b
  echo 'not a record'
  echo '{"time":"2026-02-03T11:00:00.000Z","event":"suppressed","node":"n2","user":"bob","uid":1002,"count":40}'
} >n2.jsonl

accept audit report n1.jsonl n2.jsonl && golden audit-report
accept audit report n1.jsonl n2.jsonl --by key --json && golden audit-report-json
accept audit report n1.jsonl n2.jsonl --by month && says '2026-01' && says '2026-02'
accept audit report n1.jsonl n2.jsonl --by node --since 2026-02-01 --until 2026-02-01 && check test "$(wc -l <"$OUT")" = 2
accept audit report n1.jsonl --user carol && check test "$(wc -l <"$OUT")" -le 1
refuse 64 "*" audit report n1.jsonl --by colour
refuse 64 "not a date: *" audit report n1.jsonl --since someday
refuse 66 "*" audit report missing.jsonl

accept audit report n1.jsonl n2.jsonl --csv out.csv --html out.html && check test ! -s "$OUT"
golden_file() { checks=$((checks + 1)); cmp -s "$1" "$HERE/golden/$2" || { [ -n "${SIFGUARD_UPDATE_GOLDEN:-}" ] && cp "$1" "$HERE/golden/$2"; } || wrong "$1 is not golden/$2"; }
golden_file out.csv audit-report.csv
check grep -qF "\"'=cmd|<img src=x onerror=alert(1)>\",0," out.csv
check python3 -c 'import csv; rows = list(csv.reader(open("out.csv", newline=""))); assert len({len(r) for r in rows}) == 1 and len(rows) == 4, rows'
refuse 73 "out.csv exists already; *" audit report n1.jsonl --csv out.csv
refuse 73 "out.html exists already; *" audit report n1.jsonl --html out.html
accept audit report n1.jsonl --html out.html --force
accept audit report n1.jsonl n2.jsonl --html - && cp "$OUT" out.html
check grep -q '</html>' out.html
check bash -c '! grep -qE "<script|<img|https?://|src=\"" out.html'

# As a browser shows it: names are text, nothing runs, the plot has a bar for each row and the table a row.
browser=$(command -v chromium || command -v chromium-browser) || { echo "NOT TESTED: the page in a browser (chromium is not installed)"; exit 0; }
seen() { timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --user-data-dir="$WORK/browser" "$@" 2>/dev/null; }
checks=$((checks + 1))
seen --dump-dom "file://$WORK/out.html" >dom || wrong "$browser does not open the page"
check test "$(grep -o '<title>[^<]*' dom)" = '<title>sifguard: launches'
check test "$(grep -o '<tr>' dom | wc -l)" = 4
check test "$(grep -o '<rect' dom | wc -l)" -ge 10
check grep -qF '&lt;img src=x onerror=alert(1)&gt;' dom
check bash -c '! grep -q "<img" dom'
check seen --screenshot="$WORK/page.png" --window-size=1100,900 "file://$WORK/out.html"
check bash -c '[ "$(head -c 8 page.png | od -An -tx1 | tr -d " ")" = 89504e470d0a1a0a ] && [ "$(stat -c %s page.png)" -gt 10000 ]'
