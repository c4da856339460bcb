import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import plivo
import plivo.rest.client as plivo_client
import pytest

from tests.calls_e2e.conftest import set_up
from tests.compat.conftest import ADDRESSES
from tests.compat.sdk.programs import Program, program, require
from tests.compat.sdk.scene import Scene, scene
from voiceplat.services.open_account import Credentials


class Programs:
    """A program for each SDK and account, started when it is first asked for."""

    def __init__(self, stack: ExitStack, api: str) -> None:
        self._stack = stack
        self._api = api
        self._running: dict[tuple[str, str], Program] = {}

    def of(self, sdk: str, account: Credentials) -> Program:
        key = (sdk, account.auth_id)
        if key not in self._running:
            require(sdk)
            started = program(sdk, self._api, account)
            self._running[key] = self._stack.enter_context(started)
        return self._running[key]


@pytest.fixture(scope="module")
def the_scene() -> Iterator[Scene]:
    with (
        set_up({}) as site,
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
    ):
        for name in ADDRESSES:  # for what a test prepares; what it tests runs elsewhere
            patch.setattr(plivo_client, name, f"{site.platform.api}/v1/Account")
        platform = site.platform
        busy = Credentials(**platform.operate("account", "create", "busy"))
        client = plivo.RestClient(platform.auth_id, platform.auth_token)
        with client, scene(site, client, busy, Path(folder)) as made:
            yield made


@pytest.fixture(scope="module")
def programs(the_scene: Scene) -> Iterator[Programs]:
    with ExitStack() as stack:
        yield Programs(stack, the_scene.site.platform.api)
