//! Side by side in one run: the write path against the raw driver, on real servers that this command starts.
//!
//! Machines differ from run to run, so what counts are ratios: each pass measures every variant once, in turn, and the
//! table shows the median over the passes with its spread.

mod customer;
mod load;
mod raw;
mod report;
mod write_path;

use std::time::Duration;

use clap::Parser;

use crate::report::{Figure, Report};

/// Measures the write path against the raw driver.
#[derive(Debug, Parser)]
struct Options {
    /// Passes over all variants; the median is shown.
    #[arg(long, default_value_t = 5)]
    passes: usize,
    /// Seconds of load per variant and pass.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Numbers of concurrent callers.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    callers: Vec<usize>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let servers = local_stack::servers().await;
    let for_how_long = Duration::from_secs(options.seconds);
    let mut report = Report::default();
    for pass in 1..=options.passes {
        eprintln!("pass {pass} of {}", options.passes);
        for &callers in &options.callers {
            let prefix = local_stack::random_prefix();
            let raw = raw::Raw::new(&servers.mongodb_uri, &prefix).await?;
            let ours = write_path::Ours::start(&servers.mongodb_uri, &servers.kafka_brokers, &prefix).await?;
            let measured = [
                (Figure::RawCreate, raw.creates(callers, for_how_long).await?),
                (Figure::Create, ours.creates(callers, for_how_long).await?),
                (Figure::RawUpdate, raw.updates(callers, for_how_long).await?),
                (Figure::Update, ours.updates(callers, for_how_long).await?),
            ];
            for (figure, outcome) in measured {
                report.add(callers, figure, outcome);
            }
            ours.stop().await?;
            raw.drop().await?;
        }
    }
    report.print(&options.callers);
    Ok(())
}
