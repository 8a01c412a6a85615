"""What was said by SIP: messages, ladders, pcap, and no secret in them."""

import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess

import pytest

from lib import sip
from lib.kamailio import DOMAIN, password
from lib.phone import program
from lib.proc import wait_until


@pytest.fixture
def peer():
    p = sip.Peer("127.0.0.20")
    yield p
    p.close()


@pytest.fixture
def pair(phone):
    """alice calls, bob answers by himself."""
    def make(**more):
        a = phone("alice", "127.0.0.10", config={"codecs": "PCMU", **more})
        b = phone("bob", "127.0.0.11", config={"codecs": "PCMU"})
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        return a, b
    return make


def a_call(a, b):
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    a.rpc("call.hangup", call=call)
    a.wait_call(call, "ended")
    b.wait_call(None, "ended")
    # the BYE is answered a moment later
    wait_until(lambda: a.rpc("trace.ladder", call=call)["rows"][-1]["text"]
               == "200 OK / BYE", 5, "the answer to the BYE")
    return call


# ---- pcap: a reader of its own ------------------------------------------

def read_pcap(data):
    """(link, [(seconds, packet)]) of a classic little-endian pcap."""
    magic, major, minor, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor) == (0xa1b2c3d4, 2, 4)
    rows, pos = [], 24
    while pos < len(data):
        sec, usec, size, orig = struct.unpack("<IIII", data[pos:pos + 16])
        assert usec < 1000000 and size <= orig
        rows.append((sec + usec / 1e6, data[pos + 16:pos + 16 + size]))
        pos += 16 + size
    assert pos == len(data)
    return link, rows


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def udp_of(packet):
    """(source, destination, payload) of an IPv4 packet; checksums hold."""
    assert packet[0] == 0x45 and packet[9] == 17
    assert struct.unpack("!H", packet[2:4])[0] == len(packet)
    assert checksum(packet[:20]) == 0xffff, "IP header checksum"
    src, dst = (socket.inet_ntoa(packet[i:i + 4]) for i in (12, 16))
    sport, dport, size, _ = struct.unpack("!HHHH", packet[20:28])
    assert size == len(packet) - 20
    pseudo = packet[12:20] + struct.pack("!HH", 17, size)
    assert checksum(pseudo + packet[20:]) == 0xffff, "UDP checksum"
    return (src, sport), (dst, dport), packet[28:]


def pdu_of(packet):
    """(tags, payload) of a Wireshark upper PDU."""
    tags, pos = {}, 0
    while True:
        tag, size = struct.unpack("!HH", packet[pos:pos + 4])
        pos += 4
        if not tag:
            return tags, packet[pos:]
        tags[tag] = packet[pos:pos + size]
        pos += size


def dissected(path):
    """What Wireshark makes of each packet: its first line of SIP. Nothing
    may be malformed; without tshark nobody knows: None."""
    if not shutil.which("tshark"):
        return None
    run = subprocess.run(
        ["tshark", "-r", path, "-T", "fields", "-E", "separator=|", "-e",
         "sip.Request-Line", "-e", "sip.Status-Line", "-e", "_ws.malformed",
         "-e", "sdp.media"], env=dict(os.environ, HOME="/nonexistent"),
        capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    rows = [line.split("|") for line in run.stdout.splitlines()]
    assert rows and not any(row[2] for row in rows), run.stdout
    return [(row[0] or row[1], row[3]) for row in rows]


# ---- the tests ------------------------------------------------------------

def shape(ladder):
    """The ladder without times: (from, to, text)."""
    return [(r["from"], r["to"], r["text"]) for r in ladder["rows"]
            if not r["again"]]


def test_ladder_of_a_call(pair):
    a, b = pair()
    call = a_call(a, b)
    ladder = a.rpc("trace.ladder", call=call)
    assert ladder["call"] == call
    assert ladder["participants"] == ["alice@127.0.0.10:5060",
                                      "127.0.0.11:5060"]
    want = [(0, 1, "INVITE (SDP)"), (1, 0, "100 Trying"),
            (1, 0, "200 OK (SDP)"), (0, 1, "ACK"), (0, 1, "BYE"),
            (1, 0, "200 OK / BYE")]
    got = [r for r in shape(ladder) if r[2] != "180 Ringing"]
    assert [r for r in got if r[2] != "100 Trying"] == \
        [r for r in want if r[2] != "100 Trying"], got
    times = [r["time"] for r in ladder["rows"]]
    assert times == sorted(times) and times[-1] - times[0] < 30
    # the other end sees the same from its side
    other = b.rpc("trace.ladder")
    assert [(f, t) for f, t, text in shape(other)
            if text == "INVITE (SDP)"] == [(1, 0)]
    # by its row in the log, after the call has gone
    row = a.newest_log()
    by_row = a.rpc("trace.ladder", entry=row["id"])
    assert by_row["call_id"] == ladder["call_id"]
    assert a.rpc("trace.calls")[0]["entry"] == row["id"]


def test_ladder_in_the_shell(pair):
    """The lines as people see them; times are masked."""
    a, b = pair()
    call = a_call(a, b)
    run = a.cli("trace", "--call", call, "--ladder")
    assert run.returncode == 0, run.stderr
    lines = [re.sub(r"^ +\d+\.\d{3}", "     TIME", line)
             for line in run.stdout.rstrip("\n").split("\n")]
    lines = [x for x in lines if "100 Trying" not in x
             and "(again)" not in x and "180 Ringing" not in x]
    assert re.fullmatch(rf"call {call}, \d\d:\d\d:\d\d\.\d{{6}}, "
                        r"Call-ID [0-9a-f]{16}", lines[0]), lines[0]
    assert lines[1:] == [
        "          alice@127.0.0.10:5060                             "
        "127.0.0.11:5060",
        "     TIME           |---------------- INVITE (SDP) -----------"
        "---->|",
        "     TIME           |<--------------- 200 OK (SDP) -----------"
        "-----|",
        "     TIME           |-------------------- ACK ----------------"
        "---->|",
        "     TIME           |-------------------- BYE ----------------"
        "---->|",
        "     TIME           |<--------------- 200 OK / BYE -----------"
        "-----|",
    ], "\n".join(lines)
    full = a.cli("trace", "--call", call).stdout
    assert "INVITE sip:bob@127.0.0.11 SIP/2.0" in full
    assert "m=audio" in full and "|---" in full
    assert full in a.cli("trace").stdout


def test_a_call_that_nobody_answers_tells_why(phone):
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    a.direct("alice")
    call = a.dial("sip:nobody@127.0.0.99:5999;transport=tcp")
    a.wait_call(call, "ended", timeout=40)
    rows = a.rpc("trace.ladder", call=call)["rows"]
    assert rows[-1]["kind"] == "note", rows
    assert "refuses connections" in rows[-1]["text"], rows


def responses(text):
    return re.findall(r'response="([^"]*)"', text)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_no_secret_is_kept(phone, proxy, transport):
    """Log in by digest, call with keys in SDP, write: none of it is in
    the trace, the pcap file or the log."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU",
                                             "log.level": "debug"})
    acc = a.register(proxy.account("alice", transport))
    assert acc["state"] == "registered", acc
    call = a.dial(f"sip:bob@{DOMAIN}")
    a.wait_call(call, "ended")
    secret = "the words of this message"
    a.wait_message(a.send(f"sip:bob@{DOMAIN}", secret), "failed", "queued",
                   "sent")
    proxy_log = proxy.output()
    used = set(responses(proxy_log))
    assert len(used) >= 2, "the proxy saw digests"
    listed = a.rpc("trace.list")
    assert any("Authorization: Digest" in m["text"] for m in listed)
    shown = "".join(m["text"] for m in listed)
    assert set(responses(shown)) == {"***"}, responses(shown)
    path = a.path("all.pcap")
    assert a.cli("trace", "--pcap", path).returncode == 0
    with open(path, "rb") as f:
        raw = f.read()
    texts = [shown, raw.decode("latin-1"), a.log_text(),
             a.cli("trace").stdout, a.cli("trace", "--json").stdout]
    for text in texts:
        assert text
        for word in used | {password("alice"), secret}:
            assert word not in text, word
    # what is no secret is there, and the length of the body still true
    msg = next(m for m in listed if m["text"].startswith("MESSAGE "))
    head, body = msg["text"].split("\n\n", 1)
    assert set(body) <= {"*", "\n"} and len(body) > 10
    assert f"Content-Length: {len(body)}" in head or "\n" in body


def test_keys_in_sdp_are_masked(phone, peer):
    """An offer with SDES keys, ice-pwd and digits by INFO."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU"})
    a.direct("alice", auto_answer=True)
    key1 = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR"
    key2 = "GdUJShpX1ZLEw6UzF3WSJjNzB4d1BINUAvLEw6Uz"
    body = peer.sdp(direction=(
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key1}|2^20|1:4\r\n"
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 INLINE:{key2}\r\n"
        "a=ice-ufrag:F7gI\r\na=ice-pwd:x9cml/YzichV2+XlhiMu8g\r\n"
        "k=base64:aGVsbG8ga2V5\r\n"
        "a=zrtp-hash:1.10 fe30efd02423cb054e50efd0248742ac7a52c8f91bc2df88"
        "1ae642c371ba46df\r\n"))
    ident = sip.token()
    peer.send(peer.request("INVITE", a.uri(), ident, body=body,
                           ctype="application/sdp",
                           headers="X-Login: sip:bob:hunter2@example.org"
                                   "\r\n"), (a.addr, 5060))
    peer.wait(lambda m: ident in m and sip.code(m) >= 200)
    peer.send(peer.request("MESSAGE", a.uri(), sip.token(),
                           body="my pin is 4711", ctype="text/plain"),
              (a.addr, 5060))
    peer.wait(lambda m: "MESSAGE" in sip.header(m, "CSeq")[0])
    shown = "".join(m["text"] for m in a.rpc("trace.list"))
    path = a.path("keys.pcap")
    assert a.cli("trace", "--pcap", path).returncode == 0
    raw = read_file(path).decode("latin-1")
    for text in (shown, raw):
        for word in (key1, key2, "x9cml", "aGVsbG8", "hunter2", "4711"):
            assert word not in text, word
        assert "a=zrtp-hash:1.10 fe30efd0" in text
        assert "inline:" + "*" * len(key1) + "|2^20|1:4" in text
    invite = next(m for m in a.rpc("trace.list")
                  if m["text"].startswith("INVITE"))
    length = int(sip.header(invite["text"], "Content-Length")[0])
    sent = invite["text"].split("\n\n", 1)[1].replace("\n", "\r\n")
    assert len(sent) == length == len(body)


def test_pcap_udp(pair):
    a, b = pair()
    call = a_call(a, b)
    path = a.path("call.pcap")
    run = a.cli("trace", "--call", call, "--pcap", path)
    assert run.returncode == 0, run.stderr
    with open(path, "rb") as f:
        link, rows = read_pcap(f.read())
    assert link == 101
    msgs = a.rpc("trace.list", call=call)
    assert len(rows) == len(msgs) >= 5
    for (when, packet), msg in zip(rows, msgs):
        src, dst, payload = udp_of(packet)
        assert msg["src"] == f"{src[0]}:{src[1]}"
        assert msg["dst"] == f"{dst[0]}:{dst[1]}"
        assert payload.decode().replace("\r\n", "\n") == msg["text"]
        assert abs(when - msg["time"]) < 0.001
    seen = dissected(path)
    if seen is not None:
        assert [line for line, _ in seen] == \
            [m["text"].split("\n")[0] for m in msgs]
        assert "RTP/AVP" in seen[0][1], seen
    ours, theirs = ("127.0.0.10", 5060), ("127.0.0.11", 5060)
    first = udp_of(rows[0][1])
    assert first[:2] == (ours, theirs)
    assert first[2].startswith(b"INVITE ")


def test_pcap_tls(phone, proxy):
    """Decrypted, as exported PDUs that name their protocol and ends."""
    a = phone("alice", "127.0.0.10")
    acc = a.register(proxy.account("alice", "tls"))
    assert acc["state"] == "registered", acc
    path = a.path("tls.pcap")
    assert a.cli("trace", "--pcap", path).returncode == 0
    with open(path, "rb") as f:
        link, rows = read_pcap(f.read())
    assert link == 252
    seen = dissected(path)
    if seen is not None:
        assert [line for line, _ in seen] == [
            m["text"].split("\n")[0] for m in a.rpc("trace.list")]
    tags, payload = pdu_of(rows[0][1])
    assert tags[12] == b"sip\0"
    assert tags[21] == socket.inet_aton("127.0.0.1")
    assert struct.unpack("!I", tags[26])[0] == proxy.port + 1
    assert struct.unpack("!I", tags[24])[0] == 2        # TCP
    assert payload.startswith(b"REGISTER sip:")
    assert any(b"SIP/2.0 200" in row[1] for row in rows)


def test_follow(pair):
    """Messages as they come; ^C ends it with status 0."""
    a, b = pair()
    path = a.path("live.pcap")
    procs = [subprocess.Popen(
        [program("offhook"), "--profile", a.profile, "trace", "--follow",
         *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for more in ([], ["--pcap", path])]
    # listening before the call: the file has its header then
    wait_until(lambda: len(read_file(path)) >= 24, 10, "the pcap header")
    # and so has the other one something to tell
    first = procs[0]
    wait_until(lambda: b.send(a.uri("alice"), "are you there?") and
               select.select([first.stdout], [], [], 0.5)[0], 15,
               "the follower")
    call = a_call(a, b)
    want = len(a.rpc("trace.list", call=call))
    wait_until(lambda: len(read_pcap_file(path)) >= want, 10,
               "the packets of the call")
    lines = []
    while not any("BYE" in line for line in lines):
        line = first.stdout.readline()
        assert line, "the follower ended"
        lines.append(line)
    for p in procs:
        p.send_signal(signal.SIGINT)
        assert p.wait(10) == 0, p.stderr.read()
        p.stdout.close()
        p.stderr.close()
    assert any(line.startswith("INVITE sip:bob@") for line in lines)


def read_file(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


def read_pcap_file(path):
    try:
        return read_pcap(read_file(path))[1]
    except (AssertionError, struct.error):
        return []


def test_bounded_and_off(phone, peer):
    """A flood leaves the call, memory stays within the setting, 0 is off."""
    a = phone("alice", "127.0.0.10", config={"codecs": "PCMU",
                                             "trace.size": "64"})
    a.direct("alice", auto_answer=True)
    talk = sip.Call(peer, (a.addr, 5060), a.uri())
    talk.bye()
    kept = a.rpc("trace.ladder")
    for _ in range(300):
        assert peer.options((a.addr, 5060), a.uri()) is not None
    again = a.rpc("trace.ladder")
    assert again["call_id"] == kept["call_id"]
    assert len(again["rows"]) >= len(kept["rows"])
    assert sum(m["size"] for m in a.rpc("trace.list")) < 64 * 1024
    a.rpc("config.set", key="trace.size", value="0")
    assert peer.options((a.addr, 5060), a.uri()) is not None
    run = a.cli("trace")
    assert run.returncode == 1 and "trace.size" in run.stderr, run.stderr


@pytest.mark.needs("tmux")
def test_ladder_on_the_screen(pair, tmux):
    """From the call and from its row in the log, by a key."""
    a, b = pair()
    t = tmux([program("offhook"), "--profile", a.profile], 80, 24,
             env=a.env())
    t.wait_text("offhook")
    call = a.dial(b.uri("bob"))
    a.wait_call(call, "established")
    t.wait_text("ACTIVE")
    t.keys("L")
    t.wait_text("INVITE (SDP)")
    # it goes on while it is looked at
    a.rpc("call.hangup", call=call)
    t.wait_text("200 OK / BYE")
    t.keys("g")
    t.keys("Enter")
    t.wait_text("INVITE sip:bob@127.0.0.11 SIP/2.0")
    t.keys("Escape")
    t.wait_text("200 OK / BYE")
    t.keys("Escape")
    t.wait_gone("INVITE (SDP)")
    a.rpc.wait("call.removed", lambda r: r["id"] == call, 15)
    t.keys("M-2")
    t.keys("L")
    t.wait_text("200 OK / BYE")
    t.keys("Escape")
    t.type(f":trace {call}")
    t.keys("Enter")
    t.wait_text("200 OK / BYE")
