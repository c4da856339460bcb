"""A mixer mixes by itself: it must run where the SIP library is not."""

import subprocess
import sys


def test_a_mixer_does_not_load_the_sip_library() -> None:
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys, voiceplat.mixer.process; print('pjsua2' in sys.modules)",
        ],
        check=True,
        capture_output=True,
        text=True,
    )

    assert told.stdout.strip() == "False"
