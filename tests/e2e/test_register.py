"""Registration at a real registrar, and every way it can be refused."""

import os
import re
import socket

import pytest

from lib.kamailio import DOMAIN
from lib.proc import wait_until

TRANSPORTS = ["udp", "tcp", "tls"]


def sentence(text):
    """One plain line for a person."""
    assert text and "\n" not in text.strip(), repr(text)
    assert len(text.split()) >= 3, repr(text)
    assert not re.search(r"0x[0-9a-f]{4}|errno|\[\d+\]", text), text


def refused(phone, prm, *words):
    """The account fails; each word is in the reason, which is also what
    the command line says, with exit 1."""
    acc = phone.register(prm, timeout=40)
    assert acc["state"] == "failed", acc
    text = acc["reason"]["text"]
    print(f"reason: {text}")
    sentence(text)
    for word in words:
        assert re.search(word, text, re.I), (word, text)

    status = phone.cli("status")
    assert text in status.stdout, (text, status.stdout)
    wait = phone.cli("status", "--wait-registered", "3")
    assert wait.returncode == 1, (wait.returncode, wait.stdout, wait.stderr)
    assert text in wait.stdout + wait.stderr, wait
    test = phone.cli("account", "test", prm["address"])
    assert test.returncode == 1, (test.returncode, test.stdout, test.stderr)
    assert len(test.stderr.strip().split("\n")) == 1, test.stderr
    return acc


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_md5(proxy, phone, transport):
    mark = proxy.mark()
    p = phone()
    acc = p.register(proxy.account("alice", transport))
    assert acc["state"] == "registered", acc
    assert acc["transport"].lower() == transport
    assert acc["tls"]["used"] is (transport == "tls")
    assert acc["tls"]["verified"] is (transport == "tls")
    proxy.wait_output("login alice REGISTER", after=mark)
    run = p.cli("status", "--wait-registered", "5")
    assert run.returncode == 0, run.stderr
    assert f"alice@{DOMAIN}" in run.stdout

    # leaving takes the registration back
    mark = proxy.mark()
    p.stop()
    proxy.wait_output(r"registered alice .*(expires 0|expires=0)",
                      after=mark)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sha256_only(registrar, phone, transport):
    reg = registrar(algorithm="SHA-256", port=5070)
    p = phone()
    acc = p.register(reg.account("alice", transport))
    assert acc["state"] == "registered", acc
    reg.wait_output("login alice REGISTER with .*algorithm=.?SHA-256")


def test_two_accounts(proxy, phone):
    p = phone()
    one = p.register(proxy.account("alice"))
    two = p.register(proxy.account("bob", "tcp", listen="127.0.0.10:5070"))
    assert [one["state"], two["state"]] == ["registered"] * 2, (one, two)
    assert len(p.rpc("account.list")) == 2
    p.rpc("account.remove", account=two["id"])
    assert len(p.rpc("account.list")) == 1


def test_accounts_stay(proxy, phone):
    p = phone()
    p.register(proxy.account("alice", "tls"))
    p.stop()
    p.start()
    acc = p.rpc("account.list")[0]
    assert p.settled(acc["id"])["state"] == "registered"


def test_add_by_command(proxy, phone, box):
    p = phone()
    path = f"{box}/password"
    with open(path, "w", encoding="ascii") as f:
        f.write("secret-of-dave\n")
    os.chmod(path, 0o600)
    run = p.cli("account", "add", f"dave@{DOMAIN}", "--server",
                proxy.server("tls"), "--ca", proxy.ca, "--password-file",
                path, "--listen", "127.0.0.10:5060")
    assert run.returncode == 0, run.stderr
    run = p.cli("status", "--wait-registered", "10")
    assert run.returncode == 0, run.stdout + run.stderr


def test_loose_password_file(proxy, phone, box):
    """What others can read is no password: it says so, with the cure."""
    p = phone()
    path = f"{box}/password"
    with open(path, "w", encoding="ascii") as f:
        f.write("secret-of-dave\n")
    os.chmod(path, 0o644)
    p.cli("account", "add", f"dave@{DOMAIN}", "--server", proxy.server(),
          "--password-file", path, "--listen", "127.0.0.10:5060")
    run = p.cli("status", "--wait-registered", "3")
    assert run.returncode == 1, run
    assert "chmod 600" in run.stdout + run.stderr, run


def test_wrong_password(proxy, phone):
    prm = proxy.account("alice")
    prm["password"] = "not-the-password"
    refused(phone(), prm, "password")


def test_wrong_host(registrar, phone):
    reg = registrar(cert="wrong-host", port=5080)
    refused(phone(), reg.account("alice", "tls"), "certificate",
            rf"name|host|for|{DOMAIN}")


def test_unknown_ca(registrar, phone):
    reg = registrar(cert="unknown-ca", port=5080)
    refused(phone(), reg.account("alice", "tls"),
            "certificate", "unknown|not known|trust|authority|signed")


def test_expired(registrar, phone):
    reg = registrar(cert="expired", port=5080)
    refused(phone(), reg.account("alice", "tls"), "expired", "2024")


def test_not_expired_needs_ca(proxy, phone):
    """Without --ca the system's authorities decide, and say no."""
    prm = proxy.account("alice", "tls")
    del prm["ca"]
    refused(phone(), prm, "certificate")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_nobody_there(phone, transport):
    refused(phone(), {"address": f"alice@{DOMAIN}", "password": "x",
                      "server": f"sip:127.0.0.1:5999;transport={transport}"},
            "server|127.0.0.1|answer|reach|refused")


def test_unknown_name(phone):
    refused(phone(), {"address": "alice@nowhere.invalid", "password": "x"},
            "nowhere.invalid|name|found|network")


def test_server_comes_back(registrar, phone):
    """A registrar that was away is found again without a hand."""
    reg = registrar(port=5080)
    p = phone()
    acc = p.register(reg.account("alice", "tcp"))
    assert acc["state"] == "registered", acc
    reg.stop()
    p.rpc("account.register", account=acc["id"])
    acc = p.rpc.wait("account.changed", lambda a: a["state"] == "failed", 40)
    sentence(acc["reason"]["text"])
    assert acc["next"] > 0, acc
    reg.start()
    p.rpc("account.register", account=acc["id"])
    p.rpc.wait("account.changed", lambda a: a["state"] == "registered", 20)


def test_flood_of_unknown_realm(phone):
    """A registrar with a foreign realm gets no second look at us."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.30", 5060))
    sock.settimeout(10)
    p = phone()
    acc = p.rpc("account.add", address=f"alice@{DOMAIN}", password="x",
                server="sip:127.0.0.30:5060;transport=udp",
                listen="127.0.0.10:5060")
    data, src = sock.recvfrom(65536)
    text = data.decode()
    answer = "SIP/2.0 401 Unauthorized\r\n"
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        value = re.search(rf"(?mi)^{name}\s*:\s*(.*?)\r$", text)[1]
        answer += f"{name}: {value}{';tag=x' if name == 'To' else ''}\r\n"
    answer += ('WWW-Authenticate: Digest realm="evil.example", nonce="abc", '
               'algorithm=MD5, qop="auth"\r\nContent-Length: 0\r\n\r\n')
    sock.sendto(answer.encode(), src)
    acc = p.settled(acc["id"], 40)
    assert acc["state"] == "failed", acc
    sentence(acc["reason"]["text"])
    sock.settimeout(1)
    try:
        while True:
            data, _ = sock.recvfrom(65536)
            assert b"Authorization" not in data, data
    except socket.timeout:
        pass
    sock.close()


def test_settled_state_is_an_event(proxy, phone):
    p = phone()
    p.rpc.flush()
    p.rpc("account.add", listen="127.0.0.10:5060",
          **proxy.account("alice"))
    p.rpc.wait("account.changed", lambda a: a["state"] == "registered")
    wait_until(lambda: p.rpc("phone.status")["accounts"][0]["state"] ==
               "registered", 5, "the status")
