//! Looks, beside the hot path, at what all instances have stored and at where the log ends: for `/caughtup`, for the
//! metrics, for the question whether the copy is complete, and for the watchdog. What MongoDB alone can tell is told while
//! Kafka is away, too.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use chrono::Utc;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};
use shared_events::time::Timestamp;
use tracing::{debug, info};

use super::checkpoint::{Checkpoints, MovedBack};
use super::figures;
use super::generation::{ActiveGeneration, REFRESH};
use super::log::Log;
use super::progress::{Progress, Seen};
use super::retry::Trouble;
use super::watchdog::Watchdog;

/// Between two looks at the log.
const LOOK: Duration = Duration::from_secs(1);
/// So many looks in a row have to agree that a checkpoint has moved back: a primary that was just elected may for a moment
/// answer from before.
const CERTAIN: u32 = 5;

/// The looks at what is stored.
#[derive(Debug)]
pub(super) struct WatchStored {
    pub(super) projection: &'static str,
    pub(super) active: ActiveGeneration,
    pub(super) checkpoints: Checkpoints,
    pub(super) progress: Arc<Progress>,
}

impl WatchStored {
    /// Looks until it is dropped. A server that is away is no news here: the hot path says so.
    ///
    /// # Errors
    /// The checkpoints are not what they were, and so neither is the view.
    pub(super) async fn run(&self) -> Result<(), MovedBack> {
        let mut moved_back = 0;
        while moved_back < CERTAIN {
            match self.checkpoints.load().await.map(|checkpoints| self.progress.stored(&checkpoints)) {
                Ok(Seen::Further) => moved_back = 0,
                Ok(Seen::MovedBack) => moved_back += 1,
                Ok(Seen::Complete) => {
                    info!(projection = self.projection, "the copy is complete: it has reached the end of its log");
                }
                Err(trouble) => debug!(projection = self.projection, ?trouble, "the checkpoints cannot be read"),
            }
            if let Err(error) = self.active.refresh().await {
                debug!(projection = self.projection, error = %error.kind, "the active generation cannot be read");
            }
            drop(tokio::time::timeout(REFRESH, self.progress.look.notified()).await);
        }
        Err(self.checkpoints.moved_back())
    }
}

/// The looks at the log.
#[derive(Debug)]
pub(super) struct WatchLog {
    pub(super) projection: &'static str,
    pub(super) log: Log,
    pub(super) partitions: i32,
    pub(super) progress: Arc<Progress>,
    pub(super) stalled_after: Duration,
}

impl WatchLog {
    /// Looks until it is dropped.
    ///
    /// # Errors
    /// The consumer has stalled.
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let mut watchdog = Watchdog::new(self.stalled_after);
        let mut asking = None;
        loop {
            let asked = Timestamp::new(Utc::now());
            match self.ends(&mut asking).await {
                Ok(ends) => {
                    self.progress.ends(asked, &ends);
                    self.measure();
                    if let Some(partition) = watchdog.look(&self.progress.sights(), Instant::now()) {
                        bail!(
                            "the consumer of {} has stalled: nothing comes from partition {partition} although it has grown",
                            self.log.topic
                        );
                    }
                }
                Err(trouble) => debug!(projection = self.projection, ?trouble, "the ends of the topic cannot be read"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn measure(&self) {
        let report = self.progress.report();
        metrics::gauge!(figures::COMPLETE, "projection" => self.projection).set(if report.complete {
            1.0
        } else {
            0.0
        });
        for partition in report.partitions {
            let labels = [("projection", self.projection.to_owned()), ("partition", partition.partition.to_string())];
            metrics::gauge!(figures::POSITION, &labels).set(partition.next as f64);
            if let Some(lag) = partition.behind() {
                metrics::gauge!(figures::LAG, &labels).set(lag as f64);
            }
        }
    }

    /// Where each partition ends, in one question to each broker. The client is kept: opening one costs threads.
    async fn ends(&self, asking: &mut Option<Arc<BaseConsumer>>) -> Result<BTreeMap<i32, i64>, Trouble> {
        let kept = asking.clone();
        let (log, partitions) = (self.log.clone(), self.partitions);
        let asked = tokio::task::spawn_blocking(move || {
            let consumer = match kept {
                Some(consumer) => consumer,
                None => Arc::new(log.client.create()?),
            };
            let ends = ends(&log, &consumer, partitions)?;
            KafkaResult::Ok((consumer, ends))
        });
        let (consumer, ends) =
            asked.await.map_err(|_| Trouble::new("the thread that asked has ended"))?.map_err(Trouble::new)?;
        *asking = Some(consumer);
        Ok(ends)
    }
}

fn ends(log: &Log, consumer: &BaseConsumer, partitions: i32) -> KafkaResult<BTreeMap<i32, i64>> {
    // The client's own news (a broker that went away) would pile up.
    while consumer.poll(Duration::ZERO).is_some() {}
    let mut wanted = TopicPartitionList::new();
    for partition in 0..partitions {
        // In a question for times, "the end" is a time too: Kafka's ListOffsets calls it the latest (-1).
        wanted.add_partition_offset(&log.topic, partition, Offset::End)?;
    }
    let answers = consumer.offsets_for_times(wanted, log.request_timeout)?;
    let mut ends = BTreeMap::new();
    for element in answers.elements() {
        if let Offset::Offset(end) = element.offset() {
            ends.insert(element.partition(), end);
        }
    }
    Ok(ends)
}
