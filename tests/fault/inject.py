"""The mutating system calls of a command, and one of them injured, by strace. Only the command's own process is traced."""
import os
import re
import subprocess

import world

CALLS = ("openat,write,pwrite64,writev,ftruncate,fallocate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,"
         "mkdir,mkdirat,rmdir,symlinkat,fsync,fdatasync,syncfs,fchmod,fchmodat,fchown,fchownat,utimensat,"
         "copy_file_range,sendfile")
# Calls that file systems do not fail for want of space, or whose failure is nobody's to judge here.
NEVER_FAIL = {"unlink", "unlinkat", "rmdir", "fchmod", "fchmodat", "fchown", "fchownat", "utimensat", "flock"}


class Call:
    """The number-th call of its name, as it was seen."""

    def __init__(self, name, number, text):
        self.name, self.number, self.text = name, number, text


class Point:
    def __init__(self, call, kind):
        self.call, self.kind = call, kind

    def __str__(self):
        return "%s:%d:%s" % (self.call.name, self.call.number, self.kind)

    def injection(self):
        how = "signal=KILL" if self.kind == "KILL" else "error=" + self.kind
        return "inject=%s:%s:when=%d" % (self.call.name, how, self.call.number)


def traced(place, command, arguments):
    log = os.path.join(place.directory, "strace")
    done = subprocess.run(["strace", "-qq", "-y", "-s", "64", "-o", log, "-e", "trace=" + CALLS] + arguments + ["--"] +
                          place.command(command), cwd=place.run, stdin=subprocess.DEVNULL, capture_output=True,
                          env=world.ENVIRONMENT, start_new_session=True, timeout=300, check=False)
    with open(log, errors="replace") as lines:
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace"), lines.read().splitlines()


def works(directory):
    done = subprocess.run(["strace", "-qq", "-o", os.path.join(directory, "strace"), "true"], capture_output=True,
                          check=False)
    return done.returncode == 0


def changes(name, text, run):
    """Whether the call may change something below the work directory."""
    if run not in text:
        return False
    return name != "openat" or "O_CREAT" in text or "O_TMPFILE" in text or "O_TRUNC" in text


def record(place, command):
    status, text, lines = traced(place, command, [])
    seen, calls = {}, []
    for line in lines:
        match = re.match(r"(\w+)\(", line)
        if not match:
            continue
        name = match.group(1)
        seen[name] = seen.get(name, 0) + 1
        if changes(name, line, place.run):
            calls.append(Call(name, seen[name], line.replace(place.run + "/", "")[:160]))
    return status, text, calls


def injure(place, command, point):
    status, text, lines = traced(place, command, ["-e", point.injection()])
    reached = any("(INJECTED)" in line or "+++ killed by SIGKILL" in line for line in lines) or status in (-9, 137)
    return status, text if reached else text + "\n(the point was not reached)"
