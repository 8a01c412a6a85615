"""Sound devices: a sound server, ALSA, files; lost, busy, changed."""

import os
import subprocess

import pytest

from lib import wav
from lib.proc import wait_until
from lib.pulse import to_wav
from lib.sound import connect, other

DRIVERS = {"pulse": ("pulse,", "pulse,"),
           "alsa": ("alsa,default", "alsa,default")}


@pytest.mark.parametrize("driver", DRIVERS)
def test_sound_server(phone, voices, box, pulse, driver):
    """What is said into the card is heard, and the other way round."""
    source, sink = DRIVERS[driver]
    a = phone("alice", "127.0.0.10", source=source, sink=sink,
              env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    ear = pulse.listen()
    call = connect(a, b)
    pulse.say(voices("one"), 3)
    wav.wait_heard(voices("two"), ear)
    wav.wait_heard(voices("one"), b.heard)
    c = a.call(call)
    assert c["notice"] == "", c
    a.rpc("call.hangup", call=call)
    a.wait_call(call, "ended")
    # nothing is held on to
    wait_until(lambda: pulse.streams() + pulse.streams("source-outputs")
               <= 2, 10, "the devices to be closed")


def test_alsa_file(phone, voices, box, pulse):
    """ALSA's own file plugin: a card without a clock."""
    subprocess.run(["sox", "-D", voices("one"), "-r", "48000", "-c", "1",
                    "-b", "16", "-t", "raw", pulse.path("in.raw"), "pad",
                    "1", "20"], check=True)
    a = phone("alice", "127.0.0.10", source="alsa,test_in",
              sink="alsa,test_out", env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    call = connect(a, b)
    wav.wait_heard(voices("one"), b.heard)

    wav.wait_heard(voices("two"), lambda: to_wav(pulse.path("out.raw")))
    a.rpc("call.hangup", call=call)


def test_shared(phone, voices, box, pulse):
    """Two phones and a third program at one device; two calls of a phone
    at one microphone."""
    a = phone("alice", "127.0.0.10", source="alsa,default",
              sink="alsa,default", env=pulse.env())
    c = phone("carol", "127.0.0.12", source="alsa,default",
              sink="alsa,default", env=pulse.env())
    a.direct("alice")
    c.direct("carol")
    b = other(phone, voices, box)
    d = other(phone, voices, box, "dora", "127.0.0.13", "three")
    ear = pulse.listen()
    connect(a, b)
    connect(c, d, "dora")
    pulse.say(voices("one"), 5)
    wav.wait_heard(voices("one"), b.heard)
    wav.wait_heard(voices("one"), d.heard)
    wait_until(lambda: pulse.streams() >= 3, 10, "three programs playing")
    assert os.path.getsize(ear().removesuffix(".wav")) > 0
    for p in (a, c):
        assert not [x for x in p.calls() if x["notice"]], p.calls()
