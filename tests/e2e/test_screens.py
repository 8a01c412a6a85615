"""Golden screens: every screen, at three sizes, in every language.

The console looks at a recorded phone while its clock stands still; what it
shows is compared with tests/data/screens/LANG/SIZE/SCREEN.txt. For colours
some screens are kept with their looks, and each kind of terminal must show
the same text. `make goldens` writes all of them anew; look at the change
before you commit it.
"""

import difflib
import os
import subprocess
import time

import pytest

from lib import recorded
from lib.grid import described
from lib.phone import BUILD, ROOT, program
from lib.proc import Timeout, wait_until
from lib.recorded import BOB, DAD, NADIA, NOW, Recorded, call
from lib.tmux import Tmux

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
    ("complete", [], [":th", "Tab"], 1),
    ("complete-contact", [], [":call ", "Tab"], 1),
    ("help", [], ["?"], 1),
    ("palette", [], ["?", "mute"], 1),
    ("settings", [], ["o"], 1),
    ("themes", [], [":theme", "Enter"], 1),
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

# With colours: these screens; the names of the terminals are those of what
# the console thinks it draws on
LOOKS = ["active", "chat", "log", "help", "words"]
TIERS = {"256": {"TERM": "xterm-256color"}, "16": {"TERM": "xterm-16color"},
         "8": {"TERM": "linux"}, "mono": {"NO_COLOR": "1"}}
TERMINALS = ["screen", "xterm-256color", "linux", "vt100"]


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
        "colors#0x100", "colors#16")
    subprocess.run(["tic", "-x", "-o", str(folder), "-"], input=text,
                   check=True, text=True)
    return {"TERMINFO": str(folder)}


class Desk:
    """Consoles of several sizes that look at one recorded phone."""

    def __init__(self, box, crew, still, language="en", env=None,
                 sizes=tuple(SIZES[:1])):
        self.phone = crew.add(Recorded(f"{box}/p"))
        self.language = language
        locale = {"LC_ALL": "C.UTF-8", "LANGUAGE": language}
        self.all = [crew.add(Tmux(
            box, ["env", f"LD_PRELOAD={still}", f"OFFHOOK_CLOCK={NOW}",
                  "TZ=UTC", *[f"{k}={v}" for k, v in
                              {**locale, **(env or {})}.items()],
                  program("offhook"), "--profile", self.phone.profile],
            *size, env={"ASAN_OPTIONS": "verify_asan_link_order=0"}))
            for size in sizes]
        wait_until(lambda: len(self.phone.ready) == len(self.all), 20,
                   "the consoles")
        self.phone.show()
        for t in self.all:
            t.control()
            self.home(t)

    def home(self, t):
        """Contacts, the one with two new messages; until it is shown."""
        t.keys("M-1", "Home", "j", "j")
        golden = f"{DATA}/{self.language}/{t.cols}x{t.rows}/contacts.txt"
        if WRITE:
            settled(lambda: text_of(t))
        elif os.path.exists(golden):
            with open(golden, encoding="utf-8") as f:
                golden = f.read()
            try:
                wait_until(lambda: text_of(t) == golden, PATIENCE, "")
            except Timeout:
                pass        # its own comparison says what is wrong

    def show(self, screen):
        """Go to a screen."""
        _, calls, keys, _ = screen
        self.phone.show(*calls)
        for t in self.all:
            for key in keys:
                if key[0] == "~":
                    t.wait_text(key[1:])
                elif key in ("Tab", "Enter") or key.startswith("M-"):
                    t.keys(key)
                else:
                    t.type(key)

    def back(self, screen):
        for t in self.all:
            for _ in range(screen[3]):
                t.keys("C-g")
        self.phone.show()
        for t in self.all:
            self.home(t)


def settled(look):
    """What is shown when nothing changes any more."""
    last, since = None, 0
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        now = look()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.4:
            break
        time.sleep(0.05)
    return last


def compare(look, path, wrong):
    """Wait for what the golden says; what is not it goes into the list."""
    path = os.path.join(DATA, path)
    if WRITE:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(settled(look))
        return
    with open(path, encoding="utf-8") as f:
        golden = f.read()
    try:
        wait_until(lambda: look() == golden, 2 if len(wrong) > 1 else
                   PATIENCE, "", 0.01)
    except Timeout:
        wrong.append("\n".join(difflib.unified_diff(
            golden.split("\n"), look().split("\n"),
            os.path.relpath(path, ROOT), "what is shown", lineterm="")))


def text_of(t):
    """Rows without what only fills them up."""
    rows = [row.rstrip() for row in t.screen().split("\n")]
    return "\n".join(rows[:t.rows]) + "\n"


def judge(wrong):
    assert not wrong, "\n\n".join(wrong[:6]) + \
        "\n\nIf this is meant to be so: make goldens, and look at the change"


@pytest.mark.parametrize("language", LANGUAGES)
def test_screens(box, crew, still, language):
    desk = Desk(box, crew, still, language, sizes=SIZES)
    wrong = []

    def look(name):
        for t in desk.all:
            compare(lambda: text_of(t), f"{language}/{t.cols}x{t.rows}/"
                    f"{name}.txt", wrong)
    for screen in SCREENS:
        desk.show(screen)
        look(screen[0])
        desk.back(screen)
    desk.phone.away()
    look("away")
    judge(wrong)


@pytest.mark.parametrize("tier", TIERS)
def test_looks(box, crew, still, sixteen, tier):
    """Colours and attributes: 256, 16, 8, none."""
    desk = Desk(box, crew, still, env=dict(
        sixteen if tier == "16" else {}, **TIERS[tier]))
    wrong = []
    for screen in SCREENS:
        if screen[0] in LOOKS:
            desk.show(screen)
            compare(lambda: described(desk.all[0].tmux(
                "capture-pane", "-p", "-e", "-t", "s")),
                f"looks/{tier}/{screen[0]}.txt", wrong)
            desk.back(screen)
    judge(wrong)


@pytest.mark.parametrize("term", TERMINALS)
def test_terminals(box, crew, still, term):
    """The same text, whatever the terminal is called."""
    desk = Desk(box, crew, still, env={"TERM": term})
    wrong = []
    for screen in SCREENS:
        if screen[0] in LOOKS and not WRITE:
            desk.show(screen)
            compare(lambda: text_of(desk.all[0]), f"en/80x24/{screen[0]}.txt",
                    wrong)
            desk.back(screen)
    judge(wrong)


def test_tiny(box, crew, still):
    """Below 40x8: what matters most."""
    desk = Desk(box, crew, still, sizes=TINY)
    wrong = []
    for name, calls in (("idle", []), ("active", [ACTIVE]),
                        ("ringing", [call(1, state="ringing",
                                          direction="in")])):
        desk.phone.show(*calls)
        for t in desk.all:
            compare(lambda: text_of(t), f"tiny/{name}-{t.cols}x{t.rows}.txt",
                    wrong)
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


@pytest.mark.skipif(os.path.basename(BUILD) != "build", reason="plain only")
def test_every_golden_is_of_a_screen():
    names = {s[0] for s in SCREENS} | {"away"}
    for language in LANGUAGES:
        for cols, rows in SIZES:
            folder = f"{DATA}/{language}/{cols}x{rows}"
            assert {n[:-4] for n in os.listdir(folder)} == names, folder
