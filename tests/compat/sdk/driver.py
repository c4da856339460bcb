"""A program of a customer's, with Plivo's Python SDK: calls what each line says.

It runs under `voiceplat run`; `tests/compat/node/driver.js` is its twin.
"""

import json
import sys
from typing import Any

import plivo


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever the SDK returns
    """As JSON has it, without what the SDK adds for its own use."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "__dict__"):
        own = {"_name", "client", "_id_string", "_client"}
        return {key: plain(item) for key, item in vars(value).items() if key not in own}
    return value


def called(client: plivo.RestClient, order: dict[str, Any]) -> dict[str, Any]:
    resource, _, name = order["method"].partition(".")
    method = getattr(getattr(client, resource), name)
    try:
        result = method(*order["arguments"], **order["options"])
    except Exception as error:  # noqa: BLE001 - the test judges it
        return {"error": type(error).__name__, "why": str(error)}
    return {"answer": plain(result)}


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # the SDK prints, too
    client = plivo.RestClient()
    for line in sys.stdin:
        answers.write(json.dumps(called(client, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
