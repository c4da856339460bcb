"""What phones on TLS are shown, and what happens when it changes."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography import x509

from tests.edge.conftest import PHONE_HOST, call_out, register, until
from tests.edge.dialog import connect
from tests.edge.party import Party, tcp_party
from tests.servers.edge import EdgeServer
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import Settings
from voiceplat.core.sip_settings import SipSettings
from voiceplat.edge.certificates import (
    GOOD_FOR,
    RENEWED_BEFORE,
    BadCertificate,
    expires_in,
    prepare_certificate,
)

HOST = "198.51.100.1"


def settings(folder: Path, **sip: object) -> Settings:
    return Settings(data=folder, sip=SipSettings.model_validate(sip))


def names(file: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(name.value) for name in told.value]


def test_our_own_has_every_name_that_a_phone_may_be_told(tmp_path: Path) -> None:
    files = prepare_certificate(settings(tmp_path, advertised_host=HOST))

    assert {"voiceplat.local", "localhost", "127.0.0.1", HOST} <= set(
        names(files.chain)
    )
    assert files.key.stat().st_mode & 0o777 == 0o600


def test_our_own_is_kept_and_made_anew_in_time(tmp_path: Path) -> None:
    first = prepare_certificate(settings(tmp_path)).content()
    assert prepare_certificate(settings(tmp_path)).content() == first

    nearly = utc_now() + GOOD_FOR - RENEWED_BEFORE + timedelta(hours=1)
    with time_machine.travel(nearly, tick=False):
        second = prepare_certificate(settings(tmp_path))
        assert second.content() != first
        assert expires_in(second) > RENEWED_BEFORE


def test_our_own_is_made_anew_for_a_new_name(tmp_path: Path) -> None:
    first = prepare_certificate(settings(tmp_path)).content()

    assert (
        prepare_certificate(settings(tmp_path, domain="pbx.example")).content() != first
    )


def test_an_operators_is_never_written(tmp_path: Path) -> None:
    made = prepare_certificate(settings(tmp_path / "theirs"))
    theirs = {"tls_certificate": made.chain, "tls_key": made.key}

    assert prepare_certificate(settings(tmp_path / "ours", **theirs)) == made
    assert not (tmp_path / "ours").exists()


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one = prepare_certificate(settings(tmp_path / "one"))
    other = prepare_certificate(settings(tmp_path / "other"))

    with pytest.raises(BadCertificate, match="not the key"):
        prepare_certificate(
            settings(tmp_path, tls_certificate=one.chain, tls_key=other.key)
        )
    with pytest.raises(BadCertificate, match="both"):
        prepare_certificate(settings(tmp_path, tls_certificate=one.chain))


def shown(edge: EdgeServer) -> bytes:
    """The certificate that a new connection gets."""
    return ssl.get_server_certificate(tls_address(edge)).encode()


def tls_address(edge: EdgeServer) -> tuple[str, int]:
    return edge.settings.sip.host, edge.settings.sip.tls_port


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.edge
async def test_a_new_certificate_is_shown_to_new_connections_and_calls_go_on(
    edge: EdgeServer, worker: Party
) -> None:
    before = shown(edge)
    async with tcp_party(PHONE_HOST, tls_address(edge), trusting()) as phone:
        assert await register(phone, edge) == 200
        inside, outside = await connect(call_out(worker, edge, "alice").send(), phone)
        assert "RTP/SAVP" in phone.heard_first("INVITE").body

        for file in (edge.settings.data / "edge" / "tls").iterdir():
            file.unlink()  # is missed, and made anew

        async def is_new() -> bool:
            return shown(edge) != before

        await until(is_new, within_s=20)
        await inside.hang_up_with(outside)
