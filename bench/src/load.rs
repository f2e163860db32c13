//! A closed loop of callers: each starts its next command when the last is answered.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;

/// What a load did.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Commands answered per second.
    pub(crate) per_second: f64,
    /// Milliseconds from command to answer, sorted.
    pub(crate) latencies_ms: Vec<f64>,
    /// Milliseconds from the last answer until Kafka had the last event; 0 where there are no events.
    pub(crate) until_published_ms: f64,
}

impl Outcome {
    /// The latency that a share of the commands did not exceed.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let place = ((self.latencies_ms.len() as f64 * share) as usize).min(self.latencies_ms.len().saturating_sub(1));
        self.latencies_ms.get(place).copied().unwrap_or_default()
    }
}

/// Runs `callers` loops of `command(caller, number)` for a while.
pub(crate) async fn run<F, C>(callers: usize, for_how_long: Duration, command: C) -> anyhow::Result<Outcome>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
    C: Fn(usize, usize) -> F + Clone + Send + 'static,
{
    let start = Instant::now();
    let loops = (0..callers).map(|caller| {
        let command = command.clone();
        tokio::spawn(async move {
            let mut latencies = Vec::new();
            while start.elapsed() < for_how_long {
                let begun = Instant::now();
                command(caller, latencies.len()).await?;
                latencies.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            anyhow::Ok(latencies)
        })
    });
    let mut latencies_ms = Vec::new();
    for latencies in try_join_all(loops).await? {
        latencies_ms.extend(latencies?);
    }
    let per_second = latencies_ms.len() as f64 / start.elapsed().as_secs_f64();
    latencies_ms.sort_by(f64::total_cmp);
    Ok(Outcome { per_second, latencies_ms, until_published_ms: 0.0 })
}
