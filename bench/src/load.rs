//! Callers side by side, each with one command at a time.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;

/// How much, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) callers: usize,
    pub(crate) duration: Duration,
    /// Commands per second of all callers together; `None`: each begins its next one when the last is answered.
    pub(crate) rate: Option<f64>,
}

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

/// Runs the callers' loops of `command(caller, number)`.
pub(crate) async fn run<F, C>(load: Load, command: C) -> anyhow::Result<Outcome>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
    C: Fn(usize, usize) -> F + Clone + Send + 'static,
{
    let start = Instant::now();
    let loops = (0..load.callers).map(|caller| tokio::spawn(one_caller(load, caller, start, command.clone())));
    let mut latencies_ms = Vec::new();
    for latencies in try_join_all(loops).await? {
        latencies_ms.extend(latencies?);
    }
    let per_second = latencies_ms.len() as f64 / start.elapsed().as_secs_f64();
    latencies_ms.sort_by(f64::total_cmp);
    Ok(Outcome { per_second, latencies_ms, until_published_ms: 0.0 })
}

async fn one_caller<F, C>(load: Load, caller: usize, start: Instant, command: C) -> anyhow::Result<Vec<f64>>
where
    F: Future<Output = anyhow::Result<()>>,
    C: Fn(usize, usize) -> F,
{
    let mut latencies = Vec::new();
    while start.elapsed() < load.duration {
        if let Some(rate) = load.rate {
            // Callers begin one after the other, not all at the same instant.
            let turn = (latencies.len() * load.callers + caller) as f64 / rate;
            tokio::time::sleep_until((start + Duration::from_secs_f64(turn)).into()).await;
        }
        let begun = Instant::now();
        command(caller, latencies.len()).await?;
        latencies.push(milliseconds_since(begun));
    }
    Ok(latencies)
}

pub(crate) fn milliseconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// The value that a share of the sorted values does not exceed.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}
