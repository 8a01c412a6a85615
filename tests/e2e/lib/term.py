"""A bare pseudo terminal: counts bytes, and can stop reading."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Term:
    """A program on a pty; nothing is read until read() is called."""

    def __init__(self, argv, cols=80, rows=24, env=None, cwd=None,
                 speed=None):
        self.data = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if speed:
                tio = termios.tcgetattr(0)
                tio[4] = tio[5] = speed
                termios.tcsetattr(0, termios.TCSANOW, tio)
            os.environ.update({"TERM": "xterm-256color",
                               "LC_ALL": "C.UTF-8", **(env or {})})
            if cwd:
                os.chdir(cwd)
            try:
                os.execv(argv[0], [str(a) for a in argv])
            finally:
                os._exit(127)
        self.resize(cols, rows)

    def resize(self, cols, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def type(self, data):
        os.write(self.fd, data if isinstance(data, bytes) else data.encode())

    def read(self, quiet=0.2, limit=5.0):
        """What comes until nothing came for quiet seconds."""
        got = b""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if not select.select([self.fd], [], [], quiet)[0]:
                break
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            got += data
        self.data += got
        return got

    def answer(self, quiet=0.3, limit=10.0):
        """What comes of a key, however long it takes to begin."""
        select.select([self.fd], [], [], limit)
        return self.read(quiet, limit)

    def read_for(self, seconds):
        """What comes in that time."""
        got = b""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            got += data
        self.data += got
        return got

    def read_at_most(self, size, timeout):
        """What is there by then, and no more than that."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        got = os.read(self.fd, size)
        self.data += got
        return got

    def waiting(self):
        """Bytes that were written and not read yet."""
        return struct.unpack("i", fcntl.ioctl(self.fd, termios.FIONREAD,
                                              b"\0" * 4))[0]

    def wait(self, text, timeout=10):
        """Read until the bytes were seen."""
        text = text if isinstance(text, bytes) else text.encode()
        end = time.monotonic() + timeout
        start = len(self.data)
        while text not in self.data[start:]:
            assert time.monotonic() < end, \
                f"{text!r} did not come: {self.data[-800:]!r}"
            self.read(0.05, 0.5)

    def close(self):
        """The terminal goes away under the program."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def ended(self):
        if self.pid is None:
            return True
        pid, _ = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.pid = None
        return self.pid is None

    def stop(self):
        self.close()
        if self.pid is not None and not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = None
