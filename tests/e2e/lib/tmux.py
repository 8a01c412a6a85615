"""A terminal: a private tmux server with one window."""

import itertools
import os
import shlex
import subprocess

from .proc import wait_until


SERIAL = itertools.count(1)


class Tmux:
    """tmux -L NAME on a socket folder of its own; no user's config."""

    def __init__(self, folder, argv, cols=80, rows=24, env=None):
        self.env = {**os.environ, "TMUX_TMPDIR": str(folder),
                    "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
                    **(env or {})}
        self.env.pop("TMUX", None)
        self.name = f"t{next(SERIAL)}"
        self.pipe = None
        self.cols, self.rows = cols, rows
        line = " ".join(shlex.quote(str(a)) for a in argv)
        # the pane stays when the program ends, with its exit code
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x",
                  str(cols), "-y", str(rows),
                  f"{line}; rc=$?; echo; echo ended with $rc; exec sleep "
                  "1000")
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "escape-time", "0")
        self.resize(cols, rows)

    def tmux(self, *args, check=True):
        if self.pipe:
            self.pipe.stdin.write(" ".join(shlex.quote(a) for a in args) +
                                  "\n")
            self.pipe.stdin.flush()
            return self._reply()
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
        self.tmux("resize-window", "-t", "s", "-x", str(cols), "-y",
                  str(rows))

    def keys(self, *keys):
        """Names as tmux knows them: Enter, Tab, Escape, C-l, M-a, j."""
        self.tmux("send-keys", "-t", "s", *keys)

    def type(self, text):
        self.tmux("send-keys", "-t", "s", "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "s")

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
        return int(self.tmux("list-panes", "-t", "s", "-F", "#{pane_pid}"))

    def stop(self):
        if self.pipe:
            pipe, self.pipe = self.pipe, None
            pipe.stdin.close()
            pipe.stdout.close()
            pipe.wait()
        self.tmux("kill-server", check=False)
