"""A bad network between a phone and its peer, by seed.

The phone calls the relay's SIP address; requests go on to the peer, answers
come back, and in both directions the SDP is given the relay's own ports, so
that RTP and RTCP pass through here. Each direction gets the loss, jitter
and rate that are set, by a generator of its own; RTCP waits in the same
queue, and what speech loses it loses, too. What is set may be changed while
the call runs.
"""

import heapq
import os
import random
import re
import select
import socket
import threading
import time


class Way:
    """One direction."""

    def __init__(self, seed):
        self.rnd = random.Random(seed)
        self.rtcp = random.Random(seed + 1)
        self.loss = 0.0        # share lost
        self.spare = False     # ... but not of RTCP
        self.burst = 1         # mean length of a run of losses
        self.jitter = 0.0      # up to so many seconds more
        self.delay = 0.0
        self.rate = 0          # bit/s, 0: all there is
        self.queue = 0.2       # seconds that wait before it at most
        self.losing = False
        self.free_at = 0.0
        self.seen = self.lost = self.octets = 0

    def due(self, now, size):
        """When this packet arrives; None: never."""
        lot, late = self.rnd.random(), self.rnd.random()
        self.seen += 1
        self.octets += size + 28
        if self.burst > 1 and self.losing:
            self.losing = lot >= 1 / self.burst
        elif self.burst > 1:
            self.losing = lot < self.loss / (self.burst * (1 - self.loss))
        else:
            self.losing = lot < self.loss
        if self.losing:
            self.lost += 1
            return None
        return self.arrival(now, size, late)

    def report_due(self, now, size):
        """The same for RTCP, which changes nothing of what RTP gets."""
        if self.rtcp.random() < self.loss and not self.spare:
            return None
        return self.arrival(now, size, 0)

    def arrival(self, now, size, late):
        if self.rate:
            start = max(self.free_at, now)
            if start - now > self.queue:
                self.lost += 1
                return None
            now = self.free_at = start + (size + 28) * 8 / self.rate
        return now + self.delay + self.jitter * late


class Side:
    """The sockets that one of the two takes for the other's."""

    def __init__(self, addr, port):
        self.port = port
        self.socks = []
        for i in (0, 1):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((addr, port + i))
            s.setblocking(False)
            self.socks.append(s)
        self.remote = [None, None]     # where it listens


class BadNet:
    """BadNet("127.0.0.70", ("127.0.0.11", 5060)): call sip:x@127.0.0.70."""

    def __init__(self, addr, target, seed=1):
        self.addr, self.target = addr, target
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind((addr, 5060))
        self.sip.setblocking(False)
        self.caller = None
        self.a, self.b = Side(addr, 40000), Side(addr, 40002)
        self.there, self.back = Way(seed), Way(seed * 7919 + 13)
        self.heap, self.serial = [], 0
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopped.set()
        self.thread.join(5)
        for s in [self.sip, *self.a.socks, *self.b.socks]:
            s.close()

    def both(self, **settings):
        for way in (self.there, self.back):
            for key, value in settings.items():
                assert hasattr(way, key), key
                setattr(way, key, value)

    # ---- SIP -------------------------------------------------------------
    def rewrite(self, data, side, other):
        """The SDP says where the sender (side) listens; the one it goes to
        gets the ports of its own side (other)."""
        head, _, body = data.partition(b"\r\n\r\n")
        media = re.search(rb"m=audio (\d+)", body)
        conn = re.search(rb"c=IN IP4 ([\d.]+)", body)
        if not media or not conn:
            return data
        host, port = conn[1].decode(), int(media[1])
        side.remote = [(host, port), (host, port + 1)]
        body = re.sub(rb"c=IN IP4 [\d.]+", b"c=IN IP4 " +
                      self.addr.encode(), body)
        body = re.sub(rb"m=audio \d+", b"m=audio %d" % other.port, body)
        body = re.sub(rb"a=rtcp:\d+[^\r]*\r\n|a=rtcp-mux\r\n", b"", body)
        head = re.sub(rb"(?im)^(Content-Length|l)\s*:\s*\d+",
                      b"Content-Length: %d" % len(body), head)
        return head + b"\r\n\r\n" + body

    def take_sip(self, data, src):
        if src != self.target:
            self.caller = src
            self.sip.sendto(self.rewrite(data, self.a, self.b), self.target)
        elif self.caller:
            self.sip.sendto(self.rewrite(data, self.b, self.a), self.caller)

    # ---- RTP -------------------------------------------------------------
    def take_rtp(self, data, side, kind):
        to, way = (self.b, self.there) if side is self.a else \
            (self.a, self.back)
        dst = to.remote[kind]
        if not dst:
            return
        now = time.monotonic()
        due = (way.report_due if kind else way.due)(now, len(data))
        if due is None:
            return
        self.serial += 1
        heapq.heappush(self.heap, (due, self.serial, data, to.socks[kind],
                                   dst))

    def hurry(self):
        """What a busy machine adds is no property of the network: go
        before others if that is allowed."""
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -15)
        except OSError:
            pass

    def run(self):
        self.hurry()
        table = {self.sip: None}
        for side in (self.a, self.b):
            for kind, s in enumerate(side.socks):
                table[s] = (side, kind)
        while not self.stopped.is_set():
            wait = min(0.1, max(0.0, self.heap[0][0] - time.monotonic())) \
                if self.heap else 0.1
            for s in select.select(list(table), [], [], wait)[0]:
                try:
                    data, src = s.recvfrom(65536)
                except OSError:
                    continue
                if table[s] is None:
                    self.take_sip(data, src)
                else:
                    self.take_rtp(data, *table[s])
            while self.heap and self.heap[0][0] <= time.monotonic():
                _, _, data, out, dst = heapq.heappop(self.heap)
                try:
                    out.sendto(data, dst)
                except OSError:
                    pass
