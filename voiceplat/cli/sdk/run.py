"""`voiceplat run`: a program whose Plivo SDK is unmodified talks to this platform.

Once the front is there this process becomes the program (execve(2)): its input, its
signals and its exit status are the program's own, there is nothing in between.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.request import ProxyHandler, build_opener

import typer

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings

if TYPE_CHECKING:
    from voiceplat.services.open_account import Credentials

PRELOADS: Final = Path(__file__).parent / "preloads"
RUNNER_FAILED, CANNOT_EXECUTE, NOT_FOUND = 125, 126, 127
"""Exit statuses, as env(1) has them: the program's own are below."""
ANSWER_WITHIN_S: Final = 5.0

Environment = Mapping[str, str]


class NoServer(VoiceplatError):
    """Nothing that is a voiceplat answers there."""


@dataclass(frozen=True, slots=True)
class FrontAddress:
    port: int
    proxy_port: int
    certificate: str
    roots: str
    """A file with the certificate and all that the system trusts."""


@dataclass(frozen=True, slots=True)
class Wishes:
    api: str | None
    proxy: bool
    quiet: bool


def run_program(command: list[str], settings: Settings, wishes: Wishes) -> NoReturn:
    environment: Environment = dict(os.environ)  # noqa: TID251 - the program's own
    url = (wishes.api or own_api(settings)).rstrip("/")
    try:
        require_server(url)
        is_own = wishes.api is None
        environment, hints = with_account(environment, settings, is_own=is_own)
        front = start_front(url)
    except VoiceplatError as error:
        typer.secho(f"voiceplat run: {error}", err=True, fg="red")
        sys.exit(RUNNER_FAILED)
    if not wishes.quiet:
        for hint in (f"*.plivo.com is {url} for this program", *hints):
            typer.echo(f"voiceplat run: {hint}", err=True)
    led = proxied if wishes.proxy else led_to
    become(command, led(front, environment))


def own_api(settings: Settings) -> str:
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - not to bind
    host = settings.api.host
    return f"http://{anywhere.get(host, host)}:{settings.api.port}"


def require_server(url: str) -> None:
    """Raises NoServer."""
    directly = build_opener(ProxyHandler({}))
    try:
        with directly.open(f"{url}/healthz", timeout=ANSWER_WITHIN_S) as answer:
            is_ours = json.load(answer) == {"status": "ok", "why": ""}
    except (OSError, HTTPException, ValueError) as error:
        raise NoServer(
            f"no voiceplat answers at {url} ({error})\n"
            "→ start one with `make run`, or say where it is: "
            "`voiceplat run --api http://HOST:PORT -- …`"
        ) from error
    if not is_ours:
        raise NoServer(
            f"{url} answers, but is no voiceplat\n"
            "→ say where it is: `voiceplat run --api http://HOST:PORT -- …`"
        )


def with_account(
    environment: Environment, settings: Settings, *, is_own: bool
) -> tuple[Environment, list[str]]:
    """Plivo's two names for credentials, unless they are set; what to tell the user."""
    if environment.get("PLIVO_AUTH_ID"):
        return environment, []
    account = asyncio.run(_first_account(settings)) if is_own else None
    if account is None:
        return environment, ["PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN are not set"]
    credentials = {
        "PLIVO_AUTH_ID": account.auth_id,
        "PLIVO_AUTH_TOKEN": account.auth_token,
    }
    return {**environment, **credentials}, [
        f"PLIVO_AUTH_ID is {account.auth_id}, PLIVO_AUTH_TOKEN is its token"
    ]


async def _first_account(settings: Settings) -> "Credentials | None":
    from voiceplat.cli.sdk.account import local_account  # takes a second to import

    return await local_account(settings)


def start_front(api: str) -> FrontAddress:
    """It ends with this process, and so with the program that this becomes."""
    started = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "voiceplat.cli.sdk.front", api, str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    if started.returncode:
        raise VoiceplatError("its TLS front did not start; the reason stands above")
    said = json.loads(started.stdout)
    return FrontAddress(**said)


def led_to(front: FrontAddress, environment: Environment) -> Environment:
    """The environment in which Python and Node find the front, and trust it."""

    def first(name: str, ours: str, separator: str) -> str:
        return separator.join(filter(None, (ours, environment.get(name))))

    preload = json.dumps(str(PRELOADS / "lead_to_front.cjs"), ensure_ascii=False)
    no_proxy = {
        name: first(name, "plivo.com,.plivo.com", ",")
        for name in ("NO_PROXY", "no_proxy")
    }
    return {
        **environment,
        **no_proxy,
        "PLIVO_FRONT_PORT": str(front.port),
        "PLIVO_FRONT_CERTIFICATE": front.certificate,
        "PYTHONPATH": first("PYTHONPATH", str(PRELOADS), os.pathsep),
        "NODE_OPTIONS": first("NODE_OPTIONS", f"--require {preload}", " "),
        "NODE_EXTRA_CA_CERTS": _trusted_by_node(front, environment),
    }


def proxied(front: FrontAddress, environment: Environment) -> Environment:
    """What most other languages heed: a proxy, and a file of roots."""
    proxy = f"http://127.0.0.1:{front.proxy_port}"
    return {
        **environment,
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
        **dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE"), front.roots),
    }


def _trusted_by_node(front: FrontAddress, environment: Environment) -> str:
    """Node reads one file; what the user had in theirs is still trusted."""
    known = Path(environment.get("NODE_EXTRA_CA_CERTS", ""))
    if not known.is_file():
        return front.certificate
    own = Path(front.certificate)
    both = own.with_name("trusted-by-node.pem")
    both.write_bytes(known.read_bytes() + b"\n" + own.read_bytes())
    return str(both)


def become(command: list[str], environment: Environment) -> NoReturn:
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, for itself
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - the user's program
    except OSError as error:
        typer.secho(
            f"voiceplat run: {command[0]}: {error.strerror}", err=True, fg="red"
        )
        missing = isinstance(error, FileNotFoundError)
        sys.exit(NOT_FOUND if missing else CANNOT_EXECUTE)
