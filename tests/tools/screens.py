#!/usr/bin/env python3
"""screens.py: docs/screens/*.svg, pictures of a console that is at work.

Two phones talk to one another on a loopback interface of their own; a
console on the first one stands in tmux. It is worked by keys, and each
picture is taken when what it is of stands on the screen.
"""

import os
import re
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/e2e")]

from lib.grid import parsed                              # noqa: E402
from lib.phone import Phone, program                     # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.tmux import Tmux                                # noqa: E402
from svg import DARK, LIGHT, drawn                       # noqa: E402

OUT = os.path.join(ROOT, "docs/screens")
SPEECH = os.path.join(ROOT, "share/speech.wav")
PATIENCE = 30

# Whom the second phone plays, each at an address of those for documents
OURS = "192.0.2.7"
PEERS = {"Bob": ("bob", "192.0.2.10"), "Carol": ("carol", "192.0.2.11"),
         "Echo test": ("echo", "192.0.2.12"),
         "Front desk": ("desk", "192.0.2.13"),
         "Workshop": ("workshop", "192.0.2.14"),
         "Büro Köln": ("buero", "192.0.2.15")}


def inside():
    """Start again where the loopback interface is ours alone."""
    if os.environ.get("OFFHOOK_SCREENS") == "inside":
        return
    os.environ["OFFHOOK_SCREENS"] = "inside"
    addresses = [OURS] + [host for _, host in PEERS.values()]
    setup = "ip link set lo up && " + " && ".join(
        f"ip address add {a}/32 dev lo" for a in addresses)
    os.execvp("unshare", [
        "unshare", "-npf" if os.getuid() == 0 else "-rnpf", "--kill-child",
        "--mount-proc", "sh", "-c", setup + ' && exec "$@"', "sh",
        sys.executable, "-B", os.path.abspath(__file__)])


class Desk:
    """Alice's phone and console, and the phone that plays everybody else."""

    def __init__(self, box):
        talk = {"source": f"file,{SPEECH},repeat"}
        self.alice = Phone(box, "alice", OURS, **talk).start()
        self.others = Phone(box, "others", PEERS["Bob"][1], **talk).start()
        self.alice.rpc("account.add", address=f"alice@{OURS}", direct=True,
                       listen=f"{OURS}:5060")
        self.accounts = {}
        for name, (user, host) in PEERS.items():
            self.accounts[name] = self.others.rpc(
                "account.add", address=f"{user}@{host}", name=name,
                direct=True, listen=f"{host}:5060")["id"]
            self.alice.rpc("contact.add", name=name, uris=[self.uri(name)])
        self.history()
        self.tmux = Tmux(box, ["env", "TERM=screen-256color",
                               "LC_ALL=C.UTF-8", "LANGUAGE=en",
                               program("offhook"), "--profile",
                               self.alice.profile])
        self.tmux.wait_text("Contacts", PATIENCE)

    def stop(self):
        self.tmux.stop()
        self.alice.stop()
        self.others.stop()

    def uri(self, name):
        return "sip:{}@{}".format(*PEERS[name])

    # ---- what happens -----------------------------------------------------
    def dial_us(self, name):
        """Somebody calls; the call as the caller knows it."""
        return self.others.dial(f"sip:alice@{OURS}",
                                account=self.accounts[name])

    def idle(self):
        for phone in (self.alice, self.others):
            wait_until(lambda p=phone: all(c["state"] == "ended" for c in
                                           p.calls()), PATIENCE, "the end")

    def history(self):
        """Calls and lines, so that there is something to look back at;
        until the phone has forgotten that they were just now."""
        for name, packets in (("Carol", 100), ("Workshop", 0),
                              ("Echo test", 200)):
            call = self.alice.dial(self.uri(name))
            theirs = self.others.incoming(PATIENCE)
            if packets:
                self.others.rpc("call.answer", call=theirs)
                self.alice.wait_call(
                    call, "established", timeout=PATIENCE, want=lambda c, n=
                    packets: c["figures"]["rx_packets"] >= n)
                self.alice.rpc("call.hangup", call=call)
            else:
                self.others.rpc("call.reject", call=theirs)
            self.idle()
        for name in ("Front desk", "Büro Köln"):
            call = self.dial_us(name)
            self.alice.incoming(PATIENCE)
            self.others.rpc("call.hangup", call=call)
            self.idle()
        for who, text in (
                ("Bob", "Is the line to the workshop up again?"),
                (None, "Since this morning. They found the loose plug."),
                ("Bob", "Then I call them at noon :)"),
                (None, "Bring the plans of the new switchboard, please: "
                 "https://example.org/plans"),
                ("Bob", "Will do. Call me when you have a minute?")):
            self.line("Bob", text, who is None)
        self.line("Carol", "Tea at four?", False)
        wait_until(lambda: not self.alice.calls(), PATIENCE,
                   "a desk without calls")

    def line(self, name, text, ours):
        """A message, until the other side has it."""
        if ours:
            self.alice.wait_message(self.alice.send(self.uri(name), text),
                                    "sent", "delivered", "read",
                                    timeout=PATIENCE)
            return
        self.others.send(f"sip:alice@{OURS}", text,
                         account=self.accounts[name])
        self.alice.received(text, PATIENCE)

    # ---- what is shown ----------------------------------------------------
    def keys(self, *keys):
        self.tmux.keys(*keys)

    def show(self, *texts):
        """Until all of it stands on the screen."""
        for text in texts:
            self.tmux.wait_text(text, PATIENCE)

    def close(self, text):
        """Leave what is open, until its text is gone."""
        self.keys("C-g")
        self.tmux.wait_gone(text, PATIENCE)

    def picture(self, name, title, *texts, scheme=DARK):
        """docs/screens/NAME.svg, when all these patterns are found."""
        def look():
            rows = parsed(self.tmux.tmux("capture-pane", "-p", "-e", "-N",
                                         "-t", "s"))
            plain = "\n".join("".join(c.text for c in r) for r in rows)
            return rows if all(re.search(t, plain) for t in texts) else None
        rows = wait_until(look, PATIENCE, lambda: f"{texts} on the screen:\n"
                          f"{self.tmux.screen()}", 0.1)
        x, y, on = map(int, self.tmux.tmux(
            "display-message", "-p", "-t", "s",
            "#{cursor_x} #{cursor_y} #{cursor_flag}").split())
        text = drawn(rows[:self.tmux.rows], self.tmux.cols, title, scheme,
                     (x, y) if on else None)
        path = os.path.join(OUT, f"{name}.svg")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        print(f"  {os.path.relpath(path, ROOT)}")


def before(desk):
    """What there is without a call, and somebody who calls."""
    desk.keys("M-1", "Home", "M-3")     # Bob's lines are read now
    desk.tmux.wait_gone("3 new", PATIENCE)
    desk.keys("M-1")
    desk.tmux.type(":theme")
    desk.keys("Enter")
    desk.show("Keep")
    desk.keys("Home", "j", "j", "j")
    desk.picture("theme", "offhook: themes, seen before they are kept",
                 "> light", scheme=LIGHT)
    desk.keys("Escape")
    desk.tmux.wait_gone("> light", PATIENCE)

    desk.dial_us("Front desk")
    desk.picture("incoming", "offhook: somebody calls", "INCOMING CALL",
                 "a  answer")
    desk.alice.rpc("call.reject")
    desk.tmux.wait_gone("INCOMING CALL", PATIENCE)
    wait_until(lambda: not desk.alice.calls(), PATIENCE, "no call")


def during(desk):
    """One call to Bob, and what can be asked about it."""
    desk.keys("M-1", "Home", "Enter")
    theirs = desk.others.incoming(PATIENCE)
    desk.others.rpc("call.answer", call=theirs)
    desk.picture("call", "offhook", r"\[E2E \?\?\]", r"words  \w",
                 r"MOS 4", r"mic \[###", r"spk \[###", "net good",
                 r"minute\?")

    desk.keys("v")
    desk.picture("words", "offhook: compare the words",
                 "Compare security words", "y  yes")
    desk.keys("l")
    desk.tmux.wait_gone("Compare security words", PATIENCE)
    desk.keys("V")
    desk.picture("security", "offhook: who could listen", "Key agreement",
                 "Their program")
    desk.close("Key agreement")
    desk.keys("L")
    desk.picture("ladder", "offhook: what was said by SIP", "INVITE",
                 "200 OK", "ACK")
    desk.close("200 OK")

    desk.alice.rpc("call.sas", same=True)
    desk.show("[E2E ok]")
    desk.keys("i")
    desk.tmux.type("Shall I come at ten?")
    desk.keys("Enter", "C-g")
    desk.line("Bob", "Ten is fine. The door is open.", False)
    desk.picture("chat", "offhook: a message while you talk",
                 r"\[E2E ok\]", r"is open\.", "MOS 4", r"mic \[###",
                 "Help *\n*$")
    desk.tmux.resize(120, 40)
    desk.picture("wide", "offhook, 120 columns", r"\[E2E ok\]",
                 r"is open\.", "4 Call .* 2 Calls", "MOS 4", r"mic \[###",
                 "Help *\n*$")


def main():
    inside()
    os.makedirs(OUT, exist_ok=True)
    box = tempfile.mkdtemp(prefix="oh-screens-")
    try:
        desk = Desk(box)
        try:
            before(desk)
            during(desk)
        finally:
            desk.stop()
    finally:
        shutil.rmtree(box, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
