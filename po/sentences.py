#!/usr/bin/env python3
"""sentences.py: what the phone can say to people, as C that xgettext reads.

The phone says everything in English; the console translates it. So its
sentences are not marked in the code but found here: literals that begin as a
sentence does, and whatever people read of the settings and the doctor.
Sentences with something in them are the patterns of phone_words.c, which is
checked against these too (--patterns prints them). --template tidies a
template that stands on standard input.
"""

import glob
import re
import sys

LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
PIECE = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
CONVERSION = re.compile(r"%[-.0-9*l]*[a-zA-Z]")

# Not for people: the log, JSON, SIP headers, and the help of methods
LOGGED = re.compile(r"\b(debug|info|warning|error|log_\w+|json_pack|"
                    r"re_hprintf|mbuf_printf|mbuf_write_str|fprintf|"
                    r"dprintf)\s*\([^;{}\"]*$")
METHOD = re.compile(r'\{\s*"[a-z]+\.[a-z_.]+",[^}]*$')
HEADER = re.compile(r"^[A-Z][\w-]*: [^a-z]|\\r\\n|^[A-Z][\w-]*:? *$|<%|"
                    r"username=|cause=|^[A-Z]{4}|^DTLS ")
# Everything with a blank is said to people in these
WHOLE = ("src/phone/settings.c", "src/phone/doctor.c",
         "src/phone/media/card.c", "src/phone/media/check.c",
         "src/phone/account/account_conf.c", "src/phone/sip/resolver.c")


def literals(path):
    with open(path, encoding="utf-8") as f:
        src = f.read()
    src = re.sub(r"/\*.*?\*/", "", src, flags=re.S)
    src = re.sub(r"^\s*#\s*include.*$", "", src, flags=re.M)
    src = src.replace("\\\n", " ")
    for m in LITERAL.finditer(src):
        text = "".join(PIECE.findall(m.group(0)))
        yield text, src[max(0, m.start() - 160):m.start()]


def spoken(path, text, before):
    if LOGGED.search(before) or HEADER.search(text):
        return False
    if path.startswith("src/phone/rpc/") and METHOD.search(before):
        return False
    if "\\n" in text or "[" in text or not re.search(r"\w \w", text):
        return False
    if path.endswith("resolver.c") and re.match(r"(has|does) no", text):
        return False          # phone_words.c has them with their subject
    if path in WHOLE:
        return bool(re.search(r"[a-z]{2} ?.*[a-z]{2}", text))
    if path.startswith("modules/") and "zrtp" not in path and \
            "dtls" not in path and "pipewire" not in path:
        return False
    # "Busy Here" is a reason phrase of SIP, "The other side" is not
    return bool(re.match(r"[A-Z]", text)) and \
        bool(re.search(r"\s[a-z]", text)) and \
        not re.match(r"(Call Leg|Rejected here|Call %)", text)


def template():
    """A template of xgettext's, without dates and texts without a word"""
    head, *entries = sys.stdin.read().strip().split("\n\n")
    head = re.sub(r"^#.*\n", "", head, flags=re.M)
    head = re.sub(r'"POT-Creation-Date:.*\n', "", head)
    print(head.replace("CHARSET", "UTF-8"))
    for entry in entries:
        said = "".join(PIECE.findall(entry.split("\nmsgid ")[1]))
        said = re.sub(r"\\.", "", CONVERSION.sub("", said))
        if re.search(r"[A-Za-z]", said):
            print("\n" + entry)


def main():
    if "--template" in sys.argv:
        template()
        return
    exact, patterns = set(), set()
    for path in sorted(glob.glob("src/phone/**/*.c", recursive=True) +
                       glob.glob("modules/*/*.c")):
        for text, before in literals(path):
            if not spoken(path, text, before):
                continue
            if path.endswith("catalogue.c") and "*" in text:
                continue
            if CONVERSION.search(text.replace("%%", "")):
                patterns.add(CONVERSION.sub("%s", text))
            else:
                exact.add(text)
    if "--patterns" in sys.argv:
        print("\n".join(sorted(patterns)))
        return
    for text in sorted(exact):
        print(f'N_("{text}");')


main()
