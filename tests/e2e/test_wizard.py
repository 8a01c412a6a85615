"""The wizard for accounts, forms, settings and themes: by keys alone."""

import re

import pytest

from lib.kamailio import DOMAIN, password
from lib.phone import program
from lib.proc import wait_until

pytestmark = pytest.mark.needs("tmux")


@pytest.fixture
def desk(phone, tmux, box, voices):
    """A phone without an account, and the console that greets it."""
    def make(cols=80, rows=24, direct=False, **kw):
        p = phone("alice", "127.0.0.10", config={"codecs": "PCMU"}, **kw)
        if direct:
            p.direct("alice")
        t = tmux([program("offhook"), "--profile", p.profile], cols, rows,
                 env=p.env())
        # on a small screen the wizard covers what is behind it
        wait_until(lambda: "Contacts" in t.screen() or "Step 1" in t.screen(),
                   15, t.screen)
        return p, t
    return make


def fill(t, *values):
    """Type into fields, each left by Tab; None leaves one as it is."""
    for value in values:
        if value:
            t.type(value)
        t.keys("Tab")


def test_first_start_to_registered(proxy, desk, voices, box):
    """Nothing but keys from an empty profile to a registered account, a
    sound test and a theme."""
    p, t = desk(source=f"file,{voices('one', 8000)}",
                sink=f"file,{box}/heard.wav")
    acc = proxy.account("alice", "tls")
    t.wait_text("Step 1 of 4")
    # an address that is none is said so, and nothing is lost
    fill(t, "alice", None, None)
    t.keys("Enter")
    t.wait_text("NAME@DOMAIN")
    t.keys("End")
    t.type("@" + DOMAIN)
    t.keys("Tab")
    fill(t, password("alice"), "Alice A.")
    assert password("alice") not in t.screen(), "the password is shown"
    t.keys("Enter")
    t.wait_text("Step 2 of 4")
    # server, transport, media
    fill(t, re.sub(r"^sip:|;.*", "", acc["server"]))
    t.keys("Space", "Tab", "Tab")
    fill(t, acc["ca"])
    # Test registration is the third button
    t.keys("Tab", "Tab", "Enter")
    t.wait_text(f"{DOMAIN}: registered by TLS", timeout=20)
    assert [a["state"] for a in p.rpc("account.list")] == ["registered"]
    t.keys("BTab", "Enter")
    t.wait_text("Step 3 of 4", timeout=20)
    assert len(p.rpc("account.list")) == 1, "Next made a second account"
    acc = p.rpc("account.list")[0]
    assert acc["name"] == "Alice A." and acc["transport"] == "TLS"
    # the sound test hears the voice and plays it
    t.keys("Tab", "Tab", "Tab", "Tab", "Enter")
    t.wait_text("speak now")
    t.wait_text("Recorded and played", timeout=20)
    t.keys("BTab", "Enter")
    t.wait_text("Step 4 of 4")
    t.keys("Right")
    t.wait_text("(*)")
    t.keys("Tab", "Tab", "Enter")
    t.wait_gone("Step 4")
    t.wait_text("registered TLS")
    conf = open(f"{p.profile}/config/console.conf", encoding="utf-8").read()
    assert re.search(r"^set theme \w+$", conf, re.M), conf
    # it does not greet twice
    t.type(":detach\r")
    t.wait_text("ended with 0")


def test_refused_and_mended(proxy, desk):
    """A wrong password is said in the wizard; mended there, it is the same
    account that comes up."""
    p, t = desk()
    acc = proxy.account("bob", "udp")
    t.wait_text("Step 1 of 4")
    fill(t, f"bob@{DOMAIN}", "wrong", None)
    t.keys("Enter")
    t.wait_text("Step 2 of 4")
    fill(t, acc["server"], None, None, None)
    t.keys("Tab", "Tab", "Enter")
    t.wait_text("password", timeout=20)
    wait_until(lambda: p.rpc("account.list")[0]["state"] == "failed", 15,
               "the refusal")
    t.keys("BTab", "BTab", "Enter")
    t.wait_text("Step 1 of 4")
    t.keys("Tab", "C-u")
    fill(t, password("bob"), None)
    t.keys("Enter")
    t.wait_text("Step 2 of 4")
    for _ in range(6):
        t.keys("Tab")
    t.keys("Enter")
    t.wait_text("registered by UDP", timeout=20)
    assert len(p.rpc("account.list")) == 1
    t.keys("Escape")
    t.wait_gone("Step 2")


def test_escape_and_back(desk):
    """Esc leaves it for later; :account new comes back."""
    p, t = desk()
    t.wait_text("Step 1 of 4")
    t.keys("Escape")
    t.wait_gone("Step 1 of 4")
    assert p.rpc("account.list") == []
    t.type(":account new\r")
    t.wait_text("Step 1 of 4")


def test_account_form(proxy, desk):
    """o, the account, a new name: saved; Remove asks first."""
    p, t = desk(direct=True)
    t.keys("o")
    t.wait_text("Settings")
    t.wait_text("alice@")
    t.keys("Enter")
    t.wait_text("SIP address")
    t.keys("Tab")
    t.type("Alice of the Desk")
    for _ in range(10):
        t.keys("Tab")
    t.keys("Enter")
    t.wait_text("saved")
    wait_until(lambda: p.rpc("account.list")[0]["name"] ==
               "Alice of the Desk", 5, "the name")
    assert p.rpc("account.list")[0]["state"] == "direct"


def test_contact_form(desk):
    p, t = desk(direct=True)
    t.keys("A")
    t.wait_text("New contact")
    fill(t, "Zoë Ångström", "zoe@example.org")
    t.keys("Enter")
    t.wait_text("saved")
    assert p.rpc("contact.list")[0]["uris"] == ["sip:zoe@example.org"]
    t.keys("e")
    t.wait_text("zoe@example.org")
    # the third field is a second address
    t.keys("Tab", "Tab")
    t.type("sip:zoe@127.0.0.77")
    t.keys("Tab", "Enter")
    wait_until(lambda: len(p.rpc("contact.list")[0]["uris"]) == 2, 5,
               lambda: p.rpc("contact.list"))
    # what is refused is said in the form, and it stays
    t.wait_gone("Another")
    t.keys("e")
    t.wait_text("Another")
    t.keys("C-u", "Tab", "Tab", "Tab", "Tab", "Enter")
    t.wait_text("Another")
    t.keys("Escape")
    assert p.rpc("contact.list")[0]["name"] == "Zoë Ångström"


def test_settings_live(desk):
    """The phone's settings and the console's: checked, live, kept."""
    p, t = desk(direct=True)
    conf = f"{p.profile}/config/console.conf"
    with open(conf, "w", encoding="utf-8") as f:
        f.write("# mine\nset bell ring\nbind any D dial\n")
    t.keys("o")
    t.wait_text("Settings")
    t.type("call.ring")
    t.wait_text("phone   call.ring")
    t.keys("Enter", "C-u")
    t.type("3\r")
    t.wait_text("must be")
    t.keys("C-u")
    t.type("30\r")
    t.wait_text("set and kept")
    assert p.rpc("config.get", key="call.ring") == "30"
    t.keys("Escape")
    t.wait_gone("Settings")
    t.keys("o")
    t.wait_text("type to find")
    t.type("bell")
    t.keys("Enter", "C-u")
    t.type("ring,tuba\r")
    t.wait_text("can be")
    t.keys("C-u")
    t.type("ring,missed\r")
    t.wait_text("set and kept")
    assert open(conf, encoding="utf-8").read() == \
        "# mine\nset bell ring,missed\nbind any D dial\n"
    # every setting there is stands in the list, with a line of help
    t.keys("Escape")
    t.wait_gone("Settings")
    names = [r["key"] for r in p.rpc("config.list")]
    assert all(r["help"] for r in p.rpc("config.list"))
    t.keys("o")
    t.wait_text("type to find")
    for name in names:
        t.type(name)
        t.wait_text(f"phone   {name[:19]}")
        t.keys("C-u")


def test_theme_preview(desk):
    """:theme steps through: seen at once, Esc takes it back, Enter keeps."""
    p, t = desk(direct=True)
    t.wait_text("direct")
    before = t.tmux("capture-pane", "-p", "-e", "-t", "s")
    t.type(":theme\r")
    t.wait_text("see it")
    t.keys("Home")
    wait_until(lambda: t.tmux("capture-pane", "-p", "-e", "-t", "s")
               .split("\n")[0] != before.split("\n")[0], 5,
               "another colour of the bar")
    t.keys("Escape")
    t.wait_gone("see it")
    wait_until(lambda: t.tmux("capture-pane", "-p", "-e", "-t", "s")
               .split("\n")[0] == before.split("\n")[0], 5,
               "the old colour of the bar")
    t.type(":theme\r")
    t.wait_text("see it")
    t.keys("G", "Enter")
    t.wait_gone("see it")
    conf = open(f"{p.profile}/config/console.conf", encoding="utf-8").read()
    assert conf.startswith("set theme "), conf


@pytest.mark.parametrize("size", [(60, 16), (120, 40)],
                         ids=lambda s: f"{s[0]}x{s[1]}")
def test_fits(desk, size):
    """The wizard at other sizes: nothing leaves its box."""
    _, t = desk(*size)
    t.wait_text("Step 1 of 4")
    fill(t, "alice@example.org", None, None)
    t.keys("Enter")
    t.wait_text("Step 2 of 4")
    for line in t.lines():
        assert len(line) <= size[0]
    assert "Test registration" in t.screen()
