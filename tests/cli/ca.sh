# shellcheck shell=bash
# Sourced after lib.sh by tests of sifctl ca: what they look at in certificates and lists, and programs beside sifctl.
command -v openssl >/dev/null || { echo "SKIPPED: openssl is not installed"; exit 77; }
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
fingerprint_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -c1-64; }
serial_of() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr 'A-F' 'a-f'; }
text() { checks=$((checks + 1)); openssl x509 -in "$1" -noout -text -nameopt RFC2253 >"$OUT"; }
number() { openssl crl -in "$1" -noout -crlnumber | cut -d= -f2; }
# does STATUS COMMAND…: that status, whatever it says.
does() {
  local want=$1 status=0
  shift
  checks=$((checks + 1))
  setsid -w "$@" >"$OUT" 2>"$ERR" </dev/null || status=$?
  [ "$status" = "$want" ] || wrong "$* ended with $status, not $want"
}
complains() { checks=$((checks + 1)); grep -q -- "$1" "$ERR" || wrong "stderr does not contain: $1"; }
