"""offhook side by side with Debian's baresip, and pjsua where there is one.

Method: everything inside one network namespace with nothing but loopback;
the program under test on core 1, the stopwatch (sipbench, kernel time
stamps) on core 0. CPU and context switches come from the kernel's own
accounts of the process (/proc/PID/task/*/schedstat and status), memory from
smaps_rollup. Both programs have one account that answers by itself, G.711
or Opus, a WAV file at the codec's rate as microphone and a loudspeaker that
goes nowhere. A machine that others use as well is not always equally fast:
what the bare work costs (bare.c) is measured before and after, and CPU is
given as a multiple of it, too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from lib.baresip import Baresip                          # noqa: E402
from lib.phone import BUILD, Phone, program              # noqa: E402
from lib.proc import status, wait_until                  # noqa: E402
from lib.wav import Voices                               # noqa: E402
from pjsua import Pjsua                                  # noqa: E402
from pjsua import missing as pjsua_missing               # noqa: E402

SIPBENCH = os.path.join(BUILD, "tests/sipbench")
BARE = os.path.join(BUILD, "tests/bare")
QUICK = bool(os.environ.get("QUICK"))
RUNS = 4 if QUICK else 15
IDLE = 3 if QUICK else 60
CALL = 5 if QUICK else 30
CALLS = 10 if QUICK else 40
# what the aims were of the bare work on the machine they were set on
AIM_CALL = 0.25 / 0.143
AIM_OPUS = 0.85 / 0.65
CORES = os.cpu_count() or 1


VOICES = Voices(os.path.join(BUILD, "tests/voices"))
RATE = {"PCMU": 8000, "opus": 48000}


def voice(codec):
    """Speech, then silence for longer than a measurement lasts: baresip
    hangs up at the end of its file."""
    return VOICES.padded("one", RATE[codec], 120)


def pinned(core, argv):
    return ["taskset", "-c", str(min(core, CORES - 1)), *argv]


def pin(pid, core=1):
    if CORES > 1:
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), {core})


def cpu(pid):
    """Seconds on a processor so far, all threads that live."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat",
                  encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def switches(pid):
    return status(pid, "voluntary_ctxt_switches") + \
        status(pid, "nonvoluntary_ctxt_switches")


def memory(pid):
    """(RSS, PSS) in MB"""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        text = f.read()
    return tuple(int(re.search(rf"(?m)^{k}:\s+(\d+)", text)[1]) / 1024
                 for k in ("Rss", "Pss"))


def sipbench(*args):
    return subprocess.run(pinned(0, [SIPBENCH, *map(str, args)]),
                          capture_output=True, text=True, check=False)


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))]


class Offhook:
    name = "offhook"
    addr = "127.0.0.60"
    user = "alice"

    def __init__(self, folder):
        self.p = Phone(folder, addr=self.addr)
        self.source = None       # a microphone that is no file

    def start(self, codec="PCMU"):
        self.p.config["codecs"] = codec
        self.p.config["audio.source"] = self.source or \
            f"file,{voice(codec)}"
        conf = self.p.path("profile/config/offhook.conf")
        if os.path.exists(conf):
            os.unlink(conf)
        self.p.start()
        if not self.p.rpc("account.list"):
            self.p.direct(self.user, auto_answer=True)
        self.p.rpc.close()
        self.p.rpc = None
        return self.p.pid

    def argv(self):
        return [program("offhookd"), "--foreground", "--profile",
                self.p.profile]

    def stop(self):
        self.p.end()
        self.p.proc = None


class DebianBaresip:
    name = "baresip"
    addr = "127.0.0.61"
    user = "carol"

    def __init__(self, folder):
        self.folder = folder
        self.b = None

    def start(self, codec="PCMU"):
        self.b = Baresip(self.folder, addr=self.addr, voice=voice(codec),
                         codecs={
                             "PCMU": "PCMU/8000/1",
                             "opus": "opus/48000/2"}[codec])
        # what the phone has not loaded is not measured here either
        with open(self.b.path("config"), encoding="utf-8") as f:
            keep = [x for x in f if not re.search(
                r"sndfile|cons|ctrl_tcp|contact|snd_path", x)]
        self.b.write("config", "".join(keep))
        self.b.spawn(self.argv(), env={"HOME": self.b.folder})
        wait_until(lambda: "ready" in self.b.output(), 10, "baresip")
        return self.b.pid

    def argv(self):
        return ["baresip", "-4", "-f", self.b.folder]

    def stop(self):
        self.b.end()


def measure_ready(it):
    it.start()
    it.stop()
    out = []
    for _ in range(RUNS):
        with open(os.devnull, encoding="ascii") as null:
            run = subprocess.run(
                pinned(1, [SIPBENCH, "ready", it.addr, "5060", "--",
                           *it.argv()]), stdin=null, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                check=False)
        lines = re.findall(r"(?m)^([\d.]+)$", run.stdout)
        if lines:
            out.append(float(lines[-1]))
    return (min(out), quantile(out, 0.5)) if out else None


def measure_idle(it):
    pid = it.start()
    pin(pid)
    time.sleep(3)
    s, c = switches(pid), cpu(pid)
    time.sleep(IDLE)
    got = ((switches(pid) - s) / IDLE, (cpu(pid) - c) * 1e3 * 60 / IDLE,
           *memory(pid))
    it.stop()
    return got


def measure_setup(it):
    pid = it.start()
    pin(pid)
    run = sipbench("setup", it.addr, 5060, it.user, CALLS)
    it.stop()
    ms = [float(x) for x in run.stdout.split()]
    return (quantile(ms, 0.5), quantile(ms, 0.99)) if ms else None


def measure_call(it, codec):
    pid = it.start(codec)
    pin(pid)
    proc = subprocess.Popen(
        pinned(0, [SIPBENCH, "call", it.addr, "5060", it.user,
                   str(CALL + 3), codec.lower()]),
        stdout=subprocess.PIPE, text=True)
    if proc.stdout.readline().strip() != "answered":
        proc.wait()
        it.stop()
        return None
    time.sleep(2)
    pin(pid)
    s, c = switches(pid), cpu(pid)
    time.sleep(CALL)
    got = [(cpu(pid) - c) * 60 / CALL, (switches(pid) - s) / CALL,
           memory(pid)[0]]
    line = proc.stdout.readline()
    proc.wait()
    it.stop()
    found = re.search(r"p50 ([\d.]+) p99 ([\d.]+) max ([\d.]+) "
                      r"error ([\d.]+)", line)
    return got + [float(x) for x in found.groups()] if found else None


def bare(*args):
    """Seconds of CPU a minute that cannot be done without."""
    run = subprocess.run(pinned(1, [BARE, *map(str, args)]), text=True,
                         capture_output=True, check=True)
    return float(run.stdout)


def bare_work():
    """{codec: of the network, of the codec}; each is measured twice"""
    return {"PCMU": bare("net", CALL / 2),
            "opus": bare("opus", VOICES("one", 48000), 10)}


def peers(folder):
    """Those of this machine that a call can be measured with."""
    out = []
    if shutil.which("baresip"):
        out.append(DebianBaresip(folder))
    if not pjsua_missing():
        out.append(Pjsua(voice))
    return out


def head(names, first=""):
    print(f"| {first:<40} | {'offhook':>9} | " +
          "".join(f"{n:>9} | {'ratio':>6} | " for n in names) +
          f"{'unit':<10} | {'aim':<18} |")
    print(f"|{'-' * 42}|{'-' * 11}|" +
          f"{'-' * 11}|{'-' * 8}|" * len(names) +
          f"{'-' * 12}|{'-' * 20}|", flush=True)


def show(row, ours, theirs, unit, goal):
    """A row; theirs: a figure of each peer, None if it has none"""
    verdict = ""
    if goal is not None:
        verdict = f"{'ok' if ours <= goal else 'MISSED'} (<= {goal:.4g})"
    print(f"| {row:<40} | {ours:>9.2f} | " + "".join(
        f"{'' if v is None else format(v, '9.2f'):>9} | "
        f"{format(ours / v, '6.2f') if v else '':>6} | "
        for v in theirs) + f"{unit:<10} | {verdict:<18} |", flush=True)


def table(title, rows, ours, theirs):
    """rows: (name, unit, aim); theirs: figures of each peer, or None"""
    if ours is None:
        print(f"| {title}: failed", flush=True)
        return
    for i, (row, unit, goal) in enumerate(rows):
        show(f"{title}{row}", ours[i], [t[i] if t else None for t in theirs],
             unit, goal)


def costs(us, them, codec, name):
    """The rows of one call, the bare work of it beside."""
    before = bare_work()
    got = [measure_call(it, codec) for it in (us, *them)]
    after = bare_work()
    least = {k: (before[k] + after[k]) / 2 for k in before}
    aims = {"PCMU": (0.25, 110), "opus": (0.85, None)}[codec]
    table(f"{name} call, ", [
        ("CPU", "s/min", aims[0]), ("context switches", "1/s", aims[1]),
        ("RSS", "MB", None), ("send gap p50", "ms", None),
        ("send gap p99", "ms", 20.3), ("send gap max", "ms", None),
        ("mean pacing error", "ms", None)], got[0], got[1:])
    show({"PCMU": "bare work of the net", "opus": "bare Opus, complexity 10"}
         [codec], least[codec], [None] * len(them), "s/min", None)
    if got[0]:
        show(f"{name} call, CPU of that", got[0][0] / least[codec],
             [g and g[0] / least[codec] for g in got[1:]], "times",
             AIM_CALL if codec == "PCMU" else AIM_OPUS)


def main():
    with tempfile.TemporaryDirectory(prefix="oh-bench-") as folder:
        us, them = Offhook(folder), peers(folder)
        print(f"load average {os.getloadavg()[0]:.2f} on {CORES} cores; "
              f"{RUNS} starts, {IDLE} s idle, {CALLS} set-ups, {CALL} s a "
              "call\n")
        head([it.name for it in them])

        def all_of(measure, *args):
            return measure(us, *args), [measure(it, *args) for it in them]
        table("start to SIP-ready, ", [("minimum", "ms", 6.5),
              ("median", "ms", None)], *all_of(measure_ready))
        table("idle phone, ", [
            ("wake-ups", "1/s", 0.03), ("CPU", "ms/min", None),
            ("RSS", "MB", 8), ("PSS", "MB", None)], *all_of(measure_idle))
        table("INVITE -> 200, ", [("p50", "ms", 0.4), ("p99", "ms", None)],
              *all_of(measure_setup))
        for codec, name in (("PCMU", "G.711"), ("opus", "Opus")):
            costs(us, them, codec, name)


if __name__ == "__main__":
    main()
