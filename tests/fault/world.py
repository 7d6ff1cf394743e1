"""The keystore that the commands of commands.py change: `store`, an admin's with a CA, and `node`, which takes its bundles.
Below the work directory all is named relatively, so that copies of it work anywhere."""
import http.server
import os
import re
import shutil
import subprocess
import tempfile
import threading

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0",
               "HOME": "/nonexistent"}
DOCTOR = [word for check in ("programs", "account", "plugstack", "versions", "sandbox", "audit-log", "enforcement", "files")
          for word in ("--skip", check)]
FAR = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64


def run(words, cwd):
    done = subprocess.run(words, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, env=ENVIRONMENT, check=False)
    if done.returncode != 0:
        raise SystemExit("preparing: %s: %s" % (" ".join(words), (done.stdout + done.stderr).decode()))
    return done.stdout.decode()


def write(directory, name, text):
    with open(os.path.join(directory, name), "w", encoding="ascii") as file:
        file.write(text)


def prepare(sifctl, base):
    """Gives the ids that commands name."""
    os.makedirs(base, mode=0o700)

    def admin(*words):
        return run([sifctl, "--keystore", base + "/store"] + list(words), base)

    def node(*words):
        return run([sifctl, "--keystore", base + "/node"] + list(words), base)

    ids = {}
    write(base, "pw", "a password\n")
    os.mkdir(base + "/out")
    make_outside_keys(base)
    make_openpgp(base, ids)
    admin("init")
    for name in ("cow", "dog", "held", "old"):
        admin("key", "create", name, "--bits", "2048")
    admin("key", "suspend", "held")
    admin("key", "retire", "old")
    for name in ("ann", "bob", "eve"):
        text = admin("signer", "add", name + ".pub.pem")
        ids[name] = re.search(r"spki:[0-9a-f]{64}", text).group(0)
    admin("image", "bind", "cow", "--match", "/apps/cow.sif", "--signer", ids["ann"], "--key", "cow", "--allow-user",
          "root")
    admin("image", "bind", "tools", "--match", "/apps/tools/**", "--signer", ids["bob"], "--everyone")
    admin("digest", "revoke", FAR, "--reason", "old")
    prepare_ca(admin, base, ids)
    prepare_node(admin, node, base)
    text = admin("breakglass", "grant", "--binding", "cow", "--user", "nobody", "--ttl", "20h", "--reason", "why")
    ids["grant"] = re.search(r"bg-[0-9a-f]+", text).group(0)
    admin("trust", "add-source", "crl", "http://127.0.0.1:9/one.crl")
    admin("backup", "--out", "store.backup", "--password-file", "pw")
    admin("signer", "retire", ids["eve"])
    write(base, "policy.yaml", read_text(base + "/store/images.yaml").replace("tools", "fools"))
    make_older(base)
    return ids


def make_older(base):
    """The same keystore, as an older sifguard named its files."""
    shutil.copytree(base + "/store", base + "/older", symlinks=True)
    for above, _, names in os.walk(base + "/older"):
        for name in names:
            stem, end = os.path.splitext(os.path.join(above, name))
            if end == ".json":
                os.rename(stem + end, stem + ".yaml")
    os.rename(base + "/older/image-signers", base + "/older/signers")


def read_text(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def make_outside_keys(base):
    """Keys and requests that others made."""
    for name in ("ann", "bob", "eve", "new"):
        run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", name + ".tmp.pem"], base)
        run(["openssl", "pkey", "-in", name + ".tmp.pem", "-pubout", "-out", name + ".pub.pem"], base)
        os.unlink(os.path.join(base, name + ".tmp.pem"))
    run(["openssl", "genrsa", "-out", "rsa.pem", "2048"], base)
    run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "req.pem"], base)
    run(["openssl", "req", "-new", "-key", "req.pem", "-subj", "/CN=x", "-out", "req.csr"], base)
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout",
         "root2.key", "-subj", "/O=Two/CN=Root", "-days", "30", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
         "-out", "root2.pem"], base)
    os.unlink(os.path.join(base, "root2.key"))


def make_openpgp(base, ids):
    """An OpenPGP key, if there is gpg: in a file, and at a keyserver that lives as long as this process; and a
    configuration of Batch Shipyard that names it, and a key in a file."""
    if shutil.which("gpg") is None:
        return
    with tempfile.TemporaryDirectory() as home:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet"]
        run(gpg + ["--passphrase", "", "--quick-gen-key", "gus@example.org", "ed25519", "sign", "never"], base)
        write(base, "gus.asc", run(gpg + ["--armor", "--export"], base))
        listed = run(gpg + ["--with-colons", "--list-keys"], base)
        ids["gus"] = re.search(r"^fpr:+([0-9A-F]{40})", listed, re.M).group(1)
        run(["gpgconf", "--homedir", home, "--kill", "all"], base)
    ids["keyserver"] = serve(read_text(base + "/gus.asc").encode())
    os.mkdir(base + "/certs")
    run(["openssl", "req", "-x509", "-key", "rsa.pem", "-subj", "/CN=ship", "-out", "ship.pem"], base)
    run(["openssl", "pkcs12", "-export", "-inkey", "rsa.pem", "-in", "ship.pem", "-passout", "file:pw", "-out",
         "certs/ship.pfx"], base)
    print_of = run(["openssl", "x509", "-in", "ship.pem", "-noout", "-fingerprint", "-sha1"], base)
    write(base, "shipyard.yaml", """global_resources:
  singularity_images:
    signed:
      - image: oras://registry.example.org/plain:1
        signing_key: {fingerprint: %s, file: gus.asc}
      - image: oras://registry.example.org/sealed:1
        signing_key: {fingerprint: %s, file: gus.asc}
        encryption: {certificate: {sha1_thumbprint: %s}}
""" % (ids["gus"], ids["gus"], print_of.strip().split("=")[1].replace(":", "")))


def serve(content):
    """The URL of a server that answers everything with this."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d" % server.server_port


def prepare_ca(admin, base, ids):
    admin("ca", "init", "--subject", "/O=E/CN=Root", "--intermediate", "/O=E/CN=Inner", "--out", "root.pem",
          "--intermediate-out", "inner.pem", "--algorithm", "p-256")
    for name in ("carol", "dave"):
        text = admin("ca", "issue", "--signer", name, "--out", name, "--password-file", "pw")
        ids[name] = re.search(r"serial +([0-9a-f]+)", text).group(1)
    text = admin("ca", "renew", "inner.pem", "--out", "inner2.pem")
    ids["inner2"] = re.search(r"serial +([0-9a-f]+)", text).group(1)
    admin("trust", "add-root", "root.pem")
    admin("trust", "add-intermediate", "inner.pem")
    admin("ca", "crl", "--out", "one.crl")
    admin("trust", "add-crl", "one.crl")
    admin("ca", "revoke", "--yes", "dave.pem", "--reason", "superseded")
    admin("ca", "crl", "--out", "two.crl")
    ids["root"] = re.search(r"\b[0-9a-f]{16,}", admin("trust", "list")).group(0)
    admin("backup", "--out", "ca.backup", "--password-file", "pw")


def prepare_node(admin, node, base):
    node("init")
    node("node", "init", "--out", "node.pem", "--name", "node")
    admin("bundle", "signer", "--out", "site.pem")
    node("node", "trust", "site.pem")
    admin("bundle", "export", "--node", "node.pem", "--out", "one.bundle")
    node("bundle", "import", "one.bundle")
    admin("key", "create", "late", "--bits", "2048")
    admin("digest", "revoke", OTHER, "--reason", "newer")
    admin("bundle", "export", "--node", "node.pem", "--out", "two.bundle")
