//! A small aggregate of nobody's, and its copy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use service_kit::projection::{AccumulatingProjection, CopyProjection, Projection, Rejected, Shares};
use shared_events::envelope::{Envelope, Event, EventData, encode};
use shared_events::record::Record;
use shared_events::time::Timestamp;
use shared_events::topic::TopicSpec;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl EventData for Thing {
    const SOURCE_PREFIX: &'static str = "/things/";
    const TYPE_PREFIX: &'static str = "thing.";
    const DATASCHEMA: &'static str = "/schemas/thing/v1.json";

    fn id(&self) -> &str {
        &self.id
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThingView {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Things;

impl Projection for Things {
    const NAME: &'static str = "things";
    const TOPIC: TopicSpec = TopicSpec { name: "thing.change", owner: "elsewhere", partitions: 3 };
    const AGGREGATE: &'static str = "thing";
    type Data = Thing;
}

impl CopyProjection for Things {
    type View = ThingView;

    fn project(event: Event<Thing>) -> Result<ThingView, Rejected> {
        if event.data.text == "reject" {
            return Err(Rejected { reason: "the text says reject".to_owned() });
        }
        Ok(ThingView { text: event.data.text, note: event.data.note })
    }
}

/// How often each word stands in the things' texts, and in how many things.
#[derive(Debug)]
pub(crate) struct Words;

#[derive(Serialize)]
pub(crate) struct Word {
    word: String,
}

#[derive(Serialize)]
pub(crate) struct Count {
    count: i64,
    things: i64,
}

impl Projection for Words {
    const NAME: &'static str = "words";
    const TOPIC: TopicSpec = Things::TOPIC;
    const AGGREGATE: &'static str = "thing";
    type Data = Thing;
}

impl AccumulatingProjection for Words {
    type Cell = Word;
    type Amounts = Count;

    fn contribute(event: Event<Thing>) -> Result<Shares<Self>, Rejected> {
        if event.data.text == "reject" {
            return Err(Rejected { reason: "the text says reject".to_owned() });
        }
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        event.data.text.split_whitespace().for_each(|word| *counts.entry(word).or_default() += 1);
        let share = |(word, count): (&str, i64)| (Word { word: word.to_owned() }, Count { count, things: 1 });
        Ok(counts.into_iter().map(share).collect())
    }
}

/// The record of a thing with this text.
pub(crate) fn saying(id: &str, version: u64, text: &str) -> Record {
    let mut event = event(id, version);
    event.data.text = text.to_owned();
    encode(&event).unwrap()
}

pub(crate) fn event(id: &str, version: u64) -> Event<Thing> {
    Event {
        envelope: Envelope {
            id: format!("{id}-{version}"),
            source: format!("/things/{id}"),
            kind: "thing.changed".to_owned(),
            subject: id.to_owned(),
            sequence: version,
            time: Timestamp::new(chrono::Utc::now()),
            dataschema: Thing::DATASCHEMA.to_owned(),
            traceparent: None,
            request_hash: None,
            snapshot: false,
        },
        data: Thing { id: id.to_owned(), version, text: format!("text {version}"), note: None },
    }
}

pub(crate) fn record(id: &str, version: u64) -> Record {
    encode(&event(id, version)).unwrap()
}
