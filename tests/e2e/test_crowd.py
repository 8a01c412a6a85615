"""Five thousand contacts and a hundred thousand calls."""

import time

import pytest

from lib import crowd
from lib.phone import SANITIZED, program
from lib.proc import status, wait_until
from lib.sip import Peer
from lib.tmux import Tmux

CONTACTS, ROWS = 5000, 100000


@pytest.fixture
def old_phone(phone):
    """A phone that has been in use for years."""
    p = phone(config={"codecs": "PCMU"})
    p.direct("alice")
    p.rpc("log.list", limit=1)
    p.stop()
    crowd.fill(p.profile, CONTACTS, ROWS)
    p.start()
    return p


def test_console(old_phone, crew, box):
    """It starts, filters, and goes to the oldest row and back."""
    p = old_phone
    t = crew.add(Tmux(box, [program("offhook"), "--profile", p.profile],
                      env=p.env()))
    t.wait_text("Ada ", 30)
    shell = t.pane_pid()
    with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as f:
        pid = int(f.read().split()[0])
    t.keys("/")
    t.type("zoë miller 25")
    t.wait_text("Zoë Miller 25", 20)
    t.keys("Escape")
    t.wait_text(" ? Help", 20)
    # the newest call, the oldest, and one by its name
    t.type(":panel log")
    t.keys("Enter")
    newest, oldest = "Nov'23", "Sep'20"
    t.wait_text(newest, 20)
    t.keys("G")
    t.wait_text(oldest, 60)
    memory = status(pid, "VmRSS")
    print(f"console {memory} kB with {ROWS} rows, phone "
          f"{status(p.pid, 'VmRSS')} kB")
    assert SANITIZED or memory < 96 * 1024, memory
    assert SANITIZED or status(p.pid, "VmRSS") < 96 * 1024
    t.keys("g")
    t.wait_text(newest, 20)
    t.keys("/")
    t.type("zoë miller 25")
    wait_until(lambda: any("Zoë Mill" in x[:29] for x in
                           t.lines()[14:]), 30, t.screen)


def test_a_search_stops_nobody(old_phone):
    """While a search goes through all rows the phone answers; who asks anew
    has the answers in their order."""
    p = old_phone
    c, peer = p.rpc, Peer("127.0.0.22")
    begin = time.monotonic()
    assert c("log.list", search="there is no such name") == []
    print(f"all rows in {time.monotonic() - begin:.3f} s")

    def ask(ident, **prm):
        return (b'{"jsonrpc":"2.0","id":%d,"method":"log.list","params":{%s}}'
                b"\n" % (ident, ",".join(
                    f'"{k}":"{v}"' for k, v in prm.items()).encode()))
    c.raw(b"".join(ask(900 + i, search=f"nobody{i}") for i in range(20)) +
          ask(950, search="Zoë Miller 25"))
    got = []
    assert peer.options((p.addr, 5060), timeout=10) is not None
    while not got or got[-1]["id"] != 950:
        msg = c._line(time.monotonic() + 20)
        assert msg, got
        if "id" in msg:
            got.append(msg)
    assert [m["id"] for m in got] == [*range(900, 920), 950], got
    assert [r["peer"]["name"] for r in got[-1]["result"]][:1] == \
        ["Zoë Miller 25"], got[-1]
    peer.close()
