"""Hold, transfer and conference with real peers, and the speech that is
heard after each change.

linphonec leaves its binding at the registrar when it ends, so bob is
nobody but linphonec here.
"""

import pytest

from lib import wav
from lib.kamailio import DOMAIN
from lib.phone import up


@pytest.mark.needs("linphonec", "baresip")
@pytest.mark.parametrize("first", ["linphone", "baresip"])
def test_blind_transfer(trio, linphone, baresip, voices, proxy, first):
    """We send linphonec to baresip, or baresip to linphonec: those two
    talk, we are out of it."""
    p = trio("alice")
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=("PCMU",))
    bare = baresip(registrar=proxy, codecs="pcmu",
                   voice=voices.padded("three", 8000, 60))
    one, other = (("bob", "carol") if first == "linphone" else
                  ("carol", "bob"))
    call = p.dial(f"sip:{one}@{DOMAIN}")
    up(p, call)
    spoken = "two" if first == "linphone" else "three"
    wav.wait_heard(voices(spoken), p.heard, 20)
    # held, as people do it
    p.rpc("call.hold", call=call)
    p.wait_call(call, "held")
    p.rpc("call.transfer", call=call, target=f"sip:{other}@{DOMAIN}")
    c = p.wait_call(call, "ended", timeout=20)
    assert c["reason"]["text"] == "Transferred", c
    # those two hear each other now
    wav.wait_heard(voices("two"), bare.heard, 20)
    lin.cmd("terminate all")


@pytest.mark.needs("linphonec")
def test_attended_transfer_of_linphone(trio, linphone, voices, proxy):
    """linphonec takes the place of our call with carol (Replaces)."""
    alice = trio("alice", "one")
    carol = trio("carol", "three", auto_answer=True)
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=("PCMU",))
    a = alice.dial(f"sip:bob@{DOMAIN}")
    up(alice, a)
    wav.wait_heard(voices("two"), alice.heard, 20)
    b = alice.dial(f"sip:carol@{DOMAIN}")
    up(alice, b)
    wav.wait_heard(voices("three"), alice.heard, 20)
    alice.rpc("call.transfer", call=a, other=b)
    alice.wait_call(a, "ended", timeout=20)
    alice.wait_call(b, "ended", timeout=20)
    c = carol.wait_call(None, "established",
                        want=lambda c: "bob" in c["peer"]["uri"])
    wav.wait_heard(voices("two"), carol.heard, 20)
    carol.rpc("call.hangup", call=c["id"])


@pytest.mark.needs("linphonec")
def test_attended_transfer_to_linphone(trio, linphone, voices, proxy):
    """carol, a phone of ours, takes our place in the call with linphonec."""
    alice = trio("alice", "one")
    carol = trio("carol", "three", auto_answer=True,
                 **{"call.transfers": "allow"})
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=("PCMU",))
    a = alice.dial(f"sip:carol@{DOMAIN}")
    up(alice, a)
    b = alice.dial(f"sip:bob@{DOMAIN}")
    up(alice, b)
    alice.rpc("call.transfer", call=a, other=b)
    alice.wait_call(a, "ended", timeout=20)
    alice.wait_call(b, "ended", timeout=20)
    c = carol.wait_call(None, "established",
                        want=lambda c: "bob" in c["peer"]["uri"])
    wav.wait_heard(voices("two"), carol.heard, 20)
    carol.rpc("call.hangup", call=c["id"])
    lin.stop()
    wav.heard(voices("three"), lin.heard)


@pytest.mark.needs("linphonec")
def test_transferred_by_linphone(trio, linphone, voices, proxy):
    """linphonec sends us to carol: we are asked, and go there."""
    alice = trio("alice", "one")
    carol = trio("carol", "three", auto_answer=True)
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=("PCMU",))
    a = alice.dial(f"sip:bob@{DOMAIN}")
    up(alice, a)
    lin.wait_output("connected")
    lin.cmd(f"transfer 1 sip:carol@{DOMAIN}")
    c = alice.wait_call(a, want=lambda c: c["question"])
    assert c["question"]["target"] == f"sip:carol@{DOMAIN}", c
    alice.rpc("call.allow", call=a)
    c = alice.wait_call(None, "established",
                        want=lambda c: "carol" in c["peer"]["uri"])
    wav.wait_heard(voices("three"), alice.heard, 20)
    alice.wait_call(a, "ended", timeout=20)
    alice.rpc("call.hangup", call=c["id"])
    carol.wait_call(None, "ended")


@pytest.mark.needs("baresip")
def test_transferred_by_baresip(trio, baresip, voices, proxy):
    """The same by baresip."""
    alice = trio("alice", "one")
    dave = trio("dave", "two", auto_answer=True)
    bare = baresip(registrar=proxy, codecs="pcmu",
                   voice=voices.padded("three", 8000, 60))
    a = alice.dial(f"sip:carol@{DOMAIN}")
    up(alice, a)
    bare.cmd("transfer", f"sip:dave@{DOMAIN}")
    c = alice.wait_call(a, want=lambda c: c["question"])
    assert c["question"]["target"] == f"sip:dave@{DOMAIN}", c
    alice.rpc("call.allow", call=a)
    c = alice.wait_call(None, "established",
                        want=lambda c: "dave" in c["peer"]["uri"])
    wav.wait_heard(voices("two"), alice.heard, 20)
    alice.wait_call(a, "ended", timeout=20)
    alice.rpc("call.hangup", call=c["id"])
    dave.wait_call(None, "ended")
