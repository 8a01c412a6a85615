"""What the console costs the line: bytes, as the guide promises."""

import termios
import time

import pyte
import pytest

from lib.phone import program
from lib.sip import Call, Peer
from lib.term import Term


# bytes at 80x24 and at 200x60; the first column is what the screen's guide
# promises, the second what a screen of six times the cells may cost
BUDGETS = {"letter": (40, 60), "move": (200, 300), "help": (4000, 4600),
           "redraw": (5000, 9000), "tick": (60, 60)}


@pytest.mark.parametrize("size", [(80, 24), (200, 60)],
                         ids=lambda s: f"{s[0]}x{s[1]}")
def test_budgets(seat, size):
    """What a letter, a move, the help, a redraw and a second of a call
    cost the line."""
    p, t = seat(*size)
    for i, name in enumerate(("Bob Miller", "Chloé Martin", "山田太郎",
                              "Dad", "Nadia R.", "Oskar", "Zoë")):
        p.rpc("contact.add", name=name, uris=[f"sip:c{i}@127.0.0.77"])
    t.read(0.5)
    cost, seen = {}, {}

    def keys(what, data):
        """The middle one of several: the clock's minute may come along."""
        t.type(data)
        seen.setdefault(what, []).append(len(t.answer()))
        cost[what] = sorted(seen[what])[(len(seen[what]) - 1) // 2]
    keys("move", "j")
    for data in "jjkk":
        keys("move", data)
    t.type(":")
    t.read(0.3)
    for data in "contact":
        keys("letter", data)
    t.type("\x1b")
    t.read(0.3)
    keys("redraw", "\x0c")
    keys("help", "?")
    t.type("\x1b")
    t.read(0.3)
    peer = Peer("127.0.0.21")
    c = Call(peer, (p.addr, 5060), p.uri("alice"))
    c.start_rtp()
    t.read_for(3)
    # the meters follow a steady tone: what changes is the time
    got = t.read_for(10)
    assert got and b"\x1b[2J" not in got, got
    cost["tick"] = len(got) // 10
    c.bye()
    peer.close()
    print(f"{size[0]}x{size[1]}: {cost}")
    at = int(size[0] > 80)
    over = {k: (v, BUDGETS[k][at]) for k, v in cost.items()
            if v > BUDGETS[k][at]}
    assert not over, over


def test_idle_is_silent(seat):
    """Nothing happens, nothing is sent; the clock has no seconds."""
    _, t = seat()
    # a minute may begin: then the clock is drawn, once
    got = t.read_for(10)
    assert len(got) < 120, got
    if got:
        assert t.read_for(5) == b""


class SlowLine:
    """Reads no faster than a line of that many bytes a second brings it."""

    def __init__(self, t, rate, cols, rows):
        self.t, self.rate = t, rate
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.begin, self.taken, self.most = time.monotonic(), 0, 0

    def text(self):
        return "\n".join(self.screen.display)

    def wait(self, want, timeout):
        """Until the screen holds the text; how long that took."""
        begin = time.monotonic()
        while want not in self.text():
            now = time.monotonic()
            assert now - begin < timeout, f"{want!r}:\n{self.text()}"
            self.most = max(self.most, self.t.waiting())
            due = int((now - self.begin) * self.rate) - self.taken
            if due > 0:
                got = self.t.read_at_most(due, 0.05)
                # an idle line saves nothing up
                self.begin, self.taken = now, 0
                self.stream.feed(got)
            else:
                time.sleep(0.01)
        return time.monotonic() - begin


def test_300_baud(phone, crew):
    """30 bytes a second: the screen comes row by row, keys are answered in
    between, what has become old is not sent, and nothing piles up."""
    p = phone(config={"codecs": "PCMU"}, source="tone,440", sink="null,")
    p.direct("alice", auto_answer=True)
    for i, name in enumerate(("Ann", "Bob", "Cem", "Dad", "Eve")):
        p.rpc("contact.add", name=name, uris=[f"sip:c{i}@127.0.0.77"])
    t = crew.add(Term([program("offhook"), "--profile", p.profile], 40, 10,
                      env=dict(p.env(), NO_COLOR="1"),
                      speed=termios.B300))
    line = SlowLine(t, 30, 40, 10)
    first = line.wait(">   Ann", 60)
    # a hundred moves while the rest is still coming: one picture of where
    # they end
    t.type("jk" * 50 + "j")
    moves = line.wait(">   Bob", 40)
    # in a call, whose seconds alone are more than the line takes
    peer = Peer("127.0.0.21")
    call = Call(peer, (p.addr, 5060), p.uri("alice"))
    call.start_rtp()
    t.type("j")
    key = line.wait(">   Cem", 40)
    call.bye()
    peer.close()
    print(f"first row {first:.1f} s, moves {moves:.1f} s, a key in a call "
          f"{key:.1f} s; at most {line.most} bytes waited")
    assert line.most < 240, line.most


def test_a_speed_that_the_terminal_does_not_say(phone, crew):
    """`set speed`: 30 bytes a second until it is taken back."""
    p = phone()
    p.direct("alice")
    with open(f"{p.profile}/config/console.conf", "w",
              encoding="ascii") as f:
        f.write("set speed 300\n")
    t = crew.add(Term([program("offhook"), "--profile", p.profile],
                      env=dict(p.env(), NO_COLOR="1")))
    t.answer()
    slow = t.read_for(4)
    assert 0 < len(slow) < 400, len(slow)
    t.type(":set speed auto\r")
    fast = t.read_for(4)
    assert len(fast) > 2 * len(slow), (len(slow), len(fast))
