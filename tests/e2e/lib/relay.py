"""Somebody on the way: a SIP relay that can change what it passes on, and a
relay of packets that loses some."""

import collections
import random
import re
import select
import socket
import threading
import time


class Loop(threading.Thread):
    """Reads sockets until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ended = False

    def due(self):
        """Do what its time has come for; seconds to the next."""
        return 0.05

    def run(self):
        while not self.ended:
            for sock in select.select(self.sockets(), [], [],
                                      self.due())[0]:
                try:
                    data, src = sock.recvfrom(65536)
                except OSError:
                    continue
                self.packet(sock, data, src)

    def stop(self):
        self.ended = True
        self.join(5)
        for sock in self.sockets():
            sock.close()


def bound(addr, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((addr, port))
    return sock


class Nat(Loop):
    """One phone behind it, its server in front. rebind() is what a NAT does
    that forgot the phone: another port is seen from outside."""

    def __init__(self, inside, outside, server):
        super().__init__()
        self.inner = bound(inside, 5060)
        self.outside, self.server = outside, server
        self.outer = bound(outside, 0)
        self.phone = None
        self.seen = []          # (to the server?, bytes)
        self.start()

    def sockets(self):
        return [self.inner, self.outer]

    def rebind(self):
        old, self.outer = self.outer, bound(self.outside, 0)
        old.close()

    def packet(self, sock, data, src):
        self.seen.append((sock is self.inner, data))
        if sock is self.inner:
            self.phone = src
            self.outer.sendto(data, self.server)
        elif self.phone:
            self.inner.sendto(data, self.phone)


class SipRelay(Loop):
    """Passes SIP on between two phones that know nothing but the relay.

    The phone at `a` calls sip:USER@ADDR, which is the one at `b`. Contacts
    name the relay, so that everything of a dialog comes by. change(to_b,
    head, body) may return another body, or None for the same.
    """

    def __init__(self, addr, a, b, change=None):
        super().__init__()
        self.addr = addr
        self.a, self.b = (a, 5060), (b, 5060)
        self.sock = bound(addr, 5060)
        self.change = change
        self.seen = []
        self.start()

    def sockets(self):
        return [self.sock]

    def packet(self, _sock, data, src):
        to_b = src[0] == self.a[0]
        text = data.decode("utf-8", "replace")
        head, _, body = text.partition("\r\n\r\n")
        if not head.strip():
            return
        self.seen.append((to_b, text))
        head = re.sub(r"(?im)^(Contact:.*?@)[0-9.]+(:\d+)?",
                      rf"\g<1>{self.addr}:5060", head)
        if not head.startswith("SIP/2.0"):
            # the request itself goes to the other phone
            dst = self.b if to_b else self.a
            head = re.sub(r"^(\w+ sip:[^@ ]*@)[0-9.]+(:\d+)?",
                          rf"\g<1>{dst[0]}:{dst[1]}", head, count=1)
        if body and self.change:
            body = self.change(to_b, head, body) or body
            head = re.sub(r"(?im)^(Content-Length:|l:)\s*\d+",
                          rf"\g<1> {len(body.encode())}", head)
        self.sock.sendto((head + "\r\n\r\n" + body).encode(),
                         self.b if to_b else self.a)


class LossyRelay(Loop):
    """Media of two phones, some of it lost, the same with the same seed,
    the rest late by `delay` seconds each way.

    `change` is for a SipRelay: it sends both phones' media here.
    """

    def __init__(self, addr, ports=(30000, 30010), loss=0.0, seed=1,
                 delay=0.0):
        super().__init__()
        self.delay = delay
        self.late = collections.deque()     # (when, socket, data, dst)
        self.addr = addr
        self.rand = random.Random(seed)
        self.loss = loss
        self.lost = self.passed = 0
        # [side][rtp, rtcp]; side 0 stands before phone a
        self.socks = [[bound(addr, p), bound(addr, p + 1)] for p in ports]
        self.ports = ports
        self.media = [None, None]
        self.start()

    def sockets(self):
        return self.socks[0] + self.socks[1]

    def change(self, to_b, _head, body):
        side = 0 if to_b else 1
        found = re.search(r"(?m)^c=IN IP4 ([0-9.]+)", body)
        port = re.search(r"(?m)^m=audio (\d+)", body)
        if not found or not port:
            return None
        self.media[side] = (found[1], int(port[1]))
        # what b gets names the socket in front of b
        body = re.sub(r"(?m)^c=IN IP4 [0-9.]+", f"c=IN IP4 {self.addr}", body)
        body = re.sub(r"(?m)^a=rtcp:.*\r\n", "", body)
        return re.sub(r"(?m)^m=audio \d+",
                      f"m=audio {self.ports[1 - side]}", body)

    def packet(self, sock, data, _src):
        for side in 0, 1:
            if sock not in self.socks[side]:
                continue
            kind = self.socks[side].index(sock)
            dst = self.media[1 - side]
            if self.rand.random() < self.loss:
                self.lost += 1
            elif dst:
                self.passed += 1
                self.late.append((time.monotonic() + self.delay,
                                  self.socks[1 - side][kind], data,
                                  (dst[0], dst[1] + kind)))
                self.due()

    def due(self):
        while self.late and self.late[0][0] <= time.monotonic():
            _, sock, data, dst = self.late.popleft()
            sock.sendto(data, dst)
        return max(0, self.late[0][0] - time.monotonic()) if self.late \
            else 0.05
