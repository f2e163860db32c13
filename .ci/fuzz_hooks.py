"""What the fuzzer must know beyond the API documents: values that only an earlier answer has, and rules between two
parts of a request, which JSON Schema cannot hold; and what a stream of lines is made of."""

import base64
import datetime
import json
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


def in_order(query):
    """A time range that does not end before it begins."""
    try:
        begin, end = (datetime.datetime.fromisoformat(query[name]) for name in ("from", "to"))
        if end < begin:
            query["from"], query["to"] = query["to"], query["from"]
    except (KeyError, TypeError, ValueError):
        pass


def for_the_sample_customer(order):
    """An order of a customer that there is, to an address that they have."""
    order["customerId"] = "12345"
    if order.get("shipTo") == "SHIPPING_ALTERNATE":
        order["shipTo"] = None


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes what is meant to be valid so: each type once, a number on a card that is not stored yet, a key that was not
    used for another body, and not together with an id, a customer that there is, and time that goes forward."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if isinstance(case.query, dict):
        in_order(case.query)
    if not isinstance(case.body, dict):
        return
    if "customerId" in case.body:
        for_the_sample_customer(case.body)
    for member in ("addresses", "creditCards"):
        if isinstance(case.body.get(member), list):
            case.body[member] = one_of_each_type(case.body[member])
    if case.method in ("PUT", "PATCH"):
        for card in case.body.get("creditCards") or []:
            card["number"] = card.get("number") or "4111 1111 1111 1111"
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
        case.body.pop("id", None)


NDJSON = "application/x-ndjson"


@schemathesis.serializer(NDJSON)
def lines_as_bytes(context, value):
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="surrogatepass")


@schemathesis.deserializer(NDJSON)
def lines_as_text(context, response):
    """Each line of an answer is JSON, and the last one is the summary of a complete import."""
    lines = [json.loads(line) for line in response.content.decode().splitlines()]
    assert list(lines[-1]) == ["summary"] and lines[-1]["summary"]["lines"] == len(lines) - 1, lines[-1]
    return response.content.decode()


ANY = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats(allow_nan=False) | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=5,
)


@strategies.composite
def customers(draw):
    """A customer, mostly with something else in one of its places."""
    customer = {
        "name": {"firstName": "Ann", "lastName": "Lee"},
        "contact": {"primaryPhone": "5556667777", "email": f"{draw(strategies.uuids())}@example.org"},
        "addresses": [{"type": "SHIPPING", "address1": "1 Way", "city": "C", "state": "S"}],
        "creditCards": [{"type": "PRIMARY", "number": "4111111111111111", "expiration": "6/31", "nameOnCard": "A"}],
    }
    place = draw(strategies.sampled_from([None, *customer, "id", "other"]))
    if place is not None:
        customer[place] = draw(ANY)
    return json.dumps(customer)


@schemathesis.hook
def flatmap_body(context, body):
    """Schemata say of an import only that it is a text: here is what its lines are."""
    if context.operation.label != "POST /accounts/customers:import":
        return strategies.just(body)
    lines = strategies.lists(customers() | strategies.text(), max_size=20)
    return strategies.tuples(lines, strategies.sampled_from(["\n", "\r\n"])).map(lambda drawn: drawn[1].join(drawn[0]))
