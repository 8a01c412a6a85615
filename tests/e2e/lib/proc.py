"""Processes and waiting.

A test waits for a state, never for a time: wait_until() looks again and
again and says what it missed when its patience ends.
"""

import os
import re
import signal
import subprocess
import time


class Timeout(AssertionError):
    """What was waited for did not come."""


def wait_until(look, timeout, what, pause=0.01):
    """Call look() until it returns something true, and return that."""
    end = time.monotonic() + timeout
    while True:
        got = look()
        if got:
            return got
        if time.monotonic() > end:
            raise Timeout(f"not within {timeout} s: "
                          f"{what() if callable(what) else what}")
        time.sleep(pause)


def alive(pid):
    """Does the process run (a zombie does not)?"""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def status(pid, key):
    """A figure of /proc/PID/status, e.g. VmRSS in kB, summed over threads
    for the context switches."""
    total = 0
    folders = [f"/proc/{pid}"]
    if key.endswith("ctxt_switches"):
        folders = [f"/proc/{pid}/task/{t}"
                   for t in os.listdir(f"/proc/{pid}/task")]
    for folder in folders:
        with open(f"{folder}/status", encoding="latin-1") as f:
            total += int(re.search(rf"(?m)^{key}:\s+(\d+)", f.read())[1])
    return total


def bound(proto, host, port):
    """Is somebody at this address (proto udp or tcp)?"""
    a = "".join(f"{int(x):02X}" for x in reversed(host.split(".")))
    want = f"{a}:{port:04X}"
    with open(f"/proc/net/{proto}", encoding="ascii") as f:
        for line in f:
            part = line.split()
            if part[1] == want and (proto == "udp" or part[3] == "0A"):
                return True
    return False


class Proc:
    """A program in a folder of its own, its output in FOLDER/out."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def spawn(self, argv, stdin=subprocess.DEVNULL, env=None, out="out",
              group=False):
        with open(self.path(out), "wb") as f:
            self.proc = subprocess.Popen(
                [str(a) for a in argv], stdin=stdin, stdout=f,
                stderr=subprocess.STDOUT, cwd=self.folder,
                start_new_session=group,
                env=dict(os.environ, **(env or {})))
        return self.proc

    @property
    def pid(self):
        return self.proc.pid

    def running(self):
        return self.proc is not None and self.proc.poll() is None

    def output(self, name="out"):
        try:
            with open(self.path(name), "rb") as f:
                return f.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def wait_output(self, regex, timeout=10, name="out", after=0):
        """Wait for a line; returns the last match from position after on."""
        def look():
            found = None
            for found in re.finditer(regex, self.output(name)[after:]):
                pass
            return found
        return wait_until(look, timeout, lambda: f"/{regex}/ in "
                          f"{self.path(name)}:\n"
                          + self.output(name)[-1500:])

    def mark(self, name="out"):
        return len(self.output(name))

    def end(self, sig=signal.SIGTERM, timeout=5, group=False):
        """Signal it and wait; the exit status, or None if it had to be
        killed. With group, whatever children are left go, too."""
        if self.proc is None:
            return None
        if self.running():
            self.proc.send_signal(sig)
        try:
            return self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
            return None
        finally:
            if group:
                try:
                    os.killpg(self.proc.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
