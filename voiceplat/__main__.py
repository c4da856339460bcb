"""`python -m voiceplat` is `voiceplat`."""

from voiceplat.cli.main import app

app()
