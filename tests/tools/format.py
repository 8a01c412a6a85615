#!/usr/bin/env python3
"""format.py [--check] [FILE...]: clang-format, minus what it gets wrong.

Without files: every C file git knows. --check changes nothing, shows what
would change and exits 1 if something would.

clang-format 14 decides where continuation lines begin, which column a
comment has and what shares a line; here an author does. So of its changes
only those are taken that keep each line a line and move the beginning of a
statement or the space between two words of it.
"""

import difflib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def formatted(path):
    out = subprocess.run(["clang-format", "--style=file", path], check=True,
                         stdout=subprocess.PIPE)
    return out.stdout.decode("utf-8", "surrogateescape")


def squeeze(text):
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"([({]) | (?=[})~])", r"\1", text).strip()


def solid(text):
    return re.sub(r"\s+", "", text)


def lead(line):
    return line[:len(line) - len(line.lstrip())].expandtabs(8)


def continued(lines, i):
    """Does line i go on with what an earlier line began?"""
    for before in reversed(lines[:i]):
        if before.rstrip().endswith("\\"):
            return True
        before = re.sub(r"/\*.*?\*/|/\*.*", "", before).strip()
        if before:
            return not re.search(r"([;{}:]|\*/|^#.*)$", before)
    return False


def wanted(lines, i, new):
    """Is the change of line i to new one of those that are taken?"""
    old = lines[i]
    if solid(old) != solid(new):
        return False
    if re.match(r"( \w+:$|\s*(typedef |enum |#|/?\*|\{))", old):
        return False
    if squeeze(old) != squeeze(new):
        return True
    # Loops in loops may share one step of indentation
    step = abs(len(lead(old)) - len(lead(new)))
    return 0 < step < 16 and not continued(lines, i)


def merge(old, new):
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    out = []
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "replace" and a2 - a1 == b2 - b1:
            out += [b if wanted(old, a1 + i, b) else a
                    for i, (a, b) in enumerate(zip(old[a1:a2], new[b1:b2]))]
        else:
            out += old[a1:a2]
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

    paths = [path for path in paths if os.path.exists(path)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(formatted, paths))

    for path, result in zip(paths, results):
        with open(path, encoding="utf-8", errors="surrogateescape") as f:
            old = f.read().splitlines(keepends=True)
        new = merge(old, result.splitlines(keepends=True))
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
