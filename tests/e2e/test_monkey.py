"""A monkey at the keys, a storm of sizes: nothing breaks."""

import os
import random
import select
import signal
import subprocess
import time

import pytest

from lib.phone import SAN_ENV, SANITIZED, program
from lib.proc import wait_until
from lib.sip import Call, Peer
from lib.term import Term

KEYS = 200_000
SECONDS = 30            # whichever comes first
CHUNK = 1500

SPECIAL = [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[H", b"\x1b[F",
           b"\x1b[5~", b"\x1b[6~", b"\x1b[3~", b"\x1b[Z", b"\x1bOP",
           b"\x1b[15~", b"\x1b[17~", b"\x1b[18~", b"\x1b[19~",
           b"\x1b[200~", b"\x1b[201~", b"\x1b[M  !", b"\x1b[<0;5;5M",
           b"\x1b[999;9z", b"\x1b]11;rgb:0/0/0\x1b\\"]
WIDE = "äß了解山👍👩‍👩‍👧שלום\u0301\u200d\u202e".encode()


def key(rnd):
    """One key of those that people, terminals and cats produce."""
    kind = rnd.random()
    if kind < 0.55:
        return bytes([rnd.randrange(33, 127)])
    if kind < 0.70:
        return rnd.choice(SPECIAL)
    if kind < 0.80:
        return rnd.choice([b"\r", b"\x1b", b"\t", b" ", b"\x7f"])
    if kind < 0.90:
        # ^Z would stop it, ^\ is the way out
        return bytes([rnd.choice([c for c in range(1, 32)
                                  if c not in (26, 28)])])
    if kind < 0.95:
        return b"\x1b" + bytes([rnd.randrange(33, 127)])
    if kind < 0.99:
        n = rnd.randrange(len(WIDE))
        return WIDE[n:n + rnd.randrange(1, 5)]
    return rnd.choice([b":theme\r", b":account new\r", b":settings\r",
                       b"\x1b\x1bo", b"\x1b?", b"A", b":panel status\r",
                       b":panel contacts\r"])


def gone(t):
    """Status of a console that has ended, else None. One that the monkey
    has suspended goes on, as by fg."""
    pid, status = os.waitpid(t.pid, os.WNOHANG | os.WUNTRACED)
    if not pid:
        return None
    if os.WIFSTOPPED(status):
        os.kill(t.pid, signal.SIGCONT)
        return None
    t.pid = None
    return status


def feed(t, data):
    """Write as much as is taken; what is drawn is read and forgotten."""
    pos = 0
    end = time.monotonic() + 3
    while pos < len(data) and time.monotonic() < end:
        r, w, _ = select.select([t.fd], [t.fd], [], 0.2)
        try:
            if w:
                pos += os.write(t.fd, data[pos:pos + 256])
            if r:
                os.read(t.fd, 1 << 16)
        except OSError:
            break
    return pos


@pytest.mark.limit(140)
def test_monkey(phone, crew, box):
    """Random keys and sizes with a phone that calls, writes and answers.
    A console that leaves must leave with 0, and is opened again."""
    seed = int(os.environ.get("OFFHOOK_SEED", random.randrange(1 << 30)))
    rnd = random.Random(seed)
    print(f"seed {seed}")
    bob = phone("bob", "127.0.0.11", config={"codecs": "PCMU",
                                             "chat.echo": "true"})
    bob.direct("bob", auto_answer=True)
    profile = f"{box}/m"
    env = {k: v.format(box) for k, v in SAN_ENV.items()}
    os.makedirs(f"{profile}/config", 0o700)
    os.chmod(profile, 0o700)
    with open(f"{profile}/config/offhook.conf", "w", encoding="ascii") as f:
        f.write("audio.source = null,\naudio.sink = null,\n"
                "audio.alert = null,\nmedia.address = 127.0.0.10\n")
    with open(f"{profile}/config/console.conf", "w", encoding="ascii") as f:
        f.write("bind any Q redraw\nset mouse on\nset links on\n")

    def offhook(*args):
        return subprocess.run([program("offhook"), "--profile", profile,
                               *args], capture_output=True, text=True,
                              env=dict(os.environ, **env), timeout=40,
                              check=False)
    run = offhook("account", "add", "alice@127.0.0.10:5060", "--direct",
                  "--listen", "127.0.0.10:5060")
    assert run.returncode == 0, run.stderr
    for i in range(30):
        assert offhook("contact", "add", f"Bob {i} 山田", bob.uri("bob")
                       ).returncode == 0

    def opened():
        # a phone that was told to quit is started again by it
        t = crew.add(Term([program("offhook"), "--profile", profile],
                          env=env, cwd=box))
        t.read(0.3)
        return t
    t = opened()
    typed = starts = 0
    end = time.monotonic() + SECONDS
    while typed < KEYS and time.monotonic() < end:
        data = b"".join(key(rnd) for _ in range(CHUNK))
        t.resize(rnd.choice([1, 20, 60, 80, 120, 300]),
                 rnd.choice([1, 5, 16, 24, 40, 90]))
        typed += feed(t, data) * CHUNK // len(data)
        if (status := gone(t)) is not None:
            assert os.WIFEXITED(status) and os.WEXITSTATUS(status) in \
                (0, 1), (seed, status)
            starts += 1
            t = opened()
    print(f"{typed} keys, the console left {starts} times")
    # it still answers: back to a whole screen
    t.resize(80, 24)
    t.type(b"\x1b[201~")
    for _ in range(8):
        t.type(b"\x1b")
        t.read(0.1)
    os.kill(t.pid, signal.SIGTERM)
    t.read(0.3)
    wait_until(t.ended, 20 if SANITIZED else 10, "the console's end")
    offhook("quit")
    reports = [n for n in os.listdir(box) if n.startswith(("asan.",
                                                           "ubsan."))]
    assert not reports, (seed, [open(f"{box}/{n}", errors="replace").read()
                                [:6000] for n in reports])
    assert typed > 20_000, typed


def test_resize_storm(phone, crew):
    """A hundred sizes a second in a call: the call goes on, what is written
    is bounded, and in the end the screen is whole."""
    p = phone(config={"codecs": "PCMU"}, source="tone,440", sink="null,")
    p.direct("alice", auto_answer=True)
    t = crew.add(Term([program("offhook"), "--profile", p.profile],
                      env=p.env()))
    t.wait("Contacts")
    peer = Peer("127.0.0.21")
    c = Call(peer, (p.addr, 5060), p.uri("alice"))
    c.start_rtp()
    t.read_for(1)
    rnd = random.Random(7)
    got = 0
    begin = time.monotonic()
    n = 0
    while time.monotonic() - begin < 3:
        t.resize(rnd.randrange(1, 301), rnd.randrange(1, 121))
        n += 1
        got += len(t.read_for(0.01))
    print(f"{n} sizes in 3 s, {got} bytes")
    assert n > 100
    assert got < 3 * 12 * 60000, got
    t.resize(80, 24)
    t.read(0.3)
    t.type("\x0c")
    t.wait("ACTIVE")
    assert p.calls()[0]["state"] == "established"
    c.bye()
    peer.close()
