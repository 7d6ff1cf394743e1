#!/usr/bin/env python3
"""Holds answers of `sifctl … --json` against packaging/schemas.

  valid_json.py FILE...     each holds one answer; what is wrong goes to the standard output
  valid_json.py --kinds     the kinds that have a schema

A file's schema is the one that its "schema" names.
"""
import json
import pathlib
import sys

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "schemas"


def kinds():
    return sorted(path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*.schema.json"))


def validator(schema):
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


class Validators:
    def __init__(self):
        self.made = {}

    def of(self, name):
        kind, _, version = name.removeprefix("sifguard.").partition("/")
        path = SCHEMAS / f"{kind}.schema.json"
        if version != "1" or not path.exists():
            raise ValueError(f"there is no schema for {name!r}")
        if kind not in self.made:
            self.made[kind] = validator(json.loads(path.read_text()))
        return self.made[kind]


def problems(text, validators):
    try:
        answer = json.loads(text)
        return [
            f"{'/'.join(map(str, error.absolute_path)) or 'the answer'}: {error.message}"
            for error in validators.of(answer["schema"]).iter_errors(answer)
        ]
    except (ValueError, KeyError, TypeError) as error:
        return [f"not one answer: {error!r}"]


def main(arguments):
    if arguments == ["--kinds"]:
        print("\n".join(kinds()))
        return 0
    validators, wrong = Validators(), 0
    for name in arguments:
        for problem in problems(pathlib.Path(name).read_text(), validators):
            print(f"{name}: {problem}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
