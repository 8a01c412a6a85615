"""What a test of encryption looks at: the label, both sentences, the
reason of a refusal."""

import os

from . import phone as phone_mod
from . import wav

BASE = ("file.so", "null.so", "tone.so", "g711.so", "srtp.so")


def modules(folder, *ways):
    """A folder of plugins in which only these ways to agree on keys are."""
    os.makedirs(folder, exist_ok=True)
    for name in BASE + tuple(f"{w}.so" for w in ways):
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            os.symlink(os.path.join(phone_mod.BUILD, "modules", name), path)
    return folder


def settled(p, call, crypto, label, timeout=20):
    """Until the call is up and encrypted as it should be."""
    c = p.wait_call(call, "established", "ended", timeout=timeout,
                    want=lambda c: c["state"] == "ended" or
                    c["crypto"] == crypto)
    assert c["state"] == "established", c
    assert (c["crypto"], c["label"]) == (crypto, label), c
    assert c["label_text"], c
    assert not c["alarms"], c
    if crypto != "none":
        assert "Sound" in c["details"] or "Cipher" in c["details"], c
    return c


def both_heard(p, voices, other, rate=8000, ours="one", theirs="two"):
    """p said ours and hears theirs; other is the peer's recording, None:
    it can be listened to only later."""
    wav.wait_heard(voices(theirs, rate), p.heard, 25)
    if other:
        wav.wait_heard(voices(ours, rate), other, 25)
        return
    said = 50 * (voices.length(ours) + 0.4)
    p.wait_call(None, "established", timeout=25,
                want=lambda c: c["figures"]["tx_packets"] > said)


def refused(p, call, *words, timeout=20):
    """Until our call has ended for a reason that says this."""
    c = p.wait_call(call, "ended", timeout=timeout)
    assert any(w in c["reason"]["text"] for w in words), c["reason"]
    return c


def turned_away(p, words, timeout=15):
    """An incoming call never rang, and the user is told why."""
    note = p.rpc.wait("phone.notice", lambda n: words in n["text"], timeout)
    assert "refused" in note["text"], note
    assert not [c for c in p.calls() if c["state"] != "ended"], p.calls()
    return note
