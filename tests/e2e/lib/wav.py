"""Speech to play and the judgement of what was heard."""

import os
import re
import subprocess
import wave

from .proc import wait_until

SENTENCES = {
    "one": ("en-us", 165, "The quick brown fox jumps over the lazy dog "
            "while seven wizards brew evening tea."),
    "two": ("en-us+f3", 160, "Please leave the parcel with our neighbour, "
            "and call me back before Thursday noon."),
    "three": ("en-us+m3", 150, "Nine bright lanterns hang above the harbour "
              "and every boat has come home."),
}


class Voices:
    """A folder of spoken sentences: voices("one", 8000) is a WAV file."""

    def __init__(self, folder):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)

    def __call__(self, name, rate=48000):
        path = os.path.join(self.folder, f"{name}-{rate}.wav")
        if not os.path.exists(path):
            voice, speed, text = SENTENCES[name]
            raw = f"{path}.{os.getpid()}.wav"
            subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed),
                            "-w", raw, text], check=True)
            subprocess.run(["sox", "-D", raw, "-r", str(rate), "-b", "16",
                            "-c", "1", f"{raw}.wav"], check=True)
            os.unlink(raw)
            os.rename(f"{raw}.wav", path)
        return path

    def padded(self, name, rate, seconds):
        """The sentence with silence behind it, for players that hang up
        at the end of their file."""
        path = os.path.join(self.folder, f"{name}-{rate}-{seconds}.wav")
        if not os.path.exists(path):
            tmp = f"{path}.{os.getpid()}.wav"
            subprocess.run(["sox", "-D", self(name, rate), tmp, "pad", "0",
                            str(seconds)], check=True)
            os.rename(tmp, path)
        return path

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


def wait_heard(spoken, recording, timeout=20, threshold=0.7):
    """Until the speech is in a recording that still grows; recording is
    a path or a function that knows it."""
    def look():
        path = recording() if callable(recording) else recording
        return path and os.path.exists(path) and \
            match(spoken, path)[0] >= threshold

    def why():
        path = recording() if callable(recording) else recording
        got = match(spoken, path) if path and os.path.exists(path) else None
        return f"{os.path.basename(spoken)} heard in {path}: {got}"
    wait_until(look, timeout, why, 0.4)
