"""A registrar that answers as a test wants."""

import re
import time

from .sip import Peer, header


class Registrar(Peer):
    """Answers REGISTER as a test wants, and keeps what came."""

    def __init__(self, addr="127.0.0.30"):
        super().__init__(addr)
        self.seen = []
        self.src = None

    def account(self, **more):
        return {"address": "alice@outbound.test", "password": "hidden",
                "server": f"sip:{self.addr}:5060;transport=udp",
                "listen": "127.0.0.10:5060", **more}

    def answer(self, msg, scode=200, more="", src=None):
        text = f"SIP/2.0 {scode} Whatever\r\n"
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            for value in header(msg, name):
                tag = ";tag=r" if name == "To" and "tag=" not in value else ""
                text += f"{name}: {value}{tag}\r\n"
        self.send(f"{text}{more}Content-Length: 0\r\n\r\n", src or self.src)

    def next(self, method="REGISTER", timeout=10):
        """The next request of that method; keep-alives are passed over."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            msg, src = self.recv(left)
            if msg and msg.startswith(method + " "):
                self.seen.append(msg)
                self.src = src
                return msg
        raise AssertionError(f"no {method} within {timeout} s")

    def register(self, phone, auto_answer=False, **more):
        """A new account of the phone's; it, and the REGISTER it sent."""
        acc = phone.rpc("account.add",
                        **self.account(auto_answer=auto_answer))
        msg = self.accept(**more)
        acc = phone.settled(acc["id"])
        assert acc["state"] == "registered", acc
        return acc, msg

    def accept(self, expires=600, contact="", more="", timeout=10):
        msg = self.next(timeout=timeout)
        mine = re.search(r"<[^>]*>", header(msg, "Contact")[0])[0]
        self.answer(msg, 200, f"Contact: {mine};expires={expires}{contact}"
                    f"\r\n{more}")
        return msg
