"""Fixtures: each test file has its registrar, each test its phones.

At the end of a test every phone is ended by SIGTERM and must leave with
status 0; in a sanitized build no report may lie beside it.
"""

import os
import re
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lib import phone as phone_mod                       # noqa: E402
from lib.baresip import Baresip                          # noqa: E402
from lib.kamailio import Kamailio                        # noqa: E402
from lib.linphone import Linphone                        # noqa: E402
from lib import matrix                                   # noqa: E402
from lib import pulse as pulse_mod                       # noqa: E402
from lib.registrar import Registrar                      # noqa: E402
from lib.sip import Call, Peer                            # noqa: E402
from lib.sipp import Sipp                                # noqa: E402
from lib.term import Term                                # noqa: E402
from lib.tmux import Tmux                                # noqa: E402
from lib.wav import Voices                               # noqa: E402

LIMIT = 150     # seconds a test may take


def pytest_configure(config):
    config.addinivalue_line("markers", "limit(seconds): time of a test")
    config.addinivalue_line("markers",
                            "needs(program, ...): skip without them")


def pytest_runtest_setup(item):
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if not shutil.which(name):
                pytest.skip(f"{name} is not installed")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """A test that hangs fails instead of stopping the others."""
    mark = item.get_closest_marker("limit")

    def stop(_sig, _frame):
        raise AssertionError("the test took too long")
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(mark.args[0] if mark else LIMIT)
    yield
    signal.alarm(0)


def pytest_terminal_summary(terminalreporter):
    """Count for run.sh, which sums over all files."""
    if matrix.WHOLE and matrix.ROWS:
        terminalreporter.write_line("\n".join(matrix.rows()))
    path = os.environ.get("OFFHOOK_RESULT")
    if not path:
        return
    stats = terminalreporter.stats
    bad = {r.nodeid for r in stats.get("failed", []) +
           stats.get("error", []) if hasattr(r, "nodeid")}
    bad_collect = [r for r in stats.get("error", [])
                   if not hasattr(r, "nodeid")]
    good = {r.nodeid for r in stats.get("passed", [])} - bad
    with open(path, "w", encoding="ascii") as f:
        f.write(f"{len(good)} {len(bad) + len(bad_collect)} "
                f"{len(stats.get('skipped', []))}\n")


@pytest.fixture
def box(request):
    """A folder for this test; short, as sockets' names must be. It stays
    if the test fails."""
    name = re.sub(r"\W+", "-", request.node.name)[:24]
    folder = tempfile.mkdtemp(prefix=f"oh-{name}-")
    yield folder
    if not getattr(request.node, "bad", False):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"kept: {folder}")


@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().failed:
        item.bad = True


@pytest.fixture(scope="session")
def voices():
    return Voices(os.path.join(phone_mod.ROOT, "build/tests/voices"))


class Crew:
    """Makes things that must be ended, and ends them last to first."""

    def __init__(self):
        self.all = []

    def add(self, thing):
        self.all.append(thing)
        return thing

    def stop(self):
        wrong = []
        for thing in reversed(self.all):
            try:
                thing.stop()
            except AssertionError as e:
                wrong.append(str(e))
        self.all.clear()
        assert not wrong, "\n".join(wrong)


@pytest.fixture
def crew():
    c = Crew()
    yield c
    c.stop()


@pytest.fixture
def phone(box, crew):
    """phone(name, addr, ...) starts one."""
    def make(name="phone", addr="127.0.0.10", start=True, **kw):
        p = crew.add(phone_mod.Phone(box, name, addr, **kw))
        return p.start() if start else p
    return make


@pytest.fixture
def linphone(box, crew):
    return lambda **kw: crew.add(Linphone(box, **kw)).start()


@pytest.fixture
def baresip(box, crew):
    return lambda **kw: crew.add(Baresip(box, **kw)).start()


@pytest.fixture
def sipp(box, crew):
    return lambda *a, **kw: crew.add(Sipp(box, *a, **kw)).start()


@pytest.fixture
def pulse(box, crew):
    """A PulseAudio of this test's own."""
    if pulse_mod.missing():
        pytest.skip(f"{pulse_mod.missing()} is not installed")
    return crew.add(pulse_mod.Pulse(box)).start()


@pytest.fixture
def tmux(box, crew):
    return lambda *a, **kw: crew.add(Tmux(box, *a, **kw))


@pytest.fixture
def seat(phone, crew):
    """seat(cols, rows): a phone with a console on a bare pty."""
    def make(cols=80, rows=24, auto_answer=True, **more):
        p = phone(config={"codecs": "PCMU"}, source="tone,440",
                  sink="null,", **more)
        p.direct("alice", auto_answer=auto_answer)
        t = crew.add(Term([phone_mod.program("offhook"), "--profile", p.profile],
                          cols, rows, env=p.env()))
        t.wait("Contacts")
        t.read(0.5)
        return p, t
    return make


@pytest.fixture
def talking(phone):
    """A phone in a call, with a contact."""
    p = phone(config={"codecs": "PCMU"})
    p.direct("alice", auto_answer=True)
    p.rpc("contact.add", name="Chloé Martin", uris=["sip:chloe@127.0.0.77"])
    peer = Peer("127.0.0.21")
    call = Call(peer, (p.addr, 5060), p.uri("alice"))
    call.start_rtp()
    p.wait_call(None, "established")
    yield p
    call.bye()
    peer.close()


@pytest.fixture
def registrar(box, crew):
    """registrar(algorithm=, cert=...) starts another one for this test."""
    def make(name="registrar", **kw):
        if not shutil.which("kamailio"):
            pytest.skip("kamailio is not installed")
        return crew.add(Kamailio(os.path.join(box, name), **kw)).start()
    return make


@pytest.fixture
def server():
    """A registrar whose every answer is the test's own."""
    r = Registrar()
    yield r
    r.close()


@pytest.fixture(scope="module")
def proxy():
    """The registrar that the tests of a file share."""
    if not shutil.which("kamailio"):
        pytest.skip("kamailio is not installed")
    folder = tempfile.mkdtemp(prefix="oh-proxy-")
    k = Kamailio(folder).start()
    yield k
    k.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def trio(phone, voices, box, proxy):
    """trio(name, voice) is a phone at the registrar; it says `voice` all
    the time."""
    addrs = iter(["127.0.0.10", "127.0.0.11", "127.0.0.12"])

    def make(name, voice="one", auto_answer=False, **more):
        p = phone(name, addr=next(addrs),
                  source=f"file,{voices.brief(voice)},repeat",
                  sink=f"file,{box}/{name}.wav",
                  config={"codecs": "PCMU", **more})
        p.heard = f"{box}/{name}.wav"
        acc = p.register(proxy.account(name, auto_answer=auto_answer))
        assert acc["state"] == "registered", acc
        return p
    return make
