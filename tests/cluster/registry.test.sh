# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154  # what stands in single quotes expands in the box; made, encrypted, plain, rc, out: set elsewhere
# Images from a real registry (docker-registry), pushed by Apptainer, pulled as the job's owner. Sourced by run.
dir=$registry
undo ctl rm -rf "$dir"
undo ctl sh -c 'cd /etc/sifguard; cat .before >sifguard.yaml; rm .before'
ctl sh -c 'mkdir -p /etc/sifguard; cd /etc/sifguard; touch sifguard.yaml; cp -p sifguard.yaml .before
    printf "plain_registries: [\"ctl:5000\", \"ctl:5001\"]\n" >>sifguard.yaml'
start_registry 5000
ctl sh -c 'mkdir -p "$1"; perl -e "print \"carol:\", crypt(\"s3cret\", q(\$2b\$05\$abcdefghijklmnopqrstuu)), \"\n\"" >"$1/htpasswd"' sh "$dir"
start_registry 5001 "auth: {htpasswd: {realm: here, path: $dir/htpasswd}}"
push() { capture as carol apptainer --quiet push --no-https "$1" "$2"; ran "push $2"; }
push "$plain" oras://ctl:5000/site/plain:1
push "$encrypted" oras://ctl:5000/site/lolcow:1
push "$made/tools/unsigned.sif" oras://ctl:5000/site/unsigned:1
carol=$(fingerprint_of carol)
ctl sh -c 'sifctl image bind r-plain --match "oras://ctl:5000/site/plain:*" "oras://ctl:5000/site/unsigned:*" "oras://ctl:5001/**" --signer "$1" --everyone
    sifctl image bind r-lolcow --match "oras://ctl:5000/site/lolcow:*" --signer "$1" --key lolcow --allow-group bio' sh "$carol" >/dev/null
undo ctl sh -c 'sifctl image unbind r-plain; sifctl image unbind r-lolcow'

launch alice -w node1 --sif-verify=oras://ctl:5000/site/plain:1 cat /marker
ran "from a registry" out=good
launch bob -N2 -n4 --sif-verify=oras://ctl:5000/site/lolcow:1 cat /marker
ran "an encrypted one, on two nodes" out='good
good
good
good'
refuse "unsigned in the registry" 65 'not signed|none of the signers|no signature' alice --sif-verify=oras://ctl:5000/site/unsigned:1 true
refuse "who may not" 77 'does not allow|allows' mallory --sif-verify=oras://ctl:5000/site/lolcow:1 true
push "$plain" oras://ctl:5000/other/plain:1
refuse "bound to nothing" 77 'no binding' alice --sif-verify=oras://ctl:5000/other/plain:1 true
refuse "no such tag" 66 'there is no oras://' alice --sif-verify=oras://ctl:5000/site/plain:2 true
refuse "no TLS where none is allowed" 75 'cannot fetch' alice --sif-verify=oras://ctl:5002/site/plain:1 true
refuse "docker://" 64 'is no SIF' alice --sif-verify=docker://ctl:5000/site/plain:1 true

# A tag that moves is noticed: to an image that is not good, and back.
push "$made/tools/unsigned.sif" oras://ctl:5000/site/plain:1
refuse "the tag moved to an unsigned image" 65 'not signed|none of the signers|no signature' alice -w node1 --sif-verify=oras://ctl:5000/site/plain:1 true
push "$plain" oras://ctl:5000/site/plain:1
launch alice -w node1 --sif-verify=oras://ctl:5000/site/plain:1 cat /marker
ran "and back" out=good
# What is in the cache is not fetched again: the blob is gone, the manifest is there.
ctl sh -c 'find "$1/5000/docker/registry/v2/blobs" -name data -size +100k -delete' sh "$dir"
launch alice -w node1 --sif-verify=oras://ctl:5000/site/plain:1 cat /marker
ran "the cache serves what the registry lost" out=good
launch bob -w node1 --sif-verify=oras://ctl:5000/site/plain:1 cat /marker
ran "but nobody to whom it was never sent" rc=failed

# Credentials are the owner's own.
as carol sh -c 'mkdir -p .docker; printf "{\"auths\": {\"ctl:5001\": {\"auth\": \"%s\"}}}" "$(printf carol:s3cret | base64)" >.docker/config.json; chmod 600 .docker/config.json'
undo as carol rm -rf .docker
as carol sh -c 'mkdir -p .apptainer; cp .docker/config.json .apptainer/docker-config.json'
undo as carol rm -f .apptainer/docker-config.json
push "$plain" oras://ctl:5001/private/plain:1
launch carol --sif-verify=oras://ctl:5001/private/plain:1 cat /marker
ran "with the owner's password" out=good
refuse "without one" 66 'log in with apptainer' alice --sif-verify=oras://ctl:5001/private/plain:1 true
as alice sh -c 'mkdir -p .docker; printf "{\"auths\": {\"ctl:5001\": {\"auth\": \"%s\"}}}" "$(printf carol:wrong | base64)" >.docker/config.json'
undo as alice rm -rf .docker
refuse "with a wrong one" 66 'check the password' alice --sif-verify=oras://ctl:5001/private/plain:1 true
check "no password in the audit log" lacks "$(at node1 cat /var/log/sifguard/audit.jsonl)" 's3cret|wrong'

# One image, whatever it is called: a restriction beside a wider rule.
names=oras://ctl:5000/names
digest_of() { ctl cat "$dir/5000/docker/registry/v2/repositories/names/$1/_manifests/tags/$2/current/link"; }
push "$made/tools/unsigned.sif" $names/secret:other
for tag in secret:latest secret:2 other:1 wild:v1 wild:w1 pinned:1 pinned:latest; do push "$plain" "$names/$tag"; done
digest=$(digest_of secret latest)
ctl sh -c 'sifctl image bind r-all --match "oras://*/names/**" --signer "$1" --everyone
    sifctl image bind r-secret --match oras://CTL.:5000/names/secret --signer "$1" --allow-user bob
    sifctl image bind r-wild --match "oras://ctl:5000/names/wild:v*" --signer "$1" --allow-user bob
    sifctl image bind r-pinned --match "oras://ctl:5000/names/pinned@$2" --signer "$1" --allow-user bob' sh "$carol" "$(digest_of pinned 1)" >/dev/null
undo ctl sh -c 'for name in r-all r-secret r-wild r-pinned; do sifctl image unbind "$name"; done'
for form in secret:latest secret "secret@$digest" "secret:2@$digest" secret:2 %73ecret:l%61test; do
    refuse "a restriction on a tag: $form" 77 "binding 'r-secret' does not allow" alice --sif-verify="$names/$form" true
done
refuse "with capitals" 77 "binding 'r-secret'" alice --sif-verify=ORAS://CTL:5000/names/secret true
refuse "a tag with a pattern, by another tag" 77 "binding 'r-wild'" alice --sif-verify=$names/wild:w1 true
refuse "a digest, by a tag" 77 "binding 'r-pinned'" alice --sif-verify=$names/pinned true
refuse "a digest, by its tag" 77 "binding 'r-pinned'" alice --sif-verify=$names/pinned:1 true
for form in ../names/secret .//secret names%2fsecret secret?x secret#x Secret secret:a:b; do
    refuse "no form of its own: $form" 64 'not an image' alice --sif-verify="$names/$form" true
done
for form in oras:/ctl:5000/names/secret oras:ctl file:///etc/passwd oci:x " $names/secret"; do
    refuse "no path: $form" 64 "not an image|is no SIF|cannot get images" alice --sif-verify="$form" true
done
launch bob -w node1 --sif-verify="$names/secret@$digest" cat /marker
ran "who may by the tag may by its digest" out=good
check "the audit log knows one spelling" has "$(at node1 grep '"event":"started"' /var/log/sifguard/audit.jsonl | tail -n 1)" "r-secret"
launch alice -w node1 --sif-verify=$names/other:1 cat /marker
ran "the same image in another repository" out=good
refuse "another image of the repository" 65 'not signed|none of the signers|no signature' alice --sif-verify=$names/secret:other true
# Where the registry does not say what a tag means, its binding holds.
ctl sh -c 'cd "$1/5000/docker/registry/v2/repositories/names/secret/_manifests/tags/latest/current" && cp link kept && echo broken >link' sh "$dir"
refuse "a tag that is not told" 77 "binding 'r-secret'" alice --sif-verify="$names/secret@$digest" true
ctl sh -c 'cd "$1/5000/docker/registry/v2/repositories/names/secret/_manifests/tags/latest/current" && mv kept link' sh "$dir"
# A tag that has moved means another image.
push "$made/tools/unsigned.sif" $names/secret:latest
launch alice -w node1 --sif-verify="$names/secret@$digest" cat /marker
ran "once the tag is elsewhere" out=good
