"""Speech over bad networks, through offhook and through Debian's baresip.

Method: everything inside one network namespace with nothing but loopback.
A caller (mediabench) sends real speech as RTP and spoils it by seed: loss,
runs of loss, jitter. offhook sends back what it hears (`loop,`); what comes
back is laid on the caller's scale of time and judged by stoi:
intelligibility, delay from RTP in to RTP out, gaps. Opus would be coded
twice on this way: there it records what it hears, as baresip does with both
codecs, and the delay is not known better than to some 50 ms. The first three
seconds are not judged. Same packets, same seeds for both programs; the worst
of three seeds counts. QUICK=1 takes one seed, ONLY=jitter some rows.
"""

import concurrent.futures
import os
import queue
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))

from lib.baresip import Baresip                          # noqa: E402
from lib.phone import BUILD, Phone                       # noqa: E402
from lib.sip import Call, Peer                           # noqa: E402
from lib.wav import Voices                               # noqa: E402

SEEDS = (1,) if os.environ.get("QUICK") else (1, 2, 3)
WORKERS = int(os.environ.get("JOBS", "4"))
RATE = {"pcmu": 8000, "opus": 48000}
PT = {"pcmu": 0, "opus": 96}
TOOLS = os.path.join(BUILD, "tests")
VOICES = Voices(os.path.join(BUILD, "tests/voices"))

# name, settings, least stoi of PCMU, most ms of delay with PCMU; Opus is to
# come within NEAR of a perfect receiver of the same packets
NEAR = .012
NETS = [
    ("calm", "", .978, 35),
    ("10 % loss", "loss=10", .95, None),
    ("20 % loss", "loss=20", .905, None),
    ("10 % in runs of 4", "loss=10 burst=4", .915, None),
    ("jitter 0-40 ms", "jitter=40", .98, 75),
    ("jitter 0-100 ms", "jitter=100", .98, 120),
    ("10 % loss, 0-60 ms", "loss=10 jitter=60", .94, 110),
]


def speech(rate):
    """Half a minute of three voices."""
    path = os.path.join(VOICES.folder, f"bench-{rate}.wav")
    if not os.path.exists(path):
        parts = [VOICES(n, rate) for n in ("one", "two", "three") * 2]
        subprocess.run(["sox", "-D", *parts, f"{path}.wav"], check=True)
        os.rename(f"{path}.wav", path)
    return path


class Offhook:
    """offhook that answers and sends back."""
    user = "alice"

    def __init__(self, folder, n, codec):
        self.addr = f"127.0.1.{10 + n}"
        name = {"pcmu": "PCMU", "opus": "opus"}[codec]
        self.wav = f"{folder}/offhook-{n}.wav" if codec == "opus" else None
        self.p = Phone(folder, f"offhook-{codec}-{n}", self.addr,
                       source="null," if self.wav else "loop,",
                       sink=f"file,{self.wav}" if self.wav else "loop,",
                       config={"codecs": name}).start()
        self.p.direct(self.user, auto_answer=True)

    def recorded(self):
        """What it heard, once the call is over; None: it sends it back."""
        if self.wav:
            self.p.wait_call(None, "ended")
        return self.wav

    def stop(self):
        self.p.end()
        self.p.proc = None


class Echo(Baresip):
    """baresip with its jitter buffer as Debian ships it, recording."""

    def __init__(self, folder, n, codec):
        super().__init__(
            folder, addr=f"127.0.1.{60 + n}", name=f"baresip-{codec}-{n}",
            codecs={"pcmu": "PCMU/8000/1", "opus": "opus/48000/2"}[codec])
        for name in ("config", "accounts"):
            with open(self.path(name), encoding="utf-8") as f:
                text = f.read()
            text = re.sub(r"(?m)^module(_app)? (cons|ctrl_tcp).*\n", "",
                          text)
            text = re.sub(r"(?m)^(jitter_buffer_delay).*$", r"\1 5-10", text)
            self.write(name, text)
        self.spawn(["stdbuf", "-oL", "baresip", "-4", "-s", "-f",
                    self.folder], env={"HOME": self.folder})
        self.wait_output("baresip is ready", 15)

    def recorded(self):
        self.wait_output("terminated|closed|ended", 5)
        return self.heard()

    def stop(self):
        self.end()


def measure(it, n, codec, settings, seed, folder):
    """(stoi, delay, gaps) of one call, or None."""
    peer = Peer(f"127.0.1.{110 + n}")
    spoken = speech(RATE[codec])
    heard = os.path.join(folder, f"heard-{type(it).__name__}-{n}.wav")
    try:
        call = Call(peer, (it.addr, 5060), f"sip:{it.user}@{it.addr}",
                    port=7000, codecs="0" if codec == "pcmu" else
                    "96\r\na=rtpmap:96 opus/48000/2\r\n"
                    "a=fmtp:96 useinbandfec=1\r\na=x:0")
        run = subprocess.run(
            [os.path.join(TOOLS, "mediabench"), str(call.rtp.fileno()),
             call.media[0], str(call.media[1]), codec, str(PT[codec]),
             spoken, heard, f"seed={seed}", *settings.split()],
            pass_fds=[call.rtp.fileno()], capture_output=True, text=True,
            check=False)
        call.bye()
        heard = it.recorded() or heard
    except AssertionError as e:
        print(f"{type(it).__name__}: {e}", file=sys.stderr)
        return None
    finally:
        peer.close()
    if run.returncode:
        print(run.stderr, file=sys.stderr)
        return None
    return judge(spoken, heard)


def judge(spoken, heard):
    """(stoi, delay, spread, gaps)"""
    run = subprocess.run([os.path.join(TOOLS, "stoi"), spoken, heard, "3"],
                         capture_output=True, text=True, check=False)
    got = re.match(r"stoi=([\d.]+) delay=(-?\d+) spread=(\d+) gaps=(\d+)",
                   run.stdout)
    return tuple(float(x) for x in got.groups()) if got else None


def perfect(folder):
    """{net: worst of the seeds} of a receiver that knows everything"""
    worst = {}
    spoken, heard = speech(48000), os.path.join(folder, "perfect.wav")
    for name, settings, _, _ in NETS:
        for seed in SEEDS:
            subprocess.run(
                [os.path.join(TOOLS, "mediabench"), "-1", "127.0.0.1", "1",
                 "opus", "96", spoken, heard, f"seed={seed}",
                 *settings.split()], capture_output=True, check=True)
            got = judge(spoken, heard)
            if name not in worst or got[0] < worst[name][0]:
                worst[name] = got
    return worst


def bench(make, folder, codec):
    """{net: worst of the seeds}"""
    free = queue.Queue()
    for n in range(WORKERS):
        free.put((n, make(folder, n, codec)))

    def one(job):
        n, it = free.get()
        try:
            return job[0], measure(it, n, codec, job[1], job[2], folder)
        finally:
            free.put((n, it))
    only = os.environ.get("ONLY", "")
    jobs = [(name, settings, seed) for name, settings, _, _ in NETS
            if only in settings for seed in SEEDS]
    worst = {}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for name, got in pool.map(one, jobs):
            if got and (name not in worst or got[0] < worst[name][0]):
                worst[name] = got
    while not free.empty():
        free.get()[1].stop()
    return worst


def cell(got):
    return f"{got[0]:.3f} {got[1]:5.0f} {got[3]:5.0f}" if got else "failed"


def main():
    have = subprocess.run(["sh", "-c", "command -v baresip"], check=False,
                          capture_output=True).returncode == 0
    for rate in RATE.values():
        speech(rate)
    print(f"worst of {len(SEEDS)} seeds; stoi, ms from RTP in to RTP out, ms "
          "of speech that are missing\n")
    print(f"| {'network':<20} | {'codec':<5} | {'offhook':<17} | "
          f"{'baresip':<17} | {'perfect':<7} | aim")
    print(f"|{'-' * 22}|{'-' * 7}|{'-' * 19}|{'-' * 19}|{'-' * 9}|"
          f"{'-' * 26}")
    with tempfile.TemporaryDirectory(prefix="oh-media-") as folder:
        for codec in os.environ.get("CODECS", "pcmu opus").split():
            best = perfect(folder) if codec == "opus" else {}
            ours = bench(Offhook, folder, codec)
            theirs = bench(Echo, folder, codec) if have and \
                not os.environ.get("ALONE") else {}
            for name, _, least, delay in NETS:
                got, top = ours.get(name), best.get(name)
                if top:
                    least, delay = top[0] - NEAR, None
                met = got and got[0] >= least and \
                    (not delay or got[1] <= delay)
                print(f"| {name:<20} | {codec:<5} | {cell(got):<17} | "
                      f"{cell(theirs.get(name)) if theirs else '':<17} | "
                      f"{format(top[0], '.3f') if top else '':<7} | "
                      f">= {least:.3f}"
                      f"{f', <= {delay} ms' if delay else ''}: "
                      f"{'ok' if met else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
