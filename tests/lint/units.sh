#!/usr/bin/env bash
# The systemd units as they are installed: systemd understands each, none leaves more open than sifguard-units(8) says,
# each has a manual page by its name, and none is enabled by itself. Usage: units.sh BUILT_PACKAGING_DIR SOURCE_DIR
# No privilege needed.
set -euo pipefail
built=$1
page=$2/packaging/man/sifguard-units.8
command -v systemd-analyze >/dev/null || { echo "SKIPPED: systemd-analyze is not installed"; exit 77; }
failed=0
wrong() { echo "$*"; failed=1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
there=$root/usr/lib/systemd/system
mkdir -p "$there"
cp "$built"/systemd/sifguard-* "$there"
cp -r "$2/packaging/systemd/sifguard-.service.d" "$there"
for target in basic sysinit shutdown timers paths multi-user network network-online; do
  printf '[Unit]\nDescription=%s\n' "$target" >"$there/$target.target"
done
cd "$there"
units=(sifguard-*.service sifguard-*.timer sifguard-*.path)
[ ${#units[@]} -ge 14 ] || wrong "only ${#units[@]} units were built: ${units[*]}"
sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' sifguard-*.service | sort -u | while read -r program; do
  install -D /bin/true "$root$program"
done
grep -q '@[A-Z_]*@' "${units[@]}" && wrong "a unit has a word that is not filled in"
found=$(systemd-analyze verify --man=no --root="$root" "${units[@]}" 2>&1) || true
[ -z "$found" ] || wrong "$found"

declare -A most=([backup]=15 [crl]=15 [bundle]=20 [fetch]=30 [ocsp]=30 [reap]=40 [doctor]=75) # tenths
for unit in sifguard-*.service; do
  name=${unit#sifguard-} name=${name%.service}
  systemd-analyze security --offline=yes --root="$root" --threshold="${most[$name]:-0}" "$unit" >report 2>&1 ||
    wrong "$unit leaves more open than it did: $(tail -n 1 report)"
  grep -qF "It Cm sifguard-$name" "$page" || wrong "sifguard-units(8) says nothing of $unit"
  [ -e "$built/man8/$unit.8" ] || wrong "no page is called $unit(8)"
done
for unit in "${units[@]}"; do
  grep -qE "\b$unit\b" "$page" || wrong "sifguard-units(8) does not name $unit"
  grep -q '^Documentation=man:sifguard-' "$unit" || wrong "$unit names no page"
done
exit "$failed"
