"""Calls through the registrar with baresip and linphonec: both directions,
PCMU and Opus, and the spoken sentence is heard on both sides."""

import pytest

from lib import wav
from lib.kamailio import DOMAIN

CODECS = ["PCMU", "opus"]
RATE = {"PCMU": 8000, "opus": 48000}


@pytest.fixture
def alice(phone, voices, box, proxy):
    """The phone as alice; it says `one` and records."""
    def make(codec, transport="udp", auto_answer=False, **more):
        p = phone(source=f"file,{voices('one', RATE[codec])}",
                  sink=f"file,{box}/heard.wav",
                  config={"codecs": codec}, **more)
        p.heard = f"{box}/heard.wav"
        acc = p.register(proxy.account("alice", transport,
                                       auto_answer=auto_answer))
        assert acc["state"] == "registered", acc
        return p
    return make


def talked(p, call, codec, other_heard, voices):
    """Both sides heard the other's sentence; figures of the call fit."""
    wav.wait_heard(voices("two"), p.heard, 20)
    if other_heard:
        wav.wait_heard(voices("one"), other_heard, 20)
    # our own sentence has to be over, too
    said = 50 * (voices.length("one") + 0.4)
    c = p.wait_call(call, "established", timeout=20,
                    want=lambda c: c["figures"]["tx_packets"] > said)
    assert c["codec"].lower() == codec.lower(), c
    assert c["rate"] == RATE[codec], c
    assert c["figures"]["rx_packets"] > 50, c["figures"]
    assert c["figures"]["tx_packets"] > 50, c["figures"]


def finished(p, direction, codec):
    row = p.wait_log(lambda r: r["direction"] == direction)
    assert row["result"] == "answered", row
    assert row["duration"] >= 2, row
    assert row["codec"].lower() == codec.lower(), row
    return row


@pytest.mark.needs("baresip")
@pytest.mark.parametrize("codec", CODECS)
def test_to_baresip(alice, baresip, voices, proxy, codec):
    bare = baresip(registrar=proxy,
                   voice=voices.padded("two", RATE[codec], 60))
    p = alice(codec)
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "established")
    talked(p, call, codec, bare.heard, voices)
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    bare.wait_output("(?i)terminated|closed|ended")
    finished(p, "out", codec)


@pytest.mark.needs("baresip")
@pytest.mark.parametrize("codec", CODECS)
def test_from_baresip(alice, baresip, voices, proxy, codec):
    bare = baresip(registrar=proxy,
                   voice=voices.padded("two", RATE[codec], 60))
    p = alice(codec)
    bare.dial(f"sip:alice@{DOMAIN}")
    call = p.incoming()
    assert "carol" in p.call(call)["peer"]["uri"]
    p.rpc("call.answer", call=call)
    p.wait_call(call, "established")
    talked(p, call, codec, bare.heard, voices)
    bare.cmd("hangup")
    p.wait_call(call, "ended")
    finished(p, "in", codec)


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("codec", CODECS)
def test_to_linphone(alice, linphone, voices, proxy, codec):
    lin = linphone(registrar=proxy, voice=voices("two"))
    p = alice(codec)
    call = p.dial(f"sip:bob@{DOMAIN}")
    p.wait_call(call, "established")
    talked(p, call, codec, None, voices)
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    finished(p, "out", codec)
    lin.stop()
    wav.heard(voices("one"), lin.heard)


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("codec", CODECS)
def test_from_linphone(alice, linphone, voices, proxy, codec):
    lin = linphone(registrar=proxy, voice=voices("two"))
    p = alice(codec)
    lin.cmd(f"call sip:alice@{DOMAIN}")
    call = p.incoming()
    p.rpc("call.answer", call=call)
    p.wait_call(call, "established")
    talked(p, call, codec, None, voices)
    lin.cmd("terminate")
    p.wait_call(call, "ended")
    finished(p, "in", codec)
    lin.stop()
    wav.heard(voices("one"), lin.heard)


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_other_transports(alice, linphone, voices, proxy, transport):
    lin = linphone(registrar=proxy, voice=voices("two"),
                   transport=transport)
    p = alice("opus", transport)
    call = p.dial(f"sip:bob@{DOMAIN}")
    c = p.wait_call(call, "established")
    assert c["transport"].lower() == transport, c
    talked(p, call, "opus", None, voices)
    lin.cmd("terminate")
    p.wait_call(call, "ended")
    # and the other way over the same connection
    lin.cmd(f"call sip:alice@{DOMAIN}")
    call = p.incoming()
    p.rpc("call.answer", call=call)
    p.wait_call(call, "established")
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    lin.wait_output("(?i)call .*(ended|terminated)")


@pytest.mark.needs("linphonec")
def test_dtmf_with_linphone(alice, linphone, voices, proxy):
    lin = linphone(registrar=proxy, voice=voices("two"))
    p = alice("opus")
    call = p.dial(f"sip:bob@{DOMAIN}")
    p.wait_call(call, "established")
    p.rpc("call.dtmf", call=call, digits="159#")
    for digit in "159#":
        lin.wait_output(f"Receiving tone {digit}")
    # linphonec sends bare digits as tones
    for digit in "27":
        lin.cmd(digit)
        p.wait_call(call, "established",
                    want=lambda c, d=digit: c["digits"].endswith(d))
    assert p.call(call)["digits"] == "27"
    p.rpc("call.hangup", call=call)


@pytest.mark.needs("baresip")
def test_dtmf_to_baresip(alice, baresip, voices, proxy):
    bare = baresip(registrar=proxy,
                   voice=voices.padded("two", 8000, 60))
    p = alice("PCMU")
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "established")
    p.rpc("call.dtmf", call=call, digits="42")
    bare.wait_output("(?i)(dtmf|event|key).*4")
    bare.wait_output("(?i)(dtmf|event|key).*2")
    p.rpc("call.hangup", call=call)


@pytest.mark.needs("baresip")
def test_mute(alice, baresip, voices, proxy):
    """While muted the peer gets silence, not nothing."""
    bare = baresip(registrar=proxy,
                   voice=voices.padded("two", 8000, 60))
    p = alice("PCMU")
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "early", "ringing", "established", "calling")
    c = p.rpc("call.mute", call=call)
    assert c["muted"] is True
    c = p.wait_call(call, "established", want=lambda c:
                    c["figures"]["rx_packets"] > 300, timeout=25)
    assert c["figures"]["tx_packets"] > 250, c["figures"]
    wav.not_heard(voices("one"), bare.heard())
    c = p.rpc("call.unmute", call=call)
    assert c["muted"] is False
    p.rpc("call.hangup", call=call)


def test_unknown_user(alice, proxy):
    p = alice("opus")
    call = p.dial(f"sip:nobody@{DOMAIN}")
    c = p.wait_call(call, "ended")
    assert c["reason"]["code"] == 404, c
    assert p.wait_log(lambda r: r["direction"] == "out")["result"] == \
        "failed"


def test_offline_user(alice, proxy):
    p = alice("opus")
    c = p.wait_call(p.dial(f"dave@{DOMAIN}"), "ended")
    assert c["reason"]["code"] == 480, c
    assert len(c["reason"]["text"].split()) > 2, c
    run = p.cli("call", f"dave@{DOMAIN}", "--wait")
    assert run.returncode == 1, run
    assert run.stderr.strip() and \
        len(run.stderr.strip().split("\n")) == 1, run.stderr


@pytest.mark.needs("baresip")
def test_declined(alice, baresip, proxy):
    bare = baresip(registrar=proxy, answer=False)
    p = alice("opus")
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "ringing", "early")
    bare.cmd("hangup")
    c = p.wait_call(call, "ended")
    assert c["reason"]["code"] in (486, 603), c
    assert p.wait_log(lambda r: True)["result"] in ("busy", "rejected")


@pytest.mark.needs("baresip")
def test_cancelled_by_us(alice, baresip, proxy):
    bare = baresip(registrar=proxy, answer=False)
    p = alice("opus")
    call = p.dial(f"sip:carol@{DOMAIN}")
    p.wait_call(call, "ringing", "early")
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    bare.wait_output("(?i)cancel|terminated|closed")
    assert p.wait_log(lambda r: True)["result"] == "cancelled"


@pytest.mark.needs("linphonec")
def test_cancelled_by_linphone(alice, linphone, proxy):
    lin = linphone(registrar=proxy)
    p = alice("opus")
    lin.cmd(f"call sip:alice@{DOMAIN}")
    call = p.incoming()
    lin.cmd("terminate")
    p.wait_call(call, "ended")
    assert p.wait_log(lambda r: True)["result"] == "missed"
    assert p.rpc("phone.status")["missed"] == 1
    p.rpc("log.seen")
    assert p.rpc("phone.status")["missed"] == 0


def test_server_gone_in_a_call(registrar, alice, phone, voices, box):
    """The registrar dies: a call that has to go through it fails with a
    sentence, and the phone lives."""
    reg = registrar(port=5080)
    p = phone()
    acc = p.register(reg.account("alice", "tcp"))
    assert acc["state"] == "registered"
    reg.stop()
    c = p.wait_call(p.dial(f"sip:bob@{DOMAIN}"), "ended", timeout=45)
    assert len(c["reason"]["text"].split()) > 2, c
    run = p.cli("call", f"sip:bob@{DOMAIN}", "--wait", timeout=60)
    assert run.returncode == 1, run
    p.healthy()
