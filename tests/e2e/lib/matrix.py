"""The table of encryption: which call comes about with whom.

A cell is a peer, the one way to agree on keys that it has, our minimum and
the transport. In each we call the peer and it calls us; a call talks, both
sentences heard, with the label it deserves, or is refused with a reason.

The test files run a covering set of it, so that each row and each column is
there; with OFFHOOK_MATRIX set (make matrix) they run it whole.
"""

import contextlib
import itertools
import os

from .kamailio import DOMAIN
from .security import both_heard, modules, refused, settled, turned_away

WHOLE = bool(os.environ.get("OFFHOOK_MATRIX"))
KEYS = ("none", "sdes", "dtls", "zrtp")
MINIMA = ("off", "prefer", "require")
TRANSPORTS = ("udp", "tcp", "tls")

PLAIN = ("none", "plain")
DTLS = ("dtls-srtp", "hop")
ZRTP = ("zrtp", "e2e")
NO = None                       # there is no call, and that is said

ROWS = {}                       # what came out, printed at the end


def sdes(transport):
    """Keys that everybody on the way can read are worth nothing."""
    return ("sdes", "hop" if transport == "tls" else "plain")


def offhook(keys, minimum, transport):
    """The peer prefers encryption and has nothing but this way."""
    best = {"none": PLAIN, "dtls": DTLS, "zrtp": ZRTP,
            "sdes": sdes("tls") if transport == "tls" else PLAIN}[keys]
    if minimum == "off":
        # ZRTP cannot be demanded in SDP: who offers it may need it
        return PLAIN, ZRTP if keys == "zrtp" else PLAIN
    if minimum == "require" and best == PLAIN:
        return NO, NO
    return best, best


def linphonec(keys, minimum, transport):
    """The peer insists on its way; without one it still answers ZRTP, and
    DTLS where the profile asks for it."""
    if keys == "none":
        return {"off": (PLAIN, PLAIN), "prefer": (ZRTP, PLAIN),
                "require": (DTLS, NO)}[minimum]
    way = {"sdes": sdes(transport), "dtls": DTLS, "zrtp": ZRTP}[keys]
    if minimum == "off":
        # it answers a plain offer and speaks nothing but ZRTP there
        return way if keys == "zrtp" else NO, way
    if minimum == "require" and way[1] == "plain":
        return NO, NO
    if minimum == "require" and keys == "zrtp":
        # nobody knows that it has ZRTP before it has called once
        return NO, ZRTP
    return way, way


def baresip(keys, minimum, transport):
    """The peer prefers SDES and insists on DTLS."""
    way = {"none": PLAIN, "dtls": DTLS,
           "sdes": sdes("tls") if transport == "tls" else PLAIN}[keys]
    if minimum == "off":
        return (NO, DTLS) if keys == "dtls" else (PLAIN, PLAIN)
    if minimum == "require" and way == PLAIN:
        return NO, NO
    return way, way


def table(cover, transports=TRANSPORTS):
    """Those cells, or all there can be."""
    if not WHOLE:
        return cover
    return list(itertools.product(KEYS, MINIMA, transports))


def name(cell):
    return "-".join(cell)


@contextlib.contextmanager
def row(peer, cell, ours, theirs):
    """A cell under test."""
    keys, minimum, transport = cell
    key = (peer, keys, minimum, transport)
    ROWS[key] = ["FAILED"]
    yield
    ROWS[key] = ["refused" if want is NO else f"{want[0]} [{want[1]}]"
                 for want in (ours, theirs)]


def rows():
    """The table as lines of text."""
    for key, came in sorted(ROWS.items()):
        yield f"| {' | '.join([*key, *came])} |"


def phone_of(phone, voices, box, proxy, minimum, transport, user="alice",
             addr="127.0.0.10", voice="one", ways=None, **more):
    """A phone that says its sentence and writes down what it hears."""
    config = {"codecs": "PCMU", "security.minimum": minimum}
    if ways is not None:
        config["modules.path"] = modules(f"{box}/m-{user}", *ways)
    p = phone(user, addr, source=f"file,{voices(voice, 8000)}",
              sink=f"file,{box}/{user}.wav", config=config)
    p.heard = f"{box}/{user}.wav"
    acc = p.register(proxy.account(user, transport, **more))
    assert acc["state"] == "registered", acc
    return p


def forget(p):
    """What was heard in the call before is not heard in the next."""
    if os.path.exists(p.heard):
        os.unlink(p.heard)


def we_call(p, voices, target, want, heard):
    """Call the peer. The call, None: it was refused."""
    forget(p)
    call = p.dial(f"sip:{target}@{DOMAIN}")
    if want is NO:
        c = refused(p, call, "ncrypt")
        assert not c["answered"] and not os.path.exists(p.heard), c
        return None
    c = settled(p, call, *want)
    both_heard(p, voices, heard)
    return c


def they_call(p, voices, want, heard):
    """The peer is calling. The call, None: it was refused."""
    if want is NO:
        turned_away(p, "does not encrypt")
        assert not os.path.exists(p.heard)
        return None
    call = p.incoming()
    p.rpc("call.answer", call=call)
    c = settled(p, call, *want)
    both_heard(p, voices, heard)
    return c
