"""Voice over bad networks: loss and jitter, with every peer."""

import pytest

from lib import wav
from lib.badnet import BadNet


@pytest.fixture
def badnet(crew):
    return lambda addr, target, **kw: \
        crew.add(BadNet(addr, target, **kw)).start()


def says(voices, name, codec):
    rate = 8000 if codec == "PCMU" else 48000
    return f"file,{voices.brief(name, rate)},repeat"


@pytest.fixture
def pair(phone, voices, box, badnet):
    """alice says `one` to bob, who says `two`, again and again, over a
    network to be spoilt."""
    def make(codec):
        config = {"codecs": codec}
        a = phone("alice", "127.0.0.10", source=says(voices, "one", codec),
                  sink=f"file,{box}/alice.wav", config=config)
        b = phone("bob", "127.0.0.11", source=says(voices, "two", codec),
                  sink=f"file,{box}/bob.wav", config=config)
        a.heard, b.heard = f"{box}/alice.wav", f"{box}/bob.wav"
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        net = badnet("127.0.0.70", ("127.0.0.11", 5060))
        return a, b, net
    return make


def connect(a, net):
    call = a.dial(f"sip:bob@{net.addr}")
    a.wait_call(call, "established")
    return call


def figures(p, call, want, timeout=40):
    """Until the call's figures are as wanted."""
    return p.wait_call(call, "established", timeout=timeout,
                       want=lambda c: want(c["figures"]))["figures"]


@pytest.mark.limit(240)
@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_loss_is_mended(pair, voices, codec):
    """Ten percent lost: copies are agreed on, sent and used."""
    a, b, net = pair(codec)
    net.both(loss=0.1)
    call = connect(a, net)
    # where packets wait, too, as on a busy machine, it is narrow for a while
    figures(a, call, lambda f: f["red"] > 0 and f["recovered"] > 2 and
            f["network"] == "lossy", 60)
    figures(b, None, lambda f: f["recovered"] > 2 and f["red"] > 0, 60)
    wav.wait_heard(voices.brief("one"), b.heard)
    wav.wait_heard(voices.brief("two"), a.heard)
    # the first second of a call is not what bob makes of all of it
    figures(a, call, lambda f: f["network"] == "lossy" and f["peer_mos"] > 1,
            60)
    a.rpc("call.hangup", call=call)
    row = a.wait_log(lambda r: r["quality"])
    assert row["quality"]["network"] == "lossy", row
    assert 1 < row["quality"]["mos"] < 4.5, row
    assert row["quality"]["recovered"] > 2, row
    # what the other side heard was told in its extended reports
    assert row["quality"]["peer_mos"] > 1, row
    assert "net lossy" in a.cli("log").stdout, a.cli("log").stdout


def test_jitter(pair, voices):
    """0 to 100 ms late each: nothing is missed once that is known."""
    a, b, net = pair("PCMU")
    net.both(jitter=0.1)
    call = connect(a, net)
    f = figures(a, call, lambda f: f["playout_ms"] > 80)
    late, rx = f["late"], f["rx_packets"]
    f = figures(a, call, lambda f: f["rx_packets"] > rx + 150)
    # a busy machine adds jitter of its own
    assert f["late"] - late <= 12, f
    high = f["playout_ms"]
    assert high < 300, f
    wav.wait_heard(voices.brief("two"), a.heard)
    net.both(jitter=0.0)
    f = figures(a, call, lambda f: f["playout_ms"] < high / 2, 80)
    assert f["stretched_ms"] > 50, f
    a.rpc("call.hangup", call=call)


def test_silence_has_a_cause(pair):
    """Nothing comes back: after 3 s the call says why."""
    a, b, net = pair("PCMU")
    call = connect(a, net)
    figures(a, call, lambda f: f["rx_packets"] > 20)
    net.back.spare = True
    net.back.loss = 1.0
    c = a.wait_call(call, "established", timeout=20,
                    want=lambda c: "heard" in c["notice"])
    assert "reports" in c["notice"], c
    net.back.loss = 0.0
    a.rpc("call.hangup", call=call)


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_linphone(phone, linphone, badnet, voices, box, codec):
    """Loss and jitter with Linphone."""
    lin = linphone(voice=voices.talk("two"), codecs=(codec,))
    p = phone(source=says(voices, "one", codec),
              sink=f"file,{box}/heard.wav", config={"codecs": codec})
    p.direct("alice")
    net = badnet("127.0.0.70", ("127.0.0.2", 5060))
    net.both(loss=0.05, jitter=0.03)
    call = p.dial(f"sip:bob@{net.addr}")
    p.wait_call(call, "established")
    wav.wait_heard(voices.brief("two"), f"{box}/heard.wav")
    figures(p, call, lambda f: f["tx_loss"] > 0)
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    lin.stop()
    wav.heard(voices.brief("one"), lin.heard)


@pytest.mark.needs("baresip")
@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_baresip(phone, baresip, badnet, voices, box, codec):
    """Bursts of loss and jitter with baresip."""
    rate = 8000 if codec == "PCMU" else 48000
    bare = baresip(voice=voices.talk("two", rate), answer=True,
                   codecs={"PCMU": "PCMU/8000/1",
                           "opus": "opus/48000/2"}[codec])
    p = phone(source=says(voices, "one", codec),
              sink=f"file,{box}/heard.wav", config={"codecs": codec})
    p.direct("alice")
    net = badnet("127.0.0.70", (bare.addr, 5060))
    net.both(loss=0.05, burst=2, jitter=0.06)
    call = p.dial(f"sip:carol@{net.addr}")
    p.wait_call(call, "established")
    wav.wait_heard(voices.brief("two"), f"{box}/heard.wav")
    wav.wait_heard(voices.brief("one"), bare.heard)
    p.rpc("call.hangup", call=call)
