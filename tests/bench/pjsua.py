"""pjsua beside offhook, where there is one in PATH (Debian 12 has none)."""

import shutil
import socket
import subprocess

from lib.proc import wait_until


def missing():
    return not shutil.which("pjsua")


class Pjsua:
    """Answers by itself, plays a file, and has the null sound device."""
    name = "pjsua"
    addr = "127.0.0.62"
    user = "eve"
    CODECS = {"PCMU": "pcmu", "opus": "opus"}

    def __init__(self, voice):
        self.voice = voice
        self.codec, self.calls = "PCMU", None
        self.proc = None

    def argv(self):
        return ["pjsua", "--null-audio", "--local-port=5060",
                f"--bound-addr={self.addr}",
                f"--ip-addr={self.addr}", "--no-tcp",
                f"--id=sip:{self.user}@{self.addr}", "--no-vad",
                "--auto-answer=200", "--auto-play", "--rtp-port=30000",
                f"--play-file={self.voice(self.codec)}",
                *([f"--max-calls={self.calls}"] if self.calls else []),
                "--dis-codec=*",
                f"--add-codec={self.CODECS[self.codec]}",
                "--app-log-level=1", "--log-level=1"]

    def start(self, codec="PCMU"):
        self.codec = codec
        # it would end with its input
        self.proc = subprocess.Popen(
            self.argv(), stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.ready, 10, "pjsua")
        return self.proc.pid

    def ready(self):
        """Its log is written late: does it have its port?"""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            try:
                s.bind((self.addr, 5060))
            except OSError:
                return True
        return False

    def stop(self):
        self.proc.kill()
        self.proc.wait()
        self.proc.stdin.close()
        self.proc = None
