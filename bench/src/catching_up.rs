//! How fast an accumulation adds up a topic that is already there: events per second, from its start until it has the
//! last one, group membership and all.

use std::time::{Duration, Instant};

use local_stack::Servers;
use orders::{item_sales::projection::ItemSales, order::event::OrderAggregate};
use service_kit::projection::add_accumulation;

use crate::{load::Load, visible::View, write_path::Ours};

/// Places orders for this long, and then adds them up.
pub(crate) async fn accumulated_per_second(servers: &Servers, placing: Duration) -> anyhow::Result<f64> {
    let prefix = local_stack::random_prefix();
    let ours = Ours::<OrderAggregate>::start(servers, &prefix).await?;
    let load = Load { callers: 256, duration: placing, rate: None };
    let placed = ours.creates(load).await?.latencies_ms.len();
    // One more of each partition's keys is not known, so the end is where the number of contributions says.
    let begun = Instant::now();
    let view = View::start(servers, &prefix, |all, parts| Ok(add_accumulation::<ItemSales>(all, parts))).await?;
    view.counts("item_sales.g1.keys", placed as u64).await?;
    let per_second = placed as f64 / begun.elapsed().as_secs_f64();
    view.stop().await?;
    ours.stop().await?;
    Ok(per_second)
}
