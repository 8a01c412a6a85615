"""Several calls of one phone: transfer, conference, swap, waiting, between
phones of ours, with the speech that is heard after each change."""

from lib import wav
from lib.kamailio import DOMAIN
from lib.phone import up
from lib.proc import wait_until


def test_transfers_between_ourselves(trio, voices, proxy):
    """Blind and attended in all three roles, each after the other."""
    alice = trio("alice", "one")
    dave = trio("dave", "two", auto_answer=True)
    carol = trio("carol", "three", auto_answer=True)

    # blind: dave is asked, sees all of it, and goes to carol
    call = alice.dial(f"sip:dave@{DOMAIN}")
    up(alice, call)
    wav.wait_heard(voices.brief("two"), alice.heard, 20)
    alice.rpc("call.transfer", call=call, target=f"sip:carol@{DOMAIN}")
    c = dave.wait_call(None, want=lambda c: c["question"])
    assert c["question"]["target"] == f"sip:carol@{DOMAIN}", c
    assert "alice" in c["question"]["by"], c
    dave.rpc("call.allow", call=c["id"])
    alice.wait_call(call, "ended", timeout=20)
    there = dave.wait_call(None, "established",
                          want=lambda c: c["direction"] == "out")
    wav.wait_heard(voices.brief("three"), dave.heard, 20)
    wav.wait_heard(voices.brief("two"), carol.heard, 20)
    dave.rpc("call.hangup", call=there["id"])
    carol.wait_call(None, "ended")

    # attended: alice talks to both, then they talk with each other
    a = alice.dial(f"sip:dave@{DOMAIN}")
    up(alice, a)
    b = alice.dial(f"sip:carol@{DOMAIN}")
    up(alice, b)
    alice.rpc("call.transfer", call=a, other=b)
    c = dave.wait_call(None, want=lambda c: c["question"])
    dave.rpc("call.allow", call=c["id"])
    alice.wait_call(a, "ended", timeout=20)
    alice.wait_call(b, "ended", timeout=20)
    there = dave.wait_call(None, "established",
                          want=lambda c: c["direction"] == "out")
    carol.wait_call(None, "established",
                    want=lambda c: "dave" in c["peer"]["uri"])
    dave.rpc("call.hangup", call=there["id"])


def test_conference(trio):
    """Alice joins dave and carol; one leaves and comes back. What each
    hears: test_transfer.py, with real peers."""
    alice = trio("alice", "one")
    dave = trio("dave", "two", auto_answer=True)
    carol = trio("carol", "three", auto_answer=True)
    a = alice.dial(f"sip:dave@{DOMAIN}")
    up(alice, a)
    b = alice.dial(f"sip:carol@{DOMAIN}")
    up(alice, b)
    alice.wait_call(a, "held")
    c = alice.rpc("call.join", call=a, other=b)
    assert c["conference"] > 0, c
    up(alice, a)
    up(alice, b)
    both = [c["conference"] for c in alice.calls()]
    assert both[0] == both[1] > 0, both
    alice.rpc("call.split", call=b)
    alice.wait_call(b, "held")
    assert alice.call(a)["conference"] == 0
    c = alice.rpc("call.swap")
    assert c["id"] == b and c["state"] == "established", c
    alice.wait_call(a, "held")
    alice.rpc("call.join")
    up(alice, a)
    alice.rpc("call.hangup", call=a)
    alice.wait_call(a, "ended")
    wait_until(lambda: alice.call(b)["conference"] == 0, 5, "one alone")
    assert alice.call(b)["state"] == "established"
    del dave, carol


def test_redial_and_waiting(trio, voices, proxy):
    """Redial; a second call waits, or is told that we are busy."""
    alice = trio("alice")
    dave = trio("dave", auto_answer=False)
    carol = trio("carol", auto_answer=False)
    call = alice.dial(f"sip:dave@{DOMAIN}")
    dave.rpc("call.reject", call=dave.incoming(), code=603)
    c = alice.wait_call(call, "ended")
    assert c["reason"]["code"] == 603, c
    c = alice.rpc("call.redial")
    assert c["peer"]["uri"] == f"sip:dave@{DOMAIN}", c
    dave.rpc("call.answer", call=dave.incoming())
    up(alice, c["id"])

    second = carol.dial(f"sip:dave@{DOMAIN}")
    waits = dave.incoming()
    dave.rpc("call.answer", call=waits)
    up(carol, second)
    assert sorted(c["state"] for c in dave.calls()
                  if c["state"] != "ended") == ["established", "held"]
    alice.wait_call(c["id"], "remote-held")
    carol.rpc("call.hangup", call=second)
    dave.wait_call(waits, "ended")
    dave.rpc("config.set", key="call.waiting", value="false")
    third = carol.wait_call(carol.dial(f"sip:dave@{DOMAIN}"), "ended")
    assert third["reason"]["code"] == 486, third
    alice.rpc("call.hangup", call=c["id"])
