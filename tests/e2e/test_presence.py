"""How one is, told (RFC 3903), and how others are, asked for (RFC 3856)."""

import os
import re

import pytest

from lib import sip
from lib.kamailio import DOMAIN
from lib.phone import program
from lib.proc import wait_until

XML = "/usr/lib/x86_64-linux-gnu/kamailio/modules/presence_xml.so"


@pytest.fixture
def presence(registrar):
    if not os.path.exists(XML):
        pytest.skip("kamailio's presence modules are not installed")
    return lambda how=True: registrar("presence", presence=how,
                                      host="127.0.0.3")


def contact(p, name="Bob"):
    return next(c for c in p.rpc("contact.list") if c["name"] == name)


def wait_state(p, state, name="Bob", note=None):
    wait_until(lambda: contact(p, name)["presence"] == state and
               (note is None or contact(p, name)["presence_note"] == note),
               20, lambda: f"{state}: {contact(p, name)}")


def wait_own(p, state, shown=None):
    """What became of it at the first account."""
    def fits():
        own = p.rpc("presence.get")
        return own["accounts"][0]["state"] == state and \
            shown in (None, own["shown"])
    wait_until(fits, 20, lambda: f"{state}: {p.rpc('presence.get')}")


def wait_screen(t, pattern):
    wait_until(lambda: re.search(pattern, t.screen()), 20,
               lambda: f"{pattern}:\n{t.screen()}")


def sent(p, method):
    """Requests of ours about it, as they went out."""
    return [m["text"] for m in p.rpc("trace.list")
            if m["direction"] == "out" and m["text"].startswith(method + " ")
            and sip.header(m["text"], "Event") == ["presence"]]


def test_two_at_a_real_server(phone, presence):
    """online, away, a note, a call, offline, the end of the phone."""
    server = presence()
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    a.register(server.account("alice"))
    b.register(server.account("bob", auto_answer=True))
    a.rpc("contact.add", name="Bob", uris=[f"sip:bob@{DOMAIN}"])
    # nobody said anything, and the server does not offer it
    assert a.rpc("presence.get")["shown"] == ""
    assert not sent(a, "PUBLISH") and not sent(a, "SUBSCRIBE")

    a.rpc("presence.set", state="online")
    wait_own(a, "active", "online")
    # nothing is published of bob: that is all one may know
    wait_state(a, "offline")
    b.rpc("presence.set", state="online")
    wait_state(a, "online")
    event = a.rpc.wait("contact.changed",
                       lambda c: c["presence"] == "online")
    assert event["name"] == "Bob"
    run = b.cli("presence", "away", "Back at <four>")
    assert run.returncode == 0, run.stderr
    wait_state(a, "away", note="Back at <four>")
    b.rpc("presence.set", state="online", note="")
    wait_state(a, "online", note="")

    call = a.dial(f"sip:bob@{DOMAIN}")
    a.wait_call(call, "established")
    wait_state(a, "busy")
    assert "on-the-phone" in sent(b, "PUBLISH")[-1]
    a.rpc("call.hangup", call=call)
    wait_state(a, "online")
    b.rpc("config.set", key="call.dnd", value="true")
    wait_state(a, "busy")
    b.rpc("config.set", key="call.dnd", value="false")
    wait_state(a, "online")

    # appear offline: nothing is left at the server
    b.rpc("presence.set", state="offline")
    wait_state(a, "offline")
    assert "Expires: 0" in sent(b, "PUBLISH")[-1]
    assert "SIP-If-Match" in sent(b, "PUBLISH")[-1]
    b.rpc("presence.set", state="busy")
    wait_state(a, "busy")
    b.stop()
    wait_state(a, "offline")

    # one contact is never asked for; then nobody is
    a.rpc("contact.edit", contact="Bob", presence_asked=False)
    wait_state(a, "unknown")
    a.rpc("contact.edit", contact="Bob", presence_asked=True)
    wait_state(a, "offline")
    a.rpc("presence.set", state="off")
    wait_state(a, "unknown")
    assert a.rpc("presence.get")["shown"] == ""
    assert "Expires: 0" in sent(a, "SUBSCRIBE")[-1]


@pytest.mark.needs("tmux")
def test_linphone(phone, presence, linphone, tmux):
    """Linphone's documents are understood, and it understands ours; the
    console shows both."""
    server = presence("offered")
    a = phone("alice", "127.0.0.10")
    a.register(server.account("alice"))
    a.rpc("contact.add", name="Bob", uris=[f"sip:bob@{DOMAIN}"])
    # `auto`: the server said that it knows of presence
    wait_own(a, "active", "online")
    wait_state(a, "offline")
    lp = linphone(user="bob", registrar=server, publish=True,
                  friends=[f"sip:alice@{DOMAIN}"])
    wait_state(a, "online")
    wait_until(lambda: re.search(r"(?s)NOTIFY sip:bob.*?<basic>open</basic>",
                                 lp.output("core.log")), 20, "alice online")
    t = tmux([program("offhook"), "--profile", a.profile], 100, 30,
             env=a.env())
    t.wait_text("+ Bob")
    wait_screen(t, "4 Call +online")
    t.keys("p")
    t.wait_text("How are you shown")
    t.keys("a")
    wait_screen(t, "4 Call +away")
    wait_screen(t, "registered UDP +away")
    assert a.rpc("presence.get")["state"] == "away"
    a.rpc("presence.set", state="away", note="at lunch")
    wait_until(lambda: "at lunch" in lp.output("core.log"), 20, "away")


class Server:
    """A registrar on a bare socket; what it says to PUBLISH is the test's."""

    def __init__(self, peer, p, presence="on"):
        self.peer, self.to, self.seen = peer, (p.addr, 5060), set()
        self.acc = p.rpc("account.add", address="alice@127.0.0.20",
                         server=f"sip:{peer.addr};transport=udp",
                         presence=presence, listen=f"{p.addr}:5060",
                         password="x")["id"]
        self.answer(self.wait("REGISTER"), "200 OK", "Expires: 3600\r\n")
        wait_until(lambda: p.account(self.acc)["state"] == "registered", 15,
                   "200")

    def fresh(self, msg):
        """Whoever waits too long for an answer says it once more."""
        key = (*sip.header(msg, "Call-ID"), *sip.header(msg, "CSeq"))
        again = key in self.seen
        self.seen.add(key)
        return not again

    def wait(self, method, timeout=15):
        return self.peer.wait(lambda m: m.startswith(method + " ") and
                              self.fresh(m), timeout)

    def answer(self, msg, line, extra=""):
        sip.reply(self.peer, self.to, msg, line, extra=extra)


@pytest.fixture
def peer():
    p = sip.Peer("127.0.0.20")
    yield p
    p.close()


def test_the_servers_copy(phone, peer):
    """Replaced by its tag, made anew after 412, asked for longer by 423."""
    a = phone("alice", "127.0.0.10")
    s = Server(peer, a)
    msg = s.wait("PUBLISH")
    assert not sip.header(msg, "SIP-If-Match")
    assert sip.header(msg, "Event") == ["presence"]
    s.answer(msg, "423 Too Brief", "Min-Expires: 7200\r\n")
    msg = s.wait("PUBLISH")
    assert sip.header(msg, "Expires") == ["7200"]
    s.answer(msg, "200 OK", "SIP-ETag: one\r\nExpires: 7200\r\n")
    wait_own(a, "active", "online")
    a.rpc("presence.set", state="away", note="<&\">")
    msg = s.wait("PUBLISH")
    assert sip.header(msg, "SIP-If-Match") == ["one"]
    assert "<note>&lt;&amp;&quot;&gt;</note>" in msg
    # it has lost it: whole and without a tag, at once
    s.answer(msg, "412 Conditional Request Failed")
    msg = s.wait("PUBLISH")
    assert not sip.header(msg, "SIP-If-Match")
    assert "away" in msg
    s.answer(msg, "200 OK", "SIP-ETag: two\r\nExpires: 7200\r\n")
    wait_own(a, "active", "away")
    # what was changed while one is under way goes after it, the last only
    a.rpc("presence.set", state="busy", note="")
    msg = s.wait("PUBLISH")
    a.rpc("presence.set", state="away")
    a.rpc("presence.set", state="online")
    s.answer(msg, "200 OK", "SIP-ETag: three\r\nExpires: 7200\r\n")
    msg = s.wait("PUBLISH")
    assert sip.header(msg, "SIP-If-Match") == ["three"]
    assert "rpid:" not in msg.split("entity=")[1]
    # a tag that is none is not believed, nor said again
    s.answer(msg, "200 OK", "SIP-ETag: a b\r\nExpires: 7200\r\n")
    wait_own(a, "waiting")
    a.healthy()


def test_a_server_without_it(phone, peer):
    """Told once that there is no such thing, it is left alone."""
    a = phone("alice", "127.0.0.10")
    for i in range(8):
        a.rpc("contact.add", name=f"No {i}", uris=[f"sip:n{i}@127.0.0.20"])
    s = Server(peer, a)
    s.answer(s.wait("PUBLISH"), "405 Method Not Allowed")
    seen = 0
    while True:
        msg, _ = peer.recv(2)
        if not msg:
            break
        if msg.startswith("SUBSCRIBE ") and s.fresh(msg):
            assert sip.header(msg, "Event") == ["presence"]
            s.answer(msg, "489 Bad Event")
            seen += 1
    # four are under way before the third answer is here
    assert 3 <= seen <= 4, seen
    wait_own(a, "refused")
    text = a.rpc("presence.get")["accounts"][0]["text"]
    assert "cannot do this" in text, text
    a.rpc("presence.set", state="away")
    while msg := peer.recv(1)[0]:
        assert not s.fresh(msg), f"it is asked no more: {msg}"
    a.healthy()
