"""Text that is meant to harm, in every place where text comes in.

Names, bodies, addresses, what others say when they refuse or hang up, and
the user's own files carry terminal sequences, broken UTF-8, letters wider
or narrower than they look. A console at 80x24 shows all of it: no byte
reaches the terminal that the screen did not mean, and every column stands
where it should, row by row. OFFHOOK_CORPUS adds its term/ and utf8/.
"""

import os
import re

import pytest

pytest.importorskip("pyte")

from lib.hostile import Watched, batches, payloads
from lib.proc import wait_until
from lib.sip import Call, Peer, code, header
from test_corpus import judge, judge_log

M_CONTACTS, M_CALLS, M_CHAT, M_CALL = "\x1b1", "\x1b2", "\x1b3", "\x1b4"
HOME, PAGE_UP, PAGE_DOWN = "\x1b[H", "\x1b[5~", "\x1b[6~"
BACK = "\x07"                   # C-g
PHRASES = ("486", "603", "499", "599", "699")


def in_header(text):
    """As it may stand in a header: no line ends there."""
    return re.sub(rb"\r|\n", b" ", text).replace(b"\0", b"")[:200]


def quoted(text):
    return b'"' + re.sub(rb'(["\\])', rb"\\\1", in_header(text)) + b'"'


def in_uri(text, size=60):
    return "".join(f"%{c:02X}" for c in text[:size]).encode()


class Hostile(Peer):
    """Sends what no stack would."""

    def ask(self, p, method, name=b"", user=b"peer", body=b"", ctype=None):
        """Send a request with that name, user and body; its Call-ID."""
        text = self.request(method, p.uri("alice"), ctype=ctype).encode()
        text = text.replace(b"From: <sip:peer@", b"From: " + name +
                            b" <sip:" + user + b"@", 1)
        text = text.replace(b"Content-Length: 0", b"Content-Length: %d" %
                            len(body), 1)
        self.send(text + body, (p.addr, 5060))
        return header(text.decode("latin-1"), "Call-ID")[0]

    def __init__(self, addr):
        super().__init__(addr)
        self.known = set()

    def refuse(self, method, p, line, more):
        """Answer the next request, none that is only repeated, with a
        status line of any bytes."""
        msg = self.wait(lambda m: m.startswith(method) and header(
            m, "Call-ID")[0] not in self.known, 15)
        self.known.add(header(msg, "Call-ID")[0])
        text = b"SIP/2.0 " + line + b"\r\n"
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            value = header(msg, name)[0]
            text += f"{name}: {value}".encode("utf-8", "surrogateescape")
            text += b";tag=no\r\n" if name == "To" else b"\r\n"
        self.send(text + more + b"Content-Length: 0\r\n\r\n", (p.addr, 5060))


def plain(text):
    """Is it UTF-8?"""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.fixture
def seat(phone, crew):
    def make(prepare=None, **more):
        p = phone("alice", config={"codecs": "PCMU"}, start=False)
        p.write_config()
        if prepare:
            prepare(p)
        p.start()
        p.direct("alice", **more)
        t = crew.add(Watched(p, judge))
        t.wait("Contacts")
        t.look("the first screen")
        return p, t
    return make


@pytest.fixture
def peers():
    made = []

    def make(addr):
        made.append(Hostile(addr))
        return made[-1]
    yield make
    for peer in made:
        peer.close()


def hung_up(p):
    for c in p.calls():
        if c["state"] != "ended":
            p.rpc("call.hangup", call=c["id"])
    wait_until(lambda: not any(c["state"] != "ended" for c in p.calls()),
               15, "the end of all calls")


def put(path, data):
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, 0o600)


def test_contacts(seat):
    """Names, notes and addresses of the user's contacts."""
    texts = payloads()

    def prepare(p):
        for i, text in enumerate(texts):
            name = in_header(text)
            put(f"{p.profile}/data/contacts/c{i}.vcf",
                b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:" + name +
                b"\r\nIMPP:sip:" + in_uri(text) + b"@127.0.0.77\r\nNOTE:" +
                name + b"\r\nEND:VCARD\r\n")
    p, t = seat(prepare)
    shown = len(p.rpc("contact.list"))
    assert shown > len(texts) * 0.9, (shown, len(texts))
    t.type(M_CONTACTS + HOME)
    t.walk(PAGE_DOWN, shown // 11 + 1, "contacts")
    t.type("/a")
    t.look("find")
    t.type(BACK + "e")
    t.look("a contact's form")
    t.type(BACK + ":call \t")
    t.look("completion", separator=None)
    t.type(BACK + ":detach\r")
    judge_log(p)


def test_callers_and_writers(seat, peers):
    """Display names, addresses and bodies of messages; names and addresses
    of those who call, while it rings and in the log of calls."""
    p, t = seat()
    peer = peers("127.0.0.66")
    probe = peers("127.0.0.22")
    texts = payloads()
    for n, some in enumerate(batches(texts, 12)):
        for text in some:
            peer.ask(p, "MESSAGE", quoted(text), b"peer", text, "text/plain")
        for text in some[::4]:
            peer.ask(p, "MESSAGE", quoted(text), in_uri(text), text,
                     "text/plain")
        assert probe.options((p.addr, 5060), timeout=15) is not None
        t.look(f"messages {n}")
        for text in some[:3]:
            peer.ask(p, "INVITE", quoted(text), in_uri(text),
                     peer.sdp().encode(), "application/sdp")
        assert probe.options((p.addr, 5060), timeout=15) is not None
        t.look(f"calls {n}")
        hung_up(p)
    assert len(p.rpc("log.list", limit=500)) > len(texts) / 8
    assert len(p.rpc("chat.list")) > len(texts) / 8
    t.type(M_CHAT)
    t.walk(PAGE_UP, 20, "messages")
    t.type(M_CONTACTS + HOME)
    t.walk(PAGE_DOWN, 4, "who wrote")
    t.type(M_CALLS + HOME)
    t.walk(PAGE_DOWN, 6, "calls")
    t.type(":panel trace\r")
    t.look("trace", separator=None)
    judge_log(p)


def test_reasons(seat, peers):
    """What others say when they refuse a call or a message, or hang up."""
    p, t = seat()
    peer = peers("127.0.0.66")
    texts = payloads()
    t.type(M_CALL)
    shown = 0
    for i, text in enumerate(texts):
        # a code with a sentence of its own now and then
        line = PHRASES[i % 5 if i % 3 else 2].encode() + b" " + \
            in_header(text)
        warn = b"Warning: 399 x " + quoted(text) + b"\r\n"
        call = p.dial("sip:peer@127.0.0.66:5060")
        peer.refuse("INVITE", p, line, warn)
        c = p.next_call(call, "ended")
        shown += "(499 " in c["reason"]["text"]
        if i % 4 == 0:
            p.send("sip:peer@127.0.0.66:5060", "do you hear me?")
            peer.refuse("MESSAGE", p, line, warn)
        if i % 8 == 0:
            t.look(f"reason {i}")
    assert shown > len(texts) / 4, shown
    t.type(M_CALLS + HOME)
    t.walk(PAGE_DOWN, 8, "calls")
    t.type(M_CHAT)
    t.walk(PAGE_UP, 8, "messages")
    judge_log(p)


def test_goodbyes(seat, peers):
    """The Reason of a BYE and of a CANCEL."""
    p, t = seat(auto_answer=True)
    peer = peers("127.0.0.66")
    t.type(M_CALL)
    for text in payloads()[::6]:
        call = Call(peer, (p.addr, 5060), p.uri("alice"))
        bye = call.message("BYE", 2, headers="Reason: HERE\r\n").encode()
        peer.send(bye.replace(b"HERE", b"SIP;cause=499;text=" +
                              quoted(text)), (p.addr, 5060))
        peer.wait(lambda m: code(m) == 200 and "BYE" in header(m, "CSeq")[0])
        call.rtp.close()
        t.look("a goodbye")
    t.type(M_CALLS)
    t.look("calls")
    judge_log(p)


def test_files(seat):
    """Themes by their names and values, settings of the phone and of the
    console."""
    texts = [re.sub(rb"[\n\0]", b"", text)[:150] for text in payloads()]
    fine = [text for text in texts if plain(text)]
    rows = range(0, len(texts), 8)

    def prepare(p):
        folder = f"{p.profile}/config"
        for i, text in enumerate(texts):
            name = text.replace(b"/", b"")[:50] or b"x"
            if i % 3 == 0:
                put(os.fsencode(f"{folder}/themes/") + name + b".theme",
                    b"status " + text + b"\n" + text + b" red\n")
            if i % 12 == 0:
                put(f"{folder}/themes/t{i:03}.theme",
                    b"text " + text + b" on blue\n" + text + b"\n")
        for i in rows:
            put(f"{folder}/s{i}", b"x" + texts[i] + b"\n")
        with open(f"{folder}/offhook.conf", "ab") as f:
            for text in texts:
                f.write(b"audio.mic = " + text + b"\n" + text + b" = 1\n")
            for i, key in enumerate(("audio.source", "audio.sink",
                                     "audio.ring")):
                f.write(f"{key} = alsa,".encode() + fine[i] + b"\n")
            for i, key in enumerate(("presence.note", "modules.path",
                                     "record.folder")):
                f.write(f"{key} = ".encode() + fine[-1 - i] + b"\n")
        put(f"{folder}/console.conf", texts[0] + b"\n" + b"".join(
            b"set theme " + text + b"\nset " + text + b" 1\nmap x " + text +
            b"\n" + text + b"\n" for text in texts))
    p, t = seat(prepare)
    t.type("o")
    t.until("─ Settings ─")
    t.walk("\x1b[B", 8, "settings")
    t.walk(PAGE_DOWN, 5, "settings")
    t.type(BACK + ":theme\r")
    t.until("─ Theme ─")
    t.walk(PAGE_DOWN, 4, "themes")
    t.type(BACK + ":doctor\r")
    t.until("there is no setting")
    t.walk(PAGE_DOWN, 5, "doctor")
    t.type(BACK)
    for i in range(0, len(texts), 12):
        t.type(f":theme t{i:03}\r")
        t.until(f"t{i:03}.theme line 1")
        t.look(f"theme {i}")
    for i in rows:
        t.type(f":source {p.profile}/config/s{i}\r")
        t.answer(0.03, 0.5)
        t.look(f"console's settings {i}")
    judge_log(p)
