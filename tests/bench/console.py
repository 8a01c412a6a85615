"""The console beside other programs of the terminal, the same act of each.

Method: each on a pty of its own of 80x24, in turn on core 1, the stopwatch
on core 0. A key's time ends with the last byte that came within 50 ms of
the one before. Bytes are all that the terminal gets. Those not installed
are left out; acts that a program does not have stay empty.
"""

import os
import select
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bench import CALL, IDLE, QUICK, memory, pin, quantile   # noqa: E402
from lib import crowd                                    # noqa: E402
from lib.phone import ROOT, Phone, program               # noqa: E402
from lib.sip import Call, Peer                           # noqa: E402
from lib.term import Term                                # noqa: E402

KEYS = 40


def key(t, data, quiet=0.05, limit=5.0):
    """(milliseconds until the last byte, bytes)"""
    begin = last = time.monotonic()
    t.type(data)
    n = 0
    while time.monotonic() - begin < limit and \
            select.select([t.fd], [], [], quiet if n else 0.5)[0]:
        n += len(os.read(t.fd, 65536))
        last = time.monotonic()
    return (last - begin) * 1e3, n


def start(argv, want, **kw):
    """The program, and milliseconds until its first frame was there."""
    begin = time.monotonic()
    t = Term(argv, **kw)
    while want.encode() not in t.data:
        if not select.select([t.fd], [], [], 20)[0]:
            raise TimeoutError(f"{argv[0]}: no {want}: {t.data[-300:]!r}")
        t.read_at_most(65536, 0)
    took = (time.monotonic() - begin) * 1e3
    t.read(0.5)
    return t, took


def starts(argv, want, **kw):
    """Median of five."""
    took = []
    for _ in range(5):
        t, ms = start(argv, want, **kw)
        took.append(ms)
        t.stop()
    return quantile(took, 0.5)


def acts(argv, want, down, up, letter=None, help_=None, close="\x1b",
         redraw="\x0c", begin="", **kw):
    """The figures of one program, a dict."""
    rows = {"start": starts(argv, want, **kw)}
    t, _ = start(argv, want, **kw)
    pin(t.pid)
    if begin:
        key(t, begin)
    rows["rss"] = memory(t.pid)[0]
    rows["idle"] = len(t.read_for(IDLE)) * 10 / IDLE
    if down:
        moves = [key(t, (down, up)[i % 2]) for i in range(KEYS)]
        rows["move_ms"] = quantile([m[0] for m in moves], 0.5)
        rows["move"] = quantile([m[1] for m in moves], 0.5)
    if redraw:
        rows["redraw"] = key(t, redraw)[1]
    if help_:
        rows["help"] = key(t, help_)[1]
        key(t, close)
    if letter:
        key(t, letter[0])
        typed = [key(t, x) for x in letter[1]]
        rows["letter"] = quantile([m[1] for m in typed], 0.5)
        rows["letter_ms"] = quantile([m[0] for m in typed], 0.5)
    t.stop()
    return rows


def offhook(folder):
    p = Phone(folder, "screen", "127.0.0.62", source="tone,440",
              sink="null,", config={"codecs": "PCMU"}).start()
    p.direct("alice", auto_answer=True)
    for i in range(40):
        p.rpc("contact.add", name=f"Person {i:02d}",
              uris=[f"sip:p{i}@127.0.0.99"])
    argv = [program("offhook"), "--profile", p.profile]
    rows = acts(argv, "Person 00", "j", "k", letter=(":", "contactadd"),
                help_="?", env=p.env())
    t, _ = start(argv, "Person 00", env=p.env())
    t.resize(200, 60)
    t.read(0.5)
    rows["redraw200"] = key(t, "\x0c")[1]
    t.resize(80, 24)
    t.read(0.5)
    peer = Peer("127.0.0.63")
    call = Call(peer, ("127.0.0.62", 5060), p.uri("alice"))
    call.start_rtp()
    t.read_for(2)
    rows["tick"] = len(t.read_for(CALL)) / CALL
    call.bye()
    peer.close()
    t.stop()
    p.stop()
    return rows


def crowded(folder):
    """5,000 contacts and 100,000 calls."""
    p = Phone(folder, "crowd", "127.0.0.62").start()
    p.direct("alice")
    p.rpc("log.list", limit=1)
    p.stop()
    crowd.fill(p.profile)
    p.start()
    argv = [program("offhook"), "--profile", p.profile]
    rows = {"start": starts(argv, "Ada", env=p.env())}
    t, _ = start(argv, "Ada", env=p.env())
    pin(t.pid)
    rows["rss"] = memory(t.pid)[0]
    moves = [key(t, "jk"[i % 2])[0] for i in range(KEYS)]
    rows["move_ms"] = quantile(moves, 0.5)
    key(t, "/")
    rows["filter"] = max(key(t, x)[0] for x in "zoë mill")
    key(t, "\x1b", 0.2)
    key(t, "\t")
    key(t, "/")
    rows["search"] = max(key(t, x, 0.5)[0] for x in "zoë mill")
    key(t, "\x1b", 1.0)
    t.data, begin = b"", time.monotonic()
    t.type("G")
    t.wait("Ada Miller 0", 60)
    rows["oldest"] = (time.monotonic() - begin) * 1e3
    rows["rss_all"] = memory(t.pid)[0]
    rows["phone_rss"] = memory(p.pid)[0]
    t.stop()
    p.stop()
    return rows


def others(folder):
    have = {}
    if shutil.which("tig"):
        have["tig"] = acts([shutil.which("tig")], "[main]", "j", "k",
                           help_="h", close="q", cwd=ROOT,
                           env={"HOME": folder})
    if shutil.which("htop"):
        have["htop"] = acts([shutil.which("htop")], "Quit", "\x1b[B",
                            "\x1b[A", help_="\x1bOP", close="q",
                            env={"HOME": folder})
    if shutil.which("weechat"):
        have["weechat"] = acts([shutil.which("weechat"), "-t"], "WeeChat",
                               None, None, letter=("x", "contactadd"),
                               env={"HOME": folder})
    if shutil.which("sngrep") and os.getuid() == 0:
        have["sngrep"] = acts([shutil.which("sngrep"), "-d", "lo"],
                              "Current Mode", None, None, redraw=None,
                              env={"HOME": folder})
    return have


ROWS = (("start to first frame", "start", "ms", 200),
        ("a move until drawn p50", "move_ms", "ms", 5),
        ("a letter until drawn p50", "letter_ms", "ms", 5),
        ("a move", "move", "bytes", 200),
        ("a letter", "letter", "bytes", 40),
        ("help", "help", "bytes", 4000),
        ("full redraw 80x24", "redraw", "bytes", 5000),
        ("idle, 10 s", "idle", "bytes", None),
        ("RSS", "rss", "MB", None))

MORE = (("full redraw 200x60", "redraw200", "bytes", 9000),
        ("a tick of a call", "tick", "bytes/s", 60))

CROWD = (("start to the first contacts", "start", "ms", None),
         ("a move until drawn p50", "move_ms", "ms", 5),
         ("filter contacts, worst key", "filter", "ms", None),
         ("search calls, worst key", "search", "ms", None),
         ("to the oldest call", "oldest", "ms", None),
         ("RSS at the start", "rss", "MB", None),
         ("RSS, all calls loaded", "rss_all", "MB", None),
         ("RSS of the phone", "phone_rss", "MB", None))


def line(row, what, unit, aim, ours, theirs):
    cells = [f"{ours[what]:9.1f}"]
    for it in theirs.values():
        cells.append(f"{it[what]:9.1f} {ours[what] / it[what]:6.2f}"
                     if it.get(what) else " " * 16)
    verdict = "" if aim is None else \
        f"{'ok' if ours[what] <= aim else 'MISSED'} (<= {aim})"
    print(f"| {row:<28} | {unit:<7} | {' | '.join(cells)} | "
          f"{verdict:<16} |", flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="oh-bench-") as folder:
        theirs = others(folder)
        ours = offhook(folder)
        print(f"\nload average {os.getloadavg()[0]:.2f}; behind each figure "
              "of another program ours divided by it\n")
        print(f"| {'console':<28} | {'unit':<7} | {'offhook':>9} | " +
              " | ".join(f"{n:>9} {'ratio':>6}" for n in theirs) +
              f" | {'aim':<16} |")
        print("|" + "---|" * (4 + len(theirs)))
        for row in ROWS:
            line(*row, ours, theirs)
        for row in MORE:
            line(*row, ours, {n: {} for n in theirs})
        if QUICK:
            return
        print("\n5,000 contacts, 100,000 calls:\n")
        print("| console | unit | offhook | aim |\n|---|---|---|---|")
        many = crowded(folder)
        for row in CROWD:
            line(*row, many, {})


if __name__ == "__main__":
    main()
