"""Every script says what it does, and what it takes and gives."""

from importlib.resources import files

import pytest

SCRIPTS = sorted(
    (
        script
        for script in (files("voiceplat.bus") / "scripts").iterdir()
        if script.name.endswith(".lua")
    ),
    key=lambda script: script.name,
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_begins_with_its_header(script) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    name = script.name.removesuffix(".lua")
    text = script.read_text()
    header = "\n".join(line for line in text.splitlines() if line.startswith("--"))

    assert text.startswith(f"-- {name}: ")
    if name != "record":
        assert "-- KEYS: " in header
        assert "-- ARGV: " in header
        assert "-- Returns " in header


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_writes_a_key_s_name(script) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    assert "vp:" not in script.read_text()
