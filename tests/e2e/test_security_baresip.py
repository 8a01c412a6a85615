"""Encrypted calls with baresip, both directions; both sentences are
listened to. What it prints of the signalling is where the keys of a call
can be read: they are nowhere else."""

import base64
import json
import os
import re

import pytest

from lib.kamailio import DOMAIN
from lib.security import both_heard, refused, settled, turned_away

pytestmark = pytest.mark.needs("baresip")

# its encryption, our minimum, transport; our call, its call
CELLS = [
    (None, "prefer", "tcp", ("none", "plain"), ("none", "plain")),
    ("srtp", "prefer", "udp", ("none", "plain"), ("none", "plain")),
    ("srtp", "require", "tls", ("sdes", "hop"), ("sdes", "hop")),
    ("dtls_srtp", "require", "udp", ("dtls-srtp", "hop"),
     ("dtls-srtp", "hop")),
    (None, "require", "tls", None, None),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}")
def test_calls(phone, baresip, voices, box, registrar, cell):
    enc, minimum, transport, ours, theirs = cell
    proxy = registrar()
    bare = baresip(registrar=proxy, voice=voices.padded("two", 8000, 60),
                   enc=enc, transport=transport, codecs="PCMU")
    p = phone(source=f"file,{voices('one', 8000)}",
              sink=f"file,{box}/heard.wav",
              config={"codecs": "PCMU", "security.minimum": minimum})
    p.heard = f"{box}/heard.wav"
    acc = p.register(proxy.account("alice", transport))
    assert acc["state"] == "registered", acc

    call = p.dial(f"sip:carol@{DOMAIN}")
    if ours:
        settled(p, call, *ours)
        both_heard(p, voices, bare.heard)
        p.rpc("call.hangup", call=call)
    else:
        refused(p, call, "does not encrypt")
    p.wait_call(call, "ended")

    bare.dial(f"sip:alice@{DOMAIN}")
    if theirs:
        call = p.incoming()
        p.rpc("call.answer", call=call)
        settled(p, call, *theirs)
        both_heard(p, voices, bare.heard)
        bare.cmd("hangup")
        p.wait_call(call, "ended")
    else:
        turned_away(p, "does not encrypt")
    # over TCP it never got our BYE and would wait for it
    bare.proc.kill()


def traces(key):
    """All that would give a key away: as it stood in SDP, and its bytes."""
    raw = base64.b64decode(key)
    return [key.encode(), raw, raw.hex().encode(),
            raw[:16], raw[:16].hex().encode()]


def test_no_key_anywhere(phone, baresip, box, registrar):
    proxy = registrar()
    bare = baresip(registrar=proxy, enc="srtp", transport="tls",
                   codecs="PCMU")
    p = phone(source="tone,440", config={
        "codecs": "PCMU", "security.minimum": "require",
        "log.level": "debug"})
    p.register(proxy.account("alice", "tls"))
    bare.dial(f"sip:alice@{DOMAIN}")
    call = p.incoming()
    p.rpc("call.answer", call=call)
    settled(p, call, "sdes", "hop")

    keys = set(re.findall(r"inline:([A-Za-z0-9+/=]{40,})", bare.output()))
    assert len(keys) >= 2, "baresip printed no keys"
    needles = [n for key in keys for n in traces(key)]

    told = json.dumps([p.calls(), p.rpc("trace.list", text=True),
                       p.rpc("phone.status")]).encode() + \
        base64.b64decode(p.rpc("trace.pcap")["data"])
    assert b"a=crypto" in told
    places = {"rpc": told}
    for name in ("environ", "cmdline"):
        with open(f"/proc/{p.pid}/{name}", "rb") as f:
            places[name] = f.read()
    p.rpc("call.hangup", call=call)
    p.wait_call(call, "ended")
    bare.proc.kill()
    for folder, _, names in os.walk(p.folder):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    places[path] = f.read()
    assert p.log in places
    for place, data in places.items():
        for needle in needles:
            assert needle not in data, f"a key is in {place}"

    # and no core file could hold one
    with open(f"/proc/{p.pid}/limits", encoding="ascii") as f:
        core = next(line for line in f if line.startswith("Max core file"))
    assert core.split()[4:6] == ["0", "0"], core
