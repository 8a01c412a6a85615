"""Golden screens: every screen, at three sizes, in every language, on every
kind of terminal.

Consoles look at one recorded phone side by side while their clock stands
still, and get the same keys; what each of them shows is compared with
tests/data/screens/LANG/SIZE/SCREEN.txt, text and colours (lib/golden.py says
how to read it). `make goldens` writes all of them anew; look at the change
before you commit it.
"""

import glob
import os
import re
import subprocess
import time

import pytest

from lib import recorded
from lib.golden import TIERS, Golden, Legend
from lib.phone import BUILD, ROOT, program
from lib.proc import Timeout, wait_until
from lib.recorded import BOB, DAD, NADIA, NOW, Recorded, call
from lib.tmux import Beside, Tmux

pytestmark = pytest.mark.needs("tmux")

WRITE = bool(os.environ.get("OFFHOOK_GOLDENS"))
DATA = recorded.DATA
SIZES = [(80, 24), (120, 40), (60, 16)]
TINY = [(39, 7), (20, 2), (40, 8), (76, 20)]
LANGUAGES = ["en", "ru"]
PATIENCE = 15           # seconds until a screen that is not right is wrong

# A screen: its name, the calls there are, the keys that lead to it ("~TEXT":
# wait for that), and how often C-g leads back
ACTIVE = call(1)
SECOND = call(2, BOB, "held", "in", held=True, start=NOW - 300,
              answered=NOW - 290)
MOVED = call(1, DAD, "ringing", question={
    "kind": "redirect", "by": "Dad",
    "target": "sip:reception@a-rather-long-name.of-another-house.example."
              "org;transport=tls"})
BROKEN = call(1, label="broken", alarms=[{
    "kind": "cache-mismatch", "acknowledged": False,
    "text": "The keys kept from the last call with Chloé Martin do not fit: "
            "somebody may be in between. Compare the words now."}])
WIZARD = [":account new", "Enter", "alice@example.org", "Tab", "Tab", "Tab",
          "Enter", "~5061", "Tab", "Tab", "Tab", "Tab", "Tab", "Enter",
          "~alice@example.org: ", "Tab", "Tab", "Tab", "Enter"]
SCREENS = [
    ("contacts", [], [], 0),
    ("log", [], ["M-2"], 0),
    ("chat", [], ["M-3"], 0),
    ("write", [], ["i", "See you there ☺"], 1),
    ("no-call", [], ["M-4"], 0),
    ("find", [], ["/", "zo"], 1),
    ("dial", [], ["d", "+4930"], 1),
    ("dial-in-call", [ACTIVE], ["M-1", "d", "+4930"], 1),
    ("complete", [], [":th", "Tab"], 1),
    ("complete-contact", [], [":call ", "Tab"], 1),
    ("help", [], ["?"], 1),
    ("palette", [], ["?", "mute"], 1),
    ("settings", [], ["o"], 1),
    ("themes", [], [":theme", "Enter", "Home"], 1),
    ("account", [], [":account edit alice@example.org", "Enter"], 1),
    ("contact", [], ["M-1", "e"], 1),
    ("wizard-1", [], WIZARD[:2], 1),
    ("wizard-2", [], WIZARD[:8], 1),
    ("wizard-3", [], WIZARD[:15], 1),
    ("wizard-4", [], WIZARD, 1),
    ("doctor", [], [":doctor", "Enter"], 1),
    ("message", [], [":call", "Enter"], 0),
    ("leave", [], ["Q"], 1),
    ("status", [ACTIVE], [":panel status", "Enter"], 0),
    ("trace", [ACTIVE], [":panel trace", "Enter"], 0),
    ("ladder", [ACTIVE], ["L"], 1),
    ("ringing", [call(1, state="ringing", direction="in")], [], 0),
    ("ringing-typing", [call(1, state="ringing", direction="in")],
     [":ca"], 1),
    ("calling", [call(1, DAD, "early")], ["M-4"], 0),
    ("active", [ACTIVE], ["M-4"], 0),
    ("active-elsewhere", [ACTIVE], ["M-1"], 0),
    ("verified", [call(1, label="verified", verified=True, muted=True,
                       recording=True, digits="42#")], ["M-4"], 0),
    ("plain", [call(1, label="plain", crypto="none", sas="", sas_words="",
                    codec="PCMU", rate=8000, notice="no sound comes in",
                    figures={"rtt_ms": 412, "loss": 12.5, "jitter_ms": 61,
                             "mos": 1.9, "network": "poor"})], ["M-4"], 0),
    ("held", [SECOND], ["M-4"], 0),
    ("several", [ACTIVE, SECOND, call(3, NADIA, "ringing", "in")],
     ["M-4"], 0),
    ("conference", [call(1, conference=1), SECOND | {
        "state": "established", "held": False, "conference": 1}],
     ["M-4"], 0),
    ("ended", [call(1, DAD, "ended", ended=NOW, reason={
        "code": 480, "text": "Not reachable now",
        "advice": "try again later, or leave a message"})], ["M-4"], 0),
    ("words", [ACTIVE], ["v"], 1),
    ("security", [ACTIVE], ["V"], 1),
    ("alarm", [BROKEN], [], 0),
    ("question", [MOVED], [], 1),
]

# Each overlay, and a screen with it in front
OVERLAYS = {
    "account": "account", "alarm": "alarm", "confirm": "leave",
    "contact": "contact", "help": "help", "notice": "doctor",
    "question": "question", "sas": "words", "settings": "settings",
    "themes": "themes", "trace": "ladder", "wizard": "wizard-1"}

TINY_SCREENS = [("idle", []), ("active", [ACTIVE]),
                ("ringing", [call(1, state="ringing", direction="in")])]

# What the consoles think they draw on, with its tier of colours. The first
# of a tier is the one its goldens are made by: it writes its blanks, where
# others clear a line in a colour, which tmux does not tell
KINDS = {"tmux-256color": "256", "xterm-256color": "256",
         "xterm-16color": "16", "screen": "8", "linux": "linux",
         "vt100": "mono", "no-color": "mono"}
MAKERS = {tier: kind for kind, tier in reversed(KINDS.items())}
LEGEND = Legend(f"{DATA}/looks.txt")


@pytest.fixture(scope="module")
def still(tmp_path_factory):
    """A clock that stands still, to be preloaded."""
    lib = tmp_path_factory.mktemp("clock") / "clock.so"
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o",
                    str(lib), os.path.join(ROOT, "tests/tools/clock.c")],
                   check=True)
    return str(lib)


@pytest.fixture(scope="module")
def sixteen(tmp_path_factory):
    """Terminfo of a terminal with 16 colours: few systems bring one."""
    folder = tmp_path_factory.mktemp("terminfo")
    text = subprocess.run(["infocmp", "-x", "xterm-256color"], check=True,
                          capture_output=True, text=True).stdout
    text = text.replace("xterm-256color|", "xterm-16color|").replace(
        "colors#0x100", "colors#16").replace("bce, ", "")
    subprocess.run(["tic", "-x", "-o", str(folder), "-"], input=text,
                   check=True, text=True)
    return {"TERMINFO": str(folder)}


class Seat:
    """A console that looks at the phone: its terminal, size and kind."""

    def __init__(self, desk, kind, size, pane=None):
        env = {"TERM": kind, **({"TERM": "xterm-256color", "NO_COLOR": "1"}
                                if kind == "no-color" else {}),
               **(desk.sixteen if kind == "xterm-16color" else {})}
        self.kind, self.tier = kind, KINDS[kind]
        self.cols, self.rows = size
        self.folder = f"{desk.language}/{self.cols}x{self.rows}"
        self.prefix = f"pane-{pane}-" if pane else ""
        self.t = Beside(desk.server, [
            "env", f"LD_PRELOAD={desk.still}", f"OFFHOOK_CLOCK={NOW}",
            "ASAN_OPTIONS=verify_asan_link_order=0", "TZ=UTC",
            "LC_ALL=C.UTF-8", f"LANGUAGE={desk.language}",
            *[f"{k}={v}" for k, v in env.items()], program("offhook"),
            "--profile", desk.phone.profile,
            *(["-p", pane] if pane else [])], *size)

    def __str__(self):
        return f"{self.folder} on {self.kind}"


class Desk:
    """Consoles of all sizes and kinds that look at one recorded phone."""

    def __init__(self, box, crew, still, sixteen, language="en",
                 sizes=tuple(SIZES), kinds=tuple(KINDS), panes=(None,)):
        self.phone = crew.add(Recorded(f"{box}/p"))
        self.language, self.still, self.sixteen = language, still, sixteen
        self.server = crew.add(Tmux(box, ["true"]))
        self.server.control()
        self.goldens, self.patience = {}, PATIENCE
        self.seats = [Seat(self, kind, size, pane) for pane in panes
                      for size in sizes for kind in kinds]
        wait_until(lambda: len(self.phone.ready) == len(self.seats), 30,
                   "the consoles")
        self.pids = [pid for shell in self.server.tmux(
            "list-panes", "-a", "-F", "#{pane_pid}").split()
                     for pid in [shell, *children(shell)]]
        self.phone.show()
        if sizes == tuple(SIZES) and panes == (None,):
            self.home()

    def all(self, *args):
        """The same for each of them: what they answer."""
        return self.server.batch([(args[0], "-t", seat.t.target, *args[1:])
                                  for seat in self.seats])

    def home(self, wait=True):
        """Contacts, the one with two new messages; until it is shown."""
        self.all("send-keys", "M-1", "Home", "j", "j")
        if WRITE:
            self.settled()
        elif wait:
            # what is wrong is said by its own comparison
            self.await_golden("contacts")

    def show(self, screen):
        """Go to a screen."""
        _, calls, keys, _ = screen
        self.phone.show(*calls)
        for key in keys:
            if key[0] == "~":
                for seat in self.seats:
                    seat.t.wait_text(key[1:])
            elif key in ("Tab", "Enter", "Home") or key.startswith("M-"):
                self.all("send-keys", key)
            else:
                self.all("send-keys", "-l", key)

    def back(self, screen, wait):
        for _ in range(screen[3]):
            self.all("send-keys", "C-g")
        self.phone.show()
        self.home(wait)

    def golden(self, seat, name):
        path = f"{DATA}/{seat.folder}/{seat.prefix}{name}.txt"
        if path not in self.goldens:
            self.goldens[path] = Golden(path, seat.rows, LEGEND)
        return self.goldens[path]

    def settled(self):
        """What they show when nothing changes and nobody works any more."""
        last, since = None, 0
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            now = self.all("capture-pane", "-p", "-e", "-N")
            if now != last or any(map(busy, self.pids)):
                last, since = now, time.monotonic()
            elif time.monotonic() - since > 0.4:
                break
            time.sleep(0.02)
        return last

    def await_golden(self, name):
        """Until all of them show it; those that do not, and what is wrong
        with them. Once they did not there is less patience."""
        end = time.monotonic() + self.patience
        out = {}
        for seat in self.seats:
            golden = self.golden(seat, name)
            while True:
                raw = self.server.tmux("capture-pane", "-t", seat.t.target,
                                       "-p", "-e", "-N")
                if golden.fits(raw, seat.tier):
                    break
                if time.monotonic() > end:
                    out[seat] = golden.differences(raw, seat.tier)
                    break
                time.sleep(0.01)
        if out:
            self.patience = 1
        return out

    def compare(self, name, wrong):
        """Wait for what the goldens say; what is not so goes into the
        list."""
        if WRITE:
            raws = {}
            for seat, raw in zip(self.seats, self.settled()):
                raws.setdefault(self.golden(seat, name), {})[seat.kind] = raw
            for golden, kinds in raws.items():
                golden.write([kinds[MAKERS[tier]] for tier in TIERS])
            return
        for seat, lines in self.await_golden(name).items():
            wrong.append("\n".join([f"{seat.prefix}{name} {seat}", *lines[:30]]))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return f.read().split()


def busy(pid):
    with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
        return f.read().rpartition(")")[2].split()[0] != "S"


def judge(wrong):
    assert not wrong, "\n\n".join(wrong[:6]) + \
        "\n\nIf this is meant to be so: make goldens, and look at the change"


@pytest.mark.limit(400)
@pytest.mark.parametrize("language", LANGUAGES)
def test_screens(box, crew, still, sixteen, language):
    desk = Desk(box, crew, still, sixteen, language)
    wrong = []
    for screen, after in zip(SCREENS, [*SCREENS[1:], SCREENS[0]]):
        desk.show(screen)
        desk.compare(screen[0], wrong)
        # keys come in their order, but a call that comes or goes may
        # overtake them
        desk.back(screen, wait=screen[1] or after[1])
    desk.phone.away()
    desk.compare("away", wrong)
    judge(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_panes(box, crew, still, sixteen, language):
    """Panels alone, in a pane of their own: without a call and with one."""
    desk = Desk(box, crew, still, sixteen, language, kinds=MAKERS.values(),
                panes=panels())
    wrong = []
    for name, calls in ("idle", []), ("call", [ACTIVE]):
        desk.phone.show(*calls)
        desk.compare(name, wrong)
    judge(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tiny(box, crew, still, sixteen, language):
    """Below 40x8, and where three tiles become one: what matters most."""
    desk = Desk(box, crew, still, sixteen, language, sizes=TINY)
    wrong = []
    for name, calls in TINY_SCREENS:
        desk.phone.show(*calls)
        desk.compare(name, wrong)
    judge(wrong)


def test_the_recording_is_true(phone):
    """One object of each kind, held against a phone that runs."""
    p = phone("alice", "127.0.0.10")
    q = phone("bob", "127.0.0.11")
    p.direct("alice")
    q.direct("bob", auto_answer=True)
    p.rpc("contact.add", name="Bob", uris=[q.uri("bob")])
    p.send(q.uri("bob"), "hello")
    ident = p.dial(q.uri("bob"))
    talk = p.wait_call(ident, "established", want=lambda c: c["sas"])
    ladder = p.rpc("trace.ladder", call=ident)
    p.rpc("call.hangup", call=ident)
    status = p.rpc("phone.status")
    real = {
        "status": status, "account": status["accounts"][0], "call": talk,
        "contact": p.rpc("contact.list")[0],
        "conversation": p.rpc("chat.list")[0],
        "message": p.messages()[0], "log": p.wait_log(lambda row: True),
        "trace": p.rpc("trace.list")[0], "ladder": ladder,
        "ladder_row": ladder["rows"][0], "setting": p.rpc("config.list")[0],
        "device": p.rpc("audio.devices")[0],
        "check": p.rpc("phone.doctor")[0]}
    for kind, template in recorded.make.all.items():
        lacks = set(template) - set(real[kind])
        assert not lacks, f"{kind}: the phone sends no {lacks}"


def panels():
    """The names that -p knows."""
    with open(f"{ROOT}/src/console/panel.c", encoding="utf-8") as f:
        return re.findall(r'\[PANEL_\w+\]\s*= \{ "(\w+)"', f.read())


def overlays():
    """What lies above the panels."""
    names = []
    for path in glob.glob(f"{ROOT}/src/console/overlays/*.c"):
        with open(path, encoding="utf-8") as f:
            names += re.findall(r'struct overlay \w+ = \{\s*\.name = "(\w+)"',
                                f.read())
    return names


def test_every_overlay_has_a_golden():
    """Whoever adds one says here which screen shows it."""
    assert len(overlays()) > 10 and len(panels()) > 5
    assert sorted(OVERLAYS) == sorted(overlays())
    assert set(OVERLAYS.values()) <= {s[0] for s in SCREENS}


@pytest.mark.skipif(os.path.basename(BUILD) != "build", reason="plain only")
def test_every_golden_is_of_a_screen():
    whole = {s[0] for s in SCREENS} | {"away"} | {
        f"pane-{panel}-{name}" for panel in panels()
        for name in ("idle", "call")}
    tiny = {name for name, _ in TINY_SCREENS}
    for language in LANGUAGES:
        sizes = {f"{cols}x{rows}": whole for cols, rows in SIZES}
        sizes.update({f"{cols}x{rows}": tiny for cols, rows in TINY})
        found = {}
        for path in glob.glob(f"{DATA}/{language}/*/*"):
            found.setdefault(path.split("/")[-2], set()).add(
                os.path.basename(path)[:-4])
        assert found == sizes
    if WRITE:
        LEGEND.write()
    assert set(LEGEND.looks) == LEGEND.used()
