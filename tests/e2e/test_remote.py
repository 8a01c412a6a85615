"""A console here, a phone there: --host, a lost link, a slow one."""

import os
import signal
import stat

import pytest

from lib.phone import BUILD, program
from lib.proc import wait_until

pytestmark = pytest.mark.needs("tmux")

# what ssh does: the host is the first word, the rest is for a shell there
PROXY = """#!/bin/sh
echo "$1" >> {box}/hosts
shift
PATH={build}:$PATH; export PATH
echo $$ > {box}/link.pid
exec sh -c "exec $*"
"""


@pytest.fixture
def far(phone, box, tmux):
    """A phone, and a console that gets to it by remote.command."""
    def make(console=True):
        p = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
        p.direct("alice")
        p.rpc("contact.add", name="Bob Miller", uris=["sip:bob@127.0.0.77"])
        proxy = os.path.join(box, "link")
        with open(proxy, "w", encoding="ascii") as f:
            f.write(PROXY.format(box=box, build=BUILD))
        os.chmod(proxy, stat.S_IRWXU)
        with open(f"{p.profile}/config/console.conf", "w",
                  encoding="ascii") as f:
            f.write(f"set remote.command {proxy}\n")
        t = None
        if console:
            t = tmux([program("offhook"), "--host", "desk.example",
                      "--profile", p.profile], env=p.env())
            t.wait_text("Bob Miller")
        return p, t
    return make


def link_pid(box):
    with open(f"{box}/link.pid", encoding="ascii") as f:
        return int(f.read())


def test_shell_commands(far, box):
    p, _ = far(console=False)
    run = p.cli("--host", "desk.example", "contacts")
    assert run.returncode == 0, run.stderr
    assert "Bob Miller" in run.stdout
    assert open(f"{box}/hosts", encoding="ascii").read() == "desk.example\n"
    # what could be an option or a shell's word is no host
    for host in ("-oProxyCommand=x", "a;b", "a b", "$(x)"):
        run = p.cli("--host", host, "contacts")
        assert run.returncode == 1 and "no name of a host" in run.stderr, run
    # no phone is started here for one that is not there
    run = p.cli("--host", "desk.example", "--profile", "/nonexistent/x",
                "contacts")
    assert run.returncode == 1, run


def test_lost_link_loses_nothing_typed(far, box):
    """The link dies in the middle of a line: said so, made again, and the
    line is still there and works."""
    p, t = far()
    t.type(":contact add Zoë sip:zoe@127.0.0.7")
    t.wait_text("zoe@127.0.0.7")
    os.kill(link_pid(box), signal.SIGKILL)
    t.wait_text("the phone is away")
    t.wait_text("zoe@127.0.0.7")
    wait_until(lambda: "the phone is away" not in t.screen(), 20,
               "the link again")
    t.keys("Enter")
    wait_until(lambda: any(c["name"] == "Zoë" for c in
                           p.rpc("contact.list")), 10, "the contact")
    p.healthy()


def test_hanging_link(far, box):
    """The link hangs: it is told, and so is that it goes on. Nothing is
    lost and nothing happens twice."""
    p, t = far()
    pid = link_pid(box)
    os.kill(pid, signal.SIGSTOP)
    t.type(":contact add Yan sip:yan@127.0.0.8\r")
    t.wait_text("does not answer", timeout=10)
    # the console itself does not hang
    t.type(":contac")
    t.wait_text(":contac")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: [c["name"] for c in p.rpc("contact.list")].count(
        "Yan") == 1, 10, "the contact")
    t.keys("Escape")
    t.wait_text("Yan")
