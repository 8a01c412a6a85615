"""What encryption costs: time until both sides can be heard, and CPU.

Method: offhook calls itself, Debian's baresip and linphonec, and somebody
between them forwards every datagram, at once or 50 ms later (100 ms round
trip), and notes when: from the 200 of the called one to the first packet of
sound of each. CPU of the called phone in a G.711 call comes from the kernel's
accounts, in turns with encryption and without: what SRTP adds, as a share of
a core and of what the call takes.
"""

import heapq
import os
import re
import select
import shutil
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bench import CORES, cpu, pin, voice                 # noqa: E402
from lib.baresip import Baresip                          # noqa: E402
from lib.linphone import Linphone                        # noqa: E402
from lib.middle import Middle                            # noqa: E402
from lib.phone import Phone                              # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.security import modules                         # noqa: E402

QUICK = bool(os.environ.get("QUICK"))
CALLS = 3 if QUICK else 10
CALL = 6 if QUICK else 15
TURNS = 1 if QUICK else 3

# who is called, the program, and by what it can agree on keys
WAYS = (("offhook", "offhookd", ("none", "dtls-srtp", "zrtp")),
        ("baresip", "baresip", ("none", "dtls-srtp")),
        ("linphonec", "linphonec", ("none", "dtls-srtp", "zrtp")))


class Watched(Middle):
    """Forwards each datagram `delay` seconds later and keeps the times.
    RTCP has ports of its own, for who does not send it over that of RTP."""

    def __init__(self, *args, delay=0.0):
        self.delay, self.queue, self.turn = delay, [], 0
        self.wake = threading.Condition()
        self.times = {}
        super().__init__(*args)
        self.packet = self.note
        self.sip = self.note_sip
        self.rtcp = {s: self.bind(self.socks[s].getsockname()[1] + 1)
                     for s in "ab"}
        for work in self.deliver, self.forward_rtcp:
            threading.Thread(target=work, daemon=True).start()

    def redirect(self, side, addr, body):
        body = super().redirect(side, addr, body)
        return re.sub(r"(?m)^a=rtcp:(\d+)",
                      lambda m: f"a=rtcp:{int(m[1]) + 1}", body)

    def forward_rtcp(self):
        while self.running:
            ready = select.select(list(self.rtcp.values()), [], [], 0.2)[0]
            for side, sock in self.rtcp.items():
                # what comes to the port of a side goes on to that side
                if sock in ready and self.rtp[side]:
                    addr, port = self.rtp[side]
                    self.send(self.rtcp[self.other(side)],
                              sock.recv(65536), (addr, port + 1))
        for sock in self.rtcp.values():
            sock.close()

    def note(self, side, data):
        if len(data) > 12 and data[0] == 0x80 and data[1] & 0x7f == 0:
            self.times.setdefault(side, time.monotonic())
        return [data]

    def note_sip(self, side, text):
        if side == "b" and text.startswith("SIP/2.0 200") and \
                "INVITE" in text.split("CSeq:")[1][:20]:
            self.times.setdefault("200", time.monotonic())
        return text

    def send(self, sock, data, to):
        if not self.delay:
            super().send(sock, data, to)
            return
        with self.wake:
            self.turn += 1
            heapq.heappush(self.queue, (time.monotonic() + self.delay,
                                        self.turn, sock, data, to))
            self.wake.notify()

    def deliver(self):
        while self.running:
            with self.wake:
                if not self.queue:
                    self.wake.wait(0.2)
                    continue
                due = self.queue[0][0] - time.monotonic()
                if due > 0:
                    self.wake.wait(due)
                    continue
                _, _, sock, data, to = heapq.heappop(self.queue)
            super().send(sock, data, to)


def phone(folder, name, addr, ways, minimum, source):
    p = Phone(folder, name, addr, source=source, config={
        "codecs": "PCMU", "security.minimum": minimum,
        "modules.path": modules(f"{folder}/m-{'-'.join(ways) or 'none'}",
                                *ways)})
    return p.start()


def modules_of(crypto):
    return () if crypto == "none" else (crypto.replace("-", "_"),)


class Called:
    """Whoever is called: it answers by itself and plays speech."""

    def __init__(self, folder, who, crypto):
        self.who = who
        if who == "offhook":
            self.it = phone(folder, "b", "127.0.0.11", modules_of(crypto),
                            "prefer", f"file,{voice('PCMU')}")
            self.it.direct("bob", auto_answer=True)
        elif who == "baresip":
            self.it = Baresip(folder, "bob", "127.0.0.11",
                              voice=voice("PCMU"), codecs="PCMU", enc={
                                  "none": None,
                                  "dtls-srtp": "dtls_srtp"}[crypto]).start()
        else:
            self.it = Linphone(folder, "bob", "127.0.0.11",
                               voice=voice("PCMU"), codecs=("PCMU",), enc={
                                   "none": "none", "dtls-srtp": "dtls",
                                   "zrtp": "zrtp"}[crypto],
                               mandatory=crypto != "none").start()
        self.addr, self.pid = self.it.addr, self.it.proc.pid

    def stop(self):
        self.it.stop()


def clear(folder):
    for name in ("a", "b", "baresip", "linphone"):
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def measure_setup(folder, who, crypto, delay):
    """Milliseconds from the 200 to sound of the caller, of the called."""
    made = []
    a = phone(folder, "a", "127.0.0.10", modules_of(crypto), "prefer",
              "tone,440")
    a.direct("alice")
    b = Called(folder, who, crypto)
    m = Watched(a.addr, b.addr, delay=delay)
    for i in range(CALLS + 1):
        m.times.clear()
        call = a.dial(f"sip:bob@{m.addr}:5060")
        a.wait_call(call, "established",
                    want=lambda c: c["crypto"] == crypto)
        wait_until(lambda: len(m.times) == 3, 10, lambda: m.times)
        if i:                   # the first one loads plugins
            made.append([(m.times[s] - m.times["200"]) * 1e3 for s in "ab"])
        a.rpc("call.hangup", call=call)
        a.wait_call(call, "ended")
        time.sleep(0.3)         # the other end, too
    m.stop()
    a.stop()
    b.stop()
    clear(folder)
    return [statistics.median(v) for v in zip(*made)]


def measure_cpu(folder, who, crypto):
    """CPU seconds a minute of the called one."""
    a = phone(folder, "a", "127.0.0.10", modules_of(crypto),
              "off" if crypto == "none" else "prefer",
              f"file,{voice('PCMU')}")
    a.direct("alice")
    b = Called(folder, who, crypto)
    call = a.dial(f"sip:bob@{b.addr}:5060")
    a.wait_call(call, "established", want=lambda c: c["crypto"] == crypto)
    pin(b.pid)
    time.sleep(2)
    before, start = cpu(b.pid), time.monotonic()
    time.sleep(CALL)
    used = (cpu(b.pid) - before) * 60 / (time.monotonic() - start)
    a.rpc("call.hangup", call=call)
    b.stop()
    a.stop()
    clear(folder)
    return used


def present():
    return [w for w in WAYS if w[0] == "offhook" or
            (shutil.which(w[1]) and not QUICK)]


def main():
    with tempfile.TemporaryDirectory(prefix="oh-bench-") as folder:
        print(f"\nload average {os.getloadavg()[0]:.2f} on {CORES} cores; "
              f"medians of {CALLS} calls, of {TURNS} times {CALL} s of "
              "CPU\n")
        print("| called    | keys      | round trip | 200 -> caller heard | "
              "200 -> called heard |")
        print("|-----------|-----------|-----------:|--------------------:|"
              "--------------------:|")
        for delay in (0, 0.05):
            for who, _, cryptos in present():
                for crypto in cryptos:
                    a, b = measure_setup(folder, who, crypto, delay)
                    print(f"| {who:<9} | {crypto:<9} | {delay * 2e3:>7.0f} "
                          f"ms | {a:>16.1f} ms | {b:>16.1f} ms |",
                          flush=True)
        print("\n| CPU of a G.711 call | clear s/min | DTLS-SRTP s/min | "
              "SRTP, of a core | of the call |")
        print("|---------------------|------------:|----------------:|"
              "----------------:|------------:|")
        for who, _, _ in present():
            turns = [[measure_cpu(folder, who, crypto)
                      for crypto in ("none", "dtls-srtp")]
                     for _ in range(TURNS)]
            v = [statistics.median(t) for t in zip(*turns)]
            added = statistics.median(t[1] - t[0] for t in turns)
            print(f"| {who:<19} | {v[0]:>11.3f} | {v[1]:>15.3f} | "
                  f"{added / 60:>15.3%} | {added / v[1]:>11.1%} |",
                  flush=True)


if __name__ == "__main__":
    main()
