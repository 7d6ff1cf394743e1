#!/bin/bash
# sifctl breakglass, and what explain says of it.
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
openssl genpkey -algorithm ed25519 -out s.key 2>/dev/null && openssl pkey -in s.key -pubout -out s.pem
accept init
accept signer add s.pem
s=$("$SIFCTL" --keystore "$STORE" signer list | awk 'NR > 1 { print $1 }')
accept key create cow --bits 2048
accept image bind cow --match /cow.sif --signer "$s" --key cow --allow-user daemon
accept image bind dog --match /dog.sif --signer "$s" --allow-user daemon --deny-user nobody
explained() { # STATUS PATTERN USER IMAGE
  checks=$((checks + 1))
  sifctl explain --user "$3" --image "$4"
  local status=$?
  [ "$status" = "$1" ] || wrong "explain ended with $status"
  says "$2"
}
quietly() { # it says which bindings the key has
  checks=$((checks + 1))
  sifctl "$@" || wrong "sifctl $* failed"
}
unchanged() {
  local before
  before=$(state)
  refuse "$@"
  check test "$(state)" = "$before"
}
explained 77 "does not allow user nobody" nobody /cow.sif
give=(breakglass grant --user nobody --reason 'incident 4711')
unchanged 64 "--binding is required; *" "${give[@]}" --ttl 1h
unchanged 64 "--ttl is required; *" "${give[@]}" --binding cow
unchanged 64 "--reason is required; *" breakglass grant --binding cow --user nobody --ttl 1h
unchanged 64 "--reason is required; *" breakglass grant --binding cow --user nobody --ttl 1h
unchanged 64 "*" breakglass --binding cow --user nobody --ttl 1h --reason x # no verb
accept image bind breakglass --match /named.sif --signer "$s" --everyone # a name like any other
accept image unbind breakglass
unchanged 66 "there is no binding 'ox'; see sifctl image list" "${give[@]}" --binding ox --ttl 1h
for ttl in 25h 2d 0h -1h 1 h 1w 1h1 1.5h 99999999999999999999h 1441m; do
  unchanged 64 "not a usable time: '$ttl'; *" "${give[@]}" --binding cow --ttl=$ttl
done
for keystore in "--keystore $STORE" "--keystore=$STORE"; do # wherever it stands
  checks=$((checks + 1))
  # shellcheck disable=SC2086
  "$SIFCTL" breakglass grant $keystore --binding ox --user nobody --ttl 1h --reason x >"$OUT" 2>"$ERR" </dev/null && wrong "there is an ox"
  grep -q "there is no binding 'ox'" "$ERR" || wrong "$keystore behind the command is not taken"
done
unchanged 64 "the reason must be one line *" breakglass grant --binding cow --user nobody --ttl 1h --reason $'a\nb'
accept breakglass list && check test "$(wc -l <"$OUT")" = 1

accept "${give[@]}" --binding cow --ttl 1h && says "user nobody passes the binding 'cow' until "
id=$(cut -d: -f1 "$OUT")
check bash -c "tail -n 1 '$STORE/audit.jsonl' | grep -q '\"event\":\"changed\".*breakglass.*incident 4711'"
accept breakglass list --json && says '"state": "active"' && says '"reason": "incident 4711"' && says "\"by\": \"$(id -un)\""
explained 0 "break-glass  $id" nobody /cow.sif
accept explain --user nobody --image /cow.sif --json && says "\"$id\""
explained 0 allowed daemon /cow.sif
check test -z "$(grep break-glass "$OUT")"
explained 77 "does not allow user sys" sys /cow.sif
explained 77 "denies user nobody" nobody /dog.sif
accept "${give[@]}" --binding dog --ttl 24h
checks=$((checks + 1))
sifctl breakglass grant --binding dog --user no-such-user --ttl 1h --reason x || wrong "an unknown user is an error"
grep -qx "sifctl: not known on this host, check the spelling: user no-such-user" "$ERR" || wrong "no note"
accept breakglass end "$(cut -d: -f1 "$OUT")"
explained 77 "denies user nobody" nobody /dog.sif
quietly key suspend cow
explained 77 "the key is suspended" nobody /cow.sif
quietly key resume cow
quietly key rule reset cow
explained 77 "the key's rule is not set" nobody /cow.sif
quietly key rule set cow --signer "$s" --user daemon
explained 0 "break-glass  $id" nobody /cow.sif
unchanged 66 "there is no grant 'bg-0'; see sifctl breakglass list" breakglass end bg-0
accept breakglass end "$id" && says "ended: $id: user nobody passes the binding 'cow'"
explained 77 "does not allow user nobody" nobody /cow.sif
unchanged 66 "there is no grant '$id'; *" breakglass end "$id"

# Another binding of the same name is not what the grant was given for.
accept "${give[@]}" --binding cow --ttl 1h
id=$(cut -d: -f1 "$OUT")
cp "$STORE/images.yaml" as-it-was
sed -i "s#match: .*#match: ['/other/**']#" "$STORE/images.yaml"
explained 77 "does not allow user nobody" nobody /other/cow.sif
accept breakglass list && says "$id  void "
accept breakglass list --json && says '"state": "void"'
cp as-it-was "$STORE/images.yaml"
explained 0 "break-glass  $id" nobody /cow.sif
accept breakglass list && says "$id  active"
sed -i 's/allow: {users: \["daemon"\]}/allow: {users: ["sys"]}/' "$STORE/images.yaml"
explained 0 "break-glass  $id" nobody /cow.sif
cp as-it-was "$STORE/images.yaml"
accept breakglass end "$id"

# A grant goes with its binding: what is bound anew, word for word the same or not, finds none, and neither does
# what comes back by another way.
gone() { # ID COMMAND…: it succeeds, and says that the grant is void
  checks=$((checks + 1))
  local id=$1
  shift
  sifctl "$@" || wrong "sifctl $* failed"
  [[ $(cat "$ERR") == "sifctl: the break-glass grant $id of user nobody is void: the binding 'cow' is not the one that it was given for any more" ]] || wrong "sifctl $* does not say that $id is void"
}
voided() { # ID: by the list, for good, and nobody passes
  accept breakglass list && says "$1  void "
  explained 77 "does not allow user nobody" nobody /cow.sif
}
anew=(image bind cow --match /cow.sif --signer "$s" --key cow --allow-user daemon)
accept "${give[@]}" --binding cow --ttl 1h
id=$(cut -d: -f1 "$OUT")
checks=$((checks + 1))
sifctl image unbind cow --dry-run || wrong "image unbind --dry-run failed"
[[ $(cat "$ERR") == "sifctl: the break-glass grant $id of user nobody would be void: "* ]] || wrong "no word of the grant"
says "unbound cow, not done: --dry-run"
explained 0 "break-glass  $id" nobody /cow.sif
gone "$id" image unbind cow
accept breakglass list && says "$id  void "
accept "${anew[@]}"
voided "$id"
cp as-it-was "$STORE/images.yaml"
voided "$id"
accept breakglass end "$id"
for way in policy hand; do
  accept "${give[@]}" --binding cow --ttl 1h
  id=$(cut -d: -f1 "$OUT")
  sed '/name: "*cow/,/allow/d' as-it-was >without
  check grep -q 'name: "*dog' without
  case $way in
    policy) gone "$id" policy apply without && quietly policy apply as-it-was ;;
    hand) cp without "$STORE/images.yaml" && gone "$id" "${anew[@]}" ;;
  esac
  voided "$id"
  accept breakglass end "$id"
done
cp as-it-was "$STORE/images.yaml"
accept "${give[@]}" --binding cow --ttl 1h # what concerns others leaves it
id=$(cut -d: -f1 "$OUT")
quietly image unbind dog # has a grant of its own
sed 's/users: \["daemon"\]/users: ["sys"]/' "$STORE/images.yaml" >narrower
check grep -q sys narrower
quietly policy apply --force narrower
explained 0 "break-glass  $id" nobody /cow.sif
accept breakglass end "$id"
cp as-it-was "$STORE/images.yaml"

# Given under a clock that was ahead it lets nobody pass, and says so.
accept "${give[@]}" --binding cow --ttl 1h
id=$(cut -d: -f1 "$OUT")
ahead=$(($(date +%s) + 400000000))
sed -i "s/\"since\": [0-9]*/\"since\": $ahead/; s/\"until\": [0-9]*/\"until\": $((ahead + 3600))/" "$STORE/breakglass.json"
accept breakglass list && says "not yet"
explained 77 "does not allow user nobody" nobody /cow.sif
accept breakglass end "$id"

accept "${give[@]}" --binding cow --ttl 600s
explained 0 allowed nobody /cow.sif
# Eleven minutes later: what it was given by is as much longer ago.
earlier() { python3 -c 'import re, sys; print(end=re.sub(r"(\"(?:since|until)\": )(\d+)", lambda m: m[1] + str(int(m[2]) - 660), sys.stdin.read()))'; }
earlier <"$STORE/breakglass.json" >earlier.json && cat earlier.json >"$STORE/breakglass.json"
explained 77 "does not allow user nobody" nobody /cow.sif
accept breakglass list && says ended
echo '{}' >"$STORE/breakglass.json"
unchanged 78 "$STORE/breakglass.json: *" "${give[@]}" --binding cow --ttl 1h
refuse 78 "$STORE/breakglass.json: *" explain --user daemon --image /cow.sif
