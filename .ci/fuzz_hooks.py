"""What the fuzzer must know beyond the API documents: values that only an earlier answer has, and rules between two
parts of a request, which JSON Schema cannot hold."""

import base64
import uuid

import schemathesis
from hypothesis import strategies


def token(entity):
    return base64.urlsafe_b64encode(f"1:1:customer:{entity}".encode()).rstrip(b"=").decode()


# Tokens are opaque and nobody should make one; these are what the sample customers' creation was answered with.
schemathesis.openapi.format("consistency-token", strategies.sampled_from(["12345", "lin-na"]).map(token))


def one_of_each_type(items):
    """A list without the items whose type an item before it has."""
    met = []
    kept = []
    for item in items:
        kind = item.get("type") if isinstance(item, dict) else None
        if kind is None or kind not in met:
            kept.append(item)
        met.append(kind)
    return kept


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes what is meant to be valid so: each type once, a number on a card that is not stored yet, a key that was not
    used for another body, and not together with an id."""
    if case.meta is None or not case.meta.generation.mode.is_positive or not isinstance(case.body, dict):
        return
    for member in ("addresses", "creditCards"):
        if isinstance(case.body.get(member), list):
            case.body[member] = one_of_each_type(case.body[member])
    if case.method in ("PUT", "PATCH"):
        for card in case.body.get("creditCards") or []:
            card["number"] = card.get("number") or "4111 1111 1111 1111"
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
        case.body.pop("id", None)
