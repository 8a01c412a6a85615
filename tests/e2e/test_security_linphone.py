"""Encrypted calls with linphonec, both directions; both sentences are
listened to. Over TLS: test_security_tls.py."""

import pytest

from lib import matrix, wav
from lib.kamailio import DOMAIN

pytestmark = pytest.mark.needs("linphonec")

COVER = [
    ("none", "prefer", "udp"),
    ("sdes", "prefer", "tcp"),
    ("dtls", "require", "udp"),
    ("zrtp", "require", "tcp"),
]


# Each cell has a registrar of its own: where linphonec was before, on
# another transport, is not forgotten in time.
def check(phone, linphone, voices, box, registrar, cell):
    with matrix.row("linphonec", cell, *matrix.linphonec(*cell)):
        calls(phone, linphone, voices, box, registrar(), cell)


def calls(phone, linphone, voices, box, proxy, cell):
    keys, minimum, transport = cell
    ours, theirs = matrix.linphonec(*cell)
    lin = linphone(registrar=proxy, voice=voices("two", 8000),
                   enc={"sdes": "srtp"}.get(keys, keys),
                   mandatory=keys != "none", transport=transport,
                   codecs=("PCMU",))
    p = matrix.phone_of(phone, voices, box, proxy, minimum, transport)

    call = matrix.we_call(p, voices, "bob", ours, None)
    if call:
        # without a network linphonec forgets its connection after 5 s, so
        # it is the one that ends the call
        lin.cmd("terminate")
        p.wait_call(call["id"], "ended")
        lin.wait_output("(?i)call .*(ended|terminated)")
        wav.wait_heard(voices("one", 8000), lin.heard)

    matrix.forget(p)
    lin.record("heard2.wav")
    lin.cmd(f"call sip:alice@{DOMAIN}")
    call = matrix.they_call(p, voices, theirs, None)
    if call:
        lin.cmd("terminate")
        p.wait_call(call["id"], "ended")
    lin.stop()
    if call:
        wav.heard(voices("one", 8000), lin.heard)


@pytest.mark.parametrize(
    "cell", matrix.table(COVER, ("udp", "tcp")), ids=matrix.name)
def test_calls(phone, linphone, voices, box, registrar, cell):
    check(phone, linphone, voices, box, registrar, cell)
