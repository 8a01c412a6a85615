"""Text messages to and from real peers, and what becomes of them."""

import pytest

from lib.kamailio import DOMAIN
from lib.sip import Peer, code, header

TEXTS = {
    "umlauts": "Grüße aus Köln, ßchön!",
    "cyrillic": "Привет, как дела?",
    "chinese": "你好,明天見。",
}
LONG = ("Wörter " * 700)[:3990] + " Ende"


@pytest.fixture
def alice(phone, proxy):
    def make(transport="udp"):
        p = phone()
        acc = p.register(proxy.account("alice", transport))
        assert acc["state"] == "registered", acc
        return p
    return make


@pytest.mark.needs("linphonec")
def test_linphone(alice, linphone, proxy):
    lin = linphone(registrar=proxy)
    p = alice()
    for text in TEXTS.values():
        # linphone says by IMDN that it was delivered
        msg = p.send(f"sip:bob@{DOMAIN}", text)
        p.wait_message(msg, "delivered", "read")
        lin.wait_output(f"Message received from .*alice.*{text[:12]}")
        lin.message(f"sip:alice@{DOMAIN}", text)
        p.received(text)
    conv = p.rpc("chat.list")
    assert len(conv) == 1 and "bob" in conv[0]["peer"]["uri"], conv
    assert conv[0]["unread"] == len(TEXTS), conv
    assert p.rpc("phone.status")["unread"] == len(TEXTS)
    p.rpc("chat.seen", conversation=conv[0]["id"])
    assert p.rpc("phone.status")["unread"] == 0


@pytest.mark.needs("linphonec")
def test_linphone_long(alice, linphone, proxy):
    lin = linphone(registrar=proxy, transport="tcp")
    p = alice("tcp")
    assert len(LONG.encode()) >= 4096
    msg = p.send(f"sip:bob@{DOMAIN}", LONG)
    p.wait_message(msg, "sent", "delivered", "read")
    lin.wait_output("Message received from .*Wörter .*Ende")
    lin.message(f"sip:alice@{DOMAIN}", "zurück " + LONG[:900])
    p.received("zurück " + LONG[:900])


@pytest.mark.needs("linphonec")
def test_long_over_udp_account(alice, linphone, proxy):
    """Above 1,300 bytes the message changes to TCP by itself
    (RFC 3261 18.1.1)."""
    lin = linphone(registrar=proxy, transport="tcp")
    mark = proxy.mark()
    p = alice("udp")
    msg = p.send(f"sip:bob@{DOMAIN}", LONG)
    p.wait_message(msg, "sent", "delivered", "read")
    lin.wait_output("Message received from .*Wörter .*Ende")
    proxy.wait_output(f"MESSAGE sip:bob@{DOMAIN} .*src tcp", after=mark)


@pytest.mark.needs("baresip")
def test_baresip(alice, baresip, proxy):
    bare = baresip(registrar=proxy, buddy=f"sip:alice@{DOMAIN}")
    p = alice()
    for text in TEXTS.values():
        msg = p.send(f"sip:carol@{DOMAIN}", text)
        p.wait_message(msg, "sent", "delivered")
        bare.wait_output(text[:12])
        bare.message(text)
        p.received(text)


@pytest.mark.needs("sipp")
def test_sipp(alice, phone, sipp):
    """SIPp sends a MESSAGE with all scripts in it, and takes one."""
    p = phone()
    p.direct("alice")
    sipp("message_out", remote=f"{p.addr}:5060").join()
    p.received("Grüße Привет 你好")
    sink = sipp("message_in", addr="127.0.0.5")
    msg = p.send("sip:sipp@127.0.0.5:5060", TEXTS["chinese"])
    p.wait_message(msg, "sent")
    assert TEXTS["chinese"] in sink.join()


def test_offline(alice, proxy):
    p = alice()
    msg = p.wait_message(p.send(f"sip:dave@{DOMAIN}", "are you there?"),
                         "failed")
    assert msg["reason"]["code"] == 480, msg
    assert len(msg["reason"]["text"].split()) > 2, msg
    run = p.cli("msg", f"dave@{DOMAIN}", "and now?")
    assert run.returncode == 1, run
    assert run.stderr.strip(), run


def test_unknown_user(alice, proxy):
    p = alice()
    msg = p.wait_message(p.send(f"sip:nobody@{DOMAIN}", "hello?"), "failed")
    assert msg["reason"]["code"] == 404, msg


def test_direct_both_ways(phone):
    a = phone("a", "127.0.0.10")
    b = phone("b", "127.0.0.11")
    a.direct("alice")
    b.direct("bob")
    for text in [*TEXTS.values(), "two\nlines"]:
        msg = a.send(b.uri("bob"), text)
        b.received(text)
        a.wait_message(msg, "sent", "delivered")
    run = b.cli("msg", a.uri("alice"), "by command")
    assert run.returncode == 0, run.stderr
    a.received("by command")
    chats = b.cli("chats")
    assert chats.returncode == 0 and "alice" in chats.stdout, chats
    # they are there after a new start
    b.stop()
    b.start()
    conv = b.rpc("chat.list")[0]
    texts = [m["text"] for m in
             b.rpc("chat.messages", conversation=conv["id"], limit=50)]
    assert TEXTS["chinese"] in texts and "by command" in texts


def test_long_direct(phone):
    a = phone("a", "127.0.0.10")
    b = phone("b", "127.0.0.11")
    a.direct("alice")
    b.direct("bob")
    msg = a.send(b.uri("bob"), LONG)
    b.received(LONG)
    a.wait_message(msg, "sent", "delivered")


def test_nobody_there(phone):
    a = phone()
    a.direct("alice")
    msg = a.wait_message(a.send("sip:x@127.0.0.98:5060", "hello"), "failed",
                         timeout=45)
    assert msg["reason"]["text"], msg


@pytest.fixture
def peer():
    p = Peer()
    yield p
    p.close()


def peer_message(peer, p, body, ctype="text/plain", headers=""):
    uri = p.uri("alice")
    peer.send(peer.request("MESSAGE", uri, body=body, ctype=ctype,
                           headers=headers), (p.addr, 5060))
    return peer.wait(lambda m: code(m) and "MESSAGE" in header(m, "CSeq")[0])


def test_cpim_is_unwrapped(phone, peer):
    p = phone()
    p.direct("alice")
    body = ("From: <sip:peer@127.0.0.20>\r\nTo: <sip:alice@127.0.0.10>\r\n"
            "DateTime: 2026-11-22T12:00:00Z\r\n\r\n"
            "Content-Type: text/plain; charset=UTF-8\r\n\r\nwrapped ü")
    assert code(peer_message(peer, p, body, "message/cpim")) in (200, 202)
    p.received("wrapped ü")


def test_odd_types(phone, peer):
    """What is no text is refused in words, and is no text on screen."""
    p = phone()
    p.direct("alice")
    for ctype in ("application/pdf", "image/png"):
        answer = peer_message(peer, p, "%PDF", ctype)
        assert code(answer) == 415, answer
        assert "text/plain" in ",".join(header(answer, "Accept")), answer
    assert code(peer_message(peer, p, "", "text/plain")) in (200, 202, 400)
    p.healthy()


def test_remote_text_is_cleaned(phone, peer):
    p = phone()
    p.direct("alice")
    peer.user = "mallory"
    assert code(peer_message(peer, p, "a\x1b]0;evil\x07b\u202ec")) in \
        (200, 202)
    msg = p.rpc.wait("chat.message")
    assert not set("\x1b\x07\u202e") & set(msg["text"]), repr(msg["text"])
