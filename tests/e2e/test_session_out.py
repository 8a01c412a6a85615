"""What PBXs and carriers do to a phone that calls them: SIPp as the callee,
many flows to one phone, over UDP and TCP."""

import re

import pytest

from lib.phone import program
from lib.proc import wait_until

pytestmark = pytest.mark.needs("sipp")

TRANSPORTS = ["u1", "t1"]

# the phone calls and is answered; flows go on from here
UP = """
< INVITE
> 180
> 200 sdp | Allow: INVITE, ACK, BYE, REFER, NOTIFY, UPDATE
< ACK
"""

DOWN = """
< BYE
> 200
"""


@pytest.fixture
def alice(phone):
    p = phone("alice")
    p.direct("alice")
    return p


@pytest.fixture
def play(alice, sipp, request):
    """play(flow, act) calls who plays the flow; act(call id) is what the
    phone does then. Returns the messages."""
    transport = request.getfixturevalue("transport")
    param = ";transport=tcp" if transport == "t1" else ""
    count = iter(range(100))

    def run(flow, act=None, hangup=True):
        n = next(count)
        name = f"{request.node.originalname[5:]}{n}"
        alice.rpc.events.clear()
        s = sipp(name, transport=transport, flow=flow, port=5060 + n)
        if transport == "t1":
            wait_until(lambda: not s.running() or listens(5060 + n), 5,
                       "sipp to listen")
        call = alice.dial(f"sip:sipp@127.0.0.4:{5060 + n}{param}")
        if act:
            act(call)
        if hangup:
            alice.rpc("call.hangup", call=call)
        text = s.join()
        wait_until(lambda: all(c["state"] == "ended"
                               for c in alice.calls()), 5,
                   lambda: f"the end of {name}: {alice.calls()}")
        return text
    return run


def listens(port):
    with open("/proc/net/tcp", encoding="ascii") as f:
        return any(f"0400007F:{port:04X} 00000000:0000 0A" in line
                   for line in f)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_reliable(alice, play, transport):
    """Reliable ringing, early media, UPDATE before the answer, forks."""
    def up(call):
        alice.next_call(call, "established")

    text = play("""
< INVITE /Supported: .*100rel/
> 180 | Require: 100rel | RSeq: 7
< PRACK /RAck: 7 /
> 200
> 200 INVITE sdp
< ACK
""" + DOWN, up)
    assert len(re.findall(r"(?m)^PRACK ", text)) == 1, text

    # the answer is in the 183, the 200 has none; UPDATE in between
    def early(call):
        c = alice.next_call(call, "early")
        assert c["codec"].upper() == "PCMU", c
        up(call)
    play("""
< INVITE
> 183 sdp | Require: 100rel | RSeq: 1
< PRACK /RAck: 1 /
> 200
> UPDATE sdp=sendrecv
< 200 /m=audio/
> 183 INVITE | Require: 100rel | RSeq: 2
< PRACK /RAck: 2 /
> 200
> 200 INVITE
< ACK
""" + DOWN, early)

    # it rings at two places: the second one answers
    play("""
< INVITE
> 183 sdp tag=one
> 183 sdp tag=two
> 180 tag=three
> 200 sdp tag=two
< ACK /tag=two/
< BYE /tag=two/
> 200
""", up)

    # two places answer: the first one is kept (RFC 3261 13.2.2.4)
    def first(call):
        up(call)
        wait_until(lambda: any(re.search(r"^BYE (?s:.*)tag=two", m["text"])
                               for m in alice.rpc("trace.list", call=call)),
                   10, "the end of the other one")
    play("""
< INVITE
> 200 sdp tag=one
< ACK /tag=one/
> 200 INVITE sdp tag=two
< ACK /tag=two/
< BYE /tag=two/
> 200
< BYE /tag=one/
> 200
""", first)

    # we insist on it
    alice.rpc("config.set", key="call.reliable", value="require")
    play("""
< INVITE /Require: 100rel/
> 420 | Unsupported: 100rel
< ACK
""", lambda call: alice.wait_call(call, "ended"), hangup=False)
    alice.rpc("config.set", key="call.reliable", value="off")
    play("""
< INVITE /^!100rel/
> 486
< ACK
""", lambda call: alice.wait_call(call, "ended"), hangup=False)
    alice.rpc("config.set", key="call.reliable", value="supported")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_timer(alice, play, transport):
    """RFC 4028 as the caller: 422, both refreshers, who is gone."""
    def up(call):
        alice.next_call(call, "established")

    play("""
< INVITE /Session-Expires: 1800/ /Supported: .*timer/
> 422 | Min-SE: 3600
< ACK
< INVITE /Session-Expires: 3600/ /Min-SE: 3600/
> 200 sdp tag=two | Session-Expires: 3600;refresher=uas
< ACK
""" + DOWN, up)

    # we refresh; UPDATE is known
    def ended(call):
        up(call)
        c = alice.next_call(call, "ended")
        assert "gone" in c["reason"]["text"], c
    play("""
< INVITE
> 200 sdp | Session-Expires: 3;refresher=uac | Allow: INVITE, UPDATE
< ACK
< UPDATE /Session-Expires: .*refresher=uac/ /^!m=audio/
> 200 | Session-Expires: 3;refresher=uas
< BYE /Reason: SIP;cause=408/
> 200
""", ended, hangup=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_transfer(alice, play, transport):
    """Blind transfer: REFER, its progress, and how it ends."""
    def transfer(call):
        alice.next_call(call, "established")
        alice.rpc("call.transfer", call=call, target="sip:carol@example.org")

    def gone(call):
        transfer(call)
        alice.next_call(call, want=lambda c: "rings" in c["notice"])
        c = alice.next_call(call, "ended")
        assert c["reason"]["text"] == "Transferred", c
    play(UP + """
< REFER /Refer-To: .sip:carol@example.org./ /Referred-By: .sip:alice@/
> 202
> NOTIFY frag=100 | Event: refer | Subscription-State: active;expires=60
< 200
> NOTIFY frag=180 | Event: refer | Subscription-State: active;expires=60
< 200
~ 300
> NOTIFY frag=200 | Event: refer | Subscription-State: terminated
< 200
""" + DOWN, gone, hangup=False)

    def failed(call):
        transfer(call)
        c = alice.next_call(call, want=lambda c: "failed" in c["notice"])
        assert "Busy" in c["notice"], c
        assert c["state"] == "established", c
    play(UP + """
< REFER
> 202
> NOTIFY frag=486 | Event: refer;id=2 | Subscription-State: terminated
< 200
""" + DOWN, failed)
    play(UP + """
< REFER
> 603
""" + DOWN, lambda call: (transfer(call), alice.wait_call(
            call, want=lambda c: "failed" in c["notice"])))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_attended(alice, play, sipp, transport):
    """The device of the other call is named, and the person where it is
    not found (RFC 5589 7.1, 7.4)."""
    param = ";transport=tcp" if transport == "t1" else ""
    contact = f"sip:desk@127.0.0.4:5099;line=7{param};gr=urn:x-one"
    other = sipp("desk", transport=transport, port=5099, flow=f"""
< INVITE
> 200 sdp | Contact: <{contact}>
< ACK
< BYE
> 200
""")
    wait_until(lambda: param == "" or listens(5099), 5, "the desk")

    def connect(call):
        alice.next_call(call, "established")
        b = alice.dial(f"sip:carol@127.0.0.4:5099{param}")
        alice.wait_call(b, "established")
        alice.wait_call(call, "held")
        alice.rpc("call.transfer", call=call, other=b)
        c = alice.next_call(call, "ended")
        assert c["reason"]["text"] == "Transferred", c
        alice.rpc("call.hangup", call=b)
        other.join()
    text = play(UP + """
< INVITE /a=sendonly/
> 200 sdp=recvonly
< ACK
< REFER
> 202
> NOTIFY frag=404 | Event: refer | Subscription-State: terminated
< 200
< REFER
> 202
> NOTIFY frag=200 | Event: refer | Subscription-State: terminated
< 200
""" + DOWN, connect, hangup=False)
    device, person = re.findall(r"Refer-To: <(.*?)\?(.*?)>", text)[:2]
    assert device[0] == contact, device
    assert person[0] == f"sip:carol@127.0.0.4:5099{param}", person
    assert re.fullmatch(r"Replaces=[^&]+%3Bto-tag%3D[^&]+%3Bfrom-tag%3D[^&]+",
                        device[1]), device
    assert person[1] == device[1] + "&Require=replaces", person


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_sent_elsewhere(alice, play, sipp, transport):
    """The one we called sends us on: it hears how that goes."""
    desk = sipp("desk", port=5099, flow="""
< INVITE /Referred-By: .sip:boss@example.org./
> 100
~ 500
> 200 sdp
< ACK
""" + DOWN)

    def followed(call):
        c = alice.next_call(call, want=lambda c: c["question"])
        assert c["question"]["target"] == "sip:desk@127.0.0.4:5099", c
        alice.rpc("call.allow", call=call)
        alice.next_call(call, "ended")
        c = alice.wait_call(None, "established")
        assert "desk" in c["peer"]["uri"], c
        alice.rpc("call.hangup", call=c["id"])
        desk.join()
    play(UP + """
> REFER | Refer-To: <sip:desk@127.0.0.4:5099> |""" """ Referred-By: <sip:boss@example.org>
< 202
< NOTIFY /SIP.2.0 100/ /Subscription-State: active/
> 200
< INVITE /a=sendonly/
> 200 sdp=recvonly
< ACK
< NOTIFY /SIP.2.0 200/ /Subscription-State: terminated/
> 200
> BYE
< 200
""", followed, hangup=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_again_and_instead(alice, play, sipp, transport):
    """Given up, redialled, and a ringing call picked up by Replaces."""
    play("""
< INVITE
> 180
< CANCEL
> 200
> 487 INVITE
< ACK
""", lambda call: alice.wait_call(call, "ringing"))
    assert alice.wait_log(lambda r: True)["result"] == "cancelled"

    def busy(call):
        assert alice.wait_call(call, "ended")["reason"]["code"] == 486
    play("< INVITE\n> 486\n< ACK", busy, hangup=False)
    target = alice.newest_log()["peer"]["uri"]
    port = int(re.search(r":(\d+)", target.split("@")[1])[1])
    s = sipp("redial", transport=transport, port=port, flow=UP + DOWN)
    wait_until(lambda: transport == "u1" or listens(port), 5, "sipp")
    c = alice.rpc("call.redial")
    assert c["peer"]["uri"] == target, c
    alice.wait_call(c["id"], "established")
    alice.rpc("call.hangup", call=c["id"])
    s.join()

    param = ";transport=tcp" if transport == "t1" else ""
    s = sipp("pickup", transport=transport, port=5098, flow="""
< INVITE /Replaces: x-1.host;to-tag=theirs;from-tag=caller;early-only/ """
             "/Require: replaces/\n> 200 sdp\n< ACK" + DOWN)
    wait_until(lambda: transport == "u1" or listens(5098), 5, "sipp")
    c = alice.rpc("call.pickup", target=f"sip:bob@127.0.0.4:5098{param}",
                  call_id="x-1@host", local_tag="theirs",
                  remote_tag="caller", early=True)
    alice.wait_call(c["id"], "established")
    alice.rpc("call.hangup", call=c["id"])
    s.join()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_moved(alice, play, sipp, transport):
    """3xx: the user is asked, sees the target, and decides."""
    moved = """
< INVITE
> 302 | Contact: <sip:desk@127.0.0.4:5099;transport=tcp>
< ACK
"""

    def asked(call, answer):
        c = alice.next_call(call, want=lambda c: c["question"])
        assert c["question"]["kind"] == "redirect", c
        assert c["question"]["target"] == \
            "sip:desk@127.0.0.4:5099;transport=tcp", c
        assert c["state"] == "calling", c
        return alice.rpc(answer, call=call)

    play(moved, lambda call: asked(call, "call.deny"), hangup=False)
    row = alice.wait_log(lambda r: True)
    assert row["reason"]["code"] == 302, row

    other = sipp("desk", transport="t1", port=5099, flow=UP + DOWN)
    wait_until(lambda: listens(5099), 5, "the desk")

    def followed(call):
        asked(call, "call.allow")
        c = alice.next_call(call, "established")
        assert c["peer"]["uri"].startswith("sip:desk@127.0.0.4"), c
        alice.rpc("call.hangup", call=call)
        other.join()
    play(moved, followed, hangup=False)

    # no target that could be called: it is just refused
    play("""
< INVITE
> 301 | Contact: <mailto:bob@example.org>
< ACK
""", lambda call: alice.wait_call(call, "ended"), hangup=False)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_digits(alice, play, transport):
    """DTMF by SIP INFO, in order, where the account says so."""
    acc = alice.rpc("account.list")[0]["id"]
    alice.rpc("account.edit", account=acc, dtmf="info")

    def digits(call):
        alice.next_call(call, "established")
        alice.rpc("call.dtmf", call=call, digits="1#d")
        alice.next_call(call, "ended")
    play(UP + """
< INFO /Signal=1/
> 200
< INFO /Signal=#/
> 200
< INFO /Signal=D/
> 200
> BYE
< 200
""", digits, hangup=False)
    alice.rpc("account.edit", account=acc, dtmf="")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_glare(alice, play, transport):
    """491 (RFC 3261 14.1): it is tried again, with a fresh offer."""
    def hold(call):
        alice.next_call(call, "established")
        alice.rpc("call.hold", call=call)
        alice.next_call(call, "held")
    play(UP + """
< INVITE /a=sendonly/
> 491
< ACK
< INVITE /a=sendonly/
> 200 sdp=recvonly
< ACK
> BYE
< 200
""", hold, hangup=False)
    # theirs while ours is open; ours goes on
    play(UP + """
< INVITE /a=sendonly/
> UPDATE sdp
< 491
> 200 INVITE sdp=recvonly
< ACK
> BYE
< 200
""", hold, hangup=False)


@pytest.mark.needs("tmux")
def test_asked_on_the_screen(alice, sipp, tmux):
    """What the network wants is asked with the whole target, however long;
    n says no, y goes there, and every console knows that it was answered."""
    def console():
        t = tmux([program("offhook"), "--profile", alice.profile], 80, 24,
                 env=alice.env())
        t.wait_text("offhook")
        return t

    def inside(t):
        """The text in the box, without its frame."""
        rows = [re.split("[\u2502|]", line) for line in t.lines()]
        return "".join(max(row, key=len).strip() for row in rows)

    target = f"sip:{'a-desk-far-away-' * 7}1@127.0.0.4:5099"
    t = console()
    s = sipp("moved", flow=f"< INVITE\n> 302 | Contact: <{target}>\n< ACK")
    t.type(":call sip:sipp@127.0.0.4:5060")
    t.keys("Enter")
    t.wait_text("sends your call on to")
    assert target in inside(t), t.screen()
    t.keys("n")
    t.wait_gone("sends your call on to")
    s.join()
    row = alice.wait_log(lambda r: True)
    assert row["reason"]["code"] == 302, row

    desk = sipp("desk", port=5099, flow="< INVITE\n> 100\n~ 500\n> 200 sdp\n"
                "< ACK" + DOWN)
    s = sipp("boss", port=5062, flow=UP + f"""
> REFER | Refer-To: <{target}>
< 202
< NOTIFY /SIP.2.0 100/
> 200
< INVITE /a=sendonly/
> 200 sdp=recvonly
< ACK
< NOTIFY /SIP.2.0 200/
> 200
> BYE
< 200
""")
    alice.dial("sip:boss@127.0.0.4:5062")
    t.wait_text("wants you to call")
    # who attaches now is asked as well
    late = console()
    late.wait_text("wants you to call")
    assert target in inside(late) and "boss@127.0.0.4" in late.screen()
    # whoever types did not read it: yes counts after a second
    wait_until(lambda: late.keys("y") or "wants you" not in late.screen(),
               15, "the answer", 0.3)
    t.wait_gone("wants you to call")
    s.join()
    c = alice.wait_call(None, "established")
    assert c["peer"]["uri"] == target, c
    alice.rpc("call.hangup", call=c["id"])
    desk.join()
