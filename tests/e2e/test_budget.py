"""What the console costs the line: bytes, as the guide promises."""

import pytest

from lib.phone import program
from lib.sip import Call, Peer
from lib.term import Term


@pytest.fixture
def seat(phone, crew):
    """A phone with a console on a bare pty."""
    def make(cols=80, rows=24, auto_answer=True, **more):
        p = phone(config={"codecs": "PCMU"}, source="tone,440",
                  sink="null,", **more)
        p.direct("alice", auto_answer=auto_answer)
        t = crew.add(Term([program("offhook"), "--profile", p.profile],
                          cols, rows, env=p.env()))
        t.wait("Contacts")
        t.read(0.5)
        return p, t
    return make


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
    cost = {}

    def keys(what, data):
        t.type(data)
        got = t.read(0.3)
        cost[what] = max(cost.get(what, 0), len(got))
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
    cost["tick"] = len(t.read_for(10)) // 10
    c.bye()
    peer.close()
    print(f"{size[0]}x{size[1]}: {cost}")
    at = int(size[0] > 80)
    over = {k: (v, BUDGETS[k][at]) for k, v in cost.items()
            if v > BUDGETS[k][at]}
    assert not over, over
