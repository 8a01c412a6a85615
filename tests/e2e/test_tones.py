"""What one hears besides the peer: ringing, tones, digits, a waiting call,
each at its device."""

import array
import math

import pytest

from lib.proc import wait_until

RATE = 8000


def part(sampv, freq):
    """Share of one frequency in the power of a piece, 0 to 1."""
    re = im = power = 0.0
    for i, v in enumerate(sampv):
        w = 2 * math.pi * freq * i / RATE
        re += v * math.cos(w)
        im += v * math.sin(w)
        power += v * v
    return 2 * (re * re + im * im) / (len(sampv) * power) if power else 0


def hums(recording, *freqs):
    """Is there a moment that is made of these frequencies?"""
    wav = recording()
    if not wav:
        return False
    with open(wav.removesuffix(".wav"), "rb") as f:
        data = f.read()
    sampv = array.array("h", data[:len(data) // 2 * 2])[::6]
    step = RATE // 10 if len(freqs) > 1 else RATE // 25
    for at in range(0, len(sampv) - step, step // 2):
        piece = sampv[at:at + step]
        if max(piece) > 800 and sum(part(piece, f) for f in freqs) > 0.85 \
                and all(part(piece, f) > 0.2 for f in freqs):
            return True
    return False


def wait_hum(recording, *freqs):
    wait_until(lambda: hums(recording, *freqs), 15, f"{freqs} Hz", 0.3)


@pytest.fixture
def alice(phone, pulse):
    """With a loudspeaker, a bell, and the tones of America."""
    p = phone("alice", "127.0.0.10", source="null,", sink="pulse,spk",
              config={"audio.ring": "pulse,bell", "tones": "us"},
              env=pulse.env())
    p.direct("alice")
    return p


def test_ring_and_ringback(phone, alice, pulse):
    b = phone("bob", "127.0.0.11")
    b.direct("bob")
    ear, bell = pulse.listen(), pulse.listen("bell")
    b.dial(alice.uri("alice"))
    call = alice.incoming()
    # the two take turns, 50 ms each
    wait_hum(bell, 750)
    wait_hum(bell, 940)
    assert not hums(ear, 750), "the loudspeaker rings, too"
    alice.rpc("call.reject", call=call)
    alice.wait_call(call, "ended")
    # and the other way: what one hears while it rings there
    call = alice.dial(b.uri("bob"))
    alice.wait_call(call, "ringing")
    wait_hum(ear, 440, 480)
    b.rpc("call.reject", call=b.incoming(), code=486)
    wait_hum(ear, 480, 620)
    wait_until(lambda: pulse.streams() == 0, 15, "the tone to end")


def test_digits_and_waiting(phone, alice, pulse):
    b = phone("bob", "127.0.0.11")
    c = phone("carol", "127.0.0.12")
    b.direct("bob", auto_answer=True)
    c.direct("carol")
    ear, bell = pulse.listen(), pulse.listen("bell")
    call = alice.dial(b.uri("bob"))
    alice.wait_call(call, "established")
    wait_until(lambda: pulse.streams() == 1, 10, "the loudspeaker")
    alice.rpc("call.dtmf", call=call, digits="5")
    wait_hum(ear, 770, 1336)
    # one open for the call and its tones
    assert pulse.streams() == 1, pulse.ctl("list", "short", "sink-inputs")
    c.dial(alice.uri("alice"))
    alice.incoming()
    wait_hum(ear, 440)
    assert not hums(bell, 750), "it rings in the middle of a call"
    assert pulse.streams() == 1, pulse.ctl("list", "short", "sink-inputs")
    assert alice.call(call)["state"] == "established"
