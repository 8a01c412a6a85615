"""The phone under test: offhookd in a profile of its own, over its RPC."""

import glob
import json
import os
import re
import select
import signal
import socket
import subprocess
import time

from .proc import Proc, Timeout, alive, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get("OFFHOOK_BUILD", "build"))
SANITIZED = os.path.basename(BUILD) != "build"

# reports of the sanitizers go to files beside the profile, because the
# phone keeps its stderr for itself
SAN_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99:log_path={0}/asan:"
                    "abort_on_error=0:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:log_path={0}/ubsan",
    "LSAN_OPTIONS": "print_suppressions=0",
    "TSAN_OPTIONS": "log_path={0}/tsan:exitcode=99",
}

# ALSA's plugin for PulseAudio has a thread of its own inside libpulse, whose
# atomics a build of ours does not see
TSAN_ALSA = ":suppressions=" + os.path.join(ROOT, "tests/e2e/lib/alsa.supp")


def program(name):
    return os.path.join(BUILD, name)


class RpcError(Exception):
    """The phone said no; message is the sentence for the user."""

    def __init__(self, error):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.message = error.get("message", "")


class Client:
    """One connection to the phone; events are kept until asked for."""

    def __init__(self, path, subscribe=True):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(path)
        self.buf = b""
        self.serial = 0
        self.events = []
        if subscribe:
            self("phone.subscribe", on=True)

    def _line(self, deadline):
        while b"\n" not in self.buf:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            data = self.sock.recv(1 << 16)
            if not data:
                raise ConnectionError("the phone closed the connection")
            self.buf += data
        line, _, self.buf = self.buf.partition(b"\n")
        return json.loads(line)

    def raw(self, data):
        self.sock.sendall(data)

    def __call__(self, method, timeout=15, **params):
        self.serial += 1
        self.raw(json.dumps({"jsonrpc": "2.0", "id": self.serial, "method":
                             method, "params": params}).encode() + b"\n")
        return self.answer(self.serial, timeout, method)

    def answer(self, serial, timeout=15, what="the answer"):
        deadline = time.monotonic() + timeout
        while True:
            msg = self._line(deadline)
            if msg is None:
                raise Timeout(f"no answer to {what} within {timeout} s")
            if "method" in msg:
                self.events.append((msg["method"], msg.get("params")))
            elif msg.get("id") == serial:
                if "error" in msg:
                    raise RpcError(msg["error"])
                return msg["result"]

    def wait(self, name, want=lambda prm: True, timeout=10):
        """The next event of that name that fits; older ones of any name
        are dropped up to it."""
        deadline = time.monotonic() + timeout
        seen = []
        while True:
            while self.events:
                event, prm = self.events.pop(0)
                if event == name and want(prm):
                    return prm
                seen.append((event, prm))
            msg = self._line(deadline)
            if msg is None:
                tail = "\n".join(str(e)[:600] for e in seen[-6:])
                raise Timeout(f"no {name} within {timeout} s; last:\n{tail}")
            if "method" in msg:
                self.events.append((msg["method"], msg.get("params")))

    def flush(self):
        """Forget the events that are here already."""
        while self._line(time.monotonic()):
            pass
        self.events.clear()

    def close(self):
        self.sock.close()


class Phone(Proc):
    """offhookd --profile FOLDER/profile, a child of the test."""

    def __init__(self, folder, name="phone", addr="127.0.0.10", config=None,
                 source="null,", sink="null,", build=None, env=None):
        super().__init__(os.path.join(str(folder), name))
        self.name, self.addr = name, addr
        self.build = build or BUILD
        self.profile = self.path("profile")
        self.socket = self.path("profile/run/sock")
        self.log = self.path("profile/state/offhook.log")
        self.rpc = None
        self.config = {
            "audio.source": source, "audio.sink": sink,
            "audio.ring": "null,",
            "media.address": addr, "media.ports": "20000-20100",
        }
        self.config.update(config or {})
        self.exit = None
        self.more_env = env or {}

    # ---- life -----------------------------------------------------------
    def env(self):
        env = {k: v.format(self.folder) for k, v in SAN_ENV.items()}
        if self.config["audio.source"].startswith("alsa"):
            env["TSAN_OPTIONS"] += TSAN_ALSA
        return dict(env, **self.more_env)

    def write_config(self):
        os.makedirs(self.path("profile/config"), mode=0o700, exist_ok=True)
        os.chmod(self.profile, 0o700)
        path = self.path("profile/config/offhook.conf")
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as f:
                for key, value in self.config.items():
                    f.write(f"{key} = {value}\n")
            os.chmod(path, 0o600)

    def start(self):
        self.write_config()
        self.spawn([os.path.join(self.build, "offhookd"), "--foreground",
                    "--profile", self.profile], env=self.env())
        wait_until(lambda: self.answers() or not self.running(), 20,
                   "the phone's socket")
        assert self.running(), f"offhookd ended at once: {self.tail()}"
        self.rpc = Client(self.socket)
        return self

    def answers(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self.socket)
            return True
        except OSError:
            return False
        finally:
            sock.close()

    def tail(self):
        text = self.output()[-1500:]
        try:
            with open(self.log, encoding="utf-8", errors="replace") as f:
                text += "\n--- log\n" + f.read()[-2500:]
        except OSError:
            pass
        return text

    def stop(self, sig=signal.SIGTERM, timeout=15):
        """End it as a service manager does, and judge how it ended."""
        if self.proc is None:
            return
        if self.rpc:
            self.rpc.close()
        was_running = self.running()
        self.exit = self.end(sig, timeout)
        report = self.sanitizer_report()
        proc, self.proc = self.proc, None
        assert not report, report
        assert was_running, \
            f"offhookd ended early with {proc.returncode}: {self.tail()}"
        assert self.exit is not None, f"offhookd did not end: {self.tail()}"
        assert self.exit == 0, \
            f"offhookd ended with {self.exit}: {self.tail()}"

    def sanitizer_report(self):
        text = ""
        for path in sorted(glob.glob(self.path("asan.*")) +
                           glob.glob(self.path("ubsan.*")) +
                           glob.glob(self.path("tsan.*"))):
            with open(path, encoding="utf-8", errors="replace") as f:
                text += f"{path}:\n{f.read()[:6000]}\n"
        return text

    def healthy(self):
        assert self.running(), f"the phone is gone: {self.tail()}"
        assert not self.sanitizer_report(), self.sanitizer_report()

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    # ---- commands -------------------------------------------------------
    def cli(self, *args, timeout=40, stdin=subprocess.DEVNULL, **kw):
        """build/offhook --profile DIR ARGS, finished."""
        return subprocess.run(
            [os.path.join(self.build, "offhook"), "--profile", self.profile,
             *[str(a) for a in args]], stdin=stdin, capture_output=True,
            text=True, timeout=timeout, check=False,
            env=dict(os.environ, **self.env()), **kw)

    def cli_json(self, *args):
        run = self.cli(*args, "--json")
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    # ---- accounts -------------------------------------------------------
    def register(self, prm, timeout=15):
        """account.add, then wait for its first verdict."""
        prm.setdefault("listen", f"{self.addr}:5060")
        acc = self.rpc("account.add", **prm)
        return self.settled(acc["id"], timeout)

    def direct(self, user="alice", auto_answer=False, port=5060, **more):
        """An account without a server that others may call."""
        acc = self.rpc("account.add", address=f"{user}@{self.addr}:{port}",
                       direct=True, listen=f"{self.addr}:{port}",
                       auto_answer=auto_answer, **more)
        assert acc["state"] == "direct", acc
        return acc

    def account(self, ident):
        return next(a for a in self.rpc("account.list") if a["id"] == ident)

    def settled(self, ident, timeout=15):
        acc = self.account(ident)
        if acc["state"] in ("registered", "failed", "direct"):
            return acc
        return self.rpc.wait("account.changed", lambda a: a["id"] == ident
                             and a["state"] in ("registered", "failed"),
                             timeout)

    def uri(self, user="alice", port=5060):
        return f"sip:{user}@{self.addr}:{port}"

    # ---- calls ----------------------------------------------------------
    def calls(self):
        return self.rpc("call.list")

    def call(self, ident):
        return next((c for c in self.calls() if c["id"] == ident), None)

    def dial(self, target, **more):
        return self.rpc("call.dial", target=target, **more)["id"]

    def wait_call(self, ident, *states, timeout=15, want=lambda c: True):
        """Until the call is in one of the states; the call."""
        def fits(c):
            return c and (ident is None or c["id"] == ident) and \
                (not states or c["state"] in states) and want(c)
        calls = self.calls()
        self.rpc.events.clear()  # whatever came before the list is old
        for c in calls:
            if fits(c):
                return c
        return self.rpc.wait("call.changed", fits, timeout)

    def next_call(self, ident, *states, timeout=15, want=lambda c: True):
        """As wait_call, but by events alone, those that came since one
        last waited: a state is seen however short it lasts."""
        return self.rpc.wait("call.changed", lambda c: (
            ident is None or c["id"] == ident) and
            (not states or c["state"] in states) and want(c), timeout)

    def incoming(self, timeout=10):
        return self.wait_call(None, "ringing", timeout=timeout,
                              want=lambda c: c["direction"] == "in")["id"]

    def newest_log(self):
        rows = self.rpc("log.list", limit=1)
        return rows[0] if rows else None

    def wait_log(self, want, timeout=10):
        return wait_until(lambda: next(
            (r for r in self.rpc("log.list", limit=20) if want(r)), None),
            timeout, lambda: f"a log row; are: {self.rpc('log.list')[:3]}")

    # ---- messages -------------------------------------------------------
    def send(self, target, text, **more):
        return self.rpc("chat.send", target=target, text=text, **more)["id"]

    def messages(self):
        """The last messages of every conversation."""
        return [msg for conv in self.rpc("chat.list") for msg in
                self.rpc("chat.messages", conversation=conv["id"], limit=50)]

    def wait_message(self, ident, *states, timeout=15):
        """Until the message is in one of the states; the message."""
        end = time.monotonic() + timeout
        msg = next((m for m in self.messages() if m["id"] == ident), None)
        while msg is None or msg["state"] not in states:
            msg = self.rpc.wait("chat.message", lambda m: m["id"] == ident,
                                max(0.01, end - time.monotonic()))
        return msg

    def received(self, text, timeout=15):
        """Until a message with this text has come in; the message."""
        def fits(msg):
            return msg["direction"] == "in" and msg["text"] == text
        for msg in self.messages():
            if fits(msg):
                return msg
        return self.rpc.wait("chat.message", fits, timeout)


def up(p, call, **more):
    """Until they talk; the call."""
    return p.wait_call(call, "established", **more)


def spawned_pid(profile):
    """The pid of a phone that `offhook` started by itself."""
    path = os.path.join(profile, "run/pid")
    with open(path, encoding="ascii") as f:
        pid = int(re.search(r"\d+", f.read())[0])
    return pid if alive(pid) else None
