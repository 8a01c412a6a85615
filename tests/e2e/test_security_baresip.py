"""Encrypted calls with baresip, both directions; both sentences are
listened to."""

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
