"""Two thousand calls in a row through the registrar: nothing of them stays
behind in the phone."""

import os
import time

import pytest

from lib.phone import SANITIZED
from lib.proc import status, wait_until

CALLS = 200 if SANITIZED else 2000

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
                               "log.level": "warning"})
    acc = p.register(proxy.account("alice", "tcp", auto_answer=True))
    assert acc["state"] == "registered", acc

    def play(name, calls, rate=110):
        s = sipp(name, remote="127.0.0.1:5060", transport="t1", flow=FLOW,
                 routed=True, calls=calls, timeout=100,
                 more=["-r", str(rate), "-l", "30", "-timer_resol", "1"])
        s.join(110)
        # calls that have ended are shown for 5 s
        wait_until(lambda: not p.calls(), 15, "the end of the last call")

    play("first", 20)
    idle = state(p)
    start = time.monotonic()
    play("all", CALLS)
    print(f"{CALLS} calls in {time.monotonic() - start:.1f} s")
    before = state(p)
    assert before[:2] == idle[:2], (idle, before)
    # by now the heap has its size: all that a call leaves behind for 32 s
    # (RFC 3261 17) was there at once
    play("more", CALLS // 4, 40)
    after = state(p)
    print(f"descriptors, threads, kB: {idle}, {before}, {after}")
    assert after[:2] == idle[:2], (idle, after)
    assert after[2] - before[2] < 2048, (before, after)
    rows = p.rpc("log.list", limit=50)
    assert {r["result"] for r in rows} == {"answered"}, rows[:3]
