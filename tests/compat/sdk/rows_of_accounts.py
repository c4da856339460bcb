"""Methods of account, applications, endpoints and numbers (plivo-rest 7)."""

from typing import Final

from dirty_equals import IsStr

from tests.compat.sdk import shapes
from tests.compat.sdk.rows import Row, given, nothing, with_a
from tests.compat.sdk.shapes import DIGITS, TEXT, UUID, done, many, one

ACCOUNTS: Final = (
    Row("account.get", "", nothing, one(shapes.ACCOUNT)),
    Row("", "accounts.get", lambda it: given(it.auth_id), one(shapes.ACCOUNT)),
    Row("account.update", "", lambda _: given(city="Bonn"), shapes.CHANGED),
    Row("", "accounts.update", lambda _: given(city="Bonn"), shapes.CHANGED),
    Row(
        "subaccounts.create",
        "subaccounts.create",
        lambda _: given("branch", True),
        done("created", auth_id=IsStr(regex="SA[A-Z0-9]{18}"), auth_token=TEXT),
    ),
    Row(
        "subaccounts.get",
        "subaccounts.get",
        lambda it: given(it.subaccount()),
        one(shapes.SUBACCOUNT),
    ),
    Row(
        "subaccounts.list",
        "subaccounts.list",
        lambda it: with_a(it.subaccount()),
        many(shapes.SUBACCOUNT),
    ),
    Row(
        "subaccounts.update",
        "subaccounts.update",
        lambda it: given(it.subaccount(), "other", False),
        shapes.CHANGED,
    ),
    Row(
        "subaccounts.delete",
        "subaccounts.delete",
        lambda it: given(it.subaccount(), False),
        None,
    ),
)

APPLICATIONS: Final = (
    Row(
        "applications.create",
        "applications.create",
        lambda it: given("shop", answer_url=it.url("/answer")),
        done("created", app_id=DIGITS),
    ),
    Row(
        "applications.get",
        "applications.get",
        lambda it: given(it.application()),
        one(shapes.APPLICATION),
    ),
    Row(
        "applications.list",
        "applications.list",
        lambda it: with_a(it.application(), limit=5),
        many(shapes.APPLICATION),
    ),
    Row(
        "applications.update",
        "applications.update",
        lambda it: given(it.application(), answer_url=it.url("/other")),
        shapes.CHANGED,
    ),
    Row(
        "applications.delete",
        "applications.delete",
        lambda it: given(it.application()),
        None,
    ),
)

ENDPOINTS: Final = (
    Row(
        "endpoints.create",
        "endpoints.create",
        lambda it: given("anna", "a-good-password", "Anna", it.application()),
        done("created", username=TEXT, alias="Anna", endpoint_id=DIGITS),
    ),
    Row(
        "endpoints.get",
        "endpoints.get",
        lambda it: given(it.endpoint()),
        one(shapes.ENDPOINT),
    ),
    Row(
        "endpoints.list",
        "endpoints.list",
        lambda it: with_a(it.endpoint(), limit=5),
        many(shapes.ENDPOINT),
    ),
    Row(
        "endpoints.update",
        "",
        lambda it: given(it.endpoint(), alias="Otto"),
        shapes.CHANGED,
    ),
    Row(
        "",
        "endpoints.update",
        lambda it: given(it.endpoint(), alias="Otto"),
        done("changed", alias="Otto"),  # the SDK adds what it was given
    ),
    Row("endpoints.delete", "endpoints.delete", lambda it: given(it.endpoint()), None),
)

NUMBERS: Final = (
    Row(
        "numbers.get",
        "",
        lambda it: given(it.number),
        one(shapes.NUMBER),
    ),
    Row("numbers.list", "numbers.list", nothing, many(shapes.NUMBER)),
    Row(
        "numbers.update",
        "numbers.update",
        lambda it: given(it.number, alias="desk"),
        shapes.CHANGED,
    ),
    Row(
        "numbers.search",
        "numbers.search",
        lambda it: given("US") if it.on_offer() else given(),
        {"api_id": UUID, "meta": shapes.META, "objects": [shapes.ANYTHING]},
    ),
    Row(
        "numbers.buy",
        "numbers.buy",
        lambda it: given(it.on_offer(), it.application()),
        done(
            "created",
            numbers=[{"number": DIGITS, "status": "Success"}],
            status="fulfilled",
        ),
    ),
    Row(
        "numbers.create",
        "numbers.addOwnNumber",
        lambda it: given([it.of_own_trunk()], "carrier", "region"),
        shapes.CHANGED,
    ),
    Row("numbers.delete", "numbers.unrent", lambda it: given(it.rented()), None),
)

OTHERS: Final = (
    Row(
        "pricing.get",
        "pricings.get",
        lambda it: given(it.priced()),
        {
            "api_id": UUID,
            "country": "United States",
            "country_code": shapes.COUNT,
            "country_iso": "US",
            "phone_numbers": shapes.ANYTHING,
            "voice": shapes.ANYTHING,
            "message": shapes.ANYTHING,
        },
    ),
    Row(
        "token.create",
        "token.create",
        lambda it: given(it.auth_id, sub="anna"),
        {"api_id": UUID, "token": IsStr(regex=r"[\w-]+\.[\w-]+\.[\w-]+")},
    ),
    Row(
        "verify_callerids.initiate_verify",
        "verify.initiate",
        lambda it: given(it.strange_number()),
        one({"message": TEXT, "verification_uuid": UUID}),
    ),
    Row(
        "verify_callerids.verify_caller_id",
        "verify.verify",
        lambda it: given(*it.verification()),
        one(shapes.CALLER_ID),
    ),
    Row(
        "verify_callerids.get_verified_caller_id",
        "verify.getVerifiedCallerId",
        lambda it: given(it.verified()),
        one(shapes.CALLER_ID),
    ),
    Row(
        "verify_callerids.list_verified_caller_id",
        "verify.listVerifiedCallerId",
        lambda it: with_a(it.verified(), limit=5),
        many(shapes.CALLER_ID),
    ),
    Row(
        "verify_callerids.update_verified_caller_id",
        "verify.updateVerifiedCallerId",
        lambda it: given(it.verified(), alias="desk"),
        one({**shapes.CALLER_ID, "alias": "desk"}),
    ),
    Row(
        "verify_callerids.delete_verified_caller_id",
        "verify.deleteVerifiedCallerId",
        lambda it: given(it.verified()),
        None,
    ),
)
