"""What bash, zsh and fish offer behind `offhook`, of the running phone."""

import os
import re
import shlex
import shutil
import subprocess

import pytest

from lib.phone import ROOT, program
from lib.proc import wait_until
from lib.term import Term

FOLDER = os.path.join(ROOT, "contrib/completions")
# ^X^A says what the line is now, between \\1 and \\2, and empties it
BASHRC = r"""PS1=
    bind 'set enable-bracketed-paste off'; bind 'set bell-style none'
    source $FOLDER/offhook.bash
    say() { printf '\1%s\2' "$READLINE_LINE"; READLINE_LINE=; }
    bind -x '"\C-x\C-a": say'
    printf 'READY\2'
"""
ZSHRC = r"""PS1= RPS1= LISTMAX=1000
    unsetopt prompt_sp prompt_cr beep; unset zle_bracketed_paste
    bindkey -e
    fpath=($FOLDER $fpath)
    autoload -Uz compinit; compinit -u -D
    say() { printf '\1%s\2' "$BUFFER"; BUFFER=; }
    zle -N say; bindkey '^X^A' say
    printf 'READY\2'
"""
OFFERED = """source $FOLDER/offhook.bash
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _offhook
    printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def talking(talking):
    """The phone in a call, with a second contact."""
    talking.rpc("contact.add", name="Bob", uris=["sip:bob@127.0.0.78"])
    return talking


def shell_env(p):
    env = dict(os.environ, LC_ALL="C.UTF-8", FOLDER=FOLDER, HOME=p.folder,
               XDG_CONFIG_HOME=p.path("xdg"), XDG_DATA_HOME=p.path("xdg"),
               **p.env())
    env["PATH"] = os.path.dirname(program("offhook")) + ":" + env["PATH"]
    return env


def need(shell):
    if not shutil.which(shell):
        pytest.skip(f"no {shell}")
    return shutil.which(shell)


class AtTerminal:
    """A shell that somebody types to."""

    def __init__(self, argv, p):
        self.term = Term(argv, cols=200, rows=100, env=shell_env(p),
                         cwd=p.profile)
        self.said = 0
        self.term.type(f"source {p.path('rc')}\r")
        self.heard()

    def heard(self):
        """What the terminal showed until the line was said."""
        def look():
            self.term.read(0.05)
            return b"\2" in self.term.data[self.said:]
        wait_until(look, 30, lambda: self.term.data[self.said:])
        got = self.term.data[self.said:].decode()
        self.said = len(self.term.data)
        return got

    def completed(self, line):
        """The line after Tab."""
        self.term.type(line + "\t\x18\x01")
        return re.search("\1(.*)\2", self.heard()).group(1)


class Bash(AtTerminal):
    def __init__(self, p):
        self.p = p
        write(p.path("rc"), BASHRC)
        super().__init__(["/bin/bash", "--norc", "--noprofile", "-i"], p)

    def offered(self, *words):
        run = subprocess.run(
            ["bash", "--norc", "-c", OFFERED, "complete", "offhook",
             "--profile", self.p.profile, *words],
            capture_output=True, text=True, check=False, timeout=60,
            env=shell_env(self.p))
        return [" ".join(shlex.split(x)) for x in run.stdout.splitlines()
                if x]


class Zsh(AtTerminal):
    def __init__(self, p):
        write(p.path("rc"), ZSHRC)
        self.p = p
        super().__init__([need("zsh"), "-f", "-i"], p)

    def offered(self, *words):
        """^D lists what Tab would choose from."""
        line = " ".join(map(shlex.quote, words[:-1])) + " " + words[-1]
        self.term.type(f"offhook --profile {self.p.profile} {line}\x04\x18\x01")
        got = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.heard())
        got = got.split("\1")[0].partition("\n")[2]
        return [x.split("  -- ")[0].strip() for x in re.split("[\r\n]", got)
                if x.strip() and not x.startswith("offhook ")]


class Fish:
    """`complete -C` is what its Tab asks."""

    def __init__(self, p):
        self.p, self.fish = p, need("fish")

    def ask(self, line):
        run = subprocess.run(
            [self.fish, "--no-config", "-c",
             f"source {FOLDER}/offhook.fish; complete -C $argv[1]", line],
            capture_output=True, text=True, check=False, timeout=60,
            env=shell_env(self.p))
        assert not run.stderr, run.stderr
        return [x.split("\t")[0] for x in run.stdout.splitlines()]

    def offered(self, *words):
        return self.ask(" ".join(["offhook", "--profile",
                                  self.p.profile, *map(shlex.quote, words[:-1]),
                                  words[-1]]))


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


@pytest.mark.parametrize("shell", [Bash, Zsh, Fish],
                         ids=["bash", "zsh", "fish"])
def test_offered(talking, shell):
    """Commands, their words and options, and all the phone knows."""
    p = talking
    offered = shell(p).offered
    assert set(offered("pre")) == {"presence"}
    assert {"call", "voicemail", "devices", "quit"} <= set(offered(""))
    assert set(offered("call", "")) == {"Chloé Martin", "Bob"}
    assert set(offered("call", "chl")) == {"Chloé Martin"}
    assert offered("msg", "sip:ch") == ["sip:chloe@127.0.0.77"]
    assert offered("hangup", "") == [str(p.calls()[0]["id"])]
    assert offered("call", "--account", "al") == [f"alice@{p.addr}:5060"]
    assert set(offered("call", "Bob", "--")) == \
        {"--wait", "--account", "--json"}
    assert {"audio.source", "audio.sink"} <= \
        set(offered("config", "set", "audio.s"))
    assert "trace.pcap" in offered("rpc", "trace.p")
    assert offered("account", "c") == ["cert"]
    assert offered("account", "edit", "ali") == [f"alice@{p.addr}:5060"]
    assert set(offered("presence", "o")) == {"off", "online", "offline"}
    assert set(offered("account", "edit", "x", "--security", "")) == \
        {"off", "prefer", "require", "e2e", "verified"}
    assert "file" in " ".join(offered("devices", "microphone", ""))
    assert set(offered("-p", "c")) == {"contacts", "calls", "chat"}
    assert not offered("dtmf", "1", "2", "")


@pytest.mark.parametrize("shell", [Bash, Zsh], ids=["bash", "zsh"])
def test_tab(talking, shell):
    """What Tab puts into the line is what the shell hands on."""
    sh = shell(talking)
    for line, words in (
            ("stat", ["status"]),
            ("call Chl", ["call", "Chloé Martin"]),
            ("call Chloé\\ M", ["call", "Chloé Martin"]),
            ('call "Chl', ["call", "Chloé Martin"]),
            ("hangup ", ["hangup", str(talking.calls()[0]["id"])]),
            ("presence awa", ["presence", "away"])):
        got = sh.completed(f"offhook --profile {talking.profile} {line}")
        assert shlex.split(got)[3:] == words, (line, got)
    sh.term.close()


@pytest.mark.parametrize("shell", [Bash, Zsh, Fish],
                         ids=["bash", "zsh", "fish"])
def test_nobody_is_woken(phone, shell):
    """Without a phone there are commands, and none is started."""
    p = phone(start=False)
    p.write_config()
    offered = shell(p).offered
    assert offered("stat") == ["status"]
    assert not offered("call", "")
    assert not os.path.exists(f"{p.profile}/run/pid")
