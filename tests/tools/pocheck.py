#!/usr/bin/env python3
"""pocheck.py: can everything that people read be read in every language?

- po/offhook.pot is what the sources say now (make po-update);
- each po/*.po has every text, none of them fuzzy, with the conversions of
  its id (msgfmt -c);
- no sentence of the console stands unmarked in the code;
- the patterns of phone_words.c are those the phone can say, all of them.

What is wrong is printed; the exit status is 1 then.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
PIECE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')

# Said to programs, or the same in every language
UNSAID = re.compile(
    r"^(%|\\0|\\x|/|\{s|PRAGMA|-o|alert|usage:|[\[<]|\*|role|colou?r|"
    r"console\.conf|bind |offhookd?( |$)|GET |My words|Hello|call \d|Echo test|"
    r"(new\|)?add (ADDRESS|NAME)|up now$|"
    r"move |focus |dial |volume |toggle |find |ask |begin |sas |account |"
    r"contact |hangup|acknowledge|allow|deny|TERM=|SSH_)")


def entries(path):
    """msgid -> (msgstrs, flags) of a catalogue"""
    found = {}
    with open(path, encoding="utf-8") as f:
        for block in f.read().split("\n\n"):
            if re.search(r"^#~", block, re.M) or "msgid" not in block:
                continue
            flags = " ".join(re.findall(r"^#,(.*)$", block, re.M))
            fields, name = {}, None
            for line in block.splitlines():
                m = re.match(r'(msg\w+(?:\[\d\])?) "(.*)"$', line)
                if m:
                    name = m.group(1)
                    fields[name] = m.group(2)
                elif line.startswith('"') and name:
                    fields[name] += line[1:-1]
            said = [v for k, v in fields.items() if k.startswith("msgstr")]
            key = fields.get("msgctxt", "") + fields["msgid"]
            found[key] = (said, flags)
            if "msgid_plural" in fields:
                found.setdefault(fields["msgid_plural"], (said, flags))
    return found


def literals(path):
    with open(path, encoding="utf-8") as f:
        src = f.read()
    src = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), src,
                 flags=re.S)
    src = re.sub(r"^\s*#.*$", "", src, flags=re.M)
    for m in LITERAL.finditer(src):
        text = "".join(PIECE.findall(m.group(0)))
        yield src.count("\n", 0, m.start()) + 1, text


def main():
    bad = []
    with tempfile.TemporaryDirectory() as tmp:
        pot = os.path.join(tmp, "offhook.pot")
        run = subprocess.run(["make", "-s", "po-template", "POT=" + pot],
                             stderr=subprocess.PIPE, text=True)
        if run.returncode:
            print(run.stderr)
            return 1
        now = entries(pot)
    kept = entries("po/offhook.pot")
    for text in sorted(set(now) ^ set(kept)):
        bad.append("po/offhook.pot: %s \"%s\": make po-update" %
                   ("lacks" if text in now else "still has", text))

    for po in sorted(glob.glob("po/*.po")):
        run = subprocess.run(["msgfmt", "-c", "-o", os.devnull, po],
                             stderr=subprocess.PIPE, text=True)
        if run.returncode:
            bad.append(run.stderr.strip())
        have = entries(po)
        for text in now:
            said, flags = have.get(text, ([], ""))
            if not said or "" in said:
                bad.append(f'{po}: not translated: "{text}"')
            elif "fuzzy" in flags:
                bad.append(f'{po}: fuzzy: "{text}"')

    whole = set(now)
    for path in sorted(glob.glob("src/console/*.c") +
                       glob.glob("src/console/*/*.c")):
        for line, text in literals(path):
            plain = re.sub(r"%[-.0-9*l]*[a-z]", "", text)
            if text in whole or UNSAID.search(text) or \
                    not re.search(r"[a-z]{2,} [a-z]{2,}", plain):
                continue
            bad.append(f'{path}:{line}: not marked: "{text}"')

    run = subprocess.run(["po/sentences.py", "--patterns"],
                         stdout=subprocess.PIPE, text=True, check=True)
    # What the phone puts together of two is one there
    can = set(re.sub(r"(: )?%s%s$", ": %s", t)
              for t in run.stdout.splitlines())
    knows = set(t for _, t in literals("src/console/phone_words.c")
                if "%s" in t)
    for text in sorted(can - knows):
        bad.append(f'src/console/phone_words.c: lacks "{text}"')

    print("\n".join(bad[:60]))
    if len(bad) > 60:
        print(f"... and {len(bad) - 60} more")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
