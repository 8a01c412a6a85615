#!/usr/bin/env python3
"""docscheck.py: does the documentation name what the program has?

Reads the tables of the source: commands, settings, console settings, theme
roles, modules, RPC methods. Each must stand in its manual page or
document. What is missing is printed; the exit status is 1 then. Pages
whose tables are made of the code are read as they were built.
"""

import glob
import os
import re
import sys

bad = 0


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def want(names, where, what):
    global bad
    text = read(where).replace("\\-", "-").replace("\\&", "")
    for name in sorted(names):
        if not re.search(r"(?<![\w.-])%s(?![\w-])" % re.escape(name), text):
            print(f"{where}: {what} {name} is missing")
            bad = 1


def commands(flags):
    found = set()
    for path in glob.glob("src/console/*.c"):
        for table in re.findall(r"const struct command \w+\[\] = {(.*?)\n};",
                                read(path), re.S):
            for row in re.findall(r'\t{ "([a-z-]+)",(.*?) }', table, re.S):
                if re.search(flags, row[1]) and "HIDDEN" not in row[1]:
                    found.add(row[0])
    return found


def rows(path, pattern):
    return set(re.findall(pattern, read(path)))


def main():
    shell = commands(r"CMD_BOTH|CMD_SHELL")
    if len(shell) < 20:
        print("docscheck.py: cannot read the tables of commands")
        return 1

    want(shell, "docs/offhook.1", "command")
    want(commands(r"CMD_BOTH|CMD_LINE") - shell, "docs/offhook.1",
         "command")
    want(rows("src/phone/settings.c", r'\t{ "([a-z.]+)", "'),
         "build/man/offhook.conf.5", "setting")
    want(rows("src/console/settings.c", r'\t{ "([a-z.-]+)", "[a-zH]'),
         "build/man/offhook.1", "console setting")
    table = re.search(r"role_names\[ROLE_MAX\] = {(.*?)}",
                      read("src/console/theme.c"), re.S).group(1)
    want(set(re.findall(r'"([a-z0-9.]+)"', table)),
         "docs/offhook-themes.5", "role")
    want({os.path.basename(os.path.dirname(path))
          for path in glob.glob("modules/*/")}, "docs/modules.md", "module")
    methods = set()
    for path in glob.glob("src/phone/rpc/*.c"):
        methods |= set(re.findall(r'\t{ "([a-z]+\.[a-z_]+)",', read(path)))
    want(methods, "docs/rpc.md", "method")
    want(rows("src/phone/account/account_conf.c", r'\t{ "([a-z_]+)", FIELD_')
         - {"id", "address"}, "docs/offhook.conf.5", "field")

    # What make asks pkg-config for, install-dependencies.sh must bring
    packages = set()
    for path in ["Makefile"] + glob.glob("modules/*/module.mk"):
        text = read(path).replace("\\\n", " ")
        for line in re.findall(r"_PKG\s*:?= (.*)", text):
            packages |= set(re.findall(r"(?<![$(\w.-])[a-z][a-z0-9.-]*"
                                       r"(?![\w)])", line))
    want(packages, "contrib/install-dependencies.sh", "package")
    return bad


if __name__ == "__main__":
    sys.exit(main())
