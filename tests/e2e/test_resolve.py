"""Finding the server: NAPTR, SRV, fail-over, and name servers that fail,
stall or lie."""

import os
import socket
import struct
import time

import pytest

from lib import sip
from lib.dns import Dnsmasq, OddServer, liar, refusal, resolv_conf
from lib.kamailio import DOMAIN, password
from lib.proc import wait_until

CORPUS = os.path.join(os.environ.get("OFFHOOK_CORPUS", ""), "dns")
pytestmark = [
    pytest.mark.needs("dnsmasq", "kamailio"),
    pytest.mark.skipif(os.geteuid() != 0, reason="resolv.conf is root's"),
]


def srv(proto, target, port, prio, weight=0, service="_sip"):
    return f"srv-host={service}._{proto}.{DOMAIN},{target},{port},{prio}," \
        f"{weight}"


def host(name, *addrs):
    return f"host-record={name},{','.join(addrs)}"



@pytest.fixture
def names(box, crew):
    """names(record, ...) starts a name server that everybody asks."""
    stack = []

    def make(*options):
        d = crew.add(Dnsmasq(f"{box}/dns", options=options)).start()
        conf = resolv_conf(box, d.addr)
        d.change = conf.__enter__()
        stack.append(conf)
        return d
    yield make
    for conf in stack:
        conf.__exit__(None, None, None)


@pytest.fixture
def odd(box, crew):
    """odd(answer) is a name server that everybody asks, as odd as that."""
    stack = []

    def make(answer):
        d = crew.add(OddServer("127.0.0.54", answer))
        conf = resolv_conf(box, d.addr)
        conf.__enter__()
        stack.append(conf)
        return d
    yield make
    for conf in stack:
        conf.__exit__(None, None, None)


def account(user="alice", **more):
    """An account whose server has to be found."""
    return {"address": f"{user}@{DOMAIN}", "password": password(user), **more}


def found(p, timeout=25, **more):
    acc = p.register(account(**more), timeout)
    assert acc["state"] == "registered", acc
    return acc


def test_srv_dead_first(names, registrar, phone):
    """The better one of two is dead: the other one takes over, and the
    next request does not wait again."""
    names(srv("udp", "dead.test", 5090, 10), host("dead.test", "127.0.0.9"),
          srv("udp", "live.test", 5060, 20), host("live.test", "127.0.0.1"))
    reg = registrar()
    p = phone()
    start = time.monotonic()
    acc = found(p)
    print(f"registered after {time.monotonic() - start:.1f} s")
    assert acc["transport"] == "UDP", acc

    mark = reg.mark()
    start = time.monotonic()
    p.rpc("account.register", account=acc["id"])
    reg.wait_output("login alice REGISTER", after=mark, timeout=5)
    took = time.monotonic() - start
    assert took < 3, f"{took:.1f} s: it asked the dead one again"


def test_two_servers(names, registrar, phone):
    """Two live ones; the one we are registered at dies: messages and the
    registration go to the other."""
    names(srv("udp", "one.test", 5060, 10), host("one.test", "127.0.0.1"),
          srv("udp", "two.test", 5060, 20), host("two.test", "127.0.0.2"))
    one = registrar("one")
    two = registrar("two", host="127.0.0.2")
    p = phone()
    acc = found(p)
    one.wait_output("login alice REGISTER")

    one.stop()
    mark = two.mark()
    p.send(f"sip:bob@{DOMAIN}", "are you there?")
    two.wait_output("login alice MESSAGE", after=mark, timeout=20)
    p.rpc("account.register", account=acc["id"])
    two.wait_output("login alice REGISTER", after=mark, timeout=20)
    wait_until(lambda: p.account(acc["id"])["state"] == "registered", 10,
               "the registration")


def test_late_answer(names, phone):
    """The first of two servers takes our call, but after its time and
    without a word before: it gets ACK and BYE, each time it says so."""
    names(srv("udp", "slow.test", 5060, 10), host("slow.test", "127.0.0.21"),
          srv("udp", "live.test", 5060, 20), host("live.test", "127.0.0.22"))
    slow, live = sip.Peer("127.0.0.21"), sip.Peer("127.0.0.22")
    p = phone()
    p.direct("alice")
    call = p.dial(f"sip:bob@{DOMAIN}")
    late, _ = slow.recv(10)
    invite, src = live.recv(15)
    assert sip.header(late, "Call-ID") == sip.header(invite, "Call-ID")
    sip.reply(live, src, invite, "180 Ringing", tag="live")
    p.wait_call(call, "ringing")
    for _ in range(2):
        sip.reply(slow, src, late, "200 OK", tag="late", body=slow.sdp())
        ack = slow.wait(lambda m: m.startswith("ACK "))
        assert "tag=late" in sip.header(ack, "To")[0], ack
        assert sip.header(ack, "CSeq")[0].split()[0] == \
            sip.header(late, "CSeq")[0].split()[0]
    sip.reply(live, src, invite, "200 OK", tag="live", body=live.sdp())
    live.wait(lambda m: m.startswith("ACK "))
    assert p.wait_call(call, "established")["answered"]
    text = "".join(m["text"] for m in p.rpc("trace.list", call=call))
    bye = [m for m in text.split("\n\n") if m.startswith("BYE ")]
    assert len(bye) >= 1 and all("tag=late" in m for m in bye), text
    slow.close()
    live.close()


def test_naptr(names, registrar, phone):
    """NAPTR prefers TCP."""
    names(f"naptr-record={DOMAIN},20,10,s,SIP+D2U,,_sip._udp.{DOMAIN}",
          f"naptr-record={DOMAIN},10,10,s,SIP+D2T,,_sip._tcp.{DOMAIN}",
          srv("udp", "live.test", 5060, 10), srv("tcp", "live.test", 5060, 10),
          host("live.test", "127.0.0.1"))
    reg = registrar()
    p = phone()
    assert found(p)["transport"] == "TCP"
    reg.wait_output("src tcp:")


def test_refused_connection(names, registrar, phone):
    """TCP: whoever refuses the connection is passed over at once."""
    names(srv("tcp", "dead.test", 5090, 10), host("dead.test", "127.0.0.9"),
          srv("tcp", "live.test", 5060, 20), host("live.test", "127.0.0.1"))
    registrar()
    p = phone()
    start = time.monotonic()
    found(p, server=f"sip:{DOMAIN};transport=tcp")
    assert time.monotonic() - start < 4


def test_addresses_in_turn(names, registrar, phone):
    """One name, two addresses, IPv6 among them, nobody at the first."""
    names(host("pbx.test", "127.0.0.9", "127.0.0.1", "::1"))
    registrar()
    found(phone(), server="sip:pbx.test:5060;transport=tcp")


def test_tls_stays_tls(names, phone):
    """Everything in DNS points to UDP: not one byte goes there."""
    names(f"naptr-record={DOMAIN},10,10,s,SIP+D2U,,_sip._udp.{DOMAIN}",
          srv("udp", "trap.test", 5060, 10), host("trap.test", "127.0.0.66"),
          srv("tcp", "trap.test", 5060, 10, service="_sips"),
          host(DOMAIN, "127.0.0.66"))
    trap = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    trap.bind(("127.0.0.66", 5060))
    trap.setblocking(False)
    tcp = socket.socket()
    tcp.bind(("127.0.0.66", 5060))
    tcp.listen()
    p = phone()
    for server in (f"sip:{DOMAIN};transport=tls", f"sips:{DOMAIN}"):
        acc = p.rpc("account.add", **account(server=server,
                                             listen="127.0.0.10:5060"))
        conn, _ = tcp.accept()
        conn.settimeout(5)
        assert conn.recv(3)[:2] == b"\x16\x03", "this is no TLS"
        conn.close()
        acc = p.settled(acc["id"], 20)
        assert acc["state"] == "failed", acc
        p.rpc("account.remove", account=acc["id"])
    with pytest.raises(BlockingIOError):
        trap.recv(1)
    trap.close()
    tcp.close()


def refused(p, *words, timeout=25):
    acc = p.register(account(), timeout)
    text = acc["reason"]["text"]
    print(text)
    assert acc["state"] == "failed", acc
    for word in ("DNS", DOMAIN, *words):
        assert word in text, text
    p.healthy()
    p.rpc("account.remove", account=acc["id"])


def test_unknown_name(names, phone):
    names()
    refused(phone(), "does not exist")


def test_server_failure(odd, phone):
    odd(refusal(2))
    refused(phone(), "could not find out")


def test_silence(odd, registrar, phone):
    """Nobody answers: the phone says so, and answers us meanwhile; an
    account that asks nobody registers."""
    odd(lambda *_: None)
    reg = registrar()
    p = phone()
    acc = p.rpc("account.add", **account(listen="127.0.0.10:5060"))
    other = p.register(reg.account("bob", listen="127.0.0.10:5070"))
    assert other["state"] == "registered", other
    worst = 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        start = time.monotonic()
        assert p.account(acc["id"])["state"] == "registering"
        worst = max(worst, time.monotonic() - start)
        time.sleep(0.02)
    assert worst < 0.5, f"{worst * 1000:.0f} ms for an answer"
    acc = p.settled(acc["id"], 20)
    assert acc["state"] == "failed", acc
    assert "do not answer (DNS)" in acc["reason"]["text"], acc


@pytest.mark.parametrize("rest", [
    b"", b"\xc0", b"\xc0\x0c\x00", b"\xc0\xff" * 20,
    b"\xc0\x0c\x00\x21\x00\x01\x00\x00\x00\x3c\xff\xff",
    b"\xc0\x0c" + b"\xff" * 200,
], ids=range(6))
def test_lies(odd, phone, rest):
    odd(liar(rest, 1 if rest else 0xffff))
    refused(phone())


def test_useless_addresses(odd, phone):
    """Where no server can be: groups, everybody, nobody."""
    def answer(ident, _name, kind, question):
        head = struct.pack(">HHHHHH", ident, 0x8180, 1, 3 * (kind == 1), 0,
                           0) + question
        if kind != 1:
            return head
        return head + b"".join(
            b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(a)
            for a in ("0.0.0.0", "224.0.0.1", "255.255.255.255"))
    odd(answer)
    refused(phone(), "no address that can be used")


@pytest.mark.skipif(not os.path.isdir(CORPUS), reason="OFFHOOK_CORPUS names "
                    "no folder")
def test_corpus(odd, phone):
    """Recorded answers, each under the right id and question."""
    files = sorted(os.listdir(CORPUS))
    now = [b""]

    def answer(ident, _name, _kind, question):
        return struct.pack(">H", ident) + now[0][2:12] + question \
            + now[0][12 + len(question):]
    odd(answer)
    p = phone()
    for name in files:
        with open(os.path.join(CORPUS, name), "rb") as f:
            now[0] = f.read()
        acc = p.rpc("account.add", **account(
            server="sip:a.test:5060;transport=udp", listen="127.0.0.10:5060"))
        wait_until(lambda: p.account(acc["id"])["state"] != "registering" or
                   p.account(acc["id"])["reason"]["text"], 12, name)
        p.healthy()
        p.rpc("account.remove", account=acc["id"])


def test_other_name_servers(names, registrar, phone):
    """resolv.conf changes while the phone runs."""
    d = names(srv("udp", "live.test", 5060, 10),
              host("live.test", "127.0.0.1"))
    d.change("127.0.0.55")
    registrar()
    p = phone()
    acc = p.register(account(), 20)
    assert acc["state"] == "failed", acc
    d.change(d.addr)
    # by itself, with the next attempt
    wait_until(lambda: p.account(acc["id"])["state"] == "registered", 30,
               "the registration")


def test_hosts_file(names, registrar, phone, box):
    """What the user wrote into /etc/hosts needs no name server."""
    names()
    registrar()
    with open("/etc/hosts", encoding="ascii") as f:
        text = f.read()
    assert "localhost" in text
    found(phone(), server="sip:localhost:5060;transport=udp")
