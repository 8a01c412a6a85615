"""Somebody between two phones who speaks ZRTP himself, changes what SDP says
of it, or throws what he likes at a call. No label is better than deserved,
and no good call ends."""

import os
import re
import shutil
import socket
import struct
import subprocess
import zlib

import pytest

from lib import wav
from lib.phone import ROOT
from lib.proc import Proc, wait_until
from lib.relay import LossyRelay, SipRelay

ALICE, BOB, RELAY = "127.0.0.10", "127.0.0.11", "127.0.0.12"
TARGET = f"sip:bob@{RELAY}"

pytestmark = pytest.mark.limit(240)


@pytest.fixture(scope="session")
def mitm_program(tmp_path_factory):
    """tests/tools/zrtpmitm.c, built."""
    out = str(tmp_path_factory.mktemp("mitm") / "zrtpmitm")
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "libre", "libbzrtp",
         "bctoolbox"], capture_output=True, text=True, check=False)
    if flags.returncode or not shutil.which("cc"):
        pytest.skip("zrtpmitm cannot be built here")
    subprocess.run(
        ["cc", "-O1", "-DHAVE_INTTYPES_H", "-DHAVE_STDBOOL_H",
         "-DHAVE_INET6", "-o", out,
         os.path.join(ROOT, "tests/tools/zrtpmitm.c"),
         *flags.stdout.split()], check=True)
    return out


class Mitm(Proc):
    """The attacker: his own ZRTP with each side, sound passed on."""

    PORTS = 31000, 31002

    def __init__(self, folder, tool):
        super().__init__(os.path.join(folder, "mitm"))
        self.tool = tool
        self.pipe = None

    def start(self):
        out, self.pipe = os.pipe()
        self.spawn([self.tool, RELAY, *map(str, self.PORTS)], stdin=out)
        os.close(out)
        wait_until(lambda: len(self.hashes()) == 2, 10, "his hashes")
        return self

    def hashes(self):
        return dict(re.findall(r"hash (\w) (1\.10 \w{64})", self.output()))

    def words(self):
        return dict(re.findall(r"sas (\w) (\w{4})", self.output()))

    def change(self, to_b, _head, body):
        """SDP, so that each phone takes him for the other."""
        side = "b" if to_b else "a"
        port = self.PORTS[1 if to_b else 0]
        body = re.sub(r"(?m)^c=IN IP4 [0-9.]+", f"c=IN IP4 {RELAY}", body)
        body = re.sub(r"(?m)^a=rtcp:.*\r\n", "", body)
        body = re.sub(r"(?m)^m=audio \d+", f"m=audio {port}", body)
        return re.sub(r"(?m)^a=zrtp-hash:[^\r]*",
                      f"a=zrtp-hash:{self.hashes()[side]}", body)

    def stop(self):
        os.close(self.pipe)
        self.end()


@pytest.fixture
def pair(phone, box, crew, voices):
    """Alice, Bob, and what Bob heard of her; a relay between the two."""
    def make(change=None):
        heard = os.path.join(box, "heard.wav")
        a = phone("alice", ALICE, source=f"file,{voices('one')},repeat")
        b = phone("bob", BOB, sink=f"file,{heard}")
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        return a, b, crew.add(SipRelay(RELAY, ALICE, BOB, change)), heard
    return make


def secure(phone, ident=None, timeout=20):
    return phone.wait_call(ident, "established", timeout=timeout,
                           want=lambda c: c["sas"])


def alarmed(phone, kind, ident=None, timeout=20):
    return phone.wait_call(ident, timeout=timeout, want=lambda c: any(
        a["kind"] == kind for a in c["alarms"]))


def hang_up(*phones):
    phones[0].rpc("call.hangup")
    for p in phones:
        wait_until(lambda p=p: all(c["state"] == "ended"
                                   for c in p.calls()), 10, "the end")


def verify(a, b):
    call = secure(a, a.dial(TARGET))
    other = secure(b)
    assert call["sas"] == other["sas"]
    a.rpc("call.sas", same=True)
    b.rpc("call.sas", same=True)
    hang_up(a, b)


# ---- in the middle -------------------------------------------------------

def test_stranger_in_the_middle(pair, box, crew, mitm_program, voices):
    """Never verified: nothing can tell but the words, and they differ."""
    mitm = crew.add(Mitm(box, mitm_program)).start()
    a, b, _, heard = pair(mitm.change)
    call = secure(a, a.dial(TARGET))
    other = secure(b)
    assert call["sas"] != other["sas"]
    assert call["sas_words"] != other["sas_words"]
    assert mitm.words() == {"a": call["sas"], "b": other["sas"]}
    assert call["label"] == other["label"] == "e2e"
    assert "compare the words" in call["label_text"]
    # he does listen: this is no relay that would have failed anyway
    wav.wait_heard(voices("one"), heard, timeout=30)

    call = a.rpc("call.sas", same=False)
    assert call["label"] == "broken"
    other = b.rpc("call.sas", same=False)
    assert other["label"] == "broken"


def test_middle_of_verified_friends(pair, box, crew, mitm_program):
    """Verified before: both are warned before a word is compared."""
    a, b, relay, _ = pair()
    verify(a, b)
    mitm = crew.add(Mitm(box, mitm_program)).start()
    relay.change = mitm.change

    call = alarmed(a, "unverified", a.dial(TARGET))
    other = alarmed(b, "unverified")
    assert call["sas"] != other["sas"]
    for c, p in (call, a), (other, b):
        assert c["label"] == "broken" and not c["verified"]
        assert not c["alarms"][0]["acknowledged"]
        c = p.rpc("call.acknowledge")
        assert c["label"] == "broken"
    hang_up(a, b)

    # he is gone: all is as it was
    relay.change = None
    call = secure(a, a.dial(TARGET))
    assert call["label"] == "verified" and not call["alarms"]


# ---- what SDP says -------------------------------------------------------

def wrong_hash(to_b, _head, body):
    """The hash of another Hello, for Bob."""
    if not to_b:
        return None
    return re.sub(r"(?m)^(a=zrtp-hash:1\.10 )(\w)",
                  lambda m: m[1] + ("0" if m[2] != "0" else "1"), body)


def without_hash(_to_b, _head, body):
    return re.sub(r"(?m)^a=zrtp-hash:.*\r\n", "", body)


def test_hash_altered(pair, voices):
    a, b, _, heard = pair(wrong_hash)
    a.dial(TARGET)
    call = alarmed(b, "hash")
    assert call["label"] == "broken" and not call["sas"]
    # nobody goes on without keys; Bob's phone ends it and says why
    over = b.wait_call(call["id"], "ended", timeout=30)
    assert over["label"] == "broken"
    assert "announced" in over["reason"]["text"], over["reason"]
    for row in a.wait_log(bool), b.wait_log(bool):
        assert row["label"] in ("plain", "broken"), row
    wav.not_heard(voices("one"), heard)


def test_hash_removed(pair):
    """Taken out of the offer and the answer: what is left is told as it is,
    whether ZRTP comes about without or not."""
    a, b, relay, _ = pair(without_hash)
    call = a.wait_call(a.dial(TARGET), "established")
    other = b.wait_call(None, "established")
    assert "zrtp-hash" in relay.seen[0][1]
    deserved = {"none": "plain", "zrtp": "e2e", "sdes": "plain",
                "dtls-srtp": "hop"}
    for c in call, other:
        assert c["label"] == deserved[c["crypto"]], c
        assert not c["verified"]
    hang_up(a, b)

    # a minimum is a minimum
    a.rpc("config.set", key="security.minimum", value="e2e")
    over = a.wait_call(a.dial(TARGET), "ended", timeout=30)
    assert over["reason"]["text"] and over["crypto"] in ("none", "zrtp")


def test_verified_friend_without(pair):
    """ZRTP taken out of SDP between two who are verified: not in silence."""
    a, b, relay, _ = pair()
    verify(a, b)
    relay.change = without_hash
    call = alarmed(a, "not-end-to-end", a.dial(TARGET))
    other = alarmed(b, "not-end-to-end")
    for c in call, other:
        assert c["label"] in ("plain", "hop") and not c["sas"]
        assert "You verified this person on" in c["alarms"][0]["text"]
    hang_up(a, b)
    relay.change = None
    call = secure(a, a.dial(TARGET))
    assert call["label"] == "verified" and not call["alarms"]


def test_hash_changed_in_the_call(pair):
    """A re-INVITE that names another Hello: refused, said, and the call
    goes on as it was."""
    a, b, relay, _ = pair()
    call = secure(a, a.dial(TARGET))
    secure(b)
    relay.change = wrong_hash
    a.rpc("call.hold")
    other = alarmed(b, "downgrade")
    assert other["state"] == "established" and other["sas"] == call["sas"]
    assert other["label"] == "e2e"
    assert b.call(other["id"])["crypto"] == "zrtp"
    relay.change = None
    assert a.call(call["id"])["sas"] == call["sas"]


def test_reinvite_cannot_switch_it_off(pair, voices):
    a, b, relay, heard = pair()
    call = secure(a, a.dial(TARGET))
    secure(b)
    relay.change = without_hash
    a.rpc("call.hold")
    other = alarmed(b, "downgrade")
    assert other["state"] == "established"
    # what was refused is not held
    a.wait_call(call["id"], "established", want=lambda c: c["notice"])
    relay.change = None
    for p in a, b:
        c = p.calls()[0]
        assert c["crypto"] == "zrtp" and c["label"] == "e2e", c
        assert c["sas"] == call["sas"]
    wav.wait_heard(voices("one"), heard, timeout=30)


# ---- packets -------------------------------------------------------------

def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return struct.pack("<I", ~crc & 0xffffffff)


def zrtp_packet(kind, body, seq=1, length=None):
    words = (12 + len(body)) // 4 if length is None else length
    msg = b"\x50\x5a" + struct.pack("!H", words) + kind + body
    head = b"\x10\0" + struct.pack("!H", seq) + b"ZRTP" + b"\0\0\0\1"
    return head + msg + crc32c(head + msg)


def hostile():
    """Packets nobody should send, all with a right checksum."""
    for seq in 1, 2000, 65535:
        yield zrtp_packet(b"GoClear ", b"\0" * 8, seq)
        yield zrtp_packet(b"HelloACK", b"", seq)
        yield zrtp_packet(b"Conf2ACK", b"", seq)
        yield zrtp_packet(b"Error   ", b"\0\0\0\x70", seq)
        yield zrtp_packet(b"Ping    ", b"1.10" + b"\0" * 8, seq)
        yield zrtp_packet(b"Confirm2", b"\0" * 64, seq)
        yield zrtp_packet(b"Confirm1", b"\xff" * 64, seq)
        yield zrtp_packet(b"DHPart1 ", b"\0" * 72, seq, length=500)
        yield zrtp_packet(b"DHPart2 ", b"\0" * 456, seq)
        yield zrtp_packet(b"Commit  ", b"\0" * 104, seq)
        yield zrtp_packet(b"Commit  ", b"\0" * 16, seq)
        yield zrtp_packet(b"Hello   ", b"1.10" + b"x" * 60 + b"\xff" * 20,
                          seq)
        yield zrtp_packet(b"Hello   ", b"\0" * 76, seq, length=0xffff)
        yield zrtp_packet(b"SASrelay", b"\0" * 80, seq)
    folder = os.path.join(os.environ.get("OFFHOOK_CORPUS", ""), "zrtp")
    if os.environ.get("OFFHOOK_CORPUS") and os.path.isdir(folder):
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as f:
                yield f.read()
    # cut short at every length
    whole = zrtp_packet(b"Confirm1", b"\0" * 64)
    for n in range(1, len(whole), 5):
        yield whole[:n]
    yield zlib.compress(b"nothing of the kind")


def test_hostile_packets(pair, crew, voices):
    """From a stranger and, by the relay, from the peer's own address: into
    the handshake and into the call."""
    media = crew.add(LossyRelay(RELAY))
    a, b, _, heard = pair(media.change)
    ident = a.dial(TARGET)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.99", 0))
    packets = list(hostile())

    wait_until(lambda: media.media[1], 10, "Bob's address")
    for data in packets:
        stranger.sendto(data, media.media[1])
        stranger.sendto(data, media.media[0])
    call = secure(a, ident)
    assert call["sas"] == secure(b)["sas"]

    for _ in range(3):
        for data in packets:
            media.socks[1][0].sendto(data, media.media[1])
            media.socks[0][0].sendto(data, media.media[0])
            stranger.sendto(data, media.media[1])
    stranger.close()

    # somebody asked to stop encrypting: said, refused, and no more than that
    other = alarmed(b, "goclear")
    assert other["label"] == "e2e" and other["sas"] == call["sas"]
    wav.wait_heard(voices("one"), heard, timeout=30)
    before = b.calls()[0]["figures"]["rx_packets"]
    wait_until(lambda: b.calls()[0]["figures"]["rx_packets"] > before + 90,
               15, "packets to go on")
    for p in a, b:
        p.healthy()
        assert p.calls()[0]["label"] == "e2e"
        assert len(p.calls()[0]["alarms"]) <= 1
