//! Sends a copy of every parked record to `<topic>.<service>.DLT` (D8), for the tools that look there. The parked document
//! is the truth and says which copies are still to be sent; a broker that is away delays them and nothing else.
//!
//! A copy may be sent twice, when its acknowledgement was lost; it carries the place that it came from.

mod letter;

use std::sync::Arc;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::Collection;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::letter::Letter;
use super::figures;
use super::parked::{self, Parked};
use super::retry::{self, Trouble};
use crate::kafka::{KafkaSettings, Role, TopicPlan, until_ensured};

/// How often it looks for letters that nobody told it about: what another life left behind.
const LOOK: Duration = Duration::from_secs(30);
/// How long a claimed letter is left alone by the other instances.
const CLAIM_MS: i64 = 60_000;
/// How long Kafka may take to acknowledge one letter; past it the letter is tried again.
const PATIENCE_MS: &str = "10000";
/// What Kafka's own framing of a batch with one record takes, with room to spare.
const FRAMING: usize = 4_096;

/// The task of one projection.
#[derive(Debug)]
pub(super) struct DeadLetters {
    pub(super) parked: Parked,
    pub(super) kafka: KafkaSettings,
    pub(super) plan: TopicPlan,
    /// Told when something was parked.
    pub(super) news: Arc<Notify>,
}

impl DeadLetters {
    /// Makes sure of the topic, then sends until it is told to stop.
    ///
    /// # Errors
    /// The topic can never take the letters; the sentence names the remedy.
    pub(super) async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let sending = async {
            until_ensured(&self.kafka, &self.plan, Role::Owner).await?;
            loop {
                self.send_pending().await;
                // Told or not: what another life left behind is told by nobody.
                drop(tokio::time::timeout(LOOK, self.news.notified()).await);
            }
        };
        stop.run_until_cancelled(sending).await.unwrap_or(Ok(()))
    }

    /// Sends what is there. The producer lives no longer than that: nearly always there is nothing.
    async fn send_pending(&self) {
        let mut producer = None;
        while let Some(letter) = self.for_ever("looking for dead letters", || self.claim()).await {
            let sender = match producer.take() {
                Some(sender) => sender,
                None => self.for_ever("opening a producer", || async { self.producer() }).await,
            };
            let sent = self.for_ever("sending a dead letter", || self.send(&letter, &sender)).await;
            self.for_ever("marking a dead letter", || self.mark(&letter, sent)).await;
            metrics::counter!(figures::DEAD_LETTERS, "projection" => self.parked.projection, "outcome" => sent)
                .increment(1);
            producer = Some(sender);
        }
        // Ending a client waits for its threads.
        tokio::task::spawn_blocking(move || drop(producer));
    }

    async fn for_ever<T, F, Fut>(&self, what: &'static str, attempt: F) -> T
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Trouble>>,
    {
        retry::for_ever(self.parked.projection, what, attempt).await
    }

    fn letters(&self) -> Collection<Letter> {
        self.parked.database.collection(parked::COLLECTION)
    }

    /// The oldest letter that nobody is sending, by the database's clock.
    async fn claim(&self) -> Result<Option<Letter>, Trouble> {
        let never = bson::DateTime::from_millis(0);
        let free = doc! { "$lt": [{ "$ifNull": ["$claimedUntil", never] }, "$$NOW"] };
        let filter = doc! { "deadLetter": parked::PENDING, "projection": self.parked.projection, "$expr": free };
        let claim = vec![doc! { "$set": { "claimedUntil": { "$add": ["$$NOW", CLAIM_MS] } } }];
        Ok(self.letters().find_one_and_update(filter, claim).sort(doc! { "parkedAt": 1 }).await?)
    }

    /// The word to mark the letter with.
    async fn send(&self, letter: &Letter, producer: &FutureProducer) -> Result<&'static str, Trouble> {
        let (headers, value) = letter.fitted(self.plan.record_limit().saturating_sub(FRAMING));
        let mut record: FutureRecord<'_, [u8], [u8]> = FutureRecord::to(self.plan.name()).headers(headers);
        record.key = letter.key();
        record.payload = value;
        match producer.send(record, Timeout::Never).await {
            Ok(_) => Ok(parked::SENT),
            // Somebody has lowered the topic's limit since the start: this one letter cannot go, the others can.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge), _)) => {
                warn!(
                    projection = self.parked.projection,
                    topic = self.plan.name(),
                    "a dead letter is too large for its topic"
                );
                Ok(parked::TOO_LARGE)
            }
            Err((error, _)) => Err(Trouble::new(error)),
        }
    }

    fn producer(&self) -> Result<FutureProducer, Trouble> {
        let mut client = self.kafka.producer();
        client.set("message.timeout.ms", PATIENCE_MS).set("message.max.bytes", self.plan.record_limit().to_string());
        client.create().map_err(Trouble::new)
    }

    async fn mark(&self, letter: &Letter, word: &str) -> Result<(), Trouble> {
        let documents: Collection<Document> = self.parked.database.collection(parked::COLLECTION);
        let sent = doc! { "$set": { "deadLetter": word }, "$unset": { "claimedUntil": "" } };
        documents.update_one(doc! { "_id": letter.id() }, sent).await?;
        Ok(())
    }
}
