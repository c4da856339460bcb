"""For a Python program under `voiceplat run`: Plivo's names lead to the front.

Two things differ from a program that runs without it: where connections to port 443 of
`*.plivo.com` lead, and that the front's certificate is trusted for these names, and for
no other. Python imports this file by its name, because its folder is on PYTHONPATH; a
`sitecustomize` that would have been imported in its place is imported next.
"""

import functools
import os
import socket
import ssl
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any, Callable

_FRONT_PORT = int(os.environ["PLIVO_FRONT_PORT"])
_CERTIFICATE = os.environ["PLIVO_FRONT_CERTIFICATE"]
_PLIVO = "127.80.76.86"  # what Plivo's names resolve to; nobody listens there


def _is_plivo(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(name, str):
        return False
    name = name.lower().rstrip(".")
    return name == "plivo.com" or name.endswith(".plivo.com")


def _lead_to_front() -> None:
    """Two steps, for there are libraries that resolve first and connect by address."""
    resolve = socket.getaddrinfo

    @functools.wraps(resolve)
    def getaddrinfo(
        host: Any,  # noqa: ANN401 - as the standard library has it
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        return resolve(_PLIVO if _is_plivo(host) else host, *args, **kwargs)

    def leading(connect: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(connect)
        def connected(
            self: socket.socket,
            address: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            leads = isinstance(address, tuple) and address[:2] == (_PLIVO, 443)
            return connect(self, ("127.0.0.1", _FRONT_PORT) if leads else address)

        return connected

    socket.getaddrinfo = getaddrinfo
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, leading(getattr(socket.socket, name)))


def _trust_front() -> None:
    def trusting(wrap: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(wrap)
        def wrapped(
            context: ssl.SSLContext,
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            if _is_plivo(kwargs.get("server_hostname")):
                context.load_verify_locations(_CERTIFICATE)
            return wrap(context, *args, **kwargs)

        return wrapped

    for name in ("wrap_socket", "wrap_bio"):
        setattr(ssl.SSLContext, name, trusting(getattr(ssl.SSLContext, name)))


def _go_on_with_the_next() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != here]
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        following = module_from_spec(spec)
        sys.modules["sitecustomize"] = following
        spec.loader.exec_module(following)


_lead_to_front()
_trust_front()
_go_on_with_the_next()
