"""A terminal: a private tmux server with one window."""

import itertools
import os
import shlex
import subprocess

from .proc import wait_until


SERIAL = itertools.count(1)


def started(argv):
    """A pane stays when its program ends, with the exit code."""
    line = " ".join(shlex.quote(str(a)) for a in argv)
    return f"{line}; rc=$?; echo; echo ended with $rc; exec sleep 1000"


class Tmux:
    """tmux -L NAME on a socket folder of its own; no user's config."""

    def __init__(self, folder, argv, cols=80, rows=24, env=None):
        self.env = {**os.environ, "TMUX_TMPDIR": str(folder),
                    "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                    **(env or {})}
        self.env.pop("TMUX", None)
        self.name = f"t{next(SERIAL)}"
        self.target = "s"
        self.pipe = None
        self.cols, self.rows = cols, rows
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x",
                  str(cols), "-y", str(rows), started(argv))
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "escape-time", "0")
        self.resize(cols, rows)

    def tmux(self, *args, check=True):
        if self.pipe:
            return self.batch([args])[0]
        run = subprocess.run(["tmux", "-u", "-L", self.name, *args],
                             env=self.env, capture_output=True, check=False)
        assert run.returncode == 0 or not check, run.stderr.decode()
        return run.stdout.decode("utf-8", "replace")

    def control(self):
        """From now on commands go by one client in control mode: a test
        that looks at hundreds of screens starts no hundreds of programs."""
        self.pipe = subprocess.Popen(
            ["tmux", "-u", "-L", self.name, "-C", "attach", "-f",
             "no-output,ignore-size", "-t", "s"], env=self.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            encoding="utf-8", errors="replace")
        self._reply()

    def batch(self, commands):
        """Many commands by that client, and what each of them answers."""
        self.pipe.stdin.write("".join(
            " ".join(shlex.quote(str(a)) for a in args) + "\n"
            for args in commands))
        self.pipe.stdin.flush()
        return [self._reply() for _ in commands]

    def _reply(self):
        """Lines between %begin and %end of the next command."""
        lines, inside = [], False
        for line in self.pipe.stdout:
            if line.startswith(("%end ", "%error ")):
                assert line.startswith("%end "), lines
                return "".join(lines)
            if inside:
                lines.append(line)
            inside = inside or line.startswith("%begin ")
        raise AssertionError("tmux is gone")

    def resize(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.tmux("resize-window", "-t", self.target, "-x", str(cols), "-y",
                  str(rows))

    def keys(self, *keys):
        """Names as tmux knows them: Enter, Tab, Escape, C-l, M-a, j."""
        self.tmux("send-keys", "-t", self.target, *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", self.target, "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", self.target)

    def lines(self):
        return self.screen().split("\n")

    def wait_text(self, text, timeout=20):
        """Until the screen holds the text; the screen."""
        return wait_until(
            lambda: (lambda s: s if text in s else None)(self.screen()),
            timeout, lambda: f"{text!r} on the screen:\n{self.screen()}")

    def wait_gone(self, text, timeout=20):
        return wait_until(
            lambda: (lambda s: s if text not in s else None)(self.screen()),
            timeout, lambda: f"{text!r} to go:\n{self.screen()}")

    def wait_any(self, *texts, timeout=20):
        def look():
            screen = self.screen()
            return screen if any(t in screen for t in texts) else None
        return wait_until(look, timeout,
                          lambda: f"one of {texts}:\n{self.screen()}")

    def pane_pid(self):
        return int(self.tmux("list-panes", "-t", self.target, "-F",
                             "#{pane_pid}"))

    def stop(self):
        if self.pipe:
            pipe, self.pipe = self.pipe, None
            pipe.stdin.close()
            pipe.stdout.close()
            pipe.wait()
        self.tmux("kill-server", check=False)


class Beside(Tmux):
    """One more window of a server that has its client in control mode."""

    def __init__(self, server, argv, cols=80, rows=24):
        self.server, self.cols, self.rows = server, cols, rows
        self.target = f"b{next(SERIAL)}"
        self.tmux("new-session", "-d", "-s", self.target, "-x", str(cols),
                  "-y", str(rows), started(argv))
        self.resize(cols, rows)

    def tmux(self, *args, check=True):
        return self.server.tmux(*args, check=check)

    def stop(self):
        """Its server ends it."""
