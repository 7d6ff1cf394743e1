#!/usr/bin/env python3
"""An HTTP server on a free loopback port for onak's CGI programs, and for answers that no keyserver
should give. Prints its port. Tests only.

  GET /pks/lookup?…      what onak says            GET /huge/pks/lookup    more than anyone wants
  GET /missing/…         404                       GET /loop/…             redirects to itself
  GET /file/…            redirects to a file: URL  GET /wrong/pks/lookup   the file `wrong.asc`
"""
import http.server
import os
import subprocess
import sys

LOOKUP = "/usr/lib/cgi-bin/pks/lookup"
# The CGI programs read the system's configuration alone: a mount of its own puts ours there.
OWN_CONFIG = 'mount --bind "$0/onak.ini" /etc/onak.ini && exec "$1"'


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        with open("requests", "a", encoding="utf-8") as log:
            log.write(getattr(self, "path", "?") + "\n")

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        first = path.split("/")[1]
        if first == "huge":
            return self.answer(200, b"x" * 3_000_000)
        if first == "loop":
            return self.answer(302, b"", [("Location", self.path)])
        if first == "file":
            return self.answer(302, b"", [("Location", "file:///etc/passwd")])
        if first == "wrong":
            with open("wrong.asc", "rb") as key:
                return self.answer(200, key.read())
        if path != "/pks/lookup":
            return self.answer(404, b"no")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", OWN_CONFIG, sys.argv[1], LOOKUP],
            capture_output=True, check=False, timeout=20,
            env={"QUERY_STRING": query, "REQUEST_METHOD": "GET", "PATH": os.environ["PATH"]})
        head, _, body = done.stdout.partition(b"\n\n")
        if not body:
            head, _, body = done.stdout.partition(b"\r\n\r\n")
        return self.answer(200, body, [("X-Head", head.decode(errors="replace").split("\n")[0][:80])])


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
