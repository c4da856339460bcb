"""The thread on which the library reads SIP and RTP, runs its timers and calls back.

The library's own would look for news 100 times a second, with calls or without; to be
woken is most of what a quiet worker costs. This one waits until there is news.
"""

import ctypes
import threading
import time
from typing import Final

import pjsua2 as pj

WAIT_MS: Final = 100
"""Packets and due timers end a wait at once. What another thread has begun meanwhile, a
timer or a socket, is seen after it."""
AGAIN_S: Final = 0.01
"""After a wait that failed: a signal, or a socket that was closed meanwhile."""

# by its C name: the wheel's method for it looks its object up each time
_handle_events = ctypes.CDLL(pj._pjsua2.__file__).pjsua_handle_events  # noqa: SLF001
_handle_events.argtypes = (ctypes.c_uint,)


class Events:
    """Runs until it is stopped; callbacks hold the interpreter's lock, waits do not."""

    def __init__(self, endpoint: pj.Endpoint) -> None:
        self._endpoint = endpoint
        self._over = False
        self._thread = threading.Thread(target=self._serve, name="pjsua", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when no callback is under way, `WAIT_MS` later at most."""
        self._over = True
        self._thread.join()

    def _serve(self) -> None:
        self._endpoint.libRegisterThread(self._thread.name)
        while not self._over:
            if _handle_events(WAIT_MS) < 0:
                time.sleep(AGAIN_S)
