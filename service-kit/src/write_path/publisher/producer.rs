//! The Kafka client behind the publisher: made, replaced and dropped away from the threads that serve requests, and
//! heard when it reports what became of a record.
//!
//! It must not decide what a report means: that is the publisher's.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    ClientConfig, ClientContext, Message,
    error::KafkaError,
    message::{Header, Headers, OwnedHeaders},
    producer::{DeliveryResult, Producer, ProducerContext, PurgeConfig, ThreadedProducer},
};
use shared_events::record::Record;

use super::Shared;
use crate::telemetry::KAFKA_CLIENT;

/// How long a dropped client may take to end; it happens on a thread of its own.
const FLUSH_ON_DROP: Duration = Duration::from_secs(1);

pub(super) type KafkaProducer = ThreadedProducer<Reports>;

/// What a record carries through the client.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) id: Arc<str>,
    pub(super) version: u64,
}

pub(super) fn headers(record: &Record) -> OwnedHeaders {
    record.headers.iter().fold(OwnedHeaders::new_with_capacity(record.headers.len()), |headers, (key, value)| {
        headers.insert(Header { key, value: Some(value) })
    })
}

/// Receives the client's reports, on the client's own thread.
pub(super) struct Reports {
    pub(super) instance: u64,
    shared: Arc<Shared>,
}

impl ClientContext for Reports {
    fn error(&self, error: KafkaError, reason: &str) {
        // Brokers come and go; the client reconnects for ever. A fatal error also fails a delivery.
        tracing::warn!(target: KAFKA_CLIENT, %error, reason, "the producer reports a fault");
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Delivery>;

    fn delivery(&self, result: &DeliveryResult<'_>, delivery: Self::DeliveryOpaque) {
        match result {
            Ok(message) => {
                let event_id = event_id(message);
                self.shared.acknowledge(
                    self.instance,
                    &delivery,
                    message.partition(),
                    message.offset(),
                    event_id.as_deref(),
                );
            }
            Err((error, _)) => {
                let mut on_the_way = self.shared.lock();
                if on_the_way.instance() == self.instance {
                    self.shared.fail(&mut on_the_way, &error.to_string());
                }
            }
        }
    }
}

fn event_id(message: &impl Message) -> Option<String> {
    let headers = message.headers()?;
    let header = headers.iter().find(|header| header.key == "ce_id")?;
    std::str::from_utf8(header.value?).ok().map(str::to_owned)
}

pub(super) async fn new_producer(config: &ClientConfig, shared: &Arc<Shared>) -> anyhow::Result<KafkaProducer> {
    let instance = shared.lock().instance();
    let context = Reports { instance, shared: Arc::clone(shared) };
    let config = config.clone();
    // Creating a client starts threads and may read files: not on a thread that serves requests.
    Ok(tokio::task::spawn_blocking(move || config.create_with_context(context)).await??)
}

/// Rule 7: the old client must not send what is still in it.
pub(super) async fn replace_producer(
    old: KafkaProducer,
    config: &ClientConfig,
    shared: &Arc<Shared>,
) -> anyhow::Result<KafkaProducer> {
    old.purge(PurgeConfig::default().queue().inflight());
    drop_off_the_runtime(old);
    new_producer(config, shared).await
}

/// Dropping a client joins its threads, which may wait for a broker.
pub(super) fn drop_off_the_runtime(producer: KafkaProducer) {
    std::thread::spawn(move || {
        // What matters was acknowledged before, or is swept.
        drop(producer.flush(FLUSH_ON_DROP));
        drop(producer);
    });
}
