#!/bin/bash
# Names of images: whatever a URI is spelled like, the same bindings hold; what has no form of its own is refused; other
# programs' wildcards are no patterns. sifctl image bind, explain, policy check and test.
#   names_test.sh SIFCTL
. "$(dirname "$0")/lib.sh" "${1:?usage: $0 SIFCTL}"
openssl genpkey -algorithm ED25519 -out key.pem 2>/dev/null && openssl pkey -in key.pem -pubout -out pub.pem
accept init
accept signer add pub.pem
signer=$(sed -n 's/^added \(spki:[0-9a-f]*\).*/\1/p' "$OUT")
bind() { accept image bind "$1" --match "$2" --signer "$signer" "${@:3}"; }
hex=$(printf %064d 1)

# explained STATUS NAME…: what it ends with for each, for daemon.
explained() {
  local want=$1 image
  shift
  for image; do
    checks=$((checks + 1))
    sifctl explain --user daemon --image "$image"
    local status=$?
    [ "$status" = "$want" ] || wrong "explain $image ended with $status, not $want"
  done
}

# A restriction beside a wider rule.
bind all 'oras://*/site/**' --everyone
bind restricted 'oras://Registry.example.org:443/site/secret' --allow-user root
says "bound restricted"
accept image list
says "oras://registry.example.org/site/secret:latest"
r=registry.example.org
explained 77 oras://$r/site/secret:latest oras://$r/site/secret "oras://$r/site/secret@sha256:$hex" \
  "oras://$r/site/secret:1@sha256:$hex" ORAS://$r/site/secret oras://REGISTRY.example.org/site/secret \
  oras://$r:443/site/secret oras://$r:0443/site/secret oras://$r./site/secret oras://$r/site/s%65cret \
  oras://$r/site/%73ecret:l%61test "oras://$r/site/secret@SHA256:$hex"
explained 0 oras://$r/site/secret:1 oras://$r/site/other oras://$r:5000/site/secret
sifctl explain --user daemon --image oras://$r/site/secret:1
says "if so, that binding holds as well"
sifctl explain --user root --image "oras://$r/site/secret@sha256:$hex"
says "may be for it, by oras://$r/site/secret:latest"
# No form of its own.
explained 64 oras://$r/site/../site/secret oras://$r//site/secret oras://$r/site%2fsecret oras://$r/site/secret?x \
  'oras://u:hidden@registry.example.org/site/secret' oras://$r/Site/secret oras:/$r/site/secret \
  oras:$r/site/secret " oras://$r/site/secret" file:///x docker://x oci:x oci-archive:x.tar http://$r/x \
  oras://127.1/site/secret 'oras://[::ffff:127.0.0.1]/site/secret' https://$r/a%2fb https://$r/a/%2e%2e/b
sifctl explain --user daemon --image 'oras://u:hidden@registry.example.org/x'
check bash -c "! grep -q hidden '$ERR'"

# A digest's binding beside a tag, which may mean it.
bind pinned "oras://$r/site/pinned@sha256:$hex" --allow-user root
explained 77 oras://$r/site/pinned oras://$r/site/pinned:1 "oras://$r/site/pinned@sha256:$hex"

# The library that is meant where none is named.
bind library 'library://a/b/c:1' --allow-user root
bind any-library 'library://**' --everyone
explained 77 library://a/b/c:1 library://library.sylabs.io/a/b/c:1 library://Library.Sylabs.io:443/a/b/c:1
explained 0 library://elsewhere.example.org/a/b/c:1

# Queries and encodings of web addresses.
bind web "https://$r/**" --everyone
bind web-secret "https://$r/a+b.sif" --allow-user root
explained 77 https://$r/a+b.sif https://$r/a+b.sif?x https://$r/a%2bb.sif https://$r/%61+b.sif
explained 0 https://$r/a-b.sif

# Patterns that would never match what they look like.
for pattern in 'oras://h/{a,b}:1' '/apps/{a,b}.sif' '/apps/@(a|b)' '/apps/[[:alpha:]].sif' 'oras://h/Site/x' 'oras://h' \
  'https://u:hidden@h/x' 'https://h/a b' 'oras://h/x@sha256:12' 'oras://*.h:0*/x:1' 'oras://h/r[{]a' 'oras://h/[A-Z]*' \
  'oras://h/r[:]tag' '/home/$user/x' '/a/[.]hidden' 'https://h/%25%36%35'; do
  sifctl image bind bad --match "$pattern" --signer "$signer" --everyone
  status=$?
  checks=$((checks + 1))
  [ "$status" = 64 ] && [ "$(wc -l <"$ERR")" = 1 ] || wrong "bind $pattern ended with $status"
  check bash -c "! grep -q hidden '$ERR'"
done
cp "$STORE/images.yaml" images.yaml
sed -i 's#oras://\*/site/\*\*#oras://h/{a,b}:1#' images.yaml
refuse 78 "images.yaml:*has a brace*" policy check images.yaml
sed -i 's#oras://h/{a,b}:1#oras://h/r[{]a:1#' images.yaml
refuse 78 "images.yaml:*matches no image: no image's name goes on with '?{?a:1'*" policy check images.yaml
explained 64 https://$r/%25%36%35 https://$r/a%25%36%35 library://e%2Ex/c/n
cat >decisions.yaml <<END
version: 1
tests:
  - {user: daemon, image: "ORAS://$r/site/secret", expect: deny, binding: restricted}
  - {user: root, image: "oras://$r/site/secret", expect: allow, binding: restricted}
END
accept test decisions.yaml
