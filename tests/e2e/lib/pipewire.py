"""A PipeWire of one's own, without D-Bus: a microphone, a loudspeaker."""

import os
import shutil
import signal
import subprocess

from .proc import Proc, wait_until
from .pulse import to_wav

MAIN = """alsa_monitor.enabled = false
alsa_monitor.properties["alsa.reserve"] = false
libcamera_monitor.enabled = false
v4l2_monitor.enabled = false
default_access.properties["enable-flatpak-portal"] = false
"""

# A crowded machine comes late: periods of 43 ms, and never shorter ones
QUANTUM = """context.properties = {
    default.clock.quantum = 2048
    default.clock.min-quantum = 2048
}
"""

NODE = ("{{ factory.name=support.null-audio-sink node.name={} "
        "media.class={} object.linger=true audio.position=[MONO] }}")


class PipeWire(Proc):
    """As lib.pulse.Pulse, with pw-play and pw-record."""

    def __init__(self, folder, name="pipewire"):
        super().__init__(os.path.join(str(folder), name))
        os.makedirs(self.path("run"), mode=0o700, exist_ok=True)
        for sub, text in (("main", MAIN),
                          ("bluetooth", "bluez_monitor.enabled = false\n")):
            os.makedirs(self.path(f"cfg/wireplumber/{sub}.lua.d"),
                        exist_ok=True)
            self.write(f"cfg/wireplumber/{sub}.lua.d/51-test.lua", text)
        os.makedirs(self.path("cfg/pipewire/pipewire.conf.d"), exist_ok=True)
        self.write("cfg/pipewire/pipewire.conf.d/test.conf", QUANTUM)
        self.manager = Proc(self.path("manager"))
        self.others = []

    def env(self):
        return {"XDG_RUNTIME_DIR": self.path("run"), "HOME": self.folder,
                "XDG_CONFIG_HOME": self.path("cfg"),
                "XDG_STATE_HOME": self.path("state"),
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}

    def run(self, *args):
        return subprocess.run([str(a) for a in args], env=dict(
            os.environ, **self.env()), capture_output=True, text=True,
            timeout=10, check=False).stdout

    def call(self, *args):
        return subprocess.call(args, env=dict(os.environ, **self.env()),
                               stderr=subprocess.DEVNULL, timeout=10)

    def start(self):
        self.spawn(["pipewire"], env=self.env())
        wait_until(lambda: "Dummy-Driver" in self.run("pw-cli", "ls",
                                                      "Node"), 15,
                   "pipewire")
        self.manager.spawn(["wireplumber"], env=self.env())
        self.run("pw-cli", "create-node", "adapter",
                 NODE.format("spk", "Audio/Sink"))
        self.run("pw-cli", "create-node", "adapter",
                 NODE.format("mic", "Audio/Source/Virtual"))
        # the manager has seen them when they have ports
        wait_until(lambda: "spk:playback" in self.run("pw-link", "-i"), 15,
                   "the devices of pipewire")
        return self

    def start_other(self, *args):
        self.others.append(subprocess.Popen(
            [str(a) for a in args], env=dict(os.environ, **self.env()),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return self.others[-1]

    def say(self, voice, times=1):
        path = self.path("say.wav")
        subprocess.run(["sox", "-D", voice, path, "repeat",
                        str(times - 1)], check=True)
        self.start_other("pw-play", "--target", "0", path)
        # the manager connects players to loudspeakers only
        wait_until(lambda: not self.call("pw-link", "pw-play:output_MONO",
                                         "mic:input_MONO"), 10,
                   f"a link to the microphone: {self.run('pw-link', '-o')}")

    def listen(self):
        path = self.path(f"heard-{len(self.others)}.wav")
        self.start_other("pw-record", "--target", "spk", "-P",
                         "stream.capture.sink=true", "--channels", "1",
                         "--format", "s16", "--rate", "48000", path)
        # a header that is not right yet is a click more
        return lambda: to_wav(path)

    def links(self):
        return self.run("pw-link", "-l")

    def down(self):
        self.manager.end(signal.SIGKILL)
        self.end(signal.SIGKILL)
        self.proc = None

    def stop(self):
        for p in self.others:
            if p.poll() is None:
                p.terminate()
                p.wait()
        self.manager.end()
        self.end()


def missing():
    return next((p for p in ("pipewire", "wireplumber", "pw-cli", "pw-link",
                             "pw-play", "pw-record")
                 if not shutil.which(p)), None)
