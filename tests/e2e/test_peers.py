"""The peers among themselves: what fails here is no fault of the phone."""

import pytest

from lib import wav
from lib.kamailio import DOMAIN


@pytest.mark.needs("baresip", "linphonec")
@pytest.mark.parametrize("codec", ["PCMU", "opus"])
def test_baresip_calls_linphone(proxy, voices, baresip, linphone, codec):
    rate = 8000 if codec == "PCMU" else 48000
    lin = linphone(registrar=proxy, voice=voices("two"), codecs=(codec,))
    bare = baresip(registrar=proxy, voice=voices.padded("one", rate, 60))
    bare.dial(f"sip:bob@{DOMAIN}")
    lin.wait_output("Media streams established", 15)
    bare.wait_output("established", 10)
    wav.wait_heard(voices("two"), bare.heard, 15)
    bare.cmd("hangup")
    lin.wait_output("Call .* ended|terminated|Call ended", 10)
    lin.stop()
    wav.heard(voices("one"), lin.heard)


@pytest.mark.needs("linphonec")
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_linphone_registers(proxy, linphone, transport):
    linphone(registrar=proxy, transport=transport)


@pytest.mark.needs("linphonec")
def test_sha256_only(registrar, linphone):
    reg = registrar(algorithm="SHA-256", port=5070)
    linphone(registrar=reg)
    reg.wait_output("login bob REGISTER with .*algorithm=SHA-256")


@pytest.mark.needs("baresip", "linphonec")
def test_messages(proxy, baresip, linphone):
    lin = linphone(registrar=proxy)
    bare = baresip(registrar=proxy, buddy=f"sip:bob@{DOMAIN}")
    bare.message("Grüße an 你好")
    lin.wait_output("Message received from .*Grüße an 你好")
    lin.message(f"sip:carol@{DOMAIN}", "zurück Привет")
    bare.wait_output("zurück Привет")
