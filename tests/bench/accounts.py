"""200 accounts in one phone: registrations a second, memory of each.

Method: a registrar made of one socket on loopback answers every REGISTER at
once; the clock runs from the first REGISTER to the last account that says
`registered`. Memory is the private memory of the process (smaps_rollup)
with 200 accounts less that with none, at rest. Then the extra round trips:
a proxy that challenges by 407 is called twenty times.
"""

import os
import re
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))

from lib.phone import Phone                              # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.sip import Peer, header                         # noqa: E402

ACCOUNTS = 200
CHALLENGE = ('407 Proxy Authentication Required\r\nProxy-Authenticate: Digest '
             'realm="bench.test", nonce="n", qop="auth", algorithm=SHA-256')


def private(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return sum(int(kb) for kb in re.findall(r"Private_\w+:\s+(\d+)",
                                                f.read()))


class Registrar(threading.Thread):
    """Says 200 to REGISTER, 407 once to what carries no credentials."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peer = Peer("127.0.0.30")
        self.count = {}
        self.first = None

    def run(self):
        while True:
            msg, src = self.peer.recv(1)
            if msg is None or not msg.strip() or msg.startswith("SIP"):
                continue
            method = msg.split(" ", 1)[0]
            self.first = self.first or time.monotonic()
            self.count[method] = self.count.get(method, 0) + 1
            status = "200 OK"
            if method == "MESSAGE" and not header(msg, "Proxy-Authorization"):
                status = CHALLENGE
                self.count["407"] = self.count.get("407", 0) + 1
            text = f"SIP/2.0 {status}\r\n"
            for name in ("Via", "From", "To", "Call-ID", "CSeq", "Contact"):
                for value in header(msg, name):
                    tag = ";tag=r" if name == "To" else ""
                    text += f"{name}: {value}{tag}\r\n"
            self.peer.send(text + "Expires: 600\r\nContent-Length: 0\r\n\r\n",
                           src)


def main():
    registrar = Registrar()
    registrar.start()
    with tempfile.TemporaryDirectory(prefix="oh-bench-") as folder:
        p = Phone(folder)
        p.write_config()
        with open(p.path("profile/config/accounts"), "w",
                  encoding="ascii") as f:
            os.chmod(f.fileno(), 0o600)
        p.start()
        time.sleep(1)
        none = private(p.pid)
        p.stop()
        with open(p.path("profile/config/accounts"), "w",
                  encoding="ascii") as f:
            for i in range(ACCOUNTS):
                f.write(f"[u{i}@bench.test]\nid = {i + 1}\npassword = x\n"
                        "server = sip:127.0.0.30:5060;transport=udp\n\n")
        p.start()
        wait_until(lambda: all(a["state"] == "registered" for a in
                               p.rpc("account.list")), 60, "all of them",
                   0.05)
        took = time.monotonic() - registrar.first
        time.sleep(2)
        each = (private(p.pid) - none) / ACCOUNTS
        print(f"{ACCOUNTS} accounts: {ACCOUNTS / took:.0f} registrations/s, "
              f"{each:.1f} kB of private memory each")

        for i in range(20):
            ident = p.send("sip:friend@bench.test", f"message {i}",
                           account=1)
            p.wait_message(ident, "sent", "delivered", "failed")
        print(f"20 messages through a proxy that challenges: "
              f"{registrar.count.get('407', 0)} extra round trips")
        p.stop()


if __name__ == "__main__":
    main()
