"""Two phones without a server between them."""

import signal
import time

import pytest

from lib import wav
from lib.proc import wait_until


@pytest.fixture
def pair(phone, voices, box):
    """alice says `one`, bob says `two` and answers by himself."""
    def make(codec="opus", auto_answer=True, **more):
        rate = 8000 if codec == "PCMU" else 48000
        a = phone("alice", "127.0.0.10",
                  source=f"file,{voices('one', rate)}",
                  sink=f"file,{box}/alice.wav",
                  config={"codecs": codec, **more})
        b = phone("bob", "127.0.0.11",
                  source=f"file,{voices('two', rate)}",
                  sink=f"file,{box}/bob.wav",
                  config={"codecs": codec, **more})
        a.heard, b.heard = f"{box}/alice.wav", f"{box}/bob.wav"
        a.direct("alice")
        b.direct("bob", auto_answer=auto_answer)
        return a, b
    return make


def connect(a, b):
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    other = b.wait_call(None, "established")["id"]
    return call, other


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "opus"])
def test_speech(pair, voices, codec):
    a, b = pair(codec)
    call, _ = connect(a, b)
    wav.wait_heard(voices("one"), b.heard)
    wav.wait_heard(voices("two"), a.heard)
    c = a.wait_call(call, "established",
                    want=lambda c: c["figures"]["rtt_ms"] > 0, timeout=20)
    assert c["codec"].lower() == codec.lower(), c
    # two phones find out by themselves that both can encrypt
    assert c["label"] != "plain" and c["crypto"] != "none", c
    assert c["figures"]["loss"] < 2, c["figures"]
    a.rpc("call.hangup", call=call)
    b.wait_call(None, "ended")
    # an ended call goes from the list after 5 s
    a.rpc.wait("call.removed", lambda r: r["id"] == call, 10)
    assert a.calls() == []


def test_levels_move(pair):
    a, b = pair("PCMU")
    call, _ = connect(a, b)
    a.wait_call(call, "established",
                want=lambda c: c["levels"]["mic"] > 0.05)
    a.wait_call(call, "established",
                want=lambda c: c["levels"]["speaker"] > 0.05)
    a.rpc("call.mute", call=call)
    a.rpc("call.hangup", call=call)


def test_dtmf(pair):
    a, b = pair("PCMU")
    call, other = connect(a, b)
    a.rpc("call.dtmf", call=call, digits="0123456789*#ABCD")
    b.wait_call(other, "established", timeout=20,
                want=lambda c: c["digits"] == "0123456789*#ABCD")
    b.rpc("call.dtmf", call=other, digits="99")
    a.wait_call(call, "established", want=lambda c: c["digits"] == "99")
    a.rpc("call.hangup", call=call)


def test_hold(pair):
    a, b = pair("PCMU")
    call, other = connect(a, b)
    a.rpc("call.hold", call=call)
    a.wait_call(call, "held")
    assert b.wait_call(other, "remote-held")["remote_held"]
    a.rpc("call.resume", call=call)
    a.wait_call(call, "established")
    c = b.wait_call(other, "established")
    n = c["figures"]["rx_packets"]
    b.wait_call(other, "established",
                want=lambda c: c["figures"]["rx_packets"] > n + 40)
    # both at once, and back in the same order
    a.rpc("call.hold", call=call)
    b.wait_call(other, "remote-held")
    b.rpc("call.hold", call=other)
    b.wait_call(other, "held")
    assert a.call(call)["held"]
    b.rpc("call.resume", call=other)
    b.wait_call(other, "remote-held")
    a.rpc("call.resume", call=call)
    b.wait_call(other, "established")
    a.wait_call(call, "established")
    b.rpc("call.hangup", call=other)
    a.wait_call(call, "ended")


def test_ring_answer_reject(pair):
    a, b = pair(auto_answer=False)
    call = a.dial(b.uri("bob"))
    other = b.incoming()
    a.wait_call(call, "ringing")
    b.rpc("call.silence", call=other)
    assert b.call(other)["state"] == "ringing"
    b.rpc("call.reject", call=other)
    c = a.wait_call(call, "ended")
    assert c["reason"]["code"] in (486, 603), c
    assert b.wait_log(lambda r: True)["result"] == "rejected"

    call = a.dial(b.uri("bob"))
    other = b.incoming()
    run = b.cli("answer")
    assert run.returncode == 0, run.stderr
    a.wait_call(call, "established")
    run = b.cli("hangup")
    assert run.returncode == 0, run.stderr
    a.wait_call(call, "ended")


def test_cancel(pair):
    a, b = pair(auto_answer=False)
    call = a.dial(b.uri("bob"))
    other = b.incoming()
    a.rpc("call.hangup", call=call)
    b.wait_call(other, "ended")
    assert b.wait_log(lambda r: True)["result"] == "missed"
    assert a.wait_log(lambda r: True)["result"] == "cancelled"


def test_no_answer(pair):
    a, b = pair(auto_answer=False, **{"call.ring": "5"})
    call = a.dial(b.uri("bob"))
    b.incoming()
    c = a.wait_call(call, "ended", timeout=20)
    assert c["reason"]["code"] in (408, 480), c
    assert a.wait_log(lambda r: True)["result"] == "no-answer"
    assert b.wait_log(lambda r: True)["result"] == "missed"


def test_nobody_there(pair):
    a, _ = pair()
    start = time.monotonic()
    c = a.wait_call(a.dial("sip:127.0.0.99:5060"), "ended", timeout=40)
    assert c["reason"]["text"], c
    print(f"after {time.monotonic() - start:.1f} s: {c['reason']}")


def test_call_by_command(pair, voices):
    a, b = pair()
    run = a.cli("call", b.uri("bob"))
    assert run.returncode == 0, run.stderr
    other = b.wait_call(None, "established")["id"]
    calls = a.cli_json("calls")
    assert calls[0]["state"] == "established", calls
    run = a.cli("mute")
    assert run.returncode == 0 and a.calls()[0]["muted"], run
    run = a.cli("unmute")
    assert run.returncode == 0 and not a.calls()[0]["muted"], run
    run = a.cli("dtmf", "12")
    assert run.returncode == 0, run.stderr
    b.wait_call(other, want=lambda c: c["digits"] == "12")
    run = a.cli("hold")
    assert run.returncode == 0, run.stderr
    b.wait_call(other, "remote-held")
    run = a.cli("resume")
    assert run.returncode == 0, run.stderr
    run = a.cli("hangup")
    assert run.returncode == 0, run.stderr
    b.wait_call(other, "ended")
    run = a.cli("hangup")
    assert run.returncode == 1 and run.stderr.strip(), run


def test_wait_ends_with_the_call(pair):
    """`offhook call --wait` ends when the call does, with 0."""
    import subprocess
    a, b = pair()
    wait = subprocess.Popen([f"{a.build}/offhook", "--profile", a.profile,
                             "call", b.uri("bob"), "--wait"],
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    other = b.wait_call(None, "established")["id"]
    b.rpc("call.hangup", call=other)
    assert wait.wait(10) == 0, wait.stderr.read()


def test_sigterm_says_goodbye(pair):
    a, b = pair()
    _, other = connect(a, b)
    a.stop(signal.SIGTERM)
    c = b.wait_call(other, "ended", timeout=5)
    assert c["state"] == "ended"


def test_sighup_says_goodbye(pair):
    a, b = pair()
    _, other = connect(a, b)
    a.stop(signal.SIGHUP)
    b.wait_call(other, "ended", timeout=5)


def test_quit_says_goodbye(pair):
    a, b = pair()
    _, other = connect(a, b)
    run = a.cli("quit")
    assert run.returncode == 0, run.stderr
    b.wait_call(other, "ended", timeout=5)
    wait_until(lambda: not a.running(), 5, "the phone's end")
    assert a.proc.returncode == 0
    a.proc = None


def test_two_profiles(pair):
    """What one does the other does not see."""
    a, b = pair()
    a.rpc("contact.add", name="Anna", uris=["sip:anna@127.0.0.50"])
    assert [c for c in b.rpc("contact.list") if c["name"] == "Anna"] == []
    a.rpc("config.set", key="call.ring", value="33")
    assert b.rpc("config.get", key="call.ring") != "33"
    a.stop()
    b.healthy()
    assert b.rpc("phone.status")["pid"] == b.pid


def test_second_phone_in_a_profile(pair, box):
    """A second offhookd in the same profile says so and leaves."""
    import subprocess
    a, _ = pair()
    run = subprocess.run([f"{a.build}/offhookd", "--foreground", "--profile",
                          a.profile], capture_output=True, text=True,
                         timeout=10, check=False, stdin=subprocess.DEVNULL)
    assert run.returncode != 0
    assert run.stderr.strip(), "it says nothing"
    a.healthy()
    assert a.rpc("phone.status")["pid"] == a.pid


def test_call_waiting(pair, phone):
    """A second caller is told busy or rings; the first call goes on."""
    a, b = pair("PCMU")
    call, other = connect(a, b)
    c = phone("carol", "127.0.0.12")
    c.direct("carol")
    third = c.dial(b.uri("bob"))
    c.wait_call(third, "ringing", "established", "ended")
    assert b.call(other)["state"] in ("established", "held")
    assert a.call(call)["state"] in ("established", "remote-held")
    c.rpc("call.hangup", call=third) if c.call(third)["state"] != "ended" \
        else None
    a.rpc("call.hangup", call=call)
    b.wait_call(other, "ended")


def test_ten_calls_after_one_another(pair):
    a, b = pair("PCMU")
    for _ in range(10):
        call, other = connect(a, b)
        a.rpc("call.hangup", call=call)
        b.wait_call(other, "ended")
    assert len([r for r in b.rpc("log.list", limit=50)
                if r["result"] == "answered"]) == 10
