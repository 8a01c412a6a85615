"""--linear: one event a line, a prompt at the bottom, no screen at all."""

import subprocess

import pytest

from lib.phone import program
from lib.proc import wait_until
from lib.term import Term


@pytest.fixture
def seat(phone, crew):
    """alice in lines; bob is called or calls."""
    def make(auto_answer=True):
        a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
        b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
        a.direct("alice")
        b.direct("bob", auto_answer=auto_answer)
        a.rpc("contact.add", name="Bob Miller", uris=[b.uri("bob")])
        t = crew.add(Term([program("offhook"), "--linear", "--profile",
                           a.profile], env=a.env()))
        t.wait("> ")
        return a, b, t
    return make


def test_a_call_in_lines(seat):
    """Call, mute, hold and hang up by commands; each state is a line."""
    a, b, t = seat()
    t.type('call "Bob Miller"\r')
    call = a.wait_call(None, "established")["id"]
    t.wait("Call 1 with Bob Miller: established")
    t.type("mute\r")
    t.wait("muted")
    t.type("hold\r")
    a.wait_call(call, "held")
    t.wait("held")
    t.type("hangup\r")
    a.wait_call(call, "ended")
    t.wait("ended after")
    # nothing but text, CR and backspace went out
    assert b"\x1b" not in t.data, t.data
    t.type("\x04")
    wait_until(t.ended, 5, "the end")


def test_a_ring_does_not_garble(seat):
    """It rings while something is typed: the line above, then what was
    typed again; M-a answers."""
    a, b, t = seat()
    t.type("contacts")
    t.read(0.3)
    call = b.dial(a.uri("alice"))
    t.wait("answer or reject?")
    t.read(0.3)
    assert t.data.rstrip(b"\b").endswith(b"> contacts"), t.data[-200:]
    mine = a.incoming()
    t.type(b"\x1ba")
    a.wait_call(mine, "established")
    # and what was typed still runs
    t.type("\r")
    t.wait("Bob Miller  sip:bob@")
    b.rpc("call.hangup", call=call)
    t.wait("ended after")


def test_messages_and_forms(seat):
    a, b, t = seat()
    b.send(a.uri("alice"), "Kommst du um zwei?")
    t.wait("Message from Bob Miller: Kommst du um zwei?")
    t.type(f"msg {b.uri('bob')} Ja, um zwei\r")
    b.received("Ja, um zwei")
    # a form is asked field by field, on the line at the bottom
    t.type("account new\r")
    t.wait("SIP address: ")
    t.type("carol@example.org")
    t.wait("SIP address: carol@example.org")
    t.type("\t")
    t.wait("Password: empty")
    t.type("geheim")
    t.wait("Password: typed")
    assert b"geheim" not in t.data
    t.type("\x1b")
    t.wait("comes back here")
    # a question is a line with its answers
    t.type('contact remove "Bob Miller"\r')
    wait_until(lambda: a.rpc("contact.list") == [], 5, "nobody")


def test_a_pipe(phone):
    """From a pipe: commands in, answers out, and an end."""
    p = phone()
    p.direct("alice")
    run = subprocess.run(
        [program("offhook"), "--linear", "--profile", p.profile],
        input="contact add Zoë sip:zoe@127.0.0.7\ncontacts\nset bell\n",
        capture_output=True, text=True, timeout=20, check=False,
        env=dict(p.env(), PATH="/usr/bin:/bin", LC_ALL="C.UTF-8"))
    assert run.returncode == 0, run.stderr
    assert "Zoë  sip:zoe@127.0.0.7" in run.stdout
    assert "bell = ring" in run.stdout
    assert "\x1b" not in run.stdout
