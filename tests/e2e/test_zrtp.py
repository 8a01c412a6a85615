"""ZRTP: the same words on both ends, verified once and for all, and said
when something is not as before."""

import os
import re
import sqlite3
import stat

import pytest

from lib import wav
from lib.proc import wait_until
from lib.relay import LossyRelay, SipRelay

ALICE, BOB, RELAY = "127.0.0.10", "127.0.0.11", "127.0.0.12"

pytestmark = pytest.mark.limit(240)


def secure(phone, ident=None, timeout=20):
    """Until a call has words; the call."""
    return phone.wait_call(ident, "established", timeout=timeout,
                           want=lambda c: c["sas"])


def alarms(call):
    return [a["kind"] for a in call["alarms"]]


def same_words(one, two):
    assert one["sas"] == two["sas"] and re.fullmatch("[a-z0-9]{4}",
                                                     one["sas"])
    assert one["sas_words"] == two["sas_words"]
    assert len(one["sas_words"].split()) == 2
    assert one["crypto"] == two["crypto"] == "zrtp"


def hang_up(phone, ident, *others):
    phone.rpc("call.hangup", call=ident)
    for p in (phone, *others):
        wait_until(lambda p=p: all(c["state"] == "ended"
                                   for c in p.calls()), 10, "the end")


@pytest.fixture
def pair(phone):
    """Alice and Bob, who answers by himself."""
    def make(**kw):
        a = phone("alice", ALICE, **kw)
        b = phone("bob", BOB)
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        return a, b
    return make


def test_first_call_and_the_next(pair):
    a, b = pair()
    call = secure(a, a.dial(b.uri("bob")))
    other = secure(b)
    same_words(call, other)
    assert call["label"] == other["label"] == "e2e"
    assert not call["verified"] and not alarms(call)
    for line in ("Key agreement: X25519", "Cipher: AES-256",
                 "Hash: SHA-384", "80 bits"):
        assert line in call["details"], call["details"]

    # the words in the shell, the answer on both ends
    run = a.cli("sas")
    assert run.returncode == 0 and call["sas_words"] in run.stdout and \
        call["sas"] in run.stdout, run.stdout + run.stderr
    run = a.cli("sas", "yes")
    assert run.returncode == 0 and "[E2E ok]" in run.stdout, run.stderr
    other = b.rpc("call.sas", same=True)
    assert other["label"] == "verified" and other["verified"]
    hang_up(a, call["id"], b)

    again = secure(a, a.dial(b.uri("bob")))
    other = secure(b)
    same_words(again, other)
    assert again["sas"] != call["sas"]
    assert again["label"] == other["label"] == "verified"
    assert not alarms(again) and not alarms(other)
    details = a.rpc("call.details")
    rows = details["history"]
    assert rows[0]["device"] == details["device"]
    assert [r["what"] for r in rows] == ["verified"]
    assert rows[0]["device"] in again["details"]
    run = a.cli("security")
    assert run.returncode == 0
    assert "words compared, the same" in run.stdout, run.stdout
    hang_up(a, again["id"], b)

    # it lasts beyond the phone, in files that are its own
    a.stop()
    for name in ("zrtp.db", "offhook.db"):
        mode = os.stat(a.path(f"profile/data/{name}")).st_mode
        assert stat.S_IMODE(mode) == 0o600
    a.start()
    call = secure(a, a.dial(b.uri("bob")))
    assert call["label"] == "verified" and not alarms(call)
    assert a.log_text().find(call["sas_words"]) < 0
    for p in a, b:
        for word in (*call["sas_words"].split(), call["sas"]):
            assert not re.search(rf"\b{word}\b", p.log_text())


def test_no_says_no(pair):
    a, b = pair()
    call = secure(a, a.dial(b.uri("bob")))
    a.rpc("call.sas", same=True)
    run = a.cli("sas", "no")
    assert run.returncode == 0 and "[BROKEN]" in run.stdout
    # not to be talked back into it
    run = a.cli("sas", "yes")
    assert run.returncode == 1 and "differed" in run.stderr
    assert a.call(call["id"])["label"] == "broken"
    assert a.call(call["id"])["state"] == "established"
    hang_up(a, call["id"], b)
    call = secure(a, a.dial(b.uri("bob")))
    assert call["label"] == "e2e" and not call["verified"]
    rows = a.rpc("contact.verifications", target=b.uri("bob"))
    assert [r["what"] for r in rows] == ["refused", "verified"]


def verify(a, b):
    call = secure(a, a.dial(b.uri("bob")))
    secure(b)
    a.rpc("call.sas", same=True)
    b.rpc("call.sas", same=True)
    hang_up(a, call["id"], b)


def test_the_other_side_forgot(pair):
    """All of Bob's memory is gone: Alice is told, until she compares."""
    a, b = pair()
    verify(a, b)
    b.stop()
    os.unlink(b.path("profile/data/zrtp.db"))
    b.start()

    call = secure(a, a.dial(b.uri("bob")))
    call = a.wait_call(call["id"], want=lambda c: c["alarms"])
    assert alarms(call) == ["unverified"]
    assert call["label"] == "broken" and not call["verified"]
    assert not call["alarms"][0]["acknowledged"]
    assert "another device" in call["alarms"][0]["text"]

    # read is not the same as settled
    call = a.rpc("call.acknowledge")
    assert call["alarms"][0]["acknowledged"] and call["label"] == "broken"
    call = a.rpc("call.sas", same=True)
    assert call["label"] == "verified"
    b.rpc("call.sas", same=True)
    assert [r["what"] for r in a.rpc("call.details")["history"]] == \
        ["verified", "new", "verified"]
    hang_up(a, call["id"], b)
    call = secure(a, a.dial(b.uri("bob")))
    assert call["label"] == "verified" and not alarms(call)


def test_secrets_do_not_match(pair):
    """Bob kept his name and lost what he shared with Alice."""
    a, b = pair()
    verify(a, b)
    b.stop()
    db = sqlite3.connect(b.path("profile/data/zrtp.db"))
    db.execute("DELETE FROM zrtp")
    db.commit()
    db.close()
    b.start()

    call = secure(a, a.dial(b.uri("bob")))
    call = a.wait_call(call["id"], want=lambda c: len(c["alarms"]) > 1)
    assert set(alarms(call)) == {"unverified", "cache-mismatch"}
    assert call["label"] == "broken"
    call = a.rpc("call.sas", same=True)
    assert call["label"] == "verified"
    assert all(x["acknowledged"] for x in call["alarms"])


def test_hold_keeps_the_keys(pair, voices):
    a, b = pair(source=f"file,{voices('one')}")
    call = secure(a, a.dial(b.uri("bob")))
    a.rpc("call.hold")
    a.wait_call(call["id"], "held")
    wait_until(lambda: b.calls()[0]["state"] == "remote-held", 10, "hold")
    a.rpc("call.resume")
    again = a.wait_call(call["id"], "established")
    assert again["sas"] == call["sas"] and again["label"] == "e2e"
    assert not alarms(again)


@pytest.mark.parametrize("loss", [0.1])
def test_loss(phone, voices, crew, box, loss):
    """One packet in ten does not arrive, of the handshake as of the rest."""
    heard = os.path.join(box, "heard.wav")
    a = phone("alice", ALICE, source=f"file,{voices('one')}")
    b = phone("bob", BOB, sink=f"file,{heard}")
    a.direct("alice")
    b.direct("bob", auto_answer=True)
    media = crew.add(LossyRelay(RELAY, loss=loss, seed=5))
    crew.add(SipRelay(RELAY, ALICE, BOB, media.change))

    call = secure(a, a.dial(f"sip:bob@{RELAY}"))
    same_words(call, secure(b))
    assert call["label"] == "e2e" and not alarms(call)
    wav.wait_heard(voices("one"), heard, timeout=30)
    assert media.lost > 10
    hang_up(a, call["id"], b)


# ---- linphonec ------------------------------------------------------------

def token(lin):
    """The words linphonec shows last."""
    found = re.findall(r"auth token is (\w{4})\b", lin.output())
    return found[-1] if found else None


@pytest.mark.needs("linphonec")
def test_linphone(phone, linphone, voices, box):
    heard = os.path.join(box, "heard.wav")
    a = phone("alice", ALICE, source=f"file,{voices('one')}",
              sink=f"file,{heard}")
    a.direct("alice")
    lin = linphone(user="bob", addr=BOB, enc="zrtp", voice=voices("two"))
    ident = a.dial(f"sip:bob@{BOB}")
    call = secure(a, ident)
    wait_until(lambda: token(lin) == call["sas"], 15,
               lambda: f"{call['sas']} at linphonec: {token(lin)}")
    assert call["label"] == "e2e" and call["crypto"] == "zrtp"
    wav.wait_heard(voices("two"), heard, timeout=30)

    a.rpc("call.sas", same=True)
    lin.cmd("zrtp-set-verified")
    lin.wait_output("(?i)verified|Call", 5)
    hang_up(a, ident)
    wav.wait_heard(voices("one"), lin.heard, timeout=20)

    ident = a.dial(f"sip:bob@{BOB}")
    call = secure(a, ident)
    assert call["label"] == "verified", call
    lin.wait_output("previously verified yes", 10, "core.log")
    hang_up(a, ident)

    # a new telephone at the other end
    lin.stop()
    lin = linphone(user="bob", addr=BOB, enc="zrtp", name="linphone2")
    call = secure(a, a.dial(f"sip:bob@{BOB}"))
    call = a.wait_call(call["id"], want=lambda c: c["alarms"])
    assert call["label"] == "broken" and alarms(call) == ["unverified"]


@pytest.mark.needs("linphonec")
def test_linphone_calls(phone, linphone, voices, box):
    heard = os.path.join(box, "heard.wav")
    a = phone("alice", ALICE, source=f"file,{voices('one')}",
              sink=f"file,{heard}")
    a.direct("alice", auto_answer=True)
    lin = linphone(user="bob", addr=BOB, enc="zrtp", mandatory=True,
                   voice=voices("two"))
    lin.cmd(f"call sip:alice@{ALICE}")
    call = secure(a, timeout=25)
    wait_until(lambda: token(lin) == call["sas"], 15,
               lambda: f"{call['sas']} at linphonec: {token(lin)}")
    assert call["label"] == "e2e"
    wav.wait_heard(voices("two"), heard, timeout=30)

    # their hold and resume: the keys stay
    lin.cmd("pause 1")
    a.wait_call(call["id"], "remote-held", timeout=15)
    lin.wait_output("is now paused", 10)
    lin.cmd("resume 1")
    again = a.wait_call(call["id"], "established", timeout=15)
    assert again["sas"] == call["sas"] and again["label"] == "e2e"
    assert not alarms(again)
