"""A test that hangs says where."""

import asyncio

from tests.failed import traces


async def asks() -> None:
    await asyncio.Event().wait()


async def test_each_task_tells_its_way_to_where_it_waits() -> None:
    asking = asyncio.create_task(asks(), name="asking")
    await asyncio.sleep(0)

    told = dict(traces(asyncio.get_running_loop()))["what waits"]

    asking.cancel()
    way = next(it for it in told.split("\n\n") if it.startswith("asking"))
    assert __file__ in way.splitlines()[1]
    assert "locks.py" in way.splitlines()[-1]
