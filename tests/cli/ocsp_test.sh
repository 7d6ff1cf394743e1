#!/bin/bash
# sifctl ca ocsp serve, asked by openssl and by clients that mean no good; and sif-verify --ocsp.
#   ocsp_test.sh SIFCTL SIF-SIGN SIF-VERIFY
SIGN=${2:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
VERIFY=${3:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL SIF-SIGN SIF-VERIFY}"
. "$HERE/sif.sh"
for tool in openssl python3; do command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }; done
export TMPDIR=$WORK/tmp && mkdir -m 700 tmp
accept init
refuse 64 '*' ca ocsp serve --hours 0
works ca init --subject /O=E/CN=Root --out root.pem --intermediate /O=E/CN=Issuing --intermediate-out issuing.pem
accept ca issue --signer carol --out carol
accept ca issue --signer dave --out dave
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout foreign.key -out foreign.pem -subj /CN=foreign 2>/dev/null

server=
start() { # start OPTION…: the responder, on a port of its own
  : >server.err # or the last one's address is read
  "$SIFCTL" --keystore "$STORE" ca ocsp serve --listen 127.0.0.1:0 "$@" 2>server.err </dev/null &
  server=$!
  for _ in $(seq 300); do
    url=$(sed -n 's#.*answering on #http://#p' server.err)
    [ -z "$url" ] || return 0
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
  cp server.err "$ERR" && wrong "the responder does not start"
  exit 1
}
stop() { kill $server 2>/dev/null; wait $server 2>/dev/null; }
trap 'status=$?; [ -z "$server" ] || kill $server 2>/dev/null; (exit $status); finish' EXIT
checks=$((checks + 1))
"$SIFCTL" --keystore "$STORE" ca ocsp serve --listen nowhere 2>"$ERR" </dev/null && wrong "listens nowhere"
grep -q 'not an address to listen on' "$ERR" || wrong "says not what is wrong"
start

# ask STATUS CERTIFICATE ISSUER OPTION…: what openssl understands, its signature checked against the root.
ask() {
  local want=$1 certificate=$2 issuer=$3
  shift 3
  checks=$((checks + 1))
  openssl ocsp -issuer "$issuer" "$@" -cert "$certificate" -url "$url" -CAfile root.pem -verify_other issuing.pem \
    -no_cert_checks -resp_text >"$OUT" 2>"$ERR"
  grep -q "^$certificate: $want" "$OUT" || wrong "$certificate is not $want"
  grep -q 'Response verify OK' "$ERR" || wrong "the response does not verify"
}
chain() { openssl ocsp -issuer "$1" -cert "$2" -url "$url" -CAfile root.pem "${@:3}" >"$OUT" 2>"$ERR"; }
cat root.pem issuing.pem >both.pem
ask good carol.pem issuing.pem
says 'Next Update'
says 'OCSP Nonce'
says 'OCSP No Check'
says 'OCSP Signing'
# What apptainer verify --ocsp-verify wants of a delegated responder, and how answers name it nevertheless.
says 'Responder Id: O'
key_id() { grep -A1 "X509v3 $1 Key Identifier" "$OUT" | sed -n '2s/^ *//p'; }
check test -n "$(key_id Subject)" -a "$(key_id Subject)" = "$(key_id Authority)"
ask good carol.pem issuing.pem -sha256
ask good carol.pem issuing.pem -no_nonce
ask good issuing.pem root.pem
openssl x509 -new -force_pubkey carol.pem -subj /CN=x -key foreign.key -out never.pem 2>/dev/null || cp foreign.pem never.pem
checks=$((checks + 1))
openssl ocsp -issuer issuing.pem -serial 0x1234567890abcdef -url "$url" -CAfile both.pem >"$OUT" 2>"$ERR"
grep -q '0x1234567890abcdef: unknown' "$OUT" || wrong "a serial number that was never given out is not unknown"
checks=$((checks + 1))
openssl ocsp -issuer foreign.pem -cert carol.pem -url "$url" -CAfile both.pem >"$OUT" 2>&1
grep -q 'unauthorized (6)' "$OUT" || wrong "answers for a foreign CA"

# Its certificate, which it renews itself, is no worry of the doctor's; an intermediate that ends is.
checks=$((checks + 1))
sifctl doctor
grep -q "ocsp-" "$OUT" && wrong "the doctor warns of the responder's certificate"
sifctl doctor --days 2000
says "ca renew"

# A revocation counts at once, whatever was signed before.
make_sif lolcow.sif 8 '0x4001:1:0:a:the payload'
"$SIGN" --quiet --key carol.key lolcow.sif
verify() {
  local want=$1 status=0
  checks=$((checks + 1))
  "$VERIFY" --certificate carol.pem --ca root.pem --intermediates issuing.pem --ocsp "$url" lolcow.sif >"$OUT" 2>"$ERR" || status=$?
  [ "$status" = "$want" ] || wrong "sif-verify --ocsp ended with $status, not $want"
}
verify 0
works ca revoke --yes carol.pem --reason keyCompromise
answers() { openssl ocsp -issuer issuing.pem -cert carol.pem -no_nonce -url "$url" -CAfile root.pem 2>/dev/null | grep -q "$1"; }
eventually answers revoked # it looks every two seconds
ask revoked carol.pem issuing.pem -no_nonce
says 'keyCompromise (0x1)'
ask revoked carol.pem issuing.pem
ask good dave.pem issuing.pem
verify 65

# By GET, as RFC 5019 has it; by anything else not.
openssl ocsp -issuer issuing.pem -cert dave.pem -no_nonce -reqout request.der >/dev/null 2>&1
openssl ocsp -issuer issuing.pem -serial 0x1234567890abcdef -no_nonce -reqout unknown.der >/dev/null 2>&1
openssl ocsp -issuer foreign.pem -cert carol.pem -no_nonce -reqout foreign.der >/dev/null 2>&1
cat >client.py <<'PY'
import base64, email.utils, hashlib, socket, sys, time, urllib.request, urllib.error, urllib.parse
url, test = sys.argv[1], sys.argv[2]
host, port = url.split("//")[1].split(":")
request = open("request.der", "rb").read()
def status(data=None, path="/", method=None, headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, data=data, method=method, headers=headers), timeout=20) as r:
            return r.status, r.read(), r.headers
    except urllib.error.HTTPError as e:
        return e.code, b"", e.headers
kind = {"Content-Type": "application/ocsp-request"}
if test == "get":
    path = "/" + urllib.parse.quote(base64.b64encode(request), safe="")
    code, body, headers = status(path=path)
    assert code == 200 and "max-age" in headers["Cache-Control"], (code, headers)
    # What caches go by (RFC 5019 6.2).
    age = int(headers["Cache-Control"].split("=")[1].split(",")[0])
    assert headers["ETag"] == '"%s"' % hashlib.sha256(body).hexdigest(), headers["ETag"]
    made, end = (email.utils.parsedate_to_datetime(headers[h]).timestamp() for h in ("Last-Modified", "Expires"))
    assert time.time() - 60 < made <= time.time() + 1 and abs(end - time.time() - age) < 5, (made, end, age)
    for sent, want in ((headers["ETag"], 304), ('"x", W/' + headers["ETag"], 304), ('"x"', 200)):
        code, again, validators = status(path=path, headers={"If-None-Match": sent})
        assert code == want and again == (b"" if want == 304 else body), (sent, code)
        assert validators["ETag"] == headers["ETag"] and "max-age" in validators["Cache-Control"], sent
        assert int(validators["Content-Length"]) == len(body), (sent, validators)  # a cache's copy gets it
    date = headers["Last-Modified"]
    for sent, want in (({"If-Modified-Since": date}, 304), ({"If-Modified-Since": date, "If-None-Match": '"x"'}, 200),
                       ({"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}, 200), ({"If-Modified-Since": "x"}, 200)):
        assert status(path=path, headers=sent)[0] == want, sent
    code, none, validators = status(path=path, method="HEAD")
    assert (code, none, validators["ETag"]) == (200, b"", headers["ETag"]) and int(validators["Content-Length"]) == len(body)
    code, _, headers = status(data=request, headers=kind)
    assert code == 200 and headers["Cache-Control"] == "no-cache", headers
    code, _, headers = status(path="/" + urllib.parse.quote(base64.b64encode(open("unknown.der", "rb").read()), safe=""))
    assert code == 200 and 100 < int(headers["Cache-Control"].split("=")[1].split(",")[0]) <= 150, headers
    code, _, headers = status(path="/" + urllib.parse.quote(base64.b64encode(open("foreign.der", "rb").read()), safe=""))
    assert code == 200 and headers["Cache-Control"] == "no-cache" and "ETag" not in headers, headers
    assert status(path="/")[2]["Cache-Control"] == "no-cache"
    open("get.der", "wb").write(body)
    # Behind the path that certificates name, as it is and escaped.
    for quoted in (urllib.parse.quote(base64.b64encode(request), safe=""), base64.b64encode(request).decode()):
        for prefix in ("/root/", "/a/b/c/", "//", "/AAAA/"):
            code, same, _ = status(path=prefix + quoted)
            assert (code, same) == (200, body), (prefix, code)
    for much in ("application/OCSP-Request", "application/ocsp-request; charset=binary", "application/ocsp-request ;x=y"):
        assert status(data=request, headers={"Content-Type": much})[0] == 200, much
elif test == "refuse":
    post = lambda d, h=kind: status(data=d, headers=h)
    assert status(path="/")[0] == 400
    assert status(path="/%%%")[0] == 400
    assert status(path="/AAA")[0] == 400
    quoted = urllib.parse.quote(base64.b64encode(request), safe="")
    for path in ("/" + quoted + "/", "/" + quoted + "/AAAA", "/a" * 20 + "/" + quoted, "/x" + quoted):
        assert status(path=path)[0] == 400, path
    for other in ("application/ocsp-requests", "application/ocsp", ";application/ocsp-request", "x application/ocsp-request"):
        assert post(request, {"Content-Type": other})[0] == 415, other
    assert status(method="PUT", data=b"x")[0] == 405
    assert post(request, {"Content-Type": "text/plain"})[0] == 415
    assert post(b"x" * 100000)[0] == 413
    assert post(b"")[0] == 400
    for bad in (b"garbage", request[:-1], request + b"\0", b"\x30\x84\xff\xff\xff\xff", b"\x30\0"):
        code, body, _ = post(bad)
        assert code == 200 and body == b"\x30\x03\x0a\x01\x01", (bad, body)   # malformedRequest
    for i in range(len(request)):
        code, body, _ = post(request[:i] + bytes([request[i] ^ 0x41]) + request[i + 1:])
        assert code == 200 and body[:1] == b"\x30", i
elif test == "slow":
    start, held = time.time(), []
    for i in range(50):
        s = socket.create_connection((host, int(port)))
        s.sendall(b"POST / HTTP/1.1\r\n")
        held.append(s)
    drip = held[0]
    try:
        while time.time() - start < 40:
            drip.sendall(b"X-A: b\r\n")
            time.sleep(0.5)
            if status(data=request, headers=kind)[0] != 200: sys.exit("others wait")
    except OSError:
        pass
    assert 8 < time.time() - start < 25, time.time() - start
PY
check python3 client.py "$url" get
checks=$((checks + 1))
openssl ocsp -issuer issuing.pem -cert dave.pem -respin get.der -CAfile root.pem -verify_other issuing.pem >"$OUT" 2>"$ERR"
says 'dave.pem: good'
check python3 client.py "$url" refuse
check python3 client.py "$url" slow
ask good dave.pem issuing.pem

# A damaged index changes nothing; a new one does. The same responders after a restart.
cp "$STORE/ca/index.json" index.saved
printf '{' >"$STORE/ca/.x" && chmod 600 "$STORE/ca/.x" && mv "$STORE/ca/.x" "$STORE/ca/index.json"
sleep 2.5
ask good dave.pem issuing.pem
cp index.saved "$STORE/ca/.x" && mv "$STORE/ca/.x" "$STORE/ca/index.json"
stop
before=$("$SIFCTL" --keystore "$STORE" ca list --json | grep -c '"profile": "ocsp"')
start --hours 1
check test "$("$SIFCTL" --keystore "$STORE" ca list --json | grep -c '"profile": "ocsp"')" = "$before"
check test "$before" = 2
ask revoked carol.pem issuing.pem
stop

# A responder whose key is out is replaced: it starts again with another.
responder() { "$SIFCTL" --keystore "$STORE" ca list --json | python3 -c '
import json, sys
print([one["serial"] for one in json.load(sys.stdin)["items"] if one["name"] == "ocsp-intermediate"][-1])'; }
old=$(responder)
works ca revoke --yes "$old" --reason keyCompromise
start
check test "$(responder)" != "$old"
ask good dave.pem issuing.pem
stop
# What it is given is recorded.
recorded() { grep -Ec '"event": ?"changed".*"ocsp", ?"serve"' "$STORE/audit.jsonl"; }
before=$(recorded)
check test "$before" = 2
start
check test "$(recorded)" = "$before"
check test "$("$SIFCTL" --keystore "$STORE" ca list --json | grep -c '"profile": "ocsp"')" = 3
# One that runs ends: nobody asks about its certificate.
old=$(responder)
works ca revoke --yes "$old" --reason superseded
checks=$((checks + 1))
timeout 60 tail --pid=$server -f /dev/null
wait $server; status=$?
[ $status = 75 ] || wrong "a responder whose certificate was revoked ended with $status"
check grep -q "the certificate $old of the responder of the intermediate CA was revoked (superseded); start the responder again" server.err
start
check test "$(responder)" != "$old"
ask good dave.pem issuing.pem
stop

# Its name is one that the CA's constraints allow.
STORE=$WORK/constrained
works ca init --subject /O=E/CN=Root --out croot.pem --permit 'subject:/O=E/OU=People' --permit subject:/O=F
accept ca issue --signer erin --subject /O=E/OU=People/CN=erin --out erin
start
check openssl ocsp -issuer croot.pem -cert erin.pem -url "$url" -CAfile croot.pem -no_nonce
cat "$OUT" "$ERR" >said
check grep -q '^erin.pem: good' said
check grep -q 'Response verify OK' said
stop
STORE=$WORK/store
ended() { ! pgrep -f "sifguard-ocspd $STORE "; }
check eventually ended
