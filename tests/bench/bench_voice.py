"""What a call costs and how late it is, beside the peers of this machine.

Frames: a caller (mediabench) sends 20 ms tones that differ, spoilt by seed;
the program sends back what it hears, and frames counts those that came back
and how late (median, 95th percentile). Costs: as tests/bench/bench.py does,
for calls that talk to a caller with a stopwatch. Mouth to ear: a click is
written to one phone's microphone and awaited at the other's loudspeaker, by
named pipes, which have the clock of the file driver, and by PulseAudio,
whose own player and recorder are part of what is measured there. linphonec
cannot loop: what it recorded is judged, and its delay is not known.
"perfect" is who has every frame of which anything arrived, in the packet
itself or in the next ones, through the same coder and counted the same way:
what it lacks nobody can have. QUICK=1 takes less time, NET=RED some rows of
the frames, PART=frames|costs|ear|calls one part, ALONE=1 no peers.
"""

import concurrent.futures
import os
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time

import bench
import calls
from bench import quantile
from bench_media import (PT, RATE, TOOLS, Files, Offhook, Recording, have)

from lib.phone import Phone
from lib.pulse import Pulse
from lib.pulse import missing as pulse_missing
from lib.sip import Call, Peer

ONLY_NET = os.environ.get("NET", "")
ALONE = bool(os.environ.get("ALONE"))
QUICK = bool(os.environ.get("QUICK"))
SECONDS = 9 if QUICK else 33
CODEC = {"pcmu": "0",
         "opus": "96\r\na=rtpmap:96 opus/48000/2\r\n"
                 "a=fmtp:96 useinbandfec=1\r\na=x:0",
         "red": "0 100\r\na=rtpmap:100 red/8000\r\n"
                "a=fmtp:100 0/0/0\r\na=x:0"}

# name, how, settings, least share back, most ms of delay
NETS = [
    ("calm", "pcmu", "", 100, 30),
    ("jitter 0-40 ms", "pcmu", "jitter=40", None, None),
    ("jitter 0-100 ms", "pcmu", "jitter=100", 99, 110),
    ("10 % loss", "pcmu", "loss=10", None, None),
    ("20 % loss", "pcmu", "loss=20", None, None),
    ("Opus FEC, 10 % loss", "opus", "loss=10 wide=1", 98, None),
    ("Opus FEC, 20 % loss", "opus", "loss=20 wide=1", 95, None),
    ("RED, 10 % loss", "red", "loss=10 redpt=100", 99.9, None),
    ("RED, 20 % loss", "red", "loss=20 redpt=100", 99, None),
]
NETS = [n for n in NETS if ONLY_NET in n[0]]
if QUICK:
    NETS = [n for n in NETS if n[3] and "10 % loss" not in n[0]]


def tones(folder, rate):
    path = os.path.join(folder, f"tones-{rate}.wav")
    if not os.path.exists(path):
        subprocess.run([os.path.join(TOOLS, "frames"), "make", str(rate),
                        str(SECONDS), path], check=True)
    return path


def count(sent, heard):
    """(share back, median delay, p95) or None"""
    run = subprocess.run([os.path.join(TOOLS, "frames"), sent, heard, "3"],
                         capture_output=True, text=True, check=False)
    got = re.match(r"back=([\d.]+) delay=(-?\d+) p95=(-?\d+)", run.stdout)
    return tuple(float(x) for x in got.groups()) if got else None


def perfect(how, settings, folder):
    """The share that a receiver has that knows everything."""
    codec = "opus" if how == "opus" else "pcmu"
    sent = tones(folder, RATE[codec])
    heard = os.path.join(folder, "perfect.wav")
    subprocess.run(
        [os.path.join(TOOLS, "mediabench"), "-1", "127.0.0.1", "1", codec,
         str(PT[codec]), sent, heard, "seed=1", *settings.split()],
        check=True, capture_output=True)
    return count(sent, heard)[0]


def frames(it, n, how, settings, folder):
    """(share back, median delay, p95) of one call, or None."""
    codec = "opus" if how == "opus" else "pcmu"
    sent = tones(folder, RATE[codec])
    heard = os.path.join(folder, f"frames-{n}.wav")
    peer = Peer(f"127.0.1.{110 + n}")
    try:
        call = Call(peer, (it.addr, 5060), f"sip:{it.user}@{it.addr}",
                    port=7000, codecs=CODEC[how])
        subprocess.run(
            [os.path.join(TOOLS, "mediabench"), str(call.rtp.fileno()),
             call.media[0], str(call.media[1]), codec, str(PT[codec]),
             sent, heard, "seed=1", *settings.split()],
            pass_fds=[call.rtp.fileno()], check=True, capture_output=True)
        call.bye()
        call.rtp.close()
        heard = it.recorded() or heard
    except (AssertionError, subprocess.CalledProcessError) as e:
        print(f"{type(it).__name__}: {e}", file=sys.stderr)
        return None
    finally:
        peer.close()
    return count(sent, heard)


def part_frames(folder):
    peers = [("offhook", lambda c: Offhook(folder, 0, c, loop=True))]
    if have("baresip") and not ALONE:
        peers.append(("baresip", lambda c: Recording(folder, 0, c,
                                                     loop=True)))
    if have("linphonec") and not ALONE:
        peers.append(("linphonec", lambda c: Files(folder, 0, c)))
    table = {}
    for rate in RATE.values():
        tones(folder, rate)

    def one(n, name, make):
        for codec in ("pcmu", "opus"):
            it = make(codec)
            for net, how, settings, _, _ in NETS:
                if (how == "opus") == (codec == "opus"):
                    table[name, net] = frames(it, n, how, settings, folder)
            it.stop()

    # each program has addresses of its own, and hardly works
    with concurrent.futures.ThreadPoolExecutor(len(peers)) as pool:
        for job in [pool.submit(one, n, *p) for n, p in enumerate(peers)]:
            job.result()
    print(f"\n| {'frames back %, delay p50, p95 ms':<32} |" + "".join(
        f" {name:<16} |" for name, _ in peers) + " perfect | aim")
    print(f"|{'-' * 34}|" + f"{'-' * 18}|" * len(peers) + f"{'-' * 9}|" +
          "-" * 20)
    for net, how, settings, least, delay in NETS:
        best = perfect(how, settings, folder)
        row = [table[name, net] for name, _ in peers]
        met = row[0] and (least is None or row[0][0] >= least) and \
            (delay is None or row[0][1] <= delay)
        aim = "" if least is None else \
            f">= {least} %{f', <= {delay} ms' if delay else ''}: " \
            f"{'ok' if met else 'MISSED'}"
        cells = [f"{g[0]:5.1f} {g[1]:4.0f} {g[2]:4.0f}" if g else "failed"
                 for g in row]
        print(f"| {net:<32} |" + "".join(f" {c:<16} |" for c in cells) +
              f" {best:7.1f} | {aim}", flush=True)


# ---- costs -----------------------------------------------------------------

CARD = [("CPU", "s/min"), ("context switches", "1/s")]


def rows(title, names, ours, theirs, aims=()):
    bench.table(f"{title}, ", [
        (name, unit, aims[i] if i < len(aims) else None)
        for i, (name, unit) in enumerate(names)], ours, theirs)


def first_rtp(it):
    """[median, 99th percentile] of ms from the 200 to the first packet."""
    it.start()
    run = bench.sipbench("first", it.addr, 5060, it.user, 10 if QUICK else 40)
    it.stop()
    ms = [float(x) for x in run.stdout.split() if float(x) > -1]
    return [quantile(ms, 0.5), quantile(ms, 0.99)] if ms else None


def with_card(folder, it, codec, echo):
    """The same call with a sound card for its ends: filters work there."""
    if pulse_missing():
        return None
    pulse = Pulse(folder, "card").start()
    os.environ.update(pulse.env())
    try:
        it.p.config.update({"audio.echo": str(echo).lower(),
                            "audio.noise": str(echo).lower(),
                            "audio.sink": "pulse,spk"})
        it.source = "pulse,mic.monitor"
        return bench.measure_call(it, codec)
    finally:
        it.source = None
        it.p.config.pop("audio.sink")
        pulse.stop()


def others(folder):
    return [] if ALONE else bench.peers(folder)


def part_costs(folder):
    us, them = bench.Offhook(folder), others(folder)
    none = [None] * len(them)
    bench.head([it.name for it in them])
    for codec, name in (("PCMU", "G.711"), ("opus", "Opus")):
        bench.costs(us, them, codec, name)
        for echo, what in ((False, "sound card"), (True, "with AEC")):
            if echo or not QUICK:
                rows(f"{name} {what}", CARD,
                     with_card(folder, us, codec, echo), none)
    rows("200 -> first RTP", [("p50", "ms"), ("p99", "ms")], first_rtp(us),
         [first_rtp(it) for it in them], (1,))


def part_calls(folder):
    us, them = bench.Offhook(folder), others(folder)
    us.p.config["media.ports"] = "20000-23000"
    ours = calls.in_parallel(folder, us)
    theirs = [calls.in_parallel(folder, it) for it in them]
    bench.head([it.name for it in them])
    rows("calls at once", [("memory of each", "kB"), ("in time", "calls")],
         ours, theirs)


# ---- mouth to ear ----------------------------------------------------------

CLICK = 48 * 8                   # samples
LOUD = 6000


def click():
    return struct.pack(f"<{CLICK}h", *[
        12000 if i // 24 % 2 else -12000 for i in range(CLICK)])


class Ear(threading.Thread):
    """Reads samples as they come and notes when a click begins."""

    def __init__(self, fd):
        super().__init__(daemon=True)
        self.fd, self.clicks, self.quiet = fd, [], 0
        self.start()

    def run(self):
        while data := os.read(self.fd, 1920):
            now = time.monotonic()
            v = struct.unpack(f"<{len(data) // 2}h", data[:len(data) & ~1])
            for i, x in enumerate(v):
                self.quiet += 1
                if abs(x) > LOUD:
                    if self.quiet > 4800:
                        self.clicks.append(now - (len(v) - i) / 48000)
                    self.quiet = 0


def matched(mouth, ear):
    """Delays in ms of the clicks that came through."""
    return [min((e - m) * 1e3 for e in ear if e > m)
            for m in mouth if any(0 < e - m < 0.6 for e in ear)]


def two_phones(folder, source, sink):
    conf = {"codecs": "PCMU", "audio.echo": "false", "audio.noise": "false"}
    name = source.split(",")[0]
    a = Phone(folder, f"mouth-{name}", "127.0.1.120", source=source, sink="null,",
              config=conf).start()
    b = Phone(folder, f"ear-{name}", "127.0.1.121", source="null,", sink=sink,
              config=conf).start()
    a.direct("alice")
    b.direct("bob", auto_answer=True)
    call = a.dial("sip:bob@127.0.1.121")
    a.wait_call(call, "established")
    return a, b


def ear_by_pipes(folder, count):
    mouth, ear = f"{folder}/mouth.pipe", f"{folder}/ear.pipe"
    for path in (mouth, ear):
        os.mkfifo(path)
    heard = Ear(os.open(ear, os.O_RDWR))
    fd = os.open(mouth, os.O_RDWR)
    a, b = two_phones(folder, f"pipe,{mouth}", f"pipe,{ear}")
    said, piece, begin = [], bytes(2 * 240), time.monotonic()
    for n in range(count * 103 + 600):
        time.sleep(max(0.0, begin + n * 0.005 - time.monotonic()))
        if n >= 600 and n % 103 == 0:
            said.append(time.monotonic())
            os.write(fd, click()[:480])
        else:
            os.write(fd, piece)
    for p in (a, b):
        p.end()
    return matched(said, heard.clicks)


def ear_by_pulse(folder, count):
    pulse = Pulse(folder, "ears").start()
    os.environ.update(pulse.env())
    recs, ears = [], []
    for sink in ("mic", "spk"):
        recs.append(subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--rate=48000",
             "--channels=1", "--format=s16le", "--latency-msec=5"],
            stdout=subprocess.PIPE))
        ears.append(Ear(recs[-1].stdout.fileno()))
    a, b = two_phones(folder, "pulse,mic.monitor", "pulse,spk")
    talk = subprocess.Popen(
        ["pacat", "-d", "mic", "--rate=48000", "--channels=1",
         "--format=s16le", "--latency-msec=50"], stdin=subprocess.PIPE)
    talk.stdin.write(bytes(2 * 48000 * 3))
    for _ in range(count):
        talk.stdin.write(click() + bytes(2 * 24720))
    talk.stdin.close()
    talk.wait()
    for p in (a, b):
        p.end()
    for rec in recs:
        rec.terminate()
    pulse.stop()
    return matched(ears[0].clicks, ears[1].clicks)


def part_ear(folder):
    count = 10 if QUICK else 40
    bench.head([])
    for name, measure, aim in (("pipes", ear_by_pipes, 60),
                               ("PulseAudio", ear_by_pulse, None)):
        if name == "PulseAudio" and pulse_missing():
            continue
        ms = measure(folder, count)
        rows(f"mouth to ear, {name}", [("p50", "ms"), ("p95", "ms")],
             [quantile(ms, 0.5), quantile(ms, 0.95)] if ms else None, [],
             (aim,))


def main():
    parts = {"frames": part_frames, "costs": part_costs, "ear": part_ear,
             "calls": part_calls}
    with tempfile.TemporaryDirectory(prefix="oh-voice-") as folder:
        for name in os.environ.get("PART", " ".join(parts)).split():
            parts[name](folder)


if __name__ == "__main__":
    main()
