"""The certificate that phones and browsers see: the operator's, or one of our own.

Our own is signed by itself, made on the first start, and made anew before it expires or
when it lacks a name. It is no authority: nobody could make another one with its key.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voiceplat.core.clock import utc_now
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings
from voiceplat.core.sip_settings import SipSettings

GOOD_FOR: Final = timedelta(days=397)
RENEWED_BEFORE: Final = timedelta(days=30)
CLOCKS_DIFFER: Final = timedelta(hours=1)


class BadCertificate(VoiceplatError):
    """What `sip.tls_certificate` and `sip.tls_key` name cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Both PEM; absolute paths."""

    chain: Path
    key: Path

    def content(self) -> bytes:
        """Changes whenever the certificate or its key does."""
        return self.chain.read_bytes() + self.key.read_bytes()


def certificate_files(settings: Settings) -> CertificateFiles:
    """Where they are; the operator's, or those that `own_certificate` makes.

    Raises BadCertificate when only one of the two is set.
    """
    chain, key = settings.sip.tls_certificate, settings.sip.tls_key
    if (chain is None) != (key is None):
        raise BadCertificate("set both sip.tls_certificate and sip.tls_key, or none")
    if chain is not None and key is not None:
        return CertificateFiles(chain.absolute(), key.absolute())
    folder = (settings.data / "edge" / "tls").absolute()
    return CertificateFiles(folder / "certificate.pem", folder / "key.pem")


def prepare_certificate(settings: Settings) -> CertificateFiles:
    """Make our own when it is missing or due; look at the operator's.

    Raises BadCertificate, OSError.
    """
    found = certificate_files(settings)
    if settings.sip.tls_certificate is None:
        if not _is_good(found, settings.sip):
            _write(found, settings.sip)
    else:
        _require_pair(found)
    return found


def expires_in(files: CertificateFiles) -> timedelta:
    """Until the certificate ends; negative when it did."""
    return _load(files).not_valid_after_utc - utc_now()


def _is_good(files: CertificateFiles, sip: SipSettings) -> bool:
    if not (files.chain.exists() and files.key.exists()):
        return False
    try:
        _require_pair(files)
    except BadCertificate:
        return False
    names = _load(files).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    wanted = set(_names(sip))
    return wanted <= set(names.value) and expires_in(files) > RENEWED_BEFORE


def _require_pair(files: CertificateFiles) -> None:
    try:
        key = load_pem_private_key(files.key.read_bytes(), password=None)
        matches = key.public_key() == _load(files).public_key()
    except (OSError, ValueError, TypeError) as error:
        raise BadCertificate(f"{files.chain}, {files.key}: {error}") from error
    if not matches:
        raise BadCertificate(f"{files.key} is not the key of {files.chain}")


def _load(files: CertificateFiles) -> x509.Certificate:
    return x509.load_pem_x509_certificate(files.chain.read_bytes())


def _write(files: CertificateFiles, sip: SipSettings) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    folder = files.chain.parent
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for file, text in (
        (
            files.key,
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ),
        (files.chain, _signed(key, sip).public_bytes(Encoding.PEM)),
    ):
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(text)
        fresh.replace(file)


def _signed(key: ec.EllipticCurvePrivateKey, sip: SipSettings) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, sip.domain)])
    now = utc_now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + GOOD_FOR)
        .add_extension(x509.SubjectAlternativeName(_names(sip)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )


def _names(sip: SipSettings) -> list[x509.GeneralName]:
    """What phones may have been told to connect to."""
    hosts = dict.fromkeys(
        (sip.domain, "localhost", "127.0.0.1", sip.host, sip.advertised_host)
    )
    return [_name(host) for host in hosts if host]


def _name(host: str) -> x509.GeneralName:
    try:
        address = ip_address(host)
    except ValueError:
        return x509.DNSName(host)
    return x509.IPAddress(address)
