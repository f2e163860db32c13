//! What a service knows of its own state, for probes (D9). Readiness is 503 only while it starts, drains or has no
//! MongoDB; never because of Kafka, which neither reads nor commits need: taking a service out of the balancer for a
//! broker's outage would turn that into an outage of everything.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

/// Between two looks at MongoDB; also how long one may take.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The state of a service. Cheap to clone; clones share it.
#[derive(Clone, Default)]
pub struct Health(Arc<State>);

#[derive(Default)]
struct State {
    started: AtomicBool,
    database: AtomicBool,
    draining: CancellationToken,
    positions: OnceLock<Positions>,
}

type Positions = Box<dyn Fn() -> BoxFuture<'static, CaughtUp> + Send + Sync>;

/// How far a service's projections are behind their logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaughtUp {
    /// Whether every position has reached the end that was seen at start or since.
    pub caught_up: bool,
    /// One entry for each partition of each projection.
    pub positions: Vec<Position>,
    /// Why it is not caught up, where the positions do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
}

/// Where a projection is in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The projection's name.
    #[schema(examples("customers"))]
    pub projection: String,
    /// The topic it reads.
    #[schema(examples("accounts.customer.change"))]
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset of the next record to apply.
    pub next: i64,
    /// The offset after the last record; absent while the broker has not told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub end: Option<i64>,
    /// Records between the two; absent while the broker has not told the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub behind: Option<i64>,
}

impl Health {
    /// A service that starts.
    pub fn new() -> Self {
        Self::default()
    }

    /// It has started: what it needs is there and its tasks run.
    pub fn started(&self) {
        self.0.started.store(true, Ordering::Release);
    }

    /// It stops: no new requests, please. There is no way back.
    pub fn drain(&self) {
        self.0.draining.cancel();
    }

    /// Cancelled when the service drains; what only waits should give up then.
    pub fn draining(&self) -> CancellationToken {
        self.0.draining.clone()
    }

    /// Tells how `/caughtup` is answered. Only the first call counts. Without one a service is caught up when started.
    pub fn tell_positions<F, Fut>(&self, positions: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = CaughtUp> + Send + 'static,
    {
        let positions: Positions = Box::new(move || Box::pin(positions()));
        if self.0.positions.set(positions).is_err() {
            tracing::warn!("the positions of /caughtup were told twice; the first answer stays");
        }
    }

    /// Keeps looking whether MongoDB answers, until `stop`. `ping` should ask the primary, which commits need.
    pub async fn watch_database<F, Fut, E>(self, ping: F, stop: CancellationToken)
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: fmt::Display,
    {
        while !stop.is_cancelled() {
            let answer = tokio::time::timeout(LOOK_EVERY, ping()).await;
            match answer {
                Ok(Ok(())) => self.note_database(true, ""),
                Ok(Err(error)) => self.note_database(false, &error.to_string()),
                Err(_elapsed) => self.note_database(false, "no answer in time"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// `Ok`, or in a few words why no request should be sent here.
    pub fn readiness(&self) -> Result<(), &'static str> {
        if self.0.draining.is_cancelled() {
            return Err("draining");
        }
        if !self.0.started.load(Ordering::Acquire) {
            return Err("starting");
        }
        if !self.0.database.load(Ordering::Acquire) {
            return Err("MongoDB does not answer");
        }
        Ok(())
    }

    pub(super) async fn caught_up(&self) -> CaughtUp {
        match self.0.positions.get() {
            Some(positions) => positions().await,
            None => CaughtUp { caught_up: self.0.started.load(Ordering::Acquire), ..CaughtUp::default() },
        }
    }

    /// Logs a change, not every look.
    fn note_database(&self, answers: bool, cause: &str) {
        let before = self.0.database.swap(answers, Ordering::AcqRel);
        match (before, answers) {
            (false, true) => tracing::info!("MongoDB answers"),
            (true, false) => tracing::warn!(cause, "MongoDB does not answer: not ready"),
            (true, true) | (false, false) => {}
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health").field("readiness", &self.readiness()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn ready_is_started_with_a_database_and_not_draining() {
        let health = Health::new();
        assert_eq!(health.readiness(), Err("starting"));
        health.started();
        assert_eq!(health.readiness(), Err("MongoDB does not answer"));
        let stop = CancellationToken::new();
        let ping = || {
            stop.cancel();
            async { Ok::<_, String>(()) }
        };
        health.clone().watch_database(ping, stop.clone()).await;
        assert_eq!(health.readiness(), Ok(()));
        health.drain();
        assert_eq!(health.readiness(), Err("draining"));
        assert!(health.draining().is_cancelled());
    }

    #[tokio::test]
    async fn a_database_that_fails_again_is_noticed() {
        let health = Health::new();
        health.started();
        health.note_database(true, "");
        let stop = CancellationToken::new();
        let looks = Cell::new(0);
        let ping = || {
            looks.set(looks.get() + 1);
            stop.cancel();
            async { Err("connection refused") }
        };
        health.clone().watch_database(ping, stop.clone()).await;
        assert_eq!((health.readiness(), looks.get()), (Err("MongoDB does not answer"), 1));
    }

    #[tokio::test]
    async fn positions_are_asked_for_when_there_are_any() {
        let health = Health::new();
        assert!(!health.caught_up().await.caught_up);
        health.started();
        assert!(health.caught_up().await.caught_up);
        let behind = Position { projection: "copies".to_owned(), behind: Some(3), ..Position::default() };
        let answer = CaughtUp { positions: vec![behind], ..CaughtUp::default() };
        let told = answer.clone();
        health.tell_positions(move || std::future::ready(told.clone()));
        assert_eq!(health.caught_up().await, answer);
    }
}
