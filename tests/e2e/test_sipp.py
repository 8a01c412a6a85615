"""Call flows as SIPp writes them, with the phone as callee and as caller,
and the ones that need more freedom on a bare socket."""

import re
import socket
import time

import pytest

from lib.proc import wait_until
from lib.sip import Call, Peer, code, header, reply, token

pytestmark = pytest.mark.needs("sipp")


@pytest.fixture
def bob(phone):
    """A phone at 127.0.0.10:5060 that others call."""
    def make(auto_answer=True, **config):
        p = phone("bob", config=config)
        p.direct("alice", auto_answer=auto_answer)
        p.sip = f"{p.addr}:5060"
        return p
    return make


# ---- SIPp calls the phone --------------------------------------------------
@pytest.mark.parametrize("flow", [
    "uac_basic", "uac_hold", "uac_late_offer", "uac_odd_reinvite"])
def test_called(bob, sipp, flow):
    p = bob()
    sipp(flow, remote=p.sip).join()
    wait_until(lambda: all(c["state"] == "ended" for c in p.calls()), 5,
               "the end of the call")
    rows = p.rpc("log.list", limit=10)
    assert [r["result"] for r in rows] == ["answered"], rows


@pytest.mark.parametrize("flow", [
    "uac_options", "uac_no_codec", "uac_require", "uac_wrong_dialog"])
def test_answers_without_a_call(bob, sipp, flow):
    p = bob()
    sipp(flow, remote=p.sip).join()
    p.healthy()
    assert not [c for c in p.calls() if c["state"] != "ended"]


@pytest.mark.parametrize("transport", ["t1"])
def test_called_over_tcp(bob, sipp, transport):
    p = bob()
    sipp("uac_basic", remote=p.sip, transport=transport).join()


def test_rings_then_answers(bob, sipp):
    p = bob(auto_answer=False)
    s = sipp("uac_rings", remote=p.sip)
    call = p.incoming()
    p.rpc("call.answer", call=call)
    s.join()
    p.wait_call(call, "ended")


def test_caller_gives_up(bob, sipp):
    p = bob(auto_answer=False)
    sipp("uac_cancel", remote=p.sip).join()
    row = p.wait_log(lambda r: True)
    assert row["result"] == "missed", row


@pytest.mark.parametrize("refusal", [486, 603, 480])
def test_refuses(bob, sipp, refusal):
    p = bob(auto_answer=False)
    s = sipp("uac_refused", remote=p.sip, keys={"code": refusal})
    p.rpc("call.reject", call=p.incoming(), code=refusal)
    s.join()
    assert p.wait_log(lambda r: True)["result"] == "rejected"


def test_media_moves(bob, sipp):
    """A re-INVITE with another address: RTP goes there from then on."""
    p = bob()
    new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    new.bind(("127.0.0.5", 6200))
    s = sipp("uac_move", remote=p.sip,
             keys={"addr": "127.0.0.5", "port": 6200})
    new.settimeout(10)
    count = 0
    end = time.monotonic() + 10
    while count < 60 and time.monotonic() < end:
        data = new.recv(2048)
        count += data[0] >> 6 == 2
    assert count >= 60, count
    s.join()
    new.close()


def test_late_ack(bob, sipp):
    """The 200 is repeated until the ACK comes, and no more after it."""
    p = bob()
    text = sipp("uac_late_ack", remote=p.sip).join()
    sent = [m for m in text.split("-----------------------") if
            re.search(r"SIP/2\.0 200 .*", m) and
            re.search(r"CSeq: 1 INVITE", m)]
    # T1 500 ms: at 0, 0.5 and 1.5 s; the ACK at 1.8 s ends it
    assert 2 <= len(sent) <= 4, len(sent)


@pytest.mark.limit(120)
def test_missing_ack(bob, sipp):
    """RFC 3261 13.3.1.4: after 64 x T1 without an ACK, BYE."""
    p = bob()
    text = sipp("uac_no_ack", remote=p.sip, timeout=60).join(60)
    sent = re.findall(r"SIP/2\.0 200 ", text)
    assert len(sent) >= 7, len(sent)
    wait_until(lambda: all(c["state"] == "ended" for c in p.calls()), 8,
               "the end of the call")


# ---- the phone calls SIPp --------------------------------------------------
@pytest.fixture
def alice(phone):
    p = phone()
    p.direct("alice")
    return p


TARGET = "sip:sipp@127.0.0.4:5060"


@pytest.mark.parametrize("flow", ["uas_basic", "uas_early", "uas_forks"])
def test_calls(alice, sipp, flow):
    s = sipp(flow)
    call = alice.dial(TARGET)
    if flow == "uas_early":
        alice.wait_call(call, "early")
    alice.wait_call(call, "established")
    alice.rpc("call.hangup", call=call)
    s.join()
    alice.wait_call(call, "ended")


@pytest.mark.parametrize("flow,number,result", [
    ("uas_busy", 486, "busy"), ("uas_decline", 603, "rejected"),
    ("uas_not_found", 404, "failed"), ("uas_unavailable", 503, "failed")])
def test_is_refused(alice, sipp, flow, number, result):
    s = sipp(flow)
    c = alice.wait_call(alice.dial(TARGET), "ended")
    assert c["reason"]["code"] == number, c
    assert len(c["reason"]["text"].split()) >= 2, c
    print(c["reason"]["text"])
    s.join()
    row = alice.wait_log(lambda r: True)
    assert row["result"] in (result, "busy" if number == 603 else result), \
        row
    # and the command line: exit 1 with that sentence
    s.stop()
    s = sipp(flow, port=5070)
    run = alice.cli("call", "sip:sipp@127.0.0.4:5070", "--wait")
    assert run.returncode == 1, run
    assert c["reason"]["text"] in run.stderr, (c["reason"], run.stderr)
    s.join()


def test_gives_up(alice, sipp):
    s = sipp("uas_cancel")
    call = alice.dial(TARGET)
    alice.wait_call(call, "ringing")
    alice.rpc("call.hangup", call=call)
    s.join()
    alice.wait_call(call, "ended")
    assert alice.wait_log(lambda r: True)["result"] == "cancelled"


def test_holds(alice, sipp):
    s = sipp("uas_hold_offer")
    call = alice.dial(TARGET)
    alice.wait_call(call, "established")
    alice.rpc("call.hold", call=call)
    alice.wait_call(call, "held")
    # at once, while the first change may still be open
    alice.rpc("call.resume", call=call)
    alice.wait_call(call, "established")
    wait_until(lambda: s.messages().count("ACK sip") >= 3, 5,
               "both changes acknowledged")
    alice.rpc("call.hangup", call=call)
    s.join()


def test_hold_refused(alice, sipp):
    """The other side refuses the re-INVITE: the call goes on."""
    s = sipp("uas_refuses_hold")
    call = alice.dial(TARGET)
    alice.wait_call(call, "established")
    alice.rpc("call.hold", call=call)
    alice.wait_call(call, "established", "held",
                    want=lambda c: "a=sendonly" in s.messages() or
                    "a=inactive" in s.messages())
    wait_until(lambda: " 488 " in s.messages() and
               s.messages().count("ACK sip") >= 2, 5, "the refusal")
    assert alice.call(call)["state"] != "ended"
    alice.rpc("call.hangup", call=call)
    s.join()


# ---- by hand ---------------------------------------------------------------
def test_repeated_200_gets_its_ack_again(alice):
    """RFC 3261 13.2.2.4: an ACK for each 200 that comes."""
    peer = Peer("127.0.0.21")
    call = alice.dial("sip:peer@127.0.0.21:5060")
    msg, src = peer.recv(5)
    assert msg.startswith("INVITE"), msg
    for _ in range(3):
        reply(peer, src, msg, "200 OK", body=peer.sdp())
        ack = peer.wait(lambda m: m.startswith("ACK"))
        assert header(ack, "CSeq")[0].split()[0] == \
            header(msg, "CSeq")[0].split()[0]
    alice.wait_call(call, "established")
    alice.rpc("call.hangup", call=call)
    bye = peer.wait(lambda m: m.startswith("BYE"))
    reply(peer, src, bye, "200 OK")
    peer.close()


def test_second_fork_that_answers_is_hung_up(alice):
    """Two branches answer: the first is kept, the other gets ACK, BYE."""
    peer = Peer("127.0.0.21")
    call = alice.dial("sip:peer@127.0.0.21:5060")
    msg, src = peer.recv(5)
    reply(peer, src, msg, "200 OK", tag="one", body=peer.sdp())
    peer.wait(lambda m: m.startswith("ACK") and "tag=one" in m)
    reply(peer, src, msg, "200 OK", tag="two", body=peer.sdp())
    peer.wait(lambda m: m.startswith("ACK") and "tag=two" in m)
    bye = peer.wait(lambda m: m.startswith("BYE") and "tag=two" in m)
    reply(peer, src, bye, "200 OK")
    assert alice.call(call)["state"] == "established"
    alice.rpc("call.hangup", call=call)
    bye = peer.wait(lambda m: m.startswith("BYE") and "tag=one" in m)
    reply(peer, src, bye, "200 OK")
    peer.close()


@pytest.mark.limit(100)
def test_silence_is_no_answer(alice):
    """Nobody answers the INVITE at all: it is sent again, then ends."""
    peer = Peer("127.0.0.21")
    call = alice.dial("sip:peer@127.0.0.21:5060")
    first, _ = peer.recv(5)
    again = peer.wait(lambda m: m.startswith("INVITE"), 3)
    assert header(first, "Via") == header(again, "Via")
    c = alice.wait_call(call, "ended", timeout=45)
    assert c["reason"]["code"] in (0, 408), c
    assert len(c["reason"]["text"].split()) >= 3, c
    peer.close()


def test_same_invite_twice(bob):
    """A repeated INVITE is one call and gets the same answer."""
    p = bob(auto_answer=False)
    peer = Peer("127.0.0.21")
    ident = token()
    invite = peer.request("INVITE", p.uri("alice"), ident,
                          body=peer.sdp(), ctype="application/sdp")
    peer.send(invite, (p.addr, 5060))
    ring = peer.wait(lambda m: code(m) == 180)
    peer.send(invite, (p.addr, 5060))
    again = peer.wait(lambda m: code(m) == 180)
    assert header(ring, "To") == header(again, "To")
    assert len(p.calls()) == 1, p.calls()
    p.rpc("call.reject", call=p.calls()[0]["id"])
    busy = peer.wait(lambda m: code(m) >= 400)
    via = header(busy, "Via")[0]
    branch = re.search("branch=([^;]+)", via)[1]
    peer.send(peer.request("ACK", p.uri("alice"), ident, 1,
                           header(busy, "To")[0], branch=branch),
              (p.addr, 5060))
    peer.close()


def test_stranger_cannot_end_a_call(bob):
    """BYE and CANCEL with the wrong tags do nothing."""
    p = bob()
    peer = Peer("127.0.0.21")
    c = Call(peer, (p.addr, 5060), p.uri("alice"))
    stranger = Peer("127.0.0.66")
    for to in (c.remote_to, f"<{p.uri('alice')}>",
               re.sub("tag=.*", "tag=wrong", c.remote_to)):
        stranger.send(stranger.request("BYE", c.target, c.callid, 5, to,
                                       tag="stranger"), (p.addr, 5060))
        answer = stranger.wait(lambda m: code(m) > 0)
        assert code(answer) in (400, 481), answer
    assert p.calls()[0]["state"] == "established"
    c.bye()
    peer.close()
    stranger.close()


def test_reply_goes_to_rport(bob):
    """RFC 3581: the answer goes where the request came from."""
    p = bob()
    peer = Peer("127.0.0.21", 5099)
    ident = token()
    text = peer.request("OPTIONS", p.uri("alice"), ident).replace(
        "127.0.0.21:5099;branch", "10.0.0.1:5060;branch")
    peer.send(text, (p.addr, 5060))
    answer = peer.wait(lambda m: ident in m)
    via = header(answer, "Via")[0]
    assert "received=127.0.0.21" in via and "rport=5099" in via, via
    peer.close()


def test_unknown_method(bob):
    p = bob()
    peer = Peer("127.0.0.21")
    peer.send(peer.request("FROBNICATE", p.uri("alice")), (p.addr, 5060))
    answer = peer.wait(lambda m: code(m) > 0)
    assert code(answer) in (405, 501), answer
    assert header(answer, "Allow"), answer
    peer.close()


def test_rtp_from_a_stranger_is_not_heard(bob):
    """Symmetric RTP latches once: a stranger moves nothing after that."""
    p = bob()
    peer = Peer("127.0.0.21")
    c = Call(peer, (p.addr, 5060), p.uri("alice"))
    stream = c.start_rtp()
    assert stream.rate(1.0) > 40
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.66", 7000))
    for i in range(100):
        stranger.sendto(bytes([0x80, 0, 0, i]) + bytes(8) + b"\x55" * 160,
                        c.media)
    assert stream.rate(1.0) > 40, "the stream went to the stranger"
    stranger.settimeout(0.2)
    with pytest.raises(socket.timeout):
        stranger.recv(2048)
    c.bye()
    stranger.close()
    peer.close()
