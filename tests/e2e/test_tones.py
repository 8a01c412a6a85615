"""What one hears besides the peer: ringing, tones, digits, a waiting call,
each at its device."""

import array
import math
import re
import socket
import struct
import time
import wave

import pytest

from lib import sip
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
    # a crowded machine's sound server tears one of them now and then
    alice.rpc("call.dtmf", call=call, digits="5555")
    wait_hum(ear, 770, 1336)
    # one open for the call and its tones
    assert pulse.streams() == 1, pulse.ctl("list", "short", "sink-inputs")
    c.dial(alice.uri("alice"))
    alice.incoming()
    wait_hum(ear, 440)
    assert not hums(bell, 750), "it rings in the middle of a call"
    assert pulse.streams() == 1, pulse.ctl("list", "short", "sink-inputs")
    assert alice.call(call)["state"] == "established"


def test_rings_elsewhere(phone, alice, pulse):
    """A bell that is not there: it rings where one talks, and one is told;
    then each device is tried for what it is for."""
    b = phone("bob", "127.0.0.11")
    b.direct("bob")
    ear = pulse.listen()
    answer = alice.rpc("audio.choose", of="ring", device="pulse,gone")
    assert not answer["ok"] and answer["problem"], answer
    alice.rpc.flush()
    b.dial(alice.uri("alice"))
    call = alice.incoming()
    wait_until(lambda: "rings at the loudspeaker" in str(
        alice.rpc("phone.status")["notices"]), 15, "a word about it")
    wait_hum(ear, 750)
    alice.rpc("call.reject", call=call)
    wait_until(lambda: pulse.streams() == 0, 15, "the tone to end")

    answer = alice.rpc("audio.choose", of="ring", device="pulse,bell")
    assert answer["ok"], answer
    bell = pulse.listen("bell")
    run = alice.cli("audio", "test", "ring")
    assert run.returncode == 0 and "rang" in run.stdout, run
    wait_hum(bell, 940)
    run = alice.cli("audio", "test", "loudspeaker")
    assert run.returncode == 0, run
    wait_hum(ear, 440, 480)


LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")


def pressed(path):
    """The digits whose tones are in a recording (ITU-T Q.23)."""
    try:
        with wave.open(path) as w:
            rate, data = w.getframerate(), w.readframes(w.getnframes())
    except (OSError, EOFError, wave.Error):
        return ""
    sampv = array.array("h", data)
    assert rate == RATE, rate
    found, step = "", RATE // 50
    for at in range(0, len(sampv) - step, step):
        piece = sampv[at:at + step]
        low, high = ([part(piece, f) for f in freqs]
                     for freqs in (LOW, HIGH))
        loud = max(piece) > 500 and max(low) + max(high) > 0.8 and \
            min(max(low), max(high)) > 0.2
        found += KEYS[low.index(max(low))][high.index(max(high))] \
            if loud else " "
    return re.sub(r"(.)\1+", r"\1", found).replace(" ", "")


@pytest.mark.parametrize("way", ["inband", "", "info"])
def test_digits_by_the_account(phone, box, way):
    """As tones in the sound, as RFC 4733 events, or by SIP INFO: whoever
    asks for one gets that one and no other."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"},
              sink=f"file,{box}/bob.wav")
    a.direct("alice", dtmf=way)
    b.direct("bob", auto_answer=True)
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    b.wait_call(None, "established",
                want=lambda c: c["figures"]["rx_packets"] > 0)
    a.rpc("call.dtmf", call=call, digits="18D#")
    if way == "inband":
        wait_until(lambda: pressed(f"{box}/bob.wav") == "18D#", 15,
                   lambda: pressed(f"{box}/bob.wav"), 0.2)
    else:
        b.wait_call(None, want=lambda c: c["digits"] == "18D#")
        assert pressed(f"{box}/bob.wav") == ""
    infos = sum(m["text"].startswith("INFO ")
                for m in b.rpc("trace.list"))
    assert infos == (4 if way == "info" else 0)


def press(sock, to, payload, digit, ts):
    """An event as it ends, three times (RFC 4733 2.5.1.4)."""
    for seq in range(3):
        sock.sendto(struct.pack("!BBHIIBBH", 0x80, payload, ts // 8 + seq,
                                ts, 0x1234, digit, 0x8a, 800), to)


def test_digit_before_the_answer(phone):
    """The first digit may overtake the answer: it is of this call. One of
    long before is not, nor is a stranger's."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    a.direct("alice")
    peer = sip.Peer("127.0.0.20")
    sock, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                   for _ in range(2))
    sock.bind((peer.addr, 6000))
    other.bind(("127.0.0.21", 6000))

    def answer_late():
        call = a.dial("sip:peer@127.0.0.20")
        msg = peer.wait(lambda m: m.startswith("INVITE "), 15)
        to = ("127.0.0.10", int(re.search(r"m=audio (\d+)", msg)[1]))
        payload = int(re.search(r"rtpmap:(\d+) telephone-event/8000",
                                msg)[1])
        where = (a.addr, 5060)
        sip.reply(peer, where, msg, "100 Trying")
        press(sock, to, payload, 1, 8000)
        time.sleep(0.5)
        press(other, to, payload, 9, 8800)
        press(sock, to, payload, 5, 9600)
        sip.reply(peer, where, msg, "200 OK", body=peer.sdp(
            codecs=f"0 {payload}").replace(":101 ", f":{payload} "))
        a.wait_call(call, "established")
        press(sock, to, payload, 7, 16000)
        digits = a.wait_call(call, want=lambda c: "7" in c["digits"])
        a.rpc("call.hangup", call=call)
        peer.wait(lambda m: m.startswith("BYE "), 15)
        return digits["digits"]

    try:
        # what took a crowded machine too long is old there
        heard = [answer_late()]
        while heard[-1] == "7" and len(heard) < 4:
            heard.append(answer_late())
        assert heard[-1] == "57", heard
    finally:
        for s in (peer, sock, other):
            s.close()
