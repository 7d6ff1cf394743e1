"""The commands of sifctl that change something. What only reads, serves, or wants a cluster, a network, a token or an image
(image publish and prefetch, ca ocsp serve, trust fetch) is not here; what wants an OpenPGP key is where there is gpg."""
import world


# Where a repeat cannot know what the interrupted run has made, it says what to do with it.
TOLD = {"key create": "sifctl key import .* finishes that"}


class Command:
    def __init__(self, text, store="store", same=False, told=None, words=None):
        self.name = text
        self.store = store
        self.same = same  # may change nothing that the dump shows
        self.told = told  # pattern of what a repeat says that cannot complete it
        self.words = words or text.split()


def all_commands(ids):
    pw = " --password-file pw"
    texts = [
        "key create fresh --bits 2048",
        "key create fresh --bits 2048 --file-prefix out/fresh --pfx-password-file pw",
        "key import rsa.pem --name rsa",
        "key rotate cow --name cow-2",
        "key rotate cow --name cow-2 --file-prefix out/cow2 --pfx-password-file pw",
        "key rotate cow --file-prefix out/cow2 --pfx-password-file pw --force",
        "key suspend dog",
        "key resume held",
        "key retire dog",
        "key revoke --yes dog --reason keyCompromise",
        "key destroy old --yes",
        "key rule set dog --signer %s --everyone" % ids["bob"],
        "key rule widen cow --signer %s" % ids["bob"],
        "key rule reset cow",
        "signer add new.pub.pem",
        "signer add carol.pem",
        "signer retire %s" % ids["ann"],
        "signer restore %s" % ids["eve"],
        "signer revoke --yes %s --reason keyCompromise" % ids["ann"],
        "signer remove %s" % ids["eve"],
        "trust add-root root2.pem",
        "trust add-intermediate inner2.pem",
        "trust add-crl two.crl",
        "trust add-source ocsp http://127.0.0.1:9/",
        "trust remove-source http://127.0.0.1:9/one.crl",
        "trust remove %s" % ids["root"],
        "image bind dog --match /apps/dog.sif --signer %s --key dog --allow-user root" % ids["bob"],
        "image unbind tools",
        "policy apply policy.yaml",
        "digest revoke sha256:%s --reason why" % ("3" * 64),
        "digest restore %s" % world.FAR,
        "breakglass grant --binding cow --user root --ttl 1h --reason why",
        "breakglass end %s" % ids["grant"],
        "ca issue --signer frank --out out/frank",
        "ca issue --signer frank --out out/frank --password-file pw",
        "ca issue --host h.example.org --out carol --force",
        "ca sign-csr req.csr --signer grace --out out/grace.pem",
        "ca renew carol.pem --out out/carol2.pem --supersede",
        "ca renew carol.pem --new-key --supersede --out out/carol3",
        "ca renew %s --out out/inner3.pem" % ids["inner2"],
        "ca revoke --yes carol.pem --reason keyCompromise",
        "ca crl --out out/three.crl",
        "ca restore ca.backup" + pw,
        "backup --out out/store.backup" + pw,
        "backup --out ca.backup --force" + pw,
        "restore store.backup --yes" + pw,
        "reseal",
        "reseal --seal file:@RUN@/out/store.key",
        "bundle export --node node.pem --out out/three.bundle",
        "bundle export --node node.pem --out one.bundle --force",
        "node init --replace --out out/node.pem --name other",
    ]
    if "gus" in ids:
        texts += [
            "signer add gus.asc",
            "signer fetch --keyserver %s %s" % (ids["keyserver"], ids["gus"]),
            "import shipyard shipyard.yaml --everyone --certs certs" + pw,
        ]
    new_ca = "ca init --subject /O=N/CN=R --intermediate /O=N/CN=I --out out/r.pem --intermediate-out out/i.pem"
    return [Command(text, same=text.startswith(("ca restore", "ca crl")), told=TOLD.get(" ".join(text.split()[:2])))
            for text in texts] + [
        Command("init", store="fresh"),
        Command("init --seal file:@RUN@/out/new.key", store="fresh"),
        Command(new_ca + " --algorithm p-256", store="node", told="sifctl ca show --pem"),
        Command(new_ca + " --algorithm p-256", store="fresh", told="sifctl ca show --pem"),
        Command("ca restore ca.backup --yes" + pw, store="node"),
        Command("restore store.backup --yes" + pw, store="fresh"),
        Command("restore store.backup --yes --seal file:@RUN@/out/r.key" + pw, store="node"),
        Command("bundle import two.bundle", store="node"),
        Command("digest revoke sha256:%s --reason why" % ("3" * 64), store="older"),
        Command("key destroy old --yes", store="older"),
        Command("signer remove %s" % ids["eve"], store="older"),
        Command("reseal", store="older"),
        Command("restore store.backup --yes" + pw, store="older"),
        Command("node trust root2.pem", store="node"),
        Command("node init --replace --type rsa --name again --out out/again.pem", store="node"),
    ]
