"""What the terminal gets, byte by byte, and what happens when it stops."""

import os
import signal
import time

import pytest

from lib.phone import SANITIZED, program
from lib.proc import alive, wait_until
from lib.sip import Call, Peer, code
from lib.term import Term


@pytest.mark.limit(120)
def test_stalled_terminal(seat):
    """The terminal stops reading for 10 s in a call: RTP stays at 50 a
    second, OPTIONS are answered at once, and then the screen is whole."""
    p, t = seat()
    peer = Peer("127.0.0.21")
    c = Call(peer, (p.addr, 5060), p.uri("alice"))
    stream = c.start_rtp()
    t.read_for(1)

    # enough for the pty to be full and the console to be stuck
    slow = 0.0
    probe = Peer("127.0.0.22")
    begin = time.monotonic()
    n = 0
    first = len(stream.arrived)
    t.type("\x0c" * 400)
    while time.monotonic() - begin < 10:
        ident = f"m{n}"
        n += 1
        probe.send(probe.request("MESSAGE", p.uri("alice"), ident,
                                 body="x" * 200, ctype="text/plain"),
                   (p.addr, 5060))
        probe.wait(lambda m, i=ident: i in m and code(m) > 0)
        took = probe.options((p.addr, 5060))
        assert took is not None, "OPTIONS unanswered"
        slow = max(slow, took)
        # the pace of messages of a busy chat
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    rate = (len(stream.arrived) - first) / seconds
    gaps = [b - a for a, b in zip(stream.arrived[first:],
                                  stream.arrived[first + 1:])]
    print(f"RTP {rate:.1f}/s, worst gap {max(gaps) * 1000:.0f} ms, "
          f"OPTIONS at worst {slow * 1000:.0f} ms, {n} messages")
    assert rate > 49, rate
    assert slow < (0.2 if not SANITIZED else 1.0), slow
    assert p.calls()[0]["state"] == "established"

    # it reads again: a screen as it should be
    t.read(1.0, 15)
    t.type("\x0c")
    t.wait("Contacts")
    c.bye()
    peer.close()
    probe.close()


def test_closed_terminal(seat):
    """The pty goes away: the console ends within 2 s, the phone stays."""
    p, t = seat()
    pid = t.pid
    t.close()
    wait_until(lambda: t.ended() or not alive(pid), 2.5,
               "the console's end")
    p.healthy()
    assert p.rpc("phone.status")["pid"] == p.pid


def test_terminal_is_left_as_it_was(seat):
    """After :detach the alternate screen is left and the cursor shown."""
    _, t = seat()
    t.type(":detach\r")
    t.read(0.5)
    wait_until(t.ended, 5, "the console's end")
    assert b"\x1b[?1049h" in t.data and b"\x1b[?1049l" in t.data
    assert t.data.rfind(b"\x1b[?25h") > t.data.rfind(b"\x1b[?25l")
    assert t.data.rfind(b"\x1b[?2004l") >= t.data.rfind(b"\x1b[?2004h")


def test_killed_console_leaves_the_terminal(seat):
    """SIGTERM to the console: the terminal is restored first."""
    p, t = seat()
    os.kill(t.pid, signal.SIGTERM)
    t.read(0.5)
    wait_until(t.ended, 5, "the console's end")
    assert b"\x1b[?1049l" in t.data
    p.healthy()


def test_suspend(phone, crew):
    """^Z and fg in a shell: the terminal is given back, then one whole
    redraw."""
    p = phone()
    p.direct("alice")
    t = crew.add(Term(["/bin/bash", "--norc", "-i"],
                      env=dict(p.env(), PS1="ready$ ")))
    t.wait("ready$ ")
    t.type(f"{program('offhook')} --profile {p.profile}\r")
    t.wait("Contacts")
    t.read(0.5)
    t.type("\x1a")
    t.wait("Stopped")
    assert t.data.rfind(b"\x1b[?1049l") > t.data.rfind(b"\x1b[?1049h")
    t.type("fg\r")
    t.wait("Contacts")
    t.type(":detach\r")
    t.wait("ready$ ")
    p.healthy()


def test_paste_does_not_send(seat):
    """A pasted text, newlines and all, sends nothing by itself."""
    p, t = seat()
    p.rpc("contact.add", name="Bob", uris=["sip:bob@127.0.0.77"])
    t.read(0.5)
    t.type("i")
    t.read(0.3)
    t.type(b"\x1b[200~one\rtwo\rthree\r\x1b[201~")
    t.read(0.5)
    assert p.messages() == []


def test_garbage_in(seat):
    """Bytes that are no keys do no harm."""
    p, t = seat()
    for data in (b"\xff\xfe\x80\xc3", b"\x1b[999;999;999~", b"\x1b[M\x20\xff",
                 b"\x1bO", b"\x1b[", b"\xf0\x9f", b"\x00\x00"):
        t.type(data)
        t.read(0.1)
    # out of whatever was opened by that
    for _ in range(3):
        t.type("\x1b")
        t.read(0.3)
    t.type("\x0c")
    t.wait("Contacts")
    p.healthy()
