"""What PBXs and carriers do to a phone that they call: SIPp as the caller,
many flows to one phone, over UDP and TCP."""

import re

import pytest

from lib.proc import wait_until

pytestmark = pytest.mark.needs("sipp")

TRANSPORTS = ["u1", "t1"]

# a call that is there; flows go on from here
UP = """
> INVITE sdp
< 100 ?
< 180 ?
< 200 !
> ACK
"""

DOWN = """
> BYE
< 200
"""


@pytest.fixture
def bob(phone):
    p = phone("bob")
    p.direct("alice")
    p.sip = f"{p.addr}:5060"
    return p


@pytest.fixture
def play(bob, sipp, request):
    """play(flow, act) runs a flow; act(call id) is what the phone does,
    when the messages so far show what has to come first."""
    transport = request.getfixturevalue("transport")
    count = iter(range(100))

    def run(flow, act=None, when=""):
        name = f"{request.node.originalname[5:]}{next(count)}"
        bob.rpc.events.clear()
        s = sipp(name, remote=bob.sip, transport=transport, flow=flow,
                 port=5060 + next(count))
        if act:
            call = bob.incoming()
            wait_until(lambda: re.search(when, s.messages()) or
                       not s.running(), 10, lambda: f"{when} in {name}")
            act(call)
        text = s.join()
        wait_until(lambda: all(c["state"] == "ended" for c in bob.calls()),
                   5, lambda: f"the end of {name}: {bob.calls()}")
        return text
    return run


def settings(phone, **kw):
    for key, value in kw.items():
        phone.rpc("config.set", key=key.replace("__", "."), value=value)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_reliable(bob, play, transport):
    """100rel (RFC 3262): required, without an offer, early media, and
    UPDATE (RFC 3311) before the answer."""
    def answer(call):
        bob.rpc("call.answer", call=call)

    play("""
> INVITE sdp | Require: 100rel
< 100 ?
< 180 RSeq /Require: 100rel/
> PRACK | RAck: [$rseq] 1 INVITE
< 200
< 200 ! /m=audio/
> ACK
""" + DOWN, answer, r"200 OK(?s:.*)CSeq: 2 PRACK")

    # a wrong RAck is refused, the right one is not
    play("""
> INVITE sdp | Require: 100rel
< 100 ?
< 180 RSeq
> PRACK | RAck: 1 99 INVITE
< 481
> PRACK | RAck: [$rseq] 1 INVITE
< 200
< 486
> ACK!
""", lambda call: bob.rpc("call.reject", call=call),
         r"200 OK(?s:.*)CSeq: 3 PRACK")

    # no offer: the first reliable answer has it, the PRACK the answer
    play("""
> INVITE | Require: 100rel
< 100 ?
< 180 RSeq /m=audio/
> PRACK sdp | RAck: [$rseq] 1 INVITE
< 200
< 200 ! /^!m=audio/
> ACK
""" + DOWN, answer, r"200 OK(?s:.*)CSeq: 2 PRACK")

    # early media, its SDP confirmed, then changed before the answer
    def early(call):
        c = bob.rpc("call.early", call=call)
        assert c["state"] == "early", c
        bob.wait_call(call, "early",
                      want=lambda c: c["codec"].upper() == "PCMU")
        answer(call)
    play("""
> INVITE sdp | Supported: 100rel
< 100 ?
< 180 ?
< 183 RSeq /m=audio/
> UPDATE sdp
< 500 /Retry-After:/
> PRACK | RAck: [$rseq] 1 INVITE
< 200
< 200 !
> ACK
""" + DOWN, early)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_changes(bob, play, transport):
    """Held and resumed by UPDATE, digits, OPTIONS, what nobody knows."""
    def answer(call):
        bob.rpc("call.answer", call=call)

    def held(call):
        answer(call)
        bob.wait_call(call, "remote-held")
        bob.wait_call(call, "established",
                      want=lambda c: c["digits"] == "5")
    play(UP + """
> UPDATE sdp=sendonly
< 200 /a=(recvonly|inactive)/
~ 300
> UPDATE sdp=sendrecv
< 200 /m=audio/
> INFO dtmf
< 200
> OPTIONS
< 200 /Allow: .*UPDATE/
~ 300
""" + DOWN, held)

    # without SDP: a refresh that changes nothing
    play(UP + """
> UPDATE
< 200 /^!m=audio/
""" + DOWN, answer)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_timer(bob, play, transport):
    """RFC 4028: too short is refused; who refreshes is agreed on."""
    def answer(call):
        bob.rpc("call.answer", call=call)

    play("""
> INVITE sdp | Supported: timer | Session-Expires: 60
< 422 /Min-SE: 90/
> ACK!
""")
    play("""
> INVITE sdp | Supported: timer | Session-Expires: 1000;refresher=uac
< 100 ?
< 180 ?
< 200 ! /Require: timer/ /Session-Expires: 1000;refresher=uac/
> ACK
> UPDATE | Supported: timer | Session-Expires: 1000;refresher=uac
< 200 /Session-Expires: 1000;refresher=uac/
""" + DOWN, answer)
    # who does not know timers is not asked to refresh
    play("""
> INVITE sdp | Session-Expires: 1000
< 100 ?
< 180 ?
< 200 ! /Session-Expires: 1000;refresher=uas/ /^!Require: timer/
> ACK
""" + DOWN, answer)

    # the phone refreshes by UPDATE, and hangs up when nothing comes
    def hold(call):
        answer(call)
        bob.wait_call(call, "established")
        bob.rpc("call.hold", call=call)
    play(UP + """
< INVITE /a=sendonly/
> 200 sdp=recvonly | Session-Expires: 4;refresher=uac | Allow: INVITE, UPDATE
< ACK
< UPDATE /Session-Expires:/ /refresher=uac/ /^!m=audio/
> 200 | Session-Expires: 4;refresher=uas
< BYE /Reason: SIP;cause=408/
> 200
""", hold)
    # who knows no UPDATE gets a re-INVITE
    play(UP + """
< INVITE /a=sendonly/
> 200 sdp=recvonly | Session-Expires: 4;refresher=uac | Allow: INVITE
< ACK
< INVITE /Session-Expires: .*refresher=uac/
> 200 sdp=recvonly
< ACK
""" + DOWN, hold)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_referred(bob, play, transport):
    """REFER (RFC 3515): the user is asked and sees the whole target."""
    def asked(call, answer):
        bob.rpc("call.answer", call=call)
        c = bob.wait_call(call, want=lambda c: c["question"])
        assert c["question"] == {
            "kind": "transfer", "by": "sip:boss@example.org",
            "target": "sip:carol@127.0.0.99:5999"}, c
        bob.rpc(answer, call=call)

    refer = UP + """
> REFER | Refer-To: <sip:carol@127.0.0.99:5999;x=y?Subject=hi> |""" \
        """ Referred-By: <sip:boss@example.org>
< 202
< NOTIFY /Event: refer/ /SIP.2.0 100/ /Subscription-State: active/
> 200
"""
    play(refer + """
< NOTIFY /SIP.2.0 603/ /Subscription-State: terminated/
> 200
""" + DOWN, lambda call: asked(call, "call.deny"))

    settings(bob, call__transfers="deny")
    play(refer + """
< NOTIFY /SIP.2.0 603/
> 200
""" + DOWN, lambda call: bob.rpc("call.answer", call=call))
    settings(bob, call__transfers="ask")

    # what may not be asked: other methods, other kinds of address
    play(UP + """
> REFER | Refer-To: <sip:carol@127.0.0.99;method=BYE>
< 403
> REFER | Refer-To: <http://example.org/>
< 400
> REFER | Refer-To: <tel:+49900123>
< 403
> REFER
< 400
> NOTIFY frag=200 | Event: refer | Subscription-State: terminated
< 481
""" + DOWN, lambda call: bob.rpc("call.answer", call=call))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_who_may_ring(bob, play, transport):
    """Do not disturb, blocked, hidden, sent on; nothing tells why."""
    refused = "> INVITE sdp\n< 100 ?\n< 480 /^!Reason/\n> ACK!\n"
    hidden = refused.replace(
        "INVITE sdp", 'INVITE sdp | From: "Anonymous" '
        "<sip:anonymous@anonymous.invalid>")

    settings(bob, call__dnd="true")
    play(refused)
    row = bob.wait_log(lambda r: True)
    assert row["result"] == "missed", row
    settings(bob, call__dnd="false", call__block="alice, sipp@127.*")
    play(refused)
    row = bob.wait_log(lambda r: r["result"] == "rejected")
    assert "block" in row["reason"]["text"], row
    settings(bob, call__block="", call__contacts_only="true")
    play(refused)
    settings(bob, call__contacts_only="false", call__anonymous="false")
    play(hidden)
    settings(bob, call__anonymous="true",
             forward__always="sip:office@127.0.0.77")
    play("""
> INVITE sdp
< 100 ?
< 302 /Contact: .sip:office@127.0.0.77./ /Diversion:/
> ACK!
""")
    settings(bob, forward__always="")
    assert not [c for c in bob.calls() if c["state"] != "ended"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_the_caller_says(bob, play, transport):
    """Diversion, Reason, headers that want an answer, Replaces."""
    def diverted(call):
        c = bob.call(call)
        assert c["diverted"] == {"uri": "sip:office@example.org",
                                 "name": "The Office"}, c

    # somebody else has answered: no missed call (RFC 3326)
    play("""
> INVITE sdp | Diversion: "The Office" <sip:office@example.org>;reason=no
< 100 ?
< 180 !
~ 200
> CANCEL | Reason: SIP;cause=200;text="Call completed elsewhere"
< 200
< 487
> ACK!
""", diverted)
    row = bob.wait_log(lambda r: True)
    assert row["result"] == "elsewhere", row
    assert bob.rpc("phone.status")["missed"] == 0

    # RFC 7044: whom the caller wanted at first
    def history(call):
        assert bob.call(call)["diverted"]["uri"] == "sip:boss@example.org"
        bob.rpc("call.reject", call=call, code=603)
    play("""
> INVITE sdp | History-Info: <sip:boss@example.org>;index=1,""" """<sip:a@example.org>;index=1.1
< 100 ?
< 180
< 603
> ACK!
""", history)

    # nobody on the network answers the phone for us (S-6)
    settings(bob, call__answer_for="*")
    for wish in ("Answer-Mode: Auto", "Priv-Answer-Mode: Auto;require",
                 "Call-Info: <sip:x>;answer-after=0",
                 "Alert-Info: <http://127.0.0.66/>;info=alert-autoanswer"):
        play(f"""
> INVITE sdp | {wish}
< 100 ?
< 180
~ 1200
> CANCEL
< 200
< 487
> ACK!
""")
    settings(bob, call__answer_for="")

    play("""
> INVITE sdp | Replaces: nobody;to-tag=1;from-tag=2 | Require: replaces
< 481
> ACK!
""")
    play("""
> INVITE sdp | Replaces: rubbish
< 400
> ACK!
""")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_reason_is_sent(bob, play, transport):
    """We hang up: the BYE says why (RFC 3326); a chosen code is sent."""
    def hang_up(call):
        bob.rpc("call.answer", call=call)
        bob.wait_call(call, "established")
        bob.rpc("call.hangup", call=call)
    text = play(UP + """
< BYE /Reason: Q.850;cause=16/
> 200
""", hang_up)
    assert re.search(r"Supported: .*replaces", text), text
    play("""
> INVITE sdp
< 100 ?
< 180
< 607
> ACK!
""", lambda call: bob.rpc("call.reject", call=call, code=607))
