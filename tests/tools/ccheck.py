#!/usr/bin/env python3
"""ccheck.py [FILE...]: the layout rules that a formatter cannot hold.

Without files it looks at every file git knows. Findings go to standard
output as FILE:LINE: TEXT; the exit status is 1 if there was one. Lines
that begin with "note:" are advice and do not count.

Rules: 79 columns with tabs of eight, tabs for indentation, no trailing
space, `else` on its own line, labels as ` out:`, no // comments, keywords
followed by a space, the brace of a function on its own line, @file that
names the file, include guards, banned calls, files under 1500 lines,
functions under 120, rooms that include only rooms below them, and no path
of somebody's machine.
"""

import os
import re
import subprocess
import sys

COLUMNS = 79
FILE_SOFT, FILE_HARD = 600, 1500
FUNC_HARD = 120

BANNED = {
    "sprintf": "re_snprintf or snprintf",
    "vsprintf": "vsnprintf",
    "strcpy": "str_ncpy or snprintf",
    "strcat": "snprintf",
    "strtok": "pl or strchr",
    "atoi": "strtol with checks, pl_u32",
    "gets": "fgets",
    "alloca": "mem_alloc",
}
BANNED_RE = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
SCANF_RE = re.compile(r"\bv?f?s?scanf\s*\(.*%(?:\d*\$)?\d{0}s")
LABEL_RE = re.compile(r"^(\s*)([A-Za-z_]\w*):\s*$")
KEYWORD_RE = re.compile(r"\b(if|for|while|switch)\(")
MACHINE_RE = re.compile(r"(?:^|[\s\"'=(:])/(?:work|home|root|Users)/")
INCLUDE_RE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')

# The floors: what a room may include besides itself. A file right in
# src/phone (main, config, events, doctor) belongs to no room.
BOTTOM = {"common", "module"}
MIDDLE = BOTTOM | {"sip", "media", "secure", "store"}
UPPER = MIDDLE | {"account", "contact", "phone", "trace"}
FLOORS = {
    "common": {"common"},
    "module": BOTTOM,
    "trace": {"common", "phone"},
    "sip": BOTTOM | {"trace"},
    "media": BOTTOM,
    "secure": BOTTOM,
    "store": BOTTOM,
    "account": UPPER,
    "contact": UPPER,
    "call": UPPER | {"call"},
    "watch": UPPER,
    "chat": UPPER | {"chat", "call"},
}

TEXT = (".c", ".h", ".py", ".sh", ".md", ".mk", ".conf", ".theme", ".1",
        ".5", ".8", ".service", ".tmux", ".bash", ".fish", ".cfg", ".txt")

findings = 0


def finding(path, line, text):
    global findings
    findings += 1
    print(f"{path}:{line}: {text}")


def note(path, text):
    print(f"note: {path}: {text}")


def width(line):
    return len(line.expandtabs(8))


def mask(source):
    """Blank out comments and strings, keep the lines and columns"""
    out = []
    state = None
    i = 0
    slashes = []
    line = 1
    while i < len(source):
        c = source[i]
        two = source[i:i + 2]
        if c == "\n":
            line += 1
            if state in ("//", '"', "'"):
                state = None
            out.append(c)
        elif state == "/*":
            if two == "*/":
                state = None
                out.append("  ")
                i += 2
                continue
            out.append(" ")
        elif state == "//":
            out.append(" ")
        elif state in ('"', "'"):
            if c == "\\" and source[i + 1:i + 2] != "\n":
                out.append("  ")
                i += 2
                continue
            out.append(c if c == state else " ")
            if c == state:
                state = None
        elif two == "/*":
            state = two
            out.append("  ")
            i += 2
            continue
        elif two == "//":
            state = two
            slashes.append(line)
            out.append(" ")
        else:
            if c in "\"'":
                state = c
            out.append(c)
        i += 1
    return "".join(out).split("\n"), slashes


def room_of(path):
    parts = path.split("/")
    if path.startswith("src/common/"):
        return "common"
    if path.startswith("src/console/"):
        return "console"
    if path.startswith("src/phone/"):
        return parts[2] if len(parts) > 3 else "phone"
    return None


def resolve(path, name):
    """The file of the tree that an include means, None if it is outside"""
    roots = (os.path.dirname(path), "src", "src/phone", "src/common",
             "src/console", "src/phone/module")
    for root in roots:
        full = os.path.normpath(os.path.join(root, name))
        if os.path.exists(full):
            return full
    return None


def check_include(path, number, kind, name):
    curses = re.match(r"(n?curses|panel|ncursesw/)", name)
    room = room_of(path)

    if path.startswith("src/phone/") and curses:
        finding(path, number, "the phone knows no curses")
    if room == "console" and re.match(r"(re|rem)\.h$|re_compat", name):
        finding(path, number, "the console knows no libre")
    if kind != '"':
        return

    full = resolve(path, name)
    if not full:
        return
    if path.startswith("modules/"):
        own = full.startswith(os.path.dirname(path) + "/")
        if not own and not full.endswith("module/module.h"):
            finding(path, number, "a module includes module.h alone")
        return

    target = room_of(full)
    if room is None or target is None or room == target:
        return
    if room == "console" and target != "common":
        finding(path, number, f"the console includes {full}")
    elif target == "console":
        finding(path, number, f"the phone includes {full}")
    elif room in FLOORS and target not in FLOORS[room]:
        finding(path, number, f"room {room} must not know {full}")


def check_c(path, source):
    lines = source.split("\n")
    code, slashes = mask(source)
    base = os.path.basename(path)

    for number in slashes:
        finding(path, number, "// comment; /* */ only")

    if not re.match(r"/\*\*\n \* @file \S*(?<!\w)%s\b" % re.escape(base),
                    source):
        finding(path, 1, f"does not start with a comment @file {base}")
    if path.endswith(".h") and not re.search(
            r"^#ifndef \w+_H$", source, re.M):
        finding(path, 1, "no include guard OFFHOOK_NAME_H")

    start = None
    for i, (line, bare) in enumerate(zip(lines, code)):
        number = i + 1

        # In a test a string may stand as it goes over the wire
        room = 20 if path.startswith("tests/") and '"' in line else 0
        if width(line) > COLUMNS + room:
            finding(path, number, f"{width(line)} columns")

        lead = line[:len(line) - len(line.lstrip())]
        if " \t" in lead:
            finding(path, number, "space before tab")
        if " " * 8 in lead and bare.strip():
            finding(path, number, "eight spaces where a tab belongs")

        if re.search(r"}\s*else\b", bare):
            finding(path, number, "else belongs on its own line")
        found = KEYWORD_RE.search(bare)
        if found:
            finding(path, number, f"space after {found.group(1)}")

        found = LABEL_RE.match(bare)
        if found and found.group(2) != "default" and found.group(1) != " ":
            finding(path, number, f"label: one space, ` {found.group(2)}:`")

        if re.match(r"[A-Za-z_].*\)\s*{$", bare):
            finding(path, number, "brace of a function on its own line")
        if bare.strip() == "{" and lead and i and not lead.startswith(" "):
            before = code[i - 1].rstrip()
            if re.match(r"\s+(if|for|while|switch|else|do)\b", before) \
                    and before.endswith((")", "else", "do")):
                finding(path, number, "brace belongs on the line above")

        found = BANNED_RE.search(bare)
        if found:
            name = found.group(1)
            finding(path, number, f"{name}: use {BANNED[name]}")
        if "scanf" in bare and SCANF_RE.search(line):
            finding(path, number, "scanf with %s")
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and \
                not re.search(r"#\d+", line):
            finding(path, number, "open end without an issue number")

        found = INCLUDE_RE.match(line)
        if found:
            check_include(path, number, found.group(1), found.group(2))

        if line == "{":
            start = number
        elif line.startswith("}") and start:
            if number - start - 1 > FUNC_HARD:
                finding(path, start,
                        f"function of {number - start - 1} lines")
            start = None

    count = len(lines) - 1
    if count > FILE_HARD:
        finding(path, count, f"{count} lines; {FILE_HARD} is the limit")
    elif count > FILE_SOFT and not path.startswith("tests/"):
        note(path, f"{count} lines; beyond {FILE_SOFT} look for the seam")


def check_text(path, source):
    for number, line in enumerate(source.split("\n"), 1):
        if line != line.rstrip():
            finding(path, number, "trailing space")
        if MACHINE_RE.search(line) and not path.startswith("tests/"):
            finding(path, number, "path of a machine")
    if source and not source.endswith("\n"):
        finding(path, source.count("\n") + 1, "no newline at the end")
    if "\r" in source:
        finding(path, 1, "carriage return")
    if source.endswith("\n\n"):
        finding(path, source.count("\n"), "empty line at the end")


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"],
                         check=True, stdout=subprocess.PIPE, text=True)
    return out.stdout.split("\n")


def main():
    paths = sys.argv[1:] or tracked()
    for path in paths:
        special = os.path.basename(path) in ("Makefile", "offhook.bash")
        if not path.endswith(TEXT) and not special:
            continue
        if path.startswith(("tests/data/", "tests/fuzz/corpus")) or \
                not os.path.isfile(path):
            continue
        try:
            with open(path, encoding="utf-8") as f:
                source = f.read()
        except UnicodeDecodeError:
            finding(path, 1, "not UTF-8")
            continue
        check_text(path, source)
        if path.endswith((".c", ".h")):
            check_c(path, source)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
