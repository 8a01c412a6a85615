"""Which encryption two phones agree on: what they can, what they want and
over which signalling. Every cell talks with the label it deserves or is
refused with a reason; both sentences are listened to."""

import pytest

from lib import matrix, wav
from lib.kamailio import DOMAIN
from lib.security import (both_heard, modules, refused, settled,
                          turned_away)

ALL = ("sdes", "dtls_srtp", "zrtp")

# what alice has and wants, what bob has and wants, transport; what comes
TALKS = [
    ((), "prefer", (), "prefer", "udp", "none", "plain"),
    (ALL, "require", ("sdes",), "require", "tls", "sdes", "hop"),
    # keys are not shown to everybody on the way
    (("sdes",), "prefer", ("sdes",), "prefer", "udp", "none", "plain"),
    (("dtls_srtp", "sdes"), "require", ("dtls_srtp",), "require", "tcp",
     "dtls-srtp", "hop"),
    (("dtls_srtp",), "prefer", ALL, "off", "tls", "none", "plain"),
    (ALL, "e2e", ALL, "prefer", "udp", "zrtp", "e2e"),
]


def pair(phone, voices, box, proxy, a_has, a_wants, b_has, b_wants,
         transport):
    made = []
    for name, addr, voice, has, wants in (
            ("alice", "127.0.0.10", "one", a_has, a_wants),
            ("bob", "127.0.0.11", "two", b_has, b_wants)):
        p = phone(name, addr, source=f"file,{voices(voice, 8000)}",
                  sink=f"file,{box}/{name}.wav",
                  config={"codecs": "PCMU", "security.minimum": wants,
                          "modules.path": modules(f"{box}/m-{name}", *has)})
        acc = p.register(proxy.account(name, transport))
        assert acc["state"] == "registered", acc
        p.heard = f"{box}/{name}.wav"
        made.append(p)
    return made


@pytest.mark.parametrize(
    "cell", TALKS, ids=lambda c: "-".join(
        ["+".join(c[0]) or "nothing", c[1], "+".join(c[2]) or "nothing",
         *c[3:6]]))
def test_talks(phone, voices, box, proxy, cell):
    *setup, crypto, label = cell
    a, b = pair(phone, voices, box, proxy, *setup)
    call = a.dial(f"sip:bob@{DOMAIN}")
    other = b.incoming()
    b.rpc("call.answer", call=other)
    c = settled(a, call, crypto, label)
    settled(b, other, crypto, label)
    assert c["signalling"] == ("tls" if setup[4] == "tls" else "none"), c
    both_heard(a, voices, b.heard)
    a.rpc("call.hangup", call=call)
    row = b.wait_log(lambda r: r["direction"] == "in")
    assert row["label"] == label, row


@pytest.mark.parametrize("a_has,a_wants,b_has,b_wants,transport,who", [
    # alice offers nothing, bob will have none of it
    ((), "off", ALL, "require", "udp", "bob"),
    (("dtls_srtp",), "prefer", ALL, "e2e", "udp", "bob"),
    # keys on clear signalling are none
    (("sdes",), "prefer", ALL, "require", "udp", "bob"),
    # bob would speak in the clear, alice would not; it does not ring
    (ALL, "require", (), "prefer", "udp", "nobody"),
    # nothing in the line itself can ask for ZRTP: it rings
    (ALL, "e2e", ("dtls_srtp", "sdes"), "prefer", "tls", "alice"),
])
def test_refused(phone, voices, box, proxy, a_has, a_wants, b_has, b_wants,
                 transport, who):
    a, b = pair(phone, voices, box, proxy, a_has, a_wants, b_has, b_wants,
                transport)
    call = a.dial(f"sip:bob@{DOMAIN}")
    if who == "bob":
        turned_away(b, "does not encrypt")
        refused(a, call, "ncrypt")
    elif who == "nobody":
        c = refused(a, call, "refused every encrypted offer")
        assert not c["answered"], c
        assert not b.calls() and not b.rpc("log.list"), b.calls()
    else:
        other = b.incoming()
        b.rpc("call.answer", call=other)
        refused(a, call, "does not encrypt")
        b.wait_call(other, "ended")
    for p, voice in ((a, "two"), (b, "one")):
        wav.not_heard(voices(voice, 8000), p.heard)


COVER = [
    ("zrtp", "require", "tls"),
    ("zrtp", "off", "udp"),
]
WAYS = {"none": (), "sdes": ("sdes",), "dtls": ("dtls_srtp",),
        "zrtp": ("zrtp",)}


@pytest.mark.parametrize("cell", matrix.table(COVER), ids=matrix.name)
def test_calls(phone, voices, box, proxy, cell):
    """Somebody who prefers encryption and knows but one way."""
    with matrix.row("offhook", cell, *matrix.offhook(*cell)):
        calls(phone, voices, box, proxy, cell)


def calls(phone, voices, box, proxy, cell):
    keys, minimum, transport = cell
    ours, theirs = matrix.offhook(*cell)
    a = matrix.phone_of(phone, voices, box, proxy, minimum, transport)
    b = matrix.phone_of(phone, voices, box, proxy, "prefer", transport,
                        user="bob", addr="127.0.0.11", voice="two",
                        ways=WAYS[keys], auto_answer=True)

    call = matrix.we_call(a, voices, "bob", ours, b.heard)
    if call:
        other = b.wait_call(None, "established")
        assert other["label"] == call["label"], other
        a.rpc("call.hangup", call=call["id"])
        b.wait_call(other["id"], "ended")

    for p in (a, b):
        matrix.forget(p)
    back = b.dial(f"sip:alice@{DOMAIN}")
    call = matrix.they_call(a, voices, theirs, b.heard)
    if call:
        a.rpc("call.hangup", call=call["id"])
        b.wait_call(back, "ended")
    else:
        b.wait_call(back, "ended")


@pytest.mark.parametrize("way,label", [("dtls_srtp", "hop"),
                                       ("zrtp", "e2e")])
def test_keys_before_the_answer(phone, box, way, label):
    """Where sound may go before the answer, the keys are there before."""
    a, b = (phone(name, addr, config={
        "codecs": "PCMU", "security.minimum": "require",
        "modules.path": modules(f"{box}/m", way)})
        for name, addr in (("alice", "127.0.0.10"), ("bob", "127.0.0.11")))
    a.direct("alice")
    b.direct("bob")
    call = a.dial(b.uri("bob"))
    other = b.incoming()
    b.rpc("call.early", call=other)
    crypto = way.replace("_", "-")
    for p, ident in ((a, call), (b, other)):
        c = p.wait_call(ident, "early", timeout=20,
                        want=lambda c: c["crypto"] == crypto)
        assert c["label"] == label and not c["answered"], c
    b.rpc("call.answer", call=other)
    settled(a, call, crypto, label)


def test_used_up(phone, voices, box, registrar):
    """Keys that are good for 5 s of speech: both sides bring others by
    re-INVITE before, and nothing of the call is lost."""
    proxy = registrar(lifetime="2^8", host="127.0.0.4")
    a, b = (matrix.phone_of(phone, voices, box, proxy, "require", "tls",
                            user=user, addr=addr, ways=("sdes",),
                            auto_answer=user == "bob")
            for user, addr in (("alice", "127.0.0.10"),
                               ("bob", "127.0.0.11")))
    call = a.dial(f"sip:bob@{DOMAIN}")
    settled(a, call, "sdes", "hop")
    for p in (a, b):
        c = p.wait_call(None, "established", timeout=30,
                        want=lambda c: c["figures"]["rx_packets"] > 330 and
                        c["figures"]["tx_packets"] > 330)
        assert c["label"] == "hop" and not c["alarms"], c
        assert c["figures"]["refused"] < 100, c["figures"]
        assert "others are agreed on" in p.log_text()


def test_nothing_to_encrypt_with(phone, box):
    p = phone(config={"security.minimum": "require",
                      "modules.path": modules(f"{box}/m")})
    p.direct("alice")
    run = p.cli("call", "sip:bob@127.0.0.11:5060")
    assert run.returncode == 1 and "plugin" in run.stderr, run


def test_account_and_contact(phone, box):
    """The nearest word counts: contact, account, setting."""
    a = phone("alice", "127.0.0.10",
              config={"modules.path": modules(f"{box}/m", "dtls_srtp")})
    b = phone("bob", "127.0.0.11",
              config={"modules.path": modules(f"{box}/n")})
    acc = a.direct("alice")
    b.direct("bob", auto_answer=True)
    call = a.dial(b.uri("bob"))
    settled(a, call, "none", "plain")
    a.rpc("call.hangup", call=call)

    a.rpc("account.edit", account=acc["id"], security="require")
    call = a.dial(b.uri("bob"))
    refused(a, call, "refused every encrypted offer")

    bob = a.rpc("contact.add", name="Bob", uris=[b.uri("bob")])
    assert bob["security"] == "", bob
    bob = a.rpc("contact.edit", contact=bob["id"], security="prefer")
    assert bob["security"] == "prefer", bob
    call = a.dial(b.uri("bob"))
    settled(a, call, "none", "plain")
    a.rpc("call.hangup", call=call)

    # and it is there before the first call of a new start
    a.rpc("contact.edit", contact=bob["id"], security="e2e")
    a.rpc("account.edit", account=acc["id"], security="")
    a.stop()
    a.start()
    run = a.cli("call", b.uri("bob"))
    assert run.returncode == 1 and "ZRTP" in run.stderr, run


def test_commands(phone):
    p = phone()
    run = p.cli("account", "add", "alice@127.0.0.10:5060", "--direct",
                "--listen", "127.0.0.10:5060", "--security", "require")
    assert run.returncode == 0, run
    assert p.rpc("account.list")[0]["security"] == "require"
    run = p.cli("account", "edit", "1", "--security", "much")
    assert run.returncode != 0 and "require" in run.stderr, run
    assert p.cli("contact", "add", "Bob", "sip:bob@127.0.0.11").returncode == 0
    run = p.cli("contact", "edit", "bob", "--security", "e2e")
    assert run.returncode == 0, run
    assert p.rpc("contact.list")[0]["security"] == "e2e"
    assert p.cli("contact", "edit", "bob", "--security", "").returncode == 0
    assert p.rpc("contact.list")[0]["security"] == ""
