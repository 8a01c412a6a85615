"""Who may send requests at all: scanners, strangers, floods, by datagrams
and on connections."""

import contextlib
import os
import select
import socket
import time

from lib.phone import SANITIZED
from lib.proc import status, wait_until
from lib.sip import Peer, code, header

SCANS = ["OPTIONS", "REGISTER", "INVITE", "SUBSCRIBE", "MESSAGE", "NOTIFY",
         "REFER", "BYE", "CANCEL", "PUBLISH", "FOO"]


def scan(addr, to, users=("alice", "100", "admin", "")):
    """Everything a scanner sends; what came back."""
    stranger = Peer(addr, 5060, "friendly-scanner")
    for user in users:
        uri = f"sip:{user}@{to[0]}:{to[1]}" if user else f"sip:{to[0]}"
        for method in SCANS:
            stranger.send(stranger.request(method, uri), to)
            stranger.send(stranger.request(method, uri, headers="Require: x"
                                           "\r\n"), to)
    # malformed, a STUN request, keep-alives, RFC 2543
    for data in (b"OPTIONS sip:x SIP/2.0\r\n\r\n", b"\r\n\r\n", b"\0" * 20,
                 b"\0\1\0\0\x21\x12\xa4\x42" + b"a" * 12,
                 b"INVITE sip:alice@h SIP/2.0\r\nVia: SIP/2.0/UDP "
                 + addr.encode() + b"\r\nFrom: <sip:a@b>\r\nTo: <sip:c@d>\r\n"
                 b"Call-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"):
        stranger.send(data, to)
    got = []
    while (msg := stranger.recv(1.5)[0]) is not None:
        got.append(msg)
    stranger.close()
    return got


def test_scan(proxy, phone):
    """An account with a server does not exist for anybody else."""
    p = phone()
    assert p.register(proxy.account("alice"))["state"] == "registered"
    to = ("127.0.0.10", 5060)
    got = scan("127.0.0.66", to)
    assert not got, got[0]
    assert not p.calls() and not p.messages()

    p.healthy()

    # the server is heard all the while
    ok = Peer("127.0.0.1", 5999)
    ident = "call-from-the-server"
    ok.send(ok.request("OPTIONS", "sip:alice@127.0.0.10", ident), to)
    assert code(ok.wait(lambda m: ident in m)) == 200
    ok.close()


def test_allowed(proxy, phone):
    """Whom the user allows gets an answer."""
    p = phone()
    acc = p.register(proxy.account("alice",
                                   allow="127.0.0.64/30, 192.0.2.7"))
    assert acc["state"] == "registered", acc
    for addr, answered in (("127.0.0.66", True), ("127.0.0.68", False)):
        peer = Peer(addr)
        took = peer.options(("127.0.0.10", 5060),
                            "sip:alice@127.0.0.10", timeout=2)
        peer.close()
        assert (took is not None) == answered, addr
    run = p.cli("account", "edit", str(acc["id"]), "--allow", "nonsense")
    assert run.returncode == 1 and "192.0.2.7" in run.stderr, run


def test_flood(phone):
    """100 calls a second for three seconds: one rings, the others are busy,
    somebody else is answered at once, the memory stays."""
    p = phone()
    p.direct("alice")
    to = (p.addr, 5060)
    peer, other = Peer("127.0.0.66"), Peer("127.0.0.21")
    before = status(p.pid, "VmRSS")
    slow = 0
    for i in range(300):
        peer.send(peer.request("INVITE", p.uri(), body=peer.sdp(),
                               ctype="application/sdp"), to)
        if i % 30 == 0:
            took = other.options(to, p.uri(), timeout=4)
            assert took is not None, "the phone does not answer any more"
            slow = max(slow, took)
        time.sleep(0.01)
    codes = {}
    while (msg := peer.recv(0.5)[0]) is not None:
        codes[code(msg)] = codes.get(code(msg), 0) + 1
    grown = status(p.pid, "VmRSS") - before
    print(f"answers {codes}, OPTIONS meanwhile in {slow * 1000:.1f} ms, "
          f"memory grew by {grown} kB")
    refused = sum(codes.get(c, 0) for c in (480, 486))
    assert refused > 200 and not set(codes) - {100, 180, 480, 486}, codes
    assert len([c for c in p.calls() if c["state"] == "ringing"]) <= 3
    assert slow < 1
    assert SANITIZED or grown < 32768
    for c in p.calls():
        p.cli("hangup", str(c["id"]))
    peer.close()
    other.close()


def test_digest_leak(server, phone):
    """Whoever calls us and challenges our BYE learns nothing of the
    password, be he our very server and the realm the right one."""
    p = phone()
    acc = p.rpc("account.add", **server.account(auto_answer=True))
    challenge = ('Digest realm="outbound.test", nonce="abc", '
                 'algorithm=MD5, qop="auth"\r\n')
    server.answer(server.next(), 401, f"WWW-Authenticate: {challenge}")
    msg = server.accept()
    assert header(msg, "Authorization"), msg
    assert p.settled(acc["id"])["state"] == "registered"

    to = ("127.0.0.10", 5060)
    server.send(server.request("INVITE", "sip:alice@127.0.0.10",
                               body=server.sdp(), ctype="application/sdp"),
                to)
    ok = server.wait(lambda m: code(m) == 200, 10)
    callid = header(ok, "Call-ID")[0]
    server.send(server.request("ACK", "sip:alice@127.0.0.10", callid,
                               to=header(ok, "To")[0]), to)
    call = p.wait_call(None, "established")
    p.rpc("call.hangup", call=call["id"])
    bye = server.next("BYE")
    assert "uthorization" not in bye, bye
    server.answer(bye, 407, f"Proxy-Authenticate: {challenge}")
    p.wait_call(call["id"], "ended")
    while (msg := server.recv(1)[0]) is not None:
        assert "uthorization" not in msg, msg


# ---- connections -----------------------------------------------------------

def connect(to, addr):
    return socket.create_connection(to, 10, (addr, 0))


def over_tcp(peer, method, uri):
    return peer.request(method, uri).replace("/UDP", "/TCP").encode()


def all_of(sock, timeout=10):
    """What comes until the end of the connection, however that is."""
    sock.settimeout(timeout)
    got = b""
    with contextlib.suppress(ConnectionError):
        while data := sock.recv(4096):
            got += data
    return got


def open_ones(socks):
    """Those whose other end has not closed yet; nothing is sent to them."""
    done = set(select.select(socks, [], [], 0)[0])
    return [s for s in socks if s not in done]


def test_scan_connections(registrar, phone):
    """A stranger's connection ends before a byte of it is read: not even a
    keep-alive is answered, no TLS handshake is made."""
    hello = (b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03" + b"r" * 32
             + b"\x00\x00\x04\x13\x01\xc0\x2f\x01\x00\x00\x00")
    peer = Peer("127.0.0.66", 5061)
    for port, transport in ((5070, "udp"), (5080, "tls")):
        reg = registrar(transport, port=port)
        p = phone(transport, addr=f"127.0.0.{port // 10 - 497}")
        assert p.register(reg.account("alice", transport))["state"] == \
            "registered"
        to = (p.addr, 5060)
        for data in (b"", b"\r\n\r\n", b"O", hello,
                     *(over_tcp(peer, m, f"sip:alice@{p.addr}")
                       for m in SCANS)):
            with contextlib.suppress(ConnectionError):
                with connect(to, "127.0.0.66") as conn:
                    conn.sendall(data)
                    got = all_of(conn)
                    assert not got, got
        assert not p.calls()
        # its server is another matter
        with connect(to, "127.0.0.1") as conn:
            if transport == "udp":
                conn.sendall(over_tcp(peer, "OPTIONS",
                                      "sip:alice@127.0.0.10"))
                assert conn.recv(4096).startswith(b"SIP/2.0 200")
            assert not select.select([conn], [], [], 0.2)[0]
        p.healthy()
    peer.close()


def test_other_end_of_a_call(server, phone):
    """Whoever talks with us may come by a connection of his own, and only
    as long as the call is."""
    p = phone()
    server.register(p, auto_answer=True)
    to = ("127.0.0.10", 5060)
    bob = Peer("127.0.0.66", 5061, "bob")
    server.send(bob.request("INVITE", "sip:alice@127.0.0.10", body=bob.sdp(),
                            ctype="application/sdp"), to)
    ok = server.wait(lambda m: code(m) == 200, 10)
    callid, ours = header(ok, "Call-ID")[0], header(ok, "To")[0]
    bob.send(bob.request("ACK", "sip:alice@127.0.0.10", callid, to=ours), to)
    call = p.wait_call(None, "established")
    bye = bob.request("BYE", "sip:alice@127.0.0.10", callid, 2, ours)
    with contextlib.suppress(ConnectionError):
        with connect(to, "127.0.0.67") as conn:
            conn.sendall(bye.replace("/UDP", "/TCP").encode())
            assert not all_of(conn)
    assert p.call(call["id"])["state"] == "established"
    with connect(to, "127.0.0.66") as conn:
        conn.settimeout(10)
        conn.sendall(bye.replace("/UDP", "/TCP").encode())
        assert conn.recv(4096).startswith(b"SIP/2.0 200")
    p.wait_call(call["id"], "ended")
    bob.close()


def sockets(p):
    """How many the phone has open."""
    folder = f"/proc/{p.pid}/fd"
    n = 0
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):    # closed meanwhile
            n += os.readlink(f"{folder}/{name}").startswith("socket:")
    return n


def test_connection_flood(phone):
    """Whoever opens connections to a direct phone gets a few, and loses
    those on which he says nothing sensible in time; others are served."""
    p = phone()
    p.direct("alice")
    to = (p.addr, 5060)
    before = sockets(p)
    socks = []
    for _ in range(20):
        with contextlib.suppress(ConnectionError):  # that soon
            socks.append(connect(to, "127.0.0.66"))
    assert len(socks) >= 8
    wait_until(lambda: len(open_ones(socks)) <= 8, 15, "the limit")
    start = time.monotonic()
    # byte by byte: it is never a request
    slow = open_ones(socks)[-1]
    with connect(to, "127.0.0.21") as conn:
        peer = Peer("127.0.0.21")
        conn.sendall(over_tcp(peer, "OPTIONS", p.uri()))
        conn.settimeout(10)
        assert conn.recv(4096).startswith(b"SIP/2.0 200")
        while slow in open_ones(socks):
            assert time.monotonic() - start < 30, "it may sit there for ever"
            with contextlib.suppress(ConnectionError):
                slow.sendall(b"O")
            time.sleep(0.1)
        took = time.monotonic() - start
        wait_until(lambda: not open_ones(socks), 15, "the end of them all")
        print(f"nothing sensible for {took:.1f} s: closed")
        # who spoke stays
        conn.sendall(over_tcp(peer, "OPTIONS", p.uri()))
        assert conn.recv(4096).startswith(b"SIP/2.0 200")
        peer.close()
    for sock in socks:
        sock.close()
    wait_until(lambda: sockets(p) <= before, 10, lambda:
               f"the sockets: {before} before, {sockets(p)} now")


def test_endless_request(phone):
    """A header that never ends costs a stranger his connection and us no
    more than 64 kB."""
    p = phone()
    p.direct("alice")
    before = status(p.pid, "VmRSS")
    with connect((p.addr, 5060), "127.0.0.66") as conn:
        conn.settimeout(10)
        conn.sendall(b"OPTIONS sip:alice@127.0.0.10 SIP/2.0\r\n")
        try:
            for _ in range(1000):
                conn.sendall(b"Subject: " + b"x" * 4000 + b"\r\n")
            raise AssertionError("4 MB were taken")
        except ConnectionError:
            pass
    grown = status(p.pid, "VmRSS") - before
    assert SANITIZED or grown < 2048, f"{grown} kB"
    p.healthy()
