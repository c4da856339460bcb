"""`voiceplat migrate`: the database's tables, brought to this version."""

import typer

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Create or upgrade the database's tables; does nothing when they are current."""
    import asyncio

    from voiceplat.cli.office import fail
    from voiceplat.core.errors import VoiceplatError
    from voiceplat.core.settings import load_settings
    from voiceplat.db.migrate import upgrade

    try:
        asyncio.run(upgrade(load_settings().database))
    except VoiceplatError as error:
        fail(str(error), "check VOICEPLAT_DATABASE__URL")
    typer.echo("The database is current.")
