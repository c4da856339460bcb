"""Settings and trunks as Kamailio and rtpengine read them."""

import re
from pathlib import Path

import pytest

from voiceplat.bus.directory import TrunkEntry
from voiceplat.core.settings import (
    MediaSettings,
    RedisSettings,
    SecuritySettings,
    Settings,
)
from voiceplat.core.sip_settings import SipSettings
from voiceplat.edge.render import CannotConfigure, kamailio_files, rtpengine_command
from voiceplat.edge.requirements import NotInstalled
from voiceplat.edge.trunks import (
    ReachableTrunk,
    address_list,
    dispatcher_list,
    resolve,
)

FOLDER = Path("/run/edge")


def rendered(**parts: object) -> str:
    settings = Settings.model_validate({"data": FOLDER, **parts})
    return "\n".join(kamailio_files(settings, FOLDER).values())


def trunk(id_: int, *from_ips: str, host: str = "192.0.2.1") -> ReachableTrunk:
    entry = TrunkEntry(id=id_, name="t", host=host, port=5060, from_ips=from_ips)
    return ReachableTrunk(entry, ("192.0.2.1", "192.0.2.2"))


def test_no_placeholder_is_left() -> None:
    assert "@@" not in rendered()


def test_the_settings_are_in_the_configuration() -> None:
    text = rendered(
        sip=SipSettings(host="192.0.2.9", port=5080, flood_requests=77, guess_limit=6)
    )

    assert 'listen=udp:192.0.2.9:5080  name "outside"' in text
    assert '"reqs_density_per_unit", 77' in text
    assert "$sht(guesses=>$si::$au) >= 6" in text
    assert '"sip:voiceplat@192.0.2.9"' in text


@pytest.mark.parametrize(
    ("host", "sources", "ports"),
    [
        ("192.0.2.9", "10.1.0.0/16", "$sndto(port) >= 0 && $sndto(port) <= 65535"),
        ("10.1.0.1", "10.1.0.0/16", "$sndto(port) >= 7000 && $sndto(port) <= 7003"),
        ("192.0.2.9", "127.0.0.0/8", "$sndto(port) >= 7000 && $sndto(port) <= 7003"),
    ],
)
def test_phones_beside_the_workers_are_reached_and_workers_are_not(
    host: str, sources: str, ports: str
) -> None:
    sip = SipSettings(host=host, private_sources=(sources,))

    assert ports in rendered(sip=sip, media=MediaSettings(workers=4))


def test_an_advertised_address_is_told_instead_of_the_own() -> None:
    text = rendered(sip=SipSettings(host="10.0.0.1", advertised_host="198.51.100.1"))

    assert "listen=udp:10.0.0.1:5060 advertise 198.51.100.1:5060" in text
    assert 'alias="198.51.100.1:5060"' in text


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("redis://127.0.0.1", "name=vp;addr=127.0.0.1;port=6379;db=0"),
        (
            "redis://:p%40ss@r.example:7000/2",
            "name=vp;addr=r.example;port=7000;db=2;pass=p@ss",
        ),
        ("unix:///run/redis.sock", "name=vp;unix=/run/redis.sock;db=0"),
    ],
)
def test_redis_is_named_in_kamailios_words(url: str, server: str) -> None:
    assert f'"server", "{server}"' in rendered(redis=RedisSettings(url=url))


@pytest.mark.parametrize(
    "url",
    ["rediss://127.0.0.1", "redis://user:secret@127.0.0.1", "redis://:a%3Bb@127.0.0.1"],
)
def test_a_redis_that_kamailio_cannot_reach_is_an_error(url: str) -> None:
    with pytest.raises(CannotConfigure):
        rendered(redis=RedisSettings(url=url))


def test_a_folder_too_deep_for_unix_sockets_is_an_error() -> None:
    with pytest.raises(CannotConfigure, match="too long"):
        kamailio_files(Settings(), Path("/" + "x" * 100))


def test_a_private_network_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        rendered(sip=SipSettings(private_sources=("10.0.0.0/33",)))


def barred(*allowed: str) -> set[str]:
    """Networks that no SIP URI may lead to."""
    security = SecuritySettings.model_validate({"allowed_private_networks": allowed})
    sip = SipSettings(private_sources=("10.9.0.0/24",))
    text = rendered(security=security, sip=sip)
    (listed,) = re.findall(
        r'is_in_subnet\("\$sndto\(ip\)", "([^"]*,10\.9\.0\.0/24)"\)', text
    )
    return set(listed.split(","))


def test_private_networks_that_are_named_are_not_barred() -> None:
    opened = barred("10.128.0.0/9", "192.0.2.0/25", "172.0.0.0/8", "fd00::/8")

    assert barred() - opened == {"10.0.0.0/8", "192.0.2.0/24", "172.16.0.0/12"}
    assert opened - barred() == {"10.0.0.0/9", "192.0.2.128/25"}


def test_the_side_of_the_workers_is_barred_whatever_is_named() -> None:
    assert "10.9.0.0/24" in barred("10.0.0.0/8")


def test_rtpengine_has_two_sides() -> None:
    sip = SipSettings(
        host="10.0.0.1", advertised_host="198.51.100.1", private_host="10.9.0.1"
    )

    command = rtpengine_command(Settings(sip=sip))

    assert "--interface=private/10.9.0.1" in command
    assert "--interface=outside/10.0.0.1!198.51.100.1" in command
    assert "--listen-ng=10.9.0.1:2223" in command


def test_a_trunk_is_a_set_of_all_its_addresses_the_first_one_first() -> None:
    assert dispatcher_list([trunk(3, host="sip.example")]).splitlines()[1:] == [
        "3 sip:192.0.2.1:5060 0 2 name=sip.example:5060;abroad=+",
        "3 sip:192.0.2.2:5060 0 1 name=sip.example:5060;abroad=+",
    ]


def test_of_overlapping_networks_the_narrowest_is_asked_first() -> None:
    trunks = [trunk(1, "10.0.0.0/8"), trunk(2, "10.1.2.3/16", "10.1.1.1")]

    assert address_list(trunks).splitlines()[1:] == [
        "2 10.1.1.1 32 0 2",
        "2 10.1.0.0 16 0 2",
        "1 10.0.0.0 8 0 1",
    ]


def test_a_trunk_without_networks_calls_from_where_it_is_called() -> None:
    assert trunk(1).sources == ("192.0.2.1/32", "192.0.2.2/32")


async def test_a_host_may_be_an_address() -> None:
    entry = TrunkEntry(id=3, name="t", host="192.0.2.7", port=5060)

    assert [found.addresses for found in await resolve([entry])] == [("192.0.2.7",)]


def test_what_is_missing_is_named_with_its_package() -> None:
    missing = {"kamailio": "kamailio", "topos_redis.so": "kamailio-redis-modules"}

    error = NotInstalled(missing.keys(), missing.values())

    assert str(error) == (
        "missing: kamailio, topos_redis.so; "
        "run: apt-get install kamailio kamailio-redis-modules"
    )
