//! A small aggregate and its copy, for the tests of this module.

use serde::{Deserialize, Serialize};
use shared_events::envelope::{Envelope, Event, EventData, encode};
use shared_events::time::Timestamp;
use shared_events::topic::TopicSpec;

use super::reading::Original;
use super::{CopyProjection, Projection, Rejected};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Thing {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
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

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ThingView {
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

#[derive(Debug)]
pub(super) struct Things;

impl Projection for Things {
    const NAME: &'static str = "things";
    const TOPIC: TopicSpec = TopicSpec { name: "thing.change", owner: "elsewhere", partitions: 3 };
    const AGGREGATE: &'static str = "thing";
    type Data = Thing;
}

impl CopyProjection for Things {
    type View = ThingView;

    fn project(event: Event<Thing>) -> Result<ThingView, Rejected> {
        match event.data.text.as_str() {
            "reject" => Err(Rejected { reason: "the text is reject".to_owned() }),
            "panic" => panic!("asked to"),
            _ => Ok(ThingView { text: event.data.text, note: event.data.note }),
        }
    }
}

pub(super) fn event(id: &str, version: u64) -> Event<Thing> {
    Event {
        envelope: Envelope {
            id: format!("{id}-{version}"),
            source: format!("/things/{id}"),
            kind: "thing.changed".to_owned(),
            subject: id.to_owned(),
            sequence: version,
            time: Timestamp::from_millis(1_700_000_000_000).unwrap(),
            dataschema: Thing::DATASCHEMA.to_owned(),
            traceparent: None,
            request_hash: None,
            snapshot: false,
        },
        data: Thing { id: id.to_owned(), version, text: format!("text {version}"), note: None },
    }
}

pub(super) fn original(event: &Event<Thing>) -> Original {
    let record = encode(event).unwrap();
    Original {
        key: Some(record.key.into_bytes()),
        headers: record.headers.into_iter().map(|(name, value)| (name, Some(value.into_bytes()))).collect(),
        value: Some(record.value),
        timestamp: Some(0),
    }
}
