"""A bare SIP and RTP peer on sockets: probes, odd calls, raw bytes.

Deliberately no stack: it sends what a test wants, right or wrong, and sees
every byte of the answer.
"""

import random
import re
import select
import socket
import struct
import threading
import time


def token():
    return f"{random.getrandbits(60):x}"


def header(msg, name):
    """All values of a header, in order."""
    return re.findall(rf"(?mi)^{name}\s*:\s*(.*?)\s*$", msg)


def code(msg):
    found = re.match(r"SIP/2\.0 (\d\d\d)", msg)
    return int(found[1]) if found else 0


def reply(peer, src, msg, line, tag="peer", body="", extra=""):
    """Answer a request that came in."""
    text = f"SIP/2.0 {line}\r\n"
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in header(msg, name):
            if name == "To" and "tag=" not in value:
                value += f";tag={tag}"
            text += f"{name}: {value}\r\n"
    text += f"Contact: <sip:peer@{peer.addr}:{peer.port}>\r\n{extra}"
    if body:
        text += "Content-Type: application/sdp\r\n"
    text += f"Content-Length: {len(body)}\r\n\r\n{body}"
    peer.send(text, src)


class Peer:
    """One UDP socket at ADDR:PORT that speaks SIP."""

    def __init__(self, addr="127.0.0.20", port=5060, user="peer"):
        self.addr, self.port, self.user = addr, port, user
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((addr, port))

    def close(self):
        self.sock.close()

    def send(self, data, to):
        self.sock.sendto(data if isinstance(data, bytes) else data.encode(),
                         to)

    def recv(self, timeout=2):
        """(text, source) of the next datagram, or (None, None)."""
        if not select.select([self.sock], [], [], timeout)[0]:
            return None, None
        data, src = self.sock.recvfrom(65536)
        return data.decode("utf-8", "surrogateescape"), src

    def wait(self, want, timeout=5):
        """The next message that fits."""
        end = time.monotonic() + timeout
        seen = []
        while (left := end - time.monotonic()) > 0:
            msg, _ = self.recv(left)
            if msg and want(msg):
                return msg
            if msg:
                seen.append(msg.split("\r\n", 1)[0])
        raise AssertionError(f"no such SIP message within {timeout} s; "
                             f"came: {seen}")

    def request(self, method, uri, callid=None, cseq=1, to=None, tag="peer",
                branch=None, headers="", body="", ctype=None):
        """The text of a request from this peer."""
        callid = callid or token()
        branch = branch or "z9hG4bK" + token()
        if ctype:
            headers += f"Content-Type: {ctype}\r\n"
        size = len(body.encode())
        return (f"{method} {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self.addr}:{self.port};branch={branch};"
                f"rport\r\nMax-Forwards: 70\r\n"
                f"From: <sip:{self.user}@{self.addr}>;tag={tag}\r\n"
                f"To: {to or '<' + uri + '>'}\r\n"
                f"Call-ID: {callid}\r\nCSeq: {cseq} {method}\r\n"
                f"Contact: <sip:{self.user}@{self.addr}:{self.port}>\r\n"
                f"{headers}Content-Length: {size}\r\n\r\n{body}")

    def sdp(self, port=6000, codecs="0 101", direction=""):
        return (f"v=0\r\no=- 1 1 IN IP4 {self.addr}\r\ns=-\r\n"
                f"c=IN IP4 {self.addr}\r\nt=0 0\r\n"
                f"m=audio {port} RTP/AVP {codecs}\r\n"
                f"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000"
                f"\r\n{direction}")

    def options(self, to, uri=None, timeout=2):
        """Seconds until OPTIONS is answered, or None."""
        uri = uri or f"sip:{to[0]}:{to[1]}"
        ident = token()
        start = time.monotonic()
        self.send(self.request("OPTIONS", uri, ident), to)
        while (left := start + timeout - time.monotonic()) > 0:
            msg, _ = self.recv(left)
            if msg and ident in msg and code(msg):
                return time.monotonic() - start
        return None


class Call:
    """A call from a Peer to an auto-answering phone, with RTP."""

    def __init__(self, peer, to, uri, port=6000, codecs="0 101"):
        self.peer, self.to, self.uri = peer, to, uri
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((peer.addr, port))
        self.callid = token()
        self.cseq = 1
        invite = peer.request("INVITE", uri, self.callid,
                              body=peer.sdp(port, codecs),
                              ctype="application/sdp")
        peer.send(invite, to)
        ok = peer.wait(lambda m: self.callid in m and code(m) >= 200, 10)
        assert code(ok) == 200, ok
        self.answer = ok
        self.remote_to = header(ok, "To")[0]
        target = re.search(r"<([^>]*)>", header(ok, "Contact")[0])
        self.target = target[1]
        media = re.search(r"(?m)^m=audio (\d+)", ok)
        where = re.search(r"(?m)^c=IN IP4 (\S+)", ok)
        self.media = (where[1], int(media[1]))
        self.peer.send(self.message("ACK"), to)
        self.stream = None

    def message(self, method, cseq=None, body="", ctype=None, headers=""):
        return self.peer.request(method, self.target, self.callid,
                                 cseq or self.cseq, self.remote_to,
                                 body=body, ctype=ctype, headers=headers)

    def start_rtp(self):
        self.stream = Stream(self.rtp, self.media)
        return self.stream

    def bye(self):
        if self.stream:
            self.stream.stop()
        self.cseq += 1
        self.peer.send(self.message("BYE"), self.to)
        self.peer.wait(lambda m: self.callid in m and "BYE" in
                       header(m, "CSeq")[0] and code(m) == 200)
        self.rtp.close()


class Stream(threading.Thread):
    """Sends PCMU silence every 20 ms and notes when packets arrive."""

    def __init__(self, sock, to):
        super().__init__(daemon=True)
        self.sock, self.to = sock, to
        self.arrived = []
        self.running = True
        self.start()

    def run(self):
        seq, begin = 0, time.monotonic()
        while self.running:
            left = begin + seq * 0.02 - time.monotonic()
            if left <= 0:
                head = struct.pack("!BBHII", 0x80, 0, seq & 0xffff,
                                   seq * 160, 0x1234)
                try:
                    self.sock.sendto(head + b"\xff" * 160, self.to)
                except OSError:
                    return
                seq += 1
                continue
            if select.select([self.sock], [], [], left)[0]:
                try:
                    data = self.sock.recv(2048)
                except OSError:
                    return
                # RTP version 2, no RTCP packet type
                if len(data) > 12 and not 192 <= data[1] <= 223:
                    self.arrived.append(time.monotonic())

    def rate(self, seconds):
        """Packets a second that arrive from now on."""
        start = len(self.arrived)
        begin = time.monotonic()
        time.sleep(seconds)
        return (len(self.arrived) - start) / (time.monotonic() - begin)

    def stop(self):
        self.running = False
        self.join(2)
