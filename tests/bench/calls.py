"""Many calls: memory of each, set-up through a registrar, and how many are
held at once in time; beside the peers of this machine.

SIPp holds the calls (it takes what is sent to it and sends nothing), and
sipbench looks at the packets of one more: a phone that has too much to do
sends them late.
"""

import os
import re
import tempfile
import time

from bench import (QUICK, Offhook, head, memory, peers, pin, quantile, show,
                   sipbench)

from lib.kamailio import Kamailio
from lib.phone import Phone
from lib.proc import Timeout, wait_until
from lib.sip import Peer, code, header, token
from lib.sipp import Sipp

HOLD = 30
STEPS = (50,) if QUICK else (50, 100, 200, 400)
SETUPS = 10 if QUICK else 40
LATE = 25       # ms between two packets, p99

HELD = f"""
> INVITE sdp
< 100 ?
< 180 ?
< 200 !
> ACK
~ {HOLD}000
> BYE
< 200
"""


def hold(folder, it, count):
    s = Sipp(folder, f"hold{count}", addr="127.0.0.51", remote=it.addr +
             ":5060", user=it.user, flow=HELD, calls=count, timeout=HOLD * 3,
             more=["-l", str(count), "-r", "40"])
    return s.start()


def in_parallel(folder, it):
    """(kB of each call, most calls in time); None of who cannot"""
    # pjsua takes as many as it was built for
    it.calls = 256
    try:
        pid = it.start()
    except Timeout:
        return None, None
    pin(pid)
    each, most = None, 0
    for count in STEPS:
        before = memory(pid)[0]
        s = hold(folder, it, count)
        wait_until(lambda s=s, n=count: s.messages().count("\nACK sip") >= n
                   or not s.running(), 30, "the calls")
        if not s.running():
            break
        run = sipbench("call", it.addr, 5060, it.user, 5, "pcmu")
        gap = re.search(r"p99 ([\d.]+)", run.stdout)
        if each is None and gap:
            each = (memory(pid)[0] - before) * 1024 / count
        print(f"    {it.name}: {count} calls, {run.stdout.strip()[-120:]}")
        s.stop()
        if not gap or float(gap[1]) > LATE:
            break
        most = count
        it.stop()
        pid = it.start()
        pin(pid)
    it.stop()
    return each, most


def setup(folder):
    """(INVITE->180, INVITE->200) in ms, through the registrar."""
    proxy = Kamailio(os.path.join(folder, "proxy")).start()
    p = Phone(folder, "setup", config={"codecs": "PCMU"}).start()
    p.register(proxy.account("alice", auto_answer=False))
    q = Phone(folder, "answers", addr="127.0.0.11",
              config={"codecs": "PCMU"}).start()
    q.register(proxy.account("dave", auto_answer=True))
    out = []
    for user, want in (("alice", 180), ("dave", 200)):
        peer = Peer("127.0.0.52", 5060 + want)
        # a stranger may not call that often
        peer.user = "bench"
        for phone in p, q:
            phone.rpc("contact.add", name=f"Bench {want}",
                      uris=[f"sip:bench@{peer.addr}"])
        took = []
        for _ in range(SETUPS):
            ident = token()
            branch = "z9hG4bK" + ident
            uri = f"sip:{user}@127.0.0.1"
            start = time.monotonic()
            peer.send(peer.request(
                "INVITE", uri, ident, body=peer.sdp(), branch=branch,
                ctype="application/sdp"), ("127.0.0.1", 5060))
            peer.wait(lambda m, i=ident, w=want: i in m and code(m) == w)
            took.append((time.monotonic() - start) * 1e3)
            # nor as fast as it can
            time.sleep(0.1)
            if want == 180:
                call = p.incoming()
                p.rpc("call.reject", call=call)
                no = peer.wait(lambda m, i=ident: i in m and
                               code(m) == 486)
                peer.send(peer.request("ACK", uri, ident, 1,
                                       header(no, "To")[0], branch=branch),
                          ("127.0.0.1", 5060))
                p.wait_call(call, "ended")
        peer.close()
        out.append(took)
    for phone in (p, q):
        phone.end()
    proxy.stop()
    return out


def main():
    with tempfile.TemporaryDirectory(prefix="oh-calls-") as folder:
        ring, answer = setup(folder)
        ours, theirs = Offhook(folder), peers(folder)
        ours.p.config["media.ports"] = "20000-23000"
        us = in_parallel(folder, ours)
        them = [in_parallel(folder, it) for it in theirs]
    head([it.name for it in theirs])
    none = [None] * len(them)
    for what, took in ("180", ring), ("200", answer):
        for q in 50, 99:
            show(f"INVITE -> {what} by a registrar p{q}",
                 quantile(took, q / 100), none, "ms", None)
        show(f"INVITE -> {what} by a registrar, first", took[0], none, "ms",
             None)
    for i, (row, unit) in enumerate((("memory of a call", "kB"),
                                     ("calls at once in time", "calls"))):
        show(row, us[i], [t[i] for t in them], unit, None)


if __name__ == "__main__":
    main()
