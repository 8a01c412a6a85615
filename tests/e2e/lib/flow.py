"""Call flows in a few lines, made into scenarios that SIPp plays.

A line is one step:

    > INVITE sdp | Supported: timer     send a request, header lines after |
    > 180 | RSeq: 7                     answer the last request
    > 200 INVITE sdp                    answer the INVITE, whatever came since
    < 200                               wait for an answer or a request
    < 180 ? RSeq                        ... that may be missing; its RSeq is
                                        kept for [$rseq]
    < BYE /Reason: SIP/                 ... that holds this text
    < 200 !                             ... whose Contact is the next target
    ~ 500                               pause, milliseconds

sdp may be sdp=sendonly and the like. A flow that begins with > calls, one
that begins with < is called. Whoever calls gets its ACK by writing it;
ACK! is the one of an answer that is no 2xx, CANCEL belongs to the INVITE.
"""

import re

SDP = """
v=0
o=sipp 1 {version} IN IP4 [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a={direction}
"""

VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport"
CONTACT = "Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>"
PHRASE = {"1": "Progress", "2": "OK", "3": "Moved", "4": "Refused",
          "5": "Failed", "6": "Declined"}


class Flow:
    """Reads the lines and writes the scenario."""

    def __init__(self, text, routed=False, domain=None):
        self.routed = routed     # through a proxy that stays on the way
        self.host = domain or "[remote_ip]:[remote_port]"
        lines = [s.strip() for s in text.strip().splitlines()]
        self.lines = [s for s in lines if s and not s.startswith("#")]
        self.called = self.lines[0].startswith("<")
        self.cseq = 0 if not self.called else 100
        self.invite = 0
        self.version = 0
        self.dialog = False
        self.last = ""
        self.used = set()

    def body(self, what, headers):
        """The end of a message: type, length, SDP or a sipfrag."""
        head = headers[:]
        text = ""
        sdp = re.search(r"\bsdp(?:=(\w+))?", what)
        frag = re.search(r"\bfrag=(\d+)", what)
        if sdp:
            self.version += 1
            head.append("Content-Type: application/sdp")
            text = SDP.format(version=self.version,
                              direction=sdp[1] or "sendrecv")
        elif frag:
            head.append("Content-Type: message/sipfrag;version=2.0")
            text = f"\nSIP/2.0 {frag[1]} X\n"
        elif "dtmf" in what:
            head.append("Content-Type: application/dtmf-relay")
            text = "\nSignal=5\nDuration=160\n"
        head.append("Content-Length: [len]" if text else
                    "Content-Length: 0")
        return "\n".join(head) + "\n" + (text or "\n")

    def request(self, method, what, headers):
        """A request of SIPp's, outside or inside of the dialog."""
        to_us = f"<sip:[service]@{self.host}>"
        first = method == "INVITE" and not self.dialog
        bang, method = method.endswith("!"), method.rstrip("!")
        same = bang or method == "CANCEL"
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        if method == "INVITE":
            self.invite = self.cseq
        if self.called:
            uri, me, you = "[$uri]", "[$me];tag=[call_number]", "[$peer]"
            self.used |= {"uri", "me", "peer"}
        else:
            me = '"SIPp" <sip:sipp@[local_ip]:[local_port]>' \
                ";tag=[call_number]"
            you = to_us + ("" if first or method == "CANCEL" else
                           "[peer_tag_param]")
            uri = f"sip:[service]@{self.host}" \
                if first or same else "[next_url]"
        for i, line in enumerate(headers):
            if line.startswith("From:"):
                me = line[6:] + ";tag=[call_number]"
                headers.pop(i)
                break
        number = self.invite if method in ("ACK", "CANCEL") else self.cseq
        if "[$rseq]" in "".join(headers):
            self.used.add("rseq")
        return (f"{method} {uri} SIP/2.0\n"
                f"{'[last_Via:]' if same else VIA}\n"
                f"Max-Forwards: 70\nFrom: {me}\nTo: {you}\n"
                f"Call-ID: [call_id]\nCSeq: {number} {method}\n"
                f"{CONTACT}\n" + ("[routes]\n" if self.routed and
                                  self.dialog else "") +
                self.body(what, headers))

    def answer(self, code, what, headers):
        """To the last request, or to the INVITE where that is said."""
        tag = re.search(r"\btag=(\w+)", what)
        tag = f";tag={tag[1] if tag else '[call_number]'}"
        if "INVITE" in what:
            tag = tag if self.called else ""
            # [last_*] would be of another request by now
            known = (f"Via: [$via]\nFrom: [$peer]\nTo: [$me]{tag}\n"
                     f"Call-ID: [call_id]\nCSeq: [$number]")
        else:
            fresh = self.called and self.last == "INVITE" and \
                not self.dialog
            known = (f"[last_Via:]\n[last_From:]\n[last_To:]"
                     f"{tag if fresh else ''}\n[last_Call-ID:]\n"
                     "[last_CSeq:]")
        if not any(h.startswith("Contact:") for h in headers):
            headers = [CONTACT] + headers
        return f"SIP/2.0 {code} {PHRASE[code[0]]}\n{known}\n" + \
            self.body(what, headers)

    def send(self, word, what, headers):
        again = not word.startswith(("ACK", "CANCEL"))
        if word[0].isdigit():
            text = self.answer(word, what, headers)
            invite = self.last == "INVITE" or "INVITE" in what
            again = word[0] == "2" and invite
            self.dialog |= again
        else:
            text = self.request(word, what, headers)
        retrans = ' retrans="500"' if again else ""
        return f"<send{retrans}><![CDATA[\n\n{text}\n]]></send>"

    def recv(self, word, what):
        number = word.isdigit()
        attr = f'{"response" if number else "request"}="{word}"'
        if "?" in what:
            attr += ' optional="true"'
        if number and word[0] in "12" and "?" not in what:
            attr += ' rrs="true"'
        acts = []
        if "RSeq" in what:
            acts.append('<ereg regexp="[0-9]+" search_in="hdr" '
                        'header="RSeq:" check_it="true" assign_to="rseq"/>')
            self.used.add("rseq")
        for i, text in enumerate(re.findall(r"/([^/]+)/", what)):
            name = f"x{len(self.used)}{i}"
            neg = text.startswith("^!")
            pattern = text[2:] if neg else text
            check = "check_it_inverse" if neg else "check_it"
            acts.append(f'<ereg regexp="{pattern}" search_in="msg" '
                        f'{check}="true" assign_to="{name}"/>')
            self.used.add(name)
        if not number:
            self.last = word
        if word == "INVITE":
            keep = [("SIP.*", "Via", "via"), ("[0-9].*", "CSeq", "number")]
            if not self.dialog or not self.called:
                keep += [("sip:[^&gt;]*", "Contact", "uri"),
                         ("&lt;.*", "From", "peer"), ("&lt;.*", "To", "me")]
            acts += [f'<ereg regexp="{rx}" search_in="hdr" header="{h}:" '
                     f'check_it="true" assign_to="{v}"/>'
                     for rx, h, v in keep]
            self.used |= {v for _, _, v in keep}
        if number and word[0] == "2" and not self.called:
            self.dialog = True
        action = f"<action>{''.join(acts)}</action>" if acts else ""
        return f"<recv {attr}>{action}</recv>"

    def xml(self):
        steps = []
        for line in self.lines:
            line, *headers = [s.strip() for s in line.split(" | ")]
            sign, word, *rest = line.split(None, 2)
            what = rest[0] if rest else ""
            if sign == "~":
                steps.append(f'<pause milliseconds="{word}"/>')
            elif sign == ">":
                steps.append(self.send(word, what, headers))
            else:
                steps.append(self.recv(word, what))
        seen = ",".join(sorted(self.used))
        if seen:
            steps.append(f'<Reference variables="{seen}"/>')
        return '<?xml version="1.0" encoding="UTF-8"?>\n<scenario ' \
            'name="flow">\n' + "\n".join(steps) + "\n</scenario>\n"
