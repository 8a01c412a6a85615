"""A real sshd of the test's own: key login of whoever runs the tests.

Its keys, its configuration and its log are in a folder of the test; it
listens on a high port of a loopback address. As root it wants /run/sshd to
drop its privileges in, which only its init script makes: it gets a /run of
its own instead, in a mount namespace, so that nothing is left behind.
`ssh` is a script in front of the PATH which names that configuration, so
that the programs under test run the command line that they always run.
"""

import getpass
import os
import signal
import stat
import subprocess

import pytest

from .phone import BUILD
from .proc import Proc, alive, wait_until

SSHD = "/usr/sbin/sshd"

SERVER = """ListenAddress {addr}
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StreamLocalBindUnlink yes
PrintMotd no
MaxStartups 100
SetEnv PATH={build}:/usr/bin:/bin
"""

CLIENT = """Host *
    HostName {addr}
    Port {port}
    User {user}
    IdentityFile {folder}/user
    IdentitiesOnly yes
    UserKnownHostsFile {folder}/known
    StrictHostKeyChecking yes
    ControlPath none
    LogLevel ERROR
"""


class Sshd(Proc):
    """sshd, and an `ssh` that goes to it whatever host is named."""

    def __init__(self, folder, addr="127.0.0.90", port=2222):
        super().__init__(os.path.join(str(folder), "sshd"))
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", self.path(name)], check=True)
        fill = {"addr": addr, "port": port, "folder": self.folder,
                "user": getpass.getuser(), "build": BUILD}
        with open(self.path("host.pub"), encoding="ascii") as f:
            self.write("known", f"[{addr}]:{port} {f.read()}")
        self.write("server", SERVER.format(**fill))
        self.write("client", CLIENT.format(**fill))
        os.makedirs(self.path("bin"))
        self.write("bin/ssh", "#!/bin/sh\nexec /usr/bin/ssh -F "
                   f"{self.path('client')} \"$@\"\n")
        os.chmod(self.path("bin/ssh"), stat.S_IRWXU)

    def start(self):
        argv = [SSHD, "-D", "-e", "-f", self.path("server")]
        if os.getuid() == 0:
            argv = ["unshare", "-m", "sh", "-c",
                    "mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && "
                    'exec "$@"', "run", *argv]
        self.spawn(argv)
        wait_until(lambda: "listening on" in self.output() or
                   not self.running(), 20, "sshd")
        run = self.ssh("desk", "true")
        if run.returncode:
            self.stop()
            pytest.skip("sshd lets nobody in here: "
                        f"{run.stderr.strip()} {self.output()[-300:]}")
        return self

    def env(self, more=None):
        return dict(more or {}, PATH=f"{self.path('bin')}:"
                    f"{os.environ['PATH']}")

    def ssh(self, *args):
        return subprocess.run([self.path("bin/ssh"), *args], check=False,
                              stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, timeout=60)

    def forward(self, *args):
        """ssh -N with a forwarding; a Proc that runs."""
        p = Proc(self.path("forward"))
        p.spawn([self.path("bin/ssh"), "-N", "-oExitOnForwardFailure=yes",
                 *args, "desk"])
        return p

    def sessions(self):
        """The processes that serve those who are in."""
        children = {}
        for name in os.listdir("/proc"):
            try:
                with open(f"/proc/{name}/stat", encoding="latin-1") as f:
                    rest = f.read().rpartition(")")[2].split()
                children.setdefault(int(rest[1]), []).append(int(name))
            except (OSError, ValueError):
                pass
        found, look = [], [self.pid]
        while look:
            more = children.get(look.pop(), [])
            found += more
            look += more
        return [pid for pid in found if alive(pid)]

    def signal_sessions(self, sig):
        for pid in self.sessions():
            try:
                os.kill(pid, sig)
            except ProcessLookupError:
                pass

    def stop(self):
        if self.proc:
            self.signal_sessions(signal.SIGKILL)
            self.end()
