"""SIPp plays scenarios of tests/e2e/sipp, as caller or as callee."""

import os
import signal

from .flow import Flow
from .proc import Proc, bound, wait_until

HERE = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "sipp")


class Sipp(Proc):
    """One scenario, one call. join() asserts that all went as written.

    flow is the text of one (see flow.py); scenario is then only its name."""

    def __init__(self, folder, scenario, addr="127.0.0.4", remote=None,
                 user="alice", transport="u1", keys=None, calls=1,
                 timeout=40, port=5060, flow=None,
                 routed=False, domain=None, more=()):
        super().__init__(os.path.join(str(folder), f"sipp-{scenario}-{port}"))
        self.addr, self.port, self.scenario = addr, port, scenario
        self.transport = transport
        if flow:
            text = Flow(flow, routed, domain).xml()
        else:
            with open(os.path.join(HERE, f"{scenario}.xml"),
                      encoding="utf-8") as f:
                text = f.read()
        for key, value in (keys or {}).items():
            text = text.replace(f"@{key}@", str(value))
        self.argv = ["sipp", "-sf", self.write("scenario.xml", text),
                     "-i", addr, "-p", str(port), "-mi", addr,
                     "-mp", str(6000 + (port - 5060) * 8), "-m", str(calls),
                     "-l", "1",
                     "-t", transport, "-s", user, "-nostdin",
                     "-timeout", f"{timeout}s", "-timeout_error",
                     "-trace_err", "-error_file", self.path("errors"),
                     "-trace_msg", "-message_file", self.path("messages"),
                     "-cid_str", "%u-%p@sipp"]
        self.argv += more
        if remote:
            self.argv.append(remote)

    def start(self):
        self.spawn(self.argv, env={"TERM": "dumb"})
        proto = "tcp" if self.transport.startswith("t") else "udp"
        wait_until(lambda: bound(proto, self.addr, self.port)
                   or not self.running() or proto == "tcp", 10, "sipp")
        return self

    def join(self, timeout=45):
        wait_until(lambda: not self.running(), timeout,
                   lambda: f"the end of {self.scenario}:\n{self.story()}")
        assert self.proc.returncode == 0, \
            f"{self.scenario} did not go as written " \
            f"({self.proc.returncode}):\n{self.story()}"
        return self.output("messages")

    def story(self):
        return self.output("errors")[-2500:] + "\n--- messages\n" + \
            self.output("messages")[-5000:]

    def messages(self):
        return self.output("messages")

    def stop(self):
        self.end(signal.SIGKILL)
