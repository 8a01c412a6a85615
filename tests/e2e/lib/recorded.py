"""A phone that was recorded: answers the console from a file, always alike.

Golden screens want the same figures and words each time, which no real call
gives. So the objects are those of a real phone (tests/data/screens/phone.json
holds one of each, and a test holds them against a phone that runs), filled
with what the screens show. It is the wire of docs/rpc.md and nothing more:
whatever asks for a change is answered with `true` and changes nothing; what
happens is told by show().
"""

import copy
import json
import os
import socket
import threading

from .phone import ROOT
from .proc import wait_until

DATA = os.path.join(ROOT, "tests/data/screens")
NOW = 1773496920        # Saturday, 2026-03-14 14:02:00 UTC


def merged(base, more):
    out = copy.deepcopy(base)
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merged(out[key], value)
        else:
            out[key] = value
    return out


class Templates:
    """One object of each kind as the phone sends it."""

    def __init__(self):
        with open(os.path.join(DATA, "phone.json"), encoding="utf-8") as f:
            self.all = json.load(f)

    def __call__(self, kind, /, **more):
        assert set(more) <= set(self.all[kind]), (kind, more)
        return merged(self.all[kind], more)


make = Templates()


def minutes(n):
    return NOW - 60 * n


def peer(name, user=None, host="example.net"):
    user = user or name.split()[0].lower()
    return {"uri": f"sip:{user}@{host}", "name": name, "contact": user}


CHLOE = peer("Chloé Martin", "chloe")
BOB = peer("Bob Miller", "bob")
DAD = peer("Dad", "dad")
NADIA = peer("Nadia R.", "nadia")
DESK = peer("Helpdesk 2100", "2100", "example.org")
STRANGER = {"uri": "sip:+49301234567@sip.example.org;user=phone", "name": "",
            "contact": ""}

CONTACTS = [
    ("Bob Miller", "bob", "free"), ("Chloé Martin", "chloe", "online"),
    ("山田太郎", "yamada", "away"), ("Dad", "dad", "offline"),
    ("Helpdesk 2100", "2100", "free"), ("Nadia R.", "nadia", "busy"),
    ("Oskar", "oskar", "offline"), ("Reception", "reception", "ringing"),
    ("Zoë Ångström-Великанова of the Harbour Office", "zoe", ""),
    ("שלום עולם", "shalom", "online")]

LOG = [
    (NADIA, "in", "answered", 4, 124, True),
    (DESK, "out", "answered", 22, 31, True),
    (STRANGER, "in", "missed", 111, 0, False),
    (BOB, "in", "answered", 180, 860, True),
    (DAD, "out", "no-answer", 255, 0, True),
    (CHLOE, "in", "missed", 347, 0, False),
    (BOB, "out", "busy", 1500, 0, True),
    (CHLOE, "out", "answered", 3000, 4210, True),
    (peer("山田太郎", "yamada"), "out", "cancelled", 20000, 0, True),
    (NADIA, "in", "rejected", 600000, 0, True)]

MESSAGES = [
    ("in", "received", 31, "Are you joining at two?"),
    ("out", "sent", 30, "Yes, calling from the train."),
    ("in", "received", 29, "了解 :)  bring the slides please, the long "
     "ones with the figures of last year and of the year before"),
    ("out", "failed", 12, "On their way"),
    ("out", "delivered", 11, "They are on their way now"),
    ("in", "received", 10, "https://example.org/agenda")]

SETTINGS = [
    ("audio.source", "alsa,default", "alsa,default", "microphone: "
     "driver,device (alsa,default  pulse,  pipewire,  null,)"),
    ("audio.sink", "pulse,", "alsa,default", "loudspeaker: driver,device "
     "(alsa,default  pulse,  pipewire,  null,)"),
    ("audio.volume", "100", "100", "volume of the loudspeaker, percent"),
    ("call.dnd", "false", "false", "do not disturb: nobody may ring"),
    ("security.minimum", "require", "prefer", "least protection of a call: "
     "off, prefer, require, e2e, verified")]

DETAILS = ("Key agreement: X25519\nCipher: AES-256\nAuthentication: "
           "HMAC-SHA1, 80 bits\nHash: SHA-384\nAuxiliary secret: none\n"
           "Our device: 9b9cc11cc7f2ac70c15cf539\nTheir device: "
           "151abdb18059eabd344f198e\nTheir program: BZRTPv1.1\n")

STEPS = [("INVITE (SDP)", 0, "request"), ("401 Unauthorized", 1, "bad"),
         ("ACK", 0, "request"), ("INVITE (SDP)", 0, "request"),
         ("100 Trying", 1, "progress"), ("180 Ringing", 1, "progress"),
         ("200 OK (SDP)", 1, "good"), ("ACK", 0, "request")]


def account(**more):
    return make("account", **{
        "id": 1, "address": "alice@example.org", "name": "Alice",
        "server": "sip:sip.example.org;transport=tls", "user": "alice",
        "transport": "TLS", "enabled": True, "state": "registered",
        "listen": "192.0.2.7:5061",
        "tls": {"used": True, "verified": True}, **more})


def call(ident=1, whom=None, state="established", direction="out", **more):
    """A call that was answered 12 minutes and 34 seconds ago, unless its
    state says otherwise."""
    talking = state in ("established", "held", "remote-held")
    base = {"id": ident, "account": 1, "peer": whom or CHLOE,
            "direction": direction, "state": state, "start": NOW - 760,
            "answered": NOW - 754 if talking else 0, "transport": "TLS",
            "signalling": "tls"}
    if talking:
        base.update(
            codec="opus", rate=48000, crypto="zrtp", label="e2e",
            label_text="Encrypted end to end: compare the words to be sure",
            sas="w7hx", sas_words="stopwatch Wichita", details=DETAILS,
            figures={"rtt_ms": 38.2, "loss": 0.2, "jitter_ms": 4.1,
                     "mos": 4.3, "network": "good"},
            levels={"mic": 0.42, "speaker": 0.8})
    else:
        base.update(figures={}, start=NOW - 6)
    base.update(more)
    return merged(make("call"), base) | {"figures": base["figures"]}


def ladder():
    return make("ladder", call_id="b0cf1add137985ae", call=1,
                participants=["alice@example.org", "sip.example.org:5061"],
                rows=[make("ladder_row", id=i + 1, time=NOW - 760 + i * .04,
                           **{"from": src, "to": 1 - src}, kind=kind,
                           text=text)
                      for i, (text, src, kind) in enumerate(STEPS)])


def trace():
    return [make("trace", id=i + 1, time=NOW - 760 + i * .04, call=1,
                 direction="in" if src else "out", transport="TLS",
                 kind="message", title=text, size=300,
                 text="OPTIONS sip:alice@example.org SIP/2.0\n")
            for i, (text, src, _) in enumerate(STEPS)]


class Recorded:
    """Listens where the console of this profile looks for its phone."""

    def __init__(self, profile):
        self.profile = str(profile)
        os.makedirs(f"{self.profile}/run", mode=0o700, exist_ok=True)
        self.socket = f"{self.profile}/run/sock"
        self.calls = []
        self.accounts = [account()]
        self.clients = []
        self.lock = threading.Lock()
        self.asked, self.ready = set(), set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.socket)
        self.listener.listen(64)
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.clients.append(sock)
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        try:
            for line in sock.makefile("rb"):
                ask = json.loads(line)
                if ask["method"] == "contact.list":
                    self.asked.add(sock)
                self._send(sock, {"jsonrpc": "2.0", "id": ask["id"],
                                  "result": self.answer(
                                      ask["method"], ask.get("params", {}))})
                if ask["method"] == "log.list":
                    self.ready.add(sock)
        except OSError:
            pass
        finally:
            if sock in self.clients:
                self.clients.remove(sock)

    def _send(self, sock, msg):
        try:
            with self.lock:
                sock.sendall(json.dumps(msg).encode() + b"\n")
        except OSError:
            pass

    def answer(self, method, prm):
        return {
            "phone.status": self.status, "contact.list": self.contacts,
            "chat.list": self.chats, "chat.messages": self.messages,
            "log.list": self.log, "config.list": self.settings,
            "trace.list": trace, "trace.ladder": ladder,
            "account.list": lambda: self.accounts,
            "call.list": lambda: self.calls,
            "call.details": lambda: self.calls[0] | {
                "device": "151abdb18059eabd344f198e", "history": [
                    {"id": 1, "time": NOW - 86400 * 40, "what": "new",
                     "device": "151abdb18059eabd344f198e"}]},
            "audio.devices": self.devices, "phone.doctor": self.doctor,
            "account.lookup": lambda: {
                "found": True, "transport": "TLS", "port": 5061,
                "host": "sip.example.org",
                "text": "sip.example.org:5061 by TLS"},
            "account.add": lambda: self.accounts[0],
            "account.test": lambda: self.accounts[0],
        }.get(method, lambda: True)()

    def status(self):
        return make("status", version="0.1.0", pid=1, accounts=self.accounts,
                    calls=self.calls, missed=2, unread=2, profile="")

    @staticmethod
    def contacts():
        lamps = ("free", "busy", "ringing")
        return [make("contact", id=ident, name=name,
                     uris=[f"sip:{ident}@example.net"],
                     presence="unknown" if state in lamps + ("",) else state,
                     lamp=state if state in lamps else "")
                for name, ident, state in CONTACTS]

    @staticmethod
    def chats():
        return [
            make("conversation", id=1, account="alice@example.org",
                 peer=CHLOE, unread=2, label="hop",
                 last={"time": minutes(10), "text": "", "direction": "in"}),
            make("conversation", id=2, account="alice@example.org",
                 peer=STRANGER, label="hop",
                 last={"time": minutes(99), "text": "", "direction": "in"})]

    @staticmethod
    def messages():
        return [make("message", id=i + 1, conversation=1, direction=way,
                     state=state, time=minutes(ago), text=text, seen=True,
                     reason={"text": "The other side is not reachable now"}
                     if state == "failed" else {})
                for i, (way, state, ago, text) in enumerate(MESSAGES)]

    @staticmethod
    def log():
        return [make("log", id=100 - i, account="alice@example.org",
                     peer=whom, direction=way, result=result,
                     start=minutes(ago), duration=secs, seen=seen)
                for i, (whom, way, result, ago, secs, seen)
                in enumerate(LOG)]

    @staticmethod
    def settings():
        return [make("setting", key=key, value=value, default=default,
                     help=text) for key, value, default, text in SETTINGS]

    @staticmethod
    def devices():
        return [make("device", driver=driver, device=device, text=text,
                     capture=True, playback=True)
                for driver, device, text in
                [("alsa", "default", "Default ALSA device"),
                 ("pulse", "", "PulseAudio"), ("null", "", "")]]

    @staticmethod
    def doctor():
        return [
            make("check", name="settings", ok=True,
                 text="offhook.conf is good"),
            make("check", name="sound", ok=False,
                 text="the microphone alsa,default is not there"),
            make("check", name="account", ok=True,
                 text="alice@example.org is registered")]

    # ---- what happens -------------------------------------------------
    def tell(self, method, params):
        for sock in list(self.clients):
            self._send(sock, {"jsonrpc": "2.0", "method": method,
                              "params": params})

    def show(self, *calls):
        """These are the calls from now on."""
        now = {c["id"] for c in calls}
        for old in self.calls:
            if old["id"] not in now:
                self.tell("call.removed", {"id": old["id"]})
        self.calls = list(calls)
        for c in calls:
            self.tell("call.changed", c)
        # what it asks now it asks after it has seen all that
        self.asked.clear()
        self.tell("contact.reset", {})
        wait_until(lambda: self.asked >= set(self.clients), 20,
                   "the consoles' question")

    def away(self):
        """The phone is gone."""
        os.unlink(self.socket)
        # awake the thread: else it waits on for whoever gets the number of
        # this descriptor next
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for sock in list(self.clients):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        if os.path.exists(self.socket):
            self.away()
