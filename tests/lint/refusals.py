#!/usr/bin/env python3
"""Every refusal that a job's owner can meet has its entry in packaging/doc/troubleshooting.md. Reads sources only.

A message is made where an Error is made: by fail(), fail_errno(), Error, the plugin's refuse(), and by functions of the
same file that return an error. Its skeleton is its text, with "…" for what is put in at run time. The page names
messages in lines that begin with "- `"; "…" in one stands for anything. A message that no such line matches is a
fault, and so is a line that matches no message. SOURCES says what a launch runs; what stands there for other commands
alone is in NOT_IN_A_LAUNCH. Usage: refusals.py TREE [--list].
"""
import re
import sys
from pathlib import Path

# Where the programs of a launch come from.
SOURCES = """spank_plugin helper/request helper/pipeline helper/stage helper/pull helper/verify helper/sif helper/imagefs
    helper/mount helper/release helper/launch helper/process keystore/policy keystore/store keystore/trust keystore/x509
    keystore/crypto keystore/token keystore/base keystore/audit""".split()

# What stands there for commands of sifctl, or answers between our own programs, alone.
NOT_IN_A_LAUNCH = """helper/launch/plan_file helper/request/request helper/stage/cache_survey
    helper/sif/copy_file helper/sif/edit helper/sif/rewrite
    keystore/policy/audience_name keystore/policy/binding_limits keystore/policy/images_edit keystore/policy/shipyard
    keystore/store/archive keystore/store/authority_store keystore/store/content keystore/store/keystore_check
    keystore/store/keystore_keys_write keystore/store/keystore_reseal keystore/store/key_state keystore/store/older_names
    keystore/store/own_keys keystore/store/published_records keystore/store/signer_step
    keystore/trust/newer keystore/x509/accepted_list keystore/x509/clock_doubt keystore/x509/fetched_item keystore/x509/ocsp_request
    keystore/x509/trust_file
    keystore/crypto/certified_key keystore/crypto/cms keystore/crypto/openpgp_merge keystore/crypto/openpgp_merge_wire
    keystore/crypto/pbe_cost keystore/crypto/pem keystore/crypto/pfx keystore/crypto/pfx_bags keystore/crypto/private_pem
    keystore/crypto/signing_key keystore/crypto/ssh_fingerprint
    keystore/base/error keystore/base/file_kind_name keystore/base/file_wanted keystore/base/input_file
    keystore/base/overwrite keystore/base/passphrase keystore/base/unprivileged keystore/base/usage_error
    keystore/audit/chain_check keystore/audit/log_chain keystore/audit/log_lines""".split()

# Here functions return the reason alone, which another puts after "binding 'X' " or "signature N of Y ".
RETURNED = """spank_plugin/ helper/verify/weigh helper/verify/examine.cc helper/verify/sandbox/statement_check
    keystore/policy/decide.cc keystore/policy/insistence keystore/policy/key_rule.cc keystore/x509/crl_ keystore/x509/usage keystore/x509/certificate_check""".split()

MAKERS = r"fail|fail_errno|fail_openssl|refuse|Error|error|say|make_malformed"
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def without_comments(text):
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda m: m.group(1) or " ", text, flags=re.S)


def arguments(text, start):
    """The top-level arguments of the call whose bracket opens at `start`."""
    depth, parts, begin, i = 0, [], start + 1, start
    while i < len(text):
        c = text[i]
        if c == '"':
            i = LITERAL.match(text, i).end() - 1 if LITERAL.match(text, i) else i
        elif c == "'":
            i = text.find("'", i + 2 if text[i + 1] == "\\" else i + 1)
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return parts + [text[begin:i]]
        elif c == "," and depth == 1:
            parts.append(text[begin:i])
            begin = i + 1
        i += 1
    return parts


def spoken(literal):
    text = re.sub(r"\\x[0-9a-f]{2}", "…", literal)
    text = text.replace('\\"', '"').replace("\\\\", "\\").replace("\\n", " ")
    return re.sub(r"%[-.0-9l]*[sdux]", "…", text)


def skeletons(argument):
    """Of an argument that is a text: one, or one for each branch of a condition."""
    plain = LITERAL.sub('""', argument)
    while re.search(r"\([^()]*\)", plain):
        plain = re.sub(r"\([^()]*\)", "", plain)
    if "?" in plain:  # the whole argument is a condition
        return [spoken(m) for m in LITERAL.findall(argument)]
    out, last = "", 0
    depth = 0
    for match in re.finditer(r'"(?:[^"\\\n]|\\.)*"|[()]|[^"()]+', argument):
        piece = match.group(0)
        if piece in "()":
            depth += 1 if piece == "(" else -1
            continue
        if piece.startswith('"') and (depth == 0 or re.search(r"string\($|string_view\($", argument[:match.start()])):
            out += spoken(piece[1:-1])
        elif not re.fullmatch(r"[\s]*(std::string(_view)?)?[\s]*", piece) and not out.endswith("…"):
            rest = re.sub(r"std::string(_view)?|\s|\+", "", piece)
            out += "…" if rest else ""
        last = match.end()
    return [re.sub("…+", "…", out)]


def first_text(name, args):
    """The argument that is the message; of fail() and Error the one behind the code, if it has a text of its own."""
    if name in ("fail", "fail_errno", "fail_openssl", "Error", "{"):
        args = args[1:2]
    return next((one for one in args if LITERAL.search(one)), None)


def messages_of(path, text):
    text = without_comments(text)
    own = re.findall(r"(?:tl::unexpected<Error>|\bError|\bTurn) (\w+)\(", text)
    makers = re.compile(r"\b(" + "|".join([MAKERS] + own) + r")\s*[({]|(\{)\s*Code::")
    for match in makers.finditer(text):
        before = text[max(0, match.start() - 24):match.start()]
        if re.search(r"(unexpected<Error>|Error|const|struct|class|Turn|void)\s+$", before):
            continue  # its declaration
        bracket = match.start(2) if match.group(2) else match.end() - 1
        argument = first_text(match.group(1) or "{", arguments(text, bracket))
        if argument and not argument.strip().startswith("["):
            yield from skeletons(argument)
    if any(path.startswith(one) for one in RETURNED):
        for match in re.finditer(r"\breturn\s+([^;]*);", text):
            body = match.group(1)
            argument = arguments(body, 0)[0] if body.startswith("{") else body
            if LITERAL.search(argument) and not makers.search(argument):
                yield from (m for m in skeletons(argument) if m.count(" ") >= 2)


def messages(tree):
    found = {}
    for folder in SOURCES:
        for path in sorted((tree / folder).rglob("*.cc")):
            name = str(path.relative_to(tree))
            if name.removesuffix(".cc") in NOT_IN_A_LAUNCH:
                continue
            for message in messages_of(name, path.read_text()):
                message = message.strip(" ;:,")
                if re.search(r"[a-z]{2}", message):
                    found.setdefault(message, name)
    return found


def compiled(pattern):
    # What says next to nothing stands for itself alone.
    if sum(c.isalpha() for c in pattern) < 6:
        return re.compile(re.escape(pattern))
    return re.compile(".*".join(re.escape(part) for part in pattern.split("…")))


def main():
    tree = Path(sys.argv[1])
    found = messages(tree)
    if "--list" in sys.argv:
        for message, name in found.items():
            print(f"{name}\t{message}")
        return 0
    page = (tree / "packaging/doc/troubleshooting.md").read_text()
    patterns = re.findall(r"^- `(.+)`$", page, re.M)
    entries = {pattern: compiled(pattern) for pattern in patterns}
    faults = [f"{name}: no entry of troubleshooting.md has '{message}'" for message, name in found.items()
              if message not in entries and not any(one.fullmatch(message) for one in entries.values())]
    faults += [f"troubleshooting.md: no refusal is '{pattern}'" for pattern, one in entries.items()
               if pattern not in found and not any(one.fullmatch(message) for message in found)]
    faults += [f"troubleshooting.md: '{one}' stands there twice" for one in set(patterns) if patterns.count(one) > 1]
    faults += [f"refusals.py: there is no {one}.cc" for one in NOT_IN_A_LAUNCH if not (tree / f"{one}.cc").exists()]
    if len(found) < 300:
        faults.append(f"refusals.py finds {len(found)} messages alone: are they made in another way now?")
    print("\n".join(faults) if faults else f"refusals: {len(found)} messages by {len(patterns)} patterns")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
