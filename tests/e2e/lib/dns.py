"""Name servers: a real one, and one that fails in every way."""

import contextlib
import os
import select
import socket
import struct
import subprocess
import threading

from .proc import Proc, bound, wait_until


class Dnsmasq(Proc):
    """dnsmasq at ADDR:53 with records given as its own options."""

    def __init__(self, folder, addr="127.0.0.53", options=()):
        super().__init__(folder)
        self.addr, self.options = addr, list(options)

    def start(self):
        conf = ["no-resolv", "no-hosts", "port=53", "bind-interfaces",
                f"listen-address={self.addr}", "user=root", "group=root",
                "local=/test/", "log-queries", "log-facility=-", "pid-file=",
                *self.options]
        self.spawn(["dnsmasq", "--keep-in-foreground", "--conf-file="
                    + self.write("dnsmasq.conf", "\n".join(conf) + "\n")])
        wait_until(lambda: bound("udp", self.addr, 53) or
                   not self.running(), 10, "dnsmasq")
        assert self.running(), self.output()
        return self

    def stop(self):
        self.end()


class OddServer:
    """A name server that answers as answer(question) says: bytes, or None
    for silence. The question is (id, name, type, its own bytes)."""

    def __init__(self, addr, answer):
        self.addr, self.answer, self.asked = addr, answer, []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((addr, 53))
        self.going = True
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while self.going:
            if not select.select([self.sock], [], [], 0.1)[0]:
                continue
            data, src = self.sock.recvfrom(4096)
            ident = struct.unpack(">H", data[:2])[0]
            end = data.index(b"\0", 12)
            name, at = [], 12
            while data[at]:
                name.append(data[at + 1:at + 1 + data[at]].decode())
                at += 1 + data[at]
            kind = struct.unpack(">H", data[end + 1:end + 3])[0]
            self.asked.append((".".join(name), kind))
            reply = self.answer(ident, ".".join(name), kind,
                                data[12:end + 5])
            if reply is not None:
                self.sock.sendto(reply, src)

    def stop(self):
        self.going = False
        self.thread.join()
        self.sock.close()


def refusal(rcode):
    """answer() for an OddServer: an error code."""
    def answer(ident, _name, _kind, question):
        return struct.pack(">HHHHHH", ident, 0x8180 | rcode, 1, 0, 0, 0) \
            + question
    return answer


def liar(rest, answers=1):
    """answer() for an OddServer: the right head, then these bytes."""
    def answer(ident, _name, _kind, question):
        return struct.pack(">HHHHHH", ident, 0x8180, 1, answers, 0, 0) \
            + question + rest
    return answer


@contextlib.contextmanager
def resolv_conf(folder, *servers):
    """These name servers for everybody in this mount namespace. The value
    is a function that changes them."""
    path = os.path.join(str(folder), "resolv.conf")

    def write(*addrs):
        with open(path, "w", encoding="ascii") as f:
            f.write("".join(f"nameserver {a}\n" for a in addrs))
    write(*servers)
    subprocess.run(["mount", "--bind", path, "/etc/resolv.conf"], check=True)
    try:
        yield write
    finally:
        subprocess.run(["umount", "/etc/resolv.conf"], check=True)
