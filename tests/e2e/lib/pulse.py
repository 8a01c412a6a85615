"""A PulseAudio of one's own: a microphone and a loudspeaker, and ALSA
names for both."""

import os
import shutil
import signal
import subprocess

from .proc import Proc, wait_until

CONFIG = """load-module module-native-protocol-unix auth-anonymous=1 socket={sock}
load-module module-null-sink sink_name=mic rate=48000 channels={channels}
load-module module-null-sink sink_name=spk rate=48000 channels={channels}
load-module module-null-sink sink_name=bell rate=48000 channels=1
set-default-sink spk
set-default-source mic.monitor
"""

ALSA = """</usr/share/alsa/alsa.conf>
pcm.test_spk {{ type pulse server "{server}" device "spk" }}
pcm.test_mic {{ type pulse server "{server}" device "mic.monitor" }}
pcm.!default {{ type asym playback.pcm "test_spk" capture.pcm "test_mic" }}
ctl.!default {{ type pulse server "{server}" }}
pcm.test_out {{
  type plug
  slave {{ pcm {{ type file slave.pcm {{ type null }} file "{dir}/out.raw"
                format "raw" }}
          rate 48000 channels 1 format S16_LE }}
}}
pcm.test_in {{
  type plug
  slave {{ pcm {{ type file slave.pcm {{ type null }} file "/dev/null"
                infile "{dir}/in.raw" format "raw" }}
          rate 48000 channels 1 format S16_LE }}
}}
"""


class Pulse(Proc):
    """start() it, say() something into its microphone, listen() to its
    loudspeaker; stop() and start() as often as one likes."""

    def __init__(self, folder, name="pulse", channels=1):
        super().__init__(os.path.join(str(folder), name))
        self.sock = self.path("sock")
        self.server = f"unix:{self.sock}"
        self.write("default.pa", CONFIG.format(sock=self.sock,
                                                channels=channels))
        self.channels = channels
        self.write("asound.conf", ALSA.format(server=self.server,
                                              dir=self.folder))
        os.makedirs(self.path("run"), mode=0o700, exist_ok=True)
        self.ears = []
        self.talk = None

    def env(self):
        """What a phone needs to find it."""
        return {"PULSE_SERVER": self.server, "ALSA_CONFIG_PATH":
                self.path("asound.conf"), "HOME": self.folder,
                "XDG_RUNTIME_DIR": self.path("run")}

    def start(self):
        if os.path.exists(self.sock):
            os.unlink(self.sock)
        self.spawn(["pulseaudio", "-n", "-F", self.path("default.pa"),
                    "--daemonize=no", "--exit-idle-time=-1",
                    "--use-pid-file=no", "--realtime=no",
                    "--high-priority=no", "--log-target=stderr"],
                   env=self.env())
        wait_until(lambda: "spk.monitor" in self.ctl("list", "short",
                                                     "sources")
                   or not self.running(), 15, "pulseaudio")
        assert self.running(), self.output()
        return self

    def ctl(self, *args):
        return subprocess.run(["pactl", *args], env=dict(
            os.environ, **self.env()), capture_output=True, text=True,
            timeout=10, check=False).stdout

    def say(self, voice, times=1, sink="mic"):
        """Play a WAV file into the microphone, so many times in a row."""
        path = self.path("say.wav")
        subprocess.run(["sox", "-D", voice, path, "repeat",
                        str(times - 1)], check=True)
        self.talk = subprocess.Popen(["paplay", "-d", sink, path],
                                     env=dict(os.environ, **self.env()))
        return self.talk

    def listen(self, sink="spk"):
        """The path of a WAV file that grows with what is played there."""
        path = self.path(f"heard-{sink}-{len(self.ears)}.raw")
        with open(path, "wb") as f:
            self.ears.append(subprocess.Popen(
                ["parec", "-d", f"{sink}.monitor", "--rate=48000",
                 f"--channels={self.channels}", "--format=s16le", "--latency-msec=50"],
                stdout=f, env=dict(os.environ, **self.env())))

        return lambda: to_wav(path, self.channels)

    def streams(self, kind="sink-inputs"):
        """How many programs play (kind "source-outputs": record)."""
        return len(self.ctl("list", "short", kind).splitlines())

    def down(self):
        """The server alone, at once, as if it had crashed."""
        self.end(signal.SIGKILL)
        self.proc = None

    def stop(self):
        for p in [*self.ears, self.talk]:
            if p is not None and p.poll() is None:
                p.terminate()
                p.wait()
        self.end()


def to_wav(raw, channels=1):
    """A raw recording as WAV file, None if there is nothing yet."""
    if not os.path.exists(raw) or not os.path.getsize(raw):
        return None
    subprocess.run(["sox", "-t", "raw", "-r", "48000", "-c", str(channels),
                    "-b", "16", "-e", "signed", raw, f"{raw}.wav"], check=False,
                   stderr=subprocess.DEVNULL)
    return f"{raw}.wav"


def missing():
    """What is not installed of what a test needs, or None."""
    return next((p for p in ("pulseaudio", "pactl", "paplay", "parec")
                 if not shutil.which(p)), None)
