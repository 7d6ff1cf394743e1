"""same_json.py THEN NOW: two files of "== command" lines, each before its JSON object. Whatever stands in THEN stands in
NOW with that value; members may have been added to objects, nothing else."""
import json
import sys

DAY = {"schema", "state"}  # a state ends with its day; what is said of it otherwise does not


def parts(path):
    found = {}
    for block in open(path, encoding="utf-8").read().split("== ")[1:]:
        command, _, text = block.partition("\n")
        status = text.strip().splitlines()[-1] if "\nstatus " in text else ""
        found[command] = {"status": status, "said": json.loads(text.removesuffix(status + "\n") or "null")}
    return found


def differs(then, now, where):
    if isinstance(then, dict) and isinstance(now, dict):
        return [each for name in then if name not in DAY
                for each in (differs(then[name], now[name], f"{where}.{name}") if name in now
                             else [f"{where}.{name} is gone"])]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [each for i, one in enumerate(then) for each in differs(one, now[i], f"{where}[{i}]")]
    return [] if then == now else [f"{where}: {then!r} is now {now!r}"]


then, now = parts(sys.argv[1]), parts(sys.argv[2])
found = differs(then, now, "") + ([] if len(then) > 5 else ["too little was written down"])
print("\n".join(found))
sys.exit(1 if found else 0)
