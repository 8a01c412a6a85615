"""How long ZRTP takes: from the answer of a call to its keys.

Method: two phones in one network namespace with nothing but loopback, and a
relay of their media that holds each packet back for half of the round trip
time. The time runs from the event "established" of the caller to the event
that brings the words, on the caller's own RPC connection. Every call is a
new one between two phones that know each other.
"""

import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))

from lib.phone import Phone                              # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.relay import LossyRelay, SipRelay               # noqa: E402

ALICE, BOB, RELAY = "127.0.0.10", "127.0.0.11", "127.0.0.12"
RUNS = 5 if os.environ.get("QUICK") else 20


def one(a, target):
    """Milliseconds from the answer to the keys."""
    a.rpc.flush()
    ident = a.dial(target)
    up = None
    while True:
        call = a.rpc.wait("call.changed", lambda c: c["id"] == ident, 20)
        now = time.monotonic()
        assert call["state"] != "ended", call["reason"]
        if call["answered"] and up is None:
            up = now
        if call["sas"]:
            break
    a.rpc("call.hangup", call=ident)
    wait_until(lambda: not [c for c in a.calls() if c["state"] != "ended"],
               10, "the end")
    # before the answer, in early media, counts as nothing
    return 1000 * (now - up) if up else 0.0


def measure(folder, rtt):
    a = Phone(folder, f"a{rtt}", ALICE).start()
    b = Phone(folder, f"b{rtt}", BOB).start()
    media = LossyRelay(RELAY, delay=rtt / 2000)
    sip = SipRelay(RELAY, ALICE, BOB, media.change)
    try:
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        one(a, f"sip:bob@{RELAY}")
        return [one(a, f"sip:bob@{RELAY}") for _ in range(RUNS)]
    finally:
        for thing in sip, media, b, a:
            thing.stop()


def main():
    print(f"\nZRTP: milliseconds from the answer to the keys, {RUNS} calls\n")
    print(f"{'round trip':>12} {'median':>8} {'least':>8} {'most':>8}")
    with tempfile.TemporaryDirectory(prefix="oh-zrtp-") as folder:
        for rtt in 0, 100:
            ms = measure(folder, rtt)
            print(f"{rtt:>9} ms {statistics.median(ms):>8.0f} "
                  f"{min(ms):>8.0f} {max(ms):>8.0f}", flush=True)


if __name__ == "__main__":
    main()
