"""Devices and codecs that are chosen, and what is said of those that cannot
be."""

import pytest

from lib.phone import RpcError


@pytest.mark.parametrize("key,value,says", [
    ("codecs", "opus,G999", "there is no codec \"G999\": there are .*opus"),
    ("audio.source", "nosuch,x", "no such sound driver: there are .*alsa"),
    ("audio.sink", "tone,440", "cannot be a loudspeaker"),
    ("audio.ring", "nosuch,x", "no such sound driver"),
])
def test_refused(phone, key, value, says):
    """What can never work is not taken, even by a phone that just began."""
    p = phone()
    before = p.rpc("config.get", key=key)
    with pytest.raises(RpcError, match=says):
        p.rpc("config.set", key=key, value=value)
    assert p.rpc("config.get", key=key) == before


def test_codecs_of_an_account(phone):
    p = phone(config={"codecs": "G999"})
    with pytest.raises(RpcError, match="no codec \"nosuch\""):
        p.direct("alice", codecs="nosuch,PCMU")
    p.direct("alice", codecs="PCMU")
    # what stands in the file is found by doctor, and said when it matters
    wrong = [x for x in p.rpc("phone.doctor") if not x["ok"]]
    assert [x for x in wrong if x["name"] == "codecs" and
            "G999" in x["text"]], wrong
    p.direct("bob", port=5062)
    with pytest.raises(RpcError, match="setting codecs"):
        p.dial("sip:carol@127.0.0.99", account="bob@127.0.0.10:5062")


def test_chosen(phone, box):
    """Each purpose has its device, and a list that shows it."""
    p = phone()
    run = p.cli("devices", "microphone", "tone,440")
    assert run.returncode == 0, run
    run = p.cli("devices", "ring", "null,")
    assert run.returncode == 0, run
    run = p.cli("devices", "loudspeaker", f"file,{box}/none/heard.wav")
    assert run.returncode == 1 and "it is set, but" in run.stderr, run
    p.rpc("audio.choose", of="ring", device="")
    rows = {f"{d['driver']},{d['device']}": d
            for d in p.cli_json("devices") if d["for"]}
    assert rows["tone,440"]["for"] == ["microphone"], rows
    row = rows[f"file,{box}/none/heard.wav"]
    assert row["for"] == ["loudspeaker", "ring"] and row["problem"], row
    run = p.cli("devices")
    assert "* tone,440" in run.stdout, run.stdout
    run = p.cli("audio", "test", "ring")
    assert run.returncode == 1 and "no sound card" in run.stderr, run
    run = p.cli("audio", "test", "loudspeaker")
    assert run.returncode == 1 and "no loudspeaker" in run.stdout, run
    run = p.cli("audio", "test", "nose")
    assert run.returncode == 1 and "must be microphone" in run.stderr, run
