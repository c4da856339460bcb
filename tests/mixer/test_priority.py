"""Running before others, in a process of its own so that it is not the test's."""

import os
import subprocess
import sys

SHOWN = """
import os, threading
from voiceplat.mixer.priority import go_first

def policy():
    print(os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK)

print(int(go_first()))
policy()
thread = threading.Thread(target=policy)
thread.start()
thread.join()
"""


def printed(program: str) -> list[int]:
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line) for line in run.stdout.split()]


def test_it_goes_first_where_it_may_and_what_it_starts_does_not() -> None:
    may, own, thread = printed(SHOWN)

    assert own == (os.SCHED_RR if may else os.SCHED_OTHER)
    assert thread == os.SCHED_OTHER
