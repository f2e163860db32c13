"""Reads a topic with an implementation of CloudEvents that is not ours: the project's own SDK, over librdkafka.

    cloudevents_reader.py BROKERS TOPIC

Every record must be a CloudEvent 1.0 in Kafka's binary content mode. The SDK fills in what is missing (a time, for
one), so the raw headers are looked at as well. Prints a line per type; exits 1 at the first record that is none.
"""

import json
import sys
import uuid
from collections import Counter
from datetime import datetime

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import Consumer, TopicPartition

# What the source of a topic's events begins with; the id follows.
SOURCES = {"accounts.customer.change": "/accounts/customers/", "orders.order.change": "/orders/"}
REQUIRED = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence", "ce_dataschema"]


def records(brokers: str, topic: str):
    """Everything from the first offset of each partition to the end as it is now."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": f"reader-{uuid.uuid4()}", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    bounds = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10) for p in partitions}
    left = {p: high for p, (low, high) in bounds.items() if low < high}
    consumer.assign([TopicPartition(topic, p, bounds[p][0]) for p in left])
    while left:
        message = consumer.poll(10)
        if message is None or message.error():
            sys.exit(f"{topic} ends early: {message and message.error()}")
        yield message
        if message.offset() + 1 >= left.get(message.partition(), 0):
            left.pop(message.partition(), None)
    consumer.close()


def fault(message, topic) -> str | None:
    """What is wrong with a record, as the SDK and the specification see it."""
    headers = [(name, value.decode()) for name, value in message.headers() or []]
    raw = dict(headers)
    if len(raw) != len(headers):
        return "a header stands twice"
    missing = [name for name in REQUIRED if not raw.get(name)]
    if missing:
        return f"without {', '.join(missing)}"
    if raw["content-type"] != "application/json" or raw["ce_specversion"] != "1.0":
        return "not JSON in binary content mode of version 1.0"
    try:
        sdk_headers = {name: value.encode() for name, value in headers}
        event = from_kafka_event(KafkaMessage(headers=sdk_headers, key=message.key(), value=message.value() or b""))
    except Exception as error:
        return f"the SDK refuses it: {getattr(error, 'errors', error)!r}"
    attributes, data = event.get_attributes(), event.get_data()
    data = json.loads(data) if isinstance(data, (bytes, str)) else data
    told = {
        "id": attributes["id"] == raw["ce_id"],
        "time": attributes["time"] == datetime.fromisoformat(raw["ce_time"].replace("Z", "+00:00")),
        "subject and key": attributes["subject"] == data["id"] == message.key().decode(),
        "source": attributes["source"] == SOURCES[topic] + data["id"],
        "sequence": raw["ce_sequence"] == f"{data['version']:020}",
        "traceparent": raw.get("ce_traceparent") == raw.get("traceparent"),
        "no card number": not any("number" in card for card in data.get("creditCards", [])),
    }
    return next((f"{name} does not agree: {attributes} {data}" for name, agrees in told.items() if not agrees), None)


def main() -> int:
    brokers, topic = sys.argv[1:]
    types: Counter[str] = Counter()
    for message in records(brokers, topic):
        if wrong := fault(message, topic):
            print(f"{topic} {message.partition()}@{message.offset()}: {wrong}")
            return 1
        types[dict(message.headers())["ce_type"].decode()] += 1
    for name, count in sorted(types.items()):
        print(f"{count:6} {name}")
    return 0 if types else 1


sys.exit(main())
