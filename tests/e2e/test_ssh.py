"""A console here, a phone there, and a real sshd between them."""

import os
import signal
import subprocess

import pytest

from lib.phone import program
from lib.proc import wait_until
from lib.sip import Call, Peer
from lib.sshd import SSHD, Sshd

pytestmark = [pytest.mark.needs("tmux", "ssh"),
              pytest.mark.skipif(not os.path.exists(SSHD),
                                 reason="sshd is not installed")]


@pytest.fixture
def desk(phone, box, crew):
    """The machine with the phone, and the way in."""
    p = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    p.direct("alice", auto_answer=True)
    p.rpc("contact.add", name="Bob Miller", uris=["sip:bob@127.0.0.77"])
    return p, crew.add(Sshd(box)).start()


def other(box, name):
    """The folders of a machine where no phone runs."""
    profile = os.path.join(box, name)
    os.makedirs(f"{profile}/run", mode=0o700)
    os.chmod(profile, 0o700)
    return profile


def offhook(profile, *args, **kw):
    return subprocess.run([program("offhook"), "--profile", profile, *args],
                          check=False, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60, **kw)


def test_host_and_a_link_that_dies_in_a_call(desk, tmux):
    """--host runs ssh. Its link is cut in a call: the console says so, makes
    it again, shows the call, and what was being typed is still there."""
    p, sshd = desk
    env = sshd.env(p.env())
    run = offhook(p.profile, "--host", "desk", "contacts",
                  env=dict(os.environ, **env))
    assert run.returncode == 0 and "Bob Miller" in run.stdout, run

    t = tmux([program("offhook"), "--host", "desk", "--profile", p.profile],
             env=env)
    t.wait_text("Bob Miller", 20)
    peer = Peer("127.0.0.21")
    call = Call(peer, (p.addr, 5060), p.uri("alice"))
    call.start_rtp()
    t.wait_text("ACTIVE", 20)
    t.type(":contact add Zoë sip:zoe@127.0.0.7")
    t.wait_text("zoe@127.0.0.7", 20)
    sshd.signal_sessions(signal.SIGKILL)
    t.wait_text("the phone is away", 20)
    t.wait_text("zoe@127.0.0.7", 20)
    assert [c["state"] for c in p.calls()] == ["established"]
    t.wait_gone("the phone is away", 30)
    t.wait_text("ACTIVE", 20)
    t.keys("Enter")
    wait_until(lambda: any(c["name"] == "Zoë" for c in
                           p.rpc("contact.list")), 20, "the contact")
    call.bye()
    peer.close()


def test_a_link_that_hangs_and_dies_with_a_message(desk, tmux):
    """The link hangs when Enter is hit, and dies: the message is back in
    the line, and is sent once."""
    p, sshd = desk
    t = tmux([program("offhook"), "--host", "desk", "--profile", p.profile],
             env=sshd.env(p.env()))
    t.wait_text("Bob Miller", 20)
    t.keys("i")
    t.type("see you at two")
    t.wait_text("see you at two", 20)
    sshd.signal_sessions(signal.SIGSTOP)
    t.keys("Enter")
    t.wait_text("does not answer", 30)
    sshd.signal_sessions(signal.SIGKILL)
    t.wait_text("the phone is away", 20)
    t.wait_text("see you at two", 20)
    t.wait_gone("the phone is away", 30)
    t.keys("Enter")
    wait_until(lambda: [m["text"] for m in p.messages()] ==
               ["see you at two"], 20, lambda: p.messages())


def test_forwarded_socket(desk, box, tmux, crew):
    """ssh -L and ssh -R of the socket, as the page says; the tunnel ends
    and comes again."""
    p, sshd = desk
    here, there = other(box, "here"), other(box, "there")
    back = crew.add(sshd.forward(
        "-R", f"{there}/run/sock:{p.socket}"))
    back.stop = back.end
    wait_until(lambda: os.path.exists(f"{there}/run/sock"), 20, back.output)
    run = offhook(there, "contacts")
    assert run.returncode == 0 and "Bob Miller" in run.stdout, run

    link = crew.add(sshd.forward("-L", f"{here}/run/sock:{p.socket}"))
    link.stop = link.end
    wait_until(lambda: os.path.exists(f"{here}/run/sock"), 20, link.output)
    t = tmux([program("offhook"), "--profile", here], env=p.env())
    t.wait_text("Bob Miller", 20)
    t.type(":contact add Yan sip:yan@127.0.0.8")
    t.wait_text("yan@127.0.0.8", 20)
    link.end()
    t.wait_text("the phone is away", 20)
    again = crew.add(sshd.forward("-oStreamLocalBindUnlink=yes", "-L",
                                  f"{here}/run/sock:{p.socket}"))
    again.stop = again.end
    t.wait_gone("the phone is away", 30)
    t.keys("Enter")
    wait_until(lambda: any(c["name"] == "Yan" for c in
                           p.rpc("contact.list")), 20, "the contact")
    # nobody started a phone on a machine that has none
    assert not os.path.exists(f"{here}/run/pid")
    assert not os.path.exists(f"{there}/run/pid")
