//! The sample data, loaded as any client would: through the public APIs of both services.
//!
//! Loading it again changes nothing, and what the user has changed or deleted since stays so. The last thing that is
//! waited for is that customers are in orders' copy, and orders in the reports.

mod api;
mod customers;
mod orders;
mod plan;
mod shop;

use crate::Progress;
use crate::service::Service;
use api::Api;

/// The settings of orders that the samples need: their orders say when they were placed.
pub(super) const ORDERS_SETTINGS: [(&str, &str); 1] = [("samples.placed_at", "true")];

/// Creates what is not there, and waits until all of it can be seen.
pub(super) async fn load(accounts: &Service, orders: &Service, progress: Progress) -> anyhow::Result<()> {
    let (accounts, orders) = (Api::of(accounts)?, Api::of(orders)?);
    let customers = customers::load(&accounts, &orders, progress).await?;
    orders::load(&orders, &customers, progress).await
}
