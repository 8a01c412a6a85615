"""Somebody in the middle: every SIP message and every packet of sound
between two phones goes through here and may be changed on its way.

Phones are called by side, "a" who calls and "b" who is called. To each the
other seems to be at this address.
"""

import re
import select
import socket
import threading


class Middle:
    """sip(side, text) and packet(side, data) say what goes on; side is
    where it came from. packet gives a list."""

    def __init__(self, a, b, addr="127.0.0.30", relay=True):
        self.addr, self.relay = addr, relay
        self.to = {"a": (a, 5060), "b": (b, 5060)}
        self.sip = lambda side, text: text
        self.packet = lambda side, data: [data]
        self.seen = []               # (side, text) of SIP
        self.packets = {"a": [], "b": []}
        self.rtp = {"a": None, "b": None}
        self.socks = {"sip": self.bind(5060)}
        # what is sent to the socket of a side goes on to that side
        for side, port in (("a", 40000), ("b", 40002)):
            self.socks[side] = self.bind(port)
        self.running = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def bind(self, port):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((self.addr, port))
        return sock

    def stop(self):
        self.running = False
        self.thread.join(5)
        for sock in self.socks.values():
            sock.close()

    @staticmethod
    def other(side):
        return "b" if side == "a" else "a"

    def run(self):
        while self.running:
            ready = select.select(list(self.socks.values()), [], [], 0.2)[0]
            for name, sock in self.socks.items():
                if sock not in ready:
                    continue
                data, src = sock.recvfrom(65536)
                if name == "sip":
                    self.forward(data, src)
                else:
                    self.sound(self.other(name), data)

    # ---- sound ----------------------------------------------------------
    def sound(self, side, data):
        kept = self.packets[side]
        if len(kept) < 2000:
            kept.append(data)
        for out in self.packet(side, data):
            self.inject(self.other(side), out)

    def inject(self, side, data):
        """To one side, as if from the other."""
        if self.rtp[side]:
            self.send(self.socks[self.other(side)], data, self.rtp[side])

    def send(self, sock, data, to):
        try:
            sock.sendto(data, to)
        except OSError:
            pass

    # ---- signalling -----------------------------------------------------
    def forward(self, data, src):
        side = next((s for s in "ab" if self.to[s][0] == src[0]), None)
        if not side:
            return
        text = data.decode("utf-8", "surrogateescape")
        self.seen.append((side, text))
        there = self.other(side)
        head, _, body = text.partition("\r\n\r\n")
        here = f"{self.addr}:5060"
        lines = head.split("\r\n")
        lines[0] = lines[0].replace(here, f"{self.to[there][0]}:5060")
        lines = [re.sub(rf"{re.escape(src[0])}:5060", here, line)
                 if line.lower().startswith("contact:") else line
                 for line in lines]
        if body and self.relay:
            body = self.redirect(side, src[0], body)
        text = self.sip(side, "\r\n".join(lines) + "\r\n\r\n" + body)
        if text is None:
            return
        head, _, body = text.partition("\r\n\r\n")
        size = len(body.encode("utf-8", "surrogateescape"))
        head = re.sub(r"(?im)^content-length:.*$",
                      f"Content-Length: {size}", head)
        self.send(self.socks["sip"], f"{head}\r\n\r\n{body}".encode(
            "utf-8", "surrogateescape"), self.to[there])

    def redirect(self, side, addr, body):
        found = re.search(r"(?m)^m=audio (\d+)", body)
        if not found:
            return body
        if int(found[1]):
            self.rtp[side] = (addr, int(found[1]))
        port = self.socks[side].getsockname()[1]
        body = re.sub(r"(?m)^m=audio [1-9]\d*", f"m=audio {port}", body)
        body = re.sub(r"(?m)^a=rtcp:\d+", f"a=rtcp:{port}", body)
        return re.sub(r"(?m)^(c=IN IP4|o=.* IP4) \S+", rf"\1 {self.addr}",
                      body)


def without(body, *names):
    """SDP without the attributes of these names."""
    return "".join(line for line in body.splitlines(True)
                   if not re.match(rf"a=({'|'.join(names)})\b", line))
