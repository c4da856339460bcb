"""`make bench`: the whole platform under real load, against what it promises.

python -m bench [--only PART …] [--json FILE] [--write-docs PAGE]
python -m bench --read FILE --write-docs PAGE       the figures of an earlier run
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.report import (
    Report,
    read_json,
    report_of,
    shown_report,
    write_docs,
    write_json,
)
from bench.run import BY_NAME, PARTS, USUAL, Run
from tests.speech import people
from voiceplat.core.log import configure_logging

WITHIN_S: Final = 15 * 60
RESULTS: Final = Path(".cache/bench.json")
SPOKEN: Final = {"input", "recognition", "ivr"}


def main() -> None:
    asked = _reader().parse_args()
    report = read_json(asked.read) if asked.read else _measured(set(asked.only))
    if not asked.read:
        write_json(report, asked.json)
        print(f"figures: {asked.json}", file=sys.stderr)
    if asked.write_docs:
        write_docs(report, asked.write_docs)
    print(shown_report(report))


def _reader() -> argparse.ArgumentParser:
    reader = argparse.ArgumentParser(
        prog="bench",
        description=__doc__,
        epilog=f"run by name alone: {', '.join(BY_NAME)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reader.add_argument("--only", action="append", choices=PARTS, default=[])
    reader.add_argument("--json", type=Path, default=RESULTS)
    reader.add_argument("--read", type=Path)
    reader.add_argument("--write-docs", type=Path, metavar="PAGE")
    return reader


def _measured(only: set[str]) -> Report:
    wanted = only or set(USUAL)
    if wanted & SPOKEN and not people.are_here():
        missing = "install asterisk-core-sounds-en and asterisk-core-sounds-en-wav"
        raise SystemExit(f"{', '.join(SPOKEN)}: no recorded voices; {missing}")
    configure_logging("bench", "warning", "text")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        run = Run(wanted, Path(folder))
        asyncio.run(run.all_parts(WITHIN_S))
    return report_of(run.figures, time.monotonic() - began)


if __name__ == "__main__":
    main()
