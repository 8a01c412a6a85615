"""Somebody in the middle tries to listen: none of it ends in sound with a
better label than it deserves, and none of it ends a good call."""

import os
import random
import re
import socket
import struct
import time

import pytest

from lib import wav
from lib.middle import Middle, without
from lib.proc import wait_until
from lib.security import modules, settled
from test_corpus import cases, content

CRYPTO = ("crypto", "fingerprint", "setup", "zrtp-hash")


@pytest.fixture
def trio(phone, voices, box, crew):
    """alice calls bob through somebody."""
    def make(ways=("dtls_srtp",), minimum="prefer", codec="PCMU"):
        made = []
        for name, addr, voice in (("alice", "127.0.0.10", "one"),
                                  ("bob", "127.0.0.11", "two")):
            p = phone(name, addr, source=f"file,{voices(voice, 8000)}",
                      sink=f"file,{box}/{name}.wav",
                      config={"codecs": codec, "security.minimum": minimum,
                              "modules.path": modules(f"{box}/m", *ways)})
            p.heard = f"{box}/{name}.wav"
            p.direct(name, auto_answer=name == "bob")
            made.append(p)
        m = crew.add(Middle(made[0].addr, made[1].addr))
        return made[0], made[1], m
    return make


def dial(a, m):
    return a.dial(f"sip:bob@{m.addr}:5060")


def connect(a, b, m, crypto="dtls-srtp", label="hop"):
    call = dial(a, m)
    settled(a, call, crypto, label)
    other = b.wait_call(None, "established",
                        want=lambda c: c["crypto"] == crypto)["id"]
    return call, other


def silent(a, b, voices):
    for p, voice in ((a, "two"), (b, "one")):
        if os.path.exists(p.heard):
            wav.not_heard(voices(voice, 8000), p.heard)


def test_nobody_changes_anything(trio, voices):
    a, b, m = trio()
    connect(a, b, m)
    wav.wait_heard(voices("two", 8000), a.heard)
    wav.wait_heard(voices("one", 8000), b.heard)
    # what went over is no sound: nobody who listened heard a word
    clear = [p for p in m.packets["a"] if p[0] == 0x80 and p[1] & 127 == 0]
    assert len(clear) > 50
    assert all(len(p) == 172 + 16 for p in clear), {len(p) for p in clear}


@pytest.mark.parametrize("side", ["a", "b"])
def test_fingerprint_changed(trio, voices, side):
    a, b, m = trio()

    def change(where, text):
        if where != side:
            return text
        return re.sub(r"(a=fingerprint:sha-256 )(..):(..)",
                      lambda f: f"{f[1]}{f[3]}:{f[2]}", text)
    m.sip = change
    call = dial(a, m)
    ca = a.wait_call(call, "ended", timeout=20)
    cb = b.wait_call(None, "ended", timeout=20)
    assert any("fingerprint" in [x["kind"] for x in c["alarms"]]
               for c in (ca, cb)), (ca["alarms"], cb["alarms"])
    for c in (ca, cb):
        assert c["label"] in ("plain", "broken"), c
    assert "certificate" in ca["reason"]["text"] + cb["reason"]["text"]
    silent(a, b, voices)


@pytest.mark.parametrize("minimum", ["prefer", "require"])
def test_stripped(trio, voices, minimum):
    """What is taken out of the first offer is not there: the label says
    so, or there is no call."""
    a, b, m = trio(minimum=minimum)
    m.sip = lambda side, text: without(text, *CRYPTO)
    call = dial(a, m)
    if minimum == "prefer":
        settled(a, call, "none", "plain")
        settled(b, b.calls()[0]["id"], "none", "plain")
        return
    c = a.wait_call(call, "ended", timeout=20)
    assert c["answered"] == 0 and "ncrypt" in c["reason"]["text"], c
    assert b.calls() == []
    silent(a, b, voices)


@pytest.mark.parametrize("side,change", [
    ("b", lambda t: without(t, *CRYPTO)),
    ("b", lambda t: re.sub(r"(a=fingerprint:sha-256 )(..)",
                           lambda f: f[1] + f"{255 - int(f[2], 16):02X}",
                           t)),
    ("a", lambda t: without(t, *CRYPTO)),
], ids=["offer-stripped", "offer-changed", "answer-stripped"])
def test_in_the_middle_of_a_call(trio, voices, side, change):
    """A re-INVITE takes the encryption away, or makes it somebody else's:
    refused, said, and the call goes on as it was."""
    a, b, m = trio()
    call, other = connect(a, b, m)
    m.sip = lambda where, text: change(text) if where == side else text
    b.rpc("call.hold", call=other)

    c = a.wait_call(call, timeout=20, want=lambda c: c["alarms"]) \
        if side == "b" else None
    d = b.wait_call(other, timeout=20, want=lambda c: c["alarms"]) \
        if side == "a" else None
    who = c or d
    assert who["alarms"][0]["kind"] == "downgrade", who
    assert who["label"] == "hop" and who["crypto"] == "dtls-srtp", who
    if side == "b":
        wait_until(lambda: any(w == "a" and t.startswith("SIP/2.0 488")
                               for w, t in m.seen), 10, "488")
        b.wait_call(other, "established")
    else:
        b.wait_call(other, "held")

    m.sip = lambda where, text: text
    if b.call(other)["held"]:
        b.rpc("call.resume", call=other)
    before = a.call(call)["figures"]["rx_packets"]
    a.wait_call(call, "established", timeout=20,
                want=lambda c: c["figures"]["rx_packets"] > before + 60 and
                c["label"] == "hop")
    wav.wait_heard(voices("two", 8000), a.heard)


def test_replayed_and_changed(trio, voices):
    a, b, m = trio()

    def spoil(_side, data):
        if not data or data[0] >> 6 != 2:
            return [data]
        bad = bytearray(data)
        bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
        return [bytes(bad), data, data, bytes(bad)]
    m.packet = spoil
    call, other = connect(a, b, m)
    wav.wait_heard(voices("two", 8000), a.heard)
    wav.wait_heard(voices("one", 8000), b.heard)
    # and what was heard once is not heard again
    old = m.packets["b"][10:200]
    for data in old:
        m.inject("a", data)
    for p, ident in ((a, call), (b, other)):
        c = p.wait_call(ident, "established", timeout=20,
                        want=lambda c: c["figures"]["refused"] > 200)
        assert c["label"] == "hop" and not c["alarms"], c
        assert c["figures"]["loss"] < 1, c["figures"]


# ---- packets from elsewhere ------------------------------------------------

def hello(seq=0):
    """A DTLS 1.2 ClientHello as a stranger would begin."""
    body = b"\xfe\xfd" + os.urandom(32) + b"\0\0" + \
        b"\0\x04\xc0\x2b\xc0\x2c" + b"\x01\0" + \
        b"\0\x09\0\x0e\0\x05\0\x02\0\x01\0"
    shake = b"\x01" + struct.pack(">I", len(body))[1:] + b"\0\0\0\0\0" + \
        struct.pack(">I", len(body))[1:] + body
    return b"\x16\xfe\xff\0\0" + struct.pack(">Q", seq)[2:] + \
        struct.pack(">H", len(shake)) + shake


def hostile():
    """What a folder of such things has, else 274 that are made up."""
    rows = [content(r) for r in cases("rtp", "rtcp", "stun", "zrtp", "dtls")]
    rng = random.Random(7)
    while len(rows) < 274:
        kind = rng.choice((0x80, 0x90, 0xbf, 0x81, 20, 22, 63, 0x10, 0, 1))
        size = rng.choice((0, 1, 7, 8, 11, 12, 13, 28, 60, 172, 188, 1400))
        rows.append((bytes([kind]) + rng.randbytes(max(0, size - 1)))[:size])
    return rows


def rate(p, ident, seconds=2.5):
    """RTP packets a second that the phone takes."""
    def now():
        return p.call(ident)["figures"]["rx_packets"]
    first = now()
    wait_until(lambda: now() != first, 5, "new figures")
    count, start = now(), time.monotonic()
    wait_until(lambda: time.monotonic() - start > seconds and
               now() != count, 20, "more packets")
    last = now()
    wait_until(lambda: now() != last, 5, "new figures")
    return (now() - count) / (time.monotonic() - start)


def test_hostile_packets(trio, voices):
    a, b, m = trio()
    call, other = connect(a, b, m)
    port = m.rtp["a"]
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.40", 0))
    for i, data in enumerate(hostile()):
        m.inject("a", data)
        stranger.sendto(data, port)
        if i % 10 == 0:
            stranger.sendto(hello(i), port)
            m.inject("a", hello(i))
            time.sleep(0.02)
    stranger.close()
    assert rate(a, call) >= 48
    for p, ident in ((a, call), (b, other)):
        c = p.call(ident)
        assert c["state"] == "established" and c["label"] == "hop", c
        p.healthy()
    wav.wait_heard(voices("one", 8000), b.heard)


def test_stranger_begins_first(trio, voices):
    """A handshake from elsewhere at the very beginning of the call does
    not come between."""
    a, b, m = trio()
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.40", 0))

    def meddle(side, text):
        for s in "ab":
            if m.rtp[s]:
                for i in range(5):
                    stranger.sendto(hello(i), m.rtp[s])
        return text
    m.sip = meddle
    connect(a, b, m)
    wav.wait_heard(voices("two", 8000), a.heard)
    wav.wait_heard(voices("one", 8000), b.heard)
    stranger.close()
