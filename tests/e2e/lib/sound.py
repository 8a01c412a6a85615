"""Two phones with sound: the one under test, and one made of files."""


def other(phone, voices, box, name="bob", addr="127.0.0.11", voice="two",
          **more):
    """The far end: files for microphone and loudspeaker."""
    p = phone(name, addr, source=f"file,{voices(voice)},repeat",
              sink=f"file,{box}/{name}.wav", **more)
    p.heard = f"{box}/{name}.wav"
    p.direct(name, auto_answer=True)
    return p


def connect(a, b, user="bob"):
    """A call from a to b; its number on a's side."""
    call = a.dial(b.uri(user))
    a.wait_call(call, "established")
    return call
