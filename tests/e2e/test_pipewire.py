"""Sound through PipeWire, and through pipes of programs."""

import os
import re
import subprocess
import threading

import pytest

from lib import pipewire, wav
from lib.phone import program
from lib.proc import wait_until


@pytest.fixture
def server(box, crew):
    if pipewire.missing():
        pytest.skip(f"{pipewire.missing()} is not installed")
    if not os.path.exists(program("modules/pipewire.so")):
        pytest.skip("built without PipeWire")
    return crew.add(pipewire.PipeWire(box)).start()


def bob(phone, voices, box, **more):
    b = phone("bob", "127.0.0.11", source=f"file,{voices('two')},repeat",
              sink=f"file,{box}/bob.wav", **more)
    b.heard = f"{box}/bob.wav"
    b.direct("bob", auto_answer=True)
    return b


def test_pipewire(phone, voices, box, server):
    """There and back, the server gone in between."""
    a = phone("alice", "127.0.0.10", source="pipewire,mic",
              sink="pipewire,spk", env=server.env())
    a.direct("alice")
    b = bob(phone, voices, box)
    listed = a.rpc("audio.devices")
    assert {"mic", "spk"} <= {d["device"] for d in listed
                              if d["driver"] == "pipewire"}, listed
    ear = server.listen()
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    wait_until(lambda: "offhook" in server.links(), 10, "the phone's links")
    server.say(voices("one"), 3)
    wav.wait_heard(voices("two"), ear)
    wav.wait_heard(voices("one"), b.heard)
    assert a.call(call)["notice"] == ""

    server.down()
    c = a.wait_call(call, "established", want=lambda c: c["notice"])
    assert re.search("no (microphone|loudspeaker)", c["notice"]), c
    server.start()
    wait_until(lambda: "offhook" in server.links(), 10,
               lambda: f"the phone to be back: {a.call(call)}")
    server.say(voices("three"), 3)
    wav.wait_heard(voices("three"), b.heard)
    assert a.call(call)["state"] == "established"


def feed(path, voice, stop):
    """A program that speaks into a pipe, as fast as it may."""
    raw = subprocess.run(["sox", "-D", voice, "-r", "48000", "-c", "1",
                          "-b", "16", "-e", "signed", "-t", "raw", "-"],
                         check=True, capture_output=True).stdout
    with open(path, "wb", buffering=0) as f:
        while not stop.is_set():
            for i in range(0, len(raw), 1920):
                f.write(raw[i:i + 1920])
                if stop.is_set():
                    return


def drain(path, out, stop):
    """A program that listens to a pipe."""
    with open(path, "rb", buffering=0) as f, open(out, "wb") as g:
        while not stop.is_set():
            g.write(f.read(1 << 16))
            g.flush()


def test_pipes(phone, voices, box):
    """Programs speak and hear by pipes, in real time."""
    a = phone("alice", "127.0.0.10", source=f"pipe,{box}/say",
              sink=f"pipe,{box}/hear")
    a.direct("alice")
    b = bob(phone, voices, box)
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    wait_until(lambda: os.path.exists(f"{box}/hear"), 5, "the pipe")

    stop = threading.Event()
    both = [threading.Thread(target=feed, args=(f"{box}/say", voices("one"),
                                                stop), daemon=True),
            threading.Thread(target=drain, args=(f"{box}/hear",
                                                 f"{box}/heard.raw", stop),
                             daemon=True)]
    for t in both:
        t.start()
    wav.wait_heard(voices("one"), b.heard)
    wav.wait_heard(voices("two"), lambda: pipewire.to_wav(
        f"{box}/heard.raw"))
    stop.set()

    # the reader leaves and another one comes
    both[1].join(5)
    stop = threading.Event()
    t = threading.Thread(target=drain, args=(f"{box}/hear",
                                             f"{box}/again.raw", stop),
                         daemon=True)
    t.start()
    wav.wait_heard(voices("two"), lambda: pipewire.to_wav(
        f"{box}/again.raw"))
    stop.set()
    assert a.call(call)["state"] == "established"
    assert a.call(call)["notice"] == ""
    a.rpc("call.hangup", call=call)


def test_opus_pipes(phone, voices, box):
    """Opus packets: what one phone puts into a pipe another takes out."""
    a = phone("alice", "127.0.0.10", source=f"pipe,{box}/frames,opus",
              sink="null,")
    c = phone("carol", "127.0.0.12", source="null,",
              sink=f"pipe,{box}/frames,opus")
    a.direct("alice")
    c.direct("carol")
    b = bob(phone, voices, box)
    d = phone("dora", "127.0.0.13", source=f"file,{voices('three')},repeat")
    d.direct("dora", auto_answer=True)
    a.wait_call(a.dial(b.uri("bob")), "established")
    c.wait_call(c.dial(d.uri("dora")), "established")
    wav.wait_heard(voices("three"), b.heard)
