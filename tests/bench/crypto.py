"""What encryption costs: time until both sides can be heard, and CPU.

Method: two phones and somebody between them who forwards every datagram,
at once or 50 ms later (100 ms round trip), and notes when: from the 200 of
the called one to the first packet of sound of each. CPU of the called phone
in a G.711 call comes from the kernel's accounts, with encryption and
without, offhook and Debian's baresip, each called by offhook.
"""

import heapq
import os
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
from lib.middle import Middle                            # noqa: E402
from lib.phone import Phone                              # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.security import modules                         # noqa: E402

QUICK = bool(os.environ.get("QUICK"))
CALLS = 5 if QUICK else 15
CALL = 10 if QUICK else 40


class Watched(Middle):
    """Forwards each datagram `delay` seconds later and keeps the times."""

    def __init__(self, *args, delay=0.0):
        self.delay, self.queue, self.turn = delay, [], 0
        self.wake = threading.Condition()
        self.times = {}
        super().__init__(*args)
        self.packet = self.note
        self.sip = self.note_sip
        self.clerk = threading.Thread(target=self.deliver, daemon=True)
        self.clerk.start()

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


def measure_setup(folder, ways, crypto, delay):
    """Milliseconds from the 200 to sound of the caller, of the called."""
    made = []
    a = phone(folder, "a", "127.0.0.10", ways, "prefer", "tone,440")
    b = phone(folder, "b", "127.0.0.11", ways, "prefer", "tone,440")
    a.direct("alice")
    b.direct("bob", auto_answer=True)
    m = Watched(a.addr, b.addr, delay=delay)
    for _ in range(CALLS):
        m.times.clear()
        call = a.dial(f"sip:bob@{m.addr}:5060")
        a.wait_call(call, "established",
                    want=lambda c: c["crypto"] == crypto)
        wait_until(lambda: len(m.times) == 3, 10, lambda: m.times)
        made.append([(m.times[s] - m.times["200"]) * 1e3 for s in "ab"])
        a.rpc("call.hangup", call=call)
        b.wait_call(None, "ended")
        b.rpc.wait("call.removed", timeout=10)
    m.stop()
    a.stop()
    b.stop()
    for name in "ab":
        shutil.rmtree(os.path.join(folder, name))
    return [statistics.median(v) for v in zip(*made)]


def measure_cpu(folder, ways, crypto, them=None):
    """CPU seconds a minute of the called one."""
    a = phone(folder, "a", "127.0.0.10", ways,
              "prefer" if ways else "off", f"file,{voice('PCMU')}")
    a.direct("alice")
    if them:
        b = Baresip(folder, addr="127.0.0.11", voice=voice("PCMU"),
                    codecs="PCMU", enc=them if ways else None).start()
        uri = f"sip:{b.user}@{b.addr}:5060"
    else:
        b = phone(folder, "b", "127.0.0.11", ways, "prefer",
                  f"file,{voice('PCMU')}")
        b.direct("bob", auto_answer=True)
        uri = b.uri("bob")
    call = a.dial(uri)
    a.wait_call(call, "established", want=lambda c: c["crypto"] == crypto)
    pin(b.proc.pid)
    time.sleep(2)
    before, start = cpu(b.proc.pid), time.monotonic()
    time.sleep(CALL)
    used = (cpu(b.proc.pid) - before) * 60 / (time.monotonic() - start)
    a.rpc("call.hangup", call=call)
    b.stop()
    a.stop()
    for name in ("a", "b", "baresip"):
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    return used


def main():
    with tempfile.TemporaryDirectory(prefix="oh-bench-") as folder:
        print(f"\nload average {os.getloadavg()[0]:.2f} on {CORES} cores; "
              f"median of {CALLS} calls, {CALL} s of CPU\n")
        print("| keys      | round trip | 200 -> caller heard | "
              "200 -> called heard |")
        print("|-----------|-----------:|--------------------:|"
              "--------------------:|")
        for delay in (0, 0.05):
            for ways, crypto in (((), "none"), (("dtls_srtp",), "dtls-srtp"),
                                 (("zrtp",), "zrtp")):
                a, b = measure_setup(folder, ways, crypto, delay)
                print(f"| {crypto:<9} | {delay * 2e3:>7.0f} ms | "
                      f"{a:>16.1f} ms | {b:>16.1f} ms |", flush=True)
        print("\n| CPU of a G.711 call  | clear s/min | DTLS-SRTP s/min |")
        print("|----------------------|------------:|----------------:|")
        for name, them in (("offhook", None), ("baresip", "dtls_srtp")):
            if them and not shutil.which("baresip"):
                continue
            v = [measure_cpu(folder, ways, crypto, them)
                 for ways, crypto in (((), "none"),
                                      (("dtls_srtp",), "dtls-srtp"))]
            print(f"| {name:<20} | {v[0]:>11.3f} | {v[1]:>15.3f} |",
                  flush=True)


if __name__ == "__main__":
    main()
