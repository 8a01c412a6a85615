#!/usr/bin/env python3
"""format.py [--check] [FILE...]: clang-format, minus what it gets wrong.

Without files: every C file git knows. --check changes nothing, shows what
would change and exits 1 if something would.

clang-format 14 has no setting for four habits of this house, so a change
that does nothing but undo one of them is left out:
 - ` out:` labels with one space before them
 - columns that were aligned by hand, comments among them
 - `typedef void (name_h)(...)` with its space
 - a short enum or initialiser on one line, or laid out by hand
"""

import difflib
import re
import subprocess
import sys


def formatted(path):
    out = subprocess.run(["clang-format", "--style=file", path], check=True,
                         stdout=subprocess.PIPE)
    return out.stdout.decode("utf-8", "surrogateescape")


def squeeze(text):
    return re.sub(r"\s+", " ", text).replace("( ", "(").strip()


def solid(text):
    return re.sub(r"\s+", "", text)


def lead(line):
    return line[:len(line) - len(line.lstrip())].expandtabs(8)


def habit(old, new):
    """Does this change only undo a habit of the house?"""
    if solid("".join(old)) != solid("".join(new)):
        return False

    first = old[0].lstrip() if old else ""
    if first.startswith(("typedef ", "enum ", "#", "/*", "* ", "*/")):
        return True
    if len(old) == len(new):
        for a, b in zip(old, new):
            if re.match(r" \w+:$", a):
                continue
            comment = re.match(r"\s+(/?\*|\S+.*\*/)", a)
            if squeeze(a) == squeeze(b) and (lead(a) == lead(b) or comment):
                continue
            break
        else:
            return True

    # Tables and initialisers: braces and commas, no statement in between
    body = "".join(old)
    return "{" in body and ";" not in body.rstrip().rstrip(";") and \
        not re.search(r"\)\s*{", body) or \
        (body.count(",") >= 1 and not re.search(r"[;{(]\s*$", old[0]) and
         bool(re.match(r'\s*(\{|"|[A-Z0-9_]+,|\.)', old[0])))


def merge(old, new):
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    out = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal" or habit(old[a1:a2], new[b1:b2]):
            out += old[a1:a2]
        else:
            out += new[b1:b2]
    return out


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard",
                          "*.c", "*.h"], check=True, stdout=subprocess.PIPE,
                         text=True)
    return out.stdout.split()


def main():
    args = sys.argv[1:]
    check = "--check" in args
    paths = [a for a in args if a != "--check"] or tracked()
    changed = False

    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as f:
                source = f.read()
        except FileNotFoundError:
            continue
        old = source.splitlines(keepends=True)
        new = merge(old, formatted(path).splitlines(keepends=True))
        if new == old:
            continue
        changed = True
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(old, new, path, path + " formatted",
                                     n=0))
        else:
            print("formatted", path)
            with open(path, "w", encoding="utf-8",
                      errors="surrogateescape") as f:
                f.writelines(new)

    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
