"""The way to the server is kept open (RFC 5626 4.4). These take the time
that the RFC gives them."""

import socket
import time

from lib.sip import header


def test_datagram_keepalive(server, phone):
    """A double line end within 30 s, from the same port."""
    p = phone()
    server.register(p)
    end = time.monotonic() + 32
    while time.monotonic() < end:
        msg, src = server.recv(1)
        if msg is not None:
            assert msg == "\r\n\r\n", msg
            assert src == ("127.0.0.10", 5060)
            return
    raise AssertionError("no keep-alive")


def test_connection_keepalive(phone):
    """Flow-Timer is kept; a connection that answers no ping is replaced."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.30", 5060))
    listener.listen()
    listener.settimeout(40)
    p = phone()
    acc = p.rpc("account.add", address="alice@outbound.test", password="x",
                server="sip:127.0.0.30:5060;transport=tcp",
                listen="127.0.0.10:5060")

    def serve():
        conn, _ = listener.accept()
        conn.settimeout(40)
        data = b""
        while b"\r\n\r\n" not in data:
            data += conn.recv(65536)
        msg = data.decode()
        text = "SIP/2.0 200 OK\r\n"
        for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact"):
            text += f"{name}: {header(msg, name)[0]}\r\n"
        conn.sendall((text + "Require: outbound\r\nFlow-Timer: 20\r\n"
                      "Expires: 600\r\nContent-Length: 0\r\n\r\n").encode())
        return conn
    first = serve()
    assert p.settled(acc["id"])["state"] == "registered"
    start = time.monotonic()
    assert first.recv(16) == b"\r\n\r\n"
    assert time.monotonic() - start < 22
    second = serve()        # it got no answer: another connection
    took = time.monotonic() - start
    print(f"a dead connection was replaced after {took:.0f} s")
    assert took < 38
    for conn in (first, second, listener):
        conn.close()
