"""What a work directory holds, in a form that two runs of one command share: names and contents, but for new random ids,
keys, times and everything that carries no state of its own."""
import hashlib
import os
import re

HEX = re.compile(r"[0-9a-fA-F]{16,}")
TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ|\b\d{10}\b")
BASE64 = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END [A-Z0-9 ]+-----", re.S)
SEALED = re.compile(r'("sealed": )"[^"]+"')
# Locks, logs, reserves, an index that anybody may make, and what interrupted commands left: that is judged by
# what the next one and doctor make of it.
IGNORED = re.compile(r"(^|/)(\.lock|\.images\.lock|\.moving-names|\.key-next-[^/]*|\.reserve[^/]*|[^/]*audit\.jsonl[^/]*|images\.index|\.tmp-[^/]*|"
                     r"\.[^/]*\.tmp|\.sifguard-[^/]*|[^/]*\.before-restore|[^/]*\.unfinished-ca-[^/]*)(/|$)|"
                     r"^[a-z]+/\.unfinished$")
# The name that an output has before it has its own (keystore/base/rewrite_name.h).
HALF_MADE = re.compile(r"(^|/)\.[^/]*\.(X|[0-9a-f]{16})\.tmp$")
# PrivateKeyInfo or RSAPrivateKey in DER: version 0 and what follows it.
DER_KEY = (bytes.fromhex("020100300d06092a864886f70d0101010500"), bytes.fromhex("020100301306072a8648ce3d0201"),
           bytes.fromhex("020100300506032b6570"))
PEM_KEY = (b"-----BEGIN PRIVATE KEY", b"-----BEGIN RSA PRIVATE KEY", b"-----BEGIN EC PRIVATE KEY")


# A keystore of an older sifguard is moved to these names by whichever change comes next.
OLDER = re.compile(r"(^|/)(meta|seal|revoked|published|breakglass|bundle|index|sources|fetched)\.yaml$")


def files(directory):
    for above, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(above, name)
            yield os.path.relpath(path, directory), path


def today(name):
    return re.sub(r"(^|/)signers/", r"\1image-signers/", OLDER.sub(r"\1\2.json", name))


def read(path):
    with open(path, "rb") as file:
        return file.read()


def digest(content):
    return hashlib.sha256(content).hexdigest()[:12]


class Known:
    """What was there before is compared as it is."""

    def __init__(self, base):
        self.words, self.contents = set(), set()
        for name, path in files(base):
            content = read(path)
            self.contents.add(digest(content))
            text = content.decode("latin-1") + "\n" + name
            self.words.update(HEX.findall(text))
            self.words.update(digest(match.group(0).encode("latin-1")) for match in BASE64.finditer(text))

    def plain(self, text):
        def kept(match):
            return match.group(0) if match.group(0) in self.words else "X"

        def pem(match):
            mark = digest(match.group(0).encode("latin-1"))
            return "PEM %s %s" % (match.group(1), mark if mark in self.words else "new")
        return TIME.sub("T", HEX.sub(kept, SEALED.sub(r"\1X", BASE64.sub(pem, text))))

    def content(self, content):
        mark = digest(content)
        if mark in self.contents:
            return mark
        try:
            return self.plain(content.decode("ascii"))
        except UnicodeDecodeError:
            return "binary, new"


def dump(run, known):
    lines = []
    for name, path in files(run):
        if IGNORED.search(name):
            continue
        mode = os.lstat(path).st_mode & 0o7777
        lines.append("%s %o %s" % (known.plain(today(name)), mode, known.content(read(path).replace(run.encode(), b"RUN"))))
    return sorted(lines)


def difference(wanted, found):
    shown = lambda line: line.replace("\n", " ")[:600]
    return (["missing: " + shown(line) for line in wanted if line not in found] +
            ["extra: " + shown(line) for line in found if line not in wanted])


def without_ids(line, run):
    return HEX.sub("X", line.replace(run, "RUN"))


def plain_keys(run):
    found = set()
    for name, path in files(run):
        content = read(path)
        if any(mark in content for mark in PEM_KEY + DER_KEY):
            found.add(HEX.sub("X", name))
    return found


def half_made_keys(run):
    return {name for name in plain_keys(run) if HALF_MADE.search(name)}
