"""A room must be mixed every 20 ms, whatever else the machine has to do."""

import os
from typing import Final

LOWEST: Final = 1
"""Of the real-time priorities: before all usual work, after everything else."""


def go_first() -> bool:
    """Let this thread run before all usual work, if the kernel allows it.

    It needs root, CAP_SYS_NICE or a limit of real-time priorities (ulimit -r) of 1.
    Threads and processes that it starts are usual again. Being nice less is no
    substitute: where the kernel groups by session, that counts within one session only.
    """
    policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    try:
        os.sched_setscheduler(0, policy, os.sched_param(LOWEST))
    except PermissionError:
        return False
    return True
