"""What others do: waiting messages (RFC 3842) and busy lamps (RFC 4235)."""

import os
import re

import pytest

from lib import sip
from lib.kamailio import DOMAIN
from lib.phone import ROOT, program
from lib.proc import wait_until

DATA = os.path.join(ROOT, "tests/data/msg")


@pytest.fixture
def presence(registrar):
    if not os.path.exists("/usr/lib/x86_64-linux-gnu/kamailio/modules/"
                          "presence_mwi.so"):
        pytest.skip("kamailio's presence modules are not installed")
    return registrar("presence", presence=True, host="127.0.0.3")


@pytest.fixture
def peer():
    p = sip.Peer("127.0.0.20")
    yield p
    p.close()


def summary(new, old, waiting="yes", account=""):
    more = f"Message-Account: {account}\r\n" if account else ""
    return (f"Messages-Waiting: {waiting}\r\n{more}"
            f"Voice-Message: {new}/{old} (0/0)\r\n")


def dialogs(version, *rows, state="full", entity="sip:bob@127.0.0.20"):
    body = "".join(
        f'<dialog id="{i}" {attrs}><state>{st}</state>{more}</dialog>'
        for i, st, attrs, more in rows)
    return ('<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:'
            f'ns:dialog-info" version="{version}" state="{state}" '
            f'entity="{entity}">{body}</dialog-info>\n')


class Notifier:
    """The other end of one subscription, on bare sockets."""

    def __init__(self, peer, event):
        self.peer, self.event = peer, event
        self.cseq = 0
        self.tag = sip.token()
        self.expires = 600
        self.subscribe = None
        self.to = None

    def wait(self, timeout=15, code=200, headers=""):
        """The next SUBSCRIBE, answered."""
        msg = self.peer.wait(lambda m: m.startswith("SUBSCRIBE ") and
                             sip.header(m, "Event")[0] == self.event,
                             timeout)
        self.subscribe = msg
        contact = re.search(r"<sip:[^@]+@([\d.]+):(\d+)",
                            sip.header(msg, "Contact")[0])
        self.to = (contact[1], int(contact[2]))
        self.target = re.search(r"<([^>]*)>",
                                sip.header(msg, "Contact")[0])[1]
        to = sip.header(msg, "To")[0]
        if ";tag=" not in to:
            to += f";tag={self.tag}"
        head = "".join(f"Via: {v}\r\n" for v in sip.header(msg, "Via"))
        expires = min(self.expires, int(sip.header(msg, "Expires")[0]))
        self.peer.send(
            f"SIP/2.0 {code} Answer\r\n{head}"
            f"From: {sip.header(msg, 'From')[0]}\r\nTo: {to}\r\n"
            f"Call-ID: {sip.header(msg, 'Call-ID')[0]}\r\n"
            f"CSeq: {sip.header(msg, 'CSeq')[0]}\r\n"
            f"Contact: <sip:bob@{self.peer.addr}:{self.peer.port}>\r\n"
            f"Expires: {expires}\r\n{headers}Content-Length: 0\r\n\r\n",
            self.to)
        return msg

    def notify(self, body="", ctype=None, state=None, event=None, cseq=None,
               callid=None):
        """Send a NOTIFY; the code of its answer."""
        self.cseq = cseq or self.cseq + 1
        ctype = ctype or {"dialog": "application/dialog-info+xml",
                          "message-summary":
                          "application/simple-message-summary"}[self.event]
        state = state or "active;expires=600"
        branch = "z9hG4bK" + sip.token()
        callid = callid or sip.header(self.subscribe, "Call-ID")[0]
        body = body if isinstance(body, bytes) else body.encode()
        self.peer.send(
            (f"NOTIFY {self.target} SIP/2.0\r\n"
             f"Via: SIP/2.0/UDP {self.peer.addr}:{self.peer.port};"
             f"branch={branch}\r\nMax-Forwards: 70\r\n"
             f"From: {sip.header(self.subscribe, 'To')[0]};tag={self.tag}"
             f"\r\nTo: {sip.header(self.subscribe, 'From')[0]}\r\n"
             f"Call-ID: {callid}\r\nCSeq: {self.cseq} NOTIFY\r\n"
             f"Contact: <sip:bob@{self.peer.addr}:{self.peer.port}>\r\n"
             f"Event: {event or self.event}\r\n"
             f"Subscription-State: {state}\r\n" +
             (f"Content-Type: {ctype}\r\n" if body else "") +
             f"Content-Length: {len(body)}\r\n\r\n").encode() + body, self.to)
        return sip.code(self.peer.wait(lambda m: branch in m))


def mailbox(p, acc):
    return p.account(acc)["mailbox"]


def contact(p, name="Bob"):
    return next(c for c in p.rpc("contact.list") if c["name"] == name)


def wait_lamp(p, lamp, name="Bob", timeout=15):
    return wait_until(lambda: contact(p, name)["lamp"] == lamp, timeout,
                      lambda: f"{lamp}: {contact(p, name)}")


def publish(peer, to, event, ctype, body, server):
    """PUBLISH to the presence server; from outside, so without a login."""
    ident = sip.token()
    peer.send(peer.request("PUBLISH", to, ident, headers=f"Event: {event}\r\n"
                           "Expires: 600\r\n", body=body, ctype=ctype),
              server)
    answer = peer.wait(lambda m: ident in m and sip.code(m) >= 200)
    assert sip.code(answer) == 200, answer


# ---- waiting messages -------------------------------------------------------

def test_waiting_messages_at_a_real_server(phone, presence, peer):
    """`auto`: the server says Allow-Events, so they are asked for."""
    a = phone("alice", "127.0.0.10")
    acc = a.register(presence.account("alice"))
    assert acc["state"] == "registered", acc
    wait_until(lambda: mailbox(a, acc["id"])["state"] == "active", 15,
               lambda: a.account(acc["id"]))
    a.rpc.flush()
    publish(peer, f"sip:alice@{DOMAIN}", "message-summary",
            "application/simple-message-summary",
            summary(2, 8, account="sip:1571@127.0.0.20"),
            (presence.host, presence.port))
    got = a.rpc.wait("account.changed",
                     lambda o: o["mailbox"]["waiting"], 15)["mailbox"]
    assert (got["new"], got["old"]) == (2, 8), got
    assert got["uri"] == "sip:1571@127.0.0.20", got
    # the good-bye, when the account goes
    a.rpc("account.edit", account=acc["id"], mwi="off")
    wait_until(lambda: re.search(
        r"PROXY SUBSCRIBE.*\n(.*\n)*.*PROXY SUBSCRIBE",
        presence.output()), 10, "the second SUBSCRIBE")


def test_not_asked_for_without_an_offer(phone, proxy):
    """A server that says nothing of it is not bothered."""
    a = phone("alice", "127.0.0.10")
    acc = a.register(proxy.account("alice"))
    assert acc["state"] == "registered", acc
    assert acc["mailbox"]["state"] == "off"
    assert a.cli("status").returncode == 0
    assert not any(m["text"].startswith("SUBSCRIBE")
                   for m in a.rpc("trace.list"))


class Server:
    """A registrar on a bare socket that lets everybody in."""

    def __init__(self, peer):
        self.peer = peer

    def register(self, phone_):
        acc = phone_.rpc("account.add", address="alice@127.0.0.20",
                         server=f"sip:{self.peer.addr};transport=udp",
                         mwi="on", listen=f"{phone_.addr}:5060",
                         password="x")
        msg = self.peer.wait(lambda m: m.startswith("REGISTER "))
        self.answer(msg, phone_)
        return acc["id"]

    def answer(self, msg, phone_):
        head = "".join(f"Via: {v}\r\n" for v in sip.header(msg, "Via"))
        self.peer.send(
            f"SIP/2.0 200 OK\r\n{head}From: {sip.header(msg, 'From')[0]}\r\n"
            f"To: {sip.header(msg, 'To')[0]};tag=r\r\n"
            f"Call-ID: {sip.header(msg, 'Call-ID')[0]}\r\n"
            f"CSeq: {sip.header(msg, 'CSeq')[0]}\r\n"
            f"Contact: {sip.header(msg, 'Contact')[0]};expires=3600\r\n"
            "Content-Length: 0\r\n\r\n", (phone_.addr, 5060))


def test_subscription_lives(phone, peer):
    """NOTIFY before the 200, refresh, 481, Retry-After, the reasons."""
    a = phone("alice", "127.0.0.10")
    acc = Server(peer).register(a)
    n = Notifier(peer, "message-summary")
    first = n.wait()
    assert sip.header(first, "Accept") == \
        ["application/simple-message-summary"]
    assert n.notify(summary(1, 0)) == 200
    wait_until(lambda: mailbox(a, acc)["new"] == 1, 10, "one message")
    assert mailbox(a, acc)["state"] == "active"

    # what does not belong there is refused, and changes nothing
    assert n.notify(summary(9, 0), event="dialog") == 489
    assert n.notify(summary(9, 0), ctype="text/plain") == 415
    assert n.notify(summary(9, 0), callid=sip.token()) == 481
    assert n.notify(summary(9, 0), cseq=1) == 500
    n.cseq = 10
    assert mailbox(a, acc)["new"] == 1

    # `deactivated`: at once again, in a new dialog
    assert n.notify(state="terminated;reason=deactivated") == 200
    again = n.wait()
    assert sip.header(again, "Call-ID") != sip.header(first, "Call-ID")
    n.cseq = 0
    assert n.notify(summary(3, 1)) == 200
    wait_until(lambda: mailbox(a, acc)["new"] == 3, 10, "three messages")

    # `probation` with a time: not before it
    assert n.notify(state="terminated;reason=probation;retry-after=600") \
        == 200
    wait_until(lambda: mailbox(a, acc)["state"] == "waiting", 10, "waiting")
    assert "probation" in mailbox(a, acc)["text"]
    assert peer.recv(2.5)[0] is None, "it does not come back before its time"


def test_refused_for_good(phone, peer):
    """489: it is not asked again; the sentence says why."""
    a = phone("alice", "127.0.0.10")
    acc = Server(peer).register(a)
    n = Notifier(peer, "message-summary")
    n.wait(code=489)
    wait_until(lambda: mailbox(a, acc)["state"] == "ended", 10, "the end")
    assert "does not offer" in mailbox(a, acc)["text"]
    assert peer.recv(3)[0] is None


def test_told_to_wait(phone, peer):
    """423 names a time, 503 a wait: both are kept to."""
    a = phone("alice", "127.0.0.10")
    acc = Server(peer).register(a)
    n = Notifier(peer, "message-summary")
    first = n.wait(code=423, headers="Min-Expires: 7200\r\n")
    assert sip.header(first, "Expires") == ["3600"]
    again = n.wait(code=503, headers="Retry-After: 600\r\n")
    assert sip.header(again, "Expires") == ["7200"]
    wait_until(lambda: mailbox(a, acc)["state"] == "waiting", 10, "waiting")
    assert "overloaded" in mailbox(a, acc)["text"]
    assert peer.recv(3)[0] is None, "not before its time"


def test_told_without_asking(phone, peer):
    """Many servers just send the NOTIFY; from elsewhere it is not heard."""
    a = phone("alice", "127.0.0.10")
    acc = a.rpc("account.add", address="alice@127.0.0.20", password="x",
                server="sip:127.0.0.20;transport=udp",
                listen="127.0.0.10:5060")["id"]
    srv = Server(peer)
    srv.answer(peer.wait(lambda m: m.startswith("REGISTER ")), a)
    wait_until(lambda: a.account(acc)["state"] == "registered", 10, "200")
    body = summary(4, 2)
    msg = peer.request("NOTIFY", "sip:alice@127.0.0.10", body=body,
                       ctype="application/simple-message-summary",
                       headers="Event: message-summary\r\n"
                       "Subscription-State: terminated\r\n")
    peer.send(msg, (a.addr, 5060))
    answer = peer.wait(lambda m: "NOTIFY" in (sip.header(m, "CSeq") or
                                              [""])[0])
    assert sip.code(answer) == 200, answer
    assert mailbox(a, acc)["new"] == 4 and mailbox(a, acc)["state"] == "told"
    assert "4 new in the mailbox" in a.cli("status").stdout
    # a mailbox is called by one command; nobody has told its address
    run = a.cli("voicemail")
    assert run.returncode == 1 and "mailbox" in run.stderr, run.stderr
    stranger = sip.Peer("127.0.0.66")
    try:
        stranger.send(stranger.request(
            "NOTIFY", "sip:alice@127.0.0.10", body=summary(99, 0),
            ctype="application/simple-message-summary",
            headers="Event: message-summary\r\n"), (a.addr, 5060))
        answer = stranger.recv(1)[0]
        assert answer is None or sip.code(answer) >= 400, answer
    finally:
        stranger.close()
    assert mailbox(a, acc)["new"] == 4


def test_mailbox_is_called(phone, proxy):
    """By its address in the account."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    acc = a.register(proxy.account("alice", mailbox=f"sip:bob@{DOMAIN}"))
    b.register(proxy.account("bob", auto_answer=True))
    assert acc["mailbox"]["uri"] == f"sip:bob@{DOMAIN}"
    assert a.cli("voicemail").returncode == 0
    a.wait_call(None, "established")


# ---- busy lamps -------------------------------------------------------------

def watcher(phone, peer, **more):
    """carol watches Bob, whose dialogs the peer tells."""
    c = phone("carol", "127.0.0.12", config={"codecs": "PCMU", **more})
    c.direct("carol")
    c.rpc("contact.add", name="Bob",
          uris=[f"sip:bob@{peer.addr}:{peer.port}"])
    assert contact(c)["lamp"] == "" and not contact(c)["watch"]
    c.rpc("contact.edit", contact="Bob", watch=True)
    n = Notifier(peer, "dialog")
    n.wait()
    return c, n


def test_lamp_at_a_real_server(phone, presence, peer):
    """Kamailio's dialog-info: free, ringing, busy."""
    a = phone("alice", "127.0.0.10")
    acc = a.register(presence.account("alice"))
    assert acc["state"] == "registered", acc
    a.rpc("contact.add", name="Bob", uris=[f"sip:bob@{DOMAIN}"])
    a.rpc("contact.edit", contact="Bob", watch=True)
    server = (presence.host, presence.port)
    # the one without a state comes first: nobody published anything
    wait_until(lambda: re.search("PROXY SUBSCRIBE sip:bob@",
                                 presence.output()), 10, "SUBSCRIBE")
    for state, lamp in (("early", "ringing"), ("confirmed", "busy"),
                        ("terminated", "free")):
        publish(peer, f"sip:bob@{DOMAIN}", "dialog",
                "application/dialog-info+xml",
                dialogs(1, ("x1", state, 'direction="recipient"', ""),
                        entity=f"sip:bob@{DOMAIN}"), server)
        wait_lamp(a, lamp)


def test_lamp(phone, peer):
    """Whole and partial documents, a gap, the end."""
    c, n = watcher(phone, peer)
    inbound = 'direction="recipient"'
    assert n.notify(dialogs(0)) == 200
    wait_lamp(c, "free")
    assert n.notify(dialogs(1, ("a", "early", inbound, ""),
                            state="partial")) == 200
    wait_lamp(c, "ringing")
    assert n.notify(dialogs(2, ("a", "confirmed", inbound, ""),
                            state="partial")) == 200
    wait_lamp(c, "busy")
    assert re.search("Bob .* busy\n", c.cli("contacts").stdout)
    # an old one is ignored, a gap asks for the whole
    assert n.notify(dialogs(1, ("a", "terminated", inbound, ""))) == 200
    assert contact(c)["lamp"] == "busy"
    assert n.notify(dialogs(7, ("a", "terminated", inbound, ""),
                            state="partial")) == 200
    refresh = n.wait()
    assert ";tag=" in sip.header(refresh, "To")[0], "in the same dialog"
    assert n.notify(dialogs(8)) == 200
    wait_lamp(c, "free")
    # another gap; now the other side has forgotten the dialog: a new one
    assert n.notify(dialogs(20, ("a", "early", inbound, ""),
                            state="partial")) == 200
    n.wait(code=481)
    again = n.wait()
    assert ";tag=" not in sip.header(again, "To")[0]
    assert sip.header(again, "Call-ID") != sip.header(refresh, "Call-ID")
    n.cseq = 0
    assert n.notify(dialogs(0, ("a", "early", inbound, ""))) == 200
    wait_lamp(c, "ringing")
    # whom it is not told about any more is not known
    assert n.notify(state="terminated;reason=noresource") == 200
    wait_lamp(c, "unknown")


def test_lamp_of_hostile_documents(phone, peer):
    c, n = watcher(phone, peer)
    assert n.notify(dialogs(0, ("a", "confirmed", "", ""))) == 200
    wait_lamp(c, "busy")
    with open(os.path.join(DATA, "dialoginfo-bad.body"), "rb") as f:
        bad = [f.read()]
    bad += [
        b"<dialog-info", b"\0\0\0", b"<a/>", b"<dialog-info/>",
        b"<!DOCTYPE x [<!ENTITY e 'x'>]><dialog-info version='1' "
        b"state='full'>&e;</dialog-info>",
        b"<dialog-info version='1' state='full'>" + b"<a>" * 100,
        b"<dialog-info version='99999999999' state='full'/>",
        b"<dialog-info version='1' state='full'><dialog id='a'>"
        b"<state>confirmed</state></dialog>",
        b"x" * 60000,
    ]
    for body in bad:
        assert n.notify(body) in (200, 400, 413)
    c.healthy()
    assert contact(c)["lamp"] == "busy", "a bad document changes nothing"
    # many dialogs, odd states: it still says something true
    assert n.notify(dialogs(5, *[(f"d{i}", "confirmed", "", "")
                                 for i in range(60)])) == 200
    wait_lamp(c, "busy")
    assert n.notify(dialogs(6, ("a", "nonsense", "", ""))) == 200
    wait_lamp(c, "free")
    c.healthy()


def test_watching_is_kept_and_can_be_off(phone, peer):
    """In the card; the setting switches all of it off."""
    c, n = watcher(phone, peer)
    assert n.notify(dialogs(0)) == 200
    wait_lamp(c, "free")
    c.rpc("config.set", key="contacts.lamps", value="false")
    bye = n.wait()
    assert sip.header(bye, "Expires") == ["0"], "good-bye"
    wait_lamp(c, "unknown")
    c.rpc("config.set", key="contacts.lamps", value="true")
    n.wait()
    with open(os.path.join(c.profile, "data/contacts/bob.vcf"),
              encoding="utf-8") as f:
        assert "X-OFFHOOK-WATCH:true" in f.read()
    run = c.cli("watch", "Bob", "--off")
    assert run.returncode == 0 and "not watched" in run.stdout, run.stderr
    assert contact(c)["lamp"] == ""


def test_pick_up(phone, peer):
    """alice calls bob, it rings there; carol takes the call."""
    c, n = watcher(phone, peer)
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
    a.direct("alice")
    b.direct("bob")
    run = c.cli("pickup", "Bob")
    assert run.returncode == 1 and "othing rings" in run.stderr, run.stderr
    call = a.dial(b.uri("bob"))
    b.incoming()
    a.wait_call(call, "ringing", "early")
    ring = next(m["text"] for m in a.rpc("trace.list", call=call)
                if m["text"].startswith("SIP/2.0 180"))
    tag = {k: re.search(r"tag=([^;\s]+)", sip.header(ring, k)[0])[1]
           for k in ("From", "To")}
    attrs = (f'call-id="{sip.header(ring, "Call-ID")[0]}" '
             f'local-tag="{tag["To"]}" remote-tag="{tag["From"]}" '
             'direction="recipient"')
    more = (f'<remote><identity>sip:alice@127.0.0.10</identity>'
            f'<target uri="{a.uri("alice")}"/></remote>')
    assert n.notify(dialogs(1, ("a", "early", attrs, more))) == 200
    wait_lamp(c, "ringing")
    run = c.cli("pickup", "Bob")
    assert run.returncode == 0, run.stderr
    c.wait_call(None, "established")
    a.wait_call(None, "established")
    b.wait_call(None, "ended")


@pytest.mark.needs("tmux")
def test_on_the_screen(phone, peer, tmux):
    """Lamps beside the names, waiting messages in the bar."""
    c, n = watcher(phone, peer)
    t = tmux([program("offhook"), "--profile", c.profile], 100, 30,
             env=c.env())
    t.wait_text("Bob")
    assert n.notify(dialogs(1, ("a", "early", 'direction="recipient"',
                                ""))) == 200
    t.wait_text("ringing")
    # a key picks up: the place of that call is taken (RFC 3891)
    attrs = ('call-id="x1@host" local-tag="theirs" remote-tag="caller" '
             'direction="recipient"')
    more = f'<remote><target uri="sip:dan@{peer.addr}"/></remote>'
    assert n.notify(dialogs(2, ("a", "early", attrs, more))) == 200
    t.keys("P")
    invite = peer.wait(lambda m: m.startswith("INVITE "))
    assert sip.header(invite, "Replaces")[0].startswith("x1@host;to-tag="), \
        invite
    sip.reply(peer, (c.addr, 5060), invite, "603 Decline")
    assert n.notify(dialogs(3, ("a", "confirmed", "", ""))) == 200
    t.wait_text("busy")
    c.rpc("account.add", address="carol@127.0.0.20", password="x", mwi="on",
          server="sip:127.0.0.20;transport=udp", listen="127.0.0.12:5070")
    msg = peer.wait(lambda m: m.startswith("REGISTER "))
    head = "".join(f"Via: {v}\r\n" for v in sip.header(msg, "Via"))
    peer.send(f"SIP/2.0 200 OK\r\n{head}From: {sip.header(msg, 'From')[0]}"
              f"\r\nTo: {sip.header(msg, 'To')[0]};tag=r\r\n"
              f"Call-ID: {sip.header(msg, 'Call-ID')[0]}\r\n"
              f"CSeq: {sip.header(msg, 'CSeq')[0]}\r\n"
              f"Contact: {sip.header(msg, 'Contact')[0]};expires=3600\r\n"
              "Content-Length: 0\r\n\r\n", ("127.0.0.12", 5070))
    mwi = Notifier(peer, "message-summary")
    mwi.wait()
    assert mwi.notify(summary(3, 0)) == 200
    t.wait_text("3 voicemail")
