"""Everything that can happen to the sound of a call, in one call: what a
build with SAN=thread judges."""

from lib import wav
from lib.sound import connect, other


def test_all_at_once(phone, voices, box, pulse):
    """Hold, digits, another device, a conference, a recording, and a sound
    server that dies."""
    a = phone("alice", "127.0.0.10", source="pulse,", sink="pulse,",
              config={"record.folder": f"{box}/rec"}, env=pulse.env())
    a.direct("alice")
    b = other(phone, voices, box)
    c = other(phone, voices, box, "carol", "127.0.0.12", "three")
    one = connect(a, b)
    a.rpc("call.record", call=one)
    a.rpc("call.hold", call=one)
    a.wait_call(one, "held")
    a.rpc("call.resume", call=one)
    a.wait_call(one, "established")
    a.rpc("config.set", key="audio.sink", value="pulse,bell")
    a.rpc("call.dtmf", call=one, digits="12")
    two = connect(a, c, "carol")
    run = a.cli("join", one, two)
    assert run.returncode == 0, run.stderr
    wav.wait_heard(voices("two"), c.heard)
    wav.wait_heard(voices("three"), b.heard)

    a.rpc("audio.volume", value=10, add=True)
    pulse.down()
    a.wait_call(one, "established", want=lambda x: x["notice"])
    before = a.call(one)["figures"]["rx_packets"]
    pulse.start()
    a.wait_call(one, want=lambda x: x["figures"]["rx_packets"] >
                before + 100)
    a.rpc("config.set", key="audio.sink", value=f"file,{box}/alice.wav")
    # both speak at once there; alone, one of them can be told
    a.rpc("call.hangup", call=two)
    wav.wait_heard(voices("two"), f"{box}/alice.wav")
    x = a.rpc("call.record", call=one, on=False)
    assert x["recording_file"] and not x["recording"], x
    a.rpc("call.hangup", call=one)
    a.wait_call(one, "ended")
