"""Sound devices that go, come back, or are changed in a call."""

import re
import time

import pytest

from lib import wav
from lib.proc import wait_until
from lib.sound import connect, other


@pytest.mark.parametrize("driver", ["pulse,", "alsa,default"])
def test_server_stops_and_starts(phone, voices, box, pulse, driver):
    """The call goes on without its sound server, and with the next."""
    a = phone("alice", "127.0.0.10", source=driver, sink=driver,
              env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    ear = pulse.listen()
    call = connect(a, b)
    wav.wait_heard(voices("two"), ear)

    pulse.down()
    c = a.wait_call(call, "established", want=lambda c: c["notice"])
    assert re.search("no (microphone|loudspeaker)", c["notice"]), c
    before = a.call(call)["figures"]
    # RTP goes on both ways meanwhile
    a.wait_call(call, want=lambda c: c["figures"]["tx_packets"] >
                before["tx_packets"] + 60 and c["figures"]["rx_packets"] >
                before["rx_packets"] + 60)

    pulse.start()
    back = time.monotonic()
    wait_until(lambda: pulse.streams() >= 1 and
               pulse.streams("source-outputs") >= 1, 10,
               lambda: f"the devices to be open again: {a.call(call)}")
    took = time.monotonic() - back
    assert took < 4, f"{took} s"     # 2 s, and a slow machine
    ear = pulse.listen()
    pulse.say(voices("three"), 4)
    wav.wait_heard(voices("two"), ear)
    wav.wait_heard(voices("three"), b.heard)
    assert a.call(call)["state"] == "established"


def test_default_followed(phone, voices, box, pulse):
    """Another default device: the call moves there."""
    a = phone("alice", "127.0.0.10", source="pulse,", sink="pulse,",
              env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    ear, bell = pulse.listen(), pulse.listen("bell")
    connect(a, b)
    wav.wait_heard(voices("two"), ear)
    pulse.ctl("set-default-sink", "bell")
    wav.wait_heard(voices("two"), bell)


def test_change_in_call(phone, voices, box, pulse):
    """config set audio.sink in the middle of a call."""
    a = phone("alice", "127.0.0.10", source="pulse,", sink="pulse,spk",
              env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    ear, bell = pulse.listen(), pulse.listen("bell")
    call = connect(a, b)
    wav.wait_heard(voices("two"), ear)
    run = a.cli("config", "set", "audio.sink", "pulse,bell")
    assert run.returncode == 0, run.stderr
    wav.wait_heard(voices("two"), bell)
    # and to a file, and a microphone that is one
    a.rpc("config.set", key="audio.sink", value=f"file,{box}/alice.wav")
    a.rpc("config.set", key="audio.source",
          value=f"file,{voices('three')},repeat")
    wav.wait_heard(voices("two"), f"{box}/alice.wav")
    wav.wait_heard(voices("three"), b.heard)
    assert a.call(call)["notice"] == ""
