"""Hold, transfer and conference with real peers, and the speech that both
sides hear after each change.

Who can do what: linphonec is put on hold, holds, and takes each part of a
blind and of an attended transfer. baresip (1.0.0) takes each part of a
blind one; it cannot read Replaces and has no word for an attended one, so
all it can be there is the one that is called in the end, where it takes the
new call beside the old one.

linphonec leaves its binding at the registrar when it ends, so bob is
nobody but linphonec here.
"""

import pytest

from lib import wav
from lib.kamailio import DOMAIN
from lib.phone import up

BOB = f"sip:bob@{DOMAIN}"
CAROL = f"sip:carol@{DOMAIN}"
DAVE = f"sip:dave@{DOMAIN}"


@pytest.fixture
def bob(linphone, voices, proxy):
    """linphonec says `two`."""
    def make(silent=False):
        return linphone(registrar=proxy, codecs=("PCMU",),
                        voice=None if silent else voices.talk("two"))
    return make


@pytest.fixture
def carol(baresip, voices, proxy):
    """baresip says `three`."""
    return lambda **kw: baresip(registrar=proxy, codecs="pcmu",
                                voice=voices.talk("three"), **kw)


@pytest.fixture
def hear(voices):
    """hear(voice, where, mark): the voice is in the recording of there."""
    def listen(voice, recording, since=None):
        wav.wait_heard(voices.brief(voice), recording, 25, since=since)
    return listen


def replaced(p):
    """The INVITE that took the place of another call, as it came in."""
    return next(m["text"] for m in p.rpc("trace.list")
                if m["text"].startswith("INVITE ") and
                "\nReplaces: " in m["text"])


def refer_to(p):
    """Refer-To of the newest REFER."""
    text = [m["text"] for m in p.rpc("trace.list")
            if m["text"].startswith("REFER ")][-1]
    return next(line for line in text.split("\n")
                if line.startswith("Refer-To:"))


# ---- hold and resume --------------------------------------------------------

@pytest.mark.needs("linphonec")
def test_hold_with_linphone(trio, bob, hear):
    """linphonec calls; it holds, then we do."""
    p, lin = trio("alice"), bob()
    lin.cmd(f"call sip:alice@{DOMAIN}")
    call = p.incoming()
    p.rpc("call.answer", call=call)
    up(p, call)
    hear("two", p.heard)
    hear("one", lin.heard)
    lin.cmd("pause")
    assert p.wait_call(call, "remote-held")["remote_held"] is True
    lin.wait_output("is now paused")
    lin.cmd("resume 1")
    assert up(p, call)["remote_held"] is False
    since, there = wav.mark(p.heard), wav.mark(lin.heard)
    hear("two", p.heard, since)
    hear("one", lin.heard, there)

    p.rpc("call.hold", call=call)
    p.wait_call(call, "held")
    lin.wait_output("(?i)paused by")
    said = lin.mark()
    p.rpc("call.resume", call=call)
    up(p, call)
    # a file that it does not begin again by itself it is told to play, to
    # the stream that is new
    lin.wait_output("Media streams established", 15, after=said)
    lin.cmd(f"play {lin.voice}")
    since, there = wav.mark(p.heard), wav.mark(lin.heard)
    hear("two", p.heard, since)
    hear("one", lin.heard, there)
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")


@pytest.mark.needs("baresip")
def test_hold_with_baresip(trio, carol, pulse, hear):
    """We call; baresip holds, then we do. Its own recording ends when it
    is held: what its loudspeaker plays is what counts."""
    p = trio("alice")
    bare = carol(player="alsa,test_spk", env=pulse.env())
    ear = pulse.listen()
    call = p.dial(CAROL)
    up(p, call)
    hear("three", p.heard)
    hear("one", ear)
    bare.cmd("hold")
    assert p.wait_call(call, "remote-held")["remote_held"] is True
    bare.cmd("resume")
    assert up(p, call)["remote_held"] is False
    since, there = wav.mark(p.heard), wav.mark(ear)
    hear("three", p.heard, since)
    hear("one", ear, there)

    p.rpc("call.hold", call=call)
    p.wait_call(call, "held")
    p.rpc("call.resume", call=call)
    up(p, call)
    since, there = wav.mark(p.heard), wav.mark(ear)
    hear("three", p.heard, since)
    hear("one", ear, there)
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")


# ---- blind transfer ---------------------------------------------------------

@pytest.mark.needs("linphonec", "baresip")
@pytest.mark.parametrize("first", ["linphone", "baresip"])
def test_blind_transfer(trio, bob, carol, hear, first):
    """We send linphonec to baresip, or baresip to linphonec: those two
    talk, we are out of it."""
    p, lin, bare = trio("alice"), bob(), carol()
    one, other = (BOB, CAROL) if first == "linphone" else (CAROL, BOB)
    call = p.dial(one)
    up(p, call)
    hear("two" if first == "linphone" else "three", p.heard)
    # held, as people do it
    p.rpc("call.hold", call=call)
    p.wait_call(call, "held")
    p.rpc("call.transfer", call=call, target=other)
    c = p.wait_call(call, "ended", timeout=20)
    assert c["reason"]["text"] == "Transferred", c
    # those two hear each other now
    hear("two", bare.heard)
    hear("three", lin.heard)
    lin.cmd("terminate all")


def taken_to(alice, dave, call, since, hear):
    """alice is asked, goes to dave, and both hear each other."""
    c = alice.wait_call(call, want=lambda c: c["question"])
    assert c["question"]["target"] == DAVE, c
    alice.rpc("call.allow", call=call)
    c = up(alice, None, want=lambda c: "dave" in c["peer"]["uri"])
    hear("three", alice.heard, since)
    hear("one", dave.heard)
    alice.wait_call(call, "ended", timeout=20)
    alice.rpc("call.hangup", call=c["id"])
    dave.wait_call(None, "ended")


@pytest.mark.needs("linphonec")
def test_transferred_by_linphone(trio, bob, hear):
    """linphonec sends us to dave: we are asked, and go there."""
    alice, dave = trio("alice"), trio("dave", "three", auto_answer=True)
    lin = bob()
    a = alice.dial(BOB)
    up(alice, a)
    lin.wait_output("connected")
    since = wav.mark(alice.heard)
    lin.cmd(f"transfer 1 {DAVE}")
    taken_to(alice, dave, a, since, hear)


@pytest.mark.needs("baresip")
def test_transferred_by_baresip(trio, carol, hear):
    """The same by baresip."""
    alice, dave = trio("alice"), trio("dave", "three", auto_answer=True)
    bare = carol()
    a = alice.dial(CAROL)
    up(alice, a)
    since = wav.mark(alice.heard)
    bare.cmd("transfer", DAVE)
    taken_to(alice, dave, a, since, hear)


@pytest.mark.needs("linphonec", "baresip")
@pytest.mark.parametrize("first", ["linphone", "baresip"])
def test_sent_to_us(trio, bob, carol, hear, first):
    """One of the two calls the other and sends it to us."""
    alice = trio("alice", auto_answer=True)
    lin, bare = bob(), carol()
    if first == "linphone":
        lin.cmd(f"call {CAROL}")
        lin.wait_output("connected")
        lin.cmd(f"transfer 1 sip:alice@{DOMAIN}")
    else:
        bare.dial(BOB)
        bare.wait_output("(?i)call established")
        bare.cmd("transfer", f"sip:alice@{DOMAIN}")
    who, voice = (("carol", "three") if first == "linphone" else
                  ("bob", "two"))
    c = up(alice, None, want=lambda c: who in c["peer"]["uri"], timeout=20)
    hear(voice, alice.heard)
    hear("one", bare.heard if first == "linphone" else lin.heard)
    alice.rpc("call.hangup", call=c["id"])


# ---- attended transfer ------------------------------------------------------

@pytest.mark.needs("linphonec")
def test_attended_transfer_of_linphone(trio, bob, hear):
    """linphonec takes the place of our call with dave (Replaces)."""
    alice = trio("alice")
    dave = trio("dave", "three", auto_answer=True)
    lin = bob()
    a = alice.dial(BOB)
    up(alice, a)
    b = alice.dial(DAVE)
    up(alice, b)
    hear("three", alice.heard)
    alice.rpc("call.transfer", call=a, other=b)
    alice.wait_call(a, "ended", timeout=20)
    alice.wait_call(b, "ended", timeout=20)
    c = up(dave, None, want=lambda c: "bob" in c["peer"]["uri"])
    hear("two", dave.heard)
    hear("three", lin.heard)
    # the very device is named that we spoke to (RFC 5589 7.1, RFC 5627)
    assert ";gr=urn:uuid:" in refer_to(alice), refer_to(alice)
    assert replaced(dave).startswith("INVITE sip:")
    dave.rpc("call.hangup", call=c["id"])


@pytest.mark.needs("linphonec", "baresip")
@pytest.mark.parametrize("target", ["linphone", "baresip"])
def test_attended_transfer_to(trio, bob, carol, hear, target):
    """dave, a phone of ours, takes our place in the call with a peer."""
    alice = trio("alice")
    dave = trio("dave", "three" if target == "linphone" else "two",
                auto_answer=True, **{"call.transfers": "allow"})
    peer = bob() if target == "linphone" else carol()
    a = alice.dial(DAVE)
    up(alice, a)
    b = alice.dial(BOB if target == "linphone" else CAROL)
    up(alice, b)
    alice.rpc("call.transfer", call=a, other=b)
    alice.wait_call(a, "ended", timeout=20)
    alice.wait_call(b, "ended", timeout=20)
    c = up(dave, None, want=lambda c: c["direction"] == "out")
    hear("two" if target == "linphone" else "three", dave.heard)
    hear("three" if target == "linphone" else "two", peer.heard)
    if target == "linphone":
        # where there is a GRUU, it is what we were told to call
        assert ";gr=urn:uuid:" in refer_to(alice), refer_to(alice)
        assert ";gr=urn:uuid:" in c["peer"]["uri"], c["peer"]
    dave.rpc("call.hangup", call=c["id"])


@pytest.mark.needs("linphonec")
def test_attended_transfer_by_linphone(trio, bob, hear):
    """linphonec talks to both of us and connects us."""
    alice = trio("alice", **{"call.transfers": "allow"})
    dave = trio("dave", "three")
    lin = bob()
    a = alice.dial(BOB)
    up(alice, a)
    lin.wait_output("connected")
    lin.cmd("pause")
    lin.wait_output("is now paused")
    lin.cmd(f"call {DAVE}")
    d = dave.incoming()
    dave.rpc("call.answer", call=d)
    up(dave, d)
    lin.wait_output("Call 2 with .* connected")
    since = wav.mark(alice.heard), wav.mark(dave.heard)
    lin.cmd("transfer 1 --to-call 2")
    c = up(alice, None, want=lambda c: c["direction"] == "out" and
           c["id"] != a, timeout=20)
    assert "Replaces" in replaced(dave)
    hear("three", alice.heard, since[0])
    hear("one", dave.heard, since[1])
    dave.wait_call(d, "ended")
    alice.rpc("call.hangup", call=c["id"])


# ---- conference -------------------------------------------------------------

@pytest.mark.needs("linphonec", "baresip")
def test_conference(trio, bob, carol, voices, hear):
    """We join linphonec, baresip and a phone of ours. They speak in turns,
    and each is heard by all others and not by itself."""
    alice = trio("alice", "one")
    dave = trio("dave", "four", auto_answer=True)
    lin, bare = bob(silent=True), carol()
    calls = []
    for who in (BOB, DAVE, CAROL):
        calls.append(alice.dial(who))
        up(alice, calls[-1])
    there = dave.calls()[0]["id"]
    # the one that is talked to takes in the held ones
    for other in calls[:2]:
        alice.rpc("call.join", call=calls[2], other=other)
    for call in calls:
        c = up(alice, call)
        assert c["conference"] > 0, c
    bare.cmd("mute")
    dave.rpc("call.mute", call=there)

    def turn(voice, *ears):
        marks = [wav.mark(ear) for ear in ears]
        for ear, since in zip(ears, marks):
            hear(voice, ear, since)
    turn("one", dave.heard, bare.heard, lin.heard)
    for call in calls:
        alice.rpc("call.mute", call=call)
    dave.rpc("call.unmute", call=there)
    turn("four", alice.heard, bare.heard, lin.heard)
    dave.rpc("call.mute", call=there)
    bare.cmd("mute")
    turn("three", alice.heard, dave.heard, lin.heard)
    bare.cmd("mute")
    lin.cmd(f"play {voices.talk('two')}")
    turn("two", alice.heard, dave.heard, bare.heard)
    for call in calls:
        alice.rpc("call.hangup", call=call)
    lin.stop()
    for voice, ear in (("two", lin.heard), ("three", bare.heard()),
                       ("four", dave.heard), ("one", alice.heard)):
        wav.not_heard(voices.brief(voice), ear)
