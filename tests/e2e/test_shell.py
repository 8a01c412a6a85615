"""Commands, settings, secrets and files: what a shell sees of it."""

import json
import os
import re
import signal
import stat
import subprocess
import time

import pytest

from lib.kamailio import DOMAIN
from lib.phone import Client, RpcError, program, spawned_pid
from lib.proc import alive, wait_until


def test_starts_the_phone_itself(phone):
    """`offhook` starts offhookd when none answers; `offhook quit` ends.
    A status line starts none."""
    p = phone(start=False)
    p.write_config()
    run = p.cli("status", "--format", "x")
    assert run.returncode == 1 and "no phone" in run.stderr, run
    run = p.cli("contacts")
    assert run.returncode == 0, run.stderr
    pid = spawned_pid(p.profile)
    assert pid, "no phone was left running"
    again = p.cli("status")
    assert again.returncode == 0 and spawned_pid(p.profile) == pid
    run = p.cli("quit")
    assert run.returncode == 0, run.stderr
    wait_until(lambda: not alive(pid), 5, "the phone's end")
    assert not p.sanitizer_report(), p.sanitizer_report()


def test_quit_and_start_again(phone):
    """A phone that is ending keeps nobody from starting the next."""
    p = phone(start=False)
    p.write_config()
    pids = set()
    for _ in range(5):
        run = p.cli("contacts")
        assert run.returncode == 0, run.stderr
        pids.add(spawned_pid(p.profile))
        run = p.cli("quit")
        assert run.returncode == 0, run.stderr
    assert len(pids) == 5, pids
    for pid in pids:
        wait_until(lambda pid=pid: not alive(pid), 5, "the phone's end")


def test_modes(phone):
    """Nobody else reads a profile."""
    p = phone()
    p.direct("alice")
    mode = stat.S_IMODE(os.stat(p.socket).st_mode)
    assert mode == 0o600, oct(mode)
    for folder in ("run", "config", "data", "state"):
        mode = stat.S_IMODE(os.stat(f"{p.profile}/{folder}").st_mode)
        assert mode == 0o700, (folder, oct(mode))
    for folder, _, names in os.walk(p.profile):
        for name in names:
            mode = stat.S_IMODE(os.lstat(f"{folder}/{name}").st_mode)
            assert not mode & 0o077, (folder, name, oct(mode))


def test_passwords_stay_secret(proxy, phone):
    p = phone(config={"log.level": "debug"})
    acc = p.register(proxy.account("alice"))
    assert acc["state"] == "registered"
    assert "secret-of-alice" not in json.dumps(p.rpc("account.list"))
    p.stop()
    for folder, _, names in os.walk(f"{p.profile}/state"):
        for name in names:
            with open(f"{folder}/{name}", "rb") as f:
                data = f.read()
            assert b"secret-of-alice" not in data, name
            assert not re.search(rb'response="?[0-9a-f]{32}', data), name
    assert "secret-of-alice" not in p.output()


def test_password_is_no_argument(phone):
    """There is no --password: others could read it in ps."""
    p = phone()
    run = p.cli("account", "add", f"alice@{DOMAIN}", "--password", "x")
    assert run.returncode == 2, run


def test_wrong_setting_has_a_line(phone):
    p = phone(start=False)
    p.write_config()
    with open(f"{p.profile}/config/offhook.conf", "a",
              encoding="utf-8") as f:
        f.write("call.ring = soon\nno.such.key = 1\nnonsense\n")
    n = len(p.config)
    p.start()
    text = p.log_text() + p.output() + \
        json.dumps(p.rpc("phone.doctor"), ensure_ascii=False)
    for line in (n + 1, n + 2, n + 3):
        assert re.search(rf"offhook\.conf:{line}\b", text), (line, text)
    assert p.rpc("config.get", key="call.ring") == "60"


def test_config_command(phone):
    p = phone()
    run = p.cli("config", "set", "call.ring", "42")
    assert run.returncode == 0, run.stderr
    run = p.cli("config", "get", "call.ring")
    assert run.stdout.strip() == "42", run
    run = p.cli("config", "set", "call.ring", "soon")
    assert run.returncode == 1 and "call.ring" in run.stderr, run
    run = p.cli("config", "set", "no.such", "1")
    assert run.returncode == 1, run
    p.stop()
    p.start()
    assert p.rpc("config.get", key="call.ring") == "42"


@pytest.mark.parametrize("args", [
    ["nonsense"], ["call"], ["dtmf"], ["msg", "x"], ["--no-such-option"],
    ["status", "--no-such-option"], ["log", "--search"],
])
def test_wrong_usage(phone, args):
    p = phone()
    run = p.cli(*args)
    assert run.returncode == 2, (args, run)
    assert run.stderr.strip(), args


@pytest.mark.parametrize("args", [
    ["answer"], ["hangup"], ["mute"], ["call", "77"], ["call", "nobody"],
    ["account", "remove", "nobody@nowhere"], ["dtmf", "1"],
    ["rpc", "no.such.method"],
])
def test_says_what_to_do(phone, args):
    """Nothing to do it with: exit 1 and one line."""
    p = phone()
    run = p.cli(*args)
    assert run.returncode == 1, (args, run)
    assert len(run.stderr.strip().split("\n")) == 1, run.stderr
    assert len(run.stderr.split()) >= 3, run.stderr


def test_lists_are_json(phone):
    p = phone()
    p.direct("alice")
    for words in (["status"], ["accounts"], ["calls"], ["chats"],
                  ["contacts"], ["log"], ["devices"]):
        run = p.cli(*words)
        assert run.returncode == 0, (words, run.stderr)
        data = p.cli_json(*words)
        assert isinstance(data, dict if words == ["status"] else list)
    status = p.cli_json("status")
    assert status["pid"] == p.pid
    run = p.cli("doctor")
    assert run.stdout.strip(), run
    run = p.cli("rpc", "phone.status")
    assert json.loads(run.stdout)["pid"] == p.pid


def test_version_and_help():
    for name in ("offhook", "offhookd"):
        run = subprocess.run([program(name), "--version"], timeout=10,
                             capture_output=True, text=True, check=False)
        assert run.returncode == 0 and re.search(r"\d+\.\d+", run.stdout)
        run = subprocess.run([program(name), "--help"], timeout=10,
                             capture_output=True, text=True, check=False)
        assert run.returncode == 0 and "--profile" in run.stdout, run


def test_status_format(talking):
    """Each letter of --format, and none that is not there."""
    p = talking
    run = p.cli("status", "--format", "x%%y|%a|%s|%r|%m|%u|%c|%p|%S|%d|%l")
    assert run.returncode == 0, run.stderr
    x, account, state, reason, missed, unread, calls, peer, call, took, \
        label = run.stdout.rstrip("\n").split("|")
    assert (x, account, state, reason) == \
        ("x%y", f"alice@{p.addr}:5060", "direct", ""), run.stdout
    assert (missed, unread, calls, call) == ("0", "0", "1", "established")
    assert "peer" in peer or "127.0.0.21" in peer, peer
    assert re.fullmatch(r"\d+:\d\d", took) and label, run.stdout


def test_events_until_interrupted(phone):
    p = phone()
    out = open(p.path("events"), "w+", encoding="utf-8")
    proc = subprocess.Popen([program("offhook"), "--profile", p.profile,
                             "events"], stdout=out,
                            stdin=subprocess.DEVNULL,
                            env=dict(os.environ, **p.env()))

    def line():
        # it may not be subscribed yet: so until one is seen
        p.rpc("contact.add", name="Eve", uris=["sip:eve@127.0.0.60"])
        with open(p.path("events"), encoding="utf-8") as f:
            return [x for x in f if x.endswith("\n") and "Eve" in x]
    got = wait_until(line, 10, "an event", 0.1)
    json.loads(got[0])
    proc.send_signal(signal.SIGINT)
    assert proc.wait(5) in (0, -signal.SIGINT, 130)
    out.close()


# ---- the wire --------------------------------------------------------------
def test_describe(phone):
    p = phone()
    about = p.rpc("phone.describe")
    names = {m["name"] for m in about["methods"]}
    with open(f"{os.path.dirname(program(''))}/../docs/rpc.md",
              encoding="utf-8") as f:
        text = f.read()
    methods = text[text.index("## Methods"):text.index("## Events")]
    written = set(re.findall(r"`((?:phone|account|call|chat|contact|log|"
                             r"audio|config|presence|trace)\.[a-z_]+)`", methods))
    assert written - names == set(), "documented and missing"
    assert names - written == set(), "there and not documented"
    assert all(m["help"] and m["result"] for m in about["methods"]), about
    assert "call.changed" in {e["event"] for e in about["events"]}


def test_wire_errors(phone):
    p = phone()
    c = Client(p.socket, subscribe=False)
    c.raw(b"this is no json\n")
    err = json.loads(c.sock.makefile().readline())
    assert err["error"]["code"] == -32700, err
    for method, prm, code in (("no.such", {}, -32601),
                              ("call.dial", {}, -32602),
                              ("call.dial", {"target": 7}, -32602),
                              ("call.hangup", {"call": 99}, 1)):
        with pytest.raises(RpcError) as e:
            c(method, **prm)
        assert e.value.code == code, (method, e.value)
        assert len(e.value.message.split()) >= 2, e.value
    c.raw(b'{"jsonrpc":"2.0","id":1}\n[]\n"x"\n')
    for _ in range(3):
        assert "error" in c._line(time.monotonic() + 5)
    c.raw(b'{}\n\n')
    c.close()
    p.healthy()


def test_wire_abuse(phone):
    """Too long a line, half a line, a flood, and many who just go."""
    p = phone()
    for data in (b"x" * (2 << 20), b'{"jsonrpc":', b"\0" * 1000 + b"\n",
                 b'{"a":' * 5000 + b"\n"):
        c = Client(p.socket, subscribe=False)
        try:
            c.raw(data)
        except OSError:
            pass
        c.close()
    for _ in range(50):
        Client(p.socket).close()
    assert p.rpc("phone.status")["pid"] == p.pid


def test_deaf_client_is_dropped(phone):
    """A console that reads nothing is dropped, the phone goes on."""
    p = phone()
    deaf = Client(p.socket)
    line = json.dumps({"jsonrpc": "2.0", "id": 1,
                       "method": "phone.describe"}).encode() + b"\n"
    deaf.sock.settimeout(0.5)
    try:
        for _ in range(20000):
            deaf.raw(line)
    except OSError:
        pass
    assert p.rpc("phone.status", timeout=5)["pid"] == p.pid
    deaf.close()
    p.healthy()


def test_contacts_are_files(phone):
    """vCards in a folder, read, written and watched."""
    p = phone()
    p.rpc("contact.add", name="Bob Müller", uris=["sip:bob@127.0.0.11"])
    folder = f"{p.profile}/data/contacts"
    cards = os.listdir(folder)
    assert len(cards) == 1 and cards[0].endswith(".vcf"), cards
    with open(f"{folder}/{cards[0]}", encoding="utf-8") as f:
        assert "Bob Müller" in f.read()
    p.rpc.flush()
    with open(f"{folder}/.new", "w", encoding="utf-8") as f:
        f.write("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x-1\r\nFN:Zoë\r\n"
                "IMPP:sip:zoe@127.0.0.12\r\nEND:VCARD\r\n")
    os.rename(f"{folder}/.new", f"{folder}/zoe.vcf")
    wait_until(lambda: "Zoë" in [c["name"] for c in p.rpc("contact.list")],
               5, "the new card")
    os.unlink(f"{folder}/zoe.vcf")
    wait_until(lambda: "Zoë" not in [c["name"] for c in
                                     p.rpc("contact.list")], 5, "its end")


def test_contact_by_name(phone):
    a = phone("a", "127.0.0.10")
    b = phone("b", "127.0.0.11")
    a.direct("alice")
    b.direct("bob", auto_answer=True)
    a.rpc("contact.add", name="Bob Builder", uris=[b.uri("bob")])
    call = a.dial("Bob Builder")
    c = a.wait_call(call, "established")
    assert c["peer"]["name"] == "Bob Builder", c["peer"]
    a.rpc("call.hangup", call=call)
    row = a.wait_log(lambda r: True)
    assert row["peer"]["name"] == "Bob Builder", row
    assert a.rpc("log.list", search="Builder")
    assert not a.rpc("log.list", search="zzzz")


@pytest.mark.limit(60)
def test_demo_without_terminal():
    """`offhook demo` in a pipe calls by itself and prints the figures."""
    run = subprocess.run(f"{program('offhook')} demo < /dev/null | cat",
                         shell=True, capture_output=True, text=True,
                         timeout=55, check=False,
                         env=dict(os.environ, HOME="/nonexistent",
                                  ASAN_OPTIONS="detect_leaks=0"))
    print(run.stdout)
    code = subprocess.run(["bash", "-c", f"{program('offhook')} demo "
                           "< /dev/null > /dev/null; echo $?"],
                          capture_output=True, text=True, timeout=55,
                          check=False)
    assert code.stdout.strip() == "0", (code, run.stdout, run.stderr)
    assert re.search(r"\d", run.stdout) and \
        re.search(r"(?i)rtt|loss|packets|jitter", run.stdout), run
    assert "\x1b" not in run.stdout
