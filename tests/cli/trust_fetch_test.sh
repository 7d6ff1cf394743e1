#!/bin/bash
# sifctl trust add-source and fetch: from a web server and our own OCSP responder, honest and not.
#   trust_fetch_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
# fetch STATUS PATTERN: that status, and the pattern somewhere in what it says.
fetch() {
  local status=0
  checks=$((checks + 1))
  sifctl trust fetch || status=$?
  [ "$status" = "$1" ] || wrong "trust fetch ended with $status, not $1"
  # shellcheck disable=SC2053
  [[ $(cat "$OUT" "$ERR") == *$2* ]] || wrong "trust fetch does not say: $2"
}
verify() {
  local status=0
  checks=$((checks + 1))
  "$VERIFY" --keystore "$STORE" lolcow.sif >"$OUT" 2>"$ERR" || status=$?
  [ "$status" = "$1" ] || wrong "sif-verify ended with $status, not $1"
}
CA=$WORK/ca NODE=$WORK/node
ca() { STORE=$CA works ca "$@"; }
children=()
trap 'status=$?; kill "${children[@]}" 2>/dev/null; (exit $status); finish' EXIT

# A web server, and the responder.
mkdir -m 755 www && chmod 711 "$WORK"
python3 -u -c '
import functools, http.server, os
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/root.crl" and os.path.exists("www/moved.crl"):
            self.send_response(302)
            self.send_header("Location", "/moved.crl")
            self.end_headers()
        else:
            super().do_GET()
handler = functools.partial(Handler, directory="www")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_address[1])
server.serve_forever()' >port 2>/dev/null &
children+=($!)
STORE=$CA
accept init
eventually test -s port
web=127.0.0.1:$(cat port)
ca init --subject /O=E/CN=Root --out root.pem --crl-url "http://$web/{authority}.crl"
ca issue --signer carol --out carol
"$SIFCTL" --keystore "$CA" ca ocsp serve --listen 127.0.0.1:0 2>responder.err </dev/null &
children+=($!)
eventually grep -q 'answering on' responder.err
ocsp=http://$(sed -n 's/.*answering on //p' responder.err)/

STORE=$NODE
accept init
accept trust add-root root.pem
accept signer add carol.pem
make_sif lolcow.sif 8 '0x4001:1:0:a:the payload'
"$SIGN" --quiet --key carol.key lolcow.sif
refuse 78 'there is no source to fetch from*' trust fetch
for bad in ftp://a/ nothing 'http://a b/' http://user@a/ 'http:///'; do
  refuse 64 'not a usable URL*' trust add-source crl "$bad"
done
refuse 64 'not a usable host*' trust add-source host 'a/b'
refuse 64 '*' trust add-source crt http://a/
refuse 66 'not a source*' trust remove-source http://a/

# Revocation lists.
crl() { ca crl --out www/root.crl "$@"; chmod 644 www/root.crl; }
accept trust add-source crl "http://$web/root.crl"
accept trust add-source crl "http://$web/root.crl"
says 'is a source already: no change'
fetch 75 'returned error: 404'
crl --der
cp www/root.crl first.crl
. "$HERE/dry.sh"
# shellcheck disable=SC2034 # dry.sh uses it
dumped=$STORE # the web server and the responder are at work
dry 0 trust fetch
check grep -q '"outcome": "fetched"' .planned.json
fetch 0 'fetched crl CN=Root,O=E'
accept trust list
says 'crl'
verify 0
sleep 1
crl
fetch 0 'fetched crl'
cp first.crl www/root.crl
fetch 0 'older than what is there'
# Nor does a list of before take the place of one that an admin carried here since.
sleep 1
crl
sleep 1
ca issue --signer erin --out erin
ca revoke --yes erin.pem --reason keyCompromise
ca crl --out third.crl
accept trust add-crl third.crl
fetch 0 'older than what is there'
accept trust list --json
says '"revoked": 1'
before=$(state)
head -c 2000 /dev/urandom >www/root.crl
fetch 75 'revocation list'
head -c 17000000 /dev/zero >www/root.crl
fetch 75 'longer than'
sed 's/^MI/MJ/' root.pem >www/root.crl
fetch 75 'root.crl'
openssl crl -in first.crl -inform DER -outform DER -out bent.crl
python3 -c '
data = bytearray(open("bent.crl", "rb").read()); data[-3] ^= 1; open("www/root.crl", "wb").write(data)'
fetch 75 'is not signed by its issuer'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout f.key -out f.pem -subj /O=E/CN=Root -days 3 2>/dev/null
printf '%s\n' '[ca]' 'default_ca=d' '[d]' 'database=index' 'crlnumber=number' 'default_md=sha256' >crl.cnf
: >index && echo 01 >number
openssl ca -config crl.cnf -gencrl -keyfile f.key -cert f.pem -crldays 30 -out www/root.crl 2>/dev/null
fetch 75 'is not signed by its issuer'
check test "$(state)" = "$before"
verify 0

# Certificates say where, but count only where the admin lets them.
accept trust remove-source "http://$web/root.crl"
crl
refuse 78 'there is no source*' trust fetch
accept trust add-source host elsewhere.example.org
fetch 0 ''
cp "$OUT" said
check bash -c '! grep -q fetched said'
accept trust add-source host "$web"
fetch 0 'fetched crl'
accept trust sources --json
says "\"$web\""
# A named host may not send elsewhere what it was named for; a source of the keystore may.
mv www/root.crl www/moved.crl
fetch 75 'redirects followed'
accept trust add-source crl "http://$web/root.crl"
fetch 0 'crl CN=Root,O=E'
accept trust remove-source "http://$web/root.crl"
mv www/moved.crl www/root.crl
sifctl trust fetch --json
valid trust-fetch
says '"changed": false'

# A revocation arrives: by the list, by the responder, whichever comes first.
accept trust add-source ocsp "$ocsp"
fetch 0 'fetched response CN=carol,O=E'
verify 0
accept trust list --json
says '"kind": "response"'
cp -a "$CA" replica
ca revoke --yes carol.pem --reason keyCompromise
answers() { openssl ocsp -issuer root.pem -cert carol.pem -no_nonce -url "$ocsp" -CAfile root.pem 2>/dev/null | grep -q "$1"; }
eventually answers revoked # it looks every two seconds
STORE=$NODE
verify 0
fetch 0 'fetched response'
verify 65
cat "$OUT" "$ERR" >said
check grep -q 'is revoked by an OCSP response' said
# A replica that lags behind says good after that: beside the other, and alone.
"$SIFCTL" --keystore "$WORK/replica" ca ocsp serve --listen 127.0.0.1:0 2>replica.err </dev/null &
children+=($!)
eventually grep -q 'answering on' replica.err
behind=http://$(sed -n 's/.*answering on //p' replica.err)/
accept trust add-source ocsp "$behind"
for only in 2 1; do
  [ $only = 2 ] || accept trust remove-source "$ocsp"
  fetch 0 'does not know that CN=carol,O=E is revoked'
  verify 65
done
# Good first: revoked comes through from the other.
response=$(ls "$NODE/trust/responses")
checks=$((checks + 1))
sifctl trust remove "${response:0:16}" || wrong "not removed"
grep -q "counts again without it: .*, which was revoked (OCSP)" "$ERR" || wrong "that it counts again is not told"
fetch 0 'fetched response'
verify 0
accept trust add-source ocsp "$ocsp"
fetch 0 'fetched response'
verify 65
accept trust remove-source "$behind"
kill "${children[-1]}" && wait "${children[-1]}" 2>/dev/null
unset 'children[-1]'
crl
fetch 0 'fetched crl'
verify 65

# A list that entered under a wrong clock keeps none of now out by its date; where none is left that holds, it is said.
STORE=$WORK/ahead
accept init
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout g.key -out g.pem -subj /CN=G -days 3 \
  -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
accept trust add-root g.pem
accept trust add-source crl "http://$web/g.crl"
hours() { date -u -d "$1 hours" +%Y%m%d%H%M%SZ; }
# list NUMBER FROM UNTIL OUT, in hours from now
list() {
  echo "$1" >number
  openssl ca -config crl.cnf -gencrl -keyfile g.key -cert g.pem -crl_lastupdate "$(hours "$2")" \
    -crl_nextupdate "$(hours "$3")" -out "$4" 2>/dev/null && chmod 644 "$4"
}
# as an earlier version, or a clock that was ahead, let it in
put() { (umask 077 && mkdir -p "$STORE/trust/crls") && rm -f "$STORE"/trust/crls/* && install -m 600 "$1" "$STORE/trust/crls/$(printf a%063d 0)"; }
list 05 90000 90900 ahead.crl
list 06 -1 90 www/g.crl
put ahead.crl
fetch 0 'fetched crl CN=G'
check cmp -s www/g.crl "$(ls "$STORE"/trust/crls/*)"
put ahead.crl
accept trust add-crl www/g.crl
check cmp -s www/g.crl "$(ls "$STORE"/trust/crls/*)"
refuse 65 'ahead.crl: the revocation list of * is dated in the future*' trust add-crl ahead.crl
missing="there is no valid revocation list of 'CN=G'; see sifctl trust list*"
list 07 90000 90900 ahead.crl
put ahead.crl
fetch 75 "has the number 0x6, below that of the one that is there, 0x7*$missing"
list 05 -30 -1 ended.crl
list 05 -40 90 www/g.crl
put ended.crl
fetch 75 "older than what is there*$missing"
list 06 -1 90 www/g.crl
fetch 0 'fetched crl CN=G'
# Another CA's list where a certificate says that its own is.
accept trust add-root root.pem
accept signer add carol.pem
accept trust add-source host "$web"
cp -p www/root.crl kept.crl && cp -p www/g.crl www/root.crl
fetch 75 "there is no valid revocation list of 'CN=Root,O=E'"
cp -p kept.crl www/root.crl
fetch 0 'fetched crl CN=Root,O=E'
STORE=$NODE

# A signer without a good chain is no failure of a source; a revoked one is not asked about.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout s.key -out stranger.pem -subj /CN=stranger \
  -days 3 -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=codeSigning 2>/dev/null
works signer add stranger.pem
cp "$OUT" added && cp "$ERR" warned
check grep -q "no launch will take it: it is self-signed, not issued by a CA" warned
fetch 0 'signer CN=stranger: not asked about, as it has no chain'
works signer revoke --yes "$(sed -n 's/^added \([^ ]*\) .*/\1/p' "$WORK/added")" --reason keyCompromise
fetch 0 ''
check test -z "$(grep -h stranger "$OUT" "$ERR")"

# By way of a proxy, for lists and answers.
cat >proxy.py <<'PY'
import http.server, urllib.request
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
class Proxy(http.server.BaseHTTPRequestHandler):
    def relay(self):
        print(self.command, self.path, flush=True)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        kind = {"Content-Type": self.headers["Content-Type"]} if data else {}
        with urllib.request.urlopen(urllib.request.Request(self.path, data, kind)) as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = relay
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 proxy.py >proxied 2>/dev/null &
children+=($!)
eventually test -s proxied
accept trust add-source proxy "http://127.0.0.1:$(head -n 1 proxied)"
fetch 0 'response CN=carol,O=E'
check grep -qx "GET http://$web/root.crl" proxied
check grep -qx "POST $ocsp" proxied
kill "${children[2]}" && wait "${children[2]}" 2>/dev/null
fetch 75 'cannot fetch'
accept trust remove-source "http://127.0.0.1:$(head -n 1 proxied)"
fetch 0 'response CN=carol,O=E'

# What is down is said, and what is here stays.
kill "${children[1]}"
fetch 75 'cannot fetch'
verify 65
response=$(ls "$NODE/trust/responses")
printf garbage >"$NODE/trust/responses/$response"
verify 65
accept trust remove "${response:0:16}"
