"""Debian's baresip, steered over its control socket."""

import glob
import json
import os
import socket

from .kamailio import DOMAIN, password
from .proc import Proc, wait_until
from . import wav

MODULES = ("opus", "g711", "g722", "gsm", "amr", "l16", "aufile", "ausine",
           "aubridge", "sndfile", "uuid", "cons")
APPS = ("account", "contact", "menu", "ctrl_tcp")


class Baresip(Proc):
    """One baresip; voice is what it plays, heard() what it recorded."""

    def __init__(self, folder, user="carol", addr="127.0.0.3", voice=None,
                 registrar=None, transport="udp", answer=True, codecs=None,
                 buddy=None, name="baresip", enc=None,
                 player="aubridge,sink", env=None, stereo=True):
        super().__init__(os.path.join(str(folder), name))
        self.user, self.addr, self.registrar = user, addr, registrar
        source = "ausine,440"
        rate, channels = 48000, 1
        if voice:
            # it hangs up where its file ends: the caller pads it
            source = f"aufile,{voice}"
            rate = wav.wave.open(voice).getframerate()
            channels = wav.wave.open(voice).getnchannels()
        lines = [
            f"sip_listen {addr}:5060", f"net_interface {addr}",
            "call_local_timeout 60", "call_max_calls 1000",
            f"audio_source {source}", f"audio_player {player}",
            "audio_alert aubridge,alert", f"audio_path {self.folder}/none",
            "ausrc_format s16", "auplay_format s16", "auenc_format s16",
            "audec_format s16", f"ausrc_srate {rate}",
            f"ausrc_channels {channels}",
            "rtp_tos 0", "rtp_timeout 0", "jitter_buffer_delay 5-10",
            f"snd_path {self.folder}", f"cons_listen {addr}:5555",
            f"ctrl_tcp_listen {addr}:4444",
            "module_path /usr/lib/baresip/modules",
            f"opus_stereo {'yes' if stereo else 'no'}",
            f"opus_sprop_stereo {'yes' if stereo else 'no'}",
        ]
        if registrar:
            lines.append(f"sip_cafile {registrar.ca}")
        modules = MODULES + (("alsa",) if player.startswith("alsa") else ())
        if enc:
            modules += ("dtls_srtp" if enc.startswith("dtls") else "srtp",)
        lines += [f"module {m}.so" for m in modules]
        lines += [f"module_app {m}.so" for m in APPS]
        self.write("config", "\n".join(lines) + "\n")
        host = DOMAIN if registrar else f"{addr}:5060"
        account = (f"<sip:{user}@{host};transport={transport}>"
                   f";auth_user={user};auth_pass={password(user)}"
                   f";answermode={'auto' if answer else 'manual'}"
                   f";audio_source={source}")
        if registrar:
            account += f';outbound="{registrar.server(transport)}";regint=600'
        else:
            account += ";regint=0"
        if enc:
            account += f";mediaenc={enc}"
        if codecs:
            account += f";audio_codecs={codecs}"
        self.write("accounts", account + "\n")
        self.write("contacts", f'"Buddy" <{buddy}>\n' if buddy else "")
        self.sock = None
        self.env = dict(env or {}, HOME=self.folder)

    def start(self):
        self.spawn(["stdbuf", "-oL", "baresip", "-4", "-s", "-f",
                    self.folder], env=self.env)
        self.wait_output("baresip is ready", 15)
        if self.registrar:
            self.wait_output(r"200 OK.*\[1 binding|\{.*200 OK", 15)
        self.sock = socket.create_connection((self.addr, 4444), 5)
        return self

    def cmd(self, command, params=None):
        msg = {"command": command}
        if params is not None:
            msg["params"] = params
        data = json.dumps(msg).encode()
        self.sock.sendall(b"%d:%s," % (len(data), data))

    def key(self, keys):
        """Keys of its menu, e.g. x to hold."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(keys.encode(), (self.addr, 5555))

    def dial(self, target):
        self.cmd("dial", target)

    def message(self, text):
        """To the buddy, its only contact, which has to be chosen first."""
        self.key(">")
        self.cmd("message", text)

    def heard(self):
        """The newest recording of what came in."""
        found = glob.glob(self.path("dump-*-dec.wav"))
        return max(found, key=os.path.getmtime) if found else None

    def forget(self):
        """What was heard until now is not looked at any more."""
        for path in glob.glob(self.path("dump-*.wav")):
            os.unlink(path)

    def stop(self):
        if self.sock:
            try:
                self.cmd("quit")
            except OSError:
                pass
            self.sock.close()
            self.sock = None
        if self.proc:
            try:
                wait_until(lambda: not self.running(), 3, "baresip to end")
            except AssertionError:
                pass
        self.end()
