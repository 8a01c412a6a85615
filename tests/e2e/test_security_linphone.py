"""Encrypted calls with linphonec, both directions, over UDP and TCP and
with what it is set to; both sentences are listened to."""

import pytest

from lib import wav
from lib.kamailio import DOMAIN
from lib.security import both_heard, settled, turned_away

pytestmark = pytest.mark.needs("linphonec")

# its encryption, is that mandatory, our minimum, transport; our call, its
CELLS = [
    ("none", False, "prefer", "udp", ("zrtp", "e2e"), ("none", "plain")),
    ("srtp", True, "prefer", "tcp", ("sdes", "plain"), ("sdes", "plain")),
    ("dtls", True, "require", "udp", ("dtls-srtp", "hop"),
     ("dtls-srtp", "hop")),
    ("none", False, "require", "udp", ("zrtp", "e2e"), None),
]


# Each cell has a registrar of its own: where linphonec was before, on
# another transport, is not forgotten in time.
def check(phone, linphone, voices, box, proxy, cell):
    enc, mandatory, minimum, transport, ours, theirs = cell
    lin = linphone(registrar=proxy, voice=voices("two", 8000), enc=enc,
                   mandatory=mandatory, transport=transport,
                   codecs=("PCMU",))
    p = phone(source=f"file,{voices('one', 8000)}",
              sink=f"file,{box}/heard.wav",
              config={"codecs": "PCMU", "security.minimum": minimum})
    p.heard = f"{box}/heard.wav"
    acc = p.register(proxy.account("alice", transport))
    assert acc["state"] == "registered", acc

    call = p.dial(f"sip:bob@{DOMAIN}")
    settled(p, call, *ours)
    both_heard(p, voices, None)
    # without a network linphonec forgets its connection after 5 s, so it
    # is the one that ends the call
    lin.cmd("terminate")
    p.wait_call(call, "ended")
    lin.wait_output("(?i)call .*(ended|terminated)")

    lin.cmd(f"call sip:alice@{DOMAIN}")
    if theirs:
        call = p.incoming()
        p.rpc("call.answer", call=call)
        settled(p, call, *theirs)
        both_heard(p, voices, None)
        lin.cmd("terminate")
        p.wait_call(call, "ended")
    else:
        turned_away(p, "does not encrypt")
    lin.stop()
    wav.heard(voices("one", 8000), lin.heard)


@pytest.mark.parametrize("cell", CELLS, ids=lambda c: f"{c[0]}-{c[2]}-{c[3]}")
def test_calls(phone, linphone, voices, box, registrar, cell):
    check(phone, linphone, voices, box, registrar(), cell)
