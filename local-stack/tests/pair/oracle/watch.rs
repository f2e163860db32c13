//! Looks at the copy while faults run: a version that was once seen is never unseen (G3).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::{Document, doc};
use tokio::task::JoinHandle;

use crate::support::databases::{copy, version};
use crate::support::world::World;

const BETWEEN_SAMPLES: Duration = Duration::from_millis(10);

/// A sampler of some customers' copies.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Samples>,
}

#[derive(Debug, Default)]
struct Samples {
    taken: u64,
    newest: BTreeMap<String, u64>,
    faults: Vec<String>,
}

impl Watch {
    pub(crate) async fn of(world: &World, ids: Vec<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, view) = (Arc::clone(&stop), copy(world).await);
        let task = tokio::spawn(async move {
            let mut samples = Samples::default();
            while !stopped.load(Ordering::Relaxed) {
                samples.compare(versions(&view, &ids).await);
                tokio::time::sleep(BETWEEN_SAMPLES).await;
            }
            samples
        });
        Self { stop, task }
    }

    /// Ends the sampling; tells how many samples there were, and panics when one was older than the one before it.
    pub(crate) async fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        let samples = self.task.await.unwrap();
        assert!(samples.faults.is_empty(), "a copy moved backwards: {:?}", samples.faults);
        samples.taken
    }
}

impl Samples {
    fn compare(&mut self, now: BTreeMap<String, u64>) {
        self.taken += 1;
        for (id, newest) in &self.newest {
            let seen = now.get(id);
            if seen < Some(newest) {
                self.faults.push(format!("{id} went from version {newest} to {seen:?}"));
            }
        }
        self.newest.extend(now);
    }
}

async fn versions(view: &Collection<Document>, ids: &[String]) -> BTreeMap<String, u64> {
    let found = view.find(doc! { "_id": { "$in": ids } }).projection(doc! { "version": 1 }).await.unwrap();
    let found: Vec<Document> = found.try_collect().await.unwrap();
    found.iter().map(|one| (one.get_str("_id").unwrap().to_owned(), version(one))).collect()
}
