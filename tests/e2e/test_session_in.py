"""What PBXs and carriers do to a phone that they call: SIPp as the caller,
many flows to one phone, over UDP and TCP."""

import re

import pytest

from lib.kamailio import DOMAIN
from lib.phone import program
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
        bob.next_call(call, "early",
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
        bob.next_call(call, "remote-held")
        bob.next_call(call, "established",
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

    # the same by re-INVITE, with and without an offer
    def by_invite(call):
        answer(call)
        bob.next_call(call, "remote-held")
        bob.next_call(call, "established")
    play(UP + """
> INVITE sdp=sendonly
< 100 ?
< 200 ! /a=(recvonly|inactive)/
> ACK
~ 300
> INVITE
< 100 ?
< 200 ! /m=audio/
> ACK sdp
~ 300
""" + DOWN, by_invite)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_ours(bob, play, transport):
    """What the one who was called does: hold, resume, glare, transfer."""
    def held(call):
        bob.rpc("call.answer", call=call)
        bob.next_call(call, "established")
        # before the ACK an offer has to wait, and a resume would undo it
        wait_until(lambda: any(
            m["text"].startswith("ACK")
            for m in bob.rpc("trace.list", call=call)), 10, "the ACK")
        bob.rpc("call.hold", call=call)
        return bob.next_call(call, "held")

    def both(call):
        held(call)
        bob.rpc("call.resume", call=call)
        bob.next_call(call, "established")
    play(UP + """
< INVITE /a=sendonly/
> 200 sdp=recvonly
< ACK
< INVITE /a=sendrecv/
> 200 sdp
< ACK
~ 200
""" + DOWN, both)

    # 491 (RFC 3261 14.1): ours again; theirs while ours is open
    play(UP + """
< INVITE /a=sendonly/
> 491
< ACK
< INVITE /a=sendonly/
> UPDATE sdp
< 491
> 200 INVITE sdp=recvonly
< ACK
~ 200
""" + DOWN, held)

    def sent_on(call):
        bob.rpc("call.answer", call=call)
        bob.next_call(call, "established")
        bob.rpc("call.transfer", call=call, target="sip:carol@example.org")
        bob.next_call(call, want=lambda c: "tried" in c["notice"])
        c = bob.next_call(call, "ended")
        assert c["reason"]["text"] == "Transferred", c
    play(UP + """
< REFER /Refer-To: .sip:carol@example.org./ /Referred-By: .sip:alice@/
> 202
> NOTIFY frag=100 | Event: refer | Subscription-State: active;expires=60
< 200
~ 200
> NOTIFY frag=200 | Event: refer | Subscription-State: terminated
< 200
< BYE
> 200
""", sent_on)


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
        bob.next_call(call, "established")
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
        c = bob.next_call(call, want=lambda c: c["question"])
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
def test_who_may_ring(bob, play, sipp, transport):
    """Do not disturb, blocked, hidden, sent on; nothing tells why."""
    assert [bob.rpc("config.get", key=f"forward.{key}")
            for key in ("always", "busy", "no_answer")] == ["", "", ""]
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

    # while somebody else rings here, the next one is sent on
    settings(bob, forward__busy="sip:office@127.0.0.77")

    def another(call):
        s = sipp("another", remote=bob.sip, transport=transport, port=5199,
                 flow="""
> INVITE sdp
< 100 ?
< 302 /Contact: .sip:office@127.0.0.77./ /Diversion: .*reason=user-busy/
> ACK!
""")
        s.join()
        bob.rpc("call.reject", call=call, code=480)
    play("""
> INVITE sdp
< 100 ?
< 180
< 480
> ACK!
""", another)
    settings(bob, forward__busy="")
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
        bob.next_call(call, "established")
        bob.rpc("call.hangup", call=call)
    text = play(UP + """
< BYE /Reason: Q.850;cause=16/
> 200
""", hang_up)

    # before the ACK there is no BYE (RFC 3261 15), and then it says why
    def at_once(call):
        bob.rpc("call.answer", call=call)
        bob.rpc("call.hangup", call=call)
    play("""
> INVITE sdp
< 100 ?
< 180 ?
< 200 !
~ 300
> ACK
< BYE /Reason: Q.850;cause=16/
> 200
""", at_once)
    assert re.search(r"Supported: .*replaces", text), text
    play("""
> INVITE sdp
< 100 ?
< 180
< 607
> ACK!
""", lambda call: bob.rpc("call.reject", call=call, code=607))


def test_nobody_answers(bob, sipp):
    """After its time it is sent on (RFC 5806 says why)."""
    settings(bob, call__ring="5",
             forward__no_answer="sip:office@127.0.0.77")
    both = [sipp(transport, remote=bob.sip, transport=transport,
                 port=5060 + n, flow="""
> INVITE sdp
< 100 ?
< 180
< 302 /Contact: .sip:office@127.0.0.77./ /Diversion: .*reason=no-answer/
> ACK!
""") for n, transport in enumerate(TRANSPORTS)]
    for s in both:
        s.join()
    assert bob.wait_log(lambda r: True)["result"] == "missed"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_place_is_taken(bob, sipp, transport):
    """An INVITE with Replaces: the one who talked to us is somebody else
    now (RFC 3891); only who knows both tags may do that."""
    bob.rpc.events.clear()
    first = sipp("first", remote=bob.sip, transport=transport, flow=UP + """
< BYE /Reason: SIP;cause=200/
> 200
""")
    call = bob.incoming()
    bob.rpc("call.answer", call=call)
    bob.wait_call(call, "established")
    ok = wait_until(lambda: next((
        m for m in re.split("-{20,}", first.messages())
        if re.search(r"SIP/2.0 200", m)), None), 10, "the 200")
    ident, to = (re.search(rf"(?m)^{name}: *(.*?)\s*$", ok)[1]
                 for name in ("Call-ID", "To"))
    tag = re.search("tag=([^;\\s]+)", to)[1]

    def take(to_tag, then):
        sipp(f"take{len(then)}", remote=bob.sip, transport=transport,
             port=5070 + len(then), flow=f"""
> INVITE sdp | Require: replaces | Replaces: {ident};to-tag={to_tag};from-tag=1
< 100 ?
{then}
""").join()
    take("wrong", "< 481\n> ACK!")
    assert bob.call(call)["state"] == "established"
    take(tag, "< 180 ?\n< 200 !\n> ACK\n~ 300\n> BYE\n< 200")
    first.join()
    c = bob.wait_call(call, "ended")
    assert "somebody else" in c["reason"]["text"], c


@pytest.mark.needs("kamailio")
def test_answered_for_the_listed(phone, proxy, sipp):
    """S-6: who is on the list and came by way of our server over TLS is
    answered for, muted at first; who is not rings."""
    p = phone("alice", config={"call.answer_for": "boss@127.*"})
    acc = p.register(proxy.account("alice", "tls"))
    assert acc["state"] == "registered", acc

    def caller(who, transport, port, then):
        return sipp(who, remote="127.0.0.1:5060", transport=transport,
                    routed=True, port=port, domain=DOMAIN, flow=f"""
> INVITE sdp | From: <sip:{who}@127.0.0.4> | Call-Info: <sip:x>;answer-after=0
< 100 ?
< 180
{then}
""")
    other = caller("other", "t1", 5061, "< 480\n> ACK!")
    rings = p.incoming()
    boss = caller("boss", "u1", 5060, "< 200 !\n> ACK\n< BYE\n> 200")
    c = p.wait_call(None, "established")
    assert "boss" in c["peer"]["uri"] and c["muted"], c
    p.wait_call(c["id"], want=lambda c: not c["muted"])
    assert p.call(rings)["state"] == "ringing"
    p.rpc("call.reject", call=rings, code=480)
    other.join()
    p.rpc("call.hangup", call=c["id"])
    boss.join()


@pytest.mark.needs("tmux")
def test_diversion_is_shown(bob, sipp, tmux):
    """Who sent the call on stands beside who calls."""
    seats = [tmux([program("offhook"), *more, "--profile", bob.profile], 80,
                  24, env=bob.env()) for more in ((), ("--linear",))]
    seats[0].wait_text("offhook")
    seats[1].wait_text(">")
    seats[1].type("accounts")
    seats[1].keys("Enter")
    seats[1].wait_text("alice@127.0.0.10")
    s = sipp("diverted", remote=bob.sip, flow="""
> INVITE sdp | Diversion: "The Office" <sip:office@example.org>;reason=no
< 100 ?
< 180
< 603
> ACK!
""")
    call = bob.incoming()
    for t in seats:
        t.wait_text("sent on by The Office")
        assert "office@example.org" in t.screen()
    bob.rpc("call.reject", call=call, code=603)
    s.join()
