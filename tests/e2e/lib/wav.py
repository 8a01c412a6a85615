"""Speech to play and the judgement of what was heard."""

import os
import re
import struct
import subprocess
import tempfile
import wave

from .proc import wait_until

SENTENCES = {
    "one": ("en-us", 165, "The quick brown fox jumps over the lazy dog "
            "while seven wizards brew evening tea."),
    "two": ("en-us+f3", 160, "Please leave the parcel with our neighbour, "
            "and call me back before Thursday noon."),
    "three": ("en-us+m3", 150, "Nine bright lanterns hang above the harbour "
              "and every boat has come home."),
    "four": ("en-us+f5", 170, "Sorry, the ferry is late again: bring two "
             "umbrellas and a thermos for us."),
}
OUT = "out.wav"     # what a command leaves


class Voices:
    """A folder of spoken sentences: voices("one", 8000) is a WAV file.

    Many test files share it and begin at the same time, each process in a
    namespace of its own: a file is made under a name that nobody else has
    (process ids are no such name there) and moved when it is whole."""

    def __init__(self, folder):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)

    def _make(self, name, *commands):
        """The file of that name, made by commands that leave OUT."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            with tempfile.TemporaryDirectory(dir=self.folder) as box:
                for argv in commands:
                    subprocess.run(argv, check=True, cwd=box)
                os.rename(os.path.join(box, OUT), path)
        return path

    def __call__(self, name, rate=48000):
        voice, speed, text = SENTENCES[name]
        return self._make(
            f"{name}-{rate}.wav",
            ["espeak-ng", "-v", voice, "-s", str(speed), "-w", "raw.wav",
             text],
            ["sox", "-D", "raw.wav", "-r", str(rate), "-b", "16", "-c", "1",
             OUT])

    def padded(self, name, rate, seconds):
        """The sentence with silence behind it, for players that hang up
        at the end of their file."""
        return self._make(f"{name}-{rate}-{seconds}.wav", [
            "sox", "-D", self(name, rate), OUT, "pad", "0", str(seconds)])

    def both(self, left, right, rate=48000, times=1):
        """Two brief sentences at once, one on each side."""
        return self._make(f"{left}+{right}-{times}-{rate}.wav", [
            "sox", "-D", "-M", self.brief(left, rate),
            self.brief(right, rate), OUT, "repeat", str(times - 1)])

    def brief(self, name, rate=8000):
        """The first two seconds of a sentence."""
        return self._make(f"{name}-{rate}-brief.wav", [
            "sox", "-D", self(name, rate), OUT, "trim", "0", "2", "pad",
            "0", "0.2"])

    def talk(self, name, rate=8000, seconds=110):
        """Those two seconds again and again: who says it goes on saying
        it, so that one can listen at any time."""
        return self._make(f"{name}-{rate}-talk{seconds}.wav", [
            "sox", "-D", self.brief(name, rate), OUT, "repeat",
            str(seconds // 2)])

    def length(self, name):
        return seconds(self(name))


def seconds(path):
    with wave.open(path) as w:
        return w.getnframes() / w.getframerate()


def match(spoken, heard):
    """(score, line) of wavmatch; score 0 if there is nothing to hear."""
    tool = os.environ.get("WAVMATCH", "build/tests/wavmatch")
    run = subprocess.run([tool, spoken, heard], capture_output=True,
                         text=True, check=False)
    found = re.search(r"score=(-?[\d.]+)", run.stdout)
    line = (run.stdout or run.stderr).strip()
    return (float(found[1]) if found else 0.0), line


def heard(spoken, path, threshold=0.7):
    """Assert that the speech is in the recording."""
    assert path and os.path.exists(path), f"nothing was recorded: {path}"
    score, line = match(spoken, path)
    print(f"speech {os.path.basename(spoken)}: {line}")
    assert score >= threshold, \
        f"{os.path.basename(spoken)} is not heard in {path}: {line}"


def not_heard(spoken, path, threshold=0.6):
    """Assert that the speech is not in the recording."""
    score, line = match(spoken, path)
    print(f"speech {os.path.basename(spoken)} (not to be heard): {line}")
    assert score < threshold, f"{spoken} is heard in {path}: {line}"


def mark(recording):
    """Here one begins to listen: (path, bytes so far)."""
    path = recording() if callable(recording) else recording
    there = path and os.path.exists(path)
    return (path, os.path.getsize(path)) if there else (path, 0)


def cut(path, since):
    """What came after the mark, as a file of its own. The length in the
    header is not believed: linphonec writes its own last."""
    begin = since[1] if since and since[0] == path else 0
    with open(path, "rb") as f:
        data = f.read()
    channels, rate, body = 1, 8000, 44
    if data[:4] == b"RIFF":
        fmt, body = data.find(b"fmt "), data.find(b"data") + 8
        channels, rate = struct.unpack("<HI", data[fmt + 10:fmt + 16])
    step = 2 * channels
    begin = body + max(0, begin - body) // step * step
    with wave.open(f"{path}.cut", "wb") as w:
        w.setparams((channels, 2, rate, 0, "NONE", ""))
        w.writeframes(data[begin:begin + (len(data) - begin) // step * step])
    return f"{path}.cut"


def side(recording, number):
    """One side of a recording of two that still grows, as a file of its
    own at 8 kHz: 0 is left."""
    out = f"{recording}.{number}.wav"
    subprocess.run(["sox", "-D", cut(recording, None), "-r", "8000", out,
                    "remix", str(number + 1)], check=True)
    return out


def channels(path):
    """Of a recording that may have only begun."""
    if not path or not os.path.exists(path) or \
            os.path.getsize(path) < 44:
        return 0
    with wave.open(cut(path, None)) as w:
        return w.getnchannels()


def wait_heard(spoken, recording, timeout=20, threshold=0.7, since=None):
    """Until the speech is in a recording that still grows; recording is
    a path or a function that knows it, since a mark() of before."""
    def look():
        path = recording() if callable(recording) else recording
        return path and os.path.exists(path) and \
            match(spoken, cut(path, since))[0] >= threshold

    def why():
        path = recording() if callable(recording) else recording
        got = match(spoken, cut(path, since)) \
            if path and os.path.exists(path) else None
        return f"{os.path.basename(spoken)} heard in {path}: {got}"
    wait_until(look, timeout, why, 0.4)
