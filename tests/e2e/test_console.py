"""The console in a real terminal emulator (tmux), with keys only."""

import re

import pytest

from lib.phone import program
from lib.proc import alive, wait_until

pytestmark = pytest.mark.needs("tmux")

SIZES = [(80, 24), (120, 40), (60, 16)]


@pytest.fixture
def desk(phone, voices, box, tmux):
    """alice with a console in front of her; bob answers by himself."""
    def make(cols=80, rows=24, bob_answers=True, args=(), console=True):
        a = phone("alice", "127.0.0.10",
                  source=f"file,{voices('one', 8000)}",
                  sink=f"file,{box}/alice.wav", config={"codecs": "PCMU"})
        b = phone("bob", "127.0.0.11",
                  source=f"file,{voices('two', 8000)}",
                  sink=f"file,{box}/bob.wav", config={"codecs": "PCMU"})
        a.direct("alice")
        b.direct("bob", auto_answer=bob_answers)
        a.rpc("contact.add", name="Bob Miller", uris=[b.uri("bob")])
        a.rpc("contact.add", name="Zoë Ångström",
              uris=["sip:zoe@127.0.0.77"])
        t = None
        if console:
            t = open_console(tmux, a, cols, rows, *args)
            t.wait_text("Bob Miller")
        return a, b, t
    return make


def open_console(tmux, p, cols=80, rows=24, *args):
    return tmux([program("offhook"), "--profile", p.profile, *args], cols,
                rows, env=p.env())


def widths(t):
    for line in t.lines():
        assert len(line) <= t.cols, (len(line), line)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_call_by_keys(desk, size):
    """Contacts -> Enter -> call -> mute -> DTMF -> hang up -> log."""
    a, b, t = desk(*size)
    screen = t.screen()
    assert "Contacts" in screen and "?" in screen.split("\n")[-2] or \
        "Help" in screen, screen
    t.keys("Home")
    t.keys("Enter")
    call = a.wait_call(None, "established")["id"]
    other = b.wait_call(None, "established")["id"]
    t.wait_any("ACTIVE", "Active", "active")
    t.wait_text("Bob Miller")
    t.keys("m")
    a.wait_call(call, want=lambda c: c["muted"])
    t.wait_any("MUTE", "mute", "muted")
    t.keys("m")
    a.wait_call(call, want=lambda c: not c["muted"])
    # digits are DTMF only in the call panel
    t.keys("M-4")
    t.keys("4")
    t.keys("2")
    t.keys("#")
    b.wait_call(other, want=lambda c: c["digits"] == "42#")
    t.keys("x")
    a.wait_call(call, "held")
    t.wait_any("HELD", "Held", "held", "HOLD", "hold")
    t.keys("x")
    a.wait_call(call, "established")
    t.keys("b")
    a.wait_call(call, "ended")
    b.wait_call(other, "ended")
    # the log shows it
    t.keys("M-2")
    t.wait_text("Calls")
    wait_until(lambda: re.search(r"> +\d\d:\d\d Bob Miller", t.screen()),
               10, t.screen)
    widths(t)
    t.keys("Q")
    t.wait_any("ended with 0", "keep", "y", timeout=5)


def test_not_answered_by_a_letter(desk):
    """Typing in `:` when it rings: the letter a stays a letter."""
    a, b, t = desk()
    t.type(":")
    t.type("ca")
    call = b.dial(a.uri("alice"))
    mine = a.incoming()
    t.wait_any("INCOMING", "Incoming", "incoming")
    t.type("aaaba")
    t.wait_text("caaaaba")
    assert a.call(mine)["state"] == "ringing"
    assert b.call(call)["state"] in ("ringing", "early", "calling")
    t.keys("M-a")
    a.wait_call(mine, "established")
    # M-e ends it, twice because a call is up
    t.keys("M-e")
    t.keys("M-e")
    a.wait_call(mine, "ended")


def test_incoming_by_keys(desk):
    a, b, t = desk()
    call = b.dial(a.uri("alice"))
    mine = a.incoming()
    screen = t.wait_any("INCOMING", "Incoming")
    assert "127.0.0.11" in screen, "the address stands beside the name"
    # a key in the first 400 ms would not count: so until it does
    wait_until(lambda: (t.keys("a"), a.call(mine)["state"] ==
                        "established")[1], 5, "the answer", 0.2)
    b.wait_call(call, "established")
    t.keys("b")
    b.wait_call(call, "ended")
    a.wait_call(mine, "ended")

    call = b.dial(a.uri("alice"))
    mine = a.incoming()
    t.wait_any("INCOMING", "Incoming")
    wait_until(lambda: (t.keys("b"), (a.call(mine) or {}).get("state") ==
                        "ended")[1], 5, "the refusal", 0.2)
    b.wait_call(call, "ended")


def test_missed_is_shown(desk):
    a, b, t = desk()
    call = b.dial(a.uri("alice"))
    a.incoming()
    b.rpc("call.hangup", call=call)
    t.wait_text("1 missed")


def test_chat_by_keys(desk):
    a, b, t = desk(120, 40)
    b.rpc("contact.add", name="Alice", uris=[a.uri("alice")])
    b.send(a.uri("alice"), "Kommst du um zwei? 了解")
    a.received("Kommst du um zwei? 了解")
    t.wait_text("1 unread")
    t.keys("Home")
    t.keys("i")
    t.type("Ja, bis später ☺")
    t.keys("Enter")
    b.received("Ja, bis später ☺")
    t.wait_text("Kommst du um zwei?")
    t.wait_text("Ja, bis später")
    widths(t)


def test_command_line(desk):
    """`:` completes, remembers, and does what the shell does."""
    a, b, t = desk()
    t.type(":dia")
    t.wait_text(":dia")
    t.keys("Escape")
    t.wait_gone(":dia")
    t.type(f":call {b.uri('bob')}")
    t.keys("Enter")
    call = a.wait_call(None, "established")["id"]
    t.type(":hangup")
    t.keys("Enter")
    a.wait_call(call, "ended")
    t.type(":")
    t.keys("Up")
    t.wait_text(":hangup")
    t.keys("Up")
    t.wait_text(":call sip:bob")
    t.keys("Escape")
    t.type(":no-such-command")
    t.keys("Enter")
    t.wait_any("no such", "unknown", "No such", "Unknown", "not a command",
               "no command")
    t.type(":conf")
    t.keys("Tab")
    t.wait_text(":config")
    t.keys("C-c")
    t.wait_gone(":config")


def test_help(desk):
    _, _, t = desk()
    t.keys("?")
    t.wait_any("Help", "help")
    t.wait_any("mute", "Mute")
    # to the right there are the keys of a call, at the end all commands
    t.keys("End")
    t.wait_text(":screen-dump")
    t.keys("Home", "Right", "Left", "PageDown")
    t.wait_text("While typing")
    # typed, and run: also when both come at once
    t.keys(*"sett", "Enter")
    t.wait_text("Settings")
    t.keys("Escape")
    t.wait_text("Bob Miller")


def test_dial_prompt(desk):
    a, b, t = desk()
    t.keys("d")
    t.type(b.uri("bob"))
    t.keys("Enter")
    call = a.wait_call(None, "established")["id"]
    a.rpc("call.hangup", call=call)


def test_terminal_killed_in_a_call(desk, tmux):
    """The terminal dies; phone and voice go on; the next console shows
    the call."""
    a, b, t = desk()
    t.keys("Home")
    t.keys("Enter")
    call = a.wait_call(None, "established")["id"]
    other = b.wait_call(None, "established")["id"]
    pid = t.pane_pid()
    t.stop()
    wait_until(lambda: not alive(pid), 5, "the console's end")
    n = b.call(other)["figures"]["rx_packets"]
    b.wait_call(other, "established", want=lambda c:
                c["figures"]["rx_packets"] > n + 100)
    assert a.call(call)["state"] == "established"
    t2 = open_console(tmux, a)
    t2.wait_any("ACTIVE", "Active")
    t2.wait_text("Bob Miller")
    t2.keys("M-4")
    t2.keys("b")
    a.wait_call(call, "ended")


def test_detach_and_quit(desk, tmux):
    a, _, t = desk()
    t.type(":detach")
    t.keys("Enter")
    t.wait_text("ended with 0")
    a.healthy()
    t2 = open_console(tmux, a)
    t2.wait_text("Bob Miller")
    t2.type(":quit")
    t2.keys("Enter")
    t2.wait_text("ended with 0")
    wait_until(lambda: not a.running(), 5, "the phone's end")
    assert a.proc.returncode == 0
    a.proc = None


def test_phone_restarts(desk):
    """The console finds the phone again by itself."""
    a, _, t = desk()
    a.stop()
    t.wait_text("the phone is away")
    a.start()
    t.wait_text("Bob Miller", 15)
    a.rpc("contact.add", name="Newcomer", uris=["sip:n@127.0.0.78"])
    t.wait_text("Newcomer")


@pytest.mark.parametrize("panel,text", [
    ("contacts", "Bob Miller"), ("calls", "No call"), ("chat", "Chat"),
    ("log", "no call yet")])
def test_one_panel(desk, tmux, panel, text):
    a, _, _ = desk(console=False)
    t = open_console(tmux, a, 60, 20, "-p", panel)
    t.wait_text(text)


def test_unread_of_a_contact(desk):
    """The count stands beside the contact, and `u` goes there."""
    a, b, t = desk()
    t.keys("G")
    b.rpc("chat.send", target=a.uri("alice"), text="have you seen this")
    t.wait_text("1 new")
    assert any("Bob Miller" in x and "1 new" in x for x in t.lines()), \
        t.screen()
    t.keys("u")
    t.wait_text("have you seen this")
    t.wait_gone("1 new")


def test_a_chat_panel_alone(desk, tmux):
    """It begins with who wrote last; `:chat` goes to somebody else."""
    a, b, _ = desk(console=False)
    a.rpc("chat.send", target="sip:zoe@127.0.0.77", text="far away")
    b.rpc("chat.send", target=a.uri("alice"), text="from Bob to Alice")
    a.rpc.wait("chat.message", lambda m: m["direction"] == "in")
    t = open_console(tmux, a, 60, 16, "-p", "chat")
    t.wait_text("from Bob to Alice")
    t.type(":chat Zoë Ångström")
    t.keys("Enter")
    t.wait_text("far away")
    t.type(":chat nobody")
    t.keys("Enter")
    t.wait_text("nobody of this name")


def test_resize_storm(desk):
    """Any size from 300x100 to 1x1, in any order, during a call."""
    a, _, t = desk()
    t.keys("Home")
    t.keys("Enter")
    call = a.wait_call(None, "established")["id"]
    pid = t.pane_pid()
    for cols, rows in [(300, 100), (1, 1), (80, 24), (2, 50), (200, 2),
                       (40, 8), (39, 7), (60, 16), (1, 24), (80, 1),
                       (10, 3), (120, 40), (3, 3), (76, 20), (75, 19),
                       (1, 1), (80, 24)]:
        t.resize(cols, rows)
    t.wait_text("Bob Miller")
    t.wait_any("ACTIVE", "Active")
    assert alive(pid)
    widths(t)
    a.rpc("call.hangup", call=call)


@pytest.mark.parametrize("theme", ["dark", "light", "contrast", "mono"])
def test_themes(desk, theme):
    _, _, t = desk()
    t.type(f":theme {theme}")
    t.keys("Enter")
    t.wait_gone(":theme")
    screen = t.wait_text("Bob Miller")
    assert "no theme" not in screen.lower(), screen


def test_a_theme_that_was_only_looked_at(desk):
    """Every key that leads back leads back to the theme before."""
    _, _, t = desk()
    t.keys(":")
    t.type("set theme light")
    t.keys("Enter")
    for key in ("C-g", "Escape", "C-c", "q"):
        t.keys(":")
        t.type("theme")
        t.keys("Enter")
        t.wait_text("┌─ Theme")
        t.keys("j")
        t.keys(key)
        t.wait_gone("┌─ Theme")
        t.keys(":")
        t.type("set theme")
        t.keys("Enter")
        t.wait_text("theme = light")
        t.keys("M-1")
        t.wait_gone("theme = light")


def test_a_question_where_there_is_no_room(desk, tmux):
    """Below 40x8 a question stands in words: no key acts unseen."""
    a, _, _ = desk(console=False)
    t = open_console(tmux, a, 39, 7)
    t.wait_text("idle")
    t.type("Q")
    t.wait_text("y:")
    t.keys("Escape")
    t.wait_gone("y:")


def test_messages_in_full(desk):
    """What does not fit into the bottom line is marked, and can be read."""
    _, _, t = desk(60, 16)
    t.keys(":")
    t.type("call nobody-of-that-name-is-among-the-contacts")
    t.keys("Enter")
    t.wait_text("…")
    t.keys("W")
    t.wait_text("┌─ Messages")
    whole = " ".join(x.strip("│ ") for x in t.lines())
    assert "for example" in whole, whole
    t.keys("Escape")
    t.wait_gone("Messages")


def test_read_while_it_is_looked_at(desk):
    """What comes into the chat that has the focus is read; what comes while
    one has scrolled back is not, until one is at the end again."""
    a, b, t = desk()
    for i in range(30):
        b.send(a.uri("alice"), f"line {i}")
    t.wait_text("30 new")
    t.keys("M-1", "Home", "M-3")
    t.wait_text("line 29")
    t.wait_gone("30 new")
    b.send(a.uri("alice"), "one more")
    t.wait_text("one more")
    wait_until(lambda: not any(c["unread"] for c in a.rpc("chat.list")), 15,
               "it is read")
    t.wait_gone("1 new")
    t.keys("PageUp")
    t.wait_gone("one more")
    b.send(a.uri("alice"), "not seen")
    t.wait_text("1 new")
    t.keys("G")
    t.wait_text("not seen")
    t.wait_gone("1 new")


def test_bind(desk):
    a, b, t = desk()
    t.type(f":bind contacts F9 call {b.uri('bob')}")
    t.keys("Enter")
    t.wait_gone(":bind")
    t.keys("F9")
    call = a.wait_call(None, "established")["id"]
    a.rpc("call.hangup", call=call)


def test_remote_text_stays_in_its_place(desk):
    """Names and lines from outside do nothing to the screen."""
    from lib.sip import Peer, code
    a, _, t = desk()
    peer = Peer("127.0.0.21")
    for name in ("\x1b[2J\x1b[31mred", "\u202egnp.exe", "\x9b31mC1",
                 "wide 山田太郎" * 9):
        text = peer.request("MESSAGE", a.uri("alice"), tag="t",
                            body=f"hello {name}", ctype="text/plain")
        text = text.replace("From: <", f'From: "{name}" <')
        peer.send(text, (a.addr, 5060))
        peer.wait(lambda m: code(m) > 0)
    t.wait_text("unread")
    for panel in ("M-1", "M-2", "M-3", "M-4"):
        t.keys(panel)
        t.wait_any("Bob Miller", "Contacts")
        widths(t)
        assert "\u202e" not in t.screen()
    peer.close()


def test_no_phone_without_a_terminal(phone):
    """The console itself needs a terminal, and says so."""
    p = phone()
    run = p.cli()
    assert run.returncode != 0
    assert len(run.stderr.split()) >= 3, run
    assert "\x1b" not in run.stdout


def test_ascii_terminal(desk, tmux):
    """Without UTF-8 the screen is drawn with plain letters."""
    a, _, _ = desk(console=False)
    t = tmux(["env", "LC_ALL=C", program("offhook"), "--profile",
              a.profile], 80, 24, env=a.env())
    t.wait_text("Bob Miller")
    assert "│" not in t.screen()
