"""What makes a noise: bell, title, notifications, hooks; and what not."""

import json
import os
import stat

import pytest

from lib.phone import program
from lib.proc import wait_until
from lib.term import Term


@pytest.fixture
def seat(phone, crew):
    """alice's console on a bare pty, set as told; bob beside."""
    def make(*settings, env=None):
        a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
        b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
        a.direct("alice")
        b.direct("bob")
        a.rpc("contact.add", name="Bob; Miller", uris=[b.uri("bob")])
        with open(f"{a.profile}/config/console.conf", "w",
                  encoding="utf-8") as f:
            f.writelines(f"set {line}\n" for line in settings)
        t = crew.add(Term([program("offhook"), "--profile", a.profile],
                          env=dict(a.env(), **(env or {}))))
        t.wait("Contacts")
        t.read(0.5)
        t.data = b""
        return a, b, t
    return make


def ring(a, b, t):
    """bob lets it ring until alice's console shows it, then gives up."""
    call = b.dial(a.uri("alice"))
    t.wait("INCOMING")
    t.read(0.3)
    b.rpc("call.hangup", call=call)
    t.wait("1 missed")
    t.read(0.3)


def test_bell_and_title(seat):
    """One bell for a ring, none for a message by default; the title says
    who calls and is put back."""
    a, b, t = seat()
    b.send(a.uri("alice"), "hello")
    t.wait("1 unread")
    assert t.data.count(b"\a") == 0
    ring(a, b, t)
    assert t.data.count(b"\a") == 1, t.data.count(b"\a")
    assert b"\x1b]2;offhook: Bob; Miller is calling" in t.data
    t.type(":detach\r")
    t.read(0.5)
    assert b"\x1b[23;2t" in t.data


def test_each_event(seat):
    a, b, t = seat("bell message,missed")
    b.send(a.uri("alice"), "hello")
    t.wait("1 unread")
    t.read(0.2)
    assert t.data.count(b"\a") == 1
    ring(a, b, t)
    assert t.data.count(b"\a") == 2, "the ring itself is not in the list"


@pytest.mark.parametrize("how, sequence", [
    ("osc9", b"\x1b]9;Incoming call: Bob; Miller\a"),
    ("osc777", b"\x1b]777;notify;Incoming call;Bob; Miller\a"),
    ("osc99", b"\x1b]99;i=offhook:d=0;Incoming call\x1b\\"),
])
def test_terminal_notifications(seat, how, sequence):
    a, b, t = seat(f"notify {how}", "notify.events ring")
    ring(a, b, t)
    assert sequence in t.data
    assert b"Missed call" not in t.data


def test_inside_tmux_it_is_handed_through(seat):
    a, b, t = seat("notify osc9", env={"TMUX": "/x,1,0",
                                       "TERM": "tmux-256color"})
    ring(a, b, t)
    assert b"\x1bPtmux;\x1b\x1b]9;Incoming call: Bob; Miller\a\x1b\\" in \
        t.data


def test_quiet_hours(seat):
    """In the quiet hours neither bell nor notification; the screen shows
    it all the same."""
    a, b, t = seat("bell all", "notify osc9", "quiet 00:00-23:59")
    ring(a, b, t)
    # the last minute of the day is not quiet
    assert t.data.count(b"\a") in (0, 1)
    assert t.data.count(b"]9;") == 0 or t.data.count(b"\a") > 0


def test_do_not_disturb(seat):
    """Do not disturb is for messages too, at once and until it ends."""
    a, b, t = seat("bell all")
    a.rpc("config.set", key="call.dnd", value="true")
    t.read(0.3)
    b.send(a.uri("alice"), "psst")
    t.wait("1 unread")
    t.read(0.3)
    assert t.data.count(b"\a") == 0
    a.rpc("config.set", key="call.dnd", value="false")
    t.read(0.3)
    b.send(a.uri("alice"), "now?")
    a.received("now?")
    t.read(0.5)
    assert t.data.count(b"\a") == 1


def test_command_gets_the_text_on_stdin(seat, box):
    """Never in argv, where everybody could read it."""
    script = os.path.join(box, "tell me")
    with open(script, "w", encoding="ascii") as f:
        f.write(f'#!/bin/sh\necho "$@" > {box}/argv\n'
                f'cat > {box}/stdin.new\nmv {box}/stdin.new {box}/stdin\n')
    os.chmod(script, stat.S_IRWXU)
    a, b, t = seat("notify command", "notify.events message",
                   f'notify.command "{script}" --flag')
    b.send(a.uri("alice"), "see you at two; `date` $(id)")
    wait_until(lambda: os.path.exists(f"{box}/stdin"), 10, "the command")
    assert open(f"{box}/argv", encoding="utf-8").read() == "--flag\n"
    assert open(f"{box}/stdin", encoding="utf-8").read() == \
        "Bob; Miller\nsee you at two; `date` $(id)\n"


def test_clipboard_command(seat, box):
    script = os.path.join(box, "clip")
    with open(script, "w", encoding="ascii") as f:
        f.write(f'#!/bin/sh\ncat > {box}/clip.new\n'
                f'mv {box}/clip.new {box}/clipped\n')
    os.chmod(script, stat.S_IRWXU)
    a, b, t = seat(f"clipboard.command {script}")
    t.type("y")
    wait_until(lambda: os.path.exists(f"{box}/clipped"), 10, "the copy")
    assert open(f"{box}/clipped", encoding="utf-8").read() == b.uri("bob")
    assert b"]52;" not in t.data


# ---- hooks ---------------------------------------------------------------
def hook(p, name, text, mode=0o700):
    folder = f"{p.profile}/config/hooks"
    os.makedirs(folder, exist_ok=True)
    path = f"{folder}/{name}"
    with open(path, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, mode)


def test_hooks_hear_of_events(phone, box):
    """Without any console: the event as JSON on stdin, a call's states once
    each, not its figures every second."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    a.direct("alice", auto_answer=True)
    b.direct("bob")
    hook(a, "call.changed", f"cat >> {box}/calls\n")
    hook(a, "log.added", f"cat > {box}/log.new; mv {box}/log.new "
         f"{box}/log\n")
    call = b.dial(a.uri("alice"))
    b.wait_call(call, "established")
    b.rpc("call.hangup", call=call)
    wait_until(lambda: os.path.exists(f"{box}/log"), 10, "the log's hook")
    row = json.loads(open(f"{box}/log", encoding="utf-8").read())
    assert row["method"] == "log.added"
    assert row["params"]["result"] == "answered"
    states = [json.loads(line)["params"]["state"] for line in
              open(f"{box}/calls", encoding="utf-8")]
    assert sorted(set(states)) == ["ended", "established", "ringing"] or \
        sorted(set(states)) == ["ended", "established"], states
    assert len(states) <= 6, states


def test_hooks_are_bounded(phone, box):
    """A hook that hangs stops nothing; more than eight do not run; one
    that others can change is not run at all."""
    a = phone("alice", "127.0.0.10")
    b = phone("bob", "127.0.0.11")
    a.direct("alice")
    b.direct("bob")
    hook(a, "chat.message", f"echo $$ >> {box}/pids; exec sleep 60\n")
    hook(a, "chat.changed", f"touch {box}/loose\n", 0o722)
    for i in range(12):
        b.send(a.uri("alice"), f"message {i}")
        a.received(f"message {i}")
    wait_until(lambda: os.path.exists(f"{box}/pids"), 10, "the first hook")
    assert a.rpc("phone.status")["unread"] == 12
    assert "is left out" in a.log_text()
    assert "others can change it" in a.log_text()
    assert not os.path.exists(f"{box}/loose")
    pids = open(f"{box}/pids", encoding="ascii").read().split()
    assert len(pids) <= 8, pids
    wait_until(lambda: not any(os.path.exists(f"/proc/{p}") for p in pids),
               15, "the end of hooks that hang")
    a.healthy()
