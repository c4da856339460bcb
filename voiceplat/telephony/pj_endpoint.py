"""The library's endpoint: how it is configured, in which order it is taken down.

There is one endpoint per process, ever. It belongs to the thread that created it;
one more, `Events`, runs SIP, RTP and the callbacks.
"""

import ctypes
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pjsua2 as pj

from voiceplat.calls.leg import Credentials
from voiceplat.core.errors import Unavailable
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_log import LEVELS, PjLog

USER_AGENT: Final = "voiceplat"
WITHOUT_WAITING: Final = 1
"""PJSUA_DESTROY_NO_RX_MSG; what had to be waited for has been."""
ANY_REALM: Final = "*"
TOP_PRIORITY: Final = 254
TRANSPORTS: Final = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP}


def start_endpoint(settings: PhoneSettings) -> tuple[pj.Endpoint, str]:
    """The running endpoint and the `IP:PORT` that it listens on.

    Raises Unavailable when that port is taken.
    """
    endpoint = pj.Endpoint()
    with _stdout_shut():
        endpoint.libCreate()
        endpoint.libInit(_endpoint_config(settings))
    transport = pj.TransportConfig()
    transport.boundAddress = settings.host
    transport.port = settings.sip_port
    try:
        number = endpoint.transportCreate(TRANSPORTS[settings.transport], transport)
    except pj.Error as error:
        destroy_endpoint(endpoint)
        where = f"SIP port {settings.host}:{settings.sip_port}"
        raise Unavailable(where, error.reason) from error
    endpoint.libStart()
    _choose_codecs(endpoint, settings.codecs)
    return endpoint, endpoint.transportGetInfo(number).localName


def destroy_endpoint(endpoint: pj.Endpoint) -> None:
    """The last of all: what is destroyed after it aborts the process."""
    endpoint.libDestroy(WITHOUT_WAITING)
    pj.Endpoint.__swig_destroy__(endpoint)


def account_config(
    settings: PhoneSettings, address: str, credentials: Credentials | None = None
) -> pj.AccountConfig:
    """With `credentials` for one call alone, whose far end may ask for them."""
    config = pj.AccountConfig()
    # an account of one call has a name that nobody calls
    user = secrets.token_hex() if credentials else settings.user
    config.idUri = f"sip:{user}@{settings.domain or address}"
    if settings.proxy:
        transport = f";transport={settings.transport}"
        config.sipConfig.proxies.append(f"sip:{settings.proxy}{transport};lr")
    config.regConfig.registerOnAdd = False
    config.natConfig.contactRewriteUse = 0
    config.natConfig.viaRewriteUse = 0
    media = config.mediaConfig
    media.lockCodecEnabled = False  # it would send a re-INVITE after many an answer
    media.transportConfig.boundAddress = settings.host
    media.transportConfig.port = settings.rtp_port_min
    media.transportConfig.portRange = settings.rtp_ports
    if registration := settings.registration:
        config.idUri = f"sip:{registration.user}@{registration.domain}"
        config.regConfig.registrarUri = f"sip:{registration.domain}"
        config.regConfig.timeoutSec = registration.expires_s
        config.regConfig.retryIntervalSec = 0
        credentials = Credentials(registration.user, registration.password)
    if credentials:
        user, password = credentials.username, credentials.password
        known = pj.AuthCredInfo("digest", ANY_REALM, user, 0, password)
        config.sipConfig.authCreds.append(known)
    return config


@contextmanager
def _stdout_shut() -> Iterator[None]:
    """Until it has its log writer, the library prints; stdout belongs to commands."""
    flush = ctypes.CDLL(None).fflush
    flush(None)
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
        flush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _endpoint_config(settings: PhoneSettings) -> pj.EpConfig:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0  # `Events` is its thread
    config.uaConfig.mainThreadOnly = False
    # a leg that we hung up has its call until the far end answers the BYE
    config.uaConfig.maxCalls = settings.max_legs * 2
    config.uaConfig.userAgent = USER_AGENT
    config.logConfig.level = config.logConfig.consoleLevel = LEVELS[settings.log_level]
    config.logConfig.decor = 0
    config.logConfig.msgLogging = 0
    # the endpoint deletes the writer itself
    config.logConfig.writer = PjLog().__disown__()
    media = config.medConfig
    media.clockRate = media.sndClockRate = settings.clock_rate_hz
    media.channelCount = 1
    media.noVad = True
    # RTP is read by the thread that reads SIP
    media.hasIoqueue = False
    media.threadCnt = 0
    media.ecTailLen = 0
    return config


def _choose_codecs(endpoint: pj.Endpoint, names: tuple[str, ...]) -> None:
    """Priorities fall in the order of `names`; what is not named is switched off."""
    for codec in endpoint.codecEnum2():
        name = codec.codecId.partition("/")[0]
        priority = TOP_PRIORITY - names.index(name) if name in names else 0
        endpoint.codecSetPriority(codec.codecId, priority)
