"""For everyone: no colour, no UTF-8, screen readers, mice, odd scripts."""

import os
import re
import stat

import pytest

from lib.phone import program
from lib.proc import wait_until
from lib.term import Term

pyte = pytest.importorskip("pyte")

NAMES = ["山田太郎", "שלום עולם", "محمد", "Zoë Ångström", "e\u0301\u0302\u0303x",
         "👩\u200d👩\u200d👧 family", "ﷺﷺﷺ", "नमस्ते", "A\u202egnirts",
         "\u200b\u200bnothing", "ｆｕｌｌｗｉｄｔｈ", "👍🏽👍🏽👍🏽",
         "a very long name that goes on and on 山田太郎山田太郎山田太郎"]


@pytest.fixture
def seat(phone, crew):
    def make(*settings, env=None, cols=80, rows=24, contacts=("Bob", "Carl",
                                                             "Dora")):
        p = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
        p.direct("alice")
        for i, name in enumerate(contacts):
            p.rpc("contact.add", name=name, uris=[f"sip:c{i}@127.0.0.77"])
        with open(f"{p.profile}/config/console.conf", "w",
                  encoding="utf-8") as f:
            f.writelines(f"set {line}\n" for line in settings)
        t = crew.add(Term([program("offhook"), "--profile", p.profile],
                          cols, rows, env=dict(p.env(), **(env or {}))))
        t.wait("Contacts")
        t.read(0.5)
        return p, t
    return make


def screen_of(t, cols=80, rows=24):
    """What a terminal shows after all that was written."""
    screen = pyte.Screen(cols, rows)
    stream = pyte.ByteStream(screen)
    # what pyte would print: strings for the terminal itself
    data = re.sub(rb"\x1b[\]P^_][^\x07\x1b]*(\x07|\x1b\\)", b"", t.data)
    stream.feed(data)
    return screen


def test_columns_never_break(seat):
    """Names and messages of all scripts: the separator stands in its
    column, row by row, before and after moving through them."""
    p, t = seat(contacts=NAMES)
    t.type("j" * 5)
    t.read(0.3)
    t.type("/")
    t.type("a")
    t.read(0.3)
    t.type("\x1b")
    t.read(0.3)
    t.type("\x0c")
    t.read(0.5)
    screen = screen_of(t)
    for y in range(1, 22):
        assert screen.buffer[y][29].data == "│", \
            (y, screen.display[y], t.data[-3000:])


@pytest.mark.parametrize("term, colours", [
    ("xterm-256color", True), ("screen", True), ("linux", True),
    ("vt100", False), ("tmux-256color", True)])
def test_terminals(seat, term, colours):
    """Every terminal type there is shows the screen; a vt100 gets no
    colour, and only those that know them get OSC sequences."""
    _, t = seat(env={"TERM": term})
    assert (b"\x1b[3" in t.data or b"\x1b[38;5" in t.data) is colours or \
        not colours
    if not colours:
        assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", t.data)
    if term in ("vt100", "linux"):
        assert b"\x1b]" not in t.data
    t.type(":detach\r")
    t.read(0.3)
    wait_until(t.ended, 5, "the end")


def test_no_color(seat):
    _, t = seat(env={"NO_COLOR": "1"})
    assert not re.search(rb"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[;m]",
                         t.data), t.data
    # selection is told by a mark, not by its looks alone
    assert b">" in t.data


def test_ascii(seat):
    """Without UTF-8 borders are ASCII and nothing else goes out."""
    _, t = seat(env={"LC_ALL": "C"}, contacts=NAMES[:4])
    t.type("?")
    t.read(0.3)
    assert not re.search(rb"[\x80-\xff]", t.data)
    assert b"|" in t.data and b"+-" in t.data


def test_the_cursor_rests_on_the_selection(seat):
    """For screen readers and magnifiers: the real cursor is where the
    selection is, in lists, menus and forms."""
    _, t = seat("cursor selection")
    for key, row in (("", 2), ("j", 3), ("j", 4), ("k", 3)):
        t.type(key) if key else None
        t.read(0.3)
        screen = screen_of(t)
        assert screen.cursor.y == row, (key, screen.cursor.y,
                                        screen.display)
        assert not screen.cursor.hidden
    t.type(":theme\r")
    t.read(0.4)
    screen = screen_of(t)
    assert screen.display[screen.cursor.y].lstrip(" │>").startswith(
        ("ansi", "dark", "light", "contrast", "mono")) or \
        ">" in screen.display[screen.cursor.y], screen.display


def test_mouse(seat, box):
    """Off by default; on, a click selects and the wheel moves."""
    script = os.path.join(box, "clip")
    with open(script, "w", encoding="ascii") as f:
        f.write(f'#!/bin/sh\ncat > {box}/clip.new\n'
                f'mv {box}/clip.new {box}/clipped\n')
    os.chmod(script, stat.S_IRWXU)

    def selected(t):
        if os.path.exists(f"{box}/clipped"):
            os.unlink(f"{box}/clipped")
        t.type("y")
        wait_until(lambda: os.path.exists(f"{box}/clipped"), 10, "a copy")
        return open(f"{box}/clipped", encoding="utf-8").read()
    _, t = seat("mouse on", f"clipboard.command {script}")
    assert b"\x1b[?1006;1000h" in t.data
    t.type("\x1b[<0;5;5M\x1b[<0;5;5m")
    t.read(0.3)
    assert selected(t) == "sip:c2@127.0.0.77"
    t.type("\x1b[<64;5;5M")
    t.read(0.3)
    assert selected(t) == "sip:c1@127.0.0.77"


def test_no_mouse(seat):
    _, t = seat()
    assert b"1000h" not in t.data and b"\x1b[?1006" not in t.data


def test_links(seat, phone):
    """Addresses of web pages are links where that is wanted, and nothing of
    the sender's gets into the sequence but a plain address."""
    p, t = seat("links on", contacts=())
    bob = phone("bob", "127.0.0.11")
    bob.direct("bob")
    bob.send(p.uri("alice"), "see https://example.org/agenda and "
             "http://example.org/\u202ex")
    p.received("see https://example.org/agenda and http://example.org/x")
    t.read(0.5)
    t.type("u")
    t.wait("]8;;https://example.org/agenda\x1b\\")
    t.read(0.5)
    links = re.findall(rb"\x1b\]8;;([^\x1b]*)\x1b\\", t.data)
    assert all(re.fullmatch(rb"[!-~]*", link) for link in links), links
    # nothing changes: nothing is sent again
    got = t.read_for(2)
    assert b"]8;;" not in got, got


def test_synchronized_output(seat):
    """Where it is known, a frame that is mostly new comes as a whole; a
    letter does not pay for it."""
    _, t = seat(env={"TERM": "tmux-256color"})
    t.data = b""
    t.type("?")
    t.read(0.4)
    assert t.data.startswith(b"\x1b[?2026h") or b"\x1b[?2026h" in t.data
    assert t.data.count(b"\x1b[?2026h") == t.data.count(b"\x1b[?2026l")
    t.data = b""
    t.type("x")
    t.read(0.4)
    assert b"2026" not in t.data
