//! Where to begin with the partitions that the group has given: at our own checkpoints, after a look at whether they
//! belong to this log (D4). A partition without one begins at its first record.

use std::collections::BTreeMap;

use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaResult;

use super::checkpoint::{Checkpoint, Checkpoints};
use super::generation::Generation;
use super::identity;
use super::log::{Bounds, Log, Place};
use super::retry;
use crate::supervisor::Refused;

/// What this instance has to know to begin.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) projection: &'static str,
    pub(super) view: String,
    pub(super) generation: Generation,
    pub(super) checkpoints: Checkpoints,
    pub(super) log: Log,
    pub(super) cluster: Option<String>,
    /// How many partitions the topic has.
    pub(super) partitions: usize,
}

/// What stands in one partition of the log.
#[derive(Debug)]
struct Seen {
    bounds: Bounds,
    /// By offset.
    places: BTreeMap<i64, Place>,
}

/// Checkpoints that belong to this log, and the first records of those partitions that had not seen one yet.
pub(super) type Start = (BTreeMap<i32, Checkpoint>, BTreeMap<i32, Place>);

impl Beginning {
    /// Asks MongoDB and Kafka for as long as it takes.
    ///
    /// # Errors
    /// The log is not the one that the checkpoints are for; the sentence names the remedy.
    pub(super) async fn start(&self, partitions: &[i32]) -> Result<Start, Refused> {
        loop {
            let mut there =
                retry::for_ever(self.projection, "reading the checkpoints", || self.checkpoints.load()).await;
            there.retain(|partition, _| partitions.contains(partition));
            let seen = self.look(partitions, &there).await;
            if there.len() == partitions.len() {
                self.compare(&there, &seen)?;
                let first =
                    |(partition, seen): (i32, Seen)| Some((partition, seen.places.get(&seen.bounds.low)?.clone()));
                return Ok((there, seen.into_iter().filter_map(first).collect()));
            }
            let missing = seen.iter().filter(|(partition, _)| !there.contains_key(partition));
            let missing: Vec<_> = missing.map(|(partition, seen)| self.fresh(*partition, seen)).collect();
            retry::for_ever(self.projection, "making the checkpoints", || self.checkpoints.make(&missing)).await;
        }
    }

    fn fresh(&self, partition: i32, seen: &Seen) -> Checkpoint {
        let low = seen.bounds.low;
        let checkpoint = Checkpoint::new(&self.view, self.projection, self.generation, &self.log.topic, partition, low);
        let (cluster, first) = (self.cluster.clone(), seen.places.get(&low).cloned());
        Checkpoint { partitions: self.partitions, cluster, first, ..checkpoint }
    }

    async fn look(&self, partitions: &[i32], checkpoints: &BTreeMap<i32, Checkpoint>) -> BTreeMap<i32, Seen> {
        let ask = || {
            let (partitions, checkpoints) = (partitions.to_vec(), checkpoints.clone());
            self.log.ask(move |log, consumer| look(log, consumer, &partitions, &checkpoints))
        };
        retry::for_ever(self.projection, "looking into the topic", ask).await
    }

    fn compare(&self, checkpoints: &BTreeMap<i32, Checkpoint>, seen: &BTreeMap<i32, Seen>) -> Result<(), Refused> {
        for (partition, checkpoint) in checkpoints {
            let Some(seen) = seen.get(partition) else { continue };
            if let Some(what) = identity::mismatch(checkpoint, self.cluster.as_deref(), seen.bounds, &seen.places) {
                return Err(Refused::new(identity::sentence(&self.log.topic, checkpoint, what)));
            }
        }
        Ok(())
    }
}

/// Reads the bounds, the first record of each partition, and the last one that was applied.
fn look(
    log: &Log,
    consumer: &BaseConsumer,
    partitions: &[i32],
    checkpoints: &BTreeMap<i32, Checkpoint>,
) -> KafkaResult<BTreeMap<i32, Seen>> {
    let bounds = log.bounds(consumer, partitions)?;
    let firsts =
        bounds.iter().filter(|(_, bounds)| bounds.low < bounds.end).map(|(partition, bounds)| (*partition, bounds.low));
    let witness = |(partition, checkpoint): (&i32, &Checkpoint)| {
        let bounds = bounds.get(partition)?;
        // The first record was just read; what is left is the last one that was applied.
        identity::witnesses(checkpoint, *bounds)
            .map(|place| place.offset)
            .filter(|offset| *offset > bounds.low)
            .max()
            .map(|offset| (*partition, offset))
    };
    let rounds: [BTreeMap<i32, i64>; 2] = [firsts.collect(), checkpoints.iter().filter_map(witness).collect()];
    let mut seen: BTreeMap<i32, Seen> = bounds
        .iter()
        .map(|(partition, bounds)| (*partition, Seen { bounds: *bounds, places: BTreeMap::new() }))
        .collect();
    for wanted in rounds.iter().filter(|wanted| !wanted.is_empty()) {
        for (partition, place) in log.records_at(consumer, wanted)? {
            if let Some(seen) = seen.get_mut(&partition) {
                seen.places.insert(place.offset, place);
            }
        }
    }
    Ok(seen)
}
