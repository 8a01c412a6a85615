"""Codecs with the peers: the speech arrives, and the parameters of SDP are
kept to both ways."""

import os
import re

import pytest

from lib import wav
from lib.kamailio import DOMAIN
from lib.phone import RpcError, program

MODULE = {"G722": "g722", "GSM": "gsm", "G729": "g729", "speex": "speex",
          "L16": "l16", "AMR": "amr", "AMR-WB": "amr", "opus": "opus"}
RATE = {"G722": 16000, "speex/16000": 16000, "opus": 48000,
        "AMR-WB": 16000}


@pytest.fixture
def alice(phone, voices, box, proxy):
    def make(codec, **more):
        name = codec.split("/")[0]
        if name in MODULE and not os.path.exists(
                program(f"modules/{MODULE[name]}.so")):
            pytest.skip(f"built without {name}")
        p = phone(source=f"file,{voices('one')},repeat",
                  sink=f"file,{box}/heard.wav", config={"codecs": codec,
                                                        **more})
        p.heard = f"{box}/heard.wav"
        acc = p.register(proxy.account("alice", "udp"))
        assert acc["state"] == "registered", acc
        return p
    return make


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("codec", ["G722", "GSM", "speex/16000"])
def test_linphone(alice, linphone, voices, proxy, codec):
    name = codec.split("/")[0]
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=(name,))
    p = alice(codec)
    call = p.dial(f"sip:bob@{DOMAIN}")
    p.wait_call(call, "established")
    wav.wait_heard(voices("two"), p.heard)
    said = 50 * (voices.length("one") + 0.5)
    c = p.wait_call(call, "established", timeout=20,
                    want=lambda c: c["figures"]["tx_packets"] > said)
    assert c["codec"].lower() == name.lower(), c
    p.rpc("call.hangup", call=call)
    lin.stop()
    wav.heard(voices("one"), lin.heard)


@pytest.mark.needs("baresip")
@pytest.mark.parametrize("codec", ["G722", "L16/16000", "AMR"])
def test_baresip(alice, baresip, voices, proxy, codec):
    rate = 16000 if codec in ("G722", "L16/16000") else 8000
    name = codec.split("/")[0]
    bare = baresip(registrar=proxy, voice=voices.padded("two", rate, 60),
                   codecs=f"{name}/{8000 if name == 'G722' else rate}/1")
    p = alice(codec)
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "established")
    wav.wait_heard(voices("two"), p.heard)
    wav.wait_heard(voices("one"), bare.heard)
    assert p.call(call)["codec"] == name


def pair(phone, voices, box, codec, **more):
    """Two phones without a server."""
    a = phone("alice", "127.0.0.10", source=f"file,{voices('one')},repeat",
              sink=f"file,{box}/alice.wav", config={"codecs": codec, **more})
    b = phone("bob", "127.0.0.11", source=f"file,{voices('two')},repeat",
              sink=f"file,{box}/bob.wav")
    a.heard, b.heard = f"{box}/alice.wav", f"{box}/bob.wav"
    a.direct("alice")
    return a, b


@pytest.mark.parametrize("codec", ["G729", "AMR-WB"])
def test_each_other(phone, voices, box, codec):
    """What no peer here can do, and the codecs of an account."""
    if not os.path.exists(program(f"modules/{MODULE[codec]}.so")):
        pytest.skip(f"built without {codec}")
    a, b = pair(phone, voices, box, f"{codec},PCMU")
    acc = b.direct("bob", auto_answer=True, codecs=f"PCMA,{codec}")
    assert acc["codecs"] == f"PCMA,{codec}", acc
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    wav.wait_heard(voices("one"), b.heard)
    wav.wait_heard(voices("two"), a.heard)
    assert a.call(call)["codec"] == codec

    # an account with none in common refuses
    b.direct("carol", port=5062, codecs="L16")
    other = a.dial(b.uri("carol", 5062))
    c = a.wait_call(other, "ended")
    assert c["reason"]["code"] == 488, c


def test_opus_parameters(phone, voices, box):
    """What one asks for the other sends: half the bits, constant."""
    a, b = pair(phone, voices, box, "opus", **{
        "codecs.opus": "maxaveragebitrate=12000;cbr=1;maxplaybackrate=16000"})
    b.direct("bob", auto_answer=True)
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    other = b.wait_call(None, "established")["id"]
    wav.wait_heard(voices("two"), a.heard)
    sdp = [m["text"] for m in a.rpc("trace.list", call=call, text=True)
           if "INVITE" in m["title"]][0]
    assert re.search("a=fmtp:[0-9]+ maxaveragebitrate=12000;cbr=1", sdp), sdp
    # headers counted: 12 and 32 kbit/s, and 40 bytes a packet
    kbps = b.call(other)["figures"]["tx_kbps"]
    assert kbps < 32, kbps
    assert a.call(call)["figures"]["tx_kbps"] > kbps
    with pytest.raises(RpcError, match="useinbandfec"):
        a.rpc("config.set", key="codecs.opus", value="nonsense=1")
