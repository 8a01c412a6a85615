"""The phone's receiver beside a perfect one, without a clock.

The packets of bench_media.py and bench_voice.py, spoilt by the same seeds,
go straight into the receiver (replay), which is asked for 20 ms each 20 ms
of counted time: the same seed gives the same samples on any machine, however
busy. Speech is judged by stoi, tones are counted by frames. A perfect
receiver has every frame of which anything arrived; nothing is late for it.
It conceals with Opus as the phone does, and G.711 not at all. The worst of
three seeds each; QUICK=1 takes one.
"""

import os
import subprocess
import tempfile

from bench_media import NETS, PT, RATE, SEEDS, TOOLS, judge, speech
from bench_voice import count, tones

MODULES = os.path.join(os.path.dirname(TOOLS), "modules")
FRAMES = [("Opus FEC, 10 % loss", "opus", "loss=10 wide=1"),
          ("Opus FEC, 20 % loss", "opus", "loss=20 wide=1"),
          ("RED, 10 % loss", "pcmu", "loss=10 redpt=100"),
          ("RED, 20 % loss", "pcmu", "loss=20 redpt=100")]


def packets(sent, codec, settings, heard, perfect):
    """Write what is heard of them."""
    tool, *args = ("mediabench", "-1", "127.0.0.1", "1") if perfect else \
        ("replay", MODULES, "-", "7")
    subprocess.run([os.path.join(TOOLS, tool), *args, codec, str(PT[codec]),
                    sent, heard, *settings.split()],
                   check=True, capture_output=True)


def worst(judged, sent, codec, settings, folder):
    """The phone's figures and the perfect receiver's"""
    heard = os.path.join(folder, "replay.wav")
    rows = []
    for perfect in (False, True):
        got = []
        for seed in SEEDS:
            packets(sent, codec, f"{settings} seed={seed}", heard, perfect)
            got.append(judged(sent, heard))
        rows.append(min(got))
    return rows


def main():
    print("\nreceiver alone: stoi and ms of delay, or % of frames; and what "
          "a perfect receiver has\n")
    with tempfile.TemporaryDirectory(prefix="oh-replay-") as folder:
        for codec in ("pcmu", "opus"):
            for name, settings, _, _ in NETS:
                us, best = worst(judge, speech(RATE[codec]), codec, settings,
                                 folder)
                print(f"| {name:<20} | {codec:<5} | {us[0]:.3f} "
                      f"{us[1]:4.0f} | {best[0]:.3f} |", flush=True)
        for name, codec, settings in FRAMES:
            us, best = worst(count, tones(folder, RATE[codec]), codec,
                             settings, folder)
            print(f"| {name:<20} | {codec:<5} | {us[0]:5.1f} {us[1]:4.0f} | "
                  f"{best[0]:5.1f} |", flush=True)


if __name__ == "__main__":
    main()
