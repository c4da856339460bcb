"""The command line: `voiceplat <process>` and the operator's commands.

Every command imports what it needs when it runs, so that `--help` is instant.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError

from voiceplat.core.log import configure_logging, last_words, silence_logging
from voiceplat.core.settings import Settings, load_settings, use_config

app = typer.Typer(
    help="A self-hosted voice platform that speaks Plivo.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def choose(
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings file (TOML); else VOICEPLAT_CONFIG, else data/voiceplat.toml"
        ),
    ] = None,
) -> None:
    """A self-hosted voice platform that speaks Plivo."""
    if config is not None:
        with _wrong_settings_told():
            use_config(config)


def _settings() -> Settings:
    with _wrong_settings_told():
        return load_settings()


@contextmanager
def _wrong_settings_told() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        typer.secho("A setting is wrong (docs/settings.md lists them):", err=True)
        for problem in error.errors():
            name = "__".join(str(part) for part in problem["loc"]).upper()
            typer.secho(f"  VOICEPLAT_{name}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None


def _serve(process: str, run: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    settings = _settings()
    configure_logging(process, settings.log_level, settings.log_style)
    gc.collect()
    gc.freeze()  # what is imported stays: to look at it all takes the collector 0.1 s
    with last_words():
        asyncio.run(run(settings))


@app.command()
def api(
    fd: Annotated[
        int | None,
        typer.Option(
            min=3,
            help="Serve this listening socket, inherited from who starts the process, "
            "instead of api.host and api.port (systemd's socket units: 3)",
        ),
    ] = None,
) -> None:
    """Serve the REST API."""
    from voiceplat.api.app import run

    _serve("api", partial(run, listen_fd=fd))


@app.command()
def media() -> None:
    """Run this host's call workers."""
    from voiceplat.media.app import run

    _serve("media", run)


@app.command()
def speech() -> None:
    """Serve text to speech, recognition and prompts to this host's workers."""
    from voiceplat.speech_service.app import run

    _serve("speech", run)


@app.command()
def archive() -> None:
    """Bring this host's finished recordings into the store."""
    from voiceplat.archive.app import run

    _serve("archive", run)


@app.command()
def ledger() -> None:
    """Write call records and deliver notify-only callbacks."""
    from voiceplat.ledger.app import run

    _serve("ledger", run)


@app.command()
def edge() -> None:
    """Configure and run Kamailio and rtpengine."""
    from voiceplat.edge.app import run

    _serve("edge", run)


@app.command()
def up(
    data: Annotated[Path, typer.Option(help="Everything is written below it.")] = Path(
        "data"
    ),
    api: Annotated[str, typer.Option(help="HOST:PORT of the REST API.")] = (
        "127.0.0.1:8080"
    ),
    sip: Annotated[str, typer.Option(help="HOST:PORT for phones and carriers.")] = (
        "127.0.0.1:5060"
    ),
    *,
    json: Annotated[
        bool, typer.Option("--json", help="One line of JSON when ready.")
    ] = False,
) -> None:
    """Run the whole platform in this terminal; Ctrl-C ends it."""
    from voiceplat.cli.up import run_up

    with _wrong_settings_told():
        sys.exit(asyncio.run(run_up(data, api, sip, as_json=json)))


@app.command(context_settings={"allow_interspersed_args": False})
def run(
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND …", help="With its arguments.")
    ],
    *,
    api: Annotated[
        str | None,
        typer.Option(help="URL of the REST API; else the one of the settings."),
    ] = None,
    proxy: Annotated[
        bool,
        typer.Option("--proxy", help="By HTTPS_PROXY, for neither Python nor Node."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")
    ] = False,
) -> None:
    """Run a program whose Plivo SDK, unmodified, shall talk to this platform."""
    from voiceplat.cli.sdk.run import Wishes, run_program

    run_program(command, _settings(), Wishes(api, proxy, quiet))


@app.command()
def doctor(
    sdk: Annotated[
        Literal["python", "node"] | None,
        typer.Option(help="Does Plivo's SDK, as installed here, reach the platform?"),
    ] = None,
) -> None:
    """Check every part; say what is wrong and what to do."""
    settings = _settings()
    if sdk is not None:
        from voiceplat.cli.sdk.proof import prove

        sys.exit(prove(sdk))
    from voiceplat.cli.doctor import run_doctor

    sys.exit(asyncio.run(run_doctor(settings)))


@app.command()
def lint(
    place: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="A document; - is stdin.")
    ],
    *,
    method: Annotated[
        str, typer.Option(help="How a URL is asked, with the fields of a sample call.")
    ] = "GET",
    json: Annotated[bool, typer.Option("--json", help="JSON, one list.")] = False,
    strict: Annotated[bool, typer.Option(help="Warnings count as errors.")] = False,
) -> None:
    """Check an XML document; say what a call would do with it."""
    from voiceplat.cli.lint import run_lint

    settings = _settings()
    silence_logging()
    sys.exit(run_lint(place, settings, method=method, as_json=json, strict=strict))


@app.command()
def demo() -> None:
    """Place one call out and take one in, over real SIP and RTP on loopback."""
    from voiceplat.cli.demo.run import run_demo

    sys.exit(asyncio.run(run_demo()))


def _add_operator_commands() -> None:
    from voiceplat.cli import account, migrate, number, pricing, recordings, trunk

    app.add_typer(account.app, name="account")
    app.add_typer(trunk.app, name="trunk")
    app.add_typer(number.app, name="number")
    app.add_typer(recordings.app, name="recordings")
    app.add_typer(pricing.app, name="pricing")
    app.command("migrate")(migrate.migrate)


_add_operator_commands()
