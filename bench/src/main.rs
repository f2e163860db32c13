//! Side by side in one run: the write path against the raw driver, and how soon a write is readable in a copy, on real
//! servers that this command starts.
//!
//! Machines differ from run to run, so what counts are ratios: each pass measures every variant once, in turn, and the
//! tables show the median over the passes with its spread. `docs/benchmarks.md` says what is measured and what came out.

mod customer;
mod load;
mod raw;
mod report;
mod settings;
mod visible;
mod write_path;

use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use local_stack::{OwnServers, Servers};

use crate::{
    load::Load,
    report::{Figure, Report},
};

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
    /// Numbers of concurrent callers at which it is measured, at half their load, how soon writes are visible; of those
    /// in `--callers`.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    visible: Vec<usize>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let own = match Servers::given() {
        Some(_) => None,
        None => Some(OwnServers::start_to_measure().await?),
    };
    let own_servers = own.as_ref().map(|own| own.servers().clone().unless_given());
    let servers = own_servers.or_else(Servers::given).context("there are no servers to measure")?;
    let mut report = Report::default();
    for pass in 1..=options.passes {
        for &callers in &options.callers {
            eprintln!("pass {pass} of {}, callers: {callers}", options.passes);
            one_pass(&servers, &options, callers, &mut report).await?;
        }
    }
    report.print(&options.callers);
    if let Some(own) = own {
        own.stop().await;
    }
    Ok(())
}

/// Every variant once: raw, ours, raw, ours, so that whatever else the machine does befalls both.
async fn one_pass(servers: &Servers, options: &Options, callers: usize, report: &mut Report) -> anyhow::Result<()> {
    let load = Load { callers, duration: Duration::from_secs(options.seconds), rate: None };
    let prefix = local_stack::random_prefix();
    let raw = raw::Raw::new(servers, &prefix).await?;
    let ours = write_path::Ours::start(servers, &prefix).await?;
    report.add(callers, Figure::RawCreate, raw.creates(load).await?);
    report.add(callers, Figure::Create, ours.creates(load).await?);
    report.add(callers, Figure::RawUpdate, raw.updates(load).await?);
    let updates = ours.updates(load).await?;
    let half = Load { rate: Some(updates.per_second / 2.0), ..load };
    report.add(callers, Figure::Update, updates);
    ours.stop().await?;
    raw.drop().await?;
    if options.visible.contains(&callers) {
        report.add_visible(callers, visible::measure(servers, half).await?);
    }
    local_stack::drop_prefix(servers, &prefix).await
}
