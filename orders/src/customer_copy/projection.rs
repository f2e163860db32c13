//! From a customer's event to the copy: a pure function. Cards stay behind (G8): fulfilment needs none.

use service_kit::mongo::IndexSpec;
use service_kit::projection::{CopyProjection, Projection, Rejected};
use shared_events::customer::{Customer, CustomerChange};
use shared_events::envelope::Event;
use shared_events::topic::{CUSTOMER_CHANGE, TopicSpec};

use super::view::{self, CustomerCopy};

/// The copy of customers.
#[derive(Clone, Copy, Debug)]
pub struct CustomerCopies;

impl Projection for CustomerCopies {
    const NAME: &'static str = "customers";
    const TOPIC: TopicSpec = CUSTOMER_CHANGE;
    const AGGREGATE: &'static str = "customer";
    type Data = CustomerChange;
}

impl CopyProjection for CustomerCopies {
    type View = CustomerCopy;

    fn indexes() -> Vec<IndexSpec> {
        view::indexes()
    }

    /// Created, updated and deleted alike: each event carries the complete state, also one of a type that is not known
    /// here. A deleted customer stays, with its status.
    fn project(event: Event<CustomerChange>) -> Result<CustomerCopy, Rejected> {
        let Customer { name, contact, addresses, status, created_at, updated_at, deleted_at, .. } = event.data.customer;
        Ok(CustomerCopy { name, contact, addresses, status, created_at, updated_at, deleted_at })
    }
}

#[cfg(test)]
mod tests;
