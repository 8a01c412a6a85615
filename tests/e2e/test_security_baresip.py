"""Encrypted calls with baresip, both directions; both sentences are
listened to. What it prints of the signalling is where the keys of a call
can be read: they are nowhere else."""

import base64
import json
import os
import re

import pytest

from lib import matrix
from lib.kamailio import DOMAIN
from lib.proc import wait_until
from lib.security import settled

pytestmark = pytest.mark.needs("baresip")

COVER = [
    ("none", "prefer", "tcp"),
    ("none", "require", "tls"),
    ("sdes", "prefer", "udp"),
    ("sdes", "require", "tls"),
    ("dtls", "require", "udp"),
]


@pytest.mark.parametrize("cell", matrix.table(COVER), ids=matrix.name)
def test_calls(phone, baresip, voices, box, registrar, cell):
    if cell[0] == "zrtp":
        matrix.ROWS["baresip", *cell] = ["not there: no module in Debian"]
        pytest.skip("Debian's baresip has no module for ZRTP")
    with matrix.row("baresip", cell, *matrix.baresip(*cell)):
        check(phone, baresip, voices, box, registrar(), cell)


def check(phone, baresip, voices, box, proxy, cell):
    keys, minimum, transport = cell
    ours, theirs = matrix.baresip(*cell)
    bare = baresip(registrar=proxy, voice=voices.padded("two", 8000, 60),
                   enc={"none": None, "sdes": "srtp",
                        "dtls": "dtls_srtp"}[keys],
                   transport=transport, codecs="PCMU")
    p = matrix.phone_of(phone, voices, box, proxy, minimum, transport)

    call = matrix.we_call(p, voices, "carol", ours, bare.heard)
    if call:
        p.rpc("call.hangup", call=call["id"])
        p.wait_call(call["id"], "ended")

    matrix.forget(p)
    bare.forget()
    bare.dial(f"sip:alice@{DOMAIN}")
    call = matrix.they_call(p, voices, theirs, bare.heard)
    if call:
        bare.cmd("hangup")
        p.wait_call(call["id"], "ended")
    # over TCP it never got our BYE and would wait for it
    bare.proc.kill()


def traces(key):
    """All that would give a key away: as it stood in SDP, and its bytes."""
    raw = base64.b64decode(key)
    return [key.encode(), raw, raw.hex().encode(),
            raw[:16], raw[:16].hex().encode()]


def test_no_key_anywhere(phone, baresip, voices, box, registrar):
    proxy = registrar()
    # without a microphone that opens it may hang up when keys are there
    bare = baresip(registrar=proxy, voice=voices.padded("two", 8000, 60),
                   enc="srtp", transport="tls", codecs="PCMU")
    p = phone(source="tone,440", config={
        "codecs": "PCMU", "security.minimum": "require",
        "log.level": "debug"})
    p.register(proxy.account("alice", "tls"))
    bare.dial(f"sip:alice@{DOMAIN}")
    call = p.incoming()
    p.rpc("call.answer", call=call)
    settled(p, call, "sdes", "hop")

    def seen():
        return set(re.findall(r"inline:([A-Za-z0-9+/=]{40,})",
                              bare.output()))
    # the second one is ours, in the answer that it prints when it comes
    wait_until(lambda: len(seen()) >= 2, 15, "keys that baresip prints")
    keys = seen()
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
