"""A bottleneck: less is sent until it fits, and all again when it is gone."""

import pytest

from lib import wav
from lib.badnet import BadNet


@pytest.fixture
def pair(phone, voices, box, crew):
    """Two phones that talk on and on, and the network between them."""
    def make(codec):
        def source(name):
            return "file," + voices.padded(name, 48000, 60)
        a = phone("alice", "127.0.0.10", source=source("one"),
                  sink=f"file,{box}/alice.wav", config={"codecs": codec})
        b = phone("bob", "127.0.0.11", source=source("two"),
                  sink=f"file,{box}/bob.wav", config={"codecs": codec})
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        net = crew.add(BadNet("127.0.0.70", ("127.0.0.11", 5060))).start()
        return a, b, net
    return make


def figures(p, call, want, timeout=40):
    """Until the call's figures are as wanted."""
    return p.wait_call(call, "established", timeout=timeout,
                       want=lambda c: want(c["figures"]))["figures"]


def test_bottleneck(pair):
    a, _, net = pair("opus")
    net.both(delay=0.02)
    net.there.rate = 24000
    call = a.dial(f"sip:bob@{net.addr}")
    a.wait_call(call, "established")
    f = figures(a, call, lambda f: f["network"] == "narrow" and
                f["ptime"] >= 40 and 0 < f["tx_kbps"] <= 24)
    assert f["red"] == 0, f
    net.there.rate = 0
    figures(a, call, lambda f: f["ptime"] == 20, timeout=90)
    a.rpc("call.hangup", call=call)


def test_speech_through_the_floor(phone, voices, box, crew):
    """Twelve kbit/s and a sentence that is said when that is known."""
    a = phone("alice", "127.0.0.10", source="tone,300", sink="null,",
              config={"codecs": "opus"})
    b = phone("bob", "127.0.0.11", sink=f"file,{box}/bob.wav",
              config={"codecs": "opus"})
    a.direct("alice")
    b.direct("bob", auto_answer=True)
    net = crew.add(BadNet("127.0.0.70", ("127.0.0.11", 5060))).start()
    net.there.rate = 12000
    call = a.dial(f"sip:bob@{net.addr}")
    a.wait_call(call, "established")
    figures(a, call, lambda f: f["network"] == "narrow" and
            0 < f["tx_kbps"] <= 12 and f["tx_loss"] < 1)
    a.rpc("config.set", key="audio.source", value=f"file,{voices('one')},repeat")
    wav.wait_heard(voices("one"), f"{box}/bob.wav", timeout=60)
    a.rpc("call.hangup", call=call)


def test_bad_bottleneck(pair):
    """Both ways are narrow and lose a fifth, reports as well."""
    a, _, net = pair("opus")
    net.both(delay=0.02, loss=0.2)
    net.both(rate=24000)
    call = a.dial(f"sip:bob@{net.addr}")
    a.wait_call(call, "established")
    figures(a, call, lambda f: f["ptime"] >= 40 and 0 < f["tx_kbps"] <= 24)
    a.rpc("call.hangup", call=call)
