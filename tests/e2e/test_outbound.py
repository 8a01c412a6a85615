"""Registration that stays: GRUU, routes, keep-alive, hints of the registrar,
a registrar that restarts; certificates."""

import re
import time

import pytest

from lib import pki
from lib.kamailio import DOMAIN
from lib.proc import wait_until
from lib.relay import Nat
from lib.sip import header


def test_gruu_and_instance(server, phone):
    gruu = "sip:alice@outbound.test;gr=urn:uuid:1234"
    p = phone()
    acc, msg = server.register(p, contact=f';pub-gruu="{gruu}"')
    supported = header(msg, "Supported")[0]
    for word in ("outbound", "gruu", "path"):
        assert word in supported, supported
    contact = header(msg, "Contact")[0]
    assert "reg-id=1" in contact, contact
    one = re.search(r'\+sip\.instance="<urn:uuid:([0-9a-f-]{36})>"', contact)
    assert one, contact
    assert p.account(acc["id"])["gruu"] == gruu

    call = p.dial("sip:bob@outbound.test")
    invite = server.next("INVITE")
    assert header(invite, "Contact") == [f"<{gruu}>"], invite
    p.rpc("call.hangup", call=call)
    server.answer(invite, 487)

    # the same phone after a restart
    p.stop()
    p.start()
    server.next()
    again = server.accept()
    assert one[1] in header(again, "Contact")[0], again


def test_service_route(server, phone):
    p = phone()
    server.register(p, more="Service-Route: <sip:edge.test;lr>,"
               " <sip:home.test:5070;lr;x=y>\r\n")
    p.send("sip:bob@outbound.test", "hello")
    msg = server.next("MESSAGE")
    routes = ", ".join(header(msg, "Route"))
    assert re.search(r"127\.0\.0\.30.*edge\.test.*home\.test:5070", routes), \
        routes
    assert "lr;lr" not in routes and "x=y" in routes, routes
    server.answer(msg)


def test_interval_too_brief(server, phone):
    p = phone(config={"sip.expires": "60"})
    acc = p.rpc("account.add", **server.account())
    first = server.next()
    assert header(first, "Expires") == ["60"]
    server.answer(first, 423, "Min-Expires: 1800\r\n")
    second = server.accept(1800)
    assert header(second, "Expires") == ["1800"]
    assert p.settled(acc["id"])["state"] == "registered"


def test_retry_after(server, phone):
    p = phone()
    acc = p.rpc("account.add", **server.account())
    server.answer(server.next(), 503, "Retry-After: 60\r\n")
    acc = p.settled(acc["id"])
    assert acc["state"] == "failed", acc
    assert 50 <= acc["next"] <= 60, acc


def test_no_hurry(server, phone):
    """A registrar that grants one second gets no REGISTER for 30 s."""
    p = phone()
    acc, _ = server.register(p, expires=1)
    assert 25 <= p.account(acc["id"])["next"] <= 30, p.account(acc["id"])


def test_stun(registrar, phone, crew):
    """A server that knows STUN is asked for our address, at its SIP port;
    a NAT that gives us another one has us register anew."""
    reg = registrar(flow_timer=5)
    nat = crew.add(Nat("127.0.0.40", "127.0.0.41", ("127.0.0.1", 5060)))
    p = phone()
    acc = p.register(reg.account(
        "alice", server="sip:127.0.0.40:5060;transport=udp"))
    assert acc["state"] == "registered", acc

    def stun(kind):
        return [d for _, d in list(nat.seen) if d[:2] == kind]
    wait_until(lambda: stun(b"\1\1"), 15, "an answer")
    assert all(d[4:8] == b"\x21\x12\xa4\x42" for d in stun(b"\0\1"))

    mark = reg.mark()
    start = time.monotonic()
    nat.rebind()
    port = nat.outer.getsockname()[1]
    reg.wait_output(rf"REGISTER .* src udp:127.0.0.41:{port}", after=mark,
                    timeout=20)
    print(f"registered anew after {time.monotonic() - start:.1f} s")
    wait_until(lambda: p.account(acc["id"])["state"] == "registered", 15,
               "the registration")


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_registrar_restarts(registrar, phone, transport):
    """It goes, comes back, and the account with it."""
    reg = registrar("first", port=5070)
    p = phone()
    acc = p.register(reg.account("alice", transport))
    assert acc["state"] == "registered", acc
    reg.stop()
    p.rpc("account.register", account=acc["id"])
    wait_until(lambda: p.account(acc["id"])["state"] == "failed", 15,
               "the failure")
    reg.start()
    back = time.monotonic()
    step = p.account(acc["id"])["next"]
    mark = reg.mark()
    reg.wait_output("login alice REGISTER", after=0 * mark, timeout=step + 8)
    wait_until(lambda: p.account(acc["id"])["state"] == "registered", 10,
               "the registration")
    took = time.monotonic() - back
    print(f"registered {took:.1f} s after it was back, the step was {step}")
    assert took < step + 8


def test_broken_accounts(proxy, phone):
    """Each fails in its own way, again and again; the good one between
    them does not notice: it registers, sends and receives meanwhile."""
    p = phone()
    broken = {
        "refuses connections": {"server": "sip:127.0.0.99;transport=tcp"},
        "password": {**proxy.account("bob"), "password": "guess"},
        "certificate": {**proxy.account("carol", "tls"), "ca": ""},
        "could not be found|DNS|network": {},
    }
    bad = {}
    for i, (words, prm) in enumerate(broken.items()):
        acc = p.rpc("account.add", **{
            "address": f"u{i}@nowhere.invalid", "password": "x",
            "listen": f"127.0.0.10:{5070 + 2 * i}", **prm})
        bad[acc["id"]] = words
    start = time.monotonic()
    good = p.register(proxy.account("alice"))
    took = time.monotonic() - start
    assert good["state"] == "registered" and took < 10, (took, good)

    def sentences():
        return {i: p.account(i)["reason"]["text"] for i in bad
                if p.account(i)["state"] == "failed"}
    n = 0
    while len(sentences()) < len(bad):
        n += 1
        assert time.monotonic() - start < 40, sentences()
        p.send(f"sip:alice@{DOMAIN}", f"to myself, {n}", account=good["id"])
        p.received(f"to myself, {n}", 5)
        time.sleep(0.2)
    for ident, words in bad.items():
        assert re.search(words, sentences()[ident]), (words, sentences())
    p.rpc("account.register", account=good["id"])
    p.rpc("account.remove", account=next(iter(bad)))
    assert p.account(good["id"])["state"] == "registered"
    p.send(f"sip:alice@{DOMAIN}", "the last", account=good["id"])
    p.received("the last", 5)


# ---- certificates ----------------------------------------------------------

def test_pin(registrar, phone):
    """A certificate nobody here knows is refused, can be looked at, and is
    believed when it is pinned; another one is not."""
    reg = registrar(cert="unknown-ca", port=5070)
    p = phone()
    prm = reg.account("alice", "tls")
    acc = p.register(prm)
    assert acc["state"] == "failed", acc
    assert "authority" in acc["reason"]["text"], acc

    run = p.cli("account", "cert", str(acc["id"]))
    assert run.returncode == 0, run.stderr
    for word in (DOMAIN, "stranger", "refused", "--pin"):
        assert word in run.stdout, run.stdout
    sha = re.search(r"SHA-256\s+([0-9A-F:]{95})", run.stdout)[1]

    run = p.cli("account", "edit", str(acc["id"]), "--pin", "12:34")
    assert run.returncode == 1 and "64 hex digits" in run.stderr, run
    p.rpc.flush()
    run = p.cli("account", "edit", str(acc["id"]), "--pin", sha)
    acc = p.settled(acc["id"]) if run.returncode == 0 else acc
    assert acc["state"] == "registered", (acc, run)
    cert = p.rpc("account.cert", account=acc["id"])
    assert cert["pinned"] and cert["accepted"] and cert["sha256"] == sha

    # the pin is for this one alone, however good another one may be
    other = sha[:-2] + ("00" if sha[-2:] != "00" else "11")
    p.rpc.flush()       # what came before is old
    p.rpc("account.edit", account=acc["id"], pin=other)
    acc = p.settled(acc["id"])
    assert acc["state"] == "failed", acc
    assert "pinned" in acc["reason"]["text"], acc


def test_client_certificate(registrar, phone):
    """A server that wants to see a certificate gets the account's."""
    reg = registrar(demand_cert=True, port=5070)
    p = phone()
    acc = p.register(reg.account("alice", "tls"))
    assert acc["state"] != "registered", acc
    own = pki.client(reg.folder, "alice")
    p.rpc.flush()
    run = p.cli("account", "edit", str(acc["id"]), "--client-cert", own)
    assert run.returncode == 0, run.stderr
    acc = p.settled(acc["id"])
    assert acc["state"] == "registered", acc


def test_direct_tls(phone, box, voices):
    """Two direct phones by TLS, each with a certificate of its own."""
    ca = pki.make(f"{box}/pki", host="127.0.0.11")
    own = f"{box}/own.pem"
    with open(own, "w", encoding="ascii") as f:
        for name in ("server.pem", "server.key"):
            with open(f"{box}/pki/{name}", encoding="ascii") as g:
                f.write(g.read())
    a = phone("alice", "127.0.0.10")
    b = phone("bob", "127.0.0.11")
    a.direct("alice", client_cert=own, ca=ca)
    b.direct("bob", auto_answer=False, client_cert=own, ca=ca)
    call = a.dial("sips:bob@127.0.0.11:5061")
    other = b.incoming()
    b.rpc("call.answer", call=other)
    # nothing but TLS is at that port, and sips: is nothing else
    a.wait_call(call, "established")
    a.rpc("call.hangup", call=call)
    b.wait_call(other, "ended")
