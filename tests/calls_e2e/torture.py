# ruff: noqa: E501 - one message, one line of it
"""SIP messages that are strange, and legal for the most part.

After the cases of RFC 4475 (its names are ours) and RFC 5118, in words of our own: each
has what its section is about, and asks for something that we have.
"""

from dataclasses import dataclass
from typing import Final

SESSION: Final = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\n"
)
TAKEN: Final = frozenset({603})
"""What the called application says: the message went all the way to a worker."""
REFUSED: Final = frozenset(range(400, 500))
UNSUPPORTED: Final = REFUSED | {501, 505}


@dataclass(frozen=True, slots=True)
class Strange:
    """A message and what may answer it; `silence`: nothing may, too."""

    name: str
    text: str
    answers: frozenset[int]
    silence: bool = False


def a_request(  # noqa: PLR0913 - the parts of a request, of which each case bends one
    method: str = "OPTIONS",
    *,
    uri: str = "sip:{number}@{us}",
    line: str = "",
    via: str = "SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id}",
    from_: str = "<sip:+15550199@{host}>;tag={id}",
    to: str = "<sip:{number}@{us}>",
    cseq: str = "",
    call_id: str = "{id}@{host}",
    contact: str = "<sip:t@{host}:{port}>",
    forwards: str = "70",
    more: str = "",
    body: str = "",
    kind: str = "application/sdp",
    length: str = "",
) -> str:
    if method == "INVITE" and not body:
        body = SESSION
    fields = {
        "Via": via,
        "From": from_,
        "To": to,
        "Call-ID": call_id,
        "CSeq": cseq or f"1 {method}",
        "Contact": contact,
        "Max-Forwards": forwards,
        "Content-Type": kind if body else "",
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    first = line or f"{method} {uri} SIP/2.0"
    head = "\r\n".join([first, *lines])
    return f"{head}\r\n{more}Content-Length: {length or '{length}'}\r\n\r\n{body}"


def a_reply(status: str, via: str) -> str:
    return (
        f"SIP/2.0 {status}\r\nVia: {via}\r\nFrom: <sip:a@{{us}}>;tag=1\r\n"
        "To: <sip:b@{us}>;tag=2\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n"
        "Content-Length: 0\r\n\r\n"
    )


OK: Final = frozenset({200})
OWN_VIA: Final = "SIP/2.0/UDP {us};branch=z9hG4bK{id}"
WHITE_SPACE: Final = (
    "INVITE sip:{number}@{us};unknownparam SIP/2.0\r\n"
    "TO :\r\n <sip:{number}@{us}>\r\n"
    'f: "J Rosenberg \\\\\\"" <sip:+15550199@{host}>\r\n  ;\r\n  tag = {id}\r\n'
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: {id}\r\n"
    "cseq: 0009\r\n  INVITE\r\n"
    "v: SIP / 2.0\r\n /UDP\r\n    {host}:{port};rport;branch=z9hG4bK{id}\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    'm:"Quoted string \\"\\"" <sip:t@{host}:{port}>;newparam = newvalue;\r\n'
    "  secondparam ; q = 0.33\r\n"
    "l: {length}\r\n\r\n" + SESSION
)

STRANGE: Final = (
    Strange("wsinv", WHITE_SPACE, TAKEN),
    Strange(
        "intmeth",
        a_request(
            "!interesting-Method0123456789_*+`.%indeed'~",
            to='"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)@{us}>',
        ),
        UNSUPPORTED,
        silence=True,
    ),
    Strange("esc01", a_request(uri="sip:sips%3Auser%40example.com@{us};a=%20"), OK),
    Strange("escnull", a_request(uri="sip:null-%00-null@{us}"), OK),
    Strange("esc02", a_request("RE%47IST%45R"), UNSUPPORTED),
    Strange(
        "lwsdisp", a_request("INVITE", from_="caller<sip:1@{host}>;tag={id}"), TAKEN
    ),
    Strange(
        "longreq",
        a_request(
            "INVITE",
            from_=f'"{"I have a user name of some length " * 9}" <sip:{"a" * 300}@{{host}}>;tag={{id}}',
            call_id="longreq." + "really" * 40 + "{id}",
            more="Unknown-" + "Very" * 20 + f"-Name: {'value ' * 200}\r\n",
        ),
        TAKEN,
    ),
    Strange("dblreq", a_request() + a_request("INVITE"), OK | REFUSED),
    Strange("semiuri", a_request(uri="sip:user;par=u%40example.net@{us}"), OK),
    Strange(
        "transports",
        a_request(
            via="SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id}\r\n"
            "Via: SIP/2.0/SCTP t1.example;branch=z9hG4bKa\r\n"
            "Via: SIP/2.0/UNKNOWN t2.example;branch=z9hG4bKb\r\n"
            "Via: SIP/2.0/TLS t3.example;branch=z9hG4bKc"
        ),
        OK,
    ),
    Strange(
        "mpart01",
        a_request(
            "INVITE",
            kind="multipart/mixed;boundary=7a9cbec02ceef655",
            body="--7a9cbec02ceef655\r\nContent-Type: text/plain\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\nHello\r\n"
            "--7a9cbec02ceef655\r\nContent-Type: application/sdp\r\n\r\n"
            + SESSION
            + "\r\n--7a9cbec02ceef655--\r\n",
        ),
        TAKEN,
    ),
    Strange("zeromf", a_request("INVITE", forwards="0"), frozenset({483})),
    Strange(
        "cparam01",
        a_request("INVITE", contact="<sip:t@{host}:{port}>;unknownparam"),
        TAKEN,
    ),
    Strange(
        "cparam02",
        a_request("INVITE", contact="<sip:t@{host}:{port};unknownparam>"),
        TAKEN,
    ),
    Strange(
        "regescrt",
        a_request(
            "REGISTER",
            uri="sip:voiceplat.local",
            to="<sip:x@voiceplat.local>",
            contact="<sip:x@{host}?Route=%3Csip:sip.example.com%3E>",
        ),
        frozenset({401}),
    ),
    Strange(
        "regaut01",
        a_request(
            "REGISTER",
            uri="sip:voiceplat.local",
            to="<sip:x@voiceplat.local>",
            more="Authorization: NoOneKnowsThisScheme opaque-data=here\r\n",
        ),
        frozenset({401}),
    ),
    Strange(
        "bext01",
        a_request(
            "INVITE", more="Require: nothingSupportsThis, nothingSupportsThisEither\r\n"
        ),
        frozenset({420}),
    ),
    Strange(
        "invut",
        a_request("INVITE", kind="application/unknownformat", body="<audio/>"),
        frozenset({415}),
    ),
    Strange(
        "sdp01",
        a_request("INVITE", more="Accept: text/nobodyKnowsThis\r\n"),
        TAKEN | REFUSED,
    ),
    Strange(
        "inv2543",
        a_request(
            "INVITE",
            via="SIP/2.0/UDP {host}:{port}",
            from_="<sip:{id}@{host}>",
            contact="",
        ),
        frozenset({400}),
    ),
    Strange(
        "unkscm",
        a_request(uri="nobodyKnowsThisScheme:totallyopaquecontent"),
        UNSUPPORTED,
        silence=True,
    ),
    Strange(
        "novelsc",
        a_request(uri="soap.beep://192.0.2.103:3002"),
        UNSUPPORTED,
        silence=True,
    ),
    Strange(
        "unksm2",
        a_request(to="isbn:2983792873", from_="<http://www.example.com>;tag=1"),
        OK | REFUSED,
        silence=True,
    ),
    Strange(
        "baddate",
        a_request("INVITE", more="Date: Fri, 01 Jan 2010 16:00:00 EST\r\n"),
        TAKEN | REFUSED,
    ),
    Strange(
        "tel",
        a_request("INVITE", uri="tel:+15550100", to="<tel:+15550100>"),
        TAKEN | REFUSED | {416},
        silence=True,
    ),
    Strange(
        "unreason",
        a_reply("200 = 2**3 * 5**2 но сто девяносто девять", OWN_VIA),
        frozenset(),
        silence=True,
    ),
    Strange("noreason", a_reply("100", OWN_VIA), frozenset(), silence=True),
    Strange(
        "ipv6-good",
        a_request(uri="sip:{number}@[2001:db8::10]"),
        OK | REFUSED,
        silence=True,
    ),
    Strange(
        "port-unambiguous",
        a_request(uri="sip:{number}@[2001:db8::10]:5070"),
        OK | REFUSED,
        silence=True,
    ),
    Strange(
        "mult-ip-in-header",
        a_request(
            via="SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id}\r\nVia: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3"
        ),
        OK,
    ),
    Strange(
        "via-received-no-delim",
        a_request(
            via="SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id}\r\nVia: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3"
        ),
        OK | REFUSED,
        silence=True,
    ),
    Strange(
        "ipv6-in-sdp",
        a_request("INVITE", body=SESSION.replace("IP4 {host}", "IP6 2001:db8::20")),
        TAKEN | REFUSED | {503},
    ),
    Strange(
        "ipv4-mapped-ipv6",
        a_request(
            "INVITE",
            body=SESSION.replace("IP4 {host}", "IP6 ::ffff:192.0.2.10"),
            contact="<sip:t@[::ffff:192.0.2.10]>",
        ),
        TAKEN | REFUSED | {503},
    ),
)
