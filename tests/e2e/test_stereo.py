"""Opus in stereo: two sentences at once, one on each side."""

import os
import subprocess

import pytest

from lib import pulse, wav
from lib.proc import wait_until
from lib.sound import connect

STEREO = {"codecs.opus":
          "useinbandfec=1;minptime=10;stereo=1;sprop-stereo=1"}
# two who speak at once in one channel: each is less like itself
MIXED = 0.5


def heard_on(voices, ear, side, name, threshold=0.7):
    wait_until(lambda: wav.channels(ear()) == 2, 20, "two channels")
    wav.wait_heard(voices.brief(name), lambda: wav.side(ear(), side),
                   threshold=threshold)


def sides_heard(voices, ear, left, right):
    """Each sentence on its side, and only there."""
    heard_on(voices, ear, 0, left)
    heard_on(voices, ear, 1, right)
    wav.not_heard(voices.brief(right), wav.side(ear(), 0))
    wav.not_heard(voices.brief(left), wav.side(ear(), 1))


def stereo(phone, box, name, addr, source):
    p = phone(name, addr, source=f"file,{source},repeat",
              sink=f"file,{box}/{name}.wav", config=STEREO)
    p.heard = lambda: f"{box}/{name}.wav"
    return p


@pytest.fixture
def alice(phone, voices, box):
    """She has two microphones."""
    a = stereo(phone, box, "alice", "127.0.0.10", voices.both("one", "two"))
    a.direct("alice")
    return a


def test_two_phones(alice, phone, voices, box):
    """Hers on their sides; his, who has one microphone, on both sides at
    her end. In the recording of the call her two are one."""
    alice.rpc("config.set", key="record.folder", value=f"{box}/rec")
    alice.rpc("config.set", key="record.format", value="wav")
    bob = stereo(phone, box, "bob", "127.0.0.11",
                 voices.brief("three", 48000))
    bob.direct("bob", auto_answer=True)
    call = connect(alice, bob)
    alice.rpc("call.record", call=call)
    sides_heard(voices, bob.heard, "one", "two")
    heard_on(voices, alice.heard, 0, "three")
    wav.heard(voices.brief("three"), wav.side(alice.heard(), 1))

    path = alice.rpc("call.record", call=call, on=False)["recording_file"]
    heard_on(voices, lambda: path, 0, "one", MIXED)
    heard_on(voices, lambda: path, 1, "three")
    wav.not_heard(voices.brief("one"), wav.side(path, 1))


@pytest.mark.needs("baresip")
def test_baresip(alice, baresip, voices):
    """A phone of others: both ways in stereo."""
    bare = baresip(voice=voices.both("three", "four", times=25))
    call = alice.dial("sip:carol@127.0.0.3:5060")
    alice.wait_call(call, "established")
    sides_heard(voices, alice.heard, "three", "four")
    sides_heard(voices, bare.heard, "one", "two")


@pytest.mark.needs("baresip")
def test_one_channel(alice, baresip, voices):
    """It says stereo=0: what comes to it is mixed, what it says is on both
    sides here."""
    bare = baresip(voice=voices.talk("three", 48000), stereo=False)
    call = alice.dial("sip:carol@127.0.0.3:5060")
    alice.wait_call(call, "established")
    heard_on(voices, alice.heard, 0, "three")
    wav.heard(voices.brief("three"), wav.side(alice.heard(), 1))
    assert wav.channels(bare.heard()) == 1
    for name in ("one", "two"):
        wav.wait_heard(voices.brief(name), bare.heard, threshold=MIXED)


def test_sound_card(phone, voices, box, crew):
    """Two channels of a microphone and a loudspeaker."""
    if pulse.missing():
        pytest.skip(f"{pulse.missing()} is not installed")
    server = crew.add(pulse.Pulse(box, channels=2)).start()
    a = phone("alice", "127.0.0.10", source="alsa,default",
              sink="alsa,default", env=server.env(), config={
                  **STEREO, "audio.echo": "false", "audio.noise": "false"})
    a.direct("alice")
    bob = stereo(phone, box, "bob", "127.0.0.11",
                 voices.both("three", "four"))
    bob.direct("bob", auto_answer=True)
    ear = server.listen()
    connect(a, bob)
    server.say(voices.both("one", "two", times=10))
    sides_heard(voices, ear, "three", "four")
    sides_heard(voices, bob.heard, "one", "two")


def test_pipes(phone, voices, box):
    """Programs that say and hear two channels of samples."""
    a = phone("alice", "127.0.0.10", source=f"pipe,{box}/say,stereo",
              sink=f"pipe,{box}/hear,stereo", config=STEREO)
    a.direct("alice")
    bob = stereo(phone, box, "bob", "127.0.0.11",
                 voices.both("three", "four"))
    bob.direct("bob", auto_answer=True)
    connect(a, bob)
    for name in ("say", "hear"):
        wait_until(lambda: os.path.exists(f"{box}/{name}"), 15, name)
    with open(f"{box}/say", "wb") as say, \
            open(f"{box}/heard.raw", "wb") as heard:
        speaker = subprocess.Popen(
            ["sox", "-D", voices.both("one", "two", times=25), "-t", "raw",
             "-"], stdout=say, stderr=subprocess.DEVNULL)
        ear = subprocess.Popen(["cat", f"{box}/hear"], stdout=heard)
    try:
        sides_heard(voices, bob.heard, "one", "two")
        sides_heard(voices, lambda: pulse.to_wav(f"{box}/heard.raw", 2),
                    "three", "four")
    finally:
        for p in (speaker, ear):
            p.kill()
            p.wait()
