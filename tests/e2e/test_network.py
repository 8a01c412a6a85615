"""The machine gets another address: the registration and the call follow.
And IPv6."""

import os
import subprocess
import time

import pytest

from lib import wav
from lib.kamailio import DOMAIN
from lib.phone import Phone
from lib.proc import wait_until

HERE, THERE, ELSEWHERE = "10.77.0.1", "10.77.0.2", "10.77.0.3"


def ip(*args):
    subprocess.run(["ip", *args], check=True, capture_output=True)


class Away(Phone):
    """A phone in a network namespace of its own, a cable away."""

    where = None

    def spawn(self, argv, **kw):
        return super().spawn([*self.where, *argv], **kw)


@pytest.fixture
def cable():
    """cable(old, new) moves the far end from one address to the other;
    cable.where is what a program there is started with."""
    if os.geteuid():
        pytest.skip("namespaces are root's")
    # a namespace lives as long as somebody is in it, and needs no mount
    with subprocess.Popen(["unshare", "-n", "sleep", "300"]) as holder:
        pid = str(holder.pid)
        here = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{pid}/ns/net") != here, 5,
                   "the other namespace")
        where = ["nsenter", "-t", pid, "-n"]

        def there(*args):
            subprocess.run([*where, "ip", *args], check=True,
                           capture_output=True)

        ip("link", "add", "near", "type", "veth", "peer", "name", "far",
           "netns", pid)
        ip("addr", "add", f"{HERE}/24", "dev", "near")
        ip("link", "set", "near", "up")
        for dev in ("lo", "far"):
            there("link", "set", dev, "up")

        def to(new, old=None):
            if old:
                there("addr", "del", f"{old}/24", "dev", "far")
            there("addr", "add", f"{new}/24", "dev", "far")
            there("route", "replace", "default", "via", HERE)
        to(THERE)
        to.where = where
        to.there = there       # an `ip` of the far end
        yield to
        ip("link", "del", "near")
        holder.kill()


@pytest.fixture
def away(box, crew, cable):
    def make(**kw):
        p = Away(box, "away", THERE, **kw)
        p.where = cable.where
        return crew.add(p).start()
    return make


@pytest.mark.needs("kamailio", "ip")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_address_change(registrar, away, phone, cable, box, voices,
                        transport):
    reg = registrar(host=HERE)
    a = away(source="tone,440", sink=f"file,{box}/alice.wav",
             config={"media.address": "", "codecs": "PCMU"})
    acc = a.rpc("account.add", **reg.account("alice", transport))
    assert a.settled(acc["id"])["state"] == "registered"
    b = phone("bob", HERE, source="tone,600", sink=f"file,{box}/bob.wav",
              config={"codecs": "PCMU"})
    b.register(reg.account("bob", auto_answer=True, listen=f"{HERE}:5080"))

    call = a.dial(f"sip:bob@{DOMAIN}")
    a.wait_call(call, "established")
    a.wait_call(call, "established", want=lambda c: c["crypto"] == "zrtp" and
                c["figures"]["rx_packets"] > 50)

    mark = reg.mark()
    start = time.monotonic()
    cable(ELSEWHERE, THERE)
    reg.wait_output(rf"login alice REGISTER|REGISTER .* src \w+:{ELSEWHERE}",
                    after=mark, timeout=10)
    registered = time.monotonic() - start
    reg.wait_output(rf"INVITE .* src \w+:{ELSEWHERE}", after=mark, timeout=10)
    moved = time.monotonic() - start
    wait_until(lambda: a.account(acc["id"])["state"] == "registered", 10,
               "the registration")
    print(f"registered after {registered:.1f} s, call told after "
          f"{moved:.1f} s")
    assert registered < 3 and moved < 5

    # what is said from now on is heard, protected as before
    for p, other, voice in ((a, b, "one"), (b, a, "two")):
        other.rpc("config.set", key="audio.sink",
                  value=f"file,{box}/{other.name}-then.wav")
        p.rpc("config.set", key="audio.source",
              value=f"file,{voices(voice)},repeat")
    for other, voice in ((b, "one"), (a, "two")):
        wav.wait_heard(voices(voice), f"{box}/{other.name}-then.wav", 25)
    for p in (a, b):
        c = p.wait_call(None, "established")
        assert c["crypto"] == "zrtp" and not c["alarms"], c
    heard = b.wait_call(None, "established")
    a.rpc("call.hangup", call=call)
    b.wait_call(heard["id"], "ended")


@pytest.mark.needs("ip")
def test_link_comes_back(registrar, away, cable):
    """No network for a while: the account says so and is back at once when
    the cable is."""
    reg = registrar(host=HERE)
    a = away(config={"media.address": ""})
    acc = a.rpc("account.add", **reg.account("alice", "tcp"))
    assert a.settled(acc["id"])["state"] == "registered"
    cable.there("link", "set", "far", "down")
    a.rpc("account.register", account=acc["id"])
    wait_until(lambda: a.account(acc["id"])["state"] == "failed", 15,
               "the failure")
    text = a.account(acc["id"])["reason"]["text"]
    print(text)
    assert "network" in text or "reached" in text or "reply" in text, text
    cable.there("link", "set", "far", "up")
    cable.there("route", "replace", "default", "via", HERE)
    start = time.monotonic()
    wait_until(lambda: a.account(acc["id"])["state"] == "registered", 15,
               "the registration")
    took = time.monotonic() - start
    print(f"registered {took:.1f} s after the cable was back")
    assert took < 5


@pytest.mark.parametrize("transport", ["", ";transport=tcp"])
def test_ipv6(phone, voices, box, transport):
    """Two phones call each other over ::1, with speech both ways."""
    a = phone("alice", source=f"file,{voices('one')}",
              sink=f"file,{box}/alice.wav",
              config={"media.address": "::1"})
    b = phone("bob", source=f"file,{voices('two')}",
              sink=f"file,{box}/bob.wav", config={"media.address": "::1"})
    for p, user, port in ((a, "alice", 5060), (b, "bob", 5070)):
        acc = p.rpc("account.add", address=f"{user}@ip6.test", direct=True,
                    listen=f"[::1]:{port}", auto_answer=user == "bob")
        assert acc["state"] == "direct", acc
    call = a.dial(f"sip:bob@[::1]:5070{transport}")
    a.wait_call(call, "established")
    wav.wait_heard(voices("one"), f"{box}/bob.wav", 20)
    wav.wait_heard(voices("two"), f"{box}/alice.wav", 20)
    a.rpc("call.hangup", call=call)
    b.wait_call(None, "ended")
    a.send("sip:bob@[::1]:5070", "hello over IPv6")
    b.received("hello over IPv6")
