"""Speech over bad networks, through offhook and the peers of this machine.

Method: everything inside one network namespace with nothing but loopback.
A caller (mediabench) sends real speech as RTP and spoils it by seed: loss,
runs of loss, jitter. offhook sends back what it hears (`loop,`); what comes
back is laid on the caller's scale of time and judged by stoi:
intelligibility, delay from RTP in to RTP out, gaps. Opus would be coded
twice on this way: there it records what it hears, as baresip and linphonec
do with both codecs, and the delay is not known better than to some 50 ms.
The first three seconds are not judged. Same packets, same seeds for all; the
worst of three seeds counts. QUICK=1 takes one seed and half the speech, of
all programs at once; NET=jitter takes some rows.
"""

import concurrent.futures
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import wave

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "e2e"))

from lib.baresip import Baresip                          # noqa: E402
from lib.linphone import Linphone                        # noqa: E402
from lib.phone import BUILD, Phone                       # noqa: E402
from lib.proc import wait_until                          # noqa: E402
from lib.sip import Call, Peer                           # noqa: E402
from lib.wav import Voices, seconds                      # noqa: E402

QUICK = bool(os.environ.get("QUICK"))
SEEDS = (1,) if QUICK else (1, 2, 3)
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
NETS = [n for n in NETS if os.environ.get("NET", "") in n[0]]
if QUICK:
    NETS = [n for n in NETS if n[1] in ("", "loss=20", "jitter=100",
                                        "loss=10 jitter=60")]


def speech(rate):
    """Half a minute of three voices."""
    times = 1 if QUICK else 2
    path = os.path.join(VOICES.folder, f"bench-{rate}-{times}.wav")
    if not os.path.exists(path):
        parts = [VOICES(n, rate) for n in ("one", "two", "three") * times]
        subprocess.run(["sox", "-D", *parts, f"{path}.wav"], check=True)
        os.rename(f"{path}.wav", path)
    return path


class Offhook:
    """offhook that answers and sends back."""
    user = "alice"
    caller = 110             # 127.0.1.x, those who call it: from here on

    def __init__(self, folder, n, codec, loop=False):
        self.addr = f"127.0.1.{10 + n}"
        name = {"pcmu": "PCMU", "opus": "opus"}[codec]
        self.wav = f"{folder}/offhook-{n}.wav" \
            if codec == "opus" and not loop else None
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


class Recording(Baresip):
    """baresip with its jitter buffer as Debian ships it, recording; or, as
    a loop, its echo module: what it hears goes back by its aubridge."""
    caller = 120

    def __init__(self, folder, n, codec, loop=False):
        super().__init__(
            folder, addr=f"127.0.1.{60 + n}", name=f"baresip-{codec}-{n}",
            voice=None if loop else VOICES.padded("one", RATE[codec], 120),
            codecs={"pcmu": "PCMU/8000/1", "opus": "opus/48000/2"}[codec],
            answer=not loop)
        self.loop = loop
        for name in ("config", "accounts"):
            with open(self.path(name), encoding="utf-8") as f:
                text = f.read()
            text = re.sub(r"(?m)^module(_app)? (cons|ctrl_tcp).*\n", "",
                          text)
            text = re.sub(r"(?m)^(jitter_buffer_delay).*$", r"\1 5-10", text)
            if loop:
                text = re.sub(r"(?m)^module(_app)? (sndfile|menu).*\n", "",
                              text)
                text = text.replace(";audio_source=ausine,440", "")
                text = text.replace("ausine,440", "aubridge,loop")
                text = re.sub(r"(?m)^ausrc_srate.*\n", "", text)
                if name == "config":
                    text += "module_app echo.so\n"
            self.write(name, text)
        self.spawn(["stdbuf", "-oL", "baresip", "-4", "-s", "-f",
                    self.folder], env={"HOME": self.folder})
        self.wait_output("baresip is ready", 15)

    def recorded(self):
        if self.loop:
            return None
        self.wait_output("terminated|closed|ended", 5)
        return self.heard()

    def stop(self):
        self.end()


class Files(Linphone):
    """linphonec, playing and recording files; it has no loop."""
    caller = 130

    def __init__(self, folder, n, codec):
        super().__init__(
            folder, addr=f"127.0.1.{160 + n}", name=f"linphone-{codec}-{n}",
            voice=VOICES.padded("one", RATE[codec], 120),
            codecs=({"pcmu": "PCMU", "opus": "opus"}[codec],))
        self.calls = 0
        self.start()

    def recorded(self):
        """It goes on in the same file, so each call has one of its own; the
        file is whole when the next one is begun."""
        path = self.heard
        self.calls += 1
        self.record(f"heard-{self.calls}.wav")
        wait_until(lambda: whole(path), 10, "linphonec's recording")
        return path


def whole(path):
    """Has this WAV file its header?"""
    try:
        return seconds(path) > 5
    except (EOFError, OSError, wave.Error):
        return False


def have(program):
    return shutil.which(program) is not None


def measure(it, n, codec, settings, seed, folder):
    """(stoi, delay, gaps) of one call, or None."""
    peer = Peer(f"127.0.1.{it.caller + n}")
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
    jobs = [(name, settings, seed) for name, settings, _, _ in NETS
            for seed in SEEDS]
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


PEERS = [("offhook", Offhook, True), ("baresip", Recording, have("baresip")),
         ("linphonec", Files, have("linphonec"))]


def main():
    for rate in RATE.values():
        speech(rate)
    peers = [(name, make) for name, make, there in PEERS
             if there and (make is Offhook or not os.environ.get("ALONE"))]
    print(f"worst of {len(SEEDS)} seeds; stoi, ms from RTP in to RTP out, ms "
          "of speech that are missing\n")
    print(f"| {'network':<20} | {'codec':<5} |" +
          "".join(f" {name:<17} |" for name, _ in peers) +
          f" {'perfect':<7} | aim")
    print(f"|{'-' * 22}|{'-' * 7}|" + f"{'-' * 19}|" * len(peers) +
          f"{'-' * 9}|{'-' * 26}")
    with tempfile.TemporaryDirectory(prefix="oh-media-") as folder:
        for codec in os.environ.get("CODECS", "pcmu opus").split():
            best = perfect(folder) if codec == "opus" else {}
            with concurrent.futures.ThreadPoolExecutor(
                    len(peers) if QUICK else 1) as pool:
                got = list(pool.map(lambda p, c=codec: bench(
                    p[1], folder, c), peers))
            for name, _, least, delay in NETS:
                ours, top = got[0].get(name), best.get(name)
                if top:
                    least, delay = top[0] - NEAR, None
                met = ours and ours[0] >= least and \
                    (not delay or ours[1] <= delay)
                print(f"| {name:<20} | {codec:<5} |" +
                      "".join(f" {cell(g.get(name)):<17} |" for g in got) +
                      f" {format(top[0], '.3f') if top else '':<7} | "
                      f">= {least:.3f}"
                      f"{f', <= {delay} ms' if delay else ''}: "
                      f"{'ok' if met else 'MISSED'}", flush=True)


if __name__ == "__main__":
    main()
