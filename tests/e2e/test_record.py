"""Recorded calls: both sides in one file, whoever reads it."""

import ctypes
import os
import re
import stat
import subprocess
import wave

import pytest

from lib import wav
from lib.phone import RpcError
from lib.proc import wait_until


@pytest.fixture
def call(phone, voices, box):
    """A call of alice with bob, who says `two`; its id."""
    def make(fmt="wav", **config):
        a = phone("alice", "127.0.0.10",
                  source=f"file,{voices('one')},repeat",
                  sink=f"file,{box}/alice.wav",
                  config={"record.folder": f"{box}/rec", "record.format":
                          fmt, **config})
        b = phone("bob", "127.0.0.11",
                  source=f"file,{voices('two')},repeat",
                  sink=f"file,{box}/bob.wav")
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        ident = a.dial(b.uri("bob"))
        a.wait_call(ident, "established")
        return a, b, ident
    return make


class Info(ctypes.Structure):
    """SF_INFO of libsndfile: sox of Debian cannot read Opus."""
    _fields_ = [("frames", ctypes.c_int64), ("rate", ctypes.c_int),
                ("channels", ctypes.c_int), ("format", ctypes.c_int),
                ("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


def readable(path):
    """A WAV file of it, where it is not one that sox can read."""
    if not path.endswith(".opus"):
        return path
    lib = ctypes.CDLL("libsndfile.so.1")
    lib.sf_open.restype = ctypes.c_void_p
    lib.sf_readf_short.restype = ctypes.c_int64
    info = Info()
    sf = lib.sf_open(path.encode(), 0x10, ctypes.byref(info))
    assert sf, f"{path} cannot be read"
    buf = (ctypes.c_int16 * (60 * 48000 * 2))()
    n = lib.sf_readf_short(ctypes.c_void_p(sf), buf,
                           ctypes.c_int64(60 * 48000))
    lib.sf_close(ctypes.c_void_p(sf))
    with wave.open(f"{path}.wav", "wb") as w:
        w.setparams((info.channels, 2, info.rate, 0, "NONE", ""))
        w.writeframes(bytes(buf)[:n * info.channels * 2])
    return f"{path}.wav"


def channel(path, n):
    """One channel of a recording, read by sox, as a WAV file."""
    out = f"{path}.{n}.wav"
    subprocess.run(["sox", readable(path), "-b", "16", out, "remix",
                    str(n)], check=True, stderr=subprocess.DEVNULL)
    return out


def closed(phone, path):
    """Is the phone done with this file?"""
    fds = f"/proc/{phone.pid}/fd"
    return not any(os.path.realpath(f"{fds}/{fd}") == path
                   for fd in os.listdir(fds))


@pytest.mark.parametrize("fmt", ["wav", "flac", "opus"])
def test_both_sides(call, voices, box, fmt):
    a, b, ident = call(fmt)
    c = a.rpc("call.record", call=ident, on=True)
    assert c["recording"], c
    path = c["recording_file"]
    assert re.fullmatch(rf"{box}/rec/\d{{4}}-\d\d-\d\d_\d\d-\d\d-\d\d_"
                        rf"bob@127\.0\.0\.11\.{fmt}", path), path
    wav.wait_heard(voices("two"), f"{box}/alice.wav")
    a.wait_call(ident, want=lambda c: c["figures"]["rx_packets"] > 330)
    run = a.cli("record", "off")
    assert run.returncode == 0 and path in run.stdout, run
    assert not a.call(ident)["recording"]

    wait_until(lambda: closed(a, path), 10, "the recording")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(f"{box}/rec").st_mode) == 0o700
    wav.heard(voices("one"), channel(path, 1))
    wav.heard(voices("two"), channel(path, 2))
    wav.not_heard(voices("two"), channel(path, 1))
    wav.not_heard(voices("one"), channel(path, 2))
    assert a.call(ident)["state"] == "established"


def test_end_and_again(call, voices):
    """A call that ends ends its recording; another one has another name."""
    a, b, ident = call()
    first = a.rpc("call.record", call=ident)["recording_file"]
    a.rpc("call.record", call=ident)
    second = a.rpc("call.record", call=ident)["recording_file"]
    assert first != second
    a.wait_call(ident, want=lambda c: c["figures"]["rx_packets"] > 100)
    # muted: our side is silence
    a.rpc("call.mute", call=ident)
    a.rpc("call.hangup", call=ident)
    c = a.wait_call(ident, "ended")
    assert not c["recording"] and c["recording_file"] == second, c

    wait_until(lambda: closed(a, second), 10, "the recording")
    with wave.open(second) as w:
        assert w.getnchannels() == 2 and w.getframerate() == 48000
        assert w.getnframes() > 1.5 * 48000


def test_refused(call, box):
    """What cannot be written is said, and the call goes on."""
    a, _, ident = call()
    with open(f"{box}/file", "w", encoding="ascii"):
        pass
    a.rpc("config.set", key="record.folder", value=f"{box}/file/sub")
    with pytest.raises(RpcError, match="folder of recordings"):
        a.rpc("call.record", call=ident)
    with pytest.raises(RpcError, match="wav, flac or opus"):
        a.rpc("config.set", key="record.format", value="mp3")
    assert not a.call(ident)["recording"]

    assert a.call(ident)["state"] == "established"
    a.healthy()
