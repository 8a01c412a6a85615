"""Panels in panes of their own, several consoles on one phone."""

import os
import shutil
import signal
import stat
import subprocess

import pytest

from lib.phone import BUILD, ROOT, program
from lib.proc import wait_until
from lib.term import Term

pytestmark = pytest.mark.needs("tmux")


@pytest.fixture
def alice(phone):
    p = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    p.direct("alice")
    p.rpc("contact.add", name="Bob Miller", uris=["sip:bob@127.0.0.11"])
    p.rpc("contact.add", name="Zoë", uris=["sip:zoe@127.0.0.12"])
    return p


def pane(tmux, p, panel, cols=40, rows=12):
    return tmux([program("offhook"), "--profile", p.profile, "-p", panel],
                cols, rows, env=p.env())


@pytest.mark.parametrize("panel, word", [
    ("contacts", "Bob Miller"), ("calls", "No call"), ("log", "no call yet"),
    ("chat", "Chat"), ("status", "0 missed"), ("trace", "Trace"),
])
def test_one_panel(alice, tmux, panel, word):
    """Each fills its pane; keys of others do no harm; q does not leave."""
    t = pane(tmux, alice, panel)
    t.wait_text(word)
    t.keys("Tab", "M-3", "M-1", "q", "u", "j", "k")
    t.keys("C-l")
    t.wait_text(word)
    for line in t.lines():
        assert len(line) <= 40, line
    t.keys("Q")
    t.wait_text("ended with 0")
    alice.healthy()


def test_no_such_panel(alice):
    run = subprocess.run([program("offhook"), "--profile", alice.profile,
                          "-p", "kitchen"], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, timeout=20, check=False)
    assert run.returncode in (1, 2) and run.stderr


def test_consoles_in_step(alice, phone, tmux):
    """What one does all show; what is selected is each one's own."""
    bob = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    bob.direct("bob", auto_answer=True)
    one = pane(tmux, alice, "contacts")
    two = tmux([program("offhook"), "--profile", alice.profile], 80, 24,
               env=alice.env())
    calls = pane(tmux, alice, "calls", 60, 12)
    status = pane(tmux, alice, "status", 60, 12)
    for t in (one, two):
        t.wait_text("> ")
        t.wait_text("Zoë")
    two.keys("G")
    wait_until(lambda: any(line.startswith(">") and "Zoë" in line
                           for line in two.lines()), 5, two.screen)
    assert any(line.startswith(">") and "Bob" in line
               for line in one.lines()), one.screen()
    # both type at once, each its own line
    one.type(":contact add Yan sip:y")
    two.type(":contact add Xenia sip:x")
    one.type("an@127.0.0.13\r")
    two.type("enia@127.0.0.14\r")
    for t in (one, two):
        t.wait_text("Yan")
        t.wait_text("Xenia")
    one.keys("g", "Enter")
    alice.wait_call(None, "established")
    calls.wait_text("ACTIVE")
    two.wait_text("ACTIVE")
    status.wait_text("established")
    calls.keys("b")
    alice.wait_call(None, "ended")
    two.wait_text("ENDED")


def test_phone_killed_and_restarted(alice, tmux):
    """The phone dies under a line that is typed: told, waited for, and the
    line is still there when it is back."""
    t = tmux([program("offhook"), "--profile", alice.profile], 80, 24,
             env=alice.env())
    t.wait_text("Bob Miller")
    t.type(":contact add Yan sip:yan@127.0.0.13")
    alice.proc.send_signal(signal.SIGKILL)
    alice.proc.wait()
    alice.rpc.close()
    t.wait_text("the phone is away")
    t.wait_text("yan@127.0.0.13")
    alice.proc = None
    alice.start()
    t.wait_gone("the phone is away")
    t.keys("Enter")
    t.wait_text("Yan")
    t.wait_text("Bob Miller")


@pytest.fixture
def home(box):
    """A home with the XDG folders, so that `offhook` alone is enough."""
    env = {"PATH": f"{BUILD}:/usr/bin:/bin", "HOME": box,
           "XDG_CONFIG_HOME": f"{box}/c", "XDG_DATA_HOME": f"{box}/d",
           "XDG_STATE_HOME": f"{box}/s", "XDG_RUNTIME_DIR": f"{box}/r"}
    os.makedirs(f"{box}/r", 0o700)
    os.makedirs(f"{box}/c/offhook", 0o700)
    with open(f"{box}/c/offhook/offhook.conf", "w", encoding="ascii") as f:
        f.write("audio.source = null,\naudio.sink = null,\n"
                "audio.alert = null,\nmedia.address = 127.0.0.10\n")

    def run(*args):
        return subprocess.run([program("offhook"), *args], env=dict(
            os.environ, **env), capture_output=True, text=True, timeout=30,
            check=False)
    add = run("account", "add", "alice@127.0.0.10:5060", "--direct",
              "--listen", "127.0.0.10:5060")
    assert add.returncode == 0, add.stderr
    run("contact", "add", "Bob Miller", "sip:bob@127.0.0.11")
    yield env, run
    assert run("quit").returncode == 0


def test_desk_in_tmux(home, tmux, phone, crew):
    """contrib/tmux: the desk has three panes that work, the status line has
    its segment, and a ring pops up over whatever there is."""
    env, run = home
    desk = os.path.join(ROOT, "contrib/tmux")
    t = tmux(["/bin/sh"], 120, 40, env=env)
    t.tmux("set-option", "-g", "status", "on")
    t.tmux("run-shell", f"{desk}/offhook.tmux")
    right = t.tmux("show-option", "-gqv", "status-right")
    assert right.count("offhook status --format") == 1, right
    t.tmux("run-shell", f"{desk}/offhook.tmux")
    assert t.tmux("show-option", "-gqv", "status-right") == right
    t.tmux("source-file", f"{desk}/desk.conf")

    def panes():
        ids = t.tmux("list-panes", "-t", "s:phone", "-F",
                     "#{pane_id}").split()
        return [t.tmux("capture-pane", "-p", "-t", i) for i in ids]
    wait_until(lambda: len(panes()) == 3 and all(
        w in s for w, s in zip(("Contacts", "Calls", "Chat"), panes())), 15,
        lambda: "\n---\n".join(panes()))

    # the popup is the phone's hook
    hooks = f"{env['XDG_CONFIG_HOME']}/offhook/hooks"
    os.makedirs(hooks)
    shutil.copy(f"{desk}/ring-popup", f"{hooks}/call.changed")
    os.chmod(f"{hooks}/call.changed", stat.S_IRWXU)
    # the server a user's tmux is: named by TMUX in the phone's environment
    run("quit")
    sock = t.tmux("display-message", "-p", "#{socket_path}").strip()
    env["TMUX"] = f"{sock},1,0"
    run("status")
    client = crew.add(Term(["/usr/bin/tmux", "-u", "-L", t.name, "attach"],
                           120, 40, env=dict(t.env)))
    wait_until(lambda: t.tmux("list-clients", "-t", "s"), 15, "the client")
    client.read(0.5)
    bob = phone("bob", "127.0.0.11")
    bob.direct("bob")
    call = bob.dial("sip:alice@127.0.0.10:5060")
    client.wait("INCOMING", 15)
    bob.rpc("call.hangup", call=call)
    del env["TMUX"]


def test_find_in_chat_and_trace(alice, phone, tmux):
    """/ narrows the conversation; in the trace n and N go to what fits."""
    bob = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    bob.direct("bob")
    for text in ("the red door", "a blue door", "the red window"):
        bob.send(alice.uri("alice"), text)
        alice.received(text)
    t = pane(tmux, alice, "chat", 60, 14)
    t.wait_text("a blue door")
    t.keys("/")
    t.type("red")
    t.wait_gone("a blue door")
    assert "the red door" in t.screen() and "the red window" in t.screen()
    t.keys("Enter")
    t.wait_text("/red")
    t.keys("Escape")
    t.wait_text("a blue door")

    s = pane(tmux, alice, "trace", 100, 20)
    s.wait_text("MESSAGE")
    call = bob.dial(alice.uri("alice"))
    s.wait_text("INCOMING")
    bob.rpc("call.hangup", call=call)
    s.wait_gone("INCOMING")
    s.wait_text("INVITE")
    s.keys("/")
    s.type("INVITE")
    s.keys("Enter")
    wait_until(lambda: any(line.startswith(">") and "INVITE" in line
                           for line in s.lines()), 5, s.screen)
    s.keys("Enter")
    s.wait_text("CSeq:")
    s.keys("q")
    s.wait_gone("CSeq:")
