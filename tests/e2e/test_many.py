"""Two thousand calls in a row through the registrar: nothing of them stays
behind in the phone.

Without the trace: up to half a megabyte of messages that it keeps lies here
and there between what is given back, and holds four times as much.
"""

import os
import time

import pytest

from lib.phone import SANITIZED
from lib.proc import status, wait_until

CALLS = 200 if SANITIZED else 2000
SPARE = 1536                  # kB that may remain, of 20,000

FLOW = """
> INVITE sdp
< 100 ?
< 180 ?
< 200
> ACK
> BYE
< 200
"""


def state(phone):
    """(descriptors, threads, kB of memory) of the phone."""
    pid = phone.proc.pid
    return (len(os.listdir(f"/proc/{pid}/fd")), status(pid, "Threads"),
            status(pid, "VmRSS"))


@pytest.mark.needs("sipp")
@pytest.mark.limit(200)
def test_two_thousand_calls(phone, sipp, proxy):
    p = phone("alice", config={"codecs": "PCMU", "security.minimum": "off",
                               "media.ports": "20000-23000",
                               "trace.size": "0",
                               "log.level": "warning"})
    acc = p.register(proxy.account("alice", "tcp", auto_answer=True))
    assert acc["state"] == "registered", acc

    def play(name, calls):
        s = sipp(name, remote="127.0.0.1:5060", transport="t1", flow=FLOW,
                 routed=True, calls=calls, timeout=100,
                 more=["-r", "110", "-l", "30", "-timer_resol", "1"])
        s.join(110)
        # calls that have ended are shown for 5 s
        wait_until(lambda: not p.calls(), 15, "the end of the last call")

    play("first", 20)
    idle = state(p)
    start = time.monotonic()
    play("all", CALLS)
    print(f"{CALLS} calls in {time.monotonic() - start:.1f} s")
    high = state(p)
    assert high[:2] == idle[:2], (idle, high)

    # 32 s after a call its transactions are gone (RFC 3261 17), and the
    # phone gives back what it does not need
    if not SANITIZED:
        wait_until(lambda: state(p)[2] < idle[2] + SPARE, 60,
                   f"the memory of {idle[2]} kB, {high[2]} at its height",
                   pause=0.2)
    after = state(p)
    print(f"descriptors, threads, kB: {idle}, {high}, {after}")
    assert after[:2] == idle[:2], (idle, after)
    rows = p.rpc("log.list", limit=50)
    assert {r["result"] for r in rows} == {"answered"}, rows[:3]
