//! Side by side in one run: the write path against the raw driver, and how soon a write is readable in a copy, on real
//! servers that this command starts.
//!
//! Machines differ from run to run, so what counts are ratios: each pass measures every variant once, in turn, and the
//! tables show the median over the passes with its spread. `docs/benchmarks.md` says what is measured and what came out.

mod catching_up;
mod load;
mod raw;
mod report;
mod settings;
mod subject;
mod visible;
mod write_path;

use std::time::Duration;

use accounts::customer::event::CustomerAggregate;
use anyhow::Context;
use clap::Parser;
use local_stack::{OwnServers, Servers};

use orders::order::event::OrderAggregate;

use crate::{
    load::Load,
    raw::Raw,
    report::{Figure, Report, Way},
    write_path::Ours,
};

/// Measures the write path against the raw driver.
#[derive(Debug, Parser)]
struct Options {
    /// Passes over all variants; the median is shown.
    #[arg(long, default_value_t = 5)]
    passes: usize,
    /// Seconds of load per variant and pass.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Seconds of load per variant before the first pass, which are not counted: the broker compiles itself, and caches
    /// fill.
    #[arg(long, default_value_t = 6)]
    warm_up: u64,
    #[command(flatten)]
    tuning: settings::Tuning,
    /// Numbers of concurrent callers.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    callers: Vec<usize>,
    /// Numbers of concurrent callers at which it is measured, at half their load, how soon writes are visible in views; of
    /// those in `--callers`.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    visible: Vec<usize>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    settings::tune(&options.tuning);
    let own = match Servers::given() {
        Some(_) => None,
        None => Some(OwnServers::start_to_measure().await?),
    };
    let own_servers = own.as_ref().map(|own| own.servers().clone().unless_given());
    let servers = own_servers.or_else(Servers::given).context("there are no servers to measure")?;
    warm_up(&servers, options.warm_up).await?;
    let mut report = Report::default();
    for pass in 1..=options.passes {
        for &callers in &options.callers {
            eprintln!("pass {pass} of {}, callers: {callers}", options.passes);
            let load = Load { callers, duration: Duration::from_secs(options.seconds), rate: None };
            let update = customers(&servers, load, &mut report).await?;
            let place = orders(&servers, load, &mut report).await?;
            if options.visible.contains(&callers) {
                let half = |rate: f64| Load { rate: Some(rate / 2.0), ..load };
                report.add_visible(callers, Way::CustomerToCopy, visible::copy(&servers, half(update)).await?);
                report.add_visible(callers, Way::OrderToReport, visible::report(&servers, half(place)).await?);
            }
        }
        let placing = Duration::from_secs(options.seconds);
        report.add_accumulated(catching_up::accumulated_per_second(&servers, placing).await?);
    }
    report.print(&options.callers);
    if let Some(own) = own {
        own.stop().await;
    }
    Ok(())
}

/// Everything that will be measured, at once and not counted.
async fn warm_up(servers: &Servers, seconds: u64) -> anyhow::Result<()> {
    eprintln!("warming up");
    let load = Load { callers: 64, duration: Duration::from_secs(seconds), rate: None };
    let nobody_reads = &mut Report::default();
    let update = customers(servers, load, nobody_reads).await?;
    let place = orders(servers, load, nobody_reads).await?;
    visible::copy(servers, Load { rate: Some(update / 2.0), ..load }).await?;
    visible::report(servers, Load { rate: Some(place / 2.0), ..load }).await?;
    Ok(())
}

/// Every variant once: raw, ours, raw, ours, so that whatever else the machine does befalls both. Returns the write path's
/// updates per second.
async fn customers(servers: &Servers, load: Load, report: &mut Report) -> anyhow::Result<f64> {
    let prefix = local_stack::random_prefix();
    let raw = Raw::<CustomerAggregate>::new(servers, &prefix).await?;
    let ours = Ours::<CustomerAggregate>::start(servers, &prefix).await?;
    report.add(load.callers, Figure::RawCreate, raw.creates(load).await?);
    report.add(load.callers, Figure::Create, ours.creates(load).await?);
    report.add(load.callers, Figure::RawUpdate, raw.updates(load).await?);
    let updates = ours.updates(load).await?;
    let per_second = updates.per_second;
    report.add(load.callers, Figure::Update, updates);
    ours.stop().await?;
    raw.drop().await?;
    local_stack::drop_prefix(servers, &prefix).await?;
    Ok(per_second)
}

/// The same for orders, which are mostly placed. Returns the orders placed per second.
async fn orders(servers: &Servers, load: Load, report: &mut Report) -> anyhow::Result<f64> {
    let prefix = local_stack::random_prefix();
    let raw = Raw::<OrderAggregate>::new(servers, &prefix).await?;
    let ours = Ours::<OrderAggregate>::start(servers, &prefix).await?;
    report.add(load.callers, Figure::RawOrder, raw.creates(load).await?);
    let placed = ours.creates(load).await?;
    let per_second = placed.per_second;
    report.add(load.callers, Figure::Order, placed);
    ours.stop().await?;
    raw.drop().await?;
    local_stack::drop_prefix(servers, &prefix).await?;
    Ok(per_second)
}
