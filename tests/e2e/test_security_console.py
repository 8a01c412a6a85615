"""The console on who could listen: words in large letters, warnings that
stay, details, at the usual size and at the smallest with tiles."""

import os
import re
import time

import pytest

from lib.phone import program
from lib.proc import wait_until

ALICE, BOB = "127.0.0.10", "127.0.0.11"
SIZES = [(80, 24), (60, 16)]

pytestmark = [pytest.mark.needs("tmux"), pytest.mark.limit(150)]


@pytest.fixture
def desk(phone, tmux):
    """Alice with a console, Bob who answers."""
    def make(cols=80, rows=24):
        a = phone("alice", ALICE)
        b = phone("bob", BOB)
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        a.rpc("contact.add", name="Bob Miller", uris=[b.uri("bob")])
        t = tmux([program("offhook"), "--profile", a.profile], cols, rows,
                 env=a.env())
        t.wait_text("Bob Miller")
        return a, b, t
    return make


def secure(phone, ident=None):
    return phone.wait_call(ident, "established", timeout=20,
                           want=lambda c: c["sas"])


def fits(t):
    for line in t.lines():
        assert len(line) <= t.cols, line


def compared(t, key):
    """Press a key of the overlay until it counts."""
    end = time.monotonic() + 10
    while "Compare security words" in t.screen():
        assert time.monotonic() < end, t.screen()
        t.keys(key)


@pytest.mark.parametrize("cols,rows", SIZES)
def test_words(desk, cols, rows):
    a, b, t = desk(cols, rows)
    call = secure(a, a.dial(b.uri("bob")))
    t.keys("M-4")
    t.wait_text("[E2E ??]")
    t.wait_text(call["sas_words"].split()[0])

    t.keys("v")
    screen = t.wait_text("Compare security words")
    one, two = call["sas_words"].split()
    assert f"{one}   {two}" in screen
    assert "Bob Miller" in screen and "y  yes" in screen
    assert "n  NO, someone is listening" in screen and "l  later" in screen
    # the letters are five rows high
    assert sum("##" in line for line in t.lines()) >= 4, screen
    fits(t)

    # a yes in passing does not count
    t.keys("l")
    t.wait_gone("Compare security words")
    t.keys("v", "y")
    t.wait_text("compare first")
    assert a.call(call["id"])["label"] == "e2e"
    compared(t, "y")
    wait_until(lambda: a.call(call["id"])["label"] == "verified", 10,
               "verified")
    t.wait_text("[E2E ok]")


def test_words_differ(desk):
    a, b, t = desk()
    call = secure(a, a.dial(b.uri("bob")))
    t.wait_text("[E2E ??]")
    t.keys("v")
    t.wait_text("Compare security words")
    t.keys("n")
    t.wait_text("End the call?")
    wait_until(lambda: a.call(call["id"])["label"] == "broken", 10, "broken")
    t.keys("n")
    t.wait_text("[BROKEN]")
    assert a.call(call["id"])["state"] == "established"
    t.keys("v")
    t.wait_text("Compare security words")
    t.keys("n")
    t.wait_text("End the call?")
    t.keys("y")
    a.wait_call(call["id"], "ended")


def test_overlay_goes_with_the_call(desk):
    a, b, t = desk()
    secure(a, a.dial(b.uri("bob")))
    t.wait_text("[E2E ??]")
    t.keys("v")
    t.wait_text("Compare security words")
    b.rpc("call.hangup")
    t.wait_gone("Compare security words")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_warning_and_details(desk, cols, rows):
    a, b, t = desk(cols, rows)
    call = secure(a, a.dial(b.uri("bob")))
    secure(b)
    a.rpc("call.sas", same=True)
    b.rpc("call.sas", same=True)
    a.rpc("call.hangup")
    wait_until(lambda: all(c["state"] == "ended" for c in b.calls()), 10,
               "the end")
    b.stop()
    os.unlink(b.path("profile/data/zrtp.db"))
    b.start()

    # it opens by itself, and no key that means something else closes it
    call = secure(a, a.dial(b.uri("bob")))
    screen = t.wait_text("WARNING")
    assert "[BROKEN]" in screen and "Bob Miller" in screen
    assert "another device" in screen and "v  compare" in screen
    fits(t)
    t.keys("q", "Escape", "b", "Enter")
    t.wait_text("WARNING")
    assert a.call(call["id"])["state"] == "established"

    def read():
        t.keys("o")
        return "WARNING" not in t.screen()
    wait_until(read, 10, "the warning to go", 0.2)
    assert a.call(call["id"])["alarms"][0]["acknowledged"]
    t.keys("M-4")
    t.wait_text("[BROKEN]")

    t.keys("V")
    screen = t.wait_text("Key agreement")
    assert "X25519" in screen
    fits(t)
    t.keys("G")
    screen = t.wait_text("words compared, the same")
    assert "another device, not verified" in screen
    # what was warned of is there to its end
    assert "trust this call" in screen
    fits(t)
    t.keys("q")
    t.wait_gone("Key agreement")


def test_demo(tmux, box):
    """`offhook demo`: the first call anyone makes shows words to compare,
    and the partner says its own."""
    t = tmux([program("offhook"), "demo"], env={"HOME": str(box)})
    t.wait_text("Echo test", 30)
    t.keys("Enter")
    t.wait_text("[E2E ??]", 20)
    t.wait_text("My words:", 20)
    t.keys("v")
    t.wait_text("Compare security words")
    compared(t, "y")
    t.wait_text("[E2E ok]")
    # what the partner wrote stands in the call's own line
    told = re.search(r"My words: (\w+ \w+)",
                     " ".join(re.sub("[│>]", " ", t.screen()).split()))
    assert told, t.screen()
    t.wait_text(f"words  {told[1]}")
    t.keys("Q")
    t.wait_text("yes, quit")
    t.keys("y")
    t.wait_text("ended with 0", 20)
