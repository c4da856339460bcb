# ruff: noqa: E501 - one message, one line of it
"""SIP messages that are broken; the names are those of RFC 4475 and RFC 5118."""

from typing import Final

from tests.calls_e2e.torture import (
    OK,
    OWN_VIA,
    REFUSED,
    SESSION,
    TAKEN,
    UNSUPPORTED,
    Strange,
    a_reply,
    a_request,
)

BROKEN: Final = (
    Strange(
        "badinv01",
        a_request(
            "INVITE",
            via="SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id};;,;,,",
            contact='"Joe" <sip:joe@{host}>;;;;',
        ),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange("clerr", a_request("INVITE", length="9999"), REFUSED, silence=True),
    Strange("ncl", a_request("INVITE", length="-999"), REFUSED, silence=True),
    Strange(
        "mcl01",
        a_request(more="Content-Length: 5\r\n", length="13"),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "scalar02",
        a_request(
            "REGISTER",
            uri="sip:voiceplat.local",
            to="<sip:x@voiceplat.local>",
            cseq="36893488147419103232 REGISTER",
            forwards="300",
            contact="<sip:x@{host}>;expires=280297596632815",
            more="Expires: 10000000000000000000000\r\n",
        ),
        REFUSED,
        silence=True,
    ),
    Strange(
        "scalarlg",
        a_reply(
            '503 Service Unavailable\r\nWarning: 1812 overture "In Progress"\r\nRetry-After: 949302838503028349304023988',
            OWN_VIA,
        ),
        frozenset(),
        silence=True,
    ),
    Strange(
        "bigcode",
        a_reply("4294967301 better not break the receiver", OWN_VIA),
        frozenset(),
        silence=True,
    ),
    Strange(
        "bcast",
        a_reply("200 OK", "SIP/2.0/UDP 192.0.2.255;branch=z9hG4bK{id}"),
        frozenset(),
        silence=True,
    ),
    Strange(
        "quotbal",
        a_request("INVITE", to='"Mr. J. User <sip:{number}@{us}>'),
        REFUSED,
        silence=True,
    ),
    Strange(
        "ltgtruri",
        a_request("INVITE", uri="<sip:{number}@{us}>"),
        REFUSED,
        silence=True,
    ),
    Strange(
        "lwsruri",
        a_request("INVITE", uri="sip:{number}@{us}; lr"),
        REFUSED,
        silence=True,
    ),
    Strange(
        "lwsstart",
        a_request("INVITE", line="INVITE  sip:{number}@{us}  SIP/2.0"),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange(
        "trws",
        a_request(line="OPTIONS sip:{number}@{us} SIP/2.0  "),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "escruri",
        a_request("INVITE", uri="sip:{number}@{us}?Route=%3Csip:example.com%3E"),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange(
        "regbadct",
        a_request(
            "REGISTER",
            uri="sip:voiceplat.local",
            to="<sip:x@voiceplat.local>",
            contact="sip:x@{host}?Route=%3Csip:sip.example.com%3E",
        ),
        REFUSED,
        silence=True,
    ),
    Strange(
        "badaspec",
        a_request(to='"Watson, Thomas" < sip:t.watson@example.org >'),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "baddn",
        a_request(from_="Bell, Alexander <sip:a.g.bell@example.com>;tag=43"),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "badvers",
        a_request(line="OPTIONS sip:{number}@{us} SIP/7.0"),
        REFUSED | {505},
        silence=True,
    ),
    Strange("mismatch01", a_request(cseq="8 INVITE"), REFUSED, silence=True),
    Strange(
        "mismatch02", a_request("NEWMETHOD", cseq="8 INVITE"), UNSUPPORTED, silence=True
    ),
    Strange(
        "badbranch",
        a_request(via="SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK"),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "insuf",
        "INVITE sip:{number}@{us} SIP/2.0\r\nCSeq: 1 INVITE\r\nVia: "
        "SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{id}\r\nContent-Length: 0\r\n\r\n",
        REFUSED,
        silence=True,
    ),
    Strange(
        "multi01",
        a_request(
            "INVITE",
            more="Call-ID: second\r\nCSeq: 5 BYE\r\nTo: <sip:other@{us}>\r\nFrom: <sip:other@{us}>;tag=9\r\nMax-Forwards: 5\r\n",
        ),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange(
        "ipv6-bad",
        a_request(uri="sip:{number}@2001:db8::10"),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "port-ambiguous",
        a_request(uri="sip:{number}@[2001:db8::10:5070]"),
        REFUSED | OK,
        silence=True,
    ),
    Strange(
        "bare carriage return",
        a_request("INVITE", more="X-PH-A: a\rReplaces: 1;to-tag=2;from-tag=3\r\n"),
        frozenset({400}),
    ),
    Strange("NUL", a_request("INVITE", more="X-PH-A: a\0b\r\n"), frozenset({400})),
    Strange(
        "no end",
        "INVITE sip:{number}@{us} SIP/2.0\r\nVia: SIP/2.0/UDP {host}",
        REFUSED,
        silence=True,
    ),
    Strange(
        "many headers",
        a_request("INVITE", more="X-PH-A: a\r\n" * 3000),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange(
        "many routes",
        a_request("INVITE", more="Route: <sip:{us};lr>\r\n" * 300),
        REFUSED | TAKEN,
        silence=True,
    ),
    Strange(
        "a session without lines",
        a_request("INVITE", body="v=0\r\n"),
        REFUSED | TAKEN | {503},
        silence=True,
    ),
    Strange(
        "a session of a thousand streams",
        a_request("INVITE", body=SESSION + "m=audio 40000 RTP/AVP 0\r\n" * 1000),
        REFUSED | TAKEN | {500, 503},
        silence=True,
    ),
    Strange(
        "a session of numbers too large",
        a_request("INVITE", body=SESSION.replace("40000", "99999999999")),
        REFUSED | TAKEN | {503},
        silence=True,
    ),
    Strange("not SIP", "GET / HTTP/1.1\r\nHost: {us}\r\n\r\n", REFUSED, silence=True),
    Strange("nothing", "", frozenset(), silence=True),
    Strange("noise", "\0\x01\x02\x7f" * 300, frozenset(), silence=True),
)
