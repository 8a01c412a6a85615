"""linphonec, without a screen and without a sound card."""

import os

from .kamailio import DOMAIN, password
from .proc import Proc, wait_until

RC = """[sip]
sip_port={udp}
sip_tcp_port={tcp}
sip_tls_port={tls}
bind_address={addr}
guess_hostname=0
contact=sip:{user}@{addr}
root_ca={ca}
media_encryption={enc}
media_encryption_mandatory={mandatory}
register_only_when_network_is_up=0
incoming_calls_early_media=0
inc_timeout=30
default_proxy={proxy}
ping_with_options=0

[net]
mtu=1300
dns_srv_enabled=0

[rtp]
bind_address={addr}
audio_rtp_port=17078
nortp_timeout=30

[sound]
remote_ring=
local_ring=
echocancellation=0

[misc]
user_certificates_path={dir}/home/crt
version_check_url_root=

"""

PROXY = """[proxy_0]
reg_proxy=<{server}>
reg_route=<{server}>
reg_identity=sip:{user}@{domain}
reg_expires=600
reg_sendregister=1
publish={publish}

[auth_info_0]
username={user}
passwd={password}
realm={domain}
domain={domain}

"""

CODECS = ("opus/48000/2", "PCMU/8000/1", "PCMA/8000/1", "speex/16000/1",
          "speex/8000/1", "G722/8000/1", "GSM/8000/1", "G729/8000/1")


class Linphone(Proc):
    """One linphonec; voice is what it plays, heard what it records."""

    def __init__(self, folder, user="bob", addr="127.0.0.2", voice=None,
                 registrar=None, transport="udp", answer=True,
                 codecs=("opus", "PCMU", "PCMA"), name="linphone",
                 enc="none", mandatory=False, publish=False, friends=()):
        super().__init__(os.path.join(str(folder), name))
        self.user, self.addr = user, addr
        self.heard = self.path("heard.wav")
        self.registrar, self.voice, self.answer = registrar, voice, answer
        rc = RC.format(
            udp=5060 if transport == "udp" else 0,
            tcp=5060 if transport == "tcp" else 0,
            tls=5060 if transport == "tls" else 0,
            addr=addr, user=user, dir=self.folder, enc=enc,
            mandatory=int(mandatory),
            ca=registrar.ca if registrar else "",
            proxy=0 if registrar else -1)
        if registrar:
            rc += PROXY.format(server=registrar.server(transport), user=user,
                               domain=DOMAIN, password=password(user),
                               publish=int(publish))
        for i, uri in enumerate(friends):
            rc += (f"[friend_{i}]\nurl=<{uri}>\npol=accept\nsubscribe=1\n"
                   "\n")
        for i, codec in enumerate(CODECS):
            mime, rate, channels = codec.split("/")
            rc += (f"[audio_codec_{i}]\nmime={mime}\nrate={rate}\n"
                   f"channels={channels}\nenabled={int(mime in codecs)}\n\n")
        self.write("linphonerc", rc)
        for sub in ("crt", ".local/share/linphone", ".config/linphone"):
            os.makedirs(self.path(f"home/{sub}"), exist_ok=True)
        self.fifo = None

    def start(self):
        os.mkfifo(self.path("in"))
        # opened both ways: no end of file between two commands
        fd = os.open(self.path("in"), os.O_RDWR)
        self.fifo = os.open(self.path("in"), os.O_WRONLY)
        self.spawn(["stdbuf", "-oL", "linphonec",
                    *(["-a"] if self.answer else []), "-c",
                    self.path("linphonerc"), "-d", "6", "-l",
                    self.path("core.log")], stdin=fd,
                   env={"HOME": self.path("home"), "TERM": "dumb",
                        "XDG_DATA_HOME": self.path("home/.local/share"),
                        "XDG_CONFIG_HOME": self.path("home/.config"),
                        "PULSE_SERVER": "unix:/nonexistent"})
        os.close(fd)
        self.cmd("soundcard use files")
        if self.voice:
            self.cmd(f"play {self.voice}")
        self.record("heard.wav")
        self.wait_output("Using (wav )?files", 15)
        if self.registrar:
            self.wait_output("to .LinphoneRegistrationOk", 15, "core.log")
        return self

    def cmd(self, text):
        os.write(self.fifo, text.encode() + b"\n")

    def record(self, name):
        """What it hears from now on, or in the next call, goes there."""
        self.heard = self.path(name)
        self.cmd(f"record {self.heard}")

    def message(self, target, text):
        self.cmd(f"chat {target} {text}")

    def stop(self):
        if self.running():
            self.cmd("terminate all")
            self.cmd("quit")
            try:
                wait_until(lambda: not self.running(), 5, "linphonec to end")
            except AssertionError:
                pass
        self.end()
        if self.fifo is not None:
            os.close(self.fifo)
            self.fifo = None
